"""When each phone of a passage is heard: a rough way through it, then a fine one, then each border by itself."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .features import STEP
from .warping import Warp, warp

Floats = NDArray[np.float32]
Times = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

POOL: Final = 4
"""Frames that are one in the rough way."""
BAND: Final = 0.25
"""Share of the length by which the rough way may be off an even one."""
LEAST_BAND: Final = 20
"""Pooled frames of it at least."""
REACH: Final = 0.1
"""Seconds by which the fine way may be off the rough one."""
CONTEXT: Final = 0.03
"""Seconds on either side of a border that are compared."""
SHIFT: Final = 0.02
"""Seconds by which a border may move when it is looked at by itself."""
HOLD: Final = 0.3
"""Cost of moving it that far, of the spread of what it costs in all the places it may have."""


@dataclass(frozen=True, slots=True)
class Placed:
    spans: Times
    """Where each phone begins and ends, in frames of the sound [shape=(phones, 2)]."""
    way: Warp


def rough_way(sound: Floats, silent: Bools, reference: Floats, starts: Ints) -> Warp:
    """A way through a passage of which nothing is known but its ends, in pooled frames of both.

    Parameters: as of ``place``.
    """
    joints = np.zeros(-(-len(reference) // POOL), np.bool_)
    joints[starts[1:] // POOL] = True
    sound, silent, reference = pool(sound), pool(silent[:, None].astype(np.float32))[:, 0] > 0.99, pool(reference)
    spoken = np.cumsum(~silent)
    centre = np.round(spoken / max(1, spoken[-1]) * (len(reference) - 1)).astype(np.intp)
    centre[0], centre[-1] = 0, len(reference) - 1
    return warp(sound, reference, silent, joints, centre, max(LEAST_BAND, round(BAND * len(sound))))


def pool(values: Floats) -> Floats:
    """The means of POOL rows each, the last of as many as there are."""
    count = -(-len(values) // POOL)
    padded = np.concatenate([values, np.repeat(values[-1:], count * POOL - len(values), axis=0)])
    return np.asarray(padded.reshape(count, POOL, -1).mean(axis=1), np.float32)


def unpooled(path: Ints, count: int, target: int) -> Ints:
    """A way of pooled frames as one of ``count`` frames through a reference of ``target``."""
    middle = (POOL - 1) / 2
    fine = np.interp(np.arange(count), np.arange(len(path)) * POOL + middle, path * POOL + middle)
    return np.asarray(np.round(fine).clip(0, target - 1), np.intp)


def retimed(features: Floats, marks: Ints, edges: Times, count: int) -> tuple[Floats, Ints, Times]:
    """A reference said evenly faster or slower, with its marked frames and edges, in so many frames."""
    scale = (count - 1) / max(1, len(features) - 1)
    at = np.arange(count) / max(scale, 1e-6)
    low = np.minimum(at.astype(np.intp), len(features) - 1)
    high = np.minimum(low + 1, len(features) - 1)
    share = (at - low).astype(np.float32)[:, None]
    moved = features[low] * (1 - share) + features[high] * share
    return moved, np.round(marks * scale).astype(np.intp), edges * scale


def place(sound: Floats, silent: Bools, reference: Floats, starts: Ints, edges: Times, rough: Ints) -> Placed:
    """Find the phones of a passage.

    Parameters: features of the sound [shape=(n, d)] and which frames are silent; of the reference [shape=(m, d)], the
    first frame of each word [shape=(w,)], and where its phones lie [shape=(phones, 2)]; for every frame of the sound
    about which one of the reference it is.
    """
    joints = np.zeros(len(reference), np.bool_)
    joints[starts[1:]] = True
    centre = rough.copy()
    centre[0], centre[-1] = 0, len(reference) - 1
    way = warp(sound, reference, silent, joints, np.maximum.accumulate(centre), round(REACH / STEP))
    spans = _spans(edges, way.path, silent, joints)
    return Placed(_refined(spans, edges, sound, reference), way)


def _spans(edges: Times, path: Ints, silent: Bools, joints: Bools) -> Times:
    """Where the edges are in the sound; a silence at a joint belongs to no phone."""
    heard = np.flatnonzero(~silent)
    if not len(heard):
        heard = np.arange(len(path))
    visited, group = np.unique(path[heard], return_inverse=True)
    at = np.bincount(group, weights=heard) / np.bincount(group)
    spans = np.interp(edges, visited, at)
    for joint in np.unique(path[silent & joints[path]]).tolist():
        rows = np.flatnonzero((path == joint) & silent)
        before, after = edges[:, 1] <= joint + 0.5, edges[:, 0] >= joint - 1
        spans[before, 1] = np.minimum(spans[before, 1], rows[0] - 0.5)
        spans[after, 0] = np.maximum(spans[after, 0], rows[-1] + 0.5)
    return spans


def _refined(spans: Times, edges: Times, sound: Floats, reference: Floats) -> Times:
    """The edges moved a little to where the sound around each is most like the reference around it."""
    reach, context = round(SHIFT / STEP), round(CONTEXT / STEP)
    places, of = np.unique(np.stack([edges.ravel(), spans.ravel()], axis=1), axis=0, return_inverse=True)
    wanted, found = places[:, 0], places[:, 1]
    around = np.round(wanted).astype(np.intp)
    start = np.round(found - (wanted - around)).astype(np.intp)
    inside = np.arange(-context, context + 1)
    offsets = np.arange(-reach, reach + 1)
    theirs = sound[(start[:, None] + np.arange(-context - reach, context + reach + 1)).clip(0, len(sound) - 1)]
    ours = reference[(around[:, None] + inside).clip(0, len(reference) - 1)]
    products = np.matmul(theirs, ours.transpose(0, 2, 1))  # (places, theirs, ours)
    squares = np.square(theirs).sum(axis=2)[:, :, None] + np.square(ours).sum(axis=2)[:, None] - 2 * products
    apart = np.sqrt(np.maximum(squares, 0))
    weights = 1 - np.abs(inside) / (context + 1)
    costs = np.stack(
        [(apart[:, inside + context + k, inside + context] * weights).sum(axis=1) for k in range(len(offsets))], axis=1
    )
    costs += HOLD * costs.std(axis=1, keepdims=True) * np.abs(offsets / reach)
    best = costs.argmin(axis=1)
    moved = start + (wanted - around) + offsets[best]
    return np.asarray(moved[of.ravel()].reshape(edges.shape), np.float64)
