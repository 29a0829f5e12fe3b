"""The demo avatar's head on Rigify's generated human, with either face, as an artist would rig it: the metarig is laid
into the head, generated, and the skin bound to the bones that deform. No shape keys.

python -m tests.blender.rigified FILE   makes both, in a Blender of its own, as Rigify leaves operators and handlers.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import bpy
import numpy as np
from numpy.typing import NDArray

from linly_blender.avatar import AvatarMesh, AvatarShape, build
from linly_blender.scene.avatar import build_avatar
from tests.blender.zoo import Animal, Place, measured

Floats = NDArray[np.float64]
SIDES: Final = {"L": ("left", 1.0), "R": ("right", -1.0)}
FACES: Final = {
    "Rigify": AvatarShape(skin=(0.62, 0.33, 0.21), hair=(0.006, 0.005, 0.006), garment=(0.35, 0.12, 0.03)),
    "Rigify, modular face": AvatarShape(skin=(0.78, 0.46, 0.33), hair=(0.2, 0.04, 0.012), garment=(0.3, 0.3, 0.28)),
}
"""By name, which of them has which looks."""
RIGID: Final = ("ear", "eye_", "eye.", "teeth", "tongue", "jaw_master")
"""Begins what a face's bone is called (behind ``DEF-``) that bends no skin."""


def make_rigified(scene: bpy.types.Scene, name: str, folder: Path) -> Animal:
    """Add one of ``FACES`` to a scene; both are made in a folder if they are not there."""
    file = folder / "rigified.blend"
    if not file.exists():
        root = Path(__file__).resolve().parents[2]
        command = [sys.executable, "-m", __name__, str(file)]
        subprocess.run(command, check=True, timeout=300, capture_output=True, cwd=root)
    with bpy.data.libraries.load(str(file)) as (_, wanted):
        wanted.objects = [name, f"{name} rig"]
    for obj in wanted.objects:
        scene.collection.objects.link(obj)
    every = np.arange(len(wanted.objects[0].data.vertices))
    return measured(name, f"{name} rig", [(name, every, every)], Place())


def main(path: str) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module="rigify")
    for name, shape in FACES.items():
        made = build(shape)
        bpy.ops.object.armature_human_metarig_add()
        metarig = bpy.context.object
        lay_into(metarig, made)
        bpy.ops.object.mode_set(mode="POSE")
        if "modular" in name:
            bpy.ops.pose.rigify_upgrade_face()
        bpy.ops.pose.rigify_generate()
        rig = bpy.context.object
        rig.name = f"{name} rig"
        mesh, plain = build_avatar(bpy.context.scene, shape, name)
        mesh.name = name
        bpy.data.objects.remove(plain)
        bind(mesh, rig, made)
    bpy.ops.wm.save_as_mainfile(filepath=path)


def lay_into(metarig: bpy.types.Object, made: AvatarMesh) -> None:
    """Bring the metarig's bones to where the head has what they are for, and others along smoothly."""
    heads = {bone.name: np.array(bone.head_local) for bone in metarig.data.bones}
    goals = _goals(made)
    known, wanted = np.array([heads[name] for name in goals]), np.array(list(goals.values()))
    warp = _polyharmonic(known, wanted)
    bpy.ops.object.mode_set(mode="EDIT")
    bones = metarig.data.edit_bones
    ends = warp(np.array([(*bone.head, *bone.tail) for bone in bones]).reshape(-1, 3)).reshape(-1, 2, 3)
    for bone, (head, tail) in zip(bones, ends, strict=True):
        bone.head, bone.tail = head, tail
    bpy.ops.object.mode_set(mode="OBJECT")


def _goals(made: AvatarMesh) -> dict[str, Floats]:
    """Where heads of the metarig's bones belong in a head."""
    points, marks = made.vertices.astype(float), made.landmarks
    skin = points[made.parts["skin"]]
    bones = {bone.name: bone for bone in made.bones}

    def front(x: float, z: float) -> Floats:
        """The skin's foremost point about there."""
        near = skin[(np.hypot(skin[:, 0] - x, skin[:, 2] - z) < 0.004) & (skin[:, 1] < 0)]
        return np.asarray(near[near[:, 1].argmin()])

    lips = points[marks["inner_lip_upper"]][:, 2].mean()
    middle = skin[np.abs(skin[:, 0]) < 0.003]
    nose = middle[middle[:, 1].argmin()]
    goals = {
        "spine.004": np.array(bones["neck"].head),
        "spine.006": np.array(bones["head"].head),
        "lip.T.L": front(0.0, lips + 0.004),
        "lip.B.L": front(0.0, lips - 0.004),
        "nose.002": nose,
        "chin": front(0.0, lips - 0.04),
    }
    for side, (word, sign) in SIDES.items():
        upper, lower = (points[marks[f"lid_{row}_{word}"]] for row in ("upper", "lower"))
        goals[f"eye.{side}"] = np.array(bones[f"eye.{side}"].head)
        goals[f"chin.{side}"] = front(sign * 0.024, lips - 0.035)
        goals[f"cheek.B.{side}"] = points[marks[f"mouth_corner_{word}"][0]]
        goals[f"jaw.{side}"] = np.array([sign * 0.066, *np.array(bones["jaw"].head)[1:]])
        goals[f"brow.T.{side}.002"] = front(sign * 0.038, 0.418)
        goals[f"brow.T.{side}.003"] = front(sign * 0.015, 0.413)
        outer, inner = (
            (upper[np.argsort(sign * upper[:, 0])[end]] + lower[np.argsort(sign * lower[:, 0])[end]]) / 2
            for end in (-1, 0)
        )
        outer, inner = outer + np.array((sign * 0.005, 0.003, 0.0)), inner - np.array((sign * 0.005, 0.0, 0.0))
        goals[f"lid.T.{side}"], goals[f"lid.B.{side}"] = outer, inner
        for number, share in enumerate((0.25, 0.5, 0.75), 1):
            for row, way in ((upper, "T"), (lower, "B")):
                x = outer[0] + (inner[0] - outer[0]) * (share if way == "T" else 1 - share)
                goals[f"lid.{way}.{side}.{number:03}"] = row[np.abs(row[:, 0] - x).argmin()]
    return goals


