"""Micro-expressions: brief, small, often one-sided movements that come and go by themselves, and fleeting smiles."""

from collections.abc import Iterable
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

_SMILING: Final = frozenset(("neutral", "happy", "excited"))
"""Emotions that a small smile goes with."""
_THAWS: Final = 0.7
"""Seconds in which a smile that stays comes and goes."""


def plan_flickers(timeline: Timeline, style: Style, rng: np.random.Generator, strokes: Strokes) -> None:
    """Add micro-expressions at random times."""
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


def plan_smiles(
    timeline: Timeline, gestures: Iterable[Gesture], style: Style, rng: np.random.Generator, strokes: Strokes
) -> None:
    """Add small smiles in greetings and at ends of sentences, and the style's warmth; ``gestures`` are the head's."""
    micro = style.micro
    ends = [s.end for s in timeline.sentences if s.type == "statement" and s.emotion in _SMILING]
    smiles = [g.peak for g in gestures if g.source == "greeting"] + [
        e - 0.15 for e in ends if rng.random() < micro.smiles
    ]
    for time in smiles:
        size = micro.smile * rng.uniform(0.6, 1.2)
        for side in ("Left", "Right"):
            uneven = size * rng.uniform(0.85, 1.0)
            smile = ((time - 0.2, 0.0), (time + 0.15, uneven), (time + 0.45, uneven), (time + 1.1, 0.0))
            strokes.path(shape_channel("mouthSmile" + side), smile)
            strokes.path(shape_channel("cheekSquint" + side), smile, 0.5)
    _plan_warmth(timeline, micro.warmth, strokes)


def _plan_warmth(timeline: Timeline, size: float, strokes: Strokes) -> None:
    """A smile that stays while what is said is no sad or angry thing, and goes with the end of the turn."""
    level = 0.0
    changes = [
        (phrase.start - 0.25, size if timeline.sentences[phrase.sentence].emotion in _SMILING else 0.0)
        for phrase in timeline.phrases
    ]
    for time, target in [*changes, (timeline.end, 0.0)]:
        if target != level:
            for side in ("Left", "Right"):
                strokes.step(shape_channel("mouthSmile" + side), time, _THAWS, target - level)
                strokes.step(shape_channel("cheekSquint" + side), time, _THAWS, 0.5 * (target - level))
        level = target
