"""How much each word of a sentence is emphasised: which words a speaker would accent."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .emotion import lemmas
from .lexicon import weights_of, words_of

ONE_IN: Final = 4
"""Of so many words one is emphasised (0.5 or more), at most."""
# Weights of the rules, on the scale of the word lists' own weights.
_CONTENT: Final = 0.4
_SHORT_CONTENT: Final = 0.32  # a Mandarin word of one syllable
_NUMBER: Final = 0.46
_CAPITALS: Final = 1.0
_LENGTH: Final = 0.015  # a letter beyond four: long words are rare words
_GIVEN: Final = 0.5  # factor for what has been mentioned
_ANSWER: Final = 0.2
_FOCUS: Final = 0.3
_CONTRAST: Final = 0.2
_NUCLEUS: Final = 0.2
_CLAUSE_END: Final = 0.1
_PROMINENT: Final = 0.7
"""What a word is worth that is surely prominent: a noun that ends a clause, by the rules."""
_TRUST: Final = 0.7
"""Share of the network in a word's own weight, the rest is the word lists'; what context adds is the rules' alone."""
_FAINTEST: Final = 0.33
"""No weaker word is emphasised, however few there are."""

_BREAK: Final = re.compile(r"[,;:，；：—–…()（）.!?。！？]")
_NOT_BUT: Final = (frozenset(("not", "不是", "不在")), frozenset(("but", "而是", "而在")))


@dataclass(frozen=True, slots=True)
class _Lists:
    accents: dict[str, tuple[str, float]]
    focus: frozenset[str]
    contrast: frozenset[str]


@functools.cache
def _lists(language: str) -> _Lists:
    code = "zh" if language in ("cmn", "yue", "hak") else "en" if language.startswith("en") else ""
    if not code:
        return _Lists({}, frozenset(), frozenset())
    file = f"prominence.{code}"
    accents = weights_of(file, "function", "weak", "light", "negative", "strong")
    return _Lists(accents, words_of(file, "focus"), words_of(file, "contrast"))


def emphasis(
    text: str,
    spans: Sequence[tuple[int, int]],
    language: str,
    before: Sequence[str],
    answers: bool,
    prominence: Sequence[float] | None = None,
) -> tuple[float, ...]:
    """A number for each word, 0..1; 0.5 or more is emphasised.

    Parameters
    ----------
    text, spans, language
        The sentence and its words' places.
    before
        The words of the sentences before it: what they have mentioned is known and is accented less.
    answers
        Whether the sentence before was a question; the first clause of an answer takes its words up on purpose.
    prominence
        How prominent each word would be read, 0..1, as a network has learned it; None leaves it to the word lists.
    """
    return _fewest(_scores(text, spans, language, before, answers, prominence))


def _scores(
    text: str,
    spans: Sequence[tuple[int, int]],
    language: str,
    before: Sequence[str],
    answers: bool,
    prominence: Sequence[float] | None,
) -> list[float]:
    lists = _lists(language)
    words = [text[start:end] for start, end in spans]
    low = [word.lower().replace("’", "'") for word in words]
    capitals = sum(word.isupper() and len(word) > 1 for word in words)
    mentioned = {_stem(word) for word in before}
    # Whether a clause ends after the word: something of punctuation stands before the next one.
    ends = [bool(_BREAK.search(text, a, b)) for (_, a), (b, _) in zip(spans, [*spans[1:], (len(text), 0)], strict=True)]

    scores: list[float] = []
    content: list[bool] = []
    new: list[bool] = []
    first_clause = answers
    for i, word in enumerate(words):
        kind, score = lists.accents.get(low[i]) or ("content", _plain(word))
        if prominence is not None:
            score += _TRUST * (_PROMINENT * prominence[i] - score)
        content.append(kind in ("content", "light", "strong") or (kind == "negative" and len(word) > 1))
        stem = _stem(low[i])
        if first_clause and kind == "content":
            score += _ANSWER
        elif stem in mentioned and kind in ("content", "light"):
            score *= _GIVEN
        new.append(stem not in mentioned)
        mentioned.add(stem)
        if word.isupper() and len(word) > 1 and 2 * capitals <= len(words) and (kind != "content" or len(word) > 3):
            score = _CAPITALS  # NOT, NEVER; but USA is no more than a name
        scores.append(score)
        first_clause = first_clause and not ends[i]

    _raise_after(scores, content, [word in lists.focus for word in low], _FOCUS)
    _raise_after(scores, content, [word in lists.contrast for word in low], _CONTRAST)
    _raise_pair(scores, content, low)
    for i, ending in enumerate(ends):
        if ending and content[i]:
            scores[i] += _CLAUSE_END
    accentable = [i for i in range(len(words)) if content[i]]
    clause = next((i + 1 for i in range(len(words)) if ends[i]), len(words))
    candidates = [
        [i for i in accentable if i < clause] if answers else [],  # the answer comes first
        [i for i in accentable if new[i]],
        accentable,
    ]
    nucleus = next((found[-1] for found in candidates if found), None)
    if nucleus is not None:
        scores[nucleus] += _NUCLEUS
    elif len(scores) == 1:
        scores[0] = _CONTENT  # "What?"
    return scores


def _plain(word: str) -> float:
    """Of a word that is in no list."""
    if any(map(str.isdigit, word)):
        return _NUMBER
    if "\u3400" <= word[0] <= "\u9fff":
        return _CONTENT if len(word) > 1 else _SHORT_CONTENT
    return _CONTENT + _LENGTH * min(max(len(word) - 4, 0), 8)


@functools.lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    return min(lemmas(word.lower()), key=len)


def _raise_after(scores: list[float], content: Sequence[bool], after: Sequence[bool], amount: float) -> None:
    """Raise the next content word, at most three words on."""
    for i, here in enumerate(after):
        if here:
            target = next((j for j in range(i + 1, min(i + 4, len(scores))) if content[j]), None)
            if target is not None:
                scores[target] += amount


def _raise_pair(scores: list[float], content: Sequence[bool], low: Sequence[str]) -> None:
    """Not X but Y: raise the last content word of X and the first of Y."""
    denied = next((i for i, word in enumerate(low) if word in _NOT_BUT[0]), None)
    if denied is None:
        return
    turn = next((i for i in range(denied + 1, len(low)) if low[i] in _NOT_BUT[1]), None)
    if turn is None:
        return
    for side in (range(turn - 1, denied, -1), range(turn + 1, len(low))):
        target = next((i for i in side if content[i]), None)
        if target is not None:
            scores[target] += _FOCUS


def _fewest(scores: Sequence[float]) -> tuple[float, ...]:
    """Lift the highest scores above 0.5, one in ``ONE_IN``, and keep all others under it."""
    count = max(1, (len(scores) + 1) // ONE_IN)
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], -i))
    chosen = {i for i in order[:count] if scores[i] >= _FAINTEST}
    return tuple(
        round(min(0.5 + 0.45 * (score - _FAINTEST), 0.95) if i in chosen else min(score, 0.45), 3)
        for i, score in enumerate(scores)
    )
