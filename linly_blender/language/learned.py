"""The trained tagger: a small network for English, joined with the rules.

The network (``models/tagger.onnx``, trained by ``linly_blender/training/tagger``) knows how prominent readers make a
word and which of the basic emotions of Ekman a sentence shows. The rules know everything else: the sentence type, what
has been mentioned, contrast and focus, emoji, every other language; and they keep the last word where they are certain.
"""

import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..model_files import ModelError, Port, Session, open_own_model
from ..score import Emotion
from .hashing import PHRASE_WIDTH, WIDTH, featurise, phrases
from .meaning import Meaning, RuleTagger, Said, Tagger

MODEL: Final = "tagger.onnx"
EKMAN: Final = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
"""Order of the network's emotions, that of the GoEmotions data set."""
INPUTS: Final = (Port("words", "int32", (None, WIDTH)), Port("phrases", "int32", (None, PHRASE_WIDTH)))
OUTPUTS: Final = (Port("prominence", "float32", (None, 2)), Port("emotion", "float32", (len(EKMAN),)))

_OURS: Final[dict[str, Emotion]] = {
    "anger": "angry",
    "disgust": "angry",  # the nearest of the emotions that the face has
    "fear": "fearful",
    "joy": "happy",
    "sadness": "sad",
    "surprise": "surprised",
}
_CERTAIN: Final = 0.7
"""Calibrated probability from which an emotion that no rule has found is shown: rather neutral than wrong."""
_DOUBTFUL: Final = 0.06
"""Below it, an emotion that only weak words speak for is not believed."""
_WEAK: Final = 0.55
"""Intensity up to which the rules' emotion needs the network's consent."""
_LOWEST, _HIGHEST = 0.35, 0.7
"""Intensity of an emotion that the network alone has found, barely certain and entirely."""
_AT_ONCE: Final = 256
"""Words that the network sees together; longer sentences are read in parts, so that memory stays small."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network makes of a sentence."""

    prominence: NDArray[np.float32]
    """Probability that a reader makes each word prominent, and highly prominent [shape=(n, 2)]."""
    emotion: NDArray[np.float32]
    """Probability of each of ``EKMAN`` [shape=(7,)]; several may be likely."""


def read(session: Session, text: str, words: Sequence[tuple[int, int]]) -> Reading:
    """Run the network over a sentence, given with its words' places; the emotion is that of its first part."""
    rows, bags = featurise(text, words), phrases(text, words)
    prominence: list[NDArray[np.float32]] = []
    emotions: list[NDArray[np.float32]] = []
    for begin in range(0, len(rows), _AT_ONCE):
        part, feeling = session.run(
            ["prominence", "emotion"],
            {"words": rows[begin : begin + _AT_ONCE], "phrases": bags[begin : begin + _AT_ONCE]},
        )
        prominence.append(part)
        emotions.append(feeling)
    return Reading(np.concatenate(prominence), emotions[0])


class LearnedTagger:
    """The network's reading of English joined with ``RuleTagger``, which serves all other languages alone.

    Deterministic: the same sentence after the same history has the same meaning, bit for bit.
    """

    def __init__(self, session: Session) -> None:
        self._rules = RuleTagger()
        self._read = functools.lru_cache(maxsize=512)(functools.partial(read, session))

    def tag(self, said: Said, history: Sequence[Said]) -> Meaning:
        if not said.language.startswith("en"):
            return self._rules.tag(said, history)
        reading = self._read(f"{said.text} {said.emoji}".rstrip(), said.words)
        prominence: list[float] = reading.prominence.mean(axis=1).tolist()
        ruled = self._rules.tag(said, history, prominence)
        feeling, intensity = _join(
            ruled.emotion, ruled.intensity, dict(zip(EKMAN, reading.emotion.tolist(), strict=True))
        )
        return Meaning(ruled.type, feeling, intensity, ruled.emphasis)


def _join(ruled: Emotion, intensity: float, likely: dict[str, float]) -> tuple[Emotion, float]:
    """The emotion that rules and network agree on: the rules' when they have one that is not plainly wrong.

    Concern and excitement are the rules' alone: the network's emotions do not tell them from fear, sadness and joy.
    """
    if ruled != "neutral":
        kin = [name for name, ours in _OURS.items() if ours == ruled]
        if kin and intensity <= _WEAK and max(likely[name] for name in kin) < _DOUBTFUL:
            return "neutral", 0.0
        return ruled, intensity
    name = max(_OURS, key=lambda known: likely[known])
    sure = likely[name]
    if sure < _CERTAIN or likely["neutral"] > 1 - _CERTAIN:
        return "neutral", 0.0
    return _OURS[name], round(_LOWEST + (_HIGHEST - _LOWEST) * (sure - _CERTAIN) / (1 - _CERTAIN), 3)


@functools.cache
def default_tagger() -> Tagger:
    """``LearnedTagger`` where its model and ONNX Runtime are there, else, with one warning, ``RuleTagger``."""
    try:
        return LearnedTagger(open_own_model(MODEL, inputs=INPUTS, outputs=OUTPUTS))
    except ModelError as error:
        logging.getLogger(__name__).warning("Sentences are read by rules alone. %s", error)
        return RuleTagger()
