"""Run the whole suite in every lane this machine has; name the lanes it has not.

Lanes: Blender 4.5's Python 3.11 in ``.venv``, and a Blender with a window where ``BLENDER`` names one (or the team's
tool is there); Blender 5.2's Python 3.13 in ``.venv-3.13``, without the simulated hours; training, in ``.venv`` again,
where ``setup.py`` could install torch. Further arguments go to pytest.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What is needed, where, and what pytest is told.
LANES = (
    ("bpy", ".venv", ["tests/engine", "tests/live", "tests/blender", "tests/gui"]),
    ("bpy", ".venv-3.13", ["tests/engine", "tests/live", "tests/blender", "-m", "not long"]),
    ("torch", ".venv", ["tests/training"]),
)

LONGEST = 18 * 60
"""Seconds of a lane: a thread that a failing test left behind would keep it alive for ever."""


def passes(command: list[str | Path]) -> bool:
    """Run a lane's tests, in time."""
    try:
        return subprocess.run(command, cwd=ROOT, check=False, timeout=LONGEST).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def main() -> int:
    failed, skipped = [], []
    for module, name, tests in LANES:
        lane = f"{name}, {module}"
        python = ROOT / name / "bin/python"
        if not python.exists():
            python = ROOT / name / "Scripts/python.exe"
        if not python.exists():
            skipped.append(f"{lane}: no Python for it on this machine")
            continue
        versions = (
            "import sys; from importlib.metadata import version; "
            f"print('Python %d.%d, {module}' % sys.version_info[:2], version('{module}'))"
        )
        about = subprocess.run([python, "-c", versions], capture_output=True, text=True, check=False)
        if about.returncode:
            skipped.append(f"{lane}: not installed there (scripts/setup.py says why)")
            continue
        print(f"\n=== {name}: {about.stdout.strip()} ===", flush=True)
        command = [python, "-m", "pytest", "-rs", *tests, *sys.argv[1:]]
        # What fails is tried once more: the live loop runs on real time, and a busy machine may stall.
        if not (passes(command) or passes([*command, "--last-failed"])):
            failed.append(lane)
    for lane in skipped:
        print(f"SKIPPED LANE {lane}")
    for lane in failed:
        print(f"FAILED LANE {lane}")
    return 1 if failed or len(skipped) == len(LANES) else 0


if __name__ == "__main__":
    sys.exit(main())
