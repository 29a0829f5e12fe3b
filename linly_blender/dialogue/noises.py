"""Breaths and laughter in a recording, by their sound alone: rather missed than imagined.

A breath is noise without a voice, quieter than speech, as broad as the mouth it goes through, that swells and fades in
a tenth of a second or more: what only fades is the end of a word, of a knock, of a room. A laugh is a row of short
bursts of one colour, four to seven a second and evenly spaced, with breath between them where speech has the silence of
its stops, the hiss of its fricatives or a voice that goes on (Bachorowski 2001, Provine 1996). Laughter without any
voice is not told from panting, sawing or applause, and left alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..score import Noise
from ..speech.noises import swells
from ..speech.prosody import ANALYSIS_RATE, STEP, Prosody, pitch_of_frames

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

WINDOW: Final = 0.032
"""Seconds of sound in a frame; frames are ``prosody.STEP`` apart."""
EDGES: Final = (150, 300, 500, 750, 1000, 1400, 1900, 2500, 3200, 4100, 5300, 7000)
"""Hertz between the bands that a sound's colour is measured in; those above half the sound's rate are left out."""
MOUTH: Final = slice(1, 8)
"""Bands in which the air of an open mouth is heard; a hiss between teeth lies above."""
AT_ONCE: Final = 1024
"""Frames measured at a time, so that an hour needs little more memory than a minute."""
FLOOR_OVER: Final = 20.0
"""Seconds over which a room's own noise is taken to stay the same."""
FLOOR_SHARE: Final = 8.0
"""Per cent of them, at least, in which nothing but the room is heard."""

NOTHING: Final = -85.0
"""Decibels of full scale of the quietest room."""
GATED: Final = 46.0
"""Decibels below the loud parts of the voice that a room is taken to be where a gate leaves nothing of it."""

SHORTEST_BREATH, LONGEST_BREATH = 0.15, 1.4
"""Seconds."""
CLEAR: Final = 6.0
"""Decibels that a breath stands above the room, on its loudest tenth of a second, at least."""
AUDIBLE: Final = 3.0
"""Decibels above the room where it begins and ends."""
QUIETER: Final = 14.0
"""Decibels that it stays below the loud parts of the voice."""
FAINTEST: Final = 50.0
"""Decibels below them from which nobody would hear it."""
LEADS: Final = 0.8
"""Seconds before a word that a breath belongs to it, ..."""
PLAIN: Final = 0.25
"""... and seconds that it lasts; one further from any word, or shorter, has to be clearer."""
CLEARER: Final = 10.0
BROAD: Final = 0.7
"""Share of the mouth's bands in which it has to be heard."""
HISS: Final = 2.0
"""Decibels that what lies above them may be louder than all of them."""
APART: Final = 5.0
"""Decibels that it falls to either side, at least: it belongs to no sound of speech."""
SWELLING: Final = 0.04
"""Seconds at least from its beginning to its height."""
PERIODIC: Final = 0.2
"""Share of its frames, at most, that have a pitch."""
NOISY: Final = -4.5
"""Decibels of the geometric below the arithmetic mean of the power in a band: -2.5 of noise, less of tones."""
TONAL: Final = -7.0
"""The same of a voice so high that its harmonics lie apart."""

SHORTEST_LEFT: Final = 0.35
"""Seconds beside a noise that may hold a word: a shorter stretch is the margin about it."""

CALLS: Final = 4
"""Bursts of the shortest laugh."""
SLOWEST, FASTEST = 0.29, 0.13
"""Seconds from burst to burst."""
EVEN: Final = 1.5
"""Ratio of two intervals that follow one another, at most."""
DIP: Final = (4.0, 28.0)
"""Decibels between a burst and the breath after it: less is one sound, more is the silence of a stop."""
SAME: Final = 6.0
"""Decibels (root mean square over the bands) between the colours of two bursts: one vowel, one mouth."""
AKIN: Final = 13.0
"""The same between a burst and the breath after it, which comes through the same mouth."""
DIES: Final = 22.0
"""Decibels below its bursts where a laugh begins and ends."""
CALLED: Final = 0.7
"""Share of the bursts that have a voice."""


