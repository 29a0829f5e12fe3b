"""The conversation: talk to a character, and it answers. All threads of it are here, and end here.

``ears`` listens, ``listener`` recognises, ``mind`` answers, speaks and performs, ``conductor`` decides and makes the
frames. Each has an inbox, and nobody waits for anybody else: what one finds out, it puts into the inbox of the next.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, Self

import numpy as np

from ..audio.activity import Activity, make_detector
from ..audio.level import Level
from .attempt import Attempt
from .conductor import Body, Conductor, Timing
from .ears import Ears, Gate
from .frame import Newest
from .lane import Lane
from .listener import Ask, Job, Listener
from .messages import Broken, Message, Prepared, Stop, Talk, Typed
from .mind import Mind, Perform, Reader
from .recorded import Recorded
from .services import Event, Fault, Microphone, Mouth, Recogniser, Responder, ServiceError, Speaker, State, Turn
from .settings import Settings
from .trouble import in_words, too_late

RETRY: Final = 0.3
"""Seconds until a microphone that is not there is looked for again."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a conversation is made of. It closes them."""

    microphone: Microphone | None
    """None: the user only writes."""
    recogniser: Recogniser | None
    responder: Responder
    reader: Callable[[], Reader]
    """Opens a reader for each answer."""
    voice: Mouth
    perform: Perform
    body: Body
    speaker: Speaker
    other_mind: Callable[[], tuple[Responder, Mouth]]
    """Opens a responder and a voice to take the place of those that hang. May raise."""
    other_recogniser: Callable[[], Recogniser | None]
    activity: Callable[[], Activity] = lambda: Activity(make_detector())


class _Thinker:
    """A mind's work in its lane: never more sentences ahead than an attempt has room for."""

    def __init__(self, mind: Mind, post: Callable[[Message], None]) -> None:
        self._mind = mind
        self._post = post
        self.close = mind.close

    def handle(self, attempt: Attempt) -> None:
        if attempt.cancelled:
            return
        for message in self._mind.answer(attempt):
            self._post(message)
            if isinstance(message, Prepared):
                attempt.room.acquire()


