"""From speech to the movement of head, eyes, brows and lids: what is meant, upon what just happens, within limits.

Planned in seconds on a grid of its own and read at any times in the end: every frame rate shows the same curves.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX, SHAPES
from ..score import Gesture, Speech
from ..speech.prosody import Prosody
from . import gaze, layers
from .amounts import BROWS, NATURAL, SMILE, Amounts
from .constraints import Constraints, Smoothing
from .layers import Floats, Layer, Reading
from .life import plan_life
from .meaning import plan_meaning
from .refine import Refiner, refine
from .regions import NEUTRAL, Region
from .strokes import STEP, sample
from .styles import Style

_LIDS_DOWN, _LIDS_UP = 0.3, 0.15
"""How far the upper lids follow a look fully down, and how far they open with one fully up."""
_WIDE: Final = (INDEX["eyeWideLeft"], INDEX["eyeWideRight"])


@dataclass(frozen=True, slots=True)
class PoseTrack:
    """Movement sampled at the times asked for; fields as in ``Frames``."""

    head: NDArray[np.float32]
    """x, y, z in metres, pitch, yaw, roll in radians [shape=(n, 6)]."""
    gaze: NDArray[np.float32]
    """Pitch, yaw of the eyes in the head, radians [shape=(n, 2)]."""
    breath: NDArray[np.float32]
    """0..1 [shape=(n,)]."""
    shapes: NDArray[np.float32]
    """Brows, lids, eye direction and small expressions, to be added to the speaking face [shape=(n, 52)]."""
    gestures: tuple[Gesture, ...]
    """In order of time."""


def animate(
    speech: Speech,
    prosody: Prosody,
    style: Style,
    rng: np.random.Generator,
    times: Floats,
    *,
    tuner: Refiner | None = None,
    region: Region = NEUTRAL,
    amounts: Amounts = NATURAL,
    smoothing: Smoothing = "none",
) -> PoseTrack:
    """Move head, eyes, brows and lids to a speech.

    Parameters: what is said, its loudness and pitch, the manner, the source of everything random, the times of the
    frames in seconds, ascending [shape=(n,)], the network that finds what is meant (rules do without one), which
    gesture means what, how much each part does, and the filter of the head beside its limits. Looks ahead over the
    whole speech.
    """
    reading = layers.read(speech, prosody, style, float(times[-1]) if len(times) else 0.0)
    for_meaning, for_life = rng.spawn(2)
    if tuner is None:
        meant = plan_meaning(reading, style, region, for_meaning)
    else:
        meant = refine(reading, style, region, tuner, for_meaning)
    return enliven(reading, meant, style, for_life, times, amounts=amounts, smoothing=smoothing)


def enliven(
    reading: Reading,
    meant: Layer,
    style: Style,
    rng: np.random.Generator,
    times: Floats,
    *,
    amounts: Amounts = NATURAL,
    smoothing: Smoothing = "none",
) -> PoseTrack:
    """Add what just happens to what is meant, within limits; parameters as in ``animate``."""
    thoughts = [_aimed(gesture, meant.gaze) for gesture in meant.gestures if gesture.kind == "gaze_away"]
    life, lungs = plan_life(reading, style, amounts, thoughts, rng)

    head = amounts.head * style.amount * (meant.head + life.head)
    head = Constraints.of_head(style.limits, smoothing).bake(head, STEP)
    target = amounts.gaze * meant.gaze + life.gaze
    eyes = sample(gaze.eyes_in_head(target, head, amounts.gaze), times)
    shapes = np.zeros((len(times), len(SHAPES)), np.float32)
    for layer, wide in ((meant, amounts.brows), (life, 1.0)):
        for column, curve in layer.face.items():
            shapes[:, column] += (wide if column in _WIDE else 1.0) * sample(curve, times)
    shapes[:, BROWS] *= np.float32(amounts.brows)
    shapes[:, SMILE] *= np.float32(amounts.smile)
    gaze.write_shapes(eyes, shapes)
    _move_lids(shapes, amounts.lids)
    return PoseTrack(
        sample(head, times).astype(np.float32),
        eyes.astype(np.float32),
        np.clip(sample(lungs, times), 0, 1).astype(np.float32),
        np.clip(shapes, 0, 1),
        tuple(sorted(_shown((*meant.gestures, *life.gestures), amounts), key=lambda g: (g.start, g.kind))),
    )


def _aimed(look: Gesture, target: Floats) -> tuple[Gesture, float, float]:
    """A look with the pitch and yaw that it goes to."""
    pitch, yaw = target[min(int((look.start + look.end) / 2 / STEP), len(target) - 1)].tolist()
    return look, pitch, yaw


def _shown(gestures: Iterable[Gesture], amounts: Amounts) -> Iterable[Gesture]:
    """The gestures at their parts' amounts; none where that is 0. Life's are at theirs already."""
    for gesture in gestures:
        match gesture.kind:
            case "blink":
                amount = 1.0
            case "gaze_away":
                amount = 1.0 if gesture.source != "thinking" else amounts.gaze
            case "brow_raise" | "brow_down":
                amount = amounts.brows
            case _:
                amount = amounts.head
        if amount > 0:
            yield replace(gesture, amplitude=amount * gesture.amplitude)


def _move_lids(shapes: NDArray[np.float32], amount: float) -> None:
    """Upper lids go with the eyes: down with a look down, open with a look up; a blink closes what is left.

    ``amount``, 0..1, of the lids' going down with the eyes.
    """
    for side in ("Left", "Right"):
        blink, wide = INDEX["eyeBlink" + side], INDEX["eyeWide" + side]
        low = amount * _LIDS_DOWN * shapes[:, INDEX["eyeLookDown" + side]]
        shapes[:, blink] = low + (1 - low) * shapes[:, blink]
        open_ = 1 - np.clip(shapes[:, blink], 0, 1)
        shapes[:, wide] = (shapes[:, wide] + _LIDS_UP * shapes[:, INDEX["eyeLookUp" + side]]) * open_
