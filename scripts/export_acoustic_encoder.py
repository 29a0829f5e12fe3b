"""Export a Wav2Vec2-style encoder from a local model folder to ONNX.

    python scripts/export_acoustic_encoder.py FOLDER encoder.onnx

FOLDER is one that ``transformers`` reads (config.json and model.safetensors; Wav2Vec2, HuBERT, WavLM, data2vec).
Needs torch, onnx and transformers; nothing is downloaded, no pickle is loaded and no code of the folder is run.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from linly_blender.training.pose.encoder import PARITY, export


def load(folder: Path) -> Any:
    """Load the encoder in ``folder``: local, without pickles and without foreign code."""
    from transformers import AutoModel

    return AutoModel.from_pretrained(
        str(folder), local_files_only=True, use_safetensors=True, trust_remote_code=False, attn_implementation="eager"
    ).eval()


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
