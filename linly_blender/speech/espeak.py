"""espeak-ng in this process: sound, and an event for every phone and word.

Interface: ``espeak-ng/speak_lib.h`` of espeak-ng 1.52.
"""

import ctypes
import functools
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_char, c_char_p, c_int, c_short, c_size_t, c_ubyte, c_uint, c_void_p
from dataclasses import dataclass
from types import FrameType
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
_PUNCTUATION: Final = re.compile("[.,;:!?，。！？；：、…]")


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
class Language:
    name: str
    """In English."""
    identifier: str
    """What the library knows its voice by, whatever codes it goes by."""


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


class _Id(ctypes.Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("string", c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position", c_int),
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", _Id),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", c_char_p),
        ("languages", POINTER(c_char)),
        ("identifier", c_char_p),
        ("gender", c_ubyte),
        ("age", c_ubyte),
        ("variant", c_ubyte),
        ("unused", c_ubyte),
        ("score", c_int),
        ("spare", c_void_p),
    )


_CALLBACK = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


class Synthesizer:
    """One copy of espeak-ng, in its initial state.

    espeak-ng keeps the phase and the flutter of its oscillator from one utterance to the next, and no call resets
    them: the same words come out a little different each time. A take must be the same bit for bit, so that each one
    loads a copy of the library of its own. Use as a context manager; one thread at a time may call it.
    """

    def __init__(self) -> None:
        source, data = _installed()
        try:
            with tempfile.TemporaryDirectory(prefix="linly-espeak-", ignore_cleanup_errors=True) as folder:
                # The loader gives the same library again for the same file; another file is another library.
                self._library: Any = ctypes.CDLL(shutil.copy(source, folder))
        except OSError as error:
            raise UserError(
                f"The voice library espeak-ng cannot be loaded on this machine: {error}. It is copied to the folder "
                "for temporary files first, which needs a free megabyte."
            ) from error
        self._lock = threading.Lock()
        self._library.espeak_ListVoices.restype = POINTER(POINTER(_Voice))
        self._library.espeak_ListVoices.argtypes = [POINTER(_Voice)]
        self._library.espeak_Synth.argtypes = [
            c_char_p, c_size_t, c_uint, c_int, c_uint, c_uint, c_void_p, c_void_p
        ]  # fmt: skip
        self._library.espeak_TextToPhonemes.restype = c_char_p
        self._library.espeak_TextToPhonemes.argtypes = [POINTER(c_void_p), c_int, c_int]
        options = _PHONE_EVENTS | _IPA | _DO_NOT_EXIT
        self.rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data, options)
        """Samples a second."""
        if self.rate <= 0:
            self.close()
            raise UserError("The voice library espeak-ng found no data. Install the extension again.")
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))  # of breath; left alone it is the clock's

    def __enter__(self) -> "Synthesizer":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Unload the library; calling it again does nothing."""
        with self._lock:
            library, self._library = self._library, None
            if library is not None:
                library.espeak_Terminate()
                _unload(library)

    def languages(self) -> dict[str, Language]:
        """Every language code that can be spoken, and the voice that prefers it most."""
        found: dict[str, tuple[int, Language]] = {}
        for voice in self._listed(None):
            language = Language(voice.name.decode(), voice.identifier.decode())
            at = 0
            while priority := ord(voice.languages[at]):  # (priority, code, NUL), again and again, then a zero
                code = ctypes.string_at(ctypes.addressof(voice.languages.contents) + at + 1)
                known = found.get(code.decode().lower())
                if known is None or priority < known[0]:
                    found[code.decode().lower()] = priority, language
                at += len(code) + 2
        return {code: language for code, (_, language) in found.items()}

    def variants(self) -> tuple[str, ...]:
        """Names of the speakers a language can be spoken by: ``f2``, ``m3``, ``Annie`` ..."""
        voices = self._listed(_Voice(languages=ctypes.cast(c_char_p(b"variant"), POINTER(c_char))))
        return tuple(sorted(voice.identifier.decode().removeprefix("!v/") for voice in voices))

    def _listed(self, specification: _Voice | None) -> Iterator[_Voice]:
        voices = self._library.espeak_ListVoices(ctypes.byref(specification) if specification else None)
        index = 0
        while voices[index]:
            yield voices[index].contents
            index += 1

    def synthesise(
        self, ssml: str, language: Language, variant: str | None, delivery: Delivery
    ) -> tuple[NDArray[np.int16], list[Event]]:
        """Say one sentence of SSML.

        Returns mono samples [shape=(n,)] at ``rate``, and the events in order of time.
        Raises ValueError when there is no such voice; an unknown variant is passed over.
        """
        name = language.identifier if variant is None else f"{language.identifier}+{variant}"
        with self._lock:
            library = self._library
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
                        text = ctypes.string_at(ctypes.addressof(event.id), 8).split(b"\0")[0].decode(errors="ignore")
                        events.append(Event("phone", event.sample, event.text_position - 1, 0, text))
                    index += 1
                if count > 0:
                    blocks.append(ctypes.string_at(samples, 2 * count))
                return 0

            callback = _CALLBACK(receive)
            library.espeak_SetSynthCallback(callback)
            if library.espeak_SetVoiceByName(name.encode()) != 0:
                raise ValueError(f"espeak-ng has no voice {name!r}")
            for parameter, value in (
                (_RATE, delivery.rate),
                (_VOLUME, delivery.volume),
                (_PITCH, delivery.pitch),
                (_RANGE, delivery.range),
            ):
                library.espeak_SetParameter(parameter, value, 0)
            text = ssml.encode()
            with _interrupts_held_back():
                status = library.espeak_Synth(text, len(text) + 1, 0, 1, 0, _UTF8 | _SSML, None, None)
            if status != 0:
                raise UserError("The voice library espeak-ng could not speak this text. Try a shorter sentence.")
        return np.frombuffer(b"".join(blocks), np.int16), events

    def phonemes(self, text: str, language: Language) -> list[tuple[str, str]]:
        """Read a text without saying it.

        Returns for every clause its IPA, with stress marks, tone digits and blanks between words, and the sign of
        punctuation that ends it, or none. Raises ValueError when there is no such voice.
        """
        clauses: list[tuple[str, str]] = []
        with self._lock:
            library = self._library
            if library.espeak_SetVoiceByName(language.identifier.encode()) != 0:
                raise ValueError(f"espeak-ng has no voice {language.identifier!r}")
            data = text.encode()
            buffer = ctypes.create_string_buffer(data)
            begin = ctypes.addressof(buffer)
            at = c_void_p(begin)
            while at.value and at.value - begin < len(data):
                before = at.value - begin
                ipa = library.espeak_TextToPhonemes(ctypes.byref(at), _UTF8, _IPA)
                after = at.value - begin if at.value else len(data)
                if after <= before:
                    break
                signs = _PUNCTUATION.findall(data[before:after].decode(errors="ignore"))
                clauses.append(((ipa or b"").decode(errors="ignore"), signs[-1] if signs else ""))
        return clauses


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block.

    It would be raised in espeak-ng's callback, where ctypes prints and drops it: a piece of the sound would be missing.
    """
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield  # Python raises nothing here
        return
    pressed: list[FrameType | None] = []
    signal.signal(signal.SIGINT, lambda _, frame: pressed.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if pressed:
        handler(signal.SIGINT, pressed[0])


@functools.cache
def languages() -> dict[str, Language]:
    """Every language code espeak-ng can speak."""
    with Synthesizer() as synthesizer:
        return synthesizer.languages()


@functools.cache
def variants() -> tuple[str, ...]:
    """Names of the speakers a language can be spoken by: ``f2``, ``m3``, ``Annie`` ..."""
    with Synthesizer() as synthesizer:
        return synthesizer.variants()


def _installed() -> tuple[str, bytes]:
    """Paths of the library and of its data."""
    try:
        import espeakng_loader
    except ImportError as error:
        raise UserError(
            "The voice needs the package espeakng-loader, which is not installed. Install the extension's zip for "
            "your platform, or run: pip install espeakng-loader"
        ) from error
    return str(espeakng_loader.get_library_path()), str(espeakng_loader.get_data_path()).encode()


def _unload(library: ctypes.CDLL) -> None:
    import _ctypes

    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)
