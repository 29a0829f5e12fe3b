"""What a recording's sound means: breaths, laughter, accents and moods are found in it, and performed."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from linly_blender.arkit import INDEX
from linly_blender.dialogue.noises import find_noises
from linly_blender.language.reader import read_script
from linly_blender.perform import perform_speech
from linly_blender.performance import Performance
from linly_blender.pose.amounts import Amounts
from linly_blender.pose.styles import load_style
from linly_blender.score import Noise, Phone, Sentence, Speech, Word
from linly_blender.speech import noises as of_speech
from linly_blender.speech.prosody import analyse
from linly_blender.speech.synthesis import EspeakVoice, speak

RATE = 22050
Floats = NDArray[np.float64]
Sound = NDArray[np.int16]


def _shaped(noise: Floats, formants: Sequence[tuple[float, float]], rate: int) -> Floats:
    """The sound as a mouth colours it: resonances of so many hertz and such a width, and a lip's radiation."""
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / rate)
    gain = sum(1 / np.sqrt(1 + ((hertz - at) / (width / 2)) ** 2) for at, width in formants)
    return np.asarray(np.fft.irfft(spectrum * (gain + 0.03) * (hertz > 120), len(noise)))


def breath(seconds: float, level: float, rate: int = RATE, seed: int = 0) -> Floats:
    """Air drawn in through an open mouth: it swells and fades. ``level`` is its loudest, of full scale."""
    count = round(seconds * rate)
    noise = np.random.default_rng(seed).normal(0, 1, count)
    air = _shaped(noise, ((600, 500), (1400, 700), (2600, 900), (4200, 1600)), rate)
    hump = np.sin(np.pi * np.linspace(0, 1, count) ** 0.8) ** 0.8
    return np.asarray(level * air / air.std() * hump)


def laugh(calls: int, level: float, pitch: float = 220.0, rhythm: float = 0.21, rate: int = RATE) -> Floats:
    """Ha ha ha: bursts of a voice through one mouth, and breath through the same mouth between them."""
    random = np.random.default_rng(1)
    count = round((calls * rhythm + 0.1) * rate)
    times = np.arange(count) / rate
    vowel, air = np.zeros(count), random.normal(0, 1, count)
    phase = np.cumsum(pitch * (1.08 - 0.12 * times / times[-1]) / rate)
    vowel[np.flatnonzero(np.diff(np.floor(phase)) > 0)] = 1.0
    mouth = ((750, 120), (1350, 140), (2600, 250), (3700, 400))
    vowel, air = _shaped(vowel, mouth, rate), _shaped(air, mouth, rate)
    bursts = np.zeros(count)
    for call in range(calls):
        middle = (call + 0.55) * rhythm * (1 + 0.02 * math.sin(5 * call))
        bursts += 0.9**call * np.exp(-(((times - middle) / (0.2 * rhythm)) ** 2))
    breathy = 0.12 * (1 - bursts) * np.sin(np.pi * np.clip(times / times[-1], 0, 1)) ** 0.3
    return np.asarray(level * (vowel / vowel.std() * bursts + air / air.std() * breathy))


def said(text: str, voice: str | None = None, language: str = "auto") -> Speech:
    with EspeakVoice(voice) as speaker:
        return speak(read_script(text, language=language), speaker)


def spans_of(speech: Speech, pause: float = 0.25) -> list[tuple[float, float]]:
    """Where somebody speaks, as a cutter would tell."""
    spans: list[list[float]] = []
    for phone in speech.phones:
        if spans and phone.start - spans[-1][1] < pause:
            spans[-1][1] = phone.end
        else:
            spans.append([phone.start, phone.end])
    return [(start, end) for start, end in spans]


def found(sound: Floats | Sound, rate: int, spans: Sequence[tuple[float, float]]) -> tuple[Noise, ...]:
    samples = np.clip(sound, -32768, 32767).astype(np.int16)
    return find_noises(samples, rate, analyse(samples, rate), spans)


# Performed

QUIET = load_style("neutral")


def spoken_with(*noises: Noise, until: float = 6.0) -> Speech:
    """``mama`` from 1 s and from 4 s on, two seconds of silence between, and what is heard beside it."""
    phones, words, sentences = [], [], []
    for index, at in enumerate((1.0, 4.0)):
        names = ("m", "ɑː", "m", "ɑː")
        phones += [
            Phone(name, at + 0.15 * k, at + 0.15 * (k + 1), int(name != "m"), index) for k, name in enumerate(names)
        ]
        words.append(Word("mama", at, at + 0.6, 0.0, index))
        sentences.append(Sentence("Mama.", at, at + 0.6, "statement", "neutral", 0.0, "en-us"))
    sound = np.zeros(round(until * RATE), np.int16)
    return Speech(sound, RATE, tuple(phones), tuple(words), tuple(sentences), (), tuple(noises))


