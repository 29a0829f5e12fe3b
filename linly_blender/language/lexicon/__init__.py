"""Word lists, written for this project.

A file holds sections, ``[name]`` or ``[name 0.6]`` with a weight, of entries that are separated by commas or lines;
an entry may be several words. ``#`` begins a comment.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_HEADER: Final = re.compile(r"\[([^\]]+?)(?: ([0-9.]+))?\]")


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    weight: float
    entries: tuple[str, ...]


@cache
def sections(file: str) -> tuple[Section, ...]:
    """All sections of ``<file>.txt``, in order; a name may come several times, with different weights."""
    text = (Path(__file__).parent / f"{file}.txt").read_text(encoding="utf-8")
    lines = [line.split("#", 1)[0].strip() for line in text.splitlines()]
    result: list[Section] = []
    name, weight = "", 1.0
    entries: list[str] = []
    for line in [*lines, "[end]"]:
        header = _HEADER.fullmatch(line)
        if header is None:
            entries += [entry.strip() for entry in re.split("[,，]", line) if entry.strip()]
            continue
        if entries:
            result.append(Section(name, weight, tuple(entries)))
        name, weight, entries = header[1], float(header[2] or 1.0), []
    return tuple(result)


def words_of(file: str, name: str) -> frozenset[str]:
    """All entries of the sections of that name."""
    return frozenset(entry for section in sections(file) if section.name == name for entry in section.entries)


@cache
def weights_of(file: str, *names: str) -> dict[str, tuple[str, float]]:
    """Entry -> (section's name, weight), of the sections with these names; of two sections the later holds."""
    chosen = [section for section in sections(file) if section.name in names]
    return {entry: (section.name, section.weight) for section in chosen for entry in section.entries}
