"""Which bones of an armature carry anything of a character's meshes.

A bone that nothing follows shows nothing, whatever it is called: a mesh may have shape keys and stand on a rig whose
face is not used. Of bones that others follow it is those that count, by whatever way: parents, constraints, drivers.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import bpy
import numpy as np
from numpy.typing import NDArray

_ENOUGH: Final = 12_000
"""Vertices that are looked at of a character with more: as many of each mesh, spread evenly."""
_BONE: Final = re.compile(r'pose\.bones\["((?:[^"\\]|\\.)+)"\]')
_CHANNEL: Final = re.compile(_BONE.pattern + r"\.(?:location|rotation_|scale)")


class Weights:
    """What follows some bones of an armature. Holds Blender's data: for use at once."""

    def __init__(self, armature: bpy.types.Object, meshes: Sequence[bpy.types.Object], bones: Iterable[str]) -> None:
        self.armature = armature
        self._moves = _moved_by(armature)
        self._meshes = meshes
        self._whole = {mesh.name: set(_held_by(mesh, armature)) for mesh in meshes}
        deforming = {bone.name for bone in armature.data.bones if bone.use_deform}
        skinned = [mesh for mesh in meshes if _is_skinned(mesh, armature) and deforming & {*mesh.vertex_groups.keys()}]
        reached = self.reach(bones)
        asked = [mesh for mesh in skinned if reached & {*mesh.vertex_groups.keys()}]
        self._skins = {mesh.name: _Skin(mesh, deforming, _ENOUGH // len(asked)) for mesh in asked}
        carrying = {bone for mesh in meshes for bone in _driving(mesh, armature)}
        self._carrying = carrying.union(*self._whole.values(), *(skin.bones for skin in self._skins.values()))
        self.are_known = bool(skinned or self._carrying)
        """Whether the meshes follow the armature's bones at all, as far as is seen here."""

    def carry(self, bones: Iterable[str]) -> bool:
        """Whether anything follows one of some bones, or what these move."""
        return not self._carrying.isdisjoint(self.reach(bones))

    def reach(self, bones: Iterable[str]) -> set[str]:
        """Bones, and all others that move when they do."""
        found: set[str] = set()
        new = set(bones)
        while new:
            found |= new
            new = {other for bone in new for other in self._moves.get(bone, ())} - found
        return found

    def vertices(self, bones: set[str]) -> Iterator[tuple[bpy.types.Object, NDArray[np.intp]]]:
        """Meshes, and which of their vertices follow some bones more than all others; of large meshes only some."""
        for mesh in self._meshes:
            if self._whole[mesh.name] & bones:
                yield mesh, np.arange(len(mesh.data.vertices))
            elif mesh.name in self._skins:
                of_them = self._skins[mesh.name].mostly(bones)
                if len(of_them):
                    yield mesh, of_them


class _Skin:
    """The weights of one mesh: of each the vertex, the bone and how much [3 x shape=(n,)]."""

    def __init__(self, mesh: bpy.types.Object, deforming: set[str], enough: int) -> None:
        self._names = {group.index: group.name for group in mesh.vertex_groups if group.name in deforming}
        vertices = mesh.data.vertices
        some = range(0, len(vertices), len(vertices) // max(enough, 1) | 1)  # odd, for the two sides may take turns
        rows = [(number, each.group, each.weight) for number in some for each in vertices[number].groups]
        table = np.array([row for row in rows if row[2] > 0 and row[1] in self._names]).reshape(-1, 3)
        self._of, self._groups, self._weights = table[:, 0].astype(np.intp), table[:, 1].astype(np.intp), table[:, 2]
        self.bones = {self._names[group] for group in np.unique(self._groups).tolist()}

    def mostly(self, bones: set[str]) -> NDArray[np.intp]:
        """The vertices that follow some bones more than all others."""
        if not self.bones & bones:
            return np.empty(0, np.intp)
        are_theirs = np.isin(self._groups, [group for group, name in self._names.items() if name in bones])
        every = np.bincount(self._of, self._weights)
        theirs = np.bincount(self._of, self._weights * are_theirs)
        return np.flatnonzero(theirs > 0.5 * every)


def _is_skinned(mesh: bpy.types.Object, armature: bpy.types.Object) -> bool:
    by_modifier = any(
        each.type == "ARMATURE" and each.object == armature and each.use_vertex_groups for each in mesh.modifiers
    )
    return by_modifier or (mesh.parent == armature and mesh.parent_type == "ARMATURE")


def _held_by(mesh: bpy.types.Object, armature: bpy.types.Object) -> Iterator[str]:
    """Bones that a whole mesh hangs at, and those that hooks or envelopes of it follow."""
    obj = mesh
    while obj is not None:
        if obj.parent == armature and obj.parent_type == "BONE":
            yield obj.parent_bone
        yield from _targets(obj.constraints, armature)
        obj = obj.parent if obj.parent != armature else None
    for modifier in mesh.modifiers:
        if modifier.type == "HOOK" and modifier.object == armature and modifier.subtarget:
            yield modifier.subtarget
        if modifier.type == "ARMATURE" and modifier.object == armature and modifier.use_bone_envelopes:
            yield from (bone.name for bone in armature.data.bones if bone.use_deform)


def _driving(mesh: bpy.types.Object, armature: bpy.types.Object) -> Iterator[str]:
    """Bones that drive a mesh's shape keys."""
    keys = mesh.data.shape_keys
    if keys is not None:
        for _, bones in _drivers(keys, armature):
            yield from bones


def _moved_by(armature: bpy.types.Object) -> dict[str, list[str]]:
    """By bone: others that move with it, being below it, bound by a constraint, or driven by how it stands."""
    moves: dict[str, list[str]] = {}
    for bone in armature.data.bones:
        if bone.parent is not None:
            moves.setdefault(bone.parent.name, []).append(bone.name)
    for bone in armature.pose.bones if armature.pose is not None else ():  # there is none before it has had a bone
        for name in _targets(bone.constraints, armature):
            moves.setdefault(name, []).append(bone.name)
    for path, bones in _drivers(armature, armature):
        if (driven := _BONE.match(path)) is not None:
            for name in bones:
                moves.setdefault(name, []).append(bpy.utils.unescape_identifier(driven[1]))
    return moves


def _targets(constraints: Iterable[bpy.types.Constraint], armature: bpy.types.Object) -> Iterator[str]:
    for constraint in constraints:
        if constraint.type == "ARMATURE":
            yield from (each.subtarget for each in constraint.targets if each.target == armature and each.subtarget)
        elif getattr(constraint, "target", None) == armature and getattr(constraint, "subtarget", ""):
            yield constraint.subtarget
        if getattr(constraint, "pole_target", None) == armature and constraint.pole_subtarget:
            yield constraint.pole_subtarget


def _drivers(owner: bpy.types.ID, armature: bpy.types.Object) -> Iterator[tuple[str, set[str]]]:
    """Of what is driven: its data path, and the bones of an armature whose places drive it."""
    data = owner.animation_data
    for curve in data.drivers if data else ():
        bones = set()
        for variable in curve.driver.variables:
            for target in variable.targets:
                if target.id != armature:
                    continue
                if variable.type == "SINGLE_PROP":
                    told = _CHANNEL.match(target.data_path)
                    bones |= {bpy.utils.unescape_identifier(told[1])} if told is not None else set()
                elif target.bone_target:
                    bones.add(target.bone_target)
        yield curve.data_path, bones
