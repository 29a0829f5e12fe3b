"""The whole run: lessons, training, export, parity, evaluation, model card."""

import hashlib
import platform
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ...errors import UserError
from ...files import replacing
from ...model_files import write_manifest
from ...pose.base import BASE_MODEL, HEAD
from ...pose.context import CONTEXT, CONTEXT_NAMES, LOOK
from ...pose.encoder import ENCODER, RATE, AcousticEncoder
from ...pose.features import FEATURE_NAMES, FEATURES, STEP, listen
from ...pose.fine_tuner import CONTROL_NAMES, MODEL, SMALL_MODEL, PoseFineTuner
from ...score import Speech
from ..settings import read_settings
from .card import write_card
from .config import DEFAULT, Settings
from .data import Hear, Lesson, cached, fingerprint, synthetic_lessons, textless_lessons
from .evaluate import Blind, Row, compare, explained, held_out, speed_of
from .export import PARITY, Parity, parity, write_onnx
from .models import Network, size_of
from .recordings import recorded_lessons
from .train import BASE_SIZE, Report, Trained, train

_READ: Final = "helsinki_prosody/dev.txt"
_VOICES: Final = "facegood_mouth"
_LICENCE: Final = "GPL-3.0-or-later"
_TAKES: Final = 4
"""Of each speech to measure on: what the teacher does differs from take to take."""


@dataclass(frozen=True, slots=True)
class Built:
    """A network as it was exported."""

    name: str
    path: Path
    weights: int
    parity: Parity

    @property
    def bytes(self) -> int:
        """Size of the file."""
        return self.path.stat().st_size


@dataclass(frozen=True, slots=True)
class Summary:
    """What the model card tells."""

    seconds: float
    minutes: dict[str, float]
    """Of speech, by source."""
    best: str
    merit: dict[str, float]
    """Mean share of what the teacher means that each architecture foretells, on the turns that chose between them."""
    built: tuple[Built, ...]
    rows: tuple[Row, ...]
    speed: dict[str, dict[str, float]]
    processor: str


