"""The skin: a grid of longitudes and latitudes cast onto the head's form, with real edge loops at eyes and mouth.

The grid has three rectangular holes. Each is filled by rings that run from the hole's edge to the margin of a lid or
the line where the lips meet and on to the inside, so that every loop an animator expects is there, in quads.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .form import Proportions, head_field
from .implicit import Field, Points, cast, project
from .mesh import Faces, Indices, Neighbours, fan, lattice, vertex_normals
from .shape import AvatarShape

COLUMNS = 80
"""Longitudes; column 0 is the middle of the face, they run to the character's left."""
_HALF = COLUMNS // 2
_EYE_COLUMNS = (4, 18)
_MOUTH_COLUMN = 10
# Elevation in degrees at which the rows of the face begin and end, and how many cells lie between.
_ROWS = ((87.0, 0), (24.5, 8), (-14.5, 14), (-22.5, 4), (-43.5, 12), (-75.0, 9))
_EYE_ROWS = (8, 22)
_MOUTH_ROWS = (26, 38)
_NECK_ROWS = 8

LIP_BORDER = 5
"""Ring of the mouth where the red of the lips ends; ring 0 is where the lips meet, negative ones lie inside."""
MOUTH_RINGS = 11
MOUTH_DEPTH = 9
EYE_RINGS = 10
EYE_DEPTH = 3
CREASE_RING = 4


@dataclass(slots=True)
class Skin:
    """The skin and where each of its vertices lies in the loops."""

    points: Points
    faces: Faces
    eye_side: NDArray[np.int8]
    """1 the character's left eye, -1 its right, 0 outside both loops."""
    eye_ring: NDArray[np.int16]
    """0 the margin's outer edge, EYE_RINGS the loop's outer edge, negative behind the lid."""
    eye_place: Points
    """Across the eye, -1 inner .. 1 outer corner, [shape=(n,)]."""
    eye_upper: NDArray[np.float64]
    """1 upper lid, -1 lower lid, 0 at the corners and elsewhere."""
    mouth_ring: NDArray[np.int16]
    """-99 outside the mouth's loops."""
    mouth_place: Points
    """Across the mouth, 1 at the character's left corner, [shape=(n,)]."""
    mouth_upper: NDArray[np.float64]
    """1 upper lip, -1 lower, 0 at the corners and elsewhere."""
    mouth_order: NDArray[np.int16]
    """Position along its ring."""


def _azimuths() -> NDArray[np.float64]:
    front = np.radians(38.5) * np.linspace(0.0, 1.0, _EYE_COLUMNS[1] + 1)
    rest = _HALF - _EYE_COLUMNS[1]
    s = np.linspace(0.0, 1.0, rest + 1)[1:]
    step = front[1] - front[0]
    # Start with the front's step and grow evenly.
    grow = (np.pi - front[-1]) - step * rest
    half = np.concatenate([front, front[-1] + step * rest * s + grow * s**2])
    return np.concatenate([half, -half[1:-1][::-1]])


def _elevations() -> NDArray[np.float64]:
    levels = [np.array([_ROWS[0][0]])]
    for (start, _), (end, cells) in pairwise(_ROWS):
        levels.append(np.linspace(start, end, cells + 1)[1:])
    return np.asarray(np.radians(np.concatenate(levels)))


def _grid(field: Field) -> Points:
    azimuth, elevation = _azimuths(), _elevations()
    c = np.cos(azimuth)
    front, side, back = np.radians(-75.0), np.radians(-60.0), np.radians(-38.0)
    end = side + 0.5 * (front - back) * c + (0.5 * (front + back) - side) * c * c
    level = np.where(elevation[:, None] > 0, elevation[:, None], elevation[:, None] * end / front)
    direction = np.stack([np.cos(level) * np.sin(azimuth), -np.cos(level) * c, np.sin(level)], axis=-1)
    head = cast(field, np.zeros(3), direction, 0.01, 0.2)
    outward = np.stack([np.sin(azimuth), -c, np.zeros_like(c)], axis=-1)
    bottom = cast(field, np.array([0.0, 0.038, -0.195]), outward, 0.005, 0.12)
    s = np.linspace(0.0, 1.0, _NECK_ROWS + 1)[1:, None, None]
    neck = project(field, head[-1] + s * (bottom - head[-1]), 6)
    neck[-1] = bottom
    return np.concatenate([head, neck])


