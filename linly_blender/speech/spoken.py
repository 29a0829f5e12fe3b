"""How signs and numbers are read aloud, where espeak-ng would name the sign or read the number in another language."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final


@dataclass(frozen=True, slots=True)
class Reading:
    """``text[start:end]`` is read as ``spoken``."""

    start: int
    end: int
    spoken: str


_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_EXACT: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"
_DIGITS: Final = str.maketrans("0123456789", "零一二三四五六七八九")
_CURRENCY_ZH: Final = {"$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "￥": "元"}
_CURRENCY_EN: Final = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
_SIGN_ZH: Final = {"+": "加", "=": "等于", "&": "和", "/": "，", "±": "正负", "≈": "约等于", "≠": "不等于"}
_INNER_DOT: Final = re.compile(r"(?<!\d)\.(?=\S)|\.(?=[^\s\d])")
_MOST_INNER_DOTS: Final = 40
"""Dots within words ("U.S.") that a sentence may have; at some 180, espeak-ng writes past the end of a buffer."""


def _number_zh(written: str) -> str:
    return written.replace(",", "")


def _time_zh(found: re.Match[str]) -> str:
    hour, minute = found[1], found[2]
    if minute == "00":
        return f"{int(hour)}点"
    return f"{int(hour)}点{'零' if minute[0] == '0' else ''}{int(minute)}分"


def _amount_en(found: re.Match[str]) -> str:
    name = _CURRENCY_EN[found[1]]
    plural = "" if name == "yen" or (found[2] == "1" and not found[4]) else "s"
    cents = f" {int(found[3])}" if found[3] and int(found[3]) else ""
    return f"{found[2]}{found[4] or ''} {name}{plural}{cents}"


_MANDARIN: Final[tuple[_Rule, ...]] = (
    (re.compile(r"(?<!\d)(\d{4})(?=年)"), lambda found: found[1].translate(_DIGITS)),
    (re.compile(r"(?<![\d:：])([01]?\d|2[0-4])[:：]([0-5]\d)(?![\d:：])"), _time_zh),
    (re.compile(rf"({_EXACT})\s?([%‰])"), lambda found: f"{'百千'['%‰'.index(found[2])]}分之{_number_zh(found[1])}"),
    (re.compile(r"(?<![\d/.])(\d+)/(\d+)(?![\d/.])"), lambda found: f"{found[2]}分之{found[1]}"),
    (re.compile(rf"([$€£¥￥])({_EXACT})"), lambda found: _number_zh(found[2]) + _CURRENCY_ZH[found[1]]),
    (
        re.compile(rf"((?<![A-Za-z\d.])[-−])?({_EXACT})\s?(?:°C|℃)"),
        lambda found: f"{'零下' if found[1] else ''}{_number_zh(found[2])}摄氏度",
    ),
    (re.compile(r"(?<![A-Za-z\d.])[-−](?=\d)"), lambda _: "负"),
    (re.compile(r"(?<=\d)[~～–](?=\d)"), lambda _: "到"),
    (re.compile(r"\d{1,3}(?:,\d{3})+"), lambda found: _number_zh(found[0])),
    (re.compile(r"\d{7,}"), lambda found: found[0].translate(_DIGITS)),  # a telephone's or an order's
    (re.compile(f"[{''.join(map(re.escape, _SIGN_ZH))}]"), lambda found: _SIGN_ZH[found[0]]),
)
_ENGLISH: Final[tuple[_Rule, ...]] = (
    (re.compile(r"([$€£¥])(\d+(?:,\d{3})*)(?:\.(\d\d)(?!\d))?(?!\.?\d)( (?:thousand|[mbtr]+illion))?"), _amount_en),
    (re.compile(r"\s?°([CF])\b"), lambda found: " degrees " + {"C": "Celsius", "F": "Fahrenheit"}[found[1]]),
    (
        re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{2,4})(?![\d/])"),
        lambda found: f"{found[1]} {found[2]} {found[3]}",
    ),
    (re.compile(r"~(?=\d)"), lambda _: "about "),
)
_EVERYWHERE: Final[tuple[_Rule, ...]] = (
    (re.compile("https?://"), lambda _: ""),
    (re.compile(r"[~～\\|・●■◆→←↑↓⇒©®™¶^_`]"), lambda _: " "),
    (re.compile(r"^[^\w$€£¥￥+−#@&*-]+"), lambda _: ""),  # a mark before the first word
)


def readings(text: str, language: str) -> list[Reading]:
    """What in a sentence is read otherwise than espeak-ng would, in order and without overlap."""
    rules = _EVERYWHERE
    if language in ("cmn", "yue", "hak"):
        rules = (*_MANDARIN, *_EVERYWHERE)
    elif language.startswith("en"):
        rules = (*_ENGLISH, *_EVERYWHERE)
    found: list[Reading] = []
    for reading in _candidates(text, rules):  # an earlier rule holds
        if all(reading.end <= other.start or other.end <= reading.start for other in found):
            found.append(reading)
    return sorted(found, key=lambda reading: reading.start)


def _candidates(text: str, rules: tuple[_Rule, ...]) -> Iterator[Reading]:
    for dot in islice(_INNER_DOT.finditer(text), _MOST_INNER_DOTS, None):
        yield Reading(*dot.span(), " ")
    for pattern, spoken in rules:
        for match in pattern.finditer(text):
            yield Reading(*match.span(), spoken(match))
