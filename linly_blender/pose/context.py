"""What the fine-tuner is told of the text: meaning, emphasis, boundaries, manner and the take's dice, frame by frame.

Things that happen at a moment (a stressed vowel, the end of a question) arrive as a pulse of one frame, ``LOOK``
seconds early: time enough to prepare a gesture, so that the network itself can be causal. Things that last are held.
Nothing in here says which gesture is made: each word brings dice (numbers that depend on the seed alone), and the
network has learnt from the teacher what a word of this meaning, in this manner, does with them.
"""

from dataclasses import dataclass
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from ..score import EMOTIONS, SENTENCE_TYPES, CueKind, Emotion
from ..speech.pronunciation import is_vowel
from .features import STEP
from .gestures import EMPHASISED, MARKED
from .lexicon import Meaning, listening, meanings_in
from .styles import Style
from .timeline import Stress, Timeline, words_before_commas

Array = NDArray[np.float32]

LOOK: Final = 0.7
"""Seconds by which a moment is told of in advance; a nod begins half a second before its peak."""
MEANINGS: Final[tuple[Meaning, ...]] = get_args(Meaning)
CUES: Final[tuple[CueKind, ...]] = ("nod", "shake", "tilt_left", "tilt_right")
"""Gestures of the head that an author asks for; looks and blinks are the planner's."""
DICE_NAMES: Final = ("nod", "turn", "size", "side", "late", "brow", "smile")

_FEELINGS: Final = tuple(emotion for emotion in EMOTIONS if emotion != "neutral")
_STYLE_NAMES: Final = (
    "tempo", "rest pitch", "rest yaw", "rest roll", "follow pitch", "follow energy", "swing", "nods", "swings",
    "nod size", "nod duration", "raises", "overshoot", "signs", "shake", "tilt", "lift", "push", "push pitch",
    "brow chance", "brow size", "smile", "smiles", "warmth", "bow", "contrast", "lower",
)  # fmt: skip
_HELD: Final = (
    "text known", *_FEELINGS, *SENTENCE_TYPES, "progress", "since start", "to end", "phrase", "to phrase end",
    "to phrase start", "turn over", "to next emphasis", "next emphasis", "listening",
)  # fmt: skip
_PULSES: Final = (
    "stress", "primary", "emphasis", "emphasised", "marked", *MEANINGS, "mark follows", "listing", "strongest", "last",
    "opening", "fraction", *(f"dice {name}" for name in DICE_NAMES), *(f"cue {kind}" for kind in CUES),
    "phrase starts", "silence before", "phrase ends", "silence after", "sentence starts",
    *(f"{kind} ends" for kind in SENTENCE_TYPES), "phone", "vowel",
)  # fmt: skip
CONTEXT_NAMES: Final = (*_HELD, *_PULSES, *(f"style: {name}" for name in _STYLE_NAMES))
CONTEXT: Final = len(CONTEXT_NAMES)
STYLE_NUMBERS: Final = len(_STYLE_NAMES)
"""Numbers at the context's end that tell the manner; all others tell the text."""
_AT: Final = {name: index for index, name in enumerate(CONTEXT_NAMES)}

_MIDDLE: Final = np.array([0.5 * (name in ("nod", "turn", "brow", "smile")) for name in DICE_NAMES], np.float32)
"""Of each die: the network is told them about 0."""
_AHEAD: Final = 0.3
"""Seconds before a sentence's start from which it is the present one."""
_FAR: Final = 3.0
"""Seconds from which near and far are one."""


@dataclass(frozen=True, slots=True)
class Dice:
    """Chance, drawn from the take's seed: for every stress of a timeline one row, columns ``DICE_NAMES``.

    ``nod``, ``turn``, ``brow`` and ``smile`` lie evenly in 0..1, ``size`` and ``late`` are normal within two
    deviations, ``side`` is -1 or 1 [shape=(n, 7)].
    """

    rows: Array


def throw(count: int, rng: np.random.Generator) -> Dice:
    """Draw the dice of ``count`` stresses."""
    rows = rng.random((count, len(DICE_NAMES))).astype(np.float32)
    size, side, late = (DICE_NAMES.index(name) for name in ("size", "side", "late"))
    rows[:, size] = np.clip(rng.normal(0, 1, count), -2, 2)
    rows[:, side] = np.where(rows[:, side] < 0.5, -1, 1)
    rows[:, late] = np.clip(rng.normal(0, 1, count), -2, 2)
    return Dice(rows)


