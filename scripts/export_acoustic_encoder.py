"""Export a Wav2Vec2-style encoder from a local model folder to ONNX.

    python scripts/export_acoustic_encoder.py FOLDER encoder.onnx

FOLDER is one that ``transformers`` reads (config.json and model.safetensors; Wav2Vec2, HuBERT, WavLM, data2vec).
Needs torch, onnx and transformers; nothing is downloaded, no pickle is loaded and no code of the folder is run.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from linly_blender.model_files import open_model
from linly_blender.pose.encoder import INPUTS, MAX_BYTES, OUTPUTS, RATE

OPSET = 17
PARITY = 1e-3


def load(folder: Path) -> Any:
    """Load the encoder in ``folder``; local, without pickles and without foreign code."""
    from transformers import AutoModel

    return AutoModel.from_pretrained(
        str(folder), local_files_only=True, use_safetensors=True, trust_remote_code=False, attn_implementation="eager"
    ).eval()


def export(model: Any, path: Path) -> float:
    """Write the ONNX file, check it, and return the largest difference from torch on sound of another length."""
    import torch

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, sound: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = self.model(sound).last_hidden_state
            return hidden

    encoder = Encoder().eval()  # a module is born in training, with its dropout
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


def main() -> int:
    parser = argparse.ArgumentParser(description="Export a Wav2Vec2-style encoder from a local folder to ONNX.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    if not (given.folder / "config.json").is_file():
        print(f"error: {given.folder} has no config.json. Name the folder of a model.", file=sys.stderr)
        return 1
    difference = export(load(given.folder), given.out)
    print(f"{given.out}: {given.out.stat().st_size} bytes, largest difference from torch {difference:.1e}")
    return 0 if difference < PARITY else 1


if __name__ == "__main__":
    sys.exit(main())