@dataclass(frozen=True, slots=True)
class _Sound:
    """A recording frame by frame, every ``STEP`` seconds."""

    bands: Floats
    """Decibels of each band [shape=(m, k)]."""
    level: Floats
    """Decibels of all bands [shape=(m,)]."""
    above: Floats
    """Decibels of each band above the room's own noise [shape=(m, k)]."""
    over: Floats
    """The same of all bands [shape=(m,)]."""
    noisy: Floats
    """How like noise it is: see ``NOISY`` [shape=(m,)]."""
    loud: float
    """Decibels of the loud parts of the voice."""

    @property
    def count(self) -> int:
        return len(self.level)


def find_noises(
    sound: NDArray[np.int16], rate: int, prosody: Prosody, spans: Sequence[tuple[float, float]]
) -> tuple[Noise, ...]:
    """The breaths and laughs of a recording, in order, none overlapping another.

    Parameters: mono samples [shape=(n,)], samples a second, the sound's loudness and pitch, and where somebody speaks,
    in seconds and in order.
    """
    if not len(sound) or not spans:
        return ()
    seen = _look(sound, rate, spans)
    voiced = np.isfinite(prosody.f0[: seen.count])
    voiced = np.pad(voiced, (0, seen.count - len(voiced)))
    laughs = _laughs(seen, voiced)
    taken = [(noise.start, noise.end) for noise in laughs]
    breaths = [
        breath
        for breath in _breaths(seen, voiced, sound, rate)
        if not any(start < breath.end and breath.start < end for start, end in taken)
    ]
    return tuple(sorted((*laughs, *breaths), key=lambda noise: noise.start))


def speech_between(spans: Sequence[tuple[float, float]], noises: Sequence[Noise]) -> list[tuple[float, float]]:
    """What of the stretches in which a voice is heard is left for words, in seconds and in order."""
    left = list(spans)
    for noise in noises:
        left = [
            (start, end)
            for span in left
            for start, end in (
                [span]
                if noise.end <= span[0] or span[1] <= noise.start
                else [(span[0], noise.start), (noise.end, span[1])]
            )
            if end - start >= SHORTEST_LEFT
        ]
    return left


