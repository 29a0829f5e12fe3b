"""Phone times for a voice that gives none.

What is said is known: espeak-ng says the same line, and knows its phones. When each of them is heard in the voice's
sound is found in English by pocketsphinx, which is told these very phones as the words' pronunciation, and elsewhere,
or when that fails, by warping espeak-ng's sound onto the voice's. When the two have nothing in common, the phones are
spread evenly over the sound, so that the mouth at least moves while something is heard.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ..language.script import Line
from ..score import Phone
from ..speech.synthesis import INITIAL_CLOSURE, TAIL, EspeakVoice, Spoken
from .features import QUIET, STEP, cepstra, levels, long_silence, resample, weighed
from .placing import Placed, place, retimed, rough_way, unpooled
from .sphinx_alignment import SphinxAligner
from .template import PAUSE, WARPS, Template, template_of
from .warping import Warp

Sound = NDArray[np.int16]
Floats = NDArray[np.float64]
Samples = NDArray[np.float32]
Ints = NDArray[np.intp]
Method = Literal["pocketsphinx", "warped", "scaled"]

SHORTEST_PHONE: Final = 0.012
"""Seconds that every phone keeps."""
UNLIKE: Final = 0.2
"""Median likeness of the words below which the two say different things."""
SHORTEST_SOUND: Final = 0.05
"""Seconds; a shorter sound says nothing."""
LONGEST_SOUND: Final = 40.0
"""Seconds that are compared; the work grows with their square."""
LEAD: Final = 0.02
"""Seconds of sound kept before the first phone."""


@dataclass(frozen=True, slots=True)
class Aligned:
    spoken: Spoken
    quality: tuple[float, ...]
    """For every word of the line how alike the two sounds are there: 1 the same, 0 no more than any two sounds."""
    method: Method


class Aligner:
    """Finds the phones of lines in the sound of another voice. One thread at a time may use it."""

    def __init__(self) -> None:
        self._voice: EspeakVoice | None = EspeakVoice()
        self._sphinx = SphinxAligner()
        self._warps: tuple[int, ...] = tuple(range(len(WARPS)))

    def close(self) -> None:
        """Free both voices; calling it again does nothing."""
        voice, self._voice = self._voice, None
        if voice is not None:
            voice.__exit__()
        self._sphinx.close()

    def align(self, line: Line, sound: Sound, rate: int) -> Aligned:
        """Give a line's sound the times of its phones and words.

        Parameters: the line; mono samples [shape=(n,)] at ``rate`` in which it is said once. The silence around it is
        cut off.
        Raises UserError when espeak-ng cannot say the line.
        """
        if self._voice is None:
            raise ValueError("the aligner has been closed")
        reference = self._voice.say(line)
        theirs = resample(sound, rate)
        begin, end = _speaking(theirs)
        if not SHORTEST_SOUND <= end - begin <= LONGEST_SOUND:
            end = max(end, begin + SHORTEST_SOUND)
            return _aligned(reference, _scaled(reference, begin, end), sound, rate, (0.0,) * len(line.words), "scaled")
        spans, quality = self._warped(reference, theirs, begin, end)
        if float(np.median(quality)) < UNLIKE:
            return _aligned(reference, _scaled(reference, begin, end), sound, rate, quality, "scaled")
        if line.language.startswith("en"):
            found = self._sphinx.align(reference.phones, theirs)
            if found is not None:
                return _aligned(reference, found, sound, rate, quality, "pocketsphinx")
        return _aligned(reference, spans, sound, rate, quality, "warped")

    def _warped(self, reference: Spoken, theirs: Samples, begin: float, end: float) -> tuple[Floats, tuple[float, ...]]:
        """Start and end of every phone [shape=(phones, 2)], and the likeness of every word."""
        part = slice(round(begin / STEP), round(end / STEP) + 1)
        level = levels(theirs)[part]
        (values,) = cepstra(theirs)
        sound = weighed(values[part], level > -QUIET)
        silent = long_silence(levels(theirs))[part]
        template = template_of(reference)
        count = max(2, int((~silent).sum()))
        rough: tuple[float, int, Warp] | None = None
        for index in self._warps:
            features, starts, _ = self._retimed(template, index, count)
            found = rough_way(sound, silent, features, starts)
            if rough is None or found.likeness.mean() > rough[0]:
                rough = float(found.likeness.mean()), index, found
        assert rough is not None
        _, index, way = rough
        features, starts, edges = self._retimed(template, index, count)
        placed = place(sound, silent, features, starts, edges, unpooled(way.path, len(sound), count))
        quality = _quality(template, edges, placed, len(reference.words))
        if float(np.median(quality)) >= UNLIKE:
            self._warps = (index,)  # a voice keeps its throat
        return begin + placed.spans * STEP, quality

    def _retimed(self, template: Template, index: int, count: int) -> tuple[Samples, Ints, Floats]:
        """Features, first frames of words and edges of phones, as if the line were said in so many frames."""
        features = weighed(template.cepstra[index], template.speaking)
        return retimed(features, template.starts, template.edges, count)


def _speaking(samples: Samples) -> tuple[float, float]:
    """When the voice is first and last heard."""
    loud = np.flatnonzero(levels(samples) > -QUIET) if np.any(samples) else np.empty(0, int)
    return (float(loud[0] * STEP), float(loud[-1] * STEP)) if len(loud) else (0.0, 0.0)


def _quality(template: Template, edges: Floats, placed: Placed, words: int) -> tuple[float, ...]:
    """Likeness of every word; of one without a sound that of the line."""
    likeness, path = placed.way.likeness, placed.way.path
    overall = float(likeness.mean())
    result = [overall] * max(1, words)
    for word in template.said.tolist():
        own = edges[template.words == word]
        inside = likeness[(path >= own[0, 0]) & (path <= own[-1, 1])]
        if len(inside):
            result[max(word, 0)] = float(inside.mean())
    return tuple(result)


def _scaled(reference: Spoken, begin: float, end: float) -> Floats:
    """The reference's spans, evenly from ``begin`` to ``end`` [shape=(phones, 2)]."""
    spans = np.array([(phone.start, phone.end) for phone in reference.phones])
    first, last = max(0.0, spans[0, 0]), spans[-1, 1]
    return np.asarray(begin + (spans.clip(first, last) - first) * ((end - begin) / max(last - first, 1e-3)))


