"""Piper voices: a network (``name.onnx``) and its description (``name.onnx.json``), run by ONNX Runtime.

espeak-ng reads the text, as it did for the sentences that the voice has learned from.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..language.script import Line
from ..live.services import ServiceError
from ..model_files import Port, Session, open_model, runtime_errors
from ..plain import Node, read_json
from ..speech import espeak
from ..speech.espeak import Synthesizer
from ..speech.spoken import readings
from ..speech.synthesis import Spoken
from .alignment import Aligner
from .sound import SoundError, from_floats

MOST_BYTES: Final = 250_000_000
"""Of a voice; those of high quality have 115 MB."""
MOST_PHONEMES: Final = 2000
"""Of one line: more than two minutes of speech."""
_MOST_JSON: Final = 2_000_000
_MOST_IDS: Final = 8
"""Numbers of one symbol; voices have one."""
_BEGIN, _PAD, _END = "^", "_", "$"
_SIGNS: Final = str.maketrans("，。！？；：、…", ",.!?;:,.")


@dataclass(frozen=True, slots=True)
class PiperConfig:
    """What a voice says of itself."""

    rate: int
    speakers: int
    language: str
    """espeak-ng's code; empty when the voice reads letters, not phonemes."""
    noise: float
    length: float
    """1 is the voice's own speed, 2 half as fast."""
    noise_w: float
    ids: Mapping[str, tuple[int, ...]]
    """Numbers of every symbol."""


def read_config(path: Path) -> PiperConfig:
    """Read a ``.onnx.json``. Raises UserError that names what is wrong in it."""
    node = read_json(path, _MOST_JSON)
    if not isinstance(node.value, dict):
        node.complain("an object")
    kind = node["phoneme_type"].choice(("espeak", "text")) if "phoneme_type" in node.value else "espeak"
    language = node["espeak"]["voice"].text().lower() if kind == "espeak" else ""
    if language and language not in espeak.languages():
        node["espeak"]["voice"].complain("a language that espeak-ng knows")
    inference = node["inference"] if "inference" in node.value else Node({}, str(path), node, "inference")
    symbols = node["phoneme_id_map"]
    if not isinstance(symbols.value, dict):
        symbols.complain("an object")
    ids = {symbol: tuple(item.integer(0, 100_000) for item in symbols[symbol].items()) for symbol in symbols.value}
    for symbol, numbers in ids.items():
        if len(numbers) > _MOST_IDS:
            symbols[symbol].complain(f"a list of at most {_MOST_IDS} numbers")
    for needed in (_BEGIN, _PAD, _END):
        if not ids.get(needed):
            symbols.complain(f"an object that has {_BEGIN}, {_PAD} and {_END}")
    return PiperConfig(
        rate=node["audio"]["sample_rate"].integer(8000, 48000),
        speakers=node["num_speakers"].integer(1, 100_000) if "num_speakers" in node.value else 1,
        language=language,
        noise=_scale(inference, "noise_scale", 0.667),
        length=_scale(inference, "length_scale", 1.0),
        noise_w=_scale(inference, "noise_w", 0.8),
        ids=ids,
    )


def _scale(node: Node, name: str, usual: float) -> float:
    if not isinstance(node.value, dict) or name not in node.value:
        return usual
    return node[name].number(0.0, 5.0)


