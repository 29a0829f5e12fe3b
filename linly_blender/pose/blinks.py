"""Blinks: irregular, at phrase ends and gaze shifts when one is due, quick to close and slower to open.

Rates after Bentivoglio 1997 and Doughty 2001; a lid closes in about 80 ms and opens in about 150 (VanderWerf 2003).
"""

from bisect import bisect_left
from math import inf
from typing import Final

import numpy as np

from ..score import Gesture
from .dynamics import dynamics_of
from .strokes import Strokes, shape_channel
from .styles import Style
from .timeline import Timeline

_LEFT: Final = shape_channel("eyeBlinkLeft")
_RIGHT: Final = shape_channel("eyeBlinkRight")
_SHORTEST_GAP: Final = 0.55
_PULL: Final = 0.45
"""Seconds over which a blink that is due waits for, or comes early at, an occasion."""
_LONGEST: Final = 0.3
"""Seconds that every blink is shorter than."""
_PUT: Final = 1.0
"""Seconds at the end of a question in which nobody blinks of their own accord."""


def plan_blinks(
    timeline: Timeline, gestures: list[Gesture], style: Style, rng: np.random.Generator, strokes: Strokes
) -> list[Gesture]:
    """Add blinks; ``gestures`` are those of head and gaze. In order of time."""
    directed = sorted(_directed_time(cue.time, timeline) for cue in timeline.speech.cues if cue.kind == "blink")
    blinks = [_blink(strokes, time, rng, "direction") for time in directed]
    for time, source in _spontaneous(timeline, gestures, style, rng):
        if abs(_nearest(directed, time) - time) > _SHORTEST_GAP:
            blinks.append(_blink(strokes, time, rng, source))
    return sorted(blinks, key=lambda blink: blink.start)


def _directed_time(time: float, timeline: Timeline) -> float:
    """A blink asked for as the last word ends is over soon after it."""
    if time > timeline.last_gesture:
        return time
    return max(min(time, timeline.last_gesture - _LONGEST), 0.0)


def _spontaneous(
    timeline: Timeline, gestures: list[Gesture], style: Style, rng: np.random.Generator
) -> list[tuple[float, str]]:
    if style.blink.rate <= 0:
        return []
    looks = [time for gesture in gestures for time in (gesture.start, gesture.end)]
    occasions = sorted([phrase.end - 0.02 for phrase in timeline.phrases] + looks)
    questions = [sentence for sentence in timeline.sentences if sentence.type in ("question", "rhetorical")]
    question_ends = [sentence.end for sentence in questions]
    last = (timeline.last_gesture if timeline.phrases else timeline.speech.duration) - _LONGEST
    mean = 60 / style.blink.rate
    spread = np.sqrt(np.log1p(style.blink.variation**2))
    # In a steady stream of blinks, time 0 falls anywhere between two.
    due = float(rng.uniform(0.0, 1.1 * mean))
    time = due - _SHORTEST_GAP
    blinks: list[tuple[float, str]] = []
    sentence = 0
    while True:
        while sentence + 1 < len(timeline.sentences) and timeline.sentences[sentence].end < time:
            sentence += 1
        rate = dynamics_of(timeline.sentences[sentence]).blink if timeline.sentences else 1.0
        gap = mean / rate * float(np.exp(rng.normal(0, spread) - spread**2 / 2))
        nearest = _nearest(occasions, due)
        question = bisect_left(question_ends, due)
        source = "idle"
        if abs(nearest - due) < _PULL and nearest > time + _SHORTEST_GAP:
            due, source = nearest + rng.uniform(-0.04, 0.08), "boundary"
        elif question < len(questions) and due > question_ends[question] - _PUT:
            due += 0.6  # the eyes stay open while a question is put
        if due > last:
            return blinks
        if due > 0.05:
            blinks.append((due, source))
        time = due
        due += max(gap, _SHORTEST_GAP)


def _nearest(times: list[float], time: float) -> float:
    """The nearest of ascending times, or infinity."""
    after = bisect_left(times, time)
    return min((abs(other - time), other) for other in (*times[max(after - 1, 0) : after + 1], inf))[1]


def _blink(strokes: Strokes, start: float, rng: np.random.Generator, source: str) -> Gesture:
    close = 0.08 * rng.uniform(0.85, 1.15)
    stay = rng.uniform(0.0, 0.03)
    open_ = 0.15 * rng.uniform(0.85, 1.3)
    size = rng.uniform(0.9, 1.0)
    for channel, other in ((_LEFT, rng.uniform(0.96, 1.0)), (_RIGHT, rng.uniform(0.96, 1.0))):
        late = rng.uniform(0.0, 0.006)
        strokes.step(channel, start + late, close, size * other)
        strokes.step(channel, start + late + close + stay, open_, -size * other)
    # The lids take the brows along a little.
    for name in ("browDownLeft", "browDownRight"):
        strokes.path(shape_channel(name), ((start, 0.0), (start + close, 0.04), (start + close + 0.2, 0.0)))
    return Gesture("blink", start, start + close, start + close + stay + open_, size, source)
