"""Accents of a voice as they come: syllables that are louder and higher than those before them.

Heads mark accented syllables with small quick movements (Hadar 1983), and what is heard as accented is what rises in
pitch and loudness (Fry 1958; Terken 1991). Nobody knows yet what comes next: a syllable counts the moment its loudness
has passed its peak.
"""

import math
from dataclasses import dataclass
from typing import Final

_DIP: Final = 0.12
"""How far loudness falls between two syllables."""
_PASSED: Final = 0.03
"""How far it has fallen when its peak counts as passed."""
_LOUD: Final = 0.45
"""Loudness of the softest syllable."""
_PITCH: Final = 0.5
"""What the highest pitch counts beside the greatest loudness."""
_SYLLABLES: Final = 10.0
"""Over which prominence is averaged."""
_USUAL: Final = (0.75, 0.15)
"""Mean and deviation of it before any was heard."""
_LEAST: Final = 0.06
"""Deviation; a voice that says all alike accents nothing."""


@dataclass(slots=True)
class Accents:
    """Is told the melody of a voice, moment by moment."""

    _low: float = 0.0
    """Loudness of the last dip."""
    _peak: float = 0.0
    """Loudness of the syllable so far; 0 between two."""
    _pitch: float = 0.0
    """At that moment, -1..1."""
    _mean: float = _USUAL[0]
    _spread: float = _USUAL[1] ** 2

    def hear(self, energy: float, voiced: bool, pitch: float) -> float | None:
        """By how many deviations the syllable that has just had its peak stands out; None at any other moment.

        Parameters: loudness 0..1, whether it is voiced, and pitch -1..1 about its mean, as ``pose.features`` has them.
        """
        if self._peak:
            if voiced and energy > self._peak:
                self._peak, self._pitch = energy, max(pitch, self._pitch)
            elif energy < self._peak - _PASSED:
                return self._end(energy)
        elif voiced and energy > max(self._low + _DIP, _LOUD):
            self._peak, self._pitch = energy, pitch
        else:
            self._low = min(self._low, energy)
        return None

    def _end(self, energy: float) -> float:
        prominence = self._peak + _PITCH * self._pitch
        self._peak, self._low = 0.0, energy
        stands_out = (prominence - self._mean) / max(math.sqrt(self._spread), _LEAST)
        share = 1 / _SYLLABLES
        self._spread += share * ((prominence - self._mean) ** 2 - self._spread)
        self._mean += share * (prominence - self._mean)
        return stands_out
