"""The mood of a line from its text and its voice: the text decides which emotion it is, the voice how strong.

How aroused a speaker is, a voice tells reliably: it is higher, more lively, louder and faster (Scherer 2003; Juslin &
Laukka 2003). Whether that is joy or anger it hardly tells; so where the text has no emotion an aroused voice becomes a
little excitement and a flat one a little sadness, and only when the voice is clearly unlike its own in the whole
recording. What an author has directed is left as it is: ask for no mood of such a line.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..score import Emotion
from ..speech.noises import swells
from ..speech.prosody import STEP, Prosody

HIGHER: Final = 3.5
"""Semitones above its own middle that make a voice fully aroused (Scherer 2003; acted anger and joy: 4-7)."""
LIVELIER: Final = 2.0
"""Semitones of more spread."""
LOUDER: Final = 0.14
"""Of ``Prosody.energy``: 5 decibels."""
FASTER: Final = 0.3
"""Of the natural logarithm of swells a second."""
WEIGHTS: Final = (0.35, 0.15, 0.35, 0.15)
"""Of the four in arousal."""
ANOTHER: Final = 8.0
"""Semitones beyond which the voice is taken for another person's, of whom nothing is known."""
LEAST_VOICED: Final = 0.25
"""Seconds of voice in a line of which anything is told."""
LEAST_HEARD: Final = 8.0
"""Seconds of voice in a recording that tell what its speaker is like."""

STRONGER: Final = 0.5
"""By what share full arousal makes an emotion stronger, and the lack of it weaker."""
CALM: Final = frozenset[Emotion](("sad", "concerned"))
"""Emotions that a flat voice makes no weaker."""
CLEARLY: Final = 0.5
"""Arousal from which a line without an emotion is tinted, and minus which."""
TINT: Final = (0.2, 0.35)
"""Intensity there, and at full arousal."""
_CLEAR: Final = 0.06
"""Rise of loudness, of the whole range, that is a swell: a syllable."""
_AUDIBLE: Final = 0.3
"""Loudness from which somebody speaks."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a voice speaks in a stretch of time; not a number where nothing is heard."""

    pitch: float
    """Median, semitones above 1 Hz."""
    span: float
    """From the tenth to the ninetieth per cent, semitones."""
    loudness: float
    """Median of ``Prosody.energy`` where there is a voice."""
    pace: float
    """Natural logarithm of swells a second."""
    voiced: float
    """Seconds of voice that it is known from."""


def manner(prosody: Prosody, start: float = 0.0, end: float = math.inf) -> Manner:
    """How a voice speaks from ``start`` to ``end`` seconds."""
    last = len(prosody.energy)
    part = slice(max(round(start / STEP), 0), round(min(end / STEP, last)) + 1)
    f0, energy = prosody.f0[part], prosody.energy[part]
    is_voiced = np.isfinite(f0)
    if not is_voiced.any():
        return Manner(math.nan, math.nan, math.nan, math.nan, 0.0)
    low, middle, high = np.percentile(12 * np.log2(f0[is_voiced]), (10, 50, 90)).tolist()
    syllables = len(swells(energy.astype(np.float64), _CLEAR))
    speaking = float((energy > _AUDIBLE).sum()) * STEP
    pace = math.log(syllables / speaking) if syllables and speaking else math.nan
    return Manner(middle, high - low, float(np.median(energy[is_voiced])), pace, float(is_voiced.sum()) * STEP)


def arousal(own: Manner, usual: Manner) -> float:
    """How aroused a voice is in a line, -1 (flat) .. 1, against the ``usual`` one of its whole recording.

    0 where too little is heard to tell.
    """
    if usual.voiced < LEAST_HEARD or own.voiced < LEAST_VOICED or abs(own.pitch - usual.pitch) > ANOTHER:
        return 0.0
    shares = (
        (own.pitch - usual.pitch) / HIGHER,
        (own.span - usual.span) / LIVELIER,
        (own.loudness - usual.loudness) / LOUDER,
        (own.pace - usual.pace) / FASTER if math.isfinite(own.pace) and math.isfinite(usual.pace) else 0.0,
    )
    bounded = [min(max(share, -1.0), 1.0) for share in shares]
    total = sum(weight * share for weight, share in zip(WEIGHTS, bounded, strict=True))
    pitch, _, loudness, _ = bounded
    if pitch * loudness < 0:  # a voice that is higher and softer, or lower and louder: neither aroused nor flat
        total *= 0.5
    return min(max(total, -1.0), 1.0)


def mood(emotion: Emotion, intensity: float, arousal: float) -> tuple[Emotion, float]:
    """The emotion of a line and its intensity, 0..1, by its text's and by how aroused its voice is, -1..1."""
    if emotion == "neutral":
        if abs(arousal) < CLEARLY:
            return "neutral", 0.0
        low, high = TINT
        strength = low + (high - low) * (abs(arousal) - CLEARLY) / (1 - CLEARLY)
        return ("excited" if arousal > 0 else "sad"), round(strength, 3)
    if arousal < 0 and emotion in CALM:
        return emotion, intensity
    return emotion, round(min(max(intensity * (1 + STRONGER * arousal), 0.0), 1.0), 3)
