"""Which side of a face a key moves is measured on the mesh, wherever and however the character stands."""

import math
import runpy
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

from linly_blender.arkit import SHAPES
from linly_blender.scene.avatar import build_avatar
from linly_blender.scene.character import find_character
from linly_blender.scene.lean import measure_leans
from tests.blender.test_zoo import ICT_HEAD

STANDING = {
    "as it was made": Matrix.Identity(4),
    "turned and far away": Matrix.LocRotScale(Vector((40, -7, 3)), Euler((0.4, -2.0, 2.6)), Vector((3, 3, 3))),
    "mirrored": Matrix.Diagonal((-1, 1, 1, 1)),
    "stretched": Matrix.LocRotScale(Vector((1, 2, 3)), Euler((0, 0, 2.0)), Vector((0.2, 5, 1))),
}


def measured(mesh: bpy.types.Object, rig: bpy.types.Object) -> dict[str, float]:
    """As a character's middle and left are known: from its armature, which stands along its own Z or Y."""
    names = [block.name for block in mesh.data.shape_keys.key_blocks]
    to_world = rig.matrix_world
    left = to_world.to_3x3() @ Vector((1, 0, 0))
    return measure_leans(mesh, names, tuple(left), tuple(to_world @ rig.data.bones["head"].head_local))


def check_sides(leans: dict[str, float], least: float = 0.6) -> None:
    told = {name: lean for name, lean in leans.items() if name.startswith(("eye", "brow", "mouthS", "mouthF"))}
    assert len(told) >= 20
    for name, lean in told.items():
        assert (lean if name.endswith(("Left", "_L")) else -lean) > least, name


@pytest.mark.parametrize("standing", STANDING)
def test_sides_are_the_character_s_own_however_it_stands(scene: bpy.types.Scene, standing: str) -> None:
    mesh, rig = build_avatar(scene)
    rig.matrix_world = STANDING[standing]
    bpy.context.view_layer.update()
    check_sides(measured(mesh, rig))


def test_a_character_that_lies_along_y(scene: bpy.types.Scene) -> None:
    mesh, rig = build_avatar(scene)
    lie = Matrix.Rotation(-math.pi / 2, 4, "X")
    mesh.data.transform(lie, shape_keys=True)
    rig.data.transform(lie)
    rig.rotation_euler = (math.pi / 2, 0, 0)
    bpy.context.view_layer.update()
    check_sides(measured(mesh, rig))


def test_the_ict_head(scene: bpy.types.Scene) -> None:
    if not ICT_HEAD.exists():
        pytest.skip("the ICT-FaceKit head is not here (../shared/rigs)")
    mesh, _ = runpy.run_path(str(ICT_HEAD))["build"]()
    names = [block.name for block in mesh.data.shape_keys.key_blocks]
    check_sides(measure_leans(mesh, names, (1, 0, 0), (0, 0, 0)))


def test_a_mesh_modelled_the_other_way_round(scene: bpy.types.Scene) -> None:
    mesh, rig = build_avatar(scene)
    mesh.data.transform(Matrix.Diagonal((-1, 1, 1, 1)), shape_keys=True)
    leans = measured(mesh, rig)
    check_sides({name: -lean for name, lean in leans.items()})
    mesh.matrix_world = Matrix.Diagonal((-1, 1, 1, 1))
    bpy.context.view_layer.update()
    check_sides(measured(mesh, rig))


def make_eye(scene: bpy.types.Scene, x: float, **keys: tuple[float, float]) -> bpy.types.Object:
    """A mesh of two vertices about ``x``; each key moves the right and the left one up by so much."""
    data = bpy.data.meshes.new("Eye")
    data.from_pydata([(x - 0.01, 0, 1), (x + 0.01, 0, 1)], [], [])
    mesh = bpy.data.objects.new("Eye", data)
    scene.collection.objects.link(mesh)
    mesh.shape_key_add(name="Basis", from_mix=False)
    for name, moves in keys.items():
        block = mesh.shape_key_add(name=name, from_mix=False)
        for point, move in zip(block.points, moves, strict=True):
            point.co.z += move
    return mesh


