"""How like a real mouth the learned one moves, which closures it hears, and how fast it is.

Closures are counted on synthetic voices whose phones are known to the sample, and which the network never heard. Jaw
and lips are compared with recordings of a real speaker: jaw with jaw, and lips by what they do on a head, as shapes of
different heads cannot be compared.
"""

import functools
import operator
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..audio.resampling import resample
from ..face.coarticulation import contacts
from ..face.heard import Heard
from ..face.learned_mouth import LOOK_AHEAD, LearnedMouth
from ..face.shapes import to_arkit
from ..language.meaning import RuleTagger
from ..language.reader import read_script
from ..score import Speech
from ..speech.prosody import STEP
from ..speech.synthesis import EspeakVoice, speak
from .dialogue import CODES, HELD_OUT_VOICES
from .facegood import FOLDER, Recording, read_recordings
from .figures import AbsentError, Figure, Group
from .lips import LipGauge, avatar_gauge, ict_gauge
from .sentences import TEXTS

Floats = NDArray[np.float64]

HELD_OUT_NETWORKS: Final = "mouth_held_out"
"""Folder of training's cache: for each recording a network that learnt from all others but never heard it."""
CACHE: Final = Path(".cache/training")
"""Where training keeps its work, unless it is told another place."""
RECORDINGS: Final = Path(__file__).resolve().parents[3] / "shared/data" / FOLDER
ICT: Final = Path(__file__).resolve().parents[3] / "shared/rigs/ict_facekit/ict_facekit.npz"
CLOSED: Final = 0.5
"""Of the gate, from which the lips count as closed."""
NEAR: Final = 0.02
"""Seconds by which a closure may miss its sound and is still taken for its own."""
_PARAGRAPHS: Final = 8
"""Of the bench's text in each language, about four minutes together."""
_RATE: Final = 48000
"""Samples a second of a film's sound."""
_ROUNDS: Final = 4
_PIECE: Final = 731
"""Samples that are streamed at a time."""
_BEFORE: Final = 0.033
"""Seconds of sound before a moment whose loudness alone tells of the jaw what it can."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Correlations with what was seen of a recording."""

    jaw: float
    opening: float
    """Of the gap between the lips, the mean of all heads."""
    width: float
    """Of the mouth, the same."""

    @classmethod
    def mean(cls, parts: Iterable["Likeness"]) -> "Likeness":
        """Of several recordings."""
        jaw, opening, width = np.mean([(part.jaw, part.opening, part.width) for part in parts], axis=0)
        return cls(float(jaw), float(opening), float(width))


@dataclass(frozen=True, slots=True)
class Closures:
    """Closed lips that were asked for, and heard."""

    asked: int
    found: int
    shown: int
    """Times the lips close."""
    false: int
    """Those of them for no sound that closes lips."""
    offsets: tuple[float, ...]
    """Seconds by which those found begin late (> 0) or early (< 0)."""

    def __add__(self, other: "Closures") -> "Closures":
        return Closures(
            self.asked + other.asked,
            self.found + other.found,
            self.shown + other.shown,
            self.false + other.false,
            self.offsets + other.offsets,
        )


def shapes_of(heard: Heard) -> NDArray[np.float32]:
    """ARKit's shapes, a row every ``STEP`` seconds [shape=(n, 52)]."""
    return to_arkit(
        heard.channels.astype(np.float64), heard.closed.astype(np.float64), heard.on_teeth.astype(np.float64)
    )


def likeness(shapes: NDArray[np.float32], recording: Recording, gauges: Sequence[LipGauge]) -> Likeness:
    """Compare shapes every ``STEP`` seconds [shape=(m, 52)] with those that were seen."""
    grid = np.arange(len(shapes)) * STEP
    own = np.stack([np.interp(recording.times, grid, column) for column in shapes.T], axis=1)
    seen, jaw = recording.shapes, INDEX["jawOpen"]
    return Likeness(
        _correlation(own[:, jaw], seen[:, jaw]),
        float(np.mean([_correlation(gauge.gap(own), gauge.gap(seen)) for gauge in gauges])),
        float(np.mean([_correlation(gauge.rounding(own), gauge.rounding(seen)) for gauge in gauges])),
    )


def loudness_alone(recording: Recording) -> float:
    """Correlation of the jaw with how loud it was just before: what any network has to be better than."""
    window = round(_BEFORE * recording.rate)
    power = np.cumsum(np.square(np.pad(recording.sound.astype(np.float64) / 32768, (window, 0))))
    ends = np.minimum(np.round(recording.times * recording.rate).astype(np.int64), len(recording.sound) - 1) + window
    loud = np.log((power[ends] - power[ends - window]) / window + 1e-7)
    return _correlation(loud, recording.shapes[:, INDEX["jawOpen"]])


def closures(heard: Heard, speech: Speech) -> Closures:
    """Compare the closures that are heard with those of the phones."""
    asked, _ = contacts(speech)
    begins, ends = _runs(heard.closed >= CLOSED)
    own = np.zeros(len(begins), bool)
    found, offsets = 0, []
    for start, end in zip(asked.start, asked.end, strict=True):
        meets = (begins <= end + NEAR) & (ends >= start - NEAR)
        own |= meets
        if meets.any():
            found += 1
            offsets.append(float(begins[meets][0] - start))
    return Closures(len(asked.start), found, len(begins), int((~own).sum()), tuple(offsets))


