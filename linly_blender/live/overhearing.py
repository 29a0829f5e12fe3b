"""What a voice tells of the face that speaks, block by block: the mouth, the head's wish, its melody, and its being.

Everything comes from the past and the learned mouth's short look ahead. The networks run here, in the thread that reads
the microphone, so that no frame waits for them.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ..audio.activity import SPEECH, STILL_SPEECH, Detector
from ..face.heard import Heard
from ..face.learned_mouth import MouthState
from ..pose.context import blank_context
from ..pose.features import FEATURE_NAMES, Listener
from ..pose.fine_tuner import Inputs, PoseFineTuner, State
from ..pose.styles import Style
from ..speech.prosody import STEP as MOUTH_STEP
from .services import BLOCK, HEARING_RATE, Sound

Array = NDArray[np.float32]

WISHES: Final = 11
"""Of the head x, y, z, pitch, yaw, roll; of the brows inner up, outer up, down; lids wide; smile."""
MELODY: Final = slice(0, 4)
"""Features that are told on: energy, its slope, voicing, pitch."""
_VOICING: Final = FEATURE_NAMES.index("voicing")
assert FEATURE_NAMES[MELODY] == ("energy", "energy slope", "voicing", "pitch")


class MouthReader(Protocol):
    """What ``face.learned_mouth.LearnedMouth`` is to a voice that speaks."""

    def start(self, rate: int) -> MouthState:
        """Return the state before the first sample."""
        ...

    def step(self, state: MouthState, samples: Sound) -> tuple[MouthState, Heard]:
        """Take in samples; return the next state and the mouth now known."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Overheard:
    """What one block tells."""

    time: float
    """When it came, on the clock."""
    age: float
    """Seconds from the air until then, of its last sample."""
    until: float
    """Seconds of the sound with it."""
    sound: Sound
    mouth: Heard
    """What of the mouth is known more than before."""
    mouth_from: float
    """The second of the sound that its first value belongs to."""
    wishes: Array
    """Every ``features.STEP`` seconds [shape=(k, WISHES)]."""
    melody: Array
    """The features of MELODY at the same moments [shape=(k, 4)]."""
    speaks: bool
    """Whether somebody speaks at its end."""


class Overhearing:
    """A voice from its first sample on."""

    def __init__(self, mouth: MouthReader, tuner: PoseFineTuner | None, style: Style, detector: Detector) -> None:
        """Without a ``tuner`` the head wishes nothing."""
        self._mouth = mouth
        self._tuner = tuner
        self._style = style
        self._detector = detector
        self._heard: MouthState = mouth.start(HEARING_RATE)
        self._listener = Listener(HEARING_RATE)
        self._moved: State | None = None if tuner is None else tuner.start()
        self._unseen = np.zeros(0, np.int16)
        """Too few samples for the detector."""
        self._voiced = self._speaks = False
        """In what the detector has not seen; and as of what it has."""
        self._samples = self._told = 0
        """Of the sound, and of the mouth, so far."""
        detector.reset()

    def hear(self, sound: Sound, time: float, age: float) -> Overheard:
        """Take in the next samples [shape=(n,)], the last of which came to the microphone ``age`` seconds ago."""
        self._heard, mouth = self._mouth.step(self._heard, sound)
        mouth_from = self._told * MOUTH_STEP
        self._samples += len(sound)
        self._told += len(mouth)
        features = self._listener.hear(sound)
        return Overheard(
            time,
            age,
            self._samples / HEARING_RATE,
            sound,
            mouth,
            mouth_from,
            self._wish(features),
            features[:, MELODY],
            self._notice(sound, features),
        )

    def _wish(self, features: Array) -> Array:
        wishes = np.zeros((len(features), WISHES), np.float32)
        if self._tuner is not None and self._moved is not None and len(features):
            context = blank_context(len(features), self._style)
            controls, self._moved = self._tuner.step(Inputs(features, context), self._moved)
            wishes[:, :6], wishes[:, 6:9] = controls.head, controls.brows
            wishes[:, 9], wishes[:, 10] = controls.lids, controls.smile
        return wishes

    def _notice(self, sound: Sound, features: Array) -> bool:
        """Whether somebody speaks. A note that is held longer than the room is remembered is still a voice."""
        self._unseen = np.concatenate([self._unseen, sound])
        self._voiced |= bool((features[:, _VOICING] > 0).any())
        while len(self._unseen) >= BLOCK:
            block, self._unseen = self._unseen[:BLOCK], self._unseen[BLOCK:]
            probability = self._detector.probability(block)
            self._speaks = probability >= (STILL_SPEECH if self._speaks else SPEECH) or (self._speaks and self._voiced)
            self._voiced = False
        return self._speaks
