"""``train pose`` and ``train tagger`` from end to end, on as little as will do."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner, Result

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("onnx", reason="training needs onnx")
pytest.importorskip("onnxruntime", reason="the networks need onnxruntime")

from linly_blender.cli import main
from linly_blender.language.learned import INPUTS, MODEL, OUTPUTS, Reading, read
from linly_blender.measure.sentences import ENGLISH, MANDARIN
from linly_blender.model_files import MANIFEST, Session, open_model
from linly_blender.perform import perform
from linly_blender.pose.base import BASE_MODEL
from linly_blender.pose.context import CONTEXT
from linly_blender.pose.encoder import ENCODER
from linly_blender.pose.features import FEATURES
from linly_blender.pose.fine_tuner import MODEL as TUNER
from linly_blender.pose.fine_tuner import SMALL_MODEL, Inputs, PoseFineTuner
from linly_blender.training.pose import evaluate
from linly_blender.training.pose.config import DEFAULT, Settings
from linly_blender.training.pose.encoder import export
from linly_blender.training.settings import read_settings

TINY = dict.fromkeys(("base_width", "width", "hidden", "small_width"), 8)
BRIEF = dict.fromkeys(("base_steps", "steps", "lstm_steps", "blind_steps", "small_steps"), 3)


def train(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["train", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def test_train_pose_makes_models_that_run_and_their_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "ENGLISH", ENGLISH[4:5])
    monkeypatch.setattr(evaluate, "MANDARIN", MANDARIN[4:5])
    config, out = tmp_path / "config.json", tmp_path / "models"
    settings = replace(read_settings(DEFAULT, Settings), turns=4, at_once=2, batch=2, **TINY, **BRIEF)
    config.write_text(json.dumps(asdict(settings)))
    out.mkdir()
    options = ("--config", config, "--out", out, "--cache", tmp_path / "cache")
    train("pose", *options)
    manifest = json.loads((out / MANIFEST).read_text())
    assert {BASE_MODEL, TUNER, SMALL_MODEL} <= set(manifest)
    rng = np.random.default_rng(0)
    inputs = Inputs(
        rng.normal(0, 0.3, (50, FEATURES)).astype(np.float32), rng.normal(0, 0.3, (50, CONTEXT)).astype(np.float32)
    )
    for name in (TUNER, SMALL_MODEL):
        tuner = PoseFineTuner(out / name, base_path=out / BASE_MODEL)
        assert tuner.warning is None
        whole, state, rows = tuner.run(inputs).head, tuner.start(), []
        for index in range(50):
            one = Inputs(inputs.features[index : index + 1], inputs.context[index : index + 1])
            controls, state = tuner.step(one, state)
            rows.append(controls.head[0])
        np.testing.assert_allclose(rows, whole, atol=1e-4)
    card = (out / "pose_fine_tuner.md").read_text(encoding="utf-8")
    assert TUNER in card
    assert "| teacher |" in card
    assert (out / "pose_fine_tuner.png").read_bytes().startswith(b"\x89PNG")

    # Measured once more: the same models, the same figures but those of speed.
    (out / "pose_fine_tuner.md").unlink()
    train("pose-card", *options)
    again = (out / "pose_fine_tuner.md").read_text(encoding="utf-8")
    assert again.split("## Size")[0] == card.split("## Size")[0]
    assert json.loads((out / MANIFEST).read_text()) == manifest


def test_a_card_cannot_be_written_of_networks_that_nobody_trained_here(tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["train", "pose-card", "--out", str(tmp_path), "--cache", str(tmp_path)])
    assert refused.exit_code == 1
    assert "Train first, with the same --cache" in refused.output


def test_networks_that_hear_through_an_encoder_perform_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "ENGLISH", ENGLISH[4:5])
    monkeypatch.setattr(evaluate, "MANDARIN", MANDARIN[4:5])
    write_encoder(tmp_path / "ears.onnx")
    config, out = tmp_path / "config.json", tmp_path / "models"
    config.write_text(
        json.dumps(asdict(replace(read_settings(DEFAULT, Settings), turns=3, at_once=1, batch=2, **TINY, **BRIEF)))
    )
    out.mkdir()
    options = ("--config", config, "--out", out, "--cache", tmp_path / "cache")
    train("pose", *options, "--encoder", tmp_path / "ears.onnx")
    take = perform("Are you sure?", fine_tuner=str(out / TUNER))
    assert (take.fine_tuner, take.notes) == (TUNER, ())
    assert np.isfinite(take.frames.head).all()
    # What is trained for the built-in features would look for them beside the encoder.
    refused = CliRunner().invoke(main, ["train", "pose", *map(str, options)])
    assert refused.exit_code != 0
    assert ENCODER in refused.output
    (out / ENCODER).unlink()
    assert ENCODER in perform("Are you sure?", fine_tuner=str(out / TUNER)).notes[0]


def test_data_that_is_not_there_is_named_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "facegood_mouth").mkdir()
    options = ("train", "pose", "--data", str(tmp_path), "--out", str(tmp_path), "--cache", str(tmp_path / "cache"))
    refused = CliRunner().invoke(main, options)
    assert refused.exit_code == 1
    assert "error: There is no" in refused.output
    assert "dev.txt" in refused.output
    assert not (tmp_path / "cache").exists()


def write_encoder(path: Path) -> None:
    """One random convolution in the form of a Wav2Vec2."""
    import torch

    class Tiny(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.over_time = torch.nn.Conv1d(1, 5, 400, stride=320)

        def forward(self, sound: torch.Tensor) -> SimpleNamespace:
            return SimpleNamespace(last_hidden_state=self.over_time(sound[:, None]).transpose(1, 2))

    torch.manual_seed(0)
    assert export(Tiny(), path) < 1e-3


def test_train_tagger_makes_a_model_that_runs_and_its_card(tmp_path: Path) -> None:
    write_corpora(tmp_path / "data")
    out = tmp_path / "models"
    train("tagger", "--data", tmp_path / "data", "--out", out)
    session = open_model(out / MODEL, inputs=INPUTS, outputs=OUTPUTS, max_bytes=8_000_000)
    prominence = read_words(session, "the stone of river to train a garden").prominence[:, 0]
    assert prominence[1::2].min() > prominence[::2].max() + 0.2
    assert read_words(session, "the feeling3 stone").emotion.argmax() == 3
    assert MODEL in json.loads((out / MANIFEST).read_text())
    card = (out / "tagger.md").read_text(encoding="utf-8")
    assert "tagger.onnx" in card
    measured = re.findall(r"\| \*\*(\d\.\d{3})\*\* ", card)
    assert len(measured) == 6, "held out and on the own test parts: prominence, emotion, likeliest emotion"
    assert min(map(float, measured)) > 0.9


def test_the_corpora_s_own_tests_may_be_absent(tmp_path: Path) -> None:
    from linly_blender.training.tagger.data import own_tests

    assert own_tests(tmp_path) == ([], [])
    write_corpora(tmp_path)
    spoken, written = own_tests(tmp_path)
    assert len(spoken) == 20
    assert len(written) == 100


def read_words(session: Session, text: str) -> Reading:
    """Read a text of words with a space between."""
    return read(session, text, tuple(match.span() for match in re.finditer(r"\w+", text)))


def write_corpora(folder: Path) -> None:
    """Both sets' forms with made-up words: nouns are prominent, and each feeling has words of its own."""
    rng = np.random.default_rng(0)
    nouns, small = ["stone", "river", "window", "garden", "letter", "train"], ["the", "of", "a", "in", "to", "and"]
    blocks = []
    for speaker in range(35):
        for number in range(4):
            rows = [f"<file>\t{speaker}_{number}.txt"]
            for _ in range(6):
                rows.append(f"{rng.choice(small)}\t0\t0\t{rng.uniform(0, 0.3):.3f}\tNA")
                level = int(rng.integers(1, 3))
                rows.append(f"{rng.choice(nouns)}\t{level}\t0\t{level + rng.uniform(-0.3, 0.3):.3f}\tNA")
            rows.append(".\tNA\tNA\tNA\tNA")
            blocks.append("\n".join(rows))
    (folder / "helsinki_prosody").mkdir(parents=True)
    for part, kept in (("dev", blocks[20:]), ("test", blocks[:20])):
        (folder / f"helsinki_prosody/{part}.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
    (folder / "goemotions_ekman").mkdir()
    for part, count in (("train", 5500), ("dev", 250), ("test", 100)):
        lines = []
        for number in range(count):
            feeling = int(rng.integers(7))
            lines.append(f"{rng.choice(small)} feeling{feeling} {rng.choice(nouns)}\t{feeling}\tid{number}")
        (folder / f"goemotions_ekman/{part}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
