"""The sidebar's tab: character, text, Perform, Bake, Play, Remove. Drawing looks at values and computes nothing."""

from typing import ClassVar

import bpy

from ..linly_blender.pose.amounts import AMOUNT_NAMES
from ..operators import character_state, found, worker
from ..operators.settings import LINLY_PG_settings
from ..operators.wording import iface_
from .dialogue import draw_found, draw_source
from .drawing import Sidebar, aligned, tell, wrapped


class LINLY_PT_performance(Sidebar, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """From a line of text to a baked take."""

    bl_label = "Talking Character"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        settings, layout = context.scene.linly, aligned(self.layout)

        column = layout.column(align=True)
        column.prop(settings, "character")
        column.operator("linly.detect", icon="VIEWZOOM")
        if settings.character is None:
            column.operator("linly.add_avatar", icon="USER")
        else:
            self._draw_found(context, character_state.view(settings.character))

        layout.separator()
        self._draw_text(settings)

        column = layout.column()
        column.prop(settings, "language")
        if settings.language == "OTHER":
            column.prop(settings, "language_code", text="Code")
        if settings.source != "RECORDING":
            column.prop(settings, "voice", placeholder="Default")
        column.prop(settings, "style")
        if settings.style == "OWN":
            column.prop(settings, "style_file", text="File")
        if settings.source != "RECORDING":
            column.prop(settings, "emotion")
        row = column.row(align=True)
        row.prop(settings, "seed")
        row.operator("linly.roll_seed", text="", icon="FILE_REFRESH")

        layout.separator()
        self._draw_work(context)
        if settings.source == "RECORDING":
            draw_found(layout, context)
        self._draw_take(context, settings)

    def _draw_found(self, context: bpy.types.Context, view: character_state.View) -> None:
        """A line of what was found, and folded below it what is not as it might be."""
        column, character = self.layout.column(align=True), view.character
        if character is None:
            tell(column, context, view.problem, "ERROR")
            return
        wrapped(column, context, found.found_line(character), "CHECKMARK")
        if not character.found.can_speak:
            wrapped(column, context, iface_("Nothing opens the mouth, so that it cannot speak"), "ERROR")
        if told := found.remarks(character):
            tell(column, context, "\n".join(told))
        missing = character.missing_shapes
        lists = (
            ("linly_missing", iface_("{count} missing"), [iface_(", ").join(missing)] if missing else [], len(missing)),
            ("linly_stand_ins", iface_("{count} by stand-ins"), found.stand_ins(character), None),
            ("linly_doubtful", iface_("{count} to look at"), found.doubtful(character), None),
        )
        for name, title, every, number in lists:
            lines = list(every)
            if lines:
                header, body = column.panel(name, default_closed=True)
                header.label(text=title.format(count=number or len(lines)), translate=False)
                if body is not None:
                    wrapped(body.column(align=True), context, "\n".join(lines), "DOT")

    def _draw_text(self, settings: LINLY_PG_settings) -> None:
        column = self.layout.column(align=True)
        row = column.row(align=True)
        row.use_property_split = False
        row.prop(settings, "source", expand=True)
        if settings.source == "LINE":
            column.prop(settings, "line", text="", placeholder="What the character says")
        elif settings.source == "SCRIPT":
            column.template_ID(settings, "script", new="text.new", open="text.open")
        else:
            draw_source(column, settings.dialogue)

    def _draw_work(self, context: bpy.types.Context) -> None:
        job = worker.current()
        column = self.layout.column(align=True)
        column.scale_y = 1.3
        if job is None:
            column.operator("linly.perform", icon="PLAY_SOUND")
        else:
            row = column.row(align=True)
            stage = iface_("Cancelling") if job.is_cancelled else iface_(job.stage.capitalize())
            row.progress(factor=job.share, text=stage)
            row.operator("linly.cancel", text="", icon="X")
        column.operator("linly.bake", icon="KEYFRAME_HLT")
        row = column.row(align=True)
        if context.screen.is_animation_playing:
            row.operator("linly.play", text="Stop", icon="PAUSE")
        else:
            row.operator("linly.play", icon="PLAY")
        row.operator("linly.remove", icon="X")
        settings = context.scene.linly
        if settings.source == "RECORDING" and settings.dialogue.origin == "STRIP":
            column.operator("linly.dialogue_sync", icon="LINKED")

    def _draw_take(self, context: bpy.types.Context, settings: LINLY_PG_settings) -> None:
        if settings.take_key:
            box = self.layout.box()
            column = box.column(align=True)
            column.label(
                text=iface_("Take: {seconds:.1f} s, {language}").format(
                    seconds=settings.take_duration, language=_language_name(settings.take_language)
                ),
                icon="SOUND",
            )
            column.label(
                text=iface_("{sentences} sentences, {gestures} gestures").format(
                    sentences=settings.take_sentences, gestures=settings.take_gestures
                ),
                icon="BLANK1",
            )
            if settings.take_fine_tuner:
                name = _fine_tuner_name(settings.take_fine_tuner)
                column.label(text=iface_("Fine-tuner: {name}").format(name=name), icon="BLANK1", translate=False)
            if settings.take_notes:
                tell(column, context, settings.take_notes, "ERROR")
            if settings.take_is_recorded:
                wrapped(column, context, iface_("Recorded live. Bake uses it until you perform again"), "REC")
            elif not settings.take_is_current:
                column.label(text="Changed since. Bake performs it again", icon="FILE_REFRESH")
        if settings.notes:
            column = self.layout.box().column(align=True)
            tell(column, context, settings.notes)


class LINLY_PT_movement(Sidebar, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """What the character's movement is made of, beside its style."""

    bl_label = "Movement"
    bl_parent_id = "LINLY_PT_performance"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        settings, layout = context.scene.linly, aligned(self.layout)
        column = layout.column()
        column.prop(settings, "region")
        if settings.region == "OWN":
            column.prop(settings, "region_file", text="File")
        column = layout.column(align=True)
        column.prop(settings, "style_second")
        row = column.row(align=True)
        row.active = settings.style_second != "NONE"
        row.prop(settings, "style_share")
        layout.operator("linly.save_style")
        column = layout.column(heading="Amount", align=True)
        for name in AMOUNT_NAMES:
            column.prop(settings, f"amount_{name}", slider=True)
        column = layout.column()
        column.prop(settings, "fine_tuner")
        if settings.fine_tuner == "OWN":
            column.prop(settings, "fine_tuner_file", text="File")
        column.prop(settings, "smoothing")


class LINLY_PT_output(Sidebar, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """Where the keyframes go, and how many there are."""

    bl_label = "Bake Options"
    bl_parent_id = "LINLY_PT_performance"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        settings, layout = context.scene.linly, aligned(self.layout)
        layout.prop(settings, "output")
        row = layout.row()
        row.active = settings.output == "NLA"
        row.prop(settings, "body")
        row = layout.row()
        row.active = (
            settings.source != "RECORDING" or settings.dialogue.origin != "STRIP"
        )  # which has a place of its own
        row.prop(settings, "start_frame")
        layout.prop(settings, "use_markers")


class LINLY_PT_reduction(Sidebar, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """How close the reduced keys stay to the performance."""

    bl_label = "Key Reduction"
    bl_parent_id = "LINLY_PT_output"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        settings, layout = context.scene.linly, aligned(self.layout)
        column = layout.column(heading="Largest Error", align=True)
        column.prop(settings, "shape_tolerance")
        column.prop(settings, "rotation_tolerance")
        column.prop(settings, "distance_tolerance")


def _language_name(code: str) -> str:
    match code:
        case "en":
            return iface_("English")
        case "zh":
            return iface_("Mandarin Chinese")
        case "mixed":
            return iface_("Mixed Languages")
        case _:
            return code


def _fine_tuner_name(name: str) -> str:
    match name:
        case "standard":
            return iface_("Standard")
        case "small":
            return iface_("Small")
        case "off":
            return iface_("Off")
        case _:
            return name
