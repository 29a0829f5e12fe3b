"""The baked character does in Blender what the take says."""

import math
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from linly_blender import rotation
from linly_blender.arkit import INDEX, SHAPES
from linly_blender.keys import Keys
from linly_blender.perform import perform
from linly_blender.performance import Performance
from linly_blender.resample import resample
from linly_blender.scene import actions
from linly_blender.scene.bake import BakeOptions, bake, frame_rate
from linly_blender.scene.character import find_character
from linly_blender.scene.remove import remove

MODES = ("QUATERNION", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE")
ICT_HEAD = Path(__file__).resolve().parents[3] / "shared/rigs/ict_facekit/build.py"


def rest_of(rig: bpy.types.Object, bone: str) -> np.ndarray:
    return rotation.from_matrix(np.array(rig.data.bones[bone].matrix_local.to_3x3()))


def pose_at(scene: bpy.types.Scene, rig: bpy.types.Object, bone: str, frame: float) -> tuple[np.ndarray, np.ndarray]:
    """World orientation (quaternion) and place of a bone as Blender plays it."""
    scene.frame_set(math.floor(frame), subframe=frame % 1)
    evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    world = evaluated.matrix_world @ evaluated.pose.bones[bone].matrix
    return rotation.from_matrix(np.array(world.to_3x3().normalized())), np.array(world.translation)


def vertices_at(scene: bpy.types.Scene, mesh: bpy.types.Object, frame: int) -> np.ndarray:
    scene.frame_set(frame)
    evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([vertex.co for vertex in evaluated.data.vertices])


def worst_head_angle(
    scene: bpy.types.Scene, rig: bpy.types.Object, take: Performance, start: int = 1, step: int = 7
) -> float:
    """Degrees by which the head is off the take, at worst, on whole frames."""
    upright = rotation.from_matrix(np.array(rig.matrix_world.to_3x3().normalized()))
    frames = resample(take.frames, frame_rate(scene)).frames
    rest = rotation.multiply(upright, rest_of(rig, "head"))
    worst = 0.0
    for frame in range(0, len(frames), step):
        turn = rotation.head_quaternion(frames.head[frame, 3:])
        wanted = rotation.multiply(rotation.multiply(upright, turn), rotation.multiply(rotation.inverse(upright), rest))
        worst = max(worst, float(rotation.angle_between(pose_at(scene, rig, "head", start + frame)[0], wanted)))
    return math.degrees(worst)


@pytest.mark.parametrize("output", ["nla", "action"])
@pytest.mark.parametrize("mode", MODES)
def test_head_turns_as_the_take_in_any_rotation_mode(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, mode: str, output: Any
) -> None:
    _, rig = make_character(seed=MODES.index(mode), mode=mode)
    take = make_take()
    report = bake(scene, find_character(rig), take, BakeOptions(output=output))
    assert worst_head_angle(scene, rig, take) < 0.1
    assert not report.problems
    assert not report.notes
    assert {bone.rotation_mode for bone in rig.pose.bones} == {mode}, "a rotation mode is the artist's"


@pytest.mark.parametrize("seed", range(20, 32))
def test_head_turns_as_the_take_for_any_roll_scale_and_rotation(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, seed: int
) -> None:
    _, rig = make_character(seed=seed, mode=MODES[seed % len(MODES)], connect=seed % 3 == 0)
    rng = np.random.default_rng(seed)
    for name in ("neck", "head"):
        rig.data.bones[name].use_inherit_rotation = bool(rng.integers(2))
        rig.data.bones[name].use_local_location = bool(rng.integers(2))
    take = make_take(seed=seed)
    bake(scene, find_character(rig), take)
    assert worst_head_angle(scene, rig, take) < 0.1


def test_head_turns_relative_to_a_parent_that_is_turned(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    _, rig = make_character(seed=3)
    empty = bpy.data.objects.new("Car", None)
    scene.collection.objects.link(empty)
    empty.rotation_euler, empty.scale = (0.3, 1.0, -2.0), (2, 2, 2)
    rig.parent = empty
    bpy.context.view_layer.update()
    take = make_take()
    bake(scene, find_character(rig), take)
    assert worst_head_angle(scene, rig, take) < 0.1


def test_head_turns_whole_where_a_constraint_keeps_the_neck_s_turn_from_it(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    """As in Rigify's rigs, whose head hangs on a bone that copies the torso's rotation."""
    _, rig = make_character()
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bones = rig.data.edit_bones
    between = bones.new("MCH-ROT-head")
    between.head, between.tail, between.parent = bones["head"].head, bones["head"].tail, bones["neck"]
    bones["head"].parent = between
    bpy.ops.object.mode_set(mode="OBJECT")
    constraint = rig.pose.bones["MCH-ROT-head"].constraints.new("COPY_ROTATION")
    constraint.target, constraint.subtarget = rig, "chest"
    take = make_take()
    report = bake(scene, find_character(rig), take)
    assert worst_head_angle(scene, rig, take) < 0.1
    assert sum("'MCH-ROT-head' above it" in note for note in report.notes) == 2, "chest and neck"


def test_a_character_with_y_up_turns_about_its_own_up(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    """As Mixamo's come through FBX: the bones stand along +Y, and the object is turned upright."""
    _, rig = make_character()
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for bone in rig.data.edit_bones:
        bone.use_connect = False
    for bone in rig.data.edit_bones:
        for end in ("head", "tail"):
            x, y, z = getattr(bone, end)
            setattr(bone, end, (x, z, -y))
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.rotation_euler, rig.scale = (math.pi / 2, 0, 0), (0.01, 0.01, 0.01)
    bpy.context.view_layer.update()
    take = make_take()
    bake(scene, find_character(rig), take)
    frames = resample(take.frames, frame_rate(scene)).frames
    rest = np.array((rig.matrix_world @ rig.data.bones["head"].matrix_local).to_3x3().normalized())
    for frame in (3, 11, 29):
        wanted = rotation.multiply(rotation.head_quaternion(frames.head[frame, 3:]), rotation.from_matrix(rest))
        played, _ = pose_at(scene, rig, "head", 1 + frame)
        assert math.degrees(float(rotation.angle_between(played, wanted))) < 0.1


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("connect", [False, True])
@pytest.mark.parametrize("local", [False, True])
def test_head_moves_by_the_take_s_metres(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, seed: int, connect: bool, local: bool
) -> None:
    """In any unit, also when the head itself cannot move: then the nearest bone that can carries it along."""
    _, rig = make_character(seed=seed, mode=MODES[seed])
    for name, number in (("neck", 1), ("head", 2)):
        rig.data.bones[name].use_local_location = local
        rig.data.bones[name].use_inherit_rotation = seed % 2 == number % 2
    if connect:
        rig.pose.bones["head"].lock_location = (False, True, False)
    scene.unit_settings.scale_length = (1.0, 0.01)[seed % 2]
    take = make_take(size=0.0)
    take.frames.breath[:] = 0
    character = find_character(rig)
    _, rest = pose_at(scene, rig, "head", 1)
    report = bake(scene, character, take)
    frames = resample(take.frames, frame_rate(scene)).frames
    upright = rotation.from_matrix(np.array(rig.matrix_world.to_3x3().normalized()))
    for frame in range(0, len(frames), 9):
        _, place = pose_at(scene, rig, "head", 1 + frame)
        wanted = rotation.rotate(upright, frames.head[frame, :3]) / scene.unit_settings.scale_length
        np.testing.assert_allclose(
            (place - rest) * scene.unit_settings.scale_length,
            wanted * scene.unit_settings.scale_length,
            atol=0.0002 + 1e-6 * np.abs(rest).max(),
        )
    assert not report.notes


def displacement(scene: bpy.types.Scene, rig: bpy.types.Object, frame: int) -> np.ndarray:
    """Of the head in the world, from its place at rest."""
    _, place = pose_at(scene, rig, "head", frame)
    return place - np.array((rig.matrix_world @ rig.data.bones["head"].matrix_local).translation)


def test_head_moves_by_metres_in_a_scene_that_was_never_shown(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, tmp_path: Path
) -> None:
    """Nothing has worked out yet how large the armature is in the world."""
    for obj in make_character():
        scene.collection.objects.unlink(obj)
        other = bpy.data.scenes.get("Other") or bpy.data.scenes.new("Other")
        other.collection.objects.link(obj)
    bpy.data.objects["Rig"].scale = (0.01, 0.01, 0.01)
    path = str(tmp_path / "two.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    other, rig = bpy.data.scenes["Other"], bpy.data.objects["Rig"]
    take = make_take(size=0.0)
    take.frames.breath[:] = 0
    bake(other, find_character(rig), take)
    bpy.context.window_manager.windows[0].scene = other
    wanted = resample(take.frames, frame_rate(other)).frames.head[19, :3]
    np.testing.assert_allclose(displacement(other, rig, 20), wanted, atol=0.0003)


def test_a_mirrored_character_moves_mirrored(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    _, rig = make_character()
    rig.scale = (-2, 2, 2)
    take = make_take(size=0.0)
    take.frames.breath[:] = 0
    bake(scene, find_character(rig), take)
    wanted = resample(take.frames, frame_rate(scene)).frames.head[19, :3] * (-1, 1, 1)
    np.testing.assert_allclose(displacement(scene, rig, 20), wanted, atol=0.0003)


def test_bones_that_cannot_move_are_said(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    _, rig = make_character(connect=True)
    rig.pose.bones["chest"].lock_location = (True, True, True)
    report = bake(scene, find_character(rig), make_take())
    assert any("does not move" in note for note in report.notes)


def test_neck_and_head_share_the_turn(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    _, rig = make_character()
    take = make_take()
    take.frames.breath[:] = 0
    bake(scene, find_character(rig), take)
    frames = resample(take.frames, frame_rate(scene)).frames
    frame = int(np.abs(frames.head[:, 3:]).sum(axis=1).argmax())
    whole = np.linalg.norm(rotation.rotation_vector(rotation.head_quaternion(frames.head[frame, 3:])))
    neck = rotation.angle_between(pose_at(scene, rig, "neck", 1 + frame)[0], rest_of(rig, "neck"))
    assert neck / whole == pytest.approx(0.35, abs=0.02)


def test_breath_lifts_the_chest_and_leaves_the_head(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    _, rig = make_character()
    take = make_take(size=0.0)
    bake(scene, find_character(rig), take)
    assert worst_head_angle(scene, rig, take, step=3) < 0.1
    frames = resample(take.frames, frame_rate(scene)).frames
    frame = int(frames.breath.argmax())
    lean, _ = pose_at(scene, rig, "chest", 1 + frame)
    tip = rotation.rotate(rotation.multiply(lean, rotation.inverse(rest_of(rig, "chest"))), [0, -1, 0])
    assert math.degrees(math.asin(tip[2])) == pytest.approx(0.8 * frames.breath[frame], abs=0.05)


@pytest.mark.parametrize("rate", [(24, 1.0), (24, 1.001), (25, 1.0), (30, 1.001), (60, 1.0), (60, 1.001), (25, 3.0)])
@pytest.mark.parametrize("start", [-20, 1, 1001])
def test_keys_lie_on_whole_frames_and_play_the_take(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, rate: tuple[int, float], start: int
) -> None:
    mesh, rig = make_character()
    scene.render.fps, scene.render.fps_base = rate
    take = make_take(2.0)
    report = bake(scene, find_character(mesh), take, BakeOptions(start_frame=start))
    frames = resample(take.frames, rate[0] / rate[1], take.speech.phones).frames
    action = rig.animation_data.nla_tracks[0].strips[0].action
    curves = list(actions.fcurves(action, mesh.data.shape_keys.animation_data.nla_tracks[0].strips[0].action_slot))
    assert len(curves) == 52
    for curve in curves:
        column = INDEX[curve.data_path.split('"')[1]]
        played = [curve.evaluate(start + frame) for frame in range(len(frames))]
        np.testing.assert_allclose(played, frames.shapes[:, column], atol=0.002 + 1e-5)
        assert all(point.co.x == round(point.co.x) for point in curve.keyframe_points)
    assert (report.first_frame, report.last_frame) == (start, start + len(frames) - 1)
    assert report.shape_error <= 0.002
    assert report.channel_error <= 1
    assert report.last_frame <= scene.frame_end
    closed = start + round(0.5 * rate[0] / rate[1])
    jaw = next(curve for curve in curves if "jawOpen" in curve.data_path)
    point = next(point for point in jaw.keyframe_points if point.co.x == closed)
    assert point.co.y == pytest.approx(0, abs=1e-6)


def test_blender_plays_between_keys_what_was_measured(scene: bpy.types.Scene) -> None:
    """The cubic of ``keys`` is Blender's Bezier, also between frames, and its handles stay as they were set."""
    rng = np.random.default_rng(5)
    frames = np.cumsum(rng.integers(1, 12, 30))
    keys = Keys(frames, rng.uniform(0, 1, 30), rng.uniform(-0.3, 0.3, 30))
    action = actions.new_action("A", 0, 400)
    slot = actions.add_slot(action, "KEY", "K", [actions.Curve("eval_time", 0, keys, "G")], start=100)
    (curve,) = actions.fcurves(action, slot)
    curve.keyframe_points.handles_recalc()
    at = np.linspace(frames[0], frames[-1], 1234)
    np.testing.assert_allclose([curve.evaluate(100 + time) for time in at], keys.at(at), atol=2e-5)


@pytest.mark.parametrize("output", ["nla", "action"])
def test_the_mesh_really_moves(scene: bpy.types.Scene, make_character: Any, make_take: Any, output: Any) -> None:
    mesh, _ = make_character()
    rest = np.array([vertex.co for vertex in mesh.data.vertices])
    take = make_take()
    bake(scene, find_character(mesh), take, BakeOptions(output=output))
    frames = resample(take.frames, frame_rate(scene), take.speech.phones).frames
    for frame in (0, 10, 25):
        moved = vertices_at(scene, mesh, 1 + frame) - rest
        np.testing.assert_allclose(moved[:52, 2] * 1000, frames.shapes[frame], atol=0.004)
        assert np.linalg.norm(moved[52]) > 0.001, "the vertex that follows the head"


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ"])
def test_an_artist_s_body_moves_under_the_take(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, mode: str
) -> None:
    """The chest is animated on a track below: the head turns on top of it, in the chest's axes."""
    _, rig = make_character(seed=11, mode=mode)
    path = "rotation_quaternion" if mode == "QUATERNION" else "rotation_euler"
    bone = rig.pose.bones["chest"]
    for frame, angle in ((1, 0.0), (40, 0.6)):
        setattr(bone, path, (math.cos(angle / 2), math.sin(angle / 2), 0, 0) if mode == "QUATERNION" else (angle, 0, 0))
        bone.keyframe_insert(path, frame=frame)
    artist = rig.animation_data.action
    slot = rig.animation_data.action_slot
    strip = rig.animation_data.nla_tracks.new().strips.new("Body", 1, artist)
    strip.action_slot = slot
    rig.animation_data.action = None
    body = {frame: pose_at(scene, rig, "head", frame)[0] for frame in (5, 20, 33)}
    take = make_take()
    take.frames.breath[:] = 0
    report = bake(scene, find_character(rig), take)
    assert not report.problems
    frames = resample(take.frames, frame_rate(scene)).frames
    upright = rotation.from_matrix(np.array(rig.matrix_world.to_3x3().normalized()))
    at_rest = rotation.multiply(upright, rest_of(rig, "head"))
    for frame, carried in body.items():
        turn = rotation.head_quaternion(frames.head[frame - 1, 3:])
        own = rotation.multiply(rotation.multiply(upright, turn), rotation.inverse(upright))
        # What the take does to the head at rest, done to the head as the body carries it.
        wanted = rotation.multiply(
            carried, rotation.multiply(rotation.inverse(at_rest), rotation.multiply(own, at_rest))
        )
        played, _ = pose_at(scene, rig, "head", frame)
        assert math.degrees(float(rotation.angle_between(played, wanted))) < 0.1


def test_an_artist_s_head_animation_below_is_added_to(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    _, rig = make_character(seed=12)
    bone = rig.pose.bones["head"]
    bone.rotation_quaternion = (math.cos(0.4), 0, math.sin(0.4), 0)
    bone.keyframe_insert("rotation_quaternion", frame=1)
    strip = rig.animation_data.nla_tracks.new().strips.new("Look", 1, rig.animation_data.action)
    strip.action_slot = rig.animation_data.action_slot
    rig.animation_data.action = None
    before, _ = pose_at(scene, rig, "head", 10)
    take = make_take()
    bake(scene, find_character(rig), take)
    turn = rotation.head_quaternion(resample(take.frames, frame_rate(scene)).frames.head[9, 3:])
    played, _ = pose_at(scene, rig, "head", 10)
    whole = float(np.linalg.norm(rotation.rotation_vector(turn)))
    assert float(rotation.angle_between(played, before)) == pytest.approx(whole, abs=0.02)


def test_an_artist_s_head_animation_below_is_replaced_when_asked(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    _, rig = make_character(seed=12)
    take = make_take()
    alone = {}
    bake(scene, find_character(rig), take)
    for frame in (4, 10, 17):
        alone[frame], _ = pose_at(scene, rig, "head", frame)
    remove(find_character(rig))
    bone = rig.pose.bones["head"]
    bone.rotation_quaternion = (math.cos(0.4), 0, math.sin(0.4), 0)
    bone.keyframe_insert("rotation_quaternion", frame=1)
    artist = rig.animation_data.action
    strip = rig.animation_data.nla_tracks.new().strips.new("Look", 1, artist)
    strip.action_slot = rig.animation_data.action_slot
    rig.animation_data.action = None
    bake(scene, find_character(rig), take, BakeOptions(body="replace"))
    for frame, wanted in alone.items():
        played, _ = pose_at(scene, rig, "head", frame)
        assert math.degrees(float(rotation.angle_between(played, wanted))) < 0.1
    far, _ = pose_at(scene, rig, "head", len(take.frames) + 500)
    assert math.degrees(float(rotation.angle_between(far, alone[4]))) > 10, "the artist's comes back after the take"
    assert artist.users > 0


def test_gaze_goes_to_the_eye_bones_only_without_eye_shapes(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    shapes, rig_with = make_character(seed=1)
    bare, rig_without = make_character(
        seed=2, keys=tuple(name for name in SHAPES if not name.startswith("eyeLook")), name="Doll"
    )
    take = make_take()
    bake(scene, find_character(shapes), take)
    bake(scene, find_character(bare), take)

    def eye_curves(rig: bpy.types.Object) -> set[str]:
        strip = rig.animation_data.nla_tracks[0].strips[0]
        return {c.data_path for c in actions.fcurves(strip.action, strip.action_slot) if "eye" in c.data_path}

    assert eye_curves(rig_with) == set()
    assert len(eye_curves(rig_without)) == 2
    frames = resample(take.frames, frame_rate(scene)).frames
    upright = rotation.from_matrix(np.array(rig_without.matrix_world.to_3x3().normalized()))
    for frame in (4, 17):
        head, _ = pose_at(scene, rig_without, "head", 1 + frame)
        eye, _ = pose_at(scene, rig_without, "eye.L", 1 + frame)
        look = rotation.multiply(
            rotation.head_quaternion(frames.head[frame, 3:]), rotation.head_quaternion([*frames.gaze[frame], 0])
        )
        wanted = rotation.multiply(rotation.multiply(upright, look), rest_of(rig_without, "eye.L"))
        assert math.degrees(float(rotation.angle_between(eye, wanted))) < 0.2
        assert float(rotation.angle_between(head, eye)) > 0


@pytest.mark.skipif(not ICT_HEAD.exists(), reason="the ICT-FaceKit head is not here (../shared/rigs)")
def test_the_ict_head_works_whole(scene: bpy.types.Scene, make_take: Any) -> None:
    mesh, rig = runpy.run_path(str(ICT_HEAD))["build"]()
    character = find_character(mesh)
    assert character == find_character(rig)
    assert character.missing_shapes == ("tongueOut",)
    assert len(character.faces[0].keys) == 53, "browInnerUp and cheekPuff are two keys each"
    take = make_take()
    report = bake(scene, character, take)
    assert not report.problems
    assert worst_head_angle(scene, rig, take) < 0.1
    scene.frame_set(12)
    frames = resample(take.frames, frame_rate(scene), take.speech.phones).frames
    blocks = mesh.data.shape_keys.evaluated_get(bpy.context.evaluated_depsgraph_get()).key_blocks
    for name, arkit in (("browInnerUp_L", "browInnerUp"), ("browInnerUp_R", "browInnerUp"), ("jawOpen", "jawOpen")):
        assert blocks[name].value == pytest.approx(frames.shapes[11, INDEX[arkit]], abs=0.003)
    assert blocks["mouthSmile_L"].value == pytest.approx(frames.shapes[11, INDEX["mouthSmileLeft"]], abs=0.003)


def test_every_mesh_of_the_armature_is_driven(
    scene: bpy.types.Scene, make_character: Any, make_mesh: Callable[..., bpy.types.Object], make_take: Any
) -> None:
    mesh, rig = make_character()
    teeth = make_mesh("Teeth", ("jawOpen", "SomethingElse"))
    teeth.parent = mesh  # two steps up to the armature
    bald = make_mesh("Hat", ())
    bald.parent = rig
    character = find_character(rig)
    assert {face.object_name for face in character.faces} == {mesh.name, "Teeth"}
    bake(scene, character, make_take())
    assert teeth.data.shape_keys.animation_data.nla_tracks
    assert bald.animation_data is None


def test_a_mesh_alone_is_enough(
    scene: bpy.types.Scene, make_mesh: Callable[..., bpy.types.Object], make_take: Any
) -> None:
    mesh = make_mesh("Mask", ("jawOpen", "eyeBlink_L", "MouthClose"))
    report = bake(scene, find_character(mesh), make_take())
    assert report.curves == 3
    assert any("no armature" in note for note in report.notes)
    assert any("eyeLookDownLeft" in note and "34 more" in note for note in report.notes), "what it cannot show is said"
    assert not report.problems


def test_a_minute_of_speech_is_few_keys(scene: bpy.types.Scene, make_character: Any) -> None:
    mesh, _ = make_character()
    scene.render.fps = 60
    take = perform("We are open every day, from nine in the morning until eight in the evening. *Really!* " * 12)
    report = bake(scene, find_character(mesh), take)
    assert report.keys / report.dense_keys < 0.25
