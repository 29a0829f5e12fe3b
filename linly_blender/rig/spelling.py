"""One form for every spelling of a name: ``eyeBlinkLeft``, ``EyeBlink_L``, ``face:eye_blink.l.001`` are the same."""

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_NAMESPACE: Final = re.compile(r"^.*[:|]")
"""Of Maya, or the path of a glTF node."""
_COPY: Final = re.compile(r"(\.\d{3})+$")
"""What Blender adds to the name of a duplicate."""
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_SIDES: Final = {"l": "l", "left": "l", "左": "l", "r": "r", "right": "r", "右": "r"}
_SHORTEST: Final = 3
"""Letters that must remain of a word from which a side is split: ``lookleft`` has one, ``bright`` has none."""


@functools.lru_cache(maxsize=1 << 14)
def words(name: str) -> tuple[str, ...]:
    """The words of a name in small letters, sides as ``l`` and ``r``; never empty unless the name is blank.

    >>> words("Face:EyeLookOut_L.001"), words("lookleft"), words("ウィンク右")
    (('eye', 'look', 'out', 'l'), ('look', 'l'), ('ウィンク', 'r'))
    """
    text = unicodedata.normalize("NFKC", name)
    bare = _COPY.sub("", _NAMESPACE.sub("", text)) or text
    found: list[str] = []
    for word in _WORD.findall(bare):
        found += _sided(word.lower())
    # Some are called by signs alone, such as MMD's mouths.
    return tuple(found) or tuple(bare.lower().split())


def key(parts: tuple[str, ...]) -> str:
    """What two spellings of one name have in common; the side stands at the end, wherever it stood.

    Of two sides (``Eye_L_Look_R``) both stay in their places, and a side alone (the viseme ``R``) is a word.

    >>> key(words("Left_Eye-Blink")), key(words("eyeBlinkLeft")), key(words("Eye_L_Look_R"))
    ('eyeblink.l', 'eyeblink.l', 'eyellookr')
    """
    if parts.count("l") + parts.count("r") != 1 or len(parts) == 1:
        return "".join(parts)
    side_of_it = "l" if "l" in parts else "r"
    return "".join(part for part in parts if part != side_of_it) + f".{side_of_it}"


def keys_behind_prefixes(parts: tuple[str, ...]) -> Iterator[str]:
    """The keys of what is left after one leading word, two, and so on: for prefixes nobody has told us."""
    for start in range(1, len(parts)):
        yield key(parts[start:])


def spelled(name: str) -> str:
    """``key(words(name))``."""
    return key(words(name))


def side(name: str) -> str:
    """``l``, ``r``, or nothing where the name tells none or both."""
    ending = spelled(name)[-2:]
    return ending[1] if ending in (".l", ".r") else ""


@functools.lru_cache(maxsize=1 << 12)
def _sided(word: str) -> tuple[str, ...]:
    """A word with its side apart, where it is written together."""
    if word in _SIDES:
        return (_SIDES[word],)
    for mark in ("left", "right", "左", "右"):
        shortest = 1 if len(mark) == 1 else _SHORTEST
        if len(word) >= len(mark) + shortest:
            if word.endswith(mark):
                return (word[: -len(mark)], _SIDES[mark])
            if word.startswith(mark):
                return (_SIDES[mark], word[len(mark) :])
    return (word,)
