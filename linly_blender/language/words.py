"""Words of a sentence, by their places in it."""

import functools
import logging
import re
import warnings
from collections.abc import Iterator
from typing import Any, Final

from .lexicon import words_of

_HAN: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HIRAGANA: Final = "\u3040-\u309f"
_KATAKANA: Final = "\u30a0-\u30ff\uff66-\uff9f"
_NOT_SPACED: Final = _HAN + _HIRAGANA + _KATAKANA
# Vowel signs and other marks that belong to a word although Python's \w leaves them out.
_MARKS: Final = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09d7"
    "\u0a01-\u0a03\u0a3c-\u0a51\u0a70-\u0a75\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd"
    "\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0d81-\u0d83\u0dca-\u0ddf"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u1056-\u1059\u200c\u200d"
)
_W: Final = rf"(?:(?![{_NOT_SPACED}])[^\W_]|[{_MARKS}])"
_WORD: Final = re.compile(
    rf"""
      (?:https?://|www\.)[^\s{_NOT_SPACED}]*(?![{_NOT_SPACED}])[^\W_]
    | {_W}+(?:[._+-]{_W}+)*@{_W}+(?:[.-]{_W}+)+
    | (?:{_W}\.){{2,}}(?!{_W})                                # U.S., a.m.
    | [$€£¥￥]?\d+(?:[.,:/]\d+)*(?:\s?(?:[%‰℃]|°(?:[CF]\b)?)|{_W}*(?:['’/-]{_W}+)*)  # $3.50, 25 %, 60fps, 90's
    | {_W}+(?:[.'’‐‑&/_-]{_W}+)*(?:\+\+|\#(?!\w))?             # don't, well-known, example.com, AT&T, C++
    | [{_NOT_SPACED}]+
    | [&+=@#%§]                                               # spoken by name
    """,
    re.VERBOSE,
)
_UNIT: Final = re.compile(
    "点半|点钟|点|分钟|分|秒钟|秒|小时|个月|个|年代|年级|年|月份|月|日|号|天|周|岁|元|块钱|块|角|美元|万元|亿元|万|亿|千|百"
    "|公里|公斤|公分|厘米|毫米|千米|米|斤|克|吨|升|度|倍|次|遍|人|名|位|种|件|条|张|本|台|辆|层|楼|期|届|折|页|帧|集|章|节|课|级"
)
_BOUND: Final = words_of("words.zh", "small")
_LONGEST_RUN: Final = 500  # characters without punctuation; jieba's time grows with their square
_NOT_SPACED_RUN: Final = re.compile(f"[{_NOT_SPACED}]+")
_JAPANESE: Final = re.compile(rf"[{_KATAKANA}]+|[{_HAN}]+[{_HIRAGANA}]*|[{_HIRAGANA}]+")


def words(text: str, language: str) -> list[tuple[int, int]]:
    """Start and end of each spoken word, in order. Every letter and digit lies in exactly one.

    Parameters
    ----------
    text
        One sentence, without direction.
    language
        espeak-ng's code; Chinese is segmented by jieba whenever the sentence is not Japanese.
    """
    found: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if _NOT_SPACED_RUN.match(text, start) is None:
            found.append((start, end))
        elif language == "ja":
            found += ((start + part.start(), start + part.end()) for part in _JAPANESE.finditer(match.group()))
        else:
            if found and found[-1][1] == start and text[start - 1].isdigit():
                unit = _UNIT.match(text, start, end)
                if unit is not None:  # jieba would read 9点到 as 9, 点到
                    found[-1] = found[-1][0], unit.end()
                    start = unit.end()
            found += ((start + a, start + b) for a, b in _segment(text[start:end]))
    return found


def _segment(text: str) -> Iterator[tuple[int, int]]:
    if not text:
        return
    segmenter = _jieba()
    for begin in range(0, len(text), _LONGEST_RUN):
        for word, start, end in segmenter.tokenize(text[begin : begin + _LONGEST_RUN]):
            if end - start > 1 and not segmenter.FREQ.get(word) and not _BOUND.isdisjoint(word):
                # A guess of jieba's that has swallowed a small word: "请发" is 请, 发.
                first = begin + start
                yield from ((first + a, first + b) for _, a, b in segmenter.tokenize(word, HMM=False))
            else:
                yield begin + start, begin + end


@functools.cache
def _jieba() -> Any:
    """The segmenter, with its dictionary read at the first Chinese sentence (half a second).

    Jieba's own way of loading leaves a marshalled copy of the dictionary in the temporary folder and trusts whatever
    lies there the next time; this reads the dictionary of the package instead.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its source has escapes that newer Pythons complain of
        import jieba  # loads slowly, and only Chinese needs it
    jieba.setLogLevel(logging.ERROR)
    segmenter = jieba.Tokenizer()
    segmenter.FREQ, segmenter.total = segmenter.gen_pfdict(segmenter.get_dict_file())
    segmenter.initialized = True
    for word in words_of("words.zh", "one"):
        segmenter.add_word(word)
    for word in words_of("words.zh", "several"):
        segmenter.del_word(word)
    return segmenter
