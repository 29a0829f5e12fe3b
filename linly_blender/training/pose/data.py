"""The teacher's lessons: speech, what the network is told of it, and what the planner does with it.

Three sources: synthetic voices over lines written for this (and, where it is given, read English with prominence
labels), recorded speech without text for stage 1, and recordings of real people (``recordings.py``). The planner is the
teacher with its layer of what is meant (``pose.meaning``); what happens by chance in it is turned into dice that the
network sees, too (``dice.py``).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...arkit import INDEX
from ...exports.wav import decode
from ...files import replacing
from ...language.reader import read_script
from ...language.script import Line, ScriptCue
from ...pose.context import CUES, Dice, blank_context, context_of
from ...pose.features import STEP, listen
from ...pose.layers import Layer, read
from ...pose.meaning import plan_meaning
from ...pose.regions import NEUTRAL
from ...pose.strokes import sample
from ...pose.styles import Style, load_style, style_names
from ...pose.timeline import Timeline
from ...score import EMOTIONS, Phone, Sentence, Speech, Word
from ...speech.prosody import STEP as PROSODY_STEP
from ...speech.prosody import analyse
from ...speech.synthesis import EspeakVoice, speak
from .dice import Choice, choices_in, dice_behind

Array = NDArray[np.float32]
Hear = Callable[[NDArray[np.int16], int], Array]
"""Sound and its rate to features, as ``features.listen`` and ``AcousticEncoder.listen`` do."""

LINES: Final = Path(__file__).with_name("lines.txt")
"""What the synthetic voices say."""
VOICES: Final = (None, "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7")
SPEEDS: Final = (0.85, 1.18)
"""Playing a voice faster makes it higher, too; with the variants' own pitches and the emotions' own rates the two vary
apart from each other."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One turn of speech."""

    features: Array
    """[shape=(n, FEATURES)], or as many columns as an acoustic encoder has."""
    context: Array
    """[shape=(n, CONTEXT)]."""
    target: Array
    """[shape=(n, CONTROLS)]."""
    textless: bool


@dataclass(frozen=True, slots=True)
class _Take:
    timeline: Timeline
    style: Style
    features: Array
    target: Array
    choices: tuple[Choice, ...]


def cached(path: Path, make: Callable[[], list[Lesson]]) -> list[Lesson]:
    """Lessons from a file of an earlier run, or made and kept there."""
    if path.exists():
        with np.load(path, allow_pickle=False) as file:
            cuts = np.cumsum(file["lengths"])[:-1]
            features, context, target = (np.split(file[name], cuts) for name in ("features", "context", "target"))
            parts = zip(features, context, target, file["textless"].tolist(), strict=True)
            return [Lesson(heard, told, done, textless) for heard, told, done, textless in parts]
    lessons = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        np.savez_compressed(
            temporary,
            lengths=np.array([len(lesson.target) for lesson in lessons]),
            textless=np.array([lesson.textless for lesson in lessons]),
            features=np.concatenate([lesson.features for lesson in lessons]),
            context=np.concatenate([lesson.context for lesson in lessons]),
            target=np.concatenate([lesson.target for lesson in lessons]),
        )
    return lessons


