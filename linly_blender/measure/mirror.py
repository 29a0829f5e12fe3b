"""The mirror through real devices: how long after the voice its lips move, and whether they keep still in silence.

Sentences whose phones are known to the sample are spoken into the microphone of another process; somebody looks at the
character 60 times a second. The lips that are seen are laid on two others: those that the learned mouth makes of the
whole sentence (what is late is the way), and those of the true phones (the network's own lateness included).
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .. import face
from ..arkit import INDEX
from ..audio.devices import LATENCY
from ..audio.resampling import resample
from ..face.learned_mouth import LOOK_AHEAD, LearnedMouth
from ..face.shapes import to_arkit
from ..language.reader import read_script
from ..live.mirror import BLOCK
from ..live.services import HEARING_RATE, Sound
from ..live.settings import MIRROR
from ..model_files import ModelError
from ..score import Speech
from ..speech.prosody import STEP, analyse
from ..speech.synthesis import EspeakVoice, speak
from . import lip_sync
from .figures import AbsentError, Figure, Group
from .lip_sync import Spoken
from .partner import REFRESH
from .session import Session
from .sound_card import RATE, WHOLE, SoundCard
from .user import LOUDEST, SENTENCES

Floats = NDArray[np.float64]

COUNT: Final = 20
MOST: Final = 0.06 + BLOCK / HEARING_RATE + LATENCY["input"] + 1 / REFRESH
"""Seconds of the way: the most that may be looked ahead, a block, the device, and until a picture is made and seen."""
_VOICES: Final = (None, "f2", "m3", "f4", "m1")
_PAUSE: Final = 1.6
"""Seconds between two sentences: longer than the mirror takes until nobody speaks."""
_FPS: Final = 100.0
_FOUND: Final = 3.0
_STILL: Final = (0.8, 1.3)
"""Seconds after a sentence between which the mouth is to be shut."""


@dataclass(frozen=True, slots=True)
class _Said:
    sound: Sound
    """At RATE."""
    heard: Spoken
    """As the learned mouth hears the whole of it."""
    meant: Spoken
    """As its phones are."""


def figures() -> Iterator[Group]:
    """Measure it; takes some two minutes. Raises AbsentError when sound card or network are not here."""
    try:
        mouth = LearnedMouth()
    except ModelError as error:
        raise AbsentError(f"the mirror, because the learned mouth cannot be used ({error})") from error
    sentences = [_sentence(text, voice, mouth) for text, voice in _texts()]
    with SoundCard() as card, Session(card, {"responder": MIRROR}) as session:
        asked = []
        for sentence in sentences:
            asked.append(time.monotonic())
            session.say(sentence.sound)
            time.sleep(len(sentence.sound) / RATE + _PAUSE)
        seen = session.finish()
    ways: list[float] = []
    whole: list[float] = []
    still: list[float] = []
    jaw = seen.shapes[:, INDEX["jawOpen"]]
    for sentence, at in zip(sentences, asked, strict=True):
        begin = seen.spoken.find(sentence.sound, at - 0.1, at + _FOUND, WHOLE)
        if begin is None:
            continue
        for offsets, spoken in ((ways, sentence.heard), (whole, sentence.meant)):
            offset = lip_sync.ahead(seen.shown, spoken, begin)
            if offset is not None:
                offsets.append(1000 * offset)
        end = begin + len(sentence.sound) / RATE
        first, last = np.searchsorted(seen.shown.times, [end + _STILL[0], end + _STILL[1]])
        still.append(float(jaw[first:last].max(initial=0.0)))
    threads, files = seen.left
    yield (
        f"The mirror through real devices: {len(ways)} sentences, 60 pictures a second",
        [
            Figure("the learned mouth's look ahead", 1000 * LOOK_AHEAD, high=60, unit="ms"),
            Figure("voice before lips, of the way, median", _median(ways), high=1000 * MOST, unit="ms"),
            Figure("the same, 95th percentile", _percentile(ways), unit="ms"),
            Figure("voice before lips, against the true phones, median", _median(whole), unit="ms"),
            Figure("jaw open 0.8 s after the voice, most", float(np.max(still, initial=0.0)), high=0.01),
            Figure("threads left at its end", threads, high=0),
            Figure("open files left at its end", files, high=0),
        ],
    )


def _texts() -> Iterator[tuple[str, str | None]]:
    for text, voice, _ in zip(cycle(SENTENCES), cycle(_VOICES), range(COUNT), strict=False):
        yield text, voice


def _sentence(text: str, voice: str | None, mouth: LearnedMouth) -> _Said:
    with EspeakVoice(voice) as speaker:
        spoken = speak(read_script(text, language="en", emotion="neutral"), speaker)
    begins, ends = spoken.phones[0].start, spoken.phones[-1].end
    begin = round(begins * spoken.rate)
    sound = resample(spoken.sound[begin : round((ends + 0.1) * spoken.rate)], spoken.rate, RATE).astype(np.float64)
    loud = np.rint(sound * LOUDEST / np.abs(sound).max()).astype(np.int16)
    told = mouth.listen(loud, RATE)
    channels, closed, on_teeth = (part.astype(np.float64) for part in (told.channels, told.closed, told.on_teeth))
    heard = lip_sync.lips_of(to_arkit(channels, closed, on_teeth))
    lasts = ends - begins
    return _Said(
        loud,
        Spoken(loud, RATE, heard, 1 / STEP, 0.0, lasts),
        Spoken(loud, RATE, _meant(spoken, begin / spoken.rate, len(loud) / RATE), _FPS, 0.0, lasts),
    )


def _meant(speech: Speech, begins: float, lasts: float) -> Floats:
    """The lips of the phones, from that second on [shape=(n, len(LIPS))]."""
    times = begins + np.arange(0.0, lasts, 1 / _FPS)
    return lip_sync.lips_of(face.articulate(speech, analyse(speech.sound, speech.rate), times, None))


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else np.nan


def _percentile(values: list[float]) -> float:
    """The 95th, one that was measured."""
    return float(np.percentile(values, 95, method="higher")) if values else np.nan
