"""A character that is shown live: what is written is what a bake would show, and nothing of it is left behind."""

from collections.abc import Callable
from typing import Any

import bpy
import numpy as np
import pytest

from linly_blender.errors import UserError
from linly_blender.live.frame import Frame
from linly_blender.performance import Frames
from linly_blender.scene.character import find_character
from linly_blender.scene.kept import KEPT, restore
from linly_blender.scene.live import Preview
from linly_blender.scene.retarget import Tolerances, retarget

MakeCharacter = Callable[..., tuple[bpy.types.Object, bpy.types.Object]]
MODES = ("QUATERNION", "XYZ", "ZYX", "AXIS_ANGLE")


def a_frame(seed: int = 0) -> Frame:
    rng = np.random.default_rng(seed)
    return Frame(
        time=0.0,
        shapes=rng.random(52).astype(np.float32),
        head=np.hstack([rng.uniform(-0.02, 0.02, 3), rng.uniform(-0.5, 0.5, 3)]).astype(np.float32),
        gaze=rng.uniform(-0.3, 0.3, 2).astype(np.float32),
        breath=float(rng.random()),
    )


def many(frame: Frame) -> Frames:
    return Frames(
        24.0,
        frame.shapes[None],
        frame.head[None],
        frame.gaze[None],
        np.array([frame.breath], np.float32),
    )


def shapes_of(mesh: bpy.types.Object) -> list[float]:
    return [block.value for block in mesh.data.shape_keys.key_blocks]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_shows_what_a_bake_would(make_character: MakeCharacter, mode: str, seed: int | None) -> None:
    keys = ("jawOpen", "mouthSmileLeft", "mouthSmileRight")  # no looks, so that the eye bones turn
    mesh, rig = make_character(seed=seed, mode=mode, keys=keys)
    for number in range(3):
        frame = a_frame(number)
        baked = retarget(find_character(mesh), many(frame), Tolerances(0.002, 0.001, 0.0002), 1.0)
        Preview(mesh.name, 1.0).write(frame)
        owners = [(mesh.data.shape_keys, baked.faces[mesh.name]), (rig, baked.bones)]
        for owner, channels in owners:
            assert channels
            for channel in channels:
                shown = np.atleast_1d(owner.path_resolve(channel.data_path))
                expected = channel.values[0]
                if "rotation" in channel.data_path:
                    assert same_turn(mode, shown, expected), channel.data_path
                else:
                    assert shown == pytest.approx(expected, abs=2e-5, rel=1e-4), channel.data_path


def same_turn(mode: str, shown: Any, expected: Any) -> bool:
    """Whether two values of a bone's rotation property turn it alike."""
    from mathutils import Euler, Quaternion

    def turn(values: Any) -> Any:
        if mode == "QUATERNION":
            return Quaternion(values)
        if mode == "AXIS_ANGLE":
            return Quaternion(values[1:], values[0])
        return Euler(values, mode).to_quaternion()

    return bool(turn(shown).rotation_difference(turn(expected)).angle < 1e-4)


def test_the_mesh_on_the_screen_follows(make_character: MakeCharacter) -> None:
    mesh, _ = make_character()
    preview = Preview(mesh.name, 1.0)
    frame = a_frame()
    preview.write(frame)
    shown = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    moved = [vertex.co.z - 1.0 for vertex in shown.vertices][:52]
    assert moved == pytest.approx([0.001 * value for value in frame.shapes.tolist()], abs=1e-5)


def test_everything_is_given_back(make_character: MakeCharacter, snapshot: Callable[[], dict[str, Any]]) -> None:
    mesh, rig = make_character(seed=3, mode="XYZ")
    mesh.data.shape_keys.key_blocks["jawOpen"].value = 0.3
    rig.pose.bones["head"].rotation_euler = (0.1, 0.2, 0.3)
    rig.pose.bones["neck"].location = (0.01, 0, 0)
    before = snapshot()
    preview = Preview(rig.name, 1.0)
    for seed in range(5):
        preview.write(a_frame(seed))
    assert snapshot() != before
    restore()
    assert snapshot() == before
    restore()
    assert snapshot() == before


def test_nothing_is_keyed_even_with_auto_keying(make_character: MakeCharacter, scene: bpy.types.Scene) -> None:
    scene.tool_settings.use_keyframe_insert_auto = True
    mesh, rig = make_character()
    Preview(mesh.name, 1.0).write(a_frame())
    assert not bpy.data.actions
    assert rig.animation_data is None
    assert mesh.data.shape_keys.animation_data is None


def test_only_the_characters_own_channels_are_touched(make_character: MakeCharacter) -> None:
    mesh, rig = make_character()
    custom = mesh.shape_key_add(name="Wart", from_mix=False)
    custom.slider_max = 3.0
    custom.value = 2.5
    preview = Preview(mesh.name, 1.0)
    preview.write(a_frame())
    assert custom.value == 2.5
    assert rig.pose.bones["head"].rotation_quaternion[0] < 1
    restore()
    assert custom.value == 2.5


def test_driven_muted_and_locked_channels_are_left_alone_and_told(make_character: MakeCharacter) -> None:
    mesh, rig = make_character()
    keys = mesh.data.shape_keys
    keys.key_blocks["jawOpen"].driver_add("value")
    keys.key_blocks["mouthPucker"].mute = True
    rig.pose.bones["head"].lock_rotation[0] = True
    preview = Preview(mesh.name, 1.0)
    preview.write(a_frame())
    assert keys.key_blocks["mouthPucker"].value == 0
    assert keys.key_blocks["mouthFunnel"].value > 0
    assert rig.pose.bones["head"].rotation_quaternion[0] == 1
    said = " ".join(preview.notes)
    assert "jawOpen" in said
    assert "mouthPucker" in said
    assert "'head' is locked" in said


