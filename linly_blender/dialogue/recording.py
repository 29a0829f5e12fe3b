"""A recording as the engine takes it: one mono track of 16 bits, whatever it was decoded from and by.

``record`` collects what a decoder gives, piece by piece, so that hours need no more memory than their 16 bits.
"""

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..speech.prosody import Prosody, analyse

Floats = NDArray[np.float32]
Pieces = Callable[[], Iterator[Floats]]
"""Decodes once from begin to end: pieces [shape=(channels, n)], full scale at 1."""

SHORTEST: Final = 1.0
LONGEST: Final = 2 * 3600.0
"""Seconds of a recording."""
LOWEST_RATE: Final = 8000
HIGHEST_RATE: Final = 48000
MOST_CHANNELS: Final = 64
PIECE: Final = 1 << 20
"""Samples that are changed at once, so that no second copy of an hour is made."""

CENTRE: Final = 2
"""The channel of 5.0, 5.1 and larger layouts that film dialogue is mixed to."""
SURROUND: Final = 5
"""Channels from which there is a centre."""
LOW_FREQUENCIES: Final = 3
"""The channel of 5.1 and larger layouts that carries no voice."""
CARRIES: Final = 0.01
"""Share of the loudest channel's power from which the centre has something to say: 20 dB less."""
FAINT: Final = 1e-7
"""Power (70 dB below full scale) under which a channel has nothing to say at all."""
CANCELLED: Final = 0.1
"""A mix this many times weaker than one of its channels alone makes it: they are of opposite phase."""

TOO_LOUD: Final = 1.12
"""Times full scale (1 dB) from which a recording is turned down; a lossy code exceeds it by less here and there."""
OFFSET: Final = 0.002
"""Of full scale; a constant offset under this is nothing to tell anybody about."""


