"""From the analysis of a recording to its performance, passage by passage.

A recording falls into passages at its longer pauses, in which a speaker comes to rest. Each is performed by itself, on
the recording's loudness and pitch and from a seed of its own, and they meet in the middle of the pauses. So what is
changed by hand changes its own passage and nothing else, and what has not changed is taken from the cache, bit for bit.
"""

import hashlib
import math
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from ..arkit import SHAPES
from ..easing import minimum_jerk
from ..errors import UserError
from ..face.heard import Heard
from ..face.learned_mouth import LearnedMouth
from ..model_files import ModelError
from ..perform import Progress, check_fps, check_seed, language_of, no_progress, open_fine_tuner, perform_speech
from ..performance import Frames, Performance
from ..pose.amounts import NATURAL, Amounts
from ..pose.choice import DEFAULT, OFF, files_of
from ..pose.constraints import check_smoothing
from ..pose.laughter import SETTLES
from ..pose.regions import load_region
from ..pose.styles import load_style
from ..score import Cue, Gesture, Noise, Phone, Sentence, Speech, Word
from ..speech.prosody import STEP, Prosody
from .analysis import Analysis, HeardLine
from .emphasis import heard_emphasis, joined
from .mood import arousal, manner, mood
from .recording import Recording

Cache = MutableMapping[str, Performance]
"""Passages by all they are made from; one that a performance has no use for is dropped from it."""

PAUSE: Final = 0.9
"""Seconds of silence between two lines at which passages part: head and face are home 0.6 s after the last sound."""
MEETING: Final = 0.3
"""Seconds in which one passage's movement goes over into the next one's."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines between two longer pauses, and the recording around them up to the middle of the pauses."""

    lines: tuple[HeardLine, ...]
    start: float
    end: float


def passages(analysis: Analysis) -> tuple[Passage, ...]:
    """The passages of a recording: in order, and together all of it."""
    groups: list[list[HeardLine]] = [[]]
    borders = [0.0]
    for line in analysis.lines:
        if not line.phones:
            continue
        last = groups[-1][-1].end if groups[-1] else line.start
        if line.start - last >= PAUSE:
            start, end = _calm(last, line.start, analysis.noises)
            if end - start >= MEETING:
                groups.append([])
                borders.append((start + end) / 2)
        groups[-1].append(line)
    borders.append(analysis.duration)
    return tuple(Passage(tuple(group), *span) for group, span in zip(groups, pairwise(borders), strict=True))


def _calm(start: float, end: float, noises: Sequence[Noise]) -> tuple[float, float]:
    """The longest stretch of a pause in which nothing is heard and no laugh settles: no passage parts in a laugh."""
    edges = [start]
    for noise in noises:
        if start < noise.end and noise.start < end:
            edges += [noise.start, noise.end + (SETTLES if noise.kind == "laugh" else 0.0)]
    stretches = zip(edges[::2], [*edges[1::2], end], strict=True)
    return max(stretches, key=lambda stretch: stretch[1] - stretch[0])


