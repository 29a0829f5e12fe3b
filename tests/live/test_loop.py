"""The conversation, in real time, with fake ears, mouth, mind and devices."""

import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from linly_blender.live.conductor import Timing
from linly_blender.live.conversation import Conversation
from linly_blender.live.services import ServiceError, Turn

from . import fakes
from .stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    if hasattr(stage, "conversation"):
        assert stage.conversation.close()


def test_a_turn(stage: Stage) -> None:
    stage.recogniser = fakes.FakeRecogniser("how are you today")
    stage.timing = Timing(complete=0.3)  # so that the tilt of the head comes before it, however late a thread wakes up
    stage.start()
    stage.say()
    stage.report.wait("sound_end")
    kinds = [event.kind for event in stage.report.events]
    order = ("listening", "speech_start", "partial", "speech_end", "heard", "reply_text", "sound_start", "sound_end")
    for first, then in pairwise(order):
        assert kinds.index(first) < kinds.index(then)
    assert [e.text for e in stage.report.of("state")] == ["listening", "thinking", "speaking", "listening"]
    assert stage.conversation.turns == (
        Turn("user", "how are you today"),
        Turn("character", "You said how are you today."),
    )
    reactions = [what for what, _ in stage.body.done]
    assert reactions.index("notice") < reactions.index("tilt") < reactions.index("attend") < reactions.index("speak")
    assert "nod" not in reactions, "a question is answered with a tilt of the head"
    assert stage.newest.get() is not None


def test_the_time_of_each_stage_is_told(stage: Stage) -> None:
    stage.start()
    stage.say()
    stage.report.wait("sound_end")
    (latency,) = [event.values for event in stage.report.of("latency")]
    assert set(latency) == {"reaction", "recognition", "reply", "voice", "motion", "end", "total"}
    assert 0 < latency["reaction"] < latency["total"]
    assert latency["end"] < latency["total"]


def test_the_nod_comes_before_the_answer(stage: Stage) -> None:
    stage.recogniser = fakes.FakeRecogniser("and then because")
    stage.recogniser.knobs.delay = 0.2
    stage.start()
    stage.say()
    stage.report.wait("heard")
    (nod,) = [time for what, time in stage.body.done if what == "nod"]
    assert stage.microphone.said < nod < stage.report.of("heard")[0].time


def test_a_stop_within_a_word_is_not_nodded_at(stage: Stage) -> None:
    stage.start()
    stage.microphone.hear(fakes.talk(0.5), fakes.pause(0.096), fakes.talk(0.5), fakes.pause(0.3))
    stage.report.wait("heard")
    done = [what for what, _ in stage.body.done]
    assert done.count("notice") == 2
    assert done.count("nod") == 1


def test_a_question_that_is_understood_late_is_tilted_at_all_the_same(stage: Stage) -> None:
    stage.recogniser = fakes.FakeRecogniser("are you there")
    stage.recogniser.knobs.delay = 0.25
    stage.start()
    stage.say()
    stage.report.wait("heard")
    assert [what for what, _ in stage.body.done if what in ("nod", "tilt")] == ["nod", "tilt"]


@pytest.mark.parametrize(
    ("texts", "asked"),
    [
        (["what is that"], ["what is that"]),
        (
            ["where are you", "where are you going"],
            ["where are you", "where are you going"],
        ),  # the last word was not understood yet
        (["what is the", "what is the time"], ["what is the time"]),  # that cannot have been all
    ],
)
def test_an_answer_is_begun_before_it_is_known_whether_that_was_all(
    stage: Stage, texts: list[str], asked: list[str]
) -> None:
    stage.recogniser = fakes.FakeRecogniser(texts)
    stage.recogniser.at_hand = True
    stage.start()
    stage.microphone.hear(fakes.talk(0.5), fakes.trail(), fakes.pause(0.3))
    stage.report.wait("sound_end")
    assert [said for said, _ in stage.responder.asked] == asked
    assert [event.text for event in stage.report.of("heard")] == texts[-1:]
    assert stage.conversation.turns[-1] == Turn("character", f"You said {texts[-1]}.")
    assert [what for what, _ in stage.body.done].count("notice") == 1


def test_a_voice_that_dies_away_and_goes_on_is_not_answered(stage: Stage) -> None:
    stage.recogniser = fakes.FakeRecogniser(["I know", "I know that"])
    stage.recogniser.at_hand = True
    stage.start()
    hush = fakes.pause(0.032)
    stage.microphone.hear(fakes.talk(0.5), fakes.trail(), hush, fakes.talk(0.5), fakes.trail(), fakes.pause(0.3))
    stage.report.wait("sound_end")
    assert [event.text for event in stage.report.of("heard")] == ["I know that"]
    assert len(stage.report.of("sound_start")) == 1


