"""Faces are recognised by the names of their shape keys, and every one of them can speak."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from linly_blender.arkit import INDEX, SHAPES
from linly_blender.face import articulate
from linly_blender.rig import edit, visemes
from linly_blender.rig.conventions import VISEMES, load_conventions
from linly_blender.rig.evaluate import Player
from linly_blender.rig.mapping import POSES, Coverage, Key, Mapping, Mesh
from linly_blender.rig.names import match_conventions
from linly_blender.rig.poses import Move, Pose
from linly_blender.rig.recognise import MOST_KEYS, Recognition, recognise, with_eyes, with_mapping
from linly_blender.rig.similar import propose
from linly_blender.score import Phone, Sentence, Speech, Word
from linly_blender.speech.prosody import STEP, Prosody
from tests.engine.rig_faces import FACES, SIGNED, face, names, the_face

RATE, FPS = 16000, 240
VISEMES_ALONE = (
    *("oculus", "oculus_bare", "microsoft", "rhubarb", "mpfb_visemes01"),
    *("reallusion_visemes", "reallusion_visemes_paired", "reallusion_visemes_cc3"),
)


def covered(recognition: Recognition, channel: str) -> Coverage:
    return recognition.coverage[INDEX[channel]]


def frame(**channels: float) -> NDArray[np.float32]:
    values = np.zeros(len(SHAPES), np.float32)
    for name, value in channels.items():
        values[INDEX[name]] = value
    return values


def shown(mapping: Mapping, **channels: float) -> dict[str, float]:
    """Keys of the first mesh that are moved from rest by these channels."""
    player = Player.of(mapping)
    mesh = next(iter(player.meshes))
    values = player.by_mesh(frame(**channels))[mesh]
    return {key: float(value) for key, value in zip(player.meshes[mesh], values, strict=True) if abs(value) > 1e-3}


def spoken(phones: Sequence[tuple[str, float]]) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float64]]:
    """Our articulation of some phones [shape=(n, 52)], and the middle of each phone in seconds."""
    at, made = 1.0, []
    for name, duration in phones:
        made.append(Phone(name, at, at + duration, 1, 0))
        at += duration
    speech = Speech(
        np.zeros(int((at + 1) * RATE), np.int16), RATE, tuple(made),
        (Word("x", 1.0, at, 0.0, 0),), (Sentence("x", 1.0, at, "statement", "neutral", 0.0, "en-us"),),
    )  # fmt: skip
    count = int(speech.duration / STEP) + 1
    prosody = Prosody(np.full(count, 0.9, np.float32), np.full(count, np.nan, np.float32))
    shapes = articulate(speech, prosody, np.arange(int(speech.duration * FPS)) / FPS)
    return {"shapes": shapes}, np.array([(phone.start + phone.end) / 2 for phone in made])


def said(mapping: Mapping, phone: str) -> dict[str, float]:
    """What of the first mesh's keys is shown in the middle of a phone between two neutral vowels."""
    curves, middles = spoken([("ə", 0.12), (phone, 0.16), ("ə", 0.12)])
    player = Player.of(mapping)
    mesh = next(iter(player.meshes))
    values = player.by_mesh(curves["shapes"][int(middles[1] * FPS)])[mesh]
    return {key: float(value) for key, value in zip(player.meshes[mesh], values, strict=True)}


@pytest.mark.parametrize("which", FACES)
def test_each_is_recognised(which: str) -> None:
    found = recognise([the_face(which)])
    assert found.convention == FACES[which][0]
    assert found.score > found.runner_up_score + 0.005
    assert found.mapping.convention == found.convention
    assert all(one.channel == name for one, name in zip(found.coverage, SHAPES, strict=True))


