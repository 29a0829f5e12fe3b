"""Answers found in a file of questions and answers, without any language model.

Every question is a vector of weighted features: words, and short runs of characters, which forgive endings and slips
of the recogniser. The answer is that of the question whose vector and words are nearest, if it is near enough.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..language import detect
from ..language.words import words
from ..live.services import Turn
from .pairs import Pair, read_pairs
from .phrases import UNKNOWN, is_chinese

CONFIDENT: Final = 0.45
"""Confidence from which an answer is given."""
_LONGEST: Final = 500
_FUNCTION_WEIGHT: Final = 0.25
"""Of a word that says little."""
_SHARE_OF_WORDS: Final = 0.5
"""Of the overlap of words in the confidence; the rest is the cosine."""
_EXCHANGED: Final = 1.0
"""Share of the confidence that is lost when each side has words that the other has not: a coffee is no ticket."""
_LITTLE: Final = """
a an the is are was were be been am do does did can could will would shall should may might must have has had i me my
you your he she it its we us our they them their this that these those of in on at to for with from by and or but if so
as please tell say know there here what which who whom how when where why about any some get got just want like let not
的 了 吗 呢 吧 啊 呀 嗯 是 在 有 和 与 或 我 你 您 他 她 它 我们 你们 他们 这 那 这个 那个 这里 那里 请 请问 想 要 能
可以 会 什么 怎么 怎样 哪 哪里 哪儿 谁 为什么 时候 什么时候 多少 几 几点 一 个 一个 一下 就 也 都 还 把 被 给 对 从 到
知道 告诉 说 好
"""
_FUNCTION: Final = frozenset(_LITTLE.split())
_SHORT: Final = {"what's": "what is", "who's": "who is", "where's": "where is", "how's": "how is", "when's": "when is",
                 "it's": "it is", "i'm": "i am", "you're": "you are", "that's": "that is", "can't": "can not",
                 "don't": "do not", "doesn't": "does not", "isn't": "is not", "won't": "will not"}  # fmt: skip
_HAN: Final = re.compile("[\u3400-\u9fff\U00020000-\U000323af]")


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest question."""

    pair: int
    """Index into the pairs."""
    confidence: float
    """0..1."""


class Index:
    """Finds the nearest of many questions in well under a millisecond per thousand."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._pair = np.array([i for i, pair in enumerate(pairs) for _ in pair.questions])
        rows = [_features(question) for pair in pairs for question in pair.questions]
        seen: Counter[str] = Counter(feature for row in rows for feature in row)
        self._unseen = math.log(1.0 + len(rows)) + 1.0
        self._weight = {feature: math.log((1.0 + len(rows)) / (1.0 + n)) + 1.0 for feature, n in seen.items()}
        found: dict[str, tuple[list[int], list[float]]] = {feature: ([], []) for feature in seen}
        self._words, self._content = np.zeros(len(rows)), np.zeros(len(rows))
        for number, row in enumerate(rows):
            weighed = self._weigh(row)
            length = math.hypot(*weighed.values()) or 1.0
            for feature, value in weighed.items():
                found[feature][0].append(number)
                found[feature][1].append(value / length)
            self._words[number], self._content[number] = _sums(weighed)
        self._found: dict[str, tuple[NDArray[np.intp], NDArray[np.float64]]] = {
            feature: (np.array(numbers, np.intp), np.array(values)) for feature, (numbers, values) in found.items()
        }

    def nearest(self, said: str) -> Match | None:
        """The question nearest to what was said; None when nothing in it is known."""
        weighed = self._weigh(_features(said[:_LONGEST]))
        length = math.hypot(*weighed.values()) or 1.0
        cosine, shared, content = np.zeros((3, len(self._pair)))
        for feature, value in weighed.items():
            if feature in self._found:
                numbers, values = self._found[feature]
                cosine[numbers] += values * (value / length)
                if feature[0] == "w":
                    shared[numbers] += value
                    content[numbers] += value * (feature[1:] not in _FUNCTION)
        own, own_content = _sums(weighed)
        overlap = 2.0 * shared / np.maximum(self._words + own, 1e-9)
        fewer = np.minimum(self._content, own_content)
        exchanged = (fewer - content) / np.maximum(fewer, 1e-9)
        score = (1.0 - _SHARE_OF_WORDS) * cosine + _SHARE_OF_WORDS * overlap
        score *= 1.0 - _EXCHANGED * np.clip(exchanged, 0.0, 1.0)
        best = int(np.argmax(score))
        return Match(int(self._pair[best]), float(min(score[best], 1.0))) if score[best] > 0.0 else None

    def _weigh(self, features: Counter[str]) -> dict[str, float]:
        return {
            feature: self._weight.get(feature, self._unseen) * count * (0.5 if feature[0] == "c" else 1.0)
            * (_FUNCTION_WEIGHT if feature[1:] in _FUNCTION else 1.0)
            for feature, count in features.items()
        }  # fmt: skip


def _sums(weighed: dict[str, float]) -> tuple[float, float]:
    """Weight of all words, and of those that say something."""
    own = {feature[1:]: value for feature, value in weighed.items() if feature[0] == "w"}
    return sum(own.values()), sum(value for word, value in own.items() if word not in _FUNCTION)


def _features(text: str) -> Counter[str]:
    """Words and single Chinese characters (``w`` before them), runs of three letters or two characters (``c``)."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = " ".join(_SHORT.get(word.strip(".,!?"), word) for word in text.split())
    features: Counter[str] = Counter()
    for word in _words(text):
        features["w" + (word if word in _FUNCTION else _stem(word))] += 1
        if word not in _FUNCTION and _HAN.match(word) is None:
            padded = f"<{word}>"
            features.update({"c" + padded[i : i + 3] for i in range(len(padded) - 2)})
        elif word not in _FUNCTION and len(word) > 1:  # 带狗 is near to 带 and 狗
            features.update({"w" + character for character in word})
    for run in re.findall(f"{_HAN.pattern}+", text):
        features.update("c" + run[i : i + 2] for i in range(len(run) - 1))
    return features


def _words(text: str) -> Iterator[str]:
    for start, end in words(text, detect.MANDARIN):
        word = text[start:end]
        if any(map(str.isalnum, word)):
            yield word.removesuffix("'s")


def _stem(word: str) -> str:
    """The word without an ending of English inflection; the same for all its forms, and not always a word."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word.removesuffix(ending)
    return word


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
