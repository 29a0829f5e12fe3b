"""A take read at any moment of its sound: between its frames, and with every closure and blink kept."""

from bisect import bisect_left
from collections.abc import Sequence
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX, SHAPES
from ..keys import hermite, tangents
from ..performance import Performance
from ..pose.strokes import PITCH, YAW
from ..resample import MOUTH, resample

Floats = NDArray[np.float64]

HEAD: Final = slice(52, 58)
GAZE: Final = slice(58, 60)
"""What is looked at, seen from the character, and not from the head as in ``Frames``."""
BREATH: Final = 60
COLUMNS: Final = 61
"""Of a moment in one row: the shapes, then the head, the gaze's target and the breath."""
LIDS: Final = (INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"])
LIPS: Final = tuple(
    column
    for column in MOUTH
    if not SHAPES[column].startswith(("mouthSmile", "mouthFrown", "mouthShrug", "mouthLeft", "mouthRight"))
)
"""Shapes of the mouth that make sounds; the others only feel."""
_LONGEST_STEP: Final = 0.05
"""Seconds between two frames above which no moment stands for its neighbourhood."""


class Curves:
    """A take with everything prepared for playing it; it is not changed."""

    def __init__(self, take: Performance, amount_of_gaze: float = 1.0) -> None:
        """``amount_of_gaze`` is that which the take was made with."""
        frames = take.frames
        self.take = take
        self.duration = take.speech.duration
        self.voice_ends = take.speech.phones[-1].end if take.speech.phones else 0.0
        """Seconds; the end of the last phone."""
        target = frames.gaze + min(amount_of_gaze, 1.0) * frames.head[:, (PITCH, YAW)]
        self._values = np.concatenate([frames.shapes, frames.head, target, frames.breath[:, None]], axis=1, dtype=float)
        self._slopes = tangents(self._values.T).T
        self._fps = frames.fps
        closures = resample(frames, frames.fps, take.speech.phones).closures
        self._closures = (closures / frames.fps).tolist()
        self._blinks = sorted(gesture.peak for gesture in take.gestures if gesture.kind == "blink")

    def at(self, time: float, step: float = 0.0) -> Floats:
        """Everything at ``time`` seconds of the sound, held at the ends [shape=(COLUMNS,)].

        A frame that stands for ``step`` seconds shows the closure or the blink that falls into them at its fullest.
        """
        row = self._read(time)
        half = min(step, _LONGEST_STEP) / 2
        for columns, moments in ((LIPS, self._closures), (LIDS, self._blinks)):
            moment = _nearest(moments, time)
            if abs(moment - time) <= half:
                picked = list(columns)
                row[picked] = self._read(moment)[picked]
        return row

    def _read(self, time: float) -> Floats:
        last = len(self._values) - 1
        where = min(max(time * self._fps, 0.0), float(last))
        left = min(int(where), max(last - 1, 0))
        right = min(left + 1, last)
        share = np.array(where - left)
        return hermite(share, self._values[left], self._values[right], self._slopes[left], self._slopes[right])


def _nearest(moments: Sequence[float], time: float) -> float:
    """The nearest of ascending moments; infinity when there is none."""
    after = bisect_left(moments, time)
    return min((*moments[max(after - 1, 0) : after + 1], inf), key=lambda moment: abs(moment - time))
