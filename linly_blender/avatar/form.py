"""The head's proportions and its form without lips, lids and hair.

Head space while building: metres, origin between the ears, +X the character's left, +Y backwards, +Z up.
Proportions follow a drawn, friendly head: about 0.24 m tall, eyes a little under half way up and a third larger
than life, a short nose, full cheeks.
"""

from dataclasses import dataclass

from .implicit import Distances, Points, capsule, carve, ellipsoid, mirror, union
from .shape import AvatarShape


@dataclass(frozen=True, slots=True)
class Proportions:
    """Places and sizes that every part of the head refers to, in metres; the left side stands for both."""

    eye: tuple[float, float, float]
    eye_radius: float
    lid_thickness: float
    eye_half_width: float
    eye_up: float
    """Height of the upper lid's margin over the eye's centre."""
    eye_down: float
    eye_tilt: float
    """How much higher the outer corner lies than the inner one."""
    mouth_z: float
    mouth_half_width: float
    upper_lip: float
    """Height of the red of the lip in the middle."""
    lower_lip: float
    chin_z: float
    nose_tip: tuple[float, float, float]
    brow_z: float
    hinge: tuple[float, float, float]
    """Middle of the axis through both jaw joints."""
    atlas: tuple[float, float, float]
    """Where the head turns on the neck."""
    ear: tuple[float, float, float]
    width: float
    """Factor on the face's width."""


def proportions(shape: AvatarShape) -> Proportions:
    """Measure out the head for ``shape``."""
    width = 1.0 + 0.07 * shape.face_width
    drop = 0.006 * shape.face_length
    radius = 0.0212 * (1.0 + 0.07 * shape.eye_size)
    half = 0.0170 * (1.0 + 0.09 * shape.eye_size)
    opening = (1.0 + 0.10 * shape.eye_size) * (1.0 + 0.25 * shape.eye_opening)
    length = 0.004 * shape.nose_length
    return Proportions(
        eye=(0.0332 * (0.6 + 0.4 * width) + 0.0022 * shape.eye_spacing + 0.0008 * shape.eye_size, -0.0640, 0.003),
        eye_radius=radius,
        lid_thickness=0.0014,
        eye_half_width=half,
        eye_up=0.0102 * opening,
        eye_down=0.0082 * opening,
        eye_tilt=0.0016 + 0.0022 * shape.eye_tilt,
        mouth_z=-0.0600 - 0.6 * drop - 0.4 * length,
        mouth_half_width=0.0222 * (1.0 + 0.13 * shape.mouth_width),
        upper_lip=0.0070 * (1.0 + 0.35 * shape.upper_lip),
        lower_lip=0.0088 * (1.0 + 0.35 * shape.lower_lip),
        chin_z=-0.0960 - drop,
        nose_tip=(0.0, -0.1045 - 0.002 * shape.nose_length, -0.0285 - length + 0.003 * shape.nose_tip),
        brow_z=0.0305 + 0.003 * shape.brow_height,
        hinge=(0.0, 0.002, -0.022),
        atlas=(0.0, 0.018, -0.048),
        ear=(0.0745 * width, 0.010, -0.004),
        width=width,
    )


def head_field(shape: AvatarShape, at: Proportions, p: Points) -> Distances:
    """The bare head and neck; negative inside."""
    w = at.width
    q = mirror(p)
    cheeks, jaw, chin = shape.cheeks, 1.0 + 0.10 * shape.jaw_width, shape.chin
    drop = at.chin_z + 0.0960
    f = ellipsoid(p, (0, 0.012, 0.034), (0.0765 * (0.4 + 0.6 * w), 0.097, 0.088))
    f = union(f, ellipsoid(p, (0, -0.026, -0.014), (0.0665 * w, 0.0575, 0.070)), 0.03)
    f = union(
        f, ellipsoid(q, (0.0405 * w, -0.047, -0.031), (0.0275 + 0.003 * cheeks, 0.027 + 0.0035 * cheeks, 0.028)), 0.03
    )
    gonion = (0.0430 * w * jaw, -0.002, -0.062 + 0.3 * drop)
    f = union(f, capsule(q, gonion, (0.014 * jaw, -0.0630, -0.0865 + drop), 0.0150, 0.0150), 0.034)
    f = union(
        f, ellipsoid(p, (0, -0.0705 - 0.003 * chin, -0.0885 + drop), (0.0160, 0.0155, 0.0150 + 0.002 * chin)), 0.02
    )
    # Mouth: the mound over the teeth.
    f = union(f, ellipsoid(p, (0, -0.0620, at.mouth_z + 0.001), (0.0300, 0.0265, 0.0225)), 0.022)
    # Brow and the hollow of the eyes.
    ridge = 0.0125 + 0.0022 * shape.brow_ridge
    f = union(f, capsule(q, (0.012, -0.0765, 0.0275), (0.050 * w, -0.0600, 0.0270), ridge, 0.0120), 0.022)
    ex, ey, ez = at.eye
    f = carve(f, ellipsoid(q, (ex + 0.001, ey - 0.0290, ez - 0.001), (0.0185, 0.0155, 0.0150)), 0.016)
    ball = at.eye_radius + at.lid_thickness
    f = union(f, ellipsoid(q, at.eye, (ball, ball, ball)), 0.0045)
    # Nose.
    tx, ty, tz = at.nose_tip
    wide = 1.0 + 0.22 * shape.nose_width
    f = union(f, capsule(p, (0, -0.0790, 0.012), (0, ty + 0.0115, tz + 0.004), 0.0068 * wide, 0.0085 * wide), 0.014)
    f = union(f, ellipsoid(p, (tx, ty + 0.0100, tz), (0.0108 * wide, 0.0100, 0.0092)), 0.008)
    f = union(f, ellipsoid(q, (0.0108 * wide, -0.0880, tz - 0.0020), (0.0068 * wide, 0.0090, 0.0066)), 0.0065)
    f = carve(f, ellipsoid(q, (0.0062 * wide, -0.0920, tz - 0.0110), (0.0034 * wide, 0.0050, 0.0034)), 0.004)
    # Philtrum.
    f = carve(f, capsule(p, (0, -0.0960, tz - 0.013), (0, -0.0965, at.mouth_z + at.upper_lip), 0.0022, 0.0026), 0.005)
    # Neck.
    neck = 1.0 + 0.12 * shape.neck_width
    return union(f, capsule(p, (0, 0.022, -0.050), (0, 0.038, -0.200), 0.0390 * neck, 0.0425 * neck), 0.034)
