"""Filters that smooth a pose: one sample at a time as they come, or a whole take at once, with the same result.

A causal filter is a frozen value; its state is another, so that a copy is an assignment and a reset is None. Values
are rows of axes in any unit. An axis whose value is not a number holds where it is, and so does everything while no
sample comes: what follows is approached from there as from a step, never jumped to. Time constants are in seconds and
cut-offs in hertz, so a filter looks the same at any frame rate.

A batch is not run sample by sample. The recursions are linear once their coefficients are known, and a linear
recursion over n samples takes log2(n) doublings (Hillis & Steele 1986).
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LONGEST: Final = 0.1
"""Seconds from which the time between two samples is a gap: the pose stood still, and moves on as after so long."""
SHORTEST: Final = 1e-4
"""Seconds below which two samples are one moment; the first counts."""
_LARGEST: Final = 1e6
"""No pose has larger numbers; beyond, squares would overflow."""
_SAME: Final = 1e-9
"""Radians or metres: what rounding may do to a value that stays."""


class Filter(ABC):
    """Smooths a whole sequence."""

    @abstractmethod
    def run(self, values: Floats, dt: float | Floats) -> Floats:
        """Smooth rows of axes [shape=(n, k)].

        ``dt`` is the seconds between samples, one for all or one for each row since the row before [shape=(n,)].
        """


S = TypeVar("S")


class Causal(Filter, Generic[S]):
    """Smooths sample by sample; ``run`` is the same to within rounding."""

    @abstractmethod
    def step(self, state: S | None, value: Floats, dt: float) -> tuple[S, Floats]:
        """Take the next row of axes [shape=(k,)], ``dt`` seconds after the last; gives the new state and the row.

        State None starts at rest at the value, at 0 where that is not a number. States are never written to.
        """

    def run(self, values: Floats, dt: float | Floats) -> Floats:
        """Smooth rows as ``step`` would, one after another."""
        values = np.asarray(values, np.float64)
        if not len(values):
            return values.copy()
        steps = np.broadcast_to(np.asarray(dt, np.float64), len(values))
        counts = steps >= SHORTEST  # False for NaN
        counts[0] = True
        steps, gaps = np.minimum(steps[counts], LONGEST), steps[counts] > LONGEST
        steps[0], gaps[0] = SHORTEST, False
        taken = values[counts]
        seen = np.isfinite(taken)
        taken = np.where(seen, np.clip(taken, -_LARGEST, _LARGEST), 0.0)
        smooth = self._run(taken, seen, steps, gaps)
        return np.take(smooth, np.cumsum(counts) - 1, axis=0)

    @abstractmethod
    def _run(self, values: Floats, seen: Bools, dt: Floats, gaps: Bools) -> Floats:
        """Smooth rows, at least one, which are finite (0 where not ``seen``); the first row of ``dt`` is void."""


def clean_row(value: Floats) -> tuple[Floats, Bools]:
    """A row with 0 where it is not a number and nothing too large, and where it is a number."""
    seen = np.isfinite(value)
    return np.where(seen, np.minimum(np.maximum(value, -_LARGEST), _LARGEST), 0.0), seen


def hold(values: Floats, seen: Bools) -> Floats:
    """Every value that is not seen replaced by the last one that was, along the first axis; the first row stays."""
    rows = np.maximum.accumulate(np.where(seen, np.arange(len(values))[:, None], 0), axis=0)
    return np.take_along_axis(values, rows, axis=0)


def scan(keep: Floats, add: Floats) -> Floats:
    """``y[i] = keep[i] * y[i-1] + add[i]`` along the first axis, where ``|keep| <= 1`` [shape=(n, k)]."""
    y, keep = add.copy(), np.array(np.broadcast_to(keep, add.shape))
    reach = 1
    while reach < len(y):
        y[reach:] += keep[reach:] * y[:-reach]
        keep[reach:] = keep[reach:] * keep[:-reach]
        reach *= 2
    return y


@dataclass(frozen=True, slots=True)
class Shown:
    """State of a filter that knows only where it is."""

    pose: Floats


@dataclass(frozen=True, slots=True)
class Ema(Causal[Shown]):
    """Exponential moving average: every ``time_constant`` seconds 63 % of the way. Never overshoots."""

    time_constant: float

    @classmethod
    def from_smoothing_factor(cls, factor: float) -> Self:
        """What ``y = factor * y + (1 - factor) * x`` does at 60 samples a second, at any rate; factor 0 to 0.999."""
        if not 0 <= factor <= 0.999:
            raise ValueError(f"smoothing factor {factor} is not within 0 and 0.999")
        return cls(-1 / (60 * math.log(factor)) if factor else 0.0)

    def step(self, state: Shown | None, value: Floats, dt: float) -> tuple[Shown, Floats]:
        """Take the next row."""
        value, seen = clean_row(value)
        if state is None:
            return Shown(value), value
        if not dt >= SHORTEST:
            return state, state.pose
        share = 1 - math.exp(-min(dt, LONGEST) / self.time_constant) if self.time_constant else 1.0
        pose = state.pose + np.where(seen, share * (value - state.pose), 0.0)
        return Shown(pose), pose

    def _run(self, values: Floats, seen: Bools, dt: Floats, gaps: Bools) -> Floats:
        share = -np.expm1(-dt / self.time_constant) if self.time_constant else np.ones(len(dt))
        return _approach(values, seen, np.broadcast_to(share[:, None], values.shape))


def _approach(values: Floats, seen: Bools, share: Floats) -> Floats:
    """Go a share of the way to every value that is seen, from the first one."""
    share = np.where(seen, share, 0.0)
    add = share * values
    add[0] = values[0]
    return scan(1 - share, add)


@dataclass(frozen=True, slots=True)
class OneEuroState:
    pose: Floats
    value: Floats
    """The sample before."""
    known: Bools
    """Whether it was a number."""
    speed: Floats
    """Smoothed, units a second."""


@dataclass(frozen=True, slots=True)
class OneEuro(Causal[OneEuroState]):
    """Exponential moving average that follows fast movement closely and slow movement calmly (Casiez et al. 2012).

    The cut-off rises with the speed: ``cutoff + beta * |speed|``. Shares are exact (``1 - exp``) where the paper's are
    of first order, so that the frame rate does not matter. After a gap the speed starts from 0, so that the way back is
    taken calmly.
    """

    cutoff: float
    """Hertz at rest."""
    beta: float | Floats
    """Hertz per unit a second, for every axis or each [shape=(k,)]."""
    speed_cutoff: float = 1.0
    """Hertz of the speed's own average; the paper's value."""

    def step(self, state: OneEuroState | None, value: Floats, dt: float) -> tuple[OneEuroState, Floats]:
        """Take the next row."""
        value, seen = clean_row(value)
        if state is None:
            return OneEuroState(value, value, seen, np.zeros_like(value)), value
        if not dt >= SHORTEST:
            return state, state.pose
        moving = state.known & seen if dt <= LONGEST else np.zeros_like(seen)
        dt = min(dt, LONGEST)
        steady = math.exp(-2 * math.pi * self.speed_cutoff * dt)
        speed = np.where(moving, steady * state.speed + (1 - steady) / dt * (value - state.value), 0.0)
        share = np.where(seen, -np.expm1(-2 * math.pi * dt * (self.cutoff + self.beta * np.abs(speed))), 0.0)
        pose = state.pose + share * (value - state.pose)
        return OneEuroState(pose, value, seen, speed), pose

    def _run(self, values: Floats, seen: Bools, dt: Floats, gaps: Bools) -> Floats:
        dt = dt[:, None]
        moving = seen & ~gaps[:, None]
        moving[1:] &= seen[:-1]
        moving[0] = False
        steady = np.exp(-2 * math.pi * self.speed_cutoff * dt)
        add = np.zeros_like(values)
        add[1:] = ((1 - steady) / dt)[1:] * np.diff(values, axis=0)
        speed = scan(np.where(moving, steady, 0.0), np.where(moving, add, 0.0))
        return _approach(values, seen, -np.expm1(-2 * math.pi * dt * (self.cutoff + self.beta * np.abs(speed))))


@dataclass(frozen=True, slots=True)
class KalmanState:
    pose: Floats
    speed: Floats
    spread: tuple[float, float, float]
    """Variance of the pose, covariance, variance of the speed; the same for all axes."""


@dataclass(frozen=True, slots=True)
class Kalman(Causal[KalmanState]):
    """Kalman filter of a pose at constant velocity, shaken by white acceleration and seen through white noise.

    Only the ratio of the two noises matters. It is given as the natural frequency of the filter that results
    (continuous and steady: ``s^2 + sqrt(2) w s + w^2``), so one value serves all axes and units. No lag behind uniform
    movement; a step is overshot by about a fifth, which is why limits follow. It starts, and starts again after a gap,
    at rest and in its steady state: an unknown speed would make it twitch at its first samples.
    """

    frequency: float
    """Hertz."""

    def step(self, state: KalmanState | None, value: Floats, dt: float) -> tuple[KalmanState, Floats]:
        """Take the next row."""
        value, seen = clean_row(value)
        if state is None:
            return KalmanState(value, np.zeros_like(value), self._steady()), value
        if not dt >= SHORTEST:
            return state, state.pose
        speed = state.speed if dt <= LONGEST else np.zeros_like(value)
        dt = min(dt, LONGEST)
        spread, gain, speed_gain = self._gains(state.spread, dt)
        guess = state.pose + dt * speed
        error = value - guess
        pose = np.where(seen, guess + gain * error, state.pose)
        speed = np.where(seen, speed + speed_gain * error, 0.0)
        return KalmanState(pose, speed, spread), pose

    def _run(self, values: Floats, seen: Bools, dt: Floats, gaps: Bools) -> Floats:
        gains = np.zeros((2, len(dt)))
        spread = self._steady()
        for index, step in enumerate(dt.tolist()):
            if index:
                spread, gains[0, index], gains[1, index] = self._gains(spread, step)
        gain, speed_gain = gains[:, :, None]
        dt, lasts = dt[:, None], ~gaps[:, None]
        # One row of the recursion: (pose, speed) = [[a, b], [c, d]] (pose, speed) + (pose_add, speed_add).
        a, b = np.where(seen, 1 - gain, 1.0), np.where(seen & lasts, (1 - gain) * dt, 0.0)
        c, d = np.where(seen, -speed_gain, 0.0), np.where(seen & lasts, 1 - speed_gain * dt, 0.0)
        pose, speed = np.where(seen, gain * values, 0.0), np.where(seen, speed_gain * values, 0.0)
        pose[0] = values[0]
        reach = 1
        while reach < len(values):
            new, old = slice(reach, None), slice(None, -reach)
            pose[new], speed[new] = (
                pose[new] + a[new] * pose[old] + b[new] * speed[old],
                speed[new] + c[new] * pose[old] + d[new] * speed[old],
            )
            a[new], b[new], c[new], d[new] = (
                a[new] * a[old] + b[new] * c[old],
                a[new] * b[old] + b[new] * d[old],
                c[new] * a[old] + d[new] * c[old],
                c[new] * b[old] + d[new] * d[old],
            )
            reach *= 2
        return pose

    def _steady(self) -> tuple[float, float, float]:
        """Spread of the continuous filter, for a noise of the samples of 1 per hertz."""
        w = 2 * math.pi * self.frequency
        return math.sqrt(2) * w, w**2, math.sqrt(2) * w**3

    def _gains(self, spread: tuple[float, float, float], dt: float) -> tuple[tuple[float, float, float], float, float]:
        """Spread after ``dt`` seconds and a sample, and what the pose and the speed take of the sample's surprise."""
        shake = (2 * math.pi * self.frequency) ** 4
        pose, both, speed = spread
        pose += dt * (2 * both + dt * (speed + shake * dt / 3))
        both += dt * (speed + shake * dt / 2)
        speed += shake * dt
        total = pose + 1 / dt
        gain, speed_gain = pose / total, both / total
        return ((1 - gain) * pose, (1 - gain) * both, speed - speed_gain * both), gain, speed_gain


