"""What a person has set of a character; the rest is recognised anew each time it is looked at."""

from dataclasses import dataclass, field
from typing import Final, Literal

from ..arkit import SHAPES
from .mapping import Mapping
from .poses import Pose

Role = Literal["head", "neck", "chest", "jaw", "eye_left", "eye_right", "eye_target"]
ROLES: Final[tuple[Role, ...]] = ("head", "neck", "chest", "jaw", "eye_left", "eye_right", "eye_target")

EVERY_CHANNEL: Final = frozenset(SHAPES)

NECK_SHARE: Final = 0.35
"""Of the head's turn that the neck bones make between them. About a third of flexion, extension and side bending
happens at C0-C2, under the head, and the lower neck makes the rest; animators give the neck less, because a
neck's skin is weighted for less.
"""


@dataclass(frozen=True, slots=True)
class Distribution:
    """How the head's turn is shared by the bones below it, and the gaze by eyes and head."""

    chest: float = 0.0
    """Of the head's turn that the chest makes, 0..1."""
    neck: float = NECK_SHARE
    """Of the head's turn that the neck bones make between them, 0..1; with the chest's share 1 at most."""
    gaze: float = 0.0
    """Of the gaze that the head makes in place of the eyes, 0..1."""


@dataclass(frozen=True, slots=True)
class Setup:
    mapping: Mapping | None = None
    """What was changed by hand; None where what is recognised is played."""
    poses: dict[str, Pose] = field(default_factory=dict)
    """Recorded, by the ARKit channel that each of them is."""
    bones: dict[Role, str] = field(default_factory=dict)
    """Chosen by hand."""
    distribution: Distribution = Distribution()
    by_hand: frozenset[str] = EVERY_CHANNEL
    """Channels that move what ``mapping`` says, and be it nothing; the others move what is recognised."""


PLAIN_SETUP: Final = Setup()
