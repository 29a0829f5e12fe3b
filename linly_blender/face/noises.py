"""The mouth that breathes and the face that laughs.

A laugh is the smile of Duchenne with a mouth that opens (action units 6 + 7 + 12 + 25 + 26 of Ekman, Friesen & Hager
2002; Ruch & Ekman 2001), in which the jaw bounces with the bursts of the voice. Lips that have a word to say are left
to it: there only the smile stays.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX, SHAPES
from ..easing import minimum_jerk, through
from ..score import Noise, Speech
from ..speech.noises import Laugh
from .coarticulation import ATTACK, BREAK, contacts, gate, joined

Floats = NDArray[np.float64]
Shapes = NDArray[np.float32]

_BREATH: Final = {"jawOpen": 0.05, "mouthLowerDown": 0.12, "mouthUpperUp": 0.07}
"""Lips as they part to speak (``targets.READY``): half of it for a breath that is hardly heard ..."""
_GASP: Final = {"jawOpen": 0.06, "mouthLowerDown": 0.08, "mouthUpperUp": 0.04}
"""... and so much more for one that is loud."""
_PARTING, _CLOSING = 0.14, 0.2
"""Seconds in which they part and close."""

_SMILE: Final = {"mouthSmile": 0.72, "mouthDimple": 0.12, "cheekSquint": 0.75}
_WITH_IT: Final = {"eyeSquint": 0.5, "noseSneer": 0.1}
_OPEN: Final = {"mouthUpperUp": 0.3, "mouthLowerDown": 0.18, "jawOpen": 0.15}
"""The mouth between two bursts, at strength 1; a name without a side means both."""
_BOUNCE: Final = {"jawOpen": 0.22, "mouthLowerDown": 0.14, "mouthUpperUp": 0.06}
"""What the loudest burst adds."""
_SLIGHT: Final = 0.5
"""Size of a laugh of strength 0."""
_BEFORE: Final = 0.22
"""Seconds before a laugh that the face takes it up."""
_RISE: Final = 0.34
"""Seconds until the smile is there."""
_OPENING: Final = 0.16
"""Seconds until the mouth is open: just before it is heard."""
_SHUTTING: Final = 0.4
"""Seconds in which the mouth closes after the last burst."""
_TIRED: Final = 0.8
"""What is left of the smile at its end."""
_LINGER, _FADE = 0.25, 1.3
"""Seconds that the smile stays when the voice has stopped, and in which it goes."""
_SHORTEST_FADE: Final = 0.35
"""Seconds, where the sound ends soon."""
LEAD: Final = 0.02
"""Seconds the jaw is ahead of the burst that it lets out."""


def breathe(articulation: Shapes, breaths: Sequence[Noise], speech: Speech, times: Floats, amount: float) -> Shapes:
    """The speaking mouth with its lips parted for the breaths that are heard.

    Parameters: shapes of speech at ``times`` in seconds, ascending [both of n rows]; the breaths between words; how
    deep breaths are, 1 being natural. Returns weights 0..1 [shape=(n, 52)]. What is open further stays so.
    """
    if not breaths:
        return articulation
    starts = np.array([phone.start for phone in speech.phones])
    parted = np.zeros_like(articulation)
    quiet, loud = _weights(_BREATH), _weights(_GASP)
    for noise in breaths:
        following = starts[np.searchsorted(starts, noise.end - 1e-6) :]
        # The lips of an m that follows have to meet: what they are parted by is gone before.
        closed = min([noise.end + 0.6 * _CLOSING, *following[:1].tolist()]) - ATTACK[0]
        begin, end = max(noise.start - 0.3 * _PARTING, 0.0), max(closed, noise.start + 0.5 * _PARTING)
        part = slice(*np.searchsorted(times, (begin, end)))
        shown = minimum_jerk((times[part] - begin) / _PARTING) * minimum_jerk((end - times[part]) / _CLOSING)
        size = amount * (quiet * (0.5 + 0.5 * noise.strength) + loud * noise.strength)
        parted[part] = np.maximum(parted[part], shown[:, None] * size)
    lips, teeth = contacts(speech)
    parted *= ((1 - gate(lips, times)) * (1 - gate(teeth, times)))[:, None]
    return np.clip(np.maximum(articulation, parted), 0, 1)


def laugh(laughs: Sequence[Laugh], speech: Speech, times: Floats, amount: float) -> Shapes:
    """The shapes of laughter, without speech.

    Parameters: ``times`` in seconds, ascending [shape=(n,)]; how large smiles are, 1 being natural (the mouth opens
    no wider than it does naturally). Returns weights 0..1 [shape=(n, 52)]; all are 0 again at the end of the sound.
    """
    shapes = np.zeros((len(times), len(SHAPES)), np.float32)
    if not laughs:
        return shapes
    at_most_natural = min(amount, 1.0)
    smiling = amount * _weights(_SMILE) + at_most_natural * _weights(_WITH_IT)
    opened, bouncing = at_most_natural * _weights(_OPEN), at_most_natural * _weights(_BOUNCE)
    for one in laughs:
        gone = max(min(one.end + _LINGER + _FADE, speech.duration), one.start + _SHORTEST_FADE)
        begin, fade = one.start - _BEFORE, min(_FADE, max(gone - one.end, _SHORTEST_FADE))
        part = slice(*np.searchsorted(times, (begin, gone)))
        at = times[part]
        smile = minimum_jerk((at - begin) / _RISE) * minimum_jerk((gone - at) / fade)
        smile *= through([(one.start + _RISE, 1.0), (max(one.end, one.start + 2 * _RISE), _TIRED)], at)
        shut = min(one.end + 0.6 * _SHUTTING, gone)
        mouth = minimum_jerk((at - one.start + _OPENING) / _OPENING) * minimum_jerk((shut - at) / _SHUTTING)
        bounce = through(_knots(one), at + LEAD) * minimum_jerk((shut - at) / (0.5 * _SHUTTING))
        size = _SLIGHT + (1 - _SLIGHT) * one.strength
        shown = smile[:, None] * smiling + mouth[:, None] * opened + (mouth * bounce)[:, None] * bouncing
        shapes[part] = np.maximum(shapes[part], size * shown)
    words = joined([(phone.start, phone.end) for phone in speech.phones], BREAK)
    shapes[:, _MOUTH] *= (1 - gate(words, times))[:, None].astype(np.float32)
    return np.clip(shapes, 0, 1)


def both(one: Shapes, other: Shapes) -> Shapes:
    """Two expressions at once: each takes of what the other leaves, so that none goes beyond 1 [shape=(n, 52)]."""
    return one + (1 - one) * other


def _knots(one: Laugh) -> list[tuple[float, float]]:
    """The way of the jaw, 0..1: up at each burst and half back between."""
    knots = [(one.start, 0.0)]
    for time, size in one.bursts:
        before, height = knots[-1]
        if len(knots) > 1:
            knots.append(((before + time) / 2, 0.25 * min(height, size)))
        knots.append((max(time, before + 1e-3), size))
    return [*knots, (max(one.end, knots[-1][0] + 0.12), 0.0)]


def _weights(named: dict[str, float]) -> Floats:
    """[shape=(52,)]"""
    weights = np.zeros(len(SHAPES))
    for name, weight in named.items():
        for column in (name,) if name in INDEX else (f"{name}Left", f"{name}Right"):
            weights[INDEX[column]] = weight
    return weights


_MOUTH: Final = np.flatnonzero(_weights(_OPEN))
"""Shapes that open the mouth."""
