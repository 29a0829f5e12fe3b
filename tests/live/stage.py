"""A conversation in real time, with fake ears, mouth, mind and devices."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from linly_blender.audio.activity import Activity
from linly_blender.live.conductor import Timing
from linly_blender.live.conversation import Conversation, Parts
from linly_blender.live.frame import Newest
from linly_blender.live.mind import Reader
from linly_blender.live.services import Mouth, Responder
from linly_blender.live.settings import Settings

from . import fakes


class Stage:
    """A conversation of fakes."""

    def __init__(self) -> None:
        self.microphone = fakes.FakeMicrophone()
        self.recogniser = fakes.FakeRecogniser()
        self.responder: Any = fakes.FakeResponder()
        self.reader: Callable[[], Reader] = fakes.FakeReader
        self.voice = fakes.FakeVoice()
        self.speaker = fakes.FakeSpeaker()
        self.body = fakes.FakeBody()
        self.report = fakes.Report()
        self.newest = Newest()
        self.settings = Settings()
        self.timing = Timing()
        self.reopened = 0
        self.conversation: Conversation

    def other_mind(self) -> tuple[Responder, Mouth]:
        self.reopened += 1
        return self.responder, self.voice

    def parts(self) -> Parts:
        return Parts(
            self.microphone,
            self.recogniser,
            self.responder,
            self.reader,
            self.voice,
            fakes.perform,
            self.body,
            self.speaker,
            other_mind=self.other_mind,
            other_recogniser=lambda: self.recogniser,
            activity=lambda: Activity(fakes.FakeDetector()),
        )

    def start(self, **settings: Any) -> None:
        chosen = replace(self.settings, **settings)
        self.conversation = Conversation(self.parts(), chosen, self.newest, self.report, timing=self.timing)
        self.conversation.start()

    def say(self, seconds: float = 0.5) -> None:
        """The user speaks, and the quiet after it."""
        self.microphone.hear(fakes.talk(seconds), fakes.pause(0.3))

    def next_turn_works(self) -> None:
        sounds, errors = len(self.report.of("sound_end")), len(self.report.of("error"))
        self.say()
        self.report.wait("sound_end", sounds + 1)
        assert len(self.report.of("error")) == errors
