"""How long it takes to find a character of any make, and to write a moment of a conversation onto it."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ..live.frame import Frame
from ..perform import perform
from .figures import AbsentError, Figure, Group
from .preview import milliseconds
from .speed import script_of

_FRAMES: Final = 900


def figures() -> Iterator[Group]:
    """Detect and live frames, without a window. Raises AbsentError where there is no Blender as a Python module."""
    try:
        from ..scene.rig_timing import time_detection, time_writing
    except ModuleNotFoundError as error:
        raise AbsentError(f"Blender is not here as a Python module ({error})") from error
    found, seconds = time_detection()
    clock = 1000 * seconds[:, 0]
    yield (
        f"Detect: {found}, {len(clock) - 1} times",
        [
            Figure("finding the character, 95th percentile", float(np.percentile(clock[1:], 95)), high=200, unit="ms"),
            Figure("finding the character, median", float(np.median(clock[1:])), unit="ms"),
            Figure("the first time, with what is loaded for it", float(clock[0]), high=200, unit="ms"),
        ],
    )
    shown = perform(script_of(0.3)).frames
    frames = [
        Frame(float(time), shapes, head, gaze, float(breath))
        for time, shapes, head, gaze, breath in zip(
            shown.times, shown.shapes, shown.head, shown.gaze, shown.breath, strict=True
        )
    ][:_FRAMES]
    for kind, seconds in time_writing(frames):
        yield (
            f"Live: {len(seconds)} frames of speech written onto a character ({kind})",
            list(milliseconds("writing a frame", seconds)),
        )
