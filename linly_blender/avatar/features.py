"""Eyes, lashes, brows, ears, teeth, gums and tongue, each a mesh of its own that sits in or on the skin."""

import numpy as np
from numpy.typing import NDArray

from .form import Proportions, head_field
from .implicit import Points, cast, gradient, project
from .mesh import Faces, Part, fan, lattice
from .shape import AvatarShape
from .skin import lid_curve

SKIN, LIPS, SCLERA, IRIS, PUPIL, LASH, BROW, TEETH, GUMS, TONGUE, MOUTH, HAIR, GARMENT = range(13)
"""Materials, in the order of the character's list."""


def _part(name: str, points: Points, faces: Faces, material: int | NDArray[np.int32], tint: Points) -> Part:
    materials = np.broadcast_to(np.asarray(material, dtype=np.int32), len(faces)).copy()
    return Part(name, points, faces, materials, np.broadcast_to(tint, points.shape).copy())


def mirrored(part: Part, name: str) -> Part:
    """The same piece on the character's right."""
    faces = part.faces.copy()
    quads = faces[:, 3] >= 0
    faces[quads] = faces[quads][:, ::-1]
    faces[~quads, :3] = faces[~quads, 2::-1]
    return Part(name, part.points * [-1, 1, 1], faces, part.materials.copy(), part.tint.copy())


IRIS_RADIUS = 0.46
"""Of the eyeball's radius."""


def eyeball(shape: AvatarShape, at: Proportions, segments: int = 32) -> Part:
    """The left eye: sclera, iris and pupil in one ball with a slight cornea; the tint paints the iris."""
    edge = float(np.arcsin(IRIS_RADIUS))
    pupil = float(np.arcsin(0.19))
    theta = np.concatenate([
        [pupil * 0.5, pupil * 0.96, pupil * 1.06],
        np.linspace(pupil * 1.25, edge * 0.86, 5),
        [edge * 0.93, edge * 0.985, edge * 1.03, edge * 1.1],
        np.linspace(edge * 1.25, np.radians(112), 8),
    ])  # fmt: skip
    turn = 2 * np.pi * np.arange(segments) / segments
    radius = at.eye_radius * (1.0 + 0.018 * np.exp(-((theta / (edge * 1.05)) ** 4)))
    ring = np.stack([
        np.outer(radius * np.sin(theta), np.cos(turn)),
        np.outer(-radius * np.cos(theta), np.ones(segments)),
        np.outer(radius * np.sin(theta), np.sin(turn)),
    ], axis=-1)  # fmt: skip
    apex = np.array([[0.0, -at.eye_radius * 1.018, 0.0]])
    points = np.concatenate([ring.reshape(-1, 3), apex]) + at.eye
    rows = len(theta)
    faces = np.concatenate([lattice(rows, segments, closed=True), fan(np.arange(segments), rows * segments)])
    row = np.concatenate([np.repeat(np.arange(rows - 1), segments), np.zeros(segments, dtype=np.int64)])
    materials = np.select([row < 1, row < 9], [PUPIL, IRIS], SCLERA)
    materials[-segments:] = PUPIL

    base = np.array(shape.iris)
    depth = np.clip((theta - pupil) / (edge - pupil), 0, 1)[:, None, None]
    low = 0.5 - 0.5 * np.sin(turn)[None, :, None]  # light gathers opposite the lamp
    rays = 1.0 + 0.10 * np.sin(turn * 10)[None, :, None] * np.sin(np.pi * depth)
    iris = base * (0.65 + 2.0 * low**1.3 * np.sin(np.pi * np.clip(depth, 0, 1) ** 0.8)) * rays
    iris = iris * (1 - 0.85 * np.clip((depth - 0.72) / 0.28, 0, 1) ** 1.5)
    far = np.clip((theta - edge) / (np.radians(80) - edge), 0, 1)[:, None, None]
    sclera = np.array([0.80, 0.79, 0.78]) * (1 - far**2) + np.array([0.70, 0.50, 0.46]) * far**2
    colour = np.where((theta < pupil)[:, None, None], np.array([0.004, 0.004, 0.005]), iris)
    colour = np.where((theta > edge)[:, None, None], np.broadcast_to(sclera, colour.shape), colour)
    tint = np.concatenate([colour.reshape(-1, 3), [[0.004, 0.004, 0.005]]])
    return _part("eye.L", points, faces, materials, tint)


