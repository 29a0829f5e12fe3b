"""The 52 ARKit shapes, sculpted as smooth fields over the resting head.

A field gives each vertex its offset from where it rests: near a lip it follows the lip (``place`` along the mouth and
which lip), further out it fades. Every left shape is the mirror image of its right one by construction: the same
function is run on the mirrored head.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .. import arkit
from .features import tongue_spine, tongue_surface
from .form import Proportions
from .implicit import Points
from .skin import EYE_RINGS, LIP_BORDER, lid_curve, lip_curves

Scalars = NDArray[np.float64]

JAW_ANGLE = np.radians(17.5)
"""Turn of the jaw with jawOpen at 1: some 33 mm between the teeth; a healthy jaw reaches 40-50."""
CORNER = 0.42
"""How much of the jaw's way the corners of the mouth go."""
GAZE_UP, GAZE_DOWN, GAZE_SIDE = np.radians([25.0, 25.0, 30.0])
"""Turn of an eyeball with its look at 1: what ``pose/gaze.py`` writes the looks for."""
CLOSING = 0.24
"""Where the lids meet: 0 at the resting lower lid, 1 at the upper one."""


def smooth(low: float, high: float, x: Scalars) -> Scalars:
    """0 below ``low``, 1 above ``high``, smooth between (cubic); ``low`` may be the greater."""
    s = np.clip((x - low) / (high - low), 0.0, 1.0)
    return np.asarray(s * s * (3.0 - 2.0 * s))


@dataclass(frozen=True, slots=True)
class Canvas:
    """Every vertex that can move with the face, and where it lies; see ``skin.Skin`` for the loops."""

    points: Points
    at: Proportions
    soft: NDArray[np.bool_]
    """Skin, lashes and brows: what follows the fields."""
    eye_side: NDArray[np.int8]
    eye_ring: NDArray[np.int16]
    eye_place: Scalars
    eye_upper: Scalars
    mouth_ring: NDArray[np.int16]
    mouth_place: Scalars
    mouth_upper: Scalars
    surface: Scalars
    """Coefficients of the smooth wall behind the lips, depth by x and z."""
    ball_left: NDArray[np.bool_]
    ball_right: NDArray[np.bool_]
    lower_jaw: NDArray[np.bool_]
    """Lower teeth and tongue."""
    tongue: NDArray[np.bool_]
    tongue_place: Scalars
    tongue_turn: Scalars
    front: float
    """Where the foremost upper tooth stands."""

    def mirrored(self) -> "Canvas":
        """The same head seen in a mirror."""
        return replace(
            self,
            points=self.points * [-1, 1, 1],
            eye_side=-self.eye_side,
            mouth_place=-self.mouth_place,
            ball_left=self.ball_right,
            ball_right=self.ball_left,
            tongue_turn=np.pi - self.tongue_turn,
        )

    @property
    def x(self) -> Scalars:
        """Metres to the character's left."""
        return np.asarray(self.points[:, 0])

    @property
    def z(self) -> Scalars:
        """Metres up."""
        return np.asarray(self.points[:, 2])

    @property
    def t(self) -> Scalars:
        """Place across the mouth, 1 the left corner; beyond the corners it stays there."""
        in_lips = (self.mouth_ring > -99) & (self.mouth_ring <= LIP_BORDER)
        return np.where(in_lips, self.mouth_place, np.clip(self.x / self.at.mouth_half_width, -1, 1))

    @property
    def lower(self) -> Scalars:
        """0 upper lip, 1 lower lip, 1/2 at the corners."""
        meet, _, _ = lip_curves(self.at, np.clip(self.x / self.at.mouth_half_width, -1, 1))
        elsewhere = smooth(0.006, -0.006, self.z - meet)
        in_lips = (self.mouth_ring > -99) & (self.mouth_ring <= LIP_BORDER)
        inside = np.abs(self.x) < self.at.mouth_half_width
        hard = np.where(inside, (self.z < meet).astype(float), elsewhere)
        return np.where(in_lips, 0.5 - 0.5 * self.mouth_upper, hard)

    @property
    def away(self) -> Scalars:
        """Distance from the line where the lips meet, metres; 0 on and behind it."""
        w = self.at.mouth_half_width
        meet, _, _ = lip_curves(self.at, np.clip(self.x / w, -1, 1))
        d = np.hypot(np.maximum(np.abs(self.x) - w, 0.0), self.z - meet)
        inner = (self.mouth_ring > -99) & (self.mouth_ring <= 0)
        return np.where(inner, 0.0, np.hypot(d, np.maximum(self.points[:, 1] + 0.05, 0.0)))

    @property
    def depth(self) -> Scalars:
        """1 at the lips and around, fading to 0 in the throat."""
        ring = self.mouth_ring.astype(float)
        return np.where((ring > -99) & (ring < 0), smooth(-8.0, -3.5, ring), 1.0)

    def bump(self, centre: tuple[float, float, float], radius: tuple[float, float, float]) -> Scalars:
        """A soft spot on the skin, 1 at its centre."""
        q = (self.points - np.array(centre)) / np.array(radius)
        on_skin = self.soft & (self.mouth_ring >= np.where(self.mouth_ring > -99, 0, -99))
        return np.where(on_skin, np.exp(-np.einsum("ij,ij->i", q, q)), 0.0)

    def wall(self, x: Scalars, z: Scalars) -> Scalars:
        """Depth (y) of the smooth wall behind the lips."""
        c = self.surface
        return np.asarray(c[0] + c[1] * x**2 + c[2] * x**4 + c[3] * z + c[4] * z**2 + c[5] * x**2 * z)

    def slide(self, move: Points) -> Points:
        """Add the depth that keeps an offset on the wall."""
        x, z = np.clip(self.x, -0.05, 0.05), np.clip(self.z, -0.10, -0.02)
        new_x, new_z = np.clip(x + move[:, 0], -0.055, 0.055), np.clip(z + move[:, 2], -0.105, -0.015)
        out = move.copy()
        out[:, 1] += self.wall(new_x, new_z) - self.wall(x, z)
        return out


