"""Recordings of real people: Live Link Face's CSV beside a WAV of the same name.

The sound is taken to begin with the first row, as the app writes both. What was said is not known, so these lessons
teach stage 1 and the network as it works without text.
"""

import csv
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...errors import UserError
from ...exports.livelink import TIMECODE_RATE
from ...exports.wav import decode
from ...pose.context import blank_context
from ...pose.features import STEP, listen
from ...pose.fine_tuner import CONTROLS
from .data import Hear, Lesson

_COLUMNS: Final[tuple[tuple[int, float, tuple[str, ...]], ...]] = (
    (3, -1.0, ("HeadPitch",)),
    (4, -1.0, ("HeadYaw",)),
    (5, 1.0, ("HeadRoll",)),
    (6, 1.0, ("BrowInnerUp",)),
    (7, 1.0, ("BrowOuterUpLeft", "BrowOuterUpRight")),
    (8, 1.0, ("BrowDownLeft", "BrowDownRight")),
    (9, 1.0, ("EyeWideLeft", "EyeWideRight")),
    (12, 1.0, ("MouthSmileLeft", "MouthSmileRight")),
)
"""Control, sign and the columns whose mean it is (signs as ``exports/livelink.py`` says); there is no position."""
_GAZE: Final = ((10, 3, ("LeftEyePitch", "RightEyePitch")), (11, 4, ("LeftEyeYaw", "RightEyeYaw")))
"""Control, the head's control it adds to, and the columns."""


def recorded_lessons(folder: Path, hear: Hear = listen) -> list[Lesson]:
    """Lessons of every pair in a folder. Raises UserError when there is none, or one is not as it should be."""
    pairs = [(path, path.with_suffix(".wav")) for path in sorted(folder.glob("*.csv"))]
    if not pairs:
        raise UserError(f"There are no .csv files in {folder}. Record with Live Link Face and put .csv and .wav there.")
    return [_lesson(csv_path, wav_path, hear) for csv_path, wav_path in pairs]


def _lesson(csv_path: Path, wav_path: Path, hear: Hear) -> Lesson:
    if not wav_path.exists():
        raise UserError(f"{csv_path} has no sound beside it. Put {wav_path.name} into the same folder.")
    features = hear(*decode(wav_path))
    times, columns = _read(csv_path)
    count = min(len(features), int(times[-1] / STEP) + 1)
    grid = np.arange(count) * STEP
    target = np.zeros((count, CONTROLS), np.float32)
    for control, sign, names in _COLUMNS:
        target[:, control] = sign * np.interp(grid, times, np.mean([columns[name] for name in names], axis=0))
    # People do not sit straight in front of a telephone: home is where the head is most of the time.
    target[:, 3:6] -= np.median(target[:, 3:6], axis=0)
    for control, head, names in _GAZE:
        eyes = -np.interp(grid, times, np.mean([columns[name] for name in names], axis=0))
        target[:, control] = eyes - np.median(eyes) + target[:, head]
    return Lesson(features[:count], blank_context(count, None), target, True)


def _read(path: Path) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Seconds from the first row, and the columns by name."""
    wanted = {name for _, _, names in _COLUMNS for name in names} | {name for _, _, names in _GAZE for name in names}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        times = np.array([_seconds(row["Timecode"]) for row in rows])
        columns = {name: np.array([float(row[name]) for row in rows]) for name in wanted}
    except (OSError, csv.Error, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path} is no CSV file of Live Link Face ({error}).") from error
    if len(times) < 2 or (np.diff(times) <= 0).any() or not all(np.isfinite(c).all() for c in columns.values()):
        raise UserError(f"{path} should have rows of numbers, each with a later timecode than the one before.")
    return times - times[0], columns


def _seconds(timecode: str) -> float:
    hours, minutes, seconds, frames = timecode.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + int(seconds) + float(frames) / TIMECODE_RATE
