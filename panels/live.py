"""The sidebar's part for talking with the character. Drawing looks at values and computes nothing."""

from typing import Any, ClassVar, Final

import bpy

from ..operators import conversation
from ..operators.wording import iface_
from .sidebar import Sidebar, aligned, wrapped

_LAST_TURNS: Final = 6
_LONGEST_TURN: Final = 400
"""Characters of one turn that are shown."""
_ICONS: Final = {"off": "RADIOBUT_OFF", "listening": "REC", "thinking": "SORTTIME", "speaking": "PLAY_SOUND"}


class LINLY_PT_live(Sidebar, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """The conversation."""

    bl_label = "Live"
    bl_parent_id = "LINLY_PT_performance"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        view, live, layout = conversation.view, context.scene.linly.live, self.layout
        is_running = conversation.current() is not None
        column = layout.column(align=True)
        column.scale_y = 1.3
        if is_running:
            column.operator("linly.live_stop", icon="SNAP_FACE")
        else:
            column.operator("linly.live_start", icon="PLAY")
        if view.problem:
            wrapped(layout.column(align=True), context, view.problem, "ERROR")
        if is_running:
            self._draw_state(context, view)
            row = layout.row(align=True)
            row.prop(live, "text", text="", placeholder="What you say")
            row.operator("linly.live_say", text="", icon="EVENT_RETURN")
            row = layout.row(align=True)
            if live.push_to_talk:
                row.operator("linly.live_talk", icon="REC", depress=view.talking)
            row.operator("linly.live_interrupt", icon="CANCEL")
            row.operator("linly.live_record", icon="RADIOBUT_ON", depress=bool(view.recording))
        self._draw_transcript(context, view)
        if is_running and view.notes:
            wrapped(layout.box().column(align=True), context, "\n".join(view.notes))

    def _draw_state(self, context: bpy.types.Context, view: Any) -> None:
        column = self.layout.column(align=True)
        row = column.row()
        row.label(text=_state(view.state), icon=_ICONS[view.state], translate=False)
        row.progress(factor=view.level, text="")
        if view.paused:
            column.label(text=_paused(view.paused), icon="PAUSE", translate=False)
        if view.latencies:
            said = ", ".join(f"{_stage(name)} {1000 * value:.0f}" for name, value in view.latencies.items())
            wrapped(column, context, iface_("Milliseconds: {stages}").format(stages=said), "TIME")

    def _draw_transcript(self, context: bpy.types.Context, view: Any) -> None:
        last = list(conversation.turns)[-_LAST_TURNS:]
        if not last and not view.partial:
            return
        box = self.layout.box().column(align=True)
        for turn in last:
            icon = "USER" if turn.speaker == "user" else "OUTLINER_OB_SPEAKER"
            wrapped(box, context, turn.text[:_LONGEST_TURN].replace("\n", " "), icon)
        if view.partial:
            wrapped(box, context, view.partial[-_LONGEST_TURN:] + " …", "USER")
        if conversation.current() is None:
            self.layout.operator("linly.live_forget", icon="TRASH")


class LINLY_PT_live_settings(Sidebar, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """What the conversation is made of."""

    bl_label = "Conversation"
    bl_parent_id = "LINLY_PT_live"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        live, layout = context.scene.linly.live, aligned(self.layout)
        layout.active = conversation.current() is None
        column = layout.column()
        column.prop(live, "responder")
        if live.responder == "FAQ":
            column.prop(live, "questions_file", text="File")
        elif live.responder == "LLM":
            column.prop(live, "model_url")
            column.prop(live, "model")
            column.prop(live, "persona")
        column.prop(live, "language")
        if live.language == "OTHER":
            column.prop(live, "language_code", text="Code")
        column = layout.column()
        column.prop(live, "recogniser")
        if live.recogniser == "SHERPA":
            column.prop(live, "recogniser_folder", text="Folder")
        elif live.recogniser == "SERVER":
            column.prop(live, "recogniser_url", text="Server")
        column.prop(live, "voice")
        match live.voice:
            case "PIPER":
                column.prop(live, "voice_file", text="File")
            case "SHERPA":
                column.prop(live, "voice_folder", text="Folder")
            case "SERVER":
                column.prop(live, "voice_url", text="Server")
        column = layout.column()
        row = column.row(align=True)
        row.prop(live, "input_device", placeholder="Default")
        row.operator("linly.live_devices", text="", icon="FILE_REFRESH")
        column.prop(live, "output_device", placeholder="Default")
        column.prop(live, "guard")
        column.prop(live, "push_to_talk")


def _state(state: str) -> str:
    match state:
        case "listening":
            return iface_("Listening…")
        case "thinking":
            return iface_("Thinking…")
        case "speaking":
            return iface_("Speaking…")
        case _:
            return iface_("Off")


def _paused(why: str) -> str:
    return iface_("Still while a render runs") if why == "render" else iface_("Still while the animation plays")


def _stage(name: str) -> str:
    """A stage of the conversation as the panel names it; one that it does not know keeps its name."""
    match name:
        case "reaction":
            return iface_("reaction")
        case "recognition":
            return iface_("recognition")
        case "reply":
            return iface_("reply")
        case "voice":
            return iface_("voice")
        case "motion":
            return iface_("movement")
        case "end":
            return iface_("pause")
        case "total":
            return iface_("in all")
        case _:
            return name.replace("_", " ")
