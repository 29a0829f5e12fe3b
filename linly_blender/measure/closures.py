"""Closed lips against the sounds that ask for them, whoever moves the lips: one judge for every maker of lip sync."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..score import Speech
from .lips import segments

Floats = NDArray[np.float64]

SLACK: Final = 1 / 24
"""Seconds around a p, b or m in which closed lips are still its own: a frame of film."""


@dataclass(frozen=True, slots=True)
class Closures:
    """What lips did in a speech on its sounds that close them (p, b, m ...) and on the others."""

    onsets: Floats
    """Seconds by which the lips met after (> 0) or before (< 0) their start; NaN where not at all [shape=(sounds,)]."""
    others: int
    """Sounds that leave the lips apart."""
    shut: int
    """Those of them whose middle half is closed from end to end."""

    @classmethod
    def of_all(cls, parts: Sequence[Self]) -> Self:
        """Several speeches as one."""
        onsets = np.concatenate([part.onsets for part in parts])
        return cls(onsets, sum(part.others for part in parts), sum(part.shut for part in parts))

    @property
    def sounds(self) -> int:
        """How many there are that close the lips."""
        return len(self.onsets)

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which of them have closed lips [shape=(sounds,)]."""
        return ~np.isnan(self.onsets)

    @property
    def missed(self) -> float:
        """Share of them, 0..1, without closed lips; 0 where there is none."""
        return float(np.mean(~self.found)) if self.sounds else 0.0

    @property
    def false(self) -> float:
        """Share of the other sounds, 0..1, that are shut."""
        return self.shut / self.others if self.others else 0.0

    def off(self, percentile: float, among: NDArray[np.bool_]) -> float:
        """Percentile of the seconds by which closures are off their time, among those that count [shape=(sounds,)].

        NaN where none of them is found.
        """
        counted = np.abs(self.onsets[among & self.found])
        return float(np.percentile(counted, percentile)) if len(counted) else np.nan


def judge(speech: Speech, begins: Floats, ends: Floats) -> Closures:
    """Judge stretches of closed lips, in order and apart, by what is really said.

    Parameters: the speech with its true phones; begin and end of every stretch in seconds [shape=(k,) each].
    """
    others = shut = 0
    onsets: list[float] = []
    begins = np.maximum(begins, 0.0)  # lips may be closed from before the first sample
    open_until = 0.0  # end of the last sound that leaves the lips apart
    for _, segment, start, end, _ in segments(speech):
        if segment.closes_lips:
            first = int(np.searchsorted(ends, start - SLACK, side="right"))
            after = int(np.searchsorted(begins, end + SLACK, side="left"))
            # In silence, and after a sound that closes them too, the lips may be together already.
            free = begins[first:after] - np.clip(begins[first:after], min(open_until, start), start)
            onsets.append(float(free[np.abs(free).argmin()]) if len(free) else np.nan)
            continue
        open_until = end
        if segment.place != "bilabial":
            others += 1
            quarter = (end - start) / 4
            run = int(np.searchsorted(begins, start + quarter, side="right")) - 1
            shut += run >= 0 and bool(ends[run] >= end - quarter)
    return Closures(np.array(onsets, np.float64), others, shut)
