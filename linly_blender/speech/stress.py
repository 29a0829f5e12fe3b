"""Where the beat of a word lies."""

from ..score import Phone, Speech
from .pronunciation import is_vowel

_STRENGTH = {0: 0, 2: 1, 1: 2}
"""Of ``Phone.stress``: none, secondary, primary."""


def stressed_vowels(speech: Speech) -> dict[int, Phone]:
    """The most stressed vowel of each word that has one, by the word's index; the first of equals."""
    best: dict[int, Phone] = {}
    for phone in speech.phones:
        if phone.word >= 0 and is_vowel(phone.phone):
            held = best.get(phone.word)
            if held is None or _STRENGTH[phone.stress] > _STRENGTH[held.stress]:
                best[phone.word] = phone
    return best
