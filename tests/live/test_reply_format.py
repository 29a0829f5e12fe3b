"""Whatever somebody writes becomes lines that can be performed, sentence by sentence, and nothing else does."""

import json
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from linly_blender.language.script import Line
from linly_blender.reply.format import Limits, Reader
from linly_blender.score import EMOTIONS, SENTENCE_TYPES

LIMITS = Limits()


def read(text: str, language: str = "en", limits: Limits = LIMITS) -> tuple[list[Line], tuple[str, ...]]:
    reader = Reader(language, limits)
    lines = reader.feed(text)
    lines += reader.finish()
    return lines, reader.notes


def texts(text: str, language: str = "en") -> list[str]:
    return [line.text for line in read(text, language)[0]]


def when(text: str, language: str = "en") -> list[str]:
    """The text that had come when each sentence was ready."""
    reader = Reader(language)
    return [text[: i + 1] for i, character in enumerate(text) for _ in reader.feed(character)]


# What a text may be made of: real writing, markup, whole and broken, and anything at all.
WRITING = r"""
Hello_there._|Dr._Smith_|3.5_|1._|..._|Well…_|“Yes!”_|he_said._|你好！|“快走！”他说。|我们，|好的……|[happy]_|[nod]|[nope_0.3]|[1]|[|]
【sad】|【标题】|*|**|*so*_|`|```|```json|{|}|{"|"text":_"|"}|[{|<think>|</think>|<b>|<|&amp;|&#xE000;|&#91;|~~|\|#_|-_|:-)|a.m._
https://a.example/b.c?d_|[link](https://x.example)|😊|🇨🇳|U.S._|etc._|?|!|。|；|—|,_|word_|ha_
"""
UNSEEN = "\n \r\n \t _ __ \0 \x1b[31m \u202e \u2066 \ufeff \ue000 \ue001 \ud800 \u0301 \ufffd 👩\u200d👩\u200d👧"
SEEN = [part.replace("_", " ") for part in WRITING.replace("\n", "|").split("|") if part]
FRAGMENTS = st.sampled_from([*SEEN, *UNSEEN.split(" ")])
TEXTS = st.one_of(st.lists(FRAGMENTS, max_size=30).map("".join), st.text(max_size=80), st.lists(
    st.one_of(FRAGMENTS, st.text(max_size=5)), max_size=20).map("".join))  # fmt: skip
LANGUAGES = st.sampled_from(["en", "zh", "auto", "de"])


