"""A conversation that is held from outside: in a thread, in a process, and what happens when either ends."""

import io
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from linly_blender import takes
from linly_blender.errors import UserError
from linly_blender.live import wire
from linly_blender.live.frame import Frame, Newest
from linly_blender.live.process import InProcess, environment
from linly_blender.live.services import Event, EventKind, ServiceError, Turn
from linly_blender.live.settings import Settings
from linly_blender.live.talker import LONGEST_TEXT, InThread, Report, Talker
from linly_blender.plain import Node
from linly_blender.pose.amounts import Amounts

from .talking import Talking, a_take, open_talking

OTHER = [sys.executable, str(Path(__file__).parent / "talking.py")]
SETTINGS = Settings(persona="A pirate", own=Path("styles"), amounts=Amounts(head=0.5))
BEFORE = (Turn("user", "Ahoy"), Turn("character", "Aye", "aye"))


class Heard:
    """Takes events, and waits for them."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def next(self, kind: EventKind, seconds: float = 20.0) -> Event:
        end = time.monotonic() + seconds
        while True:
            event = self.events.get(timeout=max(end - time.monotonic(), 0.01))
            if event.kind == kind:
                return event

    def state(self, wanted: str) -> None:
        while self.next("state").text != wanted:
            pass


@pytest.fixture
def heard() -> Heard:
    return Heard()


def in_thread(heard: Heard, settings: Settings = SETTINGS) -> Talker:
    keys = {"language_model": "secret"}
    return InThread(
        lambda newest, report: open_talking(settings, keys, False, BEFORE, newest, report), heard.events.put
    )


def in_process(heard: Heard, settings: Settings = SETTINGS) -> InProcess:
    return InProcess(settings, {"language_model": "secret"}, False, BEFORE, heard.events.put, OTHER)


@pytest.fixture(params=[in_thread, in_process])
def talker(request: pytest.FixtureRequest, heard: Heard) -> Iterator[Talker]:
    before = set(threading.enumerate())
    talker = request.param(heard)
    yield talker
    talker.close()
    assert set(threading.enumerate()) <= before


def wait(until: Callable[[], object], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_is_told_what_it_is_and_what_was_said_before(talker: Talker, heard: Heard) -> None:
    assert heard.next("partial").text == "A pirate ['language_model'] False"
    heard.state("listening")
    talker.tell(("say", "who"))
    assert heard.next("reply_text").text == "Ahoy | Aye"


def test_says_shows_and_stops(talker: Talker, heard: Heard) -> None:
    talker.tell(("say", "Good morning, 世界"))
    assert heard.next("heard").text == "Good morning, 世界"
    assert heard.next("reply_text").text == "You said: Good morning, 世界"
    assert wait(lambda: (frame := talker.frame()) is not None and frame.shapes[0] == 0.5)
    frame = talker.frame()
    assert frame is not None
    assert frame.breath == 0.5
    assert frame.shapes.shape == (52,)
    assert wait(lambda: talker.level() == 0.5)
    talker.tell(("push_to_talk", True))
    assert heard.next("partial").text == "talk True"
    talker.tell(("interrupt", None))
    assert heard.next("interrupted").text == "the rest"


def test_what_goes_wrong_is_told_and_the_next_turn_works(talker: Talker, heard: Heard) -> None:
    talker.tell(("say", "fail"))
    error = heard.next("error")
    assert (error.fault, error.text) == ("server", "The server is not running. Start it.")
    talker.tell(("say", "bug"))
    assert "ZeroDivisionError" in heard.next("error").text
    talker.tell(("say", "Still there?"))
    assert heard.next("heard").text == "Still there?"


def test_a_recording_becomes_a_take(talker: Talker, heard: Heard, tmp_path: Path) -> None:
    path = tmp_path / "takes" / "live.json"
    talker.tell(("record", str(tmp_path / "takes" / "live")))
    assert heard.next("partial").text.startswith("A pirate")
    assert heard.next("partial").text == "recording live"
    talker.tell(("keep", str(path)))
    event = heard.next("recorded")
    assert event.text == str(path)
    assert event.values == {"duration": 0.5, "sentences": 1.0, "gestures": 0.0}
    assert takes.read(path).speech.words == a_take().speech.words


@pytest.mark.parametrize("hold", [in_thread, in_process])
def test_one_that_cannot_be_opened_says_why(hold: Callable[..., Talker], heard: Heard) -> None:
    talker = hold(heard, Settings(responder="nobody"))
    assert heard.next("error").text == "There is nobody. Choose another responder."
    heard.state("off")
    talker.close()


def test_a_dead_process_is_told_and_another_goes_on_from_there(heard: Heard) -> None:
    talker = in_process(heard)
    heard.state("listening")
    os.kill(talker.pid, signal.SIGKILL)
    killed = time.monotonic()
    error = heard.next("error")
    assert error.time - killed < 1.0
    assert error.fault == "engine"
    assert "Press Start" in error.text
    heard.state("off")
    talker.tell(("say", "Nobody hears this"))
    talker.close()
    again = in_process(heard)
    again.tell(("say", "who"))
    assert heard.next("reply_text").text == "Ahoy | Aye"
    again.close()


def test_a_long_conversation_before_and_long_texts_get_through(heard: Heard) -> None:
    before = tuple(Turn(speaker, "多" * 4000, "多" * 4000) for speaker in ("user", "character") for _ in range(100))
    talker = InProcess(SETTINGS, {}, False, before, heard.events.put, OTHER)
    heard.state("listening")
    talker.tell(("say", "x" * 1_000_000))
    assert heard.next("heard").text == "x" * LONGEST_TEXT
    talker.close()


def test_what_is_too_long_is_told_and_the_next_turn_works(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    talker = in_process(heard)
    heard.state("listening")
    monkeypatch.setattr(wire, "_MOST_JSON", 1000)
    talker.tell(("say", "x" * 2000))
    assert "Say less at once" in heard.next("error").text
    talker.tell(("say", "Fine?"))
    assert heard.next("heard").text == "Fine?"
    talker.close()


def test_settings_that_cannot_be_used_are_told_with_what_is_wrong(heard: Heard) -> None:
    talker = in_process(heard, Settings(voice="piper:/\udcff"))
    assert "settings.voice should be a text of whole characters" in heard.next("error").text
    heard.state("off")
    talker.close()


def test_two_at_once(heard: Heard) -> None:
    others = Heard()
    one, two = in_process(heard), in_process(others)
    for talker, ear, text in ((one, heard, "One?"), (two, others, "Two?")):
        talker.tell(("say", text))
        assert ear.next("heard").text == text
    os.kill(one.pid, signal.SIGKILL)
    heard.state("off")
    two.tell(("say", "Still there?"))
    assert others.next("heard").text == "Still there?"
    one.close()
    two.close()


def test_what_a_library_prints_does_no_harm_and_garbage_ends_it(heard: Heard) -> None:
    talker = in_process(heard)
    talker.tell(("say", "print"))
    talker.tell(("say", "Fine?"))
    assert heard.next("heard").text == "Fine?"
    talker.tell(("say", "garbage"))
    assert "not valid" in heard.next("error").text
    heard.state("off")
    talker.close()


def test_one_that_hangs_is_ended(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linly_blender.live.process._DEADLINE", 0.5)
    talker = in_process(heard)
    heard.state("listening")
    talker.tell(("say", "hang"))
    start = time.monotonic()
    talker.close()
    assert time.monotonic() - start < 3
    with pytest.raises(ProcessLookupError):
        os.kill(talker.pid, 0)


def test_no_key_is_seen_from_outside(heard: Heard) -> None:
    talker = in_process(heard)
    heard.state("listening")
    seen = Path(f"/proc/{talker.pid}")
    if seen.exists():
        assert b"secret" not in (seen / "cmdline").read_bytes() + (seen / "environ").read_bytes()
    assert "secret" not in repr(talker)
    talker.close()


PARENT = """
import sys, time
from linly_blender.live.frame import Frame, Newest
from linly_blender.live.process import InProcess
from linly_blender.live.settings import Settings
talker = InProcess(Settings(), {}, False, (), lambda event: None, sys.argv[1:])
while talker.frame() is None:
    time.sleep(0.01)
