"""A sentence as numbers for the trained tagger: words and n-grams hashed into the rows of its tables.

No vocabulary has to be kept or downloaded: a feature is a short string and its row is its CRC-32, so the same text
gives the same rows on every machine. Two features that share a row share its meaning; with the tables as large as they
are, that touches rare ones only.
"""

import functools
import re
from collections.abc import Sequence
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

WORD_ROWS: Final = 1 << 15
"""Rows of the table of word features; row 0 is the empty feature."""
GRAM_ROWS: Final = 1 << 18
"""Rows of the table of n-grams; row 0 is the empty n-gram."""
WIDTH: Final = 20
"""Features of a word at most, the rest of a row is zeros."""
_WORD_GRAMS: Final = 3  # words of the longest n-gram
_CHARACTER_GRAMS: Final = (2, 3, 4, 5)
_LONGEST: Final = 24  # letters of a word that count
_PUNCTUATION: Final = re.compile(r"\.{2,}|…|[!?]+|[^\w\s]")
_REPEATED: Final = re.compile(r"(.)\1{2,}")

Ids = NDArray[np.int64]


def featurise(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Ids, Ids]:
    """Rows for every word and for the sentence.

    Parameters
    ----------
    text
        One sentence in English, emoji included.
    spans
        Start and end of each spoken word in it; at least one.

    Returns
    -------
    words [shape=(n, WIDTH)]
        Rows of the table of word features, filled up with zeros.
    grams [shape=(m,)]
        Rows of the table of n-grams, in order; m grows in proportion to the text.
    """
    tokens, after, before = _tokens(text, spans)
    words = np.zeros((len(spans), WIDTH), dtype=np.int64)
    last = len(spans) - 1
    for i, (start, end) in enumerate(spans):
        own = _word_rows(text[start:end])
        place = f"place {min(i, 3)} {min(last - i, 3)}"
        rows = (_row(f"after {after[i]}", WORD_ROWS), _row(f"before {before[i]}", WORD_ROWS), _row(place, WORD_ROWS))
        words[i, : len(own)] = own
        words[i, len(own) : len(own) + len(rows)] = rows

    grams: list[int] = []
    for i, token in enumerate(tokens):
        grams += _character_rows(token)
        grams += (_row(" ".join(tokens[i : i + n]), GRAM_ROWS) for n in range(2, min(_WORD_GRAMS, len(tokens) - i) + 1))
    return words, np.array(grams, dtype=np.int64)


def _tokens(text: str, spans: Sequence[tuple[int, int]]) -> tuple[list[str], list[str], list[str]]:
    """Words in lower case with the punctuation between them; and for each word the punctuation after and before it."""
    tokens: list[str] = []
    after: list[str] = []
    before: list[str] = []
    at = 0
    for start, end in (*spans, (len(text), len(text))):
        between = [_mark(found) for found in _PUNCTUATION.findall(text[at:start])]
        tokens += between
        if at:
            after.append(between[0] if between else "")
        if start < len(text):
            before.append(between[-1] if between else "" if at else "^")
            tokens.append(_plain(text[start:end]))
        at = end
    return tokens, after, before


def _mark(punctuation: str) -> str:
    """Runs of marks by their kind: "?!?!" is "?!", "......" is "…"."""
    if punctuation[0] in "!?":
        kinds = "".join(sorted(set(punctuation)))
        return kinds * 2 if len(kinds) == 1 and len(punctuation) > 1 else kinds
    return "…" if punctuation.startswith("..") else {"“": '"', "”": '"'}.get(punctuation, punctuation)


def _plain(word: str) -> str:
    """In lower case, with a plain apostrophe; "soooo" is "sooo"."""
    return _REPEATED.sub(r"\1\1\1", word[:_LONGEST].lower().replace("’", "'"))


def _row(feature: str, rows: int) -> int:
    return 1 + crc32(feature.encode("utf-8")) % (rows - 1)


@functools.lru_cache(maxsize=16384)
def _word_rows(word: str) -> tuple[int, ...]:
    """Rows of what a word is by itself: form, case, length, ends and inner three letters."""
    plain = _plain(word)
    case = "upper" if word.isupper() and len(word) > 1 else "title" if word[:1].isupper() else "lower"
    digit = "digit" if any(map(str.isdigit, word)) else ""
    features = [f"word {plain}", f"case {case}{digit}", f"length {min(len(plain), 12)}"]
    features += [f"start {plain[:n]}" for n in (2, 3, 4) if len(plain) > n]
    features += [f"end {plain[-n:]}" for n in (2, 3, 4) if len(plain) > n]
    bounded = f"<{plain}>"
    features += [f"part {bounded[i : i + 3]}" for i in range(len(bounded) - 2)]
    return tuple(_row(feature, WORD_ROWS) for feature in features[: WIDTH - 3])


@functools.lru_cache(maxsize=16384)
def _character_rows(token: str) -> tuple[int, ...]:
    """Rows of a token and of the n-grams of its letters."""
    bounded = f"<{token}>"
    grams = [token]
    if len(token) > 1:
        grams += [f"_{bounded[i : i + n]}" for n in _CHARACTER_GRAMS for i in range(len(bounded) - n + 1)]
    return tuple(_row(gram, GRAM_ROWS) for gram in grams)
