"""Is it how people move? The published figures of head, eyes and lids, measured on performances beside their bands.

Sources: Hadar 1983, Munhall 2004, Graf 2002, Busso 2007, Alexanderson 2013, Andrist 2013, Bentivoglio 1997, Doughty
2001, Fotedar 2017, Haag 2020, Mori 2025. Where two sources disagree the band covers both. Everything is measured on
frames and words alone, as on a recording of a person; only the last rows look at what the planner says it did.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..extremes import extremes
from ..performance import Performance
from ..pose.gestures import EMPHASISED
from ..score import Emotion, Phone, Speech
from ..speech.prosody import STEP, analyse
from ..speech.stress import stressed_vowels
from .figures import Figure

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

AXES: Final = ("pitch", "yaw", "roll")
MOVING: Final = 2.0
"""Degrees a second on any axis from which a frame counts as movement."""
LONG_PAUSE: Final = 0.5
NOD: Final = 1.0
"""Degrees that a pitch extreme must stand out."""
NOD_WITHIN: Final = 0.15
AWAY: Final = 6.0
"""Degrees off the viewer from which the eyes count as looking away."""
LIDS_CLOSED: Final = 0.5
_SMILE: Final = (INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"])
HOME_AFTER: Final = 0.6
_WELCH: Final = 8.0
"""Seconds of a window of the spectrum."""


def _of(summary: Callable[[Sequence[float]], Any], values: Sequence[float]) -> float:
    """A summary of values; NaN, which lies in no band, where there are none."""
    return float(summary(values)) if len(values) else math.nan


def measure(performances: Sequence[Performance]) -> list[Figure]:
    """Measure performances of neutral speech in one language, a few minutes in all; each ends a turn."""
    recordings = [_Recording.of(performance) for performance in performances]
    return [
        *_rotation(recordings),
        *_motion(recordings),
        *_nods(recordings),
        *_prosody(recordings),
        *_blinks(recordings),
        *_gaze(recordings),
        *_ends(recordings),
    ]


def measure_emotion(neutral: Sequence[Performance], emotional: Mapping[Emotion, Sequence[Performance]]) -> list[Figure]:
    """Speed of the head in the same sentences said with an emotion, relative to neutral."""
    speed = {"neutral": _mean_speed(neutral)} | {name: _mean_speed(group) for name, group in emotional.items()}
    bands = {"sad": (0.3, 0.95), "concerned": (0.3, 0.95), "fearful": (0.7, 2.5), "surprised": (1.0, 2.5)}
    return [
        Figure(f"speed, {name} to neutral", speed[name] / speed["neutral"], *bands.get(name, (1.4, 2.5)))
        for name in emotional
    ]


def measure_styles(
    neutral: Sequence[Performance], lively: Sequence[Performance], serious: Sequence[Performance]
) -> list[Figure]:
    """The same sentences in three styles: the lively lies beyond neutral on one side, the serious on the other.

    A fifth more and a seventh less put two fifths between them, which is seen without a comparison side by side.
    """
    usual, more, less = _Manner.of(neutral), _Manner.of(lively), _Manner.of(serious)
    return [
        Figure("speed, lively to neutral", more.speed / usual.speed, low=1.2),
        Figure("speed, serious to neutral", less.speed / usual.speed, high=0.86),
        Figure("amplitude, lively to neutral", more.amplitude / usual.amplitude, low=1.2),
        Figure("amplitude, serious to neutral", less.amplitude / usual.amplitude, high=0.86),
        Figure("smile, lively over neutral", 100 * (more.smile - usual.smile), low=3, unit="%"),
        Figure("smile, serious over neutral", 100 * (less.smile - usual.smile), high=0, unit="%"),
    ]


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a style moves while it speaks."""

    speed: float
    """Of the head, mean, degrees a second."""
    amplitude: float
    """Standard deviation of the head's rotation, all axes together, degrees."""
    smile: float
    """Mean of ``mouthSmile``, 0..1."""

    @classmethod
    def of(cls, performances: Sequence[Performance]) -> "_Manner":
        recordings = [_Recording.of(performance) for performance in performances]
        rotation = np.concatenate([r.rotation[r.speaking] for r in recordings])
        smiles = [r.performance.frames.shapes[r.speaking][:, _SMILE] for r in recordings]
        return cls(
            _mean_speed(performances), float(np.sqrt(rotation.var(axis=0).sum())), float(np.concatenate(smiles).mean())
        )


