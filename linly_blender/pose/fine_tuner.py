"""The pose fine-tuner: from what is heard and what is meant to a corrected head pose and expression controls.

Stage 1 (``base.py``) makes a pose from sound alone; the network of this module corrects it by the context
(``context.py``) and adds brows, lids, gaze and smile. Both stream: a frame in, a frame out, with one explicit state.
"""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..model_files import ModelError, Port
from ..score import EMOTIONS, Emotion
from .base import BASE_MODEL, HEAD, BasePose, first_state, open_session
from .context import CONTEXT, blank_context
from .encoder import AcousticEncoder
from .features import STEP, listen
from .filters import Ema, Shown
from .styles import Style

Array = NDArray[np.float32]

MODEL: Final = "pose_fine_tuner.onnx"
SMALL_MODEL: Final = "pose_fine_tuner_small.onnx"
CONTROL_NAMES: Final = (
    "x", "y", "z", "pitch", "yaw", "roll", "brow inner up", "brow outer up", "brow down", "lids wide",
    "gaze pitch", "gaze yaw", "smile",
)  # fmt: skip
CONTROLS: Final = len(CONTROL_NAMES)
_AT_ONCE: Final = 3000
"""Frames of a whole sequence that are run at once."""
_MOST: Final = 8.0
"""Inputs are cut at this size. They lie about 1; an encoder's may be larger, but not much."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Frames, ``features.STEP`` seconds apart."""

    features: Array
    """As ``PoseFineTuner.hear`` gives them [shape=(n, features)]."""
    context: Array
    """As ``context.context_of`` or ``blank_context`` gives it [shape=(n, CONTEXT)]."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What the network asks for, frame by frame."""

    head: Array
    """x, y, z in metres, pitch, yaw, roll in radians: base and correction together [shape=(n, 6)]."""
    brows: Array
    """Inner up, outer up, down, to be added to ARKit's [shape=(n, 3)]."""
    lids: Array
    """To be added to ``eyeWide`` [shape=(n,)]."""
    gaze: Array
    """Pitch, yaw to be added to the gaze's target, radians [shape=(n, 2)]."""
    smile: Array
    """To be added to ``mouthSmile`` [shape=(n,)]."""

    def side_by_side(self) -> Array:
        """All of them, in the order of ``CONTROL_NAMES`` [shape=(n, CONTROLS)]."""
        return np.column_stack([self.head, self.brows, self.lids, self.gaze, self.smile])


@dataclass(frozen=True, slots=True)
class State:
    """All that streaming remembers. Never changed in place, so that a copy is the object itself or ``copy()``."""

    base: Array
    refiner: Array | None
    """None where stage 1 works alone."""
    smoothed: Shown | None
    """Of ``predict``'s average; None before its first frame."""

    def copy(self) -> "State":
        """Return an independent state."""
        refiner = None if self.refiner is None else self.refiner.copy()
        return State(self.base.copy(), refiner, self.smoothed)


