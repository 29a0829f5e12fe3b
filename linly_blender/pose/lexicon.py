"""Words whose meaning people show with head and eyes: no, but, maybe, hello, let me see. English and Mandarin only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ..score import Sentence
from .timeline import ASKING, Timeline

Meaning = Literal[
    "negation", "contrast", "doubt", "all", "yes", "agreement", "greeting", "farewell", "thanks", "apology", "thinking"
]

_ENGLISH: Final[dict[Meaning, str]] = {
    "negation": "no, not, never, nobody, nothing, none, nowhere, neither, nor, cannot, can't, don't, doesn't, didn't, "
    "isn't, aren't, wasn't, weren't, won't, wouldn't, shouldn't, couldn't, haven't, hasn't, hadn't, without, nope",
    "contrast": "but, however, although, though, and yet, but yet, instead, otherwise, despite, whereas, nevertheless, "
    "on the other hand, even so",
    "doubt": "maybe, perhaps, possibly, probably, might, somehow, unsure, seems, apparently, guess",
    "all": "all, every, everyone, everything, everybody, always, whole, entire, both",
    "yes": "yes, yeah, yep, that's right, that is right",
    "agreement": "exactly, indeed, absolutely, certainly, sure, definitely, okay, ok, of course, agreed, no problem",
    "greeting": "hello, hi, hey, welcome, greetings, good morning, good afternoon, good evening",
    "farewell": "goodbye, bye, bye-bye, good night, see you, farewell",
    "thanks": "thank, thanks, thank you",
    "apology": "sorry, apologise, apologize, apologises, apologizes, apologies, apology, i understand, we understand, "
    "i completely understand, i do understand, i fully understand, i hear you, i can imagine, forgive me, forgive us",
    "thinking": "hmm, hm, hmmm, um, uh, er, erm, let me see, let me think, let's see, let us see, i wonder, "
    "how shall i put it, how shall i say",
}
_MANDARIN: Final[dict[Meaning, str]] = {
    "negation": "不, 没, 没有, 不是, 不会, 不能, 不要, 不用, 不行, 不再, 不需要, 别, 无, 从不, "
    "从来不, 并不, 绝不, 没人, 毫无, 不对",
    "contrast": "但, 但是, 可是, 不过, 然而, 却, 而是, 反而, 虽然, 尽管, 相反, 另一方面",
    "doubt": "也许, 可能, 大概, 或许, 好像, 似乎, 恐怕, 说不定",
    "all": "所有, 每, 每个, 全部, 都, 大家, 整个, 一切",
    "yes": "是的, 对, 对的, 没错, 嗯嗯, 是啊, 对啊",
    "agreement": "好的, 当然, 的确, 确实, 行, 一定, 好啊, 可以, 没问题, 同意",
    "greeting": "你好, 您好, 大家好, 早上好, 晚上好, 下午好, 上午好, 欢迎, 早安, 你们好",
    "farewell": "再见, 拜拜, 晚安, 回头见, 明天见",
    "thanks": "谢谢, 感谢, 多谢, 谢谢您, 谢谢你",
    "apology": "抱歉, 对不起, 不好意思, 道歉, 致歉, 歉意, 我理解, 我们理解, 我很理解, 我非常理解, 我完全理解, "
    "我能理解, 我明白您, 我们明白, 请原谅, 请您原谅, 请谅解, 请您谅解",
    "thinking": "嗯, 唔, 呃, 额, 让我想想, 让我想一想, 让我想一下, 我想想, 我想一想, 我想一下, "
    "让我看看, 让我看一下, 我看看, 怎么说呢, 这个嘛",
}


def _phrases(*tables: dict[Meaning, str]) -> dict[str, Meaning]:
    return {
        phrase.strip(): meaning
        for table in tables
        for meaning, phrases in table.items()
        for phrase in phrases.split(",")
    }


_IN_ENGLISH: Final = _phrases(_ENGLISH)
_IN_MANDARIN: Final = _phrases(_ENGLISH, _MANDARIN)
"""English words are said in Mandarin too: OK, sorry."""
_LONGEST: Final = max(len(phrase.split()) if phrase.isascii() else len(phrase) for phrase in _IN_MANDARIN)
"""Words of a phrase; a Mandarin word has at least a character."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word or phrase with a meaning."""

    meaning: Meaning
    sentence: int
    first: int
    """Index of its first word in the speech."""
    last: int
    """Of its last."""


def meanings_in(timeline: Timeline) -> tuple[Said, ...]:
    """All words and phrases with a meaning, in order; of two that begin with the same word the longer."""
    found: list[Said] = []
    for sentence, indices in enumerate(timeline.words_of):
        phrases = _known_in(timeline.sentences[sentence].language)
        if not phrases:
            continue
        words = [timeline.words[index].text.casefold().replace("’", "'") for index in indices]
        at = 0
        while at < len(words):
            length, meaning = _longest(words, at, phrases)
            if meaning is not None:
                found.append(Said(meaning, sentence, indices.start + at, indices.start + at + length - 1))
            at += length
    return tuple(found)


def _known_in(language: str) -> dict[str, Meaning]:
    """Phrases of a language, by espeak-ng's code; none where a word may mean anything ("er" is a German he)."""
    if language.startswith("en"):
        return _IN_ENGLISH
    return _IN_MANDARIN if language in ("cmn", "yue", "hak") else {}


def _longest(words: Sequence[str], at: int, phrases: dict[str, Meaning]) -> tuple[int, Meaning | None]:
    """The longest phrase that begins with a word: its number of words and its meaning; ``(1, None)`` without one."""
    most = min(_LONGEST, len(words) - at)
    joint = " " if words[at].isascii() else ""
    for length in range(most, 0, -1):
        meaning = phrases.get(joint.join(words[at : at + length]))
        if meaning is not None:
            return length, meaning
    return 1, None


_LISTENS: Final = 0.25
"""Intensity of concern from which a sentence answers somebody's trouble."""


def listening(timeline: Timeline, said: Sequence[Said]) -> tuple[range, ...]:
    """Stretches of sentences that answer a complaint: an apology, understanding, concern. Questions are not among them.

    Each stretch is a range of indices of sentences.
    """
    sorry = {phrase.sentence for phrase in said if phrase.meaning == "apology"}
    stretches: list[range] = []
    for index, sentence in enumerate(timeline.sentences):
        if not (_tells(sentence) and (index in sorry or _is_concerned(sentence))):
            continue
        if stretches and stretches[-1].stop == index:
            stretches[-1] = range(stretches[-1].start, index + 1)
        else:
            stretches.append(range(index, index + 1))
    return tuple(stretches)


def _tells(sentence: Sentence) -> bool:
    return sentence.type not in ASKING


def _is_concerned(sentence: Sentence) -> bool:
    return sentence.emotion == "concerned" and sentence.intensity >= _LISTENS
