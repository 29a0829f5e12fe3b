"""What is meant, by a network instead of rules: gestures read out of movement, jumping eyes, foreign customs."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linly_blender.easing import minimum_jerk
from linly_blender.language.reader import read_script
from linly_blender.pose import layers
from linly_blender.pose.animate import animate
from linly_blender.pose.context import CONTEXT_NAMES
from linly_blender.pose.features import listen
from linly_blender.pose.fine_tuner import Controls, Inputs
from linly_blender.pose.gestures import plan_promises
from linly_blender.pose.layers import Layer
from linly_blender.pose.meaning import plan_meaning
from linly_blender.pose.promises import keep
from linly_blender.pose.recognise import gestures_in
from linly_blender.pose.refine import refine
from linly_blender.pose.regions import NEUTRAL, load_region
from linly_blender.pose.saccades import jump
from linly_blender.pose.strokes import STEP
from linly_blender.pose.styles import load_style
from linly_blender.pose.timeline import read_timeline
from linly_blender.score import Speech
from linly_blender.speech.prosody import analyse
from linly_blender.speech.synthesis import EspeakVoice, speak


@dataclass
class Still:
    """A network that wants nothing, and remembers what it was told."""

    told: list[Inputs] = field(default_factory=list)

    def hear(self, sound: np.ndarray, rate: int) -> np.ndarray:
        return listen(sound, rate)

    def run(self, inputs: Inputs) -> Controls:
        self.told.append(inputs)
        count = len(inputs.features)
        zeros = [np.zeros((count, k), np.float32) for k in (6, 3, 2)]
        return Controls(zeros[0], zeros[1], np.zeros(count, np.float32), zeros[2], np.zeros(count, np.float32))


@pytest.fixture(scope="module")
def speech() -> Speech:
    with EspeakVoice(None) as voice:
        return speak(
            read_script("Yes, we are open on *Sunday*. No, that is a different one.", emotion="neutral"), voice
        )


def reading_of(speech: Speech) -> layers.Reading:
    return layers.read(speech, analyse(speech.sound, speech.rate), load_style("neutral"), speech.duration)


def bump(count: int, peak: int, half: int) -> np.ndarray:
    return minimum_jerk(1 - np.abs(np.arange(count) - peak) / half)


def test_a_gesture_is_read_where_it_was_made(speech: Speech) -> None:
    timeline, count = read_timeline(speech), 400
    stress = next(stress for stress in timeline.stresses if stress.emphasis >= 1.0)
    peak = round(stress.time / STEP)
    head = np.zeros((count, 6))
    head[:, 3] = -np.radians(4) * bump(count, peak, 25)
    head[:, 5] = np.radians(3) * bump(count, peak, 30)
    nod, tilt = sorted(gestures_in(head, np.zeros(count), timeline), key=lambda gesture: gesture.kind)
    assert (nod.kind, tilt.kind) == ("nod", "tilt_left")
    assert nod.source == "marked"
    assert nod.peak == pytest.approx(stress.time, abs=0.011)
    assert nod.amplitude == pytest.approx(np.radians(4), rel=0.01)
    assert nod.peak - 0.25 <= nod.start < nod.peak < nod.end <= nod.peak + 0.25


def test_a_shake_is_one_gesture_and_a_swing_is_none(speech: Speech) -> None:
    count, timeline = 400, read_timeline(speech)
    head = np.zeros((count, 6))
    for number, side in enumerate((1, -1, 1)):
        head[:, 4] += side * np.radians(6) * bump(count, 150 + 30 * number, 25)
    (shake,) = gestures_in(head, np.zeros(count), timeline)
    assert shake.kind == "shake"
    head[:, 4] = np.radians(6) * bump(count, 150, 25)
    (swing,) = gestures_in(head, np.zeros(count), timeline)
    assert swing.kind == "swing"


@given(st.lists(st.floats(-0.01, 0.01), min_size=0, max_size=60))
def test_what_hardly_moves_makes_no_gestures(values: list[float]) -> None:
    head = np.zeros((len(values), 6))
    head[:, 3] = values
    silence = Speech(np.zeros(1600, np.int16), 16000, (), (), ())
    found = gestures_in(head, np.zeros(len(values)), read_timeline(silence))
    span = max(values, default=0.0) - min(values, default=0.0)
    assert all(gesture.amplitude <= span for gesture in found)
    assert not found or span >= np.radians(1.0)


@given(
    st.integers(5, 300),
    st.integers(5, 200),
    st.floats(-0.4, 0.4),
    st.floats(-0.4, 0.4),
)
def test_eyes_jump_to_a_wish_and_back(start: int, length: int, pitch: float, yaw: float) -> None:
    wish = np.zeros((600, 2))
    wish[start : start + length] = pitch, yaw
    target, looks = jump(wish, STEP)
    wanted = np.hypot(pitch, yaw) >= np.radians(4.0) and length * STEP >= 0.4
    assert len(looks) == wanted
    assert not target[:start].any()
    assert not target[start + length :].any()
    if wanted:
        np.testing.assert_allclose(target[start + length // 2], (pitch, yaw))
        # Between home and there the eyes are on their way for the time of two saccades and no longer.
        away = np.linalg.norm(target, axis=1) > 1e-9
        there = np.linalg.norm(target - (pitch, yaw), axis=1) < 1e-9
        assert (away & ~there).sum() * STEP <= 2 * 0.08 + 2 * STEP


def test_what_a_foreign_custom_shows_is_hidden_from_the_network(speech: Speech) -> None:
    style, network = load_style("neutral"), Still()
    at_home = refine(reading_of(speech), style, NEUTRAL, network, np.random.default_rng(0))
    abroad = refine(reading_of(speech), style, load_region("bulgaria"), network, np.random.default_rng(0))
    here, there = (told.context for told in network.told)
    for meaning in ("yes", "negation"):
        column = CONTEXT_NAMES.index(meaning)
        assert here[:, column].any()
        assert not there[:, column].any()
    kinds = [{g.source: g.kind for g in layer.gestures} for layer in (at_home, abroad)]
    assert [kind["yes"] for kind in kinds] == ["nod", "shake"]
    assert kinds[0]["negation"] == "shake" != kinds[1]["negation"]


def test_a_promise_is_kept_whatever_the_network_makes_of_it(speech: Speech) -> None:
    """Nothing of it, half of it, all of it or the opposite: in the end it is all there, and once."""
    style, reading = load_style("neutral"), reading_of(speech)
    rng = np.random.default_rng(2)
    promises = plan_promises(reading, style, NEUTRAL, rng)
    still = Layer(np.zeros((reading.count, 6)), np.zeros((reading.count, 2)), {}, ())
    all_of_it = keep(promises, still)
    assert [gesture.kind for gesture in all_of_it.gestures] == ["nod", "nod", "shake"]
    for share in (0.5, 1.0):
        found = keep(promises, replace(still, head=share * all_of_it.head))
        np.testing.assert_allclose(found.head, all_of_it.head, atol=np.radians(0.3))
    shaken = np.zeros_like(still.head)
    shaken[:, 4] = -all_of_it.head[:, 4]
    other_side = keep(promises, replace(still, head=shaken))
    np.testing.assert_allclose(other_side.head[:, 4], -all_of_it.head[:, 4], atol=np.radians(0.3))


def test_life_goes_on_whatever_is_meant(speech: Speech) -> None:
    style, prosody = load_style("neutral"), analyse(speech.sound, speech.rate)
    meant = plan_meaning(reading_of(speech), style, NEUTRAL, np.random.default_rng(1))
    times = np.arange(0.0, speech.duration, 1 / 60)
    planned = animate(speech, prosody, style, np.random.default_rng(5), times)
    still = animate(speech, prosody, style, np.random.default_rng(5), times, tuner=Still())
    np.testing.assert_array_equal(planned.breath, still.breath)
    assert np.abs(planned.head - still.head).max() > 0.5 * np.abs(meant.head).max()
    assert [g for g in planned.gestures if g.kind == "blink"] == [g for g in still.gestures if g.kind == "blink"]
