"""Poses of bones that serve as shapes: what a jaw, lids or a face of controls do at 1 of a channel.

A pose is told in each bone's own channels, from its rest: so it holds on a character that stands, turns and is scaled
in any way. Poses are blended as shape keys are, by adding: rotation vectors, locations, and what scale is beyond 1.
"""

from dataclasses import dataclass

from .tree import Vector


@dataclass(frozen=True, slots=True)
class Move:
    """What a pose does to one bone."""

    bone: str
    turn: Vector = (0.0, 0.0, 0.0)
    """Rotation vector in the bone's rest axes, radians."""
    shift: Vector = (0.0, 0.0, 0.0)
    """Of its location channels, in the armature's units."""
    stretch: Vector = (0.0, 0.0, 0.0)
    """Of its scale channels, beyond 1."""


@dataclass(frozen=True, slots=True)
class Pose:
    moves: tuple[Move, ...]
    """A bone at most once."""
    is_recorded: bool = False
    """By a person, whose word goes before what was found."""
