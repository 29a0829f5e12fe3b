"""From the small articulatory space to the 52 ARKit shapes.

Shapes differ between heads, so that a closure never relies on two large shapes cancelling: all that opens goes to
nothing, and ``mouthClose`` only makes up for the small jaw that is left.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from .targets import FLARE, JAW, PART, PURSE, SPREAD, TONGUE

Floats = NDArray[np.float64]

JAW_BEHIND_LIPS: Final = 0.08
"""Most ``jawOpen`` left behind closed lips: a real jaw hardly closes for p, but a rig's ``mouthClose`` may be off."""
JAW_BEHIND_TEETH: Final = 0.08


def to_arkit(channels: Floats, closed: Floats, on_teeth: Floats) -> NDArray[np.float32]:
    """Shapes of articulatory channels.

    Parameters: channels [shape=(n, CHANNELS)], gates of lips closed and lower lip on the teeth, 0..1 [shape=(n,) each].
    Returns weights 0..1 [shape=(n, 52)].
    """
    shapes = np.zeros((len(channels), 52), np.float32)

    def put(name: str, value: Floats) -> None:
        for column in (name,) if name in INDEX else (f"{name}Left", f"{name}Right"):
            shapes[:, INDEX[column]] = value

    # Lips collide at speed and then press: what is open ends before the gate does, on heads whose press closes
    # nothing too.
    open_lips = (1 - closed) ** 1.6
    free = open_lips * (1 - on_teeth)
    pressed = closed**4
    jaw = limited(limited(channels[:, JAW], JAW_BEHIND_TEETH, on_teeth), JAW_BEHIND_LIPS, closed)
    put("jawOpen", jaw)
    put("mouthClose", jaw * (1 - (1 - closed * closed) * (1 - 0.3 * on_teeth)))
    put("jawForward", 0.12 * channels[:, FLARE])
    put("mouthFunnel", channels[:, FLARE] * open_lips * (1 - 0.95 * on_teeth))
    put("mouthPucker", channels[:, PURSE] * (1 - 0.35 * closed) * (1 - 0.6 * on_teeth))
    put("mouthStretch", 0.35 * channels[:, SPREAD] * (1 - 0.75 * closed))
    put("mouthDimple", 0.12 * channels[:, SPREAD] * (1 - 0.5 * closed))
    put("mouthLowerDown", channels[:, PART] * free)
    put("mouthUpperUp", 0.55 * channels[:, PART] * free + 0.16 * on_teeth * (1 - closed))
    put("mouthPress", 0.22 * pressed)
    put("mouthRollLower", 0.1 * pressed + 0.45 * on_teeth * open_lips)
    put("mouthRollUpper", 0.1 * pressed)
    put("tongueOut", channels[:, TONGUE] * open_lips)
    return np.clip(shapes, 0, 1)


def limited(value: Floats, most: float, how_much: Floats) -> Floats:
    """Bring a value softly under a limit, as far as ``how_much`` 0..1 says [shape=(n,) each]."""
    return value + how_much * (most * value / (most + value) - value)
