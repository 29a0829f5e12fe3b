"""A conversation in simulated time: all of its own parts but the threads, on devices that are made of numbers.

``python -m linly_blender.measure.simulation HOURS`` talks for so long in a process of its own and prints as JSON by how
many bytes its memory grew and what was left open.
"""

import gc
import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from ..audio.activity import Activity, make_detector
from ..audio.devices import Stream
from ..audio.resampling import resample
from ..audio.speaker import SystemSpeaker
from ..live.actor import Actor
from ..live.attempt import Attempt
from ..live.conductor import Conductor, Timing
from ..live.ears import Ears, Gate
from ..live.frame import Frame, Newest
from ..live.listener import Ask, Listener
from ..live.messages import Message, Prepared, Typed
from ..live.mind import Mind
from ..live.opening import performer
from ..live.recorder import Recorder
from ..live.services import BLOCK, HEARING_RATE, Event, Sound
from ..live.settings import Settings
from ..performance import Performance
from ..recognition import open_recogniser
from ..reply.echo import Echo
from ..reply.format import Reader
from ..voices import open_voice
from .leftovers import held, memory
from .sound_card import RATE, ROOM, Taken

_PIECE: Final = RATE // 50
"""Samples that the device asks for at a time."""
_LATENCY: Final = 0.06
_JITTER: Final = 0.004
"""Seconds by which a callback is late, and twice by which the device errs in its word, at most."""
_KEPT: Final = 30.0
"""Seconds of what was played."""
_TURN: Final = 30.0
"""Seconds from one thing the user says to the next."""
_SETTINGS: Final = Settings(fps=20.0)
_WARM: Final = 900.0
"""Seconds after which what is kept for use is there."""


