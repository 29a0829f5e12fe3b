"""From what a stranger writes to sentences with tags: markup, code, links and hidden thoughts taken out as they stream.

Everything works character by character, so that the pieces in which a text arrives change nothing.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from ..errors import UserError
from ..language import direction
from ..language.characters import EMOJI
from ..language.script import ScriptCue
from ..language.sentences import split
from ..score import CUE_KINDS, EMOTIONS, SENTENCE_TYPES

Note = Callable[[str], None]

_PRIVATE: Final = 0xE000
_MOST_TAGS: Final = 0xF900 - _PRIVATE  # one private character each
_LONGEST_TAG: Final = 60
_LONGEST_ELEMENT: Final = 300
_LONGEST_LINK: Final = 500
_MARKS_IN_A_ROW: Final = 4  # accents on one letter
_SAME_IN_A_ROW: Final = 4
_SAME_DIGITS: Final = 12
_HIDDEN: Final = ("think", "thinking", "thought", "reasoning", "reflection", "tool_call", "script", "style")
_BREAKS: Final = ("br", "p", "div", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr")
_NO_TAG: Final = re.compile(r"[\d\W_]*|x", re.IGNORECASE)  # [1], [^2], [ ], [x]
_ELEMENT: Final = re.compile(r"<(/?)\s*(\w+)")
_NUMBERED: Final = re.compile(r"(.+?)[ :=,]+([0-9]*\.?[0-9]+)%?")
_LABEL: Final = re.compile(r"(?:emotion|feeling|tone|mood|gesture|action|type)s?[ :=]+")


class Filter:
    """Lets through what can be said or seen: no control characters, no overrides of direction, no heaps of accents."""

    def __init__(self) -> None:
        self._marks = 0

    def __call__(self, character: str) -> str:
        """The character, a plain blank or line end in its stead, or nothing."""
        if character in "\n\r\x0b\x0c\x85\u2028\u2029":
            return "\n"
        category = unicodedata.category(character)
        self._marks = self._marks + 1 if category[0] == "M" else 0
        if character == "\t" or category == "Zs":
            return " "
        if category[0] == "C" and character not in "\u200c\u200d":  # these shape letters in Indic and Arabic writing
            return ""
        return "" if character == "\ufffd" or self._marks > _MARKS_IN_A_ROW else character


@dataclass(frozen=True, slots=True)
class Tag:
    """A direction that is known."""

    kind: Literal["emotion", "gesture", "pause", "type"]
    name: str
    value: float = 0.0
    """Strength, size or seconds."""

    def __str__(self) -> str:
        return f"[{self.name}]" if self.name == "neutral" else f"[{self.name} {self.value:g}]"


def read_tag(inside: str) -> Tag | None:
    """What the words between two brackets mean, small slips forgiven; None when they are no direction."""
    name = _LABEL.sub("", " ".join(inside.lower().replace("_", " ").replace("-", " ").split()), count=1)
    numbered = _NUMBERED.fullmatch(name)
    name, value = (numbered[1], float(numbered[2])) if numbered else (name, None)
    if name in SENTENCE_TYPES:
        return Tag("type", name)
    if name == "tilt":
        name = "tilt left"
    if name not in _KNOWN and name.removesuffix("s") in _KNOWN:
        name = name.removesuffix("s")
    if name not in _KNOWN:
        return None
    low, high = (0.0, 1.0) if name in EMOTIONS else (0.1, direction.MAX_AMPLITUDE)
    if name == "pause":
        low, high = 0.05, direction.MAX_PAUSE
    number = "" if value is None or name == "neutral" else f" {min(max(value, low), high):.2f}"
    (mark,) = direction.parse(f"[{name}{number}]").marks
    match mark:
        case direction.EmotionMark(_, emotion, strength):
            return Tag("emotion", emotion, strength)
        case direction.PauseMark(_, seconds):
            return Tag("pause", "pause", seconds)
        case ScriptCue(_, _, size):
            return Tag("gesture", name, size)
    raise AssertionError(mark)


_KNOWN: Final = (*EMOTIONS, *(kind.replace("_", " ") for kind in CUE_KINDS), "pause")


@dataclass(frozen=True, slots=True)
class Pacing:
    """When a sentence that does not end is cut, in Latin letters; a Chinese character counts as three."""

    first: int = 120
    """The first sentence of a reply, at a comma."""
    clause: int = 240
    """Any other, at a comma."""
    most: int = 480
    """Any, between two words."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, as it was written but for its tags, of which each has left one private character."""

    text: str
    gap: float
    """Seconds of silence after it."""
    opens: bool
    """Whether it begins a paragraph."""
    closes: bool
    """Whether it ends one."""


