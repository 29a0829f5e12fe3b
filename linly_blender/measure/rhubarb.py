"""Rhubarb Lip Sync, which animators use for recorded dialogue, as a peer on the same files.

It is the WebAssembly build that npm has as ``rhubarb-lip-sync-wasm``, fetched into the cache folder by the first bench
that finds npm, at the version and with the checksum of ``scripts/rhubarb/package-lock.json``. Nothing else uses it.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .figures import AbsentError

RATE: Final = 16000
"""Samples a second, the only rate that it hears."""
CLOSED: Final = "A"
"""Its shape for p, b and m."""
IDLE: Final = "X"
"""Its shape for pauses: lips closed but relaxed, in the words of its manual."""
NAME: Final = "rhubarb-lip-sync-wasm"
_ROOT: Final = Path(__file__).resolve().parents[2]
_RECIPE: Final = _ROOT / "scripts/rhubarb"
_CACHE: Final = _ROOT / ".cache/rhubarb"
_PATIENCE: Final = 1800.0
"""Seconds for all sounds together; it hears about as fast as one speaks."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A mouth shape, A .. H or X, that stands from one time to another, in seconds."""

    shape: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Heard:
    cues: tuple[Cue, ...]
    """In order, without gaps."""
    seconds: float
    """That it took."""

    def closed(self, shapes: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Begin and end of every stretch in which it shows one of the shapes [shape=(k,) each]."""
        runs: list[list[float]] = []
        for cue in self.cues:
            if cue.shape not in shapes:
                continue
            if runs and cue.start - runs[-1][1] < 1e-6:
                runs[-1][1] = cue.end
            else:
                runs.append([cue.start, cue.end])
        edges = np.array(runs).reshape(-1, 2)
        return edges[:, 0], edges[:, 1]


def version() -> str:
    """Of the package that is measured."""
    recipe = json.loads((_RECIPE / "package.json").read_text(encoding="utf-8"))
    return str(recipe["dependencies"][NAME])


def hear(sounds: Sequence[NDArray[np.int16]], texts: Sequence[str]) -> list[Heard]:
    """Mouth cues of every sound, mono samples at ``RATE`` [shape=(n,)], with its text, which may be empty.

    Raises AbsentError where there is no node or npm, npm does not get the package, or the package fails.
    """
    package = _installed()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        jobs = []
        for index, (sound, text) in enumerate(zip(sounds, texts, strict=True)):
            path = folder / f"{index}.pcm"
            path.write_bytes(sound.astype("<i2").tobytes())
            jobs.append({"pcm": str(path), "text": text})
        given, results = folder / "jobs.json", folder / "results.json"
        given.write_text(json.dumps(jobs), encoding="utf-8")
        _run([_tool("node"), str(_RECIPE / "run.mjs"), str(package), str(given), str(results)], folder)
        heard = json.loads(results.read_text(encoding="utf-8"))
    return [_heard(one) for one in heard]


def _heard(result: dict[str, Any]) -> Heard:
    cues = (Cue(str(cue["value"]), float(cue["start"]), float(cue["end"])) for cue in result["cues"])
    return Heard(tuple(cues), float(result["seconds"]))


def _installed() -> Path:
    """Folder of the package."""
    npm = _tool("npm")
    lock = (_RECIPE / "package-lock.json").read_bytes()
    stamp = _CACHE / "made-from.json"
    if not stamp.is_file() or stamp.read_bytes() != lock:
        shutil.rmtree(_CACHE, ignore_errors=True)
        _CACHE.mkdir(parents=True)
        for recipe in ("package.json", "package-lock.json"):
            shutil.copy(_RECIPE / recipe, _CACHE)
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], _CACHE)
        stamp.write_bytes(lock)  # last, so that what broke off is begun again
    return _CACHE / "node_modules" / NAME


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise AbsentError(f"there is no {name} to run {NAME} with")
    return found


def _run(command: list[str], folder: Path) -> None:
    """Run it in a folder. Raises AbsentError with what it said when it fails or does not end."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise AbsentError(f"{Path(command[0]).stem} does not end with {NAME}") from error
    if done.returncode:
        said = done.stdout.strip()[-300:]
        raise AbsentError(f"{Path(command[0]).stem} does not get along with {NAME} ({said})")
