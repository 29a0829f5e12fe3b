"""An answer in the making, from the moment the user may have ended until its last sound."""

from dataclasses import dataclass, field, replace
from threading import Semaphore
from typing import Final

import numpy as np

from ..language.script import Line
from ..performance import Performance
from .services import ServiceError, Sound, Turn

AHEAD: Final = 3
"""Sentences that are prepared before they are needed."""


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One sentence of the answer, performed and ready to be played."""

    line: Line
    take: Performance
    sound: Sound
    """What is played of it: no lead-in, no lead-out, but the pause before it."""
    rate: int
    offset: float
    """Time of ``take`` at the first of these samples; negative when the pause is longer than the take's lead-in."""
    lead: float
    """Seconds of ``sound`` that are the pause before the sentence."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.sound) / self.rate

    def at_once(self) -> "Utterance":
        """The same without the pause before it."""
        samples = round(self.lead * self.rate)
        return replace(self, sound=self.sound[samples:], offset=self.offset + samples / self.rate, lead=0.0)

    def divided(self, heard: float | None) -> tuple[str, str]:
        """What was said and what was not after so many seconds: a word begun counts as said."""
        if heard is None:
            return "", self.line.text
        time = heard + self.offset
        ends = [
            scripted.end
            for scripted, word in zip(self.line.words, self.take.speech.words, strict=True)
            if word.start < time
        ]
        at = ends[-1] if ends else 0
        if len(ends) == len(self.line.words):
            at = len(self.line.text)
        return self.line.text[:at].rstrip(), self.line.text[at:].lstrip()


@dataclass(slots=True, eq=False)
class Playing:
    """An utterance on its way to the speaker."""

    utterance: Utterance
    number: int
    expected: float
    """When it should be over at the latest, on the conversation's clock."""
    heard: float | None = None


@dataclass(slots=True, eq=False)
class Attempt:
    """One answer. The conductor writes it; ears and mind only read ``said``, ``before`` and ``cancelled``."""

    ended: float
    """When the user's last sound was in the air, or their text was entered."""
    before: tuple[Turn, ...]
    said: str | None = None
    """What the user said; None until it is recognised."""
    written: bool = False
    """Whether the user wrote it."""
    notes: tuple[str, ...] = ()
    """What of the answer was left out or done otherwise than asked."""
    released: bool = False
    """Whether the user has ended for certain."""
    fallen: bool = False
    """Whether the user's voice had died away."""
    silent: bool = False
    """Whether the user has ended, as far as the sound can tell."""
    guessed: bool = False
    """Whether it is made before it is known whether the user may have ended."""
    cancelled: bool = False
    owed: bool = False
    """Cancelled before it was known what was said, which is wanted as the beginning of what is said next."""
    deadline: float | None = None
    """When the user counts as having ended; None before that is known."""
    committed: float | None = None
    """When the user counted as having ended; what is said before that is only prepared."""
    finished: bool = False
    """Whether nothing more will be prepared."""
    failure: ServiceError | None = None
    ready: list[Utterance] = field(default_factory=list)
    """Prepared, not yet handed to the speaker."""
    playing: list[Playing] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    """Sentences said to their ends."""
    sounding: float | None = None
    """When its first sound was heard."""
    nodded: bool = False
    """Whether the character has shown that it heard the user's phrase end."""
    quiet: float = 0.0
    """Since when nothing of it is to be heard."""
    pondering: bool = False
    """Whether the character shows that it thinks."""
    stages: dict[str, float] = field(default_factory=dict)
    """Seconds that each stage took for the first sentence."""
    room: Semaphore = field(default_factory=lambda: Semaphore(AHEAD))
    """How many more sentences may be prepared."""

    def cancel(self) -> None:
        """Nobody wants it any more."""
        self.cancelled = True
        self.room.release()

    def divided(self) -> tuple[str, str]:
        """All that was said of it, and what was prepared and not said."""
        said, unsaid = list(self.spoken), []
        for playing in self.playing:
            aloud, rest = playing.utterance.divided(playing.heard)
            said.append(aloud)
            unsaid.append(rest)
        unsaid.extend(utterance.line.text for utterance in self.ready)
        return joined(said), joined(unsaid)


def joined(texts: list[str]) -> str:
    """Sentences as one text; Chinese ones without a blank between them."""
    whole = ""
    for text in texts:
        if whole and text:
            whole += "" if not whole[-1].isascii() and not text[0].isascii() else " "
        whole += text
    return whole


def silence(seconds: float, rate: int) -> Sound:
    """So many seconds of nothing."""
    return np.zeros(round(seconds * rate), np.int16)
