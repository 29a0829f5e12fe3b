"""Baking the take onto the character, taking it away again, and the demo avatar."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import bpy

from ..linly_blender import takes
from ..linly_blender.errors import UserError
from ..linly_blender.scene import trial
from ..linly_blender.scene.avatar import build_avatar
from ..linly_blender.scene.bake import bake
from ..linly_blender.scene.character import find_character
from ..linly_blender.scene.remove import remove
from .dialogue_marks import mark_again
from .performing import BackgroundTake
from .reasons import Reasoned, while_working, without_bake, without_character, without_text
from .wording import rpt_, tip_, told_


class Baking(BackgroundTake):
    """What Bake and Sync share: the take that is asked for, made if there is none yet, goes onto the character."""

    def bake_now(self: Any, context: bpy.types.Context) -> set[str]:
        """Before returning."""
        if _has_take(context.scene):
            return self.finish(context, context.scene)  # type: ignore[no-any-return]
        return self.perform_now(context)  # type: ignore[no-any-return]

    def bake_in_background(self: Any, context: bpy.types.Context) -> set[str]:
        """A take that has to be made is made in the background."""
        if _has_take(context.scene):
            return self.finish(context, context.scene)  # type: ignore[no-any-return]
        return self.perform_in_background(context)  # type: ignore[no-any-return]

    def finish(self: Any, context: bpy.types.Context, scene: bpy.types.Scene) -> set[str]:
        """Bake the current take; undone in one step."""
        settings = scene.linly
        if not settings.has_current_take():  # while it was made: it would go where another one belongs
            self.report({"WARNING"}, rpt_("The settings were changed meanwhile. The take is kept; bake it again"))
            return {"CANCELLED"}
        path = settings.take_file()
        if path is None:
            self.report({"ERROR"}, rpt_("The take's file is gone. Perform it again"))
            return {"CANCELLED"}
        if settings.character is None:  # while the take was made
            self.report({"ERROR"}, rpt_("Choose a character first, or add the demo avatar"))
            return {"CANCELLED"}
        trial.stop()
        try:
            with _waiting(context.window):
                character = find_character(settings.character)
                report = bake(scene, character, takes.read(path), settings.bake_options())
            if settings.source == "RECORDING":
                mark_again(settings)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        problems = [problem.message for problem in report.problems]
        settings.show_found(character)
        settings.notes = "\n".join([*report.notes, *problems])
        self.report(
            {"INFO"},
            rpt_("Baked frames {first} to {last} onto {name}: {keys} keys, {share:.0f} % of one a frame").format(
                first=report.first_frame,
                last=report.last_frame,
                name=report.character,
                keys=report.keys,
                share=100 * report.keys / max(report.dense_keys, 1),
            ),
        )
        if problems:
            self.report({"WARNING"}, told_(problems[0]))
        return {"FINISHED"}


class LINLY_OT_bake(Reasoned, Baking, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Write the take onto the character as keyframes."""

    bl_idname = "linly.bake"
    bl_label = "Bake"
    bl_description = (
        "Write the take onto the character as keyframes, with its sound. "
        "A take that no longer fits the text or the recording is made again first"
    )
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        recorded = context.scene.linly.take_is_recorded
        return while_working() or without_character(context) or (None if recorded else without_text(context))

    def execute(self, context: bpy.types.Context) -> set[str]:
        """From a script: at once."""
        return self.bake_now(context)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """From a button."""
        return self.bake_in_background(context)


class LINLY_OT_remove(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Take away exactly what Bake added to the character and the scene"""

    bl_idname = "linly.remove"
    bl_label = "Remove"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return while_working() or without_character(context) or without_bake()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove every take of ours from the character."""
        settings = context.scene.linly
        trial.stop()
        try:
            was_there = remove(find_character(settings.character))
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        if not was_there:
            self.report({"WARNING"}, rpt_("There is no take of ours on this character"))
            return {"CANCELLED"}
        settings.notes = ""
        self.report({"INFO"}, rpt_("Removed"))
        return {"FINISHED"}


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

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Build it and select its head."""
        mesh, _ = build_avatar(context.scene)
        context.scene.linly.character = mesh
        bpy.ops.object.select_all(action="DESELECT")
        mesh.select_set(True)
        context.view_layer.objects.active = mesh
        return {"FINISHED"}


@contextmanager
def _waiting(window: bpy.types.Window | None) -> Iterator[None]:
    """Show the wait cursor: a minute of speech bakes in about a second, an hour does not."""
    if window is None:
        yield
        return
    window.cursor_modal_set("WAIT")
    try:
        yield
    finally:
        window.cursor_modal_restore()


def _has_take(scene: bpy.types.Scene) -> bool:
    """Whether the take's files are there and are what is asked for now. The script's text is compared too."""
    settings = scene.linly
    settings.take_is_current = settings.has_current_take()
    return settings.take_is_current and settings.take_file() is not None
