"""Training: stage 1, the two architectures of stage 2, one that is blind to meaning, and the small one."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...files import replacing
from ...pose.base import HEAD
from ...pose.context import CONTEXT, STYLE_NUMBERS
from ...pose.fine_tuner import CONTROLS
from .config import Settings
from .data import Lesson
from .models import Lstm, Network, Tcn

Array = NDArray[np.float32]
Report = Callable[[str], None]

BASE_SIZE: Final = 0.05
"""Natural size of a base pose's numbers, by which they are divided on their way in."""
DILATIONS: Final = (1, 2, 4, 8, 16)
FEW_DILATIONS: Final = (1, 4, 16)
"""Of stage 1 and of the small network: each takes its time in a frame's step."""
_CROP: Final = 400
"""Frames of a piece to learn from."""
_WARM: Final = 100
"""Frames at the start of a piece out of the middle that do not count: what came before them is not there."""
_SPEED: Final = 4.0
"""Weight of errors of speed; a nod's is about a sixth of its size a frame."""
_PEAKS: Final = 3.0
"""Weight that a frame far from home has beside the 1 of every frame."""
_EVEN: Final = 0.5
"""Power of a lesson's own size by which its errors are divided: 0 would let large movements count for most, 1 would
have all manners and moods count alike."""
_LEAST: Final = 0.25
"""Share of a control's natural size below which a lesson's own does not fall in that."""
_RISE: Final = 0.1
"""Share of the steps in which the rate rises."""
_HIDDEN: Final = 0.12
"""Share of pieces whose text is hidden, so that the network also works where none is known."""


@dataclass(frozen=True, slots=True)
class Example:
    """A lesson in the form that a network takes."""

    rows: Array
    """[shape=(n, inputs)]."""
    target: Array
    """[shape=(n, outputs)]."""
    weight: Array
    """Of an error of each control [shape=(outputs,)]."""
    blank: Array | None
    """``rows`` with the text hidden; None when it is not known anyway."""


@dataclass(frozen=True, slots=True)
class Trained:
    """All networks of a run."""

    base: Tcn
    tcn: Tcn
    lstm: Lstm
    blind: Tcn
    small: Tcn


def train(lessons: Sequence[Lesson], settings: Settings, folder: Path, report: Report) -> Trained:
    """Train everything on the lessons, as the settings say; ``report`` is told how it goes.

    Each network is kept in ``folder`` when it is done, and read from there by a run that was cut and begins again.
    """
    torch.manual_seed(settings.seed)
    # Small networks keep one core busy each; two that learn at once are quicker than one on two cores. Every thread
    # has a number of its own.
    torch.set_num_threads(1)
    scale = _natural_sizes(lessons)
    heard = lessons[0].features.shape[1]
    inputs = HEAD + heard + CONTEXT
    base = Tcn(heard, HEAD, settings.base_width, FEW_DILATIONS, scale[:HEAD])
    tcn = Tcn(inputs, CONTROLS, settings.width, DILATIONS, scale)
    lstm = Lstm(inputs, CONTROLS, settings.width, settings.hidden, scale)
    blind = Tcn(inputs, CONTROLS, settings.width, DILATIONS, scale)
    small = Tcn(inputs, CONTROLS, settings.small_width, FEW_DILATIONS, scale)

    of_base = [Example(x.features, x.target[:, :HEAD], _weight(x.target, scale)[:HEAD], None) for x in lessons]
    fit(base, of_base, settings.base_steps, settings, folder / "base.npz", report)
    poses = [apply(base, lesson.features) for lesson in lessons]
    seeing = [_example(lesson, pose, lesson.context, scale) for lesson, pose in zip(lessons, poses, strict=True)]
    hidden = [_example(lesson, pose, hide(lesson.context), scale) for lesson, pose in zip(lessons, poses, strict=True)]

    def learn(network: Network, name: str, examples: Sequence[Example], steps: int) -> None:
        fit(network, examples, steps, settings, folder / f"{name}.npz", report)

    def distil() -> None:
        # The small one learns from the large one, which has already told the teacher's whims from its habits.
        taught = [replace(e, target=0.7 * apply(tcn, e.rows) + 0.3 * e.target) for e in seeing]
        learn(small, "small", taught, settings.small_steps)

    with ThreadPoolExecutor(settings.at_once, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        first = pool.submit(learn, tcn, "tcn", seeing, settings.steps)
        others = [
            pool.submit(learn, lstm, "lstm", seeing, settings.lstm_steps),
            pool.submit(learn, blind, "blind", hidden, settings.blind_steps),
        ]
        first.result()
        for future in (pool.submit(distil), *others):
            future.result()
    return Trained(base, tcn, lstm, blind, small)


def joined(pose: Array, features: Array, context: Array) -> Array:
    """Rows of stage 2 [shape=(n, inputs)]."""
    return np.concatenate([pose / np.float32(BASE_SIZE), features, context], axis=1)


def hide(context: Array) -> Array:
    """The context without the text; the manner stays."""
    blank = np.zeros_like(context)
    blank[:, -STYLE_NUMBERS:] = context[:, -STYLE_NUMBERS:]
    return blank


def apply(network: Network, rows: Array) -> Array:
    """Run a network over a whole sequence [shape=(n, inputs) -> (n, outputs)]."""
    network.eval()
    with torch.no_grad():
        found, _ = network(torch.from_numpy(rows[None]), torch.zeros(1, network.state_size))
    return np.asarray(found[0].numpy())


def fit(
    network: Network, examples: Sequence[Example], steps: int, settings: Settings, kept: Path, report: Report
) -> None:
    """Train a network: Adam, its rate rising and then falling as a cosine (Smith 2018)."""
    if kept.exists():
        with np.load(kept, allow_pickle=False) as file:
            network.load_state_dict({name: torch.from_numpy(file[name]) for name in file.files})
        network.eval()
        return
    rng = np.random.default_rng(settings.seed)
    network.train()
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.rate, max(steps, 1), pct_start=_RISE)
    lengths = np.array([len(example.rows) for example in examples], float)
    total = 0.0
    for step in range(steps):
        chosen = rng.choice(len(examples), settings.batch, p=lengths / lengths.sum())
        rows, target, weights = _batch([examples[i] for i in chosen], rng)
        found, _ = network(rows, torch.zeros(len(rows), network.state_size))
        loss = _loss(found, target, weights, network.scale)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        total += loss.item()
        if (step + 1) % 100 == 0 or step + 1 == steps:
            report(f"{kept.stem}: {step + 1} of {steps} steps, loss {total / (step % 100 + 1):.4f}")
            total = 0.0
    network.eval()
    with replacing(kept) as path:
        np.savez(path, **{name: value.numpy() for name, value in network.state_dict().items()})


