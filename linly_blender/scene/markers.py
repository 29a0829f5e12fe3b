"""Words, sentences and gestures on the timeline."""

from collections.abc import Sequence

import bpy

from ..performance import Performance

Marker = tuple[str, int]
"""Name and frame."""


def of(performance: Performance, fps: float, start: int) -> list[Marker]:
    """The markers of a take, at the frames nearest to their times, in order."""
    speech = performance.speech
    timed = [(sentence.start, 0, f"“{sentence.text}”") for sentence in speech.sentences]
    timed += [(word.start, 1, word.text) for word in speech.words]
    timed += [(gesture.peak, 2, f"({gesture.kind})") for gesture in performance.gestures]
    return [(name, start + round(time * fps)) for time, _, name in sorted(timed)]


def add(scene: bpy.types.Scene, wanted: Sequence[Marker]) -> list[Marker]:
    """Set markers; returns them as Blender keeps them, for it may cut a long name."""
    kept = []
    for name, frame in wanted:
        marker = scene.timeline_markers.new(name, frame=frame)
        kept.append((marker.name, marker.frame))
    return kept


def remove(scene: bpy.types.Scene, ours: Sequence[Marker]) -> None:
    """Take away as many markers of each name and frame as are ours: the youngest, for ours were added last."""
    for name, frame in ours:
        same = [marker for marker in scene.timeline_markers if (marker.name, marker.frame) == (name, frame)]
        if same:
            scene.timeline_markers.remove(same[-1])
