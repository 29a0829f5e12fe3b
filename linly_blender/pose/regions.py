"""Where in the world the character is at home: which gesture stands for which intent there.

A shake means yes in Bulgaria, a wobble agrees in South Asia, a bow greets and thanks in Japan. A policy is a small JSON
file beside the code or of the user's own; what it does not name is as in ``neutral``. Kept apart from the style: how
large and how quick a gesture is stays the character's own.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast, get_args

from ..errors import UserError
from ..plain import Node, read_json
from .styles import group_lines, own_file

Intent = Literal["yes", "no", "agreement", "greeting", "farewell", "thanks", "apology"]
"""``yes`` answers, ``agreement`` goes along ("exactly", "of course"), ``no`` is any negation."""
Sign = Literal["nod", "double_nod", "raise", "shake", "wobble", "tilt", "bow", "none"]
"""``raise`` tosses the head back; ``wobble`` swings it from shoulder to shoulder; ``none`` shows nothing."""

INTENTS: Final[tuple[Intent, ...]] = get_args(Intent)
SIGNS: Final[tuple[Sign, ...]] = get_args(Sign)
LARGEST: Final = 2.0

_FOLDER: Final = Path(__file__).parent / "policies"
_MOST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Custom:
    """How an intent is shown."""

    gesture: Sign
    size: float
    """0..2; 1 is the style's natural size."""


@dataclass(frozen=True, slots=True)
class Region:
    """A policy: what is shown for every intent."""

    name: str
    about: str
    """One sentence for people."""
    customs: dict[Intent, Custom]
    """For every intent."""

    def __getitem__(self, intent: Intent) -> Custom:
        return self.customs[intent]


def region_names() -> tuple[str, ...]:
    """Names of all policies that come with the program, ``neutral`` first."""
    return tuple(sorted((path.stem for path in _FOLDER.glob("*.json")), key=lambda name: (name != "neutral", name)))


def load_region(name: str, own: Path | None = None) -> Region:
    """A policy by its name or the path of its ``.json`` file.

    ``own`` is a folder whose ``regions/NAME.json`` are known by name. Raises UserError that names what is wrong.
    """
    if name in region_names():
        return _preset(name)
    path = region_file(name, own)
    if path is not None:
        return _read(path, _preset("neutral"))
    raise UserError(
        f"There is no region {name!r}. Choose one of: {', '.join(region_names())}, or the path of a .json file."
    )


def region_file(name: str, own: Path | None = None) -> Path | None:
    """The file of a policy that does not come with the program; None when the name is not that of a file."""
    return own_file(name, own, "regions")


def region_text(region: Region) -> str:
    """A policy as the content of a file that has every intent; the copy is called as its file is."""
    customs = {intent: {"gesture": it.gesture, "size": it.size} for intent, it in region.customs.items()}
    return group_lines({"about": region.about} | customs)


@functools.cache
def _preset(name: str) -> Region:
    return _read(_FOLDER / f"{name}.json", None if name == "neutral" else _preset("neutral"))


def _read(path: Path, base: Region | None) -> Region:
    node = read_json(path, _MOST_BYTES)
    if not isinstance(node.value, dict):
        node.complain("an object that names a gesture for each intent")
    customs: dict[Intent, Custom] = {} if base is None else dict(base.customs)
    for key in node.value:
        if key == "about":
            continue
        if key not in INTENTS:
            raise UserError(f"{path} is not valid: there is no intent {key!r}. Intents: {', '.join(INTENTS)}.")
        customs[key] = _custom(node[key])
    return Region(path.stem, node["about"].text() if "about" in node.value else "", customs)


def _custom(node: Node) -> Custom:
    """``"bow"`` or ``{"gesture": "bow", "size": 1.4}``."""
    if isinstance(node.value, str):
        return Custom(cast(Sign, node.choice(SIGNS)), 1.0)
    gesture = cast(Sign, node["gesture"].choice(SIGNS))
    for key in node.value:
        if key not in ("gesture", "size"):
            raise UserError(
                f"{node.source} is not valid: {node.place} has an unknown {key!r}; gesture and size are all."
            )
    return Custom(gesture, node["size"].number(0.0, LARGEST) if "size" in node.value else 1.0)


NEUTRAL: Final = load_region("neutral")
