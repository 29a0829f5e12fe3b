"""What the eyes look at: bones that move so that the eyes turn."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np
from numpy.typing import NDArray

from ..rig.skeleton import Bones

Floats = NDArray[np.float64]

_TRACKING: Final = frozenset({"DAMPED_TRACK", "TRACK_TO", "LOCKED_TRACK", "IK"})
_CARRYING: Final = frozenset({"CHILD_OF", "COPY_TRANSFORMS", "COPY_ROTATION"})


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """A bone that eyes look at. Places are at rest, in the armature's axes and units."""

    bone: str
    eye: Floats
    """The centre of the eye that looks at it, the middle between the two where both do [shape=(3,)]."""
    way: Floats
    """From there to what is looked at [shape=(3,)]."""
    carrier: str | None
    """The head, or the nearest bone below it that carries this one, by parents or constraints; None for none."""


def find_aims(armature: bpy.types.Object, bones: Bones, head: str) -> tuple[Aim, ...]:
    """What the eyes of a character look at; none where they turn by themselves."""
    eyes = [found.bone for found in (bones.eyes.left, bones.eyes.right)] if bones.eyes is not None else []
    tracked = [constraint.subtarget for eye in eyes for constraint in _tracking(armature, eye)]
    if eyes and not tracked:
        return ()
    if bones.eye_target is not None:
        targets = [bones.eye_target.bone]
    elif bones.eye_targets is not None:
        targets = [bones.eye_targets.left.bone, bones.eye_targets.right.bone]
    else:
        targets = list(dict.fromkeys(tracked))
    aims = []
    chain = {head, *_parents(armature, head)}
    for target in targets:
        lines = [line for line in _lines(armature) if target in (line[1], *_parents(armature, line[1]))]
        if lines:
            starts = np.array([armature.data.bones[eye].head_local for eye, _ in lines])
            ends = np.array([armature.data.bones[end].head_local for _, end in lines])
            aims.append(Aim(target, starts.mean(0), (ends - starts).mean(0), carrier_of(armature, target, chain)))
    return tuple(aims)


def _tracking(armature: bpy.types.Object, name: str) -> Iterator[bpy.types.Constraint]:
    """The constraints by which a bone looks at another of the same armature."""
    bone = armature.pose.bones.get(name)
    for constraint in bone.constraints if bone is not None else ():
        acts = not constraint.mute and constraint.influence > 0
        is_within = constraint.type in _TRACKING and constraint.target == armature
        if acts and is_within and constraint.subtarget in armature.data.bones:
            yield constraint


def _lines(armature: bpy.types.Object) -> Iterator[tuple[str, str]]:
    """All bones that look at another, and that."""
    for bone in armature.pose.bones:
        for constraint in _tracking(armature, bone.name):
            yield bone.name, constraint.subtarget


def _parents(armature: bpy.types.Object, name: str) -> list[str]:
    return [bone.name for bone in armature.data.bones[name].parent_recursive]


def carrier_of(armature: bpy.types.Object, name: str, chain: Collection[str]) -> str | None:
    """Which bone of a chain another goes with, by parents and by the constraints that take parents' place."""
    seen: set[str] = set()
    left = [name]
    while left:
        bone = left.pop(0)
        if bone in chain:
            return bone
        if bone in seen or bone not in armature.pose.bones:
            continue
        seen.add(bone)
        holders = list(_holders(armature, bone))
        parent = armature.data.bones[bone].parent
        left += holders or ([parent.name] if parent is not None else [])
    return None


def _holders(armature: bpy.types.Object, name: str) -> Iterator[str]:
    """The bones that a bone goes with by constraints, the one with the most weight first."""
    for constraint in armature.pose.bones[name].constraints:
        if constraint.mute or constraint.influence <= 0:
            continue
        if constraint.type == "ARMATURE":
            acting = [each for each in constraint.targets if each.weight > 0 and each.target == armature]
            yield from (each.subtarget for each in sorted(acting, key=lambda each: -each.weight))
        elif constraint.type in _CARRYING and constraint.target == armature:
            yield constraint.subtarget
