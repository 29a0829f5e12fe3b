"""Limits while a pose comes, and the whole last stage: whatever comes in, what goes out keeps them."""

import math
import timeit

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from linly_blender.errors import UserError
from linly_blender.pose.constraints import LIVE_SMOOTHINGS, SMOOTHINGS, Constraints, check_smoothing, make_filter
from linly_blender.pose.filters import LONGEST, SHORTEST
from linly_blender.pose.limits import Limiter, limit
from linly_blender.pose.styles import load_style

HEAD = Constraints.of_head(load_style("neutral").limits)
POSITION, SPEED, ACCELERATION = HEAD.limiter.position, HEAD.limiter.speed, HEAD.limiter.acceleration
STAGES = {name: Constraints.of_head(load_style("neutral").limits, name) for name in SMOOTHINGS}

values = st.one_of(
    st.floats(-0.5, 0.5),
    st.sampled_from([math.nan, math.inf, -math.inf, 5e-324, -5e-324, 1e308, -1e308, 0.0, 0.3, -0.3]),
)
moments = st.one_of(
    st.sampled_from([1 / 60, 1 / 24, 1 / 120, 0.01, 0.0, 1e-5, 0.5, 30.0, math.nan, math.inf, -1.0]),
    st.floats(1e-3, 0.09),
)


