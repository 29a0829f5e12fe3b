"""Shapes of head gestures: knots that the head moves through, stroke by stroke.

As in real gestures (Kendon 2004) a small preparation the other way comes before the stroke; then the head settles.
"""

from dataclasses import dataclass
from typing import Final

from .strokes import PITCH, ROLL, YAW, X, Y, Z

Path = tuple[int, tuple[tuple[float, float], ...]]
"""A channel and its ``(time, value)`` knots, from and back to 0."""

PREPARATION: Final = 0.06
"""Size of the preparation of a nod, as a share of the nod."""
OVERSHOOT: Final = 0.12
"""How far a nod may swing past its start on the way back, as a share of the nod."""
_SINK: Final = 0.0458
"""Metres the head sinks and comes forward per radian of a nod (0.8 mm a degree): the neck bends below it."""
_LEAN: Final = 0.08
"""Metres the head moves aside per radian of a shift to that side."""


@dataclass(frozen=True, slots=True)
class Motion:
    """How a gesture goes: its times in seconds and its paths."""

    start: float
    peak: float
    end: float
    paths: tuple[Path, ...]


def nod(peak: float, size: float, duration: float, overshoot: float, latest: float) -> Motion:
    """Chin down (``size`` > 0) or up (< 0) by ``size`` radians at ``peak``, and back, past the start by ``overshoot``.

    It is over by ``latest``, if need be by a quicker way back.
    """
    start = peak - 0.42 * duration
    after = max(min(0.58 * duration, latest - peak), 0.15)
    pitch = (
        (start, 0.0),
        (start + 0.12 * duration, PREPARATION * size),
        (peak, -size),
        (peak + (0.66 if overshoot else 1.0) * after, overshoot * size),
        (peak + after, 0.0),
    )
    sink = ((start, 0.0), (peak, -_SINK * size), (peak + after, 0.0))
    return Motion(start, peak, peak + after, ((PITCH, pitch), (Z, sink), (Y, sink)))


def shake(peak: float, size: float, duration: float) -> Motion:
    """No: decaying turns, the first and widest at ``peak``; the sign of ``size`` says which side comes first."""
    start, end = peak - 0.22 * duration, peak + 0.78 * duration
    yaw = (
        (start, 0.0),
        (peak, size),
        (peak + 0.3 * duration, -0.75 * size),
        (peak + 0.56 * duration, 0.3 * size),
        (end, 0.0),
    )
    return Motion(start, peak, end, ((YAW, yaw),))


def double_nod(peak: float, size: float, duration: float, latest: float) -> Motion:
    """Yes: a nod and a smaller one on its way back; over by ``latest``, if need be by a quicker way back."""
    start = peak - 0.3 * duration
    after = max(min(0.7 * duration, latest - peak), 0.3)
    pitch = (
        (start, 0.0),
        (start + 0.09 * duration, PREPARATION * size),
        (peak, -size),
        (peak + 0.33 * after, -0.15 * size),
        (peak + 0.62 * after, -0.55 * size),
        (peak + after, 0.0),
    )
    sink = ((start, 0.0), (peak, -_SINK * size), (peak + after, 0.0))
    return Motion(start, peak, peak + after, ((PITCH, pitch), (Z, sink), (Y, sink)))


def bow(peak: float, size: float, hold: float, latest: float) -> Motion:
    """Head and neck go down by ``size`` radians without haste, stay for ``hold`` seconds and come up more slowly."""
    start = peak - 0.55
    back = max(min(peak + hold, latest - 0.5), peak)
    end = max(min(back + 0.75, latest), back + 0.3)
    pitch = ((start, 0.0), (peak, -size), (back, -size), (end, 0.0))
    sink = ((start, 0.0), (peak, -_SINK * size), (back, -_SINK * size), (end, 0.0))
    return Motion(start, peak, end, ((PITCH, pitch), (Z, sink), (Y, sink)))


def wobble(peak: float, size: float, duration: float) -> Motion:
    """From shoulder to shoulder and back, about two and a half times, the first at ``peak``, with a little turn."""
    start = peak - 0.16 * duration
    step = 0.19 * duration
    swings = (1.0, -1.0, 0.85, -0.6)
    roll = (
        (start, 0.0),
        *((peak + index * step, swing * size) for index, swing in enumerate(swings)),
        (peak + 0.84 * duration, 0.0),
    )
    yaw = tuple((time + 0.03, -0.3 * value) for time, value in roll)
    return Motion(start, peak, roll[-1][0], ((ROLL, roll), (YAW, yaw)))


