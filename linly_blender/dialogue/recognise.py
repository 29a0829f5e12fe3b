"""What is said in a recording, found by a recogniser, stretch by stretch."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..audio.resampling import resample
from ..language.detect import ENGLISH, resolve
from ..live.services import HEARING_RATE, Recogniser, ServiceError
from ..perform import Progress
from ..recognition import open_recogniser
from ..recognition.sherpa import SherpaRecogniser
from ..servers import Key, no_key
from .cutting import Span

AUTO: Final = "auto"
FAILURES: Final = 3
"""Stretches that fail one after the other until the recogniser is asked no more."""
SILENCE: Final = 0.5
"""Seconds after a stretch, in which models that hold words back bring them out."""

_MARKS: Final = re.compile(r"\[[^\]]*\]|<[^>]*>|\([^)]*\)|[*_#♪♫]")
"""What recognisers write beside words: [music], <|en|>, (laughs)."""


@dataclass(frozen=True, slots=True)
class Said:
    span: Span
    text: str
    """Empty when nothing was understood."""
    language: str
    """Two letters, from a recogniser that tells; else empty."""
    trouble: str = ""
    """Why nothing was understood, if something went wrong."""


def open_ears(spec: str, language: str, key: Key = no_key, allow_online: bool = False) -> Recogniser | None:
    """The recogniser for a recording, or None for none.

    Parameters: as of ``open_recogniser``; ``auto`` is the built-in one where it knows the language and is installed.
    Raises UserError.
    """
    if spec.strip() != AUTO:
        return open_recogniser(spec, language, key, allow_online, recorded=True)
    if (resolve(language) or ENGLISH).split("-")[0] != "en":
        return None
    try:
        return open_recogniser("pocketsphinx", "en", recorded=True)
    except ServiceError:  # it was not asked for by name: the sound alone does
        return None


def recognise(
    sound: NDArray[np.int16], rate: int, spans: Sequence[Span], recogniser: Recogniser, progress: Progress
) -> Iterator[Said]:
    """What is said in each of the stretches, in order.

    Parameters: mono samples [shape=(n,)] at ``rate``; begin and end of each stretch in seconds.
    A stretch with which the recogniser fails has no text; after ``FAILURES`` of them it is asked no more.
    """

    def heard(until: float) -> None:
        progress(until / (spans[-1][1] + SILENCE), "recognising")

    failed, trouble = 0, ""
    for start, end in spans:
        if failed == FAILURES:
            yield Said((start, end), "", "", trouble)
            continue
        piece = resample(sound[round(start * rate) : round(end * rate)], rate, HEARING_RATE)
        piece = np.concatenate([piece, np.zeros(round(SILENCE * HEARING_RATE), np.int16)])
        try:
            text = _understood(recogniser, piece, start, heard)
        except ServiceError as error:
            failed, trouble = failed + 1, str(error)
            yield Said((start, end), "", "", trouble)
            continue
        failed = 0
        language = recogniser.language if isinstance(recogniser, SherpaRecogniser) else ""
        yield Said((start, end), " ".join(_MARKS.sub(" ", text).split()), language)
    progress(1.0, "recognising")


def _understood(recogniser: Recogniser, sound: NDArray[np.int16], start: float, heard: Callable[[float], None]) -> str:
    """The words of a sound at HEARING_RATE that begins at ``start``; ``heard`` is told how far it is."""
    hearing = recogniser.listen()
    try:
        for first in range(0, len(sound), HEARING_RATE):
            heard(start + first / HEARING_RATE)
            hearing.hear(sound[first : first + HEARING_RATE])
        return hearing.text()
    finally:
        hearing.close()
