"""A living character in the viewport: moment by moment its shape keys and bones are written, and nothing is keyed.

What the artist had set is kept in the file, from before the first write until it is given back (``kept``). Between two
moments only names and numbers are kept here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import bpy
import numpy as np
from mathutils import Quaternion, Vector
from numpy.typing import NDArray

from ..errors import UserError, some_of
from ..live.frame import Frame
from ..rig.evaluate import Player
from ..rig.sharing import share_gaze
from . import actions
from .character import Character, character_axes, find_character, gone_error, look_up, shape_keys
from .checks import pose_problems, shape_problems
from .kept import Channels, channels, is_kept, keep
from .retarget import (
    BREATH_ANGLE,
    AimPlan,
    HeadPlan,
    PosePlan,
    RestingBone,
    driven_keys,
    plan_aims,
    plan_eyes,
    plan_head,
    plan_poses,
    rotation_property,
)

_SAME: Final = 1e-4
"""A shape that differs by less is not written again."""
_X: Final = Vector((1, 0, 0))
_Y: Final = Vector((0, 1, 0))
_Z: Final = Vector((0, 0, 1))


_Carried = tuple[Quaternion, Vector, Vector]
"""A bone's turn from its rest, its place, and that place at rest, in the armature's axes."""
_STILL: Final[_Carried] = (Quaternion(), Vector(), Vector())


@dataclass(frozen=True, slots=True)
class _FacePlan:
    """A mesh's shape keys that are written."""

    object_name: str
    order: tuple[str, ...]
    """Every shape key of the mesh, as they were when the plan was made."""
    places: NDArray[np.intp]
    """Of those written, in ``order`` [shape=(n,)]."""
    values: slice
    """Of those written, among the player's."""


@dataclass(frozen=True, slots=True)
class _Turning:
    """A bone that is written, in mathutils' terms."""

    bone: RestingBone
    rest: Quaternion
    share: float
    moved: float


@dataclass(frozen=True, slots=True)
class _Aiming:
    """What the eyes look at, in mathutils' terms."""

    bone: RestingBone
    axes: Quaternion
    eye: Vector
    way: Vector
    carrier: str | None

    @classmethod
    def of(cls, plan: AimPlan) -> Self:
        axes = plan.bone.rest if plan.bone.own_axes else plan.bone.parent_rest
        aim = plan.aim
        return cls(
            plan.bone, Quaternion(axes.tolist()), Vector(aim.eye.tolist()), Vector(aim.way.tolist()), aim.carrier
        )


