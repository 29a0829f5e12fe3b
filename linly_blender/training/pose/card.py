"""The model card: what the networks are, what they learnt from, how they measure, and where the teacher is better."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ...files import replacing
from ...measure.figures import Figure as Measured
from ...measure.fine_tuner import ROUNDS
from ...pose.base import BASE_MODEL
from ...pose.context import LOOK
from ...pose.features import STEP
from ...pose.fine_tuner import MODEL, SMALL_MODEL, Inputs
from ...pose.refine import Refiner
from ...score import Speech
from .account import PEOPLE, TEXTLESS, Account
from .data import LINES, SPEEDS, VOICES, Lesson
from .evaluate import Blind, Row

_SHOWN: Final = (("pitch", 3, "degrees"), ("yaw", 4, "degrees"), ("inner brows", 6, "0..1"))
_SECONDS: Final = 12.0
"""Of the speech that the picture shows."""
_ROWS: Final = 3
"""Of its words, which would write over one another in one."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the model card tells."""

    account: Account
    rows: tuple[Row, ...]
    speed: dict[str, list[Measured]]
    """By model."""


def write_card(summary: Summary, performers: Mapping[str, Refiner], speech: Speech, lesson: Lesson, out: Path) -> None:
    """Write ``pose_fine_tuner.md`` and its picture, which shows a speech that nobody learnt from and its lesson."""
    picture = out / "pose_fine_tuner.png"
    best = performers[summary.account.best]
    shown = {"network": best, "no text shown": Blind(best), "stage 1": performers["stage 1"]}
    _draw(picture, shown, summary.rows, speech, lesson)
    with replacing(out / "pose_fine_tuner.md") as path:
        path.write_text("\n".join(_text(summary, picture.name)) + "\n", encoding="utf-8")


def _text(summary: Summary, picture: str) -> Iterator[str]:
    account = summary.account
    names = list(summary.rows[0].values)
    minutes = "; ".join(f"{name}: {value:.0f} minutes" for name, value in account.minutes.items())
    yield f"""# Pose fine-tuner

Files: `{BASE_MODEL}` (stage 1: base pose from sound), `{MODEL}` (stage 2: {account.best}, the better of two
architectures), `{SMALL_MODEL}` (stage 2, distilled from the convolution, for weak machines). Each
has a `.json` that names its inputs, outputs and units. Made by:

    python -m linly_blender train pose --data FOLDER --out models

Training took {account.seconds / 60:.0f} minutes on the clock ({account.processor}), without what it found in its cache.
`train pose-card` measures movement and speed again.

## What it does
Stage 1 hears (loudness, pitch, mel bands, tempo, all causal) and says where the head would be. Stage 2 also knows what
is meant: emotion, sentence type, emphasis with the times of stressed vowels, meanings of words, phrases and pauses,
place in the sentence, manner, and what the author asked for; it corrects the base pose and adds brows, lids, gaze and
smile. Moments are told {LOOK:g} s early where the text is known; where it is not, the context is blank and it has been
trained on that, too.

People do not nod on every emphasised word, and a network that learns the mean of people who nod and people who do not
nods a little on every word. So each stressed word brings dice, evenly spread numbers from the take's seed. In training
they are found backwards from what the teacher did: within a situation, the interval 0..1 is shared out among the
teacher's choices as often as it makes them. Dice say nothing alone; what a throw means is learnt.

Not the network's, but always the rules': idle drift, shifts of posture, small beats on syllables, looks away, blinks,
breath. Its gaze is that of thinking. In a take, what it leaves out of gestures that come without fail (direction,
marked words, confirming questions, yes and no ...), of a mood's posture and of the voice's melody, which it cannot hear
in advance, is added by rule (`linly_blender/pose/promises.py`); customs other than the neutral ones are hidden from it.

## Data
{minutes}."""
    yield from _data(account)
    yield f"""
The teacher is a stochastic gesture model, the planner of `linly_blender/pose`, whose figures are fitted to published
ones. The networks cannot be more like people than it is; what they show is that its behaviour can be learnt and run
frame by frame, and be taught further by recordings.

## Does meaning matter?
Measured on the sentences of `linly_blender/measure/sentences.py`, on which none was trained, in the neutral manner.
*Variance foretold* compares curve with curve under the teacher's dice; all other rows are whole performances with dice
of their own, with drift and blinks as in any take, but with nothing added that the network leaves out: what a take
shows is measured by `make bench`. *Blind* is the same convolution, trained and run without any text, for fewer steps,
as its loss stops falling early. Below 0, a guess of the teacher's mean would have been nearer. Moods are told to the
network here and not shown by the voice.

| | band | {" | ".join(names)} |
|---|---|{"---|" * len(names)}"""
    for row in summary.rows:
        unit = f" ({row.unit})" if row.unit else ""
        yield f"| {row.name}{unit} | {row.band} | " + " | ".join(f"{row.values[name]:.3g}" for name in names) + " |"
    yield f"""
The better architecture was chosen on turns that nobody learnt from, by the mean share that it foretells there:
{", ".join(f"{name} {value:.2f}" for name, value in account.merit.items())}.

![Curves of one speech, and nods]({picture})

## Where the teacher serves better
"""
    yield from _worse(summary.rows, account.best)
    yield """
There, rules alone (`--fine-tuner off`) are the better choice. The network performs by default because it can go on
frame by frame where the text is still to come (`PoseFineTuner.step`), and because recordings of people can teach it
what no rule says.

## Size, parity, speed
| network | weights | bytes | torch to ONNX | streamed to whole |
|---|---|---|---|---|"""
    for made in account.built:
        yield (
            f"| {made.name} | {made.weights} | {made.bytes} | {made.parity.torch_to_onnx:.1e} | "
            f"{made.parity.streamed_to_whole:.1e} |"
        )
    yield f"""
Differences are in shares of an output's natural size. Not quantised: both files are small enough as they are.

| stages 1 and 2 together, one core, the calmest of {ROUNDS} runs | {" | ".join(summary.speed)} |
|---|{"---|" * len(summary.speed)}"""
    for figures in zip(*summary.speed.values(), strict=True):
        unit = f" ({figures[0].unit})" if figures[0].unit else ""
        yield f"| {figures[0].name}{unit} | " + " | ".join(f"{each.value:.3g}" for each in figures) + " |"
    yield """
CPU is processor time, which grows while other work shares the core. `make bench` measures all this again, and whole
takes.

## Limits
- It has heard synthetic voices, mostly, and few people; English and Mandarin only.
- Its notion of meaning is the planner's lists of words and rules: it repeats their mistakes.
- Dice are thrown word by word: two nods close together can happen, which the teacher avoids. The sum is kept within the
  limits of the neck.
- Licence: GPL-3.0-or-later, as the project."""


