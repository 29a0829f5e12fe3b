"""What judges recorded dialogue: closures by one judge, material that is known exactly, the peer, films."""

import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from linly_blender.arkit import INDEX
from linly_blender.measure import film_sync, recorded, rhubarb
from linly_blender.measure.closures import SLACK, Closures, judge
from linly_blender.measure.dialogue import HELD_OUT_VOICES, SCENES, Clip, clips, spoilt
from linly_blender.measure.figures import AbsentError, Group
from linly_blender.perform import perform
from linly_blender.performance import Performance
from linly_blender.score import Phone, Speech
from linly_blender.speech.espeak import variants

Floats = NDArray[np.float64]


def said(*phones: tuple[str, float, float]) -> Speech:
    return Speech(np.zeros(32000, np.int16), 16000, tuple(Phone(*phone, 0, -1) for phone in phones), (), ())


ALBUM = said(("æ", 0.5, 0.6), ("l", 0.6, 0.66), ("b", 0.66, 0.74), ("ə", 0.74, 0.8), ("m", 0.8, 0.9))


def runs(*spans: tuple[float, float]) -> tuple[Floats, Floats]:
    edges = np.array(spans, float).reshape(-1, 2)
    return edges[:, 0], edges[:, 1]


def test_lips_that_close_when_they_should_are_right() -> None:
    seen = judge(ALBUM, *runs((-np.inf, 0.45), (0.66, 0.73), (0.8, np.inf)))
    assert (seen.sounds, seen.others, seen.shut) == (2, 3, 0)
    assert seen.missed == seen.false == 0
    assert seen.onsets == pytest.approx([0, 0])


def test_late_and_early_lips_are_off_by_as_much() -> None:
    seen = judge(ALBUM, *runs((0.68, 0.75), (0.77, 0.85)))
    assert seen.onsets == pytest.approx([0.02, -0.03])
    assert seen.off(50, seen.found) == pytest.approx(0.025)
    assert seen.off(50, np.array([True, False])) == pytest.approx(0.02)


def test_lips_that_never_close_miss_all_and_lips_that_never_open_shut_all() -> None:
    never, ever = judge(ALBUM, *runs()), judge(ALBUM, *runs((-np.inf, np.inf)))
    assert (never.missed, never.false) == (1, 0)
    assert np.isnan(never.off(50, ever.found))
    assert (ever.missed, ever.false) == (0, 1)


def test_a_closure_more_than_a_frame_of_film_away_is_another() -> None:
    assert judge(ALBUM, *runs((0.5, 0.66 - SLACK - 0.001))).missed == 1
    assert judge(ALBUM, *runs((0.5, 0.66 - SLACK + 0.001))).missed == 0.5


def test_lips_may_be_together_before_in_silence_and_after_a_closing_sound() -> None:
    lamp_post = said(("m", 0.3, 0.4), ("p", 0.4, 0.5), ("ɒ", 0.5, 0.6))
    seen = judge(lamp_post, *runs((0.0, 0.5)))
    assert seen.onsets == pytest.approx([0, 0])


def test_several_speeches_are_counted_together() -> None:
    good, bad = judge(ALBUM, *runs((0.66, 0.73), (0.8, 0.9))), judge(ALBUM, *runs((0.5, 0.6)))
    both = Closures.of_all([good, bad])
    assert (both.missed, both.sounds, both.shut) == (0.5, 4, 1)
    assert both.found.tolist() == [True, True, False, False]


def test_nothing_said_is_nothing_missed() -> None:
    seen = judge(said(), *runs())
    assert seen.missed == seen.false == 0


def test_the_voices_to_measure_by_are_there() -> None:
    assert set(HELD_OUT_VOICES) <= set(variants())
    assert all(len(scenes) == len(HELD_OUT_VOICES) for scenes in SCENES.values())


