"""The names that tools and studios give to face shapes: facts, in one file for each family.

A file credits where its facts were read and lists conventions. ``drive`` says, for an ARKit channel, which keys it
moves by how much (negative: below 0); where there are several such sets the first that a character has is used.
``visemes`` says which keys are which mouth shape, the preferred first, and ``others`` which names are the convention's
without being driven. ``bones`` are what the keys leave to bones (``jaw``, ``eyes``), ``jaw_degrees`` by how much the
jaw's turns at 1, and a ``note`` is for readers.
A new file in this folder is a new family; ``docs/rigs.md`` tells more.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...arkit import INDEX
from ...plain import Node, read_json

_FOLDER: Final = Path(__file__).parent
_MOST_BYTES: Final = 256 * 1024
_LARGEST_WEIGHT: Final = 4.0
_JAW_DEGREES: Final = (5.0, 60.0)
_BONES: Final = ("jaw", "eyes")
_PARTS: Final = {"id", "title", "note", "bones", "jaw_degrees", "drive", "visemes", "others"}

VISEMES: Final = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U")
"""The mouth shapes that every set of visemes is told in: Oculus LipSync's fifteen."""

Weights = dict[str, float]
"""Of keys, by name."""


@dataclass(frozen=True, slots=True)
class Convention:
    id: str
    title: str
    """For people."""
    drive: dict[str, tuple[Weights, ...]]
    """By ARKit channel: what to drive, the best first."""
    visemes: dict[str, tuple[str, ...]]
    """By one of ``VISEMES``: the keys that show it, the best first."""
    names: frozenset[str]
    """Every name of the convention."""
    bones: tuple[str, ...]
    """Of ``jaw`` and ``eyes``: what the keys alone do not move, because a bone does."""
    jaw_degrees: float | None
    """By how much the jaw's bone turns at a ``jawOpen`` of 1; None where that is not known."""
    credit: tuple[str, ...]
    """Where the facts were read."""


@functools.cache
def load_conventions() -> tuple[Convention, ...]:
    """All that are known, in the order of their files. Raises UserError when a file is damaged."""
    found: list[Convention] = []
    for path in sorted(_FOLDER.glob("*.json")):
        whole = read_json(path, _MOST_BYTES)
        credit = tuple(line.text() for line in whole["credit"].items())
        found += [_convention(node, credit) for node in whole["conventions"].items()]
    repeated = {one.id for one in found if sum(other.id == one.id for other in found) > 1}
    assert not repeated, f"conventions of the same id: {repeated}"
    return tuple(found)


def _convention(node: Node, credit: tuple[str, ...]) -> Convention:
    unknown = sorted(node.value.keys() - _PARTS)
    if unknown:
        node.complain(f"without {unknown[0]!r}, which is not known")
    drive = {}
    for channel in _members(node, "drive"):
        if channel.key not in INDEX:
            channel.complain("one of ARKit's channels")
        drive[str(channel.key)] = tuple(_weights(choice) for choice in channel.items())
    visemes = {}
    for viseme in _members(node, "visemes"):
        if viseme.key not in VISEMES:
            viseme.complain(f"one of {', '.join(VISEMES)}")
        visemes[str(viseme.key)] = tuple(name.text() for name in viseme.items())
    others = [name.text() for name in node["others"].items()] if "others" in node.value else []
    driven = [name for choices in drive.values() for choice in choices for name in choice]
    shown = [name for names in visemes.values() for name in names]
    bones = [part.choice(_BONES) for part in node["bones"].items()] if "bones" in node.value else []
    names = frozenset([*driven, *shown, *others])
    jaw = node["jaw_degrees"].number(*_JAW_DEGREES) if "jaw_degrees" in node.value else None
    return Convention(node["id"].text(), node["title"].text(), drive, visemes, names, tuple(bones), jaw, credit)


def _members(node: Node, part: str) -> list[Node]:
    if part not in node.value:
        return []
    members = node[part]
    if not isinstance(members.value, dict):
        members.complain("an object")
    return [members[name] for name in members.value]


def _weights(node: Node) -> Weights:
    if not isinstance(node.value, dict) or not node.value:
        node.complain("weights of keys by their names")
    return {name: node[name].number(-_LARGEST_WEIGHT, _LARGEST_WEIGHT) for name in node.value}
