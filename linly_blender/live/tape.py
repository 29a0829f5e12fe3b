"""The sound that a recording keeps of a voice that was mirrored, in pieces that end where nobody speaks.

A piece is a take without words: where somebody spoke is a sentence without text, of which the closures of the lips are
known, as they were seen, and nothing else.
"""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from ..arkit import SHAPES
from ..face.heard import SURE
from ..performance import Frames, Performance
from ..score import UNKNOWN, Phone, Sentence, Speech
from ..speech.prosody import STEP
from .overhearing import Overheard
from .services import HEARING_RATE, Sound
from .settings import Settings

Span = tuple[float, float]

_SHORTEST, _LONGEST = 8.0, 30.0
"""Seconds of a piece: from the first on it ends with a phrase, at the second with anything. What is not whole is lost
with the process."""
_PAUSE: Final = 0.5
"""Seconds without a voice that end a phrase."""
_CLOSURE: Final = "m"
"""How a closure of the lips is written; whether it was an m, a p or a b is not known."""


class Tape:
    """Hears everything that is overheard while a recording runs. Used by one thread at a time."""

    def __init__(self, settings: Settings, fine_tuner: str, keep: Callable[[Performance, float], object]) -> None:
        """``keep`` is called with every piece and the time on the clock at which its first sample is to be heard."""
        self._settings = settings
        self._fine_tuner = fine_tuner
        self._keep = keep
        self.forget()

    def forget(self) -> None:
        """Throw away what has not been kept."""
        self._sounds: list[Sound] = []
        self._begin = self._end = 0.0
        """Seconds of the sound."""
        self._spoken: list[Span] = []
        self._closures: list[Span] = []

    def hear(self, heard: Overheard, lag: float | None) -> None:
        """Take the next block.

        ``lag`` is what a second of the sound and the time when its mouth is shown differ by, None before any was.
        """
        begin = heard.until - len(heard.sound) / HEARING_RATE
        if not self._sounds:
            self._begin = begin
        self._sounds.append(heard.sound)
        self._end = heard.until
        if heard.speaks:
            _extend(self._spoken, (begin, heard.until), _PAUSE)
        for index in np.flatnonzero(heard.mouth.closed >= SURE).tolist():
            middle = heard.mouth_from + index * STEP
            _extend(self._closures, (middle - STEP / 2, middle + STEP / 2), STEP / 2)
        lasts = self._end - self._begin
        silent = not self._spoken or self._end - self._spoken[-1][1] > _PAUSE
        if lag is not None and (lasts > _LONGEST or (lasts > _SHORTEST and silent)):
            self.cut(lag)

    def cut(self, lag: float) -> None:
        """Keep what there is."""
        if self._sounds:
            self._keep(self._piece(), self._begin + lag)
        self.forget()

    def _piece(self) -> Performance:
        sound = np.concatenate(self._sounds)
        lasts = len(sound) / HEARING_RATE
        spoken = list(_within(self._spoken, self._begin, self._end))
        closures = list(_within(self._closures, self._begin, self._end))
        sentences = tuple(
            Sentence("", start, end, "statement", "neutral", 0.0, self._settings.language) for start, end in spoken
        )
        phones = tuple(phone for span in spoken for phone in _phones(span, closures))
        still = int(lasts) + 1  # what moves is in the recording
        shapes, head, gaze = (np.zeros((still, width), np.float32) for width in (len(SHAPES), 6, 2))
        return Performance(
            frames=Frames(1.0, shapes, head, gaze, np.zeros(still, np.float32)),
            speech=Speech(sound, HEARING_RATE, phones, (), sentences),
            gestures=(),
            seed=self._settings.seed,
            style=self._settings.style,
            language=self._settings.language,
            region=self._settings.region,
            amounts=self._settings.amounts,
            fine_tuner=self._fine_tuner,
        )


def _extend(spans: list[Span], span: Span, gap: float) -> None:
    """Add a span to those before it, to the last of them if no more than ``gap`` seconds are between."""
    if spans and span[0] - spans[-1][1] <= gap:
        spans[-1] = (spans[-1][0], span[1])
    else:
        spans.append(span)


def _within(spans: Iterable[Span], begin: float, end: float) -> Iterable[Span]:
    """The spans' parts between two times, counted from the first of them."""
    for first, last in spans:
        if first < end and last > begin:
            yield max(first, begin) - begin, min(last, end) - begin


def _phones(span: Span, closures: Iterable[Span]) -> Iterable[Phone]:
    """The closures in a span, and what is not known between them."""
    at, end = span
    for first, last in closures:
        if last <= at or first >= end:
            continue
        if first > at:
            yield Phone(UNKNOWN, at, first, 0, -1)
        yield Phone(_CLOSURE, max(first, at), min(last, end), 0, -1)
        at = min(last, end)
    if end > at:
        yield Phone(UNKNOWN, at, end, 0, -1)
