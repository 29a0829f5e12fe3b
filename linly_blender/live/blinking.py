"""Blinks as they come: irregular, few while somebody is listened to, with a long turn of the eyes.

At rest people blink 17 times a minute and in conversation 26 (Bentivoglio 1997); attention holds blinks back, and they
come when it lets go (Stern 1984; Nakano 2009). A long saccade takes a blink along (Evinger 1994).
"""

from math import exp, inf, log1p, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..easing import minimum_jerk
from ..pose.blinks import CLOSING, OPENING, SHORTEST_GAP

Floats = NDArray[np.float64]

_LONGEST: Final = 0.4
"""Seconds that every blink is shorter than."""


class Blinking:
    """Lids on a timeline of their own."""

    def __init__(self, now: float, rate: float, variation: float, rng: np.random.Generator) -> None:
        """Blink ``rate`` times a minute at a pace of 1; ``variation`` is that of the gaps."""
        self._rng = rng
        self._mean = 60 / rate if rate > 0 else inf
        self._spread = sqrt(log1p(variation**2))
        self._pace = 1.0
        self._reckoned = now
        self._left = float(rng.uniform(0.3, 1.0)) * self._mean
        """Of the gap, at the time it was reckoned and a pace of 1."""
        self._last = -inf
        self._blink = np.zeros(6)
        """Seconds closing, shut and opening; how far each lid goes, and how much later the right one starts."""

    def pace(self, now: float, pace: float) -> None:
        """Blink so many times as often from now on; 0 is not at all."""
        self._advance(now)
        self._left -= (now - self._reckoned) * self._pace
        self._reckoned, self._pace = now, pace

    def blink(self, now: float) -> None:
        """Blink now, unless the last one is only just over."""
        self._advance(now)
        if self._mean < inf and now - self._last > SHORTEST_GAP:
            self._start(now)

    def at(self, now: float) -> Floats:
        """How far the left and the right lid are closed, 0..1 [shape=(2,)]."""
        self._advance(now)
        passed = now - self._last
        if passed > _LONGEST:
            return np.zeros(2)
        close, shut, open_, left, right, late = self._blink
        times = passed - np.array([0.0, late])
        lids = minimum_jerk(times / close) - minimum_jerk((times - close - shut) / open_)
        return np.asarray(np.array([left, right]) * lids)

    def _advance(self, now: float) -> None:
        if self._pace <= 0 or self._mean == inf:
            return
        if now - (self._reckoned + self._left / self._pace) > 10 * self._mean / self._pace:
            self._start(now - _LONGEST)  # nobody was looking for a long time: no need to go through all of it
        while (due := self._reckoned + self._left / self._pace) <= now:
            self._start(max(due, self._last + SHORTEST_GAP))

    def _start(self, start: float) -> None:
        rng = self._rng
        stays = rng.uniform(0.0, 0.03)
        sizes = rng.uniform(0.9, 1.0) * rng.uniform(0.96, 1.0, 2)
        self._blink = np.array(
            [
                CLOSING * rng.uniform(0.85, 1.15),
                stays,
                OPENING * rng.uniform(0.85, 1.3),
                *sizes,
                rng.uniform(0.0, 0.006),
            ]
        )
        self._last = self._reckoned = start
        self._left = max(self._mean * exp(rng.normal(0, self._spread) - self._spread**2 / 2), SHORTEST_GAP)
