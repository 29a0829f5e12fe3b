"""The filters: the stream is the batch, nothing jumps, gaps are held, and each does what its name says."""

import math
import timeit

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from linly_blender.pose.filters import LONGEST, SHORTEST, Butterworth, Causal, Ema, Kalman, Linear, OneEuro

CAUSAL = {
    "ema": Ema.from_smoothing_factor(0.8),
    "none": Ema(0.0),
    "one_euro": OneEuro(1.5, np.array([2.0, 5.0])),
    "kalman": Kalman(3.0),
    "linear": Linear(0.1, np.array([0.5, 2.0])),
}
NO_OVERSHOOT = ("ema", "none", "one_euro", "linear")
each = pytest.mark.parametrize("filter_", CAUSAL.values(), ids=CAUSAL)

wild = st.one_of(
    st.floats(-3, 3),
    st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True),
    st.sampled_from([math.nan, math.inf, -math.inf, 5e-324, 1e308, -1e308, 0.0]),
)
tame = st.floats(-3, 3)
moments = st.one_of(
    st.sampled_from([1 / 60, 1 / 24, 1 / 120, 0.01, 0.0, 1e-5, 0.5, 30.0, math.nan, math.inf, -1.0]),
    st.floats(1e-3, 0.09),
)


@st.composite
def streams(draw, elements=wild, moments=moments):
    count = draw(st.integers(1, 60))
    values = draw(arrays(np.float64, (count, 2), elements=elements))
    return values, np.array(draw(st.lists(moments, min_size=count, max_size=count)))


def streamed(filter_: Causal, values, dt):
    state, rows = None, []
    for value, step in zip(values, np.broadcast_to(dt, len(values)), strict=True):
        state, row = filter_.step(state, value, float(step))
        rows.append(row)
    return np.array(rows)


@each
@given(streams())
def test_the_batch_is_the_stream(filter_, stream):
    values, dt = stream
    out = streamed(filter_, values, dt)
    assert np.isfinite(out).all()
    assert filter_.run(values, dt) == pytest.approx(out, rel=1e-9, abs=1e-9 * max(1.0, np.abs(out).max()))


@each
@given(streams(elements=tame), st.integers(0, 60))
def test_a_state_can_be_kept_and_taken_up_again(filter_, stream, cut):
    values, dt = stream
    state = None
    for value, step in zip(values[:cut], dt[:cut], strict=True):
        state, _ = filter_.step(state, value, step)
    futures = []
    for _ in range(2):
        going = state
        rows = []
        for value, step in zip(values[cut:], dt[cut:], strict=True):
            going, row = filter_.step(going, value, step)
            rows.append(row)
        futures.append(rows)
    assert np.array_equal(futures[0], futures[1])
    assert np.array_equal(np.array(futures[0]).reshape(-1, 2), streamed(filter_, values, dt)[cut:])


@pytest.mark.parametrize("name", NO_OVERSHOOT)
@given(streams())
def test_nothing_leaves_the_values_it_has_seen(name, stream):
    values, dt = stream
    out = CAUSAL[name].run(values, dt)
    seen = np.where(np.isfinite(values), np.clip(values, -1e6, 1e6), np.nan)
    seen[0] = np.nan_to_num(seen[0])
    margin = 1e-9 * max(1.0, np.nanmax(np.abs(seen)))
    assert (out <= np.fmax.accumulate(seen) + margin).all()
    assert (out >= np.fmin.accumulate(seen) - margin).all()


@each
@given(arrays(np.float64, 2, elements=tame), st.lists(moments, min_size=1, max_size=50))
def test_what_rests_stays(filter_, value, dt):
    out = filter_.run(np.tile(value, (len(dt), 1)), np.array(dt))
    assert out == pytest.approx(np.tile(value, (len(dt), 1)), abs=1e-12)


