"""The tagger's networks in torch: a table of features, three convolutions over the words, and a head for each task."""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...language.hashing import ROWS
from ...language.learned import EKMAN

SIZE: Final = 64
"""Numbers of a feature."""
HIDDEN: Final = 96
DILATIONS: Final = (1, 2, 4)
"""Of convolutions of three words each: the last sees seven words to either side."""
_DROPPED: Final = 0.3


class Trunk(nn.Module):
    """Words with their neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(ROWS, SIZE, mode="sum", padding_idx=0)
        nn.init.normal_(self.table.weight, 0.0, 0.05)
        with torch.no_grad():
            self.table.weight[0] = 0
        self.enter = nn.Linear(SIZE, HIDDEN)
        self.layers = nn.ModuleList(nn.Conv1d(HIDDEN, HIDDEN, 3, padding=d, dilation=d) for d in DILATIONS)

    def forward(self, rows: Tensor, mask: Tensor) -> Tensor:
        """Hidden numbers of each word [shape=(b, n, HIDDEN)]; ``mask`` [shape=(b, n)] is 1 where there is one."""
        summed = self.table(rows.flatten(0, 1)).unflatten(0, rows.shape[:2])
        summed = functional.dropout(summed, _DROPPED, self.training)
        hidden = (self.enter(summed) * mask[..., None]).transpose(1, 2)
        for layer in self.layers:
            fresh = functional.relu(layer(hidden)) * mask[:, None]
            hidden = hidden + functional.dropout(fresh, _DROPPED, self.training)
        return functional.relu(hidden.transpose(1, 2))


class Prominence(nn.Module):
    """Of each word: logits of being prominent and highly prominent, and the prominence itself [shape=(b, n, 3)]."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk = trunk
        self.leave = nn.Linear(HIDDEN, 3)

    def forward(self, rows: Tensor, mask: Tensor) -> Tensor:
        hidden: Tensor = self.trunk(rows, mask)
        result: Tensor = self.leave(functional.dropout(hidden, _DROPPED, self.training))
        return result


class Feeling(nn.Module):
    """Of a text: logits of the emotions [shape=(b, 7)], from the largest, the mean and the attended words."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk = trunk
        self.attend = nn.Linear(HIDDEN, 1)
        self.leave = nn.Linear(3 * HIDDEN, len(EKMAN))

    def forward(self, rows: Tensor, mask: Tensor) -> Tensor:
        hidden = self.trunk(rows, mask)
        absent = 1e4 * (1 - mask[..., None])
        share = torch.softmax(self.attend(hidden) - absent, 1)
        pooled = (
            (hidden - absent).amax(1),
            (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True),
            (hidden * share).sum(1),
        )
        result: Tensor = self.leave(functional.dropout(torch.cat(pooled, 1), 0.5, self.training))
        return result
