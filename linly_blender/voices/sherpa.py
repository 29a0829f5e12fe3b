"""sherpa-onnx with a voice folder of the user's: which kind of voice lies in it is found out from its files."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..language.script import Line
from ..live.services import ServiceError
from ..sherpa_folder import ModelFolder, in_plain_words, load_package, open_folder
from ..speech.synthesis import Spoken
from .alignment import Aligner
from .sound import SoundError, from_floats

THREADS: Final = 2
"""Of the model; Blender needs the others."""
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "vits": ("sample_rate", "n_speakers", "language", "comment"),
    "matcha": ("sample_rate", "n_speakers"),
    "kokoro": ("sample_rate", "n_speakers", "has_espeak", "style_dim"),
    "kitten": ("sample_rate", "n_speakers", "has_espeak"),
}
"""Notes without which sherpa-onnx ends the process when it loads such a voice."""


@dataclass(frozen=True, slots=True)
class VoiceFamily:
    """How a folder's voice is opened."""

    name: str
    """``vits``, ``matcha``, ``kokoro`` or ``kitten``: what its configuration is called."""
    arguments: Mapping[str, str]
    rules: str
    """Files that tell how numbers and dates are read, separated by commas."""


class SherpaMouth:
    """A ``Mouth`` with the first speaker of a voice folder. Raises ServiceError, ModelError."""

    def __init__(self, folder: Path) -> None:
        family = find_voice(open_folder(folder, "voice"))
        package = load_package("voice")
        with in_plain_words("voice", f"The {family.name} voice in {folder} cannot be loaded"):
            part = getattr(package, f"OfflineTts{family.name.capitalize()}ModelConfig")(**family.arguments)
            model = package.OfflineTtsModelConfig(**{family.name: part}, num_threads=THREADS)
            config = package.OfflineTtsConfig(model=model, rule_fsts=family.rules, max_num_sentences=1)
            if not config.validate():
                raise ValueError("a file is missing or broken")
            self._voice: Any = package.OfflineTts(config)
        self.family = family
        self._aligner = Aligner()

    def say(self, line: Line) -> Spoken:
        """Speak a line and find its phones. Raises UserError."""
        if self._voice is None:
            raise ServiceError("voice", "The voice has been closed. Start the conversation again.")
        with in_plain_words("voice", "The sherpa-onnx voice cannot say this"):
            audio = self._voice.generate(line.text, sid=0, speed=1.0)
            rate = int(audio.sample_rate)
        try:
            sound = from_floats(audio.samples, rate)
        except SoundError as error:
            raise ServiceError(
                "voice",
                f"What the sherpa-onnx voice says {error}. Choose one that speaks {line.language}.",
            ) from error
        return self._aligner.align(line, sound, rate).spoken

    def close(self) -> None:
        """Free the model and the aligner."""
        self._voice = None
        self._aligner.close()


def find_voice(folder: ModelFolder) -> VoiceFamily:
    """Which kind of voice lies in a folder.

    Raises ServiceError when it is none that is known or a file is missing, ModelError when a file is broken.
    """
    vocoder = folder.find("vocos") or folder.find("hifigan")
    model = folder.find("model", without=("vocos", "hifigan")) or folder.find(without=("vocos", "hifigan"))
    if model is None:
        raise _unknown(folder, "only a vocoder lies in it")
    said = folder.describe(model).metadata
    kind = said.get("model_type", "")
    tokens = folder.find("tokens", suffix=".txt")
    lexicon = ",".join(map(str, folder.every("lexicon", suffix=".txt")))
    shared = {
        "tokens": "" if tokens is None else str(tokens),
        "lexicon": lexicon,
        "data_dir": folder.folder("espeak-ng-data"),
    }
    name = next((family for family in ("matcha", "kokoro", "kitten") if kind.startswith(family)), "vits")
    if not all(note in said for note in _NEEDED[name]):
        raise _unknown(folder, f"the model {model.name} calls itself {kind[:40]!r} and leaves out what it should say")
    rules = ",".join(map(str, folder.every(suffix=".fst")))
    if name == "matcha":
        files = {"acoustic_model": str(model), "vocoder": "" if vocoder is None else str(vocoder), **shared}
        return _checked(folder, VoiceFamily(name, files, rules))
    if name != "vits":
        voices = folder.find("voices", suffix=".bin")
        if name == "kokoro" and voices is not None:
            _check_styles(folder, voices, said)
        files = {"model": str(model), "voices": "" if voices is None else str(voices), **shared}
        return _checked(folder, VoiceFamily(name, files, rules))
    return _checked(folder, VoiceFamily(name, {"model": str(model), **shared}, rules))


def _check_styles(folder: ModelFolder, voices: Path, said: Mapping[str, str]) -> None:
    """Raise ServiceError unless the speakers' file is whole: another that ends the process."""
    try:
        claimed = 4 * math.prod(map(int, (*said["style_dim"].split(","), said["n_speakers"])))
    except ValueError as error:
        raise _unknown(folder, "the model's style_dim is no list of numbers") from error
    if voices.stat().st_size != claimed:
        raise ServiceError(
            "voice", f"The file {voices} is cut short or of another voice. Unpack the whole download again."
        )


def _checked(folder: ModelFolder, family: VoiceFamily) -> VoiceFamily:
    missing = [part for part, path in family.arguments.items() if not path and part not in ("lexicon", "data_dir")]
    if not (family.arguments["lexicon"] or family.arguments["data_dir"]) and family.name != "vits":
        missing.append("espeak-ng-data")
    if missing:
        raise ServiceError(
            "voice",
            f"The folder {folder.path} holds a {family.name} voice, but its {' and '.join(missing)} is missing. "
            "Unpack the whole download again"
            + (", and put the vocoder (vocos or hifigan) into the same folder." if "vocoder" in missing else "."),
        )
    return family


def _unknown(folder: ModelFolder, why: str) -> ServiceError:
    return ServiceError(
        "voice",
        f"No voice is known that fits the folder {folder.path}: {why}. Choose the folder of a VITS, Matcha, Kokoro or "
        "Kitten voice made for sherpa-onnx.",
    )
