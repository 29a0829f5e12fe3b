"""Heads, necks, jaws and eyes are found in skeletons of any names, and in those whose names say nothing."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.rig.skeleton import Bones, find_bones
from linly_blender.rig.tree import Bone, Vector, cross
from tests.engine.skeletons import body, bone

LAYOUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Rigify metarig": (
        "rigify_metarig",
        {"chest": ["spine.002", "spine.003"], "necks": ["spine.004", "spine.005"], "head": "spine.006"},
    ),
    "Mixamo": (
        "mixamo",
        {
            "chest": ["mixamorig:Spine1", "mixamorig:Spine2"],
            "necks": ["mixamorig:Neck"],
            "head": "mixamorig:Head",
            "head_end": "mixamorig:HeadTop_End",
            "jaw": None,
            "eyes": None,
        },
    ),
    "Mixamo, second": (
        "mixamo",
        {
            "chest": ["mixamorig1:Spine1", "mixamorig1:Spine2"],
            "necks": ["mixamorig1:Neck"],
            "head": "mixamorig1:Head",
            "jaw": None,
            "eyes": ("mixamorig1:LeftEye", "mixamorig1:RightEye"),
        },
    ),
    "Mixamo of Unity": (
        "mixamo",
        {
            "chest": ["mixamorig:Spine2"],
            "necks": ["mixamorig:Neck"],
            "head": "mixamorig:Head",
            "jaw": "mixamorig:Jaw",
            "eyes": ("mixamorig:LeftEye", "mixamorig:RightEye"),
        },
    ),
    "MPFB": ("mpfb", {"chest": ["spine03", "spine02", "spine01"], "necks": ["neck01", "neck02", "neck03"]}),
    "Unreal 4": (
        "unreal",
        {
            "chest": ["spine_02", "spine_03"],
            "necks": ["neck_01"],
            "jaw": None,
            "eyes": None,
            "extra": ["pelvis", "clavicle_l"],
        },
    ),
    "Unreal 5": (
        "unreal",
        {
            "chest": ["spine_04", "spine_05"],
            "necks": ["neck_01", "neck_02"],
            "jaw": None,
            "eyes": None,
            "extra": ["pelvis"],
        },
    ),
    "MetaHuman": (
        "metahuman",
        {
            "chest": ["spine_04", "spine_05"],
            "necks": ["neck_01", "neck_02"],
            "jaw": "FACIAL_C_Jaw",
            "eyes": ("FACIAL_L_Eye", "FACIAL_R_Eye"),
            "extra": ["FACIAL_C_FacialRoot"],
        },
    ),
    "Reallusion": (
        "reallusion",
        {
            "chest": ["CC_Base_Spine01", "CC_Base_Spine02"],
            "necks": ["CC_Base_NeckTwist01", "CC_Base_NeckTwist02"],
            "head": "CC_Base_Head",
            "jaw": "CC_Base_JawRoot",
            "eyes": ("CC_Base_L_Eye", "CC_Base_R_Eye"),
        },
    ),
    "Ready Player Me": (
        "ready_player_me",
        {
            "chest": ["Spine1", "Spine2"],
            "necks": ["Neck"],
            "head": "Head",
            "jaw": None,
            "eyes": ("LeftEye", "RightEye"),
        },
    ),
    "VRoid": (
        "vroid",
        {
            "chest": ["J_Bip_C_Chest", "J_Bip_C_UpperChest"],
            "necks": ["J_Bip_C_Neck"],
            "head": "J_Bip_C_Head",
            "jaw": None,
            "eyes": ("J_Adj_L_FaceEye", "J_Adj_R_FaceEye"),
        },
    ),
    "Genesis 8": (
        "daz_genesis8",
        {
            "chest": ["chestLower", "chestUpper"],
            "necks": ["neckLower", "neckUpper"],
            "jaw": "lowerJaw",
            "eyes": ("lEye", "rEye"),
        },
    ),
    "Genesis 9": (
        "daz_genesis9",
        {
            "chest": ["spine3", "spine4"],
            "necks": ["neck1", "neck2"],
            "jaw": "lowerjaw",
            "eyes": ("l_eye", "r_eye"),
            "lids": {"l_eyelidupper": 0.01, "r_eyelidupper": 0.01},
        },
    ),
    "Rocketbox": (
        "rocketbox",
        {
            "chest": ["Bip01 Spine1", "Bip01 Spine2"],
            "necks": ["Bip01 Neck"],
            "head": "Bip01 Head",
            "jaw": "Bip01 MJaw",
            "eyes": ("Bip01 LEye", "Bip01 REye"),
        },
    ),
    "MMD": (
        "mmd",
        {"chest": ["上半身", "上半身2"], "necks": ["首"], "head": "頭", "jaw": None, "eyes": ("左目", "右目")},
    ),
    "VRM": ("vrm", {"chest": ["chest", "upperChest"], "necks": ["neck"], "eyes": ("leftEye", "rightEye")}),
}
"""By what it is: our name of the convention and the names of its bones, the lowest first."""


def told(found: Bones) -> dict[str, Any]:
    return {
        "head": found.head and found.head.bone,
        "necks": [neck.bone for neck in found.necks],
        "chest": found.chest and found.chest.bone,
        "jaw": found.jaw and found.jaw.bone,
        "eyes": found.eyes and (found.eyes.left.bone, found.eyes.right.bone),
    }


def expected(names: dict[str, Any]) -> dict[str, Any]:
    return {
        "head": names.get("head", "head"),
        "necks": names.get("necks", ["neck"]),
        "chest": names.get("chest", ["chest"])[-1],
        "jaw": names.get("jaw", "jaw"),
        "eyes": names.get("eyes", ("eye.L", "eye.R")),
    }


def renamed(bones: list[Bone], names: dict[str, str]) -> list[Bone]:
    return [replace(b, name=names[b.name], parent=names[b.parent] if b.parent else None) for b in bones]


def nameless(bones: list[Bone]) -> tuple[list[Bone], dict[str, str]]:
    names = {b.name: f"Bone.{number:03}" for number, b in enumerate(bones)}
    return renamed(bones, names), names


@pytest.mark.parametrize("which", LAYOUTS)
def test_conventions(which: str) -> None:
    layout, names = LAYOUTS[which]
    found = find_bones(body(**names))
    assert found.layout == layout
    assert told(found) == expected(names)
    assert found.head
    assert found.head.confidence >= 0.9
    assert not found.notes


@pytest.mark.parametrize("which", LAYOUTS)
@pytest.mark.parametrize("prefix", ["Hero:", "npc_07_", "Armature|"])
def test_conventions_behind_prefixes(which: str, prefix: str) -> None:
    _, names = LAYOUTS[which]
    bones = body(**names)
    found = find_bones(renamed(bones, {b.name: prefix + b.name for b in bones}))
    wanted = expected(names)
    assert found.head
    assert found.head.bone == prefix + wanted["head"]
    assert [neck.bone for neck in found.necks] == [prefix + name for name in wanted["necks"]]
    if wanted["eyes"]:
        assert found.eyes
        assert (found.eyes.left.bone, found.eyes.right.bone) == tuple(prefix + name for name in wanted["eyes"])


@pytest.mark.parametrize("target", ["eyes", "eye_common"])
def test_rigify_looks_at_targets(target: str) -> None:
    marks = ["master_eye.L", "lips.L"] if target == "eyes" else ["eye_master.L", "lip_end.L.001"]
    lids = {f"lid.{row}.{side}.002": 0.01 for row in "TB" for side in "LR"}
    parts = {"jaw": "jaw_master", "eyes": None, "targets": ("eye.L", "eye.R"), "target": target, "extra": marks}
    found = find_bones(body(**parts, lids=lids))  # type: ignore[arg-type]
    assert found.layout == ("rigify" if target == "eyes" else "rigify_upgraded")
    assert found.eyes is None
    assert found.eye_targets
    assert (found.eye_targets.left.bone, found.eye_targets.right.bone) == ("eye.L", "eye.R")
    assert found.eye_target
    assert found.eye_target.bone == target
    assert found.lids_upper
    assert found.lids_lower
    assert (found.lids_upper.left.bone, found.lids_lower.right.bone) == ("lid.T.L.002", "lid.B.R.002")


@pytest.mark.parametrize(
    "names",
    [
        {"head": "Kopf", "necks": ["Hals"], "chest": ["Brust"], "jaw": "Kiefer", "eyes": ("Auge_L", "Auge_R")},
        {"head": "头部", "necks": ["脖子"], "chest": ["胸"], "jaw": "下巴", "eyes": ("左眼", "右眼")},
        {"head": "a_head", "necks": ["a_neck"], "chest": ["a_chest"], "jaw": "a_jaw", "eyes": ("a_eye_l", "a_eye_r")},
    ],
)  # fmt: skip
def test_words_of_some_languages(names: dict[str, Any]) -> None:
    found = find_bones(body(**names, lids={"lid_upper.L": 0.01, "lid_upper.R": 0.01, "eyebrow.L": 0.03}))
    assert told(found) == expected(names)
    assert found.lids_upper
    assert found.lids_upper.left.bone == "lid_upper.L"


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("necks", [1, 2])
def test_nameless_bones_are_found_by_shape(scale: float, necks: int) -> None:
    bones, names = nameless(body(chest=("low", "high"), necks=[f"n{k}" for k in range(necks)], scale=scale))
    found = find_bones(bones)
    assert told(found) == {
        "head": names["head"],
        "necks": [names[f"n{k}"] for k in range(necks)],
        "chest": names["high"],
        "jaw": names["jaw"],
        "eyes": (names["eye.L"], names["eye.R"]),
    }
    assert found.layout is None
    assert found.head
    assert found.eyes
    assert max(found.head.confidence, found.eyes.left.confidence) <= 0.5
    assert found.head.reason


def test_a_bone_that_ends_the_head_is_not_the_head() -> None:
    bones, names = nameless(body(jaw=None, eyes=None, head_end="tip"))
    found = find_bones(bones)
    assert found.head
    assert found.head.bone == names["head"]
    assert [neck.bone for neck in found.necks] == [names["neck"]]


def test_other_directions_are_told_by_the_caller() -> None:
    """The same character with Y up and its face to Z, as many tools write it."""

    def turned(place: Vector) -> Vector:
        return (place[0], place[2], -place[1])

    bones, names = nameless(body())
    bones = [replace(b, head=turned(b.head), tail=turned(b.tail)) for b in bones]
    found = find_bones(bones, up=(0, 1, 0), front=(0, 0, 1))
    assert found.head
    assert found.eyes
    assert found.head.bone == names["head"]
    assert found.eyes.left.bone == names["eye.L"]


@given(st.floats(-math.pi, math.pi), st.floats(-1.2, 1.2), st.floats(-1.2, 1.2))
@settings(deadline=None)
def test_the_jaw_opens_about_its_axis(roll: float, pitch: float, yaw: float) -> None:
    """Whatever the bone's own axes: to turn it about the axis moves the chin down."""

    def turn(v: Vector, axis: Vector, angle: float) -> Vector:
        c, s = math.cos(angle), math.sin(angle)
        k = sum(a * b for a, b in zip(axis, v, strict=True))
        w = cross(axis, v)
        return tuple(v[i] * c + w[i] * s + axis[i] * k * (1 - c) for i in range(3))  # type: ignore[return-value]

    axes = tuple(
        turn(turn(turn(axis, (0, 1, 0), roll), (1, 0, 0), pitch), (0, 0, 1), yaw)
        for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    )
    bones = [replace(b, axes=axes) if b.name == "jaw" else b for b in body()]  # type: ignore[arg-type]
    found = find_bones(bones)
    assert found.jaw_axis
    world = tuple(sum(found.jaw_axis[n] * axes[n][i] for n in range(3)) for i in range(3))
    jaw = next(b for b in bones if b.name == "jaw")
    chin: Vector = tuple(t - h for t, h in zip(jaw.tail, jaw.head, strict=True))  # type: ignore[assignment]
    assert turn(chin, world, 0.3)[2] < chin[2] - 0.01  # type: ignore[arg-type]