@each
@pytest.mark.parametrize("gap", ["missing", "infinite", "late"])
def test_a_gap_is_held_and_left_without_a_jump(filter_, gap):
    """After any gap, the first step is no longer than the first step after a plain jump of the same height."""
    rate = 60
    before, after = np.zeros((rate, 2)), np.ones((rate, 2))
    plain = filter_.run(np.concatenate([before, after]), 1 / rate)
    leap = (plain[rate] - plain[rate - 1]).max()
    if gap == "late":
        dt = np.full(2 * rate, 1 / rate)
        dt[rate] = 5.0
        out = filter_.run(np.concatenate([before, after]), dt)
        slow = filter_.run(np.concatenate([before, after[:1]]), np.where(dt[: rate + 1] > 1, LONGEST, dt[: rate + 1]))
        assert (out[rate] <= slow[rate] + 1e-12).all()
    else:
        void = np.full((rate, 2), math.nan if gap == "missing" else math.inf)
        out = filter_.run(np.concatenate([before, void, after]), 1 / rate)
        assert np.abs(np.diff(out[rate - 1 : 2 * rate], axis=0)).max() == 0.0
        assert (out[2 * rate] - out[2 * rate - 1]).max() <= leap + 1e-12
    assert out[-1] == pytest.approx(plain[-1], abs=0.05)


@each
def test_one_axis_missing_leaves_the_others_alone(filter_):
    values = np.cumsum(np.random.default_rng(0).normal(size=(200, 2)), axis=0)
    whole = filter_.run(values, 0.01)
    values[50:90, 0] = math.nan
    assert np.array_equal(filter_.run(values, 0.01)[:, 1], whole[:, 1])


def test_the_average_is_the_same_at_every_frame_rate():
    jumps = np.repeat(np.sin(np.arange(60) * 2.0), 4)[:, None]
    fast, slow = CAUSAL["ema"].run(jumps, 1 / 120)[3::4], CAUSAL["ema"].run(jumps[::4], 1 / 30)
    assert fast[1:] == pytest.approx(slow[1:], abs=1e-9)


@pytest.mark.parametrize("name", ["ema", "one_euro", "kalman"])
def test_a_movement_is_the_same_at_every_frame_rate(name):
    """A value counts for the time before it, so that half the time between two samples is all the difference."""
    rates = (30, 120)
    slow, fast = (
        CAUSAL[name].run(np.sin(6 * np.arange(2 * rate) / rate)[:, None] * [0.1, 0.1], 1 / rate) for rate in rates
    )
    assert np.abs(fast[::4] - slow).max() <= 0.6 * 0.6 * (1 / 30 - 1 / 120)


def test_a_smoothing_factor_is_the_articles_at_60_frames():
    out = Ema.from_smoothing_factor(0.75).run(np.array([[0.0], [1.0], [1.0]]), 1 / 60)
    assert out[:, 0] == pytest.approx([0, 0.25, 0.4375])
    for wrong in (-0.1, 1.0, math.nan):
        with pytest.raises(ValueError, match="smoothing factor"):
            Ema.from_smoothing_factor(wrong)


def test_kalman_does_not_lag_behind_uniform_movement():
    ramp = np.arange(300)[:, None] / 60
    assert CAUSAL["kalman"].run(ramp, 1 / 60)[-1] == pytest.approx(ramp[-1], abs=1e-6)
    assert Ema(0.1).run(ramp, 1 / 60)[-1] < ramp[-1] - 0.08


def test_kalman_is_as_wide_as_it_says():
    """The steady filter is s^2 + sqrt(2) w s + w^2 with w as given: its gain at w is sqrt(3/2)."""
    frequency, rate = 2.0, 1000
    wave = np.exp(2j * math.pi * frequency * np.arange(5 * rate) / rate)
    parts = np.stack([wave.real, wave.imag], axis=1)
    out = Kalman(frequency).run(parts, 1 / rate)[-1]
    assert math.hypot(*out) == pytest.approx(math.sqrt(1.5), rel=0.01)


def test_one_euro_is_calm_at_rest_and_quick_in_movement():
    dice = np.random.default_rng(0)
    noise = 0.01 * dice.normal(size=(600, 1))
    filter_ = OneEuro(1.0, 5.0)
    assert filter_.run(noise, 1 / 60).std() < 0.4 * noise.std()
    ramp = np.maximum(np.arange(600)[:, None] / 60 - 2, 0)
    lag = (ramp - filter_.run(ramp, 1 / 60))[-1, 0]
    assert lag < 0.25 * (ramp - OneEuro(1.0, 0.0).run(ramp, 1 / 60))[-1, 0]


