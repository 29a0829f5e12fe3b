"""One picture of a whole take: how we look at a performance without playing it."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..errors import UserError
from ..files import check_can_write, replacing
from ..performance import Floats, Performance
from ..score import Gesture, Phone, Sentence, Speech, Word
from .lettering import Lettering

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FORMATS: Final = (".png", ".pdf", ".svg")
_DPI: Final = 110
_INCHES_PER_SECOND: Final = 1.6
_NARROWEST, _WIDEST = 8.0, 72.0
"""Inches of the time axis."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 1.25, 1.35, 0.4, 0.45
"""Margins, inches."""

# Paul Tol's "bright" colours: distinct also for colour-blind readers.
_BLUE, _RED, _GREEN, _YELLOW, _CYAN, _PURPLE = "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377"
_INK, _GREY, _PALE = "#222222", "#8a8a8a", "#e9ebee"
_EMOTION: Final = {
    "neutral": "#9aa0a6",
    "happy": _YELLOW,
    "sad": _BLUE,
    "angry": _RED,
    "excited": "#e8873a",
    "concerned": _PURPLE,
    "surprised": _CYAN,
    "fearful": _GREEN,
}
_STRESS: Final = ("#d5dae1", "#7f9fc6", "#b3c6de")
"""Fill of phones without stress, with primary and with secondary stress."""
_BILABIAL: Final = frozenset("pbmɓ")

_MOUTH: Final = (
    ("jaw open", ("jawOpen",), _BLUE),
    ("close", ("mouthClose",), _RED),
    ("press", ("mouthPressLeft", "mouthPressRight"), _GREY),
    ("funnel", ("mouthFunnel",), _GREEN),
    ("pucker", ("mouthPucker",), _PURPLE),
    ("smile", ("mouthSmileLeft", "mouthSmileRight"), _YELLOW),
)
_BROWS: Final = (
    ("blink", ("eyeBlinkLeft", "eyeBlinkRight"), _GREY),
    ("wide", ("eyeWideLeft", "eyeWideRight"), _CYAN),
    ("inner up", ("browInnerUp",), _BLUE),
    ("outer up", ("browOuterUpLeft", "browOuterUpRight"), _GREEN),
    ("brow down", ("browDownLeft", "browDownRight"), _RED),
)
"""Label, the shapes whose mean is drawn, colour."""

_STYLE: Final[dict[Any, Any]] = {
    "font.size": 8,
    "text.color": _INK,
    "text.parse_math": False,  # a dollar in a sentence is a dollar
    "axes.edgecolor": "#c4c8cd",
    "axes.linewidth": 0.6,
    "axes.axisbelow": True,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "lines.linewidth": 1.1,
    "agg.path.chunksize": 20000,  # an hour's curve is too long to be drawn in one piece
}


def check_can_plot(path: Path) -> None:
    """Raise UserError unless a take can be drawn to ``path``: matplotlib is there, and the suffix is one it knows."""
    check_can_write(path)
    if path.suffix.lower() not in _FORMATS:
        raise UserError(f"Cannot draw {path}: the name of a picture has to end in {', '.join(_FORMATS)}.")
    try:
        import matplotlib.figure  # noqa: F401
    except ModuleNotFoundError as error:
        raise UserError(
            f"Drawing a take needs the Python package {error.name}. Run: pip install matplotlib, "
            "or install this program with its 'cli' extra."
        ) from error


def plot(performance: Performance, path: Path) -> None:
    """Draw the take: sentences, sound, words, phones, mouth, brows and lids, gaze, head and gestures on one time axis.

    The suffix of ``path`` chooses the format; the file appears whole or not at all. Raises UserError as
    ``check_can_plot`` does.
    """
    check_can_plot(path)
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lettering = Lettering()
    style = _STYLE | {"font.family": lettering.families}
    with matplotlib.rc_context(style), replacing(path) as temporary:
        figure = _draw(performance, Figure(dpi=_DPI), lettering)
        FigureCanvasAgg(figure)
        figure.savefig(temporary, dpi=_DPI, facecolor="white")


