"""Two hours of conversation in simulated time: the same ears, listener, mind and conductor, without their threads."""

import tracemalloc

import numpy as np
import pytest

from linly_blender.audio.activity import Activity
from linly_blender.live.attempt import Attempt
from linly_blender.live.conductor import Conductor, Timing
from linly_blender.live.ears import Ears, Gate
from linly_blender.live.frame import Newest
from linly_blender.live.listener import Ask, Listener
from linly_blender.live.messages import Message
from linly_blender.live.mind import Mind
from linly_blender.live.settings import Settings

from . import fakes

HOURS = 2.0
TURN = 12.0
"""Seconds from one question to the next."""

TRACED = 60
"""Turns in which memory is watched, which takes its time."""


class Simulation:
    """Everything on one clock that goes on by a block of sound at a time."""

    def __init__(self) -> None:
        self.clock = fakes.Time()
        self.report = fakes.Report()
        self.microphone = fakes.FakeMicrophone(self.clock, self.clock.sleep)
        self.recogniser = fakes.FakeRecogniser()
        self.responder = fakes.FakeResponder(lambda said: "One two three. Four five six seven. And eight.")
        self.speaker = fakes.FakeSpeaker(self.clock)
        self.body = fakes.FakeBody()
        self._inbox: list[Message] = []
        self._attempts: list[Attempt] = []
        gate = Gate()
        self.listener = Listener(self.recogniser, self._inbox.append, self.clock)
        activity = Activity(fakes.FakeDetector())
        self.ears = Ears(self.microphone, activity, gate, self._inbox.append, self.listener.handle, self.clock)
        rng = np.random.default_rng(0)
        self.mind = Mind(self.responder, fakes.FakeReader, fakes.FakeVoice(), fakes.perform, rng, self.clock)
        self.conductor = Conductor(
            Settings(),
            Timing(),
            self.speaker,
            self.body,
            Newest(),
            gate,
            ask=lambda attempt: self.listener.handle(Ask(attempt)),
            think=self._attempts.append,
            give_up=lambda attempt: None,
            latency=lambda: 0.0,
            report=self.report,
            clock=self.clock,
        )
        self.conductor.begin()

    def turn(self) -> None:
        self.microphone.hear(fakes.talk(2.0), fakes.pause(0.2), fakes.talk(1.0))
        self.run(TURN)

    def run(self, seconds: float) -> None:
        until = self.clock.now + seconds
        while self.clock.now < until:
            self.ears.step()
            self._deliver()
            self.conductor.tick()

    def _deliver(self) -> None:
        while self._inbox or self._attempts:
            while self._inbox:
                self.conductor.handle(self._inbox.pop(0))
            if self._attempts:
                attempt = self._attempts.pop(0)
                if not attempt.cancelled:
                    self._inbox.extend(self.mind.answer(attempt))


@pytest.mark.long
def test_two_hours() -> None:
    simulation = Simulation()

    for _ in range(250):  # all that is bounded is full then
        simulation.turn()
    tracemalloc.start()
    begun, _ = tracemalloc.get_traced_memory()
    for _ in range(TRACED):
        simulation.turn()
    ended, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ended - begun < 1e6, "20 MB in the two hours would be 2"
    total = round(HOURS * 3600 / TURN)
    for _ in range(total - 250 - TRACED):
        simulation.turn()
    assert simulation.responder.knobs.calls >= total, "a reply for every turn"
    assert simulation.conductor.state == "listening"
    assert len(simulation.conductor.turns) == 200
    assert not simulation.report.of("error")
    latencies = [event.values["total"] for event in simulation.report.of("latency")]
    assert max(latencies) < 0.3


def test_the_same_conversation_has_the_same_events() -> None:
    logs = []
    for _ in range(2):
        simulation = Simulation()
        simulation.microphone.hear(fakes.talk(1.0), fakes.pause(6.0), fakes.talk(1.0))
        simulation.run(15.0)
        logs.append(list(simulation.report.events))
    assert len(logs[0]) > 20
    assert logs[0] == logs[1]
