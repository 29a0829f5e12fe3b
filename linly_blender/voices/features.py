"""What two voices saying the same have in common, frame by frame."""

import functools
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
LEAST_QUIET: Final = 15.0
"""Decibels below the loud parts that are quiet however noisy the room is."""
ROOM: Final = 6.0
"""Decibels above the quietest moments that are still the room."""
CLOSURE: Final = 0.13
"""Seconds of silence that may still be the closure of a stop."""
LOUDNESS: Final = 1.5
"""Weight of the first coefficient, which is loudness, against the others."""
MOVEMENT: Final = 0.6
"""Weight of how a coefficient moves against the coefficient."""
_CORE: Final = 4
"""Seconds of sound that are resampled at a time."""
_PASSED: Final = 0.92
"""Share of the lower rate's band that is kept in full."""
_SIZE: Final = 512
"""Samples of a transform."""
_WARPED_FROM: Final = 4800.0
"""Hertz up to which a longer or shorter mouth stretches the spectrum."""


def resample(sound: NDArray[np.int16], rate: int) -> Floats:
    """The sound at RATE, -1..1 [shape=(n,) -> (m,)].

    Its spectrum is cut or filled up, in overlapping stretches: several times as fast as ``audio.resampling``, which
    can do so while the sound comes in.
    """
    if rate == RATE:
        return np.asarray(sound / np.float32(32768), np.float32)
    core = min(_CORE, -(-len(sound) // rate))
    size = core + 1  # half a second before and after
    highest = size * min(rate, RATE) // 2
    kept = np.clip((1 - np.arange(highest + 1) / highest) / (1 - _PASSED), 0, 1) * (RATE / rate)
    padded = np.pad(sound, (rate // 2, size * rate)).astype(np.float32) / 32768
    made = [np.empty(0, np.float32)]
    for begin in range(0, len(sound), core * rate):
        spectrum = np.zeros(size * RATE // 2 + 1, np.complex128)
        spectrum[: highest + 1] = np.fft.rfft(padded[begin : begin + size * rate])[: highest + 1] * kept
        made.append(np.fft.irfft(spectrum, size * RATE)[RATE // 2 :][: core * RATE].astype(np.float32))
    return np.concatenate(made)[: round(len(sound) * RATE / rate)]


def levels(samples: Floats) -> Floats:
    """Loudness of each frame in decibels against the loud parts [shape=(n,) -> (frames,)]."""
    power = np.square(_frames(samples)).mean(axis=1)
    decibels = 10 * np.log10(power + 1e-10)
    heard = decibels[decibels > decibels.max() - FLOOR]  # most of it may be silence
    return np.asarray(decibels - np.percentile(heard, 95), np.float32)


def quiet_below(level: Floats) -> float:
    """Decibels under which nobody speaks, with the room's own noise taken into account."""
    room = float(np.percentile(level, 5)) if len(level) else -QUIET
    return min(max(room + ROOM, -QUIET), -LEAST_QUIET)


def long_silence(level: Floats, quiet: float = -QUIET) -> NDArray[np.bool_]:
    """Frames of silence too long for the closure of a stop [shape=(frames,)]."""
    silent = level < quiet
    edges = np.flatnonzero(np.diff(silent.astype(np.int8), prepend=0, append=0))
    result = np.zeros(len(level), np.bool_)
    for start, stop in edges.reshape(-1, 2):
        result[start:stop] = (stop - start) * STEP > CLOSURE
    return result


def cepstra(samples: Floats, warps: Sequence[float] = (1.0,)) -> list[Floats]:
    """Cepstra and their movement, once for each warp of the formants [shape=(frames, 2 * COEFFICIENTS) each]."""
    frames = _frames(samples)
    emphasised = np.diff(frames, axis=1, prepend=frames[:, :1]) * np.hamming(frames.shape[1]).astype(np.float32)
    spectrum = np.fft.rfft(emphasised, _SIZE)
    power = np.square(spectrum.real.astype(np.float32)) + np.square(spectrum.imag.astype(np.float32))
    reach = round(0.02 / STEP)
    found = []
    for warp in warps:
        bands = np.log(power @ _filters(warp).T + 1e-9)
        still = np.maximum(bands, bands.max() - FLOOR / 4.34) @ _cosines().T
        padded = np.pad(still, ((reach, reach), (0, 0)), "edge")
        found.append(np.hstack([still, padded[2 * reach :] - padded[: -2 * reach]]).astype(np.float32))
    return found


def weighed(values: Floats, speaking: NDArray[np.bool_]) -> Floats:
    """Cepstra against the mean and spread of the frames in which somebody speaks, movement a little lighter."""
    own = values[speaking] if speaking.sum() > 10 else values
    mean, spread = own[:, :COEFFICIENTS].mean(axis=0), own[:, :COEFFICIENTS].std(axis=0) + 1e-3
    weights = np.ones(COEFFICIENTS)
    weights[0] = LOUDNESS
    scale = weights / spread
    offset = np.concatenate([mean, np.zeros(COEFFICIENTS)])
    return np.asarray((values - offset) * np.concatenate([scale, MOVEMENT * scale]), np.float32)


def _frames(samples: Floats) -> Floats:
    """Windows centred on multiples of STEP [shape=(frames, window)]."""
    size = round(WINDOW * RATE)
    count = max(1, int(len(samples) / RATE / STEP) + 1)
    padded = np.pad(samples, (size // 2, size))
    starts = np.minimum(np.round(np.arange(count) * STEP * RATE).astype(np.int64), len(padded) - size)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, size)[starts], np.float32)


@functools.lru_cache(maxsize=8)
def _filters(warp: float) -> Floats:
    """Triangles on the mel scale [shape=(BANDS, _SIZE // 2 + 1)]."""
    mels = np.linspace(_mel(LOWEST), _mel(HIGHEST), BANDS + 2)
    edges = 700 * (np.exp(mels / 1127) - 1)
    # Up to a bend the frequencies are stretched, from there they run straight to the top.
    bend = _WARPED_FROM / max(warp, 1.0)
    edges = np.where(
        edges <= bend, edges * warp, bend * warp + (edges - bend) * (HIGHEST - bend * warp) / (HIGHEST - bend)
    )
    frequencies = np.arange(_SIZE // 2 + 1) * (RATE / _SIZE)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (frequencies - left) / (centre - left), (right - frequencies) / (right - centre)
    return np.asarray(np.maximum(0, np.minimum(rising, falling)), np.float32)


def _mel(frequency: float) -> float:
    return float(1127 * np.log(1 + frequency / 700))


@functools.cache
def _cosines() -> Floats:
    order, band = np.arange(COEFFICIENTS)[:, None], np.arange(BANDS)[None] + 0.5
    return np.asarray(np.cos(np.pi / BANDS * order * band), np.float32)
