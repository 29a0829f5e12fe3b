"""``make bench``: every figure this project claims, measured and printed beside its band."""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np

from . import __version__
from .files import replacing
from .measure import (
    aligner,
    believability,
    conversation,
    film_sync,
    fine_tuner,
    mirror,
    mouth,
    preview,
    recorded,
    recorded_speed,
    rigs,
    speed,
)
from .measure.figures import AbsentError, Figure, Group, table
from .measure.lips import avatar_gauge, closure_offsets, closure_report, ict_gauge
from .measure.sentences import script
from .perform import perform
from .performance import Performance
from .pose.choice import OFF
from .score import Emotion

SEEDS: Final = (0, 1, 2)
FILM: Final = 24
LANGUAGES: Final = {"English": script("en"), "Mandarin": script("zh")}
MOVERS: Final = {"standard": "the fine-tuner", "small": "the small fine-tuner", OFF: "rules alone"}
FAST_EMOTIONS: Final[tuple[Emotion, ...]] = ("happy", "angry")
_ICT: Final = Path(__file__).resolve().parents[2] / "shared/rigs/ict_facekit/ict_facekit.npz"


def run(json_path: Path | None, echo: Callable[[str], None]) -> None:
    """Measure everything, print it group by group, and write it as JSON when asked."""
    groups: list[Group] = []
    for measured in (
        _speed,
        _fine_tuner,
        _bake,
        _lips,
        _movement,
        _aligner,
        _mouth,
        _recorded,
        _recorded_speed,
        _film,
        _conversation,
        _long_conversation,
        _mirror,
        _rigs,
        _window,
    ):
        try:
            for group in measured():
                groups.append(group)
                for line in table(group):
                    echo(line)
        except AbsentError as absent:
            echo(f"\nSKIPPED: {absent}")
    every = [(title, figure) for title, figures in groups for figure in figures]
    outside = [(title, figure) for title, figure in every if not figure.inside]
    echo(f"\n{len(every) - len(outside)} of {len(every)} figures lie in their band.")
    for title, figure in outside:
        echo(f"  outside: {title}: {figure.name}: {figure.value:.4g} {figure.unit} ({figure.band})")
    if json_path is not None:
        rows = [
            {name: _finite(value) for name, value in asdict(figure).items()} | {"group": title, "inside": figure.inside}
            for title, figure in every
        ]
        with replacing(json_path) as temporary:
            text = json.dumps({"linly_blender": __version__, "figures": rows}, indent=1, ensure_ascii=False)
            temporary.write_text(text, encoding="utf-8")


def _speed() -> Iterator[Group]:
    yield speed.figures()


def _fine_tuner() -> Iterator[Group]:
    yield from fine_tuner.figures()


def _bake() -> Iterator[Group]:
    try:
        from .scene.timing import time_bake
    except ModuleNotFoundError as error:
        raise AbsentError(f"the bake, because Blender is not here as a Python module ({error})") from error
    performance = perform(speed.script_of(1))
    timing = time_bake(performance, 60)
    report = timing.report
    yield (
        "Bake: a minute of speech onto the demo avatar, 60 frames a second, default bounds",
        [
            Figure("take to reduced keys", performance.speech.duration / timing.seconds, low=60, unit="x real time"),
            Figure("keys kept of one on every frame", 100 * report.keys / report.dense_keys, high=25, unit="%"),
            Figure("largest error of a shape", report.shape_error, high=0.002),
            Figure("largest error of any channel over its bound", report.channel_error, high=1),
        ],
    )
    film = time_bake(performance, FILM)
    offsets = 1000 * closure_offsets(performance.speech, film.times, film.shapes, avatar_gauge())
    yield (
        f"Sound against picture: the same minute as Blender plays it at {FILM} frames a second",
        [
            Figure("p b m to a frame with closed lips, largest", float(offsets.max()), high=500 / FILM, unit="ms"),
            Figure("p b m with such a frame within the sound", 100 * float((offsets == 0).mean()), unit="%"),
        ],
    )


