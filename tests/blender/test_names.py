"""The names that riggers and exporters give to shapes and bones are found."""

import json
from pathlib import Path

import pytest

from linly_blender.arkit import INDEX, SHAPES
from linly_blender.scene import names

RIG_NAMES = Path(__file__).resolve().parents[3] / "shared/reference/rig_names.json"


@pytest.mark.parametrize(
    "head",
    [
        "head", "Head", "mixamorig:Head", "mixamorig1:Head", "mixamorig_Head", "Anna:Head", "J_Bip_C_Head",
        "CC_Base_Head", "Bip01 Head", "Bip001 Head", "Bip001_Head", "spine.006", "DEF-spine.006", "c_head.x", "頭",
    ],
)  # fmt: skip
def test_a_head_is_found(head: str) -> None:
    others = ["neck", "HeadTop_End", "mixamorig:HeadTop_End", "headphones", "Bip001 HeadNub", "spine.005", "forehead"]
    assert names.match_bone([*others, head], names.HEAD) == head
    assert names.match_bone(others, names.HEAD) is None


def test_the_control_goes_before_the_bone_it_moves() -> None:
    assert names.match_bone({"DEF-spine.006", "ORG-spine.006", "head"}, names.HEAD) == "head"
    assert names.match_bone({"head.x", "c_head.x"}, names.HEAD) == "c_head.x"


@pytest.mark.skipif(not RIG_NAMES.exists(), reason="the rigs' names are not here (../shared/reference)")
def test_the_bones_of_known_rigs_are_found() -> None:
    for rig, bones in json.loads(RIG_NAMES.read_text(encoding="utf-8"))["bone_sets"].items():
        there = {name for part in ("neck", "chest") for name in bones[part]}
        there |= {bones[part] for part in ("head", "eye_left", "eye_right") if bones.get(part)}
        assert names.match_bone(there, names.HEAD) == bones["head"], rig
        assert list(names.match_bones(there, names.NECK)) == bones["neck"], rig
        assert names.match_bone(there, names.CHEST) == bones["chest"][0], rig
        eyes = (names.match_bone(there, names.LEFT_EYE), names.match_bone(there, names.RIGHT_EYE))
        assert eyes == (bones.get("eye_left"), bones.get("eye_right")), rig


@pytest.mark.parametrize("spell", ["{}", "blendShape1.{}", "!ex-{}", "Face_BS.{}"])
def test_shapes_are_found_in_every_spelling(spell: str) -> None:
    def other(name: str) -> list[str]:
        short = name.removesuffix("Left").removesuffix("Right")
        side = name[len(short) :]
        words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        return [name, name.upper(), words, *([f"{short}_{side[0]}", f"{short}.{side[0]}"] if side else [])]

    for column, name in enumerate(SHAPES):
        for spelled in map(spell.format, other(name)):
            assert names.match_shapes([spelled]) == {spelled: column}


def test_sides_of_one_shape_move_together_unless_it_is_there_itself() -> None:
    brow = INDEX["browInnerUp"]
    assert names.match_shapes(["browInnerUp_L", "browInnerUp_R"]) == {"browInnerUp_L": brow, "browInnerUp_R": brow}
    assert names.match_shapes(["browInnerUp_L", "browInnerUp"]) == {"browInnerUp": brow}
    assert not names.match_shapes(["jaw", "Open", "eyeBlink", "smile", "viseme_aa", "mouth"])