def test_mirrored_eyes_are_told() -> None:
    found = find_bones(body(eyes=("eye.R", "eye.L")))
    assert any("mirrored" in note for note in found.notes)
    assert not find_bones(body()).notes


def test_a_bust_has_a_head() -> None:
    """A neck, a head and its face, with names that say nothing and nothing below."""
    kept = {"neck", "head", "jaw", "eye.L", "eye.R"}
    bones = [replace(b, parent=b.parent if b.parent in kept else None) for b in body() if b.name in kept]
    bones, names = nameless(bones)
    found = find_bones(bones)
    assert told(found) | {"chest": None} == {
        "head": names["head"], "necks": [names["neck"]], "chest": None, "jaw": names["jaw"],
        "eyes": (names["eye.L"], names["eye.R"]),
    }  # fmt: skip


def test_a_root_with_pairs_of_its_own_is_no_head() -> None:
    """Controls beside the feet, and a spine that its arms do not hang from, as deforming bones often are."""
    bones = [replace(b, parent="root") if b.name.startswith("a1") else b for b in body(jaw=None, eyes=None)]
    bones += [bone(f"pole{x}", "root", (x, -0.5, 0.5), (x, -0.6, 0.5)) for x in (0.1, -0.1)]
    bones, names = nameless(bones)
    found = find_bones(bones)
    assert found.head
    assert found.head.bone == names["head"]
    assert found.head.confidence < 0.5
    assert found.eyes is None


