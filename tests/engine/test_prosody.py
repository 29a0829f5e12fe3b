"""Pitch and loudness against sounds whose truth is known."""

import numpy as np
import pytest

from linly_blender.speech import prosody

RATE = 22050


def tone(hertz: float, seconds: float = 1.0, loud: float = 0.3) -> np.ndarray:
    """A voice-like sound: ten harmonics of falling strength."""
    t = np.arange(int(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 11))
    return np.round(wave * loud * 12000).astype(np.int16)


@pytest.mark.parametrize("hertz", [85.0, 120.0, 201.5, 310.0, 400.0])
def test_pitch_of_a_tone(hertz: float) -> None:
    found = prosody.analyse(tone(hertz), RATE).f0[10:-10]
    assert np.isfinite(found).all()
    assert np.allclose(found, hertz, rtol=0.02)


def test_noise_and_silence_are_unvoiced() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, RATE).astype(np.int16)
    assert np.isnan(prosody.analyse(noise, RATE).f0).mean() > 0.9
    silent = prosody.analyse(np.zeros(RATE, np.int16), RATE)
    assert np.isnan(silent.f0).all()
    assert not silent.energy.any()


def test_loudness_follows_the_sound() -> None:
    sound = np.concatenate([tone(150, 1, 0.02), tone(150, 1, 0.5), np.zeros(RATE, np.int16)])
    energy = prosody.analyse(sound, RATE).energy
    assert energy[130:190].mean() > energy[30:90].mean() + 0.3 > 0.3
    assert energy[230:290].max() == 0


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = np.concatenate([tone(110), tone(220), tone(180)])
    whole = prosody.analyse(sound, RATE)
    monkeypatch.setattr(prosody, "CHUNK", 37)
    parts = prosody.analyse(sound, RATE)
    np.testing.assert_allclose(parts.energy, whole.energy, atol=1e-6)
    np.testing.assert_allclose(parts.f0, whole.f0, rtol=1e-5)


@pytest.mark.parametrize("samples", [1, 100, 882])
def test_shortest_sounds(samples: int) -> None:
    found = prosody.analyse(np.ones(samples, np.int16), RATE)
    assert len(found.energy) == len(found.f0) == int(samples / RATE / prosody.STEP) + 1
