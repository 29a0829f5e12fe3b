"""What the sound itself tells of the mouth, and how it joins what the phones say.

Where the phones are known they shape the mouth, and the sound tells how far this speaker opens it. Where they are not
the mouth follows the sound alone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..score import UNKNOWN, Speech
from ..speech.prosody import STEP, Prosody
from .coarticulation import PAUSE, Contacts, blend, contacts, gate, joined, lengthened, plan
from .targets import CHANNELS, JAW, PART

Floats = NDArray[np.float64]

OPENING: Final = (JAW, PART)
"""Channels that open with effort; the shape of the lips is the phones' own."""
EFFORT: Final = (0.6, 1.5)
"""How far a speaker opens the mouth against what the phones would, at least and at most: mumbled .. declaimed."""
WINDOW: Final = 0.45
"""Seconds over which the two openings are compared: two syllables, so that neither's timing matters."""
CALM: Final = 0.05
"""Seconds of the Hann window that takes the restlessness out of what is heard; a live mouth has no time for it."""
SURE: Final = 0.2
"""From here on lips that are heard to touch do: the network is timid, and a closure that is missed is seen sooner than
one too many. On voices that it has not learned from 0.5 would miss a fifth more; either way under 1 % of the other
sounds are closed."""
SLIGHT: Final = 0.06
"""Added to both openings, so that nothing is divided by a mouth at rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """The mouth by the sound alone; index ``i`` is centred on ``i * STEP`` seconds."""

    channels: NDArray[np.float32]
    """As in ``targets`` [shape=(n, CHANNELS)]."""
    closed: NDArray[np.float32]
    """How sure the lips are closed, 0..1 [shape=(n,)]."""
    on_teeth: NDArray[np.float32]
    """How sure the lower lip is on the teeth, 0..1 [shape=(n,)]."""

    def __len__(self) -> int:
        return len(self.closed)

    def part(self, first: int, after: int) -> "Heard":
        """From one index up to another."""
        return Heard(self.channels[first:after], self.closed[first:after], self.on_teeth[first:after])


def mouth(speech: Speech, prosody: Prosody, times: Floats, heard: Heard | None) -> Floats:
    """The articulatory channels of a speech.

    Parameters: ``times`` in seconds, ascending [shape=(n,)]. Returns [shape=(n, CHANNELS)].
    """
    planned = plan(speech, prosody)
    channels = blend(planned, times)
    if heard is None or not len(heard):
        return channels
    grid = np.arange(len(heard)) * STEP
    effort = _effort(heard.channels[:, JAW].astype(np.float64), blend(planned, grid)[:, JAW])
    channels[:, OPENING] *= np.interp(times, grid, effort)[:, None]
    unknown = _unknown(speech, times)[:, None]
    calm = [_smooth(heard.channels[:, channel].astype(np.float64), CALM) for channel in range(CHANNELS)]
    own = np.stack([np.interp(times, grid, each) for each in calm], axis=1)
    return np.asarray(channels + unknown * (own - channels))


def gates(speech: Speech, times: Floats, heard: Heard | None) -> tuple[Floats, Floats]:
    """When the lips are closed, and the lower lip on the teeth, 0..1 [shape=(n,) each]."""
    lips, teeth = (gate(each, times) for each in contacts(speech))
    if heard is None or not len(heard):
        return lips, teeth
    unknown = _unknown(speech, times)
    closed, on_teeth = (gate(_touching(each), times) for each in (heard.closed, heard.on_teeth))
    return np.maximum(lips, unknown * closed), np.maximum(teeth, unknown * on_teeth)


def _touching(sure: NDArray[np.float32]) -> Contacts:
    """When lips, or lip and teeth, are heard to touch: held as long as a contact of a known phone."""
    edges = np.flatnonzero(np.diff((sure >= SURE).astype(np.int8), prepend=0, append=0)).reshape(-1, 2) * STEP
    runs = joined([(start, end) for start, end in edges.tolist()])
    return joined(lengthened(list(zip(runs.start.tolist(), runs.end.tolist(), strict=True))))


def _unknown(speech: Speech, times: Floats) -> Floats:
    """1 where the phones are not known, 0 far from there [shape=(n,)]."""
    spans = [(phone.start, phone.end) for phone in speech.phones if phone.phone == UNKNOWN]
    return gate(joined(spans, PAUSE), times)


def _effort(heard: Floats, planned: Floats) -> Floats:
    """How far the mouth is opened against what the phones would [shape=(n,)]."""
    both = [_smooth(each, WINDOW) for each in (heard, planned)]
    return np.asarray(np.clip((both[0] + SLIGHT) / (both[1] + SLIGHT), *EFFORT))


def _smooth(values: Floats, length: float) -> Floats:
    """Values every ``STEP``, through a Hann window of so many seconds [shape=(n,)]."""
    half = round(length / STEP / 2)
    window = np.hanning(2 * half + 3)[1:-1]
    return np.convolve(np.pad(values, half, "edge"), window / window.sum(), "valid")
