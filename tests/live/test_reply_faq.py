"""Answers without a language model: an echo, and a file of questions and answers in two languages."""

import random
from pathlib import Path

import pytest

from linly_blender.live.services import ServiceError
from linly_blender.reply import open_responder
from linly_blender.reply.echo import Echo
from linly_blender.reply.faq import Faq, Index
from linly_blender.reply.format import Reader
from linly_blender.reply.pairs import Pair, read_pairs
from linly_blender.reply.phrases import UNKNOWN

MUSEUM = """\
# A museum.
Q: What are your opening hours?
A: [happy 0.4] We are open from nine to five.

Q: How much does a ticket cost?
Q: What is the price of admission?
A: A ticket is *ten* dollars.
A: Ten dollars each.
   Children pay five.

Question: Can I bring my dog?
Answer: [shake] I'm afraid not.
Q: Do you offer refunds?
A: Yes, within a week.

问：你们几点开门？
答：我们早上九点开门。
Q：门票多少钱？
A：门票[nod]五十元。
问：你叫什么名字？
答：我叫小林。
问：可以带狗进去吗？
答：不可以。
"""


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def museum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("faq") / "museum.txt"
    path.write_text(MUSEUM, encoding="utf-8")
    return path


def answer(faq: Faq, said: str) -> str:
    return "".join(faq.reply(said, (), never))


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ("what are the opening hours", "[happy 0.4] We are open"),
        ("When do you open?", "[happy 0.4] We are open"),
        ("how much are tickets", "A ticket is"),
        ("What's the price of admission, please?", "A ticket is"),
        ("may I bring a dog", "[shake]"),
        ("can I get a refund", "Yes, within"),
        ("你们什么时候开门", "我们早上"),
        ("请问门票要多少钱？", "门票"),
        ("你的名字是什么", "我叫"),
    ],
)
def test_the_question_is_found_in_other_words(museum: Path, said: str, start: str) -> None:
    assert answer(Faq(museum), said).startswith(start)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("what is the weather like today", "en"),
        ("how much does a coffee cost", "en"),
        ("can I bring my bicycle", "en"),
        ("tell me a joke", "en"),
        ("今天天气怎么样", "zh"),
        ("苹果多少钱", "zh"),
        ("你们几点关门", "zh"),
        ("…", "en"),
        ("", "en"),
    ],
)
def test_what_is_not_there_is_politely_not_known_in_the_language_of_the_question(
    museum: Path, said: str, language: str
) -> None:
    assert answer(Faq(museum), said) == UNKNOWN[language][0]


def test_several_answers_come_in_turn(museum: Path) -> None:
    faq = Faq(museum)
    answers = [answer(faq, "How much does a ticket cost?") for _ in range(3)]
    assert answers == [
        "A ticket is *ten* dollars.",
        "Ten dollars each.\nChildren pay five.",
        "A ticket is *ten* dollars.",
    ]
    assert len({answer(faq, "Who painted it?") for _ in range(3)}) == 3


