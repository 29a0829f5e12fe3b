"""Phones are read by their features, whatever the language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linly_blender.face.inventory import analyse, is_known
from linly_blender.score import UNKNOWN
from linly_blender.speech.pronunciation import is_vowel


@given(st.text(max_size=8))
def test_any_text_has_gestures_that_fill_its_time(phone: str) -> None:
    segments = analyse(phone)
    assert sum(s.share for s in segments) == pytest.approx(1)
    assert all(0 <= s.height <= 1 and 0 <= s.back <= 1 and 0 <= s.rounding <= 1 for s in segments)


@pytest.mark.parametrize("phone", ["p", "b", "m", "pʰ", "mʲ", "bː", "m̩", "ɓ", "kp", "ɡ͡b", "mb", "P"])
def test_these_close_the_lips(phone: str) -> None:
    (segment,) = analyse(phone)
    assert segment.closes_lips


@pytest.mark.parametrize("phone", ["f", "v", "β", "ɸ", "ɱ", "p̪", "w", "n", "t", "ts", "tʃ", "a", "ʔ"])
def test_these_do_not_close_the_lips(phone: str) -> None:
    assert not any(s.closes_lips for s in analyse(phone))


@pytest.mark.parametrize("phone", ["f", "v", "ɱ", "ʋ", "ⱱ", "p̪"])
def test_these_bring_the_lower_lip_to_the_teeth(phone: str) -> None:
    assert [s.place for s in analyse(phone)] == ["labiodental"]


def test_an_affricate_has_the_lips_of_its_fricative_but_pf_closes_first() -> None:
    assert analyse("tʃ") == analyse("ʃ") == analyse("ʧ")
    assert [s.place for s in analyse("pf")] == ["bilabial", "labiodental"]


def test_rounding_is_read_from_the_chart_and_its_marks() -> None:
    rounded = {phone: analyse(phone)[0].rounding for phone in ("u", "y", "ø", "ɔ", "w", "ɥ", "kʷ", "i", "ɯ", "ɑ", "s")}
    assert {phone for phone, amount in rounded.items() if amount == 1} == {"u", "y", "ø", "ɔ", "w", "ɥ", "kʷ"}
    assert {phone for phone, amount in rounded.items() if amount == 0} == {"i", "ɯ", "ɑ", "s"}
    assert 0 < analyse("ʂ")[0].rounding < analyse("ʃ")[0].rounding < 1


@pytest.mark.parametrize(("phone", "core"), [("aɪ", "a"), ("iɛ", "ɛ"), ("iou", "o"), ("uai", "a"), ("ɔːɹ", "ɔ")])
def test_the_core_of_a_diphthong_is_its_most_open_vowel_and_longest(phone: str, core: str) -> None:
    segments = analyse(phone)
    assert max(segments, key=lambda s: s.share).height == analyse(core)[0].height
    assert len(segments) > 1


def test_a_syllable_nobody_knows_opens_the_mouth_and_touches_nothing() -> None:
    onset, nucleus = analyse(UNKNOWN)
    assert (nucleus.vowel, nucleus.rounding) == (True, 0)
    assert nucleus.share > 0.5
    assert (onset.vowel, onset.place) == (False, "none")
    assert is_vowel(UNKNOWN)  # a beat can fall on it


@pytest.mark.parametrize("phone", ["a", "tʂʰ", "aɪ", "ŋ̍", "d͡ʒ", "iː", "l̩", "ç", "ᵻ", "ʲ"])
def test_the_charts_phones_are_known(phone: str) -> None:
    assert is_known(phone)


@pytest.mark.parametrize("phone", ["", UNKNOWN, "a b", "<a>", "字", "ж", "a1"])
def test_what_is_no_phone_is_not_known(phone: str) -> None:
    assert not is_known(phone)
