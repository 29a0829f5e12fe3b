"""How emotion changes the manner of moving: faster or slower, larger or smaller, and where the head rests.

Busso 2007: happy and angry speech moves about twice as fast as neutral, sad speech more slowly; sadness lowers the
head, fear draws it back, anger brings it forward.
"""

from dataclasses import dataclass
from math import radians
from typing import Final

from ..score import Emotion, Sentence


@dataclass(frozen=True, slots=True)
class Dynamics:
    """A manner beside the neutral one."""

    tempo: float = 1.0
    """Factor on speeds."""
    size: float = 1.0
    """Factor on head movement."""
    often: float = 1.0
    """Factor on how many stressed and emphasised words are marked by the head."""
    pitch: float = 0.0
    """Radians added to the posture."""
    roll: float = 0.0
    y: float = 0.0
    """Metres added to the posture (backwards)."""
    blink: float = 1.0
    """Factor on the rate of blinks."""
    lids: float = 1.0
    """Factor on how long a blink takes."""


_FULL: Final[dict[Emotion, Dynamics]] = {
    "neutral": Dynamics(),
    "happy": Dynamics(1.6, 1.85, 1.35, radians(1.0), blink=1.1),
    "excited": Dynamics(1.6, 1.85, 1.45, radians(1.0), y=-0.006, blink=1.2),
    "angry": Dynamics(1.65, 1.8, 1.35, radians(-2.5), y=-0.012, blink=0.8),
    "surprised": Dynamics(1.4, 1.3, 1.1, radians(2.5), y=0.008, blink=0.8),
    "fearful": Dynamics(1.4, 0.8, 1.0, radians(-0.5), y=0.012, blink=1.4),
    "concerned": Dynamics(0.85, 0.8, 0.9, radians(-2.0), radians(2.5), y=-0.004, lids=1.6),
    "sad": Dynamics(0.72, 0.72, 0.75, radians(-5.0), radians(1.0), blink=0.85, lids=1.8),
}


def dynamics_of(sentence: Sentence) -> Dynamics:
    """The manner of a sentence's emotion at its intensity."""
    full, amount = _FULL[sentence.emotion], sentence.intensity
    return Dynamics(
        full.tempo**amount,
        full.size**amount,
        full.often**amount,
        full.pitch * amount,
        full.roll * amount,
        full.y * amount,
        full.blink**amount,
        full.lids**amount,
    )