def _lips() -> Iterator[Group]:
    """Lips by geometry, on every head there is."""
    takes = {name: perform(text) for name, text in LANGUAGES.items()}
    heads = {"demo avatar": avatar_gauge()}
    if _ICT.exists():
        heads["ICT head"] = ict_gauge(_ICT)
    for head, gauge in heads.items():
        for language, take in takes.items():
            report = closure_report(take.speech, take.frames.times, take.frames.shapes, gauge)
            late = 1000 * np.abs(report.onsets)
            yield (
                f"Lips by geometry: {head}, {language} ({report.closures} p b m, {report.vowels} stressed vowels)",
                [
                    Figure("p b m without closed lips", len(report.missed), high=0),
                    Figure("closures off their time, largest", float(late.max(initial=0)), high=15, unit="ms"),
                    Figure("closures off their time, median", float(np.median(late)), high=15, unit="ms"),
                    Figure("stressed vowels closed", len(report.shut_vowels), high=0),
                    Figure("other sounds closed", 100 * len(report.shut_others) / report.others, high=1, unit="%"),
                    Figure("rounded sounds with rounded lips", _percent(report.rounded), low=95, unit="%"),
                    Figure("f v with the lip to the teeth", _percent(report.tucked), low=95, unit="%"),
                ],
            )
    if not _ICT.exists():
        raise AbsentError("the ICT head, which is not beside the project")


def _movement() -> Iterator[Group]:
    """Head, eyes and lids beside the published bands."""
    for language, text in LANGUAGES.items():
        for choice, mover in MOVERS.items():
            neutral = _takes(text, choice)
            emotional = {emotion: [perform(text, emotion=emotion, fine_tuner=choice)] for emotion in FAST_EMOTIONS}
            minutes = sum(take.speech.duration for take in neutral) / 60
            yield (
                f"Movement: {language}, by {mover}, neutral style, {minutes:.0f} minutes, {len(SEEDS)} seeds",
                [*believability.measure(neutral), *believability.measure_emotion(neutral[:1], emotional)],
            )
            yield (
                f"Styles: {language}, by {mover}, lively and serious beside neutral, the same minutes",
                believability.measure_styles(
                    neutral, *(_takes(text, choice, style) for style in ("lively", "serious"))
                ),
            )


def _aligner() -> Iterator[Group]:
    yield from aligner.figures()


def _mouth() -> Iterator[Group]:
    yield from mouth.figures()


def _recorded() -> Iterator[Group]:
    """Closed lips of recorded dialogue, beside a peer's."""
    yield from recorded.figures(avatar_gauge())


def _recorded_speed() -> Iterator[Group]:
    yield from recorded_speed.figures()


def _film() -> Iterator[Group]:
    yield from _because("the film of recorded dialogue", lambda: film_sync.figures(avatar_gauge()))


def _conversation() -> Iterator[Group]:
    yield from _because("the conversation through real devices", conversation.figures)


def _long_conversation() -> Iterator[Group]:
    yield from _because("the conversation in simulated time", conversation.simulated_figures)


def _mirror() -> Iterator[Group]:
    yield from _because("the mirror through real devices", mirror.figures)


def _rigs() -> Iterator[Group]:
    yield from _because("what finds and writes a character", rigs.figures)


def _window() -> Iterator[Group]:
    yield from _because("the conversation in a window", lambda: [preview.in_window()])


def _because(what: str, measured: Callable[[], Iterable[Group]]) -> Iterator[Group]:
    """The same groups; what keeps them from being measured is told with ``what`` that is."""
    try:
        yield from measured()
    except AbsentError as error:
        raise AbsentError(f"{what}, because {error}") from error


def _takes(text: str, choice: str, style: str = "neutral") -> list[Performance]:
    return [perform(text, style=style, emotion="neutral", seed=seed, fine_tuner=choice) for seed in SEEDS]


def _percent(count: tuple[int, int]) -> float:
    return 100 * count[0] / max(count[1], 1)


def _finite(value: object) -> object:
    """JSON has no infinity and no NaN: an open end of a band, and a figure that could not be taken, are null."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
