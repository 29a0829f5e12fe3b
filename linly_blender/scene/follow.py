"""A take goes where the sound strip it was baked to has gone: as it is, with what an artist has changed in its keys."""

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import bpy
import numpy as np

from ..errors import UserError
from . import actions, ledger, markers, sequencer, strips, word_markers
from .bake import grow_range
from .character import Character
from .remove import check_not_tweaked
from .sequencer import Followed
from .strips import StripPlace

Change = Literal["none", "moved", "retimed", "trimmed"]

_SLACK: Final = 0.005
"""Seconds, beside a frame, by which a part may be rounded off where a strip is retimed."""
_FAR: Final = 1e6
"""Frames before and after a take, which go as far as its ends do."""


@dataclass(frozen=True, slots=True)
class Following:
    """A take on a character, the strip it follows, and what has become of that."""

    take: str
    followed: Followed
    strip: str
    """The strip's name now."""
    now: StripPlace
    change: Change


def following(scene: bpy.types.Scene, character: Character) -> Following:
    """What a character's take follows.

    Raises:
        UserError: no take on it follows a strip, or the strip is gone, or nothing of it is heard.
    """
    entries = ledger.read(scene)
    for take in sorted(ledger.takes_of(character) & set(entries)):
        followed = entries[take].follows
        if followed is not None:
            strip = sequencer.find(scene, followed)
            if strips.state_of(scene, strip) == followed.state:
                return Following(take, followed, strip, strips.place_of(scene, strip), "none")
            now = strips.place_of(scene, strip)
            return Following(take, followed, strip, now, _change(followed, now))
    raise UserError(
        f"No take on '{character.name}' follows a strip. Bake a recording that is a strip of the sequencer."
    )


def _change(followed: Followed, now: StripPlace) -> Change:
    frame = max(now.speed, followed.take_speed, 1.0) / now.fps + _SLACK
    if abs(now.begin - followed.begin) > frame or abs(now.end - followed.end) > frame:
        return "trimmed"
    return "retimed" if _shift(followed, now) is None else "moved"


def _shift(followed: Followed, now: StripPlace) -> int | None:
    """Whole frames by which a strip was moved; None where it was retimed."""
    shifts = np.subtract(sequencer.course(now, followed.begin, followed.end), followed.course)
    shift = round(float(np.median(shifts)))
    return shift if np.abs(shifts - shift).max() < sequencer.SAME else None


def is_as_baked(found: Following) -> bool:
    """Whether nobody has changed the take's keys by hand."""
    ours = [action for action in bpy.data.actions if ledger.is_ours(action, {found.take})]
    return all(actions.digest(action) == found.followed.keys for action in ours)


def move(scene: bpy.types.Scene, character: Character, found: Following) -> None:
    """Move and stretch the take's strips, keys and markers to where its sound is heard now.

    Raises UserError while one of its strips is tweaked; then nothing has changed.
    """
    owners = ledger.owners(character)
    for name, owner in owners.items():
        check_not_tweaked(name, owner)
    was_as_baked = is_as_baked(found)
    followed, now = found.followed, found.now
    begins, ends = (now.frame(second) for second in (followed.begin, followed.end))
    scale = (ends - begins) * followed.take_speed / ((followed.end - followed.begin) * now.fps)
    first = begins + (followed.take_begin - followed.begin) / followed.take_speed * now.fps * scale
    shift = _shift(followed, now) if found.change == "moved" else None
    stretched: dict[str, bpy.types.Action] = {}
    for owner in owners.values():
        data = owner.animation_data
        if data is None:
            continue
        if ledger.is_ours(data.action, {found.take}):
            stretched[data.action.name] = data.action
        for track in data.nla_tracks:
            ours = [strip for strip in track.strips if ledger.is_ours(strip.action, {found.take})]
            if shift is not None:  # the artist's layout of them stays; none may run into the next
                for strip in reversed(ours) if shift > 0 else ours:
                    strip.frame_start_ui += shift
                continue
            for strip in ours:
                strip.scale = scale
                strip.frame_start_ui = first + (strip.action_frame_start - strip.action.frame_start) * scale
    if shift is not None:
        scale = 1.0
    for action in stretched.values():
        actions.stretch(action, first if shift is None else action.frame_start + shift, scale)
    entries = ledger.read(scene)
    entry = entries[found.take]

    def moved(frame: float) -> float:
        return float(np.interp(frame, *_whole(followed, now)))

    markers.remove(scene, entry.markers)
    entry.markers = markers.add(scene, [(name, round(moved(frame))) for name, frame in entry.markers])
    word_markers.shift(scene, {followed.name, found.strip}, moved, found.strip)
    keys = followed.keys
    if stretched and was_as_baked:
        keys = actions.digest(next(iter(stretched.values())))
    speed = followed.take_speed / scale if stretched else followed.take_speed
    entry.follows = replace(sequencer.noted(scene, found.strip, now, followed), take_speed=speed, keys=keys)
    first_frame, last_frame = ledger.span(character) or (scene.frame_start, scene.frame_end)
    grow_range(scene, entry, math.floor(first_frame), math.ceil(last_frame))
    ledger.write(scene, entries)
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)


def _whole(followed: Followed, now: StripPlace) -> tuple[list[float], list[float]]:
    """Frames of the timeline before the strip's change, and the same after it, ascending."""
    before, after = followed.course, sequencer.course(now, followed.begin, followed.end)
    return [before[0] - _FAR, *before, before[-1] + _FAR], [after[0] - _FAR, *after, after[-1] + _FAR]
