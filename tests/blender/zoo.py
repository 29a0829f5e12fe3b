"""A zoo of characters: the demo avatar as it would have come out of other people's tools.

Each has the avatar's geometry under other names: its shape keys are the avatar's shapes or mixes of them, its bones the
avatar's with others below and beside them, its parts one mesh or many. The names are written down here apart from
``rig/conventions``. Whatever a character is called and wherever it stands, ``Animal.points`` gives every vertex in the
avatar's own order and axes, in metres, so that all are measured in the same way.
"""

import functools
import math
import runpy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import bmesh
import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector
from numpy.typing import NDArray

from linly_blender import rotation
from linly_blender.arkit import SHAPES
from linly_blender.avatar import AvatarMesh, AvatarShape, build
from linly_blender.scene.avatar import build_avatar

Floats = NDArray[np.float64]
Mixes = Mapping[str, Mapping[str, float]]
"""What each shape key is mixed of, by its name."""
SIDES: Final = {"Left": "_L", "Right": "_R"}
EYEBALLS: Final = ("eye.L", "eye.R")
LOWER_JAW: Final = ("teeth.lower", "tongue")
LIE: Final = -math.pi / 2
"""About X: from a character that stands along Z to one that stands along Y."""


@dataclass(frozen=True)
class Place:
    """Where a character stands. Plain numbers: Blender's own are not to outlive it."""

    at: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def matrix(self) -> Matrix:
        return Matrix.LocRotScale(Vector(self.at), Euler(self.turn), Vector(self.scale))


AWAY: Final = Place((-1.5, 2.0, 0.3), (0.4, -0.7, 2.2), (2.0, 2.0, 2.0))
TURNED: Final = Place((0.5, -3.0, 1.0), (0.0, 0.0, -1.9), (0.7, 0.7, 0.7))
SQUASHED: Final = Place((1.0, 0.0, 0.5), (0.0, 0.2, 0.8), (1.25, 0.9, 1.0))


@dataclass(frozen=True)
class Make:
    """How a character is made from the demo avatar."""

    keys: Mixes
    convention: str | None
    bones: Mapping[str, str | tuple[str, ...] | None] = field(default_factory=dict)
    """New names by the avatar's; several where a bone is cut into a chain, None where there is no such bone."""
    below: tuple[str, ...] = ()
    """Bones from the root up to the chest."""
    arms: tuple[str, str] | None = None
    mark: str | None = None
    """A bone in the head that carries nothing."""
    meshes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Parts of the avatar that are meshes of their own."""
    low: float = 0.0
    """Of the sliders."""
    rolls: bool = False
    """Bones are rolled about themselves, and each has another rotation mode."""
    lies: bool = False
    """Its data stands along Y, and an empty at its root sets it upright."""
    units: float = 1.0
    """Of its data in a metre; its objects' scale makes up for it."""
    place: Place = Place()
    leaves_jaw: float = 0.0
    """Its keys open the mouth by a tenth, and the jaw's bone does the rest by these degrees, if any."""
    leaves_eyes: bool = False
    """Its keys look with the lids, and the eyes' bones with the eyes."""
    jaw: bool = False
    """The jaw's bone is found to be needed."""
    eyes: bool = False
    """So are the eyes'."""
    looks: bool = True
    """It has something to look with."""
    blinks: bool = True
    closed: float = 0.3
    """How far its lips are apart on p, b and m at most, in mm. A jaw's bone goes round where the key that shuts the
    mouth against it goes straight."""
    lids: float = 0.15
    """The gap of its lids on a blink, of the gap at rest, at most."""


@dataclass(frozen=True)
class Animal:
    """A character that stands in a scene. Only names are kept."""

    mesh: str
    """The first of its meshes."""
    rig: str
    at: tuple[tuple[str, NDArray[np.intp], NDArray[np.intp]], ...]
    """By mesh: which vertices, and which they are of those that are measured."""
    place: Place
    """From the axes in which it is measured to the world, at rest."""
    parts: Mapping[str, slice | NDArray[np.intp]]
    """``eye.L``, ``eye.R``, and ``skull``, which moves with the head alone; ``teeth.lower`` where there are any."""
    lips: tuple[NDArray[np.intp], NDArray[np.intp]]
    """Vertices that meet when the mouth is shut."""
    lids: tuple[NDArray[np.intp], NDArray[np.intp]]

    def points(self) -> Floats:
        """Where all vertices are, with keys and bones [shape=(n, 3)]."""
        graph = bpy.context.evaluated_depsgraph_get()
        count = 1 + max(int(ids.max()) for _, _, ids in self.at)
        out = np.full((count, 3), np.nan)
        for name, vertices, ids in self.at:
            shown = bpy.data.objects[name].evaluated_get(graph)
            places = np.empty(3 * len(shown.data.vertices), np.float32)
            shown.data.vertices.foreach_get("co", places)
            out[ids] = _moved(self.place.matrix().inverted() @ shown.matrix_world, places.reshape(-1, 3)[vertices])
        return out


@functools.cache
def avatar() -> AvatarMesh:
    return build()


