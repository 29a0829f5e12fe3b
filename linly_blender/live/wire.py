"""What two processes of one conversation tell each other: JSON and frames, each after its kind and its length.

Nothing that comes is trusted: a message that is too long, not whole or not as agreed is a ServiceError.
"""

import json
import math
import struct
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final, cast, get_args

import numpy as np

from ..arkit import SHAPES
from ..errors import UserError
from ..plain import Node, parse_json
from ..pose.amounts import Amounts
from .frame import Frame
from .services import Event, EventKind, Fault, ServiceError, Turn
from .settings import Guard, Settings

_HEADER: Final = struct.Struct("<cI")
_JSON: Final = b"J"
_FRAME: Final = b"F"
_MOST_JSON: Final = 2**25
"""Bytes of one message: the longest conversation before this one, each character written as an escape."""
_VALUES: Final = len(SHAPES) + 6 + 2 + 1
_FRAME_BODY: Final = struct.Struct(f"<d{_VALUES}f")
_SOURCE: Final = "A message of the conversation's process"


def write(stream: IO[bytes], message: dict[str, Any] | Frame) -> None:
    """Send one message, whole."""
    if isinstance(message, Frame):
        values = np.concatenate([message.shapes, message.head, message.gaze, [message.breath]])
        kind, body = _FRAME, _FRAME_BODY.pack(message.time, *values.tolist())
    else:
        kind, body = _JSON, json.dumps(message, ensure_ascii=True).encode("ascii")
        if len(body) > _MOST_JSON:
            raise ServiceError("engine", "A message for the conversation is too long. Say less at once.")
    stream.write(_HEADER.pack(kind, len(body)) + body)
    stream.flush()


def read(stream: IO[bytes]) -> Node | Frame | None:
    """The next message; None when the other side is gone. Raises UserError when it is not as agreed."""
    header = _exactly(stream, _HEADER.size)
    if header is None:
        return None
    kind, length = _HEADER.unpack(header)
    if not (kind == _FRAME and length == _FRAME_BODY.size) and not (kind == _JSON and length <= _MOST_JSON):
        raise UserError(f"{_SOURCE} is not valid: kind {kind!r}, {length} bytes.")
    body = _exactly(stream, length)
    if body is None:
        return None
    return _frame(body) if kind == _FRAME else parse_json(body.decode("ascii", "replace"), _SOURCE)


def _exactly(stream: IO[bytes], count: int) -> bytes | None:
    """So many bytes; None when the stream ends before."""
    body = stream.read(count)
    return body if len(body) == count else None


def _frame(body: bytes) -> Frame:
    time, *values = _FRAME_BODY.unpack(body)
    numbers = np.array(values, np.float32)
    if not (math.isfinite(time) and np.isfinite(numbers).all()):
        raise UserError(f"{_SOURCE} is not valid: a frame holds what is no number.")
    shapes, head, gaze, breath = np.split(numbers, np.cumsum([len(SHAPES), 6, 2]))
    return Frame(time, shapes, head, gaze, float(breath[0]))


def event_to_plain(event: Event) -> dict[str, Any]:
    """What ``event_from_plain`` reads."""
    return asdict(event)


def event_from_plain(node: Node) -> Event:
    """Checked. Raises UserError."""
    values = node["values"]
    if not isinstance(values.value, dict):
        values.complain("an object")
    fault = node["fault"]
    return Event(
        kind=cast(EventKind, node["kind"].choice(get_args(EventKind))),
        time=node["time"].number(),
        text=node["text"].text(),
        fault=None if fault.value is None else cast(Fault, fault.choice(get_args(Fault))),
        values={str(name): values[name].number() for name in values.value},
    )


def turns_from_plain(node: Node) -> tuple[Turn, ...]:
    """Checked. Raises UserError."""
    return tuple(
        Turn(cast(Any, turn["speaker"].choice(("user", "character"))), turn["text"].text(), turn["unsaid"].text())
        for turn in node.items()
    )


def settings_to_plain(settings: Settings) -> dict[str, Any]:
    """What ``settings_from_plain`` reads."""
    return asdict(settings) | {"own": None if settings.own is None else str(settings.own)}


def settings_from_plain(node: Node) -> Settings:
    """As they were sent. Raises UserError when something is missing."""
    amounts = node["amounts"]
    texts = ("language", "responder", "model", "persona", "recogniser", "voice", "style", "region", "fine_tuner")
    own = _or_none(node["own"])
    return Settings(
        **{name: node[name].text() for name in texts},
        own=None if own is None else Path(own),
        amounts=Amounts(**{name: amounts[name].number() for name in amounts.value}),
        seed=node["seed"].integer(),
        input_device=_or_none(node["input_device"]),
        output_device=_or_none(node["output_device"]),
        guard=cast(Guard, node["guard"].choice(get_args(Guard))),
        push_to_talk=bool(node["push_to_talk"].value),
        fps=node["fps"].number(1.0, 1000.0),
    )


def _or_none(node: Node) -> str | None:
    return None if node.value is None else node.text()
