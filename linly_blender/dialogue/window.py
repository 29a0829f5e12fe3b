"""A stretch of a recording beside a part of a script: which words of it are heard, and when each of their phones is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..language.script import Line
from ..speech.synthesis import Spoken
from ..voices.features import STEP, weighed
from ..voices.placing import POOL, place, pool, retimed, rough_way, unpooled
from ..voices.template import Template, joined
from .adapting import Ear
from .analysis import SURE
from .assembling import Found
from .following import NOWHERE, follow
from .pieces import Pieces

Floats = NDArray[np.float32]
Times = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

ONSET: Final = 0.06
"""Seconds around the end of a passage within which its first or last sound is looked for."""
FITTING: Final = -1.5
"""Standard deviations at which a word is as likely said as not, ..."""
STEEPNESS: Final = 5.0
"""... and how fast that changes."""
MISSING: Final = 0.0
"""Fit of a word that is not heard."""
LINE_WEIGHT: Final = 0.4
"""Share of its line's fit in how likely a word is said."""
USUAL: Final = -1.8
"""Fit of a line that is said by a person, ..."""
STRICTER: Final = 0.5
"""... and by how much of what it fits better than that its words have to."""
LEAP: Final = 3
"""Lines between two that follow each other in the sound from which it is a leap."""
SAMPLED: Final = 4
"""Only every so many-th frame of the script tells how well frames mostly fit."""
SURROUNDINGS: Final = 0.25
"""Seconds before and after a word that tell, too, whether it is said, ..."""
THEIR_WEIGHT: Final = 0.3
"""... of its own weight."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A line of the script as espeak-ng says it."""

    line: Line
    spoken: Spoken
    template: Template


@dataclass(frozen=True, slots=True, eq=False)
class _Passage:
    """Words of the script that are said without others in between."""

    warps: Ints
    """With which of the tried warps each frame is said [shape=(n,)]."""
    reference: Floats
    """What espeak-ng's sound is at each frame of the passage [shape=(n, d)]."""
    sound: Floats
    words: Ints
    """The word that is said at each frame, or -1 [shape=(n,)]."""


