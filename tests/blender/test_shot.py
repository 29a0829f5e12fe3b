"""From a file to a shot and a film, or to a clear sentence."""

from pathlib import Path
from typing import Any

import av
import bpy
import pytest

from linly_blender.errors import UserError
from linly_blender.scene import shot


@pytest.fixture
def studio(scene: bpy.types.Scene, make_character: Any, tmp_path: Path) -> Path:
    """A file with one character and a camera, quick to render."""
    make_character()
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.render.resolution_x, scene.render.resolution_y = 33, 32
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    path = tmp_path / "studio.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return path


@pytest.mark.parametrize("name", ["", ":Rig", ":Rig Face"])
def test_opens_bakes_films_and_saves(studio: Path, make_take: Any, tmp_path: Path, name: str) -> None:
    target = shot.open_character(f"{studio}{name}")
    assert target.character.name == "Rig"
    report = shot.bake(target, make_take(0.5), shot.bake_options(1, 0.002, 0.1, False, True, True))
    scene = bpy.context.scene
    before = (scene.frame_end, scene.render.filepath, scene.render.image_settings.file_format)
    shares: list[float] = []
    shot.render_film(tmp_path / "film.mp4", lambda share, stage: shares.append(share))
    assert (scene.frame_end, scene.render.filepath, scene.render.image_settings.file_format) == before
    assert shares == sorted(shares)
    assert shares[-1] == 1
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert {stream.codec_context.name for stream in film.streams} == {"h264", "aac"}
        pictures = list(film.decode(video=0))
        assert len(pictures) == report.last_frame - report.first_frame + 1
        assert (pictures[0].width, pictures[0].height) == (32, 32)
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert max(abs(frame.to_ndarray()).max() for frame in film.decode(audio=0)) > 0.05, "the voice is in it"
    shot.save_blend(tmp_path / "shot.blend")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "shot.blend", "studio.blend"]
    again = shot.open_character(str(tmp_path / "shot.blend"))
    assert again.character == target.character
    (sound,) = bpy.data.sounds
    assert sound.packed_file


def test_what_cannot_be_opened_is_said(studio: Path, make_character: Any, tmp_path: Path) -> None:
    text = tmp_path / "text.blend"
    text.write_text("not a blend")
    for given, said in (
        (str(tmp_path / "none.blend"), "There is no file"),
        (str(tmp_path), "There is no file"),
        (str(text), "cannot be opened"),
        (f"{studio}:Nobody", r"no mesh or armature named 'Nobody'. It has: Rig, Rig Face"),
        (f"{studio}:Camera", "no mesh or armature named 'Camera'"),
    ):
        with pytest.raises(UserError, match=said):
            shot.open_character(given)


def test_a_file_without_or_with_several_characters(scene: bpy.types.Scene, make_character: Any, tmp_path: Path) -> None:
    empty, two = tmp_path / "empty.blend", tmp_path / "two.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(empty), copy=True)
    make_character(name="Anna")
    make_character(name="Ben")
    bpy.ops.wm.save_as_mainfile(filepath=str(two), copy=True)
    with pytest.raises(UserError, match="nobody in it can talk"):
        shot.open_character(str(empty))
    with pytest.raises(UserError, match=r"several characters: Anna, Ben.*two.blend:NAME"):
        shot.open_character(str(two))
    assert shot.open_character(f"{two}:Ben Face").character.name == "Ben"


def test_a_character_in_another_scene_is_filmed_there(make_character: Any, tmp_path: Path) -> None:
    make_character()
    other = bpy.data.scenes.new("Other")
    for obj in list(bpy.context.scene.collection.objects):
        other.collection.objects.link(obj)
        bpy.context.scene.collection.objects.unlink(obj)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "two.blend"))
    assert shot.open_character(str(tmp_path / "two.blend")).scene_name == "Other"
    assert bpy.context.scene.name == "Other"


def test_a_film_needs_a_camera_and_a_take(studio: Path, make_take: Any, tmp_path: Path) -> None:
    target = shot.open_character(str(studio))
    film = tmp_path / "film.mp4"
    with pytest.raises(UserError, match="no take"):
        shot.render_film(film, lambda share, stage: None)
    shot.bake(target, make_take(0.2), shot.bake_options(1, 0.002, 0.1, False, False, False))
    bpy.context.scene.camera = None
    with pytest.raises(UserError, match="no camera"):
        shot.render_film(film, lambda share, stage: None)
    assert [path.name for path in tmp_path.iterdir()] == ["studio.blend"]


@pytest.mark.parametrize("name", ["nowhere/shot.blend", "."])
def test_a_place_that_cannot_be_written(studio: Path, tmp_path: Path, name: str) -> None:
    shot.open_character(str(studio))
    with pytest.raises(UserError, match="Cannot write"):
        shot.save_blend(tmp_path / name)


def test_the_demo_opens_with_a_camera() -> None:
    target = shot.open_character("demo")
    assert not target.character.missing_shapes
    assert bpy.context.scene.camera
