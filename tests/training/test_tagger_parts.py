"""The tagger's parts in torch, and from torch to ONNX."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("onnx", reason="training needs onnx")
pytest.importorskip("onnxruntime", reason="the tagger needs onnxruntime")

import torch

from linly_blender.language.hashing import PHRASE_ROWS, featurise, phrases
from linly_blender.language.learned import EKMAN, INPUTS, OUTPUTS, read
from linly_blender.language.words import words
from linly_blender.model_files import open_model
from linly_blender.training.tagger.data import Example
from linly_blender.training.tagger.export import Blend, Tagger, quantise, write_onnx
from linly_blender.training.tagger.fit import blend_of, logits_of, softened
from linly_blender.training.tagger.linear import Phrases, by_text, by_word, learn_phrases
from linly_blender.training.tagger.network import Feeling, Prominence, Trunk


def example(text: str) -> Example:
    spans = tuple(words(text, "en-us"))
    return Example(text, spans, featurise(text, spans), phrases(text, spans), np.zeros((len(spans), 2), np.float32))


def random_phrases(outputs: int) -> Phrases:
    rng = np.random.default_rng(0)
    table = rng.integers(-127, 128, (PHRASE_ROWS, outputs), np.int8)
    return Phrases(table, np.full(outputs, 0.01, np.float32), rng.normal(size=outputs).astype(np.float32))


@pytest.mark.parametrize("text", ["What?", "The captain, of course, was a remarkable man!"])
def test_onnx_says_what_torch_says(text: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    shares = np.array((0.7, 0.4), np.float32)
    heard = Blend([Prominence(Trunk()).eval()], random_phrases(2), shares)
    felt = Blend([Feeling(Trunk()).eval() for _ in range(2)], random_phrases(len(EKMAN)), shares)
    for network in (*heard.networks, *felt.networks):
        quantise(network.trunk)
    write_onnx(Tagger(heard, felt), tmp_path / "tagger.onnx")
    one = example(text)
    found = read(open_model(tmp_path / "tagger.onnx", inputs=INPUTS, outputs=OUTPUTS, max_bytes=10**7), text, one.spans)
    for blend, bags, told in ((heard, by_word, found.prominence), (felt, by_text, found.emotion)):
        logits = 0.7 * logits_of(blend.networks, [one])[:, : told.shape[-1]] + 0.4 * blend.phrases.logits(bags([one]))
        np.testing.assert_allclose(told, (1 / (1 + np.exp(-logits))).reshape(told.shape), atol=1e-5)


def test_phrases_learn_which_words_speak() -> None:
    loud, quiet = np.array([1, 2, 3], np.int32), np.array([3, 4], np.int32)
    linear = learn_phrases([loud, quiet] * 20, np.array([[1, 0], [0, 0]] * 20, np.float32), 1.0)
    logits = linear.logits([loud, quiet, np.array([9], np.int32)])
    assert logits[0, 0] > 1 > -1 > logits[1, 0]
    np.testing.assert_array_equal(logits[2], linear.constant)  # never met


def test_the_part_that_knows_more_has_the_larger_share() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(4000, 1)).astype(np.float32)
    noise = rng.normal(size=truth.shape).astype(np.float32)
    shares = blend_of(2 * truth, noise, rng.random(truth.shape) < 1 / (1 + np.exp(-truth)))
    assert shares[0] == pytest.approx(0.5, abs=0.05)
    assert shares[1] == pytest.approx(0, abs=0.1)


def test_words_near_a_bound_are_unsure() -> None:
    sure = softened(np.array([[0, 0.0], [0, 0.39], [1, 0.41], [2, 3.0]], np.float32))
    np.testing.assert_allclose(sure[:, 0], [0.02, 0.24, 0.76, 1.0], atol=0.03)
    assert sure[0, 1] == pytest.approx(0, abs=0.01)
    assert sure[3, 1] == pytest.approx(1, abs=0.01)
