"""What shows an ARKit channel where a face has nothing for it: other channels that come near.

The first set of which every channel is shown by keys of its own is used. A negative weight takes off: what closes the
lips against an open jaw, closes the jaw. ``mouthClose`` itself hardly stands in for pressing or rolling: with the jaw
shut it pushes the lips through each other. Where nothing comes near, a channel is missing.
"""

from typing import Final

Choices = tuple[dict[str, float], ...]


def _both(channel: str, *choices: dict[str, float]) -> dict[str, Choices]:
    """For either side; ``*`` in a name stands for the same side, ``~`` for the other."""
    table = {}
    for side, other in (("Left", "Right"), ("Right", "Left")):
        table[channel + side] = tuple(
            {name.replace("*", side).replace("~", other): weight for name, weight in choice.items()}
            for choice in choices
        )
    return table


STAND_INS: Final[dict[str, Choices]] = {
    **_both("eyeBlink", {"eyeSquint*": 1.0}),
    **_both("eyeSquint", {"cheekSquint*": 0.6}, {"eyeBlink*": 0.25}),
    **_both("eyeLookDown", {"eyeLookDown~": 0.5}),
    **_both("eyeLookUp", {"eyeLookUp~": 0.5}),
    "jawOpen": (
        {"mouthLowerDownLeft": 1.0, "mouthLowerDownRight": 1.0, "mouthUpperUpLeft": 0.3, "mouthUpperUpRight": 0.3},
        {"mouthLowerDownLeft": 1.0, "mouthLowerDownRight": 1.0},
        {"mouthFunnel": 0.8},
    ),
    "jawLeft": ({"mouthLeft": 0.7},),
    "jawRight": ({"mouthRight": 0.7},),
    "mouthClose": ({"jawOpen": -1.0},),
    "mouthFunnel": ({"mouthPucker": 0.7}, {"jawOpen": 0.15}),
    "mouthPucker": ({"mouthFunnel": 0.8},),
    "mouthLeft": ({"jawLeft": 0.7},),
    "mouthRight": ({"jawRight": 0.7},),
    **_both("mouthSmile", {"mouthDimple*": 0.8}, {"cheekSquint*": 0.5}),
    **_both("mouthFrown", {"mouthStretch*": 0.4}),
    **_both("mouthDimple", {"mouthSmile*": 0.4}, {"mouthStretch*": 0.4}),
    **_both("mouthStretch", {"mouthDimple*": 0.6}, {"mouthSmile*": 0.5}),
    **_both("mouthPress", {"mouthRollLower": 0.3, "mouthRollUpper": 0.3}, {"mouthClose": 0.01}, {"jawOpen": -0.2}),
    "mouthRollLower": (
        {"mouthPressLeft": 0.4, "mouthPressRight": 0.4},
        {"mouthShrugLower": 0.3},
        {"mouthClose": 0.01},
        {"jawOpen": -0.2},
    ),
    "mouthRollUpper": (
        {"mouthPressLeft": 0.4, "mouthPressRight": 0.4},
        {"mouthShrugUpper": 0.3},
        {"mouthClose": 0.01},
        {"jawOpen": -0.1},
    ),
    "mouthShrugLower": ({"mouthRollLower": 0.3}, {"mouthPressLeft": 0.3, "mouthPressRight": 0.3}),
    "mouthShrugUpper": (
        {"mouthUpperUpLeft": 0.2, "mouthUpperUpRight": 0.2},
        {"mouthPressLeft": 0.3, "mouthPressRight": 0.3},
    ),
    **_both("mouthLowerDown", {"jawOpen": 0.15}),
    **_both("mouthUpperUp", {"noseSneer*": 0.5}, {"jawOpen": 0.05}),
    "browInnerUp": ({"browOuterUpLeft": 0.6, "browOuterUpRight": 0.6},),
    **_both("browOuterUp", {"browInnerUp": 0.4}),
    **_both("cheekSquint", {"eyeSquint*": 0.5}, {"mouthSmile*": 0.15}),
    **_both("noseSneer", {"mouthUpperUp*": 0.3}),
}  # fmt: skip
"""By channel; those that are not here have none."""
