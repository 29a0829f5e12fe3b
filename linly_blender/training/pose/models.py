"""Two architectures for one task, both causal, both with an explicit state of one flat row.

Input rows are frames [batch, time, inputs]; the state carries what earlier frames left behind, so that a sequence may
be cut anywhere.
"""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

KERNEL: Final = 3
"""Frames that a dilated convolution takes together."""
BUMPS, APART, HALF_WIDTH = 12, 7, 10
"""Number of bumps that a moment is followed by, frames from one to the next, and from a bump's top to its end."""
LENGTH: Final = (BUMPS - 1) * APART + HALF_WIDTH + 1
"""Frames from a moment to the end of its last bump."""


class Tcn(nn.Module):
    """Temporal convolution: each frame alone, then smooth bumps after its moments, then residual blocks (Bai 2018).

    Most of what a head does is a smooth movement of a certain form at a certain time after a moment. So a few numbers
    of each frame are spread over the 1.8 seconds after it by fixed raised cosines, from which any such form is a sum;
    dilated convolutions alone learn that slowly. The state holds what came before: of those numbers, and of every
    block's input.
    """

    def __init__(self, inputs: int, outputs: int, width: int, dilations: Sequence[int], scale: Tensor) -> None:
        """Take the outputs' natural sizes as ``scale`` [outputs]: the network itself works near 1."""
        super().__init__()
        self.inputs, self.outputs, self.width, self.dilations = inputs, outputs, width, tuple(dilations)
        self.moments = width // 3
        self.enter = nn.Conv1d(inputs, width, 1)
        self.think = nn.Conv1d(width, width, 1)
        self.notice = nn.Conv1d(width, self.moments, 1)
        self.join = nn.Conv1d(width + BUMPS * self.moments, width, 1)
        self.over_time = nn.ModuleList(nn.Conv1d(width, width, KERNEL, dilation=d) for d in dilations)
        self.mix = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in dilations)
        self.leave = nn.Conv1d(width + BUMPS * self.moments, outputs, 1)
        self.register_buffer("scale", scale.clone())
        self.register_buffer("bumps", _bumps())
        for layer in self.mix:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers in the parts of a state: of the moments, then of each block."""
        return (self.moments * (LENGTH - 1), *(self.width * (KERNEL - 1) * d for d in self.dilations))

    @property
    def state_size(self) -> int:
        """Numbers in a state."""
        return sum(self.sizes)

    def forward(self, rows: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """[b, t, inputs], [b, state_size] to [b, t, outputs] and the next state."""
        pasts = state.split(self.sizes, dim=1)
        seen = torch.relu(self.think(torch.relu(self.enter(rows.transpose(1, 2)))))
        noticed = torch.cat([pasts[0].reshape(-1, self.moments, LENGTH - 1), self.notice(seen)], dim=2)
        left = [noticed[:, :, -(LENGTH - 1) :].flatten(1)]
        spread = nn.functional.conv1d(noticed.reshape(len(rows) * self.moments, 1, -1), self.bumps)
        spread = spread.reshape(len(rows), BUMPS * self.moments, -1)
        hidden = torch.relu(self.join(torch.cat([seen, spread], dim=1)))
        for past, dilation, over_time, mix in zip(pasts[1:], self.dilations, self.over_time, self.mix, strict=True):
            columns = (KERNEL - 1) * dilation
            joined = torch.cat([past.reshape(-1, self.width, columns), hidden], dim=2)
            left.append(joined[:, :, -columns:].flatten(1))
            hidden = hidden + mix(torch.relu(over_time(joined)))
        found = self.leave(torch.cat([hidden, spread], dim=1)).transpose(1, 2) * self.scale
        return found, torch.cat(left, dim=1)


def _bumps() -> Tensor:
    """Raised cosines after a moment, the last first as a convolution wants them [BUMPS, 1, LENGTH]."""
    after = torch.arange(LENGTH, dtype=torch.float32)
    tops = APART * torch.arange(BUMPS, dtype=torch.float32)[:, None]
    away = ((after - tops) / HALF_WIDTH).clamp(-1, 1)
    return (0.5 + 0.5 * torch.cos(torch.pi * away)).flip(1)[:, None]


class Lstm(nn.Module):
    """Long short-term memory after two layers for each frame alone. The state is its hidden and cell vector."""

    def __init__(self, inputs: int, outputs: int, width: int, hidden: int, scale: Tensor) -> None:
        """As ``Tcn``; ``hidden`` numbers of memory."""
        super().__init__()
        self.inputs, self.outputs, self.width, self.hidden = inputs, outputs, width, hidden
        self.enter = nn.Linear(inputs, width)
        self.think = nn.Linear(width, width)
        self.memory = nn.LSTM(width, hidden, batch_first=True)
        self.leave = nn.Linear(hidden, outputs)
        self.register_buffer("scale", scale.clone())

    @property
    def state_size(self) -> int:
        """Numbers in a state."""
        return 2 * self.hidden

    def forward(self, rows: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """[b, t, inputs], [b, state_size] to [b, t, outputs] and the next state."""
        seen = torch.relu(self.think(torch.relu(self.enter(rows))))
        before = state.reshape(-1, 2, self.hidden).transpose(0, 1)
        over_time, (hidden, cell) = self.memory(seen, (before[:1].contiguous(), before[1:].contiguous()))
        return self.leave(over_time) * self.scale, torch.cat([hidden[0], cell[0]], dim=1)


Network = Tcn | Lstm


def size_of(network: nn.Module) -> int:
    """Numbers that were learnt."""
    return sum(parameter.numel() for parameter in network.parameters())
