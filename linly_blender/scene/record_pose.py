"""A pose of bones that a person has made, now or in an action, taken to serve as a shape."""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import bpy
import numpy as np

from .. import rotation
from ..errors import UserError, some_of
from ..rig.mirror import Rest, mirrored
from ..rig.poses import Move, Pose
from ..rig.tree import Vector
from . import actions
from .aim import carrier_of
from .character import Character, driven_paths, look_up
from .retarget import rotation_property

_AWAY: Final = 1e-4
"""A bone is posed when it turns or stretches by more (radians, shares), or moves by more of its length."""
_CENTRAL: Final = 0.1
"""A bone without a side lies in the middle when it is away from there by no more of its length."""
_PATH: Final = re.compile(r'pose\.bones\["((?:[^"\\]|\\.)*)"\]\.(\w+)')
_REST: Final = {
    "location": (0.0, 0.0, 0.0),
    "scale": (1.0, 1.0, 1.0),
    "rotation_quaternion": (1.0, 0.0, 0.0, 0.0),
    "rotation_euler": (0.0, 0.0, 0.0),
    "rotation_axis_angle": (0.0, 0.0, 1.0, 0.0),
}
"""What a bone's channels are where nothing poses it."""

Channels = dict[str, Sequence[float]]
"""Values of a bone's properties, by their names."""


@dataclass(frozen=True, slots=True)
class Recorded:
    pose: Pose
    performing: tuple[str, ...]
    """Posed bones that are left out, because the performance moves them itself."""
    body: tuple[str, ...]
    """Posed bones that are left out, because they do not go with the head."""


def record(character: Character, only: Collection[str] | None = None) -> Recorded:
    """The armature's present pose against its rest: of the bones that go with the head, or of those in ``only``.

    Raises UserError when no bone is posed, or nothing is left of those that are.
    """
    armature = _armature(character)
    driven = driven_paths(armature)
    channels: dict[str, Channels] = {
        bone.name: {name: tuple(getattr(bone, name)) for name in _REST}
        for bone in armature.pose.bones
        if not _is_driven(bone, driven)
    }
    moves = _moves(armature, channels)
    if not moves:
        raise UserError("No bone is away from its rest. Pose the face first, then press again.")
    return _taken(character, armature, moves, only)


def from_action(
    character: Character, action: bpy.types.Action, frame: float | None = None, only: Collection[str] | None = None
) -> Recorded:
    """The pose that an action has at a frame, or at its first; a pose of the pose library is an action too.

    Of its bones the same are taken as of a present pose. Raises UserError when it poses no bone of the armature, or
    nothing is left of those that it poses.
    """
    armature = _armature(character)
    at = action.curve_frame_range[0] if frame is None else frame
    slots = [slot for slot in action.slots if slot.target_id_type in {"OBJECT", "UNSPECIFIED"}]
    for slot in sorted(slots, key=lambda slot: slot.name_display != armature.name):
        moves = _moves(armature, _played(actions.fcurves(action, slot), armature, at))
        if moves:
            return _taken(character, armature, moves, only)
    raise UserError(
        f"The action '{action.name}' poses no bone of '{armature.name}' at frame {at:g}. Choose another action or "
        "frame."
    )


def mirror_image(character: Character, pose: Pose) -> tuple[Pose, tuple[str, ...]]:
    """The pose on the armature's other side, and the bones that have none there which could be moved.

    Names are Blender's to flip; a bone whose name has no side is its own counterpart where it lies in the middle.
    """
    armature = _armature(character)
    bones, driven = armature.pose.bones, driven_paths(armature)

    def counterpart(name: str) -> str | None:
        other = bpy.utils.flip_name(name)
        if other not in bones or _is_driven(bones[other], driven):
            return None
        return other if other != name or _is_central(bones[name].bone) else None

    return mirrored(pose, {bone.name: _at_rest(bone) for bone in armature.data.bones}, counterpart)


def _is_central(bone: bpy.types.Bone) -> bool:
    away = max(abs(bone.head_local.x), abs(bone.tail_local.x))
    return bool(away <= _CENTRAL * bone.length)


def _at_rest(bone: bpy.types.Bone) -> Rest:
    own = np.array(bone.matrix_local.to_3x3(), float)
    if bone.use_local_location:
        return Rest(own, own)
    return Rest(own, np.array(bone.parent.matrix_local.to_3x3(), float) if bone.parent else np.eye(3))


def _armature(character: Character) -> bpy.types.Object:
    if character.armature is None:
        raise UserError(f"'{character.name}' has no armature, so that there are no bones to pose.")
    return look_up(character.armature)


