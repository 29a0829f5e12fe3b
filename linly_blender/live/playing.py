"""Takes played one after the other, each on the clock of its own sound, and how much of the body they have.

Lips, lids, looks, feelings, the head and the breath are handed over at paces of their own: lips while the sound is
still on its way to the air, feelings as slowly as faces do.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..easing import minimum_jerk
from ..performance import Performance
from .curves import BREATH, COLUMNS, GAZE, HEAD, LIDS, LIPS, Curves
from .glide import Glide

Floats = NDArray[np.float64]
Heard = Callable[[], float | None]
"""Seconds of a take's sound that have left the speaker; None before the first, and below 0 in a pause before it."""


def _times(lips: float, lids: float, looks: float, feelings: float, head: float, lean: float, breath: float) -> Floats:
    """Seconds of a hand-over by column; ``lean`` is where the head is, ``head`` its turn [shape=(COLUMNS,)]."""
    times = np.full(COLUMNS, feelings)
    times[list(LIPS)] = lips
    times[list(LIDS)] = lids
    times[GAZE], times[BREATH] = looks, breath
    times[HEAD] = lean, lean, lean, head, head, head
    return times


_TAKEN: Final = _times(lips=0.08, lids=0.1, looks=0.08, feelings=0.3, head=0.25, lean=0.6, breath=1.0)
_RETURNED: Final = _times(lips=0.25, lids=0.2, looks=0.08, feelings=0.8, head=0.6, lean=0.8, breath=0.6)
_CUT: Final = _times(lips=0.09, lids=0.15, looks=0.08, feelings=0.4, head=0.8, lean=0.8, breath=0.4)
"""When interrupted: the lips close within 100 ms, the head goes back from where it has stopped."""
_STOPS: Final = 0.12
"""Seconds in which an interrupted take comes to a stand."""
_AHEAD: Final = 0.08
"""Seconds before a take's end at which the lips may begin to take the shape of the next one's first sound."""
_RINGS: Final = 0.1
"""Seconds after the last phone in which it is left alone by the next take."""
_NEAR: Final = 0.25
"""Seconds before its sound from which a take has the body."""
_STALLED: Final = 0.4
"""Seconds without any more sound after which the body is given back: nobody stands frozen in the middle of a word."""


class Playing:
    """What is said now and next."""

    def __init__(self) -> None:
        """Play nothing."""
        self._next: deque[tuple[Curves, Heard]] = deque()
        self._curves: Curves | None = None
        self._heard: Heard = _silent
        self._time = 0.0
        """Seconds of the take that is shown."""
        self._last_heard: float | None = None
        self._moved = 0.0
        """When that was last seen to go on."""
        self._weights = Glide(np.zeros(COLUMNS))
        self._has_body = False
        self._left_over = np.zeros(COLUMNS)
        """How far the take before differed when this one took its place."""
        self._switched = 0.0
        self._cut: tuple[float, float] | None = None
        """When the take was interrupted, and at which second of it."""

    @property
    def busy(self) -> bool:
        """Whether a take is being played or waits to be."""
        return bool(self._next) or (self._curves is not None and self._cut is None and not self._ended)

    def add(self, take: Performance, heard: Heard, amount_of_gaze: float) -> None:
        """Play it when what was added before is over."""
        self._next.append((Curves(take, amount_of_gaze), heard))

    def cut(self, now: float) -> None:
        """Come to a stand and forget what was to be played."""
        self._next.clear()
        if self._curves is not None and self._cut is None:
            self._cut = (now, self._time)
            self._hand_over(now, False, _CUT)

    def at(self, now: float, step: float) -> tuple[Floats, Floats]:
        """The moment and the weights of its columns, 0..1; 0 where nothing is played [shape=(COLUMNS,) each].

        ``step`` is how many seconds the frame stands for.
        """
        self._advance(now)
        if self._curves is None:
            return np.zeros(COLUMNS), np.zeros(COLUMNS)
        return self._moment(now, step), np.clip(self._weights.at(now), 0.0, 1.0)

    @property
    def _ended(self) -> bool:
        return self._curves is not None and self._time >= self._curves.duration

    def _moment(self, now: float, step: float) -> Floats:
        assert self._curves is not None
        faded = 1 - minimum_jerk((now - self._switched) / _TAKEN)
        return np.asarray(self._curves.at(self._time, step) + faded * self._left_over)

    def _advance(self, now: float) -> None:
        if self._cut is not None:
            since, second = self._cut
            share = min(max((now - since) / _STOPS, 0.0), 1.0)
            self._time = second + _STOPS * (share - share * share / 2)
        elif self._curves is not None:
            self._follow(now)
        while self._next and self._may_switch():
            self._switch(now)
        if self._cut is None and self._curves is not None:
            gone = self._ended or now - self._moved > _STALLED
            self._hand_over(now, not gone, _RETURNED if gone else _TAKEN)
        over = self._cut is not None or self._ended
        if over and not self._has_body and not self._weights.at(now).any():
            self._curves = self._cut = None

    def _follow(self, now: float) -> None:
        heard, last = self._heard(), self._last_heard
        if heard is None or (last is not None and heard <= last):
            return
        if heard > -_NEAR:
            self._moved = now
        if last is None and heard > 0:  # which need not be its beginning
            self._go_over(now, heard)
        self._last_heard, self._time = heard, max(heard, self._time)

    def _go_over(self, now: float, time: float) -> None:
        """Go on from another second of the take, gradually."""
        assert self._curves is not None
        self._left_over = self._moment(now, 0.0) - self._curves.at(time)
        self._switched, self._time = now, time

    def _may_switch(self) -> bool:
        if self._curves is None or self._cut is not None:
            return True
        heard = self._next[0][1]()
        if heard is not None:
            return heard > -_NEAR
        ahead = max(self._curves.duration - _AHEAD, self._curves.voice_ends + _RINGS)
        return self._time >= ahead

    def _switch(self, now: float) -> None:
        before = None if self._curves is None else self._moment(now, 0.0)
        self._curves, self._heard = self._next.popleft()
        self._time, self._last_heard, self._moved, self._cut = 0.0, None, now, None
        self._switched = now
        self._left_over = np.zeros(COLUMNS) if before is None else before - self._curves.at(0.0)
        self._follow(now)

    def _hand_over(self, now: float, to_take: bool, times: Floats) -> None:
        if to_take != self._has_body:
            self._has_body = to_take
            self._weights.to(now, np.full(COLUMNS, float(to_take)), times)


def _silent() -> None:
    return None
