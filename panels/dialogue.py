"""The sidebar's part for recordings: which one, what was understood of it, and its words to correct."""

from typing import Any, ClassVar, Final

import bpy

from ..linly_blender.dialogue.analysis import SURE
from ..linly_blender.score import UNKNOWN
from ..operators import dialogue_state, worker
from ..operators.wording import iface_
from .drawing import Sidebar, aligned, tell, wrapped

_ROWS: Final = 6
_NEWEST: Final = 5
"""Lines that are shown while the recording is still listened to."""
_MOST_PHONES: Final = 40
_LONGEST_LINE: Final = 200
"""Characters of one line that are shown."""
_WELL: Final = 0.7
"""Confidence from which a word needs no look."""


def draw_source(column: bpy.types.UILayout, dialogue: Any) -> None:
    """Which recording it is, and what is known of its words."""
    column.separator()
    row = column.row(align=True)
    row.use_property_split = False
    row.prop(dialogue, "origin", expand=True)
    if dialogue.origin == "FILE":
        column.prop(dialogue, "file", text="")
    else:
        row = column.row(align=True)
        row.prop(dialogue, "strip", text="", icon="SOUND", placeholder="Strip of the sequencer")
        row.operator("linly.dialogue_strip", text="", icon="EYEDROPPER")
    column.separator()
    row = column.row(align=True)
    row.use_property_split = False
    row.prop(dialogue, "words_from", expand=True)
    match dialogue.words_from:
        case "LINE":
            column.prop(dialogue, "line", text="", placeholder="What is said in the recording")
        case "SCRIPT":
            column.template_ID(dialogue, "script", new="text.new", open="text.open")
        case _:
            column.prop(dialogue, "recogniser")
            if dialogue.recogniser == "SHERPA":
                column.prop(dialogue, "recogniser_folder", text="Folder")
            elif dialogue.recogniser == "SERVER":
                column.prop(dialogue, "recogniser_url", text="Server")