def _look(sound: NDArray[np.int16], rate: int, spans: Sequence[tuple[float, float]]) -> _Sound:
    """Measure colour and level, a few thousand frames at a time."""
    size = round(WINDOW * rate)
    count = int(len(sound) / rate / STEP) + 1
    edges = np.array([edge for edge in EDGES if edge <= 0.47 * rate])
    length = 1 << (size - 1).bit_length()
    cuts = np.round(edges * length / rate).astype(int)
    hann = np.hanning(size).astype(np.float32)
    scale = 2 / (length * float(np.sum(hann**2)) * 32768**2)  # decibels of full scale
    padded = np.pad(sound, (size // 2, size + 1))
    starts = np.minimum(np.round(np.arange(count) * STEP * rate).astype(np.int64), len(padded) - size)
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)
    bands = np.empty((count, len(cuts) - 1), np.float32)
    noisy = np.empty(count, np.float32)
    widths = np.diff(cuts)
    for first in range(0, count, AT_ONCE):
        part = slice(first, min(first + AT_ONCE, count))
        power = scale * np.abs(np.fft.rfft(windows[starts[part]] * hann, length)) ** 2 + 1e-13
        total = np.add.reduceat(power, cuts, axis=1)[:, :-1]
        logs = np.add.reduceat(np.log10(power), cuts, axis=1)[:, :-1]
        bands[part] = 10 * np.log10(total)
        noisy[part] = np.mean(10 * logs / widths - 10 * np.log10(total / widths), axis=1)
    level = _sum(bands)
    speaking = np.concatenate([level[round(a / STEP) : round(b / STEP) + 1] for a, b in spans])
    loud = float(np.percentile(speaking, 90)) if len(speaking) else float(level.max())
    heard = level > NOTHING
    room, of_bands = _floor(level[:, None], heard)[:, 0], _floor(bands, heard)
    if np.mean(~heard) > FLOOR_SHARE / 100:  # a gate has cut the room out, and what is left is not the room
        lower = np.maximum(room - (loud - GATED), 0)
        room, of_bands = room - lower, of_bands - lower[:, None]
    return _Sound(bands, level, bands - of_bands, level - room, noisy, loud)


def _sum(bands: Floats) -> Floats:
    """Decibels of bands together [shape=(m, k) -> (m,)]."""
    return np.asarray(10 * np.log10(np.sum(10 ** (bands / 10), axis=1) + 1e-13), np.float32)


def _floor(decibels: Floats, heard: Flags) -> Floats:
    """What a room sounds like while nobody makes a sound, as it goes on through the recording [shape=(m, k)].

    Parameters: decibels [shape=(m, k)]; where there is any sound: a gate's or a cut's silence is no room [shape=(m,)].
    """
    size = round(FLOOR_OVER / STEP)
    count = max(1, round(len(decibels) / size))
    frames = np.flatnonzero(heard) if heard.any() else np.arange(len(decibels))
    parts = np.array_split(frames, count)
    middles = np.array([(part[0] + part[-1]) / 2 for part in parts])
    lows = np.array([np.percentile(decibels[part], FLOOR_SHARE, axis=0) for part in parts])
    grid = np.arange(len(decibels))
    return np.stack([np.interp(grid, middles, low) for low in lows.T], axis=1).astype(np.float32)


# Breaths


def _breaths(seen: _Sound, voiced: Flags, sound: NDArray[np.int16], rate: int) -> Iterator[Noise]:
    over = _smooth(seen.over, 7)
    level = _smooth(seen.level, 7)
    speaking = voiced & (level > seen.loud - QUIETER - 6)
    could_be = (over > AUDIBLE) & (level < seen.loud - QUIETER) & ~speaking
    for run in _runs(could_be):
        first, after = _trimmed(level, *run)
        if not SHORTEST_BREATH <= (after - first) * STEP <= LONGEST_BREATH:
            continue
        inside = slice(first, after)
        top = first + int(level[inside].argmax())
        core = slice(max(top - 5, first), min(top + 6, after))
        plain = (after - first) * STEP >= PLAIN and speaking[after : after + round(LEADS / STEP)].any()
        clear = CLEAR if plain else CLEARER
        peak = float(level[top])
        if (
            float(seen.over[core].mean()) >= clear
            and peak >= seen.loud - FAINTEST
            and peak - max(float(level[first]), float(level[after - 1])) >= APART
            and (top - first) * STEP >= SWELLING
            and float(np.mean(np.mean(seen.above[core, MOUTH], axis=0) >= clear - 2)) >= BROAD
            and _hiss(seen, core) <= HISS
            and float(seen.noisy[inside].mean()) >= NOISY
            and _periodic(sound, rate, first, after) <= PERIODIC
        ):
            strength = (peak - (seen.loud - FAINTEST)) / (FAINTEST - QUIETER)
            yield Noise("breath", first * STEP, after * STEP, round(min(max(strength, 0.1), 1.0), 3))


def _trimmed(level: Floats, first: int, after: int) -> tuple[int, int]:
    """A run without the sound that fades into it or rises out of it: the end of a word, the beginning of one."""
    while first + 1 < after and level[first + 1] < level[first]:
        first += 1
    while after - 2 > first and level[after - 2] < level[after - 1]:
        after -= 1
    return first, after


def _periodic(sound: NDArray[np.int16], rate: int, first: int, after: int) -> float:
    """The share of frames that have a pitch, however quiet they are."""
    factor = max(1, rate // ANALYSIS_RATE)
    begin, end = round((first * STEP - 0.02) * rate), round((after * STEP + 0.02) * rate)
    piece = sound[max(begin, 0) : end].astype(np.float32)
    low = piece[: len(piece) // factor * factor].reshape(-1, factor).mean(axis=1) / 32768
    size, hop = round(0.04 * rate / factor), round(STEP * rate / factor)
    if len(low) < size:
        return 1.0
    pitch = pitch_of_frames(np.lib.stride_tricks.sliding_window_view(low, size)[::hop], rate / factor)
    return float(np.isfinite(pitch).mean())


# Laughter


def _laughs(seen: _Sound, voiced: Flags) -> list[Noise]:
    """Rows of bursts that are laughter."""
    peaks = swells(seen.level.astype(np.float64), DIP[0])
    rows: list[list[int]] = [[]]
    for one, other in pairwise(peaks):
        if not _is_link(seen, voiced, one, other):
            rows.append([])
        elif rows[-1] and not 1 / EVEN <= (other - one) / (rows[-1][-1] - rows[-1][-2]) <= EVEN:
            rows.append([one, other])
        else:
            rows[-1] += [other] if rows[-1] else [one, other]
    return [
        _laugh(seen, row)
        for row in rows
        if len(row) >= CALLS and np.mean([_is_call(seen, voiced, at) for at in row]) >= CALLED
    ]


def _is_call(seen: _Sound, voiced: Flags, at: int) -> bool:
    """Whether a burst has a voice; many a laugh is higher than any speech, and is told by its harmonics."""
    return bool(voiced[max(at - 4, 0) : at + 5].sum() >= 3 or seen.noisy[max(at - 2, 0) : at + 3].mean() <= TONAL)


def _is_link(seen: _Sound, voiced: Flags, one: int, other: int) -> bool:
    """Whether two swells that follow one another are two bursts of a laugh."""
    if not FASTEST <= (other - one) * STEP <= SLOWEST:
        return False
    dip = one + int(_smooth(seen.level[one : other + 1], 3).argmin())
    around = slice(dip - 2, dip + 3)
    deep = min(float(seen.level[one]), float(seen.level[other])) - float(seen.level[around].mean())
    bursts = [_colour(seen, slice(at - 2, at + 3)) for at in (one, other)]
    breath = _colour(seen, around)
    return (
        DIP[0] <= deep <= DIP[1]
        and not voiced[around].sum() > 2
        and float(seen.over[around].mean()) >= CLEAR
        and _distance(*bursts) <= SAME
        and min(_distance(breath, burst) for burst in bursts) <= AKIN
        and _hiss(seen, around) <= HISS
        and float(seen.noisy[around].mean()) >= NOISY - 1.5
    )


def _hiss(seen: _Sound, frames: slice) -> float:
    """Decibels of what is heard above an open mouth's bands, against what is heard in them."""
    mouth, hiss = (float(_sum(seen.bands[frames, part]).mean()) for part in (MOUTH, slice(MOUTH.stop, None)))
    return hiss - mouth


def _colour(seen: _Sound, frames: slice) -> Floats:
    """Bands in decibels about their own mean, over some frames [shape=(k,)]."""
    mean = seen.bands[max(frames.start, 0) : frames.stop].mean(axis=0)
    return np.asarray(mean - mean.mean(), np.float32)


def _distance(one: Floats, other: Floats) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))


def _laugh(seen: _Sound, row: Sequence[int]) -> Noise:
    """From where the first burst rises to where the last one has died away."""
    first, last = row[0], row[-1]
    quiet = float(np.mean(seen.level[list(row)])) - DIES
    begin = first
    while begin > 0 and begin > first - round(SLOWEST / STEP) and seen.level[begin] > quiet:
        begin -= 1
    end = last
    while end + 1 < seen.count and end < last + round(SLOWEST / STEP) and seen.level[end] > quiet:
        end += 1
    height = float(np.mean(seen.level[list(row)])) - seen.loud
    strength = min(1.0, 0.3 + 0.05 * len(row)) + 0.03 * height
    return Noise("laugh", begin * STEP, end * STEP, round(min(max(strength, 0.2), 1.0), 3))


def _smooth(values: Floats, width: int) -> Floats:
    """Mean over an odd number of frames, ends held [shape=(m,)]."""
    padded = np.pad(values, width // 2, mode="edge")
    return np.asarray(np.convolve(padded, np.full(width, 1 / width, np.float32), mode="valid"))


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """First index, and the one after the last, of every stretch that is true."""
    changes = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return list(zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True))
