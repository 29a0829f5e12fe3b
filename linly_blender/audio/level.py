"""How loud a sound is, as a meter shows it."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..live.services import Sound

SILENCE: Final = -90.0
"""Decibels of full scale below which a sound counts as none: under one step of 16 bits."""
FALL: Final = 20.0
"""Decibels a second by which the meter falls (IEC 60268-10, type I, rounded)."""
FULL_SCALE: Final = 32768.0


@dataclass(frozen=True, slots=True)
class Level:
    """Decibels of full scale, ``SILENCE`` at least."""

    peak: float
    rms: float


def level(sound: Sound) -> Level:
    """Of some samples [shape=(n,)]: a full-scale sine has peak 0 and rms -3."""
    if not len(sound):
        return Level(SILENCE, SILENCE)
    amplitudes = sound.astype(np.float64) / FULL_SCALE
    return Level(_decibels(float(np.abs(amplitudes).max())), _decibels(math.sqrt(float(np.mean(amplitudes**2)))))


class Meter:
    """Rises at once and falls slowly, so that the eye can follow."""

    def __init__(self) -> None:
        self._level = Level(SILENCE, SILENCE)
        self._time = -math.inf

    def feed(self, sound: Sound, time: float) -> Level:
        """Show the samples that end at ``time``, seconds on any clock."""
        fall = FALL * max(0.0, time - self._time)
        new = level(sound)
        self._level = Level(max(new.peak, self._level.peak - fall), max(new.rms, self._level.rms - fall))
        self._time = time
        return self._level


def _decibels(amplitude: float) -> float:
    return max(SILENCE, 20 * math.log10(amplitude)) if amplitude > 0 else SILENCE
