"""What the head does on purpose, when and why: the director of the performance.

Candidates come from direction in the text, sentence types, emphasis and the meaning of words; of those that would get
into each other's way the more meaningful one stays. How a yes, a no or a greeting looks is the region's to say.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from typing import Final

import numpy as np

from ..score import CueKind, Gesture
from . import kernels
from .dynamics import dynamics_of
from .layers import Reading
from .lexicon import Meaning, Said
from .regions import Custom, Intent, Region
from .strokes import ROLL, YAW, Strokes
from .styles import Style
from .timeline import ASKING, Stress, Timeline, words_before_commas

EMPHASISED: Final = 0.5
"""Emphasis from which a word is meant to stand out."""

MARKED: Final = 1.0
"""Emphasis of a word that the author has put between asterisks; what is only found in the text stays below."""

_VERTICAL, _LATERAL, _SAGITTAL = 0, 1, 2
_AXIS: Final = {
    "nod": _VERTICAL, "double_nod": _VERTICAL, "raise": _VERTICAL, "bow": _VERTICAL, "push": _VERTICAL,
    "lift": _VERTICAL, "thrust": _SAGITTAL, "shake": _LATERAL, "sweep": _LATERAL, "tilt": _LATERAL,
    "swing": _LATERAL, "wobble": _LATERAL, "shift": _LATERAL,
}  # fmt: skip
_ROOM: Final = {
    "nod": 0.6, "double_nod": 0.7, "raise": 0.6, "bow": 1.2, "push": 0.9, "lift": 0.5, "thrust": 0.9, "shake": 1.1,
    "sweep": 0.9, "tilt": 1.0, "swing": 0.5, "wobble": 1.3, "shift": 1.2,
}  # fmt: skip
"""Seconds a gesture wants for itself on its axis."""
_LIST_ROOM: Final = 0.3
"""The same for the items of a list, which follow one another quickly."""
_PRIORITY: Final = {
    "direction": 0, "marked": 0, "rhetorical": 1, "question": 2, "negation": 3, "yes": 3, "greeting": 3, "farewell": 3,
    "thanks": 3, "apology": 3, "agreement": 4, "command": 4, "exclamation": 4, "list": 5, "contrast": 5, "emphasis": 6,
    "doubt": 7, "all": 8,
}  # fmt: skip
_BY_CHANCE: Final = frozenset(("emphasis", "doubt", "all"))
"""Sources of gestures that people make now and then."""
_LONGEST_ITEM: Final = 4
"""Words; what is longer between two marks is a clause and no item of a list."""
_ANSWERED_WITHIN: Final = 1.6
"""Seconds after a nod within which a raise answers it."""
_OPENING_WORDS: Final[dict[Meaning, int]] = {"greeting": 3, "farewell": 5, "thanks": 4, "agreement": 1, "yes": 2}
"""A greeting or an agreement is meant as one among this many first words of its sentence."""
INTENTS: Final[dict[Meaning, Intent]] = {
    "negation": "no", "yes": "yes", "agreement": "agreement", "greeting": "greeting", "farewell": "farewell",
    "thanks": "thanks", "apology": "apology",
}  # fmt: skip
"""What is meant, where a region may show it in its own way."""
_OPENS: Final = 0.5
"""How much likelier than other signs those are that open a sentence and are its whole message."""
_ONE_NOD: Final = 0.55
"""Seconds between neighbouring marked words up to which one nod marks both."""
_SHORTEST_GAP: Final = 0.36
"""The same for marked words that are no neighbours."""
_AGAINST: Final = 0.45
"""Seconds about a directed gesture within which a marked word has no nod of its own."""
_DECISIVE: Final = 1.15
"""Depth of a nod on a marked word, relative to the style's."""


@dataclass(frozen=True, slots=True, order=True)
class _Candidate:
    priority: int
    peak: float
    kind: str
    size: float
    """Signed radians (metres for a push)."""
    source: str
    tempo: float


@dataclass(frozen=True, slots=True)
class Promise:
    """A gesture that comes without fail, and how it goes."""

    gesture: Gesture
    motion: kernels.Motion


def plan_gestures(
    reading: Reading,
    style: Style,
    region: Region,
    rng: np.random.Generator,
    strokes: Strokes,
) -> list[Gesture]:
    """Choose the gestures of the head and add their strokes; in order of time."""
    planned = _plan(reading, style, region, rng, frozenset())
    for each in planned:
        for channel, knots in each.motion.paths:
            strokes.path(channel, knots)
    return [each.gesture for each in planned]


