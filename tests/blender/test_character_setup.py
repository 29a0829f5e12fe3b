"""What a person sets of a character is kept with it and played: poses, bones, shares, a mapping by hand."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Quaternion, Vector

from linly_blender import rotation
from linly_blender.arkit import INDEX
from linly_blender.errors import UserError
from linly_blender.live.frame import Frame, rest
from linly_blender.performance import Frames, Performance
from linly_blender.rig import edit
from linly_blender.rig.mapping import POSES, Tuning
from linly_blender.rig.poses import Move, Pose
from linly_blender.rig.setup import PLAIN_SETUP, Distribution, Role, Setup
from linly_blender.scene.bake import BakeOptions, bake
from linly_blender.scene.character import find_character
from linly_blender.scene.kept import restore
from linly_blender.scene.live import Preview
from linly_blender.scene.retarget import Channels, Tolerances, retarget
from linly_blender.scene.setup import SETUP, keep_setup, read_setup

MakeCharacter = Callable[..., tuple[bpy.types.Object, bpy.types.Object]]
TOLERANCES = Tolerances(0.002, 0.001, 0.0002)
KEYS = ("jawOpen", "mouthSmileLeft", "mouthSmileRight")
POSED = Frame(
    time=0.0,
    shapes=rest().shapes,
    head=np.array([0.004, -0.006, 0.003, 0.15, -0.35, 0.1], np.float32),
    gaze=np.array([0.12, 0.2], np.float32),
    breath=0.7,
)


def many(frame: Frame) -> Frames:
    return Frames(24.0, frame.shapes[None], frame.head[None], frame.gaze[None], np.array([frame.breath], np.float32))


def shapes(**channels: float) -> Any:
    values = rest().shapes.copy()
    for name, value in channels.items():
        values[INDEX[name]] = value
    return values


def baked(obj: bpy.types.Object, frame: Frame) -> dict[str, Channels]:
    """By path."""
    return {each.data_path: each for each in retarget(find_character(obj), many(frame), TOLERANCES, 1.0).bones}


def play(rig: bpy.types.Object, channels: dict[str, Channels]) -> None:
    for path, channel in channels.items():
        values = getattr(rig.path_resolve(path.rpartition(".")[0]), path.rpartition(".")[2])
        for index, value in zip(channel.indices or range(len(values)), channel.values[0].tolist(), strict=True):
            values[index] = value
    bpy.context.view_layer.update()


def edit_bones(rig: bpy.types.Object, change: Callable[[Any], None]) -> None:
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    change(rig.data.edit_bones)
    bpy.ops.object.mode_set(mode="OBJECT")


# What the eyes look at


def give_aim(rig: bpy.types.Object, *, to: str, roll: float = 0.0) -> None:
    """Eyes that look at a bone each, half a metre before them, which hang at a common one."""

    def change(bones: Any) -> None:
        common = bones.new("eyes_target")
        common.head, common.tail = (0, -0.6, 1.5), (0, -0.6, 1.6)
        common.roll = roll
        common.parent = bones.get(to)
        for side, x in (("L", 0.03), ("R", -0.03)):
            eye = bones[f"eye.{side}"]
            eye.head, eye.tail = (x, -0.1, 1.5), (x, -0.12, 1.5)
            target = bones.new(f"look.{side}")
            target.head, target.tail = (x, -0.6, 1.5), (x, -0.6, 1.55)
            target.parent = common

    edit_bones(rig, change)
    for side in "LR":
        track = rig.pose.bones[f"eye.{side}"].constraints.new("DAMPED_TRACK")
        track.target, track.subtarget, track.track_axis = rig, f"look.{side}", "TRACK_Y"
    if to == "by constraint":
        follow = rig.pose.bones["eyes_target"].constraints.new("ARMATURE")
        target = follow.targets.new()
        target.target, target.subtarget = rig, "head"


def turn_of(rig: bpy.types.Object, name: str) -> Any:
    """Of a bone from its rest, in the armature's axes."""
    bone = rig.pose.bones[name]
    return (bone.matrix.to_3x3().normalized() @ rig.data.bones[name].matrix_local.to_3x3().inverted()).to_quaternion()


