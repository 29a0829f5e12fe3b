"""Work that may hang: it is done in a thread of its own, which is left behind when it does."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final, Generic, Protocol, TypeVar

from .services import Fault, ServiceError
from .trouble import in_words

MOST_LEFT: Final = 3
"""Threads that hang at once; after that, nobody takes their place until one of them comes back."""
_log = logging.getLogger(__name__)

Job = TypeVar("Job", contravariant=True)


class Hand(Protocol[Job]):
    """Does the work; used from one thread only."""

    def handle(self, job: Job) -> None:
        """Do the next job."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


class Lane(Generic[Job]):
    """Has jobs done in order. ``put`` may be called from any thread, everything else from one at a time."""

    def __init__(
        self,
        name: str,
        fault: Fault,
        hand: Hand[Job],
        renew: Callable[[], Hand[Job]],
        complain: Callable[[ServiceError], None],
    ) -> None:
        """``renew`` opens another hand, in its own thread, and may raise; ``complain`` is told when it does."""
        self.name = name
        self._fault: Fault = fault
        self._first = hand
        self._renew = renew
        self._complain = complain
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin with the jobs."""
        self._begin(lambda: self._first)

    def put(self, job: Job) -> None:
        """Have this done after all that was put before."""
        self._jobs.put(job)

    def give_up(self) -> None:
        """What is being done hangs: leave it behind, with all that waits behind it, and go on with another hand."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if len(self._threads) <= MOST_LEFT:
            self._jobs.put(None)  # whoever hangs ends when it comes back
            self._jobs = SimpleQueue()
            self._begin(self._renew)

    def stop(self) -> list[threading.Thread]:
        """End after the job that is being done; returns the threads, to be joined."""
        self._closing.set()
        self._jobs.put(None)
        return self._threads

    def _begin(self, opening: Callable[[], Hand[Job]]) -> None:
        thread = threading.Thread(target=self._run, args=(opening, self._jobs), name=f"linly {self.name}")
        self._threads.append(thread)
        thread.start()

    def _run(self, opening: Callable[[], Hand[Job]], jobs: "SimpleQueue[Job | None]") -> None:
        try:
            hand = opening()
        except Exception as error:  # noqa: BLE001 - a service is not ours: whatever it raises, the user is told
            self._complain(in_words(self._fault, error))
            return
        while (job := jobs.get()) is not None and not self._closing.is_set():
            hand.handle(job)
        try:
            hand.close()
        except Exception as error:  # noqa: BLE001 - nobody talks any more, and the thread has to end
            _log.warning("%s", in_words(self._fault, error))
