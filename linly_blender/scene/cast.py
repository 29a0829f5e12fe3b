"""Everybody in the open file who might perform."""

from dataclasses import dataclass

import bpy

from ..errors import UserError, some_of
from .character import Character, find_character


@dataclass(frozen=True, slots=True)
class Cast:
    characters: tuple[Character, ...]
    """By name."""
    notes: tuple[str, ...]
    """Who was left out, and why."""


def find_cast() -> Cast:
    """The characters of all scenes: one for each armature with a face, and for each face without an armature."""
    sure: dict[str, Character] = {}
    doubtful: dict[str, Character] = {}
    linked: dict[str, None] = {}
    others: dict[str, None] = {}
    taken: set[str] = set()
    for obj in sorted(_candidates(), key=lambda obj: (obj.type, obj.name)):  # armatures first
        if obj.name in taken:
            continue
        try:
            character = find_character(obj)
        except UserError as error:
            is_linked = obj.library is not None or obj.data.library is not None
            (linked if is_linked else others)[str(error)] = None
            continue
        # A curtain with a key named Open is nobody, unless there is nobody else.
        is_known = character.found.convention is not None or character.head is not None
        (sure if is_known else doubtful)[character.name] = character
        taken |= {character.name, *character.found.meshes}
    notes = [*linked]
    if sure and doubtful:
        notes.append(f"Taken for no characters, because only a few shape keys speak of a face: {some_of(doubtful)}.")
    if not sure and not doubtful:
        notes += others
    found = sure or doubtful
    return Cast(tuple(found[name] for name in sorted(found)), tuple(notes))


def _candidates() -> list[bpy.types.Object]:
    """Armatures, and meshes that have shape keys."""
    return [
        obj
        for obj in bpy.data.objects
        if obj.users_scene and (obj.type == "ARMATURE" or (obj.type == "MESH" and obj.data.shape_keys is not None))
    ]
