"""The pose fine-tuner at work: streaming, state, refusal, the article's interface, and what its models do."""

import shutil
import time
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("onnxruntime", reason="the networks need onnxruntime")

from linly_blender.arkit import INDEX
from linly_blender.errors import UserError
from linly_blender.language.reader import read_script
from linly_blender.model_files import MODELS, ModelError
from linly_blender.pose.animate import animate
from linly_blender.pose.base import BASE_MODEL
from linly_blender.pose.choice import DEFAULT, FINE_TUNERS, load_fine_tuner
from linly_blender.pose.context import CONTEXT, CONTEXT_NAMES, LOOK, Dice, context_of, throw
from linly_blender.pose.features import FEATURES, STEP, listen
from linly_blender.pose.filters import Ema
from linly_blender.pose.fine_tuner import MODEL, SMALL_MODEL, Controls, Inputs, PoseFineTuner
from linly_blender.pose.styles import load_style
from linly_blender.pose.timeline import read_timeline
from linly_blender.score import Speech
from linly_blender.speech.prosody import analyse
from linly_blender.speech.synthesis import EspeakVoice, speak

onnx = pytest.importorskip("onnx", reason="broken networks are made with the onnx package")

OURS = ("standard", "small")


@pytest.fixture(scope="module", params=[MODEL, SMALL_MODEL])
def tuner(request: pytest.FixtureRequest) -> PoseFineTuner:
    found = PoseFineTuner(request.param)
    assert found.warning is None
    return found


def said(text: str) -> Speech:
    with EspeakVoice(None) as voice:
        return speak(read_script(text, emotion="neutral"), voice)


def inputs_of(speech: Speech, dice: Dice | None = None) -> Inputs:
    timeline, heard = read_timeline(speech), listen(speech.sound, speech.rate)
    dice = dice or throw(len(timeline.stresses), np.random.default_rng(0))
    return Inputs(heard, context_of(timeline, load_style("neutral"), dice, len(heard)))


def noise(count: int, seed: int) -> Inputs:
    rng = np.random.default_rng(seed)
    return Inputs(
        rng.normal(0, 0.5, (count, FEATURES)).astype(np.float32),
        rng.normal(0, 0.5, (count, CONTEXT)).astype(np.float32),
    )


def flat(controls: Controls) -> np.ndarray:
    return np.column_stack([controls.head, controls.brows, controls.lids, controls.gaze, controls.smile])


def part(inputs: Inputs, start: int, end: int) -> Inputs:
    return Inputs(inputs.features[start:end], inputs.context[start:end])


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 200), max_size=40), seed=st.integers(0, 99))
def test_streamed_is_whole(tuner: PoseFineTuner, cuts: list[int], seed: int) -> None:
    inputs = noise(200, seed)
    edges = [0, *sorted(cuts), 200]
    state, pieces = tuner.start(), []
    for a, b in pairwise(edges):
        controls, state = tuner.step(part(inputs, a, b), state)
        pieces.append(flat(controls))
    assert np.abs(np.concatenate(pieces) - flat(tuner.run(inputs))).max() < 1e-4


def test_a_state_can_be_kept_and_gone_back_to(tuner: PoseFineTuner) -> None:
    inputs = noise(60, 1)
    _, state = tuner.step(part(inputs, 0, 30), tuner.start())
    kept = state.copy()
    first, _ = tuner.step(part(inputs, 30, 60), state)
    tuner.step(noise(50, 2), state)
    again, _ = tuner.step(part(inputs, 30, 60), kept)
    np.testing.assert_array_equal(flat(first), flat(again))


def test_what_is_not_a_number_does_not_stay(tuner: PoseFineTuner) -> None:
    broken = noise(20, 3)
    broken.features[5, :] = np.nan
    broken.context[6, :] = np.inf
    controls, state = tuner.step(broken, tuner.start())
    assert np.isfinite(flat(controls)).all()
    after, _ = tuner.step(noise(400, 4), state)
    assert np.abs(flat(after)[-50:] - flat(tuner.run(noise(400, 4)))[-50:]).max() < 1e-3


def test_frames_of_the_wrong_kind_are_refused(tuner: PoseFineTuner) -> None:
    with pytest.raises(UserError, match="32 numbers"):
        tuner.predict(np.zeros((4, 31)), "happy")
    with pytest.raises(UserError, match="do not belong together"):
        tuner.run(Inputs(np.zeros((3, FEATURES), np.float32), np.zeros((4, CONTEXT), np.float32)))
    with pytest.raises(UserError, match="smoothing"):
        PoseFineTuner(smoothing_factor=1.0)


