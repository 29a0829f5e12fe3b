"""A recording in a real window: heard in the background, corrected, baked, and followed to where its strip goes."""

from typing import Any

import pytest

from linly_blender.measure.blender import Blender

from .test_window import blender, tell

__all__ = ["blender"]


@pytest.fixture(scope="module")
def seen(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return tell(blender, tmp_path_factory.mktemp("dialogue"), "dialogue_story.py")


def test_lines_are_shown_while_the_others_are_looked_for(seen: dict[str, Any]) -> None:
    assert seen["kept_when_cancelled"] == ["", []]
    assert seen["perform"] == ["RUNNING_MODAL"]
    assert [count for count in seen["lines_shown"] if 0 < count < 20], "some were shown before all were found"
    assert seen["words"] > 10 * 15
    assert seen["on_phones"] > 0.9


def test_a_correction_is_a_step_of_undo(seen: dict[str, Any]) -> None:
    assert (seen["corrected"], seen["undone"], seen["redone"]) == ("seven", "five", "seven")
    assert seen["current_after_undo"]


def test_a_file_is_baked_with_its_own_sound_in_one_step(seen: dict[str, Any]) -> None:
    assert seen["sounds"] == [seen["path"]]
    assert seen["sounds_after_undo"] == 0


def test_a_strip_takes_its_take_along(seen: dict[str, Any]) -> None:
    assert seen["pipette"] == ["FINISHED"]
    assert seen["baked_at"] == 30
    assert "press Sync to Strip" in seen["notes"]
    assert seen["sync"] == ["FINISHED"]
    assert seen["synced_at"] == 55
    assert seen["marked"] == seen["words"]
    assert seen["ended"]
