"""Analyses as JSON and as Praat's TextGrid: what is written is read again, and nothing hostile does harm."""

import json
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.dialogue import analysis_file, textgrid
from linly_blender.dialogue.analysis import UNKNOWN, Analysis, HeardLine, HeardWord
from linly_blender.errors import UserError
from linly_blender.score import CUE_KINDS, EMOTIONS, NOISE_KINDS, SENTENCE_TYPES, Cue, Noise, Phone

PHONES = ("h", "aɪ", "tʂʰ", "iː", "n̩", "p", "əl", UNKNOWN)
TEXTS = ("Hello", "don't", '"so"', "你好", "naïve", 'a""b', "!", "42 <exists>", "")

HELLO = HeardLine(
    text="Hello there.",
    language="en-us",
    start=0.5,
    end=1.4,
    basis="script",
    words=(HeardWord("Hello", 0.5, 0.9, 1.0, 0.3), HeardWord("there", 0.9, 1.4, 1.0, 0.1)),
    phones=(
        Phone("h", 0.5, 0.6, 0, 0),
        Phone("ə", 0.6, 0.65, 0, 0),
        Phone("l", 0.65, 0.7, 0, 0),
        Phone("oʊ", 0.7, 0.9, 1, 0),
        Phone("ð", 0.9, 1.0, 0, 1),
        Phone("ɛ", 1.0, 1.3, 1, 1),
        Phone("ɹ", 1.3, 1.4, 0, 1),
    ),
)


@st.composite
def analyses(draw: st.DrawFn) -> Analysis:
    """Lines of words of phones, one after the other, with gaps here and there."""
    at = 0.0

    def later(least: float) -> float:
        nonlocal at
        at += draw(st.floats(least, 0.7))
        return at

    lines = []
    for _ in range(draw(st.integers(0, 3))):
        begin = later(0.0)
        words: list[HeardWord] = []
        phones: list[Phone] = []
        for index in range(draw(st.integers(1, 3))):
            start = at
            phones += [
                Phone(draw(st.sampled_from(PHONES)), at, later(0.01), draw(st.integers(0, 2)), index)
                for _ in range(draw(st.integers(1, 3)))
            ]
            confidence = draw(st.floats(0, 1))
            words.append(HeardWord(draw(st.sampled_from(TEXTS)), start, at, confidence, draw(st.floats(0, 1))))
            if draw(st.booleans()):
                later(0.0)
        lines.append(
            HeardLine(
                text=draw(st.sampled_from(TEXTS)),
                language=draw(st.sampled_from(["en-us", "cmn", "de"])),
                start=begin,
                end=phones[-1].end,
                basis=draw(st.sampled_from(analysis_file.BASES)),
                words=tuple(words),
                phones=tuple(phones),
                type=draw(st.sampled_from(SENTENCE_TYPES)),
                emotion=draw(st.sampled_from(EMOTIONS)),
                intensity=draw(st.floats(0, 1)),
                cues=tuple(Cue(draw(st.sampled_from(CUE_KINDS)), begin, 1.0) for _ in range(draw(st.integers(0, 1)))),
            )
        )
    noises = tuple(
        Noise(draw(st.sampled_from(NOISE_KINDS)), at, later(0.01), 0.5) for _ in range(draw(st.integers(0, 2)))
    )
    notes = tuple(draw(st.lists(st.sampled_from(TEXTS), max_size=2)))
    return Analysis(later(0.01), tuple(lines), noises, notes)


@settings(max_examples=60)
@given(analyses())
def test_json_that_is_written_is_read_again_to_the_last_bit(analysis: Analysis) -> None:
    assert analysis_file.parse(analysis_file.dump(analysis, "voice.wav"), "it") == analysis


@settings(max_examples=60)
@given(analyses())
def test_a_textgrid_keeps_words_phones_and_times(analysis: Analysis) -> None:
    again = textgrid.parse(textgrid.dump(analysis), "it", "de")
    assert again.duration == analysis.duration
    for part in ("phone", "start", "end", "stress"):
        assert _phones(again, part) == _phones(analysis, part)
    kept = [(word.text.strip() or UNKNOWN, word.start, word.end) for line in analysis.lines for word in line.words]
    assert [(word.text or UNKNOWN, word.start, word.end) for line in again.lines for word in line.words] == kept
    assert textgrid.parse(textgrid.dump(again), "it", "de") == again


def _phones(analysis: Analysis, part: str) -> list[object]:
    return [getattr(phone, part) for line in analysis.lines for phone in line.phones]


def test_files_appear_with_their_contents(tmp_path: Path) -> None:
    analysis = Analysis(2.0, (HELLO,))
    analysis_file.write(analysis, tmp_path / "a.json", "voice.wav")
    assert analysis_file.read(tmp_path / "a.json", 2.1) == analysis
    textgrid.write(analysis, tmp_path / "a.TextGrid")
    (line,) = textgrid.read(tmp_path / "a.TextGrid", duration=1.9).lines
    assert (line.text, line.language, line.phones) == (HELLO.text, "en-us", HELLO.phones)
    assert [word.confidence for word in line.words] == [1, 1]


