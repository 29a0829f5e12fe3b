"""The learned mouth: a small causal network from a voice to the mouth that says it, in any language and without text.

It hears (``mouth_features``) and tells jaw, lips and tongue in the articulatory space of ``targets``, and when the lips
are closed or the lower lip is on the teeth. It looks ``LOOK_AHEAD`` seconds ahead and no further, so that it works on a
voice that is still speaking; a whole recording is the stream run to its end, which gives the same numbers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..model_files import Port
from ..pose.base import first_state, open_session
from ..speech.prosody import STEP
from . import mouth_features
from .heard import Heard
from .mouth_features import FEATURES, LOWEST_RATE, Hearing
from .targets import CHANNELS

Array = NDArray[np.float32]

MODEL: Final = "mouth.onnx"
OUTPUTS: Final = CHANNELS + 2
"""The channels, lips closed, lower lip on the teeth; 0..1 each."""
FRAMES_AHEAD: Final = 4
"""Frames that are heard after the one that is told."""
LOOK_AHEAD: Final = FRAMES_AHEAD * STEP + mouth_features.LOOK
"""Seconds of sound after a moment that have to be there before its mouth is known."""
_AT_ONCE: Final = 20.0
"""Seconds of a whole recording that are heard at once: an hour needs no more memory than a minute."""


@dataclass(frozen=True, slots=True, eq=False)
class MouthState:
    """All that a stream remembers; never changed in place."""

    hearing: Hearing
    memory: Array
    """Of the network [shape=(1, state)]."""
    ahead: int
    """Frames still to be heard before the mouth of the first one is known."""


class LearnedMouth:
    """The network in ONNX Runtime, on one thread, deterministic. ``step`` streams, ``listen`` takes a whole recording.

    Keeps nothing of what it hears: streams are told apart by their states.
    """

    def __init__(self, path: str | Path = MODEL) -> None:
        """Open our own model by its name, or any by its path. Raises ModelError when it cannot be used."""
        self._session = open_session(
            path,
            [Port("features", "float32", (1, None, FEATURES)), Port("state", "float32", (1, None))],
            [Port("mouth", "float32", (1, None, OUTPUTS)), Port("next_state", "float32", (1, None))],
        )

    def start(self, rate: int) -> MouthState:
        """Return the state before the first sample of a sound of ``rate`` samples a second.

        Raises UserError for a rate at which speech cannot be told.
        """
        if rate < LOWEST_RATE:
            raise UserError(f"The sound has {rate} samples a second; a voice needs {LOWEST_RATE} at least.")
        return MouthState(mouth_features.start(rate), first_state(self._session), FRAMES_AHEAD)

    def step(self, state: MouthState, samples: NDArray[np.int16]) -> tuple[MouthState, Heard]:
        """Take in any number of mono samples [shape=(n,)]; return the next state and the mouth now known.

        The pieces follow one another: the first value of the first one belongs to the sound's first sample, and a
        moment is known ``LOOK_AHEAD`` seconds after it. The sound may be cut anywhere (to 1e-4).
        """
        hearing, frames = mouth_features.hear(state.hearing, samples)
        if not len(frames):
            return MouthState(hearing, state.memory, state.ahead), _heard(np.zeros((0, OUTPUTS), np.float32))
        feed = {"features": frames[None], "state": state.memory}
        told, memory = self._session.run(("mouth", "next_state"), feed)
        missing = min(state.ahead, len(frames))
        return MouthState(hearing, memory, state.ahead - missing), _heard(told[0, missing:])

    def listen(
        self, sound: NDArray[np.int16], rate: int, progress: Callable[[float], None] = lambda share: None
    ) -> Heard:
        """The mouth of a whole recording, mono samples [shape=(n,)]: a value every ``STEP`` seconds, the end included.

        ``progress`` is called with the share done, 0..1, and may raise to cancel. Raises UserError as ``start`` does.
        """
        state, pieces = self.start(rate), []
        for share, samples in _cut(sound, rate):
            progress(share)
            state, piece = self.step(state, samples)
            pieces.append(piece)
        progress(1.0)
        count = int(len(sound) / rate / STEP + 1e-9) + 1
        return Heard(
            np.concatenate([piece.channels for piece in pieces])[:count],
            np.concatenate([piece.closed for piece in pieces])[:count],
            np.concatenate([piece.on_teeth for piece in pieces])[:count],
        )


def _cut(sound: NDArray[np.int16], rate: int) -> Iterator[tuple[float, NDArray[np.int16]]]:
    """Pieces of a sound with the share that lies before each, and the silence after it that its end looks at."""
    size = round(_AT_ONCE * rate)
    for first in range(0, len(sound), size):
        yield first / len(sound), sound[first : first + size]
    yield 1.0, np.zeros(round((LOOK_AHEAD + 2 * STEP) * rate), np.int16)


def _heard(told: Array) -> Heard:
    return Heard(told[:, :CHANNELS], told[:, CHANNELS], told[:, CHANNELS + 1])