def _data(account: Account) -> Iterator[str]:
    """What was learnt from, and its licences."""
    slowest, fastest = SPEEDS
    lines = len(LINES.read_text(encoding="utf-8").splitlines())
    yield f"""
- Synthetic voices: espeak-ng (GPL-3.0) in {len(VOICES)} variants, played at {slowest:g} to {fastest:g} of their speed.
  They say {lines} lines written for this project (`linly_blender/training/pose/{LINES.name}`)."""
    if TEXTLESS in account.minutes:
        yield """\
  Half of the turns in English are sentences of the Helsinki Prosody Corpus (CC BY 4.0, Talman et al. 2019, from
  LibriTTS) with the prominence measured there.
- Recorded speech without text: FACEGOOD-Audio2Face (MIT), one speaker. Loud and high stretches stand for stressed
  words."""
    people = "Live Link Face" if PEOPLE in account.minutes else "none, for no free ones exist"
    yield f"- Recordings of people with head motion (`--recordings`): {people}."


def _worse(rows: Sequence[Row], best: str) -> Iterator[str]:
    """What the figures themselves say."""
    out = []
    for row in rows:
        value, teacher = row.values[best], row.values["teacher"]
        if row.name.startswith("what the teacher means"):
            out.append(f"- {row.name}: {value:.2f} of 1.")
        elif row.band and _inside(teacher, row.band) and not _inside(value, row.band):
            out.append(f"- {row.name}: {value:.3g} is out of the band {row.band}; the teacher has {teacher:.3g}.")
        elif not row.band and abs(value) < 0.8 * abs(teacher) and "statement" not in row.name:
            out.append(f"- {row.name}: {value:.3g} where the teacher has {teacher:.3g}.")
    yield from out or ["- Nowhere in this table."]


def _inside(value: float, band: str) -> bool:
    low, high = (float(edge) for edge in band.split(" .. "))
    return low <= value <= high


def _draw(picture: Path, shown: Mapping[str, Refiner], rows: Sequence[Row], speech: Speech, lesson: Lesson) -> None:
    from matplotlib.figure import Figure

    count = min(round(_SECONDS / STEP), len(lesson.target))
    times = np.arange(count) * STEP
    inputs = Inputs(lesson.features[:count], lesson.context[:count])
    found = {label: performer.run(inputs).side_by_side() for label, performer in shown.items()}
    figure = Figure(figsize=(11, 10), layout="constrained")
    axes = figure.subplots(len(_SHOWN) + 1, 1)
    for axis, (name, column, unit) in zip(axes, _SHOWN, strict=False):
        scale = 180 / np.pi if unit == "degrees" else 1.0
        axis.plot(times, scale * lesson.target[:count, column], color="0.6", linewidth=3, label="teacher")
        for label, controls in found.items():
            axis.plot(times, scale * controls[:, column], label=label, linewidth=1.2)
        for number, word in enumerate(speech.words):
            if word.start < times[-1]:
                height = 0.05 * (number % _ROWS)
                axis.annotate(word.text, (word.start, height), xycoords=("data", "axes fraction"), fontsize=7)
        axis.set_ylabel(f"{name}, {unit}")
        axis.margins(x=0.01, y=0.18)  # room for the words
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", fontsize=7, ncols=len(found) + 1)
    shares = [row for row in rows if row.name.endswith("words with a nod")]
    names = list(rows[0].values)
    for index, row in enumerate(shares):
        at = np.arange(len(names)) + 0.2 * index
        axes[-1].bar(at, [row.values[name] for name in names], 0.18, label=row.name)
    axes[-1].set_xticks(np.arange(len(names)) + 0.3, names)
    axes[-1].set_ylabel("%")
    axes[-1].legend(fontsize=7)
    with replacing(picture) as path:
        figure.savefig(path, dpi=90)
