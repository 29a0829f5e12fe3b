"""Writing a performance onto a character, as keys that an animator can edit.

Everything is worked out and checked before the first write; if Blender refuses a write all the same, what was
written is taken back. So a bake happens whole or not at all.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import bpy
import numpy as np

from ..errors import UserError
from ..keys import largest_errors, reduce_curves
from ..performance import Performance
from ..resample import Resampled, resample
from . import actions, checks, ledger, markers, sequencer, sound, strips
from .actions import Curve
from .character import Character, shape_keys
from .remove import check_not_tweaked, remove_takes
from .retarget import Channels, Retargeted, Tolerances, retarget

_LAST_FRAME: Final = 1048574
"""Blender's ``MAXFRAME``."""


@dataclass(frozen=True, slots=True)
class BakeOptions:
    start_frame: int = 1
    """Scene frame of the take's first frame."""
    shape_tolerance: float = 0.002
    """Largest error of a face shape, 0..1."""
    angle_tolerance: float = math.radians(0.1)
    """Largest error of the head's orientation, radians."""
    distance_tolerance: float = 0.0002
    """Largest error of the head's place, metres."""
    output: Literal["nla", "action"] = "nla"
    """A strip on a track of our own, or the active action."""
    body: Literal["add", "replace"] = "add"
    """Whether the bones' movement of an NLA strip comes on top of the tracks below or takes its place."""
    markers: bool = False
    """Mark words, sentences and gestures on the timeline."""
    sound: bool = True
    """Put the voice into the sequencer."""
    sound_file: str = ""
    """A file of the user's with the voice, put there in place of a copy; its path may begin with ``//``."""
    strip: str = ""
    """Name of a sound strip that plays the voice: the take goes where it lies, as fast as it plays, without a sound."""
    strip_begin: float = 0.0
    """Seconds of the strip's sound at the take's first sample."""
    name: str = "Linly Take"
    """Of the action, the track and the strips."""


@dataclass(frozen=True, slots=True)
class BakeReport:
    character: str
    first_frame: int
    last_frame: int
    curves: int
    keys: int
    dense_keys: int
    """Keys there would be with one on every frame."""
    shape_error: float
    """Largest difference of a shape from its value on the take's frames."""
    channel_error: float
    """Largest error of any channel over its tolerance; at most 1."""
    notes: tuple[str, ...]
    """What of the take this character cannot show."""
    problems: tuple[checks.Problem, ...]
    """What keeps the take from being seen or heard."""

    def summary(self) -> str:
        """One line for a person."""
        share = 100 * self.keys / max(self.dense_keys, 1)
        said = (
            f"frames {self.first_frame} to {self.last_frame} on '{self.character}', {self.curves} curves, "
            f"{self.keys} keys ({share:.1f} % of dense), largest shape error {self.shape_error:.4f}"
        )
        return ". ".join([said, *self.notes, *(problem.message for problem in self.problems)])


@dataclass(frozen=True, slots=True)
class _Block:
    """A data-block to animate and its curves."""

    object_name: str
    owner: bpy.types.ID
    slot_type: actions.SlotType
    channels: list[Channels]
    curves: list[Curve]


def bake(
    scene: bpy.types.Scene, character: Character, performance: Performance, options: BakeOptions | None = None
) -> BakeReport:
    """Bake a performance onto a character, in place of our earlier take on it.

    Raises:
        UserError: the take, the options or the character do not allow it; then nothing has changed.
    """
    options = options or BakeOptions()
    _check_options(options)
    fps = frame_rate(scene)
    place = None
    if options.strip:
        place = strips.place_of(scene, options.strip)
        performance, first = sequencer.as_heard(performance, place, options.strip_begin)
        options = replace(options, start_frame=first, sound=False)
    elif options.sound_file:
        check_file(options.sound_file)
    resampled = resample(performance.frames, fps, performance.speech.phones)
    first, last = options.start_frame, options.start_frame + len(resampled.frames) - 1
    if last > _LAST_FRAME:
        raise UserError(f"The take would end at frame {last}, after the last that Blender has ({_LAST_FRAME}).")
    for layer in scene.view_layers:
        layer.update()  # how large the armature is now, for a script may have scaled it or the scene never been shown
    tolerances = Tolerances(options.shape_tolerance, options.angle_tolerance, options.distance_tolerance)
    retargeted = retarget(character, resampled.frames, tolerances, scene.unit_settings.scale_length)
    old = ledger.takes_of(character)
    blocks, channel_error, shape_error = _reduce(character, retargeted, resampled)
    for block in blocks:
        _check_writable(block, options, old)

    _write(scene, character, performance, options, blocks, old, (first, last), place)
    return BakeReport(
        character=character.name,
        first_frame=first,
        last_frame=last,
        curves=sum(len(block.curves) for block in blocks),
        keys=sum(len(curve.keys) for block in blocks for curve in block.curves),
        dense_keys=sum(len(block.curves) for block in blocks) * len(resampled.frames),
        shape_error=shape_error,
        channel_error=channel_error,
        notes=retargeted.notes,
        problems=tuple(checks.find_problems(scene, character)),
    )


