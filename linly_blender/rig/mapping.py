"""From 52 ARKit channels to the shape keys of one character: the values that recognising gives and editing changes.

A key's value is ``clip(offset + sum(weight * channel), low, high)``, where every channel was first tuned.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from ..arkit import SHAPES

How = Literal["exact", "convention", "visemes", "similar", "bone", "pose", "by hand", "stand-in", "missing"]

POSES: Final = ""
"""Stands for a mesh whose keys are poses of bones, each named as the channel that it is; no object is called so."""


@dataclass(frozen=True, slots=True)
class Key:
    """A shape key as it is on a character."""

    name: str
    low: float = 0.0
    """Its slider's range."""
    high: float = 1.0
    lean: float | None = None
    """Which side of the face it moves, -1 the character's right .. 1 the left; None where nobody has measured."""
    is_driven: bool = False
    """Whether a driver moves it, so that nothing else can."""


@dataclass(frozen=True, slots=True)
class Mesh:
    name: str
    """``POSES`` for the poses of bones."""
    keys: tuple[Key, ...]
    """All but the basis."""


@dataclass(frozen=True, slots=True)
class Drive:
    """What moves one shape key."""

    mesh: str
    key: str
    weights: tuple[tuple[str, float], ...]
    """ARKit channels with what each adds at 1, in ARKit's order."""
    offset: float = 0.0
    """Its value in the character's rest expression."""
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class Tuning:
    """How an ARKit channel is read before it drives anything: ``clip(offset + gain * (1 - c if invert else c))``."""

    gain: float = 1.0
    offset: float = 0.0
    invert: bool = False
    low: float = 0.0
    high: float = 1.0


PLAIN: Final = Tuning()


@dataclass(frozen=True, slots=True)
class Mapping:
    drives: tuple[Drive, ...]
    """A key at most once."""
    tunings: dict[str, Tuning] = field(default_factory=dict)
    """Of the channels that are not read as they are."""
    convention: str | None = None
    """Id of the convention that it was made from."""

    def targets(self, channel: str) -> tuple[tuple[str, str, float], ...]:
        """What a channel moves: mesh, key, weight."""
        return tuple(
            (drive.mesh, drive.key, weight)
            for drive in self.drives
            for name, weight in drive.weights
            if name == channel
        )

    @property
    def unused(self) -> tuple[str, ...]:
        """Channels that move nothing."""
        used = {name for drive in self.drives for name, weight in drive.weights if weight}
        return tuple(name for name in SHAPES if name not in used)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How well one ARKit channel is shown."""

    channel: str
    how: How
    confidence: float
    """0..1; of one half and less a person should look at it."""
    keys: tuple[str, ...]
    """Names of what it moves, over all meshes."""
    reason: str
    """One sentence for people; empty where there is nothing to say."""


def twin(channel: str) -> str:
    """The channel of the face's other side; one that has none is its own.

    >>> twin("eyeBlinkLeft"), twin("jawRight"), twin("jawOpen")
    ('eyeBlinkRight', 'jawLeft', 'jawOpen')
    """
    for here, there in (("Left", "Right"), ("Right", "Left")):
        if channel.endswith(here):
            return channel[: -len(here)] + there
    return channel


def sort_weights(weights: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """In ARKit's order, those of one channel added, without those that add nothing."""
    total: dict[str, float] = {}
    for channel, weight in weights:
        total[channel] = total.get(channel, 0.0) + weight
    return tuple((name, total[name]) for name in SHAPES if abs(total.get(name, 0.0)) > 1e-9)
