"""sherpa-onnx with a model folder of the user's: which kind of model lies in it is found out from its files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..live.services import HEARING_RATE, Hearing, ServiceError, Sound
from ..model_files import Description
from ..sherpa_folder import ModelFolder, in_plain_words, load_package, open_folder
from .buffered import BufferedHearing, plain

THREADS: Final = 2
"""Of the model; Blender needs the others."""
LONGEST: Final = 28.0
"""Seconds of an utterance that a model which does not stream is given; Whisper hears 30."""
PADDING: Final = 0.4
"""Seconds of silence a streaming model is given in a pause, to bring out the words it still holds back."""
PAUSE: Final = 0.1
"""Seconds of quiet that make a pause."""
QUIET: Final = 0.1
"""Of the loudest block: what is softer counts as quiet."""

_STREAMING_TRANSDUCERS: Final = ("conformer", "ebranchformer", "lstm", "zipformer", "zipformer2")
_TRANSDUCERS: Final = ("conformer", "zipformer", "zipformer2")
_SENSE_VOICE_LANGUAGES: Final = ("zh", "en", "ja", "ko", "yue")
_LANGUAGE: Final = re.compile(r"\b[a-z]{2,3}\b")
"""In what a model tells of its result's language: ``en`` or ``<|zh|>``."""
_KNOWN: Final = (
    "a transducer (zipformer, conformer, lstm, NeMo), paraformer, a CTC model (zipformer, NeMo, WeNet, TeleSpeech), "
    "SenseVoice, Whisper or Moonshine"
)


@dataclass(frozen=True, slots=True)
class Family:
    """How a folder's model is opened."""

    name: str
    streams: bool
    constructor: str
    """Of ``OnlineRecognizer`` when it streams, of ``OfflineRecognizer`` otherwise."""
    arguments: Mapping[str, Any]


class SherpaRecogniser:
    """A ``Recogniser``. Parameters: the folder, and two letters of the language. Raises ServiceError, ModelError."""

    def __init__(self, folder: Path, language: str) -> None:
        family = find_family(open_folder(folder, "recogniser"), language)
        package = load_package("recogniser")
        kind = package.OnlineRecognizer if family.streams else package.OfflineRecognizer
        with in_plain_words("recogniser", f"The {family.name} model in {folder} cannot be loaded"):
            self._recognizer: Any = getattr(kind, family.constructor)(**family.arguments, num_threads=THREADS)
        self.family = family
        self.language = ""
        """Two letters of what was heard last, from a model that tells."""

    def listen(self) -> Hearing:
        """Begin an utterance."""
        if self._recognizer is None:
            raise ServiceError("recogniser", "The recogniser has been closed. Start the conversation again.")
        if self.family.streams:
            return StreamHearing(self._recognizer)
        return BufferedHearing(self._recognise, LONGEST)

    def close(self) -> None:
        """Free the model."""
        self._recognizer = None

    def _recognise(self, sound: Sound) -> str:
        if self._recognizer is None:
            return ""
        with in_plain_words("recogniser", "The recogniser failed"):
            stream = self._recognizer.create_stream()
            stream.accept_waveform(HEARING_RATE, sound.astype(np.float32) / 32768)
            self._recognizer.decode_stream(stream)
            told = _LANGUAGE.search(str(stream.result.lang))
            self.language = told.group() if told else ""
            return _in_lower_case(str(stream.result.text))


class StreamHearing:
    """One utterance, recognised as it comes."""

    at_hand = False  # the model has to be given silence first

    def __init__(self, recognizer: Any) -> None:
        self._recognizer: Any = recognizer
        with in_plain_words("recogniser", "The recogniser failed"):
            self._stream: Any = recognizer.create_stream()
        self._loudest = 0.0
        self._quiet_for = 0.0
        self._padded = True

    def hear(self, sound: Sound) -> None:
        """Take the next samples, and recognise what they complete."""
        if self._recognizer is None or not len(sound):
            return
        samples = sound.astype(np.float32) / 32768
        loudness = float(np.sqrt(np.mean(np.square(samples))))
        self._loudest = max(self._loudest, loudness)
        if loudness > QUIET * self._loudest:
            self._quiet_for, self._padded = 0.0, False
        else:
            self._quiet_for += len(sound) / HEARING_RATE
        self._take(samples)

    def text(self) -> str:
        """What is understood so far. In a pause the model is given more silence, once, to say all it knows."""
        if self._recognizer is None:
            return ""
        if self._quiet_for >= PAUSE and not self._padded:
            self._padded = True
            self._take(np.zeros(round(PADDING * HEARING_RATE), np.float32))
        with in_plain_words("recogniser", "The recogniser failed"):
            return plain(_in_lower_case(str(self._recognizer.get_result(self._stream))))

    def close(self) -> None:
        """Forget it."""
        self._recognizer = self._stream = None

    def _take(self, samples: np.ndarray[Any, np.dtype[np.float32]]) -> None:
        with in_plain_words("recogniser", "The recogniser failed"):
            self._stream.accept_waveform(HEARING_RATE, samples)
            while self._recognizer.is_ready(self._stream):
                self._recognizer.decode_stream(self._stream)