@dataclass(frozen=True, slots=True)
class LinearState:
    pose: Floats
    value: Floats
    """The last that was a number."""
    left: Floats
    """Seconds until it is to be reached."""


@dataclass(frozen=True, slots=True)
class Linear(Causal[LinearState]):
    """Straight lines with a greatest speed: the cheapest, for weak machines.

    A new value is reached ``duration`` seconds later, so that values may come less often than frames: from a network
    run at 10 Hz to frames at 60. Where every frame has a new value it is an average over about this time.
    """

    duration: float
    speed: float | Floats
    """Most units a second, for every axis or each [shape=(k,)]."""

    def step(self, state: LinearState | None, value: Floats, dt: float) -> tuple[LinearState, Floats]:
        """Take the next row."""
        value, seen = clean_row(value)
        if state is None:
            return LinearState(value, value, np.full_like(value, self.duration)), value
        if not dt >= SHORTEST:
            return state, state.pose
        dt = min(dt, LONGEST)
        value = np.where(seen, value, state.value)
        left = np.where(np.abs(value - state.value) < _SAME, state.left, self.duration)
        most = self.speed * dt
        way = dt / np.maximum(left, dt) * (value - state.pose)
        pose = state.pose + np.where(seen, np.minimum(np.maximum(way, -most), most), 0.0)
        return LinearState(pose, value, np.where(seen, left - dt, left)), pose

    def _run(self, values: Floats, seen: Bools, dt: Floats, gaps: Bools) -> Floats:
        values = hold(values, seen)
        passed = np.cumsum(np.where(seen, dt[:, None], 0.0), axis=0) - np.where(seen, dt[:, None], 0.0)
        new = np.ones_like(seen)
        new[1:] = np.abs(np.diff(values, axis=0)) >= _SAME
        # The first value is there from the start, so its time counts from the row after it.
        passed[0] = passed[1] if len(passed) > 1 else 0.0
        left = self.duration - (passed - hold(passed, new))
        share = np.where(seen, dt[:, None] / np.maximum(left, dt[:, None]), 0.0)
        poses = _approach(values, seen, share)
        most = np.broadcast_to(self.speed * dt[:, None], values.shape)
        if (np.abs(np.diff(poses, axis=0)) <= most[1:]).all():
            return poses
        pose = values[0]
        for index in range(1, len(values)):  # where the speed is cut the recursion is not linear
            way = share[index] * (values[index] - pose)
            pose = poses[index] = pose + np.minimum(np.maximum(way, -most[index]), most[index])
        return poses


