"""Which conventions a character's keys belong to, by their names."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .conventions import Convention, load_conventions
from .similar import meanings_of
from .spelling import key, keys_behind_prefixes, spelled, words

RAW: Final = 1.0
SPELLED: Final = 0.98
PREFIXED: Final = 0.9
"""How much a name is worth that is written as the convention writes it, otherwise, or behind a prefix."""
_WEAK: Final = 2
"""Letters of names that only count in company: anybody may call a key ``A``. Of Chinese and Japanese, one."""
_COMPANY: Final = 0.6
"""Share of a convention's weak names in Latin letters and figures that must be there ..."""
_LEAST_COMPANY: Final = 3
"""... and how many in any script."""
_SHORTEST_BEHIND_PREFIX: Final = 3
"""Letters of what is looked up behind any prefix; shorter ones would be found in anything (``Skirt_A``) ..."""
_OF_A_MOUTH: Final = {"mouth", "lip", ""}
"""... and are looked up behind words with these meanings (``Mouth_A``, ``Face_A``)."""
_OF_VISEMES: Final = frozenset({"viseme", "visemes", "vis", "phoneme", "phonemes", "phon", "ph"})
"""Figures are a mouth shape's number only behind one of these: ``Key 1`` and ``target_0`` say nothing ..."""
_NUMBERING: Final = "id"
"""... and this may stand between (``viseme_id_0``)."""


@dataclass(frozen=True, slots=True)
class Match:
    """What of a character is a convention's."""

    convention: Convention
    found: dict[str, tuple[str, float]]
    """By the name of a key on the character: the convention's name and how well it fits, 0..1."""
    score: float
    """0..1: how much of what is known of the character's names this convention explains."""


def match_conventions(names: Iterable[str]) -> tuple[Match, ...]:
    """All conventions that have anything in common with the names of keys, the best first."""
    conventions, index, totals = _index()
    found: dict[int, dict[str, tuple[str, float]]] = {}
    for name in dict.fromkeys(names):
        for number, told, fit in _look_up(name, index):
            own = found.setdefault(number, {})
            if name not in own or fit > own[name][1]:
                own[name] = (told, fit)
    found = {number: own for number, own in found.items() if _in_company(own, conventions[number])}
    known = {name for own in found.values() for name in own}
    matches = []
    for number, own in found.items():
        explained = sum(fit for _, fit in own.values()) / len(known)
        complete = min(1.0, len({told for told, _ in own.values()}) / totals[number])
        matches.append(Match(conventions[number], own, round(explained * (0.7 + 0.3 * complete), 4)))
    return tuple(sorted(matches, key=lambda match: -match.score))


def _look_up(name: str, index: dict[str, list[tuple[int, str]]]) -> Iterable[tuple[int, str, float]]:
    parts = words(name)
    whole = index.get(key(parts))
    if whole is not None and not key(parts).isdecimal():
        return [(number, told, RAW if told == name else SPELLED) for number, told in whole]
    for number, rest in enumerate(keys_behind_prefixes(parts)):
        before = parts[: number + 1]
        if rest.isdecimal():
            is_number = rest == parts[-1] and _tell_visemes(before)
            behind = index.get(rest.lstrip("0") or "0") if is_number else None
        elif len(rest) < _SHORTEST_BEHIND_PREFIX and not set(meanings_of(before[-1])) & _OF_A_MOUTH:
            break
        else:
            behind = index.get(rest)
        if behind is not None:
            return [(number, told, PREFIXED) for number, told in behind]
    return ()


def _tell_visemes(before: tuple[str, ...]) -> bool:
    """Whether figures behind these words are the number of a mouth shape."""
    told = [word for word in before if word != _NUMBERING]
    return bool(told) and told[-1] in _OF_VISEMES


def _in_company(own: dict[str, tuple[str, float]], convention: Convention) -> bool:
    """Take the weak names away where they are too few; say whether anything is left."""
    weak = [name for name, (told, _) in own.items() if _is_weak(told)]
    of_all = sum(_is_weak(name) and name.isascii() for name in convention.names)
    if weak and len(weak) < max(_LEAST_COMPANY, _COMPANY * of_all):
        for name in weak:
            del own[name]
    return bool(own)


@functools.lru_cache(maxsize=1 << 12)
def _is_weak(name: str) -> bool:
    stem = spelled(name).partition(".")[0]
    return len(stem) <= (_WEAK if stem.isascii() else _WEAK - 1)


@functools.cache
def _index() -> tuple[tuple[Convention, ...], dict[str, list[tuple[int, str]]], list[int]]:
    """The conventions; which of them have a name, by its key; how many names each has."""
    conventions = load_conventions()
    index: dict[str, list[tuple[int, str]]] = {}
    for number, convention in enumerate(conventions):
        for name in sorted(convention.names):
            index.setdefault(spelled(name), []).append((number, name))
    return conventions, index, [len(convention.names) for convention in conventions]
