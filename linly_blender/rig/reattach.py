"""A mapping on a character whose meshes or keys have other names than when it was made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from .mapping import Drive, Mapping, Mesh
from .spelling import side, spelled, words

_ALIKE: Final = 0.8
"""Of two names, so that one can be the other's new one."""
_SAME_KEYS: Final = 0.5
"""Share of a mesh's driven keys that another mesh must have to be its new self."""
_MOST_COMPARED: Final = 2_000
"""Names that one is compared with letter by letter."""


@dataclass(frozen=True, slots=True)
class Reattached:
    mapping: Mapping
    """With the names, ranges and keys of the character; what was not found is not in it."""
    renamed: tuple[tuple[str, str], ...]
    """Old and new names of meshes, and of keys as ``mesh.key``."""
    missing: tuple[str, ...]
    """Meshes, and keys as ``mesh.key``, that were not found again."""


def reattach(mapping: Mapping, meshes: Sequence[Mesh]) -> Reattached:
    """Find everything that a mapping drives on a character of other names.

    The same name is always itself. A renamed mesh is the one that has most of the same keys and the most similar name;
    a renamed key is one of another spelling, or the only one that is very similar. Nothing is taken for two.
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
            missing.append(name)
            continue
        if mesh.name != name:
            renamed.append((name, mesh.name))
        found = _pairs([drive.key for drive in own], [key.name for key in mesh.keys])
        keys = {key.name: key for key in mesh.keys}
        for drive in own:
            new = found.get(drive.key)
            if new is None:
                missing.append(f"{name}.{drive.key}")
                continue
            if new != drive.key:
                renamed.append((f"{name}.{drive.key}", f"{mesh.name}.{new}"))
            drives.append(replace(drive, mesh=mesh.name, key=new, low=keys[new].low, high=keys[new].high))
    return Reattached(replace(mapping, drives=tuple(drives)), tuple(renamed), tuple(missing))


def _homes(by_mesh: dict[str, list[Drive]], meshes: Sequence[Mesh]) -> dict[str, Mesh]:
    """The mesh that each of the mapping's meshes is now."""
    by_name = {mesh.name: mesh for mesh in meshes}
    homes = {name: by_name[name] for name in by_mesh if name in by_name}
    free = [mesh for mesh in meshes if mesh.name not in homes]
    offers = []
    for name, own in by_mesh.items():
        wanted = {spelled(drive.key) for drive in own}
        for mesh in free if name not in homes else ():
            shared = len(wanted & {spelled(key.name) for key in mesh.keys}) / len(wanted)
            likeness = _likeness(name, mesh.name)
            if shared >= _SAME_KEYS or likeness >= _ALIKE:
                offers.append((shared + likeness, name, mesh))
    for _, name, mesh in sorted(offers, key=lambda offer: -offer[0]):
        if name not in homes and mesh not in homes.values():
            homes[name] = mesh
    return homes


def _pairs(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """For old names of keys their new ones."""
    pairs = {name: name for name in old if name in set(new)}
    free = [name for name in new if name not in pairs]
    by_spelling: dict[str, list[str]] = {}
    for name in free:
        by_spelling.setdefault(spelled(name), []).append(name)
    for name in old:
        same = by_spelling.get(spelled(name), [])
        if name not in pairs and same:
            pairs[name] = same.pop(0)
    taken = set(pairs.values())
    free = [name for name in free if name not in taken][:_MOST_COMPARED]
    offers = []
    for name in old:
        if name not in pairs:
            likely = [(_likeness(name, other), other) for other in free if side(other) == side(name)]
            offers += [(likeness, name, other) for likeness, other in likely if likeness >= _ALIKE]
    for likeness, name, other in sorted(offers, key=lambda offer: -offer[0]):
        rivals = _rivals(offers, likeness, name, other)
        if name not in pairs and other not in taken and not rivals:
            pairs[name] = other
            taken.add(other)
    return pairs


def _rivals(offers: Iterable[tuple[float, str, str]], likeness: float, name: str, other: str) -> bool:
    """Whether another pair with one of the two is as likely: then nobody knows which is meant."""
    return any(abs(sure - likeness) < 1e-9 and ((old == name) != (new == other)) for sure, old, new in offers)


def _likeness(one: str, other: str) -> float:
    """0..1, of the words without what stands before them in both spellings."""
    first, second = words(one), words(other)
    if first and second and (first == second[-len(first) :] or second == first[-len(second) :]):
        return 0.95  # one has a prefix
    return SequenceMatcher(None, " ".join(first), " ".join(second), autojunk=False).ratio()
