"""Emotion laid on speech. What a sound needs of the lips wins: a smile widens words but never opens a p."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..score import Speech
from .coarticulation import gate, utterances
from .heard import Heard, gates
from .shapes import limited

Floats = NDArray[np.float64]


def _columns(*names: str) -> list[int]:
    return [INDEX[c] for name in names for c in ((name,) if name in INDEX else (f"{name}Left", f"{name}Right"))]


OPENING: Final = _columns("jawOpen", "mouthLowerDown", "mouthUpperUp", "mouthFunnel", "mouthShrugUpper", "noseSneer")
"""Shapes that part the lips; ``noseSneer`` draws the upper lip up on most heads."""
WIDENING: Final = _columns("mouthStretch", "mouthDimple")
"""Shapes that draw the corners out and so undo rounding."""
CORNERS: Final = _columns("mouthSmile", "mouthFrown")
"""Shapes that do so too, and that are the mood: put out at every "oo" they would flicker."""
CORNERS_WHEN_ROUND: Final = 0.18
"""What they stay softly below while the lips are round; a smile of 0.4 becomes one of 0.12."""
STRETCHING: Final = _columns("mouthStretch")
"""Of what widens, what also parts the lips on some heads; a smile may stay through a p."""
TIGHTENING: Final = _columns("mouthPress", "mouthShrugLower", "mouthRollLower", "mouthRollUpper", "mouthClose")
"""Shapes that bring the lips together and so would swallow a vowel."""


def combine(
    articulation: NDArray[np.float32],
    expression: NDArray[np.float32],
    speech: Speech,
    times: Floats,
    heard: Heard | None = None,
) -> NDArray[np.float32]:
    """Speech and emotion in one face.

    Parameters: both [shape=(n, 52)] at ``times`` in seconds, ascending [shape=(n,)]; ``heard`` as it was articulated
    with. Returns weights 0..1 [shape=(n, 52)].
    """
    closed, on_teeth = gates(speech, times, heard)
    speaking = gate(utterances(speech), times)
    rounded = np.minimum(1, 1.6 * (articulation[:, INDEX["mouthPucker"]] + articulation[:, INDEX["mouthFunnel"]]))
    kept = np.ones_like(articulation)
    kept[:, OPENING] = ((1 - closed) ** 1.6 * (1 - on_teeth))[:, None]
    kept[:, WIDENING] = (1 - 0.85 * rounded)[:, None]
    kept[:, STRETCHING] *= ((1 - 0.9 * closed) * (1 - 0.8 * on_teeth))[:, None]
    kept[:, TIGHTENING] = (1 - 0.9 * speaking)[:, None]
    felt = kept * expression
    felt[:, CORNERS] = limited(expression[:, CORNERS].astype(float), CORNERS_WHEN_ROUND, rounded[:, None])
    return np.clip(articulation + felt, 0, 1)
