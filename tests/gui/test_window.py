"""The extension in a real Blender with a window: installed from its zip and used as an animator uses it.

Runs where ``BLENDER`` names a Blender (4.5 or newer, with a display), or where the team's virtual screen is set up.
"""

from pathlib import Path
from typing import Any

import pytest

from linly_blender.measure.blender import Blender, find, install
from linly_blender.measure.blender import tell as told_by
from linly_blender.measure.figures import AbsentError

PATIENCE = 300.0


@pytest.fixture(scope="module")
def blender() -> Blender:
    try:
        return find(PATIENCE)
    except AbsentError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def seen(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an animator's session saw."""
    return tell(blender, tmp_path_factory.mktemp("blender"), "story.py")


def tell(blender: Blender, folder: Path, name: str) -> dict[str, Any]:
    """What a story saw, in a Blender whose user folders are empty but for the extension."""
    return told_by(blender, Path(__file__).parent / name, install(blender, folder, PATIENCE), PATIENCE)


def test_is_enabled_by_installing(seen: dict[str, Any]) -> None:
    assert seen["enabled"] == [True, True]
    assert seen["ended"]


def test_the_window_lives_while_five_minutes_are_performed(seen: dict[str, Any]) -> None:
    assert seen["perform"] == ["RUNNING_MODAL"]
    assert seen["works_in_background"]
    assert seen["duration"] > 300
    assert len(seen["gaps"]) > 5
    drawing = max(seen["gaps_drawing"])  # by software, on a virtual screen, it may take long
    assert max(seen["gaps"]) < max(sum(seen["gaps"]) / 2, 3 * drawing), "Blender stood still while it worked"
    assert seen["take_is_there"]


def test_a_bad_text_keeps_the_take_before(seen: dict[str, Any]) -> None:
    assert seen["bad_text"] == ["RUNNING_MODAL"]
    assert seen["kept_when_refused"]


def test_undo_in_the_middle_of_the_work_does_no_harm(seen: dict[str, Any]) -> None:
    assert seen["seed_after_undo"] == 0
    assert seen["take_after_undo"]


def test_cancelling_keeps_the_take_before(seen: dict[str, Any]) -> None:
    assert seen["kept_when_cancelled"]


def test_bake_performs_again_what_has_changed_and_the_face_moves(seen: dict[str, Any]) -> None:
    assert seen["bake"] == ["RUNNING_MODAL"]
    assert seen["performed_again"]
    assert seen["baked"] > 0
    assert max(seen["jaw"]) - min(seen["jaw"]) > 0.1
    assert seen["notes"] == ""


def test_play_starts_at_the_take_and_leaves_the_settings(seen: dict[str, Any]) -> None:
    assert seen["plays"]
    assert seen["stops"]
    assert 1 < seen["frame_after_a_second"] < 50
    assert seen["sync_mode_kept"]


def test_bake_is_one_step_of_undo_and_remove_takes_it_away(seen: dict[str, Any]) -> None:
    assert seen["baked_after_undo"] == 0
    assert seen["avatar_after_undo"]
    assert seen["baked_after_redo"] == seen["baked"]
    assert seen["baked_after_remove"] == 0


def test_the_work_ends_with_the_extension_and_with_the_file(seen: dict[str, Any]) -> None:
    assert seen["stopped_by_disabling"]
    assert seen["stopped_by_loading"]
