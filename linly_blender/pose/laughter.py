"""A laugh moves the head and the chest: the head goes back and bobs, the chest jerks with every burst.

Ruch & Ekman 2001: the head is thrown back, the trunk shakes in the rhythm of the forced breath out. After Niewiadomski
2013 (recorded laughs) the bobs keep to a few degrees and die away before the head has come home.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ..score import Gesture
from ..speech.noises import RHYTHM, Laugh
from .strokes import BREATH, PITCH, ROLL, STEP, Strokes, Y, Z

_BACK: Final = np.radians(5.5)
"""How far the chin goes up in a laugh of strength 1."""
_AWAY: Final = 0.007
"""Metres that the head goes back with it."""
_ASIDE: Final = np.radians(1.6)
_BOB: Final = np.radians(1.9)
"""How far the chin falls with the loudest burst, and metres that the head sinks with it."""
_SINK: Final = 0.0012
_SLIGHT: Final = 0.4
"""Size of a laugh of strength 0."""
_BEFORE: Final = 0.12
"""Seconds before it is heard that the head starts."""
_THROW: Final = 0.42
"""Seconds until the head is back."""
_TIRED: Final = 0.6
"""Where it has sunk to as the laugh ends, relative to how far it went back."""
SETTLES: Final = 0.9
"""Seconds in which it comes home when the voice has stopped."""
_SHORTEST: Final = 0.35
"""Seconds, where the sound ends soon."""
_PULSE: Final = 0.085
"""What the loudest burst presses out of the lungs at once."""


def plan_laughter(laughs: Sequence[Laugh], until: float, rng: np.random.Generator, strokes: Strokes) -> list[Gesture]:
    """Add the head's and the chest's part of every laugh; all is over by ``until`` seconds. In order of time."""
    return [_plan(laugh, until, rng.choice((-1.0, 1.0)) * rng.uniform(0.4, 1.0), strokes) for laugh in laughs]


def _plan(laugh: Laugh, until: float, aside: float, strokes: Strokes) -> Gesture:
    size = _SLIGHT + (1 - _SLIGHT) * laugh.strength
    begin = laugh.start - _BEFORE
    home = max(min(laugh.end + SETTLES, until), begin + 2 * _SHORTEST)
    leave = min(laugh.end, home - _SHORTEST)
    back = begin + min(_THROW, 0.6 * (leave - begin))
    for channel, far in ((PITCH, _BACK), (Y, _AWAY), (ROLL, aside * _ASIDE)):
        strokes.path(channel, ((begin, 0.0), (back, far), (leave, _TIRED * far), (home, 0.0)), size)
    for number, (time, loud) in enumerate(laugh.bursts):
        following = laugh.bursts[number + 1][0] if number + 1 < len(laugh.bursts) else time + RHYTHM
        half = min(following - time, RHYTHM) / 2
        bob = ((time - half, 0.0), (time + STEP, -1.0), (time + half + STEP, 0.0))
        strokes.path(PITCH, bob, size * loud * _BOB)
        strokes.path(Z, bob, size * loud * _SINK)
        strokes.path(BREATH, bob, size * loud * _PULSE)
    return Gesture("laugh", max(begin, 0.0), back, home, float(size * _BACK), "laughter")
