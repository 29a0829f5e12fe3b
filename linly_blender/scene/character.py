"""Finding a character: its meshes and bones, and what of them shows a performance.

``linly_blender.rig`` recognises them by names and rest positions; here they are gathered and described to it. Blender
may free or move its data at any time, so a character is remembered by names and looked up at each use.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import bpy
import numpy as np
from numpy.typing import NDArray

from .. import rotation
from ..errors import UserError, some_of
from ..rig import by_hand
from ..rig.bone_faces import jaw_as_told, own_poses
from ..rig.mapping import POSES, Key, Mesh
from ..rig.poses import Pose
from ..rig.reattach import reattach
from ..rig.recognise import Recognition, recognise, with_eyes, with_mapping
from ..rig.setup import PLAIN_SETUP, Setup
from ..rig.skeleton import Bones, Found, find_bones
from ..rig.tree import Bone, Vector
from .aim import Aim, find_aims
from .eyeballs import LOOKS, leave_eyes_to_bones
from .lean import left_and_middle, measure_leans
from .setup import kept_text, read_setup
from .weights import Weights

_SURE: Final = 0.5
"""Confidence above which a jaw is one by its name; a face without shape keys needs such."""

_STANDING_ALONG_Z: Final = np.array([1.0, 0.0, 0.0, 0.0])
_STANDING_ALONG_Y: Final = np.array([math.sqrt(0.5), -math.sqrt(0.5), 0.0, 0.0])
"""From character space to an armature's own axes: +Y backwards becomes -Z, +Z up becomes +Y."""


