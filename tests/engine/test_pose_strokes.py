"""Strokes: the one kind of movement everything deliberate is made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linly_blender.pose.strokes import PITCH, STEP, YAW, Strokes, sample, smooth

times = st.floats(-1, 5)


@given(st.lists(st.tuples(times, st.floats(0.02, 2), st.floats(-1, 1)), min_size=1, max_size=20))
def test_a_curve_ends_where_its_strokes_add_up_to(steps):
    strokes = Strokes()
    for start, duration, delta in steps:
        strokes.step(PITCH, start, duration, delta)
    curve = strokes.render(PITCH, 800)
    assert curve[-1] == pytest.approx(sum(delta for _, _, delta in steps), abs=1e-9)


@given(st.floats(0, 3), st.floats(0.05, 2), st.floats(0.1, 1))
def test_a_stroke_starts_and_ends_at_rest_and_does_not_overshoot(start, duration, delta):
    strokes = Strokes()
    strokes.step(YAW, start, duration, delta)
    curve = strokes.render(YAW, 600)
    at = np.arange(600) * STEP
    assert np.diff(curve).min() >= -1e-12
    assert np.all(curve[at <= start] == pytest.approx(0, abs=1e-12))
    assert np.all(curve[at >= start + duration] == pytest.approx(delta, abs=1e-9))
    assert strokes.channels == (YAW,)


def test_what_happened_before_the_beginning_is_done():
    strokes = Strokes()
    strokes.step(PITCH, -1.0, 0.5, 0.4)
    assert strokes.render(PITCH, 10) == pytest.approx(0.4)


def test_a_path_rests_at_every_knot():
    strokes = Strokes()
    strokes.path(PITCH, ((0.5, 0.0), (0.7, -1.0), (1.2, 0.0)), 0.1)
    curve = strokes.render(PITCH, 200)
    assert curve[70] == pytest.approx(-0.1)
    assert curve.argmin() == 70
    assert curve[-1] == pytest.approx(0, abs=1e-12)


def test_sampling_reads_knots_exactly_and_smooth_curves_between_them_well():
    grid = np.arange(300) * STEP
    curve = np.sin(2 * np.pi * grid)
    assert np.allclose(sample(curve, grid[:-1]), curve[:-1], atol=1e-12)
    between = grid[1:-2] + 0.37 * STEP
    assert np.allclose(sample(curve, between), np.sin(2 * np.pi * between), atol=1e-4)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=80), st.floats(0.02, 1))
def test_averaging_stays_inside_and_keeps_what_is_constant(values, seconds):
    curve = np.array(values)
    out = smooth(curve, seconds)
    assert len(out) == len(curve)
    assert out.max() <= curve.max() + 1e-9
    assert out.min() >= curve.min() - 1e-9
    assert np.allclose(smooth(np.full(50, 0.3), seconds), 0.3)
