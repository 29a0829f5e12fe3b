"""Plain data from outside (JSON), taken apart with a clear complaint about whatever is not as agreed."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from .errors import UserError


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the way to it; every method either gives what it says or raises a UserError that names the place."""

    value: Any
    source: str
    """What it was read from, for the messages."""
    parent: "Node | None" = None
    key: str | int = ""

    @property
    def place(self) -> str:
        """Such as ``words[3].start``."""
        if self.parent is None:
            return ""
        if isinstance(self.key, int):
            return f"{self.parent.place}[{self.key}]"
        return f"{self.parent.place}.{self.key}".lstrip(".")

    def complain(self, expected: str) -> NoReturn:
        """Raise the UserError: this value is not what is expected."""
        found = repr(self.value)
        found = found if len(found) <= 60 else found[:57] + "..."
        place = self.place or "the whole"
        raise UserError(f"{self.source} is not valid: {place} should be {expected}, but is {found}.")

    def __getitem__(self, key: str) -> "Node":
        """Member of an object."""
        if not isinstance(self.value, dict):
            self.complain("an object")
        if key not in self.value:
            raise UserError(f"{self.source} is not valid: {self.place or 'the whole'} has no {key!r}.")
        return Node(self.value[key], self.source, self, key)

    def items(self) -> Iterator["Node"]:
        """Elements of a list."""
        if not isinstance(self.value, list):
            self.complain("a list")
        return (Node(value, self.source, self, index) for index, value in enumerate(self.value))

    def text(self) -> str:
        """A string that can be written as UTF-8."""
        if not isinstance(self.value, str):
            self.complain("a text")
        if any("\ud800" <= character <= "\udfff" for character in self.value):
            self.complain("a text of whole characters")
        return self.value

    def choice(self, options: Sequence[str]) -> str:
        """One of the strings."""
        if not (isinstance(self.value, str) and self.value in options):
            self.complain(f"one of {', '.join(options)}")
        return self.value

    def number(self, low: float = -math.inf, high: float = math.inf) -> float:
        """A finite number from ``low`` to ``high``, both allowed."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.complain("a number")
        if not (abs(value) <= 1e300 and low <= value <= high):  # False for NaN
            self.complain(_range("a number", low, high))
        return float(value)

    def integer(self, low: float = -math.inf, high: float = math.inf) -> int:
        """A whole number from ``low`` to ``high``, both allowed."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.complain(_range("a whole number", low, high))
        return value


def _range(what: str, low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return f"{what} of ordinary size"
    if math.isinf(high):
        return f"{what} of at least {low:g}"
    return f"{what} from {low:g} to {high:g}"


def check_version(root: Node, newest: int, of: str) -> None:
    """Raise UserError when a file's ``version``, that of its ``of``, is newer than the newest that is known."""
    version = root["version"].integer(1)
    if version > newest:
        raise UserError(
            f"{root.source} was made by a newer version of this program ({of} {version}, this one knows {newest}). "
            "Update the program to read it."
        )


def read_json(path: Path, most_bytes: int) -> Node:
    """Read a JSON file of at most ``most_bytes``. Raises UserError when it is missing, too big, or not JSON."""
    try:
        if path.stat().st_size > most_bytes:
            raise UserError(f"{path} is too big ({path.stat().st_size} bytes) to be what it should be.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not a text file in UTF-8 (byte {error.start}).") from error
    return parse_json(text, str(path))


def parse_json(text: str, source: str) -> Node:
    """Parse JSON text; ``source`` names it in messages."""
    try:
        return Node(json.loads(text), source)
    except json.JSONDecodeError as error:
        raise UserError(
            f"{source} is cut short or not JSON (line {error.lineno}, column {error.colno}: {error.msg})."
        ) from error
    except (RecursionError, ValueError) as error:  # nested too deep; a number of thousands of digits
        raise UserError(f"{source} holds JSON that cannot be read ({error}).") from error
