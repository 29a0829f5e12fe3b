"""How far the lips that are shown are from the sound that is heard: both are compared with the take that is performed.

Sound may come 15 ms before the lips and 45 ms after them, no more (ATSC IS-191): so much goes unnoticed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..live.curves import LIPS
from ..live.services import Sound
from ..performance import Performance

Floats = NDArray[np.float64]

EARLY: Final = 0.015
"""Seconds that sound may come before the lips."""
LATE: Final = 0.045
_BEGINS: Final = 0.15
"""Seconds of a sentence in which the lips are still on their way to it."""
_ENDS: Final = 0.1
_FARTHEST: Final = 0.25
"""Seconds that are looked at."""
_STEP: Final = 0.001
_LEAST: Final = 0.5
"""Seconds of a sentence that can be compared."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A take as it was performed."""

    sound: Sound
    rate: int
    lips: Floats
    """Of every frame [shape=(n, len(LIPS))]."""
    fps: float
    begins: float
    """Seconds of the first and the last phone's outer ends."""
    ends: float


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody saw: each picture stood until the next one."""

    times: Floats
    """Seconds [shape=(n,)]."""
    lips: Floats
    """[shape=(n, len(LIPS))]."""


def lips_of(shapes: NDArray[np.float32]) -> Floats:
    """The columns of LIPS [shape=(n, len(LIPS))]."""
    return shapes[:, list(LIPS)].astype(np.float64)


def spoken_of(take: Performance) -> Spoken:
    """What of a take can be heard and seen."""
    phones = take.speech.phones
    begins, ends = max(0.0, phones[0].start), phones[-1].end
    return Spoken(take.speech.sound, take.speech.rate, lips_of(take.frames.shapes), take.frames.fps, begins, ends)


def ahead(shown: Shown, take: Spoken, zero: float) -> float | None:
    """Seconds that the sound came before the lips, of a take whose sound began at ``zero``; None when it is too short.

    Negative when the lips came first.
    """
    times = np.arange(zero + take.begins + _BEGINS, zero + take.ends - _ENDS, 2 * _STEP)
    if len(times) * 2 * _STEP < _LEAST:
        return None
    seen = shown.lips[np.maximum(np.searchsorted(shown.times, times, "right") - 1, 0)]
    own = np.arange(len(take.lips)) / take.fps
    fine = np.arange(0.0, own[-1], _STEP)
    lips = np.stack([np.interp(fine, own, column) for column in take.lips.T], axis=1)
    shifts = np.arange(-_FARTHEST, _FARTHEST, _STEP)
    places = np.rint((times - zero) / _STEP).astype(np.int64)
    errors = [
        float(np.square(lips[np.clip(places - round(shift / _STEP), 0, len(fine) - 1)] - seen).sum())
        for shift in shifts
    ]
    return float(shifts[int(np.argmin(errors))])


def drift(times: Sequence[float], offsets: Sequence[float]) -> float:
    """Seconds by which the offsets change in one second, by the median of the slopes of all pairs (Theil & Sen)."""
    slopes = list(_slopes(np.asarray(times), np.asarray(offsets)))
    return float(np.median(slopes)) if slopes else np.nan


def _slopes(times: Floats, offsets: Floats) -> Iterator[float]:
    for index in range(len(times)):
        later = times[index + 1 :] - times[index]
        yield from (offsets[index + 1 :] - offsets[index])[later > 0] / later[later > 0]