def draw_found(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The lines that the work in the background has found so far, the newest last."""
    found = dialogue_state.found
    if found is None or not found.lines or worker.current() is None:
        return
    column = layout.box().column(align=True)
    column.label(text=iface_("Lines heard so far: {count}").format(count=len(found.lines)), translate=False)
    for line in found.lines[-_NEWEST:]:
        text = line.text[:_LONGEST_LINE] or iface_("(sound)")
        wrapped(column, context, f"{dialogue_state.clock(line.start)}  {text}", "SPEAKER")


class LINLY_UL_words(bpy.types.UIList):  # noqa: N801 - Blender's convention
    """The words of the recording."""

    def draw_item(
        self,
        _context: bpy.types.Context,
        layout: bpy.types.UILayout,
        _data: Any,
        item: Any,
        _icon: int,
        _active_data: Any,
        _active_property: str,
        _index: int,
    ) -> None:
        """Draw a row: how sure the word is, what it is, and when."""
        row = layout.split(factor=0.66)
        row.label(text=item.name or iface_("(sound)"), icon=_icon_of(item), translate=False)
        row.label(text=dialogue_state.clock(item.start), translate=False)

    def filter_items(self, _context: bpy.types.Context, data: Any, name: str) -> tuple[list[int], list[int]]:
        """By what is typed, and those to look at if they alone are listed."""
        if data.listed == "ALL" and not self.filter_name:
            return [], []
        typed, shown, is_all = self.filter_name.lower(), self.bitflag_filter_item, data.listed == "ALL"
        return [
            shown if (is_all or row.confidence < _WELL) and typed in row.name.lower() else 0
            for row in getattr(data, name)
        ], []


class LINLY_PT_dialogue(Sidebar, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """What was understood of the recording."""

    bl_label = "Recording"
    bl_parent_id = "LINLY_PT_performance"
    bl_options: ClassVar[set[str]] = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for recordings."""
        return bool(context.scene.linly.source == "RECORDING")

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        dialogue, layout = context.scene.linly.dialogue, self.layout
        analysis = dialogue_state.analysis_of(dialogue)
        if analysis is None:
            column = layout.column(align=True)
            column.label(text="Perform listens to the recording")
            column.operator("linly.dialogue_import", icon="IMPORT")
            return
        self._draw_understood(context, dialogue)
        row = layout.row(align=True)
        row.prop(dialogue, "listed", expand=True)
        layout.template_list("LINLY_UL_words", "", dialogue, "words", dialogue, "active", rows=_ROWS)
        self._draw_word(context, dialogue, analysis)
        column = layout.column(align=True)
        row = column.row(align=True)
        row.operator("linly.dialogue_markers", icon="MARKER_HLT")
        row.operator("linly.dialogue_unmark", text="", icon="X")
        column.operator("linly.dialogue_from_markers", icon="TIME")
        column = layout.column(align=True)
        row = column.row(align=True)
        row.operator("linly.dialogue_import", icon="IMPORT")
        row.operator("linly.dialogue_export", icon="EXPORT")
        column.operator("linly.dialogue_hear", icon="FILE_REFRESH")

    def _draw_understood(self, context: bpy.types.Context, dialogue: Any) -> None:
        """Figures in a line each; where the sound alone counts is folded below them."""
        column = self.layout.column(align=True)
        share = iface_("Speech on phones: {share:.0f} %").format(share=100 * dialogue.on_phones)
        column.label(text=share, icon="CHECKMARK" if dialogue.on_phones > _WELL else "ERROR", translate=False)
        if dialogue.breaths or dialogue.laughs:
            told = iface_("Breaths: {breaths}, laughter: {laughs}")
            column.label(
                text=told.format(breaths=dialogue.breaths, laughs=dialogue.laughs), icon="BLANK1", translate=False
            )
        if dialogue.sound_alone:
            stretches = dialogue.sound_alone.split("\n")
            header, body = column.panel("linly_sound_alone", default_closed=True)
            told = iface_("By sound alone: {count} stretches").format(count=len(stretches))
            header.label(text=told, translate=False)
            if body is not None:
                wrapped(body.column(align=True), context, iface_(", ").join(stretches), "SOUND")

    def _draw_word(self, context: bpy.types.Context, dialogue: Any, analysis: Any) -> None:
        """The selected word, to correct, and its phones."""
        place = dialogue_state.place_of(dialogue, analysis)
        if place is None:
            return
        line = analysis.lines[place.line]
        if line.text:
            wrapped(self.layout.column(align=True), context, line.text[:_LONGEST_LINE], "TEXT")
        column = aligned(self.layout.column(align=True))
        column.enabled = worker.current() is None
        row = column.row(align=True)
        row.prop(dialogue, "word_text", text="Word")
        row.operator("linly.dialogue_go", text="", icon="TRIA_RIGHT_BAR")
        column.prop(dialogue, "word_start", text="Start")
        column.prop(dialogue, "word_end", text="End")
        if dialogue_state.complaint:
            tell(column, context, dialogue_state.complaint, "ERROR")
        row = self.layout.row(align=True)
        row.operator("linly.dialogue_line", text="Split Line").what = "SPLIT"
        row.operator("linly.dialogue_line", text="Join Lines").what = "JOIN"
        row.operator("linly.dialogue_line", text="", icon="TRASH").what = "DELETE"
        phones = [phone for phone in line.phones if phone.word == place.word][:_MOST_PHONES]
        if not phones:
            return
        if all(phone.phone == UNKNOWN for phone in phones):
            wrapped(column, context, iface_("The sound alone moves the mouth here"), "SOUND")
            return
        told = " · ".join(f"{phone.phone} {1000 * (phone.end - phone.start):.0f}" for phone in phones)
        wrapped(column, context, iface_("{phones} ms").format(phones=told), "SPEAKER")


def _icon_of(row: Any) -> str:
    if row.confidence >= _WELL:
        return "CHECKMARK"
    return "QUESTION" if row.confidence >= SURE else "SOUND"
