"""An empty file for every test, the extension enabled in it, small characters of any build, and short takes."""

import importlib
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

from linly_blender.arkit import SHAPES
from linly_blender.performance import Frames, Performance
from linly_blender.rig.spelling import side
from linly_blender.score import Gesture, Phone, Sentence, Speech, Word

MakeCharacter = Callable[..., tuple[bpy.types.Object, bpy.types.Object]]
MakeTake = Callable[..., Performance]
ROOT = Path(__file__).resolve().parents[2]
MODULE = "bl_ext.linly_test.linly_blender"
"""The extension, as Blender imports it."""


@pytest.fixture
def scene() -> bpy.types.Scene:
    """Of a new, empty file."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return bpy.context.scene


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is a repository of extensions, with the root linked into it."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "linly_blender").symlink_to(ROOT, target_is_directory=True)
    return folder


@pytest.fixture
def extension(
    scene: bpy.types.Scene, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleType]:
    """The extension's registration, enabled in a new file, with user folders of its own."""
    monkeypatch.setenv("BLENDER_USER_EXTENSIONS", str(tmp_path / "user"))
    repos = bpy.context.preferences.extensions.repos
    repo = repos.new(name="linly_test", module="linly_test", custom_directory=str(repository))
    bpy.ops.preferences.addon_enable(module=MODULE)
    yield importlib.import_module(f"{MODULE}.registration")
    bpy.ops.preferences.addon_disable(module=MODULE)
    repos.remove(repo)


@pytest.fixture
def make_mesh(scene: bpy.types.Scene) -> Callable[..., bpy.types.Object]:
    """A mesh with a vertex for every shape key, which that key alone moves up by 1 mm; the last follows the head.

    A key whose name tells a side moves a vertex there.
    """

    def make(name: str = "Face", keys: tuple[str, ...] = SHAPES) -> bpy.types.Object:
        across = [{"l": 1.0, "r": -1.0}.get(side(key), 0.0) for key in keys]
        rest = np.column_stack([[*across, 0.0], np.arange(len(keys) + 1) * 0.01, np.ones(len(keys) + 1)])
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata(rest.tolist(), [], [])
        obj = bpy.data.objects.new(name, mesh)
        scene.collection.objects.link(obj)
        if keys:
            obj.shape_key_add(name="Basis", from_mix=False)
        for number, key in enumerate(keys):
            block = obj.shape_key_add(name=key, from_mix=False)
            block.data[number].co.z += 0.001
            block.value = 0.0
        return obj

    return make


@pytest.fixture
def make_character(scene: bpy.types.Scene, make_mesh: Callable[..., bpy.types.Object]) -> MakeCharacter:
    """(mesh, armature): chest, neck, head and eyes that lean and roll as ``seed`` has it, or stand upright if None."""

    def make(
        seed: int | None = None,
        mode: str = "QUATERNION",
        connect: bool = False,
        keys: tuple[str, ...] = SHAPES,
        name: str = "Rig",
    ) -> tuple[bpy.types.Object, bpy.types.Object]:
        rng = np.random.default_rng(seed)
        data = bpy.data.armatures.new(name)
        rig = bpy.data.objects.new(name, data)
        scene.collection.objects.link(rig)
        bpy.context.view_layer.objects.active = rig
        bpy.ops.object.mode_set(mode="EDIT")
        parent = None
        for number, bone_name in enumerate(("chest", "neck", "head", "eye.L", "eye.R")):
            bone = data.edit_bones.new(bone_name)
            bone.head = (0, 0, 1.2 + 0.1 * min(number, 3))
            bone.tail = (0, 0, 1.3 + 0.1 * min(number, 3))
            if seed is not None:
                bone.tail += Vector(rng.uniform(-0.08, 0.08, 3))
                bone.roll = rng.uniform(-math.pi, math.pi)
            if parent is not None:
                if connect:
                    bone.head = parent.tail
                bone.parent = parent
                bone.use_connect = connect and number < 3
            parent = bone if number < 3 else parent
        bpy.ops.object.mode_set(mode="OBJECT")
        for bone in rig.pose.bones:
            bone.rotation_mode = mode
        if seed is not None:
            rig.matrix_world = Matrix.LocRotScale(
                Vector(rng.uniform(-2, 2, 3)),
                Euler(rng.uniform(-3, 3, 3)),
                Vector([rng.choice([0.01, 0.3, 1.0, 7.0])] * 3),
            )
        mesh = make_mesh(f"{name} Face", keys)
        mesh.parent = rig
        mesh.modifiers.new("Armature", "ARMATURE").object = rig
        group = mesh.vertex_groups.new(name="head")
        group.add([len(mesh.data.vertices) - 1], 1.0, "REPLACE")
        bpy.context.view_layer.update()
        return mesh, rig

    return make


