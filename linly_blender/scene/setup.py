"""What was set of a character, kept with it: as text in a custom property of the object that stands for it.

Blender does not save custom properties that were added to a library override. What is set of such a character is kept
with the scene, beside a pointer to the object, which follows it through other names.
"""

from collections.abc import Iterator
from typing import Final

import bpy

from ..rig.files import dump, parse
from ..rig.setup import PLAIN_SETUP, Setup

SETUP: Final = "linly_character"
"""Custom property of the armature, or of the mesh where there is none."""
SETUPS: Final = "linly_characters"
"""Custom property of a scene: groups, each of a library override and of its text."""
_OBJECT: Final = "object"
_TEXT: Final = "setup"


def read_setup(obj: bpy.types.Object) -> Setup:
    """What is kept with an object; ``PLAIN_SETUP`` where nothing is.

    Raises:
        UserError: what is kept was changed by somebody so that it cannot be read.
    """
    text = kept_text(obj)
    return PLAIN_SETUP if text is None else parse(text, f"What is kept of '{obj.name}' (the property {SETUP})")


def kept_text(obj: bpy.types.Object) -> str | None:
    """The text that is kept with an object, for comparison; None where there is none."""
    text = obj.get(SETUP)  # that of a library holds for its overrides
    if obj.override_library is not None:
        own = (kept for scene in obj.users_scene for other, kept in _of_overrides(scene) if other == obj)
        text = next(own, text)
    return text if text is None or isinstance(text, str) else ""


def keep_setup(obj: bpy.types.Object, setup: Setup) -> None:
    """Keep it with the object, in place of what was kept; what is all plain leaves no trace."""
    if obj.override_library is not None:
        reference = obj.override_library.reference  # None where it is lost
        in_library = reference is not None and reference.get(SETUP) is not None
        for scene in obj.users_scene:
            kept = [entry for entry in _of_overrides(scene) if entry[0] != obj]
            if setup != PLAIN_SETUP or in_library:
                kept.append((obj, dump(setup)))
            if kept:
                scene[SETUPS] = {
                    str(number): {_OBJECT: other, _TEXT: text} for number, (other, text) in enumerate(kept)
                }
            elif SETUPS in scene:
                del scene[SETUPS]
    elif setup != PLAIN_SETUP:
        obj[SETUP] = dump(setup)
    elif SETUP in obj:
        del obj[SETUP]


def _of_overrides(scene: bpy.types.Scene) -> Iterator[tuple[bpy.types.Object, str]]:
    """What a scene keeps of objects that there are; what somebody has made unreadable counts as nothing."""
    kept = scene.get(SETUPS)
    for entry in kept.values() if hasattr(kept, "values") else ():
        obj, text = (entry.get(_OBJECT), entry.get(_TEXT)) if hasattr(entry, "values") else (None, None)
        if isinstance(obj, bpy.types.Object) and isinstance(text, str):
            yield obj, text
