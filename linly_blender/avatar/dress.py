"""Hair and garment: sculpted forms around the head."""

import numpy as np

from .features import GARMENT, HAIR
from .form import Proportions, head_field
from .implicit import Points, capsule, cast, ellipsoid, mirror, union
from .mesh import Part, fan, lattice
from .shape import AvatarShape

CLUMPS = 34
_PER_CLUMP = 5
_ROWS = 17
_CROWN = np.array([0.10, 0.46, 0.88])
"""Direction of the whorl from which all hair falls; a little to the left, as on most heads."""
_CENTRE = np.array([0.0, 0.012, 0.030])
# The hairline of the left half, from the middle of the brow to the nape, in head space.
_HAIRLINE = np.array([
    (0.000, -0.0790, 0.0830), (0.022, -0.0770, 0.0860), (0.044, -0.0650, 0.0800), (0.056, -0.0520, 0.0640),
    (0.064, -0.0360, 0.0480), (0.068, -0.0250, 0.0240), (0.070, -0.0140, 0.0020), (0.073, -0.0040, 0.0020),
    (0.075, 0.0060, 0.0260), (0.074, 0.0260, 0.0280), (0.068, 0.0420, 0.0040), (0.058, 0.0600, -0.0260),
    (0.036, 0.0780, -0.0460), (0.000, 0.0860, -0.0520),
])  # fmt: skip


def hair(shape: AvatarShape, at: Proportions) -> Part:
    """Short hair in soft clumps that fall from the whorl to the hairline."""

    def skull(p: Points) -> Points:
        return head_field(shape, at, p)

    crown = _CROWN / np.linalg.norm(_CROWN)
    ahead = np.array([0.0, -1.0, 0.0]) - crown * -crown[1]
    ahead /= np.linalg.norm(ahead)
    left = np.cross(ahead, crown)
    left *= np.sign(left[0])
    line = np.concatenate([_HAIRLINE * [-1, 1, 1], _HAIRLINE]) * [at.width, 1, 1] - _CENTRE
    line /= np.linalg.norm(line, axis=1, keepdims=True)
    bearing = np.arctan2(line @ left, line @ ahead)
    reach = np.arccos(np.clip(line @ crown, -1, 1))
    order = np.argsort(bearing)
    bearing, reach = bearing[order], reach[order]

    columns = CLUMPS * _PER_CLUMP
    psi = 2 * np.pi * (np.arange(columns) + 0.5) / columns - np.pi
    length = np.interp(psi, bearing, reach, period=2 * np.pi)
    clump, within = np.divmod(np.arange(columns), _PER_CLUMP)
    across = (within + 0.5) / _PER_CLUMP * 2 - 1
    ridge = (1 - np.abs(across) ** 2.2) ** 0.8
    lively = (clump * 0.618034) % 1.0
    bushy = (clump * 0.754878) % 1.0
    facing = np.cos(psi)
    length = length * (1 + (0.035 + 0.05 * lively) * (ridge - 0.75))

    s = np.linspace(0.0, 1.0, _ROWS)[:, None] ** 0.9
    # The fringe sweeps to the character's right.
    sweep = 0.55 * np.exp(-((psi / 0.75) ** 2))
    turn = psi + sweep * (1 - s) * 0.9 + 0.25 * (1 - s)
    rho = 0.03 + s * (length - 0.03)
    direction = (
        np.cos(rho)[..., None] * crown
        + np.sin(rho)[..., None] * (np.cos(turn)[..., None] * ahead + np.sin(turn)[..., None] * left)
    )
    on = cast(skull, _CENTRE, direction, 0.02, 0.2, 16)
    volume = 1.0 + 0.35 * shape.hair_volume
    top = np.clip(direction[..., 2], 0, 1)
    front = np.clip(facing, 0, 1) ** 2
    full = 0.0085 + 0.0060 * top + 0.0150 * front * np.sin(np.pi * np.clip(s, 0, 1) ** 1.5) ** 1.2
    fall = np.clip(1 - s**5, 0, 1) ** 0.6
    edge = 0.0035 + 0.0020 * front
    thick = volume * (full * fall + edge * (1 - fall)) * (0.92 + 0.16 * bushy)
    thick = thick - 0.0046 * (1 - ridge) * np.clip(s * 1.6, 0, 1) ** 0.8
    outer = on + direction * np.maximum(thick, 0.0012)[..., None]
    last = direction[-1]
    under = np.stack([on[-1] + last * 0.0008 + [0, 0, 0.0005], on[-1] - last * 0.004])
    points = np.concatenate([outer, under])
    apex = outer[0].mean(axis=0) + crown * 0.0006
    n = points.shape[0] * columns
    flat = np.concatenate([points.reshape(-1, 3), apex[None]])
    faces = np.concatenate([lattice(points.shape[0], columns, closed=True), fan(np.arange(columns), n)])
    shade = 0.62 + 0.5 * ridge[None, :] + 0.25 * (bushy[None, :] - 0.5) + 0.0 * s
    tint = np.array(shape.hair) * np.concatenate([shade, shade[-2:] * 0.5]).reshape(-1, 1)
    tint = np.concatenate([tint, np.array(shape.hair)[None]])
    return Part("hair", flat, faces, np.full(len(faces), HAIR, np.int32), tint)


