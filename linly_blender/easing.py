"""How what moves by itself begins and ends: without a jerk."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def minimum_jerk(share: Floats) -> Floats:
    """Position, 0..1, when a share of the time has passed (clipped to 0..1): ``10 s^3 - 15 s^4 + 6 s^5``.

    Speed and acceleration are 0 at both ends (Flash and Hogan 1985; Perlin's smoothstep).
    """
    s = np.clip(share, 0.0, 1.0)
    return np.asarray(np.minimum(s * s * s * (s * (6.0 * s - 15.0) + 10.0), 1.0))  # close to 1, rounding goes beyond it


def through(knots: Sequence[tuple[float, float]], times: Floats) -> Floats:
    """Values of a movement that rests at each ``(time, value)`` knot, at any times; the ends are held [shape=(n,)].

    The knots' times ascend.
    """
    at, values = np.array(knots).T
    index = np.clip(np.searchsorted(at, times, side="right") - 1, 0, len(at) - 2)
    share = (times - at[index]) / (at[index + 1] - at[index])
    return np.asarray(values[index] + (values[index + 1] - values[index]) * minimum_jerk(share))