class Clock:
    """Goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Loudspeaker(Stream):
    """A device whose own clock is ``fast`` by a share of its rate, and that is asked to ``run`` when time passes."""

    def __init__(self, clock: Clock, fast: float, callback: Callable[..., None]) -> None:
        self._clock, self._callback = clock, callback
        self.device = SimpleNamespace(name="simulated")  # type: ignore[assignment]
        self.channels, self.rate = 1, float(RATE)
        self._true_rate = RATE * (1 + fast)
        self._began = clock.now
        self._asked = 0
        self._open = True
        self._rng = np.random.default_rng(0)
        self.played: deque[tuple[Sound, int, float]] = deque(maxlen=round(_KEPT * RATE / _PIECE))
        """Pieces, the sample before which each ended, and when that was."""

    def start(self) -> None:
        """It runs when time passes."""

    def restart(self) -> None:
        """Nothing is held that could be cut off."""

    @property
    def alive(self) -> bool:
        return self._open

    @property
    def latency(self) -> float:
        return _LATENCY

    def now(self) -> float:
        return self._clock.now

    def close(self) -> None:
        self._open = False

    def run(self) -> None:
        """Ask for what is due now."""
        while self._open and self._leaves(self._asked) - _LATENCY + self._rng.uniform(0, _JITTER) <= self._clock.now:
            data = bytearray(2 * _PIECE)
            told = self._leaves(self._asked) + self._rng.normal(0, _JITTER / 2)
            times = SimpleNamespace(outputBufferDacTime=told, currentTime=self._clock.now)
            self._callback(memoryview(data), _PIECE, times, SimpleNamespace(output_underflow=False))
            self._asked += _PIECE
            self.played.append((np.frombuffer(data, np.int16), self._asked, self._leaves(self._asked)))

    def taken(self) -> Taken:
        """What was played of late."""
        sounds, ends, times = zip(*self.played, strict=True)
        before = ends[0] - len(sounds[0])
        return Taken(np.concatenate(sounds), np.array(ends) - before, np.array(times))

    def _leaves(self, sample: int) -> float:
        return self._began + _LATENCY + sample / self._true_rate


class Room:
    """A microphone in a quiet room, in which something is said now and then."""

    latency = 0.0

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)
        self._left = np.zeros(0, np.int16)

    def say(self, sound: Sound) -> None:
        """Say it, at ``sound_card.RATE``."""
        self._left = resample(sound, RATE, HEARING_RATE)

    def read(self, timeout: float) -> Sound:
        """The next block; to be asked for when it is due."""
        voice, self._left = self._left[:BLOCK], self._left[BLOCK:]
        noisy: Sound = np.rint(self._rng.normal(0, ROOM, BLOCK)).astype(np.int16)
        noisy[: len(voice)] += voice
        return noisy

    def close(self) -> None:
        """It needs nothing."""


class Simulation:
    """The conversation, by ``settings``; it answers by saying what it heard."""

    def __init__(
        self, settings: Settings, fast: float = 0.0, seen: Callable[[float, Frame], None] | None = None
    ) -> None:
        """``seen`` is called with every frame."""
        self.clock = Clock()
        self.events: deque[Event] = deque(maxlen=100)
        self.takes: deque[Performance] = deque(maxlen=20)
        self.room = Room()
        self.heard = 0
        """Turns that were understood."""
        self._seen = seen
        self._period = 1 / settings.fps
        self._due = self.clock.now
        self._inbox: deque[Message] = deque()
        self._asked: deque[Attempt] = deque()
        self._answering: tuple[Attempt, Iterator[Message]] | None = None
        self._newest = Newest()
        gate = Gate()
        rng = np.random.default_rng(0)
        recogniser = open_recogniser(settings.recogniser, settings.language)
        self._listener = None if recogniser is None else Listener(recogniser, self._inbox.append, self.clock)
        self._ears = None
        if self._listener is not None:
            activity = Activity(make_detector())
            handle = self._listener.handle
            self._ears = Ears(self.room, activity, gate, self._inbox.append, handle, self.clock)
        perform = performer(settings)

        def keeping(*what: Any) -> Performance:
            take = perform(*what)
            self.takes.append(take)
            return take

        voice = open_voice(settings.voice, settings.language)
        self._mind = Mind(Echo(), lambda: Reader(settings.language), voice, keeping, rng, self.clock)
        self._body = Recorder(Actor(settings, rng.spawn(1)[0], self.clock.now), settings)
        self._fast = fast
        self._speaker = SystemSpeaker(None, self.clock, self._open)
        self._conductor = Conductor(
            settings, Timing(), self._speaker, self._body, self._newest, gate,
            ask=self._ask, think=self._asked.append, give_up=lambda attempt: None, latency=lambda: 0.0,
            report=self._note, clock=self.clock,
        )  # fmt: skip
        self._conductor.begin()

    def write(self, text: str) -> None:
        """Say something to the character in writing."""
        self._inbox.append(Typed(text, self.clock.now))

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        until = self.clock.now + seconds
        while self.clock.now < until:
            self.clock.now += self._period
            self.loudspeaker.run()
            while self._ears is not None and self._due <= self.clock.now:
                self._ears.step()
                self._due += BLOCK / HEARING_RATE
            self._deliver()
            self._conductor.tick()
            frame = self._newest.get()
            if self._seen is not None and frame is not None:
                self._seen(self.clock.now, frame)

    @property
    def speaking(self) -> bool:
        """Whether the character has more to say."""
        return self._conductor.state == "speaking" or bool(self._inbox)

    def close(self) -> None:
        """End it."""
        self._conductor.finish()
        self._body.close()
        self._speaker.close()
        self._mind.close()
        if self._listener is not None:
            self._listener.close()

    def _open(self, direction: str, wanted: str | None, callback: Callable[..., None], spare: object) -> Stream:
        self.loudspeaker = Loudspeaker(self.clock, self._fast, callback)
        return self.loudspeaker

    def _ask(self, attempt: Attempt) -> None:
        assert self._listener is not None
        self._listener.handle(Ask(attempt))

    def _note(self, event: Event) -> None:
        self.events.append(event)
        self.heard += event.kind == "heard"

    def _deliver(self) -> None:
        """Take messages, and make as many sentences as there is room for."""
        while self._inbox:
            self._conductor.handle(self._inbox.popleft())
        if self._answering is None and self._asked:
            attempt = self._asked.popleft()
            self._answering = (attempt, self._mind.answer(attempt))
        if self._answering is not None:
            attempt, answer = self._answering
            while attempt.cancelled or attempt.room.acquire(blocking=False):
                message = next(answer, None)
                if message is None:
                    self._answering = None
                    break
                self._conductor.handle(message)
                if not isinstance(message, Prepared):
                    attempt.room.release()


def long_conversation(hours: float) -> dict[str, float]:
    """What ``hours`` of conversation cost, measured in a process of its own."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", __name__, str(hours)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _main(hours: float) -> None:
    from .user import utterances

    Simulation(_SETTINGS).close()  # what libraries keep once they were used is nothing that is left behind
    before = held()
    simulation = Simulation(_SETTINGS)
    begun = 0.0
    turns = round(hours * 3600 / _TURN)
    for number, sound in enumerate(utterances(turns)):
        simulation.room.say(sound)
        simulation.run(_TURN)
        if number == round(_WARM / _TURN):
            begun = memory()
    ended = memory()
    heard = simulation.heard
    simulation.close()
    del simulation
    gc.collect()
    left = held()
    result: dict[str, float] = {"megabytes": ended - begun, "turns": turns, "heard": heard}
    result |= {"threads": left[0] - before[0], "files": left[1] - before[1]}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    _main(float(sys.argv[1]))
