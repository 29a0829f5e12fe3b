"""The measure knows what it measures, and the neutral style lies in every published band."""

import dataclasses
import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linly_blender.arkit import INDEX
from linly_blender.extremes import extremes
from linly_blender.language.reader import read_script
from linly_blender.measure.believability import (
    canonical_correlation,
    measure,
    measure_emotion,
    measure_styles,
)
from linly_blender.measure.sentences import TEXTS, script
from linly_blender.performance import Frames, Performance
from linly_blender.pose import animate, load_style
from linly_blender.pose.choice import FINE_TUNERS, load_fine_tuner
from linly_blender.score import Emotion
from linly_blender.speech.prosody import Prosody, analyse
from linly_blender.speech.synthesis import EspeakVoice, Speech, speak

FPS = 60.0
JOINT = {"en": " ", "zh": ""}


@functools.cache
def speeches(language: str, emotion: Emotion, paragraphs: int = 99) -> list[tuple[Speech, Prosody]]:
    texts = [JOINT[language].join(paragraph) for paragraph in TEXTS[language][:paragraphs]]
    said = [speak(read_script(text, language=language, emotion=emotion), EspeakVoice()) for text in texts]
    return [(speech, analyse(speech.sound, speech.rate)) for speech in said]


def takes(
    language: str, seeds: range, emotion: Emotion = "neutral", paragraphs: int = 99, fine_tuner: str = "off"
) -> list[Performance]:
    found, tuner = [], load_fine_tuner(fine_tuner)
    for seed in seeds:
        for speech, prosody in speeches(language, emotion, paragraphs):
            times = np.arange(int(speech.duration * FPS) + 1) / FPS
            track = animate(speech, prosody, load_style("neutral"), np.random.default_rng(seed), times, tuner=tuner)
            frames = Frames(FPS, track.shapes, track.head, track.gaze, track.breath)
            found.append(Performance(frames, speech, track.gestures, seed, "neutral", language))
    return found


def test_the_text_is_long_enough_and_balanced():
    for language, paragraphs in TEXTS.items():
        assert sum(map(len, paragraphs)) >= 30
        assert script(language).count("\n\n") == len(paragraphs) - 1
        types = [line.type for line in read_script(script(language), language=language)]
        assert types.count("statement") > 0.6 * len(types)
        assert {"question", "rhetorical"} <= set(types)


@pytest.mark.parametrize("fine_tuner", FINE_TUNERS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_neutral_style_moves_as_people_do(language, fine_tuner):
    rows = measure(takes(language, range(3), fine_tuner=fine_tuner))
    outside = [f"{row.name}: {row.value:.3g}, not {row.low:g} .. {row.high:g}" for row in rows if not row.inside]
    assert outside == []
    assert len(rows) > 30


@pytest.mark.parametrize("language", ["en", "zh"])
def test_happy_and_angry_speech_moves_faster_and_sad_more_slowly(language):
    emotions: tuple[Emotion, ...] = ("happy", "angry", "excited", "sad", "concerned")
    rows = measure_emotion(
        takes(language, range(2), "neutral", 3), {name: takes(language, range(2), name, 3) for name in emotions}
    )
    assert [row.name for row in rows if not row.inside] == []


def test_a_head_that_is_locked_to_the_syllables_is_found_out():
    """Nods on every word, as a naive driver makes them."""
    wooden = []
    for take in takes("en", range(1), paragraphs=2):
        times = take.frames.times
        head = np.zeros_like(take.frames.head)
        for word in take.speech.words:
            head[:, 3] -= np.radians(4) * np.exp(-(((times - (word.start + word.end) / 2) / 0.06) ** 2))
        wooden.append(dataclasses.replace(take, frames=dataclasses.replace(take.frames, head=head)))
    wrong = {row.name for row in measure(wooden) if not row.inside}
    assert {"other words with a nod", "head yaw, standard deviation"} <= wrong


def test_a_still_head_is_found_out():
    still = [
        dataclasses.replace(take, frames=dataclasses.replace(take.frames, head=1e-4 * take.frames.head))
        for take in takes("en", range(1), paragraphs=2)
    ]
    wrong = {row.name for row in measure(still) if not row.inside}
    assert {"head pitch, standard deviation", "frames in motion while speaking", "emphasised words with a nod"} <= wrong


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=60), st.floats(0.5, 2))
def test_extremes_alternate_and_stand_out(values, prominence):
    curve = np.array(values)
    found = extremes(curve, prominence)
    assert np.all(np.diff(found) > 0)
    assert np.all(np.abs(np.diff(curve[found])) >= prominence)
    assert np.all(np.diff(np.sign(np.diff(curve[found]))) != 0)


def test_extremes_of_a_known_curve():
    times = np.linspace(0, 3, 301)
    assert extremes(2 * np.sin(2 * np.pi * times), 1.0).tolist() == [25, 75, 125, 175, 225, 275]
    assert len(extremes(0.4 * np.sin(2 * np.pi * times), 1.0)) == 0


def test_canonical_correlation_of_known_signals():
    random = np.random.default_rng(0)
    x = random.normal(size=(5000, 3))
    noise = random.normal(size=(5000, 2))
    assert canonical_correlation(x, x[:, :2] * 7 + 1) == pytest.approx(1)
    assert canonical_correlation(x, noise) < 0.08
    mixed = 0.6 * (x @ [1, 2, 2] / 3) + 0.8 * noise[:, 0]
    assert canonical_correlation(x, np.stack([mixed, noise[:, 1]], axis=1)) == pytest.approx(0.6, abs=0.03)


def test_styles_are_measured_against_neutral(two_sentences: Performance) -> None:
    def made(turned: float, smile: float) -> list[Performance]:
        frames = two_sentences.frames
        shapes = frames.shapes.copy()
        shapes[:, [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]] = smile
        return [
            dataclasses.replace(
                two_sentences, frames=dataclasses.replace(frames, shapes=shapes, head=turned * frames.head)
            )
        ]

    neutral, lively, serious = made(1.0, 0.1), made(1.4, 0.2), made(0.7, 0.05)
    figures = measure_styles(neutral, lively, serious)
    assert all(figure.inside for figure in figures)
    assert [figure.value for figure in figures] == pytest.approx([1.4, 0.7, 1.4, 0.7, 10.0, -5.0], rel=1e-4)
    assert not any(figure.inside for figure in measure_styles(neutral, serious, lively))
