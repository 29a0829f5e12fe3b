"""The command line, as a person types it."""

import csv
import json
import sys
import tomllib
import wave
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from linly_blender import takes
from linly_blender.arkit import SHAPES
from linly_blender.cli import main

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)


def left_behind(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


@pytest.mark.parametrize("command", [(), ("perform",), ("bake",), ("bench",), ("style",), ("region",)])
def test_help(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_perform_writes_everything(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"take.{name}" for name in ("json", "csv", "png")}
    live, wav = tmp_path / "live.csv", tmp_path / "voice.wav"
    result = run("perform", "--text", "Hello [nod] *there*. 你好！", "--seed", 4, "--out", paths["json"], "--csv",
                 paths["csv"], "--livelink", live, "--wav", wav, "--plot", paths["png"])  # fmt: skip
    assert result.exit_code == 0, result.output
    document = json.loads(paths["json"].read_text(encoding="utf-8"))
    assert {"words", "phones", "sentences", "gestures", "seed", "style", "language"} <= set(document)
    assert document["seed"] == 4
    assert any(g["kind"] == "nod" and g["source"] == "direction" for g in document["gestures"])
    take = takes.read(paths["json"])
    rows = list(csv.reader(paths["csv"].open()))
    assert rows[0] == ["time", *SHAPES, "head_x", "head_y", "head_z", "head_pitch", "head_yaw", "head_roll",
                       "gaze_pitch", "gaze_yaw"]  # fmt: skip
    assert len(rows) == len(take.frames) + 1
    assert len(live.read_text().splitlines()[0].split(",")) == 2 + 61
    with wave.open(str(wav)) as sound:
        assert sound.getnframes() == len(take.speech.sound)
    assert paths["png"].read_bytes().startswith(b"\x89PNG")


def test_script_file_and_standard_input_are_the_same_take(tmp_path: Path) -> None:
    text = "First paragraph.\n\nSecond one.\n"
    script = tmp_path / "script.txt"
    script.write_text("\ufeff" + text, encoding="utf-8")
    assert run("perform", "--script", script, "--out", tmp_path / "a.json").exit_code == 0
    assert run("perform", "--text", "-", "--out", tmp_path / "b.json", stdin=text).exit_code == 0
    one, other = takes.read(tmp_path / "a.json"), takes.read(tmp_path / "b.json")
    assert one.speech.phones == other.speech.phones
    assert (one.frames.shapes == other.frames.shapes).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--text", ""), "error:"),
        (("--text", "Hi [nood]"), "nod"),
        (("--text", "Hi", "--fps", "0"), "frames a second"),
        (("--text", "Hi", "--language", "klingon"), "klingon"),
        (("--text", "Hi", "--style", "grumpy"), "grumpy"),
        (("--text", "Hi", "--fine-tuner", "large"), "standard, small, off"),
        (("--script", "no_such_file.txt"), "no_such_file.txt"),
        ((), "--text"),
        (("--text", "Hi", "--script", "x"), "either"),
    ],
)
def test_bad_input_ends_with_an_error_and_no_file(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run("perform", *arguments, "--out", tmp_path / "take.json", "--csv", tmp_path / "take.csv")
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("option", ["--csv", "--livelink", "--plot"])
def test_no_file_is_written_over_another(tmp_path: Path, option: str) -> None:
    for name in ("take.json", "take.npz", "take.wav", "voice.wav"):
        result = run("perform", "--text", "Hi", "--out", tmp_path / "take.json", "--wav", tmp_path / "voice.wav",
                     option, tmp_path / name)  # fmt: skip
        assert result.exit_code == 1
        assert "twice" in result.output
        assert left_behind(tmp_path) == []


def test_the_voice_may_be_the_take_s_own(tmp_path: Path) -> None:
    result = run("perform", "--text", "Hi", "--out", tmp_path / "take.json", "--wav", tmp_path / "take.wav")
    assert result.exit_code == 0
    assert left_behind(tmp_path) == ["take.json", "take.npz", "take.wav"]
    assert "1 sentence, 1 word," in result.output


def test_standard_input_is_utf8_whatever_the_console_is(tmp_path: Path) -> None:
    def performed(stdin: bytes) -> Result:
        arguments = ["perform", "--text", "-", "--out", str(tmp_path / "take.json")]
        return CliRunner(charset="latin-1").invoke(main, arguments, input=stdin)

    assert performed("\ufeff你好".encode()).exit_code == 0
    assert takes.read(tmp_path / "take.json").speech.words[0].text == "你好"
    refused = performed("Grüße".encode("latin-1"))
    assert refused.exit_code == 1
    assert "UTF-8" in refused.output


@pytest.mark.parametrize(("option", "value"), [("--seed", 3), ("--fine-tuner", "small"), ("--amount", "head=0")])
def test_a_take_cannot_be_made_otherwise_when_it_is_baked(tmp_path: Path, option: str, value: object) -> None:
    result = run("bake", "--take", "x.json", option, value, "--character", "demo", "--out", tmp_path / "shot.blend")
    assert result.exit_code == 2
    assert f"{option} goes with a text" in result.output


def test_the_take_says_which_fine_tuner_moved_its_head_and_which_could_not(tmp_path: Path) -> None:
    out = tmp_path / "take.json"
    result = run("perform", "--text", "Hi", "--fine-tuner", "small", "--out", out)
    assert "fine-tuner small" in result.output
    assert takes.read(out).fine_tuner == "small"
    result = run("perform", "--text", "Hi", "--fine-tuner", tmp_path / "mine.onnx", "--out", out)
    assert result.exit_code == 0
    assert "note: The model" in result.output
    take = takes.read(out)
    assert take.fine_tuner == "mine.onnx"
    assert "mine.onnx cannot be used" in take.notes[0]


@pytest.mark.parametrize(("command", "name"), [("style", "lively+serious:0.3"), ("region", "japan")])
def test_a_manner_is_copied_for_editing_and_nothing_is_lost(tmp_path: Path, command: str, name: str) -> None:
    printed = run(command, name)
    assert printed.exit_code == 0
    out = tmp_path / "mine.json"
    assert run(command, name, "--out", out).exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8")) == json.loads(printed.output)
    out.write_text(edited := printed.output.replace("{", '{ "about": "Mine", ', 1), encoding="utf-8")
    refused = run(command, name, "--out", out)
    assert refused.exit_code == 1
    assert "is there already" in refused.output
    assert out.read_text(encoding="utf-8") == edited
    assert run(command, "nobody").exit_code == 1


def test_a_script_that_is_not_utf8(tmp_path: Path) -> None:
    script = tmp_path / "latin1.txt"
    script.write_bytes("Grüße".encode("latin-1"))
    result = run("perform", "--script", script, "--out", tmp_path / "take.json")
    assert result.exit_code == 1
    assert "UTF-8" in result.output


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    result = run("perform", "--text", "Hi", "--out", tmp_path / "nowhere" / "take.json")
    assert result.exit_code == 1
    assert "nowhere" in result.output
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("kind", ["pose", "tagger"])
def test_training_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Whatever this Python has; and what it asks for is what the project's extras name."""
    from linly_blender.training import needs

    def refused() -> str:
        result = run("train", kind, "--out", tmp_path, "--data", tmp_path)
        assert result.exit_code == 1
        assert left_behind(tmp_path) == []
        return result.output

    monkeypatch.setattr(needs, "PYTHON", (3, 4))
    assert "Training runs on Python 3.4" in refused()
    assert "pip install torch==2.13.0" in refused()
    monkeypatch.setattr(needs, "PYTHON", sys.version_info[:2])
    monkeypatch.setattr(needs, "find_spec", lambda module: None)
    assert "pip install 'torch==2.13.0' 'onnx>=1.17' 'matplotlib>=3.8'" in refused()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(needs.PACKAGES.values()) <= {
        requirement for extra in ("training", "cli") for requirement in extras[extra]
    }
