"""Make the virtual environments: ``.venv`` and, for the second lane of tests, ``.venv-3.13``.

Runs under any Python 3.8 or newer, since it is what finds the right ones. Does nothing when all is up to date.
"""

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("cli", "test", "lint", "blender")
TRAINING_PYTHON = "3.11"
# PyPI's torch for Linux brings gigabytes for graphics cards; this index has the one that computes on the processor.
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
# What pip's bpy and sounddevice load, and the Debian package each is in.
SYSTEM_LIBRARIES = {
    "portaudio": "libportaudio2",
    "X11": "libx11-6",
    "Xrender": "libxrender1",
    "Xxf86vm": "libxxf86vm1",
    "Xfixes": "libxfixes3",
    "Xi": "libxi6",
    "xkbcommon": "libxkbcommon0",
    "SM": "libsm6",
    "ICE": "libice6",
    "GL": "libgl1",
    "EGL": "libegl1",
    "gomp": "libgomp1",
}


def main():
    install_system_libraries()
    main_python, second_python = find_python(TRAINING_PYTHON), find_python("3.13")
    if not main_python and not second_python:
        sys.exit("error: Python 3.11 or 3.13 is needed and neither was found. Install one of them and try again.")
    wanted = [(main_python or second_python, ROOT / ".venv")]
    if main_python and second_python:
        wanted.append((second_python, ROOT / ".venv-3.13"))
    else:
        missing = "3.13" if main_python else "3.11"
        print(f"setup: Python {missing} was not found; its lane of tests will be skipped")
    stale = [(python, folder) for python, folder in wanted if not is_ready(folder)]
    for _, folder in stale:
        print(f"setup: making {folder.name} (about a minute)", flush=True)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda pair: make(*pair, training=pair[0] == main_python), stale))


def find_python(version):
    """Path of a Python of this version, or None."""
    candidates = [shutil.which(f"python{version}"), sys.executable, shutil.which("python3")]
    candidates += sorted(Path.home().glob(f".pyenv/versions/{version}*/bin/python"))
    for candidate in filter(None, candidates):
        probe = [candidate, "-c", "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(probe, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip() == version:
            return candidate
    return None


def stamp():
    """What the environments were made from, and by what."""
    return hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + Path(__file__).read_bytes()).hexdigest()


def is_ready(folder):
    made = folder / ".made-from"
    return made.is_file() and made.read_text() == stamp()


def make(python, folder, training):
    """Make one environment; its stamp is written last, so that a broken one is made again."""
    run([python, "-m", "venv", folder])
    inside = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    run([*install, *requirements(inside, *EXTRAS)])
    if training:
        add_training(install, requirements(inside, "training"))
    (folder / ".made-from").write_text(stamp())


def add_training(install, wanted):
    """Install what training needs, as far as pip can get it; tests that need the rest will be skipped by name."""
    torch = next(requirement for requirement in wanted if requirement.startswith("torch"))
    from_index = ["--no-deps", "--retries", "1", "--timeout", "20", "--index-url", TORCH_INDEX, torch]
    for step in (from_index, [torch], wanted):
        done = subprocess.run([str(c) for c in (*install, *step)], capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["pip does not say why"])[-1]
            print(f"setup: tests of training will be skipped, since pip cannot install {step[-1]} ({reason})")
            print("setup: to try again, delete .venv/.made-from")
            return


def requirements(python, *extras):
    """The project's requirements with these extras."""
    return run([python, ROOT / "scripts/requirements.py", *extras]).splitlines()


def run(command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"error: {' '.join(map(str, command[:4]))} ... failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def install_system_libraries():
    """On Linux, install what is missing when that is possible, else name it."""
    if sysconfig.get_platform().split("-")[0] != "linux":
        return
    missing = [package for library, package in SYSTEM_LIBRARIES.items() if not ctypes.util.find_library(library)]
    if not missing:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("setup: installing " + " ".join(missing), flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", "-q", *command], env=quiet, stdout=subprocess.DEVNULL, check=False)
        missing = [package for library, package in SYSTEM_LIBRARIES.items() if not ctypes.util.find_library(library)]
    if missing:
        print("setup: please install these system libraries: " + " ".join(missing))


if __name__ == "__main__":
    main()
