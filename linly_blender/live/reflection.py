"""The character that says what is overheard, while it is being said.

The mouth is the sound's, as soon as it is known; eyes, lids, breath and posture are somebody's who is there anyway
(``presence``), and head and brows go with the voice (``following``).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import SHAPES
from ..face.shapes import to_arkit
from ..face.targets import CHANNELS
from ..pose.amounts import BROWS, SMILE
from ..pose.styles import load_style
from ..speech.prosody import STEP
from .contact import Contact
from .curves import HEAD
from .finish import Finish
from .following import Following
from .frame import Frame
from .glide import Glide
from .lag import Lag
from .overhearing import Overheard
from .presence import Presence
from .settings import Settings

Floats = NDArray[np.float64]

RINGS: Final = 0.25
"""Seconds after the last of the voice for which the mouth still follows the sound: a soft last s or f."""
_OPENS, _SHUTS = 0.06, 0.15
"""Seconds in which the mouth follows somebody who begins to speak, and rests after they have ended."""
_SPEECH: Final = 0.8
"""Seconds without a voice after which somebody no longer speaks."""
_STALLED: Final = 0.4
"""Seconds without any more sound after which nobody speaks."""
_KEPT: Final = 100
"""Frames of the mouth that are kept: more than it is ever behind."""


class Reflection:
    """Used by one thread at a time; ``now`` is always the conversation's clock."""

    def __init__(self, settings: Settings, rng: np.random.Generator, now: float = 0.0) -> None:
        """Idle from ``now`` on. Raises UserError when there is no such style."""
        style = load_style(settings.style, settings.own)
        self._amounts = settings.amounts
        self._amount = settings.amounts.head * style.amount
        for_presence, for_following = rng.spawn(2)
        self._presence = Presence(style, settings.amounts, now, for_presence)
        self._following = Following(style, for_following)
        self._finish = Finish(style.limits, settings.amounts)
        self._shown = self._came = now
        self._follows = Glide(np.zeros(1))
        self._lips = np.zeros(len(SHAPES))
        """As they were articulated last."""
        self._mouthing = self.speaking = False
        self.forget(now)

    def forget(self, now: float) -> None:
        """What is overheard from now on is another sound: the mouth closes, the head comes to rest."""
        self._lag = Lag()
        self._lips_touch, self._on_teeth = Contact(), Contact()
        self._mouth = np.zeros((0, CHANNELS + 2))
        """The last of what was told of it."""
        self._last = 0.0
        """The second of the sound that the last row belongs to."""
        self._heard = 0.0
        """Seconds of the sound so far."""
        self._voice = -np.inf
        """The second until which somebody spoke."""
        self._following.forget()
        self._speak(now)

    @property
    def lag(self) -> float | None:
        """What has to be added to a second of the sound for the time when the mouth shows it; None before any sound."""
        return self._lag.behind

    def overhear(self, heard: Overheard) -> None:
        """Take note of the next block."""
        now = self._came = heard.time
        self._heard = heard.until
        if heard.speaks:
            self._voice = self._heard
        if len(heard.mouth):
            self._keep(heard)
        self._speak(now)
        for wish, melody in zip(heard.wishes, heard.melody, strict=True):
            for motion in self._following.hear(now, wish.astype(np.float64), melody.astype(np.float64)):
                if self.speaking:
                    self._presence.do(now, motion)

    def frame(self, now: float) -> Frame:
        """This moment."""
        step = max(now - self._shown, 0.0)
        self._shown = max(now, self._shown)
        if now - self._came > _STALLED:
            self._voice = -np.inf
            self._speak(now)
        second = self._lag.show(now)
        if second is not None:
            self._articulate(second)
            if second > self._voice + RINGS:
                self._open(now, False)
        alive = self._presence.at(now)
        moment = alive.moment
        head, face = self._following.at(now, step)
        moment[HEAD] += self._amount * head
        face[BROWS] *= self._amounts.brows
        face[SMILE] *= self._amounts.smile
        moment[: len(SHAPES)] += face + np.clip(self._follows.at(now), 0, 1) * self._lips
        return self._finish.frame(now, step, moment, alive.lids)

    def _keep(self, heard: Overheard) -> None:
        mouth = heard.mouth
        closed = [self._lips_touch.hear(sure) for sure in mouth.closed.tolist()]
        on_teeth = [self._on_teeth.hear(sure) for sure in mouth.on_teeth.tolist()]
        rows = np.column_stack([mouth.channels, closed, on_teeth]).astype(np.float64)
        self._mouth = np.concatenate([self._mouth, rows])[-_KEPT:]
        self._last = heard.mouth_from + (len(mouth) - 1) * STEP
        self._lag.came(self._last, heard.time)

    def _articulate(self, second: float) -> None:
        """Take the mouth of a second of the sound, between what was told of it."""
        last = len(self._mouth) - 1
        place = min(max(last + (second - self._last) / STEP, 0.0), float(last))
        left = min(int(place), max(last - 1, 0))
        right = min(left + 1, last)
        row = self._mouth[left] + (place - left) * (self._mouth[right] - self._mouth[left])
        shapes = to_arkit(row[None, :CHANNELS], row[None, CHANNELS], row[None, CHANNELS + 1])
        self._lips = shapes[0].astype(np.float64)

    def _speak(self, now: float) -> None:
        """Notice whether somebody speaks."""
        speaking = self._heard < self._voice + _SPEECH
        if self._heard <= self._voice:
            self._open(now, True)
        elif not speaking:
            self._open(now, False)
        if speaking != self.speaking:
            self.speaking = speaking
            self._presence.be(now, "talking" if speaking else "idle")
            self._following.speaks(now, speaking)

    def _open(self, now: float, whether: bool) -> None:
        """Let the mouth follow the sound, or rest."""
        if whether != self._mouthing:
            self._mouthing = whether
            self._follows.to(now, np.array([float(whether)]), _OPENS if whether else _SHUTS)
