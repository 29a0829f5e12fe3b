"""Styles: how much, how fast and how often a character moves. Small validated data, presets as JSON beside the code.

A preset other than ``neutral`` lists only what differs from it. Angles in the files are degrees and lengths millimetres;
in :class:`Style` they are radians and metres. The neutral figures were set so that a performance measures like the
published figures named at each field (see ``measure/believability.py``).
"""

import functools
import json
import math
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import UserError

_FOLDER: Final = Path(__file__).parent / "presets"
_UNITS: Final = {"deg": math.pi / 180, "mm": 0.001, "s": 1.0, "": 1.0}

Three = tuple[float, float, float]


def _value(low: float, high: float, unit: str = "", size: int = 1) -> Any:
    """Field of a style: allowed range and unit in the file, and how many numbers."""
    return field(metadata={"low": low, "high": high, "unit": unit, "size": size})


@dataclass(frozen=True, slots=True)
class Posture:
    """Where the head rests for a while, and where it goes next."""

    rest: Three = _value(-15, 15, "deg", 3)
    """Pitch, yaw, roll the posture varies around while speaking."""
    spread: Three = _value(0, 8, "deg", 3)
    """Standard deviation of pitch, yaw, roll of the postures taken."""
    shift: Three = _value(0, 30, "mm", 3)
    """Standard deviation of x, y, z."""
    sink: float = _value(0, 6, "deg")
    """How far the chin sinks from one nod to the next."""
    every: float = _value(0.4, 10, "s")
    """Mean seconds between two shifts inside a phrase; each phrase starts with one."""
    duration: float = _value(0.2, 3, "s")
    """Median seconds a shift takes."""


@dataclass(frozen=True, slots=True)
class Drift:
    """The unconscious part: smooth noise with a natural (1/f) spectrum."""

    size: Three = _value(0, 4, "deg", 3)
    """Standard deviation of pitch, yaw, roll."""
    shift: Three = _value(0, 10, "mm", 3)
    pause: float = _value(0, 1)
    """Speed of the drift in pauses, relative to speech (Hadar 1983: the head is nearly still)."""


@dataclass(frozen=True, slots=True)
class Follow:
    """What follows the voice directly."""

    pitch: float = _value(0, 3, "deg")
    """Head pitch per semitone of the voice above its running mean."""
    energy: float = _value(0, 8, "deg")
    """Head pitch down and roll per unit of loudness."""


@dataclass(frozen=True, slots=True)
class Beat:
    """Small quick movements on stressed syllables (Hadar's rapid movements)."""

    chance: float = _value(0, 1)
    """Share of stressed vowels with a beat."""
    size: Three = _value(0, 4, "deg", 3)
    """Pitch, yaw, roll."""
    duration: float = _value(0.15, 1, "s")


@dataclass(frozen=True, slots=True)
class Accent:
    """Nods and swings on emphasised words (Graf 2002, Mori 2025)."""

    nods: float = _value(0, 1)
    """Share of emphasised words with a nod."""
    swings: float = _value(0, 1)
    """Share of the others with an abrupt swing to a new posture."""
    size: float = _value(0, 15, "deg")
    """Median depth of a nod."""
    variation: float = _value(0, 1)
    """Standard deviation of the depth's logarithm."""
    duration: float = _value(0.3, 1.2, "s")
    """Median."""
    raises: float = _value(0, 1)
    """Share of nods that go up instead of down."""
    overshoot: float = _value(0, 1)
    """Share of nods that swing past the start on the way back."""
    jitter: float = _value(0, 0.15, "s")
    """Standard deviation of the peak about the stressed vowel (Alexanderson 2013)."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Gestures that carry meaning, and how likely one is where it fits."""

    chance: float = _value(0, 1)
    shake: float = _value(0, 20, "deg")
    tilt: float = _value(0, 15, "deg")
    lift: float = _value(0, 10, "deg")
    """At the end of a question."""
    push: float = _value(0, 60, "mm")
    """Forward, on a rhetorical or confirming question."""
    push_pitch: float = _value(0, 12, "deg")


