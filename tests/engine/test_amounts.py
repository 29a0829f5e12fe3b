"""Amounts: exactly none at 0, natural at 1, more at 2; and what comes from outside is made harmless."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from linly_blender import takes
from linly_blender.arkit import INDEX, SHAPES
from linly_blender.errors import UserError
from linly_blender.perform import perform, perform_speech
from linly_blender.performance import Performance
from linly_blender.pose import Amounts, load_style, parse_amounts
from linly_blender.pose.amounts import AMOUNT_NAMES
from linly_blender.pose.safety import checked, known_emotion, without_contradictions
from linly_blender.score import EMOTIONS, Cue

LINE = (
    "[happy] Good *morning*, and welcome! [blink] Hmm, let me see. [look left] Do you already have a card? "
    "[sad] I am *sorry* about the delay. [nod] Yes, it is closed."
)
CHINESE = "[happy] 大家*早上*好！[blink] 嗯，让我想想。[sad] 非常*抱歉*让您久等了。是的，今天不营业。"


def take(seed: int = 2, text: str = LINE, **amounts: float) -> Performance:
    return perform(text, seed=seed, style="lively", amounts=Amounts(**amounts))


def columns(*starts: str) -> list[int]:
    return [INDEX[name] for name in SHAPES if name.startswith(starts)]


def kinds(performance: Performance) -> set[str]:
    return {gesture.kind for gesture in performance.gestures}


@pytest.mark.parametrize("text", [LINE, CHINESE])
def test_none_is_exactly_none(text):
    still = take(text=text, head=0)
    assert not still.frames.head.any()
    assert kinds(still) <= {"gaze_away", "blink", "brow_raise", "brow_down"}
    plain = take(text=text, brows=0)
    assert not plain.frames.shapes[:, columns("brow")].any()
    assert not any(kind.startswith("brow") for kind in kinds(plain))
    awake = take(text=text, blinks=0)
    assert not awake.frames.shapes[:, columns("eyeBlink")].any()
    assert "blink" not in kinds(awake)
    staring = take(text=text, gaze=0)
    assert not staring.frames.gaze.any()
    assert not staring.frames.shapes[:, columns("eyeLook")].any()
    assert "gaze_away" not in kinds(staring)
    breathless = take(text=text, breathing=0)
    assert not breathless.frames.breath.any()
    earnest = take(text=text, smile=0)
    assert not earnest.frames.shapes[:, columns("mouthSmile", "cheekSquint")].any()


def test_nothing_at_all_leaves_speech_and_emotion():
    none = take(**dict.fromkeys(AMOUNT_NAMES, 0.0))
    assert not none.frames.head.any()
    assert not none.frames.gaze.any()
    assert not none.gestures
    assert none.frames.shapes[:, INDEX["jawOpen"]].max() > 0.1
    assert none.frames.shapes[:, columns("mouthFrown")].max() > 0.1


def test_one_is_natural_and_nothing_else_changes():
    natural = perform(LINE, seed=2, style="lively")
    same = take()
    for name in ("shapes", "head", "gaze", "breath"):
        assert np.array_equal(getattr(natural.frames, name), getattr(same.frames, name))
    assert natural.gestures == same.gestures
    other = take(brows=0.3)
    assert np.array_equal(other.frames.head, natural.frames.head)
    assert np.array_equal(other.frames.gaze, natural.frames.gaze)
    rest = [index for index, name in enumerate(SHAPES) if not name.startswith(("brow", "eyeWide"))]
    assert np.array_equal(other.frames.shapes[:, rest], natural.frames.shapes[:, rest])


def test_more_is_more_and_stays_in_range():
    def sizes(**amounts: float) -> dict[str, float]:
        some = [take(seed, **amounts) for seed in range(3)]
        frames = [one.frames for one in some]
        for one in frames:
            assert one.shapes.max() <= 1
            assert one.breath.max() <= 1
            assert np.degrees(np.abs(one.head[:, 4]).max()) < 15
        return {
            "head": float(np.mean([np.degrees(f.head[:, 3:]).std() for f in frames])),
            "brows": float(np.mean([f.shapes[:, columns("browInner")].mean() for f in frames])),
            "gaze": float(np.mean([np.abs(f.gaze).mean() for f in frames])),
            "breathing": float(np.mean([f.breath.std() for f in frames])),
            "smile": float(np.mean([f.shapes[:, columns("mouthSmile")].mean() for f in frames])),
        }

    natural = sizes()
    for name in natural:
        half, double = sizes(**{name: 0.5})[name], sizes(**{name: 2.0})[name]
        assert half < 0.8 * natural[name], name
        assert double > 1.15 * natural[name], name


def test_half_the_blinks_are_half_and_twice_are_twice():
    text = "The river has its source in a small lake between two mountains. " * 6

    def count(amount: float) -> int:
        some = [take(seed, text, blinks=amount) for seed in range(4)]
        return sum(g.kind == "blink" for one in some for g in one.gestures)

    natural = count(1)
    assert count(0.5) == pytest.approx(0.5 * natural, rel=0.25)
    assert count(2) == pytest.approx(2 * natural, rel=0.3)


@pytest.mark.parametrize("value", [-0.1, 2.1, math.nan, math.inf, True, "1"])
def test_an_amount_outside_is_refused_by_name(value):
    with pytest.raises(UserError, match="amount of gaze"):
        Amounts(gaze=value)


def test_amounts_are_read_from_settings():
    assert parse_amounts(["head=1.2", " brows = 0 "]) == Amounts(head=1.2, brows=0.0)
    assert parse_amounts([]) == Amounts()
    for settings_, message in (
        (["nose=1"], "'nose=1' is not an amount.*head, brows"),
        (["head"], "is not an amount"),
        (["head=much"], "head is 'much'"),
        (["head=3"], "from 0"),
        (["head=nan"], "from 0"),
        (["head=1", "head=1"], "twice"),
    ):
        with pytest.raises(UserError, match=message):
            parse_amounts(settings_)


def test_a_take_remembers_region_and_amounts_and_an_old_one_loads(tmp_path):
    path = tmp_path / "take.json"
    takes.write(perform("Yes.", region="japan", amounts=Amounts(head=0.5)), path)
    again = takes.read(path)
    assert (again.region, again.amounts) == ("japan", Amounts(head=0.5))
    text = "".join(
        line for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
        if not line.startswith((' "region"', ' "amounts"', ' "notes"'))
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    old = takes.read(path)
    assert (old.region, old.amounts, old.notes) == ("neutral", Amounts(), ())
    path.write_text(text.replace(' "fps"', ' "amounts": {"head": 7},\n "fps"'), encoding="utf-8")
    with pytest.raises(UserError, match=r"amounts\.head"):
        takes.read(path)


# What comes from outside


def test_a_label_that_is_not_known_becomes_neutral_and_is_reported():
    strange = perform("The letter came this morning.", emotion="gleeful")
    assert {s.emotion for s in strange.speech.sentences} == {"neutral"}
    (note,) = strange.notes
    assert "'gleeful'" in note
    assert "neutral" in note
    assert perform("The letter came this morning.", emotion="happy").notes == ()


def test_a_speech_from_outside_is_made_harmless():
    speech = perform("One letter. Another letter.").speech
    first, second = speech.sentences
    wild = dataclasses.replace(
        speech,
        sentences=(
            dataclasses.replace(first, emotion="furious!" * 99, intensity=7.0, type="sermon"),
            dataclasses.replace(second, emotion="sad", intensity=99.0),
        ),
        words=tuple(dataclasses.replace(word, emphasis=1e9) for word in speech.words),
        cues=(Cue("somersault", 0.3, 1.0), Cue("nod", 0.3, 1e9), Cue("shake", 0.9, math.nan)),
    )
    performance = perform_speech(wild, load_style("lively"), 0, 60.0)
    assert [s.emotion for s in performance.speech.sentences] == ["neutral", "sad"]
    assert performance.speech.sentences[0].type == "statement"
    assert performance.speech.sentences[1].intensity == 1.0
    assert [cue.kind for cue in performance.speech.cues] == ["nod", "shake"]
    assert len(performance.notes) == 3
    assert all(len(note) < 200 for note in performance.notes)
    for array in (performance.frames.shapes, performance.frames.head, performance.frames.gaze):
        assert np.isfinite(array).all()
    assert np.degrees(np.abs(performance.frames.head[:, 3:]).max()) <= 18
    same, notes = checked(speech)
    assert same is speech
    assert notes == ()


@given(st.text() | st.sampled_from(EMOTIONS), st.floats())
def test_every_label_and_intensity_gives_a_known_emotion(label, intensity):
    emotion, size, note = known_emotion(label, intensity)
    assert emotion in EMOTIONS
    assert 0 <= size <= 1
    assert (note is None) == (label in EMOTIONS)


FACES = arrays.arrays(np.float32, (3, 52), elements=st.floats(0, 1, width=32))


@settings(max_examples=60, deadline=None)
@given(FACES)
def test_opposites_are_capped_whatever_is_asked_for(shapes):
    capped = without_contradictions(shapes)
    assert capped.min() >= 0
    assert (capped <= shapes + 1e-6).all()
    for one, other, most in (
        ("browDownLeft", "browOuterUpLeft", 0.3),
        ("browDownRight", "browInnerUp", 0.5),
        ("eyeSquintRight", "eyeWideRight", 0.25),
        ("mouthSmileLeft", "mouthFrownLeft", 0.15),
    ):
        assert np.minimum(capped[:, INDEX[one]], capped[:, INDEX[other]]).max() <= most + 1e-6
    assert np.allclose(without_contradictions(capped), capped, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(FACES, FACES, st.floats(0, 1))
def test_capping_never_jumps(one, other, share):
    """A small change of a face stays a small change."""
    near = (one + np.float32(0.01 * share) * (other - one)).astype(np.float32)
    apart = np.abs(without_contradictions(near) - without_contradictions(one)).max()
    assert apart <= 4.1 * np.abs(near - one).max() + 1e-6


def test_what_is_natural_is_not_capped():
    for emotion in EMOTIONS:
        frames = perform("The letter came this morning.", emotion=emotion, seed=1).frames
        assert np.allclose(without_contradictions(frames.shapes), frames.shapes, atol=1e-6)
