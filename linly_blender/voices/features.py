"""What two voices saying the same have in common, frame by frame."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..audio import resampling

Floats = NDArray[np.float32]

RATE: Final = 16000
"""Samples a second of the sound that is looked at."""
STEP: Final = 0.005
"""Seconds between two frames."""
WINDOW: Final = 0.025
BANDS: Final = 40
LOWEST: Final = 60.0
HIGHEST: Final = 7600.0
COEFFICIENTS: Final = 13
"""Of the cosine transform of the bands: the shape of the mouth, without the harmonics of the voice."""
FLOOR: Final = 50.0
"""Decibels below the loud parts where silence begins."""
QUIET: Final = 35.0
"""Decibels below the loud parts under which nobody speaks."""
_WARPED_FROM: Final = 4800.0
"""Hertz up to which a longer or shorter mouth stretches the spectrum."""


def resample(sound: NDArray[np.int16], rate: int) -> Floats:
    """The sound at RATE, -1..1 [shape=(n,) -> (m,)]."""
    return resampling.resample(sound, rate, RATE).astype(np.float32) / 32768


def levels(samples: Floats, step: float = STEP) -> Floats:
    """Loudness of each frame in decibels against the loud parts [shape=(n,) -> (frames,)]."""
    power = np.square(_frames(samples, step)).mean(axis=1)
    decibels = 10 * np.log10(power + 1e-10)
    heard = decibels[decibels > decibels.max() - FLOOR]  # most of it may be silence
    return np.asarray(decibels - np.percentile(heard, 95), np.float32)


def spectra(samples: Floats, step: float = STEP, warp: float = 1.0) -> Floats:
    """Cepstra, their movement and loudness, each of about the same weight, the voice's own sound taken out.

    Parameters: samples at RATE [shape=(n,)]; seconds between frames; how many times higher the formants are than
    those of the voice it is compared with.
    Returns [shape=(frames, 2 * COEFFICIENTS)].
    """
    frames = _frames(samples, step)
    size = 512
    emphasised = np.diff(frames, axis=1, prepend=frames[:, :1]) * np.hamming(frames.shape[1]).astype(np.float32)
    power = np.abs(np.fft.rfft(emphasised, size)) ** 2
    bands = np.log(power @ _filters(size, warp).T + 1e-9)
    loud = bands.max()
    bands = np.maximum(bands, loud - FLOOR / 4.34)
    cepstra = bands @ _cosines().T
    speaking = levels(samples, step) > -QUIET
    own = cepstra[speaking] if speaking.sum() > 10 else cepstra
    cepstra = (cepstra - own.mean(axis=0)) / (own.std(axis=0) + 1e-3)
    reach = max(1, round(0.02 / step))
    padded = np.pad(cepstra, ((reach, reach), (0, 0)), "edge")
    moving = padded[2 * reach :] - padded[: -2 * reach]
    weights = np.ones(COEFFICIENTS)
    weights[0] = 1.5
    return np.hstack([cepstra * weights, 0.6 * moving * weights]).astype(np.float32)


def _frames(samples: Floats, step: float) -> Floats:
    """Windows centred on multiples of ``step`` [shape=(frames, window)]."""
    size = round(WINDOW * RATE)
    count = max(1, int(len(samples) / RATE / step) + 1)
    padded = np.pad(samples, (size // 2, size))
    starts = np.minimum(np.round(np.arange(count) * step * RATE).astype(np.int64), len(padded) - size)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, size)[starts], np.float32)


def _filters(size: int, warp: float) -> Floats:
    """Triangles on the mel scale [shape=(BANDS, size // 2 + 1)]."""
    mels = np.linspace(_mel(LOWEST), _mel(HIGHEST), BANDS + 2)
    edges = 700 * (np.exp(mels / 1127) - 1)
    # Up to a bend the frequencies are stretched, from there they run straight to the top.
    bend = _WARPED_FROM / max(warp, 1.0)
    edges = np.where(
        edges <= bend, edges * warp, bend * warp + (edges - bend) * (HIGHEST - bend * warp) / (HIGHEST - bend)
    )
    frequencies = np.arange(size // 2 + 1) * (RATE / size)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (frequencies - left) / (centre - left), (right - frequencies) / (right - centre)
    return np.asarray(np.maximum(0, np.minimum(rising, falling)), np.float32)


def _mel(frequency: float) -> float:
    return float(1127 * np.log(1 + frequency / 700))


def _cosines() -> Floats:
    order, band = np.arange(COEFFICIENTS)[:, None], np.arange(BANDS)[None] + 0.5
    return np.asarray(np.cos(np.pi / BANDS * order * band), np.float32)
