"""Where the eyes look: mostly at the viewer, away while thinking and now and then, back before a sentence ends.

Times and shares after Andrist 2013; saccades after Bahill 1975 (a few tens of milliseconds). The head follows a little
later and takes a part of the angle; the eyes turn back by what the head has taken and so stay on their target.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..score import CueKind, Gesture
from .lexicon import Said
from .strokes import GAZE_PITCH, GAZE_YAW, PITCH, YAW, Strokes
from .styles import Style
from .timeline import ASKING, Timeline

Floats = NDArray[np.float64]

FULL_YAW: Final = np.radians(30.0)
"""Angle at which ``eyeLookIn`` and ``eyeLookOut`` are 1."""
FULL_PITCH: Final = np.radians(25.0)
"""Angle at which ``eyeLookUp`` and ``eyeLookDown`` are 1."""
EYE_RANGE: Final = np.radians(28.0)
"""The eyes turn no further in the head."""
SHORTEST: Final = 1.05
"""Seconds of the shortest look away."""
_SETTLING: Final = 0.55
"""Seconds from the beginning in which the eyes stay on the viewer."""
_EARLY: Final = 1.4
"""Seconds that a look away may come before its time to fit into a sentence."""
_VERTICAL: Final = 0.2
"""The head's part of a look up or down, relative to one aside: the eyes do most of it."""
_BEFORE_END: Final = 0.2
"""Seconds before a sentence's end by which the eyes are back: its end is said to the listener (Kendon 1967)."""
_DIRECTED: Final[dict[CueKind, tuple[float, float]]] = {
    "look_up": (1.0, 0.15),
    "look_down": (-1.0, 0.1),
    "look_left": (0.1, 1.0),
    "look_right": (0.1, -1.0),
}
"""Pitch and yaw of a look that the text asks for, as shares of 18 degrees."""
_DIRECTED_ANGLE: Final = np.radians(18.0)
_DIRECTED_FOR: Final = 1.2
_SHORTEST_DIRECTED: Final = 0.6
_THINKING: Final = (SHORTEST, 2.4)
"""Seconds of a look away in thought, up and to the side (Kendon 1967; Andrist 2013: cognitive looks go up)."""
_THINKING_UP: Final = (0.5, 0.85)
"""Share of the angle of such a look that goes up."""


@dataclass(frozen=True, slots=True)
class _Look:
    start: float
    end: float
    pitch: float
    yaw: float
    source: str

    @property
    def angle(self) -> float:
        return float(np.hypot(self.pitch, self.yaw))


def plan_thoughts(
    timeline: Timeline, said: Sequence[Said], style: Style, rng: np.random.Generator, strokes: Strokes
) -> list[Gesture]:
    """Add the looks of thinking: up and aside with every "hmm" and "let me see", and back; in order of time."""
    looks = _thoughts(timeline, said, style, rng, _directed_looks(timeline))
    _look(looks, strokes)
    return [_gesture(look) for look in looks]


def plan_gaze(
    timeline: Timeline,
    thoughts: Sequence[tuple[Gesture, float, float]],
    style: Style,
    amount: float,
    rng: np.random.Generator,
    strokes: Strokes,
) -> list[Gesture]:
    """Add looks away, the head's part in all looks and small shifts on the viewer's face; in order of time.

    Parameters: ``thoughts``, the looks that are already there, each with its pitch and yaw; ``amount`` of the gaze,
    which scales everything.
    """
    there = [_Look(g.start, g.end, amount * pitch, amount * yaw, g.source) for g, pitch, yaw in thoughts]
    directed = sorted([*_directed_looks(timeline), *there], key=_start)
    away = _looks_away(timeline, style, rng, directed)
    own = [
        replace(look, pitch=amount * look.pitch, yaw=amount * look.yaw)
        for look in sorted([*_directed_looks(timeline), *away], key=_start)
    ]
    _look(own, strokes)
    looks = sorted([*own, *there], key=_start)
    for look in looks:
        share = style.gaze.head * rng.uniform(0.7, 1.3) * (1.6 if look.source == "direction" else 1.0)
        for start, sign in (
            (look.start + rng.uniform(0.03, 0.09), share),
            (look.end + rng.uniform(0.02, 0.06), -share),
        ):
            duration = rng.uniform(0.4, 0.6) if sign > 0 else rng.uniform(0.3, 0.42)
            strokes.step(PITCH, start, duration, _VERTICAL * sign * look.pitch)
            strokes.step(YAW, start, duration, sign * look.yaw)
    _plan_fixations(timeline, looks, amount, rng, strokes)
    return [_gesture(look) for look in own] if amount > 0 else []


