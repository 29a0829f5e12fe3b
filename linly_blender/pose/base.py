"""Stage 1: the base pose. A small causal network from what is heard to where the head is, and nothing else.

It knows no words. Where the fine-tuner cannot be used it is all there is; where it can, the fine-tuner corrects it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ..model_files import MODELS, ModelError, Port, open_model, open_own_model, runtime_errors
from .features import FEATURES

if TYPE_CHECKING:
    import onnxruntime

Array = NDArray[np.float32]

HEAD: Final = 6
"""x, y, z in metres, pitch, yaw, roll in radians."""
BASE_MODEL: Final = "pose_base.onnx"
MAX_BYTES: Final = 2_000_000
_MOST_STATE: Final = 1_000_000
"""Numbers that a stream may remember; ours remember some thousands."""


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

    def start(self) -> Array:
        """Return the state before the first frame."""
        return first_state(self._session)

    def step(self, features: Array, state: Array) -> tuple[Array, Array]:
        """Frames [shape=(n, features)] and a state to head poses [shape=(n, 6)] and the next state."""
        base, after = self._session.run(("base", "next_state"), {"features": features[None], "state": state})
        return base[0], after


def open_session(model: str | Path, inputs: list[Port], outputs: list[Port]) -> "onnxruntime.InferenceSession":
    """Open our own model by its name, or a user's by its path, after the same checks, and try it.

    The models stream: ``state`` is among the inputs, and the outputs are frames and ``next_state``. Raises ModelError.
    """
    if isinstance(model, str) and "/" not in model and (MODELS / model).exists():
        session = open_own_model(model, inputs=inputs, outputs=outputs)
    else:
        session = open_model(Path(model), inputs=inputs, outputs=outputs, max_bytes=MAX_BYTES)
    wrong = _fault(session, outputs)
    if wrong is not None:
        raise ModelError(f"The model {model} cannot be used: {wrong}. Train or export it again.")
    return session


def first_state(session: "onnxruntime.InferenceSession") -> Array:
    """Return what a model that streams remembers before the first frame [shape=(1, n)]."""
    (size,) = (port.shape[1] for port in session.get_inputs() if port.name == "state")
    return np.zeros((1, size), np.float32)


def _fault(session: "onnxruntime.InferenceSession", outputs: list[Port]) -> str | None:
    """What is wrong with a model whose file is whole: found by running it on a few frames, and on a few more."""
    sizes = {port.name: port.shape[-1] for port in session.get_inputs()}
    if not all(isinstance(size, int) and 0 < size <= _MOST_STATE for size in sizes.values()):
        return "it does not say how many numbers it takes"
    state = first_state(session)
    frames = {name: np.full((1, 2, size), 0.5, np.float32) for name, size in sizes.items() if name != "state"}
    for _ in range(2):
        try:
            found, after = session.run([port.name for port in outputs], {**frames, "state": state})
        except runtime_errors() as error:
            return f"it fails when it runs ({str(error).strip().splitlines()[0][:160]})"
        if found.shape != (1, 2, outputs[0].shape[2]) or after.shape != state.shape:
            return "it does not go on from frame to frame"
        if not (np.isfinite(found).all() and np.isfinite(after).all()):
            return "it answers with what is no number"
        state = after
    return None
