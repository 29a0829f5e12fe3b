"""From character space to this character's channels: shape keys, and bones of any roll, order and scale.

A bone's channels turn it in its own rest axes, after what its parents do. So every rotation is first written in the
armature's axes as the turn that a bone shall have made in all, then what it inherits is taken off, and the rest is
written in the bone's axes. Pure arithmetic on a ``Rig`` that has been read once; nothing here writes.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import bpy
import numpy as np
from numpy.typing import NDArray

from .. import rotation
from ..arkit import SHAPES
from ..errors import UserError
from ..performance import Frames
from ..resample import MOUTH
from ..rig.evaluate import Player, PosePlayer
from ..rig.mapping import POSES
from ..rig.sharing import share_gaze
from .aim import Aim
from .character import Character, Face, character_axes, check_bones, driven_paths, look_up, shape_keys

Floats = NDArray[np.float64]

BREATH_ANGLE: Final = math.radians(0.8)
"""How far full lungs lean the chest back. The neck takes it off again, so that the head keeps still."""
_BREATH_TOLERANCE_SHARE: Final = 0.1
_MOUTH: Final = frozenset(SHAPES[column] for column in MOUTH)


@dataclass(frozen=True, slots=True)
class Tolerances:
    shape: float
    """Of a face shape, 0..1."""
    angle: float
    """Of the head's orientation, radians."""
    distance: float
    """Of the head's place, metres."""


@dataclass(frozen=True, slots=True)
class Channels:
    """One property of a data-block over time; its components take keys on the same frames."""

    data_path: str
    values: Floats
    """[shape=(n, components)]"""
    tolerance: Floats
    """Of each component; the errors over these, as one length, stay below 1 [shape=(components,)]."""
    group: str
    lips: bool = False
    """Whether lip closures must be keys."""
    indices: tuple[int, ...] | None = None
    """Which components of the property these are; None for all of them."""


@dataclass(frozen=True, slots=True)
class Retargeted:
    faces: dict[str, list[Channels]]
    """For each mesh object, on its shape keys."""
    bones: list[Channels]
    """On the armature object."""
    notes: tuple[str, ...]
    """What of the take this character cannot show, and why."""


@dataclass(frozen=True, slots=True)
class RestingBone:
    """What of a bone decides how its channels act."""

    name: str
    mode: str
    rest: Floats
    """Rest orientation in the armature's axes, quaternion."""
    parent_rest: Floats
    place: Floats
    """Of its head at rest, in the armature's axes and units [shape=(3,)]."""
    inherits: bool
    own_axes: bool
    """Location is measured in the bone's axes, not in its parent's."""
    movable: bool
    path: str


@dataclass(frozen=True, slots=True)
class CarryingBone:
    """A bone between the armature's root and the head, the head included."""

    rest: RestingBone
    share: float | None
    """Of the head's whole turn that is made up to here; None where the bone only follows."""
    moved: float
    """Of the head's displacement that this bone makes."""


@dataclass(frozen=True, slots=True)
class PosedBone:
    """A bone that poses move, and which of its channels they do."""

    rest: RestingBone
    place: int
    """Among the player's bones."""
    turns: bool
    shifts: tuple[int, ...]
    """The axes of its location that are moved."""
    stretches: tuple[int, ...]
    """And of its scale."""
    lips: bool
    """Whether lip closures must be keys of it."""


@dataclass(frozen=True, slots=True)
class PosePlan:
    """The bones that show what shape keys do not."""

    player: PosePlayer
    bones: tuple[PosedBone, ...]


@dataclass(frozen=True, slots=True)
class AimPlan:
    """A bone that moves so that the eyes look where they shall."""

    aim: Aim
    bone: RestingBone


@dataclass(frozen=True, slots=True, eq=False)
class _Carried:
    """What the head's motion has come to at a bone that carries the head, in the armature's axes."""

    turned: Floats
    """Of the bone from its rest, quaternions [shape=(n, 4)]."""
    place: Floats
    """Of its head [shape=(n, 3)]."""
    rest: Floats
    """That place at rest [shape=(3,)]."""


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """Everything of a character that the head's channels depend on beside the frames. Holds no Blender data."""

    to_armature: Floats
    """Quaternion from character space to the armature object's axes."""
    units: Floats
    """The object's own units in a metre, along its axes [shape=(3,)]."""
    unit: float
    """The object's own units in one of the world, at least."""
    bones: tuple[CarryingBone, ...]
    """From the root to the head."""
    chest: str | None
    """The bone that leans with the breath."""


