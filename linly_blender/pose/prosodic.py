"""Movement that follows the voice: slow rises and falls with pitch and loudness, and small beats on stressed syllables.

Kept small on purpose. Pitch and head move together loosely (Busso 2007, Haag 2020); locked to it, a head looks like a
puppet's.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..speech.prosody import STEP as PROSODY_STEP
from ..speech.prosody import Prosody
from .dynamics import dynamics_of
from .strokes import PITCH, ROLL, STEP, YAW, Strokes, smooth
from .styles import Style
from .timeline import Timeline

Floats = NDArray[np.float64]

_MEAN_OVER: Final = 4.0
"""Seconds of the running mean that pitch and loudness are compared with."""
_LARGEST: Final = 7.0
"""Semitones from the mean that count; more is an error of the analysis or a squeak."""
_SYLLABLE, _PHRASE = 0.4, 1.2
"""Seconds of the windows that leave the movement over syllables, and over groups of words only."""

_AUDIBLE: Final = 0.25
"""Loudness from which a sound counts as voice."""
_CHIN, _TURN, _TILT = 0.2, 0.75, -0.75
"""Parts of chin, turn and tilt in following the voice."""


@dataclass(frozen=True, slots=True)
class Melody:
    """What the voice does beside the words, on the planning grid; the values rest in pauses [shape=(m,) each]."""

    pitch: Floats
    """Semitones above the running mean, over syllables."""
    energy: Floats
    """Loudness above the running mean, over syllables."""
    slow_pitch: Floats
    """Over groups of words."""
    slow_energy: Floats


def listen(prosody: Prosody, voice: Floats) -> Melody:
    """Smooth pitch and loudness on a clock that stands still in pauses: the head does not move for a silent voice.

    Parameters: the measured voice, and where there is speech (``Activity.voice``) [shape=(m,)].
    """
    count = len(voice)
    grid = np.arange(count) * STEP
    times = np.arange(len(prosody.f0)) * PROSODY_STEP
    voiced = np.isfinite(prosody.f0) & (prosody.f0 > 0)
    loud = prosody.energy > _AUDIBLE
    if not voiced.any() or not loud.any():
        return Melody(*(np.zeros(count) for _ in range(4)))
    semitones = np.interp(grid, times[voiced], 12 * np.log2(prosody.f0[voiced].astype(np.float64)))
    energy = np.interp(grid, times[loud], prosody.energy[loud].astype(np.float64))
    clock = np.cumsum(voice + 1e-6)
    spoken = np.arange(0.0, clock[-1], 1.0)  # a sample for every STEP of speech

    def over(curve: Floats, seconds: float) -> Floats:
        return np.interp(clock, spoken, smooth(curve, seconds))

    pitch = np.interp(spoken, clock, semitones)
    pitch = np.clip(pitch - smooth(pitch, _MEAN_OVER), -_LARGEST, _LARGEST)
    strength = np.interp(spoken, clock, energy)
    strength -= smooth(strength, _MEAN_OVER)
    return Melody(over(pitch, _SYLLABLE), over(strength, _SYLLABLE), over(pitch, _PHRASE), over(strength, _PHRASE))


def follow(melody: Melody, style: Style) -> Floats:
    """Head rotation that follows pitch and loudness [shape=(m, 3)], radians.

    The chin goes with the melody of whole groups of words only, because its quick movements are nods and those belong
    to accents; single syllables show a little in turn and tilt, always to the same side, as habits do.
    """
    slow = style.follow.pitch * melody.slow_pitch - style.follow.energy * melody.slow_energy
    quick = style.follow.pitch * melody.pitch - style.follow.energy * melody.energy
    return np.stack([_CHIN * slow, _TURN * quick, _TILT * quick], axis=1)


def plan_beats(timeline: Timeline, style: Style, rng: np.random.Generator, strokes: Strokes) -> None:
    """Add the small quick movements on stressed vowels."""
    beat = style.beat
    draws = rng.random((len(timeline.stresses), 2))
    sizes = rng.normal(0, 1, (len(timeline.stresses), 3)) * np.array(beat.size)
    for stress, (chance, late), size in zip(timeline.stresses, draws, sizes, strict=True):
        manner = dynamics_of(timeline.sentences[stress.sentence])
        if stress.stress == 0 or chance > beat.chance * manner.often:
            continue
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