def lashes(shape: AvatarShape, at: Proportions, count: int = 29) -> tuple[Part, Points]:
    """A dark line along the left upper lid, thicker to the outside; also returns each vertex's place across the eye."""
    place = np.sin(np.linspace(-0.47, 0.5, count) * np.pi)
    x, z = lid_curve(at, place, np.ones(count))
    thick = np.clip(1 - np.abs(place) ** 10, 0.15, 1) * (0.55 + 0.45 * (place + 1) / 2)
    rows = []
    for out, up in ((-0.0010, -0.0001), (0.0006, -0.0006), (0.0026, 0.0004), (0.0006, 0.0011), (-0.0006, 0.0012)):
        radius = at.eye_radius + at.lid_thickness + out * (thick if out > 0 else 1.0)
        pz = z + up * thick
        px = x + (0.0007 * thick * np.clip(place, 0, 1) ** 2 if out > 0.001 else 0.0)
        rows.append(np.stack([px, -np.sqrt(radius**2 - px**2 - pz**2), pz], axis=1))
    points = np.concatenate(rows) + at.eye
    faces = lattice(5, count, closed=False, flip=True)
    return _part("lashes.L", points, faces, LASH, np.array([0.012, 0.008, 0.007])), np.tile(place, 5)


def nostril(shape: AvatarShape, at: Proportions, around: int = 12) -> Part:
    """The left nostril: a dark oval laid on the underside of the nose."""

    def field(p: Points) -> Points:
        return head_field(shape, at, p)

    wide = 1.0 + 0.22 * shape.nose_width
    _, ty, tz = at.nose_tip
    centre = np.array([[0.0064 * wide, 0.5 * (ty - 0.0815), tz - 0.0095]])
    centre = project(field, centre, 6)
    normal = gradient(field, centre)[0]
    across = np.cross(np.array([0.0, 1.0, 0.0]), normal)
    across /= np.linalg.norm(across)
    along = np.cross(normal, across)
    turn = 2 * np.pi * np.arange(around) / around
    rings = []
    for share in (1.0, 0.6):
        # Slanted and a little pointed to the front, as a drop is.
        u, v = 0.0027 * wide * np.cos(turn), 0.0041 * np.sin(turn)
        u = u * (1 - 0.18 * np.sin(turn)) + 0.35 * v
        ring = centre + share * (u[:, None] * across + v[:, None] * along)
        rings.append(project(field, ring, 4) + normal * (0.00035 if share < 1 else 0.00005))
    points = np.concatenate([*rings, rings[1].mean(axis=0)[None]])
    faces = np.concatenate([lattice(2, around, closed=True, flip=True), fan(np.arange(around) + around, 2 * around)])
    if np.dot(np.cross(points[1] - points[0], points[-1] - points[0]), normal) < 0:
        quads = faces[:, 3] >= 0
        faces[quads], faces[~quads, :2] = faces[quads][:, ::-1], faces[~quads, 1::-1]
    dark = np.array(shape.skin) * np.array([0.13, 0.07, 0.06])
    return _part("nostril.L", points, faces, MOUTH, dark)


