"""What a person does in Blender's first window, for scripts that do it instead: timers have no window of their own."""

from typing import Any

import bpy


def in_viewport() -> Any:
    """A context in which operators find the window's 3D viewport."""
    window = bpy.context.window_manager.windows[0]
    area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
    region = next(region for region in area.regions if region.type == "WINDOW")
    return bpy.context.temp_override(window=window, area=area, region=region)


def press(operator: Any) -> list[str]:
    """As a button does; what the operator returns."""
    with in_viewport():
        return sorted(operator("INVOKE_DEFAULT"))


def settings() -> Any:
    """Ours, of the scene that the window shows."""
    return bpy.context.window_manager.windows[0].scene.linly
