"""Notices that a microphone which is open gives nothing, or nothing but zeros."""

from typing import Final

from .services import ServiceError, Sound

MISSING: Final = 3.0
"""Seconds without any sound from a microphone after which the user is told."""
MUTED: Final = 20.0
"""Seconds of nothing but zeros after which the user is told: the quietest room is louder."""


class Watch:
    """Is shown every block, and every time that none came."""

    def __init__(self, now: float) -> None:
        self._heard = self._loud = now

    def forgive(self, now: float) -> None:
        """Begin to wait anew: the microphone is opened again."""
        self._heard = now

    def look(self, block: Sound | None, now: float) -> ServiceError | None:
        """What is wrong, if anything is."""
        if block is None:
            return ServiceError("microphone", _MISSING) if now - self._heard > MISSING else None
        self._heard = now
        if block.any():
            self._loud = now
        return ServiceError("microphone", _MUTED) if now - self._loud > MUTED else None


_MISSING: Final = (
    "The microphone gives no sound. Check that it is plugged in and that no other program holds it, or choose another "
    "one."
)
_MUTED: Final = (
    "The microphone is silent. Check that it is not muted, here and in the system's sound settings, or choose another "
    "one."
)
