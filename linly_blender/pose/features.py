"""What the fine-tuner hears: loudness, pitch, timbre and tempo of a voice, frame by frame, from its past alone.

A frame is known the moment its time has come: it looks at the window of sound that ends there. A whole recording is the
stream run to its end, so that both give the same numbers.
"""

import math
from copy import copy
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..speech.prosody import ANALYSIS_RATE, pitch_of_frames

Array = NDArray[np.float32]

STEP: Final = 0.02
"""Seconds from one frame to the next; frame ``k`` is known at ``k * STEP`` seconds."""
WINDOW: Final = 0.04
"""Seconds of past sound in a frame: three periods of the lowest voice."""
BANDS: Final = 26
"""Mel bands; with the six numbers before them as many as the article's example has."""
FEATURE_NAMES: Final = (
    "energy", "energy slope", "voicing", "pitch", "pitch slope", "tempo", *(f"mel {band}" for band in range(BANDS)),
)  # fmt: skip
FEATURES: Final = len(FEATURE_NAMES)

_LOWEST, _HIGHEST = 60.0, 7600.0
"""Hertz that the bands cover."""
_RANGE: Final = 36.0
"""Decibels between silence and the loud parts, as in ``speech/prosody.py``."""
_QUIETEST, _FIRST_GUESS = -50.0, -26.0
"""Decibels: the loud parts are never taken to be quieter, and are taken for this before anything was heard."""
_FORGET: Final = 2.0
"""Decibels a second by which the remembered loud parts sink."""
_AUDIBLE: Final = 0.25
_LARGEST: Final = 7.0
"""Semitones from the running mean that count."""
_PITCH_OVER, _TEMPO_OVER, _SLOPE_OVER = 2.0, 1.5, 0.08
"""Seconds of the leaky means: of pitch, of tempo, and of what a slope is taken against."""
_FADE: Final = 0.3
"""Seconds in which a pitch that is no longer heard is forgotten."""
_SYLLABLE: Final = 0.12
"""Rise of loudness over a slow syllable's mean a frame that counts as 1: keeps tempo near 0..1."""
_CHUNK: Final = 2048
"""Frames analysed at a time."""


@dataclass(slots=True)
class _Memory:
    """What the recursive part remembers."""

    loud: float = _FIRST_GUESS
    energy: float = 0.0
    """Leaky mean."""
    pitch: float = 0.0
    """Last pitch, semitones from the mean; fades out where there is no voice."""
    pitch_mean: float = math.nan
    """Of all voiced frames, in semitones of 1 Hz; not a number before the first."""
    pitch_slow: float = 0.0
    tempo: float = 0.0


