"""The conversation through real devices: how soon it reacts, answers and falls silent, and whether its lips agree.

What counts is what leaves the speaker and what a viewport would show, measured from another process (``session.py``).
"""

import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..live.frame import Frame
from ..live.settings import Settings
from . import lip_sync, simulation
from .chat_server import FIRST, ChatServer
from .figures import Figure, Group
from .sentences import ENGLISH
from .session import Observed, Session, Speech, zero_of
from .sound_card import SoundCard, check_packages
from .user import utterances

MINUTES: Final = 3.0
MODEL_TURNS: Final = 20
INTERRUPTIONS: Final = 20
_PAUSES: Final = (0.5, 1.0)
"""Seconds between an answer and what the user says next."""
_INTERRUPTS: Final = (0.6, 1.1)
"""Seconds of an answer before the user breaks in."""
_SILENCE: Final = 0.4
"""Seconds that no sentence pauses for within itself."""
_LISTENS: Final = 1.5
"""Seconds after the user's end in which an answer or a reaction is looked for."""
_STARTS: Final = 3.0
"""Seconds around its announcement in which a sentence begins."""
HOURS: Final = 2.0
LONG: Final = 30.0
"""Minutes of speech in simulated time."""
_FAST: Final = 1e-4
"""How much faster a cheap device's clock is than the computer's."""
_SENTENCES: Final = 4
"""That are said at once in simulated time."""
_FRAMES: Final = 3600
"""Of simulated time that are kept: a minute, longer than those sentences."""
_SPOKE: Final = 20.0
"""Milliseconds after the user's end within which nobody answers who was not speaking already."""
_SEEN: Final = 0.05
"""How much further a lid is closed than before, or a brow raised, that it can be seen."""


def figures() -> Iterator[Group]:
    """Measure it all; takes some seven minutes. Raises AbsentError when this machine has no virtual sound card."""
    with SoundCard() as card:
        observed = _talk(card, {"responder": "echo"}, minutes=MINUTES)
        yield _answers(observed)
        yield _lips(observed)
        with ChatServer() as server:
            settings = {"responder": f"llm:{server.url}", "model": "bench"}
            yield _model_answers(_talk(card, settings, turns=MODEL_TURNS))
        yield _interruptions(_break_in(card))


def simulated_figures() -> Iterator[Group]:
    """What takes too long in real time; takes some eight minutes all the same. Raises AbsentError."""
    check_packages("pocketsphinx")
    yield _long_lips()
    if sys.platform.startswith("linux"):
        cost = simulation.long_conversation(HOURS)
        yield (
            f"Conversation of {HOURS:g} hours in simulated time: {cost['turns']:g} turns",
            [
                Figure("memory grown after the first quarter of an hour", cost["megabytes"], high=20, unit="MB"),
                Figure("turns that were heard", cost["heard"], low=0.9 * cost["turns"]),
                Figure("threads left at its end", cost["threads"], high=0),
                Figure("open files left at its end", cost["files"], high=0),
            ],
        )


def _long_lips() -> Group:
    times: deque[float] = deque(maxlen=_FRAMES)
    shapes: deque[NDArray[np.float32]] = deque(maxlen=_FRAMES)

    def see(time: float, frame: Frame) -> None:
        times.append(time)
        shapes.append(frame.shapes)

    speaking = simulation.Simulation(Settings(recogniser="none"), _FAST, see)
    sentences = [sentence for paragraph in ENGLISH for sentence in paragraph]
    starts: list[float] = []
    offsets: list[float] = []
    begun = speaking.clock.now
    for first in cycle(range(0, len(sentences), _SENTENCES)):
        said_at = speaking.clock.now
        speaking.takes.clear()
        speaking.write(" ".join(sentences[first : first + _SENTENCES]))
        speaking.run(1.0)
        while speaking.speaking:
            speaking.run(1.0)
        played = speaking.loudspeaker.taken()
        shown = lip_sync.Shown(np.array(times), lip_sync.lips_of(np.array(shapes)))
        for take in speaking.takes:
            spoken = lip_sync.spoken_of(take)
            zero = zero_of(spoken, played, said_at, speaking.clock.now)
            offset = None if zero is None else lip_sync.ahead(shown, spoken, zero)
            if zero is not None and offset is not None:
                starts.append(zero)
                offsets.append(1000 * offset)
        if speaking.clock.now - begun > 60 * LONG:
            break
    speaking.close()
    return (
        f"Sound against lips in simulated time: {len(offsets)} sentences in {LONG:g} minutes, the speaker's clock "
        f"{1e6 * _FAST:g} in a million fast",
        _agreement(starts, offsets, LONG),
    )


def _agreement(starts: Sequence[float], offsets: Sequence[float], minutes: float) -> list[Figure]:
    """Of sentences that began at ``starts``, with their sound so many milliseconds before their lips."""
    early, late = 1000 * lip_sync.EARLY, 1000 * lip_sync.LATE
    return [
        Figure("sound before lips, median", _median(offsets), -late, early, "ms"),
        Figure("sound before lips, most", float(np.max(offsets)), high=early, unit="ms"),
        Figure("lips before sound, most", -float(np.min(offsets)), high=late, unit="ms"),
        Figure("drift in that time", abs(lip_sync.drift(starts, offsets) * 60 * minutes), high=5, unit="ms"),
    ]