def _draw(performance: Performance, figure: "Figure", lettering: Lettering) -> "Figure":
    frames, speech = performance.frames, performance.speech
    seconds = max(speech.duration, len(frames) / frames.fps)
    across = min(max(seconds * _INCHES_PER_SECOND, _NARROWEST), _WIDEST)
    kinds = sorted({gesture.kind for gesture in performance.gestures})
    heights = [0.42, 0.62, 0.26, 0.26, 1.45, 1.05, 0.8, 1.05, 0.8, 0.2 * max(len(kinds), 1) + 0.1]
    high = sum(heights) + 0.11 * (len(heights) - 1)
    figure.set_size_inches(_LEFT + across + _RIGHT, _TOP + high + _BOTTOM)
    grid = figure.add_gridspec(
        len(heights),
        height_ratios=heights,
        left=_LEFT / (_LEFT + across + _RIGHT),
        right=1 - _RIGHT / (_LEFT + across + _RIGHT),
        top=1 - _TOP / (_TOP + high + _BOTTOM),
        bottom=_BOTTOM / (_TOP + high + _BOTTOM),
        hspace=0.11 * len(heights) / sum(heights),
    )
    panels: list[Axes] = []
    for row in range(len(heights)):
        panels.append(figure.add_subplot(grid[row], sharex=panels[0] if panels else None))
    points = across * 72 / seconds  # of the picture, a second

    _sentences(panels[0], speech, lettering, points)
    _waveform(panels[1], speech, int(across * _DPI))
    _words(panels[2], speech, lettering, points)
    _phones(panels[3], speech, lettering, points)
    _shapes(panels[4], performance, _MOUTH, "mouth")
    lips = _spans([phone for phone in speech.phones if phone.phone[:1] in _BILABIAL])
    panels[4].broken_barh(lips, (0, 1.05), color=_RED, alpha=0.13, linewidth=0)
    _shapes(panels[5], performance, _BROWS, "brows, lids")
    times = frames.times
    gaze, head = np.degrees(frames.gaze), frames.head
    _signed(panels[6], times, gaze, ("pitch, up", "yaw, left"), (_BLUE, _RED), "gaze °", 12)
    rotation = np.degrees(head[:, 3:])
    _signed(panels[7], times, rotation, ("pitch, up", "yaw, left", "roll, left"), (_BLUE, _RED, _GREEN), "head °", 6)
    _signed(panels[8], times, head[:, :3] * 1000, ("x, left", "y, back", "z, up"), (_RED, _GREEN, _BLUE), "head mm", 6)
    _breath(panels[8], performance)
    _gestures(panels[9], performance, kinds, points, lettering)

    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(axis="x", length=0, labelbottom=panel is panels[-1])
        panel.tick_params(axis="y", length=2, labelsize=7)
        panel.grid(axis="x", color=_PALE, linewidth=0.6)
    colors = [_EMOTION[sentence.emotion] for sentence in speech.sentences]
    for panel in panels[4:9]:
        everywhere = panel.get_xaxis_transform()
        panel.broken_barh(
            _spans(speech.sentences), (0, 1), facecolors=colors, alpha=0.055, linewidth=0, transform=everywhere
        )
    panels[0].set_xlim(0, seconds)
    step = next((step for step in (0.5, 1, 2, 5, 10, 30, 60, 120, 300) if step * points > 30), 600)
    panels[-1].set_xticks(np.arange(0, seconds + 1e-9, step))
    panels[-1].set_xlabel("seconds", loc="right")
    _title(panels[0], performance, lettering)
    return figure


def _title(axes: "Axes", performance: Performance, lettering: Lettering) -> None:
    frames, speech = performance.frames, performance.speech
    facts = [
        f"{speech.duration:.2f} s",
        f"language {performance.language}",
        f"style {performance.style}",
        f"seed {performance.seed}",
        f"{len(frames)} frames at {frames.fps:g} fps",
    ]
    if lettering.missing:
        facts.append("install a Chinese font (Noto Sans CJK) to see the words that are missing here")
    axes.set_title("  ·  ".join(facts), loc="left", fontsize=9, color=_GREY, pad=9)