Offset = tuple[Scalars | float, Scalars | float, Scalars | float]
Offsets = Callable[[Scalars], Offset]


def _stack(n: int, parts: Offset) -> Points:
    return np.stack([np.broadcast_to(np.asarray(p, dtype=np.float64), (n,)) for p in parts], axis=1)


def lips(c: Canvas, upper: Offsets, lower: Offsets, reach: float = 0.030, *, on_wall: bool = True) -> Points:
    """Move both lips, each by its function of the place across the mouth, and draw the skin around after them."""
    t, n = c.t, len(c.points)
    m = c.lower[:, None]
    move = (1 - m) * _stack(n, upper(t)) + m * _stack(n, lower(t))
    fade = np.where(c.soft, smooth(reach, 0.15 * reach, c.away) * c.depth, 0.0)
    move = move * fade[:, None]
    return c.slide(move) if on_wall else move


def left(t: Scalars) -> Scalars:
    """Share of the left half: 0 right of the middle, 1 at the left corner."""
    return smooth(-0.25, 0.85, t)


def arc(t: Scalars) -> Scalars:
    """1 in the middle, falling to 0 at the corners as a round opening does."""
    return np.asarray(np.clip(1 - np.abs(t) ** 2.5, 0, 1) ** 0.55)


# --- jaw -------------------------------------------------------------------------------------------------------------


def jaw_share(c: Canvas) -> Scalars:
    """How much each vertex goes with the jaw, 0..1."""
    _, hy, hz = c.at.hinge
    y, z = c.points[:, 1] - hy, c.z - hz
    below = np.degrees(np.arctan2(-z, -y))
    far = np.hypot(y, z)
    cheek = smooth(9.0, 38.0, below) * smooth(112.0, 68.0, below) * smooth(0.030, 0.075, far + 0.25 * np.abs(c.x))
    t = c.t
    up, low = CORNER * (1 - arc(t)), CORNER + (1 - CORNER) * arc(t)
    lip = (1 - c.lower) * up + c.lower * low
    near = np.exp(-((c.away / 0.017) ** 2))
    soft = near * lip + (1 - near) * cheek
    ring = c.mouth_ring.astype(float)
    deep = (ring > -99) & (ring < -4)
    soft = np.where(deep, lip * smooth(-10.5, -5.0, ring) + 0.3 * (1 - smooth(-10.5, -5.0, ring)), soft)
    return np.where(c.lower_jaw, 1.0, np.where(c.soft, soft, 0.0))


def jaw_turn(c: Canvas, angle: float) -> Points:
    """Offset of a point that goes the whole way with the jaw."""
    _, hy, hz = c.at.hinge
    y, z = c.points[:, 1] - hy, c.z - hz
    cos, sin = np.cos(angle), np.sin(angle)
    return np.asarray(
        np.stack([0 * y, y * cos - z * sin - y, y * sin + z * cos - z], axis=1) + np.array([0, -0.002, -0.001])
    )


