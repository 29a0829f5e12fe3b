"""Figures of the tagger, and the simple ways of tagging that it has to beat."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ...language.learned import EKMAN
from ...language.meaning import RuleTagger, Said, Tagger
from .data import Example, Floats, Split, forms, ngrams

Flags = NDArray[np.bool_]

_KIN: Final = {
    "happy": "joy", "excited": "joy", "sad": "sadness", "angry": "anger", "surprised": "surprise", "fearful": "fear",
    "concerned": "sadness", "neutral": "neutral",
}  # fmt: skip


def f1(guessed: Flags, true: Flags) -> float:
    """Of the flags that are set."""
    return 2 * float((guessed & true).sum()) / max(float(guessed.sum() + true.sum()), 1.0)


def macro_f1(guessed: Flags, true: Flags) -> float:
    """Mean of the columns'."""
    return float(np.mean([f1(guessed[:, k], true[:, k]) for k in range(true.shape[1])]))


def threshold(values: Floats, true: Flags) -> float:
    """The one with the best F1, for scores of any kind."""
    candidates = np.unique(np.quantile(values, np.linspace(0.2, 0.999, 300)))
    return float(candidates[int(np.argmax([f1(values >= at, true) for at in candidates]))])


def expecting(likely: Floats) -> Floats:
    """For each column of probabilities the threshold with the best F1 to be expected if they are true.

    Rare classes have too few examples to find it by trying.
    """
    ordered = -np.sort(-likely.astype(np.float64), axis=0)
    guessed = np.arange(1, len(ordered) + 1)[:, None]
    best = (2 * np.cumsum(ordered, axis=0) / (guessed + ordered.sum(axis=0))).argmax(axis=0)
    found: Floats = np.take_along_axis(ordered, best[None], axis=0)[0].astype(np.float32)
    return found


def calibration_error(values: Floats, true: Flags) -> float:
    """Mean distance of probability and share, over ten bins of probability."""
    place = np.minimum((values * 10).astype(int), 9)
    gaps = [abs(values[place == k].sum() - true[place == k].sum()) for k in range(10)]
    return float(sum(gaps) / values.size)


def levels_of(examples: Sequence[Example]) -> Floats:
    """Prominence class, 0 to 2, of each word of all texts, in order."""
    return np.concatenate([example.labels[:, 0] for example in examples])


def prominent(examples: Sequence[Example]) -> Flags:
    """Whether each word of all texts is prominent, in order."""
    return levels_of(examples) > 0


def classes(examples: Sequence[Example]) -> Flags:
    """Whether each word of all texts is prominent, and highly prominent [shape=(n, 2)]."""
    return levels_of(examples)[:, None] > (0, 1)


def emotions(examples: Sequence[Example]) -> Flags:
    """[shape=(n, 7)]"""
    return np.stack([example.labels for example in examples]) > 0


def said(example: Example) -> Said:
    """As a tagger sees it."""
    return Said(example.text, "en-us", example.spans)


def levels(tagger: Tagger, examples: Sequence[Example]) -> Floats:
    """Emphasis of every word of all texts, in order."""
    return np.concatenate([tagger.tag(said(example), []).emphasis for example in examples]).astype(np.float32)


def shown(tagger: Tagger, examples: Sequence[Example]) -> Flags:
    """The emotion shown for each text as one of Ekman's [shape=(n, 7)]; concern counts as sadness."""
    names = [_KIN[tagger.tag(said(example), []).emotion] for example in examples]
    return np.array([[name == known for known in EKMAN] for name in names])


def common_word_votes(split: Split) -> Flags:
    """What was held out, a word called prominent when its form mostly is; unknown forms are."""
    votes: dict[str, Counter[bool]] = defaultdict(Counter)
    for example in split.learn:
        for form, label in zip(forms(example), example.labels[:, 0] > 0, strict=True):
            votes[form][bool(label)] += 1
    guesses = [votes[form][True] >= votes[form][False] for example in split.held for form in forms(example)]
    return np.array(guesses)


def rule_prominence(split: Split) -> Flags:
    """What was held out by the word lists' scores, with the threshold that serves them best."""
    rules = RuleTagger()
    at = threshold(levels(rules, split.tune), prominent(split.tune))
    return levels(rules, split.held) >= at


def linear_prominence(split: Split) -> Flags:
    """What was held out by a logistic regression on each word, its neighbours, the pairs of them, and its ends.

    Its penalty, like that of the other one, is what served it best on the held-out text: the
    baselines are no weaker than they can be.
    """

    def features(example: Example) -> list[list[str]]:
        known = ["^", "^", *forms(example), "$", "$"]
        result = []
        for i in range(2, len(known) - 2):
            word = known[i]
            near = [f"{k} {known[i + k]}" for k in (-2, -1, 0, 1, 2)]
            ends = [f"end {word[-3:]}", f"start {word[:3]}", f"length {len(word)}"]
            result.append([*near, *ends, f"{known[i - 1]} {word} <", f"{word} {known[i + 1]} >"])
        return result

    def every(examples: Sequence[Example]) -> list[list[str]]:
        return [row for example in examples for row in features(example)]

    answer = _logistic_regression(every(split.learn), prominent(split.learn)[:, None], play=1.0)
    at = expecting(answer(every(split.tune)))
    result: Flags = answer(every(split.held))[:, 0] >= at[0]
    return result


