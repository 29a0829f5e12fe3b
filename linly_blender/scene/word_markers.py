"""The words of a recording on the timeline, for an animator to drag to where they are said.

Blender's markers have no custom properties. Which are ours is written down in one of the scene: of which recording
they are, and a name and a frame each. One that was dragged is found by its name; of several of one name, those that
stay where they were are themselves, and the others keep their order.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
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


def of_recording(origin: str, name: str) -> str:
    """What a recording is called here: a ``FILE`` or a ``STRIP``."""
    return f"{origin} {name}"


def put(scene: bpy.types.Scene, recording: str, words: Sequence[tuple[str, float]], unknown: str) -> int:
    """Mark words of a recording (``of_recording``) in place of earlier marks; returns how many.

    They are given with the scene frames they begin at; ``unknown`` is the name of those that have no text.
    """
    remove(scene)
    marks = []
    for number, (text, frame) in enumerate(words):
        marker = scene.timeline_markers.new(text or unknown, frame=round(frame))
        marks.append(Mark(marker.name, marker.frame, number, text))
    _keep(scene, recording, marks)
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


def recording_of(scene: bpy.types.Scene) -> str:
    """The recording whose words are marked; empty for none."""
    return _stored(scene)[0]


def moved(scene: bpy.types.Scene) -> list[Moved]:
    """The markers that are no longer where we set them, in the order of the words."""
    dragged = [Moved(mark, marker.frame) for mark, marker in _found(scene) if marker.frame != mark.frame]
    return sorted(dragged, key=lambda one: one.mark.number)


def drag(scene: bpy.types.Scene, dragged: Sequence[Moved]) -> None:
    """Move the markers of words that were marked anew as far from these as they had been dragged before."""
    far = {(one.mark.number, one.mark.text): one.frame - one.mark.frame for one in dragged}
    for mark, marker in list(_found(scene)):
        marker.frame += far.get((mark.number, mark.text), 0)


def shift(scene: bpy.types.Scene, strips: Collection[str], to: Callable[[float], float], now: str) -> None:
    """Bring the marks to other frames if they are of a strip of one of these names, which has the name ``now``.

    Those that were dragged go as far as the others.
    """
    if recording_of(scene) not in {of_recording("STRIP", name) for name in strips}:
        return
    marks = []
    for mark, marker in list(_found(scene)):
        frame, marker.frame = round(to(mark.frame)), round(to(marker.frame))
        marks.append(replace(mark, frame=frame))
    _keep(scene, of_recording("STRIP", now), marks)


def _keep(scene: bpy.types.Scene, recording: str, marks: Sequence[Mark]) -> None:
    if marks:
        scene[_KEPT] = json.dumps([recording, *(astuple(mark) for mark in marks)])


def _stored(scene: bpy.types.Scene) -> tuple[str, list[Mark]]:
    """What was written down; what a person has made unreadable counts as nothing."""
    try:
        stored: Any = json.loads(str(scene.get(_KEPT, '[""]')))
        recording, *rows = stored
        marks = [Mark(str(name), int(frame), int(number), str(text)) for name, frame, number, text in rows]
        return str(recording), marks
    except (ValueError, TypeError):
        return "", []


def _found(scene: bpy.types.Scene) -> Iterator[tuple[Mark, bpy.types.TimelineMarker]]:
    """Our marks with the markers that they are now. One that was deleted or renamed is none of ours any more."""
    wanted: dict[str, list[Mark]] = defaultdict(list)
    for mark in _stored(scene)[1]:
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
