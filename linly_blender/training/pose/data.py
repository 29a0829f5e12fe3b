"""The teacher's lessons: speech, what the network is told of it, and what the planner does with it.

Three sources: synthetic voices over lines written for this (and, where it is given, read English with prominence
labels), recorded speech without text for stage 1, and recordings of real people (``recordings.py``). The planner is the
teacher, in the manner that only means (``pose.refine.meaning_only``): what happens by chance in it is either switched
off or turned into dice that the network sees, too.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
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
from ...pose.animate import PoseTrack, animate
from ...pose.context import CUES, DICE_NAMES, Dice, blank_context, context_of, places, throw
from ...pose.dynamics import dynamics_of
from ...pose.features import STEP, listen
from ...pose.gestures import EMPHASISED, MARKED
from ...pose.refine import meaning_only
from ...pose.styles import Style, load_style, style_names
from ...pose.timeline import Timeline, read_timeline
from ...score import EMOTIONS, Gesture, Phone, Sentence, Speech, Word
from ...speech.prosody import STEP as PROSODY_STEP
from ...speech.prosody import analyse
from ...speech.synthesis import EspeakVoice, speak

Array = NDArray[np.float32]

VOICES: Final = (None, "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7")
_SPEEDS: Final = (0.85, 1.18)
"""Playing a voice faster makes it higher, too; with the variants' own pitches and the emotions' own rates the two vary
apart from each other."""
_NEAR: Final = 0.3
"""Seconds from a stressed vowel within which a gesture is its."""
_VERTICAL: Final = ("nod", "raise")
_NO_CHANCE: Final = frozenset(("question", "rhetorical", "direction", "listening"))
"""Sources of gestures that come without fail."""
_HALF_CLEAR: Final = 0.35
"""Part of a manner's smile from which a sentence counts as ended with one."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One turn of speech."""

    features: Array
    """[shape=(n, FEATURES)]."""
    context: Array
    """[shape=(n, CONTEXT)]."""
    target: Array
    """[shape=(n, CONTROLS)]."""
    textless: bool


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the teacher did with one stressed word."""

    situation: tuple[object, ...]
    """All that decides how likely each choice is."""
    nod: int
    """0 nod, 1 raise, 2 neither."""
    turn: int
    """0 to a side, 1 not."""
    brow: int
    """0 raised, 1 not."""
    size: float
    """Logarithm of the gesture's size relative to the manner's; not a number without a gesture."""
    side: float
    """-1 or 1; 0 where it shows nowhere."""
    late: float
    """Seconds from the stressed vowel; not a number without a nod."""
    smile: float
    """0 smiled at the sentence's end, 1 not; not a number anywhere else."""


@dataclass(frozen=True, slots=True)
class _Take:
    timeline: Timeline
    style: Style
    features: Array
    target: Array
    choices: tuple[_Choice, ...]


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


def fingerprint(*settings: object) -> str:
    """A short name for lessons made with these settings by the teacher as it is now."""
    digest = hashlib.sha256(repr(settings).encode())
    engine = Path(__file__).parents[2]
    for part in ("language", "speech", "pose", "training/pose"):
        for path in sorted((engine / part).rglob("*")):
            if path.suffix in (".py", ".json", ".txt") and path.name != "config.json":
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def synthetic_lessons(count: int, rng: np.random.Generator, prosody_file: Path | None = None) -> list[Lesson]:
    """Make ``count`` turns of two to five sentences in varied voices, manners and moods."""
    takes = []
    for text in _turns(count, rng, prosody_file):
        lines = [_varied(line, rng) for line in text]
        with EspeakVoice(VOICES[rng.integers(len(VOICES))]) as voice:
            speech = _played(speak(lines, voice), float(rng.uniform(*_SPEEDS)))
        takes.append(_take(speech, _any_style(rng), rng))
    return _with_dice(takes, rng)


