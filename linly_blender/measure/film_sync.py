"""Sound against lips as a viewer of the finished film has them: measured from the pictures and the sound of the .mp4.

Both are compared with the take that was filmed, each for itself: the pictures by how far the lips are open in them, the
sound by its samples. The difference of the two is the film's error. Times are those that the file gives its pictures
and samples, so that what a player does with an encoder's delay is counted, too.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..audio.resampling import resample
from ..dialogue.analyse import Hearing
from ..performance import Performance
from ..score import Speech
from .dialogue import HELD_OUT_VOICES, clip
from .figures import AbsentError, Figure, Group
from .lips import LipGauge, segments
from .recorded import taken

Floats = NDArray[np.float64]

RATES: Final = ((24, 1.0), (30, 1.001))
"""Of the films: (fps, fps_base) as Blender has them."""
DARK: Final = 128.0
"""Grey below which something is the inside of the mouth; the film has nothing between black and white but edges."""
SHUT: Final = 0.05
"""Share of the widest opening in a picture up to which its lips count as closed: about half a millimetre of gap."""
FARTHEST: Final = 0.25
"""Seconds that pictures or sound are looked for before and after their time."""
_STEP: Final = 0.0005
_LINE: Final = "Bob may buy a map. Pam made many big pumpkin pies, but Peter baked more."


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """What a file shows and plays, by its own clock."""

    shown: Floats
    """Seconds at which each picture appears [shape=(n,)]."""
    opening: Floats
    """How much of the inside of the mouth it shows, 0..1 of the picture [shape=(n,)]."""
    sound: Floats
    """Mono samples, -1..1 [shape=(m,)]."""
    rate: int
    begins: float
    """Seconds at which the first sample is heard."""


def read_film(path: Path) -> Film:
    """Decode pictures and sound. Raises AbsentError without PyAV."""
    try:
        import av
    except ModuleNotFoundError as error:
        raise AbsentError(f"films are decoded by PyAV ({error})") from error
    with av.open(str(path)) as container:
        pictures = [(frame.time, frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]
    with av.open(str(path)) as container:
        blocks = [(frame.time, frame.to_ndarray(), frame.sample_rate) for frame in container.decode(audio=0)]
    begins, _, rate = blocks[0]
    return Film(
        np.array([time for time, _ in pictures]),
        np.array([np.clip(1 - picture / DARK, 0, 1).mean() for _, picture in pictures]),
        np.concatenate([block.mean(axis=0) for _, block, _ in blocks]).astype(np.float64),
        rate,
        float(begins or 0.0),
    )


def pictures_late(film: Film, take: Performance, gauge: LipGauge) -> float:
    """Seconds after the take that the film's lips move: where the two openings have most in common."""
    times, gap = take.frames.times, gauge.gap(take.frames.shapes)
    shifts = np.arange(-FARTHEST, FARTHEST, _STEP)
    alike = [np.corrcoef(film.opening, np.interp(film.shown - shift, times, gap))[0, 1] for shift in shifts]
    return float(shifts[int(np.argmax(alike))])


def sound_late(film: Film, take: Performance) -> float:
    """Seconds after the take that the film's sound is heard: where the two have most in common."""
    own = resample(take.speech.sound, take.speech.rate, film.rate).astype(np.float64)
    size = len(own) + len(film.sound)
    common = np.fft.irfft(np.fft.rfft(film.sound, size) * np.conj(np.fft.rfft(own, size)), size)
    reach = round(FARTHEST * film.rate)
    shifts = np.arange(-reach, reach + 1)
    return film.begins + float(shifts[int(np.argmax(common[shifts]))]) / film.rate


def to_closed_pictures(film: Film, speech: Speech, late: float) -> Floats:
    """Seconds from each p, b, m that is heard to the nearest moment at which a picture of closed lips is seen.

    0 where one stands within the sound; a picture stands until the next one appears. Parameters: what is said, and how
    late it is heard in the film. Returns [shape=(closures,)].
    """
    spans = np.array([(start, end) for _, part, start, end, _ in segments(speech) if part.closes_lips]) + late
    closed = film.opening <= SHUT * film.opening.max()
    until = np.append(film.shown[1:], math.inf)
    begins = np.concatenate([[-math.inf], film.shown[closed], [math.inf]])
    ends = np.concatenate([[-math.inf], until[closed], [math.inf]])
    after = np.searchsorted(ends, spans[:, 0], side="right")
    offsets: Floats = np.minimum(
        np.maximum(begins[after] - spans[:, 1], 0), np.maximum(spans[:, 0] - ends[after - 1], 0)
    )
    return offsets


def figures(gauge: LipGauge) -> Iterator[Group]:
    """Of films of recorded dialogue on the demo avatar, at the rates of cinema and of television.

    Raises AbsentError where Blender is no Python module, or without PyAV.
    """
    try:
        from ..scene.film_timing import film_lips
    except ModuleNotFoundError as error:
        raise AbsentError(f"Blender is not here as a Python module ({error})") from error
    recorded = clip(_LINE, "en", HELD_OUT_VOICES[0])
    take, _ = taken(recorded, Hearing(recorded.text, recorded.language))
    for fps, base in RATES:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "film.mp4"
            film_lips(take, fps, base, path)
            film = read_film(path)
        half = 500 * base / fps
        lips, sound = pictures_late(film, take, gauge), sound_late(film, take)
        offsets = 1000 * to_closed_pictures(film, recorded.speech, sound)
        yield (
            f"Recorded dialogue filmed: {len(film.shown)} pictures, {fps / base:.4g} a second, measured in the .mp4",
            [
                Figure("lips after the take", 1000 * lips, -half, half, "ms"),
                Figure("sound after the take", 1000 * sound, -half, half, "ms"),
                Figure("sound before the lips (EBU R 37: 5 before, 15 after)", 1000 * (lips - sound), -15, 5, "ms"),
                Figure("p b m heard to closed lips seen, largest", float(offsets.max()), high=half, unit="ms"),
            ],
        )
