"""Rigify's own generated human, with either of its faces, shows every channel: measured on the bones that deform."""

import functools
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Quaternion, Vector

from linly_blender import rotation
from linly_blender.arkit import INDEX, SHAPES
from linly_blender.live.frame import Frame
from linly_blender.perform import perform
from linly_blender.performance import Performance
from linly_blender.resample import resample
from linly_blender.rig.bone_faces import own_poses
from linly_blender.rig.mapping import POSES
from linly_blender.rig.poses import Pose
from linly_blender.rig.rigify.controls import find_face
from linly_blender.rig.rigify.movements import MOUTH, MOUTH_SIDES
from linly_blender.rig.skeleton import find_bones
from linly_blender.rig.tree import Bone
from linly_blender.scene.bake import BakeOptions, bake, frame_rate
from linly_blender.scene.character import find_character
from linly_blender.scene.live import Preview

MAKER = Path(__file__).with_name("make_rigify.py")
FACES = ("Constants", "Chains")
UP, FRONT = (0.0, 0.0, 1.0), (0.0, -1.0, 0.0)
LIP_PAIRS = (
    ("DEF-lip.T.L", "DEF-lip.B.L"),
    ("DEF-lip.T.L.001", "DEF-lip.B.L.001"),
    ("DEF-lip.T.R.001", "DEF-lip.B.R.001"),
)
LID_PAIRS = (("001", "003"), ("002", "002"), ("003", "001"))
Places = dict[str, np.ndarray]


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with both faces."""
    path = tmp_path_factory.mktemp("rigify") / "rigify.blend"
    subprocess.run([sys.executable, str(MAKER), str(path)], check=True, timeout=300, capture_output=True)
    return path


@pytest.fixture(params=FACES)
def rig(scene: bpy.types.Scene, file: Path, request: Any) -> bpy.types.Object:
    with bpy.data.libraries.load(str(file)) as (_, wanted):
        wanted.objects = [request.param]
    scene.collection.objects.link(wanted.objects[0])
    bpy.context.view_layer.update()
    return wanted.objects[0]


def described(rig: bpy.types.Object) -> list[Bone]:
    bones = []
    for bone in rig.data.bones:
        x, y, z = (tuple(axis) for axis in bone.matrix_local.to_3x3().transposed())
        parent = bone.parent.name if bone.parent else None
        bones.append(Bone(bone.name, parent, tuple(bone.head_local), tuple(bone.tail_local), (x, y, z)))
    return bones


def poses_of(rig: bpy.types.Object) -> dict[str, Pose]:
    rest = described(rig)
    return own_poses(find_bones(rest), rest, UP, FRONT)


def pose(rig: bpy.types.Object, poses: dict[str, Pose], **values: float) -> Places:
    """Where the heads of all bones are with channels at these values, in the armature's axes."""
    turns: dict[str, Vector] = {}
    for bone in rig.pose.bones:
        bone.matrix_basis = Matrix.Identity(4)
    for channel, value in values.items():
        for move in poses[channel].moves:
            rig.pose.bones[move.bone].location += value * Vector(move.shift)
            turns[move.bone] = turns.get(move.bone, Vector()) + value * Vector(move.turn)
    for name, turn in turns.items():
        assert rig.pose.bones[name].rotation_mode == "QUATERNION"
        rig.pose.bones[name].rotation_quaternion = Quaternion(turn.normalized(), turn.length)
    bpy.context.view_layer.update()
    return places(rig)


def places(rig: bpy.types.Object) -> Places:
    evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return {bone.name: np.array(bone.head) for bone in evaluated.pose.bones}


def half_mouth(rest: Places) -> float:
    """Half of the mouth's width."""
    return float(np.linalg.norm(rest["DEF-cheek.B.L"] - rest["DEF-cheek.B.R"]) / 2)


