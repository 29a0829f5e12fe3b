"""A real sound server with a microphone to speak into and a speaker to listen to, and what was to be heard there when.

``virtual-audio``, beside the project, gives PulseAudio a virtual microphone and speaker. Everything here runs outside
of the conversation's process, on the same monotonic clock: what counts is what goes through the devices, not what the
conversation says of itself. Times are true to about 5 ms, the length of the pieces in which the sound server works.
"""

import importlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..live.services import Sound
from .figures import AbsentError

Floats = NDArray[np.float64]

RATE: Final = 48000
"""Samples a second of all sound in this room."""
ROOM: Final = 16.0
"""Standard deviation of the room's noise: -66 dB of full scale, a quiet room and a good microphone."""
AUDIBLE: Final = 0.01
"""Share of a sound's loudest moment from which it is heard: -40 dB."""
_TOOL: Final = Path(__file__).resolve().parents[3] / "shared/tools/virtual-audio"
_WINDOW: Final = RATE // 200
ALIKE: Final = 0.5
"""Correlation from which a sound is that which is looked for."""
WHOLE: Final = 0.95
"""Correlation from which nothing of it is missing and nothing was put between."""
_SETTLED: Final = 2.0
"""Seconds over which the arrivals of pieces tell the time of a sample."""


def check_packages(*packages: str) -> None:
    """Raise AbsentError for one that cannot be loaded."""
    for package in packages:
        try:
            importlib.import_module(package)
        except (ImportError, OSError) as error:
            raise AbsentError(f"{package} cannot be loaded ({error})") from error


class SoundCard:
    """The sound server. ``environment`` is that of a process which is to see its devices. Raises AbsentError."""

    def __init__(self) -> None:
        if not sys.platform.startswith("linux"):
            raise AbsentError("PulseAudio is only asked for on Linux")
        if not _TOOL.exists():
            raise AbsentError("../shared/tools/virtual-audio is not beside the project")
        check_packages("sounddevice", "pocketsphinx", "httpx")
        self._folder = tempfile.TemporaryDirectory(prefix="sound")
        self.environment = os.environ | {"VIRTUAL_AUDIO_DIR": self._folder.name}
        try:
            started = self._tool("start")
        except (subprocess.SubprocessError, OSError) as error:
            self._folder.cleanup()
            raise AbsentError(f"virtual-audio does not start ({error})") from error
        name, _, value = started.strip().removeprefix("export ").partition("=")
        self.environment[name] = value

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        self._tool("stop")
        self._folder.cleanup()

    def _tool(self, word: str) -> str:
        done = subprocess.run(
            [_TOOL, word], env=self.environment, check=True, capture_output=True, text=True, timeout=300
        )
        return done.stdout


