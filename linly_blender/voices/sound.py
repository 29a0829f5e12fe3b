"""Sound that comes from outside, made into samples that can be trusted."""

import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

LONGEST: Final = 120.0
"""Seconds of one line."""
LOWEST_RATE: Final = 8000
HIGHEST_RATE: Final = 48000
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


class SoundError(ValueError):
    """What it is instead of a sound, as the end of a sentence ("... is cut short")."""


def from_floats(values: Any, rate: int) -> Samples:
    """Mono samples of -1..1 as 16 bits [shape=(n,)]; louder ones are cut. Raises SoundError."""
    samples = np.asarray(values, np.float32).reshape(-1)
    check(samples, rate)
    if not np.isfinite(samples).all():
        raise SoundError("holds values that are no numbers")
    return np.asarray(np.clip(samples, -1, 1) * 32767, np.int16)


def check(samples: NDArray[Any], rate: int) -> None:
    """Raise SoundError unless it is of a length and rate that speech has."""
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise SoundError(f"has {rate} samples a second instead of {LOWEST_RATE} to {HIGHEST_RATE}")
    if not len(samples):
        raise SoundError("is empty")
    if len(samples) > LONGEST * rate:
        raise SoundError(f"is longer than {LONGEST:g} seconds")


def from_wav(data: bytes) -> tuple[Samples, int]:
    """Mono samples [shape=(n,)] and their rate from a WAV file; several channels are mixed.

    The sizes that its head claims are not believed: a server that streams does not know them. Raises SoundError.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise SoundError(f"is {_kind_of(data)} instead of WAV")
    layout: tuple[int, int, int, int] | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt " and len(body) >= 16:
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
            if kind == _EXTENSIBLE and len(body) >= 26:
                kind = struct.unpack_from("<H", body, 24)[0]
            layout = kind, channels, rate, bits
        elif name == b"data":
            if layout is None:
                break
            return _decoded(body, *layout)
        at += 8 + size + size % 2
    raise SoundError("is a WAV file without sound")


def from_pcm(data: bytes, rate: int) -> tuple[Samples, int]:
    """Mono samples [shape=(n,)] and their rate from 16 bit values without a head. Raises SoundError."""
    return _decoded(data, _PCM, 1, rate, 16)


def _decoded(body: bytes, kind: int, channels: int, rate: int, bits: int) -> tuple[Samples, int]:
    types = {(_PCM, 16): "<i2", (_PCM, 32): "<i4", (_FLOAT, 32): "<f4"}
    if (kind, bits) not in types or not 1 <= channels <= 8:
        raise SoundError(f"is a WAV file of {channels} channels with {bits} bits of kind {kind}, not of 16 bit PCM")
    width = channels * bits // 8
    values = np.frombuffer(body[: len(body) // width * width], types[kind, bits]).reshape(-1, channels)
    check(values, rate)
    if kind == _FLOAT:
        return from_floats(np.where(np.isfinite(values), values, np.nan).mean(axis=1), rate), rate
    return np.asarray(values.astype(np.int64).mean(axis=1) / (1 << (bits - 16)), np.int16), rate


def _kind_of(data: bytes) -> str:
    """What it looks like, for a message."""
    heads = {b"ID3": "MP3", b"\xff\xfb": "MP3", b"\xff\xf3": "MP3", b"OggS": "Ogg", b"fLaC": "FLAC", b"{": "JSON"}
    return next((name for head, name in heads.items() if data.startswith(head)), "something else")
