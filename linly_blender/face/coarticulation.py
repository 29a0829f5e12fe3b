"""How the targets of neighbouring sounds share the mouth through time.

Open channels are blended by dominance (Cohen & Massaro 1993), with kernels of finite reach so that an hour costs
sixty times a minute. What must not be blended away, lips that close and a lip on the teeth, runs as gates beside it:
a gate is 1 while the contact holds, whatever the neighbours want.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..easing import minimum_jerk
from ..score import Phone, Speech
from ..speech.prosody import STEP, Prosody
from .inventory import Segment
from .targets import CHANNELS, JAW, PART, READY, REST, Target, targets

Floats = NDArray[np.float64]

LEAD: Final = 0.025
"""Seconds the lips are ahead of the sound they shape; contacts are on time."""
CHUNK: Final = 4096
"""Frames blended at a time, so that memory does not grow with the kernels' overlap."""
GRID: Final = 1 / 120
"""Seconds between the values that are smoothed, whatever the frame rate."""
SMOOTHING: Final = (0.06, 0.06, 0.14, 0.14, 0.1, 0.05)
"""Length in seconds of each channel's Hann window: dominance alone hands over faster than flesh moves."""
BREAK: Final = 0.12
"""Seconds of silence from which the mouth makes ready anew."""
PAUSE: Final = 0.4
"""Seconds of silence from which the mouth comes to rest."""
CALM: Final = 0.32
"""Seconds the last sound before a silence lingers: the mouth closes slowly after it."""
NEUTRAL: Final = 1e-3
"""Weight of the mouth at rest behind all targets; decides only where nothing else reaches."""
LOUD_VOWEL: Final = 0.9
"""``Prosody.energy`` of an ordinary stressed vowel, which has the size its target says."""

ATTACK: Final = (0.065, 0.037)
"""Seconds a contact's gate begins before its start and ends after it: at the start itself the lips have met."""
RELEASE: Final = (0.032, 0.06)
"""The same around the contact's end."""
FROM_TEETH: Final = 0.45
"""Share of the attack after f or v, when the lower lip is nearly there."""
SHORT_VOWEL: Final = 0.06
"""Seconds; a shorter vowel falls short of its opening (Lindblom 1963), or the jaw would outrun a real one."""
SHORTEST_CONTACT: Final = 0.055
"""Seconds lips stay together at least, so that a film of 24 frames a second shows it (a real p: 80-120 ms)."""
PLATEAU: Final = 0.03
"""Seconds in which even the shortest contact is complete."""
NO_TIME: Final = 0.025
"""Seconds between two contacts in which nothing can part: they are one (the mp of "lamp post")."""
BRIEFEST_CONTACT: Final = 0.038
"""The same where another closure follows at once."""
OPEN_BETWEEN: Final = 0.03
"""Seconds left to a vowel between two contacts when the first is lengthened."""
LONGEST_STOP: Final = 0.09
"""Seconds after which an aspirated stop's lips have parted; the rest of the phone is breath."""


def _windows() -> Floats:
    """Weights of the smoothing, one row per grid step [shape=(odd length, CHANNELS)]."""
    half = int(np.ceil(max(SMOOTHING) / GRID / 2))
    steps = np.arange(-half, half + 1)[:, None] * GRID
    lengths = np.array(SMOOTHING)
    weights = np.where(np.abs(steps) < lengths / 2, 1 + np.cos(2 * np.pi * steps / lengths), 0)
    return np.asarray(weights / weights.sum(axis=0), np.float64)


_WINDOWS: Final = _windows()


@dataclass(frozen=True, slots=True)
class Plan:
    """Targets in order of time, as arrays over targets (k) and channels."""

    start: Floats
    """[shape=(k,)]"""
    end: Floats
    values: Floats
    """[shape=(k, CHANNELS)]"""
    strengths: Floats
    before: Floats
    after: Floats


@dataclass(frozen=True, slots=True)
class Contacts:
    """Stretches of time in order: in which the lips, or lip and teeth, touch."""

    start: Floats
    """Seconds at which they have met [shape=(k,)]."""
    end: Floats
    """Seconds at which they part."""
    approach: Floats
    """Share of ``ATTACK`` the way there takes: less for a lower lip that comes from the teeth [shape=(k,)]."""


