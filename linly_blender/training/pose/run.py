"""The whole run: lessons, training, export, parity, evaluation, model card; and its last part alone."""

import functools
import hashlib
import platform
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ...errors import UserError
from ...files import replacing
from ...measure.fine_tuner import LONGEST_STEP, measure
from ...model_files import ModelError, write_manifest
from ...pose.base import BASE_MODEL, HEAD
from ...pose.context import CONTEXT, CONTEXT_NAMES, LOOK
from ...pose.encoder import ENCODER, RATE, AcousticEncoder
from ...pose.features import FEATURE_NAMES, FEATURES, STEP, listen
from ...pose.fine_tuner import CONTROL_NAMES, MODEL, SMALL_MODEL, PoseFineTuner
from ...pose.refine import Refiner
from ...score import Speech
from ..settings import read_settings
from .account import (
    ARCHITECTURES,
    PEOPLE,
    SYNTHETIC,
    TEXTLESS,
    Account,
    Built,
    read_account,
    write_account,
)
from .card import Summary, write_card
from .config import DEFAULT, Settings
from .data import Hear, Lesson, cached, content, fingerprint, synthetic_lessons, teaching, textless_lessons
from .evaluate import Blind, compare, explained, held_out
from .export import PARITY, parity, write_onnx
from .models import Network, size_of
from .recordings import recorded_lessons
from .train import BASE_SIZE, Report, Trained, train

_READ: Final = "helsinki_prosody/dev.txt"
_VOICES: Final = "facegood_mouth"
_LICENCE: Final = "GPL-3.0-or-later"
_WORK: Final = "pose"
"""Folder of the cache, and in it:"""
_ACCOUNT: Final = "account.json"
_EXPORTED: Final = {"convolution": "tcn.onnx", "LSTM": "lstm.onnx", "blind": "blind.onnx"}
"""Networks to choose from or to compare with; they are not shipped."""
_TAKES: Final = 4
"""Of each speech to measure on: what the teacher does differs from take to take."""


