"""The controls of a face that Rigify generated: where they are, which follow which, and how far the jaw takes them.

There are two such faces. That of ``faces.super_face`` follows by constants; the modular one, which Upgrade Face Rig
makes, by where a control lies along its chain. Both are told here as facts of the generated rigs, with the settings of
the human metarig; another setting makes a pose larger or smaller, not another.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..tree import Bone, Tree, Vector, dot

SIDES: Final = ("L", "R")
_MECHANISM: Final = ("DEF-", "ORG-", "MCH-", "VIS-")
_LIP: Final = re.compile(r"lip\.(?P<row>[TB])(\.[LR]\.\d{3})?")
"""Controls of the upper and lower lip; the corners have other names."""

Leaders = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Control:
    """One bone that a person moves. Places are left, front and up as the character has them."""

    name: str
    place: Vector
    tip: Vector
    axes: tuple[Vector, Vector, Vector]
    leaders: Leaders = ()
    """Whose location channels its own are added to, and by how much."""
    jaw: float = 0.0
    """How much of the jaw's turn takes it along, about the jaw's hinge."""

    def own(self, way: Vector) -> Vector:
        """A way from left, front and up into its own axes."""
        x, y, z = (dot(axis, way) for axis in self.axes)
        return (x, y, z)


@dataclass(frozen=True, slots=True)
class Face:
    controls: dict[str, Control]
    corner: str
    """Name of the lips' corner, with ``*`` for its side."""
    tongue: str
    """What moves the whole tongue."""

    def of_lips(self) -> Iterator[Control]:
        """All of the lips, corners included."""
        corners = {self.corner.replace("*", side) for side in SIDES}
        for name, control in self.controls.items():
            if name in corners or _LIP.fullmatch(name):
                yield control


def find_face(rest: Sequence[Bone], up: Vector, front: Vector) -> Face | None:
    """The face that Rigify generated in an armature; None where there is none."""
    tree = Tree(rest, up, front)
    bones = tree.bones
    if not {"jaw_master", "lip.T", "lip.B"} <= bones.keys():
        return None
    if {"lips.L", "lips.R", "master_eye.L"} <= bones.keys():
        corner, tongue, rules = "lips.*", "tongue_master", _of_constants
    elif {"lip_end.L.001", "lip_end.R.001", "jaw_master_mouth"} <= bones.keys():
        corner, tongue, rules = "lip_end.*.001", "tongue", _of_chains
    else:
        return None
    controls = {}
    for name in bones:
        if not name.startswith(_MECHANISM):
            x, y, z = (tree.seen(axis) for axis in bones[name].axes)
            controls[name] = Control(name, tree.head(name), tree.tail(name), (x, y, z))
    followed = {}
    for name, control in controls.items():
        leaders, jaw = rules(name, controls)
        followed[name] = replace(control, leaders=leaders, jaw=jaw)
    return Face(followed, corner, tongue)


# The face of constants

_CONSTANTS: Final[dict[str, Leaders]] = {
    "lip.T.*.001": (("lips.*", 0.25), ("lip.T", 0.5)),
    "lip.B.*.001": (("lips.*", 0.25), ("lip.B", 0.5)),
    "cheek.B.*.001": (("lips.*", 0.5),),
    "cheek.T.*.001": (("cheek.B.*.001", 0.5),),
    "nose.*.001": (("lip.T.*.001", 0.2),),
    "brow.T.*.002": (("brow.T.*.001", 0.5), ("brow.T.*.003", 0.5)),
    "lid.T.*.001": (("lid.T.*.002", 0.6),),
    "lid.T.*.003": (("lid.T.*.002", 0.6),),
    "lid.B.*.001": (("lid.B.*.002", 0.6),),
    "lid.B.*.002": (("cheek.T.*.001", 0.1),),
    "lid.B.*.003": (("lid.B.*.002", 0.6),),
}
_SHARES: Final = {"lip.B": 1.0, "lip.B.*.001": 0.75, "lips.*": 0.35, "lip.T": 0.1, "lip.T.*.001": 0.1}


def _of_constants(name: str, controls: dict[str, Control]) -> tuple[Leaders, float]:
    general, side = _general(name)
    leaders = [(leader.replace("*", side), share) for leader, share in _CONSTANTS.get(general, ())]
    return tuple((leader, share) for leader, share in leaders if leader in controls), _SHARES.get(general, 0.0)


# The face of chains


@dataclass(frozen=True, slots=True)
class _Chain:
    """A row of controls, the inner of which follow its ends and its middle."""

    start: str
    inner: tuple[str, ...]
    end: str
    falls: tuple[tuple[float, bool], tuple[float, bool]] = ((1.0, False), (1.0, False))
    """Of start and end: what the distance is raised to, and whether the fall is round."""
    middle: tuple[str, bool] | None = None
    """Its name, and whether its fall is round."""


