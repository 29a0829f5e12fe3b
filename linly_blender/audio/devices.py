"""The sound devices of this machine, through PortAudio, and the streams of ours that are open on them.

PortAudio knows the devices that were there when it was started. To see one that has come since, it has to be started
again, for which every stream has to be closed: ``refresh`` does so when all of ours are dead or can spare a moment.
"""

import importlib
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from ..errors import UserError, some_of

Direction = Literal["input", "output"]
WORDS: Final[dict[Direction, str]] = {"input": "microphone", "output": "speaker"}
"""What users call them."""

PREFERRED_HOST: Final = "Windows WASAPI"
"""Windows shows every device once for each of four interfaces; this one is the quickest, and has the whole names."""
LATENCY: Final[dict[Direction, float]] = {"input": 0.02, "output": 0.045}
"""Seconds of sound asked for between us and the device, which drivers round. A speaker that runs dry stops, and some
systems then take half a second to go on: while sentences are being made on a busy machine, callbacks are late by up to
40 ms. A microphone keeps what is not fetched in time, so that it can hurry."""

_lock = threading.RLock()
"""PortAudio must not open, close or start from two threads at once."""
_open: set["Stream"] = set()


@dataclass(frozen=True, slots=True)
class Device:
    """Something that hears or plays."""

    number: int
    """PortAudio's; changes when devices come and go."""
    name: str
    host: str
    """The system's interface: ALSA, Core Audio, Windows WASAPI ..."""
    channels: int
    rate: int
    """Samples a second that it likes best."""
    default: bool


def list_devices(direction: Direction) -> tuple[Device, ...]:
    """All devices for input or output. Raises UserError when there is no access to any device."""
    with _lock:
        portaudio = load()
        hosts = list(portaudio.query_hostapis())
        chosen = next((i for i, host in enumerate(hosts) if host["name"] == PREFERRED_HOST), None)
        if chosen is None:
            default = portaudio.default.device[0 if direction == "input" else 1]
        else:
            default = hosts[chosen][f"default_{direction}_device"]
        return tuple(
            Device(
                number=int(entry["index"]),
                name=str(entry["name"]).strip(),
                host=str(hosts[entry["hostapi"]]["name"]),
                channels=int(entry[f"max_{direction}_channels"]),
                rate=round(entry["default_samplerate"]),
                default=entry["index"] == default,
            )
            for entry in portaudio.query_devices()
            if entry[f"max_{direction}_channels"] > 0 and chosen in (None, entry["hostapi"])
        )


def find(direction: Direction, wanted: str | None) -> Device:
    """The device with that number, that name or that part of its name; the system's own for None.

    Raises UserError, naming what there is.
    """
    devices = list_devices(direction)
    what = WORDS[direction]
    if not devices:
        raise UserError(f"There is no {what}. Connect one, and check that the system's sound settings show it.")
    if wanted is None or not wanted.strip():
        return next((device for device in devices if device.default), devices[0])
    name = wanted.strip().casefold()
    if name.isdecimal():
        fitting = [device for device in devices if device.number == int(name)]
    else:
        fitting = [device for device in devices if name in device.name.casefold()]
    if not fitting:
        there = some_of((f"{device.number}: {device.name}" for device in devices), 8)
        raise UserError(f"There is no {what} {wanted!r}. Choose the system's, or one of {there}.")
    exact = (device for device in fitting if device.name.casefold() == name)
    return next(exact, fitting[0])


def load() -> Any:
    """The package ``sounddevice``. Raises UserError with what to do when it or PortAudio is missing."""
    try:
        return importlib.import_module("sounddevice")
    except ImportError as error:
        raise UserError(
            "The package sounddevice, which reaches microphone and speaker, is missing. Reinstall the add-on, or "
            "outside Blender: pip install sounddevice."
        ) from error
    except OSError as error:
        remedy = (
            "Install it: on Debian and Ubuntu, sudo apt install libportaudio2; on Fedora, sudo dnf install portaudio."
        )
        if not sys.platform.startswith("linux"):
            remedy = "Reinstall the add-on, or outside Blender: pip install --force-reinstall sounddevice."
        raise UserError(f"The system's library PortAudio is missing or cannot be loaded. {remedy}") from error


