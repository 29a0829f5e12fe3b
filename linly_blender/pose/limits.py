"""What a neck can do: position, speed and acceleration stay within limits, and nothing overshoots.

Three steps, none of which leaves the range of values around it:
a soft knee bounds the position; the mean of the greatest slope-bounded curve below and the least above (the two
Lipschitz envelopes) bounds the speed; a moving average of width ``2 * speed / acceleration`` bounds the acceleration,
because the slope of an average changes by no more than twice the greatest slope over its width. All look ahead as far
as behind, so that nothing is delayed.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_KNEE = 0.7
"""Share of a limit from which movement is compressed."""


def limit(curve: Floats, position: float, speed: float, acceleration: float, step: float) -> Floats:
    """Bound a curve sampled every ``step`` seconds [shape=(m,)]; units of the limits are the curve's and seconds."""
    return limit_acceleration(limit_speed(limit_position(curve, position), speed, step), speed, acceleration, step)


def limit_position(curve: Floats, most: float) -> Floats:
    """Compress what exceeds 70 % of ``most`` so that it never reaches ``most``; order is kept."""
    knee = _KNEE * most
    over = np.abs(curve) - knee
    room = most - knee
    return np.where(over > 0, np.sign(curve) * (knee + room * np.tanh(np.maximum(over, 0) / room)), curve)


def limit_speed(curve: Floats, most: float, step: float) -> Floats:
    """The curve between the two Lipschitz envelopes; untouched where its slope is within ``most`` for long enough."""
    if np.abs(np.diff(curve)).max(initial=0.0) <= most * step:
        return curve
    ramp = most * step * np.arange(len(curve))
    below = np.minimum(
        np.minimum.accumulate(curve - ramp) + ramp, (np.minimum.accumulate((curve + ramp)[::-1]))[::-1] - ramp
    )
    above = np.maximum(
        np.maximum.accumulate(curve + ramp) - ramp, (np.maximum.accumulate((curve - ramp)[::-1]))[::-1] + ramp
    )
    return np.asarray((below + above) / 2)


def limit_acceleration(curve: Floats, speed: float, most: float, step: float) -> Floats:
    """Moving average that bounds the acceleration of a curve no steeper than ``speed``; ends held."""
    half = max(1, int(np.ceil(speed / most / step)))
    width = 2 * half + 1
    padded = np.pad(curve, (half + 1, half), mode="edge")
    total = np.cumsum(padded)
    return np.asarray((total[width:] - total[:-width]) / width)
