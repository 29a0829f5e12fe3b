"""What of a conversation a language model is told: the newest turns, as many as fit."""

from collections.abc import Sequence
from typing import Final

from ..live.services import Turn
from .markup import EAST_ASIAN

Message = dict[str, str]
"""``role`` and ``content``, as chat servers have them."""

_PER_MESSAGE: Final = 4
"""Tokens around a message."""
_LONGEST_UNSAID: Final = 300
_INTERRUPTED: Final = "[You were interrupted here and did not say: {0}]\n"


def tokens(text: str) -> int:
    """About how many tokens a text has: one for a Chinese character, one for four others."""
    han = len(EAST_ASIAN.findall(text))
    return han + -(-(len(text) - han) // 4)


def messages(before: Sequence[Turn], said: str, budget: int) -> list[Message]:
    """The conversation as a chat server takes it: user and assistant take turns, the user first and last.

    The oldest turns are left out when there are more than ``budget`` tokens; what the user says now is always there.
    What the character did not get to say is told before the user's words that interrupted it.
    """
    told: list[Message] = []
    interrupted = ""
    for turn in before:
        if turn.speaker == "character":
            _add(told, "assistant", turn.text)
            interrupted = _cut_short(turn.unsaid)
        else:
            _add(told, "user", interrupted + turn.text)
            interrupted = ""
    _add(told, "user", interrupted + said)
    left = budget - _cost(told[-1])
    first = len(told) - 1
    while first > 0 and left >= _cost(told[first - 1]):
        first -= 1
        left -= _cost(told[first])
    first += told[first]["role"] == "assistant"
    return told[first:]


def _add(told: list[Message], role: str, content: str) -> None:
    content = content.strip()
    if told and told[-1]["role"] == role:  # servers refuse two messages of one side in a row
        told[-1]["content"] = f"{told[-1]['content']}\n{content}".strip()
    elif content:
        told.append({"role": role, "content": content})


def _cost(message: Message) -> int:
    return tokens(message["content"]) + _PER_MESSAGE


def _cut_short(unsaid: str) -> str:
    unsaid = " ".join(unsaid.split())
    if not unsaid:
        return ""
    return _INTERRUPTED.format(unsaid if len(unsaid) <= _LONGEST_UNSAID else unsaid[:_LONGEST_UNSAID] + "…")