def test_predict_keeps_its_state_and_forgets_on_reset() -> None:
    tuner = PoseFineTuner(MODEL, smoothing_factor=0.8)
    sound = np.random.default_rng(0).normal(0, 0.4, (50, 32))
    first = tuner.predict(sound, "excited")
    assert first.shape == (3,)
    assert np.abs(first).max() < np.radians(40)
    assert (tuner.predict(sound, "excited") != first).any(), "the second call goes on from the first"
    tuner.reset()
    np.testing.assert_array_equal(tuner.predict(sound, "excited"), first)
    tuner.reset()
    halves = [tuner.predict(half, "excited") for half in (sound[:20], sound[20:])]
    np.testing.assert_allclose(halves[-1], first, atol=1e-5)


def test_predict_s_smoothing_is_the_average_of_every_other_head() -> None:
    """The factor is a time, the same as in ``Ema``, however many frames a call brings."""
    sound = np.random.default_rng(0).normal(0, 0.4, (200, 32))
    raw, smooth = (
        np.array([tuner.predict(sound[i : i + 1], "neutral") for i in range(200)])
        for tuner in (PoseFineTuner(MODEL, smoothing_factor=factor) for factor in (0.0, 0.95))
    )
    np.testing.assert_allclose(smooth, Ema.from_smoothing_factor(0.95).run(raw, STEP), atol=1e-9)
    assert np.abs(np.diff(smooth, axis=0)).mean() < 0.5 * np.abs(np.diff(raw, axis=0)).mean()


def test_an_emotion_changes_the_pose_where_no_text_is_known() -> None:
    sound = np.zeros((150, 32), np.float32)
    poses = [PoseFineTuner(MODEL).predict(sound, emotion) for emotion in ("neutral", "sad", "no such feeling")]
    assert (poses[0] != poses[1]).any()
    np.testing.assert_array_equal(poses[0], poses[2])


def test_a_refused_model_leaves_stage_1_and_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "mine.onnx"
    broken.write_bytes(b"not a network")
    tuner = PoseFineTuner(broken)
    assert tuner.warning is not None
    assert "mine.onnx" in tuner.warning
    inputs = noise(40, 1)
    controls = tuner.run(inputs)
    assert np.abs(controls.head).max() > 0
    assert not controls.brows.any()
    np.testing.assert_array_equal(controls.head, tuner.run(Inputs(inputs.features, 0 * inputs.context)).head)


def test_a_network_for_something_else_is_refused() -> None:
    tuner = PoseFineTuner("pose_base.onnx")
    assert tuner.warning is not None
    assert not tuner.refines


def test_a_low_throw_on_an_emphasised_word_is_a_nod_and_a_high_one_is_none(tuner: PoseFineTuner) -> None:
    """The network has learnt what dice mean: nothing in its inputs says "nod"."""
    speech = said("The second train goes to the mountains in the morning.")
    words = tuple(replace(word, emphasis=0.8 if word.text == "mountains" else 0.1) for word in speech.words)
    speech = replace(speech, words=words)
    timeline = read_timeline(speech)
    stresses = timeline.stresses
    depth = {}
    for throw_ in (0.02, 0.98):
        rows = throw(len(stresses), np.random.default_rng(1)).rows
        rows[:, :2], rows[:, 2:5] = 0.98, 0.0
        chosen = [i for i, stress in enumerate(stresses) if 0.5 <= stress.emphasis < 1.0]
        rows[chosen, 0] = throw_
        pitch = tuner.run(inputs_of(speech, Dice(rows))).head[:, 3]
        at = [round(stresses[i].time / STEP) for i in chosen]
        depth[throw_] = np.mean([pitch[max(k - 20, 0) : k + 1].max() - pitch[k] for k in at])
    assert chosen
    assert depth[0.02] > depth[0.98] + np.radians(1.0)