def fingerprint(*settings: object, files: Iterable[Path]) -> str:
    """A short name for what is made with these settings by these files as they are now."""
    digest = hashlib.sha256(repr(settings).encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def teaching() -> Iterator[Path]:
    """The files that decide what lessons tell: the teacher's, and those of this folder that write it down."""
    here, engine = Path(__file__).parent, Path(__file__).parents[2]
    for part in ("language", "speech", "pose"):
        yield from (path for path in sorted((engine / part).rglob("*")) if path.suffix in (".py", ".json", ".txt"))
    yield from (here / "data.py", here / "dice.py", LINES)


def content(lessons: Iterable[Lesson]) -> str:
    """What lessons say, as a hash: the same lessons made by other code teach the same."""
    digest = hashlib.sha256()
    for lesson in lessons:
        digest.update(bytes([lesson.textless]))
        for part in (lesson.features, lesson.context, lesson.target):
            digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def synthetic_lessons(
    count: int,
    rng: np.random.Generator,
    prosody_file: Path | None = None,
    kept: Sequence[Speech] = (),
    hear: Hear = listen,
) -> list[Lesson]:
    """Make ``count`` turns of two to five sentences in varied voices, manners and moods.

    After them come the ``kept`` speeches in the neutral manner, not to be learnt from: their dice mean the same.
    """
    takes = []
    for text in _turns(count, rng, prosody_file):
        lines = [_varied(line, rng) for line in text]
        with EspeakVoice(VOICES[rng.integers(len(VOICES))]) as voice:
            speech = _played(speak(lines, voice), float(rng.uniform(*SPEEDS)))
        takes.append(_take(speech, _any_style(rng), rng, hear))
    takes += [_take(speech, load_style("neutral"), rng, hear) for speech in kept]
    rows = dice_behind([choice for take in takes for choice in take.choices], rng)
    lessons, at = [], 0
    for take in takes:
        dice = Dice(rows[at : at + len(take.choices)])
        context = context_of(take.timeline, take.style, dice, len(take.features))
        lessons.append(Lesson(take.features, context, take.target, False))
        at += len(take.choices)
    return lessons


def textless_lessons(
    folder: Path, rng: np.random.Generator, seconds: float = 20.0, hear: Hear = listen
) -> list[Lesson]:
    """Lessons of all recordings (16-bit mono WAV) in a folder, cut into pieces.

    The teacher needs words; where nobody wrote them down, loud and high stretches of the voice stand for stressed ones.
    """
    lessons = []
    for path in sorted(folder.glob("*.wav")):
        sound, rate = decode(path)
        size = round(seconds * rate)
        for start in range(0, len(sound) - size // 2, size):
            speech = wordless(sound[start : start + size], rate)
            if not speech.phones:
                continue
            style = _any_style(rng)
            take = _take(speech, style, rng, hear)
            lessons.append(Lesson(take.features, blank_context(len(take.features), style), take.target, True))
    return lessons


def wordless(sound: NDArray[np.int16], rate: int) -> Speech:
    """Speech of which only the sound is known: a phone for every stretch of voice, a word for every prominent one."""
    prosody = analyse(sound, rate)
    loud = prosody.energy > 0.35
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(np.int8)))
    runs = [(a, b) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True) if b - a >= 6]
    if not runs:
        return Speech(sound, rate, (), (), ())
    semitones = 12 * np.log2(np.where(prosody.f0 > 0, prosody.f0, np.nan))
    middle, spread = (0.0, 1.0) if np.isnan(semitones).all() else (np.nanmedian(semitones), np.nanstd(semitones) + 0.5)
    phones: list[Phone] = []
    words: list[Word] = []
    for a, b in runs:
        # A syllable of a fifth of a second each.
        cuts = np.linspace(a, b, max(round((b - a) / 20), 1) + 1).round().astype(int)
        for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            part = semitones[first:last]
            high = 0.0 if np.isnan(part).all() else (float(np.nanmean(part)) - middle) / spread
            strength = high + 3 * (float(prosody.energy[first:last].mean()) - 0.8)
            word = -1
            if strength > 0.3:
                word = len(words)
                emphasis = float(np.clip(0.25 + 0.25 * strength, 0, 1))
                words.append(Word("", first * PROSODY_STEP, last * PROSODY_STEP, emphasis, 0))
            phones.append(Phone("a", first * PROSODY_STEP, last * PROSODY_STEP, int(word >= 0), word))
    sentence = Sentence("", phones[0].start, phones[-1].end, "statement", "neutral", 0.0, "en-us")
    return Speech(sound, rate, tuple(phones), tuple(words), (sentence,))


def controls_of(layer: Layer, times: NDArray[np.float64]) -> Array:
    """What the network should say for this layer, at ``times`` [shape=(n, CONTROLS)]."""

    def both(name: str) -> NDArray[np.float64]:
        still = np.zeros(len(layer.head))
        return np.asarray(
            (layer.face.get(INDEX[name + "Left"], still) + layer.face.get(INDEX[name + "Right"], still)) / 2
        )

    curves = np.column_stack(
        [
            layer.head,
            layer.face[INDEX["browInnerUp"]],
            both("browOuterUp"),
            both("browDown"),
            both("eyeWide"),
            layer.gaze,
            both("mouthSmile"),
        ]
    )
    return sample(curves, times).astype(np.float32)


