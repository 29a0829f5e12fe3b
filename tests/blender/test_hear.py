"""Recordings by Blender's own decoder, and what of which file a strip plays when."""

import ast
import importlib
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import aud
import bpy
import numpy as np
import pytest

from linly_blender.dialogue.decode import read_recording
from linly_blender.errors import UserError
from linly_blender.scene import strips
from linly_blender.scene.hear import Source, hear

from .conftest import MODULE, ROOT

RATE = 16000
SECONDS = 12.0
FPS = 24.0


def bursts(seconds: float = SECONDS, rate: int = RATE) -> np.ndarray:
    """A tone that rises, so that each moment of it sounds unlike any other."""
    times = np.arange(round(seconds * rate)) / rate
    return np.asarray(0.4 * np.sin(2 * np.pi * (200 * times + 40 * times**2)), np.float32)


def write(path: Path, sound: np.ndarray, rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    return write(tmp_path / "voice.wav", bursts())


@pytest.fixture
def strip(scene: bpy.types.Scene, voice: Path) -> Any:
    """From frame 40 on, in a scene of 24 frames a second."""
    scene.render.fps, scene.render.fps_base = 24, 1.0
    scene.frame_end = 1000
    return scene.sequence_editor_create().strips.new_sound("Voice", str(voice), channel=2, frame_start=40)


def put(strip: Any, **values: Any) -> None:
    """Set properties by the names of 5.2, or those they had before."""
    older = {
        "left_handle": "frame_final_start",
        "right_handle": "frame_final_end",
        "content_start": "frame_start",
        "content_trim_start": "animation_offset_start",
    }
    for name, value in values.items():
        setattr(strip, name if hasattr(strip, name) else older.get(name, name), value)


def mixed(scene: bpy.types.Scene, path: Path) -> np.ndarray:
    """What the scene sounds like from frame 0 on, as it is rendered [shape=(n,)], at RATE."""
    scene.frame_start = 0
    bpy.ops.sound.mixdown(filepath=str(path), container="WAV", codec="PCM", format="F32", mixrate=RATE, accuracy=64)
    return np.asarray(aud.Sound.file(str(path)).data()).mean(axis=1)


def pitch_at(sound: np.ndarray, time: float) -> float:
    """Hertz around a moment, by the middle of the spectrum's peak."""
    part = sound[round((time - 0.1) * RATE) :][: round(0.2 * RATE)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 16))
    return float(spectrum.argmax() * RATE / (1 << 16))


def second_heard(sound: np.ndarray, frame: float, speed: float) -> float:
    """Which second of ``bursts`` is heard at a frame: second t has 200 + 80 t hertz, and as many times more as fast."""
    return (pitch_at(sound, frame / FPS) / speed - 200) / 80


