"""Implicit surfaces: soft unions of simple bodies, negative inside; how the head's form is modelled."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Positions in metres [shape=(..., 3)]."""
Distances = NDArray[np.float64]
Field = Callable[[Points], Distances]


def ellipsoid(p: Points, centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Distances:
    """Close to the signed distance near the surface (first-order, after I. Quilez)."""
    q = (p - np.array(centre)) / np.array(radii)
    k0 = np.sqrt(np.einsum("...i,...i->...", q, q)) + 1e-9
    q /= np.array(radii)
    k1 = np.sqrt(np.einsum("...i,...i->...", q, q)) + 1e-9
    return np.asarray(k0 * (k0 - 1.0) / k1)


def capsule(p: Points, a: tuple[float, float, float], b: tuple[float, float, float], ra: float, rb: float) -> Distances:
    """A rod from ``a`` to ``b`` whose radius runs from ``ra`` to ``rb``."""
    start, axis = np.array(a), np.array(b) - np.array(a)
    along = np.clip((p - start) @ axis / float(axis @ axis), 0.0, 1.0)
    q = p - start - along[..., None] * axis
    return np.asarray(np.sqrt(np.einsum("...i,...i->...", q, q)) - (ra + along * (rb - ra)))


def union(a: Distances, b: Distances, blend: float) -> Distances:
    """Smooth minimum: the joint is filled over about ``blend`` metres."""
    h = np.maximum(blend - np.abs(a - b), 0.0) / blend
    return np.asarray(np.minimum(a, b) - h * h * blend * 0.25)


def carve(a: Distances, b: Distances, blend: float) -> Distances:
    """``a`` without ``b``, the edge rounded over about ``blend`` metres."""
    return -union(-a, b, blend)


def mirror(p: Points, soft: float = 0.004) -> Points:
    """Fold the right half onto the left, rounded within ``soft`` of the middle so that no crease is left."""
    q = p.copy()
    q[..., 0] = np.sqrt(q[..., 0] ** 2 + soft * soft)
    return q


def gradient(field: Field, p: Points, step: float = 4e-4) -> Points:
    """Unit normal of the field at ``p``, by the four corners of a tetrahedron."""
    corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], dtype=np.float64)
    total = np.zeros_like(p)
    for corner in corners:
        total += corner * field(p + step * corner)[..., None]
    return np.asarray(total / (np.linalg.norm(total, axis=-1, keepdims=True) + 1e-12))


def project(field: Field, p: Points, steps: int = 3) -> Points:
    """Slide points along the normal onto the surface."""
    for _ in range(steps):
        p = p - np.clip(field(p), -0.02, 0.02)[..., None] * gradient(field, p)
    return p


def cast(field: Field, origin: Points, direction: Points, near: float, far: float, steps: int = 10) -> Points:
    """Where rays leave the body: bisection between ``near`` (inside) and ``far`` (outside), then a straight line."""
    shape = np.broadcast_shapes(origin.shape, direction.shape)[:-1]
    low, high = np.full(shape, near), np.full(shape, far)
    for _ in range(steps):
        middle = 0.5 * (low + high)
        inside = field(origin + middle[..., None] * direction) < 0.0
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    below, above = field(origin + low[..., None] * direction), field(origin + high[..., None] * direction)
    reach = low + (high - low) * np.clip(below / (below - above - 1e-12), 0.0, 1.0)
    return np.asarray(origin + reach[..., None] * direction)
