"""Does it matter? The network beside its teacher, beside stage 1 alone and beside a network blind to meaning.

All on sentences that nobody was trained on (those of ``measure/sentences.py``), in the neutral manner. Two questions:
how much of what the teacher means is foretold when its dice are known (frame by frame), and how do whole performances
with dice of their own measure (nods, questions, moods).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...arkit import INDEX
from ...language.reader import read_script
from ...measure.believability import measure
from ...measure.sentences import ENGLISH, MANDARIN
from ...performance import Frames, Performance
from ...pose.animate import enliven
from ...pose.fine_tuner import Controls, Inputs
from ...pose.layers import read
from ...pose.meaning import plan_meaning
from ...pose.refine import Refiner, follow
from ...pose.regions import NEUTRAL
from ...pose.styles import load_style
from ...score import Emotion, Sentence, Speech
from ...speech.prosody import Prosody, analyse
from ...speech.synthesis import EspeakVoice, speak
from .data import Lesson
from .train import hide

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

_FPS: Final = 60.0
_SEEDS: Final = (1, 2)
_CHANNELS: Final = {"pitch": 3, "yaw": 4, "roll": 5, "brow": 6}
"""Controls whose share of variance foretold is told."""
_ROWS: Final = (
    "emphasised words with a nod", "other words with a nod", "nod to stressed vowel, median",
    "nod to stressed vowel, standard deviation", "head pitch, standard deviation", "head yaw, standard deviation",
    "head roll, standard deviation", "power of rotation above 4 Hz", "farthest from home 0.6 s after a turn",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of every performer, and the band it should lie in."""

    name: str
    unit: str
    band: str
    values: dict[str, float]


class Blind:
    """A performer that is shown the manner but no text."""

    def __init__(self, tuner: Refiner) -> None:
        self._tuner = tuner
        self.hear = tuner.hear

    def run(self, inputs: Inputs) -> Controls:
        """Controls of a whole sequence."""
        return self._tuner.run(replace(inputs, context=hide(inputs.context)))


def held_out() -> dict[str, list[Speech]]:
    """The sentences to measure on, spoken, a turn each paragraph."""
    return {"English": _spoken(ENGLISH), "Mandarin": _spoken(MANDARIN)}


def explained(performer: Refiner, lessons: Sequence[Lesson]) -> dict[str, float]:
    """Share of the variance of what the teacher means that is foretold; 1 is all, 0 no better than standing still."""
    columns = list(_CHANNELS.values())
    found = np.concatenate([performer.run(Inputs(x.features, x.context)).side_by_side()[:, columns] for x in lessons])
    target = np.concatenate([lesson.target[:, columns] for lesson in lessons])
    left = ((found - target) ** 2).sum(axis=0) / ((target - target.mean(axis=0)) ** 2).sum(axis=0)
    return dict(zip(_CHANNELS, (1 - left).tolist(), strict=True))


def compare(performers: dict[str, Refiner], speeches: dict[str, list[Speech]], lessons: Sequence[Lesson]) -> list[Row]:
    """Measure all performers, and the teacher as ``teacher``, on ``speeches`` by language and their ``lessons``."""
    rows = []
    shares = {name: explained(performer, lessons) for name, performer in performers.items()}
    for channel in _CHANNELS:
        values = {"teacher": 1.0} | {name: share[channel] for name, share in shares.items()}
        rows.append(Row(f"what the teacher means, {channel}: variance foretold", "", "", values))
    everyone: dict[str, Refiner | None] = {"teacher": None, **performers}
    for language, group in speeches.items():
        heard = [analyse(speech.sound, speech.rate) for speech in group]
        played = {name: _perform_all(group, heard, performer) for name, performer in everyone.items()}
        figures = {name: {figure.name: figure for figure in measure(takes)} for name, takes in played.items()}
        for row in _ROWS:
            figure = figures["teacher"][row]
            values = {name: found[row].value for name, found in figures.items()}
            rows.append(Row(f"{language}: {row}", figure.unit, figure.band, values))
        for row, unit, kinds, curve in _BEHAVIOURS:
            values = {name: _towards_end(takes, kinds, curve) for name, takes in played.items()}
            rows.append(Row(f"{language}: {row}", unit, "", values))
        for mood, text in _MOODS:
            values = {name: _mood(group, performer, played[name], mood) for name, performer in everyone.items()}
            rows.append(Row(f"{language}: {text}", "deg", "", values))
    return rows