@dataclass(frozen=True, slots=True)
class Place:
    """What the text says of a stressed word's place."""

    marked: bool
    """A comma or the like follows."""
    listing: bool
    """Its sentence has two or more such marks."""
    strongest: bool
    last: bool
    opening: bool
    """Among the first three words."""
    meaning: Meaning | None
    """Of the phrase that begins with it or has its first stress here."""


def places(timeline: Timeline) -> list[Place]:
    """The place of every stress."""
    meanings = _meanings(timeline)
    marks = [words_before_commas(timeline, index) for index in range(len(timeline.sentences))]
    found: list[Place] = []
    by_sentence: dict[int, list[Stress]] = {}
    for stress in timeline.stresses:
        by_sentence.setdefault(stress.sentence, []).append(stress)
    strongest = {i: max(group, key=lambda s: (s.emphasis, s.stress > 0, s.time)) for i, group in by_sentence.items()}
    last = {i: max(group, key=lambda s: (s.stress > 0, s.time)) for i, group in by_sentence.items()}
    for stress in timeline.stresses:
        of = stress.sentence
        found.append(
            Place(
                stress.word in marks[of],
                len(marks[of]) > 1,
                strongest[of] is stress,
                last[of] is stress,
                stress.word - timeline.words_of[of].start < 3,
                meanings.get(stress.word),
            )
        )
    return found


def _meanings(timeline: Timeline) -> dict[int, Meaning]:
    """Meanings by the index of the word that is told of it: the first of its phrase that has a stressed vowel."""
    stressed = {stress.word for stress in timeline.stresses}
    found: dict[int, Meaning] = {}
    for said in meanings_in(timeline):
        word = next((index for index in range(said.first, said.last + 1) if index in stressed), None)
        if word is not None:
            found[word] = said.meaning
    return found


def style_vector(style: Style) -> Array:
    """The manner in numbers near 1 [shape=(27,)]."""
    accent, signs = style.accent, style.signs
    degrees = np.degrees
    return np.array(
        [
            style.tempo,
            *(degrees(style.posture.rest) / 5),
            2 * degrees(style.follow.pitch), degrees(style.follow.energy) / 2, degrees(style.beat.size[1]),
            accent.nods, accent.swings, degrees(accent.size) / 5, accent.duration, accent.raises, accent.overshoot,
            signs.chance, degrees(signs.shake) / 5, degrees(signs.tilt) / 4, degrees(signs.lift) / 3,
            50 * signs.push, degrees(signs.push_pitch) / 4, style.brows.chance, style.brows.size,
            5 * style.micro.smile, style.micro.smiles, 10 * style.micro.warmth, degrees(signs.bow) / 8,
            degrees(signs.contrast) / 4, degrees(signs.lower) / 4,
        ],
        np.float32,
    )  # fmt: skip


def blank_context(count: int, style: Style | None, emotion: Emotion = "neutral", intensity: float = 1.0) -> Array:
    """Context where no text is known: only the manner and, if told, the emotion [shape=(count, CONTEXT)]."""
    found = np.zeros((count, CONTEXT), np.float32)
    if style is not None:
        found[:, -STYLE_NUMBERS:] = style_vector(style)
    if emotion != "neutral":
        found[:, _AT[emotion]] = intensity
    return found


def context_of(
    timeline: Timeline, style: Style, dice: Dice, count: int, *, without: frozenset[Meaning] = frozenset()
) -> Array:
    """Context of a known text at ``k * STEP`` seconds, certain meanings kept from it [shape=(count, CONTEXT)]."""
    found = blank_context(count, style)
    found[:, 0] = 1.0
    times = np.arange(count) * STEP
    _hold_sentences(found, timeline, times)
    _hold_phrases(found, timeline, times)
    _hold_emphasis(found, timeline, times)
    _hold_listening(found, timeline, times)
    _pulse_stresses(found, timeline, dice, without)
    _pulse_boundaries(found, timeline)
    return found


def _hold_sentences(found: Array, timeline: Timeline, times: NDArray[np.float64]) -> None:
    if not timeline.sentences:
        return
    starts = np.array([sentence.start for sentence in timeline.sentences])
    ends = np.array([sentence.end for sentence in timeline.sentences])
    of = np.maximum(np.searchsorted(starts - _AHEAD, times, side="right") - 1, 0)
    held = np.zeros((len(starts), len(_FEELINGS) + len(SENTENCE_TYPES)), np.float32)
    for index, sentence in enumerate(timeline.sentences):
        if sentence.emotion != "neutral":
            held[index, _FEELINGS.index(sentence.emotion)] = sentence.intensity
        held[index, len(_FEELINGS) + SENTENCE_TYPES.index(sentence.type)] = 1.0
    found[:, 1 : 1 + held.shape[1]] = held[of]
    length = np.maximum(ends - starts, 1e-3)[of]
    found[:, _AT["progress"]] = np.clip((times - starts[of]) / length, 0, 1)
    found[:, _AT["since start"]] = np.clip((times - starts[of]) / _FAR, -0.1, 1)
    found[:, _AT["to end"]] = np.clip((ends[of] - times) / _FAR, -1, 1)


