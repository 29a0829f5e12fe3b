"""Whether looks by shape keys turn the eyes, measured on what follows the eyes' bones.

Under one name some makers turn the eyeballs and others only lift the lids, and leave the eyes to bones.
"""

import math
from collections.abc import Sequence
from typing import Final

import bpy
import numpy as np
from numpy.typing import NDArray

from ..rig.mapping import POSES, Mapping
from ..rig.skeleton import Bones
from .weights import Weights

_SIDES: Final = ("Left", "Right")
_WAYS: Final = ("Up", "Down", "In", "Out")
LOOKS: Final = tuple(f"eyeLook{way}{side}" for way in _WAYS for side in _SIDES)
"""ARKit's channels that turn the eyes."""
_AT_THE_CENTRE: Final = 0.06
"""Of the distance between the eyes: a bone that begins nearer than that to an eye's turns with the eyeball."""
_STILL: Final = 0.03
"""Of an eyeball's radius: how far half of its vertices go at least when it turns, by 2 to 4 degrees."""


def leave_eyes_to_bones(weights: Weights, bones: Bones | None, mapping: Mapping) -> bool:
    """Whether what follows the eyes' bones stays where it is at all eight looks of the shape keys.

    Not so where one eye turns, where nothing follows one, or where poses of bones show a look.
    """
    if bones is None or bones.eyes is None:
        return False
    eyes = (bones.eyes.left.bone, bones.eyes.right.bone)
    rest = weights.armature.data.bones
    centres = [rest[eye].head_local for eye in eyes]
    near = _AT_THE_CENTRE * math.dist(*centres)
    lids = {one.bone for each in (bones.lids_upper, bones.lids_lower) if each for one in (each.left, each.right)}
    for side, eye, centre in zip(_SIDES, eyes, centres, strict=True):
        reached = weights.reach([eye]) - lids
        ball = {name for name in reached if math.dist(rest[name].head_local, centre) < near}
        followers = list(weights.vertices(ball)) or list(weights.vertices(reached))
        looks = [mapping.targets(f"eyeLook{way}{side}") for way in _WAYS]
        if not followers or any(mesh == POSES for targets in looks for mesh, _, _ in targets):
            return False
        if any(_go(obj, vertices, targets) for obj, vertices in followers for targets in looks):
            return False
    return True


def _go(obj: bpy.types.Object, vertices: NDArray[np.intp], targets: Sequence[tuple[str, str, float]]) -> bool:
    """Whether keys move vertices of their mesh by what matters of the size of these."""
    keys = obj.data.shape_keys
    if keys is None:
        return False
    offset = np.zeros((len(vertices), 3), np.float32)
    for mesh, name, weight in targets:
        shown = bpy.data.objects.get((mesh, None))
        key = keys.key_blocks.get(name)
        if key is not None and shown is not None and shown.data == obj.data:  # several objects may show one mesh
            offset += weight * (_places(key, vertices) - _places(key.relative_key, vertices))
    radius = np.ptp(_places(keys.reference_key, vertices), axis=0).max() / 2
    return bool(np.median(np.linalg.norm(offset, axis=1)) > _STILL * radius)


def _places(key: bpy.types.ShapeKey, vertices: NDArray[np.intp]) -> NDArray[np.float32]:
    room = np.empty(3 * len(key.points), np.float32)
    key.points.foreach_get("co", room)
    return room.reshape(-1, 3)[vertices]
