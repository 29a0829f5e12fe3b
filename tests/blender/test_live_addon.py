"""A conversation in Blender, held with somebody who only pretends: what the buttons do, and what it survives."""

import importlib
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest

from linly_blender import takes

from .conftest import MODULE


@pytest.fixture
def conversation(extension: ModuleType) -> ModuleType:
    """The extension's conversation, in a new file."""
    return importlib.import_module(f"{MODULE}.operators.conversation")


class Pretender:
    """Does what a test tells it to."""

    def __init__(self, conversation: ModuleType) -> None:
        self._events = importlib.import_module(f"{MODULE}.linly_blender.live.services").Event
        self._frames = importlib.import_module(f"{MODULE}.linly_blender.live.frame").Frame
        self.told: list[tuple[str, Any]] = []
        self.opened: tuple[Any, ...] = ()
        self.closed = 0
        self.may_end = threading.Event()
        self.may_end.set()
        self.now: Any = None
        self.loud = 0.0
        self._tick = conversation._tick

    def hold(self, *given: Any) -> "Pretender":
        *self.opened, self._report = given
        return self

    def tell(self, command: tuple[str, Any]) -> None:
        self.told.append(command)
        if command[0] == "keep":
            self.happens("recorded", command[1], values={"duration": 2.5, "sentences": 3.0, "gestures": 4.0})

    def frame(self) -> Any:
        return self.now

    def level(self) -> float:
        return self.loud

    def close(self) -> None:
        self.may_end.wait()
        self.closed += 1

    def happens(self, kind: str, text: str = "", **more: Any) -> None:
        self._report(self._events(kind, 0.0, text, **more))

    def shows(self, value: float) -> None:
        """A frame, and the tick that takes it."""
        head = np.array([0, 0, 0, 0.2, 0.1, 0], np.float32)
        self.now = self._frames(0.0, np.full(52, value, np.float32), head, np.zeros(2, np.float32), 0.0)
        self._tick()


