"""Saving the chosen style as a file of the user's own."""

from pathlib import Path
from typing import Any, ClassVar, Final

import bpy
from bpy.props import BoolProperty, StringProperty

from ..linly_blender.errors import UserError
from ..linly_blender.files import check_can_write, write_new
from ..linly_blender.pose.styles import load_style, style_text
from .reasons import Reasoned, while_working
from .settings import OWN
from .wording import rpt_, told_

_SUFFIX: Final = ".json"
_FOLDER: Final = "linly_blender/styles"
"""Among Blender's user files and not the extension's, which go when it is uninstalled."""


class LINLY_OT_save_style(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Write the chosen style or blend into a file of your own, to edit and to share, and choose that file"""

    bl_idname = "linly.save_style"
    bl_label = "Save Style As…"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    check_existing: BoolProperty(default=True, options={"HIDDEN"})  # type: ignore[valid-type]
    filter_glob: StringProperty(default=f"*{_SUFFIX}", options={"HIDDEN"})  # type: ignore[valid-type]

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return while_working()

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Ask for the file; the browser shows a name in red that there is already."""
        settings = context.scene.linly
        folder = Path(bpy.utils.user_resource("DATAFILES", path=_FOLDER, create=True))
        name = Path(settings.style_file).stem if settings.style == OWN else settings.style.lower()
        self.filepath = str(folder / f"{name}_copy{_SUFFIX}")
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self: Any, _context: bpy.types.Context) -> bool:
        """Give the name its ending, so that the browser knows whether there is such a file."""
        if not Path(self.filepath).name or self.filepath.lower().endswith(_SUFFIX):
            return False
        self.filepath += _SUFFIX
        return True

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        """Write the file, unless there is one of that name."""
        settings, path = context.scene.linly, Path(bpy.path.abspath(self.filepath))
        try:
            text = style_text(load_style(settings.chosen_style()))
            check_can_write(path, _SUFFIX)
            write_new(path, text)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        settings.style_file, settings.style, settings.style_second = str(path), OWN, "NONE"
        self.report({"INFO"}, rpt_("Saved {path}. Edit it in any text editor").format(path=path))
        return {"FINISHED"}
