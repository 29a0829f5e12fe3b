"""espeak-ng's phone names, made into plain IPA."""

import re
from typing import Final

from ..score import UNKNOWN

_MANDARIN: Final = {
    # espeak-ng's own spellings for Mandarin, and IPA for them (Lin 2007, The Sounds of Chinese)
    "i.": "ɨ",
    "i̪": "ɨ",
    "o-": "ɤ",
    "onɡ": "ʊŋ",
    "ər": "aɚ",
    "yæ": "yɛ",
    "yə": "yɛ",
    "χ": "x",
    "ŋ-": "ŋ̍",
}
_RETROFLEX: Final = {"s.": "ʂ", "z.": "ʐ", "ts.": "tʂ", "ts.h": "tʂʰ"}
_ASPIRATED: Final = re.compile(r"^(p|t|k|ts|tɕ|tʂ)h$")
_STRESS: Final = {"ˈ": 1, "ˌ": 2}
_VOICELESS_STOPS: Final = frozenset("ptkqcʈ")
_VOWELS: Final = frozenset("aeiouyæøœɐɑɒɔəɘɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻäãẽĩõũ")


def to_ipa(name: str) -> tuple[str, int]:
    """Return (IPA without stress mark, stress 0..2) for a phone name of espeak-ng; the IPA is empty for no sound.

    >>> to_ipa("ˈou"), to_ipa("ts.h"), to_ipa("(en)")
    (('ou', 1), ('tʂʰ', 0), ('', 0))
    """
    if name.startswith("("):  # "(en)": from here on another language's voice
        return "", 0
    stress = _STRESS.get(name[:1], 0)
    phone = name.lstrip("ˈˌ")
    phone = _MANDARIN.get(phone) or _RETROFLEX.get(phone) or phone
    phone = _ASPIRATED.sub(r"\1ʰ", phone)
    return phone.replace("-", "").replace(".", ""), stress if is_vowel(phone) else 0


def is_vowel(phone: str) -> bool:
    """Whether a phone is the core of a syllable: a vowel, a diphthong, a syllabic consonant or a whole syllable."""
    return phone == UNKNOWN or phone[:1] in _VOWELS or "\u0329" in phone or "\u030d" in phone


def is_voiceless_stop(phone: str) -> bool:
    """Whether a phone begins with a silent closure: p, t, k and the affricates that start like them."""
    return phone[:1] in _VOICELESS_STOPS


def syllables(phones: list[str]) -> list[int]:
    """Index of the first phone of each Mandarin syllable.

    >>> syllables(["x", "ə", "n", "x", "ɑu"]), syllables(["tʂ", "ɑ", "ŋ", "t", "ə"])
    ([0, 3], [0, 3])
    """
    starts = [0] if phones else []
    has_vowel = False
    for i, phone in enumerate(phones):
        if has_vowel and phone != "ŋ":  # a ŋ ends a syllable, an n does before a consonant
            following = phones[i + 1 : i + 3]
            if phone == "l" and following[:1] == ["j"]:
                del following[0]
            if any(map(is_vowel, (phone, *following[:1]))):
                starts.append(i)
                has_vowel = False
        has_vowel = has_vowel or is_vowel(phone)
    return starts
