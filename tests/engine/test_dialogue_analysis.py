"""What is heard in a recording: with its script, without, and where no words can be had."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from linly_blender.dialogue.syllables import unknown_phones, unknown_words
from linly_blender.language.reader import read_script
from linly_blender.score import UNKNOWN, Speech
from linly_blender.speech.pronunciation import is_vowel
from linly_blender.speech.synthesis import EspeakVoice, speak

RATE = 16000


def humps(times: list[float], loud: list[float], seconds: float) -> NDArray[np.int16]:
    """A buzz of 120 Hz that swells at these times to these amplitudes, each for a fifth of a second."""
    t = np.arange(round(seconds * RATE)) / RATE
    swell = sum(
        a * np.clip(np.cos((t - at) * 2 * np.pi / 0.4), 0, 1) * (abs(t - at) < 0.1)
        for at, a in zip(times, loud, strict=True)
    )
    return np.asarray(8000 * swell * np.sign(np.sin(2 * np.pi * 120 * t)), np.int16)


def say(text: str, language: str = "auto") -> Speech:
    with EspeakVoice() as voice:
        return speak(read_script(text, language=language), voice)


def test_every_swell_is_a_syllable_at_its_place() -> None:
    at = [0.3, 0.5, 0.7, 1.4, 1.6]
    phones = unknown_phones(humps(at, [1, 0.6, 1, 0.6, 1], 2.0), RATE, 0.0, 2.0, 3)
    assert [(phone.start + phone.end) / 2 for phone in phones] == pytest.approx(at, abs=0.04)
    assert {(phone.phone, phone.word) for phone in phones} == {(UNKNOWN, 3)}
    assert [phone.stress for phone in phones] == [1, 0, 1, 0, 1]
    assert phones[0].end == phones[1].start
    assert phones[3].start - phones[2].end > 0.3


def test_words_without_text_hold_one_accent_each_and_no_pause() -> None:
    words, phones = unknown_words(humps([0.3, 0.5, 0.7, 1.4, 1.6], [1, 0.6, 1, 0.6, 1], 2.0), RATE, 0.0, 2.0)
    assert [phone.word for phone in phones] == [0, 0, 1, 2, 2]
    assert all(word.text == "" and word.confidence == 0 for word in words)
    for index, word in enumerate(words):
        inside = [phone for phone in phones if phone.word == index]
        assert (word.start, word.end) == (inside[0].start, inside[-1].end)
        assert sum(phone.stress for phone in inside) == 1


@pytest.mark.parametrize(
    "text",
    [
        "The quick brown fox jumps over the lazy dog, and nobody in the garden wonders why.",
        "今天天气很好，我们一起去公园散步吧。",
    ],
)
def test_about_as_many_syllables_are_heard_as_the_text_has(text: str) -> None:
    speech = say(text)
    found = unknown_phones(speech.sound, speech.rate, 0.0, speech.duration, 0)
    nuclei = sum(is_vowel(phone.phone) for phone in speech.phones)
    assert 0.7 * nuclei <= len(found) <= 1.2 * nuclei


def test_a_whisper_has_syllables_too() -> None:
    noise = np.random.default_rng(1).normal(size=RATE)
    swell = np.abs(humps([0.3, 0.6], [1, 1], 1.0).astype(float)) / 8000
    whisper = (3000 * noise * swell).astype(np.int16)
    assert len(unknown_phones(whisper, RATE, 0.0, 1.0, 0)) == 2


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(100), np.zeros(RATE), np.full(RATE, 1)])
def test_silence_has_none(sound: NDArray[np.float64]) -> None:
    assert unknown_words(sound.astype(np.int16), RATE, 0.0, 1.0) == ((), ())


@settings(max_examples=30)
@given(
    seed=st.integers(0, 99),
    rate=st.sampled_from([8000, 16000, 22050, 48000]),
    start=st.floats(-0.5, 2.5),
    length=st.floats(-0.1, 3.0),
)
def test_whatever_is_heard_phones_are_in_order_and_within(seed: int, rate: int, start: float, length: float) -> None:
    random = np.random.default_rng(seed)
    loud = np.repeat(random.uniform(0, 1, 40) ** 3, rate // 20)
    sound = (random.normal(size=len(loud)) * loud * 12000).clip(-32768, 32767).astype(np.int16)
    words, phones = unknown_words(sound, rate, start, start + length)
    edges = [edge for phone in phones for edge in (phone.start, phone.end)]
    assert edges == sorted(edges)
    assert all(start <= edge <= start + length for edge in edges)
    assert all(phone.end - phone.start > 0.005 for phone in phones)
    assert [phone.word for phone in phones] == sorted(phone.word for phone in phones)
    assert {phone.word for phone in phones} == set(range(len(words)))