def lid_gaps(rig: bpy.types.Object, at: Places, side: str) -> np.ndarray:
    """How far the lids are apart at three places, seen from the centre of the eye, radians."""
    rest = rig.data.bones[f"ORG-eye.{side}"].head_local
    centre = np.array(rest)
    gaps = []
    for upper, lower in LID_PAIRS:
        one, other = (at[f"DEF-lid.{row}.{side}.{n}"] - centre for row, n in (("T", upper), ("B", lower)))
        gaps.append(math.atan2(one[2], -one[1]) - math.atan2(other[2], -other[1]))
    return np.array(gaps)


def test_all_channels_but_the_looks_are_shown(rig: bpy.types.Object) -> None:
    assert set(poses_of(rig)) == {channel for channel in SHAPES if "Look" not in channel}


MOVES = {
    "jawOpen": ("DEF-chin", (0, 0, -0.5)),
    "jawForward": ("DEF-chin", (0, 0.2, 0)),
    "jawLeft": ("DEF-chin", (0.2, 0, 0)),
    "jawRight": ("DEF-chin", (-0.2, 0, 0)),
    "mouthFunnel": ("DEF-lip.B.L", (0, 0.25, -0.1)),
    "mouthPucker": ("DEF-lip.T.L", (0, 0.25, 0)),
    "mouthLeft": ("DEF-lip.T.L", (0.25, 0, 0)),
    "mouthRight": ("DEF-lip.B.L", (-0.25, 0, 0)),
    "mouthSmile": ("DEF-cheek.B.L", (0.15, 0, 0.25)),
    "mouthFrown": ("DEF-cheek.B.L", (0, 0, -0.2)),
    "mouthDimple": ("DEF-cheek.B.L", (0.05, -0.15, 0)),
    "mouthStretch": ("DEF-cheek.B.L", (0.2, 0, -0.05)),
    "mouthRollLower": ("DEF-lip.B.L", (0, -0.1, 0.1)),
    "mouthRollUpper": ("DEF-lip.T.L", (0, -0.1, -0.05)),
    "mouthShrugLower": ("DEF-lip.B.L", (0, 0, 0.1)),
    "mouthShrugUpper": ("DEF-lip.T.L", (0, 0, 0.1)),
    "mouthPress": ("DEF-lip.B.L.001", (0, 0, 0.05)),
    "mouthLowerDown": ("DEF-lip.B.L.001", (0, 0, -0.2)),
    "mouthUpperUp": ("DEF-lip.T.L.001", (0, 0, 0.18)),
    "cheekPuff": ("DEF-cheek.B.L.001", (0.2, 0.1, 0)),
    "cheekSquint": ("DEF-cheek.T.L.001", (0, 0, 0.12)),
    "noseSneer": ("DEF-nose.L.001", (0, 0, 0.12)),
    "browInnerUp": ("DEF-brow.T.L.003", (0, 0, 0.2)),
    "browOuterUp": ("DEF-brow.T.L.001", (0, 0, 0.2)),
    "browDown": ("DEF-brow.T.L.003", (0, 0, -0.2)),
    "tongueOut": ("DEF-tongue", (0, 1.0, 0.2)),
    "eyeBlink": ("DEF-lid.T.L.002", (0, 0, -0.4)),
    "eyeSquint": ("DEF-lid.B.L.002", (0, 0, 0.12)),
    "eyeWide": ("DEF-lid.T.L.002", (0, 0, 0.06)),
}
"""A bone that deforms, and how far left, forward and up it goes at least, in half widths of the mouth; 0 for any."""


def mirrored(name: str) -> str:
    swapped = name.replace(".L", ".*").replace(".R", ".L").replace(".*", ".R")
    return swapped.replace("Left", "*").replace("Right", "Left").replace("*", "Right")