def train_pose(
    out: Path,
    config: Path = DEFAULT,
    data: Path | None = None,
    recordings: Path | None = None,
    encoder: Path | None = None,
    cache: Path = Path(".cache/training"),
    report: Report = print,
) -> Summary:
    """Train the pose networks and write them, their descriptions, the manifest and the card to ``out``.

    Parameters: ``data`` holds ``helsinki_prosody/dev.txt`` and ``facegood_mouth/*.wav``; ``recordings`` pairs of a
    Live Link Face CSV and a WAV of the same name; ``encoder``, an acoustic encoder as
    ``scripts/export_acoustic_encoder.py`` makes it, hears instead of the built-in features and goes along to ``out``;
    ``cache`` is where lessons are kept for the next run.
    """
    begun = time.perf_counter()
    settings = read_settings(config, Settings)
    if not out.is_dir():
        raise UserError(f"There is no folder {out}. Make it first.")
    for part in () if data is None else (data / _READ, data / _VOICES):
        if not part.exists():
            raise UserError(f"There is no {part}. Name with --data the folder of {_READ} and {_VOICES}, or do without.")
    ears = _ears(encoder, out)
    work = cache / "pose"
    work.mkdir(parents=True, exist_ok=True)
    speeches = held_out()
    made, heard = _lessons(settings, data, recordings, work, speeches, ears)
    # Turns that no network learns from choose between the architectures; the sentences of the card choose nothing.
    choosing = made["synthetic voices"][-(settings.turns // 20 or 1) :]
    made["synthetic voices"] = made["synthetic voices"][: -len(choosing)]
    minutes = {name: sum(len(x.target) for x in lessons) * STEP / 60 for name, lessons in made.items() if lessons}
    report("lessons: " + ", ".join(f"{time_:.0f} minutes {name}" for name, time_ in minutes.items()))
    kept = work / fingerprint(
        settings, sorted(minutes.items()), ears.digest, made_by=("data.py", "dice.py", "models.py", "train.py")
    )
    kept.mkdir(exist_ok=True)
    trained = train([lesson for lessons in made.values() for lesson in lessons], settings, kept, report)
    built = _export(trained, out, work, ears)
    for each in built:
        report(f"{each.name}: {each.weights} weights, {each.bytes} bytes, {each.parity}")
        if max(each.parity.torch_to_onnx, each.parity.streamed_to_whole) > PARITY:
            raise RuntimeError(f"{each.name}: torch and ONNX, or stream and whole, differ by more than {PARITY:g}")
    base = str(out / BASE_MODEL)
    tuners = {
        each.name: PoseFineTuner(each.path, base_path=base, encoder=ears.encoder)
        for each in built
        if each.name != "stage 1"
    }
    for tuner in tuners.values():
        if tuner.warning:
            raise RuntimeError(tuner.warning)
    alone = PoseFineTuner(work / "there is none.onnx", base_path=base, encoder=ears.encoder)
    rows = compare(
        {
            "convolution": tuners["convolution"],
            "LSTM": tuners["LSTM"],
            "small": tuners["small"],
            "blind": Blind(tuners["blind"]),
            "stage 1": alone,
        },
        speeches,
        heard,
    )
    merit = {name: float(np.mean(list(explained(tuners[name], choosing).values()))) for name in ("convolution", "LSTM")}
    best = max(merit, key=lambda name: merit[name])
    chosen: Network = trained.tcn if best == "convolution" else trained.lstm
    write_onnx(chosen, out / MODEL, ears.inputs, "controls", _notes("stage 2: pose fine-tuner", best, ears))
    write_manifest(out)
    speed = {}
    for name in (MODEL, SMALL_MODEL):

        def load(path: Path = out / name) -> PoseFineTuner:
            return PoseFineTuner(path, base_path=base, encoder=ears.encoder)

        speed[name] = speed_of(load(), load)
    summary = Summary(
        time.perf_counter() - begun,
        minutes,
        best,
        merit,
        tuple(built),
        tuple(rows),
        speed,
        platform.processor() or "x86-64",
    )
    write_card(summary, ears.encoder, speeches["English"][0], heard[0], out)
    return summary


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


def _lessons(
    settings: Settings,
    data: Path | None,
    recordings: Path | None,
    work: Path,
    speeches: dict[str, list[Speech]],
    ears: _Ears,
) -> tuple[dict[str, list[Lesson]], list[Lesson]]:
    """Lessons by source, and those of the speeches to measure on."""
    read = data / _READ if data else None
    kept = [speech for group in speeches.values() for speech in group for _ in range(_TAKES)]

    def synthetic() -> list[Lesson]:
        return synthetic_lessons(settings.turns, np.random.default_rng(settings.seed), read, kept, ears.hear)

    name = fingerprint("synthetic", settings.seed, settings.turns, bool(read), ears.digest)
    lessons = cached(work / f"{name}.npz", synthetic)
    made = {"synthetic voices": lessons[: settings.turns]}
    if data is not None:
        voices = data / _VOICES

        def textless() -> list[Lesson]:
            return textless_lessons(voices, np.random.default_rng(settings.seed), hear=ears.hear)

        name = fingerprint("textless", settings.seed, ears.digest)
        made["recorded speech without text"] = cached(work / f"{name}.npz", textless)
    if recordings is not None:
        made["recordings of people"] = recorded_lessons(recordings, ears.hear)
    return made, lessons[settings.turns :]


def _export(trained: Trained, out: Path, work: Path, ears: _Ears) -> list[Built]:
    rng = np.random.default_rng(0)
    built = []
    for name, network, path, purpose in (
        ("convolution", trained.tcn, work / "tcn.onnx", "stage 2"),
        ("LSTM", trained.lstm, work / "lstm.onnx", "stage 2"),
        ("blind", trained.blind, work / "blind.onnx", "stage 2, for comparison"),
        ("small", trained.small, out / SMALL_MODEL, "stage 2, for weak machines: pose fine-tuner"),
    ):
        write_onnx(network, path, ears.inputs, "controls", _notes(purpose, name, ears))
        built.append(Built(name, path, size_of(network), parity(network, path, ears.inputs, "controls", rng)))
    path, inputs = out / BASE_MODEL, (("features", ears.width, 1.0),)
    write_onnx(trained.base, path, inputs, "base", _notes("stage 1: base pose", "convolution", ears))
    built.append(Built("stage 1", path, size_of(trained.base), parity(trained.base, path, inputs, "base", rng)))
    return built


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