def plan_promises(
    reading: Reading,
    style: Style,
    region: Region,
    rng: np.random.Generator,
) -> list[Promise]:
    """The gestures that direction, marks, types of sentences and meanings of words ask for, without those of chance."""
    return _plan(reading, style, region, rng, _BY_CHANCE)


def _plan(
    reading: Reading,
    style: Style,
    region: Region,
    rng: np.random.Generator,
    without: frozenset[str],
) -> list[Promise]:
    timeline = reading.timeline
    director = _Director(timeline, reading.said, style, region, rng)
    by_axis: tuple[list[_Candidate], ...] = ([], [], [])
    chosen = list(director.directed())
    chosen += director.marked(chosen)
    for candidate in chosen:
        by_axis[_AXIS[candidate.kind]].append(candidate)
    standing = tuple(sorted(group, key=_peak) for group in by_axis)
    for index in range(len(timeline.sentences)):
        for proposed in sorted(director.of_sentence(index)):
            if proposed.source in without:
                continue
            candidate = _beside_marked(proposed, standing[_VERTICAL])
            axis = _AXIS[candidate.kind]
            # Sentences come in order of time, so that only the last few can be near; direction stands from the start.
            near = (*_around(standing[axis], candidate.peak), *by_axis[axis][-16:])
            if all(abs(other.peak - candidate.peak) >= _room(other, candidate) for other in near):
                by_axis[axis].append(candidate)
                chosen.append(candidate)
    chosen.sort(key=_peak)
    planned = [_perform(c, _time_for(c, chosen), timeline, style, rng) for c in chosen]
    planned += [_listen(stretch, timeline, style) for stretch in reading.listening]
    return sorted(planned, key=lambda each: (each.gesture.start, each.gesture.kind))


def _around(candidates: list[_Candidate], time: float) -> list[_Candidate]:
    first = bisect_left(candidates, time - 2.0, key=_peak)
    return candidates[first : bisect_left(candidates, time + 2.0, key=_peak)]


def _beside_marked(candidate: _Candidate, standing: list[_Candidate]) -> _Candidate:
    """Beside a nod on a marked word a confirming question only pushes: the nod has the chin to itself."""
    if candidate.kind == "push" and any(
        other.source == "marked" and abs(other.peak - candidate.peak) < _room(other, candidate)
        for other in _around(standing, candidate.peak)
    ):
        return replace(candidate, kind="thrust")
    return candidate


def _time_for(candidate: _Candidate, chosen: list[_Candidate]) -> float:
    """Seconds between a nod on a marked word and its nearest neighbour of that kind; infinity for all others."""
    if candidate.source != "marked":
        return inf
    others = [c.peak for c in _around(chosen, candidate.peak) if c.source == "marked" and c is not candidate]
    return min((abs(peak - candidate.peak) for peak in others), default=inf)


def _listen(stretch: range, timeline: Timeline, style: Style) -> Promise:
    """Lower the head while a complaint is answered: "I am listening"."""
    first, last = timeline.sentences[stretch.start], timeline.sentences[stretch.stop - 1]
    end = min(last.end, timeline.end)
    size = style.signs.lower
    motion = kernels.lower(max(first.start - 0.15, 0.0), end, size, timeline.settled_by(end))
    return Promise(Gesture("lower", motion.start, motion.peak, motion.end, size, "listening"), motion)


def _peak(candidate: _Candidate) -> float:
    return candidate.peak


def _room(one: _Candidate, other: _Candidate) -> float:
    return sum(_LIST_ROOM if c.source == "list" else _ROOM[c.kind] for c in (one, other)) / 2


