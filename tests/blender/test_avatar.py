"""The demo avatar inside Blender."""

import bpy
import numpy as np
import pytest

from linly_blender import arkit
from linly_blender.avatar import AvatarShape, build
from linly_blender.scene.avatar import COLLECTION, TINT, build_avatar
from linly_blender.scene.stage import film_settings, set_stage


@pytest.fixture
def scene() -> bpy.types.Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def test_it_arrives_whole(scene: bpy.types.Scene) -> None:
    mesh, rig = build_avatar(scene)
    made = build()
    assert mesh.name == "Avatar"
    assert mesh.parent is rig
    assert {mesh.name, rig.name} <= set(bpy.data.collections[COLLECTION].objects.keys())
    assert not mesh.data.validate(verbose=False)

    seen = np.empty(len(mesh.data.vertices) * 3, dtype=np.float32)
    mesh.data.vertices.foreach_get("co", seen)
    np.testing.assert_array_equal(seen.reshape(-1, 3), made.vertices)

    keys = mesh.data.shape_keys.key_blocks
    assert tuple(key.name for key in keys) == ("Basis", *arkit.SHAPES)
    assert all(key.value == 0.0 for key in keys)
    for key in keys[1:]:
        assert (key.slider_min, key.slider_max) == (0.0, 1.0)
        assert key.relative_key == keys["Basis"]
        key.data.foreach_get("co", seen)
        np.testing.assert_allclose(seen.reshape(-1, 3) - made.vertices, made.shapes[key.name], atol=1e-6)

    assert all(polygon.use_smooth for polygon in mesh.data.polygons)
    assert mesh.data.color_attributes[TINT].domain == "POINT"
    assert [m.name for m in mesh.data.materials] == [m.name for m in made.materials]
    for material, of in zip(mesh.data.materials, made.materials, strict=True):
        assert tuple(material.diffuse_color)[:3] == pytest.approx(of.colour)  # what Solid view shows


def test_the_rig_carries_the_mesh(scene: bpy.types.Scene) -> None:
    mesh, rig = build_avatar(scene)
    made = build()
    assert [bone.name for bone in rig.data.bones] == [bone.name for bone in made.bones]
    for bone in made.bones:
        seen = rig.data.bones[bone.name]
        assert (seen.parent.name if seen.parent else None) == bone.parent
        assert tuple(seen.head_local) == pytest.approx(bone.head, abs=1e-6)
        assert tuple(seen.tail_local) == pytest.approx(bone.tail, abs=1e-6)
    weights = np.zeros((len(mesh.data.vertices), len(mesh.vertex_groups)))
    for vertex in mesh.data.vertices:
        for element in vertex.groups:
            weights[vertex.index, element.group] = element.weight
    wanted = np.stack([made.weights[group.name] for group in mesh.vertex_groups], axis=1)
    np.testing.assert_allclose(weights, wanted, atol=0.003)

    # Nodding the head moves the nose by the bone's turn and leaves the shoulders.
    rig.pose.bones["head"].rotation_mode = "XYZ"
    rig.pose.bones["head"].rotation_euler = (0.3, 0.0, 0.0)
    evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
    moved = np.empty(len(mesh.data.vertices) * 3, dtype=np.float32)
    evaluated.data.vertices.foreach_get("co", moved)
    distance = np.linalg.norm(moved.reshape(-1, 3) - made.vertices, axis=1)
    assert distance[made.parts["hair"]].min() > 0.005
    assert distance[made.parts["garment"]].max() < 0.01


def test_two_characters_live_side_by_side(scene: bpy.types.Scene) -> None:
    first, first_rig = build_avatar(scene)
    second, second_rig = build_avatar(scene, AvatarShape(jaw_width=1.0), name="Ada")
    assert second.name == "Ada"
    assert {first, first_rig, second, second_rig} == set(bpy.data.collections[COLLECTION].objects)
    assert first.data is not second.data
    assert first.modifiers[0].object is first_rig
    assert second.modifiers[0].object is second_rig


def test_the_stage_lights_and_frames_the_face(scene: bpy.types.Scene, tmp_path) -> None:  # type: ignore[no-untyped-def]
    mesh, _ = build_avatar(scene)
    camera = set_stage(scene, mesh)
    assert set_stage(scene, mesh) is scene.camera, "setting the stage again replaces it"
    assert len([o for o in scene.objects if o.type == "LIGHT"]) == 3
    assert len([o for o in scene.objects if o.type == "CAMERA"]) == 1
    del camera
    film_settings(scene, 96)
    scene.render.filepath = str(tmp_path / "frame.png")
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(scene.render.filepath)
    pixels = np.empty(96 * 96 * 4, dtype=np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(96, 96, 4)  # from the bottom
    face, backdrop = pixels[40:60, 40:56, :3].mean(axis=(0, 1)), pixels[80:, :12, :3].mean(axis=(0, 1))
    assert face[0] > 1.15 * face[2], "skin is warm"
    assert 0.35 < face.mean() < 0.85, "the face is well exposed"
    assert backdrop[2] > backdrop[0], "the backdrop is cool"
    assert backdrop.mean() < 0.9 * face.mean(), "and darker than the face"
