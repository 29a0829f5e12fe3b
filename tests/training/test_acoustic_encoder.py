"""The plug for another acoustic encoder, proved with a tiny random one."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="export needs torch")
pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxruntime", reason="the networks need onnxruntime")
pytest.importorskip("transformers", reason="export needs transformers")

from linly_blender.pose.encoder import AcousticEncoder
from linly_blender.pose.features import listen
from linly_blender.training.pose.encoder import export

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/export_acoustic_encoder.py"


def test_a_local_encoder_is_exported_and_heard_through(tmp_path: Path) -> None:
    import torch
    import transformers

    torch.manual_seed(0)
    config = transformers.Wav2Vec2Config(
        hidden_size=24, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    transformers.Wav2Vec2Model(config).save_pretrained(tmp_path / "tiny")
    spec = importlib.util.spec_from_file_location("export_acoustic_encoder", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert export(script.load(tmp_path / "tiny"), tmp_path / "tiny.onnx") < 1e-3

    rng = np.random.default_rng(0)
    sound = np.concatenate([np.zeros(11025), 8000 * rng.normal(0, 1, 22050)]).astype(np.int16)
    found = AcousticEncoder(tmp_path / "tiny.onnx").listen(sound, 22050)
    assert found.shape == (len(listen(sound, 22050)), 24)
    assert np.isfinite(found).all()
    assert np.abs(found[40:] - found[:10].mean(axis=0)).mean() > 1e-3, "noise and silence are told apart"
