"""What the conversation is made of: ears, a mouth, a mind and two devices, each to be exchanged for another.

Every service is used from one thread at a time, and may be slow, wrong or dead: what goes wrong is a ServiceError
whose message says in plain words what happened and how to mend it. Nothing in here knows Blender.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..speech.synthesis import Voice

Sound = NDArray[np.int16]
"""Mono samples [shape=(n,)]."""

HEARING_RATE: Final = 16000
"""Samples a second of all sound that is listened to."""
BLOCK: Final = 512
"""Samples of one block of it: 32 ms, what the voice activity model looks at."""

Fault = Literal[
    "microphone", "speaker", "recogniser", "voice", "server", "refused", "reply", "engine", "recording", "setting"
]
"""Kinds of errors; ``refused`` is a server that answers and will not (wrong key, too many requests)."""


class ServiceError(UserError):
    """Something outside does not work. The conversation goes on; the user is told."""

    def __init__(self, kind: Fault, message: str) -> None:
        super().__init__(message)
        self.kind: Fault = kind


class Hearing(Protocol):
    """One utterance being listened to."""

    at_hand: bool
    """Whether ``text`` costs nothing, and may be asked for on a guess."""

    def hear(self, sound: Sound) -> None:
        """Take the next samples, at HEARING_RATE."""
        ...

    def text(self) -> str:
        """What has been said so far; empty when nothing was understood. May be asked again after more sound."""
        ...

    def close(self) -> None:
        """Forget it."""
        ...


class Recogniser(Protocol):
    """Ears."""

    def listen(self) -> Hearing:
        """Begin an utterance."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What one of the two has said."""

    speaker: Literal["user", "character"]
    text: str
    """Of the character's turn: what was really said aloud."""
    unsaid: str = ""
    """What it was going to say when it was interrupted."""


class Responder(Protocol):
    """A mind."""

    def reply(self, said: str, before: tuple[Turn, ...], cancelled: Callable[[], bool]) -> Iterator[str]:
        """Answer in the reply format (docs/reply.md), piece by piece as it comes, not sentence by sentence.

        Parameters: what the user said, the turns before it, and whether the answer is no longer wanted, to be asked
        between two pieces at least. Raises ServiceError.
        """
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class Mouth(Voice, Protocol):
    """A voice that says a line at a time: ``say(Line) -> Spoken``, as in ``speech.synthesis``."""

    def close(self) -> None:
        """Free what is held."""
        ...


class Microphone(Protocol):
    """Sound as it comes."""

    def read(self, timeout: float) -> Sound | None:
        """The next BLOCK samples at HEARING_RATE, or None when none came within ``timeout`` seconds.

        Raises ServiceError("microphone") when the device is gone; the next call tries to open it again.
        """
        ...

    @property
    def latency(self) -> float:
        """Seconds from the air to ``read``."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


class Speaker(Protocol):
    """Plays sounds one after the other, without a gap between two that were there in time."""

    def play(self, sound: Sound, rate: int) -> int:
        """Add a sound to what is to be played; returns its number. Raises ServiceError("speaker")."""
        ...

    def heard(self, number: int) -> float | None:
        """Seconds of that sound that have left the speaker (device latency counted), None before its first sample.

        It goes on growing after the sound's end. Read from any thread.
        """
        ...

    def stop(self, fade: float = 0.03) -> None:
        """Be silent in ``fade`` seconds and forget what was to be played."""
        ...

    @property
    def busy(self) -> bool:
        """Whether anything is playing or will be."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


EventKind = Literal[
    "listening", "speech_start", "speech_end", "heard", "reply_text", "sound_start", "motion_start", "sound_end",
    "interrupted", "error", "note", "state", "partial", "latency", "recorded",
]  # fmt: skip
State = Literal["off", "listening", "thinking", "speaking"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in the conversation."""

    kind: EventKind
    time: float
    """Seconds on the conversation's monotonic clock."""
    text: str = ""
    """``heard``, ``partial``: what the user said; ``reply_text``: a sentence of the answer; ``interrupted``: what was
    left unsaid; ``error``: the message; ``note``: what was left out or done otherwise than asked; ``state``: the state;
    ``recorded``: the path of the take that was kept."""
    fault: Fault | None = None
    values: dict[str, float] = field(default_factory=dict)
    """``latency``: seconds by stage; ``sound_start`` ...: what belongs to it."""
