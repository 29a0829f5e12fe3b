"""Stage 1: the base pose. A small causal network from what is heard to where the head is, and nothing else.

It knows no words. Where the fine-tuner cannot be used it is all there is; where it can, the fine-tuner corrects it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ..model_files import MODELS, Port, open_model, open_own_model
from .features import FEATURES

if TYPE_CHECKING:
    import onnxruntime

Array = NDArray[np.float32]

HEAD: Final = 6
"""x, y, z in metres, pitch, yaw, roll in radians."""
BASE_MODEL: Final = "pose_base.onnx"
MAX_BYTES: Final = 2_000_000


class BasePose:
    """Runs stage 1. Holds no state: the caller passes it in and gets the next."""

    def __init__(self, model: str | Path = BASE_MODEL) -> None:
        """Open one of our own by its name, or any file by its path.

        A model that is fed by another acoustic encoder has its own number of features.

        Raises ModelError when the file cannot be used.
        """
        width = FEATURES if model == BASE_MODEL else None
        self._session = open_session(
            model,
            [Port("features", "float32", (1, None, width)), Port("state", "float32", (1, None))],
            [Port("base", "float32", (1, None, HEAD)), Port("next_state", "float32", (1, None))],
        )
        shapes = {port.name: port.shape for port in self._session.get_inputs()}
        self.features = int(shapes["features"][2])
        """Numbers a frame of sound has."""
        self._state_size = int(shapes["state"][1])

    def start(self) -> Array:
        """Return the state before the first frame."""
        return np.zeros((1, self._state_size), np.float32)

    def step(self, features: Array, state: Array) -> tuple[Array, Array]:
        """Frames [shape=(n, features)] and a state to head poses [shape=(n, 6)] and the next state."""
        base, after = self._session.run(("base", "next_state"), {"features": features[None], "state": state})
        return base[0], after


def open_session(model: str | Path, inputs: list[Port], outputs: list[Port]) -> "onnxruntime.InferenceSession":
    """Open our own model by its name, or a user's by its path, after the same checks."""
    if isinstance(model, str) and "/" not in model and (MODELS / model).exists():
        return open_own_model(model, inputs=inputs, outputs=outputs)
    return open_model(Path(model), inputs=inputs, outputs=outputs, max_bytes=MAX_BYTES)
