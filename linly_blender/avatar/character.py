"""The whole character: parts joined, shapes sculpted, bones and weights laid in."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from . import dress, features
from .features import LIPS, MOUTH, SKIN
from .form import Proportions, proportions
from .implicit import Points
from .keys import Canvas, jaw_share, sculpt, smooth
from .mesh import AvatarMesh, Bone, Floats, Indices, Material, Part
from .shape import AvatarShape, Colour
from .skin import LIP_BORDER, Skin, build_skin

_Number = TypeVar("_Number", bound=np.generic)

PAIRED_WIDTH = 0.6
"""Share of the mouth and of the eyes that the paired landmarks cover."""


def build(shape: AvatarShape | None = None) -> AvatarMesh:
    """Make the character for ``shape``."""
    shape = shape or AvatarShape()
    at = proportions(shape)
    skin = build_skin(shape, at)
    contact = skin.points[(skin.mouth_ring == 0) & (skin.mouth_upper >= 0)]
    front = features.contact_front(at, contact)

    lash, lash_place = features.lashes(shape, at)
    tongue, tongue_place, tongue_turn = features.tongue(at, front)
    nostril = features.nostril(shape, at)
    brow, eye, ear = features.brow(shape, at), features.eyeball(shape, at), features.ear(shape, at)
    parts = [
        Part("skin", skin.points, skin.faces, _skin_materials(skin), _skin_tint(shape, at, skin)),
        lash, features.mirrored(lash, "lashes.R"),
        brow, features.mirrored(brow, "brow.R"),
        nostril, features.mirrored(nostril, "nostril.R"),
        ear, features.mirrored(ear, "ear.R"),
        eye, features.mirrored(eye, "eye.R"),
        features.teeth(shape, at, front, upper=True), features.teeth(shape, at, front, upper=False),
        tongue, dress.hair(shape, at), dress.garment(shape, at),
    ]  # fmt: skip
    spans: dict[str, slice] = {}
    first = 0
    for part in parts:
        spans[part.name] = slice(first, first + len(part.points))
        first += len(part.points)
    points = np.concatenate([part.points for part in parts])
    faces = np.concatenate([
        np.where(part.faces >= 0, part.faces + spans[part.name].start, -1) for part in parts
    ]).astype(np.int32)  # fmt: skip

    canvas = _canvas(at, skin, points, spans, lash_place, tongue_place, tongue_turn, front)
    lift = np.array([0.0, 0.0, -dress.BASE_Z])
    return AvatarMesh(
        vertices=(points + lift).astype(np.float32),
        faces=faces,
        face_materials=np.concatenate([part.materials for part in parts]).astype(np.int32),
        materials=_materials(shape),
        tint=np.clip(np.concatenate([part.tint for part in parts]), 0, 1).astype(np.float32),
        shapes={name: offset.astype(np.float32) for name, offset in sculpt(canvas).items()},
        bones=_bones(at, lift),
        weights=_weights(canvas, spans),
        landmarks=_landmarks(skin, at),
        parts=spans,
    )


def _skin_materials(skin: Skin) -> NDArray[np.int32]:
    ring = skin.mouth_ring[np.maximum(skin.faces, 0)]
    in_mouth = ring.min(axis=1) > -99
    deepest, highest = ring.min(axis=1), ring.max(axis=1)
    lips = in_mouth & (deepest >= -4) & (highest <= LIP_BORDER)
    inside = in_mouth & (deepest < -4)
    return np.select([lips, inside], [LIPS, MOUTH], SKIN).astype(np.int32)


def _skin_tint(shape: AvatarShape, at: Proportions, skin: Skin) -> Points:
    p = skin.points
    base = np.array(shape.skin)
    q = np.abs(p[:, 0])

    def spot(x: float, y: float, z: float, rx: float, ry: float, rz: float) -> NDArray[np.float64]:
        return np.asarray(np.exp(-(((q - x) / rx) ** 2) - ((p[:, 1] - y) / ry) ** 2 - ((p[:, 2] - z) / rz) ** 2))

    tx, ty, tz = at.nose_tip
    blush = 0.85 * spot(0.044, -0.070, -0.027, 0.019, 0.03, 0.016)
    blush += 0.55 * spot(tx, ty, tz, 0.013, 0.02, 0.010) + 0.30 * spot(0, -0.085, at.chin_z + 0.008, 0.016, 0.02, 0.012)
    tint = base * (1 - np.clip(blush, 0, 1)[:, None] * np.array([0.03, 0.24, 0.26]))
    lid = np.where(skin.eye_side != 0, smooth(7.0, 1.0, skin.eye_ring.astype(float)), 0.0)
    tint = tint * (1 - lid[:, None] * np.array([0.10, 0.20, 0.18]))
    rim = (skin.eye_side != 0) & (skin.eye_ring < 0)
    tint[rim] = base * [0.85, 0.62, 0.62]
    below = spot(0.0066, -0.0915, tz - 0.0090, 0.0050, 0.0060, 0.0030)
    tint = tint * (1 - below[:, None] * np.array([0.15, 0.30, 0.30]))
    ring = skin.mouth_ring.astype(float)
    red = base * np.array([0.80, 0.47, 0.50])
    lip = np.where(ring > -99, smooth(LIP_BORDER + 0.9, LIP_BORDER - 1.4, ring), 0.0)
    tint = tint + lip[:, None] * (red - tint)
    seam = np.where(ring > -99, np.exp(-(((ring - 0.0) / 1.1) ** 2)), 0.0) * (ring >= 0)
    tint = tint * (1 - 0.45 * seam[:, None])
    inner = (ring > -99) & (ring < 0)
    deep = np.where(inner, smooth(-1.0, -6.0, ring), 0.0)
    wet = np.array([0.40, 0.115, 0.11]) * (1 - deep[:, None]) + np.array([0.120, 0.022, 0.026]) * deep[:, None]
    return np.where(inner[:, None], wet, tint)


def _materials(shape: AvatarShape) -> tuple[Material, ...]:
    def times(colour: Colour, r: float, g: float, b: float) -> Colour:
        return (colour[0] * r, colour[1] * g, colour[2] * b)

    return (
        Material("Avatar Skin", shape.skin, 0.48, 0.35),
        Material("Avatar Lips", times(shape.skin, 0.80, 0.47, 0.50), 0.36, 0.45),
        Material("Avatar Sclera", (0.80, 0.79, 0.78), 0.06, 0.5, 0.03),
        Material("Avatar Iris", times(shape.iris, 1.6, 1.6, 1.6), 0.05, 0.6),
        Material("Avatar Pupil", (0.004, 0.004, 0.005), 0.04, 0.6),
        Material("Avatar Lashes", (0.012, 0.008, 0.007), 0.6, 0.2),
        Material("Avatar Brows", times(shape.hair, 1.15, 1.15, 1.15), 0.65, 0.2),
        Material("Avatar Teeth", (0.84, 0.78, 0.67), 0.18, 0.5, 0.26),
        Material("Avatar Gums", (0.52, 0.20, 0.18), 0.3, 0.5, 0.10),
        Material("Avatar Tongue", (0.60, 0.135, 0.145), 0.35, 0.45, 0.10),
        Material("Avatar Mouth", (0.16, 0.04, 0.04), 0.5, 0.3, 0.12),
        Material("Avatar Hair", shape.hair, 0.46, 0.35),
        Material("Avatar Garment", shape.garment, 0.85, 0.2),
    )


def _canvas(
    at: Proportions, skin: Skin, points: Points, spans: dict[str, slice], lash_place: Points,
    tongue_place: Points, tongue_turn: Points, front: float,
) -> Canvas:  # fmt: skip
    n = len(points)
    soft = np.zeros(n, dtype=bool)
    for name in ("skin", "lashes.L", "lashes.R", "brow.L", "brow.R", "nostril.L", "nostril.R"):
        soft[spans[name]] = True

    def spread(values: NDArray[_Number], rest: int) -> NDArray[_Number]:
        out = np.full(n, rest, dtype=values.dtype)
        out[spans["skin"]] = values
        return out

    eye_side, eye_ring = spread(skin.eye_side, 0), spread(skin.eye_ring, 0)
    eye_place, eye_upper = spread(skin.eye_place, 0), spread(skin.eye_upper, 0)
    for name, side in (("lashes.L", 1), ("lashes.R", -1)):
        eye_side[spans[name]], eye_upper[spans[name]], eye_place[spans[name]] = side, 1.0, lash_place
    place, turn = np.zeros(n), np.zeros(n)
    place[spans["tongue"]], turn[spans["tongue"]] = tongue_place, tongue_turn
    flags = {name: np.zeros(n, dtype=bool) for name in ("eye.L", "eye.R", "teeth.lower", "tongue")}
    for name, flag in flags.items():
        flag[spans[name]] = True
    p = skin.points
    wall = (np.abs(p[:, 0]) < 0.05) & (p[:, 2] < -0.035) & (p[:, 2] > at.chin_z + 0.004) & (p[:, 1] < -0.045)
    wall &= (skin.mouth_ring == -99) | (skin.mouth_ring > LIP_BORDER)
    x, z = p[wall, 0], p[wall, 2]
    basis = np.stack([np.ones_like(x), x**2, x**4, z, z**2, x**2 * z], axis=1)
    surface = np.linalg.lstsq(basis, p[wall, 1], rcond=None)[0]
    return Canvas(
        points=points, at=at, soft=soft, eye_side=eye_side, eye_ring=eye_ring, eye_place=eye_place,
        eye_upper=eye_upper, mouth_ring=spread(skin.mouth_ring, -99), mouth_place=spread(skin.mouth_place, 0),
        mouth_upper=spread(skin.mouth_upper, 0), surface=surface, ball_left=flags["eye.L"],
        ball_right=flags["eye.R"], lower_jaw=flags["teeth.lower"] | flags["tongue"], tongue=flags["tongue"],
        tongue_place=place, tongue_turn=turn, front=front,
    )  # fmt: skip


def _bones(at: Proportions, lift: Points) -> tuple[Bone, ...]:
    def place(x: float, y: float, z: float) -> tuple[float, float, float]:
        return (float(x), float(y), float(z + lift[2]))

    ax, ay, az = at.atlas
    ex, ey, ez = at.eye
    _, hy, hz = at.hinge
    neck = place(0, 0.042, -0.172)
    return (
        Bone("chest", None, place(0, 0.045, -0.300), neck),
        Bone("neck", "chest", neck, place(ax, ay, az)),
        Bone("head", "neck", place(ax, ay, az), place(ax, ay - 0.01, 0.125)),
        Bone("jaw", "head", place(0, hy, hz), place(0, -0.082, at.chin_z + 0.004)),
        Bone("eye.L", "head", place(ex, ey, ez), place(ex, ey - 0.03, ez)),
        Bone("eye.R", "head", place(-ex, ey, ez), place(-ex, ey - 0.03, ez)),
    )


def _weights(canvas: Canvas, spans: dict[str, slice]) -> dict[str, Floats]:
    # Height along the neck, tilted as the neck joins the head: high behind, low under the chin.
    height = canvas.points[:, 2] - 0.5 * (canvas.points[:, 1] - 0.02)
    head = smooth(-0.150, -0.085, height)
    chest = smooth(-0.138, -0.205, height)
    cloth = spans["garment"]
    chest[cloth] = smooth(-0.138, -0.175, height[cloth])
    head[cloth] = 0.0
    for name, span in spans.items():
        if name not in ("skin", "garment"):
            head[span], chest[span] = 1.0, 0.0
    jaw = np.where(canvas.lower_jaw, 1.0, jaw_share(canvas) * head)
    eyes = canvas.ball_left | canvas.ball_right
    weights = {
        "chest": chest,
        "neck": 1.0 - head - chest,
        "head": np.where(eyes, 0.0, head - jaw),
        "jaw": jaw,
        "eye.L": canvas.ball_left.astype(float),
        "eye.R": canvas.ball_right.astype(float),
    }
    return {name: np.clip(w, 0, 1).astype(np.float32) for name, w in weights.items()}


def _landmarks(skin: Skin, at: Proportions) -> dict[str, Indices]:
    out: dict[str, Indices] = {}
    for key, side in (("inner_lip_upper", 1), ("inner_lip_lower", -1)):
        ids = np.flatnonzero(
            (skin.mouth_ring == 0) & (skin.mouth_upper == side) & (np.abs(skin.mouth_place) <= PAIRED_WIDTH)
        )
        out[key] = ids[np.argsort(skin.mouth_place[ids])].astype(np.int32)
    for eye, of in (("left", 1), ("right", -1)):
        for key, side in (("upper", 1), ("lower", -1)):
            mine = (skin.eye_side == of) & (skin.eye_ring == 0) & (skin.eye_upper == side)
            ids = np.flatnonzero(mine & (np.abs(skin.eye_place) <= PAIRED_WIDTH))
            out[f"lid_{key}_{eye}"] = ids[np.argsort(skin.points[ids, 0])].astype(np.int32)
    for key, place in (("mouth_corner_left", 1.0), ("mouth_corner_right", -1.0)):
        out[key] = np.flatnonzero(
            (skin.mouth_ring == 0) & (skin.mouth_upper == 0) & (skin.mouth_place == place)
        ).astype(np.int32)
    return out
