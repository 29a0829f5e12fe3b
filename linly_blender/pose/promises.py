"""Promised gestures, kept: the part of each that is not in a movement yet is added to it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..score import Gesture
from .gaze import saccade_time
from .gestures import Promise
from .layers import Layer
from .strokes import STEP, Strokes

Floats = NDArray[np.float64]

_OTHER_SIDE: Final = {"tilt_left": "tilt_right", "tilt_right": "tilt_left"}
_LATERAL: Final = frozenset((*_OTHER_SIDE, "shake", "swing", "shift", "wobble", "sweep"))
"""Gestures that may as well go to the other side first."""
_OF_FACE: Final = frozenset(("brow_raise", "brow_down", "gaze_away"))


def keep(promises: Sequence[Promise], layer: Layer) -> Layer:
    """The layer with all of the promised gestures in it; of those it made itself, the ones that are none of these."""
    head = layer.head.copy()
    made: list[Gesture] = []
    for promise in promises:
        first = max(int(promise.motion.start / STEP), 0)
        last = min(int(np.ceil(promise.motion.end / STEP)) + 1, len(head))
        if last - first < 2:
            continue
        wanted = _curves(promise, first, last)
        found = _without_trend(layer.head[first:last])
        gesture = promise.gesture
        if gesture.kind in _LATERAL and _share(found, wanted, largest=True) < 0:
            wanted, gesture = -wanted, replace(gesture, kind=_OTHER_SIDE.get(gesture.kind, gesture.kind))
        shares = [_share(found[:, [k]], wanted[:, [k]]) for k in range(head.shape[1])]
        head[first:last] += (1 - np.clip(shares, 0, 1)) * wanted
        made.append(gesture)
    own = (g for g in layer.gestures if not any(p.start <= g.peak <= p.end for p in made) or g.kind in _OF_FACE)
    return replace(layer, head=head, gestures=(*made, *own))


def look(thoughts: Sequence[Gesture], target: Floats, layer: Layer) -> Layer:
    """The layer with a look for every thought: its own where it has one, else the planned one.

    Parameters: the planned looks and where they go [shape=(m, 2)].
    """
    own = [gesture for gesture in layer.gestures if gesture.kind == "gaze_away"]
    missing = [t for t in thoughts if not any(g.start < t.end and g.end > t.start for g in own)]
    gaze = layer.gaze.copy()
    for thought in missing:
        during = slice(int(thought.start / STEP), int((thought.end + saccade_time(thought.amplitude)) / STEP) + 2)
        gaze[during] += target[during]
    return replace(layer, gaze=gaze, gestures=(*layer.gestures, *missing))


def _curves(promise: Promise, first: int, last: int) -> Floats:
    """The promised movement from one sample of the planning grid to another [shape=(last - first, 6)]."""
    strokes = Strokes()
    for channel, knots in promise.motion.paths:
        strokes.path(channel, [(time - first * STEP, value) for time, value in knots])
    return np.stack([strokes.render(channel, last - first) for channel in range(6)], axis=1)


def _without_trend(curves: Floats) -> Floats:
    """Curves less the straight lines from their beginnings to their ends."""
    share = np.linspace(0, 1, len(curves))[:, None]
    return np.asarray(curves - (1 - share) * curves[0] - share * curves[-1])


def _share(found: Floats, wanted: Floats, largest: bool = False) -> float:
    """How much of the wanted movement is in the found one: 1 is all of it, below 0 the opposite.

    ``largest`` looks at the channel with most of the wanted movement alone.
    """
    if largest:
        column = int((wanted**2).sum(axis=0).argmax())
        found, wanted = found[:, [column]], wanted[:, [column]]
    size = float((wanted**2).sum())
    return float((found * wanted).sum()) / size if size > 0 else 1.0