def _mean_speed(performances: Sequence[Performance]) -> float:
    recordings = [_Recording.of(performance) for performance in performances]
    return float(np.mean(np.concatenate([np.linalg.norm(r.speed[r.speaking], axis=1) for r in recordings])))


@dataclass(frozen=True, slots=True)
class _Recording:
    performance: Performance
    times: Floats
    rotation: Floats
    """Pitch, yaw, roll in degrees [shape=(n, 3)]."""
    speed: Floats
    """Degrees a second, with sign [shape=(n, 3)]."""
    speaking: Mask
    """Inside phrases, pauses up to a quarter of a second included."""
    pauses: tuple[tuple[float, float], ...]
    """Silences longer than half a second, those before and after all speech among them."""

    @classmethod
    def of(cls, performance: Performance) -> "_Recording":
        frames, speech = performance.frames, performance.speech
        times = frames.times
        rotation = np.degrees(frames.head[:, 3:].astype(np.float64))
        silences = _silences(speech)
        speaking = np.ones(len(times), bool)
        for start, end in silences:
            if end - start > 0.25 or start == 0 or end == speech.duration:
                speaking &= (times < start) | (times > end)
        pauses = tuple(span for span in silences if span[1] - span[0] > LONG_PAUSE)
        return cls(performance, times, rotation, np.gradient(rotation, times, axis=0), speaking, pauses)

    @property
    def speech(self) -> Speech:
        return self.performance.speech

    @property
    def phones(self) -> tuple[Phone, ...]:
        return self.performance.speech.phones

    def within(self, start: float, end: float) -> Mask:
        return (self.times >= start) & (self.times <= end)


def _silences(speech: Speech) -> list[tuple[float, float]]:
    edges = [0.0, *(t for phone in speech.phones for t in (phone.start, phone.end)), speech.duration]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]


def _rotation(recordings: list[_Recording]) -> list[Figure]:
    rows: list[Figure] = []
    pooled = np.concatenate([r.rotation[r.speaking] for r in recordings])
    for axis, low, high in zip(range(3), (1.2, 0.8, 0.5), (4.5, 4.5, 3.3), strict=True):
        rows.append(Figure(f"head {AXES[axis]}, standard deviation", float(pooled[:, axis].std()), low, high, "deg"))
    ranges = np.array(
        [
            np.ptp(r.rotation[r.within(sentence.start, sentence.end)], axis=0)
            for r in recordings
            for sentence in r.speech.sentences
        ]
    ).mean(axis=0)
    for axis, low, high in zip(range(3), (4, 2, 1), (13, 12, 8), strict=True):
        rows.append(Figure(f"head {AXES[axis]}, range within a sentence", float(ranges[axis]), low, high, "deg"))
    fast = np.percentile(np.abs(np.concatenate([r.speed[r.speaking] for r in recordings])), 95, axis=0)
    rows += [
        Figure(f"head {AXES[axis]}, 95th percentile of speed", float(fast[axis]), 8, 40, "deg/s") for axis in range(3)
    ]
    frequency, power = _spectrum(recordings)
    total = power.sum()
    rows.append(Figure("power of rotation below 2 Hz", 100 * float(power[frequency < 2].sum() / total), 85, 97, "%"))
    rows.append(Figure("power of rotation above 4 Hz", 100 * float(power[frequency > 4].sum() / total), 0.05, 4, "%"))
    return rows


