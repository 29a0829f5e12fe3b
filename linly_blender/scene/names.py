"""How riggers name what we move: spellings of the 52 face shapes and of head, neck, chest and eye bones."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from ..arkit import SHAPES

_SHAPE_BY_SPELLING: Final = {name.lower(): index for index, name in enumerate(SHAPES)}
_SPLIT: Final = ("browinnerup", "cheekpuff")
"""One shape in Apple's set, a left and a right one in others (ICT-FaceKit)."""
_SIDE: Final = re.compile(r"[._]([lr])$")
_SHAPE_PREFIX: Final = re.compile(r"^(.*\.|!ex-)")
"""Of the deformer, as Maya writes it (``blendShape1.jawOpen``), or of MakeHuman's exports."""
_RIG_PREFIX: Final = re.compile(r"^(.*:|mixamorig\d*_|bip\d+[ _]|cc_base_|j_bip_c_)")
"""A namespace, or what a generator of rigs puts before its bones."""

HEAD: Final = ("head", "頭", "c_head.x", "head.x", "spine.006", "DEF-head", "DEF-spine.006")
NECK: Final = (
    ("neck",), ("neck01", "neck02", "neck03"), ("neck1", "neck2"), ("neck_01", "neck_02"), ("neckLower", "neckUpper"),
    ("NeckTwist01", "NeckTwist02"), ("首",), ("c_neck.x",), ("neck.x",), ("spine.004", "spine.005"),
    ("DEF-neck",), ("DEF-spine.004", "DEF-spine.005"),
)  # fmt: skip
CHEST: Final = (
    "upper_chest", "upperChest", "chestUpper", "chest", "上半身2", "spine_05", "spine_03", "spine4", "CC_Base_Spine02",
    "spine01", "Spine2", "c_spine_02.x", "spine_02.x", "spine.003", "DEF-spine.003",
)  # fmt: skip
LEFT_EYE: Final = (
    "eye.L", "eye_L", "eye_left", "LeftEye", "lEye", "l_eye", "FACIAL_L_Eye", "J_Adj_L_FaceEye", "FaceEye_L",
    "左目", "目.L",
)  # fmt: skip
RIGHT_EYE: Final = (
    "eye.R", "eye_R", "eye_right", "RightEye", "rEye", "r_eye", "FACIAL_R_Eye", "J_Adj_R_FaceEye", "FaceEye_R",
    "右目", "目.R",
)  # fmt: skip


def match_shapes(key_names: Iterable[str]) -> dict[str, int]:
    """Which of a mesh's shape keys are ARKit's: key name to column of ``Frames.shapes``.

    Apple's spelling in any case, with ``_L``/``_R`` or ``.L``/``.R`` for Left/Right, its words apart or not, after a
    deformer's name; ``browInnerUp`` and ``cheekPuff`` may be split into sides, which then move together. A key that
    is spelled as Apple does takes its shape from those that are spelled otherwise.
    """
    found: dict[str, int] = {}
    for name in key_names:
        sided = _SIDE.sub(lambda side: "left" if side[1] == "l" else "right", name.lower())
        spelled = re.sub("[ _]", "", _SHAPE_PREFIX.sub("", sided))
        whole = re.sub(r"(left|right)$", "", spelled)
        column = _SHAPE_BY_SPELLING.get(whole if whole in _SPLIT else spelled)
        if column is not None:
            found[name] = column
    exact = {column for name, column in found.items() if name == SHAPES[column]}
    return {name: column for name, column in found.items() if column not in exact or name == SHAPES[column]}


def match_bone(bone_names: Collection[str], wanted: Iterable[str]) -> str | None:
    """The first of the wanted names that there is: exactly, else in any case, else after a prefix."""
    by_lower = {name.lower(): name for name in bone_names}
    by_rest = {_RIG_PREFIX.sub("", lower): name for lower, name in by_lower.items()}
    for name in wanted:
        found = name if name in bone_names else by_lower.get(name.lower()) or by_rest.get(name.lower())
        if found:
            return found
    return None


def match_bones(bone_names: Collection[str], wanted: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The first of the wanted chains of which any bone is there, without those that are not."""
    for chain in wanted:
        found = [match_bone(bone_names, (name,)) for name in chain]
        if any(found):
            return tuple(name for name in found if name)
    return ()
