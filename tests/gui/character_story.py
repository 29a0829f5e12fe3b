"""An animator sets up a character in a window. Runs inside Blender: ``--python character_story.py -- RESULTS.json``.

Each step yields the seconds Blender gets to itself before the next one; what was seen goes into the results.
"""

import importlib
import itertools
import json
import math
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

MODULE = "bl_ext.user_default.linly_blender"

seen: dict[str, Any] = {}


def module(name: str) -> Any:
    return importlib.import_module(f"{MODULE}.{name}")


window = module("linly_blender.scene.window")
in_viewport, press, settings = window.in_viewport, window.press, window.settings


def scene() -> bpy.types.Scene:
    return bpy.context.window_manager.windows[0].scene


def fields() -> Any:
    return scene().linly_character


def drive() -> Any:
    return bpy.context.window_manager.linly_test_drive


def choose(channel: str) -> None:
    fields().active = module("linly_blender.arkit").SHAPES.index(channel)


def blocks() -> Any:
    return bpy.data.objects[seen["head"]].data.shape_keys.key_blocks


def gain() -> float:
    return round(float(fields().gain), 3)


def put(name: str, value: float) -> None:
    """As a field does: with a step of undo."""
    with in_viewport():
        bpy.ops.wm.context_set_float("EXEC_DEFAULT", True, data_path=f"scene.linly_character.{name}", value=value)


def undo(operator: str = "undo") -> None:
    with in_viewport():
        getattr(bpy.ops.ed, operator)()


def show_sidebar() -> Iterator[float]:
    """Open the sidebar at our tab, with the setup unfolded."""
    panels = [kind for kind in module("registration").CLASSES if issubclass(kind, bpy.types.Panel)]
    for kind in reversed(panels):
        bpy.utils.unregister_class(kind)
    for kind in panels:
        if "character" in kind.__name__:
            kind.bl_options = set()
        bpy.utils.register_class(kind)
    area = next(a for a in bpy.context.window_manager.windows[0].screen.areas if a.type == "VIEW_3D")
    area.spaces.active.show_region_ui = True
    yield 0.5  # it has tabs only once it is drawn
    region = next(region for region in area.regions if region.type == "UI")
    region.active_panel_category = "Linly"
    yield 0.5


def redraws(times: int) -> Iterator[float]:
    for _ in range(times):
        for area in bpy.context.window_manager.windows[0].screen.areas:
            area.tag_redraw()
        yield 0.1


def story() -> Iterator[float]:
    bpy.context.preferences.view.show_splash = False
    bpy.context.scene.tool_settings.use_keyframe_insert_auto = True
    press(bpy.ops.linly.add_avatar)
    seen["head"] = settings().character.name
    settings().character = None
    with in_viewport():
        bpy.ops.ed.undo_push(message="No character")
    seen["detect"] = press(bpy.ops.linly.detect)
    seen["found"] = settings().character_found
    rig = settings().character.name
    yield from show_sidebar()

    # The list is drawn, and the character looked at once for it.
    state = module("operators.character_state")
    looked: list[str] = []
    find = state.find_character
    state.find_character = lambda obj: looked.append(obj.name) or find(obj)
    drawn: list[str] = []
    told = module("panels.character").moved_by
    module("panels.character").moved_by = lambda character, one: drawn.append(one.channel) or told(character, one)
    yield from redraws(10)
    seen["looked"], seen["drawn"] = len(looked), len(set(drawn))
    state.find_character = find
    module("panels.character").moved_by = told

    # Steps of undo.
    choose("jawOpen")
    put("gain", 0.5)
    put("gain", 0.75)
    seen["gains"] = [gain()]
    for step in ("undo", "undo", "redo", "redo"):
        undo(step)
        seen["gains"].append(gain())
    seen["add"] = sorted(bpy.ops.linly.character_target_add("EXEC_DEFAULT", True, mesh=seen["head"], key="mouthFunnel"))
    seen["targets"] = [len(bpy.data.objects[rig]["linly_character"])]
    undo()
    seen["targets"].append(len(bpy.data.objects[rig]["linly_character"]))
    seen["reset"] = press(bpy.ops.linly.character_reset)
    seen["kept_after_reset"] = "linly_character" in bpy.data.objects[rig]

    # A test drive, left in several ways.
    blocks()["mouthSmileLeft"].value = 0.25
    with in_viewport():
        bpy.ops.ed.undo_push(message="Smile")
        scene().frame_current = 7
        bpy.ops.ed.undo_push(message="Frame")
    yield 0.2  # Blender changes the frame a little later, and that ends a test drive
    drive().value = 0.8
    yield 0.2
    seen["driven"] = [blocks()["jawOpen"].value, blocks()["mouthSmileLeft"].value, drive().value]
    drive().value = 0.0
    seen["at_zero"] = [blocks()["jawOpen"].value, blocks()["mouthSmileLeft"].value]
    drive().value = 0.6
    undo()
    seen["after_undo"] = [blocks()["jawOpen"].value, blocks()["mouthSmileLeft"].value, drive().value]
    seen["smile_kept"] = scene().frame_current

    # Wiggle.
    seen["wiggle"] = press(bpy.ops.linly.character_wiggle)
    jaws = []
    for _ in range(60):
        jaws.append(blocks()["jawOpen"].value)
        yield 0.05
    seen["wiggled"] = [max(jaws), jaws[-1], blocks()["mouthSmileLeft"].value]
    seen["times"] = sum(one < 0.5 <= two for one, two in itertools.pairwise(jaws))
    seen["actions"] = len(bpy.data.actions)

    # A pose of a bone becomes a channel.
    choose("jawForward")
    bone = bpy.data.objects[rig].pose.bones["jaw"]
    bone.rotation_mode = "XYZ"
    seen["nothing_posed"] = refused(bpy.ops.linly.character_record_pose)
    bone.rotation_euler.x = math.radians(12)
    seen["record"] = press(bpy.ops.linly.character_record_pose)
    bone.rotation_euler.x = 0
    drive().value = 1.0
    seen["posed"] = math.degrees(bone.rotation_euler.x)
    drive().value = 0.0
    seen["rest"] = math.degrees(bone.rotation_euler.x)

    # A file that is saved while it is tried, and opened again.
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "shot.blend")
        drive().value = 1.0
        with in_viewport():
            bpy.ops.wm.save_as_mainfile(filepath=path)
            bpy.ops.wm.open_mainfile(filepath=path)
        yield 0.5
        seen["rest_after_loading"] = math.degrees(bpy.data.objects[rig].pose.bones["jaw"].rotation_euler.x)
        seen["pose_after_loading"] = list(state.view(settings().character).character.setup.poses)
        seen["channel_after_loading"] = fields().channel_name
    yield from redraws(2)

    # Another file in the middle of a wiggle.
    press(bpy.ops.linly.character_wiggle)
    yield 0.3
    with in_viewport():
        bpy.ops.wm.read_homefile(use_empty=False)
    yield 0.5
    seen["ended"] = True


def refused(operator: Any) -> str:
    try:
        press(operator)
    except RuntimeError as error:
        return str(error)
    return ""


def run() -> float | None:
    try:
        return next(steps)
    except StopIteration:
        pass
    except Exception:  # noqa: BLE001 - it is the test's to show
        seen["error"] = traceback.format_exc()
    Path(sys.argv[-1]).write_text(json.dumps(seen))
    bpy.ops.wm.quit_blender()
    return None


steps = story()
bpy.app.timers.register(run, first_interval=1.0, persistent=True)
