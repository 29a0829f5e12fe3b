"""Where sentences end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .lexicon import words_of

_END: Final = re.compile(r"[.!?…。！？；｡．؟।॥‽⁇⁈⁉]+[\"'”’»›」』）)\]】》〉]*")
_WIDE: Final = frozenset("。！？；｡؟।॥")
_NO_SPACES: Final = r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“‘]"
_NEXT_WIDE: Final = re.compile(_NO_SPACES)
_BEFORE: Final = re.compile(r"[^\s(\[{“\"'‘]+$")
_NEXT_WORD: Final = re.compile(r"[\s\"'“‘(\[«]*([^\W_]+(?:['’][^\W_]+)?)?")
_DOTTED: Final = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")

_TITLES: Final = words_of("abbreviations.en", "before a name")
_BEFORE_NUMBER: Final = words_of("abbreviations.en", "before a number")
_INNER: Final = words_of("abbreviations.en", "inside a sentence")
_FINAL: Final = words_of("abbreviations.en", "inside or at the end")
_STARTERS: Final = words_of("abbreviations.en", "starters")
_DATES: Final = words_of("abbreviations.en", "dates")


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence's place in the text: ``text[start:end]``, without blanks around it."""

    start: int
    end: int
    paragraph: int
    """Number of the line, from 0."""


def split(text: str) -> list[Span]:
    """Sentences of a text whose paragraphs are its lines. Every letter and digit of the text is in exactly one."""
    spans: list[Span] = []
    start = 0
    for number, line in enumerate(text.split("\n")):
        for begin, end in _merge(line, _pieces(line)):
            spans.append(Span(start + begin, start + end, number))
        start += len(line) + 1
    return spans


def _pieces(line: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in _END.finditer(line):
        if _is_end(line, start, end):
            yield start, end.end()
            start = end.end()
    yield start, len(line)


def _merge(line: str, pieces: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Blanks cut off; a piece with nothing to say ("...") joined to the one before it, or after it."""
    merged: list[tuple[int, int]] = []
    pending: int | None = None
    for begin, end in pieces:
        piece = line[begin:end]
        begin += len(piece) - len(piece.lstrip())
        end = begin + len(piece.strip())
        if any(map(str.isalnum, piece)):
            merged.append((begin if pending is None else pending, end))
            pending = None
        elif begin < end:
            if merged:
                merged[-1] = merged[-1][0], end
            elif pending is None:
                pending = begin
    return merged


def _is_end(line: str, start: int, end: re.Match[str]) -> bool:
    """Whether the punctuation found ends the sentence that began at ``start``."""
    marks = end.group()
    stops = marks.rstrip("\"'”’»›」』）)]】》〉")
    quoted = len(stops) < len(marks)
    if end.end() == len(line):
        return True
    after = line[end.end()]
    if not _WIDE.isdisjoint(stops):
        # 「“快走！”他说。」 goes on after its quotation.
        return not (quoted and stops[-1] not in "。" and _NEXT_WIDE.match(after) and after not in "“‘「『（《")
    following = _NEXT_WORD.match(line, end.end())
    next_word = (following.group(1) if following else None) or ""
    if after.isalnum() and not _NEXT_WIDE.match(after):
        return stops[-1] in "!?" and after.isupper()
    if not after.isspace() and not _NEXT_WIDE.match(after):
        return False
    if quoted and next_word[:1].islower():
        return False
    if stops.startswith("..") or "…" in stops:
        # "Well... I think" may go on; "I left... But he stayed." does not.
        begins = next_word[:1].isupper() and re.match(r"I(?:['’]|$)", next_word) is None
        return begins or (bool(next_word) and stops[-1] in "!?")
    if stops[-1] != "." or quoted or stops != ".":
        return True
    return _full_stop(line[start : end.start()], next_word)


def _full_stop(before: str, next_word: str) -> bool:
    """Whether a single full stop between ``before`` and a blank ends a sentence and is no abbreviation's."""
    found = _BEFORE.search(before[-40:])
    word = found.group() if found else ""
    low = word.lower()
    starts = next_word.lower() in _STARTERS and not next_word.islower()
    if low in _TITLES or low in _INNER:
        return False
    if low in _BEFORE_NUMBER and next_word[:1].isdigit():
        return False
    if low in _FINAL:
        return next_word[:1].isupper() and next_word.lower() not in _DATES
    if _DOTTED.fullmatch(word):  # U.S
        return starts
    if len(word) == 1 and word.isalpha() and word.isascii():
        return starts or low == "i" or (word.islower() and next_word[:1].isupper())
    return not (word.isdigit() and len(word) <= 2 and before.strip() == word)  # "1. Open the door"