print(talker.pid, flush=True)
time.sleep(60)
"""


def test_it_ends_when_blender_dies(tmp_path: Path) -> None:
    marker = tmp_path / "closed"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *OTHER], env=environment() | {"CLOSED": str(marker)}, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    assert int(parent.stdout.readline()) > 0
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait(marker.exists), "the conversation outlived Blender"


def test_a_program_that_is_not_there_is_told(heard: Heard) -> None:
    with pytest.raises(ServiceError, match="cannot be started"):
        InProcess(Settings(), {}, False, (), heard.events.put, ["/no/such/program"])


def test_a_late_command_to_a_closed_thread_does_nothing(heard: Heard) -> None:
    talking: list[Talking] = []

    def opening(newest: Newest, report: Report) -> Talking:
        talking.append(Talking(newest, report))
        return talking[0]

    talker = InThread(opening, heard.events.put)
    heard.state("listening")
    talker.close()
    talker.tell(("say", "late"))
    assert talking[0].did == ["start", "close"]


def test_settings_frames_and_events_come_as_they_went() -> None:
    stream = io.BytesIO()
    frame = Frame(1.5, np.linspace(0, 1, 52, dtype=np.float32), *(np.ones(n, np.float32) for n in (6, 2)), 0.25)
    event = Event("latency", 2.5, "世界", "server", {"voice": 0.25})
    wire.write(stream, frame)
    wire.write(stream, {"event": wire.event_to_plain(event), "settings": wire.settings_to_plain(SETTINGS)})
    stream.seek(0)
    came = wire.read(stream)
    assert isinstance(came, Frame)
    assert (came.time, came.breath) == (1.5, 0.25)
    for name in ("shapes", "head", "gaze"):
        assert np.array_equal(getattr(came, name), getattr(frame, name))
    message = wire.read(stream)
    assert isinstance(message, Node)
    assert wire.event_from_plain(message["event"]) == event
    assert wire.settings_from_plain(message["settings"]) == SETTINGS
    assert wire.read(stream) is None


@pytest.mark.parametrize(
    "sent",
    [
        b"X\x04\x00\x00\x00null",
        b"J\xff\xff\xff\xff{}",
        b"J\x02\x00\x00\x00{,",
        b"J\x02\x00\x00\x00\xff\xfe",
        b"F\x04\x00\x00\x00\x00\x00\x00\x00",
        b"F\xfc\x00\x00\x00" + b"\xff" * 252,
    ],
    ids=["kind", "length", "no JSON", "no text", "short frame", "not a number"],
)
def test_a_message_that_is_not_as_agreed_is_refused(sent: bytes) -> None:
    with pytest.raises(UserError, match=r"not valid|not JSON"):
        wire.read(io.BytesIO(sent))


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "shout", "time": 0, "text": "", "fault": None, "values": {}},
        {"kind": "heard", "time": math.nan, "text": "", "fault": None, "values": {}},
        {"kind": "heard", "time": 0, "text": 7, "fault": None, "values": {}},
        {"kind": "heard", "time": 0, "text": "", "fault": "fate", "values": {}},
        {"kind": "heard", "time": 0, "text": "", "fault": None, "values": {"a": "b"}},
        {"kind": "heard"},
    ],
)
def test_an_event_that_is_not_as_agreed_is_refused(event: dict[str, object]) -> None:
    with pytest.raises(UserError, match="not valid"):
        wire.event_from_plain(Node(event, "A message"))
