"""Lips that touch, heard moment by moment: met at once, held long enough to be seen, and never half closed for long."""

from typing import Final

from ..face.coarticulation import SHORTEST_CONTACT
from ..face.heard import SURE
from ..speech.prosody import STEP

_MEETS, _PARTS = 0.03, 0.06
"""Seconds in which they meet and part; faster than where it is known beforehand that they will."""
_DOUBT: Final = 0.03
"""Seconds for which what is heard may be unsure in the middle of a contact."""


class Contact:
    """Of both lips, or of the lower lip and the teeth."""

    def __init__(self) -> None:
        """Apart."""
        self._since: int | None = None
        """The moment it began, if it holds."""
        self._sure = 0
        """The last moment it was heard."""
        self._now = 0
        self._closed = 0.0

    def hear(self, sure: float) -> float:
        """Take how sure it is, 0..1, ``STEP`` after the last time; how far they are closed, 0..1."""
        self._now += 1
        if sure >= SURE:
            self._sure = self._now
            self._since = self._now if self._since is None else self._since
        elif self._since is not None:
            seen = (self._now - self._since) * STEP >= SHORTEST_CONTACT
            if seen and (self._now - self._sure) * STEP >= _DOUBT:
                self._since = None
        if self._since is None:
            self._closed = max(self._closed - STEP / _PARTS, 0.0)
        else:
            self._closed = min(self._closed + STEP / _MEETS, 1.0)
        return self._closed
