"""How far a sound stands out of the room it was recorded in, moment by moment."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..perform import Progress

Floats = NDArray[np.float32]

STEP: Final = 0.01
"""Seconds between two values; value ``i`` is centred on ``i * STEP`` seconds."""
WINDOW: Final = 0.032
"""Seconds of sound in one."""
RATE: Final = 16000
"""Samples a second that are looked at, or somewhat more."""
BANDS: Final = ((200.0, 3800.0), (4000.0, 7800.0))
"""Hertz: voices without the hum of mains, and hisses, of which an f at a line's end consists alone."""
QUIETEST: Final = -75.0
"""Decibels of full scale of the quietest room that is believed; below it are gates and cuts."""
AT_ONCE: Final = 4096
"""Values made at a time, so that an hour needs no more memory than a minute."""

AROUND: Final = 10.0
"""Seconds to either side in which room and voices are taken to stay as they are."""
BLOCK: Final = 0.5
"""Seconds that are looked at as one for that."""
ROOM_OF_BLOCK: Final = 0.2
"""The share of a block that is quieter than the room may have been ..."""
ROOM_OF_BLOCKS: Final = 0.1
"""... and the share of the blocks around: any 20 s of dialogue have 2 s in which a voice does not cover it."""
DYNAMIC_RANGE: Final = 60.0
"""Decibels below the loudest around under which everything is room: the tone of it beside cuts to digital silence."""


def levels(sound: NDArray[np.int16], rate: int, progress: Progress) -> Floats:
    """Decibels of full scale, ``QUIETEST`` at least, in each of ``BANDS`` of mono samples [shape=(n,) -> (2, m)]."""
    factor = max(1, rate // RATE)
    low_rate = rate / factor
    window = round(WINDOW * low_rate)
    hann = np.hanning(window).astype(np.float32)
    size = 1 << (window - 1).bit_length()
    frequencies = np.fft.rfftfreq(size, 1 / low_rate)
    bands = [(frequencies >= low) & (frequencies < high) for low, high in BANDS]
    count = int(len(sound) / rate / STEP) + 1
    made = np.full((len(BANDS), count), QUIETEST, np.float32)
    for first in range(0, count, AT_ONCE):
        progress(first / count, "listening")
        starts = np.rint(np.arange(first, min(first + AT_ONCE, count)) * STEP * low_rate).astype(np.intp) - window // 2
        begin, end = int(starts[0]) * factor, (int(starts[-1]) + window) * factor
        part = sound[max(0, begin) : end].astype(np.float32)
        part = np.pad(part, (max(0, -begin), max(0, end - max(0, begin) - len(part)))) / 32768
        low = part.reshape(-1, factor).mean(axis=1)
        frames = np.lib.stride_tricks.sliding_window_view(low, window)[starts - starts[0]] * hann
        spectra = np.fft.rfft(frames, size)
        power = (spectra.real**2 + spectra.imag**2) * (2 / size / float(hann @ hann))
        for band, row in zip(bands, made, strict=True):
            decibels = 10 * np.log10(power[:, band].sum(axis=1) + 1e-12)
            row[first : first + len(starts)] = np.maximum(decibels, QUIETEST)
    return made


def above_room(level: Floats) -> Floats:
    """Decibels of one band above the room around [shape=(m,) -> (m,)], 0 at least."""
    per_block = round(BLOCK / STEP)
    blocks = np.pad(level, (0, -len(level) % per_block), "edge").reshape(-1, per_block)
    inside = np.sort(blocks, axis=1)
    room, loud = inside[:, int(ROOM_OF_BLOCK * per_block)], inside[:, -1]
    room = np.where(room > QUIETEST, room, np.inf)  # cuts to digital silence say nothing of the room
    reach = round(AROUND / BLOCK)
    around = np.sort(_around(room, reach), axis=1)
    known = np.isfinite(around).sum(axis=1)
    floor = np.take_along_axis(around, (ROOM_OF_BLOCKS * known).astype(np.intp)[:, None], axis=1)[:, 0]
    floor = np.where(known > 0, floor, QUIETEST)
    floor = np.maximum(floor, _around(loud, reach, -np.inf).max(axis=1) - DYNAMIC_RANGE)
    return np.maximum(0, level - np.repeat(floor, per_block)[: len(level)]).astype(np.float32)


def _around(blocks: Floats, reach: int, beyond: float = np.inf) -> Floats:
    """Each block's neighbours up to ``reach`` to either side [shape=(b, 2 reach + 1)]."""
    padded = np.pad(blocks, reach, constant_values=beyond)
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
