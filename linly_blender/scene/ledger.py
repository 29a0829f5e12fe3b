"""What of a scene is ours: the marks by which re-baking and removing find exactly what was added.

An action and a sound strip carry the id of their take as a custom property. What has no custom properties of its own
(markers, the frame range) is written down in one custom property of the scene.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import bpy

from .character import Character, look_up

TAKE: Final = "linly_take"
"""Custom property of our actions and strips: the take's id."""
_LEDGER: Final = "linly_takes"


@dataclass(slots=True)
class Entry:
    """What one take added to a scene, beyond what carries its id."""

    character: str
    """Name of the character when it was baked."""
    markers: list[tuple[str, int]] = field(default_factory=list)
    """Name and frame of each."""
    start_before: int | None = None
    """The scene's first frame before the take needed an earlier one; None when it did not."""
    start_after: int | None = None
    end_before: int | None = None
    end_after: int | None = None
    values: dict[str, dict[str, float | list[float]]] = field(default_factory=dict)
    """What the animated properties were: by object and data path."""
    made_animation_data: list[str] = field(default_factory=list)
    """Of which objects (for a mesh, of its shape keys) we made the animation data."""
    made_sequencer: bool = False


def read(scene: bpy.types.Scene) -> dict[str, Entry]:
    """All takes that the scene knows of; what a person has made unreadable counts as nothing."""
    try:
        stored: Any = json.loads(str(scene.get(_LEDGER, "{}")))
        return {
            take: Entry(**(entry | {"markers": [(str(name), int(frame)) for name, frame in entry["markers"]]}))
            for take, entry in stored.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def write(scene: bpy.types.Scene, entries: dict[str, Entry]) -> None:
    """Keep the entries; none leave no trace."""
    if entries:
        scene[_LEDGER] = json.dumps({take: asdict(entry) for take, entry in entries.items()})
    elif _LEDGER in scene:
        del scene[_LEDGER]


def new_id(scene: bpy.types.Scene, character: Character) -> str:
    """An id that no take in this file has."""
    taken = set(read(scene)) | {action[TAKE] for action in bpy.data.actions if TAKE in action}
    number = 1
    while f"{character.name}:{number}" in taken:
        number += 1
    return f"{character.name}:{number}"


def owners(character: Character) -> dict[str, bpy.types.ID]:
    """The data-blocks that a take animates, by the names of their objects."""
    blocks: dict[str, bpy.types.ID] = {}
    if character.armature is not None:
        blocks[character.armature] = look_up(character.armature)
    for face in character.faces:
        blocks[face.object_name] = look_up(face.object_name).data.shape_keys
    return blocks


def takes_of(scene: bpy.types.Scene, character: Character) -> set[str]:
    """Ids of our takes that this character plays, or that the scene says were baked for it."""
    played = {
        action[TAKE]
        for owner in owners(character).values()
        if owner.animation_data is not None
        for action in _actions_of(owner.animation_data)
        if TAKE in action
    }
    return played | {take for take, entry in read(scene).items() if entry.character == character.name}


def is_ours(action: bpy.types.Action | None, takes: set[str]) -> bool:
    """Whether an action belongs to one of the takes."""
    return action is not None and action.get(TAKE) in takes


def _actions_of(data: bpy.types.AnimData) -> list[bpy.types.Action]:
    used = [data.action, *(strip.action for track in data.nla_tracks for strip in track.strips)]
    return [action for action in used if action is not None]
