"""What the head does on purpose, when and why: the director of the performance.

Candidates come from direction in the text, sentence types, emphasis and the meaning of words; of those that would get
into each other's way the more meaningful one stays.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from ..score import CueKind, Gesture
from . import kernels
from .dynamics import Dynamics, dynamics_of
from .lexicon import meaning_of
from .strokes import ROLL, YAW, Strokes
from .styles import Style
from .timeline import Stress, Timeline

EMPHASISED: Final = 0.5
"""Emphasis from which a word is meant to stand out."""
_AXIS: Final = {"nod": 0, "raise": 0, "push": 0, "lift": 0, "shake": 1, "sweep": 1, "tilt": 1, "swing": 1}
_ROOM: Final = {
    "nod": 0.5,
    "raise": 0.5,
    "push": 0.9,
    "lift": 0.5,
    "shake": 1.1,
    "sweep": 0.9,
    "tilt": 1.0,
    "swing": 0.5,
}
"""Seconds a gesture wants for itself on its axis."""
_PRIORITY: Final = {
    "direction": 0, "rhetorical": 1, "question": 2, "negation": 3, "command": 3, "greeting": 4, "agreement": 4,
    "exclamation": 4, "emphasis": 5, "contrast": 6, "doubt": 6, "list": 6, "all": 7,
}  # fmt: skip
_LIST_MARKS: Final = frozenset(",，、;；")
_ANSWERING_WORDS: Final = 3
"""A greeting or an agreement stands among the first words of its sentence."""


@dataclass(frozen=True, slots=True, order=True)
class _Candidate:
    priority: int
    peak: float
    kind: str
    size: float
    """Signed radians (metres for a push)."""
    source: str
    dynamics: Dynamics


def plan_gestures(timeline: Timeline, style: Style, rng: np.random.Generator, strokes: Strokes) -> list[Gesture]:
    """Choose the gestures of the head and add their strokes; in order of time."""
    directed = list(_directed(timeline, style, rng))
    taken: tuple[list[float], list[float]] = ([], [])
    performed: list[Gesture] = []
    candidates = [directed] + [
        list(_of_sentence(timeline, index, style, rng)) for index in range(len(timeline.sentences))
    ]
    rooms: dict[tuple[int, float], float] = {}
    for group in candidates:
        for candidate in sorted(group):
            axis, room = _AXIS[candidate.kind], _ROOM[candidate.kind]
            if candidate.source == "direction" or _is_free(taken[axis], rooms, axis, candidate.peak, room):
                insort(taken[axis], candidate.peak)
                rooms[axis, candidate.peak] = room
                performed.append(_perform(candidate, timeline, style, rng, strokes))
    return sorted(performed, key=lambda gesture: gesture.start)


def _is_free(taken: list[float], rooms: dict[tuple[int, float], float], axis: int, peak: float, room: float) -> bool:
    # Peaks come sentence by sentence: only the last few can be near.
    return all(abs(other - peak) >= (rooms[axis, other] + room) / 2 for other in taken[-24:])


def _directed(timeline: Timeline, style: Style, rng: np.random.Generator) -> Iterator[_Candidate]:
    plain = Dynamics()
    sizes: dict[CueKind, tuple[str, float]] = {
        "nod": ("nod", style.accent.size),
        "shake": ("shake", style.signs.shake * rng.choice((-1, 1))),
        "tilt_left": ("tilt", 1.3 * style.signs.tilt),
        "tilt_right": ("tilt", -1.3 * style.signs.tilt),
    }
    for cue in timeline.speech.cues:
        if cue.kind not in sizes:
            continue  # looks and blinks belong to the eyes
        kind, size = sizes[cue.kind]
        near = timeline.stresses_between(cue.time - 0.05, cue.time + 0.35)
        peak = near[0].time if near else cue.time + 0.15
        if peak <= timeline.end + 0.3:
            peak = min(peak, timeline.last_gesture - (0.75 if kind == "shake" else 0.35))
        yield _Candidate(0, max(peak, 0.0), kind, size * cue.amplitude, "direction", plain)


def _of_sentence(timeline: Timeline, index: int, style: Style, rng: np.random.Generator) -> Iterator[_Candidate]:
    sentence = timeline.sentences[index]
    manner = dynamics_of(sentence)
    stresses = timeline.stresses_between(sentence.start, sentence.end)
    if not stresses:
        return
    accent, signs = style.accent, style.signs

    def candidate(kind: str, peak: float, size: float, source: str) -> _Candidate:
        return _Candidate(_PRIORITY[source], peak, kind, size * manner.size, source, manner)

    strongest = max(stresses, key=lambda s: (s.emphasis, s.stress > 0, s.time))
    if sentence.type == "rhetorical":
        late = max(stresses, key=lambda s: (s.stress > 0, s.time))
        yield candidate("push", late.time, signs.push, "rhetorical")
    elif sentence.type == "question":
        yield candidate("lift", sentence.end, signs.lift, "question")
    elif sentence.type == "command":
        yield candidate("nod", _beat(strongest, accent.jitter, rng), _depth(style, rng), "command")
    elif sentence.type == "exclamation":
        yield candidate("nod", _beat(strongest, accent.jitter, rng), 1.25 * _depth(style, rng), "exclamation")

    for stress in stresses:
        if stress.emphasis < EMPHASISED:
            continue
        if rng.random() < accent.nods:
            up = rng.random() < accent.raises
            size = _depth(style, rng) * (0.7 + 0.3 * stress.emphasis)
            yield candidate("raise" if up else "nod", _beat(stress, accent.jitter, rng), size, "emphasis")
        elif rng.random() < accent.swings:
            yield candidate("swing", stress.time, rng.normal(0, 1), "emphasis")

    for kind, stress, size, source in _meanings(timeline, index, stresses, rng):
        if rng.random() < signs.chance:
            yield candidate(kind, stress.time, size * _natural(kind, style), source)


def _meanings(
    timeline: Timeline, index: int, stresses: tuple[Stress, ...], rng: np.random.Generator
) -> Iterator[tuple[str, Stress, float, str]]:
    """Kind, place, signed size (1 is natural) and source of what the words themselves ask for."""
    words = timeline.words_of[index]
    shaken = False
    for stress in stresses:
        side = float(rng.choice((-1, 1)))
        match meaning_of(timeline.words[stress.word].text):
            case "negation" if not shaken:
                shaken = True
                yield "shake", stress, side * rng.uniform(0.6, 1.1), "negation"
            case "contrast":
                yield "tilt", stress, side * rng.uniform(0.7, 1.1), "contrast"
            case "doubt":
                yield "tilt", stress, side * rng.uniform(0.8, 1.2), "doubt"
            case "all":
                yield "sweep", stress, side * rng.uniform(0.5, 0.9), "all"
            case "greeting" | "agreement" as source if stress.word - words.start < _ANSWERING_WORDS:
                yield "nod", stress, rng.uniform(0.9, 1.2), source
            case _:
                pass
    side = float(rng.choice((-1, 1)))
    for stress in _list_items(timeline, index, stresses):
        side = -side
        yield "tilt", stress, side * rng.uniform(0.5, 0.8), "list"


def _natural(kind: str, style: Style) -> float:
    """A gesture's natural size in this style, radians."""
    sizes = {"shake": style.signs.shake, "sweep": style.signs.shake, "tilt": style.signs.tilt}
    return sizes.get(kind, style.accent.size)


