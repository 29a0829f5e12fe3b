"""Hair and garment: sculpted forms around the head."""

import numpy as np

from .features import GARMENT, HAIR
from .form import Proportions, head_field
from .implicit import Points, capsule, cast, ellipsoid, mirror, union
from .mesh import Faces, Part, fan, lattice
from .shape import AvatarShape

_CROWN = np.array([0.14, 0.40, 0.91])
"""Direction of the whorl from which all hair falls; a little to the left, as on most heads."""
_CENTRE = np.array([0.0, 0.012, 0.030])
# The hairline of the left half, from the middle of the brow to the nape, in head space.
_HAIRLINE = np.array([
    (0.000, -0.0740, 0.0880), (0.022, -0.0720, 0.0890), (0.042, -0.0610, 0.0840), (0.056, -0.0480, 0.0680),
    (0.064, -0.0360, 0.0480), (0.068, -0.0270, 0.0220), (0.070, -0.0170, 0.0020), (0.073, -0.0080, 0.0000),
    (0.075, 0.0020, 0.0260), (0.074, 0.0260, 0.0280), (0.068, 0.0420, 0.0040), (0.058, 0.0600, -0.0260),
    (0.036, 0.0780, -0.0460), (0.000, 0.0860, -0.0520),
])  # fmt: skip
# Layers of locks, lowest first: how many, where they begin and end (1 is the hairline), how high they lie in metres.
_LAYERS = ((25, 0.52, 1.02, 0.0035), (21, 0.26, 0.80, 0.0065), (13, 0.02, 0.58, 0.0085))
_RINGS, _AROUND = 8, 5


class _Scalp:
    """Directions over the head, counted from the whorl: bearing (0 ahead, > 0 to the left) and angle."""

    def __init__(self, shape: AvatarShape, at: Proportions) -> None:
        self._shape, self._at = shape, at
        self.crown = _CROWN / np.linalg.norm(_CROWN)
        ahead = np.array([0.0, -1.0, 0.0]) + self.crown * self.crown[1]
        self.ahead = ahead / np.linalg.norm(ahead)
        left = np.cross(self.ahead, self.crown)
        self.left = left * np.sign(left[0])
        line = np.concatenate([_HAIRLINE * [-1, 1, 1], _HAIRLINE]) * [at.width, 1, 1] - _CENTRE
        line /= np.linalg.norm(line, axis=1, keepdims=True)
        bearing = np.arctan2(line @ self.left, line @ self.ahead)
        reach = np.arccos(np.clip(line @ self.crown, -1, 1))
        order = np.argsort(bearing)
        self._bearing, self._reach = bearing[order], reach[order]

    def reach(self, bearing: Points) -> Points:
        """Angle from the whorl to the hairline."""
        return np.interp(bearing, self._bearing, self._reach, period=2 * np.pi)

    def on(self, bearing: Points, angle: Points) -> tuple[Points, Points]:
        """Places on the skull and their directions."""
        c, s = np.cos(angle)[..., None], np.sin(angle)[..., None]
        d = c * self.crown + s * (np.cos(bearing)[..., None] * self.ahead + np.sin(bearing)[..., None] * self.left)
        return cast(lambda p: head_field(self._shape, self._at, p), _CENTRE, d, 0.04, 0.16), d


def hair(shape: AvatarShape, at: Proportions) -> Part:
    """Short hair: a close cap under three layers of tapering locks that fall from the whorl and sweep to one side."""
    scalp = _Scalp(shape, at)
    cap, cap_faces, cap_tint = _cap(shape, scalp)
    locks, lock_faces, lock_tint = _locks(shape, scalp)
    faces = np.concatenate([cap_faces, np.where(lock_faces >= 0, lock_faces + len(cap), -1)]).astype(np.int32)
    tint = np.array(shape.hair) * np.concatenate([cap_tint, lock_tint])[:, None]
    return Part("hair", np.concatenate([cap, locks]), faces, np.full(len(faces), HAIR, np.int32), tint)


