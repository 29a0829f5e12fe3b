"""From what an author writes to the lines that are spoken: the whole way through this package."""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, cast

from ..errors import UserError
from ..score import EMOTIONS, Emotion
from . import detect, direction, sentences
from .characters import clean
from .learned import default_tagger
from .meaning import HISTORY, Meaning, Said, Tagger
from .script import Line, ScriptCue, ScriptWord
from .sentences import Span
from .words import words

LIMIT: Final = 99_999
"""Characters; an hour of speech is about 60,000 in English and 16,000 in Mandarin."""

# Seconds of silence. Read speech: Goldman-Eisler, and Campione & Veronis 2002, who find modes near 0.15 s (within),
# 0.5 s (between sentences) and above 1 s (between parts).
_AFTER_SENTENCE: Final = 0.42
_AFTER_CLAUSE: Final = 0.3  # a semicolon
_AFTER_ELLIPSIS: Final = 0.5
_AFTER_PARAGRAPH: Final = 0.7
_EMPTY_LINE: Final = 0.9
_DEEMPHASISED: Final = 0.4
"""The most that a word may have in a sentence where the author has marked another."""


@dataclass(slots=True)
class _Notes:
    """What the marks say about one sentence."""

    feeling: tuple[Emotion, float] | None = None
    cues: list[ScriptCue] = field(default_factory=list)
    pauses: dict[int, float] = field(default_factory=dict)
    pause_after: float = 0.0
    emoji: list[str] = field(default_factory=list)


def read_script(
    text: str, *, language: str = "auto", emotion: str | None = None, tagger: Tagger | None = None
) -> list[Line]:
    """Read a script: a paragraph a line, with direction as ``docs/direction.md`` has it.

    Parameters
    ----------
    text
        At most ``LIMIT`` characters.
    language
        ``auto`` (told by the writing, sentence by sentence), ``en``, ``zh`` or one of espeak-ng's codes.
    emotion
        Of all sentences that have no emotion tag; None lets the tagger find each one's own.
    tagger
        Tells what a sentence means; the trained one unless given, or where that cannot run the rules.

    Raises
    ------
    UserError
        for a text with nothing to say, too long, with characters that cannot be said, with a wrong tag, or in another
        language than the one chosen.
    """
    forced = _forced(emotion)
    code = detect.resolve(language)
    if not text.strip():
        raise UserError("The text is empty: write what the character is to say.")
    if len(text) > LIMIT:
        raise UserError(
            f"The text has {len(text):,} characters and the limit is {LIMIT:,} (more than an hour of speech): "
            "split it into several scripts."
        )
    text = clean(text)
    directed = direction.parse(text)
    spans = sentences.split(directed.text)
    if not spans:
        raise UserError(
            "There is nothing to say in the text: it has only punctuation, emoji or tags. Write at least one word."
        )
    spoken = [directed.text[span.start : span.end] for span in spans]
    if code is None:
        codes = detect.languages_of(spoken)
    else:
        for sentence, span in zip(spoken, spans, strict=True):
            detect.check(sentence, code, span.paragraph + 1)
        codes = [code] * len(spans)
    places = [tuple(words(sentence, own)) for sentence, own in zip(spoken, codes, strict=True)]
    notes = _note(directed, spans, places)

    empty = {number for number, line in enumerate(text.split("\n")) if not line.strip()}
    lines: list[Line] = []
    history: deque[Said] = deque(maxlen=HISTORY)
    tagger = tagger or default_tagger()
    marked = _Marked(directed.emphasis)
    for i, (span, note) in enumerate(zip(spans, notes, strict=True)):
        said = Said(spoken[i], codes[i], places[i], "".join(note.emoji))
        meaning = tagger.tag(said, tuple(history))
        history.append(said)
        feeling, intensity = note.feeling or forced or (meaning.emotion, meaning.intensity)
        following = spans[i + 1] if i + 1 < len(spans) else None
        lines.append(
            Line(
                text=said.text,
                language=said.language,
                type=meaning.type,
                emotion=feeling,
                intensity=intensity,
                words=_script_words(said, meaning, marked, span.start),
                cues=tuple(note.cues),
                pauses=tuple(note.pauses.items()),
                pause_after=round(_silence(said.text, span, following, empty) + note.pause_after, 3),
                directed=bool(note.feeling or forced),
            )
        )
    return lines


