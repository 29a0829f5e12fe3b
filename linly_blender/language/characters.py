"""Which characters a script may hold, and where in it something stands."""

import re
import unicodedata
from typing import Final

from ..errors import UserError

_NEWLINES: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Byte-order mark, soft hyphen, zero-width space and joiners, bidirectional marks, variation selectors, keycaps, tags.
_INVISIBLE: Final = re.compile(
    "[\ufeff\xad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\u20e3"
    "\U000e0001-\U000e007f\U000e0100-\U000e01ef]"
)
# Joiners shape letters in Indic and Arabic writing; elsewhere they only glue emoji together.
_JOINER: Final = re.compile("(?<![\u0590-\u1bff])[\u200c\u200d]|[\u200c\u200d](?![\u0590-\u1bff])")
_BLANK: Final = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_FORBIDDEN: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff\ue000-\uf8ff]")

EMOJI: Final = (
    "[\u231a\u231b\u23e9-\u23fa\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
"""A regular expression's class: one character of an emoji."""
EMOTICON: Final = r"(?<![^\s.!?…,。！？，～~])(?:[:;=]['’]?-?[)(DPp]|<3|\^_?\^|T_T|[xX]D)(?![^\s.!?…,。！？，])"
"""A regular expression: a face typed in letters, ``:-)``, standing alone."""


def place(text: str, at: int) -> str:
    """Where offset ``at`` lies in ``text``, both counted from 1: ``line 3, column 14``."""
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"


def clean(text: str) -> str:
    """The text with plain line ends and blanks, and without marks that nobody sees.

    Raises
    ------
    UserError
        for a control character, half a surrogate pair, a private or an undecodable character, with its place.
    """
    text = _NEWLINES.sub("\n", text)
    text = _JOINER.sub("", _INVISIBLE.sub("", text))
    text = _BLANK.sub(" ", text)
    found = _FORBIDDEN.search(text)
    if found is None:
        return text
    character = found.group()
    code = f"U+{ord(character):04X}"
    where = place(text, found.start())
    if character == "\ufffd":
        raise UserError(f"The text was not read rightly at {where} ({code}). Save the script as UTF-8 and try again.")
    kind = {"Cc": "a control character", "Cs": "half of a character", "Co": "a private character"}
    what = kind.get(unicodedata.category(character), "no character")
    raise UserError(f"The text has {what} ({code}) at {where}. Remove it: no voice can say it.")
