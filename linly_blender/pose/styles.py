"""Styles: how much, how fast and how often a character moves. Small validated data, presets as JSON beside the code.

A preset other than ``neutral`` lists only what differs from it. Angles in the files are degrees and lengths
millimetres; in :class:`Style` they are radians and metres. The neutral figures were set so that a performance measures
like the published figures (see ``measure/believability.py``).
"""

import functools
import json
import math
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

from ..errors import UserError

_FOLDER: Final = Path(__file__).parent / "presets"
_UNITS: Final = {"deg": math.pi / 180, "mm": 0.001, "s": 1.0, "": 1.0}

Three = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class _Range:
    """What a field of a style's file may hold: numbers from ``low`` to ``high`` in ``unit``, ``size`` of them."""

    low: float
    high: float
    unit: str = ""
    size: int = 1


@dataclass(frozen=True, slots=True)
class Posture:
    """Where the head rests for a while, and where it goes next."""

    rest: Annotated[Three, _Range(-15, 15, "deg", 3)]
    """Pitch, yaw, roll the posture varies around while speaking."""
    spread: Annotated[Three, _Range(0, 8, "deg", 3)]
    """Standard deviation of pitch, yaw, roll of the postures taken."""
    shift: Annotated[Three, _Range(0, 30, "mm", 3)]
    """Standard deviation of x, y, z."""
    sink: Annotated[float, _Range(0, 6, "deg")]
    """How far the chin sinks from one nod to the next."""
    every: Annotated[float, _Range(0.4, 10, "s")]
    """Mean seconds between two shifts inside a phrase; each phrase starts with one."""
    duration: Annotated[float, _Range(0.2, 3, "s")]
    """Median seconds a shift takes."""


@dataclass(frozen=True, slots=True)
class Drift:
    """The unconscious part: smooth noise with a natural (1/f) spectrum."""

    size: Annotated[Three, _Range(0, 4, "deg", 3)]
    """Standard deviation of pitch, yaw, roll."""
    shift: Annotated[Three, _Range(0, 10, "mm", 3)]
    pause: Annotated[float, _Range(0, 1)]
    """Speed of the drift in pauses, relative to speech (Hadar 1983: the head is nearly still)."""


@dataclass(frozen=True, slots=True)
class Follow:
    """What follows the voice directly."""

    pitch: Annotated[float, _Range(0, 3, "deg")]
    """Head pitch per semitone of the voice above its running mean."""
    energy: Annotated[float, _Range(0, 8, "deg")]
    """Head pitch down and roll per unit of loudness."""


@dataclass(frozen=True, slots=True)
class Beat:
    """Small quick movements on stressed syllables (Hadar's rapid movements)."""

    chance: Annotated[float, _Range(0, 1)]
    """Share of stressed vowels with a beat."""
    size: Annotated[Three, _Range(0, 4, "deg", 3)]
    """Pitch, yaw, roll."""
    duration: Annotated[float, _Range(0.15, 1, "s")]


@dataclass(frozen=True, slots=True)
class Accent:
    """Nods and swings on emphasised words (Graf 2002, Mori 2025)."""

    nods: Annotated[float, _Range(0, 1)]
    """Share of emphasised words with a nod."""
    swings: Annotated[float, _Range(0, 1)]
    """Share of the others with an abrupt swing to a new posture."""
    size: Annotated[float, _Range(0, 15, "deg")]
    """Median depth of a nod."""
    variation: Annotated[float, _Range(0, 1)]
    """Standard deviation of the depth's logarithm."""
    duration: Annotated[float, _Range(0.3, 1.2, "s")]
    """Median."""
    raises: Annotated[float, _Range(0, 1)]
    """Share of nods that go up instead of down."""
    overshoot: Annotated[float, _Range(0, 1)]
    """Share of nods that swing past the start on the way back."""
    jitter: Annotated[float, _Range(0, 0.15, "s")]
    """Standard deviation of the peak about the stressed vowel (Alexanderson 2013)."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Gestures that carry meaning, and how likely one is where it fits."""

    chance: Annotated[float, _Range(0, 1)]
    shake: Annotated[float, _Range(0, 20, "deg")]
    tilt: Annotated[float, _Range(0, 15, "deg")]
    lift: Annotated[float, _Range(0, 10, "deg")]
    """At the end of a question."""
    push: Annotated[float, _Range(0, 60, "mm")]
    """Forward, on a rhetorical or confirming question."""
    push_pitch: Annotated[float, _Range(0, 12, "deg")]


@dataclass(frozen=True, slots=True)
class Gaze:
    """Looking away and back (Andrist 2013) and small shifts on the viewer's face."""

    away: Annotated[float, _Range(0.5, 5, "s")]
    """Mean seconds of a look away."""
    between: Annotated[float, _Range(1, 20, "s")]
    """Mean seconds from a look back to the next look away."""
    angle: Annotated[float, _Range(3, 30, "deg")]
    """Median size of a look away, eyes and head together."""
    side: Annotated[float, _Range(0, 1)]
    """Share of looks to the side; what remains of 1 after ``up`` goes down."""
    up: Annotated[float, _Range(0, 1)]
    head: Annotated[float, _Range(0, 0.8)]
    """Share of the angle that the head takes."""


