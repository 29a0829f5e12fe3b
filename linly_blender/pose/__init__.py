"""The body's part of a performance: head, gaze, blinks, brows, breath and micro-expressions."""

from .amounts import Amounts, parse_amounts
from .animate import PoseTrack, animate
from .fine_tuner import PoseFineTuner
from .regions import Region, load_region, region_names
from .styles import Style, load_style, style_names

__all__ = [
    "Amounts",
    "PoseFineTuner",
    "PoseTrack",
    "Region",
    "Style",
    "animate",
    "load_region",
    "load_style",
    "parse_amounts",
    "region_names",
    "style_names",
]
