"""Stretches of a long recording in which somebody speaks, put together and looked at frame by frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..voices.features import RATE, STEP, cepstra, levels, long_silence, quiet_below, resample, weighed

Sound = NDArray[np.int16]
Floats = NDArray[np.float32]
Times = NDArray[np.float64]
Bools = NDArray[np.bool_]
Span = tuple[float, float]

SHORTEST: Final = 20
"""Frames of a piece; a shorter one is filled up with silence."""
CUT: Final = 0.05
"""Seconds of quiet in which a stretch is cut that is too long."""
MARGIN: Final = 0.12
"""Seconds around a stretch that are looked at, too: a quiet first or last sound."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Frames of STEP, on the clock of the recording."""

    begins: NDArray[np.intp]
    """First frame of each piece [shape=(pieces,)], from 0."""
    ends: Times
    """Seconds of the recording at which each piece ends [shape=(pieces,)]."""
    offsets: Times
    """Seconds from the time of a piece's frames to that in the recording [shape=(pieces,)]."""
    features: Floats
    """[shape=(n, d)]."""
    silent: Bools
    """Frames of silence too long for the closure of a stop [shape=(n,)]."""
    speaking: Bools
    """Frames that are not quiet [shape=(n,)]."""

    def __len__(self) -> int:
        return len(self.features)

    def piece(self, frames: Times) -> NDArray[np.intp]:
        """In which piece each place lies, in frames."""
        return (np.searchsorted(self.begins, frames, "right") - 1).clip(0)

    def time(self, frames: Times) -> Times:
        """Seconds of the recording of each place, in frames."""
        piece = self.piece(frames)
        return np.asarray(np.minimum(frames * STEP + self.offsets[piece], self.ends[piece]))

    def heard(self) -> list[Span]:
        """What lies between long silences, in seconds of the recording."""
        edges = np.flatnonzero(np.diff((~self.silent).astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
        begins, ends = self.time(edges[:, 0].astype(float)), self.time(edges[:, 1] - 1e-3)
        return list(zip(begins.tolist(), ends.tolist(), strict=True))


def cut_out(sound: Sound, rate: int, spans: Sequence[Span]) -> Pieces:
    """The stretches of a recording that ``widened`` gives."""
    size = round(STEP * RATE)
    samples: list[Floats] = []
    begins, offsets = [], []
    frames = 0
    for begin, end in spans:
        first = round(begin * rate)
        piece = resample(sound[first : round(end * rate)], rate)
        piece = np.pad(piece, (0, max(-len(piece) % size, SHORTEST * size - len(piece))))
        samples.append(piece)
        begins.append(frames)
        offsets.append(first / rate - frames * STEP)
        frames += len(piece) // size
    together = np.concatenate(samples)
    level = levels(together)[:frames]
    quiet = quiet_below(level)
    (values,) = cepstra(together)
    speaking = level > quiet
    silent = long_silence(level, quiet)
    silent[np.array(begins[1:], np.intp)] = True  # between two pieces there is a pause
    return Pieces(
        np.array(begins, np.intp),
        np.array([end for _, end in spans]),
        np.array(offsets),
        weighed(values[:frames], speaking),
        silent,
        speaking,
    )


def widened(spans: Sequence[Span], duration: float) -> list[Span]:
    """Stretches in order and without overlap, with a margin around each as far as there is room."""
    if not spans:
        return []
    middles = [0.0, *((a[1] + b[0]) / 2 for a, b in pairwise(spans)), duration]
    return [
        (max(begin - MARGIN, before), min(end + MARGIN, after))
        for (begin, end), (before, after) in zip(spans, pairwise(middles), strict=True)
    ]


def shortened(sound: Sound, rate: int, spans: Sequence[Span], longest: float) -> list[Span]:
    """The spans, those that are too long cut where it is quietest in their second half."""
    result: list[Span] = []
    for start, end in spans:
        while end - start > longest:
            half = start + longest / 2
            part = sound[round(half * rate) : round((start + longest) * rate)].astype(np.float32)
            size = max(1, round(CUT * rate))
            blocks = part[: len(part) // size * size].reshape(-1, size)
            cut = half + (int(np.square(blocks).mean(axis=1).argmin()) + 0.5) * CUT
            result.append((start, cut))
            start = cut
        result.append((start, end))
    return result