def find_family(folder: ModelFolder, language: str) -> Family:
    """Which kind of model lies in a folder.

    Raises ServiceError when it is none that is known or a file is missing, ModelError when a file is broken.
    """
    tokens = folder.find("tokens", suffix=".txt")
    encoder, decoder, joiner = (
        folder.find(part, without=("cached", "uncached")) for part in ("encode", "decode", "join")
    )
    if folder.find("uncached_decode") is not None:
        parts = {
            "preprocessor": folder.find("preprocess"),
            "encoder": encoder,
            "uncached_decoder": folder.find("uncached_decode"),
            "cached_decoder": folder.find("cached_decode", without=("uncached",)),
        }
        return _family(folder, "Moonshine", False, "from_moonshine", tokens, parts)
    if encoder is not None and decoder is not None:
        said = folder.describe(encoder)
        folder.describe(decoder)
        if joiner is not None:
            folder.describe(joiner)
            return _transducer(folder, said, tokens, encoder, decoder, joiner)
        return _encoder_decoder(folder, said, tokens, encoder, decoder, language)
    model = folder.find("model", without=("encode", "decode", "join")) or folder.find(
        without=("encode", "decode", "join", "vad")
    )
    if model is not None:
        return _single(folder, folder.describe(model), tokens, model, language)
    raise _unknown(folder, "an encoder, a decoder or a joiner is missing")


def _transducer(
    folder: ModelFolder, said: Description, tokens: Path | None, encoder: Path, decoder: Path, joiner: Path
) -> Family:
    kind = said.metadata.get("model_type", "")
    parts: dict[str, Path | None] = {"encoder": encoder, "decoder": decoder, "joiner": joiner}
    if len(said.inputs) > 2:  # beside the sound and its length it wants what it remembers
        if kind in _STREAMING_TRANSDUCERS or kind.startswith("EncDec"):
            return _family(folder, "streaming transducer", True, "from_transducer", tokens, parts)
    elif kind in _TRANSDUCERS:
        return _family(folder, "transducer", False, "from_transducer", tokens, parts, model_type="transducer")
    elif kind.startswith("EncDec"):
        return _family(folder, "NeMo transducer", False, "from_transducer", tokens, parts, model_type="nemo_transducer")
    raise _unknown(folder, f"its encoder calls itself {kind[:40]!r}")


def _encoder_decoder(
    folder: ModelFolder, said: Description, tokens: Path | None, encoder: Path, decoder: Path, language: str
) -> Family:
    kind = said.metadata.get("model_type", "")
    parts: dict[str, Path | None] = {"encoder": encoder, "decoder": decoder}
    if kind.startswith("whisper"):
        spoken = "" if kind.endswith(".en") else language
        return _family(folder, "Whisper", False, "from_whisper", tokens, parts, language=spoken, task="transcribe")
    if kind == "paraformer":
        return _family(folder, "streaming paraformer", True, "from_paraformer", tokens, parts)
    raise _unknown(folder, f"its encoder calls itself {kind[:40]!r}")


def _single(folder: ModelFolder, said: Description, tokens: Path | None, model: Path, language: str) -> Family:
    kind = said.metadata.get("model_type", "")
    streams = any("cache" in name or "state" in name for name in said.inputs)
    parts: dict[str, Path | None] = {"model": model}
    if kind == "sense_voice_ctc":
        spoken = language if language in _SENSE_VOICE_LANGUAGES else ""
        return _family(
            folder, "SenseVoice", False, "from_sense_voice", tokens, parts, language=spoken, use_itn=True
        )  # fmt: skip
    if kind == "paraformer":
        return _family(folder, "paraformer", False, "from_paraformer", tokens, {"paraformer": model})
    if kind.startswith("zipformer2"):
        constructor = "from_zipformer2_ctc" if streams else "from_zipformer_ctc"
        return _family(folder, "zipformer CTC", streams, constructor, tokens, parts)
    if kind.startswith("EncDec"):
        return _family(folder, "NeMo CTC", streams, "from_nemo_ctc", tokens, parts)
    if kind == "wenet_ctc":
        return _family(folder, "WeNet CTC", streams, "from_wenet_ctc", tokens, parts)
    if kind == "telespeech_ctc" and not streams:
        return _family(folder, "TeleSpeech CTC", False, "from_telespeech_ctc", tokens, parts)
    raise _unknown(folder, f"the model calls itself {kind[:40]!r}")


def _family(
    folder: ModelFolder, name: str, streams: bool, constructor: str, tokens: Path | None,
    parts: Mapping[str, Path | None], **options: Any
) -> Family:  # fmt: skip
    files = {**parts, "tokens": tokens}
    missing = [part for part, path in files.items() if path is None]
    if missing:
        raise ServiceError(
            "recogniser",
            f"The folder {folder.path} holds a {name} model, but its {' and '.join(missing).replace('_', ' ')} "
            "is missing. Unpack the whole download again.",
        )
    return Family(name, streams, constructor, {part: str(path) for part, path in files.items()} | options)


def _unknown(folder: ModelFolder, why: str) -> ServiceError:
    return ServiceError(
        "recogniser",
        f"No recogniser is known that fits the folder {folder.path}: {why}. Choose the folder of {_KNOWN}.",
    )


def _in_lower_case(text: str) -> str:
    """Text of models that know capital letters only, as it is read more easily."""
    return text.lower() if text.isupper() else text