def _turns(count: int, rng: np.random.Generator, prosody_file: Path | None) -> Iterator[list[Line]]:
    text = LINES.read_text(encoding="utf-8").splitlines()
    english = [read_script(line)[0] for line in text if line.isascii()]
    mandarin = [read_script(line)[0] for line in text if not line.isascii()]
    read = list(_read_english(prosody_file)) if prosody_file else []
    for _ in range(count):
        pool = english if rng.random() < 0.55 else mandarin
        number = int(rng.integers(2, 6))
        if read and pool is english and rng.random() < 0.5:
            pool, number = read, 2
        yield [pool[index] for index in rng.integers(0, len(pool), number)]


def _read_english(path: Path, most: int = 800) -> Iterator[Line]:
    """Sentences of the Helsinki Prosody Corpus of 6 to 24 words, with the prominence that was measured in them."""
    for block in path.read_text(encoding="utf-8").split("<file>")[1:]:
        rows = [line.split("\t") for line in block.splitlines()[1:]]
        words = [(row[0], int(row[1])) for row in rows if len(row) == 5 and row[1] in "012" and row[0].isalpha()]
        if not 6 <= len(words) <= 24 or most == 0:
            continue
        most -= 1
        text = " ".join(word for word, _ in words)
        (line, *more) = read_script(text.capitalize() + ".", language="en")
        if not more and len(line.words) == len(words):
            emphases = (0.05, 0.4, 0.7)
            said = [replace(w, emphasis=emphases[c]) for w, (_, c) in zip(line.words, words, strict=True)]
            yield replace(line, words=tuple(said))


def _varied(line: Line, rng: np.random.Generator) -> Line:
    """The line in another mood and with other words stressed, now and then."""
    emotion, intensity = line.emotion, line.intensity
    if rng.random() < 0.6:
        emotion = EMOTIONS[rng.integers(len(EMOTIONS))]
        intensity = 0.0 if emotion == "neutral" else float(rng.uniform(0.3, 1.0))
    words = list(line.words)
    if rng.random() < 0.4:
        spot = int(rng.integers(len(words)))
        words[spot] = replace(words[spot], emphasis=1.0)
    cues = line.cues
    if rng.random() < 0.12:
        at = words[int(rng.integers(len(words)))].start
        cues = (ScriptCue(CUES[rng.integers(len(CUES))], at, float(rng.uniform(0.6, 1.4))),)
    return replace(line, emotion=emotion, intensity=intensity, words=tuple(words), cues=cues)


def _played(speech: Speech, speed: float) -> Speech:
    """The speech played faster or slower."""
    at = np.arange(0, len(speech.sound) - 1, speed)
    sound = np.interp(at, np.arange(len(speech.sound)), speech.sound.astype(np.float64)).astype(np.int16)
    phones = tuple(replace(phone, start=phone.start / speed, end=phone.end / speed) for phone in speech.phones)
    words = tuple(replace(word, start=word.start / speed, end=word.end / speed) for word in speech.words)
    sentences = tuple(replace(part, start=part.start / speed, end=part.end / speed) for part in speech.sentences)
    cues = tuple(replace(cue, time=cue.time / speed) for cue in speech.cues)
    return Speech(sound, speech.rate, phones, words, sentences, cues)


def _any_style(rng: np.random.Generator) -> Style:
    """One of the presets, the neutral one more often than each other."""
    names = style_names()
    return load_style(names[0] if rng.random() < 0.25 else names[rng.integers(len(names))])


def _take(speech: Speech, style: Style, rng: np.random.Generator, hear: Hear) -> _Take:
    features = hear(speech.sound, speech.rate)
    times = np.arange(len(features)) * STEP
    reading = read(speech, analyse(speech.sound, speech.rate), style, float(times[-1]))
    layer = plan_meaning(reading, style, NEUTRAL, rng)
    choices = tuple(choices_in(reading.timeline, style, layer))
    return _Take(reading.timeline, style, features, controls_of(layer, times), choices)