def jaw_open(c: Canvas) -> Points:
    move = jaw_share(c)[:, None] * jaw_turn(c, JAW_ANGLE)
    # Cheeks are drawn in between the jaws; the corners come in a little.
    hollow = c.bump((0.044, -0.052, -0.050), (0.016, 0.03, 0.022)) + c.bump(
        (-0.044, -0.052, -0.050), (0.016, 0.03, 0.022)
    )
    move[:, 0] -= np.sign(c.x) * 0.0025 * hollow
    return move + lips(c, lambda t: (-0.0022 * t, 0.0, 0.0), lambda t: (-0.0022 * t, 0.0, 0.0))


def _upper_lip_follows(c: Canvas, x: float, y: float) -> Points:
    """The upper lip clings to the lower one and comes some of the way."""
    return lips(c, lambda t: (x * arc(t), y * arc(t), 0.0), lambda t: (0.0 * t, 0.0, 0.0), 0.020, on_wall=False)


def jaw_forward(c: Canvas) -> Points:
    return np.asarray(jaw_share(c)[:, None] * np.array([0, -0.0090, 0.0]) + _upper_lip_follows(c, 0.0, -0.0018))


def jaw_left(c: Canvas) -> Points:
    """The jaw swings to the left around its joints: the chin goes furthest, its corners hardly move."""
    _, hy, _ = c.at.hinge
    forward = np.clip((hy - c.points[:, 1]) / 0.085, 0.0, 1.1)
    share = jaw_share(c)
    swing = np.stack([0.0115 * forward * share, 0.0012 * share, 0 * share], axis=1)
    return np.asarray(swing + _upper_lip_follows(c, 0.0032, 0.0))


def mouth_close(c: Canvas) -> Points:
    """What brings the lips together when the jaw is open; meant to be added to jawOpen at the same value.

    Both lips are sent to where the corners of the mouth go, so they meet at every value.
    """
    lip = c.mouth_ring == 0
    order = np.argsort(c.mouth_place[lip])
    way = jaw_turn(c, JAW_ANGLE)[lip][order]  # of the line where the lips meet
    t = c.t
    way = np.stack([np.interp(t, c.mouth_place[lip][order], way[:, i]) for i in range(3)], axis=1)
    up, low = CORNER * (1 - arc(t)), CORNER + (1 - CORNER) * arc(t)
    share = (1 - c.lower) * (CORNER - up) + c.lower * (CORNER - low)
    fade = (1 - c.lower) * smooth(0.026, 0.004, c.away) + c.lower * smooth(0.034, 0.009, c.away)
    return np.asarray(way * np.where(c.soft, share * fade * c.depth, 0.0)[:, None])


# --- mouth -----------------------------------------------------------------------------------------------------------


def _thicken(c: Canvas, up: float, out: float) -> Points:
    """Swell the red of the lips all round, away from the line where they meet and forwards."""
    ring = c.mouth_ring.astype(float)
    s = np.where(ring > 0, np.clip(ring / LIP_BORDER, 0, 2.2), 0.0)
    swell = np.sin(np.pi * np.clip(s / 2.2, 0, 1)) ** 1.2
    move = np.zeros_like(c.points)
    move[:, 1] = -out * swell
    move[:, 2] = up * swell * (1 - 2 * c.lower) * (1 - 0.35 * np.abs(c.t) ** 2)
    move[:, 0] = up * swell * 0.3 * np.sign(c.t) * smooth(0.70, 1.0, np.abs(c.t))
    return move


def mouth_funnel(c: Canvas) -> Points:
    w = c.at.mouth_half_width

    def upper(t: Scalars) -> Offset:
        return -0.40 * w * t, -0.0072 * (1 - 0.30 * t**2), 0.0048 * arc(t)

    def lower(t: Scalars) -> Offset:
        return -0.40 * w * t, -0.0066 * (1 - 0.30 * t**2), -0.0072 * arc(t)

    return lips(c, upper, lower, 0.032) + _thicken(c, 0.0012, 0.0022)


def mouth_pucker(c: Canvas) -> Points:
    w = c.at.mouth_half_width

    def both(t: Scalars) -> Offset:
        return -0.52 * w * t, -0.0092 * (1 - 0.40 * t**2), 0.0 * t

    return lips(c, both, both, 0.032) + _thicken(c, 0.0022, 0.0026)


