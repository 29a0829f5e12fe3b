"""Where somebody speaks in a recording, cut at pauses.

Loudness finds what stands out of the room and where its pauses are; what of it is speech, ``judging`` says.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..perform import Progress
from .judging import Judge, Run
from .room import STEP, above_room, levels

Floats = NDArray[np.float32]
Sound = NDArray[np.int16]
Span = tuple[float, float]
"""Begin and end of a stretch, in seconds."""

STARTS: Final = 10.0
"""Decibels above the room that a stretch of voice reaches somewhere ..."""
LASTS: Final = 4.5
"""... and has everywhere."""
WITHIN: Final = 25.0
"""Decibels that what is said without any pause becomes quieter than its loudest."""
CLICK: Final = 0.05
"""Seconds; what stands alone and is no longer is a click, a lip, a cloth."""
ALONE: Final = 0.12
"""Seconds of quiet to either side of it."""
PAUSE: Final = 0.4
"""Seconds without voice that end a line; a stop is closed for 0.15 s, a hesitation for more."""
SHORTEST: Final = 0.1
"""Seconds of voice in a line: an "oh" has more."""
QUIETER: Final = 12.0
"""Decibels below the loud parts of a line under which a stretch as long as a pause is no speech, or spoken softly."""
LONGEST: Final = 20.0
"""Seconds of a line; a longer one is cut at its best short pause, or where it is quietest."""
LEAST: Final = 2.0
"""Seconds that such a cut leaves on either side."""
BEFORE: Final = 0.12
AFTER: Final = 0.2
"""Seconds added to a line: an h begins, and a voice dies away, within the noise."""


def speech_spans(sound: Sound, rate: int, progress: Progress) -> list[Span]:
    """Where somebody speaks in mono samples [shape=(n,)]: lines in order, which do not overlap.

    Raises UserError when nobody does.
    """
    decibels = levels(sound, rate, lambda share, stage: progress(0.8 * share, stage))
    above = np.maximum(*(above_room(band) for band in decibels))
    loudness = decibels.max(axis=0)
    judge = Judge(sound, rate, loudness)
    lines = _lines(_without_clicks(_runs(above)))
    spoken: list[Run] = []
    for number, line in enumerate(lines):
        progress(0.8 + 0.2 * number / len(lines), "listening")
        if judge.is_speech((line[0][0], line[-1][1])):
            for part in _without_music(line, judge):
                spoken += _short_enough(part, loudness)
    if not spoken and judge.is_heard_speaking(all_of_it := _all_that_is_loud(loudness)):
        spoken = list(_short_enough([all_of_it], loudness))
    if not spoken:
        raise UserError(
            "Nobody is heard speaking in the recording: it is noise or music. Choose another one, or the part of it in "
            "which somebody speaks."
        )
    return _with_edges(spoken, len(sound) / rate)


def _all_that_is_loud(loudness: Floats) -> Run:
    """From the first loud moment to the last one: what is trimmed to a cry has no room to stand out of."""
    loud = np.flatnonzero(loudness >= np.percentile(loudness, 98) - WITHIN)
    return int(loud[0]), int(loud[-1]) + 1


def _runs(above: Floats) -> list[Run]:
    """Stretches that stand out of the room, of which each reaches ``STARTS``."""
    lasts = np.concatenate([[False], above >= LASTS, [False]])
    edges = np.flatnonzero(lasts[1:] != lasts[:-1])
    pairs = [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]
    return [(begin, end) for begin, end in pairs if above[begin:end].max() >= STARTS]


def _without_clicks(runs: Sequence[Run]) -> list[Run]:
    """Without what is short and stands alone: it would join two lines, or begin one too early."""
    ends = [-(10**9), *(end for _, end in runs)]
    begins = [*(begin for begin, _ in runs), 10**9]
    alone = ALONE / STEP
    return [
        (begin, end)
        for index, (begin, end) in enumerate(runs)
        if (end - begin) * STEP > CLICK or begin - ends[index] < alone or begins[index + 1] - end < alone
    ]


def _lines(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs with pauses between them that are no pause in what is said."""
    lines: list[list[Run]] = []
    for run in runs:
        if lines and (run[0] - lines[-1][-1][1]) * STEP < PAUSE:
            lines[-1].append(run)
        else:
            lines.append([run])
    return [line for line in lines if sum(end - begin for begin, end in line) * STEP >= SHORTEST]


def _without_music(line: list[Run], judge: Judge) -> list[list[Run]]:
    """The lines that it is without the stretches that are far quieter than it and no speech: pauses over music."""
    begin, end = line[0][0], line[-1][1]
    standing_out = np.zeros(end - begin, bool)
    for first, last in line:
        standing_out[first - begin : last - begin] = True
    level = np.convolve(judge.loudness[begin:end], np.full(9, 1 / 9), "same")
    quiet = standing_out & (level < np.percentile(level, 90) - QUIETER)
    edges = np.flatnonzero(np.diff(quiet, prepend=False, append=False)).reshape(-1, 2) + begin
    music = [
        (int(a), int(b)) for a, b in edges if (b - a) * STEP >= PAUSE and not judge.is_heard_speaking((int(a), int(b)))
    ]
    runs = line
    for a, b in music:
        before = [(first, min(last, a)) for first, last in runs if first < a]
        runs = before + [(max(first, b), last) for first, last in runs if last > b]
    return _lines(runs) if music else [line]


def _short_enough(line: list[Run], loudness: Floats) -> Iterator[Run]:
    """A line as pieces of ``LONGEST`` seconds at most, cut at its longest pauses."""
    begin, end = line[0][0], line[-1][1]
    if (end - begin) * STEP <= LONGEST:
        yield begin, end
        return
    least = round(LEAST / STEP)
    pauses = [
        (line[i + 1][0] - line[i][1], i)
        for i in range(len(line) - 1)
        if line[i][1] - begin >= least and end - line[i + 1][0] >= least
    ]
    if pauses:
        _, at = max(pauses, key=lambda pause: (pause[0], -abs(line[pause[1]][1] - (begin + end) / 2)))
        yield from _short_enough(line[: at + 1], loudness)
        yield from _short_enough(line[at + 1 :], loudness)
        return
    inside = np.convolve(loudness[begin:end], np.full(9, 1 / 9), "same")[least:-least]
    at = begin + least + int(inside.argmin())
    before = [(a, min(b, at)) for a, b in line if a < at]
    after = [(max(a, at), b) for a, b in line if b > at]
    yield from _short_enough(before, loudness)
    yield from _short_enough(after, loudness)


def _with_edges(lines: Sequence[Run], duration: float) -> list[Span]:
    """In seconds, with what a voice begins and ends with; two that lie close share the pause between them."""
    spans = [(begin * STEP, end * STEP) for begin, end in lines]
    edges: list[Span] = []
    for index, (begin, end) in enumerate(spans):
        free_before = (begin - spans[index - 1][1]) / 2 if index else begin
        free_after = (spans[index + 1][0] - end) / 2 if index + 1 < len(spans) else duration - end
        edges.append(
            (begin - min(BEFORE, max(0.0, free_before)), min(end + min(AFTER, max(0.0, free_after)), duration))
        )
    return edges
