"""A conversation in a real window: what moves, what is given back, and what it survives."""

from typing import Any

import pytest

from linly_blender.measure.blender import Blender

from .test_window import blender, tell

__all__ = ["blender"]

REST = pytest.approx(0.25)
"""How open the artist has left the jaw."""
MOVES = 0.2


@pytest.fixture(scope="module")
def seen(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return tell(blender, tmp_path_factory.mktemp("live"), "live_story.py")


def test_it_moves_keys_nothing_and_leaves_nothing_to_undo(seen: dict[str, Any]) -> None:
    assert seen["start"] == ["FINISHED"]
    assert seen["moves"] > MOVES
    assert seen["actions"] == 0
    assert seen["seed_after_undo"] == 1, "undo goes back to what the animator did before the conversation"
    assert seen["moves_after_undo"] > MOVES
    assert seen["seed_after_redo"] == 2
    assert seen["moves_after_redo"] > MOVES


def test_the_pose_is_given_back_in_every_step_of_undo(seen: dict[str, Any]) -> None:
    assert seen["jaw_after_stop"] == REST
    assert seen["jaws_after_undo"] == [REST, REST]
    assert seen["jaws_after_redo"] == [REST]


def test_the_panel_is_drawn_and_told_what_is_wrong(seen: dict[str, Any]) -> None:
    assert "not running" in seen["problem"]


def test_playing_and_rendering_are_not_disturbed(seen: dict[str, Any]) -> None:
    assert seen["paused"] == "animation"
    assert seen["jaw_while_playing"] == REST
    assert seen["moves_after_playing"] > MOVES
    assert seen["paused_while_rendering"]
    assert seen["moves_after_rendering"] > MOVES


def test_windows_and_scenes_come_and_go(seen: dict[str, Any]) -> None:
    assert seen["moves_after_windows_and_scenes"] > MOVES


def test_a_character_that_is_gone_is_named_and_has_its_pose(seen: dict[str, Any]) -> None:
    for how in ("renamed", "deleted"):
        assert f"'{seen['head']}" in seen[f"problem_when_{how}"], "its mesh or its rig"
        assert seen[f"jaw_when_{how}"] == REST
    assert seen["moves_again"] > MOVES


def test_it_ends_with_the_extension_the_file_and_blender(seen: dict[str, Any]) -> None:
    assert seen["jaw_after_disabling"] == REST
    assert seen["runs"]
    assert seen["stopped_by_loading"]
    assert seen["starts_again"] == ["FINISHED"]
    assert seen["threads"] > 1, "a thread was running when Blender quit, and it has"
    assert seen["ended"]
