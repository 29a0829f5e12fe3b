"""Somebody who is there although they say nothing: they listen, think, look, breathe and blink on one timeline.

Listeners look at the speaker nearly all the time (Kendon 1967; Argyle & Cook 1976), lean a little towards them
(Mehrabian 1969), blink where a phrase ends (Nakano & Kitazawa 2010) and nod (Hadar 1985); who thinks of an answer looks
up and aside (Andrist 2013), and who is about to speak breathes in half a second before (Rochet-Capellan & Fuchs 2014)
and looks back.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import radians
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX, SHAPES
from ..easing import minimum_jerk
from ..pose import kernels
from ..pose.amounts import BROWS, SMILE, Amounts
from ..pose.breath import deepened
from ..pose.gaze import saccade_time
from ..pose.kernels import Motion
from ..pose.strokes import FIRST_SHAPE, PITCH, ROLL, YAW, Y, Z, shape_channel
from ..pose.styles import Style
from .blinking import Blinking
from .drifting import Drifting
from .glide import Glide

Floats = NDArray[np.float64]
Mood = Literal["idle", "listening", "thinking", "attending", "speaking", "talking"]
"""``speaking`` is performing a take, which brings its own blinks; ``talking`` is speaking without one."""
Backchannel = Literal["notice", "nod", "double_nod", "tilt"]


@dataclass(frozen=True, slots=True)
class _Manner:
    """What a mood does to the body."""

    settles: float
    """Seconds until it is taken on."""
    pitch: float = 0.0
    """Radians of the head, on top of the style's rest."""
    roll: float = 0.0
    """Radians, to a side that is chosen anew each time."""
    y: float = 0.0
    """Metres backwards."""
    blinks: float = 0.65
    """How often, relative to the style's rate, which is that of speaking (17 : 26, Bentivoglio 1997)."""
    drift: float = 2.0
    """Speed of the drift, relative to the style's in pauses."""
    shifts: float = 0.5
    """Size of the posture's shifts now and then, relative to the style's while speaking."""
    face: dict[str, float] = field(default_factory=dict)


_MANNERS: Final[dict[Mood, _Manner]] = {
    "idle": _Manner(1.2),
    "listening": _Manner(0.9, radians(-0.6), radians(1.6), -0.011, 0.4, face={"browInnerUp": 0.07, "eyeWide": 0.03}),
    "thinking": _Manner(0.5, 0.0, radians(1.2), 0.003, 0.8, shifts=0.0, face={"browDown": 0.1, "eyeSquint": 0.06}),
    "attending": _Manner(0.4, radians(0.5), 0.0, -0.004, 0.5, shifts=0.0, face={"browInnerUp": 0.06}),
    "speaking": _Manner(0.7, blinks=0.0, drift=4.0, shifts=0.0),
    "talking": _Manner(0.7, blinks=1.0, drift=4.0, shifts=1.0),
}  # fmt: skip

_THINKING_UP: Final = (0.5, 0.85)
"""Share of the angle of a look in thought that goes up."""
_THINKING: Final = (1.6, 3.0)
"""Seconds until a thinker looks elsewhere."""
_VERTICAL: Final = 0.2
"""The head's part of a look up or down, relative to one aside."""
_FIXATION: Final = np.radians((0.5, 0.8))
"""Standard deviations of the small shifts on the viewer's face: pitch, yaw."""
_NOD: Final = 0.6
"""Depth of a listener's nod, relative to the style's on a word."""
_NOD_TIME, _DOUBLE_NOD_TIME = 0.5, 0.8
"""Seconds."""
_TILT: Final = 0.9
"""A listener's tilt, relative to the style's on a question."""
_TILT_HOLD: Final = 0.9
_NOTICE, _NOTICE_TIME = 0.12, 0.4
"""How far the inner brows go up where a phrase of the other may have ended, and for how many seconds in all."""
_UNDER_WAY: Final = 0.02
"""Seconds by which that blink is ahead of its beginning: lids start fast, and nobody is to wait for the first of it."""
_LOOK_UP: Final = radians(1.8)
"""How far the head goes up at an interruption."""
_CALM: Final = 3.6
"""Seconds of one breath at rest; a good two fifths of it are taken in."""
_EMPTY, _FULL = 0.35, 0.65
_READY: Final = 0.8
"""How full the lungs are of one who is about to answer."""
_INHALE: Final = 0.5
_BREATH_PITCH: Final = radians(0.35)
"""Head lift of a full breath, radians and metres."""
_BREATH_Z: Final = 0.0015
_SHIFTS: Final = (2.5, 6.0)
"""Seconds between two shifts of the posture."""
_SHIFT_TIME: Final = 1.1
"""Seconds; slower than those of a speaker."""
_FARTHEST: Final = 5.0
"""Seconds after which what would have happened meanwhile is not made up for."""
_BLINK_WITH_LOOK: Final = 0.4
"""Share of long looks that take a blink along."""


