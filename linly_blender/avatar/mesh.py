"""Meshes while they are built, and the finished character."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .implicit import Points

Faces = NDArray[np.int32]
"""Corners of each face counter-clockwise seen from outside [shape=(m, 4)]; -1 in the last column: a triangle."""
Indices = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(slots=True)
class Part:
    """One connected piece of the character in head space."""

    name: str
    points: Points
    faces: Faces
    materials: NDArray[np.int32]
    """Index into the character's material names, per face."""
    tint: Points
    """Linear colour per vertex [shape=(n, 3)]."""


@dataclass(frozen=True, slots=True)
class Bone:
    """A bone of the character's armature; places in metres, character space."""

    name: str
    parent: str | None
    head: tuple[float, float, float]
    tail: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Material:
    """What a surface looks like, for any renderer."""

    name: str
    colour: tuple[float, float, float]
    """Linear; the viewport's colour. The render takes the tint of each vertex instead."""
    roughness: float
    specular: float = 0.5
    glow: float = 0.0
    """Light of its own, as a share of the tint: stands in for light that bounces about inside the mouth."""


@dataclass(frozen=True, slots=True)
class AvatarMesh:
    """The finished character: metres, +X its left, +Y backwards, +Z up, looking along -Y."""

    vertices: Floats
    """[shape=(n, 3)]"""
    faces: Faces
    face_materials: NDArray[np.int32]
    """Index into ``materials`` [shape=(m,)]."""
    materials: tuple[Material, ...]
    tint: Floats
    """Linear colour of each vertex [shape=(n, 3)]."""
    shapes: Mapping[str, Floats]
    """Offset of every vertex with the shape at 1, metres [shape=(n, 3)], in ARKit's order."""
    bones: tuple[Bone, ...]
    """Parents before children."""
    weights: Mapping[str, Floats]
    """How much each bone moves each vertex [shape=(n,)]; they add up to 1."""
    landmarks: Mapping[str, Indices] = field(default_factory=dict)
    """Named vertices. ``inner_lip_upper`` and ``inner_lip_lower`` are pairs from the character's right to its left,
    over the middle 60 % of the mouth; so are ``lid_upper_*`` and ``lid_lower_*`` over the middle of each eye."""
    parts: Mapping[str, slice] = field(default_factory=dict)
    """Where each piece lies among the vertices."""


def edges(faces: Faces) -> NDArray[np.int32]:
    """Both directions of every edge, once for each face it borders [shape=(k, 2)]."""
    quads = faces[faces[:, 3] >= 0]
    triangles = faces[faces[:, 3] < 0][:, :3]
    pairs = [quads[:, [i, (i + 1) % 4]] for i in range(4)] + [triangles[:, [i, (i + 1) % 3]] for i in range(3)]
    forward = np.concatenate(pairs)
    return np.concatenate([forward, forward[:, ::-1]])


class Neighbours:
    """Averages over the vertices next to each vertex."""

    def __init__(self, count: int, faces: Faces) -> None:
        self.count = count
        pairs = edges(faces)
        self._from, self._to = pairs[:, 0], pairs[:, 1]
        self._degree = np.maximum(np.bincount(self._from, minlength=count), 1).astype(np.float64)

    def mean(self, values: Points) -> Points:
        """Mean of the neighbours' rows [shape=(n, k)]."""
        columns = [np.bincount(self._from, values[self._to, i], self.count) for i in range(values.shape[1])]
        return np.stack(columns, axis=1) / self._degree[:, None]


def vertex_normals(points: Points, faces: Faces) -> Points:
    """Unit normals, faces weighted by area [shape=(n, 3)]."""
    third = np.where(faces[:, 3] >= 0, faces[:, 3], faces[:, 2])
    normal = np.cross(points[faces[:, 2]] - points[faces[:, 0]], points[third] - points[faces[:, 1]])
    flat = faces[:, 3] < 0
    a, b, c = (points[faces[flat, i]] for i in range(3))
    normal[flat] = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for corner in range(4):
        live = faces[:, corner] >= 0
        for axis in range(3):
            total[:, axis] += np.bincount(faces[live, corner], normal[live, axis], len(points))
    return np.asarray(total / (np.linalg.norm(total, axis=1, keepdims=True) + 1e-15))


def lattice(rows: int, columns: int, *, closed: bool, flip: bool = False, first: int = 0) -> Faces:
    """Quads of a grid whose rows run down and columns to the left of the body; ``closed`` joins the last column."""
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij")
    r, c = r.ravel(), c.ravel()
    d = (c + 1) % columns
    quad = np.stack([r * columns + c, (r + 1) * columns + c, (r + 1) * columns + d, r * columns + d], axis=1) + first
    return np.asarray(quad[:, ::-1] if flip else quad, dtype=np.int32)


def fan(ring: Sequence[int] | Indices, apex: int, *, flip: bool = False) -> Faces:
    """Triangles from a closed ring to one vertex."""
    ring = np.asarray(ring)
    out = np.stack([ring, np.roll(ring, -1), np.full(len(ring), apex), np.full(len(ring), -1)], axis=1)
    if flip:
        out[:, :2] = out[:, 1::-1]
    return np.asarray(out, dtype=np.int32)
