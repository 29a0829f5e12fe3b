"""Which frame of a stream is leaving the speaker now.

The device says so only when it asks for more sound, some hundred times a second, and with a jitter of milliseconds. In
between, time does the counting; the jitter is averaged over ``SETTLING`` seconds, so that lips that follow move evenly,
and the drift of the device's clock against ours is still followed. When the device has run out of sound, the frames
after that come later by the gap, at once.
"""

import math
from typing import Final

SETTLING: Final = 0.5
"""Seconds over which the device's word is averaged: a clock that is 1 in 10^4 off is followed within 0.05 ms."""
JUMP: Final = 0.03
"""Seconds; a change of more is no jitter."""


class Playhead:
    """Of one stream at a fixed rate."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._zero: float | None = None  # when frame 0 left, or would have
        self._since = 0.0
        self._told = 0.0

    def tell(self, frame: int, time: float, broken: bool = False) -> None:
        """The device will let ``frame`` out at ``time``; ``broken`` when it had run out of sound before."""
        zero = time - frame / self._rate
        if self._zero is None or broken or abs(zero - self._zero) > JUMP:
            self._zero, self._since = zero, time
        else:
            passed = max(0.0, time - self._told)
            # A plain mean at first, a running one later.
            share = passed / min(SETTLING, max(time - self._since, passed, 1e-9))
            self._zero += min(1.0, share) * (zero - self._zero)
        self._told = time

    def at(self, time: float) -> float:
        """The frame, with its fraction, that leaves the speaker at ``time``; minus infinity when none is known."""
        return -math.inf if self._zero is None else (time - self._zero) * self._rate
