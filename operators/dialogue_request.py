"""What is asked of the engine of a recording, and its take. Nothing here touches bpy, so that a thread may run it."""

import functools
import hashlib
import json
import queue
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Final

from ..linly_blender.dialogue import analysis_file
from ..linly_blender.dialogue.analyse import Hearing
from ..linly_blender.dialogue.analysis import Analysis, HeardLine
from ..linly_blender.dialogue.performing import Cache, perform_recording
from ..linly_blender.dialogue.recording import Recording
from ..linly_blender.errors import UserError
from ..linly_blender.scene.hear import Source
from .request import Request, Summary, summarise, write_take
from .worker import Progress

Read = Callable[[Progress], Recording]
"""Decodes the recording; prepared on Blender's thread, called in the background."""
Understand = Callable[[Recording, Progress, Callable[[HeardLine], None]], Analysis]
"""Finds out what is said; called with each line that it has found."""

_SEAL: Final = 16
"""Characters."""
_DECODED: Final = 0.1
_HEARD: Final = 0.7
"""Shares of the work after which the sound is there, and is understood."""


@dataclass(frozen=True, slots=True)
class RecordedRequest(Request):
    """Everything a take of a recording is made from, beside the samples themselves."""

    seal: str = ""
    """What tells the sound from any other."""
    begin: float = 0.0
    end: float | None = None
    """The part of the sound that is performed, seconds."""
    hearing: Hearing = field(default_factory=Hearing)
    analysis: str = ""
    """What tells the analysis that is performed from any other; empty when one is still to be made."""

    @property
    def words_key(self) -> str:
        """A short name for the sound, all of it, and how it is heard."""
        return digest(json.dumps([self.seal, asdict(self.hearing)], ensure_ascii=False))

    @property
    def heard_key(self) -> str:
        """A short name for the part that is heard, and how."""
        return digest(f"{self.words_key} {self.begin} {self.end}")


@dataclass(frozen=True, slots=True)
class RecordedSummary(Summary):
    """What the animator wants to know of a take of a recording."""

    request: RecordedRequest
    analysis: Analysis


def digest(text: str) -> str:
    """What tells an analysis, as ``analysis_file.dump`` writes it, from any other; empty for none."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16] if text else ""


def seal_of(source: Source) -> str:
    """What tells a sound from any other, wherever its file is. Raises UserError when it cannot be read."""
    if source.packed is not None:
        return hashlib.sha256(source.packed).hexdigest()[:_SEAL]
    try:
        seen = source.path.stat()
        return _seal_of_file(source.path, seen.st_mtime_ns, seen.st_size)
    except OSError as error:
        raise UserError(
            f"The recording {source.path} cannot be read: {error.strerror or error}. "
            "Put it back, or choose it where it is now."
        ) from error


@functools.lru_cache(maxsize=64)
def _seal_of_file(path: Path, _changed: int, _size: int) -> str:
    """Of all its bytes, which are read again only after it was changed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_SEAL]


class Found:
    """The lines found so far by the work that goes on in the background, for the panel to show."""

    def __init__(self) -> None:
        self.lines: list[HeardLine] = []
        self._new: queue.SimpleQueue[HeardLine] = queue.SimpleQueue()

    def add(self, line: HeardLine) -> None:
        """Called in the background."""
        self._new.put(line)

    def take(self) -> bool:
        """Called on Blender's thread; whether there is anything new."""
        before = len(self.lines)
        while not self._new.empty():
            self.lines.append(self._new.get_nowait())
        return len(self.lines) > before


cache: Cache = {}
"""Passages as they were last performed, so that an edit performs its own passage alone."""


def make_recorded_take(
    request: RecordedRequest, read: Read, known: Analysis | Understand, found: Found, folder: Path, progress: Progress
) -> RecordedSummary:
    """Understand the recording, unless it is known; perform it, and write the take into the folder."""

    def part(start: float, end: float) -> Progress:
        return lambda share, stage: progress(start + (end - start) * share, stage)

    recording = read(part(0.0, _DECODED))
    is_known = isinstance(known, Analysis)
    analysis = known if isinstance(known, Analysis) else known(recording, part(_DECODED, _HEARD), found.add)
    analysis_file.check_duration("What is known of it", analysis.duration, recording.duration)
    performance = perform_recording(
        recording,
        analysis,
        style=request.style,
        region=request.region,
        amounts=request.amounts,
        smoothing=request.smoothing,
        fine_tuner=request.fine_tuner,
        seed=request.seed,
        progress=part(_DECODED if is_known else _HEARD, 1.0),
        cache=cache,
    )
    asked = replace(request, analysis=digest(analysis_file.dump(analysis)))
    path = write_take(performance, folder, asked.key)
    summary = summarise(performance, path, asked.key)
    plain = {each.name: getattr(summary, each.name) for each in fields(summary)}
    return RecordedSummary(**plain, request=asked, analysis=analysis)