def _polyharmonic(known: Floats, wanted: Floats) -> Callable[[Floats], Floats]:
    """A smooth map [shape=(n, 3)] through pairs of points; far away it is affine."""

    def basis(points: Floats) -> tuple[Floats, Floats]:
        distances = np.linalg.norm(points[:, None] - known, axis=2)
        return distances, np.column_stack([np.ones(len(points)), points])

    distances, affine = basis(known)
    system = np.block([[distances, affine], [affine.T, np.zeros((4, 4))]])
    terms = np.linalg.solve(system, np.vstack([wanted, np.zeros((4, 3))]))
    return lambda points: np.hstack(basis(points)) @ terms


def bind(mesh: bpy.types.Object, rig: bpy.types.Object, made: AvatarMesh) -> None:
    """Weights of the bones that deform, by how near they are; lips and lids hold to their own row."""
    mesh.shape_key_clear()
    mesh.modifiers.clear()
    mesh.vertex_groups.clear()
    for vertex_group, weights in _weights(rig, made).items():
        group = mesh.vertex_groups.new(name=vertex_group)
        for number in np.flatnonzero(weights > 0.01).tolist():
            group.add([number], float(weights[number]), "REPLACE")
    mesh.parent = rig
    mesh.modifiers.new("Armature", "ARMATURE").object = rig


def _weights(rig: bpy.types.Object, made: AvatarMesh) -> dict[str, Floats]:
    points, bones = made.vertices.astype(float), rig.data.bones
    names = [bone.name for bone in bones if bone.name.startswith("DEF-") and _bends_a_face(bone)]
    far = np.array([_distance(points, bones[name]) for name in names])
    is_lower = made.weights["jaw"] > 0.5 * made.weights["jaw"].max()
    lips = np.linalg.norm(points - points[made.landmarks["inner_lip_upper"]].mean(axis=0), axis=1) < 0.035
    for distance, name in zip(far, names, strict=True):
        if name.startswith("DEF-lip.T"):
            distance[lips & is_lower] += 0.02
        if name.startswith(("DEF-lip.B", "DEF-chin", "DEF-jaw")):
            distance[lips & ~is_lower] += 0.02
        for side, (word, _) in SIDES.items():
            closes = made.shapes[f"eyeBlink{word.capitalize()}"][:, 2] < -0.0005
            around = np.linalg.norm(points - np.array(bones[f"ORG-eye.{side}"].head_local), axis=1) < 0.04
            if name.startswith(f"DEF-lid.B.{side}"):
                distance[closes] += 0.02
            if name.startswith(f"DEF-lid.T.{side}"):
                distance[around & ~closes] += 0.02
    near = 1 / (far + 0.001) ** 4
    near[near < np.sort(near, axis=0)[-4]] = 0.0
    near /= near.sum(axis=0)

    face = np.clip((-0.02 - points[:, 1]) / 0.04, 0.0, 1.0)  # behind it is the skull
    for part in ("hair", "garment", "ear.L", "ear.R", "eye.L", "eye.R", "teeth.upper", "teeth.lower", "tongue"):
        face[made.parts[part]] = 0.0
    head = made.weights["head"] + made.weights["jaw"]
    weights = {name: face * head * share for name, share in zip(names, near, strict=True)}
    jaw, teeth = _first(rig, "DEF-jaw_master", "DEF-jaw"), _first(rig, "DEF-teeth.B", "DEF-jaw")
    rest = {
        "DEF-spine.003": made.weights["chest"],
        "DEF-spine.004": made.weights["neck"],
        "DEF-spine.006": (1 - face) * made.weights["head"],
        jaw: (1 - face) * made.weights["jaw"],
    }
    for side in SIDES:
        rest[_first(rig, f"DEF-eye.{side}", f"ORG-eye.{side}")] = made.weights[f"eye.{side}"]
    for name, own in rest.items():
        weights[name] = weights.get(name, 0.0) + own
    for part in ("teeth.lower", "tongue"):
        for own in weights.values():
            own[made.parts[part]] = 0.0
        weights.setdefault(teeth, np.zeros(len(points)))[made.parts[part]] = 1.0
    return weights


def _first(rig: bpy.types.Object, *names: str) -> str:
    """The first of these bones that there is; it deforms from now on."""
    name = next(name for name in names if name in rig.data.bones)
    rig.data.bones[name].use_deform = True
    return name


def _bends_a_face(bone: bpy.types.Bone) -> bool:
    """Whether it lies in the head and is not one of what bends no skin."""
    above = [parent.name for parent in bone.parent_recursive]
    in_face = any(name in ("ORG-face", "ORG-spine.006", "DEF-spine.006", "head") for name in above)
    return in_face and not bone.name.removeprefix("DEF-").startswith(RIGID)


def _distance(points: Floats, bone: bpy.types.Bone) -> Floats:
    """Of points from a bone [shape=(n,)]."""
    head = np.array(bone.head_local)
    along = np.array(bone.tail_local) - head
    share = np.clip((points - head) @ along / (along @ along), 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - head - share[:, None] * along, axis=1))


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    os._exit(0)  # bpy's own end takes seconds