class PoseFineTuner:
    """Stages 1 and 2 in ONNX Runtime, on one thread, deterministic.

    ``step`` streams, ``run`` takes a whole sequence, ``predict`` is the article's interface; the first two keep
    nothing in the object. When the fine-tuner's model cannot be used, stage 1 works alone and ``warning`` says why; it
    is for the user to see. When stage 1 cannot be used either, the constructor raises ModelError.
    """

    def __init__(
        self,
        model_path: str | Path = MODEL,
        smoothing_factor: float = 0.8,
        base_path: str | Path = BASE_MODEL,
        encoder: AcousticEncoder | None = None,
    ) -> None:
        """Open the models: our own by their names, others by their paths.

        ``encoder`` hears for models that were trained on what it says; without one the built-in features do.
        ``smoothing_factor``, 0 (none) to 0.999, is the share of the last pose in ``predict``'s next at 60 frames a
        second, as everywhere (``Ema.from_smoothing_factor``): 0.8 is a time constant of 75 ms.
        """
        if not 0.0 <= smoothing_factor <= 0.999:
            raise UserError(f"The smoothing factor {smoothing_factor:g} should be from 0 to 0.999, such as 0.8.")
        self.model_path = model_path
        self._average = Ema.from_smoothing_factor(smoothing_factor)
        self.warning: str | None = None
        self._base = BasePose(base_path)
        self._encoder = encoder
        self._refiner = None
        try:
            self._refiner = open_session(
                model_path,
                [
                    Port("base", "float32", (1, None, HEAD)),
                    Port("features", "float32", (1, None, self._base.features)),
                    Port("context", "float32", (1, None, CONTEXT)),
                    Port("state", "float32", (1, None)),
                ],
                [Port("controls", "float32", (1, None, CONTROLS)), Port("next_state", "float32", (1, None))],
            )
        except ModelError as error:
            self.warning = f"{error} The head follows the voice alone."
        self._state = self.start()

    @property
    def refines(self) -> bool:
        """Whether stage 2 works."""
        return self._refiner is not None

    @property
    def features(self) -> int:
        """Numbers that a frame of sound has."""
        return self._base.features

    def hear(self, sound: NDArray[np.int16], rate: int) -> Array:
        """Features of a whole recording: mono samples [shape=(n,)] to frames [shape=(k, features)]."""
        return (listen if self._encoder is None else self._encoder.listen)(sound, rate)

    def start(self) -> State:
        """Return the state before the first frame."""
        return State(self._base.start(), None if self._refiner is None else first_state(self._refiner), None)

    def step(self, inputs: Inputs, state: State) -> tuple[Controls, State]:
        """Take any number of frames; return their controls and the state after them.

        The same frames give the same controls whether they come one by one or all at once (to 1e-4 of the controls'
        natural size; sums are made in another order). Raises UserError for frames of the wrong kind.
        """
        features, context = self._checked(inputs)
        if not len(features):
            return _controls(np.zeros((0, HEAD), np.float32), np.zeros((0, CONTROLS - HEAD), np.float32)), state
        base, base_after = self._base.step(features, state.base)
        if self._refiner is None or state.refiner is None:
            rest = np.zeros((len(base), CONTROLS - HEAD), np.float32)
            return _controls(base, rest), replace(state, base=base_after)
        found, refiner_after = self._refiner.run(
            ("controls", "next_state"),
            {"base": base[None], "features": features[None], "context": context[None], "state": state.refiner},
        )
        after = replace(state, base=base_after, refiner=refiner_after)
        return _controls(base + found[0][:, :HEAD], found[0][:, HEAD:]), after

    def run(self, inputs: Inputs) -> Controls:
        """Controls of a whole sequence: the stream run to its end, a minute at a time to bound its memory."""
        state, found = self.start(), []
        for first in range(0, max(len(inputs.features), 1), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            controls, state = self.step(Inputs(inputs.features[part], inputs.context[part]), state)
            found.append(controls)
        return Controls(*(np.concatenate([getattr(c, f.name) for c in found]) for f in fields(Controls)))

    def reset(self) -> None:
        """Let ``predict`` forget what it was told."""
        self._state = self.start()

    def predict(
        self, audio_feat: NDArray[np.float32] | NDArray[np.float64], context_emotion: str, style: Style | None = None
    ) -> NDArray[np.float64]:
        """Pitch, yaw, roll in radians after the given frames of sound [shape=(T, features) -> (3,)].

        The article's interface, for where no text is known. Its example smooths a single three-vector with
        ``filtfilt``, which is neither causal (a zero-phase filter needs the future) nor meaningful (three axes are no
        time series; the call even fails on so few numbers), and counts calls where it should count time. Here the
        network and an exponential average, which every frame moves on by ``features.STEP`` seconds, keep their state
        from call to call, so that it does not matter how many frames a call brings; ``reset`` clears it. An emotion
        that is not known counts as neutral.
        """
        emotion: Emotion = next((known for known in EMOTIONS if known == context_emotion), "neutral")
        heard = np.asarray(audio_feat, np.float32)
        controls, after = self.step(Inputs(heard, blank_context(len(heard), style, emotion)), self._state)
        smoothed = self._state.smoothed
        for pose in controls.head[:, 3:].astype(np.float64):
            smoothed, _ = self._average.step(smoothed, pose, STEP)
        self._state = replace(after, smoothed=smoothed)
        return np.zeros(3) if smoothed is None else smoothed.pose.copy()

    def _checked(self, inputs: Inputs) -> tuple[Array, Array]:
        features = np.asarray(inputs.features, np.float32)
        context = np.asarray(inputs.context, np.float32)
        for what, rows, width in (("features", features, self.features), ("context", context, CONTEXT)):
            if rows.ndim != 2 or rows.shape[1] != width:
                raise UserError(f"The {what} of a frame should be {width} numbers; their shape is {rows.shape}.")
        if len(features) != len(context):
            raise UserError(f"{len(features)} frames of sound and {len(context)} of context do not belong together.")
        return _sane(features), _sane(context)


def _sane(rows: Array) -> Array:
    """The rows without what is no number or absurd: it would stay in the state for good."""
    if np.abs(rows).max(initial=0.0) <= _MOST:  # false when any is no number
        return rows
    return np.nan_to_num(np.clip(rows, -_MOST, _MOST), nan=0.0)


def _controls(head: Array, rest: Array) -> Controls:
    return Controls(head, rest[:, :3], rest[:, 3], rest[:, 4:6], rest[:, 6])