def test_what_belongs_to_another_recording_is_refused(tmp_path: Path) -> None:
    for module, name in ((analysis_file, "a.json"), (textgrid, "a.TextGrid")):
        module.write(Analysis(2.0, (HELLO,)), tmp_path / name)
        with pytest.raises(UserError, match=r"recording of 2\.0 s, and this one lasts 7\.0 s"):
            module.read(tmp_path / name, duration=7.0)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format": "linly-take"}, "not the analysis of a recording"),
        ({"version": 2}, "newer version"),
        ({"recording": {"duration": float("nan")}}, "recording.duration"),
        ({"lines": [1]}, "lines"),
        ({"lines": {}}, "lines"),
        ({"notes": [3]}, "notes"),
        ({"noises": [{"kind": "cough", "start": 0, "end": 1, "strength": 1}]}, "noises"),
    ],
)
def test_json_that_is_none_of_ours_is_refused(change: dict[str, object], complaint: str) -> None:
    document = json.loads(analysis_file.dump(Analysis(2.0, (HELLO,))))
    with pytest.raises(UserError, match=complaint):
        analysis_file.parse(json.dumps(document | change), "it")


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("words", {"start": 1.0, "end": 0.9}),
        ("words", {"confidence": 2}),
        ("words", {"text": "\ud800"}),
        ("words", {"text": "x" * 200_000}),
        ("phones", {"phone": ""}),
        ("phones", {"word": 9}),
        ("phones", {"end": 1e9}),
        ("phones", {"start": "0"}),
        ("phones", {"stress": 3}),
    ],
)
def test_a_damaged_row_is_named(part: str, change: dict[str, object]) -> None:
    document = json.loads(analysis_file.dump(Analysis(2.0, (HELLO,))))
    document["lines"][0][part][1] |= change
    with pytest.raises(UserError, match=rf"lines\[0\].{part}\[1\]"):
        analysis_file.parse(json.dumps(document), "it")


def test_lines_may_not_overlap() -> None:
    document = json.loads(analysis_file.dump(Analysis(2.0, (HELLO, HELLO))))
    with pytest.raises(UserError, match=r"lines\[1\].start"):
        analysis_file.parse(json.dumps(document), "it")


@settings(max_examples=150)
@given(st.text(max_size=80) | st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists).map(json.dumps))
def test_no_text_does_harm(text: str) -> None:
    whole = textgrid.dump(Analysis(2.0, (HELLO,)))
    for parse, hostile in (
        (analysis_file.parse, text),
        (textgrid.parse, text),
        (textgrid.parse, 'File type = "ooTextFile"\n"TextGrid"\n' + text),
    ):
        with pytest.raises(UserError):
            parse(hostile, "it")
    for place in range(0, len(whole), 97):
        with suppress(UserError):
            textgrid.parse(whole[:place] + text + whole[place + 5 :], "it")


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"\xff\xfeX", b"\xfe\xff\xd8\x00", b"\x00" * 50, b"\xe9t\xe9", b"RIFF"]
)
def test_no_bytes_do_harm(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(data)
    for read in (analysis_file.read, textgrid.read):
        with pytest.raises(UserError):
            read(tmp_path / "a")
        with pytest.raises(UserError, match="cannot be read"):
            read(tmp_path / "none")


SHORT = '''File type = "ooTextFile"
Object class = "TextGrid"

0
2
<exists>
4
"TextTier"
"clicks"
0
2
1
0.7
"a ""click"""
"IntervalTier"
"Ann - words"
0
2
4
0
0.5
""
0.5
0.9
"hello"
0.9
1.4
"there"
1.4
2
"sil"
"IntervalTier"
"Ann - phones"
0
2
9
0 0.5 "sil"
0.5 0.6 "HH"
0.6 0.65 "AH0"
0.65 0.7 "L"
0.7 0.9 "OW1"
0.9 1.0 "DH"
1.0 1.3 "EH1"
1.3 1.4 "R"
1.4 2 ""
"IntervalTier"
"breath"
0
2
1
0 2 ""
'''


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_forced_aligners_short_form_in_arpabet_is_read(encoding: str, tmp_path: Path) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / "mfa.TextGrid").write_bytes((mark + SHORT).encode(encoding))
    (line,) = textgrid.read(tmp_path / "mfa.TextGrid").lines
    assert (line.text, line.language, line.basis) == ("hello there", "en-us", "script")
    assert line.phones == HELLO.phones
    assert [word.text for word in line.words] == ["hello", "there"]


