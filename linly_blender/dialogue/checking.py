"""What is wrong with a recording's sound."""

from typing import Final

import numpy as np

from ..errors import UserError
from ..live.services import Sound
from ..perform import no_progress
from .recording import PIECE, Recording
from .room import levels

SILENT: Final = -60.0
"""Decibels of full scale that the loudest moments of a recording with a voice reach."""
CLIPPED: Final = 2.0
"""Places a minute at which three samples after one another are at the very top or bottom: clipping alone makes many."""
NARROW: Final = 55.0
"""Decibels between the two bands in the loudest moments from which there is nothing but a telephone's band."""
NOISY: Final = 15.0
"""Decibels between voice and room under which words are hard to make out."""
LOOKED_AT: Final = 120
"""Seconds of a recording, spread over it, by which its sound is judged."""


def check_sound(recording: Recording) -> tuple[str, ...]:
    """What is wrong with a recording's sound, each a sentence or two that say what to do.

    Raises UserError when it is silent.
    """
    name, sound, rate = recording.name, recording.sound, recording.rate
    voice, hiss = levels(_sample(sound, rate), rate, no_progress)
    loud = float(np.percentile(voice, 98))
    if float(np.abs(sound[:: max(1, rate // 8000)]).max()) < 32768 * 10 ** (SILENT / 20):
        raise UserError(f"{name} is silent. Choose another recording, or check which channel or track has the voice.")
    notes = []
    clipped = _clipped(sound)
    if clipped > CLIPPED * recording.duration / 60 and clipped > 1:
        notes.append(
            f"{name} is clipped at {clipped} places: it was recorded too loud. Check lips and emphasis there, or "
            "record it again at a lower level."
        )
    if rate <= 8000 or float(np.percentile(hiss, 98)) < loud - NARROW:
        notes.append(
            f"{name} has nothing above 4 kHz, like a telephone: s, f and th are hard to tell apart. Use the original, "
            "if there is one, or give the text."
        )
    if loud - float(np.percentile(voice, 5)) < NOISY:
        notes.append(
            f"Noise or music in {name} is nearly as loud as the voice. Use the voice's own track, if there is one, or "
            "give the text."
        )
    return tuple(notes)


def _sample(sound: Sound, rate: int) -> Sound:
    """Seconds from all over a sound, ``LOOKED_AT`` at most."""
    seconds = len(sound) // rate
    if seconds <= LOOKED_AT:
        return sound
    chosen = np.linspace(0, seconds - 1, LOOKED_AT).astype(np.intp)
    return sound[: seconds * rate].reshape(seconds, rate)[chosen].reshape(-1)


def _clipped(sound: Sound) -> int:
    """Places at which the sound stays at its highest or lowest value."""
    high, low = int(sound.max()), int(sound.min())
    if max(high, -low) < 0.25 * 32768:
        return 0
    places = 0
    for first in range(0, len(sound), PIECE):
        part = sound[first : first + PIECE]
        for at_end in (part >= high - 1, part <= low + 1):
            stays = at_end[:-2] & at_end[1:-1] & at_end[2:]
            places += int(np.count_nonzero(np.diff(stays, prepend=False) & stays))
    return places