def test_speech_that_goes_on_is_not_answered_in_the_middle(stage: Stage) -> None:
    stage.recogniser = fakes.FakeRecogniser(["I was going to", "I was going to the sea"])
    stage.start()
    stage.microphone.hear(fakes.talk(0.5), fakes.pause(0.3), fakes.talk(0.5), fakes.pause(0.3))
    stage.report.wait("sound_end")
    assert [e.text for e in stage.report.of("heard")] == ["I was going to the sea"]
    assert [e.text for e in stage.report.of("partial")] == ["I was going to", "I was going to the sea"]
    assert len(stage.speaker.sounds) == 1
    assert not stage.report.of("interrupted")


def test_half_a_sentence_is_completed(stage: Stage) -> None:
    """A pause so long that the sound counts as ended, in the middle of what is meant."""
    stage.recogniser = fakes.FakeRecogniser("I like it because", "it is blue")
    stage.start()
    stage.microphone.hear(fakes.talk(0.5), fakes.pause(0.7), fakes.talk(0.5), fakes.pause(0.3))
    stage.report.wait("sound_end")
    assert [e.text for e in stage.report.of("heard")] == ["I like it because it is blue"]
    assert [t.text for t in stage.conversation.turns if t.speaker == "user"] == ["I like it because it is blue"]


def test_going_on_while_it_thinks(stage: Stage) -> None:
    """What was said before the answer began is the beginning of what is said then."""
    stage.recogniser = fakes.FakeRecogniser("call my mother", "after lunch")
    stage.responder.knobs.delay = 0.8
    stage.start()
    stage.microphone.hear(fakes.talk(0.5), fakes.pause(0.6), fakes.talk(0.5), fakes.pause(0.3))
    stage.report.wait("sound_end")
    assert [e.text for e in stage.report.of("heard")] == ["call my mother", "call my mother after lunch"]
    assert [t.text for t in stage.conversation.turns if t.speaker == "user"] == ["call my mother after lunch"]
    assert len(stage.speaker.sounds) == 1


def test_a_cough_while_it_thinks_loses_nothing(stage: Stage) -> None:
    stage.recogniser = fakes.FakeRecogniser("call my mother", "")
    stage.responder.knobs.delay = 0.8
    stage.start()
    stage.microphone.hear(fakes.talk(0.5), fakes.pause(0.6), fakes.talk(0.2), fakes.pause(0.3))
    stage.report.wait("sound_end")
    assert [t.text for t in stage.conversation.turns if t.speaker == "user"] == ["call my mother"]


def test_a_slow_recogniser_loses_nothing_when_the_user_goes_on(stage: Stage) -> None:
    """What was said before a pause is not known yet when the next utterance begins."""
    stage.recogniser = fakes.FakeRecogniser("call my mother", "after lunch")
    stage.recogniser.knobs.delay = 0.9
    stage.start()
    stage.microphone.hear(fakes.talk(0.5), fakes.pause(0.7), fakes.talk(0.5), fakes.pause(0.3))
    stage.report.wait("sound_end")
    assert [e.text for e in stage.report.of("heard")] == ["call my mother after lunch"]


def test_while_one_sentence_plays_the_next_is_prepared(stage: Stage) -> None:
    stage.responder.answer = lambda said: "One two three four. Five six seven eight. Nine ten."
    stage.voice.knobs.delay = 0.2
    stage.start()
    stage.say()
    stage.report.wait("sound_end")
    assert len(stage.report.of("reply_text")) == 3
    sounds = list(stage.speaker.sounds)
    for (start, seconds), (following, _) in pairwise(sounds):
        assert following == pytest.approx(start + seconds, abs=0.005), "no gap but the pause that belongs to it"
    assert sounds[1][1] == pytest.approx(sounds[0][1] + 0.3, abs=0.01), (
        "the pause between two sentences is played before the second"
    )


def test_deaf_while_speaking(stage: Stage) -> None:
    stage.responder.answer = lambda said: "This answer has ten words so it takes a second."
    stage.start(guard="half_duplex")
    stage.say()
    stage.report.wait("sound_start")
    stage.microphone.hear(fakes.talk(0.6))
    stage.report.wait("sound_end")
    assert not stage.report.of("interrupted")
    assert len(stage.report.of("speech_start")) == 1
    stage.next_turn_works()


