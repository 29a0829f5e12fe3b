"""Ears' first half: takes sound from the microphone and notices when somebody speaks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from ..audio.activity import BARGE_IN, SHORTEST, Activity, Change
from ..audio.level import SILENCE, Level, Meter
from .listener import Begin, Hear, Job
from .messages import Began, Broken, Ended, Hushed, Mended, Message, Paused, WentOn
from .services import BLOCK, HEARING_RATE, Microphone, ServiceError, Sound
from .trouble import in_words
from .watch import Watch

WAIT: Final = 0.1
"""Seconds that a block is waited for before looking whether the conversation has ended."""
Mode = Literal["open", "shut", "held"]
"""Listening for speech, deaf, or told that all of it is speech (push-to-talk)."""


@dataclass(slots=True)
class Gate:
    """What the conductor tells the ears: it writes, they read."""

    mode: Mode = "shut"
    speaking: bool = False
    """Whether the character speaks: who is heard then breaks in."""
    turns: int = 0
    """Grows when what was said so far is over, whatever the silence after it says."""


class Ears:
    """Listens block by block. Everything it uses is used from its thread only."""

    def __init__(
        self,
        microphone: Microphone,
        activity: Activity,
        gate: Gate,
        post: Callable[[Message], None],
        recognise: Callable[[Job], None],
        clock: Callable[[], float],
    ) -> None:
        self._microphone = microphone
        self._activity = activity
        self._gate = gate
        self._post = post
        self._recognise = recognise
        self._clock = clock
        self._meter = Meter()
        self._mode: Mode = "shut"
        self._turns = 0
        self._told = ""
        self._watch = Watch(clock())
        self.level = Level(SILENCE, SILENCE)
        """Of the microphone, now; read from any thread."""

    def step(self) -> bool:
        """Listen to the next block; False when there is no microphone, which is better asked again a little later.

        The one place where what goes wrong in microphone and voice activity is caught.
        """
        try:
            block = self._microphone.read(WAIT)
            now = self._clock()
            if block is not None:
                self._hear(block, now)
            self._look(block, now)
        except Exception as error:  # noqa: BLE001 - a driver is not ours: whatever it raises, the user is told
            self._tell(in_words("microphone", error))
            self._forget()
            self._watch.forgive(self._clock())
            return False
        return True

    def close(self) -> None:
        """Give the microphone back."""
        self._microphone.close()

    def _hear(self, block: Sound, now: float) -> None:
        spoken = now - self._microphone.latency
        self.level = self._meter.feed(block, now)
        mode, turns = self._gate.mode, self._gate.turns
        if mode != self._mode:
            self._change(mode, spoken)
        elif turns != self._turns and mode == "open":
            self._activity.reset()
        self._turns = turns
        if mode == "held":
            self._recognise(Hear(block))
        elif mode == "open":
            self._activity.shortest = BARGE_IN if self._gate.speaking else SHORTEST
            was_speaking = self._activity.speaking
            changes = self._activity.hear(block, spoken)
            if was_speaking:
                self._recognise(Hear(block))
            for change in changes:
                self._tell_change(change)

    def _change(self, mode: Mode, spoken: float) -> None:
        before, self._mode = self._mode, mode
        self._activity.reset()
        if before == "held":
            self._post(Paused(spoken - BLOCK / HEARING_RATE, released=True))
        if mode == "held":
            self._recognise(Begin())
            self._post(Began(spoken - BLOCK / HEARING_RATE))

    def _tell_change(self, change: Change) -> None:
        match change.kind:
            case "start":
                self._recognise(Begin())
                self._recognise(Hear(change.sound))
                self._post(Began(change.time))
            case "hush":
                self._post(Hushed(change.time))
            case "provisional_end":
                self._post(Paused(change.time, fallen=change.fallen))
            case "resumed":
                self._post(WentOn())
            case "end":
                self._post(Ended(change.time))

    def _forget(self) -> None:
        """What was being said is lost with the microphone."""
        self._activity.reset()
        self._mode = "shut"

    def _look(self, block: Sound | None, now: float) -> None:
        """Tell when the microphone gives nothing, or nothing but zeros, and when it is well again."""
        fault = self._watch.look(block, now)
        if fault is not None:
            self._tell(ServiceError("microphone", f"{fault} You can write instead."))
        elif block is not None and self._told:
            self._told = ""
            self._post(Mended())

    def _tell(self, error: ServiceError) -> None:
        if str(error) != self._told:
            self._told = str(error)
            self._post(Broken(error))