class Preview:
    """Writes frames onto one character; ``kept.restore`` gives its pose back."""

    def __init__(self, character: str, metres_per_unit: float) -> None:
        """Look at the character; nothing is written yet.

        Parameters: the name of its mesh or armature, and the scene's ``unit_settings.scale_length``.
        Raises UserError when there is nothing to write.
        """
        self._metres_per_unit = metres_per_unit
        self._plan(find_character(look_up(character)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What of the character is left alone or cannot be seen, and why."""
        return self._notes

    @property
    def is_shown(self) -> bool:
        """Whether it has written, and nobody has given the pose back since."""
        objects = (bpy.data.objects.get((name, None)) for name in self._kept)
        return any(obj is not None and is_kept(obj) for obj in objects)

    def write(self, frame: Frame) -> None:
        """Show one moment.

        Raises UserError when a part of the character is gone or has another name.
        """
        if self._gaze_share:
            shapes, head, gaze = share_gaze(frame.shapes, frame.head, frame.gaze, self._gaze_share)
            frame = replace(frame, shapes=shapes, head=head, gaze=gaze)
        values = self._player.values(frame.shapes)
        for face in self._faces:
            if not self._write_face(face, values[face.values]):
                self._plan(find_character(look_up(self._name)))  # some were added, or are in another order
                return
        if self._armature is not None:
            self._write_bones(self._armature, frame)

    def check(self) -> None:
        """See that it is still in a scene: what is deleted lives on as long as something refers to it, our panel too.

        Raises UserError when a part is not. Slower than a ``write``.
        """
        for name in (*(face.object_name for face in self._faces), *filter(None, [self._armature])):
            if not any(name in scene.objects for scene in bpy.data.scenes):
                raise gone_error(name)

    def _plan(self, character: Character) -> None:
        notes: list[str] = []
        self._kept: set[str] = set()
        self._player, self._faces = _plan_faces(character, notes)
        self._head: HeadPlan | None = None
        self._eyes: tuple[RestingBone, ...] = ()
        self._aims: tuple[_Aiming, ...] = ()
        self._poses = plan_poses(character, notes)
        self._gaze_share = character.setup.distribution.gaze
        if character.armature is not None and character.head is not None:
            try:
                self._head = plan_head(character, self._metres_per_unit, notes, moves=True)
            except UserError as error:
                notes.append(str(error))
            self._eyes = plan_eyes(character, notes)
            self._aims = tuple(_Aiming.of(plan) for plan in plan_aims(character, notes))
        elif character.armature is not None:
            notes.append(f"'{character.armature}' has no head bone: the head does not turn.")
        else:
            notes.append("There is no armature: the head does not turn.")
        if not self._faces and self._head is None and self._poses is None:
            raise UserError(f"Nothing of '{character.name}' can be moved. " + " ".join(notes))
        is_posed = self._head is not None or self._eyes or self._aims or self._poses is not None
        self._armature = character.armature if is_posed else None
        if character.armature is not None and character.head is not None:
            armature = look_up(character.armature)
            self._axes = Quaternion(character_axes(armature, character.head).tolist())
            notes += [problem.message for problem in pose_problems(armature, character)]
        notes += _animated(character)
        self._name = character.name
        self._head_name = character.head or ""
        self._turning = _turning(self._head)
        self._units = Vector(self._head.units.tolist()) if self._head else Vector()
        self._written = tuple(self._parts())
        self._notes = tuple(dict.fromkeys(notes))

    def _parts(self) -> Iterator[tuple[str, str, str]]:
        """Each bone that is written, its rotation mode, and the part of its channels."""
        for turning in self._turning:
            yield turning.bone.name, turning.bone.mode, "rotation"
            if turning.moved:
                yield turning.bone.name, turning.bone.mode, "location"
        for eye in self._eyes:
            yield eye.name, eye.mode, "rotation"
        for aim in self._aims:
            yield aim.bone.name, aim.bone.mode, "location"
        for posed in self._poses.bones if self._poses is not None else ():
            for part, is_moved in (("rotation", posed.turns), ("location", posed.shifts), ("scale", posed.stretches)):
                if is_moved:
                    yield posed.rest.name, posed.rest.mode, part

    def _must_keep(self, obj: bpy.types.Object) -> bool:
        """Whether something that the plan writes to may not be kept yet; asked once a plan, and after a restoration."""
        if obj.name in self._kept and is_kept(obj):
            return False
        self._kept.add(obj.name)
        return True

    def _write_face(self, face: _FacePlan, wanted: NDArray[np.float32]) -> bool:
        """Whether the mesh still has the keys that it was planned for."""
        obj = look_up(face.object_name)
        blocks = _shape_keys(obj).key_blocks
        if tuple(blocks.keys()) != face.order:
            gone = [name for name in face.order if name not in blocks]
            if gone:
                raise UserError(f"'{face.object_name}' no longer has the shape key '{gone[0]}'. Start again.")
            return False
        if self._must_keep(obj):
            keep(obj, {face.order[place]: blocks[place].value for place in face.places.tolist()})
        values = np.empty(len(blocks), np.float32)
        blocks.foreach_get("value", values)
        changed = np.abs(values[face.places] - wanted) > _SAME
        if not changed.any():
            return True
        values[face.places] = wanted
        blocks.foreach_set("value", values)
        # This does not tell Blender that anything has changed; one value through its own property does.
        place = int(face.places[0])
        blocks[place].value = values[place]
        return True

    def _write_bones(self, name: str, frame: Frame) -> None:
        armature = look_up(name)
        if armature.pose is None:
            raise gone_error(name)
        bones = armature.pose.bones
        for bone, mode, _ in self._written:
            if bone not in bones:
                raise UserError(f"The armature '{name}' no longer has the bone '{bone}'. Start again.")
            if bones[bone].rotation_mode != mode:
                self._plan(find_character(look_up(self._name)))
                return
        if self._must_keep(armature):
            kept: dict[str, Channels] = {}
            for bone, _, part in self._written:
                kept[bone] = kept.get(bone, {}) | channels(bones[bone], part)
            keep(armature, kept)
        carried: dict[str, _Carried] = {}
        if self._head is not None:
            carried = self._write_head(self._head, bones, frame)
        if self._poses is not None:
            _write_poses(self._poses, bones, frame)
        if self._eyes or self._aims:
            look = self._axes @ _turn(float(frame.gaze[0]), float(frame.gaze[1]), 0.0) @ self._axes.inverted()
            for eye in self._eyes:
                _rotate(bones[eye.name], eye.mode, Quaternion(eye.rest.tolist()), look)
            for aim in self._aims:
                turned, place, rest = carried.get(self._head_name, _STILL)
                looked_at = place + turned @ (look @ aim.way + aim.eye - rest)
                if aim.carrier is not None:
                    turned, place, rest = carried.get(aim.carrier, _STILL)
                    looked_at = rest + turned.inverted() @ (looked_at - place)
                bones[aim.bone.name].location = aim.axes.inverted() @ (looked_at - aim.eye - aim.way)

    def _write_head(self, head: HeadPlan, bones: Any, frame: Frame) -> dict[str, _Carried]:
        """Write it; gives what it has come to at each bone that carries the head.

        The arithmetic of ``retarget`` for a single moment, for which arrays are slow; a test holds them together.
        """
        axes = self._axes
        x, y, z, pitch, yaw, roll = frame.head.tolist()
        back = axes.inverted()
        turn = axes @ _turn(pitch, yaw, roll) @ back
        breath = Quaternion()
        if head.chest is not None:
            breath = axes @ Quaternion(_X, -BREATH_ANGLE * frame.breath) @ back
        rest_of_turn = breath.inverted() @ turn
        away = (axes @ Vector((x, y, z))) * self._units
        turned = Quaternion()
        place = rest = Vector(head.bones[0].rest.place.tolist())
        carried: dict[str, _Carried] = {}
        turning = {entry.bone.name: entry for entry in self._turning}
        for carrying in head.bones:
            bone = carrying.rest
            here = Vector(bone.place.tolist())
            place, rest = place + turned @ (here - rest) + away * carrying.moved, here
            parent_turned, inherited = turned, turned if bone.inherits else Quaternion()
            entry = turning.get(bone.name)
            if entry is None:
                turned = inherited
                carried[bone.name] = (turned, place, rest)
                continue
            turned = breath @ Quaternion().slerp(rest_of_turn, entry.share)
            carried[bone.name] = (turned, place, rest)
            _rotate(bones[bone.name], bone.mode, entry.rest, inherited.inverted() @ turned)
            if entry.moved:
                held = parent_turned @ (entry.rest if bone.own_axes else Quaternion(bone.parent_rest.tolist()))
                bones[bone.name].location = held.inverted() @ (away * entry.moved)
        return carried


def _plan_faces(character: Character, notes: list[str]) -> tuple[Player, tuple[_FacePlan, ...]]:
    """What gives the values of all keys that are free to be written, and where each mesh's are."""
    orders: dict[str, tuple[str, ...]] = {}
    free: set[tuple[str, str]] = set()
    for face in character.faces:
        mesh = face.object_name
        keys = shape_keys(face)
        by_driver = driven_keys(keys, face)
        muted = [name for name in face.keys if keys.key_blocks[name].mute]
        if by_driver:
            notes.append(f"Left alone, because drivers move them: {some_of(by_driver)} of '{mesh}'.")
        notes += [problem.message for problem in shape_problems(character, face)]
        free |= {(mesh, name) for name in face.keys if name not in {*by_driver, *muted}}
        orders[mesh] = tuple(keys.key_blocks.keys())
    mapping = character.found.mapping
    player = Player.of(replace(mapping, drives=tuple(d for d in mapping.drives if (d.mesh, d.key) in free)))
    plans = [
        _FacePlan(mesh, orders[mesh], np.array([orders[mesh].index(name) for name in names]), player.places[mesh])
        for mesh, names in player.meshes.items()
    ]
    return player, tuple(plans)


def _animated(character: Character) -> Iterator[str]:
    """What is said of channels that an animation moves as well."""
    owners: dict[str, bpy.types.ID] = {face.object_name: shape_keys(face) for face in character.faces}
    if character.armature is not None:
        owners[character.armature] = look_up(character.armature)
    for name, owner in owners.items():
        data = owner.animation_data
        if data is None:
            continue
        played = [(data.action, data.action_slot)] if data.action is not None else []
        if data.use_nla:
            strips = [strip for track in data.nla_tracks if not track.mute for strip in track.strips]
            played += [(strip.action, strip.action_slot) for strip in strips if strip.action is not None]
        if any(actions.channels(actions.fcurves(*each)) for each in played):
            yield (
                f"'{name}' is animated. The animation is shown while it plays, and the conversation between; "
                "no key is changed."
            )


def _turning(head: HeadPlan | None) -> tuple[_Turning, ...]:
    if head is None:
        return ()
    return tuple(
        _Turning(bone.rest, Quaternion(bone.rest.rest.tolist()), bone.share, bone.moved)
        for bone in head.bones
        if bone.share is not None
    )


def _turn(pitch: float, yaw: float, roll: float) -> Quaternion:
    """As ``rotation.head_quaternion``."""
    return Quaternion(_Z, yaw) @ Quaternion(_X, -pitch) @ Quaternion(_Y, roll)


def _rotate(bone: bpy.types.PoseBone, mode: str, rest: Quaternion, turn: Quaternion) -> None:
    """Make a turn in the armature's axes by the property that the bone's rotation mode plays."""
    _rotate_own(bone, mode, rest.inverted() @ turn @ rest)


def _write_poses(plan: PosePlan, bones: Any, frame: Frame) -> None:
    values = plan.player.values(frame.shapes).tolist()
    for posed in plan.bones:
        bone = bones[posed.rest.name]
        turn, shift, stretch = values[posed.place][:3], values[posed.place][3:6], values[posed.place][6:]
        if posed.turns:
            vector = Vector(turn)
            _rotate_own(bone, posed.rest.mode, Quaternion(vector, vector.length))
        for axis in posed.shifts:
            bone.location[axis] = shift[axis]
        for axis in posed.stretches:
            bone.scale[axis] = 1 + stretch[axis]


def _rotate_own(bone: bpy.types.PoseBone, mode: str, basis: Quaternion) -> None:
    """As ``_rotate``, by a turn in the bone's own axes."""
    if mode == "QUATERNION":
        basis.make_compatible(bone.rotation_quaternion)
        bone.rotation_quaternion = basis
    elif mode == "AXIS_ANGLE":
        axis, angle = basis.to_axis_angle()
        setattr(bone, rotation_property(mode), (angle, *axis))
    else:
        setattr(bone, rotation_property(mode), basis.to_euler(mode, bone.rotation_euler))


def _shape_keys(obj: bpy.types.Object) -> bpy.types.Key:
    keys = obj.data.shape_keys if obj.type == "MESH" else None
    if keys is None:
        raise UserError(f"'{obj.name}' no longer has shape keys. Start again.")
    return keys