@pytest.mark.parametrize("which", FACES)
def test_each_opens_and_closes_its_mouth(which: str) -> None:
    """A jaw open by 0.6 opens the mouth; the jaw behind closed lips does not, and pressed lips reach a key or rest."""
    found = recognise([the_face(which)])
    assert found.can_speak
    opened = shown(found.mapping, jawOpen=0.6)
    assert max(opened.values()) > 0.5
    openers = {key for key, value in opened.items() if value > 0}
    closed = shown(found.mapping, jawOpen=0.08, mouthClose=0.08, mouthPressLeft=0.22, mouthPressRight=0.22)
    left_open = {key: value for key, value in closed.items() if key in openers and value > 0.02}
    closing = [key for key in closed if key not in openers]
    assert closing or not left_open, "nothing closes the lips, and something holds them open"
    for channel in ("mouthClose", "mouthPressLeft", "mouthPressRight"):
        assert found.mapping.targets(channel), f"{channel} reaches nothing"


@pytest.mark.parametrize("which", [name for name, (convention, _) in FACES.items() if convention not in VISEMES_ALONE])
def test_each_with_lids_blinks(which: str) -> None:
    found = recognise([the_face(which)])
    for side in ("Left", "Right"):
        assert max(shown(found.mapping, **{f"eyeBlink{side}": 1.0}).values(), default=0) > 0.45, side
    both = shown(found.mapping, eyeBlinkLeft=1.0, eyeBlinkRight=1.0)
    assert max(both.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "which", ["Oculus", "Microsoft", "CC4 visemes", "CC4 visemes in pairs", "MPFB visemes", "VRChat"]
)
def test_visemes_follow_what_is_said(which: str) -> None:
    """The sounds of our own articulation bring up the mouth shapes that are named for them."""
    found = recognise([the_face(which)])
    convention = next(one for one in load_conventions() if one.id == found.convention)
    matches = {match.convention.id: match.found for match in match_conventions(FACES[which][1])}
    keys = {told: name for name, (told, _) in matches[convention.id].items()}
    by_viseme = {viseme: keys[told[0]] for viseme, told in convention.visemes.items() if told[0] in keys}
    for phone, viseme in (("m", "PP"), ("b", "PP"), ("ɑː", "aa"), ("i", "I"), ("u", "U"), ("f", "FF"), ("θ", "TH")):
        values = said(found.mapping, phone)
        strongest = max(values, key=lambda key: values[key])
        assert strongest == by_viseme[viseme], f"{phone}: {strongest}"
    closed = said(found.mapping, "m")
    assert closed[by_viseme["PP"]] > 0.9
    assert closed[by_viseme["aa"]] < 0.02


@pytest.mark.parametrize("which", ["VRM 0", "VRM 1", "VRM 0, as shown"])
def test_vowels_alone_close_by_resting(which: str) -> None:
    found = recognise([the_face(which)])
    assert max(said(found.mapping, "p").values()) < 0.03
    assert max(said(found.mapping, "ɑː").values()) > 0.6
    rounded = said(found.mapping, "u")
    assert max(rounded, key=lambda key: rounded[key]).lower() in ("u", "ou")


def test_jaw_and_blink_alone_speak() -> None:
    found = recognise([face(["jawOpen", "blink"])])
    assert shown(found.mapping, jawOpen=0.5) == {"jawOpen": 0.5}
    assert shown(found.mapping, jawOpen=0.08, mouthClose=0.08) == {}
    assert shown(found.mapping, eyeBlinkLeft=1.0, eyeBlinkRight=1.0) == {"blink": pytest.approx(1.0)}
    assert covered(found, "mouthClose").how == "stand-in"
    assert covered(found, "mouthClose").keys == ("jawOpen",)
    assert {"mouthSmileLeft", "browInnerUp", "tongueOut"} <= set(found.missing)
    assert shown(found.mapping, mouthLowerDownLeft=1.0, mouthLowerDownRight=1.0)["jawOpen"] == pytest.approx(0.3)


def test_nothing_to_speak_with() -> None:
    found = recognise([face(["Muscles", "Belly_fat", "shoe_size"])])
    assert not found.can_speak
    assert not found.mapping.drives
    assert len(found.missing) == len(SHAPES)
    assert recognise([]).missing == SHAPES


ALTERATIONS: dict[str, Callable[[str], str]] = {
    "a namespace": lambda name: f"Head:{name}",
    "a copy": lambda name: f"{name}.001",
    "dots": lambda name: name.replace("_", "."),
    "dashes": lambda name: name.replace("_", "-"),
    "spaces": lambda name: name.replace("_", " "),
    "wide letters": lambda name: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name),
}


