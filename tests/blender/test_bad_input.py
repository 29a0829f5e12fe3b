"""Whatever cannot be baked is refused with a sentence that says what to do, before anything has changed."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from linly_blender.errors import UserError
from linly_blender.scene.bake import BakeOptions, bake
from linly_blender.scene.character import find_character
from linly_blender.scene.remove import remove


def refused(act: Callable[[], object], said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        act()
    assert str(caught.value).endswith((".", ")"))


def test_an_object_that_is_no_character(scene: bpy.types.Scene, make_mesh: Any, make_character: Any) -> None:
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    refused(lambda: find_character(lamp), "'Lamp' is a light")
    refused(lambda: find_character(make_mesh("Cube", ())), "'Cube' has no shape keys")
    refused(lambda: find_character(make_mesh("Cat", ("Tail", "Fur 2"))), "a face it moves.*Tail, Fur 2.*Name them")
    empty = bpy.data.objects.new("Bones", bpy.data.armatures.new("Bones"))
    scene.collection.objects.link(empty)
    refused(lambda: find_character(empty), "No mesh follows the armature 'Bones'")
    _, rig = make_character(keys=())
    refused(lambda: find_character(rig), "'Rig' has no shape keys")


def test_a_linked_character(scene: bpy.types.Scene, make_character: Any, make_take: Any, tmp_path: Path) -> None:
    make_character()
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene = bpy.context.scene
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.objects = ["Rig", "Rig Face"]
    for obj in wanted.objects:
        scene.collection.objects.link(obj)
    refused(lambda: find_character(bpy.data.objects["Rig Face"]), "is linked.*[Ll]ibrary override")
    refused(lambda: find_character(bpy.data.objects["Rig"]), "is linked.*[Ll]ibrary override")
    half = bpy.data.objects["Rig Face", path].override_hierarchy_create(scene, bpy.context.view_layer)
    refused(lambda: find_character(half), "mesh.*is linked.*[Ll]ibrary override")
    half.data.override_create(remap_local_usages=True)
    report = bake(scene, find_character(half), make_take())
    assert report.keys, "a full override can be animated"


def test_a_locked_or_driven_head(scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any) -> None:
    mesh, rig = make_character()
    head = rig.pose.bones["head"]
    head.lock_rotation = (False, True, False)
    before = snapshot()
    refused(lambda: bake(scene, find_character(mesh), make_take()), "head bone 'head' is locked.*Free it")
    assert snapshot() == before
    head.lock_rotation = (False, False, False)
    head.driver_add("rotation_quaternion", 1).driver.expression = "0"
    refused(lambda: bake(scene, find_character(mesh), make_take()), "moved by a driver")


def test_a_locked_neck_is_left_alone_and_the_head_does_it_all(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    mesh, rig = make_character()
    rig.pose.bones["neck"].lock_rotation = (True, True, True)
    report = bake(scene, find_character(mesh), make_take())
    assert any("'neck'" in note for note in report.notes)
    scene.frame_set(20)
    assert tuple(rig.pose.bones["neck"].rotation_quaternion) == (1, 0, 0, 0)


def test_shape_keys_that_drivers_move(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any
) -> None:
    mesh, _ = make_character(keys=("jawOpen", "mouthClose"))
    blocks = mesh.data.shape_keys.key_blocks
    blocks["jawOpen"].driver_add("value").driver.expression = "0.5"
    report = bake(scene, find_character(mesh), make_take())
    assert any("jawOpen" in note for note in report.notes)
    scene.frame_set(17)
    assert blocks["jawOpen"].value == pytest.approx(0.5)
    blocks["mouthClose"].driver_add("value").driver.expression = "0"
    bpy.context.view_layer.update()  # the driver sets it to 0, where the take had it
    before = snapshot()
    refused(lambda: bake(scene, find_character(mesh), make_take()), "moved by drivers")
    assert snapshot() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (BakeOptions(shape_tolerance=0), "shape tolerance"),
        (BakeOptions(angle_tolerance=-1), "angle tolerance"),
        (BakeOptions(distance_tolerance=math.nan), "distance tolerance"),
        (BakeOptions(start_frame=10**7), "start frame"),
        (BakeOptions(start_frame=1048574), "would end at frame"),
    ],
)
def test_options_out_of_range(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any, options: BakeOptions, said: str
) -> None:
    mesh, _ = make_character()
    before = snapshot()
    refused(lambda: bake(scene, find_character(mesh), make_take(), options), said)
    assert snapshot() == before


def test_a_damaged_take(scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any) -> None:
    mesh, _ = make_character()
    take = make_take()
    take.frames.shapes[3, 5] = np.nan
    before = snapshot()
    refused(lambda: bake(scene, find_character(mesh), take), "NaN")
    no_rate = replace(make_take(), frames=replace(make_take().frames, fps=0.0))
    refused(lambda: bake(scene, find_character(mesh), no_rate), "frames a second")
    assert snapshot() == before


def test_a_character_that_is_gone(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    mesh, rig = make_character()
    character = find_character(mesh)
    mesh.shape_key_remove(mesh.data.shape_keys.key_blocks["jawOpen"])
    refused(lambda: bake(scene, character, make_take()), "no longer has the shape key 'jawOpen'")
    character = find_character(mesh)
    bpy.data.objects.remove(rig)
    refused(lambda: bake(scene, character, make_take()), "'Rig' is gone")


def test_a_strip_that_is_being_tweaked(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any
) -> None:
    mesh, rig = make_character()
    character = find_character(mesh)
    bake(scene, character, make_take())
    rig.animation_data.nla_tracks[0].strips[0].select = True
    rig.animation_data.use_tweak_mode = True
    assert rig.animation_data.use_tweak_mode
    before = snapshot()
    refused(lambda: bake(scene, character, make_take(seed=1)), "Leave tweak mode")
    refused(lambda: remove(character), "Leave tweak mode")
    assert snapshot() == before


def test_an_armature_scaled_to_nothing(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    mesh, rig = make_character()
    rig.scale = (0, 0, 0)
    bpy.context.view_layer.update()
    refused(lambda: bake(scene, find_character(mesh), make_take()), "scaled to nothing")


def test_one_frame_is_a_take(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    report = bake(scene, find_character(make_character()[0]), make_take(0.0))
    assert report.first_frame == report.last_frame == 1
    assert not report.problems