class _Director:
    """Proposes gestures, sentence by sentence."""

    def __init__(
        self, timeline: Timeline, said: Sequence[Said], style: Style, region: Region, rng: np.random.Generator
    ) -> None:
        self._timeline = timeline
        self._said: list[list[Said]] = [[] for _ in timeline.sentences]
        for phrase in said:
            self._said[phrase.sentence].append(phrase)
        self._meaning = {phrase.first: phrase.meaning for phrase in said}
        self._in_thought = {
            word for phrase in said if phrase.meaning == "thinking" for word in range(phrase.first, phrase.last + 1)
        }
        self._style = style
        self._region = region
        self._rng = rng
        self._owed = float(rng.uniform(-0.5, 0.5))
        self._last_nod = -10.0
        self._side = float(rng.choice((-1, 1)))

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

    def marked(self, directed: Sequence[_Candidate]) -> Iterator[_Candidate]:
        """A decisive nod on every word that the author has marked; on a marked "no" the sign of a no instead.

        Where the text asks for a gesture of its own at the word, that one stands.
        """
        asked = [candidate for candidate in directed if candidate.kind in ("nod", "shake")]
        for stress in self._marked_stresses():
            sentence = self._timeline.sentences[stress.sentence]
            if any(abs(candidate.peak - stress.time) < _AGAINST for candidate in asked):
                continue
            manner = dynamics_of(sentence)
            peak = stress.time + float(np.clip(self._rng.normal(0.0, 0.02), stress.start - stress.time, 0.04))
            depth = _DECISIVE * max(self._depth(), self._style.accent.size) * manner.size
            if self._meaning.get(stress.word) == "negation" and not self._asks(stress.sentence):
                sign = self._sign("no", 1.0)
                if sign is not None:
                    yield _Candidate(0, peak, sign[0], sign[1] * manner.size, "marked", manner.tempo)
                    continue
            yield _Candidate(0, peak, "nod", depth, "marked", manner.tempo)

    def _marked_stresses(self) -> list[Stress]:
        """Stressed vowels of marked words; where several are too near for a nod each, the one that stands for all."""
        chosen: list[Stress] = []
        for stress in self._timeline.stresses:
            if stress.emphasis < MARKED:
                continue
            before = chosen[-1] if chosen else None
            if before is not None:
                neighbours = stress.word == before.word + 1 and stress.sentence == before.sentence
                if stress.time - before.time < (_ONE_NOD if neighbours else _SHORTEST_GAP):
                    is_denial = self._meaning.get(before.word) == "negation"
                    if not is_denial and (stress.stress == 1 or before.stress != 1):
                        chosen[-1] = stress
                    continue
            chosen.append(stress)
        return chosen

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

    def _asks(self, index: int) -> bool:
        """Whether a sentence is a question, in which "isn't it" denies nothing."""
        return self._timeline.sentences[index].type in ASKING

    def _sign(self, intent: Intent, size: float) -> tuple[str, float] | None:
        """The region's gesture for an intent and its signed size in radians; None where nothing is shown."""
        custom: Custom = self._region[intent]
        if custom.gesture == "none" or custom.size == 0:
            return None
        signs = self._style.signs
        sizes = {"shake": signs.shake, "wobble": signs.wobble, "tilt": signs.tilt, "bow": signs.bow}
        signed = custom.size * size * sizes.get(custom.gesture, self._style.accent.size)
        if _AXIS[custom.gesture] == _LATERAL:
            signed *= float(self._rng.choice((-1, 1)))
        return custom.gesture, signed

    def _of_type(self, index: int, stresses: tuple[Stress, ...]) -> Iterator[tuple[str, float, float, str]]:
        sentence, signs = self._timeline.sentences[index], self._style.signs
        strongest = max(stresses, key=lambda s: (s.emphasis, s.stress > 0, s.time))
        match sentence.type:
            case "rhetorical":
                last = max(stresses, key=lambda s: (s.stress > 0, s.time))
                yield "push", last.time, signs.push, "rhetorical"
            case "question":
                yield "lift", sentence.end, signs.lift, "question"
            case "command" if not any(phrase.meaning == "thinking" for phrase in self._said[index]):
                yield "nod", self._beat(strongest), self._depth(), "command"
            case "exclamation":
                yield "nod", self._beat(strongest), 1.25 * self._depth(), "exclamation"
            case _:
                pass

    def _of_emphasis(self, stresses: tuple[Stress, ...], often: float) -> Iterator[tuple[str, float, float, str]]:
        accent, rng = self._style.accent, self._rng
        for stress in stresses:
            if not EMPHASISED <= stress.emphasis < MARKED or stress.word in self._in_thought:
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
        by_word = {stress.word: stress for stress in stresses}
        denied = self._asks(index)
        for phrase in self._said[index]:
            words = range(phrase.first, phrase.last + 1)
            stress = max(
                (by_word[w] for w in words if w in by_word), key=lambda s: (s.stress == 1, s.time), default=None
            )
            if stress is None or stress.emphasis >= MARKED:
                continue
            meaning = phrase.meaning
            opens = phrase.first - first < _OPENING_WORDS.get(meaning, 1)
            chance = signs.chance + (_OPENS if opens or meaning in ("contrast", "apology") else 0.0)
            if rng.random() > chance:
                continue
            side = float(rng.choice((-1, 1)))
            match meaning:
                case "contrast":
                    self._side = -self._side
                    yield "shift", stress.start, self._side * rng.uniform(0.85, 1.15) * signs.contrast, meaning
                case "doubt":
                    yield "tilt", stress.time, side * rng.uniform(0.7, 1.15) * signs.tilt, meaning
                case "all":
                    yield "sweep", stress.time, side * rng.uniform(0.5, 0.9) * signs.shake, meaning
                case "negation" if not denied:
                    denied = True
                    yield from self._show("no", stress, rng.uniform(0.6, 1.1), meaning)
                case "apology" if not self._asks(index):
                    yield from self._show("apology", stress, rng.uniform(0.9, 1.1), meaning)
                case "yes" | "agreement" | "greeting" | "farewell" | "thanks" if opens:
                    yield from self._show(INTENTS[meaning], stress, rng.uniform(0.9, 1.2), meaning)
                case _:
                    pass
        side = float(rng.choice((-1, 1)))
        for stress in self._list_items(index, stresses):
            side = -side
            yield "tilt", stress.time, side * rng.uniform(0.5, 0.8) * signs.tilt, "list"

    def _show(
        self, intent: Intent, stress: Stress, size: float, source: str
    ) -> Iterator[tuple[str, float, float, str]]:
        sign = self._sign(intent, size)
        if sign is not None:
            yield sign[0], stress.time, sign[1], source

    def _list_items(self, index: int, stresses: tuple[Stress, ...]) -> list[Stress]:
        """The last word of each item of a list: two or more short stretches between marks."""
        closing = words_before_commas(self._timeline, index)
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


