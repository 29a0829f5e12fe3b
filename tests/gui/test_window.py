"""The extension in a real Blender with a window: installed from its zip and used as an animator uses it.

Runs where ``BLENDER`` names a Blender (4.5 or newer, with a display), or where the team's virtual screen is set up.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT.parent / "shared/tools/blender-gui"
PATIENCE = 300.0


@dataclass(frozen=True)
class Blender:
    background: list[str]
    window: list[str]
    has_libraries: bool
    """Installed in its Python already, so that the zip without wheels is for it."""


@pytest.fixture(scope="module")
def blender() -> Blender:
    binary = os.environ.get("BLENDER")
    if binary:
        if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            pytest.skip("BLENDER is set, but there is no display for its window")
        return Blender([binary, "--background"], [binary], has_libraries=False)
    ready = Path(os.environ.get("BLENDER_GUI_ROOT", "/opt/blender-gui")) / ".ready"
    if not (TOOL.exists() and ready.exists()):
        pytest.skip("no Blender with a window: set BLENDER to a Blender's path")
    found = Blender([str(TOOL), "background"], [str(TOOL), "run"], has_libraries=True)
    probe = run([*found.background, "--python-exit-code", "3", "--python-expr", "import espeakng_loader, jieba"], {})
    if probe.returncode == 3:
        pytest.skip("the virtual screen's Blender lacks espeakng-loader or jieba in its Python")
    if probe.returncode:
        pytest.skip(f"the virtual screen's Blender does not start here: {probe.stdout[-300:]}")
    return found


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture(scope="module")
def seen(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an animator's session saw."""
    return tell(blender, tmp_path_factory.mktemp("blender"), "story.py")


def tell(blender: Blender, folder: Path, name: str) -> dict[str, Any]:
    """What a story saw, in a Blender whose user folders are empty but for the extension."""
    options = ["--no-wheels"] if blender.has_libraries else []
    script = ROOT / "scripts/build_extension.py"
    made = run([sys.executable, str(script), "--out", str(folder / "zips"), *options], {})
    assert made.returncode == 0, made.stdout
    (archive,) = (path for path in (folder / "zips").glob("*.zip") if is_for_this_machine(path, blender))
    environment = {"BLENDER_USER_RESOURCES": str(folder / "user")}
    install = ["--command", "extension", "install-file", "--repo", "user_default", "--enable", str(archive)]
    installed = run([*blender.background, *install], environment)
    assert "Installed" in installed.stdout, installed.stdout
    results = folder / "results.json"
    story = folder / "story.py"
    story.write_bytes((Path(__file__).parent / name).read_bytes())
    told = run([*blender.window, "--python", str(story), "--", str(results)], environment)
    assert results.exists(), told.stdout
    seen: dict[str, Any] = json.loads(results.read_text())
    assert "error" not in seen, seen["error"]
    assert "Traceback" not in told.stdout, told.stdout
    assert told.returncode == 0, told.stdout
    return seen


def is_for_this_machine(path: Path, blender: Blender) -> bool:
    if blender.has_libraries:
        return path.stem.endswith("no_wheels")
    system = {"linux": "linux", "win32": "windows", "darwin": "macos"}[sys.platform]
    machine = "arm64" if os.uname().machine in {"arm64", "aarch64"} else "x64"
    return path.stem.endswith(f"{system}_{machine}")


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
