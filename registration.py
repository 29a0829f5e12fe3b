"""What Blender is told when the extension is enabled, and exactly the reverse when it is disabled."""

import atexit
from typing import Any, Final

import bpy
from bpy.app.handlers import persistent

from .linly_blender.scene import trial
from .linly_blender.scene.kept import restore
from .operators import (
    baking,
    character,
    character_file,
    character_pose,
    character_settings,
    character_state,
    character_wiggle,
    conversation,
    dialogue,
    dialogue_settings,
    dialogue_state,
    dialogue_sync,
    live,
    live_settings,
    performing,
    playing,
    settings,
    styling,
    worker,
)
from .panels import character as character_panels
from .panels import dialogue as dialogue_panels
from .panels import live as live_panels
from .panels import sidebar, translations

CLASSES: Final[tuple[type[Any], ...]] = (
    live_settings.LINLY_AP_preferences,
    live_settings.LINLY_PG_live,
    dialogue_settings.LINLY_PG_word,
    dialogue_settings.LINLY_PG_heard,
    dialogue_settings.LINLY_PG_dialogue,
    settings.LINLY_PG_settings,
    character_settings.LINLY_PG_character,
    character_settings.LINLY_PG_test_drive,
    character.LINLY_OT_detect,
    character.LINLY_OT_character_target_add,
    character.LINLY_OT_character_target_remove,
    character.LINLY_OT_character_reset_channel,
    character.LINLY_OT_character_reset,
    character.LINLY_OT_character_swap_sides,
    character.LINLY_OT_character_keep_rest,
    character.LINLY_OT_character_clear_rest,
    character_pose.LINLY_OT_character_record_pose,
    character_pose.LINLY_OT_character_forget_pose,
    character_pose.LINLY_OT_character_pose_from_action,
    character_file.LINLY_OT_character_save,
    character_file.LINLY_OT_character_load,
    character_wiggle.LINLY_OT_character_wiggle,
    performing.LINLY_OT_perform,
    performing.LINLY_OT_cancel,
    baking.LINLY_OT_bake,
    baking.LINLY_OT_remove,
    baking.LINLY_OT_add_avatar,
    dialogue.LINLY_OT_dialogue_strip,
    dialogue.LINLY_OT_dialogue_hear,
    dialogue.LINLY_OT_dialogue_line,
    dialogue.LINLY_OT_dialogue_go,
    dialogue.LINLY_OT_dialogue_markers,
    dialogue.LINLY_OT_dialogue_unmark,
    dialogue.LINLY_OT_dialogue_from_markers,
    dialogue.LINLY_OT_dialogue_import,
    dialogue.LINLY_OT_dialogue_export,
    dialogue_sync.LINLY_OT_dialogue_sync,
    playing.LINLY_OT_play,
    playing.LINLY_OT_roll_seed,
    styling.LINLY_OT_save_style,
    live.LINLY_OT_live_start,
    live.LINLY_OT_live_stop,
    live.LINLY_OT_live_say,
    live.LINLY_OT_live_talk,
    live.LINLY_OT_live_interrupt,
    live.LINLY_OT_live_record,
    live.LINLY_OT_live_forget,
    live.LINLY_OT_live_devices,
    sidebar.LINLY_PT_performance,
    dialogue_panels.LINLY_UL_words,
    dialogue_panels.LINLY_PT_dialogue,
    live_panels.LINLY_PT_live,
    live_panels.LINLY_PT_live_settings,
    live_panels.LINLY_PT_live_transcript,
    character_panels.LINLY_UL_channels,
    character_panels.LINLY_PT_character,
    character_panels.LINLY_PT_character_bones,
    character_panels.LINLY_PT_character_whole,
    sidebar.LINLY_PT_movement,
    sidebar.LINLY_PT_output,
    sidebar.LINLY_PT_reduction,
)
"""In the order of registration: a class comes after those it names."""


@persistent  # type: ignore[untyped-decorator]
def _before_load(*_: object) -> None:
    worker.stop()
    conversation.stop()


@persistent  # type: ignore[untyped-decorator]
def _after_load(*_: object) -> None:
    conversation.forget()
    character_state.forget()
    dialogue_state.forget_work()
    restore()  # the file may have been saved by itself in the middle of a word


@persistent  # type: ignore[untyped-decorator]
def _before_save(*_: object) -> None:
    restore()  # a conversation that goes on writes again after it


@persistent  # type: ignore[untyped-decorator]
def _after_undo(*_: object) -> None:
    if conversation.current() is None:
        restore()  # a step may have been made in the middle of a word


@persistent  # type: ignore[untyped-decorator]
def _after_import(*_: object) -> None:
    if conversation.current() is None:
        trial.stop()
        restore()  # what was appended or linked may be of such a file


@persistent  # type: ignore[untyped-decorator]
def _before_frames(*_: object) -> None:
    trial.stop()  # what follows shows the artist's values, and changes them


_PROPERTIES: Final = (
    (bpy.types.Scene, "linly", settings.LINLY_PG_settings),
    (bpy.types.Scene, "linly_character", character_settings.LINLY_PG_character),
    (bpy.types.WindowManager, "linly_test_drive", character_settings.LINLY_PG_test_drive),
)
_HANDLERS: Final = (
    ("load_pre", _before_load),
    ("load_post", _after_load),
    ("save_pre", _before_save),
    ("blend_import_post", _after_import),
    ("undo_post", _after_undo),
    ("redo_post", _after_undo),
    ("frame_change_pre", _before_frames),
    ("animation_playback_pre", _before_frames),
    ("render_init", _before_frames),
)


def _stop() -> None:
    """End all that runs in the background, and what is only shown."""
    trial.stop()
    conversation.stop()
    worker.stop()


def register() -> None:
    """Called once by Blender, and again after each ``unregister``."""
    bpy.app.translations.register(__package__, translations.TRANSLATIONS)
    for kind in CLASSES:
        bpy.utils.register_class(kind)
    for owner, name, kind in _PROPERTIES:
        setattr(owner, name, bpy.props.PointerProperty(type=kind))
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)
    atexit.register(worker.stop)


def unregister() -> None:
    """Undo ``register``, in exact reverse."""
    _stop()
    atexit.unregister(worker.stop)
    for name, handler in reversed(_HANDLERS):
        getattr(bpy.app.handlers, name).remove(handler)
    for owner, name, _ in reversed(_PROPERTIES):
        delattr(owner, name)
    for kind in reversed(CLASSES):
        bpy.utils.unregister_class(kind)
    bpy.app.translations.unregister(__package__)
