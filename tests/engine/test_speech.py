"""espeak-ng's speech: times, words and closures."""

import re
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.errors import UserError
from linly_blender.language.reader import read_script
from linly_blender.language.script import Line, ScriptCue, ScriptWord
from linly_blender.language.words import words
from linly_blender.measure.sentences import script
from linly_blender.score import Speech
from linly_blender.speech import espeak
from linly_blender.speech.pronunciation import is_vowel, syllables, to_ipa
from linly_blender.speech.synthesis import LEAD_IN, LEAD_OUT, EspeakVoice, speak


def line(
    text: str,
    language: str = "en-us",
    marked: str = "",
    cues: tuple[ScriptCue, ...] = (),
    pauses: tuple[tuple[int, float], ...] = (),
    pause_after: float = 0.0,
) -> Line:
    pattern = r"[a-zA-Z]+|\w" if language == "cmn" else r"[\w']+"
    words = tuple(
        ScriptWord(m.group(), m.start(), m.end(), 1.0 if m.group() == marked else 0.2)
        for m in re.finditer(pattern, text)
    )
    return Line(text, language, "statement", "neutral", 0.0, words, cues, pauses, pause_after)


def say(*lines: Line, voice: str | None = None) -> Speech:
    with EspeakVoice(voice) as speaker:
        return speak(lines, speaker)


def word(speech: Speech, text: str):
    return next(w for w in speech.words if w.text == text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Put a copper map on the table, isn't it?", "en-us"),
        ('In 1999 A&B paid $300 <on> the 23rd of May; "why"?', "en-us"),
        ("营业时间为上午9点到晚上8点。", "cmn"),
        ("我们用Blender做动画。", "cmn"),
        ("Bonjour, un bon vin blanc.", "fr"),
        ("El perro corre.", "es"),
    ],
)
def test_times_are_in_order_and_cover_the_words(text: str, language: str) -> None:
    speech = say(line(text, language), line(text, language))
    assert all(0 <= p.start < p.end <= speech.duration for p in speech.phones)
    assert all(a.end <= b.start + 1e-9 for a, b in zip(speech.phones, speech.phones[1:], strict=False))
    assert all(a.start <= b.start and a.start <= a.end for a, b in zip(speech.words, speech.words[1:], strict=False))
    spoken = {p.word for p in speech.phones}
    silent = [w.text for i, w in enumerate(speech.words) if i not in spoken]
    assert not silent
    for phone in speech.phones:
        owner = speech.words[phone.word]
        assert owner.start <= phone.start + 1e-9
        assert phone.end <= owner.end + 1e-9


def test_sentences_hold_their_words_and_silence_lies_around() -> None:
    speech = say(line("Hello there.", pause_after=0.5), line("你好。", "cmn"))
    assert [s.language for s in speech.sentences] == ["en-us", "cmn"]
    for w in speech.words:
        assert speech.sentences[w.sentence].start <= w.start <= w.end <= speech.sentences[w.sentence].end
    assert speech.sentences[0].start == pytest.approx(LEAD_IN, abs=0.05)
    assert speech.duration - speech.sentences[-1].end == pytest.approx(LEAD_OUT, abs=0.07)
    gap = speech.sentences[1].start - speech.sentences[0].end
    assert gap == pytest.approx(0.5, abs=0.08)
    quiet = speech.sound[int((speech.duration - 0.8) * speech.rate) :]
    assert not quiet.any()


def test_a_pause_at_the_very_end_is_made() -> None:
    plain, paused = (say(line("Hello there.", pause_after=seconds)) for seconds in (0.0, 2.0))
    assert paused.duration - plain.duration == pytest.approx(2.0, abs=0.07)


def test_a_dark_l_is_a_sound_of_its_own() -> None:
    speech = say(line("It is tall, the wall fell."))
    finals = [[p for p in speech.phones if speech.words[p.word].text == text][-1] for text in ("tall", "wall", "fell")]
    assert [p.phone for p in finals] == ["l"] * 3
    assert all(p.end - p.start > 0.04 for p in finals)


def test_a_voiceless_stop_starts_with_its_silence() -> None:
    speech = say(line("A copper cap, a paper map."))
    inner = [p for p in speech.phones if p.phone == "p"]
    assert len(inner) == 5
    for p in inner:
        assert 0.05 < p.end - p.start < 0.15
        first = speech.sound[int(p.start * speech.rate) + 1 : int((p.start + 0.02) * speech.rate)]
        assert np.abs(first).max() <= 120, "lips are closed: nothing is heard"


