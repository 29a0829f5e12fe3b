"""Whether somebody who has paused has said all they wanted to say, and whether they asked, judged by the words."""

import re
from typing import Final


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEVER_LAST: Final = _words(
    "a an the and or but so because if when while whose than as my your our their its these those "
    "i we they he she um uh er erm hmm like not very really"
)
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


def is_complete(text: str) -> bool:
    """Whether the text could be a whole utterance: false after "because", "the", a comma, "um" ... and when empty."""
    text = text.strip()
    if not text or text.endswith(("...", "…")):
        return False
    if text[-1] in ".?!。？！":
        return True
    if text[-1] in ",;:-–—，；：、":
        return False
    if _HAN.match(text[-1]):
        return not text.endswith(_NEVER_LAST_ZH)
    words = _WORD.findall(text.lower())
    if not words or words[-1] in _NEVER_LAST:
        return False
    if words[-1] in _PREPOSITIONS:  # "Where are you from"
        return len(words) > 2 and words[0] in _LEADS_A_QUESTION
    if words[-1] in _AUXILIARIES:  # "Yes, I am", "Who do you think you are"
        return len(words) > 2 and words[0] in _LEADS_A_QUESTION | _ANSWERS
    return True


def is_question(text: str) -> bool:
    """Whether it asks, by its sign or, where a recogniser writes none, by its first word or the last character."""
    text = text.strip()
    if text.endswith(("?", "？", "吗", "呢")):
        return True
    first = _WORD.match(text.lower())
    return first is not None and first.group() in _LEADS_A_QUESTION | _AUXILIARIES and text[-1] not in ".!"
