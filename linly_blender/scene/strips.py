"""Sound strips of the sequencer: what of which file they play, and when.

A strip can be trimmed, moved, retimed in parts and packed into meta strips that are themselves trimmed and retimed; of
the retiming Blender's interface for programs tells only where its keys lie. So where the answer is not plain, Blender
is asked to play a ruler in the strip's place: a sound whose level is its own time.
"""

import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aud
import bpy
import numpy as np
from numpy.typing import NDArray

from ..dialogue.recording import LONGEST
from ..errors import UserError
from .hear import Source

Floats = NDArray[np.float64]

_RULER_RATE: Final = 1000
_MIX_RATE: Final = 8000
_ACCURACY: Final = 64
"""Samples that Blender mixes at one speed."""
_LOW, _HIGH = 0.1, 0.9
"""Levels of the ruler's begin and end; its second channel is always at the higher, so that the ratio tells the time."""
_HEARD: Final = 0.2
_STEADY: Final = 0.02
"""The ruler is read where its second channel is heard, and as loud as it is on the whole: where a sound begins or ends,
Blender's change of rates rings."""
_EDGE: Final = 2
"""Frames at either end of a strip that need not be read."""
_CHECKED: Final = 240
"""Frames that are measured twice ..."""
_EVEN: Final = 0.005
"""... and agree to this many seconds."""


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
    return _measured(scene, strip, first, last)


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


def _measured(scene: bpy.types.Scene, strip: Any, first: int, last: int) -> StripPlace:
    """What Blender plays in the frames in which the strip is heard, read off a ruler."""
    for _ in range(3):  # once in many times the first mix of a scene comes out shifted
        seconds = _reading(scene, strip.name, first, last)
        again = _reading(scene, strip.name, first, min(last, first + _CHECKED))
        if np.nanmax(np.abs(again - seconds[: len(again)]), initial=0.0) < _EVEN:
            break
    heard = np.flatnonzero(np.isfinite(seconds))
    if len(heard) < 2:
        raise UserError(f"Nothing of the strip '{strip.name}' is heard. Check its trim, and that of its meta strip.")
    # Read in the middle of frames; a begin and an end that cannot be read well lie where the strip has them.
    frames, seconds = first + 0.5 + heard, seconds[heard]
    begin = first if heard[0] <= _EDGE else frames[0] - 0.5
    end = last if heard[-1] >= last - first - 1 - _EDGE else frames[-1] + 0.5
    before = seconds[0] - (frames[0] - begin) * (seconds[1] - seconds[0]) / (frames[1] - frames[0])
    after = seconds[-1] + (end - frames[-1]) * (seconds[-1] - seconds[-2]) / (frames[-1] - frames[-2])
    seconds = np.maximum.accumulate(np.concatenate([[before], seconds, [after]]))
    return StripPlace(_fps(scene), np.concatenate([[begin], frames, [end]]), np.maximum(seconds, 0.0))


def _reading(scene: bpy.types.Scene, name: str, first: int, last: int) -> Floats:
    """Second of the file heard in the middle of each frame, NaN where it is silent [shape=(last - first,)].

    It is played in a copy of the scene that holds the sequencer alone; nothing of it remains.
    """
    fps = _fps(scene)
    copy = scene.copy()
    sound = None
    try:
        for child in list(copy.collection.children):
            copy.collection.children.unlink(child)
        for obj in list(copy.collection.objects):
            copy.collection.objects.unlink(obj)
        strip = copy.sequence_editor.strips_all[name]
        _play_only(copy, strip)
        with tempfile.TemporaryDirectory() as folder:
            ruler, mix = Path(folder) / "ruler.wav", Path(folder) / "mix.wav"
            length = _length(strip.sound)
            _write_ruler(ruler, length)
            sound = strip.sound.copy()
            if sound.packed_file:
                sound.unpack(method="REMOVE")
            sound.filepath = str(ruler)
            sound.use_mono = False
            strip.sound = sound
            copy.frame_start, copy.frame_end = first, last
            with bpy.context.temp_override(scene=copy):
                bpy.ops.sound.mixdown(
                    filepath=str(mix), check_existing=False, container="WAV", codec="PCM", format="F32",
                    mixrate=_MIX_RATE, accuracy=_ACCURACY,
                )  # fmt: skip
            try:
                levels = aud.Sound.file(str(mix)).data()
            except aud.error as error:  # Blender says in its own words that it could write none
                raise UserError(
                    f"How the strip '{name}' is retimed cannot be found out, because this Blender writes no WAV files. "
                    "Take its retiming keys away, or use Blender as blender.org has it."
                ) from error
    finally:
        bpy.data.scenes.remove(copy)
        if sound is not None:
            bpy.data.sounds.remove(sound)
    times = (np.arange(last - first) + 0.5) / fps
    places = np.minimum((times * _MIX_RATE).astype(np.intp), len(levels) - 1)
    ramp, even = levels[places, 0].astype(float), levels[places, -1].astype(float)
    seconds = np.full(last - first, np.nan)
    audible = even[even > _HEARD]
    if len(audible):
        heard = np.abs(even / np.median(audible) - 1) < _STEADY
        seconds[heard] = (ramp[heard] / even[heard] * _HIGH - _LOW) / (_HIGH - _LOW) * length
    return seconds


def _play_only(scene: bpy.types.Scene, strip: Any) -> None:
    """Make one strip of a copied scene play, as it is, at full volume, and no other."""
    scene.animation_data_clear()
    scene.use_audio, scene.audio_volume = True, 1.0
    scene.render.ffmpeg.audio_channels = "STEREO"
    chain = [strip, *_metas(scene, strip)]
    for other in scene.sequence_editor.strips_all:
        other.mute = other not in chain
    for holder in (scene.sequence_editor, *chain[1:]):
        for channel in holder.channels:
            channel.mute = False
    for one in chain:
        if hasattr(one, "volume"):
            one.volume = 1.0
    strip.pan = 0.0
    strip.modifiers.clear()
    if hasattr(strip, "pitch_correction"):  # since 5.2; it takes the ruler apart
        strip.pitch_correction = False


def _write_ruler(path: Path, length: float) -> None:
    """Two channels: a level that rises over ``length`` seconds, and one that stays."""
    levels = np.full((int(length * _RULER_RATE), 2), _HIGH)
    levels[:, 0] = _LOW + (_HIGH - _LOW) * np.arange(len(levels)) / (length * _RULER_RATE)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(4)
        file.setframerate(_RULER_RATE)
        file.writeframes((levels * 2**31).astype("<i4").tobytes())


def _length(sound: bpy.types.Sound) -> float:
    """Seconds of a ruler that is longer than a sound."""
    path = Path(bpy.path.abspath(sound.filepath, library=sound.library))
    if sound.packed_file or not path.is_file():
        return LONGEST
    try:
        whole = aud.Sound.file(str(path))
        return min(float(1.5 * whole.length / whole.specs[0]) + 2.0, LONGEST)
    except aud.error:
        return LONGEST


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