def _torso(p: Points) -> Points:
    q = mirror(p, 0.008)
    f = ellipsoid(p, (0, 0.040, -0.330), (0.150, 0.088, 0.130))
    f = union(f, ellipsoid(q, (0.062, -0.018, -0.320), (0.070, 0.045, 0.060)), 0.06)
    f = union(f, capsule(q, (0.020, 0.042, -0.180), (0.125, 0.046, -0.252), 0.042, 0.046), 0.06)
    f = union(f, capsule(q, (0.135, 0.046, -0.255), (0.160, 0.046, -0.420), 0.050, 0.044), 0.05)
    return f


BASE_Z = -0.400
"""Height of the bust's lower edge in head space."""


def garment(shape: AvatarShape, at: Proportions, columns: int = 64) -> Part:
    """A round-necked top over the shoulders, ending below the frame."""
    turn = 2 * np.pi * np.arange(columns) / columns
    outward = np.stack([np.sin(turn), -np.cos(turn), np.zeros(columns)], axis=1)
    origin = np.array([0.0, 0.038, -0.330])
    neck = 1.0 + 0.10 * shape.neck_width
    # Where the collar sits: low in front, high behind.
    hole = np.array([0.0, 0.036, 0.0]) + outward * 0.0610 * neck
    hole[:, 1] += 0.000
    hole[:, 2] = -0.1660 - 0.0180 * np.cos(turn) ** 1
    toward = hole - origin
    toward /= np.linalg.norm(toward, axis=1, keepdims=True)
    rows = []
    level0 = np.arcsin(toward[:, 2])
    for s in np.linspace(0.0, 1.0, 15):
        level = level0 + (np.radians(-34.0) - level0) * s**0.92
        d = outward * np.cos(level)[:, None]
        d[:, 2] = np.sin(level)
        rows.append(cast(_torso, origin, d, 0.01, 0.45))
    body = np.stack(rows)
    rim = body[0]
    collar = []
    for out, up in ((-0.0085, -0.006), (-0.0080, 0.004), (-0.0050, 0.0085), (0.0000, 0.0090), (0.0035, 0.0055), (0.0030, 0.0005)):
        collar.append(rim + outward * out + [0, 0, up])
    points = np.concatenate([np.stack(collar), body + outward * 0.0006])
    faces = lattice(points.shape[0], columns, closed=True)
    tint = np.tile(np.array(shape.garment), (points.shape[0] * columns, 1))
    tint[: 6 * columns] *= 0.82
    return Part("garment", points.reshape(-1, 3), faces, np.full(len(faces), GARMENT, np.int32), tint)
