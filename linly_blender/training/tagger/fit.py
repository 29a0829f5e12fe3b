"""How the networks learn: first to guess hidden words, then each its own task."""

import copy
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from .data import Example, Floats, forms, padded
from .network import HIDDEN, Feeling, Prominence, Trunk

log = logging.getLogger(__name__)

_GUESSED: Final = 4000
"""Commonest words, which hidden words are guessed among."""
_HIDDEN_SHARE: Final = 0.25
_GUESSING_PASSES: Final = 3
_PROMINENCE_PASSES: Final = 4
_FEELING_PASSES: Final = 6
_BOUNDS: Final = (0.4, 1.2)
"""Numbers of the corpus from which its classes 1 and 2 begin."""
_SOFTNESS: Final = (0.12, 0.24)
_HIGHEST: Final = 3.0
"""The most prominent that a number of the corpus may say."""

Batch = tuple[Tensor, Tensor, Tensor]


def _batches(examples: Sequence[Example], size: int, rng: np.random.Generator) -> Iterator[list[Example]]:
    """Batches of texts of similar length, in random order."""
    lengths = np.array([len(example.rows) for example in examples])
    order = np.argsort(lengths + rng.uniform(0, 4, len(examples)), kind="stable")
    starts = np.arange(0, len(examples), size)
    for start in rng.permutation(starts):
        yield [examples[i] for i in order[start : start + size]]


def _descend(
    network: nn.Module,
    loss: Callable[[list[Example]], Tensor],
    examples: Sequence[Example],
    rng: np.random.Generator,
    *,
    passes: int,
    size: int,
    rate: float,
) -> None:
    """Adam with a rate that falls to nothing in a straight line."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-3, fused=True)
    steps = passes * -(-len(examples) // size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.02, 1 - step / steps))
    network.train()
    for number in range(passes):
        total = 0.0
        for batch in _batches(examples, size, rng):
            value = loss(batch)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            schedule.step()
            total += value.item() * len(batch)
        log.info("  pass %d: loss %.4f", number + 1, total / len(examples))
    network.eval()


def _dropping(rows: NDArray[np.int64], share: float, rng: np.random.Generator) -> Tensor:
    """Rows with a share of the features left out: no single one may be leant on."""
    return torch.from_numpy(np.where(rng.random(rows.shape, np.float32) < share, 0, rows))


def guess_words(examples: Sequence[Example], rng: np.random.Generator) -> Trunk:
    """A trunk that has learned to guess hidden words from their neighbours: grammar and meaning without labels."""
    counts = Counter(form for example in examples for form in forms(example))
    number = {form: i for i, (form, _) in enumerate(counts.most_common(_GUESSED))}
    targets = {id(example): np.array([number.get(form, -1) for form in forms(example)]) for example in examples}
    trunk, leave = Trunk(), nn.Linear(HIDDEN, _GUESSED)

    def loss(batch: list[Example]) -> Tensor:
        rows, mask = padded(batch)
        wanted = np.full(mask.shape, -1)
        for i, example in enumerate(batch):
            wanted[i, : len(example.rows)] = targets[id(example)]
        hidden = rng.random(mask.shape) < _HIDDEN_SHARE
        rows[hidden] = 0
        wanted[~hidden] = -1
        known = torch.from_numpy(wanted >= 0)
        guesses = leave(trunk(_dropping(rows, 0.1, rng), torch.from_numpy(mask))[known])
        return functional.cross_entropy(guesses, torch.from_numpy(wanted)[known])

    both = nn.ModuleList([trunk, leave])
    _descend(both, loss, examples, rng, passes=_GUESSING_PASSES, size=96, rate=3e-3)
    return trunk


def softened(labels: Floats) -> Floats:
    """How sure it is that each word is prominent, and highly prominent [shape=(n, 2)], from class and number.

    Half is what the class says, half how far the number is beyond the class's bound: a word close to it would have had
    another class in another reading.
    """
    beyond = (labels[:, 1:2] - np.array(_BOUNDS, np.float32)) / np.array(_SOFTNESS, np.float32)
    result: Floats = 0.5 * (labels[:, :1] > (0, 1)) + 0.5 / (1 + np.exp(-beyond))
    return result.astype(np.float32)


def learn_prominence(trunk: Trunk, examples: Sequence[Example], rng: np.random.Generator) -> Prominence:
    """The task of the read words, from a copy of the trunk."""
    network = Prominence(copy.deepcopy(trunk))

    def loss(batch: list[Example]) -> Tensor:
        rows, mask = padded(batch)
        labels = torch.from_numpy(np.concatenate([example.labels for example in batch]))
        sure = torch.from_numpy(softened(labels.numpy()))
        found = network(_dropping(rows, 0.25, rng), torch.from_numpy(mask))[torch.from_numpy(mask > 0)]
        return (
            functional.binary_cross_entropy_with_logits(found[:, 0], sure[:, 0])
            + 0.5 * functional.binary_cross_entropy_with_logits(found[:, 1], sure[:, 1])
            + 0.3 * functional.smooth_l1_loss(found[:, 2], labels[:, 1].clamp(0, _HIGHEST))
        )

    _descend(network, loss, examples, rng, passes=_PROMINENCE_PASSES, size=32, rate=2e-3)
    return network


def learn_feeling(trunk: Trunk, examples: Sequence[Example], rng: np.random.Generator) -> Feeling:
    """The task of the comments, from a copy of the trunk."""
    network = Feeling(copy.deepcopy(trunk))

    def loss(batch: list[Example]) -> Tensor:
        rows, mask = padded(batch)
        rows[rng.random(mask.shape) < 0.05] = 0
        labels = torch.from_numpy(np.stack([example.labels for example in batch]))
        found = network(_dropping(rows, 0.2, rng), torch.from_numpy(mask))
        return functional.binary_cross_entropy_with_logits(found, labels)

    _descend(network, loss, examples, rng, passes=_FEELING_PASSES, size=64, rate=1.5e-3)
    return network


def blend_of(networks: Floats, phrases: Floats, true: NDArray[np.bool_]) -> Floats:
    """Shares of two logits [shapes alike] in the sum whose probabilities are the likeliest [shape=(2,)]."""
    both = torch.from_numpy(np.stack([networks, phrases], -1))
    labels = torch.from_numpy(true.astype(np.float32))
    shares = torch.full((2,), 0.5, requires_grad=True)
    optimiser = torch.optim.LBFGS([shares], max_iter=50, line_search_fn="strong_wolfe")

    def cost() -> Tensor:
        optimiser.zero_grad()
        value = functional.binary_cross_entropy_with_logits(both @ shares, labels)
        value.backward()
        return value

    optimiser.step(cost)
    found: Floats = shares.detach().numpy()
    return found


def logits_of(networks: Sequence[Prominence | Feeling], examples: Sequence[Example]) -> Floats:
    """Mean logits, text by text or word by word in order of the examples."""
    parts = []
    for start in range(0, len(examples), 128):
        rows, mask = (torch.from_numpy(array) for array in padded(examples[start : start + 128]))
        with torch.no_grad():
            found = torch.stack([network(rows, mask) for network in networks]).mean(0)
        parts.append(found[mask > 0] if found.ndim == 3 else found)
    result: Floats = torch.cat(parts).numpy()
    return result
