"""The limiter: bounded position, speed and acceleration, and never an overshoot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from linly_blender.pose.limits import limit, limit_acceleration, limit_position, limit_speed

STEP = 0.01
curves = arrays(np.float64, st.integers(2, 200), elements=st.floats(-3, 3, width=32))
bounds = st.tuples(st.floats(0.05, 2), st.floats(0.1, 20), st.floats(5, 200))


@given(curves, bounds)
def test_position_speed_and_acceleration_stay_within_their_limits(curve, bound):
    position, speed, acceleration = bound
    out = limit(curve, position, speed, acceleration, STEP)
    tolerance = 1 + 1e-6
    assert np.abs(out).max() <= position * tolerance
    assert np.abs(np.diff(out)).max() <= speed * STEP * tolerance + 1e-12
    if len(out) > 2:
        assert np.abs(np.diff(out, 2)).max() <= acceleration * STEP**2 * tolerance + 1e-9


@given(curves, bounds)
def test_smoothing_never_leaves_the_values_it_is_given(curve, bound):
    _, speed, acceleration = bound
    out = limit_acceleration(limit_speed(curve, speed, STEP), speed, acceleration, STEP)
    assert out.max() <= curve.max() + 1e-9
    assert out.min() >= curve.min() - 1e-9


@given(curves, bounds)
def test_a_rise_stays_a_rise(curve, bound):
    out = limit(np.sort(curve), *bound, STEP)
    assert np.diff(out).min() >= -1e-9


@given(curves)
def test_what_is_within_the_limits_is_left_alone(curve):
    assert np.array_equal(limit_position(curve, 100.0), curve)
    assert np.array_equal(limit_speed(curve, 1e6, STEP), curve)


def test_a_jump_is_taken_evenly_before_and_after():
    curve = np.repeat([0.0, 1.0], 100)
    out = limit_speed(curve, 2.0, STEP)
    assert out[99:101].mean() == pytest.approx(0.5, abs=0.02)
    assert np.abs(np.diff(out)).max() == pytest.approx(0.02, rel=1e-6)
