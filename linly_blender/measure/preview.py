"""What a conversation costs the main thread of a Blender with a window, and how many frames a second it leaves."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import blender
from .figures import AbsentError, Figure, Group
from .sound_card import SoundCard

_PATIENCE: Final = 600.0
"""Seconds that a Blender may take for anything."""
_SCREEN: Final = "640x480"
"""Of the virtual screen, which software draws."""
_STORY: Final = Path(__file__).resolve().parents[1] / "scene/window_timing.py"


def milliseconds(what: str, seconds: NDArray[np.float64]) -> Iterator[Figure]:
    """Of the processor's time, to which the band belongs, and of the clock's, in which other programs run as well.

    Parameters: ``seconds`` of the clock and of the processor [shape=(n, 2)].
    """
    clock, processor = 1000 * np.percentile(seconds, [50, 99], axis=0).T
    yield Figure(f"{what}, 99th percentile", float(processor[1]), high=1, unit="ms")
    yield Figure(f"{what}, 99th percentile by the clock", float(clock[1]), unit="ms")
    yield Figure(f"{what}, median by the clock", float(clock[0]), unit="ms")


def in_window() -> Group:
    """What a conversation costs in a window. Raises AbsentError where there is no Blender, no window or no sound."""
    try:
        found = blender.find(_PATIENCE)
        with SoundCard() as card, tempfile.TemporaryDirectory() as folder:
            environment = blender.install(found, Path(folder), _PATIENCE)
            environment |= {name: card.environment[name] for name in ("PULSE_SERVER",)}
            environment["BLENDER_GUI_SCREEN"] = _SCREEN
            seen = blender.tell(found, _STORY, environment, _PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise AbsentError(f"Blender did not end ({error})") from error
    measured = []
    for place, name in (("THREAD", "thread"), ("PROCESS", "process")):
        pairs = list(zip(seen["live"][place], seen["replayed"][place], strict=True))
        share = 100 * median(live / replayed for live, replayed in pairs)
        measured += [
            Figure(f"frames a second while it speaks, {name}", median(live for live, _ in pairs), unit="1/s"),
            Figure(f"frames a second over those of a replay, {name}", share, low=85, unit="%"),
            *milliseconds(f"a tick, {name}", np.array(seen["ticks"][place])),
        ]
    return (
        f"Conversation in a window: demo avatar, 4 x 52 shapes written, {len(pairs)} rounds, software rendering",
        measured,
    )
