"""A conversation in a real window, told by timers. Runs inside Blender: ``--python live_story.py -- RESULTS.json``.

The character is moved by somebody who only pretends, so that neither devices nor models are needed. Each step yields
the seconds Blender gets to itself before the next one; what was seen goes into the results.
"""

import importlib
import json
import math
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import numpy as np

MODULE = "bl_ext.user_default.linly_blender"
LONG_ENOUGH = 0.4

seen: dict[str, Any] = {}


def module(name: str) -> Any:
    return importlib.import_module(f"{MODULE}.{name}")


window = module("linly_blender.scene.window")
in_viewport, press, settings = window.in_viewport, window.press, window.settings


class Pretender:
    """Opens and closes the mouth, twice a second."""

    def __init__(self, *given: Any) -> None:
        self.report = given[-1]
        self.happens("state", "speaking")

    def happens(self, kind: str, text: str = "", **more: Any) -> None:
        self.report(module("linly_blender.live.services").Event(kind, time.monotonic(), text, **more))

    def tell(self, command: Any) -> None:
        if command[0] == "say":
            self.happens("heard", command[1])
            self.happens("reply_text", "You said: " + command[1])

    def frame(self) -> Any:
        now = time.monotonic()
        shapes = np.full(52, 0.5 + 0.4 * math.sin(4 * math.pi * now), np.float32)
        head = np.array([0, 0, 0, 0.1, 0.2 * math.sin(now), 0], np.float32)
        return module("linly_blender.live.frame").Frame(now, shapes, head, np.zeros(2, np.float32), 0.5)

    def level(self) -> float:
        return 0.6

    def close(self) -> None:
        pass


class Loop:
    """A conversation with a thread of its own, that ends only when it is closed."""

    level = None

    def __init__(self, *_: Any) -> None:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._end.wait)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._end.set()
        self._thread.join()


def hold_a_loop(*given: Any) -> Any:
    return module("linly_blender.live.talker").InThread(Loop, given[-1])


def jaw() -> float:
    return float(bpy.data.objects[seen["head"]].data.shape_keys.key_blocks["jawOpen"].value)


def moves() -> Iterator[float]:
    """Watch the jaw; its way goes into ``seen["moved"]``."""
    values = []
    for _ in range(8):
        values.append(jaw())
        yield LONG_ENOUGH / 8
    seen["moved"] = max(values) - min(values)


def view() -> Any:
    return module("operators.conversation").view


def pushed(seed: int) -> None:
    with in_viewport():
        settings().seed = seed
        bpy.ops.ed.undo_push(message=f"Seed {seed}")


def show_sidebar() -> Iterator[float]:
    """Open the sidebar at our tab, with the conversation unfolded."""
    panels = module("panels.live")
    ours = (panels.LINLY_PT_live, panels.LINLY_PT_live_settings, panels.LINLY_PT_live_transcript)
    for kind in reversed(ours):
        bpy.utils.unregister_class(kind)
    panels.LINLY_PT_live.bl_options = set()
    for kind in ours:
        bpy.utils.register_class(kind)
    area = next(a for a in bpy.context.window_manager.windows[0].screen.areas if a.type == "VIEW_3D")
    area.spaces.active.show_region_ui = True
    yield 0.5  # it has tabs only once it is drawn
    region = next(region for region in area.regions if region.type == "UI")
    region.active_panel_category = "Linly"


