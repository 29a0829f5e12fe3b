"""A conversation of real parts, but for the devices: written words, a real voice, face and recording."""

import sys
import time
from pathlib import Path

import pytest

from linly_blender.arkit import INDEX
from linly_blender.errors import UserError
from linly_blender.live import opening
from linly_blender.live.frame import Frame, Newest
from linly_blender.live.services import Turn
from linly_blender.live.settings import Settings
from linly_blender.model_files import ModelError
from linly_blender.reply.format import Reader
from linly_blender.speech.synthesis import EspeakVoice, speak

sys.path.insert(0, str(Path(__file__).parent))
import fakes


@pytest.fixture
def speaker(monkeypatch: pytest.MonkeyPatch) -> fakes.FakeSpeaker:
    speaker = fakes.FakeSpeaker()
    monkeypatch.setattr(opening, "SystemSpeaker", lambda device, clock: speaker)
    return speaker


def test_lips_move_while_the_sound_is_heard(speaker: fakes.FakeSpeaker, tmp_path: Path) -> None:
    newest, report = Newest(), fakes.Report()
    settings = Settings(recogniser="none")
    before = (Turn("user", "hi"), Turn("character", "hello"))
    frames: list[Frame] = []
    with opening.open_conversation(settings, {}, False, before, newest, report) as conversation:
        conversation.record(tmp_path / "recording")
        conversation.say("How wonderful")
        until = time.monotonic() + 8.0
        while not report.of("sound_end") and time.monotonic() < until:
            frame = newest.get()
            if frame is not None and (not frames or frame is not frames[-1]):
                frames.append(frame)
            time.sleep(0.002)
        recorded = conversation.recorded()
    assert not report.of("error")
    assert conversation.turns[:2] == before
    start, seconds = speaker.sounds[0]
    jaw = INDEX["jawOpen"]
    assert max(f.shapes[jaw] for f in frames if f.time < start) < 0.05
    assert max(f.shapes[jaw] for f in frames if start < f.time < start + seconds) > 0.15
    assert [line.who for line in recorded.transcript] == ["user", "character"]
    assert recorded.performance.speech.sentences[0].text == report.of("reply_text")[0].text
    assert report.of("latency")[0].values["total"] < 0.5, "everything was warm"


@pytest.mark.parametrize(
    "settings",
    [
        Settings(responder="nobody"),
        Settings(recogniser="nobody"),
        Settings(voice="nobody"),
        Settings(style="nobody"),
        Settings(region="nobody"),
        Settings(fine_tuner="nobody"),
        Settings(language="nobody"),
    ],
)
def test_what_cannot_be_opened_is_told(speaker: fakes.FakeSpeaker, settings: Settings) -> None:
    with pytest.raises(UserError):
        opening.open_conversation(settings, {}, False, (), Newest(), fakes.Report())


def test_without_a_network_that_can_be_used_the_head_moves_by_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(choice: str) -> None:
        raise ModelError("The network is broken.")

    monkeypatch.setattr("linly_blender.perform.load_fine_tuner", broken)
    reader = Reader("en")
    with EspeakVoice() as voice:
        speech = speak([*reader.feed("Maybe."), *reader.finish()], voice)
    take = opening.performer(Settings(fine_tuner="standard"))(speech, 0)
    assert take.notes[0].startswith("The network is broken.")
    assert take.fine_tuner == "off"
