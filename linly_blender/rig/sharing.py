"""How a look is shared by eyes and head."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import SHAPES

Floats = NDArray[np.float32]

_LOOKS: Final = np.array([name.startswith("eyeLook") for name in SHAPES])


def share_gaze(shapes: Floats, head: Floats, gaze: Floats, share: float) -> tuple[Floats, Floats, Floats]:
    """Let the head make ``share`` of the gaze (0..1) in place of the eyes, so that the look stays where it was.

    Parameters and result: shapes [shape=(..., 52)], head [shape=(..., 6)], gaze [shape=(..., 2)], as in
    ``performance.Frames``; what is given is left as it is.
    """
    if share == 0.0:
        return shapes, head, gaze
    shapes, head = shapes.copy(), head.copy()
    shapes[..., _LOOKS] *= np.float32(1.0 - share)
    head[..., 3:5] += np.float32(share) * gaze
    return shapes, head, gaze * np.float32(1.0 - share)
