"""Text tables of many rows, written fast and without holding the text in memory."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..files import replacing

_BLOCK = 4096
"""Rows turned into text at a time."""


def write_rows(
    path: Path, header: Sequence[str], labels: Iterable[str], values: NDArray[np.float32], decimals: Sequence[int]
) -> None:
    """Write a CSV file; it appears whole or not at all.

    A row is one of the ``labels`` (it may hold several cells), then its ``values`` [shape=(rows, columns)] with as many
    digits after the point as ``decimals`` [length=columns] says.
    """
    template = "%s," + ",".join(f"%.{digits}f" for digits in decimals) + "\n"
    half = 0.5 * 10.0 ** -np.asarray(decimals)
    labels = iter(labels)
    with replacing(path) as temporary, temporary.open("w", encoding="ascii", newline="") as file:
        file.write(",".join(header) + "\n")
        for first in range(0, len(values), _BLOCK):
            block = values[first : first + _BLOCK].astype(np.float64)
            block[np.abs(block) <= half] = 0.0  # or "-0.0000" is written
            rows = zip(islice(labels, len(block)), block.tolist(), strict=True)
            file.writelines(template % (label, *row) for label, row in rows)