def performed(*noises: Noise, amounts: Amounts | None = None, until: float = 6.0) -> Performance:
    return perform_speech(spoken_with(*noises, until=until), QUIET, 3, 60.0, amounts=amounts or Amounts())


def curve(take: Performance, name: str) -> Floats:
    return take.frames.shapes[:, INDEX[name]].astype(np.float64)


def at(time: float) -> int:
    return round(60 * time)


LAUGH = Noise("laugh", 2.0, 3.2, 0.8)


def test_a_laugh_is_seen_in_mouth_cheeks_head_and_chest() -> None:
    calm, take = performed(), performed(LAUGH)
    jaw = curve(take, "jawOpen")[at(2.0) : at(3.2)]
    peaks = [i for i in range(1, len(jaw) - 1) if jaw[i - 1] < jaw[i] >= jaw[i + 1] and jaw[i] > 0.15]
    assert 4 <= len(peaks) <= 8
    assert all(0.1 < (b - a) / 60 < 0.35 for a, b in pairwise(peaks))
    assert jaw.max() < 0.45
    for name in ("mouthSmileLeft", "cheekSquintRight"):
        assert curve(take, name)[at(2.6)] > curve(calm, name)[at(2.6)] + 0.4
    thrown = np.degrees((take.frames.head - calm.frames.head)[:, 3].astype(np.float64))
    assert 2 < thrown[at(2.1) : at(3.2)].max() < 9
    bobs = np.diff(np.sign(np.diff(thrown[at(2.3) : at(3.2)])))
    assert (bobs != 0).sum() >= 6  # up and down with every burst
    assert np.ptp(np.diff(take.frames.breath[at(2.2) : at(3.2)])) > 2 * np.ptp(
        np.diff(calm.frames.breath[at(2.2) : at(3.2)])
    )


def test_after_a_laugh_all_is_as_if_there_had_been_none() -> None:
    calm, take = performed(), performed(LAUGH)
    # The eyes make up for the head, which a fuller chest lifts a little.
    assert np.abs(take.frames.shapes - calm.frames.shapes)[: at(1.6)].max() < 0.01
    assert np.abs(take.frames.shapes - calm.frames.shapes)[at(5.0) :].max() < 0.01
    assert np.degrees(np.abs(take.frames.head - calm.frames.head)[at(4.6) :, 3:].max()) < 0.3
    (gesture,) = [gesture for gesture in take.gestures if gesture.kind == "laugh"]
    assert LAUGH.end < gesture.end < LAUGH.end + 1


@pytest.mark.parametrize("until", [3.2, 3.3, 3.6])
def test_a_laugh_at_the_end_of_a_recording_is_over_with_it(until: float) -> None:
    speech = replace(spoken_with(LAUGH, until=until), phones=spoken_with().phones[:4])
    speech = replace(speech, words=speech.words[:1], sentences=speech.sentences[:1])
    take = perform_speech(speech, QUIET, 3, 60.0)
    calm = perform_speech(replace(speech, noises=()), QUIET, 3, 60.0)
    assert curve(take, "jawOpen")[at(2.4) :].max() > 0.15
    assert np.abs(take.frames.shapes - calm.frames.shapes)[-2:].max() < 0.03
    assert np.degrees(np.abs(take.frames.head - calm.frames.head)[-1, 3:].max()) < 0.6


def test_lips_that_speak_are_left_to_the_words() -> None:
    """Of a laugh over words the smile is seen, and no p, b or m is opened by it."""
    over = Noise("laugh", 0.9, 1.8, 1.0)
    calm, take = performed(), performed(over)
    for name in ("jawOpen", "mouthLowerDownLeft", "mouthUpperUpRight"):
        difference = np.abs(curve(take, name) - curve(calm, name))
        assert difference[at(1.07) : at(1.53)].max() < 1e-6
    closed = slice(at(1.05), at(1.12))
    assert curve(take, "jawOpen")[closed].max() <= curve(calm, "jawOpen")[closed].max() + 1e-6
    assert curve(take, "mouthSmileLeft")[at(1.5)] > curve(calm, "mouthSmileLeft")[at(1.5)] + 0.2


