"""What is known of a part of a recording."""

from dataclasses import replace

import pytest

from linly_blender.dialogue.analysis import UNKNOWN, Analysis, HeardLine, HeardWord
from linly_blender.dialogue.coverage import on_sound
from linly_blender.dialogue.excerpt import excerpt
from linly_blender.score import Cue, Noise, Phone


def line(start: float, text: str, *words: str) -> HeardLine:
    """A line of words of a second each, with one phone in each."""
    at = [start + number for number in range(len(words))]
    return HeardLine(
        text=text,
        language="en-us",
        start=start,
        end=start + len(words),
        basis="script",
        words=tuple(HeardWord(word, time, time + 1, 0.9) for word, time in zip(words, at, strict=True)),
        phones=tuple(Phone("a", time + 0.25, time + 0.75, 1, number) for number, time in enumerate(at)),
        cues=(Cue("nod", start + 0.5, 1.0),),
    )


ANALYSIS = Analysis(
    12.0,
    (line(1, "Well, who is there?", "Well", "who", "is", "there"), line(7, "Nobody.", "Nobody")),
    (Noise("breath", 0.2, 0.6, 0.5), Noise("laugh", 9.0, 10.0, 0.5)),
    ("It is short.",),
)


def test_the_whole_is_the_whole() -> None:
    assert excerpt(ANALYSIS, 0.0, 12.0) == ANALYSIS


def test_times_count_from_the_part_and_what_lies_outside_is_left_out() -> None:
    part = excerpt(ANALYSIS, 6.5, 11.0)
    assert part.duration == pytest.approx(4.5)
    assert [one.text for one in part.lines] == ["Nobody."]
    assert part.lines[0].start == pytest.approx(0.5)
    assert part.lines[0].phones[0].start == pytest.approx(0.75)
    assert [noise.kind for noise in part.noises] == ["laugh"]
    assert part.noises[0].start == pytest.approx(2.5)
    assert part.notes == ("It is short.",)


def test_of_a_line_that_is_cut_the_whole_words_stay() -> None:
    (cut,) = excerpt(ANALYSIS, 1.5, 4.5).lines
    assert cut.text == "who is"
    assert [word.text for word in cut.words] == ["who", "is"]
    assert [phone.word for phone in cut.phones] == [0, 1]
    assert (cut.start, cut.end) == (pytest.approx(0.5), pytest.approx(2.5))
    assert cut.cues == ()
    (end,) = excerpt(ANALYSIS, 3.2, 6.0).lines
    assert end.text == "there?"
    assert excerpt(ANALYSIS, 5.2, 6.8).lines == ()


def test_a_part_may_go_beyond_the_recording_by_a_frame() -> None:
    part = excerpt(ANALYSIS, -0.02, 12.02)
    assert part.lines[0].start == pytest.approx(1.02)
    assert part.duration == pytest.approx(12.04)


def test_what_is_told_of_the_words_is_told_of_the_part() -> None:
    unknown = HeardLine(
        "", "en-us", 4.0, 5.0, "sound", (HeardWord("", 4.0, 5.0, 0.0),), (Phone(UNKNOWN, 4.0, 5.0, 1, 0),)
    )
    known = HeardLine(
        "Yes.", "en-us", 1.0, 3.0, "script", (HeardWord("Yes", 1.0, 3.0, 1.0),), (Phone("j", 1.0, 3.0, 0, 0),)
    )
    whole = Analysis(6.0, (known, unknown))
    whole = replace(whole, notes=("The sound is clipped.", *on_sound(whole)))
    assert len(whole.notes) == 2
    assert excerpt(whole, 0.0, 3.5).notes == ("The sound is clipped.",)
    part = excerpt(whole, 0.5, 6.0)
    assert "0:03" in part.notes[1]
