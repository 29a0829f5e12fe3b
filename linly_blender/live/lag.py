"""How far what is shown stays behind what is known, so that there is always something to show.

Sound comes in pieces that are late by more or less. A mouth that showed the newest of it would stand and jump; one that
is behind by as much as nearly all pieces of late goes on evenly, and is no further behind than it must be.
"""

from collections import deque
from typing import Final

_REMEMBERED: Final = 1.0
"""Seconds for which a piece that was late counts."""
_NEARLY_ALL: Final = 0.9
"""Share of the pieces that come in time; for the others the mouth stands for a moment."""
_PACE: Final = 0.25
"""Share by which what is shown may go faster or slower than the sound; nobody sees it."""
_LEAP: Final = 0.15
"""Seconds from which it leaps instead."""


class Lag:
    """Tells which second of a sound to show, counted from its first sample; ``now`` is the clock's."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque()
        """When pieces came, and how old the one before had become by then."""
        self._wait = 0.0
        """That age, which nearly all of them keep."""
        self._known: float | None = None
        self._shown: tuple[float, float] | None = None
        """Clock and second of the sound that were shown last."""

    def came(self, known: float, now: float) -> None:
        """Everything up to the second ``known`` is known now."""
        self._late.append((now, now - (known if self._known is None else self._known)))
        self._known = known
        while self._late[0][0] < now - _REMEMBERED:
            self._late.popleft()
        self._wait = sorted(late for _, late in self._late)[int(_NEARLY_ALL * (len(self._late) - 1))]

    @property
    def behind(self) -> float | None:
        """The clock when a second of the sound is shown, less that second, as of the last ``show``; None before."""
        return None if self._shown is None else self._shown[0] - self._shown[1]

    def show(self, now: float) -> float | None:
        """The second of the sound to show now; None before anything is known."""
        if self._known is None:
            return None
        wanted = min(now - self._wait, self._known)
        if self._shown is not None:
            then, second = self._shown
            passed = max(now - then, 0.0)
            if abs(wanted - second - passed) < _LEAP:
                slack = _PACE * passed
                wanted = min(max(wanted, second + passed - slack), second + passed + slack, self._known)
        self._shown = now, wanted
        return wanted
