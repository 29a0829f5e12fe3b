"""What is asked of the engine, and where the take it makes lies. Needs no Blender, so that a thread may run it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ..linly_blender import __version__, takes
from ..linly_blender.errors import UserError
from ..linly_blender.perform import perform
from ..linly_blender.performance import Performance
from ..linly_blender.pose.amounts import NATURAL, Amounts
from ..linly_blender.pose.choice import DEFAULT
from ..linly_blender.score import Emotion
from .worker import Progress

_MOST_SEALED: Final = 8_000_000
"""Bytes; a style, a region or a fine-tuner of this size is refused when it is read."""


@dataclass(frozen=True, slots=True)
class Request:
    """Everything a take is made from; equal requests make equal takes, bit for bit."""

    text: str
    language: str
    voice: str | None
    style: str
    """A name, a file's path, or a blend, as ``load_style`` reads it."""
    emotion: Emotion | None
    seed: int
    region: str = "neutral"
    """A name or a file's path."""
    amounts: Amounts = NATURAL
    smoothing: str = "none"
    fine_tuner: str = DEFAULT
    """A word or a file's path, as ``load_fine_tuner`` reads it."""
    own_files: tuple[str, ...] = ()
    """What is in the files that style, region and fine-tuner name: their ``seal``s."""

    @property
    def key(self) -> str:
        """A short name for exactly this take, to name its file and to see whether a take is still the one asked for."""
        said = json.dumps([__version__, asdict(self)], ensure_ascii=False)
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def seal(path: Path) -> str:
    """What tells a small file's content from any other. Raises UserError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.sha256(file.read(_MOST_SEALED)).hexdigest()
    except OSError as error:
        raise UserError(f"The file {path} cannot be read: {error.strerror or error}. Choose another one.") from error


@dataclass(frozen=True, slots=True)
class Summary:
    """What the animator wants to know of a take."""

    path: Path
    key: str
    duration: float
    """Seconds."""
    sentences: int
    gestures: int
    language: str
    fine_tuner: str
    """What moved the head, as the take says it."""
    notes: tuple[str, ...]
    """What the user should know."""


def make_take(request: Request, folder: Path, progress: Progress) -> Summary:
    """Perform the request and write the take into the folder."""
    performance = perform(
        request.text,
        language=request.language,
        voice=request.voice,
        style=request.style,
        region=request.region,
        amounts=request.amounts,
        smoothing=request.smoothing,
        fine_tuner=request.fine_tuner,
        emotion=request.emotion,
        seed=request.seed,
        progress=progress,
    )
    return summarise(performance, write_take(performance, folder, request.key), request.key)


def write_take(performance: Performance, folder: Path, key: str) -> Path:
    """Write a take into a folder, which is made if need be; the path it has there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder {folder} for takes cannot be made: {error.strerror or error}.") from error
    path = folder / f"take-{key}.json"
    takes.write(performance, path)
    return path


def summarise(performance: Performance, path: Path, key: str) -> Summary:
    """Count what is in a take."""
    return Summary(
        path=path,
        key=key,
        duration=performance.speech.duration,
        sentences=len(performance.speech.sentences),
        gestures=len(performance.gestures),
        language=performance.language,
        fine_tuner=performance.fine_tuner,
        notes=performance.notes,
    )
