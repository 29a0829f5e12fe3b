"""What is known of a part of a recording, from all of it: a strip that was trimmed is not heard anew."""

from collections.abc import Sequence
from dataclasses import replace

from .analysis import Analysis, HeardLine, HeardWord
from .coverage import on_sound


def excerpt(analysis: Analysis, begin: float, end: float) -> Analysis:
    """The analysis of the part from ``begin`` to ``end`` seconds, on its own clock.

    Of a line that is cut, the words that are wholly in it stay. The part may go beyond the recording by what a frame
    is rounded off; then nothing is heard there.
    """
    lines = (_line(line, begin, end) for line in analysis.lines)
    noises = (noise for noise in analysis.noises if begin <= noise.start and noise.end <= end)
    part = Analysis(
        duration=end - begin,
        lines=tuple(line for line in lines if line is not None),
        noises=tuple(replace(noise, start=noise.start - begin, end=noise.end - begin) for noise in noises),
    )
    of_the_whole = set(on_sound(analysis))
    notes = (note for note in analysis.notes if note not in of_the_whole)
    return replace(part, notes=(*notes, *on_sound(part)))


def shifted(line: HeardLine, by: float) -> HeardLine:
    """A line on a clock that is ``by`` seconds ahead."""
    return replace(
        line,
        start=line.start + by,
        end=line.end + by,
        words=tuple(replace(word, start=word.start + by, end=word.end + by) for word in line.words),
        phones=tuple(replace(phone, start=phone.start + by, end=phone.end + by) for phone in line.phones),
        cues=tuple(replace(cue, time=cue.time + by) for cue in line.cues),
    )


def _line(line: HeardLine, begin: float, end: float) -> HeardLine | None:
    """What of a line lies in the part; None when no word does."""
    inside = [number for number, word in enumerate(line.words) if begin <= word.start and word.end <= end]
    if not inside:
        return None
    first, last = inside[0], inside[-1]
    words = line.words[first : last + 1]
    start, stop = (line.start, line.end) if len(words) == len(line.words) else (words[0].start, words[-1].end)
    start, stop = max(start, begin), min(stop, end)

    def at(time: float) -> float:
        return min(max(time, start), stop) - begin

    phones = (
        replace(phone, start=at(phone.start), end=at(phone.end), word=phone.word - first if phone.word >= 0 else -1)
        for phone in line.phones
        if (first <= phone.word <= last if phone.word >= 0 else start <= phone.start and phone.end <= stop)
    )
    return replace(
        line,
        text=_text(line.text, line.words, first, last),
        start=start - begin,
        end=stop - begin,
        words=tuple(replace(word, start=at(word.start), end=at(word.end)) for word in words),
        phones=tuple(phones),
        cues=tuple(replace(cue, time=cue.time - begin) for cue in line.cues if start <= cue.time <= stop),
    )


def _text(text: str, words: Sequence[HeardWord], first: int, last: int) -> str:
    """The part of a line's text from one word to another, with what is written after the last of all."""
    if first == 0 and last == len(words) - 1:
        return text
    begin = stop = place = 0
    for number, word in enumerate(words):
        found = text.find(word.text, place)
        if found < 0:
            continue
        place = found + len(word.text)
        if number == first:
            begin = found
        if number <= last:
            stop = place
    return text[begin:] if last == len(words) - 1 else text[begin:stop]
