"""Where a curve turns."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def extremes(curve: Floats, prominence: float) -> NDArray[np.int64]:
    """Indices of the turning points between which a curve moves by at least ``prominence`` [shape=(k,)].

    These are its maxima and minima of at least that prominence.
    """
    if not len(curve):
        return np.zeros(0, np.int64)
    slope = np.sign(np.diff(curve))
    moving = np.flatnonzero(slope)
    turns = moving[1:][slope[moving][1:] != slope[moving][:-1]]
    found: list[int] = []
    high = low = 0
    direction = 0
    for index in (*turns.tolist(), len(curve) - 1):
        value = curve[index]
        if value > curve[high]:
            high = index
        if value < curve[low]:
            low = index
        if direction >= 0 and curve[high] - value >= prominence:
            found.append(high)
            direction, low, high = -1, index, index
        elif direction <= 0 and value - curve[low] >= prominence:
            found.append(low)
            direction, low, high = 1, index, index
    return np.array([index for index in found if 0 < index < len(curve) - 1], np.int64)
