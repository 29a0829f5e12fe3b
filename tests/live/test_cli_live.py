"""The conversation in a terminal, and its log."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from linly_blender.cli import main
from linly_blender.live import opening
from linly_blender.live.conversation import Conversation
from linly_blender.live.frame import Newest
from linly_blender.live.log import EventLog
from linly_blender.live.services import Event, ServiceError, Turn
from linly_blender.live.settings import Settings
from linly_blender.pose.choice import DEFAULT

sys.path.insert(0, str(Path(__file__).parent))
import fakes
from in_terminal import converse

ROOT = Path(__file__).parents[2]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was asked for; the conversation is one of fakes."""
    asked: dict[str, Any] = {"responder": fakes.FakeResponder()}

    def open_fakes(
        settings: Settings,
        keys: Mapping[str, str],
        allow_online: bool,
        before: tuple[Turn, ...],
        newest: Newest,
        report: Callable[[Event], None],
    ) -> Conversation:
        asked.update(settings=settings, keys=dict(keys))
        microphone = fakes.FakeMicrophone()
        microphone.hear(fakes.pause(0.2), fakes.talk(0.5))
        recogniser = fakes.FakeRecogniser("my secret is a cat")
        return converse(settings, newest, report, microphone, recogniser, asked["responder"])

    monkeypatch.setattr(opening, "open_conversation", open_fakes)
    return asked


def live(*options: str, said: str | None = None) -> Result:
    return CliRunner().invoke(main, ["live", *options], input=said)


def test_speak(opened: dict[str, Any]) -> None:
    began = time.monotonic()
    result = live("--seconds", "2", "--style", "lively")
    assert result.exit_code == 0
    assert 1.9 < time.monotonic() - began < 4
    for line in ("(listening)", "you: my secret is a cat", "(thinking)", "character: You said my secret is a cat."):
        assert line in result.output.splitlines()
    stages = r"\(\d+ ms from the last sound to the first sound: (.*)\)"
    told = re.search(stages, result.output)
    assert told is not None
    assert [re.sub(r" -?\d+$", "", stage) for stage in told[1].split(", ")] == [
        "reaction",
        "end of speech",
        "recognition",
        "reply",
        "voice",
        "motion",
    ]
    assert opened["settings"].style == "lively"


def test_write(opened: dict[str, Any]) -> None:
    result = live("--write", said="one\n\ntwo\n")
    assert result.exit_code == 0
    assert [line for line in result.output.splitlines() if line.startswith("character")] == [
        "character: You said one.",
        "character: You said two.",
    ]
    assert opened["settings"].recogniser == "none"
    assert re.search(r"ms from the line to the first sound: reply \d+, voice \d+, motion \d+\)", result.output)


def test_what_is_no_text_ends_nothing(opened: dict[str, Any]) -> None:
    result = CliRunner().invoke(main, ["live", "--write"], input=b"caf\xe9\nbye\n")
    assert result.exit_code == 0
    assert "character: You said bye." in result.output


def test_a_seed_that_is_none_is_told() -> None:
    result = live("--write", "--seed", "-1", said="")
    assert result.exit_code == 1
    assert "error: The seed -1 is out of range." in result.output


def test_libraries_do_not_bury_the_conversation(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from linly_blender.cli_live import _libraries_silent\n"
        "with _libraries_silent():\n"
        "    os.write(2, b'ALSA lib pcm.c')\n"
        "    print('error: told', file=sys.stderr)\n"
        "os.write(2, b'as before')\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stderr == "error: told\nas before"


def test_keys_come_from_the_environment(opened: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLY_LLM_KEY", "sk-1")
    monkeypatch.setenv("LINLY_ASR_KEY", "")
    result = live("--write", said="")
    assert opened["keys"] == {"language_model": "sk-1"}
    assert "sk-1" not in result.output


def test_who_is_refused_is_told_where_keys_are_read_from(opened: dict[str, Any]) -> None:
    opened["responder"].knobs.error = ServiceError("refused", "The server wants a key.")
    output = live("--write", said="one\n").output
    assert "error: The server wants a key.\n(keys of servers are read from the environment: LINLY_LLM_KEY, " in output


def test_an_error_is_told_in_plain_words(opened: dict[str, Any]) -> None:
    opened["responder"].knobs.error = ServiceError("server", "The server is not there. Start it.")
    result = live("--write", said="one\n")
    assert result.exit_code == 0
    assert "error: The server is not there. Start it." in result.output


def test_the_trained_fine_tuner_moves_the_head_unless_another_is_chosen(opened: dict[str, Any], tmp_path: Path) -> None:
    assert "note:" not in live("--write", said="").output
    assert opened["settings"].fine_tuner == DEFAULT
    live("--write", "--fine-tuner", "off", said="")
    assert opened["settings"].fine_tuner == "off"
    broken = tmp_path / "mine.onnx"
    broken.write_bytes(b"no model")
    result = live("--write", "--fine-tuner", str(broken), said="one\n")
    assert result.exit_code == 0
    assert "note: " in result.output
    assert "mine.onnx" in result.output
    assert "character: You said one." in result.output
    result = live("--write", "--fine-tuner", "nobody", said="")
    assert result.exit_code == 1
    assert "error: There is no fine-tuner 'nobody'. Choose one of: standard, small, off" in result.output


def test_what_cannot_be_opened_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    result = live("--responder", "nobody", "--seconds", "5")
    assert result.exit_code == 1
    assert "error: The responder has to be" in result.output


def test_a_log_that_cannot_be_written(opened: dict[str, Any], tmp_path: Path) -> None:
    result = live("--seconds", "1", "--log", str(tmp_path / "no" / "log.jsonl"))
    assert result.exit_code == 1
    assert "cannot be written" in result.output


def test_log_text_needs_a_log(opened: dict[str, Any]) -> None:
    assert "--log-text goes with --log" in live("--log-text").output


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_log_keeps_no_texts(opened: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    live("--seconds", "2", "--log", str(path))
    kinds = [line["kind"] for line in lines(path)]
    for kind in ("listening", "speech_start", "speech_end", "heard", "reply_text", "sound_start", "motion_start"):
        assert kind in kinds
    assert "cat" not in path.read_text(encoding="utf-8")


def test_the_log_keeps_texts_when_asked(opened: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    live("--seconds", "2", "--log", str(path), "--log-text")
    (heard,) = [line for line in lines(path) if line["kind"] == "heard"]
    assert heard["text"] == "my secret is a cat"


def test_an_error_in_the_log_quotes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    message = "The voice's server can't read 'my secret' or \"it's secret\"."
    with EventLog(path, False, pytest.fail) as log:
        log(Event("error", 1.5, message, "voice"))
    assert lines(path) == [
        {"time": 1.5, "kind": "error", "error": "voice", "message": "The voice's server can't read '…' or '…'."}
    ]


def test_halves_of_characters_end_no_log(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with EventLog(path, True, pytest.fail) as log:
        log(Event("heard", 1.0, "a\ud83db"))
        log(Event("heard", 2.0, "c"))
    assert [line["text"] for line in lines(path)] == ["a?b", "c"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_once() -> None:
    told: list[str] = []
    with EventLog(Path("/dev/full"), True, told.append) as log:
        for _ in range(3):
            log(Event("listening", 0.0))
    assert len(told) == 1
    assert "No space left" in told[0]
