"""From an author's text to the lines that are spoken."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.errors import UserError
from linly_blender.language.meaning import Meaning, Said
from linly_blender.language.reader import LIMIT, read_script
from linly_blender.language.script import Line, ScriptCue
from linly_blender.measure.sentences import script
from linly_blender.score import EMOTIONS, SENTENCE_TYPES


def one(text: str, **options: str) -> Line:
    (line,) = read_script(text, **options)
    return line


def test_the_article() -> None:
    question, answer = read_script("你们周末营业吗？我们周末正常营业，营业时间为上午9点到晚上8点。")
    assert (question.type, answer.type) == ("question", "statement")
    assert question.language == answer.language == "cmn"
    assert [word.text for word in question.words] == ["你们", "周末", "营业", "吗"]
    assert {"周末", "正常", "营业"} <= {word.text for word in answer.words if word.emphasis >= 0.5}


def test_marked_words_stand_out() -> None:
    line = one("I *never* said that she took the money.")
    assert [word.text for word in line.words if word.emphasis == 1] == ["never"]
    assert all(word.emphasis < 0.5 for word in line.words if word.text != "never")
    assert [word.text for word in one("我们*周末正常*营业。").words if word.emphasis == 1] == ["周末", "正常"]


def test_cues_and_pauses_lie_in_their_line() -> None:
    first, second = read_script("Yes, [nod] of course. [blink] Look [pause 0.4] over [look left 0.5] there [pause 1].")
    assert first.text == "Yes, of course."
    assert first.cues == (ScriptCue("nod", 5, 1.0),)
    assert second.text == "Look over there."
    assert second.cues == (ScriptCue("blink", 0, 1.0), ScriptCue("look_left", 10, 0.5))
    assert second.pauses == ((5, 0.4),)
    assert second.pause_after == 1


def test_tags_at_the_ends_keep_to_their_paragraph() -> None:
    first, second = read_script("Good day. [nod]\n[pause 2] Bye.")
    assert first.cues == (ScriptCue("nod", 9, 1.0),)
    assert first.pause_after == pytest.approx(2.7)
    assert second.pauses == ()
    assert one("[pause 1] [pause 0.5] Hello.").pauses == ((0, 1.5),)


def test_a_line_of_tags_belongs_to_the_next_line() -> None:
    first, second = read_script("Hello.\n[sad 0.4] [shake]\nIt is over.")
    assert first.cues == ()
    assert (second.emotion, second.intensity, second.cues) == ("sad", 0.4, (ScriptCue("shake", 0, 1.0),))
    assert one("Hello.\n[nod]").cues == (ScriptCue("nod", 6, 1.0),)


def test_an_emotion_holds_to_the_end_of_its_paragraph() -> None:
    text = "It rains. [happy 0.6] We go. We walk. [angry] Stop it.\nIt rains. We go [sad] on."
    emotions = [(line.emotion, line.intensity) for line in read_script(text)]
    assert emotions == [
        ("neutral", 0.0),
        ("happy", 0.6),
        ("happy", 0.6),
        ("angry", 0.7),
        ("neutral", 0.0),
        ("sad", 0.7),
    ]


def test_a_chosen_emotion_is_for_what_has_no_tag() -> None:
    lines = read_script("I love it. [neutral] It rains.", emotion="concerned")
    assert [line.emotion for line in lines] == ["concerned", "neutral"]
    assert one("I love it.", emotion="neutral").intensity == 0
    with pytest.raises(UserError, match=r"joyful.*happy"):
        read_script("Hello.", emotion="joyful")


def test_a_line_of_tags_is_no_empty_line() -> None:
    assert read_script("One.\n[nod]\nTwo.")[0].pause_after == read_script("One.\nTwo.")[0].pause_after


def test_silence_grows_from_sentence_to_paragraph_to_empty_line() -> None:
    sentence, paragraph, empty, _ = (line.pause_after for line in read_script("One. Two.\nThree.\n\nFour."))
    assert 0.35 <= sentence <= 0.5
    assert 0.6 <= paragraph <= 0.8
    assert paragraph + 0.8 <= empty <= paragraph + 1.0


def test_emoji_are_felt_and_not_spoken() -> None:
    first, second = read_script("We are done 🎉🎉! 😢 See you.")
    assert (first.text, second.text) == ("We are done!", "See you.")
    assert second.emotion == "neutral"
    assert read_script("I leave. 😢 See you.")[0].emotion == "sad"
    assert one("See you 👩🏽\u200d🚀\ufe0f soon.").text == "See you soon."


def test_languages_change_by_the_sentence() -> None:
    assert [line.language for line in read_script("Hello! 你好！ 1, 2, 3.")] == ["en-us", "cmn", "cmn"]
    assert one("我们用Blender做动画。", language="zh").language == "cmn"
    assert [line.language for line in read_script("OK! 我们走吧。", language="zh")] == ["cmn", "cmn"]
    assert one("Guten Tag, wie geht es Ihnen?", language="de").language == "de"
    assert one("Hello.", language="en").language == "en-us"


@pytest.mark.parametrize(
    ("text", "language", "message"),
    [
        ("Hello.\n你们周末营业吗？", "en", "Line 2.*Chinese.*chosen is en.*auto or zh"),
        ("This is not in Chinese.", "zh", "Line 1.*Latin letters.*chosen is zh.*auto or en"),
        ("Привет, мир!", "en", "Cyrillic.*auto or ru"),
        ("안녕하세요", "zh", "Korean.*auto or ko"),
        ("Hello.", "klingon language", "is not a language"),
        ("", "auto", "empty"),
        (" \n\ufeff\t ", "auto", "empty|nothing to say"),
        ("?! ...", "auto", "nothing to say"),
        ("。！", "auto", "nothing to say"),
        ("😀🎉", "auto", "nothing to say"),
        ("[happy] [nod]", "auto", "nothing to say"),
        ("a" * 100_000, "auto", r"100,000 characters.*99,999"),
        ("Line one\nand\x07 two", "auto", r"control character \(U\+0007\) at line 2, column 4"),
        ("a\x00", "auto", r"U\+0000.*line 1, column 2"),
        ("a\ud83d!", "auto", r"half of a character \(U\+D83D\)"),
        ("caf\ufffd", "auto", "UTF-8"),
        ("\ue000", "auto", "private"),
        ("[nod Hello.", "auto", "not closed"),
    ],
)
def test_bad_input_is_refused_with_advice(text: str, language: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_script(text, language=language)


def test_invisible_characters_do_no_harm() -> None:
    assert one("\ufeffHello\u200b wor\u00adld.\r\n").text == "Hello world."
    assert [line.text for line in read_script("One\r\ntwo\rthree\u2028four")] == ["One", "two", "three", "four"]


class Recorder:
    """A tagger that notes what it is shown."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []

    def tag(self, said: Said, history: list[Said]) -> Meaning:
        self.calls.append((said.text, [earlier.text for earlier in history]))
        return Meaning("command", "angry", 0.5, tuple(0.25 for _ in said.words))


