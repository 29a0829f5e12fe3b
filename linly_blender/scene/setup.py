"""What was set of a character, kept with it: as text in a custom property of the object that stands for it."""

from typing import Final

import bpy

from ..rig.files import dump, parse
from ..rig.setup import PLAIN_SETUP, Setup

SETUP: Final = "linly_character"
"""Custom property of the armature, or of the mesh where there is none."""


def read_setup(obj: bpy.types.Object) -> Setup:
    """What is kept with an object; ``PLAIN_SETUP`` where nothing is.

    Raises:
        UserError: what is kept was changed by somebody so that it cannot be read.
    """
    text = obj.get(SETUP)
    if text is None:
        return PLAIN_SETUP
    return parse(text if isinstance(text, str) else "", f"The custom property {SETUP} of '{obj.name}'")


def keep_setup(obj: bpy.types.Object, setup: Setup) -> None:
    """Keep it with the object, in place of what was kept; what is all plain leaves no trace."""
    if setup != PLAIN_SETUP:
        obj[SETUP] = dump(setup)
    elif SETUP in obj:
        del obj[SETUP]
