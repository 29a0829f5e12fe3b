"""Ears, mouth, mind, servers and devices for tests: they behave, until a test turns one of their knobs."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from linly_blender.language.reader import read_script
from linly_blender.language.script import Line
from linly_blender.live.frame import Frame, rest
from linly_blender.live.recorded import Recorded
from linly_blender.live.services import BLOCK, HEARING_RATE, Event, Sound, Turn
from linly_blender.performance import Frames, Performance
from linly_blender.score import Phone, Speech
from linly_blender.speech.synthesis import Spoken

RATE = 16000
"""Of the fake voice."""
WORD = 0.1
"""Seconds that the fake voice takes for a word."""

PAUSE = 0.36
"""Seconds between two sentences."""


class Time:
    """A clock that goes on only when somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(0.0, seconds)


@dataclass
class Knobs:
    """What can be made to go wrong in a service."""

    error: Exception | None = None
    delay: float = 0.0
    hang: threading.Event | None = None
    """Answers only once this is set."""
    calls: int = 0

    def turn(self) -> None:
        """To be passed at every call."""
        self.calls += 1
        if self.delay:
            time.sleep(self.delay)
        if self.hang is not None:
            self.hang.wait(20)
        if self.error is not None:
            raise self.error


def talk(seconds: float) -> Sound:
    """Somebody speaks [shape=(n,)]."""
    count = round(seconds * HEARING_RATE / BLOCK) * BLOCK
    return (8000 * np.sin(np.arange(count) * 0.1)).astype(np.int16)


def trail() -> Sound:
    """The voice dies away [shape=(n,)]."""
    return (talk(BLOCK / HEARING_RATE) * 0.14).astype(np.int16)


def pause(seconds: float) -> Sound:
    """A quiet room [shape=(n,)]."""
    return np.tile(np.array([3, -3], np.int16), round(seconds * HEARING_RATE / BLOCK) * BLOCK // 2)


class FakeDetector:
    """What is loud is speech, in a quiet room."""

    above = 0.0

    def probability(self, block: Sound) -> float:
        loudest = float(np.abs(block).max())
        self.above = 40.0 + 20 * np.log10(loudest / 8000) if loudest > 1000 else 0.0
        return float(self.above > 0)

    def reset(self) -> None:
        pass


class FakeMicrophone:
    """A block every 32 ms: what was told to be heard, else a quiet room."""

    latency = 0.0

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._due = clock()
        self._blocks: deque[Sound] = deque()
        self.error: Exception | None = None
        self.dead = False
        """Gives nothing at all."""
        self.muted = False
        """Gives zeros."""
        self.closed = False
        self.said = 0.0
        """When the last loud sample was in the air."""

    def hear(self, *sounds: Sound) -> None:
        """Put sounds into the air, one after the other."""
        self._blocks.extend(np.concatenate(sounds).reshape(-1, BLOCK))

    def read(self, timeout: float) -> Sound | None:
        if self.error is not None:
            raise self.error
        if self.dead:
            self._sleep(timeout)
            return None
        self._due = max(self._due + BLOCK / HEARING_RATE, self._clock() - 1.0)
        self._sleep(max(0.0, self._due - self._clock()))
        if self.muted:
            return np.zeros(BLOCK, np.int16)
        block = self._blocks.popleft() if self._blocks else pause(BLOCK / HEARING_RATE)
        if np.abs(block).max() > 1000:
            self.said = self._clock()
        return block

    def close(self) -> None:
        self.closed = True


class FakeHearing:
    def __init__(self, texts: list[str], knobs: Knobs, at_hand: bool) -> None:
        self.at_hand = at_hand
        self._texts = texts
        self._knobs = knobs
        self.samples = 0

    def hear(self, sound: Sound) -> None:
        self.samples += len(sound)

    def text(self) -> str:
        self._knobs.turn()
        return self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]

    def close(self) -> None:
        pass


