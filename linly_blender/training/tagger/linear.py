"""The linear part of the tagger: what each phrase by itself speaks for, from a table of hashed phrases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ...language.hashing import PHRASE_ROWS
from .data import Example, Floats

_STEPS: Final = 60
Bags = Sequence[NDArray[np.int32]]
"""Rows of the table that speak for one word or one text together."""


def by_word(examples: Sequence[Example]) -> Bags:
    """The phrases of each word of all texts, in order."""
    return [row for example in examples for row in example.phrases]


def by_text(examples: Sequence[Example]) -> Bags:
    """The phrases of each text."""
    return [example.phrases.ravel() for example in examples]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Logits are the sum of a bag's rows over the square root of their number, and a constant."""

    table: NDArray[np.int8]
    """[shape=(PHRASE_ROWS, k)]"""
    scale: Floats
    """What one in the table stands for [shape=(k,)]."""
    constant: Floats
    """[shape=(k,)]"""

    def logits(self, bags: Bags) -> Floats:
        """[shape=(len(bags), k)]"""
        sums = np.stack([self.table[bag].sum(0, dtype=np.float32) / np.float32(np.sqrt(len(bag))) for bag in bags])
        result: Floats = sums * self.scale + self.constant
        return result


def learn_phrases(bags: Bags, wanted: Floats, play: float) -> Phrases:
    """Fit logistic regressions to ``wanted`` [shape=(len(bags), k)], 0..1; a phrase met once says nothing.

    ``play`` is the inverse of the penalty on the square of the weights.
    """
    sizes = np.array([len(bag) for bag in bags])
    used, flat = np.unique(np.concatenate(bags), return_inverse=True)
    counts = np.bincount(flat)
    rarity = np.where(counts > 1, 1 + np.log(len(bags) / counts), 0)
    shares = torch.from_numpy((rarity[flat] / np.sqrt(np.repeat(sizes, sizes))).astype(np.float32))
    rows, starts = torch.from_numpy(flat), torch.from_numpy(np.cumsum(sizes) - sizes)
    labels = torch.from_numpy(wanted)
    weight = torch.zeros(len(used), wanted.shape[1], requires_grad=True)
    constant = torch.zeros(wanted.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, constant], max_iter=_STEPS, history_size=8, line_search_fn="strong_wolfe")

    def cost() -> torch.Tensor:
        optimiser.zero_grad()
        logits = functional.embedding_bag(rows, weight, starts, mode="sum", per_sample_weights=shares) + constant
        value = functional.binary_cross_entropy_with_logits(logits, labels, reduction="sum")
        value = value + 0.5 / play * weight.square().sum()
        value.backward()
        return value

    optimiser.step(cost)
    learned = weight.detach().numpy() * rarity[:, None]
    scale = (np.abs(learned).max(axis=0) / 127).astype(np.float32)
    table = np.zeros((PHRASE_ROWS, wanted.shape[1]), np.int8)
    table[used] = np.round(learned / scale)
    return Phrases(table, scale, constant.detach().numpy())
