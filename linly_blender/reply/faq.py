"""Answers found in a file of questions and answers, without any language model.

Every question is a vector of weighted features: words, what they mean (``meanings``), and short runs of characters,
which forgive slips of the recogniser. How sure it is that two questions ask the same is learnt from questions asked in
many ways. The answer is that of the surest, if it is sure enough.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..live.services import Turn
from .meanings import HAN, Word, read
from .pairs import Pair, read_pairs
from .phrases import UNKNOWN, is_chinese

CONFIDENT: Final = 0.5
"""Confidence from which an answer is given."""
_LONGEST: Final = 500
_LITTLE: Final = 0.1
"""Weight of a word that says little, of one that says much."""
_ASKING: Final = 0.7
"""The same of one that says what is asked for: when, where, how much."""
_MEANING: Final = 0.85
"""Share of a word's weight that another word of the same meaning has, too."""
_CHARACTERS: Final = 0.6
"""Share of an unknown Chinese word's weight that its characters have: 学生证 is near to 学生."""
_RUNS: Final = 0.5
"""Weight of a run of characters."""
_ODDS: Final = (7.8, 3.2, -2.7, -1.4, -3.7)
"""Logarithm of the odds that an answer is right: of the overlap of words, of the cosine, of things exchanged, of
something else being asked for, and what is there before. Fitted by logistic regression to
tests/live/questions/hotel.*.txt."""


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest question."""

    pair: int
    """Index into the pairs."""
    confidence: float
    """0..1."""


class Index:
    """Finds the nearest of many questions in about half a millisecond per thousand."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._pair = np.array([i for i, pair in enumerate(pairs) for _ in pair.questions])
        rows = [_features(question) for pair in pairs for question in pair.questions]
        seen: Counter[str] = Counter(feature for row in rows for feature in row.all)
        self._unseen = math.log(1.0 + len(rows)) + 1.0
        self._rarity = {feature: math.log((1.0 + len(rows)) / (1.0 + n)) + 1.0 for feature, n in seen.items()}
        found: dict[str, tuple[list[int], list[float]]] = {feature: ([], []) for feature in seen}
        self._words, self._things, self._asking, self._length = np.zeros((4, len(rows)))
        for number, row in enumerate(rows):
            weighed = self._weigh(row)
            self._length[number] = math.hypot(*weighed.values())
            for feature, value in weighed.items():
                found[feature][0].append(number)
                found[feature][1].append(value)
            self._words[number], self._things[number], self._asking[number] = row.sums(weighed)
        self._found: dict[str, tuple[NDArray[np.intp], NDArray[np.float64]]] = {
            feature: (np.array(numbers, np.intp), np.array(values)) for feature, (numbers, values) in found.items()
        }

    def nearest(self, said: str) -> Match | None:
        """The question nearest to what was said; None when nothing in it is known."""
        row = _features(said[:_LONGEST])
        weighed = self._weigh(row)
        length = math.hypot(*weighed.values()) or 1.0
        cosine, shared, things, asking = np.zeros((4, len(self._pair)))
        for feature, value in weighed.items():
            if feature in self._found:
                numbers, values = self._found[feature]
                cosine[numbers] += values * (value / length) / self._length[numbers]
                for kind, sums in ((row.words, shared), (row.things, things), (row.asking, asking)):
                    if feature in kind:
                        sums[numbers] += np.minimum(values, value)
        own, own_things, own_asking = row.sums(weighed)
        overlap = 2.0 * shared / np.maximum(self._words + own, 1e-9)
        fewer = np.minimum(self._things, own_things)
        exchanged = np.where(fewer > 0.0, 1.0 - things / np.maximum(fewer, 1e-9), 0.0)
        other = (np.minimum(self._asking, own_asking) > 0.0) & (asking <= 0.0)
        odds = np.array([overlap, cosine, exchanged, other, np.ones_like(cosine)]).T @ _ODDS
        odds[cosine <= 0.0] = -np.inf
        best = int(np.argmax(odds))
        if cosine[best] <= 0.0:
            return None
        return Match(int(self._pair[best]), float(1.0 / (1.0 + np.exp(-odds[best]))))

    def _weigh(self, row: "_Features") -> dict[str, float]:
        return {feature: weight * self._rarity.get(feature, self._unseen) for feature, weight in row.all.items()}


@dataclass(frozen=True, slots=True)
class _Features:
    """What a question is compared by, each with its weight."""

    all: dict[str, float]
    words: frozenset[str]
    """Those that are words or meanings; the others are runs of characters."""
    things: frozenset[str]
    """Those of the words that name what is asked about."""
    asking: frozenset[str]
    """Those that tell what is asked for: when, where, how much."""

    def sums(self, weighed: dict[str, float]) -> tuple[float, float, float]:
        """Weight of the words, of the things, and of what is asked for."""
        words, things, asking = (sum(weighed[each] for each in kind) for kind in (self.words, self.things, self.asking))
        return words, things, asking


def _features(text: str) -> _Features:
    words: dict[str, float] = {}
    things: set[str] = set()
    asking: set[str] = set()
    runs: dict[str, float] = {}
    for word in read(text):
        if word.kind == "little":
            words["w" + word.text] = _LITTLE
        elif word.kind == "asking":
            words["m" + word.meaning] = _ASKING
            asking.add("m" + word.meaning)
        else:
            parts = _parts(word)
            words.update(parts)
            things.update(parts)
            if not word.is_chinese:
                padded = f"<{word.text}>"
                runs.update({"c" + padded[i : i + 3]: _RUNS for i in range(len(padded) - 2)})
    for run in re.findall(f"{HAN.pattern}+", text):
        runs.update({"c" + run[i : i + 2]: _RUNS for i in range(len(run) - 1)})
    return _Features({**words, **runs}, frozenset(words), frozenset(things), frozenset(asking))


def _parts(word: Word) -> dict[str, float]:
    """A word itself, and what it shares with words that are near to it."""
    if word.meaning:
        return {"m" + word.meaning: _MEANING, "w" + word.text: 1.0 - _MEANING}
    if word.is_chinese and len(word.text) > 1:
        each = {"w" + character: _CHARACTERS / len(word.text) for character in word.text}
        return {"w" + word.text: 1.0 - _CHARACTERS, **each}
    return {"w" + word.text: 1.0}


class Faq:
    """Answers from a file; several answers to one question are given in turn."""

    def __init__(self, path: Path, language: str = "en") -> None:
        """Raises ServiceError("setting") when the file cannot be used, with the line of what is wrong."""
        self._pairs = read_pairs(path)
        self._index = Index(self._pairs)
        self._language = language
        self._turns: Counter[int | str] = Counter()

    def nearest(self, said: str) -> Match | None:
        """The nearest question and how sure it is."""
        return self._index.nearest(said)

    def reply(self, said: str, before: tuple[Turn, ...], cancelled: Callable[[], bool]) -> Iterator[str]:
        """As ``Responder.reply``."""
        match = self.nearest(said)
        if match is not None and match.confidence >= CONFIDENT:
            yield self._next(match.pair, self._pairs[match.pair].answers)
        else:
            language = "zh" if is_chinese(said) or (self._language == "zh" and not said.isascii()) else "en"
            yield self._next(language, UNKNOWN[language])

    def _next(self, of: int | str, answers: Sequence[str]) -> str:
        answer = answers[self._turns[of] % len(answers)]
        self._turns[of] += 1
        return answer

    def close(self) -> None:
        """Nothing is held."""
