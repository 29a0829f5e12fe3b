"""From a file of recorded dialogue to its performance: the whole of this package, stage by stage."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import UserError
from ..files import read_text
from ..live.settings import KEY_VARIABLES
from ..perform import Progress, no_progress
from ..performance import Performance
from .analyse import Hearing, analyse
from .analysis_files import read_analysis, write_analysis
from .decode import read_recording
from .performing import perform_recording

MOST_BYTES: Final = 4_000_000
"""Of a transcript: two hours of speech are about 150,000 characters."""


@dataclass(frozen=True, slots=True)
class Source:
    """A recording, and what is known of it."""

    audio: Path
    transcript: str | None = None
    """What is said in it, or the name of a file that says it."""
    language: str = "auto"
    recogniser: str = "auto"
    analysis: Path | None = None
    """Words and phones by hand or another program, instead of an analysis."""
    write_analysis: Path | None = None
    """Where what was found is written."""


def perform_file(source: Source, *, progress: Progress = no_progress, **manner: Any) -> Performance:
    """Perform a file of sound.

    Parameters: what it is, and how it is performed: as ``perform_recording``.
    Raises UserError for whatever the user can mend; what was found is written before it is performed.
    """
    transcript = None if source.transcript is None else read_transcript(source.transcript)
    recording = read_recording(source.audio, progress=_part(progress, 0.0, 0.05))
    if source.analysis is not None:
        analysis = read_analysis(source.analysis, source.language, recording.duration)
    else:
        # Who names a server on the command line has asked for it.
        hearing = Hearing(transcript, source.language, source.recogniser, allow_online=True)
        key = functools.partial(os.environ.get, KEY_VARIABLES["recognition"])
        analysis = analyse(recording, hearing, _part(progress, 0.05, 0.6), key=key)
    if source.write_analysis is not None:
        write_analysis(analysis, source.write_analysis, recording.name)
    return perform_recording(recording, analysis, progress=_part(progress, 0.6, 1.0), **manner)


def read_transcript(given: str) -> str:
    """The text, or that of the file whose name is given. Raises UserError when there is one that cannot be read."""
    try:
        path = Path(given).expanduser()
        is_file = "\n" not in given and path.is_file()
        size = path.stat().st_size if is_file else 0
    except (OSError, ValueError, RuntimeError):  # too long for a name, or with characters that no name has
        is_file = False
    if not is_file:
        if "\n" not in given and Path(given).suffix.lower() in (".txt", ".text", ".md"):
            raise UserError(f"There is no transcript {given}. Give the name of a file, or the text itself.")
        return given
    if size > MOST_BYTES:
        raise UserError(f"The transcript {path} is too long. Cut the recording into parts, and the text as well.")
    return read_text(path, "transcript")


def _part(progress: Progress, begin: float, end: float) -> Progress:
    return lambda share, stage: progress(begin + share * (end - begin), stage)