def _lane(axes: "Axes", label: str) -> None:
    """A panel of boxes: no scale of its own."""
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    _label(axes, label)


def _label(axes: "Axes", label: str) -> None:
    inches = axes.get_window_extent().width / _DPI
    axes.text(-(_LEFT - 0.12) / inches, 0.5, label, transform=axes.transAxes, va="center", fontsize=9)


def _spans(events: Sequence[Sentence | Word | Phone | Gesture]) -> list[tuple[float, float]]:
    """Start and length of each."""
    return [(event.start, event.end - event.start) for event in events]


def _sentences(axes: "Axes", speech: Speech, lettering: Lettering, points: float) -> None:
    """Boxes in the colour of the emotion."""
    _lane(axes, "sentences")
    colors = [_EMOTION[sentence.emotion] for sentence in speech.sentences]
    axes.broken_barh(_spans(speech.sentences), (0.02, 0.96), facecolors=colors, alpha=0.25, linewidth=0)
    edges = [(sentence.start, min(3 / points, 0.1 * (sentence.end - sentence.start))) for sentence in speech.sentences]
    axes.broken_barh(edges, (0.02, 0.96), facecolors=colors, linewidth=0)
    for sentence in speech.sentences:
        emotion = sentence.emotion if sentence.emotion == "neutral" else f"{sentence.emotion} {sentence.intensity:.1f}"
        left, room = sentence.start + 7 / points, (sentence.end - sentence.start) * points - 9
        for height, text, size, ink in (
            (0.72, sentence.text, 8.5, _INK),
            (0.26, f"{sentence.type} · {emotion} · {sentence.language}", 7, "#555555"),
        ):
            lettering.write(axes, left, height, lettering.shorten(text, size, room), size, color=ink)


def _waveform(axes: "Axes", speech: Speech, columns: int) -> None:
    _lane(axes, "sound")
    axes.set_ylim(-1, 1)
    sound = speech.sound
    if not len(sound):
        return
    edges = np.unique(np.linspace(0, len(sound), min(columns, len(sound)), endpoint=False).astype(np.int64))
    loudest = max(int(np.abs(sound.astype(np.int32)).max()), 1)
    low, high = np.minimum.reduceat(sound, edges) / loudest, np.maximum.reduceat(sound, edges) / loudest
    axes.fill_between(edges / speech.rate, low, high, color="#5b6b7f", linewidth=0.3)


def _words(axes: "Axes", speech: Speech, lettering: Lettering, points: float) -> None:
    """Boxes, the darker the more emphasis."""
    _lane(axes, "words")
    axes.broken_barh(
        _spans(speech.words),
        (0.04, 0.92),
        facecolors=[_mix("#eef0f3", _YELLOW, word.emphasis) for word in speech.words],
        edgecolor="white",
        linewidth=min(0.8, points / 100),
    )
    for word in speech.words:
        room = (word.end - word.start) * points
        size = next((size for size in (8.0, 6.5) if lettering.width(word.text, size) <= room), None)
        if size is not None:
            weight = "bold" if word.emphasis >= 0.5 else "normal"
            lettering.write(axes, (word.start + word.end) / 2, 0.47, word.text, size, ha="center", weight=weight)


def _phones(axes: "Axes", speech: Speech, lettering: Lettering, points: float) -> None:
    """Boxes, blue when stressed; the lips have to meet in the red ones."""
    _lane(axes, "phones")
    axes.broken_barh(
        _spans(speech.phones),
        (0.04, 0.92),
        facecolors=["#f6bfc5" if phone.phone[:1] in _BILABIAL else _STRESS[phone.stress] for phone in speech.phones],
        edgecolor="white",
        linewidth=min(0.5, points / 150),
    )
    for phone in speech.phones:
        if lettering.width(phone.phone, 7) <= (phone.end - phone.start) * points + 2:
            lettering.write(axes, (phone.start + phone.end) / 2, 0.47, phone.phone, 7, ha="center")


