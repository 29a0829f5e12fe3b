"""Lessons: what is heard, and what the mouth does meanwhile.

Two sources. Synthetic voices in many languages, whose phones are known to the sample, with the mouth that our own face
makes of them: they teach closures, the lip on the teeth and the tongue, and languages. Recordings of a real speaker
teach how far and how fast a real mouth goes with a real voice.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...arkit import INDEX
from ...face import mouth_features
from ...face.coarticulation import blend, contacts, gate, plan
from ...face.learned_mouth import OUTPUTS
from ...face.shapes import to_arkit
from ...face.targets import CHANNELS, FLARE, JAW, PART, PURSE, SPREAD, TONGUE
from ...files import replacing
from ...language.meaning import RuleTagger
from ...language.reader import read_script
from ...language.script import Line
from ...measure.dialogue import HELD_OUT_VOICES
from ...measure.facegood import Recording
from ...measure.lips import LipGauge
from ...score import EMOTIONS, Speech
from ...speech import espeak
from ...speech.prosody import STEP, analyse
from ...speech.synthesis import EspeakVoice, speak
from ..pose.data import LINES as READ
from .disturb import disturb, faster

Array = NDArray[np.float32]

LINES: Final = Path(__file__).with_name("lines.txt")
"""Sentences with espeak-ng's code of their language."""
SHARES: Final = {"en-us": 0.3, "cmn": 0.3}
"""Of the synthetic speech, by language; the others share the rest."""
SPEEDS: Final = (0.8, 1.28)
"""At which voices are played: pitch, formants and tempo change with it."""
REAL_SPEEDS: Final = (0.88, 1.15)
"""The same of recordings, whose mouth keeps to its pace less well."""
OPEN: Final = 2.0
"""Millimetres between the lips from which a recording shows that they are not closed."""
PRESSED: Final = 0.15
"""Of pressed or rolled lips, from which it shows that they are."""
_HALVINGS: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A stretch of speech."""

    features: Array
    """[shape=(n, FEATURES)]"""
    mouth: Array
    """[shape=(n, OUTPUTS)]"""
    known: Array
    """Which of it is known, 0 or 1 [shape=(n, OUTPUTS)]."""


def spoken_lessons(count: int, rng: np.random.Generator) -> Iterator[Lesson]:
    """``count`` turns of synthetic speech in varied voices, languages, moods and recordings."""
    lines = _lines()
    others = [language for language in lines if language not in SHARES]
    shares = [SHARES.get(language, (1 - sum(SHARES.values())) / len(others)) for language in lines]
    voices = [None, *(name for name in espeak.variants() if name not in HELD_OUT_VOICES)]
    for _ in range(count):
        texts = lines[list(lines)[rng.choice(len(lines), p=shares)]]
        said = [_in_a_mood(texts[index], rng) for index in rng.integers(0, len(texts), int(rng.integers(1, 4)))]
        with EspeakVoice(voices[rng.integers(len(voices))]) as voice:
            speech = _played(speak(said, voice), float(rng.uniform(*SPEEDS)))
        heard = features_of(disturb(speech.sound, speech.rate, rng), speech.rate)
        mouth = mouth_of(speech, len(heard))
        yield Lesson(heard, mouth, np.ones_like(mouth))


def recorded_lessons(recording: Recording, gauge: LipGauge, count: int, rng: np.random.Generator) -> Iterator[Lesson]:
    """The recording as it is, and ``count - 1`` times disturbed and played at other speeds."""
    rows, known = articulation(recording.shapes, gauge)
    for index in range(count):
        speed = float(rng.uniform(*REAL_SPEEDS)) if index else 1.0
        sound = disturb(faster(recording.sound, speed), recording.rate, rng) if index else recording.sound
        heard = features_of(sound, recording.rate)
        times = np.arange(len(heard)) * STEP * speed
        mouth = sampled(rows, recording.times, times)
        certain = sampled(known, recording.times, times) >= 1
        certain[times > recording.times[-1]] = False
        yield Lesson(heard, mouth, certain.astype(np.float32))


def features_of(sound: NDArray[np.int16], rate: int) -> Array:
    """What is heard of a whole sound [shape=(k, FEATURES)]."""
    return mouth_features.hear(mouth_features.start(rate), sound)[1]


def mouth_of(speech: Speech, count: int) -> Array:
    """The mouth that our own face makes of the phones, in ``count`` frames [shape=(count, OUTPUTS)]."""
    times = np.arange(count) * STEP
    channels = blend(plan(speech, analyse(speech.sound, speech.rate)), times)
    lips, teeth = contacts(speech)
    return np.column_stack([channels, gate(lips, times), gate(teeth, times)]).astype(np.float32)


def sampled(rows: Array, at: NDArray[np.float64], times: NDArray[np.float64]) -> Array:
    """Rows known ``at`` some times, at other times [shape=(len(times), k)]."""
    return np.stack([np.interp(times, at, column) for column in rows.T], axis=1).astype(np.float32)


def articulation(shapes: Array, gauge: LipGauge) -> tuple[Array, Array]:
    """The articulatory channels that do on a head what these shapes do, and which of them that tells.

    Jaw and rounding are the shapes' own; the corners go out as far as makes the mouth as wide, the lips part as far as
    makes the gap as large, and where the jaw alone makes it larger they are drawn together. Of closed lips a curve
    tells little: that they are not where they gape, and that they are where they are pressed.
    Returns [shape=(n, OUTPUTS)] twice, the second 0 or 1.
    """
    rows = np.zeros((len(shapes), OUTPUTS))
    rows[:, JAW] = shapes[:, INDEX["jawOpen"]]
    rows[:, PURSE] = shapes[:, INDEX["mouthPucker"]]
    rows[:, FLARE] = shapes[:, INDEX["mouthFunnel"]]
    width, gap = shapes @ gauge.width[1:], gauge.gap(shapes)

    def made(column: int, value: NDArray[np.float64] | float) -> Array:
        tried = rows.copy()
        tried[:, column] = value
        return to_arkit(tried[:, :CHANNELS], tried[:, CHANNELS], tried[:, CHANNELS + 1])

    for column, sign, measured, wanted in (
        (SPREAD, 1.0, lambda made: made @ gauge.width[1:], width),
        (PART, 1.0, gauge.gap, gap),
        (CHANNELS, -1.0, gauge.gap, gap),
    ):
        low, high = np.zeros(len(rows)), np.ones(len(rows))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            too_little = sign * (wanted - measured(made(column, middle))) > 0
            low, high = np.where(too_little, middle, low), np.where(too_little, high, middle)
        rows[:, column] = np.where(high < 2 * 0.5**_HALVINGS, 0, high)
    known = np.ones_like(rows)
    known[:, [TONGUE, CHANNELS, CHANNELS + 1]] = 0
    pressed = shapes[:, [INDEX["mouthPressLeft"], INDEX["mouthRollUpper"]]].max(axis=1) > PRESSED
    known[:, CHANNELS] = pressed | (gap > OPEN)
    rows[:, CHANNELS] = pressed
    return rows.astype(np.float32), known.astype(np.float32)


def _lines() -> dict[str, list[Line]]:
    """What is said, by language."""
    tagger = RuleTagger()
    lines: dict[str, list[Line]] = {}
    for row in LINES.read_text(encoding="utf-8").splitlines():
        language, text = row.split("\t")
        lines.setdefault(language, []).extend(read_script(text, language=language, emotion="neutral", tagger=tagger))
    for text in READ.read_text(encoding="utf-8").splitlines():
        language = "en-us" if text.isascii() else "cmn"
        lines[language].extend(read_script(text, language=language, emotion="neutral", tagger=tagger))
    return lines


def _in_a_mood(line: Line, rng: np.random.Generator) -> Line:
    """The line with another pitch, liveliness, rate and force: those of an emotion."""
    emotion = EMOTIONS[rng.integers(len(EMOTIONS))]
    return replace(line, emotion=emotion, intensity=0.0 if emotion == "neutral" else float(rng.uniform(0.3, 1.0)))


def _played(speech: Speech, speed: float) -> Speech:
    phones = tuple(replace(phone, start=phone.start / speed, end=phone.end / speed) for phone in speech.phones)
    return replace(speech, sound=faster(speech.sound, speed), phones=phones)


def cached(path: Path, make: Callable[[], Iterable[Lesson]]) -> list[Lesson]:
    """Lessons from a file of an earlier run, or made and kept there."""
    if not path.exists():
        lessons = list(make())
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            np.savez(
                temporary,
                lengths=np.array([len(lesson.mouth) for lesson in lessons]),
                features=np.concatenate([lesson.features for lesson in lessons]).astype(np.float16),
                mouth=np.concatenate([lesson.mouth for lesson in lessons]).astype(np.float16),
                known=np.concatenate([lesson.known for lesson in lessons]).astype(np.uint8),
            )
    with np.load(path, allow_pickle=False) as file:
        cuts = np.cumsum(file["lengths"])[:-1]
        parts = [np.split(file[name].astype(np.float32), cuts) for name in ("features", "mouth", "known")]
    return [Lesson(*lesson) for lesson in zip(*parts, strict=True)]
