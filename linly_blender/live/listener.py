"""Ears' second half: recognises what was said, in a thread of its own, for a server may take its time."""

from collections.abc import Callable
from dataclasses import dataclass

from .attempt import Attempt
from .messages import Failed, Message, Understood
from .services import Hearing, Recogniser, Sound
from .trouble import in_words


@dataclass(frozen=True, slots=True)
class Begin:
    """A new utterance; what was heard of the one before is forgotten."""


@dataclass(frozen=True, slots=True)
class Hear:
    """The next samples of it."""

    sound: Sound


@dataclass(frozen=True, slots=True)
class Ask:
    """What was said so far?"""

    attempt: Attempt


Job = Begin | Hear | Ask


class Listener:
    """Takes jobs in order. A recogniser that fails is told of when it is asked, and begins anew with the next words."""

    def __init__(self, recogniser: Recogniser, post: Callable[[Message], None], clock: Callable[[], float]) -> None:
        self._recogniser = recogniser
        self._post = post
        self._clock = clock
        self._hearing: Hearing | None = None
        self._error: Exception | None = None

    def handle(self, job: Job) -> None:
        """Do the next job: the one place where what goes wrong in a recogniser is caught."""
        try:
            self._do(job)
        except Exception as error:  # noqa: BLE001 - a recogniser is not ours: whatever it raises, the user is told
            self._hearing = None
            self._error = error
            if isinstance(job, Ask):
                self._post(Failed(job.attempt, in_words("recogniser", error)))

    def close(self) -> None:
        """Free the recogniser."""
        try:
            self._close()
        finally:
            self._recogniser.close()

    def _do(self, job: Job) -> None:
        match job:
            case Begin():
                self._close()
                self._error = None
                self._hearing = self._recogniser.listen()
            case Hear(sound):
                if self._hearing is not None:
                    self._hearing.hear(sound)
            case Ask(attempt):
                self._ask(attempt)

    def _ask(self, attempt: Attempt) -> None:
        if attempt.cancelled and not attempt.owed:
            return
        if attempt.guessed and (self._hearing is None or not self._hearing.at_hand):
            return
        if self._error is not None:
            raise self._error
        began = self._clock()
        text = "" if self._hearing is None else self._hearing.text()
        self._post(Understood(attempt, text, self._clock() - began))

    def _close(self) -> None:
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            hearing.close()