@given(TEXTS, LANGUAGES, st.data())
@hypothesis_settings(max_examples=300, deadline=None)
def test_the_pieces_in_which_a_reply_comes_change_nothing(text: str, language: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    reader = Reader(language)
    lines: list[Line] = []
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        lines += reader.feed(text[begin:end])
    lines += reader.finish()
    assert (lines, reader.notes) == read(text, language)


@given(TEXTS, LANGUAGES)
@hypothesis_settings(max_examples=500, deadline=None)
@example("&#xE000;&#xE001; forged", "en")
@example('{"text": "\\ue000 \\u0000 \\u202e hi"}', "en")
@example("[happy [nod [sad", "en")
@example("<a<b<c [d](", "en")
def test_nothing_but_what_can_be_performed_comes_out(text: str, language: str) -> None:
    lines, notes = read(text, language)
    assert len(lines) <= 3 * LIMITS.sentences
    for line in lines:
        assert any(map(str.isalnum, line.text))
        assert not {unicodedata.category(c) for c in line.text} & {"Cc", "Cs", "Co", "Cn"}
        assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff") & set(line.text)
        assert not {"[", "]", "`", "\\"} & set(line.text)
        assert line.emotion in EMOTIONS
        assert line.type in SENTENCE_TYPES
        assert 0.0 <= line.intensity <= 1.0
        assert len(line.text) <= LIMITS.pacing.most + 60
        assert len(line.cues) <= LIMITS.gestures_a_sentence
        assert sum(seconds for _, seconds in line.pauses) <= LIMITS.pause + 0.06
        assert line.words
    for note in notes:
        assert note.isprintable()
        assert len(note) < 400


PLAIN = st.sampled_from(["Hello there.", "How are you?", "It costs 3.5 dollars.", "你好吗？", "天气很好。"])


@given(st.lists(PLAIN, max_size=6))
@hypothesis_settings(max_examples=60, deadline=None)
def test_no_word_of_plain_writing_is_lost(sentences: list[str]) -> None:
    sentences = list(dict.fromkeys(sentences))
    assert texts(" ".join(sentences), "zh") == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hello there. How are you?", ["Hello there.", "How are you?"]),
        ("It costs 3.5 dollars, Dr. Smith. Really.", ["It costs 3.5 dollars, Dr. Smith.", "Really."]),
        ("We meet at 5 p.m. Come early.", ["We meet at 5 p.m.", "Come early."]),
        ("We meet at 5 p.m. on Friday.", ["We meet at 5 p.m. on Friday."]),
        ("Well... I think so.", ["Well... I think so."]),
        ("He left... But she stayed.", ["He left...", "But she stayed."]),
        ('"Stop!" she said. "Now."', ['"Stop!" she said.', '"Now."']),
        ("1. Open the door. 2. Go in.", ["1. Open the door.", "2. Go in."]),
        ("你好！今天怎么样？很好。", ["你好！", "今天怎么样？", "很好。"]),
        ("“快走！”他说。我们走了。", ["“快走！”他说。", "我们走了。"]),
        ("价格是3.5元。好的……那就这样。", ["价格是3.5元。", "好的……那就这样。"]),
        ("One line\nanother line", ["One line", "another line"]),
    ],
)
def test_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert texts(text, "auto") == sentences


def test_a_sentence_is_ready_as_soon_as_it_is_over() -> None:
    assert when("Hello there. How are you? I") == ["Hello there. ", "Hello there. How are you? "]
    assert when("你好！今天很好。我", "zh") == ["你好！今", "你好！今天很好。我"]


def test_a_long_first_sentence_is_begun_at_a_comma() -> None:
    clause = "Once upon a time an old king lived in a castle on a high hill above the river that runs to the far sea"
    assert len(clause) < 120
    long = f"{clause} of pale blue glass and ice, and he had three daughters, who were all clever."
    assert texts(long) == [f"{clause} of pale blue glass and ice,", "and he had three daughters, who were all clever."]
    assert texts(f"Hm. {long}") == ["Hm.", long]
    chinese = "很久以前在一座高高的山上住着一位年老的国王他每天都坐在窗前看着远处的大海和来来往往的船，后来他有了女儿。"
    assert texts(chinese, "zh")[0].endswith("船，")


def test_tags_emphasis_and_pauses_are_performed() -> None:
    (line,), notes = read("[happy 0.9] Oh, [nod 0.5] good *morning*! [pause 0.3]".replace(" [pause 0.3]", ""))
    assert (line.text, line.emotion, line.intensity) == ("Oh, good morning!", "happy", 0.9)
    assert [(cue.kind, line.text[cue.at :], cue.amplitude) for cue in line.cues] == [("nod", "good morning!", 0.5)]
    assert [word.text for word in line.words if word.emphasis == 1.0] == ["morning"]
    assert notes == ()


def test_an_emotion_holds_to_the_end_of_its_paragraph() -> None:
    lines, _ = read("[sad 0.6] He left. Nobody saw him.\nThe table has four legs.")
    assert [(line.emotion, line.intensity) for line in lines] == [("sad", 0.6), ("sad", 0.6), ("neutral", 0.0)]


def test_a_sentence_type_can_be_asked_for() -> None:
    lines, _ = read("[question] You are here. You are there.")
    assert [line.type for line in lines] == ["question", "statement"]


def test_a_gesture_between_two_sentences_belongs_to_the_second() -> None:
    for text in ("Hello.[nod] Good day.", "Hello. [nod] Good day.", "Hello.\n[nod]\nGood day."):
        lines, _ = read(text)
        assert [len(line.cues) for line in lines] == [0, 1], text