@pytest.fixture
def pretender(conversation: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Pretender:
    pretender = Pretender(conversation)
    for place in ("THREAD", "PROCESS"):
        monkeypatch.setitem(conversation.HOLDS, place, pretender.hold)
    return pretender


@pytest.fixture
def mesh(pretender: Pretender, make_character: Callable[..., Any]) -> bpy.types.Object:
    """Of a character with whom a conversation is held."""
    mesh, rig = make_character()
    mesh.data.shape_keys.key_blocks["jawOpen"].value = 0.25
    rig.pose.bones["head"].rotation_quaternion = (0.9, 0.1, 0.0, 0.0)
    bpy.context.scene.linly.character = mesh
    assert bpy.ops.linly.live_start() == {"FINISHED"}
    pretender.happens("state", "listening")
    return mesh


def jaw(mesh: bpy.types.Object) -> float:
    return round(mesh.data.shape_keys.key_blocks["jawOpen"].value, 4)


def refusal(operator: Any) -> str:
    with pytest.raises(RuntimeError) as refused:
        operator()
    return str(refused.value)


def test_every_button_says_why_it_is_grey(pretender: Pretender, make_character: Callable[..., Any]) -> None:
    assert "Choose a character first" in refusal(bpy.ops.linly.live_start)
    for name in ("stop", "say", "talk", "interrupt", "record"):
        assert "Start the conversation first" in refusal(getattr(bpy.ops.linly, f"live_{name}"))
    assert "Nothing has been said" in refusal(bpy.ops.linly.live_forget)
    bpy.context.scene.linly.character, _ = make_character()
    assert bpy.ops.linly.live_start() == {"FINISHED"}
    assert "running" in refusal(bpy.ops.linly.live_start)
    assert "Write what you say first" in refusal(bpy.ops.linly.live_say)
    assert "Stop the conversation first" in refusal(bpy.ops.linly.live_forget)


def test_start_moves_and_stop_gives_back(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object, snapshot: Callable[[], Any]
) -> None:
    before = snapshot()
    assert bpy.app.timers.is_registered(conversation._tick)
    bpy.context.scene.tool_settings.use_keyframe_insert_auto = True
    for value in (0.5, 0.7):
        pretender.shows(value)
        assert jaw(mesh) == pytest.approx(value)
    assert snapshot() != before
    assert conversation.view.state == "listening"
    assert bpy.ops.linly.live_stop() == {"FINISHED"}
    assert pretender.closed == 1
    assert snapshot() == before
    assert not bpy.app.timers.is_registered(conversation._tick)
    assert conversation.view.state == "off"


def test_what_is_set_is_what_is_opened(pretender: Pretender, make_character: Callable[..., Any]) -> None:
    linly = bpy.context.scene.linly
    linly.character, _ = make_character()
    live = linly.live
    live.responder = "FAQ"
    assert "is missing" in refusal(bpy.ops.linly.live_start)
    live.responder, live.model, live.persona = "LLM", "qwen", " A pirate "
    live.recogniser, live.voice, live.voice_file = "NONE", "PIPER", "/voices/one.onnx"
    live.language, live.guard, live.push_to_talk, live.input_device = "ZH", "HEADPHONES", True, "USB"
    linly.style, linly.amount_head, linly.seed = "LIVELY", 0.5, 7
    preferences = bpy.context.preferences.addons[MODULE].preferences
    preferences.language_model_key = "sk-secret"
    assert bpy.ops.linly.live_start() == {"FINISHED"}
    settings, keys, online, before = pretender.opened
    assert settings.responder == "llm:http://localhost:11434/v1"
    assert (settings.model, settings.persona, settings.recogniser) == ("qwen", "A pirate", "none")
    assert settings.voice == "piper:/voices/one.onnx"
    assert (settings.language, settings.guard, settings.push_to_talk) == ("zh", "headphones", True)
    assert (settings.input_device, settings.output_device) == ("USB", None)
    assert (settings.style, settings.amounts.head, settings.seed) == ("lively", 0.5, 7)
    assert keys == {"language_model": "sk-secret"}
    assert online == bpy.app.online_access
    assert before == ()


def test_a_mirror_needs_nothing_that_understands_or_speaks(
    pretender: Pretender, make_character: Callable[..., Any]
) -> None:
    linly = bpy.context.scene.linly
    linly.character, _ = make_character()
    live = linly.live
    live.responder, live.recogniser, live.voice, live.input_device = "MIRROR", "SHERPA", "PIPER", "USB"
    assert bpy.ops.linly.live_start() == {"FINISHED"}
    settings = pretender.opened[0]
    assert (settings.responder, settings.input_device) == ("mirror", "USB")


def test_no_key_is_saved(conversation: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preferences = bpy.context.preferences.addons[MODULE].preferences
    module = importlib.import_module(f"{MODULE}.operators.live_settings")
    preferences.speech_key = "sk-very-secret"
    monkeypatch.setenv("LINLY_ASR_KEY", "sk-from-outside")
    assert module.keys()["speech"] == "sk-very-secret"
    assert module.keys()["recognition"] == "sk-from-outside"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "file.blend"), compress=False)
    monkeypatch.setenv("BLENDER_USER_CONFIG", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    bpy.ops.wm.save_userpref()
    written = list(tmp_path.rglob("*.blend"))
    assert {path.name for path in written} == {"file.blend", "userpref.blend"}
    assert not any(b"sk-" in path.read_bytes() for path in written)


def test_orders_are_handed_over_and_what_happens_is_shown(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object
) -> None:
    live = bpy.context.scene.linly.live
    live.text = " Good morning "
    assert bpy.ops.linly.live_say() == {"FINISHED"}
    assert live.text == ""
    bpy.ops.linly.live_interrupt()
    bpy.ops.linly.live_talk()
    assert conversation.view.talking
    bpy.ops.linly.live_talk()
    assert pretender.told == [
        ("say", "Good morning"), ("interrupt", None), ("push_to_talk", True), ("push_to_talk", False)
    ]  # fmt: skip
    pretender.happens("partial", "Good mor")
    pretender.loud = 0.4
    conversation._tick()
    assert (conversation.view.partial, conversation.view.level) == ("Good mor", 0.4)
    pretender.happens("heard", "Good morning")
    for sentence in ("And to you.", "Nice weather."):
        pretender.happens("reply_text", sentence)
    pretender.happens("interrupted", "weather. Is it not?")  # the last sentence was ready, but never begun
    pretender.happens("latency", values={"total": 0.25})
    pretender.happens("error", "The server is not running. Start it.", fault="server")
    conversation._tick()
    assert conversation.view.partial == ""
    assert [turn.text for turn in conversation.turns] == ["Good morning", "And to you. Nice"]
    assert conversation.turns[-1].unsaid == "weather. Is it not?"
    assert conversation.view.latencies == {"total": 0.25}
    assert "Start it" in conversation.view.problem
    pretender.happens("heard", "Again")
    conversation._tick()
    assert [len(exchange) for exchange in conversation.exchanges()] == [2, 1]
    assert conversation.view.problem == ""


def test_what_was_said_is_kept_for_the_next_start_until_it_is_forgotten(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object
) -> None:
    pretender.happens("heard", "My name is Anna")
    pretender.happens("error", "The process has ended. Press Start.", fault="engine")
    pretender.happens("state", "off")
    assert conversation._tick() is None
    assert conversation.current() is None
    end(conversation)
    assert pretender.closed == 1
    assert "Press Start" in conversation.view.problem
    assert jaw(mesh) == 0.25
    assert bpy.ops.linly.live_start() == {"FINISHED"}
    assert conversation.view.problem == ""
    assert [turn.text for turn in pretender.opened[3]] == ["My name is Anna"]
    bpy.ops.linly.live_stop()
    end(conversation)
    assert bpy.ops.linly.live_forget() == {"FINISHED"}
    assert not conversation.turns


def test_a_recording_is_baked_as_any_take(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object, make_take: Any
) -> None:
    linly = bpy.context.scene.linly
    assert bpy.ops.linly.live_record() == {"FINISHED"}
    assert conversation.view.recording
    assert bpy.ops.linly.live_record() == {"FINISHED"}
    (_, folder), (_, path) = pretender.told
    assert path == f"{folder}.json"
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    takes.write(make_take(), Path(path))
    conversation._tick()
    assert linly.take_file() == Path(path)
    assert (linly.take_duration, linly.take_sentences, linly.take_gestures) == (2.5, 3, 4)
    bpy.ops.linly.live_stop()
    linly.seed = 5
    assert linly.take_is_current, "no text asks for a recording, so that none makes it old"
    assert bpy.ops.linly.bake() == {"FINISHED"}
    assert linly.take_file() == Path(path), "nothing was performed anew"
    linly.line = "Good morning."
    linly.fine_tuner = "OFF"
    assert bpy.ops.linly.perform() == {"FINISHED"}
    assert not linly.take_is_recorded


def end(conversation: ModuleType) -> None:
    """Wait until the last conversation has ended, as the timer does."""
    while conversation._finish(1.0) is not None:
        pass


def test_stop_is_done_at_once_though_something_hangs(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object
) -> None:
    pretender.shows(0.9)
    pretender.may_end.clear()
    assert bpy.ops.linly.live_record() == {"FINISHED"}
    assert bpy.ops.linly.live_stop() == {"FINISHED"}
    assert pretender.closed == 0, "nobody waited for it"
    assert jaw(mesh) == 0.25
    assert conversation.view.state == "off"
    assert "still ending" in refusal(bpy.ops.linly.live_start)
    assert bpy.app.timers.is_registered(conversation._finish)
    pretender.may_end.set()
    end(conversation)
    assert pretender.closed == 1
    assert bpy.context.scene.linly.take_is_recorded, "what it did while it ended is not lost"
    assert bpy.ops.linly.live_start() == {"FINISHED"}


def test_disabling_waits_for_what_is_still_ending(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object
) -> None:
    pretender.may_end.clear()
    bpy.ops.linly.live_stop()
    threading.Timer(0.2, pretender.may_end.set).start()
    bpy.ops.preferences.addon_disable(module=MODULE)
    assert pretender.closed == 1
    assert not conversation.is_ending()
    assert not bpy.app.timers.is_registered(conversation._finish)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("linly")]
    bpy.ops.preferences.addon_enable(module=MODULE)


