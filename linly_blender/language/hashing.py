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
    marks = [
        _PUNCTUATION.findall(text[a:b])
        for a, b in zip((0, *(b for _, b in spans)), (*(a for a, _ in spans), None), strict=True)
    ]
    found = np.zeros((len(spans), WIDTH), dtype=np.int32)
    last = len(spans) - 1
    for i, (start, end) in enumerate(spans):
        before = _mark(marks[i][-1]) if marks[i] else ""
        after = _mark(marks[i + 1][0]) if marks[i + 1] else ""
        around = _row(f"before {before}"), _row(f"after {after}"), _row(f"place {min(i, 3)} {min(last - i, 3)}")
        own = _word_rows(text[start:end])
        found[i, : len(own) + len(around)] = own + around
    return found


def _mark(punctuation: str) -> str:
    """Runs of marks by their kind: "?!?!" is "?!", "......" is "…"."""
    if punctuation[0] in "!?":
        kinds = "".join(sorted(set(punctuation)))
        return kinds * 2 if len(kinds) == 1 and len(punctuation) > 1 else kinds
    return "…" if punctuation.startswith("..") else {"“": '"', "”": '"'}.get(punctuation, punctuation)


def _plain(word: str) -> str:
    """In lower case, with a plain apostrophe; "soooo" is "sooo"."""
    return _REPEATED.sub(r"\1\1\1", word[:_LONGEST].lower().replace("’", "'"))


@functools.lru_cache(maxsize=65536)
def _row(feature: str) -> int:
    return 1 + crc32(feature.encode("utf-8", "replace")) % (ROWS - 1)


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
    return tuple(_row(feature) for feature in features[: WIDTH - 3])