@dataclass(frozen=True, slots=True)
class Butterworth(Filter):
    """Zero-phase low pass of a whole take: a Butterworth filter run forwards, then backwards.

    Delays nothing and moves no peak. ``cutoff`` is where both runs together halve the power (Winter 2009, section 3.4).
    Missing values are bridged by straight lines; the ends are continued by their reflection through the end point, so
    that a movement that starts or ends the take keeps its slope. Each pair of poles is a second-order section; the
    sections stand in parallel (partial fractions), where each is a geometric sum that doublings give.
    """

    cutoff: float
    """Hertz."""
    order: int = 2
    """Of each run."""

    def run(self, values: Floats, dt: float | Floats) -> Floats:
        """Smooth rows; unevenly spaced ones by way of an even grid."""
        values = np.asarray(values, np.float64)
        count = len(values)
        if count < 3:
            return np.where(np.isfinite(values), np.clip(values, -_LARGEST, _LARGEST), 0.0)
        steps = np.broadcast_to(np.asarray(dt, np.float64), count)[1:]
        steps = np.where(steps >= 0, np.minimum(steps, 1e6), 0.0)
        times = np.concatenate([[0.0], np.cumsum(steps)])
        even = np.linspace(0.0, times[-1], count)
        if not times[-1] / (count - 1) >= SHORTEST:
            return bridge(values)
        uneven = not np.allclose(times, even, rtol=0, atol=1e-6 * even[1])
        columns = [np.interp(even, times, column) if uneven else column for column in bridge(values).T]
        smooth = self._both_ways(np.stack(columns, axis=1), 1 / even[1])
        if uneven:
            smooth = np.stack([np.interp(times, even, column) for column in smooth.T], axis=1)
        return smooth

    def _both_ways(self, values: Floats, rate: float) -> Floats:
        warped = math.tan(math.pi * self.cutoff / rate) if self.cutoff < 0.45 * rate else 0.0
        if not warped:
            return values  # what would be cut is not there
        warped /= (math.sqrt(2) - 1) ** (1 / (2 * self.order))  # two runs
        edge = math.ceil(3 * rate / self.cutoff)
        long = np.pad(values, ((edge, edge), (0, 0)), mode="reflect", reflect_type="odd")
        for _ in range(2):
            start = long[0]
            long = (_low_pass(long - start, warped, self.order) + start)[::-1]  # at rest at its first value
        return long[edge : edge + len(values)]


