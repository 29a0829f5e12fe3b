"""The conversation in a process of its own: the same commands, the same events, through two pipes.

``InProcess`` is Blender's side. Run as a module this is the other side: it reads what to open and what to do from its
input, and writes events and frames to its output. It ends when its input does, so that it never outlives Blender.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final, NoReturn

from ..errors import UserError
from ..plain import Node
from . import wire
from .frame import Frame, Newest
from .services import Event, ServiceError, Turn
from .settings import Settings
from .talker import Command, InThread, Report, Speaking

ENGINE: Final = Path(__file__).resolve().parents[2]
"""The folder in which ``linly_blender``, the engine, is found."""
_DEADLINE: Final = 5.0
"""Seconds the other process gets to end before it is ended."""
_PUMP: Final = 1 / 120
"""Seconds between two looks for a new frame."""
_LEVELS: Final = 12
"""Looks between two messages of the microphone's level."""

Open = Callable[[Settings, dict[str, str], bool, tuple[Turn, ...], Newest, Report], Speaking]


class InProcess:
    """A conversation in another process. It may die at any time; then an ``error`` says so and the state is ``off``."""

    def __init__(
        self,
        settings: Settings,
        keys: dict[str, str],
        allow_online: bool,
        before: tuple[Turn, ...],
        report: Report,
        command: Sequence[str] | None = None,
    ) -> None:
        """Start it.

        Parameters: as of ``opening.open_live``; ``command`` runs another program instead, for tests.
        Raises ServiceError when no process can be started.
        """
        self._report = report
        self._newest = Newest()
        self._level = 0.0
        self._closing = False
        self._messages: queue.SimpleQueue[dict[str, object] | None] = queue.SimpleQueue()
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        try:
            self._process = subprocess.Popen(
                list(command or [sys.executable, "-m", "linly_blender.live.process"]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment(),
                creationflags=flags,
            )
        except OSError as error:
            raise ServiceError(
                "engine",
                f"The conversation's process cannot be started ({error.strerror or error}). Choose Thread in the "
                "add-on's preferences.",
            ) from error
        opened = {
            "settings": wire.settings_to_plain(settings),
            "keys": keys,
            "allow_online": allow_online,
            "before": [{"speaker": turn.speaker, "text": turn.text, "unsaid": turn.unsaid} for turn in before],
        }
        self._messages.put(opened)
        self._threads = [
            threading.Thread(target=self._write, name="linly to the conversation", daemon=False),
            threading.Thread(target=self._read, name="linly from the conversation", daemon=False),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def tell(self, command: Command) -> None:
        """See Talker."""
        order, value = command
        self._messages.put({"order": order, "value": value})

    def frame(self) -> Frame | None:
        """See Talker."""
        return self._newest.get()

    def level(self) -> float:
        """See Talker."""
        return self._level

    def close(self) -> None:
        """See Talker."""
        self._closing = True
        self._messages.put(None)
        try:
            self._process.wait(_DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(_DEADLINE)

    def _write(self) -> None:
        """Hand over what is to be done; ends with the pipe."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it is dead; the reader says so
            while (message := self._messages.get()) is not None:
                try:
                    wire.write(self._process.stdin, message)
                except ServiceError as error:
                    self._report(Event("error", time.monotonic(), str(error), error.kind))
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def _read(self) -> None:
        """Take what comes until the process ends."""
        assert self._process.stdout is not None
        problem = ""
        try:
            with self._process.stdout as answers:
                while (message := wire.read(answers)) is not None:
                    if isinstance(message, Frame):
                        self._newest.put(message)
                    elif "level" in message.value:
                        self._level = message["level"].number(0.0, 1.0)
                    else:
                        self._report(wire.event_from_plain(message["event"]))
        except UserError as error:
            problem = str(error)
            self._process.kill()
        code = self._process.wait()
        self._messages.put(None)
        if problem or (code and not self._closing):
            why = problem or f"The conversation's process has ended (exit status {code})."
            self._report(
                Event("error", time.monotonic(), f"{why} Press Start to go on: what was said is kept.", "engine")
            )
        if not self._closing:
            self._report(Event("state", time.monotonic(), "off"))


def environment() -> dict[str, str]:
    """Of the other process: it finds the engine and every library that this one has."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(ENGINE), *filter(None, sys.path)])}


def serve(open_conversation: Open, commands: IO[bytes], answers: IO[bytes]) -> None:
    """The other side: hold one conversation until ``commands`` ends."""
    first = wire.read(commands)
    if not isinstance(first, Node):
        return

    def opening(newest: Newest, report: Report) -> Speaking:
        keys = first["keys"]
        return open_conversation(
            wire.settings_from_plain(first["settings"]),
            {str(name): keys[name].text() for name in keys.value},
            bool(first["allow_online"].value),
            wire.turns_from_plain(first["before"]),
            newest,
            report,
        )

    sending = threading.Lock()
    ended = threading.Event()

    def send(message: dict[str, object] | Frame) -> None:
        with sending, contextlib.suppress(OSError):  # Blender is gone; the commands end as well
            wire.write(answers, message)

    def report(event: Event) -> None:
        send({"event": wire.event_to_plain(event)})
        if event.kind == "state" and event.text == "off":
            ended.set()

    talker = InThread(opening, report)
    pump = threading.Thread(target=_pump, args=(talker, send, ended), name="linly frames", daemon=False)
    pump.start()
    try:
        while isinstance(message := wire.read(commands), Node):
            value = message["value"].value
            talker.tell((message["order"].value, value))
    finally:
        ended.set()
        pump.join()
        talker.close()


def _pump(talker: InThread, send: Callable[[dict[str, object] | Frame], None], ended: threading.Event) -> None:
    """Send every new frame, and now and then how loud the microphone is."""
    sent = None
    looks = 0
    while not ended.wait(_PUMP):
        frame = talker.frame()
        if frame is not None and frame is not sent:
            send(frame)
            sent = frame
        looks += 1
        if looks % _LEVELS == 0:
            send({"level": min(max(talker.level(), 0.0), 1.0)})


def main() -> None:
    """The other process, from its start to its end."""
    from .opening import open_live

    run(open_live)


def run(open_conversation: Open) -> NoReturn:
    """Serve, then end at once: a thread that hangs in a library must not keep the process alive."""
    # What libraries print must not get among the messages.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    status = 1
    try:
        serve(open_conversation, sys.stdin.buffer, answers)
        status = 0
    except Exception:  # noqa: BLE001 - shown as Python would show it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
