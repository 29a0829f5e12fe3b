"""An analysis changed by hand: what was changed, and that nothing else was."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.dialogue import analysis_file, edit
from linly_blender.dialogue.align import align_line
from linly_blender.dialogue.analysis import SURE, UNKNOWN, Analysis, HeardLine, HeardWord
from linly_blender.dialogue.coverage import NO_WORDS
from linly_blender.dialogue.reading import from_first_to_last, read_line, with_meaning
from linly_blender.dialogue.recording import Recording
from linly_blender.dialogue.syllables import unknown_phones
from linly_blender.errors import UserError
from linly_blender.language.reader import read_script
from linly_blender.score import Cue, Phone
from linly_blender.speech.synthesis import EspeakVoice, speak


def line(at: float, text: str, *lengths: float) -> HeardLine:
    """A line of words of two phones each, which touch; a negative length is a gap, and 0 a word that is not heard."""
    words: list[HeardWord] = []
    phones: list[Phone] = []
    start = at
    names = iter(text.split())
    for length in lengths:
        if length < 0:
            start -= length
            continue
        name = next(names).strip(".,?")
        words.append(HeardWord(name, start, start + length, 0.8))
        if length:
            phones.append(Phone("m", start, start + length / 2, 0, len(words) - 1))
            phones.append(Phone("a", start + length / 2, start + length, 1, len(words) - 1))
        start += length
    return HeardLine(text, "en-us", at, start, "script", tuple(words), tuple(phones))


BEFORE = line(0.5, "Ma.", 0.5)
SPOKEN = line(2.0, "One two three, four.", 0.4, 0.4, -0.2, 0.4, 0.4)
AFTER = line(5.0, "Ba.", 0.5)
WHOLE = Analysis(6.0, (BEFORE, SPOKEN, AFTER), (), ("A note.",))


def edges(of: HeardLine, what: str) -> list[float]:
    return [round(time, 6) for each in getattr(of, what) for time in (each.start, each.end)]


def is_sound(analysis: Analysis) -> bool:
    return analysis_file.parse(analysis_file.dump(analysis), "it") == analysis


def others_are_equal(changed: Analysis, line: int = 1) -> bool:
    kept = [each for index, each in enumerate(changed.lines) if index != line]
    return (
        kept == [each for index, each in enumerate(WHOLE.lines) if index != line]
        and replace(changed, lines=WHOLE.lines) == WHOLE
    )


def test_a_words_start_takes_its_neighbour_along_and_scales_its_phones() -> None:
    changed = edit.move_boundary(WHOLE, 1, "word", 1, "start", 2.6)
    assert others_are_equal(changed)
    assert edges(changed.lines[1], "words") == [2.0, 2.6, 2.6, 2.8, 3.0, 3.4, 3.4, 3.8]
    assert edges(changed.lines[1], "phones")[:8] == [2.0, 2.3, 2.3, 2.6, 2.6, 2.7, 2.7, 2.8]
    assert [word.confidence for word in changed.lines[1].words] == [0.8, 1.0, 0.8, 0.8]
    assert is_sound(changed)


@pytest.mark.parametrize(
    ("word", "edge", "time", "words"),
    [
        (1, "end", 2.9, [2.0, 2.4, 2.4, 2.9, 3.0, 3.4, 3.4, 3.8]),  # into the gap: nobody follows
        (1, "end", 3.1, [2.0, 2.4, 2.4, 3.1, 3.1, 3.4, 3.4, 3.8]),  # beyond it: the next one gives way
        (2, "start", 2.7, [2.0, 2.4, 2.4, 2.7, 2.7, 3.4, 3.4, 3.8]),
        (0, "start", 1.5, [1.5, 2.4, 2.4, 2.8, 3.0, 3.4, 3.4, 3.8]),  # the line begins earlier
        (3, "end", 4.5, [2.0, 2.4, 2.4, 2.8, 3.0, 3.4, 3.4, 4.5]),
    ],
)
def test_a_boundary_at_a_gap_or_at_the_lines_end(word: int, edge: edit.Edge, time: float, words: list[float]) -> None:
    changed = edit.move_boundary(WHOLE, 1, "word", word, edge, time)
    assert edges(changed.lines[1], "words") == words
    assert (changed.lines[1].start, changed.lines[1].end) == (words[0], words[-1])
    assert others_are_equal(changed)
    assert is_sound(changed)


def test_a_phones_boundary_moves_its_word_with_it() -> None:
    changed = edit.move_boundary(WHOLE, 1, "phone", 2, "start", 2.5)
    assert edges(changed.lines[1], "phones")[:6] == [2.0, 2.2, 2.2, 2.5, 2.5, 2.6]
    assert edges(changed.lines[1], "words")[:4] == [2.0, 2.5, 2.5, 2.8]
    inside = edit.move_boundary(WHOLE, 1, "phone", 1, "start", 2.1)
    assert edges(inside.lines[1], "words") == edges(SPOKEN, "words")
    assert is_sound(changed)


def test_a_word_that_is_not_heard_goes_with_the_boundary_it_lies_on() -> None:
    silent = Analysis(6.0, (line(1.0, "One uh two.", 0.5, 0.0, 0.5),))
    assert edges(edit.move_boundary(silent, 0, "word", 2, "start", 1.3).lines[0], "words") == [
        1.0,
        1.3,
        1.3,
        1.3,
        1.3,
        2.0,
    ]
    assert edges(edit.move_boundary(silent, 0, "word", 0, "end", 1.7).lines[0], "words") == [
        1.0,
        1.7,
        1.7,
        1.7,
        1.7,
        2.0,
    ]
    with pytest.raises(UserError, match='"uh" is not heard'):
        edit.move_boundary(silent, 0, "word", 1, "start", 1.2)


@settings(max_examples=200)
@given(
    of=st.sampled_from(["word", "phone"]),
    index=st.integers(0, 8),
    edge=st.sampled_from(["start", "end"]),
    time=st.floats(0, 6) | st.floats(),
)
def test_wherever_a_boundary_is_dragged_the_order_stays(of: str, index: int, edge: str, time: float) -> None:
    analysis = WHOLE
    try:
        analysis = edit.move_boundary(analysis, 1, of, index, edge, time)  # type: ignore[arg-type]
    except UserError:
        return
    assert is_sound(analysis)
    assert others_are_equal(analysis)
    assert all(phone.end - phone.start > 0.009 for phone in analysis.lines[1].phones)


@pytest.mark.parametrize(
    "change",
    [
        lambda: edit.move_boundary(WHOLE, 1, "word", 1, "start", 1.0),
        lambda: edit.move_boundary(WHOLE, 1, "word", 1, "start", 3.5),
        lambda: edit.move_boundary(WHOLE, 1, "word", 0, "start", 0.9),
        lambda: edit.move_boundary(WHOLE, 1, "word", 3, "end", 5.1),
        lambda: edit.move_boundary(WHOLE, 1, "word", 3, "end", float("nan")),
        lambda: edit.move_boundary(WHOLE, 1, "word", 4, "end", 4.0),
        lambda: edit.move_boundary(WHOLE, 1, "phone", -1, "end", 4.0),
        lambda: edit.move_boundary(WHOLE, 3, "word", 0, "end", 4.0),
        lambda: edit.split_line(WHOLE, 1, 0),
        lambda: edit.split_line(WHOLE, 1, 9),
        lambda: edit.join_lines(WHOLE, 2),
        lambda: edit.delete_line(WHOLE, 3),
    ],
)
def test_nonsense_is_refused(change: Callable[[], Analysis]) -> None:
    with pytest.raises(UserError):
        change()


def test_a_line_is_split_and_joined_again() -> None:
    cued = replace(WHOLE, lines=(BEFORE, replace(SPOKEN, cues=(Cue("nod", 2.1, 1.0), Cue("blink", 3.1, 1.0))), AFTER))
    split = edit.split_line(cued, 1, 2)
    _, first, second, _ = split.lines
    assert (first.text, first.start, first.end) == ("One two", 2.0, 2.8)
    assert (second.text, second.start, second.end) == ("three, four.", 3.0, 3.8)
    assert [phone.word for phone in second.phones] == [0, 0, 1, 1]
    assert ([cue.kind for cue in first.cues], [cue.kind for cue in second.cues]) == (["nod"], ["blink"])
    assert is_sound(split)
    assert edit.join_lines(split, 1) == cued
    assert edit.delete_line(cued, 1).lines == (BEFORE, AFTER)


@pytest.fixture(scope="module")
def spoken() -> Recording:
    """Two sentences, a pause, and a third."""
    with EspeakVoice() as voice:
        speech = speak(read_script("We never met before. [pause 1] Maybe the boat comes back on Monday."), voice)
    return Recording(speech.sound, speech.rate, "voice.wav")


def heard(recording: Recording, *lines: tuple[str, float, float]) -> Analysis:
    found = []
    for text, start, end in lines:
        read = read_line(text)
        found.append(with_meaning(align_line(read, recording.sound, recording.rate, start, end), read))
    return Analysis(recording.duration, tuple(found))


@pytest.fixture(scope="module")
def analysis(spoken: Recording) -> Analysis:
    """As a recogniser could have misunderstood it."""
    phones = unknown_phones(spoken.sound, spoken.rate, 0.0, spoken.duration, 0)
    gap = max(pairwise(phones), key=lambda pair: pair[1].start - pair[0].end)
    middle = (gap[0].end + gap[1].start) / 2
    return heard(
        spoken,
        ("We never met before.", 0.0, middle),
        ("[happy] Maybe the [nod] coat comes back on *Monday*.", middle, spoken.duration),
    )


def test_a_corrected_word_is_found_and_its_line_keeps_the_rest(spoken: Recording, analysis: Analysis) -> None:
    place = [word.text for word in analysis.lines[1].words].index("coat")
    changed = edit.correct_word(analysis, 1, place, "boat", spoken)
    old, new = analysis.lines[1], changed.lines[1]
    assert changed.lines[0] == analysis.lines[0]
    assert new.text == "Maybe the boat comes back on Monday."
    assert [word.text for word in new.words] == ["Maybe", "the", "boat", "comes", "back", "on", "Monday"]
    assert (new.emotion, new.intensity, new.cues) == (old.emotion, old.intensity, old.cues)
    assert new.words[place].confidence == 1.0
    assert new.words[-1].emphasis == 1.0
    assert [phone.phone for phone in new.phones if phone.word == place] == ["b", "oʊ", "t"]
    assert abs(new.words[place].start - old.words[place].start) < 0.05
    assert is_sound(changed)
    assert edit.correct_word(analysis, 1, place, " coat ", spoken) is analysis


def test_a_word_becomes_two_or_none(spoken: Recording, analysis: Analysis) -> None:
    two = edit.correct_word(analysis, 0, 0, "Oh we", spoken)
    assert two.lines[0].text == "Oh we never met before."
    assert len(two.lines[0].words) == 5
    none = edit.correct_word(two, 0, 0, "", spoken)
    assert none.lines[0].text == "we never met before."
    assert is_sound(two)
    assert is_sound(none)


def test_a_line_is_given_another_text_or_none(spoken: Recording, analysis: Analysis) -> None:
    wrong = edit.set_line_text(analysis, 1, "", spoken)
    line = wrong.lines[1]
    assert (line.text, line.basis, {phone.phone for phone in line.phones}) == ("", "sound", {UNKNOWN})
    right = edit.set_line_text(wrong, 1, "[sad] Maybe the boat comes back on Monday?", spoken)
    line = right.lines[1]
    assert (line.emotion, line.basis, line.type) == ("sad", "script", "question")
    assert {word.confidence for word in line.words} == {1.0}
    assert UNKNOWN not in {phone.phone for phone in line.phones}
    assert wrong.lines[0] == right.lines[0] == analysis.lines[0]
    assert is_sound(wrong)
    assert is_sound(right)
    with pytest.raises(UserError):
        edit.set_line_text(analysis, 1, "[hapy] Maybe.", spoken)


def test_what_was_not_understood_is_given_words_where_they_are(spoken: Recording, analysis: Analysis) -> None:
    unheard = edit.set_line_text(analysis, 1, "", spoken)
    last = len(unheard.lines[1].words) - 1
    named = edit.correct_word(unheard, 1, last, "Monday", spoken)
    line = named.lines[1]
    assert (line.text, line.basis, line.words[-1].text, line.words[-1].confidence) == (
        "Monday",
        "script",
        "Monday",
        1.0,
    )
    assert {phone.phone for phone in line.phones if phone.word < last} == {UNKNOWN}
    assert next(phone.phone for phone in line.phones if phone.word == last) == "m"
    assert is_sound(named)


def test_a_line_is_added_where_there_is_none(spoken: Recording, analysis: Analysis) -> None:
    without = edit.delete_line(analysis, 0)
    first = analysis.lines[0]
    again = edit.add_line(without, first.start, first.end, "We never met before.", spoken)
    assert [line.text for line in again.lines] == [line.text for line in analysis.lines]
    assert all(word.confidence >= SURE for word in again.lines[0].words)
    assert is_sound(again)
    with pytest.raises(UserError, match="There is a line already"):
        edit.add_line(analysis, first.start, first.end, "We never met before.", spoken)
    silence = Recording(np.zeros(16000, np.int16), 16000, "silence")
    with pytest.raises(UserError, match="Nothing is heard there"):
        edit.add_line(Analysis(1.0, ()), 0.0, 1.0, "", silence)


def test_a_note_goes_with_what_it_tells_of(spoken: Recording, analysis: Analysis) -> None:
    alone = edit.set_line_text(edit.set_line_text(analysis, 0, "", spoken), 1, "", spoken)
    alone = replace(alone, notes=("Clipped.", NO_WORDS))
    half = edit.set_line_text(alone, 0, "We never met before.", spoken)
    assert half.notes[0] == "Clipped."
    assert len(half.notes) == 2
    assert re.fullmatch(r"\d\d % of what is said rests on its words; at 0:\d\d the mouth follows .*", half.notes[1])
    assert edit.set_line_text(half, 1, "Maybe the boat comes back on Monday.", spoken).notes == ("Clipped.",)


def test_no_word_lies_beyond_the_phones_of_its_line() -> None:
    guessed = HeardWord("uh", 2.7, 3.3, 0.1)
    phones = (*(phone for phone in SPOKEN.phones if phone.word < 2), Phone(UNKNOWN, 2.9, 3.1, 1, 2))
    line = from_first_to_last(replace(SPOKEN, words=(*SPOKEN.words[:2], guessed), phones=phones))
    assert (line.end, line.words[2].end) == (3.1, 3.1)
    assert is_sound(Analysis(6.0, (BEFORE, line, AFTER)))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_edited_in_whatever_order_can_be_kept(spoken: Recording, analysis: Analysis, seed: int) -> None:
    dice = random.Random(seed)
    done = 0
    for _ in range(25):
        line = dice.randrange(len(analysis.lines))
        words, phones = analysis.lines[line].words, analysis.lines[line].phones
        word, time = dice.randrange(len(words)), dice.uniform(0, spoken.duration)
        near = dice.choice(words).start + dice.uniform(-0.1, 0.1)
        edits: list[Callable[[], Analysis]] = [
            partial(
                edit.correct_word, analysis, line, word, dice.choice(["boat", "", "New York", "银行", "?"]), spoken
            ),
            partial(edit.set_line_text, analysis, line, dice.choice(["", "Maybe so."]), spoken),
            partial(edit.move_boundary, analysis, line, "word", word, dice.choice(["start", "end"]), near),
            partial(edit.move_boundary, analysis, line, "phone", dice.randrange(len(phones)), "start", near),
            partial(edit.split_line, analysis, line, word),
            partial(edit.join_lines, analysis, line),
            partial(edit.add_line, analysis, time, min(time + 1, spoken.duration), "Maybe so.", spoken),
        ]
        try:
            analysis = dice.choice(edits)()
        except UserError:
            continue
        done += 1
        assert is_sound(analysis)
    assert done > 5