def test_the_first_stop_closes_before_the_sound() -> None:
    speech = say(line("Paper."))
    assert speech.phones[0].phone == "p"
    assert LEAD_IN - 0.07 < speech.phones[0].start < LEAD_IN


def test_marked_words_are_stressed_by_the_voice() -> None:
    plain, marked = say(line("I said never again.")), say(line("I said never again.", marked="never"))

    def seconds(speech: Speech) -> float:
        found = word(speech, "never")
        return found.end - found.start

    assert seconds(marked) > 1.1 * seconds(plain)


def test_words_spoken_as_one_are_told_apart() -> None:
    speech = say(line("Put it on the table."))
    on, the = word(speech, "on"), word(speech, "the")
    phones = {w: "".join(p.phone for p in speech.phones if speech.words[p.word] is w) for w in (on, the)}
    assert phones[on].endswith("n")
    assert phones[the].startswith("ð")


def test_a_digit_and_its_neighbour_are_told_apart() -> None:
    speech = say(line("上午9点。", "cmn"))
    assert "".join(p.phone for p in speech.phones if speech.words[p.word].text == "9") == "tɕiou"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("这很好看。", {"很": "xən", "好看": "xɑukʰan"}),
        ("他长得很高。", {"长": "tʂɑŋ", "得": "tə"}),
    ],
)
def test_characters_spoken_as_one_are_told_apart(text: str, expected: dict[str, str]) -> None:
    places = [ScriptWord(text[a:b], a, b, 0.2) for a, b in words(text, "cmn")]
    speech = say(replace(line(text, "cmn"), words=tuple(places)))
    spoken = {w.text: "".join(p.phone for p in speech.phones if speech.words[p.word] is w) for w in speech.words}
    assert {text: spoken[text] for text in expected} == expected


def test_every_character_is_a_syllable_of_its_word() -> None:
    with EspeakVoice() as voice:
        speech = speak(read_script(script("zh")), voice)
    for index, spoken in enumerate(speech.words):
        phones = [p.phone for p in speech.phones if p.word == index]
        assert len(syllables(phones)) == len(spoken.text), (spoken.text, phones)


@pytest.mark.parametrize("text", ["a." * 500, "a.b., " * 300, "न.," * 300, "x.y-" * 300])
def test_many_initials_do_not_crash_the_voice(text: str) -> None:
    """A crash ends the process and Blender with it, so that it is looked for in a process of its own."""
    code = f"from linly_blender.perform import perform; perform({text!r}, fps=1)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0


@settings(max_examples=60, deadline=None)
@given(
    st.text("ab1我们的人是é»«“$€&=+-^. ，नक녕", min_size=1, max_size=60), st.sampled_from(["auto", "en", "zh", "de"])
)
def test_any_text_that_is_spoken_is_in_order(text: str, language: str) -> None:
    try:
        with EspeakVoice() as voice:
            speech = speak(read_script(text, language=language), voice)
    except UserError:
        return
    assert all(a.start <= b.start for a, b in pairwise(speech.words))
    assert all(0 <= a.word <= b.word and a.end <= b.start + 1e-9 for a, b in pairwise(speech.phones))


def test_chinese_without_a_comma_keeps_its_words() -> None:
    with EspeakVoice() as voice:
        speech = speak(read_script("我们今天去公园玩" * 60), voice)
    assert set(range(len(speech.words))) == {p.word for p in speech.phones}


def test_a_long_number_is_all_of_its_word() -> None:
    speech = say(line("In 1999, men."))
    assert "".join(p.phone for p in speech.phones if speech.words[p.word].text == "men") == "mɛn"


def test_a_percentage_is_said_in_mandarin() -> None:
    assert "".join(p.phone for p in say(line("20%。", "cmn")).phones).startswith("paifən")


def test_kanji_are_refused_and_kana_spoken() -> None:
    assert say(line("こんにちは", "ja")).phones
    with pytest.raises(UserError, match="hiragana"):
        say(line("元気です", "ja"))


@pytest.mark.parametrize(
    "written", ["m a|x ɑu", "tʂ ɑ ŋ|t ə", "x ə n|x ɑu", "tɕ iɛ n|l j ɑu", "ʂ ɑ ŋ|ɚ", "tɕ j ɑ ŋ|w ə n|j yɛ n", "ŋ̍", ""]
)
def test_syllables(written: str) -> None:
    parts = [part.split() for part in written.split("|") if part]
    starts = [sum(map(len, parts[:i])) for i in range(len(parts))]
    assert syllables([phone for part in parts for phone in part]) == starts