def looks(rig: bpy.types.Object, name: str) -> Any:
    bone = rig.pose.bones[name]
    return (bone.matrix.to_3x3() @ Vector((0, 1, 0))).normalized()


@pytest.mark.parametrize("to", ["head", "chest", "nothing", "by constraint"])
@pytest.mark.parametrize("chosen", [{}, {"eye_target": "eyes_target"}])
@pytest.mark.parametrize("live", [True, False])
def test_eyes_look_where_the_gaze_says_by_what_they_look_at(
    make_character: MakeCharacter, to: str, chosen: dict[Role, str], live: bool
) -> None:
    mesh, rig = make_character(keys=KEYS)
    give_aim(rig, to=to, roll=0.7)
    keep_setup(rig, Setup(bones=chosen))
    character = find_character(mesh)
    assert [aim.bone for aim in character.aims] == list(chosen.values() or ("look.L", "look.R"))
    carrier = {"nothing": None, "by constraint": "head"}.get(to, to)
    assert all(aim.carrier == carrier for aim in character.aims)
    assert character.eyes == ()
    if live:
        Preview(mesh.name, 1.0).write(POSED)
        bpy.context.view_layer.update()
    else:
        play(rig, baked(mesh, POSED))
    head = turn_of(rig, "head")
    gaze = Quaternion(rotation.head_quaternion(np.array([*POSED.gaze, 0.0]))[None][0].tolist())
    wanted = head @ gaze @ Vector((0, -1, 0))
    assert math.degrees(wanted.angle(Vector((0, -1, 0)))) > 5
    for side in "LR":
        # One bone for both eyes goes where it shall by moving alone, while the eyes turn about each other.
        allowed = 0.1 if not chosen or carrier == "head" else 0.9
        assert math.degrees(looks(rig, f"eye.{side}").angle(wanted)) < allowed, side
    restore()


def test_eyes_that_shapes_turn_have_no_aim(make_character: MakeCharacter) -> None:
    mesh, rig = make_character()
    give_aim(rig, to="head")
    assert find_character(mesh).aims == ()


def test_an_aim_that_is_held_is_told(make_character: MakeCharacter) -> None:
    mesh, rig = make_character(keys=KEYS)
    give_aim(rig, to="head")
    rig.pose.bones["look.L"].lock_location[1] = rig.pose.bones["look.R"].lock_location[0] = True
    told = retarget(find_character(mesh), many(POSED), TOLERANCES, 1.0).notes
    assert any("eyes stay still" in note for note in told)


# Axes of locations


@pytest.mark.parametrize("inherits", [True, False])
@pytest.mark.parametrize("own_axes", [True, False])
@pytest.mark.parametrize("live", [True, False])
def test_the_head_goes_where_it_shall_whatever_its_location_is_measured_in(
    make_character: MakeCharacter, inherits: bool, own_axes: bool, live: bool
) -> None:
    mesh, rig = make_character(seed=4, keys=KEYS)
    rig.matrix_world = Matrix()
    for bone in rig.data.bones:
        bone.use_inherit_rotation, bone.use_local_location = inherits, own_axes

    def place(frame: Frame) -> Any:
        if live:
            Preview(mesh.name, 1.0).write(frame)
            bpy.context.view_layer.update()
        else:
            play(rig, baked(mesh, frame))
        return rig.pose.bones["head"].matrix.translation.copy()

    turned = replace(POSED, head=np.array([0, 0, 0, 0.3, -0.8, 0.2], np.float32))
    before = place(turned)
    assert turn_of(rig, "neck").angle > 0.1
    moved = place(replace(turned, head=turned.head + np.array([0.04, -0.06, 0.03, 0, 0, 0], np.float32)))
    assert tuple(moved - before) == pytest.approx((0.04, -0.06, 0.03), abs=1e-4)
    restore()


