"""A measured figure beside the band it should lie in."""

import math
from collections.abc import Iterator
from dataclasses import dataclass


class AbsentError(Exception):
    """Something cannot be measured, because this machine has not what it needs; the message names that."""


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""

    @property
    def inside(self) -> bool:
        """Whether the value lies in its band; NaN does not."""
        return self.low <= self.value <= self.high

    @property
    def band(self) -> str:
        """The band for people: ``80 .. 97``, ``at least 60``, or nothing."""
        if math.isinf(self.low) and math.isinf(self.high):
            return ""
        if math.isinf(self.high):
            return f"at least {self.low:g}"
        if math.isinf(self.low):
            return f"at most {self.high:g}"
        return f"{self.low:g} .. {self.high:g}"


Group = tuple[str, list[Figure]]
"""What the figures were measured on, and the figures."""


def table(group: Group) -> Iterator[str]:
    """Lines of a table; a figure outside of its band is marked."""
    title, figures = group
    yield f"\n{title}"
    for figure in figures:
        value = f"{figure.value:.4g} {figure.unit}".strip()
        mark = "" if figure.inside else "   <-- outside"
        yield f"  {figure.name:<62} {value:>16}   {figure.band:<18}{mark}".rstrip()