_LIP_FALLS: Final = ((2**0.7, True), (2**0.1, True))
_CHAINS: Final = (
    *(_Chain(f"lip.{row}", (f"lip.{row}.*.001",), "lip_end.*.001", _LIP_FALLS) for row in "TB"),
    _Chain("lip_end.*.001", ("cheek.B.*.001",), "brow.T.*"),
    _Chain("brow.T.*.001", ("brow.T.*.002",), "brow.T.*.003"),
    _Chain(
        "lid.T.*", ("lid.T.*.001", "lid.T.*.002", "lid.T.*.003"), "lid.B.*", middle=("lid.T.*.002", True)
    ),
    _Chain(
        "lid.B.*", ("lid.B.*.001", "lid.B.*.002", "lid.B.*.003"), "lid.T.*", middle=("lid.B.*.002", False)
    ),
)  # fmt: skip
_GLUED: Final[dict[str, Leaders]] = {
    "cheek.T.*.001": (("cheek.B.*.001", 0.5),),
    "nose.*.001": (("lip.T.*.001", 0.2),),
    "lid.B.*.002": (("cheek.T.*.001", 0.1),),
}


def _of_chains(name: str, controls: dict[str, Control]) -> tuple[Leaders, float]:
    general, side = _general(name)
    leaders = list(_GLUED.get(general, ()))
    for chain in _CHAINS:
        if general in chain.inner:
            leaders += _along(chain, general, side, controls)
    named = [(leader.replace("*", side), share) for leader, share in leaders]
    return tuple((leader, share) for leader, share in named if leader in controls), _jaw_along_lip(name, controls)


def _along(chain: _Chain, general: str, side: str, controls: dict[str, Control]) -> Leaders:
    names = [part.replace("*", side) for part in (chain.start, chain.end, chain.middle[0] if chain.middle else "")]
    start, end = controls.get(names[0]), controls.get(names[1])
    if start is None or end is None:
        return ()
    at = _projected(controls[general.replace("*", side)].place, start.place, end.place)
    leaders = [
        (chain.start, _fall(1.0 - at, *chain.falls[0])),
        (chain.end, _fall(at, *chain.falls[1])),
    ]
    middle = controls.get(names[2])
    if chain.middle is not None and middle is not None and general != chain.middle[0]:
        pivot = _projected(middle.place, start.place, end.place)
        near = at / pivot if at < pivot else (1.0 - at) / (1.0 - pivot) if pivot < 1.0 else 1.0
        leaders.append((chain.middle[0], _fall(min(near, 1.0), 2.0, chain.middle[1])))
    return tuple(leaders)


def _jaw_along_lip(name: str, controls: dict[str, Control]) -> float:
    """The lower lip's middle goes with the jaw, the upper's stays, a corner goes half the way."""
    if name in ("lip_end.L.001", "lip_end.R.001"):
        return 0.5
    lip = _LIP.fullmatch(name)
    if lip is None:
        return 0.0
    row = 1.0 if lip["row"] == "B" else 0.0
    _, side = _general(name)
    if not side:
        return row
    middle = 0.5 * (controls["lip.T"].place[0] + controls["lip.B"].place[0])
    width = controls[f"lip_end.{side}.001"].place[0] - middle
    beside = (controls[name].place[0] - middle) / width if width else 1.0
    inner: float = (1.0 - min(max(beside, 0.0), 1.0) ** 2) ** 0.5
    return inner * row + (1.0 - inner) * 0.5


def _fall(near: float, power: float, is_round: bool) -> float:
    """How much a control follows one it is that near to, 0..1."""
    rest: float = 1.0 - (1.0 - near) ** power
    lifted: float = rest ** (1.0 / power)
    return lifted if is_round else rest


def _projected(place: Vector, start: Vector, end: Vector) -> float:
    """Where a place lies between two others, 0..1."""
    whole = (end[0] - start[0], end[1] - start[1], end[2] - start[2])
    part = (place[0] - start[0], place[1] - start[1], place[2] - start[2])
    length = dot(whole, whole)
    return min(max(dot(part, whole) / length, 0.0), 1.0) if length > 0.0 else 0.5


def _general(name: str) -> tuple[str, str]:
    """A name with ``*`` in place of its side, and the side."""
    parts = name.split(".")
    for number, part in enumerate(parts):
        if part in SIDES:
            return ".".join([*parts[:number], "*", *parts[number + 1 :]]), part
    return name, ""
