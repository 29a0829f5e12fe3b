"""What is ours: the marks by which re-baking and removing find exactly what was added.

An action and a sound strip carry the id of their take as a custom property. An action also knows how what it animates
was before: it goes where the character goes, into a duplicate, another file or a library override, and does not mind
when objects are renamed. What has no custom properties of its own (markers, the frame range) is written down in one
custom property of the scene.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import bpy

from .character import Character, look_up
from .sequencer import Followed, followed_from

TAKE: Final = "linly_take"
"""Custom property of our actions and strips: the take's id."""
_BEFORE: Final = "linly_before"
_LEDGER: Final = "linly_takes"


@dataclass(slots=True)
class Entry:
    """What one take added to a scene, beyond what carries its id."""

    character: str
    """Name of the character when it was baked."""
    fps: float
    """The scene's frames a second when it was baked."""
    markers: list[tuple[str, int]] = field(default_factory=list)
    """Name and frame of each."""
    start_before: int | None = None
    """The scene's first frame before the take needed an earlier one; None when it did not."""
    start_after: int | None = None
    end_before: int | None = None
    end_after: int | None = None
    made_sequencer: bool = False
    follows: Followed | None = None
    """The sound strip of the user's that the take was baked to."""


@dataclass(frozen=True, slots=True)
class Before:
    """How a data-block was before the first of our takes that followed one another on it."""

    values: dict[str, float | list[float]]
    """What the animated properties were, by data path."""
    made_animation_data: bool
    """Whether we made its animation data."""


@dataclass(frozen=True, slots=True)
class Played:
    """One of our actions where it is played."""

    take: str
    action: bpy.types.Action
    slot: bpy.types.ActionSlot | None
    first: float
    """Scene frames."""
    last: float


def read(scene: bpy.types.Scene) -> dict[str, Entry]:
    """All takes that the scene knows of; what a person has made unreadable counts as nothing."""
    try:
        stored: Any = json.loads(str(scene.get(_LEDGER, "{}")))
        return {take: _entry(entry) for take, entry in stored.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _entry(stored: dict[str, Any]) -> Entry:
    follows = stored.get("follows")
    return Entry(
        **stored
        | {
            "markers": [(str(name), int(frame)) for name, frame in stored["markers"]],
            "follows": None if follows is None else followed_from(follows),
        }
    )


def write(scene: bpy.types.Scene, entries: dict[str, Entry]) -> None:
    """Keep the entries; none leave no trace."""
    if entries:
        scene[_LEDGER] = json.dumps({take: asdict(entry) for take, entry in entries.items()})
    elif _LEDGER in scene:
        del scene[_LEDGER]


def new_id() -> str:
    """An id that no other take has, in this file or in one that it may be appended to."""
    return uuid.uuid4().hex


def owners(character: Character) -> dict[str, bpy.types.ID]:
    """The data-blocks that a take animates, by the names of their objects."""
    blocks: dict[str, bpy.types.ID] = {}
    if character.armature is not None:
        blocks[character.armature] = look_up(character.armature)
    for face in character.faces:
        blocks[face.object_name] = look_up(face.object_name).data.shape_keys
    return blocks


def played(owner: bpy.types.ID) -> Iterator[Played]:
    """Our actions that a data-block plays."""
    data = owner.animation_data
    if data is None:
        return
    if data.action is not None and TAKE in data.action:
        yield Played(data.action[TAKE], data.action, data.action_slot, *data.action.frame_range)
    for track in data.nla_tracks:
        for strip in track.strips:
            if strip.action is not None and TAKE in strip.action:
                yield Played(strip.action[TAKE], strip.action, strip.action_slot, strip.frame_start, strip.frame_end)


def span(character: Character) -> tuple[float, float] | None:
    """First and last scene frame of our takes where they lie now, for an animator may have moved their strips."""
    takes = [take for owner in owners(character).values() for take in played(owner)]
    return (min(take.first for take in takes), max(take.last for take in takes)) if takes else None


def takes_of(character: Character) -> set[str]:
    """Ids of our takes that this character plays, or that a scene says were baked for it."""
    found = {take.take for owner in owners(character).values() for take in played(owner)}
    for scene in own_scenes():
        found |= {take for take, entry in read(scene).items() if entry.character == character.name}
    return found


def released(scene: bpy.types.Scene, character: Character, takes: set[str]) -> set[str]:
    """Those of a character's takes that nobody else in the scene plays, as a duplicate of it does."""
    mine = list(owners(character).values())
    others = [obj for obj in scene.objects if obj not in mine]
    others += [keys for obj in scene.objects if (keys := getattr(obj.data, "shape_keys", None)) and keys not in mine]
    return takes - {take.take for owner in others for take in played(owner)}


def own_scenes() -> list[bpy.types.Scene]:
    """Those of this file, and not of a library."""
    return [scene for scene in bpy.data.scenes if scene.library is None]


def is_ours(action: bpy.types.Action | None, takes: set[str]) -> bool:
    """Whether an action belongs to one of the takes."""
    return action is not None and action.get(TAKE) in takes


def remember(action: bpy.types.Action, slot: bpy.types.ActionSlot, before: Before) -> None:
    """Note with an action how what its slot animates was before."""
    notes = json.loads(action.get(_BEFORE, "{}"))
    action[_BEFORE] = json.dumps(notes | {str(slot.handle): asdict(before)})


def before(action: bpy.types.Action, slot: bpy.types.ActionSlot | None) -> Before:
    """What was noted; what a person has made unreadable counts as nothing."""
    try:
        handle = None if slot is None else slot.handle
        return Before(**json.loads(action[_BEFORE])[str(handle)])
    except (ValueError, TypeError, KeyError, AttributeError):
        return Before({}, made_animation_data=False)
