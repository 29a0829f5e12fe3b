"""The layer of what just happens: drift, posture, small beats, looks away, blinks, breath, laughter, flickers."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ..score import Gesture
from . import blinks, breath, gaze, idle, laughter, micro, prosodic
from .amounts import Amounts
from .layers import Floats, Layer, Reading, face_of
from .strokes import BREATH, GAZE, HEAD, PITCH, Strokes, Z
from .styles import Style

_BREATH_PITCH: Final = np.radians(0.35)
"""Head lift of a full breath, radians and metres."""
_BREATH_Z: Final = 0.0015


def plan_life(
    reading: Reading,
    style: Style,
    amounts: Amounts,
    thoughts: Sequence[tuple[Gesture, float, float]],
    rng: np.random.Generator,
) -> tuple[Layer, Floats]:
    """Plan the layer, and how full the lungs are, 0..1 [shape=(m,)].

    Parameters: ``thoughts``, the looks that are meant, each with its pitch and yaw: the head goes with them, and no
    other look or blink gets into their way. Looks away, blinks and breath are at their amounts, all else is natural.
    """
    timeline, count = reading.timeline, reading.count
    for_posture, for_beats, for_gaze, for_blinks, for_flickers, for_drift, for_laughs = rng.spawn(7)
    strokes = Strokes()
    idle.plan_posture(timeline, style, for_posture, strokes)
    prosodic.plan_beats(timeline, style, for_beats, strokes)
    of_gaze = gaze.plan_gaze(timeline, thoughts, style, amounts.gaze, for_gaze, strokes)
    all_looks = sorted([*of_gaze, *(thought for thought, _, _ in thoughts)], key=lambda look: look.start)
    of_blinks = blinks.plan_blinks(timeline, all_looks, reading.listening, style, amounts.blinks, for_blinks, strokes)
    micro.plan_flickers(timeline, style, for_flickers, strokes)
    breath.plan_breath(timeline, strokes, reading.breaths, reading.laughs)
    of_laughs = laughter.plan_laughter(reading.laughs, timeline.speech.duration, for_laughs, strokes)

    lungs = breath.deepened(strokes.render(BREATH, count), amounts.breathing)
    head = idle.drift(reading.activity, style, for_drift)
    head += strokes.render_all(HEAD, count)
    head[:, PITCH] += _BREATH_PITCH * (lungs - lungs[-1])
    head[:, Z] += _BREATH_Z * lungs
    return Layer(
        head, strokes.render_all(GAZE, count), face_of(strokes, count), (*of_gaze, *of_blinks, *of_laughs)
    ), lungs