def _start(look: _Look) -> float:
    return look.start


def _gesture(look: _Look) -> Gesture:
    peak = look.start + saccade_time(look.angle)
    return Gesture("gaze_away", look.start, peak, look.end, look.angle, look.source)


def _look(looks: Iterable[_Look], strokes: Strokes) -> None:
    for look in looks:
        _saccade(strokes, look.start, look.pitch, look.yaw)
        _saccade(strokes, look.end, -look.pitch, -look.yaw)


def saccade_time(angle: float) -> float:
    """Seconds a saccade of ``angle`` radians takes: 21 ms and 2.2 ms a degree (Bahill 1975), at most 80 ms."""
    return float(np.clip(0.021 + 0.0022 * np.degrees(angle), 0.03, 0.08))


def _saccade(strokes: Strokes, start: float, pitch: float, yaw: float) -> None:
    duration = saccade_time(np.hypot(pitch, yaw))
    strokes.step(GAZE_PITCH, start, duration, pitch)
    strokes.step(GAZE_YAW, start, duration, yaw)


def _directed_looks(timeline: Timeline) -> list[_Look]:
    looks: list[_Look] = []
    for cue in timeline.speech.cues:
        if cue.kind not in _DIRECTED:
            continue
        up, left = _DIRECTED[cue.kind]
        start = max(cue.time, looks[-1].end + 0.1 if looks else 0.0)
        # What is asked for as the last word ends is done while it is said.
        latest = (timeline.last_gesture if start <= timeline.last_gesture else timeline.speech.duration) - 0.05
        start = max(min(start, latest - _SHORTEST_DIRECTED), 0.0)
        end = min(start + _DIRECTED_FOR, latest)
        size = _DIRECTED_ANGLE * min(cue.amplitude, 1.5)
        looks.append(_Look(start, end, up * size, left * size, "direction"))
    return looks


def _thoughts(
    timeline: Timeline, said: Sequence[Said], style: Style, rng: np.random.Generator, directed: Sequence[_Look]
) -> list[_Look]:
    """A look up and aside with every "hmm" and "let me see", and back when the thought is there."""
    stretches: list[tuple[float, float]] = []
    for phrase in said:
        if phrase.meaning != "thinking":
            continue
        start, end = timeline.words[phrase.first].start, timeline.words[phrase.last].end
        if stretches and start - stretches[-1][1] < 0.6:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
    looks: list[_Look] = []
    for start, end in stretches:
        begin = max(start - 0.05, looks[-1].end + 0.5 if looks else 0.0)
        shortest, longest = _THINKING
        duration = float(np.clip(end - begin + rng.uniform(0.1, 0.35), shortest, longest))
        finish = min(begin + duration, timeline.last_gesture - 0.05)
        side = float(rng.choice((-1, 1)))
        along = float(np.arcsin(rng.uniform(*_THINKING_UP)))
        angle = style.gaze.angle * rng.uniform(0.85, 1.15)
        if finish - begin < _SHORTEST_DIRECTED or any(k.start - 0.3 < finish and k.end + 0.3 > begin for k in directed):
            continue
        looks.append(_Look(begin, finish, angle * np.sin(along), side * angle * np.cos(along), "thinking"))
    return looks