def test_the_middle_is_the_character_s_and_not_the_mesh_s(scene: bpy.types.Scene) -> None:
    eye = make_eye(scene, 0.03, Blink_L=(0.01, 0.0), Blink_R=(0.0, 0.02))
    assert measure_leans(eye, ["Blink_L", "Blink_R"], (1, 0, 0), (0, 0, 0)) == {"Blink_L": 1.0, "Blink_R": 1.0}
    assert measure_leans(eye, ["Blink_L"], (1, 0, 0), (0.03, 0, 0)) == {"Blink_L": -1.0}
    assert measure_leans(eye, ["Blink_L"], (-2, 0, 0), (0, 5, 5)) == {"Blink_L": -1.0}


def test_what_moves_more_counts_more(scene: bpy.types.Scene) -> None:
    eye = make_eye(scene, 0.0, Blink_L=(0.01, 0.03), Wink_R=(0.02, 0.02))
    leans = measure_leans(eye, ["Blink_L", "Wink_R"], (1, 0, 0), (0, 0, 0))
    assert leans["Blink_L"] == pytest.approx(0.8, abs=1e-3)
    assert leans["Wink_R"] == pytest.approx(0.0, abs=1e-6)


def test_a_key_is_compared_with_the_one_it_is_relative_to(scene: bpy.types.Scene) -> None:
    eye = make_eye(scene, 0.0, Smile=(0.04, 0.0), Smile_L=(0.04, 0.02))
    blocks = eye.data.shape_keys.key_blocks
    blocks["Smile_L"].relative_key = blocks["Smile"]
    assert measure_leans(eye, ["Smile_L"], (1, 0, 0), (0, 0, 0)) == {"Smile_L": 1.0}


def test_what_cannot_be_told_is_not_told(scene: bpy.types.Scene) -> None:
    eye = make_eye(scene, 0.0, Jaw=(0.1, 0.0), Still_L=(0.0, 0.0), Masked_L=(0.1, 0.1), Odd_R=(0.1, np.nan))
    eye.vertex_groups.new(name="left")
    eye.data.shape_keys.key_blocks["Masked_L"].vertex_group = "left"
    names = ["Jaw", "Still_L", "Masked_L", "Odd_R", "Gone_L"]
    assert measure_leans(eye, names, (1, 0, 0), (0, 0, 0)) == {}
    eye.data.shape_keys.key_blocks["Masked_L"].vertex_group = ""
    assert measure_leans(eye, names, (1, 0, 0), (0, 0, 0)) == {"Masked_L": pytest.approx(0, abs=1e-6)}
    eye.modifiers.new("Mirror", "MIRROR")
    assert measure_leans(eye, names, (1, 0, 0), (0, 0, 0)) == {}
    eye.shape_key_clear()
    assert measure_leans(eye, names, (1, 0, 0), (0, 0, 0)) == {}


# What a character's notes say

MMD = {
    "eyeBlinkLeft": "ウィンク２",
    "eyeBlinkRight": "ｳｨﾝｸ２右",
    "mouthSmileLeft": "にやり２左",
    "mouthSmileRight": "にやり２右",
}

LEFT = tuple(name for name in SHAPES if name.endswith("Left"))


def said(obj: bpy.types.Object) -> list[str]:
    return [note for note in find_character(obj).notes if "mirrored" in note or "other side" in note]


def swap(mesh: bpy.types.Object, *names: str) -> None:
    """Give keys of the left the names of the right, and those of the right the left's."""
    blocks = mesh.data.shape_keys.key_blocks
    for left in names:
        right = left.replace("Left", "Right")
        ours, theirs = blocks[left], blocks[right]
        ours.name, theirs.name = "Other", left
        ours.name = right