def test_unknown_tags_are_neutral_and_told() -> None:
    (line,), notes = read("[sarcastic] What a wonderful day!")
    assert (line.text, line.emotion) == ("What a wonderful day!", "neutral")
    assert "[sarcastic]" in notes[0]


@pytest.mark.parametrize(
    ("written", "emotion", "intensity"),
    [
        ("[Happy: 0.5]", "happy", 0.5),
        ("[emotion: sad]", "sad", 0.7),
        ("[angry 9]", "angry", 1.0),
        ("【happy】", "happy", 0.7),
    ],
)
def test_small_slips_are_forgiven(written: str, emotion: str, intensity: float) -> None:
    (line,), notes = read(f"{written} The table has four legs.")
    assert (line.text, line.emotion, line.intensity) == ("The table has four legs.", emotion, intensity)
    assert notes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<think>Hmm. What now?</think>\nHello.", ["Hello."]),
        ("Yes. <think>Hmm.</think>No.", ["Yes.", "No."]),
        ("## Title\n- **one** thing\n* another `thing`", ["Title", "one thing", "another thing"]),
        ("See [the docs](https://x.example/a.b?c) now. ![a cat](u) Bye.", ["See the docs now.", "Bye."]),
        ("Go to https://www.example.com/a/b?c=d#e now.", ["Go to example.com now."]),
        ("Here:\n```python\nprint('x. y')\n```\nDone.", ["Here:", "Done."]),
        ("<b>Bold</b> &amp; new<br>next", ["Bold & new", "next"]),
        ("Great! 😊 Bye. 🎉", ["Great!", "Bye."]),
        ("As shown [1], it is so [^2].", ["As shown, it is so."]),
        ("Stop\x00 \x1bred\u202e text.", ["Stop red text."]),
        ("snake_case and __dunder__ and _so_.", ["snake case and dunder and so."]),
        ("Two * three, 2 * 3.", ["Two three, 2 * 3."]),
        ("I *never said. He did* it.", ["I never said.", "He did it."]),
        ("", []),
        ("... --- 😊 [happy]", []),
    ],
)
def test_markup_is_not_spoken(text: str, said: list[str]) -> None:
    assert texts(text) == said


def test_gestures_have_a_rate() -> None:
    (line,), notes = read("[nod] a [shake] b [nod] c [blink] d.")
    assert [cue.kind for cue in line.cues] == ["nod", "shake"]
    assert "more gestures" in notes[0]
    lines, notes = read(" ".join(f"[nod] Number {i} it is." for i in range(30)))
    assert sum(len(line.cues) for line in lines) == LIMITS.gestures_a_minute
    slow = " ".join(f"[nod] Number {i} {'goes on and on and on ' * 3}for long." for i in range(30))
    assert sum(len(line.cues) for line in read(slow)[0]) == 30


def test_pauses_have_a_limit() -> None:
    (line,), _ = read("One [pause 9] two [pause 9] three.")
    assert sum(seconds for _, seconds in line.pauses) == LIMITS.pause


def test_a_reply_that_repeats_itself_is_ended() -> None:
    reader = Reader("en")
    assert len(reader.feed("So it is. " * 50)) == 2
    assert reader.over
    assert "repeats itself" in reader.notes[0]
    assert texts("ha " * 400)[0] == "ha ha ha"
    assert texts("Nooooooooooooo!!!!!!!!") == ["Noooo!!!!"]


def test_a_long_reply_is_ended() -> None:
    reader = Reader("en")
    lines = reader.feed(" ".join(f"This is number {i} of the sentences." for i in range(1000)))
    assert len(lines) == LIMITS.sentences
    assert reader.over
    assert reader.feed("More. More.") == [] == reader.finish()
    thoughts = Reader("en")
    assert thoughts.feed("<think>" + "hm " * 100_000) == []
    assert thoughts.over


