"""Any sound file, or the sound of a video, as a recording: by PyAV, outside Blender.

Inside Blender its own decoder does the same (``scene/hear.py``). Second 0 is the first sample of the sound track.
"""

import importlib
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..errors import UserError
from ..perform import Progress, no_progress
from .recording import LONGEST, Floats, Recording, check_file, check_layout, check_range, record, too_long

__all__ = ["Recording", "read_recording"]

_BY_GUESS: Final = ("mp3", "aac", "ac3", "eac3", "dts", "amr", "loas")
"""Formats without an index or times, in which a place is only guessed at: what comes before it is read, not decoded."""
_BEFORE: Final = 0.3
"""Seconds before the begin from which is decoded: a frame of MP3 needs what its neighbours before it have kept."""
_STEP: Final = 2.0
"""Seconds of sound between two reports of progress."""
_MOST_BREAKS: Final = 1000
"""Places at which a file cannot be read on, of which more is no recording any more."""
_GAP: Final = 0.05
"""Seconds between two frames that are silence; less is how containers round their times."""
_INCOMPLETE: Final = 0.2
"""Seconds that may be missing of what a file's head promises."""


def read_recording(
    path: Path, *, begin: float = 0.0, end: float | None = None, progress: Progress = no_progress
) -> Recording:
    """Decode a file, or its part from ``begin`` to ``end`` seconds.

    The first sound track is taken. Of a surround mix the centre is heard where it carries anything, else all channels
    are mixed. What is damaged is left out, and a note says so.

    Raises UserError: PyAV is missing; no such file; nothing in it can be heard; shorter than ``SHORTEST`` or longer
    than ``LONGEST`` seconds.
    """
    return _File(path, begin, end, progress).recording()