def lessons_of(speeches: Sequence[Speech], style: Style, rng: np.random.Generator) -> list[Lesson]:
    """Lessons of speeches that are given, in one manner."""
    return _with_dice([_take(speech, style, rng) for speech in speeches], rng)


def dice_behind(timeline: Timeline, style: Style, track: PoseTrack, rng: np.random.Generator) -> Dice:
    """Dice that would have led to what the teacher did in one track; shares are those of this track alone."""
    choices = tuple(_choices(timeline, style, track, np.arange(len(track.head)) * STEP))
    return Dice(_dice_rows(choices, rng))


def textless_lessons(folder: Path, rng: np.random.Generator, seconds: float = 20.0) -> list[Lesson]:
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
            take = _take(speech, style, rng)
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


def controls_of(track: PoseTrack) -> Array:
    """The network's controls in a track [shape=(n, CONTROLS)]."""

    def both(name: str) -> Array:
        return (track.shapes[:, INDEX[name + "Left"]] + track.shapes[:, INDEX[name + "Right"]]) / 2

    return np.column_stack(
        [
            track.head,
            track.shapes[:, INDEX["browInnerUp"]],
            both("browOuterUp"),
            both("browDown"),
            both("eyeWide"),
            track.gaze + track.head[:, 3:5],
            both("mouthSmile"),
        ]
    ).astype(np.float32)


def _turns(count: int, rng: np.random.Generator, prosody_file: Path | None) -> Iterator[list[Line]]:
    text = (Path(__file__).with_name("lines.txt")).read_text(encoding="utf-8").splitlines()
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


def _take(speech: Speech, style: Style, rng: np.random.Generator) -> _Take:
    timeline = read_timeline(speech)
    features = listen(speech.sound, speech.rate)
    times = np.arange(len(features)) * STEP
    track = animate(speech, analyse(speech.sound, speech.rate), meaning_only(style), rng, times)
    return _Take(timeline, style, features, controls_of(track), tuple(_choices(timeline, style, track, times)))


def _choices(timeline: Timeline, style: Style, track: PoseTrack, times: NDArray[np.float64]) -> Iterator[_Choice]:
    """Find out what the teacher chose for each stressed word."""
    head = [g for g in track.gestures if not g.kind.startswith(("gaze", "brow", "blink"))]
    lifts = [g for g in track.gestures if g.kind == "brow_raise" and g.source not in ("question", "rhetorical")]
    smile = track.shapes[:, INDEX["mouthSmileLeft"]]
    for stress, place in zip(timeline.stresses, places(timeline), strict=True):
        sentence = timeline.sentences[stress.sentence]
        manner = dynamics_of(sentence)
        near = [g for g in head if abs(g.peak - stress.time) < _NEAR and _is_nearest(timeline, stress.time, g.peak)]
        nods = [g for g in near if g.kind in _VERTICAL and g.amplitude > 0 and g.source != "direction"]
        turns = [g for g in near if g.kind not in _VERTICAL and g.source not in _NO_CHANCE]
        brow = any(-0.05 < stress.time - g.start < _NEAR for g in lifts)
        chosen = next(iter(nods + turns), None)
        size = np.nan
        if chosen is not None and chosen.amplitude > 0:
            usual = style.accent.size if chosen.kind in _VERTICAL else style.signs.tilt
            size = float(np.log(chosen.amplitude / max(usual * manner.size, 1e-6)))
        smiled = np.nan
        if place.last:
            here = smile[(times > sentence.end - 0.1) & (times < sentence.end + 0.2)]
            smiled = float(here.max(initial=0.0) < _HALF_CLEAR * max(style.micro.smile, 1e-6))
        yield _Choice(
            (
                (stress.emphasis >= EMPHASISED) + (stress.emphasis >= MARKED),
                stress.stress > 0,
                place.meaning,
                place.listing and place.marked,
                place.strongest and sentence.type,
                place.opening,
                round(2 * min(style.accent.nods * manner.often, 1.0)),
                round(2 * style.brows.chance),
            ),
            _VERTICAL.index(nods[0].kind) if nods else 2,
            0 if turns else 1,
            0 if brow else 1,
            size,
            _side(turns[0], track, times) if turns else 0.0,
            nods[0].peak - stress.time if nods else np.nan,
            smiled,
        )


