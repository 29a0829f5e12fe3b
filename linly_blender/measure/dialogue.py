"""Recorded dialogue to measure on: scenes of which every sound and its time are known exactly.

They are spoken by espeak-ng, so that the times are true, and by voices, at rates and pitches, in rooms and noise that
nothing is trained on or compares with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from ..audio.resampling import resample, to_samples
from ..language.reader import read_script
from ..score import Emotion, Speech
from ..speech.synthesis import EspeakVoice, speak
from .rhubarb import RATE

Sound = NDArray[np.int16]
Effect = Literal["none", "room", "noise"]

HELD_OUT_VOICES: Final = ("f5", "m7", "Andy", "steph")
"""Speakers of espeak-ng that are kept for measuring: nothing is trained on them."""
REVERBERATION: Final = 0.4
"""Seconds in which the room's sound falls by 60 dB: a furnished living room."""
DIRECT: Final = 6.0
"""Decibels that the voice is louder than its room: a microphone at arm's length."""
NOISE: Final = 20.0
"""Decibels that the voice is louder than the noise."""

SCENES: Final[Mapping[str, tuple[str, ...]]] = {
    "English": (
        "You promised me that the boat would be ready by Monday. I packed my bag, I paid the man at the pier, and "
        "nobody came. Maybe you forgot, or maybe you never meant to help. I am leaving before the summer ends.",
        "Stop the car, please! There's somebody on the bridge, and she's not moving. Give me the lamp and my blue "
        "jumper. Pam, call an ambulance. Tell them it is number forty-five, Temple Bay Road.",
        "My mother kept every letter in a box below the bed. When the house was sold I opened it, and found nothing "
        "but empty paper. I remember thinking how simple it would be to believe her.",
        "Good morning, Mister Babbage. The computer in the basement has been humming all night. I put a bucket below "
        "the pipe, but the problem may be bigger than we thought. Could you bring a plumber before midday?",
    ),
    "Mandarin": (
        "你答应过我，星期一之前把船准备好。我把包都打好了，码头的人也付了钱，可是没有人来。"
        "也许你忘了，也许你根本不打算帮忙。不管怎么样，夏天结束以前我一定要走。",
        "请停车！桥上有个人，一动也不动。把手电筒和我的蓝毛衣给我。小白，马上叫救护车，告诉他们，半坡路八十五号。",
        "母亲把每一封信都放在床底下的木盒里。房子卖掉的那天，我把它打开，里面只有一叠白纸。我明白，相信她其实并不难。",
        "早上好，毕先生。地下室的电脑嗡嗡响了一整夜。我在管子下面摆了一个盆，不过麻烦可能比我们想的更大。"
        "您能不能帮我找一个修水管的师傅，最好中午以前到？",
    ),
}
"""What is said, a recording each; written for this project."""
CODES: Final = {"English": "en", "Mandarin": "zh"}
"""Of the scenes' languages."""
_TAKES: Final[tuple[tuple[str, Emotion, Effect], ...]] = (
    (HELD_OUT_VOICES[0], "neutral", "none"),
    (HELD_OUT_VOICES[1], "excited", "none"),  # faster and higher
    (HELD_OUT_VOICES[2], "sad", "room"),  # slower, lower and flatter
    (HELD_OUT_VOICES[3], "neutral", "noise"),
)
"""Of each scene: who says it, how, and what becomes of the sound."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A recording of which everything is known."""

    text: str
    language: str
    """``en`` or ``zh``."""
    speech: Speech
    """As it was said: every sound at its true time."""
    sound: Sound
    """As it was recorded, at ``rhubarb.RATE`` [shape=(n,)]."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.sound) / RATE


def clips(language: str) -> list[Clip]:
    """The recordings of ``English`` or ``Mandarin``; the same in every run."""
    return [
        clip(text, CODES[language], voice, emotion, effect)
        for text, (voice, emotion, effect) in zip(SCENES[language], _TAKES, strict=True)
    ]


def clip(text: str, language: str, voice: str, emotion: Emotion = "neutral", effect: Effect = "none") -> Clip:
    """Record somebody saying a text; the same in every run."""
    lines = read_script(text, language=language, emotion="neutral")
    with EspeakVoice(voice) as speaker:
        speech = speak([replace(line, emotion=emotion, intensity=1.0) for line in lines], speaker)
    sound = resample(speech.sound, speech.rate, RATE)
    return Clip(text, language, speech, spoilt(sound, effect, np.random.default_rng(len(sound))))


def spoilt(sound: Sound, effect: Effect, rng: np.random.Generator) -> Sound:
    """The sound at ``RATE`` in a room or in noise, as loud and as long as it was, and not delayed."""
    clean = sound.astype(np.float64)
    if effect == "room":
        count = round(REVERBERATION * RATE)
        echoes = rng.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
        echoes[: round(0.003 * RATE)] = 0  # nothing is so near that it comes back at once
        echoes *= 10 ** (-DIRECT / 20) / np.sqrt(np.square(echoes).sum())
        echoes[0] = 1.0
        size = len(clean) + count
        clean = np.fft.irfft(np.fft.rfft(clean, size) * np.fft.rfft(echoes, size), size)[: len(clean)]
    elif effect == "noise":
        spoken = np.sqrt(np.square(clean[clean != 0]).mean())
        clean = clean + rng.standard_normal(len(clean)) * spoken * 10 ** (-NOISE / 20)
    return to_samples((clean * (np.abs(sound).max() / max(np.abs(clean).max(), 1.0))).astype(np.float32))