def test_each_channel_moves_what_it_says_alike_on_both_sides(rig: bpy.types.Object) -> None:
    poses = poses_of(rig)
    rest = pose(rig, poses)
    unit = half_mouth(rest)
    deforming = [bone.name for bone in rig.data.bones if bone.use_deform]
    moved = {}
    for channel in poses:
        at = pose(rig, poses, **{channel: 1.0})
        moved[channel] = {name: (at[name] - rest[name]) / unit * [1, -1, 1] for name in deforming}
        farthest = max(float(np.linalg.norm(way)) for way in moved[channel].values())
        assert farthest < (2.0 if channel in ("jawOpen", "mouthClose", "tongueOut") else 1.0), channel
    assert {channel.removesuffix("Left").removesuffix("Right") for channel in poses} - {"jaw", "mouth"} <= {
        channel.removesuffix("Left").removesuffix("Right") for channel in MOVES
    } | {"mouthClose"}
    for told, (name, least) in MOVES.items():
        channel = told if told in poses else f"{told}Left"
        for axis, wanted in enumerate(least):
            went = moved[channel][name][axis]
            assert went * np.sign(wanted) >= abs(wanted), f"{channel} moves {name} by {went:.2f} along {'xyz'[axis]}"
    for channel in poses:
        other = moved[mirrored(channel)]
        for name, way in moved[channel].items():
            assert np.abs(way * [-1, 1, 1] - other[mirrored(name)]).max() < 0.03, f"{channel}, {name}"


def test_controls_go_where_they_shall_whatever_they_follow(rig: bpy.types.Object) -> None:
    poses = poses_of(rig)
    face = find_face(described(rig), UP, FRONT)
    assert face is not None
    rest = pose(rig, poses)
    unit = half_mouth(rest)
    told = MOUTH | {f"{channel}Left": movements for channel, movements in MOUTH_SIDES.items()}
    for channel, movements in told.items():
        at = pose(rig, poses, **{channel: 1.0})
        for general, wanted in movements.items():
            name = (face.corner if general == "corner" else general).replace("*", "L")
            went = (at[name] - rest[name]) / unit * [1, -1, 1]
            assert np.abs(went - wanted).max() < 0.01, f"{channel}, {name}"


@pytest.mark.parametrize("amount", [0.05, 0.15, 0.25, 0.4])
def test_lips_close_against_an_open_jaw(rig: bpy.types.Object, amount: float) -> None:
    poses = poses_of(rig)
    rest = pose(rig, poses)
    opened, closed = pose(rig, poses, jawOpen=amount), pose(rig, poses, jawOpen=amount, mouthClose=amount)
    for upper, lower in LIP_PAIRS:

        def parted(at: Places, upper: str = upper, lower: str = lower) -> float:
            return float(np.linalg.norm((at[upper] - at[lower]) - (rest[upper] - rest[lower])) / half_mouth(rest))

        assert parted(opened) > 0.7 * amount
        assert parted(closed) < 0.015
    chin = closed["DEF-chin"] - rest["DEF-chin"]
    assert chin[2] < -0.5 * amount * half_mouth(rest), "the jaw stays open behind the lips"


def test_lids_meet_on_a_blink_whatever_else_the_face_does(rig: bpy.types.Object) -> None:
    poses = poses_of(rig)
    rest = pose(rig, poses)
    for side, word in (("L", "Left"), ("R", "Right")):
        opening = lid_gaps(rig, rest, side)
        assert opening.min() > math.radians(15)
        shut = lid_gaps(rig, pose(rig, poses, **{f"eyeBlink{word}": 1.0}), side)
        assert np.abs(shut).max() < 0.05 * opening.max()
        half = lid_gaps(rig, pose(rig, poses, **{f"eyeBlink{word}": 0.5}), side)
        assert np.allclose(half / opening, 0.5, atol=0.08)
        wide = lid_gaps(rig, pose(rig, poses, **{f"eyeWide{word}": 1.0}), side)
        assert (wide > 1.1 * opening).all()
        busy = pose(rig, poses, **{f"eyeBlink{word}": 1.0, "jawOpen": 0.8, "mouthSmileLeft": 1.0, "browInnerUp": 1.0})
        assert np.abs(lid_gaps(rig, busy, side)).max() < 0.1 * opening.max()


