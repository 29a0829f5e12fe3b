"""Sound at another rate, as it comes or all at once.

A windowed sinc, Kaiser window, cut off below the lower of the two rates: what could alias is 80 dB down. The table has
one row of weights for every place an output sample can have between two input samples.
"""

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..live.services import Sound

Floats = NDArray[np.float32]

HALF_WIDTH: Final = 32
"""Samples of the lower rate on either side that a sample is made of."""
CUTOFF: Final = 0.46
"""Where the filter is half closed, of the lower rate; it is fully closed at 0.5."""
STEEPNESS: Final = 7.857
"""Kaiser's beta for 80 dB (Kaiser 1974): 0.1102 (80 - 8.7)."""
FINEST: Final = 2000
"""Places between two input samples at most. An odd rate takes the nearest ratio with no more: under 1 in 10^6 off."""
_AT_ONCE: Final = 8192
"""Output samples made at a time, so that an hour of sound needs no hour of memory."""


class Resampler:
    """A stream of mono sound from one rate to another; sample 0 out is at the time of sample 0 in.

    Output comes ``delay`` seconds behind the input. Any cutting of the input into pieces gives the same output.
    """

    def __init__(self, source: float, target: float) -> None:
        if source <= 0 or target <= 0:
            raise ValueError(f"rates should be above 0, not {source} and {target}")
        ratio = Fraction(source / target).limit_denominator(FINEST)
        self._up, self._down = ratio.denominator, ratio.numerator
        lower = min(1.0, target / source)
        self._half = 0 if self._up == self._down else int(np.ceil(HALF_WIDTH / lower))
        self._table = _table(self._up, self._half, CUTOFF * lower)
        self.delay = self._half / source
        """Seconds of sound after a sample that have to be there before it can be given."""
        self._before = max(0, self._half - 1)  # input samples before its place that an output sample is made of
        self._kept = np.zeros(self._before, np.float32)
        self._first = -len(self._kept)  # number of the first input sample that is kept
        self._made = 0

    def process(self, sound: Floats) -> Floats:
        """The output that the next samples [shape=(n,)] make possible."""
        self._kept = np.concatenate([self._kept, sound.astype(np.float32, copy=False)])
        known = self._first + len(self._kept)
        # Output k lies at input k * down / up and needs the input up to half samples after that.
        count = max(0, ((known - self._half) * self._up - 1) // self._down + 1 - self._made)
        made = self._between(count)
        done = max(0, self._made * self._down // self._up - self._before - self._first)
        self._kept = self._kept[done:]
        self._first += done
        return made

    def _between(self, count: int) -> Floats:
        made = np.empty(count, np.float32)
        taps = self._table.shape[1]
        for begin in range(0, count, _AT_ONCE):
            part = slice(begin, min(begin + _AT_ONCE, count))
            place = (self._made + np.arange(part.start, part.stop)) * self._down
            start = place // self._up - self._before - self._first
            windows = np.lib.stride_tricks.sliding_window_view(self._kept, taps)[start]
            np.einsum("ij,ij->i", windows, self._table[place % self._up], out=made[part])
        self._made += count
        return made


def resample(sound: Sound, source: int, target: float) -> Sound:
    """A whole sound at another rate, as long as it was."""
    if source == target or not len(sound):
        return sound
    length = max(1, round(len(sound) * target / source))
    stream = Resampler(source, target)
    silence = np.zeros(int(np.ceil(2 * stream.delay * source)) + 2, np.float32)
    made = stream.process(np.concatenate([sound.astype(np.float32), silence]))[:length]
    return to_samples(made)


def to_samples(sound: Floats) -> Sound:
    """Rounded to 16 bits; what is too loud is cut off."""
    return np.clip(np.rint(sound), -32768, 32767).astype(np.int16)


def _table(phases: int, half: int, cutoff: float) -> Floats:
    """Weights [shape=(phases, 2 half)] of the input samples around each place; [[1]] when nothing is to be done."""
    if not half:
        return np.ones((1, 1), np.float32)
    offset = np.arange(-half + 1, half + 1) - np.arange(phases)[:, None] / phases
    inside = np.sqrt(np.maximum(0.0, 1.0 - (offset / half) ** 2))
    weights = np.sinc(2 * cutoff * offset) * np.i0(STEEPNESS * inside)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(weights, np.float32)
