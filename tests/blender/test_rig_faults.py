"""Characters that are broken, ambiguous or change under the program's hands: told clearly, and nothing is changed."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Vector

from linly_blender.arkit import INDEX, SHAPES
from linly_blender.live.frame import Frame, rest
from linly_blender.scene.bake import BakeOptions, bake
from linly_blender.scene.character import find_character
from linly_blender.scene.checks import find_problems
from linly_blender.scene.kept import restore
from linly_blender.scene.live import Preview
from linly_blender.scene.remove import remove
from tests.blender.test_bad_input import refused

Objects = tuple[bpy.types.Object, bpy.types.Object]
SILENT = BakeOptions(sound=False)
CHINESE = {
    "张嘴": "jawOpen",
    "左眼闭": "eyeBlinkLeft",
    "右眼闭": "eyeBlinkRight",
    "嘟嘴": "mouthPucker",
    "微笑左": "mouthSmileLeft",
    "微笑右": "mouthSmileRight",
}


@pytest.fixture
def unchanged(snapshot: Any) -> Callable[[Callable[[], object], str], None]:
    """See that something is refused with words like these, and that the file is as it was."""

    def check(act: Callable[[], object], said: str) -> None:
        before = snapshot()
        refused(act, said)
        assert snapshot() == before

    return check


def a_frame() -> Frame:
    return Frame(0.0, np.full(52, 0.5, np.float32), np.full(6, 0.1, np.float32), np.zeros(2, np.float32), 0.5)


def edit_bones(rig: bpy.types.Object, change: Callable[[Any], None]) -> None:
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    change(rig.data.edit_bones)
    bpy.ops.object.mode_set(mode="OBJECT")


# No face


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ((), "has no shape keys and no bone named jaw.*needs shape keys such as jawOpen"),
        (("Muscular", "Tall"), "None of the shape keys of 'Rig Face'.*Muscular, Tall.*Name them as ARKit"),
        (("$md-$fe-$yo", "$md-$ma-$ol"), "None of the shape keys of 'Rig Face'.*Name them"),
        (("肌肉", "高个子"), "None of the shape keys of 'Rig Face'.*肌肉, 高个子"),
        (("  ", "...", "\u200b"), "None of the shape keys of 'Rig Face'"),
    ],
)
def test_no_face(make_character: Any, unchanged: Any, keys: tuple[str, ...], said: str) -> None:
    for given in make_character(keys=keys):
        unchanged(lambda given=given: find_character(given), said)


def test_a_mesh_in_no_scene(scene: bpy.types.Scene, make_mesh: Any, unchanged: Any) -> None:
    mesh = make_mesh()
    scene.collection.objects.unlink(mesh)
    unchanged(lambda: find_character(mesh), "'Face' is in no scene. Choose")


def test_a_mesh_that_has_only_its_basis(scene: bpy.types.Scene, make_mesh: Any, unchanged: Any) -> None:
    mesh = make_mesh("Statue", ())
    mesh.shape_key_add(name="Basis", from_mix=False)
    unchanged(lambda: find_character(mesh), "'Statue'.*only the basis")


# Two heads


def test_an_armature_with_two_heads(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    mesh, rig = make_character()

    def add(bones: Any) -> None:
        for name, parent in (("Throat", "chest"), ("Head_b", "Throat")):
            bone = bones.new(name)
            bone.parent = bones[parent]
            bone.head = bone.parent.tail
            bone.tail = bone.head + Vector((0.1, 0, 0.05))
        for name in ("neck", "head"):
            bones[name].head = bones[name].parent.tail
            bones[name].tail = bones[name].head + Vector((-0.1, 0, 0.05))
        bones["head"].name = "Head_a"

    edit_bones(rig, add)
    character = find_character(mesh)
    assert character.head == "Head_a"
    assert "There are several heads: Head_a, Head_b. The highest is used." in character.notes
    bake(scene, character, make_take(), SILENT)
    scene.frame_set(20)
    assert tuple(rig.pose.bones["Head_a"].rotation_quaternion) != (1, 0, 0, 0)
    assert tuple(rig.pose.bones["Head_b"].rotation_quaternion) == (1, 0, 0, 0)


def test_two_faces_in_one_mesh(scene: bpy.types.Scene, make_mesh: Any, make_take: Any) -> None:
    mesh = make_mesh("Twins", tuple(f"{who}_{name}" for who in ("Ann", "Bea") for name in SHAPES))
    character = find_character(mesh)
    assert any("say the same" in note and "Ann_" in note and "Bea_" in note for note in character.notes)
    (face,) = character.faces
    assert len(face.keys) == len(SHAPES), "only one of the two is driven"
    bake(scene, character, make_take(), SILENT)
    scene.frame_set(20)
    moved = {block.name for block in mesh.data.shape_keys.key_blocks[1:] if block.value}
    assert moved
    assert moved <= set(face.keys)


# Several characters


def test_characters_of_one_collection_are_baked_each_for_itself(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any
) -> None:
    ann, bea = make_character(name="Ann"), make_character(name="Bea", seed=5)
    empty = snapshot()
    for objects in (ann, bea):
        assert find_character(objects[0]) == find_character(objects[1])
        assert [face.object_name for face in find_character(objects[1]).faces] == [objects[0].name]
    bake(scene, find_character(ann[0]), make_take(seed=1), SILENT)
    only_ann = played(scene, ann)
    assert not moves(scene, bea)
    bake(scene, find_character(bea[1]), make_take(seed=2), SILENT)
    assert np.array_equal(played(scene, ann), only_ann)
    both = played(scene, bea)
    assert moves(scene, bea)
    bake(scene, find_character(ann[1]), make_take(seed=3), SILENT)
    assert np.array_equal(played(scene, bea), both)
    assert not np.array_equal(played(scene, ann), only_ann)
    assert remove(find_character(ann[0]))
    assert np.array_equal(played(scene, bea), both)
    assert remove(find_character(bea[0]))
    scene.frame_set(scene.frame_start)
    assert snapshot() == empty


def played(scene: bpy.types.Scene, objects: Objects) -> np.ndarray:
    """Values of a character's keys and its head's rotation, on some frames."""
    mesh, rig = objects
    rows = []
    for frame in (2, 11, 20, 31):
        scene.frame_set(frame)
        values = [block.value for block in mesh.data.shape_keys.key_blocks]
        rows.append([*values, *rig.pose.bones["head"].rotation_quaternion])
    return np.array(rows)


def moves(scene: bpy.types.Scene, objects: Objects) -> bool:
    return bool(np.ptp(played(scene, objects), axis=0).any())


# Names


def test_names_in_chinese(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    mesh, rig = make_character(keys=tuple(CHINESE), name="角色")
    for old, new in {"chest": "胸", "neck": "脖子", "head": "头", "eye.L": "左眼", "eye.R": "右眼"}.items():
        rig.data.bones[old].name = new
    character = find_character(rig)
    assert (character.head, character.eyes) == ("头", ("左眼", "右眼"))
    assert {key: character.found.mapping.targets(channel)[0][1] for key, channel in CHINESE.items()} == {
        key: key for key in CHINESE
    }
    take = make_take()
    report = bake(scene, character, take, SILENT)
    assert not report.problems
    scene.frame_set(1)
    blocks = mesh.data.shape_keys.key_blocks
    for key, channel in CHINESE.items():
        if channel.startswith("mouthSmile"):
            assert blocks[key].value > 0.5 * take.frames.shapes[0, INDEX[channel]] > 0
    assert tuple(rig.pose.bones["头"].rotation_quaternion) != (1, 0, 0, 0)


def test_names_that_would_break_a_path(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    keys = ('Face "jawOpen"', "Face\\eyeBlinkLeft", "Face']eyeBlinkRight[", "Face.mouthPucker]")
    mesh, rig = make_character(keys=keys, name='"]["')
    rig.data.bones["head"].name = 'the "head"'
    rig.data.bones["neck"].name = "neck\\"
    character = find_character(mesh)
    assert character.head == 'the "head"'
    assert {face.keys for face in character.faces} == {keys}
    report = bake(scene, character, make_take(), SILENT)
    assert not report.problems
    assert moves_all(scene, [mesh.data.shape_keys.key_blocks[key] for key in keys])
    head = rig.pose.bones['the "head"']
    scene.frame_set(20)
    assert tuple(head.rotation_quaternion) != (1, 0, 0, 0)
    head.rotation_mode = "XYZ"
    mesh.data.shape_keys.key_blocks[0].name = "Other"
    assert any("rotation mode of" in p.message and "head" in p.message for p in find_problems(scene, character))


def moves_all(scene: bpy.types.Scene, blocks: list[bpy.types.ShapeKey]) -> bool:
    seen = []
    for frame in range(1, 60, 7):
        scene.frame_set(frame)
        seen.append([block.value for block in blocks])
    return bool(np.ptp(np.array(seen), axis=0).all())


# Odd builds


def test_a_thousand_shape_keys(scene: bpy.types.Scene, make_mesh: Any, make_take: Any) -> None:
    others = tuple(f"corrective_{number:03}" for number in range(1000 - len(SHAPES)))
    mesh = make_mesh("Face", (*others[::2], *SHAPES, *others[1::2]))
    character = find_character(mesh)
    (face,) = character.faces
    assert face.keys == SHAPES
    report = bake(scene, character, make_take(), SILENT)
    assert report.curves == len(SHAPES)
    scene.frame_set(20)
    assert not any(mesh.data.shape_keys.key_blocks[name].value for name in others)


def test_parents_in_a_ring_are_not_to_be_made(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    """Blender refuses them; what reads bones from elsewhere opens them (tests/engine/test_rig_skeleton.py)."""
    mesh, rig = make_character()
    rig.parent = mesh
    assert rig.parent is None
    assert mesh.parent == rig

    def ring(bones: Any) -> None:
        bones["chest"].parent = bones["head"]

    edit_bones(rig, ring)
    assert rig.data.bones["chest"].parent is None
    assert not bake(scene, find_character(mesh), make_take(), SILENT).problems


def test_keys_relative_to_each_other(scene: bpy.types.Scene, make_mesh: Any, make_take: Any) -> None:
    mesh = make_mesh("Face")
    blocks = mesh.data.shape_keys.key_blocks
    blocks["mouthSmileLeft"].relative_key = blocks["mouthSmileRight"]
    blocks["mouthSmileRight"].relative_key = blocks["mouthSmileLeft"]
    assert bake(scene, find_character(mesh), make_take(), SILENT).curves == len(SHAPES)


def test_bones_without_length(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    """Before 5.2 Blender took them away."""
    mesh, rig = make_character()

    def flatten(bones: Any) -> None:
        for name in ("head", "eye.L", "eye.R"):
            bones[name].tail = bones[name].head

    edit_bones(rig, flatten)
    character = find_character(mesh)
    assert character.head == ("head" if "head" in rig.data.bones else "neck")
    assert not bake(scene, character, make_take(), SILENT).problems
    check_finite(scene, rig)


def check_finite(scene: bpy.types.Scene, rig: bpy.types.Object) -> None:
    for frame in range(1, 60, 5):
        scene.frame_set(frame)
        for bone in rig.pose.bones:
            assert all(map(math.isfinite, (*bone.rotation_quaternion, *bone.location)))


@pytest.mark.parametrize("length", [2e-6, 1e-4])
def test_bones_of_hardly_any_length(scene: bpy.types.Scene, make_character: Any, make_take: Any, length: float) -> None:
    mesh, rig = make_character()

    def shorten(bones: Any) -> None:
        for bone in bones:
            bone.tail = bone.head + bone.vector.normalized() * length

    edit_bones(rig, shorten)
    character = find_character(mesh)
    assert character.head == "head"
    assert not bake(scene, character, make_take(), SILENT).problems
    check_finite(scene, rig)


# One block of keys for several meshes


def linked_duplicate(scene: bpy.types.Scene, obj: bpy.types.Object, name: str) -> bpy.types.Object:
    other = obj.copy()
    other.name = name
    scene.collection.objects.link(other)
    return other


def test_meshes_of_one_character_that_share_their_keys(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    mesh, _ = make_character()
    other = linked_duplicate(scene, mesh, "A Face")
    character = find_character(other)
    assert character == find_character(mesh)
    assert len(character.faces) == 1
    assert "in 1 mesh " in character.found.summary
    assert bake(scene, character, make_take(), SILENT).curves > len(SHAPES)


def test_characters_that_share_their_keys(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    mesh, rig = make_character()
    other_rig = rig.copy()
    other_rig.name = "Other"
    scene.collection.objects.link(other_rig)
    other = linked_duplicate(scene, mesh, "Other Face")
    other.parent = other.modifiers[0].object = other_rig
    for obj, name in ((mesh, "Other Face"), (other, "Rig Face")):
        (note,) = (note for note in find_character(obj).notes if "share the shape keys" in note)
        assert f"of '{obj.name}' and move with it: {name}." in note
        assert "Make Single User" in note
    other.data = other.data.copy()
    assert not any("share" in note for note in find_character(other).notes)


# What changes between Detect and Bake


def replace_by(made: bpy.types.ID | None) -> Callable[[bpy.types.Object], None]:
    def replace(obj: bpy.types.Object) -> None:
        name = obj.name
        bpy.data.objects.remove(obj)
        new = bpy.data.objects.new(name, made)
        bpy.context.scene.collection.objects.link(new)
        assert new.name == name

    return replace


def rename_bone(old: str) -> Callable[[Objects], None]:
    def rename(objects: Objects) -> None:
        objects[1].data.bones[old].name = "Other"

    return rename


def remove_bone(name: str) -> Callable[[Objects], None]:
    def take_away(objects: Objects) -> None:
        edit_bones(objects[1], lambda bones: bones.remove(bones[name]))

    return take_away


CHANGES: dict[str, tuple[Callable[[Objects], object], str]] = {
    "mesh deleted": (lambda both: bpy.data.objects.remove(both[0]), "'Rig Face' is gone or has another name"),
    "armature deleted": (lambda both: bpy.data.objects.remove(both[1]), "'Rig' is gone or has another name"),
    "mesh renamed": (lambda both: setattr(both[0], "name", "Ann"), "'Rig Face' is gone or has another name"),
    "armature renamed": (lambda both: setattr(both[1], "name", "Ann"), "'Rig' is gone or has another name"),
    "mesh became a lamp": (
        lambda both: replace_by(bpy.data.lights.new("Lamp", "POINT"))(both[0]),
        "'Rig Face' no longer has the shape key",
    ),
    "mesh became another": (
        lambda both: replace_by(bpy.data.meshes.new("New"))(both[0]),
        "'Rig Face' no longer has the shape key",
    ),
    "armature became a mesh": (lambda both: replace_by(bpy.data.meshes.new("New"))(both[1]), "'Rig'"),
    "armature became an empty": (lambda both: replace_by(None)(both[1]), "'Rig'"),
    "armature became another": (
        lambda both: replace_by(bpy.data.armatures.new("New"))(both[1]),
        "'Rig' no longer has the bone",
    ),
    "key renamed": (
        lambda both: setattr(both[0].data.shape_keys.key_blocks["jawOpen"], "name", "Other"),
        "'Rig Face' no longer has the shape key 'jawOpen'",
    ),
    "key removed": (
        lambda both: both[0].shape_key_remove(both[0].data.shape_keys.key_blocks["jawOpen"]),
        "'Rig Face' no longer has the shape key 'jawOpen'",
    ),
    "keys removed": (lambda both: both[0].shape_key_clear(), "'Rig Face' no longer has"),
    "head renamed": (rename_bone("head"), "'Rig' no longer has the bone 'head'"),
    "neck renamed": (rename_bone("neck"), "'Rig' no longer has the bone 'neck'"),
    "head removed": (remove_bone("head"), "'Rig' no longer has the bone 'head'"),
    "neck removed": (remove_bone("neck"), "'Rig' no longer has the bone 'neck'"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_between_detect_and_bake(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, unchanged: Any, change: str
) -> None:
    act, said = CHANGES[change]
    objects = make_character()
    character = find_character(objects[0])
    act(objects)
    unchanged(lambda: bake(scene, character, make_take()), said)


@pytest.mark.parametrize("change", CHANGES)
def test_changed_while_it_is_live(
    scene: bpy.types.Scene, make_character: Any, unchanged: Any, snapshot: Any, change: str
) -> None:
    act, _ = CHANGES[change]
    objects = make_character()
    preview = Preview(objects[1].name, 1.0)
    act(objects)
    before = snapshot()
    refused(lambda: preview.write(a_frame()), "'Rig")
    restore()
    assert snapshot() == before


@pytest.mark.parametrize("change", CHANGES)
def test_changed_in_the_middle_of_a_word(scene: bpy.types.Scene, make_character: Any, change: str) -> None:
    act, _ = CHANGES[change]
    objects = make_character()
    preview = Preview(objects[1].name, 1.0)
    preview.write(a_frame())
    act(objects)
    refused(lambda: preview.write(a_frame()), "'Rig")
    restore()
    assert not any(key.value for keys in bpy.data.shape_keys for key in keys.key_blocks if key.name in SHAPES)
    for obj in bpy.data.objects:
        for bone in obj.pose.bones if obj.pose is not None else ():
            if bone.name != "Other":
                assert tuple(bone.rotation_quaternion) == (1, 0, 0, 0)


def test_replaced_by_one_of_the_same_build(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    mesh, rig = make_character()
    character = find_character(mesh)
    for obj in (mesh, rig):
        bpy.data.objects.remove(obj)
    mesh, rig = make_character()
    assert not bake(scene, character, make_take(), SILENT).problems
    assert moves(scene, (mesh, rig))


# Linked and overridden


@pytest.fixture
def library(scene: bpy.types.Scene, make_character: Any, tmp_path: Path) -> Path:
    """A file with a character in a collection."""
    collection = bpy.data.collections.new("Hero")
    for obj in make_character():
        scene.collection.objects.unlink(obj)
        collection.objects.link(obj)
    scene.collection.children.link(collection)
    path = tmp_path / "library.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return path


def link(path: Path) -> bpy.types.Collection:
    with bpy.data.libraries.load(str(path), link=True) as (_, wanted):
        wanted.collections = ["Hero"]
    (collection,) = wanted.collections
    bpy.context.scene.collection.children.link(collection)
    return collection


def test_a_linked_character_is_refused_with_the_way_out(library: Path, unchanged: Any) -> None:
    for obj in link(library).objects:
        unchanged(lambda obj=obj: find_character(obj), "linked from another file.*Object > Library Override > Make")


def test_an_overridden_character_is_baked_and_saved(library: Path, make_take: Any, tmp_path: Path) -> None:
    bytes_before = library.read_bytes()
    scene = bpy.context.scene
    link(library).override_hierarchy_create(scene, bpy.context.view_layer, do_fully_editable=True)
    mesh = next(obj for obj in bpy.data.objects if obj.override_library and obj.type == "MESH")
    rig = next(obj for obj in bpy.data.objects if obj.override_library and obj.type == "ARMATURE")
    if mesh.data.override_library is None:
        mesh.data.override_create(remap_local_usages=True)
    assert find_character(mesh) == find_character(rig)
    report = bake(scene, find_character(mesh), make_take(), SILENT)
    assert not report.problems
    seen = played(scene, (mesh, rig))
    assert moves(scene, (mesh, rig))
    names = (mesh.name, rig.name)
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    mesh, rig = (bpy.data.objects[name, None] for name in names)
    scene = bpy.context.scene
    assert np.allclose(played(scene, (mesh, rig)), seen, atol=1e-6)
    assert remove(find_character(rig))
    assert not moves(scene, (mesh, rig))
    assert library.read_bytes() == bytes_before


def test_an_overridden_character_that_was_saved_amid_a_word_gets_its_pose_back(library: Path, tmp_path: Path) -> None:
    link(library).override_hierarchy_create(bpy.context.scene, bpy.context.view_layer, do_fully_editable=True)
    mesh = next(obj for obj in bpy.data.objects if obj.override_library and obj.type == "MESH")
    rig = next(obj for obj in bpy.data.objects if obj.override_library and obj.type == "ARMATURE")
    if mesh.data.override_library is None:
        mesh.data.override_create(remap_local_usages=True)
    names = mesh.name, rig.name
    rig.pose.bones["head"].rotation_quaternion = (0.8, 0.6, 0, 0)
    preview = Preview(mesh.name, 1.0)
    shapes = np.zeros(52, np.float32)
    shapes[INDEX["jawOpen"]] = 0.7
    preview.write(replace(rest(), shapes=shapes))
    path = str(tmp_path / "crash.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    mesh, rig = (bpy.data.objects[name, None] for name in names)
    assert rig.override_library
    assert tuple(rig.pose.bones["head"].rotation_quaternion) == pytest.approx((1, 0, 0, 0)), "as it was shown"
    restore()
    assert mesh.data.shape_keys.key_blocks["jawOpen"].value == 0
    assert tuple(rig.pose.bones["head"].rotation_quaternion) == pytest.approx((0.8, 0.6, 0, 0))
    assert "linly_live_overrides" not in bpy.context.scene