@dataclass(frozen=True, slots=True)
class Gaze:
    """Looking away and back (Andrist 2013) and small shifts on the viewer's face."""

    away: float = _value(0.5, 5, "s")
    """Mean seconds of a look away."""
    between: float = _value(1, 20, "s")
    """Mean seconds from a look back to the next look away."""
    angle: float = _value(3, 30, "deg")
    """Median size of a look away, eyes and head together."""
    side: float = _value(0, 1)
    """Share of looks to the side; what remains of 1 after ``up`` goes down."""
    up: float = _value(0, 1)
    head: float = _value(0, 0.8)
    """Share of the angle that the head takes."""


@dataclass(frozen=True, slots=True)
class Blink:
    rate: float = _value(0, 60)
    """A minute."""
    variation: float = _value(0, 1.5)
    """Coefficient of variation of the intervals."""


@dataclass(frozen=True, slots=True)
class Brows:
    chance: float = _value(0, 1)
    """Share of emphasised words with raised brows."""
    size: float = _value(0, 1)
    follow: float = _value(0, 0.2)
    """``browInnerUp`` per semitone of the voice above its running mean."""


@dataclass(frozen=True, slots=True)
class Micro:
    """Brief small expressions that come and go by themselves."""

    rate: float = _value(0, 60)
    """A minute."""
    size: float = _value(0, 0.5)
    smile: float = _value(0, 0.4)
    """Corners of the mouth at the ends of phrases and in greetings."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the neck never exceeds: rows x, y, z / pitch, yaw, roll."""

    position: Three = _value(1, 60, "deg", 3)
    speed: Three = _value(10, 400, "deg", 3)
    acceleration: Three = _value(200, 8000, "deg", 3)
    shift: Three = _value(1, 120, "mm", 3)
    shift_speed: Three = _value(10, 1000, "mm", 3)
    shift_acceleration: Three = _value(100, 20000, "mm", 3)


@dataclass(frozen=True, slots=True)
class Style:
    """A character's manner of moving. Every figure at the sentence's natural tempo and without emotion."""

    name: str
    amount: float = _value(0, 2)
    """Size of all head movement; 1 is natural (Munhall 2004: twice as much helps no more than none)."""
    tempo: float = _value(0.4, 2.5)
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
    wanted = [f for f in fields(kind) if f.name not in given]
    unknown = sorted(set(data) - {f.name for f in wanted})
    missing = [f.name for f in wanted if f.name not in data]
    if unknown or missing:
        raise UserError(
            f"{where}: "
            + "; ".join(f"{what} {', '.join(n)}" for what, n in (("unknown", unknown), ("missing", missing)) if n)
            + "."
        )
    values = dict(given)
    for f in wanted:
        place = f"{where}, {f.name}"
        if isinstance(f.type, type) and is_dataclass(f.type):
            values[f.name] = _parse(f.type, data[f.name], place)
        else:
            values[f.name] = _numbers(data[f.name], f.metadata, place)
    return kind(**values)


def _numbers(value: Any, metadata: Any, place: str) -> float | tuple[float, ...]:
    size, low, high = metadata["size"], metadata["low"], metadata["high"]
    numbers = value if size > 1 and isinstance(value, list) else [value]
    sound = len(numbers) == size and all(
        isinstance(v, int | float) and not isinstance(v, bool) and low <= v <= high for v in numbers
    )
    if not sound:
        count = "a number" if size == 1 else f"{size} numbers"
        raise UserError(
            f"{place}: {value!r} should be {count} from {low:g} to {high:g} {metadata['unit']}".rstrip() + "."
        )
    scaled = tuple(float(v) * _UNITS[metadata["unit"]] for v in numbers)
    return scaled if size > 1 else scaled[0]
