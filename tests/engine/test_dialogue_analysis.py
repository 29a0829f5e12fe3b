"""What is heard in a recording: with its script, without, and where no words can be had."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from linly_blender.dialogue import analysis_file
from linly_blender.dialogue.analyse import Hearing, analyse, hear_lines
from linly_blender.dialogue.analysis import Analysis, HeardLine
from linly_blender.dialogue.reading import within
from linly_blender.dialogue.recognise import open_ears
from linly_blender.dialogue.recording import Recording
from linly_blender.dialogue.subtitles import without_times
from linly_blender.dialogue.syllables import unknown_phones, unknown_words
from linly_blender.errors import Cancelled, UserError
from linly_blender.language.reader import read_script
from linly_blender.live.services import ServiceError
from linly_blender.recognition.pocketsphinx import SphinxRecogniser
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


# With and without the script

ENGLISH = "Maybe the boat comes back on Monday. We packed our bags, and nobody came."
MANDARIN = "你答应过我，星期一之前把船准备好。可是没有人来。"


@pytest.fixture(scope="module")
def english() -> Recording:
    return recording(ENGLISH)


@pytest.fixture(scope="module")
def mandarin() -> Recording:
    return recording(MANDARIN)


def recording(text: str) -> Recording:
    speech = say(text)
    return Recording(speech.sound, speech.rate, "voice.wav")


def is_sound(analysis: Analysis) -> bool:
    """Whether it is as ``analysis.py`` says: what is written is read again."""
    return analysis_file.parse(analysis_file.dump(analysis), "it") == analysis


@pytest.mark.parametrize("voice", ["english", "mandarin"])
def test_with_the_script_nearly_all_rests_on_phones(voice: str, request: pytest.FixtureRequest) -> None:
    heard: Recording = request.getfixturevalue(voice)
    text = {"english": ENGLISH, "mandarin": MANDARIN}[voice]
    told: list[HeardLine] = []
    analysis = analyse(heard, Hearing(text), found=told.append)
    assert analysis.lines == tuple(told) == tuple(hear_lines(heard, Hearing(text)))
    assert analysis.on_phones > 0.9
    script = read_script(text)
    written = [line for line in analysis.lines if line.basis == "script"]
    assert [line.text for line in written] == [line.text for line in script]
    assert [line.language for line in written] == [line.language for line in script]
    assert is_sound(analysis)


def test_what_the_author_asks_for_is_kept_at_its_time(english: Recording) -> None:
    marked = (
        "[happy 0.7] Maybe the [nod] boat comes back on *Monday*.\n[sad] We packed our bags, and nobody came. [shake]"
    )
    first, second = (line for line in analyse(english, Hearing(marked)).lines if line.basis == "script")
    assert (first.emotion, first.intensity, second.emotion) == ("happy", 0.7, "sad")
    assert [(cue.kind, cue.time) for cue in first.cues] == [("nod", first.words[2].start)]
    assert [(cue.kind, cue.time) for cue in second.cues] == [("shake", second.end)]
    assert first.words[-1].emphasis == 1.0 > max(word.emphasis for word in first.words[:-1])


def test_without_words_the_sound_drives_it_and_the_user_is_told(mandarin: Recording) -> None:
    analysis = analyse(mandarin, Hearing(None, "zh"))
    assert {line.basis for line in analysis.lines} == {"sound"}
    assert {line.language for line in analysis.lines} == {"cmn"}
    assert {phone.phone for line in analysis.lines for phone in line.phones} == {UNKNOWN}
    assert any("Give the text" in note for note in analysis.notes)
    assert is_sound(analysis)


@pytest.mark.parametrize("text", [" ", "", None])
def test_a_blank_text_is_none(text: str | None, mandarin: Recording) -> None:
    assert analyse(mandarin, Hearing(text, "zh")) == analyse(mandarin, Hearing(None, "zh"))


def test_another_recordings_text_leaves_it_to_the_sound(mandarin: Recording) -> None:
    other = "The computer in the basement has been humming all night, and the plumber will not come before midday."
    analysis = analyse(mandarin, Hearing(other))
    assert analysis.on_phones == 0
    assert any("not what is said in the recording" in note for note in analysis.notes)


def test_sentences_that_are_not_said_are_named(english: Recording) -> None:
    analysis = analyse(english, Hearing(ENGLISH + " The plumber will fix the pipe in the basement before midday."))
    assert analysis.on_phones > 0.8
    assert any('Not heard in the recording: "The plumber' in note for note in analysis.notes)


@pytest.mark.parametrize("text", ["[hapy] Maybe.", "...", "x" * 2_000_000])
def test_a_text_that_cannot_be_read_is_refused_before_any_work(text: str, english: Recording) -> None:
    def work(share: float, stage: str) -> None:
        raise AssertionError

    with pytest.raises(UserError):
        analyse(english, Hearing(text), work)


def test_a_text_longer_than_a_script_is_read_in_parts(english: Recording) -> None:
    text = ENGLISH + "\n" + "The plumber is not here.\n" * 5000
    first = next(hear_lines(english, Hearing(text)))
    assert first.text == "Maybe the boat comes back on Monday."


def test_subtitles_are_read_without_their_times(english: Recording) -> None:
    subtitles = (
        "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Maybe the boat</i>\r\ncomes back\r\n\r\n"
        "2\r\n00:00:02,100 --> 00:00:05,000\r\n{\\an8}on Monday.\r\nWe packed our bags, and nobody came.\r\n"
    )
    assert without_times(subtitles) == ENGLISH.replace(". W", ".\nW")
    assert analyse(english, Hearing(subtitles)) == analyse(english, Hearing(ENGLISH.replace(". W", ".\nW")))
    assert (
        without_times("WEBVTT - film\nKind: captions\n\n00:01.000 --> 00:02.000 align:start\n你答应过我，\n星期一")
        == "你答应过我，星期一"
    )
    assert without_times("Maybe.\n12:30 --> or so?\n") == "Maybe.\n12:30 --> or so?\n"


def test_the_built_in_recogniser_finds_words() -> None:
    """In a voice that it understands: of espeak-ng's plain one it makes other words, which are not believed."""
    with EspeakVoice("f2") as voice:
        speech = speak(read_script(ENGLISH), voice)
    analysis = analyse(Recording(speech.sound, speech.rate, "voice.wav"), Hearing(None, "en"))
    assert any(line.basis == "recognised" and line.text for line in analysis.lines)
    assert analysis.on_phones > 0.5
    assert is_sound(analysis)


