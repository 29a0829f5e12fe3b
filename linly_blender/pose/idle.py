"""Posture and drift: where the head is while nothing in particular happens.

Posture shifts are deliberate: at the start of a phrase, shortly before the voice (Graf 2002), and now and then inside
a long one. Drift is the unconscious part, smooth noise with more power in slow movements than in quick ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..score import Gesture
from .dynamics import dynamics_of
from .strokes import HEAD, PITCH, STEP, Strokes
from .styles import Style
from .timeline import Phrase, Timeline

Floats = NDArray[np.float64]

_PULL: Final = 0.25
"""How much of the last posture is still in the next: the rest is drawn anew around the style's resting pose."""
_AT_REST: Final = 0.35
"""Size of drift after the turn, relative to speech."""
_FULL_SINK: Final = 1.5
"""Seconds between two nods over which the chin sinks by its full measure."""
_LEAD: Final = 0.14
"""Seconds before its phrase at which a mood is taken."""
_BREATH_PAUSE: Final = 0.25
"""Seconds of silence in which a breath is taken."""
OCTAVES: Final = (1.6, 0.8, 0.4, 0.2, 0.1)
"""Seconds between the knots of the octaves of drift."""
FALL: Final = 0.6
"""Size of an octave relative to the one before."""
B_SPLINE_VARIANCE: Final = 0.48
"""Of a cubic B-spline through independent knots of variance 1, averaged over time."""


def plan_posture(timeline: Timeline, style: Style, rng: np.random.Generator, strokes: Strokes) -> None:
    """Add the shifts of posture about the resting pose, from it and back to it in the end."""
    posture = style.posture
    spread = np.array([*posture.shift, *posture.spread])
    now = np.zeros(6)

    def shift(start: float, duration: float, target: Floats, stagger: float) -> None:
        nonlocal now
        # Not all axes at once: people turn, then settle.
        delays = rng.uniform(0, stagger, 6)
        stretch = rng.uniform(0.8, 1.15, 6)
        for channel, delay, factor in zip(HEAD, delays, stretch, strict=True):
            strokes.step(channel, start + delay, duration * factor, target[channel] - now[channel])
        now = target

    for number, phrase in enumerate(timeline.phrases):
        manner = dynamics_of(timeline.sentences[phrase.sentence])
        tempo = style.tempo * manner.tempo
        for start, first in _shifts(phrase, posture.every / tempo, rng):
            drawn = _PULL * now + np.sqrt(1 - _PULL**2) * spread * manner.size * rng.normal(0, 1, 6)
            target = np.clip(drawn, -2 * spread, 2 * spread)
            duration = posture.duration * np.exp(np.clip(rng.normal(0, 0.25), -0.5, 0.5)) / tempo
            if not (first and _breathes(timeline, number)):
                target[PITCH] = now[PITCH]  # until the next breath the chin is left to the accents
            shift(start, float(duration), target, 0.06 if first else 0.12)
        following = timeline.phrases[number + 1] if number + 1 < len(timeline.phrases) else None
        if following is None:
            start = max(phrase.start, phrase.end - 0.4)
            shift(start, timeline.last_gesture - start - 0.08, np.zeros(6), 0.04)
        elif following.sentence != phrase.sentence and timeline.sentences[phrase.sentence].type == "statement":
            home = 0.3 * now
            home[PITCH] = now[PITCH]
            shift(max(phrase.start, phrase.end - 0.5), 0.46, home, 0.04)


def plan_mood(timeline: Timeline, style: Style, strokes: Strokes) -> None:
    """Take the resting pose of the manner and of each phrase's mood, and leave it as the turn ends."""
    now = np.zeros(6)
    for number, phrase in enumerate(timeline.phrases):
        manner = dynamics_of(timeline.sentences[phrase.sentence])
        pitch, yaw, roll = style.posture.rest
        target = np.array([0.0, manner.y, 0.0, pitch + manner.pitch, yaw, roll + manner.roll])
        if not _breathes(timeline, number):
            target[PITCH] = now[PITCH]
        start, duration = phrase.start - min(_LEAD, phrase.silence), style.posture.duration
        for channel in HEAD:
            strokes.step(channel, start, duration / (style.tempo * manner.tempo), target[channel] - now[channel])
        now = target
    if timeline.phrases:
        start = max(timeline.phrases[-1].start, timeline.end - 0.4)
        for channel in HEAD:
            strokes.step(channel, start, timeline.last_gesture - start - 0.08, -now[channel])


def _breathes(timeline: Timeline, phrase: int) -> bool:
    """Whether a breath is taken before a phrase."""
    return phrase == 0 or timeline.phrases[phrase].silence > _BREATH_PAUSE


