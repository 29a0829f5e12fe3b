"""What of the conversation a language model is told."""

from hypothesis import given
from hypothesis import strategies as st

from linly_blender.live.services import Turn
from linly_blender.reply.memory import messages, tokens
from linly_blender.reply.prompt import instructions
from linly_blender.score import CUE_KINDS, EMOTIONS

TURNS = st.lists(
    st.builds(Turn, st.sampled_from(["user", "character"]), st.text(max_size=60), st.sampled_from(["", "and so on"])),
    max_size=12,
)


def test_tokens() -> None:
    assert tokens("") == 0
    assert tokens("four") == 1
    assert tokens("fours") == 2
    assert tokens("你好") == 2
    assert tokens("你好four") == 3


@given(TURNS, st.text(min_size=1, max_size=60).filter(str.strip), st.integers(0, 200))
def test_both_take_turns_and_the_user_begins_and_ends(before: list[Turn], said: str, budget: int) -> None:
    told = messages(before, said, budget)
    assert [message["role"] for message in told] == ["user", "assistant"] * (len(told) // 2) + ["user"]
    assert told[-1]["content"].endswith(said.strip())
    assert sum(tokens(message["content"]) for message in told[:-1]) <= budget


def test_the_oldest_are_dropped_first() -> None:
    before = [Turn("user", "a" * 40), Turn("character", "b" * 40), Turn("user", "c" * 40), Turn("character", "d" * 40)]
    assert [message["content"][0] for message in messages(before, "e", 1000)] == list("abcde")
    assert [message["content"][0] for message in messages(before, "e", 40)] == list("cde")
    assert [message["content"][0] for message in messages(before, "e", 25)] == list("e")
    assert [message["content"][0] for message in messages(before, "e", 0)] == list("e")


def test_what_was_not_said_is_told_as_such() -> None:
    before = [Turn("user", "Tell me."), Turn("character", "It was", "a dark and stormy night.")]
    told = messages(before, "Stop!", 1000)
    assert told[1] == {"role": "assistant", "content": "It was"}
    assert told[2]["content"] == "[You were interrupted here and did not say: a dark and stormy night.]\nStop!"
    assert len(messages([Turn("character", "It was", "long " * 1000)], "Stop!", 1000)[-1]["content"]) < 400


def test_a_character_that_was_interrupted_before_a_word_has_said_nothing() -> None:
    told = messages([Turn("user", "Hi"), Turn("character", "", "Hello.")], "Wait", 1000)
    assert [message["role"] for message in told] == ["user"]
    assert told[0]["content"].startswith("Hi\n[You were interrupted")


def test_the_model_is_told_the_whole_format_and_its_persona() -> None:
    inline = instructions("You are Ada.", "zh", structured=False)
    assert inline.startswith("You are Ada.")
    assert "Mandarin" in inline
    for name in (*EMOTIONS, *(kind.replace("_", " ") for kind in CUE_KINDS), "pause"):
        assert name in inline
    assert tokens(inline) < 500
    assert '{"sentences"' in instructions("", "en", structured=True)
