"""What is said, on the clock of its own sound: the score that face and head perform.

Times are seconds from the first sample (sample index / sample rate). Nothing here knows about frames.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

SentenceType = Literal["statement", "question", "rhetorical", "exclamation", "command"]
"""``rhetorical`` covers rhetorical, confirming and tag questions ("Are you sure?", "你确定吗？")."""
Emotion = Literal["neutral", "happy", "sad", "angry", "excited", "concerned", "surprised", "fearful"]
NoiseKind = Literal["breath", "laugh"]
CueKind = Literal["nod", "shake", "tilt_left", "tilt_right", "look_up", "look_down", "look_left", "look_right", "blink"]

SENTENCE_TYPES: Final = get_args(SentenceType)
EMOTIONS: Final = get_args(Emotion)
CUE_KINDS: Final = get_args(CueKind)
NOISE_KINDS: Final = get_args(NoiseKind)
UNKNOWN: Final = "?"
"""``Phone.phone`` of a syllable of a recording that is heard and not known: the mouth follows the sound alone."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One speech sound. A stop (p, b, t ...) starts where its closure starts, not at its burst."""

    phone: str
    """IPA without stress marks; length mark and diphthongs kept (``iː``, ``aɪ``, ``tʂʰ``)."""
    start: float
    end: float
    stress: int
    """0 none, 1 primary, 2 secondary, of the syllable whose vowel this is; 0 on consonants."""
    word: int
    """Index into ``Speech.words``, or -1."""


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    """As written, without the punctuation around it."""
    start: float
    end: float
    emphasis: float
    """0 (none) .. 1 (marked with asterisks)."""
    sentence: int
    """Index into ``Speech.sentences``."""


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    start: float
    end: float
    type: SentenceType
    emotion: Emotion
    intensity: float
    """Of the emotion, 0..1; 0 when neutral."""
    language: str
    """espeak-ng's code of the voice that says it: ``en-us``, ``cmn`` ..."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A gesture the author asked for at a place in the text."""

    kind: CueKind
    time: float
    amplitude: float
    """1 is the style's natural size."""


@dataclass(frozen=True, slots=True)
class Noise:
    """A sound of the speaker's that is no speech."""

    kind: NoiseKind
    start: float
    end: float
    strength: float
    """0..1."""


@dataclass(frozen=True, slots=True)
class Speech:
    """Sound and everything known about it. All tuples are in order of time; neither phones nor noises overlap."""

    sound: NDArray[np.int16]
    """Mono samples [shape=(n,)]."""
    rate: int
    """Samples a second."""
    phones: tuple[Phone, ...]
    words: tuple[Word, ...]
    sentences: tuple[Sentence, ...]
    cues: tuple[Cue, ...] = ()
    noises: tuple[Noise, ...] = ()
    """Heard in a recording; a voice that is made has none."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.sound) / self.rate


@dataclass(frozen=True, slots=True)
class Gesture:
    """Something head, eyes or brows do on purpose; the frames already contain it."""

    kind: str
    """``nod``, ``shake``, ``tilt_left`` ..., ``brow_raise``, ``gaze_away``, ``blink`` ..."""
    start: float
    peak: float
    end: float
    amplitude: float
    """Radians for head and gaze, 0..1 for shapes."""
    source: str
    """Why: ``direction``, ``emphasis``, ``question``, ``rhetorical``, ``prosody``, ``idle`` ..."""