def test_the_summary_says_what_there_is() -> None:
    assert find_bones(body()).summary == "head, neck, chest, jaw, 2 eyes (VRM humanoid)"
    assert find_bones(body(jaw=None, eyes=None, necks=["neck_01", "neck_02"])).summary.startswith(
        "head, 2 necks, chest ("
    )
    aimed = find_bones(body(eyes=None, targets=("eye_target.L", "eye_target.R")))
    assert aimed.summary == "head, neck, chest, jaw, what the eyes look at (VRM humanoid)"
    assert find_bones([]).summary == "no head (own names)"


def test_two_heads_are_told() -> None:
    second = bone("Head_b", "root", (0, 0.3, 1.2), (0, 0.3, 1.4))
    found = find_bones([*body(head="Head_a", necks=["throat"], chest=["ribs"], jaw=None, eyes=None), second])
    assert found.head
    assert found.head.bone == "Head_a"
    assert any("several heads" in note for note in found.notes)


def test_what_was_chosen_goes_before_what_is_found() -> None:
    bones = body(**LAYOUTS["Mixamo, second"][1])
    found = find_bones(bones)
    head, neck, (left, right) = found.head, found.necks[0], ("mixamorig1:LeftEye", "mixamorig1:RightEye")
    assert head is not None
    chosen = find_bones(bones, chosen={"eye_left": right, "eye_right": left, "jaw": left, "chest": "mixamorig1:Spine1"})
    assert chosen.eyes is not None
    assert (chosen.eyes.left.bone, chosen.eyes.right.bone) == (right, left)
    assert chosen.jaw is not None
    assert chosen.jaw.bone == left
    assert chosen.jaw_axis is not None
    assert chosen.chest is not None
    assert chosen.chest.bone == "mixamorig1:Spine1"
    assert chosen.necks == found.necks
    lower = find_bones(bones, chosen={"head": neck.bone, "eye_target": head.bone})
    assert lower.head is not None
    assert lower.head.bone == neck.bone
    assert neck.bone not in [each.bone for each in lower.necks]
    assert lower.eye_target is not None
    assert lower.eye_targets is None
    assert lower.eye_target.bone == head.bone
    odd = find_bones(bones, chosen={"head": "Skull", "neck": left})
    assert odd.head == found.head
    assert odd.necks == found.necks
    assert any("'Skull'" in note or "Skull" in note for note in odd.notes)
    assert any("does not carry" in note for note in odd.notes)


