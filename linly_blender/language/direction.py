"""Direction inside the text: ``*emphasis*``, ``[sad 0.7]``, ``[nod]``, ``[pause 0.5]``, taken out before it is spoken.

The grammar is described for authors in ``docs/direction.md``.
"""

import difflib
import re
from dataclasses import dataclass, replace
from typing import Final, cast

from ..errors import UserError
from ..score import CUE_KINDS, EMOTIONS, CueKind, Emotion
from .characters import EMOJI, EMOTICON, place
from .script import ScriptCue

DEFAULT_INTENSITY: Final = 0.7
"""Of an emotion that was asked for without a number."""
DEFAULT_PAUSE: Final = 0.5
"""Seconds."""
MAX_AMPLITUDE: Final = 2.0
MAX_PAUSE: Final = 10.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class EmotionMark:
    at: int
    emotion: Emotion
    intensity: float
    """0..1; 0 when neutral."""


@dataclass(frozen=True, slots=True)
class PauseMark:
    at: int
    seconds: float


@dataclass(frozen=True, slots=True)
class EmojiMark:
    at: int
    emoji: str
    """Not spoken, but it tells how the sentence is meant."""


Mark = EmotionMark | PauseMark | EmojiMark | ScriptCue


@dataclass(frozen=True, slots=True)
class Directed:
    """Plain text and the direction that was in it; all offsets are into ``text``."""

    text: str
    emphasis: tuple[tuple[int, int], ...]
    """Start and end of what stood between asterisks, in order, never empty or overlapping."""
    marks: tuple[Mark, ...]
    """In the order of the text; ``at`` is the offset of the character that followed."""


_TOKEN: Final = re.compile(rf"\\[\\*\[\]]|[\[\]\n]|\*+|{EMOJI}+(?: *{EMOJI}+)*|{EMOTICON}")
_TAG_END: Final = re.compile(r"[\[\]\n]")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_CLOSING: Final = frozenset(".,!?…;:)。，！？；：、）”’」』")
_GESTURES: Final = {kind.replace("_", " "): kind for kind in CUE_KINDS}
_NAMES: Final = (*EMOTIONS, *_GESTURES, "pause")
_ESCAPE_HINT: Final = "write \\{0} for a {1} that is meant to be read"


def parse(text: str) -> Directed:
    r"""Take the direction out of a text.

    A tag takes one of the blanks around it with it, so that the plain text reads as if it had never been there.
    An asterisk between blanks (``3 * 4``) or between digits (``3*4``) is an asterisk; ``\*``, ``\[``, ``\]`` and
    ``\\`` always stand for the character itself.

    Raises
    ------
    UserError
        for a tag that is unknown, unclosed or out of range and for an asterisk without its partner, with line and
        column, counted from 1, and what would be allowed.
    """
    plain = _Plain()
    emphasis: list[tuple[int, int]] = []
    opened: tuple[int, int] | None = None  # offsets of the asterisk that waits for its partner: text, plain text
    at = 0
    for token in _TOKEN.finditer(text):
        if token.start() < at:  # inside a tag that has been read
            continue
        plain.write(text[at : token.start()])
        at = token.end()
        found = token.group()
        if found[0] == "\\":
            plain.write(found[1])
        elif found[0] == "[":
            mark, at = _tag(text, token.start(), plain.length)
            at = plain.mark(mark, text, at)
        elif found == "]":
            hint = _ESCAPE_HINT.format("]", "bracket")
            raise UserError(f"The bracket ] at {place(text, token.start())} closes nothing: open it with [, or {hint}.")
        elif found == "\n":
            if opened is not None:
                raise _unpaired(text, opened[0])
            plain.write(found)
        elif found[0] != "*":
            at = plain.mark(EmojiMark(plain.length, found), text, at)
        else:
            before, after = text[token.start() - 1 : token.start()], text[at : at + 1]
            if before.isdigit() and after.isdigit():
                plain.write(found)
            elif opened is not None and before.strip():
                if opened[1] < plain.length:
                    emphasis.append((opened[1], plain.length))
                opened = None
            elif opened is None and after.strip():
                opened = token.start(), plain.length
            elif before.strip() or after.strip():
                raise _unpaired(text, token.start() if opened is None else opened[0])
            else:
                plain.write(found)
    plain.write(text[at:])
    if opened is not None:
        raise _unpaired(text, opened[0])
    return Directed(plain.text, tuple(emphasis), tuple(plain.marks))