def _list_items(timeline: Timeline, index: int, stresses: tuple[Stress, ...]) -> list[Stress]:
    """The last stressed vowel of each item of a list: three or more short stretches between marks."""
    text, at = timeline.sentences[index].text, 0
    closing: list[int] = []
    for word in timeline.words_of[index]:
        found = text.find(timeline.words[word].text, at)
        if found < 0:
            continue
        if _LIST_MARKS.intersection(text[at:found]) and word > timeline.words_of[index].start:
            closing.append(word - 1)
        at = found + len(timeline.words[word].text)
    if len(closing) < 2 or any(later - earlier > 4 for earlier, later in pairwise(closing)):
        return []
    by_word = {stress.word: stress for stress in stresses}
    return [by_word[word] for word in closing if word in by_word]


def _beat(stress: Stress, jitter: float, rng: np.random.Generator) -> float:
    """When a nod on this word peaks."""
    return float(stress.time + np.clip(rng.normal(0.0, jitter), -2 * jitter, 2 * jitter))


def _depth(style: Style, rng: np.random.Generator) -> float:
    return float(style.accent.size * np.exp(np.clip(rng.normal(0, style.accent.variation), -0.6, 0.6)))


def _perform(
    candidate: _Candidate, timeline: Timeline, style: Style, rng: np.random.Generator, strokes: Strokes
) -> Gesture:
    """Add a gesture's strokes and say what it is."""
    tempo = style.tempo * candidate.dynamics.tempo
    latest = timeline.last_gesture if candidate.peak < timeline.last_gesture else timeline.speech.duration
    peak, size, kind = candidate.peak, candidate.size, candidate.kind
    varied = float(np.exp(np.clip(rng.normal(0, 0.16), -0.35, 0.35))) / tempo
    match kind:
        case "nod" | "raise":
            duration = float(np.clip(style.accent.duration * varied, 0.38, 1.15))
            overshoot = 0.22 if rng.random() < style.accent.overshoot else 0.0
            peak = min(peak, latest - 0.2)
            motion = kernels.nod(peak, size if kind == "nod" else -0.8 * size, duration, overshoot, latest)
        case "shake":
            motion = kernels.shake(min(peak, latest - 0.7 / tempo), size, 0.9 / tempo)
        case "sweep":
            motion = kernels.sweep(min(peak, latest - 0.8 / tempo), size, 1.1 / tempo)
        case "tilt":
            motion = kernels.tilt(peak, size, rng.uniform(0.25, 0.8) / tempo, latest)
        case "push":
            peak = min(peak, latest - 0.28)
            motion = kernels.push(peak, size, size / style.signs.push * style.signs.push_pitch, latest)
        case "lift":
            motion = kernels.lift(peak, size, latest)
        case _:
            motion = _swing(peak, size, style, rng, latest)
    for channel, knots in motion.paths:
        strokes.path(channel, knots)
    if kind == "push":
        size = size / style.signs.push * style.signs.push_pitch
    name = kind if kind != "tilt" else ("tilt_left" if size > 0 else "tilt_right")
    return Gesture(name, motion.start, max(peak, motion.start), motion.end, abs(size), candidate.source)


def _swing(peak: float, size: float, style: Style, rng: np.random.Generator, latest: float) -> kernels.Motion:
    """An abrupt turn to the side on an accent, slowly taken back (Graf 2002)."""
    yaw, roll = size * 2.2 * style.beat.size[1], rng.normal(0, 1.6) * style.beat.size[2]
    start, end = peak - 0.18, min(peak + rng.uniform(0.7, 1.4), latest)
    end = max(end, peak + 0.3)
    paths = ((YAW, ((start, 0.0), (peak, yaw), (end, 0.0))), (ROLL, ((start, 0.0), (peak, roll), (end, 0.0))))
    return kernels.Motion(start, end, paths)
