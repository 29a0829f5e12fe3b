"""Poses that a face of bones can take without anybody recording them."""

import math
from collections.abc import Sequence
from typing import Final

from .conventions import load_conventions
from .lids import lid_poses
from .poses import Move, Pose
from .rigify import rigify_poses
from .skeleton import Bones
from .tree import Bone, Vector

JAW_ANGLE: Final = math.radians(22.0)
"""How far a jaw's bone turns at a ``jawOpen`` of 1: between the 25 degrees of ICT-FaceKit's teeth and the 18 of our
avatar's. Some conventions tell another."""


def own_poses(bones: Bones, rest: Sequence[Bone], up: Vector, front: Vector) -> dict[str, Pose]:
    """By the ARKit channel that each is: a jaw that turns, lids, and whatever a face that Rigify generated can show.

    Parameters: what was found of an armature; all its bones at rest; where crown and face point to, in their
    coordinates.
    """
    poses = lid_poses(bones, rest, up, front)
    if bones.jaw is not None and bones.jaw_axis is not None:
        x, y, z = bones.jaw_axis
        poses["jawOpen"] = Pose((Move(bones.jaw.bone, turn=(JAW_ANGLE * x, JAW_ANGLE * y, JAW_ANGLE * z)),))
    return poses | rigify_poses(rest, up, front, JAW_ANGLE)


def jaw_as_told(poses: dict[str, Pose], convention: str | None) -> dict[str, Pose]:
    """The same poses, with a jaw's bone that turns as far as a convention says, where it does.

    A jaw that somebody recorded, or that is part of a face of bones, is left as it is.
    """
    degrees = next((one.jaw_degrees for one in load_conventions() if one.id == convention), None)
    jaw = poses.get("jawOpen")
    if degrees is None or jaw is None or jaw.is_recorded or len(jaw.moves) != 1:
        return poses
    further = math.radians(degrees) / JAW_ANGLE
    x, y, z = jaw.moves[0].turn
    return {**poses, "jawOpen": Pose((Move(jaw.moves[0].bone, turn=(further * x, further * y, further * z)),))}
