"""The bones of an armature as a tree with measures, whatever was wrong with it."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ..errors import some_of

Vector = tuple[float, float, float]

MOST_BONES: Final = 5_000
"""What is beyond is not looked at."""


@dataclass(frozen=True, slots=True)
class Bone:
    """A bone at rest, in any coordinates that all bones share."""

    name: str
    parent: str | None
    head: Vector
    tail: Vector
    axes: tuple[Vector, Vector, Vector]
    """The bone's own X, Y and Z, each of length 1."""
    deforms: bool = True


def dot(one: Vector, other: Vector) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def cross(one: Vector, other: Vector) -> Vector:
    return (
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    )


class Tree:
    """Bones by name with their places seen from the character: left, front and up of the origin."""

    def __init__(self, bones: Iterable[Bone], up: Vector, front: Vector) -> None:
        """Bones that have no place or repeat a name are left out, cycles are opened; ``notes`` says so."""
        self.notes: list[str] = []
        self.left = cross(up, front)
        self._axes = (self.left, front, up)
        self.bones: dict[str, Bone] = {}
        odd, many = [], 0
        for bone in bones:
            if not all(map(math.isfinite, (*bone.head, *bone.tail))) or bone.name in self.bones:
                odd.append(bone.name)
            elif len(self.bones) < MOST_BONES:
                self.bones[bone.name] = bone
            else:
                many += 1
        if odd:
            self.notes.append(f"Left out, because they have no place or their name twice: {some_of(odd)}.")
        if many:
            self.notes.append(f"There are more than {MOST_BONES} bones; {many} were not looked at.")
        self._parents = {name: self._parent(bone) for name, bone in self.bones.items()}
        self._open_cycles()
        self.children: dict[str, list[str]] = {name: [] for name in self.bones}
        for name, parent in self._parents.items():
            if parent is not None:
                self.children[parent].append(name)

    def ancestors(self, name: str) -> list[str]:
        """From the parent to the root."""
        found = []
        parent = self._parents[name]
        while parent is not None:
            found.append(parent)
            parent = self._parents[parent]
        return found

    def below(self, name: str) -> Iterator[tuple[str, int]]:
        """Every bone that follows this one, and how many bones down it is, nearest first."""
        level = [name]
        depth = 0
        while level:
            depth += 1
            level = [child for parent in level for child in self.children[parent]]
            yield from ((child, depth) for child in level)

    def seen(self, place: Vector) -> Vector:
        """A place as left, front, up."""
        return (dot(place, self._axes[0]), dot(place, self._axes[1]), dot(place, self._axes[2]))

    def head(self, name: str) -> Vector:
        return self.seen(self.bones[name].head)

    def tail(self, name: str) -> Vector:
        return self.seen(self.bones[name].tail)

    def length(self, name: str) -> float:
        return math.dist(self.bones[name].head, self.bones[name].tail)

    def pointing(self, name: str) -> Vector:
        """The direction from head to tail as left, front, up; zero for a bone without length."""
        length = self.length(name)
        if length < 1e-9:
            return (0.0, 0.0, 0.0)
        head, tail = self.head(name), self.tail(name)
        return ((tail[0] - head[0]) / length, (tail[1] - head[1]) / length, (tail[2] - head[2]) / length)

    def _parent(self, bone: Bone) -> str | None:
        return bone.parent if bone.parent in self.bones else None

    def _open_cycles(self) -> None:
        sound: set[str] = set()
        for name in self.bones:
            walked: list[str] = []
            at: str | None = name
            while at is not None and at not in sound:
                if at in walked:
                    self.notes.append(f"'{at}' is its own ancestor; it is taken for a root.")
                    self._parents[at] = None
                    break
                walked.append(at)
                at = self._parents[at]
            sound.update(walked)
