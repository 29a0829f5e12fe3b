"""The bench's film: the demo avatar's lips, drawn so that how far they are open can be counted in the pictures."""

from pathlib import Path
from typing import Final

import bpy
from mathutils import Vector

from ..performance import Performance
from .bake import BakeOptions, bake
from .shot import DEMO, open_character, render_film

_INSIDE: Final = ("Avatar Mouth", "Avatar Teeth", "Avatar Gums", "Avatar Tongue")
"""Materials that are seen only between open lips."""
_LIPS: Final = "Avatar Lips"
_SIZE: Final = 192
"""Pixels."""
_FIELD: Final = 0.2
"""Metres that the picture is wide: the face with room to move, about a millimetre a pixel."""
_SAMPLES: Final = 4
"""Of a pixel, so that half a millimetre counts."""
_START: Final = 25
"""Frame of the scene at which the take begins; a film of it begins there too."""


def film_lips(performance: Performance, fps: int, fps_base: float, path: Path) -> None:
    """Bake a performance onto the demo avatar and film it with its sound, ``fps / fps_base`` pictures a second.

    What is inside the mouth is black, all else is white.
    """
    target = open_character(DEMO)
    scene = bpy.data.scenes[target.scene_name]
    scene.render.fps, scene.render.fps_base = fps, fps_base
    bake(scene, target.character, performance, BakeOptions(start_frame=_START))
    (face,) = target.character.faces
    _aim(scene.camera, bpy.data.objects[face.object_name])
    _paint()
    _hurry(scene)
    render_film(path, lambda share, stage: None)


def _aim(camera: bpy.types.Object, head: bpy.types.Object) -> None:
    """Put the camera straight before the mouth, without perspective."""
    mesh = head.data
    lips = mesh.materials.find(_LIPS)
    centres = [face.center for face in mesh.polygons if face.material_index == lips]
    mouth = head.matrix_world @ (sum(centres, Vector()) / len(centres))
    camera.data.type, camera.data.ortho_scale = "ORTHO", _FIELD
    camera.location = mouth + Vector((0.0, -1.0, 0.0))
    camera.rotation_euler = Vector((0.0, 1.0, 0.0)).to_track_quat("-Z", "Y").to_euler()


def _paint() -> None:
    """Glow evenly, in white or not at all: no light, no shade."""
    for owner in (*bpy.data.materials, *bpy.data.worlds):
        of_world = isinstance(owner, bpy.types.World)
        tree = owner.node_tree
        tree.nodes.clear()
        glow = tree.nodes.new("ShaderNodeBackground" if of_world else "ShaderNodeEmission")
        output = tree.nodes.new("ShaderNodeOutputWorld" if of_world else "ShaderNodeOutputMaterial")
        shade = 0.0 if owner.name in _INSIDE else 1.0
        glow.inputs["Color"].default_value = (shade, shade, shade, 1.0)
        tree.links.new(glow.outputs[0], output.inputs["Surface"])


def _hurry(scene: bpy.types.Scene) -> None:
    """Pictures that are small and plain, and white as white."""
    scene.render.resolution_x = scene.render.resolution_y = _SIZE
    scene.cycles.samples = _SAMPLES
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = 0
    scene.view_settings.view_transform = "Standard"
    scene.view_settings.look = "None"
