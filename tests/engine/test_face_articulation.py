"""The speaking mouth: smooth, on time, and shaped by its neighbours."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from linly_blender.arkit import INDEX
from linly_blender.face import articulate
from linly_blender.score import Phone, Sentence, Speech, Word
from linly_blender.speech.prosody import STEP, Prosody

RATE = 16000
START = 1.0
PHONES = (
    *("p", "b", "m", "pʰ", "f", "v", "u", "w", "y", "i", "ɑː", "aɪ", "iou", "ə"),
    *("s", "ʃ", "tʃ", "θ", "l", "ɹ", "k", "h", "tɕ", "ʂ", "ŋ"),
)
JAW, CLOSE, PUCKER, FUNNEL = (INDEX[n] for n in ("jawOpen", "mouthClose", "mouthPucker", "mouthFunnel"))


def speech_of(phones: Sequence[tuple[str, float]], stress: int = 1, emphasis: float = 0.0) -> Speech:
    """Phones with their durations, one after the other in one word, with silence around."""
    at, made = START, []
    for name, duration in phones:
        made.append(Phone(name, at, at + duration, stress, 0))
        at += duration
    return Speech(
        np.zeros(int((at + 1) * RATE), np.int16), RATE, tuple(made),
        (Word("x", START, at, emphasis, 0),), (Sentence("x", START, at, "statement", "neutral", 0.0, "en-us"),),
    )  # fmt: skip


def loudness(speech: Speech, level: float = 0.9) -> Prosody:
    count = int(speech.duration / STEP) + 1
    return Prosody(np.full(count, level, np.float32), np.full(count, np.nan, np.float32))


def mouth(speech: Speech, fps: float = 240, level: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    times = np.arange(int(speech.duration * fps)) / fps
    return times, articulate(speech, loudness(speech, level), times)


def peak(phones: Sequence[tuple[str, float]], column: int, **changes: float) -> float:
    level = changes.pop("level", 0.9)
    _, shapes = mouth(speech_of(phones, **changes), level=level)  # type: ignore[arg-type]
    return float(shapes[:, column].max())


some_phones = st.lists(
    st.tuples(
        st.sampled_from(PHONES),
        st.floats(0.02, 0.3),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(some_phones, st.floats(0, 1))
def test_weights_are_weights_and_change_no_faster_than_a_face(phones: list[tuple[str, float]], level: float) -> None:
    times, shapes = mouth(speech_of(phones), level=level)
    assert np.isfinite(shapes).all()
    assert shapes.min() >= 0
    assert shapes.max() <= 1
    speed = np.abs(np.diff(shapes, axis=0)) * 240
    # 12 a second is 0.4 m/s at the lips of an adult head: the fastest lips of Gracco 1994 reach 0.3.
    assert speed[:, JAW].max() < 12
    assert not shapes[times < START - 0.5].any()
    assert shapes[-1].max() < 0.01  # calm a second after the last sound


@settings(max_examples=20, deadline=None)
@given(some_phones, st.integers(0, 200), st.sampled_from([24.0, 29.97, 60.0]))
def test_curves_do_not_depend_on_the_frames_asked_for(phones: list[tuple[str, float]], skip: int, fps: float) -> None:
    speech = speech_of(phones)
    prosody = loudness(speech)
    times = np.arange(int(speech.duration * fps)) / fps
    whole = articulate(speech, prosody, times)
    part = articulate(speech, prosody, times[skip:])
    np.testing.assert_allclose(part, whole[skip:], atol=1e-5)


def test_a_long_speech_is_made_of_chunks_without_seams() -> None:
    speech = speech_of([("m", 0.08), ("ɑː", 0.15), ("s", 0.1), ("u", 0.12)] * 60)
    times = np.arange(int(speech.duration * 240)) / 240  # several chunks
    whole = articulate(speech, loudness(speech), times)
    for at in range(0, len(times), 1000):
        alone = articulate(speech, loudness(speech), times[at : at + 1])
        np.testing.assert_allclose(alone[0], whole[at], atol=1e-5)


def test_nobody_speaking_is_a_mouth_at_rest() -> None:
    silent = replace(speech_of([("ɑː", 0.2)]), phones=())
    _, shapes = mouth(silent)
    assert not shapes.any()


def test_open_vowels_open_more() -> None:
    jaws = [peak([("t", 0.08), (vowel, 0.15), ("t", 0.08)], JAW) for vowel in ("i", "e", "ɛ", "a")]
    assert jaws == sorted(jaws)
    assert 0.08 < jaws[0] < 0.2 < jaws[-1] < 0.5


@pytest.mark.parametrize(
    ("more", "less"),
    [({"level": 0.9}, {"level": 0.3}), ({"stress": 1}, {"stress": 0}), ({"emphasis": 1.0}, {"emphasis": 0.0})],
)
def test_loud_stressed_and_emphasised_vowels_open_more(more: dict[str, float], less: dict[str, float]) -> None:
    phones = [("t", 0.08), ("ɑː", 0.15), ("t", 0.08)]
    assert peak(phones, JAW, **more) > 1.1 * peak(phones, JAW, **less)


def test_fast_speech_undershoots() -> None:
    slow = [("s", 0.12), ("ɑː", 0.2), ("s", 0.12)]
    fast = [(phone, duration / 4) for phone, duration in slow]
    assert peak(fast, JAW) < 0.85 * peak(slow, JAW)


def test_rounding_reaches_ahead_over_consonants_but_not_over_a_spread_vowel() -> None:
    ahead = []
    for before in (["s", "t"], ["i"]):
        times, shapes = mouth(speech_of([(phone, 0.2 / len(before)) for phone in before] + [("u", 0.15)]))
        round_lips = shapes[:, PUCKER] + shapes[:, FUNNEL]
        ahead.append(round_lips[np.searchsorted(times, START + 0.08)] / round_lips.max())
    over_consonants, over_vowel = ahead
    assert over_consonants > 0.4
    assert over_vowel < 0.5 * over_consonants


def test_k_and_h_take_the_shape_of_their_neighbours() -> None:
    for consonant in ("k", "h"):
        middles = []
        for vowel in ("u", "i"):
            times, shapes = mouth(speech_of([(vowel, 0.15), (consonant, 0.08), (vowel, 0.15)]))
            middles.append(shapes[np.searchsorted(times, START + 0.19), PUCKER])
        assert middles[0] > 0.4
        assert middles[1] < 0.05


def test_dental_sounds_show_the_tongue() -> None:
    assert peak([("ə", 0.1), ("θ", 0.1), ("ə", 0.1)], INDEX["tongueOut"]) > 0.1
    assert peak([("ə", 0.1), ("k", 0.1), ("ə", 0.1)], INDEX["tongueOut"]) < 0.01


@settings(max_examples=60, deadline=None)
@given(some_phones)
def test_closures_leave_nothing_open(phones: list[tuple[str, float]]) -> None:
    """In the plateau of every p, b, m: no opening shape, and the jaw that is left made up for by mouthClose."""
    speech = speech_of(phones)
    times, shapes = mouth(speech)
    for phone in speech.phones:
        if phone.phone in ("p", "b", "m", "pʰ"):
            inside = (times >= phone.start) & (times <= phone.start + 0.045)
            left = shapes[inside, JAW] - shapes[inside, CLOSE]
            opening = left + sum(shapes[inside, INDEX[n]] for n in ("mouthLowerDownLeft", "mouthUpperUpLeft"))
            assert (opening + shapes[inside, FUNNEL]).min() < 0.012
            assert shapes[inside, CLOSE].max() < 0.1