def test_a_marked_word_has_a_nod_on_its_vowel(tuner: PoseFineTuner) -> None:
    speech = said("We leave on *Friday* and not before that.")
    pitch = tuner.run(inputs_of(speech)).head[:, 3]
    (marked,) = (stress for stress in read_timeline(speech).stresses if stress.emphasis == 1.0)
    around = slice(round((marked.time - 0.4) / STEP), round((marked.time + 0.4) / STEP))
    lowest = (around.start + int(pitch[around].argmin())) * STEP
    assert abs(lowest - marked.time) < 0.12
    assert pitch[around.start] - pitch[around].min() > np.radians(2.0)


def test_brows_rise_with_a_question_and_not_with_a_statement(tuner: PoseFineTuner) -> None:
    rise = {}
    for text in ("Do you want to come with us?", "We want you to come with us."):
        speech = said(text)
        brows = tuner.run(inputs_of(speech)).brows[:, 0]
        end = round(speech.sentences[0].end / STEP)
        rise[text[-1]] = brows[end - 20 : end].mean() - brows[:10].mean()
    assert rise["?"] > rise["."] + 0.1


def test_a_performance_by_the_network_is_whole() -> None:
    speech, style = said("Are you sure? I *really* like it."), load_style("neutral")
    prosody, times = analyse(speech.sound, speech.rate), np.arange(0.0, speech.duration, 1 / 60)
    tuner = PoseFineTuner()
    one, same, other = (
        animate(speech, prosody, style, np.random.default_rng(s), times, tuner=tuner) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.head, same.head)
    np.testing.assert_array_equal(one.shapes, same.shapes)
    assert (one.head != other.head).any()
    assert one.head.shape == (len(times), 6)
    assert ((one.shapes >= 0) & (one.shapes <= 1)).all()
    assert one.shapes[:, INDEX["browInnerUp"]].max() > 0.1
    degrees = np.degrees(one.head[:, 3:])
    assert (np.abs(degrees) < np.degrees(style.limits.position)).all()
    after = times > speech.phones[-1].end + 0.6
    assert np.linalg.norm(degrees[after], axis=1).max() < 3.0


def test_a_line_is_performed_by_the_network_and_a_refusal_is_noted(tmp_path: Path) -> None:
    from linly_blender.perform import perform

    planned, standard, small = (perform("Are you sure?", seed=4, fine_tuner=word) for word in ("off", *OURS))
    assert [take.fine_tuner for take in (planned, standard, small)] == ["off", "standard", "small"]
    heads = [take.frames.head for take in (planned, standard, small)]
    assert all((one != other).any() for one, other in combinations(heads, 2))
    assert planned.notes == standard.notes == small.notes == ()
    alone = perform("Are you sure?", seed=4, fine_tuner=str(tmp_path / "mine.onnx"))
    assert alone.fine_tuner == "mine.onnx"
    (note,) = alone.notes
    assert "mine.onnx cannot be used: it does not exist" in note


def test_a_word_that_is_no_fine_tuner_is_refused_with_the_choices() -> None:
    assert DEFAULT in FINE_TUNERS
    with pytest.raises(UserError, match=r"no fine-tuner 'standart'.*standard, small, off") as refused:
        load_fine_tuner("standart")
    assert not isinstance(refused.value, ModelError)


def copies(folder: Path, *names: str) -> Path:
    """Our models as a user's own; the first is the fine-tuner."""
    for name in names:
        shutil.copy(MODELS / name, folder / name)
    return folder / names[0]


def test_a_fine_tuner_of_ones_own_brings_its_stage_1(tmp_path: Path) -> None:
    own = copies(tmp_path, SMALL_MODEL, BASE_MODEL)
    inputs = noise(30, 5)
    ours = flat(PoseFineTuner(SMALL_MODEL).run(inputs))
    np.testing.assert_array_equal(flat(load_fine_tuner(str(own)).run(inputs)), ours)
    model = onnx.load(tmp_path / BASE_MODEL)
    last = model.graph.initializer[-1]
    last.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(last) + np.float32(0.1), last.name))
    (tmp_path / BASE_MODEL).write_bytes(model.SerializeToString())
    assert (flat(load_fine_tuner(str(own)).run(inputs)) != ours).any(), "the one beside it is used"
    (tmp_path / BASE_MODEL).unlink()
    np.testing.assert_array_equal(flat(load_fine_tuner(str(own)).run(inputs)), ours)


