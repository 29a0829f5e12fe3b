"""The level meter: decibels of full scale, up at once, down slowly."""

import numpy as np
import pytest

from linly_blender.audio.level import FALL, SILENCE, Meter, level


def sine(amplitude: float) -> np.ndarray:
    return np.rint(amplitude * 32767 * np.sin(2 * np.pi * np.arange(16000) / 160)).astype(np.int16)


def test_a_full_scale_sine_is_the_reference() -> None:
    full, half = level(sine(1.0)), level(sine(0.5))
    assert full.peak == pytest.approx(0, abs=0.01)
    assert full.rms == pytest.approx(-3.01, abs=0.01)
    assert half.peak == pytest.approx(-6.02, abs=0.01)
    assert level(np.full(10, -32768, np.int16)).peak == 0


def test_silence_and_nothing_are_at_the_bottom() -> None:
    for sound in (np.zeros(512, np.int16), np.zeros(0, np.int16)):
        assert level(sound).peak == level(sound).rms == SILENCE


def test_the_meter_rises_at_once_and_falls_slowly() -> None:
    meter = Meter()
    loud, quiet = sine(0.5), np.zeros(512, np.int16)
    assert meter.feed(loud, 10.0).peak == pytest.approx(-6.02, abs=0.01)
    assert meter.feed(quiet, 10.5).peak == pytest.approx(-6.02 - FALL / 2, abs=0.01)
    assert meter.feed(loud, 10.6).peak == pytest.approx(-6.02, abs=0.01)
    assert meter.feed(quiet, 100.0).peak == SILENCE
