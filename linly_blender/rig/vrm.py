"""What a .vrm file says that Blender's glTF importer does not read: where older ones keep the names of shapes, and what
their expressions move.

A .vrm is a binary glTF 2.0: a header, a chunk of JSON, a chunk of numbers.
"""

import json
import shutil
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from ..errors import UserError, some_of
from ..plain import Node, parse_json

MAGIC: Final = b"glTF"
_HEADER: Final = struct.Struct("<4sII")
"""Magic, version, length of the file."""
_CHUNK: Final = struct.Struct("<I4s")
"""Length, type."""
_MOST_JSON: Final = 64 * 2**20
"""Bytes; the JSON of a character has a few million."""
_LARGEST_WEIGHT: Final = 1000.0

SPEAKING: Final = frozenset(
    {"a", "i", "u", "e", "o", "blink", "blink_l", "blink_r", "lookup", "lookdown", "lookleft", "lookright"}
    | {"aa", "ih", "ou", "ee", "oh", "blinkleft", "blinkright"}
)
"""The expressions of VRM 0 and 1 that a performance moves, in small letters."""


@dataclass(frozen=True, slots=True)
class Bind:
    """A shape that an expression moves."""

    mesh: str
    key: str
    weight: float
    """0..1"""
    is_named: bool = True
    """Whether the file has a name for the shape; where it has none Blender numbers it."""


@dataclass(frozen=True, slots=True)
class Expression:
    name: str
    binds: tuple[Bind, ...]


@dataclass(frozen=True, slots=True)
class Vrm:
    document: Node
    """The glTF's JSON, the names of shapes where Blender looks for them."""
    moved_names: bool
    """Whether they lay elsewhere."""


def read_vrm(path: Path) -> Vrm:
    """Read the JSON of a .vrm. Raises UserError when it cannot be read or is none."""
    try:
        with path.open("rb") as file:
            document = parse_json(_json(file, path), str(path))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    moved = False
    for mesh in _elements(document, "meshes"):
        names = _names_in_primitives(mesh)
        if names and not _list(_member(_member(mesh, "extras"), "targetNames")):
            mesh.value["extras"] = {**(mesh.value.get("extras") or {}), "targetNames": names}
            moved = True
    return Vrm(document, moved)


def write_glb(path: Path, vrm: Vrm, out: Path) -> None:
    """Write the .vrm at ``path`` as a .glb for Blender, with the JSON that was read of it."""
    text = json.dumps(vrm.document.value, separators=(",", ":")).encode("ascii")
    text += b" " * (-len(text) % 4)
    with path.open("rb") as source, out.open("wb") as target:
        source.seek(_HEADER.size)
        length, _ = _CHUNK.unpack(source.read(_CHUNK.size))
        source.seek(length, 1)
        target.write(_HEADER.pack(MAGIC, 2, 0))
        target.write(_CHUNK.pack(len(text), b"JSON"))
        target.write(text)
        shutil.copyfileobj(source, target)
        size = target.tell()
        target.seek(0)
        target.write(_HEADER.pack(MAGIC, 2, size))


def expressions(vrm: Vrm) -> tuple[Expression, ...]:
    """The expressions of VRM 0 or 1 that move shapes. Raises UserError for what is not as VRM has it."""
    told = _member(vrm.document, "extensions")
    groups = _elements(_member(_member(told, "VRM"), "blendShapeMaster"), "blendShapeGroups")
    found = [_expression_of_vrm_0(group, vrm.document) for group in groups]
    kinds = _member(_member(told, "VRMC_vrm"), "expressions")
    for kind in ("preset", "custom"):
        named = _member(kinds, kind)
        for name in _object(named):
            assert named is not None
            found.append(_expression_of_vrm_1(name, named[name], vrm.document))
    return tuple(one for one in found if one.binds)


