"""The conversation that is held in Blender, if any: one timer takes its newest frame and its events.

Nothing of Blender is kept between two ticks but names. The timer ends, and the pose is given back, before another file
is loaded and when the extension is disabled; while an animation plays or a render runs, nothing is written.
"""

import functools
import itertools
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast, get_args

import bpy

from ..linly_blender.errors import UserError
from ..linly_blender.live.attempt import joined
from ..linly_blender.live.frame import Frame
from ..linly_blender.live.process import InProcess
from ..linly_blender.live.services import Event, State, Turn
from ..linly_blender.live.settings import Settings
from ..linly_blender.live.talker import Command, Ending, InThread, Report, Talker
from ..linly_blender.scene.kept import restore
from ..linly_blender.scene.live import Preview

TICK: Final = 1 / 60
"""Seconds between two looks for a new frame."""
REDRAW: Final = 0.1
"""Seconds between two drawings of the sidebar, at least."""
CHECK: Final = 0.5
"""Seconds between two looks whether the character is still there, for what a frame does not notice."""
CALM: Final = 0.1
"""Seconds that Stop waits for the end, so that it seldom has to go on in the background."""
_MOST_EVENTS: Final = 100
"""Of one tick; the others wait for the next."""
_MOST_TURNS: Final = 200
"""That are remembered."""
_NOTES: Final = 6
"""That are shown."""
_LEVEL_STEP: Final = 0.02
_GOOD: Final = {"heard", "reply_text", "speech_start", "recorded"}
"""Events after which what was wrong no longer is."""


@dataclass(slots=True)
class View:
    """What the panel shows. Plain values: drawing computes nothing."""

    state: State = "off"
    level: float = 0.0
    partial: str = ""
    """What the user is saying, as far as it is understood."""
    latencies: dict[str, float] = field(default_factory=dict)
    """Seconds by stage, of the last answer."""
    problem: str = ""
    notes: tuple[str, ...] = ()
    paused: str = ""
    """Why the character does not move: ``animation`` or ``render``."""
    talking: bool = False
    """Whether push-to-talk is on."""
    recording: str = ""
    """Path of the take that is being recorded."""


Hold = Callable[[Settings, dict[str, str], bool, tuple[Turn, ...], Report], Talker]
"""Opens a conversation: settings, keys of servers, whether other machines may be asked, what was said before."""

view = View()
turns: deque[Turn] = deque(maxlen=_MOST_TURNS)
"""What has been said in this file, from one Start to the next."""


def exchanges() -> list[list[Turn]]:
    """What has been said, divided where the user begins."""
    divided: list[list[Turn]] = []
    for turn in turns:
        if turn.speaker == "user" or not divided:
            divided.append([])
        divided[-1].append(turn)
    return divided


class Session:
    """One conversation, from Start to Stop."""

    def __init__(self, hold: Callable[[Report], Talker], preview: Preview, scene_name: str) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.scene_name = scene_name
        self._preview = preview
        self._shown: Frame | None = None
        self._drawn = 0.0
        self._checked = 0.0
        self._changed = True
        self.talker = hold(self._events.put)
        self._ending: Ending | None = None

    def tick(self) -> None:
        """Take what has come. Raises UserError when the character is gone."""
        self._take_events()
        self._show()
        level = self.talker.level()
        if abs(level - view.level) > _LEVEL_STEP:
            view.level = level
            self._changed = True
        now = time.monotonic()
        if now - self._checked >= CHECK:
            self._checked = now
            self._preview.check()
        if self._changed and now - self._drawn >= REDRAW:
            self._changed, self._drawn = False, now
            redraw()

    @property
    def is_over(self) -> bool:
        """Whether it has ended by itself."""
        return view.state == "off"

    def end(self) -> None:
        """Begin to end it, keeping what is being recorded; the pose is the caller's to give back."""
        if view.recording:
            self.talker.tell(("keep", view.recording))
        self._ending = Ending(self.talker)

    def has_ended(self, patience: float | None = None) -> bool:
        """Whether all of it has ended; asked after ``end``. Waits so many seconds, or as long as it takes if None."""
        assert self._ending is not None
        if not self._ending.is_over(patience):
            return False
        for event in self._waiting():  # of what it has done since, only this is of use to anybody
            match event.kind:
                case "recorded":
                    _remember(event, self.scene_name)
                case "error" if event.fault == "recording":
                    view.problem = event.text
        return True

    def _waiting(self, most: int | None = None) -> Iterator[Event]:
        for _ in itertools.count() if most is None else range(most):
            try:
                yield self._events.get_nowait()
            except queue.Empty:
                return

    def _take_events(self) -> None:
        for event in self._waiting(_MOST_EVENTS):
            self._take(event)
            self._changed = True

    def _show(self) -> None:
        paused = _occupied()
        if paused != view.paused:
            view.paused = paused
            self._changed = True
            if paused == "animation":
                restore()
        frame = self.talker.frame()
        if not paused and frame is not None and frame is not self._shown:
            self._preview.write(frame)
            self._shown = frame

    def _take(self, event: Event) -> None:
        if event.kind in _GOOD:
            view.problem = ""
        match event.kind:
            case "state":
                view.state = cast(State, event.text if event.text in get_args(State) else "off")
            case "partial":
                view.partial = event.text
            case "heard":
                view.partial = ""
                turns.append(Turn("user", event.text))
            case "reply_text":
                _said(event.text)
            case "interrupted":
                _unsaid(event.text)
            case "latency":
                view.latencies = dict(event.values)
            case "error":
                view.problem = event.text
                if event.fault == "recording":
                    view.recording = ""
            case "note":
                view.notes = (*view.notes, event.text)[-_NOTES:]
            case "recorded":
                _remember(event, self.scene_name)


