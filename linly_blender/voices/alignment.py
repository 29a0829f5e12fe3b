"""Phone times for a voice that gives none.

What is said is known: espeak-ng says the same line, and knows its phones. When each of them is heard in the voice's
sound is found in English by pocketsphinx, which is told these very phones as the words' pronunciation, and elsewhere,
or when that fails, by warping espeak-ng's sound onto the voice's. When the two have nothing in common, the phones are
spread evenly over the sound, so that the mouth at least moves while something is heard.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ..language.script import Line
from ..score import Phone
from ..speech.synthesis import INITIAL_CLOSURE, TAIL, EspeakVoice, Spoken
from .features import QUIET, RATE, STEP, levels, resample, spectra
from .sphinx_alignment import SphinxAligner
from .warping import Warp, warp

Sound = NDArray[np.int16]
Floats = NDArray[np.float64]
Samples = NDArray[np.float32]
Bools = NDArray[np.bool_]
Method = Literal["pocketsphinx", "warped", "scaled"]

SHORTEST_PHONE: Final = 0.012
"""Seconds that every phone keeps."""
WARPS: Final = (0.87, 1.0, 1.15)
"""Formants of men's, women's and children's voices against each other (Peterson & Barney 1952: 1 : 1.15 : 1.3)."""
UNLIKE: Final = 0.2
"""Median likeness of the words below which the two say different things."""
SHORTEST_SOUND: Final = 0.05
"""Seconds; a shorter sound says nothing."""
LONGEST_SOUND: Final = 40.0
"""Seconds that are compared; the work grows with their square."""
PAUSE: Final = 0.06
"""Seconds of silence between two words that count as a pause."""
CLOSURE: Final = 0.13
"""Seconds of silence that may still be the closure of a stop."""
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
        self._warps: tuple[float, ...] = WARPS

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
        sound = spectra(theirs)[round(begin / STEP) : round(end / STEP) + 1]
        silent = _long_silence(levels(theirs))[round(begin / STEP) :][: len(sound)]
        ours = resample(reference.sound, reference.rate)
        first, last = _speaking(ours)
        # Frames of both are as many as if they were equally fast.
        spoken = last - first - sum(b.start - a.end for a, b in pairwise(reference.phones) if b.start - a.end > PAUSE)
        step = max(spoken, SHORTEST_SOUND) / max(1, int((~silent).sum()) - 1)
        times = np.arange(int(len(ours) / RATE / step) + 1) * step
        kept, joints = _comparable(reference, times, first, last)
        best: Warp | None = None
        chosen = self._warps
        for factor in self._warps:
            found = warp(sound, spectra(ours, step, factor)[: len(times)][kept], silent, joints)
            if best is None or found.likeness.mean() > best.likeness.mean():
                best, chosen = found, (factor,)
        assert best is not None
        quality = _quality(reference, times[kept][best.path], best)
        if float(np.median(quality)) >= UNLIKE:
            self._warps = chosen  # a voice keeps its throat
        return _spans(reference, times[kept], joints, best, silent, begin), quality


def _speaking(samples: Samples) -> tuple[float, float]:
    """When the voice is first and last heard."""
    loud = np.flatnonzero(levels(samples) > -QUIET) if np.any(samples) else np.empty(0, int)
    return (float(loud[0] * STEP), float(loud[-1] * STEP)) if len(loud) else (0.0, 0.0)


def _long_silence(level: Samples) -> Bools:
    """Frames of silence too long for the closure of a stop."""
    silent = level < -QUIET
    edges = np.flatnonzero(np.diff(silent.astype(np.int8), prepend=0, append=0))
    result = np.zeros(len(level), np.bool_)
    for start, stop in edges.reshape(-1, 2):
        result[start:stop] = (stop - start) * STEP > CLOSURE
    return result


def _comparable(reference: Spoken, times: Floats, first: float, last: float) -> tuple[Bools, Bools]:
    """Which moments of the reference are compared, its pauses left out, and which of those lie between words."""
    kept = (times >= first) & (times <= last)
    joint = np.zeros(len(times), np.bool_)
    for a, b in pairwise(reference.phones):
        if a.word == b.word:
            continue
        joint[np.searchsorted(times, b.start).clip(0, len(times) - 1)] = True
        if b.start - a.end > PAUSE:
            kept &= ~((times > a.end) & (times < b.start))
    if not kept.any():
        kept[:] = True
    return kept, joint[kept]


def _spans(reference: Spoken, times: Floats, joints: Bools, found: Warp, silent: Bools, begin: float) -> Floats:
    """Start and end of every phone in the sound [shape=(phones, 2)]."""

    def around(moment: float) -> tuple[float, float]:
        at = int(np.searchsorted(times, moment - 1e-6).clip(0, len(times) - 1))
        early = int(np.searchsorted(found.path, at, "left"))
        late = max(early, int(np.searchsorted(found.path, at, "right")) - 1)
        if joints[at] and silent[early : late + 1].any():
            return begin + early * STEP, begin + late * STEP
        middle = begin + (early + late) / 2 * STEP
        return middle, middle

    return np.array([(around(phone.start)[1], around(phone.end)[0]) for phone in reference.phones])


def _quality(reference: Spoken, at: Floats, found: Warp) -> tuple[float, ...]:
    """Likeness of every word; ``at`` is the reference's time for every frame of the sound."""
    result = []
    for start, end in reference.words:
        inside = found.likeness[(at >= start) & (at <= end)]
        result.append(float(inside.mean()) if len(inside) else float(found.likeness.mean()))
    return tuple(result) or (float(found.likeness.mean()),)


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