def _talk(card: SoundCard, settings: dict[str, str], turns: int = 1000, minutes: float = 60.0) -> Observed:
    """Say one thing after the other, each when the answer to the one before is over."""
    rng = np.random.default_rng(0)
    with Session(card, settings) as session:
        until = time.monotonic() + 60 * minutes
        for sound in utterances(turns):
            answered = session.count("sound_end")
            session.say(sound)
            session.wait("sound_end", answered + 1)
            if time.monotonic() > until:
                break
            time.sleep(rng.uniform(*_PAUSES))
        return session.finish()


def _break_in(card: SoundCard) -> Observed:
    """Say one thing after the other, each into the answer to the one before."""
    rng = np.random.default_rng(0)
    with Session(card, {"responder": "echo", "guard": "headphones"}) as session:
        for sound in utterances(INTERRUPTIONS + 1):
            answered = session.count("sound_start")
            session.say(sound)
            session.wait("sound_start", answered + 1)
            time.sleep(rng.uniform(*_INTERRUPTS))
        session.wait("sound_end", session.count("sound_start"))
        return session.finish()


def _answers(observed: Observed) -> Group:
    sounds, reactions = _sounds(observed), _reactions(observed)
    threads, files = observed.left
    return (
        f"Conversation through real devices: {len(sounds)} turns in {MINUTES:g} minutes, answered at once",
        [
            Figure("last sound of the user to first of the answer, median", _median(sounds), high=300, unit="ms"),
            Figure("the same, 95th percentile", _percentile(sounds), high=450, unit="ms"),
            Figure("turns without an answer", float(np.isinf(sounds).sum()), high=0),
            Figure("turns into whose pause the character spoke", len(observed.said) - len(sounds)),
            Figure("last sound of the user to what is first seen, median", _median(reactions), high=120, unit="ms"),
            Figure("the same, 95th percentile", _percentile(reactions), high=120, unit="ms"),
            Figure("threads left at its end", threads, high=0),
            Figure("open files left at its end", files, high=0),
        ],
    )


def _model_answers(observed: Observed) -> Group:
    sounds = _sounds(observed)
    most = 1000 * FIRST + 200
    return (
        f"Conversation with a language model that takes {1000 * FIRST:g} ms to its first word: {len(sounds)} turns",
        [
            Figure("last sound of the user to first of the answer, median", _median(sounds), high=most, unit="ms"),
            Figure("the same, 95th percentile", _percentile(sounds), unit="ms"),
            Figure("turns without an answer", float(np.isinf(sounds).sum()), high=0),
        ],
    )


def _interruptions(observed: Observed) -> Group:
    stops = [
        1000 * (silent - speech.begins)
        for speech in observed.said[1:]
        if (silent := observed.played.silent_from(speech.begins, speech.begins + 2.0, _SILENCE)) is not None
    ]
    return (
        f"Conversation with headphones: {len(stops)} interruptions",
        [
            Figure("first sound of the user to silence at the speaker, median", _median(stops), high=150, unit="ms"),
            Figure("the same, longest", float(np.max(stops, initial=0.0)), high=150, unit="ms"),
            Figure("interruptions that were heard", len(observed.of("interrupted")), low=INTERRUPTIONS),
        ],
    )


def _lips(observed: Observed) -> Group:
    """Of every sentence that was heard as a whole."""
    starts, offsets = [], []
    for event, take in zip(observed.of("reply_text"), observed.takes, strict=True):
        zero = zero_of(take, observed.played, event.time - _STARTS, event.time + _STARTS)
        offset = None if zero is None else lip_sync.ahead(observed.shown, take, zero)
        if zero is not None and offset is not None:
            starts.append(zero)
            offsets.append(1000 * offset)
    return (
        f"Sound against lips at the speaker: {len(offsets)} sentences in {MINUTES:g} minutes, 60 pictures a second",
        _agreement(starts, offsets, MINUTES),
    )


def _sounds(observed: Observed) -> list[float]:
    """Milliseconds from the end of what the user says to the answer's first sound, infinite when there was none.

    Without the turns into whose end the character spoke.
    """
    found = (observed.played.first_sound(speech.ends, speech.ends + _LISTENS) for speech in observed.said)
    waits = [
        np.inf if at is None else 1000 * (at - speech.ends) for at, speech in zip(found, observed.said, strict=True)
    ]
    return [wait for wait in waits if wait >= _SPOKE]


def _reactions(observed: Observed) -> list[float]:
    return [_reaction(observed, speech) for speech in observed.said]


def _reaction(observed: Observed, speech: Speech) -> float:
    """Milliseconds until a lid or a brow is seen to move; infinite when none was."""
    times = observed.shown.times
    moves = observed.shapes[:, [INDEX["eyeBlinkLeft"], INDEX["browInnerUp"]]]
    before = max(int(np.searchsorted(times, speech.ends)) - 1, 0)
    end = int(np.searchsorted(times, speech.ends + _LISTENS))
    lowest = np.minimum.accumulate(moves[before:end])
    seen = np.flatnonzero((moves[before:end] - lowest).max(axis=1) >= _SEEN)
    return 1000 * float(times[before + seen[0]] - speech.ends) if len(seen) else np.inf


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else np.nan


def _percentile(values: Sequence[float]) -> float:
    """The 95th, one that was measured."""
    return float(np.percentile(values, 95, method="higher")) if values else np.nan