def mouth_left(c: Canvas) -> Points:
    return lips(c, lambda t: (0.0100 + 0 * t, 0.0, 0.0008 * t), lambda t: (0.0095 + 0 * t, 0.0, 0.0008 * t), 0.036)


def mouth_smile(c: Canvas) -> Points:
    def upper(t: Scalars) -> Offset:
        s, rise = smooth(-0.2, 1.05, t), np.clip(t, 0, 1) ** 2.1
        return 0.0088 * s, 0.0008 * s, 0.0078 * rise + 0.0006 * s

    move = lips(c, upper, upper, 0.034)
    cheek = c.bump((0.043, -0.066, -0.030), (0.019, 0.035, 0.017)) * (c.mouth_ring < -50)
    move += cheek[:, None] * np.array([0.0022, -0.0026, 0.0042])
    fold = c.bump((0.0355, -0.074, -0.044), (0.0055, 0.03, 0.013))
    move[:, 1] += 0.0016 * fold
    return move


def mouth_frown(c: Canvas) -> Points:
    def both(t: Scalars) -> Offset:
        s = smooth(0.0, 1.05, t)
        return 0.0020 * s, 0.0, -0.0085 * s**1.3 + 0.0006 * left(t) * (1 - s)

    return lips(c, both, both, 0.030)


def mouth_dimple(c: Canvas) -> Points:
    def both(t: Scalars) -> Offset:
        s = smooth(-0.1, 1.05, t)
        return 0.0068 * s, 0.0022 * s, 0.0012 * s

    move = lips(c, both, both, 0.028)
    w = c.at.mouth_half_width
    pit = c.bump((w + 0.0075, -0.072, c.at.mouth_z + 0.002), (0.0055, 0.03, 0.009))
    puff = c.bump((w + 0.018, -0.064, c.at.mouth_z + 0.002), (0.009, 0.03, 0.014))
    move[:, 1] += 0.0032 * pit - 0.0020 * puff
    move[:, 0] += 0.0012 * puff
    return move


def mouth_stretch(c: Canvas) -> Points:
    def upper(t: Scalars) -> Offset:
        s = smooth(-0.2, 1.05, t)
        return 0.0105 * s, 0.0008 * s, -0.0034 * s

    def lower(t: Scalars) -> Offset:
        s = smooth(-0.2, 1.05, t)
        return 0.0105 * s, 0.0008 * s, -0.0034 * s - 0.0008 * arc(t) * left(t)

    return lips(c, upper, lower, 0.036)


def mouth_roll_lower(c: Canvas) -> Points:
    in_lip = (c.mouth_ring >= -3) & (c.mouth_ring <= LIP_BORDER + 3)
    s = np.clip(c.mouth_ring / LIP_BORDER, 0, 1.6)
    k = c.lower * np.where(in_lip, arc(c.t), 0.0)
    roll = np.sin(np.pi * np.clip(0.18 + 0.62 * s, 0, 1))
    move = np.zeros_like(c.points)
    move[:, 1] = k * (0.0016 + 0.0034 * roll * np.clip(1.3 - 0.5 * s, 0, 1))
    move[:, 2] = k * (0.0052 * roll * (s > 0)) * c.at.lower_lip / 0.0088
    chin = c.bump((0, -0.083, c.at.mouth_z - 0.019), (0.018, 0.03, 0.008)) * c.lower
    move[:, 2] += 0.0022 * chin
    return move


def mouth_roll_upper(c: Canvas) -> Points:
    in_lip = (c.mouth_ring >= -3) & (c.mouth_ring <= LIP_BORDER + 3)
    s = np.clip(c.mouth_ring / LIP_BORDER, 0, 1.6)
    k = (1 - c.lower) * np.where(in_lip, arc(c.t), 0.0)
    roll = np.sin(np.pi * np.clip(0.18 + 0.62 * s, 0, 1))
    move = np.zeros_like(c.points)
    move[:, 1] = k * (0.0016 + 0.0032 * roll * np.clip(1.3 - 0.5 * s, 0, 1))
    move[:, 2] = -k * (0.0046 * roll * (s > 0)) * c.at.upper_lip / 0.0070
    philtrum = c.bump((0, -0.088, c.at.mouth_z + 0.014), (0.018, 0.03, 0.007)) * (1 - c.lower)
    move[:, 2] -= 0.0018 * philtrum
    return move