class Tap:
    """Takes all that goes through a device."""

    def __init__(self, card: SoundCard, source: str) -> None:
        form = ["--raw", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=5"]
        command = ["parec", f"--device={source}", *form]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, env=card.environment)
        self._pieces: list[bytes] = []
        self._arrivals: list[float] = []
        self._thread = threading.Thread(target=self._take)
        self._thread.start()

    def _take(self) -> None:
        assert self._process.stdout is not None
        while piece := os.read(self._process.stdout.fileno(), 1 << 14):
            self._arrivals.append(time.monotonic())
            self._pieces.append(piece)

    def finish(self) -> "Taken":
        """End it; all there was to be heard."""
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        sound = np.frombuffer(b"".join(self._pieces), np.int16)
        return Taken(sound, np.cumsum([len(piece) // 2 for piece in self._pieces]), np.array(self._arrivals))


class Taken:
    """What went through a device, and when."""

    def __init__(self, sound: Sound, ends: NDArray[np.int64], arrivals: Floats) -> None:
        """``ends`` are the samples before which the pieces ended that came at ``arrivals`` [shape=(n,) each]."""
        self._sound = sound
        zero = arrivals - ends / RATE
        # A piece may be late and is never early: of those that came at about the same time, the median tells.
        edges = np.arange(arrivals[0], arrivals[-1] + _SETTLED, _SETTLED)
        groups = np.digitize(arrivals, edges)
        kept = np.unique(groups)
        self._at = np.array([ends[groups == group].mean() for group in kept])
        self._zeros = np.array([np.median(zero[groups == group]) for group in kept])

    def time(self, sample: float) -> float:
        """When a sample was to be heard."""
        return float(np.interp(sample, self._at, self._zeros)) + sample / RATE

    def sample(self, time: float) -> int:
        """What was to be heard at that time; the nearest there is."""
        guess = time - self._zeros[0]
        guess = time - float(np.interp(guess * RATE, self._at, self._zeros))
        return int(np.clip(round(guess * RATE), 0, len(self._sound)))

    def find(self, sound: Sound, begin: float, end: float, alike: float = ALIKE) -> float | None:
        """When ``sound``, at ``RATE``, began between those two times; None when nothing so much alike was heard."""
        first = self.sample(begin)
        part = self._sound[first : self.sample(end) + len(sound)].astype(np.float64)
        if len(part) < len(sound):
            return None
        wanted = sound.astype(np.float64)
        size = 1 << int(np.ceil(np.log2(len(part) + len(wanted))))
        product = np.fft.irfft(np.fft.rfft(part, size) * np.conj(np.fft.rfft(wanted, size)), size)
        places = len(part) - len(wanted) + 1
        best = int(np.argmax(product[:places]))
        there = part[best : best + len(wanted)]
        found = product[best] / max(1.0, float(np.linalg.norm(there) * np.linalg.norm(wanted)))
        return self.time(first + best) if found >= alike else None

    def first_sound(self, begin: float, end: float) -> float | None:
        """When the first sound between those two times began; None when all was silent."""
        first = self.sample(begin)
        heard = audible(self._sound[first : self.sample(end)])
        return None if heard is None else self.time(first + heard[0])

    def silent_from(self, begin: float, end: float, pause: float) -> float | None:
        """When the first silence of ``pause`` seconds began; None when there was none that ended before ``end``."""
        first = self.sample(begin)
        loud = np.flatnonzero(np.abs(self._sound[first : self.sample(end)].astype(np.int32)) > _FAINT)
        ends = np.append(loud[:-1][np.diff(loud) > pause * RATE], loud[-1:])
        if not len(ends):
            return begin
        return self.time(first + int(ends[0]) + 1) if end - self.time(first + int(ends[0])) >= pause else None


_FAINT: Final = 33
"""What is not louder than -60 dB of full scale is silence at a speaker."""


def audible(sound: Sound) -> tuple[int, int] | None:
    """First and last audible sample of a sound at ``RATE`` and the one after it; None when it is silent."""
    loudness = np.sqrt(np.convolve(sound.astype(np.float64) ** 2, np.full(_WINDOW, 1 / _WINDOW), "same"))
    if not len(sound) or loudness.max() < 1:
        return None
    loud = np.flatnonzero(loudness > AUDIBLE * loudness.max())
    return int(loud[0]), int(loud[-1]) + 1


class Mouth:
    """Somebody in the room: silent but for the room's noise, until told to say something."""

    def __init__(self, card: SoundCard) -> None:
        import fcntl  # which Windows has not

        form = ["--raw", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=250"]
        command = ["pacat", "--device=voice", *form]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, env=card.environment)
        assert self._process.stdin is not None
        fcntl.fcntl(self._process.stdin, fcntl.F_SETPIPE_SZ, 4096)  # what is said is not to wait for long
        self._said: deque[Sound] = deque()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._speak)
        self._thread.start()

    def say(self, sound: Sound) -> None:
        """Say it, at ``RATE``, at once."""
        self._said.append(sound)

    def _speak(self) -> None:
        assert self._process.stdin is not None
        rng = np.random.default_rng(0)
        left = np.zeros(0, np.int16)
        piece = RATE // 100
        while not self._over.is_set():
            if not len(left) and self._said:
                left = self._said.popleft()
            voice = np.pad(left[:piece], (0, piece - len(left[:piece])))
            left = left[piece:]
            noisy = np.clip(voice + np.rint(rng.normal(0, ROOM, piece)), -32768, 32767).astype(np.int16)
            self._process.stdin.write(noisy.tobytes())
            self._process.stdin.flush()

    def close(self) -> None:
        """Leave the room."""
        self._over.set()
        self._thread.join()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait()


class Room:
    """A microphone to speak into, and all that goes through both devices. Use as a context manager."""

    def __init__(self, card: SoundCard) -> None:
        with ExitStack() as opened:
            self.mouth = Mouth(card)
            opened.callback(self.mouth.close)
            self._taps = [Tap(card, source) for source in ("voice.monitor", "speaker.monitor")]
            opened.pop_all()

    def close(self) -> tuple[Taken, Taken]:
        """What went through the microphone and through the speaker."""
        spoken, played = [tap.finish() for tap in self._taps]
        self.mouth.close()
        return spoken, played
