"""Files that appear whole or not at all, and texts that people have written."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import UserError


def check_can_write(path: Path, suffix: str | None = None) -> None:
    """Raise UserError unless a file can be written at ``path``: better before an hour of work than after.

    With ``suffix`` (``.json`` ...) the name has to end so, in any case of letters.
    """
    if suffix is not None and path.suffix.lower() != suffix:
        raise UserError(f"Cannot write {path}: the name has to end in {suffix}.")
    if path.is_dir():
        raise UserError(f"Cannot write {path}: it is a folder. Give the name of a file.")
    if not path.parent.is_dir():
        raise UserError(f"Cannot write {path}: there is no folder {path.parent}. Make it first, or choose another.")
    probe = _temporary(path)
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror}.") from error


def read_text(path: Path, called: str) -> str:
    """Read what somebody has written, in UTF-8. Raises UserError, in which the file is ``called`` so ("script")."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"The {called} {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"The {called} {path} is not UTF-8 text. Save it again with encoding UTF-8.") from error


def write_new(path: Path, text: str) -> None:
    """Write a text file that people will edit: in UTF-8, and never in the place of another.

    Raises UserError when there is a file already, or none can be written.
    """
    if path.exists():
        raise UserError(f"{path} is there already. Choose another name, so that nothing of yours is lost.")
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path in the folder of ``path``; what is written there becomes ``path``.

    When the block ends well the file is flushed to the disk and put in the place of ``path`` in one step; when it
    raises, the temporary file is removed and ``path`` stays as it was. The temporary name keeps the suffix, because
    some writers choose their format by it. Several files that belong together: open them in one ``with``, the one
    that names the others first, for the last opened is the first to be put in place.

    Raises UserError when the folder is missing or closed to us, the disk is full, or ``path`` is a folder.
    """
    check_can_write(path)
    temporary = _temporary(path)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.stem[:80]}.{secrets.token_hex(4)}{path.suffix}")