class Stream:
    """A stream of 16-bit samples, open but not started, that says when its device is gone.

    Opened with little latency where the device allows it. Raises UserError when it cannot be opened.

    Parameters:
        direction: ``input`` or ``output``.
        wanted: as for ``find``.
        callback: sounddevice's for raw streams; runs on PortAudio's thread.
        spare: whether the stream can be closed for a moment by ``refresh``.

    """

    def __init__(
        self, direction: Direction, wanted: str | None, callback: Callable[..., None], spare: Callable[[], bool]
    ) -> None:
        self._direction: Direction = direction
        self._ended = False
        self._spare = spare
        with _lock:
            self.device = find(direction, wanted)
            portaudio = load()
            kind = portaudio.RawInputStream if direction == "input" else portaudio.RawOutputStream
            refusal: Exception | None = None
            for channels, latency in _ways(direction, self.device.channels):
                try:
                    self._stream = kind(
                        samplerate=self.device.rate,
                        device=self.device.number,
                        channels=channels,
                        dtype="int16",
                        latency=latency,
                        callback=callback,
                        finished_callback=self._finished,
                    )
                except (portaudio.PortAudioError, ValueError) as error:
                    refusal = refusal or error
                    continue
                self.channels = channels
                self.rate = float(self._stream.samplerate)
                _open.add(self)
                return
        raise self._refused(refusal)

    def start(self) -> None:
        """Let the callbacks begin. Raises UserError, and is closed, when the device will not."""
        with _lock:
            try:
                self._stream.start()
            except load().PortAudioError as error:
                self.close()
                raise self._refused(error) from error

    def _refused(self, error: Exception | None) -> UserError:
        reason = str(error).rsplit(": ", 1)[-1][:200]  # the driver's words without the call they were said in
        return UserError(
            f"The {WORDS[self._direction]} {self.device.name} cannot be opened ({reason}). Check that it is connected, "
            "that no other program keeps it to itself, and that the system's privacy settings let this program use it."
        )

    def _finished(self) -> None:
        self._ended = True

    def restart(self) -> None:
        """Go on at once without what the device has already taken. Raises UserError, and is closed, when it will not.

        Waits for a callback that is running: hold no lock that it wants.
        """
        with _lock:
            if not self.alive:
                return
            try:
                self._stream.abort()
                self._ended = False
                self._stream.start()
            except load().PortAudioError as error:
                self.close()
                raise self._refused(error) from error

    @property
    def alive(self) -> bool:
        """Whether the device is still there, as far as PortAudio knows."""
        return not self._ended and self in _open

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called, here or by ``refresh``."""
        return self not in _open

    @property
    def latency(self) -> float:
        """Seconds, as PortAudio promises."""
        return float(self._stream.latency)

    def now(self) -> float | None:
        """Seconds on the clock of the callback's times; None when the driver has none. For the callback."""
        try:
            return float(self._stream.time)
        except load().PortAudioError:
            return None

    def close(self) -> None:
        """Give the device back. Waits for a callback that is running: hold no lock that it wants."""
        with _lock:
            if self in _open:
                _open.discard(self)
                self._stream.abort()
                self._stream.close()


def refresh() -> bool:
    """Look for devices that have come or gone; False when streams are in use and nothing was done."""
    with _lock:
        if any(stream.alive and not stream._spare() for stream in _open):
            return False
        for stream in tuple(_open):
            stream.close()
        portaudio = load()
        # Public in all but name: PortAudio has no other way to see new devices, and sounddevice no other way to it.
        portaudio._terminate()
        portaudio._initialize()
        return True


def _ways(direction: Direction, channels: int) -> list[tuple[int, float | str]]:
    """Channels and latency, best first: some drivers give only what the device has, some play one as two."""
    counts = [count for count in ((1, 2) if direction == "input" else (2, 1)) if count <= channels]
    return [(count, latency) for latency in (LATENCY[direction], "low", "high") for count in counts]
