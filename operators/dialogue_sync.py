"""The take goes where its strip has gone."""

from typing import ClassVar

import bpy

from ..linly_blender.errors import UserError
from ..linly_blender.scene import follow, trial
from ..linly_blender.scene.character import find_character
from .baking import Baking
from .reasons import Reasoned, while_working, without_bake, without_character
from .wording import rpt_, told_


class LINLY_OT_dialogue_sync(Reasoned, Baking, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Bring the take to where its sound strip was moved, trimmed or retimed to"""

    bl_idname = "linly.dialogue_sync"
    bl_label = "Sync to Strip"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return while_working() or without_character(context) or without_bake()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """From a script: at once."""
        return self._sync(context, in_background=False)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """From a button."""
        return self._sync(context, in_background=True)

    def _sync(self, context: bpy.types.Context, *, in_background: bool) -> set[str]:
        """Move what can be moved. What sounds otherwise is baked anew, unless somebody has changed the keys by hand."""
        scene = context.scene
        trial.stop()
        try:
            character = find_character(scene.linly.character)
            found = follow.following(scene, character)
            is_asked = self._is_asked(scene, found)
            if found.change in {"retimed", "trimmed"} and is_asked and follow.is_as_baked(found):
                return self.bake_in_background(context) if in_background else self.bake_now(context)
            if found.change != "none":
                follow.move(scene, character, found)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        scene.linly.notes = ""
        if found.change == "none":
            self.report({"INFO"}, rpt_("The take lies where its strip does"))
        elif found.change == "moved":
            self.report({"INFO"}, rpt_("The take follows its strip"))
        elif found.change == "retimed":
            self.report({"INFO"}, rpt_("The take was stretched with its strip; Bake would replace your own keys"))
        else:
            self.report({"WARNING"}, rpt_("The strip plays another part of its sound: bake it anew to perform that"))
        return {"FINISHED"}

    def _is_asked(self, scene: bpy.types.Scene, found: follow.Following) -> bool:
        """Whether the settings ask for the recording of this strip; under its new name, if it has one."""
        settings = scene.linly
        dialogue = settings.dialogue
        is_strip = settings.source == "RECORDING" and dialogue.origin == "STRIP" and not settings.take_is_recorded
        if is_strip and dialogue.strip == found.followed.name and found.strip != dialogue.strip:
            dialogue.strip = found.strip
        return is_strip and dialogue.strip == found.strip
