"""The body's performance of whole lines, spoken by the built-in voice."""

import dataclasses
import functools
import itertools

import numpy as np
import pytest

from linly_blender.arkit import INDEX, SHAPES
from linly_blender.language.reader import read_script
from linly_blender.pose import PoseTrack, animate, load_style
from linly_blender.pose.timeline import read_timeline
from linly_blender.score import Speech
from linly_blender.speech.prosody import Prosody, analyse
from linly_blender.speech.synthesis import EspeakVoice, speak

LINE = "Good morning. We open at *nine* on weekdays, but the reading room is never closed before eight. Is that fine?"
CHINESE = "你们周末营业吗？我们周末*正常*营业，营业时间为上午9点到晚上8点。"
HEAD_X, HEAD_Y, HEAD_Z, PITCH, YAW, ROLL = range(6)


@functools.cache
def spoken(text: str, emotion: str | None = None) -> tuple[Speech, Prosody]:
    speech = speak(read_script(text, language="auto", emotion=emotion), EspeakVoice())
    return speech, analyse(speech.sound, speech.rate)


def move(text: str, seed: int = 1, fps: float = 60.0, style: str = "neutral", **changes) -> PoseTrack:
    speech, prosody = spoken(text, changes.pop("emotion", None))
    chosen = dataclasses.replace(load_style(style), **changes)
    return animate(speech, prosody, chosen, np.random.default_rng(seed), times_of(text, fps))


def times_of(text: str, fps: float = 60.0) -> np.ndarray:
    return np.arange(int(spoken(text)[0].duration * fps) + 1) / fps


def kinds(track: PoseTrack, source: str | None = None) -> list[str]:
    return [gesture.kind for gesture in track.gestures if source in (None, gesture.source)]


def test_the_same_seed_gives_the_same_bits_and_another_another_take():
    one, again, other = move(LINE, 5), move(LINE, 5), move(LINE, 6)
    for name in ("head", "gaze", "breath", "shapes"):
        assert getattr(one, name).tobytes() == getattr(again, name).tobytes()
        assert name == "breath" or not np.allclose(getattr(one, name), getattr(other, name))
    assert one.gestures == again.gestures
    assert np.degrees(np.abs(one.head[:, PITCH:] - other.head[:, PITCH:]).max()) > 2


@pytest.mark.parametrize("text", [LINE, CHINESE])
def test_every_frame_rate_shows_the_same_curves(text):
    fine = move(text, fps=120)
    for fps in (24, 30, 60):
        coarse, every = move(text, fps=fps), 120 // fps
        for name in ("head", "gaze", "breath", "shapes"):
            shared = min(len(getattr(coarse, name)), len(getattr(fine, name)[::every]))
            assert np.allclose(getattr(coarse, name)[:shared], getattr(fine, name)[::every][:shared], atol=2e-6)
        assert coarse.gestures == fine.gestures


@pytest.mark.parametrize("style", ["neutral", "lively", "serious", "humorous"])
@pytest.mark.parametrize("emotion", [None, "excited", "sad"])
def test_everything_is_finite_in_range_and_leaves_speech_to_the_face(style, emotion):
    track = move(LINE, style=style, emotion=emotion)
    count = len(times_of(LINE))
    track_times = spoken(LINE, emotion)[0]
    assert track.shapes.shape == (count, 52)
    for values in (track.head, track.gaze, track.breath, track.shapes):
        assert np.isfinite(values).all()
        assert values.dtype == np.float32
    assert track.shapes.min() >= 0
    assert track.shapes.max() <= 1
    assert track.breath.min() >= 0
    assert track.breath.max() <= 1
    spoken_shapes = [n for n in SHAPES if n.startswith(("jaw", "tongue", "mouth")) and "Smile" not in n]
    assert track.shapes[:, [INDEX[n] for n in spoken_shapes if "Dimple" not in n]].max() == 0
    assert np.degrees(np.abs(track.head[:, YAW]).max()) <= 15
    assert all(g.start <= g.peak <= g.end for g in track.gestures)
    assert all(0 <= g.end <= track_times.duration for g in track.gestures)


def test_the_chin_is_down_on_the_marked_word_in_every_take():
    speech, _ = spoken(LINE)
    stress = {s.word: s for s in read_timeline(speech).stresses}
    index = next(i for i, word in enumerate(speech.words) if word.text == "nine")
    times = times_of(LINE)
    for seed in range(12):
        track = move(LINE, seed)
        (nod,) = [g for g in track.gestures if g.source == "marked" and abs(g.peak - stress[index].time) < 0.2]
        assert nod.kind == "nod"
        during = (times > nod.start) & (times < nod.end)
        lowest = times[during][track.head[during, PITCH].argmin()]
        assert abs(lowest - nod.peak) < 0.05
        before = track.head[times <= nod.start][-1, PITCH]
        assert before - track.head[np.abs(times - lowest).argmin(), PITCH] > np.radians(2.5)


def test_a_question_lifts_the_chin_and_the_brows():
    text = "Do you already have a card?"
    speech, _ = spoken(text)
    assert speech.sentences[0].type == "question"
    times, end = times_of(text), speech.phones[-1].end
    rises = []
    for seed in range(8):
        track = move(text, seed)
        assert "lift" in kinds(track, "question")
        assert "brow_raise" in kinds(track, "question")
        late, early = np.abs(times - (end - 0.05)).argmin(), np.abs(times - (end - 0.55)).argmin()
        rises.append(track.head[late, PITCH] - track.head[early, PITCH])
        assert track.shapes[late, INDEX["browInnerUp"]] > 0.15
    assert np.degrees(np.mean(rises)) > 1


