"""What the words of a question mean, as far as lists of words can tell: ``meanings.en.txt`` and ``meanings.zh.txt``.

Words of one line mean about the same and become one meaning, whatever their form. Chinese words are found by jieba.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from ..language import detect
from ..language.words import words

Kind = Literal["little", "asking", "thing"]
_LONGEST_PHRASE: Final = 4
"""Words."""
HAN: Final = re.compile("[\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
"""A Chinese character."""
_KINDS: Final[dict[str, Kind]] = {"[little]": "little", "[asking]": "asking", "[things]": "thing"}
_SHORT: Final = {
    "what's": "what is", "who's": "who is", "where's": "where is", "how's": "how is", "when's": "when is",
    "there's": "there is", "it's": "it is", "i'm": "i am", "i'd": "i would", "i've": "i have", "you're": "you are",
    "that's": "that is", "can't": "can not", "don't": "do not", "doesn't": "does not", "isn't": "is not",
    "won't": "will not",
}  # fmt: skip
_IRREGULAR: Final = {
    "men": "man", "women": "woman", "people": "person", "feet": "foot", "teeth": "tooth", "bought": "buy",
    "came": "come", "went": "go", "gone": "go", "took": "take", "taken": "take", "gave": "give", "given": "give",
    "made": "make", "paid": "pay", "left": "leave", "kept": "keep", "found": "find", "lost": "lose", "sent": "send",
    "spoke": "speak", "spoken": "speak", "ate": "eat", "eaten": "eat", "drank": "drink", "wrote": "write",
    "written": "write", "broke": "break", "better": "good", "best": "good", "began": "begin", "begun": "begin",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question, or a phrase of several that has a meaning of its own."""

    text: str
    """Without its endings."""
    kind: Kind
    meaning: str
    """The same for all words of one line of the lists; empty when it is in none."""

    @property
    def is_chinese(self) -> bool:
        """Whether it is written in Chinese characters."""
        return HAN.match(self.text) is not None


def read(text: str) -> list[Word]:
    """The words of a question in English or Chinese, in order."""
    known = _known()
    written = [part for token in _tokens(text) for part in _parts(token, known)]
    stems = [stem(word) for word in written]
    result: list[Word] = []
    at = 0
    while at < len(written):
        for end in range(min(at + _LONGEST_PHRASE, len(written)), at, -1):
            word = known.get(_joined(written[at:end])) or known.get(_joined(stems[at:end]))
            if word is not None:
                break
        else:
            word, end = Word(stems[at], "thing", ""), at + 1
        result.append(word)
        at = end
    return result


@cache
def _known() -> dict[str, Word]:
    """Every word and phrase of the lists, as it is written and without its endings."""
    known: dict[str, Word] = {}
    for language in ("en", "zh"):
        lines = (Path(__file__).parent / f"meanings.{language}.txt").read_text(encoding="utf-8").splitlines()
        kind: Kind = "little"
        for line in lines:
            if line in _KINDS:
                kind = _KINDS[line]
            elif line and not line.startswith("#"):
                entries = line.split(", ")
                meaning = "" if kind == "little" else entries[0]
                for entry in entries:
                    for key in _forms(entry):
                        known.setdefault(key, Word(key, kind, meaning))
    return known


def _forms(entry: str) -> set[str]:
    """An entry of the lists as it is written and without its endings; jieba, which is slow to load, is not needed."""
    if HAN.match(entry):
        return {entry}
    phrase = list(_tokens(entry))
    return {_joined(phrase), _joined([stem(word) for word in phrase])}


def _tokens(text: str) -> Iterator[str]:
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = " ".join(_SHORT.get(word.strip(".,!?"), word) for word in text.split())
    for start, end in words(text, detect.MANDARIN):
        word = text[start:end]
        if any(map(str.isalnum, word)):
            yield word.removesuffix("'s")


def _parts(token: str, known: Mapping[str, Word]) -> list[str]:
    """A Chinese word that is in no list, taken apart where all its parts are: jieba makes one word of 带猫."""
    if token in known or not HAN.match(token):
        return [token]
    parts: list[str] = []
    at = 0
    while at < len(token):
        end = next((end for end in range(len(token), at, -1) if token[at:end] in known), None)
        if end is None:
            return [token]
        parts.append(token[at:end])
        at = end
    return parts


def _joined(words: list[str]) -> str:
    """A phrase."""
    return ("" if HAN.match(words[0]) else " ").join(words)


def stem(word: str) -> str:
    """The word without an ending of English inflection; the same for all its forms, and not always a word.

    >>> stem("parties") == stem("party"), stem("stopped") == stem("stop"), stem("hiring") == stem("hire")
    (True, True, True)
    """
    word = _IRREGULAR.get(word, word)
    if not word.isascii() or word.endswith("ss"):
        return word
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            if ending in ("ing", "ed") and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word
