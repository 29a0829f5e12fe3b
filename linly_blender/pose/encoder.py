"""The plug for another acoustic encoder: a Wav2Vec2-style network in ONNX instead of the built-in features.

Such a network looks at a whole recording at once, so it serves recordings and not live sound. A base pose and a
fine-tuner have to be trained on what it says; ``scripts/export_acoustic_encoder.py`` makes the file.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..model_files import Port, open_model
from .features import STEP

Array = NDArray[np.float32]

ENCODER: Final = "acoustic_encoder.onnx"
"""Its name beside the models that were trained on what it says."""
RATE: Final = 16000
"""Samples a second that these networks hear."""
MAX_BYTES: Final = 1_500_000_000
INPUTS: Final = (Port("sound", "float32", (1, None)),)
OUTPUTS: Final = (Port("features", "float32", (1, None, None)),)
_LEAST: Final = 640
"""Samples; less gives such a network not one frame."""


class AcousticEncoder:
    """Runs an encoder over whole recordings."""

    def __init__(self, path: Path) -> None:
        """Open the model. Raises ModelError when the file cannot be used."""
        self._session = open_model(path, inputs=INPUTS, outputs=OUTPUTS, max_bytes=MAX_BYTES)

    def listen(self, sound: NDArray[np.int16], rate: int) -> Array:
        """Features at ``k * STEP`` seconds: mono samples [shape=(n,)] to frames [shape=(k, hidden)].

        As many frames as ``features.listen`` gives. The sound is brought to mean 0 and deviation 1, as these networks
        were trained.
        """
        seconds = len(sound) / rate
        at = np.arange(max(int(seconds * RATE), _LEAST)) / RATE
        heard = np.interp(at, np.arange(len(sound)) / rate, sound.astype(np.float64), right=0.0)
        heard = (heard - heard.mean()) / (heard.std() + 1e-7)
        (found,) = self._session.run(("features",), {"sound": heard[None].astype(np.float32)})
        hidden = found[0].astype(np.float32)
        frames = np.arange(int(seconds / STEP + 1e-9) + 1) * STEP
        # A frame of the network stands for an equal share of the sound, at the middle of it.
        middles = (np.arange(len(hidden)) + 0.5) * seconds / len(hidden)
        columns = [np.interp(frames, middles, hidden[:, column]) for column in range(hidden.shape[1])]
        return np.stack(columns, axis=1).astype(np.float32)