def brow(shape: AvatarShape, at: Proportions, along: int = 20, around: int = 8) -> Part:
    """The left brow: a tapered, rounded bar on the skin."""

    def field(p: Points) -> Points:
        return head_field(shape, at, p)

    s = np.linspace(0.0, 1.0, along)
    x = at.eye[0] - 0.0185 + 0.0400 * s
    z = at.brow_z + 0.0010 + 0.0062 * np.sin(np.pi * np.clip(s * 0.80, 0, 1) ** 1.25) - 0.0040 * s**3
    height = (
        0.0040 * (1 + 0.4 * shape.brow_weight) * (1 - s**3.0) ** 0.8 * (0.62 + 0.38 * np.clip(s / 0.22, 0, 1)) + 0.0002
    )
    height[0] *= 0.55
    thick = 0.0019 * np.sqrt(height / height.max())
    turn = 2 * np.pi * np.arange(around) / around
    slope = np.gradient(z, x)
    lean = 1 / np.sqrt(1 + slope**2)
    off = np.outer(height, np.sin(turn)) * 0.85
    px, pz = x[:, None] - off * (slope * lean)[:, None], z[:, None] + off * lean[:, None]
    origin = np.stack([px, np.zeros_like(px), pz], axis=-1)
    on = cast(field, origin, np.broadcast_to([0.0, -1.0, 0.0], origin.shape), 0.02, 0.14)
    on[..., 1] -= np.outer(thick, np.cos(turn)) * 1.0 + 0.0002
    rows = on.reshape(-1, 3)
    ends = np.stack([on[0].mean(axis=0), on[-1].mean(axis=0)])
    points = np.concatenate([rows, ends])
    n = along * around
    faces = np.concatenate([
        lattice(along, around, closed=True),
        fan(np.arange(around), n),
        fan(np.arange(around) + n - around, n + 1, flip=True),
    ])  # fmt: skip
    return _part("brow.L", points, faces, BROW, np.array(shape.hair) * 1.15)


def ear(shape: AvatarShape, at: Proportions, around: int = 28) -> Part:
    """The left ear: bowl, inner and outer rim, lobe."""
    size = 1.0 + 0.16 * shape.ear_size
    turn = 2 * np.pi * np.arange(around) / around  # 0 back, pi/2 up, pi front
    c, s = np.cos(turn), np.sin(turn)
    # Outline: broad above, narrow at the lobe.
    wide = np.where(c > 0, 0.0195 - 0.0035 * np.clip(-s, 0, 1), 0.0135)
    tall = np.where(s > 0, 0.0290, 0.0300)
    back, up = wide * c - 0.002 * np.clip(-s, 0, 1) ** 2, tall * s
    front = np.clip(-c, 0, 1) ** 1.5 * np.clip(1.15 - np.abs(s + 0.1), 0, 1)
    lobe = np.clip(-s - 0.45, 0, 1) / 0.55
    rim = (1 - 0.8 * front) * (1 - 0.55 * lobe)
    # Across: part of the outline, height over the root plane.
    profile = (
        (0.05, -0.0050 + 0 * rim),
        (0.24, -0.0046 + 0 * rim),
        (0.42, -0.0030 + 0.0040 * rim * (1 - lobe)),
        (0.54, 0.0010 + 0.0036 * rim),
        (0.64, 0.0022 + 0.0022 * rim),
        (0.76, 0.0030 + 0.0006 * rim),
        (0.86, 0.0030 + 0.0032 * rim),
        (0.95, 0.0030 + 0.0044 * rim),
        (1.01, 0.0020 + 0.0036 * rim),
        (1.02, 0.0000 + 0.0020 * rim),
        (0.95, -0.0030 + 0.0 * rim),
        (0.78, -0.0070 + 0.0 * rim),
        (0.62, -0.0150 + 0.0 * rim),
    )
    rows = []
    for part, height in profile:
        rows.append(np.stack([height, part * back, part * up], axis=1))
    local = np.stack(rows)
    # Tragus: the small flap before the canal.
    bump = np.exp(-(((local[..., 1] + 0.0095) / 0.0040) ** 2) - ((local[..., 2] + 0.004) / 0.0065) ** 2)
    local[:9, :, 0] += 0.0045 * bump[:9]
    local *= size
    flare, tilt = np.radians(24.0), np.radians(-10.0)
    ct, st = np.cos(tilt), np.sin(tilt)
    y, z = local[..., 1] * ct - local[..., 2] * st, local[..., 1] * st + local[..., 2] * ct
    cf, sf = np.cos(flare), np.sin(flare)
    x = local[..., 0] * cf + (y + 0.0120) * sf
    y = y * cf - local[..., 0] * sf
    points = np.concatenate([np.stack([x, y, z], axis=-1).reshape(-1, 3), [[0, 0, 0]]])
    points[-1] = points[:around].mean(axis=0)
    points = points + np.array(at.ear) + [-0.0015, 0.006, 0.0]
    faces = np.concatenate([
        lattice(len(profile), around, closed=True, flip=False),
        fan(np.arange(around), len(profile) * around),
    ])  # fmt: skip
    tint = np.tile(np.array(shape.skin), (len(points), 1))
    depth = np.repeat(np.array([1, 0.95, 0.6, 0.2, 0.35, 0.5, 0.2, 0.1, 0.15, 0.15, 0.1, 0, 0]), around)
    tint[:-1] *= 1 - depth[:, None] * np.array([0.12, 0.30, 0.32])
    tint[-1] = tint[0]
    return _part("ear.L", points, faces, SKIN, tint)


