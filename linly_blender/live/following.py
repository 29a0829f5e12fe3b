"""Head and brows that follow a voice with nothing but its past: the network's wish, the melody, and the accents."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX, SHAPES
from ..pose import brows, kernels, prosodic
from ..pose.features import STEP
from ..pose.filters import Ema, Shown
from ..pose.kernels import Motion
from ..pose.prosodic import Melody
from ..pose.strokes import PITCH, ROLL, YAW, shape_channel
from ..pose.styles import Style
from .accents import Accents
from .glide import Glide
from .overhearing import WISHES

Floats = NDArray[np.float64]

_RISES, _SINKS = 0.3, 0.6
"""Seconds in which the head takes up what the voice does, and comes to rest after it."""
_CALM: Final = Ema(0.075)
"""Over all of it, for it comes in steps."""
_SYLLABLE, _PHRASE, _LONG = Ema(0.1), Ema(0.35), Ema(2.0)
"""Over pitch and loudness: about the windows of ``prosodic``, without their second half, and the mean's."""
_SEMITONES: Final = 7.0
"""Of a pitch of 1."""
_CHEEKS: Final = 0.5
"""Part of a smile that the cheeks show, as in ``pose.refine``."""
_FACE: Final = {
    "browInnerUp": 0, "browOuterUpLeft": 1, "browOuterUpRight": 1, "browDownLeft": 2, "browDownRight": 2,
    "eyeWideLeft": 3, "eyeWideRight": 3, "mouthSmileLeft": 4, "mouthSmileRight": 4,
    "cheekSquintLeft": 4, "cheekSquintRight": 4,
}  # fmt: skip
"""Shapes by the network's wish for the face that they show."""
_COLUMNS: Final = [INDEX[name] for name in _FACE]
_OF_WISHES: Final = list(_FACE.values())
_PARTS: Final = np.array([_CHEEKS if name.startswith("cheek") else 1.0 for name in _FACE])

_ACCENT, _STRONG = 0.4, 1.2
"""Deviations from which a syllable stands out, and from which it may have a nod."""
_BEATS, _NODS = 0.3, 1.5
"""Seconds between two beats, and between two nods, at least."""
_SMALL: Final = 0.7
"""Size of a nod, relative to the style's on a word: nobody knows whether the word was meant so."""
_RAISE: Final = 0.5
"""Seconds that raised brows take."""


class Following:
    """Is told what is overheard as it comes, and asked where head and brows are."""

    def __init__(self, style: Style, rng: np.random.Generator) -> None:
        self._style = style
        self._rng = rng
        self._part = Glide(np.zeros(1))
        """How much of it is shown."""
        self._next_beat = self._next_nod = -np.inf
        self._calm: Shown | None = None
        self.forget()

    def forget(self) -> None:
        """What comes now is another sound."""
        self._accents = Accents()
        self._quick: Shown | None = None
        self._slow: Shown | None = None
        self._usual: Shown | None = None
        self._wanted = np.zeros(6 + len(_FACE))

    def speaks(self, now: float, whether: bool) -> None:
        """Somebody begins to speak, or has ended."""
        self._part.to(now, np.array([float(whether)]), _RISES if whether else _SINKS)

    def hear(self, now: float, wish: Floats, melody: Floats) -> list[Motion]:
        """Take the next moment, ``features.STEP`` after the last; what the body does about it.

        Parameters: the network's wish [shape=(WISHES,)], and energy, its slope, voicing and pitch [shape=(4,)].
        """
        energy, _, voicing, pitch = melody.tolist()
        self._usual, (usual,) = _LONG.step(self._usual, np.array([energy]), STEP)
        above = np.array([_SEMITONES * pitch, energy - usual])
        self._quick, (high, loud) = _SYLLABLE.step(self._quick, above, STEP)
        self._slow, (slow_high, slow_loud) = _PHRASE.step(self._slow, above, STEP)
        tune = Melody(*(np.array([value]) for value in (high, loud, slow_high, slow_loud)))
        self._wanted[:6] = wish[:6]
        self._wanted[[PITCH, YAW, ROLL]] += prosodic.follow(tune, self._style)[0]
        self._wanted[6:] = np.maximum(wish[6:WISHES][_OF_WISHES], 0.0) * _PARTS
        self._wanted[6] += brows.follow_pitch(tune.pitch, self._style)[0]
        stands_out = self._accents.hear(energy, voicing > 0, pitch)
        return [] if stands_out is None else self._mark(now, stands_out)

    def at(self, now: float, step: float) -> tuple[Floats, Floats]:
        """The head's part [shape=(6,)] and the face's [shape=(52,)], to be added to who is there."""
        self._calm, calm = _CALM.step(self._calm, self._wanted, step)
        moved = calm * np.clip(self._part.at(now), 0, 1)
        face = np.zeros(len(SHAPES))
        face[_COLUMNS] = moved[6:]
        return moved[:6], face

    def _mark(self, now: float, stands_out: float) -> list[Motion]:
        """What an accent is marked with, if it is one: a beat, a nod, or the brows."""
        style, rng = self._style, self._rng
        motions = []
        if stands_out > _STRONG and now > self._next_nod and rng.random() < style.accent.nods:
            time = style.accent.duration / style.tempo
            size = _SMALL * style.accent.size * float(np.exp(rng.normal(0, style.accent.variation)))
            motions.append(kernels.nod(now + 0.42 * time, size, time, 0.0, np.inf))
            self._next_nod, self._next_beat = now + _NODS, now + time
        elif stands_out > _ACCENT and now > self._next_beat and rng.random() < style.beat.chance:
            motions.append(self._beat(now))
            self._next_beat = now + _BEATS
        if stands_out > _STRONG and rng.random() < style.brows.chance:
            path = ((now, 0.0), (now + 0.4 * _RAISE, 0.5 * style.brows.size), (now + _RAISE, 0.0))
            paths = tuple((shape_channel(f"brow{name}"), path) for name in ("InnerUp", "OuterUpLeft", "OuterUpRight"))
            motions.append(Motion(now, now + 0.4 * _RAISE, now + _RAISE, paths))
        return motions

    def _beat(self, now: float) -> Motion:
        """The small quick movement of ``prosodic.plan_beats``, from now on."""
        time = self._style.beat.duration / self._style.tempo
        sizes = self._rng.normal(0, 1, 3) * np.array(self._style.beat.size)
        peak, end = now + 0.45 * time, now + 1.45 * time
        paths = tuple(
            (channel, ((now, 0.0), (peak, size), (now + 0.95 * time, -0.35 * size), (end, 0.0)))
            for channel, size in zip((PITCH, YAW, ROLL), sizes.tolist(), strict=True)
        )
        return Motion(now, peak, end, paths)