def plan(speech: Speech, prosody: Prosody) -> Plan:
    """Targets of every phone and pause, scaled by stress, emphasis and loudness."""
    loudness = _loudness(speech.phones, prosody)
    spans: list[tuple[float, float]] = []
    chosen: list[Target] = []
    effort: list[float] = []
    grip: list[float] = []

    def add(start: float, end: float, target: Target, size: float = 1.0, strength: float = 1.0) -> None:
        spans.append((start, end))
        chosen.append(target)
        effort.append(size)
        grip.append(strength)

    previous = -np.inf
    for phone, loud in zip(speech.phones, loudness, strict=True):
        _fill_silence(previous, phone.start, add)
        at = phone.start
        emphasis = speech.words[phone.word].emphasis if phone.word >= 0 else 0.0
        for segment, target in targets(phone.phone):
            until = at + segment.share * (phone.end - phone.start)
            size, strength = _effort(segment, phone.stress, emphasis, loud)
            reach = min(1.0, 0.6 + 0.4 * (until - at) / SHORT_VOWEL) if segment.vowel else 1.0
            add(at, until, target, size * reach, strength)
            at = until
        previous = phone.end
    _fill_silence(previous, np.inf, add)

    scale = np.array(effort)
    values = np.array([t.values for t in chosen])
    values[:, JAW] *= scale
    values[:, PART] *= scale
    edges = np.array(spans)
    after = np.array([t.after for t in chosen])
    silence = np.array([t is REST or t is READY for t in chosen])
    last = ~silence & np.append(silence[1:], False)
    after[last] = np.maximum(after[last], CALM)
    return Plan(
        edges[:, 0],
        edges[:, 1],
        values,
        np.array([t.strengths for t in chosen]) * np.array(grip)[:, None],
        np.array([t.before for t in chosen]),
        after,
    )


def _effort(segment: Segment, stress: int, emphasis: float, loudness: float) -> tuple[float, float]:
    """How far a segment opens the mouth and how firmly it holds its place."""
    if not segment.vowel:
        return 0.8 + 0.2 * loudness, 1.0
    size, strength = {0: (0.84, 0.75), 1: (1.08, 1.25), 2: (0.98, 1.0)}[stress]
    return size * (1 + 0.2 * emphasis) * (0.55 + 0.45 * loudness), strength * (1 + 0.4 * emphasis)


def _loudness(phones: tuple[Phone, ...], prosody: Prosody) -> Floats:
    """Mean loudness of each phone against that of loud vowels [shape=(k,)]."""
    last = len(prosody.energy)
    if not last:
        return np.ones(len(phones))
    total = np.concatenate([[0.0], np.cumsum(prosody.energy, dtype=np.float64)])
    steps = np.array([(p.start, p.end) for p in phones]).reshape(-1, 2) / STEP
    first = np.clip(steps[:, 0].astype(np.int64), 0, last - 1)
    after = np.clip(steps[:, 1].astype(np.int64) + 1, first + 1, last)
    loudness: Floats = np.clip((total[after] - total[first]) / (after - first) / LOUD_VOWEL, 0, 1.2)
    return loudness


def _fill_silence(start: float, end: float, add: Callable[..., None]) -> None:
    """Rest and breath between two sounds."""
    length = end - start
    if length < BREAK:
        return
    if length < PAUSE:
        add(start + 0.3 * length, end - 0.3 * length, READY)
        return
    if end == np.inf:
        add(start + 0.16, end, REST)
    else:
        add(start + 0.16 if start > -np.inf else start, end - 0.24, REST)
        add(end - 0.14, end - 0.06, READY)


def blend(plan: Plan, times: Floats) -> Floats:
    """Channels through time.

    Parameters: ascending times in seconds [shape=(n,)]. Returns [shape=(n, CHANNELS)]:
    ``sum(dominance * target) / sum(dominance)`` over the targets that reach each time, smoothed by a Hann window.
    """
    result = np.empty((len(times), CHANNELS))
    margin = len(_WINDOWS) // 2
    for at in range(0, len(times), CHUNK):
        t = times[at : at + CHUNK] + LEAD
        first, last = int(np.floor(t[0] / GRID)), int(np.floor(t[-1] / GRID)) + 1
        grid = np.arange(first - margin, last + margin + 1) * GRID
        rough = _dominated(plan, grid)
        smooth = np.zeros((last - first + 1, CHANNELS))
        for offset, weights in enumerate(_WINDOWS):
            smooth += weights * rough[offset : offset + len(smooth)]
        place = np.clip(t / GRID - first, 0, len(smooth) - 1)
        index = np.minimum(place.astype(np.int64), len(smooth) - 2)
        share = (place - index)[:, None]
        result[at : at + CHUNK] = smooth[index] * (1 - share) + smooth[index + 1] * share
    return result