def explain(told: Collection[Expression], driven: Collection[str]) -> str | None:
    """What a person should know of expressions that speak by keys of which no name says so.

    Parameters: the file's expressions; the keys that are driven already.
    """
    spoken = [one for one in told if one.name.lower() in SPEAKING]
    if any(bind.is_named and bind.key in driven for one in spoken for bind in one.binds):
        return None
    said = [f"{one.name} is {' and '.join(f'{b.key!r} of {b.mesh!r}' for b in one.binds[:3])}" for one in spoken]
    if not said:
        return None
    return (
        "The names of the shape keys say nothing, but the file's expressions tell what they are: "
        f"{some_of(said, len(SPEAKING))}. Rename the keys so in Blender."
    )


def _json(file: BinaryIO, path: Path) -> str:
    header = file.read(_HEADER.size + _CHUNK.size)
    if not header.startswith(MAGIC):
        raise UserError(f"{path} is not a .vrm file: it does not begin as binary glTF does.")
    if len(header) < _HEADER.size + _CHUNK.size:
        raise UserError(f"{path} is cut short.")
    _, version, _ = _HEADER.unpack_from(header)
    length, kind = _CHUNK.unpack_from(header, _HEADER.size)
    if version != 2 or kind != b"JSON":
        raise UserError(f"{path} is not glTF 2.0, which every .vrm is. Export it anew.")
    if length > _MOST_JSON:
        raise UserError(f"{path} is damaged, or too big to be a character ({length} bytes of JSON).")
    content = file.read(length)
    if len(content) < length:
        raise UserError(f"{path} is cut short.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is damaged: its JSON is not UTF-8 (byte {error.start}).") from error


def _names_in_primitives(mesh: Node) -> list[str]:
    """Where UniVRM wrote the names before VRM 1."""
    for primitive in _elements(mesh, "primitives"):
        names = _list(_member(_member(primitive, "extras"), "targetNames"))
        if names:
            return [name.text() for name in names]
    return []


def _expression_of_vrm_0(group: Node, document: Node) -> Expression:
    preset, name = (_text(_member(group, key)) for key in ("presetName", "name"))
    binds = [
        _bind(_index(bind, "mesh", document, "meshes"), bind, bind["weight"].number(0, _LARGEST_WEIGHT) / 100)
        for bind in _elements(group, "binds")
    ]
    return Expression(preset if preset not in ("", "unknown") else name, tuple(binds))


def _expression_of_vrm_1(name: str, expression: Node, document: Node) -> Expression:
    binds = []
    for bind in _elements(expression, "morphTargetBinds"):
        node = _index(bind, "node", document, "nodes")
        mesh = _index(node, "mesh", document, "meshes")
        binds.append(_bind(mesh, bind, bind["weight"].number(0, _LARGEST_WEIGHT)))
    return Expression(name, tuple(binds))


def _bind(mesh: Node, bind: Node, weight: float) -> Bind:
    """With the names that Blender gives."""
    number = bind["index"].integer(0)
    names = _list(_member(_member(mesh, "extras"), "targetNames"))
    key = names[number].text() if number < len(names) else ""
    return Bind(_text(_member(mesh, "name")) or f"Mesh_{mesh.key}", key or f"target_{number}", weight, bool(key))


# What may be left out


def _index(owner: Node, key: str, document: Node, among: str) -> Node:
    """The element of one of the document's lists that a member points to."""
    elements = list(_elements(document, among))
    return elements[owner[key].integer(0, len(elements) - 1)]


def _member(node: Node | None, key: str) -> Node | None:
    """A member of an object; None where either is not there."""
    if node is None or node.value is None:
        return None
    return node[key] if key in _object(node) else None


def _object(node: Node | None) -> dict[str, Any]:
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, dict):
        node.complain("an object")
    value: dict[str, Any] = node.value
    return value


def _list(node: Node | None) -> list[Node]:
    return [] if node is None or node.value is None else list(node.items())


def _elements(node: Node | None, key: str) -> Iterator[Node]:
    yield from _list(_member(node, key))


def _text(node: Node | None) -> str:
    return "" if node is None or node.value is None else node.text()
