"""What the filters of the head do to frequencies, to a nod, to noise and to a jump, and what they cost.

``python -m linly_blender.measure.filters [PICTURE.png]`` prints the table of docs/filters.md and draws its picture.
"""

import math
import sys
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..easing import minimum_jerk
from ..files import check_can_write, replacing
from ..pose.constraints import LIVE_SMOOTHINGS, SMOOTHINGS, Constraints, Smoothing
from ..pose.filters import Floats
from ..pose.strokes import PITCH
from ..pose.styles import load_style

_RATE: Final = 60
_DEGREE: Final = math.pi / 180
_WAVE: Final = 1.0 * _DEGREE
"""Amplitude of the waves; One Euro's answer depends on it."""
_FREQUENCIES: Final = np.geomspace(0.25, 20, 60)
_COLOURS: Final = ("#222222", "#4477aa", "#ee6677", "#228833", "#aa3377", "#ccbb44")


def stage(smoothing: Smoothing) -> Constraints:
    """The last stage of the neutral style's head with a filter."""
    return Constraints.of_head(load_style("neutral").limits, smoothing)


def respond(smoothing: Smoothing, curve: Floats, whole: bool = True) -> Floats:
    """Pitch at 60 frames a second through the whole stage, or through the filter without limits [shape=(n,)]."""
    chosen = stage(smoothing)
    poses = np.zeros((len(curve), 6))
    poses[:, PITCH] = curve
    if whole:
        return chosen.run(poses, 1 / _RATE)[:, PITCH]
    return poses[:, PITCH] if chosen.filter is None else chosen.filter.run(poses, 1 / _RATE)[:, PITCH]


def response(smoothing: Smoothing, frequency: float) -> complex:
    """What is left of a wave, and its turn, once it has gone on for a while; of the filter alone."""
    settle = 3 * _RATE
    periods = math.ceil(6 * frequency)
    times = np.arange(2 * settle + round(periods * _RATE / frequency)) / _RATE
    out = respond(smoothing, _WAVE * np.sin(2 * math.pi * frequency * times), whole=False)
    used = slice(settle, len(times) - settle)
    basis = np.stack([np.sin(2 * math.pi * frequency * times[used]), np.cos(2 * math.pi * frequency * times[used])])
    (in_phase, ahead), *_ = np.linalg.lstsq(basis.T, out[used] / _WAVE, rcond=None)
    return complex(in_phase, ahead)


def lag(smoothing: Smoothing, frequency: float) -> float:
    """Seconds by which a wave comes late."""
    return -float(np.angle(response(smoothing, frequency))) / (2 * math.pi * frequency)


def cutoff(smoothing: Smoothing) -> float:
    """Hertz where the power has last been halved; infinite when it never is."""
    gains = np.array([abs(response(smoothing, frequency)) for frequency in _FREQUENCIES])
    above = np.flatnonzero(gains >= math.sqrt(0.5))
    return math.inf if above[-1] == len(gains) - 1 else float(_FREQUENCIES[above[-1]])


def nod() -> Floats:
    """A second of rest, 5 degrees down and up in half a second, a second of rest; a nod of the believability table."""
    times = np.arange(round(2.5 * _RATE) + 1) / _RATE
    down, up = minimum_jerk((times - 1.0) / 0.25), minimum_jerk((times - 1.25) / 0.25)
    return np.asarray(-5 * _DEGREE * (down - up))


def jump() -> Floats:
    """10 degrees at once, after a second."""
    return np.where(np.arange(3 * _RATE) >= _RATE, 10 * _DEGREE, 0.0)


def noise() -> Floats:
    """Half a degree of white noise, 20 seconds."""
    return np.asarray(0.5 * _DEGREE * np.random.default_rng(0).normal(size=20 * _RATE))


def row(smoothing: Smoothing) -> list[str]:
    """The figures of one filter as the cells of a table."""
    nodded, jumped, calmed = (respond(smoothing, curve) for curve in (nod(), jump(), noise()))
    height = 10 * _DEGREE
    peak = (np.argmin(_fine(nodded)) - np.argmin(_fine(nod()))) / (_FINER * _RATE)
    there = np.flatnonzero(jumped >= 0.9 * height)[0] / _RATE - 1
    edge = cutoff(smoothing)
    return [
        f"`{smoothing}`",
        "-" if math.isinf(edge) else f"{edge:.1f}",
        str(round(1000 * lag(smoothing, 0.5))),
        str(round(1000 * lag(smoothing, 2.0))),
        f"{100 * nodded.min() / nod().min():.0f}",
        f"{1000 * peak:.0f}",
        f"{100 * calmed.std() / noise().std():.0f}",
        f"{max(0.0, 100 * (jumped.max() / height - 1)):.0f}",
        f"{1000 * there:.0f}",
        f"{1e6 * _step_cost(smoothing):.0f}" if smoothing in LIVE_SMOOTHINGS else "-",
        f"{60 / _batch_cost(smoothing):,.0f}",
    ]