def test_confidence(museum: Path) -> None:
    faq = Faq(museum)
    exact, near, far = (faq.nearest(said) for said in ("Do you offer refunds?", "refund please", "do you offer jobs"))
    assert exact is not None
    assert near is not None
    assert far is not None
    assert 0.99 < exact.confidence <= 1.0
    assert exact.confidence > near.confidence > far.confidence
    assert faq.nearest("xyzzy") is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'question,answer\nHow old are you?,"Ten, I think."\n你多大？,十岁。\n'),
        ("b.csv", "How old are you?;Ten, I think.\n你多大？;十岁。\n"),
        ("c.tsv", "问题\t答案\r\nHow old are you?\tTen, I think.\r\n\r\n你多大？\t十岁。\r\n"),
        ("d.txt", "Q: How old are you?\r\nA: Ten, I think.\r\nQ: 你多大？\r\nA: 十岁。"),
    ],
)
def test_tables_and_text_of_all_kinds(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    assert read_pairs(path) == [
        Pair(["How old are you?"], ["Ten, I think."]),
        Pair(["你多大？"], ["十岁。"]),
    ]


def test_rows_with_the_same_question_are_several_answers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Hello,Hi.\nhello!,Good day.\n", encoding="utf-8")
    assert read_pairs(path) == [Pair(["Hello"], ["Hi.", "Good day."])]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"Hello\nQ: Hi\nA: Hi", ("line 1", "Begin questions with Q:")),
        ("a.txt", b"# x\nA: Hi", ("line 2", "answer without a question")),
        ("a.txt", b"Q: Hi\nA: Hi\nQ: What?\n", ("line 3", "question without an answer")),
        ("a.txt", b"Q: \nA: Hi", ("line 1", "question is empty")),
        ("a.txt", b"Q: Hi\nA: ...", ("line 2", "answer is empty")),
        ("a.txt", b"Q: Hi\nA: [hapy] Hi", ("line 1", "no tag [hapy]", "Did you mean [happy]?")),
        ("a.txt", b"Q: Hi\nA: caf\xe9", ("line 2", "UTF-8")),
        ("a.txt", "Q: Hi\nA: Hi".encode("utf-16"), ("UTF-8",)),
        ("a.txt", b"", ("no questions and answers", "Q: How")),
        ("a.csv", b"question,answer\nHi,Hi\nHello\n", ("line 3", "question and an answer")),
        ("a.csv", b'Hi,"Hi\nthere"\nHello,\n', ("line 3", "answer is empty")),
        ("a.csv", b'Hi,"Hi" there\n', ("line 1", "CSV")),
        ("a.csv", b"Hi," + b"x" * 5000, ("line 1", "longer than 4,000")),
        ("a.csv", b"question,answer\n", ("no questions and answers",)),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, name: str, content: bytes, words: tuple[str, ...]) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ServiceError) as caught:
        read_pairs(path)
    assert caught.value.kind == "setting"
    assert str(path) in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_among_thousands_each_question_is_found() -> None:
    choose = random.Random(1)
    english = ["".join(choose.choices("abcdefghij", k=choose.randint(3, 9))) for _ in range(800)]
    han = [chr(choose.randint(0x4E00, 0x5E00)) for _ in range(800)]
    questions = [f"what is the {' '.join(choose.choices(english, k=8))}?" for _ in range(500)]
    questions += ["".join(choose.choices(han, k=12)) + "是什么？" for _ in range(500)]
    index = Index([Pair([question], ["a"]) for question in questions])
    for number in range(0, 1000, 50):
        match = index.nearest(questions[number])
        assert match is not None
        assert match.pair == number
        assert match.confidence > 0.99


@pytest.mark.parametrize(
    ("said", "language", "answer"),
    [
        ("Good morning", "en", "You said: Good morning"),
        ("早上好", "zh", "你说：早上好"),
        ("早上好", "en", "你说：早上好"),
        ("Guten Morgen", "de", "Guten Morgen"),
        ("[happy] *so* <b> {x}", "en", "You said: happy so b x"),
        ("  ", "en", "I did not hear that."),
        ("？", "zh", "我没有听清楚。"),
    ],
)
def test_the_echo(said: str, language: str, answer: str) -> None:
    assert "".join(Echo(language).reply(said, (), never)) == answer


def test_whatever_is_answered_can_be_performed(museum: Path) -> None:
    for reply in (*UNKNOWN["en"], *UNKNOWN["zh"], *(text for pair in read_pairs(museum) for text in pair.answers)):
        reader = Reader("en")
        lines = reader.feed(reply) + reader.finish()
        assert lines
        assert reader.notes == ()


def test_responders_are_opened_by_name(museum: Path) -> None:
    for spec, name in (("echo", "Echo"), (f"faq:{museum}", "Faq"), ("llm:http://localhost:11434", "LanguageModel")):
        responder = open_responder(spec)
        assert type(responder).__name__ == name
        responder.close()
    for spec in ("", "parrot", "faq:", "llm:", "echo:loud", "llm:ftp://localhost/", f"faq:{museum}.missing",
                 "llm:http://localhost/v1#loud"):  # fmt: skip
        with pytest.raises(ServiceError) as caught:
            open_responder(spec)
        assert caught.value.kind == "setting"
