"""A pose's mirror image: what the bones of the other side do when they do the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..rotation import Floats
from .poses import Move, Pose
from .tree import Vector

_PLANE: Final = np.diag([-1.0, 1.0, 1.0])
"""Mirrors in the plane between the armature's left and right."""


@dataclass(frozen=True, slots=True)
class Rest:
    """How a bone's channels lie in its armature at rest: the columns of orthogonal matrices [shape=(3, 3)]."""

    axes: Floats
    """Of turn and stretch: the bone's own."""
    shift_axes: Floats
    """Of shift: its own as well, or its parent's where it has no local location."""


def mirrored(
    pose: Pose, rest: Mapping[str, Rest], counterpart: Callable[[str], str | None]
) -> tuple[Pose, tuple[str, ...]]:
    """The pose on the other side, and the bones that have nothing there.

    Parameters: ``rest`` of all bones that move or are a counterpart; ``counterpart`` gives the other side's bone, a
    central bone itself, or None.

    Only the axes at rest count, so bones may have any roll. A stretch has no direction: where the axes of both bones
    lie askew, each axis takes of the others what falls upon it.
    """
    moves, alone = [], []
    for move in pose.moves:
        other = counterpart(move.bone)
        if other is None:
            alone.append(move.bone)
        else:
            moves.append(_mirrored(move, rest[move.bone], other, rest[other]))
    return replace(pose, moves=tuple(moves)), tuple(alone)


def _mirrored(move: Move, here: Rest, other: str, there: Rest) -> Move:
    across = there.axes.T @ _PLANE @ here.axes
    return Move(
        other,
        turn=_vector(-across @ move.turn),  # seen in a mirror, what turns about an axis turns the other way
        shift=_vector(there.shift_axes.T @ _PLANE @ here.shift_axes @ move.shift),
        stretch=_vector(across**2 @ move.stretch),
    )


def _vector(values: Floats) -> Vector:
    x, y, z = values.tolist()
    return (x, y, z)
