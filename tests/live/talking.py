"""A conversation that has no devices and no mind, for the tests of who holds it. Run, it is the other process."""

import os
import sys
import threading
import time
from pathlib import Path

import numpy as np

from linly_blender.audio.level import Level
from linly_blender.live.frame import Frame, Newest, rest
from linly_blender.live.process import run
from linly_blender.live.recorded import Recorded
from linly_blender.live.services import Event, ServiceError, Turn
from linly_blender.live.settings import Settings
from linly_blender.live.talker import Report
from linly_blender.performance import Frames, Performance
from linly_blender.score import Phone, Sentence, Speech, Word


def a_take() -> Performance:
    """Half a second in which the jaw opens."""
    frames = Frames(
        60.0,
        np.tile(np.linspace(0, 0.5, 31, dtype=np.float32)[:, None], (1, 52)),
        np.zeros((31, 6), np.float32),
        np.zeros((31, 2), np.float32),
        np.zeros(31, np.float32),
    )
    speech = Speech(
        np.zeros(8000, np.int16),
        16000,
        (Phone("a", 0.1, 0.4, 0, 0),),
        (Word("Ah", 0.1, 0.4, 0.5, 0),),
        (Sentence("Ah.", 0.1, 0.4, "statement", "neutral", 0.5, "en-us"),),
    )
    return Performance(frames, speech, (), 0, "neutral", "en")


class Talking:
    """Says back what it is told to say; some words make it misbehave."""

    def __init__(
        self, newest: Newest, report: Report, before: tuple[Turn, ...] = (), settings: Settings | None = None
    ) -> None:
        self.newest = newest
        self.level = Level(-24.0, -30.0)
        self.before = before
        self.settings = settings or Settings()
        self.did: list[str] = []
        self._report = report

    def start(self) -> None:
        self.did.append("start")
        self.newest.put(rest(time.monotonic()))
        self.event("state", "listening")

    def event(self, kind: str, text: str = "") -> None:
        self._report(Event(kind, time.monotonic(), text))  # type: ignore[arg-type]

    def say(self, text: str) -> None:
        self.did.append(text)
        match text:
            case "die":
                os._exit(3)
            case "hang":
                threading.Event().wait()
            case "fail":
                raise ServiceError("server", "The server is not running. Start it.")
            case "bug":
                raise ZeroDivisionError
            case "print":
                os.write(1, b"what a library prints")
            case "garbage":
                os.write(int(os.environ["ANSWERS"]), b"\xff" * 100)
            case "who":
                self.event("reply_text", " | ".join(turn.text for turn in self.before))
            case _:
                shapes = np.full(52, 0.5, np.float32)
                self.newest.put(Frame(time.monotonic(), shapes, rest().head, rest().gaze, 0.5))
                self.event("heard", text)
                self.event("reply_text", f"You said: {text}")

    def push_to_talk(self, pressed: bool) -> None:
        self.event("partial", f"talk {pressed}")

    def interrupt(self) -> None:
        self.event("interrupted", "the rest")

    def record(self, folder: Path) -> None:
        self.event("partial", f"recording {folder.name}")

    def recorded(self) -> Recorded:
        return Recorded(a_take(), ())

    def close(self) -> None:
        self.did.append("close")
        if marker := os.environ.get("CLOSED"):
            Path(marker).write_text("closed")


def open_talking(
    settings: Settings,
    keys: dict[str, str],
    allow_online: bool,
    before: tuple[Turn, ...],
    newest: Newest,
    report: Report,
) -> Talking:
    """As ``open_conversation``."""
    if settings.responder == "nobody":
        raise ServiceError("setting", "There is nobody. Choose another responder.")
    report(Event("partial", 0.0, f"{settings.persona} {sorted(keys)} {allow_online}"))
    return Talking(newest, report, before, settings)


if __name__ == "__main__":
    os.environ["ANSWERS"] = str(os.dup(1))
    os.set_inheritable(int(os.environ["ANSWERS"]), True)
    sys.exit(run(open_talking))
