"""Sound strips of the sequencer: what of which file they play, and when.

A strip can be trimmed, moved, retimed in parts and packed into meta strips that are themselves trimmed and retimed; of
the retiming Blender's interface for programs tells only where its keys lie. So where the answer is not plain, it is
measured (``ruler``).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from . import ruler
from .hear import Source

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class StripPlace:
    """When a strip plays what: frame by frame of the scene, seconds of the file.

    Frame ``f`` is the moment ``f / fps`` of the scene's sound, as a strip that starts on it takes it.
    """

    fps: float
    frames: Floats
    """Of the scene, ascending, from where the strip begins to be heard to where it ends [shape=(n,)]."""
    seconds: Floats
    """Of the sound file, heard at those moments; they never decrease [shape=(n,)]."""

    @property
    def begin(self) -> float:
        """Second of the file that is heard first."""
        return float(self.seconds[0])

    @property
    def end(self) -> float:
        """Second of the file that is heard last."""
        return float(self.seconds[-1])

    @property
    def speed(self) -> float:
        """How many times faster than it was recorded it is heard, on the whole."""
        return (self.end - self.begin) / float(self.frames[-1] - self.frames[0]) * self.fps

    def frame(self, second: float) -> float:
        """Where in the scene a moment of the file is heard; before its begin and after its end at its own speed."""
        inside = float(np.interp(second, self.seconds, self.frames))
        beyond = second - min(max(second, self.begin), self.end)
        return inside + beyond * self.fps

    def second(self, frame: float) -> float:
        """What is heard at a frame: the counterpart of ``frame``."""
        inside = float(np.interp(frame, self.frames, self.seconds))
        beyond = frame - min(max(frame, float(self.frames[0])), float(self.frames[-1]))
        return inside + beyond / self.fps


def of_file(filepath: str) -> Source:
    """A file as Blender writes its path, ``//`` included."""
    path = Path(bpy.path.abspath(filepath))
    return Source(path.name, path)


def playable(scene: bpy.types.Scene) -> list[bpy.types.Strip]:
    """All sound and movie strips of a scene, in meta strips too, in the order in which they are heard."""
    editor = scene.sequence_editor
    strips = [strip for strip in editor.strips_all if strip.type in ("SOUND", "MOVIE")] if editor else []
    return sorted(strips, key=lambda strip: (_left(strip), strip.channel))


def find(scene: bpy.types.Scene, name: str) -> bpy.types.Strip:
    """The sound or movie strip of that name. Raises UserError."""
    for strip in playable(scene):
        if strip.name == name:
            return strip
    raise UserError(f"There is no sound strip '{name}' in the scene '{scene.name}'. Choose one of the sequencer.")


def source_of(scene: bpy.types.Scene, name: str) -> Source:
    """What a strip plays, from its first moment that is heard to its last. Raises UserError."""
    place = place_of(scene, name)
    strip = find(scene, name)
    if strip.type == "MOVIE":
        return Source(name, Path(bpy.path.abspath(strip.filepath, library=scene.library)), None, place.begin, place.end)
    sound = strip.sound
    path = Path(bpy.path.abspath(sound.filepath, library=sound.library))
    packed = sound.packed_file.data if sound.packed_file else None
    return Source(name, path, packed, place.begin, place.end)


def place_of(scene: bpy.types.Scene, name: str) -> StripPlace:
    """When a strip plays what. Raises UserError."""
    strip = find(scene, name)
    if strip.type == "SOUND" and strip.sound is None:
        raise UserError(f"The strip '{name}' has lost its sound. Choose another strip, or give it one.")
    first, last = _heard_frames(scene, strip)
    if last <= first:
        raise UserError(f"Nothing of the strip '{name}' is heard. Check its trim, and that of its meta strip.")
    is_plain = not strip.retiming_keys and not _metas(scene, strip)
    if strip.type == "MOVIE":
        if not is_plain:
            raise UserError(
                f"The movie strip '{name}' is retimed or in a meta strip. Choose the sound strip beside it."
            )
        return _movie_place(scene, strip, first, last)
    if is_plain and not _is_of_a_movie(scene, strip):
        return _linear(_fps(scene), first, last, _plain_second(scene, strip))
    names = [one.name for one in (strip, *_metas(scene, strip))]
    return StripPlace(_fps(scene), *ruler.measure(scene, names, first, last))