def mouth_shrug_lower(c: Canvas) -> Points:
    move = lips(
        c,
        lambda t: (0.0, -0.0012 * arc(t), 0.0036 * arc(t) - 0.0008 * (1 - arc(t))),
        lambda t: (0.0, -0.0048 * arc(t), 0.0036 * arc(t) - 0.0008 * (1 - arc(t))),
        0.026,
    )
    chin = c.bump((0, -0.086, c.at.chin_z + 0.010), (0.019, 0.03, 0.012))
    return np.asarray(move + chin[:, None] * np.array([0, -0.0022, 0.0052]))


def mouth_shrug_upper(c: Canvas) -> Points:
    return lips(
        c,
        lambda t: (0.0, -0.0052 * arc(t), 0.0042 * arc(t)),
        lambda t: (0.0, -0.0010 * arc(t), 0.0041 * arc(t)),
        0.024,
    )


def mouth_press(c: Canvas) -> Points:
    t = c.t
    in_lip = (c.mouth_ring >= -2) & (c.mouth_ring <= LIP_BORDER + 4)
    s = np.clip(c.mouth_ring / LIP_BORDER, 0, 1.8)
    thin = np.where(in_lip, np.sin(np.pi * np.clip(s / 1.8, 0, 1)), 0.0) * left(t) * (1 - np.clip(np.abs(t), 0, 1) ** 6)
    move = np.zeros_like(c.points)
    move[:, 2] = -(1 - 2 * c.lower) * 0.0028 * thin
    move[:, 1] = 0.0024 * thin
    w = c.at.mouth_half_width
    corner = c.bump((w + 0.004, -0.074, c.at.mouth_z), (0.010, 0.03, 0.011))
    move += corner[:, None] * np.array([0.0030, 0.0016, 0.0014])
    bulge = c.bump((0.6 * w, -0.08, c.at.mouth_z - 0.017), (0.010, 0.03, 0.007)) * c.lower
    bulge_up = c.bump((0.7 * w, -0.08, c.at.mouth_z + 0.015), (0.010, 0.03, 0.006)) * (1 - c.lower)
    move[:, 1] -= 0.0020 * (bulge + bulge_up)
    return move


def mouth_lower_down(c: Canvas) -> Points:
    def lower(t: Scalars) -> Offset:
        s = smooth(-0.45, 0.35, t) * arc(t)
        return 0.0020 * s, -0.0012 * s, -0.0098 * s

    return lips(c, lambda t: (0.0, 0.0, 0.0 * t), lower, 0.024)


def mouth_upper_up(c: Canvas) -> Points:
    def upper(t: Scalars) -> Offset:
        s = smooth(-0.45, 0.35, t) * arc(t)
        return 0.0012 * s, -0.0012 * s, 0.0080 * s

    move = lips(c, upper, lambda t: (0.0, 0.0, 0.0 * t), 0.022)
    cheek = c.bump((0.026, -0.080, -0.028), (0.012, 0.03, 0.014)) * (c.mouth_ring < -50) * (c.eye_side == 0)
    return np.asarray(move + cheek[:, None] * np.array([0.0004, -0.0014, 0.0026]))


# --- nose and cheeks -------------------------------------------------------------------------------------------------


def nose_sneer(c: Canvas) -> Points:
    """Wing and side of the nose go up; the lip's upper edge follows, the line where the lips meet stays."""
    tip = c.at.nose_tip[2]
    off_lids = np.where(c.eye_side != 0, smooth(3.0, 7.0, c.eye_ring.astype(float)), 1.0)
    wing = c.bump((0.0150, -0.090, tip + 0.001), (0.0085, 0.02, 0.010))
    side = c.bump((0.0115, -0.086, tip + 0.021), (0.0080, 0.02, 0.010)) * off_lids
    crease = c.bump((0.0235, -0.083, tip + 0.003), (0.0040, 0.02, 0.012))
    cheek = c.bump((0.0290, -0.080, tip + 0.006), (0.0090, 0.02, 0.011)) * off_lids * (c.mouth_ring < -50)
    above = c.bump((0.0140, -0.088, c.at.mouth_z + 0.5 * (c.at.upper_lip + 0.020)), (0.0130, 0.02, 0.0080))
    above = above * (1 - c.lower) * smooth(0.0, LIP_BORDER, c.mouth_ring.astype(float))
    brow = _brow_spot(c, 0.014, 0.010)
    return np.asarray(
        wing[:, None] * np.array([0.0018, -0.0006, 0.0062])
        + side[:, None] * np.array([0.0, -0.0016, 0.0034])
        + crease[:, None] * np.array([0.0, 0.0018, 0.0])
        + cheek[:, None] * np.array([0.0, -0.0020, 0.0024])
        + above[:, None] * np.array([0.0, -0.0006, 0.0034])
        + brow[:, None] * np.array([-0.0006, -0.0004, -0.0032])
    )


