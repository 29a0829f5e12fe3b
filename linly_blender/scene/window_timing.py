"""What a conversation costs Blender in a real window. Runs inside Blender: ``--python FILE -- RESULTS.json``.

The character says a text, to real sound devices, by a conversation in a thread and by one in a process; after each, all
frames that were made, seen or not, are shown again from memory, at the same times, through the same timer. So a replay
costs what writing and drawing cost, and what it is faster by is the conversation's own cost. The demo avatar is given
three more meshes with its 52 shapes, which are written and, being hidden, not drawn.
"""

import importlib
import itertools
import json
import sys
import time
import traceback
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

MODULE = "bl_ext.user_default.linly_blender"
TEXT = (
    "Our neighbours have a small black dog, and every morning it waits for me at the gate. "
    "Yesterday I met an old friend at the market, and we bought some bread and a bottle of milk. "
    "She told me that the weather will be better tomorrow, so perhaps we will go down to the sea."
)
ROUNDS = 3
MESHES = 4
PATIENCE = 60.0
"""Seconds that anything may take to begin or to end."""
CALM = 1.0
SHORTEST = 5.0
"""Seconds of speech that are enough to count drawings in."""

seen: dict[str, Any] = {"live": {}, "replayed": {}, "ticks": {}}
draws: list[float] = []
ticks: list[tuple[float, float]] = []
"""Seconds of the clock and of the processor."""


def module(name: str) -> Any:
    return importlib.import_module(f"{MODULE}.{name}")


def window() -> Any:
    return module("linly_blender.scene.window")


class Replay:
    """Shows what was shown before."""

    def __init__(self, frames: list[Any], times: list[float], report: Any) -> None:
        self._frames, self._times = frames, times
        self._begin = time.monotonic()
        report(module("linly_blender.live.services").Event("state", self._begin, "speaking"))

    def tell(self, _command: Any) -> None:
        pass

    def frame(self) -> Any:
        now = time.monotonic() - self._begin
        return self._frames[max(0, bisect_right(self._times, now) - 1)]

    def level(self) -> float:
        return 0.0

    def close(self) -> None:
        pass


def wait_until(condition: Any, what: str) -> Iterator[float]:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: {module('operators.conversation').view}")
        yield 0.02


def set_stage() -> None:
    """The avatar in the middle of the view, and its other meshes."""
    bpy.context.preferences.view.show_splash = False
    with window().in_viewport():
        for obj in list(bpy.context.scene.objects):
            bpy.data.objects.remove(obj)
        bpy.ops.linly.add_avatar()
        head = window().settings().character
        for _ in range(MESHES - 1):
            other = head.copy()
            other.data = head.data.copy()
            head.users_collection[0].objects.link(other)
            other.hide_set(True)
        head.select_set(True)
        bpy.ops.view3d.view_selected()


def watch() -> None:
    """Note every drawing of the view, and how long every tick of a conversation takes."""
    bpy.types.SpaceView3D.draw_handler_add(lambda: draws.append(time.monotonic()), (), "WINDOW", "POST_PIXEL")
    session = module("operators.conversation").Session
    tick = session.tick

    def timed(self: Any) -> None:
        clock, processor = time.perf_counter(), time.thread_time()
        tick(self)
        ticks.append((time.perf_counter() - clock, time.thread_time() - processor))

    session.tick = timed


def rate(begin: float, end: float) -> float:
    """Drawings a second."""
    return sum(begin <= drawn < end for drawn in draws) / (end - begin)


def speak(place: str) -> Iterator[float]:
    """Have the character say the text, and show what it did again."""
    conversation = module("operators.conversation")
    made: list[tuple[float, Any]] = []
    newest = module("linly_blender.live.frame").Newest
    put = newest.put

    def kept(self: Any, frame: Any) -> None:
        made.append((time.monotonic(), frame))
        put(self, frame)

    module("operators.live_settings").preferences().place = place
    window().press(bpy.ops.linly.live_start)
    yield from wait_until(lambda: conversation.view.state == "listening" or conversation.view.problem, "no start")
    if conversation.current() is None:
        raise RuntimeError(conversation.view.problem)
    yield CALM
    window().settings().live.text = TEXT
    window().press(bpy.ops.linly.live_say)
    yield from wait_until(lambda: conversation.view.state == "speaking", "no speech")
    yield CALM
    newest.put = kept
    ticks.clear()
    begin = time.monotonic()
    try:
        yield from wait_until(lambda: conversation.view.state != "speaking", "no end")
    finally:
        newest.put = put
    end = time.monotonic()
    if end - begin < SHORTEST:
        raise RuntimeError(f"it broke off after {end - begin:.1f} s: {conversation.view.problem}")
    seen["live"].setdefault(place, []).append(rate(begin, end))
    seen["ticks"].setdefault(place, []).extend(ticks)
    window().press(bpy.ops.linly.live_stop)
    yield from wait_until(lambda: not conversation.is_ending(), "no stop")
    yield CALM
    yield from replay(place, [frame for _, frame in made], [CALM + at - begin for at, _ in made], end - begin)


def replay(place: str, frames: list[Any], times: list[float], duration: float) -> Iterator[float]:
    """Show the same again."""
    conversation = module("operators.conversation")
    hold = conversation.HOLDS[place]
    conversation.HOLDS[place] = lambda *given: Replay(frames, times, given[-1])
    window().press(bpy.ops.linly.live_start)
    conversation.HOLDS[place] = hold
    yield CALM  # as of the live one, what its start costs is not counted
    begin = time.monotonic()
    yield from wait_until(lambda: time.monotonic() > begin + duration, "no end")
    seen["replayed"].setdefault(place, []).append(rate(begin, time.monotonic()))
    window().press(bpy.ops.linly.live_stop)
    yield CALM


def story() -> Iterator[float]:
    set_stage()
    watch()
    yield CALM
    for _, place in itertools.product(range(ROUNDS), ("THREAD", "PROCESS")):
        yield from speak(place)


def run() -> float | None:
    try:
        return next(steps)
    except StopIteration:
        pass
    except Exception:  # noqa: BLE001 - it is told by who started this
        seen["error"] = traceback.format_exc()
    Path(sys.argv[-1]).write_text(json.dumps(seen), encoding="utf-8")
    bpy.ops.wm.quit_blender()
    return None


steps = story()
if __name__ == "__main__":
    bpy.app.timers.register(run, first_interval=1.0, persistent=True)
