"""Rotations of a character: unit quaternions, and the angles in which an animator or Blender stores them.

Quaternions are ``(w, x, y, z)`` in the last axis. Character space: +X to the character's left, +Y backwards, +Z up.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

EULER_ORDERS: Final = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX")
"""Blender's names: the axis written first turns first, ``XYZ`` is ``Rz @ Ry @ Rx``."""
_NEARLY_ZERO: Final = 1e-9


def head_quaternion(angles: ArrayLike) -> Floats:
    """Quaternions [shape=(..., 4)] of pitch, yaw, roll in radians [shape=(..., 3)].

    ``Rz(yaw) @ Rx(-pitch) @ Ry(roll)``: pitch > 0 looks up, yaw > 0 turns to the character's left, roll > 0 tilts to
    the character's left shoulder.
    """
    half = np.asarray(angles, float) / 2
    pitch, yaw, roll = -half[..., 0], half[..., 1], half[..., 2]
    cx, cy, cz = np.cos(pitch), np.cos(roll), np.cos(yaw)
    sx, sy, sz = np.sin(pitch), np.sin(roll), np.sin(yaw)
    return np.stack(
        [
            cz * cx * cy - sz * sx * sy,
            cz * sx * cy - sz * cx * sy,
            cz * cx * sy + sz * sx * cy,
            cz * sx * sy + sz * cx * cy,
        ],
        axis=-1,
    )


def head_angles(quaternion: ArrayLike) -> Floats:
    """Pitch, yaw, roll in radians [shape=(..., 3)]: the inverse of ``head_quaternion`` for pitch within 90 degrees."""
    m = matrix(quaternion)
    pitch = -np.arcsin(np.clip(m[..., 2, 1], -1, 1))
    yaw = np.arctan2(-m[..., 0, 1], m[..., 1, 1])
    roll = np.arctan2(-m[..., 2, 0], m[..., 2, 2])
    return np.stack([pitch, yaw, roll], axis=-1)


def multiply(first: ArrayLike, second: ArrayLike) -> Floats:
    """The rotation ``first @ second``: ``second`` happens first."""
    a, b = np.asarray(first, float), np.asarray(second, float)
    aw, ax, ay, az = np.moveaxis(a, -1, 0)
    bw, bx, by, bz = np.moveaxis(b, -1, 0)
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def inverse(quaternion: ArrayLike) -> Floats:
    """The rotation backwards."""
    return np.asarray(quaternion, float) * (1.0, -1.0, -1.0, -1.0)


def rotate(quaternion: ArrayLike, vectors: ArrayLike) -> Floats:
    """Vectors [shape=(..., 3)] turned by quaternions [shape=(..., 4)]."""
    q, v = np.asarray(quaternion, float), np.asarray(vectors, float)
    twice = 2 * np.cross(q[..., 1:], v)
    return np.asarray(v + q[..., :1] * twice + np.cross(q[..., 1:], twice))


def rotation_vector(quaternion: ArrayLike) -> Floats:
    """Axis times angle in radians [shape=(..., 3)], the short way round."""
    q = np.asarray(quaternion, float)
    q = np.where(q[..., :1] < 0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, q[..., :1])
    return np.asarray(q[..., 1:] * np.where(sine > _NEARLY_ZERO, angle / np.maximum(sine, _NEARLY_ZERO), 2.0))


def from_rotation_vector(vector: ArrayLike) -> Floats:
    """Quaternions of axis times angle in radians."""
    v = np.asarray(vector, float)
    half = np.linalg.norm(v, axis=-1, keepdims=True) / 2
    return np.concatenate([np.cos(half), v * (np.sinc(half / np.pi) / 2)], axis=-1)


def power(quaternion: ArrayLike, share: float) -> Floats:
    """A share of the rotation about its own axis; shares that sum to 1 compose to the whole, exactly."""
    return from_rotation_vector(rotation_vector(quaternion) * share)


def angle_between(first: ArrayLike, second: ArrayLike) -> Floats:
    """Radians of the rotation from one to the other [shape=(...)]."""
    return np.asarray(np.linalg.norm(rotation_vector(multiply(inverse(first), second)), axis=-1))