@pytest.mark.parametrize("inherits", [True, False])
@pytest.mark.parametrize("own_axes", [True, False])
@pytest.mark.parametrize("live", [True, False])
def test_what_is_looked_at_goes_where_it_shall_whatever_its_location_is_measured_in(
    make_character: MakeCharacter, inherits: bool, own_axes: bool, live: bool
) -> None:
    mesh, rig = make_character(keys=KEYS)
    give_aim(rig, to="head", roll=0.7)
    for name in ("look.L", "look.R"):
        edit_bones(rig, lambda bones, name=name: setattr(bones[name], "parent", bones["head"]))
        rig.data.bones[name].use_inherit_rotation = inherits
        rig.data.bones[name].use_local_location = own_axes
    if live:
        Preview(mesh.name, 1.0).write(POSED)
        bpy.context.view_layer.update()
    else:
        play(rig, baked(mesh, POSED))
    gaze = Quaternion(rotation.head_quaternion(np.array([*POSED.gaze, 0.0]))[None][0].tolist())
    wanted = turn_of(rig, "head") @ gaze @ Vector((0, -1, 0))
    for side in "LR":
        assert math.degrees(looks(rig, f"eye.{side}").angle(wanted)) < 0.1, side
    restore()


# Recorded poses


def blink(rig: bpy.types.Object) -> Setup:
    edit_bones(rig, lambda bones: add_lid(bones))
    pose = Pose((Move("lid", (0.5, 0.1, 0.0), (0.0, 0.002, 0.0), (0.0, 0.0, -0.5)),), is_recorded=True)
    return Setup(poses={"eyeBlinkLeft": pose})


def add_lid(bones: Any) -> None:
    lid = bones.new("lid")
    lid.head, lid.tail = (0.03, -0.1, 1.52), (0.03, -0.11, 1.52)
    lid.parent = bones["head"]


@pytest.mark.parametrize("live", [True, False])
def test_a_recorded_pose_moves_its_bones(make_character: MakeCharacter, live: bool) -> None:
    mesh, rig = make_character(keys=KEYS)
    keep_setup(rig, blink(rig))
    character = find_character(mesh)
    assert character.found.mapping.targets("eyeBlinkLeft") == ((POSES, "eyeBlinkLeft", 1.0),)
    assert character.posed == ("lid",)
    frame = replace(rest(), shapes=shapes(eyeBlinkLeft=0.5))
    if live:
        Preview(mesh.name, 1.0).write(frame)
    else:
        play(rig, baked(mesh, frame))
    lid = rig.pose.bones["lid"]
    assert lid.rotation_quaternion.to_axis_angle()[1] == pytest.approx(0.5 * math.hypot(0.5, 0.1), abs=1e-5)
    assert tuple(lid.location) == pytest.approx((0, 0.001, 0), abs=1e-6)
    assert tuple(lid.scale) == pytest.approx((1, 1, 0.75), abs=1e-6)
    if live:
        restore()
        assert tuple(lid.scale) == (1, 1, 1)
        assert tuple(lid.location) == (0, 0, 0)


