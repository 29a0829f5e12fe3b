"""What somebody writes for one line of a recording, read as one line even where it has several sentences."""

from dataclasses import replace
from itertools import accumulate
from typing import Final

from ..language.reader import read_script
from ..language.script import Line

UNSPACED: Final = ("cmn", "yue", "hak", "ja", "th", "my")
"""Languages that put no space between sentences, or words."""


def read_line(text: str, language: str = "auto") -> Line:
    """Read a text that is said in one go, with direction tags.

    The line is of the type of its last sentence, and of the emotion that is strongest in it. Raises UserError as
    ``read_script`` does.
    """
    lines = read_script(text, language=language)
    last = lines[-1]
    if len(lines) == 1:
        return last
    strongest = max(lines, key=lambda line: line.intensity)
    between = space(last.language)
    starts = [0, *accumulate(len(line.text) + len(between) for line in lines)]
    return Line(
        text=between.join(line.text for line in lines),
        language=max({line.language for line in lines}, key=lambda code: _letters(lines, code)),
        type=last.type,
        emotion=strongest.emotion,
        intensity=strongest.intensity,
        words=tuple(
            replace(word, start=at + word.start, end=at + word.end)
            for at, line in zip(starts, lines, strict=False)
            for word in line.words
        ),
        cues=tuple(replace(cue, at=at + cue.at) for at, line in zip(starts, lines, strict=False) for cue in line.cues),
        pauses=tuple(
            (at + place, seconds)
            for at, line in zip(starts, lines, strict=False)
            for place, seconds in (*line.pauses, (len(line.text), line.pause_after))
            if seconds
        ),
        pause_after=0.0,
    )


def space(language: str) -> str:
    """What stands between two sentences of a language."""
    return "" if language.split("-")[0] in UNSPACED else " "


def _letters(lines: list[Line], language: str) -> tuple[int, str]:
    """By how much of the text a language is the main one; the name decides between equals."""
    return sum(len(line.text) for line in lines if line.language == language), language