def test_barge_in(stage: Stage) -> None:
    stage.responder.answer = lambda said: "One two three four five six seven eight nine ten. And so on."
    stage.start(guard="headphones")
    stage.say()
    stage.report.wait("sound_start")
    stage.microphone.hear(fakes.talk(0.6), fakes.pause(0.3))
    began = stage.report.wait("speech_start", 2)
    stopped = stage.report.wait("interrupted")
    assert stopped.time - began.time < 0.15
    assert stage.speaker.stopped
    turn = stage.conversation.turns[1]
    assert turn.text.startswith("One two")
    assert turn.unsaid.endswith("ten. And so on.")
    assert f"{turn.text} {turn.unsaid}" == "One two three four five six seven eight nine ten. And so on."
    assert "interrupt" in [what for what, _ in stage.body.done]
    assert stage.report.wait("heard", 2).text == "hello there"


def test_interrupt(stage: Stage) -> None:
    stage.start()
    stage.say()
    stage.report.wait("sound_start")
    told = time.monotonic()
    stage.conversation.interrupt()
    assert stage.report.wait("interrupted").time - told < 0.05
    stage.next_turn_works()


def test_push_to_talk(stage: Stage) -> None:
    stage.start(push_to_talk=True)
    stage.microphone.hear(fakes.talk(0.5))
    time.sleep(0.8)
    assert not stage.report.of("speech_start")
    stage.conversation.push_to_talk(True)
    stage.report.wait("speech_start")
    stage.microphone.hear(fakes.talk(0.3), fakes.pause(1.5))
    time.sleep(1.0)
    assert not stage.report.of("partial"), "a pause is no end while the key is held"
    stage.conversation.push_to_talk(False)
    released = time.monotonic()
    assert stage.report.wait("sound_start").time - released < 0.2
    stage.report.wait("sound_end")


def test_written_words_are_answered_and_stop_the_character(stage: Stage) -> None:
    stage.start()
    stage.conversation.say("  good   morning ")
    assert stage.report.wait("heard").text == "good   morning"
    stage.report.wait("sound_start")
    stage.conversation.say("stop it")
    stage.report.wait("interrupted")
    stage.report.wait("sound_end", 2)
    assert [asked for asked, _ in stage.responder.asked] == ["good   morning", "stop it"]
    assert not stage.report.of("speech_end")


def test_what_was_left_out_of_an_answer_is_told_once(stage: Stage) -> None:
    stage.start()
    for number in (1, 2):
        stage.conversation.say("<b>Hello.")
        stage.report.wait("sound_end", number)
    assert [event.text for event in stage.report.of("note")] == ["There was a tag."]


def test_the_end_of_what_was_not_understood_is_told(stage: Stage) -> None:
    stage.recogniser = fakes.FakeRecogniser("")
    stage.start()
    stage.microphone.hear(fakes.talk(0.5), fakes.pause(0.8))
    stage.report.wait("speech_end")
    assert not stage.report.of("heard")
    stage.next_turn_works()
    assert len(stage.report.of("speech_start")) == len(stage.report.of("speech_end")) == 2


def test_the_end_of_what_could_not_be_recognised_is_told(stage: Stage) -> None:
    stage.recogniser.knobs.error = RuntimeError()
    stage.start()
    stage.say()
    stage.report.wait("error")
    assert len(stage.report.of("speech_end")) == 1


def test_the_character_shows_that_it_thinks(stage: Stage) -> None:
    stage.responder.knobs.delay = 0.8
    stage.start()
    stage.say()
    heard = stage.report.wait("heard").time
    stage.report.wait("sound_start")
    (thought,) = [time for what, time in stage.body.done if what == "think"]
    assert thought - heard == pytest.approx(0.3, abs=0.1)


def test_the_lips_clock_starts_in_the_take(stage: Stage) -> None:
    """Of a take its lead-in is not played; the clock that the actor gets knows that."""
    stage.start()
    stage.say()
    stage.report.wait("sound_start")
    time.sleep(0.1)
    start, _ = stage.speaker.sounds[0]
    heard = stage.body.clocks[0]()
    assert heard == pytest.approx(time.monotonic() - start + 0.3, abs=0.02)


def test_it_remembers_what_was_said_before(stage: Stage) -> None:
    stage.start()
    stage.next_turn_works()
    stage.next_turn_works()
    assert stage.responder.asked[-1][1] == stage.conversation.turns[:2]


# What goes wrong