def plan_sinking(timeline: Timeline, nods: Sequence[Gesture], style: Style, strokes: Strokes) -> None:
    """Let the chin sink from accent to accent, and come up again as the head recovers from a nod."""
    if not timeline.phrases:
        return
    level, at = 0.0, timeline.phrases[0].start
    for nod in nods:
        sink = style.posture.sink * min(1.0, max(nod.start - at, 0.0) / _FULL_SINK)
        strokes.step(PITCH, at, nod.start - at, -0.5 * sink - level)
        strokes.step(PITCH, nod.peak, nod.end - nod.peak, 0.5 * (style.posture.sink + sink))
        level, at = 0.5 * style.posture.sink, nod.end
    strokes.step(PITCH, min(at, timeline.end), timeline.last_gesture - min(at, timeline.end), -level)


def _shifts(phrase: Phrase, every: float, rng: np.random.Generator) -> list[tuple[float, bool]]:
    """When the posture shifts in a phrase, and whether that is its first."""
    lead = min(rng.uniform(0.08, 0.2), max(phrase.silence - 0.02, 0.0))
    shifts = [(phrase.start - lead, True)]
    time = phrase.start + every * rng.uniform(0.6, 1.4)
    while time < phrase.end - 0.7:
        shifts.append((time, False))
        time += every * rng.uniform(0.6, 1.4)
    return shifts


@dataclass(frozen=True, slots=True)
class Activity:
    """How much goes on, on the planning grid [shape=(m,) each]."""

    speed: Floats
    """Of unconscious movement; the style's tempo in speech, nearly nothing in pauses."""
    size: Floats
    """Of unconscious movement; 1 is natural, little after the end of the turn."""
    voice: Floats
    """1 in speech, 0 in pauses."""


def activity(timeline: Timeline, style: Style, count: int) -> Activity:
    """Follow speech and pauses: a little ahead of the voice as it starts, and at rest soon after it stops."""
    strokes = Strokes()
    size, speed, voice = 0, 1, 2
    now = {size: 1.0, speed: style.drift.pause, voice: 0.0}

    def to(channel: int, start: float, duration: float, target: float) -> None:
        strokes.step(channel, start, duration, target - now[channel])
        now[channel] = target

    for channel, value in now.items():
        strokes.step(channel, -1.0, 0.5, value)
    for number, phrase in enumerate(timeline.phrases):
        manner = dynamics_of(timeline.sentences[phrase.sentence])
        lead = min(0.15, phrase.silence)
        to(voice, phrase.start - lead, lead + 0.05, 1.0)
        to(speed, phrase.start - lead, lead + 0.05, style.tempo * manner.tempo)
        to(size, phrase.start - lead, 0.4, manner.size)
        last = number + 1 == len(timeline.phrases)
        if last or timeline.phrases[number + 1].silence > 0.25:
            to(voice, phrase.end - 0.08, 0.18, 0.0)
            to(speed, phrase.end - 0.08, 0.18, style.drift.pause)
        if last:
            to(size, phrase.end - 0.25, timeline.last_gesture - phrase.end + 0.25, _AT_REST)
    return Activity(strokes.render(speed, count), strokes.render(size, count), strokes.render(voice, count))


def drift(activity: Activity, style: Style, rng: np.random.Generator) -> Floats:
    """The unconscious movement on the planning grid [shape=(m, 6)], metres and radians.

    Noise is read on a clock that runs slowly in pauses: the head comes to rest where it is instead of going home.
    """
    clock = np.cumsum(activity.speed) * STEP
    noise = np.zeros((len(clock), 6))
    weight, total = 1.0, 0.0
    for spacing in OCTAVES:
        knots = rng.normal(0, 1, (int(clock[-1] / spacing) + 5, 6))
        noise += weight * _b_spline(knots, clock / spacing)
        total += weight**2 * B_SPLINE_VARIANCE
        weight *= FALL
    natural = np.array([*style.drift.shift, *style.drift.size]) / np.sqrt(total)
    return np.asarray(noise * natural * activity.size[:, None])


def _b_spline(knots: Floats, position: Floats) -> Floats:
    """Uniform cubic B-spline with these control values, read at positions counted in knots [shape=(n, k)]."""
    index = position.astype(np.int64)
    first, second, third, fourth = b_spline_weights((position - index)[:, None])
    total = first * knots[index] + second * knots[index + 1] + third * knots[index + 2] + fourth * knots[index + 3]
    return np.asarray(total / 6)


def b_spline_weights(s: Floats) -> tuple[Floats, ...]:
    """Weights of the four knots about a place that lies ``s``, 0..1, after the second; they add up to 6."""
    return tuple(
        np.asarray(weight) for weight in ((1 - s) ** 3, 3 * s**3 - 6 * s**2 + 4, -3 * s**3 + 3 * s**2 + 3 * s + 1, s**3)
    )
