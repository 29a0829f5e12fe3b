"""The voice as a sound strip in the scene's sequencer."""

import math
import tempfile
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy

from ..score import Speech
from .ledger import TAKE
from .sequencer import MARK


def add(scene: bpy.types.Scene, speech: Speech, title: str, start: int, take: str) -> None:
    """Put the voice on a free channel from frame ``start``.

    Its samples are packed into the .blend, so that the file needs nothing beside it.
    """
    editor = scene.sequence_editor or scene.sequence_editor_create()
    frames = math.ceil(speech.duration * scene.render.fps / scene.render.fps_base)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(speech.rate)
            file.writeframes(speech.sound.astype("<i2").tobytes())
        channel = _free_channel(editor, start, start + frames)
        strip = editor.strips.new_sound(title, str(path), channel=channel, frame_start=start)
        strip[TAKE] = take
        sound = strip.sound
        sound[TAKE] = take
        sound.name = title
        sound.pack()
        sound.filepath = f"//{bpy.path.clean_name(title)}.wav"


def add_file(scene: bpy.types.Scene, file: str, title: str, frames: tuple[int, int], take: str) -> None:
    """Put a sound file of the user's on a free channel, between two frames, the last left out: its strip, not a copy.

    ``file`` is its path, which may begin with ``//``. Whether it is packed into the .blend is left to the user.
    """
    editor = scene.sequence_editor or scene.sequence_editor_create()
    channel = _free_channel(editor, *frames)
    strip = editor.strips.new_sound(title, file, channel=channel, frame_start=frames[0])
    strip[TAKE] = take
    strip.sound[TAKE] = take


def name(scene: bpy.types.Scene, take: str, wanted: str) -> None:
    """Name a take's strip and sound."""
    for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
        if strip.get(TAKE) == take:
            strip.name = wanted
            if strip.sound.packed_file is not None:
                strip.sound.name = wanted


def hand_over(strip: bpy.types.Strip) -> Callable[[], None]:
    """Let a strip and its sound be the user's, if they were ours; returns what undoes that."""
    marks = [(owner, owner[TAKE]) for owner in (strip, getattr(strip, "sound", None)) if owner and TAKE in owner]
    for owner, _ in marks:
        del owner[TAKE]

    def take_back() -> None:
        for owner, take in marks:
            owner[TAKE] = take

    return take_back


def remove(scene: bpy.types.Scene, takes: set[str], clear_sequencer: bool) -> None:
    """Take the takes' strips and sounds away, and the sequencer if it was made for them and is empty.

    A copy that somebody has put elsewhere is theirs from now on.
    """
    editor = scene.sequence_editor
    if editor is not None:
        for take in takes:
            for copy in _copies([strip for strip in editor.strips_all if strip.get(TAKE) == take]):
                hand_over(copy)
        for strips in list(_collections(editor)):
            for strip in [strip for strip in strips if strip.get(TAKE) in takes]:
                strips.remove(strip)
        if clear_sequencer and not editor.strips:
            scene.sequence_editor_clear()
    for sound in [sound for sound in bpy.data.sounds if sound.get(TAKE) in takes and not sound.users]:
        bpy.data.sounds.remove(sound)


def is_silent(scene: bpy.types.Scene, takes: set[str], marks: set[str]) -> bool:
    """Whether the voice of one of the takes, or a strip of these marks that one follows, cannot be heard."""
    heard = _heard(scene.sequence_editor, takes | marks, scene.use_audio) if scene.sequence_editor else ()
    return not all(heard)


def _heard(holder: Any, wanted: set[str], open_above: bool) -> Iterator[bool]:
    """For every strip of these takes and marks in an editor or a meta strip, whether it is heard."""
    for strip in holder.strips:
        is_open = open_above and not strip.mute and not holder.channels[strip.channel].mute
        if strip.type == "META":
            yield from _heard(strip, wanted, is_open)
        elif strip.type == "SOUND" and (strip.get(TAKE) in wanted or strip.get(MARK) in wanted):
            yield is_open and strip.volume > 0


def _copies(marked: list[bpy.types.Strip]) -> list[bpy.types.Strip]:
    """Of strips with one mark, which Blender copies too, those that begin elsewhere than ours and its cut pieces."""
    ours = min(marked, key=lambda strip: strip.name, default=None)  # a copy is named after it, with a number
    return [strip for strip in marked if ours is not None and _start(strip) != _start(ours)]


def _collections(holder: Any) -> Iterator[Any]:
    """The strips of an editor or a meta strip, innermost first."""
    for strip in holder.strips:
        if strip.type == "META":
            yield from _collections(strip)
    yield holder.strips


def _free_channel(editor: bpy.types.SequenceEditor, start: int, end: int) -> int:
    """The lowest channel that is heard and has no strip between two frames; when all are full, the highest."""
    highest = len(editor.channels) - 1  # there is a channel 0, on which strips cannot lie
    busy = {strip.channel for strip in editor.strips if _first(strip) < end and _last(strip) > start}
    free = (number for number in range(1, highest + 1) if number not in busy and not editor.channels[number].mute)
    return min(free, default=highest)


def _first(strip: bpy.types.Strip) -> int:
    return int(strip.left_handle if hasattr(strip, "left_handle") else strip.frame_final_start)


def _last(strip: bpy.types.Strip) -> int:
    return int(strip.right_handle if hasattr(strip, "right_handle") else strip.frame_final_end)


def _start(strip: bpy.types.Strip) -> float:
    """Frame of the first sample, whatever is trimmed off."""
    return float(strip.content_start if hasattr(strip, "content_start") else strip.frame_start)
