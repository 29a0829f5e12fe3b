"""What happens to a voice on its way into a recording: the room, the microphone, the line, noise, and its level."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.int16]
Floats = NDArray[np.float64]

TONE: Final = 4.0
"""Decibels, standard deviation, by which a microphone's tone differs from a flat one at each of a few frequencies."""
ROOM, REVERBERATION, TAIL = 0.4, (0.1, 0.5), (2.0, 16.0)
"""Share of sounds in a room, its reverberation time in seconds, and decibels by which the direct sound is louder."""
NOISE, LOUDNESS = 0.6, (6.0, 40.0)
"""Share of sounds with noise, and decibels by which the voice is louder."""
LINE, DULL = 0.12, 0.2
"""Shares of sounds over a telephone, and through a dull microphone."""
LEVEL: Final = (-24.0, 3.0)
"""Decibels of the loudest sample; above 0 it is clipped."""


def disturb(sound: Sound, rate: int, rng: np.random.Generator) -> Sound:
    """The sound as one of many recordings would have it, in place and as long as it was [shape=(n,)]."""
    size = _quick(len(sound) + rate // 2)
    hertz = np.fft.rfftfreq(size, 1 / rate)
    spectrum = np.fft.rfft(sound.astype(np.float64) / 32768, size) * _tone(hertz, rate, rng)
    if rng.random() < ROOM:
        spectrum *= np.fft.rfft(_room(rate, rng), size)
    heard = np.fft.irfft(spectrum, size)[: len(sound)]
    if rng.random() < NOISE:
        speaking = np.sqrt(np.mean(np.square(heard[np.abs(heard) > 0.1 * np.abs(heard).max()])))
        heard += _noise(len(heard), rate, rng) * speaking * 10 ** (-rng.uniform(*LOUDNESS) / 20)
    loudest = np.abs(heard).max() + 1e-9
    heard *= 10 ** (rng.uniform(*LEVEL) / 20) / loudest
    return np.asarray(np.clip(np.rint(heard * 32767), -32768, 32767), np.int16)


def faster(sound: Sound, speed: float) -> Sound:
    """The sound played at another speed, pitch and formants with it."""
    at = np.arange(0, len(sound) - 1, speed)
    return np.interp(at, np.arange(len(sound)), sound.astype(np.float64)).astype(np.int16)


def _tone(hertz: Floats, rate: int, rng: np.random.Generator) -> Floats:
    """What is let through of each frequency."""
    corners = np.geomspace(80, max(8000.0, rate / 2), 8)
    decibels = np.interp(np.log(np.maximum(hertz, 1)), np.log(corners), rng.normal(0, TONE, len(corners)))
    chance = rng.random()
    if chance < LINE:
        decibels -= _beyond(hertz, rng.uniform(150, 400), rng.uniform(3000, 4000))
    elif chance < LINE + DULL:
        decibels -= _beyond(hertz, rng.uniform(40, 150), rng.uniform(4000, 7500))
    return np.asarray(10 ** (decibels / 20))


def _beyond(hertz: Floats, low: float, high: float) -> Floats:
    """Decibels that are lost outside of a band: 24 an octave below it, steep above it."""
    octaves_below = np.log2(low / np.maximum(hertz, 1)).clip(0)
    octaves_above = np.log2(np.maximum(hertz, 1) / high).clip(0)
    return np.asarray(24 * octaves_below + np.minimum(90, 240 * octaves_above))


def _room(rate: int, rng: np.random.Generator) -> Floats:
    """Direct sound and a tail of echoes that dies away evenly (Moorer 1979)."""
    length, time = round(0.4 * rate), rng.uniform(*REVERBERATION)
    echoes = rng.normal(0, 1, length) * 10 ** (-3 * np.arange(length) / (time * rate))
    echoes[: round(0.002 * rate)] = 0
    echoes *= 10 ** (-rng.uniform(*TAIL) / 20) / np.sqrt(np.square(echoes).sum())
    echoes[0] = 1.0
    return np.asarray(echoes)


def _noise(count: int, rate: int, rng: np.random.Generator) -> Floats:
    """Noise of any colour from white to brown, of power 1."""
    size = _quick(count)
    spectrum = np.fft.rfft(rng.normal(0, 1, size))
    spectrum *= np.maximum(np.fft.rfftfreq(size, 1 / rate), 50) ** -rng.uniform(0, 1)
    noise = np.fft.irfft(spectrum, size)[:count]
    return np.asarray(noise / np.sqrt(np.square(noise).mean()))


def _quick(size: int) -> int:
    """The next power of two: a transform of any other length may take ten times as long."""
    return 1 << (size - 1).bit_length()