# Seconds; the first three as in a script (language/reader.py).
_AFTER_SENTENCE: Final = 0.42
_AFTER_ELLIPSIS: Final = 0.5
_AFTER_PARAGRAPH: Final = 0.7
_AFTER_CLAUSE: Final = 0.15

_STOPS: Final = ".!?…。！？；｡．؟।॥‽⁇⁈⁉"
_CLOSERS: Final = "\"'”’»›」』）)]】》〉"
_ENDING: Final = re.compile(rf"[{_STOPS}]+[{re.escape(_CLOSERS)}]*$")
_UNSEEN: Final = re.compile("[\ue000-\uf8ff*_`~]+")
_PLACE: Final = re.compile("[\ue000-\uf8ff]")
EAST_ASIAN: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U000323af]")
"""A character that stands for a syllable or a word."""
# Whatever may follow a sentence's end: when all agree, nobody needs to wait for what does follow.
_SEQUELS: Final = ("", "a b", "B b", "The b", "I b", "1 b", "我", "“B")


def bare(text: str) -> str:
    """The text without tags and marks of emphasis."""
    return _UNSEEN.sub("", text)


def weight(text: str) -> int:
    """Length in Latin letters; a Chinese character takes about as long to say as three."""
    return len(text) + 2 * len(EAST_ASIAN.findall(text))