def _low_pass(values: Floats, warped: float, order: int) -> Floats:
    """One run of the bilinear transform of a Butterworth low pass, from rest; ``warped`` is the tangent of the edge."""
    analogue = warped * np.exp(1j * math.pi * (2 * np.arange(order) + order + 1) / (2 * order))
    poles = (1 + analogue) / (1 - analogue)
    gain = np.prod((1 - poles) / 2).real  # 1 at 0 Hz
    # H(z) = gain * prod((1 + 1/z) / (1 - p/z)) = direct + sum(part / (1 - p/z))
    direct = gain * np.prod(-1 / poles).real
    smooth = direct * values
    for index, pole in enumerate(poles):
        if pole.imag < -1e-12:
            continue  # its conjugate stands for both
        part = gain * (1 + 1 / pole) ** order / np.prod(1 - np.delete(poles, index) / pole)
        both = 2.0 if pole.imag > 1e-12 else 1.0
        smooth = smooth + both * (part * _geometric(values, pole)).real
    return np.asarray(smooth)


def _geometric(values: Floats, pole: complex) -> NDArray[np.complex128]:
    """``y[i] = pole * y[i-1] + values[i]`` from rest."""
    y = values.astype(np.complex128)
    reach, weight = 1, pole
    while reach < len(y) and abs(weight) > 1e-18:
        y[reach:] += weight * y[:-reach]
        reach, weight = 2 * reach, weight * weight
    return y


def bridge(values: Floats) -> Floats:
    """Missing values joined by straight lines, ends held, 0 where there is nothing [shape=(n, k)]."""
    bridged = np.clip(values, -_LARGEST, _LARGEST)
    for column, original in zip(bridged.T, values.T, strict=True):
        seen = np.isfinite(original)
        if not seen.all():
            index = np.arange(len(column))
            column[:] = np.interp(index, index[seen], column[seen]) if seen.any() else 0.0
    return bridged
