"""Which gestures a head makes, read out of its movement: for markers, and for whoever asks what a take does."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..extremes import extremes
from ..score import Gesture
from .gestures import EMPHASISED, MARKED
from .strokes import PITCH, ROLL, STEP, YAW, Y
from .timeline import ASKING, Timeline

Floats = NDArray[np.float64]

_NOD, _TURN, _TILT = np.radians((1.0, 1.5, 1.5))
"""Least rise and fall on either side of a turning point that counts as a gesture."""
_PUSH: Final = 0.006
"""Metres."""
_BROW: Final = 0.1
_SHAKE: Final = 0.6
"""Seconds between the turning points of a shake at most."""
_SHORTEST: Final = 0.3
"""Seconds: what is over sooner is a tremor (a nod takes 0.3 to 1.2 s, Mori 2025)."""
_REACH: Final = 55
"""Samples from a gesture's foot to its top at most."""
_WHOLE: Final = 1.4
"""Seconds from its first turning point to its last at most."""
_NEAR: Final = 0.3
"""Seconds from a stressed vowel within which a gesture is its word's."""


def gestures_in(head: Floats, brow: Floats, timeline: Timeline) -> tuple[Gesture, ...]:
    """Find nods, raises, shakes, tilts, pushes and raised brows, in order of time.

    Parameters: the head without what just happens [shape=(m, 6)] and ``browInnerUp`` [shape=(m,)], on the planning
    grid. Amplitudes are heights above the nearer foot, radians and 0..1.
    """
    found = [
        *_peaks(-head[:, PITCH], _NOD, "nod", timeline),
        *_peaks(head[:, PITCH], _NOD, "raise", timeline),
        *_turns(head[:, YAW], timeline),
        *_peaks(head[:, ROLL], _TILT, "tilt_left", timeline),
        *_peaks(-head[:, ROLL], _TILT, "tilt_right", timeline),
        *_peaks(-head[:, Y], _PUSH, "push", timeline),
        *_peaks(brow, _BROW, "brow_raise", timeline),
    ]
    return tuple(sorted(found, key=lambda gesture: (gesture.start, gesture.kind)))


def _peaks(curve: Floats, least: float, kind: str, timeline: Timeline) -> Iterator[Gesture]:
    """Every top that stands at least so high above the feet on both of its sides."""
    turns = [0, *extremes(curve, 0.5 * least).tolist(), len(curve) - 1]
    for foot, top, other in zip(turns, turns[1:], turns[2:], strict=False):
        # What takes longer is a change of posture.
        before, after = max(foot, top - _REACH), min(other, top + _REACH)
        rise, fall = curve[top] - curve[before], curve[top] - curve[after]
        if min(rise, fall) >= least:
            start, peak, end = _begin(curve, before, top) * STEP, top * STEP, _cease(curve, top, after) * STEP
            if end - start < _SHORTEST:
                continue
            yield Gesture(kind, start, peak, end, float(min(rise, fall)), _why(peak, timeline))


def _turns(yaw: Floats, timeline: Timeline) -> Iterator[Gesture]:
    """Swings to a side; three or more quick ones in a row are a shake."""
    swings = sorted(
        [*_peaks(yaw, _TURN, "swing", timeline), *_peaks(-yaw, _TURN, "swing", timeline)], key=lambda swing: swing.peak
    )
    row: list[Gesture] = []
    for swing, following in pairwise([*swings, None]):
        row.append(swing)  # type: ignore[arg-type]  # only the last is None
        if following is None or following.peak - row[-1].peak > _SHAKE:
            if len(row) > 2 and row[-1].peak - row[0].peak < _WHOLE:
                most = max(row, key=lambda each: each.amplitude)
                yield Gesture("shake", row[0].start, row[0].peak, row[-1].end, most.amplitude, most.source)
            else:
                yield from row
            row = []


def _begin(curve: Floats, foot: int, top: int) -> int:
    """Where a tenth of the rise is done."""
    line = curve[foot] + 0.1 * (curve[top] - curve[foot])
    below = np.flatnonzero(curve[foot:top] <= line)
    return foot + int(below[-1]) if len(below) else foot


def _cease(curve: Floats, top: int, foot: int) -> int:
    """Where a tenth of the fall is left."""
    line = curve[foot] + 0.1 * (curve[top] - curve[foot])
    below = np.flatnonzero(curve[top : foot + 1] <= line)
    return top + int(below[0]) if len(below) else foot


def _why(time: float, timeline: Timeline) -> str:
    """The strongest stress near a gesture, the end of a question, or the voice."""
    near = timeline.stresses_between(time - _NEAR, time + _NEAR)
    if any(stress.emphasis >= MARKED for stress in near):
        return "marked"
    for sentence in timeline.sentences:
        if sentence.type in ASKING and -0.7 < time - sentence.end < 0.3:
            return sentence.type
    return "emphasis" if any(stress.emphasis >= EMPHASISED for stress in near) else "prosody"
