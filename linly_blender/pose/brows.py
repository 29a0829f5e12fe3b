"""Brows: raised with emphasis, at the end of questions and in greetings; drawn together a little on a no."""

from typing import Final

import numpy as np

from ..score import Gesture
from .dynamics import dynamics_of
from .gestures import EMPHASISED
from .strokes import Floats, Strokes, shape_channel
from .styles import Style
from .timeline import ASKING, Timeline

_INNER: Final = shape_channel("browInnerUp")
_OUTER: Final = (shape_channel("browOuterUpLeft"), shape_channel("browOuterUpRight"))
_DOWN: Final = (shape_channel("browDownLeft"), shape_channel("browDownRight"))
_WIDE: Final = (shape_channel("eyeWideLeft"), shape_channel("eyeWideRight"))

_FRIENDLY_SHAKES: Final = frozenset(("yes", "agreement"))
"""Sources of shakes that mean no "no", as in some regions."""
_TAKES: Final = 0.85
"""Seconds a raise takes at most."""
_BROWS_GROW: Final = 0.4
"""Power of an emotion's size that brows grow with; the emotion itself is already on the face."""


def plan_brows(
    timeline: Timeline, gestures: list[Gesture], style: Style, rng: np.random.Generator, strokes: Strokes
) -> list[Gesture]:
    """Add movements of the brows; ``gestures`` are the head's, which they go along with. In order of time."""
    brows = style.brows
    latest = timeline.last_gesture
    found: list[Gesture] = []

    def raise_brows(start: float, peak: float, hold: float, size: float, source: str) -> None:
        if found and start < found[-1].end - 0.05:
            return
        end = min(peak + hold + 0.3, latest) if peak < latest else peak + hold + 0.3
        back = max(min(peak + hold, end - 0.18), peak)
        end = max(end, back + 0.12)
        tilt = rng.uniform(-0.15, 0.15)
        for channel, share in (
            (_INNER, 1.0),
            (_OUTER[0], 0.75 + tilt),
            (_OUTER[1], 0.75 - tilt),
            (_WIDE[0], 0.2),
            (_WIDE[1], 0.2),
        ):
            strokes.path(channel, ((start, 0.0), (peak, size * share), (back, 0.9 * size * share), (end, 0.0)))
        found.append(Gesture("brow_raise", start, peak, end, float(size), source))

    def draw_brows(start: float, peak: float, end: float, size: float, source: str) -> None:
        end = min(end, latest) if peak < latest else end
        for channel in _DOWN:
            strokes.path(channel, ((start, 0.0), (peak, size), (end, 0.0)))
        found.append(Gesture("brow_down", start, peak, end, float(size), source))

    moments: list[tuple[float, str, float, float]] = []
    for sentence in timeline.sentences:
        size = brows.size * dynamics_of(sentence).size ** _BROWS_GROW
        if sentence.type in ASKING:
            start = max(sentence.start - 0.1, sentence.end - rng.uniform(0.65, 0.9))
            moments.append((start, sentence.type, size, sentence.end - start))
    for stress in timeline.stresses:
        size = brows.size * dynamics_of(timeline.sentences[stress.sentence]).size ** _BROWS_GROW
        if stress.emphasis >= EMPHASISED and rng.random() < brows.chance:
            moments.append((stress.time - rng.uniform(0.15, 0.25), "emphasis", size * rng.uniform(0.5, 1.0), 0.0))
    for gesture in gestures:
        if gesture.source in ("greeting", "doubt", "contrast", "exclamation") and rng.random() < 0.7:
            moments.append((gesture.start - 0.03, gesture.source, brows.size * rng.uniform(0.6, 1.0), 0.0))
        elif gesture.kind == "raise" and gesture.source == "negation":
            moments.append((gesture.start, "toss", brows.size, 0.1))
        elif gesture.kind == "shake" and gesture.source not in _FRIENDLY_SHAKES:
            moments.append((gesture.start, "negation", 0.5 * brows.size, 0.0))
    asked = [(start, start + length) for start, source, _, length in moments if source in ASKING]
    for start, source, size, length in sorted(moments):
        if source not in ASKING and any(a - _TAKES < start < b + 0.3 for a, b in asked):
            continue  # the brows are kept for the question
        if source == "negation":
            draw_brows(start, start + 0.2, start + 0.75, size, source)
        else:
            raise_brows(
                start, start + rng.uniform(0.16, 0.24), max(length - 0.15, rng.uniform(0.05, 0.3)), size, source
            )
    return sorted(found, key=lambda gesture: gesture.start)


def follow_pitch(semitones: Floats, style: Style) -> Floats:
    """``browInnerUp`` that goes with a high voice [shape=(m,)] (Cave 1996: brows rise with pitch, loosely)."""
    return np.clip(style.brows.follow * semitones, 0.0, 0.15)