def retarget(character: Character, frames: Frames, tolerances: Tolerances, metres_per_unit: float) -> Retargeted:
    """Channels for every shape key and bone of the character that the frames move.

    ``metres_per_unit`` is the scene's ``unit_settings.scale_length``.

    Raises:
        UserError: a bone that is needed is gone, locked or driven, or every shape key is driven.
    """
    check_bones(character)
    notes: list[str] = list(character.notes)
    frames = _with_gaze_shared(frames, character.setup.distribution.gaze)
    faces = _face_channels(character, frames, tolerances, notes)
    bones: list[Channels] = []
    if character.armature is None or character.head is None:
        where = "There is no armature" if character.armature is None else f"'{character.armature}' has no head bone"
        notes.append(f"{where}: the head does not turn.")
    else:
        bones, carried = _head_channels(character, frames, tolerances, metres_per_unit, notes)
        bones += _eye_channels(character, frames, carried, tolerances, notes)
    posed = _pose_channels(character, frames, tolerances, metres_per_unit, notes)
    if not any(faces.values()) and not posed:
        raise UserError(
            f"All face shape keys of '{character.name}' are moved by drivers, which keys cannot override. "
            "Mute or remove the drivers (right-click a value > Delete Drivers), or choose another mesh."
            if faces
            else f"The face of '{character.name}' cannot be moved. " + " ".join(notes)
        )
    return Retargeted(faces, bones + posed, tuple(notes))


def _with_gaze_shared(frames: Frames, share: float) -> Frames:
    shapes, head, gaze = share_gaze(frames.shapes, frames.head, frames.gaze, share)
    return replace(frames, shapes=shapes, head=head, gaze=gaze)


def _face_channels(
    character: Character, frames: Frames, tolerances: Tolerances, notes: list[str]
) -> dict[str, list[Channels]]:
    mapping = character.found.mapping
    values = Player.of(mapping).by_mesh(frames.shapes)
    moves_lips = _moving_lips(character)
    faces: dict[str, list[Channels]] = {}
    for face in character.faces:
        mesh = face.object_name
        keys = shape_keys(face)
        by_driver = driven_keys(keys, face)
        faces[mesh] = [
            Channels(
                data_path=f"{keys.key_blocks[name].path_from_id()}.value",
                values=values[mesh][:, column : column + 1].astype(float),
                tolerance=np.array([tolerances.shape]),
                group=mesh,
                lips=moves_lips[mesh, name],
            )
            for column, name in enumerate(face.keys)
            if name not in by_driver
        ]
        if by_driver:
            notes.append(f"Left alone, because drivers move them: {', '.join(by_driver)} of '{mesh}'.")
    return faces


def _moving_lips(character: Character) -> dict[tuple[str, str], bool]:
    """By mesh and key, whether lip closures must be keys of it."""
    return {
        (drive.mesh, drive.key): any(channel in _MOUTH for channel, _ in drive.weights)
        for drive in character.found.mapping.drives
    }


def driven_keys(keys: bpy.types.Key, face: Face) -> tuple[str, ...]:
    """Those of a face's shape keys that drivers move."""
    driven = driven_paths(keys)
    return tuple(name for name in face.keys if (f"{keys.key_blocks[name].path_from_id()}.value", 0) in driven)


