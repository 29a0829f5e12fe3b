"""Posture and drift: where the head is while nothing in particular happens.

Posture shifts are deliberate: at the start of most phrases, shortly before the voice (Graf 2002), and now and then inside
long ones. Drift is the unconscious part, smooth noise with more power in slow movements than in quick ones.
"""

import numpy as np
from numpy.typing import NDArray

from .dynamics import dynamics_of
from .strokes import PITCH, ROLL, STEP, YAW, Strokes, X, Y, Z
from .styles import Style
from .timeline import Phrase, Timeline

Floats = NDArray[np.float64]

_HEAD = (X, Y, Z, PITCH, YAW, ROLL)
_PULL = 0.25
"""How much of the last posture is still in the next: the rest is drawn anew around the style's resting pose."""
_OCTAVES = (1.6, 0.8, 0.4, 0.2)
"""Seconds between the knots of the octaves of drift; each is half as large as the one before."""


def plan_posture(timeline: Timeline, style: Style, rng: np.random.Generator, strokes: Strokes) -> None:
    """Add the shifts of posture: home before the first phrase and after the last."""
    posture = style.posture
    spread = np.array([*posture.shift, *posture.spread])
    rest = np.array([0.0, 0.0, 0.0, *posture.rest])
    now = np.zeros(6)

    def shift(start: float, duration: float, target: Floats, stagger: float) -> None:
        nonlocal now
        # Not all axes at once: people turn, then settle.
        delays = rng.uniform(0, stagger, 6)
        stretch = rng.uniform(0.8, 1.15, 6)
        for channel, delay, factor in zip(_HEAD, delays, stretch, strict=True):
            strokes.step(channel, start + delay, duration * factor, target[channel] - now[channel])
        now = target

    for number, phrase in enumerate(timeline.phrases):
        manner = dynamics_of(timeline.sentences[phrase.sentence])
        tempo = style.tempo * manner.tempo
        mood = np.array([0.0, manner.y, 0.0, manner.pitch, 0.0, manner.roll])
        for start, first in _shifts(phrase, posture.every / tempo, rng):
            drawn = _PULL * (now - rest - mood) + np.sqrt(1 - _PULL**2) * spread * manner.size * rng.normal(0, 1, 6)
            target = rest + mood + np.clip(drawn, -2 * spread, 2 * spread)
            duration = posture.duration * np.exp(np.clip(rng.normal(0, 0.25), -0.5, 0.5)) / tempo
            shift(start, float(duration), target, 0.06 if first else 0.12)
        following = timeline.phrases[number + 1] if number + 1 < len(timeline.phrases) else None
        if following is None:
            start = max(phrase.start, phrase.end - 0.4)
            shift(start, timeline.last_gesture - start - 0.08, np.zeros(6), 0.04)
        elif following.sentence != phrase.sentence and timeline.sentences[phrase.sentence].type == "statement":
            shift(max(phrase.start, phrase.end - 0.45), 0.5, rest + mood + 0.3 * (now - rest - mood), 0.04)


def _shifts(phrase: Phrase, every: float, rng: np.random.Generator) -> list[tuple[float, bool]]:
    """When the posture shifts in a phrase, and whether that is its first."""
    lead = min(rng.uniform(0.08, 0.2), max(phrase.silence - 0.02, 0.0))
    shifts = [(phrase.start - lead, True)]
    time = phrase.start + every * rng.uniform(0.6, 1.4)
    while time < phrase.end - 0.7:
        shifts.append((time, False))
        time += every * rng.uniform(0.6, 1.4)
    return shifts


def activity(timeline: Timeline, style: Style, count: int) -> tuple[Floats, Floats]:
    """How fast and how widely the unconscious part moves, 0..1 and above, on the planning grid [shape=(count,) each]."""
    strokes = Strokes()
    strokes.step(0, -1.0, 0.5, style.drift.pause)
    strokes.step(1, -1.0, 0.5, 1.0)
    before_speed, before_size = style.drift.pause, 1.0
    for number, phrase in enumerate(timeline.phrases):
        manner = dynamics_of(timeline.sentences[phrase.sentence])
        speed = style.tempo * manner.tempo
        lead = min(0.15, phrase.silence)
        strokes.step(0, phrase.start - lead, lead + 0.05, speed - before_speed)
        strokes.step(1, phrase.start - lead, 0.4, manner.size - before_size)
        last = number + 1 == len(timeline.phrases)
        before_speed, before_size = speed, manner.size
        if last or timeline.phrases[number + 1].silence > 0.25:
            strokes.step(0, phrase.end - 0.08, 0.18, style.drift.pause - speed)
            before_speed = style.drift.pause
        if last:
            strokes.step(1, phrase.end - 0.25, timeline.last_gesture - phrase.end + 0.25, 0.15 - manner.size)
    return strokes.render(0, count), strokes.render(1, count)


def drift(timeline: Timeline, style: Style, rng: np.random.Generator, count: int) -> Floats:
    """The unconscious movement on the planning grid [shape=(count, 6)], metres and radians.

    Noise is read on a clock that runs slowly in pauses, so that the head comes to rest where it is instead of going home.
    """
    speed, size = activity(timeline, style, count)
    clock = np.cumsum(speed) * STEP
    noise = np.zeros((count, 6))
    weight, total = 1.0, 0.0
    for spacing in _OCTAVES:
        knots = rng.normal(0, 1, (int(clock[-1] / spacing) + 5, 6))
        noise += weight * _b_spline(knots, clock / spacing)
        total += weight**2 * 0.49  # variance of white knots after a cubic B-spline is 0.48 on average
        weight *= 0.5
    return noise * np.array([*style.drift.shift, *style.drift.size]) / np.sqrt(total) * size[:, None]


def _b_spline(knots: Floats, position: Floats) -> Floats:
    """Uniform cubic B-spline with these control values, read at positions counted in knots [shape=(n, k)]."""
    index = position.astype(np.int64)
    s = (position - index)[:, None]
    return np.asarray(
        (
            (1 - s) ** 3 * knots[index]
            + (3 * s**3 - 6 * s**2 + 4) * knots[index + 1]
            + (-3 * s**3 + 3 * s**2 + 3 * s + 1) * knots[index + 2]
            + s**3 * knots[index + 3]
        )
        / 6
    )
