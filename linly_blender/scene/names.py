"""How riggers name what we move: spellings of the 52 face shapes and of head, neck, chest, eye and jaw bones."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from ..arkit import SHAPES

_SHAPE_BY_SPELLING: Final = {name.lower(): index for index, name in enumerate(SHAPES)}
_SPLIT: Final = ("browinnerup", "cheekpuff")
"""One shape in Apple's set, a left and a right one in others (ICT-FaceKit)."""
_SIDE: Final = re.compile(r"[._]([lr])$")

HEAD: Final = (
    "head", "mixamorig:Head", "mixamorig_Head", "CC_Base_Head", "J_Bip_C_Head", "Bip01 Head", "Bip02 Head", "頭",
    "spine.006", "DEF-spine.006",
)  # fmt: skip
NECK: Final = (
    ("neck",), ("neck01", "neck02", "neck03"), ("neck1", "neck2"), ("neck_01", "neck_02"), ("neckLower", "neckUpper"),
    ("mixamorig:Neck",), ("mixamorig_Neck",), ("CC_Base_NeckTwist01", "CC_Base_NeckTwist02"), ("J_Bip_C_Neck",),
    ("Bip01 Neck",), ("Bip02 Neck",), ("首",), ("spine.004", "spine.005"),
)  # fmt: skip
CHEST: Final = (
    "chest", "upper_chest", "upperChest", "chestUpper", "mixamorig:Spine2", "mixamorig_Spine2", "CC_Base_Spine02",
    "J_Bip_C_UpperChest", "J_Bip_C_Chest", "Bip01 Spine2", "Bip02 Spine2", "上半身2", "spine_05", "spine_03",
    "spine4", "spine01", "Spine2", "spine.003",
)  # fmt: skip
LEFT_EYE: Final = (
    "eye.L", "eye_L", "eye_left", "LeftEye", "lEye", "l_eye", "mixamorig:LeftEye", "CC_Base_L_Eye", "FACIAL_L_Eye",
    "J_Adj_L_FaceEye", "FaceEye_L", "Bip01 LEye", "左目", "目.L",
)  # fmt: skip
RIGHT_EYE: Final = (
    "eye.R", "eye_R", "eye_right", "RightEye", "rEye", "r_eye", "mixamorig:RightEye", "CC_Base_R_Eye", "FACIAL_R_Eye",
    "J_Adj_R_FaceEye", "FaceEye_R", "Bip01 REye", "右目", "目.R",
)  # fmt: skip
JAW: Final = (
    "jaw", "jaw_master", "lowerjaw", "lowerJaw", "mixamorig:Jaw", "CC_Base_JawRoot", "FACIAL_C_Jaw", "Bip01 MJaw",
)  # fmt: skip


def match_shapes(key_names: Iterable[str]) -> dict[str, int]:
    """Which of a mesh's shape keys are ARKit's: key name to column of ``Frames.shapes``.

    Apple's spelling in any case, with ``_L``/``_R`` or ``.L``/``.R`` for Left/Right; ``browInnerUp`` and
    ``cheekPuff`` may be split into sides, which then move together. A key that is spelled as Apple does takes its
    shape from those that are spelled otherwise.
    """
    found: dict[str, int] = {}
    for name in key_names:
        spelled = _SIDE.sub(lambda side: "left" if side[1] == "l" else "right", name.lower())
        whole = re.sub(r"(left|right)$", "", spelled)
        column = _SHAPE_BY_SPELLING.get(whole if whole in _SPLIT else spelled)
        if column is not None:
            found[name] = column
    exact = {column for name, column in found.items() if name == SHAPES[column]}
    return {name: column for name, column in found.items() if column not in exact or name == SHAPES[column]}


def match_bone(bone_names: Collection[str], wanted: Iterable[str]) -> str | None:
    """The first of the wanted names that there is, exactly or else in any case."""
    by_lower = {name.lower(): name for name in bone_names}
    for name in wanted:
        if name in bone_names:
            return name
        if name.lower() in by_lower:
            return by_lower[name.lower()]
    return None


def match_bones(bone_names: Collection[str], wanted: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The first of the wanted chains of which any bone is there, without those that are not."""
    for chain in wanted:
        found = [match_bone(bone_names, (name,)) for name in chain]
        if any(found):
            return tuple(name for name in found if name)
    return ()