def test_without_any_stage_the_rules_perform_and_the_take_says_why(tmp_path: Path) -> None:
    from linly_blender.perform import perform

    own = copies(tmp_path, SMALL_MODEL, BASE_MODEL)
    (tmp_path / BASE_MODEL).write_bytes(b"not a network")
    take, ruled = (perform("Are you sure?", fine_tuner=choice) for choice in (str(own), "off"))
    assert take.fine_tuner == "off"
    np.testing.assert_array_equal(take.frames.head, ruled.frames.head)
    (note,) = take.notes
    assert f"{BASE_MODEL} cannot be used" in note


def poisoned(model: "onnx.ModelProto", index: int) -> None:
    weight = model.graph.initializer[index]
    values = onnx.numpy_helper.to_array(weight).copy()
    values.flat[0] = np.nan
    weight.CopyFrom(onnx.numpy_helper.from_array(values, weight.name))


def reshaped(model: "onnx.ModelProto") -> None:
    (state,) = (port for port in model.graph.input if port.name == "state")
    state.type.tensor_type.shape.dim[1].dim_value += 1


def left_open(model: "onnx.ModelProto") -> None:
    (state,) = (port for port in model.graph.input if port.name == "state")
    state.type.tensor_type.shape.dim[1].dim_param = "any"


def behind(model: "onnx.ModelProto", output: int, operator: str, *constants: list[int], **attributes: int) -> None:
    """Put one more node between what the network makes and what it gives."""
    name = model.graph.output[output].name
    for node in model.graph.node:
        node.output[:] = ["inner" if made == name else made for made in node.output]
        node.input[:] = ["inner" if taken == name else taken for taken in node.input]
    names = [f"constant_{index}" for index in range(len(constants))]
    for constant, values in zip(names, constants, strict=True):
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(values), constant))
    taken = ["inner", "inner"] if operator == "Concat" else ["inner", *names]
    model.graph.node.append(onnx.helper.make_node(operator, taken, [name], **attributes))
    model.graph.output[1].type.tensor_type.shape.dim[1].dim_param = "grown"


def of_seven_frames(model: "onnx.ModelProto") -> None:
    behind(model, 0, "Reshape", [1, 7, -1])


def forgetful(model: "onnx.ModelProto") -> None:
    behind(model, 1, "Concat", axis=1)


@pytest.mark.parametrize(
    ("spoil", "saying"),
    [
        (lambda model: poisoned(model, 0), "no number"),
        (lambda model: poisoned(model, -1), "no number"),
        (reshaped, "cannot load it"),
        (left_open, "how many numbers"),
        (of_seven_frames, "fails when it runs"),
        (forgetful, "from frame to frame"),
    ],
    ids=["first weight NaN", "last weight NaN", "other state", "any state", "seven frames only", "growing state"],
)
@pytest.mark.parametrize("name", [SMALL_MODEL, BASE_MODEL])
def test_a_whole_file_that_does_not_work_is_refused(name: str, spoil: Any, saying: str, tmp_path: Path) -> None:
    model = onnx.load(MODELS / name)
    spoil(model)
    path = tmp_path / name
    path.write_bytes(model.SerializeToString())
    if name == BASE_MODEL:
        with pytest.raises(ModelError, match=saying):
            PoseFineTuner(MODEL, base_path=path)
        return
    tuner = PoseFineTuner(path)
    assert tuner.warning is not None
    assert saying in tuner.warning
    assert np.isfinite(flat(tuner.run(noise(30, 6)))).all()


def test_the_models_are_as_light_as_promised() -> None:
    assert (MODELS / MODEL).stat().st_size < 2_000_000
    assert (MODELS / SMALL_MODEL).stat().st_size < 200_000


def test_a_step_is_quick(tuner: PoseFineTuner) -> None:
    """Half of all steps, so that a busy machine does not decide; ``make bench`` has the 99th percentile."""
    inputs, state, spent = noise(400, 0), tuner.start(), []
    for index in range(400):
        begun = time.perf_counter()
        _, state = tuner.step(part(inputs, index, index + 1), state)
        spent.append(time.perf_counter() - begun)
    assert np.median(spent) < 1e-3


def test_the_description_names_what_the_model_takes() -> None:
    import json

    told = json.loads((MODELS / MODEL).with_suffix(".json").read_text(encoding="utf-8"))
    assert told["context"] == list(CONTEXT_NAMES)
    assert told["frame_seconds"] == STEP
    assert told["moments_are_told_seconds_early"] == LOOK
    assert told["inputs"]["context"] == [1, "time", CONTEXT]
