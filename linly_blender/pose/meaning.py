"""The layer of what is meant, planned by rule: gestures, mood, brows, smiles, looks of thinking, the voice's melody.

The fine-tuner's network was taught by this and takes its place (``refine.py``).
"""

from collections.abc import Iterable

import numpy as np

from ..arkit import INDEX
from ..score import Gesture
from . import brows, gaze, gestures, idle, micro, prosodic
from .layers import Layer, Reading, face_of
from .regions import Region
from .strokes import GAZE, HEAD, PITCH, Strokes
from .styles import Style


def plan_meaning(reading: Reading, style: Style, region: Region, rng: np.random.Generator) -> Layer:
    """Plan the layer; looks ahead over the whole speech."""
    timeline, count = reading.timeline, reading.count
    # A generator for each part: a part that draws more does not change the others' takes.
    for_signs, for_thoughts, for_brows, for_smiles = rng.spawn(4)
    strokes = Strokes()
    of_head = gestures.plan_gestures(reading, style, region, for_signs, strokes)
    idle.plan_mood(timeline, style, strokes)
    idle.plan_sinking(timeline, _one_after_another(of_head), style, strokes)
    of_gaze = gaze.plan_thoughts(timeline, reading.said, style, for_thoughts, strokes)
    of_brows = brows.plan_brows(timeline, of_head, style, for_brows, strokes)
    micro.plan_smiles(timeline, of_head, style, for_smiles, strokes)

    head = strokes.render_all(HEAD, count)
    head[:, PITCH:] += prosodic.follow(reading.melody, style) * reading.activity.size[:, None]
    face = face_of(strokes, count)
    brow = INDEX["browInnerUp"]
    face[brow] = face.get(brow, 0.0) + brows.follow_pitch(reading.melody.pitch * reading.activity.size, style)
    return Layer(head, strokes.render_all(GAZE, count), face, (*of_head, *of_gaze, *of_brows))


def _one_after_another(of_head: Iterable[Gesture]) -> list[Gesture]:
    """Nods and raises that do not reach into one another, in order of time."""
    nods: list[Gesture] = []
    for gesture in of_head:
        if gesture.kind in ("nod", "raise") and (not nods or gesture.start >= nods[-1].end):
            nods.append(gesture)
    return nods