def linear_emotion(split: Split) -> tuple[float, float]:
    """Macro-F1 of a logistic regression on words and n-grams: with thresholds, and of its likeliest emotion."""
    answer = _logistic_regression([ngrams(example) for example in split.learn], emotions(split.learn), play=5.0)
    at = expecting(answer([ngrams(example) for example in split.tune]))
    values = answer([ngrams(example) for example in split.held])
    return macro_f1(values >= at, emotions(split.held)), single_f1(values, emotions(split.held))


@dataclass(frozen=True, slots=True)
class Heard:
    """What was made of the words of one held-out part; of several parts, put together in a row."""

    level: Floats
    """Prominence class of each word."""
    likely: Floats
    """Probability that it is prominent."""
    guesses: Mapping[str, Flags]
    """Whether each of the ways of tagging calls it prominent."""
    emphasised: Mapping[str, Flags]
    """Whether the character would emphasise it."""

    @classmethod
    def of(cls, parts: Sequence["Heard"]) -> "Heard":
        """All parts in a row."""
        return cls(
            np.concatenate([part.level for part in parts]),
            np.concatenate([part.likely for part in parts]),
            {name: np.concatenate([part.guesses[name] for part in parts]) for name in parts[0].guesses},
            {name: np.concatenate([part.emphasised[name] for part in parts]) for name in parts[0].emphasised},
        )

    def figures(self) -> dict[str, float]:
        """Those of the card."""
        true = self.level > 0
        found = {f"prominence f1, {name}": f1(guess, true) for name, guess in self.guesses.items()}
        for name, flags in self.emphasised.items():
            found[f"emphasised share, {name}"] = float(flags.mean())
            found[f"emphasised prominent, {name}"] = float(true[flags].mean())
            found[f"emphasised highly prominent, {name}"] = float((self.level[flags] > 1).mean())
        found["prominence accuracy, network"] = float((self.guesses["network"] == true).mean())
        found["prominence calibration error"] = calibration_error(self.likely, true)
        return found


def single_f1(values: Floats, true: Flags) -> float:
    """Macro-F1 of the largest value, on texts that have one label only."""
    alone = true.sum(1) == 1
    return macro_f1(values[alone] == values[alone].max(axis=1, keepdims=True), true[alone])


def _logistic_regression(
    features: Sequence[Sequence[str]], true: Flags, *, play: float
) -> Callable[[Sequence[Sequence[str]]], Floats]:
    """Fit one on tf-idf, rows of length 1, of what occurs twice or more; returns what gives its probabilities.

    ``play`` is the inverse of the penalty, usually called C.
    """
    counts = Counter(name for row in features for name in set(row))
    number = {name: i for i, name in enumerate(name for name, count in counts.items() if count > 1)}
    rarity = np.array([1 + np.log(len(features) / counts[name]) for name in number], np.float32)

    def matrix(rows: Sequence[Sequence[str]]) -> torch.Tensor:
        found = [np.unique([number[name] for name in row if name in number]).astype(np.int64) for row in rows]
        weights = [rarity[ids] / max(float(np.linalg.norm(rarity[ids])), 1e-6) for ids in found]
        places = np.stack([np.repeat(np.arange(len(rows)), [len(ids) for ids in found]), np.concatenate(found)])
        size = len(rows), len(number)
        return torch.sparse_coo_tensor(
            torch.from_numpy(places), torch.from_numpy(np.concatenate(weights)), size, is_coalesced=True
        )

    known, labels = matrix(features), torch.from_numpy(true.astype(np.float32))
    weight = torch.zeros(len(number), true.shape[1], requires_grad=True)
    start = torch.zeros(true.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, start], max_iter=60, history_size=8, line_search_fn="strong_wolfe")

    def cost() -> torch.Tensor:
        optimiser.zero_grad()
        logits = torch.sparse.mm(known, weight) + start
        value = functional.binary_cross_entropy_with_logits(logits, labels, reduction="sum")
        value = value + 0.5 / play * weight.square().sum()
        value.backward()
        return value

    optimiser.step(cost)

    def answer(rows: Sequence[Sequence[str]]) -> Floats:
        with torch.no_grad():
            result: Floats = torch.sigmoid(torch.sparse.mm(matrix(rows), weight) + start).numpy()
        return result

    return answer
