"""How fast a take becomes keys on the demo avatar, and how many: the bench's part that needs Blender."""

import time
from dataclasses import dataclass
from statistics import median
from typing import Final

import bpy

from ..performance import Performance
from .bake import BakeOptions, BakeReport, bake
from .shot import DEMO, open_character

_REPEATS: Final = 5


@dataclass(frozen=True, slots=True)
class BakeTiming:
    seconds: float
    """Median of several bakes, each of which replaces the one before."""
    report: BakeReport


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
    return BakeTiming(median(seconds), report)
