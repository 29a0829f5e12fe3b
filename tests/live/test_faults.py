"""Everything that may go wrong in a conversation: what the user sees, how soon, and that the next turn works.

What a language model's server may do is tried here through the whole loop; the rest is where its part is tried, as the
table says.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import pytest

from linly_blender.live.services import ServiceError
from linly_blender.reply.format import Reader
from linly_blender.reply.llm import LanguageModel, Patience

from .chat import ChatServer, event
from .stage import Stage
from .test_loop_long import Simulation

ELSEWHERE = """
the same faults of the server alone         test_reply_llm.py         test_refusals
                                            test_reply_llm.py         test_nonsense_in_the_stream
a server that answers drop by drop          test_hostile.py           test_no_answer_however_slow_or_long_takes_longer_than_is_waited
a transcription server's faults             test_recognition_server.py test_faults_are_told_in_plain_words_at_once
a speech server's faults                    test_voices.py            test_faults_are_told_in_plain_words_at_once
microphone unplugged and replugged          test_loop.py              test_a_microphone_that_is_unplugged_and_plugged_in
                                            test_audio_devices.py     test_an_unplugged_microphone_is_told_once_and_heard_again
                                            test_audio_real.py        test_unplugged_and_plugged_in_again
microphone that gives nothing               test_loop.py              test_a_microphone_that_gives_nothing
microphone at another rate                  test_audio_devices.py     test_any_device_is_heard_at_one_rate
speaker gone                                test_loop.py              test_a_speaker_that_is_gone
                                            test_audio_devices.py     test_a_speaker_that_goes_while_it_speaks_is_told_and_speaks_again
speaker that plays nothing                  test_loop.py              test_a_speaker_that_plays_nothing
recogniser, voice or responder crashing     test_loop.py              test_a_crash
recogniser, voice or responder hanging      test_loop.py              test_a_service_that_hangs
engine process killed                       test_process.py           test_a_dead_process_is_told_and_another_goes_on_from_there
disk full while recording                   test_recording.py         test_a_full_disk_is_told_once_and_what_was_kept_stays_usable
                                            test_loop.py              test_a_recording_that_breaks_off_interrupts_nobody
disk full while logging                     test_cli_live.py          test_a_full_disk_is_told_once
two Blenders at once                        test_audio_real.py        test_two_programs_hear_and_speak_at_once
                                            test_process.py           test_two_at_once
