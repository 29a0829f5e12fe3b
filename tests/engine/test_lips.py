"""Lips judged by geometry: the gauge itself, and the speech of both languages on the heads there are."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from linly_blender import avatar
from linly_blender.arkit import INDEX
from linly_blender.face import articulate, combine, express
from linly_blender.language.reader import read_script
from linly_blender.measure.lips import LipGauge, closure_offsets, closure_report, ict_gauge, inner_lips
from linly_blender.measure.sentences import TEXTS
from linly_blender.score import Emotion, Phone, Speech
from linly_blender.speech.prosody import analyse
from linly_blender.speech.synthesis import EspeakVoice, speak

ICT = Path(__file__).parents[3] / "shared" / "rigs" / "ict_facekit" / "ict_facekit.npz"
EMOTIONS: tuple[Emotion, ...] = tuple(e for e in get_args(Emotion) if e != "neutral")
FOREIGN = {
    "es": "El perro pequeño bebe mucha agua. Mi abuela vive en Bogotá y compra pan y manzanas.",
    "fr": "Bonjour, je voudrais une baguette et un peu de beurre. La pluie tombe sur les vieux murs du port.",
    "de": "Die Pferde laufen über die breite Brücke. Der Kampf um den Apfelbaum beginnt.",
    "ja": "おはようございます。ぼくはパンとバナナをたべます。",
    "ru": "Мой брат пьёт чай с молоком. Большой пёс бежит по берегу вместе с мальчиком.",
}

Floats = NDArray[np.float64]


def two_rows() -> tuple[Floats, dict[str, Floats], NDArray[np.int64], NDArray[np.int64]]:
    """Lips of three columns: the jaw drops the lower row by 10 mm, a roll brings another vertex to its edge."""
    x = np.array([-0.01, 0.0, 0.01])
    upper = np.stack([x, np.full(3, -0.1), np.full(3, 0.0005)], 1)
    lower = np.stack([x, np.full(3, -0.1), np.zeros(3)], 1)
    inside = lower + np.array([0, 0.004, -0.003])
    corners = np.array([[0.025, -0.09, 0], [-0.025, -0.09, 0]])
    vertices = np.concatenate([upper, lower, inside, corners])
    jaw, roll, pucker = (np.zeros_like(vertices) for _ in range(3))
    jaw[3:9, 2] = -0.01
    roll[3:6] = (0, 0.005, -0.006)
    pucker[9:, 0] = (-0.01, 0.01)
    lower_index = np.stack([np.arange(3, 6), np.arange(6, 9)], 1)
    return vertices, {"jawOpen": jaw, "mouthRollLower": roll, "mouthPucker": pucker}, np.arange(3), lower_index


def weights(**values: float) -> Floats:
    shapes = np.zeros((1, 52))
    for name, value in values.items():
        shapes[0, INDEX[name]] = value
    return shapes


def test_the_gauge_measures_millimetres_above_rest() -> None:
    vertices, deltas, upper, lower = two_rows()
    gauge = LipGauge.from_mesh(vertices, deltas, upper, lower, (9, 10))
    assert gauge.gap(weights())[0] == pytest.approx(0)
    assert gauge.gap(weights(jawOpen=0.4))[0] == pytest.approx(4)
    assert gauge.gap(weights(mouthRollLower=1))[0] == pytest.approx(3), "the inner vertex is the edge now"
    assert gauge.tuck(weights(mouthRollLower=0.4))[0] == pytest.approx(2)
    assert gauge.rounding(weights(mouthPucker=0.5))[0] == pytest.approx(0.5)


def test_the_meeting_line_is_found_among_other_skin_and_teeth() -> None:
    vertices, deltas, upper, lower = two_rows()
    chin = vertices[3:6] + np.array([0, 0, -0.04])
    nose = vertices[:3] + np.array([0, 0, 0.04])
    everything = np.concatenate([vertices, chin, nose])
    jaw = np.concatenate([deltas["jawOpen"], np.tile([0, 0, -0.011], (3, 1)), np.zeros((3, 3))])
    skin = np.ones(len(everything), bool)
    found_upper, found_lower = inner_lips(everything, jaw, skin, columns=3)
    assert set(found_upper.ravel()) == set(upper)
    assert set(found_lower.ravel()) <= set(lower.ravel())
    assert len(found_upper) == len(found_lower) == 3


@pytest.fixture(scope="module")
def spoken() -> dict[str, Speech]:
    made = {}
    for language, passages in TEXTS.items():
        text = "\n".join(" ".join(passage) for passage in passages)
        with EspeakVoice() as voice:
            made[language] = speak(read_script(text, language=language, emotion="neutral"), voice)
    return made


@pytest.fixture(scope="module", params=["avatar", "ict"])
def gauge(request: pytest.FixtureRequest) -> Iterator[LipGauge]:
    if request.param == "ict":
        if not ICT.exists():
            pytest.skip(f"{ICT.name}, the ICT head, is not here")
        yield ict_gauge(ICT)
        return
    mesh = avatar.build()
    marks = mesh.landmarks
    corners = (int(marks["mouth_corner_left"][0]), int(marks["mouth_corner_right"][0]))
    yield LipGauge.from_mesh(mesh.vertices, mesh.shapes, marks["inner_lip_upper"], marks["inner_lip_lower"], corners)


def frames(speech: Speech, fps: float = 60) -> tuple[Floats, NDArray[np.float32]]:
    times = np.arange(int(speech.duration * fps)) / fps
    return times, articulate(speech, analyse(speech.sound, speech.rate), times)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_lips_do_what_the_phones_ask(spoken: dict[str, Speech], gauge: LipGauge, language: str) -> None:
    report = closure_report(spoken[language], *frames(spoken[language]), gauge)
    assert report.closures > 60
    assert report.missed == ()
    assert report.late == ()
    assert report.shut_vowels == ()
    assert len(report.shut_others) <= 0.005 * report.others
    assert np.percentile(report.openings, 5) > 4
    for good, of in (report.rounded, report.tucked):
        assert good >= 0.95 * of > 0


@pytest.mark.parametrize("fps", [24, 25, 29.97])
def test_a_film_of_few_frames_still_shows_every_closure(spoken: dict[str, Speech], gauge: LipGauge, fps: float) -> None:
    for speech in spoken.values():
        report = closure_report(speech, *frames(speech, fps), gauge)
        assert report.missed == ()
        assert report.shut_vowels == ()


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_no_emotion_opens_a_closure_or_swallows_a_vowel(
    spoken: dict[str, Speech], gauge: LipGauge, emotion: Emotion
) -> None:
    for speech in spoken.values():
        felt = replace(speech, sentences=tuple(replace(s, emotion=emotion, intensity=1.0) for s in speech.sentences))
        times, articulation = frames(felt)
        face = combine(articulation, express(felt, times, np.random.default_rng(5)), felt, times)
        report = closure_report(felt, times, face, gauge)
        assert report.missed == ()
        assert report.shut_vowels == ()
        assert len(report.late) <= 0.05 * report.closures
        assert report.rounded[0] >= 0.88 * report.rounded[1]


@pytest.mark.parametrize("language", FOREIGN)
def test_other_languages_close_their_lips_too(gauge: LipGauge, language: str) -> None:
    with EspeakVoice() as voice:
        speech = speak(read_script(FOREIGN[language], language=language, emotion="neutral"), voice)
    report = closure_report(speech, *frames(speech), gauge)
    assert report.closures > 4
    assert report.missed == ()
    assert report.shut_vowels == ()


def test_the_report_finds_what_is_wrong(spoken: dict[str, Speech], gauge: LipGauge) -> None:
    speech = spoken["en"]
    times, shapes = frames(speech)
    shut = closure_report(speech, times, np.zeros_like(shapes), gauge)
    assert len(shut.shut_vowels) == shut.vowels > 0
    assert shut.rounded[0] == shut.tucked[0] == 0

    gaping = closure_report(speech, times, np.tile(weights(jawOpen=0.3), (len(times), 1)), gauge)
    assert len(gaping.missed) == gaping.closures > 0
    assert gaping.shut_vowels == ()

    def moved(seconds: float) -> Speech:
        phones = (replace(p, start=p.start + seconds, end=p.end + seconds) for p in speech.phones)
        return replace(speech, phones=tuple(phones))

    early = closure_report(moved(0.05), times, shapes, gauge)
    late = closure_report(moved(-0.05), times, shapes, gauge)
    assert np.median(early.onsets) < -0.03
    assert np.median(late.onsets) > 0.03
    assert len(late.late) > 0.7 * late.closures


def test_nothing_said_is_a_report_of_nothing(spoken: dict[str, Speech], gauge: LipGauge) -> None:
    silent = replace(spoken["en"], phones=())
    report = closure_report(silent, *frames(silent), gauge)
    assert (report.closures, report.vowels, report.others, report.rounded) == (0, 0, 0, (0, 0))
    assert len(report.lines()) == 5


def test_sync_is_measured_to_the_nearest_closed_frame(spoken: dict[str, Speech], gauge: LipGauge) -> None:
    speech = spoken["en"]
    times, shapes = frames(speech)
    assert closure_offsets(speech, times, shapes, gauge).max() == 0
    shifted = closure_offsets(speech, times + 0.1, shapes, gauge)
    assert 0 < np.median(shifted) <= 0.1
    assert np.isinf(closure_offsets(speech, times, np.tile(weights(jawOpen=0.3), (len(times), 1)), gauge)).all()


def test_lips_closed_by_the_sound_before_are_on_time(gauge: LipGauge) -> None:
    phones = tuple(
        Phone(name, 1 + 0.08 * i, 1.08 + 0.08 * i, int(name == "ɑː"), -1)
        for i, name in enumerate(["ɑː", "m", "b", "ɑː", "ʔ", "p", "ɑː"])
    )
    speech = Speech(np.zeros(48000, np.int16), 16000, phones, (), ())
    report = closure_report(speech, *frames(speech), gauge)
    assert report.missed == report.late == report.shut_vowels == ()
    assert report.closures == 3
