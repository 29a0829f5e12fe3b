"""From a Wav2Vec2-style network in torch to an encoder in ONNX that ``pose.encoder`` runs."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from ...model_files import open_model
from ...pose.encoder import INPUTS, MAX_BYTES, OUTPUTS, RATE
from .export import OPSET

PARITY: Final = 1e-3


class _Encoder(torch.nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        hidden: torch.Tensor = self.model(sound).last_hidden_state
        return hidden


def export(model: Any, path: Path) -> float:
    """Write the ONNX file, check it, and return the largest difference from torch on sound of another length."""
    encoder = _Encoder(model).eval()  # a module is born in training, with its dropout
    with torch.no_grad():
        torch.onnx.export(
            encoder,
            (torch.zeros(1, 2 * RATE),),
            str(path),
            input_names=["sound"],
            output_names=["features"],
            dynamic_axes={"sound": {1: "samples"}, "features": {1: "frames"}},
            opset_version=OPSET,
            dynamo=False,
        )
        sound = torch.from_numpy(np.random.default_rng(0).normal(0, 1, (1, 3 * RATE + 77)).astype(np.float32))
        known = encoder(sound).numpy()
    session = open_model(path, inputs=INPUTS, outputs=OUTPUTS, max_bytes=MAX_BYTES)
    (found,) = session.run(("features",), {"sound": sound.numpy()})
    return float(np.abs(known - found).max()) if known.shape == found.shape else float("inf")