def test_stopping_keeps_what_is_being_recorded(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object
) -> None:
    bpy.ops.linly.live_record()
    bpy.ops.linly.live_stop()
    end(conversation)
    assert [order for order, _ in pretender.told] == ["record", "keep"]
    assert bpy.context.scene.linly.take_is_recorded


def test_another_file_ends_it(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object, tmp_path: Path
) -> None:
    pretender.shows(0.9)
    pretender.happens("heard", "Remember me")
    path = tmp_path / "saved.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    assert jaw(mesh) == 0.25, "what is saved is the artist's"
    pretender.shows(0.8)
    assert jaw(mesh) == pytest.approx(0.8), "and it goes on"
    name = mesh.name
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert pretender.closed == 1
    assert conversation.current() is None
    assert not conversation.turns
    assert jaw(bpy.data.objects[name]) == 0.25
    assert not bpy.app.timers.is_registered(conversation._tick)


def test_a_file_from_the_middle_of_a_word_is_mended_when_it_is_opened(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object, tmp_path: Path
) -> None:
    pretender.shows(0.9)
    name, path = mesh.name, tmp_path / "crash.blend"
    bpy.app.handlers.save_pre.clear()  # as Blender saves by itself
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    bpy.app.handlers.save_pre.append(importlib.import_module(f"{MODULE}.registration")._before_save)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert jaw(bpy.data.objects[name]) == 0.25