@pytest.fixture
def make_take() -> MakeTake:
    """A take in which everything moves; its word is a closure of the lips at 0.5 s."""

    def make(seconds: float = 1.5, fps: float = 60.0, seed: int = 0, size: float = 1.0) -> Performance:
        rng = np.random.default_rng(seed)
        count = round(seconds * fps) + 1
        times = np.arange(count) / fps

        def waves(columns: int) -> np.ndarray:
            rate, phase = rng.uniform(0.2, 3, (2, 3, columns))
            return np.asarray(np.sin(2 * math.pi * rate * times[:, None, None] + phase * 6).mean(axis=1))

        shapes = np.clip(0.5 + 0.9 * waves(52), 0, 1)
        shapes[:, SHAPES.index("jawOpen")] = 0.4 * np.clip(np.abs(times - 0.5) / 0.05 - 0.5, 0, 1)
        shapes[:, SHAPES.index("mouthClose")] = 0
        head = np.hstack([0.02 * waves(3), 0.5 * size * waves(3)])
        return Performance(
            frames=Frames(
                fps,
                shapes.astype(np.float32),
                head.astype(np.float32),
                (0.3 * waves(2)).astype(np.float32),
                (0.5 + 0.5 * waves(1)[:, 0]).astype(np.float32),
            ),
            speech=Speech(
                sound=(8000 * np.sin(np.arange(int(seconds * 16000)) * 0.1)).astype(np.int16),
                rate=16000,
                phones=(Phone("m", 0.47, 0.53, 0, 0),),
                words=(Word("Mum", 0.47, 0.8, 0.5, 0),),
                sentences=(Sentence("Mum!", 0.47, 0.8, "exclamation", "happy", 0.5, "en-us"),),
            ),
            gestures=(Gesture("nod", 0.4, 0.6, 0.9, 0.1, "emphasis"),),
            seed=seed,
            style="neutral",
            language="en",
        )

    return make


@pytest.fixture
def snapshot() -> Callable[[], dict[str, Any]]:
    """Everything an artist may have made, as plain values that can be compared bit by bit."""
    return _snapshot


def _snapshot() -> dict[str, Any]:
    kinds = ("actions", "objects", "meshes", "armatures", "shape_keys", "sounds", "scenes")
    return {
        "names": {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds},
        "properties": {kind: {b.name: _own(b) for b in getattr(bpy.data, kind)} for kind in kinds},
        "actions": {action.name: _action(action) for action in bpy.data.actions},
        "animation": {owner.name: _animation(owner.animation_data) for owner in _animated()},
        "values": {
            key.name: [(block.name, block.value, block.mute) for block in key.key_blocks] for key in bpy.data.shape_keys
        },
        "pose": {
            (obj.name, bone.name): [
                bone.rotation_mode,
                *(list(getattr(bone, f"rotation_{kind}")) for kind in ("quaternion", "euler", "axis_angle")),
                list(bone.location),
                list(bone.scale),
            ]
            for obj in bpy.data.objects
            if obj.pose
            for bone in obj.pose.bones
        },
        "scenes": {scene.name: _scene(scene) for scene in bpy.data.scenes},
    }


def _animated() -> list[bpy.types.ID]:
    return [*bpy.data.objects, *bpy.data.shape_keys, *bpy.data.scenes]


def _own(block: bpy.types.ID) -> dict[str, str]:
    return {name: str(block[name]) for name in block.keys()}  # noqa: SIM118 - an ID is no mapping


def _action(action: bpy.types.Action) -> Any:
    return [
        (bag.slot.identifier, [_curve(curve) for curve in bag.fcurves])
        for layer in action.layers
        for strip in layer.strips
        for bag in strip.channelbags
    ]


def _curve(curve: bpy.types.FCurve) -> Any:
    keys = [
        (*point.co, *point.handle_left, *point.handle_right, point.handle_left_type, point.interpolation)
        for point in curve.keyframe_points
    ]
    driver = curve.driver.expression if curve.driver else None
    return (curve.data_path, curve.array_index, curve.mute, driver, keys)


def _animation(data: bpy.types.AnimData | None) -> Any:
    if data is None:
        return None
    return (
        data.action and data.action.name,
        data.action_slot and data.action_slot.identifier,
        data.action_blend_type,
        data.use_nla,
        [_curve(driver) for driver in data.drivers],
        [
            (
                *(track.name, track.mute, track.lock, track.is_solo),
                [
                    (strip.name, strip.action and strip.action.name, strip.frame_start, strip.frame_end, strip.mute)
                    for strip in track.strips
                ],
            )
            for track in data.nla_tracks
        ],
    )


def _scene(scene: bpy.types.Scene) -> Any:
    editor = scene.sequence_editor
    return (
        (scene.frame_start, scene.frame_end, scene.render.fps, scene.render.fps_base),
        sorted((marker.name, marker.frame) for marker in scene.timeline_markers),
        editor and [(strip.name, strip.channel, strip.type, strip.mute) for strip in editor.strips_all],
    )