def plan_poses(character: Character, notes: list[str]) -> PosePlan | None:
    """The bones that poses move; None where shape keys show all, or where every such bone is locked or driven."""
    played = {drive.key for drive in character.found.mapping.drives if drive.mesh == POSES}
    if character.armature is None or not played:
        return None
    armature = look_up(character.armature)
    driven = driven_paths(armature)
    player = PosePlayer.of(character.found.mapping, character.poses)
    lips = {key for (mesh, key), moves in _moving_lips(character).items() if mesh == POSES and moves}
    performing = {character.head, *character.necks, character.chest, *character.eyes}
    performing |= {aim.bone for aim in character.aims}
    changed = np.abs(player.moves).max(axis=0, initial=0.0).reshape(-1, 3, 3) > 0
    bones = []
    for place, name in enumerate(player.bones):
        if name in performing:
            notes.append(f"Left out of the poses, because the performance moves it already: the bone '{name}'.")
            continue
        rest, pose = _read(armature, name, driven), armature.pose.bones[name]
        turned, shifted, stretched = (tuple(np.flatnonzero(part).tolist()) for part in changed[place])
        turns = bool(turned) and (not any(_obstacles(pose, driven, turned)) or _is_free(armature, name, driven, notes))
        is_connected = pose.bone.use_connect and pose.bone.parent is not None
        shifts = () if is_connected else _free_axes(pose, "location", pose.lock_location, driven, shifted)
        stretches = _free_axes(pose, "scale", pose.lock_scale, driven, stretched)
        if shifts != shifted:
            notes.append(f"It does not move all the way, being connected to its parent, locked or driven: '{name}'.")
        if stretches != stretched:
            notes.append(f"Its scale is left alone, being locked or driven: the bone '{name}'.")
        is_lip = any(move.bone == name for key in lips for move in character.poses[key].moves)
        if turns or shifts or stretches:
            bones.append(PosedBone(rest, place, turns, shifts, stretches, is_lip))
    return PosePlan(player, tuple(bones)) if bones else None


def _free_axes(
    bone: bpy.types.PoseBone,
    name: str,
    locks: Sequence[bool],
    driven: set[tuple[str, int]],
    wanted: tuple[int, ...],
) -> tuple[int, ...]:
    """Those of the wanted components of a property that are neither locked nor driven."""
    path = f"{bone.path_from_id()}.{name}"
    return tuple(axis for axis in wanted if not locks[axis] and (path, axis) not in driven)


def _pose_channels(
    character: Character, frames: Frames, tolerances: Tolerances, metres_per_unit: float, notes: list[str]
) -> list[Channels]:
    plan = plan_poses(character, notes)
    if plan is None:
        return []
    assert character.armature is not None
    distance = tolerances.distance / metres_per_unit / float(_object_scale(look_up(character.armature)).max())
    values = plan.player.values(frames.shapes).astype(float)
    channels: list[Channels] = []
    for bone in plan.bones:
        own = []
        turn, shift, stretch = (values[:, bone.place, part : part + 3] for part in (0, 3, 6))
        path, name = bone.rest.path, bone.rest.name
        if bone.turns:
            own.append(_basis_channels(bone.rest, rotation.from_rotation_vector(turn), tolerances.angle))
        for part, axes, values_at, tolerance in (
            ("location", bone.shifts, shift, distance),
            ("scale", bone.stretches, 1.0 + stretch, tolerances.shape),
        ):
            if axes:
                kept = values_at[:, list(axes)]
                own.append(Channels(f"{path}.{part}", kept, np.full(len(axes), tolerance), name, indices=axes))
        channels += [replace(each, lips=bone.lips) for each in own]
    return channels


def plan_head(character: Character, metres_per_unit: float, notes: list[str], *, moves: bool) -> HeadPlan:
    """How this character's bones carry a head, as they are now; needs an armature with a head bone.

    ``moves`` is whether the head will leave its place; a head that cannot is then told of in ``notes``.

    Raises:
        UserError: the head bone is locked or driven, or the armature has no size.
    """
    assert character.armature is not None
    head = character.head
    assert head is not None
    armature = look_up(character.armature)
    driven = driven_paths(armature)
    _check_free(armature.pose.bones[head], driven)

    def is_usable(name: str) -> bool:
        return _is_free(armature, name, driven, notes) and _carries(armature, name, head, notes)

    shared = character.setup.distribution
    upper = {}
    below = 0.0
    if character.chest is not None and is_usable(character.chest):
        upper[character.chest] = below = shared.chest
    necks = [name for name in _from_the_root(armature, character.necks) if is_usable(name)]
    upper |= {name: below + shared.neck * (number + 1) / len(necks) for number, name in enumerate(necks)}
    share = upper | {head: 1.0}
    scale = _object_scale(armature)
    moved = _share_of_movement(armature, share, notes, moves)
    bones = [*reversed(armature.data.bones[head].parent_recursive), armature.data.bones[head]]
    return HeadPlan(
        to_armature=character_axes(armature, head),
        units=1 / (scale * metres_per_unit),
        unit=float(1 / scale.max()),
        bones=tuple(
            CarryingBone(_read(armature, bone.name, driven), share.get(bone.name), moved.get(bone.name, 0.0))
            for bone in bones
        ),
        chest=character.chest if character.chest in share else None,
    )