def _perform(candidate: _Candidate, most: float, timeline: Timeline, style: Style, rng: np.random.Generator) -> Promise:
    """How a candidate goes; a nod takes ``most`` seconds at most."""
    tempo = style.tempo * candidate.tempo
    latest = timeline.settled_by(candidate.peak)
    peak, size, kind = candidate.peak, candidate.size, candidate.kind
    amplitude = abs(size)
    match kind:
        case "nod" | "raise":
            varied = float(np.exp(np.clip(rng.normal(0, 0.16), -0.35, 0.35)))
            duration = float(np.clip(min(style.accent.duration * varied / tempo, most), 0.38, 1.15))
            overshoot = kernels.OVERSHOOT if rng.random() < style.accent.overshoot else 0.0
            peak = min(peak, latest - 0.2)
            motion = kernels.nod(peak, size if kind == "nod" else -0.8 * size, duration, overshoot, latest)
        case "double_nod":
            peak = min(peak, latest - 0.3)
            motion = kernels.double_nod(peak, size, float(np.clip(1.0 / tempo, 0.6, 1.15)), latest)
            kind = "nod"
        case "bow":
            peak = min(max(peak + 0.15, 0.55), latest - 0.4)
            motion = kernels.bow(peak, size, rng.uniform(0.15, 0.4) / tempo, latest)
        case "wobble":
            peak = min(peak, latest - 0.9 / tempo)
            motion = kernels.wobble(peak, size, 1.05 / tempo)
        case "shift":
            motion = kernels.shift(peak, size, _clause_start(peak, timeline), rng.uniform(1.2, 2.2), latest)
            peak = motion.peak
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
        case "push" | "thrust":
            peak = min(peak, latest - 0.28)
            amplitude = style.signs.push_pitch * size / style.signs.push if style.signs.push else 0.0
            motion = kernels.push(peak, size, amplitude if kind == "push" else 0.0, latest)
            kind = "push"
        case "lift":
            motion = kernels.lift(peak, size, latest)
            peak = motion.peak
        case _:
            motion = _swing(peak, size, style, rng, latest)
    gesture = Gesture(kind, motion.start, max(peak, motion.start), motion.end, amplitude, candidate.source)
    return Promise(gesture, motion)


def _clause_start(time: float, timeline: Timeline) -> float:
    """Where the head may begin to lean for what is set against something at ``time``: its clause."""
    phrases = timeline.phrases
    index = max(bisect_left(phrases, time, key=lambda phrase: phrase.start) - 1, 0)
    if index > 0 and phrases[index].sentence == phrases[index - 1].sentence:
        index -= 1
    return max(phrases[index].start, time - 2.0)


def _swing(peak: float, turn: float, style: Style, rng: np.random.Generator, latest: float) -> kernels.Motion:
    """An abrupt turn to the side on an accent, slowly taken back (Graf 2002)."""
    roll = float(rng.normal(0, 1.6) * style.beat.size[2])
    start = peak - 0.18
    end = max(min(peak + rng.uniform(0.7, 1.4), latest), peak + 0.3)
    paths = ((YAW, ((start, 0.0), (peak, turn), (end, 0.0))), (ROLL, ((start, 0.0), (peak, roll), (end, 0.0))))
    return kernels.Motion(start, peak, end, paths)
