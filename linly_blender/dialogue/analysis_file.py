"""The analysis of a recording as a file that people can read, change and share. ``docs/dialogue.md`` tells the format.

What is read is taken for hostile: every value is checked, and a file that cannot be read whole is refused with a
message that says what is wrong.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, cast, get_args

from ..errors import UserError
from ..files import check_can_write, replacing
from ..language.detect import resolve
from ..plain import Node, check_version, parse_json, read_json
from ..score import (
    CUE_KINDS,
    EMOTIONS,
    NOISE_KINDS,
    SENTENCE_TYPES,
    Cue,
    CueKind,
    Emotion,
    Noise,
    NoiseKind,
    Phone,
    SentenceType,
)
from .analysis import Analysis, Basis, HeardLine, HeardWord

FORMAT: Final = "linly-dialogue"
VERSION: Final = 1
"""Raised when an older program could no longer read what we write."""
BASES: Final = get_args(Basis)
LONGEST: Final = 86_400.0
"""Seconds of a recording."""
OTHER: Final = 0.5
"""Seconds by which the lengths of two decodings of one recording differ at most."""

_MOST_BYTES: Final = 128 * 2**20
"""Two hours of speech need about sixteen megabytes."""
_MOST_ROWS: Final = 1_000_000
_LONGEST_TEXT: Final = 100_000
_LONGEST_PHONE: Final = 32
_STRONGEST_CUE: Final = 100.0
_ROUNDING: Final = 1e-6
"""Seconds by which what touches may overlap."""


def write(analysis: Analysis, path: Path, sound_name: str = "") -> None:
    """Write an analysis, ``path`` ending in ``.json``; it appears whole or not at all.

    Parameters: the recording's name, for people. Raises UserError when it cannot be written, or could not be read
    again.
    """
    check_can_write(path, ".json")
    text = dump(analysis, sound_name)
    parse(text, f"The analysis for {path}")
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def read(path: Path, duration: float | None = None) -> Analysis:
    """Read what ``write`` wrote, or a person.

    Parameters: the seconds of the recording it is for, if that is known. Raises UserError for any fault in the file,
    and when it was made of a recording of another length.
    """
    return _analysis(read_json(path, _MOST_BYTES), duration)


def parse(text: str, source: str, duration: float | None = None) -> Analysis:
    """An analysis from the text of a file; ``source`` names it in messages. Parameters and errors as of ``read``."""
    if len(text) > _MOST_BYTES:
        raise UserError(f"{source} is too big ({len(text)} characters) to be what it should be.")
    return _analysis(parse_json(text, source), duration)


def dump(analysis: Analysis, sound_name: str = "") -> str:
    """As JSON, a word or a phone a line."""
    lines = [
        f'"format": {_compact(FORMAT)}',
        f'"version": {VERSION}',
        f'"recording": {_compact({"name": sound_name, "duration": analysis.duration})}',
        f'"lines": {_list(map(_line_text, analysis.lines))}',
        f'"noises": {_list(_compact(_row(noise, "kind", "start", "end", "strength")) for noise in analysis.noises)}',
        f'"notes": {_list(map(_compact, analysis.notes))}',
    ]
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def check_duration(source: str, own: float, duration: float | None) -> None:
    """Raise UserError when what was made of a recording of ``own`` seconds is read for one of another length."""
    if duration is not None and abs(own - duration) > OTHER:
        raise UserError(
            f"{source} was made of a recording of {own:.1f} s, and this one lasts {duration:.1f} s. Choose the file "
            "that belongs to this recording, or analyse it."
        )


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(rows: Iterable[str], indent: str = "  ") -> str:
    every = list(rows)
    return "[" + ",".join(f"\n{indent}{row}" for row in every) + (f"\n{indent[1:]}]" if every else "]")


def _row(value: object, *names: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _line_text(line: HeardLine) -> str:
    head = _row(line, "text", "language", "start", "end", "basis", "type", "emotion", "intensity", "directed")
    words = (_compact(_row(word, "text", "start", "end", "confidence", "emphasis")) for word in line.words)
    phones = (_compact(_row(phone, "phone", "start", "end", "stress", "word")) for phone in line.phones)
    cues = (_compact(_row(cue, "kind", "time", "amplitude")) for cue in line.cues)
    parts = [f"{_compact(name)}: {_compact(value)}" for name, value in head.items()]
    parts += [f'"{name}": {_list(rows, " " * 4)}' for name, rows in
              (("words", words), ("phones", phones), ("cues", cues))]  # fmt: skip
    return "{" + ",\n   ".join(parts) + "}"


def _analysis(node: Node, duration: float | None) -> Analysis:
    if not isinstance(node.value, dict) or node.value.get("format") != FORMAT:
        raise UserError(f"{node.source} is not the analysis of a recording. Choose a .json file that was saved as one.")
    check_version(node, VERSION, "format")
    own = node["recording"]["duration"].number(0.0, LONGEST)
    check_duration(node.source, own, duration)
    lines: list[HeardLine] = []
    for each in _rows(node["lines"]):
        lines.append(_line(each, lines[-1].end if lines else 0.0, own))
    noises: list[Noise] = []
    for each in _rows(node["noises"]) if "noises" in node.value else ():
        noises.append(_noise(each, noises[-1].end if noises else 0.0, own))
    notes = tuple(_text(each) for each in _rows(node["notes"])) if "notes" in node.value else ()
    return Analysis(own, tuple(lines), tuple(noises), notes)


def _line(node: Node, earliest: float, latest: float) -> HeardLine:
    start, end = _span(node, earliest, latest)
    words: list[HeardWord] = []
    for each in _rows(node["words"]):
        words.append(_word(each, words[-1].start if words else start, end))
    phones: list[Phone] = []
    for each in _rows(node["phones"]):
        phones.append(_phone(each, phones[-1].end if phones else start, end, len(words)))
    members = cast(Mapping[str, Any], node.value)
    return HeardLine(
        text=_text(node["text"]),
        language=_language(node["language"]),
        start=start,
        end=end,
        basis=cast(Basis, node["basis"].choice(BASES)),
        words=tuple(words),
        phones=tuple(phones),
        type=cast(SentenceType, node["type"].choice(SENTENCE_TYPES)) if "type" in members else "statement",
        emotion=cast(Emotion, node["emotion"].choice(EMOTIONS)) if "emotion" in members else "neutral",
        intensity=node["intensity"].number(0.0, 1.0) if "intensity" in members else 0.0,
        cues=tuple(_cue(each, latest) for each in _rows(node["cues"])) if "cues" in members else (),
        directed=node["directed"].value is True if "directed" in members else False,
    )


def _word(node: Node, earliest: float, latest: float) -> HeardWord:
    start, end = _span(node, earliest, latest)
    emphasis = node["emphasis"].number(0.0, 1.0) if "emphasis" in cast(Mapping[str, Any], node.value) else 0.0
    return HeardWord(_text(node["text"]), start, end, node["confidence"].number(0.0, 1.0), emphasis)


def _phone(node: Node, earliest: float, latest: float, words: int) -> Phone:
    name = node["phone"].text()
    if not 0 < len(name) <= _LONGEST_PHONE:
        node["phone"].complain(f"1 to {_LONGEST_PHONE} characters")
    start, end = _span(node, earliest, latest)
    return Phone(name, start, end, node["stress"].integer(0, 2), node["word"].integer(-1, words - 1))


def _cue(node: Node, latest: float) -> Cue:
    kind = cast(CueKind, node["kind"].choice(CUE_KINDS))
    return Cue(kind, node["time"].number(0.0, latest), node["amplitude"].number(0.0, _STRONGEST_CUE))


def _noise(node: Node, earliest: float, latest: float) -> Noise:
    kind = cast(NoiseKind, node["kind"].choice(NOISE_KINDS))
    return Noise(kind, *_span(node, earliest, latest), node["strength"].number(0.0, 1.0))


def _span(node: Node, earliest: float, latest: float) -> tuple[float, float]:
    start = node["start"].number(max(0.0, earliest - _ROUNDING), latest + _ROUNDING)
    return start, node["end"].number(start, latest + _ROUNDING)


def _language(node: Node) -> str:
    code = resolve(node.text())
    if code is None:
        node.complain("a language such as en-us or cmn")
    return code


def _text(node: Node) -> str:
    text = node.text()
    if len(text) > _LONGEST_TEXT:
        node.complain(f"at most {_LONGEST_TEXT} characters")
    return text


def _rows(node: Node) -> Iterable[Node]:
    if isinstance(node.value, list) and len(node.value) > _MOST_ROWS:
        raise UserError(
            f"{node.source} is not valid: {node.place} has {len(node.value)} entries; {_MOST_ROWS} are allowed."
        )
    return node.items()