@st.composite
def streams(draw):
    """Values that jump and vanish, or rest and jump, at times that wander."""
    count = draw(st.integers(1, 60))
    if draw(st.booleans()):
        poses = draw(arrays(np.float64, (count, 6), elements=values))
    else:
        levels = draw(arrays(np.float64, (count // 12 + 1, 6), elements=values))
        poses = np.repeat(levels, 12, axis=0)[:count]
    even = draw(st.booleans())
    dt = [draw(moments)] * count if even else draw(st.lists(moments, min_size=count, max_size=count))
    return poses, np.array(dt)


def streamed(stage, poses, dt):
    state, rows = None, []
    for pose, step in zip(poses, dt, strict=True):
        state, row = stage.step(state, pose, float(step))
        rows.append(row)
    return np.array(rows)


def assert_within_limits(out, dt):
    """Position, speed and acceleration of what is shown, from rest and from rest after gaps."""
    assert np.isfinite(out).all()
    assert (np.abs(out) <= POSITION * (1 + 1e-9)).all()
    counts = dt >= SHORTEST
    counts[0] = True
    assert (np.diff(out, axis=0)[~counts[1:]] == 0).all()
    steps = np.minimum(dt[counts][1:], LONGEST)[:, None]
    speed = np.diff(out[counts], axis=0) / steps
    assert (np.abs(speed) <= SPEED * (1 + 1e-6) + 1e-9).all()
    speed_before = np.concatenate([np.zeros((1, 6)), speed])[:-1]
    speed_before[dt[counts][1:] > LONGEST] = 0.0
    assert (np.abs(speed - speed_before) <= ACCELERATION * steps * (1 + 1e-6) + 1e-9).all()


@given(streams())
@settings(max_examples=300)
def test_the_limiter_keeps_its_limits(stream):
    poses, dt = stream
    assert_within_limits(streamed(HEAD.limiter, poses, dt), dt)


@pytest.mark.parametrize("name", LIVE_SMOOTHINGS)
@given(streams())
def test_every_filter_keeps_the_limits_and_the_stream_is_the_batch(name, stream):
    poses, dt = stream
    out = streamed(STAGES[name], poses, dt)
    assert_within_limits(out, dt)
    assert STAGES[name].run(poses, dt) == pytest.approx(out, abs=1e-6)


@given(streams())
def test_the_filter_that_looks_ahead_keeps_the_limits_too(stream):
    poses, dt = stream
    assert_within_limits(STAGES["butterworth"].run(poses, dt), dt)


@pytest.mark.parametrize("name", SMOOTHINGS)
@given(arrays(np.float64, (80, 6), elements=st.floats(-1, 1)))
def test_a_baked_take_keeps_the_limits(name, take):
    out = STAGES[name].bake(take, 0.01)
    assert (np.abs(out) <= POSITION * (1 + 1e-9)).all()
    assert (np.abs(np.diff(out, axis=0)) <= SPEED * 0.01 * (1 + 1e-6)).all()
    assert (np.abs(np.diff(out, 2, axis=0)) <= ACCELERATION * 0.01**2 * (1 + 1e-6)).all()


def test_without_a_filter_a_take_is_only_limited():
    take = np.random.default_rng(0).normal(size=(500, 6)).cumsum(axis=0) / 50
    limited = [limit(take[:, axis], POSITION[axis], SPEED[axis], ACCELERATION[axis], 0.01) for axis in range(6)]
    assert np.array_equal(HEAD.bake(take, 0.01), np.stack(limited, axis=1))


@given(st.floats(0.3, 2.5), st.floats(0, 6), st.floats(0.1, 0.6), st.sampled_from([24, 60, 120]))
def test_what_keeps_the_limits_is_followed_exactly(frequency, phase, share, rate):
    times = np.arange(200) / rate
    turn = share * 0.1 * np.sin(2 * math.pi * frequency * times + phase) * np.minimum(times * 5, 1)
    poses = np.zeros((200, 6))
    poses[:, 3:] = turn[:, None]
    speed = np.diff(poses, axis=0, prepend=poses[:1]) * rate
    assert (np.abs(speed) < SPEED).all()
    assert (np.abs(np.diff(speed, axis=0)) * rate < ACCELERATION).all()
    assert np.array_equal(HEAD.limiter.run(poses, 1 / rate), poses)
    assert streamed(HEAD.limiter, poses, np.full(200, 1 / rate)) == pytest.approx(poses, abs=1e-12)


@given(arrays(np.float64, 6, elements=st.floats(-1, 1)), st.sampled_from([24, 60, 120]))
def test_a_jump_is_taken_fast_and_never_overshot(level, rate):
    level = np.clip(level, -POSITION, POSITION)
    count = 2 * rate
    out = HEAD.limiter.run(np.concatenate([np.zeros((1, 6)), np.tile(level, (count, 1))]), 1 / rate)
    assert (np.abs(out) <= np.abs(level) + 1e-12).all()
    assert (np.sign(level) * np.diff(out, axis=0) >= -1e-12).all()
    fastest = np.abs(level) / SPEED + SPEED / ACCELERATION
    there = np.ceil(fastest * rate).astype(int) + 4
    for axis in range(6):
        assert out[there[axis], axis] == pytest.approx(level[axis], abs=0.02 * POSITION[axis])


@given(arrays(np.float64, 6, elements=st.floats(-1, 1)), st.lists(st.floats(0.005, 0.099), min_size=80, max_size=80))
def test_a_jump_is_not_overshot_whatever_the_frame_rate_does(level, dt):
    """Only as far as a step of that frame's length can start and stop."""
    level = np.clip(level, -POSITION, POSITION)
    out = HEAD.limiter.run(np.concatenate([np.zeros((1, 6)), np.tile(level, (79, 1))]), np.array(dt))
    one_frame = np.minimum(ACCELERATION * np.array(dt).max() ** 2, SPEED * np.array(dt).max())
    assert (np.abs(out) <= np.abs(level) + one_frame).all()
    assert out[-1] == pytest.approx(level, abs=1e-3)


def test_a_target_that_vanishes_is_where_it_was():
    poses = np.full((60, 6), 0.02)
    poses[:20] = 0.0
    poses[21:] = math.nan
    out = HEAD.limiter.run(poses, 1 / 60)
    assert out[-1] == pytest.approx(poses[20])


def test_states_are_never_written_to():
    stage = STAGES["kalman"]
    poses = np.random.default_rng(0).normal(size=(40, 6)) * 0.2
    state = None
    for pose in poses[:20]:
        state, _ = stage.step(state, pose, 1 / 60)
    once, again = [], []
    for rows in (once, again):
        going = state
        for pose in poses[20:]:
            going, row = stage.step(going, pose, 1 / 60)
            rows.append(row)
    assert np.array_equal(once, again)


def test_a_twitch_of_one_frame_stays_small():
    poses = np.zeros((60, 6))
    poses[30] = 1.0
    for name in LIVE_SMOOTHINGS:
        out = STAGES[name].run(poses, 1 / 60)
        assert (np.abs(out).max(axis=0) <= 2 * SPEED / 60).all(), name
        assert np.abs(out[-1]).max() < 1e-3, name


def test_names():
    assert check_smoothing("one_euro") == "one_euro"
    with pytest.raises(UserError, match="Choose one of: none, kalman, ema, one_euro, butterworth, linear"):
        check_smoothing("gauss")
    with pytest.raises(UserError, match="whole take"):
        STAGES["butterworth"].step(None, np.zeros(6), 0.0)
    assert make_filter("none", 1.0) is None


@pytest.mark.parametrize("name", SMOOTHINGS)
def test_a_minute_is_baked_a_thousand_times_faster_than_it_lasts(name):
    times = np.arange(6000) / 100
    take = 0.3 * POSITION * np.sin(times[:, None] * np.arange(1, 7))
    assert min(timeit.repeat(lambda: STAGES[name].bake(take, 0.01), number=1, repeat=5)) < 60 / 1000


@pytest.mark.parametrize("name", LIVE_SMOOTHINGS)
def test_a_step_of_the_whole_stage_takes_a_small_part_of_a_millisecond(name):
    state, _ = STAGES[name].step(None, np.zeros(6), 0.0)
    pose = np.full(6, 0.1)
    assert min(timeit.repeat(lambda: STAGES[name].step(state, pose, 1 / 60), number=50, repeat=20)) / 50 < 200e-6


def test_a_step_of_the_limiter_takes_less_than_50_microseconds():
    limiter = Limiter(POSITION, SPEED, ACCELERATION)
    state, _ = limiter.step(None, np.zeros(6), 0.0)
    pose = np.full(6, 0.1)
    assert min(timeit.repeat(lambda: limiter.step(state, pose, 1 / 60), number=100, repeat=10)) / 100 < 50e-6


def test_a_performance_is_smoothed_as_asked(tmp_path):
    from linly_blender import takes
    from linly_blender.perform import perform

    text = "This is *really* important, isn't it?"
    plain = perform(text)
    assert np.array_equal(plain.frames.head, perform(text, smoothing="none").frames.head)
    smooth, slow = perform(text, smoothing="butterworth"), perform(text, smoothing="ema")
    jerks = [np.abs(np.diff(take.frames.head[:, 3:], 3, axis=0)).sum() for take in (plain, smooth, slow)]
    assert jerks[0] > jerks[1] > jerks[2]
    assert 0 < np.abs(smooth.frames.head - plain.frames.head)[:, 3:].max() < math.radians(0.5)
    takes.write(smooth, tmp_path / "take.json")
    assert takes.read(tmp_path / "take.json").smoothing == "butterworth"
    with pytest.raises(UserError, match="no smoothing called 'gauss'"):
        perform(text, smoothing="gauss")
