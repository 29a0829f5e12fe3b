"""Changing a mapping by hand: what a channel moves and how it is read, on one side or on both.

Every change is a new value.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ..arkit import INDEX
from ..errors import UserError
from . import by_hand
from .mapping import PLAIN, Drive, Mapping, Mesh, Tuning, sort_weights, twin
from .poses import Pose
from .setup import Setup
from .spelling import side, spelled

LARGEST_WEIGHT: Final = 10.0
LARGEST_OFFSET: Final = 10.0

Target = tuple[str, str, float]
"""Mesh, key, weight."""


def set_targets(
    mapping: Mapping, channel: str, targets: Iterable[Target], meshes: Iterable[Mesh], *, mirrored: bool = False
) -> Mapping:
    """Let a channel move these keys and no others; an empty list lets it move nothing.

    Parameters: ``meshes`` of the character, which hold every key that is named; ``mirrored`` changes the other side's
    channel as well, onto the keys of the same names with their sides exchanged.
    Raises UserError for a channel, mesh or key that there is not, and for a weight that is too large.
    """
    meshes = tuple(meshes)
    there = {(mesh.name, key.name): key for mesh in meshes for key in mesh.keys}
    wanted = list(targets)
    changes = {_known(channel): wanted}
    if mirrored and twin(channel) != channel:
        changes[twin(channel)] = [_mirrored(target, there) for target in wanted]
    drives = {(drive.mesh, drive.key): drive for drive in mapping.drives}
    for name, moved in changes.items():
        for place, drive in drives.items():
            drives[place] = replace(drive, weights=tuple(term for term in drive.weights if term[0] != name))
        for mesh, key, weight in moved:
            found = there.get((mesh, key))
            if found is None:
                raise UserError(f"'{mesh}' has no shape key '{key}'. Choose another, or detect the character again.")
            if not abs(weight) <= LARGEST_WEIGHT:  # nor NaN
                raise UserError(f"A gain of {weight:g} is too large; the most is {LARGEST_WEIGHT:g}.")
            drive = drives.get((mesh, key), Drive(mesh, key, (), 0.0, found.low, found.high))
            drives[mesh, key] = replace(drive, weights=sort_weights([*drive.weights, (name, weight)]))
    return replace(mapping, drives=by_hand.in_order(drives.values(), meshes))


def tune(mapping: Mapping, channel: str, tuning: Tuning) -> Mapping:
    """Read a channel in another way, before it moves anything.

    Raises UserError for a channel that there is not, and for values that make no sense.
    """
    check_tuning(tuning)
    tunings = {**mapping.tunings, _known(channel): tuning}
    if tuning == PLAIN:
        del tunings[channel]
    return replace(mapping, tunings=tunings)


def set_rest(mapping: Mapping, values: dict[tuple[str, str], float]) -> Mapping:
    """Keep a rest expression: the values, by mesh and key, that are there while every channel is 0.

    Only of keys that are driven; the others are left alone anyway.
    """
    return replace(
        mapping,
        drives=tuple(
            replace(drive, offset=min(max(values.get((drive.mesh, drive.key), drive.offset), drive.low), drive.high))
            for drive in mapping.drives
        ),
    )


def set_pose(setup: Setup, channel: str, pose: Pose | None) -> Setup:
    """Keep a recorded pose as what shows a channel, alone; None forgets it. The channel is then recognised by it.

    Raises UserError for a channel that there is not.
    """
    poses = {name: kept for name, kept in setup.poses.items() if name != channel}
    if pose is not None:
        poses[_known(channel)] = pose
    setup = replace(setup, poses=poses)
    return setup if setup.mapping is None else by_hand.keep(setup, setup.mapping, setup.by_hand - {channel})


def swap_sides(mapping: Mapping) -> Mapping:
    """Exchange left and right of everything, for a character whose names are mirrored."""
    drives = [
        replace(drive, weights=sort_weights((twin(name), weight) for name, weight in drive.weights))
        for drive in mapping.drives
    ]
    return replace(mapping, drives=tuple(drives), tunings={twin(name): how for name, how in mapping.tunings.items()})


def check_tuning(tuning: Tuning) -> None:
    """Raise UserError unless every value is a finite number of ordinary size and the limits are in order."""
    for what, value, most in (
        ("gain", tuning.gain, LARGEST_WEIGHT),
        ("offset", tuning.offset, LARGEST_OFFSET),
        ("lower limit", tuning.low, LARGEST_OFFSET),
        ("upper limit", tuning.high, LARGEST_OFFSET),
    ):
        if not abs(value) <= most:
            raise UserError(f"The {what} {value:g} is out of range; choose one from {-most:g} to {most:g}.")
    if tuning.low > tuning.high:
        raise UserError(f"The lower limit {tuning.low:g} is above the upper limit {tuning.high:g}. Exchange them.")


def _known(channel: str) -> str:
    if channel not in INDEX:
        raise UserError(f"'{channel}' is not one of ARKit's 52 channels.")
    return channel


def _mirrored(target: Target, there: Iterable[tuple[str, str]]) -> Target:
    """The same on the other side of the face; a key that has no side serves both."""
    mesh, key, weight = target
    here = side(key)
    if not here:
        return target
    wanted = spelled(key)[:-1] + ("r" if here == "l" else "l")
    other = next((name for owner, name in there if owner == mesh and spelled(name) == wanted), None)
    if other is None:
        raise UserError(f"'{mesh}' has no counterpart of '{key}' on the other side. Set the two sides one by one.")
    return mesh, other, weight