_session: Session | None = None
_ending: Session | None = None


def current() -> Session | None:
    """The conversation, if any."""
    return _session


def is_ending() -> bool:
    """Whether the last one is still ending, in the background."""
    return _ending is not None


def start(hold: Callable[[Report], Talker], character: str, scene: bpy.types.Scene) -> None:
    """Begin. Raises UserError when the character cannot be moved or the conversation not be opened."""
    global _session
    stop()
    restore()
    preview = Preview(character, scene.unit_settings.scale_length)
    _reset()
    view.state, view.notes = "thinking", preview.notes  # until it says otherwise
    try:
        _session = Session(hold, preview, scene.name)
    except UserError:
        _reset()
        raise
    bpy.app.timers.register(_tick, first_interval=TICK)


def stop(problem: str = "", wait: bool = True) -> None:
    """End the conversation, if any, and give the pose back.

    Nothing is left of it afterwards, unless nobody wants to ``wait``: then what does not end soon goes on ending in the
    background.
    """
    global _session, _ending
    session, _session = _session, None
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    if session is not None:
        _ending = session
        try:
            session.end()
        finally:
            restore()
            _reset(problem)
    _finish(None if wait else CALM)
    if _ending is not None and not bpy.app.timers.is_registered(_finish):
        bpy.app.timers.register(_finish, first_interval=REDRAW)
    elif _ending is None and bpy.app.timers.is_registered(_finish):
        bpy.app.timers.unregister(_finish)
    if session is not None:
        redraw()


def record(folder: Path) -> None:
    """Begin to record into a folder for takes."""
    view.recording = str(folder / time.strftime("live-%Y%m%d-%H%M%S.json"))
    tell(("record", view.recording.removesuffix(".json")))


def keep() -> None:
    """End the recording; the take is the scene's as soon as it is written."""
    tell(("keep", view.recording))
    view.recording = ""


def tell(command: Command) -> None:
    """Tell the conversation, if any, what to do."""
    if _session is not None:
        _session.talker.tell(command)


def forget() -> None:
    """Forget what was said."""
    turns.clear()
    redraw()


def hold_in_thread(
    settings: Settings, keys: dict[str, str], allow_online: bool, before: tuple[Turn, ...], report: Report
) -> Talker:
    """Open a conversation in a thread. As ``Hold``."""
    from ..linly_blender.live.opening import open_live

    return InThread(functools.partial(open_live, settings, keys, allow_online, before), report)


def hold_in_process(
    settings: Settings, keys: dict[str, str], allow_online: bool, before: tuple[Turn, ...], report: Report
) -> Talker:
    """Open a conversation in a process. As ``Hold``."""
    return InProcess(settings, keys, allow_online, before, report)


HOLDS: Final[dict[str, Hold]] = {"THREAD": hold_in_thread, "PROCESS": hold_in_process}


def redraw() -> None:
    """Have every 3D viewport's sidebar drawn again."""
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            for area in window.screen.areas:
                if area.type == "VIEW_3D":
                    for region in area.regions:
                        if region.type == "UI":
                            region.tag_redraw()


def _tick() -> float | None:
    session = _session
    if session is None:
        return None
    try:
        session.tick()
    except UserError as error:
        stop(str(error), wait=False)
        return None
    except Exception:
        stop(wait=False)
        raise
    if session.is_over:
        stop(view.problem, wait=False)
        return None
    return TICK


def _finish(patience: float | None = 0.0) -> float | None:
    """Look whether the last conversation has ended."""
    global _ending
    if _ending is None:
        return None
    if not _ending.has_ended(patience):
        return REDRAW
    _ending = None
    redraw()
    return None


def _occupied() -> str:
    """What Blender is doing that must not be disturbed."""
    if bpy.app.is_job_running("RENDER") or bpy.app.is_job_running("OBJECT_BAKE"):
        return "render"
    windows = [window for manager in bpy.data.window_managers for window in manager.windows]
    return "animation" if any(window.screen.is_animation_playing for window in windows) else ""


def _said(sentence: str) -> None:
    """The character says another sentence of its answer."""
    if turns and turns[-1].speaker == "character" and not turns[-1].unsaid:
        turns[-1] = Turn("character", joined([turns[-1].text, sentence]))
    else:
        turns.append(Turn("character", sentence))


def _unsaid(rest: str) -> None:
    """It was interrupted: this of what it was going to say was not said, whether its sentence had begun or not."""
    if not turns or turns[-1].speaker != "character" or not rest:
        return
    text = turns[-1].text
    overlap = next((size for size in range(min(len(text), len(rest)), 0, -1) if text.endswith(rest[:size])), 0)
    turns[-1] = Turn("character", text[: len(text) - overlap].rstrip(), rest)


def _remember(event: Event, scene_name: str) -> None:
    scene = bpy.data.scenes.get(scene_name)
    if scene is None:
        view.problem = "The scene the recording was made for is gone. The take lies in " + event.text
        return
    scene.linly.remember_recording(event.text, event.values)


def _reset(problem: str = "") -> None:
    global view
    view = View(problem=problem)