def test_arbitrary_garbage_does_not_take_long() -> None:
    for text in (". " * 20_000, "a.b" * 10_000, "[" * 50_000, "<a" * 30_000, "`" * 50_000, "你" * 20_000, "(x) " * 9000,
                 '{"sentences": [' + '{"text": "a"},' * 5_000, "U.S. " * 8_000):  # fmt: skip
        began = time.process_time()
        read(text)
        assert time.process_time() - began < 3.0, text[:10]


def test_each_sentence_is_said_in_its_own_language() -> None:
    assert [line.language for line in read("Hello there, my friend. 你好，朋友。", "en")[0]] == ["en-us", "cmn"]
    assert [line.language for line in read("你好，朋友。Hello there, my friend. 1, 2, 3。", "zh")[0]] == [
        "cmn",
        "en-us",
        "cmn",
    ]
    assert [line.language for line in read("Guten Tag, mein Freund. 你好。", "de")[0]] == ["de", "cmn"]
    assert texts("ᚠᚢᚦᚨᚱᚲ. Hello.") == ["Hello."]


SENTENCES = [
    {"text": "Oh, hello there.", "emotion": "happy", "intensity": 0.8, "type": "exclamation", "emphasis": ["hello"]},
    {"text": "The table has four legs.", "emotion": "neutral", "intensity": 0, "type": "statement", "gesture": "nod"},
]


@pytest.mark.parametrize("form", ["object", "list", "fence", "thought", "indented"])
def test_structured_replies_are_understood_as_they_stream(form: str) -> None:
    whole = json.dumps(
        SENTENCES if form == "list" else {"sentences": SENTENCES}, indent=2 if form == "indented" else None
    )
    whole = (
        f"```json\n{whole}\n```" if form == "fence" else f"<think>So.</think>\n{whole}" if form == "thought" else whole
    )
    first, second = read(whole)[0]
    assert (first.text, first.emotion, first.intensity, first.type) == ("Oh, hello there.", "happy", 0.8, "exclamation")
    assert [word.text for word in first.words if word.emphasis == 1.0] == ["hello"]
    assert (second.emotion, [cue.kind for cue in second.cues]) == ("neutral", ["nod"])
    ready = when(whole)
    assert len(ready) == 2
    assert "table" not in ready[0]


def test_one_sentence_alone_may_be_the_reply() -> None:
    (line,), _ = read('{"text": "Fine.", "emphasis": ["Fine"], "type": "question"}')
    assert (line.text, line.type) == ("Fine.", "question")


@pytest.mark.parametrize(
    ("text", "said", "note"),
    [
        ('{"name": "get_weather", "arguments": {"city": "Paris"}}', [], "another form"),
        ('{"sentences": [{"text": 7}, {"text": "Good."}]}', ["Good."], "another form"),
        ('{"sentences": [{"text": "Good."}, {"text": "Half', ["Good."], "cut short"),
        ('{"sentences": [{"text": "Good."} ]] ', ["Good."], "do not match"),
        (
            '{"sentences": [{"text": "Good.", "emotion": "smug", "gesture": "backflip", "type": 3}]}',
            ["Good."],
            "emotion",
        ),
        ('{"sentences": [{"text": "' + "long " * 2000 + '"}]}', [], "too long"),
        ('{"a":' * 30, [], "nested"),
    ],
)
def test_json_that_is_no_reply_is_refused(text: str, said: list[str], note: str) -> None:
    lines, notes = read(text)
    assert [line.text for line in lines] == said
    assert any(note in one for one in notes), notes


def test_braces_that_are_no_json_are_text() -> None:
    assert texts("{smiles} Hello!") == ["smiles Hello!"]
    assert texts("[nod] Hello!") == ["Hello!"]


def test_directions_after_the_last_word_are_told() -> None:
    lines, notes = read("Thank you! [nod]")
    assert [line.text for line in lines] == ["Thank you!"]
    assert "after the last word" in notes[0]


def test_silence_after_a_sentence_is_that_of_a_script() -> None:
    lines, _ = read("One. Two...\nThree. Four.")
    assert [line.pause_after for line in lines] == [0.42, 0.7, 0.42, 0.0]
