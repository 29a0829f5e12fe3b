"""Syllables of speech whose words nobody knows, found in its sound.

A syllable is a hump of loudness between two dips (Mermelstein 1975), in the band in which vowels are loud and most
consonants are not, and it has a voice (De Jong & Wempe 2009). Which of them are accented is told by loudness, pitch and
length, as a listener does who does not know the language.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..score import UNKNOWN, Phone
from ..speech.prosody import pitch_of_frames
from .analysis import HeardWord

Floats = NDArray[np.float32]
Sound = NDArray[np.int16]

STEP: Final = 0.01
"""Seconds between two values of loudness."""
WINDOW: Final = 0.032
"""Seconds of sound of one value."""
BAND: Final = (300.0, 3000.0)
"""Hertz: the first formants of vowels, above the pitch and below the hiss of s and sh."""
SMOOTHING: Final = 0.07
"""Seconds of the Hann window over loudness: shorter than a syllable, longer than a period of the voice."""
DIP: Final = 2.0
"""Decibels by which loudness dips between two syllables (Mermelstein 1975; De Jong & Wempe 2009)."""
WEAK: Final = 22.0
"""Decibels below the loud syllables under which a hump is none: a breath, a released stop."""
SILENT: Final = 30.0
"""Decibels below the loud syllables under which nothing is said."""
NOTHING: Final = -75.0
"""Decibels of full scale under which there is no sound to have syllables."""
BREAK: Final = 0.18
"""Seconds of silence that no closed consonant lasts: the mouth comes to rest."""
SHORTEST: Final = 0.06
"""Seconds of a syllable."""
WHISPERED: Final = 0.2
"""Share of humps with a voice below which all is whispered, and none needs one."""
AT_ONCE: Final = 30.0
"""Seconds that are looked at at a time, so that an hour needs no more memory than a minute."""

PITCH_RATE: Final = 6000
"""Samples a second at least that pitch is measured on."""
PITCH_WINDOW: Final = 0.04
PITCH_WEIGHT: Final = 1.0
"""Of a semitone above the neighbours against a decibel of loudness above theirs."""
LENGTH_WEIGHT: Final = 3.0
"""Of an octave of length."""
MOST_IN_FOOT: Final = 5
"""Syllables with one accent among them; in speech of any language accents are rarely farther apart."""

AROUND: Final = 5
"""Feet among which an emphasised one stands out."""
FEW: Final = 3
"""Feet between two pauses from which one may."""
ONE_IN: Final = 4
"""Feet of which one is emphasised at most, but one between two pauses."""
LEAST_SPREAD: Final = 2.0
"""Decibels by which accents of a lively voice differ from those around them, in the middle."""
CLEARLY: Final = 1.0
"""Such spreads by which emphasis stands out."""
EMPHASIS: Final = 0.5
"""Of a foot that does so; more of one that does more, ..."""
MOST: Final = 0.9
"""... up to this: only an author marks a word."""


@dataclass(frozen=True, slots=True)
class Syllable:
    start: float
    """Seconds: the dip before it, or where its sound begins."""
    end: float
    strength: float
    """How accented it is, in decibels of loudness; only differences mean something."""
    after_pause: bool
    """Whether a silence is before it."""


@dataclass(frozen=True, slots=True)
class Foot:
    """Syllables around one accent, by their indices."""

    first: int
    last: int
    accent: int


def unknown_phones(sound: Sound, rate: int, start: float, end: float, word: int) -> tuple[Phone, ...]:
    """The syllables of a stretch, each as one ``UNKNOWN`` phone of this word.

    Parameters: mono samples [shape=(n,)] at ``rate``; begin and end of the stretch in seconds; ``Phone.word``.
    Phones are in order and within the stretch, touch where no silence is between them, and have stress 1 where they are
    accented. None when nothing is heard.
    """
    found = find_syllables(sound, rate, start, end)
    return tuple(phone for foot in find_feet(found) for phone in _phones(found, foot, word))


def unknown_words(sound: Sound, rate: int, start: float, end: float) -> tuple[tuple[HeardWord, ...], tuple[Phone, ...]]:
    """The syllables of a stretch in feet that stand for its words: one accent each, no silence inside.

    Parameters: as of ``unknown_phones``. The words have no text and no confidence; ``Phone.word`` counts within them.
    Those have emphasis whose accents stand out from the ones around them, and few of them.
    """
    found = find_syllables(sound, rate, start, end)
    feet = find_feet(found)
    words = tuple(
        HeardWord("", found[foot.first].start, found[foot.last].end, 0.0, emphasis)
        for foot, emphasis in zip(feet, _emphases(found, feet), strict=True)
    )
    return words, tuple(phone for word, foot in enumerate(feet) for phone in _phones(found, foot, word))


def _phones(found: list[Syllable], foot: Foot, word: int) -> Iterator[Phone]:
    for index in range(foot.first, foot.last + 1):
        yield Phone(UNKNOWN, found[index].start, found[index].end, int(index == foot.accent), word)


def find_syllables(sound: Sound, rate: int, start: float, end: float) -> list[Syllable]:
    """The syllables of a stretch in order, all within it. Parameters: as of ``unknown_phones``."""
    first, last = max(0, math.ceil(start * rate)), min(len(sound), math.floor(end * rate))
    found: list[Syllable] = []
    while first < last:
        stop = min(first + round(AT_ONCE * rate), last)
        if last - stop < SHORTEST * rate:
            stop = last
        found += _syllables(sound[first:stop], rate, max(start, first / rate), min(end, stop / rate))
        first = stop
    return found


def _syllables(sound: Sound, rate: int, begin: float, end: float) -> list[Syllable]:
    """Of the whole of a short sound that lasts from ``begin`` to ``end`` seconds."""
    level = _loudness(sound, rate)
    if not len(level):
        return []
    loud = float(np.percentile(level, 95))
    peaks = np.array([peak for peak in _humps(level) if level[peak] > loud - WEAK], np.intp)
    if loud <= NOTHING or not len(peaks):
        return []
    pitch = _pitch(sound, rate, peaks)
    voiced = np.isfinite(pitch)
    if voiced.mean() >= WHISPERED:
        peaks, pitch = peaks[voiced], pitch[voiced]
    found: list[Syllable] = []
    for left, right in _sounding(level > loud - SILENT):
        inside = np.flatnonzero((peaks >= left) & (peaks < right))
        if not len(inside):
            continue
        edges = _borders(level, peaks[inside], left, right) * STEP
        strength = level[peaks[inside]] + PITCH_WEIGHT * _raised(pitch[inside]) + LENGTH_WEIGHT * _longer(edges)
        found += (
            Syllable(begin + a, min(begin + b, end), float(value), number == 0)
            for number, ((a, b), value) in enumerate(zip(pairwise(edges.tolist()), strength, strict=True))
        )
    return found


def _loudness(sound: Sound, rate: int) -> Floats:
    """Decibels of full scale in ``BAND``, smoothed [shape=(steps,)]; value ``i`` is centred on ``(i + 0.5) * STEP``."""
    size, hop = round(WINDOW * rate), STEP * rate
    count = int(len(sound) / hop)
    if not count:
        return np.empty(0, np.float32)
    samples = np.pad(sound.astype(np.float32) / 32768, (size // 2, size))
    starts = np.round((np.arange(count) + 0.5) * hop).astype(np.intp)
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[starts] * np.hanning(size).astype(np.float32)
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    spectrum = np.fft.rfft(frames)[:, (frequencies >= BAND[0]) & (frequencies <= BAND[1])]
    power = np.square(np.abs(spectrum)).sum(axis=1) * (8 / 3 * 2 / size**2)  # of a sine: its mean square
    weights = np.hanning(round(SMOOTHING / STEP) + 2)[1:-1]
    reach = len(weights) // 2
    decibels = np.pad(10 * np.log10(power + 1e-10), reach, "edge")
    return np.convolve(decibels, weights / weights.sum(), "valid").astype(np.float32)


def _humps(level: Floats) -> Iterator[int]:
    """Indices of the tops of humps, between dips of at least ``DIP`` on both sides or the ends."""
    top, bottom, rising = 0, 0, True
    for index, value in enumerate(level.tolist()):
        if rising:
            if value > level[top]:
                top = index
            elif value < level[top] - DIP:
                yield top
                bottom, rising = index, False
        elif value < level[bottom]:
            bottom = index
        elif value > level[bottom] + DIP:
            top, rising = index, True
    if rising:
        yield top


def _sounding(loud: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Stretches of loudness, first step and the one after the last, with only breaks between them."""
    edges = np.flatnonzero(np.diff(loud.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    joined: list[tuple[int, int]] = []
    for left, right in edges.tolist():
        if joined and (left - joined[-1][1]) * STEP < BREAK:
            joined[-1] = joined[-1][0], right
        else:
            joined.append((left, right))
    return joined


def _borders(level: Floats, peaks: NDArray[np.intp], left: int, right: int) -> NDArray[np.float64]:
    """Steps at which syllables begin, and at which the last ends [shape=(peaks + 1,)]: the deepest dips between them.

    What is shorter than a syllable can be takes from its neighbours.
    """
    dips = [a + int(np.argmin(level[a : b + 1])) + 0.5 for a, b in pairwise(peaks.tolist())]
    borders = np.array([left, *dips, right], float)
    least = SHORTEST / STEP
    if (np.diff(borders) < least).any():
        room = min(least, (right - left) / (len(borders) - 1))
        steps = np.arange(len(borders)) * room
        borders = np.maximum.accumulate(borders - steps) + steps
        borders = np.minimum(borders, right - steps[::-1])
    return borders


def _pitch(sound: Sound, rate: int, peaks: NDArray[np.intp]) -> Floats:
    """Hertz at the middle of each hump, NaN where there is no voice [shape=(peaks,)]."""
    if not len(peaks):
        return np.empty(0, np.float32)
    factor = max(1, rate // PITCH_RATE)
    size = round(PITCH_WINDOW * rate)
    padded = np.pad(sound.astype(np.float32) / 32768, (size // 2, size))
    starts = np.round((peaks + 0.5) * STEP * rate).astype(np.intp)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[starts][:, : size // factor * factor]
    return pitch_of_frames(frames.reshape(len(peaks), -1, factor).mean(axis=2), rate / factor)


def _raised(pitch: Floats) -> Floats:
    """Semitones above the middle of the stretch, 0 where there is no voice [shape=(n,)]."""
    if not np.isfinite(pitch).any():
        return np.zeros(len(pitch), np.float32)
    semitones = 12 * np.log2(pitch / np.nanmedian(pitch))
    return np.asarray(np.clip(np.nan_to_num(semitones), -12, 12), np.float32)


def _longer(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much longer than the middle one of the stretch each syllable is, in doublings [shape=(edges - 1,)]."""
    lengths = np.diff(edges)
    return np.asarray(np.clip(np.log2(lengths / np.median(lengths)), -1, 1))


def find_feet(found: list[Syllable]) -> list[Foot]:
    """The syllables in feet: between silences, each from an accent to the next, and none too long.

    A syllable is accented that is stronger than its neighbours and than the middle one of its phrase.
    """
    feet: list[Foot] = []
    begins = [index for index, syllable in enumerate(found) if syllable.after_pause or index == 0]
    for begin, end in pairwise([*begins, len(found)]):
        values = [syllable.strength for syllable in found[begin:end]]
        around = [-math.inf, *values, -math.inf]
        middle = float(np.median(values))
        accents = [
            begin + index
            for index, (before, value, after) in enumerate(zip(around, values, around[2:], strict=False))
            if before < value >= after and value >= middle
        ]
        for first, after in pairwise([begin, *accents[1:], end]):
            for part in range(first, after, MOST_IN_FOOT):
                last = min(part + MOST_IN_FOOT, after) - 1
                feet.append(Foot(part, last, max(range(part, last + 1), key=lambda index: found[index].strength)))
    return feet


def _emphases(found: list[Syllable], feet: list[Foot]) -> list[float]:
    """How much each foot is emphasised, 0..1; a few feet have nothing to stand out from."""
    strength = np.array([found[foot.accent].strength for foot in feet])
    if len(strength) < FEW:
        return [0.0] * len(strength)
    reach = AROUND // 2
    above = strength - [np.median(strength[max(0, at - reach) : at + reach + 1]) for at in range(len(strength))]
    standing_out = above / max(LEAST_SPREAD, float(np.median(np.abs(above))))
    strongest = np.argsort(-standing_out, kind="stable")[: max(1, len(strength) // ONE_IN)]
    result = np.zeros(len(strength))
    result[strongest] = np.clip(EMPHASIS * standing_out[strongest] / CLEARLY, 0, MOST) * (
        standing_out[strongest] >= CLEARLY
    )
    return [float(value) for value in result]
