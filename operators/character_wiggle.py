"""Wiggle: the active channel goes to 1 and back, twice, so that one sees what it moves."""

import math
import time
from typing import Any, ClassVar, Final

import bpy

from ..linly_blender.errors import UserError
from ..linly_blender.scene import trial
from . import character_state, conversation
from .character import Changing
from .wording import tip_, told_

CYCLE: Final = 0.9
"""Seconds from 0 to 1 and back."""
_TIMES: Final = 2
_TICK: Final = 1 / 60
_STILL: Final = 1e-3
"""Of the channel, as good as 0 and yet no end of it."""
_ENDS: Final = frozenset({"ESC", "RIGHTMOUSE"})


class LINLY_OT_character_wiggle(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Show what the active channel moves: to 1 and back, twice. Nothing is keyed; Esc ends it"""

    bl_idname = "linly.character_wiggle"
    bl_label = "Wiggle"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    _timer: Any = None
    _name = ""
    _channel = ""

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if bpy.app.background or context.window is None:
            return tip_("There is no window to play in")
        return super().disabled_reason(context)

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        """Begin. The character is looked at once, and what is wrong with it is said."""
        scene = context.scene
        character = character_state.view(scene.linly.character).character
        assert character is not None
        self._name, self._channel = character.name, scene.linly_character.channel_name
        self._units = scene.unit_settings.scale_length
        self._began = time.perf_counter()
        if not self._show(_STILL):
            return {"CANCELLED"}
        self._timer = context.window_manager.event_timer_add(_TICK, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Go on. Until the end, nothing else is pressed: so nobody sees the pose that is not the artist's."""
        if event.type in _ENDS and event.value == "PRESS":
            self._end(context)
            return {"CANCELLED"}
        if event.type == "TIMER":
            at = (time.perf_counter() - self._began) / CYCLE
            if at >= _TIMES or not self._show((1 - math.cos(2 * math.pi * at)) / 2):
                self._end(context)
                return {"FINISHED"}
            conversation.redraw()
        is_press = event.value in {"PRESS", "CLICK", "DOUBLE_CLICK", "CLICK_DRAG"}
        return {"RUNNING_MODAL"} if is_press and "TIMER" not in event.type else {"PASS_THROUGH"}

    def cancel(self: Any, context: bpy.types.Context) -> None:
        """Blender ends the operator: its window is closed or another file is loaded."""
        self._end(context)

    def _show(self: Any, value: float) -> bool:
        try:
            trial.show(self._name, self._channel, max(value, _STILL), self._units)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return False
        return True

    def _end(self: Any, context: bpy.types.Context) -> None:
        context.window_manager.event_timer_remove(self._timer)
        trial.stop()
        conversation.redraw()
