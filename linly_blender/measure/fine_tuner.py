"""How fast the pose networks run, frame by frame with limits and a filter and in one call, and whether both agree.

All on real speech. Steps are timed by the processor time of the whole process, on one core: a step is so short that the
clock would mostly tell what else the machine did. Of repeated runs the calmest counts, which is what the work itself
takes.
"""

import functools
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..language.reader import read_script
from ..pose.constraints import LIVE_SMOOTHINGS, Constraints
from ..pose.context import context_of, throw
from ..pose.features import STEP
from ..pose.fine_tuner import MODEL, SMALL_MODEL, Inputs, PoseFineTuner
from ..pose.styles import load_style
from ..pose.timeline import read_timeline
from ..speech.synthesis import EspeakVoice, speak
from .figures import Figure, Group
from .speed import script_of

Floats = NDArray[np.float64]

ROUNDS: Final = 6
LONGEST_STEP: Final = {MODEL: 1.0, SMALL_MODEL: 0.25}
"""Milliseconds that a step of each of our models may take; the small one is for weak machines."""
_STREAMED: Final = 1000
"""Frames that are streamed in a run: twenty seconds, of which the slowest ten steps lie above the 99th percentile."""


def figures() -> list[Group]:
    """Measure both of our models, a group each."""
    return [
        (
            f"Fine-tuner: {model} (one core, the calmest of {ROUNDS} runs)",
            measure(functools.partial(PoseFineTuner, model), longest),
        )
        for model, longest in LONGEST_STEP.items()
    ]


def measure(load: Callable[[], PoseFineTuner], longest_step: float) -> list[Figure]:
    """Measure what ``load`` opens; ``longest_step`` in milliseconds is the bound of a streamed step."""
    limits = load_style("neutral").limits
    stages = {name: Constraints.of_head(limits, name) for name in LIVE_SMOOTHINGS}
    tuner = load()
    inputs = _a_minute(tuner)
    short = Inputs(inputs.features[:_STREAMED], inputs.context[:_STREAMED])
    slowest = {name: np.full(2, np.inf) for name in stages}
    difference = 0.0
    for _ in range(ROUNDS):  # filters in turn, so that a busy moment does not fall on one alone
        for name, stage in stages.items():
            streamed, seconds = _stream(tuner, stage, short)
            slowest[name] = np.minimum(slowest[name], np.percentile(seconds, (50, 99)))
            difference = max(difference, float(np.abs(streamed - _whole(tuner, stage, short)).max()))
    call = _quickest(lambda: stages["none"].bake(tuner.run(inputs).head.astype(np.float64), STEP))
    speed = len(inputs.features) * STEP / call
    median, late = 1000 * np.max(list(slowest.values()), axis=0)
    step = "a streamed step, limits, slowest filter"
    return [
        Figure(f"{step}: median, CPU", float(median), unit="ms"),
        Figure(f"{step}: 99th percentile, CPU", float(late), high=longest_step, unit="ms"),
        Figure("load", 1000 * _quickest(load), high=300, unit="ms"),
        Figure("a minute of speech in one call, limits too", speed, low=300, unit="x real time"),
        Figure("streamed against whole, largest difference", difference, high=1e-4),
    ]


def _a_minute(tuner: PoseFineTuner) -> Inputs:
    """What the networks are told of a minute of speech whose text is known."""
    with EspeakVoice(None) as voice:
        speech = speak(read_script(script_of(1), emotion="neutral"), voice)
    timeline, heard = read_timeline(speech), tuner.hear(speech.sound, speech.rate)
    dice = throw(len(timeline.stresses), np.random.default_rng(0))
    return Inputs(heard, context_of(timeline, load_style("neutral"), dice, len(heard)))


def _stream(tuner: PoseFineTuner, stage: Constraints, inputs: Inputs) -> tuple[Floats, Floats]:
    """Controls and the head as shown, frame by frame [shape=(n, k)], and the seconds each step took [shape=(n,)]."""
    state, shown, rows = tuner.start(), None, []
    seconds = np.empty(len(inputs.features))
    for index in range(len(seconds)):
        one = Inputs(inputs.features[index : index + 1], inputs.context[index : index + 1])
        begun = time.process_time()
        controls, state = tuner.step(one, state)
        shown, head = stage.step(shown, controls.head[0], STEP)
        seconds[index] = time.process_time() - begun
        rows.append(np.concatenate([controls.side_by_side()[0], head]))
    return np.array(rows), seconds


def _whole(tuner: PoseFineTuner, stage: Constraints, inputs: Inputs) -> Floats:
    """The same in one call."""
    controls = tuner.run(inputs)
    return np.column_stack([controls.side_by_side(), stage.run(controls.head.astype(np.float64), STEP)])


def _quickest(work: Callable[[], object]) -> float:
    """Seconds on the clock of the calmest run."""
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)
