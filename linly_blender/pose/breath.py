"""Breathing: in through the pauses before speech, out with the phrase, calmly on in silence."""

from typing import Final

import numpy as np

from .strokes import BREATH, Floats, Strokes
from .timeline import Timeline

_SHORTEST_PAUSE: Final = 0.18
"""Seconds of silence in which one can take a breath."""
_CALM: Final = 3.6
"""Seconds of one breath at rest."""
_EMPTY, _FULL, _REST = 0.12, 0.95, 0.35
_OUT_PER_SECOND: Final = 0.17


def plan_breath(timeline: Timeline, strokes: Strokes) -> None:
    """Add the filling of the lungs, 0..1."""
    level = _REST
    strokes.step(BREATH, -1.0, 0.5, level)

    def to(start: float, duration: float, target: float) -> None:
        nonlocal level
        strokes.step(BREATH, start, duration, target - level)
        level = target

    before = 0.0
    for index, phrase in enumerate(timeline.phrases):
        silence = phrase.start - before
        while silence > _CALM + 1.0:
            to(before, 0.45 * _CALM, _REST + 0.3)
            to(before + 0.45 * _CALM, 0.55 * _CALM, _REST)
            before += _CALM
            silence -= _CALM
        # How much will be said before the next chance to breathe decides how deep the breath is.
        need, last = phrase.end - phrase.start, index
        while last + 1 < len(timeline.phrases) and timeline.phrases[last + 1].silence < _SHORTEST_PAUSE:
            last += 1
            need = timeline.phrases[last].end - phrase.start
        wanted = min(_FULL, _EMPTY + 0.2 + _OUT_PER_SECOND * need)
        if silence >= _SHORTEST_PAUSE and wanted > level:
            inhale = min(silence, 0.55)
            to(phrase.start - inhale, inhale, wanted)
        out = _OUT_PER_SECOND * (phrase.end - phrase.start)
        to(phrase.start + 0.02, max(phrase.end - phrase.start - 0.02, 0.05), max(_EMPTY, level - out))
        before = phrase.end
    if timeline.phrases:
        to(before, 0.5, min(level, _REST))
        before += 0.6
    while before < timeline.speech.duration:
        to(before, 0.45 * _CALM, _REST + 0.3)
        to(before + 0.45 * _CALM, 0.55 * _CALM, _REST)
        before += _CALM


def deepened(lungs: Floats, amount: float) -> Floats:
    """The same breath, deeper or shallower: 0 is none at all, 1 as it is, 2 as deep as lungs allow [shape=(m,)]."""
    if amount <= 1:
        return amount * lungs
    above = np.clip((lungs - _REST) / (1 - _REST), 0, 1)
    below = np.clip((_REST - lungs) / _REST, 0, 1)
    return np.asarray(_REST + (1 - _REST) * (1 - (1 - above) ** amount) - _REST * (1 - (1 - below) ** amount))