def test_linear_draws_straight_lines_between_values_that_come_seldom():
    values = np.repeat([0.0, 1.0, 3.0, 2.0], 6)[:, None]  # 10 Hz
    out = Linear(0.1, 100.0).run(values, 1 / 60)[:, 0]
    assert out[5:] == pytest.approx(np.interp(np.arange(19), [0, 6, 12, 18], [0, 1, 3, 2]))


def test_linear_is_never_faster_than_it_may():
    out = Linear(0.1, 0.5).run(np.array([[0.0]] * 3 + [[1.0]] * 300), 1 / 60)[:, 0]
    assert np.diff(out).max() == pytest.approx(0.5 / 60)
    assert out[-1] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_butterworth_halves_the_power_at_its_cutoff_and_shifts_nothing(order):
    times = np.arange(3000) / 100
    filter_ = Butterworth(6.0, order)
    for frequency in (1.0, 3.0, 6.0, 9.0, 20.0):
        wave = np.sin(2 * math.pi * frequency * times)
        out = filter_.run(wave[:, None], 0.01)[:, 0][500:2500]
        warp = math.tan(math.pi * frequency / 100) / math.tan(math.pi * 6 / 100)
        share = (math.sqrt(2) - 1) * warp ** (2 * order)
        assert out == pytest.approx(wave[500:2500] / (1 + share), abs=1e-3)


@given(st.integers(3, 200), st.floats(-5, 5), st.floats(-5, 5), st.sampled_from([24, 60, 100]))
def test_butterworth_keeps_a_straight_line_to_its_very_ends(count, start, slope, rate):
    line = start + slope * np.arange(count)[:, None] / rate
    assert Butterworth(6.0).run(line, 1 / rate) == pytest.approx(line, abs=1e-4)


@given(streams())
@settings(max_examples=200)
def test_butterworth_gives_numbers_whatever_comes(stream):
    values, dt = stream
    out = Butterworth(6.0).run(values, dt)
    assert out.shape == values.shape
    assert np.isfinite(out).all()


def test_butterworth_bridges_gaps_and_uneven_times():
    dice = np.random.default_rng(3)
    times = np.sort(dice.uniform(0, 10, 1000))
    wave = np.sin(times)[:, None]
    assert Butterworth(6.0).run(wave, np.diff(times, prepend=times[0])) == pytest.approx(wave, abs=0.02)
    even = np.sin(np.arange(1000) / 100)[:, None]
    holed = np.where(dice.random((1000, 1)) < 0.1, math.nan, even)
    assert Butterworth(6.0).run(holed, 0.01) == pytest.approx(even, abs=0.01)


@pytest.mark.parametrize("filter_", [*CAUSAL.values(), Butterworth(6.0)])
def test_nothing_at_all(filter_):
    assert filter_.run(np.zeros((0, 2)), 0.01).shape == (0, 2)
    assert filter_.run(np.ones((1, 2)), 0.01).tolist() == [[1, 1]]


def test_moments_too_close_are_one():
    state, first = CAUSAL["ema"].step(None, np.zeros(2), 0.0)
    assert CAUSAL["ema"].step(state, np.ones(2), SHORTEST / 2)[0] is state
    assert first.tolist() == [0, 0]


@pytest.mark.parametrize("filter_", [*CAUSAL.values(), Butterworth(6.0)])
def test_a_minute_is_smoothed_a_thousand_times_faster_than_it_lasts(filter_):
    take = np.cumsum(np.random.default_rng(0).normal(size=(3600, 2)), axis=0) / 100
    assert min(timeit.repeat(lambda: filter_.run(take, 1 / 60), number=1, repeat=5)) < 60 / 1000


@each
def test_a_step_takes_less_than_50_microseconds(filter_):
    state, _ = filter_.step(None, np.zeros(2), 0.0)
    value = np.ones(2)
    assert min(timeit.repeat(lambda: filter_.step(state, value, 1 / 60), number=200, repeat=10)) / 200 < 50e-6