def test_an_animation_of_the_same_channels_is_told(make_character: MakeCharacter) -> None:
    mesh, rig = make_character()
    rig.pose.bones["head"].keyframe_insert("rotation_quaternion", frame=1)
    assert any(f"'{rig.name}' is animated" in note for note in Preview(mesh.name, 1.0).notes)


@pytest.mark.parametrize("what", ["object", "armature", "shape", "bone", "all shapes"])
def test_what_is_gone_is_named_and_the_rest_is_given_back(make_character: MakeCharacter, what: str) -> None:
    mesh, rig = make_character()
    mesh.data.shape_keys.key_blocks["mouthSmileLeft"].value = 0.2
    preview = Preview(mesh.name, 1.0)
    preview.write(a_frame())
    if what == "object":
        mesh.name = "Somebody else"
        expected = "Rig Face"
    elif what == "armature":
        bpy.data.objects.remove(rig)
        expected = "Rig"
    elif what == "shape":
        mesh.data.shape_keys.key_blocks["jawOpen"].name = "Kiefer"
        expected = "jawOpen"
    elif what == "bone":
        rig.data.bones["head"].name = "Kopf"
        expected = "head"
    else:
        mesh.shape_key_clear()
        expected = "Rig Face"
    with pytest.raises(UserError, match=f"'{expected}'"):
        preview.write(a_frame(1))
    restore()
    if mesh.data.shape_keys is not None:
        assert mesh.data.shape_keys.key_blocks["mouthSmileLeft"].value == pytest.approx(0.2)
        assert KEPT not in mesh.data.shape_keys


def test_a_key_that_is_added_or_a_mode_that_is_changed_does_not_stop_it(make_character: MakeCharacter) -> None:
    mesh, rig = make_character()
    preview = Preview(mesh.name, 1.0)
    preview.write(a_frame())
    mesh.shape_key_add(name="Wart", from_mix=False)
    rig.pose.bones["head"].rotation_mode = "XYZ"
    for _ in range(3):  # each of the two is noticed in a moment of its own
        preview.write(a_frame(1))
    assert shapes_of(mesh)[1:53] == pytest.approx(a_frame(1).shapes.tolist(), abs=2e-4)
    assert tuple(rig.pose.bones["head"].rotation_euler) != (0, 0, 0)
    restore()
    assert max(shapes_of(mesh)[1:53]) == 0
    assert tuple(rig.pose.bones["head"].rotation_euler) == (0, 0, 0)


def test_what_was_kept_and_then_spoiled_counts_as_nothing(make_character: MakeCharacter) -> None:
    mesh, rig = make_character()
    mesh.data.shape_keys[KEPT] = '{"jawOpen": "wide", "nobody": 1, "mouthPucker": 1e999}'
    rig[KEPT] = "no JSON"
    restore()
    assert KEPT not in rig
    assert KEPT not in mesh.data.shape_keys
    assert max(shapes_of(mesh)[1:53]) == 0


def test_a_file_saved_in_the_middle_knows_the_pose(make_character: MakeCharacter, tmp_path: Any) -> None:
    mesh, _ = make_character()
    mesh.data.shape_keys.key_blocks["jawOpen"].value = 0.25
    name = mesh.name
    Preview(name, 1.0).write(a_frame())
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "middle.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "middle.blend"))
    restore()
    assert bpy.data.objects[name].data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.25)


def test_a_key_that_is_added_in_the_middle_is_given_back(make_character: MakeCharacter) -> None:
    mesh, _ = make_character(keys=("jawOpen", "mouthSmileLeft"))
    preview = Preview(mesh.name, 1.0)
    preview.write(a_frame())
    mesh.shape_key_add(name="eyeBlinkLeft", from_mix=False).value = 0.25
    for _ in range(2):
        preview.write(a_frame(1))
    assert shapes_of(mesh)[3] != pytest.approx(0.25, abs=0.01)
    restore()
    assert shapes_of(mesh)[1:] == pytest.approx([0, 0, 0.25])


@pytest.mark.parametrize("before", MODES)
@pytest.mark.parametrize("after", MODES)
def test_a_pose_outlives_a_change_of_its_rotation_mode(make_character: MakeCharacter, before: str, after: str) -> None:
    mesh, rig = make_character(mode=before)
    head, twin = rig.pose.bones["head"], rig.pose.bones["neck"]
    for bone in (head, twin):
        bone.rotation_mode = "XYZ"
        bone.rotation_euler = (0.5, 0.2, -0.3)
        bone.rotation_mode = before
    preview = Preview(mesh.name, 1.0)
    preview.write(a_frame())
    head.rotation_mode = after
    for _ in range(2):
        preview.write(a_frame(1))
    restore()
    twin.rotation_mode = after
    bpy.context.view_layer.update()
    assert head.rotation_mode == after
    assert twin.matrix_basis.to_quaternion().angle > 0.3
    turn = head.matrix_basis.to_quaternion().rotation_difference(twin.matrix_basis.to_quaternion())
    assert turn.angle < 1e-3
