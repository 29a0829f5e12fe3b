"""Characters of many makes are found without help, and their faces do what the line says: measured on the mesh.

All have the demo avatar's geometry. Their shape keys are its shapes under other names, or mixes of them; their bones
are its bones under other names.
"""

import functools
import math
import re
import runpy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from linly_blender import rotation
from linly_blender.arkit import INDEX, SHAPES
from linly_blender.avatar import AvatarMesh, build
from linly_blender.live.frame import Frame
from linly_blender.perform import perform
from linly_blender.performance import Performance
from linly_blender.resample import Resampled, resample
from linly_blender.scene.avatar import build_avatar
from linly_blender.scene.bake import BakeOptions, bake, frame_rate
from linly_blender.scene.character import Character, find_character
from linly_blender.scene.live import Preview
from linly_blender.scene.retarget import Tolerances, retarget

ICT_HEAD = Path(__file__).resolve().parents[3] / "shared/rigs/ict_facekit/build.py"
MM = 0.001
LINE = "Papa, mama, Bob! The palm is far, far apart from the barn. My mum will buy a big blue bottle."
SIDES = {"Left": "_L", "Right": "_R"}
Mixes = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Make:
    """How a character is made from the demo avatar."""

    keys: Mixes
    """By the name of each shape key, what it is mixed of."""
    convention: str | None
    bones: dict[str, str] = field(default_factory=dict)
    """New names by the avatar's."""
    opens: float = 8.0
    """How far the lips part on an open vowel at least, in mm."""
    closed: float = 0.3
    """How far they are apart on p, b and m at most, in mm; visemes that are rounded hold them open."""
    blinks: bool = True
    has_jaw: bool = False
    """Its jaw's bone carries the lower face."""


def plain(spell: Callable[[str], str]) -> Mixes:
    return {spell(name): {name: 1.0} for name in SHAPES}


def short(name: str) -> str:
    for side, mark in SIDES.items():
        if name.endswith(side):
            return name.removesuffix(side) + mark
    return name


def both(name: str, weight: float = 1.0) -> dict[str, float]:
    return {f"{name}Left": weight, f"{name}Right": weight}


AA = {"jawOpen": 0.6}
IH = {"jawOpen": 0.15, **both("mouthStretch", 0.5), **both("mouthSmile", 0.2)}
OU = {"jawOpen": 0.1, "mouthPucker": 0.9}
EE = {"jawOpen": 0.25, **both("mouthSmile", 0.3), **both("mouthLowerDown", 0.2)}
OH = {"jawOpen": 0.35, "mouthFunnel": 0.6}
BLINK = both("eyeBlink")
LOOKS = {
    "lookUp": both("eyeLookUp"),
    "lookDown": both("eyeLookDown"),
    "lookLeft": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "lookRight": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
}
VISEMES: Mixes = {
    "sil": {},
    "PP": {**both("mouthPress", 0.6)},
    "FF": {"mouthRollLower": 0.5, "mouthShrugUpper": 0.2},
    "TH": {"jawOpen": 0.15, "tongueOut": 0.4},
    "DD": {"jawOpen": 0.15},
    "kk": {"jawOpen": 0.2},
    "CH": {"jawOpen": 0.1, "mouthFunnel": 0.5},
    "SS": {"jawOpen": 0.05, **both("mouthStretch", 0.3)},
    "nn": {"jawOpen": 0.15},
    "RR": {"jawOpen": 0.15, "mouthFunnel": 0.3},
    "aa": AA,
    "E": EE,
    "I": IH,
    "O": OH,
    "U": OU,
}

