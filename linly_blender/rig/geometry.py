"""Head, neck, chest, jaw and eyes by place and shape alone, for skeletons whose names say nothing.

A character is symmetric, its head is where the middle of it is highest, its arms leave from the chest, its eyes are a
pair in front of the head, and its jaw lies in the middle, pointing forward and down.
"""

from dataclasses import dataclass
from typing import Final

from .tree import Tree

_MIDDLE: Final = 0.006
"""Of the character's height: bones nearer than this to the middle are neither left nor right."""
_REACH: Final = 0.12
"""Of the character's height: what goes further to the side than this is an arm."""
_LOWEST_CHEST: Final = 0.4
_LOWEST_HEAD: Final = 0.2
"""Of the character's height: a root with pairs of its own is no head, that of a bust is."""
_MOST_NECKS: Final = 2
"""Where no arms tell where a neck begins."""
_STUMP: Final = 0.4
"""Of the bone before: a last bone shorter than this only marks an end."""
_DEPTH: Final = 6
"""Bones between the head and an eye at most."""
_NEAR: Final = 2
"""Bones between a head and its jaw at most."""
_MOST_PAIRED: Final = 400


@dataclass(frozen=True, slots=True)
class Spine:
    head: str
    necks: tuple[str, ...]
    chest: str | None
    has_face: bool
    """Whether something in the head is where eyes or a jaw would be."""


class Shape:
    """The measures of a character that the rules above are told in."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        places = [place for name in tree.bones for place in (tree.head(name), tree.tail(name))]
        heights = [place[2] for place in places]
        self.height = max(heights) - min(heights) if places else 0.0
        sides = sorted(tree.head(name)[0] for name in tree.bones)
        self.middle = sides[len(sides) // 2] if sides else 0.0

    def is_central(self, name: str) -> bool:
        near = max(_MIDDLE * self.height, 1e-6)
        return abs(self.tree.head(name)[0] - self.middle) <= near and abs(self.tree.tail(name)[0] - self.middle) <= near

    def spine(self) -> Spine | None:
        """From chest to head; None where nothing stands upright in the middle."""
        tree = self.tree
        central = [name for name in tree.bones if self.is_central(name) and tree.bones[name].deforms]
        central = central or [name for name in tree.bones if self.is_central(name)]
        if not central or self.height <= 0:
            return None
        top = max(central, key=lambda name: (max(tree.head(name)[2], tree.tail(name)[2]), len(tree.ancestors(name))))
        path = [*reversed(tree.ancestors(top)), top]
        lowest = min(min(tree.head(name)[2], tree.tail(name)[2]) for name in tree.bones)
        height = {name: (tree.head(name)[2] - lowest) / self.height for name in path}
        with_arms = [n for n, name in enumerate(path) if height[name] > _LOWEST_CHEST and self._has_arms(name)]
        chest = path[with_arms[-1]] if with_arms else None
        after = path[with_arms[-1] + 1 :] if with_arms else path
        after = [name for name in after if self.is_central(name)]
        if not after:
            return None
        high = [name for name in after if height[name] > _LOWEST_HEAD]
        with_face = [name for name in high if self._like_eyes(name, _NEAR) or self.jaw(name)]
        if with_face:
            head = with_face[-1]
        else:
            head = after[-1]
            before = after[-2] if len(after) > 1 else None
            if before is not None and not tree.children[head] and tree.length(head) < _STUMP * tree.length(before):
                head = before
        necks = after[: after.index(head)]
        return Spine(head, tuple(necks if chest else necks[-_MOST_NECKS:]), chest, bool(with_face))

    def pairs(self, head: str, depth: int) -> list[tuple[str, str]]:
        """Bones of the head that have a mirror image: left and right."""
        tree = self.tree
        size = self.head_size(head)
        found = [name for name, down in tree.below(head) if down <= depth and not self.is_central(name)][:_MOST_PAIRED]
        rights = [name for name in found if tree.head(name)[0] < self.middle]
        pairs = []
        for left in found:
            x, y, z = tree.head(left)
            if x <= self.middle:
                continue
            for right in rights:
                other = tree.head(right)
                away = abs(x + other[0] - 2 * self.middle) + abs(y - other[1]) + abs(z - other[2])
                if away < 0.03 * size and abs(tree.length(left) - tree.length(right)) < 0.03 * size:
                    pairs.append((left, right))
                    rights.remove(right)
                    break
        return pairs

    def head_size(self, head: str) -> float:
        """From the head bone's root to the highest of what follows it."""
        tree = self.tree
        tops = [tree.tail(head)[2], *(tree.head(name)[2] for name, down in tree.below(head) if down <= _DEPTH)]
        return max(max(tops) - tree.head(head)[2], 0.02 * self.height, 1e-6)

    def eyes(self, head: str) -> tuple[tuple[str, str], bool] | None:
        """The pair that is most like two eyes, and whether it is the only one like that."""
        likely = self._like_eyes(head, _DEPTH)
        straight = [each for each in likely if each[0] > 0.8] or likely
        if not straight:
            return None
        _, _, left, right = max(straight, key=lambda each: (round(each[0], 2), each[1]))
        return (left, right), len(straight) == 1

    def _like_eyes(self, head: str, depth: int) -> list[tuple[float, float, str, str]]:
        """Pairs in the places of eyes: how much they point forward, their length, left and right."""
        tree, size = self.tree, self.head_size(head)
        root = tree.head(head)
        likely = []
        for left, right in self.pairs(head, depth):
            x, y, z = tree.head(left)
            apart = (x - self.middle) / size
            if 0.05 <= apart <= 0.45 and y > root[1] and 0.1 <= (z - root[2]) / size <= 0.85:
                likely.append((tree.pointing(left)[1], tree.length(left), left, right))
        return likely

    def jaw(self, head: str) -> str | None:
        """The longest bone in the middle of the head that points forward and not up."""
        tree, size = self.tree, self.head_size(head)
        likely = [
            name
            for name, down in tree.below(head)
            if down <= _NEAR
            and self.is_central(name)
            and tree.pointing(name)[1] > 0.3
            and tree.pointing(name)[2] < 0.15
            and tree.tail(name)[2] < tree.head(head)[2] + 0.5 * size
        ]
        return max(likely, key=tree.length, default=None)

    def _has_arms(self, name: str) -> bool:
        """Whether two of its branches reach far to the sides, above the character's middle."""
        tree = self.tree
        reach = _REACH * self.height
        lefts = rights = False
        for child in tree.children[name]:
            if self.is_central(child) and tree.children[child]:
                continue  # the spine itself
            sides = [tree.head(child)[0], tree.tail(child)[0], *(tree.tail(below)[0] for below, _ in tree.below(child))]
            lefts |= max(sides) - self.middle > reach
            rights |= self.middle - min(sides) > reach
        return lefts and rights