@dataclass(frozen=True, slots=True)
class Face:
    """A mesh of which shape keys are driven."""

    object_name: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Character:
    name: str
    """Of the object that stands for it: the armature, or the most expressive mesh where there is none."""
    found: Recognition
    """What drives its shape keys and poses of bones. Meshes go by the names of their objects."""
    armature: str | None
    bones: Bones | None
    """Of the armature."""
    meshes: tuple[Mesh, ...]
    """All that can be driven: the shape keys of every mesh, and poses of bones."""
    poses: dict[str, Pose]
    """By the channel that each is."""
    aims: tuple[Aim, ...]
    """What the eyes look at, where that moves them."""
    setup: Setup
    """What a person has set of it."""
    kept_with: str
    """The object that this is kept with: another than ``name`` where that has only come to stand for the character."""
    reattached: tuple[str, ...]
    """What of that was found under other names, or not at all, as notes."""

    @property
    def faces(self) -> tuple[Face, ...]:
        """The meshes of which shape keys are driven."""
        keys: dict[str, list[str]] = {}
        for drive in self.found.mapping.drives:
            if drive.mesh != POSES:
                keys.setdefault(drive.mesh, []).append(drive.key)
        return tuple(Face(mesh, tuple(names)) for mesh, names in keys.items())

    @property
    def head(self) -> str | None:
        """The bone that turns the head."""
        return _name(self.bones.head) if self.bones is not None else None

    @property
    def necks(self) -> tuple[str, ...]:
        """From the chest up; only bones that carry the head."""
        return tuple(found.bone for found in self.bones.necks) if self.bones is not None else ()

    @property
    def chest(self) -> str | None:
        """Only if it carries the head."""
        return _name(self.bones.chest) if self.bones is not None else None

    @property
    def posed(self) -> tuple[str, ...]:
        """The bones that poses move."""
        played = {drive.key for drive in self.found.mapping.drives if drive.mesh == POSES}
        moves = [move for name, pose in self.poses.items() if name in played for move in pose.moves]
        return tuple(dict.fromkeys(move.bone for move in moves))

    @property
    def eyes(self) -> tuple[str, ...]:
        """The bones that gaze turns: both, or none where shape keys or what they look at do it."""
        pair = self.bones.eyes if self.bones is not None else None
        return () if pair is None or self.aims or self.looks_by_keys else (pair.left.bone, pair.right.bone)

    @property
    def looks_by_keys(self) -> bool:
        """Whether shape keys alone turn the eyes."""
        shown = {one.channel for one in self.found.coverage if one.keys and one.how != "stand-in"}
        return shown.issuperset(LOOKS) and "eyes" not in self.found.bones_too

    @property
    def missing_shapes(self) -> tuple[str, ...]:
        """ARKit's channels that nothing of the character shows."""
        return self.found.missing

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how it is driven."""
        notes = [*self.found.notes, *self.reattached]
        if self.missing_shapes:
            notes.append(f"No mesh has these shapes: {some_of(self.missing_shapes)}.")
        if self.found.stand_ins:
            said = [f"{one.channel} ({one.reason.removesuffix(' instead')})" for one in self.found.stand_ins]
            notes.append(f"Others stand in for these shapes: {some_of(said)}.")
        if not self.found.can_speak:
            notes.append("Nothing opens the mouth: add a shape key such as jawOpen, or a bone named jaw in the head.")
        if self.bones is not None and self.bones.head is not None:
            notes += self.bones.notes
            used = {self.head, *self.necks, self.chest, *self.posed, *self.eyes}
            unsure = [found.bone for found in self.bones.doubtful if found.bone in used]
            if unsure:
                notes.append(f"Found by their places alone, so see whether they move rightly: {some_of(unsure)}.")
        return tuple(notes)


def find_character(given: bpy.types.Object) -> Character:
    """The character that a mesh or an armature belongs to.

    Raises:
        UserError: the object cannot be a character, or is linked from another file.
    """
    if given.type not in {"MESH", "ARMATURE"}:
        raise UserError(
            f"'{given.name}' is a {given.type.lower()}, not a character. Choose the head's mesh or its armature."
        )
    _check_own(given, f"The object '{given.name}'")
    armature, meshes = _gather(given)
    if armature is None and not meshes:
        raise UserError(f"The object '{given.name}' is in no scene. Choose the character again.")
    if armature is not None:
        _check_own(armature, f"The armature '{armature.name}'")
    stands, holder, setup = _find_setup(armature, meshes)
    bones, poses, weights = (None, {}, None) if armature is None else _find_bones(armature, meshes, setup)
    head = _name(bones.head) if bones is not None else None
    described = (*_described(meshes, armature, head), Mesh(POSES, tuple(Key(channel) for channel in poses)))
    found, reattached = _recognise(described, poses, setup)
    if holder != stands:
        note = f"What was set is kept with '{holder.name}'; with the next change '{stands.name}' takes it over."
        reattached = (*reattached, note)
    poses = jaw_as_told(poses, found.convention)
    if not found.meshes and (not meshes or bones is None or not _is_sure(bones, poses)):
        _explain_no_face(given, meshes)
    for obj in meshes:
        if obj.name in found.meshes:
            _check_own(obj, f"The mesh object '{obj.name}'")
            _check_own(obj.data, f"The mesh of '{obj.name}'")
            _check_own(obj.data.shape_keys, f"The shape keys of '{obj.name}'")
    found = replace(found, notes=(*found.notes, *_sharing(meshes, found)))
    aims = find_aims(armature, bones, head) if armature is not None and bones is not None and head else ()
    named = armature.name if armature is not None else None
    character = Character(stands.name, found, named, bones, described, poses, aims, setup, holder.name, reattached)
    if character.looks_by_keys and weights is not None and leave_eyes_to_bones(weights, bones, found.mapping):
        return replace(character, found=replace(found, bones_too=(*found.bones_too, "eyes")))
    if character.looks_by_keys:
        return replace(character, aims=())
    by = "by what the eyes look at" if aims else "by the eyes' bones" if character.eyes else ""
    return replace(character, found=with_eyes(found, by)) if by else character


def _find_setup(
    armature: bpy.types.Object | None, meshes: list[bpy.types.Object]
) -> tuple[bpy.types.Object, bpy.types.Object, Setup]:
    """What stands for a character, what has kept what was set of it, and that.

    The armature stands for it, else the mesh that has kept something, else the most expressive. What a mesh has kept
    holds until an armature has something of its own.
    """
    by_keys = sorted(meshes, key=_keys_of, reverse=True)
    if armature is not None and kept_text(armature) is not None:
        return armature, armature, read_setup(armature)
    for mesh in by_keys:
        if mesh.library is None and (setup := read_setup(mesh)) != PLAIN_SETUP:
            return armature or mesh, mesh, setup
    stands = armature or by_keys[0]
    return stands, stands, PLAIN_SETUP


def _recognise(meshes: tuple[Mesh, ...], poses: dict[str, Pose], setup: Setup) -> tuple[Recognition, tuple[str, ...]]:
    """What drives a character, by hand or as recognised, and notes of what was set and is not as it was."""
    found = recognise([mesh for mesh in meshes if mesh.name != POSES], poses)
    lost = [channel for channel in setup.poses if not (channel in poses and poses[channel].is_recorded)]
    notes = [f"The bones of these recorded poses are gone: {some_of(lost)}. Record them anew."] if lost else []
    if setup.mapping is not None:
        again = reattach(setup.mapping, meshes)
        found = with_mapping(found, by_hand.play(again.mapping, setup.by_hand, found.mapping, meshes))
        if again.renamed:
            notes.append(f"Found under other names: {some_of(f'{new} ({old})' for old, new in again.renamed)}.")
        if again.missing:
            notes.append(f"The mapping names what is gone: {some_of(again.missing)}. Map it anew.")
    return found, tuple(notes)


def look_up(name: str) -> bpy.types.Object:
    """An object of this file by name.

    Raises:
        UserError: it is gone.
    """
    obj = bpy.data.objects.get((name, None))
    if obj is None:
        raise gone_error(name)
    return obj


def gone_error(name: str) -> UserError:
    """What is said of an object that is not there, or is not what it was."""
    return UserError(f"The object '{name}' is gone or has another name. Choose the character again.")


def shape_keys(face: Face) -> bpy.types.Key:
    """The shape keys of a face.

    Raises:
        UserError: the object or one of the keys is gone.
    """
    obj = look_up(face.object_name)
    keys = obj.data.shape_keys if obj.type == "MESH" else None
    gone = [name for name in face.keys if keys is None or name not in keys.key_blocks]
    if gone:
        raise UserError(f"'{obj.name}' no longer has the shape key '{gone[0]}'. Choose the character again.")
    return keys


def check_bones(character: Character) -> None:
    """See that a character's armature still has the bones that perform.

    Raises:
        UserError: the armature or one of them is gone.
    """
    if character.armature is None:
        return
    armature = look_up(character.armature)
    if armature.pose is None:
        raise gone_error(character.armature)
    bones = (character.head, *character.necks, character.chest, *character.posed, *character.eyes)
    for bone in (*filter(None, bones), *(aim.bone for aim in character.aims)):
        if bone not in armature.pose.bones:
            raise UserError(f"'{armature.name}' no longer has the bone '{bone}'. Choose the character again.")


def character_axes(armature: bpy.types.Object, head: str) -> NDArray[np.float64]:
    """Quaternion from character space to the armature object's own axes.

    A Blender character stands along its armature's +Z and faces -Y. One that came through FBX or glTF with its
    axes kept stands along +Y and faces +Z; it is known by where its head is.
    """
    bone = armature.data.bones[head]
    root = bone.parent_recursive[-1] if bone.parent else bone
    up = np.array(bone.tail_local if root == bone else bone.head_local) - np.array(root.head_local)
    return _STANDING_ALONG_Y if up[1] > 0.8 * np.linalg.norm(up) else _STANDING_ALONG_Z


def _gather(given: bpy.types.Object) -> tuple[bpy.types.Object | None, list[bpy.types.Object]]:
    """The armature of a character and its meshes: what follows the armature, and what hangs beside it.

    Eyes and teeth often hang at the same root as the head and follow no armature; they are the character's unless
    the root carries several.
    """
    armature = given if given.type == "ARMATURE" else _armature_of(given)
    root = armature or given
    while root.parent is not None:
        root = root.parent
    beside = {root, *root.children_recursive}
    armatures = [obj for obj in beside if obj.type == "ARMATURE"]
    if armature is None and len(armatures) == 1:
        armature = armatures[0]
    is_alone = not {*armatures} - {armature}
    meshes = []
    for obj in bpy.data.objects:
        if obj.type == "MESH" and obj.users_scene:
            own = _armature_of(obj)
            follows = own == armature if own is not None else obj in beside and is_alone
            if follows or obj == given:
                meshes.append(obj)
    return armature, meshes


def _described(meshes: list[bpy.types.Object], armature: bpy.types.Object | None, head: str | None) -> list[Mesh]:
    """The shape keys of meshes, each mesh once even where several objects show it."""
    described, seen = [], set()
    for obj in meshes:
        keys = obj.data.shape_keys
        if keys is None or obj.data in seen:
            continue
        seen.add(obj.data)
        driven = driven_paths(keys)
        face = max(meshes, key=_keys_of)
        leans = measure_leans(obj, keys.key_blocks.keys(), *left_and_middle(obj, face, armature, head))
        described.append(
            Mesh(
                obj.name,
                tuple(
                    Key(
                        block.name,
                        block.slider_min,
                        block.slider_max,
                        leans.get(block.name),
                        is_driven=bool(driven) and (f"{block.path_from_id()}.value", 0) in driven,
                    )
                    for block in keys.key_blocks
                    if block != keys.reference_key
                ),
            )
        )
    return described


def _sharing(meshes: list[bpy.types.Object], found: Recognition) -> Iterator[str]:
    """What is said of meshes beside a character that have the shape keys of one of its own."""
    driven = {obj.data: obj.name for obj in meshes if obj.name in found.meshes}
    others: dict[str, list[str]] = {}
    for obj in bpy.data.objects:
        if obj.type == "MESH" and obj.data in driven and obj.users_scene and obj not in meshes:
            others.setdefault(driven[obj.data], []).append(obj.name)
    for mesh, names in others.items():
        yield (
            f"Others share the shape keys of '{mesh}' and move with it: {some_of(names)}. To give them their own, use "
            "Object > Relations > Make Single User > Object & Data."
        )


def driven_paths(owner: bpy.types.ID) -> set[tuple[str, int]]:
    """Data path and index of every property that a driver moves."""
    data = owner.animation_data
    return {(driver.data_path, driver.array_index) for driver in data.drivers if not driver.mute} if data else set()


def _keys_of(obj: bpy.types.Object) -> int:
    keys = obj.data.shape_keys
    return len(keys.key_blocks) if keys is not None else 0


def _is_sure(bones: Bones, poses: dict[str, Pose]) -> bool:
    """Whether bones alone can speak: by a jaw that is called so, or by a pose that a person recorded."""
    by_name = bones.jaw is not None and bones.jaw.confidence > _SURE
    return any(pose.is_recorded for pose in poses.values()) or ("jawOpen" in poses and by_name)


def _find_bones(
    armature: bpy.types.Object, meshes: list[bpy.types.Object], setup: Setup
) -> tuple[Bones, dict[str, Pose], Weights]:
    """What performs in an armature, the poses that its bones can take, and what of the meshes follows them."""
    rest = _described_bones(armature)
    places = np.array([bone.head for bone in rest] + [bone.tail for bone in rest]).reshape(-1, 3)
    _, depth, height = np.ptp(places, axis=0) if len(places) else (0.0, 0.0, 0.0)
    axes = _STANDING_ALONG_Y if depth > height else _STANDING_ALONG_Z
    found = find_bones(rest, *_up_and_front(axes), setup.bones)
    if found.head is not None:
        sure = character_axes(armature, found.head.bone)
        if sure is not axes:
            axes = sure
            found = find_bones(rest, *_up_and_front(axes), setup.bones)
    poses = own_poses(found, rest, *_up_and_front(axes))
    eyes = (found.eyes.left.bone, found.eyes.right.bone) if found.eyes is not None else ()
    weights = Weights(armature, meshes, {*eyes, *(move.bone for pose in poses.values() for move in pose.moves)})
    if weights.are_known:
        poses = {name: pose for name, pose in poses.items() if weights.carry(move.bone for move in pose.moves)}
    names = {bone.name for bone in rest}
    recorded = {
        channel: Pose(tuple(move for move in pose.moves if move.bone in names), is_recorded=True)
        for channel, pose in setup.poses.items()
    }
    return found, poses | {channel: pose for channel, pose in recorded.items() if pose.moves}, weights


def _described_bones(armature: bpy.types.Object) -> list[Bone]:
    bones = []
    for bone in armature.data.bones:
        x, y, z = (tuple(axis) for axis in bone.matrix_local.to_3x3().transposed())
        parent = bone.parent.name if bone.parent else None
        bones.append(
            Bone(bone.name, parent, tuple(bone.head_local), tuple(bone.tail_local), (x, y, z), bone.use_deform)
        )
    return bones


def _up_and_front(axes: NDArray[np.float64]) -> tuple[Vector, Vector]:
    """Where crown and face point to, in the armature's axes."""
    up, front = rotation.rotate(axes, np.array([[0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])).round(6).tolist()
    return tuple(up), tuple(front)


def _explain_no_face(given: bpy.types.Object, meshes: list[bpy.types.Object]) -> None:
    linked = [obj for obj in meshes if obj.library is not None]
    if not meshes:
        raise UserError(f"No mesh follows the armature '{given.name}'. Give the head an Armature modifier first.")
    if linked:
        _check_own(linked[0], f"The mesh object '{linked[0].name}'")
    keyed = [obj for obj in meshes if obj.data.shape_keys is not None]
    if not keyed:
        raise UserError(
            f"'{given.name}' has no shape keys and no bone named jaw that moves it. To talk, a face needs shape keys "
            "such as jawOpen and eyeBlinkLeft, or a jaw bone in its head."
        )
    some = ", ".join(block.name for block in list(keyed[0].data.shape_keys.key_blocks)[1:6]) or "only the basis"
    raise UserError(
        f"None of the shape keys of '{keyed[0].name}' has a name that says what of a face it moves (there are {some}). "
        "Name them as ARKit (jawOpen, eyeBlinkLeft), VRM (aa, blink), MMD or visemes are named, or in plain words "
        "(mouth open)."
    )


def _armature_of(obj: bpy.types.Object) -> bpy.types.Object | None:
    """By its Armature modifier, else the nearest armature among its parents."""
    for modifier in obj.modifiers:
        if modifier.type == "ARMATURE" and modifier.object is not None:
            return modifier.object
    parent = obj.parent
    while parent is not None and parent.type != "ARMATURE":
        parent = parent.parent
    return parent


def _name(found: Found | None) -> str | None:
    return found.bone if found is not None else None


def _check_own(data: bpy.types.ID, what: str) -> None:
    if data.library is not None:
        raise UserError(
            f"{what} is linked from another file and cannot be animated here. Make a library override of the whole "
            "character first (Object > Library Override > Make), its mesh data included."
        )