class PiperMouth:
    """A ``Mouth`` with the first speaker of a file. Its noise differs each time, as the network draws it by itself.

    Parameters: the ``.onnx`` file; the language it has to speak, ``auto`` when any will do.
    Raises UserError and ModelError, which name the file and what is wrong with it.
    """

    def __init__(self, path: Path, language: str = "auto") -> None:
        beside = path.with_name(path.name + ".json")
        if not beside.is_file():
            raise ServiceError(
                "voice",
                f"The description {beside.name} of the Piper voice {path} is missing. Put both files into one folder.",
            )
        self._path = path
        self._config = read_config(beside)
        if language != "auto":
            self._check_language(language)
        self._session: Session | None = open_voice_file(path, self._config.speakers)
        self._synthesizer = Synthesizer()
        self._aligner = Aligner()

    def say(self, line: Line) -> Spoken:
        """Speak a line and find its phones. Raises UserError."""
        if self._session is None:
            raise ServiceError("voice", "The voice has been closed. Start the conversation again.")
        config = self._config
        self._check_language(line.language)
        ids = phoneme_ids(self._read(line), config.ids)
        inputs: dict[str, NDArray[Any]] = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([config.noise, config.length, config.noise_w], np.float32),
        }
        if config.speakers > 1:
            inputs["sid"] = np.zeros(1, np.int64)
        try:
            (output,) = self._session.run(["output"], inputs)
            sound = from_floats(output, config.rate)
        except SoundError as error:
            raise ServiceError(
                "voice", f"What the Piper voice {self._path.name} says {error}. Choose another voice."
            ) from error
        except runtime_errors() as error:
            raise ServiceError(
                "voice", f"The Piper voice {self._path.name} cannot say this ({type(error).__name__}). Try a shorter "
                "sentence, or choose another voice."
            ) from error  # fmt: skip
        return self._aligner.align(line, sound, config.rate).spoken

    def close(self) -> None:
        """Free the network, the reader and the aligner."""
        self._session = None
        self._synthesizer.close()
        self._aligner.close()

    def _check_language(self, language: str) -> None:
        speaks = self._config.language
        if speaks and _tongue(speaks) != _tongue(language):
            raise ServiceError(
                "voice",
                f"The Piper voice {self._path.name} speaks {speaks}, not {language}. Choose a voice of that language, "
                "or espeak.",
            )

    def _read(self, line: Line) -> list[str]:
        """The symbols of a line, one by one."""
        text, last = "", 0
        for reading in readings(line.text, line.language):
            text += line.text[last : reading.start] + reading.spoken
            last = reading.end
        text += line.text[last:]
        if not self._config.language:
            return list(unicodedata.normalize("NFD", text.lower()))
        language = espeak.languages()[self._config.language]
        symbols: list[str] = []
        for ipa, sign in self._synthesizer.phonemes(text, language):
            if symbols:
                symbols.append(" ")
            symbols += unicodedata.normalize("NFD", ipa + sign.translate(_SIGNS))
        return symbols


def open_voice_file(path: Path, speakers: int) -> Session:
    """Open a voice's network after all checks of ``model_files.open_model``."""
    inputs = [
        Port("input", "int64", (None, None)),
        Port("input_lengths", "int64", (None,)),
        Port("scales", "float32", (3,)),
    ]
    if speakers > 1:
        inputs.append(Port("sid", "int64", (None,)))
    return open_model(
        path, inputs=inputs, outputs=[Port("output", "float32", (None, None, None, None))], max_bytes=MOST_BYTES
    )


def phoneme_ids(symbols: Sequence[str], ids: Mapping[str, tuple[int, ...]]) -> list[int]:
    """Numbers of a line: begin, every known symbol with padding after it, end. Raises ServiceError when none is known.

    >>> phoneme_ids(["h", "?", "i"], {"^": (1,), "_": (0,), "$": (2,), "h": (5,), "i": (6,)})
    [1, 0, 5, 0, 6, 0, 2]
    """
    known = [symbol for symbol in symbols if symbol in ids][:MOST_PHONEMES]
    if not any(symbol.isalpha() for symbol in known):
        raise ServiceError("voice", "The Piper voice knows none of the sounds of this line. Choose another voice.")
    found = [*ids[_BEGIN], *ids[_PAD]]
    for symbol in known:
        found += (*ids[symbol], *ids[_PAD])
    return [*found, *ids[_END]]


def _tongue(language: str) -> str:
    first = language.lower().partition("-")[0]
    return {"zh": "cmn"}.get(first, first)
