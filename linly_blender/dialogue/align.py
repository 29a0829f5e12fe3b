"""The words and phones of a script, found in a recording of it.

Windows of the recording are laid beside as much of the script as could be said in them, a little overlapping; where in
them which words are is searched for in steps of 20 ms (``following``), where each phone is within those in steps of
5 ms (``voices.placing``). Each word's confidence says how much better it fits what is heard there than other sounds of
the script do. From the words that are sure the reference learns how the voice sounds (``adapting``).
"""

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..language.script import Line, ScriptWord
from ..perform import Progress, no_progress
from ..speech.synthesis import EspeakVoice
from ..voices.features import COEFFICIENTS, STEP
from ..voices.template import WARPS, Template, template_of
from .adapting import Ear
from .analysis import HeardLine
from .assembling import Found, Speaker
from .pieces import Pieces, Span, cut_out, shortened, widened
from .window import Prepared, Window

Sound = NDArray[np.int16]

WINDOW: Final = 30.0
"""Seconds of speech that are searched at a time."""
LARGEST_WINDOW: Final = 60.0
"""Seconds of it when no sentence ends in one."""
LONGEST_SPAN: Final = 20.0
"""Seconds of speech without a pause."""
UNSETTLED: Final = 6.0
"""Seconds at the end of a window that are searched again in the next one."""
DOUBTFUL: Final = 20.0
"""Seconds of it when several lines seem to be left out."""
AHEAD: Final = 1.6
"""Script that is looked at, of the length of the window, ..."""
FURTHER: Final = 300.0
"""... and seconds of it when hardly anything of that is heard: the recording may begin in the middle of the script."""
STRANGE: Final = 0.7
"""Share of a window's speech below which somebody may speak who has not been heard before."""
ANY: Final = range(len(WARPS))
LOST: Final = 0.3
"""Share of a window's speech below which it is."""
ACCEPTED: Final = 0.66
"""Share of a line's sounds that have to be sure for the line to be what is said there."""
PHONE: Final = 0.08
"""Seconds of other speech within a line that count as one sound of it that is not sure."""
SHORTEST_UNKNOWN: Final = 0.3
"""Seconds of speech that no word covers that are told of; less is a breath or the edge of a word."""
ADJACENT: Final = 0.25
"""Seconds between a line and other speech before or after it that may be its missing words."""
LONGER: Final = 2.5
"""How many times longer than usual missing words may be."""
STOCK: Final = "0 1 2 3 4 5 6 7 8 9"
"""What every language has sounds for: what a short script's words are compared with beside themselves."""


def align_script(
    lines: Sequence[Line], sound: Sound, rate: int, spans: Sequence[Span], progress: Progress = no_progress
) -> Iterator[HeardLine]:
    """Find a script in a recording, as it goes.

    Parameters: the script; mono samples [shape=(n,)] at ``rate``; the stretches in which somebody speaks, seconds, in
    order.
    Lines come in the order of the sound and do not overlap. Those that are not said do not come at all; speech that is
    not in the script comes as a line that rests on its sound. Words of a line that are not what is heard there have a
    confidence below SURE and unknown phones, and no length when nothing is heard in their place.
    Raises UserError when espeak-ng cannot say a line.
    """
    with EspeakVoice() as voice:
        yield from _Follower(lines, sound, rate, voice).heard(spans, progress)


def align_line(line: Line, sound: Sound, rate: int, start: float, end: float, *, trusted: bool = False) -> HeardLine:
    """Find one line in a stretch of a recording in which it should be all that is said.

    Parameters: as of ``align_script``; the stretch in seconds; whether somebody knows that the words are said there, so
    that all keep their phones.
    Returns the line, whose words are all below SURE when it is not what is heard. Raises UserError.
    """
    with EspeakVoice() as voice:
        return _Follower([line], sound, rate, voice).only(start, end, trusted=trusted)


