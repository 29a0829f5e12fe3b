"""The layer of what is meant, by the fine-tuner's network.

It was taught by the planner (``meaning.py``) in the neutral region; what another region's custom shows in its own way
is hidden from it. The eyes' sudden jumps are made of its slow wish to look away. What an author asked for is never left
to a network alone: what it leaves out of a promised gesture is added (``promises.py``).
"""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from . import gestures
from .context import context_of, throw
from .features import STEP as FRAME
from .fine_tuner import Controls, Inputs
from .gaze import plan_thoughts
from .layers import Floats, Layer, Reading
from .promises import keep, look
from .recognise import gestures_in
from .regions import NEUTRAL, Region
from .saccades import jump
from .strokes import GAZE_PITCH, GAZE_YAW, STEP, Strokes, sample
from .styles import Style

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
    """Ask the network what to do; its gestures are read out of the movement that it makes."""
    timeline = reading.timeline
    foreign = frozenset(meaning for meaning, intent in gestures.INTENTS.items() if region[intent] != NEUTRAL[intent])
    heard = tuner.hear(timeline.speech.sound, timeline.speech.rate)
    context = context_of(timeline, style, throw(len(timeline.stresses), rng), len(heard), without=foreign)
    meant = tuner.run(Inputs(heard, context))
    grid = np.arange(reading.count) * STEP

    def read(curves: NDArray[np.float32]) -> Floats:
        """The network's frames on the planning grid."""
        return sample(curves.astype(np.float64), grid * (STEP / FRAME))

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
    return Layer(head, target, face, (*gestures_in(head, brows[:, 0], timeline), *looks))


def refine(reading: Reading, style: Style, region: Region, tuner: Refiner, rng: np.random.Generator) -> Layer:
    """What the network does, and what is missing in it of the gestures that come without fail."""
    timeline, said = reading.timeline, reading.said
    for_network, for_promises, for_thoughts = rng.spawn(3)
    layer = follow(reading, style, region, tuner, for_network)
    promises = gestures.plan_promises(timeline, said, reading.listening, style, region, for_promises)
    strokes = Strokes()
    thoughts = plan_thoughts(timeline, said, style, for_thoughts, strokes)
    target = np.stack([strokes.render(channel, reading.count) for channel in (GAZE_PITCH, GAZE_YAW)], axis=1)
    return look(thoughts, target, keep(promises, layer))
