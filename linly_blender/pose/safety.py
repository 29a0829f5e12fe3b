"""What comes from outside is made harmless: labels are a closed set, intensities are clamped, faces cannot contradict.

A script's tags are checked as they are read. A label may also come from a program, a language model say, that invents
what there is not; it then becomes neutral and a note tells of it, because a talk goes on.
"""

import dataclasses
import math
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..score import CUE_KINDS, EMOTIONS, NOISE_KINDS, SENTENCE_TYPES, Cue, Emotion, Noise, Sentence, Speech

LARGEST_CUE: Final = 2.0
_SHOWN: Final = 24
"""Characters of a foreign label that a note repeats."""
_MOST_BOTH: Final = (
    ("browDown", "browOuterUp", 0.3),
    ("browDown", "browInnerUp", 0.5),
    ("eyeSquint", "eyeWide", 0.25),
    ("mouthSmile", "mouthFrown", 0.15),
)
"""Opposite shapes, and how much of both at once still looks human: worry draws brows up and down a little."""


def known_emotion(label: str, intensity: float) -> tuple[Emotion, float, str | None]:
    """The emotion of this name and its intensity clamped to 0..1; neutral, and a note, when there is none."""
    if label not in EMOTIONS:
        return "neutral", 0.0, f"There is no emotion {_shown(label)}: neutral is used. Known: {', '.join(EMOTIONS)}."
    if label == "neutral" or not math.isfinite(intensity):
        return "neutral", 0.0, None
    return cast(Emotion, label), min(max(intensity, 0.0), 1.0), None


def checked(speech: Speech) -> tuple[Speech, tuple[str, ...]]:
    """The speech with known labels and sound intensities only, and a note for every label that was not known."""
    notes: dict[str, None] = {}
    sentences = tuple(_checked_sentence(sentence, notes) for sentence in speech.sentences)
    words = tuple(
        word if 0 <= word.emphasis <= 1 else dataclasses.replace(word, emphasis=_clamped(word.emphasis, 1.0))
        for word in speech.words
    )
    cues = tuple(_checked_cue(cue) for cue in speech.cues if _is_known(cue, notes))
    noises = tuple(_checked_noise(noise, speech.duration) for noise in speech.noises if _is_known_noise(noise))
    noises = tuple(noise for noise in noises if noise.end > noise.start)
    if (sentences, words, cues, noises) == (speech.sentences, speech.words, speech.cues, speech.noises):
        return speech, ()
    safe = dataclasses.replace(speech, sentences=sentences, words=words, cues=cues, noises=noises)
    return safe, tuple(notes)


def _checked_sentence(sentence: Sentence, notes: dict[str, None]) -> Sentence:
    emotion, intensity, note = known_emotion(sentence.emotion, sentence.intensity)
    if note is not None:
        notes[note] = None
    kind = sentence.type
    if kind not in SENTENCE_TYPES:
        notes[f"There is no sentence type {_shown(kind)}: statement is used. Known: {', '.join(SENTENCE_TYPES)}."] = (
            None
        )
        kind = "statement"
    return dataclasses.replace(sentence, type=kind, emotion=emotion, intensity=intensity)


def _is_known(cue: Cue, notes: dict[str, None]) -> bool:
    if cue.kind in CUE_KINDS:
        return True
    notes[f"There is no gesture {_shown(cue.kind)}: it is left out. Known: {', '.join(CUE_KINDS)}."] = None
    return False


def _checked_cue(cue: Cue) -> Cue:
    return dataclasses.replace(cue, amplitude=_clamped(cue.amplitude, LARGEST_CUE))


def _is_known_noise(noise: Noise) -> bool:
    return noise.kind in NOISE_KINDS and math.isfinite(noise.start) and math.isfinite(noise.end)


def _checked_noise(noise: Noise, duration: float) -> Noise:
    start, end = (_clamped(time, duration) for time in (noise.start, noise.end))
    return dataclasses.replace(noise, start=start, end=end, strength=_clamped(noise.strength, 1.0))


def _clamped(value: float, most: float) -> float:
    return min(max(value, 0.0), most) if math.isfinite(value) else 0.0


def _shown(label: object) -> str:
    text = repr(label)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def without_contradictions(shapes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Opposite shapes take from each other what they both have too much of [shape=(n, 52)].

    As antagonist muscles do; without a jump when the stronger of the two changes.
    """
    shapes = shapes.copy()
    for one, other, most in _MOST_BOTH:
        for side in ("Left", "Right"):
            first, second = (INDEX[name if name in INDEX else name + side] for name in (one, other))
            excess = np.maximum(np.minimum(shapes[:, first], shapes[:, second]) - most, 0)
            shapes[:, first] -= excess
            shapes[:, second] -= excess
    return shapes
