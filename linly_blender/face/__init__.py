"""Phones to a speaking face: 52 ARKit curves with coarticulation, and emotion and laughter that do not break them."""

from .articulation import articulate
from .combination import combine
from .expression import express
from .noises import both, breathe, laugh

__all__ = ["articulate", "both", "breathe", "combine", "express", "laugh"]