def test_recordings_are_known_and_the_same_in_every_run() -> None:
    once, again = clips("Mandarin"), clips("Mandarin")
    for one, other in zip(once, again, strict=True):
        assert np.array_equal(one.sound, other.sound)
        assert one.speech.phones == other.speech.phones
        assert judge(one.speech, *runs()).sounds >= 4
        assert one.duration == pytest.approx(one.speech.duration, abs=0.001)
    rates = [len(clip.speech.phones) / clip.duration for clip in once]
    assert max(rates) > 1.2 * min(rates), "they speak at rates of their own"


@pytest.mark.parametrize("effect", ["room", "noise"])
def test_a_spoilt_sound_is_not_moved(effect: str) -> None:
    random = np.random.default_rng(3)
    sound = (8000 * random.standard_normal(16000) * (np.arange(16000) % 4000 < 500)).clip(-30000, 30000)
    worse = spoilt(sound.astype(np.int16), effect, random)  # type: ignore[arg-type]
    common = np.correlate(worse.astype(float), sound, "full")
    assert len(worse) == len(sound)
    assert int(np.argmax(common)) == len(sound) - 1
    assert 0.3 < np.corrcoef(worse, sound)[0, 1] < 0.999


def test_cues_that_follow_each_other_are_one_closure() -> None:
    cues = (("X", 0, 0.4), ("A", 0.4, 0.5), ("B", 0.5, 0.7), ("A", 0.7, 0.8), ("X", 0.8, 1))
    heard = rhubarb.Heard(tuple(rhubarb.Cue(*cue) for cue in cues), 1.0)
    assert np.transpose(heard.closed("A")) == pytest.approx(np.array([(0.4, 0.5), (0.7, 0.8)]))
    assert np.transpose(heard.closed("AX")) == pytest.approx(np.array([(0, 0.5), (0.7, 1)]))
    assert heard.closed("Z")[0].shape == (0,)


