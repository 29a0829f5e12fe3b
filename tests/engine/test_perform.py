"""The engine from end to end."""

import numpy as np
import pytest

from linly_blender.arkit import SHAPES
from linly_blender.errors import Cancelled, UserError
from linly_blender.perform import perform
from linly_blender.performance import Performance

LINE = "Hello *there*. Are you open at the weekend? 我们周末正常营业。"


def same(one: Performance, other: Performance) -> bool:
    arrays = ("shapes", "head", "gaze", "breath")
    return (
        all(np.array_equal(getattr(one.frames, name), getattr(other.frames, name)) for name in arrays)
        and np.array_equal(one.speech.sound, other.speech.sound)
        and one.speech.phones == other.speech.phones
        and one.gestures == other.gestures
    )


def test_a_take_is_complete() -> None:
    take = perform(LINE, seed=3)
    count = len(take.frames)
    assert count == int(take.speech.duration * 60) + 1
    assert take.frames.shapes.shape == (count, len(SHAPES))
    assert take.frames.head.shape == (count, 6)
    assert take.frames.gaze.shape == (count, 2)
    assert take.frames.breath.shape == (count,)
    for array in (take.frames.shapes, take.frames.head, take.frames.gaze, take.frames.breath):
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
    assert take.frames.shapes.min() >= 0
    assert take.frames.shapes.max() <= 1
    assert take.language == "mixed"
    assert [s.type for s in take.speech.sentences] == ["statement", "question", "statement"]
    assert max(w.emphasis for w in take.speech.words if w.text == "there") == 1
    assert take.gestures
    assert all(0 <= g.start <= g.peak <= g.end <= take.speech.duration for g in take.gestures)


def test_the_same_seed_gives_the_same_bits_whatever_came_before() -> None:
    first = perform(LINE, seed=5)
    perform("Something else entirely.", seed=9, voice="f2", style="lively")
    assert same(first, perform(LINE, seed=5))


def test_another_seed_is_another_take_of_the_same_line() -> None:
    one, other = perform(LINE, seed=1), perform(LINE, seed=2)
    assert one.speech.phones == other.speech.phones
    apart = np.abs(one.frames.head[:, 3:] - other.frames.head[:, 3:]).max()
    assert np.degrees(apart) > 1


@pytest.mark.parametrize("fps", [24.0, 24000 / 1001, 25.0, 120.0])
def test_frames_are_samples_of_one_movement(fps: float) -> None:
    """The frame rate says when curves are looked at, not what they do."""
    fine, coarse = perform(LINE, seed=4, fps=240.0), perform(LINE, seed=4, fps=fps)
    times = coarse.frames.times
    for column in range(3, 6):
        expected = np.interp(times, fine.frames.times, fine.frames.head[:, column])
        assert np.degrees(np.abs(coarse.frames.head[:, column] - expected).max()) < 0.3


def test_progress_rises_to_one_and_may_cancel() -> None:
    shares: list[float] = []
    perform("One. Two. Three.", progress=lambda share, stage: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1

    def cancel(share: float, stage: str) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        perform("One. Two. Three.", progress=cancel)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"text": ""}, "nothing to say|empty|no text|word"),
        ({"text": " \n\t "}, "nothing to say|empty|no text|word"),
        ({"text": "?!... 。"}, "say|word"),
        ({"text": "😀🎉"}, "say|word"),
        ({"text": "word " * 20_000}, "100,000|characters"),
        ({"text": "bell \x07 rings"}, "control|character"),
        ({"text": "[happy"}, "close|bracket|\\]"),
        ({"text": "[nodd] yes"}, "nod"),
        ({"text": "a *word"}, "\\*|asterisk|emphasis"),
        ({"text": "Hello.", "language": "xx"}, "language|voice"),
        ({"text": "你们周末营业吗？", "language": "en"}, "auto|zh"),
        ({"text": "Hello.", "voice": "nobody"}, "voice"),
        ({"text": "Hello.", "style": "nothing"}, "style"),
        ({"text": "Hello.", "fps": 0.0}, "frames a second"),
        ({"text": "Hello.", "fps": float("nan")}, "frames a second"),
        ({"text": "Hello.", "seed": -1}, "seed"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_bad_input_says_what_to_do(arguments: dict, message: str) -> None:
    with pytest.raises(UserError, match=f"(?i){message}") as caught:
        perform(**arguments)
    assert len(str(caught.value)) > 25
    assert str(caught.value).rstrip().endswith((".", "?", "!", ")"))
