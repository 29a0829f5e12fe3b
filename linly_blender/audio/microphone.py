"""The system's microphone: whatever the device gives, as blocks at HEARING_RATE."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ..errors import UserError
from ..live.services import BLOCK, HEARING_RATE, ServiceError, Sound
from . import devices
from .resampling import Resampler, to_samples

LONGEST_WAIT: Final = 3.0
"""Seconds of sound kept for a reader that does not come; then the oldest goes."""
RETRY: Final = 0.5
"""Seconds between two attempts to open a device."""
SEARCH: Final = 2.0
"""Seconds between two searches for devices that have come; it takes PortAudio a moment."""
STALLED: Final = 3.0
"""Seconds without a sound after which a device counts as gone; some systems take one to begin."""

OLDEST: Final = 1.0
"""Seconds; a driver that says that a sound is older on arrival is not believed."""
SMOOTHING: Final = 0.05
"""Share of a new measurement of the latency in its running mean."""


class SystemMicrophone:
    """services.Microphone on a device of this machine. Opened at the first ``read``; one thread reads.

    Parameters:
        device: part of its name or its number; None is the system's.
        clock: monotonic seconds.
        block: samples of what ``read`` gives.

    """

    def __init__(self, device: str | None, clock: Callable[[], float], block: int = BLOCK) -> None:
        self._wanted = device
        self._clock = clock
        self._block = block
        self._stream: devices.Stream | None = None
        self._arrived = threading.Condition()
        self._pieces: deque[tuple[bytes, int]] = deque()  # as the device gave them, and their frames
        self._frames = 0  # in the pieces
        self._rate = float(HEARING_RATE)  # of the device
        self._last = 0.0  # when the last piece came
        self._age = 0.0  # of a piece's last sample when it came
        self._ready = np.zeros(0, np.int16)
        self._next_try = -np.inf
        self._next_search = -np.inf
        self.dropped = 0
        """Samples of the device that were lost because nobody read."""

    def read(self, timeout: float) -> Sound | None:
        """The next block of samples at HEARING_RATE, or None when none came within ``timeout`` seconds.

        Raises ServiceError("microphone") when the device is gone or cannot be opened, once for every attempt; between
        two attempts it waits and returns None.
        """
        until = time.monotonic() + timeout
        stream = self._stream or self._opened()
        if stream is None:
            time.sleep(max(0.0, min(timeout, self._next_try - self._clock())))
            return None
        while len(self._ready) < self._block:
            piece = self._take(stream, until)
            if piece is None:
                return None
            new = to_samples(self._resampler.process(piece.mean(axis=1, dtype=np.float32)))
            self._ready = np.concatenate([self._ready, new])
        block, self._ready = self._ready[: self._block], self._ready[self._block :]
        return block

    def _opened(self) -> devices.Stream | None:
        now = self._clock()
        if now < self._next_try:
            return None
        self._next_try = now + RETRY
        try:
            stream = self._open()
        except UserError as error:
            raise ServiceError("microphone", str(error)) from error
        self._stream = stream
        return stream

    def _open(self) -> devices.Stream:
        self._pieces.clear()
        self._frames = 0
        self._ready = np.zeros(0, np.int16)
        self._last = self._clock()
        try:
            return self._started()
        except UserError:
            if self._clock() < self._next_search:
                raise
            self._next_search = self._clock() + SEARCH
            if not devices.refresh():
                raise
            return self._started()

    def _started(self) -> devices.Stream:
        stream = devices.Stream("input", self._wanted, self._callback, spare=lambda: False)
        self._rate, self._age = stream.rate, stream.latency
        self._resampler = Resampler(stream.rate, HEARING_RATE)
        stream.start()
        return stream

    def _callback(self, data: Any, frames: int, times: Any, status: Any) -> None:
        """On PortAudio's thread: copy and leave."""
        now = self._clock()
        with self._arrived:
            self._pieces.append((bytes(data), frames))
            self._frames += frames
            while self._frames > LONGEST_WAIT * self._rate:
                lost = self._pieces.popleft()[1]
                self._frames -= lost
                self.dropped += lost
            self._last = now
            # The device tells the time of the buffer's first sample.
            age = times.currentTime - times.inputBufferAdcTime - frames / self._rate
            self._age += SMOOTHING * (min(max(0.0, age), OLDEST) - self._age)
            self._arrived.notify()

    def _take(self, stream: devices.Stream, until: float) -> Sound | None:
        """The next piece as the device gave it [shape=(frames, channels)], or None when it is too late."""
        with self._arrived:
            while not self._pieces:
                if not stream.alive or self._clock() - self._last > STALLED:
                    break
                # Woken in time to notice that the device has gone.
                if not self._arrived.wait(min(0.1, max(0.0, until - time.monotonic()))) and time.monotonic() >= until:
                    return None
            else:
                data, frames = self._pieces.popleft()
                self._frames -= frames
                return np.frombuffer(data, np.int16).reshape(frames, -1)
        self._close_stream()
        self._next_try = self._clock()
        raise ServiceError(
            "microphone",
            f"The microphone {stream.device.name} is gone. Connect it again, or choose another one; listening goes on "
            "by itself.",
        )

    @property
    def latency(self) -> float:
        """Seconds from the air to ``read``, of a block's last sample: the device's and the resampler's."""
        if self._stream is None:
            return 0.0
        return self._age + self._resampler.delay

    def close(self) -> None:
        """Give the device back; a ``read`` opens it again."""
        self._close_stream()

    def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
