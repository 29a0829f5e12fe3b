"""Movement as strokes: every deliberate change of pose is a minimum-jerk step of one channel.

A gesture, a shift of posture, a blink or a saccade is a few strokes one after another, and a curve is the sum of all
strokes of its channel. Minimum jerk (Flash & Hogan 1985) is how people move between two postures; it starts and ends at
rest and never overshoots. A minute of strokes is turned into curves without a Python loop.
"""

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..easing import minimum_jerk

Floats = NDArray[np.float64]

STEP: Final = 0.01
"""Seconds between two samples of the curves that everything is planned on, whatever the frame rate."""

HEAD: Final = tuple(range(6))
"""Channels of the head's pose, in the order of ``Frames.head``."""
X, Y, Z, PITCH, YAW, ROLL = HEAD
GAZE_PITCH, GAZE_YAW, BREATH = 6, 7, 8
GAZE: Final = (GAZE_PITCH, GAZE_YAW)
FIRST_SHAPE: Final = 9
"""Channel of the first ARKit shape; the others follow in order."""


def shape_channel(name: str) -> int:
    """Channel of an ARKit shape."""
    return FIRST_SHAPE + INDEX[name]


class Strokes:
    """A growing list of strokes on all channels."""

    def __init__(self) -> None:
        self._by_channel: dict[int, array[float]] = {}

    def step(self, channel: int, start: float, duration: float, delta: float) -> None:
        """Add ``delta`` to a channel, from ``start`` over ``duration`` seconds."""
        self._by_channel.setdefault(channel, array("d")).extend((start, max(duration, 1e-3), delta))

    def path(self, channel: int, knots: Sequence[tuple[float, float]], size: float = 1.0) -> None:
        """Move through ``(time, value)`` knots, resting at each; values count from the first, times ``size``."""
        before = knots[0]
        for knot in knots[1:]:
            if knot[1] != before[1]:
                self.step(channel, before[0], knot[0] - before[0], size * (knot[1] - before[1]))
            before = knot

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels that move at all, ascending."""
        return tuple(sorted(self._by_channel))

    def render(self, channel: int, count: int) -> Floats:
        """The channel's curve at ``index * STEP`` seconds [shape=(count,)]; strokes before time 0 are done by then."""
        if channel not in self._by_channel:
            return np.zeros(count)
        start, duration, delta = np.asarray(self._by_channel[channel]).reshape(-1, 3).T
        first = np.floor(start / STEP).astype(np.int64)
        length = np.ceil((start + duration) / STEP).astype(np.int64) - first + 1
        owner = np.repeat(np.arange(len(start)), length)
        index = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length) + first[owner]
        share = (index * STEP - start[owner]) / duration[owner]
        grown = delta[owner] * (minimum_jerk(share) - minimum_jerk(share - STEP / duration[owner]))
        inside = index < count
        increments = np.bincount(np.maximum(index[inside], 0), grown[inside], minlength=count)
        return np.asarray(np.cumsum(increments))

    def render_all(self, channels: Sequence[int], count: int) -> Floats:
        """Several channels' curves side by side [shape=(count, len(channels))]."""
        return np.stack([self.render(channel, count) for channel in channels], axis=1)


def sample(curve: Floats, times: Floats) -> Floats:
    """Read curves on the planning grid at any times, by Catmull-Rom cubics [shape=(m, ...) -> (n, ...)]."""
    position = np.clip(times / STEP, 0, len(curve) - 1)
    index = np.minimum(position.astype(np.int64), len(curve) - 2)
    s = (position - index).reshape(-1, *([1] * (curve.ndim - 1)))
    before, here, there, after = (curve[np.clip(index + k, 0, len(curve) - 1)] for k in (-1, 0, 1, 2))
    return np.asarray(
        here
        + 0.5
        * s
        * (there - before + s * (2 * before - 5 * here + 4 * there - after + s * (3 * (here - there) + after - before)))
    )


def smooth(curve: Floats, seconds: float) -> Floats:
    """Average under a Hann window of ``seconds`` (its full width), ends held [shape=(m,)]. Never overshoots."""
    half = max(1, round(seconds / STEP / 2))
    window = np.hanning(2 * half + 3)[1:-1]
    return np.convolve(np.pad(curve, half, mode="edge"), window / window.sum(), mode="valid")