def test_bones_that_perform_already_and_held_channels_are_left_out_of_poses(make_character: MakeCharacter) -> None:
    mesh, rig = make_character(keys=KEYS)
    setup = blink(rig)
    lid, head = setup.poses["eyeBlinkLeft"].moves[0], Move("head", (0.2, 0.0, 0.0))
    keep_setup(rig, replace(setup, poses={"eyeBlinkLeft": Pose((lid, head), is_recorded=True)}))
    rig.pose.bones["lid"].lock_rotation[0] = True
    rig.pose.bones["lid"].lock_location[0] = rig.pose.bones["lid"].lock_scale[1] = True
    found = retarget(find_character(mesh), many(replace(rest(), shapes=shapes(eyeBlinkLeft=1.0))), TOLERANCES, 1.0)
    lids = [(each.data_path, each.indices) for each in found.bones if each.group == "lid"]
    assert lids == [('pose.bones["lid"].location', (1,)), ('pose.bones["lid"].scale', (2,))]
    assert sum(each.group == "head" and "rotation" in each.data_path for each in found.bones) == 1
    assert any("performance moves it already" in note and "'head'" in note for note in found.notes)
    rig.pose.bones["lid"].lock_scale[2] = True
    held = retarget(find_character(mesh), many(rest_of_blink()), TOLERANCES, 1.0)
    assert any("scale" in note and "'lid'" in note for note in held.notes)


def rest_of_blink() -> Frame:
    return replace(rest(), shapes=shapes(eyeBlinkLeft=1.0))


@pytest.mark.parametrize("live", [True, False])
def test_controls_that_are_free_along_one_axis_play(
    scene: bpy.types.Scene, make_character: MakeCharacter, make_take: Callable[[], Performance], live: bool
) -> None:
    """A slider of which all axes but one are locked, and a jaw that turns about one axis alone."""
    mesh, rig = make_character(keys=KEYS)
    edit_bones(rig, add_lid)
    lid = rig.pose.bones["lid"]
    lid.lock_location, lid.lock_rotation, lid.lock_scale = (True, False, True), (False, True, True), (True, True, True)
    keep_setup(rig, Setup(poses={"jawOpen": Pose((Move("lid", (0.4, 0.0, 0.0), (0.0, 0.03, 0.0)),), is_recorded=True)}))
    frame = replace(rest(), shapes=shapes(jawOpen=0.5))
    lid.location.x = 0.7
    if live:
        Preview(mesh.name, 1.0).write(frame)
    else:
        take = make_take()
        take.frames.shapes[:] = frame.shapes
        bake(scene, find_character(mesh), take, BakeOptions(sound=False))
        scene.frame_set(3)
    assert tuple(lid.location) == pytest.approx((0.7, 0.015, 0.0), abs=1e-4)
    assert lid.rotation_quaternion.to_axis_angle()[1] == pytest.approx(0.2, abs=2e-3)
    restore()


def test_poses_whose_bones_are_gone_are_told(make_character: MakeCharacter) -> None:
    mesh, rig = make_character(keys=KEYS)
    keep_setup(rig, blink(rig))
    edit_bones(rig, lambda bones: bones.remove(bones["lid"]))
    character = find_character(mesh)
    assert character.posed == ()
    assert any("eyeBlinkLeft" in note and "gone" in note for note in character.notes)


def test_a_face_of_recorded_poses_alone_can_speak(make_character: MakeCharacter) -> None:
    mesh, rig = make_character(keys=())
    with pytest.raises(UserError, match="no shape keys"):
        find_character(mesh)
    edit_bones(rig, add_lid)
    keep_setup(rig, Setup(poses={"jawOpen": Pose((Move("lid", (0.4, 0.0, 0.0)),), is_recorded=True)}))
    character = find_character(rig)
    assert character.found.can_speak
    assert character.faces == ()


# Shares of the turn and of the gaze


def distributed(mesh: bpy.types.Object, rig: bpy.types.Object, how: Distribution) -> dict[str, Any]:
    keep_setup(rig, Setup(distribution=how))
    play(rig, baked(mesh, replace(POSED, breath=0.0)))
    return {name: turn_of(rig, name) for name in ("chest", "neck", "head", "eye.L")}


