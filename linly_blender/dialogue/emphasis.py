"""Which words an actor accents: by pitch, loudness and length, each against what the line leads one to expect.

Prominence is heard in all three together (Fry 1958; Kochanski 2005; Suni 2017): a pitch that stands out from the line's
fall or moves, a louder vowel, a longer word. What a line does not vary it does not accent: each is measured against its
own spread within the line, and a spread too small to be heard counts for little.
"""

import math
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..language.emphasis import ONE_IN
from ..speech.prosody import STEP, Prosody
from .analysis import SURE, HeardWord

Floats = NDArray[np.float64]

PITCH, LOUDNESS, LENGTH = 0.35, 0.4, 0.25
"""Weights of the three: in natural speech loudness tells most (Kochanski 2005), in the laboratory pitch (Fry 1958)."""
EXCURSION: Final = 0.5
"""How much the size of a word's own movement of pitch counts beside its height."""
LEAST_PITCH: Final = 2.0
"""Semitones that words of a line differ by at least, to count in full."""
LEAST_LOUDNESS: Final = 0.05
"""Of ``Prosody.energy``, about two decibels."""
LEAST_LENGTH: Final = 0.22
"""Of the natural logarithm of length."""
MOST_OF_ONE: Final = 2.5
"""Spreads that one of the three counts as at most, so that no error of pitch decides alone."""
ACCENTED: Final = 0.85
"""Weighted deviation, in spreads, of a word that is accented: it becomes 0.5."""
STEEP: Final = 3.0
"""How fast the scale goes from 0 to 1 about there, per spread."""
CLEAR: Final = 0.5
"""Emphasis from which a word is accented, by the text and by the voice alike."""
MOST: Final = 0.95
"""What no more than a voice can give: only an author marks a word."""
TRUST: Final = 0.65
"""Share of the voice in a word's emphasis; the rest is the text's."""
WEAK: Final = 0.45
"""The most of a word that is not accented."""