def _spectrum(recordings: list[_Recording]) -> tuple[Floats, Floats]:
    """Welch's power spectrum, summed over the axes, its mean left out [shape=(k,) each]."""
    rate = recordings[0].performance.frames.fps
    size = round(_WELCH * rate)
    window = np.hanning(size)[:, None]
    total = np.zeros(size // 2 + 1)
    for r in recordings:
        starts = range(0, max(len(r.rotation) - size, 0) + 1, size // 2)
        for start in starts:
            part = r.rotation[start : start + size]
            part = part - part.mean(axis=0)
            total += (np.abs(np.fft.rfft(part * window[: len(part)], size, axis=0)) ** 2).sum(axis=1)
    return np.fft.rfftfreq(size, 1 / rate), total


def _motion(recordings: list[_Recording]) -> list[Figure]:
    moving = [(np.abs(r.speed) > MOVING).any(axis=1) for r in recordings]
    speaking = np.concatenate([m[r.speaking] for m, r in zip(moving, recordings, strict=True)])
    paused = np.concatenate([m[r.within(a, b)] for m, r in zip(moving, recordings, strict=True) for a, b in r.pauses])
    early = [
        bool(m[r.within(b - 0.25, b - 1 / 60)].any())
        for m, r in zip(moving, recordings, strict=True)
        for a, b in _silences(r.speech)
        if b - a > 0.15 and b < r.speech.duration
    ]
    return [
        Figure("frames in motion while speaking", 100 * float(speaking.mean()), 80, 97, "%"),
        Figure("frames in motion in pauses over 0.5 s", 100 * float(paused.mean()), 0, 35, "%"),
        Figure("phrase starts that the head moves before", 100 * _of(np.mean, early), 70, 100, "%"),
    ]


def _nods(recordings: list[_Recording]) -> list[Figure]:
    with_nod: dict[bool, list[bool]] = {True: [], False: []}
    offsets: list[float] = []
    for r in recordings:
        at = r.times[extremes(r.rotation[:, 0], NOD)]
        for word, vowel in stressed_vowels(r.speech).items():
            off = at - (vowel.start + vowel.end) / 2
            nearest = off[np.abs(off).argmin()] if len(off) else np.inf
            emphasised = r.speech.words[word].emphasis >= EMPHASISED
            with_nod[emphasised].append(bool(abs(nearest) <= NOD_WITHIN))
            if emphasised and abs(nearest) <= 2 * NOD_WITHIN:
                offsets.append(float(nearest))
    nods = [g for r in recordings for g in r.performance.gestures if g.kind in ("nod", "raise")]
    durations = [g.end - g.start for g in nods]
    return [
        Figure("emphasised words with a nod", 100 * _of(np.mean, with_nod[True]), 45, 80, "%"),
        Figure("other words with a nod", 100 * _of(np.mean, with_nod[False]), 0, 20, "%"),
        Figure("nod to stressed vowel, median", 1000 * _of(np.median, offsets), -60, 60, "ms"),
        Figure("nod to stressed vowel, standard deviation", 1000 * _of(np.std, offsets), 40, 150, "ms"),
        Figure("a single nod, shortest", _of(min, durations), 0.3, 1.2, "s"),
        Figure("a single nod, longest", _of(max, durations), 0.3, 1.2, "s"),
    ]


def canonical_correlation(x: Floats, y: Floats) -> float:
    """The first canonical correlation of two sets of signals [shape=(n, p), (n, q)]."""
    q_x, _ = np.linalg.qr(x - x.mean(axis=0))
    q_y, _ = np.linalg.qr(y - y.mean(axis=0))
    return float(np.linalg.svd(q_x.T @ q_y, compute_uv=False)[0])


def _prosody(recordings: list[_Recording]) -> list[Figure]:
    heads: list[Floats] = []
    voices: list[Floats] = []
    single: list[float] = []
    for r in recordings:
        prosody = analyse(r.speech.sound, r.speech.rate)
        at = np.arange(len(prosody.f0)) * STEP
        voiced = np.isfinite(prosody.f0)
        f0 = np.interp(r.times, at[voiced], 12 * np.log2(prosody.f0[voiced].astype(np.float64)))
        voice = np.stack([f0, np.interp(r.times, at, prosody.energy.astype(np.float64))], axis=1)
        heads.append(r.rotation[r.speaking])
        voices.append(voice[r.speaking])
        for sentence in r.speech.sentences:
            inside = r.within(sentence.start, sentence.end)
            single.append(canonical_correlation(r.rotation[inside], voice[inside]))
    whole = canonical_correlation(np.concatenate(heads), np.concatenate(voices))
    return [
        Figure("head rotation with pitch and loudness, all speech", whole, 0.2, 0.7),
        Figure("head rotation with pitch and loudness, by sentence", _of(np.mean, single), 0.2, 0.7),
    ]


def _runs(mask: Mask) -> list[tuple[int, int]]:
    """First and past-the-last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _blinks(recordings: list[_Recording]) -> list[Figure]:
    intervals: list[float] = []
    closed: list[float] = []
    for r in recordings:
        shapes = r.performance.frames.shapes
        lids = (shapes[:, INDEX["eyeBlinkLeft"]] + shapes[:, INDEX["eyeBlinkRight"]]) / 2
        runs = _runs(lids > LIDS_CLOSED)
        starts = [float(r.times[a]) for a, _ in runs]
        closed += [(b - a) / r.performance.frames.fps for a, b in runs]
        intervals += [b - a for a, b in pairwise(starts)]
    minutes = sum(r.speech.duration for r in recordings) / 60
    spread = _of(np.std, intervals) / _of(np.mean, intervals)
    return [
        Figure("blinks a minute", len(closed) / minutes, 15, 32),
        Figure("blinks, coefficient of variation of intervals", spread, 0.35, 2),
        Figure("lids more than half closed, shortest", 1000 * _of(min, closed), 50, 250, "ms"),
        Figure("lids more than half closed, longest", 1000 * _of(max, closed), 50, 250, "ms"),
    ]


def _gaze(recordings: list[_Recording]) -> list[Figure]:
    durations: list[float] = []
    gaps: list[float] = []
    directions: list[str] = []
    for r in recordings:
        frames = r.performance.frames
        line = np.degrees(frames.gaze.astype(np.float64)) + r.rotation[:, :2]
        away = np.hypot(line[:, 0], line[:, 1]) > AWAY
        looks = [(a, b) for a, b in _runs(away) if (b - a) / frames.fps > 0.3]
        for a, b in looks:
            pitch, yaw = np.median(line[a:b], axis=0)
            directions.append("side" if abs(yaw) >= abs(pitch) else "up" if pitch > 0 else "down")
        durations += [(b - a) / frames.fps for a, b in looks]
        gaps += [(later[0] - earlier[1]) / frames.fps for earlier, later in pairwise(looks)]
    share = {name: 100 * directions.count(name) / max(len(directions), 1) for name in ("side", "up", "down")}
    return [
        Figure("look away, mean", _of(np.mean, durations), 1, 3, "s"),
        Figure("look away, shortest", _of(min, durations), 1, 3, "s"),
        Figure("look away, longest", _of(max, durations), 1, 3, "s"),
        Figure("from one look away to the next, mean", _of(np.mean, gaps), 3, 7, "s"),
        Figure("looks to the side", share["side"], 50, 100, "%"),
        Figure("looks up", share["up"], 5, 45, "%"),
        Figure("looks down", share["down"], 2, 30, "%"),
    ]


def _ends(recordings: list[_Recording]) -> list[Figure]:
    off: list[float] = []
    late: list[float] = []
    for r in recordings:
        end = r.phones[-1].end
        after = r.rotation[r.times >= end + HOME_AFTER]
        off.append(float(np.linalg.norm(after, axis=1).max(initial=0.0)))
        late.append(max(g.end for g in r.performance.gestures) - end)
    return [
        Figure("farthest from home 0.6 s after a turn", max(off), 0, 2, "deg"),
        Figure("last gesture ends after the voice", max(late), -10, 0.3, "s"),
    ]
