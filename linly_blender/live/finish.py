"""The last of a moment: the head within its style's limits, the eyes still on what they look at, the lids with them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX, SHAPES
from ..pose.amounts import Amounts
from ..pose.constraints import Constraints, ConstraintsState
from ..pose.gaze import eyes_in_head, write_shapes
from ..pose.styles import Limits
from .curves import BREATH, GAZE, HEAD, LIDS
from .frame import Frame

Floats = NDArray[np.float64]

_LIDS_DOWN, _LIDS_UP = 0.3, 0.15
"""How far the upper lids follow a look fully down, and how far they open with one fully up."""
_LOOKS_DOWN: Final = [INDEX["eyeLookDownLeft"], INDEX["eyeLookDownRight"]]
_LOOKS_UP: Final = [INDEX["eyeLookUpLeft"], INDEX["eyeLookUpRight"]]
_WIDE: Final = [INDEX["eyeWideLeft"], INDEX["eyeWideRight"]]
_BLINKS: Final = list(LIDS)
_OWN: Final = np.ones(2)
_NOT_SPOKEN: Final = np.zeros(2)


class Finish:
    """Makes frames of moments, one after the other."""

    def __init__(self, limits: Limits, amounts: Amounts) -> None:
        """Begin at rest."""
        self._amounts = amounts
        self._constraints = Constraints.of_head(limits)
        self._state: ConstraintsState | None = None

    def frame(
        self, now: float, step: float, moment: Floats, lids: Floats, spoken: Floats = _NOT_SPOKEN, own: Floats = _OWN
    ) -> Frame:
        """The frame of a moment [shape=(COLUMNS,)], ``step`` seconds after the last.

        Parameters: how far blinks close the left and the right lid, how far a take does, and how far they are free of
        it to follow the eyes [shape=(2,) each].
        """
        self._state, head = self._constraints.step(self._state, moment[HEAD], step)
        eyes = eyes_in_head(moment[None, GAZE], head[None], self._amounts.gaze)
        shapes = moment[None, : len(SHAPES)].astype(np.float32)
        write_shapes(eyes, shapes)
        self._move_lids(shapes[0], lids, spoken, own)
        return Frame(
            now,
            np.clip(shapes[0], 0, 1),
            head.astype(np.float32),
            eyes[0].astype(np.float32),
            float(np.clip(moment[BREATH], 0, 1)),
        )

    def _move_lids(self, shapes: NDArray[np.float32], blinks: Floats, spoken: Floats, own: Floats) -> None:
        """Close them as far as a blink or the take does, and follow the eyes where the take does not."""
        low = own * self._amounts.lids * _LIDS_DOWN * shapes[_LOOKS_DOWN]
        shapes[_BLINKS] = np.maximum(low + (1 - low) * blinks, spoken)
        shapes[_WIDE] += own * _LIDS_UP * shapes[_LOOKS_UP] * (1 - np.clip(shapes[_BLINKS], 0, 1))
