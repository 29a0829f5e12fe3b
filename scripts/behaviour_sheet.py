"""Draw what each meaning does, for the docs: head, brows, lids and gaze with the words under them.

python scripts/behaviour_sheet.py [--out docs/images] [--only question contrast]

Every picture is made of takes of this program: one seed drawn strongly, others faintly behind it. What is shaded is the
gesture that the meaning asked for.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from linly_blender.arkit import INDEX
from linly_blender.exports.lettering import Lettering
from linly_blender.measure.behaviours import BEHAVIOURS, MANNERS, MOODS
from linly_blender.perform import perform
from linly_blender.performance import Performance

SEEDS = (10, 0, 1, 2, 3, 4)
"""The first is drawn strongly: one that shows every behaviour plainly. The others show how takes differ."""
DPI = 80
BLUE, RED, GREEN, PURPLE, CYAN, GREY, YELLOW = (
    "#4477aa", "#ee6677", "#228833", "#aa3377", "#66ccee", "#8a8a8a", "#ccbb44",
)  # fmt: skip
MOST_FORWARD_MM = 36.0
CALM_DEGREES = 15.0
"""What the head never turns by in a calm tone."""
LETTERS = 6.5
"""Points of the words under the curves."""
ROWS = 3
"""Of words, where they are too long for their time."""


@dataclass(frozen=True)
class Column:
    """One take of a picture, with others of the same line behind it."""

    title: str
    takes: Sequence[Performance]
    sources: tuple[str, ...]


def column(title: str, text: str, sources: tuple[str, ...] = (), **manner: object) -> Column:
    return Column(title, [perform(text, seed=seed, **manner) for seed in SEEDS], sources)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "docs/images")
    parser.add_argument("--only", nargs="*", help="names of the pictures to draw")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    names = options.only or [*BEHAVIOURS, "moods", "styles", "regions", "calm"]
    for name in names:
        title, columns = picture(name)
        path = options.out / f"behaviour_{name}.png"
        draw(title, columns, path, forward=name == "confirming", calm=name == "calm")
        print(f"{path}  {path.stat().st_size / 1000:.0f} kB")


def picture(name: str) -> tuple[str, list[Column]]:
    """A picture's title and columns."""
    if name in BEHAVIOURS:
        row = BEHAVIOURS[name]
        return f"{row.title}: {row.does}", [
            column(language, text, row.sources, emotion=None if name == "complaint" else "neutral")
            for language, text in (("English", row.lines["en"]), ("Mandarin", row.lines["zh"]))
        ]
    if name == "moods":
        moods = ("neutral", "happy", "sad", "angry")
        return "One line in four moods: livelier with smiles, lower and slower, sharper with lowered brows", [
            column(mood, MOODS["en"], (), emotion=mood) for mood in moods
        ]
    if name == "styles":
        return "One line, a lively and a serious take of it, and a blend of both", [
            column(style, MANNERS["en"], (), style=style, emotion="neutral")
            for style in ("lively", "lively+serious:0.5", "serious")
        ]
    if name == "calm":
        return "A calm tone: the head never turns by 15 degrees", [
            column(language, MANNERS[code], (), emotion="neutral")
            for language, code in (("English", "en"), ("Mandarin", "zh"))
        ]
    assert name == "regions", f"there is no picture {name}"
    signs = ("yes", "greeting")
    return "Hello, and yes: the same words in four regions", [
        column(region, "Hello. [pause 0.6] Yes, we are open today.", signs, region=region, emotion="neutral")
        for region in ("neutral", "bulgaria", "south_asia", "japan")
    ]


def draw(title: str, columns: Sequence[Column], path: Path, forward: bool, calm: bool) -> None:
    """Four panels a take over one axis of time; ``forward``: the push instead of the roll; ``calm``: its bound."""
    lettering = Lettering()
    with mpl.rc_context({"font.size": 8, "font.family": lettering.families, "axes.linewidth": 0.6}):
        width = max(4.6 if len(columns) < 3 else 3.6, 0.62 * columns[0].takes[0].speech.duration)
        figure = Figure(figsize=(0.9 + width * len(columns), 5.4), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.subplots(
            5, len(columns), squeeze=False, sharey="row", sharex="col", height_ratios=(1.5, 0.9, 0.9, 1.0, 0.45)
        )
        figure.suptitle(title, fontsize=10, x=0.012, ha="left")
        for index, shown in enumerate(columns):
            draw_column(axes[:, index], shown, lettering, forward)
            for bound in (-CALM_DEGREES, CALM_DEGREES) if calm else ():
                axes[0, index].axhline(bound, color=RED, linewidth=0.8, linestyle="--")
                axes[0, index].set_ylim(-17, 17)
        labels = ("head °", "y mm, back" if forward else "roll °", "brows, smile", "gaze °, lids")
        for panel, label in zip(axes[:, 0], labels, strict=False):
            panel.set_ylabel(label)
        for panel in axes[:4, -1]:
            panel.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), frameon=False, fontsize=7, handlelength=1.0)
        figure.subplots_adjust(left=0.5 / figure.get_figwidth(), right=1 - 0.85 / figure.get_figwidth(), top=0.89,
                               bottom=0.07, hspace=0.12, wspace=0.05)  # fmt: skip
        figure.savefig(path, dpi=DPI, facecolor="white")


