"""Finding a character: which meshes, shape keys and bones a performance moves.

Blender may free or move its data at any time, so a character is remembered by names and looked up at each use.
"""

from dataclasses import dataclass

import bpy

from ..arkit import SHAPES
from ..errors import UserError
from . import names


@dataclass(frozen=True, slots=True)
class Face:
    """A mesh with ARKit-named shape keys."""

    object_name: str
    keys: dict[str, int]
    """Name of a shape key to its column of ``Frames.shapes``."""


@dataclass(frozen=True, slots=True)
class Character:
    name: str
    """Of the object that stands for it: the armature, or the mesh where there is none."""
    faces: tuple[Face, ...]
    armature: str | None
    head: str | None
    necks: tuple[str, ...]
    """From the chest up; only bones that carry the head."""
    chest: str | None
    """Only if it carries the head."""
    eyes: tuple[str, ...]
    """Both, or none."""

    @property
    def missing_shapes(self) -> tuple[str, ...]:
        """ARKit names that no mesh has."""
        there = {column for face in self.faces for column in face.keys.values()}
        return tuple(name for column, name in enumerate(SHAPES) if column not in there)


def find_character(given: bpy.types.Object) -> Character:
    """The character that a mesh or an armature belongs to.

    Raises:
        UserError: the object cannot be a character, or is linked from another file.
    """
    if given.type not in {"MESH", "ARMATURE"}:
        raise UserError(
            f"'{given.name}' is a {given.type.lower()}, not a character. Choose the head's mesh or its armature."
        )
    _check_own(given, f"The object '{given.name}'")
    armature = given if given.type == "ARMATURE" else _armature_of(given)
    if armature is not None:
        _check_own(armature, f"The armature '{armature.name}'")
    if armature is None:
        meshes = [given]
    else:
        meshes = [
            obj for obj in bpy.data.objects if obj.type == "MESH" and obj.users_scene and _armature_of(obj) == armature
        ]
    faces = _faces(meshes)
    if not faces:
        _explain_no_face(given, meshes)

    bones = armature.data.bones if armature is not None else {}
    there = set(bones.keys())
    head = names.match_bone(there, names.HEAD)
    carriers = {bone.name for bone in bones[head].parent_recursive} if head else set()
    # Eyes that do not follow the head are no eyes but what they look at, as in Rigify.
    carried = {bone.name for bone in bones[head].children_recursive} if head else set()
    eyes = (names.match_bone(carried, names.LEFT_EYE), names.match_bone(carried, names.RIGHT_EYE))
    return Character(
        name=armature.name if armature is not None else given.name,
        faces=faces,
        armature=armature.name if armature is not None else None,
        head=head,
        necks=names.match_bones(carriers, names.NECK),
        chest=names.match_bone(carriers, names.CHEST),
        eyes=tuple(eye for eye in eyes if eye) if all(eyes) else (),
    )


def look_up(name: str) -> bpy.types.Object:
    """An object of this file by name.

    Raises:
        UserError: it is gone.
    """
    obj = bpy.data.objects.get((name, None))
    if obj is None:
        raise UserError(f"The object '{name}' is gone or has another name. Choose the character again.")
    return obj


def shape_keys(face: Face) -> bpy.types.Key:
    """The shape keys of a face.

    Raises:
        UserError: the object or one of the keys is gone.
    """
    obj = look_up(face.object_name)
    keys = obj.data.shape_keys if obj.type == "MESH" else None
    gone = [name for name in face.keys if keys is None or name not in keys.key_blocks]
    if gone:
        raise UserError(f"'{obj.name}' no longer has the shape key '{gone[0]}'. Choose the character again.")
    return keys


def _faces(meshes: list[bpy.types.Object]) -> tuple[Face, ...]:
    faces = []
    seen = set()
    for obj in meshes:
        keys = obj.data.shape_keys
        if keys is None or obj.data in seen:  # two objects may show the same mesh
            continue
        matched = names.match_shapes(block.name for block in keys.key_blocks if block != keys.reference_key)
        if matched:
            seen.add(obj.data)
            _check_own(obj, f"The mesh object '{obj.name}'")
            _check_own(obj.data, f"The mesh of '{obj.name}'")
            _check_own(keys, f"The shape keys of '{obj.name}'")
            faces.append(Face(obj.name, matched))
    return tuple(faces)


def _explain_no_face(given: bpy.types.Object, meshes: list[bpy.types.Object]) -> None:
    linked = [obj for obj in meshes if obj.library is not None]
    if not meshes:
        raise UserError(f"No mesh follows the armature '{given.name}'. Give the head an Armature modifier first.")
    if linked:
        _check_own(linked[0], f"The mesh object '{linked[0].name}'")
    keyed = [obj for obj in meshes if obj.data.shape_keys is not None]
    if not keyed:
        raise UserError(
            f"'{given.name}' has no shape keys. A face needs ARKit's shape keys (jawOpen, eyeBlinkLeft, ...) to talk."
        )
    some = ", ".join(block.name for block in list(keyed[0].data.shape_keys.key_blocks)[1:6]) or "only the basis"
    raise UserError(
        f"None of the shape keys of '{keyed[0].name}' has an ARKit name such as jawOpen or eyeBlinkLeft "
        f"(there are {some}). Rename them, or add the missing ones."
    )


def _armature_of(obj: bpy.types.Object) -> bpy.types.Object | None:
    """By its Armature modifier, else the nearest armature among its parents."""
    for modifier in obj.modifiers:
        if modifier.type == "ARMATURE" and modifier.object is not None:
            return modifier.object
    parent = obj.parent
    while parent is not None and parent.type != "ARMATURE":
        parent = parent.parent
    return parent


def _check_own(data: bpy.types.ID, what: str) -> None:
    if data.library is not None:
        raise UserError(
            f"{what} is linked from another file and cannot be animated here. Make a library override of the whole "
            "character first (Object > Library Override > Make), its mesh data included."
        )
