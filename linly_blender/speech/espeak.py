"""espeak-ng in this process: sound, and an event for every phone and word.

The library keeps one voice and one set of callbacks for the whole process, so that everything here goes through one
lock. Interface: ``espeak-ng/speak_lib.h`` of espeak-ng 1.52.
"""

import ctypes as c
import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError

_SYNCHRONOUS: Final = 2
_PHONE_EVENTS, _IPA, _DO_NOT_EXIT = 0x1, 0x2, 0x8000
_UTF8, _SSML = 0x1, 0x10
_EVENT_END, _EVENT_WORD, _EVENT_PHONE = 0, 1, 7
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_BUFFER_MS: Final = 60

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a sentence is said, in espeak-ng's own units."""

    rate: int = 175
    """Words a minute, 80..450."""
    pitch: int = 50
    """0..99; 50 is the voice's own."""
    range: int = 50
    """Liveliness of the pitch, 0 (monotone) .. 99."""
    volume: int = 100
    """0..200."""


@dataclass(frozen=True, slots=True)
class Event:
    """A word or a phone beginning."""

    kind: str
    """``word`` or ``phone``."""
    sample: int
    position: int
    """Offset of its word in the text, in characters from 0."""
    length: int
    """Characters of the word; 0 for phones."""
    phone: str
    """IPA with stress mark, empty for a pause; empty for words."""


class _Id(c.Union):
    _fields_ = (("number", c.c_int), ("name", c.c_char_p), ("string", c.c_char * 8))


class _Event(c.Structure):
    _fields_ = (
        ("type", c.c_int),
        ("unique_identifier", c.c_uint),
        ("text_position", c.c_int),
        ("length", c.c_int),
        ("audio_position", c.c_int),
        ("sample", c.c_int),
        ("user_data", c.c_void_p),
        ("id", _Id),
    )


class _Voice(c.Structure):
    _fields_ = (
        ("name", c.c_char_p),
        ("languages", c.POINTER(c.c_char)),
        ("identifier", c.c_char_p),
        ("gender", c.c_ubyte),
        ("age", c.c_ubyte),
        ("variant", c.c_ubyte),
        ("unused", c.c_ubyte),
        ("score", c.c_int),
        ("spare", c.c_void_p),
    )


_CALLBACK = c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.POINTER(_Event))


@functools.cache
def _library() -> tuple[Any, int]:
    """Load and start espeak-ng once; return it and its samples a second."""
    try:
        import espeakng_loader
    except ImportError as error:
        raise UserError(
            "The voice needs the package espeakng-loader, which is not installed. Install the extension's zip for "
            "your platform, or run: pip install espeakng-loader"
        ) from error
    try:
        library = c.CDLL(str(espeakng_loader.get_library_path()))
    except OSError as error:
        raise UserError(f"The voice library espeak-ng cannot be loaded on this machine: {error}") from error
    library.espeak_ListVoices.restype = c.POINTER(c.POINTER(_Voice))
    library.espeak_ListVoices.argtypes = [c.POINTER(_Voice)]
    library.espeak_Synth.argtypes = [
        c.c_char_p, c.c_size_t, c.c_uint, c.c_int, c.c_uint, c.c_uint, c.c_void_p, c.c_void_p
    ]  # fmt: skip
    data = str(espeakng_loader.get_data_path()).encode()
    rate = library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data, _PHONE_EVENTS | _IPA | _DO_NOT_EXIT)
    if rate <= 0:
        raise UserError("The voice library espeak-ng did not start: its data folder was not found. Install it again.")
    return library, rate


def _listed(specification: _Voice | None) -> Iterator[_Voice]:
    library, _ = _library()
    voices = library.espeak_ListVoices(c.byref(specification) if specification else None)
    index = 0
    while voices[index]:
        yield voices[index].contents
        index += 1


@functools.cache
def languages() -> dict[str, str]:
    """Every language code espeak-ng can speak, and its English name."""
    with _lock:
        found: dict[str, str] = {}
        for voice in _listed(None):
            at = 0
            while priority := voice.languages[at]:  # a list of (priority byte, code, NUL), ended by a zero priority
                del priority
                code = c.string_at(c.addressof(voice.languages.contents) + at + 1)
                found.setdefault(code.decode().lower(), voice.name.decode())
                at += len(code) + 2
                if voice.languages[at] == b"\0":
                    break
        return found


@functools.cache
def variants() -> tuple[str, ...]:
    """Names of the voices a language can be spoken with: ``f2``, ``m3``, ``Annie`` ..."""
    with _lock:
        voices = _listed(_Voice(languages=c.cast(c.c_char_p(b"variant"), c.POINTER(c.c_char))))
        return tuple(sorted(v.identifier.decode().removeprefix("!v/") for v in voices))


def synthesise(
    ssml: str, language: str, variant: str | None, delivery: Delivery
) -> tuple[NDArray[np.int16], int, list[Event]]:
    """Say one sentence of SSML.

    Returns mono samples [shape=(n,)], samples a second, and the events in order of time.
    Raises UserError when the language or the variant does not exist.
    """
    name = language if variant is None else f"{language}+{variant}"
    with _lock:
        library, rate = _library()
        blocks: list[bytes] = []
        events: list[Event] = []

        def receive(samples: Any, count: int, raw: Any) -> int:
            index = 0
            while (kind := raw[index].type) != _EVENT_END:
                event = raw[index]
                if kind == _EVENT_WORD:
                    events.append(Event("word", event.sample, event.text_position - 1, event.length, ""))
                elif kind == _EVENT_PHONE:
                    # Up to eight bytes of UTF-8 without a guaranteed NUL; a cut last character is dropped.
                    text = c.string_at(c.addressof(event.id), 8).split(b"\0")[0].decode(errors="ignore")
                    events.append(Event("phone", event.sample, event.text_position - 1, 0, text))
                index += 1
            if count > 0:
                blocks.append(c.string_at(samples, 2 * count))
            return 0

        callback = _CALLBACK(receive)
        library.espeak_SetSynthCallback(callback)
        if library.espeak_SetVoiceByName(name.encode()) != 0:
            raise UserError(f"There is no voice for {name!r}. Choose a language code espeak-ng knows, such as en-us.")
        for parameter, value in (
            (_RATE, delivery.rate),
            (_VOLUME, delivery.volume),
            (_PITCH, delivery.pitch),
            (_RANGE, delivery.range),
        ):
            library.espeak_SetParameter(parameter, value, 0)
        text = ssml.encode()
        if library.espeak_Synth(text, len(text) + 1, 0, 1, 0, _UTF8 | _SSML, None, None) != 0:
            raise UserError("The voice library espeak-ng could not speak this text. Try a shorter sentence.")
    return np.frombuffer(b"".join(blocks), np.int16), rate, events
