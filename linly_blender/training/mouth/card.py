"""The model card: what the learned mouth is, what it learnt from, and what it makes of what it never heard."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...arkit import INDEX
from ...face.learned_mouth import FRAMES_AHEAD, LOOK_AHEAD, MODEL
from ...face.mouth_features import FEATURES
from ...files import replacing
from ...measure.dialogue import HELD_OUT_VOICES
from ...measure.facegood import Recording
from ...measure.lips import avatar_gauge
from ...measure.mouth import Closures, Likeness
from ...speech.prosody import STEP
from .baseline import KERNEL, LAYERS
from .export import Parity
from .lessons import LINES, SPEEDS

_SHOWN: Final = (8.0, 20.0)
"""Seconds of the recordings that the picture shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A recording, and what networks that never heard it make of it."""

    recording: Recording
    shapes: NDArray[np.float32]
    """A row every ``STEP`` seconds [shape=(n, 52)]."""
    likeness: Likeness
    plain: Likeness
    """Of the plain convolution."""
    loudness: float
    """Correlation of loudness alone with the jaw."""


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What the card tells of a run."""

    minutes: float
    """Of one core."""
    weights: int
    size: int
    """Bytes of the file."""
    parity: Parity
    synthetic: float
    """Minutes of synthetic speech learnt from."""
    held: tuple[Held, ...]
    closures: dict[str, Closures]
    """By language, on voices never learnt from."""


def write_card(account: Account, out: Path) -> None:
    """Write ``mouth.md`` and its picture."""
    picture = out / "mouth.png"
    _draw(account, picture)
    with replacing(out / "mouth.md") as path:
        path.write_text("\n".join(_text(account, picture.name)) + "\n", encoding="utf-8")


def _text(account: Account, picture: str) -> Iterator[str]:
    languages = {line.split("\t")[0] for line in LINES.read_text(encoding="utf-8").splitlines()}
    unheard = ", ".join(HELD_OUT_VOICES)
    recorded = sum(held.recording.times[-1] for held in account.held) / 60
    yield f"""# {MODEL}

Tells the mouth from a voice, in any language and without text: {1 / STEP:.0f} times a second jaw, lips and tongue in
the articulatory space of `linly_blender/face/targets.py`, and how sure the lips are closed or the lower lip is on the
teeth. `linly_blender/face/learned_mouth.py` runs it; it looks {1000 * LOOK_AHEAD:g} ms ahead.

Made by `python -m linly_blender train mouth --data FOLDER --out models` in {account.minutes:.0f} minutes of one core.
Every figure below was measured by that command.

| | |
|---|---|
| input `features` | float32 [1, n, {FEATURES}]: envelope and loudness against the voice's own mean \
(`face/mouth_features.py`) |
| output `mouth` | float32 [1, n, 8]: jaw, lips parted, pursed, flared, spread, tongue, lips closed, lip on teeth; \
0..1; of the frame {FRAMES_AHEAD} before |
| `state`, `next_state` | what was heard before; zeros at first |
| form | six residual blocks of dilated causal convolutions over 1.3 seconds, {account.weights:,} weights |
| size | {account.size:,} bytes |
| torch against ONNX Runtime; streamed against whole | differ by {account.parity.torch_to_onnx:.1e}; \
{account.parity.streamed_to_whole:.1e} at most |

## Data
- Synthetic voices: espeak-ng (GPL-3.0), {account.synthetic:.0f} minutes in all its variants but {unheard}, in
  {len(languages)} languages, played at {SPEEDS[0]:g} to {SPEEDS[1]:g} of their speed. Their phones are known; the mouth
  is the one that our own face makes of them. Lines written for this project.
- facegood_mouth (FACEGOOD-Audio2Face, MIT): {len(account.held)} recordings of one speaker, {recorded:.1f} minutes, with
  curves of the mouth. The curves are turned into the articulation that does the same on the demo avatar's lips.

Both were disturbed: tone of the microphone, telephone, rooms, noise, level, clipping, speed. No pretrained weights.

## Recordings that were not learnt from
For each recording a network learnt from the others in the same way; the one in the file learnt from all of them.
*Plain* is a convolution of {LAYERS} layers (kernel {KERNEL}, looking 0.1 s to both sides) on the same features, trained
on the same recordings alone. Correlations over all frames; opening and width of the lips are measured on the demo
avatar (and the ICT head where it is at hand), as shapes of different heads cannot be compared.

| held out | jaw: loudness alone | jaw: plain | **jaw** | opening: plain | **opening** | width: plain | **width** |
|---|---|---|---|---|---|---|---|"""
    for held in account.held:
        yield _row(held.recording.name, held.loudness, held.plain, held.likeness)
    yield _row(
        "mean",
        float(np.mean([held.loudness for held in account.held])),
        Likeness.mean(held.plain for held in account.held),
        Likeness.mean(held.likeness for held in account.held),
    )
    yield f"""
![Curves of recordings that were not learnt from]({picture})

## Closures
Of voices never learnt from ({unheard}), on the sentences of `linly_blender/measure/sentences.py`:

| | p b m | found | closed for no p b m | of all times closed | start, median |
|---|---|---|---|---|---|"""
    for language, counted in account.closures.items():
        yield (
            f"| {language} | {counted.asked} | {100 * counted.found / counted.asked:.0f} % | {counted.false} | "
            f"{counted.shown} | {1000 * float(np.median(counted.offsets)):+.0f} ms |"
        )
    yield """
## Limits
- One real speaker, and labels that disagree with themselves: the same syllable was given many openings. A voice
  unlike this one moves the mouth as the synthetic ones do.
- Where the phones are known they are better, above all for closures: `linly_blender/face/heard.py` takes from the
  learned mouth only how far it opens there.
- The tongue and the lip on the teeth are learnt from synthetic voices alone.
- Music and noise are not told from a voice.
- Licence: GPL-3.0-or-later, as the project."""


def _row(name: str, loudness: float, plain: Likeness, own: Likeness) -> str:
    pairs = ((plain.jaw, own.jaw), (plain.opening, own.opening), (plain.width, own.width))
    return f"| {name} | {loudness:.2f} | " + " | ".join(f"{a:.2f} | **{b:.2f}**" for a, b in pairs) + " |"


def _draw(account: Account, picture: Path) -> None:
    from matplotlib.figure import Figure

    first, last = _SHOWN
    gauge, jaw = avatar_gauge(), INDEX["jawOpen"]
    shown = (account.held[0], account.held[-1])
    figure = Figure(figsize=(12, 8), layout="constrained")
    axes = figure.subplots(3 * len(shown), 1, sharex=True)
    for held, (top, middle, bottom) in zip(shown, np.reshape(axes, (-1, 3)), strict=True):
        times = held.recording.times
        own = np.arange(len(held.shapes)) * STEP
        for axis, name, of in (
            (top, "jaw", lambda shapes: shapes[:, jaw]),
            (middle, "lips' opening, mm", gauge.gap),
            (bottom, "narrowing", gauge.rounding),
        ):
            axis.plot(times, of(held.recording.shapes), color="0.6", linewidth=3, label="seen")
            axis.plot(own, of(held.shapes), color="C3", linewidth=1.2, label="heard, never learnt from")
            axis.set_ylabel(name)
            axis.set_xlim(first, last)
        top.set_title(f"{held.recording.name}: jaw r = {held.likeness.jaw:.2f}")
    axes[0].legend(loc="upper right", fontsize=8)
    axes[-1].set_xlabel("seconds")
    with replacing(picture) as path:
        figure.savefig(path, dpi=90, format="png")
