"""What goes wrong in a service, in the words the user is told."""

import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..errors import UserError
from .services import Fault, ServiceError

_NAMES: Final[dict[Fault, str]] = {
    "microphone": "The microphone",
    "speaker": "The speaker",
    "recogniser": "The recognition of speech",
    "voice": "The voice",
    "server": "The language model's server",
    "refused": "The server",
    "reply": "What thinks of the answer",
    "engine": "The performance",
    "recording": "The recording",
    "setting": "The settings",
}


def in_words(fault: Fault, error: Exception) -> ServiceError:
    """The error as the user is told of it.

    One that is not meant for users (a bug of the service) is told by its type and place only: its own words may hold a
    key or what was said.
    """
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, UserError):
        return ServiceError(fault, str(error))
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" in {Path(last[0].filename).name}, line {last[0].lineno}" if last else ""
    return ServiceError(
        fault,
        f"{_NAMES[fault]} failed ({type(error).__name__}{place}). The conversation goes on; if it happens again, "
        "choose another one in the settings.",
    )


def out_of_patience(fault: Fault, seconds: float) -> ServiceError:
    """Of a service that has not answered for so long."""
    return ServiceError(
        fault,
        f"{_NAMES[fault]} has not answered for {seconds:.0f} seconds. Say it again; if that does not help, restart the "
        "conversation or choose another one in the settings.",
    )


def too_late(threads: Iterable[str], seconds: float) -> ServiceError:
    """Of threads that did not end in so many seconds."""
    return ServiceError(
        "engine",
        f"The conversation has ended, but {' and '.join(threads)} did not stop within {seconds:.0f} seconds. It ends "
        "by itself; should it not, restart Blender.",
    )