class Window:
    """The likeliest way through both.

    Parameters: the sound; lines of the script from number ``first`` on; other sounds of the language, to compare with;
    how voices sound, for each of WARPS; which of those may be tried.
    """

    def __init__(
        self,
        pieces: Pieces,
        prepared: Sequence[Prepared],
        first: int,
        stock: Template,
        ears: Sequence[Ear],
        warps: Sequence[int],
    ) -> None:
        self.pieces, self._prepared, self._first = pieces, prepared, first
        self._ears, self._tried = [ears[warp] for warp in warps], tuple(warps)
        counts = [len(each.line.words) for each in prepared]
        self._borders = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)  # of each line's words
        self._script = joined([each.template for each in prepared], counts)
        self._starts = _apart(self._script.starts // POOL)
        self._passages: list[_Passage] = []
        size = len(self._script)
        together = [
            weighed(np.concatenate(both), np.concatenate([self._script.speaking, np.zeros(len(stock), np.bool_)]))
            for both in zip(self._script.cepstra, stock.cepstra, strict=True)
        ]
        self._features = [together[warp][:size] for warp in warps]
        sound = pool(pieces.features)
        silent = pool(pieces.silent[:, None].astype(np.float32))[:, 0] > 0.99
        opening = np.isin(np.arange(len(self._starts)), np.searchsorted(self._script.said, self._borders[:-1]))
        self._mean, self._spread = [], []  # of the distances of each frame of the sound, for each warp
        best: Floats | None = None
        for ear, both in ((ears[warp], together[warp]) for warp in warps):
            features = pool(ear.hear(both[:size]))
            features = np.pad(features, ((0, max(0, self._starts[-1] + 1 - len(features))), (0, 0)), "edge")
            fits = _distances(sound, np.concatenate([features, pool(ear.hear(both[size:]))]))
            some = fits[:, ::SAMPLED]
            self._mean.append(some.mean(axis=1))
            self._spread.append(some.std(axis=1) + np.float32(1e-3))
            fits = fits[:, : len(features)]
            fits *= 1 / self._spread[-1][:, None]
            fits -= (self._mean[-1] / self._spread[-1])[:, None]
            best = fits if best is None else np.minimum(best, fits, out=best)
        assert best is not None
        self._way = follow(best, silent, self._starts, opening)

    def __len__(self) -> int:
        """Lines of the script that are looked at."""
        return len(self._prepared)

    def insist(self) -> None:
        """Take the whole script to be said from the first to the last frame."""
        ways = [
            rough_way(self.pieces.features, self.pieces.silent, ear.hear(features), self._script.starts)
            for ear, features in zip(self._ears, self._features, strict=True)
        ]
        self._way = max(ways, key=lambda way: float(way.likeness.mean())).path

    def lines(self) -> list[tuple[int, Found]]:
        """The lines of which anything is heard, in order, each with its number."""
        script = self._script
        spans = np.full((len(script.edges), 2), np.nan)
        fits = np.full(int(self._borders[-1]), np.nan)
        self._passages = []
        for begin, end in _runs(self._way != NOWHERE):
            way = self._way[begin:end]
            first = int(np.searchsorted(self._starts, way[0], "right")) - 1
            after = int(np.searchsorted(self._starts, way[-1], "right"))
            own = np.flatnonzero((script.words >= script.said[first]) & (script.words <= script.said[after - 1]))
            frames = _trimmed(begin * POOL, min(end * POOL, len(self.pieces)), self.pieces)
            rough = unpooled(way, (end - begin) * POOL, len(script))
            at = (np.arange(frames.start, frames.stop) - begin * POOL).clip(0, len(rough) - 1)
            spans[own], fits[script.said[first:after]] = self._placed(first, after, frames, rough[at])
        phones = np.bincount(script.words, minlength=len(fits))
        lines = [slice(first, after) for first, after in pairwise(self._borders.tolist())]
        levels = np.array([_level(fits[line], phones[line]) for line in lines])
        heard = [number for number, line in enumerate(lines) if not np.isnan(fits[line]).all()]
        level = float(np.median(levels[heard])) if heard else 0.0
        found = []
        for number in heard:
            line, prepared = lines[number], self._prepared[number]
            own = (script.words >= line.start) & (script.words < line.stop)
            confidence = _confidence(fits[line], levels[number], level)
            found.append((self._first + number, Found(prepared.line, prepared.spoken.phones, spans[own], confidence)))
        return found

    def _placed(self, first: int, after: int, frames: slice, rough: Ints) -> tuple[Times, Times]:
        """When the phones of a passage are heard, and how well each of its words fits.

        Parameters: its first word and the one after its last, of those that have phones; its frames of the sound, and
        for each about which one of the script it is.
        """
        part = self._script.part(first, after)
        begin = int(self._script.starts[first])
        rough = (rough - begin).clip(0, len(part) - 1)
        sound, silent = self.pieces.features[frames], self.pieces.silent[frames]
        own = np.stack([features[begin : begin + len(part)] for features in self._features])
        heard = np.stack([ear.hear(features) for ear, features in zip(self._ears, own, strict=True)])
        warps = self._chosen(np.square(sound - heard[:, rough]).sum(axis=2), rough, part)
        frames_of = np.arange(len(part))
        count = max(2, int((~silent).sum()))
        features, starts, edges = retimed(heard[warps, frames_of], part.starts, part.edges, count)
        scale = (count - 1) / max(1, len(part) - 1)
        placed = place(sound, silent, features, starts, edges, np.round(rough * scale).astype(np.intp))
        path = placed.way.path
        at = np.round(path / scale).astype(np.intp).clip(0, len(part) - 1)
        pooled = (np.arange(frames.start, frames.stop) // POOL).clip(0, len(self._mean[0]) - 1)
        mean, spread = np.stack(self._mean)[warps[at], pooled], np.stack(self._spread)[warps[at], pooled]
        fit = (placed.way.distances - mean) / spread
        words = np.full(len(sound), -1, np.intp)
        for word in part.said.tolist():
            phones = edges[part.words == word]
            words[~silent & (path >= phones[0, 0]) & (path <= phones[-1, 1])] = word
        self._passages.append(_Passage(warps[at], own[warps[at], at], sound, words))
        fits = [_fit(fit, words == word, ~silent) for word in part.said.tolist()]
        return _whole(self.pieces, placed.spans + frames.start), np.array(fits)

    def _chosen(self, apart: Floats, rough: Ints, part: Template) -> Ints:
        """With which of the tried warps each line of a passage is said, for every frame of its script.

        Parameters: how far each frame of the sound is from the script's in each of them [shape=(tried, n)], and which
        that is.
        """
        lines = np.searchsorted(self._borders, part.said, "right")
        begins = part.starts[np.flatnonzero(np.diff(lines, prepend=-1))]
        result = np.empty(len(part), np.intp)
        for begin, end in pairwise([*begins.tolist(), len(part)]):
            inside = (rough >= begin) & (rough < end)
            result[begin:end] = apart[:, inside].mean(axis=1).argmin() if inside.any() else 0
        return result

    def learn(self, number: int, found: Found, ears: Sequence[Ear]) -> None:
        """Let ears, one for each of WARPS, get used to the voice of a line that was found."""
        sure = self._borders[number - self._first] + np.flatnonzero(found.confidence >= SURE)
        for passage in self._passages:
            known = np.isin(passage.words, sure)
            for tried, warp in enumerate(self._tried):
                own = known & (passage.warps == tried)
                if own.any():
                    ears[warp].learn(passage.reference[own], passage.sound[own])

    def settled(self, unsettled: float, doubtful: float) -> int:
        """How many pieces, not the last, need not be looked at again: no line goes on from them.

        Parameters: seconds at the end that may come to be heard otherwise; and those within which a leap over several
        lines may turn out to be none.
        """
        firsts = np.searchsorted(self._script.said, self._borders[1:-1])
        lines = np.searchsorted(self._starts[firsts], self._way, "right")
        heard = np.flatnonzero(self._way != NOWHERE)
        leaps = heard[np.flatnonzero(np.diff(lines[heard], prepend=0) > LEAP)] * POOL
        leaps = leaps[(len(self.pieces) - leaps) * STEP < doubtful]
        for count in range(len(self.pieces.begins) - 1, 0, -1):
            border = int(self.pieces.begins[count])
            if (len(self.pieces) - border) * STEP < unsettled or (leaps < border).any():
                continue
            border //= POOL
            before = np.flatnonzero(self._way[:border] != NOWHERE)
            after = np.flatnonzero(self._way[border:] != NOWHERE)
            if not len(before) or not len(after) or lines[before[-1]] != lines[border + after[0]]:
                return count
        return 0


def _distances(sound: Floats, script: Floats) -> Floats:
    """Of each frame of the one to each of the other [shape=(n, m)]."""
    squares = sound @ script.T
    squares *= -2
    squares += np.square(sound).sum(axis=1)[:, None]
    squares += np.square(script).sum(axis=1)
    np.maximum(squares, 0, out=squares)
    return np.asarray(np.sqrt(squares, out=squares), np.float32)


def _apart(starts: Ints) -> Ints:
    """The same first frames, each at least one after the one before."""
    steps = np.arange(len(starts))
    return np.asarray(np.maximum.accumulate(starts - steps) + steps, np.intp)


def _runs(marks: Bools) -> Iterator[tuple[int, int]]:
    """First of each run of marks, and the one after its last."""
    edges = np.flatnonzero(np.diff(marks.astype(np.int8), prepend=0, append=0))
    yield from edges.reshape(-1, 2).tolist()


def _trimmed(begin: int, end: int, pieces: Pieces) -> slice:
    """Frames of a passage, from its first sound to its last, looked for a little around its ends."""
    reach = round(ONSET / STEP)
    speaking = pieces.speaking
    if speaking[begin]:
        quiet = np.flatnonzero(~speaking[max(0, begin - reach) : begin])
        begin = max(0, begin - reach) + int(quiet[-1]) + 1 if len(quiet) else begin
    else:
        begin += int(np.argmax(speaking[begin:end]))
    if speaking[end - 1]:
        quiet = np.flatnonzero(~speaking[end : end + reach])
        end = end + int(quiet[0]) if len(quiet) else end
    else:
        end -= int(np.argmax(speaking[begin:end][::-1]))
    end = min(max(end, begin + 2), len(speaking))
    return slice(min(begin, end - 2), end)


def _whole(pieces: Pieces, frames: Times) -> Times:
    """Seconds of spans in frames; one that goes on into another piece keeps its longer part."""
    begin, end = pieces.piece(frames[:, 0]), pieces.piece(frames[:, 1])
    frames = frames.copy()
    for index in np.flatnonzero(begin != end).tolist():
        border = float(pieces.begins[end[index]])
        if border - frames[index, 0] >= frames[index, 1] - border:
            frames[index, 1] = border - 1e-3
        else:
            frames[index, 0] = border
    return pieces.time(frames)


def _fit(fit: Floats, inside: Bools, heard: Bools) -> float:
    """How well a word fits, from its frames and, lightly, those around them; NaN without any."""
    places = np.flatnonzero(inside)
    if not len(places):
        return np.nan
    reach = round(SURROUNDINGS / STEP)
    around = slice(max(0, int(places[0]) - reach), int(places[-1]) + 1 + reach)
    weights = np.where(inside[around], 1.0, THEIR_WEIGHT) * heard[around]
    return float((fit[around] * weights).sum() / weights.sum())


def _level(fits: Times, phones: Ints) -> float:
    """How well a line fits whose words fit like this, with so many phones each; missing words count, too."""
    return float((np.where(np.isnan(fits), MISSING, fits) * phones).sum() / max(1, phones.sum()))


def _confidence(fits: Times, line: float, others: float) -> Times:
    """How likely each word of a line is said, from how well it fits, its line does and most lines do.

    Where its line or the others fit better than people's usually do a word has to fit better as well.
    """
    together = fits + LINE_WEIGHT * (max(line, USUAL) - fits)
    wanted = FITTING - STRICTER * max(0.0, USUAL - line, (USUAL - others) / 2)
    return np.asarray(np.nan_to_num(1 / (1 + np.exp(STEEPNESS * (together - wanted)))), np.float64)
