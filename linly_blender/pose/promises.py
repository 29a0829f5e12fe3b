"""Promised gestures, kept: the part of each that is not in a movement yet is added to it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..score import Gesture
from .gestures import Promise
from .layers import Layer
from .strokes import HEAD, STEP, Strokes

Floats = NDArray[np.float64]

_OTHER_SIDE: Final = {"tilt_left": "tilt_right", "tilt_right": "tilt_left"}
_LATERAL: Final = frozenset((*_OTHER_SIDE, "shake", "swing", "wobble", "sweep"))
"""Gestures that may as well go to the other side first."""
_IN_TURN: Final = "list"
"""Source of gestures of which one goes to the other side than the last."""
_WITHIN: Final = 1.6
"""Seconds of a gesture in which nothing else is to be seen; a longer one is a posture, and the head goes on in it."""
_MARGIN: Final = 0.2
"""Seconds about it that belong to it."""
_BESIDE: Final = 0.2
"""Part that is left of what else the network does during such a gesture."""


def keep(promises: Sequence[Promise], layer: Layer) -> Layer:
    """The layer with all of the promised gestures in it."""
    head = layer.head.copy()
    made: list[Gesture] = []
    for promise in promises:
        gesture = promise.gesture
        alone = gesture.end - gesture.start < _WITHIN
        during = _samples(promise.motion.start, promise.motion.end, _MARGIN if alone else 0.0, len(head))
        if during.stop - during.start < 2:
            continue
        wanted = _curves(promise, during)
        found = _without_trend(layer.head[during])
        if gesture.kind in _LATERAL and gesture.source != _IN_TURN and _goes_against(found, wanted):
            wanted, gesture = -wanted, replace(gesture, kind=_OTHER_SIDE.get(gesture.kind, gesture.kind))
        shares = np.clip([_share(found[:, k], wanted[:, k]) for k in range(head.shape[1])], 0, 1)
        head[during] += (1 - shares) * wanted
        if alone:
            head[during] -= (1 - _BESIDE) * (found - shares * wanted)
        made.append(gesture)
    return replace(layer, head=head, gestures=(*layer.gestures, *made))


def settle(posture: Floats, layer: Layer) -> Layer:
    """The layer with all of a mood's posture [shape=(m, 6)] in it."""
    shares = [_share(layer.head[:, k], posture[:, k]) for k in range(posture.shape[1])]
    return replace(layer, head=layer.head + (1 - np.clip(shares, 0, 1)) * posture)


def look(thoughts: Sequence[Gesture], target: Floats, looks: Sequence[Gesture], layer: Layer) -> Layer:
    """The layer with the looks of thinking, in which a head keeps still, and of its own ``looks`` those beside them.

    Parameters: the planned looks and where they go [shape=(m, 2)].
    """
    gaze, head = target.copy(), layer.head.copy()
    for thought in thoughts:
        during = _samples(thought.start, thought.end, _MARGIN, len(head))
        head[during] -= (1 - _BESIDE) * _without_trend(head[during])
    beside = [k for k in looks if not any(k.start < t.end + _MARGIN and k.end > t.start - _MARGIN for t in thoughts)]
    for each in beside:
        during = _samples(each.start, each.end, 0.0, len(gaze))
        gaze[during] += layer.gaze[during]
    return replace(layer, head=head, gaze=gaze, gestures=(*layer.gestures, *thoughts, *beside))


def _samples(start: float, end: float, margin: float, count: int) -> slice:
    """The samples of the planning grid from one time to another and ``margin`` seconds about them."""
    return slice(max(int((start - margin) / STEP), 0), min(int(np.ceil((end + margin) / STEP)) + 1, count))


def _curves(promise: Promise, during: slice) -> Floats:
    """The promised movement at samples of the planning grid [shape=(n, 6)]."""
    strokes = Strokes()
    for channel, knots in promise.motion.paths:
        strokes.path(channel, [(time - during.start * STEP, value) for time, value in knots])
    return strokes.render_all(HEAD, during.stop - during.start)


def _without_trend(curves: Floats) -> Floats:
    """Curves less the straight lines from their beginnings to their ends."""
    share = np.linspace(0, 1, len(curves))[:, None]
    return np.asarray(curves - (1 - share) * curves[0] - share * curves[-1])


def _share(found: Floats, wanted: Floats) -> float:
    """How much of the wanted curve is in the found one: 1 is all of it, below 0 the opposite [shape=(n,) each]."""
    size = float(wanted @ wanted)
    return float(found @ wanted) / size if size > 0 else 0.0


def _goes_against(found: Floats, wanted: Floats) -> bool:
    """Whether the axis with most of the wanted movement goes the other way [shape=(n, 6) each]."""
    axis = int((wanted**2).sum(axis=0).argmax())
    return _share(found[:, axis], wanted[:, axis]) < 0
