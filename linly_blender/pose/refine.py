"""The network as performer: what is meant comes from the fine-tuner, what just happens from the planner.

The planner (``animate``) is split in two by manners of its own: one that only means (gestures, melody, mood) and one
that only lives (drift, posture, small beats, looks away, blinks). The fine-tuner was taught the first; here it takes
its place, and the second is added to it.
"""

from dataclasses import fields, replace
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..score import Speech
from ..speech.prosody import Prosody
from .amounts import NATURAL, Amounts
from .animate import PoseTrack, animate
from .constraints import Constraints, Smoothing
from .context import context_of, throw
from .features import STEP as FRAME
from .features import listen
from .fine_tuner import Controls, Inputs
from .gaze import eyes_in_head, write_shapes
from .regions import NEUTRAL, Region
from .strokes import PITCH, STEP, YAW, sample
from .styles import Style
from .timeline import read_timeline

Floats = NDArray[np.float64]
Group = TypeVar("Group")

_CHEEKS: Final = 0.5
"""Part of a smile that the cheeks show, as in ``micro.py``."""


class Refiner(Protocol):
    """What ``PoseFineTuner`` is to a performance."""

    def run(self, inputs: Inputs) -> Controls:
        """Controls of a whole sequence."""
        ...


def meaning_only(style: Style) -> Style:
    """The manner with nothing in it that just happens; its amount is 1."""
    return replace(
        style,
        amount=1.0,
        drift=replace(style.drift, size=(0.0, 0.0, 0.0), shift=(0.0, 0.0, 0.0)),
        posture=replace(style.posture, spread=(0.0, 0.0, 0.0), shift=(0.0, 0.0, 0.0)),
        beat=replace(style.beat, chance=0.0),
        gaze=replace(style.gaze, angle=0.0, head=0.0),
        blink=replace(style.blink, rate=0.0),
        micro=replace(style.micro, rate=0.0),
    )


def life_only(style: Style) -> Style:
    """The manner with nothing in it that is meant; tempo, posture and drift stay."""
    return replace(
        style,
        posture=replace(style.posture, sink=0.0),
        follow=_still(style.follow),
        accent=replace(style.accent, nods=0.0, swings=0.0, size=0.0),
        signs=_still(style.signs),
        brows=_still(style.brows),
        micro=replace(_still(style.micro), rate=style.micro.rate, size=style.micro.size),
    )


def _still(group: Group) -> Group:
    """A group of figures, all 0."""
    zeros = {field.name: 0.0 for field in fields(group)}  # type: ignore[arg-type]  # only groups are given
    return replace(group, **zeros)  # type: ignore[type-var]


def refine(
    speech: Speech,
    prosody: Prosody,
    style: Style,
    rng: np.random.Generator,
    times: Floats,
    tuner: Refiner,
    *,
    region: Region = NEUTRAL,
    amounts: Amounts = NATURAL,
    smoothing: Smoothing = "none",
) -> PoseTrack:
    """Move head, eyes, brows and lids to a speech, as ``animate`` does, with the network for what is meant.

    The track names no gestures of head and brows: the network makes movement and no plan. It was taught the neutral
    region's gestures and makes no others.
    """
    seed, dice_seed = rng.integers(0, 2**63, 2)
    timeline = read_timeline(speech)
    heard = listen(speech.sound, speech.rate)
    dice = throw(len(timeline.stresses), np.random.default_rng(dice_seed))
    meant = tuner.run(Inputs(heard, context_of(timeline, style, dice, len(heard))))
    grid = np.arange(int(np.ceil(max(speech.duration, times[-1] if len(times) else 0.0) / STEP)) + 2) * STEP

    def read(curves: NDArray[np.float32]) -> Floats:
        """The network's frames on the planning grid."""
        return sample(curves.astype(np.float64), grid * (STEP / FRAME))

    # The head's own amount comes after the sum; everything else of the planner has its amounts from the start.
    planned = replace(amounts, head=1.0)
    life, nothing = (
        animate(speech, prosody, manner, np.random.default_rng(seed), grid, region=region, amounts=planned)
        for manner in (life_only(style), life_only(meaning_only(style)))
    )
    head = amounts.head * (life.head + style.amount * (read(meant.head) - nothing.head))
    head = Constraints.of_head(style.limits, smoothing).bake(head, STEP)
    target = life.gaze + life.head[:, (PITCH, YAW)] + amounts.gaze * read(meant.gaze)
    eyes = sample(eyes_in_head(target, head, amounts.gaze), times)
    shapes = life.shapes.astype(np.float64)
    for names, curve, amount in (
        (("browInnerUp",), meant.brows[:, 0], amounts.brows),
        (("browOuterUpLeft", "browOuterUpRight"), meant.brows[:, 1], amounts.brows),
        (("browDownLeft", "browDownRight"), meant.brows[:, 2], amounts.brows),
        (("mouthSmileLeft", "mouthSmileRight"), meant.smile, amounts.smile),
        (("cheekSquintLeft", "cheekSquintRight"), _CHEEKS * meant.smile, amounts.smile),
    ):
        for name in names:
            shapes[:, INDEX[name]] += amount * np.maximum(read(curve), 0.0)
    for side in ("Left", "Right"):
        open_ = 1 - np.clip(shapes[:, INDEX["eyeBlink" + side]], 0, 1)
        shapes[:, INDEX["eyeWide" + side]] += np.maximum(read(meant.lids), 0.0) * open_
    faces = sample(np.clip(shapes, 0, 1), times).astype(np.float32)
    write_shapes(eyes, faces)
    return PoseTrack(
        sample(head, times).astype(np.float32),
        eyes.astype(np.float32),
        np.clip(sample(life.breath.astype(np.float64), times), 0, 1).astype(np.float32),
        np.clip(faces, 0, 1),
        tuple(gesture for gesture in life.gestures if gesture.kind.startswith(("gaze", "blink"))),
    )
