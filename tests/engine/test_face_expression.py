"""Emotion: eased in and out, alive, and never against what the lips have to do."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from linly_blender.arkit import INDEX, SHAPES
from linly_blender.face import articulate, combine, express
from linly_blender.score import Emotion, Phone, Sentence, Speech, Word
from linly_blender.speech.prosody import STEP, Prosody

SHOWN: tuple[Emotion, ...] = tuple(e for e in get_args(Emotion) if e != "neutral")


def speech_with(*emotions: Emotion, intensity: float = 0.8, pause: float = 0.4) -> Speech:
    """A sentence of two seconds for each emotion; the first starts at 1 s. Says ``mɑːfuː`` over and over."""
    at, phones, words, sentences = 1.0, [], [], []
    for index, emotion in enumerate(emotions):
        start = at
        for name in ("m", "ɑː", "f", "uː") * 5:
            phones.append(Phone(name, at, at + 0.1, 1 if "ː" in name else 0, index))
            at += 0.1
        words.append(Word("x", start, at, 0.0, index))
        level = 0.0 if emotion == "neutral" else intensity
        sentences.append(Sentence("x", start, at, "statement", emotion, level, "en-us"))
        at += pause
    return Speech(np.zeros(int((at + 2) * 16000), np.int16), 16000, tuple(phones), tuple(words), tuple(sentences))


def shown(speech: Speech, seed: int = 1, amount: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    times = np.arange(int(speech.duration * 60)) / 60
    return times, express(speech, times, np.random.default_rng(seed), amount)


def test_neutral_shows_nothing() -> None:
    assert not shown(speech_with("neutral"))[1].any()


@pytest.mark.parametrize("emotion", SHOWN)
def test_an_emotion_comes_before_its_sentence_and_goes_slower_after_it(emotion: Emotion) -> None:
    times, shapes = shown(speech_with(emotion))
    total = shapes.sum(axis=1)
    assert total[times < 0.4].max() == 0
    assert 0 < total[np.searchsorted(times, 0.9)] < total.max()
    assert total[np.searchsorted(times, 3.3)] > 0.5 * total.max()
    assert total[-1] == 0
    half = 0.5 * total.max()
    rise = np.argmax(total > half) - np.argmax(total > 0.02)
    fall = np.argmax(total[::-1] > half) - np.argmax(total[::-1] > 0.02)
    assert fall > rise
    assert np.abs(np.diff(shapes, axis=0)).max() * 60 < 4  # a face, not a switch


def test_the_faces_of_two_emotions_differ() -> None:
    middles = {emotion: shown(speech_with(emotion, intensity=1.0))[1][120] for emotion in SHOWN}
    for one in SHOWN:
        for other in SHOWN:
            if one != other:
                assert np.abs(middles[one] - middles[other]).max() > 0.2, (one, other)


def test_intensity_and_amount_scale_and_the_seed_decides() -> None:
    _, strong = shown(speech_with("happy", intensity=1.0))
    _, weak = shown(speech_with("happy", intensity=0.4))
    np.testing.assert_allclose(weak, 0.4 * strong, atol=1e-4)
    _, less = shown(speech_with("happy", intensity=1.0), amount=0.4)
    np.testing.assert_allclose(less, weak, atol=1e-4)
    np.testing.assert_array_equal(shown(speech_with("happy"), seed=3)[1], shown(speech_with("happy"), seed=3)[1])
    assert np.abs(shown(speech_with("happy"), seed=3)[1] - shown(speech_with("happy"), seed=4)[1]).max() > 0.01


def test_an_emotion_is_uneven_and_restless() -> None:
    differences = []
    for seed in range(20):
        times, shapes = shown(speech_with("happy", "happy", "happy"), seed)
        held = shapes[(times > 2) & (times < 7)]
        smile = held[:, INDEX["mouthSmileLeft"]]
        assert 0.02 < smile.std() / smile.mean() < 0.25
        differences.append(np.log(held[:, INDEX["mouthSmileLeft"]].mean() / held[:, INDEX["mouthSmileRight"]].mean()))
    assert 0.02 < np.std(differences) < 0.3


def test_an_emotion_hands_over_to_the_next_sentence_without_a_dip_or_a_pile() -> None:
    times, same = shown(speech_with("happy", "happy"))
    smile = same[:, INDEX["mouthSmileLeft"]]
    pause = smile[(times > 2.9) & (times < 3.6)]
    assert pause.min() > 0.6 * smile.max()
    times, changed = shown(speech_with("happy", "sad"))
    late = times > 4.5
    assert changed[late][:, INDEX["mouthSmileLeft"]].max() < 0.05


@pytest.mark.parametrize("emotion", SHOWN)
def test_speech_keeps_its_closures_its_teeth_and_its_rounding(emotion: Emotion) -> None:
    speech = speech_with(emotion, intensity=1.0)
    times, expression = shown(speech)
    count = int(speech.duration / STEP) + 1
    articulation = articulate(speech, Prosody(np.ones(count, np.float32), np.ones(count, np.float32)), times)
    face = combine(articulation, expression, speech, times)
    assert face.min() >= 0
    assert face.max() <= 1
    added = face - articulation
    opening = [INDEX[n] for n in ("jawOpen", "mouthFunnel", "mouthUpperUpLeft", "mouthLowerDownRight", "noseSneerLeft")]
    widening = [INDEX["mouthSmileLeft"], INDEX["mouthStretchLeft"]]
    for phone in speech.phones:
        middle = np.searchsorted(times, (phone.start + phone.end) / 2)
        if phone.phone in "mf":
            assert added[middle, opening].max() < 0.01
        if phone.phone == "uː":
            assert (added[middle, widening] <= 0.5 * expression[middle, widening]).all()
    brows = [i for i, name in enumerate(SHAPES) if name.startswith(("brow", "eye"))]
    np.testing.assert_allclose(added[:, brows], expression[:, brows], atol=1e-6)


def test_without_emotion_combining_changes_nothing() -> None:
    speech = speech_with("neutral")
    times, expression = shown(speech)
    articulation = articulate(speech, Prosody(np.ones(9, np.float32), np.ones(9, np.float32)), times)
    np.testing.assert_array_equal(combine(articulation, expression, speech, times), articulation)


def test_no_sentences_is_no_emotion() -> None:
    _, shapes = shown(replace(speech_with("happy"), sentences=()))
    assert not shapes.any()
