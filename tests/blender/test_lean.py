"""Which side of a face a key moves is measured on the mesh, wherever and however the character stands."""

import math
import runpy

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

from linly_blender.scene.avatar import build_avatar
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
