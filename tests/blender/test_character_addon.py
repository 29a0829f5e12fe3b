"""The character's setup in the sidebar: detected, listed, changed by hand, tried, recorded, saved and loaded."""

import importlib
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import bpy
import pytest
from mathutils import Matrix, Quaternion, Vector

from linly_blender.arkit import SHAPES

from .conftest import MODULE, MakeCharacter
from .test_addon import drawn, refusal

MakeMesh = Callable[..., bpy.types.Object]
Snapshot = Callable[[], dict[str, Any]]


@pytest.fixture
def linly(extension: ModuleType) -> Any:
    return bpy.context.scene.linly


@pytest.fixture
def fields(linly: Any) -> Any:
    return bpy.context.scene.linly_character


@pytest.fixture
def face(linly: Any, make_character: MakeCharacter) -> tuple[bpy.types.Object, bpy.types.Object]:
    """The character's mesh and armature, chosen as the scene's."""
    mesh, rig = make_character()
    linly.character = mesh
    return mesh, rig


def module(name: str) -> Any:
    return importlib.import_module(f"{MODULE}.{name}")


def character() -> Any:
    return module("operators.character_state").view(bpy.context.scene.linly.character).character


def targets(channel: str) -> dict[str, float]:
    return {key: pytest.approx(weight) for _, key, weight in character().found.mapping.targets(channel)}


def choose(fields: Any, channel: str) -> None:
    fields.active = SHAPES.index(channel)


def select(*objects: bpy.types.Object) -> None:
    bpy.context.view_layer.update()
    for obj in bpy.context.view_layer.objects:
        obj.select_set(obj in objects)
    bpy.context.view_layer.objects.active = objects[0] if objects else None


# Detect


def test_the_selected_mesh_armature_or_its_parent_is_detected(
    linly: Any, make_character: MakeCharacter, make_mesh: MakeMesh
) -> None:
    mesh, rig = make_character()
    prop = make_mesh("Hat", keys=())
    prop.parent = rig
    root = bpy.data.objects.new("Root", None)
    bpy.context.scene.collection.objects.link(root)
    rig.parent = root
    for chosen in (mesh, rig, prop, root):
        linly.character = None
        select(chosen)
        assert bpy.ops.linly.detect() == {"FINISHED"}
        assert linly.character == rig, chosen.name
        assert linly.character_found.startswith("ARKit: 52 of 52 shapes in 1 mesh, head, neck, chest, 2 eyes")


def test_an_object_beside_a_character_in_its_collection_is_enough(
    linly: Any, make_character: MakeCharacter, make_mesh: MakeMesh
) -> None:
    mesh, rig = make_character()
    hero = bpy.data.collections.new("Hero")
    bpy.context.scene.collection.children.link(hero)
    sword = make_mesh("Sword", keys=())
    for obj in (mesh, rig, sword):
        hero.objects.link(obj)
        bpy.context.scene.collection.objects.unlink(obj)
    select(sword)
    bpy.ops.linly.detect()
    assert linly.character == rig


def test_an_instance_of_a_collection_is_explained(linly: Any, make_mesh: MakeMesh) -> None:
    hidden = bpy.data.collections.new("Guest")
    guest = make_mesh("Guest Face")
    hidden.objects.link(guest)
    bpy.context.scene.collection.objects.unlink(guest)
    shown = bpy.data.objects.new("Shown", None)
    shown.instance_type, shown.instance_collection = "COLLECTION", hidden
    bpy.context.scene.collection.objects.link(shown)
    select(shown)
    assert "Make Instances Real" in refusal(bpy.ops.linly.detect)
    assert linly.character is None
    bpy.context.scene.collection.children.link(hidden)
    bpy.ops.linly.detect()
    assert linly.character == guest


def test_detect_says_what_it_did_not_find_and_keeps_what_was_chosen(
    linly: Any, face: Any, make_mesh: MakeMesh, make_character: MakeCharacter
) -> None:
    lonely = make_mesh("Stone", keys=())
    select(lonely)
    before = linly.character
    assert "no shape keys" in refusal(bpy.ops.linly.detect)
    assert linly.character == before
    other, _ = make_character(name="Other")
    select()
    for obj in (*face, other):
        obj.select_set(True)
    assert "several characters: Rig, Other" in refusal(bpy.ops.linly.detect)
    select(other, *face)
    bpy.ops.linly.detect()
    assert linly.character.name == "Other", "the active one is meant"


# The list


