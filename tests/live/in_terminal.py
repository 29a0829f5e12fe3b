"""The conversation in a terminal, with fakes for all that it needs: run by a test, on a pseudo-terminal."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import fakes

from linly_blender.audio.activity import Activity
from linly_blender.cli import main
from linly_blender.live import opening
from linly_blender.live.conversation import Conversation, Parts
from linly_blender.live.frame import Newest
from linly_blender.live.services import Event, Turn
from linly_blender.live.settings import Settings


def converse(
    settings: Settings,
    newest: Newest,
    report: Callable[[Event], None],
    microphone: fakes.FakeMicrophone,
    recogniser: fakes.FakeRecogniser,
    responder: fakes.FakeResponder,
) -> Conversation:
    """A conversation of fakes, as the settings want it."""
    parts = Parts(
        None if settings.recogniser == "none" else microphone,
        recogniser,
        responder,
        fakes.FakeReader,
        fakes.FakeVoice(),
        fakes.perform,
        fakes.FakeBody(),
        fakes.FakeSpeaker(),
        other_mind=lambda: (responder, fakes.FakeVoice()),
        other_recogniser=fakes.FakeRecogniser,
        activity=lambda: Activity(fakes.FakeDetector()),
    )
    return Conversation(parts, settings, newest, report)


def open_fakes(
    settings: Settings,
    keys: Mapping[str, str],
    allow_online: bool,
    before: tuple[Turn, ...],
    newest: Newest,
    report: Callable[[Event], None],
) -> Conversation:
    """As ``open_conversation``."""
    recogniser = fakes.FakeRecogniser("the key was down")
    return converse(settings, newest, report, fakes.FakeMicrophone(), recogniser, fakes.FakeResponder())


if __name__ == "__main__":
    import fcntl
    import termios

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background has been told to ignore it
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    opening.open_conversation = open_fakes
    sys.exit(main(["live", *sys.argv[1:]]))
