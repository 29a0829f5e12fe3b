"""The sidebar's part for talking with the character. Drawing looks at values and computes nothing."""

from typing import Any, ClassVar, Final

import bpy

from ..operators import conversation
from ..operators.wording import iface_
from .drawing import Sidebar, aligned, tell, wrapped

_LAST_EXCHANGES: Final = 4
_LONGEST_TURN: Final = 400
"""Characters of one turn that are shown."""
_ICONS: Final = {"off": "RADIOBUT_OFF", "listening": "REC", "thinking": "SORTTIME", "speaking": "PLAY_SOUND"}


class LINLY_PT_live(Sidebar, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """The conversation."""

    bl_label = "Live"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel. What grows stands below what is pressed, so that no button moves away from the mouse."""
        view, linly, layout = conversation.view, context.scene.linly, self.layout
        is_running = conversation.current() is not None
        column = aligned(layout.column())
        column.enabled = not is_running
        column.prop(linly, "character")
        if linly.character is None:
            column.operator("linly.add_avatar", icon="USER")
        column = layout.column(align=True)
        column.scale_y = 1.3
        if is_running:
            column.operator("linly.live_stop", icon="SNAP_FACE")
            self._draw_controls(linly.live, view)
        else:
            column.operator("linly.live_start", icon="PLAY")
        if view.problem:
            tell(layout.box().column(align=True), context, view.problem, "ERROR")
        if is_running and view.notes:
            tell(layout.box().column(align=True), context, "\n".join(view.notes))

    def _draw_controls(self, live: Any, view: Any) -> None:
        row = self.layout.row()
        if view.paused:
            row.label(text=_paused(view.paused), icon="PAUSE", translate=False)
        else:
            row.label(text=_state(view.state), icon=_ICONS[view.state], translate=False)
            row.progress(factor=view.level, text="")
        column = self.layout.column(align=True)
        answers = live.responder != "MIRROR"
        if answers:
            row = column.row(align=True)
            row.prop(live, "text", text="", placeholder="What you say")
            row.operator("linly.live_say", text="", icon="EVENT_RETURN")
        row = column.row(align=True)
        if live.push_to_talk:
            row.operator("linly.live_talk", icon="REC", depress=view.talking)
        if answers:
            row.operator("linly.live_interrupt", icon="CANCEL")
        row.operator("linly.live_record", icon="RADIOBUT_ON", depress=bool(view.recording))


class LINLY_PT_live_settings(Sidebar, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """What the conversation is made of."""

    bl_label = "Settings"
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
        if live.responder != "MIRROR":
            self._draw_services(layout.column(), live)
        column = layout.column()
        row = column.row(align=True)
        row.prop(live, "input_device", placeholder="Default")
        row.operator("linly.live_devices", text="", icon="FILE_REFRESH")
        if live.responder != "MIRROR":
            column.prop(live, "output_device", placeholder="Default")
            column.prop(live, "guard")
        column.prop(live, "push_to_talk")

    def _draw_services(self, column: Any, live: Any) -> None:
        """What understands, and what answers are spoken with."""
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


class LINLY_PT_live_transcript(Sidebar, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """What was said, and how fast it was answered. It grows, and so it is the last, and the newest stands above."""

    bl_label = "Transcript"
    bl_parent_id = "LINLY_PT_live"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Only when there is any."""
        return bool(conversation.turns or conversation.view.partial)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        view = conversation.view
        if view.latencies:
            self._draw_latencies(view.latencies)
        if view.partial:
            wrapped(self.layout.box().column(align=True), context, view.partial[-_LONGEST_TURN:] + " …", "USER")
        for exchange in conversation.exchanges()[: -_LAST_EXCHANGES - 1 : -1]:
            box = self.layout.box().column(align=True)
            for turn in exchange:
                icon = "USER" if turn.speaker == "user" else "OUTLINER_OB_SPEAKER"
                text = turn.text[:_LONGEST_TURN].replace("\n", " ")
                wrapped(box, context, f"{text} …" if turn.unsaid else text, icon)
        if conversation.current() is None:
            self.layout.operator("linly.live_forget", icon="TRASH")

    def _draw_latencies(self, latencies: dict[str, float]) -> None:
        """The whole in a line, and the stages folded below it."""
        header, body = self.layout.panel("linly_live_latencies", default_closed=True)
        answered = iface_("Answered after {seconds:.2f} s").format(seconds=latencies.get("total", 0.0))
        header.label(text=answered, icon="TIME", translate=False)
        if body is not None:
            column = body.column(align=True)
            for name, value in latencies.items():
                row = column.split(factor=0.6)
                row.label(text=_stage(name), icon="BLANK1", translate=False)
                row.label(text=f"{1000 * value:.0f} ms", translate=False)


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