def _head_channels(
    character: Character, frames: Frames, tolerances: Tolerances, metres_per_unit: float, notes: list[str]
) -> tuple[list[Channels], dict[str, _Carried]]:
    moves = bool(np.abs(frames.head[:, :3]).max() > tolerances.distance)
    plan = plan_head(character, metres_per_unit, notes, moves=moves)
    turn = _in_axes(plan.to_armature, rotation.head_quaternion(frames.head[:, 3:]))
    breath = np.tile([1.0, 0.0, 0.0, 0.0], (len(frames), 1))
    if plan.chest is not None:
        lean = np.zeros((len(frames), 3))
        lean[:, 0] = -BREATH_ANGLE * frames.breath  # about the left, so that the chest's front rises
        breath = _in_axes(plan.to_armature, rotation.from_rotation_vector(lean))
    rest_of_turn = rotation.multiply(rotation.inverse(breath), turn)
    away = rotation.rotate(plan.to_armature, frames.head[:, :3].astype(float)) * plan.units

    channels: list[Channels] = []
    carried: dict[str, _Carried] = {}
    turned = np.tile([1.0, 0.0, 0.0, 0.0], (len(frames), 1))
    rest = plan.bones[0].rest.place
    place = np.tile(rest, (len(frames), 1))
    before = 0.0
    for bone in plan.bones:
        read = bone.rest
        place = place + rotation.rotate(turned, read.place - rest) + away * bone.moved
        rest = read.place
        inherited = turned if read.inherits else np.array([1.0, 0.0, 0.0, 0.0])
        parent_turned = turned
        if bone.share is None:
            turned = np.broadcast_to(inherited, turned.shape)
            carried[read.name] = _Carried(turned, place, rest)
            continue
        turned = rotation.multiply(breath, rotation.power(rest_of_turn, bone.share))
        carried[read.name] = _Carried(turned, place, rest)
        own = rotation.multiply(rotation.inverse(inherited), turned)
        is_chest = read.name == plan.chest
        part = _BREATH_TOLERANCE_SHARE if is_chest else (bone.share - before) * (1 - _BREATH_TOLERANCE_SHARE)
        before = bone.share
        channels.append(_rotation_channels(read, own, tolerances.angle * part))
        if bone.moved:
            # The parent carries these even where its rotation is not inherited.
            axes = rotation.multiply(parent_turned, read.rest if read.own_axes else read.parent_rest)
            values = rotation.rotate(rotation.inverse(axes), away * bone.moved)
            tolerance = np.full(3, tolerances.distance * bone.moved / metres_per_unit * plan.unit)
            channels.append(Channels(f"{read.path}.location", values, tolerance, read.name))
    return channels, carried


def plan_eyes(character: Character, notes: list[str]) -> tuple[RestingBone, ...]:
    """The eye bones that gaze turns: none where shape keys do it, or where they are locked or driven."""
    if character.armature is None or not character.eyes:
        return ()
    armature = look_up(character.armature)
    driven = driven_paths(armature)
    return tuple(_read(armature, eye, driven) for eye in character.eyes if _is_free(armature, eye, driven, notes))


