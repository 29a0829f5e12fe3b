"""What the threads of a conversation tell the conductor."""

from dataclasses import dataclass

from .attempt import Attempt, Utterance
from .services import ServiceError


@dataclass(frozen=True, slots=True)
class Began:
    """The user began to speak."""

    time: float


@dataclass(frozen=True, slots=True)
class Hushed:
    """The user's voice has died away."""

    ended: float
    """When the last sound was in the air."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The user may have ended."""

    ended: float
    """When the last sound was in the air."""
    released: bool = False
    """Whether they have ended for certain: the push-to-talk key was released."""
    fallen: bool = False
    """Whether their voice had died away before."""


@dataclass(frozen=True, slots=True)
class WentOn:
    """The user had not ended."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The user has ended, as far as the sound can tell."""

    ended: float
    """When the last sound was in the air."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What was said up to the pause that made this attempt."""

    attempt: Attempt
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sentence of the answer is ready to be played."""

    attempt: Attempt
    utterance: Utterance
    stages: dict[str, float]


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer has no more sentences."""

    attempt: Attempt
    notes: tuple[str, ...] = ()
    """What of it was left out or done otherwise than asked."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An answer that cannot be made, or not to its end."""

    attempt: Attempt
    error: ServiceError
    notes: tuple[str, ...] = ()
    """As of one that is finished."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A device does not work."""

    error: ServiceError


@dataclass(frozen=True, slots=True)
class Mended:
    """The microphone works again."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The user wrote something."""

    text: str
    time: float


@dataclass(frozen=True, slots=True)
class Stop:
    """The character is to be silent."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The push-to-talk key."""

    pressed: bool


Message = (
    Began
    | Hushed
    | Paused
    | WentOn
    | Ended
    | Understood
    | Prepared
    | Finished
    | Failed
    | Broken
    | Mended
    | Typed
    | Stop
    | Talk
)