HEADER: Final = (
    "smoothing", "-3 dB at, Hz", "lag at 0.5 Hz, ms", "lag at 2 Hz, ms", "left of a nod, %", "its peak late, ms",
    "left of noise, %", "overshoot of a jump, %", "90 % of a jump after, ms", "a step, µs", "a take, x real time",
)  # fmt: skip

_FINER: Final = 20


def _fine(curve: Floats) -> Floats:
    """Samples in between, so that a peak is found to the millisecond."""
    count = len(curve)
    spectrum = np.fft.rfft(curve)
    return np.asarray(np.fft.irfft(spectrum, _FINER * count))


def _step_cost(smoothing: Smoothing) -> float:
    """Seconds of a step of the whole stage, six axes that move."""
    chosen = stage(smoothing)
    state, _ = chosen.step(None, np.zeros(6), 0.0)
    pose = np.full(6, 0.01)
    return _best(lambda: chosen.step(state, pose, 1 / _RATE), 50) / 50


def _batch_cost(smoothing: Smoothing) -> float:
    """Seconds for baking a minute of a head that moves as a take does, on the engine's grid."""
    chosen = stage(smoothing)
    times = np.arange(6000) / 100
    take = 0.3 * chosen.limiter.position * np.sin(times[:, None] * np.arange(1, 7))
    return _best(lambda: chosen.bake(take, 0.01), 1)


def _best(work: Callable[[], object], number: int) -> float:
    return min(timeit.repeat(work, number=number, repeat=15))


def draw(path: Path) -> None:
    """Draw gain, lag, a nod and a jump of every filter."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    check_can_write(path, ".png")
    figure = Figure(figsize=(11, 7), layout="constrained")
    FigureCanvasAgg(figure)
    gains, lags, nods, jumps = figure.subplots(2, 2).flat
    for smoothing, colour in zip(SMOOTHINGS, _COLOURS, strict=True):
        look = {"color": colour, "label": smoothing, "linewidth": 1.5}
        responses: NDArray[np.complex128] = np.array([response(smoothing, frequency) for frequency in _FREQUENCIES])
        gains.semilogx(_FREQUENCIES, 20 * np.log10(np.maximum(np.abs(responses), 1e-4)), **look)
        late = -np.unwrap(np.angle(responses)) / (2 * math.pi * _FREQUENCIES)
        lags.semilogx(_FREQUENCIES, 1000 * late, **look)
        for axes, curve in ((nods, nod()), (jumps, jump())):
            axes.plot(np.arange(len(curve)) / _RATE, respond(smoothing, curve) / _DEGREE, **look)
    nods.plot(np.arange(len(nod())) / _RATE, nod() / _DEGREE, ":", color="#8a8a8a", label="asked for")
    jumps.plot(np.arange(len(jump())) / _RATE, jump() / _DEGREE, ":", color="#8a8a8a", label="asked for")
    gains.set(title="gain of the filter", xlabel="Hz", ylabel="dB", ylim=(-30, 5))
    lags.set(title="lag of the filter", xlabel="Hz", ylabel="ms")
    nods.set(title="a nod through limits and filter", xlabel="s", ylabel="degrees", xlim=(0.9, 2.0))
    jumps.set(title="a jump through limits and filter", xlabel="s", ylabel="degrees", xlim=(0.8, 1.8))
    for axes in (gains, lags, nods, jumps):
        axes.grid(color="#e9ebee")
        axes.spines[["top", "right"]].set_visible(False)
    gains.legend(frameon=False, fontsize=9)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=100)


def _main(arguments: list[str]) -> None:
    rows = [list(HEADER), ["---"] * len(HEADER), *(row(smoothing) for smoothing in SMOOTHINGS)]
    sys.stdout.writelines("| " + " | ".join(cells) + " |\n" for cells in rows)
    if arguments:
        draw(Path(arguments[0]))


if __name__ == "__main__":
    _main(sys.argv[1:])
