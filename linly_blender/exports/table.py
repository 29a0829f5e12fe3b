"""Frames as a plain table: CSV, a row a frame, for spreadsheets and scripts."""

from pathlib import Path
from typing import Final

import numpy as np

from ..arkit import SHAPES
from ..performance import Performance
from .rows import write_rows

HEADER: Final[tuple[str, ...]] = (
    "time",
    *SHAPES,
    *("head_x", "head_y", "head_z", "head_pitch", "head_yaw", "head_roll"),
    *("gaze_pitch", "gaze_yaw"),
)
"""``time`` in seconds, shapes 0..1, head in metres and degrees, gaze in degrees; signs as in ``Frames``."""

_DECIMALS = [5] * len(SHAPES) + [6] * 3 + [4] * 5
"""A hundredth of what an eye can see: 0.01 %, a micrometre, a ten-thousandth of a degree."""


def write_csv(performance: Performance, path: Path) -> None:
    """Write every frame of the performance with the columns of ``HEADER``."""
    frames = performance.frames
    values = np.column_stack(
        (frames.shapes, frames.head[:, :3], np.degrees(frames.head[:, 3:]), np.degrees(frames.gaze))
    )
    write_rows(path, HEADER, (f"{time:.6f}" for time in frames.times), values, _DECIMALS)