def test_cues_and_pauses_come_at_their_place() -> None:
    text = "Well I never knew."
    speech = say(line(text, cues=(ScriptCue("nod", 7, 1.0), ScriptCue("blink", len(text), 1.0)), pauses=((7, 0.6),)))
    assert speech.cues[0].time == pytest.approx(word(speech, "never").start, abs=0.02)
    assert speech.cues[1].time == pytest.approx(speech.sentences[0].end, abs=0.02)
    assert word(speech, "never").start - word(speech, "I").end > 0.4


def test_the_same_line_is_the_same_sound_whatever_was_said_before() -> None:
    first = say(line("The same line."))
    say(line("Something *else*.", marked="else"), line("你好", "cmn"), voice="f2")
    again = say(line("The same line."))
    np.testing.assert_array_equal(first.sound, again.sound)
    assert first.phones == again.phones


@pytest.mark.parametrize("voice", ["f2", "whisper"])
def test_breathy_voices_repeat_in_another_process(voice: str) -> None:
    """Their breath is noise, which espeak-ng seeds with the clock of the process."""
    program = (
        "import time, zlib; from linly_blender.speech import espeak\n"
        f"time.sleep({{}})\nwith espeak.Synthesizer() as s:\n"
        f" print(zlib.crc32(s.synthesise('Fresh fish.', espeak.languages()['en-us'], {voice!r}, espeak.Delivery())[0]))"
    )
    root = Path(__file__).resolve().parents[2]
    runs = [
        subprocess.run(
            [sys.executable, "-c", program.format(wait)], cwd=root, capture_output=True, text=True, check=True
        )
        for wait in (0, 1.1)
    ]
    assert runs[0].stdout == runs[1].stdout


def test_threads_do_not_disturb_each_other() -> None:
    alone = say(line("One voice at a time, please."))
    results: list[Speech] = []

    def work() -> None:
        results.extend(say(line("One voice at a time, please.")) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == 20
    for speech in results:
        np.testing.assert_array_equal(speech.sound, alone.sound)


@pytest.mark.parametrize("code", ["en-gb", "fr-fr", "zh", "no", "es-419", "pt-pt"])
def test_every_listed_code_speaks(code: str) -> None:
    assert say(line("a e i o u", code)).phones


def test_an_interrupt_waits_until_the_voice_is_done() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background may ignore it
    said: list[str] = []

    def interrupted() -> None:
        with espeak._interrupts_held_back():
            signal.raise_signal(signal.SIGINT)
            said.append("the rest")

    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert said == ["the rest"]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_no_room_for_the_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: str, folder: str) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copy", full)
    with pytest.raises(UserError, match="No space left"):
        espeak.Synthesizer()


def test_progress_may_stop_the_work() -> None:
    class StopError(Exception):
        pass

    def stop(share: float) -> None:
        if share >= 0.5:
            raise StopError

    with EspeakVoice() as voice, pytest.raises(StopError):
        speak([line("One."), line("Two.")], voice, stop)


def test_what_the_user_can_mend() -> None:
    with pytest.raises(UserError, match="no voice 'nope'"):
        EspeakVoice("nope")
    with pytest.raises(UserError, match="no voice for the language 'xx'"):
        say(line("Hello.", "xx"))
    with EspeakVoice() as voice, pytest.raises(UserError, match="nothing to say"):
        speak([], voice)


def test_languages_and_variants_are_listed() -> None:
    assert {"en-us", "cmn", "fr", "de", "ja"} <= set(espeak.languages())
    assert espeak.languages()["en"].name == "English (Great Britain)"
    assert {"f1", "f5", "m1", "m8"} <= set(espeak.variants())


@pytest.mark.parametrize(
    ("name", "ipa", "stress"),
    [("ˈou", "ou", 1), ("ˌɪ", "ɪ", 2), ("ts.h", "tʂʰ", 0), ("ph", "pʰ", 0), ("(en)", "", 0), ("", "", 0),
     ("ˈi.", "ɨ", 1), ("onɡ", "ʊŋ", 0), ("tɕh", "tɕʰ", 0), ("h", "h", 0), ("th", "tʰ", 0), ("n̩", "n̩", 0)],
)  # fmt: skip
def test_phone_names(name: str, ipa: str, stress: int) -> None:
    assert to_ipa(name) == (ipa, stress)


def test_vowels() -> None:
    assert all(map(is_vowel, ["a", "ɑː", "iou", "ᵻ", "əl", "n̩", "ŋ̍"]))
    assert not any(map(is_vowel, ["p", "j", "w", "ɹ", "tʂʰ", "ŋ", ""]))