class Conversation:
    """Runs from ``start`` to ``close``, as a context manager too. Methods may be called from any thread; none waits."""

    def __init__(
        self,
        parts: Parts,
        settings: Settings,
        newest: Newest,
        report: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
        timing: Timing = Timing(),  # noqa: B008 - it is frozen
        before: tuple[Turn, ...] = (),
    ) -> None:
        """Listen to nobody yet.

        ``report`` is called from a thread of the conversation, in the order of events, and should return at once;
        ``before`` is what was said in a conversation that this one goes on with.
        """
        self.newest = newest
        self._parts = parts
        self._clock = clock
        self._report = report
        self._period = 1 / settings.fps
        self._closing = threading.Event()
        self._inbox: SimpleQueue[Message | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        gate = Gate()
        microphone, recogniser = parts.microphone, parts.recogniser
        rng = np.random.default_rng(settings.seed)

        def complain(error: ServiceError) -> None:
            self._inbox.put(Broken(error))

        def thinker(responder: Responder, voice: Mouth) -> _Thinker:
            mind = Mind(responder, parts.reader, voice, parts.perform, rng.spawn(1)[0], clock)
            return _Thinker(mind, self._inbox.put)

        self._thinking: Lane[Attempt] = Lane(
            "mind", "reply", thinker(parts.responder, parts.voice), lambda: thinker(*parts.other_mind()), complain
        )
        self._listening: Lane[Job] | None = None
        self._ears: Ears | None = None
        if microphone is not None and recogniser is not None:

            def listener() -> Listener:
                return Listener(parts.other_recogniser() or recogniser, self._inbox.put, clock)

            self._listening = Lane(
                "listener",
                "recogniser",
                Listener(recogniser, self._inbox.put, clock),
                listener,
                complain,
            )
            self._ears = Ears(microphone, parts.activity(), gate, self._inbox.put, self._listening.put, clock)
        self._conductor = Conductor(
            settings,
            timing,
            parts.speaker,
            parts.body,
            newest,
            gate,
            ask=self._ask,
            think=self._thinking.put,
            give_up=self._give_up,
            latency=lambda: 0.0 if microphone is None else microphone.latency,
            report=report,
            clock=clock,
            before=before,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def state(self) -> State:
        """What it does now."""
        return self._conductor.state

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What has been said."""
        return self._conductor.turns

    @property
    def level(self) -> Level | None:
        """How loud the microphone is; None without one."""
        return None if self._ears is None else self._ears.level

    def start(self) -> None:
        """Begin to listen."""
        work = {"conductor": self._conduct}
        if self._ears is not None:
            work["ears"] = self._listen
        for lane in self._lanes:
            lane.start()
        self._threads = [threading.Thread(target=run, name=f"linly {name}") for name, run in work.items()]
        for thread in self._threads:
            thread.start()

    def say(self, text: str) -> None:
        """Say something to the character in writing; it stops and answers."""
        self._inbox.put(Typed(text, self._clock()))

    def interrupt(self) -> None:
        """Make the character stop speaking."""
        self._inbox.put(Stop())

    def push_to_talk(self, pressed: bool) -> None:
        """Listen to everything while pressed; what was said counts as ended when it is released."""
        self._inbox.put(Talk(pressed))

    def record(self, folder: Path) -> None:
        """Keep sound and motion from now on, in a new folder. Raises ServiceError("recording")."""
        self._parts.body.begin(folder, self._clock())

    def recorded(self) -> Recorded:
        """End the recording and read it. Raises ServiceError("recording")."""
        return self._parts.body.end()

    def close(self, deadline: float = 5.0) -> bool:
        """End every thread and close the parts; whether all have ended within so many seconds."""
        if self._closing.is_set():
            return True
        if not self._threads:
            self.start()  # its threads close what they would have used
        self._closing.set()
        self._inbox.put(None)
        threads = [*self._threads, *(thread for lane in self._lanes for thread in lane.stop())]
        until = time.monotonic() + deadline
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        late = dict.fromkeys(thread.name.removeprefix("linly ") for thread in threads if thread.is_alive())
        self._threads = []
        if late:
            self._report(Event("error", self._clock(), str(too_late(late, deadline)), "engine"))
        return not late

    @property
    def _lanes(self) -> list[Lane[Any]]:
        return [self._thinking] if self._listening is None else [self._thinking, self._listening]

    def _ask(self, attempt: Attempt) -> None:
        assert self._listening is not None
        self._listening.put(Ask(attempt))

    def _give_up(self, attempt: Attempt) -> None:
        """What this attempt waits for hangs: the next one must not wait behind it."""
        hanging = self._listening if attempt.said is None else self._thinking
        assert hanging is not None
        hanging.give_up()

    # The threads

    def _conduct(self) -> None:
        conductor = self._conductor
        conductor.begin()
        due = self._clock()
        while True:
            try:
                message = self._inbox.get(timeout=max(0.0, due - self._clock()))
            except Empty:
                pass
            else:
                if message is None:
                    break
                conductor.handle(message)
            now = self._clock()
            if now >= due:
                conductor.tick()
                due = max(due + self._period, now)  # frames that came too late are left out
        conductor.finish()
        self._end("recording", self._parts.body.close)
        self._end("speaker", self._parts.speaker.close)

    def _listen(self) -> None:
        ears = self._ears
        assert ears is not None
        while not self._closing.is_set():
            if not ears.step():
                self._closing.wait(RETRY)
        self._end("microphone", ears.close)

    def _end(self, fault: Fault, close: Callable[[], None]) -> None:
        """Close what a thread has used, at its end; what goes wrong is only written down, for nobody talks any more."""
        try:
            close()
        except Exception as error:  # noqa: BLE001 - a service is not ours, and the thread has to end
            _log.warning("%s", in_words(fault, error))
