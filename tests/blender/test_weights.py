"""Bones that nothing follows are left alone, and eyes turn by what moves them: told from what meshes follow."""

import math
from collections.abc import Callable
from dataclasses import replace

import bpy
import pytest

from linly_blender.scene import weights
from linly_blender.scene.character import find_character
from linly_blender.scene.weights import Weights
from tests.blender.zoo import EYEBALLS, ZOO, Make, make_one

JAW = replace(ZOO["a jaw's bone and a blink"], place=ZOO["ARKit"].place)
LIDS = ZOO["ARKit, looks of the lids alone"]


def made(scene: bpy.types.Scene, make: Make) -> tuple[bpy.types.Object, bpy.types.Object]:
    animal = make_one(scene, make)
    return bpy.data.objects[animal.mesh], bpy.data.objects[animal.rig]


def let_go(mesh: bpy.types.Object, bone: str) -> list[int]:
    """Take all vertices from a bone, but leave its group; gives those it had mostly."""
    group = mesh.vertex_groups[bone]
    weights = {v.index: each.weight for v in mesh.data.vertices for each in v.groups if each.group == group.index}
    group.remove(list(weights))
    return [vertex for vertex, weight in weights.items() if weight > 0.5]


def add_mesh(rig: bpy.types.Object) -> bpy.types.Object:
    data = bpy.data.meshes.new("Beard")
    data.from_pydata([(0, 0, 0)], [], [])
    beard = bpy.data.objects.new("Beard", data)
    bpy.context.scene.collection.objects.link(beard)
    beard.parent = rig
    return beard


def new_bone(rig: bpy.types.Object, name: str, parent: str) -> bpy.types.PoseBone:
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bones = rig.data.edit_bones
    bone = bones.new(name)
    bone.parent, bone.head, bone.tail = bones[parent], bones["Kiefer"].head, bones["Kiefer"].tail
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig.pose.bones[name]


def test_a_jaw_s_bone_without_vertices_opens_nothing(scene: bpy.types.Scene) -> None:
    mesh, _ = made(scene, JAW)
    assert find_character(mesh).posed == ("Kiefer",)
    had = let_go(mesh, "Kiefer")
    assert not had_pose(mesh)
    mesh.vertex_groups["Kiefer"].add(had, 0.0, "REPLACE")
    assert not had_pose(mesh), "vertices of no weight do not follow"
    mesh.vertex_groups["Kiefer"].add(had[:20], 0.5, "REPLACE")
    assert had_pose(mesh)


def had_pose(mesh: bpy.types.Object) -> bool:
    character = find_character(mesh)
    assert character.found.can_speak == bool(character.posed)
    return character.posed == ("Kiefer",)


def hang(rig: bpy.types.Object, mesh: bpy.types.Object) -> None:
    beard = add_mesh(rig)
    beard.parent_type, beard.parent_bone = "BONE", "Kiefer"


def hang_deeper(rig: bpy.types.Object, mesh: bpy.types.Object) -> None:
    root = bpy.data.objects.new("Root", None)
    bpy.context.scene.collection.objects.link(root)
    root.parent, root.parent_type, root.parent_bone = rig, "BONE", "Kiefer"
    add_mesh(rig).parent = root


def bind(rig: bpy.types.Object, mesh: bpy.types.Object) -> None:
    constraint = add_mesh(rig).constraints.new("CHILD_OF")
    constraint.target, constraint.subtarget = rig, "Kiefer"


def hook(rig: bpy.types.Object, mesh: bpy.types.Object) -> None:
    modifier = mesh.modifiers.new("Hook", "HOOK")
    modifier.object, modifier.subtarget = rig, "Kiefer"


def weigh_one_below(rig: bpy.types.Object, mesh: bpy.types.Object) -> None:
    new_bone(rig, "Kinn", "Kiefer")
    mesh.vertex_groups.new(name="Kinn").add([0], 1.0, "REPLACE")


def weigh_one_bound(rig: bpy.types.Object, mesh: bpy.types.Object) -> None:
    constraint = new_bone(rig, "Kinn", "Kopf").constraints.new("COPY_ROTATION")
    constraint.target, constraint.subtarget = rig, "Kiefer"
    mesh.vertex_groups.new(name="Kinn").add([0], 1.0, "REPLACE")


def weigh_one_driven(rig: bpy.types.Object, mesh: bpy.types.Object) -> None:
    drive(new_bone(rig, "Kinn", "Kopf").driver_add("location", 2).driver, rig)
    mesh.vertex_groups.new(name="Kinn").add([0], 1.0, "REPLACE")


def drive_a_key(rig: bpy.types.Object, mesh: bpy.types.Object) -> None:
    drive(mesh.shape_key_add(name="Wart").driver_add("value").driver, rig)


def drive(driver: bpy.types.Driver, rig: bpy.types.Object) -> None:
    variable = driver.variables.new()
    variable.targets[0].id = rig
    variable.targets[0].data_path = 'pose.bones["Kiefer"].rotation_euler[0]'


