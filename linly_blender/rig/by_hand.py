"""What of a mapping was set by hand, and what follows the character.

Only what was set is kept: the other channels move what is recognised each time, so that keys that a character gets
later are found. A channel that moves just what is detected for it counts as one that nobody set.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from ..arkit import SHAPES
from .mapping import Drive, Mapping, Mesh, sort_weights
from .setup import EVERY_CHANNEL, Setup


def changed(mapping: Mapping, detected: Mapping) -> frozenset[str]:
    """Channels that move something else than what is detected for them."""
    return frozenset(name for name in SHAPES if {*mapping.targets(name)} != {*detected.targets(name)})


def keep(setup: Setup, mapping: Mapping, by_hand: frozenset[str]) -> Setup:
    """The setup with what of a mapping holds whatever is detected: these channels, the rest expression, the tunings."""
    drives = tuple(drive for each in mapping.drives if (drive := _only(each, by_hand)).weights or drive.offset)
    if not (drives or mapping.tunings or by_hand):
        return forget(setup)
    return replace(setup, mapping=replace(mapping, drives=drives), by_hand=by_hand)


def forget(setup: Setup) -> Setup:
    """The setup with a mapping as it is detected."""
    return replace(setup, mapping=None, by_hand=EVERY_CHANNEL)


def play(own: Mapping, by_hand: frozenset[str], detected: Mapping, meshes: Iterable[Mesh]) -> Mapping:
    """What is detected of these meshes, with what was set by hand in its place."""
    drives = {(each.mesh, each.key): _only(each, EVERY_CHANNEL - by_hand) for each in detected.drives}
    for each in own.drives:
        drive = drives.get((each.mesh, each.key), replace(each, weights=()))
        weights = sort_weights([*drive.weights, *_only(each, by_hand).weights])
        drives[each.mesh, each.key] = replace(drive, weights=weights, offset=each.offset)
    return replace(detected, drives=in_order(drives.values(), meshes), tunings=own.tunings)


def in_order(drives: Iterable[Drive], meshes: Iterable[Mesh]) -> tuple[Drive, ...]:
    """Those that do anything, as their keys lie on the meshes."""
    places = ((mesh.name, key.name) for mesh in meshes for key in mesh.keys)
    order = {place: number for number, place in enumerate(places)}
    kept = [drive for drive in drives if drive.weights or drive.offset]
    return tuple(sorted(kept, key=lambda drive: order.get((drive.mesh, drive.key), len(order))))


def _only(drive: Drive, channels: Collection[str]) -> Drive:
    return replace(drive, weights=tuple(term for term in drive.weights if term[0] in channels))
