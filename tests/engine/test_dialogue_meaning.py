"""What a recording's sound means: breaths, laughter, accents and moods are found in it, and performed."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from linly_blender.arkit import INDEX
from linly_blender.dialogue.analysis import HeardWord
from linly_blender.dialogue.emphasis import CLEAR, heard_emphasis, joined
from linly_blender.dialogue.mood import CLEARLY, TINT, Manner, arousal, manner, mood
from linly_blender.dialogue.noises import find_noises, speech_between
from linly_blender.language.reader import read_script
from linly_blender.perform import perform_speech
from linly_blender.performance import Performance
from linly_blender.pose.amounts import Amounts
from linly_blender.pose.styles import load_style
from linly_blender.score import EMOTIONS, Noise, Phone, Sentence, Speech, Word
from linly_blender.speech import noises as of_speech
from linly_blender.speech.prosody import STEP, Prosody, analyse
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


# Found

TOLD = "I will tell you. [pause 1] She came back yesterday. [pause 1.5] And nobody knew why."


@pytest.fixture(scope="module", params=[None, "f2"], ids=str)
def told(request: pytest.FixtureRequest) -> Speech:
    """Three sentences with long pauses, by two voices."""
    return said(TOLD, request.param)


def in_a_room(speech: Speech, level: float, *heard: tuple[float, Floats]) -> Floats:
    """What is said with the noise of a room, and other sounds at their times."""
    sound = speech.sound + np.random.default_rng(3).normal(0, 1, len(speech.sound)) * level
    for time, other in heard:
        first = round(time * speech.rate)
        sound[first : first + len(other)] += other[: len(sound) - first]
    return sound


@pytest.mark.parametrize(("room", "level"), [(0.0, 400.0), (10.0, 60.0), (10.0, 400.0), (100.0, 400.0)])
def test_breaths_before_words_are_found(told: Speech, room: float, level: float) -> None:
    _, second, third = (sentence.start for sentence in told.sentences)
    true = [(second - 0.55, 0.4), (third - 0.35, 0.3)]
    air = [(start, breath(seconds, level, told.rate, seed)) for seed, (start, seconds) in enumerate(true)]
    noises = found(in_a_room(told, room, *air), told.rate, spans_of(told))
    assert [noise.kind for noise in noises] == ["breath", "breath"]
    for noise, (start, seconds) in zip(noises, true, strict=True):
        assert abs(noise.start - start) < 0.08
        assert abs(noise.end - start - seconds) < 0.08


def test_a_louder_breath_is_stronger(told: Speech) -> None:
    start = told.sentences[1].start - 0.55
    soft, loud = (
        found(in_a_room(told, 10, (start, breath(0.4, level, told.rate))), told.rate, spans_of(told))[0].strength
        for level in (80.0, 500.0)
    )
    assert 0.1 <= soft < loud - 0.2 <= 0.8


@pytest.mark.parametrize(("calls", "pitch"), [(4, 130.0), (6, 220.0), (8, 600.0)])
def test_laughter_is_found(told: Speech, calls: int, pitch: float) -> None:
    start = told.sentences[1].end + 0.1
    heard = laugh(calls, 3000.0, pitch, 0.2, told.rate)
    (noise,) = found(in_a_room(told, 10, (start, heard)), told.rate, spans_of(told))
    assert noise.kind == "laugh"
    assert abs(noise.start - start) < 0.15
    assert abs(noise.end - start - len(heard) / told.rate) < 0.25


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "The last train leaves at a quarter past eleven. Is that really the fastest way? Six thick fish.",
        ),
        ("en", "Ta ta ta ta ta ta. Papa papa papa papa. No no no no no no no. Cha cha cha cha cha cha."),
        ("zh", "我们周末正常营业，欢迎大家随时过来看看。是不是四十四只石狮子？"),
        ("fi", "Hän haki hiljaa hevosen ja lähti hakemaan halkoja metsästä."),
    ],
)
@pytest.mark.parametrize("room", [0.0, 20.0])
def test_plain_speech_has_neither(language: str, text: str, room: float) -> None:
    speech = said(text, "f2" if room else None, language)
    assert found(in_a_room(speech, room), speech.rate, spans_of(speech)) == ()


def _others() -> dict[str, Floats]:
    """Sounds of eight seconds that somebody may take for breaths or laughter."""
    times, random = np.arange(8 * RATE) / RATE, np.random.default_rng(5)
    noise = random.normal(0, 1, len(times))
    beat = np.mod(5 * times, 1)
    tone = np.sum([np.sin(2 * np.pi * 220 * k * times) / k for k in range(1, 9)], axis=0)
    slow = np.sin(np.pi * 2.5 * 2 * times / 2) ** 2
    return {
        "noise": 3000 * noise,
        "swelling noise": 3000 * noise * (0.1 + 0.9 * slow),
        "tremolo": 6000 * tone * (0.2 + 0.8 * slow),
        "notes": 6000 * tone * np.exp(-5 * beat),
        "knocks": 9000 * np.exp(-12 * beat) * (np.sin(2 * np.pi * 300 * times) + 0.3 * noise),
        "hats": 1500 * np.exp(-10 * beat) * noise + 8000 * np.exp(-12 * beat) * np.sin(2 * np.pi * 120 * times),
        "saw": 4000 * _shaped(noise, ((900, 300), (2500, 400)), RATE) * (0.1 + 0.9 * slow),
    }


@pytest.mark.parametrize("name", _others())
def test_what_is_no_voice_has_neither(name: str) -> None:
    sound = _others()[name]
    assert found(sound, RATE, [(0.0, 8.0)]) == ()


@pytest.mark.parametrize("rate", [8000, 48000])
def test_noises_are_found_at_any_rate(rate: int) -> None:
    """A voice, a breath, a voice, a laugh, through a telephone and from a studio."""
    count = 5 * rate
    sound = np.random.default_rng(4).normal(0, 5, count)
    voice = np.zeros(count)
    voice[np.flatnonzero(np.diff(np.floor(np.arange(count) * 120 / rate)) > 0)] = 1.0
    voice = _shaped(voice, ((500, 100), (1500, 150), (2500, 200)), rate)
    for start, end in ((0.3, 1.2), (2.0, 2.8)):
        sound[round(start * rate) : round(end * rate)] += (4000 * voice / voice.std())[
            round(start * rate) : round(end * rate)
        ]
    for start, other in ((1.5, breath(0.4, 150, rate)), (3.2, laugh(5, 3000, rate=rate))):
        sound[round(start * rate) : round(start * rate) + len(other)] += other
    noises = found(sound, rate, [(0.3, 1.2), (2.0, 4.3)])
    assert [noise.kind for noise in noises] == ["breath", "laugh"]
    assert all(one.end <= other.start for one, other in pairwise(noises))


def test_nothing_is_found_in_nothing() -> None:
    silence = np.zeros(RATE, np.int16)
    assert found(silence, RATE, []) == ()
    assert found(silence, RATE, [(0.0, 1.0)]) == ()
    assert found(silence[:0], RATE, [(0.0, 1.0)]) == ()
    assert found(silence[:50], RATE, [(0.0, 0.002)]) == ()


def test_words_are_looked_for_beside_noises() -> None:
    noises = (Noise("breath", 0.5, 0.9, 0.5), Noise("laugh", 4.0, 5.5, 0.5), Noise("laugh", 6.0, 7.0, 0.5))
    assert speech_between([(1.0, 3.0)], noises) == [(1.0, 3.0)]
    assert speech_between([(0.3, 4.8), (5.2, 5.8), (8.0, 9.0)], noises) == [(0.9, 4.0), (8.0, 9.0)]
    assert speech_between([(1.0, 8.0)], noises) == [(1.0, 4.0), (5.5, 6.0), (7.0, 8.0)]
    assert speech_between([(6.1, 6.9)], noises) == []


# Accents


def heard_words(speech: Speech) -> list[HeardWord]:
    return [HeardWord(word.text, word.start, word.end, 1.0) for word in speech.words]


def test_the_word_that_a_voice_stresses_is_heard() -> None:
    """Of each line one word is stressed by the voice, another one in each of its readings."""
    on_words, off_words, counts = [], [], []
    with EspeakVoice("f2") as speaker:
        for text in (
            "Most people come for the books by the window.",
            "The last train leaves the central station at eleven.",
            "You can borrow twelve books at a time.",
        ):
            (line,) = read_script(text, language="en")
            for marked in [index for index, word in enumerate(line.words) if len(word.text) > 4][:3]:
                words = tuple(replace(word, emphasis=float(index == marked)) for index, word in enumerate(line.words))
                speech = speak([replace(line, words=words)], speaker)
                heard = heard_emphasis(heard_words(speech), analyse(speech.sound, speech.rate))
                assert heard.shape == (len(words),)
                assert ((heard >= 0) & (heard < 1)).all()
                on_words.append(heard[marked])
                off_words += [value for index, value in enumerate(heard) if index != marked]
                counts.append(int((heard >= CLEAR).sum()))
    higher = np.array(on_words)[:, None] > np.array(off_words)
    assert higher.mean() > 0.85  # the area under the curve of receiver operating characteristic
    assert 0.5 < np.mean(counts) <= 2.2


def made_prosody(count: int, rises: dict[int, tuple[float, float]]) -> tuple[list[HeardWord], Prosody]:
    """Words of 0.3 s on a falling pitch; some are higher by so many semitones and louder by so much."""
    frames = 30 * count
    height = np.linspace(4, 0, frames)
    energy = np.full(frames, 0.8)
    for word, (semitones, louder) in rises.items():
        part = slice(30 * word, 30 * word + 28)
        height[part] += semitones * np.hanning(28)
        energy[part] += louder
    words = [HeardWord("word", 30 * i * STEP, (30 * i + 28) * STEP, 1.0) for i in range(count)]
    return words, Prosody(energy.astype(np.float32), (110 * 2 ** (height / 12)).astype(np.float32))


def test_pitch_above_the_lines_fall_is_an_accent_and_the_fall_is_none() -> None:
    words, prosody = made_prosody(9, {6: (7.0, 0.12)})
    heard = heard_emphasis(words, prosody)
    assert heard.argmax() == 6
    assert heard[6] > CLEAR
    assert np.delete(heard, 6).max() < 0.35
    words, prosody = made_prosody(9, {})
    assert heard_emphasis(words, prosody).max() < 0.2


def test_words_that_are_not_sure_are_not_accented() -> None:
    words, prosody = made_prosody(9, {6: (7.0, 0.12)})
    words[6] = replace(words[6], confidence=0.1)
    assert heard_emphasis(words, prosody)[6] == 0
    assert heard_emphasis(words[:2], prosody).tolist() == [0, 0]
    assert heard_emphasis([], prosody).shape == (0,)
    unvoiced = replace(prosody, f0=np.full_like(prosody.f0, np.nan))
    assert np.isfinite(heard_emphasis(words, unvoiced)).all()
    beyond = [replace(word, start=word.start + 100, end=word.end + 100) for word in words]
    assert np.isfinite(heard_emphasis(beyond, prosody)).all()


def test_a_clear_accent_of_the_voice_wins_over_the_texts_guess() -> None:
    both = joined([0.1, 0.2, 0.7, 0.1, 0.2], [0.1, 0.8, 0.1, 0.1, 0.1])
    assert [value >= CLEAR for value in both] == [False, True, False, False, False]
    assert joined([0.1, 0.2, 0.7], [0.1, 0.2, 0.3]) == (0.1, 0.2, 0.7)  # nothing is heard clearly
    marked = joined([0.1, 1.0, 0.2, 0.1], [0.9, 0.0, 0.1, 0.1])
    assert marked[1] == 1.0
    many = joined([0.3] * 12, [0.9] * 12)
    assert sum(value >= CLEAR for value in many) == 3
    assert max(many) < 1  # only an author marks a word
    assert joined([], []) == ()


# Moods


def test_a_voice_that_is_higher_louder_and_faster_is_aroused() -> None:
    lines = ["[neutral] We open at nine in the morning.", "[excited 1] You really have to come and see it today!"]
    lines += ["[neutral] The reading room is on the left.", "[sad 1] There was nothing that anybody could do."]
    lines += ["[neutral] Please keep your ticket until the end."]
    speech = said("\n".join([*lines, *lines]), "m3")
    prosody = analyse(speech.sound, speech.rate)
    usual = manner(prosody)
    plain, excited, _, sad, *_ = (arousal(manner(prosody, s.start, s.end), usual) for s in speech.sentences)
    assert sad < -0.15 < plain < 0.25 < excited
    assert mood("neutral", 0.0, plain) == ("neutral", 0.0)


def test_little_or_another_voice_tells_nothing() -> None:
    usual = Manner(80.0, 5.0, 0.8, 1.5, 60.0)
    shout = Manner(84.0, 8.0, 0.95, 1.9, 2.0)
    assert arousal(shout, usual) > 0.9
    assert arousal(replace(shout, voiced=0.1), usual) == 0
    assert arousal(shout, replace(usual, voiced=3.0)) == 0
    assert arousal(replace(shout, pitch=92.0), usual) == 0  # somebody else
    assert arousal(manner(Prosody(np.zeros(100, np.float32), np.full(100, np.nan, np.float32))), usual) == 0


def test_the_text_decides_which_emotion_and_the_voice_how_strong() -> None:
    for emotion in EMOTIONS:
        if emotion != "neutral":
            calm, middle, aroused = (mood(emotion, 0.6, value) for value in (-1.0, 0.0, 1.0))
            assert {name for name, _ in (calm, middle, aroused)} == {emotion}
            assert 0 < calm[1] <= middle[1] == 0.6 < aroused[1] <= 1
    assert mood("neutral", 0.0, 0.9 * CLEARLY) == mood("neutral", 0.0, -0.9 * CLEARLY) == ("neutral", 0.0)
    assert mood("neutral", 0.0, 1.0) == ("excited", TINT[1])
    assert mood("neutral", 0.0, -CLEARLY) == ("sad", TINT[0])


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


def test_bursts_that_were_taken_for_syllables_are_laughed() -> None:
    speech = spoken_with(LAUGH)
    bursts = tuple(Phone("?", 2.1 + 0.2 * k, 2.25 + 0.2 * k, 1, -1) for k in range(5))
    later = Phone("?", 3.5, 3.6, 1, -1)
    taken = replace(speech, phones=(*speech.phones[:4], *bursts, later, *speech.phones[4:]))
    assert of_speech.without_laughter(taken).phones == (*speech.phones[:4], later, *speech.phones[4:])
    take = perform_speech(replace(taken, phones=tuple(p for p in taken.phones if p != later)), QUIET, 3, 60.0)
    assert np.array_equal(take.frames.shapes, performed(LAUGH).frames.shapes)
    assert of_speech.without_laughter(replace(taken, noises=())).phones == taken.phones


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


def test_a_sigh_after_the_last_word_is_drawn_in_and_let_out() -> None:
    take, calm = performed(Noise("breath", 5.0, 5.5, 0.8), until=8.0), performed(until=8.0)
    assert take.frames.breath[at(5.5)] > take.frames.breath[at(5.0)] + 0.3
    assert take.frames.breath[at(6.7)] < take.frames.breath[at(5.5)] - 0.2
    parted = curve(take, "mouthLowerDownRight") - curve(calm, "mouthLowerDownRight")
    assert parted[at(5.25)] > 0.08
    assert np.abs(parted[at(5.7) :]).max() < 1e-6


@pytest.mark.parametrize(("start", "end"), [(2.5, 2.52), (0.0, 0.3), (5.9, 6.0), (0.0, 6.0)])
def test_no_laugh_however_odd_makes_a_jerk(start: float, end: float) -> None:
    take = performed(Noise("laugh", start, end, 1.0))
    assert np.isfinite(take.frames.shapes).all()
    assert np.abs(np.diff(curve(take, "mouthSmileLeft"))).max() * 60 < 6
    assert np.abs(np.diff(curve(take, "jawOpen"))).max() * 60 < 9
    assert np.degrees(np.abs(np.diff(take.frames.head[:, 3:], axis=0)).max()) * 60 < 75
    assert all(0 <= g.start <= g.peak <= g.end for g in take.gestures)


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
    (cut,) = performed(Noise("laugh", -3.0, 0.5, 2.0)).speech.noises
    assert cut == Noise("laugh", 0.0, 0.5, 1.0)
    loud = performed(Noise("laugh", 2.0, 3.0, math.inf))
    assert np.isfinite(loud.frames.shapes).all()