@pytest.mark.parametrize("how", ALTERATIONS)
@pytest.mark.parametrize("which", FACES)
def test_altered_spellings_are_driven_alike(which: str, how: str) -> None:
    mesh = the_face(which)
    altered = {ALTERATIONS[how](key.name): key.name for key in mesh.keys}
    plain, found = recognise([mesh]), recognise([face(altered, mesh.keys[0].low)])
    assert found.convention == plain.convention
    assert {(altered[drive.key], drive.weights) for drive in found.mapping.drives} == {
        (drive.key, drive.weights) for drive in plain.mapping.drives
    }


@pytest.mark.parametrize("prefix", ["Mouth_", "MTH_Face_", "vis."])
def test_short_names_behind_the_mouth_are_read(prefix: str) -> None:
    found = recognise([face([f"{prefix}{vowel}" for vowel in "AIUEO"])])
    assert max(said(found.mapping, "ɑː").items(), key=lambda each: each[1])[0] == f"{prefix}A"
    assert not recognise([face([f"Skirt_{letter}" for letter in "ABCDEFGHX"])]).mapping.drives
    assert not recognise([face([f"Mouth_{letter}" for letter in "AE"])]).can_speak


@pytest.mark.parametrize("before", ["", "target_", "Key ", "Morph ", "shape ", "face.", "Mouth_", "Key 1 ", "id_"])
def test_figures_alone_say_nothing(before: str) -> None:
    found = recognise([face([f"{before}{number}" for number in range(52)])])
    assert found.convention is None
    assert not found.mapping.drives
    assert not found.can_speak


@pytest.mark.parametrize(
    "name", ["viseme_id_{}", "Viseme {}", "VisemeID{}", "CH_hero_vis_{:02}", "Phoneme.{}", "ph{}", "Face:viseme{}.001"]
)
def test_figures_behind_a_viseme_s_word_are_its_number(name: str) -> None:
    found = recognise([face([name.format(number) for number in range(22)])])
    assert found.convention == "microsoft"
    for phone, number in (("m", 21), ("ɑː", 2), ("f", 18), ("u", 7)):
        values = said(found.mapping, phone)
        assert max(values, key=lambda key: values[key]) == name.format(number)


def test_what_gives_a_character_its_looks_is_left_alone() -> None:
    found = recognise([face(["$md-mouth-open", "$md-jawOpen", "!ex-jawOpen"])])
    assert {drive.key for drive in found.mapping.drives} == {"!ex-jawOpen"}


def test_parts_move_together() -> None:
    """Teeth, tongue and lashes follow with what they have; the lips' own channels leave the teeth alone."""
    parts = {"Teeth": ["jawOpen"], "Tongue": ["TongueOut", "JawOpen"], "Lashes": ["eyeBlink_L", "eyeBlink_R"]}
    meshes = [face(SHAPES), *(face(keys, mesh=mesh) for mesh, keys in parts.items())]
    found = recognise(meshes)
    assert found.summary == "52 of 52 shapes in 4 meshes (ARKit)"
    assert {(mesh, key) for mesh, key, _ in found.mapping.targets("jawOpen")} == {
        ("Face", "jawOpen"), ("Teeth", "jawOpen"), ("Tongue", "JawOpen"),
    }  # fmt: skip
    assert [mesh for mesh, _, _ in found.mapping.targets("mouthClose")] == ["Face"]
    values = Player.of(found.mapping).by_mesh(frame(jawOpen=0.5, tongueOut=1.0))
    assert list(values) == ["Face", "Teeth", "Tongue", "Lashes"]
    np.testing.assert_allclose(values["Tongue"], [1.0, 0.5])


def test_arkit_is_preferred_to_visemes() -> None:
    found = recognise([the_face("Ready Player Me")])
    assert not [drive.key for drive in found.mapping.drives if drive.key.startswith("viseme_")]
    assert {one.how for one in found.coverage} == {"exact"}


