"""What the sidebar's panels share: where they are, and text at the width of the region."""

import re
from typing import Final

import bpy

from ..operators.wording import told_

_LETTER: Final = 6.5
"""Mean width of a letter of Blender's interface font, pixels at scale 1; a wide (CJK) one takes two."""
_WIDE: Final = "\u2e80"
"""From here on letters are wide."""
_WORD: Final = re.compile(r"[^\s\u2e80-\U0010ffff]+[，。；：、！？）”]?\s*|\s+|.[，。；：、！？）”]?\s*")
"""What stays together on a line: a word, or a wide letter, with the punctuation behind it."""
_MARGIN: Final = 90
"""What tabs, frame and icon take of a region's width, pixels at scale 1."""


class Sidebar:
    """Where our panels are."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Linly"


def aligned(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    """The layout, with names on the left and no keyframe dots."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    return layout


def wrapped(column: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: str = "INFO") -> None:
    """Draw a few sentences at the region's width."""
    width = context.region.width / context.preferences.system.ui_scale - _MARGIN
    for sentence in text.split("\n"):
        for index, line in enumerate(lines_of(sentence, max(8, int(width / _LETTER)))):
            column.label(text=line, icon="BLANK1" if index else icon, translate=False)


def lines_of(text: str, width: int) -> list[str]:
    """A sentence as lines of so many letters, of which a wide one counts for two and may end a line.

    >>> lines_of("Two words, 两个词", 10)
    ['Two words,', '两个词']
    """
    lines, room = [""], width
    for word in _WORD.findall(text):
        size = sum(2 if letter >= _WIDE else 1 for letter in word.rstrip())
        if size > room and lines[-1]:
            lines.append("")
            room = width
        for start in range(0, len(word), width):  # of a word that is longer than a line
            if start:
                lines.append("")
            lines[-1] += word[start : start + width]
        room -= size + len(word) - len(word.rstrip())
    return [line.rstrip() for line in lines]


def tell(column: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: str = "INFO") -> None:
    """Draw what the engine tells, a sentence a line, in the interface's language."""
    wrapped(column, context, "\n".join(map(told_, text.split("\n"))), icon)