def plan_aims(character: Character, notes: list[str]) -> tuple[AimPlan, ...]:
    """What the eyes look at and gaze moves: none where shape keys or the eyes' own bones do it."""
    if character.armature is None:
        return ()
    armature = look_up(character.armature)
    driven = driven_paths(armature)
    plans = [AimPlan(aim, _read(armature, aim.bone, driven)) for aim in character.aims]
    held = [plan.bone.name for plan in plans if not plan.bone.movable]
    if held:
        notes.append(f"The eyes stay still: what they look at is locked, driven or connected: {', '.join(held)}.")
    return tuple(plan for plan in plans if plan.bone.movable)


def _eye_channels(
    character: Character,
    frames: Frames,
    carried: dict[str, _Carried],
    tolerances: Tolerances,
    notes: list[str],
) -> list[Channels]:
    eyes, aims = plan_eyes(character, notes), plan_aims(character, notes)
    if not eyes and not aims:
        return []
    assert character.armature is not None
    assert character.head is not None
    angles = np.column_stack([frames.gaze, np.zeros(len(frames))])
    look = _in_axes(character_axes(look_up(character.armature), character.head), rotation.head_quaternion(angles))
    channels = [_rotation_channels(eye, look, tolerances.angle) for eye in eyes]
    for plan in aims:
        aim = plan.aim
        head = carried[character.head]
        looked_at = head.place + rotation.rotate(head.turned, rotation.rotate(look, aim.way) + aim.eye - head.rest)
        if aim.carrier is not None:
            below = carried[aim.carrier]
            looked_at = below.rest + rotation.rotate(rotation.inverse(below.turned), looked_at - below.place)
        away = looked_at - (aim.eye + aim.way)
        axes = plan.bone.rest if plan.bone.own_axes else plan.bone.parent_rest
        values = rotation.rotate(rotation.inverse(axes), away)
        # What is far away may be off by more for the same error of the look.
        tolerance = np.full(3, tolerances.angle * float(np.linalg.norm(aim.way)))
        channels.append(Channels(f"{plan.bone.path}.location", values, tolerance, plan.bone.name))
    return channels


def rotation_property(mode: str) -> str:
    """Which of a bone's properties turns it in a rotation mode."""
    return {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}.get(mode, "rotation_euler")


def _rotation_channels(bone: RestingBone, turn: Floats, tolerance: float) -> Channels:
    """A turn in the armature's axes [shape=(n, 4)] as the channel that the bone's rotation mode plays.

    Tolerances are such that the error of the orientation is at most ``tolerance`` radians.
    """
    basis = rotation.multiply(rotation.multiply(rotation.inverse(bone.rest), turn), bone.rest)
    return _basis_channels(bone, basis, tolerance)


def _basis_channels(bone: RestingBone, basis: Floats, tolerance: float) -> Channels:
    """As ``_rotation_channels``, of a turn in the bone's own axes."""
    path = f"{bone.path}.{rotation_property(bone.mode)}"
    if bone.mode == "QUATERNION":
        # The angle of a small error is twice the length of the quaternion's change.
        return Channels(path, rotation.continuous(basis), np.full(4, tolerance / 2), bone.name)
    if bone.mode == "AXIS_ANGLE":
        values = rotation.axis_angle(basis)
        widest = max(float(np.abs(values[:, 0]).max()), 1e-3)
        return Channels(path, values, np.array([tolerance, *[tolerance / widest] * 3]), bone.name)
    values = rotation.euler(basis, bone.mode)
    # The outer two of the three axes lean towards each other by the middle angle: then their errors add up more.
    lean = np.abs(np.sin(values[:, "XYZ".index(bone.mode[1])])).max()
    return Channels(path, values, np.full(3, tolerance / math.sqrt(1 + lean)), bone.name)


def _in_axes(axes: Floats, turn: Floats) -> Floats:
    """The same turn, described in other axes."""
    return rotation.multiply(rotation.multiply(axes, turn), rotation.inverse(axes))


def _object_scale(armature: bpy.types.Object) -> Floats:
    """How large the object's own units are in the world, along its axes [shape=(3,)]."""
    # Not ``to_scale``, which turns all three signs when the object is mirrored along one axis.
    scale = np.linalg.norm(np.array(armature.matrix_world.to_3x3()), axis=0)
    if scale.min() < 1e-9:
        raise UserError(f"The armature '{armature.name}' is scaled to nothing. Give it a scale above 0.")
    return np.asarray(scale)