def matrix(quaternion: ArrayLike) -> Floats:
    """Rotation matrices [shape=(..., 3, 3)] for column vectors."""
    w, x, y, z = np.moveaxis(np.asarray(quaternion, float), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def from_matrix(rotation: ArrayLike) -> Floats:
    """Quaternions [shape=(..., 4)] of rotation matrices [shape=(..., 3, 3)].

    Bar-Itzhack's way: the eigenvector of the largest eigenvalue, which is also the nearest rotation if the matrix
    is slightly off.
    """
    m = np.asarray(rotation, float)
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    k = np.empty((*m.shape[:-2], 4, 4))
    k[..., 0, 0] = xx + yy + zz
    k[..., 1, 1], k[..., 2, 2], k[..., 3, 3] = xx - yy - zz, yy - xx - zz, zz - xx - yy
    k[..., 0, 1] = k[..., 1, 0] = m[..., 2, 1] - m[..., 1, 2]
    k[..., 0, 2] = k[..., 2, 0] = m[..., 0, 2] - m[..., 2, 0]
    k[..., 0, 3] = k[..., 3, 0] = m[..., 1, 0] - m[..., 0, 1]
    k[..., 1, 2] = k[..., 2, 1] = m[..., 1, 0] + m[..., 0, 1]
    k[..., 1, 3] = k[..., 3, 1] = m[..., 2, 0] + m[..., 0, 2]
    k[..., 2, 3] = k[..., 3, 2] = m[..., 2, 1] + m[..., 1, 2]
    best = np.linalg.eigh(k)[1][..., -1]
    return np.asarray(np.where(best[..., :1] < 0, -best, best))


def continuous(quaternion: ArrayLike) -> Floats:
    """The same rotations [shape=(n, 4)] with signs that never jump, so that each component is a smooth curve."""
    q = np.array(quaternion, float)
    flips = (q[1:] * q[:-1]).sum(axis=1) < 0
    q[1:][np.cumsum(flips) % 2 == 1] *= -1
    return q if len(q) == 0 or q[0, 0] >= 0 else -q


def euler(quaternion: ArrayLike, order: str) -> Floats:
    """Angles about x, y, z in radians [shape=(n, 3)] in one of Blender's ``EULER_ORDERS``, without jumps."""
    first, second, third = ("XYZ".index(axis) for axis in order)
    parity = 1 if (second - first) % 3 == 1 else -1
    m = matrix(quaternion)
    angles = np.empty((len(m), 3))
    upright = np.hypot(m[:, third, second], m[:, third, third])
    pole = upright < 1e-7  # the outer axes fall together: the first makes the whole turn about them
    angles[:, first] = np.where(
        pole,
        np.arctan2(-parity * m[:, second, third], m[:, second, second]),
        np.arctan2(parity * m[:, third, second], m[:, third, third]),
    )
    angles[:, second] = np.arctan2(-parity * m[:, third, first], upright)
    angles[:, third] = np.where(pole, 0.0, np.arctan2(parity * m[:, second, first], m[:, first, first]))
    # Past 90 degrees of the middle angle the same rotation is written the other way: stay with the nearer writing.
    other = angles + np.pi
    other[:, second] = np.pi - angles[:, second]
    straight = _angular_distance(angles[1:], angles[:-1])
    crossed = _angular_distance(other[1:], angles[:-1])
    swap = np.concatenate([[False], np.cumsum(crossed < straight) % 2 == 1])
    return np.unwrap(np.where(swap[:, None], other, angles), axis=0)


def axis_angle(quaternion: ArrayLike) -> Floats:
    """Angle in radians, then the unit axis [shape=(n, 4)], as Blender stores it.

    The axis never flips; the angle becomes negative instead. Where there is no rotation the axis is that of the
    nearest earlier rotation.
    """
    vectors = rotation_vector(quaternion)
    angles = np.linalg.norm(vectors, axis=1)
    turned = angles > 1e-6
    if not turned.any():
        return np.tile([0.0, 0.0, 1.0, 0.0], (len(vectors), 1))
    last = np.maximum.accumulate(np.where(turned, np.arange(len(vectors)), np.argmax(turned)))
    axes = vectors[last] / angles[last, None]
    flips = np.concatenate([[False], (axes[1:] * axes[:-1]).sum(axis=1) < 0])
    sign = np.where(np.cumsum(flips) % 2 == 1, -1.0, 1.0)
    return np.column_stack([angles * sign, axes * sign[:, None]])


def _angular_distance(first: Floats, second: Floats) -> Floats:
    """Sum of the distances of angles on the circle [shape=(n,)]."""
    return np.asarray(np.abs((first - second + np.pi) % (2 * np.pi) - np.pi).sum(axis=1))