def train_pose(
    out: Path,
    config: Path = DEFAULT,
    data: Path | None = None,
    recordings: Path | None = None,
    encoder: Path | None = None,
    cache: Path = Path(".cache/training"),
    report: Report = print,
) -> None:
    """Train the pose networks and write them, their descriptions, the manifest and the card to ``out``.

    Parameters: ``data`` holds ``helsinki_prosody/dev.txt`` and ``facegood_mouth/*.wav``; ``recordings`` pairs of a
    Live Link Face CSV and a WAV of the same name; ``encoder``, an acoustic encoder as
    ``scripts/export_acoustic_encoder.py`` makes it, hears instead of the built-in features and goes along to ``out``;
    ``cache`` is where lessons and networks are kept for the next run, and for ``measure_pose``.
    """
    begun = time.perf_counter()
    settings = read_settings(config, Settings)
    _check_folders(out, data, (_READ, _VOICES))
    ears = _ears(encoder, out)
    work = cache / _WORK
    work.mkdir(parents=True, exist_ok=True)
    speeches = held_out()
    learnt, heard = _synthetic(settings, data, work, speeches, ears)
    # Turns that no network learns from choose between the architectures; the sentences of the card choose nothing.
    choosing = learnt[-(settings.turns // 20 or 1) :]
    made = {SYNTHETIC: learnt[: -len(choosing)]} | _recorded(settings, data, recordings, work, ears)
    minutes = {name: sum(len(x.target) for x in lessons) * STEP / 60 for name, lessons in made.items() if lessons}
    report("lessons: " + ", ".join(f"{long:.0f} minutes {name}" for name, long in minutes.items()))
    lessons = [lesson for source in made.values() for lesson in source]
    here = Path(__file__).parent
    kept = work / fingerprint(settings, content(lessons), files=(here / "models.py", here / "train.py"))
    kept.mkdir(exist_ok=True)
    trained = train(lessons, settings, kept, report)
    built = _export(trained, out, work, ears)
    for each in built:
        report(f"{each.name}: {each.weights} weights, {each.bytes} bytes, {each.parity}")
        if max(each.parity.torch_to_onnx, each.parity.streamed_to_whole) > PARITY:
            raise RuntimeError(f"{each.name}: torch and ONNX, or stream and whole, differ by more than {PARITY:g}")
    tuners = {name: _open(work / _EXPORTED[name], out, ears) for name in ARCHITECTURES}
    merit = {name: float(np.mean(list(explained(tuner, choosing).values()))) for name, tuner in tuners.items()}
    best = max(merit, key=lambda name: merit[name])
    chosen: Network = trained.tcn if best == "convolution" else trained.lstm
    write_onnx(chosen, out / MODEL, ears.inputs, "controls", _notes("stage 2: pose fine-tuner", best, ears))
    write_manifest(out)
    processor = platform.processor() or platform.machine()
    account = Account(time.perf_counter() - begun, processor, minutes, best, merit, tuple(built))
    write_account(account, work / _ACCOUNT)
    _write_card(account, out, work, ears, speeches, heard)


def measure_pose(
    out: Path, config: Path = DEFAULT, data: Path | None = None, cache: Path = Path(".cache/training")
) -> None:
    """Measure the networks in ``out`` again and write their card anew: the rules beside them may have changed.

    Parameters: as ``train_pose`` was given them; in ``cache`` it has left the networks to compare with.
    """
    settings = read_settings(config, Settings)
    _check_folders(out, data, (_READ,))
    work = cache / _WORK
    account = read_account(work / _ACCOUNT)
    ears = _ears(out / ENCODER if (out / ENCODER).exists() else None, out)
    speeches = held_out()
    _, heard = _synthetic(settings, data, work, speeches, ears)
    _write_card(account, out, work, ears, speeches, heard)


def _check_folders(out: Path, data: Path | None, needed: Sequence[str]) -> None:
    """Raise UserError unless ``out`` is there, and in ``data`` what is needed of it."""
    if not out.is_dir():
        raise UserError(f"There is no folder {out}. Make it first.")
    for part in () if data is None else (data / name for name in needed):
        if not part.exists():
            raise UserError(
                f"There is no {part}. Name with --data the folder of {' and '.join(needed)}, or do without."
            )


def _open(model: Path, out: Path, ears: "_Ears") -> PoseFineTuner:
    """A network of stage 2 with the stage 1 that it was trained with. Raises ModelError when it cannot be used."""
    tuner = PoseFineTuner(model, base_path=out / BASE_MODEL, encoder=ears.encoder)
    if tuner.warning:
        raise ModelError(tuner.warning)
    return tuner


def _write_card(
    account: Account, out: Path, work: Path, ears: "_Ears", speeches: dict[str, list[Speech]], heard: list[Lesson]
) -> None:
    """Measure every network, and write the card of them all."""
    files = {name: work / file for name, file in _EXPORTED.items()} | {account.best: out / MODEL}
    networks = {name: _open(file, out, ears) for name, file in files.items()}
    performers: dict[str, Refiner] = {
        **{name: networks[name] for name in ARCHITECTURES},
        "small": _open(out / SMALL_MODEL, out, ears),
        "blind": Blind(networks["blind"]),
        # Without stage 2, stage 1 works alone.
        "stage 1": PoseFineTuner(work / "there is none.onnx", base_path=out / BASE_MODEL, encoder=ears.encoder),
    }
    speed = {
        model: measure(functools.partial(_open, out / model, out, ears), longest)
        for model, longest in LONGEST_STEP.items()
    }
    summary = Summary(account, tuple(compare(performers, speeches, heard)), speed)
    write_card(summary, performers, speeches["English"][0], heard[0], out)


@dataclass(frozen=True, slots=True)
class _Ears:
    """What the networks hear with."""

    encoder: AcousticEncoder | None
    digest: str
    """Of the encoder's file; empty for the built-in features."""
    width: int
    """Numbers of a frame."""

    @property
    def hear(self) -> Hear:
        return listen if self.encoder is None else self.encoder.listen

    @property
    def inputs(self) -> tuple[tuple[str, int, float], ...]:
        """Of stage 2: name, width and natural size."""
        return (("base", HEAD, BASE_SIZE), ("features", self.width, 1.0), ("context", CONTEXT, 1.0))


def _ears(encoder: Path | None, out: Path) -> _Ears:
    """Open the encoder and put it beside the models to be, where whoever loads them looks for it."""
    beside = out / ENCODER
    if encoder is None:
        if beside.exists():
            raise UserError(f"{out} has an {ENCODER}, with which what is trained now could not hear. Choose another.")
        return _Ears(None, "", FEATURES)
    opened = AcousticEncoder(encoder)
    if not (beside.exists() and beside.samefile(encoder)):
        with replacing(beside) as path:
            shutil.copyfile(encoder, path)
    with beside.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return _Ears(opened, digest, opened.listen(np.zeros(RATE, np.int16), RATE).shape[1])


def _synthetic(
    settings: Settings, data: Path | None, work: Path, speeches: dict[str, list[Speech]], ears: _Ears
) -> tuple[list[Lesson], list[Lesson]]:
    """Lessons of synthetic voices, and those of the speeches to measure on."""
    read = data / _READ if data else None
    kept = [speech for group in speeches.values() for speech in group for _ in range(_TAKES)]

    def make() -> list[Lesson]:
        return synthetic_lessons(settings.turns, np.random.default_rng(settings.seed), read, kept, ears.hear)

    name = fingerprint("synthetic", settings.seed, settings.turns, bool(read), ears.digest, files=teaching())
    lessons = cached(work / f"{name}.npz", make)
    return lessons[: settings.turns], lessons[settings.turns :]


def _recorded(
    settings: Settings, data: Path | None, recordings: Path | None, work: Path, ears: _Ears
) -> dict[str, list[Lesson]]:
    """Lessons of recorded voices, by source."""
    made = {}
    if data is not None:
        voices = data / _VOICES

        def make() -> list[Lesson]:
            return textless_lessons(voices, np.random.default_rng(settings.seed), hear=ears.hear)

        name = fingerprint("textless", settings.seed, ears.digest, files=teaching())
        made[TEXTLESS] = cached(work / f"{name}.npz", make)
    if recordings is not None:
        made[PEOPLE] = recorded_lessons(recordings, ears.hear)
    return made


def _export(trained: Trained, out: Path, work: Path, ears: _Ears) -> list[Built]:
    rng = np.random.default_rng(0)
    built = []
    for name, network, path, purpose in (
        ("convolution", trained.tcn, work / _EXPORTED["convolution"], "stage 2"),
        ("LSTM", trained.lstm, work / _EXPORTED["LSTM"], "stage 2"),
        ("blind", trained.blind, work / _EXPORTED["blind"], "stage 2, for comparison"),
        ("small", trained.small, out / SMALL_MODEL, "stage 2, for weak machines: pose fine-tuner"),
    ):
        write_onnx(network, path, ears.inputs, "controls", _notes(purpose, name, ears))
        built.append(_built(name, network, path, ears.inputs, "controls", rng))
    path, inputs = out / BASE_MODEL, (("features", ears.width, 1.0),)
    write_onnx(trained.base, path, inputs, "base", _notes("stage 1: base pose", "convolution", ears))
    built.append(_built("stage 1", trained.base, path, inputs, "base", rng))
    return built


def _built(
    name: str,
    network: Network,
    path: Path,
    inputs: Sequence[tuple[str, int, float]],
    output: str,
    rng: np.random.Generator,
) -> Built:
    return Built(name, size_of(network), path.stat().st_size, parity(network, path, inputs, output, rng))


def _notes(purpose: str, architecture: str, ears: _Ears) -> dict[str, object]:
    notes: dict[str, object] = {
        "purpose": purpose,
        "architecture": architecture,
        "frame_seconds": STEP,
        "features": list(FEATURE_NAMES) if ears.encoder is None else f"{ENCODER}, sha256 {ears.digest}",
        "licence": _LICENCE,
        "trained_on": "see pose_fine_tuner.md",
    }
    if purpose.startswith("stage 2"):
        notes |= {
            "context": list(CONTEXT_NAMES),
            "moments_are_told_seconds_early": LOOK,
            "controls": list(CONTROL_NAMES),
            "units": "metres and radians; the head's six are added to the base pose; shapes 0..1",
        }
    else:
        notes["units"] = "x, y, z in metres; pitch, yaw, roll in radians"
    return notes
