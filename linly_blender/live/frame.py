"""One moment of a living character, and the place where the newest one lies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arkit import SHAPES

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frame:
    """Curves at one moment; axes, units and signs as in ``performance.Frames``."""

    time: float
    """Seconds on the conversation's clock."""
    shapes: Floats
    """0..1 [shape=(52,)]."""
    head: Floats
    """x, y, z in metres, pitch, yaw, roll in radians [shape=(6,)]."""
    gaze: Floats
    """Pitch, yaw of the eyes in the head, radians [shape=(2,)]."""
    breath: float
    """0..1."""


def rest(time: float = 0.0) -> Frame:
    """A character that does nothing."""
    return Frame(time, np.zeros(len(SHAPES), np.float32), np.zeros(6, np.float32), np.zeros(2, np.float32), 0.0)


class Newest:
    """Holds the newest frame: one thread puts, another takes, and none ever waits."""

    def __init__(self) -> None:
        self._frame: Frame | None = None

    def put(self, frame: Frame) -> None:
        """Forget the frame before, seen or not."""
        self._frame = frame

    def get(self) -> Frame | None:
        """The newest frame; None before the first."""
        return self._frame
