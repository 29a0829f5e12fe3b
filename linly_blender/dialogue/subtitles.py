"""The text of subtitles (SubRip, WebVTT), which is often the only script that a film has."""

import re
from typing import Final

_TIMES: Final = re.compile(r"(?m)^(?:\d{1,6}[ \t]*\n)?[ \t]*(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}[ \t]*-->.*$")
"""When a subtitle is shown, and its number before that."""
_HEAD: Final = re.compile(r"\A\ufeff?WEBVTT[^\n]*(?:\n[^\n]+)*")
_MARKUP: Final = re.compile(r"</?[a-zA-Z][^>\n]*>|\{\\[^}\n]*\}")
_ENDED: Final = tuple(".!?…。！？\"'”’»」』)）")
_CJK: Final = "\u2e80"
"""From here on no space is between two words."""


def without_times(text: str) -> str:
    """The text of subtitles, each sentence in one line; any other text as it is.

    >>> without_times("1\\n00:00:01,000 --> 00:00:02,500\\nYou promised\\n<i>me</i> that.\\n")
    'You promised me that.'
    """
    text = text.replace("\r\n", "\n")
    if not _TIMES.search(text):
        return text
    paragraphs = [""]
    for line in _MARKUP.sub("", _TIMES.sub("", _HEAD.sub("", text))).split("\n"):
        line = line.strip()
        if not line:
            continue
        if paragraphs[-1].endswith(_ENDED):
            paragraphs.append(line)
        else:
            between = "" if paragraphs[-1][-1:] >= _CJK or not paragraphs[-1] else " "
            paragraphs[-1] += between + line
    return "\n".join(paragraphs)
