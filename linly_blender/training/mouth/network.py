"""The network: dilated convolutions over what was heard, causal, with one flat row of memory.

Its output for a frame is that of ``FRAMES_AHEAD`` frames before: that is how it looks ahead.
"""

from typing import Final

import torch
from torch import Tensor, nn

from ...face.learned_mouth import OUTPUTS
from ...face.mouth_features import FEATURES

KERNEL: Final = 3
"""Frames that a convolution takes together."""
DILATIONS: Final = (1, 2, 4, 8, 16, 32)
"""Frames between them: together 1.3 seconds."""


class Mouth(nn.Module):
    """Residual blocks of dilated convolutions (Bai 2018). The memory holds what each of them still looks at."""

    def __init__(self, width: int) -> None:
        """Take the width of every layer."""
        super().__init__()
        self.width = width
        self.enter = nn.Conv1d(FEATURES, width, 1)
        self.over_time = nn.ModuleList(nn.Conv1d(width, width, KERNEL, dilation=d) for d in DILATIONS)
        self.mix = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in DILATIONS)
        self.leave = nn.Conv1d(width, OUTPUTS, 1)
        self.drop = nn.Dropout1d(0.0)  # each course of learning has its own
        for layer in self.mix:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers in the parts of a memory, a part for each block."""
        return tuple(self.width * (KERNEL - 1) * d for d in DILATIONS)

    @property
    def memory_size(self) -> int:
        """Numbers in a memory."""
        return sum(self.sizes)

    def forward(self, rows: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """[b, t, FEATURES], [b, memory_size] to [b, t, OUTPUTS] and the next memory.

        Channels come as they are, gates as the logarithm of their odds.
        """
        hidden = torch.relu(self.enter(rows.transpose(1, 2)))
        left = []
        for past, dilation, over_time, mix in zip(
            memory.split(self.sizes, dim=1), DILATIONS, self.over_time, self.mix, strict=True
        ):
            columns = (KERNEL - 1) * dilation
            joined = torch.cat([past.reshape(-1, self.width, columns), hidden], dim=2)
            left.append(joined[:, :, -columns:].flatten(1))
            hidden = hidden + mix(self.drop(torch.relu(over_time(joined))))
        return self.leave(hidden).transpose(1, 2), torch.cat(left, dim=1)


def size_of(network: nn.Module) -> int:
    """Numbers that were learnt."""
    return sum(parameter.numel() for parameter in network.parameters())
