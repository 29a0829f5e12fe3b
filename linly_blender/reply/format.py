"""The reply format (docs/reply.md): from text that streams in, by whomever, to lines that can be performed.

A reply is whatever a model has made up, so nothing in it is trusted: what comes out is at most a number of sentences of
bounded length with known tags at a bounded rate, and whatever had to be left out is told in notes.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

from ..errors import UserError
from ..language.learned import default_tagger
from ..language.meaning import HISTORY, Meaning, Said
from ..language.reader import read_script
from ..language.script import Line
from ..score import SentenceType
from .markup import EMOJI_RUN, Filter, Markup, Pacing, Piece, Sentences, Tag, bare, places, speakable, weight
from .structured import Structured

_AFTER_SENTENCE: Final = 0.42  # seconds, of the structured form
_LETTERS_A_SECOND: Final = 14.0
"""Of speech, to tell how many gestures a minute there are; a Chinese character counts as three."""
_LONGEST_START: Final = 60
"""Characters after which a reply that may still be JSON is text."""
_MOST_NOTES: Final = 20
_SAME_SENTENCE: Final = 2
"""How often a sentence may be said in one reply."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one reply."""

    received: int = 200_000
    """Characters that are read, hidden thoughts included."""
    characters: int = 4_000
    """That are said: about four minutes of English."""
    sentences: int = 40
    gestures_a_sentence: int = 2
    gestures_a_minute: int = 20
    pause: float = 2.0
    """Seconds asked for within one sentence, in all."""
    pacing: Pacing = field(default_factory=Pacing)