def frame_rate(scene: bpy.types.Scene) -> float:
    """Frames a second, which may be a fraction (24000/1001)."""
    return float(scene.render.fps / scene.render.fps_base)


def check_file(file: str) -> None:
    """Raise UserError unless there is such a file, whose path may begin with ``//``."""
    if not Path(bpy.path.abspath(file)).is_file():
        raise UserError(f"The recording {bpy.path.abspath(file)} is gone. Put it back, or choose it where it is now.")


def _check_options(options: BakeOptions) -> None:
    for name in ("shape_tolerance", "angle_tolerance", "distance_tolerance"):
        value = getattr(options, name)
        if not (math.isfinite(value) and value > 0):
            raise UserError(f"The {name.replace('_', ' ')} is {value:g}; it must be above 0.")
    if not -_LAST_FRAME <= options.start_frame <= _LAST_FRAME:
        raise UserError(f"The start frame {options.start_frame} lies outside of Blender's timeline.")


def _check_writable(block: _Block, options: BakeOptions, old: set[str]) -> None:
    check_not_tweaked(block.object_name, block.owner)
    data = block.owner.animation_data
    if (
        options.output == "action"
        and data is not None
        and data.action is not None
        and not ledger.is_ours(data.action, old)
    ):
        raise UserError(
            f"'{block.object_name}' already has the active action '{data.action.name}'. Push it down in the NLA editor "
            "(Action > Push Down Action) first, or bake to an NLA track."
        )


def _reduce(character: Character, retargeted: Retargeted, resampled: Resampled) -> tuple[list[_Block], float, float]:
    """Every data-block with its reduced curves; the largest error over tolerance, and of a shape."""
    blocks = [
        _Block(face.object_name, shape_keys(face), "KEY", retargeted.faces[face.object_name], [])
        for face in character.faces
    ]
    owners = ledger.owners(character)
    if character.armature is not None:
        blocks.append(_Block(character.armature, owners[character.armature], "OBJECT", retargeted.bones, []))
    blocks = [block for block in blocks if block.channels]
    every = [channels for block in blocks for channels in block.channels]
    values = np.column_stack([channels.values for channels in every])
    tolerance = np.concatenate([channels.tolerance for channels in every])
    group = np.repeat(np.arange(len(every)), [channels.values.shape[1] for channels in every])
    lips = np.array([channels.lips for channels in every])[group]
    protect = np.zeros(values.shape, bool)
    protect[resampled.closures] = lips
    keys = reduce_curves(values, tolerance, group, protect)
    errors = largest_errors(values, keys)

    reduced = iter(keys)
    for block in blocks:
        for channels in block.channels:
            for index in channels.indices or range(channels.values.shape[1]):
                block.curves.append(Curve(channels.data_path, index, next(reduced), channels.group))
    shapes = np.array([path.endswith("].value") for path in (channels.data_path for channels in every)])[group]
    return blocks, float((errors / tolerance).max()), float(errors[shapes].max(initial=0.0))


