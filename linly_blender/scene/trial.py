"""One channel of a character, shown alone in the viewport while somebody tries it. Nothing is keyed.

What the artist had set is kept by ``live.Preview``, so that whoever restores it (an undo step, a save, another file)
ends the drive as well.
"""

from dataclasses import dataclass, replace

import bpy
import numpy as np

from ..arkit import INDEX
from ..live.frame import Floats, rest
from ..pose.gaze import FULL_PITCH, FULL_YAW
from .live import KEPT, Preview, restore


@dataclass(frozen=True, slots=True)
class _Drive:
    preview: Preview
    character: str
    channel: str
    value: float
    owners: tuple[tuple[str, str], ...] = ()
    """Where the artist's values are kept: names of collections of ``bpy.data``, and of what is in them."""


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
    frame = rest()
    shapes = np.zeros_like(frame.shapes)
    shapes[INDEX[channel]] = value
    _drive = replace(drive, value=value)
    try:
        drive.preview.write(replace(frame, shapes=shapes, gaze=_gaze(channel, value)))
    except Exception:
        stop()
        raise
    _drive = replace(drive, value=value, owners=drive.owners or _owners())


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
    if _drive is None:
        return False
    return any(KEPT in (getattr(bpy.data, kind).get((name, None)) or ()) for kind, name in _drive.owners)


def _gaze(channel: str, value: float) -> Floats:
    """Where the eyes look at a value of a channel; only looks have it turn anything."""
    ways = {"Up": (FULL_PITCH, 0.0), "Down": (-FULL_PITCH, 0.0), "Out": (0.0, FULL_YAW), "In": (0.0, -FULL_YAW)}
    for way, (pitch, yaw) in ways.items():
        for side, sign in (("Left", 1), ("Right", -1)):
            if channel == f"eyeLook{way}{side}":
                return np.array([value * pitch, sign * value * yaw], np.float32)
    return np.zeros(2, np.float32)


def _owners() -> tuple[tuple[str, str], ...]:
    return tuple(
        (kind, owner.name)
        for kind in ("shape_keys", "objects")
        for owner in getattr(bpy.data, kind)
        if owner.library is None and KEPT in owner
    )