def make_one(scene: bpy.types.Scene, make: Make, shape: AvatarShape | None = None, name: str = "Avatar") -> Animal:
    """Add a character to a scene; ``shape`` gives it another face."""
    made = avatar() if shape is None else build(shape)
    mesh, rig = build_avatar(scene, shape, name)
    mesh.matrix_parent_inverse.identity()
    _cut_bones(mesh, rig, make)
    of_data = Matrix.Scale(make.units, 4) @ (Matrix.Rotation(LIE, 4, "X") if make.lies else Matrix())
    meshes = _cut_meshes(mesh, made, make)
    for obj, ids in meshes.items():
        _set_keys(obj, ids, made, make)
    for data in (rig.data, *(obj.data for obj in meshes)):
        data.transform(of_data, **({} if data == rig.data else {"shape_keys": True}))
    _stand(scene, rig, make)
    for obj in meshes:
        obj.parent = rig
    bpy.context.view_layer.update()
    at = tuple((obj.name, np.arange(len(ids)), ids) for obj, ids in meshes.items())
    return replace(measured(mesh.name, rig.name, at, make.place), parts=_parts(made))


def measured(mesh: str, rig: str, at: Sequence[tuple[str, NDArray[np.intp], NDArray[np.intp]]], place: Place) -> Animal:
    """A character of the avatar's geometry."""
    marks = avatar().landmarks
    lips = (marks["inner_lip_upper"], marks["inner_lip_lower"])
    lids = tuple(
        np.concatenate([marks[f"lid_{which}_{side}"] for side in ("left", "right")]) for which in ("upper", "lower")
    )
    return Animal(mesh, rig, tuple(at), place, _parts(avatar()), _ints(lips), _ints(lids))


def _parts(made: AvatarMesh) -> dict[str, slice | NDArray[np.intp]]:
    return {**made.parts, "skull": made.parts["hair"]}


