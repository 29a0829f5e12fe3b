"""What a sentence means, as far as a face and a head can show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ..score import Emotion, SentenceType
from .emotion import emotion
from .emphasis import emphasis
from .sentence_type import sentence_type

HISTORY: Final = 4
"""How many earlier sentences a tagger is shown."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, clean of direction and emoji, as a tagger sees it."""

    text: str
    language: str
    """espeak-ng's code: ``en-us``, ``cmn`` ..."""
    words: tuple[tuple[int, int], ...]
    """Start and end of each spoken word in ``text``."""
    emoji: str = ""
    """The emoji that stood in it, or after it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    type: SentenceType
    emotion: Emotion
    intensity: float
    """Of the emotion, 0..1; 0 when neutral."""
    emphasis: tuple[float, ...]
    """A number for each word, 0..1; about one word in five has 0.5 or more."""


class Tagger(Protocol):
    """Tells what a sentence means."""

    def tag(self, said: Said, history: Sequence[Said]) -> Meaning:
        """The meaning of one sentence.

        Parameters
        ----------
        said
            The sentence, with at least one word.
        history
            The sentences before it, nearest last, ``HISTORY`` at most.
        """
        ...


class RuleTagger:
    """Clear rules and short word lists for English and Mandarin.

    Of any other language it knows the punctuation, the emoji and the place of the last word.
    """

    def tag(self, said: Said, history: Sequence[Said], prominence: Sequence[float] | None = None) -> Meaning:
        """The meaning of one sentence; ``prominence`` of its words, 0..1, when it is known better than by lists."""
        words = _words(said)
        kind = sentence_type(said.text, words, said.language)
        feeling, intensity = emotion(said.text, words, said.language, said.emoji, kind)
        before = [word for earlier in history if earlier.language == said.language for word in _words(earlier)]
        answers = bool(history) and history[-1].text.rstrip("\"'”’」』）)").endswith(("?", "？"))
        levels = emphasis(said.text, said.words, said.language, before, answers, prominence)
        return Meaning(kind, feeling, intensity, levels)


def _words(said: Said) -> list[str]:
    return [said.text[start:end] for start, end in said.words]
