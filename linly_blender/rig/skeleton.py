"""The bones that carry a head, a jaw and eyes: by the names of a convention, by words, or else by geometry."""

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import some_of
from ..plain import Node, read_json
from .geometry import Shape
from .setup import Role
from .spelling import key, keys_behind_prefixes, words
from .tree import Bone, Tree, Vector, dot

_FILE: Final = Path(__file__).with_name("skeletons.json")
_MOST_BYTES: Final = 64 * 1024
_ROLES: Final = (
    "head", "neck", "chest", "jaw", "eyes", "eye_targets", "eye_target", "lids_upper", "lids_lower",
)  # fmt: skip
_CORE: Final = ("head", "neck", "chest")

_EXACT: Final = 1.0
_SPELLED: Final = 0.9
_PREFIXED: Final = 0.8
"""Confidence in a convention's name that is written as it writes it, otherwise, or behind a prefix."""
_BY_WORDS: Final = 0.7
_BY_SHAPE: Final = 0.5
_BY_ORDER: Final = 0.35
"""Where nothing but its place in a chain speaks for a bone."""
_ACCEPTED: Final = 0.6
_MECHANISM: Final = ("DEF-", "ORG-", "MCH-", "VIS-", "WGT-")
"""Bones that Rigify makes for itself; nobody animates them."""


@dataclass(frozen=True, slots=True)
class Found:
    bone: str
    confidence: float
    """0..1; of one half and less a person should look at it."""
    reason: str


@dataclass(frozen=True, slots=True)
class Pair:
    left: Found
    right: Found


@dataclass(frozen=True, slots=True)
class Bones:
    """What of an armature performs."""

    layout: str | None
    """Id of the convention; None for names of nobody's."""
    title: str
    head: Found | None
    necks: tuple[Found, ...]
    """From the chest up; all carry the head."""
    chest: Found | None
    """Carries the head."""
    jaw: Found | None
    jaw_axis: Vector | None
    """In the jaw bone's own axes: to turn about it by a positive angle opens the mouth."""
    eyes: Pair | None
    """Bones that turn with the eyes and follow the head."""
    eye_targets: Pair | None
    """Bones that the eyes look at, one each."""
    eye_target: Found | None
    """The bone that both eyes look at."""
    lids_upper: Pair | None
    lids_lower: Pair | None
    notes: tuple[str, ...]
    """What a person should know."""

    @property
    def doubtful(self) -> tuple[Found, ...]:
        """What a person should look at."""
        pairs = (self.eyes, self.lids_upper, self.lids_lower)
        every = [self.head, *self.necks, self.chest, self.jaw]
        every += [found for pair in pairs if pair for found in (pair.left, pair.right)]
        return tuple(found for found in every if found is not None and found.confidence <= _BY_SHAPE)

    @property
    def summary(self) -> str:
        """One line: ``head, 2 necks, chest, jaw, 2 eyes (Rigify)``."""
        parts = ["head"] if self.head else []
        if self.necks:
            parts.append("neck" if len(self.necks) == 1 else f"{len(self.necks)} necks")
        parts += [name for name, found in (("chest", self.chest), ("jaw", self.jaw)) if found]
        looks = "what the eyes look at" if self.eye_targets or self.eye_target else ""
        parts += ["2 eyes"] if self.eyes else [looks] if looks else []
        return f"{', '.join(parts) or 'no head'} ({self.title})"


@dataclass(frozen=True, slots=True)
class _Layout:
    id: str
    title: str
    roles: dict[str, tuple[str, ...]]
    marks: tuple[str, ...]
    """Bones by which it is told from others like it."""


def layout_titles() -> tuple[str, ...]:
    """The conventions whose bones are known by name, for people."""
    return tuple(layout.title for layout in _layouts())


def find_bones(
    bones: Sequence[Bone],
    up: Vector = (0, 0, 1),
    front: Vector = (0, -1, 0),
    chosen: dict[Role, str] | None = None,
) -> Bones:
    """Find what performs in an armature.

    Parameters: the bones at rest, in any order; where the character's crown and face point to, in their coordinates
    [both of length 1, at right angles]; bones that a person chose, which go before what is found.
    Nothing is raised for a skeleton of any kind; what is not there is None.
    """
    return _Finder(bones, up, front, chosen or {}).find()


