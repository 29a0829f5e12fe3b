"""Names of nobody's convention, read by their words: a proposal, how sure it is, and why."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..arkit import INDEX
from ..plain import read_json
from .spelling import words

_FILE: Final = Path(__file__).with_name("words.json")
_MOST_BYTES: Final = 64 * 1024
_SURE: Final = 0.9
"""Of words that say a channel and nothing else."""
LEAST: Final = 0.5
"""Less is no proposal."""
_UNKNOWN_WORD: Final = 0.5
"""What a word that we do not know takes, in words that we do."""
_NUMBER: Final = 0.25
_SHORTEST_IN_COMPOUND: Final = 3
_SHORTEST_WITH_TYPO: Final = 5


@dataclass(frozen=True, slots=True)
class Proposal:
    weights: tuple[tuple[str, float], ...]
    """ARKit channels with what each adds to the key."""
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Lexicon:
    meanings: dict[str, str]
    """By word; the empty string for words that mean nothing."""
    typos: dict[str, str]
    """Meanings by words that miss a letter."""
    phrases: dict[str, tuple[tuple[frozenset[str], str], ...]]
    """Meanings that together say a channel, whose side may be ``*``; by the first of them."""


def propose(name: str) -> Proposal | None:
    """The channels that a key's name speaks of, or None.

    A key without a side shows both halves of a channel that has two, each by a half. Two channels of which the name
    speaks equally leave it open.
    """
    lexicon = _lexicon()
    read: list[str] = []
    unknown = numbers = 0
    sides = set()
    for word in words(name):
        if word in ("l", "r"):
            sides.add(word)
        elif word.isdecimal():
            numbers += 1
        else:
            meanings = meanings_of(word)
            unknown += not meanings
            read += [meaning for meaning in meanings if meaning]
    meant = frozenset(read)
    if not meant or len(sides) > 1:
        return None
    best, second, channel = 0, 0, ""
    for phrase, said in (one for meaning in meant for one in lexicon.phrases.get(meaning, ())):
        if len(phrase) > second and phrase <= meant:
            if len(phrase) > best:
                best, second, channel = len(phrase), best if said != channel else second, said
            elif said != channel:
                second = len(phrase)
    confidence = _SURE * best / (len(meant) + _UNKNOWN_WORD * unknown + _NUMBER * numbers)
    if confidence < LEAST or second == best:
        return None
    side = next(iter(sides), "")
    weights = _weights(channel, side)
    if weights is None:
        return None
    if len(weights) > 1:
        confidence *= 0.9
    return Proposal(weights, round(confidence, 2), f"'{name}' reads as {' + '.join(dict.fromkeys(read))}")


def _weights(channel: str, side: str) -> tuple[tuple[str, float], ...] | None:
    if not channel.endswith("*"):
        return ((channel, 1.0),)
    base = channel[:-1]
    if side:
        return ((base + ("Left" if side == "l" else "Right"), 1.0),)
    return ((f"{base}Left", 0.5), (f"{base}Right", 0.5))


@functools.lru_cache(maxsize=1 << 14)
def meanings_of(word: str) -> tuple[str, ...]:
    """Meanings of a word, which may be several words written together: ``meanings_of("mouthopen")`` are mouth and open.

    The empty string for one that means nothing here (``face``), and nothing for one that is not known.
    """
    lexicon = _lexicon()
    if word in lexicon.meanings:
        return (lexicon.meanings[word],)
    compound = _compound(word)
    if compound:
        return compound
    if len(word) >= _SHORTEST_WITH_TYPO:
        for spelling in (word, *_without_one_letter(word)):
            meaning = lexicon.typos.get(spelling) or (lexicon.meanings.get(spelling) if spelling != word else None)
            if meaning:
                return (meaning,)
    return ()


def _compound(word: str) -> tuple[str, ...]:
    """Meanings of the fewest known words that make up this one."""
    meanings = _lexicon().meanings
    reached: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            before, part = reached[start], word[start:end]
            is_long = len(part) >= _SHORTEST_IN_COMPOUND or not part.isascii() or part == "up"
            if before is not None and is_long and part in meanings:
                now = reached[end]
                if now is None or len(before) + 1 < len(now):
                    reached[end] = (*before, meanings[part])
    return reached[-1] or ()


def _without_one_letter(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


@functools.cache
def _lexicon() -> _Lexicon:
    node = read_json(_FILE, _MOST_BYTES)
    meanings = dict.fromkeys(node["neutral"].text().split(), "")
    for meaning in node["words"].value:
        for word in node["words"][meaning].text().split():
            assert word not in meanings, f"{word} means two things"
            meanings[word] = meaning
    typos: dict[str, str] = {}
    for word, meaning in meanings.items():
        if meaning and len(word) >= _SHORTEST_WITH_TYPO:
            typos |= dict.fromkeys(_without_one_letter(word), meaning)
    phrases: dict[str, tuple[tuple[frozenset[str], str], ...]] = {}
    for channel in node["channels"].value:
        assert channel.replace("*", "Left") in INDEX, channel
        for phrase in node["channels"][channel].items():
            parts = phrase.text().split()
            assert set(parts) <= set(node["words"].value), phrase.text()
            phrases[parts[0]] = (*phrases.get(parts[0], ()), (frozenset(parts), channel))
    return _Lexicon(meanings, typos, phrases)