@pytest.mark.parametrize("standing", STANDING)
def test_nothing_is_said_of_names_that_are_right(scene: bpy.types.Scene, standing: str) -> None:
    mesh, rig = build_avatar(scene)
    rig.matrix_world = STANDING[standing]
    bpy.context.view_layer.update()
    assert said(mesh) == said(rig) == []
    measured = {key.name: key.lean for each in find_character(rig).meshes for key in each.keys}
    assert measured["eyeBlinkLeft"] == pytest.approx(1, abs=0.05)
    assert measured["jawOpen"] is None


def test_nothing_is_said_of_a_character_without_bones(scene: bpy.types.Scene) -> None:
    mesh, rig = build_avatar(scene)
    mesh.modifiers.clear()
    mesh.parent = None
    bpy.data.objects.remove(rig)
    mesh.location.x = 3.0
    bpy.context.view_layer.update()
    assert said(mesh) == []
    swap(mesh, *LEFT)
    assert len(said(mesh)) == 1


def test_nothing_is_said_of_the_ict_head(scene: bpy.types.Scene) -> None:
    if not ICT_HEAD.exists():
        pytest.skip("the ICT-FaceKit head is not here (../shared/rigs)")
    mesh, _ = runpy.run_path(str(ICT_HEAD))["build"]()
    assert said(mesh) == []


def test_nothing_is_said_of_mmd_s_sides_and_of_what_lies_along_y(scene: bpy.types.Scene) -> None:
    mesh, rig = build_avatar(scene)
    for channel, name in MMD.items():
        mesh.data.shape_keys.key_blocks[channel].name = name
    lie = Matrix.Rotation(-math.pi / 2, 4, "X")
    mesh.data.transform(lie, shape_keys=True)
    rig.data.transform(lie)
    bpy.context.view_layer.update()
    assert said(mesh) == []


def test_mirrored_names_are_told(scene: bpy.types.Scene) -> None:
    mesh, rig = build_avatar(scene)
    before = find_character(mesh).found.mapping
    swap(mesh, *LEFT)
    (note,) = said(rig)
    assert note.startswith("Left and right are mirrored in the names of")
    assert note.endswith("Swap the sides of the mapping if that is not meant.")
    assert set(find_character(mesh).found.mapping.drives) == set(before.drives), "the names are gone by all the same"


def test_one_pair_that_is_mirrored_is_told(scene: bpy.types.Scene) -> None:
    mesh, _ = build_avatar(scene)
    swap(mesh, "mouthSmileLeft")
    (note,) = said(mesh)
    assert note.startswith("The other side moves with mouthSmileLeft, mouthSmileRight.")


def test_an_eye_that_hangs_at_a_posed_head_is_seen_with_it(scene: bpy.types.Scene, make_character: Any) -> None:
    _, rig = make_character()
    eye = make_eye(scene, 0.03, eyeBlink_L=(0.01, 0.01))
    eye.data.transform(Matrix.Translation((0, 0, -1)), shape_keys=True)
    eye.parent, eye.parent_type, eye.parent_bone = rig, "BONE", "head"
    rig.pose.bones["head"].rotation_quaternion = Euler((0, 2.5, 0)).to_quaternion()
    rig.pose.bones["head"].location = (0.5, 0.5, 0)
    bpy.context.view_layer.update()
    measured = {key.name: key.lean for each in find_character(rig).meshes for key in each.keys if each.name == "Eye"}
    assert measured == {"eyeBlink_L": 1.0}


def test_a_gltf_file_comes_back_with_its_sides(scene: bpy.types.Scene, tmp_path: Path) -> None:
    build_avatar(scene)
    path = str(tmp_path / "avatar.glb")
    bpy.ops.export_scene.gltf(filepath=path, export_yup=True)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.import_scene.gltf(filepath=path)
    mesh = next(obj for obj in bpy.data.objects if obj.type == "MESH" and obj.data.shape_keys)
    assert len(find_character(mesh).faces[0].keys) == 52
    assert said(mesh) == []
    swap(mesh, *LEFT)
    assert len(said(mesh)) == 1
