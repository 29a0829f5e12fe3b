"""The settings of a training run: a small JSON file, every number of it checked."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from ...errors import UserError
from ...plain import read_json

DEFAULT: Final = Path(__file__).with_name("config.json")
_MOST_BYTES: Final = 64 * 1024
_MOST: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Whole numbers from 1 up, but ``rate``, and ``seed`` from 0."""

    seed: int
    turns: int
    """Turns of synthetic speech to learn from, about eight seconds each."""
    at_once: int
    """Networks that learn at the same time, a core each."""
    batch: int
    """Pieces of eight seconds a step."""
    rate: float
    """Of learning, at first."""
    base_width: int
    base_steps: int
    width: int
    """Of both architectures of stage 2."""
    hidden: int
    """Of the LSTM."""
    steps: int
    lstm_steps: int
    blind_steps: int
    """Of the network blind to meaning; it has learnt what there is to learn long before the others have."""
    small_width: int
    small_steps: int


def read_settings(path: Path = DEFAULT) -> Settings:
    """Read a configuration. Raises UserError that names what is missing, unknown or out of range."""
    node = read_json(path, _MOST_BYTES)
    if not isinstance(node.value, dict):
        node.complain("a group of values")
    names = [field.name for field in fields(Settings)]
    wrong = sorted(set(node.value) ^ set(names))
    if wrong:
        raise UserError(f"{path}: missing or unknown {', '.join(wrong)}. It should have {', '.join(names)}.")
    values: dict[str, float] = {}
    for name in names:
        value = node.value[name]
        if name == "rate":
            sound = isinstance(value, float) and 0 < value < 1
        else:
            sound = isinstance(value, int) and not isinstance(value, bool) and (name != "seed") <= value <= _MOST
        if not sound:
            raise UserError(f"{path}, {name}: {value!r} is out of range.")
        values[name] = value
    return Settings(**values)  # type: ignore[arg-type]  # each was checked for its kind