class _Follower:
    """Goes through a recording and a script at the same time."""

    def __init__(self, lines: Sequence[Line], sound: Sound, rate: int, voice: EspeakVoice) -> None:
        self._lines, self._sound, self._rate, self._voice = lines, sound, rate, voice
        self._speaker = Speaker(sound, rate)
        self._duration = len(sound) / rate
        self._prepared: dict[int, Prepared] = {}
        self._stock: dict[str, Template] = {}
        self._ears = [Ear(2 * COEFFICIENTS) for _ in WARPS]
        self._next = 0  # the first line that has not been heard
        self._patience = self._waited = 0  # windows before a line is looked for far ahead again

    def heard(self, spans: Sequence[Span], progress: Progress) -> Iterator[HeardLine]:
        """Every line of the recording."""
        spans = [(max(0.0, a), min(b, self._duration)) for a, b in spans if max(0.0, a) < min(b, self._duration)]
        spans = widened(shortened(self._sound, self._rate, spans, LONGEST_SPAN), self._duration)
        at, wanted = 0, WINDOW
        while at < len(spans):
            progress(spans[at][0] / spans[-1][1], "aligning")
            part = spans[at : _enough(spans, at, wanted)]
            settled = len(part)
            found: list[tuple[int, Found]] = []
            heard = part
            if self._next < len(self._lines):
                window, found = self._searched(part)
                if at + len(part) < len(spans):
                    settled = window.settled(UNSETTLED, DOUBTFUL)
                    if not settled and wanted < LARGEST_WINDOW:
                        wanted *= 2
                        continue
                settled = settled or len(part)
                until = part[settled - 1][1]
                found = [each for each in found if each[1].span[0] < until]
                heard = [each for each in window.pieces.heard() if each[0] < until]
                for number, each in found:
                    window.learn(number, each, self._ears)
            yield from self._told(found, heard)
            at, wanted = at + settled, WINDOW
        progress(1.0, "aligning")

    def _searched(self, spans: Sequence[Span]) -> tuple[Window, list[tuple[int, Found]]]:
        """A window, and the lines that are said in it, each with its number."""
        pieces = cut_out(self._sound, self._rate, spans)
        seconds = AHEAD * len(pieces) * STEP
        known = [warp for warp, ear in enumerate(self._ears) if ear.used]
        spoken = float(pieces.speaking.sum()) * STEP
        window = self._window(pieces, seconds, known or ANY)
        found = _accepted(window)
        if known and len(known) < len(ANY) and _length(found) < STRANGE * spoken:  # is it somebody else?
            window = self._window(pieces, seconds, ANY)
            found = _accepted(window)
        if _length(found) >= LOST * spoken:
            self._patience = self._waited = 0
        elif self._waited < self._patience:
            self._waited += 1
        elif seconds < FURTHER and self._next + len(window) < len(self._lines):
            further = self._window(pieces, FURTHER, ANY)
            elsewhere = _accepted(further)
            self._patience, self._waited = 2 * self._patience + 1, 0
            if _length(elsewhere) > _length(found):
                self._patience = 0
                return further, elsewhere
        return window, found

    def _window(self, pieces: Pieces, seconds: float, warps: Sequence[int]) -> Window:
        """The pieces beside so many seconds of the script from the next line on, tried with some of WARPS."""
        lines = [self._say(self._next)]
        length = len(lines[0].template) * STEP
        while length < seconds and self._next + len(lines) < len(self._lines):
            lines.append(self._say(self._next + len(lines)))
            length += len(lines[-1].template) * STEP
        stock = self._stock_of(lines[0].line.language)
        window = Window(pieces, lines, self._next, stock, self._ears, warps)
        if any(ear.used for ear in self._ears):
            return window
        # The first that is heard of a voice is heard twice: by then it is known a little.
        ears = deepcopy(self._ears)
        for number, found in window.lines():
            if found.sure >= ACCEPTED:
                window.learn(number, found, ears)
        return Window(pieces, lines, self._next, stock, ears, warps)

    def _told(self, found: Sequence[tuple[int, Found]], heard: Sequence[Span]) -> Iterator[HeardLine]:
        """The lines that were found in order, and between them what else is heard."""
        language = self._lines[min(self._next, len(self._lines) - 1)].language
        others = _uncovered(heard, [each for _, each in found])
        told: list[HeardLine] = []
        limits = [*(each.span[0] for _, each in found), self._duration]
        for (number, each), limit in zip(found, limits[1:], strict=True):
            own, others = _given(each, others)
            told.append(self._speaker.heard(each, own, limit))
            self._next = number + 1
        sounds = (self._speaker.unknown(language, start, end) for start, end in others)
        told += (line for line in sounds if line is not None)
        yield from sorted(told, key=lambda line: line.start)

    def only(self, start: float, end: float, *, trusted: bool) -> HeardLine:
        """The one line there is, in a stretch in which it should be."""
        pieces = cut_out(self._sound, self._rate, [(max(0.0, start), min(end, self._duration))])
        window = self._window(pieces, np.inf, ANY)
        found = window.lines()
        if not found or (trusted and np.isnan(found[0][1].spans).any()):
            window.insist()
            found = window.lines()
        own, _ = _given(found[0][1], _uncovered(pieces.heard(), [found[0][1]]))
        return self._speaker.heard(found[0][1], own, self._duration, trusted=trusted)

    def _say(self, number: int) -> Prepared:
        if number not in self._prepared:
            for done in [each for each in self._prepared if each < self._next]:
                del self._prepared[done]
            spoken = self._voice.say(self._lines[number])
            self._prepared[number] = Prepared(self._lines[number], spoken, template_of(spoken))
        return self._prepared[number]

    def _stock_of(self, language: str) -> Template:
        if language not in self._stock:
            words = tuple(ScriptWord(each.group(), *each.span(), 0.0) for each in re.finditer(r"\d", STOCK))
            line = Line(STOCK, language, "statement", "neutral", 0.0, words, (), (), 0.0)
            self._stock[language] = template_of(self._voice.say(line))
        return self._stock[language]