def _rectangle(rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[np.int32]:
    """Grid vertices around a hole, from the middle of its +X side over the top and round."""
    (top, bottom), (right, left) = rows, columns  # columns grow to the character's left, +X
    middle = (top + bottom) // 2
    path = [(r, left) for r in range(middle, top, -1)]
    path += [(top, c) for c in range(left, right, -1)]
    path += [(r, right) for r in range(top, bottom)]
    path += [(bottom, c) for c in range(right, left)]
    path += [(r, left) for r in range(bottom, middle, -1)]
    return np.array([r * COLUMNS + c % COLUMNS for r, c in path], dtype=np.int32)


def _around(count: int, straight: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Place -1..1 across the opening and side (1 above, -1 below, 0 corner) for a ring of ``count`` vertices."""
    half = count // 2
    turn = np.arange(half + 1) / half
    over = (1 - straight) * np.cos(np.pi * turn) + straight * (1.0 - 2.0 * turn)
    place = np.concatenate([over, over[1:-1][::-1]])
    upper = np.zeros(count)
    upper[1:half], upper[half + 1 :] = 1.0, -1.0
    return place, upper


def lid_curve(at: Proportions, place: Points, upper: Points) -> tuple[Points, Points]:
    """The left eye's opening from the front: x and z from the eye's centre; ``place`` 1 is the outer corner."""
    over = (1.0 - np.abs(place + 0.10 * (1 - place**2)) ** 2.3) ** 0.86
    under = (1.0 - np.abs(place - 0.08 * (1 - place**2)) ** 2.1) ** 0.95
    z = np.where(upper > 0, at.eye_up * over, -at.eye_down * under)
    z = np.where(upper == 0, 0.0, z) + at.eye_tilt * 0.5 * place - 0.0012 * (1 - place) * 0.5
    return at.eye_half_width * place, z


def lip_curves(at: Proportions, place: Points) -> tuple[Points, Points, Points]:
    """Heights of the line where the lips meet and of the upper and lower border of the red."""
    t = np.abs(place)
    meet = at.mouth_z + 0.0013 * t**2.5 - 0.0007 * np.exp(-((t / 0.30) ** 2))
    bow = (1.0 - t**1.9) ** 0.95 * (1.0 - 0.17 * np.exp(-((t / 0.17) ** 2)))
    top = meet + at.upper_lip * bow
    bottom = meet - at.lower_lip * (1.0 - t**2.3) ** 0.85
    return meet, top, bottom


def build_skin(shape: AvatarShape, at: Proportions) -> Skin:
    """Cast the grid, cut the holes, fill them with loops and let the free vertices settle."""

    def field(p: Points) -> Points:
        return head_field(shape, at, p)

    grid = _grid(field)
    rows = grid.shape[0]
    count = rows * COLUMNS
    faces = lattice(rows, COLUMNS, closed=True)
    r, c = np.divmod(np.arange((rows - 1) * COLUMNS), COLUMNS)
    signed = np.where(c >= _HALF, c - COLUMNS, c)
    in_eye_rows = (r >= _EYE_ROWS[0]) & (r < _EYE_ROWS[1])
    hole = in_eye_rows & (signed >= _EYE_COLUMNS[0]) & (signed < _EYE_COLUMNS[1])
    hole |= in_eye_rows & (signed >= -_EYE_COLUMNS[1]) & (signed < -_EYE_COLUMNS[0])
    hole |= (r >= _MOUTH_ROWS[0]) & (r < _MOUTH_ROWS[1]) & (signed >= -_MOUTH_COLUMN) & (signed < _MOUTH_COLUMN)
    faces = faces[~hole]
    points = [grid.reshape(-1, 3), (0.97 * grid[0].mean(axis=0) + [0, 0, 0.0005])[None]]
    all_faces = [faces, fan(np.arange(COLUMNS), count)]
    tags: list[tuple[str, NDArray[np.int32], int, Points, Points]] = []
    first = count + 1
    fixed_rings: list[NDArray[np.int32]] = []
    eye_loops: list[list[NDArray[np.int32]]] = []

    for side in (1, -1):
        columns = _EYE_COLUMNS if side > 0 else (-_EYE_COLUMNS[1], -_EYE_COLUMNS[0])
        outer = _rectangle(_EYE_ROWS, columns)
        place, upper = _around(len(outer), 0.25)
        place = side * place
        rings = _eye_rings(field, at, side, place, upper, grid.reshape(-1, 3)[outer])
        ids = [np.arange(len(outer), dtype=np.int32) + first + len(outer) * i for i in range(len(rings))]
        ids.append(outer)
        first += len(outer) * len(rings)
        points.extend(rings)
        for i, ring in enumerate(ids):
            tags.append(("left" if side > 0 else "right", ring, i - EYE_DEPTH, place, upper))
        all_faces.extend(_bridge(a, b) for a, b in pairwise(ids))
        fixed_rings.extend(ids[: EYE_DEPTH + 2])
        eye_loops.append(ids)

    outer = _rectangle(_MOUTH_ROWS, (-_MOUTH_COLUMN, _MOUTH_COLUMN))
    place, upper = _around(len(outer), 0.45)
    rings = _mouth_rings(field, at, place, upper, grid.reshape(-1, 3)[outer])
    ids = [np.arange(len(outer), dtype=np.int32) + first + len(outer) * i for i in range(len(rings))] + [outer]
    first += len(outer) * len(rings)
    points.extend(rings)
    for i, ring in enumerate(ids):
        tags.append(("mouth", ring, i - MOUTH_DEPTH, place, upper))
    all_faces.extend(_bridge(a, b) for a, b in pairwise(ids))
    points.append(rings[0].mean(axis=0)[None] + [0, 0.004, 0])
    all_faces.append(fan(ids[0], first, flip=False))
    fixed_rings.extend(ids[: MOUTH_DEPTH + LIP_BORDER + 1])
    total = first + 1

    position = np.concatenate(points)
    mesh_faces = np.concatenate(all_faces)
    skin = _tagged(position, mesh_faces, tags, total)
    used = np.zeros(total, dtype=bool)
    used[mesh_faces[mesh_faces >= 0]] = True
    free = used.copy()
    for ring in fixed_rings:
        free[ring] = False
    free[(rows - 1) * COLUMNS : count] = False
    free[first] = False
    neighbours = Neighbours(total, mesh_faces)
    move = np.flatnonzero(free)
    for _ in range(5):
        relaxed = position + 0.5 * (neighbours.mean(position) - position)
        position[move] = project(field, relaxed[move], 1)
    position[move] = project(field, position[move], 1)
    skin.points = position
    skin = _detail(skin)
    twin = _twins(rows, [(eye_loops[0], eye_loops[1]), (ids, ids)], total)
    skin.points = 0.5 * (skin.points + skin.points[twin] * [-1, 1, 1])
    return _compact(skin, used)


def _twins(rows: int, loops: list[tuple[list[NDArray[np.int32]], list[NDArray[np.int32]]]], total: int) -> Indices:
    """For each vertex the one at its mirror place."""
    twin = np.arange(total)
    r, c = np.divmod(np.arange(rows * COLUMNS), COLUMNS)
    twin[: rows * COLUMNS] = r * COLUMNS + (-c) % COLUMNS
    for one, other in loops:
        for here, there in zip(one, other, strict=True):
            # Rings run from the +X side over the top.
            opposite = (len(here) // 2 - np.arange(len(here))) % len(here)
            twin[here], twin[there] = there[opposite], here[opposite]
    return twin.astype(np.int32)


def _bridge(inner: NDArray[np.int32], outer: NDArray[np.int32]) -> Faces:
    return np.asarray(np.stack([inner, outer, np.roll(outer, -1), np.roll(inner, -1)], axis=1).astype(np.int32))


def _eye_rings(field: Field, at: Proportions, side: int, place: Points, upper: Points, outer: Points) -> list[Points]:
    """From behind the lid (first) to just inside the hole's edge (last)."""
    x, z = lid_curve(at, place, upper)
    centre = np.array(at.eye) * [side, 1, 1]

    def on_ball(scale: float, radius: float) -> Points:
        px, pz = x * scale, z * scale
        return np.asarray(centre + np.stack([side * px, -np.sqrt(radius**2 - px**2 - pz**2), pz], axis=1))

    margin = on_ball(1.0, at.eye_radius + at.lid_thickness)
    behind = np.array([0, 0.004, 0])
    rings = [
        on_ball(1.12, at.eye_radius + 0.0002) + behind,
        on_ball(1.06, at.eye_radius + 0.0004),
        on_ball(1.005, at.eye_radius + 0.0003),
        margin,
    ]
    spacing = np.array([0.03, 0.085, 0.16, 0.245, 0.34, 0.45, 0.57, 0.70, 0.85])
    return rings + [project(field, margin + s * (outer - margin), 5) for s in spacing]


def _mouth_rings(field: Field, at: Proportions, place: Points, upper: Points, outer: Points) -> list[Points]:
    """From the throat (first) over the line where the lips meet (ring 0) to just inside the hole's edge."""
    meet, top, bottom = lip_curves(at, place)
    border = np.where(upper > 0, top, bottom)
    border = np.where(upper == 0, meet, border)
    t = np.abs(place)
    taper = np.clip(1.0 - t**3.2, 0.0, 1.0) ** 0.8

    def front(x: Points, z: Points) -> Points:
        origin = np.stack([x, np.zeros_like(x), z], axis=1)
        return cast(field, origin, np.broadcast_to([0.0, -1.0, 0.0], origin.shape), 0.02, 0.14)

    rings = []
    out = []
    full = np.where(upper > 0, 0.0043 * at.upper_lip / 0.0070, 0.0050 * at.lower_lip / 0.0088)
    for ring in range(LIP_BORDER + 1):
        s = ring / LIP_BORDER
        rise = 1.0 - np.cos(0.5 * np.pi * s) ** 1.15
        bump = np.sin(np.pi * (0.10 + 0.86 * s) ** 0.90) - 0.75 * (1 - s) ** 5
        x = at.mouth_half_width * place + np.sign(place) * ring * 0.0006 * t**8
        z = meet + (border - meet) * rise
        p = front(x, z)
        # Where the lips meet they are one line, however full each of them is.
        apart = 1 - (1 - s) ** 4
        swell = apart * full + (1 - apart) * 0.0046
        p[:, 1] -= swell * taper * bump - 0.0012 * (1 - s) ** 2 * t**6
        out.append(p)
    contact = out[0]
    # Inside: how far back, how far away from the line where the lips meet, how wide the opening is there.
    inside = (
        (0.0014, 0.0002, 1.0), (0.0040, 0.0014, 1.01), (0.0060, 0.0050, 1.06), (0.0068, 0.0100, 1.14),
        (0.0110, 0.0150, 1.22), (0.0230, 0.0180, 1.24), (0.0360, 0.0150, 1.00), (0.0460, 0.0090, 0.62),
        (0.0510, 0.0040, 0.28),
    )  # fmt: skip
    arc = np.sin(np.arccos(np.clip(place, -1, 1))) ** 0.7
    for back, away, wide in inside:
        p = contact.copy()
        p[:, 0] *= wide
        p[:, 0] += np.sign(place) * min(away, 0.004) * 0.5 * t**4
        p[:, 1] += back
        p[:, 2] += np.where(upper >= 0, 1.0, -1.0) * away * arc
        rings.append(p)
    rings = rings[::-1] + out
    edge = out[-1]
    for s in (0.12, 0.27, 0.44, 0.62, 0.81):
        rings.append(project(field, edge + s * (outer - edge), 5))
    return rings


def _tagged(
    position: Points, faces: Faces, tags: list[tuple[str, NDArray[np.int32], int, Points, Points]], total: int
) -> Skin:
    skin = Skin(
        position, faces,
        np.zeros(total, np.int8), np.zeros(total, np.int16), np.zeros(total), np.zeros(total),
        np.full(total, -99, np.int16), np.zeros(total), np.zeros(total), np.full(total, -1, np.int16),
    )  # fmt: skip
    for name, ids, ring, place, upper in tags:
        if name == "mouth":
            skin.mouth_ring[ids], skin.mouth_place[ids], skin.mouth_upper[ids] = ring, place, upper
            skin.mouth_order[ids] = np.arange(len(ids))
        else:
            skin.eye_side[ids] = 1 if name == "left" else -1
            skin.eye_ring[ids], skin.eye_place[ids], skin.eye_upper[ids] = ring, place, upper
    return skin


def _detail(skin: Skin) -> Skin:
    """Fold of the upper lid, laid in after the form has settled."""
    normal = vertex_normals(skin.points, skin.faces)
    upper = (skin.eye_side != 0) & (skin.eye_upper > 0)
    taper = np.clip(1.0 - np.abs(skin.eye_place) ** 4, 0.0, 1.0)
    depth = np.zeros(len(skin.points))
    for ring, amount in ((CREASE_RING - 1, 0.0003), (CREASE_RING, 0.0016), (CREASE_RING + 1, 0.0004)):
        depth += np.where(upper & (skin.eye_ring == ring), amount, 0.0) * taper
    skin.points = skin.points - depth[:, None] * normal
    return skin


def _compact(skin: Skin, used: NDArray[np.bool_]) -> Skin:
    new = np.cumsum(used) - 1
    faces = np.where(skin.faces >= 0, new[skin.faces], -1).astype(np.int32)
    return Skin(
        skin.points[used], faces, skin.eye_side[used], skin.eye_ring[used], skin.eye_place[used],
        skin.eye_upper[used], skin.mouth_ring[used], skin.mouth_place[used], skin.mouth_upper[used],
        skin.mouth_order[used],
    )  # fmt: skip
