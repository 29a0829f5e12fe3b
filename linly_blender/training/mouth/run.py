"""The whole run: lessons, one network of all and one for each recording held out, export, figures, model card."""

import functools
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from ...errors import UserError
from ...face.heard import Heard
from ...face.learned_mouth import FRAMES_AHEAD, MODEL, LearnedMouth
from ...face.targets import CHANNELS
from ...measure.facegood import FOLDER, Recording, read_recordings
from ...measure.lips import avatar_gauge
from ...measure.mouth import (
    HELD_OUT_NETWORKS,
    closures_of,
    heads,
    likeness,
    loudness_alone,
    shapes_of,
)
from ...model_files import write_manifest
from ..pose.data import LINES as READ
from ..pose.data import fingerprint
from ..settings import read_settings
from .baseline import plain_mouth
from .card import Account, Held, write_card
from .export import PARITY, Output, apply, parity, write_onnx
from .fit import DEFAULT, REAL, Course, Report, Settings, fit
from .lessons import LINES, Lesson, cached, features_of, recorded_lessons, spoken_lessons
from .network import Mouth, size_of

Flags = NDArray[np.bool_]

_WORK: Final = "mouth"
_VALIDATED: Final = 20
"""One in so many turns of synthetic speech is not learnt from, and decides from when a gate counts."""
_SLOPE: Final = 0.5
"""Of a gate over the logarithm of its odds: what is likely is closed, and not half closed."""
_THRESHOLDS: Final = np.linspace(2.0, -1.0, 16)
"""Logarithms of odds that are tried; of equally good ones the first, as a contact that is false is seen at once."""


def train_mouth(
    out: Path,
    data: Path,
    config: Path = DEFAULT,
    cache: Path = Path(".cache/training"),
    report: Report = print,
) -> None:
    """Train the learned mouth; write it, the manifest and the card with its picture to ``out``.

    Parameters: ``data`` holds ``facegood_mouth``; ``cache`` is where lessons are kept for the next run, and networks
    that ``make bench`` measures on the recording that each has never heard.
    """
    begun = time.process_time()
    settings = read_settings(config, Settings)
    if not out.is_dir():
        raise UserError(f"There is no folder {out}. Make it first.")
    recordings = read_recordings(data / FOLDER)
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    spoken, recorded = _lessons(settings, recordings, cache / _WORK)
    validated, learnt = spoken[::_VALIDATED], [x for index, x in enumerate(spoken) if index % _VALIDATED]
    alone = Course([(1.0, learnt)], settings.steps, settings.rate, settings.dropped, settings.batch)
    first = fit(Mouth(settings.width), alone, rng, report)

    def taught(names: Iterable[str]) -> tuple[Mouth, Output]:
        real = [lesson for name in names for lesson in recorded[name]]
        both = Course(
            [(REAL, real), (1 - REAL, learnt)],
            settings.recorded_steps, settings.recorded_rate, settings.recorded_dropped, settings.batch,
        )  # fmt: skip
        network = fit(first, both, rng, report)
        return network, _output(network, validated)

    network, output = taught(recorded)
    write_onnx(network, output, out / MODEL)
    write_manifest(out)
    difference = parity(network, output, out / MODEL, rng)
    report(f"{size_of(network)} weights, {difference}")
    if max(difference.torch_to_onnx, difference.streamed_to_whole) > PARITY:
        raise RuntimeError(f"torch and ONNX, or stream and whole, differ by more than {PARITY:g}")
    held = []
    for recording in recordings:
        others = [name for name in recorded if name != recording.name]
        path = cache / HELD_OUT_NETWORKS / f"{recording.name}.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_onnx(*taught(others), path)
        held.append(_held(recording, LearnedMouth(path), [recorded[name][0] for name in others], settings.seed))
        report(f"{recording.name}: {held[-1].likeness}, plain {held[-1].plain}")
    account = Account(
        (time.process_time() - begun) / 60,
        size_of(network),
        (out / MODEL).stat().st_size,
        difference,
        sum(len(lesson.mouth) for lesson in learnt) / 6000,
        tuple(held),
        {name: closures_of(LearnedMouth(out / MODEL), name) for name in ("English", "Mandarin")},
    )
    write_card(account, out)


def _lessons(
    settings: Settings, recordings: list[Recording], work: Path
) -> tuple[list[Lesson], dict[str, list[Lesson]]]:
    """Of synthetic voices, and of each recording by its name."""
    here, engine = Path(__file__).parent, Path(__file__).parents[2]
    files = [
        *sorted((engine / "speech").glob("*.py")), *sorted((engine / "face").glob("*.py")),
        here / "lessons.py", here / "disturb.py", LINES, READ,
    ]  # fmt: skip
    name = fingerprint(settings.seed, settings.turns, settings.versions, files=files)
    rng, gauge = np.random.default_rng(settings.seed), avatar_gauge()
    spoken = cached(work / f"{name}.npz", functools.partial(spoken_lessons, settings.turns, rng))

    def of(recording: Recording) -> list[Lesson]:
        make = functools.partial(recorded_lessons, recording, gauge, settings.versions, rng)
        return cached(work / f"{name}-{recording.name}.npz", make)

    return spoken, {recording.name: of(recording) for recording in recordings}


def _output(network: Mouth, validated: list[Lesson]) -> Output:
    """Channels as they are; gates cut where fewest contacts are missed or false in lessons not learnt from."""
    gain, offset = np.ones(CHANNELS + 2, np.float32), np.zeros(CHANNELS + 2, np.float32)
    padding = ((0, FRAMES_AHEAD), (0, 0))
    found = np.concatenate(
        [apply(network, np.pad(lesson.features, padding, "edge"))[FRAMES_AHEAD:] for lesson in validated]
    )
    true = np.concatenate([lesson.mouth for lesson in validated]) >= 0.5
    for gate in (CHANNELS, CHANNELS + 1):
        told = [found[:, gate] >= at for at in _THRESHOLDS]
        wrong = [_alone(each, true[:, gate]) + _alone(true[:, gate], each) for each in told]
        gain[gate] = _SLOPE
        offset[gate] = 0.5 - _SLOPE * _THRESHOLDS[int(np.argmin(wrong))]
    return Output(gain, offset)


def _alone(these: Flags, those: Flags) -> int:
    """Runs of these in which none of those is set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], these, [False]]).astype(np.int8)))
    before = np.concatenate([[0], np.cumsum(those)])
    return int((before[edges[::2]] == before[edges[1::2]]).sum())


def _held(recording: Recording, mouth: LearnedMouth, others: list[Lesson], seed: int) -> Held:
    """Measure a network that never heard the recording, beside a plain one that did not either."""
    gauges = heads()
    heard = mouth.listen(recording.sound, recording.rate)
    plain = plain_mouth(others, features_of(recording.sound, recording.rate), seed)
    still = np.zeros(len(plain), np.float32)
    of_plain = Heard(np.clip(plain[:, :CHANNELS], 0, 1), still, still)
    return Held(
        recording,
        shapes_of(heard),
        likeness(shapes_of(heard), recording, gauges),
        likeness(shapes_of(of_plain), recording, gauges),
        loudness_alone(recording),
    )