ARCH = 1.14
"""Half width of the upper dental arch, as a share of the mouth's."""
ARCH_DEPTH = 0.030


def _arch(half_width: float, depth: float, front: float, count: int) -> Points:
    """Points of the dental arch and its outward normals, from the right to the left, evenly spaced [shape=(n, 4)]."""
    phi = np.linspace(-1.45, 1.45, 400)
    x, y = half_width * np.sin(phi), front + depth * (1 - np.cos(phi))
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    at = np.linspace(0, length[-1], count)
    x, y = np.interp(at, length, x), np.interp(at, length, y)
    nx, ny = x / half_width**2, (y - front - depth) / depth**2
    n = np.hypot(nx, ny)
    return np.stack([x, y, nx / n, ny / n], axis=1)


def teeth(shape: AvatarShape, at: Proportions, front: float, *, upper: bool, per_tooth: int = 4) -> Part:
    """Gum and teeth of one jaw in one strip; ``front`` is where the foremost tooth stands."""
    half = at.mouth_half_width
    count = 14 * per_tooth + 1
    arch = _arch(ARCH * half if upper else (ARCH - 0.06) * half, ARCH_DEPTH, front if upper else front + 0.0018, count)
    place = np.linspace(-7, 7, count)
    inside = np.abs(place - np.floor(place) - 0.5) * 2  # 1 between two teeth
    gap = inside**6
    front_tooth = np.abs(place) < 3
    edge = at.mouth_z + (-0.0034 if upper else -0.0022)
    sign = 1.0 if upper else -1.0
    tall = 0.0100 if upper else 0.0080
    uneven = (
        np.where(front_tooth, 0.0, 0.0006) + np.where((np.abs(place) >= 1) & (np.abs(place) < 2), 0.0005, 0.0) * upper
    )
    # Out of the arch, along the tooth from its edge, whether gaps show there.
    rows = (
        (0.0010, tall + 0.0120, 0.0, 0.0), (0.0016, tall + 0.006, 0.0, 0.0), (0.0014, tall + 0.0015, 0.25, 0.0),
        (0.0003, tall, 0.4, 0.0), (0.0008, tall * 0.86, 1.0, 0.0), (0.0012, tall * 0.5, 1.0, 0.0),
        (0.0008, tall * 0.18, 1.0, 0.5), (0.0002, 0.0, 1.0, 1.0), (-0.0012, 0.0001, 0.6, 1.0),
        (-0.0030, tall * 0.4, 0.3, 0.0), (-0.0050, tall + 0.004, 0.0, 0.0),
    )  # fmt: skip
    points = []
    for out, along, notch, round_ in rows:
        o = out - 0.0011 * gap * notch
        a = along + (0.0010 * inside**4 + uneven) * round_
        a = a + 0.0011 * inside**3 * (abs(along - tall) < 0.001) * -1.0
        points.append(np.stack([arch[:, 0] + o * arch[:, 2], arch[:, 1] + o * arch[:, 3], edge + sign * a], axis=1))
    faces = lattice(len(rows), count, closed=False, flip=not upper)
    materials = np.repeat(np.where(np.isin(np.arange(len(rows) - 1), (0, 1, 2, 9)), GUMS, TEETH), count - 1)
    gum, tooth = np.array([0.52, 0.20, 0.18]), np.array([0.84, 0.78, 0.67])
    shade = np.repeat(np.isin(np.arange(len(rows)), (0, 1, 2, 3, 10))[:, None], count, axis=1)
    tint = np.where(shade[..., None], gum, tooth * (1 - 0.28 * gap[None, :, None]))
    dark = np.clip((np.abs(place) - 2.5) / 4.5, 0, 1)
    tint = tint * (1 - 0.5 * dark**1.5)[None, :, None]
    return _part(
        "teeth.upper" if upper else "teeth.lower", np.concatenate(points), faces, materials, tint.reshape(-1, 3)
    )


