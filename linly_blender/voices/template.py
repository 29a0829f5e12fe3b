"""How a line sounds when espeak-ng says it, frame by frame, without its pauses: what sound is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..speech.synthesis import Spoken
from .features import QUIET, STEP, cepstra, levels, resample

Floats = NDArray[np.float32]
Times = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

WARPS: Final = (0.87, 1.0, 1.15)
"""Formants of men's, women's and children's voices against each other (Peterson & Barney 1952: 1 : 1.15 : 1.3)."""
PAUSE: Final = 0.06
"""Seconds of silence between two words that count as a pause."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """One line or several, frames of STEP."""

    cepstra: tuple[Floats, ...]
    """For each of WARPS [shape=(m, d) each]."""
    speaking: Bools
    """Frames that are no closure [shape=(m,)]."""
    edges: Times
    """Where each phone begins and ends, in frames [shape=(phones, 2)]."""
    words: Ints
    """Of each phone, the word it belongs to, counted through all lines [shape=(phones,)]."""
    starts: Ints
    """First frame of each word that has phones [shape=(said,)], ascending."""
    said: Ints
    """Which words these are [shape=(said,)], ascending."""

    def __len__(self) -> int:
        return len(self.speaking)

    def part(self, first: int, after: int) -> "Template":
        """From one of the words that have phones up to another, by their places in ``said``."""
        begin = int(self.starts[first])
        end = int(self.starts[after]) if after < len(self.starts) else len(self)
        own = (self.words >= self.said[first]) & (self.words <= self.said[after - 1])
        return Template(
            tuple(values[begin:end] for values in self.cepstra),
            self.speaking[begin:end],
            (self.edges[own] - begin).clip(0, end - begin - 1),
            self.words[own],
            self.starts[first:after] - begin,
            self.said[first:after],
        )


def template_of(spoken: Spoken, warps: Sequence[float] = WARPS) -> Template:
    """The template of one line."""
    sound = resample(spoken.sound, spoken.rate)
    values = cepstra(sound, warps)
    level = levels(sound)
    first, last = max(0.0, spoken.phones[0].start), spoken.phones[-1].end
    times = np.arange(len(level)) * STEP
    kept = (times >= first) & (times <= last)
    for a, b in pairwise(spoken.phones):
        if a.word != b.word and b.start - a.end > PAUSE:
            kept &= ~((times > a.end) & (times < b.start))
    if kept.sum() < 2:
        kept[:] = True
    place = np.concatenate([[0], np.cumsum(kept)]).astype(float)
    edges = np.interp([(phone.start / STEP, phone.end / STEP) for phone in spoken.phones], np.arange(len(place)), place)
    count = int(kept.sum())
    edges = edges.clip(0, count - 1)
    words = np.array([phone.word for phone in spoken.phones], np.intp)
    said, at = np.unique(words, return_index=True)
    starts = np.ceil(edges[at, 0] - 1e-6).astype(np.intp)
    starts[0] = 0
    return Template(
        tuple(each[kept] for each in values), (level > -QUIET)[kept], edges, words, np.maximum.accumulate(starts), said
    )


def joined(templates: Sequence[Template], counts: Sequence[int]) -> Template:
    """One template of several lines that follow each other; ``counts`` of all words of each."""
    frames = np.concatenate([[0], np.cumsum([len(each) for each in templates])]).astype(np.intp)
    words = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    return Template(
        tuple(np.concatenate(values) for values in zip(*(each.cepstra for each in templates), strict=True)),
        np.concatenate([each.speaking for each in templates]),
        np.concatenate([each.edges + frame for each, frame in zip(templates, frames, strict=False)]),
        np.concatenate([each.words + word for each, word in zip(templates, words, strict=False)]),
        np.concatenate([each.starts + frame for each, frame in zip(templates, frames, strict=False)]),
        np.concatenate([each.said + word for each, word in zip(templates, words, strict=False)]),
    )