def _accepted(window: Window) -> list[tuple[int, Found]]:
    """The lines that are what is said, rather than one sound or the other of it among others'."""
    heard = window.pieces.heard()
    accepted = []
    for number, found in window.lines():
        begin, end = found.span
        others = sum(b - a for a, b in _uncovered(heard, [found]) if a >= begin and b <= end)
        missing = np.isnan(found.spans[:, 0])
        instead = sum(p.end - p.start for p, is_missing in zip(found.phones, missing, strict=True) if is_missing)
        count = len(found.phones)
        if found.sure * count / (count + max(0.0, others - LONGER * instead) / PHONE) >= ACCEPTED:
            accepted.append((number, found))
    return accepted


def _length(found: Sequence[tuple[int, Found]]) -> float:
    """Seconds of lines."""
    return sum(each.span[1] - each.span[0] for _, each in found)


def _enough(spans: Sequence[Span], at: int, wanted: float) -> int:
    """The span after those from ``at`` on that have so many seconds of speech together."""
    lengths = np.cumsum([end - start for start, end in spans[at:]])
    return at + min(int(np.searchsorted(lengths, wanted)) + 1, len(lengths))


def _uncovered(spans: Sequence[Span], found: Sequence[Found]) -> list[Span]:
    """What of the spans no word that was found covers."""
    covered = sorted((float(a), float(b)) for each in found for a, b in each.spans if not np.isnan(a))
    others: list[Span] = []
    for start, end in spans:
        at = start
        for a, b in covered:
            if b > start and a < end:
                others.append((at, a))
                at = max(at, b)
        others.append((at, end))
    return [(a, b) for a, b in others if b - a >= SHORTEST_UNKNOWN]


def _given(found: Found, others: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """What of other speech belongs to a line: within it, and beside it where words are missing; the rest."""
    begin, end = found.span
    own, rest = [], []
    known = np.flatnonzero(~np.isnan(found.spans[:, 0]))
    lengths = [phone.end - phone.start for phone in found.phones]
    leading, trailing = LONGER * sum(lengths[: known[0]]), LONGER * sum(lengths[known[-1] + 1 :])
    for a, b in others:
        if a >= begin - 1e-6 and b <= end + 1e-6:
            own.append((a, b))
        elif b <= begin + 1e-6 and leading and begin - b < ADJACENT:
            own.append((max(a, b - leading), b))
            rest.append((a, max(a, b - leading)))
        elif a >= end - 1e-6 and trailing and a - end < ADJACENT:
            own.append((a, min(b, a + trailing)))
            rest.append((min(b, a + trailing), b))
        else:
            rest.append((a, b))
    return own, [(a, b) for a, b in rest if b - a >= SHORTEST_UNKNOWN]