class Reader:
    """Reads one reply. The lines are the same in whatever pieces it comes, and no text makes it raise."""

    def __init__(self, language: str = "auto", limits: Limits = Limits()) -> None:
        """``language`` is that of sentences whose writing leaves it open: ``en``, ``zh``, or a code of espeak-ng."""
        self._language = language
        self._limits = limits
        self._tagger = _Remembering()
        self._filter = Filter()
        self._sentences = Sentences(limits.pacing)
        self._markup = Markup(self._sentences, self._note)
        self._structured: Structured | None = None
        self._start: str | None = ""
        """What came before it is clear whether the reply is JSON; None once it is."""
        self._thinking = False
        self._lines: list[Line] = []
        self._notes: list[str] = []
        self._received = 0
        self._said = 0
        self._counted = 0
        self._seen: Counter[str] = Counter()
        self._feeling: Tag | None = None
        self._carried: list[Tag] = []
        self._gestures: deque[float] = deque()
        self._seconds = 0.0
        self._over = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or mended, for the user; may show a few characters of the reply."""
        return tuple(self._notes)

    @property
    def over(self) -> bool:
        """Whether the reply has reached a limit: nothing more will be said, so it need not be fetched."""
        return self._over

    def feed(self, piece: str) -> list[Line]:
        """Take the next piece of text; returns the sentences that are complete with it."""
        for character in piece:
            if self._over:
                break
            self._received += 1
            if self._received > self._limits.received:
                self._stop("The reply does not end: the rest was not read.")
                break
            kept = self._filter(character)
            if kept:
                self._take(kept)
        return self._collect()

    def finish(self) -> list[Line]:
        """The reply is over; returns what is left of it."""
        if not self._over:
            if self._start is not None and not self._thinking:
                self._as_text()
            if self._structured is not None:
                self._structured.finish()
            self._markup.finish()
            self._sentences.finish()
            self._say_ready()
            if self._carried or any(tag.kind == "gesture" for tag in self._sentences.tags[self._counted :]):
                self._note("Directions after the last word of the reply were left out: they belong before a word.")
            self._over = True
        return self._collect()

    def _collect(self) -> list[Line]:
        lines, self._lines = self._lines, []
        return lines

    def _take(self, character: str) -> None:
        if self._start is not None:
            self._begin(character)
        elif self._structured is not None:
            self._structured.write(character)
        else:
            self._markup.write(character)
            self._say_ready()

    def _begin(self, character: str) -> None:
        """Find out whether the reply is JSON, which a fence of code may be around, or text."""
        assert self._start is not None
        self._start += character
        start = self._start.lstrip()
        if self._thinking:
            self._start = self._start[-len("</think>") :]
            self._thinking = self._start != "</think>"
            self._start = self._start if self._thinking else ""
            return
        if start == "<think>":  # thoughts of a reasoning model: the reply begins after them
            self._thinking = True
            return
        for fence in ("```json", "```"):
            start = start.removeprefix(fence).lstrip() if start.startswith(fence) else start
        compact = "".join(start[:40].split())
        open_still = compact in ("", "{", "[", "`", "``", "[{") or "json".startswith(compact)
        if (open_still or "<think>".startswith(compact)) and len(self._start) < _LONGEST_START:
            return
        if compact[:2] in ('{"', "{}") or compact[:3] in ('[{"', "[{}"):
            self._start = None
            self._structured = Structured(self._say_structured, self._note)
            for each in start:
                self._structured.write(each)
        else:
            self._as_text()

    def _as_text(self) -> None:
        start, self._start = self._start or "", None
        for character in start:
            self._markup.write(character)
            self._say_ready()

    def _say_structured(self, text: str) -> None:
        for each in "".join(map(self._filter, text)):  # JSON has escapes for what was kept out before
            self._markup.write(each)
            self._say_ready()
        self._markup.finish()
        self._sentences.finish(_AFTER_SENTENCE)
        self._say_ready()
        self._feeling = None

    def _say_ready(self) -> None:
        while self._sentences.ready:
            piece = self._sentences.ready.pop(0)
            if not self._over:
                self._say(piece)

    def _say(self, piece: Piece) -> None:
        text = speakable(piece)
        if not piece.opens:
            text = EMOJI_RUN.sub("", text, count=1)  # it belonged to the sentence before, which is being said already
        plain = bare(text)
        self._counted = max((number + 1 for _, number in places(piece.text)), default=self._counted)
        if not any(map(str.isalnum, plain)):
            self._carried += [self._sentences.tags[number] for _, number in places(piece.text)]
            return
        if self._too_much(plain):
            return
        directed, kind = self._direct(text)
        lines = self._read(directed)
        if lines:
            lines[0] = replace(lines[0], type=cast("SentenceType", kind)) if kind else lines[0]
            lines[-1] = replace(lines[-1], pause_after=round(lines[-1].pause_after + piece.gap, 3))
        self._lines += lines
        self._seconds += weight(plain) / _LETTERS_A_SECOND + piece.gap
        if piece.closes:
            self._feeling = None

    def _too_much(self, plain: str) -> bool:
        """Whether the reply is over with the sentence before this one."""
        key = "".join(filter(str.isalnum, plain.lower()))
        self._seen[key] += 1
        self._said += len(plain)
        if self._seen[key] > _SAME_SENTENCE:
            self._stop("The reply repeats itself: the rest was not said.")
        elif self._said > self._limits.characters or self._seen.total() > self._limits.sentences:
            self._stop("The reply is too long: the rest was not said.")
        return self._over

    def _direct(self, text: str) -> tuple[str, str]:
        """The text with its tags written out, as many as are allowed, and the sentence type asked for."""
        carried, self._carried = self._carried, []
        kind, pause, gestures = "", 0.0, 0
        pieces: list[str] = []
        at = 0
        tagged = [(0, tag) for tag in carried]
        tagged += [(place, self._sentences.tags[number]) for place, number in places(text)]
        for place, tag in tagged:
            pieces.append(_without_places(text[at:place]))
            at = place
            if tag.kind == "emotion":
                self._feeling = tag
            elif tag.kind == "type":
                kind = tag.name
            elif tag.kind == "pause" and pause < self._limits.pause:
                seconds = max(min(tag.value, self._limits.pause - pause), 0.05)
                pause += seconds
                pieces.append(str(replace(tag, value=round(seconds, 2))))
            elif tag.kind == "gesture" and gestures < self._limits.gestures_a_sentence and self._may_move():
                gestures += 1
                pieces.append(str(tag))
            elif tag.kind == "gesture":
                self._note("The reply has more gestures than a person makes: some were left out.")
        feeling = "" if self._feeling is None else str(self._feeling)
        return feeling + " ".join("".join((*pieces, _without_places(text[at:]))).split()), kind

    def _may_move(self) -> bool:
        while self._gestures and self._gestures[0] <= self._seconds - 60.0:
            self._gestures.popleft()
        if len(self._gestures) >= self._limits.gestures_a_minute:
            return False
        self._gestures.append(self._seconds)
        return True

    def _read(self, directed: str) -> list[Line]:
        """The lines of a sentence, in the language that it is written in."""
        try:
            return read_script(directed, language=self._language, tagger=self._tagger)
        except UserError:
            pass  # written in another language than the one spoken
        try:
            return read_script(directed, language="auto", tagger=self._tagger)
        except UserError as error:
            self._note(f"A sentence of the reply cannot be said and was left out. {error}")
            return []

    def _stop(self, why: str) -> None:
        self._over = True
        self._note(why)

    def _note(self, text: str) -> None:
        if text not in self._notes and len(self._notes) < _MOST_NOTES:
            self._notes.append(text)


def _without_places(text: str) -> str:
    return "".join(character for character in text if not "\ue000" <= character <= "\uf8ff")


class _Remembering:
    """The tagger, told of the sentences before although it is asked for one at a time."""

    def __init__(self) -> None:
        self._before: deque[Said] = deque(maxlen=HISTORY)

    def tag(self, said: Said, history: Sequence[Said]) -> Meaning:
        meaning = default_tagger().tag(said, tuple(self._before))
        self._before.append(said)
        return meaning