def _grid(**tiers: list[tuple[float, float, str]]) -> str:
    """Tiers in the short form."""
    end = 10
    parts = [f'"ooTextFile"\n"TextGrid"\n0 {end} <exists> {len(tiers)}']
    for name, rows in tiers.items():
        parts.append(f'"IntervalTier" "{name}" 0 {end} {len(rows)}')
        parts += [f'{start} {stop} "{label}"' for start, stop, label in rows]
    return "\n".join(parts)


def test_words_alone_make_lines_between_pauses_with_a_syllable_each() -> None:
    grid = _grid(words=[(1, 1.3, "one"), (1.3, 1.6, "two"), (3, 3.5, "three"), (3.5, 4, "<unk>")])
    first, second = textgrid.parse(grid, "it").lines
    assert (first.text, second.text) == ("one two", "three")
    assert [(phone.phone, phone.start, phone.end, phone.word) for phone in first.phones] == [
        (UNKNOWN, 1, 1.3, 0),
        (UNKNOWN, 1.3, 1.6, 1),
    ]
    assert [(word.text, word.confidence) for word in second.words] == [("three", 0), ("", 0)]


def test_phones_alone_make_lines_without_words() -> None:
    first, second = textgrid.parse(_grid(phones=[(1, 1.3, "a"), (1.3, 1.5, "ʂ"), (5, 6, "?")]), "it").lines
    assert (first.text, first.basis, len(first.words)) == ("", "sound", 1)
    assert [phone.phone for phone in (*first.phones, *second.phones)] == ["a", "ʂ", UNKNOWN]


def test_a_line_without_words_has_its_words_spread_over_its_time() -> None:
    grid = _grid(lines=[(1, 3, "Hello there!"), (5, 6, "你在哪里？")], words=[(1, 1.5, "Hello"), (1.5, 3, "there")])
    first, second = textgrid.parse(grid, "it").lines
    assert (first.type, [word.end for word in first.words]) == ("exclamation", [1.5, 3])
    assert (second.language, second.start, second.end, second.type) == ("cmn", 5, 6, "question")
    assert "".join(word.text for word in second.words) == "你在哪里"


@pytest.mark.parametrize(
    ("label", "phone", "stress"),
    [("ˈaɪ", "aɪ", 1), ("ˌɛ", "ɛ", 2), ("a˥˩", "a", 0), ("tɕʰ", "tɕʰ", 0), ("spn", UNKNOWN, 0), ("字", UNKNOWN, 0)],
)
def test_labels_of_phones(label: str, phone: str, stress: int) -> None:
    (line,) = textgrid.parse(_grid(phones=[(1, 1.3, label)]), "it").lines
    assert (line.phones[0].phone, line.phones[0].stress) == (phone, stress)


def test_a_mixed_line_in_praat_overlaps_nothing() -> None:
    grid = _grid(
        lines=[(1, 2, "One two."), (2, 3, "Three?")],
        words=[(0.8, 1.4, "one"), (1.4, 2.1, "two"), (2.1, 3.3, "three"), (3.3, 3.4, "four")],
        phones=[(0.8, 1.0, "w"), (1.0, 1.7, "ʌ"), (1.9, 2.2, "t"), (2.2, 3.4, "θ")],
    )
    analysis = textgrid.parse(grid, "it")
    edges = [edge for line in analysis.lines for phone in line.phones for edge in (phone.start, phone.end)]
    assert edges == sorted(edges)
    assert all(a.end <= b.start for a, b in pairwise(analysis.lines))
    assert analysis_file.parse(analysis_file.dump(analysis), "it") == analysis


@pytest.mark.parametrize(
    ("grid", "complaint"),
    [
        ('File type = "ooTextFile"\nObject class = "Pitch 1"\n', "not a TextGrid"),
        (_grid(tones=[(0, 1, "H*")]), "no tier of lines, words or phones, only: tones"),
        (_grid(words=[(0, 2, "one"), (1, 3, "two")]), "in line 6 the number"),
        (_grid(words=[(0, 20, "one")]), "in line 5 the number"),
        (_grid(words=[(0, 1, "one")])[:-3], "cut short|valid TextGrid"),
        (_grid(words=[(0, 1, "one")]).replace("IntervalTier", "PitchTier"), "intervals or points"),
        ("ooTextFile", "cut short"),
    ],
)
def test_a_faulty_textgrid_is_refused_in_plain_words(grid: str, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        textgrid.parse(grid, "it")


def test_zero_length_words_do_no_harm_to_a_textgrid() -> None:
    words = (HELLO.words[0], HeardWord("uh", 0.9, 0.9, 0.0), replace(HELLO.words[1]))
    (line,) = textgrid.parse(
        textgrid.dump(Analysis(2.0, (replace(HELLO, words=words, phones=HELLO.phones[:4]),))), "x"
    ).lines
    assert [word.text for word in line.words] == ["Hello", "there"]
