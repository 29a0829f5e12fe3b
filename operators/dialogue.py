"""What an animator does with a recording: choose its strip, correct what was understood, mark it, share it."""

from pathlib import Path
from typing import Any, ClassVar, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ..linly_blender.dialogue import edit
from ..linly_blender.dialogue.analysis import Analysis
from ..linly_blender.dialogue.analysis_files import is_textgrid, write_analysis
from ..linly_blender.errors import UserError
from ..linly_blender.files import check_can_write
from ..linly_blender.scene import sequencer, word_markers
from . import dialogue_state
from .dialogue_marks import mark
from .reasons import Reasoned, while_working
from .wording import rpt_, tip_, told_

_JSON: Final = ".json"
_TEXTGRID: Final = ".TextGrid"


def without_analysis(context: bpy.types.Context) -> str | None:
    """Why there are no words."""
    if dialogue_state.kept(context.scene.linly.dialogue) is None:
        return tip_("Perform a recording first")
    return while_working()


class LINLY_OT_dialogue_strip(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Take the strip that is active in the sequencer"""

    bl_idname = "linly.dialogue_strip"
    bl_label = "Use Active Strip"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if sequencer.active_strip(context.scene):
            return None
        return tip_("Select a sound strip in the sequencer of this scene first")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """By its name."""
        context.scene.linly.dialogue.strip = sequencer.active_strip(context.scene)
        return {"FINISHED"}


class LINLY_OT_dialogue_hear(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Forget what was understood of this recording, with what was changed by hand. Perform listens to it anew"""

    bl_idname = "linly.dialogue_hear"
    bl_label = "Listen Anew"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return without_analysis(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Of this recording alone."""
        settings = context.scene.linly
        dialogue_state.forget(settings.dialogue)
        settings.refresh()
        return {"FINISHED"}


class LINLY_OT_dialogue_line(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Change the line of the selected word. Bake performs the change"""

    bl_idname = "linly.dialogue_line"
    bl_label = "Change Line"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    what: EnumProperty(  # type: ignore[valid-type]
        name="Change",
        description="What is done with the line",
        items=(
            ("SPLIT", "Split Line", "A line of its own begins with the selected word", 0),
            ("JOIN", "Join Lines", "The line and the next one become one", 1),
            ("DELETE", "Delete Line", "Nothing is said there: it was a noise, or somebody else", 2),
        ),
    )

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return without_analysis(context)

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: Any) -> str:
        """Of the button, by what it does."""
        return tip_(str(properties.bl_rna.properties["what"].enum_items[properties.what].description))

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        """One line, or two that are joined."""
        settings = context.scene.linly
        dialogue = settings.dialogue
        place = dialogue_state.place_of(dialogue, dialogue_state.analysis_of(dialogue))
        if place is None:
            self.report({"ERROR"}, rpt_("Select a word first"))
            return {"CANCELLED"}

        def changed(analysis: Analysis) -> Analysis:
            match self.what:
                case "SPLIT":
                    return edit.split_line(analysis, place.line, place.word)
                case "JOIN":
                    return edit.join_lines(analysis, place.line)
                case _:
                    return edit.delete_line(analysis, place.line)

        try:
            dialogue_state.change(settings, changed)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


class LINLY_OT_dialogue_go(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Go to the frame at which the selected word begins"""

    bl_idname = "linly.dialogue_go"
    bl_label = "Go to Word"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return without_analysis(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """The frame that shows it first."""
        settings = context.scene.linly
        word = dialogue_state.selected(settings.dialogue)
        if word is None:
            self.report({"ERROR"}, rpt_("Select a word first"))
            return {"CANCELLED"}
        try:
            context.scene.frame_set(round(settings.clock().frame_of(word.start)))
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


class LINLY_OT_dialogue_markers(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Mark on the timeline where each word begins. Drag the markers, then take their times"""

    bl_idname = "linly.dialogue_markers"
    bl_label = "Words as Markers"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return without_analysis(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """In place of those that were set before."""
        try:
            count = mark(context.scene.linly)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, rpt_("Words marked: {count}").format(count=count))
        return {"FINISHED"}


class LINLY_OT_dialogue_unmark(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Take the words' markers off the timeline; yours stay"""

    bl_idname = "linly.dialogue_unmark"
    bl_label = "Remove Word Markers"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return None if word_markers.are_there(context.scene) else tip_("No words are marked")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Ours alone."""
        word_markers.remove(context.scene)
        return {"FINISHED"}


class LINLY_OT_dialogue_from_markers(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Have each word begin where its marker has been dragged to. Bake performs the change"""

    bl_idname = "linly.dialogue_from_markers"
    bl_label = "Take Times from Markers"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if not word_markers.are_there(context.scene):
            return tip_("Mark the words first")
        return without_analysis(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """All of them, or none when one cannot be where it is."""
        scene = context.scene
        settings = scene.linly
        try:
            count = dialogue_state.take_marks(settings, word_markers.moved(scene))
            if count:
                mark(settings)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        if count:
            self.report({"INFO"}, rpt_("Words moved: {count}").format(count=count))
        else:
            self.report({"INFO"}, rpt_("No marker was moved"))
        return {"FINISHED"}


class _OfFile(Reasoned):
    """An operator that asks for a file."""

    filepath: str

    def invoke(self: Any, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Ask for the file."""
        if not self.filepath:
            self.filepath = self.name_of_file(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def name_of_file(self, _context: bpy.types.Context) -> str:
        """That is proposed."""
        return ""

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        """Report what is refused, with nothing changed."""
        path = Path(bpy.path.abspath(self.filepath))
        try:
            told = self.use(context, path)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, told)
        return {"FINISHED"}


class LINLY_OT_dialogue_export(_OfFile, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Write words and phones into a file: .TextGrid for Praat and aligners, .json with all that is known"""

    bl_idname = "linly.dialogue_export"
    bl_label = "Export…"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    check_existing: BoolProperty(default=True, options={"HIDDEN"})  # type: ignore[valid-type]
    filter_glob: StringProperty(default=f"*{_TEXTGRID};*{_JSON}", options={"HIDDEN"})  # type: ignore[valid-type]

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return without_analysis(context)

    def name_of_file(self, context: bpy.types.Context) -> str:
        """After the recording."""
        name = Path(context.scene.linly.dialogue.name_of_recording()).stem or "recording"
        return f"{bpy.path.clean_name(name)}{_TEXTGRID}"

    def check(self: Any, _context: bpy.types.Context) -> bool:
        """Give the name an ending, so that the browser knows whether there is such a file."""
        if not Path(self.filepath).name or Path(self.filepath).suffix.lower() in {_JSON, _TEXTGRID.lower()}:
            return False
        self.filepath += _TEXTGRID
        return True

    def use(self, context: bpy.types.Context, path: Path) -> str:
        """By the ending of the name."""
        dialogue = context.scene.linly.dialogue
        analysis = dialogue_state.analysis_of(dialogue)
        assert analysis is not None
        if not is_textgrid(path):
            check_can_write(path, _JSON)
        write_analysis(analysis, path, dialogue.name_of_recording())
        return rpt_("Saved {path}").format(path=path)


class LINLY_OT_dialogue_import(_OfFile, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Take words and phones of this recording from a .TextGrid or .json file. Bake performs them"""

    bl_idname = "linly.dialogue_import"
    bl_label = "Import…"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    filter_glob: StringProperty(default=f"*{_TEXTGRID};*{_JSON}", options={"HIDDEN"})  # type: ignore[valid-type]

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if not context.scene.linly.dialogue.is_chosen():
            return tip_("Choose the recording first")
        return while_working()

    def use(self, context: bpy.types.Context, path: Path) -> str:
        """In place of what is known of the recording."""
        settings = context.scene.linly
        request = settings.asked()
        dialogue_state.read_file(settings, request, path)
        return rpt_("{count} words from {path}").format(count=len(settings.dialogue.words), path=path.name)
