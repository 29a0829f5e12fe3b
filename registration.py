"""What Blender is told when the extension is enabled, and exactly the reverse when it is disabled."""

import atexit
from typing import Any, Final

import bpy
from bpy.app.handlers import persistent

from .operators import baking, performing, playing, settings, styling, worker
from .panels import sidebar, translations

CLASSES: Final[tuple[type[Any], ...]] = (
    settings.LINLY_PG_settings,
    performing.LINLY_OT_perform,
    performing.LINLY_OT_cancel,
    baking.LINLY_OT_bake,
    baking.LINLY_OT_remove,
    baking.LINLY_OT_add_avatar,
    playing.LINLY_OT_play,
    playing.LINLY_OT_roll_seed,
    styling.LINLY_OT_save_style,
    sidebar.LINLY_PT_performance,
    sidebar.LINLY_PT_movement,
    sidebar.LINLY_PT_output,
    sidebar.LINLY_PT_reduction,
)
"""In the order of registration: a class comes after those it names."""


@persistent  # type: ignore[untyped-decorator]
def _before_load(*_: object) -> None:
    worker.stop()


def register() -> None:
    """Called once by Blender, and again after each ``unregister``."""
    bpy.app.translations.register(__package__, translations.TRANSLATIONS)
    for kind in CLASSES:
        bpy.utils.register_class(kind)
    bpy.types.Scene.linly = bpy.props.PointerProperty(type=settings.LINLY_PG_settings)
    bpy.app.handlers.load_pre.append(_before_load)
    atexit.register(worker.stop)


def unregister() -> None:
    """Undo ``register``, in exact reverse."""
    worker.stop()
    atexit.unregister(worker.stop)
    bpy.app.handlers.load_pre.remove(_before_load)
    del bpy.types.Scene.linly
    for kind in reversed(CLASSES):
        bpy.utils.unregister_class(kind)
    bpy.app.translations.unregister(__package__)
