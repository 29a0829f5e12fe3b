"""What was improvised is kept as it happens: a folder that grows with the conversation and is whole at every moment.

    recording.json     how the character was set
    frames.f32         frames on a fixed grid, rows of ``curves.COLUMNS`` numbers, the gaze as in ``performance.Frames``
    events.jsonl       when each sound began and where it was cut, and what both have said
    00001.json ...     the takes that were played, as ``takes`` writes them

Nothing of the past is held in memory. When the process dies or the disk is full, what was written until then can be
read (``recorded.read``). A thread writes, so that a slow disk holds up no frame.
"""

import json
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import Full, Queue
from threading import Thread
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from .. import takes
from ..errors import UserError
from ..files import replacing
from ..performance import Performance
from .frame import Frame
from .services import ServiceError
from .settings import Settings

FORMAT: Final = "linly-recording"
VERSION: Final = 1
HEADER, FRAMES, EVENTS = "recording.json", "frames.f32", "events.jsonl"
LONGEST: Final = 4 * 3600.0
"""Seconds of one recording."""
_WAITING: Final = 1200
"""Jobs that may wait for the disk: at 60 frames a second 20 s."""
_AT_ONCE: Final = 30
"""Frames that are written together."""
_CHUNK: Final = 3600
"""Most rows made at once where frames were missing."""
_DEADLINE: Final = 10.0
"""Seconds that the disk has at the end."""

Rows = NDArray[np.float32]
Said = Literal["user", "character", "unsaid"]


def row_of(frame: Frame) -> Rows:
    """A frame as it is written [shape=(COLUMNS,)]."""
    return np.concatenate([frame.shapes, frame.head, frame.gaze, [frame.breath]], dtype=np.float32)


class Recording:
    """One recording while it is made. No call but ``close`` waits for the disk.

    After a fault, which the next call raises, and only that, calls do nothing.
    """

    def __init__(self, folder: Path, settings: Settings, now: float) -> None:
        """Begin in a new folder; ``now`` is second 0. Raises ServiceError("recording") when it cannot be made."""
        self.folder = folder
        self._fps = settings.fps
        self._before: Frame | None = None
        self._begin = now
        self._count = 0
        """Frames on the grid so far."""
        self._sounds = 0
        self._fault: ServiceError | None = None
        self._told = False
        self._closing = False
        self._rows: list[Rows] = []
        header = {
            "format": FORMAT,
            "version": VERSION,
            "fps": settings.fps,
            "seed": settings.seed,
            "style": settings.style,
            "region": settings.region,
            "language": settings.language,
            "amounts": asdict(settings.amounts),
        }
        try:
            folder.mkdir(parents=True, exist_ok=False)
            with replacing(folder / HEADER) as file:
                file.write_text(json.dumps(header, indent=1) + "\n", encoding="utf-8", newline="\n")
            self._frames = (folder / FRAMES).open("wb", buffering=0)
            self._events = (folder / EVENTS).open("wb", buffering=0)
        except FileExistsError as error:
            raise ServiceError(
                "recording", f"{folder} is there already. Choose another folder to record to."
            ) from error
        except OSError as error:
            raise ServiceError("recording", _cannot(folder, error)) from error
        except UserError as error:
            raise ServiceError("recording", str(error)) from error
        self._jobs: Queue[Callable[[], None] | None] = Queue(_WAITING)
        self._thread = Thread(target=self._write, name="linly recording")
        self._thread.start()

    @property
    def active(self) -> bool:
        """Whether more is being kept."""
        return self._fault is None

    def frame(self, frame: Frame) -> None:
        """Keep a frame; its time is that of the conversation's clock, later than the last one's."""
        before = self._before or frame
        if self._before is None or frame.time > before.time:
            self._before = frame
            first, last = self._count, math.floor((frame.time - self._begin) * self._fps + 1e-6)
            if last > LONGEST * self._fps:
                self._fail(f"A recording lasts {LONGEST / 3600:g} hours at most: it has ended. Begin another.")
            elif last >= first:
                self._count = last + 1
                self._do(lambda: self._between(before, frame, first, last))
        self._tell()

    def sound(self, take: Performance, start: float) -> int:
        """A take begins to be heard: its second 0 was at ``start``. Returns its number."""
        self._sounds += 1
        number = self._sounds

        def write() -> None:
            takes.write(take, self.folder / f"{number:05}.json")
            self._line({"sound": number, "start": start - self._begin})

        self._do(write)
        self._tell()
        return number

    def cut(self, number: int, after: float) -> None:
        """That take was heard for ``after`` seconds only."""
        self._do(lambda: self._line({"cut": number, "after": after}))
        self._tell()

    def said(self, who: Said, text: str, time: float) -> None:
        """One of the two said something, or the character left something unsaid."""
        self._do(lambda: self._line({"said": who, "text": text, "time": time - self._begin}))
        self._tell()

    def close(self) -> None:
        """End the recording. Raises ServiceError("recording") when something of it could not be kept."""
        self.stop()
        self._thread.join(_DEADLINE)
        if self._thread.is_alive():
            self._fail(f"The disk of {self.folder} does not answer. What was recorded until now is kept.")
        self._tell()

    def stop(self) -> None:
        """Have the writing end without waiting for it."""
        self._closing = True
        with suppress(Full):  # then the writer sees it all the same
            self._jobs.put_nowait(None)

    # In any thread

    def _tell(self) -> None:
        if self._fault is not None and not self._told:
            self._told = True
            raise self._fault

    def _fail(self, message: str) -> None:
        if self._fault is None:
            self._fault = ServiceError("recording", message)

    def _do(self, job: Callable[[], None]) -> None:
        if self._fault is None:
            try:
                self._jobs.put_nowait(job)
            except Full:
                self._fail(f"The disk of {self.folder} is too slow to record to. Choose a folder on another disk.")

    # In the writer's thread

    def _write(self) -> None:
        while not (self._closing and self._jobs.empty()) and (job := self._jobs.get()) is not None:
            if self._fault is None:
                self._try(job)
        if self._fault is None:
            self._try(self._flush)
        self._frames.close()
        self._events.close()

    def _try(self, job: Callable[[], None]) -> None:
        try:
            job()
        except OSError as error:
            self._fail(_cannot(self.folder, error))
        except UserError as error:
            self._fail(str(error))

    def _between(self, before: Frame, after: Frame, first: int, last: int) -> None:
        """Rows of the grid from frame ``first`` to ``last``, which lie after one frame and up to another."""
        start, end = row_of(before), row_of(after)
        for begin in range(first, last + 1, _CHUNK):
            times = self._begin + np.arange(begin, min(begin + _CHUNK, last + 1)) / self._fps
            share = np.clip((times - before.time) / max(after.time - before.time, 1e-6), 0.0, 1.0)[:, None]
            self._add((start + share * (end - start)).astype(np.float32))

    def _add(self, rows: Rows) -> None:
        self._rows.append(rows)
        if sum(map(len, self._rows)) >= _AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        data = b"".join(rows.astype("<f4").tobytes() for rows in self._rows)
        self._rows.clear()
        _write_all(self._frames, data)

    def _line(self, event: dict[str, Any]) -> None:
        _write_all(self._events, (json.dumps(event, ensure_ascii=False) + "\n").encode("utf-8", "replace"))


def _write_all(file: Any, data: bytes) -> None:
    """Write to an unbuffered file, which may take it in parts."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _cannot(folder: Path, error: OSError) -> str:
    return (
        f"The recording in {folder} cannot go on: {error.strerror or error}. What was recorded until now is kept. "
        "Make room on the disk, or choose another folder, and record again."
    )
