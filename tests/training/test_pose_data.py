"""The teacher's lessons."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("onnx", reason="training needs onnx")

from linly_blender.errors import UserError
from linly_blender.pose.context import CONTEXT, CONTEXT_NAMES, STYLE_NUMBERS
from linly_blender.pose.features import FEATURES, STEP
from linly_blender.pose.fine_tuner import CONTROLS
from linly_blender.training.pose.account import SYNTHETIC, Account, Built, read_account, write_account
from linly_blender.training.pose.config import DEFAULT, Settings
from linly_blender.training.pose.data import Lesson, cached, content, synthetic_lessons, wordless
from linly_blender.training.pose.export import Parity
from linly_blender.training.pose.recordings import recorded_lessons
from linly_blender.training.settings import read_settings


@pytest.fixture(scope="module")
def lessons() -> list[Lesson]:
    return synthetic_lessons(12, np.random.default_rng(3))


def test_lessons_are_whole(lessons: list[Lesson]) -> None:
    for lesson in lessons:
        count = len(lesson.features)
        assert lesson.features.shape == (count, FEATURES)
        assert lesson.context.shape == (count, CONTEXT)
        assert lesson.target.shape == (count, CONTROLS)
        assert all(np.isfinite(part).all() for part in (lesson.features, lesson.context, lesson.target))


def test_the_same_seed_teaches_the_same() -> None:
    """Words, times and choices; a variant of the voice sounds minutely otherwise after another variant."""
    again = synthetic_lessons(2, np.random.default_rng(8))
    twice = synthetic_lessons(2, np.random.default_rng(8))
    for one, other in zip(again, twice, strict=True):
        np.testing.assert_array_equal(one.context, other.context)


def test_dice_alone_say_nothing(lessons: list[Lesson]) -> None:
    """Over all stressed words they are even in 0..1, whatever the teacher did."""
    context = np.concatenate([lesson.context for lesson in lessons])
    stressed = context[context[:, CONTEXT_NAMES.index("stress")] > 0]
    throws = stressed[:, CONTEXT_NAMES.index("dice nod")] + 0.5
    assert len(throws) > 100
    assert 0.42 < throws.mean() < 0.58
    assert 0.24 < throws.std() < 0.34


def test_dice_tell_the_teacher_s_choice_in_its_situation(lessons: list[Lesson]) -> None:
    """Among emphasised words low throws are nods: the chin is lower around their vowels than with high throws."""
    at = {name: CONTEXT_NAMES.index(name) for name in ("emphasised", "dice nod")}
    low, high = [], []
    for lesson in lessons:
        for frame in np.flatnonzero(lesson.context[:, at["emphasised"]]):
            vowel = frame + round(0.7 / STEP)
            if 30 < frame < len(lesson.target) - 80:
                dip = lesson.target[vowel, 3] - lesson.target[vowel - 20, 3]
                (low if lesson.context[frame, at["dice nod"]] < -0.25 else high).append(dip)
    assert np.mean(low) < np.mean(high) - np.radians(0.7)


def test_speech_without_words_has_phrases_and_prominent_syllables() -> None:
    rate = 16000
    times = np.arange(4 * rate) / rate
    loud = 0.5 + 0.5 * np.sin(2 * np.pi * 1.5 * times)
    hertz = 140 + 60 * (np.sin(2 * np.pi * 0.7 * times) > 0.6)
    sound = (12000 * loud * np.sin(2 * np.pi * np.cumsum(hertz) / rate)).astype(np.int16)
    speech = wordless(sound, rate)
    assert len(speech.phones) > 5
    assert 0 < len(speech.words) < len(speech.phones)
    assert wordless(np.zeros(rate, np.int16), rate).phones == ()


def test_lessons_are_kept(lessons: list[Lesson], tmp_path: Path) -> None:
    def never() -> list[Lesson]:
        raise AssertionError("made again")

    cached(tmp_path / "a.npz", lambda: lessons)
    assert content(cached(tmp_path / "a.npz", never)) == content(lessons) != content(lessons[1:])
    for kept, lesson in zip(cached(tmp_path / "a.npz", never), lessons, strict=True):
        np.testing.assert_array_equal(kept.target, lesson.target)
        np.testing.assert_array_equal(kept.context, lesson.context)
        assert kept.textless == lesson.textless


def test_a_recording_is_read_back(tmp_path: Path) -> None:
    """A take exported as Live Link Face and WAV teaches the pose that it shows."""
    from linly_blender.exports.livelink import write_livelink
    from linly_blender.exports.wav import write_wav
    from linly_blender.perform import perform

    take = perform("Are you sure? I *really* like it.", seed=2)
    write_livelink(take, tmp_path / "one.csv")
    write_wav(take.speech, tmp_path / "one.wav")
    (lesson,) = recorded_lessons(tmp_path)
    assert lesson.textless
    assert not lesson.context[:, :-STYLE_NUMBERS].any()
    at = np.arange(len(lesson.target)) * STEP
    for axis in (3, 4, 5):
        shown = np.interp(at, take.frames.times, take.frames.head[:, axis])
        np.testing.assert_allclose(lesson.target[:, axis], shown - np.median(shown), atol=2e-3)


def test_a_folder_without_recordings_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Live Link Face"):
        recorded_lessons(tmp_path)
    (tmp_path / "a.csv").write_text("Timecode,Nothing\n00:00:00:00.000,1\n")
    with pytest.raises(UserError, match=r"a\.wav"):
        recorded_lessons(tmp_path)


def test_an_account_of_a_run_is_read_back(tmp_path: Path) -> None:
    account = Account(
        12.5, "x86_64", {SYNTHETIC: 3.0}, "LSTM", {"LSTM": 0.4}, (Built("LSTM", 9, 99, Parity(1e-6, 0.0)),)
    )
    path = tmp_path / "account.json"
    write_account(account, path)
    assert read_account(path) == account
    path.write_text(path.read_text().replace('"weights": 9', '"weights": -9'))
    with pytest.raises(UserError, match=r"built\[0\]\.weights"):
        read_account(path)


@pytest.mark.parametrize("change", ['"turns": 0', '"rate": 2.0', '"turns": true', '"width": "64"'])
def test_wrong_settings_are_named(change: str, tmp_path: Path) -> None:
    import re

    name = change.split('"')[1]
    text = re.sub(rf'"{name}": [^,\n]+', change, DEFAULT.read_text())
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(UserError, match=name):
        read_settings(tmp_path / "c.json", Settings)
    assert read_settings(DEFAULT, Settings).turns > 0
