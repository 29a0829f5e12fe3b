"""The emotion of a sentence and its strength, from word lists, emoji and punctuation."""

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from ..score import EMOTIONS, Emotion, SentenceType
from .lexicon import weights_of, words_of

THRESHOLD: Final = 0.25
"""A weaker emotion is none."""
_LONGEST: Final = 5  # words of an English phrase
_SCOPE: Final = 3  # words after a negation that it turns round
_STRONGER: Final = 1.35
_WEAKER: Final = 0.6
_TURNED: Final = {"happy": ("sad", 0.6), "excited": ("sad", 0.5)}  # "not happy"; what is "not sad" is nothing


def emotion(text: str, words: Sequence[str], language: str, emoji: str, kind: SentenceType) -> tuple[Emotion, float]:
    """The strongest emotion of one sentence and its intensity, 0..1; ``("neutral", 0.0)`` when there is none.

    Several cues of one emotion add up as ``1 - (1 - a) (1 - b) ...``.
    """
    left: dict[str, float] = defaultdict(lambda: 1.0)
    if language.startswith("en"):
        cues = _english([word.lower().replace("’", "'") for word in words], text)
    elif language in ("cmn", "yue", "hak"):
        cues = _mandarin(text, words)
    else:
        cues = iter(())
    for name, weight in (*cues, *_emoji(emoji)):
        left[name] *= 1 - min(weight, 0.9)
    strength = {name: 1 - rest for name, rest in left.items() if name in EMOTIONS}

    shouts = text.count("!") + text.count("！")
    if re.search(r"[?？][!！]|[!！][?？]|‽", text):
        strength["surprised"] = 1 - (1 - strength.get("surprised", 0.0)) * 0.5
    elif shouts:
        strength = {name: value * (1.15 if shouts == 1 else 1.3) for name, value in strength.items()}
        if strength.get("happy", 0.0) > 0.4 and (shouts > 1 or _shouted(words)):
            strength["excited"] = max(strength.get("excited", 0.0), strength["happy"] + 0.01)
        if kind == "exclamation" and max(strength.values(), default=0.0) < THRESHOLD:
            strength["excited"] = 0.35
    if _shouted(words):
        strength = {name: value * 1.2 for name, value in strength.items()}
    if not strength:
        return "neutral", 0.0
    name = max(EMOTIONS, key=lambda known: strength.get(known, 0.0))
    value = min(strength.get(name, 0.0), 1.0)
    if value < THRESHOLD:
        return "neutral", 0.0
    return name, round(value, 3)


def _shouted(words: Sequence[str]) -> bool:
    """Whether two or more words, and most of them, are in capitals."""
    long = [word for word in words if len(word) > 1 and word.isascii() and word.isalpha()]
    return len(long) >= 2 and 2 * sum(map(str.isupper, long)) > len(long)


def _emoji(emoji: str) -> Iterator[tuple[str, float]]:
    known = weights_of("emotion.emoji", *EMOTIONS)
    for found in set(re.findall(r"[^\s]", emoji)) | set(emoji.split()):
        if found in known:
            yield known[found]


def lemmas(word: str) -> Iterator[str]:
    """The word and what it may be a form of, likeliest first: ``crying`` -> ``cry``, ``happily`` -> ``happy``."""
    yield word
    if word.endswith("'s"):
        word = word[:-2]
        yield word
    for ending, instead in (
        ("iness", "y"), ("ness", ""), ("ies", "y"), ("ied", "y"), ("iest", "y"), ("ier", "y"), ("ily", "y"),
        ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("es", ""), ("s", ""), ("ly", ""), ("est", ""), ("er", ""),
    ):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 3 - len(instead) and not word.endswith("ss"):
            stem = word[: -len(ending)] + instead
            yield stem
            if not instead and len(stem) > 3 and stem[-1] == stem[-2]:  # "hugged"
                yield stem[:-1]


@functools.cache
def _english_lists() -> tuple[dict[str, tuple[str, float]], frozenset[str], frozenset[str], frozenset[str]]:
    known = weights_of("emotion.en", *EMOTIONS, "none")
    file = "emotion.en"
    return known, words_of(file, "negation"), words_of(file, "stronger"), words_of(file, "weaker")


def _english(words: Sequence[str], text: str) -> Iterator[tuple[str, float]]:
    known, negations, stronger, weaker = _english_lists()
    whole = known.get("=" + " ".join(words))
    if whole is not None:
        yield whole
        return
    i = 0
    while i < len(words):
        length, cue = 1, None
        for length in range(min(_LONGEST, len(words) - i), 1, -1):
            cue = known.get(" ".join(words[i : i + length]))
            if cue is not None:
                break
        else:
            length = 1
            cue = next((known[lemma] for lemma in lemmas(words[i]) if lemma in known), None)
        if cue is not None and cue[0] in EMOTIONS:
            name, weight = cue
            before = words[max(0, i - _SCOPE) : i]
            if "but" in before:
                before = before[before.index("but") + 1 :]
            if any(word in stronger for word in before[-2:]):
                weight *= _STRONGER
            if any(word in weaker for word in before[-2:]):
                weight *= _WEAKER
            if any(word in negations or word.endswith("n't") for word in before):
                name, factor = _TURNED.get(name, ("", 0.0))
                weight *= factor
            if name:
                yield name, weight
        i += length


@functools.cache
def _mandarin_lists() -> tuple[
    re.Pattern[str], dict[str, tuple[str, float]], re.Pattern[str], re.Pattern[str], re.Pattern[str]
]:
    known = weights_of("emotion.zh", *EMOTIONS, "none")

    def any_of(entries: frozenset[str] | list[str]) -> str:
        return "|".join(sorted(map(re.escape, entries), key=len, reverse=True))

    phrases = re.compile(any_of([entry for entry in known if len(entry) > 1]))
    modifiers = (
        re.compile(f"(?:{any_of(words_of('emotion.zh', name))})[^，。！？,!?]{{0,2}}$")
        for name in ("negation", "stronger", "weaker")
    )
    negation, stronger, weaker = modifiers
    return phrases, known, negation, stronger, weaker


def _mandarin(text: str, words: Sequence[str]) -> Iterator[tuple[str, float]]:
    phrases, known, negation, stronger, weaker = _mandarin_lists()
    found = [(match.start(), known[match.group()]) for match in phrases.finditer(text)]
    at = 0
    for word in words:
        at = text.index(word, at)
        if len(word) == 1 and word in known:
            found.append((at, known[word]))
        at += len(word)
    for start, (name, weight) in found:
        if name not in EMOTIONS:
            continue
        before = text[max(0, start - 5) : start]
        if stronger.search(before):
            weight *= _STRONGER
        if weaker.search(before):
            weight *= _WEAKER
        if negation.search(before):
            name, factor = _TURNED.get(name, ("", 0.0))
            weight *= factor
        if name:
            yield name, weight
