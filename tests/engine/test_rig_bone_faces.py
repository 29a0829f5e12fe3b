"""Lids and jaws that are bones close and open by their places at rest, whatever their axes, and at any scale."""

import math
from dataclasses import replace

import numpy as np
import pytest

from linly_blender import rotation
from linly_blender.arkit import SHAPES
from linly_blender.rig.bone_faces import JAW_ANGLE, jaw_as_told, own_poses
from linly_blender.rig.poses import Move, Pose
from linly_blender.rig.skeleton import find_bones
from linly_blender.rig.tree import Bone, Vector
from tests.engine.skeletons import body, bone

UP, FRONT = (0.0, 0.0, 1.0), (0.0, -1.0, 0.0)
EYE = np.array([0.032, -0.07, 1.68])
RADIUS = 0.013
OPEN = (math.radians(24.0), math.radians(-18.0))
"""How high the edges of the lids stand, seen from the eye's centre."""


def any_axes(rng: np.random.Generator) -> tuple[Vector, Vector, Vector]:
    x, y, z = rotation.matrix(rotation.from_rotation_vector(rng.uniform(-2, 2, 3))).T.tolist()
    return tuple(x), tuple(y), tuple(z)


def edge(side: str, height: float) -> np.ndarray:
    """A place on a lid's edge."""
    place = EYE + RADIUS * np.array([0.0, -math.cos(height), math.sin(height)])
    return place * ([1, 1, 1] if side == "L" else [-1, 1, 1])


def lids(seed: int, *, turn: bool, rows: str = "TB", scale: float = 1.0) -> list[Bone]:
    """A body with lids that begin at the eye's centre and point at the edge, or lie at the edge."""
    rng = np.random.default_rng(seed)
    made = body()
    for row, height in zip("TB", OPEN, strict=True):
        for side in "LR":
            at = edge(side, height)
            start, end = (
                (EYE * ([1, 1, 1] if side == "L" else [-1, 1, 1]), at) if turn else (at, at + np.array([0, 0, 0.01]))
            )
            name = f"eyelid_{'upper' if row == 'T' else 'lower'}.{side}"
            if row in rows:
                made.append(bone(name, "head", tuple(start.tolist()), tuple(end.tolist())))
    return [
        replace(b, head=scaled(b.head, scale), tail=scaled(b.tail, scale), axes=any_axes(rng)) for b in made
    ]  # fmt: skip


def scaled(place: Vector, scale: float) -> Vector:
    return (place[0] * scale, place[1] * scale, place[2] * scale)


def shown(
    bones: list[Bone], poses: dict[str, Pose], values: dict[str, float], name: str, place: np.ndarray
) -> np.ndarray:
    """Where a place goes that a bone carries."""
    found = next(b for b in bones if b.name == name)
    axes = np.array(found.axes).T
    turn, shift = np.zeros(3), np.zeros(3)
    for channel, value in values.items():
        for move in poses[channel].moves:
            if move.bone == name:
                turn += value * np.array(move.turn)
                shift += value * np.array(move.shift)
    turned = rotation.rotate(rotation.from_rotation_vector(axes @ turn), place - np.array(found.head))
    return np.array(found.head) + turned + axes @ shift


@pytest.mark.parametrize("turn", [True, False], ids=["turning", "shifting"])
@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_lids_meet_on_a_blink_and_part_in_wide_eyes(turn: bool, scale: float) -> None:
    bones = lids(4, turn=turn, scale=scale)
    poses = own_poses(find_bones(bones, UP, FRONT), bones, UP, FRONT)
    for side, word in (("L", "Left"), ("R", "Right")):
        rest = [edge(side, height) * scale for height in OPEN]

        def gap(values: dict[str, float], side: str = side, rest: list[np.ndarray] = rest) -> np.ndarray:
            names = (f"eyelid_upper.{side}", f"eyelid_lower.{side}")
            upper, lower = (shown(bones, poses, values, n, p) for n, p in zip(names, rest, strict=True))
            return np.asarray(upper - lower)

        open_gap = gap({})[2]
        assert np.linalg.norm(gap({f"eyeBlink{word}": 1.0})) < 0.01 * open_gap
        assert gap({f"eyeBlink{word}": 0.5})[2] == pytest.approx(0.5 * open_gap, rel=0.05)
        assert 1.15 * open_gap < gap({f"eyeWide{word}": 1.0})[2] < 1.4 * open_gap
        assert 0.4 * open_gap < gap({f"eyeSquint{word}": 1.0})[2] < 0.75 * open_gap
        moved = shown(bones, poses, {f"eyeBlink{word}": 1.0}, f"eyelid_upper.{side}", rest[0]) - rest[0]
        assert moved[2] == pytest.approx(-0.8 * open_gap, rel=0.1), "the upper lid makes most of it"
        assert abs(moved[0]) < 1e-9 * scale