def _spoken(paragraphs: Sequence[Sequence[str]], emotion: Emotion | None = None) -> list[Speech]:
    speeches = []
    for paragraph in paragraphs:
        with EspeakVoice(None) as voice:
            speeches.append(speak(read_script("\n".join(paragraph), emotion=emotion or "neutral"), voice))
    return speeches


def _perform_all(group: Sequence[Speech], heard: Sequence[Prosody], performer: Refiner | None) -> list[Performance]:
    return [
        _perform(speech, prosody, performer, seed)
        for speech, prosody in zip(group, heard, strict=True)
        for seed in _SEEDS
    ]


def _perform(speech: Speech, prosody: Prosody, performer: Refiner | None, seed: int) -> Performance:
    times = np.arange(int(speech.duration * _FPS)) / _FPS
    style, for_meaning, for_life = load_style("neutral"), *np.random.default_rng(seed).spawn(2)
    reading = read(speech, prosody, style, float(times[-1]))
    # The network by itself: in a take what it leaves out of what is promised would be added.
    meant = (
        plan_meaning(reading, style, NEUTRAL, for_meaning)
        if performer is None
        else follow(reading, style, NEUTRAL, performer, for_meaning)
    )
    track = enliven(reading, meant, style, for_life, times)
    return Performance(
        Frames(_FPS, track.shapes, track.head, track.gaze, track.breath), speech, track.gestures, seed, "neutral", "en"
    )


def _pitch(take: Performance) -> Floats:
    return np.degrees(take.frames.head[:, 3].astype(np.float64))


def _forward(take: Performance) -> Floats:
    return -1000 * take.frames.head[:, 1].astype(np.float64)


def _brow(take: Performance) -> Floats:
    return take.frames.shapes[:, INDEX["browInnerUp"]].astype(np.float64)


_BEHAVIOURS: Final = (
    ("head lifted at the end of a question", "deg", ("question",), _pitch),
    ("head lifted at the end of a statement", "deg", ("statement",), _pitch),
    ("brows raised at the end of a question", "", ("question", "rhetorical"), _brow),
    ("brows raised at the end of a statement", "", ("statement",), _brow),
    ("head pushed forward in a confirming question", "mm", ("rhetorical",), _forward),
)
_MOODS: Final[tuple[tuple[Emotion, str], ...]] = (
    ("sad", "head pitch when sad, less that when neutral"),
    ("angry", "head pitch when angry, less that when neutral"),
)


def _towards_end(takes: Sequence[Performance], kinds: Sequence[str], curve: Callable[[Performance], Floats]) -> float:
    """How much higher a curve gets in the last 0.6 s of such sentences than it is on average before."""
    gains = []
    for take in takes:
        values, times = curve(take), take.frames.times
        for sentence in take.speech.sentences:
            if sentence.type in kinds:
                before, late = _parts(sentence, times)
                if before.any() and late.any():
                    gains.append(values[late].max() - values[before].mean())
    return float(np.mean(gains)) if gains else float("nan")


def _parts(sentence: Sentence, times: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    cut = sentence.end - 0.6
    return (times >= max(sentence.start, cut - 1.0)) & (times < cut), (times >= cut) & (times < sentence.end + 0.1)


def _mood(group: Sequence[Speech], performer: Refiner | None, neutral: Sequence[Performance], mood: Emotion) -> float:
    """Mean pitch of the head in the same sound and words, felt otherwise."""
    felt = [
        replace(speech, sentences=tuple(replace(s, emotion=mood, intensity=0.8) for s in speech.sentences))
        for speech in group
    ]
    takes = _perform_all(felt, [analyse(speech.sound, speech.rate) for speech in felt], performer)
    level = [np.mean([_pitch(take).mean() for take in some]) for some in (takes, neutral)]
    return float(level[0] - level[1])
