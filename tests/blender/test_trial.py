"""A channel that is shown alone while somebody tries it: what becomes of the artist's values meanwhile."""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

MakeCharacter = Callable[..., tuple[bpy.types.Object, bpy.types.Object]]
KEYS = ("jawOpen", "mouthSmileLeft")


@pytest.fixture
def trial(extension: ModuleType) -> ModuleType:
    """The extension's."""
    return importlib.import_module(extension.__package__ + ".linly_blender.scene.trial")  # type: ignore[operator]


def values(mesh: bpy.types.Object) -> dict[str, float]:
    return {block.name: block.value for block in mesh.data.shape_keys.key_blocks[1:]}


def test_a_change_of_the_frame_ends_it(trial: Any, make_character: MakeCharacter, scene: bpy.types.Scene) -> None:
    mesh, _ = make_character(keys=KEYS)
    block = mesh.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.2), (50, 1.0)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    scene.frame_set(1)
    trial.show(mesh.name, "mouthSmileLeft", 0.5, 1.0)
    assert values(mesh) == pytest.approx({"jawOpen": 0.0, "mouthSmileLeft": 0.5})
    scene.frame_set(50)
    assert not trial.is_shown()
    assert values(mesh) == pytest.approx({"jawOpen": 1.0, "mouthSmileLeft": 0.0})
    trial.stop()
    assert values(mesh) == pytest.approx({"jawOpen": 1.0, "mouthSmileLeft": 0.0})


def test_playback_ends_it(trial: Any, make_character: MakeCharacter, scene: bpy.types.Scene) -> None:
    mesh, _ = make_character(keys=KEYS)
    trial.show(mesh.name, "mouthSmileLeft", 0.5, 1.0)
    for handler in bpy.app.handlers.animation_playback_pre:  # a window without a screen plays nothing
        handler(scene, None)
    assert not trial.is_shown()
    assert values(mesh) == {"jawOpen": 0.0, "mouthSmileLeft": 0.0}


def test_rendering_ends_it(trial: Any, make_character: MakeCharacter, scene: bpy.types.Scene, tmp_path: Path) -> None:
    mesh, _ = make_character(keys=KEYS)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.render.filepath = str(tmp_path / "one.png")
    trial.show(mesh.name, "mouthSmileLeft", 0.5, 1.0)
    bpy.ops.render.render(write_still=True)
    assert not trial.is_shown()
    assert values(mesh) == {"jawOpen": 0.0, "mouthSmileLeft": 0.0}
