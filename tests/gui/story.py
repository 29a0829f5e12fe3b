"""An animator's session in a real window, told by timers. Runs inside Blender: ``--python story.py -- RESULTS.json``.

Each step yields the seconds Blender gets to itself before the next one; what was seen goes into the results.
"""

import importlib
import itertools
import json
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import addon_utils
import bpy

MODULE = "bl_ext.user_default.linly_blender"
TICK = 0.02
SCRIPT = "We open at nine in the *morning*. [nod] Are you coming with us? I would be very happy to see you there! " * 60
"""Five minutes of speech."""


window = importlib.import_module(f"{MODULE}.linly_blender.scene.window")
in_viewport, press, settings = window.in_viewport, window.press, window.settings
seen: dict[str, Any] = {}
ticks: list[float] = []


def tick() -> float:
    ticks.append(time.perf_counter())
    return TICK


def wait_while_working() -> Iterator[float]:
    """Give Blender its time until the background has ended."""
    end = time.perf_counter() + 60
    while worker().current() is not None and time.perf_counter() < end:
        yield 0.05
    yield 0.2


def gaps() -> list[float]:
    """Seconds between the ticks."""
    return [later - earlier for earlier, later in itertools.pairwise(ticks)]


def redraw() -> None:
    for area in bpy.context.window_manager.windows[0].screen.areas:
        area.tag_redraw()


def worker() -> Any:
    return importlib.import_module(f"{MODULE}.operators.worker")


def ours() -> list[str]:
    return [action.name for action in bpy.data.actions if "linly_take" in action]


def story() -> Iterator[float]:
    seen["enabled"] = list(addon_utils.check(MODULE))
    press(bpy.ops.linly.add_avatar)
    settings().line = SCRIPT
    yield 0.5

    # How long this machine takes to draw the window, with nothing else to do.
    ticks.clear()
    for _ in range(10):
        redraw()
        yield 0.1
    seen["gaps_drawing"] = gaps()

    # Perform: the window goes on living.
    ticks.clear()
    seen["perform"] = press(bpy.ops.linly.perform)
    seen["works_in_background"] = worker().current() is not None
    yield from wait_while_working()
    seen["gaps"] = gaps()
    seen["duration"] = settings().take_duration
    seen["take_is_there"] = settings().take_file() is not None
    key = settings().take_key

    # A mistake in the text is said, and the take before it is kept.
    settings().line = "[frobnicate] Hello"
    seen["bad_text"] = press(bpy.ops.linly.perform)
    yield from wait_while_working()
    seen["kept_when_refused"] = settings().take_key == key
    settings().line = SCRIPT

    # Undo in the middle of the work.
    with in_viewport():
        bpy.ops.ed.undo_push(message="Seed")
        settings().seed = 7
        bpy.ops.ed.undo_push(message="Another seed")
    press(bpy.ops.linly.perform)
    with in_viewport():
        bpy.ops.ed.undo()
    seen["seed_after_undo"] = settings().seed
    yield from wait_while_working()
    seen["take_after_undo"] = settings().take_key != key and not settings().take_is_current
    key = settings().take_key

    # Cancel: the take before it is kept.
    settings().seed = 1
    press(bpy.ops.linly.perform)
    press(bpy.ops.linly.cancel)
    yield from wait_while_working()
    seen["kept_when_cancelled"] = settings().take_key == key

    # Bake: the seed has changed, so that it performs first.
    seen["bake"] = press(bpy.ops.linly.bake)
    yield from wait_while_working()
    seen["baked"] = len(ours())
    seen["performed_again"] = settings().take_key != key
    seen["jaw"] = jaw_values(range(1, 100, 3))
    seen["notes"] = settings().notes

    # Play, and stop.
    scene = bpy.context.scene
    sync_mode = scene.sync_mode
    scene.frame_set(50)
    press(bpy.ops.linly.play)
    yield 1.0
    screen = bpy.context.window_manager.windows[0].screen
    seen["plays"] = screen.is_animation_playing
    press(bpy.ops.linly.play)
    yield 0.2
    seen["stops"] = not screen.is_animation_playing
    seen["frame_after_a_second"] = scene.frame_current
    seen["sync_mode_kept"] = scene.sync_mode == sync_mode

    # One step back, one forward.
    with in_viewport():
        bpy.ops.ed.undo()
    seen["baked_after_undo"] = len(ours())
    seen["avatar_after_undo"] = settings().character is not None
    with in_viewport():
        bpy.ops.ed.redo()
    seen["baked_after_redo"] = len(ours())

    press(bpy.ops.linly.remove)
    seen["baked_after_remove"] = len(ours())

    # Disabled in the middle of the work, then enabled and disabled again and again.
    settings().seed = 2
    press(bpy.ops.linly.perform)
    stopped = worker()
    yield 0.1
    bpy.ops.preferences.addon_disable(module=MODULE)
    seen["stopped_by_disabling"] = stopped.current() is None
    for _ in range(5):
        bpy.ops.preferences.addon_enable(module=MODULE)
        yield 0.05
        bpy.ops.preferences.addon_disable(module=MODULE)
    bpy.ops.preferences.addon_enable(module=MODULE)
    yield 0.2

    # Another file in the middle of the work.
    settings().line = SCRIPT
    press(bpy.ops.linly.perform)
    yield 0.1
    with in_viewport():
        bpy.ops.wm.read_homefile(use_empty=False)
    yield 0.5
    seen["stopped_by_loading"] = worker().current() is None
    seen["ended"] = True


def jaw_values(frames: range) -> list[float]:
    """How open the jaw is, as Blender plays it."""
    keys = settings().character.data.shape_keys
    values = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        values.append(keys.key_blocks["jawOpen"].value)
    return values


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
bpy.app.timers.register(tick, persistent=True)
bpy.app.timers.register(run, first_interval=1.0, persistent=True)
