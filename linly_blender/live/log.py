"""The log of a conversation: a line of JSON for each event."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ..errors import UserError
from .services import Event

_QUOTED: Final = re.compile(r"""(?<!\w)(['"]).*?\1(?!\w)""", re.DOTALL)
_WHAT_WAS_SAID: Final = frozenset(("heard", "partial", "reply_text", "interrupted"))


class EventLog:
    """Appends events to a file, each with ``time`` (seconds on the conversation's clock) and ``kind``.

    What was said is left out unless asked for; an error's message is kept, without what it quotes. Use as a context
    manager and as the ``report`` of a conversation.
    """

    def __init__(self, path: Path, with_text: bool, complain: Callable[[str], None]) -> None:
        """``complain`` is told, once, when the disk is full. Raises UserError when the file cannot be opened."""
        self._with_text = with_text
        self._complain = complain
        self._broken = False
        try:
            self._file = path.open("w", encoding="utf-8", errors="replace", newline="\n")
        except OSError as error:
            raise UserError(
                f"The log {path} cannot be written: {error.strerror or error}. Choose another place."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        try:
            self._file.close()
        except OSError as error:
            self._fail(error)

    def __call__(self, event: Event) -> None:
        """Write a line."""
        if self._broken:
            return
        try:
            self._file.write(json.dumps(self._plain(event), ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            self._fail(error)

    def _plain(self, event: Event) -> dict[str, object]:
        plain: dict[str, object] = {"time": round(event.time, 6), "kind": event.kind}
        if event.kind == "error":
            message = event.text if self._with_text else _QUOTED.sub("'…'", event.text)
            plain |= {"error": event.fault, "message": message}
        elif event.text and (self._with_text or event.kind not in _WHAT_WAS_SAID):
            plain["text"] = event.text
        if event.values:
            plain["values"] = {name: round(value, 6) for name, value in event.values.items()}
        return plain

    def _fail(self, error: OSError) -> None:
        if not self._broken:
            self._broken = True
            self._complain(
                f"The log cannot be written any further: {error.strerror or error}. The conversation goes on."
            )
