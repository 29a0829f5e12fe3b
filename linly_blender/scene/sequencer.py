"""Takes of recordings that lie in the sequencer as strips: how they are heard there, and which strip they follow.

The strips are the user's. The only thing written to one is a mark, a custom property by which a take finds the strip
it follows when that has another name or place; it goes when no take follows the strip any more.
"""

import math
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

import bpy
import numpy as np

from ..errors import UserError
from ..performance import Frames, Performance
from ..score import Speech
from . import strips
from .strips import StripPlace

MARK: Final = "linly_strip"
"""Custom property of a strip that a take follows."""
SAME: Final = 0.1
"""Frames by which places may differ that are the same."""
_WITH_THE_STRIP: Final = 0.5
"""Frames from its first within which a take begins with its strip: where that is retimed, its course is measured."""
_FINER: Final = 4
"""Frames of a take that plays at another speed for each of its own, so that no closure falls between two."""
_SAMPLES: Final = 33
"""Moments by which two courses of a strip are compared."""

Timed = TypeVar("Timed")


@dataclass(frozen=True, slots=True)
class Followed:
    """The strip that a take was baked to, as it was then or when the take last went after it. Kept in the ledger."""

    mark: str
    name: str
    state: str
    """As ``strips.state_of`` has it."""
    begin: float
    end: float
    """The part of the sound that was heard, seconds."""
    course: list[float] = field(default_factory=list)
    """Scene frames of moments spread evenly over that part."""
    take_begin: float = 0.0
    """Seconds of the sound at the first frame of the take's action."""
    take_speed: float = 1.0
    """Seconds of the sound in a second of the action."""
    keys: str = ""
    """What tells the keys of the action, as we wrote them, from any others."""


