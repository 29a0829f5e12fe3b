"""What was found of a character, for people and for programs: as lines of a table, and as values for JSON.

The values are told in ``docs/rigs.md``; the table is made of them, so that both say the same.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ..errors import some_of
from .mapping import POSES, Coverage, Mapping
from .recognise import Recognition
from .skeleton import Bones, Found, Pair

FORMAT: Final = "linly-detection"
VERSION: Final = 1
"""Raised when a member changes its meaning or goes."""
Values = dict[str, Any]
_BONES: Final = {
    "head": "head",
    "necks": "neck",
    "chest": "chest",
    "jaw": "jaw",
    "eyes": "eye",
    "eye_targets": "target of the eye",
    "eye_target": "target of both eyes",
    "lids_upper": "upper lid",
    "lids_lower": "lower lid",
}
"""What the bones are called, by their member in ``Bones``."""
_WANTED: Final = ("head", "necks", "chest", "jaw", "eyes")
"""What is told of when it is not there."""
_SURE: Final = "Sure"
"""Title of the columns of numbers."""


def of_file(file: str, characters: Sequence[Values], notes: Iterable[str]) -> Values:
    """The whole answer: who is in a file, each as ``of_character`` has it."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "file": file,
        "can_speak": any(one["can_speak"] for one in characters),
        "characters": list(characters),
        "notes": list(notes),
    }


def of_character(
    name: str, armature: str | None, found: Recognition, bones: Bones | None, notes: Iterable[str]
) -> Values:
    """Everything that was found of a character.

    Parameters: the object that stands for it; its armature; what shows the channels; the armature's bones; what a
    person should know.
    """
    return {
        "name": name,
        "armature": armature,
        "can_speak": found.can_speak,
        "summary": "; ".join([found.summary] + ([bones.summary] if bones is not None else [])),
        "convention": found.convention,
        "title": found.title,
        "score": round(found.score, 3),
        "runner_up": found.runner_up,
        "runner_up_score": round(found.runner_up_score, 3),
        "meshes": list(found.meshes),
        "channels": [_channel(one, found.mapping) for one in found.coverage],
        "bones": _bones(bones) if bones is not None else None,
        "notes": list(notes),
    }


def table(report: Values) -> Iterator[str]:
    """Lines of the answer for people; what would disturb a terminal is shown as a question mark."""
    for character in report["characters"]:
        for line in _of_character(character):
            yield _printable(line)
        yield ""
    for note in report["notes"]:
        yield _printable(f"note: {note}")
    if report["characters"]:
        yield _printable(_verdict(report))


def _channel(one: Coverage, mapping: Mapping) -> Values:
    return {
        "channel": one.channel,
        "how": one.how,
        "confidence": one.confidence,
        "keys": list(one.keys),
        "reason": one.reason,
        "targets": [
            {"mesh": mesh if mesh != POSES else None, "key": key, "weight": round(weight, 6)}
            for mesh, key, weight in mapping.targets(one.channel)
        ],
    }


def _bones(bones: Bones) -> Values:
    told: Values = {"convention": bones.layout, "title": bones.title}
    for role in _BONES:
        told[role] = _found(getattr(bones, role))
    told["jaw_axis"] = list(bones.jaw_axis) if bones.jaw_axis is not None else None
    return told


def _found(found: Found | Pair | Sequence[Found] | None) -> Values | list[Values | None] | None:
    if isinstance(found, Found):
        return {"bone": found.bone, "confidence": round(found.confidence, 3), "reason": found.reason}
    if isinstance(found, Pair):
        return {"left": _found(found.left), "right": _found(found.right)}
    return [_found(one) for one in found] if found is not None else None  # type: ignore[misc]


def _of_character(character: Values) -> Iterator[str]:
    yield f"{character['name']}: {character['summary']}"
    if character["bones"] is not None:
        yield ""
        yield from _columns(("Bone", "Name", _SURE, "Why"), _bone_rows(character["bones"]))
        gone = [_BONES[role] for role in _WANTED if not character["bones"][role]]
        if gone:
            yield f"  not found: {some_of(gone)}"
    yield ""
    yield from _columns(
        ("Channel", "Shown by", _SURE, "Keys", "Why"),
        (
            (one["channel"], one["how"], _percent(one), some_of(one["keys"]) if one["keys"] else "", one["reason"])
            for one in character["channels"]
        ),
    )
    if character["notes"]:
        yield ""
    for note in character["notes"]:
        yield f"  note: {note}"


def _bone_rows(bones: Values) -> Iterator[tuple[str, ...]]:
    for role, title in _BONES.items():
        found = bones[role]
        if not found:
            continue
        if isinstance(found, list):
            named = [(title, one) for one in found]
        elif "left" in found:
            named = [(f"{side} {title}", found[side]) for side in ("left", "right")]
        else:
            named = [(title, found)]
        for name, one in named:
            yield (name, one["bone"], _percent(one), one["reason"])


def _verdict(report: Values) -> str:
    names = [one["name"] for one in report["characters"]]
    able = [one["name"] for one in report["characters"] if one["can_speak"]]
    if len(names) == 1:
        return f"{names[0]} can speak." if able else f"{names[0]} cannot speak: nothing opens the mouth."
    if not able:
        return f"None of {len(names)} characters can speak: nothing opens their mouths."
    return f"{len(able)} of {len(names)} characters can speak: {some_of(able)}."


def _percent(found: Values) -> str:
    return f"{100 * found['confidence']:.0f} %" if found["confidence"] else ""


def _columns(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table with columns as wide as what is in them; numbers stand at the right."""
    every = [head, *rows]
    widths = [max(_width(row[column]) for row in every) for column in range(len(head))]
    for row in every:
        cells = []
        for title, text, width in zip(head, row, widths, strict=True):
            blank = " " * (width - _width(text))
            cells.append(blank + text if title == _SURE else text + blank)
        yield f"  {'  '.join(cells)}".rstrip()


def _width(text: str) -> int:
    """In columns of a terminal, where Chinese and its kin take two."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