ZOO = {
    "ARKit with short sides": Make(plain(short), "arkit"),
    "ARKit behind a prefix, Mixamo's bones": Make(
        plain(lambda name: f"head_geo.{name[0].upper()}{name[1:]}"),
        "arkit",
        {
            "chest": "mixamorig:Spine2",
            "neck": "mixamorig:Neck",
            "head": "mixamorig:Head",
            "jaw": "mixamorig:Jaw",
            "eye.L": "mixamorig:LeftEye",
            "eye.R": "mixamorig:RightEye",
        },
    ),
    "VRM 1": Make(
        {
            "aa": AA,
            "ih": IH,
            "ou": OU,
            "ee": EE,
            "oh": OH,
            "blink": BLINK,
            **{f"blink{side}": {f"eyeBlink{side}": 1.0} for side in SIDES},
            **LOOKS,
            "happy": both("mouthSmile"),
            "angry": both("browDown"),
            "neutral": {},
        },
        "vrm1",
        closed=2.5,
        bones={
            "chest": "J_Bip_C_UpperChest",
            "neck": "J_Bip_C_Neck",
            "head": "J_Bip_C_Head",
            "jaw": "J_Sec_Hair",
            "eye.L": "J_Adj_L_FaceEye",
            "eye.R": "J_Adj_R_FaceEye",
        },
    ),
    "Oculus visemes only": Make(
        {f"viseme_{name}": mix for name, mix in VISEMES.items()}, "oculus", closed=2.5, blinks=False
    ),
    "MMD": Make(
        {
            "あ": AA,
            "い": IH,
            "う": OU,
            "え": EE,
            "お": OH,
            "まばたき": BLINK,
            "笑い": both("cheekSquint"),
            "ウィンク２": {"eyeBlinkLeft": 1.0},
            "ｳｨﾝｸ２右": {"eyeBlinkRight": 1.0},
            "にこり": both("mouthSmile"),
        },
        "mmd",
        {"chest": "上半身2", "neck": "首", "head": "頭", "jaw": "舌", "eye.L": "左目", "eye.R": "右目"},
        closed=2.5,
    ),
    "a jaw bone and a blink": Make(
        {"Blink": BLINK},
        None,
        {"chest": "Brust", "neck": "Hals", "head": "Kopf", "jaw": "Kiefer", "eye.L": "Auge_L", "eye.R": "Auge_R"},
        has_jaw=True,
    ),
    "Rigify's metarig in plain words": Make(
        {
            "Mouth Open": {"jawOpen": 1.0},
            "Kiss": {"mouthPucker": 1.0},
            "Close Mouth": {"mouthClose": 1.0},
            **{f"Blink.{side[0]}": {f"eyeBlink{side}": 1.0} for side in SIDES},
            **{f"Smile.{side[0]}": {f"mouthSmile{side}": 1.0} for side in SIDES},
        },
        None,
        {"chest": "spine.003", "neck": "spine.004", "head": "spine.006"},
    ),
}


@functools.cache
def avatar() -> AvatarMesh:
    return build()


@functools.cache
def take() -> Performance:
    return perform(LINE, seed=3)


def make_one(scene: bpy.types.Scene, make: Make) -> tuple[bpy.types.Object, bpy.types.Object]:
    """Mesh and armature."""
    mesh, rig = build_avatar(scene)
    set_keys(mesh, make.keys)
    if make.has_jaw:
        hang_on_the_jaw(mesh, rig)
    for old, new in make.bones.items():
        rig.data.bones[old].name = new
    bpy.context.view_layer.update()
    return mesh, rig


def set_keys(mesh: bpy.types.Object, keys: Mixes) -> None:
    mesh.shape_key_clear()
    mesh.shape_key_add(name="Basis", from_mix=False)
    for name, mix in keys.items():
        offset = sum((avatar().shapes[shape] * weight for shape, weight in mix.items()), np.zeros(1))
        key = mesh.shape_key_add(name=name, from_mix=False)
        key.data.foreach_set("co", (avatar().vertices + offset).astype(np.float32).ravel())
        key.value = 0.0