class Sentences:
    """Cuts what is written into it as soon as a sentence is over."""

    def __init__(self, pacing: Pacing) -> None:
        self._pacing = pacing
        self._buffer = ""
        self._waiting: int | None = None
        """Where the sentence ends if the word that follows begins another."""
        self._opens = True
        self._first = True
        self._same = 0
        self.tags: list[Tag] = []
        self.ready: list[Piece] = []

    def write(self, character: str) -> None:
        """The next character of the text; no line end."""
        before = self._buffer
        if character == " " and before[-1:] in ("", " "):
            return
        self._same = self._same + 1 if before[-1:] == character else 0
        if self._same >= (_SAME_DIGITS if character.isdigit() else _SAME_IN_A_ROW):
            return
        self._buffer += character
        if self._waiting is not None:
            self._settle(character)
            before = self._buffer[:-1]
        if character not in _STOPS and character not in _CLOSERS and bare(character):
            self._look(before, character)

    def tag(self, tag: Tag) -> None:
        """A direction at this place."""
        if len(self.tags) < _MOST_TAGS:
            self._buffer += chr(_PRIVATE + len(self.tags))
            self.tags.append(tag)

    def drop_last(self, character: str) -> bool:
        """Take the last character back if it is this one."""
        if not self._buffer.endswith(character):
            return False
        self._buffer = self._buffer.removesuffix(character)
        return True

    def paragraph(self) -> None:
        """The line ends, and with it the sentence."""
        self._cut(len(self._buffer), _AFTER_PARAGRAPH, closes=True)
        self._opens = True

    def finish(self, gap: float = 0.0) -> None:
        """Nothing follows for now, so what is there is a sentence."""
        self._cut(len(self._buffer), gap)

    def _look(self, before: str, character: str) -> None:
        plain = bare(before)
        if _ENDING.search(plain[-8:]) and self._judge(before, plain, character):
            return
        clause = (character == " " and plain[-1:] in ",;:—–") or character in "，：—"
        if not clause and len(plain) * 3 <= self._pacing.most:
            return
        long = weight(plain)
        if clause and long > (self._pacing.first if self._first else self._pacing.clause):
            self._cut(len(self._buffer), _AFTER_CLAUSE)
        elif long > self._pacing.most:
            blank = before.rfind(" ")
            self._cut(blank if blank > len(before) // 2 else len(self._buffer), _AFTER_CLAUSE)

    def _judge(self, before: str, plain: str, character: str) -> bool:
        """Cut before ``character`` if a sentence ends there whatever follows, and wait if it depends; tells if cut."""
        if not any(map(str.isalnum, plain)):
            return False
        verdicts = {_ends(plain, character + sequel) for sequel in _SEQUELS}
        if verdicts == {True}:
            self._cut(_without_trailing_tags(before), _gap(plain))
        elif len(verdicts) == 2:
            self._waiting = _without_trailing_tags(before)
            self._settle(character)
        return verdicts == {True}

    def _settle(self, character: str) -> None:
        """Decide about the end in waiting as soon as the next word is whole."""
        assert self._waiting is not None
        after = bare(self._buffer[self._waiting :])
        if character.isalnum() or character in "'’" or not any(map(str.isalnum, after)):
            return
        plain = bare(self._buffer[: self._waiting])
        if _ends(plain, after):
            self._cut(self._waiting, _gap(plain))
        self._waiting = None

    def _cut(self, at: int, gap: float, *, closes: bool = False) -> None:
        text, self._buffer = self._buffer[:at], self._buffer[at:].lstrip(" ")
        self._waiting = None
        if not text.strip():
            return
        self.ready.append(Piece(text, gap, self._opens, closes))
        self._opens = False
        self._first = self._first and not any(map(str.isalnum, text))


def _ends(plain: str, after: str) -> bool:
    return any(span.end == len(plain) for span in split(plain + after))


def _without_trailing_tags(text: str) -> int:
    """Where a sentence ends whose last characters are tags: those belong to the next one."""
    return len(text.rstrip("".join(set(_PLACE.findall(text)))))


def _gap(plain: str) -> float:
    stop = plain.rstrip(_CLOSERS)
    return _AFTER_ELLIPSIS if stop.endswith(("…", "...")) else _AFTER_SENTENCE


class Markup:
    """Takes tags, links, HTML, code and hidden thoughts out of a text and writes the rest into sentences."""

    def __init__(self, into: Sentences, note: Note) -> None:
        self._into = into
        self._note = note
        self._state = self._text
        self._held = ""
        self._wide = False
        self._until = ""
        self._ticks = 0

    def write(self, character: str) -> None:
        """The next character, filtered."""
        self._state(character)

    def finish(self) -> None:
        """Nothing follows."""
        if self._state == self._tag or self._state == self._element:
            self._give_back()
        elif self._state == self._after_tag:
            self._unknown()
        self._state = self._text

    def _text(self, character: str) -> None:
        if character == "`":
            self._ticks += 1
            if self._ticks == 3:
                self._note("Code in the reply was left out: it cannot be said.")
                self._into.paragraph()
                self._hide("```")
            return
        self._ticks = 0
        if character in "[［【":
            self._held, self._wide, self._state = "", character == "【", self._tag
        elif character == "<":
            self._held, self._state = "", self._element
        elif character == "\n":
            self._into.paragraph()
        else:
            self._into.write(character)

    def _hide(self, until: str) -> None:
        self._held, self._until, self._state, self._ticks = "", until, self._hidden, 0

    def _hidden(self, character: str) -> None:
        self._held = (self._held + character.lower())[-len(self._until) :]
        if self._held == self._until:
            self._state = self._text

    def _tag(self, character: str) -> None:
        if character in "]］】":
            tag = read_tag(self._held)
            if tag is not None:
                self._state = self._text
                self._into.tag(tag)
            elif self._wide:
                self._give_back()
            else:
                self._state = self._after_tag
        elif character in "\n[［【" or len(self._held) >= _LONGEST_TAG:
            self._give_back()
            self._state(character)
        else:
            self._held += character

    def _give_back(self) -> None:
        """What was held is only text."""
        held, self._held, self._state = self._held, "", self._text
        for character in held:
            self._state(character)

    def _after_tag(self, character: str) -> None:
        if character != "(":
            self._unknown()
            self._state = self._text
            self._text(character)
            return
        if self._into.drop_last("!"):  # a picture
            self._held = ""
        self._give_back()
        self._held, self._state = "", self._link

    def _unknown(self) -> None:
        if _NO_TAG.fullmatch(self._held) is None:
            self._note(f"The reply has a tag that is not known, [{printable(self._held)}]: taken as neutral.")
            self._into.tag(Tag("emotion", "neutral"))

    def _link(self, character: str) -> None:
        self._held += character
        if character in ")\n" or len(self._held) > _LONGEST_LINK:
            self._state = self._text
            if character == "\n":
                self._text(character)

    def _element(self, character: str) -> None:
        if not self._held and not (character.isalpha() or character in "/!|"):
            self._state = self._text
            self._into.write("<")
            self._text(character)
        elif character == ">":
            self._state = self._text
            self._close_element()
        elif character in "\n<" or len(self._held) >= _LONGEST_ELEMENT:
            self._give_back()
            self._state(character)
        else:
            self._held += character
            if self._held == "!--":
                self._hide("-->")

    def _close_element(self) -> None:
        found = _ELEMENT.match(f"<{self._held}")
        closing, name = (found[1], found[2].lower()) if found else ("", "")
        if name in _HIDDEN and not closing and not self._held.endswith("/"):
            self._hide(f"</{name}>")
        elif name in _BREAKS:
            self._into.paragraph()


_URL: Final = re.compile(
    r"(?:https?://|www\.)(?:[^\s/@]*@)?(?:www\.)?([\w.-]*\w)?[^\s\u3000-\u303f\uff00-\uffef]*", re.I
)
EMOJI_RUN: Final = re.compile(rf"^(?:{EMOJI}[\ufe0f\u200d]*\s*)+")
"""Emoji at the beginning of a sentence."""
_ENTITY: Final = re.compile(r"&#?\w{1,12};")
_BULLET: Final = re.compile(r"^(?:#{1,6} +|> *|[-+•*–] +)+")
_RULER: Final = re.compile(r"[-=*_]{3,}")
_EDGE: Final = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])|~~")
_NOISE: Final = re.compile(r"[\\{}\[\]]+")
_AGAIN: Final = re.compile(r"(\S.{1,24}?)\1{4,}")
_COLUMN: Final = re.compile(r" *\|[ |]*")
_LOOSE: Final = re.compile(r"(?<=\w) +(?=[,.;!?](?:\s|$))")
_STARS: Final = re.compile(r"\*+")


