"""Both architectures, from torch to ONNX."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("onnx", reason="training needs onnx")
pytest.importorskip("onnxruntime", reason="the networks need onnxruntime")

import torch

from linly_blender.pose.base import HEAD
from linly_blender.pose.context import CONTEXT
from linly_blender.pose.features import FEATURES
from linly_blender.pose.fine_tuner import CONTROLS
from linly_blender.training.pose.config import DEFAULT, Settings
from linly_blender.training.pose.export import parity, write_onnx
from linly_blender.training.pose.models import Lstm, Network, Tcn
from linly_blender.training.pose.train import BASE_SIZE, DILATIONS, Example, apply, fit, hide
from linly_blender.training.settings import read_settings

WIDTH = HEAD + FEATURES + CONTEXT
INPUTS = (("base", HEAD, BASE_SIZE), ("features", FEATURES, 1.0), ("context", CONTEXT, 1.0))


def network(kind: str) -> Network:
    torch.manual_seed(0)
    scale = torch.linspace(0.01, 0.2, CONTROLS)
    made: Network = (
        Tcn(WIDTH, CONTROLS, 12, DILATIONS, scale) if kind == "tcn" else Lstm(WIDTH, CONTROLS, 12, 10, scale)
    )
    for parameter in made.parameters():  # blocks begin as nothing: give them something to do
        torch.nn.init.normal_(parameter, 0, 0.15)
    return made


@pytest.mark.parametrize("kind", ["tcn", "lstm"])
def test_onnx_is_torch_and_streamed_is_whole(kind: str, tmp_path: Path) -> None:
    made = network(kind)
    path = tmp_path / "a.onnx"
    write_onnx(made, path, INPUTS, "controls", {"purpose": "test"})
    found = parity(made, path, INPUTS, "controls", np.random.default_rng(0))
    assert found.torch_to_onnx < 1e-4
    assert found.streamed_to_whole < 1e-4
    with torch.no_grad():
        made.leave.bias += 0.01
    assert parity(made, path, INPUTS, "controls", np.random.default_rng(0)).torch_to_onnx > 5e-3


@pytest.mark.parametrize("kind", ["tcn", "lstm"])
def test_a_network_sees_no_future(kind: str) -> None:
    made = network(kind)
    rows = np.random.default_rng(0).normal(0, 1, (80, WIDTH)).astype(np.float32)
    other = rows.copy()
    other[50:] = 0
    before, after = apply(made, rows), apply(made, other)
    np.testing.assert_allclose(before[:50], after[:50], atol=1e-6)
    assert np.abs(before[50:] - after[50:]).max() > 1e-3


def test_training_learns_what_can_be_learnt_and_is_kept(tmp_path: Path) -> None:
    """A bump half a second after a pulse: the form of every nod."""
    rng = np.random.default_rng(0)
    examples = []
    for _ in range(4):
        rows = np.zeros((600, 3), np.float32)
        rows[rng.integers(20, 560, 12), 0] = 1.0
        bump = np.exp(-0.5 * ((np.arange(60) - 30) / 6) ** 2)
        target = np.convolve(rows[:, 0], bump)[:600, None].astype(np.float32) * np.ones((1, CONTROLS), np.float32)
        examples.append(Example(rows, target, np.ones(CONTROLS, np.float32), None))
    settings = replace(read_settings(DEFAULT, Settings), batch=4, rate=0.01)
    torch.manual_seed(0)
    made = Tcn(3, CONTROLS, 12, DILATIONS, torch.ones(CONTROLS))
    fit(made, examples, 120, settings, tmp_path / "a.npz", lambda line: None)
    found, target = apply(made, examples[0].rows), examples[0].target
    assert ((found - target) ** 2).mean() < 0.15 * target.var()
    twin = Tcn(3, CONTROLS, 12, DILATIONS, torch.ones(CONTROLS))
    fit(twin, examples, 120, settings, tmp_path / "a.npz", lambda line: pytest.fail("trained again"))
    np.testing.assert_array_equal(apply(twin, examples[0].rows), found)


def test_hiding_leaves_nothing_of_the_text() -> None:
    context = np.random.default_rng(0).normal(0, 1, (5, CONTEXT)).astype(np.float32)
    hidden = hide(context)
    changed = np.flatnonzero((hidden != 0).any(axis=0))
    assert changed.min() > CONTEXT // 2
    np.testing.assert_array_equal(hidden[:, changed], context[:, changed])