class _File:
    """A file that is being decoded."""

    def __init__(self, path: Path, begin: float, end: float | None, progress: Progress) -> None:
        check_range(path.name, begin, end)
        self._path = path
        self._begin = begin
        self._end = end
        self._progress = progress
        self._seconds = 0.0
        """Of the part, as far as they are known before."""
        self._rate = 0
        self._channels = 0
        self._damaged = 0
        self._missing = 0.0  # seconds
        self._av = _pyav()

    def recording(self) -> Recording:
        name, notes = self._path.name, []
        with self._open() as (container, stream):
            self._rate = check_layout(name, stream.rate or 0, stream.channels or 0)
            self._channels = int(stream.channels)
            duration = _duration(container, stream)
            is_promise = duration is not None and container.format.name not in _BY_GUESS
            tracks = len(container.streams.audio)
        if duration is not None and self._begin >= duration:
            raise UserError(
                f"{name} ends at {duration:.1f} s, before the part that begins at {self._begin:g} s. Choose an earlier "
                "begin."
            )
        self._seconds = min(math.inf if end is None else end for end in (self._end, duration)) - self._begin
        if self._seconds > LONGEST and math.isfinite(self._seconds):
            raise too_long(name)
        recording = record(name, self._rate, self._channels, self._pieces)
        if tracks > 1:
            notes.append(
                f"{name} has {tracks} sound tracks; the first one is used. Export another one as WAV to use that."
            )
        if self._damaged:
            notes.append(
                f"{name} is damaged at {self._damaged} places, which were left out. Check the movement there, or "
                "export it again."
            )
        if self._missing:
            notes.append(
                f"{name} leaves out {self._missing:.1f} s of its sound, which stay silent. Check the movement there, "
                "or export it again."
            )
        if is_promise and recording.duration < self._seconds - _INCOMPLETE:
            notes.append(
                f"{name} is not complete: {recording.duration:.1f} of {self._seconds:.1f} s are there, and used. Copy "
                "or export it again to have the rest."
            )
        return replace(recording, notes=(*notes, *recording.notes))

    @contextmanager
    def _open(self) -> Iterator[tuple[Any, Any]]:
        """The file and its first sound track. Raises UserError."""
        name = self._path.name
        check_file(self._path)
        try:
            # A playlist may point at other files and at servers: nothing but this file is read.
            only = {"protocol_whitelist": "file"}
            try:
                container = self._av.open(str(self._path), options=only)
            except UnicodeDecodeError:  # of a title; since 19 it does not matter, and cannot be asked for any more
                container = self._av.open(str(self._path), options=only, metadata_errors="replace")
        except (self._av.FFmpegError, OSError) as error:
            raise _no_sound(name) from error
        with container:
            # Of a track in a code that is not known there is no more than its number.
            tracks = [stream for stream in container.streams.audio if stream.codec_context is not None]
            if not tracks:
                raise _no_sound(name)
            stream = tracks[0]
            stream.thread_type = "AUTO"
            yield container, stream

    def _pieces(self) -> Iterator[Floats]:
        """The part, at the recording's rate [shape=(channels, n)]."""
        self._damaged, self._missing = 0, 0.0
        first = round(self._begin * self._rate)
        last = math.inf if self._end is None else round(self._end * self._rate)
        told = -_STEP
        for piece, at in self._from(first):
            done = (at - first) / self._rate
            if done - told >= _STEP:
                told = done
                self._progress(min(1.0, max(0.0, done / self._seconds)), "decoding")
            begin, end = max(0, first - at), min(piece.shape[1], last - at)
            if begin < end:
                yield piece[:, begin:end]
            if at + piece.shape[1] >= last:
                return

    def _from(self, first: int) -> Iterator[tuple[Floats, int]]:
        """Pieces from sample ``first`` or somewhat before on, each with the number of its first sample."""
        with self._open() as (container, stream):
            skipped = max(0.0, self._begin - _BEFORE)
            if skipped and container.format.name not in _BY_GUESS:
                place = skipped + float((stream.start_time or 0) * stream.time_base)
                with suppress(self._av.FFmpegError):  # what cannot be sought in is decoded from its first sample on
                    container.seek(round(place / stream.time_base), stream=stream)
            pieces = self._decoded(container, stream, skipped)
            piece, at = next(pieces, (None, 0))
            if piece is not None and at <= first:
                yield piece, at
                yield from pieces
                return
        with self._open() as (container, stream):  # nothing is where the index says, or the place was missed
            yield from self._decoded(container, stream, 0.0)

    def _decoded(self, container: Any, stream: Any, skipped: float) -> Iterator[tuple[Floats, int]]:
        """The rest of the file; what is known to lie before ``skipped`` seconds is not decoded."""
        zero = float((stream.start_time or 0) * stream.time_base)
        resampler: Any = None
        layout, at = None, 0
        for packet in self._packets(container, stream):
            if skipped and packet.pts is not None and float(packet.pts * stream.time_base) - zero < skipped:
                continue
            try:
                frames = packet.decode()
            except self._av.FFmpegError:
                self._damaged += 1
                continue
            for frame in frames:
                if layout != (layout := (frame.format.name, frame.layout.name, frame.sample_rate)):
                    if resampler is None and skipped and frame.pts is not None:
                        at = round((float(frame.pts * frame.time_base) - zero) * self._rate)
                    resampler = self._av.AudioResampler(format="fltp", layout=frame.layout, rate=self._rate)
                for piece in self._gap(container, frame, zero, at):
                    yield piece, at
                    at += piece.shape[1]
                for made in resampler.resample(frame):
                    yield self._with_channels(made.to_ndarray()), at
                    at += made.samples
        for made in () if resampler is None else resampler.resample(None):
            yield self._with_channels(made.to_ndarray()), at
            at += made.samples

    def _gap(self, container: Any, frame: Any, zero: float, at: int) -> Iterator[Floats]:
        """Silence for what a file leaves out before a frame, so that all after it stays at its time."""
        if frame.pts is None or container.format.name in _BY_GUESS:
            return
        due = float(frame.pts * frame.time_base) - zero
        if due - at / self._rate <= _GAP or due > self._begin + self._seconds:
            return  # or a time that cannot be
        missing = round(due * self._rate) - at
        self._missing += missing / self._rate
        for first in range(0, missing, self._rate):
            yield np.zeros((self._channels, min(self._rate, missing - first)), np.float32)

    def _packets(self, container: Any, stream: Any) -> Iterator[Any]:
        for _ in range(_MOST_BREAKS):
            try:
                yield from container.demux(stream)
            except self._av.FFmpegError:
                self._damaged += 1
            else:
                return

    def _with_channels(self, piece: Floats) -> Floats:
        """With as many channels as the file began with: a broadcast may go from stereo to 5.1 for a film."""
        if len(piece) == self._channels:
            return piece
        return np.repeat(piece.mean(axis=0, keepdims=True), self._channels, axis=0)


def _pyav() -> Any:
    try:
        return importlib.import_module("av")
    except ImportError as error:
        raise UserError("PyAV, which reads sound files, is missing. Install it: pip install av.") from error


def _no_sound(name: str) -> UserError:
    return UserError(
        f"{name} has no sound that can be read. Choose a WAV, FLAC, OGG or MP3 file or a video with a sound track, or "
        "export it again."
    )


def _duration(container: Any, stream: Any) -> float | None:
    """Seconds of the sound as far as the file's head knows."""
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / 1e6