def hang_on_the_jaw(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
    """Have the jaw's bone carry what ``jawOpen`` moves; it is given a roll of its own."""
    moved = np.linalg.norm(avatar().shapes["jawOpen"], axis=1)
    share = np.clip(moved / np.quantile(moved[moved > 1e-6], 0.7), 0.0, 1.0)
    for vertex in np.flatnonzero(share > 0.01).tolist():
        for group in mesh.vertex_groups:
            weight = float(share[vertex]) if group.name == "jaw" else 0.0
            if group.name == "head":
                weight = 1.0 - float(share[vertex])
            group.add([vertex], weight, "REPLACE")
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    rig.data.edit_bones["jaw"].roll = 2.0
    bpy.ops.object.mode_set(mode="OBJECT")


def shown(mesh: bpy.types.Object) -> np.ndarray:
    """Where the vertices are, with keys and bones."""
    evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    places = np.empty(3 * len(evaluated.data.vertices), np.float32)
    evaluated.data.vertices.foreach_get("co", places)
    return places.reshape(-1, 3)


def gap(points: np.ndarray, upper: str, lower: str) -> float:
    """Greatest distance between paired points, in mm."""
    marks = avatar().landmarks
    return float(np.linalg.norm(points[marks[upper]] - points[marks[lower]], axis=1).max() / MM)


def lips(points: np.ndarray) -> float:
    return gap(points, "inner_lip_upper", "inner_lip_lower")


def lids(points: np.ndarray) -> float:
    sides = {name.removeprefix("lid_upper_") for name in avatar().landmarks if name.startswith("lid_upper_")}
    return max(gap(points, f"lid_upper_{side}", f"lid_lower_{side}") for side in sides)


def opened(resampled: Resampled) -> int:
    """The frame on which the mouth is widest open."""
    shapes = resampled.frames.shapes
    return int((shapes[:, INDEX["jawOpen"]] - shapes[:, INDEX["mouthClose"]]).argmax())


@pytest.fixture(params=ZOO, ids=list(ZOO))
def make(request: Any) -> Make:
    return ZOO[request.param]


def test_is_found_and_performs_the_line(scene: bpy.types.Scene, make: Make) -> None:
    mesh, rig = make_one(scene, make)
    character = find_character(mesh)
    assert character == find_character(rig)
    check_found(character, make)
    report = bake(scene, character, take(), BakeOptions(sound=False))
    assert not report.problems
    resampled = resample(take().frames, frame_rate(scene), take().speech.phones)
    rest = lids(avatar().vertices)

    assert len(resampled.closures) > 8
    for frame in resampled.closures.tolist():
        scene.frame_set(report.first_frame + frame)
        assert lips(shown(mesh)) < make.closed, f"the lips meet on frame {frame}"
    scene.frame_set(report.first_frame + opened(resampled))
    assert lips(shown(mesh)) > make.opens
    blink = resampled.frames.shapes[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]].min(axis=1)
    assert blink.max() > 0.9, "the line has a blink"
    scene.frame_set(report.first_frame + int(blink.argmax()))
    if make.blinks:
        assert lids(shown(mesh)) < 0.15 * rest
    head = rotation.angle_between(head_turn(rig, character), rotation.head_quaternion(at_blink(resampled, blink)))
    assert math.degrees(float(head)) < 0.1


def at_blink(resampled: Resampled, blink: np.ndarray) -> np.ndarray:
    return np.asarray(resampled.frames.head[int(blink.argmax()), 3:], float)


def head_turn(rig: bpy.types.Object, character: Character) -> np.ndarray:
    """What the head has turned by since rest, in the armature's axes."""
    evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    posed = rotation.from_matrix(np.array(evaluated.pose.bones[character.head].matrix.to_3x3().normalized()))
    rest = rotation.from_matrix(np.array(rig.data.bones[character.head].matrix_local.to_3x3().normalized()))
    return rotation.multiply(posed, rotation.inverse(rest))


