"""Rotations against rotation matrices built from first principles."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from linly_blender import rotation

angles = st.floats(-1.4, 1.4)
quaternions = arrays(float, (20, 4), elements=st.floats(-1, 1)).filter(
    lambda q: bool((np.linalg.norm(q, axis=1) > 0.1).all())
).map(lambda q: q / np.linalg.norm(q, axis=1, keepdims=True))  # fmt: skip


def about(axis: int, angle: float) -> np.ndarray:
    """Right-handed turn about x, y or z."""
    turn = np.eye(3)
    a, b = (axis + 1) % 3, (axis + 2) % 3
    turn[a, a] = turn[b, b] = math.cos(angle)
    turn[b, a], turn[a, b] = math.sin(angle), -math.sin(angle)
    return turn


@given(angles, angles, angles)
def test_head_angles_are_yaw_then_pitch_then_roll(pitch: float, yaw: float, roll: float) -> None:
    wanted = about(2, yaw) @ about(0, -pitch) @ about(1, roll)
    quaternion = rotation.head_quaternion([pitch, yaw, roll])
    np.testing.assert_allclose(rotation.matrix(quaternion), wanted, atol=1e-12)
    np.testing.assert_allclose(rotation.head_angles(quaternion), [pitch, yaw, roll], atol=1e-9)


def test_signs_are_those_of_character_space() -> None:
    nose, crown = np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0])
    assert rotation.rotate(rotation.head_quaternion([0.3, 0, 0]), nose)[2] > 0.2, "pitch > 0 looks up"
    assert rotation.rotate(rotation.head_quaternion([0, 0.3, 0]), nose)[0] > 0.2, "yaw > 0 turns to the left"
    assert rotation.rotate(rotation.head_quaternion([0, 0, 0.3]), crown)[0] > 0.2, "roll > 0 tilts to the left"


@given(quaternions)
def test_matrices_and_back(q: np.ndarray) -> None:
    matrices = rotation.matrix(q)
    np.testing.assert_allclose(np.linalg.det(matrices), 1, atol=1e-9)
    assert rotation.angle_between(rotation.from_matrix(matrices), q).max() < 1e-6
    vectors = np.arange(60.0).reshape(20, 3)
    np.testing.assert_allclose(rotation.rotate(q, vectors), np.einsum("nij,nj->ni", matrices, vectors), atol=1e-9)


@given(quaternions, quaternions)
def test_product_is_that_of_the_matrices(p: np.ndarray, q: np.ndarray) -> None:
    product = rotation.matrix(rotation.multiply(p, q))
    np.testing.assert_allclose(product, rotation.matrix(p) @ rotation.matrix(q), atol=1e-9)


@given(quaternions, st.floats(0, 1))
def test_shares_compose_to_the_whole(q: np.ndarray, share: float) -> None:
    whole = rotation.multiply(rotation.power(q, share), rotation.power(q, 1 - share))
    assert rotation.angle_between(whole, q).max() < 1e-6


@pytest.mark.parametrize("order", rotation.EULER_ORDERS)
@given(q=quaternions)
@settings(max_examples=30)
def test_euler_angles_make_the_rotation(order: str, q: np.ndarray) -> None:
    for turn, made in zip(rotation.matrix(q), rotation.euler(q, order), strict=True):
        built = np.eye(3)
        for axis in order:
            built = about("XYZ".index(axis), made["XYZ".index(axis)]) @ built
        np.testing.assert_allclose(built, turn, atol=1e-6)


def tumble(seed: int) -> np.ndarray:
    """Smooth rotations that go all the way round [shape=(2000, 4)]."""
    rng = np.random.default_rng(seed)
    steps = np.cumsum(rng.normal(size=(2000, 3)), axis=0) * 0.0005
    turn = [np.array([1.0, 0, 0, 0])]
    for step in rotation.from_rotation_vector(steps):
        turn.append(rotation.multiply(turn[-1], step))
    signs = rng.choice([-1.0, 1.0], len(turn))
    return np.array(turn) * signs[:, None]


@pytest.mark.parametrize("seed", range(4))
def test_curves_do_not_jump(seed: int) -> None:
    q = tumble(seed)
    step = rotation.angle_between(q[1:], q[:-1]).max()
    smooth = rotation.continuous(q)
    assert np.abs(np.diff(smooth, axis=0)).max() <= step
    assert rotation.angle_between(smooth, q).max() < 1e-6
    for order in rotation.EULER_ORDERS:
        e = rotation.euler(q, order)
        middle = np.abs(np.cos(e[:, "XYZ".index(order[1])]))
        steps = np.abs(np.diff(e, axis=0)).max(axis=1)
        tame = np.minimum(middle[1:], middle[:-1]) > 0.2  # near the pole any writing runs fast
        assert steps[tame].max() <= 10 * step, order
    aa = rotation.axis_angle(q)
    assert rotation.angle_between(rotation.from_rotation_vector(aa[:, :1] * aa[:, 1:]), q).max() < 1e-6


def test_axis_of_no_rotation_is_that_of_the_one_before() -> None:
    turn = rotation.from_rotation_vector([[0, 0, 0], [0.1, 0, 0], [0, 0, 0], [-0.1, 0, 0]])
    np.testing.assert_allclose(
        rotation.axis_angle(turn), [[0, 1, 0, 0], [0.1, 1, 0, 0], [0, 1, 0, 0], [-0.1, 1, 0, 0]], atol=1e-9
    )
    np.testing.assert_allclose(rotation.axis_angle([[1.0, 0, 0, 0]]), [[0, 0, 1, 0]])
