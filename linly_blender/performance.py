"""The performance: frames, words and gestures on one clock. The only thing that leaves the engine."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .pose.amounts import NATURAL, Amounts
from .score import Gesture, Speech

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Frames:
    """Every curve, sampled at ``frame / fps`` seconds for ``frame`` in ``range(n)``.

    Character space: +X to the character's left, +Y backwards, +Z up. Pitch > 0 looks up, yaw > 0 turns to the
    character's left, roll > 0 tilts to the character's left shoulder.
    """

    fps: float
    shapes: Floats
    """0..1 [shape=(n, 52)], columns as ``arkit.SHAPES``; contains speech, emotion, blinks and gaze shapes."""
    head: Floats
    """x, y, z in metres, then pitch, yaw, roll in radians [shape=(n, 6)]; zero is the rest pose."""
    gaze: Floats
    """pitch, yaw of the eyes in the head, radians [shape=(n, 2)]; the eyeLook shapes say the same."""
    breath: Floats
    """How full the lungs are, 0..1 [shape=(n,)]."""

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def times(self) -> NDArray[np.float64]:
        """Seconds [shape=(n,)]."""
        return np.arange(len(self)) / self.fps


@dataclass(frozen=True, slots=True)
class Performance:
    frames: Frames
    speech: Speech
    gestures: tuple[Gesture, ...]
    seed: int
    style: str
    language: str
    """``en``, ``zh``, an espeak-ng code, or ``mixed``."""
    region: str = "neutral"
    """Whose gestures mean what."""
    amounts: Amounts = NATURAL
    """Of head, brows, blinks, gaze, breathing and smile."""
    smoothing: str = "none"
    """The filter of the head beside its limits."""
    fine_tuner: str = "off"
    """``off`` (the planner alone), ``standard``, ``small``, or the name of a user's file."""
    notes: tuple[str, ...] = ()
    """What the user should know: labels from outside that were not known, a model that could not be used, and what
    was done instead."""
