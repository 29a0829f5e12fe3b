"""The whole run: lessons, training, export, parity, evaluation, model card."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ...errors import UserError
from ...model_files import write_manifest
from ...pose.base import BASE_MODEL, HEAD
from ...pose.context import CONTEXT, CONTEXT_NAMES, LOOK
from ...pose.features import FEATURE_NAMES, FEATURES, STEP
from ...pose.fine_tuner import CONTROL_NAMES, MODEL, SMALL_MODEL, PoseFineTuner
from .card import write_card
from .config import DEFAULT, read_settings
from .data import Lesson, cached, fingerprint, synthetic_lessons, textless_lessons
from .evaluate import Blind, Row, compare, speed_of
from .export import PARITY, Parity, parity, write_onnx
from .models import Network, size_of
from .recordings import recorded_lessons
from .train import BASE_SIZE, Report, Trained, train

INPUTS_OF_BASE: Final = (("features", FEATURES, 1.0),)
INPUTS: Final = (("base", HEAD, BASE_SIZE), ("features", FEATURES, 1.0), ("context", CONTEXT, 1.0))
_LICENCE: Final = "GPL-3.0-or-later"
_JUDGED_BY: Final = ("pitch", "yaw", "roll", "brow")


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
    built: tuple[Built, ...]
    rows: tuple[Row, ...]
    speed: dict[str, dict[str, float]]
    processor: str


def train_pose(
    out: Path,
    config: Path = DEFAULT,
    data: Path | None = None,
    recordings: Path | None = None,
    cache: Path = Path(".cache/training"),
    report: Report = print,
) -> Summary:
    """Train the pose networks and write them, their descriptions, the manifest and the card to ``out``.

    Parameters: ``data`` may hold ``helsinki_prosody/dev.txt`` and ``facegood_mouth/*.wav``; ``recordings`` pairs of a
    Live Link Face CSV and a WAV of the same name; ``cache`` is where lessons are kept for the next run.
    """
    begun = time.perf_counter()
    settings = read_settings(config)
    if not out.is_dir():
        raise UserError(f"There is no folder {out}. Make it first.")
    work = cache / "pose"
    work.mkdir(parents=True, exist_ok=True)
    sources = _lessons(settings.seed, settings.turns, data, recordings, work)
    minutes = {name: sum(len(x.target) for x in lessons) * STEP / 60 for name, lessons in sources.items() if lessons}
    report("lessons: " + ", ".join(f"{time_:.0f} minutes {name}" for name, time_ in minutes.items()))
    kept = work / fingerprint("networks", settings, sorted(minutes.items()))
    kept.mkdir(exist_ok=True)
    trained = train([lesson for lessons in sources.values() for lesson in lessons], settings, kept, report)
    built = _export(trained, out, work)
    for made in built:
        report(f"{made.name}: {made.weights} weights, {made.bytes} bytes, {made.parity}")
        if max(made.parity.torch_to_onnx, made.parity.streamed_to_whole) > PARITY:
            raise RuntimeError(f"{made.name}: torch and ONNX, or stream and whole, differ by more than {PARITY:g}")
    base = str(out / BASE_MODEL)
    tuners = {made.name: PoseFineTuner(made.path, base_path=base) for made in built if made.name != "stage 1"}
    for tuner in tuners.values():
        if tuner.warning:
            raise RuntimeError(tuner.warning)
    alone = PoseFineTuner(work / "there is none.onnx", base_path=base)
    rows = compare(
        {
            "convolution": tuners["convolution"],
            "LSTM": tuners["LSTM"],
            "small": tuners["small"],
            "blind": Blind(tuners["blind"]),
            "stage 1": alone,
        }
    )
    best = max(("convolution", "LSTM"), key=lambda name: _merit(rows, name))
    chosen: Network = trained.tcn if best == "convolution" else trained.lstm
    write_onnx(chosen, out / MODEL, INPUTS, "controls", _notes("stage 2: pose fine-tuner", best))
    write_manifest(out)
    speed = {}
    for name in (MODEL, SMALL_MODEL):

        def load(path: Path = out / name) -> PoseFineTuner:
            return PoseFineTuner(path, base_path=base)

        speed[name] = speed_of(load(), load)
    summary = Summary(
        time.perf_counter() - begun, minutes, best, tuple(built), tuple(rows), speed, platform.processor() or "x86-64"
    )
    write_card(summary, out)
    return summary


def _lessons(seed: int, turns: int, data: Path | None, recordings: Path | None, work: Path) -> dict[str, list[Lesson]]:
    read = data / "helsinki_prosody/dev.txt" if data else None
    voices = data / "facegood_mouth" if data else None

    def make(source: Callable[[np.random.Generator], list[Lesson]]) -> Callable[[], list[Lesson]]:
        return lambda: source(np.random.default_rng(seed))

    found = {
        "synthetic voices": cached(
            work / f"{fingerprint('synthetic', seed, turns, bool(read))}.npz",
            make(lambda rng: synthetic_lessons(turns, rng, read)),
        )
    }
    if voices is not None:
        found["recorded speech without text"] = cached(
            work / f"{fingerprint('textless', seed)}.npz", make(lambda rng: textless_lessons(voices, rng))
        )
    if recordings is not None:
        found["recordings of people"] = recorded_lessons(recordings)
    return found


def _export(trained: Trained, out: Path, work: Path) -> list[Built]:
    rng = np.random.default_rng(0)
    built = []
    for name, network, path, purpose in (
        ("convolution", trained.tcn, work / "tcn.onnx", "stage 2"),
        ("LSTM", trained.lstm, work / "lstm.onnx", "stage 2"),
        ("blind", trained.blind, work / "blind.onnx", "stage 2, for comparison"),
        ("small", trained.small, out / SMALL_MODEL, "stage 2, for weak machines: pose fine-tuner"),
    ):
        write_onnx(network, path, INPUTS, "controls", _notes(purpose, name))
        built.append(Built(name, path, size_of(network), parity(network, path, INPUTS, "controls", rng)))
    path = out / BASE_MODEL
    write_onnx(trained.base, path, INPUTS_OF_BASE, "base", _notes("stage 1: base pose", "convolution"))
    built.append(Built("stage 1", path, size_of(trained.base), parity(trained.base, path, INPUTS_OF_BASE, "base", rng)))
    return built


def _notes(purpose: str, architecture: str) -> dict[str, object]:
    notes: dict[str, object] = {
        "purpose": purpose,
        "architecture": architecture,
        "frame_seconds": STEP,
        "features": list(FEATURE_NAMES),
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


def _merit(rows: list[Row], name: str) -> float:
    """Mean share of the teacher's meaning that a network foretells."""
    return float(np.mean([row.values[name] for row in rows if row.name.startswith("what the teacher means")]))
