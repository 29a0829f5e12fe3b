"""Two architectures for one task, both causal, both with an explicit state of one flat row.

Input rows are frames [batch, time, inputs]; the state carries what earlier frames left behind, so that a sequence may
be cut anywhere.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

KERNEL = 3


class Tcn(nn.Module):
    """Temporal convolution: each frame alone through two layers, then residual blocks of growing dilation (Bai 2018).

    The state holds, for every block, the last ``2 * dilation`` columns of its input.
    """

    kind = "tcn"

    def __init__(self, inputs: int, outputs: int, width: int, dilations: Sequence[int], scale: Tensor) -> None:
        """Take the outputs' natural sizes as ``scale`` [outputs]: the network itself works near 1."""
        super().__init__()
        self.inputs, self.outputs, self.width, self.dilations = inputs, outputs, width, tuple(dilations)
        self.enter = nn.Conv1d(inputs, width, 1)
        self.think = nn.Conv1d(width, width, 1)
        self.over_time = nn.ModuleList(nn.Conv1d(width, width, KERNEL, dilation=d) for d in dilations)
        self.mix = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in dilations)
        self.leave = nn.Conv1d(width, outputs, 1)
        self.register_buffer("scale", scale.clone())
        for layer in self.mix:
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    @property
    def state_size(self) -> int:
        """Numbers in a state."""
        return self.width * sum((KERNEL - 1) * d for d in self.dilations)

    def forward(self, rows: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """[b, t, inputs], [b, state_size] to [b, t, outputs] and the next state."""
        hidden = torch.relu(self.enter(rows.transpose(1, 2)))
        hidden = torch.relu(self.think(hidden))
        left: list[Tensor] = []
        at = 0
        for dilation, over_time, mix in zip(self.dilations, self.over_time, self.mix, strict=True):
            columns = (KERNEL - 1) * dilation
            past = state[:, at : at + self.width * columns].reshape(-1, self.width, columns)
            at += self.width * columns
            joined = torch.cat([past, hidden], dim=2)
            left.append(joined[:, :, -columns:].flatten(1))
            hidden = hidden + mix(torch.relu(over_time(joined)))
        found = self.leave(hidden).transpose(1, 2) * self.scale
        return found, torch.cat(left, dim=1)


class Lstm(nn.Module):
    """Long short-term memory after two layers for each frame alone. The state is its hidden and cell vector."""

    kind = "lstm"

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
