"""Takes that follow a strip of the sequencer, and words on the timeline."""

import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from linly_blender.errors import UserError
from linly_blender.scene import follow, ledger, sequencer, strips, word_markers
from linly_blender.scene.bake import BakeOptions, bake
from linly_blender.scene.character import find_character
from linly_blender.scene.checks import find_problems
from linly_blender.scene.remove import remove

RATE = 16000


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Four seconds of a sound that is no speech."""
    path = tmp_path / "tone.wav"
    write_wav(path, (8000 * np.sin(np.arange(4 * RATE) * 0.1)).astype(np.int16))
    return path


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


def add_strip(scene: bpy.types.Scene, path: Path, name: str = "Voice", frame: int = 1) -> Any:
    editor = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips.new_sound(name, str(path), channel=3, frame_start=frame)


def move(strip: Any, frames: int) -> None:
    if hasattr(strip, "content_start"):
        strip.content_start += frames
    else:
        strip.frame_start += frames


def trim(strip: Any, left: int = 0, right: int = 0) -> None:
    names = (
        ("left_handle", "right_handle") if hasattr(strip, "left_handle") else ("frame_final_start", "frame_final_end")
    )
    for name, frames in zip(names, (left, -right), strict=True):
        setattr(strip, name, getattr(strip, name) + frames)


def jaw(mesh: bpy.types.Object, frames: range) -> list[float]:
    scene = bpy.context.scene
    values = []
    for frame in frames:
        scene.frame_set(frame)
        values.append(mesh.data.shape_keys.key_blocks["jawOpen"].value)
    return values


# A take that follows a strip


def test_a_take_lies_where_its_strip_does_and_makes_no_other_sound(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, tone: Path, snapshot: Callable[[], dict[str, Any]]
) -> None:
    mesh, _ = make_character()
    strip = add_strip(scene, tone, frame=40)
    trim(strip, left=24)
    before = snapshot()
    character = find_character(mesh)
    report = bake(scene, character, make_take(), BakeOptions(strip="Voice", strip_begin=1.0))
    assert report.first_frame == 64
    assert [one.name for one in scene.sequence_editor.strips_all] == ["Voice"]
    assert len(bpy.data.sounds) == 1
    assert not [problem for problem in find_problems(scene, character) if problem.kind in {"strip", "muted_sound"}]
    remove(character)
    assert snapshot() == before
    assert not strip.keys(), "the mark goes with the take"


def test_sync_moves_strips_and_markers_with_what_was_changed_by_hand(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, tone: Path
) -> None:
    mesh, rig = make_character()
    strip = add_strip(scene, tone, frame=1)
    character = find_character(mesh)
    options = BakeOptions(strip="Voice", markers=True)
    scene.frame_end = 40
    bake(scene, character, make_take(), options)
    scene.timeline_markers.new("Mine", frame=5)
    was = jaw(mesh, range(1, 30))
    assert follow.following(scene, character).change == "none"
    marks = {marker.name: marker.frame for marker in scene.timeline_markers}
    move(strip, 17)
    strip.name = "Renamed"
    assert any(problem.kind == "strip" for problem in find_problems(scene, character))
    found = follow.following(scene, character)
    assert (found.change, found.strip) == ("moved", "Renamed")
    follow.move(scene, character, found)
    assert jaw(mesh, range(18, 47)) == pytest.approx(was, abs=1e-5)
    moved = {marker.name: marker.frame - marks[marker.name] for marker in scene.timeline_markers}
    assert moved.pop("Mine") == 0
    assert set(moved.values()) == {17}
    assert follow.following(scene, character).change == "none"
    assert not any(problem.kind == "strip" for problem in find_problems(scene, character))
    assert scene.frame_end >= 18 + 36, "the scene's range holds it"
    move(strip, -30)
    follow.move(scene, character, follow.following(scene, character))
    assert jaw(mesh, range(-12, 17)) == pytest.approx(was, abs=1e-5)
    assert rig.animation_data.nla_tracks[0].strips[0].frame_start == -12


@pytest.mark.parametrize("frames", [17, -30])
def test_a_mere_move_keeps_the_layout_an_artist_has_given_the_strips(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, tone: Path, frames: int
) -> None:
    mesh, rig = make_character()
    strip = add_strip(scene, tone, frame=101)
    character = find_character(mesh)
    bake(scene, character, make_take(), BakeOptions(strip="Voice"))
    (layer,) = rig.animation_data.nla_tracks[0].strips
    layer.scale = 1.5
    layer.frame_start_ui += 3
    again = rig.animation_data.nla_tracks[0].strips.new("Again", round(layer.frame_end) + 5, layer.action)
    again.action_slot = layer.action_slot
    was = [(one.frame_start, one.frame_end, one.scale) for one in (layer, again)]
    move(strip, frames)
    follow.move(scene, character, follow.following(scene, character))
    moved = [(one.frame_start - frames, one.frame_end - frames, one.scale) for one in (layer, again)]
    assert np.allclose(moved, was)


def test_sync_moves_the_keys_of_an_active_action(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, tone: Path
) -> None:
    mesh, rig = make_character()
    strip = add_strip(scene, tone, frame=1)
    character = find_character(mesh)
    bake(scene, character, make_take(), BakeOptions(strip="Voice", output="action"))
    was = jaw(mesh, range(1, 30))
    move(strip, 17)
    found = follow.following(scene, character)
    assert follow.is_as_baked(found)
    follow.move(scene, character, found)
    assert jaw(mesh, range(18, 47)) == pytest.approx(was, abs=1e-5)
    assert rig.animation_data.action.frame_start == 18
    assert follow.is_as_baked(follow.following(scene, character)), "moving is no change by hand"


def test_a_strip_that_is_gone_is_named_and_a_copy_is_not_taken_for_it(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, tone: Path
) -> None:
    mesh, _ = make_character()
    strip = add_strip(scene, tone)
    character = find_character(mesh)
    with pytest.raises(UserError, match="no sound strip 'Nowhere'"):
        bake(scene, character, make_take(), BakeOptions(strip="Nowhere"))
    with pytest.raises(UserError, match="follows a strip"):
        follow.following(scene, character)
    bake(scene, character, make_take(), BakeOptions(strip="Voice"))
    copy = add_strip(scene, tone, name="Copy", frame=200)
    copy[sequencer.MARK] = strip[sequencer.MARK]
    assert follow.following(scene, character).strip == "Voice"
    scene.sequence_editor.strips.remove(copy)
    scene.sequence_editor.strips.remove(strip)
    with pytest.raises(UserError, match="The strip 'Voice', which the take follows, is gone"):
        follow.following(scene, character)
    assert any("is gone" in problem.message for problem in find_problems(scene, character))


def test_trims_are_seen_and_slips_within_a_frame_are_not_taken_for_one(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, tone: Path
) -> None:
    mesh, _ = make_character()
    strip = add_strip(scene, tone, frame=10)
    character = find_character(mesh)
    bake(scene, character, make_take(), BakeOptions(strip="Voice"))
    trim(strip, left=12)
    found = follow.following(scene, character)
    assert found.change == "trimmed"
    was = jaw(mesh, range(10, 40))
    follow.move(scene, character, found)
    assert jaw(mesh, range(10, 40)) == pytest.approx(was, abs=1e-5), "what is heard has not moved"


def test_a_take_at_another_speed_shows_its_closure_when_it_is_heard(make_take: Any) -> None:
    take = make_take()
    place = strips.StripPlace(24.0, np.array([11.0, 11.0 + 36.0]), np.array([0.0, 3.0]))
    heard, first = sequencer.as_heard(take, place, 0.0)
    assert first == 11
    assert heard.speech.phones[0].start == pytest.approx(0.47 / 2)
    assert heard.frames.times[-1] == pytest.approx(0.75, abs=0.02)
    closed = int(np.argmin(heard.frames.shapes[:, 17] + 10 * (np.abs(heard.frames.times - 0.25) > 0.2)))
    assert heard.frames.times[closed] == pytest.approx(0.25, abs=0.02)
    same, first = sequencer.as_heard(take, strips.StripPlace(24.0, np.array([5.0, 53.0]), np.array([1.0, 3.0])), 1.5)
    assert first == 17
    assert same is take


def test_a_strip_of_ours_that_a_take_follows_is_the_users_from_then_on(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, tone: Path
) -> None:
    mesh, _ = make_character()
    character = find_character(mesh)
    bake(scene, character, make_take(), BakeOptions(sound_file=str(tone)))
    (strip,) = scene.sequence_editor.strips_all
    strip.volume = 0.5
    bake(scene, character, make_take(), BakeOptions(strip=strip.name))
    (strip,) = scene.sequence_editor.strips_all
    assert strip.volume == 0.5
    remove(character)
    (strip,) = scene.sequence_editor.strips_all
    assert not strip.keys()
    assert not strip.sound.keys()


def test_a_copy_of_our_strip_stays_and_a_cut_piece_of_it_goes(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, tone: Path
) -> None:
    mesh, _ = make_character()
    character = find_character(mesh)
    bake(scene, character, make_take(), BakeOptions(sound_file=str(tone), start_frame=10))
    (ours,) = scene.sequence_editor.strips_all
    for frame in (10, 300):
        other = add_strip(scene, tone, name=f"{ours.name}.001", frame=frame)
        other[ledger.TAKE] = ours[ledger.TAKE]
    remove(character)
    (copy,) = scene.sequence_editor.strips_all
    assert copy.name == "Linly Take.002"
    assert not copy.keys()


# Words on the timeline


def test_word_markers_are_told_from_others_of_their_name(scene: bpy.types.Scene) -> None:
    scene.timeline_markers.new("no", frame=11)
    word_markers.put(scene, "STRIP Voice", [("no", 3.2), ("", 8.0), ("no", 12.0)], "(sound)")
    assert word_markers.moved(scene) == []
    ours = [marker for marker in scene.timeline_markers if marker.name == "no" and marker.frame in {3, 12}]
    assert len(ours) == 2
    ours[1].frame = 15
    assert [(one.mark.number, one.frame) for one in word_markers.moved(scene)] == [(2, 15)]
    ours[0].frame = 4
    assert [(one.mark.number, one.frame) for one in word_markers.moved(scene)] == [(0, 4), (2, 15)]
    word_markers.shift(scene, {"Other"}, lambda frame: frame + 50, "Other")
    word_markers.shift(scene, {"Voice", "New"}, lambda frame: frame + 100, "New")
    assert word_markers.recording_of(scene) == "STRIP New"
    assert [(one.mark.frame, one.frame) for one in word_markers.moved(scene)] == [(103, 104), (112, 115)]
    word_markers.remove(scene)
    assert [(marker.name, marker.frame) for marker in scene.timeline_markers] == [("no", 11)]
    assert not word_markers.are_there(scene)
    assert not list(scene.keys())
