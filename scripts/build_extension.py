"""Build the extension: a zip per platform with its libraries inside, and one without them, into ``dist/``.

    python scripts/build_extension.py                 all of them
    python scripts/build_extension.py --no-wheels     only the one for a Blender that has the libraries installed

Wheels come unmodified from the package index, at the versions pyproject.toml names, and are kept in ``build/wheels``.
jieba is published as source only; its wheel is what ``pip wheel`` makes of that, and is the same for every platform.
Building and validating is done by Blender's own tool, which lies in the ``bpy`` package.
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).resolve().parent.parent
WHEELS: Final = ROOT / "build/wheels"
PYTHONS: Final = ("3.11", "3.13")
"""Of Blender 4.5 and 5.0, and of Blender 5.1 and 5.2."""
PLATFORMS: Final = {
    # Blender's name: Python's name of the machine, and the oldest systems Blender runs on, in pip's names
    "windows-x64": ("AMD64", ("win_amd64",)),
    "windows-arm64": ("ARM64", ("win_arm64",)),
    "linux-x64": ("x86_64", ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64")),
    "macos-arm64": ("arm64", ("macosx_13_0_arm64",)),
    "macos-x64": ("x86_64", ("macosx_13_0_x86_64",)),
}
IN_BLENDER: Final = {"numpy"}
SOURCE_ONLY: Final = {"jieba"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-wheels", action="store_true", help="only the zip without libraries")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder of the zips (default: dist)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    name = f"{manifest['id']}-{manifest['version']}"
    for stale in options.out.glob(f"{manifest['id']}-*.zip"):
        stale.unlink()
    bare = options.out / f"{name}-no_wheels.zip"
    blender_extension("build", "--source-dir", ROOT, "--output-filepath", bare)
    zips = [bare]
    if not options.no_wheels:
        stage = ROOT / "build/extension"
        shutil.rmtree(stage, ignore_errors=True)
        with zipfile.ZipFile(bare) as archive:  # what the manifest's exclusions leave, and nothing else
            archive.extractall(stage)
        add_wheels(stage, fetch_wheels())
        blender_extension("build", "--split-platforms", "--source-dir", stage, "--output-dir", options.out)
        zips += sorted(path for path in options.out.glob(f"{name}-*.zip") if path != bare)
    for path in zips:
        blender_extension("validate", path)
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


def fetch_wheels() -> list[Path]:
    """Download the wheels of every platform and Python that are not there yet; return all of them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    every = [one for one in map(Requirement, project["dependencies"]) if one.name not in IN_BLENDER]
    source = [one for one in every if one.name in SOURCE_ONLY]
    wheels = fetched("any", source, ("wheel", "--no-deps", "--wheel-dir"))
    for platform, (machine, systems) in PLATFORMS.items():
        here = [
            one
            for one in every
            if one not in source and (one.marker is None or one.marker.evaluate({"platform_machine": machine}))
        ]
        tags = [word for system in systems for word in ("--platform", system)]
        for python in PYTHONS:
            only = ("--only-binary=:all:", "--python-version", python, *tags)
            wheels |= fetched(f"{platform}-{python}", here, ("download", "--no-deps", *only, "--dest"))
    return [wheels[name] for name in sorted(wheels)]


def fetched(place: str, requirements: list[Requirement], command: tuple[str, ...]) -> dict[str, Path]:
    """Name and path of the requirements' wheels for one place; the newest that the index has for it."""
    wanted = [f"{one.name}{one.specifier}" for one in requirements]
    folder, stamp = WHEELS / place, WHEELS / f"{place}.txt"
    if not stamp.is_file() or stamp.read_text() != "\n".join(wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pip(*command, folder, *wanted)
        stamp.write_text("\n".join(wanted))  # last, so that what broke off is begun again
    return {wheel.name: wheel for wheel in folder.glob("*.whl")}


def add_wheels(stage: Path, wheels: list[Path]) -> None:
    """Put the wheels into the staged extension and name them in its manifest."""
    folder = stage / "wheels"
    folder.mkdir()
    for wheel in wheels:
        shutil.copy2(wheel, folder)
    path = stage / "blender_manifest.toml"
    listed = "".join(f'    "./wheels/{wheel.name}",\n' for wheel in wheels)
    lines = f"platforms = [{', '.join(repr(p) for p in PLATFORMS)}]\nwheels = [\n{listed}]\n\n"
    head, table, rest = path.read_text(encoding="utf-8").partition("[permissions]")
    assert table, "the manifest has no [permissions] to put the wheels before"
    path.write_text(head + lines + table + rest, encoding="utf-8")


def pip(*arguments: str | Path) -> None:
    run([sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *map(str, arguments)])


def blender_extension(*arguments: str | Path) -> None:
    """Blender's own command line for extensions."""
    spec = importlib.util.find_spec("bpy")
    if spec is None or spec.origin is None:
        sys.exit("error: bpy is not installed in this Python. Run: make setup")
    tools = sorted(Path(spec.origin).parent.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    run([sys.executable, str(tools[0]), *map(str, arguments)])


def run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"error: {' '.join(command[1:5])} ... failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