def _is_nearest(timeline: Timeline, time: float, peak: float) -> bool:
    around = timeline.stresses_between(peak - _NEAR, peak + _NEAR)
    return all(abs(other.time - peak) >= abs(time - peak) for other in around)


def _side(gesture: Gesture, track: PoseTrack, times: NDArray[np.float64]) -> float:
    """The side that a gesture goes to first: the left is 1."""
    if gesture.kind in ("tilt_left", "tilt_right"):
        return 1.0 if gesture.kind == "tilt_left" else -1.0
    start, peak = np.searchsorted(times, (gesture.start, gesture.peak)).clip(0, len(times) - 1)
    return 1.0 if track.head[peak, 4] >= track.head[start, 4] else -1.0


def _with_dice(takes: Sequence[_Take], rng: np.random.Generator) -> list[Lesson]:
    """Turn the teacher's choices into dice that would have led to them.

    The interval 0..1 is shared out among the choices in each situation as often as the teacher made them, always in
    the same order, and a number is drawn within the share of the choice that was made. Over all words the dice are even
    in 0..1 and say nothing by themselves: what a throw means depends on the situation, which the network has to learn.
    """
    rows = _dice_rows([choice for take in takes for choice in take.choices], rng)
    lessons, at = [], 0
    for take in takes:
        lessons.append(_lesson(take, Dice(rows[at : at + len(take.choices)])))
        at += len(take.choices)
    return lessons


def _dice_rows(choices: Sequence[_Choice], rng: np.random.Generator) -> Array:
    """Dice for choices [shape=(n, 7)]; see ``_with_dice``."""
    rows = throw(len(choices), rng).rows
    column = {name: index for index, name in enumerate(DICE_NAMES)}
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, choice in enumerate(choices):
        groups.setdefault(choice.situation, []).append(index)
    for name, options in (("nod", 3), ("turn", 2), ("brow", 2)):
        made = np.array([getattr(choice, name) for choice in choices])
        for group in groups.values():
            rows[group, column[name]] = _shared_out(made[group], options, rng)
    smiles = np.array([choice.smile for choice in choices])
    known = np.flatnonzero(np.isfinite(smiles))
    rows[known, column["smile"]] = _shared_out(smiles[known].astype(int), 2, rng)
    sizes = np.array([choice.size for choice in choices])
    kinds = np.array([0 if choice.nod < 2 else 1 for choice in choices])
    for kind in (0, 1):
        of = np.flatnonzero(np.isfinite(sizes) & (kinds == kind))
        if len(of):
            rows[of, column["size"]] = np.clip((sizes[of] - sizes[of].mean()) / (sizes[of].std() + 1e-6), -2, 2)
    late = np.array([choice.late for choice in choices])
    of = np.flatnonzero(np.isfinite(late))
    if len(of):
        rows[of, column["late"]] = np.clip((late[of] - late[of].mean()) / (late[of].std() + 1e-6), -2, 2)
    side = np.array([choice.side for choice in choices])
    rows[side != 0, column["side"]] = side[side != 0]
    return rows


def _shared_out(made: NDArray[np.int64], options: int, rng: np.random.Generator) -> Array:
    share = np.bincount(made, minlength=options) / max(len(made), 1)
    below = np.concatenate([[0.0], np.cumsum(share)[:-1]])
    return np.asarray(below[made] + share[made] * rng.random(len(made)), np.float32)


def _lesson(take: _Take, dice: Dice) -> Lesson:
    context = context_of(take.timeline, take.style, dice, len(take.features))
    return Lesson(take.features, context, take.target, False)
