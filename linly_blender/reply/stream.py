"""The answer of a chat server as it streams: lines of server-sent events, each checked and bounded."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

LONGEST_LINE: Final = 64 * 1024
"""Bytes."""


class StreamError(Exception):
    """The server sends what is no answer; the text goes on from "The server ..."."""


@dataclass(frozen=True, slots=True)
class Delta:
    """One event."""

    text: str = ""
    """To be said; empty while a model thinks, or begins."""
    thinking: bool = False
    over: bool = False


class Lines:
    """Cuts bytes into lines; never holds more than ``LONGEST_LINE`` of one."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, block: bytes) -> Iterator[str]:
        """The lines that are complete with these bytes. Raises StreamError."""
        start = 0
        while (end := block.find(b"\n", start)) >= 0:
            if len(self._rest) + end - start > LONGEST_LINE:
                raise self._too_long()
            line, self._rest = self._rest + block[start:end], b""
            start = end + 1
            yield _decode(line)
        if len(self._rest) + len(block) - start > LONGEST_LINE:
            raise self._too_long()
        self._rest += block[start:]

    def finish(self) -> str:
        """The last line, which nothing has ended."""
        line, self._rest = self._rest, b""
        return _decode(line)

    def _too_long(self) -> StreamError:
        self._rest = b""
        return StreamError(f"sends a line of more than {LONGEST_LINE // 1024} KB")


def _decode(line: bytes) -> str:
    try:
        return line.removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError:
        raise StreamError("sends what is not text in UTF-8") from None


def read_event(line: str) -> Delta | None:
    """What a line says; None for one that says nothing. Raises StreamError."""
    if not line.startswith("data:"):
        return None
    data = line.removeprefix("data:").strip()
    if not data:
        return None
    if data == "[DONE]":
        return Delta(over=True)
    return read_chunk(data)


def read_chunk(data: str) -> Delta:
    """What the JSON of an event, or of a whole answer that does not stream, says. Raises StreamError."""
    try:
        chunk = json.loads(data)
    except (ValueError, RecursionError):
        raise StreamError("sends JSON that cannot be read") from None
    if not isinstance(chunk, dict):
        raise StreamError("sends JSON that is no chat answer")
    if chunk.get("error"):
        raise StreamError("has broken off with an error of its own")
    choices = chunk.get("choices")
    if choices in (None, []):  # how many tokens it took
        return Delta()
    choice: Any = choices[0] if isinstance(choices, list) else None
    if not isinstance(choice, dict):
        raise StreamError("sends JSON that is no chat answer")
    delta = choice.get("delta") or choice.get("message") or {}
    text = delta.get("content") if isinstance(delta, dict) else 0
    if not (text is None or isinstance(text, str)):
        raise StreamError("sends JSON that is no chat answer")
    thinking = any(delta.get(name) for name in ("reasoning_content", "reasoning", "thinking"))
    return Delta(text or "", thinking, choice.get("finish_reason") is not None)
