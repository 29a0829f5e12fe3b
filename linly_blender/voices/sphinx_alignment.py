"""When each phone of an English line is heard, found by pocketsphinx's acoustic model."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..live.services import HEARING_RATE, ServiceError
from ..recognition.pocketsphinx import load_package
from ..score import Phone

Floats = NDArray[np.float64]

FRAME: Final = 0.01
"""Seconds of one frame of the model."""
LATE: Final = 0.008
"""Seconds from a frame's number to the border between it and the one before: its window is 25.6 ms long."""
MOST_WORDS: Final = 5000
"""Pronunciations taught to one decoder; it cannot forget any, so that it is then exchanged for a new one."""

_ARPABET: Final = {
    # IPA as espeak-ng writes English, and the phones of the CMU dictionary
    "eɪ": "EY", "aɪ": "AY", "ɔɪ": "OY", "oʊ": "OW", "əʊ": "OW", "aʊ": "AW", "tʃ": "CH", "dʒ": "JH",
    "i": "IY", "ɪ": "IH", "ᵻ": "IH", "ɛ": "EH", "e": "EH", "æ": "AE", "a": "AE", "ɑ": "AA", "ɒ": "AA", "ɔ": "AO",
    "o": "AO", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ʊ": "UH", "u": "UW", "ɜ": "ER", "ɚ": "ER", "ɝ": "ER",
    "p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "ɡ": "G", "g": "G", "ɾ": "T", "ʔ": "T", "m": "M", "n": "N",
    "ŋ": "NG", "f": "F", "v": "V", "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "h": "HH",
    "x": "K", "l": "L", "ɫ": "L", "ɬ": "L", "ɹ": "R", "r": "R", "j": "Y", "w": "W", "ʍ": "W",
}  # fmt: skip
_SYMBOL: Final = re.compile("|".join(sorted(_ARPABET, key=len, reverse=True)))
_SILENT: Final = re.compile("[ː\u0329\u0303ʰʲ]")
"""Marks that the model does not tell apart."""


def arpabet(phone: str) -> tuple[str, ...]:
    """The model's phones for one of espeak-ng's; empty when it has none.

    >>> arpabet("dʒ"), arpabet("ɔːɹ"), arpabet("əl"), arpabet("ɕ")
    (('JH',), ('AO', 'R'), ('AH', 'L'), ())
    """
    plain = _SILENT.sub("", phone)
    found = _SYMBOL.findall(plain)
    if sum(map(len, found)) != len(plain):
        return ()
    names = tuple(_ARPABET[symbol] for symbol in found)
    return ("AH", *names) if "\u0329" in phone else names


class SphinxAligner:
    """Forced alignment. The model is loaded at the first line; without the package nothing is ever found."""

    def __init__(self) -> None:
        self._decoder: Any = None
        self._taught = 0

    def close(self) -> None:
        """Free the model; calling it again does nothing."""
        self._decoder = None

    def align(self, phones: Sequence[Phone], samples: NDArray[np.float32]) -> Floats | None:
        """Find the phones in a sound.

        Parameters: the phones said, in order; samples at HEARING_RATE, -1..1 [shape=(n,)].
        Returns start and end of each in seconds [shape=(phones, 2)], or None when they are not to be found in it.
        """
        names = [arpabet(phone.phone) for phone in phones]
        if not all(names):
            return None
        words = [[i for i, _ in group] for _, group in groupby(enumerate(phones), key=lambda item: item[1].word)]
        data = (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()
        try:
            decoder = self._ready()
            text = " ".join(self._taught_word([name for i in word for name in names[i]]) for word in words)
            decoder.set_align_text(text)
            _hear(decoder, data)
            if decoder.hyp() is None:
                return None
            decoder.set_alignment()
            _hear(decoder, data)
            alignment = decoder.get_alignment()
            found = list(_entries(alignment)) if alignment is not None else []
        except (RuntimeError, ValueError, ServiceError):  # the words do not fit into the sound; there is no package
            self._decoder = None
            return None
        wanted = [name for each in names for name in each]
        if [name for name, _, _ in found] != wanted:
            return None
        spans = np.empty((len(phones), 2))
        at = 0
        for index, each in enumerate(names):
            spans[index] = found[at][1], found[at + len(each) - 1][2]
            at += len(each)
        return spans * FRAME + LATE

    def _ready(self) -> Any:
        if self._decoder is None or self._taught > MOST_WORDS:
            # Nothing is given up on the way, or another voice's line may not reach its end; the search is small.
            self._decoder = load_package().Decoder(
                lm=None,
                dict=None,
                samprate=HEARING_RATE,
                loglevel="FATAL",
                bestpath=False,
                beam=0.0,
                pbeam=0.0,
                wbeam=0.0,
            )
            self._taught = 0
        return self._decoder

    def _taught_word(self, names: Sequence[str]) -> str:
        """A word pronounced like this."""
        word = "-".join(names).lower()
        if self._decoder.lookup_word(word) is None:
            self._decoder.add_word(word, " ".join(names), True)
            self._taught += 1
        return word


def _hear(decoder: Any, data: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(data, full_utt=True)
    decoder.end_utt()


def _entries(alignment: Any) -> Iterator[tuple[str, int, int]]:
    """Name, first frame and the frame after the last of each phone but silence."""
    for word in alignment:
        for phone in word:
            if phone.name.isalpha() and phone.name != "SIL":
                yield phone.name, phone.start, phone.start + phone.duration
