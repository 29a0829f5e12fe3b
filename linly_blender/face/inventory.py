"""What a phone asks of jaw, lips and tongue, read from its IPA spelling: place, manner, height, backness, rounding.

Parsing symbols and diacritics, in place of a list of phones, is what makes every language's phones work.
Features follow the chart of the International Phonetic Association (2020).
"""

import functools
import unicodedata
from dataclasses import dataclass, replace
from typing import Final, Literal

from ..score import UNKNOWN

Place = Literal[
    "bilabial", "labiodental", "dental", "alveolar", "postalveolar", "retroflex", "alveolopalatal", "palatal",
    "velar", "uvular", "glottal", "labiovelar", "labiopalatal", "none",
]  # fmt: skip
Manner = Literal["vowel", "stop", "nasal", "trill", "fricative", "approximant", "lateral"]


@dataclass(frozen=True, slots=True)
class Segment:
    """One gesture of the mouth; a diphthong or an affricate with two lip shapes has several."""

    manner: Manner
    place: Place = "none"
    height: float = 0.5
    """Of vowels: 0 close (i, u) .. 1 open (a)."""
    back: float = 0.5
    """Of vowels: 0 front .. 1 back."""
    rounding: float = 0.0
    """0 .. 1: of vowels by the chart, of consonants labialisation (w = 1)."""
    long: bool = False
    aspirated: bool = False
    palatalised: bool = False
    share: float = 1.0
    """Of the phone's duration."""

    @property
    def vowel(self) -> bool:
        return self.manner == "vowel"

    @property
    def closes_lips(self) -> bool:
        """Whether the lips touch all along: p, b, m and their relatives."""
        return self.place == "bilabial" and self.manner in ("stop", "nasal", "trill")


# Rows of the vowel chart: height, then (backness, unrounded, rounded).
_VOWEL_ROWS: Final = (
    (0.00, ((0.0, "i", "y"), (0.5, "ɨ", "ʉ"), (1.0, "ɯ", "u"))),
    (0.18, ((0.2, "ɪ", "ʏ"), (0.5, "ᵻ", "ᵿ"), (0.85, "", "ʊ"))),
    (0.33, ((0.0, "e", "ø"), (0.5, "ɘ", "ɵ"), (1.0, "ɤ", "o"))),
    (0.45, ((0.5, "əɚ", ""),)),
    (0.60, ((0.0, "ɛ", "œ"), (0.5, "ɜɝ", "ɞ"), (1.0, "ʌ", "ɔ"))),
    (0.75, ((0.5, "ɐ", ""),)),
    (0.82, ((0.0, "æ", ""),)),
    (1.00, ((0.1, "a", "ɶ"), (1.0, "ɑ", "ɒ"))),
)
_CONSONANTS: Final[dict[tuple[Manner, Place], str]] = {
    ("stop", "bilabial"): "pbɓʘ", ("stop", "labiovelar"): "", ("stop", "alveolar"): "tdɗǃǀ",
    ("stop", "retroflex"): "ʈɖᶑ", ("stop", "palatal"): "cɟʄǂ", ("stop", "velar"): "kɡgɠ", ("stop", "uvular"): "qɢʛ",
    ("stop", "glottal"): "ʔʡ",
    ("nasal", "bilabial"): "m", ("nasal", "labiodental"): "ɱ", ("nasal", "alveolar"): "n",
    ("nasal", "retroflex"): "ɳ", ("nasal", "palatal"): "ɲȵ", ("nasal", "velar"): "ŋ", ("nasal", "uvular"): "ɴ",
    ("trill", "bilabial"): "ʙ", ("trill", "labiodental"): "ⱱ", ("trill", "alveolar"): "rɾ",
    ("trill", "retroflex"): "ɽ", ("trill", "uvular"): "ʀ",
    ("fricative", "bilabial"): "ɸβ", ("fricative", "labiodental"): "fv", ("fricative", "dental"): "θð",
    ("fricative", "alveolar"): "szɬɮ", ("fricative", "postalveolar"): "ʃʒɧ", ("fricative", "retroflex"): "ʂʐ",
    ("fricative", "alveolopalatal"): "ɕʑ", ("fricative", "palatal"): "çʝ", ("fricative", "velar"): "xɣ",
    ("fricative", "uvular"): "χʁ", ("fricative", "glottal"): "hɦħʕʜʢ", ("fricative", "labiovelar"): "ʍ",
    ("approximant", "labiodental"): "ʋ", ("approximant", "alveolar"): "ɹɺ", ("approximant", "retroflex"): "ɻ",
    ("approximant", "palatal"): "j", ("approximant", "velar"): "ɰ", ("approximant", "labiovelar"): "w",
    ("approximant", "labiopalatal"): "ɥ",
    ("lateral", "alveolar"): "lɫ", ("lateral", "retroflex"): "ɭ", ("lateral", "palatal"): "ʎȴ",
    ("lateral", "velar"): "ʟ",
}  # fmt: skip
_ROUNDED_PLACES: Final[dict[Place, float]] = {
    "labiovelar": 1.0,
    "labiopalatal": 1.0,
    "postalveolar": 0.6,  # English and German protrude the lips for ʃ
    "retroflex": 0.25,
}
_SPELLINGS: Final = str.maketrans(
    {"ʦ": "ts", "ʣ": "dz", "ʧ": "tʃ", "ʤ": "dʒ", "ʨ": "tɕ", "ʥ": "dʑ", "ε": "ɛ", "φ": "ɸ", ":": "ː"}
)
"""Ligatures and look-alikes that espeak-ng writes."""
_UNKNOWN: Final = Segment("approximant", "none")
"""A sound nobody described: the lips keep what their neighbours do."""
_SYLLABLE: Final = (
    Segment("approximant", "none", share=0.3),
    Segment("vowel", height=0.6, share=0.7),
)
"""A syllable nobody knows: narrower at its beginning, then open, with lips that do nothing in particular."""