_SYLLABLE, _LETTER, _WORD = 0.135, 0.022, 0.045
"""Seconds that a syllable, a letter and a word take at an ordinary rate; the line's own rate is taken from it."""
_FINAL: Final = 1.35
"""How much longer a word before a pause is (Wightman 1992)."""
_MOST_WORDS: Final = 300
"""Words that a line's fall is told from."""
_VOICED: Final = 4
"""Frames of pitch that tell how it moves."""
_PAUSE: Final = 0.15
"""Seconds of silence that make a word the last of its phrase."""
_VOWELS: Final = re.compile(r"[aeiouyäöüåæøœáéíóúàèìòùâêîôûãõñëïаеёиоуыэюяіїєαεηιουω]+", re.IGNORECASE)
_SILENT_E: Final = re.compile(r"[^aeiouyl]e$", re.IGNORECASE)
_IDEOGRAPH: Final = re.compile("[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def heard_emphasis(words: Sequence[HeardWord], prosody: Prosody) -> Floats:
    """How much each word of a line is accented by the voice, 0..1; from 0.5 on it is [shape=(n,)].

    Parameters: the words of one line with their times; loudness and pitch of the recording. A word that is not sure
    has 0; a line of one or two words has nothing to be compared with, and none.
    """
    heard = np.array([word.end - word.start >= 2 * STEP and word.confidence >= SURE for word in words], bool)
    if heard.sum() < 3:
        return np.zeros(len(words))
    said = [word for word, is_heard in zip(words, heard, strict=True) if is_heard]
    voices = [_voice(word, prosody) for word in said]
    times = np.array([(word.start + word.end) / 2 for word in said])
    pitch = _against_fall(times, np.array([voice[0] for voice in voices]))
    loudness = _against_fall(times, np.array([voice[1] for voice in voices]))
    standing_out = (
        PITCH * _in_spreads(pitch, LEAST_PITCH)
        + LOUDNESS * _in_spreads(loudness, LEAST_LOUDNESS)
        + LENGTH * _in_spreads(_lengthening(said), LEAST_LENGTH)
    )
    found = np.zeros(len(words))
    found[heard] = MOST / (1 + (MOST / CLEAR - 1) * np.exp(-STEEP * (standing_out - ACCENTED)))
    return found


def joined(text: Sequence[float], heard: Sequence[float] | Floats) -> tuple[float, ...]:
    """What text and voice together say of each word's emphasis, 0..1.

    A word that the author has marked (1) stays so. Elsewhere a clear accent of the voice wins over the text's guess;
    where the voice accents nothing clearly, the text's guess stays. No more words than one in ``language.emphasis``'s
    ``ONE_IN`` are accented beside those that are marked.
    """
    guess, voice = np.array(text, float), np.array(heard, float)
    marked = guess >= 1.0
    if not len(guess) or not (voice >= CLEAR).any():
        return tuple(guess.tolist())
    both = TRUST * voice + (1 - TRUST) * np.minimum(guess, MOST)
    both[voice >= CLEAR] = np.maximum(both, voice)[voice >= CLEAR]
    count = max(1, (len(guess) + 1) // ONE_IN)
    order = sorted(np.flatnonzero(~marked & (both >= CLEAR)).tolist(), key=lambda index: (-both[index], -index))
    accented = np.zeros(len(guess), bool)
    accented[order[: max(count - int(marked.sum()), 0)]] = True
    result = np.where(accented, np.minimum(both, MOST), np.minimum(both, WEAK))
    result[marked] = guess[marked]
    return tuple(round(value, 3) for value in result.tolist())


def _voice(word: HeardWord, prosody: Prosody) -> tuple[float, float]:
    """How high and moved a word's pitch is, in semitones, and how loud its louder half; not numbers where unheard."""
    part = slice(max(round(word.start / STEP), 0), round(word.end / STEP) + 1)
    f0, energy = prosody.f0[part], np.sort(prosody.energy[part])
    voiced = 12 * np.log2(f0[np.isfinite(f0)])
    height = math.nan
    if len(voiced) >= _VOICED:
        low, upper, high = np.percentile(voiced, (10, 85, 90)).tolist()
        height = upper + EXCURSION * (high - low)
    return height, float(energy[len(energy) // 2 :].mean()) if len(energy) else math.nan


def _against_fall(times: Floats, values: Floats) -> Floats:
    """What stands out from the line's own straight fall (or rise); 0 where nothing is known [shape=(n,)].

    The fall is Theil and Sen's, which single accents do not turn.
    """
    known = np.isfinite(values)
    if known.sum() < 3:
        return np.zeros(len(values))
    few = slice(None, None, 1 + len(times) // _MOST_WORDS)  # enough for a line, should one go on without an end
    t, v = times[known][few], values[known][few]
    one, other = np.triu_indices(len(t), 1)
    slope = float(np.median((v[other] - v[one]) / np.maximum(t[other] - t[one], STEP)))
    left = values - slope * times
    return np.where(known, left - np.median(left[known]), 0.0)


def _in_spreads(values: Floats, least: float) -> Floats:
    """Deviations from the median in spreads (1.48 of the median deviation, as in a normal one), at least so much."""
    centred = values - np.median(values)
    spread = max(1.4826 * float(np.median(np.abs(centred))), least)
    return np.clip(centred / spread, -MOST_OF_ONE, MOST_OF_ONE)


def _lengthening(words: Sequence[HeardWord]) -> Floats:
    """Natural logarithm of each word's length against what one of its syllables takes at this rate [shape=(n,)]."""
    expected = np.array([_expected(word.text) for word in words])
    for index, word in enumerate(words):
        if index + 1 == len(words) or words[index + 1].start - word.end > _PAUSE:
            expected[index] *= _FINAL
    ratio = np.log(np.array([word.end - word.start for word in words]) / expected)
    return np.asarray(ratio - np.median(ratio))


def _expected(text: str) -> float:
    """Seconds that a written word takes at an ordinary rate."""
    ideographs = len(_IDEOGRAPH.findall(text))
    letters = sum(character.isalpha() for character in text) - ideographs
    syllables = len(_VOWELS.findall(text))
    if syllables > 1 and _SILENT_E.search(text):
        syllables -= 1
    if letters and not syllables:  # of a writing whose vowels are not told here, or an abbreviation
        syllables = max(1, round(letters / 2.5))
    digits = sum(character.isdigit() for character in text)
    return _WORD + _SYLLABLE * (syllables + 1.3 * ideographs + 1.5 * digits) + _LETTER * letters
