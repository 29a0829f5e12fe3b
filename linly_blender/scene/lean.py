"""Which side of a face its shape keys move, by where their vertices lie.

Names tell a side, and some tell the wrong one: seen from the front, or by a model that was mirrored. So what each such
key moves is weighed, left of the character's middle against right of it.
"""

from collections.abc import Sequence
from typing import Final

import bpy
import numpy as np
from mathutils import Vector as Place
from numpy.typing import NDArray

from ..rig.spelling import side
from ..rig.tree import Vector

_ENOUGH: Final = 20_000
"""Vertices that are looked at of a mesh with more, spread evenly."""


def measure_leans(obj: bpy.types.Object, names: Sequence[str], left: Vector, middle: Vector) -> dict[str, float]:
    """By shape key: -1 where all that it moves is on the character's right .. 1 where all is on its left.

    What moves counts by the square of how far. Keys are not measured whose name tells no side, that move nothing, or
    that a vertex group or a Mirror modifier shows elsewhere than where they lie.

    Parameters: a mesh object and names of its shape keys; in the world, the direction of the character's left, of any
    length, and a place in its middle.
    """
    keys = obj.data.shape_keys
    sided = [name for name in names if side(name)]
    if keys is None or not sided or any(modifier.type == "MIRROR" for modifier in obj.modifiers):
        return {}
    room = np.empty(3 * len(keys.reference_key.points), np.float32)
    sides: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
    leans = {}
    for name in sided:
        block = keys.key_blocks.get(name)
        if block is None or block.vertex_group:
            continue
        at_rest = block.relative_key
        if at_rest.name not in sides:
            places = _coordinates(at_rest, room)
            sides[at_rest.name] = (places, np.repeat(_sides(places, obj, left, middle), 3))
        places, of_each = sides[at_rest.name]
        moved = _coordinates(block, room)
        moved -= places
        moved *= moved
        lean = float(moved @ of_each) / whole if (whole := float(moved.sum())) > 0 else np.nan
        if np.isfinite(lean):
            leans[name] = lean
    return leans


def left_and_middle(
    obj: bpy.types.Object, face: bpy.types.Object, armature: bpy.types.Object | None, head: str | None
) -> tuple[Vector, Vector]:
    """Where a character's left is, and its middle, in the world, as one of its meshes has to be seen.

    Parameters: that mesh's object, the most expressive one's, and the armature with the bone of the head. A character
    has its left along +X of its armature or, where no bone tells, of its face, whether it stands along Z or Y.
    """
    if armature is None or head is None:
        to_world = (armature or face).matrix_world
        middle = face.matrix_world @ Place(np.mean(face.bound_box, axis=0).tolist())
    else:
        bone = armature.data.bones[head]
        to_world = armature.matrix_world
        if obj.parent == armature and obj.parent_type == "BONE":  # it goes with the head as that is posed now
            to_world = to_world @ armature.pose.bones[head].matrix @ bone.matrix_local.inverted()
        middle = to_world @ bone.head_local
    return tuple(to_world.col[0].xyz), tuple(middle)


def _coordinates(block: bpy.types.ShapeKey, room: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of vertices of a key, in the object's axes [shape=(3 * n,)]; ``room`` takes all of them on the way."""
    block.points.foreach_get("co", room)
    step = len(room) // 3 // _ENOUGH | 1  # odd, for the two sides may take turns
    return room.reshape(-1, 3)[::step].flatten()


def _sides(places: NDArray[np.float32], obj: bpy.types.Object, left: Vector, middle: Vector) -> NDArray[np.float32]:
    """1 for each vertex on the character's left, -1 on its right, 0 in the middle [shape=(n,)]."""
    to_world = obj.matrix_world
    across = np.array(to_world.to_3x3().transposed() @ Place(left), np.float32)  # the left, in the object's axes
    beside = Place(left).dot(to_world.translation - Place(middle))
    return np.asarray(np.sign(places.reshape(-1, 3) @ across + np.float32(beside)))
