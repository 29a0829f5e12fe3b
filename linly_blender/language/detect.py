"""In which language a sentence is written, as far as its writing tells."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from ..errors import UserError

ENGLISH: Final = "en-us"
MANDARIN: Final = "cmn"

# Writing, as the first word of its characters' Unicode names -> espeak-ng's code and what to call it.
_WRITINGS: Final = {
    "LATIN": (ENGLISH, "Latin letters"),
    "HAN": (MANDARIN, "Chinese"),
    "KANA": ("ja", "Japanese"),
    "HANGUL": ("ko", "Korean"),
    "CYRILLIC": ("ru", "Cyrillic letters"),
    "GREEK": ("el", "Greek"),
    "ARABIC": ("ar", "Arabic letters"),
    "HEBREW": ("he", "Hebrew"),
    "DEVANAGARI": ("hi", "Devanagari"),
    "BENGALI": ("bn", "Bengali"),
    "GURMUKHI": ("pa", "Gurmukhi"),
    "GUJARATI": ("gu", "Gujarati"),
    "ORIYA": ("or", "Odia"),
    "TAMIL": ("ta", "Tamil"),
    "TELUGU": ("te", "Telugu"),
    "KANNADA": ("kn", "Kannada"),
    "MALAYALAM": ("ml", "Malayalam"),
    "SINHALA": ("si", "Sinhala"),
    "THAI": ("th", "Thai"),
    "MYANMAR": ("my", "Burmese"),
    "GEORGIAN": ("ka", "Georgian"),
    "ARMENIAN": ("hy", "Armenian"),
    "ETHIOPIC": ("am", "Ethiopic"),
    "CHEROKEE": ("chr", "Cherokee"),
}
_SAME_WRITING: Final = {
    "CJK": "HAN",
    "IDEOGRAPHIC": "HAN",
    "BOPOMOFO": "HAN",
    "KANGXI": "HAN",
    "HIRAGANA": "KANA",
    "KATAKANA": "KANA",
    "KATAKANA-HIRAGANA": "KANA",
    "HALFWIDTH": "KANA",
    "FULLWIDTH": "LATIN",
}
# espeak-ng's codes that are not written in Latin letters and are no writing's first choice above.
_WRITTEN_IN: Final = {
    "HAN": ("zh", "yue", "hak", "ja", "ko"),
    "CYRILLIC": ("uk", "be", "bg", "mk", "sr", "kk", "ky", "tt", "ba", "cv", "nog"),
    "ARABIC": ("fa", "ur", "sd", "ug", "ku"),
    "GREEK": ("grc",),
    "DEVANAGARI": ("mr", "ne", "kok"),
    "BENGALI": ("as", "bpy"),
    "MYANMAR": ("shn",),
    "ARMENIAN": ("hyw",),
    "ETHIOPIC": ("ti",),
    "LATIN": ("sr", "ku", "kk", "uz"),
}
_ALIASES: Final = {
    "en": ENGLISH,
    "english": ENGLISH,
    "zh": MANDARIN,
    "zh-cn": MANDARIN,
    "zh-tw": MANDARIN,
    "zh-hans": MANDARIN,
    "zh-hant": MANDARIN,
    "chinese": MANDARIN,
    "mandarin": MANDARIN,
}
_CODE: Final = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,10})*")


@lru_cache(maxsize=4096)
def _writing(character: str) -> str:
    """``LATIN``, ``HAN`` ...; empty for what is no letter or belongs to none in particular."""
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "").split(" ", 1)[0]
    return _SAME_WRITING.get(name, name)


def _main_writing(text: str) -> str | None:
    """The writing that most of a sentence is in; None without letters.

    A Chinese character is a syllable and a Latin letter far less, so letters count by the word.
    """
    counts: Counter[str] = Counter()
    before = ""
    for character in text:
        writing = _writing(character)
        if writing and (writing in ("HAN", "KANA") or writing != before):
            counts[writing] += 1
        before = writing
    counts = Counter({writing: n for writing, n in counts.items() if writing in _WRITINGS}) or counts
    if not counts:
        return None
    if counts["KANA"] and counts["KANA"] * 8 >= counts["HAN"]:  # Japanese mixes both; Chinese borrows a kana at most
        counts["KANA"] += counts.pop("HAN", 0)
    return max(counts, key=lambda writing: (counts[writing], writing != "LATIN"))


def language_of(text: str) -> str | None:
    """espeak-ng's code of the language that a sentence is most likely in, told by its writing; None without letters.

    Latin letters are taken for English: nothing but the user can tell it from German or French.

    Raises
    ------
    UserError
        when it is in a writing that no voice can read.
    """
    writing = _main_writing(text)
    if writing is None:
        return None
    if writing not in _WRITINGS:
        raise UserError(
            f'No voice can read "{_short(text)}" ({writing.lower()}): remove it or write it in another way.'
        )
    return _WRITINGS[writing][0]


def languages_of(texts: Sequence[str]) -> list[str]:
    """The language of each sentence; one without letters ("1, 2, 3!") takes that of its neighbour before, or after."""
    found = [language_of(text) for text in texts]
    last = next((code for code in found if code is not None), ENGLISH)
    result = []
    for code in found:
        last = code or last
        result.append(last)
    return result


def resolve(language: str) -> str | None:
    """espeak-ng's code for what a user may call a language (``en``, ``zh``, ``de``, ``en-gb``); None for ``auto``."""
    name = language.strip().lower().replace("_", "-")
    if name == "auto":
        return None
    if _CODE.fullmatch(name) is None:
        raise UserError(
            f'"{language}" is not a language: choose auto, en, zh, or a code of espeak-ng such as de or ja.'
        )
    return _ALIASES.get(name, name)


def check(text: str, code: str, line: int) -> None:
    """Make sure that a voice of the language ``code`` can read a sentence.

    One or two Latin words ("OK!", a product's name) are fine in any language.

    Raises
    ------
    UserError
        naming ``line`` when the sentence is written in another language.
    """
    writing = _main_writing(text)
    if writing is None or writing in _writings_of(code):
        return
    if writing == "LATIN" and len(text.split()) <= 2:
        return
    own, called = _WRITINGS.get(writing, ("", "another writing"))
    choices = {ENGLISH: "auto or en", MANDARIN: "auto or zh"}.get(own, f"auto or {own}" if own else "auto")
    chosen = {ENGLISH: "en", MANDARIN: "zh"}.get(code, code)
    raise UserError(
        f'Line {line}, "{_short(text)}", is written in {called}, but the language chosen is {chosen}: choose {choices}.'
    )


def _writings_of(code: str) -> frozenset[str]:
    if "-latn" in code:
        return frozenset({"LATIN"})
    base = code.split("-")[0]
    found = {writing for writing, (first, _) in _WRITINGS.items() if first.split("-")[0] == base}
    found |= {writing for writing, codes in _WRITTEN_IN.items() if base in codes}
    return frozenset(found or {"LATIN"})


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 30 else text[:29] + "…"
