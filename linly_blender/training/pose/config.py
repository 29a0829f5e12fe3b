"""The settings of a training run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT: Final = Path(__file__).with_name("config.json")


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``config.json`` says."""

    seed: int
    turns: int
    """Turns of synthetic speech, about ten seconds each; one in twenty is not learnt from."""
    at_once: int
    """Networks that learn at the same time, a core each."""
    batch: int
    """Pieces of eight seconds a step."""
    rate: float
    """Of learning, at first."""
    base_width: int
    base_steps: int
    width: int
    """Of both architectures of stage 2."""
    hidden: int
    """Of the LSTM."""
    steps: int
    lstm_steps: int
    blind_steps: int
    """Of the network blind to meaning; it has learnt what there is to learn long before the others have."""
    small_width: int
    small_steps: int