@pytest.mark.parametrize("turn", [True, False], ids=["turning", "shifting"])
def test_an_upper_lid_alone_goes_all_the_way(turn: bool) -> None:
    bones = lids(5, turn=turn, rows="T")
    poses = own_poses(find_bones(bones, UP, FRONT), bones, UP, FRONT)
    start = edge("L", OPEN[0])
    end = shown(bones, poses, {"eyeBlinkLeft": 1.0}, "eyelid_upper.L", start)
    mirrored = edge("L", -OPEN[0])
    assert np.linalg.norm(end - mirrored) < 1e-9


def test_lids_that_turn_and_point_nowhere_make_a_usual_blink() -> None:
    bones = [
        replace(b, tail=(b.head[0], b.head[1], b.head[2] + 0.02)) if "eyelid" in b.name else b
        for b in lids(6, turn=True)
    ]
    poses = own_poses(find_bones(bones, UP, FRONT), bones, UP, FRONT)
    turned = [np.linalg.norm(move.turn) for move in poses["eyeBlinkLeft"].moves]
    assert math.degrees(sum(turned)) == pytest.approx(40.0)


def test_without_lids_and_jaw_there_are_no_poses() -> None:
    bones = body(jaw=None)
    assert own_poses(find_bones(bones), bones, UP, FRONT) == {}


def test_a_jaw_opens_downwards() -> None:
    bones = lids(7, turn=True)
    poses = own_poses(find_bones(bones, UP, FRONT), bones, UP, FRONT)
    chin = np.array([0.0, -0.1, 1.57])
    opened = shown(bones, poses, {"jawOpen": 1.0}, "jaw", chin)
    hinge = np.array(next(b.head for b in bones if b.name == "jaw"))
    assert opened[2] < chin[2] - 0.02
    arm = (chin - hinge, opened - hinge)
    cosine = float(arm[0] @ arm[1] / np.prod([np.linalg.norm(a) for a in arm]))
    assert math.acos(cosine) == pytest.approx(JAW_ANGLE)


def generated(scale: float, lacking: tuple[str, ...] = ()) -> list[Bone]:
    """Some controls by the names of a generated face, at about their places."""
    places = {
        "jaw_master": (0.0, -0.06, 1.874),
        "lip.T": (0.0, -0.171, 1.814),
        "lip.B": (0.0, -0.167, 1.798),
        "master_eye.L": (0.05, -0.12, 1.89),
        "lips.L": (0.035, -0.149, 1.807),
        "lips.R": (-0.035, -0.149, 1.807),
        "tongue_master": (0.0, -0.11, 1.8),
        "cheek.B.L.001": (0.074, -0.122, 1.824),
    }
    return [
        bone(name, None, scaled(place, scale), scaled((place[0], place[1], place[2] + 0.01), scale))
        for name, place in places.items()
        if name not in lacking
    ]


def test_a_generated_face_shows_what_its_controls_can() -> None:
    bones = generated(1.0)
    found = find_bones(bones)
    poses = own_poses(found, bones, UP, FRONT)
    assert set(poses) <= set(SHAPES)
    assert {"jawOpen", "mouthClose", "mouthSmileLeft", "mouthPucker", "tongueOut", "cheekPuff"} <= poses.keys()
    assert not [channel for channel in poses if channel.startswith(("eye", "brow"))]
    large = generated(50.0)
    for channel, pose in own_poses(find_bones(large), large, UP, FRONT).items():
        for move, small in zip(pose.moves, poses[channel].moves, strict=True):
            assert np.allclose(move.shift, 50.0 * np.array(small.shift))
            assert np.allclose(move.turn, small.turn)
    assert "mouthClose" not in own_poses(found, generated(1.0, ("lips.R",)), UP, FRONT)


