"""Blinks: irregular, at phrase ends and gaze shifts when one is due, quick to close and slower to open.

Few while an answer is waited for; slow ones in sadness and while a complaint is answered.

Rates after Bentivoglio 1997 and Doughty 2001; a lid closes in about 80 ms and opens in about 150 (VanderWerf 2003).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import inf
from typing import Final

import numpy as np

from ..score import Gesture
from .dynamics import dynamics_of
from .strokes import Strokes, shape_channel
from .styles import Style
from .timeline import ASKING, Timeline

_LEFT: Final = shape_channel("eyeBlinkLeft")
_RIGHT: Final = shape_channel("eyeBlinkRight")
SHORTEST_GAP: Final = 0.55
"""Seconds between the beginnings of two blinks."""
CLOSING, OPENING = 0.08, 0.15
"""Seconds (VanderWerf 2003)."""
_PULL: Final = 0.45
"""Seconds over which a blink that is due waits for, or comes early at, an occasion."""
_LONGEST: Final = 0.3
"""Seconds that every blink is shorter than."""
_PUT: Final = 1.0
"""Seconds at the end of a question from which the eyes stay open, to go on so while an answer is waited for."""
_ANYWAY: Final = 0.2
"""Share of the blinks due while waiting that come all the same."""
_SLOW: Final = 1.8
"""Duration of a blink that says "I am listening", relative to an ordinary one."""
_LISTENED: Final = 0.7
"""Seconds before the end of such a sentence at which a slow blink comes when none has come by itself."""


def plan_blinks(
    timeline: Timeline,
    gestures: list[Gesture],
    listening: Sequence[range],
    style: Style,
    amount: float,
    rng: np.random.Generator,
    strokes: Strokes,
) -> list[Gesture]:
    """Add blinks; in order of time.

    Parameters: ``gestures`` of the gaze; ``listening``, the sentences that answer a complaint; ``amount`` of blinks.
    """
    if amount == 0:
        return []
    directed = sorted(_directed_time(cue.time, timeline) for cue in timeline.speech.cues if cue.kind == "blink")
    blinks = [_blink(strokes, time, 1.0, rng, "direction") for time in directed]
    due = [
        (time, source)
        for time, source in _spontaneous(timeline, gestures, amount * style.blink.rate, style.blink.variation, rng)
        if abs(_nearest(directed, time) - time) > SHORTEST_GAP
    ]
    stretches = [(timeline.sentences[i].start, timeline.sentences[i].end) for stretch in listening for i in stretch]
    for start, end in stretches:
        time = max(end - _LISTENED, start + 0.2)
        if not any(start < other < time + 0.1 for other in (*directed, *(other for other, _ in due))):
            due = [blink for blink in due if abs(blink[0] - time) > SHORTEST_GAP] + [(time, "listening")]
    times = sorted([*directed, *(time for time, _ in due)])
    for time, source in due:
        slow = _slowness(time, timeline, stretches)
        following = times[bisect_right(times, time)] if times[-1] > time else inf
        room = min(timeline.last_gesture if time < timeline.last_gesture else inf, following - 0.1) - time
        blinks.append(_blink(strokes, time, max(min(slow, room / _LONGEST), 1.0), rng, source))
    return sorted(blinks, key=lambda blink: blink.start)


def _slowness(time: float, timeline: Timeline, stretches: Sequence[tuple[float, float]]) -> float:
    """Factor on the duration of a blink at a time."""
    if any(start - 0.1 <= time <= end + 0.1 for start, end in stretches):
        return _SLOW
    index = min(bisect_left(timeline.sentences, time, key=lambda s: s.end), len(timeline.sentences) - 1)
    return dynamics_of(timeline.sentences[index]).lids if index >= 0 else 1.0


def _directed_time(time: float, timeline: Timeline) -> float:
    """A blink asked for as the last word ends is over soon after it."""
    if time > timeline.last_gesture:
        return time
    return max(min(time, timeline.last_gesture - _LONGEST), 0.0)


def _waits(timeline: Timeline) -> list[tuple[float, float]]:
    """From shortly before the end of each question to the next words: the time in which an answer is waited for."""
    starts = [phrase.start for phrase in timeline.phrases]
    waits: list[tuple[float, float]] = []
    for sentence in timeline.sentences:
        if sentence.type in ASKING:
            following = bisect_left(starts, sentence.end - 0.05)
            until = starts[following] if following < len(starts) else timeline.speech.duration
            waits.append((sentence.end - _PUT, until))
    return waits


def _spontaneous(
    timeline: Timeline, gestures: list[Gesture], often: float, variation: float, rng: np.random.Generator
) -> list[tuple[float, str]]:
    """When the eyes blink by themselves, ``often`` times a minute, and why."""
    if often <= 0:
        return []
    waits = _waits(timeline)
    ends = [end for _, end in waits]
    looks = [time for gesture in gestures for time in (gesture.start, gesture.end)]
    occasions = sorted([phrase.end - 0.02 for phrase in timeline.phrases] + looks)
    last = (timeline.last_gesture if timeline.phrases else timeline.speech.duration) - _LONGEST
    mean = 60 / often
    spread = np.sqrt(np.log1p(variation**2))
    # In a steady stream of blinks, time 0 falls anywhere between two.
    due = float(rng.uniform(0.0, 1.1 * mean))
    time = due - SHORTEST_GAP
    blinks: list[tuple[float, str]] = []
    sentence = 0
    while True:
        while sentence + 1 < len(timeline.sentences) and timeline.sentences[sentence].end < time:
            sentence += 1
        rate = dynamics_of(timeline.sentences[sentence]).blink if timeline.sentences else 1.0
        gap = mean / rate * float(np.exp(rng.normal(0, spread) - spread**2 / 2))
        nearest = _nearest(occasions, due)
        source = "idle"
        if abs(nearest - due) < _PULL and nearest > time + SHORTEST_GAP:
            due, source = nearest + rng.uniform(-0.04, 0.08), "boundary"
        wait = bisect_left(ends, due)
        if wait < len(waits) and due > waits[wait][0] and rng.random() > _ANYWAY:
            due, source = ends[wait] + rng.uniform(0.02, 0.3), "idle"
        if due > last:
            return blinks
        if due > 0.05:
            blinks.append((due, source))
        time = due
        due += max(gap, SHORTEST_GAP)


def _nearest(times: list[float], time: float) -> float:
    """The nearest of ascending times, or infinity."""
    after = bisect_left(times, time)
    return min((abs(other - time), other) for other in (*times[max(after - 1, 0) : after + 1], inf))[1]


def _blink(strokes: Strokes, start: float, slow: float, rng: np.random.Generator, source: str) -> Gesture:
    close = slow * CLOSING * rng.uniform(0.85, 1.15)
    stay = rng.uniform(0.0, 0.03) + 0.08 * (slow - 1)
    open_ = slow * OPENING * rng.uniform(0.85, 1.3)
    size = rng.uniform(0.9, 1.0)
    for channel, other in ((_LEFT, rng.uniform(0.96, 1.0)), (_RIGHT, rng.uniform(0.96, 1.0))):
        late = rng.uniform(0.0, 0.006)
        strokes.step(channel, start + late, close, size * other)
        strokes.step(channel, start + late + close + stay, open_, -size * other)
    # The lids take the brows along a little.
    for name in ("browDownLeft", "browDownRight"):
        strokes.path(shape_channel(name), ((start, 0.0), (start + close, 0.04), (start + close + slow * 0.2, 0.0)))
    return Gesture("blink", start, start + close, start + close + stay + open_, size, source)