@pytest.mark.parametrize("seed", [None, 4])
def test_the_turn_is_shared_as_is_set_and_the_head_s_own_stays(make_character: MakeCharacter, seed: int | None) -> None:
    mesh, rig = make_character(seed=seed, keys=KEYS)
    rig.matrix_world = Matrix()
    turns = {
        how: distributed(mesh, rig, how)
        for how in (Distribution(), Distribution(0.0, 0.0), Distribution(0.2, 0.5), Distribution(gaze=0.5))
    }
    plain = turns[Distribution()]
    for how in (Distribution(0.0, 0.0), Distribution(0.2, 0.5)):
        assert turns[how]["head"].rotation_difference(plain["head"]).angle < 1e-3
    assert turns[Distribution(0.0, 0.0)]["neck"].angle < 1e-4
    whole = plain["head"].angle
    assert plain["neck"].angle == pytest.approx(0.35 * whole, abs=1e-3)
    assert turns[Distribution(0.2, 0.5)]["chest"].angle == pytest.approx(0.2 * whole, abs=1e-3)
    assert turns[Distribution(0.2, 0.5)]["neck"].angle == pytest.approx(0.7 * whole, abs=1e-3)
    shared = turns[Distribution(gaze=0.5)]
    assert shared["head"].rotation_difference(plain["head"]).angle > 0.05
    assert shared["eye.L"].rotation_difference(plain["eye.L"]).angle < 0.03, "the look stays where it was"


def test_the_viewport_shares_as_a_bake_does(make_character: MakeCharacter) -> None:
    mesh, rig = make_character(seed=4)
    keep_setup(rig, Setup(distribution=Distribution(0.1, 0.4, 0.6)))
    frame = replace(POSED, shapes=shapes(eyeLookOutLeft=0.5, eyeLookInRight=0.5))
    wanted = retarget(find_character(mesh), many(frame), TOLERANCES, 1.0)
    Preview(mesh.name, 1.0).write(frame)
    for channel in wanted.bones:
        assert list(rig.path_resolve(channel.data_path)) == pytest.approx(channel.values[0].tolist(), abs=2e-4)
    for channel in wanted.faces[mesh.name]:
        value = mesh.data.shape_keys.path_resolve(channel.data_path)
        assert value == pytest.approx(float(channel.values[0, 0]), abs=2e-4)


# What is kept


def test_a_mapping_by_hand_is_kept_played_and_found_again(make_character: MakeCharacter) -> None:
    mesh, rig = make_character()
    character = find_character(mesh)
    mapping = edit.set_targets(character.found.mapping, "jawOpen", [(mesh.name, "mouthFunnel", 1.0)], character.meshes)
    keep_setup(rig, Setup(edit.tune(mapping, "tongueOut", Tuning(gain=0.5))))
    mesh.name = "Another"
    again = find_character(rig)
    assert again.found.mapping.targets("jawOpen") == (("Another", "mouthFunnel", 1.0),)
    assert any("Another" in note for note in again.notes)
    Preview(mesh.name, 1.0).write(replace(rest(), shapes=shapes(jawOpen=0.6, tongueOut=0.8)))
    blocks = mesh.data.shape_keys.key_blocks
    assert blocks["mouthFunnel"].value == pytest.approx(0.6)
    assert blocks["jawOpen"].value == 0
    assert blocks["tongueOut"].value == pytest.approx(0.4)


def test_what_is_plain_leaves_no_trace(make_character: MakeCharacter) -> None:
    _, rig = make_character()
    keep_setup(rig, PLAIN_SETUP)
    assert SETUP not in rig
    keep_setup(rig, Setup(bones={"head": "head"}))
    assert read_setup(rig).bones == {"head": "head"}
    keep_setup(rig, PLAIN_SETUP)
    assert SETUP not in rig


@pytest.mark.parametrize("text", ["", "{}", 7, '{"format": "linly-rig", "version": 99}'])
def test_what_somebody_spoilt_is_refused_and_told(make_character: MakeCharacter, text: Any) -> None:
    mesh, rig = make_character()
    rig[SETUP] = text
    with pytest.raises(UserError, match=f"{SETUP}|newer"):
        find_character(mesh)
    assert rig[SETUP] == text