class Deaf:
    """A recogniser that says what it is told to, and fails where that is nothing."""

    def __init__(self, *texts: str | None) -> None:
        self.texts = list(texts)
        self.asked = 0
        self.closed = False

    def listen(self) -> "Deaf":
        return self

    at_hand = False

    def hear(self, sound: NDArray[np.int16]) -> None:
        assert sound.dtype == np.int16

    def text(self) -> str:
        self.asked += 1
        text = self.texts.pop(0)
        if text is None:
            raise ServiceError("recogniser", "The server is gone. Start it again.")
        return text

    def close(self) -> None:
        self.closed = not self.texts


def in_pieces(heard: Recording, count: int) -> Recording:
    """The recording over and over, with pauses."""
    pause = np.zeros(heard.rate, np.int16)
    return Recording(np.concatenate([pause, *[heard.sound, pause] * count]), heard.rate, "voice.wav")


def test_a_recogniser_that_fails_keeps_what_it_has_found(english: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    short = Recording(english.sound[: round(2.6 * english.rate)], english.rate, "voice.wav")
    said = "[Music] <|en|> Maybe the boat comes back on Monday. (laughs)"
    deaf = Deaf(said, None, "字 ☃ 字", "", None, None, None)
    monkeypatch.setattr("linly_blender.dialogue.analyse.open_ears", lambda *_: deaf)
    analysis = analyse(in_pieces(short, 9), Hearing(None, "auto", "server:http://localhost:1"))
    known = [line for line in analysis.lines if line.basis == "recognised"]
    assert [line.text for line in known][:1] == ["Maybe the boat comes back on Monday."]
    assert known[0].end < 3.7
    assert {line.basis for line in analysis.lines if line.start > 10} == {"sound"}
    assert deaf.asked == 7, "after three failures it is asked no more"
    assert any("was not recognised: The server is gone. Start it again." in note for note in analysis.notes)
    assert is_sound(analysis)


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("sherpa:/nowhere/at/all", "cannot be opened"),
        ("server:https://example.com/v1", "Allow Online Access"),
        ("magic", "There is no recogniser"),
        ("pocketsphinx", "English only"),
    ],
)
def test_a_recogniser_that_is_none_is_named_before_any_work(spec: str, complaint: str, mandarin: Recording) -> None:
    with pytest.raises(UserError, match=complaint):
        hear_lines(mandarin, Hearing(None, "zh", spec))


def test_auto_does_without_a_recogniser_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_ears("auto", "zh") is None
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    assert open_ears("auto", "en-gb") is None
    with pytest.raises(ServiceError, match="pip install pocketsphinx"):
        open_ears("pocketsphinx", "en")


def test_it_tells_how_far_it_is_and_stops_when_it_is_told_to(english: Recording) -> None:
    shares: list[float] = []
    analyse(english, Hearing(ENGLISH), lambda share, stage: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1

    for wanted in range(len(shares)):
        left = iter(range(wanted))

        def stop(share: float, stage: str, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Cancelled

        with pytest.raises(Cancelled):
            analyse(english, Hearing(ENGLISH), stop)


def test_a_line_is_cut_to_where_it_may_be(english: Recording) -> None:
    line = next(hear_lines(english, Hearing(ENGLISH)))
    cut = within(line, line.start + 0.3, line.end - 0.2)
    assert (cut.start, cut.end) == (line.start + 0.3, line.end - 0.2)
    assert len(cut.phones) < len(line.phones)
    assert len(cut.words) == len(line.words)
    assert is_sound(Analysis(english.duration, (cut,)))
    assert within(line, line.start, line.end) == line
    assert within(line, 100.0, 101.0).phones == ()


def test_words_that_are_guessed_tell_no_mood(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "I am so happy that the boat is back!"
    heard = recording(text)
    felt = []
    for kind in (Deaf, type("Guesser", (Deaf, SphinxRecogniser), {})):
        monkeypatch.setattr("linly_blender.dialogue.analyse.open_ears", lambda *_, kind=kind: kind(text))
        (line,) = analyse(heard, Hearing(None, "en")).lines
        assert (line.text, line.basis) == (text, "recognised")
        felt.append(line.emotion)
    assert felt == ["happy", "neutral"]


def test_the_foot_that_stands_out_is_emphasised_whatever_it_says() -> None:
    at = [0.3 + 0.22 * index for index in range(14)]
    beat = [0.5, 0.3] * 7
    even, _ = unknown_words(humps(at, beat, 3.6), RATE, 0.0, 3.6)
    assert len(even) == 7
    assert not any(word.emphasis for word in even)
    beat[6] = 1.0
    words, _ = unknown_words(humps(at, beat, 3.6), RATE, 0.0, 3.6)
    assert [word.emphasis >= 0.5 for word in words] == [index == 3 for index in range(7)]
