"""The instruments that measure a conversation tell what is so, on what is known."""

import numpy as np
import pytest

from linly_blender.live.curves import LIPS
from linly_blender.live.services import Sound
from linly_blender.live.settings import Settings
from linly_blender.measure import lip_sync
from linly_blender.measure.simulation import Simulation
from linly_blender.measure.sound_card import RATE, WHOLE, Taken, audible

PIECE = RATE // 100
BEGAN = 50.0


def taken(sound: Sound) -> Taken:
    """As if it had come in pieces of 10 ms, with a little noise in their times."""
    ends = np.arange(PIECE, len(sound) + 1, PIECE)
    return Taken(sound, ends, BEGAN + ends / RATE + np.random.default_rng(0).normal(0, 0.001, len(ends)))


def burst(seconds: float, seed: int = 1) -> Sound:
    return np.rint(np.random.default_rng(seed).normal(0, 3000, round(seconds * RATE))).astype(np.int16)


def quiet(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE), np.int16)


def test_a_sound_is_found_where_it_began() -> None:
    room = taken(np.concatenate([quiet(3), burst(1), quiet(3)]))
    assert room.find(burst(1), BEGAN + 2, BEGAN + 5) == pytest.approx(BEGAN + 3, abs=0.002)
    assert room.find(burst(1, seed=2), BEGAN + 2, BEGAN + 5) is None
    assert room.first_sound(BEGAN + 1, BEGAN + 6) == pytest.approx(BEGAN + 3, abs=0.005)
    assert room.first_sound(BEGAN + 5, BEGAN + 6) is None


def test_a_sound_with_a_gap_is_not_whole() -> None:
    room = taken(np.concatenate([quiet(2), burst(1)[:40000], quiet(0.1), burst(1)[40000:], quiet(2)]))
    assert room.find(burst(1), BEGAN + 1, BEGAN + 4, WHOLE) is None
    assert room.find(burst(1), BEGAN + 1, BEGAN + 4) == pytest.approx(BEGAN + 2, abs=0.002)


def test_silence_begins_after_the_last_sound_and_not_in_a_short_pause() -> None:
    room = taken(np.concatenate([quiet(1), burst(1), quiet(0.2), burst(0.5), quiet(2)]))
    assert room.silent_from(BEGAN + 1.5, BEGAN + 4, 0.4) == pytest.approx(BEGAN + 2.7, abs=0.003)
    assert room.silent_from(BEGAN + 1.5, BEGAN + 2.6, 0.4) is None


def test_what_is_audible() -> None:
    begin, end = audible(np.concatenate([quiet(1), burst(1), quiet(1)])) or (0, 0)
    assert begin == pytest.approx(RATE, abs=200)
    assert end == pytest.approx(2 * RATE, abs=200)
    assert audible(quiet(1)) is None


@pytest.mark.parametrize("late", [-0.04, 0.0, 0.03])
def test_lips_that_are_late_are_measured(late: float) -> None:
    own = np.arange(180) / 60
    lips = np.stack([np.sin(own * (5 + column)) for column in range(len(LIPS))], axis=1)
    take = lip_sync.Spoken(quiet(3), RATE, lips, 60.0, 0.3, 2.8)
    times = BEGAN + np.arange(-1.0, 4.0, 0.002)
    moments = np.clip(times - BEGAN - late, 0, own[-1])
    shown = lip_sync.Shown(times, np.stack([np.interp(moments, own, column) for column in lips.T], axis=1))
    assert lip_sync.ahead(shown, take, BEGAN) == pytest.approx(late, abs=0.003)


def test_drift_is_what_all_agree_on() -> None:
    times = np.arange(20.0)
    offsets = 0.01 + 0.001 * times
    offsets[7] = 0.5
    assert lip_sync.drift(list(times), list(offsets)) == pytest.approx(0.001)
    assert np.isnan(lip_sync.drift([1.0], [0.0]))


def test_a_simulated_conversation_answers_through_its_device() -> None:
    simulation = Simulation(Settings(recogniser="none", fps=30.0, fine_tuner="off"), fast=1e-4)
    simulation.write("Good morning.")
    simulation.run(4.0)
    played = simulation.loudspeaker.taken()
    simulation.close()
    (start,) = [event.time for event in simulation.events if event.kind == "sound_start"]
    assert simulation.heard == 1
    assert played.first_sound(start - 1.0, start + 2.0) == pytest.approx(start, abs=0.02)
