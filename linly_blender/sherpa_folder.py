"""Folders with models for sherpa-onnx, as the user downloaded them.

sherpa-onnx ends the whole process when a model's notes about itself (its ONNX metadata) are not what it expects. So
each model's notes are read before it is given any.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .live.services import Fault, ServiceError
from .model_files import Description, describe_model

MOST_FILES: Final = 2000
"""Entries of a folder that are looked at."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """The files of one folder, not of those below it."""

    path: Path
    names: tuple[str, ...]
    """Sorted."""

    def find(self, *parts: str, suffix: str = ".onnx", without: tuple[str, ...] = ()) -> Path | None:
        """A file whose name has all ``parts`` and none of ``without``; of several the 8 bit one, then the shortest."""
        fits = [
            name
            for name in self.names
            if (low := name.lower()).endswith(suffix)
            and all(part in low for part in parts)
            and not any(part in low for part in without)
        ]
        best = min(fits, key=lambda name: (".int8." not in name, len(name), name), default=None)
        return None if best is None else self.path / best

    def every(self, *parts: str, suffix: str) -> tuple[Path, ...]:
        """All files whose names have these parts."""
        fits = (name for name in self.names if name.endswith(suffix) and all(part in name for part in parts))
        return tuple(self.path / name for name in fits)

    def folder(self, name: str) -> str:
        """The path of a folder in it; empty when there is none."""
        inside = self.path / name
        return str(inside) if inside.is_dir() else ""

    def describe(self, path: Path) -> Description:
        """What a model of it says of itself. Raises ModelError."""
        return describe_model(path)


def open_folder(path: Path, kind: Fault) -> ModelFolder:
    """List a folder. Raises ServiceError of this kind when there is none or nothing in it is a model."""
    try:
        names = sorted(entry.name for entry, _ in zip(path.iterdir(), range(MOST_FILES), strict=False))
    except OSError as error:
        raise ServiceError(
            kind, f"The model folder {path} cannot be opened: {error.strerror}. Choose the folder that was unpacked."
        ) from error
    if not any(name.lower().endswith(".onnx") for name in names):
        raise ServiceError(
            kind,
            f"There is no model (.onnx) in the folder {path}. Choose the folder that holds the model's files itself.",
        )
    return ModelFolder(path, tuple(names))


def load_package(kind: Fault) -> Any:
    """The module ``sherpa_onnx``; ServiceError of this kind when it is not there."""
    try:
        import sherpa_onnx
    except ImportError as error:
        raise ServiceError(
            kind,
            "sherpa-onnx is not installed. Install the extension's zip for your platform, or run: "
            "pip install sherpa-onnx",
        ) from error
    return sherpa_onnx


@contextmanager
def in_plain_words(kind: Fault, what: str) -> Iterator[None]:
    """Turn what sherpa-onnx raises into a ServiceError that begins with ``what``."""
    try:
        yield
    except (RuntimeError, ValueError, AssertionError, TypeError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
        raise ServiceError(kind, f"{what} ({first}). Download the model again, or choose another.") from error