def test_what_is_drawn_is_recognised_once(
    extension: ModuleType, fields: Any, face: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = module("operators.character_state")
    looked = []
    find = state.find_character
    monkeypatch.setattr(state, "find_character", lambda obj: looked.append(obj.name) or find(obj))
    drawn(extension)
    drawn(extension)
    assert len(looked) == 1
    face[0].data.shape_keys.key_blocks["jawOpen"].name = "Mund auf"
    drawn(extension)
    assert len(looked) == 2, "a key has another name"
    fields.gain = 0.5
    seen = len(looked)
    drawn(extension)
    drawn(extension)
    assert len(looked) == seen, "as the change has recognised it"
    del face[1]["linly_character"]
    drawn(extension)
    drawn(extension)
    assert len(looked) == seen + 1, "its setup has changed"
    face[1].name = "Somebody"
    calls = drawn(extension)
    assert any("template_list" in call for call in calls)


def test_channels_are_searched_by_name_by_what_moves_them_and_by_kind(
    linly: Any, fields: Any, make_mesh: MakeMesh
) -> None:
    linly.character = make_mesh("Face", ("MouthOpen", "Blink", "Smile_L", "Smile_R", "Kiss"))
    panel, rows = module("panels.character"), fields.bl_rna.properties["channel"]

    def listed(kind: str, typed: str = "") -> list[str]:
        fields.kind = kind
        character()
        stub = SimpleNamespace(filter_name=typed, bitflag_filter_item=1 << 30)
        flags, order = panel.LINLY_UL_channels.filter_items(stub, bpy.context, rows, "enum_items")
        assert order == []
        return [item.identifier for item, flag in zip(rows.enum_items, flags, strict=True) if flag]

    assert listed("ALL") == list(SHAPES)
    assert listed("ALL", "BLINK") == ["eyeBlinkLeft", "eyeSquintLeft", "eyeBlinkRight", "eyeSquintRight"]
    assert listed("ALL", "kiss") == ["mouthPucker"]
    missing, look = listed("MISSING"), listed("CHECK")
    assert "tongueOut" in missing
    assert "mouthFunnel" in look, "a stand-in"
    assert not set(missing) & set(look)
    assert len(missing) == len(character().missing_shapes)


# Changed by hand


def test_gain_limits_and_inversion_are_kept_on_the_character_on_both_sides(fields: Any, face: Any) -> None:
    _, rig = face
    choose(fields, "eyeBlinkLeft")
    fields.gain, fields.offset, fields.low, fields.high, fields.invert = 0.5, 0.1, -0.25, 0.75, True
    assert (fields.gain, fields.offset, fields.low, fields.high) == pytest.approx((0.5, 0.1, -0.25, 0.75))
    assert fields.invert
    kept = json.loads(rig["linly_character"])["channels"]
    assert kept["eyeBlinkLeft"] == kept["eyeBlinkRight"]
    fields.both_sides = False
    fields.gain = 2.0
    choose(fields, "eyeBlinkRight")
    assert fields.gain == pytest.approx(0.5)
    fields.high = -0.5
    assert fields.low == fields.high == pytest.approx(-0.5), "the limits do not pass each other"
    assert bpy.ops.linly.character_reset_channel() == {"FINISHED"}
    assert (fields.gain, fields.high, fields.invert) == (1.0, 1.0, False)
    choose(fields, "eyeBlinkLeft")
    assert fields.gain == pytest.approx(2.0), "the other side is as it was"
    assert bpy.ops.linly.character_reset() == {"FINISHED"}
    assert "linly_character" not in rig, "what is as detected is not kept"


def test_both_sides_take_the_value_that_is_set_and_keep_their_others(fields: Any, face: Any) -> None:
    fields.both_sides = False
    choose(fields, "mouthSmileRight")
    fields.gain, fields.low = 0.6, 0.2
    fields.both_sides = True
    choose(fields, "mouthSmileLeft")
    fields.high = 0.9
    tunings = character().found.mapping.tunings
    left, right = tunings["mouthSmileLeft"], tunings["mouthSmileRight"]
    assert (left.gain, left.low, left.high) == pytest.approx((1.0, 0.0, 0.9))
    assert (right.gain, right.low, right.high) == pytest.approx((0.6, 0.2, 0.9))
    fields.high = 0.1
    tunings = character().found.mapping.tunings
    assert (tunings["mouthSmileLeft"].low, tunings["mouthSmileRight"].low) == pytest.approx((0.0, 0.1))


def test_targets_are_added_weighed_and_removed(fields: Any, face: Any) -> None:
    mesh, _ = face
    choose(fields, "mouthSmileLeft")
    add = bpy.ops.linly.character_target_add
    add(mesh=mesh.name, key="cheekSquintLeft")
    assert targets("mouthSmileLeft") == {"mouthSmileLeft": 1.0, "cheekSquintLeft": 1.0}
    assert targets("mouthSmileRight") == {"mouthSmileRight": 1.0, "cheekSquintRight": 1.0}
    order = [key for _, key, _ in character().found.mapping.targets("mouthSmileLeft")]
    weights = list(fields.weights)
    assert weights[:3] == [1.0, 1.0, 0.0]
    weights[order.index("cheekSquintLeft")] = 0.25
    fields.weights = weights
    assert targets("mouthSmileRight") == {"mouthSmileRight": 1.0, "cheekSquintRight": 0.25}
    assert character().found.coverage[SHAPES.index("mouthSmileLeft")].how == "by hand"
    bpy.ops.linly.character_target_remove(index=order.index("mouthSmileLeft"))
    assert targets("mouthSmileLeft") == {"cheekSquintLeft": 0.25}
    before = face[1]["linly_character"]
    assert "no shape key 'Wart'" in refusal(lambda: add(mesh=mesh.name, key="Wart"))
    assert face[1]["linly_character"] == before
    bpy.ops.linly.character_reset_channel()
    assert "linly_character" not in face[1]


def test_a_field_that_is_refused_says_why_and_changes_nothing(
    extension: ModuleType, linly: Any, fields: Any, make_mesh: MakeMesh
) -> None:
    linly.character = mesh = make_mesh("Face", ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight", "wink.L"))
    choose(fields, "eyeBlinkLeft")
    fields.both_sides = False
    bpy.ops.linly.character_target_add(mesh="Face", key="wink.L")
    before = mesh["linly_character"]
    fields.both_sides = True
    fields.weights = [0.5] * 32
    assert mesh["linly_character"] == before
    assert any("Set the two sides one by one" in call.replace("label ", "") for call in [" ".join(drawn(extension))])
    choose(fields, "jawOpen")
    assert module("operators.character_state").complaint == ""


def test_keys_that_come_later_are_found_whatever_was_set(linly: Any, fields: Any, make_mesh: MakeMesh) -> None:
    linly.character = mesh = make_mesh("Head", ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "cheekPuff"))
    choose(fields, "jawOpen")
    fields.gain = 0.5
    bpy.ops.linly.character_target_add(mesh="Head", key="cheekPuff")
    choose(fields, "mouthSmileLeft")
    fields.both_sides = False
    bpy.ops.linly.character_target_remove(index=0)
    for name in ("eyeBlinkLeft", "eyeBlinkRight", "browInnerUp"):
        mesh.shape_key_add(name=name)
    assert targets("eyeBlinkLeft") == {"eyeBlinkLeft": 1.0}
    assert targets("browInnerUp") == {"browInnerUp": 1.0}
    assert targets("jawOpen") == {"jawOpen": 1.0, "cheekPuff": 1.0}
    assert targets("mouthSmileLeft") == {}, "emptied by hand"
    assert fields.gain == 1.0
    choose(fields, "jawOpen")
    assert fields.gain == pytest.approx(0.5)
    assert not any("No mesh has" in note and "eyeBlinkLeft" in note for note in character().notes)


def test_what_is_gone_for_a_while_keeps_what_was_set_of_it(fields: Any, face: Any, make_mesh: MakeMesh) -> None:
    _, rig = face
    teeth = make_mesh("Teeth", ("jawOpen",))
    teeth.parent = rig
    choose(fields, "jawOpen")
    fields.gain = 0.5
    bpy.ops.linly.character_target_remove(index=1)
    bpy.ops.linly.character_target_add(mesh="Teeth", key="jawOpen")
    weights = list(fields.weights)
    weights[1] = 0.3
    fields.weights = weights
    bpy.context.scene.collection.objects.unlink(teeth)
    fields.gain = 0.6
    bpy.context.scene.collection.objects.link(teeth)
    assert character().found.mapping.targets("jawOpen")[1] == ("Teeth", "jawOpen", pytest.approx(0.3))
    assert fields.gain == pytest.approx(0.6)


def test_sides_are_swapped_and_the_rest_expression_is_kept(fields: Any, face: Any) -> None:
    mesh, rig = face
    bpy.ops.linly.character_swap_sides()
    assert targets("eyeBlinkLeft") == {"eyeBlinkRight": 1.0}
    bpy.ops.linly.character_swap_sides()
    assert "linly_character" not in rig
    blocks = mesh.data.shape_keys.key_blocks
    blocks["mouthSmileLeft"].value, blocks["browDownLeft"].value = 0.3, 0.2
    bpy.context.window_manager.linly_test_drive.value = 1.0
    bpy.ops.linly.character_keep_rest()
    offsets = {drive.key: drive.offset for drive in character().found.mapping.drives if drive.offset}
    assert offsets == {"mouthSmileLeft": pytest.approx(0.3), "browDownLeft": pytest.approx(0.2)}
    assert blocks["eyeBlinkLeft"].value == 0, "what was only tried is no rest"
    bpy.ops.linly.character_clear_rest()
    assert "linly_character" not in rig


def test_bones_are_chosen_and_the_turn_is_shared(fields: Any, face: Any) -> None:
    _, rig = face
    fields.bone_head = "neck"
    assert character().head == "neck"
    fields.bone_head = ""
    assert character().head == "head"
    assert "linly_character" not in rig
    search = module("operators.character_settings")._search_bone
    assert search(fields, bpy.context, "EYE") == ["eye.L", "eye.R"]
    fields.neck, fields.chest, fields.gaze = 0.8, 0.5, 0.25
    assert (fields.chest, fields.neck, fields.gaze) == pytest.approx((0.5, 0.5, 0.25))


def test_every_change_is_a_step_of_undo(linly: Any) -> None:
    types = [kind for kind in module("registration").CLASSES if "linly.character_" in getattr(kind, "bl_idname", "")]
    changing = {kind.bl_idname for kind in types if "UNDO" in kind.bl_options}
    assert len(types) == 13
    assert {kind.bl_idname for kind in types} - changing == {"linly.character_wiggle", "linly.character_save"}


def test_what_is_set_goes_over_to_an_armature_that_comes_later(linly: Any, fields: Any, make_mesh: MakeMesh) -> None:
    linly.character = mesh = make_mesh("Head")
    choose(fields, "jawOpen")
    fields.gain = 0.5
    rig = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bone = rig.data.edit_bones.new("head")
    bone.head, bone.tail = (0, 0, 1.5), (0, 0, 1.7)
    bpy.ops.object.mode_set(mode="OBJECT")
    mesh.modifiers.new("Armature", "ARMATURE").object = rig
    module("operators.character_state").forget()
    assert character().name == "Rig"
    assert fields.gain == pytest.approx(0.5)
    assert any("kept with 'Head'" in note for note in character().notes)
    fields.gain = 0.25
    assert "linly_character" not in mesh
    assert "linly_character" in rig
    assert fields.gain == pytest.approx(0.25)
    assert not any("kept with" in note for note in character().notes)
    assert bpy.ops.linly.character_reset() == {"FINISHED"}
    assert "linly_character" not in rig
    assert fields.gain == 1.0


@pytest.mark.parametrize("change", ["keys", "name"])
def test_the_mesh_of_which_something_is_set_goes_on_standing_for_the_character(
    linly: Any, fields: Any, make_mesh: MakeMesh, change: str
) -> None:
    root = bpy.data.objects.new("Root", None)
    bpy.context.scene.collection.objects.link(root)
    head, teeth = make_mesh("Head", ("jawOpen", "jawLeft")), make_mesh("Teeth", ("jawOpen", "jawLeft"))
    head.parent = teeth.parent = root
    linly.character = head
    choose(fields, "jawOpen")
    fields.gain = 0.5
    if change == "keys":
        teeth.shape_key_add(name="Upper")
    else:
        teeth.name = "A Teeth"
    assert character().name == "Head"
    assert fields.gain == pytest.approx(0.5)
    linly.character = teeth
    assert character().name == "Head"
    assert fields.gain == pytest.approx(0.5)


# Tried


def test_a_test_drive_shows_a_channel_alone_and_gives_the_pose_back(fields: Any, face: Any, snapshot: Snapshot) -> None:
    mesh, rig = face
    blocks = mesh.data.shape_keys.key_blocks
    blocks["mouthSmileLeft"].value = 0.4
    rig.pose.bones["head"].rotation_quaternion = (0.9, 0.1, 0.2, 0.3)
    bpy.context.scene.tool_settings.use_keyframe_insert_auto = True
    drive = bpy.context.window_manager.linly_test_drive
    choose(fields, "jawOpen")
    before = snapshot()
    drive.value = 0.7
    assert drive.value == pytest.approx(0.7)
    assert (blocks["jawOpen"].value, blocks["mouthSmileLeft"].value) == pytest.approx((0.7, 0.0))
    assert not bpy.data.actions
    drive.value = 0.0
    assert snapshot() == before
    drive.value = 0.5
    choose(fields, "jawLeft")
    assert snapshot() == before, "another channel ends it"
    drive.value = 0.5
    assert blocks["jawLeft"].value == pytest.approx(0.5)
    module("linly_blender.scene.kept").restore()
    assert drive.value == 0.0, "somebody has given the pose back"
    assert snapshot() == before


def test_looks_that_eye_bones_show_are_not_missing_and_can_be_tried(
    linly: Any, fields: Any, make_character: MakeCharacter, snapshot: Snapshot
) -> None:
    mesh, rig = make_character(keys=("jawOpen", "eyeBlinkLeft", "eyeBlinkRight"))
    linly.character = mesh
    found = module("operators.found")
    missing = character().missing_shapes
    assert not [channel for channel in missing if channel.startswith("eyeLook")]
    assert "tongueOut" in missing
    assert "eyeLook" not in linly.character_notes
    assert linly.character_found.startswith("ARKit: 11 of 52 shapes in 1 mesh, ")
    assert found.moved_by(character(), character().found.coverage[SHAPES.index("eyeLookUpLeft")]) == "eye bones"
    before = snapshot()
    for channel, axis, degrees in (("eyeLookUpLeft", 0, 25), ("eyeLookOutLeft", 2, 30), ("eyeLookInRight", 2, 30)):
        choose(fields, channel)
        bpy.context.window_manager.linly_test_drive.value = 1.0
        bpy.context.view_layer.update()
        turned = (
            rig.pose.bones["eye.L"].matrix.to_quaternion()
            @ rig.data.bones["eye.L"].matrix_local.inverted().to_quaternion()
        )
        vector = turned.to_exponential_map()
        assert abs(vector[axis]) == pytest.approx(math.radians(degrees), abs=1e-4), channel
        assert vector[2] >= -1e-6, "to the character's left"
        assert vector[0] <= 1e-6, "upwards"
    bpy.context.window_manager.linly_test_drive.value = 0.0
    assert snapshot() == before


def test_bake_and_remove_know_nothing_of_a_test_drive(
    linly: Any, fields: Any, face: Any, make_character: MakeCharacter, snapshot: Snapshot
) -> None:
    linly.line = "Good morning."
    drive = bpy.context.window_manager.linly_test_drive
    before = snapshot()
    drive.value = 1.0
    bpy.ops.linly.bake()
    assert drive.value == 0.0
    drive.value = 1.0
    bpy.ops.linly.remove()
    assert snapshot() == before
    drive.value = 1.0
    other, _ = make_character(name="Other")
    linly.character = other
    assert snapshot()["values"].items() >= before["values"].items(), "another character ends it"


def test_a_change_is_seen_while_it_is_tried(fields: Any, face: Any, snapshot: Snapshot) -> None:
    mesh, _ = face
    blocks, drive = mesh.data.shape_keys.key_blocks, bpy.context.window_manager.linly_test_drive
    before = snapshot()
    choose(fields, "jawOpen")
    drive.value = 1.0
    fields.gain = 0.5
    assert blocks["jawOpen"].value == pytest.approx(0.5)
    fields.gain = 1.0
    bpy.ops.linly.character_reset()
    assert snapshot() == before


def test_a_drive_does_not_outlive_the_extension_or_a_save(
    fields: Any, face: Any, tmp_path: Path, snapshot: Snapshot
) -> None:
    drive = bpy.context.window_manager.linly_test_drive
    before = snapshot()
    drive.value = 1.0
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert snapshot() == before
    assert drive.value == 0.0
    drive.value = 1.0
    bpy.ops.preferences.addon_disable(module=MODULE)
    assert snapshot()["values"] == before["values"]
    bpy.ops.preferences.addon_enable(module=MODULE)


def test_wiggle_goes_up_and_down_twice_and_ends_where_it_began(fields: Any, face: Any, snapshot: Snapshot) -> None:
    wiggle = module("operators.character_wiggle")
    blocks = face[0].data.shape_keys.key_blocks
    choose(fields, "jawOpen")
    clock = [0.0]
    wiggle.time = SimpleNamespace(perf_counter=lambda: clock[0])
    removed: list[str] = []
    manager = SimpleNamespace(
        event_timer_add=lambda *_, **__: "timer", event_timer_remove=removed.append, modal_handler_add=lambda _: None
    )
    context = SimpleNamespace(scene=bpy.context.scene, window_manager=manager, window=None)
    before = snapshot()
    methods = {name: value for name, value in vars(wiggle.LINLY_OT_character_wiggle).items() if callable(value)}
    operator = type("Wiggle", (), methods)()

    def event(kind: str, value: str = "NOTHING") -> Any:
        return operator.modal(context, SimpleNamespace(type=kind, value=value))

    assert operator.execute(context) == {"RUNNING_MODAL"}
    values = []
    while event("TIMER") == {"PASS_THROUGH"}:
        values.append(blocks["jawOpen"].value)
        clock[0] += 0.05
        assert clock[0] < 5
    peaks = [one for one, two, three in zip(values[1:], values, values[2:], strict=False) if one > max(two, three)]
    assert len(peaks) == 2
    assert min(peaks) > 0.95
    assert removed == ["timer"]
    assert snapshot() == before
    assert operator.execute(context) == {"RUNNING_MODAL"}
    assert event("LEFTMOUSE", "PRESS") == {"RUNNING_MODAL"}, "nothing else is pressed meanwhile"
    assert event("MOUSEMOVE") == {"PASS_THROUGH"}
    assert event("ESC", "PRESS") == {"CANCELLED"}
    assert snapshot() == before
    assert "no window" in refusal(bpy.ops.linly.character_wiggle)


# Recorded


def turn(rig: bpy.types.Object, bone: str, degrees: float) -> None:
    rig.pose.bones[bone].rotation_mode = "XYZ"
    rig.pose.bones[bone].rotation_euler = (math.radians(degrees), 0, 0)


@pytest.fixture
def bony(linly: Any, make_character: MakeCharacter) -> bpy.types.Object:
    """The armature of a character of which the lids are bones."""
    mesh, rig = make_character(keys=("jawOpen", "mouthPucker", "mouthSmileLeft", "mouthSmileRight"))
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for side in "LR":
        lid = rig.data.edit_bones.new(f"flap.{side}")
        lid.parent = rig.data.edit_bones["head"]
        lid.head, lid.tail = (0, -0.1, 1.5), (0, -0.2, 1.5)
    bpy.ops.object.mode_set(mode="OBJECT")
    linly.character = mesh
    return rig


def test_this_is_the_channel(fields: Any, bony: bpy.types.Object, snapshot: Snapshot) -> None:
    choose(fields, "eyeBlinkLeft")
    fields.both_sides = False
    record = bpy.ops.linly.character_record_pose
    assert "No bone is away from its rest" in refusal(record)
    turn(bony, "flap.L", 20)
    bony.pose.bones["flap.L"].location = (0, 0.01, 0)
    assert record() == {"FINISHED"}
    (move,) = character().setup.poses["eyeBlinkLeft"].moves
    assert move.bone == "flap.L"
    assert move.turn == pytest.approx((math.radians(20), 0, 0), abs=1e-6)
    assert move.shift == pytest.approx((0, 0.01, 0))
    one = character().found.coverage[SHAPES.index("eyeBlinkLeft")]
    assert one.how == "pose"
    assert module("operators.found").moved_by(character(), one) == "flap.L"
    fields.both_sides = True
    fields.weights = [0.5] * 32
    assert "Record that too" in module("operators.character_state").complaint
    fields.both_sides = False
    fields.weights = [0.5] * 32
    assert targets("eyeBlinkLeft") == {"eyeBlinkLeft": 0.5}
    bpy.ops.linly.character_reset_channel()
    turn(bony, "flap.L", 5)
    before = snapshot()
    bpy.context.window_manager.linly_test_drive.value = 1.0
    assert bony.pose.bones["flap.L"].rotation_euler.x == pytest.approx(math.radians(20), abs=1e-5)
    bpy.context.window_manager.linly_test_drive.value = 0.0
    assert snapshot() == before
    bony.pose.bones["flap.L"].matrix_basis = Matrix()
    turn(bony, "head", 5)
    assert "The performance itself moves all that is posed: head." in refusal(record)
    assert snapshot()["properties"] == before["properties"]
    assert bpy.ops.linly.character_forget_pose() == {"FINISHED"}
    assert "linly_character" not in bony
    assert "No pose is recorded" in refusal(bpy.ops.linly.character_forget_pose)


def test_a_face_of_bones_alone_is_told_by_its_skeleton(linly: Any, bony: bpy.types.Object) -> None:
    state, found = module("operators.character_state"), module("operators.found")
    told = state.view(linly.character).character
    face = replace(told.found, mapping=replace(told.found.mapping, drives=()), convention=None)
    bones = replace(told.bones, layout="rigify", title="Rigify")
    assert found.found_line(replace(told, found=face, bones=bones)).startswith("Rigify: 12 of 52 shapes by bones, ")
    bones = replace(told.bones, layout=None)
    assert found.found_line(replace(told, found=face, bones=bones)).startswith("Own names: 12 of 52 shapes by bones, ")


def test_a_pose_of_selected_bones_beside_a_mapping_changed_by_hand(fields: Any, bony: bpy.types.Object) -> None:
    choose(fields, "jawOpen")
    fields.gain = 0.5
    choose(fields, "eyeBlinkLeft")
    for bone in ("flap.L", "flap.R", "head"):
        turn(bony, bone, 20)
    fields.only_selected = True
    bones = bony.pose.bones if bpy.app.version >= (5, 0, 0) else bony.data.bones
    for bone in bones:
        bone.select = False
    assert "No bone is selected" in refusal(bpy.ops.linly.character_record_pose)
    bones["flap.L"].select = True
    bpy.ops.linly.character_record_pose()
    assert [move.bone for move in character().setup.poses["eyeBlinkLeft"].moves] == ["flap.L"]
    assert character().found.mapping.targets("eyeBlinkLeft") == (("", "eyeBlinkLeft", 1.0),)
    bpy.ops.linly.character_forget_pose()
    assert character().setup.poses == {}
    assert all(mesh for mesh, _, _ in character().found.mapping.targets("eyeBlinkLeft"))
    assert character().found.mapping.tunings["jawOpen"].gain == pytest.approx(0.5)


@pytest.fixture
def bodied(bony: bpy.types.Object) -> bpy.types.Object:
    """The same with a body, and with a jaw at a bone that goes with the head by a constraint alone."""
    bpy.context.view_layer.objects.active = bony
    bpy.ops.object.mode_set(mode="EDIT")
    bones = bony.data.edit_bones
    for name, parent, place in (
        ("hips", None, (0, 0, 0.8)),
        ("spine", "hips", (0, 0, 1.0)),
        ("hand.L", "chest", (0.4, 0, 1.2)),
        ("follows", "hips", (0, 0, 1.4)),
        ("jaw", "follows", (0, -0.05, 1.4)),
    ):
        bone = bones.new(name)
        bone.parent = bones[parent] if parent else None
        bone.head, bone.tail = place, Vector(place) + Vector((0, -0.1, 0.02))
    bones["chest"].parent = bones["spine"]
    bpy.ops.object.mode_set(mode="OBJECT")
    copy = bony.pose.bones["follows"].constraints.new("COPY_TRANSFORMS")
    copy.target, copy.subtarget = bony, "head"
    return bony


POSED = ("hips", "spine", "hand.L", "chest", "neck", "head", "eye.L", "jaw", "flap.L")


def test_the_body_is_no_part_of_a_mouth(
    fields: Any, bodied: bpy.types.Object, snapshot: Snapshot, capfd: pytest.CaptureFixture[str]
) -> None:
    choose(fields, "jawOpen")
    record = bpy.ops.linly.character_record_pose
    for bone in ("hips", "spine", "hand.L"):
        turn(bodied, bone, 20)
    before = snapshot()
    assert "only of the body: hips, spine, hand.L. If that is meant, select it" in refusal(record)
    assert snapshot() == before
    for bone in POSED:
        turn(bodied, bone, 20)
    record()
    assert {move.bone for move in character().setup.poses["jawOpen"].moves} == {"jaw", "flap.L"}
    said = capfd.readouterr().out
    assert "Left out, because the performance moves it already: chest, neck, head, eye.L." in said
    assert "Left out, being of the body: hips, spine, hand.L. Selected Bones Only" in said


def test_selected_bones_of_the_body_are_taken(
    fields: Any, bodied: bpy.types.Object, snapshot: Snapshot, capfd: pytest.CaptureFixture[str]
) -> None:
    choose(fields, "jawOpen")
    for bone in POSED:
        turn(bodied, bone, 20)
    fields.only_selected = True
    bones = bodied.pose.bones if bpy.app.version >= (5, 0, 0) else bodied.data.bones
    for bone in bones:
        bone.select = bone.name in {"hand.L", "jaw", "head", "eye.L"}
    bpy.ops.linly.character_record_pose()
    assert {move.bone for move in character().setup.poses["jawOpen"].moves} == {"hand.L", "jaw"}
    said = capfd.readouterr().out
    assert "the performance moves it already: head, eye.L" in said
    assert "of the body" not in said
    for bone in bones:
        bone.select = bone.name in {"flap.R"}
    before = snapshot()
    assert "No selected bone is posed" in refusal(bpy.ops.linly.character_record_pose)
    assert snapshot() == before


def test_both_sides_are_recorded_as_mirror_images(
    fields: Any, bony: bpy.types.Object, capfd: pytest.CaptureFixture[str]
) -> None:
    bpy.context.view_layer.objects.active = bony
    bpy.ops.object.mode_set(mode="EDIT")
    bones = bony.data.edit_bones
    for name, at, roll in (("flap.L", 0.04, 0.7), ("flap.R", -0.04, 2.0), ("nose", 0.0, 1.1), ("lflap", 0.06, 0.0)):
        bone = bones.get(name) or bones.new(name)
        bone.parent = bones["head"]
        bone.head, bone.tail = (at, -0.1, 1.5), (1.5 * at, -0.2, 1.52)
        bone.roll = roll
    bones["flap.R"].use_local_location = False
    bpy.ops.object.mode_set(mode="OBJECT")
    for name in ("flap.L", "nose"):
        bone = bony.pose.bones[name]
        bone.matrix_basis = Matrix.LocRotScale((0.01, 0.02, -0.005), Quaternion((1.0, 2.0, 3.0), 0.6), (1.0, 1.2, 1.0))
    posed = placed(bony, "flap.L"), placed(bony, "nose")
    choose(fields, "mouthSmileLeft")
    assert bpy.ops.linly.character_record_pose() == {"FINISHED"}
    assert "mouthSmileLeft is now a pose of 2 bones, and mouthSmileRight its mirror image" in capfd.readouterr().out
    assert set(character().setup.poses) == {"mouthSmileLeft", "mouthSmileRight"}
    for bone in bony.pose.bones:
        bone.matrix_basis = Matrix()
    choose(fields, "mouthSmileRight")
    bpy.context.window_manager.linly_test_drive.value = 1.0
    for name, before in zip(("flap.R", "nose"), posed, strict=True):
        for place, other in zip(placed(bony, name), before, strict=True):
            assert tuple(place) == pytest.approx((-other.x, other.y, other.z), abs=1e-5)
    bpy.context.window_manager.linly_test_drive.value = 0.0
    assert bpy.ops.linly.character_forget_pose() == {"FINISHED"}
    assert not character().setup.poses

    bony.pose.bones["lflap"].location.y = 0.01
    choose(fields, "mouthSmileLeft")
    capfd.readouterr()
    bpy.ops.linly.character_record_pose()
    assert "because the other side has no counterpart: lflap. Pose mouthSmileRight with" in capfd.readouterr().out
    assert set(character().setup.poses) == {"mouthSmileLeft"}


def placed(rig: bpy.types.Object, name: str) -> tuple[Vector, Vector]:
    """A bone's head and tail in the armature's axes."""
    bpy.context.view_layer.update()
    bone = rig.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones[name]
    return bone.head.copy(), bone.tail.copy()


@pytest.mark.parametrize("mode", ["QUATERNION", "AXIS_ANGLE", "XYZ", "YZX", "ZXY"])
def test_a_pose_is_the_same_from_every_rotation_mode(fields: Any, bony: bpy.types.Object, mode: str) -> None:
    bone = bony.pose.bones["flap.L"]
    bone.rotation_mode = mode
    bone.matrix_basis = bone.matrix_basis.Rotation(0.4, 4, (1, 2, 3))
    choose(fields, "eyeBlinkLeft")
    bpy.ops.linly.character_record_pose()
    (move,) = character().setup.poses["eyeBlinkLeft"].moves
    length = math.sqrt(14)
    assert move.turn == pytest.approx([0.4 * part / length for part in (1, 2, 3)], abs=1e-5)


def test_a_pose_is_taken_from_an_action(fields: Any, bony: bpy.types.Object, snapshot: Snapshot) -> None:
    bone = bony.pose.bones["flap.L"]
    bone.rotation_mode = "XYZ"
    for frame, angle in ((1, 10.0), (11, 30.0)):
        bone.rotation_euler.x = math.radians(angle)
        bone.keyframe_insert("rotation_euler", frame=frame)
    action = bony.animation_data.action
    bony.animation_data.action = None
    bone.rotation_euler.x = 0
    choose(fields, "eyeBlinkLeft")
    take = bpy.ops.linly.character_pose_from_action
    take(action=action.name)
    assert character().setup.poses["eyeBlinkLeft"].moves[0].turn[0] == pytest.approx(math.radians(10), abs=1e-6)
    take(action=action.name, use_frame=True, frame=11)
    assert character().setup.poses["eyeBlinkLeft"].moves[0].turn[0] == pytest.approx(math.radians(30), abs=1e-6)
    before = snapshot()
    assert "Choose an action" in refusal(lambda: take(action="Nothing"))
    empty = bpy.data.actions.new("Empty")
    assert "poses no bone of 'Rig'" in refusal(lambda: take(action=empty.name))
    bpy.data.actions.remove(empty)
    assert snapshot() == before


def test_of_an_action_the_same_bones_are_taken(
    fields: Any, bodied: bpy.types.Object, snapshot: Snapshot, capfd: pytest.CaptureFixture[str]
) -> None:
    for bone in POSED:
        turn(bodied, bone, 20)
        bodied.pose.bones[bone].keyframe_insert("rotation_euler", frame=1)
    action = bodied.animation_data.action
    bodied.animation_data.action = None
    for bone in POSED:
        turn(bodied, bone, 0)
    choose(fields, "jawOpen")

    def taken() -> set[str]:
        bpy.ops.linly.character_pose_from_action(action=action.name)
        return {move.bone for move in character().setup.poses["jawOpen"].moves}

    assert taken() == {"jaw", "flap.L"}
    said = capfd.readouterr().out
    assert "the performance moves it already: chest, neck, head, eye.L." in said
    assert "Left out, being of the body: hips, spine, hand.L." in said
    fields.only_selected = True
    bones = bodied.pose.bones if bpy.app.version >= (5, 0, 0) else bodied.data.bones
    for bone in bones:
        bone.select = bone.name in {"hand.L", "jaw", "head"}
    assert taken() == {"hand.L", "jaw"}
    for bone in bones:
        bone.select = bone.name == "head"
    before = snapshot()
    assert "The performance itself moves all that is posed: head." in refusal(taken)
    assert snapshot() == before


# Saved and loaded


def test_a_setup_goes_through_a_file_to_a_character_of_other_names(
    linly: Any, fields: Any, face: Any, make_character: MakeCharacter, tmp_path: Path
) -> None:
    choose(fields, "jawOpen")
    fields.gain = 0.5
    fields.bone_jaw = "neck"
    turn(face[1], "eye.L", 10)
    choose(fields, "eyeWideLeft")
    bpy.ops.linly.character_record_pose()
    path = tmp_path / "hero.json"
    assert bpy.ops.linly.character_save(filepath=str(path)) == {"FINISHED"}
    mesh, rig = make_character(name="Guest", keys=tuple(f"CH_{name}" for name in SHAPES[:-1]))
    linly.character = mesh
    assert bpy.ops.linly.character_load(filepath=str(path)) == {"FINISHED"}
    guest = character()
    assert guest.name == rig.name
    assert guest.setup.bones == {"jaw": "neck"}
    assert guest.found.mapping.tunings["jawOpen"].gain == pytest.approx(0.5)
    assert guest.found.mapping.targets("jawOpen") == (("Guest Face", "CH_jawOpen", 1.0),)
    assert guest.found.mapping.targets("eyeWideLeft") == (("", "eyeWideLeft", 1.0),)
    assert not guest.reattached, "it is kept by its new names"


def test_a_file_that_does_not_fit_changes_nothing(
    linly: Any, fields: Any, face: Any, make_mesh: MakeMesh, tmp_path: Path, snapshot: Snapshot
) -> None:
    path = tmp_path / "hero.json"
    bpy.ops.linly.character_save(filepath=str(path))
    linly.character = make_mesh("Box", ("Opened", "blink"))
    fields.gain = 0.5
    before = snapshot()
    load = bpy.ops.linly.character_load
    assert "saved for Rig Face" in refusal(lambda: load(filepath=str(path)))
    path.write_text(path.read_text(encoding="utf-8").replace('"jawOpen"', '"jawOpened"'), encoding="utf-8")
    assert "jawOpened" in refusal(lambda: load(filepath=str(path)))
    path.write_bytes(b"\x00\xff")
    refusal(lambda: load(filepath=str(path)))
    assert "hero.txt" in refusal(lambda: bpy.ops.linly.character_save(filepath=str(tmp_path / "hero.txt")))
    assert snapshot() == before


def test_what_is_saved_as_detected_is_nothing_set(fields: Any, face: Any, tmp_path: Path) -> None:
    path = tmp_path / "hero.json"
    bpy.ops.linly.character_save(filepath=str(path))
    bpy.ops.linly.character_load(filepath=str(path))
    assert "linly_character" not in face[1]


def overridden(make_mesh: MakeMesh, folder: Path) -> bpy.types.Object:
    """A mesh of a library, made a library override."""
    library = folder / "library.blend"
    bpy.data.libraries.write(str(library), {make_mesh("Guest")})
    bpy.data.objects.remove(bpy.data.objects["Guest"])
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Guest"]
    guest = wanted.objects[0]
    bpy.context.scene.collection.objects.link(guest)
    own = guest.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer, do_fully_editable=True)
    own.data.override_create(remap_local_usages=True)
    return own


