"""Mind and mouth: from what the user said to sentences that are performed and ready to be played."""

import math
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import Final, Protocol

import numpy as np

from ..language.script import Line
from ..performance import Performance
from ..score import Speech
from ..speech.synthesis import LEAD_IN, TAIL, Spoken, speak
from .attempt import Attempt, Utterance, silence
from .messages import Failed, Finished, Message, Prepared
from .services import Fault, Mouth, Responder
from .trouble import in_words

BEFORE: Final = 0.02
"""Seconds that a sound begins before its first phone."""
MOST_SENTENCES: Final = 60
"""Of one answer; what is longer is broken off."""

LONGEST_WORD: Final = 60
"""Characters that are held back until a word is whole."""
_LAST_WORD: Final = re.compile(r"(?:(?![\u3400-\u9fff])\w)+['’]?\Z")

Perform = Callable[[Speech, int], Performance]
"""Performs a speech with a seed."""


class Reader(Protocol):
    """Reads an answer, piece by piece, as lines to be spoken."""

    def feed(self, piece: str) -> list[Line]:
        """Take the next piece; returns the lines that are whole now."""
        ...

    def finish(self) -> list[Line]:
        """The answer is over; returns what is left of it."""
        ...

    @property
    def over(self) -> bool:
        """Whether nothing more will be read."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or mended, for the user."""
        ...


class Mind:
    """Answers one attempt at a time. Everything it uses is used from its thread only."""

    def __init__(
        self,
        responder: Responder,
        reader: Callable[[], Reader],
        voice: Mouth,
        perform: Perform,
        rng: np.random.Generator,
        clock: Callable[[], float],
    ) -> None:
        self._responder = responder
        self._reader = reader
        self._voice = voice
        self._perform = perform
        self._rng = rng
        self._clock = clock

    def answer(self, attempt: Attempt) -> Iterator[Message]:
        """Make the sentences of an answer, each as soon as it can be, ending with Finished or Failed."""
        stage: Fault = "reply"
        last: Line | None = None
        notes: dict[str, None] = {}
        began = self._clock()
        try:
            reader = self._reader()
            with closing(self._lines(attempt, reader)) as lines:
                for line in islice(lines, MOST_SENTENCES):
                    if attempt.cancelled:
                        break
                    thought = self._clock()
                    stage = "voice"
                    spoken = self._voice.say(line)
                    said = self._clock()
                    stage = "engine"
                    utterance = self._stage(line, spoken, last)
                    took = {"reply": thought - began, "voice": said - thought, "motion": self._clock() - said}
                    notes |= dict.fromkeys((*utterance.take.notes, *reader.notes))
                    yield Prepared(attempt, utterance, took)
                    last, stage = line, "reply"
                    began = self._clock()
            notes |= dict.fromkeys(reader.notes)
        except Exception as error:  # noqa: BLE001 - a service is not ours: whatever it raises, the user is told
            yield Failed(attempt, in_words(stage, error), tuple(notes))
        else:
            yield Finished(attempt, tuple(notes))

    def close(self) -> None:
        """Free responder and voice."""
        try:
            self._responder.close()
        finally:
            self._voice.close()

    def _lines(self, attempt: Attempt, reader: Reader) -> Generator[Line, None, None]:
        """The answer's lines; closing this closes the responder's stream, wherever that is."""
        assert attempt.said is not None
        pieces = self._responder.reply(attempt.said, attempt.before, lambda: attempt.cancelled)
        held = ""  # what may be the beginning of a word only
        try:
            try:
                for piece in pieces:
                    whole, held = _whole_words(held + piece)
                    yield from reader.feed(whole)
                    if reader.over:
                        break
            except Exception:
                yield from reader.finish()  # what came before it broke off is said; the fault is told after it
                raise
            yield from reader.feed(held)
            yield from reader.finish()
        finally:
            if isinstance(pieces, Generator):
                pieces.close()

    def _stage(self, line: Line, spoken: Spoken, last: Line | None) -> Utterance:
        speech = speak([line], _Ready(spoken))
        take = self._perform(speech, int(self._rng.integers(2**31)))
        rate = speech.rate
        pause = 0.0 if last is None else max(0.0, last.pause_after - TAIL)
        start = max(LEAD_IN, speech.phones[0].start - BEFORE)
        end = LEAD_IN + len(spoken.sound) / rate
        first = math.floor(start * rate)
        sound = np.concatenate([silence(pause, rate), speech.sound[first : round(end * rate)]])
        return Utterance(line, take, sound, rate, first / rate - round(pause * rate) / rate, pause)


def _whole_words(text: str) -> tuple[str, str]:
    """A text without the word at its end, which may go on, and that word."""
    last = _LAST_WORD.search(text)
    at = len(text) if last is None or len(last.group()) > LONGEST_WORD else last.start()
    return text[:at], text[at:]


class _Ready:
    """A voice that has spoken already."""

    def __init__(self, spoken: Spoken) -> None:
        self._spoken = spoken

    def say(self, line: Line) -> Spoken:
        return self._spoken
