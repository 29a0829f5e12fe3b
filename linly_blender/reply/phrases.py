"""What a character says when it has no answer."""

from collections.abc import Sequence
from typing import Final

from ..errors import UserError
from ..language import detect

UNKNOWN: Final[dict[str, Sequence[str]]] = {
    "en": (
        "[concerned 0.3] I'm sorry, I don't know that.",
        "[concerned 0.3] I'm afraid I have no answer to that. [tilt left 0.5] Could you ask it in another way?",
        "[concerned 0.3] That I don't know, sorry.",
    ),
    "zh": (
        "[concerned 0.3] 不好意思，这个我不知道。",
        "[concerned 0.3] 抱歉，这个问题我答不上来。[tilt left 0.5]您可以换个说法吗？",
        "[concerned 0.3] 对不起，这个我还不清楚。",
    ),
}
"""Polite ways not to know, in the reply format."""


def is_chinese(text: str) -> bool:
    """Whether a text is written in Chinese."""
    try:
        return detect.language_of(text) == detect.MANDARIN
    except UserError:  # a writing that no voice can read
        return False