def closures_of(mouth: LearnedMouth, language: str) -> Closures:
    """Of the bench's text in ``English`` or ``Mandarin``, by voices that were never learnt from."""
    speeches = unheard_speeches(CODES[language], _PARAGRAPHS)
    counted = [closures(mouth.listen(speech.sound, speech.rate), speech) for speech in speeches]
    return functools.reduce(operator.add, counted)


def unheard_speeches(code: str, paragraphs: int) -> list[Speech]:
    """The first paragraphs of the bench's text, each by a voice that was never learnt from."""
    speeches = []
    for index, paragraph in enumerate(TEXTS[code][:paragraphs]):
        lines = read_script(" ".join(paragraph), language=code, emotion="neutral", tagger=RuleTagger())
        with EspeakVoice(HELD_OUT_VOICES[index % len(HELD_OUT_VOICES)]) as voice:
            speeches.append(speak(lines, voice))
    return speeches


def figures() -> Iterator[Group]:
    """Closures of voices never learnt from, speed, and recordings by networks that never heard them."""
    mouth = LearnedMouth()
    counted = {language: closures_of(mouth, language) for language in CODES}
    measured = []
    for language, each in counted.items():
        offsets = 1000 * np.array(each.offsets)
        measured += [
            Figure(f"{language}: p b m heard, of {each.asked}", 100 * each.found / each.asked, unit="%"),
            Figure(f"{language}: of {each.shown} closures, for no p b m", 100 * each.false / each.shown, unit="%"),
            Figure(f"{language}: start against the sound's, median", float(np.median(offsets)), unit="ms"),
        ]
    yield f"Learned mouth: voices never learnt from ({', '.join(HELD_OUT_VOICES)}), by sound alone", measured
    yield "Learned mouth: speed (one core, the calmest of several runs)", _speed(mouth)
    yield _recordings()


def _speed(mouth: LearnedMouth) -> list[Figure]:
    """On a minute of speech, at the rate of films."""
    speech = unheard_speeches("en", 3)
    sound = np.concatenate([resample(each.sound, each.rate, _RATE) for each in speech])[: 60 * _RATE]
    seconds, difference = [], 0.0
    for _ in range(_ROUNDS):
        begun = time.process_time()
        whole = mouth.listen(sound, _RATE)
        seconds.append(time.process_time() - begun)
    state, at = mouth.start(_RATE), 0
    for first in range(0, len(sound), _PIECE):
        state, piece = mouth.step(state, sound[first : first + _PIECE])
        difference = max(difference, _difference(piece, whole.part(at, at + len(piece))))
        at += len(piece)
    return [
        Figure("sound to mouth, with what is heard", len(sound) / _RATE / min(seconds), low=50, unit="x real time"),
        Figure("streamed against whole, largest difference", difference, high=1e-4),
        Figure("look-ahead", 1000 * LOOK_AHEAD, high=60, unit="ms"),
    ]


def _difference(one: Heard, other: Heard) -> float:
    return max(
        (float(np.abs(a - b).max(initial=0)) for a, b in (
            (one.channels, other.channels), (one.closed, other.closed), (one.on_teeth, other.on_teeth)
        ))
    )  # fmt: skip


def _recordings() -> Group:
    """Networks that training left in its cache, each on the recording that it never heard."""
    if not RECORDINGS.is_dir():
        raise AbsentError("the learned mouth on recordings, which are not beside the project")
    gauges, own, loud = heads(), [], []
    for recording in read_recordings(RECORDINGS):
        network = CACHE / HELD_OUT_NETWORKS / f"{recording.name}.onnx"
        if not network.exists():
            raise AbsentError("the learned mouth on recordings held out, because training has left no networks here")
        heard = LearnedMouth(network).listen(recording.sound, recording.rate)
        own.append(likeness(shapes_of(heard), recording, gauges))
        loud.append(loudness_alone(recording))
    mean = Likeness.mean(own)
    return (
        f"Learned mouth: {len(own)} recordings of a real speaker, each by a network that never heard it (correlation)",
        [
            Figure("jaw, by loudness alone", float(np.mean(loud))),
            Figure("jaw", mean.jaw),
            Figure("lips' opening, on heads", mean.opening, low=0.8),
            Figure("lips' width, on heads", mean.width, low=0.8),
        ],
    )


def heads() -> list[LipGauge]:
    """Heads that lips are measured on: the demo avatar, and the ICT head where it lies beside the project."""
    return [avatar_gauge(), *([ict_gauge(ICT)] if ICT.exists() else [])]


def _runs(flags: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Seconds of the first and the last frame of every run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return edges[::2] * STEP, (edges[1::2] - 1) * STEP


def _correlation(a: Floats | NDArray[np.float32], b: Floats | NDArray[np.float32]) -> float:
    return float(np.corrcoef(a, b)[0, 1])
