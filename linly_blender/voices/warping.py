"""The same words said twice: which moment of the one is which moment of the other (dynamic time warping)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

UNEVEN: Final = 0.15
"""Cost of a frame in which the two do not go on alike, of what two frames mostly cost: an even way is likelier."""
PAUSE: Final = 0.2
"""Cost of a frame of silence between two words, of the same."""
_AT_ONCE: Final = 512
"""Frames whose distances are taken together."""


@dataclass(frozen=True, slots=True)
class Warp:
    """A way through both."""

    path: Ints
    """For every frame of the sound the reference's [shape=(n,)], ascending by 0..2."""
    distances: Floats
    """How far the two are apart there [shape=(n,)]."""
    typical: float
    """How far any two frames near the way are apart."""

    @property
    def likeness(self) -> Floats:
        """How alike the two are: 1 the same, 0 no more than any two frames [shape=(n,)]."""
        return np.clip(1 - self.distances / self.typical, -1, 1).astype(np.float32)


def warp(sound: Floats, reference: Floats, silent: Bools, joints: Bools, centre: Ints, reach: int) -> Warp:
    """Find the cheapest way through both, from first to last frame.

    Parameters: features of the sound [shape=(n, d)] and of the reference [shape=(m, d)]; whether a frame of the sound
    is silent [shape=(n,)] and whether one of the reference lies between two words [shape=(m,)], where silence may be;
    for every frame of the sound about which one of the reference it is, ascending from the first to the last
    [shape=(n,)], and how many frames the way may be off that.
    The sound goes on by one frame at a time, the reference by none, one or two.
    """
    count, target = len(sound), len(reference)
    width = 2 * reach + 1
    left = np.clip(centre, 0, target - 1) - reach  # the reference's frame that a row's first column stands for
    distances = banded_distances(sound, reference, left, width)
    typical = float(np.mean(distances[np.isfinite(distances)])) + 1e-6
    costs = distances.copy()
    columns = left[:, None] + np.arange(width)
    at_joint = joints[np.clip(columns, 0, target - 1)] & (columns >= 0) & (columns < target)
    costs[silent] = np.where(at_joint[silent], np.float32(PAUSE * typical), costs[silent])
    shifts = np.diff(left)
    margin = int(shifts.max(initial=0)) + 2
    # Row i of the totals, with room on both sides for what the band moves by.
    totals = np.full((count, width + 2 * margin), np.inf, np.float32)
    totals[0, margin - left[0]] = costs[0, -left[0]]
    uneven = np.float32(UNEVEN * typical)
    resting = np.where(silent, np.float32(0), uneven).tolist()
    body = totals[:, margin : margin + width]
    for i, shift in enumerate(shifts.tolist(), 1):
        before = totals[i - 1]
        at = margin + shift
        best = before[at - 2 : at - 2 + width] + uneven
        np.minimum(best, before[at - 1 : at - 1 + width], out=best)
        np.minimum(best, before[at : at + width] + resting[i], out=best)
        np.add(best, costs[i], out=body[i])
    path = np.empty(count, np.intp)
    at = target - 1
    for i in range(count - 1, 0, -1):
        path[i] = at
        k = at - int(left[i - 1]) + margin
        stay, go, leap = totals[i - 1, k] + resting[i], totals[i - 1, k - 1], totals[i - 1, k - 2] + uneven
        at -= 1 if go <= stay and go <= leap else 0 if stay <= leap else 2
        at = min(max(at, 0), target - 1)
        if not left[i - 1] <= at < left[i - 1] + width:  # no way through: the band's own
            at = int(centre[i - 1])
    path[0] = at
    np.maximum.accumulate(path, out=path)
    found = np.clip(path - left, 0, width - 1)
    return Warp(path, np.nan_to_num(distances[np.arange(count), found], posinf=2 * typical), typical)


def banded_distances(sound: Floats, reference: Floats, left: Ints, width: int) -> Floats:
    """Distance of each frame of the sound to ``width`` frames of the reference from ``left`` on; infinite outside."""
    result = np.full((len(sound), width), np.inf, np.float32)
    squares = np.square(reference).sum(axis=1)
    for begin in range(0, len(sound), _AT_ONCE):
        rows = slice(begin, min(begin + _AT_ONCE, len(sound)))
        first = max(0, int(left[rows].min()))
        last = min(len(reference), int(left[rows].max()) + width)
        part = sound[rows]
        squared = np.square(part).sum(axis=1)[:, None] + squares[first:last] - 2 * (part @ reference[first:last].T)
        columns = left[rows][:, None] + np.arange(width)
        inside = (columns >= first) & (columns < last)
        near = np.take_along_axis(squared, np.clip(columns - first, 0, last - first - 1), axis=1)
        result[rows] = np.where(inside, np.sqrt(np.maximum(near, 0)), np.inf)
    return result
