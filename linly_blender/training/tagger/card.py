"""The model card."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ...files import replacing
from ...language.hashing import PHRASE_ROWS, ROWS
from ...language.learned import EKMAN

_CARD: Final = """\
# tagger.onnx

Tells, for a sentence of English, how prominent a reader would make each word and which of Ekman's emotions the sentence
shows. `linly_blender/language/learned.py` joins it with the rules, which alone tell the sentence type, contrast, focus
and what has been mentioned, and which alone serve Mandarin and every other language.

Made by `python -m linly_blender train tagger --data FOLDER --out models` in {minutes:.1f} minutes of one core. Every
figure below was printed by that command.

| | |
|---|---|
| input `words` | int32 [n, 20]: rows of the table for the features of each word (`language/hashing.py`) |
| input `phrases` | int32 [n, 27]: rows of the table for the phrases of each word (likewise) |
| output `prominence` | float32 [n, 2]: probability that a word is prominent, highly prominent |
| output `emotion` | float32 [7]: probability of {emotions}; several may be likely |
| form | sums of small networks ({rows} hashed features, three convolutions over the words, a head) and of a linear \
model of {phrase_rows} hashed phrases, each times its share; tables in eight bits |
| size | {size:,} bytes |
| torch against ONNX Runtime | probabilities differ by {parity:.1e} at most |

## Data
- Helsinki Prosody Corpus, `dev.txt` (Talman et al. 2019; LibriTTS read speech; CC BY 4.0).
  Split {words}; every word is held out once.
- GoEmotions with the labels of Ekman (Demszky et al. 2020; Reddit comments; Apache-2.0). Split: {texts}.

No other data and no pretrained weights. The networks first learn to guess hidden words of the comments learned from.

## Held-out figures
The shares of networks and phrases are the likeliest ones on the parts tuned on, thresholds those with the best F1 to be
expected from the probabilities there; what was held out had no say in them. Every row is measured in this one way,
over the words of all parts together. Phrases and form were chosen by trying on 31 of the 40 speakers, so that the
figures of prominence flatter a little. They are of models that never met the held-out speakers; the one in the file was
then trained once more in the same way on all speakers, with the means of shares and thresholds, and is what is measured
on the corpora's own test parts{at_hand}. Nothing was learned from, tuned or chosen on those.

| word is prominent (class 1 or 2) | F1, held out | F1, own test part |
|---|---|---|
| every word | {prominence f1, all prominent:.3f} | {own_all} |
| what the same word mostly is | {prominence f1, each form's majority:.3f} | {own_form} |
| rules | {prominence f1, rules:.3f} | {own_rules} |
| logistic regression on words and n-grams | {prominence f1, logistic regression:.3f} | {own_linear} |
| **networks and phrases** | **{prominence f1, network:.3f}** | **{own_network}** |
| their accuracy | {prominence accuracy, network:.3f} | {own_accuracy} |

| emotion of a comment, macro-F1 | several labels, held out | own test part | likeliest, one label, held out | own \
test part |
|---|---|---|---|---|
| the commonest | {emotion macro-f1, commonest:.3f} | {own_commonest} | | |
| rules (one emotion; no disgust) | {emotion macro-f1, rules:.3f} | {own_felt_rules} | | |
| logistic regression on words and n-grams | {emotion macro-f1, logistic regression:.3f} | {own_felt_linear} | \
{emotion single macro-f1, logistic regression:.3f} | {own_single_linear} |
| **networks and phrases** | **{emotion macro-f1, network:.3f}** | **{own_felt}** | \
**{emotion single macro-f1, network:.3f}** | **{own_single}** |

F1 of each emotion, held out: {each}.

Probabilities are off by {prominence calibration error:.3f} (prominence) and {emotion calibration error:.3f} (emotion)
on the mean (expected calibration error, ten bins).

| what the character shows | rules | tagger and rules |
|---|---|---|
| words emphasised | {emphasised share, rules:.1%} | {emphasised share, joined:.1%} |
| of these, prominent when read | {emphasised prominent, rules:.1%} | {emphasised prominent, joined:.1%} |
| of these, highly prominent | {emphasised highly prominent, rules:.1%} | {emphasised highly prominent, joined:.1%} |
| comments shown with an emotion | {shows an emotion, rules:.1%} | {shows an emotion, joined:.1%} |
| of these, the emotion is one of the labels | {shown emotion right, rules:.1%} | {shown emotion right, joined:.1%} |
| neutral comments that stay neutral | {neutral stays neutral, rules:.1%} | {neutral stays neutral, joined:.1%} |

## Limits
- English only. Internet comments teach it irony badly, and their authors' prejudices with them.
- Prominence is of book readers, labelled from their sound by a program; people differ in what they stress.
- Disgust is shown as anger. Concern and excitement are told by rules alone.
- Labels of the comments disagree among their annotators: a perfect score is out of reach.
"""


_OWN: Final = {
    "own_all": "prominence f1, all prominent",
    "own_form": "prominence f1, each form's majority",
    "own_rules": "prominence f1, rules",
    "own_linear": "prominence f1, logistic regression",
    "own_network": "prominence f1, network",
    "own_accuracy": "prominence accuracy, network",
    "own_commonest": "emotion macro-f1, commonest",
    "own_felt_rules": "emotion macro-f1, rules",
    "own_felt_linear": "emotion macro-f1, logistic regression",
    "own_felt": "emotion macro-f1, network",
    "own_single_linear": "emotion single macro-f1, logistic regression",
    "own_single": "emotion single macro-f1, network",
}
"""Figures on the corpora's own test parts, by their places in the card."""


def write_card(
    path: Path, figures: Mapping[str, float], *, words: str, texts: str, size: int, parity: float, minutes: float
) -> None:
    """Write the card from what was measured."""
    told: dict[str, object] = {
        "words": words,
        "texts": texts,
        "size": size,
        "parity": parity,
        "minutes": minutes,
        "rows": ROWS,
        "phrase_rows": PHRASE_ROWS,
        "emotions": ", ".join(EKMAN),
        "at_hand": "" if any(name.startswith("own test") for name in figures) else " (they were not at hand)",
        "each": ", ".join(f"{name} {figures[f'emotion f1, {name}']:.2f}" for name in EKMAN),
    }
    for place, name in _OWN.items():
        value = figures.get(f"own test, {name}")
        told[place] = "?" if value is None else f"{value:.3f}"
    with replacing(path) as temporary:
        temporary.write_text(_CARD.format_map({**figures, **told}), encoding="utf-8")