@pytest.mark.parametrize("text", ["You are happy with it, aren't you?", "你确定吗？"])
def test_a_confirming_question_pushes_the_head_forward_once_and_back(text):
    speech, _ = spoken(text)
    assert speech.sentences[0].type == "rhetorical"
    times = times_of(text)
    for seed in range(4):
        track = move(text, seed)
        (push,) = [g for g in track.gestures if g.kind == "push"]
        forward = track.head[:, HEAD_Y]
        peak, rebound = (np.abs(times - t).argmin() for t in (push.peak, push.end))
        assert forward[peak] < forward[np.abs(times - push.start).argmin()] - 0.01
        assert forward[rebound] > forward[peak] + 0.007
        assert push.end - push.start < 0.7


def test_what_is_directed_happens_at_its_place():
    text = "Well, [nod] yes, and [shake] no. [look left] It is over there. [tilt right] Perhaps. [blink] Good."
    speech, _ = spoken(text)
    track = move(text, 3)
    directed = [g for g in track.gestures if g.source == "direction"]
    assert sorted(g.kind for g in directed) == ["blink", "gaze_away", "nod", "shake", "tilt_right"]
    for cue in speech.cues:
        kind = "gaze_away" if cue.kind.startswith("look") else cue.kind
        (gesture,) = [g for g in directed if g.kind == kind]
        assert abs(gesture.peak - cue.time) < 0.5
    times = times_of(text)
    look = next(g for g in directed if g.kind == "gaze_away")
    during = (times > look.peak) & (times < look.end)
    assert np.degrees(track.gaze[during, 1] + track.head[during, YAW]).min() > 12, "to the character's left"
    tilt = next(g for g in directed if g.kind == "tilt_right")
    assert track.head[np.abs(times - tilt.peak).argmin(), ROLL] < np.radians(-2)


@pytest.mark.parametrize("text", [LINE, CHINESE, "Stop!", "I told you [nod]", "Look at that. [blink][look up]"])
def test_nothing_goes_on_after_the_voice(text):
    speech, _ = spoken(text)
    end, times = speech.phones[-1].end, times_of(text)
    for seed in range(6):
        track = move(text, seed)
        assert max(g.end for g in track.gestures) <= end + 0.3
        home = np.linalg.norm(np.degrees(track.head[times >= end + 0.6][:, PITCH:]), axis=1)
        assert home.max() < 2


def test_the_eyes_stay_on_their_target_while_the_head_nods():
    track = move(LINE, 2)
    sight = np.degrees(track.gaze + track.head[:, [PITCH, YAW]])
    still = np.abs(np.diff(sight, axis=0)).max(axis=1) < 0.02
    assert still.mean() > 0.85, "between saccades the line of sight does not move"
    assert np.degrees(np.ptp(track.head[:, PITCH])) > 3


def test_the_eye_shapes_say_the_same_as_the_gaze():
    track = move("[look left] Over there. [look down] And here.", 2)
    left = track.shapes[:, INDEX["eyeLookOutLeft"]] - track.shapes[:, INDEX["eyeLookInLeft"]]
    right = track.shapes[:, INDEX["eyeLookInRight"]] - track.shapes[:, INDEX["eyeLookOutRight"]]
    up = track.shapes[:, INDEX["eyeLookUpLeft"]] - track.shapes[:, INDEX["eyeLookDownLeft"]]
    assert np.allclose(left, track.gaze[:, 1] / np.radians(30), atol=1e-5)
    assert np.allclose(left, right, atol=1e-5)
    assert np.allclose(up, track.gaze[:, 0] / np.radians(25), atol=1e-5)
    assert np.corrcoef(up, track.shapes[:, INDEX["eyeBlinkLeft"]])[0, 1] < 0, "lids go down with the eyes"


def test_amount_scales_the_head_and_zero_keeps_it_still():
    whole, half, none = (move(LINE, 4, amount=amount) for amount in (1.0, 0.5, 0.0))
    spread = [np.degrees(track.head[:, PITCH:]).std() for track in (whole, half, none)]
    assert spread[1] == pytest.approx(0.5 * spread[0], rel=0.1)
    assert spread[2] == 0


def test_breath_comes_in_before_a_phrase_and_goes_out_with_it():
    speech, _ = spoken(LINE)
    track, times = move(LINE), times_of(LINE)
    at = [np.abs(times - t).argmin() for s in speech.sentences for t in (s.start, s.end)]
    for start, end in zip(at[::2], at[1::2], strict=True):
        assert track.breath[start] > track.breath[end]


def test_a_speech_without_a_sound_is_sat_through():
    silent = Speech(np.zeros(32000, np.int16), 16000, (), (), ())
    times = np.arange(121) / 60
    track = animate(silent, analyse(silent.sound, silent.rate), load_style("lively"), np.random.default_rng(0), times)
    assert np.isfinite(track.head).all()
    assert np.degrees(np.abs(track.head[:, PITCH:])).max() < 4


def test_no_is_shaken_in_a_statement_and_not_in_a_tag_question():
    assert any("shake" in kinds(move("I have never said that.", seed), "negation") for seed in range(6))
    assert not any("shake" in kinds(move("That is right, isn't it?", seed)) for seed in range(6))


def test_a_list_tilts_from_side_to_side():
    tilts = [g.kind for g in move("You need flour, butter, salt and a spoon.", 1).gestures if g.source == "list"]
    assert len(tilts) >= 2
    assert all(one != other for one, other in itertools.pairwise(tilts))
