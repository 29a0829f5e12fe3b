"""What the head does on purpose, when and why: the director of the performance.

Candidates come from direction in the text, sentence types, emphasis and the meaning of words; of those that would get
into each other's way the more meaningful one stays.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from ..score import CueKind, Gesture
from . import kernels
from .dynamics import dynamics_of
from .lexicon import meaning_of
from .strokes import ROLL, YAW, Strokes
from .styles import Style
from .timeline import Stress, Timeline

EMPHASISED: Final = 0.5
"""Emphasis from which a word is meant to stand out."""

_VERTICAL, _LATERAL = 0, 1
_AXIS: Final = {
    "nod": _VERTICAL, "raise": _VERTICAL, "push": _VERTICAL, "lift": _VERTICAL,
    "shake": _LATERAL, "sweep": _LATERAL, "tilt": _LATERAL, "swing": _LATERAL,
}  # fmt: skip
_ROOM: Final = {
    "nod": 0.6, "raise": 0.6, "push": 0.9, "lift": 0.5, "shake": 1.1, "sweep": 0.9, "tilt": 1.0, "swing": 0.5,
}  # fmt: skip
"""Seconds a gesture wants for itself on its axis."""
_LIST_ROOM: Final = 0.3
"""The same for the items of a list, which follow one another quickly."""
_PRIORITY: Final = {
    "direction": 0, "rhetorical": 1, "question": 2, "negation": 3, "command": 3, "greeting": 4, "agreement": 4,
    "exclamation": 4, "list": 5, "emphasis": 6, "contrast": 7, "doubt": 7, "all": 8,
}  # fmt: skip
_LIST_MARKS: Final = frozenset(",，、;；")
_LONGEST_ITEM: Final = 4
"""Words; what is longer between two marks is a clause and no item of a list."""
_ANSWERED_WITHIN: Final = 1.6
"""Seconds after a nod within which a raise answers it."""
_OPENING_WORDS: Final = {"greeting": 3, "agreement": 1}
"""A greeting or an agreement is meant as one among this many first words of its sentence."""


@dataclass(frozen=True, slots=True, order=True)
class _Candidate:
    priority: int
    peak: float
    kind: str
    size: float
    """Signed radians (metres for a push)."""
    source: str
    tempo: float


def plan_gestures(timeline: Timeline, style: Style, rng: np.random.Generator, strokes: Strokes) -> list[Gesture]:
    """Choose the gestures of the head and add their strokes; in order of time."""
    director = _Director(timeline, style, rng)
    chosen = list(director.directed())
    by_axis: tuple[list[_Candidate], list[_Candidate]] = ([], [])
    for candidate in chosen:
        by_axis[_AXIS[candidate.kind]].append(candidate)
    directed = tuple(sorted(group, key=_peak) for group in by_axis)
    for index in range(len(timeline.sentences)):
        for candidate in sorted(director.of_sentence(index)):
            axis = _AXIS[candidate.kind]
            # Sentences come in order of time, so that only the last few can be near; direction stands from the start.
            asked = directed[axis]
            first = bisect_left(asked, candidate.peak - 2.0, key=_peak)
            near = (*asked[first : bisect_left(asked, candidate.peak + 2.0, key=_peak)], *by_axis[axis][-16:])
            if all(abs(other.peak - candidate.peak) >= _room(other, candidate) for other in near):
                by_axis[axis].append(candidate)
                chosen.append(candidate)
    return sorted((_perform(c, timeline, style, rng, strokes) for c in chosen), key=lambda gesture: gesture.start)


def _peak(candidate: _Candidate) -> float:
    return candidate.peak


def _room(one: _Candidate, other: _Candidate) -> float:
    return sum(_LIST_ROOM if c.source == "list" else _ROOM[c.kind] for c in (one, other)) / 2


class _Director:
    """Proposes gestures, sentence by sentence."""

    def __init__(self, timeline: Timeline, style: Style, rng: np.random.Generator) -> None:
        self._timeline = timeline
        self._style = style
        self._rng = rng
        self._owed = float(rng.uniform(-0.5, 0.5))
        self._last_nod = -10.0

    def directed(self) -> Iterator[_Candidate]:
        """What the text asks for; looks and blinks belong to the eyes."""
        timeline, signs = self._timeline, self._style.signs
        sizes: dict[CueKind, tuple[str, float]] = {
            "nod": ("nod", self._style.accent.size),
            "shake": ("shake", signs.shake),
            "tilt_left": ("tilt", 1.3 * signs.tilt),
            "tilt_right": ("tilt", -1.3 * signs.tilt),
        }
        for cue in timeline.speech.cues:
            if cue.kind not in sizes:
                continue
            kind, size = sizes[cue.kind]
            near = timeline.stresses_between(cue.time - 0.05, cue.time + 0.35)
            peak = near[0].time if near else cue.time + 0.15
            if peak <= timeline.last_gesture:
                peak = min(peak, timeline.last_gesture - (0.75 if kind == "shake" else 0.35))
            yield _Candidate(0, max(peak, 0.0), kind, size * cue.amplitude, "direction", 1.0)

    def of_sentence(self, index: int) -> Iterator[_Candidate]:
        """What type, emphasis and words of a sentence ask for."""
        sentence = self._timeline.sentences[index]
        stresses = self._timeline.stresses_between(sentence.start, sentence.end)
        if stresses:
            manner = dynamics_of(sentence)
            for kind, peak, size, source in (
                *self._of_type(index, stresses),
                *self._of_emphasis(stresses, manner.often),
                *self._of_words(index, stresses),
            ):
                yield _Candidate(_PRIORITY[source], peak, kind, size * manner.size, source, manner.tempo)

    def _of_type(self, index: int, stresses: tuple[Stress, ...]) -> Iterator[tuple[str, float, float, str]]:
        sentence, signs = self._timeline.sentences[index], self._style.signs
        strongest = max(stresses, key=lambda s: (s.emphasis, s.stress > 0, s.time))
        match sentence.type:
            case "rhetorical":
                last = max(stresses, key=lambda s: (s.stress > 0, s.time))
                yield "push", last.time, signs.push, "rhetorical"
            case "question":
                yield "lift", sentence.end, signs.lift, "question"
            case "command":
                yield "nod", self._beat(strongest), self._depth(), "command"
            case "exclamation":
                yield "nod", self._beat(strongest), 1.25 * self._depth(), "exclamation"
            case "statement":
                pass

    def _of_emphasis(self, stresses: tuple[Stress, ...], often: float) -> Iterator[tuple[str, float, float, str]]:
        accent, rng = self._style.accent, self._rng
        for stress in stresses:
            if stress.emphasis < EMPHASISED:
                continue
            # Each nod left out makes the next likelier: no long stretch without any, nor one with all.
            self._owed += min(accent.nods * often, 1.0)
            if self._owed > rng.uniform(0.0, 1.0):
                self._owed -= 1.0
                # After a nod the head often comes up with the next accent instead of going home and down again.
                answers = stress.time - self._last_nod < _ANSWERED_WITHIN
                up = rng.random() < accent.raises * (2.0 if answers else 0.6)
                self._last_nod = -10.0 if up else stress.time
                size = self._depth() * (0.7 + 0.3 * stress.emphasis)
                yield "raise" if up else "nod", self._beat(stress), size, "emphasis"
            elif rng.random() < accent.swings:
                yield "swing", stress.time, 2.2 * self._style.beat.size[1] * rng.normal(0, 1), "emphasis"

    def _of_words(self, index: int, stresses: tuple[Stress, ...]) -> Iterator[tuple[str, float, float, str]]:
        first = self._timeline.words_of[index].start
        signs, rng = self._style.signs, self._rng
        shaken = False
        asks = self._timeline.sentences[index].type in ("question", "rhetorical")  # "isn't it" denies nothing
        for stress in stresses:
            meaning = meaning_of(self._timeline.words[stress.word].text)
            if meaning is None or rng.random() > signs.chance:
                continue
            side = float(rng.choice((-1, 1)))
            match meaning:
                case "negation" if not (shaken or asks):
                    shaken = True
                    yield "shake", stress.time, side * rng.uniform(0.6, 1.1) * signs.shake, meaning
                case "contrast" | "doubt":
                    yield "tilt", stress.time, side * rng.uniform(0.7, 1.15) * signs.tilt, meaning
                case "all":
                    yield "sweep", stress.time, side * rng.uniform(0.5, 0.9) * signs.shake, meaning
                case "greeting" | "agreement" if stress.word - first < _OPENING_WORDS[meaning]:
                    yield "nod", stress.time, rng.uniform(0.9, 1.2) * self._style.accent.size, meaning
                case _:
                    pass
        side = float(rng.choice((-1, 1)))
        for stress in self._list_items(index, stresses):
            side = -side
            yield "tilt", stress.time, side * rng.uniform(0.5, 0.8) * signs.tilt, "list"

    def _list_items(self, index: int, stresses: tuple[Stress, ...]) -> list[Stress]:
        """The last word of each item of a list: two or more short stretches between marks."""
        timeline = self._timeline
        text, at = timeline.sentences[index].text, 0
        closing: list[int] = []
        for word in timeline.words_of[index]:
            found = text.find(timeline.words[word].text, at)
            if found < 0:
                continue
            if word > timeline.words_of[index].start and _LIST_MARKS.intersection(text[at:found]):
                closing.append(word - 1)
            at = found + len(timeline.words[word].text)
        if len(closing) < 2 or any(later - earlier > _LONGEST_ITEM for earlier, later in pairwise(closing)):
            return []
        by_word = {stress.word: stress for stress in stresses}
        return [by_word[word] for word in closing if word in by_word]

    def _beat(self, stress: Stress) -> float:
        """When a nod on this word peaks."""
        jitter = self._style.accent.jitter
        return float(stress.time + np.clip(self._rng.normal(0.0, jitter), -2 * jitter, 2 * jitter))

    def _depth(self) -> float:
        spread = self._style.accent.variation
        return float(self._style.accent.size * np.exp(np.clip(self._rng.normal(0, spread), -2 * spread, 2 * spread)))


def _perform(
    candidate: _Candidate, timeline: Timeline, style: Style, rng: np.random.Generator, strokes: Strokes
) -> Gesture:
    """Add a gesture's strokes and say what it is."""
    tempo = style.tempo * candidate.tempo
    latest = timeline.settled_by(candidate.peak)
    peak, size, kind = candidate.peak, candidate.size, candidate.kind
    amplitude = abs(size)
    match kind:
        case "nod" | "raise":
            varied = float(np.exp(np.clip(rng.normal(0, 0.16), -0.35, 0.35)))
            duration = float(np.clip(style.accent.duration * varied / tempo, 0.38, 1.15))
            overshoot = kernels.OVERSHOOT if rng.random() < style.accent.overshoot else 0.0
            peak = min(peak, latest - 0.2)
            motion = kernels.nod(peak, size if kind == "nod" else -0.8 * size, duration, overshoot, latest)
        case "shake":
            peak = min(peak, latest - 0.7 / tempo)
            motion = kernels.shake(peak, size, 0.9 / tempo)
        case "sweep":
            peak = min(peak, latest - 0.8 / tempo)
            motion = kernels.sweep(peak, size, 1.1 / tempo)
        case "tilt":
            hold = 0.05 if candidate.source == "list" else rng.uniform(0.25, 0.8)
            motion = kernels.tilt(peak, size, hold / tempo, latest)
            kind = "tilt_left" if size > 0 else "tilt_right"
        case "push":
            peak = min(peak, latest - 0.28)
            amplitude = style.signs.push_pitch * size / style.signs.push if style.signs.push else 0.0
            motion = kernels.push(peak, size, amplitude, latest)
        case "lift":
            motion = kernels.lift(peak, size, latest)
            peak = motion.peak
        case _:
            motion = _swing(peak, size, style, rng, latest)
    for channel, knots in motion.paths:
        strokes.path(channel, knots)
    return Gesture(kind, motion.start, max(peak, motion.start), motion.end, amplitude, candidate.source)


def _swing(peak: float, turn: float, style: Style, rng: np.random.Generator, latest: float) -> kernels.Motion:
    """An abrupt turn to the side on an accent, slowly taken back (Graf 2002)."""
    roll = float(rng.normal(0, 1.6) * style.beat.size[2])
    start = peak - 0.18
    end = max(min(peak + rng.uniform(0.7, 1.4), latest), peak + 0.3)
    paths = ((YAW, ((start, 0.0), (peak, turn), (end, 0.0))), (ROLL, ((start, 0.0), (peak, roll), (end, 0.0))))
    return kernels.Motion(start, peak, end, paths)