@dataclass(frozen=True, slots=True)
class Alive:
    """One moment of presence."""

    head: Floats
    """x, y, z in metres, pitch, yaw, roll in radians, at the style's and the user's amounts [shape=(6,)]."""
    target: Floats
    """Pitch, yaw of what is looked at, seen from the character [shape=(2,)]."""
    shapes: Floats
    """Without blinks and looks [shape=(52,)]."""
    lids: Floats
    """How far blinks close the left and the right lid [shape=(2,)]."""
    breath: float

    @property
    def moment(self) -> Floats:
        """All of it but the lids [shape=(COLUMNS,)]."""
        return np.concatenate([self.shapes, self.head, self.target, [self.breath]])


class Presence:
    """The body between words. Time may skip, and never goes back but for what its callers' threads are apart."""

    def __init__(self, style: Style, amounts: Amounts, now: float, rng: np.random.Generator) -> None:
        """Idle from now on."""
        self._style, self._amounts = style, amounts
        self._rng, for_drift, for_blinks = rng.spawn(3)
        self._drifting = Drifting(for_drift)
        self._blinking = Blinking(now, amounts.blinks * style.blink.rate, style.blink.variation, for_blinks)
        self._mood: Mood = "idle"
        self._posture = Glide(np.array([0.0, 0.0, 0.0, *style.posture.rest]))
        self._face = Glide(np.zeros(len(SHAPES)))
        self._speed = Glide(np.array([style.drift.pause]))
        self._look = Glide(np.zeros(2))
        self._breath = Glide(np.array([_EMPTY]))
        self._turn = now + float(self._rng.uniform(0.0, 1.0))
        """When the breath turns."""
        self._next_look = now + 0.6
        self._home = self._posture.target
        """The mood's posture, about which it shifts."""
        self._next_shift = now + float(self._rng.uniform(*_SHIFTS))
        self._motions: list[Motion] = []
        self._last = now
        self._blinking.pace(now, _MANNERS["idle"].blinks)

    @property
    def mood(self) -> Mood:
        return self._mood

    def be(self, now: float, mood: Mood) -> None:
        """Change the mood; nothing happens when it is that already."""
        if mood == self._mood:
            return
        self._pass(now)
        self._mood = mood
        manner, style = _MANNERS[mood], self._style
        settles = manner.settles / style.tempo
        target = np.array([0.0, 0.0, 0.0, *style.posture.rest])
        target[[PITCH, ROLL, Y]] += manner.pitch, manner.roll * self._side(), manner.y
        face = np.zeros(len(SHAPES))
        for name, weight in manner.face.items():
            for column in (name,) if name in INDEX else (f"{name}Left", f"{name}Right"):
                face[INDEX[column]] = weight
        self._face.to(now, face, settles)
        self._home, self._next_shift = target, now + float(self._rng.uniform(*_SHIFTS))
        self._speed.to(now, np.array([manner.drift * style.drift.pause]), 0.3)
        self._blinking.pace(now, manner.blinks)
        if mood == "thinking":
            self._breathe_in(now)
            self._think(now, target)
        else:
            self._posture.to(now, target, settles)
            self._look_at_viewer(now)
            if mood == "attending":
                self._breathe_in(now)

    def backchannel(self, now: float, kind: Backchannel) -> None:
        """Show that something was heard; the head begins to move at once. Nothing while it still does the last one."""
        self._pass(now)
        style, rng = self._style, self._rng
        size = float(rng.uniform(0.85, 1.15))
        match kind:
            case "notice":
                self._blinking.blink(now - _UNDER_WAY)
                brows = ((now, 0.0), (now + _NOTICE_TIME / 3, _NOTICE), (now + _NOTICE_TIME, 0.0))
                self._move(Motion(now, now, now + _NOTICE_TIME, ((shape_channel("browInnerUp"), brows),)))
            case "nod":
                time = _NOD_TIME / style.tempo
                depth = _NOD * size * style.accent.size
                self._move(_at_once(kernels.nod(now + 0.42 * time, depth, time, 0.0, np.inf)))
            case "double_nod":
                time = _DOUBLE_NOD_TIME / style.tempo
                depth = _NOD * size * style.accent.size
                self._move(_at_once(kernels.double_nod(now + 0.3 * time, depth, time, np.inf)))
            case "tilt":
                angle = _TILT * size * self._side() * style.signs.tilt
                self._move(kernels.tilt(now + 0.32, angle, _TILT_HOLD, np.inf))

    def do(self, now: float, motion: Motion) -> None:
        """Make a movement besides, unless one of its channels is moving still."""
        self._pass(now)
        self._move(motion)

    def startle(self, now: float) -> None:
        """Look up at somebody who has broken in: eyes at them at once, the head and the brows a little up."""
        self._pass(now)
        self._look_at_viewer(now)
        for name, size in (("browInnerUp", 0.25), ("browOuterUpLeft", 0.15), ("browOuterUpRight", 0.15)):
            path = ((now, 0.0), (now + 0.15, size), (now + 0.5, size), (now + 1.2, 0.0))
            self._motions.append(Motion(now, now + 0.15, now + 1.2, ((shape_channel(name), path),)))
        up = ((now, 0.0), (now + 0.25, _LOOK_UP), (now + 0.6, _LOOK_UP), (now + 1.4, 0.0))
        self._motions.append(Motion(now, now + 0.25, now + 1.4, ((PITCH, up),)))

    def at(self, now: float) -> Alive:
        """This moment."""
        self._pass(now)
        style, amounts = self._style, self._amounts
        speed = float(self._speed.at(now)[0])
        noise = self._drifting.run(speed * max(now - self._last, 0.0))
        self._last = max(now, self._last)
        lungs = float(deepened(self._breath.at(now), amounts.breathing)[0])
        head = self._posture.at(now) + noise * np.array([*style.drift.shift, *style.drift.size])
        head[PITCH] += _BREATH_PITCH * (lungs - _EMPTY)
        head[Z] += _BREATH_Z * lungs
        shapes = self._face.at(now)
        for motion in self._motions:
            for channel, path in motion.paths:
                value = _along(path, now)
                if channel < FIRST_SHAPE:
                    head[channel] += value
                else:
                    shapes[channel - FIRST_SHAPE] += value
        shapes[BROWS] *= amounts.brows
        shapes[SMILE] *= amounts.smile
        lids = self._blinking.at(now)
        return Alive(
            amounts.head * style.amount * head,
            amounts.gaze * self._look.at(now),
            np.clip(shapes, 0, 1),
            lids,
            float(np.clip(lungs, 0, 1)),
        )

    def _pass(self, now: float) -> None:
        """Let happen what was to happen until now."""
        self._motions = [motion for motion in self._motions if motion.end > now]
        if now - self._turn > _FARTHEST:
            self._turn = now
        while self._turn <= now:
            # Whoever has breathed in deep lets it out at leisure.
            full = self._breath.target[0] > _EMPTY
            seconds = (0.55 if full else 0.45) * _CALM
            self._breath.to(self._turn, np.array([_EMPTY if full else _FULL]), seconds)
            self._turn += seconds
        if now - self._next_shift > _FARTHEST:
            self._next_shift = now
        while self._next_shift <= now:
            if size := _MANNERS[self._mood].shifts:
                spread = size * np.array([*self._style.posture.shift, *self._style.posture.spread])
                aside = np.clip(self._rng.normal(0, spread), -2 * spread, 2 * spread)
                self._posture.to(self._next_shift, self._home + aside, _SHIFT_TIME / self._style.tempo)
            self._next_shift += float(self._rng.uniform(*_SHIFTS))
        if now - self._next_look > _FARTHEST:
            self._next_look = now
        while self._next_look <= now:
            if self._mood == "thinking":
                self._think(self._next_look, self._posture.target.copy())
            else:
                self._saccade(self._next_look, self._rng.normal(0, 1, 2) * _FIXATION)
                self._next_look += 0.15 + float(self._rng.gamma(2.2, 0.38))

    def _breathe_in(self, now: float) -> None:
        if self._breath.target[0] < _READY:
            self._breath.to(now, np.array([_READY]), _INHALE)
        self._turn = now + _INHALE + 0.3

    def _look_at_viewer(self, now: float) -> None:
        far = float(np.hypot(*self._look.target)) > radians(5)
        self._saccade(now, np.zeros(2))
        self._next_look = now + 0.8
        if far and self._rng.random() < _BLINK_WITH_LOOK:
            self._blinking.blink(now)

    def _think(self, now: float, posture: Floats) -> None:
        """Look up and aside, another way than before; the head goes a part of the way."""
        rng, gaze = self._rng, self._style.gaze
        side = -np.sign(self._look.target[1]) if abs(self._look.target[1]) > radians(2) else self._side()
        along = np.arcsin(rng.uniform(*_THINKING_UP))
        angle = gaze.angle * rng.uniform(0.85, 1.15)
        pitch, yaw = angle * np.sin(along), side * angle * np.cos(along)
        self._saccade(now, np.array([pitch, yaw]))
        if rng.random() < _BLINK_WITH_LOOK:
            self._blinking.blink(now)
        rest = self._style.posture.rest
        posture[PITCH] = rest[0] + self._amounts.gaze * _VERTICAL * gaze.head * pitch
        posture[YAW] = rest[1] + self._amounts.gaze * gaze.head * yaw
        self._posture.to(now, posture, rng.uniform(0.45, 0.65) / self._style.tempo)
        self._next_look = now + rng.uniform(*_THINKING)

    def _saccade(self, now: float, target: Floats) -> None:
        self._look.to(now, target, saccade_time(float(np.hypot(*(target - self._look.target)))))

    def _move(self, motion: Motion) -> None:
        busy = {channel for other in self._motions for channel, _ in other.paths}
        if busy.isdisjoint(channel for channel, _ in motion.paths):
            self._motions.append(motion)

    def _side(self) -> float:
        return float(self._rng.choice((-1.0, 1.0)))


def _at_once(nod: Motion) -> Motion:
    """A nod without the preparation the other way: an answer to what was heard cannot wait for it."""
    pitch, *others = nod.paths
    channel, (start, _, *rest) = pitch
    return replace(nod, paths=((channel, (start, *rest)), *others))


def _along(path: tuple[tuple[float, float], ...], now: float) -> float:
    """Where a path of minimum-jerk strokes through ``(time, value)`` knots is."""
    value = path[0][1]
    for (start, before), (end, after) in pairwise(path):
        if now <= start:
            break
        value = before + (after - before) * float(minimum_jerk(np.array((now - start) / (end - start))))
    return value
