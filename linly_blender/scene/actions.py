"""Actions, slots and channels. The only module that knows how they differ between Blender 4.5 and 5.2.

Since 4.4 an action holds a slot for every data-block it animates, and its curves lie in the channelbag of the slot;
5.0 took away the old way round, ``Action.fcurves``. 4.5 can do both, so only the new way is used.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import bpy
import numpy as np

from ..keys import Keys

SlotType = Literal["OBJECT", "KEY"]
Channel = tuple[str, int]
"""Data path and index."""

_HANDLE: Final = bpy.types.Keyframe.bl_rna.properties["handle_left_type"].enum_items["ALIGNED"].value
_BEZIER: Final = bpy.types.Keyframe.bl_rna.properties["interpolation"].enum_items["BEZIER"].value


@dataclass(frozen=True, slots=True)
class Curve:
    data_path: str
    index: int
    keys: Keys
    """Their frames count from the take's first."""
    group: str
    """Under which Blender's editors list it."""


def new_action(name: str, first: int, last: int) -> bpy.types.Action:
    """An action of our own with one layer, whose range is exactly the take."""
    action = bpy.data.actions.new(name)
    action.layers.new("Take").strips.new(type="KEYFRAME")
    action.use_frame_range = True
    action.frame_start, action.frame_end = first, last
    return action


def add_slot(
    action: bpy.types.Action, slot_type: SlotType, name: str, curves: Sequence[Curve], start: int
) -> bpy.types.ActionSlot:
    """A slot for one data-block with all its curves; ``start`` is the scene frame of the take's first."""
    slot = action.slots.new(id_type=slot_type, name=name)
    bag = action.layers[0].strips[0].channelbag(slot, ensure=True)
    groups: dict[str, bpy.types.ActionGroup] = {}
    for curve in curves:
        made = bag.fcurves.new(curve.data_path, index=curve.index)
        if curve.group not in groups:
            groups[curve.group] = bag.groups.new(curve.group)
        made.group = groups[curve.group]
        made.color_mode = "AUTO_YRGB" if curve.data_path.endswith("quaternion") else "AUTO_RGB"
        _write_keys(made, curve.keys, start)
    return slot


def _write_keys(curve: bpy.types.FCurve, keys: Keys, start: int) -> None:
    count = len(keys)
    frames = keys.frames + float(start)
    third = np.diff(frames) / 3
    before, after = (np.append(1 / 3, third), np.append(third, 1 / 3))
    points = curve.keyframe_points
    points.add(count)
    for attribute, offset in (("co", np.zeros(count)), ("handle_left", -before), ("handle_right", after)):
        where = np.column_stack([frames + offset, keys.values + keys.slopes * offset])
        points.foreach_set(attribute, where.astype(np.float32).ravel())
    points.foreach_set("interpolation", np.full(count, _BEZIER, np.int32))
    for attribute in ("handle_left_type", "handle_right_type"):
        points.foreach_set(attribute, np.full(count, _HANDLE, np.int32))
    curve.update()


def add_strip(
    data: bpy.types.AnimData,
    action: bpy.types.Action,
    slot: bpy.types.ActionSlot,
    name: str,
    below: bpy.types.NlaTrack | None,
    combine: bool,
) -> None:
    """A strip on a new track, above the given one or else on top.

    ``combine`` turns and moves bones on top of what the artist's tracks below do; without it the values replace theirs.
    Where they animate the same channels, the strip counts only within its own range, so that theirs come through
    before and after; elsewhere it holds, because Blender leaves what nothing animates as it was last seen.
    """
    mine = channels(fcurves(action, slot))
    shared = any(
        mine & channels(fcurves(strip.action, strip.action_slot))
        for track in data.nla_tracks
        for strip in track.strips
        if strip.action is not None
    )
    track = data.nla_tracks.new(prev=below)
    track.name = name
    strip = track.strips.new(name, int(action.frame_start), action)
    strip.action_slot = slot
    strip.blend_type = "COMBINE" if combine else "REPLACE"
    strip.extrapolation = "NOTHING" if shared else "HOLD"


def digest(action: bpy.types.Action) -> str:
    """What tells an action's keys from any others, to see whether somebody has changed them by hand."""
    seen = hashlib.sha256()
    for slot in action.slots:
        for curve in fcurves(action, slot):
            where = np.empty(2 * len(curve.keyframe_points), np.float32)
            curve.keyframe_points.foreach_get("co", where)
            seen.update(f"{curve.data_path}[{curve.array_index}]".encode())
            seen.update(where.data)
    return seen.hexdigest()


def stretch(action: bpy.types.Action, first: float, scale: float) -> None:
    """Move an action's keys so that its range begins at a frame, and make them ``scale`` times as long."""
    start = action.frame_start
    for slot in action.slots:
        for curve in fcurves(action, slot):
            for attribute in ("co", "handle_left", "handle_right"):
                where = np.empty(2 * len(curve.keyframe_points), np.float32)
                curve.keyframe_points.foreach_get(attribute, where)
                where[::2] = first + (where[::2] - start) * scale
                curve.keyframe_points.foreach_set(attribute, where)
            curve.update()
    end = first + (action.frame_end - start) * scale
    action.frame_end = max(end, action.frame_end)  # Blender lets neither pass the other
    action.frame_start, action.frame_end = first, end


def fcurves(action: bpy.types.Action, slot: bpy.types.ActionSlot | None) -> Iterator[bpy.types.FCurve]:
    """The curves an action has for a slot."""
    if slot is None:
        return
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(slot)
            if bag is not None:
                yield from bag.fcurves


def channels(curves: Iterable[bpy.types.FCurve]) -> set[Channel]:
    """What they animate, muted ones left out."""
    return {
        (curve.data_path, curve.array_index)
        for curve in curves
        if not curve.mute and not (curve.group is not None and curve.group.mute)
    }
