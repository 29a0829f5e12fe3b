"""What the network has to be better than: a plain convolution that learns from the recordings alone for a minute."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from ...face.learned_mouth import OUTPUTS
from ...face.mouth_features import FEATURES
from .lessons import Array, Lesson

LAYERS, KERNEL, WIDTH = 5, 5, 64
"""Together they look a tenth of a second to either side; they need not be causal."""
STEPS, BATCH, CROP = 400, 16, 300
RATE: Final = 1e-3


def plain_mouth(lessons: Sequence[Lesson], heard: Array, seed: int) -> Array:
    """Learn from lessons, then tell the mouth of what is heard [shape=(n, FEATURES) -> (n, OUTPUTS)]."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    widths = [FEATURES, *[WIDTH] * (LAYERS - 1), OUTPUTS]
    layers: list[nn.Module] = []
    for inside, outside in pairwise(widths):
        layers += [nn.Conv1d(inside, outside, KERNEL, padding="same"), nn.ReLU()]
    network = nn.Sequential(*layers[:-1])
    optimiser = torch.optim.Adam(network.parameters(), RATE)
    lengths = np.array([len(lesson.mouth) for lesson in lessons], np.float64)
    for _ in range(STEPS):
        pieces = []
        for _ in range(BATCH):
            lesson = lessons[rng.choice(len(lessons), p=lengths / lengths.sum())]
            at = int(rng.integers(0, len(lesson.mouth) - CROP))
            pieces.append((lesson.features[at : at + CROP], lesson.mouth[at : at + CROP], lesson.known[at : at + CROP]))
        rows, mouth, known = (torch.from_numpy(np.stack(part)) for part in zip(*pieces, strict=True))
        error = network(rows.transpose(1, 2)).transpose(1, 2) - mouth
        loss: Tensor = (known * error**2).sum() / known.sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    network.eval()
    with torch.no_grad():
        found: Array = network(torch.from_numpy(heard.T[None]))[0].T.numpy()
    return found
