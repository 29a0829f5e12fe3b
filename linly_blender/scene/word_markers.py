"""The words of a recording on the timeline, for an animator to drag to where they are said.

Blender's markers have no custom properties. Which are ours is written down in one of the scene: a name and a frame
each. One that was dragged is found by its name; of several of one name, those that stay where they were are themselves,
and the others keep their order.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any, Final

import bpy

_KEPT: Final = "linly_words"
"""Custom property of the scene."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A word's marker as we set it."""

    name: str
    frame: int
    number: int
    """Of the word."""
    text: str
    """The word, which the name may be cut of."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A marker that was dragged."""

    mark: Mark
    frame: int


def put(scene: bpy.types.Scene, words: Sequence[tuple[str, float]], unknown: str) -> int:
    """Mark words, given with the scene frames they begin at, in place of earlier marks; returns how many.

    ``unknown`` is the name of those that have no text.
    """
    remove(scene)
    marks = []
    for number, (text, frame) in enumerate(words):
        marker = scene.timeline_markers.new(text or unknown, frame=round(frame))
        marks.append(Mark(marker.name, marker.frame, number, text))
    if marks:
        scene[_KEPT] = json.dumps([astuple(mark) for mark in marks])
    return len(marks)


def remove(scene: bpy.types.Scene) -> None:
    """Take our marks of words away, where they are now."""
    for _, marker in list(_found(scene)):
        scene.timeline_markers.remove(marker)
    if _KEPT in scene:
        del scene[_KEPT]


def are_there(scene: bpy.types.Scene) -> bool:
    """Whether any word is marked; cheap enough for ``poll``."""
    return _KEPT in scene


def moved(scene: bpy.types.Scene) -> list[Moved]:
    """The markers that are no longer where we set them, in the order of the words."""
    dragged = [Moved(mark, marker.frame) for mark, marker in _found(scene) if marker.frame != mark.frame]
    return sorted(dragged, key=lambda one: one.mark.number)


def shift(scene: bpy.types.Scene, to: Callable[[float], float]) -> None:
    """Bring the marks to other frames; those that were dragged as far as the others."""
    found, marks = list(_found(scene)), []
    for mark, marker in found:
        frame, marker.frame = round(to(mark.frame)), round(to(marker.frame))
        marks.append(replace(mark, frame=frame))
    if marks:
        scene[_KEPT] = json.dumps([astuple(mark) for mark in marks])


def _marks(scene: bpy.types.Scene) -> list[Mark]:
    """What was written down; what a person has made unreadable counts as nothing."""
    try:
        stored: Any = json.loads(str(scene.get(_KEPT, "[]")))
        return [Mark(str(name), int(frame), int(number), str(text)) for name, frame, number, text in stored]
    except (ValueError, TypeError):
        return []


def _found(scene: bpy.types.Scene) -> Iterator[tuple[Mark, bpy.types.TimelineMarker]]:
    """Our marks with the markers that they are now. One that was deleted or renamed is none of ours any more."""
    wanted: dict[str, list[Mark]] = defaultdict(list)
    for mark in _marks(scene):
        wanted[mark.name].append(mark)
    there: dict[str, list[bpy.types.TimelineMarker]] = defaultdict(list)
    for marker in reversed(scene.timeline_markers):  # ours were added last
        there[marker.name].append(marker)
    for name, marks in wanted.items():
        markers = there[name]
        lost = []
        for mark in marks:
            same = next((marker for marker in markers if marker.frame == mark.frame), None)
            if same is None:
                lost.append(mark)
            else:
                markers.remove(same)
                yield mark, same
        left = sorted(markers[: len(lost)], key=lambda marker: marker.frame)
        for mark, marker in zip(sorted(lost, key=lambda mark: mark.frame), left, strict=False):
            yield mark, marker
