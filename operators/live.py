"""Talking with the character: Start and Stop, Say, Talk, Interrupt, Record."""

import functools
from typing import Any, ClassVar

import bpy

from ..linly_blender.errors import UserError
from . import conversation
from .live_settings import EXTENSION, forget_devices, keys, preferences
from .reasons import Reasoned, while_working, without_character
from .settings import take_folder
from .wording import rpt_, tip_, told_


def _without_conversation() -> str | None:
    """Why nobody listens."""
    return None if conversation.current() else tip_("Start the conversation first")


class LINLY_OT_live_start(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Talk with the character: it listens, answers and moves in the viewport. Nothing is keyed"""

    bl_idname = "linly.live_start"
    bl_label = "Start"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if conversation.current():
            return tip_("The conversation is running")
        if conversation.is_ending():
            return tip_("The last conversation is still ending. Wait a few seconds")
        return while_working() or without_character(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Open it; what goes wrong later is told in the sidebar."""
        linly = context.scene.linly
        try:
            settings = linly.live.settings(linly)
            hold = conversation.HOLDS[preferences().place]
            opened = functools.partial(hold, settings, keys(), bpy.app.online_access, tuple(conversation.turns))
            conversation.start(opened, linly.character.name, context.scene)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


class LINLY_OT_live_stop(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """End the conversation and give the character its pose back"""

    bl_idname = "linly.live_stop"
    bl_label = "Stop"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def disabled_reason(cls, _context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return _without_conversation()

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """End it; what hangs ends in the background."""
        conversation.stop(wait=False)
        return {"FINISHED"}


class LINLY_OT_live_say(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Say the text to the character instead of speaking"""

    bl_idname = "linly.live_say"
    bl_label = "Say"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if context.scene.linly.live.text.isspace() or not context.scene.linly.live.text:
            return _without_conversation() or tip_("Write what you say first")
        return _without_conversation()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Hand it over, and have the field empty for the next."""
        live = context.scene.linly.live
        conversation.tell(("say", live.text.strip()))
        live.text = ""
        return {"FINISHED"}


class LINLY_OT_live_talk(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Have the character listen to you, until it is pressed again; by a shortcut, as long as the key is held"""

    bl_idname = "linly.live_talk"
    bl_label = "Talk"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    _key = ""

    @classmethod
    def disabled_reason(cls, _context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return _without_conversation()

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """On, or off."""
        _talk(not conversation.view.talking)
        return {"FINISHED"}

    def invoke(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """By a key: until it is released."""
        if event.value != "PRESS" or "MOUSE" in event.type:
            return self.execute(context)  # type: ignore[no-any-return]
        self._key = event.type
        _talk(True)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, _context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Wait for the release; the key's repetitions are nobody else's."""
        if event.type in {self._key, "WINDOW_DEACTIVATE"} and event.value != "PRESS":
            _talk(False)
            return {"FINISHED"}
        if conversation.current() is None:
            return {"CANCELLED"}
        return {"RUNNING_MODAL"} if event.type == self._key else {"PASS_THROUGH"}

    def cancel(self, _context: bpy.types.Context) -> None:
        """Blender ends the operator: its window is closed or another file is loaded."""
        _talk(False)


class LINLY_OT_live_interrupt(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Have the character stop speaking and listen"""

    bl_idname = "linly.live_interrupt"
    bl_label = "Interrupt"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def disabled_reason(cls, _context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return _without_conversation()

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """At once."""
        conversation.tell(("interrupt", None))
        return {"FINISHED"}


class LINLY_OT_live_record(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Keep what the character says and does from now on; press again to have it as a take, ready to bake"""

    bl_idname = "linly.live_record"
    bl_label = "Record"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def disabled_reason(cls, _context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return _without_conversation()

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Begin, or end and keep."""
        if conversation.view.recording:
            conversation.keep()
        else:
            conversation.record(take_folder(EXTENSION))
        return {"FINISHED"}


class LINLY_OT_live_forget(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Forget what was said: the next conversation begins anew"""

    bl_idname = "linly.live_forget"
    bl_label = "Forget"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def disabled_reason(cls, _context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if conversation.current():
            return tip_("Stop the conversation first")
        return None if conversation.turns else tip_("Nothing has been said")

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Empty the transcript."""
        conversation.forget()
        return {"FINISHED"}


class LINLY_OT_live_devices(bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Look for microphones and speakers again"""

    bl_idname = "linly.live_devices"
    bl_label = "Refresh Devices"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """They are listed when a field is opened."""
        forget_devices()
        self.report({"INFO"}, rpt_("Devices are looked for when you choose one"))
        return {"FINISHED"}


def _talk(pressed: bool) -> None:
    conversation.tell(("push_to_talk", pressed))
    conversation.view.talking = pressed