def _cap(shape: AvatarShape, scalp: _Scalp, columns: int = 48) -> tuple[Points, Faces, Points]:
    psi = 2 * np.pi * np.arange(columns) / columns - np.pi
    s = np.array([0.04, 0.16, 0.30, 0.44, 0.58, 0.72, 0.84, 0.93, 0.985, 1.0])[:, None]
    on, d = scalp.on(np.broadcast_to(psi, (len(s), columns)), s * scalp.reach(psi))
    thick = (0.0062 + 0.0020 * shape.hair_volume) * np.clip(1 - s**9, 0, 1) ** 0.5 + 0.0004
    outer = on + d * thick[..., None]
    under = on[-1] - d[-1] * 0.004
    points = np.concatenate([outer.reshape(-1, 3), under, outer[0].mean(axis=0)[None] + scalp.crown * 0.0004])
    rows = len(s) + 1
    faces = np.concatenate([lattice(rows, columns, closed=True), fan(np.arange(columns), rows * columns)])
    return points, faces, np.full(len(points), 0.78)


def _locks(shape: AvatarShape, scalp: _Scalp) -> tuple[Points, Faces, Points]:
    count = np.concatenate([np.full(n, n) for n, *_ in _LAYERS])
    layer = np.concatenate([np.full(n, k) for k, (n, *_) in enumerate(_LAYERS)])
    number = np.concatenate([np.arange(n) for n, *_ in _LAYERS])
    begin, end, height = (np.array([row[k] for row in _LAYERS])[layer] for k in (1, 2, 3))
    index = np.arange(len(count))
    # Even-spread fractions instead of chance, so that the cut is always the same.
    a, b, c = ((index * g) % 1.0 - 0.5 for g in (0.61803399, 0.75487767, 0.56984029))
    psi = 2 * np.pi * (number + 0.5 + 0.5 * (layer % 2) + 0.35 * a) / count - np.pi
    psi = (psi + np.pi) % (2 * np.pi) - np.pi
    front = np.exp(-((psi / 0.95) ** 2))
    s = np.linspace(0.0, 1.0, _RINGS)[None, :]
    sweep = -(0.20 + 0.75 * front) * (0.6 + 0.8 * (b + 0.5))
    bearing = (
        psi[:, None] + sweep[:, None] * (s - 0.45) * np.clip(s + 0.3, 0, 1) + 0.16 * a[:, None] * np.sin(np.pi * s)
    )
    reach = scalp.reach(psi)
    share = begin[:, None] + (end - begin + 0.06 * b + 0.05 * front)[:, None] * s
    on, d = scalp.on(bearing, share * reach[:, None])
    volume = 1.0 + 0.35 * shape.hair_volume
    # Rise from under the layer above, stand off most at a third, lie down to the tip.
    body = np.sin(np.pi * np.clip(0.10 + 0.86 * s, 0, 1) ** 0.75)
    stand = height[:, None] * (0.55 + 0.45 * body) + (0.0125 * front * (0.7 + 0.6 * (c + 0.5)))[:, None] * body**1.3
    stand = stand - 0.0055 * np.clip(1 - s / 0.22, 0, 1) + 0.0018 * np.clip((s - 0.8) / 0.2, 0, 1) * front[:, None]
    spine = on + d * (stand * volume)[..., None]
    along = np.gradient(spine, axis=1)
    along /= np.linalg.norm(along, axis=2, keepdims=True)
    across = np.cross(along, d)
    across /= np.linalg.norm(across, axis=2, keepdims=True)
    up = np.cross(across, along)
    arc = 2 * np.pi / count * np.sin(np.minimum(0.5 * (begin + end), 0.85) * reach) * 0.100
    taper = np.clip(1 - np.clip((s - 0.30) / 0.70, 0, 1) ** 1.7, 0, 1) * (0.72 + 0.28 * np.clip(s / 0.3, 0, 1))
    wide = (arc * (0.86 + 0.30 * c))[:, None] * taper + 0.0004
    high = (0.0052 + 0.0022 * front + 0.0016 * b)[:, None] * np.clip(taper, 0, 1) ** 0.7 + 0.0003
    turn = 2 * np.pi * np.arange(_AROUND) / _AROUND + np.pi / 10
    # A cushion above, flat below.
    lift = np.where(np.sin(turn) > 0, np.sin(turn), 0.35 * np.sin(turn))
    points = (
        spine[:, :, None]
        + across[:, :, None] * (wide[..., None] * np.cos(turn))[..., None]
        + up[:, :, None] * (high[..., None] * lift)[..., None]
    )
    each = _RINGS * _AROUND
    one = np.concatenate([lattice(_RINGS, _AROUND, closed=True), fan(np.arange(_AROUND), each)])
    one = np.concatenate([one, fan(np.arange(_AROUND) + each - _AROUND, each + 1, flip=True)])
    ends = np.stack([points[:, 0].mean(axis=1), points[:, -1].mean(axis=1)], axis=1)
    flat = np.concatenate([points.reshape(len(count), each, 3), ends], axis=1)
    faces = np.concatenate([np.where(one >= 0, one + i * (each + 2), -1) for i in range(len(count))])
    shade = 0.95 + 0.30 * c[:, None, None] + 0.30 * (s[..., None] - 0.4) * np.ones(_AROUND)
    tint = np.concatenate([shade.reshape(len(count), each), np.full((len(count), 2), 1.0)], axis=1)
    return flat.reshape(-1, 3), faces, tint.ravel()


