"""Phones to a speaking face: 52 ARKit curves with coarticulation, and emotion that does not break them."""

from .articulation import articulate
from .combination import combine
from .expression import express

__all__ = ["articulate", "combine", "express"]