"""  # noqa: E501

WAITS = Patience(first=0.5, between=0.4, total=3.0)
"""Seconds that would be minutes in real life."""


def test_the_table_is_true() -> None:
    for line in ELSEWHERE.strip().splitlines():
        file, name = line.split()[-2:]
        assert f"def {name}(" in (Path(__file__).parent / file).read_text(encoding="utf-8"), name


@dataclass(frozen=True)
class Fault:
    """What the server does, and what the user then sees."""

    does: Callable[[ChatServer], object]
    kind: str
    words: tuple[str, ...]
    after: float = 0.0
    """Seconds until it is told, at least, and ``SLACK`` more at most."""
    said: str = ""
    """What of the answer is spoken all the same."""


SLACK = 1.5
"""Seconds, on a busy machine."""
BROKEN = "I am here. And I thi"
SAID = "I am here. And I"


def breaks_off(server: ChatServer, rest: Callable[[], Iterator[bytes]]) -> None:
    def script() -> Iterator[bytes]:
        yield event(BROKEN)
        yield from rest()

    server.script = script


def answers(status: int, **headers: str) -> Callable[[ChatServer], object]:
    def does(server: ChatServer) -> None:
        server.status, server.headers = status, headers
        server.script = lambda: iter([b"{}"])

    return does


def sends(data: bytes) -> Callable[[ChatServer], object]:
    return lambda server: breaks_off(server, lambda: iter([data]))


FAULTS = {
    "down": Fault(lambda server: server.close(), "server", ("cannot be reached", "Start it")),
    "slow": Fault(
        lambda server: setattr(server, "before_headers", 5.0), "server", ("not begun to answer within 0.5",), 0.5
    ),
    "hanging in the middle": Fault(
        lambda server: breaks_off(server, server.hang), "server", ("stopped in the middle",), 0.4, SAID
    ),
    "401": Fault(answers(401), "refused", ("does not accept the key", "Enter the key")),
    "429": Fault(answers(429, **{"Retry-After": "7"}), "refused", ("asked too often", "in 7 seconds")),
    "500": Fault(answers(500), "server", ("error of its own (500)", "start it again")),
    "malformed JSON": Fault(sends(b'data: {"choices": [\n\n'), "reply", ("JSON that cannot be read",), said=SAID),
    "invalid UTF-8": Fault(
        sends(b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n'), "reply", ("UTF-8",), said=SAID
    ),
    "a line of 10 MB": Fault(sends(b"data: " + b"x" * 10_000_000), "reply", ("more than 64 KB",), said=SAID),
    "an error in the stream": Fault(
        sends(b'data: {"error": {"message": "out of memory"}}\n\n'), "reply", ("broken off with an error",), said=SAID
    ),
    "wrong model": Fault(answers(404), "setting", ("has no model 'ada'", "Choose one of: llama, qwen")),
    "nothing": Fault(
        lambda server: setattr(server, "script", lambda: iter([b"data: [DONE]\n\n"])), "reply", ("nothing",)
    ),
}


@pytest.fixture
def server() -> Iterator[ChatServer]:
    server = ChatServer()
    yield server
    server.close()


@pytest.fixture
def stage(server: ChatServer) -> Iterator[Stage]:
    stage = Stage()
    stage.responder = LanguageModel(server.url, model="ada", key=lambda: "sk-secret", patience=WAITS)
    stage.reader = lambda: Reader("en")
    yield stage
    assert stage.conversation.close()


def is_well(server: ChatServer, stage: Stage) -> None:
    """The next turn works."""
    server.status, server.headers, server.before_headers = 200, {"Content-Type": "text/event-stream"}, 0.0
    server.script = lambda: iter((event("Fine again."), b"data: [DONE]\n\n"))
    told, ended = len(stage.report.of("error")), len(stage.report.of("sound_end"))
    stage.conversation.say("And now?")
    stage.report.wait("sound_end", ended + 1)
    assert stage.report.of("reply_text")[-1].text == "Fine again."
    assert len(stage.report.of("error")) == told


@pytest.mark.parametrize("name", FAULTS)
def test_a_server(name: str, server: ChatServer, stage: Stage) -> None:
    fault = FAULTS[name]
    fault.does(server)
    stage.start()
    stage.conversation.say("How are you?")
    asked = stage.report.wait("heard").time
    error = stage.report.wait("error")
    assert error.fault == fault.kind
    for words in fault.words:
        assert words in error.text
    assert "secret" not in error.text
    assert fault.after <= error.time - asked < fault.after + SLACK
    if fault.said:
        stage.report.wait("sound_end")
        assert stage.conversation.turns[-1].text == fault.said
    else:
        stage.report.wait("listening", 2)
        assert not stage.report.of("reply_text")
    assert len(stage.report.of("error")) == 1
    if name == "down":
        server = ChatServer(server.port)
    is_well(server, stage)
    server.close()


def test_an_endless_reply_is_broken_off(server: ChatServer, stage: Stage) -> None:
    server.script = lambda: repeat(event("So it is. "))
    stage.start()
    stage.conversation.say("How are you?")
    stage.report.wait("sound_end")
    assert server.hung_up.wait(2.0), "the rest is not fetched"
    assert stage.conversation.turns[-1].text == "So it is. So it is."
    assert not stage.report.of("error")
    is_well(server, stage)


def test_an_endless_reply_without_an_end_of_a_sentence(server: ChatServer, stage: Stage) -> None:
    server.script = lambda: repeat(event("and so on and on "))
    stage.start()
    stage.conversation.say("How are you?")
    stage.report.wait("sound_start")
    time.sleep(0.3)
    assert stage.voice.knobs.calls <= 6, "no more is read than is soon to be said"
    stage.conversation.interrupt()
    stage.report.wait("interrupted")
    assert server.hung_up.wait(2.0)
    is_well(server, stage)


def test_no_microphone_from_the_start(server: ChatServer, stage: Stage) -> None:
    stage.microphone.error = ServiceError("microphone", "There is no microphone. Connect one.")
    began = time.monotonic()
    stage.start()
    error = stage.report.wait("error")
    assert (error.fault, error.text) == ("microphone", "There is no microphone. Connect one.")
    assert error.time - began < 0.5
    is_well(server, stage)  # by writing
    stage.microphone.error = None
    stage.report.wait("listening", 3)  # it is heard that it is there
    stage.next_turn_works()


def test_a_microphone_that_is_muted() -> None:
    simulation = Simulation()
    simulation.microphone.muted = True
    began = simulation.clock()
    simulation.run(60.0)
    (error,) = simulation.report.of("error")
    assert error.fault == "microphone"
    assert "not muted" in error.text
    assert 19.0 < error.time - began < 21.0
    simulation.microphone.muted = False
    simulation.run(1.0)
    simulation.turn()
    assert len(simulation.report.of("sound_end")) == 1
    assert len(simulation.report.of("error")) == 1
