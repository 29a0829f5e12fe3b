"""Poses of a generated face for the channels that it can show."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..lids import LID_RISES
from ..poses import Move, Pose
from ..tree import Bone, Vector
from .controls import SIDES, Control, Face, find_face
from .movements import BROW_SIDES, BROWS, MOUTH, MOUTH_ASIDE, MOUTH_SIDES, Movements

Floats = NDArray[np.float64]

_NAMES: Final = {"L": "Left", "R": "Right"}
_CLOSED: Final = 0.2
"""How much of the jaw's turn lips that are closed go with: as much as Rigify's own Mouth Lock gives them."""
_CLOSED_AT: Final = 0.25
"""Of jaw and closing, where the lips meet exactly: what p, b and m in fluent speech ask for. A jaw goes round and
controls go straight, so elsewhere they miss by a little."""
_ROLL: Final = math.radians(25.0)
_NOTHING: Final = 1e-9


def rigify_poses(rest: Sequence[Bone], up: Vector, front: Vector, jaw_angle: float) -> dict[str, Pose]:
    """By the ARKit channel that each is; none for an armature that Rigify has generated no face in.

    Parameters: all bones at rest; where crown and face point to, in their coordinates; how far the jaw turns at a
    ``jawOpen`` of 1, radians. Looks are left to what the eyes look at.
    """
    face = find_face(rest, up, front)
    return _Poses(face, jaw_angle).all() if face is not None else {}


class _Poses:
    def __init__(self, face: Face, jaw_angle: float) -> None:
        self._face = face
        self._controls = face.controls
        self._angle = jaw_angle
        left, right = (self._controls[face.corner.replace("*", side)].place for side in SIDES)
        self._mouth = 0.5 * math.dist(left, right)

    def all(self) -> dict[str, Pose]:
        poses = {
            "jawOpen": self._jaw_open(),
            "mouthClose": self._shifted(self._closing()),
            "tongueOut": self._tongue_out(),
        }
        for channel, movements in MOUTH.items():
            poses[channel] = self._shifted(self._wanted(movements, SIDES, self._mouth), self._roll(channel))
        for channel, movements in MOUTH_SIDES.items():
            for side in SIDES:
                poses[channel + _NAMES[side]] = self._shifted(self._wanted(movements, side, self._mouth))
        for channel, movements in MOUTH_ASIDE.items():
            for side in SIDES:
                way = self._mouth if side == "L" else -self._mouth
                wanted = {name: (way * out, 0.0, 0.0) for name, (out, _, _) in self._spread(movements, SIDES)}
                poses[channel + _NAMES[side]] = self._shifted(wanted)
        for channel, movements in BROWS.items():
            poses[channel] = self._shifted(self._brows(movements, SIDES))
        for side in SIDES:
            for channel, movements in BROW_SIDES.items():
                poses[channel + _NAMES[side]] = self._shifted(self._brows(movements, side))
            for channel, shares in LID_RISES.items():
                poses[channel + _NAMES[side]] = self._shifted(self._lids(side, *shares))
        return {channel: pose for channel, pose in poses.items() if pose.moves}

    # What controls shall do

    def _spread(self, movements: Movements, sides: Iterable[str]) -> Iterable[tuple[str, Vector]]:
        for general, movement in movements.items():
            named = self._face.corner if general == "corner" else general
            for name in dict.fromkeys(named.replace("*", side) for side in sides):
                if name in self._controls:
                    yield name, movement

    def _wanted(self, movements: Movements, sides: Iterable[str], unit: float) -> dict[str, Vector]:
        wanted = {}
        for name, (out, front, up) in self._spread(movements, sides):
            mirror = -1.0 if ".R" in name else 1.0
            wanted[name] = (mirror * unit * out, unit * front, unit * up)
        return wanted

    def _brows(self, movements: Movements, sides: Iterable[str]) -> dict[str, Vector]:
        wanted: dict[str, Vector] = {}
        for side in sides:
            if self._has(corners := (f"lid.T.{side}", f"lid.B.{side}")):
                width = math.dist(*(self._controls[name].place for name in corners))
                wanted |= self._wanted(movements, side, width)
        return wanted

    def _closing(self) -> dict[str, Vector]:
        """Every control of the lips goes with the jaw as much as any other."""
        jaw = self._controls["jaw_master"].place
        wanted = {}
        for lip in self._face.of_lips():
            from_hinge = np.subtract(lip.place, jaw)
            way = _opened(from_hinge, (_CLOSED - lip.jaw) * _CLOSED_AT * self._angle) - from_hinge
            wanted[lip.name] = _vector(way / _CLOSED_AT)
        return wanted

    def _lids(self, side: str, upper: float, lower: float) -> dict[str, Vector]:
        """Each control of a lid goes so far towards or away from that of the other which is nearest beside it."""
        rows = [[f"lid.{row}.{side}.{number:03d}" for number in (1, 2, 3)] for row in "TB"]
        if not self._has([*rows[0], *rows[1]]):
            return {}
        wanted: dict[str, Vector] = {}
        for row, others, share in ((rows[0], rows[1], -upper), (rows[1], rows[0], lower)):
            for name in row:
                place = self._controls[name].place
                across = min((self._controls[o].place for o in others), key=lambda at: abs(at[0] - place[0]))
                wanted[name] = _vector(share * np.subtract(across, place))
        return wanted

    def _jaw_open(self) -> Pose:
        x, y, z = self._controls["jaw_master"].own((self._angle, 0.0, 0.0))
        return Pose((Move("jaw_master", turn=(x, y, z)),))

    def _tongue_out(self) -> Pose:
        """Through between the lips and a little further."""
        name = self._face.tongue
        if name not in self._controls:
            return Pose(())
        tip = self._controls[name].tip
        lips = [self._controls[lip].place for lip in ("lip.T", "lip.B")]
        way = (0.0, max(at[1] for at in lips) - tip[1] + 0.4 * self._mouth, 0.5 * sum(at[2] for at in lips) - tip[2])
        return self._shifted({name: way})

    def _roll(self, channel: str) -> dict[str, Vector]:
        """How far lips turn inwards about the left."""
        angles = {"mouthRollLower": ("lip.B", -_ROLL), "mouthRollUpper": ("lip.T", _ROLL)}
        if channel not in angles:
            return {}
        name, angle = angles[channel]
        return {name: self._controls[name].own((angle, 0.0, 0.0))}

    # What they do by themselves

    def _shifted(self, wanted: dict[str, Vector], turns: dict[str, Vector] | None = None) -> Pose:
        """The moves by which controls go where they shall, less what those they follow do to them."""
        gone: dict[str, Floats] = {}

        def go(control: Control) -> Floats:
            if control.name not in gone:
                gone[control.name] = (
                    np.array(control.own(wanted[control.name])) if control.name in wanted else follow(control)
                )
            return gone[control.name]

        def follow(control: Control) -> Floats:
            shares = [share * go(self._controls[leader]) for leader, share in control.leaders]
            return np.sum(shares, axis=0) if shares else np.zeros(3)

        moves = []
        for name in wanted:
            shift = _vector(go(self._controls[name]) - follow(self._controls[name]))
            turn = (turns or {}).get(name, (0.0, 0.0, 0.0))
            if math.hypot(*shift, *turn) > _NOTHING * self._mouth:
                moves.append(Move(name, turn=turn, shift=shift))
        return Pose(tuple(moves))

    def _has(self, names: Iterable[str]) -> bool:
        return all(name in self._controls for name in names)


def _opened(way: Floats, angle: float) -> Floats:
    """A way from left, front and up, turned about the left as a jaw that opens: what is in front goes down."""
    left, front, up = way
    sine, cosine = math.sin(angle), math.cos(angle)
    return np.array([left, cosine * front + sine * up, cosine * up - sine * front])


def _vector(values: Floats) -> Vector:
    x, y, z = (float(value) for value in values)
    return (x, y, z)
