"""A mapping on a character whose meshes or keys have other names than when it was made."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from .mapping import POSES, Drive, Mapping, Mesh
from .spelling import keys_behind_prefixes, side, spelled, words

_ALIKE: Final = 0.85
"""Of two names, so that one can be the other's new one."""
_SAME_KEYS: Final = 0.5
"""Share of a mesh's driven keys that another mesh must have to be its new self."""
_SURER: Final = 0.02
"""By this much a pair must be more alike than any other with one of the two."""
_SHORTEST_BEHIND_PREFIX: Final = 5
_MOST_COMPARED: Final = 50_000
"""Pairs of names that are compared letter by letter."""

_Owned = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Reattached:
    mapping: Mapping
    """With the names, ranges and keys of the character; what was not found is not in it."""
    renamed: tuple[tuple[str, str], ...]
    """Old and new names of meshes, and of keys as ``mesh.key``."""
    missing: tuple[str, ...]
    """Meshes, keys as ``mesh.key``, and poses of bones, that were not found again."""


def reattach(mapping: Mapping, meshes: Sequence[Mesh]) -> Reattached:
    """Find everything that a mapping drives on a character of other names.

    The same name is always itself. A renamed mesh is the one that has most of the same keys and the most similar name;
    a renamed key is one of another spelling or prefix, or the only one that is very similar. Nothing is taken for two.
    """
    by_mesh: dict[str, list[Drive]] = {}
    for drive in mapping.drives:
        by_mesh.setdefault(drive.mesh, []).append(drive)
    homes = _homes(by_mesh, meshes)
    drives: list[Drive] = []
    renamed: list[tuple[str, str]] = []
    missing: list[str] = []
    for name, own in by_mesh.items():
        mesh = homes.get(name)
        if mesh is None:
            missing += [drive.key for drive in own] if name == POSES else [name]
            continue
        if mesh.name != name:
            renamed.append((name, mesh.name))
        found = _pairs([drive.key for drive in own], [key.name for key in mesh.keys])
        keys = {key.name: key for key in mesh.keys}
        for drive in own:
            new = found.get(drive.key)
            if new is None:
                missing.append(f"{name}.{drive.key}".removeprefix("."))
                continue
            if new != drive.key:
                renamed.append((f"{name}.{drive.key}", f"{mesh.name}.{new}"))
            drives.append(replace(drive, mesh=mesh.name, key=new, low=keys[new].low, high=keys[new].high))
    return Reattached(replace(mapping, drives=tuple(drives)), tuple(renamed), tuple(missing))


def _homes(by_mesh: dict[str, list[Drive]], meshes: Sequence[Mesh]) -> dict[str, Mesh]:
    """The mesh that each of the mapping's meshes is now."""
    by_name = {mesh.name: mesh for mesh in meshes}
    homes = {name: by_name[name] for name in by_mesh if name in by_name}
    free = [mesh for mesh in meshes if mesh.name not in homes and mesh.name != POSES]
    endings = _Endings((number, key.name) for number, mesh in enumerate(free) for key in mesh.keys)
    offers = []
    for name, own in by_mesh.items():
        if name in homes or name == POSES:
            continue
        shared = Counter(number for drive in own for number in {owner for owner, _ in endings.alike(drive.key)})
        for number, mesh in enumerate(free):
            share, likeness = shared[number] / len(own), _likeness(name, mesh.name)
            if share >= _SAME_KEYS or likeness >= _ALIKE:
                offers.append((share + likeness, name, number))
    taken: set[int] = set()
    for _, name, number in sorted(offers, key=lambda offer: -offer[0]):
        if name not in homes and number not in taken:
            homes[name] = free[number]
            taken.add(number)
    return homes


def _pairs(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """For old names of keys their new ones: the same, of another spelling or prefix, or else very similar."""
    there = set(new)
    pairs = {name: name for name in old if name in there}
    for alike in (_respelled, _prefixed, _similar):
        left = [name for name in old if name not in pairs]
        taken = set(pairs.values())
        pairs |= alike(left, [name for name in new if name not in taken]) if left else {}
    return pairs


def _respelled(old: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    by_spelling: dict[str, list[str]] = {}
    for name in new:
        by_spelling.setdefault(spelled(name), []).append(name)
    return {name: by_spelling[spelled(name)].pop(0) for name in old if by_spelling.get(spelled(name))}


def _prefixed(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Those of which one is the other behind a prefix, where that leaves no choice."""
    endings = _Endings((0, name) for name in new)
    offers = {}
    for name in old:
        found = {other for _, other in endings.alike(name)}
        if len(found) == 1:
            offers[name] = found.pop()
    chosen = list(offers.values())
    return {name: other for name, other in offers.items() if chosen.count(other) == 1}


def _similar(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Those that are very like each other; two that are equally like the same are nobody's."""
    compared = new[: _MOST_COMPARED // len(old)]
    offers = []
    for name in old:
        likely = [(_likeness(name, other), other) for other in compared if side(other) == side(name)]
        offers += [(likeness, name, other) for likeness, other in likely if likeness >= _ALIKE]
    pairs: dict[str, str] = {}
    for likeness, name, other in sorted(offers, key=lambda offer: -offer[0]):
        rivals = [each for each in offers if each[0] >= likeness - _SURER and ((each[1] == name) != (each[2] == other))]
        if name not in pairs and other not in pairs.values() and not rivals:
            pairs[name] = other
    return pairs


class _Endings:
    """Keys, each with the number of its owner, by all that their names end in, and by what they are in whole."""

    def __init__(self, keys: Iterable[_Owned]) -> None:
        self._endings: dict[str, set[_Owned]] = {}
        self._whole: dict[str, set[_Owned]] = {}
        for owned in keys:
            whole = spelled(owned[1])
            self._whole.setdefault(whole, set()).add(owned)
            for ending in (whole, *_behind(owned[1])):
                self._endings.setdefault(ending, set()).add(owned)

    def alike(self, name: str) -> set[_Owned]:
        """Those that are this name behind a prefix, or that this name is behind a prefix."""
        found = set(self._endings.get(spelled(name), ()))
        return found.union(*(self._whole.get(ending, ()) for ending in _behind(name)))


def _behind(name: str) -> list[str]:
    return [rest for rest in keys_behind_prefixes(words(name)) if len(rest) >= _SHORTEST_BEHIND_PREFIX]


def _likeness(one: str, other: str) -> float:
    """0..1, of their words."""
    matcher = SequenceMatcher(None, " ".join(words(one)), " ".join(words(other)), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE else 0.0
