"""From speech to the movement of head, eyes, brows and lids.

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
from . import blinks, breath, brows, gaze, gestures, idle, lexicon, micro, prosodic
from .amounts import BROWS, NATURAL, SMILE, Amounts
from .constraints import Constraints, Smoothing
from .regions import NEUTRAL, Region
from .strokes import BREATH, GAZE_PITCH, GAZE_YAW, PITCH, STEP, Strokes, Z, sample, shape_channel
from .styles import Style
from .timeline import read_timeline

Floats = NDArray[np.float64]

_BREATH_PITCH: Final = np.radians(0.35)
"""Head lift of a full breath, radians and metres."""
_BREATH_Z: Final = 0.0015
_LIDS_DOWN, _LIDS_UP = 0.3, 0.15
"""How far the upper lids follow a look fully down, and how far they open with one fully up."""


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
    region: Region = NEUTRAL,
    amounts: Amounts = NATURAL,
    smoothing: Smoothing = "none",
) -> PoseTrack:
    """Move head, eyes, brows and lids to a speech.

    Parameters: what is said, its loudness and pitch, the manner, the source of everything random, the times of the
    frames in seconds, ascending [shape=(n,)], which gesture means what, how much each part does, and the filter of the
    head beside its limits. Looks ahead over the whole speech.
    """
    timeline = read_timeline(speech)
    said = lexicon.meanings_in(timeline)
    listening = lexicon.listening(timeline, said)
    count = int(np.ceil(max(speech.duration, times[-1] if len(times) else 0.0) / STEP)) + 2
    # A generator for each part: a part that draws more does not change the others' takes.
    for_signs, for_posture, for_beats, for_gaze, for_blinks, for_brows, for_micro, for_drift = (
        np.random.default_rng(seed) for seed in rng.integers(0, 2**63, 8)
    )
    head_strokes, face_strokes = Strokes(), Strokes()
    of_head = gestures.plan_gestures(timeline, said, listening, style, region, for_signs, head_strokes)
    idle.plan_posture(timeline, _one_after_another(of_head), style, for_posture, head_strokes)
    prosodic.plan_beats(timeline, style, for_beats, head_strokes)
    of_gaze = gaze.plan_gaze(timeline, said, style, amounts.gaze, for_gaze, head_strokes)
    of_blinks = blinks.plan_blinks(timeline, of_gaze, listening, style, amounts.blinks, for_blinks, face_strokes)
    of_brows = brows.plan_brows(timeline, of_head, style, amounts.brows, for_brows, face_strokes)
    micro.plan_micro(timeline, of_head, style, for_micro, face_strokes)
    breath.plan_breath(timeline, face_strokes)

    activity = idle.activity(timeline, style, count)
    melody = prosodic.listen(prosody, activity.voice)
    lungs = breath.deepened(face_strokes.render(BREATH, count), amounts.breathing)
    head = idle.drift(activity, style, for_drift)
    head[:, PITCH:] += prosodic.follow(melody, style) * activity.size[:, None]
    for channel in range(6):
        head[:, channel] += head_strokes.render(channel, count)
    head[:, PITCH] += _BREATH_PITCH * (lungs - lungs[-1])
    head[:, Z] += _BREATH_Z * lungs
    head = Constraints.of_head(style.limits, smoothing).bake(amounts.head * style.amount * head, STEP)

    target = np.stack([head_strokes.render(channel, count) for channel in (GAZE_PITCH, GAZE_YAW)], axis=1)
    eyes = sample(gaze.eyes_in_head(target, head, amounts.gaze), times)

    shapes = np.zeros((len(times), len(SHAPES)), np.float32)
    for column, name in enumerate(SHAPES):
        if shape_channel(name) in face_strokes.channels:
            shapes[:, column] = sample(face_strokes.render(shape_channel(name), count), times)
    shapes[:, INDEX["browInnerUp"]] += sample(brows.follow_pitch(melody.pitch * activity.size, style), times)
    shapes[:, BROWS] *= np.float32(amounts.brows)
    shapes[:, SMILE] *= np.float32(amounts.smile)
    gaze.write_shapes(eyes, shapes)
    _move_lids(shapes, amounts.lids)
    return PoseTrack(
        sample(head, times).astype(np.float32),
        eyes.astype(np.float32),
        np.clip(sample(lungs, times), 0, 1).astype(np.float32),
        np.clip(shapes, 0, 1),
        tuple(
            sorted(
                [*_shown(of_head, amounts.head), *of_gaze, *of_blinks, *_shown(of_brows, amounts.brows)],
                key=lambda gesture: (gesture.start, gesture.kind),
            )
        ),
    )


def _one_after_another(of_head: Iterable[Gesture]) -> list[Gesture]:
    """Nods and raises that do not reach into one another, in order of time."""
    nods: list[Gesture] = []
    for gesture in of_head:
        if gesture.kind in ("nod", "raise") and (not nods or gesture.start >= nods[-1].end):
            nods.append(gesture)
    return nods


def _shown(of_part: Iterable[Gesture], amount: float) -> list[Gesture]:
    """The gestures at a part's amount; none at 0."""
    return [replace(gesture, amplitude=amount * gesture.amplitude) for gesture in of_part] if amount > 0 else []


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