def cheek_puff(c: Canvas) -> Points:
    move = np.zeros_like(c.points)
    for side in (1, -1):
        spot = c.bump((side * 0.0455, -0.056, c.at.mouth_z + 0.006), (0.021, 0.05, 0.023))
        spot = spot * smooth(0.0, 0.016, c.away)
        move += spot[:, None] * np.array([side * 0.0112, -0.0072, 0.0])
    over = c.bump((0, -0.09, c.at.mouth_z + 0.014), (0.03, 0.03, 0.008)) + c.bump(
        (0, -0.085, c.at.mouth_z - 0.018), (0.03, 0.03, 0.009)
    )
    move[:, 1] -= 0.0026 * over
    return move


def cheek_squint(c: Canvas) -> Points:
    """The cheek is pushed up against the lower lid."""
    ex, _, ez = c.at.eye
    off_lid = np.where(c.eye_side != 0, smooth(1.5, 7.0, c.eye_ring.astype(float)), 1.0)
    ball = c.bump((ex + 0.007, -0.074, ez - 0.0275), (0.021, 0.03, 0.0125)) * off_lid * smooth(0.006, 0.022, c.away)
    under = c.bump((ex + 0.004, -0.076, ez - 0.0415), (0.018, 0.03, 0.0080)) * smooth(0.008, 0.022, c.away)
    move = ball[:, None] * np.array([0.0014, -0.0048, 0.0072]) + under[:, None] * np.array([0.0, 0.0012, 0.0020])
    return np.asarray(move + lid_move(c, 0.0, np.radians(8.0)))


# --- eyes ------------------------------------------------------------------------------------------------------------


def margins(c: Canvas, place: Scalars) -> tuple[Scalars, Scalars]:
    """Elevation of the resting upper and lower margin around the eye's sideways axis, radians."""
    radius = c.at.eye_radius + c.at.lid_thickness
    out = []
    for side in (1.0, -1.0):
        x, z = lid_curve(c.at, place, np.full_like(place, side))
        out.append(np.arctan2(z, np.sqrt(radius**2 - x**2 - z**2)))
    return out[0], out[1]


def lid_weights(c: Canvas) -> tuple[Scalars, Scalars]:
    """How much each vertex goes with the left eye's upper and lower margin."""
    at_eye = (c.eye_side == 1) & c.soft
    rel = c.points - np.array(c.at.eye)
    elevation = np.arctan2(rel[:, 2], -rel[:, 1])
    top, bottom = margins(c, c.eye_place)
    ring = c.eye_ring.astype(float)
    hold = 1 - smooth(3.0, EYE_RINGS - 0.5, ring)
    up = (1 - smooth(np.radians(4.0), np.radians(46.0), elevation - top)) * hold
    low = (1 - smooth(np.radians(2.0), np.radians(40.0), bottom - elevation)) * hold
    up, low = np.where(ring <= 0, 1.0, up), np.where(ring <= 0, 1.0, low)
    return np.where(at_eye & (c.eye_upper > 0), up, 0.0), np.where(at_eye & (c.eye_upper < 0), low, 0.0)


def lid_turn(c: Canvas, angle: Scalars) -> Points:
    """Offset of points that turn by ``angle`` up around the left eye's sideways axis."""
    rel = c.points - np.array(c.at.eye)
    y, z = rel[:, 1], rel[:, 2]
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([0 * y, y * cos + z * sin - y, z * cos - y * sin - z], axis=1)


def lid_move(c: Canvas, upper: float, lower: float) -> Points:
    """Raise (> 0) the margins of the left lids by angles in the middle of the eye, less towards its corners."""
    up, low = lid_weights(c)
    bow = np.clip(1 - np.abs(c.eye_place) ** 2.4, 0, 1)
    return lid_turn(c, np.asarray((up * upper + low * lower) * bow))