@dataclass(slots=True)
class Listener:
    """Turns sound that arrives piece by piece into features; its whole state, copied by ``copy``."""

    rate: int
    """Samples a second."""
    _tail: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """Samples that frames to come still look at."""
    _heard: int = 0
    """Samples in all."""
    _frames: int = 0
    _memory: _Memory = field(default_factory=_Memory)

    def copy(self) -> "Listener":
        """Return an independent listener that has heard the same."""
        return Listener(self.rate, self._tail.copy(), self._heard, self._frames, copy(self._memory))

    def hear(self, sound: NDArray[np.int16]) -> Array:
        """Take in mono samples [shape=(n,)]; return the frames now known [shape=(k, FEATURES)]."""
        window = round(WINDOW * self.rate)
        samples = np.concatenate([self._tail, sound.astype(np.float32) / 32768])
        self._heard += len(sound)
        first = self._heard - len(samples)
        last_frame = math.floor(self._heard / (STEP * self.rate) + 1e-9)
        ends = np.round(np.arange(self._frames, last_frame + 1) * (STEP * self.rate)).astype(np.int64)
        ends = ends[ends <= self._heard]
        # Before its first sample a voice was silent.
        padded = np.concatenate([np.zeros(window, np.float32), samples])
        starts = ends - first
        self._frames += len(ends)
        self._tail = samples[max(len(samples) - window - 1, 0) :]
        if not len(ends):
            return np.zeros((0, FEATURES), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(padded, window)
        parts = [self._listen(windows[starts[i : i + _CHUNK]]) for i in range(0, len(starts), _CHUNK)]
        return np.concatenate(parts)

    def _listen(self, frames: Array) -> Array:
        decibels = 10 * np.log10(np.mean(frames * frames, axis=1) + 1e-9)
        pitch = pitch_of_frames(*_decimate(frames, self.rate))
        mel = _mel(frames, self.rate)
        found = np.empty((len(frames), FEATURES), np.float32)
        loud = np.empty(len(frames), np.float32)
        for index, (level, hertz) in enumerate(zip(decibels.tolist(), pitch.tolist(), strict=True)):
            found[index, :6] = self._follow(level, hertz)
            loud[index] = self._memory.loud
        found[:, 6:] = np.clip((mel - loud[:, None]) / _RANGE + 1, 0, 1.5)
        return found

    def _follow(self, level: float, hertz: float) -> tuple[float, ...]:
        """The numbers that depend on what was heard before."""
        memory = self._memory
        memory.loud = max(level, memory.loud - _FORGET * STEP, _QUIETEST)
        energy = min(max((level - memory.loud) / _RANGE + 1, 0.0), 1.0)
        rise = energy - memory.energy
        memory.energy += rise * _leak(_SLOPE_OVER)
        memory.tempo += (max(rise, 0.0) / _SYLLABLE - memory.tempo) * _leak(_TEMPO_OVER)
        voiced = hertz > 0 and energy > _AUDIBLE
        if voiced:
            semitones = 12 * math.log2(hertz)
            if math.isnan(memory.pitch_mean):
                memory.pitch_mean = semitones
            memory.pitch_mean += (semitones - memory.pitch_mean) * _leak(_PITCH_OVER)
            memory.pitch = min(max((semitones - memory.pitch_mean) / _LARGEST, -1.0), 1.0)
        else:
            memory.pitch -= memory.pitch * _leak(_FADE)
        slope = memory.pitch - memory.pitch_slow
        memory.pitch_slow += slope * _leak(_SLOPE_OVER)
        return energy, rise, float(voiced), memory.pitch, slope, memory.tempo


def listen(sound: NDArray[np.int16], rate: int) -> Array:
    """Features of a whole recording: mono samples [shape=(n,)] to frames [shape=(k, FEATURES)]."""
    return Listener(rate).hear(sound)


def _leak(seconds: float) -> float:
    """Share of a difference that a leaky mean over ``seconds`` takes in one frame."""
    return 1 - math.exp(-STEP / seconds)


def _decimate(frames: Array, rate: int) -> tuple[Array, float]:
    """Frames at the rate that pitch is measured on, and that rate."""
    factor = max(1, rate // ANALYSIS_RATE)
    usable = frames.shape[1] // factor * factor
    return frames[:, -usable:].reshape(len(frames), -1, factor).mean(axis=2), rate / factor


def _mel(frames: Array, rate: int) -> Array:
    """Decibels in each mel band [shape=(k, window) -> (k, BANDS)] (O'Shaughnessy 1987: 2595 log10(1 + f / 700))."""
    size = frames.shape[1]
    hann = np.hanning(size).astype(np.float32)
    spectrum = np.fft.rfft(frames * hann, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) / (size * float(np.sum(hann**2)))
    hertz = np.fft.rfftfreq(size, 1 / rate)
    mel_low, mel_high = (2595 * math.log10(1 + f / 700) for f in (_LOWEST, _HIGHEST))
    corners = 700 * (10 ** (np.linspace(mel_low, mel_high, BANDS + 2) / 2595) - 1)
    below, centre, above = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    weights = np.maximum(0, np.minimum((hertz - below) / (centre - below), (above - hertz) / (above - centre)))
    return np.asarray(10 * np.log10(power @ weights.T.astype(np.float32) + 1e-9), np.float32)
