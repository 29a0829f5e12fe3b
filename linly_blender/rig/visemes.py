"""A mouth that has only visemes, driven by ARKit's channels.

Each mouth shape follows the channels by which our articulation (``face/shapes.py``) makes the sounds it stands for; the
figures are set so that a stressed sound brings its own shape to about its full value, and what another shape shows
already is taken off again. Consonants between the teeth are left to the vowels around them, as people do. At p, b and m
all that opens is zero, and the lips press by 0.22 and roll in by 0.1, from which ``PP`` comes; the jaw left behind
closed lips is taken off ``aa`` by ``mouthClose``. Beside a rounded vowel the lips stay pursed through all of that, and
a viseme that is rounded is open too: what rolls the lips in takes it off, so that they meet.
"""

from collections.abc import Collection
from typing import Final

Row = dict[str, float]

_PRESS: Final = ("mouthPressLeft", "mouthPressRight")
_STRETCH: Final = ("mouthStretchLeft", "mouthStretchRight")
_LOWER: Final = ("mouthLowerDownLeft", "mouthLowerDownRight")

MOUTH: Final = frozenset(
    {"jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRollLower", "mouthRollUpper", "tongueOut"}
    | {*_PRESS, *_STRETCH, *_LOWER}
)
"""The channels that visemes can show."""

SOURCES: Final = frozenset({"jawOpen", "mouthFunnel", "mouthPucker", *_PRESS})
"""Those that may stand in for others; a vowel with its open jaw is no frown."""

_OPEN: Final = {"jawOpen": 1 / 0.6, "mouthClose": -1 / 0.6, "mouthPucker": -0.35, "mouthFunnel": -0.35}
"""``aa`` is a jaw open by 0.6 (met4citizen/TalkingHead); rounded shapes have a jaw of their own."""
_CLOSED: Final = {**dict.fromkeys(_PRESS, -0.35), "mouthRollLower": -0.5}
"""What is taken off a spread mouth by lips that touch each other or the teeth."""
_SHUT: Final = {"mouthRollUpper": -8.0}
"""What is taken off a rounded mouth by lips that meet. Nothing but p, b and m rolls the upper lip in, 0.1 at most;
``mouthPucker`` is up to 0.55 then.
"""
OPENERS: Final = ("aa", "E", "O", "I", "kk", "nn", "DD")
"""What opens the mouth, the best first."""


def weights(there: Collection[str]) -> dict[str, Row]:
    """What drives each viseme of those there are: channels with weights, by viseme.

    Parameters: the visemes of a character, of ``conventions.VISEMES``.
    Visemes that are not in the answer are left at rest.
    """
    found: dict[str, Row] = {}
    opener = next((viseme for viseme in OPENERS if viseme in there), None)
    if opener is not None:
        found[opener] = dict(_OPEN)
    if "PP" in there:
        found["PP"] = {**dict.fromkeys(_PRESS, 2.2), "mouthRollUpper": 0.3, "mouthClose": 0.3}
    if "FF" in there:
        found["FF"] = {"mouthRollLower": 2.0, **dict.fromkeys(_PRESS, -0.45)}
    if "TH" in there:
        found["TH"] = {"tongueOut": 2.5}
    _add(found, _spread(there))
    _add(found, _round(there))
    if "SS" in there:
        _add(found, {"SS": {**dict.fromkeys(_LOWER, 0.9), "jawOpen": -1.5, **dict.fromkeys(_PRESS, -0.5)}})
    return found


def _spread(there: Collection[str]) -> dict[str, Row]:
    if "I" in there and "E" in there:
        narrow = {**dict.fromkeys(_STRETCH, 1.5), "jawOpen": -1.2, **_CLOSED}
        return {"I": narrow, "E": {**dict.fromkeys(_STRETCH, 0.6), **_CLOSED}}
    only = next((viseme for viseme in ("I", "E") if viseme in there), None)
    return {only: {**dict.fromkeys(_STRETCH, 1.3), **_CLOSED}} if only else {}


def _round(there: Collection[str]) -> dict[str, Row]:
    if "U" in there and "O" in there:
        return {
            "U": {"mouthPucker": 1.3, "mouthFunnel": -1.0, **_SHUT},
            "O": {"mouthFunnel": 1.4, **_SHUT},
        }
    if "U" in there:
        return {"U": {"mouthPucker": 1.0, "mouthFunnel": 0.5, **_SHUT}}
    only = next((viseme for viseme in ("O", "CH", "RR") if viseme in there), None)
    return {only: {"mouthPucker": 1.0, "mouthFunnel": 0.7, **_SHUT}} if only else {}


def _add(found: dict[str, Row], more: dict[str, Row]) -> None:
    for viseme, row in more.items():
        own = found.setdefault(viseme, {})
        for channel, weight in row.items():
            own[channel] = own.get(channel, 0.0) + weight
