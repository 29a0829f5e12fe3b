"""Movement that follows the voice: slow rises and falls with pitch and loudness, and small beats on stressed syllables.

Kept small on purpose. Pitch and head move together loosely (Busso 2007, Haag 2020); locked to it a head looks pulled by a
string.
"""

import numpy as np
from numpy.typing import NDArray

from ..speech.prosody import STEP as PROSODY_STEP
from ..speech.prosody import Prosody
from .dynamics import dynamics_of
from .strokes import PITCH, ROLL, STEP, YAW, Strokes, smooth
from .styles import Style
from .timeline import Timeline

Floats = NDArray[np.float64]

_MEAN_OVER = 4.0
"""Seconds of the running mean that pitch and loudness are compared with."""
_LARGEST = 7.0
"""Semitones from the mean that count; more is an error of the analysis or a squeak."""


def pitch_and_energy(prosody: Prosody, count: int) -> tuple[Floats, Floats]:
    """Semitones above the voice's running mean, and loudness above its own, smooth, on the planning grid.

    Pauses are bridged in a straight line: the head does not move for a voice that is silent.
    """
    grid = np.arange(count) * STEP
    times = np.arange(len(prosody.f0)) * PROSODY_STEP
    voiced = np.isfinite(prosody.f0) & (prosody.f0 > 0)
    if not voiced.any():
        return np.zeros(count), np.zeros(count)
    semitones = np.interp(grid, times[voiced], 12 * np.log2(prosody.f0[voiced].astype(np.float64)))
    loud = prosody.energy > 0.25
    energy = np.interp(grid, times[loud], prosody.energy[loud].astype(np.float64)) if loud.any() else np.zeros(count)
    above = np.clip(semitones - smooth(semitones, _MEAN_OVER), -_LARGEST, _LARGEST)
    return smooth(above, 0.4), smooth(energy - smooth(energy, _MEAN_OVER), 0.4)


def follow(pitch: Floats, energy: Floats, style: Style, rng: np.random.Generator) -> Floats:
    """Head rotation that follows pitch and loudness [shape=(m,) each -> (m, 3)], radians."""
    sides = rng.uniform(0.3, 0.8, 2) * rng.choice((-1, 1), 2)
    f, e = style.follow.pitch * pitch, style.follow.energy * energy
    return np.stack([f - 0.6 * e, 0.5 * sides[0] * f, sides[1] * e], axis=1)


def plan_beats(timeline: Timeline, style: Style, rng: np.random.Generator, strokes: Strokes) -> None:
    """Add the small quick movements on stressed vowels."""
    beat = style.beat
    draws = rng.random((len(timeline.stresses), 2))
    sizes = rng.normal(0, 1, (len(timeline.stresses), 3)) * np.array(beat.size)
    for stress, (chance, late), size in zip(timeline.stresses, draws, sizes, strict=True):
        if stress.stress == 0 or chance > beat.chance:
            continue
        manner = dynamics_of(timeline.sentences[stress.sentence])
        duration = beat.duration / (style.tempo * manner.tempo)
        peak = stress.time + 0.08 * (late - 0.5)
        for channel, value in zip((PITCH, YAW, ROLL), size * manner.size, strict=True):
            strokes.path(
                channel,
                (
                    (peak - 0.45 * duration, 0.0),
                    (peak, value),
                    (peak + 0.5 * duration, -0.35 * value),
                    (peak + duration, 0.0),
                ),
            )
