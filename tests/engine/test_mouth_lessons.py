"""What the learned mouth learns from: recordings as articulation, voices with their phones, and what disturbs them."""

from pathlib import Path

import numpy as np
import pytest

from linly_blender.arkit import INDEX
from linly_blender.errors import UserError
from linly_blender.face.shapes import to_arkit
from linly_blender.face.targets import CHANNELS, JAW
from linly_blender.measure.facegood import Recording, read_recordings
from linly_blender.measure.lips import LipGauge
from linly_blender.measure.mouth import RECORDINGS, heads, likeness, loudness_alone
from linly_blender.training.mouth.disturb import disturb, faster
from linly_blender.training.mouth.lessons import articulation, recorded_lessons, spoken_lessons


@pytest.fixture(scope="module")
def recording() -> Recording:
    if not RECORDINGS.is_dir():
        pytest.skip("shared/data/facegood_mouth is not beside the project")
    return read_recordings(RECORDINGS)[-1]


@pytest.fixture(scope="module")
def gauges() -> list[LipGauge]:
    return heads()


def test_the_articulation_of_a_recording_does_on_heads_what_its_shapes_do(
    recording: Recording, gauges: list[LipGauge]
) -> None:
    rows, known = articulation(recording.shapes, gauges[0])
    assert set(np.unique(known)) <= {0.0, 1.0}
    own = to_arkit(rows[:, :CHANNELS].astype(np.float64), *np.zeros((2, len(rows))))
    for gauge in gauges:
        assert np.corrcoef(gauge.gap(own), gauge.gap(recording.shapes))[0, 1] > 0.99
        assert np.corrcoef(gauge.rounding(own), gauge.rounding(recording.shapes))[0, 1] > 0.98
    np.testing.assert_array_equal(rows[:, JAW], recording.shapes[:, INDEX["jawOpen"]])


def test_a_recording_is_like_itself_and_loudness_tells_its_jaw(recording: Recording, gauges: list[LipGauge]) -> None:
    grid = np.arange(0, recording.times[-1] + 0.01, 0.01)
    dense = np.stack([np.interp(grid, recording.times, column) for column in recording.shapes.T], axis=1)
    itself = likeness(dense.astype(np.float32), recording, gauges)
    assert min(itself.jaw, itself.opening, itself.width) > 0.98
    assert 0.6 < loudness_alone(recording) < 0.8  # 0.63 to 0.77 by those who published it with another window


def test_a_recording_played_faster_keeps_its_mouth_beside_its_sound(
    recording: Recording, gauges: list[LipGauge]
) -> None:
    as_it_is, disturbed = recorded_lessons(recording, gauges[0], 2, np.random.default_rng(3))
    speed = len(as_it_is.features) / len(disturbed.features)
    assert abs(speed - 1) > 0.01
    at = np.arange(len(disturbed.mouth)) * speed
    inside = at < len(as_it_is.mouth) - 10
    stretched = np.interp(at[inside], np.arange(len(as_it_is.mouth)), as_it_is.mouth[:, JAW])
    np.testing.assert_allclose(disturbed.mouth[inside, JAW], stretched, atol=0.1)


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no recordings"):
        read_recordings(tmp_path)
    (tmp_path / "a.wav").write_bytes(b"")
    with pytest.raises(UserError, match="cannot be read"):
        read_recordings(tmp_path)


def test_voices_come_with_their_mouths_and_the_same_seed_with_the_same() -> None:
    one, two = (list(spoken_lessons(2, np.random.default_rng(5))) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        assert len(a.features) == len(a.mouth) == len(a.known)
        assert a.mouth[:, JAW].max() > 0.15
        assert a.mouth.min() >= 0
        assert a.known.all()
        np.testing.assert_array_equal(a.features, b.features)
        np.testing.assert_array_equal(a.mouth, b.mouth)


def test_what_is_disturbed_stays_in_its_place() -> None:
    rate, random = 16000, np.random.default_rng(6)
    sound = np.zeros(2 * rate, np.int16)
    sound[rate : rate + 800] = 8000 * np.sin(np.arange(800) * 0.4)
    for _ in range(8):
        heard = disturb(sound, rate, random)
        assert len(heard) == len(sound)
        power = np.square(heard.astype(np.float64)).reshape(-1, 800).sum(axis=1)
        assert abs(int(power.argmax()) - 20) <= 1
    assert len(faster(sound, 1.25)) == pytest.approx(len(sound) / 1.25, abs=2)
