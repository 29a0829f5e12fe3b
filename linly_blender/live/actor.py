"""The character at every moment of a conversation: what it says on top of who it is while it says nothing.

Driven by the clock alone: a frame is asked for at any moment and at any rate, and shows that moment. The head keeps the
style's limits from frame to frame whatever happens; the mouth is on the sound, and nothing filters it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..performance import Performance
from ..pose.styles import load_style
from .curves import LIDS
from .finish import Finish
from .frame import Frame
from .playing import Heard, Playing
from .presence import Backchannel, Presence
from .settings import Settings

Floats = NDArray[np.float64]

_BLINKS: Final = list(LIDS)


class Actor:
    """A performer who improvises. Used by one thread at a time; ``now`` is always the conversation's clock."""

    def __init__(self, settings: Settings, rng: np.random.Generator, now: float = 0.0) -> None:
        """Idle from ``now`` on. Raises UserError when there is no such style."""
        style = load_style(settings.style, settings.own)
        self._amounts = settings.amounts
        self._presence = Presence(style, settings.amounts, now, rng)
        self._playing = Playing()
        self._finish = Finish(style.limits, settings.amounts)
        self._shown = now
        self._was_speaking = False

    @property
    def speaking(self) -> bool:
        """Whether there is anything left to say, as of the last frame."""
        return self._playing.busy

    def listen(self, now: float) -> None:
        """Attend to somebody who speaks or is about to."""
        self._presence.be(now, "listening")

    def think(self, now: float) -> None:
        """Look for an answer: away from the listener, with a breath."""
        self._presence.be(now, "thinking")

    def attend(self, now: float) -> None:
        """Look back, ready to speak; who speaks already does so."""
        if not self._playing.busy:
            self._presence.be(now, "attending")

    def backchannel(self, now: float, kind: Backchannel) -> None:
        """Blink at the end of what is heard, nod at it, or tilt the head at a question; it begins at once."""
        self._presence.backchannel(now, kind)

    def speak(self, take: Performance, heard: Heard) -> None:
        """Perform a take on its sound, after those before it.

        ``heard`` gives the seconds of the take's sound that have left the speaker, None before the first; it is read at
        every frame.
        """
        self._playing.add(take, heard, self._amounts.gaze)

    def interrupt(self, now: float) -> None:
        """Stop speaking and forget what was to come; close the mouth, look up at who has broken in, and listen."""
        was_speaking = self._playing.busy
        self._playing.cut(now)
        self._presence.be(now, "listening")
        if was_speaking:
            self._presence.startle(now)

    def frame(self, now: float) -> Frame:
        """This moment. What the sound's clock says now is what the lips show now."""
        step = max(now - self._shown, 0.0)
        self._shown = max(now, self._shown)
        self._follow_speech(now)
        alive = self._presence.at(now)
        take, weight = self._playing.at(now, step)

        present = alive.moment
        mixed = present + weight * (take - present)
        return self._finish.frame(now, step, mixed, alive.lids, (weight * take)[_BLINKS], 1 - weight[_BLINKS])

    def _follow_speech(self, now: float) -> None:
        """Between two takes there is somebody, too."""
        speaking = self._playing.busy
        if speaking != self._was_speaking:
            if speaking:
                self._presence.be(now, "speaking")
            elif self._presence.mood == "speaking":
                self._presence.be(now, "idle")
            self._was_speaking = speaking
