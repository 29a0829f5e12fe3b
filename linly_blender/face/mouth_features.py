"""What the learned mouth hears: the resonances of a voice against their own mean, frame by frame, and how loud it is.

A frame is a window of sound around its time. Its spectrum, on a scale of frequency like the ear's, is taken for that of
an all-pole filter (perceptual linear prediction, Hermansky 1990): the envelope that the mouth's shape makes, without
the harmonics of the voice, which would have to be learnt away pitch by pitch. Envelope and loudness are taken against
their means while somebody spoke, so that neither the microphone's level and tone nor most of what makes one voice
unlike another is left in them. Everything is known from the past and half a window, at any sample rate, and sound that
arrives piece by piece gives the same frames as a whole recording.
"""

import functools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..speech.prosody import STEP

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

WINDOW: Final = 0.025
"""Seconds of sound in a frame; frame ``k`` is centred on ``k * STEP``."""
LOOK: Final = WINDOW / 2
"""Seconds of sound after its own time that a frame needs."""
BANDS: Final = 24
"""Places of the envelope, as far apart as they sound."""
FEATURES: Final = BANDS + 1
"""The bands against their mean, and the loudness; both lie about -1..1."""
LOWEST_RATE: Final = 4000
"""Samples a second; of a slower sound a window would hold too little."""

_HIGHEST: Final = 8000.0
"""Hertz up to which is heard; what a slow rate cannot carry counts as silent."""
_POINTS: Final = 40
"""Of the spectrum on the mel scale, from 0 to the highest."""
_POLES: Final = 14
"""Enough for four or five resonances and the tone of the whole."""
_COMPRESSION: Final = 0.6
"""Power of the spectrum's power, by which weak resonances count more."""
_EDGE: Final = 0.03
"""Share of the mel scale at either end at which there is no place of the envelope."""
_CORRECTION: Final = 1e-3
"""White noise that is added, of the whole: no pole comes to the rim."""
_EMPHASIS: Final = 0.95
"""Of high frequencies, by the difference of samples; a voice falls by about as much."""
_DEEPEST: Final = 80.0
"""Decibels below the loud parts where silence begins."""
_UNIT: Final = 20.0
"""Decibels of a band that a feature of 1 stands for."""
_QUIETEST, _FIRST_GUESS = -50.0, -26.0
"""Decibels: the loud parts are never taken to be quieter, and are taken for this before anything was heard."""
_FORGET: Final = 1.0
"""Decibels a second by which the remembered loud parts sink."""
_SPEAKING: Final = 24.0
"""Decibels below the loud parts down to which a frame counts for the mean."""
_USUAL: Final = (-70.0, -26.0)
"""Decibels of every band and of the loudness of an ordinary recording: the mean before any voice was heard."""
_MOST: Final = 2.5
"""Features are cut at this size."""
_BELIEF: Final = 40
"""Frames that the usual mean weighs."""
_MEMORY: Final = 3000
"""Frames of speech, half a minute of it, over which the mean is taken at most."""
_SILENCE: Final = 1e-9
"""Power, of 1, that is added to all."""


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """All that is remembered of a sound up to now; never changed in place."""

    rate: int
    """Samples a second."""
    tail: Floats
    """Samples that frames to come still look at."""
    first: int
    """Number of the first of them, counted from the sound's own first sample; below 0 there is silence."""
    frames: int
    """Frames known so far."""
    loud: float
    """Decibels of the loud parts."""
    mean: Floats
    """Of each band and of the loudness while somebody spoke, decibels [shape=(FEATURES,)]."""
    spoken: int
    """Frames that the mean was taken over."""


def start(rate: int) -> Hearing:
    """Return what is known before the first sample. ``rate`` is at least LOWEST_RATE samples a second."""
    if rate < LOWEST_RATE:
        raise ValueError(f"{rate} samples a second are too few")
    before = round(WINDOW * rate) // 2
    usual = np.array([*[_USUAL[0]] * BANDS, _USUAL[1]], np.float32)
    return Hearing(rate, np.zeros(before, np.float32), -before, 0, _FIRST_GUESS, usual, _BELIEF)


