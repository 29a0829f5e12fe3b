"""The two public sets that the tagger is trained on, and how they are split."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...errors import UserError
from ...language.hashing import featurise, phrases
from ...language.learned import EKMAN
from ...language.words import words

PROSODY: Final = Path("helsinki_prosody", "dev.txt")
PROSODY_TEST: Final = Path("helsinki_prosody", "test.txt")
COMMENTS_TEST: Final = Path("goemotions_ekman", "test.tsv")
"""The corpora's own test parts, which nothing is ever learned from or tuned on; they may be absent."""
COMMENTS: Final = Path("goemotions_ekman")
_PARTS, _TUNING_SPEAKERS = 5, 4
_TUNING_COMMENTS: Final = 4000
_LONGEST: Final = 60
"""Words of a text that training looks at."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its labels."""

    text: str
    spans: tuple[tuple[int, int], ...]
    rows: NDArray[np.int32]
    """Features of its words [shape=(n, WIDTH)]."""
    phrases: NDArray[np.int32]
    """Of its words [shape=(n, PHRASE_WIDTH)]."""
    labels: Floats
    """Prominence class and number of each word [shape=(n, 2)], or 0 / 1 for each emotion [shape=(7,)]."""


@dataclass(frozen=True, slots=True)
class Split:
    """Examples to learn from, to tune on (shares of the parts of the tagger, thresholds), and to measure on."""

    learn: list[Example]
    tune: list[Example]
    held: list[Example]
    told: str
    """How the split was made."""


def prosody(folder: Path, rng: np.random.Generator) -> list[Split]:
    """Read utterances of the Helsinki Prosody Corpus; each speaker is held out by one of the splits."""
    utterances = list(_utterances(_text(folder / PROSODY)))
    speakers = sorted({speaker for speaker, _ in utterances})
    rng.shuffle(speakers)
    splits = []
    for part in range(_PARTS):
        held = speakers[part::_PARTS]
        others = [speaker for speaker in speakers if speaker not in held]
        tuned = others[:_TUNING_SPEAKERS]
        learn, tune, keep = list[Example](), list[Example](), list[Example]()
        for speaker, example in utterances:
            (keep if speaker in held else tune if speaker in tuned else learn).append(example)
        told = f"{len(others) - len(tuned)} speakers learned from, {len(tuned)} tuned on, {len(held)} held out"
        splits.append(Split(learn, tune, keep, told))
    return splits


def _utterances(text: str) -> Iterator[tuple[str, Example]]:
    for block in text.split("<file>\t")[1:]:
        name, *rows = block.strip().split("\n")
        line, spans, labels = "", [], []
        for row in rows:
            word, level, _, prominence, _ = row.split("\t")
            spoken = level != "NA"
            if line and (spoken or word in '"(“'):
                line += " "
            if spoken:
                spans.append((len(line), len(line) + len(word)))
                labels.append((float(level), float(prominence)))
            line += word
        if spans:
            yield name.split("_")[0], _example(line, tuple(spans), np.array(labels, np.float32))


def _example(text: str, spans: tuple[tuple[int, int], ...], labels: Floats) -> Example:
    return Example(text, spans, featurise(text, spans), phrases(text, spans), labels)


def comments(folder: Path, rng: np.random.Generator) -> Split:
    """Read GoEmotions with the labels of Ekman; its own dev part is held out."""
    learn, held = (_comments(_text(folder / COMMENTS / f"{part}.tsv")) for part in ("train", "dev"))
    order = rng.permutation(len(learn)).tolist()
    return Split(
        learn=[learn[i] for i in order[_TUNING_COMMENTS:]],
        tune=[learn[i] for i in order[:_TUNING_COMMENTS]],
        held=held,
        told=f"train.tsv ({_TUNING_COMMENTS} of it tuned on); dev.tsv ({len(held)}) held out",
    )


def _comments(text: str) -> list[Example]:
    found = []
    for row in text.strip().split("\n"):
        comment, indices, _ = row.split("\t")
        places = tuple(words(comment, "en-us"))[:_LONGEST]
        labels = np.zeros(len(EKMAN), np.float32)
        labels[[int(index) for index in indices.split(",")]] = 1
        if places:
            found.append(_example(comment, places, labels))
    return found


def own_tests(folder: Path) -> tuple[list[Example], list[Example]]:
    """The corpora's own test parts: read utterances and comments, each empty where the folder does not hold them."""
    spoken, written = (
        _text(folder / part) if (folder / part).is_file() else "" for part in (PROSODY_TEST, COMMENTS_TEST)
    )
    return [example for _, example in _utterances(spoken)], _comments(written) if written else []


def forms(example: Example) -> list[str]:
    """Its words in lower case."""
    return [example.text[start:end].lower() for start, end in example.spans]


def ngrams(example: Example) -> list[str]:
    """Words, pairs of words and starts of words, marks included: what a plain linear model looks at."""
    tokens = re.findall(r"[\w']+|[^\w\s]", example.text.lower().replace("’", "'"))
    return [*tokens, *(f"{a} {b}" for a, b in pairwise(tokens)), *(f"{t[:5]}*" for t in tokens)]


def padded(examples: Sequence[Example]) -> tuple[NDArray[np.int64], Floats]:
    """Rows of several texts [shape=(b, n, WIDTH)] and where they have a word, 0 or 1 [shape=(b, n)]."""
    longest = max(len(example.rows) for example in examples)
    rows = np.zeros((len(examples), longest, examples[0].rows.shape[1]), np.int64)
    mask = np.zeros((len(examples), longest), np.float32)
    for i, example in enumerate(examples):
        rows[i, : len(example.rows)] = example.rows
        mask[i, : len(example.rows)] = 1
    return rows, mask


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"The training data {path} cannot be read: {error.strerror}. Name its folder: --data."
        ) from error
