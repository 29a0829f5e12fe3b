"""A character is set up in a real window: found, changed, tried and recorded, with undo and without keys."""

from typing import Any

import pytest

from linly_blender.measure.blender import Blender

from .test_window import blender, tell

__all__ = ["blender"]

SMILE = pytest.approx(0.25)
"""What the artist has set."""


@pytest.fixture(scope="module")
def seen(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return tell(blender, tmp_path_factory.mktemp("character"), "character_story.py")


def test_the_selected_head_is_detected(seen: dict[str, Any]) -> None:
    assert seen["detect"] == ["FINISHED"]
    assert seen["found"].startswith("ARKit: 52 of 52 shapes in 1 mesh, head")


def test_the_list_is_drawn_without_looking_at_the_character_again(seen: dict[str, Any]) -> None:
    assert seen["drawn"] == 52
    assert seen["looked"] <= 1


def test_changes_are_steps_of_undo(seen: dict[str, Any]) -> None:
    assert seen["gains"] == [0.75, 0.5, 1.0, 0.5, 0.75]
    assert seen["add"] == ["FINISHED"]
    before, after = seen["targets"]
    assert after < before
    assert seen["reset"] == ["FINISHED"]
    assert not seen["kept_after_reset"]


def test_a_test_drive_gives_the_pose_back(seen: dict[str, Any]) -> None:
    assert seen["driven"] == pytest.approx([0.8, 0.0, 0.8])
    assert seen["at_zero"] == [0.0, SMILE]
    assert seen["after_undo"] == [0.0, SMILE, 0.0]
    assert seen["smile_kept"] == 1, "the step before was undone"


def test_wiggle_shows_the_channel_twice_and_keys_nothing(seen: dict[str, Any]) -> None:
    assert seen["wiggle"] == ["RUNNING_MODAL"]
    top, last, smile = seen["wiggled"]
    assert top > 0.8
    assert (last, smile) == (0.0, SMILE)
    assert seen["times"] == 2
    assert seen["actions"] == 0


def test_a_pose_of_a_bone_becomes_a_channel(seen: dict[str, Any]) -> None:
    assert "No bone is away from its rest" in seen["nothing_posed"]
    assert seen["record"] == ["FINISHED"]
    assert seen["posed"] == pytest.approx(12, abs=0.01)
    assert seen["rest"] == 0


def test_the_setup_is_in_the_file_and_what_is_only_tried_is_not(seen: dict[str, Any]) -> None:
    assert seen["rest_after_loading"] == 0
    assert seen["pose_after_loading"] == ["jawForward"]
    assert seen["channel_after_loading"] == "jawForward"
    assert seen["ended"]
