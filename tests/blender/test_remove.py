"""What is the artist's stays so, bit by bit: baking adds, baking again replaces our own, removing takes it away."""

import re
from typing import Any

import bpy
import pytest

from linly_blender.scene import bake as bake_module
from linly_blender.scene.bake import BakeOptions, bake
from linly_blender.scene.character import Character, find_character
from linly_blender.scene.checks import find_problems
from linly_blender.scene.remove import remove

FULL = BakeOptions(markers=True, start_frame=10)
OUTPUTS = ("nla", "action")


def artist_at_work(scene: bpy.types.Scene, mesh: bpy.types.Object, rig: bpy.types.Object, active: bool) -> None:
    """Keys, drivers, muted and locked tracks, markers, a sound strip's neighbour and posed sliders on the character."""
    keys = mesh.data.shape_keys
    keys.key_blocks["jawOpen"].value = 0.4
    keys.key_blocks["mouthLeft"].value = 0.25
    keys.key_blocks["jawOpen"].keyframe_insert("value", frame=3)
    keys.key_blocks["jawOpen"].keyframe_insert("value", frame=30)
    keys.key_blocks["cheekPuff"].driver_add("value").driver.expression = "0.125"
    bone = rig.pose.bones["head"]
    bone.rotation_quaternion = (0.9, 0.1, 0.3, 0.3)
    bone.location = (0.01, 0.02, 0.03)
    rig.pose.bones["chest"].keyframe_insert("rotation_quaternion", frame=5)
    rig.pose.bones["neck"].rotation_quaternion = (0.8, 0.0, 0.6, 0.0)
    for owner in (rig, keys):
        data = owner.animation_data
        action, slot = data.action, data.action_slot
        for name, mute in (("Linly Take", True), ("Old", False)):
            track = data.nla_tracks.new()
            track.name = name
            strip = track.strips.new(name, 400 if name == "Old" else 1, action)
            strip.action_slot = slot
            track.mute = mute
        track.lock = True
        if not active:
            data.action = None
    scene.timeline_markers.new("Mum", frame=10 + 11)
    scene.timeline_markers.new("Shot 2", frame=77)
    scene.sequence_editor.strips.new_effect(**_colour_strip())
    scene["artist"] = "note"
    scene.frame_set(12)


def _colour_strip() -> dict[str, Any]:
    length = {"length": 40} if bpy.app.version >= (5, 0) else {"frame_end": 41}
    return {"name": "Linly Take", "type": "COLOR", "channel": 1, "frame_start": 1} | length


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("markers", [False, True])
def test_removing_leaves_what_was_there_before(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any, output: Any, markers: bool
) -> None:
    mesh, rig = make_character(seed=4)
    artist_at_work(scene, mesh, rig, active=False)
    before = snapshot()
    character = find_character(mesh)
    bake(scene, character, make_take(8.0), BakeOptions(start_frame=10, markers=markers, output=output))
    assert scene.frame_end >= 250
    assert snapshot() != before
    scene.frame_set(60)
    assert remove(character)
    scene.frame_set(12)
    assert snapshot() == before
    assert not remove(character)


@pytest.mark.parametrize("output", OUTPUTS)
def test_removing_from_a_bare_character_leaves_it_bare(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any, output: Any
) -> None:
    mesh, rig = make_character()
    scene.sequence_editor_clear()
    rig.pose.bones["head"].rotation_quaternion = (0.6, 0.8, 0, 0)
    mesh.data.shape_keys.key_blocks["jawOpen"].value = 0.3
    before = snapshot()
    character = find_character(mesh)
    for seconds in (12.0, 3.0, 20.0):
        bake(scene, character, make_take(seconds, seed=int(seconds)), BakeOptions(markers=True, output=output))
        scene.frame_set(40)
    remove(character)
    assert snapshot() == before
    assert mesh.data.shape_keys.animation_data is None
    assert scene.sequence_editor is None


@pytest.mark.parametrize("first", OUTPUTS)
@pytest.mark.parametrize("second", OUTPUTS)
def test_baking_again_replaces_only_our_own_take(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any, first: Any, second: Any
) -> None:
    mesh, rig = make_character(seed=5)
    other_mesh, _ = make_character(seed=6, name="Other")
    artist_at_work(scene, mesh, rig, active=False)
    bake(scene, find_character(other_mesh), make_take(seed=3), FULL)
    others = snapshot()
    character = find_character(mesh)
    fresh = snapshot_of_a_first_bake(scene, character, make_take(2.0, seed=9), second, snapshot)
    bake(scene, character, make_take(4.0, seed=1), BakeOptions(output=first, markers=True, start_frame=50))
    report = bake(scene, character, make_take(2.0, seed=9), BakeOptions(output=second, markers=True))
    assert not report.problems
    again = snapshot()
    assert unnumbered(again) == unnumbered(fresh)
    assert again["actions"].keys() - others["actions"].keys() == fresh["actions"].keys() - others["actions"].keys()
    remove(character)
    scene.frame_set(12)
    assert snapshot() == others


