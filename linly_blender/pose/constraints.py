"""The last stage of a pose: what a neck can do, then a filter the user chooses, then what a neck can do once more.

The second time is for the filter: a Kalman filter overshoots, a Butterworth filter rings, and none knows of the limits.
Whatever comes in (jumps, gaps, values that are not numbers), what goes out keeps them.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, Self, get_args

import numpy as np

from ..errors import UserError
from .filters import Butterworth, Causal, Ema, Filter, Floats, Kalman, Linear, OneEuro, clean_row
from .limits import Limiter, LimiterState, is_free, limit, limit_position
from .styles import Limits

Smoothing = Literal["none", "kalman", "ema", "one_euro", "butterworth", "linear"]
SMOOTHINGS: Final[tuple[Smoothing, ...]] = get_args(Smoothing)
LIVE_SMOOTHINGS: Final[tuple[Smoothing, ...]] = tuple(name for name in SMOOTHINGS if name != "butterworth")
"""Those that need not know what comes next."""

# Nods go up to 5 Hz (see docs/filters.md for what each of these leaves of one, and how late).
_KALMAN: Final = 3.0
_BUTTERWORTH: Final = 6.0
"""Hertz; usual for the movement of heads and limbs (Winter 2009, section 3.4)."""
_ONE_EURO: Final = 1.5
_ONE_EURO_FAST: Final = 8.0
"""Hertz that the cut-off gains at the greatest speed allowed."""
_LINEAR: Final = 0.1
"""Seconds to reach a value."""


def check_smoothing(name: str) -> Smoothing:
    """The name of a filter; UserError for any other."""
    for known in SMOOTHINGS:
        if name == known:
            return known
    raise UserError(f"There is no smoothing called {name!r}. Choose one of: {', '.join(SMOOTHINGS)}.")


def make_filter(smoothing: Smoothing, speed: float | Floats, smoothing_factor: float = 0.8) -> Filter | None:
    """The filter of this name for axes with these greatest speeds; the factor is the moving average's at 60 Hz."""
    match smoothing:
        case "kalman":
            return Kalman(_KALMAN)
        case "ema":
            return Ema.from_smoothing_factor(smoothing_factor)
        case "one_euro":
            return OneEuro(_ONE_EURO, _ONE_EURO_FAST / speed)
        case "butterworth":
            return Butterworth(_BUTTERWORTH)
        case "linear":
            return Linear(_LINEAR, speed)
        case "none":
            return None


@dataclass(frozen=True, slots=True)
class ConstraintsState:
    limited: LimiterState
    filtered: Any
    """The filter's own."""
    held: LimiterState


@dataclass(frozen=True, slots=True)
class Constraints:
    """Limits and a filter, live (``step``), on a recording as if live (``run``), or on a whole take (``bake``)."""

    limiter: Limiter
    filter: Filter | None = None

    @classmethod
    def of_head(cls, limits: Limits, smoothing: Smoothing = "none", smoothing_factor: float = 0.8) -> Self:
        """Of x, y, z in metres, pitch, yaw, roll in radians, with a style's limits."""
        limiter = Limiter(
            np.array([*limits.shift, *limits.position]),
            np.array([*limits.shift_speed, *limits.speed]),
            np.array([*limits.shift_acceleration, *limits.acceleration]),
        )
        return cls(limiter, make_filter(smoothing, limiter.speed, smoothing_factor))

    def step(self, state: ConstraintsState | None, pose: Floats, dt: float) -> tuple[ConstraintsState, Floats]:
        """Take the next pose [shape=(k,)], ``dt`` seconds after the last; state None starts at rest.

        Raises UserError where the filter has to know the whole take.
        """
        if self.filter is not None and not isinstance(self.filter, Causal):
            raise UserError(
                f"The smoothing butterworth needs a whole take. Choose one of: {', '.join(LIVE_SMOOTHINGS)}."
            )
        before = (state.limited, state.filtered, state.held) if state else (None, None, None)
        limited, pose = self.limiter.step(before[0], self._softened(pose), dt)
        if self.filter is None:
            return ConstraintsState(limited, None, limited), pose
        filtered, pose = self.filter.step(before[1], pose, dt)
        held, pose = self.limiter.step(before[2], pose, dt)
        return ConstraintsState(limited, filtered, held), pose

    def run(self, poses: Floats, dt: float | Floats) -> Floats:
        """What ``step`` gives for a row of poses [shape=(n, k)]; ``dt`` for all, or since the row before [shape=(n,)].

        With a filter that needs the whole take, the limits alone are causal.
        """
        return self._filtered(self.limiter.run(self._softened(poses), dt), dt)

    def bake(self, poses: Floats, step: float) -> Floats:
        """A whole take of finite poses, evenly sampled: the limits look ahead, so that they delay nothing."""
        limits = zip(poses.T, self.limiter.position, self.limiter.speed, self.limiter.acceleration, strict=True)
        return self._filtered(np.stack([limit(*column, step) for column in limits], axis=1), step)

    def _filtered(self, poses: Floats, dt: float | Floats) -> Floats:
        if self.filter is None:
            return poses
        return self.limiter.run(self.filter.run(poses, dt), dt)

    def _softened(self, poses: Floats) -> Floats:
        """Bent before the limits of position, so that these are never hit hard; what is no number stays none."""
        if is_free(poses, self.limiter.position):  # as nearly always
            return poses
        poses, seen = clean_row(poses)
        return np.where(seen, limit_position(poses, self.limiter.position), np.nan)
