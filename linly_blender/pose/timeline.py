"""What the body listens for in a speech: phrases, stressed vowels, pauses and the end of the turn."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Final

from ..score import Sentence, Speech, Word
from ..speech.stress import stressed_vowels

PAUSE: Final = 0.12
"""Seconds of silence from which two stretches of speech are two phrases."""
AFTER_TURN: Final = 0.28
"""Seconds after the last phone by which every gesture is over."""
LONG_PAUSE: Final = 0.45
"""Seconds of silence from which the head comes to rest in between."""
SETTLED_AFTER: Final = 0.14
"""Seconds after the voice by which the head rests in a long pause."""
ASKING: Final = frozenset(("question", "rhetorical"))
"""Types of sentences that are put to somebody."""
_COMMAS: Final = frozenset(",，、;；")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Speech without a pause in it, within one sentence."""

    start: float
    end: float
    sentence: int
    silence: float
    """Seconds of silence before it."""


@dataclass(frozen=True, slots=True)
class Stress:
    """A word's stressed vowel."""

    word: int
    time: float
    """Where a beat falls: a little before the vowel's middle."""
    start: float
    end: float
    sentence: int
    emphasis: float
    stress: int
    """Of the phone: 1 primary, 2 secondary, 0 none."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A speech and what lies where in it."""

    speech: Speech
    phrases: tuple[Phrase, ...]
    stresses: tuple[Stress, ...]
    words_of: tuple[range, ...]
    """For every sentence, the indices of its words."""
    end: float
    """End of the last phone; 0 when nothing is said."""

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return self.speech.sentences

    @property
    def words(self) -> tuple[Word, ...]:
        return self.speech.words

    @property
    def last_gesture(self) -> float:
        """Seconds by which every gesture is over: shortly after the voice."""
        return min(self.end + AFTER_TURN, self.speech.duration)

    def settled_by(self, time: float) -> float:
        """When a gesture at ``time`` has to be over: at the next long pause or the end of the turn.

        A gesture asked for in a silence may take until the end of the sound.
        """
        if time >= self.last_gesture:
            return self.speech.duration
        index = max(bisect_right(self.phrases, time, key=_start) - 1, 0)
        if time > self.phrases[index].end + SETTLED_AFTER and index + 1 < len(self.phrases):
            index += 1
        while index + 1 < len(self.phrases) and self.phrases[index + 1].silence <= LONG_PAUSE:
            index += 1
        last = index + 1 == len(self.phrases)
        return self.last_gesture if last else self.phrases[index].end + SETTLED_AFTER

    def stresses_between(self, start: float, end: float) -> tuple[Stress, ...]:
        """Stressed vowels whose time lies in ``[start, end)``."""
        first = bisect_left(self.stresses, start, key=_time)
        return self.stresses[first : bisect_left(self.stresses, end, key=_time)]

    def phrases_of(self, sentence: int) -> tuple[Phrase, ...]:
        """Phrases of a sentence."""
        first = bisect_left(self.phrases, sentence, key=_sentence)
        return self.phrases[first : bisect_right(self.phrases, sentence, key=_sentence)]


def _time(stress: Stress) -> float:
    return stress.time


def _start(phrase: Phrase) -> float:
    return phrase.start


def _sentence(phrase: Phrase) -> int:
    return phrase.sentence


def read_timeline(speech: Speech) -> Timeline:
    """Find phrases and stressed vowels."""
    return Timeline(
        speech,
        _phrases(speech),
        _stresses(speech),
        _words_of(speech),
        speech.phones[-1].end if speech.phones else 0.0,
    )


def _words_of(speech: Speech) -> tuple[range, ...]:
    of_words = [word.sentence for word in speech.words]
    return tuple(range(bisect_left(of_words, i), bisect_right(of_words, i)) for i in range(len(speech.sentences)))


def _phrases(speech: Speech) -> tuple[Phrase, ...]:
    """Phones joined while no pause and no new sentence comes between them."""
    ends = [sentence.end for sentence in speech.sentences]
    phrases: list[Phrase] = []
    start = end = before = 0.0
    sentence = -1
    for phone in speech.phones:
        of = min(bisect_right(ends, (phone.start + phone.end) / 2), max(len(ends) - 1, 0))
        if sentence >= 0 and (phone.start - end > PAUSE or of != sentence):
            phrases.append(Phrase(start, end, sentence, start - before))
            before, sentence = end, -1
        if sentence < 0:
            start, sentence = phone.start, of
        end = phone.end
    if sentence >= 0:
        phrases.append(Phrase(start, end, sentence, start - before))
    return tuple(phrases)


def _stresses(speech: Speech) -> tuple[Stress, ...]:
    found = [
        Stress(
            index,
            vowel.start + 0.35 * (vowel.end - vowel.start),
            vowel.start,
            vowel.end,
            speech.words[index].sentence,
            speech.words[index].emphasis,
            vowel.stress,
        )
        for index, vowel in stressed_vowels(speech).items()
    ]
    return tuple(sorted(found, key=_time))


def words_before_commas(timeline: Timeline, sentence: int) -> list[int]:
    """Words of a sentence that a comma or the like follows, in order."""
    text, at = timeline.sentences[sentence].text, 0
    marked: list[int] = []
    for word in timeline.words_of[sentence]:
        found = text.find(timeline.words[word].text, at)
        if found < 0:
            continue
        if word > timeline.words_of[sentence].start and _COMMAS.intersection(text[at:found]):
            marked.append(word - 1)
        at = found + len(timeline.words[word].text)
    return marked