def _looks_away(timeline: Timeline, style: Style, rng: np.random.Generator, directed: list[_Look]) -> list[_Look]:
    """Looks away inside sentences, at the intervals of the style as nearly as the sentences allow."""
    gaze = style.gaze
    looks: list[_Look] = []
    directions = _directions(style, rng)
    starts_asked = [look.start for look in directed]
    # In a steady stream of looks and gaps, time 0 falls anywhere.
    wanted = float(rng.uniform(-gaze.away, gaze.between))
    earliest = _SETTLING
    for sentence in timeline.sentences:
        earliest = max(earliest, sentence.start - 0.05)
        latest_end = sentence.end - _BEFORE_END
        if sentence.type in ASKING:
            latest_end -= 0.6  # a question is put to somebody
        while True:
            duration = float(np.clip(rng.normal(gaze.away, 0.16 * gaze.away), SHORTEST, 2.7))
            # Rather a little too early than not at all.
            start = max(earliest, min(wanted, latest_end - duration))
            if start < wanted - _EARLY or start + duration > latest_end + 0.05:
                break
            near = bisect_left(starts_asked, start)
            around = directed[max(near - 1, 0) : near + 1]
            if any(start < look.end + 0.5 and start + duration > look.start - 0.5 for look in around):
                wanted = earliest = start + duration + 0.5
                continue
            looks.append(_Look(start, start + duration, *next(directions), "idle"))
            gap = gaze.between * float(np.clip(rng.normal(1.0, 0.28), 0.6, 1.9))
            wanted, earliest = start + duration + gap, start + duration + 0.6 * gaze.between
    return looks


def _directions(style: Style, rng: np.random.Generator) -> Iterator[tuple[float, float]]:
    """Pitch and yaw of one look away after the other; any few of them hold to the style's shares, in no fixed order."""
    gaze = style.gaze
    shares = np.array([gaze.side, gaze.up, max(1 - gaze.side - gaze.up, 0.0)])
    owed = rng.uniform(0, shares)
    while True:
        owed += shares
        kind = int(np.argmax(owed + rng.uniform(0, 0.3, 3) * (shares > 0)))
        owed[kind] -= 1
        angle = gaze.angle * float(np.exp(np.clip(rng.normal(0, 0.2), -0.3, 0.4)))
        side = float(rng.choice((-1, 1)))
        if kind == 0:
            along = rng.normal(0.04, 0.2)
            yield float(angle * np.sin(along)), float(side * angle * np.cos(along))
        else:
            across = rng.uniform(0.1, 0.5)
            sign = 1.0 if kind == 1 else -1.0
            yield float(sign * angle * np.cos(across)), float(side * angle * np.sin(across))


def _plan_fixations(
    timeline: Timeline, looks: list[_Look], amount: float, rng: np.random.Generator, strokes: Strokes
) -> None:
    """Small saccades from eye to eye and mouth of the viewer, and between two points while looking away."""
    duration = timeline.speech.duration
    count = int(duration / 0.35) + 2
    times = np.cumsum(rng.gamma(2.2, 0.38, count) + 0.15)
    places = amount * np.radians(rng.normal(0, 1, (count, 2)) * (0.5, 0.8))
    starts = np.array([look.start for look in looks])
    ends = np.array([look.end for look in looks])
    now = np.zeros(2)
    for time, place in zip(times, places, strict=True):
        if time > duration - 0.1:
            break
        near = np.searchsorted(starts, time + 0.12)
        if near and time < ends[near - 1] + 0.2:
            looking_away = starts[near - 1] + 0.25 < time < ends[near - 1] - 0.25
            if not looking_away:
                continue
            place = 1.3 * place
        _saccade(strokes, float(time), float(place[0] - now[0]), float(place[1] - now[1]))
        now = place


def eyes_in_head(target: Floats, head: Floats, amount: float = 1.0) -> Floats:
    """Turn of the eyes that keeps them on their target while the head moves.

    Parameters: pitch and yaw of the target seen from the character [shape=(m, 2)], head pose [shape=(m, 6)], and the
    gaze's amount, below 1 of which the eyes keep only that share of their hold on the target.
    """
    return np.clip(target - min(amount, 1.0) * head[:, (PITCH, YAW)], -EYE_RANGE, EYE_RANGE)


def write_shapes(gaze: Floats, shapes: NDArray[np.float32]) -> None:
    """Say the same with the eyeLook shapes [shape=(n, 2), (n, 52)]."""
    up, left = gaze[:, 0] / FULL_PITCH, gaze[:, 1] / FULL_YAW
    for side, outwards in (("Left", left), ("Right", -left)):
        shapes[:, INDEX["eyeLookUp" + side]] = np.clip(up, 0, 1)
        shapes[:, INDEX["eyeLookDown" + side]] = np.clip(-up, 0, 1)
        shapes[:, INDEX["eyeLookOut" + side]] = np.clip(outwards, 0, 1)
        shapes[:, INDEX["eyeLookIn" + side]] = np.clip(-outwards, 0, 1)