def test_a_new_scene_does_not_end_it(pretender: Pretender, mesh: bpy.types.Object) -> None:
    bpy.data.scenes.new("Another")
    pretender.shows(0.6)
    assert jaw(mesh) == pytest.approx(0.6)


def test_after_a_sleep_or_a_long_drawing_only_the_newest_is_shown(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = conversation.time.monotonic()
    for number in range(500):
        pretender.happens("partial", str(number))
    monkeypatch.setattr(conversation.time, "monotonic", lambda: now + 8 * 3600)
    pretender.shows(0.1)
    pretender.shows(0.6)
    assert jaw(mesh) == pytest.approx(0.6)
    for _ in range(10):  # what has happened is told in the end, and no tick takes all of it
        conversation._tick()
    assert conversation.view.partial == "499"


def test_disabling_ends_it(pretender: Pretender, mesh: bpy.types.Object) -> None:
    pretender.shows(0.6)
    bpy.ops.preferences.addon_disable(module=MODULE)
    assert pretender.closed == 1
    assert jaw(mesh) == 0.25
    bpy.ops.preferences.addon_enable(module=MODULE)


@pytest.mark.parametrize("change", ["renamed", "deleted", "removed"])
def test_a_character_that_is_gone_ends_it_with_its_name(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object, change: str
) -> None:
    pretender.shows(0.6)
    name = mesh.name
    if change == "renamed":
        mesh.name = "Somebody else"
    elif change == "deleted":  # as an animator does it: the panel's field still refers to it
        with bpy.context.temp_override(selected_objects=[mesh]):
            bpy.ops.object.delete()
        conversation._session._checked = 0.0
    else:
        bpy.data.objects.remove(mesh)
    pretender.shows(0.7)
    assert conversation.current() is None
    assert f"'{name}'" in conversation.view.problem
    if change != "removed":
        assert jaw(mesh) == 0.25


def test_a_render_or_a_playing_animation_is_not_disturbed(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretender.shows(0.6)
    for why, during in (("render", 0.6), ("animation", 0.25)):
        monkeypatch.setattr(conversation, "_occupied", lambda why=why: why)
        pretender.shows(0.9)
        assert conversation.view.paused == why
        assert jaw(mesh) == pytest.approx(during)
        monkeypatch.setattr(conversation, "_occupied", lambda: "")
        pretender.shows(0.6)
        assert conversation.view.paused == ""
        assert jaw(mesh) == pytest.approx(0.6)


def test_rendering_in_the_middle_does_no_harm(pretender: Pretender, mesh: bpy.types.Object, tmp_path: Path) -> None:
    scene = bpy.context.scene
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.render.filepath = str(tmp_path / "picture.png")
    pretender.shows(0.6)
    bpy.ops.render.render(write_still=True)
    assert (tmp_path / "picture.png").exists()
    pretender.shows(0.7)
    assert jaw(mesh) == pytest.approx(0.7)


def test_nothing_that_is_wrong_stays_registered(
    conversation: ModuleType, pretender: Pretender, mesh: bpy.types.Object
) -> None:
    pretender.level = lambda: 1 / 0  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        conversation._tick()
    assert conversation.current() is None
    end(conversation)
    assert pretender.closed == 1
    assert jaw(mesh) == 0.25


def test_one_that_cannot_be_opened_leaves_nothing(
    conversation: ModuleType, pretender: Pretender, make_character: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    bpy.context.scene.linly.character, _ = make_character()
    error = importlib.import_module(f"{MODULE}.linly_blender.errors").UserError

    def refuse(*_: Any) -> None:
        raise error("There is no process. Choose Thread.")

    monkeypatch.setitem(conversation.HOLDS, "THREAD", refuse)
    assert "Choose Thread" in refusal(bpy.ops.linly.live_start)
    assert conversation.current() is None
    assert conversation.view.state == "off"
