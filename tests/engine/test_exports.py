"""The files other tools read."""

import csv
import dataclasses
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linly_blender.arkit import SHAPES
from linly_blender.errors import UserError
from linly_blender.exports import livelink, table
from linly_blender.exports.wav import decode, write_wav
from linly_blender.files import replacing
from linly_blender.performance import Frames, Performance

# The header of a file recorded by the app.
APP_HEADER = (
    "Timecode,BlendShapeCount,EyeBlinkLeft,EyeLookDownLeft,EyeLookInLeft,EyeLookOutLeft,EyeLookUpLeft,EyeSquintLeft,"
    "EyeWideLeft,EyeBlinkRight,EyeLookDownRight,EyeLookInRight,EyeLookOutRight,EyeLookUpRight,EyeSquintRight,"
    "EyeWideRight,JawForward,JawRight,JawLeft,JawOpen,MouthClose,MouthFunnel,MouthPucker,MouthRight,MouthLeft,"
    "MouthSmileLeft,MouthSmileRight,MouthFrownLeft,MouthFrownRight,MouthDimpleLeft,MouthDimpleRight,MouthStretchLeft,"
    "MouthStretchRight,MouthRollLower,MouthRollUpper,MouthShrugLower,MouthShrugUpper,MouthPressLeft,MouthPressRight,"
    "MouthLowerDownLeft,MouthLowerDownRight,MouthUpperUpLeft,MouthUpperUpRight,BrowDownLeft,BrowDownRight,BrowInnerUp,"
    "BrowOuterUpLeft,BrowOuterUpRight,CheekPuff,CheekSquintLeft,CheekSquintRight,NoseSneerLeft,NoseSneerRight,"
    "TongueOut,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll"
)


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="ascii", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def _at_rate(performance: Performance, fps: float, count: int) -> Performance:
    """The same movement with another number of frames at another rate."""
    frames = performance.frames
    chosen = np.arange(count) % len(frames)
    curves = (frames.shapes[chosen], frames.head[chosen], frames.gaze[chosen], frames.breath[chosen])
    return dataclasses.replace(performance, frames=Frames(fps, *curves))


def test_table(two_sentences: Performance, tmp_path: Path) -> None:
    performance = _at_rate(two_sentences, 24000 / 1001, 5000)
    table.write_csv(performance, tmp_path / "frames.csv")
    header, rows = _read(tmp_path / "frames.csv")
    assert header == [
        "time",
        *SHAPES,
        *("head_x", "head_y", "head_z", "head_pitch", "head_yaw", "head_roll", "gaze_pitch", "gaze_yaw"),
    ]
    values = np.array(rows, dtype=float)
    frames = performance.frames
    assert values.shape == (5000, 61)
    assert np.abs(values[:, 0] - frames.times).max() <= 0.5e-6
    assert np.abs(values[:, 1:53] - frames.shapes).max() <= 0.51e-5
    assert np.abs(values[:, 53:56] - frames.head[:, :3]).max() <= 0.51e-6
    assert np.abs(np.radians(values[:, 56:59]) - frames.head[:, 3:]).max() <= 1e-6
    assert np.abs(np.radians(values[:, 59:]) - frames.gaze).max() <= 1e-6


def test_no_number_is_a_negative_zero(two_sentences: Performance, tmp_path: Path) -> None:
    frames = dataclasses.replace(two_sentences.frames, head=np.full_like(two_sentences.frames.head, -1e-9))
    table.write_csv(dataclasses.replace(two_sentences, frames=frames), tmp_path / "frames.csv")
    assert "-0.0000," not in (tmp_path / "frames.csv").read_text(encoding="ascii")


def test_livelink_is_the_apps_file(two_sentences: Performance, tmp_path: Path) -> None:
    livelink.write_livelink(two_sentences, tmp_path / "face.csv")
    header, rows = _read(tmp_path / "face.csv")
    assert ",".join(header) == APP_HEADER
    assert {row[1] for row in rows} == {"61"}
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    for index, name in enumerate(SHAPES):
        found = np.array(columns[name[0].upper() + name[1:]], dtype=float)
        assert np.abs(found - two_sentences.frames.shapes[:, index]).max() <= 0.51e-6, name


def test_livelink_signs(two_sentences: Performance, tmp_path: Path) -> None:
    """Head up, to the left and to the left shoulder; eyes up and to the left."""
    frames = dataclasses.replace(
        two_sentences.frames,
        head=np.tile(np.array([0, 0, 0, 0.1, 0.2, 0.3], np.float32), (61, 1)),
        gaze=np.tile(np.array([0.4, 0.5], np.float32), (61, 1)),
    )
    livelink.write_livelink(dataclasses.replace(two_sentences, frames=frames), tmp_path / "face.csv")
    header, rows = _read(tmp_path / "face.csv")
    angles = dict(zip(header[-9:], map(float, rows[0][-9:]), strict=True))
    assert angles["HeadYaw"] == -0.2
    assert angles["HeadPitch"] == -0.1
    assert angles["HeadRoll"] == 0.3
    for side in ("Left", "Right"):
        assert angles[f"{side}EyeYaw"] == -0.5
        assert angles[f"{side}EyePitch"] == -0.4
        assert angles[f"{side}EyeRoll"] == 0.0


@pytest.mark.parametrize("fps", [24.0, 25.0, 30000 / 1001, 30.0, 60.0, 120.0])
def test_livelink_timecode_is_the_time(two_sentences: Performance, tmp_path: Path, fps: float) -> None:
    performance = _at_rate(two_sentences, fps, int(70 * fps))
    livelink.write_livelink(performance, tmp_path / "face.csv")
    _, rows = _read(tmp_path / "face.csv")
    codes = [row[0] for row in rows]
    assert codes[0] == "00:00:00:00.000"
    assert {len(code) for code in codes} == {15}
    parts = np.array([code.split(":") for code in codes], dtype=float)
    assert parts[:, 3].max() < livelink.TIMECODE_RATE
    seconds = parts @ [3600, 60, 1, 1 / livelink.TIMECODE_RATE]
    assert np.abs(seconds - performance.frames.times).max() <= 0.51e-3 / livelink.TIMECODE_RATE


def test_wav(two_sentences: Performance, tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    write_wav(two_sentences.speech, path)
    sound, rate = decode(path)
    assert rate == two_sentences.speech.rate
    assert np.array_equal(sound, two_sentences.speech.sound)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(UserError, match="cut short"):
        decode(path)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
    with pytest.raises(UserError, match="mono"):
        decode(path)
    whole = path.read_bytes()
    for torn in (b"RIFF", whole[:12] + b"junk" + (10**6).to_bytes(4, "little") + whole[12:]):
        path.write_bytes(torn)
        with pytest.raises(UserError, match=r"not a readable WAV file \(it ends too early"):
            decode(path)


@given(old=st.none() | st.binary(max_size=9), new=st.binary(max_size=9), fails=st.booleans())
def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, old: bytes | None, new: bytes, fails: bool
) -> None:
    folder = tmp_path_factory.mktemp("files")
    path = folder / "file.txt"
    if old is not None:
        path.write_bytes(old)
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(new)
            assert temporary.suffix == path.suffix
            assert (path.read_bytes() if path.exists() else None) == old
            if fails:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        new_content = old
    else:
        new_content = new
    assert (path.read_bytes() if path.exists() else None) == new_content
    assert {file.name for file in folder.iterdir()} <= {path.name}


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    def fill(path: Path) -> None:
        path.write_bytes(b"some")
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="No space left"), replacing(tmp_path / "file.bin") as temporary:
        fill(temporary)
    assert not list(tmp_path.iterdir())