def test_visemes_move_the_meshes_that_have_nothing_else() -> None:
    """Teeth with a jaw of their own do not keep the lips of a face that has visemes alone from opening."""
    found = recognise([the_face("Oculus"), face(["jawOpen"], mesh="Teeth")])
    assert {(mesh, key) for mesh, key, weight in found.mapping.targets("jawOpen") if weight > 0} == {
        ("Face", "viseme_aa"), ("Teeth", "jawOpen"),
    }  # fmt: skip
    assert said(found.mapping, "m")["viseme_PP"] > 0.9


def test_signed_controls_go_both_ways() -> None:
    mapping = recognise([the_face("Genesis 9")]).mapping
    assert shown(mapping, jawLeft=1.0) == {"facs_ctrl_JawLeft-Right": 1.0}
    assert shown(mapping, jawRight=1.0) == {"facs_ctrl_JawLeft-Right": -1.0}
    assert shown(mapping, eyeLookDownLeft=0.5) == {"facs_ctrl_EyeLookUp-DownLeft": -0.5}


def test_a_slider_that_cannot_go_below_zero_is_told() -> None:
    names = FACES["Genesis 9"][1]
    found = recognise([face(names)])
    assert covered(found, "eyeLookDownLeft").how == "missing"
    assert any("facs_ctrl_JawLeft-Right" in note and "below 0" in note for note in found.notes)
    assert SIGNED[1] == "Genesis 9"


@given(st.floats(-2, 0), st.floats(0, 3))
def test_ranges_are_kept(low: float, high: float) -> None:
    mapping = recognise([Mesh("Face", (Key("jawOpen", low, high), Key("eyeBlinkLeft"), Key("eyeBlinkRight")))]).mapping
    for drive in mapping.drives:
        if drive.key == "jawOpen":
            assert (drive.low, drive.high) == (low, high)
    value = shown(mapping, jawOpen=1.0).get("jawOpen", 0.0)
    assert value == pytest.approx(min(high, 1.0), abs=1e-3)


def test_a_face_of_own_names_is_read_by_its_words() -> None:
    own_names = names("MouthOpen Blink_L Blink_R Smile Kiss BrowsUp Frown TongueOut mouth_wide")
    found = recognise([face(own_names)])
    assert found.convention is None
    assert shown(found.mapping, jawOpen=0.7) == {"MouthOpen": pytest.approx(0.7)}
    assert shown(found.mapping, mouthPucker=0.7) == {"Kiss": pytest.approx(0.7)}
    assert shown(found.mapping, mouthStretchLeft=1.0, mouthStretchRight=1.0) == {"mouth_wide": pytest.approx(1.0)}
    assert shown(found.mapping, mouthSmileLeft=1.0) == {"Smile": pytest.approx(0.5)}
    assert covered(found, "jawOpen").how == "similar"
    assert 0.5 < covered(found, "jawOpen").confidence < 1


@pytest.mark.parametrize("which", FACES)
def test_stand_ins_come_from_what_is_shown(which: str) -> None:
    """No stand-in builds on another, and what only takes off is told as one."""
    found = recognise([the_face(which)])
    for one in found.coverage:
        weights = [weight for _, _, weight in found.mapping.targets(one.channel)]
        if one.how in ("exact", "similar", "visemes"):
            assert max(weights) > 0, one
        if one.how == "stand-in":
            assert one.confidence <= 0.5
            assert one.reason


def test_a_word_helps_where_a_convention_is_incomplete() -> None:
    found = recognise([face([*(name for name in SHAPES if name != "jawOpen"), "mouthOpen"])])
    assert found.convention in ("arkit", "ready_player_me")
    assert shown(found.mapping, jawOpen=1.0) == {"mouthOpen": 1.0}


def test_a_vowel_is_no_frown() -> None:
    found = recognise([the_face("VRM 1")])
    assert {"mouthFrownLeft", "mouthSmileRight"} <= set(found.missing)
    assert covered(found, "mouthClose").how == "stand-in"