def test_a_tagger_can_be_replaced() -> None:
    recorder = Recorder()
    lines = read_script("A. B. C. D. E. F.".replace(".", " word."), tagger=recorder)
    assert {line.type for line in lines} == {"command"}
    assert {word.emphasis for line in lines for word in line.words} == {0.25}
    assert recorder.calls[0] == ("A word.", [])
    assert recorder.calls[5] == ("F word.", ["B word.", "C word.", "D word.", "E word."])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_hour_of_script_is_read_as_its_parts_are(language: str) -> None:
    """Words lie where they are said to lie."""
    text = script(language).rstrip() + "\n"
    copies = 60_000 // len(text) if language == "en" else 16_000 // len(text)
    assert len(text * copies) < LIMIT
    once, long = read_script(text), read_script(text * copies)
    assert [line.text for line in long] == [line.text for line in once] * copies
    assert all(line.text[word.start : word.end] == word.text for line in long for word in line.words)


@pytest.mark.parametrize(
    "text",
    [
        "a " * 49_000,
        "。" * 49_000 + "好",
        "*a* " * 24_000,
        "😀" * 50_000 + "a",
        "a." * 49_000,
        "[nod]" * 9_000 + "a",
        "你" * 99_000,
        "'s" * 49_000,
        "I am " + "so, " * 20_000 + "isn't it?",
    ],
)
def test_no_text_takes_long(text: str) -> None:
    begin = time.process_time()
    read_script(text)
    assert time.process_time() - begin < 6.0


ANYTHING = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(
            [
                "Hello",
                " ",
                "world",
                ". ",
                "? ",
                "\n",
                "*",
                "[nod]",
                "[happy]",
                "[pause 1]",
                "你好",
                "。",
                "！",
                "吗？",
                "🎉",
                "9:30",
                "a.m. ",
                "“",
                "”",
                "\\",
                "[",
                "but ",
            ]
        ),
        max_size=30,
    ).map("".join),
)


@settings(deadline=None)  # the first call loads jieba's dictionary
@given(ANYTHING)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        lines = read_script(text)
    except UserError:
        return
    assert lines
    for line in lines:
        assert line.words
        assert line.type in SENTENCE_TYPES
        assert line.emotion in EMOTIONS
        assert 0 <= line.intensity <= 1
        assert (line.intensity == 0) == (line.emotion == "neutral")
        for word in line.words:
            assert line.text[word.start : word.end] == word.text
            assert 0 <= word.emphasis <= 1
        assert all(a.end <= b.start for a, b in zip(line.words, line.words[1:], strict=False))
        assert all(0 <= cue.at <= len(line.text) for cue in line.cues)
        places = [at for at, _ in line.pauses]
        assert places == sorted(set(places))
        assert all(0 <= at < line.words[-1].end for at in places)
        assert line.pause_after >= 0