def _shapes(
    axes: "Axes", performance: Performance, curves: Sequence[tuple[str, tuple[str, ...], str]], label: str
) -> None:
    for name, shapes, color in curves:
        values = performance.frames.shapes[:, [INDEX[shape] for shape in shapes]].mean(axis=1)
        axes.plot(*_thin(performance.frames.times, values), color=color, label=name)
    axes.set_ylim(0, 1.05)
    axes.set_yticks([0, 0.5, 1], ["0", "", "1"])
    _label(axes, label)
    _legend(axes)


def _signed(
    axes: "Axes",
    times: NDArray[np.float64],
    values: Floats,
    names: Sequence[str],
    colors: Sequence[str],
    label: str,
    least: float,
) -> None:
    """Curves around zero; the axis shows at least ``least`` both ways, so that small movement looks small."""
    for column, (name, color) in enumerate(zip(names, colors, strict=True)):
        axes.plot(*_thin(times, values[:, column]), color=color, label=name)
    axes.axhline(0, color="#c4c8cd", linewidth=0.6, zorder=0)
    limit = max(least, 1.08 * float(np.abs(values).max()))
    axes.set_ylim(-limit, limit)
    tick = _round_down(0.9 * limit)
    axes.set_yticks([-tick, 0, tick])
    _label(axes, label)
    _legend(axes)


def _breath(axes: "Axes", performance: Performance) -> None:
    """A fill behind the head's place, its height the air in the lungs."""
    low, high = axes.get_ylim()
    axes.fill_between(
        performance.frames.times,
        low,
        low + (high - low) * performance.frames.breath,
        color=_CYAN,
        alpha=0.18,
        linewidth=0,
        label="breath, 0-1",
    )
    _legend(axes)


def _gestures(
    axes: "Axes", performance: Performance, kinds: Sequence[str], points: float, lettering: Lettering
) -> None:
    """A row a kind: a bar from start to end, a mark at the peak, and why it was made where there is room."""
    for row, kind in enumerate(kinds):
        gestures = sorted((g for g in performance.gestures if g.kind == kind), key=lambda gesture: gesture.start)
        axes.broken_barh(
            _spans(gestures),
            (row - 0.28, 0.56),
            facecolor=_PURPLE,
            alpha=0.3,
            linewidth=0,
        )
        axes.plot([gesture.peak for gesture in gestures], [row] * len(gestures), "|", color=_PURPLE, markersize=7)
        starts = [gesture.start for gesture in gestures[1:]] + [math.inf]
        for gesture, following in zip(gestures, starts, strict=True):
            if gesture.end + (lettering.width(gesture.source, 6.5) + 4) / points < following:
                lettering.write(axes, gesture.end + 3 / points, row, gesture.source, 6.5, color="#666666")
    axes.set_ylim(max(len(kinds), 1) - 0.4, -0.6)
    axes.set_yticks(range(len(kinds)), [kind.replace("_", " ") for kind in kinds])
    if not kinds:
        axes.set_yticks([0], ["no gestures"])


def _legend(axes: "Axes") -> None:
    inches = axes.get_window_extent().width / _DPI
    axes.legend(
        loc="center left",
        bbox_to_anchor=(1 + 0.05 / inches, 0.5),
        frameon=False,
        fontsize=7.5,
        handlelength=1.1,
        handletextpad=0.5,
        labelspacing=0.25,
        borderaxespad=0,
    )


def _thin(times: NDArray[np.float64], values: Floats) -> tuple[NDArray[np.float64], Floats]:
    """A curve of many more frames than pixels as the lowest and highest of every few: no peak is lost."""
    each = 2 * len(values) // int(_WIDEST * _DPI)
    if each < 4:
        return times, values
    whole = len(values) // each * each
    groups = values[:whole].reshape(-1, each)
    pairs = np.column_stack((groups.min(axis=1), groups.max(axis=1))).ravel()
    places = times[:whole].reshape(-1, each)[:, [0, each // 2]].ravel()
    return np.concatenate((places, times[whole:])), np.concatenate((pairs, values[whole:]))


def _mix(one: str, other: str, share: float) -> tuple[float, ...]:
    from matplotlib.colors import to_rgb

    return tuple((1 - share) * a + share * b for a, b in zip(to_rgb(one), to_rgb(other), strict=True))


def _round_down(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above the value."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (1, 2, 5) if step * power <= value)