class FakeRecogniser:
    """Understands of each utterance what a test says it does: a text, or one for each time it is asked."""

    def __init__(self, *utterances: str | list[str]) -> None:
        self._utterances = deque(utterances)
        self.knobs = Knobs()
        self.at_hand = False
        """Whether what was said so far is known at any time."""
        self.hearings: list[FakeHearing] = []
        self.closed = False

    def listen(self) -> FakeHearing:
        texts = self._utterances.popleft() if self._utterances else "hello there"
        hearing = FakeHearing([texts] if isinstance(texts, str) else list(texts), self.knobs, self.at_hand)
        self.hearings = [*self.hearings[-1:], hearing]
        return hearing

    def close(self) -> None:
        self.closed = True


class FakeResponder:
    """Answers with ``answer``, word by word."""

    def __init__(self, answer: Callable[[str], str] = lambda said: f"You said {said}.") -> None:
        self.answer = answer
        self.knobs = Knobs()
        self.stop_after: int | None = None
        """Words after which the knobs are turned too."""
        self.asked: deque[tuple[str, tuple[Turn, ...]]] = deque(maxlen=50)
        self.closed = False

    def reply(self, said: str, before: tuple[Turn, ...], cancelled: Callable[[], bool]) -> Iterator[str]:
        self.asked.append((said, before))
        if self.stop_after is None:
            self.knobs.turn()
        for number, word in enumerate(self.answer(said).split(" ")):
            if cancelled():
                return
            if number == self.stop_after:
                self.knobs.turn()
            yield word + " "

    def close(self) -> None:
        self.closed = True


class FakeReader:
    """A sentence ends with a full stop, a question mark or the text."""

    over = False

    def __init__(self) -> None:
        self._text = ""
        self.notes: tuple[str, ...] = ()

    def feed(self, piece: str) -> list[Line]:
        self._text += piece
        return self.finish() if self._text.rstrip().endswith((".", "?")) else []

    def finish(self) -> list[Line]:
        text, self._text = self._text.strip(), ""
        if "<b>" in text:
            text, self.notes = text.replace("<b>", ""), ("There was a tag.",)
        lines = read_script(text, language="en", emotion="neutral") if text else []
        return [replace(line, pause_after=PAUSE) for line in lines]


class FakeVoice:
    """Says a word in WORD seconds."""

    def __init__(self) -> None:
        self.knobs = Knobs()
        self.garbage = False
        """Returns something that is not a spoken line."""
        self.closed = False

    def say(self, line: Line) -> Spoken:
        self.knobs.turn()
        count = len(line.words)
        if self.garbage:
            return Spoken(np.zeros(0, np.int16), 0, (), ())
        phones = tuple(Phone("a", i * WORD, (i + 1) * WORD, 1, i) for i in range(count))
        words = tuple((i * WORD, (i + 1) * WORD) for i in range(count))
        return Spoken(np.full(round(count * WORD * RATE), 5000, np.int16), RATE, phones, words)

    def close(self) -> None:
        self.closed = True


def perform(speech: Speech, seed: int) -> Performance:
    """A take without any motion."""
    count = math.floor(speech.duration * 10) + 1
    shapes, head, gaze, breath = (np.zeros((count, width), np.float32) for width in (52, 6, 2, 1))
    return Performance(Frames(10.0, shapes, head, gaze, breath[:, 0]), speech, (), seed, "neutral", "en")