def eye_blink(c: Canvas) -> Points:
    """Both margins turn on the ball to one line; the lid keeps its distance from the ball."""
    up, low = lid_weights(c)
    top, bottom = margins(c, c.eye_place)
    meet = bottom + CLOSING * (top - bottom)
    move = lid_turn(c, np.asarray(up * (meet - top) + low * (meet - bottom)))
    # A hair's breadth out, so that half way, on the straight line between open and closed, the ball stays inside.
    rel = c.points - np.array(c.at.eye)
    outward = rel / np.linalg.norm(rel, axis=1, keepdims=True)
    bow = np.clip(1 - np.abs(c.eye_place) ** 4, 0, 1)
    return np.asarray(move + outward * (0.0004 * (up + low) * bow)[:, None])


def eye_squint(c: Canvas) -> Points:
    ex, _, ez = c.at.eye
    top, bottom = margins(c, np.zeros(1))
    gap = float((top - bottom)[0])
    bag = (
        c.bump((ex, -0.082, ez - 0.0175), (0.015, 0.02, 0.0055))
        * (c.eye_side == 1)
        * smooth(0, 4, c.eye_ring.astype(float))
    )
    return np.asarray(lid_move(c, -0.16 * gap, 0.34 * gap) + bag[:, None] * np.array([0, -0.0016, 0.0018]))


def eye_wide(c: Canvas) -> Points:
    return lid_move(c, np.radians(9.5), np.radians(-3.0))


def _gaze(c: Canvas, pitch: float, yaw: float) -> Points:
    rel = c.points - np.array(c.at.eye)
    cp, sp, cy, sy = np.cos(pitch), np.sin(pitch), np.cos(yaw), np.sin(yaw)
    y, z = rel[:, 1] * cp + rel[:, 2] * sp, rel[:, 2] * cp - rel[:, 1] * sp
    turned = np.stack([rel[:, 0] * cy - y * sy, rel[:, 0] * sy + y * cy, z], axis=1)
    return np.where(c.ball_left[:, None], turned - rel, 0.0)


def eye_look_up(c: Canvas) -> Points:
    return _gaze(c, GAZE_UP, 0) + lid_move(c, np.radians(8.0), np.radians(4.0))


def eye_look_down(c: Canvas) -> Points:
    return _gaze(c, -GAZE_DOWN, 0) + lid_move(c, np.radians(-13.0), np.radians(-5.5))


def eye_look_in(c: Canvas) -> Points:
    return _gaze(c, 0, -GAZE_SIDE)


def eye_look_out(c: Canvas) -> Points:
    return _gaze(c, 0, GAZE_SIDE)


# --- brows -----------------------------------------------------------------------------------------------------------


def _brow_spot(c: Canvas, x: float, radius: float) -> Scalars:
    """A stretch of the left brow and the forehead around it; the lid stays behind."""
    z = c.at.brow_z
    q = ((c.x - x) / radius) ** 2 + ((c.z - z - 0.002) / np.where(c.z > z + 0.002, 0.021, 0.0125)) ** 2
    front = smooth(-0.02, -0.05, c.points[:, 1])
    keep = np.where(c.eye_side != 0, smooth(2.5, 8.0, c.eye_ring.astype(float)), 1.0)
    return np.where(c.soft & (c.mouth_ring == -99), np.exp(-q) * front * keep, 0.0)


def brow_down(c: Canvas) -> Points:
    inner, outer = _brow_spot(c, 0.015, 0.016), _brow_spot(c, 0.036, 0.016)
    move = inner[:, None] * np.array([-0.0032, -0.0012, -0.0078]) + outer[:, None] * np.array(
        [-0.0012, -0.0006, -0.0042]
    )
    return np.asarray(move + lid_move(c, np.radians(-2.5), 0.0))


def brow_inner_up(c: Canvas) -> Points:
    """Both inner brows, mirrored halves."""
    spot = _brow_spot(c, 0.014, 0.0145) + _brow_spot(c, -0.014, 0.0145)
    spot = np.minimum(spot, 1.0)
    return np.asarray(
        spot[:, None] * np.array([0.0, 0.0022, 0.0098])
        + (spot * np.sign(c.x) * -0.0008)[:, None] * np.array([1.0, 0, 0])
    )


def brow_outer_up(c: Canvas) -> Points:
    spot = _brow_spot(c, 0.047, 0.0175)
    return np.asarray(spot[:, None] * np.array([-0.0002, 0.0034, 0.0098]))


# --- tongue ----------------------------------------------------------------------------------------------------------