def in_sequencer() -> Any:
    """A context in which the sequencer's operators work."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.type = "SEQUENCE_EDITOR"
    area.spaces.active.view_type = "SEQUENCER"
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = bpy.context.scene
    region = next(region for region in area.regions if region.type == "WINDOW")
    return bpy.context.temp_override(window=window, area=area, region=region, scene=bpy.context.scene)


def retime(strip: Any, percent: float) -> None:
    with in_sequencer():
        for other in bpy.context.scene.sequence_editor.strips_all:
            other.select = other == strip
        bpy.context.scene.sequence_editor.active_strip = strip
        assert bpy.ops.sequencer.retiming_segment_speed_set(speed=percent) == {"FINISHED"}


def assert_as_heard(scene: bpy.types.Scene, folder: Path, frames: list[float]) -> None:
    """Hold what is said of a strip against what Blender renders: half a frame."""
    place, sound = strips.place_of(scene, "Voice"), mixed(scene, folder / "mix.wav")
    for frame in frames:
        speed = (place.second(frame + 1) - place.second(frame - 1)) / 2 * FPS
        assert place.second(frame) == pytest.approx(second_heard(sound, frame, speed), abs=0.5 * speed / FPS)
        assert place.frame(place.second(frame)) == pytest.approx(frame, abs=0.05)


def test_a_strip_plays_its_file_from_its_first_frame_on(scene: bpy.types.Scene, strip: Any, tmp_path: Path) -> None:
    place = strips.place_of(scene, "Voice")
    assert (place.frames[0], place.begin, place.speed) == (40, 0.0, 1.0)
    assert place.end == pytest.approx(SECONDS, abs=1 / FPS)
    assert_as_heard(scene, tmp_path, [50, 100, 200, 300])


def test_trims_offsets_and_rates_are_followed(scene: bpy.types.Scene, strip: Any, tmp_path: Path) -> None:
    put(strip, content_trim_start=12)
    put(strip, left_handle=80, right_handle=250)
    put(strip, sound_offset=0.3)
    place = strips.place_of(scene, "Voice")
    assert (place.frames[0], place.frames[-1]) == (80, 250)
    assert place.begin > 1
    assert_as_heard(scene, tmp_path, [90, 150, 240])
    before = place.begin
    scene.render.fps_base = 1.001
    assert strips.place_of(scene, "Voice").begin != pytest.approx(before, abs=1e-4)


def test_silence_before_the_sound_is_no_part_of_it(scene: bpy.types.Scene, strip: Any, tmp_path: Path) -> None:
    put(strip, sound_offset=0.5)
    place = strips.place_of(scene, "Voice")
    assert (place.frames[0], place.begin) == (52, 0.0)
    assert_as_heard(scene, tmp_path, [60, 150, 240])


@pytest.mark.parametrize("percent", [50.0, 80.0, 160.0])
def test_a_speed_is_followed(scene: bpy.types.Scene, strip: Any, tmp_path: Path, percent: float) -> None:
    put(strip, left_handle=60)
    retime(strip, percent)
    place = strips.place_of(scene, "Voice")
    assert place.speed == pytest.approx(percent / 100, rel=0.02)
    if hasattr(strip, "pitch_correction"):
        strip.pitch_correction = False
    if bpy.app.version >= (5, 0):  # before, a mix of a retimed strip is off by chance, or ends in a division by zero
        inside = np.linspace(place.frames[0] + 5, place.frames[-1] - 5, 4)
        assert_as_heard(scene, tmp_path, list(inside))


def test_several_speeds_are_followed(scene: bpy.types.Scene, strip: Any) -> None:
    retime(strip, 50.0)
    with in_sequencer():
        bpy.ops.sequencer.retiming_key_add(timeline_frame=200)
    keys = strip.retiming_keys
    next(key for key in keys if key.timeline_frame == 200).timeline_frame = 260
    place = strips.place_of(scene, "Voice")
    slow = (place.second(240) - place.second(100)) / (140 / FPS)
    later = (place.second(460) - place.second(300)) / (160 / FPS)
    assert slow == pytest.approx(0.5 * 160 / 220, abs=0.01)
    assert later > 0.52
    assert place.second(260) == pytest.approx(0.5 * 160 / FPS, abs=1 / FPS)
    state = strips.state_of(scene, "Voice")
    next(key for key in keys if key.timeline_frame == 260).timeline_frame = 240
    assert strips.state_of(scene, "Voice") != state


def test_a_strip_within_a_trimmed_meta_strip(scene: bpy.types.Scene, strip: Any, tmp_path: Path) -> None:
    with in_sequencer():
        strip.select = True
        scene.sequence_editor.active_strip = strip
        bpy.ops.sequencer.meta_make()
    meta = next(one for one in scene.sequence_editor.strips if one.type == "META")
    assert [one.name for one in strips.playable(scene)] == ["Voice"]
    put(meta, left_handle=90, right_handle=260)
    place = strips.place_of(scene, "Voice")
    assert (place.frames[0], place.frames[-1]) == (90, 260)
    assert place.begin == pytest.approx(50 / FPS, abs=0.5 / FPS)
    assert_as_heard(scene, tmp_path, [100, 200, 250])
    state = strips.state_of(scene, "Voice")
    put(meta, content_start=meta_start(meta) + 7)
    assert strips.state_of(scene, "Voice") != state
    assert strips.place_of(scene, "Voice").frames[0] == 97


def meta_start(meta: Any) -> float:
    return float(meta.content_start if hasattr(meta, "content_start") else meta.frame_start)


def test_asking_leaves_nothing_behind(
    scene: bpy.types.Scene, strip: Any, snapshot: Callable[[], dict[str, Any]]
) -> None:
    strip.volume, strip.mute = 0.25, True
    retime(strip, 80.0)
    before = snapshot()
    place = strips.place_of(scene, "Voice")
    assert place.speed == pytest.approx(0.8, rel=0.02), "a strip that is muted is measured as well"
    assert snapshot() == before
    assert (strip.volume, strip.mute, strip.sound.name) == (0.25, True, "voice.wav")


def test_a_recording_is_what_the_strip_plays(scene: bpy.types.Scene, strip: Any, voice: Path) -> None:
    put(strip, left_handle=88, right_handle=208)
    strip.volume = 0.1
    recording = hear(strips.source_of(scene, "Voice"))
    whole = read_recording(voice)
    assert (recording.rate, recording.name, recording.notes) == (RATE, "Voice", ())
    assert recording.duration == pytest.approx(120 / FPS)
    np.testing.assert_allclose(recording.sound, whole.sound[2 * RATE : 7 * RATE], atol=3)


def test_a_packed_sound_is_heard_without_its_file(scene: bpy.types.Scene, strip: Any, voice: Path) -> None:
    whole = read_recording(voice)
    strip.sound.pack()
    voice.unlink()
    np.testing.assert_allclose(hear(strips.source_of(scene, "Voice")).sound, whole.sound, atol=1)
    retime(strip, 50.0)
    assert strips.place_of(scene, "Voice").speed == pytest.approx(0.5, rel=0.02)


def test_what_is_missing_is_told(scene: bpy.types.Scene, strip: Any, voice: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no sound strip 'Other'"):
        strips.source_of(scene, "Other")
    voice.unlink()
    with pytest.raises(UserError, match="There is no file"):
        hear(strips.source_of(scene, "Voice"))
    strip.sound = None
    with pytest.raises(UserError, match="lost its sound"):
        strips.source_of(scene, "Voice")
    text = tmp_path / "script.wav"
    text.write_text("Not a sound, but long enough to be looked into. " * 50)
    with pytest.raises(UserError, match="no sound that can be read"):
        hear(strips.of_file(str(text)))


KINDS = {
    "flac": (aud.CONTAINER_FLAC, aud.CODEC_FLAC),
    "ogg": (aud.CONTAINER_OGG, aud.CODEC_VORBIS),
    "mp3": (aud.CONTAINER_MP3, aud.CODEC_MP3),
    "mkv": (aud.CONTAINER_MATROSKA, aud.CODEC_FLAC),
}


@pytest.mark.parametrize("kind", KINDS)
def test_both_decoders_hear_the_same(kind: str, tmp_path: Path) -> None:
    container, codec = KINDS[kind]
    path = tmp_path / f"voice.{kind}"
    sound = aud.Sound.buffer(bursts(5.0, 44100)[:, None], 44100)
    sound.write(str(path), 44100, 1, aud.FORMAT_S16, container, codec, 192000, 1021)
    theirs, ours = read_recording(path), hear(Source(path.name, path))
    assert ours.rate == theirs.rate == 44100
    assert abs(len(ours.sound) - len(theirs.sound)) < 3000
    np.testing.assert_allclose(ours.sound[: 5 * 44100 - 3000], theirs.sound[: 5 * 44100 - 3000], atol=3)
    part = hear(Source(path.name, path, None, 1.2345, 3.5))
    first = round(1.2345 * 44100)
    assert len(part.sound) == round(3.5 * 44100) - first
    np.testing.assert_allclose(part.sound, ours.sound[first : first + len(part.sound)], atol=3)


@pytest.mark.parametrize("rate", [6000, 8000, 11025, 44100, 48000, 96000])
def test_every_rate_arrives_in_time(rate: int, tmp_path: Path) -> None:
    """Longer than what is decoded at once; higher than 2 kHz the two resample differently."""
    path = write(tmp_path / "voice.wav", np.tile(bursts(16.5, rate), 2), rate)
    ours, theirs = hear(Source("voice.wav", path)), read_recording(path)
    assert ours.rate == theirs.rate == min(max(rate, 8000), 48000)
    assert ours.duration == pytest.approx(33.0, abs=0.01)
    inside = slice(ours.rate, 32 * ours.rate)
    difference = ours.sound[inside].astype(float) - theirs.sound[inside]
    assert np.sqrt(np.mean(difference**2)) < (3 if ours.rate == rate else 100)


def test_surround_is_heard_by_its_centre(tmp_path: Path) -> None:
    path = tmp_path / "surround.wav"
    music = 0.5 * np.sin(np.arange(3 * RATE) * 0.05)
    channels = np.stack([music, music, bursts(3.0), 0 * music, music, music], axis=1)
    sound = aud.Sound.buffer(channels.astype(np.float32), RATE)
    sound.write(str(path), RATE, 6, aud.FORMAT_S16, aud.CONTAINER_WAV, aud.CODEC_PCM, 0, 1021)
    for recording in (hear(Source("surround.wav", path)), read_recording(path)):
        np.testing.assert_allclose(recording.sound[: 2 * RATE], bursts(3.0)[: 2 * RATE] * 32768, atol=40)


def test_a_movie_strip_and_the_sound_beside_it(scene: bpy.types.Scene, tmp_path: Path) -> None:
    """The movie has 30 frames a second, and the scene 24."""
    scene.render.fps, scene.render.fps_base = 24, 1.0
    path = movie(tmp_path / "take.mp4")
    editor = scene.sequence_editor_create()
    sound = editor.strips.new_sound("Voice", str(path), channel=1, frame_start=40)
    shown = editor.strips.new_movie("Take", str(path), channel=2, frame_start=40)
    assert [one.name for one in strips.playable(scene)] == ["Voice", "Take"]
    assert_as_heard(scene, tmp_path, [60, 100, 120])
    for one in (sound, shown):
        put(one, left_handle=70)
    beside, itself = strips.place_of(scene, "Voice"), strips.place_of(scene, "Take")
    assert itself.second(70) == pytest.approx(beside.second(70) * itself.speed, abs=1 / FPS)
    recording = hear(strips.source_of(scene, "Take"))
    assert recording.name == "Take"
    assert recording.duration == pytest.approx(itself.end - itself.begin, abs=0.05)


def movie(path: Path) -> Path:
    """Four seconds of grey with ``bursts`` as AAC."""
    from fractions import Fraction

    import av

    with av.open(str(path), "w") as container:
        pictures = container.add_stream("mpeg4", rate=30)
        pictures.width, pictures.height = 64, 48
        voice = container.add_stream("aac", rate=48000, layout="mono")
        for _ in range(120):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), format="rgb24")
            container.mux(pictures.encode(picture))
        frame = av.AudioFrame.from_ndarray(bursts(4.0, 48000)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = 48000, Fraction(1, 48000), 0
        resampler = av.AudioResampler(format=voice.format, layout="mono", rate=48000, frame_size=1024)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(voice.encode(part))
        container.mux(voice.encode(None))
        container.mux(pictures.encode(None))
    return path


def test_what_is_told_of_recordings_is_there_in_chinese(extension: ModuleType) -> None:
    messages = importlib.import_module(f"{MODULE}.panels.messages")
    modules = (
        "dialogue/recording",
        "dialogue/decode",
        "dialogue/checking",
        "dialogue/cutting",
        "scene/hear",
        "scene/strips",
    )
    texts = {text for name in modules for text in sentences(ROOT / f"linly_blender/{name}.py")}
    assert len(texts) > 15, "the messages are looked for where they are"
    assert texts - messages.CHINESE.keys() == set()


def sentences(path: Path) -> Iterator[str]:
    """Errors and notes: texts of a module that are put together, and are sentences."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            if text.endswith("."):
                yield text
