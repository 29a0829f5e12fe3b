"""Key reduction: what is left is within the bound, hits what must be hit, and is little."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from linly_blender.errors import UserError
from linly_blender.keys import Keys, largest_errors, reduce_curves

curves = arrays(
    np.float64, st.tuples(st.integers(1, 60), st.integers(1, 5)), elements=st.floats(0, 1, width=16)
)  # fmt: skip


def speech_like(seconds: float, count: int, seed: int = 0) -> np.ndarray:
    """Bumps of 70-300 ms, a few a second, at 60 frames a second [shape=(n, count)]."""
    rng = np.random.default_rng(seed)
    times = np.arange(int(seconds * 60)) / 60
    values = np.zeros((len(times), count))
    for column in values.T:
        rate = rng.uniform(0.3, 5)
        for centre in rng.uniform(0, seconds, int(rate * seconds)):
            near = slice(*np.searchsorted(times, [centre - 0.6, centre + 0.6]))
            width = rng.uniform(0.03, 0.12)
            column[near] += rng.uniform(0.1, 0.8) * np.exp(-0.5 * ((times[near] - centre) / width) ** 2)
    return np.clip(values, 0, 1)


@given(curves, st.floats(1e-4, 0.2))
@settings(deadline=None)
def test_no_frame_is_off_by_more_than_the_tolerance(values: np.ndarray, tolerance: float) -> None:
    keys = reduce_curves(values, np.full(values.shape[1], tolerance))
    assert (largest_errors(values, keys) <= tolerance + 1e-12).all()
    for column, curve in zip(values.T, keys, strict=True):
        assert (np.diff(curve.frames) > 0).all()
        np.testing.assert_array_equal(curve.values, column[curve.frames])


@given(curves, st.floats(1e-3, 0.2))
@settings(deadline=None)
def test_group_shares_frames_and_bounds_the_length_of_its_error(values: np.ndarray, tolerance: float) -> None:
    keys = reduce_curves(values, np.full(values.shape[1], tolerance), groups=np.zeros(values.shape[1], int))
    played = np.column_stack([curve.at(np.arange(len(values))) for curve in keys])
    assert np.linalg.norm(played - values, axis=1).max() <= tolerance + 1e-12
    for curve in keys:
        np.testing.assert_array_equal(curve.frames, keys[0].frames)


@given(curves, st.data())
@settings(deadline=None)
def test_protected_frames_are_keys(values: np.ndarray, data: st.DataObject) -> None:
    protect = data.draw(arrays(bool, values.shape))
    values = values + np.linspace(0, 1, len(values))[:, None]
    keys = reduce_curves(values, np.full(values.shape[1], 0.01), protect=protect)
    for column, curve in enumerate(keys):
        if np.ptp(values[:, column]) > 0.01:
            assert set(np.flatnonzero(protect[:, column])) <= set(curve.frames)


@given(arrays(float, st.integers(3, 40), elements=st.floats(0, 1, width=16)), st.floats(0.01, 0.3))
@settings(deadline=None)
def test_turning_points_that_stand_out_are_keys_and_level(column: np.ndarray, tolerance: float) -> None:
    """Compared with prominence measured one by one, the slow way."""
    (curve,) = reduce_curves(column[:, None], [tolerance])
    for sign in (1, -1):
        hill = sign * column
        for frame in range(1, len(hill) - 1):
            if not (hill[frame] > hill[frame - 1] and hill[frame] > hill[frame + 1]):
                continue
            higher_left = np.flatnonzero(hill[:frame] >= hill[frame])
            higher_right = np.flatnonzero(hill[frame + 1 :] >= hill[frame])
            left = hill[higher_left[-1] if len(higher_left) else 0 : frame].min()
            right = hill[frame + 1 : frame + 2 + higher_right[0] if len(higher_right) else None].min()
            if hill[frame] - max(left, right) > tolerance * 1.001:
                at = np.searchsorted(curve.frames, frame)
                assert at < len(curve.frames)
                assert curve.frames[at] == frame
                assert curve.slopes[at] == 0


def test_both_ends_of_a_plateau_are_keys() -> None:
    column = np.array([0, 0.2, 0.6, 1, 1, 1, 1, 0.5, 0.2, 0.1, 0])
    (curve,) = reduce_curves(column[:, None], [0.002])
    assert {3, 6} <= set(curve.frames)
    np.testing.assert_allclose(curve.at(np.linspace(3, 6, 31)), 1)


def test_segments_are_beziers_with_handles_at_a_third() -> None:
    curve = Keys(np.array([2, 8]), np.array([0.1, 0.7]), np.array([0.05, -0.2]))
    points = np.array([[2, 0.1], [4, 0.1 + 0.05 * 2], [6, 0.7 + 0.2 * 2], [8, 0.7]])
    t = np.linspace(0, 1, 50)[:, None]
    bezier = (
        (1 - t) ** 3 * points[0] + 3 * (1 - t) ** 2 * t * points[1] + 3 * (1 - t) * t**2 * points[2] + t**3 * points[3]
    )
    np.testing.assert_allclose(curve.at(bezier[:, 0]), bezier[:, 1], atol=1e-12)
    np.testing.assert_allclose(curve.at([-5, 100]), [0.1, 0.7])


def test_a_still_curve_has_one_key() -> None:
    values = np.column_stack([np.zeros(500), np.full(500, 0.3), 0.3 + 0.0004 * np.sin(np.arange(500))])
    assert [len(curve) for curve in reduce_curves(values, np.full(3, 0.002))] == [1, 1, 1]


def test_one_frame_is_enough() -> None:
    (curve,) = reduce_curves([[0.4]], [0.002])
    assert curve.at([0, 3]).tolist() == [0.4, 0.4]


def test_a_minute_of_speech_becomes_few_keys() -> None:
    values = speech_like(60, 52)
    keys = reduce_curves(values, np.full(52, 0.002))
    assert sum(len(curve) for curve in keys) < 0.25 * values.size


@pytest.mark.parametrize(
    ("values", "tolerance", "said"),
    [([[np.nan], [0]], 0.01, "NaN"), ([[0.0], [1.0]], 0.0, "above 0"), (np.empty((0, 1)), 0.01, "no frames")],
)
def test_bad_input_is_refused(values: object, tolerance: float, said: str) -> None:
    with pytest.raises(UserError, match=said):
        reduce_curves(values, [tolerance])  # type: ignore[arg-type]
