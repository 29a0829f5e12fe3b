"""The bench's part that needs Blender: how fast a take becomes keys, and what Blender then plays of it."""

import time
from dataclasses import dataclass
from statistics import median
from typing import Final

import bpy
import numpy as np
from numpy.typing import NDArray

from ..arkit import SHAPES
from ..performance import Performance
from .bake import BakeOptions, BakeReport, bake
from .character import shape_keys
from .shot import DEMO, open_character

_REPEATS: Final = 5


@dataclass(frozen=True, slots=True)
class BakeTiming:
    seconds: float
    """Median of several bakes, each of which replaces the one before."""
    report: BakeReport
    times: NDArray[np.float64]
    """Of the scene's frames, in seconds of the sound [shape=(n,)]."""
    shapes: NDArray[np.float32]
    """What Blender shows on them [shape=(n, 52)]."""


def time_bake(performance: Performance, fps: int) -> BakeTiming:
    """Bake a performance onto the demo avatar in a scene of ``fps`` frames a second."""
    target = open_character(DEMO)
    scene = bpy.data.scenes[target.scene_name]
    scene.render.fps, scene.render.fps_base = fps, 1.0
    seconds = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        report = bake(scene, target.character, performance, BakeOptions(sound=False))
        seconds.append(time.perf_counter() - start)
    frames = range(report.first_frame, report.last_frame + 1)
    shapes = np.zeros((len(frames), len(SHAPES)), np.float32)
    (face,) = target.character.faces
    for row, frame in enumerate(frames):
        scene.frame_set(frame)
        blocks = shape_keys(face).key_blocks
        for column, name in enumerate(SHAPES):  # the demo avatar's keys have these names
            shapes[row, column] = blocks[name].value
    return BakeTiming(median(seconds), report, np.arange(len(frames)) / fps, shapes)
