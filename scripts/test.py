"""Run the whole suite in every lane this machine has; name the lanes it has not.

Lanes: Blender 4.5's Python 3.11 in ``.venv``, Blender 5.2's Python 3.13 in ``.venv-3.13``, and a Blender with a window
where ``BLENDER`` names one (or the team's tool is there). Further arguments go to pytest.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANES = {".venv": ["tests"], ".venv-3.13": ["tests/engine", "tests/blender"]}


def main() -> int:
    failed, skipped = [], []
    for name, folders in LANES.items():
        python = ROOT / name / "bin/python"
        if not python.exists():
            python = ROOT / name / "Scripts/python.exe"
        if not python.exists():
            skipped.append(f"{name}: no Python for it on this machine")
            continue
        versions = "import sys, bpy; print('Python %d.%d' % sys.version_info[:2], 'bpy', bpy.app.version_string)"
        about = subprocess.run([python, "-c", versions], capture_output=True, text=True, check=False).stdout.split("\n")
        print(f"\n=== {name}: {about[0]} ===", flush=True)
        command = [python, "-m", "pytest", "-rs", *folders, *sys.argv[1:]]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    for lane in skipped:
        print(f"SKIPPED LANE {lane}")
    if failed:
        print("FAILED: " + ", ".join(failed))
    return 1 if failed or len(skipped) == len(LANES) else 0


if __name__ == "__main__":
    sys.exit(main())