def _write(
    scene: bpy.types.Scene,
    character: Character,
    performance: Performance,
    options: BakeOptions,
    blocks: list[_Block],
    old: set[str],
    frames: tuple[int, int],
    place: strips.StripPlace | None,
) -> None:
    """Write all of it beside the old take, then take the old one away; undo the new one if anything fails."""
    first, last = frames
    take = ledger.new_id()
    entries = ledger.read(scene)
    replaced = [entries[name] for name in sorted(ledger.released(scene, character, old) & set(entries))]
    entry = ledger.Entry(
        character=character.name,
        fps=frame_rate(scene),
        made_sequencer=(options.sound and scene.sequence_editor is None)
        or any(previous.made_sequencer for previous in replaced),
    )
    undo: list[Callable[[], object]] = [lambda: remove_takes(character, {take})]
    try:
        entries[take] = entry
        ledger.write(scene, entries)
        action = actions.new_action(options.name, first, max(last, first + 1))
        action[ledger.TAKE] = take
        for block in blocks:
            slot = actions.add_slot(action, block.slot_type, block.owner.name, block.curves, first)
            ledger.remember(action, slot, _before(block, old))
            data = block.owner.animation_data
            if data is None:
                undo.append(block.owner.animation_data_clear)
                data = block.owner.animation_data_create()
            if options.output == "nla":
                below = _track_of(data, old)
                combine = block.slot_type == "OBJECT" and options.body == "add"
                actions.add_strip(data, action, slot, options.name, below, combine=combine)
            else:
                undo.append(_reassignment(data))
                data.action = action
                data.action_slot = slot
        if options.sound and options.sound_file:
            sound.add_file(scene, options.sound_file, options.name, (first, last + 1), take)
        elif options.sound:
            sound.add(scene, performance.speech, options.name, first, take)
        if place is not None:
            undo.append(sound.hand_over(strips.find(scene, options.strip)))
            entry.follows = sequencer.follow(scene, options.strip, place, first, actions.digest(action))
        if options.markers:
            entry.markers = markers.add(scene, markers.of(performance, frame_rate(scene), first))
    except Exception:
        ledger.write(scene, entries)
        for step in reversed(undo):
            step()
        raise
    for previous in replaced:
        _inherit_range(scene, entry, previous)
    grow_range(scene, entry, first, last)
    ledger.write(scene, entries)
    remove_takes(character, old)
    _name(scene, blocks, action, options.name, take)
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)


def _before(block: _Block, old: set[str]) -> ledger.Before:
    """How a data-block is before the bake; what an earlier take of ours moves, as it was before that one."""
    notes = [ledger.before(take.action, take.slot) for take in ledger.played(block.owner) if take.take in old]
    values = {channels.data_path: _value(block.owner, channels.data_path) for channels in block.channels}
    for note in notes:
        values |= {path: value for path, value in note.values.items() if path in values}
    made = block.owner.animation_data is None or any(note.made_animation_data for note in notes)
    return ledger.Before(values, made)


def _value(owner: bpy.types.ID, data_path: str) -> float | list[float]:
    value = owner.path_resolve(data_path)
    return float(value) if isinstance(value, float) else [float(part) for part in value]


def _track_of(data: bpy.types.AnimData, takes: set[str]) -> bpy.types.NlaTrack | None:
    """The highest track that plays one of the takes."""
    ours = [track for track in data.nla_tracks if any(ledger.is_ours(strip.action, takes) for strip in track.strips)]
    return ours[-1] if ours else None


def _reassignment(data: bpy.types.AnimData) -> Callable[[], None]:
    """A step that gives back the action that is active now."""
    action, slot = data.action, data.action_slot

    def assign() -> None:
        data.action = action
        if action is not None and slot is not None:
            data.action_slot = slot

    return assign


def _inherit_range(scene: bpy.types.Scene, entry: ledger.Entry, previous: ledger.Entry) -> None:
    """Take over from the replaced take what the scene's range was before it, if nobody has changed it since."""
    for edge in ("start", "end"):
        if getattr(previous, f"{edge}_before") is not None and getattr(previous, f"{edge}_after") == getattr(
            scene, f"frame_{edge}"
        ):
            setattr(entry, f"{edge}_before", getattr(previous, f"{edge}_before"))
            setattr(entry, f"{edge}_after", getattr(previous, f"{edge}_after"))
            setattr(previous, f"{edge}_before", None)


def grow_range(scene: bpy.types.Scene, entry: ledger.Entry, first: int, last: int) -> None:
    """Widen the scene's range to hold the take; never narrow it."""
    for edge, wanted in (("start", min(max(first, 0), scene.frame_start)), ("end", max(last, scene.frame_end))):
        now = getattr(scene, f"frame_{edge}")
        if wanted != now:
            if getattr(entry, f"{edge}_before") is None:
                setattr(entry, f"{edge}_before", now)
            setattr(scene, f"frame_{edge}", wanted)
            setattr(entry, f"{edge}_after", wanted)


def _name(scene: bpy.types.Scene, blocks: list[_Block], action: bpy.types.Action, name: str, take: str) -> None:
    """Give our things their names, now that those of the replaced take are free."""
    action.name = name
    for block in blocks:
        for track in block.owner.animation_data.nla_tracks:
            for strip in track.strips:
                if strip.action == action:
                    strip.name = track.name = name
    sound.name(scene, take, name)