def shift(cross: float, size: float, begin: float, hold: float, latest: float) -> Motion:
    """On the one hand, on the other: the head leans to one side from ``begin`` and crosses over to the other.

    ``size`` in radians is the turn after the crossing, which is done 0.15 s after ``cross``; it is held for ``hold``
    seconds, and given up by ``latest``.
    """
    start, there = cross - 0.3, cross + 0.15
    back = max(min(there + hold, latest - 0.5), there)
    end = max(min(back + 0.8, latest), back + 0.3)
    before = -0.5 if start - begin > 0.5 else 0.0
    lean = ((begin, 0.0), (begin + 0.5, before), (start, before)) if before else ((start, 0.0),)
    path = (*lean, (there, 1.0), (back, 0.92), (end, 0.0))
    paths = tuple(
        (channel, tuple((time, share * size * value) for time, value in path))
        for channel, share in ((YAW, 1.0), (ROLL, 0.45), (X, _LEAN))
    )
    return Motion(start, there, end, paths)


def lower(start: float, end: float, size: float, latest: float) -> Motion:
    """The head bends by ``size`` radians to listen, and comes up again around ``end``."""
    down = min(start + 0.7, max(end - 0.4, start + 0.3))
    back = max(end - 0.35, down)
    up = max(min(back + 0.9, latest), back + 0.3)
    pitch = ((start, 0.0), (down, -size), (back, -size), (up, 0.0))
    sink = ((start, 0.0), (down, -_SINK * size), (back, -_SINK * size), (up, 0.0))
    return Motion(start, down, up, ((PITCH, pitch), (Z, sink)))


def tilt(peak: float, size: float, hold: float, latest: float) -> Motion:
    """Towards the left shoulder (``size`` > 0) or the right, held for ``hold`` seconds."""
    start = peak - 0.32
    back = max(min(peak + hold, latest - 0.3), peak)
    end = max(min(back + 0.45, latest), back + 0.2)
    roll = ((start, 0.0), (peak, size), (back, 0.93 * size), (end, 0.0))
    yaw = ((start + 0.04, 0.0), (peak + 0.04, -0.25 * size), (end, 0.0))
    return Motion(start, peak, end, ((ROLL, roll), (YAW, yaw)))


def sweep(peak: float, size: float, duration: float) -> Motion:
    """From one side across to the other (McClave 2000: "all", "every")."""
    start, end = peak - 0.3 * duration, peak + 0.7 * duration
    yaw = ((start, 0.0), (peak, size), (peak + 0.4 * duration, -0.8 * size), (end, 0.0))
    return Motion(start, peak, end, ((YAW, yaw),))


def push(peak: float, forward: float, down: float, latest: float) -> Motion:
    """The quick forward push of a confirming question: there in 0.24 s, rebound, a short hold a little forward.

    ``forward`` in metres, ``down`` in radians. The gesture ends with the rebound; the hold is given up slowly.
    """
    start = peak - 0.24
    rebound = peak + max(min(0.3, latest - peak), 0.2)
    held = rebound + 0.3
    y = ((start, 0.0), (peak, -forward), (rebound, -0.25 * forward), (held, -0.25 * forward), (held + 0.9, 0.0))
    pitch = ((start, 0.0), (peak, -down), (rebound, 0.1 * down), (held, 0.1 * down), (held + 0.6, 0.0))
    return Motion(start, peak, rebound, ((Y, y), (PITCH, pitch)))


def lift(end: float, size: float, latest: float) -> Motion:
    """The chin rises towards the ``end`` of a question; a third is kept while waiting and then given up slowly."""
    start, up = end - 0.5, end - 0.1
    down = max(min(end + 0.35, latest), up + 0.2)
    pitch = ((start, 0.0), (up, size), (down, 0.35 * size), (down + 0.3, 0.35 * size), (down + 1.8, 0.0))
    return Motion(start, up, down, ((PITCH, pitch),))
