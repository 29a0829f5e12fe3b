"""Signs and numbers, read aloud."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linly_blender.speech.spoken import readings


def read(text: str, language: str) -> str:
    pieces, at = [], 0
    for reading in readings(text, language):
        pieces += [text[at : reading.start], reading.spoken]
        at = reading.end
    return "".join([*pieces, text[at:]])


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("增长了20%。", "增长了百分之20。"),
        ("2024年5月20日", "二零二四年5月20日"),
        ("9:00到17:30，10:05", "9点到17点30分，10点零5分"),
        ("比分2:0", "比分2:0"),
        ("占1/3", "占3分之1"),
        ("¥1,700.5或$20", "1700.5元或20美元"),
        ("气温是-5°C，昨天25℃", "气温是零下5摄氏度，昨天25摄氏度"),
        ("是-5度", "是负5度"),
        ("3~5天", "3到5天"),
        ("你好～", "你好 "),
        ("1,000元", "1000元"),
        ("电话01012345678", "电话零一零一二三四五六七八"),
        ("1+1=2", "1加1等于2"),
        ("COVID-19", "COVID-19"),
    ],
)
def test_mandarin(text: str, spoken: str) -> None:
    assert read(text, "cmn") == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("It costs $3.50.", "It costs 3 dollars 50."),
        ("$1, $100, $1,000", "1 dollar, 100 dollars, 1,000 dollars"),
        ("$5 million and £1.05", "5 million dollars and 1 pound 5"),
        ("¥300", "300 yen"),
        ("25°C or 77 °F", "25 degrees Celsius or 77 degrees Fahrenheit"),
        ("on 12/25/2024", "on 12 25 2024"),
        ("see https://example.com/a", "see example.com/a"),
        ("! good", "good"),
        ("~~done~~", "  done  "),
        ("~20 people", "about 20 people"),
        ("half past 9:30, 50% off, and/or", "half past 9:30, 50% off, and/or"),
    ],
)
def test_english(text: str, spoken: str) -> None:
    assert read(text, "en-us") == spoken


@given(st.text("019.,:/-~%$¥°C年 a!℃", max_size=40), st.sampled_from(["cmn", "en-us", "de"]))
def test_readings_are_in_order_and_apart(text: str, language: str) -> None:
    found = readings(text, language)
    assert all(0 <= a.start < a.end <= len(text) for a in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
