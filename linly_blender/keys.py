"""From a value on every frame to the few keys an animator would have set.

Between two keys lies a cubic Hermite segment. Blender plays the same cubic when the handles of a Bezier key stand at
a third of the distance to the neighbouring keys, so what is measured here is what plays there.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import UserError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

_BATCH: Final = 1 << 16
"""Values worked on at a time: what fits a processor's cache, and what bounds the memory for an hour of speech."""
_PRUNING_ROUNDS: Final = 3
"""Rounds of taking out keys that later ones have made superfluous; a fourth finds next to nothing."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one curve."""

    frames: Ints
    """Strictly ascending indices into the dense frames [shape=(m,)]."""
    values: Floats
    """[shape=(m,)]: exactly the dense values."""
    slopes: Floats
    """Value per frame, the same on both sides of a key [shape=(m,)]."""

    def __len__(self) -> int:
        return len(self.frames)

    def at(self, frames: ArrayLike) -> Floats:
        """What the keys play at any frame, whole or not; constant before the first and after the last."""
        where = np.clip(np.asarray(frames, float), self.frames[0], self.frames[-1])
        if len(self) == 1:
            return np.full(where.shape, self.values[0])
        left = np.clip(np.searchsorted(self.frames, where, side="right") - 1, 0, len(self) - 2)
        width = (self.frames[left + 1] - self.frames[left]).astype(float)
        return hermite(
            (where - self.frames[left]) / width,
            self.values[left],
            self.values[left + 1],
            self.slopes[left] * width,
            self.slopes[left + 1] * width,
        )


