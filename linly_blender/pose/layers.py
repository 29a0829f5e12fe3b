"""A performance is two layers, one upon the other: what is meant, and what just happens while somebody is alive."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..score import Gesture, Noise, Speech
from ..speech.noises import Laugh, breaths, laughs
from ..speech.prosody import Prosody
from . import idle, lexicon, prosodic
from .strokes import FIRST_SHAPE, STEP, Strokes
from .styles import Style
from .timeline import Timeline, read_timeline

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Layer:
    """Curves on the planning grid (every ``strokes.STEP`` seconds), which add up."""

    head: Floats
    """x, y, z in metres, pitch, yaw, roll in radians [shape=(m, 6)]."""
    gaze: Floats
    """Pitch, yaw of what is looked at, seen from the character, radians [shape=(m, 2)]."""
    face: dict[int, Floats]
    """By the column of its shape, where anything moves [shape=(m,) each]."""
    gestures: tuple[Gesture, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What both layers are made from."""

    timeline: Timeline
    said: tuple[lexicon.Said, ...]
    """The words with a meaning."""
    listening: tuple[range, ...]
    """The sentences that answer a complaint."""
    activity: idle.Activity
    melody: prosodic.Melody
    breaths: tuple[Noise, ...]
    """Heard between the words."""
    laughs: tuple[Laugh, ...]
    count: int
    """Samples of the planning grid."""


def read(speech: Speech, prosody: Prosody, style: Style, until: float) -> Reading:
    """Read a speech, and lay the planning grid to its end and to ``until`` seconds."""
    timeline = read_timeline(speech)
    said = lexicon.meanings_in(timeline)
    count = int(np.ceil(max(speech.duration, until) / STEP)) + 2
    activity = idle.activity(timeline, style, count)
    return Reading(
        timeline,
        tuple(said),
        tuple(lexicon.listening(timeline, said)),
        activity,
        prosodic.listen(prosody, activity.voice),
        breaths(speech),
        laughs(speech, prosody),
        count,
    )


def face_of(strokes: Strokes, count: int) -> dict[int, Floats]:
    """The curves of the shapes that strokes move."""
    return {
        channel - FIRST_SHAPE: strokes.render(channel, count) for channel in strokes.channels if channel >= FIRST_SHAPE
    }