def test_nothing_explodes_with_everything_at_once(rig: bpy.types.Object) -> None:
    poses = poses_of(rig)
    rest = pose(rig, poses)
    unit = half_mouth(rest)
    rng = np.random.default_rng(1)
    for _ in range(5):
        at = pose(rig, poses, **{channel: float(rng.uniform(0, 1)) for channel in poses})
        far = {name: float(np.linalg.norm(at[name] - rest[name])) / unit for name in at if name.startswith("DEF-")}
        assert max(far.values()) < 3.5
        assert not any(math.isnan(away) for away in far.values())


LINE = "Papa, mama, Bob! The palm is far, far apart from the barn."


@functools.cache
def take() -> Performance:
    return perform(LINE, seed=3)


@pytest.fixture
def skin(rig: bpy.types.Object) -> bpy.types.Object:
    """A mesh without shape keys that has a vertex at the head of every bone that deforms, and follows that bone."""
    names = [bone.name for bone in rig.data.bones if bone.use_deform]
    data = bpy.data.meshes.new("Skin")
    data.from_pydata([rig.data.bones[name].head_local for name in names], [], [])
    mesh = bpy.data.objects.new("Skin", data)
    bpy.context.scene.collection.objects.link(mesh)
    mesh.parent = rig
    mesh.modifiers.new("Armature", "ARMATURE").object = rig
    for number, name in enumerate(names):
        mesh.vertex_groups.new(name=name).add([number], 1.0, "REPLACE")
    return mesh


def shown(mesh: bpy.types.Object) -> Places:
    """Where the vertices are, in the head's axes, by the bones that they follow."""
    evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    rig = mesh.parent.evaluated_get(bpy.context.evaluated_depsgraph_get())
    head = rig.pose.bones["DEF-spine.006"]
    back = rig.data.bones[head.name].matrix_local @ head.matrix.inverted()
    found = [back @ vertex.co for vertex in evaluated.data.vertices]
    return {group.name: np.array(found[group.index]) for group in mesh.vertex_groups}


def lips_parted(at: Places, rest: Places) -> float:
    """How far the lips are apart where they are it most, in half widths of the mouth."""
    pairs = (at[upper] - at[lower] - rest[upper] + rest[lower] for upper, lower in LIP_PAIRS)
    return max(float(pair[2]) for pair in pairs) / half_mouth(rest)


def test_a_line_is_spoken_by_bones_alone(scene: bpy.types.Scene, skin: bpy.types.Object) -> None:
    rig = skin.parent
    rig.matrix_world = Matrix.LocRotScale(Vector((3, -2, 1)), Euler((0.3, 0.2, 2.0)), Vector([0.1] * 3))
    bpy.context.view_layer.update()
    rest = shown(skin)
    unit = half_mouth(rest)
    character = find_character(skin)
    assert character.found.can_speak
    assert character.missing_shapes == (), "what the eyes look at shows the looks"
    assert character.found.own == len(SHAPES)
    report = bake(scene, character, take(), BakeOptions(sound=False))
    assert not report.problems
    frames = resample(take().frames, frame_rate(scene), take().speech.phones)
    shapes = frames.frames.shapes

    def on(frame: int) -> Places:
        scene.frame_set(report.first_frame + frame)
        return shown(skin)

    assert len(frames.closures) > 6
    for frame in frames.closures.tolist():
        assert lips_parted(on(frame), rest) < 0.01, f"the lips meet on frame {frame}"
    opened = int((shapes[:, INDEX["jawOpen"]] - shapes[:, INDEX["mouthClose"]]).argmax())
    at = on(opened)
    assert lips_parted(at, rest) > 0.2
    assert at["DEF-chin"][2] - rest["DEF-chin"][2] < -0.15 * unit

    blinks = shapes[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]].min(axis=1)
    assert blinks.max() > 0.9
    blink = int(blinks.argmax())
    at = on(blink)
    for side in "LR":
        assert np.abs(lid_gaps(rig, at, side)).max() < 0.15 * lid_gaps(rig, rest, side).max()

    evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    posed, straight = (
        rotation.from_matrix(np.array(matrix.to_3x3().normalized()))
        for matrix in (evaluated.pose.bones["DEF-spine.006"].matrix, rig.data.bones["DEF-spine.006"].matrix_local)
    )
    head = rotation.multiply(posed, rotation.inverse(straight))
    wanted = rotation.head_quaternion(np.asarray(frames.frames.head[blink, 3:], float))
    assert math.degrees(float(rotation.angle_between(head, wanted))) < 0.1