def _example(lesson: Lesson, pose: Array, context: Array, scale: Tensor) -> Example:
    target = lesson.target.copy()
    target[:, :HEAD] -= pose
    blank = None if lesson.textless else joined(pose, lesson.features, hide(context))
    return Example(joined(pose, lesson.features, context), target, _weight(lesson.target, scale), blank)


def _weight(target: Array, scale: Tensor) -> Array:
    """Weights of squared errors in a lesson, larger where it moves little [shape=(outputs,)]."""
    usual = scale.numpy()[: target.shape[1]]
    own = np.maximum(target.std(axis=0), _LEAST * usual)
    return np.asarray((usual / own) ** (2 * _EVEN), np.float32)


def _natural_sizes(lessons: Sequence[Lesson]) -> Tensor:
    """Standard deviations of the controls; what hardly moves counts as moving a little."""
    least = np.array([1e-3] * 3 + [5e-3] * 3 + [0.02] * 4 + [0.02] * 2 + [0.02])
    spread = np.concatenate([lesson.target for lesson in lessons]).std(axis=0)
    return torch.from_numpy(np.maximum(spread, least).astype(np.float32))


def _batch(examples: Sequence[Example], rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    rows = np.zeros((len(examples), _CROP, examples[0].rows.shape[1]), np.float32)
    target = np.zeros((len(examples), _CROP, examples[0].target.shape[1]), np.float32)
    weights = np.zeros((len(examples), _CROP, examples[0].target.shape[1]), np.float32)
    for index, example in enumerate(examples):
        source = example.blank if example.blank is not None and rng.random() < _HIDDEN else example.rows
        # Starts before the first frame count as the first: beginnings are learnt as often as middles.
        start = max(int(rng.integers(-_CROP // 4, max(len(source) - _CROP // 2, 1))), 0)
        part = source[start : start + _CROP]
        rows[index, : len(part)] = part
        target[index, : len(part)] = example.target[start : start + _CROP]
        weights[index, (_WARM if start else 0) : len(part)] = example.weight
    return torch.from_numpy(rows), torch.from_numpy(target), torch.from_numpy(weights)


def _loss(found: Tensor, target: Tensor, weights: Tensor, scale: Tensor) -> Tensor:
    """Squared errors of position and speed in natural sizes, heavier where the target is far from home."""
    error = (found - target) / scale
    weight = weights * (1 + _PEAKS * (target / (2 * scale)).abs().clamp(max=1.0))
    position = (weight * error**2).sum() / weight.sum()
    both = weight[:, 1:] * (weights[:, :-1] > 0)
    speed = (both * (error[:, 1:] - error[:, :-1]) ** 2).sum() / both.sum()
    return position + _SPEED**2 * speed
