"""The mirror image of a pose: of bones of any roll, and where it puts them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender import rotation
from linly_blender.rig.mirror import Rest, mirrored
from linly_blender.rig.poses import Move, Pose

PLANE = np.diag([-1.0, 1.0, 1.0])
SIDES = {"one.L": "one.R", "one.R": "one.L", "two.L": "two.R", "two.R": "two.L", "lip": "lip"}
NUMBERS = st.floats(-1.5, 1.5)
VECTORS = st.tuples(NUMBERS, NUMBERS, NUMBERS)
ANY = VECTORS.map(lambda vector: rotation.matrix(rotation.from_rotation_vector(vector)))


def rolled(angle: float) -> np.ndarray:
    """About Y, along which a bone lies."""
    return rotation.matrix(rotation.from_rotation_vector([0.0, angle, 0.0]))


def other_side(axes: np.ndarray, roll: float) -> np.ndarray:
    """A bone that lies where the mirror image of another is, with a roll of its own."""
    return PLANE @ axes @ np.diag([-1.0, 1.0, 1.0]) @ rolled(roll)


def placed(axes: np.ndarray, head: np.ndarray, move: Move) -> np.ndarray:
    """Matrix [shape=(4, 4)] from a bone's axes to the armature's as Blender makes it, without a parent."""
    rest, basis = np.eye(4), np.eye(4)
    rest[:3, :3], rest[:3, 3] = axes, head
    turned = rotation.matrix(rotation.from_rotation_vector(move.turn))
    basis[:3, :3], basis[:3, 3] = turned @ np.diag(1 + np.array(move.stretch)), move.shift
    return np.asarray(rest @ basis)


@settings(deadline=None)
@given(ANY, NUMBERS, ANY, VECTORS, VECTORS, NUMBERS)
def test_twice_mirrored_is_the_same(
    axes: np.ndarray,
    roll: float,
    parent: np.ndarray,
    turn: tuple[float, float, float],
    shift: tuple[float, float, float],
    along: float,
) -> None:
    rest = {
        "one.L": Rest(axes, parent),
        "one.R": Rest(other_side(axes, roll), other_side(parent, -roll)),
        "lip": Rest(axes, axes),
    }
    pose = Pose((Move("one.L", turn, shift, (0.2, along, 0.2)), Move("lip", turn, shift)), is_recorded=True)
    image, alone = mirrored(pose, rest, SIDES.get)
    again, still_alone = mirrored(image, rest, SIDES.get)
    assert [move.bone for move in image.moves] == ["one.R", "lip"]
    assert alone == still_alone == ()
    assert again.is_recorded
    for move, back in zip(pose.moves, again.moves, strict=True):
        assert move.bone == back.bone
        for what in ("turn", "shift", "stretch"):
            np.testing.assert_allclose(getattr(back, what), getattr(move, what), atol=1e-9)


@settings(deadline=None)
@given(ANY, NUMBERS, ANY, NUMBERS, st.lists(VECTORS, min_size=5, max_size=5))
def test_a_chain_of_odd_rolls_ends_where_its_mirror_image_does(
    axes: np.ndarray, roll: float, tip: np.ndarray, tip_roll: float, parts: list[tuple[float, float, float]]
) -> None:
    """A second bone on the first: it follows its parent, and every point of it lies where the mirror shows it."""
    turn, shift, tip_turn, tip_shift, head = parts
    rest = {
        "one.L": Rest(axes, axes),
        "two.L": Rest(tip, tip),
        "one.R": Rest(other_side(axes, roll), other_side(axes, roll)),
        "two.R": Rest(other_side(tip, tip_roll), other_side(tip, tip_roll)),
    }
    pose = Pose((Move("one.L", turn, shift, (0.3, 0.1, 0.3)), Move("two.L", tip_turn, tip_shift)))
    image, _ = mirrored(pose, rest, SIDES.get)
    heads = {"one.L": np.array(head), "two.L": np.array(head) + axes[:, 1]}
    heads |= {SIDES[name]: PLANE @ place for name, place in heads.items()}
    tails = []
    for one, two in (pose.moves, image.moves):
        first, second = (placed(rest[move.bone].axes, heads[move.bone], move) for move in (one, two))
        still = placed(rest[one.bone].axes, heads[one.bone], Move(one.bone))
        tails.append((first @ np.linalg.inv(still) @ second @ (0.0, 1.0, 0.0, 1.0))[:3])
    np.testing.assert_allclose(tails[1], PLANE @ tails[0], atol=1e-9)


def test_bones_that_have_nothing_on_the_other_side_are_told() -> None:
    rest = {name: Rest(np.eye(3), np.eye(3)) for name in ("one.L", "one.R", "cigar")}
    pose = Pose((Move("cigar", (0.1, 0.0, 0.0)), Move("one.L", (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))))
    image, alone = mirrored(pose, rest, SIDES.get)
    assert alone == ("cigar",)
    assert image.moves == (Move("one.R", (0.1, -0.2, -0.3), (-0.4, 0.5, 0.6)),)
