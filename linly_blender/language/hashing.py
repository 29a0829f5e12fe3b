"""A sentence as numbers for the trained tagger: features of its words, hashed into the rows of a table.

No vocabulary has to be kept or downloaded: a feature is a short string and its row is its CRC-32, so the same text
gives the same rows on every machine. Two features that share a row share its meaning; with a table as large as this,
that touches rare ones only.
"""

import functools
import re
from collections.abc import Sequence
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

ROWS: Final = 20 * 1024
"""Of the table; row 0 is the empty feature."""
WIDTH: Final = 20
"""Features of a word at most, the rest of a row is zeros."""
PHRASE_ROWS: Final = 128 * 1024
"""Of the table of phrases."""
PHRASE_WIDTH: Final = 27
"""Phrases of a word, and where it stands."""
_LONGEST: Final = 24  # letters of a word that count
_PUNCTUATION: Final = re.compile(r"\.{2,}|…|[!?]+|[^\w\s]")
_REPEATED: Final = re.compile(r"(.)\1{2,}")


def featurise(text: str, spans: Sequence[tuple[int, int]]) -> NDArray[np.int32]:
    """Rows of the table for every word, filled up with zeros [shape=(n, WIDTH)].

    Parameters
    ----------
    text
        One sentence in English, emoji included.
    spans
        Start and end of each spoken word in it.
    """
    marks = _marks(text, spans)
    found = np.zeros((len(spans), WIDTH), dtype=np.int32)
    last = len(spans) - 1
    for i, (start, end) in enumerate(spans):
        before, after = _mark(marks[i][-1:]), _mark(marks[i + 1][:1])
        around = _row(f"before {before}"), _row(f"after {after}"), _row(f"place {min(i, 3)} {min(last - i, 3)}")
        own = _word_rows(text[start:end])
        found[i, : len(own) + len(around)] = own + around
    return found


def phrases(text: str, spans: Sequence[tuple[int, int]]) -> NDArray[np.int32]:
    """Rows of the table of phrases for every word [shape=(n, PHRASE_WIDTH)].

    What a linear model has to be told outright: a word with its neighbours, and how far the nearest punctuation is.
    ``text`` and ``spans`` are those of ``featurise``.
    """
    plain = [_plain(text[start:end]) for start, end in spans]
    known = ["^", "^", *plain, "$", "$"]
    marks = _marks(text, spans)
    since, until = _distances([bool(found) for found in marks])
    found = np.zeros((len(spans), PHRASE_WIDTH), dtype=np.int32)
    for i, (start, end) in enumerate(spans):
        first, left, word, right, last = known[i : i + 5]
        before, after = f"before {_mark(marks[i][-1:])}", f"after {_mark(marks[i + 1][:1])}"
        features = [
            f"-2 {first}", f"-1 {left}", f"0 {word}", f"1 {right}", f"2 {last}",
            f"-1 {left} {word}", f"0 {word} {right}", f"-2 {first} {left}", f"1 {right} {last}",
            f"-1 {left} {word} {right}", f"-1 end {left[-3:]}", f"1 end {right[-3:]}",
            before, after, f"{after} {word}",
            f"place {min(i, 3)} {min(len(spans) - 1 - i, 3)}", f"since {min(since[i], 6)}",
            f"until {min(until[i], 6)}", f"until {min(until[i], 6)} {word}",
            f"case {_case(text[start:end])}", f"length {min(len(word), 12)}",
        ]  # fmt: skip
        features += [f"start {word[:n]}" for n in (2, 3, 4)] + [f"end {word[-n:]}" for n in (2, 3, 4)]
        found[i] = [crc32(feature.encode("utf-8", "replace")) % PHRASE_ROWS for feature in features]
    return found


def _marks(text: str, spans: Sequence[tuple[int, int]]) -> list[list[str]]:
    """Punctuation before the first word, between each word and the next, and after the last."""
    return [
        _PUNCTUATION.findall(text[a:b])
        for a, b in zip((0, *(b for _, b in spans)), (*(a for a, _ in spans), None), strict=True)
    ]


def _mark(marks: Sequence[str]) -> str:
    """The one mark or none, runs by their kind: "?!?!" is "?!", "......" is "…"."""
    if not marks:
        return ""
    (punctuation,) = marks
    if punctuation[0] in "!?":
        kinds = "".join(sorted(set(punctuation)))
        return kinds * 2 if len(kinds) == 1 and len(punctuation) > 1 else kinds
    return "…" if punctuation.startswith("..") else {"“": '"', "”": '"'}.get(punctuation, punctuation)


def _plain(word: str) -> str:
    """In lower case, with a plain apostrophe; "soooo" is "sooo"."""
    return _REPEATED.sub(r"\1\1\1", word[:_LONGEST].lower().replace("’", "'"))


def _case(word: str) -> str:
    case = "upper" if word.isupper() and len(word) > 1 else "title" if word[:1].isupper() else "lower"
    return case + ("digit" if any(map(str.isdigit, word)) else "")


def _distances(breaks: Sequence[bool]) -> tuple[list[int], list[int]]:
    """Words since the last break and until the next, for the words between ``breaks``, one more of these than words."""
    since, until = [0] * (len(breaks) - 1), [0] * (len(breaks) - 1)
    for i in range(1, len(since)):
        since[i] = 0 if breaks[i] else since[i - 1] + 1
    for i in reversed(range(len(until) - 1)):
        until[i] = 0 if breaks[i + 1] else until[i + 1] + 1
    return since, until


@functools.lru_cache(maxsize=65536)
def _row(feature: str) -> int:
    return 1 + crc32(feature.encode("utf-8", "replace")) % (ROWS - 1)


@functools.lru_cache(maxsize=16384)
def _word_rows(word: str) -> tuple[int, ...]:
    """Rows of what a word is by itself: form, case, length, ends and inner three letters."""
    plain = _plain(word)
    features = [f"word {plain}", f"case {_case(word)}", f"length {min(len(plain), 12)}"]
    features += [f"start {plain[:n]}" for n in (2, 3, 4) if len(plain) > n]
    features += [f"end {plain[-n:]}" for n in (2, 3, 4) if len(plain) > n]
    bounded = f"<{plain}>"
    features += [f"part {bounded[i : i + 3]}" for i in range(len(bounded) - 2)]
    return tuple(_row(feature) for feature in features[: WIDTH - 3])