def test_a_control_is_not_moved_twice_by_one_that_it_follows() -> None:
    poses = own_poses(find_bones(generated(1.0)), generated(1.0), UP, FRONT)
    moves = {move.bone: np.array(move.shift) for move in poses["mouthSmileLeft"].moves}
    axes = np.array(generated(1.0)[0].axes)
    wanted = axes @ (0.035 * np.array([0.12, -0.03, 0.16]))
    assert np.allclose(moves["cheek.B.L.001"] + 0.5 * moves["lips.L"], wanted)


def lying(bones: list[Bone]) -> list[Bone]:
    """As an importer leaves them: up is +Y, the face looks along +Z."""

    def turned(place: Vector) -> Vector:
        return (place[0], place[2], -place[1])

    return [
        replace(b, head=turned(b.head), tail=turned(b.tail), axes=tuple(map(turned, b.axes)))  # type: ignore[arg-type]
        for b in bones
    ]


@pytest.mark.parametrize(
    "bones", [lids(8, turn=True), lids(8, turn=False), generated(1.0)], ids=["turning", "shifting", "generated"]
)
def test_poses_are_the_same_whichever_way_up_is(bones: list[Bone]) -> None:
    poses = own_poses(find_bones(bones, UP, FRONT), bones, UP, FRONT)
    up, front = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
    others = own_poses(find_bones(lying(bones), up, front), lying(bones), up, front)
    assert poses.keys() == others.keys()
    for channel, pose in poses.items():
        for move, other in zip(pose.moves, others[channel].moves, strict=True):
            assert move.bone == other.bone
            assert np.allclose([move.turn, move.shift], [other.turn, other.shift])


CHAINS = ("jaw_master", "jaw_master_mouth", "lip.T", "lip.B", "lip_end.L.001", "lip_end.R.001", "lip.T.L.001", "tongue")
LIDS = tuple(f"lid.{row}.L{number}" for row in "TB" for number in ("", ".001", ".002", ".003"))


@pytest.mark.parametrize("seed", range(8))
def test_odd_places_make_odd_faces_and_no_errors(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spread = [0.0, 0.0, 1.0, 1e-12, 1e6, 1.0, 1.0, 1.0][seed]
    bones = [
        bone(name, None, tuple(rng.normal(0, spread, 3).tolist()), tuple(rng.normal(0, spread, 3).tolist()))
        for name in (*CHAINS, *LIDS[: len(LIDS) - seed])
    ]
    for pose in own_poses(find_bones(bones, UP, FRONT), bones, UP, FRONT).values():
        for move in pose.moves:
            assert np.isfinite([move.turn, move.shift]).all()
    for name in CHAINS[:-2]:
        rest = [b for b in bones if b.name != name]
        assert "mouthClose" not in own_poses(find_bones(rest, UP, FRONT), rest, UP, FRONT)


# The jaw of a convention


@pytest.mark.parametrize(("convention", "degrees"), [("reallusion_cc4_standard", 30.0), ("arkit", None), (None, None)])
def test_a_jaw_turns_as_far_as_its_convention_says(convention: str | None, degrees: float | None) -> None:
    angle = degrees or math.degrees(JAW_ANGLE)
    others = {"eyeBlinkLeft": Pose((Move("lid", turn=(0.1, 0.0, 0.0)),))}
    poses = jaw_as_told(
        {"jawOpen": Pose((Move("jaw", turn=(0.0, JAW_ANGLE * 0.6, -JAW_ANGLE * 0.8)),)), **others}, convention
    )
    (jaw,) = poses["jawOpen"].moves
    assert jaw.bone == "jaw"
    assert math.degrees(math.hypot(*jaw.turn)) == pytest.approx(angle)
    assert jaw.turn[1] / jaw.turn[2] == pytest.approx(-0.75)
    assert poses["eyeBlinkLeft"] is others["eyeBlinkLeft"]


@pytest.mark.parametrize(
    "pose",
    [
        Pose((Move("jaw", turn=(0.2, 0.0, 0.0)),), is_recorded=True),
        Pose((Move("jaw", turn=(0.2, 0.0, 0.0)), Move("lip", shift=(0.0, 0.0, 0.1)))),
    ],
    ids=["recorded", "of a face"],
)
def test_a_jaw_that_is_more_than_a_bone_s_turn_is_left(pose: Pose) -> None:
    assert jaw_as_told({"jawOpen": pose}, "reallusion_cc4_standard") == {"jawOpen": pose}
    assert jaw_as_told({}, "reallusion_cc4_standard") == {}