def _symbols() -> dict[str, Segment]:
    table: dict[str, Segment] = {}
    for height, row in _VOWEL_ROWS:
        for back, *columns in row:
            for rounding, symbols in enumerate(columns):
                for symbol in symbols:
                    table[symbol] = Segment("vowel", height=height, back=back, rounding=float(rounding))
    for symbol in "ɚɝ":  # r-coloured vowels round the lips a little
        table[symbol] = replace(table[symbol], rounding=0.3)
    for (manner, place), symbols in _CONSONANTS.items():
        for symbol in symbols:
            table[symbol] = Segment(manner, place, rounding=_ROUNDED_PLACES.get(place, 0.0))
    table["ɹ"] = replace(table["ɹ"], rounding=0.4)
    return table


_SYMBOLS: Final = _symbols()


@functools.lru_cache(maxsize=4096)
def analyse(phone: str) -> tuple[Segment, ...]:
    """The gestures of one phone in order; their shares of its duration add up to 1.

    >>> [s.place for s in analyse("tʃ")], [s.height for s in analyse("aɪ")]
    (['postalveolar'], [1.0, 0.18])
    """
    if phone == UNKNOWN:
        return _SYLLABLE
    found: list[Segment] = []
    for symbol in unicodedata.normalize("NFD", phone.lower().translate(_SPELLINGS)):
        if symbol in _SYMBOLS:
            found.append(_SYMBOLS[symbol])
        elif symbol.isalpha() and unicodedata.category(symbol) != "Lm":
            found.append(_UNKNOWN)
        elif found:
            found[-1] = _modified(found[-1], symbol)
    return _shared(_merged(found or [_UNKNOWN]))


def is_known(phone: str) -> bool:
    """Whether every letter of a phone is one of the chart, and all else in it a mark on one, or on the phone before."""
    symbols = unicodedata.normalize("NFD", phone.lower().translate(_SPELLINGS))
    return bool(symbols) and all(
        symbol in _SYMBOLS or unicodedata.category(symbol) in ("Lm", "Mn", "Sk") for symbol in symbols
    )


def _modified(segment: Segment, mark: str) -> Segment:
    """A segment with a diacritic or a modifier letter."""
    match mark:
        case "ː":
            return replace(segment, long=True)
        case "ʰ" | "ʱ":
            return replace(segment, aspirated=True)
        case "ʷ":
            return replace(segment, rounding=1.0)
        case "ᵝ":  # compressed, the lips of Japanese u: narrow, not protruded
            return replace(segment, rounding=0.4)
        case "ʲ":
            return replace(segment, palatalised=True)
        case "\u0339":  # more rounded
            return replace(segment, rounding=min(1.0, segment.rounding + 0.3))
        case "\u031c":  # less rounded
            return replace(segment, rounding=max(0.0, segment.rounding - 0.3))
        case "\u031d":  # raised
            return replace(segment, height=max(0.0, segment.height - 0.1))
        case "\u031e":  # lowered
            return replace(segment, height=min(1.0, segment.height + 0.1))
        case "\u0308":  # centralised
            return replace(segment, back=segment.back + 0.6 * (0.5 - segment.back))
        case "\u032a" if segment.place == "bilabial":  # p̪ b̪: lower lip on the teeth
            return replace(segment, place="labiodental")
        case "\u0327":  # ç, taken apart by normalisation
            return _SYMBOLS["ç"]
        case _:
            return segment


def _merged(found: list[Segment]) -> list[Segment]:
    """Affricates and double articulations as the gestures that are seen."""
    merged: list[Segment] = []
    for segment in found:
        last = merged[-1] if merged else None
        if last and last.manner == "stop" and segment.manner == "fricative" and not last.closes_lips:
            merged[-1] = segment  # ts, tʃ, tɕ: the lips have the fricative's shape from the start
        elif last and segment.manner == "stop" and last.manner == "stop" and segment.closes_lips:
            merged[-1] = segment  # kp, ɡb
        elif last and last.closes_lips and segment.manner in ("stop", "nasal") and not segment.vowel:
            if segment.closes_lips:
                merged[-1] = segment  # mb, pː
        else:
            merged.append(segment)
    return merged


def _shared(segments: list[Segment]) -> tuple[Segment, ...]:
    """Divide the phone's duration: glides are shorter than the core, which is the most open vowel."""
    vowels = [s for s in segments if s.vowel]
    core = max(vowels, key=lambda s: s.height, default=None)
    weights = []
    for index, segment in enumerate(segments):
        if segment is core:
            weights.append(1.0 + 0.3 * segment.long)
        elif segment.vowel:
            weights.append(0.55 if index == 0 else 0.8)
        else:
            weights.append(0.6)
    total = sum(weights)
    return tuple(replace(s, share=w / total) for s, w in zip(segments, weights, strict=True))
