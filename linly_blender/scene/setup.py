"""What was set of a character, kept with it: as text in a custom property of the object that stands for it.

Blender does not save custom properties that were added to a library override. What is set of such a character is kept
with the scene, by the object's name.
"""

import json
from typing import Any, Final

import bpy

from ..rig.files import dump, parse
from ..rig.setup import PLAIN_SETUP, Setup

SETUP: Final = "linly_character"
"""Custom property of the armature, or of the mesh where there is none."""
SETUPS: Final = "linly_characters"
"""Custom property of a scene: a JSON object of such texts by the names of library overrides."""


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
        text = next((kept[obj.name] for kept in map(_of_overrides, obj.users_scene) if obj.name in kept), text)
    return text if text is None or isinstance(text, str) else ""


def keep_setup(obj: bpy.types.Object, setup: Setup) -> None:
    """Keep it with the object, in place of what was kept; what is all plain leaves no trace."""
    if obj.override_library is not None:
        in_library = obj.override_library.reference.get(SETUP) is not None
        for scene in obj.users_scene:
            kept = _of_overrides(scene) | {obj.name: dump(setup)}
            if setup == PLAIN_SETUP and not in_library:
                del kept[obj.name]
            if kept:
                scene[SETUPS] = json.dumps(kept)
            elif SETUPS in scene:
                del scene[SETUPS]
    elif setup != PLAIN_SETUP:
        obj[SETUP] = dump(setup)
    elif SETUP in obj:
        del obj[SETUP]


def _of_overrides(scene: bpy.types.Scene) -> dict[str, Any]:
    """What a scene keeps; what somebody has made unreadable counts as nothing."""
    try:
        kept = json.loads(scene.get(SETUPS, "{}"))
    except (ValueError, TypeError):
        return {}
    return kept if isinstance(kept, dict) else {}
