"""Baking the take onto the character, taking it away again, and the demo avatar."""

from typing import ClassVar

import bpy

from .performing import BackgroundTake
from .reasons import Reasoned, while_working, without_bake, without_character, without_text
from .wording import tip_


class LINLY_OT_bake(Reasoned, BackgroundTake, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Write the take onto the character as keyframes."""

    bl_idname = "linly.bake"
    bl_label = "Bake"
    bl_description = (
        "Write the take onto the character as keyframes, with its sound. "
        "A take that no longer fits the text is made again first"
    )
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return while_working() or without_character(context) or without_text(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """From a script: at once."""
        if _has_take(context.scene):
            return self.finish(context, context.scene)
        return self.perform_now(context)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """From a button: a take that has to be made is made in the background."""
        if _has_take(context.scene):
            return self.finish(context, context.scene)
        return self.perform_in_background(context)

    def finish(self, context: bpy.types.Context, scene: bpy.types.Scene) -> set[str]:
        """Bake the current take."""
        raise NotImplementedError


class LINLY_OT_remove(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Take away exactly what Bake added to the character and the scene"""

    bl_idname = "linly.remove"
    bl_label = "Remove"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return while_working() or without_character(context) or without_bake()


class LINLY_OT_add_avatar(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Add the demo avatar to the scene and choose it as the character"""

    bl_idname = "linly.add_avatar"
    bl_label = "Add Demo Avatar"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if context.mode != "OBJECT":
            return tip_("Go back to Object Mode first")
        return while_working()


def _has_take(scene: bpy.types.Scene) -> bool:
    """Whether the take's files are there and are what is asked for now. The script's text is compared too."""
    settings = scene.linly
    settings.take_is_current = settings.has_current_take()
    return settings.take_is_current and settings.take_file() is not None
