"""``make bench``: every figure this project claims, measured and printed beside its band."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np

from . import __version__, avatar
from .files import replacing
from .measure import believability, speed
from .measure.figures import Figure, table
from .measure.lips import LipGauge, closure_report, ict_gauge
from .measure.sentences import ENGLISH, MANDARIN
from .perform import perform
from .performance import Performance
from .score import Emotion

SEEDS: Final = (0, 1, 2)
LANGUAGES: Final = {
    "English": "\n".join(" ".join(paragraph) for paragraph in ENGLISH),
    "Mandarin": "\n".join("".join(paragraph) for paragraph in MANDARIN),
}
FAST_EMOTIONS: Final[tuple[Emotion, ...]] = ("happy", "angry")
_ICT: Final = Path(__file__).resolve().parents[2] / "shared/rigs/ict_facekit/ict_facekit.npz"


def run(json_path: Path | None, echo: Callable[[str], None]) -> None:
    """Measure everything, print it group by group, and write it as JSON when asked."""
    figures: list[Figure] = []
    for group in (speed.figures, bake_figures, lip_figures, movement_figures):
        try:
            found = list(group())
        except SkippedError as skipped:
            echo(f"\nSKIPPED: {skipped}")
            continue
        figures += found
        for line in table(found):
            echo(line)
    outside = [figure for figure in figures if not figure.inside]
    echo(f"\n{len(figures) - len(outside)} of {len(figures)} figures lie in their band.")
    for figure in outside:
        echo(f"  outside: {figure.group}: {figure.name}: {figure.value:.4g} {figure.unit} ({figure.band})")
    if json_path is not None:
        rows = [asdict(figure) | {"inside": figure.inside} for figure in figures]
        with replacing(json_path) as temporary:
            document = {"linly_blender": __version__, "figures": json.loads(_finite(rows))}
            temporary.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")


class SkippedError(Exception):
    """Something this machine has not; the message names it."""


def bake_figures() -> Iterator[Figure]:
    """From a take to keys on the demo avatar."""
    try:
        from .scene.timing import time_bake
    except ModuleNotFoundError as error:
        raise SkippedError(f"the bake, because Blender is not here as a Python module ({error})") from error
    group = "Bake: a minute of speech onto the demo avatar, 60 frames a second, default bounds"
    performance = perform(speed.script_of(1))
    timing = time_bake(performance, 60)
    report = timing.report
    yield Figure(group, "take to reduced keys", performance.speech.duration / timing.seconds, "x real time", low=60)
    yield Figure(group, "keys kept of one on every frame", 100 * report.keys / report.dense_keys, "%", high=25)
    yield Figure(group, "largest error of a shape", report.shape_error, "", high=0.002)
    yield Figure(group, "largest error of any channel over its bound", report.channel_error, "", high=1)


def lip_figures() -> Iterator[Figure]:
    """Lips by geometry, on every head there is."""
    takes = {name: perform(text) for name, text in LANGUAGES.items()}
    heads = {"demo avatar": _avatar_gauge()}
    if _ICT.exists():
        heads["ICT head"] = ict_gauge(_ICT)
    for head, gauge in heads.items():
        for language, take in takes.items():
            report = closure_report(take.speech, take.frames.times, take.frames.shapes, gauge)
            group = f"Lips by geometry: {head}, {language} ({report.closures} p b m, {report.vowels} stressed vowels)"
            late = 1000 * np.abs(report.onsets)
            yield Figure(group, "p b m without closed lips", len(report.missed), "", high=0)
            yield Figure(group, "closures off their time, largest", float(late.max(initial=0)), "ms", high=15)
            yield Figure(group, "closures off their time, median", float(np.median(late)), "ms", high=15)
            yield Figure(group, "stressed vowels closed", len(report.shut_vowels), "", high=0)
            yield Figure(group, "other sounds closed", 100 * len(report.shut_others) / report.others, "%", high=1)
            yield Figure(group, "rounded sounds with rounded lips", _percent(report.rounded), "%", low=95)
            yield Figure(group, "f v with the lip to the teeth", _percent(report.tucked), "%", low=95)


def movement_figures() -> Iterator[Figure]:
    """Head, eyes and lids beside the published bands."""
    for language, text in LANGUAGES.items():
        neutral = _takes(text, "neutral")
        group = f"Movement: {language}, neutral style, {sum(t.speech.duration for t in neutral) / 60:.0f} minutes"
        rows = believability.measure(neutral)
        emotional = {emotion: _takes(text, emotion)[:1] for emotion in FAST_EMOTIONS}
        rows += believability.measure_emotion(neutral[:1], emotional)
        for row in rows:
            yield Figure(group, row.name, row.value, row.unit, row.low, row.high)


def _takes(text: str, emotion: Emotion) -> list[Performance]:
    return [perform(text, emotion=emotion, seed=seed) for seed in SEEDS]


def _avatar_gauge() -> LipGauge:
    mesh = avatar.build()
    deltas = {name: delta.astype(np.float64) for name, delta in mesh.shapes.items()}
    marks = {name: indices.astype(np.int64) for name, indices in mesh.landmarks.items()}
    corners = (int(marks["mouth_corner_left"][0]), int(marks["mouth_corner_right"][0]))
    upper, lower = marks["inner_lip_upper"], marks["inner_lip_lower"]
    return LipGauge.from_mesh(mesh.vertices.astype(np.float64), deltas, upper, lower, corners)


def _percent(count: tuple[int, int]) -> float:
    return 100 * count[0] / max(count[1], 1)


def _finite(rows: list[dict[str, object]]) -> str:
    """JSON has no infinity: an open end of a band becomes null."""
    return json.dumps(rows).replace("-Infinity", "null").replace("Infinity", "null").replace("NaN", "null")
