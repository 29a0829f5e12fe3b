"""The bench's film: lips can be counted in its pictures, and its sound is where it should be."""

from pathlib import Path

import numpy as np

from linly_blender.measure.film_sync import pictures_late, read_film, sound_late
from linly_blender.measure.lips import CLOSED, avatar_gauge
from linly_blender.perform import perform
from linly_blender.scene.film_timing import film_lips

FPS = 10


def test_the_film_shows_how_far_the_lips_are_open_and_when(tmp_path: Path) -> None:
    take, gauge = perform("Papa.", emotion="neutral", fine_tuner="off"), avatar_gauge()
    film_lips(take, FPS, 1.0, tmp_path / "film.mp4")
    film = read_film(tmp_path / "film.mp4")
    gap = np.interp(film.shown, take.frames.times, gauge.gap(take.frames.shapes))
    assert film.opening[gap < CLOSED / 2].max() < 0.02 * film.opening.max()
    assert film.opening[gap > 4].min() > 0.1 * film.opening.max()
    assert abs(pictures_late(film, take, gauge)) < 0.5 / FPS
    assert abs(sound_late(film, take)) < 0.005
