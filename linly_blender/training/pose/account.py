"""What only the run that trained the networks knows: kept beside what it left, so that they can be measured again."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ...errors import UserError
from ...files import replacing
from ...plain import Node, read_json
from .export import Parity

ARCHITECTURES: Final = ("convolution", "LSTM")
SYNTHETIC, TEXTLESS, PEOPLE = "synthetic voices", "recorded speech without text", "recordings of people"
"""Sources of what is learnt."""
_MOST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Built:
    """A network as it was exported."""

    name: str
    weights: int
    bytes: int
    parity: Parity


@dataclass(frozen=True, slots=True)
class Account:
    """How the networks came about."""

    seconds: float
    """On the clock, without what was found in the cache."""
    processor: str
    minutes: dict[str, float]
    """Of speech to learn from, by source."""
    best: str
    """Of ARCHITECTURES."""
    merit: dict[str, float]
    """Mean share of what the teacher means that each architecture foretells, on the turns that chose between them."""
    built: tuple[Built, ...]


def write_account(account: Account, path: Path) -> None:
    """Write it as JSON."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(asdict(account), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_account(path: Path) -> Account:
    """Read it back. Raises UserError when there is none, or it is not as written."""
    if not path.is_file():
        raise UserError(f"There is no {path}. Train first, with the same --cache.")
    root = read_json(path, _MOST_BYTES)
    return Account(
        root["seconds"].number(0),
        root["processor"].text(),
        _numbers(root["minutes"]),
        root["best"].choice(ARCHITECTURES),
        _numbers(root["merit"]),
        tuple(_built(node) for node in root["built"].items()),
    )


def _numbers(node: Node) -> dict[str, float]:
    if not isinstance(node.value, dict):
        node.complain("numbers by name")
    return {name: node[name].number() for name in node.value}


def _built(node: Node) -> Built:
    parity = node["parity"]
    return Built(
        node["name"].text(),
        node["weights"].integer(1),
        node["bytes"].integer(1),
        Parity(parity["torch_to_onnx"].number(0), parity["streamed_to_whole"].number(0)),
    )