def _forced(emotion: str | None) -> tuple[Emotion, float] | None:
    if emotion is None:
        return None
    if emotion not in EMOTIONS:
        raise UserError(f'There is no emotion "{emotion}": choose one of {", ".join(EMOTIONS)}.')
    return cast("Emotion", emotion), 0.0 if emotion == "neutral" else direction.DEFAULT_INTENSITY


class _Marked:
    """The author's emphasis, asked for from the front of the text to its end."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def __call__(self, start: int, end: int) -> bool:
        """Whether any character from ``start`` to ``end`` is marked."""
        last = bisect_right(self._starts, end - 1) - 1
        return last >= 0 and self._ends[last] > start


def _script_words(said: Said, meaning: Meaning, marked: _Marked, offset: int) -> tuple[ScriptWord, ...]:
    own = [marked(offset + start, offset + end) for start, end in said.words]
    most = _DEEMPHASISED if any(own) else 1.0
    return tuple(
        ScriptWord(said.text[start:end], start, end, 1.0 if is_marked else min(value, most))
        for (start, end), value, is_marked in zip(said.words, meaning.emphasis, own, strict=True)
    )


def _silence(sentence: str, span: Span, following: Span | None, empty: AbstractSet[int]) -> float:
    """Seconds between this sentence and the next, by punctuation, lines and ``empty`` lines."""
    if following is None:
        return 0.0
    if following.paragraph == span.paragraph:
        ending = sentence.rstrip("\"'”’»›」』）)]】》〉")[-1:]
        return {"；": _AFTER_CLAUSE, "…": _AFTER_ELLIPSIS}.get(ending, _AFTER_SENTENCE)
    between = range(span.paragraph + 1, following.paragraph)
    return _AFTER_PARAGRAPH + (0.0 if empty.isdisjoint(between) else _EMPTY_LINE)


def _trails(mark: direction.Mark, spans: Sequence[Span], i: int) -> bool:
    """Whether a mark that is not after sentence ``i`` still belongs to the one before, of the mark's paragraph."""
    before, after = spans[i - 1], spans[i]
    if isinstance(mark, direction.EmojiMark):
        return mark.at <= after.start
    return mark.at < after.start and (mark.at == before.end or after.paragraph != before.paragraph)


def _note(
    directed: direction.Directed, spans: Sequence[Span], places: Sequence[Sequence[tuple[int, int]]]
) -> list[_Notes]:
    """Give every mark to its sentence.

    A mark between two sentences belongs to the next one, at the end of a paragraph to the last one; a mark on a line
    without words to the next line that has some. Emoji belong to the sentence that they follow. An emotion holds to the
    end of its paragraph.
    """
    notes = [_Notes() for _ in spans]
    ends = [span.end for span in spans]
    paragraph, counted = 0, 0
    for mark in directed.marks:
        paragraph += directed.text.count("\n", counted, mark.at)
        counted = mark.at
        i = bisect_right(ends, mark.at)  # the first sentence that ends later
        if i == len(spans) or (i > 0 and spans[i - 1].paragraph == paragraph and _trails(mark, spans, i)):
            i -= 1
        note, span = notes[i], spans[i]
        at = min(max(mark.at - span.start, 0), span.end - span.start)
        match mark:
            case direction.EmotionMark():
                note.feeling = mark.emotion, mark.intensity
            case direction.EmojiMark():
                note.emoji.append(mark.emoji)
            case direction.PauseMark():
                if at >= places[i][-1][1]:
                    note.pause_after += mark.seconds
                elif at <= places[i][0][0] and i > 0:
                    notes[i - 1].pause_after += mark.seconds
                else:
                    at = at if at > places[i][0][0] else 0
                    note.pauses[at] = note.pauses.get(at, 0.0) + mark.seconds
            case ScriptCue():
                note.cues.append(ScriptCue(mark.kind, at, mark.amplitude))
    for (before, span), (note, own) in pairwise(zip(notes, spans, strict=True)):
        if note.feeling is None and own.paragraph == span.paragraph:
            note.feeling = before.feeling
    return notes
