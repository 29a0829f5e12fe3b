"""A reply in JSON, understood sentence by sentence while it streams."""

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final, Literal

from ..score import CUE_KINDS, EMOTIONS, SENTENCE_TYPES

LONGEST: Final = 4000
"""Characters of one sentence's JSON."""
_MOST_EMPHASIS: Final = 4
_DEEPEST: Final = 12

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["sentences"],
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text", "emotion", "intensity", "type", "emphasis", "gesture"],
                "properties": {
                    "emotion": {"type": "string", "enum": list(EMOTIONS)},
                    "intensity": {"type": "number"},
                    "type": {"type": "string", "enum": list(SENTENCE_TYPES)},
                    "gesture": {"type": "string", "enum": ["none", *CUE_KINDS]},
                    "text": {"type": "string"},
                    "emphasis": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}
"""JSON schema of the structured form, for servers that can hold a model to one."""


class Structured:
    """Reads ``{"sentences": [{"text": ...}, ...]}``, the list alone, or one such sentence alone, as it comes."""

    def __init__(self, say: Callable[[str], None], note: Callable[[str], None]) -> None:
        self._say = say
        """Takes one sentence in the inline format."""
        self._note = note
        self._open: list[str] = []
        self._string = False
        self._escaped = False
        self._start: int | None = None
        self._text = ""
        self._whole = ""
        self._said = False
        self.over = False

    def write(self, character: str) -> None:
        """The next character, from the first bracket on."""
        if self.over:
            return
        if self._start is not None:
            self._text += character
            if len(self._text) > LONGEST:
                self._stop("a sentence in it is too long")
                return
        if len(self._whole) < LONGEST:
            self._whole += character
        if self._string:
            if self._escaped:
                self._escaped = False
            elif character == "\\":
                self._escaped = True
            elif character == '"':
                self._string = False
        elif character == '"':
            self._string = True
        elif character in "{[":
            self._down(character)
        elif character in "}]":
            self._up(character)

    def finish(self) -> None:
        """Nothing follows."""
        if not self.over:
            self._stop("it is cut short")

    def _down(self, character: str) -> None:
        self._open.append(character)
        if len(self._open) > _DEEPEST:
            self._stop("it is nested too deeply")
        elif self._open in (["{", "[", "{"], ["[", "{"]):
            self._start, self._text = len(self._open), "{"

    def _up(self, character: str) -> None:
        if self._open[-1] != {"}": "{", "]": "["}[character]:
            self._stop("its brackets do not match")
            return
        if self._start == len(self._open):
            self._start = None
            self._sentence(self._text, "a sentence")
        self._open.pop()
        if not self._open:
            self.over = True
            if not self._said:
                self._sentence(self._whole, "the whole")

    def _stop(self, why: str) -> None:
        self.over = True
        self._note(f"The reply is JSON that cannot be read to its end: {why}.")

    def _sentence(self, text: str, what: str) -> None:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            self._note(f"The reply is JSON of which {what} cannot be read; it was left out.")
            return
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            self._note(f"The reply is JSON of another form ({what} has no text); it was left out.")
            return
        self._said = True
        self._say(inline(value, self._note))


def inline(sentence: dict[str, Any], note: Callable[[str], None]) -> str:
    """A sentence of the structured form as the inline format has it; ``text`` has to be a string."""
    text = " ".join(sentence["text"].split())
    tags = ""
    emotion = sentence.get("emotion")
    if emotion is not None:
        if not (isinstance(emotion, str) and emotion.lower() in EMOTIONS):
            note("The reply names an emotion that is not known: taken as neutral.")
            emotion = "neutral"
        strength = _number(sentence.get("intensity"), 0.7)
        tags += (
            "[neutral]" if emotion.lower() == "neutral" else f"[{emotion.lower()} {min(max(strength, 0.0), 1.0):.2f}]"
        )
    kind = sentence.get("type")
    if isinstance(kind, str) and kind.lower() in SENTENCE_TYPES:
        tags += f"[{kind.lower()}]"
    elif kind is not None:
        note("The reply names a sentence type that is not known: left out.")
    gesture = sentence.get("gesture")
    if isinstance(gesture, str) and gesture.lower().replace(" ", "_") in CUE_KINDS:
        tags += f"[{gesture.lower()}]"
    elif gesture not in (None, "", "none"):
        note("The reply names a gesture that is not known: left out.")
    words = sentence.get("emphasis")
    for word in words[:_MOST_EMPHASIS] if isinstance(words, list) else ():
        if isinstance(word, str) and any(map(str.isalnum, word)):
            text = _marked(text, word.strip(" *"))
    return tags + text


def _marked(text: str, word: str) -> str:
    """The text with asterisks around the first place where the word stands."""
    edge: Literal["", r"\b"] = r"\b" if word[:1].isascii() and word[-1:].isascii() else ""
    pattern = re.compile(f"{edge}{re.escape(word)}{edge}", re.IGNORECASE)
    for found in pattern.finditer(text):
        if text.count("*", 0, found.start()) % 2 == 0:  # not inside a pair that is there
            return f"{text[: found.start()]}*{found[0]}*{text[found.end() :]}"
    return text


def _number(value: object, otherwise: float) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 and math.isfinite(value):
        return float(value)
    return otherwise
