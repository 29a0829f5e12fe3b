"""The same words said twice: which moment of the one is which moment of the other (dynamic time warping)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

BAND: Final = 0.25
"""Share of the length by which the two may be apart, when both begin and end together."""
LEAST_BAND: Final = 80
"""Frames of it at least."""
UNEVEN: Final = 0.15
"""Cost of a frame in which the two do not go on alike, of what two frames mostly cost: an even way is likelier."""
PAUSE: Final = 0.2
"""Cost of a frame of silence between two words, of the same."""


@dataclass(frozen=True, slots=True)
class Warp:
    """A way through both."""

    path: Ints
    """For every frame of the sound the reference's [shape=(n,)], ascending by 0..2."""
    likeness: Floats
    """How alike the two are there: 1 the same, 0 no more than any two frames [shape=(n,)]."""


def warp(sound: Floats, reference: Floats, silent: Bools, joints: Bools) -> Warp:
    """Find the cheapest way through both, from first to last frame.

    Parameters: features of the sound [shape=(n, d)] and of the reference [shape=(m, d)]; whether a frame of the sound
    is silent [shape=(n,)] and whether one of the reference lies between two words [shape=(m,)], where silence may be.
    The sound goes on by one frame at a time, the reference by none, one or two.
    """
    count, target = len(sound), len(reference)
    reach = max(LEAST_BAND, round(BAND * count)) + abs(target - count)
    width = 2 * reach + 1
    distances = _distances(sound, reference, reach)
    typical = float(np.mean(distances[np.isfinite(distances)])) + 1e-6
    costs = distances.copy()
    near_joint = _near(joints, count, reach)
    costs[silent] = np.where(near_joint[silent], np.float32(PAUSE * typical), costs[silent])
    came_from = np.zeros((count, width), np.int8)
    total = np.full(width, np.inf, np.float32)
    total[reach] = costs[0, reach]
    steps = np.empty((3, width), np.float32)
    for i in range(1, count):
        # Column k stands for the reference's frame i + k - reach: to go on alike is to keep the column.
        uneven = np.float32(UNEVEN * typical)
        steps.fill(np.inf)
        steps[0, :-1] = total[1:] + (0 if silent[i] else uneven)
        steps[1] = total
        steps[2, 1:] = total[:-1] + uneven
        came_from[i] = steps.argmin(axis=0)
        total = steps.min(axis=0) + costs[i]
    path = np.empty(count, np.intp)
    column = target - count + reach
    for i in range(count - 1, -1, -1):
        path[i] = min(max(i + column - reach, 0), target - 1)
        column = min(max(column + 1 - int(came_from[i, column]), 0), width - 1)
    np.maximum.accumulate(path, out=path)
    rows = np.arange(count)
    cost = distances[rows, np.clip(path - rows + reach, 0, width - 1)]
    return Warp(path, np.clip(1 - cost / typical, -1, 1).astype(np.float32))


def _distances(sound: Floats, reference: Floats, reach: int) -> Floats:
    """Distance of each frame to those within reach of it; infinite outside [shape=(n, 2 * reach + 1)]."""
    count = len(sound)
    kept = reference[: count + reach]
    padded = np.zeros((count + 2 * reach, reference.shape[1]), np.float32)
    padded[reach : reach + len(kept)] = kept
    squares = np.full(len(padded), np.inf, np.float32)
    squares[reach : reach + len(kept)] = np.square(kept).sum(axis=1)
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)  # (n, d, width)
    near_squares = np.lib.stride_tricks.sliding_window_view(squares, 2 * reach + 1)
    products = np.matmul(sound[:, None, :], near)[:, 0]
    squared = np.square(sound).sum(axis=1)[:, None] + near_squares - 2 * products
    return np.asarray(np.sqrt(np.maximum(squared, 0)), np.float32)


def _near(joints: Bools, count: int, reach: int) -> Bools:
    """The joints within reach of each frame [shape=(n, 2 * reach + 1)]."""
    padded = np.zeros(count + 2 * reach, np.bool_)
    kept = joints[: count + reach]
    padded[reach : reach + len(kept)] = kept
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