def speakable(piece: Piece) -> str:
    """The piece without markdown, entities and addresses; tags' private characters and asterisks stay."""
    keep = Filter()
    text = _BULLET.sub("", piece.text) if piece.opens else piece.text
    text = _ENTITY.sub(lambda found: "".join(map(keep, html.unescape(found[0]))).replace("\n", " "), text)
    text = _URL.sub(lambda found: found[1] or "", text)
    text = _EDGE.sub("", _RULER.sub(" ", text)).replace("_", " ")
    text = _COLUMN.sub(", ", text.strip(" |")) if "|" in text else text
    text = _AGAIN.sub(r"\1\1", _NOISE.sub(" ", text))
    return _LOOSE.sub("", emphasise(text)).strip(" ")


def emphasise(text: str) -> str:
    """Asterisks in pairs, ``*so*``; one without a partner is left out, one between numbers is escaped."""
    pieces: list[str] = []
    opened: int | None = None
    at = 0
    for stars in _STARS.finditer(text):
        pieces.append(text[at : stars.start()])
        at = stars.end()
        before, after = _PLACE.sub("", text[: stars.start()]), _PLACE.sub("", text[at:])
        if before.rstrip()[-1:].isdigit() and after.lstrip()[:1].isdigit():
            pieces.append("\\*")
        elif opened is not None and before[-1:].strip():
            if any(map(str.isalnum, "".join(pieces[opened:]))):
                pieces[opened - 1] = "*"
                pieces.append("*")
            opened = None
        elif opened is None and after[:1].strip():
            pieces.append("")
            opened = len(pieces)
    return "".join((*pieces, text[at:]))


def places(text: str) -> list[tuple[int, int]]:
    """Offset and number of every tag in a text."""
    return [(found.start(), ord(found[0]) - _PRIVATE) for found in _PLACE.finditer(text)]


def printable(text: str, most: int = 24) -> str:
    """Foreign text, fit for a message of one line."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in text[:most])
    return shown if len(text) <= most else shown + "…"


def check(text: str) -> None:
    """Raise UserError when an author's own answer has a wrong tag, as ``direction.parse`` does.

    Beside the tags of a script, the names of the sentence types are known.
    """
    try:
        direction.parse(re.sub(rf"\[(?:{'|'.join(SENTENCE_TYPES)})\]", "", text))
    except UserError as error:
        raise UserError(re.sub(r" ?\(?(?:at )?line \d+, (column \d+)\)?", "", str(error))) from error
