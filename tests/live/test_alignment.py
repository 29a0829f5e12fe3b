"""Phones found in another voice's sound, measured against espeak-ng's other speakers, whose phone times are known."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.language.reader import read_script
from linly_blender.language.script import Line
from linly_blender.speech.synthesis import EspeakVoice, Spoken, delivery_of
from linly_blender.voices.alignment import Aligner, Method
from linly_blender.voices.features import RATE, cepstra, levels, resample, weighed
from linly_blender.voices.sphinx_alignment import arpabet
from linly_blender.voices.warping import warp

ENGLISH = (
    "The quick brown fox jumps over the lazy dog.",
    "Would you like to come with us to the market tomorrow morning?",
    "In 1999 the company paid thirty dollars for each of them.",
)
MANDARIN = ("今天天气很好，我们一起去公园散步吧。", "我觉得这个问题非常有意思。", "请把书放在桌子上。")
OTHERS = (("f2", 1.0, 0), ("m3", 1.25, 10), ("Annie", 0.8, 0), ("f4", 1.1, 20))
"""Speaker, speed, and pitch above the plain voice's."""
PAD = 0.2


@pytest.fixture
def aligner() -> Iterator[Aligner]:
    opened = Aligner()
    yield opened
    opened.close()


def lines(texts: Sequence[str], language: str) -> list[Line]:
    return [read_script(text, language=language, emotion=None)[0] for text in texts]


def say(line: Line, speaker: str | None, speed: float, pitch: int) -> Spoken:
    usual = delivery_of(line)
    with EspeakVoice(speaker) as voice:
        return voice.say(line, replace(usual, rate=round(usual.rate * speed), pitch=usual.pitch + pitch))


def padded(spoken: Spoken, noise: np.random.Generator) -> np.ndarray[Any, np.dtype[np.int16]]:
    """The sound with silence around it and the hiss of a room in it."""
    silence = np.zeros(round(PAD * spoken.rate), np.int16)
    sound = np.concatenate([silence, spoken.sound, silence])
    return (sound + noise.normal(0, 8, len(sound))).clip(-32768, 32767).astype(np.int16)