def _aligned(
    reference: Spoken, spans: Floats, sound: Sound, rate: int, quality: tuple[float, ...], method: Method
) -> Aligned:
    """The voice's sound, cut to the line, with the reference's phones in these places."""
    spans = _in_order(spans)
    cut = max(0, round((spans[0, 0] - LEAD) * rate))
    spans -= cut / rate
    if reference.phones[0].start < 0:
        spans[0, 0] -= INITIAL_CLOSURE  # a stop's lips or tongue are closed before anything is heard
    stop = round((spans[-1, 1] + TAIL) * rate)
    sound = np.array(sound[cut : cut + stop], np.int16)
    sound = np.pad(sound, (0, max(0, round(spans[-1, 1] * rate) - len(sound))))
    phones = tuple(
        Phone(phone.phone, float(start), float(end), phone.stress, phone.word)
        for phone, (start, end) in zip(reference.phones, spans, strict=True)
    )
    return Aligned(Spoken(sound, rate, phones, _word_times(len(reference.words), phones)), quality, method)


def _in_order(spans: Floats) -> Floats:
    """The spans one after the other, none too short, without gaps that are no pauses."""
    result = np.array(spans, float)
    for index in range(len(result)):
        if index:
            result[index, 0] = max(result[index, 0], result[index - 1, 1])
        follows = result[index + 1, 0] if index + 1 < len(result) else result[index, 1]
        end = result[index, 1]
        if end > follows or follows - end < PAUSE:
            end = follows
        result[index, 1] = max(end, result[index, 0] + SHORTEST_PHONE)
    return result


def _word_times(count: int, phones: tuple[Phone, ...]) -> tuple[tuple[float, float], ...]:
    """Start and end of each word; one without a sound of its own gets no duration, where it would be."""
    times: list[tuple[float, float]] = []
    last = phones[0].start
    for word in range(count):
        owned = [phone for phone in phones if phone.word == word]
        times.append((owned[0].start, owned[-1].end) if owned else (last, last))
        last = times[-1][1]
    return tuple(times)