def test_what_is_set_of_an_override_follows_it_through_other_names(
    fields: Any, linly: Any, make_mesh: MakeMesh, tmp_path: Path
) -> None:
    linly.character = own = overridden(make_mesh, tmp_path)
    first = own.name
    twin = own.copy()
    twin.data = own.data.copy()
    bpy.context.scene.collection.objects.link(twin)
    fields.gain = 0.5
    own.name, twin.name = "Hero", first
    assert (own.name, twin.name) == ("Hero", first)
    shot = tmp_path / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(shot))
    bpy.ops.wm.open_mainfile(filepath=str(shot))
    scene = bpy.context.scene
    scene.linly.character = scene.objects[first]
    assert scene.linly_character.gain == 1.0, "another of the old name"
    scene.linly_character.gain = 0.25
    scene.linly.character = scene.objects["Hero"]
    assert scene.linly_character.gain == pytest.approx(0.5)
    bpy.data.objects.remove(scene.objects[first])
    assert scene.linly_character.gain == pytest.approx(0.5), "what was set of one that is gone harms nobody"
    assert bpy.ops.linly.character_reset() == {"FINISHED"}
    assert "linly_characters" not in scene


@pytest.mark.parametrize("junk", ["{}", 7, {"0": 1}, {"0": {"object": 2, "setup": "x"}}])
def test_what_somebody_spoilt_of_what_a_scene_keeps_is_nothing(
    fields: Any, linly: Any, make_mesh: MakeMesh, tmp_path: Path, junk: Any
) -> None:
    linly.character = overridden(make_mesh, tmp_path)
    bpy.context.scene["linly_characters"] = junk
    assert fields.gain == 1.0
    fields.gain = 0.5
    assert fields.gain == pytest.approx(0.5)


def test_what_is_set_of_an_overridden_character_is_saved_with_the_scene(
    linly: Any, make_mesh: MakeMesh, tmp_path: Path
) -> None:
    shot = tmp_path / "shot.blend"
    linly.character = own = overridden(make_mesh, tmp_path)
    assert own.override_library
    detected = character()
    assert detected is not None, linly.character_problem
    bpy.ops.linly.character_swap_sides()
    swapped = character()
    assert swapped is not None
    assert swapped.found.mapping != detected.found.mapping
    bpy.ops.wm.save_as_mainfile(filepath=str(shot))
    bpy.ops.wm.open_mainfile(filepath=str(shot))
    assert character().found.mapping == swapped.found.mapping
    assert bpy.ops.linly.character_reset() == {"FINISHED"}
    assert character().found.mapping == detected.found.mapping
    assert "linly_characters" not in bpy.context.scene


def test_a_setup_that_cannot_be_read_is_said(extension: ModuleType, linly: Any, face: Any) -> None:
    face[1]["linly_character"] = "{}"
    calls = drawn(extension)
    assert not any("template_list" in call for call in calls)
    linly.character = face[0]
    assert linly.character_problem
    assert "cannot be used yet" in refusal(bpy.ops.linly.character_swap_sides)