def state_of(scene: bpy.types.Scene, name: str) -> str:
    """A word that changes when a strip plays something else or at another time: cheap enough for every redraw."""
    try:
        strip = find(scene, name)
    except UserError:
        return ""
    chain = [strip, *_metas(scene, strip)]
    keys = [key.timeline_frame for key in getattr(strip, "retiming_keys", ())]
    what = strip.filepath if strip.type == "MOVIE" else strip.sound and strip.sound.filepath
    numbers = [(_left(one), _right(one), _start(one), _skipped(one)) for one in chain]
    return repr((what, round(_fps(scene), 4), numbers, getattr(strip, "sound_offset", 0.0), keys))


def _plain_second(scene: bpy.types.Scene, strip: Any) -> float:
    """Second of the file at the strip's first frame, as Blender reckons it; negative: silence comes first."""
    return float((_offset(strip) + _skipped(strip)) / _fps(scene) - strip.sound_offset)


def _linear(fps: float, first: float, last: float, second: float, speed: float = 1.0) -> StripPlace:
    """A place at one speed, without the silence before the file's first sample."""
    if second < 0:
        first, second = first - second / speed * fps, 0.0
    frames = np.array([first, max(last, first + 1e-3)])
    return StripPlace(fps, frames, second + (frames - first) / fps * speed)


def _movie_place(scene: bpy.types.Scene, strip: Any, first: float, last: float) -> StripPlace:
    """Of a movie strip, which is silent itself: what its sound track would play."""
    movie_fps = strip.fps or _fps(scene)
    shown = _right(strip) - _left(strip) + _offset(strip) + _offset_end(strip)
    step = _duration(strip) / max(1.0, shown) / movie_fps  # seconds of the movie in a frame of the scene
    return _linear(_fps(scene), first, last, _skipped(strip) / movie_fps + _offset(strip) * step, step * _fps(scene))


def _is_of_a_movie(scene: bpy.types.Scene, strip: Any) -> bool:
    """Whether it came with a movie: then its sound may begin a part of a frame off, which only Blender knows."""
    path = bpy.path.abspath(strip.sound.filepath)
    return any(one.type == "MOVIE" and bpy.path.abspath(one.filepath) == path for one in playable(scene))


def _heard_frames(scene: bpy.types.Scene, strip: Any) -> tuple[int, int]:
    """The frames between which a strip is heard, as far as trims tell."""
    chain = [strip, *_metas(scene, strip)]
    return max(_left(one) for one in chain), min(_right(one) for one in chain)


def _metas(scene: bpy.types.Scene, strip: Any) -> list[Any]:
    """The meta strips that a strip lies in, innermost first."""

    def within(holder: Any) -> list[Any] | None:
        for one in holder.strips:
            if one == strip:
                return []
            if one.type == "META" and (found := within(one)) is not None:
                return [*found, one]
        return None

    return within(scene.sequence_editor) or []


def _fps(scene: bpy.types.Scene) -> float:
    return float(scene.render.fps / scene.render.fps_base)


# What 5.1 has given other names; the old ones warn there.


def _left(strip: Any) -> int:
    """Frame from which a strip is seen and heard."""
    return int(strip.left_handle if hasattr(strip, "left_handle") else strip.frame_final_start)


def _right(strip: Any) -> int:
    """Frame before which it ends."""
    return int(strip.right_handle if hasattr(strip, "right_handle") else strip.frame_final_end)


def _start(strip: Any) -> float:
    """Frame at which its untrimmed content begins."""
    return float(strip.content_start if hasattr(strip, "content_start") else strip.frame_start)


def _offset(strip: Any) -> float:
    """Frames trimmed from its begin by the left handle."""
    return float(strip.left_handle_offset if hasattr(strip, "left_handle_offset") else strip.frame_offset_start)


def _offset_end(strip: Any) -> float:
    """The same at its end."""
    return float(strip.right_handle_offset if hasattr(strip, "right_handle_offset") else strip.frame_offset_end)


def _skipped(strip: Any) -> int:
    """Frames of the content that are as if they were not there."""
    return int(strip.content_trim_start if hasattr(strip, "content_trim_start") else strip.animation_offset_start)


def _duration(strip: Any) -> int:
    """Frames of the content."""
    return int(strip.content_duration if hasattr(strip, "content_duration") else strip.frame_duration)
