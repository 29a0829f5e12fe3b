"""Breaths and laughter of a speech, as far as they lie outside its words, and the bursts of a laugh."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..score import UNKNOWN, Noise, Speech
from .prosody import DYNAMIC_RANGE, STEP, Prosody

SHORTEST_BREATH: Final = 0.1
"""Seconds of a breath between two words that can be seen."""
RHYTHM: Final = 0.2
"""Seconds from burst to burst (Bachorowski 2001: 4.4 calls a second; Provine 1996: 0.21 s from onset to onset)."""
NEAREST: Final = 0.12
"""Seconds that two bursts are apart at least."""
_OVER: Final = 0.07
"""Seconds of the window that leaves the loudness of bursts and takes that of single pulses of the voice."""
_CLEAR: Final = 0.06
"""Rise of loudness, of the whole range, from which it is a burst."""
_TIRED: Final = 0.5
"""Size of the last burst of a laugh whose sound tells no rhythm, relative to the first."""


@dataclass(frozen=True, slots=True)
class Laugh:
    start: float
    end: float
    strength: float
    """0..1."""
    bursts: tuple[tuple[float, float], ...]
    """When each is loudest, and its size, 0..1, relative to the loudest; never empty, in order of time.

    Size is the amplitude of its sound to the power of two thirds: a softer burst is smaller, and still seen.
    """


def without_laughter(speech: Speech) -> Speech:
    """The speech without the syllables that nobody knows (``UNKNOWN``) where somebody laughs: they are its bursts."""
    spans = [(noise.start, noise.end) for noise in speech.noises if noise.kind == "laugh"]
    phones = tuple(
        phone
        for phone in speech.phones
        if phone.phone != UNKNOWN or not any(start <= (phone.start + phone.end) / 2 <= end for start, end in spans)
    )
    return speech if len(phones) == len(speech.phones) else replace(speech, phones=phones)


def breaths(speech: Speech) -> tuple[Noise, ...]:
    """The breaths heard between words, each cut off where a word begins or ends; what is cut too short is left out."""
    ends = [phone.end for phone in speech.phones]
    kept: list[Noise] = []
    for noise in speech.noises:
        if noise.kind != "breath":
            continue
        following = bisect_left(ends, (noise.start + noise.end) / 2)
        start = max(noise.start, ends[following - 1] if following else 0.0)
        end = min(noise.end, speech.phones[following].start if following < len(ends) else speech.duration)
        if end - start >= SHORTEST_BREATH:
            kept.append(replace(noise, start=start, end=end))
    return tuple(kept)


def laughs(speech: Speech, prosody: Prosody) -> tuple[Laugh, ...]:
    """The laughs with their rhythm, as it is heard; parameters: what is said and its measured voice."""
    return tuple(
        Laugh(noise.start, noise.end, noise.strength, _bursts(noise.start, noise.end, prosody))
        for noise in speech.noises
        if noise.kind == "laugh" and noise.end > noise.start
    )


def _bursts(start: float, end: float, prosody: Prosody) -> tuple[tuple[float, float], ...]:
    """Where the voice swells; regularly where that is not heard (a sound too quiet, or none that was recorded)."""
    first, after = round(start / STEP), round(end / STEP) + 1
    energy = prosody.energy[first:after].astype(np.float64)
    heard = swells(energy, _CLEAR)
    if len(heard) >= 2 and len(heard) >= 0.5 * (end - start) / RHYTHM:
        quieter = DYNAMIC_RANGE * (energy[heard].max() - energy[heard])
        return tuple(zip(((first + np.array(heard)) * STEP).tolist(), (10 ** (-quieter / 30)).tolist(), strict=True))
    count = max(1, round((end - start) / RHYTHM))
    sizes = np.linspace(1.0, _TIRED if count > 1 else 1.0, count)
    times = start + (np.arange(count) + 0.5) * (end - start) / count
    return tuple(zip(times.tolist(), sizes.tolist(), strict=True))


def swells(loudness: NDArray[np.float64], clear: float) -> list[int]:
    """Indices of the peaks that stand out by ``clear`` from the dips around them, ``NEAREST`` seconds apart at least.

    Parameters: loudness every ``STEP`` seconds, in any unit [shape=(m,)].
    """
    window = np.hanning(round(_OVER / STEP) + 2)[1:-1]
    half = len(window) // 2
    if len(loudness) < len(window):
        return []
    smooth = np.convolve(np.pad(loudness, half, mode="edge"), window / window.sum(), mode="valid")
    found: list[int] = []
    rising, lowest, highest, at_highest = False, smooth[0], smooth[0], 0
    for at, value in enumerate(smooth.tolist()):
        lowest = min(lowest, value)
        if value > highest:
            highest, at_highest = value, at
        if rising and highest - value >= clear:
            found.append(at_highest)
            rising, lowest = False, value
        elif not rising and value - lowest >= clear:
            rising, highest, at_highest = True, value, at
    if rising:
        found.append(at_highest)
    return _apart(found, smooth)


def _apart(peaks: list[int], loudness: NDArray[np.float64]) -> list[int]:
    """Of peaks that are too near to each other, the higher."""
    kept: list[int] = []
    for peak in peaks:
        if kept and (peak - kept[-1]) * STEP < NEAREST:
            kept[-1] = max(kept[-1], peak, key=lambda at: float(loudness[at]))
        else:
            kept.append(peak)
    return kept