def test_a_server_that_is_down(stage: Stage) -> None:
    stage.responder.knobs.error = ServiceError("server", "The server is not there. Start it.")
    stage.start()
    stage.say()
    error = stage.report.wait("error")
    assert (error.fault, error.text) == ("server", "The server is not there. Start it.")
    assert stage.conversation.state == "listening"
    stage.responder.knobs.error = None
    stage.next_turn_works()


@pytest.mark.parametrize(("part", "fault"), [("responder", "reply"), ("voice", "voice"), ("recogniser", "recogniser")])
def test_a_crash(stage: Stage, part: str, fault: str) -> None:
    knobs = getattr(stage, part).knobs
    knobs.error = IndexError("sk-secret said the user")
    stage.start()
    stage.say()
    error = stage.report.wait("error")
    assert error.fault == fault
    assert "IndexError in fakes.py" in error.text
    assert "secret" not in error.text
    knobs.error = None
    stage.next_turn_works()


def test_each_failing_turn_is_told_once(stage: Stage) -> None:
    stage.voice.knobs.error = RuntimeError()
    stage.start()
    for number in (1, 2):
        stage.say()
        stage.report.wait("error", number)
        time.sleep(0.3)
        assert len(stage.report.of("error")) == number


def test_a_voice_that_returns_garbage(stage: Stage) -> None:
    stage.voice.garbage = True
    stage.start()
    stage.say()
    assert stage.report.wait("error").fault == "engine"
    stage.voice.garbage = False
    stage.next_turn_works()


def test_an_answer_that_breaks_off(stage: Stage) -> None:
    """What has come of it is said, as far as its words are whole."""
    stage.responder.answer = lambda said: "One two three. Four five six."
    stage.responder.stop_after = 4
    stage.responder.knobs.error = ServiceError("server", "The connection was lost.")
    stage.start()
    stage.say()
    stage.report.wait("error")
    stage.report.wait("sound_end")
    assert stage.conversation.turns[1] == Turn("character", "One two three. Four")
    stage.responder.knobs.error = None
    stage.next_turn_works()


@pytest.mark.parametrize(("part", "fault"), [("responder", "reply"), ("voice", "reply"), ("recogniser", "recogniser")])
def test_a_service_that_hangs(stage: Stage, part: str, fault: str) -> None:
    """It is left behind, and another takes its place: the next turn does not wait for it."""
    hanging = getattr(stage, part)
    hanging.knobs.hang = threading.Event()
    stage.timing = Timing(patience=0.6)
    stage.start()
    setattr(stage, part, type(hanging)())
    stage.say()
    stage.report.wait("speech_start")
    error = stage.report.wait("error", timeout=3.0)
    assert error.fault == fault
    assert "has not answered" in error.text
    assert 0.5 < error.time - stage.microphone.said < 1.5
    stage.next_turn_works()
    assert not hanging.closed
    hanging.knobs.hang.set()
    assert stage.conversation.close()
    assert hanging.closed
    assert len(stage.report.of("sound_start")) == 1, "what comes too late is not said"


def test_services_that_hang_again_and_again_are_not_opened_without_end(stage: Stage) -> None:
    stage.timing = Timing(patience=0.1)
    stage.responder.knobs.hang = threading.Event()
    stage.start()
    for number in range(6):
        stage.conversation.say("hello")
        stage.report.wait("error", number + 1)
    assert stage.reopened == 3
    stage.responder.knobs.hang.set()


def test_another_service_that_cannot_be_opened_is_told(stage: Stage) -> None:
    stage.timing = Timing(patience=0.1)
    stage.responder.knobs.hang = threading.Event()
    stage.other_mind = lambda: 1 / 0  # type: ignore[assignment, return-value]
    stage.start()
    stage.conversation.say("hello")
    assert "ZeroDivisionError" in stage.report.wait("error", 2).text
    stage.responder.knobs.hang.set()


def test_an_empty_answer(stage: Stage) -> None:
    answer, stage.responder.answer = stage.responder.answer, lambda said: ""
    stage.start()
    stage.say()
    assert stage.report.wait("error").fault == "reply"
    stage.responder.answer = answer
    stage.next_turn_works()


def test_an_endless_answer_is_prepared_no_further_than_needed(stage: Stage) -> None:
    stage.responder.answer = lambda said: "Again and again. " * 1000
    stage.start()
    stage.say()
    stage.report.wait("sound_start")
    time.sleep(0.3)
    assert stage.voice.knobs.calls <= 6
    stage.conversation.interrupt()
    stage.report.wait("interrupted")
    stage.responder.answer = lambda said: "Good."
    stage.next_turn_works()


