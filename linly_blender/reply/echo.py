"""A character that says what it has heard: proof that everything else works."""

from collections.abc import Callable, Iterator
from typing import Final

from ..live.services import Turn
from .phrases import is_chinese

_LONGEST: Final = 500
_MEANT: Final = str.maketrans(dict.fromkeys("[]【】［］{}<>*\\`", " "))
"""What was heard is no direction."""


class Echo:
    """Says what it has heard, in English and in Mandarin with two words before it."""

    def __init__(self, language: str = "en") -> None:
        self._language = language

    def reply(self, said: str, before: tuple[Turn, ...], cancelled: Callable[[], bool]) -> Iterator[str]:
        """As ``Responder.reply``."""
        text = " ".join(said[:_LONGEST].translate(_MEANT).split())
        if not any(map(str.isalnum, text)):
            yield "我没有听清楚。" if self._language == "zh" else "I did not hear that."
        elif is_chinese(text):
            yield f"你说：{text}"
        else:
            yield f"You said: {text}" if self._language in ("en", "zh") else text

    def close(self) -> None:
        """Nothing is held."""
