"""A take's frames at another frame rate: once, at the end, for the scene that plays them.

A p, b or m closes the lips for 50 ms and a blink is over in 150: at 24 frames a second plain sampling would catch
either on its way. So the frame nearest to such a moment shows that moment itself, and nothing else moves in time.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .arkit import INDEX, SHAPES
from .errors import UserError
from .keys import hermite, tangents
from .performance import Frames
from .score import Phone

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

MOUTH: Final[tuple[int, ...]] = tuple(
    index for index, name in enumerate(SHAPES) if name.startswith(("jaw", "mouth", "tongue", "cheekPuff"))
)
"""Columns of ``Frames.shapes`` that move the lips."""
_LIDS: Final = (INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"])
_BILABIAL: Final = ("p", "b", "m", "ɓ")
_HALF_CLOSED: Final = 0.5
"""Lids closed by more than this are a blink."""


@dataclass(frozen=True, slots=True)
class Resampled:
    frames: Frames
    closures: Ints
    """Frames that show a lip closure at its fullest, ascending [shape=(c,)]."""


def resample(frames: Frames, fps: float, phones: Sequence[Phone] = ()) -> Resampled:
    """The take at ``fps`` frames a second, which may be a fraction; its first frame stays at second 0.

    Between frames the curves follow a cubic that does not overshoot its neighbours where they turn.
    The last frame is the first at or after the end of the take.

    Raises:
        UserError: no frames, a value that is not finite, or a rate of 0 or less.
    """
    if not (math.isfinite(fps) and fps > 0):
        raise UserError(f"The frame rate is {fps:g}; it must be above 0. Set it in the scene's output properties.")
    if not len(frames):
        raise UserError("The take has no frames. Perform the text again.")
    parts = (frames.shapes, frames.head, frames.gaze, frames.breath)
    if not all(np.isfinite(part).all() for part in parts):
        raise UserError("The take contains values that are not numbers (NaN or infinite). Perform the text again.")
    if not (math.isfinite(frames.fps) and frames.fps > 0):
        raise UserError(f"The take says it has {frames.fps:g} frames a second; it is damaged. Perform the text again.")

    shut = _closure_times(frames, phones)
    same = math.isclose(fps, frames.fps, rel_tol=1e-9)
    last = (len(frames) - 1) / frames.fps * fps
    count = len(frames) if same else math.ceil(last - 1e-6) + 1
    times = np.arange(count) / fps
    closures = np.unique(np.clip(np.rint(shut * fps).astype(np.intp), 0, count - 1))
    if same:
        return Resampled(frames, closures)

    plain, mouth = times * frames.fps, _snapped(times, shut, fps) * frames.fps
    shapes = np.empty((count, len(SHAPES)), np.float32)
    for column in range(len(SHAPES)):
        curve = frames.shapes[:, column]
        if column in _LIDS:
            at = _snapped(times, _peaks(curve, _HALF_CLOSED) / frames.fps, fps) * frames.fps
        else:
            at = mouth if column in MOUTH else plain
        shapes[:, column] = np.clip(_sample(curve[:, None], at)[:, 0], 0, 1)
    head, gaze, breath = (
        _sample(part, plain).astype(np.float32) for part in (frames.head, frames.gaze, frames.breath[:, None])
    )
    return Resampled(Frames(fps, shapes, head, gaze, breath[:, 0]), closures)


def _closure_times(frames: Frames, phones: Sequence[Phone]) -> Floats:
    """Seconds at which p, b and m are most closed [shape=(c,)].

    That is the middle of the frames within the sound in which the lips' opening is at its least; an aspirated stop
    has long opened again in the middle of its own time.
    """
    opening = frames.shapes[:, INDEX["jawOpen"]].astype(float) - frames.shapes[:, INDEX["mouthClose"]]
    times = []
    for phone in phones:
        if phone.phone.startswith(_BILABIAL):
            start = min(math.ceil(phone.start * frames.fps), len(frames) - 1)
            end = max(min(math.floor(phone.end * frames.fps), len(frames) - 1), start)
            within = opening[start : end + 1]
            least = np.flatnonzero(within <= within.min() + 0.01)
            run = least[: 1 + np.argmax(np.append(np.diff(least) > 1, True))]  # the first stretch of them
            times.append((start + run.mean()) / frames.fps)
    return np.array(times)


def _peaks(curve: NDArray[np.float32], above: float) -> Floats:
    """Middles, in frames, of the local maxima above a value [shape=(m,)]."""
    step = np.sign(np.diff(curve, prepend=-np.inf, append=-np.inf))
    moves = np.flatnonzero(step)
    turn = (step[moves[:-1]] > 0) & (step[moves[1:]] < 0)
    first, last = moves[:-1][turn], moves[1:][turn] - 1
    return np.asarray((first + last)[curve[first] > above] / 2)


def _snapped(times: Floats, moments: Floats, fps: float) -> Floats:
    """Sampling times in which the frame nearest to each moment shows the moment; of two the nearer wins."""
    snapped = times.copy()
    frame = np.clip(np.rint(moments * fps).astype(np.intp), 0, len(times) - 1)
    distant_first = np.argsort(-np.abs(moments - times[frame]), kind="stable")
    snapped[frame[distant_first]] = moments[distant_first]
    return snapped


def _sample(values: NDArray[np.float32], at: Floats) -> Floats:
    """Values at fractional frames [shape=(len(at), k)] of curves [shape=(n, k)]; held at the ends."""
    curves = values.astype(float)
    where = np.clip(at, 0, len(curves) - 1)
    left = np.minimum(where.astype(np.intp), max(len(curves) - 2, 0))
    right = np.minimum(left + 1, len(curves) - 1)
    slope = tangents(curves.T).T
    share = (where - left)[:, None]
    return hermite(share, curves[left], curves[right], slope[left], slope[right])
