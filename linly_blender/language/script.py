"""A script: the sentences to be said, in order, with all that is known of them before anyone speaks."""

from dataclasses import dataclass

from ..score import CueKind, Emotion, SentenceType


@dataclass(frozen=True, slots=True)
class ScriptWord:
    text: str
    start: int
    """Character offsets into ``Line.text``: ``text == line.text[start:end]``."""
    end: int
    emphasis: float


@dataclass(frozen=True, slots=True)
class ScriptCue:
    kind: CueKind
    at: int
    """Character offset into ``Line.text``; the cue happens as the character there is spoken (its end: at the end)."""
    amplitude: float


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, clean of direction tags."""

    text: str
    language: str
    """espeak-ng's code: ``en-us``, ``cmn`` ..."""
    type: SentenceType
    emotion: Emotion
    intensity: float
    words: tuple[ScriptWord, ...]
    """Covers every spoken word; Mandarin is segmented into words."""
    cues: tuple[ScriptCue, ...]
    pauses: tuple[tuple[int, float], ...]
    """(character offset, seconds) of the pauses asked for inside the sentence."""
    pause_after: float
    """Seconds of silence between this sentence's last sound and the next sentence; longer after a paragraph.

    After the last sentence: only what the author asked for."""
    directed: bool = False
    """Whether the author asked for the emotion; else it is the text's own."""
