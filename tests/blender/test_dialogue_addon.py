"""Recorded dialogue in the sidebar: from a file or a strip to a take, and its words to correct."""

import functools
import importlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest

from linly_blender.dialogue import analysis_file, textgrid
from linly_blender.dialogue.analysis import Analysis
from linly_blender.dialogue.coverage import NO_WORDS
from linly_blender.language.reader import read_script
from linly_blender.scene import actions
from linly_blender.scene.hear import Source
from linly_blender.score import Noise
from linly_blender.speech.synthesis import EspeakVoice, speak

from .conftest import MODULE
from .test_addon import drawn, refusal
from .test_dialogue_sequencer import add_strip, jaw, move, trim, write_wav
from .test_hear import retime

LINE = "Mama may buy a pie."


@pytest.fixture
def settings(extension: ModuleType) -> Any:
    return bpy.context.scene.linly


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the built-in voice says, with half a second of silence before it."""
    path = tmp_path_factory.mktemp("voice") / "spoken.wav"
    with EspeakVoice(None) as voice:
        speech = speak(read_script(LINE, language="en"), voice, lambda share: None)
    silence = np.zeros(speech.rate // 2, np.int16)
    write_wav(path, np.concatenate([silence, speech.sound, silence]), speech.rate)
    return path


def choose(settings: Any, **values: Any) -> None:
    settings.source, settings.language, settings.fine_tuner = "RECORDING", "EN", "OFF"
    for name, value in {"words_from": "LINE", "line": LINE, **values}.items():
        setattr(settings.dialogue, name, value)


def test_a_file_is_performed_and_baked_with_its_own_sound(
    extension: ModuleType, settings: Any, make_character: Any, spoken: Path, snapshot: Callable[[], dict[str, Any]]
) -> None:
    settings.character, _ = make_character()
    settings.source = "RECORDING"
    assert "Choose the file of the recording first" in refusal(bpy.ops.linly.perform)
    choose(settings, file=str(spoken))
    before = snapshot()["names"]
    assert bpy.ops.linly.perform() == {"FINISHED"}
    assert snapshot()["names"] == before, "perform changes no scene"
    assert settings.take_is_current
    assert settings.dialogue.on_phones > 0.5
    assert [row.name for row in settings.dialogue.words] == ["Mama", "may", "buy", "a", "pie"]
    calls = drawn(extension)
    for told in ("Speech on phones: ", "template_list LINLY_UL_words", "operator linly.dialogue_markers"):
        assert any(told in call for call in calls), told
    settings.start_frame = 25
    assert bpy.ops.linly.bake() == {"FINISHED"}
    (strip,) = bpy.context.scene.sequence_editor.strips_all
    assert Path(bpy.path.abspath(strip.sound.filepath)) == spoken
    assert strip.sound.packed_file is None
    assert bpy.ops.linly.remove() == {"FINISHED"}
    assert snapshot()["names"] == before
    assert spoken.is_file()


def test_a_strip_is_performed_where_it_lies_and_followed_when_it_moves(
    settings: Any, make_character: Any, spoken: Path
) -> None:
    scene = bpy.context.scene
    mesh, _ = make_character()
    settings.character = mesh
    strip = add_strip(scene, spoken, frame=50)
    choose(settings, origin="STRIP")
    assert "Choose the recording's strip first" in refusal(bpy.ops.linly.perform)
    scene.sequence_editor.active_strip = strip
    assert bpy.ops.linly.dialogue_strip() == {"FINISHED"}
    assert settings.dialogue.strip == "Voice"
    assert bpy.ops.linly.bake() == {"FINISHED"}
    assert len(scene.sequence_editor.strips_all) == 1
    was = jaw(mesh, range(50, 80))
    assert max(was) > 0.02
    take = settings.take_key
    move(strip, 100)
    assert settings.has_current_take()
    assert bpy.ops.linly.dialogue_sync() == {"FINISHED"}
    assert jaw(mesh, range(150, 180)) == pytest.approx(was, abs=1e-5)
    assert settings.take_key == take, "nothing was performed anew"
    first, second = settings.dialogue.words[0], settings.dialogue.words[1]
    trim(strip, left=round(24 * (first.start + second.start) / 2))
    assert not settings.has_current_take()
    strip.name = "Renamed"
    assert bpy.ops.linly.dialogue_sync() == {"FINISHED"}
    assert settings.dialogue.strip == "Renamed"
    assert [row.name for row in settings.dialogue.words] == ["may", "buy", "a", "pie"], "known from the whole"
    assert settings.take_is_current
    scene.sequence_editor.strips.remove(strip)
    assert "is gone" in refusal(bpy.ops.linly.dialogue_sync)
    assert "no sound strip 'Renamed'" in refusal(bpy.ops.linly.bake)


def test_a_strip_that_is_retimed_takes_its_take_along(settings: Any, make_character: Any, spoken: Path) -> None:
    scene = bpy.context.scene
    mesh, rig = make_character()
    settings.character = mesh
    strip = add_strip(scene, spoken, frame=50)
    choose(settings, origin="STRIP", strip="Voice")
    bpy.ops.linly.bake()
    was = jaw(mesh, range(50, 130))
    retime(strip, 50.0)
    assert bpy.ops.linly.dialogue_sync() == {"FINISHED"}
    slow = jaw(mesh, range(50, 210, 2))
    assert np.corrcoef(slow, was)[0, 1] > 0.95, "the same at half the speed"
    assert texts(settings) == ["Mama", "may", "buy", "a", "pie"]
    assert settings.take_is_current
    assert [one.name for one in scene.sequence_editor.strips_all] == ["Voice"]
    assert rig.animation_data.nla_tracks[0].strips[0].scale == 1.0, "it was baked anew"
    curve = next(actions.fcurves(*our_action(mesh)))
    curve.keyframe_points[3].co.y += 0.2  # by hand
    changed = curve.keyframe_points[3].co.y
    retime(strip, 100.0)
    assert bpy.ops.linly.dialogue_sync() == {"FINISHED"}
    (layer,) = rig.animation_data.nla_tracks[0].strips
    assert layer.scale == pytest.approx(0.5, abs=0.01)
    assert curve.keyframe_points[3].co.y == changed, "what was changed by hand is kept"
    assert np.corrcoef(jaw(mesh, range(50, 130)), was)[0, 1] > 0.9


def our_action(mesh: bpy.types.Object) -> tuple[bpy.types.Action, bpy.types.ActionSlot]:
    (strip,) = mesh.data.shape_keys.animation_data.nla_tracks[0].strips
    return strip.action, strip.action_slot


def test_a_file_that_is_gone_is_named_and_its_take_kept(
    settings: Any, make_character: Any, spoken: Path, tmp_path: Path, snapshot: Callable[[], dict[str, Any]]
) -> None:
    settings.character, _ = make_character()
    path = tmp_path / "moved.wav"
    path.write_bytes(spoken.read_bytes())
    choose(settings, file=str(path))
    bpy.ops.linly.perform()
    take, before = settings.take_key, snapshot()
    path.rename(tmp_path / "elsewhere.wav")
    for operator in (bpy.ops.linly.perform, bpy.ops.linly.bake):
        assert f"The recording {path} cannot be read" in refusal(operator)
    assert (settings.take_key, snapshot()) == (take, before)
    settings.dialogue.file = str(tmp_path / "elsewhere.wav")
    assert settings.take_is_current, "it is the same sound"
    assert bpy.ops.linly.bake() == {"FINISHED"}


def texts(settings: Any) -> list[str]:
    return [row.name for row in settings.dialogue.words]


def test_words_are_corrected_in_the_panel_and_bake_performs_the_change(
    extension: ModuleType, settings: Any, make_character: Any, spoken: Path
) -> None:
    settings.character, _ = make_character()
    dialogue = settings.dialogue
    choose(settings, file=str(spoken))
    bpy.ops.linly.bake()
    take = settings.take_key
    dialogue.active = 4
    assert (dialogue.word_text, dialogue.listed) == ("pie", "ALL")
    start, end = dialogue.word_start, dialogue.word_end
    assert 0.5 < start < end
    dialogue.word_start = start + 0.05
    assert dialogue.word_start == pytest.approx(start + 0.05, abs=1e-3)
    assert not settings.take_is_current
    dialogue.word_end = start - 1.0
    assert "cannot be at" in state().complaint
    assert any("cannot be at" in call for call in drawn(extension))
    assert dialogue.word_end == pytest.approx(end, abs=1e-3)
    dialogue.word_text = "bee"
    assert state().complaint == ""
    assert texts(settings) == ["Mama", "may", "buy", "a", "bee"]
    assert bpy.ops.linly.bake() == {"FINISHED"}
    assert settings.take_key != take
    assert texts(settings)[-1] == "bee"
    choose(settings, line="Another text.")
    assert texts(settings) == [], "what is shown is of what is asked for"
    choose(settings, line=LINE)
    assert texts(settings)[-1] == "bee", "what was changed by hand is kept"
    assert bpy.ops.linly.dialogue_hear() == {"FINISHED"}
    assert "Perform a recording first" in refusal(bpy.ops.linly.dialogue_hear)
    assert not settings.take_is_current


def test_what_was_changed_by_hand_counts_for_its_parts_too(settings: Any, spoken: Path) -> None:
    strip = add_strip(bpy.context.scene, spoken, frame=50)
    choose(settings, origin="STRIP", strip="Voice")
    bpy.ops.linly.perform()
    first, second = settings.dialogue.words[0], settings.dialogue.words[1]
    frames = round(24 * (first.start + second.start) / 2)
    trim(strip, left=frames)
    bpy.ops.linly.perform()
    assert texts(settings) == ["may", "buy", "a", "pie"]
    trim(strip, left=-frames)
    settings.refresh()
    settings.dialogue.active = 4
    settings.dialogue.word_text = "bee"
    trim(strip, left=frames)
    settings.refresh()
    assert texts(settings) == ["may", "buy", "a", "bee"]
    assert not settings.take_is_current
    bpy.ops.linly.perform()
    assert settings.take_is_current
    assert texts(settings) == ["may", "buy", "a", "bee"]
    settings.dialogue.active = 3
    settings.dialogue.word_text = "pea"
    settings.refresh()
    assert texts(settings) == ["may", "buy", "a", "pea"], "what was changed of the part itself comes first"
    trim(strip, left=-frames)
    settings.refresh()
    assert texts(settings) == ["Mama", "may", "buy", "a", "bee"]


def test_a_note_that_is_no_longer_true_goes_with_the_correction(settings: Any, spoken: Path) -> None:
    choose(settings, file=str(spoken), words_from="RECOGNISED", recogniser="NONE")
    bpy.ops.linly.perform()
    assert NO_WORDS in state().analysis_of(settings.dialogue).notes
    settings.dialogue.word_text = "Mama"
    assert state().complaint == ""
    analysis = state().analysis_of(settings.dialogue)
    assert analysis.on_phones > 0
    assert NO_WORDS not in analysis.notes


def test_lines_are_split_joined_and_deleted(settings: Any, make_character: Any, spoken: Path) -> None:
    scene, dialogue = bpy.context.scene, settings.dialogue
    settings.character, _ = make_character()
    settings.start_frame = 5
    choose(settings, file=str(spoken))
    bpy.ops.linly.perform()
    dialogue.active = 2
    assert bpy.ops.linly.dialogue_go() == {"FINISHED"}
    assert scene.frame_current == round(5 + 24 * dialogue.word_start)
    assert bpy.ops.linly.dialogue_line(what="SPLIT") == {"FINISHED"}
    assert [line.text for line in state().analysis_of(dialogue).lines] == ["Mama may", "buy a pie."]
    assert bpy.ops.linly.perform() == {"FINISHED"}
    assert settings.take_sentences == 2
    dialogue.active = 0
    assert bpy.ops.linly.dialogue_line(what="JOIN") == {"FINISHED"}
    assert "no line after" in refusal(lambda: bpy.ops.linly.dialogue_line(what="JOIN"))
    assert texts(settings) == ["Mama", "may", "buy", "a", "pie"]
    assert bpy.ops.linly.dialogue_line(what="DELETE") == {"FINISHED"}
    assert texts(settings) == []
    assert "Select a word first" in refusal(lambda: bpy.ops.linly.dialogue_line(what="JOIN"))
    assert "Nobody speaks" in refusal(bpy.ops.linly.bake)


def state() -> Any:
    return importlib.import_module(f"{MODULE}.operators.dialogue_state")


def test_a_change_that_could_not_be_read_back_is_refused(settings: Any, spoken: Path) -> None:
    choose(settings, file=str(spoken))
    bpy.ops.linly.perform()
    before = settings.dialogue.kept[0].analysis

    def overlapping(analysis: Any) -> Any:
        (line,) = analysis.lines
        return replace(analysis, lines=(replace(line, words=line.words[::-1]),))

    with pytest.raises(Exception, match="words would overlap"):
        state().change(settings, overlapping)
    assert settings.dialogue.kept[0].analysis == before
    assert not settings.dialogue.kept[0].edited


def test_words_stay_as_they_are_while_a_performance_is_made(
    extension: ModuleType, settings: Any, spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(settings, file=str(spoken))
    bpy.ops.linly.perform()
    before = settings.dialogue.kept[0].analysis
    job = SimpleNamespace(share=0.5, stage="decoding", is_cancelled=False, cancel=None, join=None)
    worker = importlib.import_module(f"{MODULE}.operators.worker")
    with monkeypatch.context() as patch:
        patch.setattr(worker, "_current", job)
        settings.dialogue.word_text = "Papa"
        settings.dialogue.word_start += 0.02
        assert "A performance is being made" in state().complaint
        with pytest.raises(Exception, match="Wait for it or cancel it"):
            state().change(settings, lambda analysis: analysis)
        assert settings.dialogue.kept[0].analysis == before
        assert not settings.dialogue.kept[0].edited
        assert any("A performance is being made" in call for call in drawn(extension))
    settings.dialogue.word_text = "Papa"
    assert (state().complaint, texts(settings)[0]) == ("", "Papa")


def test_a_take_is_not_baked_where_another_is_asked_for_meanwhile(
    settings: Any, make_character: Any, spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.character, _ = make_character()
    choose(settings, file=str(spoken))
    module = importlib.import_module(f"{MODULE}.operators.dialogue_settings")
    make = module.make_recorded_take

    def changing(*given: Any) -> Any:
        summary = make(*given)
        settings.dialogue.line = "Another text."
        return summary

    monkeypatch.setattr(module, "make_recorded_take", changing)
    assert bpy.ops.linly.bake() == {"CANCELLED"}
    assert not bpy.data.actions
    assert texts(settings) == [], "what is shown is of what is asked for"
    settings.dialogue.line = LINE
    assert texts(settings)
    assert settings.take_is_current, "it is kept"
    assert bpy.ops.linly.bake() == {"FINISHED"}


def test_markers_are_dragged_and_their_times_taken(settings: Any, make_character: Any, spoken: Path) -> None:
    scene = bpy.context.scene
    settings.character, _ = make_character()
    settings.start_frame = 11
    choose(settings, file=str(spoken))
    assert "Perform a recording first" in refusal(bpy.ops.linly.dialogue_markers)
    bpy.ops.linly.perform()
    assert "Mark the words first" in refusal(bpy.ops.linly.dialogue_from_markers)
    mine = scene.timeline_markers.new("a", frame=3)
    assert bpy.ops.linly.dialogue_markers() == {"FINISHED"}
    starts = [row.start for row in settings.dialogue.words]
    marker = next(marker for marker in scene.timeline_markers if marker.name == "buy")
    assert marker.frame == round(11 + 24 * starts[2])
    assert bpy.ops.linly.dialogue_from_markers() == {"FINISHED"}
    assert settings.take_is_current, "nothing was dragged"
    marker.frame += 2
    assert bpy.ops.linly.dialogue_from_markers() == {"FINISHED"}
    moved = [row.start for row in settings.dialogue.words]
    assert moved[2] == pytest.approx((round(11 + 24 * starts[2]) + 2 - 11) / 24, abs=1e-3)
    assert moved[:2] + moved[3:] == pytest.approx(starts[:2] + starts[3:])
    assert not settings.take_is_current
    next(marker for marker in scene.timeline_markers if marker.name == "buy").frame += 30
    assert "cannot be at" in refusal(bpy.ops.linly.dialogue_from_markers)
    assert [row.start for row in settings.dialogue.words] == moved
    assert bpy.ops.linly.dialogue_unmark() == {"FINISHED"}
    assert [marker.name for marker in scene.timeline_markers] == [mine.name]


def test_word_markers_stay_with_their_own_recording(settings: Any, make_character: Any, spoken: Path) -> None:
    scene = bpy.context.scene
    settings.character, _ = make_character()
    strip = add_strip(scene, spoken, frame=50)
    choose(settings, origin="STRIP", strip="Voice")
    bpy.ops.linly.bake()
    settings.dialogue.file, settings.dialogue.origin = str(spoken), "FILE"
    bpy.ops.linly.perform()
    bpy.ops.linly.dialogue_markers()

    def frames() -> list[int]:
        return [marker.frame for marker in scene.timeline_markers]

    was = frames()
    move(strip, 40)
    assert bpy.ops.linly.dialogue_sync() == {"FINISHED"}
    assert frames() == was, "they are of another recording"
    dragged = next(marker for marker in scene.timeline_markers if marker.name == "buy")
    dragged.frame += 2
    settings.start_frame += 20
    assert frames() == [frame + (22 if number == 2 else 20) for number, frame in enumerate(was)]
    assert bpy.ops.linly.dialogue_from_markers() == {"FINISHED"}
    assert settings.dialogue.words[2].start == pytest.approx((was[2] + 2 - 1) / 24, abs=1e-3)
    settings.dialogue.active = 4
    settings.dialogue.word_text = "bee"
    assert bpy.ops.linly.bake() == {"FINISHED"}
    assert [marker.name for marker in scene.timeline_markers] == ["Mama", "may", "buy", "a", "bee"]
    settings.dialogue.origin = "STRIP"
    was = frames()
    assert bpy.ops.linly.bake() == {"FINISHED"}
    assert frames() == was, "they are of another recording"


@pytest.mark.parametrize("suffix", [".TextGrid", ".json"])
def test_words_go_out_into_a_file_and_come_back(
    settings: Any, make_character: Any, spoken: Path, tmp_path: Path, suffix: str
) -> None:
    settings.character, _ = make_character()
    choose(settings, file=str(spoken))
    bpy.ops.linly.perform()
    path = tmp_path / f"words{suffix}"
    assert bpy.ops.linly.dialogue_export(filepath=str(path)) == {"FINISHED"}
    path.write_text(path.read_text(encoding="utf-8").replace("pie", "pipe"), encoding="utf-8")
    assert bpy.ops.linly.dialogue_import(filepath=str(path)) == {"FINISHED"}
    assert texts(settings) == ["Mama", "may", "buy", "a", "pipe"]
    assert not settings.take_is_current
    assert bpy.ops.linly.bake() == {"FINISHED"}
    path.write_bytes(b"\x00\x01")
    assert str(path) in refusal(lambda: bpy.ops.linly.dialogue_import(filepath=str(path)))
    assert texts(settings)[-1] == "pipe"


def test_a_file_of_another_recording_is_refused_and_noises_stay(settings: Any, spoken: Path, tmp_path: Path) -> None:
    choose(settings, file=str(spoken))
    bpy.ops.linly.perform()
    breath = Noise("breath", 0.1, 0.3, 0.5)
    state().change(settings, lambda analysis: replace(analysis, noises=(breath,)))
    path = tmp_path / "words.TextGrid"
    bpy.ops.linly.dialogue_export(filepath=str(path))
    assert bpy.ops.linly.dialogue_import(filepath=str(path)) == {"FINISHED"}
    assert [each.kind for each in state().analysis_of(settings.dialogue).noises] == ["breath"]
    before = settings.dialogue.kept[0].analysis
    for suffix, write in ((".TextGrid", textgrid.write), (".json", analysis_file.write)):
        other = tmp_path / f"other{suffix}"
        write(Analysis(9.0, ()), other)
        assert "was made of a recording of 9.0 s" in refusal(
            functools.partial(bpy.ops.linly.dialogue_import, filepath=str(other))
        )
    assert settings.dialogue.kept[0].analysis == before


def test_what_was_understood_is_saved_with_the_file(
    settings: Any, make_character: Any, spoken: Path, tmp_path: Path
) -> None:
    choose(settings, file=str(spoken))
    bpy.ops.linly.perform()
    settings.dialogue.active = 4
    settings.dialogue.word_text = "bee"
    (tmp_path / "spoken.wav").write_bytes(spoken.read_bytes())
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    settings.dialogue.file = "//spoken.wav"
    assert texts(settings)[-1] == "bee", "it is the same sound"
    settings.character, _ = make_character()
    assert bpy.ops.linly.bake() == {"FINISHED"}
    assert bpy.context.scene.sequence_editor.strips_all[0].sound.filepath == "//spoken.wav"
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    settings = bpy.context.scene.linly
    assert texts(settings)[-1] == "bee"
    settings.dialogue.active = 4
    assert settings.dialogue.word_text == "bee"
    settings.dialogue.kept[0].analysis = "{"
    settings.dialogue.kept[0].digest = "changed by a script"
    assert settings.dialogue.word_text == "", "what cannot be read counts as nothing"
    assert bpy.ops.linly.perform() == {"FINISHED"}
    assert texts(settings)[-1] == "pie"


def test_what_was_hardly_understood_is_listened_to_again(
    settings: Any, spoken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(settings, file=str(spoken), words_from="RECOGNISED", recogniser="NONE")
    bpy.ops.linly.perform()
    assert settings.dialogue.on_phones == 0
    assert settings.take_is_current
    heard: list[Any] = []
    module = importlib.import_module(f"{MODULE}.operators.dialogue_settings")
    analyse = module.analyse
    monkeypatch.setattr(module, "analyse", lambda *given, **named: heard.append(given) or analyse(*given, **named))
    bpy.ops.linly.perform()
    assert len(heard) == 1
    settings.dialogue.words_from = "LINE"
    bpy.ops.linly.perform()
    bpy.ops.linly.perform()
    assert len(heard) == 2, "what is known is not asked for again"


def test_recordings_that_differ_anywhere_are_told_apart(extension: ModuleType, tmp_path: Path) -> None:
    seal_of = importlib.import_module(f"{MODULE}.operators.dialogue_request").seal_of
    path = tmp_path / "long.wav"
    sound = bytearray(5 << 20)
    path.write_bytes(sound)
    was = seal_of(Source("Long", path))
    assert was == seal_of(Source("Packed", tmp_path, bytes(sound)))
    sound[len(sound) // 2] = 1
    assert was != seal_of(Source("Packed", tmp_path, bytes(sound)))
    path.write_bytes(sound)
    os.utime(path, ns=(1, 1))
    assert was != seal_of(Source("Long", path))
    moved = path.rename(tmp_path / "moved.wav")
    assert seal_of(Source("Moved", moved)) == seal_of(Source("Packed", tmp_path, bytes(sound)))


BAD_SOUNDS = {
    "silence": (np.zeros(32000, np.int16), ""),
    "short": (np.ones(1600, np.int16), "too short"),
    "noise": (np.random.default_rng(0).normal(0, 3000, 32000).astype(np.int16), ""),
}


@pytest.mark.parametrize("kind", BAD_SOUNDS)
def test_a_bad_recording_cancels_with_a_message(settings: Any, tmp_path: Path, kind: str) -> None:
    sound, told = BAD_SOUNDS[kind]
    path = tmp_path / f"{kind}.wav"
    write_wav(path, sound)
    choose(settings, file=str(path))
    message = refusal(bpy.ops.linly.perform)
    assert told in message
    assert "Traceback" not in message
    assert not settings.take_key
    settings.dialogue.words_from, settings.dialogue.recogniser = "RECOGNISED", "SHERPA"
    assert "the folder or the address is missing" in refusal(bpy.ops.linly.perform)
    settings.dialogue.recogniser_folder = str(tmp_path)
    assert "Traceback" not in refusal(bpy.ops.linly.perform)