@dataclass(frozen=True, eq=False)
class Recording:
    """An actor's voice, and whatever was heard with it."""

    sound: NDArray[np.int16]
    """Mono samples without constant offset [shape=(n,)]."""
    rate: int
    """Samples a second, 8000..48000."""
    name: str
    """What it is called in messages: the file or strip."""
    notes: tuple[str, ...] = ()
    """What the user should know, each a sentence or two."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.sound) / self.rate

    @functools.cached_property
    def prosody(self) -> Prosody:
        """Loudness and pitch of all of it; measured once."""
        return analyse(self.sound, self.rate)


def check_file(path: Path) -> None:
    """Raise UserError unless a file is there and can be read."""
    try:
        with path.open("rb"):
            pass
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise UserError(f"There is no file {path}. Check the path.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}). Check its permissions.") from error


def check_range(name: str, begin: float, end: float | None) -> None:
    """Raise UserError unless a part from ``begin`` to ``end`` seconds can be asked for."""
    if not (math.isfinite(begin) and begin >= 0 and (end is None or (math.isfinite(end) and end > begin))):
        until = "its end" if end is None else f"{end:g} s"
        raise UserError(
            f"The part of {name} from {begin:g} s to {until} is empty. Choose a begin of 0 or more, and an end after "
            "it."
        )


def check_layout(name: str, rate: float, channels: int) -> int:
    """The rate of the recording that is made of such a sound. Raises UserError."""
    if not (1000 <= rate <= 1e6 and 1 <= channels <= MOST_CHANNELS):
        raise UserError(
            f"{name} has {channels} channels at {rate:g} samples a second, which no recording of a voice has. Export "
            "it as WAV with 48000 samples a second."
        )
    return round(min(max(rate, LOWEST_RATE), HIGHEST_RATE))


def too_long(name: str) -> UserError:
    """What to say of a recording that is longer than ``LONGEST``."""
    return UserError(
        f"{name} is longer than {LONGEST / 3600:g} hours. Cut it into parts, or choose a part by its begin and end."
    )


def record(name: str, rate: int, channels: int, pieces: Pieces) -> Recording:
    """What a decoder gives, as a recording.

    It is decoded a second time when only then it is known what to listen to: the centre of a surround mix is empty,
    the channels of a stereo recording cancel each other, or it is louder than full scale, as 32 bit float may be.

    Raises UserError when it is too short or too long.
    """
    listening = Listening(CENTRE if channels >= SURROUND else None, 1.0)
    tape = Tape(name, rate, channels, listening)
    for piece in pieces():
        tape.add(piece)
    if (better := tape.better()) != listening:
        tape = Tape(name, rate, channels, better)
        for piece in pieces():
            tape.add(piece)
    return tape.recording()


@dataclass(frozen=True, slots=True)
class Listening:
    """How many channels become one."""

    channel: int | None
    """The one that is taken; None for the mean of all that carry voices."""
    gain: float


class Tape:
    """Grows by what is played to it."""

    def __init__(self, name: str, rate: int, channels: int, listening: Listening) -> None:
        self._name = name
        self._rate = rate
        self._listening = listening
        self._mixed = [i for i in range(channels) if not (channels > SURROUND and i == LOW_FREQUENCIES)]
        self._sound = np.empty(60 * rate, np.int16)
        self._length = 0
        self._sum = 0
        self._power = np.zeros(channels)
        self._mix_power = 0.0
        self._peak = 0.0
        self._no_numbers = False

    def add(self, piece: Floats) -> None:
        """Take the next samples [shape=(channels, n)]."""
        for first in range(0, piece.shape[1], PIECE):
            self._add(piece[:, first : first + PIECE])

    def _add(self, piece: Floats) -> None:
        if not np.isfinite(piece).all():
            self._no_numbers = True
            piece = np.where(np.isfinite(piece), piece, np.float32(0))
        mix = piece[self._mixed].mean(axis=0)
        taken = mix if self._listening.channel is None else piece[self._listening.channel]
        self._power += np.einsum("ij,ij->i", piece, piece, dtype=np.float64)
        self._mix_power += float(np.dot(mix, mix))
        self._peak = max(self._peak, float(np.abs(taken).max(initial=0.0)))
        samples = np.clip(np.rint(taken * (32768 * self._listening.gain)), -32768, 32767).astype(np.int16)
        self._sum += int(samples.sum(dtype=np.int64))
        end = self._length + len(samples)
        if end > (LONGEST + 1) * self._rate:
            raise too_long(self._name)
        if end > len(self._sound):
            self._sound.resize(max(end, len(self._sound) * 3 // 2), refcheck=False)
        self._sound[self._length : end] = samples
        self._length = end

    def better(self) -> Listening:
        """How all that was played would have been listened to best."""
        channel = self._channel()
        if channel != self._listening.channel:
            return Listening(channel, 1.0)
        return Listening(channel, 1.0 if self._peak <= TOO_LOUD else 1 / self._peak)

    def _channel(self) -> int | None:
        power = self._power / max(1, self._length)
        loudest = int(power.argmax())
        if power[loudest] < FAINT:
            return self._listening.channel
        if len(power) >= SURROUND and power[CENTRE] >= max(FAINT, CARRIES * power[loudest]):
            return CENTRE
        alone = power[loudest] / len(self._mixed) ** 2
        return loudest if self._mix_power / max(1, self._length) < CANCELLED * alone else None

    def recording(self) -> Recording:
        """All that was played, without its constant offset. The tape must not be used any more. Raises UserError."""
        name, length = self._name, self._length
        if length < SHORTEST * self._rate:
            seconds = f"{length / self._rate:.2g} s"
            raise UserError(f"{name} is too short ({seconds}). Choose a recording of at least {SHORTEST:g} s.")
        self._sound.resize(length, refcheck=False)
        mean = self._sum / length
        if (offset := round(mean)) != 0:
            for first in range(0, length, PIECE):
                part = self._sound[first : first + PIECE]
                part[:] = np.clip(part.astype(np.int32) - offset, -32768, 32767)
        notes = []
        if abs(mean) > OFFSET * 32768:
            notes.append(
                f"{name} had a constant offset of {100 * mean / 32768:.1f} %, which was taken out. Check the "
                "microphone's cable and interface."
            )
        if self._no_numbers:
            notes.append(f"{name} contains values that are no numbers; they were made silent. Export it again.")
        return Recording(self._sound, self._rate, name, tuple(notes))
