"""Whether somebody who has paused has said all they wanted to say, and whether they asked, judged by the words."""

import re
from typing import Final, Literal


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TRAILING: Final = _words("but so because if when while whose um uh er erm hmm")
_LEANING: Final = _words("a an the and than as my your our their its of to")
"""Words that lean on the next: no voice dies away on one, unless it was another word."""
_SELDOM_LAST: Final = _words("or these those i we they he she like not very really")
_PREPOSITIONS: Final = _words("of to in on at by for with from into about between under over without")
_AUXILIARIES: Final = _words(
    "is are was were am be been being has have had do does did will would can could shall should may might must"
)
_LEADS_A_QUESTION: Final = _words("what who whom where when which how why")
_ANSWERS: Final = _words("yes no yeah nope sure")
_NEVER_LAST_ZH: Final = tuple(
    _words(
        "和 跟 与 或 或者 但 但是 可是 不过 因为 所以 如果 要是 虽然 而且 然后 就是 比如 关于 把 被 对 从 向 在 嗯 呃 "
        "那个 这个 还有"
    )
)
_HAN: Final = re.compile("[\u3400-\u9fff]")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")


Ending = Literal["whole", "doubtful", "open"]
"""What was said could be all; seldom ends so, but a recogniser's last word is wrong now and then; or goes on."""


def ending(text: str, fallen: bool = False) -> Ending:
    """How a text ends: open after "because", "the", a comma, "um" ... and when it is empty.

    ``fallen`` is whether the voice had died away at its end.
    """
    text = text.strip()
    if not text or text.endswith(("...", "…")):
        return "open"
    if text[-1] in ".?!。？！":
        return "whole"
    if text[-1] in ",;:-–—，；：、":
        return "open"
    if _HAN.match(text[-1]):
        return "open" if text.endswith(_NEVER_LAST_ZH) else "whole"
    words = _WORD.findall(text.lower())
    if not words:
        return "open"
    asks = len(words) > 2 and words[0] in _LEADS_A_QUESTION
    match words[-1]:
        case word if word in _PREPOSITIONS and asks:  # "Where are you from"
            return "whole"
        case word if word in _TRAILING:
            return "open"
        case word if word in _LEANING:
            return "doubtful" if fallen else "open"
        case word if word in _AUXILIARIES:  # "Yes, I am", "Who do you think you are"
            return "whole" if asks or (len(words) > 2 and words[0] in _ANSWERS) else "doubtful"
        case word if word in _SELDOM_LAST | _PREPOSITIONS:
            return "doubtful"
        case _:
            return "whole"


def is_question(text: str) -> bool:
    """Whether it asks, by its sign or, where a recogniser writes none, by its first word or the last character."""
    text = text.strip()
    if text.endswith(("?", "？", "吗", "呢")):
        return True
    first = _WORD.match(text.lower())
    return first is not None and first.group() in _LEADS_A_QUESTION | _AUXILIARIES and text[-1] not in ".!"
