"""One piece of the engine's work in the background, and how it is watched and stopped.

The thread never touches Blender: it calls what it is given and sends ``(kind, payload)`` messages. Blender's main
thread polls them. One job runs at a time, because the voice library has one state for the whole process.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from ..linly_blender.errors import Cancelled

Progress = Callable[[float, str], None]
Work = Callable[[Progress], object]
"""Given a progress callback, which raises ``Cancelled`` once the job is to stop; returns the result."""

Kind = Literal["progress", "done", "cancelled", "failed"]
Message = tuple[Kind, object]
"""``progress`` with (share, stage), ``done`` with the result, ``cancelled`` with None, ``failed`` with the error."""

DEADLINE: Final = 10.0
"""Seconds a stopped job gets to reach its next progress call; a single stage of an hour of speech takes less."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: the last message it sends."""

    kind: Kind
    payload: object


class Job:
    """Work in a thread of its own, from its start to its outcome."""

    def __init__(self, work: Work) -> None:
        self.share = 0.0
        """0..1, as last polled."""
        self.stage = ""
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._stop = threading.Event()
        # A daemon, so that a Blender that is told to quit never waits for it longer than the deadline.
        self._thread = threading.Thread(target=self._run, args=(work,), name="linly perform", daemon=True)
        self._thread.start()

    def poll(self) -> Outcome | None:
        """Take the messages that have come; the outcome, once there is one."""
        while True:
            try:
                kind, payload = self._messages.get_nowait()
            except queue.Empty:
                return None
            if kind == "progress":
                assert isinstance(payload, tuple)
                self.share, self.stage = payload
            else:
                self._thread.join()
                return Outcome(kind, payload)

    def cancel(self) -> None:
        """Ask the work to stop at its next progress call."""
        self._stop.set()

    @property
    def is_cancelled(self) -> bool:
        return self._stop.is_set()

    def join(self, seconds: float = DEADLINE) -> bool:
        """Wait for the thread; False when it is still running."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self, work: Work) -> None:
        try:
            result = work(self._progress)
        except Cancelled:
            self._messages.put(("cancelled", None))
        except Exception as error:  # noqa: BLE001 - it travels to the main thread, which raises or reports it
            self._messages.put(("failed", error))
        else:
            self._messages.put(("done", result))

    def _progress(self, share: float, stage: str) -> None:
        if self._stop.is_set():
            raise Cancelled
        self._messages.put(("progress", (share, stage)))


_current: Job | None = None


def current() -> Job | None:
    """The job that is running, if any."""
    return _current


def start(work: Work) -> Job:
    """Start the one job."""
    global _current
    if _current is not None:
        raise RuntimeError("a job is already running")
    _current = Job(work)
    return _current


def finish() -> None:
    """Forget the job, whose outcome has been taken."""
    global _current
    _current = None


def stop() -> None:
    """Cancel and join the job, if any: before a file is loaded, the extension is disabled, or Blender quits."""
    if _current is not None:
        _current.cancel()
        _current.join()
        finish()
