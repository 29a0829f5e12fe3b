"""What somebody who listens knows better: words corrected, boundaries moved, lines cut, joined, added and removed.

Each change takes an analysis and gives another one, in which every line that has not changed is equal to what it was,
so that it need not be performed again. What makes no sense is refused with a UserError.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final, Literal, NoReturn, TypeVar

from ..errors import UserError
from ..language.detect import ENGLISH, resolve
from ..language.script import Line
from ..score import UNKNOWN, Phone, SentenceType
from .align import align_line
from .analysis import SURE, Analysis, Basis, HeardLine, HeardWord
from .coverage import noted
from .reading import from_first_to_last, read_line, space, with_meaning, within
from .recording import Recording
from .syllables import unknown_phones, unknown_words

Edge = Literal["start", "end"]
Span = tuple[float, float]
T = TypeVar("T")

SHORTEST: Final = 0.01
"""Seconds that every phone keeps."""
TOUCHING: Final = 0.002
"""Seconds between two phones or words that share a boundary."""
MARGIN: Final = 0.1
"""Seconds around a line in which its words may be found when it is looked at again."""


# Words


def correct_word(analysis: Analysis, line: int, word: int, text: str, recording: Recording) -> Analysis:
    """Have a word be another one, or several; none takes it out.

    Parameters: indices of the line and of the word in it; what is said there. The line's phones are looked for anew;
    its emotion and gestures stay. A stretch without words becomes these words.
    """
    old = _line(analysis, line)
    wrong = _member(old.words, word, "word")
    text = " ".join(text.split())
    if text == wrong.text:
        return analysis
    if not wrong.text:
        return _put(analysis, line, _named(old, word, text, recording))
    begin, end = _places(old)[word]
    written = " ".join((old.text[:begin] + text + old.text[end:]).split())
    if not any(each.isalnum() for each in written):
        return _put(analysis, line, _by_sound(old.language, *_room(analysis, line), recording))
    heard = _aligned(written, old.language, *_room(analysis, line), recording)
    heard = _as_before(heard, old, word)
    heard = replace(heard, type=old.type, emotion=old.emotion, intensity=old.intensity, directed=old.directed)
    heard = replace(heard, cues=old.cues)
    return _put(analysis, line, _doubted(heard, recording))


def set_line_text(analysis: Analysis, line: int, text: str, recording: Recording) -> Analysis:
    """Have a line say something else: with direction tags, as in a script. Without words it rests on its sound."""
    old = _line(analysis, line)
    return _put(analysis, line, _said(text, old.language, *_room(analysis, line), recording))


def add_line(
    analysis: Analysis, start: float, end: float, text: str, recording: Recording, language: str = "auto"
) -> Analysis:
    """Have something be said from ``start`` to ``end`` seconds, where no line is yet."""
    _check_time(start, 0.0, analysis.duration)
    _check_time(end, start, analysis.duration)
    if any(each.start < end and start < each.end for each in analysis.lines):
        raise UserError("There is a line already. Choose a stretch between two lines, or change that one.")
    new = _said(text, language, start, end, recording)
    lines = tuple(sorted((*analysis.lines, new), key=lambda each: each.start))
    return noted(replace(analysis, lines=lines), analysis)


def _said(text: str, language: str, start: float, end: float, recording: Recording) -> HeardLine:
    """A line of which somebody knows that it is said in a stretch."""
    if not text.strip():
        return _by_sound(language, start, end, recording)
    heard = _aligned(text, language, start, end, recording)
    return replace(heard, words=tuple(replace(each, confidence=float(bool(each.text))) for each in heard.words))


def _aligned(text: str, language: str, start: float, end: float, recording: Recording) -> HeardLine:
    """A text in the stretch in which somebody knows that it is said. Raises UserError when nothing is heard there."""
    line = _read(text, language)
    heard = within(align_line(line, recording.sound, recording.rate, start, end, trusted=True), start, end)
    if not heard.phones:
        raise UserError("Nothing is heard there. Choose another stretch, or delete the line.")
    return with_meaning(heard, line)


def _read(text: str, language: str) -> Line:
    """What somebody has written of a line: in its language, or in the one that the writing tells."""
    try:
        return read_line(text, language)
    except UserError:
        return read_line(text)


def _by_sound(language: str, start: float, end: float, recording: Recording) -> HeardLine:
    words, phones = unknown_words(recording.sound, recording.rate, start, end)
    if not phones:
        raise UserError("Nothing is heard there. Choose another stretch, or delete the line.")
    return HeardLine("", resolve(language) or ENGLISH, phones[0].start, phones[-1].end, "sound", words, phones)


def _named(old: HeardLine, word: int, text: str, recording: Recording) -> HeardLine:
    """The line with words in the place of one without text."""
    unnamed = old.words[word]
    heard = _said(text, old.language, unnamed.start, unnamed.end, recording)
    longer = len(heard.words) - 1
    phones = (
        *(each for each in old.phones if each.start < unnamed.start and each.word != word),
        *(replace(each, word=each.word + word) for each in heard.phones),
        *(
            replace(each, word=each.word + longer if each.word > word else each.word)
            for each in old.phones
            if each.start >= unnamed.start and each.word != word
        ),
    )
    at = max((place[1] for place in _places(old)[:word]), default=0)
    between = space(old.language)
    parts = (old.text[:at].strip(), heard.text, old.text[at:].strip())
    return from_first_to_last(
        replace(
            old,
            text=between.join(part for part in parts if part),
            basis="script",
            words=(*old.words[:word], *heard.words, *old.words[word + 1 :]),
            phones=phones,
        )
    )


def _as_before(heard: HeardLine, old: HeardLine, changed: int) -> HeardLine:
    """The line with what was known of its words, those that were changed excepted: they are right now."""
    before = [each for each in old.words[:changed] if each.text]
    after = [each for each in old.words[changed + 1 :] if each.text]
    spoken = [index for index, each in enumerate(heard.words) if each.text]
    words = list(heard.words)
    for place, index in enumerate(spoken):
        from_end = len(spoken) - place
        kept = before[place] if place < len(before) else after[-from_end] if from_end <= len(after) else None
        if kept is None:
            words[index] = replace(words[index], confidence=1.0)
        elif kept.text == words[index].text:
            sure = max(words[index].confidence, float(kept.confidence == 1.0))
            words[index] = replace(words[index], confidence=sure, emphasis=kept.emphasis)
    return replace(heard, words=tuple(words))


def _doubted(line: HeardLine, recording: Recording) -> HeardLine:
    """The line with only the syllables of those words that are not sure."""
    doubtful = {index for index, word in enumerate(line.words) if word.confidence < SURE}
    phones = [each for each in line.phones if each.word not in doubtful]
    for index in doubtful:
        word = line.words[index]
        phones += unknown_phones(recording.sound, recording.rate, word.start, word.end, index)
    phones.sort(key=lambda each: each.start)
    return from_first_to_last(replace(line, phones=tuple(phones))) if phones else line


# Boundaries


def move_boundary(
    analysis: Analysis, line: int, of: Literal["word", "phone"], index: int, edge: Edge, time: float
) -> Analysis:
    """Have a word or a phone begin or end at another time.

    What touches it there follows; what is farther away stays, unless it is in the way. The phones of a word whose
    length changes keep their shares of it.
    """
    old = _line(analysis, line)
    _check_time(time, 0.0, analysis.duration)
    before = analysis.lines[line - 1].end if line > 0 else 0.0
    after = analysis.lines[line + 1].start if line + 1 < len(analysis.lines) else analysis.duration
    if of == "phone":
        _member(old.phones, index, "phone")
        spans = [(each.start, each.end) for each in old.phones]
        moved = _moved(spans, [SHORTEST] * len(spans), index, edge, time, (before, after))
        phones = tuple(replace(each, start=a, end=b) for each, (a, b) in zip(old.phones, moved, strict=True))
        words = tuple(_fitted(each, number, old.phones, phones) for number, each in enumerate(old.words))
        touched = old.phones[index].word
    else:
        word = _member(old.words, index, "word")
        if word.end - word.start < SHORTEST:
            raise UserError(f'"{word.text}" is not heard in the recording. Have the line say what is said.')
        spans = [(each.start, each.end) for each in old.words]
        rooms = [SHORTEST * sum(phone.word == number for phone in old.phones) for number in range(len(spans))]
        moved = _moved(spans, rooms, index, edge, time, (before, after))
        words = tuple(replace(each, start=a, end=b) for each, (a, b) in zip(old.words, moved, strict=True))
        phones = tuple(_scaled(each, old.words[each.word], words[each.word]) if each.word >= 0 else each
                       for each in old.phones)  # fmt: skip
        touched = index
    known = any(each.word == touched and each.phone != UNKNOWN for each in phones)
    if touched >= 0 and known:
        words = (*words[:touched], replace(words[touched], confidence=1.0), *words[touched + 1 :])
    return _put(analysis, line, from_first_to_last(replace(old, words=words, phones=phones)))


def _moved(
    spans: Sequence[Span], rooms: Sequence[float], index: int, edge: Edge, time: float, limits: Span
) -> list[Span]:
    """The spans after an edge of one has been moved; ``rooms`` is what each keeps at least."""
    if edge == "end":  # time runs backwards
        mirrored = _moved(
            [(-end, -start) for start, end in reversed(spans)],
            rooms[::-1],
            len(spans) - 1 - index,
            "start",
            -time,
            (-limits[1], -limits[0]),
        )
        return [(-end, -start) for start, end in reversed(mirrored)]
    start, end = spans[index]
    rooms = [min(room, b - a) for room, (a, b) in zip(rooms, spans, strict=True)]
    if time > end - rooms[index]:
        _refuse(abs(time))
    result = list(spans)
    result[index] = time, end
    for other in reversed(range(index)):
        a, b = spans[other]
        if b - a < TOUCHING:  # it is not heard, and only has its place in the order
            result[other] = min(a, time), min(b, time)
            continue
        if time < a + rooms[other]:
            _refuse(abs(time))
        result[other] = a, time if start - b < TOUCHING or b > time else b
        break
    else:
        if time < limits[0]:
            _refuse(abs(time))
    return result


def _refuse(time: float) -> NoReturn:
    raise UserError(
        f"The boundary cannot be at {time:.2f} s: nothing would be left of what is there. Move the next boundary first."
    )


def _scaled(phone: Phone, old: HeardWord, new: HeardWord) -> Phone:
    """A phone of a word whose times have changed."""
    if (old.start, old.end) == (new.start, new.end) or old.end <= old.start:
        return phone
    scale = (new.end - new.start) / (old.end - old.start)
    start, end = (new.start + (time - old.start) * scale for time in (phone.start, phone.end))
    return replace(phone, start=max(new.start, start), end=min(new.end, end))


def _fitted(word: HeardWord, index: int, old: Sequence[Phone], new: Sequence[Phone]) -> HeardWord:
    """A word some of whose phones may have moved."""
    own = [(before, after) for before, after in zip(old, new, strict=True) if before.word == index]
    if all(before == after for before, after in own):
        return word
    return replace(word, start=own[0][1].start, end=own[-1][1].end)


# Lines


def split_line(analysis: Analysis, line: int, word: int) -> Analysis:
    """Make two lines of one: the second begins with this word."""
    old = _line(analysis, line)
    _member(old.words, word, "word")
    at = next((place[0] for place, each in zip(_places(old)[word:], old.words[word:], strict=True) if each.text),
              len(old.text))  # fmt: skip
    border = old.words[word].start
    first = _part(old, old.text[:at], range(word), lambda time: time < border)
    second = _part(old, old.text[at:], range(word, len(old.words)), lambda time: time >= border)
    if not first.phones or not second.phones:
        raise UserError("A line cannot begin there: nothing would be heard in one of the two. Choose another word.")
    lines = (*analysis.lines[:line], first, second, *analysis.lines[line + 1 :])
    return replace(analysis, lines=lines)


def _part(old: HeardLine, text: str, words: range, inside: Callable[[float], bool]) -> HeardLine:
    """The line with some of its words only."""
    text = text.strip()
    own = (each for each in old.phones if (each.word in words if each.word >= 0 else inside(each.start)))
    part = replace(
        old,
        text=text,
        type=_type(text, old),
        basis=old.basis if text else "sound",
        words=old.words[words.start : words.stop],
        phones=tuple(replace(each, word=max(each.word - words.start, -1)) for each in own),
        cues=tuple(each for each in old.cues if inside(each.time)),
    )
    return from_first_to_last(part)


def _type(text: str, old: HeardLine) -> SentenceType:
    try:
        return _read(text, old.language).type
    except UserError:  # it has no words, or only a file knows what it says
        return old.type


def join_lines(analysis: Analysis, line: int) -> Analysis:
    """Make one line of this one and the next."""
    first = _line(analysis, line)
    if line + 1 >= len(analysis.lines):
        raise UserError("There is no line after this one to join it with.")
    second = analysis.lines[line + 1]
    longer = max((second, first), key=lambda each: len(each.text))
    stronger = max((first, second), key=lambda each: each.intensity)
    joined = replace(
        second,
        text=space(longer.language).join(each.text for each in (first, second) if each.text),
        language=longer.language,
        start=first.start,
        basis=_joined_basis({first.basis, second.basis}),
        words=first.words + second.words,
        phones=first.phones
        + tuple(replace(each, word=each.word + len(first.words)) if each.word >= 0 else each for each in second.phones),
        emotion=stronger.emotion,
        intensity=stronger.intensity,
        directed=stronger.directed,
        cues=first.cues + second.cues,
    )
    return replace(analysis, lines=(*analysis.lines[:line], joined, *analysis.lines[line + 2 :]))


def _joined_basis(bases: Collection[Basis]) -> Basis:
    """The less certain of those that have words."""
    return next(each for each in ("recognised", "script", "sound") if each in bases)


def delete_line(analysis: Analysis, line: int) -> Analysis:
    """Have nothing be said where this line is: it was a noise, or somebody else."""
    _line(analysis, line)
    return noted(replace(analysis, lines=analysis.lines[:line] + analysis.lines[line + 1 :]), analysis)


# What all have in common


def _line(analysis: Analysis, index: int) -> HeardLine:
    return _member(analysis.lines, index, "line")


def _member(every: Sequence[T], index: int, what: str) -> T:
    if not 0 <= index < len(every):
        raise UserError(f"There is no {what} {index + 1}: there are {len(every)}. Choose one that is there.")
    return every[index]


def _check_time(time: float, first: float, last: float) -> None:
    if not (math.isfinite(time) and first <= time <= last):
        raise UserError(f"{time:.2f} s is not from {first:.2f} to {last:.2f} s. Choose a time within the recording.")


def _room(analysis: Analysis, line: int) -> Span:
    """The stretch in which a line's words are, with a little of the silence around it."""
    own = analysis.lines[line]
    before = analysis.lines[line - 1].end if line > 0 else 0.0
    after = analysis.lines[line + 1].start if line + 1 < len(analysis.lines) else analysis.duration
    return max(own.start - MARGIN, (before + own.start) / 2), min(own.end + MARGIN, (own.end + after) / 2)


def _places(line: HeardLine) -> list[tuple[int, int]]:
    """Begin and end of every word in the line's text; of one without text, or that is not in it, where it would be."""
    places: list[tuple[int, int]] = []
    at = 0
    for word in line.words:
        begin = line.text.find(word.text, at) if word.text else -1
        if begin >= 0:
            places.append((begin, begin + len(word.text)))
            at = places[-1][1]
        else:
            places.append((at, at))
    return places


def _put(analysis: Analysis, index: int, line: HeardLine) -> Analysis:
    return noted(replace(analysis, lines=(*analysis.lines[:index], line, *analysis.lines[index + 1 :])), analysis)
