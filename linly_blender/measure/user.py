"""What somebody says in a conversation that is measured: sentences and voices that differ, as sound."""

from collections.abc import Iterator
from itertools import cycle
from typing import Final

import numpy as np

from ..audio.resampling import resample
from ..language.reader import read_script
from ..live.services import Sound
from ..speech.synthesis import EspeakVoice, speak
from .sound_card import RATE

SENTENCES: Final = (
    "Good morning, it is nice to meet you.",
    "What is your name?",
    "I would like to know what you do here.",
    "Have you ever seen a film that made you laugh?",
    "Tell me about the house you live in.",
    "My brother works in a hospital.",
    "How old is this city?",
    "We went to the market and bought some bread.",
    "Is it far to the station from here?",
    "She told me that the weather will be better tomorrow.",
    "Please open the window.",
    "Why do people talk about money all the time?",
    "This is the best coffee I have had this year.",
    "Can you help me to find a good book?",
    "The train leaves at half past seven.",
    "What did you have for breakfast?",
    "I think we should go home now.",
    "Where can I buy a ticket?",
    "He has played the piano for twenty years.",
    "Do you remember the name of that song?",
    "The garden looks beautiful after the rain.",
    "Yesterday I met an old friend.",
    "Which language is the hardest to learn?",
    "That was a very good answer.",
    "Nobody knows how the story ends.",
    "Let us talk about something else.",
    "When does the museum open?",
    "Our neighbours have a small black dog.",
    "Who wrote this letter?",
    "You should come and visit us in the summer.",
)
_VOICES: Final = (None, "f2", "m3", "f4", "m1")
LOUDEST: Final = 11000
"""Of 32767: somebody who sits at the microphone."""


def utterances(count: int) -> Iterator[Sound]:
    """So many, each a sentence in another voice, at ``sound_card.RATE``, from its first sample to its last."""
    for sentence, voice, _ in zip(cycle(SENTENCES), cycle(_VOICES), range(count), strict=False):
        with EspeakVoice(voice) as speaker:
            spoken = speak(read_script(sentence, language="en", emotion="neutral"), speaker)
        begin, end = (round(at * spoken.rate) for at in (spoken.phones[0].start, spoken.phones[-1].end + 0.1))
        sound = resample(spoken.sound[begin:end], spoken.rate, RATE).astype(np.float64)
        yield np.rint(sound * LOUDEST / np.abs(sound).max()).astype(np.int16)
