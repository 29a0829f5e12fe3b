"""What the pose network hears and is told."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.language.reader import read_script
from linly_blender.pose.context import CONTEXT, CONTEXT_NAMES, LOOK, STYLE_NUMBERS, context_of, throw
from linly_blender.pose.features import FEATURES, STEP, Listener, listen
from linly_blender.pose.styles import load_style
from linly_blender.pose.timeline import Timeline, read_timeline
from linly_blender.score import Speech
from linly_blender.speech.synthesis import EspeakVoice, speak


@pytest.fixture(scope="module")
def speech() -> Speech:
    with EspeakVoice(None) as voice:
        return speak(read_script("Are you *sure*? I am so sorry, but we are closed. 你真的确定吗？"), voice)


@pytest.fixture(scope="module")
def timeline(speech: Speech) -> Timeline:
    return read_timeline(speech)


def column(name: str) -> int:
    return CONTEXT_NAMES.index(name)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 3000), max_size=30), st.sampled_from([8000, 16000, 22050, 44100, 48000]), st.integers(0, 9)
)
def test_streamed_features_are_those_of_the_whole(cuts: list[int], rate: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sound = (8000 * rng.normal(0, 1, 9000).cumsum() % 20000 - 10000).astype(np.int16)
    edges = [0, *sorted(cut * 3 for cut in cuts), len(sound)]
    listener = Listener(rate)
    pieces = [listener.hear(sound[a:b]) for a, b in pairwise(edges)]
    np.testing.assert_allclose(np.concatenate(pieces), listen(sound, rate), atol=1e-5)


def test_a_frame_knows_nothing_of_the_future(speech: Speech) -> None:
    cut = len(speech.sound) // 2
    changed = speech.sound.copy()
    changed[cut:] = 3000
    known = int(cut / speech.rate / STEP)
    before, after = listen(speech.sound, speech.rate), listen(changed, speech.rate)
    np.testing.assert_array_equal(before[: known + 1], after[: known + 1])
    assert np.abs(before[known + 2 :] - after[known + 2 :]).max() > 0.1


def test_features_follow_what_they_are_named_for() -> None:
    rate, times = 16000, np.arange(32000) / 16000
    glide = 6 * times  # semitones up
    phase = np.cumsum(150 * 2 ** (glide / 12)) / rate
    tone = (9000 * (times > 0.5) * np.sign(np.sin(2 * np.pi * phase))).astype(np.int16)
    found = listen(tone, rate)
    at = np.arange(len(found)) * STEP
    quiet, loud = at < 0.5, at > 0.6
    assert found[quiet, 0].max() < 0.2 < 0.8 < found[loud, 0].min()
    assert found[loud, 2].mean() > 0.9
    assert not found[quiet, 2].any()
    assert found[loud, 3].mean() > 0.1, "a voice that rises is above its mean"
    assert found.shape[1] == FEATURES
    assert np.isfinite(found).all()


def test_a_copied_listener_goes_on_by_itself(speech: Speech) -> None:
    listener = Listener(speech.rate)
    listener.hear(speech.sound[:5000])
    twin = listener.copy()
    listener.hear(np.full(7000, 12000, np.int16))
    whole = listen(speech.sound, speech.rate)
    rest = twin.hear(speech.sound[5000:])
    np.testing.assert_allclose(rest, whole[len(whole) - len(rest) :], atol=1e-5)


def test_a_stressed_word_is_told_of_in_advance(timeline: Timeline) -> None:
    dice = throw(len(timeline.stresses), np.random.default_rng(0))
    context = context_of(timeline, load_style("neutral"), dice, 400)
    marked = next(stress for stress in timeline.stresses if stress.emphasis == 1.0)
    at = np.flatnonzero(context[:, column("marked")])
    assert len(at) == 1
    assert at[0] * STEP == pytest.approx(max(marked.time - LOOK, 0.0), abs=STEP)
    own = dice.rows[timeline.stresses.index(marked)]
    assert context[at[0], column("dice nod")] == pytest.approx(own[0] - 0.5)


def test_meaning_reaches_the_context(timeline: Timeline) -> None:
    context = context_of(timeline, load_style("neutral"), throw(len(timeline.stresses), np.random.default_rng(0)), 600)
    for name in ("apology", "contrast", "rhetorical", "rhetorical ends", "listening", "phrase", "mark follows"):
        assert context[:, column(name)].any(), name
    assert not context[:, column("greeting")].any()
    assert context.shape == (600, CONTEXT)
    assert np.isfinite(context).all()


def test_the_manner_changes_only_its_own_columns(timeline: Timeline) -> None:
    dice = throw(len(timeline.stresses), np.random.default_rng(0))
    calm, lively = (context_of(timeline, load_style(name), dice, 200) for name in ("serious", "lively"))
    np.testing.assert_array_equal(calm[:, :-STYLE_NUMBERS], lively[:, :-STYLE_NUMBERS])
    assert (calm[:, -STYLE_NUMBERS:] != lively[:, -STYLE_NUMBERS:]).any()


def test_dice_come_from_the_seed_alone() -> None:
    one, same, other = (throw(500, np.random.default_rng(seed)).rows for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert 0.45 < one[:, 0].mean() < 0.55
    assert set(np.unique(one[:, 3])) == {-1.0, 1.0}
