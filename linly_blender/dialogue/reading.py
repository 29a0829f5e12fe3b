"""What is written for a line of a recording, and what it means for the line that is heard."""

from dataclasses import replace
from itertools import accumulate
from typing import Final

from ..language.reader import read_script
from ..language.script import Line
from ..score import Cue
from .analysis import HeardLine, HeardWord

SHORTEST: Final = 0.005
"""Seconds of a phone."""
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
        directed=strongest.directed,
    )


def space(language: str) -> str:
    """What stands between two sentences of a language."""
    return "" if language.split("-")[0] in UNSPACED else " "


def _letters(lines: list[Line], language: str) -> tuple[int, str]:
    """By how much of the text a language is the main one; the name decides between equals."""
    return sum(len(line.text) for line in lines if line.language == language), language


def with_meaning(heard: HeardLine, line: Line) -> HeardLine:
    """A heard line with what its text means and its author asks for: type, emotion, emphasis and gestures.

    Words of the line that are not the text's, heard beside it, keep what they have.
    """
    said = iter(line.words)
    words: list[HeardWord] = []
    times: list[tuple[int, float]] = []
    for word in heard.words:
        written = next(said, None) if word.text else None
        words.append(word if written is None else replace(word, emphasis=written.emphasis))
        if written is not None:
            times.append((written.end, word.start))
    return replace(
        heard,
        words=tuple(words),
        type=line.type,
        emotion=line.emotion,
        intensity=line.intensity,
        directed=line.directed,
        cues=tuple(
            Cue(cue.kind, next((time for end, time in times if cue.at < end), heard.end), cue.amplitude)
            for cue in line.cues
        ),
    )


def within(line: HeardLine, start: float, end: float) -> HeardLine:
    """What of a line is heard between two times, from its first phone to its last; no phones where nothing is."""
    phones = tuple(
        replace(phone, start=max(phone.start, start), end=min(phone.end, end))
        for phone in line.phones
        if min(phone.end, end) - max(phone.start, start) >= SHORTEST
    )
    return from_first_to_last(replace(line, phones=phones))


def from_first_to_last(line: HeardLine) -> HeardLine:
    """The line from its first phone to its last, no word beyond them; one without phones stays as it is."""
    if not line.phones:
        return line
    first, last = line.phones[0].start, line.phones[-1].end
    words = tuple(
        replace(word, start=min(max(word.start, first), last), end=min(max(word.end, first), last))
        for word in line.words
    )
    return replace(line, start=first, end=last, words=words)
