"""``perform --audio``: a recording with its script, without it, and with an analysis that was edited."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from linly_blender import takes
from linly_blender.cli import main
from linly_blender.exports.wav import write_wav
from linly_blender.language.reader import read_script
from linly_blender.speech.synthesis import EspeakVoice, speak

TEXT = "Bring *my* map, please. Are you sure?"


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording by another voice than the aligner's own."""
    path = tmp_path_factory.mktemp("voice") / "line.wav"
    with EspeakVoice("f2") as actor:
        write_wav(speak(read_script(TEXT), actor), path)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def performed(tmp_path: Path, *arguments: object) -> Result:
    return run("perform", "--out", tmp_path / "take.json", "--fine-tuner", "off", *arguments)


def test_a_recording_is_performed_with_its_script(voice: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text("\ufeff" + TEXT, encoding="utf-8")
    result = performed(tmp_path, "--audio", voice, "--transcript", script)
    assert result.exit_code == 0, result.output
    speech = takes.read(tmp_path / "take.json").speech
    words = [word for word in speech.words if word.text]
    assert [word.text for word in words] == ["Bring", "my", "map", "please", "Are", "you", "sure"]
    assert words[1].emphasis == 1.0
    assert [sentence.type for sentence in speech.sentences if sentence.text] == ["command", "rhetorical"]
    again = performed(tmp_path, "--audio", voice, "--transcript", TEXT)
    assert again.exit_code == 0
    assert takes.read(tmp_path / "take.json").speech.phones == speech.phones


@pytest.mark.parametrize("name", ["words.json", "words.TextGrid"])
def test_what_was_found_is_written_edited_and_performed(voice: Path, tmp_path: Path, name: str) -> None:
    edited = tmp_path / name
    result = performed(tmp_path, "--audio", voice, "--transcript", TEXT, "--write-analysis", edited)
    assert result.exit_code == 0, result.output
    text = edited.read_text(encoding="utf-8")
    assert "please" in text
    edited.write_text(text.replace("please", "Pleaze"), encoding="utf-8")
    result = performed(tmp_path, "--audio", voice, "--analysis", edited)
    assert result.exit_code == 0, result.output
    assert "Pleaze" in [word.text for word in takes.read(tmp_path / "take.json").speech.words]


def test_without_words_the_sound_alone_is_performed(voice: Path, tmp_path: Path) -> None:
    result = performed(tmp_path, "--audio", voice, "--recogniser", "none", "--language", "cmn")
    assert result.exit_code == 0, result.output
    assert "note: No words are known" in result.output
    assert {phone.phone for phone in takes.read(tmp_path / "take.json").speech.phones} == {"?"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--text", "Hi"), "not both"),
        (("--voice", "f2"), "--voice goes with a text"),
        (("--emotion", "sad"), "[happy]"),
        (("--transcript", "Hi", "--analysis", "x.json"), "not both"),
        (("--transcript", "missing.txt"), "There is no transcript"),
        (("--analysis", "missing.json"), "missing.json"),
        (("--recogniser", "magic"), "no recogniser"),
        (("--transcript", "[happy"), "tag"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(
    voice: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    result = performed(tmp_path, "--audio", voice, *arguments)
    assert result.exit_code != 0
    assert told in result.output
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    assert not list(tmp_path.iterdir())


def test_options_of_recordings_go_with_recordings(tmp_path: Path) -> None:
    result = performed(tmp_path, "--text", "Hi", "--transcript", "Hi")
    assert "--transcript goes with --audio" in result.output


def test_a_file_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    fake = tmp_path / "voice.wav"
    fake.write_text(json.dumps({"sound": None}), encoding="utf-8")
    result = performed(tmp_path, "--audio", fake, "--transcript", TEXT)
    assert result.exit_code == 1
    assert "voice.wav" in result.output
    assert not (tmp_path / "take.json").exists()
