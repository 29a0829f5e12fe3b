"""The system's speaker: one stream that plays silence when there is nothing else, so that a sound starts at once.

``heard`` is what lips follow. The device tells at every callback when the first of the frames it asks for will leave
it; ``Playhead`` makes an even clock of that.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import numpy as np

from ..errors import UserError
from ..live.services import ServiceError, Sound
from . import devices
from .playhead import Playhead
from .resampling import resample

STALLED: Final = 3.0
"""Seconds without a callback after which a device counts as gone; some systems take one to begin."""
REMEMBERED: Final = 256
"""Sounds whose times are kept."""
FARTHEST: Final = 2.0
"""Seconds; a driver that says that a frame will leave later, or has already left, is not believed."""


class SystemSpeaker:
    """services.Speaker on a device of this machine; opened at once if it can be, else at the first ``play``.

    A device that went while it was silent is opened again by the next ``play``; when a sound was lost, the next
    ``play`` says so and the one after opens it.

    Parameters:
        device: part of its name or its number; None is the system's.
        clock: monotonic seconds.
        stream: opens a stream, as ``devices.Stream``.

    """

    def __init__(
        self,
        device: str | None,
        clock: Callable[[], float],
        stream: Callable[..., devices.Stream] | None = None,
    ) -> None:
        self._wanted = device
        self._clock = clock
        self._make_stream = stream or devices.Stream
        self._lock = threading.Lock()  # held for microseconds: the callback waits for it
        self._stream: devices.Stream | None = None
        self._queue: deque[tuple[int, Sound]] = deque()
        self._count = 0
        self._frames = 0  # given to the device by this stream
        self._last_sound = 0  # the frame at which the last sound of this stream ended
        self._called = 0.0
        self._playhead = Playhead(1.0)
        self._started: dict[int, tuple[Playhead, int, float]] = {}  # of a sound: on which stream, its frame, its rate
        self._heard: dict[int, float] = {}
        self.underruns = 0
        """How often the device ran out of sound because this program was late."""
        with suppress(ServiceError):  # the first ``play`` tries again, and says why when it fails again
            self._open()

    def play(self, sound: Sound, rate: int) -> int:
        """Add mono samples [shape=(n,)] to what is to be played; returns the sound's number.

        Raises ServiceError("speaker") when the device is gone or cannot be opened.
        """
        stream = self._stream
        if stream is not None and not self._works(stream):
            lost = self._unplayed()
            self._close_stream()
            if lost:
                raise ServiceError(
                    "speaker",
                    f"The speaker {stream.device.name} is gone. Connect it again, or choose another one; the next "
                    "sentence tries it again.",
                )
            stream = None
        if stream is None:
            stream = self._open()
        sound = resample(sound, rate, stream.rate)
        with self._lock:
            self._count += 1
            self._queue.append((self._count, sound))
            return self._count

    def heard(self, number: int) -> float | None:
        """Seconds of that sound that have left the speaker (device latency counted), None before its first sample.

        Never falls, and goes on growing after the sound's end, was it stopped or has the device gone.
        """
        with self._lock:
            if number not in self._started:
                return None
            playhead, start, rate = self._started[number]
            seconds = (playhead.at(self._clock()) - start) / rate
            if number not in self._heard and seconds < 0:
                return None
            self._heard[number] = max(seconds, self._heard.get(number, 0.0))
            return self._heard[number]

    def stop(self, fade: float = 0.03) -> None:
        """Be silent in ``fade`` seconds, and what the device has already taken, and forget what was to be played.

        With a ``fade`` of 0 at once: what the device has already taken is cut off, too.
        """
        if fade <= 0:
            self._cut()
            return
        with self._lock:
            if not self._queue:
                return
            number, sound = self._queue[0]
            self._queue.clear()
            if number in self._started and self._stream is not None:
                rest = sound[: round(fade * self._stream.rate)]
                ramp = 0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, len(rest), dtype=np.float32))
                self._queue.append((number, np.rint(rest * ramp).astype(np.int16)))

    def _cut(self) -> None:
        stream = self._stream
        if stream is None or not self._unplayed():
            return
        with self._lock:
            self._queue.clear()
            self._frames = self._last_sound = 0
            self._playhead = Playhead(stream.rate)  # that of what was cut goes on by itself
        with suppress(UserError):  # it is closed then, and the next ``play`` opens it
            stream.restart()

    @property
    def busy(self) -> bool:
        """Whether anything is playing or will be. A device that is gone is not busy."""
        stream = self._stream
        return stream is not None and self._works(stream) and self._unplayed()

    def close(self) -> None:
        """Give the device back; what was to be played is forgotten."""
        self._close_stream()

    def _works(self, stream: devices.Stream) -> bool:
        return stream.alive and self._clock() - self._called < STALLED

    def _unplayed(self) -> bool:
        with self._lock:
            given = self._last_sound > 0 and self._playhead.at(self._clock()) < self._last_sound
            return given or bool(self._queue)

    def _open(self) -> devices.Stream:
        try:
            try:
                return self._started_stream()
            except UserError:
                if not devices.refresh():
                    raise
                return self._started_stream()
        except UserError as error:
            raise ServiceError("speaker", str(error)) from error

    def _started_stream(self) -> devices.Stream:
        stream = self._make_stream("output", self._wanted, self._fill, spare=lambda: not self._unplayed())
        self._stream = stream
        self._frames = self._last_sound = 0
        self._called = self._clock()
        self._playhead = Playhead(stream.rate)
        try:
            stream.start()
        except UserError:
            self._stream = None
            raise
        return stream

    def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
        with self._lock:
            self._queue.clear()

    def _fill(self, data: Any, frames: int, times: Any, status: Any) -> None:
        """On PortAudio's thread: the next frames of the queue, and when they will be heard."""
        stream = self._stream
        if stream is None:
            return
        broken = bool(status.output_underflow)
        leaves = self._leaves(stream, times)
        with self._lock:
            self._playhead.tell(self._frames, leaves, broken)
            self._called = self._clock()
            self.underruns += broken
            mono = self._next(frames, stream.rate)
            self._frames += frames
        data[:] = np.repeat(mono, stream.channels).tobytes()

    def _leaves(self, stream: devices.Stream, times: Any) -> float:
        """When the first frame that is asked for will leave the speaker, on our clock."""
        now = stream.now()
        # The device's clock is read next to ours, so that it does not matter how long Python kept this thread waiting.
        ahead = times.outputBufferDacTime - (times.currentTime if now is None else now)
        time = self._clock()
        told = times.outputBufferDacTime > 0 and -FARTHEST < ahead < FARTHEST
        return time + (ahead if told else stream.latency)

    def _next(self, frames: int, rate: float) -> Sound:
        mono = np.zeros(frames, np.int16)
        filled = 0
        while self._queue and filled < frames:
            number, sound = self._queue.popleft()
            if number not in self._started:
                self._started[number] = (self._playhead, self._frames + filled, rate)
                if len(self._started) > REMEMBERED:
                    oldest = next(iter(self._started))
                    del self._started[oldest]
                    self._heard.pop(oldest, None)
            part = sound[: frames - filled]
            mono[filled : filled + len(part)] = part
            filled += len(part)
            if len(part) < len(sound):
                self._queue.appendleft((number, sound[len(part) :]))
            self._last_sound = self._frames + filled
        return mono
