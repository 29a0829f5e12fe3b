"""A script found in recordings of it, measured against espeak-ng's other speakers, whose phone times are known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.dialogue import align
from linly_blender.dialogue.adapting import Ear
from linly_blender.dialogue.align import align_line, align_script
from linly_blender.dialogue.analysis import SURE, HeardLine
from linly_blender.dialogue.following import NOWHERE, follow
from linly_blender.dialogue.pieces import cut_out, shortened, widened
from linly_blender.errors import UserError
from linly_blender.language.reader import read_script
from linly_blender.language.script import Line
from linly_blender.measure.aligner import Take, errors, record
from linly_blender.score import UNKNOWN

Sound = np.ndarray[Any, np.dtype[np.int16]]

RIVER = (
    "The river has its source in a small lake between two mountains.",
    "A child could jump across it.",
    "Further down, the valley grows wider and the water moves more slowly.",
)
BREAD = (
    "Bread is a very simple thing, made of flour, water, salt and time.",
    "What happens if the oven is too cold?",
    "I usually put a small bowl of hot water on the lower shelf.",
)


def lines(texts: Sequence[str], language: str = "en") -> list[Line]:
    return [line for text in texts for line in read_script(text, language=language)]


def take(texts: Sequence[str], language: str = "en", voice: str = "f2", speed: float = 1.1, pitch: int = 10) -> Take:
    return record(texts, language, voice, speed, pitch, "none")


def check(heard: Sequence[HeardLine], duration: float) -> None:
    """What every line must hold."""
    at = 0.0
    for line in heard:
        assert at <= line.start + 1e-9 <= line.end <= duration + 1e-9
        at = line.end
        assert (line.basis == "sound") == (line.text == "")
        place = line.start
        for phone in line.phones:
            assert place - 1e-9 <= phone.start < phone.end <= line.end + 1e-9
            place = phone.end
            word = line.words[phone.word]
            assert word.start - 1e-6 <= phone.start
            assert phone.end <= word.end + 1e-6
            assert (phone.phone == UNKNOWN) or word.confidence >= SURE
        place = line.start
        for word in line.words:
            assert place - 1e-6 <= word.start <= word.end <= line.end + 1e-6
            place = word.end
            assert 0 <= word.confidence <= 1


def run(script: Sequence[Line], sound: Sound, rate: int, spans: Sequence[tuple[float, float]]) -> list[HeardLine]:
    heard = list(align_script(script, sound, rate, spans))
    check(heard, len(sound) / rate)
    for line in heard:
        if line.basis == "script":
            (scripted,) = {each.text: each for each in script if each.text == line.text}.values()
            assert [word.text for word in line.words if word.text] == [word.text for word in scripted.words]
    return heard


def sure(line: HeardLine) -> list[bool]:
    return [word.confidence >= SURE for word in line.words]


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (("Dr. Smith paid $3.50 on 12/5 at 3pm.", RIVER[0]), "en"),
        (("今天天气很好，我们一起去公园散步吧。", "我觉得这个问题非常有意思。"), "zh"),
        (("Der alte Mann ging langsam über die Brücke.", "Kannst du mir bitte sagen, wie spät es ist?"), "de"),
    ],
)
def test_phones_are_found_where_they_are(texts: Sequence[str], language: str) -> None:
    one = take(texts, language, "m3", 1.2, -10)
    heard = run(one.lines, one.sound, one.rate, one.spans)
    assert [line.text for line in heard] == list(texts)
    assert all(all(sure(line)) for line in heard)
    off, missed = errors(one, heard)
    assert missed == 0
    assert np.median(np.abs(off)) < 0.006
    assert np.percentile(np.abs(off), 95) < 0.04
    assert abs(np.median(off)) < 0.003, "neither early nor late as a whole"


def test_what_comes_later_is_found_later() -> None:
    one = take(RIVER[:2])
    plain = run(one.lines, one.sound, one.rate, one.spans)
    padded = np.concatenate([np.zeros(2 * one.rate, np.int16), one.sound])
    later = run(one.lines, padded, one.rate, [(a + 2, b + 2) for a, b in one.spans])
    for early, late in zip(plain, later, strict=True):
        assert [p.phone for p in early.phones] == [p.phone for p in late.phones]
        assert np.allclose([p.start + 2 for p in early.phones], [p.start for p in late.phones], atol=0.003)
        assert np.allclose([w.confidence for w in early.words], [w.confidence for w in late.words], atol=0.02)


def test_the_same_comes_out_twice() -> None:
    one = take(RIVER[:1])
    assert run(one.lines, one.sound, one.rate, one.spans) == run(one.lines, one.sound, one.rate, one.spans)


def test_lines_that_are_not_said_and_speech_that_is_not_written() -> None:
    one = take((RIVER[0], BREAD[1], RIVER[2]))
    heard = run(lines((RIVER[0], BREAD[0], RIVER[1], RIVER[2])), one.sound, one.rate, one.spans)
    assert [line.text for line in heard] == [RIVER[0], "", RIVER[2]]
    assert all(all(sure(line)) for line in heard if line.text)
    begin, end = one.spans[1]
    assert begin - 0.15 < heard[1].start < heard[1].end < end + 0.15
    assert {phone.phone for phone in heard[1].phones} == {UNKNOWN}


def test_other_words_within_a_line_are_not_sure() -> None:
    one = take(("You can follow the whole path in three days, or choose the shorter walk.",))
    other = "You can follow the whole path with your grandmother, or choose the shorter walk."
    (line,) = run(lines((other,)), one.sound, one.rate, one.spans)
    found = dict(zip([word.text for word in line.words], sure(line), strict=True))
    assert not found["grandmother"]
    assert [word for word, is_sure in found.items() if is_sure][:6] == ["You", "can", "follow", "the", "whole", "path"]
    assert found["choose"]
    assert found["walk"]


def test_a_retake_is_no_second_line() -> None:
    one = take((RIVER[1], "A child could", RIVER[1], BREAD[1]))
    heard = run(lines((RIVER[1], BREAD[1])), one.sound, one.rate, one.spans)
    assert [line.text for line in heard if line.text] == [RIVER[1], BREAD[1]]
    assert any(not line.text for line in heard)


def test_a_pause_within_a_line_belongs_to_no_phone() -> None:
    one = take((RIVER[0],))
    gap = next(phone for phone in one.said[0].phones if phone.word == 6)
    cut = round((one.begins[0] + gap.start) * one.rate)
    sound = np.concatenate([one.sound[:cut], np.zeros(one.rate, np.int16), one.sound[cut:]])
    spans = [(one.spans[0][0], cut / one.rate), (cut / one.rate + 1, one.spans[0][1] + 1)]
    (line,) = run(one.lines, sound, one.rate, spans)
    assert all(sure(line))
    gaps = [b.start - a.end for a, b in zip(line.phones, line.phones[1:], strict=False)]
    assert 0.9 < max(gaps) < 1.1
    assert line.words[6].start == pytest.approx(cut / one.rate + 1, abs=0.06)


def test_a_text_for_another_recording_has_no_sure_words() -> None:
    one = take(RIVER)
    heard = run(lines(BREAD), one.sound, one.rate, one.spans)
    assert sum(phone.phone == UNKNOWN for line in heard for phone in line.phones) > 10
    words = [is_sure for line in heard for is_sure in sure(line)]
    assert np.mean(words) < 0.15


def test_a_recording_may_begin_in_the_middle_of_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(align, "FURTHER", 40.0)
    one = take(RIVER[1:])
    before = ["Thank you for calling about your washing machine.", "Please keep your ticket until you have left."]
    heard = run(lines((*before * 4, *RIVER)), one.sound, one.rate, one.spans)
    assert [line.text for line in heard] == list(RIVER[1:])


def test_the_first_line_comes_before_the_last_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(align, "WINDOW", 4.0)
    monkeypatch.setattr(align, "UNSETTLED", 1.0)
    one = take((*RIVER, *BREAD))
    seen: list[float] = []
    whole = align_script(one.lines, one.sound, one.rate, one.spans, lambda share, stage: seen.append(share))
    first = next(whole)
    assert first.text == RIVER[0]
    assert max(seen) < 0.3
    assert [line.text for line in whole] == [*RIVER[1:], *BREAD]
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_it_can_be_cancelled() -> None:
    class CancelledError(Exception):
        pass

    def stop(share: float, stage: str) -> None:
        raise CancelledError

    one = take(RIVER[:1])
    with pytest.raises(CancelledError):
        list(align_script(one.lines, one.sound, one.rate, one.spans, stop))


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**31), length=st.integers(400, 60_000), loudness=st.sampled_from([0, 1, 300, 20_000]))
def test_any_sound_gives_lines_in_order(seed: int, length: int, loudness: int) -> None:
    random = np.random.default_rng(seed)
    sound = loudness * random.standard_normal(length) * (random.random(length) > 0.3)
    sound = sound.clip(-32768, 32767).astype(np.int16)
    cut = length / 16000 * random.random()
    spans = [(0.0, cut), (cut, length / 16000)]
    heard = run(
        lines(("Stop, look and listen.", "Yes.")), sound, 16000, [each for each in spans if each[1] - each[0] > 0.02]
    )
    assert not any(is_sure for line in heard if line.text for is_sure in sure(line)) or loudness > 1


def test_speech_without_a_script_is_heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(align, "WINDOW", 2.0)
    monkeypatch.setattr(align, "UNSETTLED", 0.5)
    one = take(RIVER)
    begin, end = one.spans[0][0], one.spans[-1][1]
    cuts = np.linspace(begin, end, 9)
    spans = [(a, b - 0.05) for a, b in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)]
    heard = run(lines(BREAD[1:2]), one.sound, one.rate, spans)
    assert sum(line.end - line.start for line in heard) < end - begin
    assert len(heard) > 3


def test_where_nobody_speaks_there_is_nothing() -> None:
    assert run(lines(RIVER), np.zeros(16000, np.int16), 16000, []) == []


def test_speech_after_the_script_is_heard() -> None:
    one = take((RIVER[0], BREAD[0]))
    heard = run(lines(RIVER[:1]), one.sound, one.rate, one.spans)
    assert heard[0].text == RIVER[0]
    assert [line.basis for line in heard[1:]] == ["sound"] * (len(heard) - 1)
    assert len(heard) > 1


def test_a_line_nobody_can_say_is_told() -> None:
    one = take(RIVER[:1])
    with pytest.raises(UserError, match="hiragana"):
        run(lines(["東京"], "ja"), one.sound, one.rate, one.spans)


def test_one_line_in_its_stretch() -> None:
    one = take(RIVER[:2], voice="m3")
    for script, (begin, end) in zip(one.lines, one.spans, strict=True):
        line = align_line(script, one.sound, one.rate, begin - 0.2, end + 0.2)
        check([line], len(one.sound) / one.rate)
        assert line.text == script.text
        assert all(sure(line))
    other = lines(BREAD)[0]
    doubted = align_line(other, one.sound, one.rate, *one.spans[0])
    check([doubted], len(one.sound) / one.rate)
    assert [word.text for word in doubted.words if word.text] == [word.text for word in other.words]
    assert np.mean(sure(doubted)) < 0.5


def test_a_line_somebody_knows_to_be_said_keeps_its_phones() -> None:
    one = take(RIVER[:1])
    (other,) = lines(BREAD[1:2])
    line = align_line(other, one.sound, one.rate, *one.spans[0], trusted=True)
    assert {phone.word for phone in line.phones} == set(range(len(other.words)))
    assert UNKNOWN not in {phone.phone for phone in line.phones}
    assert line.start >= one.spans[0][0] - 0.01
    assert line.end <= one.spans[0][1] + 0.2


@pytest.mark.parametrize("length", [0.0, 0.001, 0.03])
def test_hardly_any_sound_will_do(length: float) -> None:
    (script,) = lines(("Yes.",))
    sound = np.full(16000, 1000, np.int16)
    line = align_line(script, sound, 16000, 0.5, 0.5 + length, trusted=True)
    assert [word.text for word in line.words] == ["Yes"]
    assert 0.4 < line.start <= line.end < 0.8


def test_a_script_is_left_and_taken_up() -> None:
    random = np.random.default_rng(0)
    fits = random.normal(0, 0.3, (60, 50)).astype(np.float32)
    way = [*range(20), *[NOWHERE] * 20, *range(30, 50)]
    for row, place in enumerate(way):
        if place != NOWHERE:
            fits[row, place] = -3
    starts = np.arange(0, 50, 10)
    found = follow(fits, np.zeros(60, np.bool_), starts, np.ones(5, np.bool_))
    assert found.tolist() == way
    nothing = follow(np.zeros((60, 50), np.float32), np.zeros(60, np.bool_), starts, np.ones(5, np.bool_))
    assert (nothing == NOWHERE).all()


def test_an_ear_gets_used_to_a_voice() -> None:
    random = np.random.default_rng(0)
    heard = random.normal(size=(40_000, 4)).astype(np.float32)
    voice = (heard @ random.normal(size=(4, 4)) + 1).astype(np.float32)
    ear = Ear(4)
    assert np.allclose(ear.hear(heard), heard)
    ear.learn(heard, voice)
    assert np.abs(ear.hear(heard) - voice).mean() < 0.1


def test_pieces_keep_the_clock_of_the_recording() -> None:
    sound = np.zeros(5 * 22050, np.int16)
    clicks = (0.7, 3.2)
    for click in clicks:
        sound[round(click * 22050) :][:400] = 20000
    pieces = cut_out(sound, 22050, widened([(0.5, 1.0), (3.0, 3.5)], 5.0))
    edges = np.flatnonzero(np.diff(pieces.speaking.astype(int), prepend=0) == 1)
    assert np.allclose(pieces.time(edges.astype(float)), clicks, atol=0.02)


def test_long_speech_is_cut_where_it_is_quiet() -> None:
    sound = np.full(30 * 8000, 3000, np.int16)
    sound[17 * 8000 : 17 * 8000 + 1000] = 0
    cut = shortened(sound, 8000, [(0.0, 30.0)], 20.0)
    assert len(cut) == 2
    assert cut[0][1] == cut[1][0] == pytest.approx(17.06, abs=0.06)
