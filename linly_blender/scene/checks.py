"""Will it move when the animator presses Play? What in a scene can keep a baked take from being seen or heard."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import bpy

from ..errors import UserError, some_of
from ..rig.mapping import Drive
from . import actions, ledger, sequencer, sound
from .actions import Channel
from .character import Character, Face, driven_paths, look_up
from .retarget import acting_constraints, rotation_property

ProblemKind = Literal[
    "missing", "muted_track", "soloed_track", "muted_strip", "track_above", "tweak_mode", "nla_off", "active_action",
    "weak_action", "unassigned_slot", "muted_curve", "lost_curve", "rotation_mode", "driver", "muted_key",
    "limited_key", "show_only_key", "absolute_keys", "rest_position", "no_deformation", "constraint", "range",
    "frame_rate", "time_remapping", "strip", "muted_sound",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    kind: ProblemKind
    message: str
    """What is wrong and what to do."""


def find_problems(scene: bpy.types.Scene, character: Character) -> list[Problem]:
    """Everything that hides our take on a character or keeps it silent; empty when it plays as it should."""
    takes = ledger.takes_of(character)
    if not takes:
        return [Problem("missing", f"There is no take of ours on '{character.name}'. Bake one.")]
    problems: list[Problem] = []
    for name, owner in ledger.owners(character).items():
        problems += _animation_problems(name, owner, takes)
    for face in character.faces:
        problems += shape_problems(character, face)
    if character.armature is not None:
        problems += pose_problems(look_up(character.armature), character)
    problems += _scene_problems(scene, character, takes)
    return problems


def _animation_problems(name: str, owner: bpy.types.ID, takes: set[str]) -> Iterator[Problem]:
    data = owner.animation_data
    what = f"'{name}'" if isinstance(owner, bpy.types.Object) else f"the shape keys of '{name}'"
    if data is None:
        return
    if data.use_tweak_mode:
        yield Problem("tweak_mode", f"A strip of {what} is being tweaked: leave tweak mode (Tab in the NLA editor).")
        return  # Blender now shows the strip's action as the active one, and not what lies above it
    as_action = ledger.is_ours(data.action, takes)
    ours = [
        (track, strip) for track in data.nla_tracks for strip in track.strips if ledger.is_ours(strip.action, takes)
    ]
    if as_action:
        if data.action_slot is None:
            yield Problem("unassigned_slot", f"Our action on {what} has no slot: choose one in the Action editor.")
        mine = list(actions.fcurves(data.action, data.action_slot))
    else:
        mine = [curve for _, strip in ours for curve in actions.fcurves(strip.action, strip.action_slot)]
    moved = actions.channels(mine)
    if len(moved) < len(mine):
        yield Problem("muted_curve", f"Some curves of our action on {what} are muted: unmute them in the Graph editor.")
    lost = [curve.data_path for curve in mine if not _leads_somewhere(owner, curve.data_path)]
    if lost:
        yield Problem("lost_curve", f"A bone or shape key of {what} that our take moves is gone: bake again.")
    turned = [_bone_turned_otherwise(owner, path) for path, _ in moved if path not in lost]
    other_mode = {bone for bone in turned if bone is not None}
    if other_mode:
        yield Problem(
            "rotation_mode", f"The rotation mode of {some_of(sorted(other_mode))} has changed since: bake again."
        )
    if moved & driven_paths(owner):
        yield Problem("driver", f"Drivers on {what} override some of our keys: mute them, or bake again.")
    solo = [track for track in data.nla_tracks if track.is_solo]
    if as_action:
        if solo:
            yield _soloed(solo[0], what)
        # Only beside tracks does Blender heed how the active action is blended.
        if data.nla_tracks and data.use_nla and (data.action_influence < 1 or data.action_blend_type != "REPLACE"):
            yield Problem(
                "weak_action",
                f"Our action on {what} is only mixed in: in the NLA editor, set the active action's "
                "Blending to Replace and its Influence to 1.",
            )
        return
    if ours and not data.use_nla:
        yield Problem("nla_off", f"The NLA of {what} is switched off: tick the box beside its name in the NLA editor.")
    for track, strip in ours:
        if strip.action_slot is None:
            yield Problem("unassigned_slot", f"Our strip on {what} has no action slot: choose one in the NLA editor.")
        if track.mute:
            yield Problem("muted_track", f"Our track '{track.name}' on {what} is muted: tick it in the NLA editor.")
        if solo and track not in solo:
            yield _soloed(solo[0], what)
        if strip.mute:
            yield Problem("muted_strip", f"Our strip '{strip.name}' on {what} is muted: select it and press H.")
        for above in _above(data, track):
            if _covers(above, strip) & moved:
                yield Problem(
                    "track_above",
                    f"The track '{above.name}' on {what} replaces what ours does: move our track above it, or mute it.",
                )
    if ours and data.action is not None:
        same = sorted({path for path, _ in actions.channels(actions.fcurves(data.action, data.action_slot)) & moved})
        if same and data.action_influence > 0 and data.action_blend_type == "REPLACE":
            yield Problem(
                "active_action",
                f"The active action '{data.action.name}' on {what} also moves {some_of(same)} and lies over our track: "
                "push it down in the NLA editor (Action > Push Down Action) and put it below ours, or unlink it.",
            )


def _soloed(track: bpy.types.NlaTrack, what: str) -> Problem:
    return Problem("soloed_track", f"The track '{track.name}' of {what} is soloed: switch off its star.")


def _leads_somewhere(owner: bpy.types.ID, data_path: str) -> bool:
    try:
        owner.path_resolve(data_path)
    except ValueError:
        return False
    return True


def _bone_turned_otherwise(owner: bpy.types.ID, data_path: str) -> str | None:
    """The bone that a curve turns by a property that its rotation mode does not use."""
    holder, _, attribute = data_path.rpartition(".")
    if not attribute.startswith("rotation_"):
        return None
    bone = owner.path_resolve(holder)
    return None if attribute == rotation_property(bone.rotation_mode) else str(bone.name)


def _above(data: bpy.types.AnimData, ours: bpy.types.NlaTrack) -> list[bpy.types.NlaTrack]:
    tracks = list(data.nla_tracks)
    return [track for track in tracks[tracks.index(ours) + 1 :] if not track.mute]


def _covers(track: bpy.types.NlaTrack, ours: bpy.types.NlaStrip) -> set[Channel]:
    """Channels that a track's strips replace while ours plays."""
    return {
        channel
        for strip in track.strips
        if not strip.mute and strip.blend_type == "REPLACE" and strip.action is not None and strip.action != ours.action
        if strip.frame_start < ours.frame_end and strip.frame_end > ours.frame_start
        for channel in actions.channels(actions.fcurves(strip.action, strip.action_slot))
    }