def _share_of_movement(
    armature: bpy.types.Object, share: dict[str, float], notes: list[str], moves: bool
) -> dict[str, float]:
    """How much of the head's displacement each bone makes: like the turn, but only bones that can move."""
    driven = driven_paths(armature)
    movable = [name for name in share if _read(armature, name, driven).movable]
    if not movable:
        if moves:
            notes.append("The head turns but does not move: its bones are connected to their parents or locked.")
        return {}
    able = {name: share[name] for name in movable}
    able[movable[-1]] = 1.0  # the nearest to the head carries what is left
    return {name: able[name] - able.get(movable[number - 1], 0.0) * (number > 0) for number, name in enumerate(movable)}


def _read(armature: bpy.types.Object, name: str, driven: set[tuple[str, int]]) -> RestingBone:
    pose, bone = armature.pose.bones[name], armature.data.bones[name]
    path = pose.path_from_id()
    held = any(pose.lock_location) or any((f"{path}.location", axis) in driven for axis in range(3))
    identity = np.array([1.0, 0.0, 0.0, 0.0])
    return RestingBone(
        name=name,
        mode=pose.rotation_mode,
        rest=_orientation(bone),
        parent_rest=_orientation(bone.parent) if bone.parent else identity,
        place=np.array(bone.head_local),
        inherits=bone.use_inherit_rotation,
        own_axes=bone.use_local_location,
        movable=not (bone.use_connect and bone.parent is not None) and not held,
        path=path,
    )


def _orientation(bone: bpy.types.Bone) -> Floats:
    return rotation.from_matrix(np.array(bone.matrix_local.to_3x3().normalized()))


def _from_the_root(armature: bpy.types.Object, names: tuple[str, ...]) -> list[str]:
    return sorted(names, key=lambda name: len(armature.data.bones[name].parent_recursive))


def _obstacle(bone: bpy.types.PoseBone, driven: set[tuple[str, int]]) -> str | None:
    """Why a bone must not be turned in every way."""
    return next(iter(_obstacles(bone, driven, (0, 1, 2))), None)


def _obstacles(bone: bpy.types.PoseBone, driven: set[tuple[str, int]], axes: Sequence[int]) -> Iterator[str]:
    """Why a bone must not be turned about some of its own axes."""
    if any(bone.lock_rotation[axis] for axis in axes) or (bone.lock_rotations_4d and bone.lock_rotation_w):
        yield "is locked (N panel > Item > the padlocks)"
    path = bone.path_from_id()
    kinds = ("rotation_quaternion", "rotation_euler", "rotation_axis_angle")
    if any((f"{path}.{kind}", axis) in driven for kind in kinds for axis in range(4)):
        yield "is moved by a driver"


def _check_free(bone: bpy.types.PoseBone, driven: set[tuple[str, int]]) -> None:
    obstacle = _obstacle(bone, driven)
    if obstacle:
        raise UserError(f"The rotation of the head bone '{bone.name}' {obstacle}. Free it, then try again.")


def _is_free(armature: bpy.types.Object, name: str, driven: set[tuple[str, int]], notes: list[str]) -> bool:
    obstacle = _obstacle(armature.pose.bones[name], driven)
    if obstacle:
        notes.append(f"Left alone, because its rotation {obstacle}: the bone '{name}'.")
    return obstacle is None


def _carries(armature: bpy.types.Object, name: str, head: str, notes: list[str]) -> bool:
    """Whether a bone's turn reaches the head: a constraint in between, as Rigify's, decides that by itself."""
    parents = [bone.name for bone in armature.data.bones[head].parent_recursive]
    between = parents[: parents.index(name)]
    constrained = next((bone for bone in between if acting_constraints(armature.pose.bones[bone])), None)
    if constrained:
        notes.append(f"Left alone, because '{constrained}' above it has a constraint: the bone '{name}'.")
    return constrained is None


def acting_constraints(bone: bpy.types.PoseBone) -> list[bpy.types.Constraint]:
    """A bone's constraints that are switched on."""
    return [constraint for constraint in bone.constraints if not constraint.mute and constraint.influence > 0]