def hear(hearing: Hearing, sound: NDArray[np.int16]) -> tuple[Hearing, Floats]:
    """Take in mono samples [shape=(n,)]; return the new state and the frames now known [shape=(k, FEATURES)]."""
    rate = hearing.rate
    size = round(WINDOW * rate)
    samples = np.concatenate([hearing.tail, sound.astype(np.float32) / 32768])
    known = hearing.first + len(samples)
    # The frames whose windows end by now; a place is rounded to a sample where a step is no whole number of them.
    last = math.floor((known - size + size // 2 + 0.5) / (STEP * rate))
    starts = np.round(np.arange(hearing.frames, last + 1) * (STEP * rate)).astype(np.int64) - size // 2
    starts = starts[starts + size <= known] - hearing.first
    frames = hearing.frames + len(starts)
    done = round(frames * (STEP * rate)) - size // 2 - hearing.first
    tail, first = samples[done:], hearing.first + done
    if not len(starts):
        nothing = np.zeros((0, FEATURES), np.float32)
        return Hearing(rate, tail, first, frames, hearing.loud, hearing.mean, hearing.spoken), nothing
    windows = np.lib.stride_tricks.sliding_window_view(samples, size)[starts]
    levels, bands = _measure(windows, rate)
    found, loud, mean, spoken = _against_the_voice(levels, bands, hearing)
    return Hearing(rate, tail, first, frames, loud, mean, spoken), found


def _measure(windows: Floats, rate: int) -> tuple[Floats, Floats]:
    """Decibels of each frame as a whole [shape=(k,)] and of its envelope [shape=(k, BANDS)]."""
    size = windows.shape[1]
    hann = np.hanning(size + 2)[1:-1].astype(np.float32)
    filters = _filters(size, rate)
    spectrum = np.fft.rfft(windows * hann, axis=1)[:, : filters.shape[1]]
    power = (spectrum.real**2 + spectrum.imag**2) / (size * np.square(hann).sum())
    levels = 10 * np.log10(np.square(windows).mean(axis=1) + _SILENCE)
    heard = (power @ filters.T + _SILENCE) ** _COMPRESSION
    poles, left = _prediction(heard @ _cosines(_POINTS))
    real, imaginary = poles @ _places()[0], poles @ _places()[1]
    envelope = 10 * np.log10(left[:, None] / (real**2 + imaginary**2)) / _COMPRESSION
    return levels, envelope.astype(np.float32)


def _prediction(correlation: Doubles) -> tuple[Doubles, Doubles]:
    """The all-pole filters [shape=(k, _POLES + 1)] and the power they leave over [shape=(k,)], by Durbin's recursion.

    Parameters: what the frames correlate with themselves at every lag [shape=(k, _POLES + 1)].
    """
    left = correlation[:, 0] * (1 + _CORRECTION)
    poles = np.zeros_like(correlation)
    poles[:, 0] = 1
    for order in range(1, _POLES + 1):
        turned = poles[:, order - 1 :: -1]
        reflected = -np.einsum("ij,ij->i", turned, correlation[:, 1 : order + 1]) / left
        poles[:, 1 : order + 1] += reflected[:, None] * turned
        left = left * (1 - reflected**2)
    return poles, left


@functools.lru_cache(maxsize=8)
def _filters(size: int, rate: int) -> Doubles:
    """From the bins of a window to points of the mel scale (O'Shaughnessy 1987) [shape=(_POINTS, bins)].

    The bins are as far apart at every rate, as a window is as long; those above the highest point are left out.
    """
    bins = np.arange(min(size // 2, math.floor(_HIGHEST * size / rate)) + 1)
    hertz = bins * (rate / size)
    points = np.linspace(0, _mel(_HIGHEST), _POINTS)
    away = np.abs(_mel(hertz) - points[:, None]) / points[1]
    weights = np.maximum(0, 1 - away)
    # Means over the bins there would be at a high rate: a rate that carries fewer makes no point louder.
    full = np.maximum(0, 1 - np.abs(_mel(np.arange(0, _HIGHEST, rate / size)) - points[:, None]) / points[1])
    emphasis = 1 + _EMPHASIS**2 - 2 * _EMPHASIS * np.cos(np.pi * hertz / _HIGHEST)
    return np.asarray(weights / full.sum(axis=1, keepdims=True) * emphasis)


def _mel(hertz: Doubles | float) -> Doubles:
    return np.asarray(2595 * np.log10(1 + np.asarray(hertz) / 700))


@functools.cache
def _cosines(points: int) -> Doubles:
    """From a spectrum to what its sound correlates with itself at every lag [shape=(points, _POLES + 1)]."""
    weights = np.cos(np.pi * np.outer(np.arange(points) / (points - 1), np.arange(_POLES + 1))) / (points - 1)
    weights[[0, -1]] /= 2
    return np.asarray(weights)


@functools.cache
def _places() -> tuple[Doubles, Doubles]:
    """How a filter answers at the places of the envelope: cosines and sines [shape=(_POLES + 1, BANDS) each]."""
    angles = np.pi * np.outer(np.arange(_POLES + 1), np.linspace(_EDGE, 1 - _EDGE, BANDS))
    return np.cos(angles), np.sin(angles)


def _against_the_voice(levels: Floats, bands: Floats, before: Hearing) -> tuple[Floats, float, Floats, int]:
    """Frames against what was heard of this voice, and what is remembered of it after them."""
    sunk = _FORGET * STEP * np.arange(1, len(levels) + 1)
    loudest = np.maximum.accumulate(np.maximum(levels + sunk, before.loud)) - sunk
    loud = np.maximum(loudest, _QUIETEST).astype(np.float32)
    speaking = levels > np.maximum(loud - _SPEAKING, _QUIETEST)
    heard = np.maximum(np.column_stack([bands, levels]), loud[:, None] - _DEEPEST)
    mean, spoken = before.mean.copy(), before.spoken
    found = np.empty_like(heard)
    for index in range(len(heard)):
        if speaking[index]:
            spoken = min(spoken + 1, _MEMORY)
            mean += (heard[index] - mean) / spoken
        np.subtract(heard[index], mean, out=found[index])
    return np.clip(found / _UNIT, -_MOST, _MOST), float(loud[-1]), mean, spoken