class FakeSpeaker:
    """Plays by the clock, from ``delay`` seconds after it is told."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, delay: float = 0.02) -> None:
        self._clock = clock
        self._delay = delay
        self._free = -math.inf
        self._count = 0
        self._starts: dict[int, float] = {}
        self.sounds: deque[tuple[float, float]] = deque(maxlen=100)
        """When each began and how long it was to be."""
        self.stopped: list[float] = []
        self.error: Exception | None = None
        self.silent = False
        """Takes sounds and plays none."""
        self.closed = False

    def play(self, sound: Sound, rate: int) -> int:
        if self.error is not None:
            raise self.error
        self._count += 1
        start = max(self._clock() + self._delay, self._free)
        self._free = start + len(sound) / rate
        self._starts[self._count] = start
        self._starts.pop(self._count - 50, None)
        self.sounds.append((start, len(sound) / rate))
        return self._count

    def heard(self, number: int) -> float | None:
        seconds = self._clock() - self._starts.get(number, math.inf)
        return None if seconds < 0 or self.silent else seconds

    def stop(self, fade: float = 0.03) -> None:
        now = self._clock()
        self.stopped.append(now)
        self._free = now
        self._starts = {number: start for number, start in self._starts.items() if start <= now}

    @property
    def busy(self) -> bool:
        return self._clock() < self._free

    def close(self) -> None:
        self.closed = True


class FakeBody:
    """Notes what it was asked to do."""

    def __init__(self) -> None:
        self.done: deque[tuple[str, float]] = deque(maxlen=1000)
        self.clocks: deque[Callable[[], float | None]] = deque(maxlen=3)
        self.noted: deque[Event] = deque(maxlen=1000)
        self.error: Exception | None = None
        self.frames = 0

    def frame(self, now: float) -> Frame:
        self.frames += 1
        if self.error is not None:
            raise self.error
        return rest(now)

    def listen(self, now: float) -> None:
        self.done.append(("listen", now))

    def think(self, now: float) -> None:
        self.done.append(("think", now))

    def attend(self, now: float) -> None:
        self.done.append(("attend", now))

    def speak(self, take: Performance, heard: Callable[[], float | None]) -> None:
        self.done.append(("speak", 0.0))
        self.clocks.append(heard)

    def interrupt(self, now: float) -> None:
        self.done.append(("interrupt", now))

    def backchannel(self, now: float, kind: str) -> None:
        self.done.append((kind, now))

    def note(self, event: Event) -> None:
        self.noted.append(event)

    def begin(self, folder: Path, now: float) -> None:
        self.done.append(("begin", now))

    def end(self) -> Recorded:
        return Recorded(perform(Speech(np.zeros(100, np.int16), RATE, (), (), ()), 0), ())

    def close(self) -> None:
        self.done.append(("close", 0.0))


@dataclass
class FaultyServer:
    """What it answers next, and what it was asked."""

    body: bytes
    status: int = 200
    wait: float = 0.0
    """Seconds before it answers."""
    drip: float = 0.0
    """Seconds between the pieces of its answer."""
    piece: int = 100
    """Bytes of such a piece."""
    hang: bool = False
    """Never answers."""
    told: bool = True
    """Says how long its answer is; servers that stream do not."""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    """Path, headers and body of every question."""
    url: str = ""
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def faulty_server(body: bytes, **knobs: Any) -> Iterator[FaultyServer]:
    """Serve HTTP on this machine: ``body`` to every POST, until a test turns one of the knobs."""
    state = FaultyServer(body, **knobs)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append((self.path, dict(self.headers), content))
            if state.over.wait(20 if state.hang else state.wait) or state.hang:
                return
            self.send_response(state.status)
            if state.told:
                self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            size = state.piece if state.drip else max(len(state.body), 1)
            try:
                for start in range(0, len(state.body), size):
                    self.wfile.write(state.body[start : start + size])
                    if state.over.wait(state.drip):
                        return
            except OSError:
                return  # the other side has hung up

        def log_message(self, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield state
    finally:
        state.over.set()
        http.shutdown()
        thread.join(5)
        http.server_close()


@dataclass
class Report:
    """What the user is told, and a way to wait for it."""

    events: deque[Event] = field(default_factory=lambda: deque(maxlen=2000))
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def of(self, kind: str) -> list[Event]:
        with self._changed:
            return [event for event in self.events if event.kind == kind]

    def wait(self, kind: str, count: int = 1, timeout: float = 5.0) -> Event:
        """The event of that kind and number."""
        with self._changed:
            happened = self._changed.wait_for(lambda: sum(e.kind == kind for e in self.events) >= count, timeout)
            kinds = " ".join(f"{e.kind}({e.text})" for e in self.events)
        assert happened, f"no {count}. {kind} within {timeout} s, but {kinds}"
        return self.of(kind)[count - 1]
