"""What could be all that somebody wanted to say, and what could not."""

import pytest

from linly_blender.live.completeness import ending, is_question


@pytest.mark.parametrize(
    "text",
    [
        "how are you today",
        "where are you from",
        "where are you going to",
        "what is it for",
        "yes I can",
        "who do you think you are",
        "no",
        "I like it because it is blue.",
        "turn 3",
        "你叫什么名字",
        "我喜欢蓝色。",
    ],
)
def test_whole(text: str) -> None:
    assert ending(text) == "whole"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "um",
        "I like it because",
        "I was going to",
        "where is the",
        "well, and",
        "I think that my",
        "I would like,",
        "I do not know...",
        "?!,",
        "我觉得因为",
        "还有",
        "我想，",
    ],
)
def test_open(text: str) -> None:
    assert ending(text) == "open"


@pytest.mark.parametrize("text", ["where are", "what I", "the season what do", "I said that she", "I would like"])
def test_doubtful(text: str) -> None:
    assert ending(text) == "doubtful"


@pytest.mark.parametrize("text", ["what is your name", "are you there", "He left?", "你好吗", "你呢", "Can you"])
def test_question(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize("text", ["", "my name is Ada", "What a day!", "我很好"])
def test_no_question(text: str) -> None:
    assert not is_question(text)


@pytest.mark.parametrize("text", ["where is the", "I think that my"])
def test_no_voice_dies_away_on_a_word_that_leans_on_the_next(text: str) -> None:
    assert ending(text, fallen=True) == "doubtful"


def test_a_voice_may_die_away_on_a_word_after_which_one_thinks() -> None:
    assert ending("I like it because", fallen=True) == "open"
