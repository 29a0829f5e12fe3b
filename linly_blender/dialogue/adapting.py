"""Getting used to a voice: how it sounds where the reference sounds so, learned from the words that are sure."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

CAUTION: Final = 1000.0
"""Frames that say that the two voices are the same, against which the first that were heard have to weigh."""


class Ear:
    """An affine map from features of the reference to those of the voice, by least squares towards no change.

    (What maximum likelihood linear regression does to a recogniser's means: Leggetter & Woodland 1995.)
    """

    def __init__(self, size: int) -> None:
        self.used = False
        """Whether it has learned anything."""
        self._moments = CAUTION * np.eye(size + 1)
        self._products = CAUTION * np.eye(size + 1, size)
        self._map = np.eye(size + 1, size)

    def learn(self, reference: Floats, voice: Floats) -> None:
        """Take frames that were heard to be the same [shape=(n, d) each]."""
        self.used = True
        known = np.hstack([reference, np.ones((len(reference), 1))]).astype(np.float64)
        self._moments += known.T @ known
        self._products += known.T @ voice
        self._map = np.linalg.solve(self._moments, self._products)

    def hear(self, reference: Floats) -> Floats:
        """The reference as the voice would say it [shape=(n, d)]."""
        return np.asarray(reference @ self._map[:-1] + self._map[-1], np.float32)