def _is_driven(bone: bpy.types.PoseBone, driven: set[tuple[str, int]]) -> bool:
    """Whether a driver moves it: then it moves by itself, and could not be moved by us."""
    path = bone.path_from_id()
    return any((f"{path}.{name}", index) in driven for name, rest in _REST.items() for index in range(len(rest)))


def _played(curves: Iterator[bpy.types.FCurve], armature: bpy.types.Object, frame: float) -> dict[str, Channels]:
    """By bone what the curves make of its channels; those that they leave alone are at rest."""
    posed: dict[str, dict[str, list[float]]] = {}
    for curve in curves:
        found = _PATH.fullmatch(curve.data_path)
        if found is None or found[2] not in _REST or curve.mute:
            continue
        bone = bpy.utils.unescape_identifier(found[1])
        values = posed.setdefault(bone, {name: list(rest) for name, rest in _REST.items()})[found[2]]
        if curve.array_index < len(values):
            values[curve.array_index] = curve.evaluate(frame)
    return {name: dict(values) for name, values in posed.items() if name in armature.pose.bones}


def _moves(armature: bpy.types.Object, channels: dict[str, Channels]) -> list[Move]:
    """What is posed of some bones."""
    every = [_move(armature.pose.bones[name], values) for name, values in channels.items()]
    return [move for move in every if move is not None]


def _taken(
    character: Character, armature: bpy.types.Object, moves: list[Move], only: Collection[str] | None
) -> Recorded:
    """What a channel can be of the bones that are posed; the body's pose is no part of a mouth's, unless chosen."""
    chosen = [move for move in moves if only is None or move.bone in only]
    if not chosen:
        raise UserError("No selected bone is posed. Select others, or turn off Selected Bones Only.")
    own = {character.chest, *character.necks, character.head, *character.eyes, *(aim.bone for aim in character.aims)}
    performing = tuple(move.bone for move in chosen if move.bone in own)
    free = [move for move in chosen if move.bone not in own]
    body = tuple(move.bone for move in free if only is None and not _goes_with_head(character, armature, move.bone))
    taken = tuple(move for move in free if move.bone not in body)
    if not taken and body:
        raise UserError(
            f"Nothing of the face is posed, only of the body: {some_of(body)}. If that is meant, select it and turn on "
            "Selected Bones Only."
        )
    if not taken:
        raise UserError(f"The performance itself moves all that is posed: {some_of(performing)}. Pose other bones.")
    return Recorded(Pose(taken, is_recorded=True), performing, body)


def _goes_with_head(character: Character, armature: bpy.types.Object, name: str) -> bool:
    """Whether a bone is below the head, by parents or by constraints; where there is no head nothing tells."""
    if character.head is None:
        return True
    parents = [bone.name for bone in armature.data.bones[name].parent_recursive]
    chain = {character.head, *(bone.name for bone in armature.data.bones[character.head].parent_recursive)}
    return character.head in parents or carrier_of(armature, name, chain) == character.head


def _move(bone: bpy.types.PoseBone, values: Channels) -> Move | None:
    """What a bone's channels do to it; None where that is nothing."""
    turn = rotation.rotation_vector(_turned(bone.rotation_mode, values))
    shift = np.array(values["location"], float)
    stretch = np.array(values["scale"], float) - 1.0
    if not all(np.isfinite(part).all() for part in (turn, shift, stretch)):
        return None
    if max(np.abs(turn).max(), np.abs(stretch).max(), np.abs(shift).max() / max(bone.bone.length, 1e-9)) <= _AWAY:
        return None
    return Move(bone.name, _vector(turn), _vector(shift), _vector(stretch))


def _turned(mode: str, values: Channels) -> rotation.Floats:
    """Quaternion of a bone's rotation, as its mode plays it."""
    told = values[rotation_property(mode)]
    if mode == "QUATERNION":
        length = math.hypot(*told)
        return np.array(told, float) / length if length > 0 else np.array(_REST["rotation_quaternion"])
    if mode == "AXIS_ANGLE":
        angle, *axis = told
        length = math.hypot(*axis)
        return rotation.from_rotation_vector(np.array(axis) * (angle / length if length > 0 else 0.0))
    turned = np.array(_REST["rotation_quaternion"])
    for letter in mode:  # the axis written first turns first
        turned = rotation.multiply(
            rotation.from_rotation_vector(np.eye(3)["XYZ".index(letter)] * told["XYZ".index(letter)]), turned
        )
    return turned


def _vector(values: rotation.Floats) -> Vector:
    x, y, z = values.tolist()
    return (x, y, z)