def perform_recording(
    recording: Recording,
    analysis: Analysis,
    *,
    style: str = "neutral",
    region: str = "neutral",
    amounts: Amounts = NATURAL,
    own: Path | None = None,
    smoothing: str = "none",
    seed: int = 0,
    fps: float = 60.0,
    progress: Progress = no_progress,
    fine_tuner: str = DEFAULT,
    cache: Cache | None = None,
) -> Performance:
    """Perform a recording by its analysis.

    Parameters as of ``perform.perform``; the ``cache`` of earlier performances of the same recording.
    Raises UserError when nothing is said in it, and for whatever else the user can mend, before any work.
    """
    check_fps(fps)
    check_seed(seed)
    chosen_style, chosen_region = load_style(style, own), load_region(region, own)
    chosen_smoothing = check_smoothing(smoothing)
    if not any(line.phones for line in analysis.lines) and not analysis.noises:
        raise UserError("Nobody speaks in the recording. Choose another one, or mark by hand what is said.")
    tuner, notes = open_fine_tuner(fine_tuner)
    progress(0.0, "listening")
    prosody = recording.prosody
    analysis = replace(analysis, lines=_meant(analysis.lines, prosody))
    heard, problem = _listen(recording, lambda share: progress(0.05 + 0.35 * share, "listening"))
    notes = (*analysis.notes, *notes, *problem)
    kept: Cache = {} if cache is None else cache
    used: set[str] = set()
    count = math.floor(recording.duration * fps) + 1
    parts = _Joined(count, fps)
    every = passages(analysis)
    files = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files_of(fine_tuner)]
    settings = repr((chosen_style, chosen_region, chosen_smoothing, amounts, fine_tuner, files, fps))
    for number, passage in enumerate(every):
        progress(0.4 + 0.6 * number / len(every), "performing")
        first, after = _frames(passage, fps, count)
        begin, end = first / fps, (after - 1) / fps
        speech = _speech(recording, passage.lines, analysis.noises, begin, end)
        own_prosody, own_heard = _part(prosody, heard, begin, speech.duration)
        own_seed = _seed(seed, passage)
        key = _key(speech, own_prosody, own_heard, own_seed, settings)
        if key not in kept:
            kept[key] = perform_speech(
                speech,
                chosen_style,
                own_seed,
                fps,
                lambda share, stage, number=number: progress(  # type: ignore[misc]
                    0.4 + 0.6 * (number + share) / len(every), stage
                ),
                region=chosen_region,
                amounts=amounts,
                smoothing=chosen_smoothing,
                tuner=tuner,
                prosody=own_prosody,
                heard=own_heard,
            )
        used.add(key)
        parts.add(kept[key], first, passage)
    for key in set(kept) - used:
        del kept[key]
    progress(1.0, "done")
    lines = tuple(line for passage in every for line in passage.lines)
    speech = replace(_speech(recording, lines, analysis.noises, 0.0, recording.duration), sound=recording.sound)
    return Performance(
        frames=parts.frames,
        speech=speech,
        gestures=tuple(sorted(parts.gestures, key=lambda gesture: gesture.start)),
        seed=seed,
        style=chosen_style.name,
        language=language_of(speech.sentences),
        region=chosen_region.name,
        amounts=amounts,
        smoothing=chosen_smoothing,
        fine_tuner=parts.fine_tuner,
        notes=tuple(dict.fromkeys((*notes, *parts.notes))),
    )


def _meant(lines: Sequence[HeardLine], prosody: Prosody) -> tuple[HeardLine, ...]:
    """The lines with what the voice says of their emphasis and, where no author has directed it, of their emotion."""
    usual = manner(prosody)
    meant = []
    for line in lines:
        emphasis = joined([word.emphasis for word in line.words], heard_emphasis(line.words, prosody))
        words = tuple(replace(word, emphasis=own) for word, own in zip(line.words, emphasis, strict=True))
        feeling = line.emotion, line.intensity
        if not line.directed:
            feeling = mood(*feeling, arousal(manner(prosody, line.start, line.end), usual))
        meant.append(replace(line, words=words, emotion=feeling[0], intensity=feeling[1]))
    return tuple(meant)


def _listen(recording: Recording, progress: Callable[[float], None]) -> tuple[Heard | None, tuple[str, ...]]:
    """The mouth by the sound alone, or none and the reason."""
    try:
        return LearnedMouth().listen(recording.sound, recording.rate, progress), ()
    except ModelError as error:
        return None, (f"{error} The mouth moves by phones alone.",)


def _frames(passage: Passage, fps: float, count: int) -> tuple[int, int]:
    """The first frame of a passage's own performance, and the one after its last."""
    first = max(0, math.floor((passage.start - MEETING / 2) * fps))
    return first, min(count, math.ceil((passage.end + MEETING / 2) * fps) + 1)


