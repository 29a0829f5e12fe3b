"""The body's part of a performance: head, gaze, blinks, brows, breath and micro-expressions."""

from .animate import PoseTrack, animate
from .styles import Style, load_style, style_names

__all__ = ["PoseTrack", "Style", "animate", "load_style", "style_names"]
