"""Movement whose end nobody knows beforehand: minimum jerk from wherever something is, however it moves just then."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SHORTEST = 1e-3
"""Seconds; nothing gets anywhere sooner."""


class Glide:
    """Numbers on their way to where they were last sent; position, speed and acceleration never jump.

    The way is the quintic of least jerk (Flash & Hogan 1985) from the present state of motion to rest.
    """

    def __init__(self, value: Floats) -> None:
        """Rest at a value [shape=(k,)]."""
        self.target = value
        self._start = 0.0
        self._duration: float | Floats = _SHORTEST
        self._end = _SHORTEST
        """When the last of them is there."""
        self._way = np.zeros((6, len(value)))
        self._way[0] = value

    def to(self, now: float, target: Floats, duration: float | Floats) -> None:
        """Be at ``target`` [shape=(k,)] in ``duration`` seconds, one for all or one for each [shape=(k,)]."""
        duration = np.maximum(duration, _SHORTEST)
        share = self._share(now)
        position, speed, push = self._motion(share)
        under_way = share < 1
        speed = np.where(under_way, speed * duration / self._duration, 0.0)
        push = np.where(under_way, push * (duration / self._duration) ** 2, 0.0)
        left = target - position
        self._way = np.stack(
            [
                position,
                speed,
                push / 2,
                10 * left - 6 * speed - 1.5 * push,
                -15 * left + 8 * speed + 1.5 * push,
                6 * left - 3 * speed - 0.5 * push,
            ]
        )
        self.target, self._start, self._duration = target, now, duration
        self._end = now + float(np.max(duration))

    def at(self, now: float) -> Floats:
        """Where they are [shape=(k,)]; ``now`` may be any moment since they were last sent."""
        if now >= self._end:
            return self.target.copy()
        c = self._way
        s = self._share(now)
        return np.where(s < 1, c[0] + s * (c[1] + s * (c[2] + s * (c[3] + s * (c[4] + s * c[5])))), self.target)

    def _share(self, now: float) -> Floats:
        return np.minimum(np.maximum((now - self._start) / self._duration, 0.0), 1.0)

    def _motion(self, s: Floats) -> tuple[Floats, Floats, Floats]:
        """Position and its first two derivatives by the share of the time."""
        c = self._way
        return (
            c[0] + s * (c[1] + s * (c[2] + s * (c[3] + s * (c[4] + s * c[5])))),
            c[1] + s * (2 * c[2] + s * (3 * c[3] + s * (4 * c[4] + s * 5 * c[5]))),
            2 * c[2] + s * (6 * c[3] + s * (12 * c[4] + s * 20 * c[5])),
        )
