"""Direction is taken out of a text exactly, and what is wrong with it is said with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linly_blender.errors import UserError
from linly_blender.language.direction import EmojiMark, EmotionMark, PauseMark, parse
from linly_blender.language.script import ScriptCue


def emphasised(text: str) -> list[str]:
    directed = parse(text)
    return [directed.text[start:end] for start, end in directed.emphasis]


@pytest.mark.parametrize(
    ("text", "plain", "mark"),
    [
        ("[happy] Hello.", "Hello.", EmotionMark(0, "happy", 0.7)),
        ("Oh no. [sad 0.25] Bye.", "Oh no. Bye.", EmotionMark(7, "sad", 0.25)),
        ("[angry 0] Calm.", "Calm.", EmotionMark(0, "neutral", 0.0)),
        ("Yes [nod] of course.", "Yes of course.", ScriptCue("nod", 4, 1.0)),
        ("Yes [NOD .5].", "Yes.", ScriptCue("nod", 3, 0.5)),
        ("好的[tilt left 1.5]没问题。", "好的没问题。", ScriptCue("tilt_left", 2, 1.5)),
        ("See [look_up] there", "See there", ScriptCue("look_up", 4, 1.0)),
        ("Wait [pause] what?", "Wait what?", PauseMark(5, 0.5)),
        ("等等[pause 1.25]，什么？", "等等，什么？", PauseMark(2, 1.25)),
        ("Great 🎉!", "Great!", EmojiMark(5, "🎉")),
        ("Fine :-) thanks", "Fine thanks", EmojiMark(5, ":-)")),
    ],
)
def test_a_tag_leaves_its_mark_and_nothing_else(text: str, plain: str, mark: object) -> None:
    directed = parse(text)
    assert directed.text == plain
    assert directed.marks == (mark,)
    assert directed.emphasis == ()


def test_tags_in_a_row_stand_at_the_same_place() -> None:
    directed = parse("Go [nod] [blink].")
    assert directed.text == "Go."
    assert [mark.at for mark in directed.marks] == [2, 2]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("I *never* said *any of that*.", ["never", "any of that"]),
        ("我们*周末*营业。", ["周末"]),
        ("A **bold** word.", ["bold"]),
        ("*really [nod] good*", ["really good"]),
        ("3 * 4 is 12, and 3*4 too.", []),
        (r"a \*star\*", []),
    ],
)
def test_emphasis_stands_between_asterisks(text: str, marked: list[str]) -> None:
    assert emphasised(text) == marked


def test_escapes_stand_for_the_character() -> None:
    assert parse(r"\[sic\] 5\*5 \\ C:\new").text == r"[sic] 5*5 \ C:\new"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hello\nmy [hapy] friend", ["[hapy]", "line 2, column 4", "Did you mean [happy]?", "nod"]),
        ("[tilt] Hm", ["[tilt]", "line 1, column 1", "[tilt left] or [tilt right]"]),
        ("[] Hm", ["[]", "line 1, column 1", "pause"]),
        ("Well [nod", ["[nod", "line 1, column 6", "not closed"]),
        ("Well [nod\n] then", ["[nod", "line 1, column 6", "not closed"]),
        ("Well [nod [blink]", ["[nod", "line 1, column 6", "not closed"]),
        ("Well] then", ["line 1, column 5", r"\]"]),
        ("[sad 1.5] Hm", ["[sad 1.5]", "line 1, column 1", "from 0 to 1"]),
        ("[sad -0.5] Hm", ["[sad -0.5]", "from 0 to 1"]),
        ("[nod 3] Hm", ["[nod 3]", "from 0.1 to 2"]),
        ("[pause 60] Hm", ["[pause 60]", "from 0.05 to 10"]),
        ("[pause 0,5] Hm", ["[pause 0,5]", "0,5", "not a number"]),
        ("[sad 1e3] Hm", ["1e3", "not a number"]),
        ("[neutral 0.5] Hm", ["[neutral 0.5]", "no number"]),
        ("I *never said that", ["line 1, column 3", "partner", r"\*"]),
        ("One\ntwo* three", ["line 2, column 4", "partner"]),
        ("*one *two*", ["line 1, column 1", "partner"]),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, parts: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        parse(text)
    for part in parts:
        assert part in str(caught.value)


PIECES = st.sampled_from(
    [
        ("plain", "plain", 0),
        ("你好", "你好", 0),
        ("*loud*", "loud", 1),
        ("*two words*", "two words", 1),
        (r"\[no tag\]", "[no tag]", 0),
        ("2 * 3", "2 * 3", 0),
        ("line\nbreak", "line\nbreak", 0),
    ]
)


@given(st.lists(st.tuples(st.sampled_from(["", "[nod] ", "[sad 0.3] ", "[pause 2] [blink] "]), PIECES), max_size=12))
def test_the_plain_text_is_the_text_without_its_direction(pieces: list[tuple[str, tuple[str, str, int]]]) -> None:
    directed = parse(" ".join(tag + source for tag, (source, _, _) in pieces))
    assert directed.text == " ".join(plain for _, (_, plain, _) in pieces)
    assert len(directed.emphasis) == sum(count for _, (_, _, count) in pieces)
    assert len(directed.marks) == sum(tag.count("[") for tag, _ in pieces)


ANYTHING = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="ab1 *[]\\\n.nod😀:)", max_size=40),
    st.lists(st.sampled_from(["[", "]", "*", "nod", " ", "sad 0.5", "\\", "\n", "。", ":)", "🙂"]), max_size=20).map(
        "".join
    ),
)


@given(ANYTHING)
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        directed = parse(text)
    except UserError:
        return
    length = len(directed.text)
    assert all(0 <= mark.at <= length for mark in directed.marks)
    assert [mark.at for mark in directed.marks] == sorted(mark.at for mark in directed.marks)
    flat = [at for span in directed.emphasis for at in span]
    assert flat == sorted(flat)
    assert all(start < end <= length for start, end in directed.emphasis)
    if not set(text) & set("[]*\\") and not directed.marks:
        assert directed.text == text
