"""How often a question in other words finds its answer, and how often one that has none gets one.

``questions/hotel.*.txt`` served to fit what the confidence is made of, and its misses to mend the lists of words.
``questions/museum.*.txt`` was written before those lists, though by the same hand, and nothing was fitted to it: its
figures are what to expect of a file in which every question is written once only.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from linly_blender.reply.faq import CONFIDENT, Index
from linly_blender.reply.meanings import read, stem
from linly_blender.reply.pairs import Pair

QUESTIONS = Path(__file__).parent / "questions"


@dataclass(frozen=True)
class Asked:
    """A question in other words, and what became of it."""

    said: str
    known: bool
    right: bool
    """Whether the nearest question is the one that was meant."""
    confidence: float

    @property
    def answered(self) -> bool:
        return self.confidence >= CONFIDENT


def ask(name: str) -> list[Asked]:
    """Ask everything in a file: a question of the FAQ a line, other words for it below, after ?, what it has not."""
    questions: list[str] = []
    asked: list[tuple[str, int | None]] = []
    for line in (QUESTIONS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("- "):
            asked.append((line[2:], None if questions[-1] == "?" else len(questions) - 1))
        else:
            questions.append(line)
    index = Index([Pair([question], ["."]) for question in questions if question != "?"])
    results = []
    for said, wanted in asked:
        match = index.nearest(said)
        right = match is not None and match.pair == wanted
        results.append(Asked(said, wanted is not None, right, 0.0 if match is None else match.confidence))
    return results


@pytest.mark.parametrize(
    ("name", "found", "wrong", "invented"),
    [
        ("hotel.en", 0.75, 0.05, 0.05),
        ("hotel.zh", 0.75, 0.05, 0.05),
        ("museum.en", 0.6, 0.05, 0.075),
        ("museum.zh", 0.7, 0.075, 0.1),
    ],
)
def test_answers_are_found_in_other_words(name: str, found: float, wrong: float, invented: float) -> None:
    asked = ask(name)
    known, unknown = [each for each in asked if each.known], [each for each in asked if not each.known]
    assert not name.startswith("museum") or len(known) >= 60
    hits = sum(each.right and each.answered for each in known) / len(known)
    others = sum(each.answered and not each.right for each in known) / len(known)
    false = sum(each.answered for each in unknown) / len(unknown)
    print(  # noqa: T201 - the figures, with -s
        f"\n{name}: of {len(known)} questions in other words {hits:.0%} answered, {others:.0%} wrongly; of "
        f"{len(unknown)} that the file has no answer to {false:.0%} answered"
    )
    assert hits >= found
    assert others <= wrong
    assert false <= invented


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_confidence_is_how_often_it_is_right(language: str) -> None:
    asked = ask(f"museum.{language}")
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        inside = [each for each in asked if low <= each.confidence <= high]
        right = sum(each.right for each in inside) / len(inside)
        sure = sum(each.confidence for each in inside) / len(inside)
        told = f"\n{language}, {len(inside)} with confidence {low} to {high}: {sure:.2f}, right {right:.2f}"
        print(told)  # noqa: T201 - the figures, with -s
        assert abs(sure - right) < 0.25


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is the price of a ticket?", "how much are the tickets"),
        ("Where's your address?", "Where are you located?"),
        ("Are kids allowed?", "children"),
        ("Do you have wi-fi?", "WiFi"),
        ("厕所", "洗手间"),
        ("付现金", "刷卡"),
        ("ＷＩＦＩ", "无线网"),
    ],
)
def test_words_of_the_same_meaning_are_one(one: str, other: str) -> None:
    first, second = ({word.meaning for word in read(text) if word.meaning} for text in (one, other))
    assert first & second or {word.text for word in read(one)} & {word.text for word in read(other)}


@pytest.mark.parametrize(
    "forms",
    [("party", "parties"), ("stop", "stops", "stopped", "stopping"), ("hire", "hires", "hired", "hiring"),
     ("box", "boxes"), ("buy", "bought", "buying"), ("class", "class")],
)  # fmt: skip
def test_forms_of_a_word_are_one(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_a_word_of_which_only_a_part_is_known_is_not_taken_apart() -> None:
    assert [word.meaning for word in read("带猫")] == ["", "狗"]
    assert all(word.meaning == "" for word in read("猫头鹰"))


def test_no_word_has_two_meanings() -> None:
    for language in ("en", "zh"):
        lines = (Path(read.__code__.co_filename).parent / f"meanings.{language}.txt").read_text(encoding="utf-8")
        entries = [entry for line in lines.splitlines() if line[:1] not in ("", "#", "[") for entry in line.split(", ")]
        twice = sorted({entry for entry in entries if entries.count(entry) > 1})
        assert twice == []


def test_anything_may_be_asked() -> None:
    index = Index([Pair(["What is it?"], ["."]), Pair(["…是什么"], ["."])])
    for said in (
        "",
        " ",
        "???",
        "的",
        "is it",
        "\ud800",
        "\x00" * 10,
        "a" * 100_000,
        "多" * 10_000,
        "🙂",
        "İ",
        "ß' 's",
    ):
        match = index.nearest(said)
        assert match is None or 0.0 <= match.confidence <= 1.0
