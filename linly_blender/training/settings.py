"""The settings of a training run: a small JSON file, every number of it checked."""

from dataclasses import fields
from pathlib import Path
from typing import Final, TypeVar

from ..errors import UserError
from ..plain import read_json

_MOST_BYTES: Final = 64 * 1024
_MOST: Final = 10_000_000
Group = TypeVar("Group")


def read_settings(path: Path, kind: type[Group]) -> Group:
    """Read a dataclass of numbers: whole ones from 1 up (``seed`` from 0), others above 0 and at most 1.

    Raises UserError that names what is missing, unknown or out of range.
    """
    node = read_json(path, _MOST_BYTES)
    if not isinstance(node.value, dict):
        node.complain("a group of values")
    kinds = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass is asked for
    wrong = sorted(set(node.value) ^ set(kinds))
    if wrong:
        raise UserError(f"{path}: missing or unknown {', '.join(wrong)}. It should have {', '.join(kinds)}.")
    for name, value in node.value.items():
        if kinds[name] is float:
            sound = isinstance(value, float) and 0 < value <= 1
        else:
            sound = isinstance(value, int) and not isinstance(value, bool) and (name != "seed") <= value <= _MOST
        if not sound:
            raise UserError(f"{path}, {name}: {value!r} is out of range.")
    return kind(**node.value)
