"""A channel that is shown alone while somebody tries it: what becomes of the artist's values meanwhile."""

import importlib
import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest
from mathutils import Euler, Quaternion

MakeCharacter = Callable[..., tuple[bpy.types.Object, bpy.types.Object]]
KEYS = ("jawOpen", "mouthSmileLeft")
MODES = ("QUATERNION", "XYZ", "ZYX", "AXIS_ANGLE")


@pytest.fixture
def trial(extension: ModuleType) -> ModuleType:
    """The extension's."""
    return importlib.import_module(extension.__package__ + ".linly_blender.scene.trial")  # type: ignore[operator]


def values(mesh: bpy.types.Object) -> dict[str, float]:
    return {block.name: block.value for block in mesh.data.shape_keys.key_blocks[1:]}


def test_a_change_of_the_frame_ends_it(trial: Any, make_character: MakeCharacter, scene: bpy.types.Scene) -> None:
    mesh, _ = make_character(keys=KEYS)
    block = mesh.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.2), (50, 1.0)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    scene.frame_set(1)
    trial.show(mesh.name, "mouthSmileLeft", 0.5, 1.0)
    assert values(mesh) == pytest.approx({"jawOpen": 0.0, "mouthSmileLeft": 0.5})
    scene.frame_set(50)
    assert not trial.is_shown()
    assert values(mesh) == pytest.approx({"jawOpen": 1.0, "mouthSmileLeft": 0.0})
    trial.stop()
    assert values(mesh) == pytest.approx({"jawOpen": 1.0, "mouthSmileLeft": 0.0})


def test_playback_ends_it(trial: Any, make_character: MakeCharacter, scene: bpy.types.Scene) -> None:
    mesh, _ = make_character(keys=KEYS)
    trial.show(mesh.name, "mouthSmileLeft", 0.5, 1.0)
    for handler in bpy.app.handlers.animation_playback_pre:  # a window without a screen plays nothing
        handler(scene, None)
    assert not trial.is_shown()
    assert values(mesh) == {"jawOpen": 0.0, "mouthSmileLeft": 0.0}


def test_rendering_ends_it(trial: Any, make_character: MakeCharacter, scene: bpy.types.Scene, tmp_path: Path) -> None:
    mesh, _ = make_character(keys=KEYS)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.render.filepath = str(tmp_path / "one.png")
    trial.show(mesh.name, "mouthSmileLeft", 0.5, 1.0)
    bpy.ops.render.render(write_still=True)
    assert not trial.is_shown()
    assert values(mesh) == {"jawOpen": 0.0, "mouthSmileLeft": 0.0}


def test_what_the_artist_sets_while_it_stands_stays(trial: Any, make_character: MakeCharacter) -> None:
    mesh, rig = make_character(keys=(*KEYS, "mouthPucker"))
    blocks, head, neck = mesh.data.shape_keys.key_blocks, rig.pose.bones["head"], rig.pose.bones["neck"]
    blocks["mouthPucker"].value = 0.3
    neck.rotation_quaternion = neck_turn = Quaternion((1, 0, 0), 0.2)
    trial.show(mesh.name, "jawOpen", 0.5, 1.0)
    assert tuple(neck.rotation_quaternion) == (1, 0, 0, 0), "shown alone"
    head.rotation_quaternion = head_turn = Quaternion((0, 1, 0), 0.4)
    head.location = (0.01, 0, 0)
    blocks["mouthSmileLeft"].value = 0.8
    trial.show(mesh.name, "jawOpen", 0.7, 1.0)
    assert values(mesh) == pytest.approx({"jawOpen": 0.7, "mouthSmileLeft": 0.0, "mouthPucker": 0.0})
    rig.pose.bones["chest"].scale = (1.1, 1.0, 1.0)
    trial.stop()
    assert values(mesh) == pytest.approx({"jawOpen": 0.0, "mouthSmileLeft": 0.8, "mouthPucker": 0.3})
    assert tuple(head.rotation_quaternion) == pytest.approx(tuple(head_turn))
    assert tuple(head.location) == pytest.approx((0.01, 0, 0))
    assert tuple(neck.rotation_quaternion) == pytest.approx(tuple(neck_turn))
    assert rig.pose.bones["chest"].scale.x == pytest.approx(1.1)


@pytest.mark.parametrize("before", MODES)
@pytest.mark.parametrize("after", MODES)
@pytest.mark.parametrize("is_edited", [True, False])
def test_a_rotation_mode_that_is_changed_meanwhile_takes_the_pose_along(
    trial: Any, make_character: MakeCharacter, before: str, after: str, is_edited: bool
) -> None:
    mesh, rig = make_character(mode=before, keys=KEYS)
    head, twin = rig.pose.bones["head"], rig.pose.bones["neck"]
    for bone in (head, twin):
        bone.matrix_basis = Euler((0.5, 0.2, -0.3)).to_matrix().to_4x4()
    trial.show(mesh.name, "jawOpen", 0.5, 1.0)
    assert head.matrix_basis.to_quaternion().angle < 1e-6
    head.rotation_mode = after
    if is_edited:
        head.matrix_basis = Euler((-0.1, 0.7, 0.2)).to_matrix().to_4x4()
    trial.stop()
    twin.rotation_mode = after
    if is_edited:
        twin.matrix_basis = Euler((-0.1, 0.7, 0.2)).to_matrix().to_4x4()
    assert twin.matrix_basis.to_quaternion().angle > 0.3
    assert head.rotation_mode == after
    between = head.matrix_basis.to_quaternion().rotation_difference(twin.matrix_basis.to_quaternion()).angle
    assert min(between, 2 * math.pi - between) < 2e-3


def test_a_step_of_undo_ends_it_and_leaves_what_was_set_before(trial: Any, make_character: MakeCharacter) -> None:
    mesh, rig = make_character(keys=KEYS)
    names = mesh.name, rig.name
    trial.show(mesh.name, "jawOpen", 0.5, 1.0)
    bpy.ops.ed.undo_push(message="Test Drive")
    rig.pose.bones["head"].rotation_quaternion = turn = Quaternion((0, 1, 0), 0.4)
    bpy.ops.ed.undo_push(message="Head")
    mesh.data.shape_keys.key_blocks["mouthSmileLeft"].value = 0.8
    bpy.ops.ed.undo_push(message="Smile")
    bpy.ops.ed.undo()
    mesh, rig = (bpy.data.objects[name] for name in names)
    assert values(mesh) == {"jawOpen": 0.0, "mouthSmileLeft": 0.0}
    assert tuple(rig.pose.bones["head"].rotation_quaternion) == pytest.approx(tuple(turn))


def test_a_character_that_is_appended_from_a_file_of_a_crash_gets_its_pose_back(
    extension: ModuleType, trial: Any, make_character: MakeCharacter, scene: bpy.types.Scene, tmp_path: Path
) -> None:
    mesh, _ = make_character(keys=KEYS)
    mesh.data.shape_keys.key_blocks["jawOpen"].value = 0.2
    trial.show(mesh.name, "jawOpen", 0.9, 1.0)
    path, name = tmp_path / "crash.blend", mesh.name
    bpy.data.libraries.write(str(path), {mesh})
    trial.stop()
    bpy.data.objects.remove(mesh)
    bpy.ops.wm.append(directory=f"{path}/Object/", filename=name)
    appended = next(obj for obj in bpy.data.objects if obj.type == "MESH")
    assert appended.data.shape_keys.key_blocks["jawOpen"].value == pytest.approx(0.2)
