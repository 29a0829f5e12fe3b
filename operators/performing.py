"""Making a take: in the background from a button, at once from a script."""

from typing import Any, ClassVar, Final

import bpy

from ..linly_blender.errors import UserError
from . import dialogue_state, worker
from .reasons import Reasoned, while_working, without_text
from .request import Summary
from .settings import take_folder
from .wording import rpt_, tip_, told_

EXTENSION: Final = __package__.rpartition(".")[0]
"""The extension's own module name, which its user folder is found by."""
TICK: Final = 0.1
"""Seconds between two looks at the background's messages, each of which may have the sidebar drawn again."""


class BackgroundTake:
    """What Perform and Bake share: a take made while Blender's window stays alive.

    ``invoke`` starts the thread and a timer; ``modal`` polls. Only the scene's name is kept between two ticks, since
    undo or a script may replace what it names. Called from a script, ``execute`` does the same at once.
    """

    _job: worker.Job | None = None
    _timer: bpy.types.Timer | None = None
    _scene_name = ""

    def finish(self, context: bpy.types.Context, scene: bpy.types.Scene) -> set[str]:
        """Go on with the scene's current take."""
        raise NotImplementedError

    def perform_now(self: Any, context: bpy.types.Context) -> set[str]:
        """Make the take before returning."""
        settings = context.scene.linly
        try:
            summary = settings.work(take_folder(EXTENSION))(lambda share, stage: None)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        settings.remember_take(summary)
        return self.finish(context, context.scene)  # type: ignore[no-any-return]

    def perform_in_background(self: Any, context: bpy.types.Context) -> set[str]:
        """Start making the take."""
        if bpy.app.background:
            return self.perform_now(context)  # type: ignore[no-any-return]
        try:
            work = context.scene.linly.work(take_folder(EXTENSION))
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        self._job = worker.start(work)
        self._scene_name = context.scene.name
        self._timer = context.window_manager.event_timer_add(TICK, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Look at the background's messages; Escape cancels, everything else goes on to Blender."""
        job: worker.Job = self._job
        if event.type == "ESC" and event.value == "PRESS":
            job.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if worker.current() is not job:  # stopped from outside
            self._stop_timer(context)
            return {"CANCELLED"}
        before = (job.share, job.stage)
        outcome = job.poll()
        if outcome is None:
            is_found = dialogue_state.found is not None and dialogue_state.found.take()
            if is_found or before != (job.share, job.stage):
                redraw_sidebars(context)
            return {"PASS_THROUGH"}
        worker.finish()
        self._stop_timer(context)
        redraw_sidebars(context)
        return self._conclude(context, outcome)  # type: ignore[no-any-return]

    def cancel(self: Any, context: bpy.types.Context) -> None:
        """Blender ends the operator: its window is closed or another file is loaded."""
        if worker.current() is self._job:
            worker.stop()
        self._stop_timer(context)

    def _conclude(self: Any, context: bpy.types.Context, outcome: worker.Outcome) -> set[str]:
        if outcome.kind == "cancelled":
            self.report({"INFO"}, rpt_("Cancelled. The take before it is kept"))
            return {"CANCELLED"}
        if outcome.kind == "failed":
            if not isinstance(outcome.payload, UserError):
                assert isinstance(outcome.payload, BaseException)
                raise outcome.payload
            self.report({"ERROR"}, told_(str(outcome.payload)))
            return {"CANCELLED"}
        assert isinstance(outcome.payload, Summary)
        scene = bpy.data.scenes.get(self._scene_name)
        if scene is None:
            self.report({"ERROR"}, rpt_("The scene the take was made for is gone. The take is not used"))
            return {"CANCELLED"}
        scene.linly.remember_take(outcome.payload)
        return self.finish(context, scene)  # type: ignore[no-any-return]

    def _stop_timer(self: Any, context: bpy.types.Context) -> None:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None


def redraw_sidebars(context: bpy.types.Context) -> None:
    """Have every 3D viewport's sidebar drawn again."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


class LINLY_OT_perform(Reasoned, BackgroundTake, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Make a take: the voice and the movement of face and head. The scene is not changed until it is baked"""

    bl_idname = "linly.perform"
    bl_label = "Perform"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return while_working() or without_text(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """From a script: at once."""
        return self.perform_now(context)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """From a button: in the background."""
        return self.perform_in_background(context)

    def finish(self, context: bpy.types.Context, scene: bpy.types.Scene) -> set[str]:
        """Say what was made."""
        settings = scene.linly
        for note in settings.take_notes.splitlines():
            self.report({"WARNING"}, told_(note))
        self.report(
            {"INFO"},
            rpt_("Performed {seconds:.1f} s: {sentences} sentences, {gestures} gestures").format(
                seconds=settings.take_duration, sentences=settings.take_sentences, gestures=settings.take_gestures
            ),
        )
        return {"FINISHED"}


class LINLY_OT_cancel(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Stop making the performance. The take before it is kept"""

    bl_idname = "linly.cancel"
    bl_label = "Cancel"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return None if worker.current() else tip_("Nothing is being made")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Ask the background to stop; the operator that started it says when it has."""
        job = worker.current()
        if job is not None:
            job.cancel()
        return {"FINISHED"}
