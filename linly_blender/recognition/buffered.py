"""Hearing for recognisers that want the whole utterance at once."""

import unicodedata
from collections.abc import Callable
from typing import Final

import numpy as np

from ..live.services import HEARING_RATE, Sound

LONGEST_TEXT: Final = 4000
"""Characters understood at most; nobody says more in a minute."""


class BufferedHearing:
    """Keeps the utterance and has it recognised when its text is asked for.

    Parameters: what recognises a sound [shape=(n,)] at HEARING_RATE; the most seconds it is given: the end of a
    longer utterance.
    """

    at_hand = False

    def __init__(self, recognise: Callable[[Sound], str], longest: float) -> None:
        self._recognise = recognise
        self._most = round(longest * HEARING_RATE)
        self._blocks: list[Sound] = []
        self._text = ""
        self._asked = True

    def hear(self, sound: Sound) -> None:
        """Take the next samples."""
        self._blocks.append(np.array(sound, np.int16))
        self._asked = False

    def text(self) -> str:
        """Recognise, unless nothing has been added since the last time. Raises ServiceError."""
        if not self._asked:
            heard = np.concatenate(self._blocks)[-self._most :]
            self._blocks = [heard]
            self._text = plain(self._recognise(heard))
            self._asked = True
        return self._text

    def close(self) -> None:
        """Forget the sound."""
        self._blocks, self._text, self._asked = [], "", True


def plain(text: str) -> str:
    """A recogniser's text in one line, without control characters, cut to what can have been said."""
    kept = "".join(" " if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") else letter for letter in text)
    return " ".join(kept[:LONGEST_TEXT].split())
