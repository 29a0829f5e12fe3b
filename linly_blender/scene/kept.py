"""The artist's values of what is shown for a while, kept in the file from before the first change until ``restore``.

They are in custom properties of what is changed. So an undo step, an automatic save or a file left by a crash that
catches a character in the middle of a word knows its pose as well: ``restore`` finds all of it by the properties alone,
whatever the objects are called by then. Blender does not save custom properties that were added to a library override,
but does save its pose: what such a character had is kept with a scene.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import bpy
from mathutils import Euler, Quaternion

from .retarget import rotation_property

KEPT: Final = "linly_live"
"""Custom property of shape keys and armature objects, or of an entry for an override: the artist's values."""
SHOWN: Final = "linly_live_shown"
"""Beside it, once they are settled: the values that were shown."""
OVERRIDES: Final = "linly_live_overrides"
"""Custom property of a scene: entries for library overrides."""
_OWNER: Final = "owner"
"""Of an entry: the object."""
_HELD: Final = 1e-5
"""A value that differs by less is still what was shown."""
_HELD_ANGLE: Final = 1e-3
"""And a turn in another rotation mode, radians."""
_MODES: Final = ("QUATERNION", "AXIS_ANGLE", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX")
_EULER: Final = frozenset(_MODES[2:])

Channels = dict[str, Any]
"""Some of a bone's ``location``, ``scale`` and ``rotation``, this with its ``rotation_mode``."""


def keep(obj: bpy.types.Object, values: Mapping[str, float | Channels]) -> None:
    """Keep what is not kept yet: of what is, the values may be ours by now.

    Parameters: an object, and values by the names of its shape keys if it is a mesh, of its bones if an armature.
    """
    place = _place(obj)
    if place is None:
        place = _new_entry(obj) if _is_override(obj) else _owner(obj)
    place[KEPT] = json.dumps({**values, **_read(place, KEPT)})


def is_kept(obj: bpy.types.Object) -> bool:
    """Whether anything of an object is kept."""
    return _place(obj) is not None


def settle() -> None:
    """Note what is shown now: what somebody changes from here on is theirs, and ``restore`` leaves it alone."""
    for owner, place in _places():
        kept = _read(place, KEPT)
        if isinstance(owner, bpy.types.Key):
            shown: dict[str, Any] = {name: owner.key_blocks[name].value for name in kept if name in owner.key_blocks}
        else:
            bones = owner.pose.bones if owner.pose is not None else {}
            shown = {name: _all_channels(bones[name]) for name in kept if name in bones}
        place[SHOWN] = json.dumps(shown)


def restore() -> None:
    """Give back every pose that is kept in this file, and forget it."""
    for owner, place in list(_places()):
        kept, shown = _read(place, KEPT), _read(place, SHOWN)
        if isinstance(owner, bpy.types.Key):
            _restore_shapes(owner, kept, shown)
        elif owner.pose is not None:
            for name, values in kept.items():
                if name in owner.pose.bones and isinstance(values, dict):
                    then = shown.get(name)
                    _restore_bone(owner.pose.bones[name], values, then if isinstance(then, dict) else {})
        for name in (KEPT, SHOWN):
            if name in place:
                del place[name]
    for scene in bpy.data.scenes:
        if scene.library is None and OVERRIDES in scene:
            del scene[OVERRIDES]


def channels(bone: bpy.types.PoseBone, part: str) -> Channels:
    """A part of a bone's values now; the rotation is that of its rotation mode."""
    if part != "rotation":
        return {part: list(getattr(bone, part))}
    return {
        "rotation": list(getattr(bone, rotation_property(bone.rotation_mode))),
        "rotation_mode": bone.rotation_mode,
    }


def _all_channels(bone: bpy.types.PoseBone) -> Channels:
    return channels(bone, "location") | channels(bone, "scale") | channels(bone, "rotation")


def _owner(obj: bpy.types.Object) -> Any:
    """What has the values: an object's shape keys, or the armature object itself."""
    return obj.data.shape_keys if obj.type == "MESH" else obj


def _is_override(obj: bpy.types.Object) -> bool:
    return (obj.data if obj.type == "MESH" else obj).override_library is not None


def _place(obj: bpy.types.Object) -> Any:
    """Where values of an object are kept: an ID or an entry; None if nowhere."""
    if _is_override(obj):
        return next((entry for entry in _entries() if entry.get(_OWNER) == obj), None)
    owner = _owner(obj)
    return owner if owner is not None and KEPT in owner else None


def _places() -> Iterator[tuple[bpy.types.Key | bpy.types.Object, Any]]:
    """Whatever is kept: what has the values, and where they are kept."""
    for keys in bpy.data.shape_keys:
        if keys.library is None and keys.user.override_library is None and KEPT in keys:
            yield keys, keys
    for obj in bpy.data.objects:
        if obj.library is None and obj.override_library is None and KEPT in obj:
            yield obj, obj
    for entry in _entries():
        obj = entry.get(_OWNER)
        if isinstance(obj, bpy.types.Object) and _owner(obj) is not None:
            yield _owner(obj), entry


def _entries() -> Iterator[Any]:
    for scene in bpy.data.scenes:
        entries: Any = scene.get(OVERRIDES) if scene.library is None else None
        for entry in entries.values() if hasattr(entries, "values") else ():
            if hasattr(entry, "values"):
                yield entry


def _new_entry(obj: bpy.types.Object) -> Any:
    scene = next((scene for scene in obj.users_scene if scene.library is None), bpy.context.scene)
    if not hasattr(scene.get(OVERRIDES), "values"):
        scene[OVERRIDES] = {}
    entries = scene[OVERRIDES]
    name = str(len(entries))
    entries[name] = {_OWNER: obj}
    return entries[name]


def _read(place: Any, name: str) -> dict[str, Any]:
    """What was kept; what a person has made unreadable counts as nothing."""
    try:
        values = json.loads(place.get(name, "{}"))
    except (ValueError, TypeError):
        return {}
    return values if isinstance(values, dict) else {}


def _restore_shapes(keys: bpy.types.Key, kept: dict[str, Any], shown: dict[str, Any]) -> None:
    for name, value in kept.items():
        if name in keys.key_blocks and _is_number(value):
            block = keys.key_blocks[name]
            if not _is_number(shown.get(name)) or abs(block.value - shown[name]) < _HELD:
                block.value = value


def _restore_bone(bone: bpy.types.PoseBone, kept: Channels, shown: Channels) -> None:
    for name in ("location", "scale"):
        if _are_numbers(kept.get(name), 3) and _is_held(getattr(bone, name), shown.get(name)):
            setattr(bone, name, kept[name])
    mode, values = kept.get("rotation_mode"), kept.get("rotation")
    if mode in _MODES and _are_numbers(values, _components(mode)) and _is_turn_held(bone, shown):
        now = bone.rotation_mode
        bone.rotation_mode = mode
        setattr(bone, rotation_property(mode), values)
        bone.rotation_mode = now  # Blender takes the rotation along, as it would have without us


def _is_held(now: Sequence[float], shown: object) -> bool:
    """Whether values are still those that were shown; so are all of which that is not known."""
    if not isinstance(shown, list) or not _are_numbers(shown, len(now)):
        return True
    return all(abs(value - then) < _HELD for value, then in zip(now, shown, strict=True))


def _is_turn_held(bone: bpy.types.PoseBone, shown: Channels) -> bool:
    """As ``_is_held``, of its rotation, which Blender takes along where somebody changes the rotation mode."""
    mode: Any = shown.get("rotation_mode")
    then: Any = shown.get("rotation")
    now = getattr(bone, rotation_property(bone.rotation_mode))
    if mode not in _MODES or not _are_numbers(then, _components(mode)):
        return True
    if mode == bone.rotation_mode or {mode, bone.rotation_mode} <= _EULER:  # which take the numbers along
        return _is_held(now, then)
    angle = float(_turn(mode, then).rotation_difference(_turn(bone.rotation_mode, now)).angle)
    return min(angle, math.tau - angle) < _HELD_ANGLE


def _turn(mode: str, values: Sequence[float]) -> Quaternion:
    """What a rotation property's values turn a bone by."""
    if mode == "QUATERNION":
        return Quaternion(values).normalized()
    if mode == "AXIS_ANGLE":
        return Quaternion(values[1:], values[0])
    return Euler(values, mode).to_quaternion()


def _components(mode: str) -> int:
    return 4 if mode in ("QUATERNION", "AXIS_ANGLE") else 3


def _are_numbers(values: object, count: int) -> bool:
    return isinstance(values, list) and len(values) == count and all(map(_is_number, values))


def _is_number(value: object) -> bool:
    return isinstance(value, float | int) and math.isfinite(value)