def test_what_is_left_to_bones_is_told() -> None:
    assert recognise([the_face("CC4 Extended")]).bones_too == ("jaw", "eyes")
    assert recognise([the_face("VRoid")]).bones_too == ("eyes",)
    assert recognise([the_face("ARKit")]).bones_too == ()


def test_split_halves_move_together() -> None:
    names = [name for name in SHAPES if name != "browInnerUp"] + ["browInnerUp_L", "browInnerUp_R"]
    found = recognise([face(names)])
    assert shown(found.mapping, browInnerUp=0.7) == {
        "browInnerUp_L": pytest.approx(0.7), "browInnerUp_R": pytest.approx(0.7),
    }  # fmt: skip


def test_left_and_right_are_shown_alike() -> None:
    """A plain wink that only one side has is not used: both take the blink of both eyes."""
    names = ["あ", "い", "う", "え", "お", "まばたき", "ウィンク２", "笑い", "困る", "怒り"]
    mapping = recognise([face(names)]).mapping
    assert mapping.targets("eyeBlinkLeft") == mapping.targets("eyeBlinkRight") == (("Face", "まばたき", 0.5),)


def test_keys_that_say_the_same_are_told() -> None:
    found = recognise([face([*SHAPES, "JawOpen"])])
    assert [key for _, key, _ in found.mapping.targets("jawOpen")] == ["jawOpen"]
    assert any("JawOpen" in note and "same" in note for note in found.notes)
    unsure = recognise([face(["Mouth Open", "Open Mouth", "blink"])])
    assert covered(unsure, "jawOpen").confidence <= 0.5
    assert any("Mouth Open" in note and "Open Mouth" in note for note in unsure.notes)


def test_mirrored_names_are_told() -> None:
    def leaning(way: int) -> Mesh:
        sided = {"Left": way, "Right": -way}
        return Mesh("Face", tuple(Key(n, lean=next((v for s, v in sided.items() if n.endswith(s)), 0)) for n in SHAPES))

    assert not recognise([leaning(1)]).notes
    assert any("mirrored" in note for note in recognise([leaning(-1)]).notes)


@given(st.lists(st.text(max_size=30), max_size=40), st.floats(-10, 10), st.floats(-10, 10))
@settings(max_examples=150, deadline=None)
def test_any_names_are_taken(names: list[str], one: float, other: float) -> None:
    low, high = sorted((one, other))
    found = recognise([face(names, low, high)])
    assert all(0 <= each.confidence <= 1 for each in found.coverage)
    values = Player.of(found.mapping).values(np.ones((3, 52), np.float32))
    assert np.isfinite(values).all()
    assert ((values >= np.float32(low)) & (values <= np.float32(high))).all()


@given(st.sampled_from(list(FACES)), st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_left_of_a_face_is_still_used(which: str, data: st.DataObject) -> None:
    """Whatever keys are missing, everything that drives is there, once, and every channel is told of."""
    names = FACES[which][1]
    kept = data.draw(st.lists(st.sampled_from(names), unique=True))
    found = recognise([face(kept, -1.0)])
    driven = [drive.key for drive in found.mapping.drives]
    assert len(set(driven)) == len(driven)
    assert set(driven) <= set(kept)
    for one in found.coverage:
        assert (one.how == "missing") == (not found.mapping.targets(one.channel))
        assert set(one.keys) <= set(kept)


def test_many_keys_are_taken_and_too_many_are_told() -> None:
    many = [f"Sculpt_{number}" for number in range(1000)]
    found = recognise([face([*many, *SHAPES])])
    assert found.convention == "arkit"
    assert not set(many) & {drive.key for drive in found.mapping.drives}
    assert any(str(MOST_KEYS) in note for note in recognise([face(map(str, range(MOST_KEYS + 5)))]).notes)


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("Mouth_Opened", {"jawOpen": 1.0}), ("mouthopen", {"jawOpen": 1.0}), ("Mouht_Open", {"jawOpen": 1.0}),
        ("EyesClosed", {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5}), ("face_smile_l", {"mouthSmileLeft": 1.0}),
        ("upperLipRaise_R", {"mouthUpperUpRight": 1.0}), ("嘴张开", {"jawOpen": 1.0}),
        ("闭眼左", {"eyeBlinkLeft": 1.0}),
        ("eyebrws_raise", {"browOuterUpLeft": 0.5, "browOuterUpRight": 0.5}), ("Angry", None), ("Belly", None),
        ("Boca_abierta", {"jawOpen": 1.0}), ("mouth_smile_eye_blink", None), ("", None),
    ],
)  # fmt: skip
def test_words_are_read(name: str, weights: dict[str, float] | None) -> None:
    proposal = propose(name)
    assert (dict(proposal.weights) if proposal else None) == weights
    if proposal:
        assert 0.5 <= proposal.confidence < 1
        assert proposal.reason


