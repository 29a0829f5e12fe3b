"""Frames as the CSV file of Epic's Live Link Face app, which many tools read.

What is known of that file, and what is only likely, is told in ``docs/take.md``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX, SHAPES
from ..performance import Frames, Performance
from .rows import write_rows


def _app_order() -> tuple[str, ...]:
    """The ARKit names as the app's file orders them: right before left for jaw and mouth."""
    names = list(SHAPES)
    for left, right in (("jawLeft", "jawRight"), ("mouthLeft", "mouthRight")):
        names[INDEX[left]], names[INDEX[right]] = right, left
    return tuple(names)


_ORDER = _app_order()

COLUMNS: Final[tuple[str, ...]] = (
    *(name[0].upper() + name[1:] for name in _ORDER),
    *("HeadYaw", "HeadPitch", "HeadRoll"),
    *("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll"),
    *("RightEyeYaw", "RightEyePitch", "RightEyeRoll"),
)
"""The 61 values of a row: shapes 0..1, then angles in radians."""

HEADER: Final[tuple[str, ...]] = ("Timecode", "BlendShapeCount", *COLUMNS)

TIMECODE_RATE: Final = 60
"""The app counts sixtieths of a second, also when it records 30 frames a second."""


def write_livelink(performance: Performance, path: Path) -> None:
    """Write every frame of the performance as the app would have recorded it."""
    frames = performance.frames
    labels = (f"{code},{len(COLUMNS)}" for code in _timecodes(frames))
    values = np.column_stack((frames.shapes[:, [INDEX[name] for name in _ORDER]], _angles(frames)))
    write_rows(path, HEADER, labels, values, [6] * len(COLUMNS))


def _angles(frames: Frames) -> NDArray[np.float32]:
    """Yaw, pitch, roll of head, left eye and right eye in the app's signs [shape=(n, 9)].

    The app's yaw grows to the character's right and its pitch downwards, both against ours; its roll grows to the
    left shoulder like ours. An eye's roll is about its line of sight and does not change where it looks: zero.
    """
    pitch, yaw, roll = frames.head[:, 3:].T
    eye_pitch, eye_yaw = frames.gaze.T
    eye = (-eye_yaw, -eye_pitch, np.zeros_like(eye_yaw))
    return np.column_stack((-yaw, -pitch, roll, *eye, *eye))


def _timecodes(frames: Frames) -> Iterator[str]:
    """``HH:MM:SS:FF.mmm``, FF sixtieths of the second and mmm thousandths of a sixtieth, from zero."""
    for ticks in np.rint(frames.times * (TIMECODE_RATE * 1000)).astype(np.int64).tolist():
        count, thousandths = divmod(ticks, 1000)
        seconds, count = divmod(count, TIMECODE_RATE)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        yield f"{hours:02d}:{minutes:02d}:{seconds:02d}:{count:02d}.{thousandths:03d}"