def test_nothing_understood(stage: Stage) -> None:
    stage.recogniser = fakes.FakeRecogniser("")
    stage.start()
    stage.say()
    stage.report.wait("speech_start")
    time.sleep(1.0)
    assert stage.conversation.state == "listening"
    assert not stage.report.of("heard")
    stage.next_turn_works()


def test_a_microphone_that_is_unplugged_and_plugged_in(stage: Stage) -> None:
    stage.start()
    stage.next_turn_works()
    stage.microphone.error = ServiceError("microphone", "The microphone is gone.")
    assert stage.report.wait("error", timeout=1.0).fault == "microphone"
    time.sleep(1.0)
    assert len(stage.report.of("error")) == 1, "told once, not at each attempt"
    stage.conversation.say("hello")  # writing goes on
    stage.report.wait("sound_end", 2)
    stage.microphone.error = None
    time.sleep(0.5)
    stage.next_turn_works()


def test_a_microphone_that_gives_nothing(stage: Stage) -> None:
    stage.microphone.dead = True
    stage.start()
    error = stage.report.wait("error", timeout=5.0)
    assert error.fault == "microphone"
    assert "gives no sound" in error.text
    stage.microphone.dead = False
    time.sleep(0.1)
    stage.next_turn_works()


def test_a_speaker_that_is_gone(stage: Stage) -> None:
    stage.speaker.error = ServiceError("speaker", "The speaker is gone.")
    stage.start()
    stage.say()
    assert stage.report.wait("error").fault == "speaker"
    assert stage.report.of("reply_text"), "the answer can be read"
    assert stage.conversation.turns[-1].unsaid
    stage.speaker.error = None
    stage.next_turn_works()


def test_a_speaker_that_plays_nothing(stage: Stage) -> None:
    stage.speaker.silent = True
    stage.timing = Timing(speaker=0.3)
    stage.start()
    stage.say()
    error = stage.report.wait("error", timeout=3.0)
    assert error.fault == "speaker"
    stage.speaker.silent = False
    stage.next_turn_works()


def test_a_body_that_crashes(stage: Stage) -> None:
    stage.start()
    stage.body.error = ZeroDivisionError()
    assert stage.report.wait("error").fault == "engine"
    time.sleep(0.3)
    assert len(stage.report.of("error")) == 1
    stage.body.error = None
    stage.next_turn_works()


def test_a_recording_that_breaks_off_interrupts_nobody(stage: Stage) -> None:
    stage.start()
    stage.say()
    stage.report.wait("sound_start")
    stage.body.error = ServiceError("recording", "The disk is full.")
    assert stage.report.wait("error").fault == "recording"
    stage.body.error = None
    stage.report.wait("sound_end")
    assert not stage.conversation.turns[-1].unsaid
    stage.next_turn_works()


def test_the_recording_knows_what_happens(stage: Stage) -> None:
    stage.start()
    stage.conversation.record(Path("nowhere"))
    stage.say()
    stage.report.wait("sound_end")
    assert list(stage.body.noted) == list(stage.report.events)
    assert not stage.conversation.recorded().transcript


def test_close_in_the_middle(stage: Stage) -> None:
    stage.start()
    stage.say()
    stage.report.wait("sound_start")
    began = time.monotonic()
    assert stage.conversation.close()
    assert time.monotonic() - began < 0.5
    assert stage.speaker.stopped
    assert all(
        part.closed for part in (stage.microphone, stage.recogniser, stage.responder, stage.voice, stage.speaker)
    )
    assert stage.conversation.state == "off"


def test_close_before_start_closes_everything(stage: Stage) -> None:
    stage.start()
    assert stage.conversation.close()
    assert stage.conversation.close(), "a second time does nothing"
    never = Conversation(stage.parts(), stage.settings, stage.newest, stage.report)
    stage.speaker.closed = stage.microphone.closed = stage.voice.closed = False
    assert never.close()
    assert stage.speaker.closed
    assert stage.microphone.closed
    assert stage.voice.closed


def test_close_does_not_wait_for_a_service_that_hangs(stage: Stage) -> None:
    stage.responder.knobs.hang = threading.Event()
    stage.start()
    stage.conversation.say("hello")
    until = time.monotonic() + 5.0
    while not stage.responder.knobs.calls and time.monotonic() < until:
        time.sleep(0.01)
    began = time.monotonic()
    assert not stage.conversation.close(0.3)
    assert time.monotonic() - began < 0.6
    assert "mind did not stop" in stage.report.wait("error").text
    stage.responder.knobs.hang.set()
