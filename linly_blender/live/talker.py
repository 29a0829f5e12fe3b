"""A conversation as Blender holds it: told what to do, asked for the newest frame, and never waited for.

It lives in a thread of its own (``InThread``) or in a process of its own (``process.InProcess``); both take the same
commands and report the same events.
"""

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, Protocol

from ..audio.level import Level
from ..errors import UserError
from .frame import Frame, Newest
from .recorded import Recorded
from .services import Event, ServiceError
from .trouble import in_words

Order = Literal["say", "push_to_talk", "interrupt", "record", "keep"]
Command = tuple[Order, str | bool | None]
"""``say`` a text, ``push_to_talk`` whether the key is down, ``interrupt``, begin to ``record`` in a new folder, and
``keep`` what was recorded as a take at a path."""
Report = Callable[[Event], None]
"""Called from any thread."""

LONGEST_TEXT: Final = 4000
"""Characters that may be said at once."""
_RANGE: Final = 60.0
"""Decibels that the level's meter shows, below the loudest there is."""
_DEADLINE: Final = 6.0
"""Seconds a conversation gets to end."""


class Talker(Protocol):
    """What Blender's main thread may do. No call waits for anything, but ``close``, which has a deadline."""

    def tell(self, command: Command) -> None:
        """Do this as soon as possible."""
        ...

    def frame(self) -> Frame | None:
        """The newest frame; None before the first."""
        ...

    def level(self) -> float:
        """How loud the microphone is now, 0..1."""
        ...

    def close(self) -> None:
        """End it, with all its threads, handles and processes."""
        ...


class Ending:
    """A talker being closed in the background: what hangs in a service may take seconds to end."""

    def __init__(self, talker: Talker) -> None:
        self._thread = threading.Thread(target=talker.close, name="linly end of a conversation")
        self._thread.start()

    def is_over(self, patience: float | None) -> bool:
        """Whether all of it has ended. Waits so many seconds, or as long as it takes if None."""
        self._thread.join(patience)
        return not self._thread.is_alive()


class Speaking(Protocol):
    """The loop itself, which is opened and told what to do from one thread."""

    @property
    def level(self) -> Level | None:
        """How loud the microphone is now; None without one."""
        ...

    def start(self) -> None:
        """Begin to listen."""
        ...

    def say(self, text: str) -> None:
        """Take a text as if it had been heard."""
        ...

    def push_to_talk(self, pressed: bool) -> None:
        """The key is down or up."""
        ...

    def interrupt(self) -> None:
        """Be silent."""
        ...

    def record(self, folder: Path) -> None:
        """Begin to keep sound and motion. Raises ServiceError("recording")."""
        ...

    def recorded(self) -> Recorded:
        """End the recording and read it. Raises ServiceError("recording")."""
        ...

    def close(self) -> object:
        """End, with a deadline."""
        ...


Opening = Callable[[Newest, Report], Speaking]
"""Makes a conversation that puts its frames there; may take as long as models take to load. Raises UserError."""


class InThread:
    """A conversation that is opened, told and closed in a thread of its own."""

    def __init__(self, opening: Opening, report: Report, clock: Callable[[], float] = time.monotonic) -> None:
        self._opening = opening
        self._report = report
        self._clock = clock
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._newest = Newest()
        self._speaking: Speaking | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="linly conversation", daemon=False)
        self._thread.start()

    def tell(self, command: Command) -> None:
        """See Talker."""
        self._commands.put(command)

    def frame(self) -> Frame | None:
        """See Talker."""
        return self._newest.get()

    def level(self) -> float:
        """See Talker."""
        level = None if self._speaking is None else self._speaking.level
        return 0.0 if level is None else min(max(1 + level.rms / _RANGE, 0.0), 1.0)

    def close(self) -> None:
        """See Talker."""
        self._closing.set()
        self._commands.put(None)
        self._thread.join(_DEADLINE)

    def _run(self) -> None:
        try:
            speaking = self._opening(self._newest, self._report)
        except Exception as error:  # noqa: BLE001 - the user is told, the conversation is over
            self._fail(in_words("engine", error))
            return
        self._speaking = speaking
        try:
            if not self._closing.is_set():
                speaking.start()
            while (command := self._commands.get()) is not None:
                try:
                    self._obey(speaking, command)
                except Exception as error:  # noqa: BLE001 - the user is told, the conversation goes on
                    self._complain(in_words("recording" if command[0] in {"record", "keep"} else "engine", error))
        except Exception as error:  # noqa: BLE001 - the user is told, the conversation is over
            self._fail(in_words("engine", error))
        finally:
            speaking.close()

    def _obey(self, speaking: Speaking, command: Command) -> None:
        match command:
            case "say", str(text):
                speaking.say(text[:LONGEST_TEXT])
            case "push_to_talk", bool(pressed):
                speaking.push_to_talk(pressed)
            case "interrupt", _:
                speaking.interrupt()
            case "record", str(folder):
                speaking.record(_made(Path(folder)))
            case "keep", str(path):
                self._keep(speaking.recorded(), Path(path))
            case _:
                raise UserError(f"The conversation does not know the command {command[0]!r}.")

    def _keep(self, recorded: Recorded, path: Path) -> None:
        recorded.write(path)
        take = recorded.performance
        values = {
            "duration": take.speech.duration,
            "sentences": float(len(take.speech.sentences)),
            "gestures": float(len(take.gestures)),
        }
        self._report(Event("recorded", self._clock(), str(path), values=values))

    def _complain(self, error: ServiceError) -> None:
        self._report(Event("error", self._clock(), str(error), error.kind))

    def _fail(self, error: ServiceError) -> None:
        self._complain(error)
        self._report(Event("state", self._clock(), "off"))


def _made(folder: Path) -> Path:
    """The folder, whose parent there is now."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceError(
            "recording", f"The folder {folder.parent} for takes cannot be made: {error.strerror or error}."
        ) from error
    return folder
