"""Loudness and pitch of a sound: what the voice does beside the words."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEP: Final = 0.01
"""Seconds between two values."""
WINDOW: Final = 0.04
"""Seconds of sound looked at for one value: three periods of the lowest voice."""
LOWEST_PITCH: Final = 75.0
HIGHEST_PITCH: Final = 420.0
VOICED: Final = 0.55
"""Height of the normalised autocorrelation's peak from which a frame counts as voiced."""
DYNAMIC_RANGE: Final = 36.0
"""Decibels between silence and the loud parts of speech."""
ANALYSIS_RATE: Final = 5512
"""Samples a second that pitch is measured on; its harmonics above 2.7 kHz only cost time."""
CHUNK: Final = 4096
"""Frames analysed at a time, so that an hour needs no more memory than a minute."""


@dataclass(frozen=True, slots=True)
class Prosody:
    """Values every ``STEP`` seconds; index ``i`` is centred on ``i * STEP`` seconds."""

    energy: NDArray[np.float32]
    """Loudness, 0 (silence) .. 1 (the loud parts of this voice) [shape=(m,)]."""
    f0: NDArray[np.float32]
    """Fundamental frequency in Hz, NaN where unvoiced [shape=(m,)]."""

    @property
    def times(self) -> NDArray[np.float64]:
        """Seconds [shape=(m,)]."""
        return np.arange(len(self.energy)) * STEP


def analyse(sound: NDArray[np.int16], rate: int) -> Prosody:
    """Measure loudness and pitch.

    Parameters: mono samples [shape=(n,)] and samples a second. Pitch is the highest peak of the autocorrelation
    after Boersma 1993 (divided by the window's own autocorrelation), refined by a parabola.
    """
    factor = max(1, rate // ANALYSIS_RATE)
    usable = len(sound) // factor * factor
    signal = sound[:usable].reshape(-1, factor).mean(axis=1, dtype=np.float32) / 32768
    rate_low = rate / factor
    window = round(WINDOW * rate_low)
    count = int(len(sound) / rate / STEP) + 1
    padded = np.pad(signal, (window // 2, window + 1))
    starts = np.minimum(np.round(np.arange(count) * STEP * rate_low).astype(np.int64), len(padded) - window)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)

    decibels = np.empty(count, np.float32)
    f0 = np.empty(count, np.float32)
    for first in range(0, count, CHUNK):
        part = slice(first, min(first + CHUNK, count))
        block = frames[starts[part]]
        decibels[part] = 10 * np.log10(np.mean(block * block, axis=1) + 1e-9)
        f0[part] = pitch_of_frames(block, rate_low)
    f0[decibels < decibels.max() - DYNAMIC_RANGE] = np.nan
    loud = np.percentile(decibels, 95) if count else 0.0
    energy = np.clip((decibels - loud) / DYNAMIC_RANGE + 1, 0, 1)
    if loud < -75:  # digital silence has no loud parts to compare with
        energy[:] = 0
    return Prosody(energy.astype(np.float32), _drop_outliers(f0))


def pitch_of_frames(frames: NDArray[np.float32], rate: float) -> NDArray[np.float32]:
    """Pitch of each frame in Hz, NaN where unvoiced [shape=(k, window) -> (k,)]."""
    size = frames.shape[1]
    hann = np.hanning(size).astype(np.float32)
    length = 1 << (2 * size - 1).bit_length()
    shortest, longest = int(rate / HIGHEST_PITCH), min(int(rate / LOWEST_PITCH) + 1, size - 2)
    spectrum = np.fft.rfft((frames - frames.mean(axis=1, keepdims=True)) * hann, length)
    power = spectrum.real**2 + spectrum.imag**2
    correlation = np.fft.irfft(power, length)[:, : longest + 2].astype(np.float32)
    of_window = np.fft.irfft(np.abs(np.fft.rfft(hann, length)) ** 2, length)[: longest + 2]
    correlation /= (correlation[:, :1] + 1e-12) * (of_window / of_window[0])
    lags = np.arange(shortest, longest + 1)
    # A slight preference for short periods: a voice repeats itself after two periods as well as after one.
    score = correlation[:, shortest : longest + 1] * (1 - 0.05 * np.log2(lags / shortest)).astype(np.float32)
    best = lags[score.argmax(axis=1)]
    rows = np.arange(len(frames))
    left, middle, right = (correlation[rows, best + d] for d in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.clip(np.where(np.abs(bend) > 1e-6, 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0), -0.5, 0.5)
    return np.where(middle > VOICED, rate / (best + shift), np.nan).astype(np.float32)


def _drop_outliers(f0: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unvoice single frames that leap by more than a third from both neighbours (octave errors)."""
    if len(f0) < 3:
        return f0
    padded = np.pad(f0, 1, constant_values=np.nan)
    with np.errstate(invalid="ignore"):
        leaps = [np.abs(np.log(f0 / side)) > np.log(4 / 3) for side in (padded[:-2], padded[2:])]
    return np.where(leaps[0] & leaps[1], np.float32(np.nan), f0)