def story() -> Iterator[float]:
    bpy.context.preferences.view.show_splash = False
    module("operators.conversation").HOLDS["THREAD"] = Pretender
    press(bpy.ops.linly.add_avatar)
    seen["head"] = settings().character.name
    keys = settings().character.data.shape_keys.key_blocks
    keys["jawOpen"].value = 0.25
    settings().line = "Good morning."
    pushed(1)
    pushed(2)
    yield 0.5

    # Start: it moves, and Blender has nothing to undo of it.
    bpy.context.scene.tool_settings.use_keyframe_insert_auto = True
    seen["start"] = press(bpy.ops.linly.live_start)
    yield from moves()
    seen["moves"] = seen["moved"]
    seen["actions"] = len(bpy.data.actions)
    with in_viewport():
        bpy.ops.ed.undo()
    seen["seed_after_undo"] = settings().seed
    yield from moves()
    seen["moves_after_undo"] = seen["moved"]
    with in_viewport():
        bpy.ops.ed.redo()
    seen["seed_after_redo"] = settings().seed
    yield from moves()
    seen["moves_after_redo"] = seen["moved"]

    # Steps that are made in the middle of a word know nothing of it afterwards.
    pushed(3)
    yield 0.13
    pushed(4)
    press(bpy.ops.linly.live_stop)
    seen["jaw_after_stop"] = jaw()
    for name in ("undo", "undo", "redo"):
        with in_viewport():
            getattr(bpy.ops.ed, name)()
        seen[f"jaws_after_{name}"] = [*seen.get(f"jaws_after_{name}", []), jaw()]
    yield 0.2

    # Said, shown, and the panel's look.
    yield from show_sidebar()
    press(bpy.ops.linly.live_start)
    settings().live.text = "What is the weather like in Copenhagen today?"
    press(bpy.ops.linly.live_say)
    yield 0.3
    session = module("operators.conversation").current()
    session.talker.happens("latency", values={"recognition": 0.08, "reply": 0.02, "voice": 0.06, "total": 0.23})
    session.talker.happens("error", "The language model's server is not running. Start it, or choose another one.")
    yield 1.5
    seen["problem"] = view().problem

    # An animation that plays is not disturbed.
    with in_viewport():
        bpy.ops.screen.animation_play()
    yield 0.6
    seen["paused"] = view().paused
    seen["jaw_while_playing"] = jaw()
    with in_viewport():
        bpy.ops.screen.animation_cancel(restore_frame=True)
    yield 0.2
    yield from moves()
    seen["moves_after_playing"] = seen["moved"]

    # Nor is a render.
    scene = bpy.context.window_manager.windows[0].scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 400
    scene.render.resolution_x = scene.render.resolution_y = 200
    if scene.camera is None:
        scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
        scene.collection.objects.link(scene.camera)
    with in_viewport():
        bpy.ops.render.render("INVOKE_DEFAULT")
    pauses = set()
    for _ in range(100):
        yield 0.05
        pauses.add(view().paused)
        if not bpy.app.is_job_running("RENDER"):
            break
    seen["paused_while_rendering"] = "render" in pauses
    yield 0.2
    yield from moves()
    seen["moves_after_rendering"] = seen["moved"]

    # Another window, another scene.
    with in_viewport():
        bpy.ops.wm.window_new()
    yield 0.3
    other = bpy.context.window_manager.windows[-1]
    with bpy.context.temp_override(window=other):
        bpy.ops.wm.window_close()
    yield 0.3
    with in_viewport():
        bpy.ops.scene.new(type="NEW")
    yield from moves()
    seen["moves_after_windows_and_scenes"] = seen["moved"]

    # The character gets another name, and is deleted.
    head = bpy.data.objects[seen["head"]]
    head.name = "Somebody else"
    yield 0.2
    seen["problem_when_renamed"] = view().problem
    head.name = seen["head"]
    seen["jaw_when_renamed"] = jaw()
    with in_viewport():
        bpy.ops.scene.delete()
    press(bpy.ops.linly.live_start)
    yield from moves()
    seen["moves_again"] = seen["moved"]
    with in_viewport():
        bpy.ops.object.select_all(action="SELECT")
        bpy.ops.object.delete()
    yield 0.2
    seen["problem_when_deleted"] = view().problem
    with in_viewport():
        bpy.ops.ed.undo()
    seen["jaw_when_deleted"] = jaw()
    press(bpy.ops.linly.live_start)
    yield 0.3

    # Disabled, and another file.
    bpy.ops.preferences.addon_disable(module=MODULE)
    seen["jaw_after_disabling"] = jaw()
    bpy.ops.preferences.addon_enable(module=MODULE)
    module("operators.conversation").HOLDS["THREAD"] = Pretender
    yield 0.2
    press(bpy.ops.linly.live_start)
    yield 0.3
    seen["runs"] = module("operators.conversation").current() is not None
    with in_viewport():
        bpy.ops.wm.read_homefile(use_empty=False)
    yield 0.5
    seen["stopped_by_loading"] = module("operators.conversation").current() is None

    # Blender quits in the middle of it: this very process has to end.
    module("operators.conversation").HOLDS["THREAD"] = hold_a_loop
    press(bpy.ops.linly.add_avatar)
    seen["starts_again"] = press(bpy.ops.linly.live_start)
    yield 0.3
    seen["threads"] = threading.active_count()
    seen["ended"] = True


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
