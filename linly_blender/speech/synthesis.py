"""From the lines of a script to speech: sound, phones and words on one clock."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Protocol
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..language.script import Line
from ..score import Cue, Emotion, Phone, Sentence, Speech, Word
from . import espeak
from .pronunciation import is_voiceless_stop, is_vowel, syllables, to_ipa
from .spoken import readings

LEAD_IN: Final = 0.3
"""Seconds of silence before the first sound: the character breathes in."""
LEAD_OUT: Final = 1.0
"""Seconds of silence after the last sound: the character comes to rest."""
TAIL: Final = 0.06
"""Seconds of a sentence's sound kept after its last phone."""
LONGEST_CLOSURE: Final = 0.12
"""Seconds; the silent part of a voiceless stop is searched this far back from its burst."""
INITIAL_CLOSURE: Final = 0.06
"""Seconds that lips or tongue are closed before the burst of a stop that begins a sentence."""
SHORTEST_LIQUID: Final = 0.045
"""Seconds that an l after a vowel lasts at least: as long as espeak-ng makes the l that begins a syllable."""
QUIET: Final = 120
"""Sample value below which a stop counts as silent (of 32767)."""
LONGEST_RUN: Final = 100
"""Characters without a blank or a comma; in a longer run of Chinese espeak-ng's places go wrong."""
BREATH: Final = 100
"""Milliseconds of silence that divide such a run between two words."""
MARKED: Final = 0.95
"""Emphasis from which the voice itself stresses a word."""

