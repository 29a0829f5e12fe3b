"""How the network learns: from synthetic voices first, then from those and recordings together."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ...face.learned_mouth import FRAMES_AHEAD
from ...face.mouth_features import BANDS
from ...face.targets import CHANNELS
from .lessons import Array, Lesson
from .network import Mouth

Report = Callable[[str], None]

DEFAULT: Final = Path(__file__).with_name("config.json")
CROP: Final = 300
"""Frames of a piece to learn from."""
WARM: Final = 60
"""Frames at the start of a piece out of the middle that do not count: what came before them is not there."""
SIZES: Final = torch.tensor([0.12, 0.1, 0.15, 0.12, 0.12, 0.06])
"""Natural sizes of the channels, by which their errors are divided."""
GATES: Final = 0.5
"""Weight of an error of a gate."""
MOVING: Final = 2.0
"""Weight of errors of speed: what a channel does in so many frames counts like where it is."""
REAL: Final = 0.8
"""Share of recordings in a batch of both."""
MASKS: Final = (2, 5, 0.3)
"""Bands hidden from a piece: how many stretches, of how many at most, and the share of pieces (Park 2019)."""
KEPT: Final = 0.995
"""Share of the running mean of the weights that a step keeps: the mean is what is used (Polyak 1992)."""
RISE: Final = 0.08
"""Share of the steps in which the rate rises."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``config.json`` says."""

    seed: int
    turns: int
    """Of synthetic speech, about six seconds each."""
    versions: int
    """Of each recording: itself, and so many less one disturbed."""
    width: int
    batch: int
    """Pieces of three seconds a step."""
    rate: float
    """Of learning, at most."""
    steps: int
    """With synthetic voices alone."""
    dropped: float
    """Share of channels that is left out meanwhile."""
    recorded_rate: float
    """The same with recordings too, after that."""
    recorded_steps: int
    recorded_dropped: float


@dataclass(frozen=True, slots=True)
class Course:
    """How to learn from what."""

    sources: Sequence[tuple[float, Sequence[Lesson]]]
    """Lessons, and the share of each kind in a batch."""
    steps: int
    rate: float
    dropped: float
    batch: int


def fit(network: Mouth, course: Course, rng: np.random.Generator, report: Report) -> Mouth:
    """Let a copy of the network learn; return the mean of what it was on its way."""
    network = copy.deepcopy(network)
    network.drop.p = course.dropped
    optimiser = torch.optim.AdamW(network.parameters(), course.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, course.rate, total_steps=course.steps, pct_start=RISE)
    mean: Mouth = copy.deepcopy(network).eval()
    pools = [_Pool(share, lessons) for share, lessons in course.sources]
    network.train()
    total = 0.0
    for step in range(course.steps):
        rows, target, weights = _batch(pools, course.batch, rng)
        found, _ = network(rows, torch.zeros(len(rows), network.memory_size))
        loss = _loss(found[:, FRAMES_AHEAD:], target, weights)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            kept = min(KEPT, step / (step + 10))
            for slow, quick in zip(mean.parameters(), network.parameters(), strict=True):
                slow.lerp_(quick, 1 - kept)
        total += loss.item()
        if (step + 1) % 100 == 0 or step + 1 == course.steps:
            report(f"{step + 1} of {course.steps} steps, loss {total / (step % 100 + 1):.4f}")
            total = 0.0
    return mean


@dataclass
class _Pool:
    """Lessons of one source, drawn as often as they are long."""

    share: float
    lessons: Sequence[Lesson]
    chances: Array = field(init=False)

    def __post_init__(self) -> None:
        lengths = np.array([len(lesson.mouth) for lesson in self.lessons], np.float64)
        self.chances = lengths / lengths.sum()

    def draw(self, rng: np.random.Generator) -> Lesson:
        return self.lessons[rng.choice(len(self.lessons), p=self.chances)]


def _batch(pools: Sequence[_Pool], size: int, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """What is heard [b, CROP + FRAMES_AHEAD, FEATURES], the mouth and the weights of its errors [b, CROP, OUTPUTS]."""
    long = CROP + FRAMES_AHEAD
    lessons = [pool.draw(rng) for pool in pools for _ in range(round(pool.share * size))]
    rows = np.zeros((len(lessons), long, lessons[0].features.shape[1]), np.float32)
    target = np.zeros((len(lessons), CROP, lessons[0].mouth.shape[1]), np.float32)
    weights = np.zeros_like(target)
    for index, lesson in enumerate(lessons):
        # Starts before the first frame count as the first: beginnings are learnt as often as middles.
        start = max(int(rng.integers(-CROP // 4, max(len(lesson.features) - CROP // 2, 1))), 0)
        part = lesson.features[start : start + long]
        rows[index, : len(part)] = _masked(part, rng)
        part = lesson.mouth[start : start + CROP]
        target[index, : len(part)] = part
        warm = WARM if start else 0
        weights[index, warm : len(part)] = lesson.known[start + warm : start + CROP]
    return torch.from_numpy(rows), torch.from_numpy(target), torch.from_numpy(weights)


def _masked(rows: Array, rng: np.random.Generator) -> Array:
    """The rows with some bands hidden, now and then."""
    count, widest, share = MASKS
    if rng.random() > share:
        return rows
    rows = rows.copy()
    for _ in range(count):
        width = int(rng.integers(1, widest + 1))
        first = int(rng.integers(0, BANDS - width))
        rows[:, first : first + width] = 0
    return rows


def _loss(found: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Squared errors of channels and of their speed, and what the gates did not foretell."""
    error = (found[..., :CHANNELS] - target[..., :CHANNELS]) / SIZES
    weight = weights[..., :CHANNELS]
    place = (weight * error**2).sum() / weight.sum()
    both = weight[:, 1:] * weight[:, :-1]
    speed = (both * (error[:, 1:] - error[:, :-1]) ** 2).sum() / both.sum()
    told, gates = found[..., CHANNELS:], target[..., CHANNELS:]
    surprise = torch.nn.functional.binary_cross_entropy_with_logits(told, gates, reduction="none")
    weight = weights[..., CHANNELS:]
    return place + MOVING**2 * speed + GATES * (weight * surprise).sum() / weight.sum()
