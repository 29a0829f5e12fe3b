"""Blinks of lids that are bones, from where eyes and lids lie at rest."""

import math
from collections.abc import Sequence
from typing import Final

from .poses import Move, Pose
from .skeleton import Bones, Pair
from .tree import Bone, Tree, Vector, dot

LID_RISES: Final[dict[str, tuple[float, float]]] = {
    "eyeBlink": (-0.8, 0.2),
    "eyeSquint": (-0.1, 0.3),
    "eyeWide": (0.22, -0.06),
}
"""How far the upper and the lower lid rise at 1, in openings of the eye. Upper lids make most of a blink."""

_AT_THE_CENTRE: Final = 0.06
"""Of the distance between the eyes: a lid's bone that begins nearer than that to its eye's centre turns about it. The
lids' edges are three times as far away."""
_USUAL_OPENING: Final = math.radians(40.0)
"""Between the lids, seen from the eye's centre: 9 mm at 13 mm. For bones that do not point at the lids' edges."""
_LEAST, _MOST = math.radians(8.0), math.radians(110.0)
"""Openings that are believed."""


def lid_poses(bones: Bones, rest: Sequence[Bone], up: Vector, front: Vector) -> dict[str, Pose]:
    """What lids do in a blink, a squint and in wide eyes, by the ARKit channel that each is.

    Bones that begin at the eye's centre turn about it until the edges that they point at meet; others lie at the edges
    and shift. Where no lower lid was found the upper goes all the way.

    Parameters: what was found of an armature; all its bones at rest; where crown and face point to, in their
    coordinates.
    """
    upper, lower = bones.lids_upper, bones.lids_lower
    if upper is None:
        return {}
    tree = Tree(rest, up, front)
    between = math.dist(tree.head(upper.left.bone), tree.head(upper.right.bone))
    poses = {}
    for side in ("left", "right"):
        names = [_of(pair, side) for pair in (upper, lower) if pair is not None]
        eye = _of(bones.eyes, side) if bones.eyes is not None else None
        heads = [tree.head(name) for name in names]
        centre = tree.head(eye) if eye is not None else _middle(heads)
        turns = math.dist(heads[0], centre) < _AT_THE_CENTRE * between
        if not turns and eye is None and lower is None:
            continue
        for channel, rises in LID_RISES.items():
            parts = rises if lower is not None else (rises[0] - rises[1],)
            move = _turned if turns else _shifted
            poses[channel + side.capitalize()] = Pose(move(tree, names, parts, centre))
    return poses


def _turned(tree: Tree, names: Sequence[str], rises: Sequence[float], _: Vector) -> tuple[Move, ...]:
    heights = [_height(tree, name) for name in names]
    if len(heights) == 1:
        heights.append(-heights[0])
    opening = heights[0] - heights[1]
    if not _LEAST < opening < _MOST:
        opening = _USUAL_OPENING
    moves = []
    for name, rise in zip(names, rises, strict=True):
        x, y, z = (-rise * opening * dot(axis, tree.left) for axis in tree.bones[name].axes)
        moves.append(Move(name, turn=(x, y, z)))
    return tuple(moves)


def _shifted(tree: Tree, names: Sequence[str], rises: Sequence[float], centre: Vector) -> tuple[Move, ...]:
    places = [tree.head(name) for name in names]
    if len(places) == 1:
        left, front, up = places[0]
        places.append((left, front, 2 * centre[2] - up))
    opening = [high - low for high, low in zip(*places, strict=True)]
    moves = []
    for name, rise in zip(names, rises, strict=True):
        way = [rise * part for part in opening]
        x, y, z = (sum(map(math.prod, zip(tree.seen(axis), way, strict=True))) for axis in tree.bones[name].axes)
        moves.append(Move(name, shift=(x, y, z)))
    return tuple(moves)


def _height(tree: Tree, name: str) -> float:
    """How far above the eye's axis a bone points, radians; NaN where it does not point forward."""
    _, front, up = tree.pointing(name)
    return math.atan2(up, front) if front > 0.3 else math.nan


def _middle(places: Sequence[Vector]) -> Vector:
    left, front, up = (sum(parts) / len(places) for parts in zip(*places, strict=True))
    return (left, front, up)


def _of(pair: Pair, side: str) -> str:
    return pair.left.bone if side == "left" else pair.right.bone
