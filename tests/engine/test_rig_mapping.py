"""A mapping is edited, saved, found again on a renamed character, and played."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.arkit import INDEX, SHAPES
from linly_blender.errors import UserError
from linly_blender.rig import by_hand, edit, files
from linly_blender.rig.evaluate import Player, PosePlayer
from linly_blender.rig.mapping import POSES, Drive, Key, Mapping, Mesh, Tuning, sort_weights
from linly_blender.rig.poses import Move, Pose
from linly_blender.rig.reattach import reattach
from linly_blender.rig.recognise import recognise
from linly_blender.rig.setup import EVERY_CHANNEL, PLAIN_SETUP, ROLES, Distribution, Setup
from tests.engine.rig_faces import FACES, face, the_face

ARKIT = face(SHAPES)
CC4 = the_face("CC4 Standard")

numbers = st.floats(-10, 10, width=32)
tunings = st.builds(
    lambda gain, offset, invert, ends: Tuning(gain, offset, invert, *sorted(ends)),
    numbers, numbers, st.booleans(), st.tuples(numbers, numbers),
)  # fmt: skip
drives = st.builds(
    lambda mesh, key, weights, offset, ends: Drive(mesh, key, sort_weights(weights.items()), offset, *sorted(ends)),
    st.sampled_from(["Face", "Zähne", "舌"]), st.text(min_size=1, max_size=20).filter(lambda t: t.isprintable()),
    st.dictionaries(st.sampled_from(SHAPES), numbers, max_size=5), numbers, st.tuples(numbers, numbers),
)  # fmt: skip
mappings = st.builds(
    lambda made, tuned: Mapping(tuple({(d.mesh, d.key): d for d in made}.values()), tuned),
    st.lists(drives, max_size=12).map(lambda made: sorted(made, key=lambda d: d.mesh)),
    st.dictionaries(st.sampled_from(SHAPES), tunings, max_size=5),
)  # fmt: skip


def plain_value(mapping: Mapping, drive: Drive, channels: dict[str, float]) -> float:
    """The formula of the documentation, one number at a time."""
    total = drive.offset
    for name, weight in drive.weights:
        how = mapping.tunings.get(name, Tuning())
        read = how.offset + how.gain * (1 - channels[name] if how.invert else channels[name])
        read = min(max(read, how.low), how.high) if name in mapping.tunings else read
        total += weight * read
    return min(max(total, drive.low), drive.high)


# Playing


@given(mappings, st.lists(st.floats(0, 1, width=32), min_size=52, max_size=52))
@settings(deadline=None)
def test_frames_are_played_as_the_formula_says(mapping: Mapping, channels: list[float]) -> None:
    player = Player.of(mapping)
    frames = np.array([channels, [0.0] * 52], np.float32)
    many, one = player.by_mesh(frames), player.by_mesh(frames[0])
    by_name = dict(zip(SHAPES, channels, strict=True))
    for drive in mapping.drives:
        place = player.meshes[drive.mesh].index(drive.key)
        wanted = plain_value(mapping, drive, by_name)
        assert many[drive.mesh][0, place] == pytest.approx(wanted, abs=1e-3)
        assert one[drive.mesh][place] == pytest.approx(wanted, abs=1e-3)
    assert sum(len(keys) for keys in player.meshes.values()) == len(mapping.drives)


def test_playing_leaves_the_frame_as_it_was() -> None:
    mapping = edit.tune(recognise([ARKIT]).mapping, "jawOpen", Tuning(gain=2.0))
    frame = np.linspace(0, 1, 52, dtype=np.float32)
    before = frame.copy()
    first = Player.of(mapping).values(frame)
    np.testing.assert_array_equal(frame, before)
    np.testing.assert_array_equal(Player.of(mapping).values(frame), first)


def test_a_mapping_of_nothing_plays() -> None:
    assert Player.of(Mapping(())).values(np.zeros((4, 52), np.float32)).shape == (4, 0)


# Editing


def values(mapping: Mapping, **channels: float) -> dict[str, float]:
    frame = np.zeros(52, np.float32)
    for name, value in channels.items():
        frame[INDEX[name]] = value
    player = Player.of(mapping)
    mesh = next(iter(player.meshes))
    return dict(zip(player.meshes[mesh], map(float, player.by_mesh(frame)[mesh]), strict=True))


def test_targets_are_changed_on_both_sides() -> None:
    mapping = recognise([CC4]).mapping
    targets = [("Face", "Mouth_Smile_L", 0.5), ("Face", "Cheek_Raise_L", 0.25)]
    changed = edit.set_targets(mapping, "mouthSmileLeft", targets, [CC4], mirrored=True)
    assert set(changed.targets("mouthSmileLeft")) == set(targets)
    assert set(changed.targets("mouthSmileRight")) == {("Face", "Mouth_Smile_R", 0.5), ("Face", "Cheek_Raise_R", 0.25)}
    assert changed.targets("cheekSquintLeft") == mapping.targets("cheekSquintLeft")
    assert mapping.targets("mouthSmileLeft") == (("Face", "Mouth_Smile_L", 1.0),), "the old value is untouched"
    one = edit.set_targets(mapping, "mouthSmileLeft", targets, [CC4])
    assert one.targets("mouthSmileRight") == mapping.targets("mouthSmileRight")


def test_a_channel_can_move_nothing_and_come_back() -> None:
    mapping = recognise([ARKIT]).mapping
    emptied = edit.set_targets(mapping, "jawOpen", [], [ARKIT])
    assert "jawOpen" in emptied.unused
    assert "jawOpen" not in [drive.key for drive in emptied.drives]
    assert edit.set_targets(emptied, "jawOpen", [("Face", "jawOpen", 1.0)], [ARKIT]) == mapping


def test_tunings_are_read_before_the_weights() -> None:
    mapping = recognise([ARKIT]).mapping
    assert values(edit.tune(mapping, "jawOpen", Tuning(gain=0.5)), jawOpen=0.8)["jawOpen"] == pytest.approx(0.4)
    assert values(edit.tune(mapping, "jawOpen", Tuning(invert=True)), jawOpen=0.8)["jawOpen"] == pytest.approx(0.2)
    assert values(edit.tune(mapping, "jawOpen", Tuning(high=0.3)), jawOpen=0.8)["jawOpen"] == pytest.approx(0.3)
    assert values(edit.tune(mapping, "jawOpen", Tuning(offset=0.1)), jawOpen=0.2)["jawOpen"] == pytest.approx(0.3)
    one = edit.tune(mapping, "eyeBlinkLeft", Tuning(gain=0.7))
    assert set(one.tunings) == {"eyeBlinkLeft"}
    assert edit.tune(one, "eyeBlinkLeft", Tuning()) == mapping


def test_a_rest_expression_stays() -> None:
    mapping = edit.set_rest(recognise([ARKIT]).mapping, {("Face", "mouthSmileLeft"): 0.2, ("Face", "jawOpen"): 7.0})
    assert values(mapping)["mouthSmileLeft"] == pytest.approx(0.2)
    assert values(mapping, mouthSmileLeft=0.5)["mouthSmileLeft"] == pytest.approx(0.7)
    assert values(mapping)["jawOpen"] == pytest.approx(1.0), "within the slider's range"


def test_sides_are_swapped() -> None:
    mapping = recognise([ARKIT]).mapping
    swapped = edit.swap_sides(mapping)
    assert values(swapped, eyeBlinkLeft=1.0)["eyeBlinkRight"] == 1.0
    assert values(swapped, jawOpen=1.0)["jawOpen"] == 1.0
    assert edit.swap_sides(swapped) == mapping


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: edit.set_targets(m, "jawOpn", [], [ARKIT]), "jawOpn"),
        (lambda m: edit.set_targets(m, "jawOpen", [("Face", "chin", 1.0)], [ARKIT]), "chin"),
        (lambda m: edit.set_targets(m, "jawOpen", [("Face", "jawOpen", float("nan"))], [ARKIT]), "gain"),
        (lambda m: edit.set_targets(m, "jawOpen", [("Face", "jawOpen", 1e9)], [ARKIT]), "gain"),
        (lambda m: edit.tune(m, "jawOpen", Tuning(low=1.0, high=0.0)), "lower limit"),
        (lambda m: edit.tune(m, "jawOpen", Tuning(offset=float("inf"))), "offset"),
        (lambda m: edit.tune(m, "mouth", Tuning()), "mouth"),
        (
            lambda m: edit.set_targets(
                m, "eyeBlinkLeft", [("Face", "eyeBlinkLeft", 1.0)], [face(["eyeBlinkLeft"])], mirrored=True
            ),
            "counterpart",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(change: Any, told: str) -> None:
    with pytest.raises(UserError, match=told):
        change(recognise([ARKIT]).mapping)


# What follows the character


def test_only_what_was_set_is_kept_and_the_rest_is_recognised_anew() -> None:
    mesh = face(["jawOpen", "mouthSmileLeft", "mouthSmileRight"])
    detected = recognise([mesh]).mapping
    mapping = edit.set_targets(detected, "jawOpen", [("Face", "mouthSmileLeft", 0.5)], [mesh])
    mapping = edit.set_targets(mapping, "mouthSmileRight", [], [mesh])
    mapping = edit.set_rest(edit.tune(mapping, "mouthSmileLeft", Tuning(gain=0.5)), {("Face", "mouthSmileLeft"): 0.1})
    channels = by_hand.changed(mapping, detected)
    assert channels == {"jawOpen", "mouthSmileRight"}
    setup = by_hand.keep(PLAIN_SETUP, mapping, channels)
    assert setup.mapping is not None
    assert [drive.key for drive in setup.mapping.drives] == ["mouthSmileLeft"]
    assert by_hand.play(setup.mapping, setup.by_hand, detected, [mesh]) == mapping
    assert files.parse(files.dump(setup), "it") == setup

    grown = face(["jawOpen", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft", "eyeBlinkRight"])
    now = by_hand.play(setup.mapping, setup.by_hand, recognise([grown]).mapping, [grown])
    assert now.targets("eyeBlinkLeft") == (("Face", "eyeBlinkLeft", 1.0),)
    assert now.targets("jawOpen") == (("Face", "mouthSmileLeft", 0.5),)
    assert "mouthSmileRight" in now.unused, "emptied by hand"
    assert now.tunings == mapping.tunings
    assert next(drive for drive in now.drives if drive.key == "mouthSmileLeft").offset == 0.1


def test_what_is_all_as_detected_is_not_kept() -> None:
    detected = recognise([ARKIT]).mapping
    assert by_hand.keep(Setup(detected), detected, by_hand.changed(detected, detected)) == PLAIN_SETUP


# Files


vectors = st.tuples(numbers, numbers, numbers)
poses = st.dictionaries(
    st.sampled_from(SHAPES),
    st.lists(st.builds(Move, st.text(min_size=1, max_size=9).filter(str.isprintable), vectors, vectors, vectors))
    .map(lambda moves: tuple({move.bone: move for move in moves}.values()))
    .map(lambda moves: Pose(moves, is_recorded=True)),
    max_size=3,
)
setups = st.builds(
    Setup,
    st.none() | mappings,
    poses,
    st.dictionaries(st.sampled_from(ROLES), st.sampled_from(["Head", "头", "jaw.001"])),
    st.builds(Distribution, st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 1)),
    st.just(EVERY_CHANNEL) | st.frozensets(st.sampled_from(SHAPES)),
)


@given(setups)
@settings(deadline=None)
def test_what_is_written_is_read_again(setup: Setup) -> None:
    if setup.mapping is not None:
        kept = {name: how for name, how in setup.mapping.tunings.items() if how != Tuning()}
        setup = replace(setup, mapping=replace(setup.mapping, tunings=kept))
    else:
        setup = replace(setup, by_hand=EVERY_CHANNEL)
    assert files.parse(files.dump(setup), "it") == setup


def test_a_setup_of_nothing_is_short() -> None:
    assert json.loads(files.dump(PLAIN_SETUP)) == {"format": "linly-rig", "version": 1}
    assert files.parse(files.dump(PLAIN_SETUP), "it") == PLAIN_SETUP


@pytest.mark.parametrize("which", ["ARKit", "MMD", "Genesis 9", "VRoid"])
def test_files(which: str, tmp_path: Path) -> None:
    mapping = edit.tune(recognise([the_face(which)]).mapping, "jawOpen", Tuning(0.8, 0.1, True, -0.5, 0.9))
    files.write(Setup(mapping), tmp_path / "rig.json")
    assert files.read(tmp_path / "rig.json") == Setup(mapping)
    with pytest.raises(UserError, match="json"):
        files.write(Setup(mapping), tmp_path / "rig.txt")


def whole() -> dict[str, Any]:
    mapping = edit.tune(recognise([face(["jawOpen", "eyeBlink_L", "eyeBlink_R"])]).mapping, "jawOpen", Tuning(gain=0.5))
    pose = Pose((Move("lid", turn=(0.1, 0.0, 0.0)),), is_recorded=True)
    return dict(json.loads(files.dump(Setup(mapping, {"jawOpen": pose}, {"head": "Head"}, Distribution(neck=0.2)))))


def spoilt(change: Any) -> str:
    document = whole()
    change(document)
    return json.dumps(document)


def key_of(document: dict[str, Any]) -> dict[str, Any]:
    return document["meshes"][0]["keys"][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.update(format="other"), "not a setup"),
        (lambda d: d.update(version=99), "newer version"),
        (lambda d: d.update(version="1"), "version"),
        (lambda d: d.update(meshes={}), "meshes should be a list"),
        (lambda d: d.pop("channels"), "channels"),
        (lambda d: d.update(convention=5), "convention"),
        (lambda d: key_of(d).update(key=""), "key"),
        (lambda d: key_of(d).update(key="x" * 5000), "key"),
        (lambda d: key_of(d).update(weights={"jawOpen": 1e6}), "weights.jawOpen"),
        (lambda d: key_of(d).update(weights={"chin": 1}), "weights.chin"),
        (lambda d: key_of(d).update(weights=[1]), "weights"),
        (lambda d: key_of(d).update(weights={"jawOpen": True}), "jawOpen"),
        (lambda d: key_of(d).update(range=[1, 0]), "range"),
        (lambda d: key_of(d).update(range=[0, 1, 2]), "range"),
        (lambda d: key_of(d).update(offset="much"), "offset"),
        (lambda d: d["meshes"][0]["keys"].append(key_of(d)), "twice"),
        (lambda d: d["channels"].update(jawOpen={"gain": None}), "gain"),
        (lambda d: d["channels"].update(jawOpen={"invert": 1}), "invert"),
        (lambda d: d["channels"].update(jawOpen={"speed": 1}), "speed"),
        (lambda d: d["channels"].update(chin={}), "chin"),
        (lambda d: d.update(meshes=[{"mesh": "M", "keys": []}] * 1001), "1000"),
        (lambda d: d["poses"].update(chin=[]), "chin"),
        (lambda d: d["poses"].update(jawOpen={}), "poses.jawOpen"),
        (lambda d: d["poses"]["jawOpen"].append(d["poses"]["jawOpen"][0]), "twice"),
        (lambda d: d["poses"]["jawOpen"][0].update(turn=[1, 2]), "three numbers"),
        (lambda d: d["poses"]["jawOpen"][0].update(shift=[1, 2, 1e9]), "shift"),
        (lambda d: d["poses"]["jawOpen"][0].pop("bone"), "bone"),
        (lambda d: d.update(by_hand="jawOpen"), "by_hand"),
        (lambda d: d.update(by_hand=["jawOpen", "chin"]), r"by_hand\[1\]"),
        (lambda d: d.update(by_hand=["jawOpen"] * 53), "52"),
        (lambda d: d["bones"].update(tail="Tail"), "tail"),
        (lambda d: d["bones"].update(head=3), "bones.head"),
        (lambda d: d["distribution"].update(neck=1.5), "neck"),
        (lambda d: d["distribution"].update(neck=0.7, chest=0.7), "chest and neck"),
        (lambda d: d["distribution"].pop("gaze"), "gaze"),
    ],
)
def test_a_spoilt_file_is_refused_by_name(change: Any, told: str) -> None:
    with pytest.raises(UserError, match=told):
        files.parse(spoilt(change), "it")


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"format": "linly-rig"', "NaN", "[" * 100_000])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        files.parse(text, "it")


def test_a_number_that_is_none_is_refused() -> None:
    text = json.dumps(whole()).replace('"jawOpen": 1.0', '"jawOpen": NaN', 1)
    assert "NaN" in text
    with pytest.raises(UserError, match="jawOpen"):
        files.parse(text, "it")


# Renamed characters


def test_poses_are_no_mesh_of_another_name() -> None:
    poses = Mesh(POSES, (Key("jawOpen"),))
    mapping = recognise([ARKIT]).mapping
    assert reattach(mapping, [poses]).missing == ("Face",)
    posed = edit.set_targets(mapping, "jawOpen", [(POSES, "jawOpen", 1.0)], [ARKIT, poses])
    again = reattach(posed, [replace(ARKIT, name="Head"), poses]).mapping
    assert again.targets("jawOpen") == ((POSES, "jawOpen", 1.0),)
    lost = reattach(posed, [ARKIT])
    assert lost.missing == ("jawOpen",)


def test_a_recorded_pose_shows_its_channel_and_can_be_forgotten() -> None:
    pose = Pose((Move("Jaw", turn=(0.3, 0.0, 0.0)),), is_recorded=True)
    detected = recognise([ARKIT]).mapping
    recorded = edit.set_pose(Setup(detected), "jawOpen", pose)
    assert recorded.poses == {"jawOpen": pose}
    assert recorded.mapping is not None

    def played(setup: Setup) -> Mapping:
        assert setup.mapping is not None
        return by_hand.play(setup.mapping, setup.by_hand, recognise([ARKIT], setup.poses).mapping, [ARKIT])

    assert played(recorded).targets("jawOpen") == ((POSES, "jawOpen", 1.0),)
    forgotten = edit.set_pose(recorded, "jawOpen", None)
    assert forgotten.poses == {}
    assert played(forgotten) == detected
    assert edit.set_pose(PLAIN_SETUP, "jawOpen", pose).mapping is None
    with pytest.raises(UserError, match="chin"):
        edit.set_pose(PLAIN_SETUP, "chin", pose)


@given(poses, st.lists(st.floats(0, 1, width=32), min_size=52, max_size=52))
@settings(deadline=None)
def test_poses_add_up(given_poses: dict[str, Pose], channels: list[float]) -> None:
    mapping = recognise([], given_poses).mapping
    player = PosePlayer.of(mapping, given_poses)
    frames = np.array([channels, [0.0] * 52], np.float32)
    values = player.values(frames)
    taken = Player.of(mapping).by_mesh(frames).get(POSES, np.zeros((2, 0), np.float32))
    for number, bone in enumerate(player.bones):
        wanted = np.zeros(9)
        for name, far in zip(Player.of(mapping).meshes.get(POSES, ()), taken[0], strict=True):
            for move in given_poses[name].moves:
                wanted += far * np.array([*move.turn, *move.shift, *move.stretch]) if move.bone == bone else 0.0
        np.testing.assert_allclose(values[0, number], wanted, atol=1e-3)
        np.testing.assert_array_equal(values[1, number], 0.0)
    np.testing.assert_allclose(player.values(frames[0]), values[0], atol=1e-4)


def test_the_same_names_are_themselves() -> None:
    meshes = [ARKIT, face(["jawOpen"], mesh="Teeth")]
    mapping = recognise(meshes).mapping
    found = reattach(mapping, meshes)
    assert found.mapping == mapping
    assert not found.renamed
    assert not found.missing


def test_renamed_meshes_and_keys_are_found() -> None:
    mapping = recognise([ARKIT, face(["jawOpen"], mesh="Teeth")]).mapping
    now = [face(["jawOpen"], mesh="Teeth_low"), face([f"CH_{name}" for name in SHAPES], 0.0, 2.0, mesh="Head.002")]
    found = reattach(mapping, now)
    assert not found.missing
    assert ("Face", "Head.002") in found.renamed
    assert ("Teeth", "Teeth_low") in found.renamed
    assert set(found.mapping.targets("jawOpen")) == {("Head.002", "CH_jawOpen", 1.0), ("Teeth_low", "jawOpen", 1.0)}
    assert {drive.high for drive in found.mapping.drives if drive.mesh == "Head.002"} == {2.0}
    assert set(found.mapping.targets("eyeBlinkLeft")) == {("Head.002", "CH_eyeBlinkLeft", 1.0)}


def test_small_changes_of_names_are_seen_through() -> None:
    mapping = recognise([ARKIT]).mapping
    found = reattach(mapping, [face([name.replace("Blink", "Blnk").replace("jawOpen", "Jaw_Open") for name in SHAPES])])
    assert not found.missing
    assert found.mapping.targets("eyeBlinkRight") == (("Face", "eyeBlnkRight", 1.0),)
    assert found.mapping.targets("jawOpen") == (("Face", "Jaw_Open", 1.0),)


def test_what_is_gone_is_named() -> None:
    mapping = recognise([ARKIT, face(["jawOpen"], mesh="Teeth")]).mapping
    found = reattach(mapping, [face([name for name in SHAPES if name != "tongueOut"])])
    assert found.missing == ("Face.tongueOut", "Teeth")
    assert "tongueOut" in found.mapping.unused
    assert reattach(mapping, []).mapping.drives == ()


@given(st.sampled_from(list(FACES)), st.lists(st.text(max_size=12), max_size=30), st.randoms())
@settings(deadline=None, max_examples=60)
def test_nothing_is_taken_for_two(which: str, strange: list[str], random: Any) -> None:
    """Whatever a character has become: only keys that it has are driven, each by one, and the rest is named."""
    mesh = the_face(which)
    mapping = recognise([mesh]).mapping
    names = [key.name for key in mesh.keys]
    kept = random.sample(names, len(names) // 2)
    now = Mesh("Other", tuple({key.name: key for key in face([*kept, *strange]).keys}.values()))
    found = reattach(mapping, [now])
    driven = [drive.key for drive in found.mapping.drives]
    assert len(set(driven)) == len(driven)
    assert set(driven) <= {key.name for key in now.keys}
    gone = [name for name in found.missing if name != "Face"]
    assert len(driven) + len(gone) == len(mapping.drives) or "Face" in found.missing