def tongue_out(c: Canvas) -> Points:
    """The tongue slides out over the lower lip, which makes room for it."""
    grid = np.linspace(0, 1, 60)
    rest = tongue_spine(c.at, c.front, grid)
    root, lip_y = rest[0], c.front - 0.013
    path = np.array([
        root, (0, c.front + 0.028, c.at.mouth_z - 0.0045), (0, c.front + 0.010, c.at.mouth_z - 0.0030),
        (0, lip_y, c.at.mouth_z - 0.0045), (0, lip_y - 0.012, c.at.mouth_z - 0.0110),
        (0, lip_y - 0.0185, c.at.mouth_z - 0.0215),
    ])  # fmt: skip
    spine = _spline(path, grid)
    place, turn = c.tongue_place[c.tongue], c.tongue_turn[c.tongue]
    move = np.zeros_like(c.points)
    move[c.tongue] = _on_tongue(spine, grid, place, turn) - _on_tongue(rest, grid, place, turn)

    def lower(t: Scalars) -> Offset:
        return 0.0 * t, -0.0010 * arc(t), -0.0098 * arc(t)

    def upper(t: Scalars) -> Offset:
        return 0.0 * t, 0.0 * t, 0.0018 * arc(t)

    return move + lips(c, upper, lower, 0.026)


def _spline(knots: Points, s: Scalars) -> Points:
    """Catmull-Rom curve through the knots, evenly in ``s`` by length."""
    ends = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    u = np.linspace(0, len(knots) - 1, 400)
    i = np.minimum(u.astype(int), len(knots) - 2)
    f = (u - i)[:, None]
    a, b, d, e = ends[i], ends[i + 1], ends[i + 2], ends[i + 3]
    curve = 0.5 * (2 * b + (d - a) * f + (2 * a - 5 * b + 4 * d - e) * f**2 + (3 * b - a - 3 * d + e) * f**3)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    return np.stack([np.interp(s * length[-1], length, curve[:, k]) for k in range(3)], axis=1)


def _on_tongue(spine: Points, grid: Scalars, place: Scalars, turn: Scalars) -> Points:
    """Points of a tongue along ``spine`` (given at ``grid``) at places along and angles around it; nan is the tip."""
    out = np.stack([np.interp(place, grid, spine[:, k]) for k in range(3)], axis=1)
    angles, which = np.unique(turn[~np.isnan(turn)], return_inverse=True)
    surface = tongue_surface(spine, grid, angles)
    around = np.flatnonzero(~np.isnan(turn))
    for angle in range(len(angles)):
        pick = around[which == angle]
        for k in range(3):
            out[pick, k] = np.interp(place[pick], grid, surface[:, angle, k])
    return out


Sculptor = Callable[[Canvas], Points]
_LEFT: dict[str, Sculptor] = {
    "eyeBlink": eye_blink, "eyeLookDown": eye_look_down, "eyeLookIn": eye_look_in, "eyeLookOut": eye_look_out,
    "eyeLookUp": eye_look_up, "eyeSquint": eye_squint, "eyeWide": eye_wide, "jaw": jaw_left, "mouth": mouth_left,
    "mouthSmile": mouth_smile, "mouthFrown": mouth_frown, "mouthDimple": mouth_dimple,
    "mouthStretch": mouth_stretch, "mouthPress": mouth_press, "mouthLowerDown": mouth_lower_down,
    "mouthUpperUp": mouth_upper_up, "browDown": brow_down, "browOuterUp": brow_outer_up,
    "cheekSquint": cheek_squint, "noseSneer": nose_sneer,
}  # fmt: skip
_MIDDLE: dict[str, Sculptor] = {
    "jawForward": jaw_forward, "jawOpen": jaw_open, "mouthClose": mouth_close, "mouthFunnel": mouth_funnel,
    "mouthPucker": mouth_pucker, "mouthRollLower": mouth_roll_lower, "mouthRollUpper": mouth_roll_upper,
    "mouthShrugLower": mouth_shrug_lower, "mouthShrugUpper": mouth_shrug_upper, "browInnerUp": brow_inner_up,
    "cheekPuff": cheek_puff, "tongueOut": tongue_out,
}  # fmt: skip


def sculpt(canvas: Canvas) -> dict[str, Points]:
    """Offsets of every shape at 1, in ARKit's order."""
    reflection = canvas.mirrored()
    shapes: dict[str, Points] = {}
    for name in arkit.SHAPES:
        if name in _MIDDLE:
            shapes[name] = _MIDDLE[name](canvas)
        elif name.endswith("Left"):
            shapes[name] = _LEFT[name.removesuffix("Left")](canvas)
        else:
            shapes[name] = _LEFT[name.removesuffix("Right")](reflection) * [-1, 1, 1]
    return shapes
