"""The one command that makes ``models/tagger.onnx`` and its card."""

import argparse
import dataclasses
import logging
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch

from ...errors import UserError
from ...language import learned
from ...language.learned import INPUTS, MODEL, OUTPUTS, LearnedTagger, Reading, read
from ...language.meaning import RuleTagger
from ...model_files import OWN_MAX_BYTES, Session, open_model, write_manifest
from . import data, fit, measure
from .card import write_card
from .export import Tagger, quantise, write_onnx
from .measure import Flags

log = logging.getLogger(__name__)

SEED: Final = 3
_PROMINENCE_NETWORKS, _FEELING_NETWORKS = 1, 3
_PARITY: Final = 1e-4
"""The most that ONNX Runtime and torch may differ in a probability."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the arguments are those of the command line unless given."""
    parser = argparse.ArgumentParser(prog="python -m linly_blender.training.tagger", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the two data sets")
    parser.add_argument("--out", type=Path, default=Path("models"), help="folder that tagger.onnx and its card go to")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        train(given.data, given.out)
    except UserError as error:
        parser.error(str(error))
    return 0


def train(folder: Path, out: Path) -> None:
    """Train, measure, export and describe the tagger; on one core, the same on every run on one machine."""
    began = time.process_time()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    rng = np.random.default_rng(SEED)

    words, texts = data.prosody(folder, rng), data.comments(folder, rng)
    log.info("read utterances: %s", words.told)
    log.info("comments: %s", texts.told)
    log.info("learning to guess words")
    trunk = fit.guess_words([*words.learn, *texts.learn], rng)
    feeling = []
    for number in range(_FEELING_NETWORKS):
        log.info("emotion, network %d", number + 1)
        feeling.append(fit.learn_feeling(trunk, texts.learn, rng))
    prominence = []
    for number in range(_PROMINENCE_NETWORKS):
        log.info("prominence, network %d", number + 1)
        prominence.append(fit.learn_prominence(trunk, words.learn, rng))
    for trained in (*(network.trunk for network in feeling), *(network.trunk for network in prominence)):
        quantise(trained)
    tuned = measure.levels_of(words.tune)
    heard = fit.logits_of(prominence, words.tune)[:, :2]
    tagger = Tagger(
        prominence=prominence,
        feeling=feeling,
        prominence_heat=np.array([fit.heat_of(heard[:, k], tuned > k) for k in range(2)], np.float32),
        feeling_heat=fit.heat_of(fit.logits_of(feeling, texts.tune), measure.emotions(texts.tune)),
    )
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / MODEL
        write_onnx(tagger, path)
        session = open_model(path, inputs=INPUTS, outputs=OUTPUTS, max_bytes=OWN_MAX_BYTES)
        difference = _difference(tagger, session, texts.held[:200])
        figures = _figures(session, words, texts)

    log.info("prominence again, from all speakers, to be shipped")
    everyone = [*words.learn, *words.tune, *words.held]
    shipped = [fit.learn_prominence(trunk, everyone, rng) for _ in range(_PROMINENCE_NETWORKS)]
    for network in shipped:
        quantise(network.trunk)
    tagger = dataclasses.replace(tagger, prominence=shipped)
    out.mkdir(parents=True, exist_ok=True)
    write_onnx(tagger, out / MODEL)
    session = open_model(out / MODEL, inputs=INPUTS, outputs=OUTPUTS, max_bytes=OWN_MAX_BYTES)
    difference = max(difference, _difference(tagger, session, texts.held[:200]))
    write_manifest(out)
    for name, value in figures.items():
        log.info("%s: %s", name, value)
    write_card(
        out / "tagger.md",
        figures,
        words=words.told,
        texts=texts.told,
        size=(out / MODEL).stat().st_size,
        parity=difference,
        minutes=(time.process_time() - began) / 60,
    )


def _difference(tagger: Tagger, session: Session, examples: Sequence[data.Example]) -> float:
    """The most that ONNX Runtime and torch differ in a probability; more than ``_PARITY`` is an error."""
    most = 0.0
    for example in examples:
        ours = _read(session, example)
        likely = fit.logits_of(tagger.prominence, [example])[:, :2] / tagger.prominence_heat
        felt = fit.logits_of(tagger.feeling, [example])[0] / tagger.feeling_heat
        most = max(
            most,
            float(np.abs(ours.prominence - 1 / (1 + np.exp(-likely))).max()),
            float(np.abs(ours.emotion - 1 / (1 + np.exp(-felt))).max()),
        )
    if most > _PARITY:
        raise RuntimeError(f"torch and ONNX Runtime differ by {most:g}")
    return most


def _read(session: Session, example: data.Example) -> Reading:
    return read(session, example.text, example.spans)


def _figures(session: Session, words: data.Split, texts: data.Split) -> dict[str, float]:
    """All figures of the card, measured through ONNX Runtime on what was held out."""
    log.info("measuring")
    tuned, held = (
        np.concatenate([_read(session, example).prominence for example in part]) for part in (words.tune, words.held)
    )
    true = measure.prominent(words.held)
    guessed = held[:, 0] >= measure.expecting(tuned)[0]
    felt_tuned, felt = (
        np.stack([_read(session, example).emotion for example in part]) for part in (texts.tune, texts.held)
    )
    labels = measure.emotions(texts.held)
    at = measure.expecting(felt_tuned)
    rules, joined = RuleTagger(), LearnedTagger(session)
    by_rules, by_both = measure.shown(rules, texts.held), measure.shown(joined, texts.held)
    nothing = labels.argmax(1) == learned.EKMAN.index("neutral")
    nothing &= labels.sum(1) == 1
    commonest = np.zeros_like(labels)
    commonest[:, labels.sum(0).argmax()] = True
    linear, linear_single = measure.linear_emotion(texts)
    figures = {
        "prominence f1, all prominent": measure.f1(np.ones_like(true), true),
        "prominence f1, each form's majority": measure.common_word_votes(words),
        "prominence f1, rules": measure.rule_prominence(words),
        "prominence f1, logistic regression": measure.linear_prominence(words),
        "prominence f1, network": measure.f1(guessed, true),
        "prominence accuracy, network": float((guessed == true).mean()),
        "prominence calibration error": measure.calibration_error(held[:, 0], true),
        "emotion macro-f1, commonest": measure.macro_f1(commonest, labels),
        "emotion macro-f1, rules": measure.macro_f1(by_rules, labels),
        "emotion macro-f1, logistic regression": linear,
        "emotion macro-f1, network": measure.macro_f1(felt >= at, labels),
        "emotion single macro-f1, logistic regression": linear_single,
        "emotion single macro-f1, network": measure.single_f1(felt, labels),
        "emotion calibration error": measure.calibration_error(felt, labels),
    }
    for k, name in enumerate(learned.EKMAN):
        figures[f"emotion f1, {name}"] = measure.f1(felt[:, k] >= at[k], labels[:, k])
    level = measure.levels_of(words.held)
    for name, tagger, emotion in (("rules", rules, by_rules), ("joined", joined, by_both)):
        emphasised = measure.levels(tagger, words.held) >= 0.5
        figures[f"emphasised share, {name}"] = float(emphasised.mean())
        figures[f"emphasised prominent, {name}"] = float((level[emphasised] > 0).mean())
        figures[f"emphasised highly prominent, {name}"] = float((level[emphasised] > 1).mean())
        figures |= _shown(emotion, labels, nothing, name)
    return figures


def _shown(emotion: Flags, labels: Flags, nothing: Flags, name: str) -> dict[str, float]:
    """How often the emotion that the character shows is one of the labels, and neutral stays neutral."""
    neutral = emotion[:, learned.EKMAN.index("neutral")]
    return {
        f"shows an emotion, {name}": float((~neutral).mean()),
        f"shown emotion right, {name}": float((emotion & labels).any(1)[~neutral].mean()),
        f"neutral stays neutral, {name}": float(neutral[nothing].mean()),
    }