def draw_column(panels: Sequence[Axes], shown: Column, lettering: Lettering, forward: bool) -> None:
    main_take = shown.takes[0]
    panels[0].set_title(shown.title, fontsize=8.5, loc="left", color="#555555")
    for rank, take in reversed(list(enumerate(shown.takes))):
        strong = rank == 0
        weight = {"linewidth": 1.3} if strong else {"linewidth": 0.5, "alpha": 0.35}
        times, head = take.frames.times, np.degrees(take.frames.head[:, 3:])
        shapes = take.frames.shapes
        sight = np.degrees(take.frames.gaze) + head[:, :2]

        def curve(panel: Axes, values: np.ndarray, color: str, label: str) -> None:
            panel.plot(times, values, color=color, label=label if strong else None, **weight)  # noqa: B023

        curve(panels[0], head[:, 0], BLUE, "pitch, up")
        curve(panels[0], head[:, 1], RED, "yaw, left")
        if forward:
            curve(panels[1], 1000 * take.frames.head[:, 1], GREEN, "back")
            panels[1].set_ylim(-MOST_FORWARD_MM, MOST_FORWARD_MM / 3)
        else:
            curve(panels[1], head[:, 2], GREEN, "roll, left")
        curve(panels[2], shapes[:, INDEX["browInnerUp"]], BLUE, "inner up")
        curve(panels[2], shapes[:, INDEX["browDownLeft"]], RED, "brow down")
        curve(panels[2], shapes[:, INDEX["mouthSmileLeft"]], YELLOW, "smile")
        curve(panels[3], sight[:, 0], BLUE, "sight up")
        curve(panels[3], sight[:, 1], RED, "sight left")
        if strong:
            panels[3].plot(times, 10 * shapes[:, INDEX["eyeBlinkLeft"]] - 22, color=GREY, label="lids shut")
    panels[0].set_ylim(-17, 12)
    panels[2].set_ylim(0, 1)
    panels[3].set_ylim(-24, 24)
    named = [g for g in main_take.gestures if g.source in shown.sources and g.kind != "brow_raise"]
    for rank, gesture in enumerate(named):
        for panel in panels[:4]:
            panel.axvspan(gesture.start, gesture.end, color=PURPLE, alpha=0.1, linewidth=0)
        panels[0].axvline(gesture.peak, color=PURPLE, linewidth=0.6)
        words, height = gesture.kind.replace("_", " "), 10.5 - 2.5 * (rank % 2)
        label = panels[0].text(max(gesture.start, 0.0), height, words, fontsize=7, color=PURPLE, va="center")
        label.set_bbox({"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.6})
    for panel in panels[:4]:
        panel.axhline(0, color="#c4c8cd", linewidth=0.6, zorder=0)
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(length=2, labelsize=7)
    draw_words(panels[4], main_take, lettering)
    panels[4].set_xlim(0, main_take.speech.duration)
    panels[4].tick_params(length=2, labelsize=7)


def draw_words(panel: Axes, take: Performance, lettering: Lettering) -> None:
    panel.set_ylim(0, 1)
    panel.set_yticks([])
    panel.spines[["top", "right", "left"]].set_visible(False)
    points = panel.get_window_extent().width / DPI * 72 / take.speech.duration
    taken = [0.0] * ROWS
    for word in take.speech.words:
        color = YELLOW if word.emphasis >= 0.5 else "#e3e6ea"
        panel.broken_barh([(word.start, word.end - word.start)], (0.0, 1.0), color=color, linewidth=0.4, ec="white")
        width = lettering.width(word.text, LETTERS) / points
        start = (word.start + word.end - width) / 2
        row = min((row for row in range(ROWS) if taken[row] <= start), default=int(np.argmin(taken)))
        taken[row] = start + width + 2 / points
        height = 1 - (row + 0.5) / ROWS
        lettering.write(panel, (word.start + word.end) / 2, height, word.text, LETTERS, ha="center")


if __name__ == "__main__":
    main()