def check_found(character: Character, make: Make) -> None:
    def named(bone: str) -> str:
        return make.bones.get(bone, bone)

    assert character.found.convention == make.convention
    assert character.head == named("head")
    assert character.necks == (named("neck"),)
    assert character.chest == named("chest")
    assert character.jaw == (named("jaw") if make.has_jaw else None)
    assert character.found.can_speak


def test_live_shows_the_same(scene: bpy.types.Scene, make: Make) -> None:
    mesh, _ = make_one(scene, make)
    preview = Preview(mesh.name, 1.0)
    frames = resample(take().frames, frame_rate(scene), take().speech.phones)

    def write(frame: int) -> float:
        parts = (frames.frames.shapes, frames.frames.head, frames.frames.gaze)
        preview.write(Frame(0.0, *(part[frame] for part in parts), float(frames.frames.breath[frame])))
        bpy.context.view_layer.update()
        return lips(shown(mesh))

    assert write(opened(frames)) > make.opens
    assert max(map(write, frames.closures.tolist())) < make.closed


@pytest.mark.parametrize("which", ["the demo avatar", "ICT-FaceKit"])
def test_a_face_of_arkits_shapes_is_given_every_curve_as_it_is(scene: bpy.types.Scene, which: str) -> None:
    if which == "the demo avatar":
        mesh, _ = build_avatar(scene)
    elif ICT_HEAD.exists():
        mesh, _ = runpy.run_path(str(ICT_HEAD))["build"]()
    else:
        pytest.skip("the ICT-FaceKit head is not here (../shared/rigs)")
    frames = resample(take().frames, 24.0).frames
    retargeted = retarget(find_character(mesh), frames, Tolerances(0.002, 0.001, 0.0002), 1.0)
    written = {channels.data_path.split('"')[1]: channels.values for channels in retargeted.faces[mesh.name]}
    expected = {}
    for name in [block.name for block in mesh.data.shape_keys.key_blocks]:
        told = re.sub("_([LR])$", lambda side: "Left" if side[1] == "L" else "Right", name)
        channel = next((c for c in (told, re.sub("(Left|Right)$", "", told)) if c in SHAPES), None)
        if channel is not None:
            expected[name] = frames.shapes[:, INDEX[channel]]
    assert list(written) == list(expected)
    assert len(written) == {"the demo avatar": 52, "ICT-FaceKit": 53}[which]
    for name, curve in expected.items():
        assert np.array_equal(written[name][:, 0], curve), name


def hung_at_a_root(scene: bpy.types.Scene, name: str) -> tuple[bpy.types.Object, bpy.types.Object, bpy.types.Object]:
    """Mesh, armature and teeth as an importer leaves them: all at an empty, along Y, the teeth without an armature."""
    mesh, rig = build_avatar(scene, name=name)
    mesh.matrix_parent_inverse.identity()
    lie = Matrix.Rotation(-math.pi / 2, 4, "X")
    mesh.data.transform(lie, shape_keys=True)
    rig.data.transform(lie)
    root = bpy.data.objects.new(f"{name} Root", None)
    data = bpy.data.meshes.new(f"{name} Teeth")
    data.from_pydata([(0, 0, 0)], [], [])
    teeth = bpy.data.objects.new(f"{name} Teeth", data)
    for obj in (root, teeth):
        scene.collection.objects.link(obj)
    for key in ("Basis", "jawOpen", "Wart"):
        teeth.shape_key_add(name=key, from_mix=False).value = 0.0
    root.rotation_euler = (math.pi / 2, 0, 0)
    for obj in (mesh, rig, teeth):
        obj.parent = root
    bpy.context.view_layer.update()
    return mesh, rig, teeth


