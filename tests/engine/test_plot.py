"""The picture shows the take, whatever its length and script."""

import dataclasses
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from linly_blender.errors import UserError
from linly_blender.exports import lettering
from linly_blender.exports.plot import plot
from linly_blender.performance import Frames, Performance
from linly_blender.score import Speech, Word

matplotlib = pytest.importorskip("matplotlib")
figures = pytest.importorskip("matplotlib.figure")
image = pytest.importorskip("PIL.Image")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[figures.Figure]:
    """The figures that are saved; a warning of matplotlib (a missing glyph ...) fails the test."""
    saved: list[figures.Figure] = []
    save = figures.Figure.savefig

    def savefig(figure: figures.Figure, *arguments: object, **options: object) -> None:
        saved.append(figure)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            save(figure, *arguments, **options)

    monkeypatch.setattr(figures.Figure, "savefig", savefig)
    return saved


def _curve(figure: figures.Figure, label: str) -> np.ndarray:
    (line,) = (line for axes in figure.axes for line in axes.lines if line.get_label() == label)
    return np.asarray(line.get_ydata())


def _texts(figure: figures.Figure) -> set[str]:
    return {text.get_text() for axes in figure.axes for text in axes.texts}


def test_shows_the_frames(two_sentences: Performance, tmp_path: Path, drawn: list[figures.Figure]) -> None:
    path = tmp_path / "take.png"
    plot(two_sentences, path)
    (figure,) = drawn
    frames = two_sentences.frames
    assert np.array_equal(_curve(figure, "jaw open"), frames.shapes[:, 17])
    assert np.allclose(_curve(figure, "roll, left"), np.degrees(frames.head[:, 5]))
    assert np.allclose(_curve(figure, "z, up"), 1000 * frames.head[:, 2])
    texts = _texts(figure)
    assert any(text.startswith("exclam") for text in texts)
    assert {"Hi!", "Hi", "h", "aɪ", "direction", "idle"} <= texts
    assert [label.get_text() for label in figure.axes[-1].get_yticklabels()] == ["gaze away", "nod"]
    with image.open(path) as picture:
        assert picture.width >= 900
        assert np.asarray(picture.convert("L")).std() > 10
    assert [file.name for file in tmp_path.iterdir()] == ["take.png"]


def test_does_without_a_chinese_font(
    two_sentences: Performance, tmp_path: Path, drawn: list[figures.Figure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lettering, "_CHINESE", ())
    monkeypatch.setattr(lettering.Lettering, "_blenders_font", None)
    plot(two_sentences, tmp_path / "take.png")
    assert "install a Chinese font" in drawn[0].axes[0].get_title(loc="left")
    assert "你" not in _texts(drawn[0])


def test_draws_chinese_with_any_font_there_is(
    two_sentences: Performance, tmp_path: Path, drawn: list[figures.Figure]
) -> None:
    letters = lettering.Lettering()
    if len(letters.families) == 1 and letters._blenders_font is None:
        pytest.skip("no Chinese font on this machine")
    plot(two_sentences, tmp_path / "take.png")
    assert "install" not in drawn[0].axes[0].get_title(loc="left")


def test_texts_are_never_read_as_formulas(two_sentences: Performance, tmp_path: Path) -> None:
    words = (Word("$x^{$", 0.0, 1.5, 0.0, 0), Word("\\frac_%", 1.5, 2.0, 0.0, 0))
    speech = dataclasses.replace(two_sentences.speech, words=words, phones=())
    plot(dataclasses.replace(two_sentences, speech=speech), tmp_path / "take.png")


def test_a_silent_still_take(tmp_path: Path) -> None:
    nothing = Speech(np.zeros(0, np.int16), 16000, (), (), ())
    frames = Frames(24.0, *(np.zeros(shape, np.float32) for shape in ((1, 52), (1, 6), (1, 2), (1,))))
    plot(Performance(frames, nothing, (), 0, "neutral", "en"), tmp_path / "take.png")


def test_a_long_take_stays_a_picture_that_opens(two_sentences: Performance, tmp_path: Path) -> None:
    times = 600
    frames, speech = two_sentences.frames, two_sentences.speech
    words = tuple(
        dataclasses.replace(word, start=word.start + 2 * turn, end=word.end + 2 * turn)
        for turn in range(times)
        for word in speech.words
    )
    long = dataclasses.replace(
        two_sentences,
        frames=Frames(
            frames.fps,
            np.tile(frames.shapes[:60], (times, 1)),
            np.tile(frames.head[:60], (times, 1)),
            np.tile(frames.gaze[:60], (times, 1)),
            np.tile(frames.breath[:60], times),
        ),
        speech=dataclasses.replace(speech, sound=np.tile(speech.sound, times), words=words),
    )
    plot(long, tmp_path / "take.png")
    with image.open(tmp_path / "take.png") as picture:
        assert 5000 < picture.width < 10000


def test_says_what_is_missing(two_sentences: Performance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"has to end in \.png"):
        plot(two_sentences, tmp_path / "take.doc")
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UserError, match="pip install matplotlib"):
        plot(two_sentences, tmp_path / "take.png")
    assert not list(tmp_path.iterdir())
