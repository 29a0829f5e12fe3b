"""What a neck can do: position, speed and acceleration stay within limits, and nothing overshoots.

Three steps, none of which leaves the range of values around it:
a soft knee bounds the position; the mean of the greatest slope-bounded curve below and the least above (the two
Lipschitz envelopes) bounds the speed; a moving average of width ``2 * speed / acceleration`` bounds the acceleration,
because the slope of an average changes by no more than twice the greatest slope over its width. All look ahead as far
as behind, so that nothing is delayed.

Where nothing can be looked ahead at, ``Limiter`` follows a pose sample by sample within the same limits.
"""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .filters import LONGEST, SHORTEST, Bools, Causal, Floats, hold

_KNEE: Final = 0.7
"""Share of a limit from which movement is compressed."""
_ALMOST: Final = 1 + 1e-9
"""What rounding may add to a limit."""
_ON_TARGET: Final = 1e-9
"""Share of the limits within which an axis is where its target is, and as fast."""


def limit(curve: Floats, position: float, speed: float, acceleration: float, step: float) -> Floats:
    """Bound a curve sampled every ``step`` seconds [shape=(m,)]; units of the limits are the curve's and seconds."""
    return limit_acceleration(limit_speed(limit_position(curve, position), speed, step), speed, acceleration, step)


def limit_position(curve: Floats, most: float | Floats) -> Floats:
    """Compress what exceeds 70 % of ``most`` so that it never reaches ``most``; order is kept."""
    knee = _KNEE * most
    over = np.abs(curve) - knee
    if not (over > 0).any():
        return curve
    room = most - knee
    return np.where(over > 0, np.sign(curve) * (knee + room * np.tanh(np.maximum(over, 0) / room)), curve)


def is_free(poses: Floats, most: Floats) -> bool:
    """Whether ``limit_position`` would leave these as they are; false where any is no number."""
    return bool((np.abs(poses) <= _KNEE * most).all())


def limit_speed(curve: Floats, most: float, step: float) -> Floats:
    """The curve between the two Lipschitz envelopes; untouched where its slope is within ``most`` for long enough."""
    if np.abs(np.diff(curve)).max(initial=0.0) <= most * step:
        return curve
    ramp = most * step * np.arange(len(curve))
    below = np.minimum(
        np.minimum.accumulate(curve - ramp) + ramp, (np.minimum.accumulate((curve + ramp)[::-1]))[::-1] - ramp
    )
    above = np.maximum(
        np.maximum.accumulate(curve + ramp) - ramp, (np.maximum.accumulate((curve - ramp)[::-1]))[::-1] + ramp
    )
    return np.asarray((below + above) / 2)


def limit_acceleration(curve: Floats, speed: float, most: float, step: float) -> Floats:
    """Moving average that bounds the acceleration of a curve no steeper than ``speed``; ends held."""
    half = max(1, int(np.ceil(speed / most / step)))
    width = 2 * half + 1
    padded = np.pad(curve, (half + 1, half), mode="edge")
    total = np.cumsum(padded)
    return np.asarray((total[width:] - total[:-width]) / width)


Axis = tuple[float, float, float, float]
"""Where an axis is and how fast it moves, and the same of what it follows."""


@dataclass(frozen=True, slots=True)
class LimiterState:
    pose: Floats
    """Where every axis is, as it was given out [shape=(k,)]."""
    axes: tuple[Axis, ...]