_HAN: Final = re.compile("[\u3005\u3007\u3400-\u9fff\uf900-\ufaff]")
_BREATHS: Final = frozenset(",;:!?，。！？；：、…—")
_LIQUIDS: Final = frozenset(("l", "ɫ"))
_RATE: Final = {"cmn": 205}
"""Words a minute by language; espeak-ng's 175 is slow Mandarin (Yuan 2006: 5 syllables a second in conversation)."""
_DELIVERY: Final[dict[Emotion, tuple[float, int, int, int]]] = {
    # rate factor, pitch, range, volume at full intensity: Scherer 2003's directions, kept small
    "neutral": (1.0, 50, 50, 100),
    "happy": (1.06, 58, 66, 108),
    "excited": (1.14, 62, 75, 118),
    "surprised": (1.03, 64, 78, 108),
    "angry": (1.08, 50, 64, 125),
    "fearful": (1.12, 60, 42, 90),
    "concerned": (0.94, 47, 44, 94),
    "sad": (0.86, 42, 34, 86),
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line as a voice said it; times are seconds from its own first sample."""

    sound: NDArray[np.int16]
    rate: int
    phones: tuple[Phone, ...]
    """``Phone.word`` counts within the line; a stop that begins the line may start before 0."""
    words: tuple[tuple[float, float], ...]
    """Start and end of every ``Line.words``."""


class Voice(Protocol):
    """What says a line. Implementations differ in sound; all know their own phones."""

    def say(self, line: Line) -> Spoken:
        """Return the line spoken. Raises UserError when it cannot be."""
        ...


class EspeakVoice:
    """espeak-ng in one of its speaker variants (``f2``, ``m3``, ``Annie`` ...; None is the plain voice).

    What it says depends on what it said before; a new one starts afresh. Use as a context manager.
    """

    def __init__(self, variant: str | None = None) -> None:
        if variant is not None and variant not in espeak.variants():
            some = ", ".join(v for v in espeak.variants() if re.fullmatch(r"[fm]\d", v))
            raise UserError(f"There is no voice {variant!r}. Choose one of espeak-ng's variants: {some} ...")
        self._variant = variant
        self._synthesizer = espeak.Synthesizer()

    def __enter__(self) -> "EspeakVoice":
        return self

    def __exit__(self, *exception: object) -> None:
        self._synthesizer.close()

    def say(self, line: Line, delivery: espeak.Delivery | None = None) -> Spoken:
        """Speak a line, stressing the words its author marked, as its emotion has it unless told otherwise."""
        language = espeak.languages().get(line.language)
        if language is None:
            raise UserError(
                f"There is no voice for the language {line.language!r}. Choose auto, en, zh or a code that espeak-ng "
                "knows, such as fr or pt-br."
            )
        if line.language == "ja" and (kanji := _HAN.search(line.text)):
            raise UserError(
                f"The Japanese voice reads kana only and cannot read {kanji.group()} in {line.text[:40]!r}. "
                "Write it in hiragana."
            )
        ssml, origin = _ssml(line)
        rate = self._synthesizer.rate
        sound, events = self._synthesizer.synthesise(ssml, language, self._variant, delivery or delivery_of(line))
        phones, counts = _phones(line, events, origin, sound, rate)
        if not phones:
            raise UserError(
                f"The {line.language} voice has no sound for {line.text[:40]!r}. Choose another language or "
                "spell it out."
            )
        sound = sound[: round((phones[-1].end + TAIL) * rate)]
        return Spoken(sound, rate, phones, _word_times(len(line.words), phones, counts))


def speak(
    lines: Sequence[Line],
    voice: Voice,
    progress: Callable[[float], None] = lambda share: None,
) -> Speech:
    """Say every line, one after the other, with the pauses the script asks for.

    ``progress`` is called with the share done, 0..1, and may raise to cancel.
    """
    if not lines:
        raise UserError("There is nothing to say: write at least one word.")
    pieces: list[NDArray[np.int16]] = []
    phones: list[Phone] = []
    words: list[Word] = []
    sentences: list[Sentence] = []
    cues: list[Cue] = []
    length = 0  # samples so far
    rate = 0

    def silence(seconds: float) -> None:
        nonlocal length
        pieces.append(np.zeros(round(seconds * rate), np.int16))
        length += len(pieces[-1])

    for index, line in enumerate(lines):
        progress(index / len(lines))
        spoken = voice.say(line)
        if rate == 0:
            rate = spoken.rate
            silence(LEAD_IN)
        start = length / rate
        first_word = len(words)
        floor = phones[-1].end if phones else 0.0
        for phone in spoken.phones:
            word = first_word + phone.word if phone.word >= 0 else -1
            onset = max(floor, start + phone.start)
            phones.append(Phone(phone.phone, onset, start + phone.end, phone.stress, word))
        for scripted, (begin, end) in zip(line.words, spoken.words, strict=True):
            words.append(Word(scripted.text, max(floor, start + begin), start + end, scripted.emphasis, index))
        begin, end = max(floor, start + spoken.phones[0].start), start + spoken.phones[-1].end
        sentences.append(Sentence(line.text, begin, end, line.type, line.emotion, line.intensity, line.language))
        said = words[first_word:]
        cues.extend(Cue(cue.kind, _time_of(cue.at, line, said, end), cue.amplitude) for cue in line.cues)
        pieces.append(spoken.sound)
        length += len(spoken.sound)
        silence(max(0.0, line.pause_after - TAIL))
    silence(LEAD_OUT)
    progress(1.0)
    cues.sort(key=lambda cue: cue.time)
    return Speech(np.concatenate(pieces), rate, tuple(phones), tuple(words), tuple(sentences), tuple(cues))


def delivery_of(line: Line) -> espeak.Delivery:
    """How the built-in voice says a line of this language and emotion."""
    factor, *sound = _DELIVERY[line.emotion]
    _, *plain = _DELIVERY["neutral"]
    amount = line.intensity
    pitch, span, volume = (round(a + amount * (b - a)) for a, b in zip(plain, sound, strict=True))
    return espeak.Delivery(round(_RATE.get(line.language, 175) * (1 + amount * (factor - 1))), pitch, span, volume)


def _ssml(line: Line) -> tuple[str, list[int]]:
    """The line as SSML, and for every character of it the offset in the line it came from."""
    opening = {word.start for word in line.words if word.emphasis >= MARKED}
    closing = {word.end for word in line.words if word.emphasis >= MARKED}
    breaks = dict(line.pauses)
    spoken = {reading.start: reading for reading in readings(line.text, line.language)}
    starts = {word.start for word in line.words}
    silent_to = run = 0
    parts: list[str] = []
    origin: list[int] = []

    def add(text: str, at: int) -> None:
        parts.append(text)
        origin.extend([at] * len(text))

    for at, character in enumerate(line.text + " "):
        run = 0 if character.isspace() or character in _BREATHS else run + 1
        if run > LONGEST_RUN and at in starts:
            add(f'<break time="{BREATH}ms"/>', at)
            run = 0
        if at in closing:
            add("</emphasis>", at)
        if at in breaks:
            add(f'<break time="{round(breaks[at] * 1000)}ms"/>', at)
        if at in opening:
            add('<emphasis level="strong">', at)
        if at in spoken:
            add(escape(spoken[at].spoken), at)
            silent_to = spoken[at].end
        if at >= silent_to:
            add(escape(character), at)
    return "".join(parts), origin


def _phones(
    line: Line, events: list[espeak.Event], origin: list[int], sound: NDArray[np.int16], rate: int
) -> tuple[tuple[Phone, ...], list[list[int]]]:
    """Phones of the line, and for each of its words the indices of its phones."""
    word_at = _words_by_offset(line)
    phones: list[Phone] = []
    ends = iter([*(event.sample for event in events if event.kind == "phone"), len(sound)][1:])
    # Of each of espeak-ng's words: its first phone, its offset in the line. A sign before the first belongs to that.
    marks: list[tuple[int, int]] = [(0, 0)]
    seen_at, seen = -1, -1
    for event in events:
        if event.kind == "word":
            # A word espeak-ng reads as several (1999 -> "nineteen", "ninety", "nine"; 午9) repeats its position.
            seen = seen + 1 if event.position == seen_at else 0
            seen_at = event.position
            at = origin[min(max(event.position, 0), len(origin) - 1)]
            if seen and not line.text[at : at + 1].isdigit():  # "1999" is one word however many parts are spoken
                at = origin[min(event.position + min(seen, event.length - 1), len(origin) - 1)]
            marks.append((len(phones), max(at, marks[-1][1])))  # it loses its place in text of many writings
            continue
        name, stress = to_ipa(event.phone)
        start, end = event.sample, next(ends)
        if not name:
            continue
        if end - start < SHORTEST_LIQUID * rate and name in _LIQUIDS and phones and is_vowel(phones[-1].phone):
            # espeak-ng counts a dark l to the vowel before it, often all of it ("tall").
            start = max(end - round(SHORTEST_LIQUID * rate), round((phones[-1].start + phones[-1].end) / 2 * rate))
            phones[-1] = replace(phones[-1], end=start / rate)
        if end <= start:
            continue
        if is_voiceless_stop(name):
            start = _closure_start(sound, start, phones[-1] if phones else None, rate)
            if phones and phones[-1].end > start / rate:
                last = phones[-1]
                phones[-1] = replace(last, end=start / rate)
        phones.append(Phone(name, start / rate, end / rate, stress, word_at[marks[-1][1]]))
    for (first, at), (after, end) in pairwise([*marks, (len(phones), len(line.text))]):
        _share_syllables(phones, first, after, [word_at[i] for i in range(at, end) if _HAN.match(line.text, i)])
    of_word: list[list[int]] = [[] for _ in line.words]
    for index, phone in enumerate(phones):
        if phone.word >= 0:
            of_word[phone.word].append(index)
    _share_merged_words(line, phones, of_word)
    return tuple(phones), of_word


def _share_syllables(phones: list[Phone], first: int, after: int, words: Sequence[int]) -> None:
    """Give the phones from ``first`` up to ``after``, spoken as one, to the ``words`` of the characters written there.

    A Chinese character is a syllable; espeak-ng's words are not those of the line ("很好" in 很, 好看).
    """
    starts = [first + i for i in syllables([phone.phone for phone in phones[first:after]])]
    if len(starts) == len(words):
        for word, (a, b) in zip(words, pairwise([*starts, after]), strict=True):
            phones[a:b] = (replace(phone, word=word) for phone in phones[a:b])


def _words_by_offset(line: Line) -> list[int]:
    """Index of the word at each character; between two words the one to come, after the last the last."""
    word_at: list[int] = []
    for index, word in enumerate(line.words):
        word_at.extend([index] * (word.end - len(word_at)))
    word_at.extend([len(line.words) - 1] * (len(line.text) + 1 - len(word_at)))
    return word_at


def _closure_start(sound: NDArray[np.int16], burst: int, before: Phone | None, rate: int) -> int:
    """Sample at which the silence before a stop's burst begins."""
    if before is None:
        return burst - round(INITIAL_CLOSURE * rate)
    # At most half of the sound before may become closure, or an unvoiced neighbour would be swallowed whole.
    earliest = max(burst - round(LONGEST_CLOSURE * rate), round((before.start + before.end) / 2 * rate))
    stretch = np.abs(sound[earliest:burst].astype(np.int32))
    loud = np.flatnonzero(stretch > QUIET)
    return earliest + (int(loud[-1]) + 1 if len(loud) else 0)


def _share_merged_words(line: Line, phones: list[Phone], of_word: list[list[int]]) -> None:
    """Give words that espeak-ng spoke together with the one before ("on the") their share of its phones."""
    index = 0
    while index < len(of_word):
        group = [index]
        while group[-1] + 1 < len(of_word) and not of_word[group[-1] + 1]:
            group.append(group[-1] + 1)
        owned = of_word[index]
        if len(group) > 1 and owned:
            letters = np.array([line.words[w].end - line.words[w].start for w in group], float)
            cuts = np.round(np.cumsum(letters) / letters.sum() * len(owned)).astype(int)
            for word, (a, b) in zip(group, pairwise([0, *cuts.tolist()]), strict=True):
                of_word[word] = owned[a:b]
                for i in owned[a:b]:
                    phones[i] = replace(phones[i], word=word)
        index = group[-1] + 1


def _word_times(count: int, phones: tuple[Phone, ...], of_word: list[list[int]]) -> tuple[tuple[float, float], ...]:
    """Start and end of each word; a word without a sound of its own gets no duration, where it would be."""
    times: list[tuple[float, float]] = []
    last = phones[0].start
    for word in range(count):
        owned = of_word[word]
        span = (phones[owned[0]].start, phones[owned[-1]].end) if owned else (last, last)
        times.append(span)
        last = span[1]
    return tuple(times)


def _time_of(at: int, line: Line, words: Sequence[Word], end: float) -> float:
    """When the character at an offset of the line is spoken."""
    for scripted, word in zip(line.words, words, strict=True):
        if at < scripted.end:
            share = max(0.0, (at - scripted.start) / (scripted.end - scripted.start))
            return word.start + share * (word.end - word.start)
    return end
