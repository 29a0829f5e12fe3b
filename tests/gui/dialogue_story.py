"""An animator performs a recording in a window. Runs inside Blender: ``--python dialogue_story.py -- RESULTS.json``.

Each step yields the seconds Blender gets to itself before the next one; what was seen goes into the results.
"""

import importlib
import json
import sys
import tempfile
import time
import traceback
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

MODULE = "bl_ext.user_default.linly_blender"
FIRST = "My mother bought five apples, and Peter paid for them."
LINES = 20
"""That are said: some of them are shown before the others are found."""

seen: dict[str, Any] = {}


def module(name: str) -> Any:
    return importlib.import_module(f"{MODULE}.{name}")


window = module("linly_blender.scene.window")
in_viewport, press, settings = window.in_viewport, window.press, window.settings


def scene() -> bpy.types.Scene:
    return bpy.context.window_manager.windows[0].scene


def script() -> list[str]:
    """What is said, a line a paragraph."""
    others = module("linly_blender.measure.sentences").ENGLISH
    return [FIRST, *(sentence for paragraph in others for sentence in paragraph)][:LINES]


def speak(path: Path) -> None:
    """What the built-in voice says, line by line with a second between them."""
    synthesis, reader = module("linly_blender.speech.synthesis"), module("linly_blender.language.reader")
    text = "\n".join(f"{line} [pause 0.3]" for line in script())
    with synthesis.EspeakVoice(None) as voice:
        speech = synthesis.speak(reader.read_script(text, language="en"), voice, lambda share: None)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(speech.rate)
        file.writeframes(speech.sound.astype("<i2").tobytes())


def working() -> bool:
    return module("operators.worker").current() is not None


def wait_while_working() -> Iterator[float]:
    end = time.perf_counter() + 120
    while working() and time.perf_counter() < end:
        yield 0.05
    yield 0.2


def texts() -> list[str]:
    return [row.name for row in settings().dialogue.words]


def first_frame() -> float:
    keys = settings().character.data.shape_keys
    return float(keys.animation_data.nla_tracks[0].strips[0].frame_start)


def story(folder: Path) -> Iterator[float]:
    path = folder / "voice.wav"
    speak(path)
    press(bpy.ops.linly.add_avatar)
    dialogue, state = settings().dialogue, module("operators.dialogue_state")
    settings().source, settings().language, settings().fine_tuner = "RECORDING", "EN", "OFF"
    dialogue.file, dialogue.words_from, dialogue.line = str(path), "LINE", " ".join(script())
    yield 0.3

    # Cancelled in the middle: nothing is kept of it.
    press(bpy.ops.linly.perform)
    press(bpy.ops.linly.cancel)
    yield from wait_while_working()
    seen["kept_when_cancelled"] = [settings().take_key, texts()]

    # Performed: lines are shown before all are found.
    seen["perform"] = press(bpy.ops.linly.perform)
    shown: list[int] = []
    while working():
        if state.found is not None:
            shown.append(len(state.found.lines))
        yield 0.02
    seen["lines_shown"] = sorted(set(shown))
    yield 0.2
    seen["words"] = len(texts())
    seen["on_phones"] = dialogue.on_phones

    # A word is corrected, and that undone.
    with in_viewport():
        bpy.ops.ed.undo_push(message="Before")
        settings().dialogue.active = 3
        settings().dialogue.word_text = "seven"
        bpy.ops.ed.undo_push(message="Word")
        seen["corrected"] = texts()[3]
        bpy.ops.ed.undo()
    seen["undone"] = texts()[3]
    seen["current_after_undo"] = settings().take_is_current
    with in_viewport():
        bpy.ops.ed.redo()
    seen["redone"] = texts()[3]

    # Baked with the file's own sound; in one step.
    seen["bake"] = press(bpy.ops.linly.bake)
    yield from wait_while_working()
    seen["sounds"] = [strip.sound.filepath for strip in scene().sequence_editor.strips_all]
    seen["path"] = str(path)
    with in_viewport():
        bpy.ops.ed.undo()
    seen["sounds_after_undo"] = len(scene().sequence_editor.strips_all if scene().sequence_editor else ())

    # The same recording as a strip, which is moved.
    editor = scene().sequence_editor or scene().sequence_editor_create()
    strip = editor.strips.new_sound("Voice", str(path), channel=1, frame_start=30)
    editor.active_strip = strip
    settings().dialogue.origin = "STRIP"
    seen["pipette"] = press(bpy.ops.linly.dialogue_strip)
    press(bpy.ops.linly.bake)
    yield from wait_while_working()
    seen["baked_at"] = first_frame()
    strip = scene().sequence_editor.strips_all["Voice"]
    strip.content_start += 25
    press(bpy.ops.linly.play)
    yield 0.3
    press(bpy.ops.linly.play)
    seen["notes"] = settings().notes
    seen["sync"] = press(bpy.ops.linly.dialogue_sync)
    seen["synced_at"] = first_frame()
    seen["markers"] = press(bpy.ops.linly.dialogue_markers)
    yield 0.3
    seen["marked"] = len(scene().timeline_markers)
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


steps = story(Path(tempfile.mkdtemp()))
bpy.app.timers.register(run, first_interval=1.0, persistent=True)