def snapshot_of_a_first_bake(
    scene: bpy.types.Scene, character: Character, take: Any, output: Any, snapshot: Any
) -> Any:
    """What baking once makes; taken away again."""
    bake(scene, character, take, BakeOptions(output=output, markers=True))
    made = snapshot()
    remove(character)
    scene.frame_set(12)
    return made


def unnumbered(taken: Any) -> str:
    """As text, without the ids of takes."""
    return re.sub(r"\b[0-9a-f]{32}\b", "ID", repr(taken))


def test_the_active_action_of_an_artist_is_never_put_aside(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any
) -> None:
    mesh, rig = make_character()
    artist_at_work(scene, mesh, rig, active=True)
    before = snapshot()
    with pytest.raises(bake_module.UserError, match="Push it down"):
        bake(scene, find_character(mesh), make_take(), BakeOptions(output="action"))
    assert snapshot() == before
    bake(scene, find_character(mesh), make_take(), BakeOptions(output="nla"))
    assert rig.animation_data.action.name in before["actions"]
    remove(find_character(mesh))
    scene.frame_set(12)
    assert snapshot() == before


@pytest.mark.parametrize("step", ["sound.add", "markers.add", "actions.add_slot", "actions.add_strip"])
@pytest.mark.parametrize("earlier", [False, True])
def test_a_bake_that_fails_midway_changes_nothing(
    scene: bpy.types.Scene,
    make_character: Any,
    make_take: Any,
    snapshot: Any,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    earlier: bool,
) -> None:
    mesh, rig = make_character()
    artist_at_work(scene, mesh, rig, active=False)
    character = find_character(mesh)
    if earlier:
        bake(scene, character, make_take(20.0), FULL)
        scene.frame_set(12)
    before = snapshot()
    module, name = step.split(".")
    real = getattr(getattr(bake_module, module), name)
    calls = []

    def fails_the_second_time(*given: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 2 or name == "add":
            if module == "sound":
                real(*given, **named)
            raise RuntimeError("Blender said no")
        return real(*given, **named)

    monkeypatch.setattr(getattr(bake_module, module), name, fails_the_second_time)
    with pytest.raises(RuntimeError, match="said no"):
        bake(scene, character, make_take(5.0, seed=8), FULL)
    scene.frame_set(12)
    assert snapshot() == before


def test_range_grows_when_needed_and_is_given_back_if_untouched(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    scene.frame_start, scene.frame_end = 5, 40
    one, two = (find_character(make_character(name=name)[0]) for name in ("One", "Two"))
    bake(scene, one, make_take(4.0), BakeOptions(start_frame=3))
    assert (scene.frame_start, scene.frame_end) == (3, 3 + 96)
    bake(scene, two, make_take(8.0), BakeOptions(start_frame=1))
    assert (scene.frame_start, scene.frame_end) == (1, 1 + 192)
    bake(scene, one, make_take(2.0), BakeOptions(start_frame=3))
    assert (scene.frame_start, scene.frame_end) == (1, 1 + 192), "never narrower"
    remove(one)
    assert (scene.frame_start, scene.frame_end) == (1, 1 + 192)
    remove(two)
    assert (scene.frame_start, scene.frame_end) == (5, 40)
    bake(scene, one, make_take(4.0))
    scene.frame_end = 300
    remove(one)
    assert (scene.frame_start, scene.frame_end) == (5, 300), "the artist has changed the end since"


def test_our_track_keeps_its_place_and_the_artist_s_strips_on_it(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    mesh, rig = make_character()
    character = find_character(mesh)
    bake(scene, character, make_take())
    tracks = rig.animation_data.nla_tracks
    above = tracks.new()
    above.name = "Above"
    mine = bpy.data.actions.new("Mine")
    slot = mine.slots.new(id_type="OBJECT", name="Rig")
    strip = tracks[0].strips.new("Mine", 2000, mine)
    strip.action_slot = slot
    bake(scene, character, make_take(seed=1))
    assert [track.name for track in tracks] == ["Linly Take", "Linly Take", "Above"]
    remove(character)
    assert [[strip.name for strip in track.strips] for track in tracks] == [["Mine"], []]


def test_an_action_that_something_else_plays_stays_for_it(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    mesh, rig = make_character()
    _, twin = make_character(name="Twin")
    character = find_character(mesh)
    bake(scene, character, make_take(), BakeOptions(output="action"))
    action, slot = rig.animation_data.action, rig.animation_data.action_slot
    twin.animation_data_create().action = action
    twin.animation_data.action_slot = slot
    remove(character)
    assert twin.animation_data.action == action
    assert rig.animation_data is None


def test_takes_are_found_after_renaming_and_reloading(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any, tmp_path: Any
) -> None:
    mesh, rig = make_character()
    mesh.data.shape_keys.key_blocks["jawOpen"].value = 0.25
    rig.pose.bones["head"].rotation_quaternion = (0.6, 0.8, 0, 0)
    rig.name, mesh.name = "Anna", "Anna's face"
    before = snapshot()
    rig.name, mesh.name = "Rig", "Rig Face"
    bake(scene, find_character(mesh), make_take(), FULL)
    rig.name, mesh.name = "Anna", "Anna's face"
    rig.animation_data.nla_tracks[0].strips[0].action.name = "renamed"
    rig.animation_data.nla_tracks[0].name = "renamed"
    bake(scene, find_character(mesh), make_take(seed=2), FULL)
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    scene, rig = bpy.context.scene, bpy.data.objects["Anna"]
    assert scene.sequence_editor.strips[0].sound.packed_file
    assert remove(find_character(rig))
    scene.frame_set(1)
    assert snapshot() == before


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_duplicate_has_a_take_of_its_own(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, output: Any
) -> None:
    """Blender copies our action with its marks; baking onto the copy or clearing it leaves the original's alone."""
    mesh, rig = make_character()
    mesh.data.shape_keys.key_blocks["jawOpen"].value = 0.25
    original = find_character(mesh)
    bake(scene, original, make_take(), BakeOptions(markers=True, output=output))
    scene.frame_set(20)
    for obj in (mesh, rig):
        obj.select_set(True)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.duplicate()
    copy = find_character(bpy.context.view_layer.objects.active)
    assert copy.name != original.name
    bake(scene, copy, make_take(20.0, seed=2), BakeOptions(output=output))
    assert [strip.type for strip in scene.sequence_editor.strips] == ["SOUND", "SOUND"]
    assert len(scene.timeline_markers) == 3
    assert not find_problems(scene, original)
    remove(copy)
    keys = bpy.data.objects[copy.faces[0].object_name].data.shape_keys
    assert (keys.animation_data, keys.key_blocks["jawOpen"].value) == (None, 0.25)
    assert len(scene.sequence_editor.strips) == 1
    assert len(scene.timeline_markers) == 3
    assert scene.frame_end == 250
    assert not find_problems(scene, original)
    remove(original)
    assert not scene.sequence_editor.strips
    assert not (*scene.timeline_markers, *bpy.data.sounds, *bpy.data.actions)


def test_a_character_is_cleared_in_every_scene(
    scene: bpy.types.Scene, make_character: Any, make_take: Any, snapshot: Any
) -> None:
    mesh, rig = make_character()
    other = bpy.data.scenes.new("Other")
    for obj in (mesh, rig):
        other.collection.objects.link(obj)
    before = snapshot()
    character = find_character(mesh)
    bake(scene, character, make_take(20.0), FULL)
    bake(other, character, make_take(30.0), FULL)
    assert [len(scene.sequence_editor.strips), scene.frame_end] == [0, 250], "one character, one take"
    remove(character)
    assert snapshot() == before


def test_a_full_copy_of_a_scene_keeps_its_take(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> None:
    mesh, _ = make_character()
    bake(scene, find_character(mesh), make_take(), FULL)
    bpy.ops.scene.new(type="FULL_COPY")
    copy = bpy.context.scene
    character = find_character(next(obj for obj in copy.objects if obj.type == "ARMATURE"))
    remove(find_character(mesh))
    assert not scene.sequence_editor.strips
    assert len(copy.sequence_editor.strips) == 1
    assert not find_problems(copy, character)
    remove(character)
    assert not copy.sequence_editor.strips
    assert not (*copy.timeline_markers, *bpy.data.sounds, *bpy.data.actions)


def test_what_the_new_take_leaves_alone_goes_back_to_how_it_was(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    _, rig = make_character()
    neck = rig.pose.bones["neck"]
    neck.rotation_quaternion = (0.8, 0.6, 0, 0)
    bake(scene, find_character(rig), make_take(), FULL)
    scene.frame_set(30)
    neck.lock_rotation = (True, True, True)
    bake(scene, find_character(rig), make_take(), FULL)
    assert list(neck.rotation_quaternion) == pytest.approx([0.8, 0.6, 0, 0])


def test_words_sentences_and_gestures_become_markers(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    bake(scene, find_character(make_character()[0]), make_take(), FULL)
    made = {(marker.name, marker.frame) for marker in scene.timeline_markers}
    assert made == {("“Mum!”", 10 + 11), ("Mum", 10 + 11), ("(nod)", 10 + 14)}


def test_the_voice_starts_with_the_take_on_a_free_channel_that_is_heard(
    scene: bpy.types.Scene, make_character: Any, make_take: Any
) -> None:
    scene.render.fps, scene.render.fps_base = 30, 1.001
    editor = scene.sequence_editor_create()
    editor.strips.new_effect(**_colour_strip())
    editor.channels[2].mute = True
    take = make_take(3.0)
    bake(scene, find_character(make_character()[0]), take, FULL)
    (strip,) = [strip for strip in scene.sequence_editor.strips if strip.type == "SOUND"]
    assert strip.channel == 3
    start = strip.left_handle if bpy.app.version >= (5, 2) else strip.frame_final_start
    assert start == 10
    assert strip.sound.filepath == "//Linly_Take.wav"
    assert strip.sound.packed_file.size == 44 + 2 * len(take.speech.sound)
    bake(scene, find_character(bpy.data.objects["Rig"]), take, BakeOptions(sound=False))
    assert len(scene.sequence_editor.strips) == 1
    assert not bpy.data.sounds
