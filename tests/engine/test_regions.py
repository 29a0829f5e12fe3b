"""What a gesture means where."""

import functools
import json
from collections.abc import Callable

import numpy as np
import pytest

from linly_blender.errors import UserError
from linly_blender.language.reader import read_script
from linly_blender.pose import PoseTrack, animate, load_region, load_style, region_names
from linly_blender.pose.choice import load_fine_tuner
from linly_blender.pose.regions import INTENTS, SIGNS, region_text
from linly_blender.score import Speech
from linly_blender.speech.prosody import Prosody, analyse
from linly_blender.speech.synthesis import EspeakVoice, speak

LINES = {
    "yes": ("Yes, we are open today.", "是的，我们今天营业。"),
    "no": ("No, that is a different one.", "不，那是另外一个。"),
    "agreement": ("Exactly, that is the way.", "当然，就是这样。"),
    "greeting": ("Hello, and welcome to the library.", "您好，请进。"),
    "thanks": ("Thank you for the letter.", "谢谢您的来信。"),
    "farewell": ("Goodbye, and take care.", "再见，路上慢走。"),
    "apology": ("I am sorry about the delay.", "非常抱歉让您久等了。"),
}
SOURCE = {"no": "negation"}
PITCH, YAW, ROLL = 3, 4, 5
Mover = Callable[[str, str, int], PoseTrack]


@functools.cache
def spoken(text: str) -> tuple[Speech, Prosody]:
    speech = speak(read_script(text, emotion="neutral"), EspeakVoice())
    return speech, analyse(speech.sound, speech.rate)


def times_of(text: str) -> np.ndarray:
    return np.arange(int(spoken(text)[0].duration * 60) + 1) / 60


@pytest.fixture(params=["off", "standard"])
def move(request: pytest.FixtureRequest) -> Mover:
    """How a text is moved in a region with a seed: by rules alone, and by the network, which knows neutral customs."""
    tuner, style = load_fine_tuner(request.param), load_style("neutral")

    def moved(text: str, region: str, seed: int) -> PoseTrack:
        rng = np.random.default_rng(seed)
        return animate(*spoken(text), style, rng, times_of(text), tuner=tuner, region=load_region(region))

    return moved


def shown(move: Mover, intent: str, region: str, language: int, seed: int) -> list[str]:
    track = move(LINES[intent][language], region, seed)
    head = [g for g in track.gestures if not g.kind.startswith(("brow", "gaze", "blink", "lower"))]
    return [g.kind for g in head if g.source == SOURCE.get(intent, intent)]


def test_neutral_comes_first_and_every_policy_is_whole():
    assert region_names()[0] == "neutral"
    assert {"bulgaria", "south_asia", "japan"} <= set(region_names())
    for name in region_names():
        region = load_region(name)
        assert set(region.customs) == set(INTENTS)
        assert region.about


@pytest.mark.parametrize("language", [0, 1], ids=["en", "zh"])
@pytest.mark.parametrize("region", region_names())
@pytest.mark.parametrize("intent", INTENTS)
def test_an_intent_is_shown_as_the_region_shows_it(move, intent, region, language):
    custom = load_region(region)[intent].gesture
    kinds = [shown(move, intent, region, language, seed) for seed in range(5)]
    expected = "nod" if custom == "double_nod" else custom
    assert sum(expected in found for found in kinds) >= 4
    assert all(set(found) <= {expected} for found in kinds)


def test_in_bulgaria_yes_turns_and_no_is_tossed(move):
    text, other = LINES["yes"][0], LINES["no"][0]
    for seed in range(4):
        track, times = move(text, "bulgaria", seed), times_of(text)
        (shake,) = [g for g in track.gestures if g.kind == "shake"]
        during = (times > shake.start) & (times < shake.end)
        assert np.degrees(np.ptp(track.head[during, YAW])) > 3
        track, times = move(other, "bulgaria", seed), times_of(other)
        (toss,) = [g for g in track.gestures if g.source == "negation" and g.kind == "raise"]
        up = np.interp([toss.start, toss.peak], times, np.degrees(track.head[:, PITCH]))
        assert up[1] - up[0] > 2


def test_a_wobble_swings_from_shoulder_to_shoulder(move):
    text = LINES["yes"][0]
    for seed in range(4):
        track, times = move(text, "south_asia", seed), times_of(text)
        (wobble,) = [g for g in track.gestures if g.kind == "wobble"]
        roll = np.degrees(track.head[(times > wobble.start) & (times < wobble.end), ROLL])
        turns = np.flatnonzero(np.diff(np.sign(np.diff(roll))) != 0)
        swings = np.abs(np.diff(roll[turns + 1]))
        assert (swings > 3).sum() >= 2


def test_a_bow_is_deep_and_held_and_over_with_the_voice(move):
    text = LINES["apology"][0]
    end = spoken(text)[0].phones[-1].end
    for seed in range(4):
        track, times = move(text, "japan", seed), times_of(text)
        pitch = np.degrees(track.head[:, PITCH])
        assert pitch.min() < -10
        assert (pitch < 0.8 * pitch.min()).sum() / 60 > 0.2, "seconds"
        assert np.abs(pitch[times > end + 0.6]).max() < 2
        assert max(g.end for g in track.gestures) <= end + 0.3


@pytest.mark.parametrize("name", region_names())
def test_a_policy_written_for_editing_is_the_same_policy(name, tmp_path):
    region, path = load_region(name), tmp_path / "mine.json"
    path.write_text(region_text(region), encoding="utf-8")
    copy = load_region(str(path))
    assert (copy.name, copy.about, copy.customs) == ("mine", region.about, region.customs)


def test_a_policy_of_ones_own_names_what_differs(move, tmp_path):
    path = tmp_path / "ours.json"
    path.write_text(json.dumps({"about": "Ours", "no": "none", "thanks": {"gesture": "bow", "size": 0.5}}))
    region = load_region(str(path))
    assert (region.name, region["no"].gesture, region["thanks"].size) == ("ours", "none", 0.5)
    assert region["yes"] == load_region("neutral")["yes"]
    assert not any(shown(move, "no", str(path), 0, seed) for seed in range(5))
    (tmp_path / "regions").mkdir()
    path.rename(tmp_path / "regions/ours.json")
    assert load_region("ours", tmp_path).about == "Ours"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"maybe": "nod"}, "no intent 'maybe'"),
        ({"yes": "jump"}, "yes should be one of nod"),
        ({"yes": {"gesture": "nod", "size": 3}}, r"yes\.size should be a number from 0 to 2"),
        ({"yes": {"gesture": "nod", "speed": 3}}, "unknown 'speed'"),
        ({"yes": {"size": 1}}, "yes has no 'gesture'"),
        ({"yes": 3}, "yes should be"),
        ({"about": 3}, "about should be a text"),
        ([], "object"),
    ],
)
def test_a_bad_policy_is_named_with_the_field(tmp_path, content, message):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=message) as caught:
        load_region(str(path))
    assert "bad.json" in str(caught.value)


def test_an_unknown_region_is_an_error_that_lists_what_there_is():
    with pytest.raises(UserError, match=r"'mars'.*neutral.*japan"):
        load_region("mars")
    assert len(set(SIGNS)) == len(SIGNS)