def jaw(bone: str) -> dict[str, Pose]:
    return {"jawOpen": Pose((Move(bone, turn=(0.4, 0.0, 0.0)),))}


def jaw_at(found: Recognition, **channels: float) -> float:
    player = Player.of(found.mapping)
    assert player.meshes[POSES] == ("jawOpen",)
    return float(player.by_mesh(frame(**channels))[POSES][0])


def test_a_jaw_s_bone_opens_the_mouth_where_no_key_does() -> None:
    found = recognise([face(("Blink", "Kiss"))], jaw("Jaw"))
    assert found.can_speak
    assert covered(found, "jawOpen").how == "bone"
    assert {drive.key for drive in found.mapping.drives if drive.mesh != POSES} == {"Blink", "Kiss"}
    assert found.meshes == ("Face",)
    assert not any(key == "Kiss" for _, key, _ in found.mapping.targets("jawOpen")), "it stands in for nothing now"
    assert jaw_at(found, jawOpen=0.6) == pytest.approx(0.6)
    assert jaw_at(found, jawOpen=0.2, mouthClose=0.2, mouthPressLeft=0.2) == 0
    bare = recognise([], jaw("Jaw"))
    assert bare.can_speak
    assert jaw_at(bare, jawOpen=1.0) == 1


def test_a_jaw_s_bone_is_left_alone_where_keys_open_the_mouth_unless_they_need_it() -> None:
    for which in ("ARKit", "Oculus", "MMD"):
        with_bone = recognise([the_face(which)], jaw("Jaw"))
        assert with_bone == recognise([the_face(which)])
    found = recognise([the_face("CC4 Extended")], jaw("CC_Base_JawRoot"))
    assert found.mapping.targets("jawOpen")
    assert "CC_Base_JawRoot" in covered(found, "jawOpen").reason
    assert jaw_at(found, jawOpen=0.6) == pytest.approx(0.6)


def closing(*bones: str, is_recorded: bool = False) -> dict[str, Pose]:
    return {"mouthClose": Pose(tuple(Move(bone, shift=(0.0, 0.0, 0.01)) for bone in bones), is_recorded)}


def test_bones_close_only_lips_that_bones_part() -> None:
    """What closes the lips takes back what the jaw's bones did; by itself it pushes them through each other."""
    lips = closing("lip.T", "lip.B")
    together = recognise([face(["blink"])], {**lips, **jaw("Jaw")})
    assert [covered(together, channel).how for channel in ("jawOpen", "mouthClose")] == ["bone", "bone"]
    assert together.mapping.targets("mouthClose") == ((POSES, "mouthClose", 1.0),)
    apart = recognise([face(["jawOpen", "blink"])], {**lips, **jaw("Jaw")})
    assert covered(apart, "mouthClose").how == "stand-in"
    assert apart.mapping.targets("mouthClose") == (("Face", "jawOpen", -1.0),)
    assert apart == recognise([face(["jawOpen", "blink"])])
    visemes_alone = recognise([the_face("Oculus")], {**lips, **jaw("Jaw")})
    assert visemes_alone == recognise([the_face("Oculus")])
    without = recognise([face(["blink"])], lips)
    assert not without.mapping.targets("mouthClose")
    by_hand = recognise([face(["jawOpen", "blink"])], closing("lip.T", is_recorded=True))
    assert covered(by_hand, "mouthClose").how == "pose"