def followed_from(stored: dict[str, Any]) -> Followed:
    """What was noted. Raises TypeError or ValueError where a person has made it unreadable."""
    plain = Followed(**stored)
    return Followed(
        mark=str(plain.mark),
        name=str(plain.name),
        state=str(plain.state),
        begin=float(plain.begin),
        end=float(plain.end),
        course=[float(frame) for frame in plain.course],
        take_begin=float(plain.take_begin),
        take_speed=float(plain.take_speed),
        keys=str(plain.keys),
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """When the moments of a recording are heard in a scene."""

    place: StripPlace
    begin: float = 0.0
    """Seconds of the place's sound at the recording's first sample."""

    def frame_of(self, second: float) -> float:
        """The scene frame of a moment of the recording."""
        return self.place.frame(self.begin + second)

    def second_of(self, frame: float) -> float:
        """The moment of the recording at a scene frame."""
        return self.place.second(frame) - self.begin


def clock_from(scene: bpy.types.Scene, first: int) -> Clock:
    """Of a recording that begins at a frame and is heard as fast as it was recorded."""
    fps = scene.render.fps / scene.render.fps_base
    return Clock(StripPlace(fps, np.array([first, first + fps]), np.array([0.0, 1.0])))


def active_strip(scene: bpy.types.Scene) -> str:
    """Name of the sequencer's active strip when there is sound in it; else empty."""
    active = scene.sequence_editor.active_strip if scene.sequence_editor else None
    return active.name if active is not None and active.type in {"SOUND", "MOVIE"} else ""


def follow(scene: bpy.types.Scene, name: str, place: StripPlace, first: int, keys: str) -> Followed:
    """Mark a strip, unless it is marked already, and note how a take was baked to it from frame ``first`` on."""
    strip = strips.find(scene, name)
    if not isinstance(strip.get(MARK), str):
        strip[MARK] = uuid.uuid4().hex
    return noted(scene, name, place, Followed(strip[MARK], name, "", 0, 0, [], place.second(first), place.speed, keys))


def noted(scene: bpy.types.Scene, name: str, place: StripPlace, followed: Followed) -> Followed:
    """The same with the strip as it is now."""
    return replace(
        followed,
        name=name,
        state=strips.state_of(scene, name),
        begin=place.begin,
        end=place.end,
        course=course(place, place.begin, place.end),
    )


def course(place: StripPlace, begin: float, end: float) -> list[float]:
    """Scene frames of moments spread evenly over a part of the sound."""
    return [round(place.frame(second), 4) for second in np.linspace(begin, end, _SAMPLES)]


def unmark(scene: bpy.types.Scene, used: Iterable[str]) -> None:
    """Take the marks off the scene's strips but those that are used."""
    still = set(used)
    for strip in strips.playable(scene):
        if MARK in strip and strip[MARK] not in still:
            del strip[MARK]


def find(scene: bpy.types.Scene, followed: Followed) -> str:
    """Name of the strip that a take follows, by its mark; of several copies that of its name. Raises UserError."""
    same = [strip.name for strip in strips.playable(scene) if strip.get(MARK) == followed.mark]
    if not same:
        raise UserError(
            f"The strip '{followed.name}', which the take follows, is gone from the sequencer. "
            "Undo that, or choose another strip and bake again."
        )
    return followed.name if followed.name in same else str(same[0])


def is_followed(scene: bpy.types.Scene, followed: Followed) -> bool:
    """Whether the strip is there and plays what it played, when it did."""
    try:
        return strips.state_of(scene, find(scene, followed)) == followed.state
    except UserError:
        return False


def as_heard(performance: Performance, place: StripPlace, begin: float) -> tuple[Performance, int]:
    """A take as it is seen while its strip plays, and the scene frame of its first.

    ``begin`` is the second of the strip's sound at the take's first sample. The sound of the take stays as it is: it is
    not baked, but heard from the strip.
    """
    fps, last = place.fps, begin + (len(performance.frames) - 1) / performance.frames.fps
    start, end = place.frame(begin), place.frame(last)
    if abs(start - place.frames[0]) < _WITH_THE_STRIP:
        start = float(place.frames[0])
    first = math.floor(start + SAME)
    if abs(start - first) < SAME and abs(end - start - (last - begin) * fps) < SAME:
        return performance, first

    def at(second: float) -> float:
        return max((place.frame(begin + second) - first) / fps, 0.0)

    def timed(events: Sequence[Timed], *names: str) -> tuple[Timed, ...]:
        return tuple(
            replace(event, **{name: at(getattr(event, name)) for name in names})  # type: ignore[type-var]
            for event in events
        )

    speech = performance.speech
    heard = Speech(
        sound=speech.sound,
        rate=speech.rate,
        phones=timed(speech.phones, "start", "end"),
        words=timed(speech.words, "start", "end"),
        sentences=timed(speech.sentences, "start", "end"),
        cues=timed(speech.cues, "time"),
        noises=timed(speech.noises, "start", "end"),
    )
    rate = performance.frames.fps * _FINER
    at_frames = first + np.arange(math.ceil((end - first) / fps * rate) + 1) / rate * fps
    return replace(
        performance,
        frames=_sampled(performance.frames, _seconds(place, at_frames) - begin, rate),
        speech=heard,
        gestures=timed(performance.gestures, "start", "peak", "end"),
    ), first


def _seconds(place: StripPlace, frames: Any) -> Any:
    """What is heard at scene frames, as ``StripPlace.second`` of each [shape=(n,)]."""
    beyond = frames - np.clip(frames, place.frames[0], place.frames[-1])
    return np.interp(frames, place.frames, place.seconds) + beyond / place.fps


def _sampled(frames: Frames, seconds: Any, fps: float) -> Frames:
    """What is seen at some moments of a take, as frames of its own; held at its ends."""
    where = np.clip(seconds * frames.fps, 0, len(frames) - 1)
    left = np.minimum(where.astype(np.intp), max(len(frames) - 2, 0))
    right = np.minimum(left + 1, len(frames) - 1)
    share = (where - left).astype(np.float32)

    def sample(values: Any) -> Any:
        part = share if values.ndim == 1 else share[:, None]
        return values[left] * (1 - part) + values[right] * part

    return Frames(fps, *map(sample, (frames.shapes, frames.head, frames.gaze, frames.breath)))