def test_the_peer_is_absent_without_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(AbsentError, match="there is no npm"):
        rhubarb.hear([np.zeros(16000, np.int16)], [""])


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that hears its samples, its text, and nothing else."""
    if shutil.which("node") is None:
        pytest.skip("node is not here")
    script = tmp_path / "dist/index.js"
    script.parent.mkdir()
    script.write_text(
        "export const Rhubarb = { async getLipSync(pcm, { dialogText } = {}) {"
        "  if (dialogText === 'fail') throw new Error('no words');"
        "  return { mouthCues: [{ start: 0, end: pcm.length / 32000, value: dialogText ?? 'X' }] }; } };\n"
    )
    (tmp_path / "package.json").write_text('{"type": "module"}')
    monkeypatch.setattr(rhubarb, "_installed", lambda: tmp_path)
    return tmp_path


def test_the_peer_hears_every_sound_with_its_text(package: Path) -> None:
    first, second = rhubarb.hear([np.zeros(16000, np.int16), np.zeros(8000, np.int16)], ["A", ""])
    assert first.cues == (rhubarb.Cue("A", 0.0, 1.0),)
    assert second.cues == (rhubarb.Cue("X", 0.0, 0.5),)
    assert first.seconds > 0


def test_a_peer_that_fails_is_absent(package: Path) -> None:
    with pytest.raises(AbsentError, match="no words"):
        rhubarb.hear([np.zeros(16000, np.int16)], ["fail"])


class JawGauge:
    """Lips that are as far apart as the jaw is open."""

    def gap(self, shapes: NDArray[np.float32]) -> NDArray[np.float32]:
        return shapes[:, INDEX["jawOpen"]] * 30


@pytest.fixture(scope="module")
def take() -> Performance:
    made = perform("Bob may buy a map. Pam made many big pumpkin pies.", emotion="neutral", fine_tuner="off")
    shapes = made.frames.shapes.copy()
    jaw = shapes[:, INDEX["jawOpen"]]
    jaw[jaw - shapes[:, INDEX["mouthClose"]] < 0.02] = 0
    return replace(made, frames=replace(made.frames, shapes=shapes))


def film(path: Path, take: Performance, lips: float, sound: float) -> film_sync.Film:
    """A film of a mouth that is a black bar, with its lips and its sound late by so many seconds."""
    av = pytest.importorskip("av")
    fps, rate = 24, take.speech.rate
    times, jaw = take.frames.times, take.frames.shapes[:, INDEX["jawOpen"]]
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("libx264", rate=fps)
        pictures.width = pictures.height = 64
        pictures.pix_fmt = "yuv420p"
        voice = container.add_stream("aac", rate=rate)
        for index in range(int(take.speech.duration * fps)):
            open_lips = round(60 * float(np.interp(index / fps - lips, times, jaw)))
            picture = np.full((64, 64, 3), 255, np.uint8)
            picture[2 : 2 + open_lips, 8:56] = 0
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode(None))
        samples = np.concatenate([np.zeros(round(sound * rate), np.int16), take.speech.sound])
        block = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        block.sample_rate, block.pts, block.time_base = rate, 0, Fraction(1, rate)
        container.mux(voice.encode(block))
        container.mux(voice.encode(None))
    return film_sync.read_film(path)


@pytest.mark.parametrize(("lips", "sound"), [(0, 0), (0.1, 0), (0, 0.15)])
def test_a_film_tells_how_late_its_lips_and_its_sound_are(
    tmp_path: Path, take: Performance, lips: float, sound: float
) -> None:
    seen, gauge = film(tmp_path / "film.mp4", take, lips, sound), JawGauge()
    assert film_sync.pictures_late(seen, take, gauge) == pytest.approx(lips, abs=0.005)
    assert film_sync.sound_late(seen, take) == pytest.approx(sound, abs=0.001)
    offsets = film_sync.to_closed_pictures(seen, take.speech, film_sync.sound_late(seen, take))
    assert len(offsets) > 10
    if lips == sound:
        assert offsets.max() <= 0.5 / 24
    else:
        assert offsets.max() > 0.5 / 24


def bench(monkeypatch: pytest.MonkeyPatch, take: Performance, peer: object) -> tuple[list[Group], str]:
    """The figures of one recording whose take is given, and why not all of them are there."""
    said = Clip("Bob may buy a map.", "en", take.speech, take.speech.sound)
    monkeypatch.setattr(recorded, "clips", lambda language: [said])
    monkeypatch.setattr(recorded, "taken", lambda clip, hearing: (take, 2.0))
    monkeypatch.setattr(rhubarb, "hear", peer)
    groups: list[Group] = []
    try:
        groups.extend(recorded.figures(JawGauge()))  # type: ignore[arg-type]
    except AbsentError as error:
        return groups, str(error)
    return groups, ""


def test_we_are_held_to_the_better_reading_of_the_peer(monkeypatch: pytest.MonkeyPatch, take: Performance) -> None:
    def idle(sounds: list[NDArray[np.int16]], texts: list[str]) -> list[rhubarb.Heard]:
        return [rhubarb.Heard((rhubarb.Cue("X", 0.0, take.speech.duration),), 4.0)]

    groups, absent = bench(monkeypatch, take, idle)
    assert len(groups) == 5
    assert not absent
    rows = {figure.name: figure for figure in groups[0][1]}
    assert rows["p b m without closed lips"].value == 0
    assert rows["p b m without closed lips"].high == 0, "it misses none when X counts as closed"
    assert rows["other sounds closed"].high == 0, "nor closes any other sound when X counts as open"
    assert rows["recording to take"].low == pytest.approx(rows["recording to take"].value / 2)


def test_our_figures_are_there_without_the_peer(monkeypatch: pytest.MonkeyPatch, take: Performance) -> None:
    def missing(sounds: object, texts: object) -> list[rhubarb.Heard]:
        raise AbsentError("there is no node")

    groups, absent = bench(monkeypatch, take, missing)
    assert len(groups) == 5
    assert all(figure.inside for _, figures in groups for figure in figures)
    assert "there is no node" in absent
