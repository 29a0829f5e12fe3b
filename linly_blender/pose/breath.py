"""Breathing: in through the pauses before speech, out with the phrase, calmly on in silence.

Where breaths are heard they are the ones that are taken; laughter spends breath as words do, only faster.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..score import Noise
from ..speech.noises import Laugh
from .strokes import BREATH, Floats, Strokes
from .timeline import Timeline

_SHORTEST_PAUSE: Final = 0.18
"""Seconds of silence in which one can take a breath."""
_CALM: Final = 3.6
"""Seconds of one breath at rest."""
_EMPTY, _FULL, _REST = 0.12, 0.95, 0.35
_OUT_PER_SECOND: Final = 0.17
_LAUGHING: Final = 0.3
"""What a laugh spends in a second."""
_HEARD, _LOUD = 0.25, 0.3
"""How far a breath that is heard at all fills the lungs, and how much further a loud one."""
_SIGH: Final = 1.1
"""Seconds in which a breath is let out that nothing was said with."""


@dataclass(frozen=True, slots=True)
class _Outbreath:
    """A phrase, or a laugh between two."""

    start: float
    end: float
    speed: float
    """Of what is spent, a second."""


def plan_breath(
    timeline: Timeline, strokes: Strokes, breaths: Sequence[Noise] = (), laughs: Sequence[Laugh] = ()
) -> None:
    """Add the filling of the lungs, 0..1; ``breaths`` and ``laughs`` are what is heard beside the words."""
    level = _REST
    strokes.step(BREATH, -1.0, 0.5, level)

    def to(start: float, duration: float, target: float) -> None:
        nonlocal level
        strokes.step(BREATH, start, duration, target - level)
        level = target

    before = 0.0

    def rest_until(time: float) -> float:
        """Breathe calmly through a long silence; returns the seconds that are left of it."""
        nonlocal before
        silence = time - before
        while silence > _CALM + 1.0:
            to(before, 0.45 * _CALM, _REST + 0.3)
            to(before + 0.45 * _CALM, 0.55 * _CALM, _REST)
            before += _CALM
            silence -= _CALM
        return silence

    def take(breath: Noise, wanted: float) -> None:
        nonlocal before
        rest_until(breath.start)
        deep = max(wanted, level + _HEARD + _LOUD * breath.strength)
        to(breath.start, breath.end - breath.start, max(level, min(_FULL, deep)))
        before = breath.end

    heard = deque(breaths)
    outbreaths = _outbreaths(timeline, laughs)
    for index, out in enumerate(outbreaths):
        # How much will be said before the next chance to breathe decides how deep the breath is.
        need, last = out.end - out.start, index
        while last + 1 < len(outbreaths) and outbreaths[last + 1].start - outbreaths[last].end < _SHORTEST_PAUSE:
            last += 1
            need = outbreaths[last].end - out.start
        wanted = min(_FULL, _EMPTY + 0.2 + _OUT_PER_SECOND * need)
        while heard and heard[0].start < out.start:
            take(heard.popleft(), wanted)
        silence = rest_until(out.start)
        if silence >= _SHORTEST_PAUSE and wanted > level:
            inhale = min(silence, 0.55)
            to(out.start - inhale, inhale, wanted)
        spent = out.speed * (out.end - out.start)
        to(out.start + 0.02, max(out.end - out.start - 0.02, 0.05), max(_EMPTY, level - spent))
        before = out.end
    if outbreaths:
        to(before, 0.5, min(level, _REST))
        before += 0.6
    for breath in heard:
        take(breath, level)
        to(before, _SIGH, _REST)
        before += _SIGH
    while before < timeline.speech.duration:
        to(before, 0.45 * _CALM, _REST + 0.3)
        to(before + 0.45 * _CALM, 0.55 * _CALM, _REST)
        before += _CALM


def _outbreaths(timeline: Timeline, laughs: Sequence[Laugh]) -> list[_Outbreath]:
    """Phrases, and what of the laughs lies between them, in order of time."""
    phrases = timeline.phrases
    found = [_Outbreath(phrase.start, phrase.end, _OUT_PER_SECOND) for phrase in phrases]
    for laugh in laughs:
        following = bisect_right(phrases, laugh.start, key=lambda phrase: phrase.start)
        start = max(laugh.start, phrases[following - 1].end) if following else laugh.start
        end = min(laugh.end, phrases[following].start) if following < len(phrases) else laugh.end
        if end > start:
            found.append(_Outbreath(start, end, _LAUGHING))
    return sorted(found, key=lambda out: out.start)


def deepened(lungs: Floats, amount: float) -> Floats:
    """The same breath, deeper or shallower: 0 is none at all, 1 as it is, 2 as deep as lungs allow [shape=(m,)]."""
    if amount <= 1:
        return amount * lungs
    above = np.clip((lungs - _REST) / (1 - _REST), 0, 1)
    below = np.clip((_REST - lungs) / _REST, 0, 1)
    return np.asarray(_REST + (1 - _REST) * (1 - (1 - above) ** amount) - _REST * (1 - (1 - below) ** amount))
