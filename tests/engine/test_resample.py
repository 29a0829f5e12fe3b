"""Frames at another rate: curves keep their course, closures and blinks their moment."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.arkit import INDEX, SHAPES
from linly_blender.errors import UserError
from linly_blender.performance import Frames
from linly_blender.resample import resample
from linly_blender.score import Phone

RATES = (23.976, 24.0, 25.0, 30000 / 1001, 30.0, 48.0, 50.0, 60.0, 60000 / 1001, 120.0, float(Fraction(25, 3)))


def silent(seconds: float = 4, fps: float = 60) -> Frames:
    count = int(seconds * fps) + 1
    zeros = np.zeros((count, 10), np.float32)
    return Frames(fps, np.zeros((count, len(SHAPES)), np.float32), zeros[:, :6], zeros[:, 6:8], zeros[:, 8])


def talking(closure: float, width: float = 0.05) -> Frames:
    """Mouth open but for ``width`` seconds around ``closure``."""
    frames = silent()
    away = np.abs(frames.times - closure)
    frames.shapes[:, INDEX["jawOpen"]] = 0.5 * np.clip((away - width / 2 + 0.02) / 0.04, 0, 1)
    frames.shapes[:, INDEX["eyeBlinkLeft"]] = np.exp(-0.5 * ((frames.times - 2.01) / 0.03) ** 2)
    return frames


@pytest.mark.parametrize("fps", RATES)
@given(closure=st.floats(0.5, 1.5))
@settings(max_examples=25, deadline=None)
def test_closures_survive_any_rate(fps: float, closure: float) -> None:
    phones = [Phone("m", closure - 0.03, closure + 0.03, 0, 0)]
    taken = talking(closure)
    made = resample(taken, fps, phones)
    jaw = made.frames.shapes[:, INDEX["jawOpen"]]
    (frame,) = made.closures
    assert jaw[frame] <= taken.shapes[:, INDEX["jawOpen"]].min() + 0.012
    assert abs(frame / fps - closure) <= 0.5 / fps + 1 / 60


@pytest.mark.parametrize("fps", RATES)
def test_blinks_close_as_far_as_they_did(fps: float) -> None:
    taken = talking(1.0)
    lid = INDEX["eyeBlinkLeft"]
    peak = taken.shapes[:, lid].max()
    assert resample(taken, fps).frames.shapes[:, lid].max() == pytest.approx(peak, abs=1e-6)


@pytest.mark.parametrize("fps", RATES)
def test_slow_curves_keep_their_course(fps: float) -> None:
    taken = silent()
    taken.head[:, 3] = np.sin(2 * np.pi * 0.7 * taken.times)
    taken.breath[:] = taken.times / 4
    made = resample(taken, fps).frames
    inside = made.times <= taken.times[-1]
    np.testing.assert_allclose(made.head[inside, 3], np.sin(2 * np.pi * 0.7 * made.times[inside]), atol=0.002)
    np.testing.assert_allclose(made.breath[inside], made.times[inside] / 4, atol=1e-5)
    assert made.fps == fps
    assert made.times[-1] >= taken.times[-1] - 1e-6
    assert made.times[-1] - taken.times[-1] < 1 / fps


def test_the_same_rate_changes_nothing() -> None:
    taken = talking(1.0)
    assert resample(taken, 60.0).frames is taken


def test_an_aspirated_stop_is_closed_before_its_middle() -> None:
    """tʰ-like release: the lips open long before the phone ends."""
    taken = talking(1.0)
    made = resample(taken, 24, [Phone("pʰ", 0.975, 1.2, 0, 0)])
    assert abs(made.closures[0] / 24 - 1.0) < 0.03


def test_shapes_stay_within_their_range() -> None:
    taken = silent()
    rng = np.random.default_rng(0)
    taken.shapes[:] = rng.integers(0, 2, taken.shapes.shape)
    made = resample(taken, 37.5).frames.shapes
    assert made.min() >= 0
    assert made.max() <= 1


@pytest.mark.parametrize("fps", [0.0, -24.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(fps: float) -> None:
    with pytest.raises(UserError, match="frame rate"):
        resample(silent(), fps)


def test_a_damaged_take_is_refused() -> None:
    taken = silent()
    taken.head[3, 4] = np.nan
    with pytest.raises(UserError, match="NaN"):
        resample(taken, 24)
    with pytest.raises(UserError, match="no frames"):
        resample(Frames(60, np.empty((0, 52)), np.empty((0, 6)), np.empty((0, 2)), np.empty(0)), 24)
