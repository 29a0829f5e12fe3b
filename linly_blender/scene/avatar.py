"""The demo character as Blender data: one mesh with shape keys, materials and an armature."""

import bpy
import numpy as np

from ..avatar import AvatarMesh, AvatarShape, build
from ..avatar.mesh import Material

COLLECTION = "Linly Avatar"
TINT = "tint"
"""Colour attribute that the materials read."""


def build_avatar(
    scene: bpy.types.Scene, shape: AvatarShape | None = None, name: str = "Avatar"
) -> tuple[bpy.types.Object, bpy.types.Object]:
    """Add the character to ``scene``, in its own collection; returns its mesh object and its armature object."""
    made = build(shape)
    collection = bpy.data.collections.get(COLLECTION)
    if collection is None:
        collection = bpy.data.collections.new(COLLECTION)
    if collection.name not in scene.collection.children:
        scene.collection.children.link(collection)
    armature = _armature(scene, collection, made, f"{name} Rig")
    mesh = bpy.data.objects.new(name, _mesh(made, name))
    collection.objects.link(mesh)
    mesh.parent = armature
    _weights(mesh, made)
    modifier = mesh.modifiers.new("Armature", "ARMATURE")
    modifier.object = armature
    _shape_keys(mesh, made)
    return mesh, armature


def _mesh(made: AvatarMesh, name: str) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new(name)
    corners = made.faces >= 0
    counts = corners.sum(axis=1).astype(np.int32)
    loops = made.faces[corners].astype(np.int32)
    mesh.vertices.add(len(made.vertices))
    mesh.vertices.foreach_set("co", made.vertices.ravel())
    mesh.loops.add(len(loops))
    mesh.loops.foreach_set("vertex_index", loops)
    mesh.polygons.add(len(counts))
    mesh.polygons.foreach_set("loop_start", (np.cumsum(counts) - counts).astype(np.int32))
    mesh.polygons.foreach_set("material_index", made.face_materials)
    mesh.update(calc_edges=True)
    mesh.polygons.foreach_set("use_smooth", np.ones(len(counts), dtype=bool))
    tint = mesh.color_attributes.new(TINT, "FLOAT_COLOR", "POINT")
    colours = np.ones((len(made.vertices), 4), dtype=np.float32)
    colours[:, :3] = made.tint
    tint.data.foreach_set("color", colours.ravel())
    for material in made.materials:
        mesh.materials.append(_material(material))
    mesh.update()
    return mesh


def _material(of: Material) -> bpy.types.Material:
    material = bpy.data.materials.new(of.name)
    if bpy.app.version < (5, 0, 0):  # since then there is nothing else
        material.use_nodes = True
    material.diffuse_color = (*of.colour, 1.0)
    material.roughness = of.roughness
    tree = material.node_tree
    surface = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Base Color"].default_value = (*of.colour, 1.0)
    surface.inputs["Roughness"].default_value = of.roughness
    surface.inputs["Specular IOR Level"].default_value = of.specular
    tint = tree.nodes.new("ShaderNodeVertexColor")
    tint.layer_name = TINT
    tint.location = (surface.location.x - 220, surface.location.y)
    tree.links.new(tint.outputs["Color"], surface.inputs["Base Color"])
    if of.glow > 0.0:
        tree.links.new(tint.outputs["Color"], surface.inputs["Emission Color"])
        surface.inputs["Emission Strength"].default_value = of.glow
    return material


def _shape_keys(mesh: bpy.types.Object, made: AvatarMesh) -> None:
    mesh.shape_key_add(name="Basis", from_mix=False).value = 0.0  # 5.2 gives a new key the value 1
    for name, offset in made.shapes.items():
        key = mesh.shape_key_add(name=name, from_mix=False)
        key.data.foreach_set("co", (made.vertices + offset).ravel())
        key.value = 0.0


def _weights(mesh: bpy.types.Object, made: AvatarMesh) -> None:
    for bone in made.bones:
        group = mesh.vertex_groups.new(name=bone.name)
        weight = made.weights[bone.name]
        # A group takes one weight at a time: vertices of equal weight (to 1/256) go in together.
        steps = np.round(weight * 256).astype(np.int32)
        order = np.argsort(steps, kind="stable")
        levels, starts = np.unique(steps[order], return_index=True)
        for level, members in zip(levels, np.split(order, starts[1:]), strict=True):
            if level > 0:
                group.add(members.tolist(), float(level) / 256.0, "REPLACE")


def _armature(
    scene: bpy.types.Scene, collection: bpy.types.Collection, made: AvatarMesh, name: str
) -> bpy.types.Object:
    data = bpy.data.armatures.new(name)
    rig = bpy.data.objects.new(name, data)
    collection.objects.link(rig)
    layer = scene.view_layers[0]
    with bpy.context.temp_override(scene=scene, view_layer=layer):
        before = layer.objects.active
        layer.objects.active = rig
        bpy.ops.object.mode_set(mode="EDIT")
        for bone in made.bones:
            new = data.edit_bones.new(bone.name)
            new.head, new.tail = bone.head, bone.tail
            if bone.parent is not None:
                new.parent = data.edit_bones[bone.parent]
                new.use_connect = np.allclose(new.parent.tail, new.head, atol=1e-6)
        bpy.ops.object.mode_set(mode="OBJECT")
        layer.objects.active = before
    data.display_type = "STICK"  # inside the head, out of the way of the face
    return rig
