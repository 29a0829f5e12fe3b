"""The conversation that is measured, in a process of its own, with somebody who looks at it as a viewport does.

``python -m linly_blender.measure.partner SETTINGS OUT``: ``SETTINGS`` are those of ``live.settings.Settings`` as JSON.
It prints every event as a line of JSON and ends with its standard input; then ``OUT``, an ``.npz``, holds what was seen
and what was to be said. The last line tells how many threads and open files another conversation leaves behind.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from ..live.conductor import Body
from ..live.conversation import Conversation
from ..live.frame import Frame, Newest
from ..live.mirror import Mirror
from ..live.opening import open_mirror, open_parts
from ..live.services import Event
from ..live.settings import MIRROR, Settings
from ..performance import Performance
from .leftovers import held
from .lip_sync import spoken_of

REFRESH: Final = 60.0
"""Pictures a second of the one who looks."""
_ANSWERS: Final = 10.0
"""Seconds that an answer may take."""
_SETTLES: Final = 2.0
"""Seconds in which what is closed may disappear."""


class Watched:
    """A body of which every take is kept that it is given to perform."""

    def __init__(self, body: Body, takes: list[Performance]) -> None:
        self._body = body
        self._takes = takes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)  # all but this is as it was

    def speak(self, take: Performance, heard: Callable[[], float | None]) -> None:
        self._takes.append(take)
        self._body.speak(take, heard)


def _converse(settings: Settings, out: Path) -> None:
    newest = Newest()
    takes: list[Performance] = []
    over = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        over.set()

    waiting = threading.Thread(target=wait_for_the_end)
    waiting.start()
    seen: list[tuple[float, Frame]] = []
    with _opened(settings, newest, takes):
        while not over.wait(1 / REFRESH):
            frame = newest.get()
            if frame is not None:
                seen.append((time.monotonic(), frame))
    waiting.join()
    _write(out, seen, takes)


def _opened(settings: Settings, newest: Newest, takes: list[Performance]) -> Conversation | Mirror:
    """What is measured; what it is given to perform is added to ``takes``."""
    if settings.responder == MIRROR:
        return open_mirror(settings, newest, _tell, time.monotonic)
    parts = open_parts(settings, {}, False, time.monotonic)
    body = Watched(parts.body, takes)
    return Conversation(replace(parts, body=cast(Body, body)), settings, newest, _tell, time.monotonic)


def _once_more(settings: Settings) -> None:
    """Another one, in which something is said."""
    if settings.responder == MIRROR:
        with open_mirror(settings, Newest(), lambda event: None, time.monotonic):
            time.sleep(_SETTLES)
        return
    said = threading.Event()

    def hear(event: Event) -> None:
        if event.kind == "sound_start":
            said.set()

    parts = open_parts(settings, {}, False, time.monotonic)
    with Conversation(parts, settings, Newest(), hear, time.monotonic) as conversation:
        conversation.say("Good morning.")
        said.wait(_ANSWERS)


def _tell(event: Event) -> None:
    _print({"kind": event.kind, "time": event.time, "values": event.values})


def _print(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _write(out: Path, seen: list[tuple[float, Frame]], takes: list[Performance]) -> None:
    arrays = {
        "times": np.array([time for time, _ in seen]),
        "shapes": np.array([frame.shapes for _, frame in seen]),
        "head": np.array([frame.head for _, frame in seen]),
    }
    for number, take in enumerate(takes):
        spoken = spoken_of(take)
        arrays |= {
            f"sound{number}": spoken.sound,
            f"lips{number}": spoken.lips,
            f"about{number}": np.array([spoken.rate, spoken.fps, spoken.begins, spoken.ends]),
        }
    np.savez(out, **arrays)


def _main(settings: Settings, out: Path) -> None:
    _converse(settings, out)
    before = held()  # with what libraries keep once they were used
    _once_more(settings)
    until = time.monotonic() + _SETTLES
    while (left := held()) > before and time.monotonic() < until:
        time.sleep(0.05)
    _print({"kind": "left", "threads": left[0] - before[0], "files": left[1] - before[1]})


if __name__ == "__main__":
    _main(Settings(**json.loads(sys.argv[1])), Path(sys.argv[2]))
