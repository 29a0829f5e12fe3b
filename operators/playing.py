"""Playing the take, and rolling another seed."""

import secrets
from typing import ClassVar

import bpy

from .reasons import Reasoned, without_bake
from .wording import rpt_, tip_


class LINLY_OT_play(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Play from the take's start frame with sound, dropping frames to stay with it; press again to stop"""

    bl_idname = "linly.play"
    bl_label = "Play"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if context.screen is None:
            return tip_("There is no window to play in")
        return without_bake()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Start or stop playing; the scene's own playback settings stay as they are."""
        if context.screen.is_animation_playing:
            bpy.ops.screen.animation_cancel(restore_frame=False)
            return {"FINISHED"}
        scene = context.scene
        settings = scene.linly
        if not scene.use_audio:
            self.report({"WARNING"}, rpt_("The scene's sound is muted. Turn on Audio in the timeline's Playback menu"))
        if scene.use_preview_range and not (
            scene.frame_preview_start <= settings.baked_start <= scene.frame_preview_end
        ):
            self.report({"WARNING"}, rpt_("The take starts outside the preview range. Clear it to see the take"))
        scene.frame_set(settings.baked_start)
        # sync drops frames for this playback only: the picture stays with the sound, and the scene's setting as it is.
        bpy.ops.screen.animation_play(sync=True)
        return {"FINISHED"}


class LINLY_OT_roll_seed(bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Choose another seed, for another take of the same line"""

    bl_idname = "linly.roll_seed"
    bl_label = "Roll Seed"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Short, so that a seed can be told to somebody else."""
        context.scene.linly.seed = secrets.randbelow(10_000)
        return {"FINISHED"}