def test_its_eyes_look_where_the_gaze_says(scene: bpy.types.Scene, skin: bpy.types.Object) -> None:
    rig = skin.parent
    report = bake(scene, find_character(skin), take(), BakeOptions(sound=False))
    frames = resample(take().frames, frame_rate(scene), take().speech.phones).frames
    asked = np.linalg.norm(frames.gaze, axis=1)
    for frame in {int(asked.argmax()), int(np.argsort(asked)[len(asked) // 2]), len(asked) // 3}:
        scene.frame_set(report.first_frame + frame)
        evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
        head = evaluated.pose.bones["DEF-spine.006"]
        back = (rig.data.bones[head.name].matrix_local @ head.matrix.inverted()).to_3x3()
        looks = rotation.head_quaternion(np.append(np.asarray(frames.gaze[frame], float), 0.0))
        wanted = rotation.rotate(looks, np.array([0.0, -1.0, 0.0]))
        for side in "LR":
            seen = np.array((back @ evaluated.pose.bones[f"MCH-eye.{side}"].y_axis).normalized())
            assert math.degrees(math.acos(min(float(seen @ wanted), 1.0))) < 1.0


@pytest.mark.parametrize("groups", ["of the head", "empty"])
def test_a_face_that_carries_nothing_is_left_alone(skin: bpy.types.Object, groups: str) -> None:
    """A head with shape keys of its own on a generated human."""
    for name in ("Basis", "jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "mouthFunnel"):
        skin.shape_key_add(name=name)
    assert "mouthPucker" in driven_by_bones(skin)
    head = skin.vertex_groups["DEF-spine.006"]
    head.add(range(len(skin.data.vertices)), 1.0, "REPLACE")
    every = [vertex.index for vertex in skin.data.vertices]
    for group in list(skin.vertex_groups):
        if group != head:
            group.remove(every) if groups == "empty" else skin.vertex_groups.remove(group)
    assert not driven_by_bones(skin)
    found = find_character(skin).found
    assert "mouthPucker" in [one.channel for one in found.stand_ins]


def test_of_a_face_only_what_carries_something_plays(skin: bpy.types.Object) -> None:
    for group in list(skin.vertex_groups):
        if not group.name.startswith(("DEF-spine", "DEF-tongue")):
            skin.vertex_groups.remove(group)
    played = driven_by_bones(skin)
    assert {"jawOpen", "tongueOut"} <= played
    assert not {"browInnerUp", "browDownLeft", "eyeBlinkLeft"} & played


def driven_by_bones(mesh: bpy.types.Object) -> set[str]:
    return {drive.key for drive in find_character(mesh).found.mapping.drives if drive.mesh == POSES}


def test_live_shows_the_same(scene: bpy.types.Scene, skin: bpy.types.Object) -> None:
    rest = shown(skin)
    preview = Preview(skin.name, 1.0)
    frames = resample(take().frames, frame_rate(scene), take().speech.phones)

    def parted(frame: int) -> float:
        parts = (frames.frames.shapes, frames.frames.head, frames.frames.gaze)
        preview.write(Frame(0.0, *(part[frame] for part in parts), float(frames.frames.breath[frame])))
        bpy.context.view_layer.update()
        return lips_parted(shown(skin), rest)

    shapes = frames.frames.shapes
    opened = int((shapes[:, INDEX["jawOpen"]] - shapes[:, INDEX["mouthClose"]]).argmax())
    assert parted(opened) > 0.2
    assert max(map(parted, frames.closures.tolist())) < 0.01
