"""From words that were found in a recording, and those that were not, to a line as it is heard."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..language.script import Line
from ..score import Phone
from .analysis import SURE, HeardLine, HeardWord
from .syllables import unknown_phones, unknown_words

Sound = NDArray[np.int16]
Times = NDArray[np.float64]
Span = tuple[float, float]

SHORTEST_PHONE: Final = 0.012
"""Seconds that every phone keeps."""
LONGEST_GAP: Final = 0.06
"""Seconds between two phones that are no pause."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What of a line was found."""

    line: Line
    phones: tuple[Phone, ...]
    """As espeak-ng says them; their times mean nothing here."""
    spans: Times
    """When each is heard, in seconds; NaN for those of words that are not found [shape=(phones, 2)]."""
    confidence: Times
    """Of each word, 0..1; 0 for those that are not found [shape=(words,)]."""

    @property
    def sure(self) -> float:
        """The share of the phones that belong to sure words."""
        return float(np.mean([self.confidence[phone.word] >= SURE for phone in self.phones]))

    @property
    def span(self) -> Span:
        return float(np.nanmin(self.spans)), float(np.nanmax(self.spans))


class Speaker:
    """Makes lines of a recording [shape=(n,)] at ``rate``."""

    def __init__(self, sound: Sound, rate: int) -> None:
        self._sound, self._rate = sound, rate

    def unknown(self, language: str, start: float, end: float) -> HeardLine | None:
        """A line that rests on its sound; None when nothing is heard."""
        words, phones = unknown_words(self._sound, self._rate, start, end)
        if not words:
            return None
        return HeardLine("", language, phones[0].start, phones[-1].end, "sound", words, phones)

    def heard(self, found: Found, others: Sequence[Span], limit: float, *, trusted: bool = False) -> HeardLine:
        """A line of the script.

        Parameters: what was found of it; what else is said within it, and before and after where words are missing;
        when the next line begins or the recording ends, in seconds; whether the phones of words that are not sure are
        kept.
        """
        line = _Line(self._sound, self._rate, others)
        placed = _in_order(found.spans, limit)
        begin, end = found.span
        if others:
            begin, end = min(begin, others[0][0]), max(end, others[-1][1])
        missing: list[tuple[str, float]] = []
        last = begin
        for word, scripted in enumerate(found.line.words):
            own = [i for i, phone in enumerate(found.phones) if phone.word == word]
            if not own or np.isnan(placed[own[0], 0]):
                missing.append((scripted.text, sum(found.phones[i].end - found.phones[i].start for i in own)))
                continue
            start, stop = float(placed[own[0], 0]), float(placed[own[-1], 1])
            line.fill(missing, last, start)
            missing = []
            confidence = float(found.confidence[word])
            if confidence >= SURE or trusted:
                line.say(scripted.text, [(found.phones[i], placed[i]) for i in own], confidence)
            else:
                line.guess(scripted.text, start, stop, confidence)
            last = stop
        line.fill(missing, last, end)
        begin = min((phone.start for phone in line.phones), default=begin)
        end = max((phone.end for phone in line.phones), default=end)
        text, language = found.line.text, found.line.language
        return HeardLine(text, language, begin, end, "script", tuple(line.words), tuple(line.phones))


class _Line:
    """A line that grows word by word."""

    def __init__(self, sound: Sound, rate: int, others: Sequence[Span]) -> None:
        self._sound, self._rate, self._others = sound, rate, others
        self.words: list[HeardWord] = []
        self.phones: list[Phone] = []

    def say(self, text: str, phones: Sequence[tuple[Phone, Times]], confidence: float) -> None:
        """A word with its phones, and when each is heard."""
        for phone, (start, end) in phones:
            self.phones.append(Phone(phone.phone, float(start), float(end), phone.stress, len(self.words)))
        self.words.append(HeardWord(text, float(phones[0][1][0]), float(phones[-1][1][1]), confidence))

    def guess(self, text: str, start: float, end: float, confidence: float) -> None:
        """A word of which only syllables are known, if any."""
        phones = unknown_phones(self._sound, self._rate, start, end, len(self.words))
        self.phones += phones
        end = phones[-1].end if phones else start
        self.words.append(HeardWord(text, phones[0].start if phones else start, end, confidence))

    def fill(self, missing: Sequence[tuple[str, float]], start: float, end: float) -> None:
        """The words, with their usual lengths, that are missing between two others, in what is said there."""
        inside = [(max(a, start), min(b, end)) for a, b in self._others if min(b, end) - max(a, start) > SHORTEST_PHONE]
        if not missing:
            for a, b in inside:
                words, phones = unknown_words(self._sound, self._rate, a, b)
                self.phones += (replace(phone, word=len(self.words) + phone.word) for phone in phones)
                self.words += words
            return
        a, b = (inside[0][0], inside[-1][1]) if inside else (start, start)
        lengths = np.cumsum([0.0, *(max(length, SHORTEST_PHONE) for _, length in missing)])
        cuts = a + lengths / lengths[-1] * (b - a)
        for (text, _), (left, right) in zip(missing, pairwise(cuts.tolist()), strict=True):
            self.guess(text, left, right, 0.0)


def _in_order(spans: Times, limit: float) -> Times:
    """The spans one after the other, none too short, without gaps that are no pauses; NaN stay.

    Where so many do not fit before ``limit`` all are shortened.
    """
    result = np.array(spans, float)
    known = np.flatnonzero(~np.isnan(result[:, 0]))
    for place, index in enumerate(known.tolist()):
        begin, end = result[index]
        if place:
            begin = max(begin, result[known[place - 1], 1])
        follows = result[known[place + 1], 0] if place + 1 < len(known) else max(end, begin)
        if end > follows or follows - end < LONGEST_GAP:
            end = follows
        result[index] = begin, max(end, begin + SHORTEST_PHONE)
    begin, end = result[known[0], 0], result[known[-1], 1]
    if end > limit:
        begin = min(begin, limit - SHORTEST_PHONE)
        result = begin + (result - result[known[0], 0]) * ((limit - begin) / (end - result[known[0], 0]))
    return result
