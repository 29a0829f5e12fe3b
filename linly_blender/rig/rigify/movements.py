"""What controls of a generated face do at 1 of each ARKit channel, in parts of the face's own measures.

A movement is (out, front, up): out is away from the middle for what lies beside it. They are as large as a lively face
makes them: a mouth of 50 mm spreads by 5 mm on each side in a smile, brows rise by 6 mm.
"""

from typing import Final

from ..tree import Vector

Movements = dict[str, Vector]
"""By the name of a control; ``*`` stands for its side, ``corner`` for that of the lips, in half widths of the mouth."""

_UPPER: Final = "lip.T.*.001"
_LOWER: Final = "lip.B.*.001"
_CHEEK: Final = "cheek.B.*.001"
_CHEEKBONE: Final = "cheek.T.*.001"
_NOSTRIL: Final = "nose.*.001"

MOUTH: Final[dict[str, Movements]] = {
    "jawForward": {"jaw_master": (0.0, 0.22, 0.0)},
    "mouthFunnel": {
        "corner": (-0.3, 0.15, 0.0),
        "lip.T": (0.0, 0.3, 0.12),
        "lip.B": (0.0, 0.3, -0.16),
        _UPPER: (-0.15, 0.28, 0.1),
        _LOWER: (-0.15, 0.27, -0.13),
    },
    "mouthPucker": {
        "corner": (-0.45, 0.22, 0.0),
        "lip.T": (0.0, 0.32, 0.02),
        "lip.B": (0.0, 0.32, 0.0),
        _UPPER: (-0.24, 0.3, 0.02),
        _LOWER: (-0.24, 0.3, 0.0),
    },
    "mouthRollLower": {"lip.B": (0.0, -0.18, 0.13), _LOWER: (0.0, -0.14, 0.09)},
    "mouthRollUpper": {"lip.T": (0.0, -0.18, -0.1), _UPPER: (0.0, -0.14, -0.07)},
    "mouthShrugLower": {"lip.B": (0.0, 0.08, 0.15), _LOWER: (0.0, 0.05, 0.1), "chin": (0.0, 0.02, 0.1)},
    "mouthShrugUpper": {"lip.T": (0.0, 0.06, 0.15), _UPPER: (0.0, 0.04, 0.1)},
    "cheekPuff": {_CHEEK: (0.3, 0.15, 0.0)},
}
"""Of both sides alike."""

MOUTH_SIDES: Final[dict[str, Movements]] = {
    "mouthSmile": {
        "corner": (0.2, -0.1, 0.3),
        _UPPER: (0.09, -0.04, 0.1),
        _LOWER: (0.09, -0.04, 0.12),
        _CHEEK: (0.12, 0.03, 0.16),
        _CHEEKBONE: (0.02, 0.05, 0.1),
    },
    "mouthFrown": {"corner": (0.04, -0.04, -0.26), _UPPER: (0.02, 0.0, -0.08), _LOWER: (0.02, 0.0, -0.1)},
    "mouthDimple": {"corner": (0.1, -0.2, 0.04)},
    "mouthStretch": {"corner": (0.26, -0.12, -0.1), _UPPER: (0.08, -0.03, 0.0), _LOWER: (0.1, -0.03, -0.05)},
    "mouthPress": {
        "corner": (0.0, -0.05, 0.0),
        _UPPER: (0.0, -0.04, -0.05),
        _LOWER: (0.0, -0.04, 0.07),
        "lip.T": (0.0, -0.02, -0.02),
        "lip.B": (0.0, -0.02, 0.03),
    },
    "mouthLowerDown": {"lip.B": (0.0, 0.02, -0.13), _LOWER: (0.02, 0.01, -0.26)},
    "mouthUpperUp": {"lip.T": (0.0, 0.01, 0.11), _UPPER: (0.02, 0.02, 0.22), _NOSTRIL: (0.0, 0.0, 0.05)},
    "cheekSquint": {_CHEEKBONE: (0.0, 0.05, 0.16)},
    "noseSneer": {_NOSTRIL: (0.02, -0.02, 0.16), _UPPER: (0.0, 0.0, 0.1)},
}
"""Of the left; the right does the same mirrored."""

MOUTH_ASIDE: Final[dict[str, Movements]] = {
    "jaw": {"jaw_master": (0.25, 0.0, 0.0)},
    "mouth": dict.fromkeys(("corner", "lip.T", "lip.B", _UPPER, _LOWER), (0.3, 0.0, 0.0)),
}
"""To the left; controls of both sides go that way."""

BROWS: Final[dict[str, Movements]] = {
    "browInnerUp": {"brow.T.*.003": (0.0, 0.0, 0.2), "brow.T.*.002": (0.0, 0.0, 0.1)},
}
BROW_SIDES: Final[dict[str, Movements]] = {
    "browDown": {
        "brow.T.*.003": (-0.06, 0.02, -0.16),
        "brow.T.*.002": (-0.03, 0.0, -0.13),
        "brow.T.*.001": (0.0, 0.0, -0.05),
    },
    "browOuterUp": {"brow.T.*.001": (0.0, 0.0, 0.2), "brow.T.*.002": (0.0, 0.0, 0.16)},
}
"""In widths of an eye."""
