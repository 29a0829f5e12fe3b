"""Eyes do not glide: from a slow wish to look somewhere to jumps and rests."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..easing import minimum_jerk
from ..score import Gesture
from .gaze import saccade_time

Floats = NDArray[np.float64]

_LEAVE, _RETURN = np.radians(4.0), np.radians(2.0)
"""The wish to look away from which the eyes go, and below which they come back."""
_SHORTEST: Final = 0.4
"""Seconds; a wish that passes sooner moves nothing."""


def jump(wish: Floats, step: float) -> tuple[Floats, tuple[Gesture, ...]]:
    """Jump to where most of a wish goes while it lasts, and back.

    Parameters: pitch and yaw wished for, ``step`` seconds apart, radians [shape=(n, 2)]. Returns what the eyes look at
    [shape=(n, 2)], home but for the looks, and the looks.
    """
    angle = np.hypot(wish[:, 0], wish[:, 1])
    target = np.zeros_like(wish)
    looks: list[Gesture] = []
    index = 0
    while index < len(angle):
        if angle[index] < _LEAVE:
            index += 1
            continue
        below = np.flatnonzero(angle[index:] < _RETURN)
        after = index + int(below[0]) if len(below) else len(angle)
        if (after - index) * step >= _SHORTEST:
            place = np.median(wish[index:after], axis=0)
            size = float(np.hypot(*place))
            duration = saccade_time(size)
            times = np.arange(after - index) * step
            share = minimum_jerk(times / duration) - minimum_jerk((times - times[-1] + duration) / duration)
            target[index:after] = share[:, None] * place
            start = index * step
            looks.append(Gesture("gaze_away", start, start + duration, after * step, size, "thinking"))
        index = after
    return target, tuple(looks)