def _torso(p: Points) -> Points:
    q = mirror(p, 0.008)
    f = ellipsoid(p, (0, 0.042, -0.300), (0.135, 0.080, 0.120))
    f = union(f, ellipsoid(q, (0.056, -0.010, -0.295), (0.066, 0.044, 0.062)), 0.06)
    f = union(f, capsule(q, (0.016, 0.044, -0.155), (0.108, 0.048, -0.222), 0.034, 0.042), 0.055)
    return union(f, capsule(q, (0.116, 0.050, -0.228), (0.140, 0.052, -0.400), 0.046, 0.042), 0.05)


BASE_Z = -0.380
"""Height of the bust's lower edge in head space."""


def garment(shape: AvatarShape, at: Proportions, columns: int = 64) -> Part:
    """A round-necked top over the shoulders, ending below the frame."""
    turn = 2 * np.pi * np.arange(columns) / columns
    outward = np.stack([np.sin(turn), -np.cos(turn), np.zeros(columns)], axis=1)
    # The collar lies on the neck, low in front and high behind.
    axis = np.zeros((columns, 3))
    axis[:, 1], axis[:, 2] = 0.036, -0.1440 - 0.0150 * np.cos(turn)
    neck = cast(lambda p: head_field(shape, at, p), axis, outward, 0.005, 0.1)
    rim = neck + outward * 0.0035
    collar = [rim + outward * out + [0, 0, up] for out, up in (
        (-0.0060, -0.0120), (-0.0022, 0.0010), (-0.0010, 0.0068), (0.0018, 0.0092), (0.0050, 0.0080),
        (0.0068, 0.0040), (0.0072, -0.0010), (0.0078, -0.0040),
    )]  # fmt: skip
    start = collar[-1]
    origin = np.array([0.0, 0.040, -0.300])
    toward = start - origin
    level0 = np.arctan2(toward[:, 2], np.hypot(toward[:, 0], toward[:, 1]))
    rows = []
    for s in np.linspace(0.0, 1.0, 10)[1:]:
        level = level0 + (np.radians(-32.0) - level0) * s**1.15
        d = outward * np.cos(level)[:, None]
        d[:, 2] = np.sin(level)
        on = cast(_torso, origin, d, 0.01, 0.45)
        blend = np.clip(s / 0.16, 0, 1) ** 0.7
        rows.append(start + (on - start) * blend if blend < 1 else on)
    points = np.stack(collar + rows)
    faces = lattice(points.shape[0], columns, closed=True)
    tint = np.tile(np.array(shape.garment), (points.shape[0] * columns, 1))
    tint[: 7 * columns] *= 0.80
    return Part("garment", points.reshape(-1, 3), faces, np.full(len(faces), GARMENT, np.int32), tint)
