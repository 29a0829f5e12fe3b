"""Ruff and mypy over the whole tree.

mypy sees the repository as Blender does: as one package that holds the engine, so that the operators' relative imports
are followed. The link that makes it so lies in the cache folder.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("linly_blender", "operators", "panels", "registration")


def main() -> int:
    run = [sys.executable, "-m"]
    codes = [
        subprocess.run([*run, "ruff", "check", "."], cwd=ROOT, check=False).returncode,
        subprocess.run([*run, "ruff", "format", "--check", "."], cwd=ROOT, check=False).returncode,
    ]
    home = ROOT / ".cache/types"
    home.mkdir(parents=True, exist_ok=True)
    link = home / "linly_avatar"
    if not link.is_symlink():
        link.symlink_to(ROOT, target_is_directory=True)
    parts = [word for part in PARTS for word in ("-p", f"linly_avatar.{part}")]
    config = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache")]
    codes.append(subprocess.run([*run, "mypy", *config, *parts], cwd=home, check=False).returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
