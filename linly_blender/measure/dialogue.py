"""Recorded dialogue, judged on speech whose sounds and their times are known exactly."""

from typing import Final

HELD_OUT_VOICES: Final = ("f5", "m7", "Andy", "steph")
"""Speakers of espeak-ng that are kept for measuring: nothing is trained on them."""