@dataclass(frozen=True, slots=True)
class Limiter(Causal[LimiterState]):
    """Follows a pose that comes sample by sample, within limits of position, speed and acceleration of each axis.

    A target that keeps the limits itself is followed exactly and without delay. Towards any other the axis moves as
    fast as it may while it can still stop there (and, always, before its limit of position) at full braking:
    ``d >= v dt + v^2 / 2a``, which stays true whatever the next samples' times are. The limits hold for differences:
    ``|v| <= speed`` and ``|v - v before| <= acceleration * dt`` for ``v = (x - x before) / dt``.
    It starts at rest, and is at rest after a gap; a target that is not a number is where it was.
    """

    position: Floats
    speed: Floats
    acceleration: Floats
    _bounds: tuple[tuple[float, float, float], ...] = field(init=False, repr=False, compare=False)
    """The three of each axis as plain numbers, which is what a step needs."""

    def __post_init__(self) -> None:
        """Read the limits once."""
        rows = (self.position.tolist(), self.speed.tolist(), self.acceleration.tolist())
        object.__setattr__(self, "_bounds", tuple(zip(*rows, strict=True)))

    def step(self, state: LimiterState | None, value: Floats, dt: float) -> tuple[LimiterState, Floats]:
        """Take the next row."""
        if state is None:
            axes = [
                (_within(to, most, 0.0), 0.0) * 2 for to, (most, *_) in zip(value.tolist(), self._bounds, strict=True)
            ]
        elif not dt >= SHORTEST:
            return state, state.pose
        else:
            axes = [
                _follow(*axis, _within(to, bounds[0], axis[2]), *bounds, dt)
                for axis, to, bounds in zip(state.axes, value.tolist(), self._bounds, strict=True)
            ]
        pose = np.array([axis[0] for axis in axes])
        return LimiterState(pose, tuple(axes)), pose

    def _run(self, values: Floats, seen: Bools, dt: Floats, gaps: Bools) -> Floats:
        targets = hold(np.clip(values, -self.position, self.position), seen)
        off = ~self._can_be_followed(targets, dt[:, None]) | gaps[:, None]
        steps = np.where(gaps, math.inf, dt).tolist()
        poses = targets.copy()
        for axis in np.flatnonzero(off.any(axis=0)):
            bounds = (float(self.position[axis]), float(self.speed[axis]), float(self.acceleration[axis]))
            poses[:, axis] = _leave_and_return(targets[:, axis].tolist(), steps, np.flatnonzero(off[:, axis]), bounds)
        return poses

    def _can_be_followed(self, targets: Floats, dt: Floats) -> Bools:
        """Where the way from one target to the next keeps the limits, for one who is on it."""
        speed = np.diff(targets, axis=0, prepend=targets[:1]) / dt
        change = np.abs(np.diff(speed, axis=0, prepend=0.0))
        room = self.position - np.sign(speed) * np.concatenate([targets[:1], targets[:-1]])
        braking = 2 * room / (np.sqrt(dt**2 + 2 * room / self.acceleration) + dt)
        return np.asarray((np.abs(speed) <= np.minimum(self.speed, braking)) & (change <= self.acceleration * dt))


def _leave_and_return(
    targets: list[float], steps: list[float], off: NDArray[np.intp], bounds: tuple[float, float, float]
) -> list[float]:
    """One axis of a batch: sample by sample from where its target cannot be followed until it is on it again."""
    poses = list(targets)
    following = 0
    for leave in off.tolist():
        if leave < following:
            continue
        index = leave
        x, target = (targets[leave - 1],) * 2
        v = u = (target - targets[leave - 2]) / steps[leave - 1] if leave > 1 else 0.0
        while index < len(targets):
            x, v, target, u = _follow(x, v, target, u, targets[index], *bounds, steps[index])
            poses[index] = x
            index += 1
            if abs(x - target) < _ON_TARGET * bounds[0] and abs(v - u) < _ON_TARGET * bounds[1]:
                break
        following = index
    return poses


def _within(value: float, most: float, otherwise: float) -> float:
    """The value brought within its limit; what stands for it where it is no number."""
    return min(max(value, -most), most) if math.isfinite(value) else otherwise


def _follow(
    x: float, v: float, target: float, u: float, to: float, most: float, fastest: float, hardest: float, dt: float
) -> Axis:
    """One axis after ``dt``. Plain floats and no calls: for a few axes numpy is slower, and so are ``min`` and ``max``.

    Parameters: pose, speed, target and its speed before; the target now; the limits.
    """
    if dt > LONGEST:
        dt, v, before, u = LONGEST, 0.0, 0.0, 0.0
    else:
        before, u = u, (to - target) / dt
    push = hardest * dt
    # The speed that is shared with the target; from there, brake in what is left.
    base = u if abs(u) <= fastest * _ALMOST and abs(u - before) <= push * _ALMOST else 0.0
    left = to - x - base * dt
    want = base + 2 * left / (math.sqrt(dt * dt + 2 * abs(left) / hardest) + dt)
    above = most - x if x < most else 0.0
    below = most + x if x > -most else 0.0
    high = 2 * above / (math.sqrt(dt * dt + 2 * above / hardest) + dt)
    low = -2 * below / (math.sqrt(dt * dt + 2 * below / hardest) + dt)
    for bound in (fastest, v + push):
        high = bound if bound < high else high
    for bound in (-fastest, v - push):
        low = bound if bound > low else low
    want = want if want > low else low
    v = want if want < high else high
    return x + v * dt, v, to, u
