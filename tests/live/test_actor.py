"""The character between and during words: no jump, on the sound, quick to react, and never dead."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linly_blender.arkit import INDEX
from linly_blender.errors import UserError
from linly_blender.live.actor import Actor
from linly_blender.live.curves import LIPS
from linly_blender.live.frame import Frame
from linly_blender.live.settings import Settings
from linly_blender.perform import perform
from linly_blender.performance import Performance
from linly_blender.pose.amounts import Amounts
from linly_blender.pose.constraints import Constraints
from linly_blender.pose.styles import load_style

PITCH, YAW, ROLL = 3, 4, 5
BLINK, JAW = INDEX["eyeBlinkLeft"], INDEX["jawOpen"]
TEXTS = (
    "[happy] Maybe my baby buys a big bumpy bus, but I am not sure about it.",
    "[angry] No! I will never do that again.",
    "Shall we begin?",
)


@cache
def take(index: int) -> Performance:
    return perform(TEXTS[index], seed=index)


class Stage:
    """An actor, a clock and a speaker that plays one sound after the other."""

    def __init__(self, seed: int = 0, latency: float = 0.1, **changes: object) -> None:
        self.settings = replace(Settings(), **changes)  # type: ignore[arg-type]
        self.actor = Actor(self.settings, np.random.default_rng(seed))
        self.now = 0.0
        self.latency = latency
        self.sound_ends = 0.0
        self.frames: list[Frame] = []

    def speak(self, performance: Performance, offset: float = 0.0, until: float | None = None) -> float:
        """Play the take's sound from ``offset`` (a pause when below 0) to ``until``; returns when its second 0 is."""
        begin = max(self.now + self.latency, self.sound_ends)
        start = begin - offset
        self.sound_ends = start + (performance.speech.duration if until is None else until)
        self.actor.speak(performance, lambda: self.now - start if self.now >= begin else None)
        return start

    def interrupt(self) -> None:
        self.sound_ends = self.now
        self.actor.interrupt(self.now)

    def run(self, seconds: float, fps: float = 60.0) -> list[Frame]:
        """Frames of the next seconds, without the one at the present moment."""
        begin, count = self.now, max(round(seconds * fps), 1)
        made = []
        for index in range(1, count + 1):
            self.now = begin + index / fps
            made.append(self.actor.frame(self.now))
        self.frames += made
        return made


