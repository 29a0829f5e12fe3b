"""The unconscious movement of a head, made as time goes by: noise with more power in slow movements than in quick ones.

The same octaves of cubic B-splines as in ``pose.idle``, of which only the four knots about the present are kept.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..pose.idle import B_SPLINE_VARIANCE, FALL, OCTAVES, b_spline_weights

Floats = NDArray[np.float64]

_SPACINGS: Final = np.array(OCTAVES)
_SIZES: Final = FALL ** np.arange(len(OCTAVES))
_WEIGHTS: Final = _SIZES / np.sqrt(B_SPLINE_VARIANCE * (_SIZES**2).sum())
"""Of the octaves in a sum of variance 1."""


class Drifting:
    """Six axes of smooth noise with a standard deviation of 1, on a clock that may run slowly but never back."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Begin at 0 on its clock."""
        self._rng = rng
        self._index = np.zeros(len(_SPACINGS), np.int64)
        self._knots = rng.normal(0, 1, (len(_SPACINGS), 4, 6))
        self._clock = 0.0

    def run(self, seconds: float) -> Floats:
        """Let its clock run on; gives where the axes are then [shape=(6,)]."""
        self._clock += seconds
        position = self._clock / _SPACINGS
        index = position.astype(np.int64)
        for octave in np.flatnonzero(index > self._index):
            new = int(min(index[octave] - self._index[octave], 4))
            fresh = self._rng.normal(0, 1, (new, 6))
            self._knots[octave] = np.concatenate([self._knots[octave, new:], fresh])
        self._index = index
        basis = np.stack(b_spline_weights(position - index), axis=1) / 6
        return np.asarray((_WEIGHTS[:, None] * basis).ravel() @ self._knots.reshape(-1, 6))