def shape_problems(character: Character, face: Face) -> Iterator[Problem]:
    """What keeps the shape keys of a mesh from being seen."""
    obj = look_up(face.object_name)
    shape_keys = obj.data.shape_keys
    muted = [name for name in face.keys if shape_keys.key_blocks[name].mute]
    if muted:
        yield Problem("muted_key", f"Shape keys of '{obj.name}' are muted: {some_of(muted)}. Tick them in Object Data.")
    drives = [drive for drive in character.found.mapping.drives if drive.mesh == face.object_name]
    limited = [drive.key for drive in drives if not _reaches(shape_keys.key_blocks[drive.key], drive)]
    if limited:
        yield Problem("limited_key", f"The range of {some_of(limited)} of '{obj.name}' is not 0 to 1: set Min and Max.")
    if obj.show_only_shape_key:
        yield Problem("show_only_key", f"'{obj.name}' shows one shape key only: switch off the pin in Object Data.")
    if not shape_keys.use_relative:
        yield Problem(
            "absolute_keys", f"The shape keys of '{obj.name}' are not relative: tick Relative in Object Data."
        )


def _reaches(key: bpy.types.ShapeKey, drive: Drive) -> bool:
    """Whether a shape key's sliders let it be at rest, and be as much as it is driven to."""
    most = min(1.0, sum(max(weight, 0.0) for _, weight in drive.weights))
    return bool(key.slider_min <= 0 and key.slider_max >= max(most - 1e-6, 0.0))


def pose_problems(armature: bpy.types.Object, character: Character) -> Iterator[Problem]:
    """What keeps the head's bones from being seen."""
    if armature.data.pose_position == "REST":
        yield Problem(
            "rest_position",
            f"The armature '{armature.name}' shows its rest position: choose Pose Position in Object Data.",
        )
    for face in character.faces:
        obj = look_up(face.object_name)
        deforms = [m for m in obj.modifiers if m.type == "ARMATURE" and m.object == armature]
        if deforms and not any(modifier.show_viewport and modifier.show_render for modifier in deforms):
            yield Problem(
                "no_deformation",
                f"The Armature modifier of '{obj.name}' is switched off: show it in viewport and render.",
            )
    for name in filter(None, (character.head, *character.necks)):
        for constraint in acting_constraints(armature.pose.bones[name]):
            yield Problem(
                "constraint",
                f"The constraint '{constraint.name}' on the bone '{name}' may override the head's turn.",
            )


def _scene_problems(scene: bpy.types.Scene, character: Character, takes: set[str]) -> Iterator[Problem]:
    span = ledger.span(character)
    if span is not None:
        first, last = span
        what = f"part of the take on '{character.name}'"
        if scene.use_preview_range and (first < scene.frame_preview_start or last > scene.frame_preview_end):
            yield Problem("range", f"The preview range hides {what}: clear it in the timeline (Alt P).")
        elif first < scene.frame_start or last > scene.frame_end:
            yield Problem("range", f"The scene's frame range hides {what}: widen it.")
    rate = scene.render.fps / scene.render.fps_base
    baked = {entry.fps for take, entry in ledger.read(scene).items() if take in takes}
    if any(not math.isclose(rate, fps) for fps in baked):
        yield Problem("frame_rate", f"The take was baked for another frame rate than {rate:g}: bake it again.")
    if scene.render.frame_map_old != scene.render.frame_map_new:
        yield Problem("time_remapping", "The scene stretches time (Output > Time Stretching): the voice will not fit.")
    followed = [entry.follows for take, entry in ledger.read(scene).items() if take in takes and entry.follows]
    yield from (_strip_problem(scene, one) for one in followed if not sequencer.is_followed(scene, one))
    if sound.is_silent(scene, takes, {one.mark for one in followed}):
        yield Problem(
            "muted_sound",
            "The voice is muted: switch off Mute in the timeline's Playback menu, on the strip and on its channel.",
        )


def _strip_problem(scene: bpy.types.Scene, followed: sequencer.Followed) -> Problem:
    try:
        name = sequencer.find(scene, followed)
    except UserError as error:
        return Problem("strip", str(error))
    return Problem("strip", f"The strip '{name}' was moved, trimmed or retimed: press Sync to Strip.")
