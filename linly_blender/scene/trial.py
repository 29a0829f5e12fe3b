"""One channel of a character, shown alone in the viewport while somebody tries it. Nothing is keyed.

What the artist had set is kept by ``live.Preview``, so that whoever restores it (an undo step, a save, another file)
ends the drive as well. What the artist sets while it stands stays.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..arkit import INDEX
from ..live.frame import Floats, rest
from ..pose.gaze import FULL_PITCH, FULL_YAW
from .kept import restore, settle
from .live import Preview


@dataclass(frozen=True, slots=True)
class _Drive:
    preview: Preview
    character: str
    channel: str
    value: float


_drive: _Drive | None = None


def show(character: str, channel: str, value: float, metres_per_unit: float) -> None:
    """Show a channel at a value; 0 gives the pose back.

    Parameters: the name of the character's mesh or armature, and the scene's ``unit_settings.scale_length``.
    Raises UserError when nothing of the character can be moved; then the pose is the artist's.
    """
    global _drive
    if value <= 0:
        stop()
        return
    drive = _drive
    if drive is None or (drive.character, drive.channel) != (character, channel) or not is_shown():
        stop()
        drive = _Drive(Preview(character, metres_per_unit), character, channel, value)
    else:
        restore()  # but for what the artist has set since, which is kept from here on
    frame = rest()
    shapes = np.zeros_like(frame.shapes)
    shapes[INDEX[channel]] = value
    _drive = replace(drive, value=value)
    try:
        drive.preview.write(replace(frame, shapes=shapes, gaze=_gaze(channel, value)))
    except Exception:
        stop()
        raise
    settle()


def shown(character: str, channel: str) -> float:
    """How far a channel of a character is shown now, 0..1."""
    drive = _drive
    if drive is None or (drive.character, drive.channel) != (character, channel) or not is_shown():
        return 0.0
    return drive.value


def show_again(metres_per_unit: float) -> None:
    """The same after the character's setup has changed, if anything is shown. Raises as ``show``."""
    drive = _drive
    if drive is not None and is_shown():
        stop()
        show(drive.character, drive.channel, drive.value, metres_per_unit)


def stop() -> None:
    """Give the pose back, if a drive has taken it."""
    global _drive
    if _drive is not None:
        _drive = None
        restore()


def is_shown() -> bool:
    """Whether a drive goes on: nobody has given the pose back since."""
    return _drive is not None and _drive.preview.is_shown


def _gaze(channel: str, value: float) -> Floats:
    """Where the eyes look at a value of a channel; only looks have it turn anything."""
    ways = {"Up": (FULL_PITCH, 0.0), "Down": (-FULL_PITCH, 0.0), "Out": (0.0, FULL_YAW), "In": (0.0, -FULL_YAW)}
    for way, (pitch, yaw) in ways.items():
        for side, sign in (("Left", 1), ("Right", -1)):
            if channel == f"eyeLook{way}{side}":
                return np.array([value * pitch, sign * value * yaw], np.float32)
    return np.zeros(2, np.float32)
