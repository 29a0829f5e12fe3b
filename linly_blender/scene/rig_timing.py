"""The bench's part that needs Blender: how long it takes to find a character, and to write a moment onto it."""

import json
import time
from collections.abc import Iterator, Sequence
from typing import Final

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from ..arkit import SHAPES
from ..live.frame import Frame
from ..rig.conventions import VISEMES, load_conventions
from ..rig.poses import Move, Pose
from ..rig.setup import Setup
from .avatar import build_avatar
from .character import find_character
from .kept import KEPT, restore
from .live import Preview
from .setup import keep_setup

_MESHES: Final = 4
_VERTICES: Final = 200_000
_BONES: Final = 150
_STRAND: Final = 12
_DETECTIONS: Final = 40
_SKIN_ONLY: Final = "reallusion_cc3plus_traditional"
"""A convention of one key for each of ARKit's channels, beside which the bones of jaw and eyes turn as well."""


def time_detection() -> tuple[str, NDArray[np.float64]]:
    """What was found, and seconds of the clock and of the processor each time; the first loads what it needs [n, 2]."""
    mesh, rig = _new()
    _multiply_vertices(mesh)
    _add_meshes(mesh)
    _add_strands(rig)
    seconds = []
    for _ in range(1 + _DETECTIONS):
        start = _now()
        character = find_character(mesh)
        seconds.append(_now() - start)
    found = f"{character.found.summary}, {len(mesh.data.vertices):,} vertices in its face, {len(rig.data.bones)} bones"
    return found, np.array(seconds)


def time_writing(frames: Sequence[Frame]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """For each kind of character what is written, and seconds of the clock and of the processor for a frame [n, 2]."""
    for kind, names in _kinds().items():
        mesh, rig = _new()
        _set_keys(mesh, names)
        if not names:
            _add_controls(rig)
        _add_meshes(mesh)
        preview = Preview(mesh.name, 1.0)
        seconds = []
        for frame in frames:
            start = _now()
            preview.write(frame)
            seconds.append(_now() - start)
            bpy.context.view_layer.update()  # as a redraw does, so that the next frame is news to Blender
        written = [len(json.loads(keys[KEPT])) for keys in bpy.data.shape_keys if KEPT in keys]
        bones = len(json.loads(rig[KEPT])) if KEPT in rig else 0
        restore()
        shapes = f"{len(written)} meshes with {max(written, default=0)} shapes"
        yield f"{kind}, {shapes}, {bones} bones", np.array(seconds[1:])  # the first also keeps the pose


def _kinds() -> dict[str, dict[str, str]]:
    """For each kind of character the names of its shape keys, by the demo avatar's that take them.

    Where there are none, bones take their place.
    """
    skin_only = next(one for one in load_conventions() if one.id == _SKIN_ONLY)
    return {
        "ARKit": {channel: channel for channel in SHAPES},
        "ARKit, jaw and eyes by bones as well": {
            channel: key for channel in SHAPES for key in skin_only.drive[channel][0]
        },
        "poses of bones": {},
        "visemes": {channel: f"viseme_{viseme}" for channel, viseme in zip(SHAPES, VISEMES, strict=False)},
    }


def _set_keys(mesh: bpy.types.Object, names: dict[str, str]) -> None:
    blocks = mesh.data.shape_keys.key_blocks
    for channel in SHAPES:
        if channel in names:
            blocks[channel].name = names[channel]
        else:
            mesh.shape_key_remove(blocks[channel])


def _add_controls(rig: bpy.types.Object) -> None:
    """Bones that show a channel each, by turning and moving."""
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bones = rig.data.edit_bones
    for channel in SHAPES:
        bone = bones.new(channel)
        bone.parent = bones["head"]
        bone.head, bone.tail = bones["head"].head, bones["head"].tail
    bpy.ops.object.mode_set(mode="OBJECT")
    poses = {
        channel: Pose((Move(channel, turn=(0.2, 0.0, 0.0), shift=(0.0, 0.01, 0.0)),), is_recorded=True)
        for channel in SHAPES
    }
    keep_setup(rig, Setup(poses=poses))


def _now() -> NDArray[np.float64]:
    return np.array([time.perf_counter(), time.thread_time()])


def _new() -> tuple[bpy.types.Object, bpy.types.Object]:
    """The demo avatar's mesh and armature, alone in a file."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True, load_ui=False)
    return build_avatar(bpy.context.scene)


def _add_meshes(mesh: bpy.types.Object) -> None:
    for _ in range(_MESHES - 1):
        other = mesh.copy()
        other.data = mesh.data.copy()
        bpy.context.scene.collection.objects.link(other)


def _multiply_vertices(mesh: bpy.types.Object) -> None:
    """Join the mesh with so many copies of itself that it has as many vertices as it shall have."""
    copies = []
    for _ in range(_VERTICES // len(mesh.data.vertices)):
        other = mesh.copy()
        other.data = mesh.data.copy()
        bpy.context.scene.collection.objects.link(other)
        copies.append(other)
    with bpy.context.temp_override(active_object=mesh, selected_editable_objects=[mesh, *copies]):
        bpy.ops.object.join()


def _add_strands(rig: bpy.types.Object) -> None:
    """Hair, to which most bones of such a character belong."""
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bones = rig.data.edit_bones
    parent = head = bones["head"]
    for number in range(_BONES - len(bones)):
        bone = bones.new(f"hair_{number // _STRAND:02}_{number % _STRAND:02}")
        bone.parent = parent if number % _STRAND else head
        around = 2 * np.pi * (number // _STRAND) * _STRAND / _BONES
        bone.head = head.tail + Vector((0.1 * np.sin(around), 0.1 * np.cos(around), -0.02 * (number % _STRAND)))
        bone.tail = bone.head - Vector((0, 0, 0.02))
        parent = bone
    bpy.ops.object.mode_set(mode="OBJECT")