def _dominated(plan: Plan, times: Floats) -> Floats:
    """The blend of all targets that reach each time [shape=(n, CHANNELS)]."""
    reached = slice(
        np.searchsorted(plan.end + plan.after.max(), times[0]),
        np.searchsorted(plan.start - plan.before.max(), times[-1], side="right"),
    )
    start, end = plan.start[reached], plan.end[reached]
    values, strengths, before, after = (
        part[reached] for part in (plan.values, plan.strengths, plan.before, plan.after)
    )
    hold = np.minimum(0.5 * (end - start), 0.06)[:, None]
    rise, fall = 1 / (before + hold), 1 / (after + hold)
    begin, finish = (start[:, None] - before) * rise, (end[:, None] + after) * fall
    first = np.searchsorted(end + plan.after.max(), times)
    past = np.searchsorted(start - plan.before.max(), times, side="right")
    total = np.full((len(times), CHANNELS), NEUTRAL)
    weighted = np.zeros_like(total)
    for offset in range(int((past - first).max(initial=0))):
        index = np.minimum(first + offset, len(start) - 1)
        dominance = minimum_jerk(times[:, None] * rise[index] - begin[index])
        dominance *= minimum_jerk(finish[index] - times[:, None] * fall[index])
        dominance *= strengths[index]
        dominance[first + offset >= past] = 0
        total += dominance
        dominance *= values[index]
        weighted += dominance
    blended: Floats = weighted / total
    return blended


def contacts(speech: Speech) -> tuple[Contacts, Contacts]:
    """When the lips are closed (p, b, m ...) and when the lower lip is on the teeth (f, v ...)."""
    lips: list[tuple[float, float]] = []
    teeth: list[tuple[float, float]] = []
    for phone in speech.phones:
        at = phone.start
        for segment, _ in targets(phone.phone):
            until = at + segment.share * (phone.end - phone.start)
            if segment.closes_lips:
                lips.append((at, _parting(segment, at, until)))
            elif segment.place == "labiodental":
                teeth.append((at, until))
            at = until
    closures, on_teeth = joined(lengthened(lips)), joined(teeth)
    near = np.isin(np.round(closures.start, 4), np.round(on_teeth.end, 4))
    return replace(closures, approach=np.where(near, FROM_TEETH, 1.0)), on_teeth


def _parting(segment: Segment, start: float, end: float) -> float:
    """When the lips of a closure part: a nasal's with its end, a stop's at the burst."""
    if segment.manner != "stop":
        return end
    if segment.aspirated:
        return min(start + 0.6 * (end - start), start + LONGEST_STOP)
    return end - min(0.2 * (end - start), 0.015)


def lengthened(closures: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Closures held long enough to be seen: less long where that saves the vowel before the next one."""
    following = [*(start for start, _ in closures), np.inf][1:]  # also of none at all
    return [
        (start, max(end, min(start + SHORTEST_CONTACT, max(start + BRIEFEST_CONTACT, after - OPEN_BETWEEN))))
        for (start, end), after in zip(closures, following, strict=True)
    ]


def utterances(speech: Speech) -> Contacts:
    """Stretches of speech between pauses."""
    return joined([(phone.start, phone.end) for phone in speech.phones], PAUSE)


def joined(spans: list[tuple[float, float]], gap: float = NO_TIME) -> Contacts:
    """Spans with at most ``gap`` seconds between them made one."""
    kept: list[list[float]] = []
    for start, end in spans:
        if kept and start - kept[-1][1] < gap:
            kept[-1][1] = max(end, kept[-1][1])
        else:
            kept.append([start, end])
    edges = np.array(kept).reshape(-1, 2)
    return Contacts(edges[:, 0], edges[:, 1], np.ones(len(edges)))


def gate(contacts: Contacts, times: Floats) -> Floats:
    """1 while a contact holds, 0 far from all [shape=(n,) -> (n,)].

    Where two contacts are close their ramps get steeper, so that the mouth opens fully between them.
    """
    opened = np.ones(len(times))
    count = len(contacts.start)
    if not count:
        return 1 - opened
    between = np.concatenate([[np.inf], contacts.start[1:] - contacts.end[:-1], [np.inf]])
    quick = np.minimum(1, between / (ATTACK[0] + RELEASE[1]))
    attack, release = np.minimum(quick[:-1], contacts.approach)[:, None] * ATTACK, quick[1:, None] * RELEASE
    # A short contact's own ramps must not meet: between them lies the plateau.
    room = np.minimum(1, (contacts.end - contacts.start) / (attack[:, 1] + release[:, 0] + PLATEAU))
    begin, met = contacts.start - attack[:, 0], contacts.start + room * attack[:, 1]
    parting, gone = contacts.end - room * release[:, 0], contacts.end + release[:, 1]
    after = np.searchsorted(begin, times)  # contacts that have begun; only the last two can still hold
    for back in (1, 2):
        index = np.maximum(after - back, 0)
        up = minimum_jerk((times - begin[index]) / (met[index] - begin[index]))
        down = minimum_jerk((gone[index] - times) / (gone[index] - parting[index]))
        opened *= np.where(after >= back, 1 - up * down, 1)
    return 1 - opened
