"""Sentences, words and languages of a plain text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.errors import UserError
from linly_blender.language import detect
from linly_blender.language.sentences import split
from linly_blender.language.words import words


def pieces(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Hello there.", "How are you?", "Fine!"],
        ["Mr. Smith met Dr. Jones at 9 a.m. on Monday.", "They left."],
        ["We close at 5 p.m.", "Please come earlier."],
        ["It costs 3.14 dollars, e.g. in the U.S. market.", "The rest is free."],
        ["He lives in the U.S.", "She does not."],
        ["J. K. Rowling wrote it.", "So did I.", "Then we met."],
        ["See https://example.com/a?b=1.2 for more.", "Mail me at a.b@example.org!"],
        ["What?!", "No..."],
        ["Well... maybe it will rain.", "We shall see."],
        ["“Stop!” he said.", "Nobody moved."],
        ['"Is it true?" she asked.', '"Yes."', "He nodded."],
        ["See Fig. 3 and No. 5.", "Then go on."],
        ["Node.js is a name.", "So is Yahoo!7, perhaps."],
        ["apples, pears, etc. are fruit.", "i know. it is late."],
    ],
)
def test_english_sentences(sentences: list[str]) -> None:
    expected = [part for sentence in sentences for part in sentence.replace("know. it", "know.\0it").split("\0")]
    assert pieces(" ".join(sentences)) == expected


@pytest.mark.parametrize(
    "sentences",
    [
        ["你们周末营业吗？", "我们周末正常营业，营业时间为上午9点到晚上8点。"],
        ["他说：“我明天来。”", "我很高兴！"],
        ["“快走！”他喊道。", "没人动。"],
        ["圆周率约为3.14。", "好；", "我们继续……"],
        ["真的吗?!", "我不信."],
        ["我……我不知道。", "再见！！"],
        ["「你好。」", "她笑了。"],
    ],
)
def test_mandarin_sentences(sentences: list[str]) -> None:
    assert pieces("".join(sentences)) == sentences


def test_a_line_is_a_paragraph() -> None:
    spans = split("One\ntwo. Three\n\nFour")
    assert [span.paragraph for span in spans] == [0, 1, 1, 3]


def test_what_has_nothing_to_say_is_no_sentence() -> None:
    assert pieces("... ?! — \n*\n。。。") == []
    assert pieces("... Hello . . . ! Bye") == ["... Hello . . . !", "Bye"]


TEXT = st.text(alphabet=st.one_of(st.sampled_from("ab Az9.!?…。！？”’)\n 你好Mr ,;'-"), st.characters()), max_size=80)


@settings(deadline=None)  # the first call loads jieba's dictionary
@given(TEXT)
def test_every_letter_is_in_exactly_one_sentence_and_word(text: str) -> None:
    spans = split(text)
    covered: list[int] = []
    for span in spans:
        sentence = text[span.start : span.end]
        assert sentence == sentence.strip()
        assert "\n" not in sentence
        assert any(map(str.isalnum, sentence))
        found = words(sentence, "cmn")
        flat = [at for word in found for at in word]
        assert flat == sorted(flat)
        assert all(start < end for start, end in found)
        covered += [span.start + at for start, end in found for at in range(start, end)]
    assert len(covered) == len(set(covered))
    assert {i for i, character in enumerate(text) if character.isalnum()} <= set(covered)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Don’t use well-known tricks, O'Neil!", "en-us", "Don’t|use|well-known|tricks|O'Neil"),
        ("At 9:30 a.m. it is 25.5% of $3,000.", "en-us", "At|9:30|a.m.|it|is|25.5%|of|$3,000"),
        ("It's the 1st U.S. film at 60fps", "en-us", "It's|the|1st|U.S.|film|at|60fps"),
        ("'Quoted' words & the students' books", "en-us", "Quoted|words|&|the|students|books"),
        ("C++ and C# cost more.", "en-us", "C++|and|C#|cost|more"),
        ("The 3-year-old of the 90's at 3mb/s", "en-us", "The|3-year-old|of|the|90's|at|3mb/s"),
        ("请看www.example.com查看", "cmn", "请|看|www.example.com|查看"),
        ("气温25℃，￥300", "cmn", "气温|25℃|￥300"),
        ("我们周末正常营业", "cmn", "我们|周末|正常|营业"),
        ("上午9点到晚上8点半", "cmn", "上午|9点|到|晚上|8点半"),
        ("用Blender和Python3做动画", "cmn", "用|Blender|和|Python3|做|动画"),
        ("请发一个长长的元音", "cmn", "请|发|一个|长长的|元音"),
        ("हम कल आएँगे।", "hi", "हम|कल|आएँगे"),
        ("東京タワーへ行きます", "ja", "東京|タワー|へ|行きます"),
        ("Größe naïve", "de", "Größe|naïve"),
    ],
)
def test_words(text: str, language: str, expected: str) -> None:
    assert "|".join(text[start:end] for start, end in words(text, language)) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello there", "en-us"),
        ("你好", "cmn"),
        ("我们用Blender和Python做动画", "cmn"),
        ("The word 你好 means hello", "en-us"),
        ("東京タワーへ行きます", "ja"),
        ("안녕하세요", "ko"),
        ("Привет, мир", "ru"),
        ("Γειά σου", "el"),
        ("مرحبا", "ar"),
        ("नमस्ते", "hi"),
        ("สวัสดี", "th"),
        ("12, 30 + 5!", None),
    ],
)
def test_the_language_is_told_by_the_writing(text: str, language: str | None) -> None:
    assert detect.language_of(text) == language


def test_numbers_are_said_in_their_neighbours_language() -> None:
    assert detect.languages_of(["1, 2!", "你好。", "3!", "Hello.", "4."]) == ["cmn", "cmn", "cmn", "en-us", "en-us"]
    assert detect.languages_of(["1, 2, 3"]) == ["en-us"]


def test_a_writing_without_a_voice_is_refused() -> None:
    with pytest.raises(UserError, match="No voice can read"):
        detect.language_of("ᠮᠣᠩᠭᠣᠯ")


@pytest.mark.parametrize(
    ("name", "code"),
    [("auto", None), ("en", "en-us"), ("ZH", "cmn"), ("zh_CN", "cmn"), ("de", "de"), ("en-gb", "en-gb")],
)
def test_names_of_languages(name: str, code: str | None) -> None:
    assert detect.resolve(name) == code


@pytest.mark.parametrize("name", ["", "中文", "e n", "../en"])
def test_what_is_no_language_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="choose auto, en, zh"):
        detect.resolve(name)