def tongue_spine(at: Proportions, front: float, s: Points) -> Points:
    """Middle line of the resting tongue from its root (0) to its tip (1)."""
    y = front + 0.006 + 0.046 * (1 - s)
    z = at.mouth_z - 0.0105 + 0.0075 * np.sin(np.pi * np.clip(s, 0, 1) * 0.9) - 0.012 * (1 - s) ** 3
    return np.stack([np.zeros_like(s), y, z], axis=-1)


def tongue_section(s: Points) -> tuple[Points, Points]:
    """Half width and half height of the tongue along its spine."""
    end = np.clip(1 - np.clip((s - 0.55) / 0.45, 0, 1) ** 2.6, 0, 1) ** 0.5
    return 0.0165 * end + 0.0002, (0.0075 - 0.0038 * s) * np.clip(end, 0.05, 1) ** 0.6


def tongue(at: Proportions, front: float, along: int = 18, around: int = 16) -> tuple[Part, Points, Points]:
    """The tongue at rest; also returns each vertex's place along it and angle around it."""
    s = 1 - (1 - np.linspace(0, 1, along)) ** 1.5
    turn = 2 * np.pi * np.arange(around) / around
    points = tongue_surface(tongue_spine(at, front, s), s, turn)
    n = along * around
    faces = np.concatenate([lattice(along, around, closed=True, flip=True), fan(np.arange(around) + n - around, n)])
    tip = points[-1].mean(axis=0)
    tint = np.array([0.60, 0.135, 0.145])
    part = _part("tongue", np.concatenate([points.reshape(-1, 3), tip[None]]), faces, TONGUE, tint)
    return part, np.concatenate([np.repeat(s, around), [1.0]]), np.concatenate([np.tile(turn, along), [np.nan]])


def tongue_surface(spine: Points, s: Points, turn: Points) -> Points:
    """Cross-sections square to the spine [shape=(len(s), len(turn), 3)]."""
    wide, high = tongue_section(s)
    along = np.gradient(spine, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    up = np.cross(np.array([1.0, 0, 0]), -along)
    up *= np.sign(up[:, 2:3] + 1e-9)
    groove = 0.0022 * np.exp(-((np.cos(turn) / 0.35) ** 2)) * (np.sin(turn) > 0)
    lift = np.outer(high, np.sin(turn)) - groove[None] * np.clip(1 - s**4, 0, 1)[:, None]
    x = np.outer(wide, np.cos(turn))
    return np.asarray(spine[:, None] + x[..., None] * np.array([1.0, 0, 0]) + lift[..., None] * up[:, None])


def contact_front(at: Proportions, contact: Points) -> float:
    """Where the foremost tooth may stand so that the lips clear the arch everywhere."""
    place = np.clip(contact[:, 0] / at.mouth_half_width, -1, 1)
    phi = np.arcsin(np.clip(place / ARCH, -0.98, 0.98))
    room = contact[:, 1] - ARCH_DEPTH * (1 - np.cos(phi))
    near = np.abs(place) < 0.8
    return float(np.max(room[near]) + 0.0062)