def _speech(
    recording: Recording, lines: Sequence[HeardLine], noises: Sequence[Noise], begin: float, end: float
) -> Speech:
    """What is said in some lines, on the clock of the recording's stretch from ``begin`` to ``end`` seconds."""
    rate = recording.rate
    sound = recording.sound[round(begin * rate) : math.ceil(end * rate) + 1]
    missing = math.ceil((end - begin) * rate) + 1 - len(sound)
    if missing > 0:  # at the recording's end, rounding must not cost the last frame
        sound = np.pad(sound, (0, missing))
    last = len(sound) / rate

    def at(time: float) -> float:
        return min(max(time - begin, 0.0), last)

    phones: list[Phone] = []
    words: list[Word] = []
    sentences: list[Sentence] = []
    cues: list[Cue] = []
    for line in lines:
        first = len(words)
        phones += [
            replace(phone, start=at(phone.start), end=at(phone.end), word=first + phone.word if phone.word >= 0 else -1)
            for phone in line.phones
        ]
        words += [Word(word.text, at(word.start), at(word.end), word.emphasis, len(sentences)) for word in line.words]
        start, stop = at(line.start), at(line.end)
        sentences.append(Sentence(line.text, start, stop, line.type, line.emotion, line.intensity, line.language))
        cues += [replace(cue, time=at(cue.time)) for cue in line.cues]
    inside = [noise for noise in noises if begin <= noise.start and noise.end <= begin + last]
    heard = tuple(replace(noise, start=at(noise.start), end=at(noise.end)) for noise in inside)
    return Speech(sound, rate, tuple(phones), tuple(words), tuple(sentences), tuple(cues), heard)


def _part(prosody: Prosody, heard: Heard | None, begin: float, duration: float) -> tuple[Prosody, Heard | None]:
    """What of the whole recording's belongs to a stretch of it, from its own first index on."""
    first = round(begin / STEP)
    after = first + math.floor(duration / STEP) + 1
    part = Prosody(prosody.energy[first:after], prosody.f0[first:after])
    return part, None if heard is None else heard.part(first, after)


def _seed(seed: int, passage: Passage) -> int:
    """A passage's own: the same as long as its first line begins where it does, whatever comes before."""
    begins = round(1000 * passage.lines[0].start) if passage.lines else 0
    return int(np.random.default_rng((seed, begins)).integers(2**31))


def _key(speech: Speech, prosody: Prosody, heard: Heard | None, seed: int, settings: str) -> str:
    """A short name for all that a passage's performance is made from."""
    told = (speech.rate, speech.phones, speech.words, speech.sentences, speech.cues, speech.noises, seed, settings)
    digest = hashlib.sha256(repr(told).encode("utf-8", "replace"))
    arrays = [speech.sound, prosody.energy, prosody.f0]
    arrays += [] if heard is None else [heard.channels, heard.closed, heard.on_teeth]
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


class _Joined:
    """The frames of a recording, put together from those of its passages."""

    def __init__(self, count: int, fps: float) -> None:
        self.frames = Frames(
            fps,
            np.zeros((count, len(SHAPES)), np.float32),
            np.zeros((count, 6), np.float32),
            np.zeros((count, 2), np.float32),
            np.zeros(count, np.float32),
        )
        self.gestures: list[Gesture] = []
        self.notes: list[str] = []
        self.fine_tuner = OFF

    def add(self, part: Performance, first: int, passage: Passage) -> None:
        """Add a passage, of which ``first`` is the first frame; its neighbours' movement goes over into its own."""
        frames, fps = self.frames, self.frames.fps
        after = min(first + len(part.frames), len(frames))
        times = np.arange(first, after) / fps
        weight = np.ones(len(times))
        if first > 0:
            weight *= minimum_jerk((times - passage.start) / MEETING + 0.5)
        if after < len(frames):
            weight *= minimum_jerk((passage.end - times) / MEETING + 0.5)
        share = weight.astype(np.float32)
        for name in ("shapes", "head", "gaze", "breath"):
            whole, own = getattr(frames, name), getattr(part.frames, name)[: len(times)]
            whole[first:after] += own * (share if own.ndim == 1 else share[:, None])
        begin = first / fps
        for gesture in part.gestures:
            if passage.start <= gesture.peak + begin < passage.end or (after == len(frames)):
                moved = {name: getattr(gesture, name) + begin for name in ("start", "peak", "end")}
                self.gestures.append(replace(gesture, **moved))
        self.notes += part.notes
        self.fine_tuner = part.fine_tuner