def reduce_curves(
    values: ArrayLike, tolerances: ArrayLike, groups: ArrayLike | None = None, protect: Bools | None = None
) -> list[Keys]:
    """Keys of every curve, such that no frame is further from its value than the tolerance.

    Args:
        values: a curve a column [shape=(n, k)], finite.
        tolerances: the largest error allowed at a frame, for each curve, above 0 [shape=(k,)].
        groups: equal numbers mark curves that take their keys on the same frames, such as the components of one
            rotation; their errors, each over its tolerance, count together as one length [shape=(k,)].
        protect: frames that must be keys [shape=(n, k)].

    The ends, protected frames and every turning point that stands out by more than the tolerance are keys, the
    latter with level tangents; more are set where the error is largest until all of it is within the bound.
    A curve that stays within half its tolerance of its first value gets one key.
    """
    dense = np.asarray(values, float)
    bound = np.asarray(tolerances, float)
    length, count = dense.shape
    if not length:
        raise UserError("There are no frames to make keys of.")
    if not np.isfinite(dense).all():
        raise UserError("The curves contain values that are not numbers (NaN or infinite).")
    if not (np.isfinite(bound).all() and (bound > 0).all()):
        raise UserError("The tolerance of the key reduction must be above 0.")
    group = np.arange(count) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].ravel()
    order = np.argsort(group, kind="stable")  # curves of a group lie next to each other
    result: dict[int, Keys] = {}
    at_once = max(_BATCH // length, 1)
    begins = np.flatnonzero(np.diff(group[order], prepend=-1))
    begin = 0
    while begin < count:
        later = begins[begins >= begin + at_once]
        end = int(later[0]) if len(later) else count
        columns = order[begin:end]
        fixed = None if protect is None else np.ascontiguousarray(np.asarray(protect)[:, columns].T)
        made = _reduce(np.ascontiguousarray(dense[:, columns].T), bound[columns], group[columns], fixed)
        result.update(zip(columns.tolist(), made, strict=True))
        begin = end
    return [result[column] for column in range(count)]


def _reduce(dense: Floats, bound: Floats, group: Ints, protect: Bools | None) -> list[Keys]:
    """Keys of curves that lie a row, ordered by group [shape=(k, n)]."""
    length = dense.shape[1]
    group = np.cumsum(np.diff(group, prepend=group[0]) > 0)
    firsts = np.flatnonzero(np.diff(group, prepend=-1))
    slopes = tangents(dense)
    wanted = _turning_points(dense, bound)
    if protect is not None:
        wanted |= protect
    still = np.minimum.reduceat(np.abs(dense - dense[:, :1]).max(axis=1) <= bound / 2, firsts)
    keyed = np.logical_or.reduceat(wanted, firsts, axis=0)
    keyed[:, 0] = keyed[:, -1] = True
    moving = np.flatnonzero(~still)
    if len(moving) and length > 2:
        fixed = keyed[moving]
        part = _Curves(dense, slopes, bound, group).only(moving)
        keyed[moving] = _prune(part, _refine(part, fixed), fixed)
    keyed[still] = np.arange(length) == 0

    result = []
    for row, curve in enumerate(dense):
        frames = np.flatnonzero(keyed[group[row]])
        result.append(Keys(frames, curve[frames], np.zeros(1) if len(frames) == 1 else slopes[row, frames]))
    return result


def largest_errors(values: ArrayLike, keys: list[Keys]) -> Floats:
    """The largest difference of each curve's keys from its dense values at whole frames [shape=(k,)]."""
    dense = np.asarray(values, float)
    frames = np.arange(len(dense))
    return np.array([np.abs(curve.at(frames) - dense[:, index]).max() for index, curve in enumerate(keys)])


@dataclass(frozen=True, slots=True)
class _Curves:
    """Curves a row, ordered by group."""

    values: Floats
    slopes: Floats
    bound: Floats
    group: Ints

    def only(self, groups: Ints) -> "_Curves":
        """The curves of some groups, which are numbered anew."""
        rows = np.isin(self.group, groups)
        number = np.searchsorted(groups, self.group[rows])
        return _Curves(self.values[rows], self.slopes[rows], self.bound[rows], number)

    def errors(self, keyed: Bools) -> Floats:
        """Error over tolerance at every frame of every group [shape=(groups, n)]; within the bound at most 1."""
        count, length = keyed.shape
        frames = np.arange(length)
        left = np.maximum.accumulate(np.where(keyed, frames, 0), axis=1)
        right = np.minimum.accumulate(np.where(keyed, frames, length - 1)[:, ::-1], axis=1)[:, ::-1]
        width = np.maximum(right - left, 1).astype(float)
        at = (frames - left) / width
        start, end = left[self.group], right[self.group]
        rows = np.arange(len(self.values))[:, None]
        played = hermite(
            at[self.group],
            self.values[rows, start],
            self.values[rows, end],
            self.slopes[rows, start] * width[self.group],
            self.slopes[rows, end] * width[self.group],
        )
        off = (played - self.values) / self.bound[:, None]
        if count == len(self.values):
            return np.abs(off)
        firsts = np.flatnonzero(np.diff(self.group, prepend=-1))
        return np.asarray(np.sqrt(np.add.reduceat(off * off, firsts, axis=0)))


def _refine(curves: _Curves, fixed: Bools) -> Bools:
    """Set a key at the worst frame of every segment that is off, in all groups at once, until none is."""
    keyed = fixed.copy()
    open_groups = np.arange(len(keyed))
    while len(open_groups):
        part = keyed[open_groups]
        errors = curves.only(open_groups).errors(part)
        starts = np.flatnonzero(part.ravel())
        flat = errors.ravel()
        worst = np.maximum.reduceat(flat, starts)
        segment = np.cumsum(part.ravel()) - 1
        hits = np.flatnonzero((flat == worst[segment]) & (flat > 1))
        hits = hits[np.diff(segment[hits], prepend=-1) > 0]  # of equals, the first
        part.ravel()[hits] = True
        keyed[open_groups] = part
        open_groups = open_groups[np.unique(hits // keyed.shape[1])]
    return keyed


def _prune(curves: _Curves, keyed: Bools, fixed: Bools) -> Bools:
    """Take out keys without which the error stays within the bound; neighbours never go in the same round."""
    keyed = keyed.copy()
    for turn in range(2 * _PRUNING_ROUNDS):
        rank = np.cumsum(keyed, axis=1)
        candidate = keyed & ~fixed & (rank % 2 == turn % 2)
        without = keyed & ~candidate
        errors = curves.errors(without).ravel()
        starts = np.flatnonzero(without.ravel())
        spoiled = np.maximum.reduceat(errors, starts) > 1
        segment = np.cumsum(without.ravel()) - 1
        keyed = without | (candidate & spoiled[segment].reshape(keyed.shape))
    return keyed


def tangents(values: Floats) -> Floats:
    """Slope at every frame, value per frame [shape=(k, n)]: central, level at turning points, never so steep that
    a segment of one frame would overshoot (Fritsch and Carlson 1980).
    """
    if values.shape[1] < 2:
        return np.zeros_like(values)
    step = np.diff(values, axis=1)
    before = np.concatenate([step[:, :1], step], axis=1)
    after = np.concatenate([step, step[:, -1:]], axis=1)
    steepest = 3 * np.minimum(np.abs(before), np.abs(after))
    return np.where(before * after > 0, np.clip((before + after) / 2, -steepest, steepest), 0.0)


def _turning_points(values: Floats, bound: Floats) -> Bools:
    """Both ends of every local extreme that stands out by more than the bound [shape=(k, n)].

    Extremes are paired off from the smallest swing upwards (persistence), so that a ripple on a hillside goes and
    the summit stays.
    """
    count, length = values.shape
    marks = np.zeros((count, length), bool)
    step = np.sign(np.diff(values, axis=1))
    curve, frame = np.nonzero(step)
    if not len(curve):
        return marks
    direction = step[curve, frame]
    turns = np.flatnonzero((np.diff(direction) != 0) & (np.diff(curve) == 0))
    # The plateau of a turn reaches from the end of the last move before it to the start of the first move after it.
    row, opens, closes = curve[turns], frame[turns] + 1, frame[turns + 1]
    # The ends of a curve bound the outermost swings but are no extremes.
    row = np.concatenate([np.repeat(np.arange(count), 2), row])
    opens = np.concatenate([np.tile([-1, length], count), opens])
    closes = np.concatenate([np.tile([-1, length], count), closes])
    order = np.lexsort((opens, row))
    row, opens, closes = row[order], opens[order], closes[order]
    while True:
        height = values[row, np.clip(opens, 0, length - 1)]
        swing = np.abs(np.diff(height))
        swing[np.diff(row) != 0] = np.inf
        inner = (opens[:-1] >= 0) & (opens[1:] < length)
        low = np.concatenate([[np.inf], swing, [np.inf]])
        # Smaller than the swing before it and no larger than the one after it: such pairs never share a point.
        smallest = (swing <= bound[row[:-1]]) & (swing < low[:-2]) & (swing <= low[2:]) & inner
        if not smallest.any():
            break
        gone = np.flatnonzero(smallest)
        keep = np.ones(len(row), bool)
        keep[gone] = keep[gone + 1] = False
        row, opens, closes = row[keep], opens[keep], closes[keep]
    inside = (opens >= 0) & (opens < length)
    marks[row[inside], opens[inside]] = True
    marks[row[inside], closes[inside]] = True
    return marks


def hermite(at: Floats, start: Floats, end: Floats, start_slope: Floats, end_slope: Floats) -> Floats:
    """The cubic between two keys; ``at`` in 0..1, slopes per segment."""
    rest = 1 - at
    return rest * rest * ((1 + 2 * at) * start + at * start_slope) + at * at * ((1 + 2 * rest) * end - rest * end_slope)
