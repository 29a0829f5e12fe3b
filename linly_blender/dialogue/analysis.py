"""What is known of a recording: its lines, words and phones, what else is heard, and how sure that is.

All times are seconds from the recording's first sample. An analysis is a value: it is made from a sound
(``analyse``), read from a file (``analysis_file``, ``textgrid``), changed by hand (``edit``), and performed
(``performing``).
"""

from dataclasses import dataclass
from typing import Final, Literal

from ..score import UNKNOWN as UNKNOWN
from ..score import Cue, Emotion, Noise, Phone, SentenceType

Basis = Literal["script", "recognised", "sound"]
"""What a line rests on: words that were given, words that were recognised, or the sound alone."""

SURE: Final = 0.35
"""Confidence from which a word is taken to be what is said; below it the mouth follows the sound alone."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word of a line, or a stretch of its sound of which no word is known."""

    text: str
    """As written, without the punctuation around it; empty where no word is known."""
    start: float
    end: float
    confidence: float
    """0..1, how well what is heard there fits the word; 1 for what somebody set by hand."""
    emphasis: float = 0.0
    """0..1, by the text: as ``ScriptWord.emphasis``."""


@dataclass(frozen=True, slots=True)
class HeardLine:
    """A sentence, or what is said between two pauses."""

    text: str
    """As written, clean of direction tags; empty for a line that rests on its sound alone."""
    language: str
    """espeak-ng's code: ``en-us``, ``cmn`` ..."""
    start: float
    """Of its first phone; lines are in order and do not overlap."""
    end: float
    basis: Basis
    words: tuple[HeardWord, ...]
    """Every word of the text in order; none only in a line of which nothing can be heard."""
    phones: tuple[Phone, ...]
    """In order; ``Phone.word`` counts within ``words``. Those of words that are not sure are ``UNKNOWN``."""
    type: SentenceType = "statement"
    emotion: Emotion = "neutral"
    intensity: float = 0.0
    """These three as the script's reader found them, or the author's tags say: as in ``language.script.Line``."""
    cues: tuple[Cue, ...] = ()
    """Gestures that the author's tags ask for, at their times in the recording."""
    directed: bool = False
    """Whether the author asked for the emotion: then the voice changes nothing of it."""


@dataclass(frozen=True, slots=True)
class Analysis:
    duration: float
    lines: tuple[HeardLine, ...]
    noises: tuple[Noise, ...] = ()
    notes: tuple[str, ...] = ()
    """What the user should know, each a sentence that says what to do."""

    @property
    def on_phones(self) -> float:
        """The share of what is said that rests on known phones, 0..1 by time; 0 where nothing is said."""
        known = all_of_it = 0.0
        for line in self.lines:
            for phone in line.phones:
                all_of_it += phone.end - phone.start
                known += (phone.end - phone.start) * (phone.phone != UNKNOWN)
        return known / all_of_it if all_of_it else 0.0
