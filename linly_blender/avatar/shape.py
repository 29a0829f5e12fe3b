"""What a user may change about the demo character."""

from dataclasses import dataclass, fields

import numpy as np

from ..errors import UserError

Colour = tuple[float, float, float]
"""Red, green, blue in linear light, 0..1."""


@dataclass(frozen=True, slots=True)
class AvatarShape:
    """The character's build: every form is -1..1 with 0 as drawn, every colour is linear 0..1."""

    face_width: float = 0.0
    face_length: float = 0.0
    cheeks: float = 0.0
    jaw_width: float = 0.0
    chin: float = 0.0
    """Size and reach of the chin."""
    brow_ridge: float = 0.0
    nose_length: float = 0.0
    nose_width: float = 0.0
    nose_tip: float = 0.0
    """> 0 turns the tip up."""
    eye_size: float = 0.0
    eye_spacing: float = 0.0
    eye_tilt: float = 0.0
    """> 0 lifts the outer corners."""
    eye_opening: float = 0.0
    mouth_width: float = 0.0
    upper_lip: float = 0.0
    lower_lip: float = 0.0
    brow_weight: float = 0.0
    brow_height: float = 0.0
    ear_size: float = 0.0
    neck_width: float = 0.0
    hair_volume: float = 0.0
    skin: Colour = (0.74, 0.375, 0.240)
    iris: Colour = (0.060, 0.135, 0.125)
    hair: Colour = (0.05, 0.022, 0.012)
    garment: Colour = (0.045, 0.115, 0.16)

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, tuple):
                if len(value) != 3 or not all(np.isfinite(v) and 0.0 <= v <= 1.0 for v in value):
                    raise UserError(f"avatar colour '{field.name}' must be three numbers from 0 to 1, not {value}")
            elif not (np.isfinite(value) and -1.0 <= value <= 1.0):
                raise UserError(f"avatar setting '{field.name}' must lie between -1 and 1, not {value}")
