"""Sound as a WAV file: 16 bit, mono."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..files import replacing
from ..score import Speech

_LONGEST = (2**32 - 1 - 36) // 2
"""Samples; the length fields of a RIFF file are 32 bits wide."""


def write_wav(speech: Speech, path: Path) -> None:
    """Write the voice; the file appears whole or not at all."""
    with replacing(path) as temporary:
        encode(speech.sound, speech.rate, temporary)


def encode(sound: NDArray[np.int16], rate: int, path: Path) -> None:
    """Write mono samples [shape=(n,)] to ``path``."""
    if len(sound) > _LONGEST:
        hours = len(sound) / rate / 3600
        raise UserError(f"{hours:.0f} hours of sound do not fit into one WAV file. Split the script into parts.")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.ascontiguousarray(sound, dtype="<i2").data)


def decode(path: Path) -> tuple[NDArray[np.int16], int]:
    """Read what ``encode`` wrote.

    Returns:
        Samples [shape=(n,)] and their rate.

    Raises:
        UserError: not a WAV file, not 16 bit mono, or cut short.
    """
    try:
        with wave.open(str(path), "rb") as file:
            layout = file.getnchannels(), file.getsampwidth()
            rate, count = file.getframerate(), file.getnframes()
            data = file.readframes(count)
    except (wave.Error, EOFError, RuntimeError) as error:  # RuntimeError: a chunk that is longer than the file
        raise UserError(f"{path} is not a readable WAV file ({str(error) or 'it ends too early'}).") from error
    if layout != (1, 2):
        raise UserError(f"{path} has {layout[0]} channels of {8 * layout[1]} bits; it should be mono with 16 bits.")
    if len(data) != 2 * count:
        raise UserError(f"{path} is cut short: {len(data) // 2} of {count} samples are there.")
    return np.frombuffer(data, dtype="<i2").astype(np.int16), rate