class _Finder:
    def __init__(self, bones: Sequence[Bone], up: Vector, front: Vector, chosen: dict[Role, str]) -> None:
        self._tree = Tree(bones, up, front)
        self._notes = self._tree.notes
        self._chosen = {
            role: Found(name, _EXACT, "chosen by hand") for role, name in chosen.items() if name in self._tree.bones
        }
        gone = [name for role, name in chosen.items() if role not in self._chosen]
        if gone:
            self._notes.append(f"These bones were chosen by hand and are gone: {some_of(gone)}. Choose others.")
        self._shape = Shape(self._tree)
        self._index = _Names(self._tree.bones)
        self._words, self._others = _lexicon()
        self._layout, self._named = self._choose_layout()

    def find(self) -> Bones:
        tree = self._tree
        spine = self._shape.spine()
        head = self._chosen.get("head") or self._one("head") or self._head_by_words()
        if head is None and spine is not None:
            sure = _BY_SHAPE if spine.has_face else _BY_ORDER
            head = Found(spine.head, sure, "the middle of the character is highest there")
        if head is None:
            self._notes.append("No head was found. Choose the head's bone by hand.")
            return self._bones(None, (), None, None)
        carriers = list(reversed(tree.ancestors(head.bone)))
        follows = {name for name, _ in tree.below(head.bone)}
        necks = self._carrying("neck", carriers) or self._chain("neck", carriers)
        if not necks and spine is not None and spine.head == head.bone:
            necks = tuple(Found(name, _BY_ORDER, "between chest and head") for name in spine.necks)
        jaw = self._chosen.get("jaw") or self._one("jaw") or self._central_by_words("jaw", follows)
        if jaw is None:
            by_shape = self._shape.jaw(head.bone)
            if by_shape is not None and not self._is_something_else(by_shape) and not self._index.side(by_shape):
                jaw = Found(by_shape, _BY_SHAPE, "in the middle of the head, pointing forward and down")
        chest = next(iter(self._carrying("chest", carriers)), None)
        return self._bones(head, necks, chest or self._chest(carriers, spine.chest if spine else None), jaw)

    def _carrying(self, role: Role, carriers: Collection[str]) -> tuple[Found, ...]:
        """The bone chosen for a role, which has to carry the head."""
        found = self._chosen.get(role)
        if found is None:
            return ()
        if found.bone not in carriers:
            self._notes.append(f"'{found.bone}', chosen as {role}, does not carry the head. Choose a bone below it.")
            return ()
        return (found,)

    def _bones(self, head: Found | None, necks: tuple[Found, ...], chest: Found | None, jaw: Found | None) -> Bones:
        eyes, targets, target = self._chosen_eyes(*self._eyes(head))
        follows = {name for name, _ in self._tree.below(head.bone)} if head else set()
        pairs = {
            role: self._pair(role) or self._pair_by_words(("lid", side), follows)
            for role, side in (("lids_upper", "upper"), ("lids_lower", "lower"))
        }
        axis = None
        if jaw is not None:
            x, y, z = (dot(axis, self._tree.left) for axis in self._tree.bones[jaw.bone].axes)
            axis = (x, y, z)
        return Bones(
            self._layout.id if self._layout else None,
            self._layout.title if self._layout else "own names",
            *(head, necks, chest, jaw, axis, eyes, targets, target),
            *(pairs["lids_upper"], pairs["lids_lower"]),
            tuple(self._notes),
        )

    # By the names of a convention

    def _choose_layout(self) -> tuple[_Layout | None, dict[str, tuple[tuple[str, float], ...]]]:
        best, best_score, best_named = None, 0.0, {}
        for layout in _layouts():
            named = {role: self._index.find(names) for role, names in layout.roles.items()}
            if not named["head"]:
                continue
            core = [max((fit for _, fit in named[role]), default=0.0) for role in _CORE]
            rest = [fit for role, found in named.items() if role not in _CORE for _, fit in found]
            marks = [mark in self._tree.bones for mark in layout.marks]
            if marks and not any(marks):
                continue
            score = sum(core) / len(core) + 0.02 * sum(rest) + (0.1 * sum(marks) / len(marks) if marks else 0.0)
            if score > best_score:
                best, best_score, best_named = layout, score, named
        return (best, best_named) if best_score >= _ACCEPTED else (None, {})

    def _one(self, role: str) -> Found | None:
        return next(iter(self._all(role)), None)

    def _all(self, role: str) -> tuple[Found, ...]:
        if self._layout is None:
            return ()
        reason = f"as {self._layout.title} names it"
        return tuple(Found(name, fit, reason) for name, fit in self._named.get(role, ()))

    def _pair(self, role: str) -> Pair | None:
        if self._layout is None or len(self._named.get(role, ())) != 2:
            return None
        left, right = self._all(role)
        return Pair(left, right)

    def _chain(self, role: str, carriers: list[str]) -> tuple[Found, ...]:
        """Those of the bones that carry the head which are named so, from the root up."""
        named = {found.bone: found for found in self._all(role)}
        if not any(name in named for name in carriers):
            reason = f"its name says {role}"
            named = {name: Found(name, _BY_WORDS, reason) for name in self._saying((role,), carriers)}
        return tuple(named[name] for name in carriers if name in named)

    def _chest(self, carriers: list[str], by_shape: str | None) -> Found | None:
        named = next((found for found in self._all("chest") if found.bone in carriers), None)
        if named is not None:
            return named
        said = list(self._saying(("chest",), carriers))
        if said:
            return Found(said[-1], _BY_WORDS, "its name says chest")
        return Found(by_shape, _BY_SHAPE, "the arms leave from it") if by_shape in carriers and by_shape else None

    # By words

    def _saying(self, meanings: tuple[str, ...], among: Iterable[str]) -> Iterable[str]:
        """Bones whose names say all of it and nothing of another part of the body."""
        for name in among:
            if not name.startswith(_MECHANISM) and self._index.says(name, meanings, self._words, self._others):
                yield name

    def _head_by_words(self) -> Found | None:
        said = [name for name in self._saying(("head",), self._tree.bones) if not self._says_upper(name)]
        said = [name for name in said if self._shape.is_central(name)] or said
        if not said:
            return None
        tops = [name for name in said if not set(self._tree.ancestors(name)) & set(said)]
        if len(tops) > 1:
            self._notes.append(f"There are several heads: {some_of(tops)}. The highest is used.")
        return Found(max(tops, key=lambda name: self._tree.head(name)[2]), _BY_WORDS, "its name says head")

    def _central_by_words(self, meaning: str, among: Collection[str]) -> Found | None:
        said = [n for n in self._saying((meaning,), sorted(among)) if not self._index.side(n)]
        said = [name for name in said if not self._says_upper(name)]
        if not said:
            return None
        nearest = min(said, key=lambda name: len(self._tree.ancestors(name)))
        return Found(nearest, _BY_WORDS, f"its name says {meaning}")

    def _pair_by_words(self, meanings: tuple[str, ...], among: Collection[str]) -> Pair | None:
        sides: dict[str, list[str]] = {"l": [], "r": []}
        for name in self._saying(meanings, sorted(among)):
            if self._index.side(name):
                sides[self._index.side(name)].append(name)
        if not all(sides.values()):
            return None
        reason = f"its name says {' and '.join(meanings)}"
        left, right = (min(names, key=lambda name: len(self._tree.ancestors(name))) for names in sides.values())
        return Pair(Found(left, _BY_WORDS, reason), Found(right, _BY_WORDS, reason))

    # Eyes

    def _eyes(self, head: Found | None) -> tuple[Pair | None, Pair | None, Found | None]:
        """Eyes that turn, targets of each, the target of both."""
        follows = {name for name, _ in self._tree.below(head.bone)} if head else set()
        free = [name for name in self._tree.bones if name not in follows]
        eyes, targets = self._pair("eyes"), self._pair("eye_targets")
        if targets is None and eyes is not None and eyes.left.bone not in follows:
            eyes, targets = None, eyes  # what does not follow the head is what the eyes look at
        if eyes is None and targets is None:
            eyes = self._pair_by_words(("eye",), follows)
            targets = self._pair_by_words(("eye", "aim"), free) or self._pair_by_words(("eye",), free)
        if eyes is None and targets is None and head is not None:
            found = self._shape.eyes(head.bone)
            if found is not None:
                (left, right), alone = found
                sure = _BY_SHAPE if alone else _BY_ORDER
                reason = "a pair in front of the head, pointing forward"
                eyes = Pair(Found(left, sure, reason), Found(right, sure, reason))
        target = self._one("eye_target") or self._target_by_words(free if head else ())
        for pair in (eyes, targets):
            if pair is not None:
                self._check_sides(pair)
        return eyes, targets, target

    def _chosen_eyes(
        self, eyes: Pair | None, targets: Pair | None, target: Found | None
    ) -> tuple[Pair | None, Pair | None, Found | None]:
        """What was chosen in place of what was found; chosen eyes turn by themselves unless a target was chosen too.

        Where one eye alone was chosen the other is as found.
        """
        chosen_left, chosen_right = self._chosen.get("eye_left"), self._chosen.get("eye_right")
        left = chosen_left or (eyes.left if eyes is not None else None)
        right = chosen_right or (eyes.right if eyes is not None else None)
        chosen = chosen_left or chosen_right
        if chosen is not None and (left is None or right is None):
            self._notes.append(f"'{chosen.bone}' was chosen for one eye and no other was found. Choose both.")
        elif chosen is not None and left is not None and right is not None:
            if left.bone == right.bone:
                self._notes.append(f"'{left.bone}' cannot be both eyes, so what was found is used. Choose two bones.")
            else:
                eyes, targets, target = Pair(left, right), None, None
        if "eye_target" in self._chosen:
            targets, target = None, self._chosen["eye_target"]
        return eyes, targets, target

    def _target_by_words(self, among: Iterable[str]) -> Found | None:
        said = next((name for name in self._saying(("eye", "aim"), among) if not self._index.side(name)), None)
        return Found(said, _BY_WORDS, "its name says that the eyes look at it") if said else None

    def _check_sides(self, pair: Pair) -> None:
        left, right = (self._tree.head(found.bone)[0] for found in (pair.left, pair.right))
        if left < right - 1e-6:
            self._notes.append(
                f"'{pair.left.bone}' is on the character's right: its sides are mirrored, or it faces the other way."
            )

    def _says_upper(self, name: str) -> bool:
        return "upper" in self._index.meanings(name, self._words)

    def _is_something_else(self, name: str) -> bool:
        return bool(set(self._index.words(name)) & self._others)


