"""Sound at another rate: true in the band, silent above it, the same however it is cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.audio.resampling import Resampler, resample, to_samples

RATES = st.sampled_from([8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 96000])


def sine(pitch: float, rate: float, count: int) -> np.ndarray:
    return 10000 * np.sin(2 * np.pi * pitch * np.arange(count) / rate)


def decibels(error: np.ndarray, against: np.ndarray) -> float:
    return float(20 * np.log10(np.std(error) / np.std(against) + 1e-9))


@given(source=RATES, target=RATES, share=st.floats(0.01, 0.4))
@settings(max_examples=60, deadline=None)
def test_a_sine_stays_the_same_sine(source: int, target: int, share: float) -> None:
    pitch = share * min(source, target)
    made = resample(to_samples(sine(pitch, source, source // 2)), source, target)
    assert len(made) == round(source // 2 * target / source)
    inside = slice(len(made) // 10, -len(made) // 10)
    true = sine(pitch, target, len(made))
    assert decibels((made - true)[inside], true[inside]) < -70


@given(source=RATES, target=RATES, above=st.floats(0.505, 0.95))
@settings(max_examples=40, deadline=None)
def test_what_would_alias_is_gone(source: int, target: int, above: float) -> None:
    pitch = above * target
    if pitch >= source / 2:
        return
    sound = sine(pitch, source, source // 2)
    made = resample(to_samples(sound), source, target)
    inside = slice(len(made) // 10, -len(made) // 10)
    assert decibels(made[inside].astype(float), sound) < -70


@given(
    source=RATES,
    target=RATES,
    cuts=st.lists(st.integers(0, 700), min_size=1, max_size=20),
    seed=st.integers(0, 100),
)
@settings(max_examples=60, deadline=None)
def test_a_stream_does_not_depend_on_how_it_is_cut(source: int, target: int, cuts: list[int], seed: int) -> None:
    sound = np.random.default_rng(seed).normal(0, 3000, sum(cuts)).astype(np.float32)
    pieces = np.split(sound, np.cumsum(cuts)[:-1])
    stream = Resampler(source, target)
    made = np.concatenate([stream.process(piece) for piece in pieces])
    whole = Resampler(source, target).process(sound)
    np.testing.assert_allclose(made, whole, atol=0.01)
    # All that the sound makes possible has come, and no sample more.
    assert len(made) == pytest.approx(max(0.0, (len(sound) / source - stream.delay) * target), abs=1.01)


def test_an_odd_rate_comes_near_enough() -> None:
    stream = Resampler(44098.7, 16000)
    made = stream.process(sine(1000, 44098.7, 44100).astype(np.float32))
    true = sine(1000, 16000, len(made))
    assert decibels((made - true)[1000:], true) < -50


def test_full_scale_does_not_wrap() -> None:
    square = np.where(np.arange(4800) % 48 < 24, 32767, -32768).astype(np.int16)
    made = resample(square, 48000, 44100)
    assert np.all(np.sign(made[np.abs(made) > 30000][:50]) != 0)
    assert made.max() == 32767
    assert np.abs(np.diff(made.astype(int))).max() < 65536
    middle = made[(np.arange(len(made)) * 48000 // 44100) % 48 == 12]
    assert middle.min() > 25000


def test_nothing_is_made_of_nothing() -> None:
    assert len(resample(np.zeros(0, np.int16), 8000, 48000)) == 0
    assert len(Resampler(8000, 48000).process(np.zeros(0, np.float32))) == 0
    with pytest.raises(ValueError, match="above 0"):
        Resampler(0, 16000)