def _hold_phrases(found: Array, timeline: Timeline, times: NDArray[np.float64]) -> None:
    if not timeline.phrases:
        return
    starts = np.array([phrase.start for phrase in timeline.phrases])
    ends = np.array([phrase.end for phrase in timeline.phrases])
    of = np.searchsorted(starts, times, side="right") - 1
    here = np.maximum(of, 0)
    inside = (of >= 0) & (times < ends[here])
    following = np.append(starts, np.inf)[of + 1]
    found[:, _AT["phrase"]] = inside
    found[:, _AT["to phrase end"]] = np.where(inside, np.clip((ends[here] - times) / _FAR, 0, 1), 0)
    found[:, _AT["to phrase start"]] = np.where(inside, 0, np.clip((following - times) / _FAR, 0, 1))
    found[:, _AT["turn over"]] = np.clip((times - timeline.end) / 1.0, -1, 1)


def _hold_emphasis(found: Array, timeline: Timeline, times: NDArray[np.float64]) -> None:
    emphasised = [stress for stress in timeline.stresses if stress.emphasis >= EMPHASISED]
    at = np.array([stress.time for stress in emphasised] + [np.inf])
    of = np.searchsorted(at, times, side="left")
    found[:, _AT["to next emphasis"]] = np.clip((at[of] - times) / _FAR, 0, 1)
    found[:, _AT["next emphasis"]] = np.array([stress.emphasis for stress in emphasised] + [0.0])[of]


def _hold_listening(found: Array, timeline: Timeline, times: NDArray[np.float64]) -> None:
    for stretch in listening(timeline, meanings_in(timeline)):
        first, last = timeline.sentences[stretch.start], timeline.sentences[stretch.stop - 1]
        found[(times >= first.start - _AHEAD) & (times < last.end), _AT["listening"]] = 1.0


def _frame(time: float, early: float, count: int) -> int:
    """Frame at which a moment is told, at the latest the last; what comes too early for that is told at once."""
    return min(max(round((time - early) / STEP), 0), count - 1)


def _pulse_stresses(found: Array, timeline: Timeline, dice: Dice, without: frozenset[Meaning]) -> None:
    first = _AT["stress"]
    width = _AT[f"cue {CUES[0]}"] - first
    for stress, place, row in zip(timeline.stresses, places(timeline), dice.rows, strict=True):
        if place.meaning in without:
            continue
        frame = _frame(stress.time, LOOK, len(found))
        if found[frame, _AT["emphasis"]] > stress.emphasis:
            continue  # two in one frame: the weightier is told
        found[frame, first : first + width] = (
            1.0,
            stress.stress == 1,
            stress.emphasis,
            stress.emphasis >= EMPHASISED,
            stress.emphasis >= MARKED,
            *(place.meaning == known for known in MEANINGS),
            place.marked,
            place.listing,
            place.strongest,
            place.last,
            place.opening,
            (stress.time - LOOK) / STEP - frame if frame else 0.0,
            *(row - _MIDDLE),
        )


def _pulse_boundaries(found: Array, timeline: Timeline) -> None:
    count = len(found)
    for number, phrase in enumerate(timeline.phrases):
        after = timeline.phrases[number + 1].silence if number + 1 < len(timeline.phrases) else _FAR
        start, end = _frame(phrase.start, LOOK, count), _frame(phrase.end, LOOK, count)
        found[start, _AT["phrase starts"]] = 1.0
        found[start, _AT["silence before"]] = min(phrase.silence, 1.0)
        found[end, _AT["phrase ends"]] = 1.0
        found[end, _AT["silence after"]] = min(after, 1.0)
    for sentence in timeline.sentences:
        found[_frame(sentence.start, LOOK, count), _AT["sentence starts"]] = 1.0
        found[_frame(sentence.end, LOOK, count), _AT[f"{sentence.type} ends"]] = 1.0
    for cue in timeline.speech.cues:
        if cue.kind in CUES:
            found[_frame(cue.time, LOOK, count), _AT[f"cue {cue.kind}"]] = cue.amplitude
    for phone in timeline.speech.phones:
        frame = _frame(phone.start, 0.0, count)
        found[frame, _AT["phone"]] = 1.0
        found[frame, _AT["vowel"]] = max(found[frame, _AT["vowel"]], float(is_vowel(phone.phone)))
