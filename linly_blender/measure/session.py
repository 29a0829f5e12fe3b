"""Talks with a conversation that runs in a process of its own, through real devices, and gathers what there was."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ..audio.resampling import resample
from ..live.services import Sound
from . import partner
from .lip_sync import Shown, Spoken, lips_of
from .sound_card import RATE, WHOLE, Room, SoundCard, Taken, audible

Floats = NDArray[np.float64]

OPENS: Final = 60.0
"""Seconds that a conversation may take to begin."""
ANSWERS: Final = 15.0
"""Seconds after which an answer, or its end, is no longer waited for."""
_SETTLES: Final = 1.0
"""Seconds before the first word, in which the room gets known."""
_ROUND_TRIP: Final = 3.0
"""Seconds within which what was to be said or played has gone through the device."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the conversation's report."""

    kind: str
    time: float
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Speech:
    """Something the user said: first and last audible moment at the microphone."""

    begins: float
    ends: float


@dataclass(slots=True)
class Observed:
    """What went on, seen and heard from outside; seconds on the monotonic clock."""

    events: list[Event]
    spoken: Taken
    played: Taken
    said: list[Speech]
    """What went through the microphone as a whole: where the machine stalls, a sound server leaves gaps in it."""
    shown: Shown
    shapes: NDArray[np.float32]
    """Of every picture [shape=(n, 52)]."""
    takes: list[Spoken]
    left: tuple[int, int] = (0, 0)
    """Threads and open files that were left."""

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    def first_after(self, kind: str, time: float) -> Event | None:
        """The first event of that kind which was not before."""
        return next((event for event in self.events if event.kind == kind and event.time >= time), None)


class Session:
    """A conversation to talk with, as a context manager. ``settings`` are those of ``live.settings.Settings``."""

    def __init__(self, card: SoundCard, settings: Mapping[str, Any]) -> None:
        self._card = card
        self._settings = dict(settings)
        self._lines: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._asked: list[tuple[float, Sound]] = []

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        self._out = Path(self._folder.name) / "seen.npz"
        self._room = Room(self._card)
        command = [sys.executable, "-m", partner.__name__, json.dumps(self._settings), str(self._out)]
        root = Path(__file__).resolve().parents[2]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root, env=self._card.environment
        )
        self._reading = threading.Thread(target=self._read)
        self._reading.start()
        if not self.wait("listening", 1, OPENS):
            self._end()
            raise RuntimeError("the conversation did not begin")
        time.sleep(_SETTLES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        if error is not None:
            self._end()
            self._room.close()
        self._folder.cleanup()

    def say(self, sound: Sound) -> None:
        """Say this, at ``RATE``."""
        self._asked.append((time.monotonic(), sound))
        self._room.mouth.say(sound)

    def count(self, kind: str) -> int:
        """How often that has happened."""
        return sum(line["kind"] == kind for line in self._lines)

    def wait(self, kind: str, count: int, seconds: float = ANSWERS) -> bool:
        """Wait for that many; whether they have happened."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count(kind) >= count, seconds)

    def finish(self) -> Observed:
        """End it; what there was."""
        self._end()
        spoken, played = self._room.close()
        with np.load(self._out, allow_pickle=False) as seen:
            shown = Shown(seen["times"], lips_of(seen["shapes"]))
            count = sum(name.startswith("about") for name in seen)
            takes = [_take(seen.__getitem__, number) for number in range(count)]
            shapes = seen["shapes"]
        *lines, last = self._lines
        events = [Event(line["kind"], line["time"], line["values"]) for line in lines]
        said = [speech for at, sound in self._asked if (speech := _said(spoken, at, sound)) is not None]
        return Observed(events, spoken, played, said, shown, shapes, takes, (last["threads"], last["files"]))

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self._lines.append(json.loads(line))
                self._changed.notify_all()

    def _end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._reading.join()
        self._process.stdout.close()
        self._process.wait()


def _said(spoken: Taken, at: float, sound: Sound) -> Speech | None:
    begin, extent = spoken.find(sound, at - 0.1, at + _ROUND_TRIP, WHOLE), audible(sound)
    if begin is None or extent is None:
        return None
    return Speech(begin + extent[0] / RATE, begin + extent[1] / RATE)


def _take(seen: Callable[[str], NDArray[Any]], number: int) -> Spoken:
    rate, fps, begins, ends = seen(f"about{number}").tolist()
    return Spoken(seen(f"sound{number}"), round(rate), seen(f"lips{number}"), fps, begins, ends)


def zero_of(take: Spoken, played: Taken, after: float, before: float) -> float | None:
    """When the take's sound began at the speaker, between two times; None when it was not to be heard as a whole."""
    begin, end = round(take.begins * take.rate), round(take.ends * take.rate)
    sound = resample(take.sound[begin:end], take.rate, RATE)
    found = played.find(sound, after, before)
    return None if found is None else found - begin / take.rate
