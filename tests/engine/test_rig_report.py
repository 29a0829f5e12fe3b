"""What was found of a character, as people and as programs read it."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from linly_blender.arkit import SHAPES
from linly_blender.cli import main
from linly_blender.rig import report
from linly_blender.rig.mapping import Key, Mesh
from linly_blender.rig.poses import Move, Pose
from linly_blender.rig.recognise import recognise, with_eyes
from linly_blender.rig.skeleton import find_bones
from tests.engine.skeletons import body


def described(*keys: str, name: str = "Rig", has_armature: bool = False) -> report.Values:
    found = recognise([Mesh("Face", tuple(Key(key) for key in keys))])
    bones = find_bones(body(jaw=None)) if has_armature else None
    return report.of_character(name, name if has_armature else None, found, bones, ["Look."])


def table(*characters: report.Values, notes: tuple[str, ...] = ()) -> list[str]:
    return list(report.table(report.of_file("hero.glb", characters, notes)))


def channel(character: report.Values, name: str) -> Any:
    return next(one for one in character["channels"] if one["channel"] == name)


def test_every_channel_and_bone_is_told_with_its_reason() -> None:
    one = described("MouthOpen", "Blink", "Smile_L", "Smile_R", "Kiss", has_armature=True)
    assert [row["channel"] for row in one["channels"]] == list(SHAPES)
    blink = channel(one, "eyeBlinkLeft")
    assert blink["how"] == "convention"
    assert blink["keys"] == ["Blink"]
    assert blink["targets"] == [{"mesh": "Face", "key": "Blink", "weight": 0.5}]
    assert 0 < blink["confidence"] < 1
    assert blink["reason"]
    assert channel(one, "tongueOut") == {
        "channel": "tongueOut",
        "how": "missing",
        "confidence": 0.0,
        "keys": [],
        "reason": "nothing of this character comes near it",
        "targets": [],
    }
    assert one["bones"]["head"]["bone"] == "head"
    assert [neck["bone"] for neck in one["bones"]["necks"]] == ["neck"]
    assert one["bones"]["jaw"] is None
    assert one["convention"] is None
    assert one["meshes"] == ["Face"]
    assert one["can_speak"] is True


def test_a_bone_that_opens_the_mouth_is_a_target_without_a_mesh() -> None:
    found = recognise([], {"jawOpen": Pose((Move("jaw", (0.3, 0.0, 0.0)),))})
    one = report.of_character("Rig", "Rig", found, None, [])
    assert channel(one, "jawOpen")["how"] == "bone"
    assert channel(one, "jawOpen")["targets"] == [{"mesh": None, "key": "jawOpen", "weight": 1.0}]
    assert one["can_speak"] is True


def test_looks_that_the_eyes_bones_show_have_no_targets() -> None:
    found = with_eyes(recognise([Mesh("Face", (Key("jawOpen"),))]), "by the eyes' bones")
    one = report.of_character("Rig", "Rig", found, find_bones(body(jaw=None)), [])
    look = channel(one, "eyeLookUpLeft")
    assert (look["how"], look["keys"], look["targets"]) == ("bone", [], [])
    assert look["reason"] == "by the eyes' bones"
    (line,) = [line for line in table(one) if line.split()[:1] == ["eyeLookUpLeft"]]
    assert line.split() == ["eyeLookUpLeft", "bone", "100", "%", "by", "the", "eyes'", "bones"]


def test_it_is_the_same_when_it_comes_back_from_json() -> None:
    whole = report.of_file("hero.glb", [described(*SHAPES, has_armature=True), described("口开", name="女孩")], ["x"])
    assert json.loads(json.dumps(whole)) == whole


def test_the_table_says_what_the_values_say() -> None:
    one = described(*SHAPES, has_armature=True)
    lines = table(one)
    assert lines[0] == f"Rig: {one['summary']}"
    for row in one["channels"]:
        (line,) = [line for line in lines if line.split()[:1] == [row["channel"]]]
        assert line.split() == [row["channel"], "exact", "100", "%", row["channel"]]
    assert any(re.match(r"  head +head +\d+ %  ", line) for line in lines)
    assert "  not found: jaw" in lines
    assert "  note: Look." in lines
    assert lines[-1] == "Rig can speak."


def test_columns_stand_under_each_other_in_any_script() -> None:
    rows = [line for line in table(described("あ", "い", "う", "え", "お", "まばたき", "ウィンク")) if " % " in line]
    assert any("まばたき" in row for row in rows)
    starts = {report._width(re.split(r"as MMD|by the|takes|\S+ (?:and \S+ )?instead", row)[0]) for row in rows}
    assert len(starts) == 1


def test_who_can_speak_is_said_last() -> None:
    mute, able = described("browInnerUp", "browDownLeft", name="Mute"), described("jawOpen", "a", name="Able")
    assert mute["can_speak"] is False
    assert table(mute)[-1] == "Mute cannot speak: nothing opens the mouth."
    assert table(mute, mute)[-1] == "None of 2 characters can speak: nothing opens their mouths."
    assert table(mute, able)[-1] == "1 of 2 characters can speak: Able."
    assert report.of_file("x", [mute, able], [])["can_speak"] is True
    assert report.of_file("x", [mute], [])["can_speak"] is False
    assert report.of_file("x", [], [])["can_speak"] is False
    assert table(notes=("Nobody.",)) == ["note: Nobody."]


def test_names_cannot_command_a_terminal() -> None:
    lines = table(described("jawOpen\x1b[2J", "jawLeft\n", name="\x1b]0;owned\x07\ud800"), notes=("\x9b31m",))
    assert all(line.isprintable() for line in lines)
    assert any("?[2J" in line for line in lines)


def test_the_document_shows_every_member() -> None:
    text = (Path(__file__).parents[2] / "docs/rigs.md").read_text(encoding="utf-8")
    (shown,) = [block for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL) if report.FORMAT in block]
    document = json.loads(shown)
    one = described(*SHAPES, has_armature=True)
    whole = report.of_file("hero.glb", [one], [])
    assert list(document) == list(whole)
    (hero,) = document["characters"]
    assert list(hero) == list(one)
    assert list(hero["bones"]) == list(one["bones"])
    assert list(hero["channels"][0]) == list(one["channels"][0])
    assert list(hero["channels"][0]["targets"][0]) == list(one["channels"][0]["targets"][0])
    assert hero["bones"]["head"].keys() == one["bones"]["head"].keys()


def test_without_blender_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.startswith("linly_blender.scene")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "bpy", None)
    result = CliRunner().invoke(main, ["rig", str(tmp_path / "hero.glb")])
    assert result.exit_code == 1
    assert "pip install bpy" in result.output
