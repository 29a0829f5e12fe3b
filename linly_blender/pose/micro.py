"""Micro-expressions: brief, small, often one-sided movements that come and go by themselves, and fleeting smiles."""

from typing import Final

import numpy as np

from ..score import Gesture
from .strokes import Strokes, shape_channel
from .styles import Style
from .timeline import Timeline

_PAIRED: Final = (
    ("eyeSquint", 1.0),
    ("cheekSquint", 0.6),
    ("browDown", 0.8),
    ("mouthDimple", 0.5),
    ("mouthSmile", 0.5),
    ("noseSneer", 0.35),
)
"""Shapes that flicker, with their size relative to the style's."""


def plan_micro(
    timeline: Timeline, gestures: list[Gesture], style: Style, rng: np.random.Generator, strokes: Strokes
) -> None:
    """Add flickers at random times, and small smiles in greetings and at some ends of sentences."""
    micro = style.micro
    count = int(rng.poisson(micro.rate * timeline.speech.duration / 60))
    times = rng.uniform(0.2, max(timeline.last_gesture - 0.5, 0.21), count)
    for time in times:
        name, share = _PAIRED[rng.integers(len(_PAIRED))]
        size = micro.size * share * rng.uniform(0.4, 1.0)
        lean = rng.uniform(0.0, 1.0)
        rise, fall = rng.uniform(0.08, 0.2), rng.uniform(0.15, 0.4)
        for side, weight in (("Left", lean), ("Right", 1 - lean)):
            knots = ((time, 0.0), (time + rise, size * (0.4 + 0.6 * weight)), (time + rise + fall, 0.0))
            strokes.path(shape_channel(name + side), knots)
    ends = [s.end for s in timeline.sentences if s.type == "statement" and s.emotion in ("neutral", "happy", "excited")]
    smiles = [g.peak for g in gestures if g.source == "greeting"] + [e - 0.15 for e in ends if rng.random() < 0.5]
    for time in smiles:
        size = micro.smile * rng.uniform(0.6, 1.2)
        for side in ("Left", "Right"):
            uneven = size * rng.uniform(0.85, 1.0)
            smile = ((time - 0.2, 0.0), (time + 0.15, uneven), (time + 0.45, uneven), (time + 1.1, 0.0))
            strokes.path(shape_channel("mouthSmile" + side), smile)
            strokes.path(shape_channel("cheekSquint" + side), smile, 0.5)
