"""A recording's analysis becomes a performance: passage by passage, and only what changed is performed again."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from linly_blender.arkit import INDEX
from linly_blender.dialogue import performing
from linly_blender.dialogue.analysis import UNKNOWN, Analysis, HeardLine, HeardWord
from linly_blender.dialogue.performing import MEETING, PAUSE, Cache, passages, perform_recording
from linly_blender.dialogue.recording import Recording
from linly_blender.errors import UserError
from linly_blender.face import articulate
from linly_blender.face.heard import EFFORT, Heard
from linly_blender.face.targets import CHANNELS, JAW
from linly_blender.language.reader import read_script
from linly_blender.performance import Performance
from linly_blender.pose.laughter import SETTLES
from linly_blender.score import Noise, Speech
from linly_blender.speech.prosody import STEP, analyse
from linly_blender.speech.synthesis import EspeakVoice, speak

FPS = 30.0
TEXT = "We meet at *noon*. [pause 1.5] Bring my map, please. [pause 1.2] Are you sure? We hope so."


def silent(sound: NDArray[np.int16], rate: int) -> Heard:
    """A mouth that does nothing."""
    count = int(len(sound) / rate / STEP) + 1
    return Heard(np.zeros((count, CHANNELS), np.float32), np.zeros(count, np.float32), np.zeros(count, np.float32))


class Deaf:
    """In the place of the trained network, whose figures are measured elsewhere."""

    def listen(self, sound: NDArray[np.int16], rate: int, progress: object) -> Heard:
        heard = silent(sound, rate)
        heard.channels[:, JAW] = 0.2
        return heard


@pytest.fixture(autouse=True)
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performing, "LearnedMouth", Deaf)


@pytest.fixture(scope="module")
def speech() -> Speech:
    with EspeakVoice() as voice:
        return speak(read_script(TEXT), voice)


@pytest.fixture(scope="module")
def recording(speech: Speech) -> Recording:
    return Recording(speech.sound, speech.rate, "line.wav")


@pytest.fixture(scope="module")
def analysis(speech: Speech) -> Analysis:
    """As an aligner that errs nowhere would find it."""
    lines = []
    for number, sentence in enumerate(speech.sentences):
        places = [index for index, word in enumerate(speech.words) if word.sentence == number]
        words = [speech.words[place] for place in places]
        phones = [replace(p, word=p.word - places[0]) for p in speech.phones if p.word in places]
        lines.append(
            HeardLine(
                sentence.text,
                sentence.language,
                phones[0].start,
                phones[-1].end,
                "script",
                tuple(HeardWord(word.text, word.start, word.end, 1.0, word.emphasis) for word in words),
                tuple(phones),
                sentence.type,
            )
        )
    return Analysis(speech.duration, tuple(lines))


def perform(recording: Recording, analysis: Analysis, cache: Cache | None = None, seed: int = 3) -> Performance:
    return perform_recording(recording, analysis, fps=FPS, seed=seed, fine_tuner="off", cache=cache)


def curves(take: Performance) -> NDArray[np.float32]:
    frames = take.frames
    return np.column_stack([frames.shapes, frames.head, frames.gaze, frames.breath])


def test_passages_part_at_long_pauses_and_are_all_of_it(analysis: Analysis) -> None:
    found = passages(analysis)
    assert [len(passage.lines) for passage in found] == [1, 1, 2]
    assert found[0].start == 0
    assert found[-1].end == analysis.duration
    for one, two in pairwise(found):
        assert one.end == two.start
        assert two.lines[0].start - one.lines[-1].end >= PAUSE


def test_the_take_is_the_recording_with_its_words(recording: Recording, analysis: Analysis, speech: Speech) -> None:
    take = perform(recording, analysis)
    assert len(take.frames) == int(recording.duration * FPS) + 1
    np.testing.assert_array_equal(take.speech.sound, recording.sound)
    assert [word.text for word in take.speech.words] == [word.text for word in speech.words]
    assert [phone.phone for phone in take.speech.phones] == [phone.phone for phone in speech.phones]
    assert {gesture.source for gesture in take.gestures} >= {"emphasis", "rhetorical"}
    assert all(0 <= gesture.peak <= recording.duration for gesture in take.gestures)
    assert np.isfinite(curves(take)).all()


def test_movement_goes_over_from_passage_to_passage_without_a_leap(recording: Recording, analysis: Analysis) -> None:
    take = perform(recording, analysis)
    speed = np.abs(np.diff(take.frames.head[:, 3:], axis=0)) * FPS
    for passage in passages(analysis)[1:]:
        at = int(passage.start * FPS)
        assert speed[at - 6 : at + 6].max() < np.radians(12)


def test_only_what_changed_is_performed_again(
    recording: Recording, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache: Cache = {}
    before = perform(recording, analysis, cache)
    made = []
    real = performing.perform_speech
    monkeypatch.setattr(performing, "perform_speech", lambda *args, **more: made.append(1) or real(*args, **more))
    np.testing.assert_array_equal(curves(perform(recording, analysis, cache)), curves(before))
    assert not made
    line = analysis.lines[1]
    louder = replace(line, words=tuple(replace(word, emphasis=1.0) for word in line.words))
    changed = replace(analysis, lines=(analysis.lines[0], louder, *analysis.lines[2:]))
    after = perform(recording, changed, cache)
    assert len(made) == 1
    moved = np.flatnonzero((curves(after) != curves(before)).any(axis=1)) / FPS
    middle = passages(analysis)[1]
    assert len(moved)
    assert moved.min() >= middle.start - performing.MEETING
    assert moved.max() <= middle.end + performing.MEETING
    np.testing.assert_array_equal(curves(perform(recording, changed)), curves(after))


def test_another_seed_is_another_take_and_the_same_one_the_same(recording: Recording, analysis: Analysis) -> None:
    take = curves(perform(recording, analysis))
    np.testing.assert_array_equal(curves(perform(recording, analysis)), take)
    assert (curves(perform(recording, analysis, seed=4)) != take).any()


@pytest.mark.parametrize("length", [212992, 212993, 213000])
def test_the_last_frame_is_as_alive_as_the_one_before(recording: Recording, analysis: Analysis, length: int) -> None:
    """Rounding to samples and to frames must not cost the last passage its end."""
    rate = 16000
    sound = np.resize(recording.sound, length)
    take = perform(Recording(sound, rate, "line.wav"), replace(analysis, duration=length / rate))
    assert len(take.frames) == int(length / rate * FPS + 1e-9) + 1
    np.testing.assert_array_equal(take.speech.sound, sound)
    breath = take.frames.breath
    assert abs(breath[-1] - breath[-2]) < 0.05
    assert np.abs(np.diff(breath)[-8:]).max() < 0.05


def test_a_recording_in_which_nobody_speaks_is_refused(recording: Recording) -> None:
    with pytest.raises(UserError, match="Nobody speaks"):
        perform(recording, Analysis(recording.duration, ()))


# The mouth


def test_an_unknown_syllable_is_shaped_by_the_sound_alone(speech: Speech) -> None:
    unknown = replace(speech, phones=tuple(replace(phone, phone=UNKNOWN) for phone in speech.phones))
    heard = silent(speech.sound, speech.rate)
    heard.channels[:, JAW] = 0.3
    phone = speech.phones[6]
    middle = round((phone.start + phone.end) / 2 / STEP)
    heard.closed[middle + 20 : middle + 32] = 1.0
    times = np.arange(int(speech.duration * 100)) / 100
    prosody = analyse(speech.sound, speech.rate)
    jaw = articulate(unknown, prosody, times, heard)[:, INDEX["jawOpen"]]
    spoken = slice(*np.searchsorted(times, (phone.start, phone.end)))
    assert jaw[spoken] == pytest.approx(jaw[spoken][0], abs=1e-6)
    other = articulate(unknown, prosody, times, replace(heard, closed=np.zeros_like(heard.closed)))
    assert (other[:, INDEX["jawOpen"]] - jaw)[middle + 26] > 0.1
    still = articulate(unknown, prosody, times, silent(speech.sound, speech.rate))
    assert still[spoken].max() < 0.05


@pytest.mark.parametrize("opening", [0.0, 1.0])
def test_known_phones_open_as_far_as_this_speaker_does_and_close_all_the_same(speech: Speech, opening: float) -> None:
    heard = silent(speech.sound, speech.rate)
    heard.channels[:, JAW] = opening
    times = np.arange(int(speech.duration * 200)) / 200
    prosody = analyse(speech.sound, speech.rate)
    plain = articulate(speech, prosody, times)
    own = articulate(speech, prosody, times, heard)
    jaw = INDEX["jawOpen"]
    factor = own[:, jaw].max() / plain[:, jaw].max()
    assert factor == pytest.approx(EFFORT[int(opening)], rel=0.1)
    for phone in speech.phones:
        if phone.phone in "pbm" and phone.end - phone.start > 0.05:
            middle = np.searchsorted(times, (phone.start + phone.end) / 2)
            assert abs(own[middle] - plain[middle]).max() < 0.05


def test_no_passage_parts_in_a_laugh(recording: Recording, analysis: Analysis) -> None:
    one, other = analysis.lines[0].end, analysis.lines[1].start
    laugh = Noise("laugh", one + 0.15, one + 0.8, 0.8)
    laughing = replace(analysis, noises=(laugh,))
    assert len(passages(laughing)) == len(passages(analysis)) - (other - laugh.end - SETTLES < MEETING)
    assert not any(laugh.start < passage.start < laugh.end for passage in passages(laughing))
    breath = Noise("breath", other - 0.5, other - 0.1, 0.6)
    parted = passages(replace(analysis, noises=(breath,)))
    assert len(parted) == len(passages(analysis))
    assert parted[0].end < breath.start
    jaw = perform(recording, laughing).frames.shapes[:, INDEX["jawOpen"]]
    assert jaw[round(laugh.start * FPS) : round(laugh.end * FPS)].max() > 0.15


def test_what_the_voice_accents_and_how_it_feels_is_performed(
    recording: Recording, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an author has directed stays."""
    monkeypatch.setattr(performing, "arousal", lambda own, usual: 1.0)
    monkeypatch.setattr(performing, "heard_emphasis", lambda words, prosody: 0.9 * (np.arange(len(words)) == 0))
    first, second, third, *others = analysis.lines
    second = replace(second, emotion="happy", intensity=0.5)
    third = replace(third, emotion="happy", intensity=0.5, directed=True)
    take = perform(recording, replace(analysis, lines=(first, second, third, *others)))
    assert [(s.emotion, s.intensity) for s in take.speech.sentences[:3]] == [
        ("excited", 0.35), ("happy", 0.75), ("happy", 0.5)
    ]  # fmt: skip
    emphasis = {word.text: word.emphasis for word in take.speech.words}
    assert emphasis["noon"] == 1.0
    assert take.speech.words[0].emphasis < 0.5 < emphasis["Bring"]
