"""Files of questions and answers: ``Q:``/``A:`` text, or a table in CSV."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..errors import UserError
from ..live.services import ServiceError
from .markup import check

_MOST_BYTES: Final = 8_000_000
_MOST_QUESTIONS: Final = 50_000
_LOOKED_AT: Final = 50
"""Lines that tell what separates the columns."""
_LONGEST_QUESTION: Final = 500
_LONGEST_ANSWER: Final = 4_000
_QUESTION: Final = re.compile(r"(?:q|question|问|问题)\s*[:：]\s*(.*)", re.IGNORECASE)
_ANSWER: Final = re.compile(r"(?:a|answer|答|答案|回答)\s*[:：]\s*(.*)", re.IGNORECASE)
_HEADS: Final = (
    {"q", "question", "questions", "问", "问题"},
    {"a", "answer", "answers", "答", "答案", "回答"},
)


@dataclass(slots=True)
class Pair:
    """Questions that mean the same, and the answers to them, to be given in turn."""

    questions: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """In the reply format."""


def read_pairs(path: Path) -> list[Pair]:
    """Read a file of questions and answers: ``.csv`` and ``.tsv`` are tables, anything else is ``Q:``/``A:`` text.

    Raises ServiceError("setting") with the line, counted from 1, of what is wrong.
    """
    text = _read(path)
    table = path.suffix.lower() in (".csv", ".tsv")
    merged: dict[str, Pair] = {}
    pairs: list[Pair] = []
    count = 0
    for line, pair in _rows(path, text) if table else _blocks(path, text):
        for answer in pair.answers:
            try:
                check(answer)
            except UserError as error:
                raise _wrong(path, line, f"in the answer: {error}") from error
        known = merged.get(_key(pair.questions[0])) if len(pair.questions) == 1 else None
        if known is not None:
            known.answers += [answer for answer in pair.answers if answer not in known.answers]
            continue
        pairs.append(pair)
        for question in pair.questions:
            merged.setdefault(_key(question), pair)
        count += len(pair.questions)
        if count > _MOST_QUESTIONS:
            raise _wrong(path, line, f"there are more than {_MOST_QUESTIONS:,} questions. Split the file")
    if not pairs:
        example = "a row with a question and an answer" if table else "Q: How are you? and below it A: Fine, thank you."
        raise ServiceError("setting", f"{path} has no questions and answers. Write for example {example}")
    return pairs


def _key(question: str) -> str:
    return "".join(filter(str.isalnum, question.casefold()))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise ServiceError("setting", f"There is no file {path}. Choose a file of questions and answers.") from error
    except OSError as error:
        raise ServiceError("setting", f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > _MOST_BYTES:
        raise ServiceError(
            "setting", f"{path} is larger than {_MOST_BYTES // 1_000_000} MB. Split it into smaller files."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(path, data.count(b"\n", 0, error.start) + 1, "it is not in UTF-8. Save it as UTF-8") from error
    if "\0" in text:
        raise _wrong(path, text.count("\n", 0, text.index("\0")) + 1, "it is not text. Save it as UTF-8 text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _wrong(path: Path, line: int, what: str) -> ServiceError:
    return ServiceError("setting", f"{path}, line {line}: {what.rstrip('.')}.")


def _blocks(path: Path, text: str) -> Iterator[tuple[int, Pair]]:
    """Pairs of a ``Q:``/``A:`` text, each with the line that it begins at."""
    pair, began, last = Pair(), 0, ""
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        question, answer = _QUESTION.fullmatch(line), _ANSWER.fullmatch(line)
        if not line or line.startswith("#"):
            continue
        if question:
            if pair.answers:
                yield began, pair
                pair = Pair()
            began = began if pair.questions else number
            pair.questions.append(_bounded(path, number, question[1], "question", _LONGEST_QUESTION))
            last = "question"
        elif answer:
            if not pair.questions:
                raise _wrong(path, number, "an answer without a question. Write the question above it, after Q:")
            pair.answers.append(_bounded(path, number, answer[1], "answer", _LONGEST_ANSWER))
            last = "answer"
        elif last == "answer":
            pair.answers[-1] = _bounded(path, number, f"{pair.answers[-1]}\n{line}", "answer", _LONGEST_ANSWER)
        elif last == "question":
            pair.questions[-1] = _bounded(path, number, f"{pair.questions[-1]} {line}", "question", _LONGEST_QUESTION)
        else:
            raise _wrong(path, number, "text before the first question. Begin questions with Q: and answers with A:")
    if pair.questions and not pair.answers:
        raise _wrong(path, began, "a question without an answer. Write the answer below it, after A:")
    if pair.questions:
        yield began, pair


def _rows(path: Path, text: str) -> Iterator[tuple[int, Pair]]:
    """Pairs of a table, whose first two columns are question and answer; a heading is left out."""
    lines = text.split("\n", _LOOKED_AT)[:_LOOKED_AT]
    separator = max(",;\t", key=lambda mark: sum(mark in line for line in lines))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for row in reader:
            line, before = before + 1, reader.line_num
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if line == 1 and len(cells) > 1 and all(cells[i].lower() in _HEADS[i] for i in (0, 1)):
                continue
            if len(cells) < 2:
                raise _wrong(path, line, f"a row needs a question and an answer, separated by {separator!r}")
            question = _bounded(path, line, cells[0], "question", _LONGEST_QUESTION)
            yield line, Pair([question], [_bounded(path, line, cells[1], "answer", _LONGEST_ANSWER)])
    except csv.Error as error:
        raise _wrong(path, before + 1, f"it cannot be read as CSV ({error})") from error


def _bounded(path: Path, line: int, text: str, what: str, most: int) -> str:
    text = text.strip()
    if not any(map(str.isalnum, text)):
        raise _wrong(path, line, f"the {what} is empty")
    if len(text) > most:
        raise _wrong(path, line, f"the {what} is longer than {most:,} characters")
    return text
