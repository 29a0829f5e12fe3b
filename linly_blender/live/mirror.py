"""The mirror: the character says what you say, as you say it.

Two threads: ``ears`` reads the microphone and lets the networks listen to it, ``body`` makes the frames. Nothing is
recognised, answered or played, and so nothing is waited for but the learned mouth's look ahead.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, Self

import numpy as np

from ..audio.level import SILENCE, Level, Meter
from .frame import Newest
from .overhearing import Overheard, Overhearing
from .recorded import Recorded
from .recorder import Film
from .reflection import Reflection
from .services import Event, EventKind, Fault, Microphone, ServiceError, State
from .settings import Settings
from .tape import Tape
from .trouble import in_words, too_late
from .watch import Watch

BLOCK: Final = 160
"""Samples that are read at once: 10 ms, so that little is waited for."""
WAIT: Final = 0.1
"""Seconds that a block is waited for before looking whether it is all over."""
RETRY: Final = 0.3
"""Seconds until a microphone that is not there is looked for again."""
_TIMES: Final = 2
"""As often as asked for are frames made: whoever looks finds a newer one."""
_SECONDS: Final = 5.0
"""That the threads get to end."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lost:
    """What is overheard from now on is another sound."""


class Mirror:
    """Runs from ``start`` to ``close``, as a context manager too. Methods may be called from any thread."""

    def __init__(
        self,
        microphone: Microphone,
        overhear: Callable[[], Overhearing],
        settings: Settings,
        fine_tuner: str,
        newest: Newest,
        report: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Look at nobody yet.

        Parameters: what is closed in the end; what begins to listen to a voice; the name of the network that moves the
        head; where frames and events go; ``notes`` for the user. Raises UserError when there is no such style.
        """
        self._microphone = microphone
        self._overhear = overhear
        self._settings = settings
        self._newest = newest
        self._report = report
        self._clock = clock
        self._notes = notes
        self._reflection = Reflection(settings, np.random.default_rng(settings.seed), clock())
        self._film = Film(settings)
        self._tape = Tape(settings, fine_tuner, lambda take, start: self._film.keep(lambda r: r.sound(take, start)))
        self._acting = threading.Lock()
        """Held by who uses the three."""
        self._inbox: SimpleQueue[Overheard | Lost | None] = SimpleQueue()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._overhearing: Overhearing | None = None
        self._pressed = not settings.push_to_talk
        self._state: State = "off"
        self._meter = Meter()
        self._watch = Watch(clock())
        self._level = Level(SILENCE, SILENCE)
        self._told: dict[Fault, str] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def level(self) -> Level:
        """How loud the microphone is."""
        return self._level

    def start(self) -> None:
        """Begin to listen."""
        for note in self._notes:
            self._event("note", note)
        self._enter("listening")
        self._event("listening")
        work = {"ears": self._listen, "body": self._move}
        self._threads = [threading.Thread(target=run, name=f"linly {name}") for name, run in work.items()]
        for thread in self._threads:
            thread.start()

    def say(self, text: str) -> None:
        """Nothing can be said in writing: a note says so."""
        if text.strip():
            self._event("note", _SAY_IT)

    def push_to_talk(self, pressed: bool) -> None:
        """Listen while pressed, if that is how it is set."""
        self._pressed = pressed or not self._settings.push_to_talk

    def interrupt(self) -> None:
        """Nothing is said that the user does not say."""

    def record(self, folder: Path) -> None:
        """Keep sound and motion from now on, in a new folder. Raises ServiceError("recording")."""
        self._film.begin(folder, self._clock())

    def recorded(self) -> Recorded:
        """End the recording and read it. Raises ServiceError("recording")."""
        self._cut_tape()
        return self._film.end()

    def close(self) -> bool:
        """End both threads and give the microphone back; whether they have ended in time."""
        if self._closing.is_set():
            return True
        self._closing.set()
        self._inbox.put(None)
        until = time.monotonic() + _SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        late = [thread.name.removeprefix("linly ") for thread in self._threads if thread.is_alive()]
        if late:
            self._tell(too_late(late, _SECONDS))
        self._enter("off")
        return not late

    # Ears

    def _listen(self) -> None:
        while not self._closing.is_set():
            if not self._hear():
                self._closing.wait(RETRY)
        try:
            self._microphone.close()
        except Exception as error:  # noqa: BLE001 - a driver is not ours, and the thread has to end
            _log.warning("%s", in_words("microphone", error))

    def _hear(self) -> bool:
        """Listen to the next block; False when there is none to be had, or none that can be listened to."""
        try:
            block = self._microphone.read(WAIT)
        except Exception as error:  # noqa: BLE001 - a driver is not ours: whatever it raises, the user is told
            return self._fail("microphone", error)
        now = self._clock()
        fault = self._watch.look(block, now)
        if fault is not None:
            self._tell(fault)
        elif block is not None and self._told.pop("microphone", ""):
            self._event("listening")
        if block is None:
            return True
        self._level = self._meter.feed(block, now)
        if not self._pressed:
            self._lose()
            return True
        try:
            if self._overhearing is None:
                self._overhearing = self._overhear()
            self._inbox.put(self._overhearing.hear(block, now, self._microphone.latency))
        except Exception as error:  # noqa: BLE001 - the user is told, and it is tried again with a new voice
            return self._fail("engine", error)
        return True

    def _fail(self, fault: Fault, error: Exception) -> bool:
        self._tell(in_words(fault, error))
        self._lose()
        self._watch.forgive(self._clock())
        return False

    def _lose(self) -> None:
        if self._overhearing is not None:
            self._overhearing = None
            self._inbox.put(Lost())

    # Body

    def _move(self) -> None:
        due = self._clock()
        period = 1 / (_TIMES * self._settings.fps)
        while True:
            with suppress(Empty):
                heard = self._inbox.get(timeout=max(0.0, due - self._clock()))
                if heard is None:
                    break
                self._take(heard)
            now = self._clock()
            if now >= due:
                self._show(now)
                due = max(due + period, now)  # frames that came too late are left out
        try:
            self._cut_tape()
            self._film.close()
        except Exception as error:  # noqa: BLE001 - nobody talks any more
            _log.warning("%s", in_words("recording", error))

    def _take(self, heard: Overheard | Lost) -> None:
        with self._acting:
            try:
                lag = self._reflection.lag
                if isinstance(heard, Lost):
                    if lag is not None:
                        self._tape.cut(lag)
                    self._reflection.forget(self._clock())
                else:
                    self._reflection.overhear(heard)
                    if self._film.recording:
                        self._tape.hear(heard, lag)
                    else:
                        self._tape.forget()
            except Exception as error:  # noqa: BLE001 - the user is told, and the next block is listened to
                self._tell(in_words("engine", error))
        self._speak(heard)

    def _show(self, now: float) -> None:
        try:
            with self._acting:
                frame = self._reflection.frame(now)
            self._newest.put(frame)
            self._film.keep(lambda recording: recording.frame(frame))
            self._film.tell()
        except Exception as error:  # noqa: BLE001 - the user is told, and the next frame is tried
            self._tell(in_words("engine", error))

    def _speak(self, heard: Overheard | Lost) -> None:
        """Tell when somebody begins to speak, and when they have ended."""
        state: State = "speaking" if self._reflection.speaking else "listening"
        if state == self._state or self._closing.is_set():
            return
        self._enter(state)
        time = heard.time - heard.age if isinstance(heard, Overheard) else self._clock()
        if state == "speaking":
            self._told = {fault: told for fault, told in self._told.items() if fault == "microphone"}
        self._event("speech_start" if state == "speaking" else "speech_end", time=time)

    def _cut_tape(self) -> None:
        with self._acting:
            if self._reflection.lag is not None:
                self._tape.cut(self._reflection.lag)
            self._tape.forget()

    # How it is told

    def _enter(self, state: State) -> None:
        self._state = state
        self._event("state", state)

    def _tell(self, error: ServiceError) -> None:
        """Once: what is still wrong is not told again before somebody speaks."""
        if self._told.get(error.kind) != str(error):
            self._told[error.kind] = str(error)
            self._event("error", str(error), error.kind)

    def _event(self, kind: EventKind, text: str = "", fault: Fault | None = None, time: float | None = None) -> None:
        try:
            self._report(Event(kind, self._clock() if time is None else time, text, fault))
        except Exception:  # noqa: BLE001 - who listens to us must not stop us
            _log.exception("The report of %s failed", kind)


_SAY_IT: Final = "A mirror says only what you say aloud. To write to the character, choose other answers."