class _Plain:
    """The plain text as it grows, and the marks on it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0
        self.marks: list[Mark] = []

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def write(self, piece: str) -> None:
        if piece:
            self._pieces.append(piece)
            self.length += len(piece)

    def mark(self, mark: Mark, text: str, at: int) -> int:
        """Note a mark that ended at ``at`` in the text; returns where to read on, a doubled blank left out."""
        self.marks.append(mark)
        last, following = self._pieces[-1][-1] if self._pieces else "\n", text[at : at + 1]
        if following == " " and last in " \n":
            return at + 1
        if following in _CLOSING and following and last == " ":
            self._pieces[-1] = self._pieces[-1][:-1]
            self.length -= 1
            if not self._pieces[-1]:
                self._pieces.pop()
            for i in range(len(self.marks) - 1, -1, -1):
                if self.marks[i].at <= self.length:
                    break
                self.marks[i] = replace(self.marks[i], at=self.length)
        return at


def _tag(text: str, start: int, at: int) -> tuple[Mark, int]:
    """Read the tag whose bracket opens at ``start``; returns its mark and where the text goes on."""
    where = place(text, start)
    end = _TAG_END.search(text, start + 1)
    if end is None or end.group() != "]":
        shown = text[start : end.start() if end else None].rstrip()
        shown = shown if len(shown) <= 24 else shown[:24] + "…"
        hint = _ESCAPE_HINT.format("[", "bracket")
        raise UserError(f"The tag {shown} at {where} is not closed: end it with ], or {hint}.")
    tag = text[start : end.end()]
    words = tag[1:-1].lower().replace("_", " ").split()
    value: str | None = None
    if len(words) > 1 and words[-1][0] in "+-.0123456789":
        value = words.pop()
    name = " ".join(words)

    def number(low: float, high: float, default: float, meaning: str) -> float:
        if value is None:
            return default
        if _NUMBER.fullmatch(value) is None:
            raise UserError(
                f'The tag {tag} at {where}: "{value}" is not a number; write for example [{name} {default}].'
            )
        if not low <= float(value) <= high:
            raise UserError(f"The tag {tag} at {where}: {meaning} goes from {low:g} to {high:g}.")
        return float(value)

    if name == "neutral" and value is not None:
        raise UserError(f"The tag {tag} at {where}: neutral takes no number; write [neutral].")
    if name in EMOTIONS:
        intensity = 0.0 if name == "neutral" else number(0.0, 1.0, DEFAULT_INTENSITY, "the strength of an emotion")
        emotion = name if intensity > 0 else "neutral"
        return EmotionMark(at, cast("Emotion", emotion), intensity), end.end()
    if name in _GESTURES:
        amplitude = number(0.1, MAX_AMPLITUDE, 1.0, "the size of a gesture")
        return ScriptCue(cast("CueKind", _GESTURES[name]), at, amplitude), end.end()
    if name == "pause":
        return PauseMark(at, number(0.05, MAX_PAUSE, DEFAULT_PAUSE, "a pause in seconds")), end.end()
    raise _unknown(tag, name, where)


def _unknown(tag: str, name: str, where: str) -> UserError:
    shown = tag if len(tag) <= 24 else tag[:23] + "…]"
    close = [known for known in _NAMES if name and known.startswith(name + " ")]
    close = close or difflib.get_close_matches(name, _NAMES, n=2, cutoff=0.6)
    guess = " Did you mean " + " or ".join(f"[{known}]" for known in close) + "?" if close else ""
    return UserError(
        f"There is no tag {shown} ({where}).{guess} Emotions: {', '.join(EMOTIONS)}; gestures: {', '.join(_GESTURES)}; "
        f"and pause. {_ESCAPE_HINT.format('[', 'bracket').capitalize()}."
    )


def _unpaired(text: str, at: int) -> UserError:
    hint = _ESCAPE_HINT.format("*", "star")
    return UserError(f"The asterisk at {place(text, at)} has no partner on its line: write *word*, or {hint}.")
