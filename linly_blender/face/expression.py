"""Emotion on the face: a pose for each, eased in before its sentence and out after it, never quite still or even.

Poses follow the action units of Ekman, Friesen & Hager 2002 (happy 6+12, sad 1+4+15, angry 4+7+9+23, surprised
1+2+5+26, fearful 1+2+4+5+20), kept at the size of people in conversation.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX, SHAPES
from ..easing import minimum_jerk
from ..score import Emotion, Speech

Floats = NDArray[np.float64]

POSES: Final[dict[Emotion, dict[str, float]]] = {
    "neutral": {},
    "happy": {
        "mouthSmile": 0.66, "mouthDimple": 0.1, "mouthUpperUp": 0.06, "cheekSquint": 0.5, "eyeSquint": 0.28,
        "browOuterUp": 0.14, "browInnerUp": 0.08,
    },
    "sad": {
        "browInnerUp": 0.85, "browDown": 0.16, "mouthFrown": 0.6, "mouthShrugLower": 0.2, "mouthPress": 0.08,
        "eyeBlink": 0.12, "eyeSquint": 0.12,
    },
    "angry": {
        "browDown": 0.92, "eyeSquint": 0.4, "eyeWide": 0.1, "noseSneer": 0.28, "mouthFrown": 0.25, "mouthPress": 0.2,
        "mouthShrugLower": 0.15, "mouthStretch": 0.1, "jawForward": 0.12,
    },
    "excited": {
        "mouthSmile": 0.6, "mouthUpperUp": 0.1, "cheekSquint": 0.35, "browInnerUp": 0.4, "browOuterUp": 0.45,
        "eyeWide": 0.35,
    },
    "concerned": {
        "browInnerUp": 0.7, "browDown": 0.35, "eyeSquint": 0.22, "mouthFrown": 0.34, "mouthPress": 0.15,
        "mouthShrugLower": 0.12,
    },
    "surprised": {"browInnerUp": 0.75, "browOuterUp": 0.75, "eyeWide": 0.65, "jawOpen": 0.09, "mouthFunnel": 0.06},
    "fearful": {
        "browInnerUp": 0.8, "browOuterUp": 0.3, "browDown": 0.22, "eyeWide": 0.6, "mouthStretch": 0.42,
        "mouthFrown": 0.12, "mouthLowerDown": 0.12, "jawOpen": 0.03,
    },
}  # fmt: skip
"""Weights at intensity 1; a name without a side means both."""

BEFORE: Final = 0.4
"""Seconds before its sentence that an emotion begins to show; faces lead words (Chovil 1991)."""
RISE: Final = 0.55
"""Seconds until it is there; an onset is quicker than an offset (Schmidt 2003: smiles 0.5 against 0.9 s)."""
LINGER: Final = 0.15
"""Seconds it stays after the last sound."""
FADE: Final = 1.0
"""Seconds until it has gone."""
MOUTH_LATER: Final = 0.09
"""Seconds the mouth follows the brows and eyes."""
UNEVEN: Final = 0.09
"""Standard deviation of the difference between left and right, as a share."""
RESTLESS: Final = 0.13
"""Slow variation of an emotion while it lasts, as a share."""

_MOUTH: Final = np.array([name.startswith(("mouth", "jaw", "cheek", "tongue")) for name in SHAPES])
_SIDE: Final = np.array([name.endswith("Left") - 1.0 * name.endswith("Right") for name in SHAPES])


def express(
    speech: Speech, times: Floats, rng: np.random.Generator, amount: float = 1.0, unevenness: float = 1.0
) -> NDArray[np.float32]:
    """The shapes of the sentences' emotions, without speech.

    Parameters: ``times`` in seconds, ascending [shape=(n,)]; ``amount`` scales all of it and ``unevenness`` the
    difference of left and right, 1 being natural. Returns weights 0..1 [shape=(n, 52)].
    """
    shapes = np.zeros((len(times), 52), np.float32)
    presence = np.zeros(len(times))
    variation = _variation(times, rng)
    for sentence in speech.sentences:
        lean, lag, swell = rng.normal(0, UNEVEN * unevenness, 3)
        pose = pose_of(sentence.emotion) * sentence.intensity * amount
        pose *= np.clip(1 + _SIDE * lean + swell, 0.6, 1.4)
        late = MOUTH_LATER * _MOUTH + 0.3 * lag * _SIDE
        begin, end = sentence.start - BEFORE, sentence.end + LINGER
        part = slice(*np.searchsorted(times, (begin - 0.2, end + FADE + 0.2)))
        presence[part] += _envelope(times[part], begin, end)
        used = np.nonzero(pose)[0]
        if len(used):
            shown = _envelope(times[part, None] - late[used], begin, end)
            shown *= np.where(_MOUTH[used], variation[part, :1], variation[part, 1:])
            shapes[part, used] += shown * pose[used]
    # Where one sentence's emotion fades while the next one's rises, they share the face.
    shapes /= np.maximum(1, presence)[:, None].astype(np.float32)
    return np.clip(shapes, 0, 1)


def pose_of(emotion: Emotion) -> Floats:
    """The 52 weights of an emotion at intensity 1 [shape=(52,)]."""
    pose = np.zeros(52)
    for name, weight in POSES[emotion].items():
        for column in (name,) if name in INDEX else (f"{name}Left", f"{name}Right"):
            pose[INDEX[column]] = weight
    return pose


def _envelope(times: Floats, begin: float, end: float) -> Floats:
    return minimum_jerk((times - begin) / RISE) * minimum_jerk((end + FADE - times) / FADE)


def _variation(times: Floats, rng: np.random.Generator) -> Floats:
    """Slow restlessness around 1 of the mouth and of the upper face [shape=(n, 2)]."""
    frequencies = rng.uniform((0.12, 0.25, 0.45), (0.2, 0.4, 0.75), (2, 3))
    phases = rng.uniform(0, 2 * np.pi, (2, 3))
    waves = np.stack(
        [np.sin(2 * np.pi * np.outer(times, f) + p).mean(axis=1) for f, p in zip(frequencies, phases, strict=True)], 1
    )
    varied: Floats = 1 + RESTLESS * waves
    return varied
