"""The same recordings as ``dialogue/decode.py`` makes, by Blender's own decoder: the extension brings none.

Nothing in here touches bpy: what is to be heard is a plain value (``Source``, made by ``strips`` on the main thread),
and decoding it may take place beside it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import aud
import numpy as np

from ..dialogue.recording import LONGEST, Floats, Recording, check_file, check_layout, check_range, record, too_long
from ..errors import UserError
from ..perform import Progress, no_progress

_EXACT: Final = (b"RIFF", b"RF64", b"fLaC")
"""How files begin in which Blender's decoder finds a place to the sample. In others it is off by up to 25 ms."""
_AT_ONCE: Final = 30
"""Seconds decoded at a time: Python stands still for 35 ms."""
_MARGIN: Final = 1
"""Seconds decoded beside them where the rate is changed, for the filter."""
_MOST_CHANNELS: Final = 6
"""Of a copy as WAV, so that two hours of it remain under the 4 GiB that such a file can have."""
_BUFFERS: Final = (1021, 1019)
"""Samples written at a time. Blender fills up the last time with what was there before, and cannot write a sound whose
length is a multiple of it: no sound is one of both."""
_INCOMPLETE: Final = 0.2
"""Seconds that may be missing of what a file's head promises."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be heard: a file, or a sound packed into the .blend, from ``begin`` to ``end`` seconds."""

    name: str
    path: Path
    packed: bytes | None = None
    begin: float = 0.0
    end: float | None = None


def hear(source: Source, progress: Progress = no_progress) -> Recording:
    """Decode a source. Raises UserError as ``read_recording`` does."""
    name = source.name
    check_range(name, source.begin, source.end)
    with _unpacked(source) as path:
        check_file(path)
        progress(0.0, "decoding")
        with path.open("rb") as file:
            is_exact = file.read(4) in _EXACT
        if is_exact:
            return _heard(source, aud.Sound.file(str(path)), progress, is_promise=True)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "whole.wav"
            _write(source, path, copy)
            return _heard(source, aud.Sound.file(str(copy)), progress, is_promise=False)


@contextmanager
def _unpacked(source: Source) -> Iterator[Path]:
    """A file of the sound: Blender's decoder reads nothing else."""
    if source.packed is None:
        yield source.path
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "packed"
        path.write_bytes(source.packed)
        yield path


def _write(source: Source, path: Path, copy: Path) -> None:
    """Decode all of it from its first sample on: that alone is exact. Python stands still, a second for 15 minutes."""
    name, sound = source.name, aud.Sound.file(str(path))
    rate, channels = _specs(name, sound)
    channels = min(channels, _MOST_CHANNELS)
    end = source.begin + LONGEST if source.end is None else source.end
    # How long it is may be a guess, which is good enough to ask for room.
    needed = round(min(end, sound.length / rate) * rate) * channels * 2
    if needed > shutil.disk_usage(copy.parent).free:
        raise UserError(
            f"{name} needs {needed >> 20} MB in {copy.parent.parent} while it is decoded. Make room, or export it as "
            "WAV or FLAC."
        )
    sound = sound.limit(0, end + 1)
    form = (channels, aud.FORMAT_S16, aud.CONTAINER_WAV, aud.CODEC_PCM, 0)
    for size in _BUFFERS:
        try:
            sound.write(str(copy), round(rate), *form, size)
        except aud.error as error:
            reason = error
        else:
            return
    raise _unreadable(name) from reason


def _heard(source: Source, sound: Any, progress: Progress, is_promise: bool) -> Recording:
    """A sound in which each place can be found."""
    name = source.name
    source_rate, channels = _specs(name, sound)
    rate = check_layout(name, source_rate, channels)
    length = sound.length / source_rate
    if length <= source.begin:
        raise UserError(
            f"{name} ends at {length:.1f} s, before the part that begins at {source.begin:g} s. Choose an earlier "
            "begin."
        )
    end = length if source.end is None else min(source.end, length)
    if end - source.begin > LONGEST:
        raise too_long(name)
    first, last = round(source.begin * rate), round(end * rate)

    def pieces() -> Iterator[Floats]:
        for second in range(int(source.begin), int(np.ceil(end)), _AT_ONCE):
            progress((second - int(source.begin)) / (end - int(source.begin)), "decoding")
            piece, at = _piece(name, sound, source_rate, rate, second), second * rate
            kept = piece[max(0, first - at) : max(0, last - at)].T
            if not kept.shape[1]:
                return
            yield kept

    recording = record(name, rate, channels, pieces)
    if is_promise and recording.duration < end - source.begin - _INCOMPLETE:
        note = (
            f"{name} is not complete: {recording.duration:.1f} of {end - source.begin:.1f} s are there, and used. Copy "
            "or export it again to have the rest."
        )
        return replace(recording, notes=(note, *recording.notes))
    return recording


def _piece(name: str, sound: Any, source_rate: float, rate: int, second: int) -> Floats:
    """``_AT_ONCE`` seconds from ``second`` on [shape=(n, channels)]; fewer at the end."""
    before = min(second, _MARGIN) if rate != source_rate else 0
    after = _MARGIN if rate != source_rate else 0
    # A quarter of a sample more, so that rounding down in Blender arrives at this sample and not at the one before.
    part = sound.limit(second - before + 0.25 / source_rate, second + _AT_ONCE + after + 0.25 / source_rate)
    try:
        made = np.asarray((part.resample(rate, 1) if rate != source_rate else part).data(), np.float32)
    except aud.error as error:
        raise _unreadable(name) from error
    return made[before * rate :][: _AT_ONCE * rate]


def _specs(name: str, sound: Any) -> tuple[float, int]:
    """Rate and channels. Raises UserError."""
    try:
        rate, channels = sound.specs
    except aud.error as error:
        raise _unreadable(name) from error
    return float(rate), int(channels)


def _unreadable(name: str) -> UserError:
    return UserError(
        f"{name} has no sound that can be read. Choose a WAV, FLAC, OGG or MP3 file or a video with a sound track, or "
        "export it again."
    )
