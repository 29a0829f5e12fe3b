"""Which fine-tuner moves the head: one of ours, none, or one that a user has trained."""

from pathlib import Path
from typing import Final

from ..errors import UserError
from ..model_files import ModelError
from .base import BASE_MODEL
from .encoder import ENCODER, AcousticEncoder
from .features import FEATURES
from .fine_tuner import MODEL, SMALL_MODEL, PoseFineTuner

OFF: Final = "off"
"""The planner alone."""
_OURS: Final = {"standard": MODEL, "small": SMALL_MODEL}
FINE_TUNERS: Final = (*_OURS, OFF)
"""What can be chosen beside a file."""
DEFAULT: Final = "standard"


def load_fine_tuner(choice: str) -> PoseFineTuner | None:
    """Open what is chosen: ``standard``, ``small`` for weak machines, ``off`` (None), or the path of an ONNX file.

    A ``pose_base.onnx`` in the folder of a user's file is its stage 1, for the two are trained together; else ours is.
    An ``acoustic_encoder.onnx`` there is what they hear with.
    A file that cannot be used leaves stage 1 alone, and the fine-tuner's ``warning`` says why. Raises ModelError when
    not even stage 1 can be used, and UserError for a word that names nothing.
    """
    if choice == OFF:
        return None
    if choice in _OURS:
        return PoseFineTuner(_OURS[choice])
    path = Path(choice)
    if path.suffix.lower() != ".onnx" and not path.is_file():
        raise UserError(
            f"There is no fine-tuner {choice!r}. Choose one of: {', '.join(FINE_TUNERS)}, or the path of a .onnx file."
        )
    base, ears = path.with_name(BASE_MODEL), path.with_name(ENCODER)
    encoder = AcousticEncoder(ears) if ears.is_file() else None
    tuner = PoseFineTuner(path, base_path=base if base.is_file() else BASE_MODEL, encoder=encoder)
    if encoder is None and tuner.features != FEATURES:
        raise ModelError(
            f"The model {base} cannot be used: it hears through an acoustic encoder ({tuner.features} numbers a frame) "
            f"that is not there. Put {ENCODER} beside it."
        )
    return tuner


def files_of(choice: str) -> tuple[Path, ...]:
    """A user's files that a choice would open, those of them that are there; none of ours."""
    if choice in FINE_TUNERS:
        return ()
    path = Path(choice)
    return tuple(file for file in (path, path.with_name(BASE_MODEL), path.with_name(ENCODER)) if file.is_file())


def name_of(tuner: PoseFineTuner | None) -> str:
    """What a take remembers: the word, or a user's file without its folder."""
    if tuner is None:
        return OFF
    for word, model in _OURS.items():
        if tuner.model_path == model:
            return word
    return "".join(letter if letter.isprintable() else "?" for letter in Path(tuner.model_path).name)