def curves(frames: list[Frame]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Times, heads, shapes, where is looked at as seen from the character."""
    head = np.array([frame.head for frame in frames], float)
    gaze = np.array([frame.gaze for frame in frames], float) + head[:, [PITCH, YAW]]
    return np.array([f.time for f in frames]), head, np.array([f.shapes for f in frames], float), gaze


def assert_keeps_limits(frames: list[Frame], style: str = "neutral") -> None:
    times, head, _, _ = curves(frames)
    limiter = Constraints.of_head(load_style(style).limits).limiter
    dt = np.diff(times)
    speed = np.diff(head, axis=0) / dt[:, None]
    rounding = 4e-9 / dt[:, None]  # heads are 32 bit numbers
    assert (np.abs(head) <= limiter.position + 1e-6).all()
    assert (np.abs(speed) <= limiter.speed + rounding).all()
    push = np.abs(np.diff(speed, axis=0)) / dt[1:, None]
    close = np.maximum(dt[1:], dt[:-1]) < 0.1  # a longer one is a gap, after which the head starts from rest
    assert (push <= 1.001 * limiter.acceleration + 2 * rounding[1:] / dt[1:, None] * 2)[close].all()


CALLS: dict[str, Callable[[Stage], object]] = {
    "listen": lambda s: s.actor.listen(s.now),
    "think": lambda s: s.actor.think(s.now),
    "attend": lambda s: s.actor.attend(s.now),
    "nod": lambda s: s.actor.backchannel(s.now, "nod"),
    "double": lambda s: s.actor.backchannel(s.now, "double_nod"),
    "tilt": lambda s: s.actor.backchannel(s.now, "tilt"),
    "interrupt": Stage.interrupt,
    "speak0": lambda s: s.speak(take(0)),
    "speak1": lambda s: s.speak(take(1)),
    "speak2": lambda s: s.speak(take(2)),
}
STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(CALLS)), st.sampled_from([0.0, 0.02, 0.07, 0.3, 1.1, 4.0])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, fps=st.sampled_from([24.0, 30.0, 60.0, 0.0]), seed=st.integers(0, 9))
def test_nothing_jumps_whatever_is_asked_for_at_any_rate(steps: list[tuple[str, float]], fps: float, seed: int) -> None:
    stage, rng = Stage(seed), np.random.default_rng(seed)
    stage.frames.append(stage.actor.frame(0.0))

    def rate() -> float:
        return fps or float(rng.choice([11.0, 24.0, 48.0, 60.0, 144.0]))

    for call, wait in steps:
        CALLS[call](stage)
        stage.run(wait, rate())
    stage.run(1.0, rate())

    assert_keeps_limits(stage.frames)
    times, _, shapes, gaze = curves(stage.frames)
    dt = np.diff(times)
    breath = np.array([frame.breath for frame in stage.frames])
    assert np.isfinite(shapes).all()
    assert ((shapes >= 0) & (shapes <= 1)).all()
    assert (np.abs(np.diff(breath)) <= 8.0 * dt + 1e-6).all()
    # The quickest there is: a closing lid, 1.875 / 0.068 s, with the lids' following of a saccade on top.
    assert (np.abs(np.diff(shapes[:, [BLINK]], axis=0)) <= 40 * dt[:, None] + 1e-6).all()
    assert np.abs(np.degrees(gaze)).max() < 40


def test_the_mouth_is_that_of_the_sound_at_every_frame() -> None:
    stage, performance = Stage(), take(0)
    start = stage.speak(performance)
    frames = stage.run(performance.speech.duration, 240.0)
    times, head, shapes, _ = curves(frames)
    heard = times - start
    own = performance.frames
    inside = (heard > 0.0) & (heard < performance.speech.duration - 0.1)
    for name in ("jawOpen", "mouthClose", "mouthPucker", "mouthLowerDownLeft"):
        column = INDEX[name]
        expected = np.interp(heard[inside], own.times, own.shapes[:, column])
        assert np.abs(shapes[inside, column] - expected).max() < 0.06, name
    late = heard > 0.7  # seconds after which the head is wholly the take's
    for axis in (PITCH, YAW, ROLL):
        expected = np.interp(heard[late & inside], own.times, own.head[:, axis])
        assert np.degrees(np.abs(head[late & inside, axis] - expected)).max() < 0.35


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0])
def test_every_closure_is_shown_at_low_frame_rates(fps: float) -> None:
    stage, performance = Stage(latency=0.2), take(0)
    start = stage.speak(performance)
    times, _, shapes, _ = curves(stage.run(performance.speech.duration, fps))
    opening = shapes[:, JAW] - shapes[:, INDEX["mouthClose"]]
    closures = [p for p in performance.speech.phones if p.phone[0] in "pbm"]
    assert len(closures) >= 6
    for phone in closures:
        near = (times - start > phone.start - 0.5 / fps) & (times - start < phone.end + 0.5 / fps)
        assert opening[near].min() < 0.02, phone


def test_a_sentence_follows_another_without_a_dead_face() -> None:
    stage = Stage()
    first, second = take(1), take(2)
    stage.speak(first)
    start = stage.speak(second)
    times, head, shapes, _ = curves(stage.run(first.speech.duration + second.speech.duration))
    words = (times > start + 0.12) & (times < start + second.speech.phones[-1].end)
    expected = np.interp(times[words] - start, second.frames.times, second.frames.shapes[:, JAW])
    assert np.abs(shapes[words, JAW] - expected).max() < 0.05
    between = (times > start - 0.6) & (times < start + 0.2)
    assert (np.ptp(head[between], axis=0)[PITCH:] > np.radians(0.02)).all()
    assert_keeps_limits(stage.frames)


def test_of_a_sound_without_its_ends_and_with_a_pause_the_mouth_is_that_of_the_sound() -> None:
    """As the loop plays it: no silence about the voice, but the pause that the text asks for."""
    stage = Stage()
    first, second = take(1), take(2)
    voice = first.speech.phones[0].start, first.speech.phones[-1].end
    starts = [stage.speak(first, voice[0] - 0.01, voice[1] + 0.05), stage.speak(second, -0.6)]
    times, head, shapes, _ = curves(stage.run(stage.sound_ends))
    for start, performance, leave in zip(starts, (first, second), (0.12, 0.0), strict=True):
        spoken = (times > start + voice[0] + leave) & (times < start + performance.speech.phones[-1].end)
        expected = np.interp(times[spoken] - start, performance.frames.times, performance.frames.shapes[:, JAW])
        assert np.abs(shapes[spoken, JAW] - expected).max() < 0.06
    pause = (times > starts[1] - 0.5) & (times < starts[1])
    assert np.degrees(np.ptp(head[pause, PITCH:], axis=0)).max() > 0.1
    assert np.abs(np.diff(shapes[:, JAW])).max() < 0.2
    assert_keeps_limits(stage.frames)


def test_the_face_comes_to_rest_after_the_last_sentence() -> None:
    stage, performance = Stage(), take(0)
    start = stage.speak(performance)
    stage.run(start + performance.speech.duration)
    frames = stage.run(1.5)
    assert not stage.actor.speaking
    assert frames[-1].shapes[list(LIPS)].max() < 0.01
    assert frames[-1].shapes[INDEX["mouthSmileLeft"]] < 0.01


@pytest.mark.parametrize("moment", np.linspace(0.15, 1.6, 7))
def test_interrupted_it_stops_closes_its_mouth_and_looks_up(moment: float) -> None:
    stage, performance = Stage(), take(1)
    start = stage.speak(performance)
    stage.run(start + moment)
    stage.interrupt()
    times, head, shapes, gaze = curves(stage.run(1.5, 120.0))
    since = times - times[0] + 1 / 120
    assert not stage.actor.speaking
    assert shapes[since > 0.1][:, list(LIPS)].max() < 0.03
    assert np.degrees(np.hypot(*gaze[since > 0.15].T)).max() < 4.0
    turning = np.degrees(np.abs(np.diff(head[:, PITCH:], axis=0))) * 120
    assert turning[since[1:] > 0.15].max() < 30.0  # what is left is the calm way back
    assert np.abs(np.diff(shapes[:, JAW])).max() < 0.2  # no slap
    assert_keeps_limits(stage.frames)


@pytest.mark.parametrize("seed", range(3))
def test_no_hand_over_moves_the_lips_faster_than_speech(seed: int) -> None:
    def quickest(shapes: np.ndarray) -> float:
        return float(np.abs(np.diff(shapes[:, list(LIPS)], axis=0)).max())

    stage, rng = Stage(seed, latency=0.02), np.random.default_rng(seed)
    for index in range(12):
        stage.speak(take(index % 3))
        stage.run(float(rng.uniform(0.1, 1.8)))
        stage.interrupt()
        stage.run(float(rng.uniform(0.02, 0.3)))
    assert quickest(curves(stage.frames)[2]) <= 1.1 * max(quickest(take(index).frames.shapes) for index in range(3))


def test_it_speaks_again_at_once_after_an_interruption() -> None:
    stage = Stage()
    stage.run(stage.speak(take(0)) + 1.0)
    stage.interrupt()
    stage.run(0.03)
    start = stage.speak(take(2))
    times, _, shapes, _ = curves(stage.run(1.2))
    spoken = times > start + 0.05
    expected = np.interp(times[spoken] - start, take(2).frames.times, take(2).frames.shapes[:, JAW])
    assert np.abs(shapes[spoken, JAW] - expected).max() < 0.06


def test_a_sound_that_stops_in_the_middle_of_a_word_leaves_no_open_mouth() -> None:
    stage, performance = Stage(), take(0)
    stopped = 0.9
    stage.actor.speak(performance, lambda: min(stage.now, stopped))
    stage.run(2.5)
    assert stage.frames[-1].shapes[list(LIPS)].max() < 0.01
    stopped = 10.0
    stage.run(0.4)
    assert stage.actor.speaking
    expected = [np.interp(stage.now, performance.frames.times, curve) for curve in performance.frames.shapes.T]
    assert np.abs(stage.frames[-1].shapes - expected)[list(LIPS)].max() < 0.05


@pytest.mark.parametrize("kind", ["nod", "double_nod"])
@pytest.mark.parametrize("seed", range(4))
def test_a_nod_is_under_way_within_100_ms_and_down_within_300(kind: str, seed: int) -> None:
    stage = Stage(seed)
    stage.actor.listen(0.0)
    stage.run(3.0)
    before = stage.frames[-1].head[PITCH]
    stage.actor.backchannel(stage.now, kind)  # type: ignore[arg-type]
    times, head, _, _ = curves(stage.run(1.2))
    since, pitch = times - 3.0, np.degrees(head[:, PITCH] - before)
    assert np.abs(pitch[since <= 0.1]).max() > 0.3
    assert pitch[since <= 0.3].min() < -1.5
    assert abs(pitch[-1]) < 1.2


def test_the_end_of_a_phrase_is_noticed_within_50_ms() -> None:
    stage = Stage()
    stage.actor.listen(0.0)
    stage.run(3.0)
    before = stage.frames[-1].shapes
    stage.actor.backchannel(stage.now, "notice")
    times, _, shapes, _ = curves(stage.run(0.6))
    lids = shapes[:, BLINK] - before[BLINK]
    assert lids[times <= 3.05].max() > 0.1
    assert lids.max() > 0.7
    assert abs(lids[-1]) < 0.1


def test_a_tilt_begins_within_100_ms_and_is_held() -> None:
    stage = Stage()
    stage.actor.listen(0.0)
    stage.run(3.0)
    before = stage.frames[-1].head[ROLL]
    stage.actor.backchannel(stage.now, "tilt")
    times, head, _, _ = curves(stage.run(1.0))
    roll = np.degrees(np.abs(head[:, ROLL] - before))
    assert roll[times <= 3.1].max() > 0.3
    assert roll[(times > 3.4) & (times < 4.0)].min() > 2.0


def test_the_first_reaction_to_thinking_is_seen_within_120_ms() -> None:
    stage = Stage()
    stage.actor.listen(0.0)
    stage.run(3.0)
    stage.actor.think(stage.now)
    frames = stage.run(0.12)
    assert np.degrees(np.hypot(*curves(frames)[3][-1])) > 5


def looks_and_blinks(mood: str, seconds: float) -> tuple[np.ndarray, float]:
    stage = Stage(3)
    if mood != "idle":
        CALLS[mood](stage)
    _, _, shapes, gaze = curves(stage.run(seconds, 30.0))
    closed = shapes[:, BLINK] > 0.5
    return np.degrees(np.hypot(*gaze.T)), float((closed[1:] & ~closed[:-1]).sum()) * 60 / seconds


@pytest.mark.long
def test_a_listener_keeps_eye_contact_and_blinks_less() -> None:
    looks, blinks = looks_and_blinks("listen", 300)
    thinking, thinking_blinks = looks_and_blinks("think", 120)
    _, idle_blinks = looks_and_blinks("idle", 300)
    assert (looks < 4.0).mean() > 0.95
    assert (thinking > 8.0).mean() > 0.9
    assert 4 < blinks < 0.8 * idle_blinks
    assert blinks < thinking_blinks
    assert idle_blinks == pytest.approx(0.65 * 22, rel=0.35)  # at rest, relative to the style's rate while speaking


def test_a_listener_leans_a_little_towards_the_speaker() -> None:
    stage = Stage()
    stage.run(3.0)
    before = stage.frames[-1].head[1]
    stage.actor.listen(stage.now)
    lean = np.median([frame.head[1] for frame in stage.run(20.0)][120:]) - before
    assert -0.02 < lean < -0.004


def test_no_silence_is_dead() -> None:
    for mood in ("idle", "listen", "think"):
        stage = Stage()
        if mood != "idle":
            CALLS[mood](stage)
        frames = stage.run(60.0, 30.0)
        _, head, _, gaze = curves(frames)
        breath = np.array([frame.breath for frame in frames])
        for begin in range(0, len(frames) - 150, 150):
            part = slice(begin, begin + 150)
            assert np.ptp(breath[part]) > 0.15, mood
            assert np.degrees(np.ptp(head[part, PITCH:], axis=0)).max() > 0.15, mood
            assert np.degrees(np.ptp(gaze[part], axis=0)).max() > 0.1, mood


def test_thinking_breathes_in_and_attending_looks_back() -> None:
    stage = Stage()
    stage.actor.listen(0.0)
    stage.run(3.0)
    stage.actor.think(stage.now)
    assert max(frame.breath for frame in stage.run(0.7)) > 0.75
    stage.actor.attend(stage.now)
    _, _, _, gaze = curves(stage.run(0.5))
    assert np.degrees(np.hypot(*gaze[9:].T)).max() < 4.0  # 150 ms later


def test_frames_may_be_skipped_without_lagging() -> None:
    """Whoever shows every frame and whoever shows few see the same mouth at the same moment, also after a long gap."""
    ends = []
    for rates in ((60.0,), (12.0,)):
        stage = Stage(latency=0.2)
        start = stage.speak(take(0))
        for fps in rates:
            stage.run(start + 1.5, fps)
        stage.now = start + 1.6
        ends.append(stage.actor.frame(stage.now).shapes[JAW])
    assert abs(ends[0] - ends[1]) < 0.08
    stage.now += 3600.0
    assert np.isfinite(stage.actor.frame(stage.now).head).all()
    assert not stage.actor.speaking
    stage.run(2.0)
    assert stage.frames[-1].shapes[list(LIPS)].max() < 0.01


def test_the_same_seed_and_calls_are_the_same_performance() -> None:
    def play(seed: int) -> np.ndarray:
        stage = Stage(seed)
        stage.actor.listen(0.0)
        stage.run(2.0)
        stage.actor.backchannel(stage.now, "nod")
        stage.actor.think(stage.now)
        stage.speak(take(2))
        return curves(stage.run(3.0))[1]

    assert (play(5) == play(5)).all()
    assert (play(5) != play(6)).any()


def test_nothing_moves_that_is_turned_off() -> None:
    stage = Stage(amounts=Amounts(0, 0, 0, 0, 0, 0))
    for mood in ("listen", "think", "attend"):
        CALLS[mood](stage)
        stage.actor.backchannel(stage.now, "nod")
        stage.run(5.0, 30.0)
    _, head, shapes, gaze = curves(stage.frames)
    assert not head.any()
    assert not gaze.any()
    assert not shapes[:, BLINK].any()
    assert not any(frame.breath for frame in stage.frames)


@pytest.mark.parametrize("style", ["serious", "lively"])
def test_every_style_keeps_its_own_limits(style: str) -> None:
    stage = Stage(style=style)
    stage.frames.append(stage.actor.frame(0.0))
    for name in ("listen", "nod", "think", "attend", "speak1"):
        CALLS[name](stage)
        stage.run(0.8)
    stage.interrupt()
    stage.run(1.0)
    assert_keeps_limits(stage.frames, style)


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(UserError, match="no style"):
        Stage(style="nobody")