def _ints(pair: Sequence[NDArray[np.int32]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return pair[0].astype(np.intp), pair[1].astype(np.intp)


def _moved(by: Matrix, points: NDArray[np.float32]) -> Floats:
    matrix = np.array(by)
    return np.asarray(points.astype(float) @ matrix[:3, :3].T + matrix[:3, 3])


def make_ict(build_py: Path) -> Animal:
    """The ICT-FaceKit head by its own script, with the landmarks of its face."""
    mesh, rig = runpy.run_path(str(build_py))["build"]()
    with np.load(build_py.with_name("ict_facekit.npz")) as data:
        marks = data["landmarks_multi_pie68"].astype(np.intp)
        keyed = np.concatenate([data[name] for name in data.files if name.startswith("shape_index_")])
    eyes = {"eye.L": slice(21451, 23021), "eye.R": slice(23021, 24591)}
    count = len(mesh.data.vertices)
    rest = np.empty(3 * count, np.float32)
    mesh.data.vertices.foreach_get("co", rest)
    skull = rest.reshape(-1, 3)[:, 2] > 0.0  # what is lower follows the neck as well
    skull[keyed] = False
    for eye in eyes.values():
        skull[eye] = False
    every = np.arange(count)
    return Animal(
        mesh.name,
        rig.name,
        ((mesh.name, every, every),),
        Place(),
        {**eyes, "skull": np.flatnonzero(skull)},
        (marks[61:64], marks[[67, 66, 65]]),
        (marks[[37, 38, 43, 44]], marks[[41, 40, 47, 46]]),
    )


def through_gltf(scene: bpy.types.Scene, make: Make, file: Path) -> Animal:
    """A character as it comes back from Blender's glTF exporter through its importer.

    glTF cuts vertices in two where materials meet, so each carries its number as the place in a UV map.
    """
    animal = make_one(scene, make)
    count = len(avatar().vertices)
    for name, _, ids in animal.at:
        mesh = bpy.data.objects[name].data
        loops = np.empty(len(mesh.loops), np.int32)
        mesh.loops.foreach_get("vertex_index", loops)
        places = np.full((len(loops), 2), 0.5, np.float32)
        places[:, 0] = (ids[loops] + 0.5) / count
        mesh.uv_layers.new(name="number").uv.foreach_set("vector", places.ravel())
    bpy.ops.export_scene.gltf(
        filepath=str(file), export_format="GLB", export_materials="NONE", export_morph_normal=False
    )
    for obj in list(bpy.data.objects):
        bpy.data.objects.remove(obj)
    bpy.data.orphans_purge(do_recursive=True)
    bpy.ops.import_scene.gltf(filepath=str(file))
    at = []
    for obj in bpy.data.objects:
        if obj.type == "MESH" and obj.modifiers:  # others are what the importer shows bones as
            loops = np.empty(len(obj.data.loops), np.int32)
            places = np.empty(2 * len(loops), np.float32)
            obj.data.loops.foreach_get("vertex_index", loops)
            obj.data.uv_layers[0].uv.foreach_get("vector", places)
            ids = np.rint(places[::2] * count - 0.5).astype(np.intp)
            ids, first = np.unique(ids, return_index=True)
            at.append((obj.name, loops[first].astype(np.intp), ids))
    rig = next(obj.name for obj in bpy.data.objects if obj.type == "ARMATURE")
    face = max(at, key=lambda each: len(each[2]))[0]
    return measured(face, rig, at, make.place)


# Meshes


def _cut_meshes(mesh: bpy.types.Object, made: AvatarMesh, make: Make) -> dict[bpy.types.Object, NDArray[np.intp]]:
    """The avatar's mesh in pieces, with the vertices that each has of the whole."""
    mesh.shape_key_clear()
    every = np.arange(len(made.vertices))
    taken = np.zeros(len(every), bool)
    pieces: dict[bpy.types.Object, NDArray[np.intp]] = {}
    for name, parts in make.meshes.items():
        own = np.zeros(len(every), bool)
        for part in parts:
            own[made.parts[part]] = True
        taken |= own
        piece = mesh.copy()
        piece.data = mesh.data.copy()
        piece.name = piece.data.name = name
        mesh.users_collection[0].objects.link(piece)
        _keep(piece.data, own)
        pieces[piece] = every[own]
    if taken.any():
        _keep(mesh.data, ~taken)
    return {mesh: every[~taken], **pieces}


def _keep(mesh: bpy.types.Mesh, kept: NDArray[np.bool_]) -> None:
    """Remove the other vertices; those that stay keep their order."""
    cut = bmesh.new()
    cut.from_mesh(mesh)
    cut.verts.ensure_lookup_table()
    bmesh.ops.delete(cut, geom=[cut.verts[number] for number in np.flatnonzero(~kept).tolist()], context="VERTS")
    cut.to_mesh(mesh)
    cut.free()


def _set_keys(obj: bpy.types.Object, ids: NDArray[np.intp], made: AvatarMesh, make: Make) -> None:
    """The first mesh has every key, the others those that move them."""
    is_first = not any(obj.name == name for name in make.meshes)
    rest = made.vertices[ids].astype(float)
    for name, mix in make.keys.items():
        offset = sum((weight * _shape(made, channel, make) for channel, weight in mix.items()), np.zeros((1, 3)))
        moves = np.broadcast_to(offset, made.vertices.shape)[ids]
        if is_first or np.abs(moves).max() > 1e-5:
            if obj.data.shape_keys is None:
                obj.shape_key_add(name="Basis", from_mix=False)
            key = obj.shape_key_add(name=name, from_mix=False)
            key.data.foreach_set("co", (rest + moves).astype(np.float32).ravel())
            key.slider_min = make.low
            key.value = 0.0


def _shape(made: AvatarMesh, channel: str, make: Make) -> Floats:
    """What a channel moves by keys."""
    offset = made.shapes[channel].astype(float)
    if make.leaves_eyes and channel.startswith("eyeLook"):
        for part in EYEBALLS:
            offset[made.parts[part]] = 0.0
    if make.leaves_jaw and channel == "jawOpen":
        for part in LOWER_JAW:
            offset[made.parts[part]] = 0.0
        return 0.1 * offset
    if make.leaves_jaw and channel == "mouthClose":
        # What shuts the mouth is made for the jaw that opens it.
        whole = _shape(made, "jawOpen", make) + _by_jaw_bone(made, math.radians(make.leaves_jaw))
        for part in LOWER_JAW:
            whole[made.parts[part]] = made.shapes["jawOpen"][made.parts[part]]
        return offset + made.shapes["jawOpen"] - whole
    return offset


def _by_jaw_bone(made: AvatarMesh, angle: float) -> Floats:
    """What the jaw's bone moves when it is open."""
    hinge = np.array(next(bone.head for bone in made.bones if bone.name == "jaw"))
    about = made.vertices - hinge
    opened = rotation.rotate(rotation.from_rotation_vector([angle, 0.0, 0.0]), about)
    return np.asarray(made.weights["jaw"][:, None] * (opened - about))


# Bones


def _cut_bones(mesh: bpy.types.Object, rig: bpy.types.Object, make: Make) -> None:
    names = {bone.name: make.bones.get(bone.name, bone.name) for bone in rig.data.bones}
    for old in [old for old, new in names.items() if new is None]:
        _give_to_the_head(mesh, old)
    for old, new in names.items():
        if new is not None:
            rig.data.bones[old].name = new[-1] if isinstance(new, tuple) else new
    chest = next(bone.name for bone in rig.data.bones if bone.parent is None)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bones = rig.data.edit_bones
    for old, new in names.items():
        if new is None:
            bones.remove(bones[old])
        elif isinstance(new, tuple):
            _cut(bones, new)
    below = None
    for number, name in enumerate(make.below):
        top = bones[chest].head.z
        low, high = (top * (number + k) / len(make.below) for k in (0, 1))
        below = _add(bones, name, below, Vector((0, 0.045, low - 0.4)), Vector((0, 0.045, high - 0.4)))
    if below is not None:
        bones[chest].parent = below
    for sign, name in zip((1, -1), make.arms or (), strict=False):
        _add(bones, name, bones[chest], Vector((0.05 * sign, 0.04, 0.1)), Vector((0.2 * sign, 0.04, 0.08)))
    if make.mark is not None:
        head = next(bone for bone in bones if bone.name == names["head"])
        _add(bones, make.mark, head, head.head.copy(), head.head + Vector((0, -0.02, 0)))
    if make.rolls:
        for number, bone in enumerate(bones):
            bone.roll = 1.0 + 0.7 * number
    bpy.ops.object.mode_set(mode="OBJECT")
    if make.rolls:
        modes = ("XYZ", "AXIS_ANGLE", "ZXY", "QUATERNION", "YXZ", "ZYX")
        for number, bone in enumerate(rig.pose.bones):
            bone.rotation_mode = modes[number % len(modes)]


def _cut(bones: bpy.types.ArmatureEditBones, names: tuple[str, ...]) -> None:
    """Make a chain of a bone that has its last name."""
    last = bones[names[-1]]
    head, tail, parent = last.head.copy(), last.tail.copy(), last.parent
    for number, name in enumerate(names[:-1]):
        ends = (head.lerp(tail, (number + k) / len(names)) for k in (0, 1))
        parent = _add(bones, name, parent, *ends)
    last.use_connect = False
    last.head = head.lerp(tail, 1 - 1 / len(names))
    last.parent = parent


def _add(
    bones: bpy.types.ArmatureEditBones, name: str, parent: bpy.types.EditBone | None, head: Vector, tail: Vector
) -> bpy.types.EditBone:
    bone = bones.new(name)
    bone.head, bone.tail, bone.parent = head, tail, parent
    return bone


def _give_to_the_head(mesh: bpy.types.Object, bone: str) -> None:
    groups = mesh.vertex_groups
    own, head = groups[bone], groups["head"]
    for vertex in mesh.data.vertices:
        weight = next((each.weight for each in vertex.groups if each.group == own.index), 0.0)
        if weight > 0:
            head.add([vertex.index], weight, "ADD")
    groups.remove(own)


def _stand(scene: bpy.types.Scene, rig: bpy.types.Object, make: Make) -> None:
    place = make.place.matrix() @ Matrix.Scale(1 / make.units, 4)
    if not make.lies:
        rig.matrix_world = place
        return
    root = bpy.data.objects.new("Root", None)
    scene.collection.objects.link(root)
    root.matrix_world = place @ Matrix.Rotation(-LIE, 4, "X")
    rig.parent = root


# Names


def words(text: str) -> list[str]:
    return text.split()


def plain(spell: Callable[[str], str]) -> dict[str, dict[str, float]]:
    return {spell(name): {name: 1.0} for name in SHAPES}


def short(name: str) -> str:
    for side, mark in SIDES.items():
        if name.endswith(side):
            return name.removesuffix(side) + mark
    return name


def pascal(name: str) -> str:
    return name[0].upper() + name[1:]


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def both(name: str, weight: float = 1.0) -> dict[str, float]:
    return {f"{name}Left": weight, f"{name}Right": weight}


def named(table: str, sides: tuple[str, str]) -> dict[str, dict[str, float]]:
    """Keys of a table ``channel=name``; ``*`` and ``@`` stand for a channel's side and the convention's."""
    keys: dict[str, dict[str, float]] = {}
    for row in table.split():
        channel, _, name = row.partition("=")
        if "*" in channel:
            for side, mark in zip(SIDES, sides, strict=True):
                keys[name.replace("@", mark)] = {channel.replace("*", side): 1.0}
        else:
            keys[name] = {channel: 1.0}
    return keys


def halves(keys: Mixes, *channels: str) -> dict[str, dict[str, float]]:
    """With channels in the middle of the face split into a left and a right key."""
    out: dict[str, dict[str, float]] = {}
    for name, mix in keys.items():
        if set(mix) & set(channels):
            out |= {f"{name}{mark}": dict.fromkeys(mix, 0.5) for mark in SIDES.values()}
        else:
            out[name] = dict(mix)
    return out


AA: Final = {"jawOpen": 0.6}
IH: Final = {"jawOpen": 0.15, **both("mouthStretch", 0.5), **both("mouthSmile", 0.2)}
OU: Final = {"jawOpen": 0.1, "mouthPucker": 0.9}
EE: Final = {"jawOpen": 0.25, **both("mouthSmile", 0.3), **both("mouthLowerDown", 0.2)}
OH: Final = {"jawOpen": 0.35, "mouthFunnel": 0.6}
BLINK: Final = both("eyeBlink")
LOOKS: Final = {
    "Up": both("eyeLookUp"),
    "Down": both("eyeLookDown"),
    "Left": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "Right": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
}
VISEMES: Final[Mixes] = {
    "sil": {},
    "PP": both("mouthPress", 0.6),
    "FF": {"mouthRollLower": 0.5, "mouthShrugUpper": 0.2},
    "TH": {"jawOpen": 0.15, "tongueOut": 0.4},
    "DD": {"jawOpen": 0.15},
    "kk": {"jawOpen": 0.2},
    "CH": {"jawOpen": 0.1, "mouthFunnel": 0.5},
    "SS": {"jawOpen": 0.05, **both("mouthStretch", 0.3)},
    "nn": {"jawOpen": 0.15},
    "RR": {"jawOpen": 0.15, "mouthFunnel": 0.3},
    "aa": AA,
    "E": EE,
    "I": IH,
    "O": OH,
    "U": OU,
}
MICROSOFT: Final = words("sil aa aa O E RR I U O O O I kk RR nn SS CH TH FF DD kk PP")
"""Of its 22 visemes, by number, the nearest of the above."""

_CC4: Final = named(
    """
    browInnerUp=Brow_Raise_Inner browDown*=Brow_Drop_@ browOuterUp*=Brow_Raise_Outer_@ eyeBlink*=Eye_Blink_@
    eyeSquint*=Eye_Squint_@ eyeWide*=Eye_Wide_@ eyeLookUp*=Eye_@_Look_Up eyeLookDown*=Eye_@_Look_Down
    eyeLookOutLeft=Eye_L_Look_L eyeLookInLeft=Eye_L_Look_R eyeLookInRight=Eye_R_Look_L eyeLookOutRight=Eye_R_Look_R
    cheekPuff=Cheek_Puff cheekSquint*=Cheek_Raise_@ noseSneer*=Nose_Sneer_@ jawOpen=Jaw_Open jawForward=Jaw_Forward
    jawLeft=Jaw_L jawRight=Jaw_R mouthLeft=Mouth_L mouthRight=Mouth_R mouthShrugUpper=Mouth_Shrug_Upper
    mouthShrugLower=Mouth_Shrug_Lower mouthClose=Mouth_Close mouthSmile*=Mouth_Smile_@ mouthFrown*=Mouth_Frown_@
    mouthDimple*=Mouth_Dimple_@ mouthUpperUp*=Mouth_Up_Upper_@ mouthLowerDown*=Mouth_Down_Lower_@
    mouthPress*=Mouth_Press_@ mouthStretch*=Mouth_Stretch_@ tongueOut=Tongue_Out
    mouthRollUpper=Mouth_Roll_In_Upper mouthRollLower=Mouth_Roll_In_Lower mouthFunnel=Mouth_Funnel
    mouthPucker=Mouth_Pucker
    """,
    ("L", "R"),
)
_CC_HALVES: Final = ("browInnerUp", "cheekPuff")
_CC3: Final = {
    f"A{number:02}_{snake(pascal(name)).title().strip('_')}": {name: 1.0}
    for number, name in enumerate(
        words(
            """
            browInnerUp browDownLeft browDownRight browOuterUpLeft browOuterUpRight eyeLookUpLeft eyeLookUpRight
            eyeLookDownLeft eyeLookDownRight eyeLookOutLeft eyeLookInLeft eyeLookInRight eyeLookOutRight eyeBlinkLeft
            eyeBlinkRight eyeSquintLeft eyeSquintRight eyeWideLeft eyeWideRight cheekPuff cheekSquintLeft
            cheekSquintRight noseSneerLeft noseSneerRight jawOpen jawForward jawLeft jawRight mouthFunnel mouthPucker
            mouthLeft mouthRight mouthRollUpper mouthRollLower mouthShrugUpper mouthShrugLower mouthClose
            mouthSmileLeft mouthSmileRight mouthFrownLeft mouthFrownRight mouthDimpleLeft mouthDimpleRight
            mouthUpperUpLeft mouthUpperUpRight mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight
            mouthStretchLeft mouthStretchRight tongueOut
            """
        ),
        1,
    )
}
_GENESIS_LOOKS: Final = {
    **{f"facs_ctrl_EyeLookUp-Down{side}": {f"eyeLookUp{side}": 1.0} for side in SIDES},
    "facs_ctrl_EyeLookSide-SideLeft": {"eyeLookInLeft": 1.0},
    "facs_ctrl_EyeLookSide-SideRight": {"eyeLookOutRight": 1.0},
}
_GENESIS9: Final = {
    **named(
        """
        eyeBlink*=facs_bs_EyeBlink@ eyeSquint*=facs_bs_EyeSquint@ eyeWide*=facs_ctrl_EyeWide@
        jawForward=facs_ctrl_JawForward-Recess jawLeft=facs_ctrl_JawLeft-Right jawOpen=facs_bs_JawOpen
        mouthClose=facs_ctrl_MouthClose mouthFunnel=facs_ctrl_MouthFunnel mouthPucker=facs_ctrl_MouthPucker
        mouthLeft=facs_ctrl_MouthLeft-Right mouthSmile*=facs_bs_MouthSmile@ mouthFrown*=facs_bs_MouthFrown@
        mouthDimple*=facs_bs_MouthDimple@ mouthStretch*=facs_bs_MouthStretch@ mouthRollLower=facs_ctrl_MouthRollLower
        mouthRollUpper=facs_ctrl_MouthRollUpper mouthShrugLower=facs_ctrl_MouthShrugLower
        mouthShrugUpper=facs_ctrl_MouthShrugUpper mouthPress*=facs_ctrl_MouthPress@
        mouthLowerDown*=facs_bs_MouthLowerDown@ mouthUpperUp*=facs_bs_MouthUpperUp@ browDown*=facs_BrowDown@
        browInnerUp=facs_ctrl_BrowInnerUp browOuterUp*=facs_BrowOuterUp@ cheekPuff=facs_ctrl_CheekPuff
        cheekSquint*=facs_bs_CheekSquint@ noseSneer*=facs_bs_NoseSneer@ tongueOut=facs_bs_TongueOut
        """,
        ("Left", "Right"),
    ),
    **_GENESIS_LOOKS,
}
_GENESIS8: Final = {
    **named(
        """
        eyeBlink*=facs_jnt_EyeBlink@ eyeWide*=facs_jnt_EyesWide@ jawForward=facs_jnt_JawForward
        jawLeft=facs_jnt_JawLeft jawRight=facs_jnt_JawRight jawOpen=facs_jnt_JawOpen tongueOut=facs_bs_TongueOut
        browDown*=facs_BrowDown@ browOuterUp*=facs_BrowOuterUp@ browInnerUp=facs_ctrl_BrowInnerUp
        cheekPuff=facs_ctrl_CheekPuff
        """,
        ("Left", "Right"),
    ),
    **{
        f"facs_bs_{pascal(name)}_div2": {name: 1.0}
        for name in SHAPES
        if name.startswith(("mouth", "eyeSquint", "cheekSquint", "noseSneer"))
    },
    **_GENESIS_LOOKS,
}


def _quarters(channel: str, name: str, *, less: Mapping[str, float] | None = None) -> dict[str, dict[str, float]]:
    return {
        f"{name}{part}": {channel: 0.25, **{other: -0.25 * weight for other, weight in (less or {}).items()}}
        for part in ("UL", "UR", "DL", "DR")
    }


_METAHUMAN: Final = {
    f"CTRL_expressions_{name}": mix
    for name, mix in {
        **named(
            """
            eyeBlink*=eyeBlink@ eyeWide*=eyeWiden@ eyeSquint*=eyeSquintInner@ cheekSquint*=eyeCheekRaise@
            eyeLookUp*=eyeLookUp@ eyeLookDown*=eyeLookDown@ eyeLookOutLeft=eyeLookLeftL eyeLookInLeft=eyeLookRightL
            eyeLookInRight=eyeLookLeftR eyeLookOutRight=eyeLookRightR jawOpen=jawOpen jawLeft=jawLeft
            jawRight=jawRight jawForward=jawFwd mouthLeft=mouthLeft mouthRight=mouthRight
            mouthSmile*=mouthCornerPull@ mouthFrown*=mouthCornerDepress@ mouthDimple*=mouthDimple@
            mouthStretch*=mouthStretch@ mouthLowerDown*=mouthLowerLipDepress@ mouthUpperUp*=mouthUpperLipRaise@
            browDown*=browDown@ browOuterUp*=browRaiseOuter@ noseSneer*=noseWrinkle@ tongueOut=tongueOut
            """,
            ("L", "R"),
        ),
        **{f"browRaiseIn{side[0]}": {"browInnerUp": 0.5} for side in SIDES},
        **{f"browLateral{side[0]}": {} for side in SIDES},
        **{f"mouthCheekBlow{side[0]}": {"cheekPuff": 0.5} for side in SIDES},
        **{f"mouthPress{lip}{side[0]}": {f"mouthPress{side}": 0.5} for side in SIDES for lip in "UD"},
        **{f"mouthUpperLipRollIn{side[0]}": {"mouthRollUpper": 0.5} for side in SIDES},
        **{f"mouthLowerLipRollIn{side[0]}": {"mouthRollLower": 0.5} for side in SIDES},
        **{f"jawChinRaiseD{side[0]}": {"mouthShrugLower": 0.5} for side in SIDES},
        **{f"jawChinRaiseU{side[0]}": {"mouthShrugUpper": 0.5} for side in SIDES},
        **_quarters("mouthFunnel", "mouthFunnel"),
        # Pursing is half of what Epic makes a pucker of; the funnel that it adds is the other.
        **_quarters("mouthPucker", "mouthLipsPurse", less={"mouthFunnel": 0.752}),
        **_quarters("mouthClose", "mouthLipsTogether"),
    }.items()
}

_EYES: Final = {"Eyes": EYEBALLS}
_TEETH: Final = ("teeth.upper", *LOWER_JAW)
_LASHES: Final = ("lashes.L", "lashes.R")
_BROWS: Final = ("brow.L", "brow.R")

_CC_BONES: Final = {
    "chest": "CC_Base_Spine02",
    "neck": ("CC_Base_NeckTwist01", "CC_Base_NeckTwist02"),
    "head": "CC_Base_Head",
    "jaw": "CC_Base_JawRoot",
    "eye.L": "CC_Base_L_Eye",
    "eye.R": "CC_Base_R_Eye",
}
_CC: Final = Make(
    {},
    None,
    _CC_BONES,
    below=("CC_Base_BoneRoot", "CC_Base_Hip", "CC_Base_Waist", "CC_Base_Spine01"),
    arms=("CC_Base_L_Clavicle", "CC_Base_R_Clavicle"),
    meshes={"CC_Base_Eye": EYEBALLS, "CC_Base_Teeth": _TEETH[:2], "CC_Base_Tongue": ("tongue",), "Hair": ("hair",)},
    rolls=True,
    leaves_jaw=30.0,
    leaves_eyes=True,
    jaw=True,
    eyes=True,
    closed=1.0,
)
_VROID_BONES: Final = {
    "chest": "J_Bip_C_UpperChest",
    "neck": "J_Bip_C_Neck",
    "head": "J_Bip_C_Head",
    "jaw": None,
    "eye.L": "J_Adj_L_FaceEye",
    "eye.R": "J_Adj_R_FaceEye",
}
_UNREAL: Final = {"chest": "spine_05", "neck": ("neck_01", "neck_02"), "jaw": None, "eye.L": None, "eye.R": None}
_SPINE: Final = ("root", "pelvis", "spine_01", "spine_02", "spine_03", "spine_04")
_HIPS: Final = ("Hips", "Spine", "Spine1")


def _extended(keys: Mixes) -> dict[str, dict[str, float]]:
    """Of CC4: with round and rolled lips in parts."""
    out = {name: dict(mix) for name, mix in keys.items()}
    for channel, name in (("mouthFunnel", "Mouth_Funnel"), ("mouthPucker", "Mouth_Pucker")):
        del out[name]
        out |= {f"{name}_{part}": {channel: 0.25} for part in ("Up_R", "Down_R", "Up_L", "Down_L")}
    for channel, name in (("mouthRollUpper", "Mouth_Roll_In_Upper"), ("mouthRollLower", "Mouth_Roll_In_Lower")):
        del out[name]
        out |= {f"{name}{mark}": {channel: 0.5} for mark in SIDES.values()}
    return out


ZOO: Final[Mapping[str, Make]] = {
    "ARKit": Make(plain(str), "arkit"),
    "ARKit, short sides, in centimetres": Make(plain(short), "arkit", units=100.0),
    "ARKit, snake case, bones of any roll": Make(
        plain(snake), "arkit", {"jaw": None}, below=("root",), meshes=_EYES, rolls=True
    ),
    "ARKit, halves of the middle, Rigify's metarig": Make(
        halves(plain(short), "browInnerUp", "cheekPuff"),
        "ict_facekit",
        {"chest": "spine.003", "neck": ("spine.004", "spine.005"), "head": "spine.006"},
        below=("spine", "spine.001", "spine.002"),
        arms=("shoulder.L", "shoulder.R"),
        leaves_eyes=True,
        eyes=True,
    ),
    "ARKit, looks of the lids alone": Make(plain(str), "arkit", leaves_eyes=True, eyes=True),
    "ARKit behind a prefix, Mixamo's bones": Make(
        plain(lambda name: f"head_geo.{pascal(name)}"),
        "arkit",
        {
            "chest": "mixamorig:Spine2",
            "neck": "mixamorig:Neck",
            "head": "mixamorig:Head",
            "jaw": "mixamorig:Jaw",
            "eye.L": "mixamorig:LeftEye",
            "eye.R": "mixamorig:RightEye",
        },
        below=tuple(f"mixamorig:{name}" for name in _HIPS),
        arms=("mixamorig:LeftShoulder", "mixamorig:RightShoulder"),
    ),
    "Live Link Face, Unreal's bones": Make(
        halves(plain(pascal), "browInnerUp"),
        "arkit",
        _UNREAL,
        below=_SPINE,
        arms=("clavicle_l", "clavicle_r"),
        units=100.0,
        place=AWAY,
    ),
    "Ready Player Me": Make(
        {**plain(str), **{f"viseme_{name}": mix for name, mix in VISEMES.items()}, "mouthOpen": AA},
        "ready_player_me",
        {"chest": "Spine2", "neck": "Neck", "head": "Head", "jaw": None, "eye.L": "LeftEye", "eye.R": "RightEye"},
        below=_HIPS,
        arms=("LeftShoulder", "RightShoulder"),
        meshes={
            "EyeLeft": ("eye.L",),
            "EyeRight": ("eye.R",),
            "Wolf3D_Teeth": _TEETH,
            "Wolf3D_Hair": ("hair",),
            "Wolf3D_Outfit_Top": ("garment",),
        },
        lies=True,
    ),
    "VRM 0": Make(
        {
            "Neutral": {},
            **dict(zip("AIUEO", (AA, IH, OU, EE, OH), strict=True)),
            "Blink": BLINK,
            **{f"Blink_{side[0]}": {f"eyeBlink{side}": 1.0} for side in SIDES},
            **{f"Look{way}": mix for way, mix in LOOKS.items()},
            "Joy": both("mouthSmile"),
            "Sorrow": both("mouthFrown"),
        },
        "vrm0",
        {"chest": "upperChest", "jaw": None, "eye.L": "leftEye", "eye.R": "rightEye"},
        below=("hips", "spine", "chest"),
        arms=("leftShoulder", "rightShoulder"),
        lies=True,
        place=TURNED,
    ),
    "VRM 1": Make(
        {
            **dict(zip(("aa", "ih", "ou", "ee", "oh"), (AA, IH, OU, EE, OH), strict=True)),
            "blink": BLINK,
            **{f"blink{side}": {f"eyeBlink{side}": 1.0} for side in SIDES},
            **{f"look{way}": mix for way, mix in LOOKS.items()},
            "happy": both("mouthSmile"),
            "angry": both("browDown"),
            "neutral": {},
        },
        "vrm1",
        {**_VROID_BONES, "jaw": "J_Sec_Hair"},
    ),
    "VRoid": Make(
        {
            **{f"Fcl_MTH_{name}": mix for name, mix in zip("AIUEO", (AA, IH, OU, EE, OH), strict=True)},
            "Fcl_MTH_Close": both("mouthPress", 0.6),
            "Fcl_MTH_Fun": both("mouthSmile"),
            "Fcl_MTH_Angry": both("mouthFrown"),
            "Fcl_EYE_Close": BLINK,
            **{f"Fcl_EYE_Close_{side[0]}": {f"eyeBlink{side}": 1.0} for side in SIDES},
            "Fcl_EYE_Spread": both("eyeWide"),
            "Fcl_EYE_Joy": {**BLINK, **both("cheekSquint")},
            "Fcl_BRW_Angry": both("browDown"),
            "Fcl_BRW_Surprised": {"browInnerUp": 1.0, **both("browOuterUp")},
            "Fcl_BRW_Sorrow": {"browInnerUp": 1.0},
            "Fcl_ALL_Joy": {**BLINK, **both("mouthSmile")},
            "Fcl_ALL_Neutral": {},
            "Fcl_HA_Hide": {},
        },
        "vroid",
        _VROID_BONES,
        below=("Root", "J_Bip_C_Hips", "J_Bip_C_Spine", "J_Bip_C_Chest"),
        arms=("J_Bip_L_Shoulder", "J_Bip_R_Shoulder"),
        meshes={"Hair001": ("hair",), "Body": ("garment",)},
        eyes=True,
    ),
    "MMD": Make(
        {
            **dict(zip("あいうえお", (AA, IH, OU, EE, OH), strict=True)),
            "まばたき": BLINK,
            "笑い": both("cheekSquint"),
            "ウィンク２": {"eyeBlinkLeft": 1.0},
            "ｳｨﾝｸ２右": {"eyeBlinkRight": 1.0},
            "にこり": both("mouthSmile"),
        },
        "mmd",
        {"chest": "上半身2", "neck": "首", "head": "頭", "jaw": "舌", "eye.L": "左目", "eye.R": "右目"},
        below=("センター", "上半身"),
        units=12.5,
        eyes=True,
    ),
    "Oculus' visemes": Make(
        {f"viseme_{name}": mix for name, mix in VISEMES.items()}, "oculus", blinks=False, eyes=True
    ),
    "Microsoft's visemes": Make(
        {f"viseme_{number}": VISEMES[name] for number, name in enumerate(MICROSOFT)},
        "microsoft",
        {"jaw": None, "eye.L": None, "eye.R": None},
        blinks=False,
        looks=False,
    ),
    "three visemes and a blink": Make(
        {"viseme_aa": AA, "viseme_O": OH, "viseme_PP": both("mouthPress", 0.6), "Blink": BLINK},
        "oculus",
        {"jaw": None, "eye.L": None, "eye.R": None},
        place=SQUASHED,
        looks=False,
    ),
    "Rhubarb's mouths": Make(
        {
            "A": both("mouthPress", 0.6),
            "B": {"jawOpen": 0.1, **both("mouthStretch", 0.3)},
            "C": EE,
            "D": AA,
            "E": OH,
            "F": OU,
            "G": VISEMES["FF"],
            "H": VISEMES["nn"],
            "X": {},
        },
        "rhubarb",
        {"jaw": None},
        blinks=False,
        eyes=True,
    ),
    "Reallusion CC3+": replace(_CC, keys=_CC3, convention="reallusion_cc3plus_traditional"),
    "Reallusion CC4 Standard": replace(_CC, keys=halves(_CC4, *_CC_HALVES), convention="reallusion_cc4_standard"),
    "Reallusion CC4 Extended": replace(
        _CC,
        keys=_extended(halves(_CC4, *_CC_HALVES)),
        convention="reallusion_cc4_extended",
        units=100.0,
        place=AWAY,
    ),
    "MetaHuman": Make(
        _METAHUMAN,
        "metahuman",
        {
            **_UNREAL,
            "jaw": "FACIAL_C_Jaw",
            "eye.L": "FACIAL_L_Eye",
            "eye.R": "FACIAL_R_Eye",
        },
        below=_SPINE,
        arms=("clavicle_l", "clavicle_r"),
        meshes={"Lashes": _LASHES, "Brows": _BROWS, "Hair": ("hair",)},
        mark="FACIAL_C_FacialRoot",
        units=100.0,
    ),
    "Daz Genesis 8.1": Make(
        _GENESIS8,
        "daz_genesis8_1",
        {
            "chest": "chestUpper",
            "neck": ("neckLower", "neckUpper"),
            "jaw": "lowerJaw",
            "eye.L": "lEye",
            "eye.R": "rEye",
        },
        below=("hip", "abdomenLower", "abdomenUpper", "chestLower"),
        arms=("lCollar", "rCollar"),
        meshes={"Eyelashes": _LASHES},
        low=-1.0,
        rolls=True,
    ),
    "Daz Genesis 9": Make(
        _GENESIS9,
        "daz_genesis9",
        {"chest": "spine4", "neck": ("neck1", "neck2"), "jaw": "lowerjaw", "eye.L": "l_eye", "eye.R": "r_eye"},
        below=("hip", "spine1", "spine2", "spine3"),
        arms=("l_shoulder", "r_shoulder"),
        meshes={"Genesis9Eyes": EYEBALLS, "Genesis9Mouth": _TEETH, "Genesis9Eyelashes": _LASHES},
        low=-1.0,
        rolls=True,
        place=SQUASHED,
    ),
    "MakeHuman": Make(
        plain(lambda name: f"!ex-{name}"),
        "mpfb",
        {"chest": "spine01", "neck": ("neck01", "neck02", "neck03")},
        below=("root", "spine05", "spine04", "spine03", "spine02"),
        arms=("clavicle.L", "clavicle.R"),
        units=10.0,
    ),
    "Microsoft Rocketbox": Make(
        {
            **{
                f"AK_{number:02}_{pascal(name)}": {name: 1.0}
                for number, name in enumerate(sorted(SHAPES, key=str.lower), 1)
            },
            **{f"AA_VI_{number:02}_{name}": mix for number, (name, mix) in enumerate(VISEMES.items())},
        },
        "rocketbox",
        {
            "chest": "Bip01 Spine2",
            "neck": "Bip01 Neck",
            "head": "Bip01 Head",
            "jaw": "Bip01 MJaw",
            "eye.L": "Bip01 LEye",
            "eye.R": "Bip01 REye",
        },
        below=("Bip01", "Bip01 Pelvis", "Bip01 Spine", "Bip01 Spine1"),
        rolls=True,
        place=TURNED,
    ),
    "a jaw's bone and a blink": Make(
        {"Blink": BLINK},
        None,
        {"chest": "Brust", "neck": "Hals", "head": "Kopf", "jaw": "Kiefer", "eye.L": "Auge_L", "eye.R": "Auge_R"},
        rolls=True,
        jaw=True,
        eyes=True,
        place=AWAY,
    ),
    "plain words": Make(
        {
            "Mouth Open": {"jawOpen": 1.0},
            "Kiss": {"mouthPucker": 1.0},
            "Close Mouth": {"mouthClose": 1.0},
            **{f"Blink.{side[0]}": {f"eyeBlink{side}": 1.0} for side in SIDES},
            **{f"Smile.{side[0]}": {f"mouthSmile{side}": 1.0} for side in SIDES},
        },
        None,
        {"jaw": None},
        eyes=True,
    ),
    "Chinese words": Make(
        {
            "嘴张开": {"jawOpen": 1.0},
            "闭眼左": {"eyeBlinkLeft": 1.0},
            "闭眼右": {"eyeBlinkRight": 1.0},
            "微笑": both("mouthSmile"),
        },
        None,
        {"chest": "胸", "neck": "脖子", "head": "头", "jaw": None, "eye.L": "眼左", "eye.R": "眼右"},
        eyes=True,
    ),
}
