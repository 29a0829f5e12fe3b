"""Closed lips of recorded dialogue, by us and by Rhubarb from the same files in the same run.

Ours are judged by where the demo avatar's vertices go, Rhubarb's by the shapes it names. Its shape for pauses is drawn
closed but stands for a mouth that does nothing, so that it is read both ways, and we are held to whichever is better.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ..dialogue.analyse import Hearing, analyse
from ..dialogue.decode import read_recording
from ..dialogue.performing import perform_recording
from ..dialogue.recognise import AUTO
from ..exports.wav import encode
from ..performance import Performance
from . import rhubarb
from .closures import Closures, judge
from .dialogue import Clip, clips
from .figures import AbsentError, Figure, Group
from .lips import LipGauge, closed_runs

_READINGS: Final = {"X open": rhubarb.CLOSED, "X closed": rhubarb.CLOSED + rhubarb.IDLE}
"""What its shapes are read as, and those that are closed."""


_FEW: Final = 10
"""Closures that all find, of which fewer say nothing of who is nearer to their time."""
_TOLD, _RECOGNISED, _ALONE = "with its text", "recognised", "by its sound alone"
_WAYS: Final = {"English": (_TOLD, _RECOGNISED, _ALONE), "Mandarin": (_TOLD, _ALONE)}
"""How a recording is heard; the built-in recogniser knows English."""


@dataclass(frozen=True, slots=True)
class Result:
    closures: Closures
    speed: float
    """Times real time."""


def figures(gauge: LipGauge) -> Iterator[Group]:
    """By language and by way of hearing; ``gauge`` of the demo avatar.

    Raises AbsentError at the end, after figures of ours alone, where Rhubarb cannot be run.
    """
    absent = None
    for language, ways in _WAYS.items():
        recorded = clips(language)
        seconds = sum(clip.duration for clip in recorded)
        peers: dict[bool, dict[str, Result]] = {}
        for way in ways:
            told = way == _TOLD
            ours = _ours(recorded, way, gauge)
            if absent is None and told not in peers:
                try:
                    peers[told] = _rhubarb(recorded, told)
                except AbsentError as error:
                    absent = error
            yield (
                f"Recorded dialogue: {language}, {way}, {len(recorded)} voices, {seconds:.0f} s, "
                f"{ours.closures.sounds} p b m",
                list(_rows(ours, peers.get(told, {}))),
            )
    if absent is not None:
        raise AbsentError(f"the peer in lip sync from recordings, because {absent}")


def _rows(ours: Result, peers: dict[str, Result]) -> Iterator[Figure]:
    both = ours.closures.found
    for peer in peers.values():
        both = both & peer.closures.found
    if peers:
        yield Figure("p b m that both close their lips on", float(both.sum()))
    measures: tuple[tuple[str, str, Callable[[Closures], float]], ...] = (
        ("p b m without closed lips", "%", lambda closures: 100 * closures.missed),
        ("other sounds closed", "%", lambda closures: 100 * closures.false),
        ("closures off their time, median", "ms", lambda closures: 1000 * closures.off(50, both)),
        ("closures off their time, 95th percentile", "ms", lambda closures: 1000 * closures.off(95, both)),
    )
    for name, unit, value in measures:
        theirs = {reading: value(peer.closures) for reading, peer in peers.items()}
        best = min(theirs.values(), default=math.inf)
        if unit == "ms" and both.sum() < _FEW:
            best = math.inf
        yield Figure(name, value(ours.closures), high=best, unit=unit)
        for reading, figure in theirs.items():
            yield Figure(f"{name}: Rhubarb, {reading}", figure, unit=unit)
    speed = max((peer.speed for peer in peers.values()), default=-math.inf)
    yield Figure("recording to take", ours.speed, low=speed, unit="x real time")
    if peers:
        yield Figure("recording to take: Rhubarb", speed, unit="x real time")


def _ours(recorded: Sequence[Clip], way: str, gauge: LipGauge) -> Result:
    judged = []
    took = 0.0
    for clip in recorded:
        told = clip.text if way == _TOLD else None
        take, seconds = taken(clip, Hearing(told, clip.language, AUTO if way == _RECOGNISED else "none"))
        took += seconds
        judged.append(judge(clip.speech, *closed_runs(take.frames.times, gauge.gap(take.frames.shapes))))
    return Result(Closures.of_all(judged), sum(clip.duration for clip in recorded) / took)


def taken(clip: Clip, hearing: Hearing) -> tuple[Performance, float]:
    """A recording performed from its file, and the seconds that took."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "dialogue.wav"
        encode(clip.sound, rhubarb.RATE, path)
        start = time.perf_counter()
        recording = read_recording(path)
        return perform_recording(recording, analyse(recording, hearing)), time.perf_counter() - start


def _rhubarb(recorded: Sequence[Clip], told: bool) -> dict[str, Result]:
    """By reading."""
    heard = rhubarb.hear([clip.sound for clip in recorded], [clip.text if told else "" for clip in recorded])
    speed = sum(clip.duration for clip in recorded) / sum(one.seconds for one in heard)
    return {
        reading: Result(
            Closures.of_all(
                [judge(clip.speech, *one.closed(shapes)) for clip, one in zip(recorded, heard, strict=True)]
            ),
            speed,
        )
        for reading, shapes in _READINGS.items()
    }
