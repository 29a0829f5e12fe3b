"""Reading a file of any make into Blender, in place of what is open there. The file is never written to."""

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import bpy

from ..errors import UserError, some_of
from ..rig.vrm import MAGIC, Expression, expressions, read_vrm, write_glb

ENDINGS: Final = ".blend, .glb, .gltf, .vrm or .fbx"
_MOST_BYTES: Final = 2 * 2**30
_MARKS: Final = (
    (MAGIC, "glTF"),
    (b"BLENDER", "Blender"),
    (b"\x28\xb5\x2f\xfd", "Blender"),  # compressed
    (b"\x1f\x8b", "Blender"),  # compressed, before 3.0
    (b"Kaydara FBX", "FBX"),
    (b"; FBX", "FBX"),
    (b"{", "glTF"),
)
"""How files of a kind begin; blanks in front are left out."""
_BINARY: Final = ("Blender", "glTF")
"""Kinds that always begin so."""
_FOUND_AFTER: Final = re.compile(r"^(?:Error: )?(\w+(?:Error|Exception)\b.*)$", re.MULTILINE)
"""What a traceback ends with."""


@dataclass(frozen=True, slots=True)
class Opened:
    notes: tuple[str, ...] = ()
    """What a person should know of the file."""
    expressions: tuple[Expression, ...] = ()
    """Of a .vrm."""


def open_file(path: Path) -> Opened:
    """Open a .blend, .glb, .gltf, .vrm or .fbx; scripts in it do not run.

    Raises:
        UserError: there is no such file, or it is damaged, too big, or nothing that can be read.
    """
    kind, reader = _reader(path)
    _check(path, kind)
    return reader(path)


def _reader(path: Path) -> tuple[str, Callable[[Path], Opened]]:
    """What a file is by its ending, and what reads it."""
    ending = path.suffix.lower()
    if re.fullmatch(r"\.blend\d*", ending):  # Blender's backups are numbered
        return "Blender", _open_blend
    known = {".glb": ("glTF", _open_gltf), ".gltf": ("glTF", _open_gltf)}
    known |= {".vrm": ("glTF", _open_vrm), ".fbx": ("FBX", _open_fbx)}
    if ending not in known:
        raise UserError(f"Characters are read from {ENDINGS}; {path} ends in none of them.")
    return known[ending]


def _check(path: Path, kind: str) -> None:
    """Raise UserError for what is better not given to Blender."""
    if path.is_dir():
        raise UserError(f"{path} is a folder. Give a file: {ENDINGS}.")
    if not path.is_file():
        raise UserError(f"There is no file {path}.")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    if not size:
        raise UserError(f"{path} is empty.")
    if size > _MOST_BYTES:
        raise UserError(f"{path} is too big ({size / 2**30:.1f} GiB). Save the character alone in a file of its own.")
    found = next((told for mark, told in _MARKS if start.startswith(mark)), None)
    if found is not None and found != kind:
        raise UserError(f"{path} is a file of {found}, not of {kind}. Give it the right ending.")
    if found is None and kind in _BINARY:
        raise UserError(f"{path} is not a {kind} file, whatever its name says; it begins with other bytes.")


def _open_blend(path: Path) -> Opened:
    _reading(path, lambda: bpy.ops.wm.open_mainfile(filepath=str(path.resolve()), load_ui=False, use_scripts=False))
    gone = [
        library.filepath for library in bpy.data.libraries if not Path(bpy.path.abspath(library.filepath)).is_file()
    ]
    if not gone:
        return Opened()
    return Opened((f"Linked files are missing, and all that comes from them: {some_of(gone)}.",))


def _open_gltf(path: Path) -> Opened:
    _empty()
    _reading(path, lambda: bpy.ops.import_scene.gltf(filepath=str(path.resolve())))
    return Opened()


def _open_vrm(path: Path) -> Opened:
    vrm = read_vrm(path)
    with tempfile.TemporaryDirectory() as folder:
        glb = Path(folder) / f"{path.stem[:80]}.glb"
        try:
            write_glb(path, vrm, glb)
        except OSError as error:
            raise UserError(f"{path} cannot be copied to {folder} for Blender to read: {error.strerror}.") from error
        _empty()
        _reading(path, lambda: bpy.ops.import_scene.gltf(filepath=str(glb)))
    notes = []
    if vrm.moved_names:
        notes.append(
            "The names of the shape keys lie where VRM 0 has them. Blender's own glTF importer does not read them "
            "there; import the file with the VRM add-on."
        )
    told: tuple[Expression, ...] = ()
    try:
        told = expressions(vrm)
    except UserError as error:
        notes.append(f"The expressions were not read. {error}")
    return Opened(tuple(notes), told)


def _open_fbx(path: Path) -> Opened:
    _empty()
    _reading(path, lambda: bpy.ops.wm.fbx_import(filepath=str(path.resolve())))
    return Opened()


def _empty() -> None:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True, load_ui=False)


def _reading(path: Path, operator: Callable[[], set[str]]) -> None:
    try:
        result = operator()
    except RuntimeError as error:
        raise UserError(
            f"{path} cannot be read: {_reason(str(error)).rstrip('.')}. Save or export it anew, and keep beside it the "
            "files that belong to it."
        ) from error
    if "FINISHED" not in result:
        raise UserError(f"{path} cannot be read; Blender does not say why.")


def _reason(said: str) -> str:
    """A line of what an importer says, be it a sentence or a traceback."""
    exceptions = _FOUND_AFTER.findall(said) if "Traceback" in said else []
    if exceptions:
        return f"it is not as Blender's importer expects it ({exceptions[-1]})"
    return said.removeprefix("Error: ").strip().splitlines()[-1]