def test_what_hangs_at_one_root_and_lies_along_y_is_one_character(scene: bpy.types.Scene) -> None:
    mesh, rig, teeth = hung_at_a_root(scene, "One")
    character = find_character(teeth)
    assert character == find_character(mesh) == find_character(rig)
    assert [(face.object_name, len(face.keys)) for face in character.faces] == [(mesh.name, 52), (teeth.name, 1)]
    report = bake(scene, character, take(), BakeOptions(sound=False))
    assert not report.problems
    resampled = resample(take().frames, frame_rate(scene), take().speech.phones)
    scene.frame_set(report.first_frame + opened(resampled))
    assert lips(shown(mesh)) > 8
    keys = [obj.data.shape_keys.key_blocks["jawOpen"].value for obj in (mesh, teeth)]
    assert keys[0] == keys[1] > 0.3
    turn = rotation.head_quaternion(np.asarray(resampled.frames.head[opened(resampled), 3:], float))
    lie = rotation.from_matrix(np.array(Matrix.Rotation(-math.pi / 2, 3, "X")))
    wanted = rotation.multiply(rotation.multiply(lie, turn), rotation.inverse(lie))
    assert math.degrees(float(rotation.angle_between(head_turn(rig, character), wanted))) < 0.1


def test_of_two_characters_at_one_root_neither_takes_the_loose_parts(scene: bpy.types.Scene) -> None:
    mesh, _, teeth = hung_at_a_root(scene, "One")
    other, _, _ = hung_at_a_root(scene, "Two")
    bpy.data.objects["Two Root"].parent = bpy.data.objects["One Root"]
    assert [face.object_name for face in find_character(mesh).faces] == [mesh.name]
    assert [face.object_name for face in find_character(other).faces] == [other.name]
    assert [face.object_name for face in find_character(teeth).faces] == [teeth.name]


def test_a_key_is_driven_as_far_as_its_slider_goes(scene: bpy.types.Scene, make_mesh: Any, make_take: Any) -> None:
    mesh = make_mesh("Face", tuple(f"viseme_{name}" for name in VISEMES))
    wide, ended = (mesh.data.shape_keys.key_blocks[f"viseme_{name}"] for name in ("aa", "O"))
    wide.slider_max, ended.slider_max = 2.0, 0.5
    frames = make_take()
    frames.frames.shapes[:] = 0
    frames.frames.shapes[:, [INDEX["jawOpen"], INDEX["mouthFunnel"]]] = (1.0, 0.6)
    bake(scene, find_character(mesh), frames, BakeOptions(sound=False))
    scene.frame_set(10)
    assert wide.value == pytest.approx(1 / 0.6 - 0.35 * 0.6, abs=0.003)
    assert ended.value == pytest.approx(0.5, abs=0.003)


def test_a_key_that_goes_both_ways_is_driven_both_ways(scene: bpy.types.Scene, make_mesh: Any, make_take: Any) -> None:
    mesh = make_mesh("Face", ("facs_jnt_JawOpen", "facs_ctrl_BlinkLeft", "facs_ctrl_JawLeft-Right"))
    key = mesh.data.shape_keys.key_blocks["facs_ctrl_JawLeft-Right"]
    key.slider_min = -1.0
    frames = make_take()
    frames.frames.shapes[:] = 0
    frames.frames.shapes[:, INDEX["jawRight"]] = 0.4
    bake(scene, find_character(mesh), frames, BakeOptions(sound=False))
    scene.frame_set(10)
    assert key.value == pytest.approx(-0.4, abs=0.003)


def test_a_jaw_s_bone_that_is_locked_is_left_alone_and_told(scene: bpy.types.Scene) -> None:
    mesh, rig = make_one(scene, ZOO["a jaw bone and a blink"])
    rig.pose.bones["Kiefer"].lock_rotation[0] = True
    report = bake(scene, find_character(mesh), take(), BakeOptions(sound=False))
    assert any("is locked" in note and "'Kiefer'" in note for note in report.notes)
    curves = rig.animation_data.nla_tracks[0].strips[0].action.layers[0].strips[0].channelbags[0].fcurves
    assert not any("Kiefer" in curve.data_path for curve in curves)
