"""Fixtures that more than one test module uses."""

import numpy as np
import pytest

from linly_blender.performance import Frames, Performance
from linly_blender.score import Cue, Gesture, Phone, Sentence, Speech, Word


@pytest.fixture
def two_sentences() -> Performance:
    """Two seconds in two languages with something in every field: made by hand, nothing of it is speech."""
    rate, fps, seconds = 16000, 30.0, 2.0
    random = np.random.default_rng(7)
    count = int(seconds * fps) + 1
    times = np.arange(count) / fps
    head = np.stack(
        [0.01 * np.sin(times + axis) for axis in range(3)] + [0.1 * np.cos(times * axis) for axis in (1, 2, 3)]
    )
    return Performance(
        frames=Frames(
            fps=fps,
            shapes=random.random((count, 52), dtype=np.float32),
            head=head.T.astype(np.float32),
            gaze=(0.2 * random.standard_normal((count, 2))).clip(-1, 1).astype(np.float32),
            breath=(0.5 + 0.5 * np.sin(times)).astype(np.float32),
        ),
        speech=Speech(
            sound=(8000 * np.sin(np.arange(int(rate * seconds)) * 0.05)).astype(np.int16),
            rate=rate,
            phones=(
                Phone("h", 0.1, 0.2, 0, 0),
                Phone("aɪ", 0.2, 0.5, 1, 0),
                Phone("n", 1.0, 1.1, 0, 1),
                Phone("i", 1.1, 1.5, 1, 1),
                Phone("", 1.5, 1.9, 0, -1),
            ),
            words=(Word("Hi", 0.1, 0.5, 1.0, 0), Word("你", 1.0, 1.5, 0.0, 1)),
            sentences=(
                Sentence("Hi!", 0.1, 0.5, "exclamation", "happy", 0.7, "en-us"),
                Sentence("你？", 1.0, 1.5, "question", "neutral", 0.0, "cmn"),
            ),
            cues=(Cue("nod", 0.2, 1.0),),
        ),
        gestures=(
            Gesture("nod", 0.1, 0.3, 0.6, 0.12, "direction"),
            Gesture("gaze_away", 0.9, 1.2, 1.8, 0.2, "idle"),
        ),
        seed=3,
        style="neutral",
        language="mixed",
    )