def errors(found: Spoken, truth: Spoken) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Seconds by which each phone begins early or late, on the clock of the sound that is played."""
    wanted = truth.sound.astype(float)
    played = found.sound.astype(float)
    size = 1 << (len(wanted) + len(played)).bit_length()
    correlation = np.fft.irfft(np.fft.rfft(wanted, size) * np.conj(np.fft.rfft(played, size)), size)
    shift = int(np.argmax(correlation))
    shift = (shift if shift < size // 2 else shift - size) / truth.rate
    starts = np.array([phone.start for phone in found.phones]) + shift
    return starts[1:] - np.array([phone.start for phone in truth.phones])[1:]


@pytest.mark.parametrize(
    ("texts", "language", "method", "median", "ninth"),
    [(ENGLISH, "en", "pocketsphinx", 0.016, 0.045), (MANDARIN, "zh", "warped", 0.008, 0.03)],
)
def test_boundaries_are_found_in_other_speakers(
    texts: Sequence[str], language: str, method: Method, median: float, ninth: float
) -> None:
    noise = np.random.default_rng(3)
    every: list[float] = []
    for other in OTHERS:
        aligner = Aligner()
        for line in lines(texts, language):
            truth = say(line, *other)
            result = aligner.align(line, padded(truth, noise), truth.rate)
            assert result.method == method
            assert min(result.quality) > 0.2
            assert [p.phone for p in result.spoken.phones] == [p.phone for p in truth.phones]
            every += errors(result.spoken, truth).tolist()
        aligner.close()
    size = np.abs(every)
    assert np.median(size) < median
    assert np.percentile(size, 90) < ninth
    assert abs(np.median(every)) < 0.008, "neither early nor late as a whole"


def test_silence_between_words_belongs_to_no_phone(aligner: Aligner) -> None:
    (line,) = lines(MANDARIN[1:2], "zh")
    truth = say(line, "f2", 1.0, 0)
    middle = next(i for i, p in enumerate(truth.phones) if p.word == 3)
    cut = round(truth.phones[middle].start * truth.rate)
    gap = np.zeros(round(0.5 * truth.rate), np.int16)
    sound = np.concatenate([truth.sound[:cut], gap, truth.sound[cut:]])
    found = aligner.align(line, sound, truth.rate).spoken
    assert 0.4 < found.phones[middle].start - found.phones[middle - 1].end < 0.56
    expected = truth.phones[middle].start - truth.phones[0].start + 0.5
    assert abs(found.phones[middle].start - found.phones[0].start - expected) < 0.06


@pytest.mark.parametrize("kind", ["noise", "tone", "silence", "click", "nothing"])
def test_a_sound_that_does_not_match_is_shared_out_evenly(aligner: Aligner, kind: str) -> None:
    (line,) = lines(ENGLISH[:1], "en")
    random = np.random.default_rng(1)
    sound = {
        "noise": random.normal(0, 3000, 2 * RATE),
        "tone": 8000 * np.sin(np.arange(2 * RATE) * 0.2),
        "silence": np.zeros(RATE),
        "click": np.eye(1, RATE, 5000)[0] * 20000,
        "nothing": np.zeros(0),
    }[kind].astype(np.int16)
    result = aligner.align(line, sound, RATE)
    assert result.method == "scaled"
    check(result.spoken, line)
    with EspeakVoice() as voice:
        reference = voice.say(line)
    if kind in ("noise", "tone"):
        factor = 2 / (reference.phones[-1].end - max(0, reference.phones[0].start))
        durations = np.array([p.end - p.start for p in result.spoken.phones[1:]])
        expected = np.array(
            [b.start - a.start for a, b in zip(reference.phones[1:], reference.phones[2:], strict=False)]
        )
        assert np.abs(durations[:-1] - factor * expected).max() < 0.07


def check(spoken: Spoken, line: Line) -> None:
    """What every Spoken must hold."""
    assert spoken.sound.dtype == np.int16
    assert len(spoken.words) == len(line.words)
    assert all(a.end <= b.start + 1e-9 for a, b in zip(spoken.phones, spoken.phones[1:], strict=False))
    assert all(p.end - p.start > 0.01 for p in spoken.phones)
    assert spoken.phones[0].start >= -0.1
    assert spoken.phones[-1].end <= len(spoken.sound) / spoken.rate + 1e-3
    for phone in spoken.phones:
        assert spoken.words[phone.word][0] <= phone.start <= phone.end <= spoken.words[phone.word][1]


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100])
def test_any_rate_will_do(aligner: Aligner, rate: int) -> None:
    (line,) = lines(MANDARIN[2:], "zh")
    truth = say(line, "f2", 1.0, 0)
    count = round(len(truth.sound) * rate / truth.rate)
    at = np.arange(count) * truth.rate / rate
    sound = np.interp(at, np.arange(len(truth.sound)), truth.sound).astype(np.int16)
    found = aligner.align(line, sound, rate)
    assert found.spoken.rate == rate
    assert found.method == "warped"
    check(found.spoken, line)
    off = [a.start - b.start for a, b in zip(found.spoken.phones, truth.phones, strict=True)]
    assert np.median(np.abs(np.array(off) - np.median(off))) < 0.012


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), length=st.integers(1, 30_000), loudness=st.sampled_from([1, 300, 20_000]))
def test_any_sound_gives_phones_in_order(seed: int, length: int, loudness: int) -> None:
    (line,) = lines(["Stop, look and listen."], "en")
    random = np.random.default_rng(seed)
    sound = (loudness * random.standard_normal(length) * (random.random(length) > 0.3)).clip(-32768, 32767)
    aligner = Aligner()
    check(aligner.align(line, sound.astype(np.int16), RATE).spoken, line)
    aligner.close()


def test_closed_it_is_closed() -> None:
    aligner = Aligner()
    aligner.close()
    aligner.close()
    with pytest.raises(ValueError, match="closed"):
        aligner.align(lines(ENGLISH[:1], "en")[0], np.zeros(100, np.int16), RATE)


def test_without_pocketsphinx_english_is_warped(aligner: Aligner, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    (line,) = lines(ENGLISH[:1], "en")
    truth = say(line, "m3", 1.1, 0)
    assert aligner.align(line, truth.sound, truth.rate).method == "warped"


def test_a_warp_follows_what_was_stretched() -> None:
    random = np.random.default_rng(0)
    reference = random.normal(size=(120, 6)).astype(np.float32)
    path = np.sort(np.concatenate([np.arange(120), np.arange(40, 70)]))
    none = np.zeros(150, np.bool_)
    centre = np.round(np.linspace(0, 119, 150)).astype(np.intp)
    found = warp(reference[path], reference, none, none[:120], centre, 25)
    assert np.array_equal(found.path, path)
    assert found.likeness.min() > 0.99


def test_every_phone_of_english_has_a_sound_in_the_model() -> None:
    text = "Yes, the church judge with a measured voice, ringing about my pure fire, water, button, thought, hour, use."
    for line in lines([text], "en"):
        with EspeakVoice() as voice:
            assert all(arpabet(phone.phone) for phone in voice.say(line).phones)
    assert arpabet("n̩") == ("AH", "N")
    assert arpabet("ʂ") == ()


def test_features_do_not_depend_on_loudness() -> None:
    random = np.random.default_rng(2)
    sound = (3000 * np.sin(np.arange(RATE) * 0.1) * random.random(RATE)).astype(np.int16)
    loud, soft = resample(sound, RATE), resample(sound // 4, RATE)
    everything = np.ones(len(levels(loud)), np.bool_)
    one, other = (weighed(cepstra(samples)[0], everything) for samples in (loud, soft))
    assert np.abs(one - other).mean() < 0.05
    assert np.abs(levels(loud) - levels(soft)).max() < 0.2
