"""The layer of what is meant, by the fine-tuner's network.

It was taught by the planner (``meaning.py``) in the neutral region; what another region's custom shows in its own way
is hidden from it. The eyes' sudden jumps are made of its slow wish to look away. What an author asked for is never left
to a network alone: what it leaves out of a promised gesture or a mood is added (``promises.py``).
"""

from dataclasses import replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..easing import minimum_jerk
from . import gestures, prosodic
from .context import context_of, throw
from .features import STEP as FRAME
from .fine_tuner import Controls, Inputs
from .gaze import plan_thoughts
from .idle import plan_mood
from .layers import Floats, Layer, Reading
from .promises import keep, look, settle
from .recognise import gestures_in
from .regions import NEUTRAL, Region
from .saccades import jump
from .strokes import GAZE, HEAD, STEP, Strokes, sample, smooth
from .styles import Style

_CALM, _STILL = 0.2, 1.2
"""Seconds (full width) of the windows over the network's curves in speech and in pauses: they tremble a little where
its teacher rests."""
_ENDING: Final = 0.25
"""Seconds before the voice's end from which the network's movement fades."""
_CHEEKS: Final = 0.5
"""Part of a smile that the cheeks show, as in ``micro.py``."""


class Refiner(Protocol):
    """What ``PoseFineTuner`` is to a performance."""

    def hear(self, sound: NDArray[np.int16], rate: int) -> NDArray[np.float32]:
        """Features of a whole recording."""
        ...

    def run(self, inputs: Inputs) -> Controls:
        """Controls of a whole sequence."""
        ...


def follow(reading: Reading, style: Style, region: Region, tuner: Refiner, rng: np.random.Generator) -> Layer:
    """Ask the network what to do; the only gestures named are its looks."""
    timeline = reading.timeline
    foreign = frozenset(meaning for meaning, intent in gestures.INTENTS.items() if region[intent] != NEUTRAL[intent])
    heard = tuner.hear(timeline.speech.sound, timeline.speech.rate)
    context = context_of(timeline, style, throw(len(timeline.stresses), rng), len(heard), without=foreign)
    meant = tuner.run(Inputs(heard, context))
    grid = np.arange(reading.count) * STEP

    # Nothing goes on when the voice has stopped, and nothing stops suddenly.
    ending = timeline.end - _ENDING
    voice = reading.activity.voice[:, None]
    spoken = 1 - minimum_jerk((grid - ending) / max(timeline.last_gesture - ending, STEP))

    def read(curves: NDArray[np.float32]) -> Floats:
        """The network's frames on the planning grid."""
        found = sample(curves.astype(np.float64), grid * (STEP / FRAME)).reshape(reading.count, -1)
        calm, still = (np.stack([smooth(column, over) for column in found.T], axis=1) for over in (_CALM, _STILL))
        found = np.asarray((voice * calm + (1 - voice) * still) * spoken[:, None])
        return found if curves.ndim > 1 else found[:, 0]

    head = read(meant.head)
    brows, lids, smile = (np.maximum(read(curve), 0.0) for curve in (meant.brows, meant.lids, meant.smile))
    face = {
        INDEX[name + side]: curve
        for name, curve in (
            ("browOuterUp", brows[:, 1]),
            ("browDown", brows[:, 2]),
            ("eyeWide", lids),
            ("mouthSmile", smile),
            ("cheekSquint", _CHEEKS * smile),
        )
        for side in ("Left", "Right")
    } | {INDEX["browInnerUp"]: brows[:, 0]}
    target, looks = jump(read(meant.gaze), STEP)
    return Layer(head, target, face, looks)


def refine(reading: Reading, style: Style, region: Region, tuner: Refiner, rng: np.random.Generator) -> Layer:
    """What the network does, and what it leaves out of what comes without fail: gestures, moods, looks of thinking."""
    timeline, count = reading.timeline, reading.count
    for_network, for_promises, for_thoughts = rng.spawn(3)
    layer = follow(reading, style, region, tuner, for_network)
    promises = gestures.plan_promises(reading, style, region, for_promises)
    strokes = Strokes()
    thoughts = plan_thoughts(timeline, reading.said, style, for_thoughts, strokes)
    target = strokes.render_all(GAZE, count)
    plan_mood(timeline, style, strokes)
    mood = strokes.render_all(HEAD, count)

    # The network hears what has been said and not what will be: it follows the voice a little, and late.
    melody = np.pad(prosodic.follow(reading.melody, style) * reading.activity.size[:, None], ((0, 0), (3, 0)))

    settled = settle(mood, replace(layer, head=layer.head + melody, gestures=()))
    kept = keep(promises, look(thoughts, target, layer.gestures, settled))
    promised = kept.gestures
    found = gestures_in(kept.head, kept.face[INDEX["browInnerUp"]], timeline)
    more = [g for g in found if g.kind == "brow_raise" or not any(p.start <= g.peak <= p.end for p in promised)]
    return replace(kept, gestures=(*promised, *more))