def test_amounts_scale_a_laugh() -> None:
    none = Amounts(head=0, smile=0, breathing=0)
    for noise in (LAUGH, Noise("breath", 3.4, 3.8, 0.8)):
        calm, still = performed(amounts=none), performed(noise, amounts=none)
        assert np.array_equal(calm.frames.shapes, still.frames.shapes)
        assert np.array_equal(calm.frames.head, still.frames.head)
        assert np.array_equal(calm.frames.breath, still.frames.breath)
    small, large = performed(LAUGH, amounts=Amounts(smile=0.5, head=0.5)), performed(LAUGH)
    assert curve(small, "mouthSmileLeft")[at(2.6)] < 0.7 * curve(large, "mouthSmileLeft")[at(2.6)]
    assert curve(small, "jawOpen")[at(2.0) : at(3.0)].max() < 0.7 * curve(large, "jawOpen")[at(2.0) : at(3.0)].max()


def test_a_laugh_keeps_the_limits_of_the_neck() -> None:
    take = performed(Noise("laugh", 1.8, 3.9, 1.0), amounts=Amounts(head=2.0, smile=2.0))
    rotation = take.frames.head[:, 3:].astype(np.float64)
    assert (np.abs(rotation).max(axis=0) <= QUIET.limits.position).all()
    assert (np.abs(np.diff(rotation, axis=0)).max(axis=0) * 60 <= np.array(QUIET.limits.speed) + 1e-6).all()
    assert take.frames.shapes.max() <= 1


def test_the_jaw_follows_the_bursts_that_are_heard() -> None:
    speech = spoken_with(LAUGH)
    sound = speech.sound.astype(np.float64)
    heard = laugh(5, 6000.0)
    sound[round(2.0 * RATE) : round(2.0 * RATE) + len(heard)] += heard
    speech = replace(speech, sound=sound.astype(np.int16))
    (one,) = of_speech.laughs(speech, analyse(speech.sound, RATE))
    expected = [2.0 + (call + 0.55) * 0.21 * (1 + 0.02 * math.sin(5 * call)) for call in range(5)]
    assert len(one.bursts) == 5
    assert all(abs(time - true) < 0.03 for (time, _), true in zip(one.bursts, expected, strict=True))
    jaw = curve(perform_speech(speech, QUIET, 3, 60.0), "jawOpen")
    for time in expected:
        near = jaw[at(time - 0.1) : at(time + 0.1) + 1]
        assert abs(float(near.argmax()) / 60 - 0.1) < 0.055


def test_a_breath_lifts_the_chest_and_parts_the_lips_before_the_word() -> None:
    calm, take = performed(), performed(Noise("breath", 3.3, 3.75, 0.7))
    assert take.frames.breath[at(3.75)] - take.frames.breath[at(3.3)] > 0.2
    assert np.abs(np.diff(take.frames.breath[at(3.3) : at(3.75)])).max() < 0.1
    parted = curve(take, "mouthLowerDownLeft") - curve(calm, "mouthLowerDownLeft")
    assert parted[at(3.5)] > 0.08
    assert curve(take, "jawOpen")[at(3.5)] > curve(calm, "jawOpen")[at(3.5)] + 0.03
    assert np.abs(parted[at(3.97) :]).max() < 1e-6  # the lips meet for the m at 4 s as they ever did
    assert np.abs(parted[: at(3.2)]).max() < 1e-6


def test_a_breath_that_reaches_into_words_is_cut_off_there() -> None:
    speech = spoken_with(Noise("breath", 3.6, 4.2, 0.7), Noise("breath", 4.3, 4.5, 0.7))
    (kept,) = of_speech.breaths(speech)
    assert (kept.start, kept.end) == (3.6, 4.0)
    spoken = slice(at(4.0), at(4.6))
    take, calm = perform_speech(speech, QUIET, 3, 60.0), performed()
    for name in ("jawOpen", "mouthLowerDownLeft", "mouthUpperUpRight"):
        assert np.abs(curve(take, name)[spoken] - curve(calm, name)[spoken]).max() < 1e-6


def test_noises_from_outside_are_made_harmless() -> None:
    wrong = (
        Noise("sneeze", 2.0, 3.0, 0.5),  # type: ignore[arg-type]
        Noise("laugh", 3.0, 2.0, 0.5),
        Noise("laugh", math.nan, 2.0, 0.5),
        Noise("breath", 50.0, 60.0, 0.5),
    )
    calm, take = performed(), performed(*wrong)
    assert np.array_equal(take.frames.shapes, calm.frames.shapes)
    assert take.speech.noises == ()
    loud = performed(Noise("laugh", 2.0, 3.0, math.inf))
    assert np.isfinite(loud.frames.shapes).all()
