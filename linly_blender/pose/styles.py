"""Styles: how much, how fast and how often a character moves. Small validated data, presets as JSON beside the code.

A style's file lists only what differs from its ``base``, which is ``neutral`` unless it names another preset. Angles in
the files are degrees and lengths millimetres; in :class:`Style` they are radians and metres. The neutral figures were
set so that a performance measures like the published figures (see ``measure/believability.py``). ``docs/styles.md``
tells users how to write their own.
"""

import functools
import json
import math
import re
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

from ..errors import UserError
from ..plain import read_json

_FOLDER: Final = Path(__file__).parent / "presets"
_MOST_BYTES: Final = 256 * 1024
_LONGEST_NAME: Final = 60
_BLEND: Final = re.compile(r"(?P<first>.+)\+(?P<second>[^+]+?)(?::(?P<share>[+-]?[0-9.]+))?")
"""``A+B:0.3``; the share's colon is told from a drive's by the digits after it."""
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
    bow: Annotated[float, _Range(0, 30, "deg")]
    wobble: Annotated[float, _Range(0, 15, "deg")]
    """From shoulder to shoulder, to each side."""
    contrast: Annotated[float, _Range(0, 12, "deg")]
    """Turn to the other side on a "but"."""
    lower: Annotated[float, _Range(0, 12, "deg")]
    """While an apology is made and a complaint is taken in."""


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
    smile: Annotated[float, _Range(0, 0.6)]
    """Corners of the mouth at the ends of statements and in greetings."""
    smiles: Annotated[float, _Range(0, 1)]
    """Share of statements that end with a smile."""
    warmth: Annotated[float, _Range(0, 0.3)]
    """Corners of the mouth all through friendly and neutral sentences."""


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
    about: str
    """One sentence for people."""
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


def load_style(spec: str, own: Path | None = None) -> Style:
    """A style by its name, the path of its ``.json`` file, or a blend of two: ``lively+serious:0.3``.

    The number is the second one's share, half without it. ``own`` is a folder whose ``styles/NAME.json`` are known by
    name. Raises UserError that names what there is, or what is wrong in a file.
    """
    if not _is_single(spec, own) and (blended := _BLEND.fullmatch(spec)) is not None:
        first, second = (load_style(blended[part], own) for part in ("first", "second"))
        return blend(first, second, _share(spec, blended["share"]))
    if spec in style_names():
        return _preset(spec)
    path = style_file(spec, own)
    if path is None:
        raise UserError(
            f"There is no style {spec!r}. Choose one of: {', '.join(style_names())}, the path of a .json file, "
            "or two of these: lively+serious:0.3."
        )
    return _read(path)


def style_file(spec: str, own: Path | None = None) -> Path | None:
    """The file of a style that is not a preset; None when the name is not that of a file."""
    return own_file(spec, own, "styles")


def own_file(name: str, own: Path | None, kind: str) -> Path | None:
    """The user's file of this name: a path ending in ``.json``, or ``NAME`` for ``own/kind/NAME.json``."""
    if name.lower().endswith(".json"):
        return Path(name)
    if own is not None and Path(name).name == name and (own / kind / f"{name}.json").is_file():
        return own / kind / f"{name}.json"
    return None


def blend(first: Style, second: Style, share: float) -> Style:
    """Between two styles in every figure; ``share`` of the second, 0..1."""
    mixed = _mix(first, second, share)
    assert isinstance(mixed, Style)
    return replace(mixed, name=f"{first.name}+{second.name}:{share:g}", about="")


def parse_style(name: str, data: dict[str, Any]) -> Style:
    """Build a style from its file's content. Raises UserError that names what is missing, unknown or out of range."""
    return _build(name, data, f"style {name!r}")


def style_text(style: Style) -> str:
    """A style as the content of a file that has every figure, a group a line; read back it is the same style.

    Figures have six digits. The file gives no name, so that a copy is called as its file is.
    """
    return group_lines({"about": style.about} | _plain(style))


def group_lines(groups: dict[str, Any]) -> str:
    """JSON with a member a line, as the presets are written."""
    lines = (f"  {json.dumps(name)}: {json.dumps(group, ensure_ascii=False)}" for name, group in groups.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _plain(group: Any) -> dict[str, Any]:
    """Figures in the units of a file."""
    plain: dict[str, Any] = {}
    for name, hint in get_type_hints(type(group), include_extras=True).items():
        value = getattr(group, name)
        if is_dataclass(hint):
            plain[name] = _plain(value)
        elif hint is not str:
            unit = _UNITS[hint.__metadata__[0].unit]
            figures = [float(f"{part / unit:.6g}") for part in (value if isinstance(value, tuple) else (value,))]
            plain[name] = figures if isinstance(value, tuple) else figures[0]
    return plain


def _build(name: str, data: dict[str, Any], where: str) -> Style:
    about = data.get("about", "")
    if not isinstance(about, str):
        raise UserError(f"{where}, about: {about!r} should be a sentence.")
    figures = {key: value for key, value in data.items() if key != "about"}
    style = _parse(Style, figures, where, {"name": name, "about": about})
    assert isinstance(style, Style)
    return style


@functools.cache
def _preset(name: str) -> Style:
    return _build(name, _content(_FOLDER / f"{name}.json"), f"style {name!r}")


def _read(path: Path) -> Style:
    data = _content(path)
    name = data.pop("name", path.stem)
    if not (isinstance(name, str) and name.strip() and name.isprintable() and len(name) <= _LONGEST_NAME):
        raise UserError(f"style {path}, name: {name!r} should be a short text.")
    return _build(name.strip(), data, f"style {path}")


def _content(path: Path) -> dict[str, Any]:
    """A file's figures on top of those of its base."""
    node = read_json(path, _MOST_BYTES)
    if not isinstance(node.value, dict):
        node.complain("a group of values")
    changes = dict(node.value)
    base = changes.pop("base", "neutral")
    if path == _FOLDER / "neutral.json":
        return changes
    if base not in style_names():
        raise UserError(f"style {path}, base: {base!r} should be one of {', '.join(style_names())}.")
    start = {key: value for key, value in _content(_FOLDER / f"{base}.json").items() if key != "about"}
    return _merge(start, changes)


def _is_single(spec: str, own: Path | None) -> bool:
    """Whether this names one style although it may look like a blend: ``a+b.json``."""
    path = style_file(spec, own)
    return path is not None and path.is_file()


def _share(spec: str, text: str | None) -> float:
    try:
        share = 0.5 if text is None else float(text)
    except ValueError:
        share = math.nan
    if not 0.0 <= share <= 1.0:
        raise UserError(f"The blend {spec!r}: {text} should be a number from 0 to 1, the share of the second style.")
    return share


def _mix(first: Any, second: Any, share: float) -> Any:
    if is_dataclass(first) and not isinstance(first, type):
        mixed = {f.name: _mix(getattr(first, f.name), getattr(second, f.name), share) for f in fields(first)}
        return replace(first, **mixed)
    if isinstance(first, tuple):
        return tuple(_mix(a, b, share) for a, b in zip(first, second, strict=True))
    return first if isinstance(first, str) else (1 - share) * first + share * second


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