class _Names:
    """Bones by their names in every spelling. A number after a dot is a part of a bone's name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = dict.fromkeys(names)
        self._spelled: dict[str, str] = {}
        self._prefixed: dict[str, str] = {}
        for name in self._names:
            if name.startswith(_MECHANISM):
                continue
            parts = self.words(name)
            self._spelled.setdefault(key(parts), name)
            for rest in keys_behind_prefixes(parts):
                self._prefixed.setdefault(rest, name)

    def find(self, wanted: Iterable[str]) -> tuple[tuple[str, float], ...]:
        """Those of the wanted that there are, and how well each fits."""
        found: dict[str, float] = {}
        for name in wanted:
            spelling = key(self.words(name))
            if name in self._names:
                found.setdefault(name, _EXACT)
            elif spelling in self._spelled:
                found.setdefault(self._spelled[spelling], _SPELLED)
            elif spelling in self._prefixed:
                found.setdefault(self._prefixed[spelling], _PREFIXED)
        return tuple(found.items())

    @staticmethod
    def words(name: str) -> tuple[str, ...]:
        return words(name.replace(".", "_"))

    def side(self, name: str) -> str:
        ending = key(self.words(name))[-2:]
        return ending[1] if ending in (".l", ".r") else ""

    def meanings(self, name: str, lexicon: dict[str, str]) -> list[str]:
        return [lexicon[word] for word in self.words(name) if word in lexicon]

    def says(self, name: str, meanings: tuple[str, ...], lexicon: dict[str, str], others: frozenset[str]) -> bool:
        said = self.meanings(name, lexicon)
        main = [meaning for meaning in said if meaning not in ("upper", "lower", "aim")]
        wanted = [meaning for meaning in meanings if meaning not in ("upper", "lower", "aim")]
        fits = set(meanings) <= set(said) and main[-1:] == wanted[-1:] and ("aim" in said) == ("aim" in meanings)
        return fits and not set(self.words(name)) & others


@functools.cache
def _whole() -> Node:
    return read_json(_FILE, _MOST_BYTES)


@functools.cache
def _layouts() -> tuple[_Layout, ...]:
    layouts = []
    for node in _whole()["skeletons"].items():
        assert set(node["roles"].value) <= set(_ROLES), node["id"].text()
        roles = {role: _texts(node["roles"][role]) for role in node["roles"].value}
        marks = _texts(node["marks"]) if "marks" in node.value else ()
        layouts.append(_Layout(node["id"].text(), node["title"].text(), roles, marks))
    return tuple(layouts)


def _texts(node: Node) -> tuple[str, ...]:
    return tuple(name.text() for name in node.items())


@functools.cache
def _lexicon() -> tuple[dict[str, str], frozenset[str]]:
    """Meanings by word, and words of other parts of the body."""
    told = _whole()["words"]
    meanings = {word: meaning for meaning in told.value for word in told[meaning].text().split()}
    return meanings, frozenset(_whole()["others"].text().split())
