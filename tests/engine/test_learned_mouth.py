"""The learned mouth: what it hears, that it streams, and that it moves as the voice does."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from linly_blender.audio.resampling import resample
from linly_blender.errors import UserError
from linly_blender.face import mouth_features
from linly_blender.face.coarticulation import blend, plan
from linly_blender.face.learned_mouth import LOOK_AHEAD, LearnedMouth
from linly_blender.face.mouth_features import BANDS, FEATURES
from linly_blender.face.targets import CHANNELS, JAW
from linly_blender.measure.mouth import closures, closures_of, unheard_speeches
from linly_blender.model_files import ModelError
from linly_blender.score import Speech
from linly_blender.speech.prosody import STEP, analyse

RATES = (8000, 16000, 22050, 44100, 48000)


@pytest.fixture(scope="module")
def mouth() -> LearnedMouth:
    return LearnedMouth()


@pytest.fixture(scope="module")
def speech() -> Speech:
    """A paragraph of English by a voice that was never learnt from."""
    return unheard_speeches("en", 1)[0]


def features(sound: np.ndarray, rate: int) -> np.ndarray:
    return mouth_features.hear(mouth_features.start(rate), sound)[1]


@pytest.mark.parametrize("rate", RATES)
def test_sound_in_pieces_is_heard_like_the_whole(speech: Speech, rate: int) -> None:
    sound = resample(speech.sound[: 3 * speech.rate], speech.rate, rate)
    hearing, pieces, at, random = mouth_features.start(rate), [], 0, np.random.default_rng(1)
    while at < len(sound):
        count = int(random.integers(1, rate // 20))
        hearing, frames = mouth_features.hear(hearing, sound[at : at + count])
        pieces.append(frames)
        at += count
    np.testing.assert_allclose(np.concatenate(pieces), features(sound, rate), atol=1e-5)


def test_the_rate_of_a_sound_is_not_heard(speech: Speech) -> None:
    heard = {rate: features(resample(speech.sound, speech.rate, rate), rate) for rate in (16000, 48000)}
    count = min(map(len, heard.values()))
    speaking = heard[16000][:count, BANDS] > 0
    difference = np.abs(heard[16000][:count] - heard[48000][:count])[speaking]
    assert np.median(difference) < 0.05


def test_the_level_of_a_recording_is_taken_out(speech: Speech) -> None:
    usual, quiet = (features((speech.sound * share).astype(np.int16), speech.rate) for share in (1.0, 0.15))
    late = slice(-500, None)  # the seconds before learn the level
    speaking = usual[late, BANDS] > 0
    assert np.median(np.abs(usual - quiet)[late][speaking]) < 0.15  # 3 dB of 16


def test_features_lie_about_one(speech: Speech) -> None:
    heard = features(speech.sound, speech.rate)
    assert heard.shape[1] == FEATURES
    assert np.abs(heard).max() < 4
    assert 0.2 < heard[:, :BANDS].std() < 2


@pytest.mark.parametrize("rate", RATES)
def test_the_stream_is_the_whole(mouth: LearnedMouth, speech: Speech, rate: int) -> None:
    sound = resample(speech.sound[: 4 * speech.rate], speech.rate, rate)
    whole = mouth.listen(sound, rate)
    state, at, told, random = mouth.start(rate), 0, [], np.random.default_rng(2)
    while at < len(sound):
        count = int(random.integers(1, rate // 10))
        state, piece = mouth.step(state, sound[at : at + count])
        told.append(piece)
        at = min(at + count, len(sound))
        assert sum(map(len, told)) * STEP > at / rate - LOOK_AHEAD - 1 / rate
    for name in ("channels", "closed", "on_teeth"):
        streamed = np.concatenate([getattr(piece, name) for piece in told])
        np.testing.assert_allclose(streamed, getattr(whole, name)[: len(streamed)], atol=1e-4)


def test_it_looks_60_ms_ahead_at_most(mouth: LearnedMouth, speech: Speech) -> None:
    assert LOOK_AHEAD <= 0.06
    cut = 3.0
    other = speech.sound.copy()
    other[round(cut * speech.rate) :] = np.random.default_rng(3).integers(-9000, 9000, len(other))[
        round(cut * speech.rate) :
    ]
    one, two = (mouth.listen(sound, speech.rate) for sound in (speech.sound, other))
    same = int((cut - LOOK_AHEAD) / STEP)
    np.testing.assert_allclose(one.channels[:same], two.channels[:same], atol=1e-5)
    assert np.abs(one.channels[same + 10 :] - two.channels[same + 10 :]).max() > 0.05


@pytest.mark.parametrize("count", [0, 1, 159, 16000, 16001, 33333])
def test_a_value_for_every_step_of_any_length(mouth: LearnedMouth, count: int) -> None:
    heard = mouth.listen(np.zeros(count, np.int16), 16000)
    assert len(heard) == int(count / 16000 / STEP + 1e-9) + 1
    assert heard.channels.shape == (len(heard), CHANNELS)
    assert heard.closed.shape == heard.on_teeth.shape == (len(heard),)


def test_the_same_sound_is_told_the_same(mouth: LearnedMouth, speech: Speech) -> None:
    one, two = mouth.listen(speech.sound, speech.rate), LearnedMouth().listen(speech.sound, speech.rate)
    assert np.array_equal(one.channels, two.channels)
    assert np.array_equal(one.closed, two.closed)


@pytest.mark.parametrize("level", [0, 3, 300])
def test_nobody_speaking_keeps_the_mouth_shut(mouth: LearnedMouth, level: int) -> None:
    """Digital silence, the noise of a converter, and the hiss of a room."""
    noise = np.random.default_rng(4).normal(0, 1, 5 * 16000) * level
    heard = mouth.listen(noise.astype(np.int16), 16000)
    assert heard.channels[50:, JAW].mean() < 0.06


@pytest.mark.parametrize("kind", ["clipped", "tone", "direct current"])
def test_whatever_is_heard_is_a_mouth(mouth: LearnedMouth, speech: Speech, kind: str) -> None:
    times = np.arange(3 * 16000) / 16000
    sound = {
        "clipped": np.clip(speech.sound[: 3 * speech.rate].astype(np.int32) * 40, -32768, 32767),
        "tone": 20000 * np.sin(2 * np.pi * 440 * times),
        "direct current": np.full(len(times), 30000),
    }[kind].astype(np.int16)
    heard = mouth.listen(sound, 16000)
    for part in (heard.channels, heard.closed, heard.on_teeth):
        assert np.isfinite(part).all()
        assert part.min() >= 0
        assert part.max() <= 1


def test_the_jaw_goes_with_the_vowels_and_closures_are_heard(mouth: LearnedMouth, speech: Speech) -> None:
    heard = mouth.listen(speech.sound, speech.rate)
    truth = blend(plan(speech, analyse(speech.sound, speech.rate)), np.arange(len(heard)) * STEP)
    assert np.corrcoef(heard.channels[:, JAW], truth[:, JAW])[0, 1] > 0.8
    counted = closures_of(mouth, "English")
    assert counted.found > 0.3 * counted.asked
    assert counted.false < 0.2 * counted.shown


def test_progress_cancels(mouth: LearnedMouth) -> None:
    class StopError(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0:
            raise StopError

    with pytest.raises(StopError):
        mouth.listen(np.zeros(60 * 16000, np.int16), 16000, stop)


def test_a_sound_too_coarse_for_speech_is_refused(mouth: LearnedMouth) -> None:
    with pytest.raises(UserError, match="samples a second"):
        mouth.listen(np.zeros(100, np.int16), 2000)


def test_another_model_is_refused(tmp_path: Path) -> None:
    from linly_blender.model_files import MODELS

    with pytest.raises(ModelError, match="pose_base"):
        LearnedMouth(MODELS / "pose_base.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    with pytest.raises(ModelError, match="broken"):
        LearnedMouth(broken)


def test_closures_are_counted(speech: Speech, mouth: LearnedMouth) -> None:
    """A mouth that does what the phones say has every closure, a still one none, a shut one only itself."""
    from linly_blender.face.coarticulation import contacts, gate

    heard = mouth.listen(speech.sound, speech.rate)
    lips, _ = contacts(speech)
    right = closures(replace(heard, closed=gate(lips, np.arange(len(heard)) * STEP).astype(np.float32)), speech)
    assert right.found == right.asked > 5
    assert right.false == 0
    assert np.abs(right.offsets).max() <= 0.06
    still = closures(replace(heard, closed=np.zeros(len(heard), np.float32)), speech)
    assert (still.found, still.shown) == (0, 0)
    twice = np.zeros(len(heard), np.float32)
    twice[:5] = 1  # in the silence before the first word
    assert closures(replace(heard, closed=twice), speech).false == 1