@dataclass(frozen=True, slots=True)
class Blink:
    rate: Annotated[float, _Range(0, 60)]
    """A minute."""
    variation: Annotated[float, _Range(0, 1.5)]
    """Coefficient of variation of the intervals."""


@dataclass(frozen=True, slots=True)
class Brows:
    chance: Annotated[float, _Range(0, 1)]
    """Share of emphasised words with raised brows."""
    size: Annotated[float, _Range(0, 1)]
    follow: Annotated[float, _Range(0, 0.2)]
    """``browInnerUp`` per semitone of the voice above its running mean."""


@dataclass(frozen=True, slots=True)
class Micro:
    """Brief small expressions that come and go by themselves."""

    rate: Annotated[float, _Range(0, 60)]
    """A minute."""
    size: Annotated[float, _Range(0, 0.5)]
    smile: Annotated[float, _Range(0, 0.4)]
    """Corners of the mouth at the ends of phrases and in greetings."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the neck never exceeds: rows x, y, z / pitch, yaw, roll."""

    position: Annotated[Three, _Range(1, 60, "deg", 3)]
    speed: Annotated[Three, _Range(10, 400, "deg", 3)]
    acceleration: Annotated[Three, _Range(200, 8000, "deg", 3)]
    shift: Annotated[Three, _Range(1, 120, "mm", 3)]
    shift_speed: Annotated[Three, _Range(10, 1000, "mm", 3)]
    shift_acceleration: Annotated[Three, _Range(100, 20000, "mm", 3)]


@dataclass(frozen=True, slots=True)
class Style:
    """A character's manner of moving. Every figure at the sentence's natural tempo and without emotion."""

    name: str
    amount: Annotated[float, _Range(0, 2)]
    """Size of all head movement; 1 is natural (Munhall 2004: twice as much helps no more than none)."""
    tempo: Annotated[float, _Range(0.4, 2.5)]
    """Speed of all strokes."""
    posture: Posture
    drift: Drift
    follow: Follow
    beat: Beat
    accent: Accent
    signs: Signs
    gaze: Gaze
    blink: Blink
    brows: Brows
    micro: Micro
    limits: Limits


def style_names() -> tuple[str, ...]:
    """Names of all presets, ``neutral`` first."""
    return tuple(sorted((path.stem for path in _FOLDER.glob("*.json")), key=lambda name: (name != "neutral", name)))


@functools.cache
def load_style(name: str) -> Style:
    """Read a preset. Raises UserError when there is none of that name."""
    if name not in style_names():
        raise UserError(f"There is no style {name!r}. Choose one of: {', '.join(style_names())}.")
    neutral = json.loads((_FOLDER / "neutral.json").read_text(encoding="utf-8"))
    changes = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return parse_style(name, _merge(neutral, changes))


def parse_style(name: str, data: dict[str, Any]) -> Style:
    """Build a style from its file's content. Raises UserError that names what is missing, unknown or out of range."""
    style = _parse(Style, data, f"style {name!r}", {"name": name})
    assert isinstance(style, Style)
    return style


def _merge(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        merged[key] = _merge(base[key], value) if isinstance(base.get(key), dict) and isinstance(value, dict) else value
    return merged


def _parse(kind: type[Any], data: Any, where: str, given: dict[str, Any] | None = None) -> Any:
    given = given or {}
    if not isinstance(data, dict):
        raise UserError(f"{where}: expected a group of values, found {data!r}.")
    wanted = [f.name for f in fields(kind) if f.name not in given]
    unknown = sorted(set(data) - set(wanted))
    missing = [name for name in wanted if name not in data]
    for what, names in (("unknown", unknown), ("missing", missing)):
        if names:
            raise UserError(f"{where}: {what} {', '.join(names)}.")
    values = dict(given)
    hints = get_type_hints(kind, include_extras=True)
    for name in wanted:
        place = f"{where}, {name}"
        if is_dataclass(hints[name]):
            values[name] = _parse(hints[name], data[name], place)
        else:
            (allowed,) = hints[name].__metadata__
            values[name] = _numbers(data[name], allowed, place)
    return kind(**values)


def _numbers(value: Any, allowed: _Range, place: str) -> float | tuple[float, ...]:
    numbers = value if allowed.size > 1 and isinstance(value, list) else [value]
    sound = len(numbers) == allowed.size and all(
        isinstance(v, int | float) and not isinstance(v, bool) and allowed.low <= v <= allowed.high for v in numbers
    )
    if not sound:
        count = "a number" if allowed.size == 1 else f"{allowed.size} numbers"
        span = f"from {allowed.low:g} to {allowed.high:g} {allowed.unit}".rstrip()
        raise UserError(f"{place}: {value!r} should be {count} {span}.")
    scaled = tuple(float(v) * _UNITS[allowed.unit] for v in numbers)
    return scaled if allowed.size > 1 else scaled[0]
