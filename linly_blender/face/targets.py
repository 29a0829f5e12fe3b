"""Where a segment would take the mouth, and how much it cares: targets and strengths in a small articulatory space.

The model is Cohen & Massaro 1993 (after Löfqvist 1990): every segment has a target and a dominance for each part of
the mouth. Vowels own the jaw, most consonants leave the lips to their neighbours, rounding reaches far ahead.
Openings are in units of ``jawOpen``: 0.1 is about 3 mm between the lips of an adult head; ordinary vowels open the
lips 4-14 mm (Linker 1982; Fromkin 1964).
"""

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .inventory import Segment, analyse

CHANNELS: Final = 6
JAW, PART, PURSE, FLARE, SPREAD, TONGUE = range(CHANNELS)
"""Jaw down; lips parted beyond the jaw; lips pursed tight (u); lips flared forward (ʃ); corners out; tongue seen."""

ROUND: Final = [PURSE, FLARE]
LOOK_AHEAD: Final = 0.22
"""Seconds that rounding begins before a rounded sound (Perkell & Matthies 1992: 100-300 ms)."""


@dataclass(frozen=True, slots=True)
class Target:
    values: NDArray[np.float64]
    """[shape=(CHANNELS,)]"""
    strengths: NDArray[np.float64]
    """Dominance at its centre [shape=(CHANNELS,)]."""
    before: NDArray[np.float64]
    """Seconds its influence begins before its start [shape=(CHANNELS,)]."""
    after: NDArray[np.float64]
    """Seconds its influence lasts beyond its end [shape=(CHANNELS,)]."""


REST: Final = Target(np.zeros(CHANNELS), np.full(CHANNELS, 1.0), np.full(CHANNELS, 0.14), np.full(CHANNELS, 0.2))
"""Lips together and calm, in pauses."""
READY: Final = Target(
    np.array([0.04, 0.12, 0, 0, 0, 0]), np.full(CHANNELS, 0.5), np.full(CHANNELS, 0.12), np.full(CHANNELS, 0.1)
)
"""Lips just parted: the breath before speaking and short breaks inside it."""


@dataclass(frozen=True, slots=True)
class _Consonant:
    jaw: float
    jaw_strength: float
    part: float
    part_strength: float
    tongue: float = 0.0
    spread: float = 0.0
    spread_strength: float = 0.1


_WEAK: Final = _Consonant(0.12, 0.06, 0.12, 0.08)
_CONSONANTS: Final[dict[str, _Consonant]] = {
    # Sibilants need the teeth together (Lee 1993 measured the least jaw variation on s and ʃ).
    "sibilant": _Consonant(0.05, 1.0, 0.22, 0.6, spread=0.25, spread_strength=0.3),
    "hushing": _Consonant(0.06, 0.8, 0.18, 0.4),
    "dental": _Consonant(0.09, 0.85, 0.24, 0.5, tongue=0.3),
    "coronal": _Consonant(0.08, 0.5, 0.18, 0.3),
    "lateral": _Consonant(0.13, 0.4, 0.2, 0.3, tongue=0.08),
    "rhotic": _Consonant(0.1, 0.4, 0.12, 0.3),
    "palatal": _Consonant(0.09, 0.45, 0.18, 0.3, spread=0.35, spread_strength=0.5),
    "hissing palatal": _Consonant(0.05, 0.8, 0.24, 0.5, spread=0.55, spread_strength=0.7),
    "velar": _Consonant(0.13, 0.22, 0.14, 0.15),
    "lip": _Consonant(0.07, 0.9, 0.1, 0.2),
    "rounded glide": _Consonant(0.1, 0.6, 0.03, 0.6),
    "open": _WEAK,
}


@functools.lru_cache(maxsize=4096)
def targets(phone: str) -> tuple[tuple[Segment, Target], ...]:
    """Segments of a phone with their targets for a stressed syllable of ordinary loudness."""
    return tuple((segment, _vowel(segment) if segment.vowel else _consonant(segment)) for segment in analyse(phone))


def _vowel(v: Segment) -> Target:
    front = 1 - v.back
    unrounded = 1 - v.rounding
    values, strengths = np.zeros(CHANNELS), np.ones(CHANNELS)
    values[JAW] = 0.115 + 0.285 * v.height**1.15 - 0.02 * v.rounding
    values[PART] = 0.12 + 0.16 * front * unrounded - 0.06 * v.rounding
    values[PURSE] = v.rounding * (0.85 - 0.75 * v.height)
    values[FLARE] = v.rounding * (0.14 + 0.5 * v.height * (1.25 - v.height))
    values[SPREAD] = unrounded * front * (0.65 - 0.35 * v.height) + 0.08 * unrounded
    strengths[ROUND] = 0.85 + 0.4 * v.rounding
    strengths[SPREAD] = 0.9
    strengths[TONGUE] = 0.3
    before, after = np.full(CHANNELS, 0.1), np.full(CHANNELS, 0.12)
    if v.rounding >= 0.5:
        before[ROUND], after[ROUND] = LOOK_AHEAD, 0.14
    return Target(values, strengths, before, after)


def _consonant(c: Segment) -> Target:
    shape = _CONSONANTS[_family(c)]
    values, strengths = np.zeros(CHANNELS), np.zeros(CHANNELS)
    values[JAW], strengths[JAW] = shape.jaw, shape.jaw_strength
    values[PART], strengths[PART] = shape.part * (1 - 0.5 * c.rounding), shape.part_strength
    values[SPREAD], strengths[SPREAD] = shape.spread, shape.spread_strength
    values[TONGUE], strengths[TONGUE] = shape.tongue, 0.8
    if c.palatalised:
        values[SPREAD], strengths[SPREAD] = max(0.3, values[SPREAD]), max(0.4, strengths[SPREAD])
    tight = c.place in ("labiovelar", "labiopalatal") or c.rounding == 1.0
    values[PURSE] = c.rounding * (0.85 if tight else 0.35)
    values[FLARE] = c.rounding * (0.12 if tight else 0.75)
    strengths[ROUND] = 0.04 + 1.7 * c.rounding**0.7
    before, after = np.full(CHANNELS, 0.08), np.full(CHANNELS, 0.08)
    if c.rounding >= 0.5:
        before[ROUND], after[ROUND] = LOOK_AHEAD, 0.12
    before[TONGUE], after[TONGUE] = 0.05, 0.05
    return Target(values, strengths, before, after)


def _family(c: Segment) -> str:
    match c.manner, c.place:
        case _, "labiovelar" | "labiopalatal":
            return "rounded glide"
        case _, "bilabial" | "labiodental":
            return "lip"
        case "fricative", "dental":
            return "dental"
        case "fricative", "alveolar":
            return "sibilant"
        case "fricative", "postalveolar" | "retroflex":
            return "hushing"
        case "fricative", "alveolopalatal":
            return "hissing palatal"
        case "lateral", _:
            return "lateral"
        case "approximant", "alveolar" | "retroflex":
            return "rhotic"
        case _, "alveolar" | "retroflex" | "dental" | "postalveolar":
            return "coronal"
        case _, "palatal":
            return "palatal"
        case _, "velar" | "uvular":
            return "velar"
        case _:
            return "open"
