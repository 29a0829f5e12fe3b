"""A real Blender with a window, and the extension installed in it.

``BLENDER`` names one (4.5 or newer, with a display); else it is the team's, with a virtual screen, if that is set up.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .figures import AbsentError

ROOT: Final = Path(__file__).resolve().parents[2]
_TOOL: Final = ROOT.parent / "shared/tools/blender-gui"
_BUILD: Final = ROOT / "scripts/build_extension.py"


@dataclass(frozen=True, slots=True)
class Blender:
    background: tuple[str, ...]
    """Command without a window."""
    window: tuple[str, ...]
    """Command with one."""
    has_libraries: bool
    """In its Python already, so that the zip without wheels is for it."""


def find(patience: float) -> Blender:
    """The Blender of this machine. Raises AbsentError."""
    binary = os.environ.get("BLENDER")
    if binary:
        if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise AbsentError("BLENDER is set, but there is no display for its window")
        return Blender((binary, "--background"), (binary,), has_libraries=False)
    ready = Path(os.environ.get("BLENDER_GUI_ROOT", "/opt/blender-gui")) / ".ready"
    if not (_TOOL.exists() and ready.exists()):
        raise AbsentError("no Blender with a window: set BLENDER to a Blender's path")
    found = Blender((str(_TOOL), "background"), (str(_TOOL), "run"), has_libraries=True)
    libraries = "import espeakng_loader, jieba"
    probe = run([*found.background, "--python-exit-code", "3", "--python-expr", libraries], {}, patience)
    if probe.returncode == 3:
        raise AbsentError("the virtual screen's Blender lacks espeakng-loader or jieba in its Python")
    if probe.returncode:
        raise AbsentError(f"the virtual screen's Blender does not start here: {probe.stdout[-300:]}")
    return found


def run(command: list[str], environment: Mapping[str, str], patience: float) -> subprocess.CompletedProcess[str]:
    """Run it to its end, which has to come within ``patience`` seconds; output and errors are one text."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patience,
        check=False,
    )


def install(blender: Blender, folder: Path, patience: float) -> dict[str, str]:
    """The environment in which it has user folders of its own, empty but for the extension, built of this tree."""
    options = ["--no-wheels"] if blender.has_libraries else []
    made = run([sys.executable, str(_BUILD), "--out", str(folder / "zips"), *options], {}, patience)
    if made.returncode:
        raise RuntimeError(made.stdout)
    (archive,) = (path for path in (folder / "zips").glob("*.zip") if _is_for_this_machine(path, blender))
    environment = {"BLENDER_USER_RESOURCES": str(folder / "user")}
    command = ["--command", "extension", "install-file", "--repo", "user_default", "--enable", str(archive)]
    installed = run([*blender.background, *command], environment, patience)
    if "Installed" not in installed.stdout:
        raise RuntimeError(installed.stdout)
    return environment


def tell(blender: Blender, story: Path, environment: Mapping[str, str], patience: float) -> dict[str, Any]:
    """Have Blender run a script in its window: ``--python STORY -- RESULTS.json``; what it wrote there.

    Raises RuntimeError when it wrote nothing, an ``error``, or a traceback, or did not end well.
    """
    with tempfile.TemporaryDirectory() as folder:
        script, results = Path(folder) / story.name, Path(folder) / "results.json"
        script.write_bytes(story.read_bytes())  # where a Blender that sees other folders finds it
        told = run([*blender.window, "--python", str(script), "--", str(results)], environment, patience)
        if not results.exists() or told.returncode or "Traceback" in told.stdout:
            raise RuntimeError(told.stdout)
        seen: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    if "error" in seen:
        raise RuntimeError(seen["error"])
    return seen


def _is_for_this_machine(path: Path, blender: Blender) -> bool:
    if blender.has_libraries:
        return path.stem.endswith("no_wheels")
    system = {"linux": "linux", "win32": "windows", "darwin": "macos"}[sys.platform]
    machine = "arm64" if os.uname().machine in {"arm64", "aarch64"} else "x64"
    return path.stem.endswith(f"{system}_{machine}")