def test_one_eye_can_be_chosen_and_no_bone_is_both() -> None:
    bones = [*body(), bone("ctl", "head", (0.04, -0.1, 1.6), (0.04, -0.15, 1.6))]

    def eyes(**chosen: str) -> tuple[tuple[str, str], bool]:
        found = find_bones(bones, chosen=chosen)  # type: ignore[arg-type]
        assert found.eyes is not None
        return (found.eyes.left.bone, found.eyes.right.bone), any("cannot be both eyes" in n for n in found.notes)

    assert eyes(eye_left="ctl") == (("ctl", "eye.R"), False)
    assert eyes(eye_right="ctl") == (("eye.L", "ctl"), False)
    assert eyes(eye_left="eye.R") == (("eye.L", "eye.R"), True)
    assert eyes(eye_left="ctl", eye_right="ctl") == (("eye.L", "eye.R"), True)
    blind = find_bones([b for b in bones if not b.name.startswith("eye")], chosen={"eye_left": "ctl"})
    assert blind.eyes is None
    assert any("'ctl' was chosen for one eye" in note for note in blind.notes)


def test_what_is_no_character_has_no_head() -> None:
    for bones in ([], [bone("lever", None, (0, 0, 0), (0, 0, 0))], [bone("a", "a", (0, 0, 0), (1, 0, 0))]):
        assert find_bones(bones).notes


def test_cycles_and_bones_without_place_are_told() -> None:
    bones = [replace(b, parent="head" if b.name == "chest" else b.parent) for b in body()]
    odd = bone("odd", "head", (math.nan, 0, 0), (0, 0, 0))
    found = find_bones([*bones, odd, odd])
    assert any("ancestor" in note for note in found.notes)
    assert any("odd" in note for note in found.notes)
    assert found.head


places = st.tuples(*[st.sampled_from([-1.0, -0.5, 0.0, 0.0, 0.02, 0.5, 1.0, 1.8, math.inf])] * 3)
some_names = st.sampled_from(
    ["head", "neck", "Bone", "Bone.001", "eye.L", "eye.R", "jaw", "頭", "", "DEF-head", "spine"]
)


@given(st.lists(st.builds(bone, some_names, st.none() | some_names, places, places), max_size=14))
@settings(deadline=None)
def test_any_skeleton_is_taken(bones: list[Bone]) -> None:
    found = find_bones(bones)
    there = {b.name for b in bones}
    pairs = (found.eyes, found.eye_targets, found.lids_upper, found.lids_lower)
    single = (found.head, found.chest, found.jaw, found.eye_target, *found.necks)
    every = [one for one in single if one] + [one for pair in pairs if pair for one in (pair.left, pair.right)]
    assert all(one.bone in there and 0 < one.confidence <= 1 for one in every)
