"""Dice found backwards: which throws would have led to what the teacher did.

The interval 0..1 is shared out among the choices in each situation as often as the teacher made them, always in the
same order, and a number is drawn within the share of the choice that was made. Over all words the dice are even in
0..1 and say nothing by themselves: what a throw means depends on the situation, which the network has to learn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...arkit import INDEX
from ...pose.context import DICE_NAMES, places, throw
from ...pose.dynamics import dynamics_of
from ...pose.gestures import EMPHASISED, MARKED
from ...pose.layers import Layer
from ...pose.strokes import STEP, YAW
from ...pose.styles import Style
from ...pose.timeline import ASKING, Timeline
from ...score import Gesture

Array = NDArray[np.float32]

_NEAR: Final = 0.3
"""Seconds from a stressed vowel within which a gesture is its."""
_VERTICAL: Final = ("nod", "raise")
_NO_CHANCE: Final = ASKING | {"direction", "listening"}
"""Sources of gestures that come without fail."""
_HALF_CLEAR: Final = 0.35
"""Part of a manner's smile from which a sentence counts as ended with one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the teacher did with one stressed word."""

    situation: tuple[object, ...]
    """All that decides how likely each choice is."""
    nod: int
    """0 nod, 1 raise, 2 neither."""
    turn: int
    """0 to a side, 1 not."""
    brow: int
    """0 raised, 1 not."""
    kind: str
    """Of the gesture; empty without one."""
    size: float
    """Logarithm of the gesture's size relative to the manner's; not a number without a gesture."""
    side: float
    """-1 or 1; 0 where it shows nowhere."""
    late: float
    """Seconds from the stressed vowel; not a number without a nod."""
    smile: float
    """0 smiled at the sentence's end, 1 not; not a number anywhere else."""


def choices_in(timeline: Timeline, style: Style, layer: Layer) -> Iterator[Choice]:
    """Find out what the teacher chose for each stressed word."""
    head = [g for g in layer.gestures if not g.kind.startswith(("gaze", "brow"))]
    lifts = [g for g in layer.gestures if g.kind == "brow_raise" and g.source not in ASKING]
    thoughts = [g for g in layer.gestures if g.kind == "gaze_away"]
    smile = layer.face.get(INDEX["mouthSmileLeft"], np.zeros(len(layer.head)))
    times = np.arange(len(layer.head)) * STEP
    for stress, place in zip(timeline.stresses, places(timeline), strict=True):
        sentence = timeline.sentences[stress.sentence]
        manner = dynamics_of(sentence)
        near = [g for g in head if abs(g.peak - stress.time) < _NEAR and _is_nearest(timeline, stress.time, g.peak)]
        nods = [g for g in near if g.kind in _VERTICAL and g.amplitude > 0 and g.source != "direction"]
        turns = [g for g in near if g.kind not in _VERTICAL and g.source not in _NO_CHANCE]
        brow = any(-0.05 < stress.time - g.start < _NEAR for g in lifts)
        chosen = next(iter(nods + turns), None)
        kind, size = "", np.nan
        if chosen is not None and chosen.amplitude > 0:
            kind = chosen.kind.removesuffix("_left").removesuffix("_right")
            usual = style.accent.size if kind in _VERTICAL else style.signs.tilt
            size = float(np.log(chosen.amplitude / max(usual * manner.size, 1e-6)))
        smiled = np.nan
        if place.last:
            here = smile[(times > sentence.end - 0.1) & (times < sentence.end + 0.2)]
            smiled = float(here.max(initial=0.0) < _HALF_CLEAR * max(style.micro.smile, 1e-6))
        yield Choice(
            (
                (stress.emphasis >= EMPHASISED) + (stress.emphasis >= MARKED),
                stress.stress > 0,
                place.meaning,
                place.listing and place.marked,
                place.strongest and sentence.type,
                place.opening,
                round(2 * min(style.accent.nods * manner.often, 1.0)),
                round(2 * style.brows.chance),
            ),
            _VERTICAL.index(nods[0].kind) if nods else 2,
            0 if turns else 1,
            0 if brow else 1,
            kind,
            size,
            _side(turns[0], layer)
            if turns
            else _look(thoughts, stress.time, layer)
            if place.meaning == "thinking"
            else 0.0,
            nods[0].peak - stress.time if nods else np.nan,
            smiled,
        )


def _is_nearest(timeline: Timeline, time: float, peak: float) -> bool:
    around = timeline.stresses_between(peak - _NEAR, peak + _NEAR)
    return all(abs(other.time - peak) >= abs(time - peak) for other in around)


def _side(gesture: Gesture, layer: Layer) -> float:
    """The side that a gesture goes to first: the left is 1."""
    if gesture.kind in ("tilt_left", "tilt_right"):
        return 1.0 if gesture.kind == "tilt_left" else -1.0
    start, peak = (min(max(round(time / STEP), 0), len(layer.head) - 1) for time in (gesture.start, gesture.peak))
    return 1.0 if layer.head[peak, YAW] >= layer.head[start, YAW] else -1.0


def _look(thoughts: Sequence[Gesture], time: float, layer: Layer) -> float:
    """The side that the look of a thought at this time goes to; 0 when there is none."""
    for look in thoughts:
        if look.start - _NEAR < time < look.end + _NEAR:
            middle = min(round((look.start + look.end) / 2 / STEP), len(layer.gaze) - 1)
            return 1.0 if layer.gaze[middle, 1] >= 0 else -1.0
    return 0.0


def dice_behind(choices: Sequence[Choice], rng: np.random.Generator) -> Array:
    """Dice for choices, columns ``DICE_NAMES`` [shape=(n, 7)]."""
    rows = throw(len(choices), rng).rows
    column = {name: index for index, name in enumerate(DICE_NAMES)}
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, choice in enumerate(choices):
        groups.setdefault(choice.situation, []).append(index)
    for name, options in (("nod", 3), ("turn", 2), ("brow", 2)):
        made = np.array([getattr(choice, name) for choice in choices])
        for group in groups.values():
            rows[group, column[name]] = _shared_out(made[group], options, rng)
    smiles = np.array([choice.smile for choice in choices])
    known = np.flatnonzero(np.isfinite(smiles))
    rows[known, column["smile"]] = _shared_out(smiles[known].astype(int), 2, rng)
    sizes = np.array([choice.size for choice in choices])
    kinds = np.array([choice.kind for choice in choices])
    for kind in sorted(set(kinds.tolist())):
        of = np.flatnonzero(np.isfinite(sizes) & (kinds == kind))
        if len(of):
            rows[of, column["size"]] = np.clip((sizes[of] - sizes[of].mean()) / (sizes[of].std() + 1e-6), -2, 2)
    late = np.array([choice.late for choice in choices])
    of = np.flatnonzero(np.isfinite(late))
    if len(of):
        rows[of, column["late"]] = np.clip((late[of] - late[of].mean()) / (late[of].std() + 1e-6), -2, 2)
    side = np.array([choice.side for choice in choices])
    rows[side != 0, column["side"]] = side[side != 0]
    return rows


def _shared_out(made: NDArray[np.int64], options: int, rng: np.random.Generator) -> Array:
    share = np.bincount(made, minlength=options) / max(len(made), 1)
    below = np.concatenate([[0.0], np.cumsum(share)[:-1]])
    return np.asarray(below[made] + share[made] * rng.random(len(made)), np.float32)