def test_a_key_that_closes_lips_parted_by_a_bone_is_used_and_told_of() -> None:
    found = recognise([face(["mouthClose", "blink"])], {**jaw("Jaw"), **closing("lip.T", "lip.B")})
    assert found.mapping.targets("mouthClose") == (("Face", "mouthClose", 1.0),)
    assert covered(found, "mouthClose").how == "exact"
    assert covered(found, "mouthClose").reason == "against a jaw opened by the bone 'Jaw'"
    assert not covered(recognise([the_face("ARKit")], jaw("Jaw")), "mouthClose").reason


def test_a_recorded_pose_goes_before_every_key() -> None:
    recorded = {"mouthSmileLeft": Pose((Move("lips.L", shift=(0.0, 0.0, 0.01)),), is_recorded=True)}
    found = recognise([the_face("ARKit")], recorded)
    assert covered(found, "mouthSmileLeft").how == "pose"
    assert found.mapping.targets("mouthSmileLeft") == ((POSES, "mouthSmileLeft", 1.0),)
    assert covered(found, "mouthSmileRight").how == "exact"


def test_bones_show_what_drivers_keep_keys_from_showing() -> None:
    held = Mesh("Face", (Key("jawOpen", is_driven=True), Key("mouthClose")))
    found = recognise([held], jaw("Jaw"))
    assert found.mapping.targets("jawOpen") == ((POSES, "jawOpen", 1.0),)
    assert "'Jaw'" in covered(found, "jawOpen").reason


def test_what_was_changed_by_hand_is_told_as_such() -> None:
    found = recognise([the_face("ARKit")])
    changed = edit.set_targets(found.mapping, "jawOpen", [("Face", "mouthFunnel", 1.0)], [the_face("ARKit")])
    told = with_mapping(found, edit.set_targets(changed, "tongueOut", [], [the_face("ARKit")]))
    assert covered(told, "jawOpen").how == "by hand"
    assert covered(told, "tongueOut").how == "missing"
    assert told.missing == ("tongueOut",)
    assert covered(told, "mouthClose") == covered(found, "mouthClose")


def test_looks_that_eyes_show_by_their_bones_are_not_missing() -> None:
    looks = {name for name in SHAPES if name.startswith("eyeLook")}
    plain = recognise([face([name for name in SHAPES if name not in looks])])
    assert set(plain.missing) == looks
    found = with_eyes(plain, "by the eyes' bones")
    assert found.missing == ()
    assert found.own == len(SHAPES)
    assert found.mapping == plain.mapping, "gaze drives them"
    look = covered(found, "eyeLookInLeft")
    assert (look.how, look.keys, look.reason) == ("bone", (), "by the eyes' bones")
    less = recognise([face(["jawOpen", "eyeLookUpLeft"])])
    assert covered(with_eyes(less, "x"), "eyeLookUpLeft") == covered(less, "eyeLookUpLeft")
    assert set(with_eyes(less, "x").missing) == set(less.missing) - looks
    assert "tongueOut" in with_eyes(less, "x").missing


def test_a_face_of_bones_alone_is_summed_up_as_such() -> None:
    found = recognise([], {**jaw("Jaw"), **closing("lip.T")})
    assert found.summary == f"2 of 52 shapes by bones, {len(found.stand_ins)} by stand-ins (own names)"


def test_words_that_are_not_known_make_it_less_sure() -> None:
    plain, odd = propose("mouth_open"), propose("zorbl_mouth_open")
    assert plain
    assert odd
    assert odd.confidence < plain.confidence


def test_our_facts_are_sound() -> None:
    conventions = load_conventions()
    assert len({one.id for one in conventions}) == len(conventions) >= 20
    for one in conventions:
        assert one.credit
        assert one.names
        assert set(one.drive) <= set(SHAPES)
        assert set(one.visemes) <= set(VISEMES)
    for there in ({"aa"}, {"E", "O"}, set(VISEMES), {"aa", "PP"}, {"U"}):
        for viseme, row in visemes.weights(there).items():
            assert viseme in there
            assert set(row) <= visemes.MOUTH
