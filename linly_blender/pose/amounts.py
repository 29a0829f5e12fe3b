"""How much each part of the face and body does: 0 is exactly nothing, 1 natural, 2 the most there is.

Munhall 2004 found twice the natural movement to help no more than none: 1 is the default everywhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import SHAPES
from ..errors import UserError

MOST: Final = 2.0

BROWS: Final = np.array([name.startswith("brow") for name in SHAPES])
"""Columns that the brows' amount scales."""
SMILE: Final = np.array([name.startswith(("mouthSmile", "cheekSquint", "mouthDimple")) for name in SHAPES])
"""Columns that the smile's amount scales. What speech needs of the mouth's corners is not among the smiles."""
LIDS: Final = np.array([name.startswith("eyeBlink") for name in SHAPES])


@dataclass(frozen=True, slots=True)
class Amounts:
    """Factors from 0 to 2."""

    head: float = 1.0
    """Size of all that the head does; gestures made by the head are left out at 0."""
    brows: float = 1.0
    """Height of the brows, those of an emotion included."""
    blinks: float = 1.0
    """How often the eyes blink."""
    gaze: float = 1.0
    """How far the eyes look away, and how far the head goes with them; at 0 the eyes stand still in the head."""
    breathing: float = 1.0
    """Depth of the breath."""
    smile: float = 1.0
    """Size of smiles, those of an emotion included."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
                raise UserError(f"The amount of {field.name} is {value!r}. Choose a number from 0 (none) to {MOST:g}.")

    @property
    def lids(self) -> float:
        """Of what moves the lids beside blinks (a look down, a sad face): nothing where there are no blinks."""
        return min(self.blinks, 1.0)


NATURAL: Final = Amounts()
AMOUNT_NAMES: Final = tuple(field.name for field in fields(Amounts))


def parse_amounts(settings: Iterable[str]) -> Amounts:
    """Amounts from settings such as ``head=1.2``; what is not named is natural.

    Raises UserError for a name there is none of, one that comes twice, and a value outside 0..2.
    """
    found: dict[str, float] = {}
    for setting in settings:
        name, equals, value = (part.strip() for part in setting.partition("="))
        if not equals or name not in AMOUNT_NAMES:
            raise UserError(
                f"{setting!r} is not an amount. Write NAME=VALUE, such as head=1.2; "
                f"names: {', '.join(AMOUNT_NAMES)}; values: 0 to {MOST:g}."
            )
        if name in found:
            raise UserError(f"The amount of {name} is given twice. Give it once.")
        try:
            found[name] = float(value)
        except ValueError as error:
            raise UserError(f"The amount of {name} is {value!r}. Choose a number from 0 (none) to {MOST:g}.") from error
    return Amounts(**found)


def scale_expression(shapes: NDArray[np.float32], amounts: Amounts) -> NDArray[np.float32]:
    """Brows, smiles and lids of an emotion's shapes at their amounts [shape=(n, 52)]; natural ones are given back."""
    if amounts.brows == amounts.smile == amounts.lids == 1.0:
        return shapes
    factors = np.ones(len(SHAPES), np.float32)
    factors[BROWS], factors[SMILE], factors[LIDS] = amounts.brows, amounts.smile, amounts.lids
    return np.clip(shapes * factors, 0.0, 1.0)
