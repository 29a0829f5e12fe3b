"""What Blender plays of a strip when, measured by a ruler in the strip's place: a sound whose level is its own time."""

import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import aud
import bpy
import numpy as np
from numpy.typing import NDArray

from ..dialogue.recording import LONGEST
from ..errors import UserError

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


def measure(scene: bpy.types.Scene, names: Sequence[str], first: int, last: int) -> tuple[Floats, Floats]:
    """What Blender plays of a strip's sound between two frames of the scene.

    Parameters: names of the strip and of the meta strips it lies in, innermost first; the frames.
    Returns: frames, ascending, and the seconds of the file that are heard at them [shape=(n,), (n,)].
    Raises UserError: nothing is heard, or Blender cannot write what it plays.
    """
    for _ in range(3):  # once in many times the first mix of a scene comes out shifted
        seconds = _reading(scene, names, first, last)
        again = _reading(scene, names, first, min(last, first + _CHECKED))
        if np.nanmax(np.abs(again - seconds[: len(again)]), initial=0.0) < _EVEN:
            break
    heard = np.flatnonzero(np.isfinite(seconds))
    if len(heard) < 2:
        raise UserError(f"Nothing of the strip '{names[0]}' is heard. Check its trim, and that of its meta strip.")
    # Read in the middle of frames; a begin and an end that cannot be read well lie where the strip has them.
    frames, seconds = first + 0.5 + heard, seconds[heard]
    begin = first if heard[0] <= _EDGE else frames[0] - 0.5
    end = last if heard[-1] >= last - first - 1 - _EDGE else frames[-1] + 0.5
    before = seconds[0] - (frames[0] - begin) * (seconds[1] - seconds[0]) / (frames[1] - frames[0])
    after = seconds[-1] + (end - frames[-1]) * (seconds[-1] - seconds[-2]) / (frames[-1] - frames[-2])
    seconds = np.maximum.accumulate(np.concatenate([[before], seconds, [after]]))
    return np.concatenate([[begin], frames, [end]]), np.maximum(seconds, 0.0)


def _reading(scene: bpy.types.Scene, names: Sequence[str], first: int, last: int) -> Floats:
    """Second of the file heard in the middle of each frame, NaN where it is silent [shape=(last - first,)].

    It is played in a copy of the scene that holds the sequencer alone; nothing of it remains.
    """
    fps = scene.render.fps / scene.render.fps_base
    copy = scene.copy()
    sound = None
    try:
        for child in list(copy.collection.children):
            copy.collection.children.unlink(child)
        for obj in list(copy.collection.objects):
            copy.collection.objects.unlink(obj)
        strip, *metas = (copy.sequence_editor.strips_all[name] for name in names)
        _play_only(copy, strip, metas)
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
            ahead = 0 if metas else _to_the_first_frame(strip)
            copy.frame_start, copy.frame_end = first - ahead, last - ahead
            with bpy.context.temp_override(scene=copy):
                bpy.ops.sound.mixdown(
                    filepath=str(mix), check_existing=False, container="WAV", codec="PCM", format="F32",
                    mixrate=_MIX_RATE, accuracy=_ACCURACY,
                )  # fmt: skip
            try:
                levels = aud.Sound.file(str(mix)).data()
            except aud.error as error:  # Blender says in its own words that it could write none
                raise UserError(
                    f"How the strip '{names[0]}' is retimed cannot be found out, because this Blender writes no WAV "
                    "files. Take its retiming keys away, or use Blender as blender.org has it."
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


def _play_only(scene: bpy.types.Scene, strip: Any, metas: Sequence[Any]) -> None:
    """Make one strip of a copied scene play, as it is, at full volume, and no other."""
    scene.animation_data_clear()
    scene.use_audio, scene.audio_volume = True, 1.0
    scene.render.ffmpeg.audio_channels = "STEREO"
    for other in scene.sequence_editor.strips_all:
        other.mute = other != strip and other not in metas
    for holder in (scene.sequence_editor, *metas):
        for channel in holder.channels:
            channel.mute = False
    for one in (strip, *metas):
        if hasattr(one, "volume"):
            one.volume = 1.0
    strip.pan = 0.0
    strip.modifiers.clear()
    if hasattr(strip, "pitch_correction"):  # since 5.2; it takes the ruler apart
        strip.pitch_correction = False


def _to_the_first_frame(strip: Any) -> int:
    """Move a strip so that its content begins at frame 0; returns by how many frames it came later.

    Blender leaves the speeds of the frames before a retimed strip unset, and takes them into account in its first
    frame: what is there by chance shifts the sound, or ends Blender in a division by zero.
    """
    name = "content_start" if hasattr(strip, "content_start") else "frame_start"
    later = max(int(getattr(strip, name)), 0)
    setattr(strip, name, getattr(strip, name) - later)
    return later


def _write_ruler(path: Path, length: float) -> None:
    """Two channels: a level that rises over ``length`` seconds, and one that stays."""
    count = int(length * _RULER_RATE)
    levels = np.full((count, 2), _HIGH * 2**31, "<i4")
    levels[:, 0] = (_LOW + (_HIGH - _LOW) * np.arange(count) / (length * _RULER_RATE)) * 2**31
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(4)
        file.setframerate(_RULER_RATE)
        file.writeframes(levels.tobytes())


def _length(sound: bpy.types.Sound) -> float:
    """Seconds of a ruler that is longer than a sound, whose length may be a guess."""
    path = Path(bpy.path.abspath(sound.filepath, library=sound.library))
    if sound.packed_file or not path.is_file():
        return LONGEST
    try:
        whole = aud.Sound.file(str(path))
        return float(1.5 * whole.length / whole.specs[0]) + 2.0
    except aud.error:
        return LONGEST
