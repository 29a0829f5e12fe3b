"""A body that is being filmed: everything the conversation asks of it is done, and kept while a recording runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TypeVar

from ..performance import Performance
from .actor import Actor
from .frame import Frame
from .playing import Heard
from .presence import Backchannel
from .recorded import Recorded, read
from .recording import Recording
from .services import Event, ServiceError
from .settings import Settings

T = TypeVar("T")


@dataclass(slots=True)
class _Sounding:
    """A take that was handed over and is not over."""

    take: Performance
    heard: Heard
    number: int | None = None
    """In the recording, once it is heard there."""


class Film:
    """Keeps what is shown while a recording runs. ``begin`` and ``end`` may be called from any thread."""

    def __init__(self, settings: Settings) -> None:
        """Keep nothing yet."""
        self._settings = settings
        self._recording: Recording | None = None
        self._broken: Recording | None = None
        """One that has broken off, whose thread may not have ended yet."""
        self._fault: ServiceError | None = None
        """Why it has, until that is told."""
        self._lock = Lock()

    @property
    def recording(self) -> bool:
        """Whether anything is being kept."""
        return self._recording is not None

    def begin(self, folder: Path, now: float) -> None:
        """Keep everything from the next frame on, in a new folder. Raises ServiceError("recording")."""
        if self._recording is not None:
            raise ServiceError("recording", "A recording is running already. End it first.")
        recording = Recording(folder, self._settings, now)
        self._join_broken()
        with self._lock:
            self._start_anew()
            self._recording = recording

    def end(self) -> Recorded:
        """End the recording and read it; of one that has broken off, what was kept.

        Raises ServiceError("recording") when there is none, and UserError when nothing of it was kept.
        """
        with self._lock:
            recording, self._recording = self._recording, None
        if recording is not None:
            recording.close()
        else:
            recording = self._join_broken()
        if recording is None:
            raise ServiceError("recording", "Nothing is being recorded. Begin a recording first.")
        return read(recording.folder)

    def close(self) -> None:
        """End the recording, if there is one, and leave it in its folder."""
        with self._lock:
            recording, self._recording = self._recording, None
        self._join_broken()
        if recording is not None:
            recording.close()

    def keep(self, what: Callable[[Recording], T]) -> T | None:
        """Do this to the recording that runs; one that has broken off is over, which ``tell`` tells."""
        with self._lock:
            recording = self._recording
            if recording is None:
                return None
            try:
                return what(recording)
            except ServiceError as error:
                self._recording, self._broken, self._fault = None, recording, error
                recording.stop()
                return None

    def tell(self) -> None:
        """Raise ServiceError("recording") once when the recording has broken off."""
        fault, self._fault = self._fault, None
        if fault is not None:
            raise fault

    def _start_anew(self) -> None:
        """Forget what belongs to another recording."""

    def _join_broken(self) -> Recording | None:
        """Wait for the end of a recording that has broken off, if there is one."""
        with self._lock:
            broken, self._broken = self._broken, None
        if broken is not None:
            broken.close()
        return broken


class Recorder(Film):
    """An actor and the recording of what it does."""

    def __init__(self, actor: Actor, settings: Settings) -> None:
        super().__init__(settings)
        self._actor = actor
        self._sounding: list[_Sounding] = []

    def note(self, event: Event) -> None:
        """What was said goes into the transcript; all other events are no concern of it."""
        match event.kind:
            case "heard":
                self.keep(lambda recording: recording.said("user", event.text, event.time))
            case "reply_text":
                self.keep(lambda recording: recording.said("character", event.text, event.time))
            case "interrupted" if event.text:
                self.keep(lambda recording: recording.said("unsaid", event.text, event.time))
            case _:
                pass

    # What a body does

    def frame(self, now: float) -> Frame:
        """See Actor. Raises ServiceError("recording") once when the recording has broken off."""
        frame = self._actor.frame(now)
        self.keep(lambda recording: recording.frame(frame))
        self._follow(now)
        self.tell()
        return frame

    def speak(self, take: Performance, heard: Heard) -> None:
        """See Actor."""
        self._sounding.append(_Sounding(take, heard))
        self._actor.speak(take, heard)

    def interrupt(self, now: float) -> None:
        """See Actor."""
        self._actor.interrupt(now)
        cut, self._sounding = self._sounding, []
        for sounding in cut:
            after, number = sounding.heard(), sounding.number
            if number is not None and after is not None:
                self.keep(lambda recording, number=number, after=after: recording.cut(number, after))  # type: ignore[misc]

    def listen(self, now: float) -> None:
        """See Actor."""
        self._actor.listen(now)

    def think(self, now: float) -> None:
        """See Actor."""
        self._actor.think(now)

    def attend(self, now: float) -> None:
        """See Actor."""
        self._actor.attend(now)

    def backchannel(self, now: float, kind: Backchannel) -> None:
        """See Actor."""
        self._actor.backchannel(now, kind)

    def _start_anew(self) -> None:
        for sounding in self._sounding:
            sounding.number = None

    def _follow(self, now: float) -> None:
        """Notice which sounds have begun and which are over."""
        for sounding in list(self._sounding):
            heard = sounding.heard()
            if heard is None:
                continue
            if sounding.number is None and self._recording is not None:
                sounding.number = self.keep(
                    lambda recording, take=sounding.take, start=now - heard: recording.sound(take, start)  # type: ignore[misc]
                )
            if heard > sounding.take.speech.duration:
                self._sounding.remove(sounding)
