"""Blinks: irregular, at phrase ends and gaze shifts when one is due, quick to close and slower to open.

Rates after Bentivoglio 1997 and Doughty 2001; a lid closes in about 80 ms and opens in about 150 (VanderWerf 2003).
"""

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


def plan_blinks(
    timeline: Timeline, gestures: list[Gesture], style: Style, rng: np.random.Generator, strokes: Strokes
) -> list[Gesture]:
    """Add blinks; ``gestures`` are those of head and gaze. In order of time."""
    blinks = [
        _blink(
            strokes,
            min(cue.time, max(timeline.last_gesture - 0.3, 0.0)) if cue.time <= timeline.end + 0.3 else cue.time,
            rng,
            "direction",
        )
        for cue in timeline.speech.cues
        if cue.kind == "blink"
    ]
    directed = [blink.start for blink in blinks]
    for time, source in _spontaneous(timeline, gestures, style, rng):
        if all(abs(time - other) > _SHORTEST_GAP for other in directed):
            blinks.append(_blink(strokes, time, rng, source))
    return sorted(blinks, key=lambda blink: blink.start)


def _spontaneous(
    timeline: Timeline, gestures: list[Gesture], style: Style, rng: np.random.Generator
) -> list[tuple[float, str]]:
    if style.blink.rate <= 0:
        return []
    occasions = np.sort(
        [phrase.end - 0.02 for phrase in timeline.phrases]
        + [g.start for g in gestures if g.kind == "gaze_away"]
        + [g.end for g in gestures if g.kind == "gaze_away"]
    )
    questions = [(s.end - 1.0, s.end) for s in timeline.sentences if s.type in ("question", "rhetorical")]
    last = timeline.last_gesture - 0.28 if timeline.phrases else timeline.speech.duration - 0.4
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
        near = int(np.searchsorted(occasions, due))
        nearest = min((o for o in occasions[max(near - 1, 0) : near + 1]), key=lambda o: abs(o - due), default=None)
        source = "idle"
        if nearest is not None and abs(nearest - due) < _PULL and nearest > time + _SHORTEST_GAP:
            due, source = float(nearest) + rng.uniform(-0.04, 0.08), "boundary"
        elif any(a < due < b for a, b in questions[max(0, _first(questions, due) - 1) :][:2]):
            due += 0.6  # the eyes stay open while a question is put
        if due > last:
            return blinks
        if due > 0.05:
            blinks.append((due, source))
        time = due
        due += max(gap, _SHORTEST_GAP)


def _first(spans: list[tuple[float, float]], time: float) -> int:
    """Index of the first span that ends after a time."""
    return int(np.searchsorted([b for _, b in spans], time)) if spans else 0


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
