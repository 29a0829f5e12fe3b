"""Playing the take, and rolling another seed."""

import secrets
from typing import ClassVar

import bpy

from ..linly_blender.errors import UserError
from ..linly_blender.scene import ledger, trial
from ..linly_blender.scene.character import find_character
from ..linly_blender.scene.checks import find_problems
from .reasons import Reasoned, without_bake, without_character
from .wording import tip_, told_


class LINLY_OT_play(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Play from the take's start frame with sound, dropping frames to stay with it; press again to stop"""

    bl_idname = "linly.play"
    bl_label = "Play"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if context.screen is None:
            return tip_("There is no window to play in")
        if context.screen.is_animation_playing:
            return None
        return without_character(context) or without_bake()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Start or stop playing; the scene's own playback settings stay as they are."""
        if context.screen.is_animation_playing:
            bpy.ops.screen.animation_cancel(restore_frame=False)
            return {"FINISHED"}
        scene = context.scene
        trial.stop()
        try:
            character = find_character(scene.linly.character)
            span = ledger.span(character)
            problems = [problem.message for problem in find_problems(scene, character)]
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        scene.linly.notes = "\n".join(problems)
        if problems:
            self.report({"WARNING"}, told_(problems[0]))
        if span is None:
            return {"CANCELLED"}
        scene.frame_set(int(span[0]))
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