@pytest.mark.parametrize(
    "follow",
    [hang, hang_deeper, bind, hook, weigh_one_below, weigh_one_bound, weigh_one_driven, drive_a_key],
)
def test_a_jaw_s_bone_is_followed_in_other_ways(
    scene: bpy.types.Scene, follow: Callable[[bpy.types.Object, bpy.types.Object], None]
) -> None:
    mesh, rig = made(scene, JAW)
    let_go(mesh, "Kiefer")
    assert not find_character(mesh).posed
    follow(rig, mesh)
    assert find_character(mesh).posed == ("Kiefer",)


def test_bones_are_trusted_where_the_meshes_follow_in_no_way_that_is_seen(scene: bpy.types.Scene) -> None:
    mesh, _ = made(scene, JAW)
    mesh.vertex_groups.clear()
    assert find_character(mesh).posed == ("Kiefer",)


def test_keys_of_reallusion_s_are_alone_where_the_jaw_carries_nothing(scene: bpy.types.Scene) -> None:
    mesh, rig = made(scene, replace(ZOO["Reallusion CC4 Standard"], meshes={}))
    assert [name for _, name, _ in find_character(mesh).found.mapping.targets("jawOpen")] == ["Jaw_Open", "jawOpen"]
    let_go(mesh, "CC_Base_JawRoot")
    character = find_character(mesh)
    assert [name for _, name, _ in character.found.mapping.targets("jawOpen")] == ["Jaw_Open"]
    assert not character.posed
    assert character == find_character(rig)


# Eyes


@pytest.mark.parametrize("meshes", [{}, {"Eyes": EYEBALLS}, {"Left": EYEBALLS[:1], "Right": EYEBALLS[1:]}])
def test_eyes_turn_by_what_moves_them(scene: bpy.types.Scene, meshes: dict[str, tuple[str, ...]]) -> None:
    turned, _ = made(scene, replace(ZOO["ARKit"], meshes=meshes))
    assert find_character(turned).eyes == ()
    left, _ = made(scene, replace(LIDS, meshes=meshes))
    assert find_character(left).eyes == ("eye.L", "eye.R")


@pytest.mark.parametrize("make", [ZOO["ARKit"], LIDS], ids=["keys", "bones"])
def test_eyes_that_hang_at_bones_are_measured_whole(scene: bpy.types.Scene, make: Make) -> None:
    mesh, rig = made(scene, replace(make, meshes={"Left": EYEBALLS[:1], "Right": EYEBALLS[1:]}))
    for side in ("L", "R"):
        eye = next(obj for obj in rig.children if obj != mesh and f"eye.{side}" in followed(obj))
        eye.modifiers.clear()
        eye.parent_type, eye.parent_bone = "BONE", f"eye.{side}"
    assert find_character(mesh).eyes == (("eye.L", "eye.R") if make.leaves_eyes else ())


def followed(mesh: bpy.types.Object) -> set[str]:
    names = {group.index: group.name for group in mesh.vertex_groups}
    return {names[each.group] for vertex in mesh.data.vertices for each in vertex.groups if each.weight > 0.5}


def test_bones_do_not_turn_eyes_that_one_key_turns(scene: bpy.types.Scene) -> None:
    mesh, _ = made(scene, replace(LIDS, meshes={"Eyes": EYEBALLS}))
    eyes = bpy.data.objects["Eyes"]
    assert find_character(mesh).eyes == ("eye.L", "eye.R")
    eyes.shape_key_add(name="Basis")
    key = eyes.shape_key_add(name="eyeLookUpRight")
    middle = sum(point.co.y for point in key.data) / len(key.data)
    for point in key.data:
        point.co.z -= math.tan(math.radians(15)) * (point.co.y - middle)
    assert find_character(mesh).eyes == ()


def test_bones_without_vertices_do_not_turn(scene: bpy.types.Scene) -> None:
    mesh, _ = made(scene, LIDS)
    let_go(mesh, "eye.L")
    assert find_character(mesh).eyes == ()


def test_keys_that_another_object_shows_turn_its_eyes(scene: bpy.types.Scene) -> None:
    """Each mesh is described once; eyes may be those of the second object that shows it."""
    mesh, rig = made(scene, ZOO["ARKit"])
    other = mesh.copy()
    scene.collection.objects.link(other)
    mesh.name, other.name = "B", "A"
    assert find_character(rig).eyes == ()


def test_of_a_large_mesh_some_vertices_tell(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    mesh, rig = made(scene, JAW)
    whole = of_the_jaw(rig, mesh)
    monkeypatch.setattr(weights, "_ENOUGH", 500)
    some = of_the_jaw(rig, mesh)
    assert len(whole) == len(let_go(mesh, "Kiefer")) > 10 * len(some) > 0
    assert set(some) < set(whole)


def of_the_jaw(rig: bpy.types.Object, mesh: bpy.types.Object) -> list[int]:
    carried = Weights(rig, [mesh], ["Kiefer"])
    assert carried.carry(["Kiefer"])
    return [number for _, vertices in carried.vertices({"Kiefer"}) for number in vertices.tolist()]
