"""The one command that makes ``models/tagger.onnx`` and its card."""

import dataclasses
import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from ...language import learned
from ...language.learned import INPUTS, MODEL, OUTPUTS, LearnedTagger, Reading, read
from ...language.meaning import RuleTagger
from ...model_files import OWN_MAX_BYTES, Session, open_model, write_manifest
from ..settings import read_settings
from . import data, fit, measure
from .card import write_card
from .export import Blend, Tagger, quantise, write_onnx
from .linear import Bags, by_text, by_word, learn_phrases
from .measure import Flags
from .network import Feeling, Prominence, Trunk

log = logging.getLogger(__name__)

DEFAULT: Final = Path(__file__).with_name("config.json")
_EVEN: Final = np.array((0.5, 0.5), np.float32)
"""Shares of a blend that is not tuned yet."""
_PARITY: Final = 1e-4
"""The most that ONNX Runtime and torch may differ in a probability."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``config.json`` says."""

    seed: int
    prominence_networks: int
    """Networks whose mean is taken; each adds more than a megabyte to the model."""
    feeling_networks: int
    prominence_play: float
    """Of the linear models: inverse of the penalty on their weights. Of five values each the best on the speakers and
    comments for thresholds."""
    feeling_play: float


def train(folder: Path, out: Path, config: Path = DEFAULT) -> None:
    """Train, measure, export and describe the tagger; on one core, the same on every run on one machine."""
    began = time.process_time()
    settings = read_settings(config, Settings)
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    torch.use_deterministic_algorithms(True)
    rng = np.random.default_rng(settings.seed)

    splits, texts = data.prosody(folder, rng), data.comments(folder, rng)
    log.info("comments: %s", texts.told)
    log.info("learning to guess words")
    trunk = fit.guess_words(texts.learn, rng)
    log.info("emotion")
    feeling = _feeling(trunk, texts, settings, rng)

    heard, shares, bounds = [], [], []
    for number, split in enumerate(splits):
        log.info("prominence, part %d of %d: %s", number + 1, len(splits), split.told)
        prominence = _prominence(trunk, split.learn, settings, rng)
        own = fit.blend_of(*_parts(prominence, split.tune, by_word), measure.classes(split.tune))
        shares.append(own)
        tagger = Tagger(dataclasses.replace(prominence, shares=own), feeling)
        with tempfile.TemporaryDirectory() as temporary:
            session = _written(tagger, Path(temporary) / MODEL)
            bounds.append(measure.expecting(_likely(session, split.tune)[:, None])[0])
            heard.append(_heard(session, split, bounds[-1]))

    log.info("prominence again, from all speakers, to be shipped")
    everyone = [*splits[0].learn, *splits[0].tune, *splits[0].held]
    prominence = dataclasses.replace(_prominence(trunk, everyone, settings, rng), shares=np.mean(shares, axis=0))
    tagger = Tagger(prominence, feeling)
    out.mkdir(parents=True, exist_ok=True)
    session = _written(tagger, out / MODEL)
    write_manifest(out)
    difference = _difference(tagger, session, texts.held[:200])
    log.info("measuring")
    figures = measure.Heard.of(heard).figures() | _felt(session, texts)
    spoken, written = data.own_tests(folder)
    tested: dict[str, float] = {}
    if spoken:
        whole = dataclasses.replace(splits[0], learn=[*splits[0].learn, *splits[0].held], held=spoken)
        tested |= _heard(session, whole, float(np.mean(bounds))).figures()
    if written:
        tested |= _felt(session, dataclasses.replace(texts, held=written))
    figures |= {f"own test, {name}": value for name, value in tested.items()}
    for name, value in figures.items():
        log.info("%s: %s", name, value)
    write_card(
        out / "tagger.md",
        figures,
        words=f"by speaker, {len(splits)} times: {splits[0].told}",
        texts=texts.told,
        size=(out / MODEL).stat().st_size,
        parity=difference,
        minutes=(time.process_time() - began) / 60,
    )


def _feeling(trunk: Trunk, texts: data.Split, settings: Settings, rng: np.random.Generator) -> Blend[Feeling]:
    networks = [fit.learn_feeling(trunk, texts.learn, rng) for _ in range(settings.feeling_networks)]
    for network in networks:
        quantise(network.trunk)
    labels = np.stack([example.labels for example in texts.learn])
    blend = Blend(networks, learn_phrases(by_text(texts.learn), labels, settings.feeling_play), _EVEN)
    shares = fit.blend_of(*_parts(blend, texts.tune, by_text), measure.emotions(texts.tune))
    return dataclasses.replace(blend, shares=shares)


def _prominence(
    trunk: Trunk, examples: Sequence[data.Example], settings: Settings, rng: np.random.Generator
) -> Blend[Prominence]:
    networks = [fit.learn_prominence(trunk, examples, rng) for _ in range(settings.prominence_networks)]
    for network in networks:
        quantise(network.trunk)
    labels = np.concatenate([example.labels for example in examples])
    return Blend(networks, learn_phrases(by_word(examples), fit.softened(labels), settings.prominence_play), _EVEN)


def _parts(
    blend: Blend[Prominence] | Blend[Feeling],
    examples: Sequence[data.Example],
    bags: Callable[[Sequence[data.Example]], Bags],
) -> tuple[data.Floats, data.Floats]:
    """Logits of the networks and of the phrases."""
    told = blend.phrases.logits(bags(examples))
    return fit.logits_of(blend.networks, examples)[:, : told.shape[1]], told


def _written(tagger: Tagger, path: Path) -> Session:
    write_onnx(tagger, path)
    return open_model(path, inputs=INPUTS, outputs=OUTPUTS, max_bytes=OWN_MAX_BYTES)


def _difference(tagger: Tagger, session: Session, examples: Sequence[data.Example]) -> float:
    """The most that ONNX Runtime and torch differ in a probability; more than ``_PARITY`` is an error."""
    most = 0.0
    for example in examples:
        ours = _read(session, example)
        for blend, bags, told in (
            (tagger.prominence, by_word, ours.prominence),
            (tagger.feeling, by_text, ours.emotion),
        ):
            logits = np.tensordot(blend.shares, np.stack(_parts(blend, [example], bags)), 1)
            most = max(most, float(np.abs(told - 1 / (1 + np.exp(-logits))).max()))
    if most > _PARITY:
        raise RuntimeError(f"torch and ONNX Runtime differ by {most:g}")
    return most


def _read(session: Session, example: data.Example) -> Reading:
    return read(session, example.text, example.spans)


def _likely(session: Session, examples: Sequence[data.Example]) -> data.Floats:
    """Probability of each word of all texts that it is prominent."""
    return np.concatenate([_read(session, example).prominence[:, 0] for example in examples])


def _heard(session: Session, split: data.Split, at: float) -> measure.Heard:
    """One held-out part, tagged through ONNX Runtime, prominent from ``at`` on, and in the simple ways."""
    held = _likely(session, split.held)
    return measure.Heard(
        level=measure.levels_of(split.held),
        likely=held,
        guesses={
            "all prominent": np.ones(len(held), bool),
            "each form's majority": measure.common_word_votes(split),
            "rules": measure.rule_prominence(split),
            "logistic regression": measure.linear_prominence(split),
            "network": held >= at,
        },
        emphasised={
            "rules": measure.levels(RuleTagger(), split.held) >= 0.5,
            "joined": measure.levels(LearnedTagger(session), split.held) >= 0.5,
        },
    )


def _felt(session: Session, texts: data.Split) -> dict[str, float]:
    """Figures of the emotions, measured through ONNX Runtime on what was held out."""
    tuned, felt = (np.stack([_read(session, example).emotion for example in part]) for part in (texts.tune, texts.held))
    labels = measure.emotions(texts.held)
    at = measure.expecting(tuned)
    by_rules, by_both = measure.shown(RuleTagger(), texts.held), measure.shown(LearnedTagger(session), texts.held)
    nothing = labels.argmax(1) == learned.EKMAN.index("neutral")
    nothing &= labels.sum(1) == 1
    commonest = np.zeros_like(labels)
    commonest[:, labels.sum(0).argmax()] = True
    linear, linear_single = measure.linear_emotion(texts)
    figures = {
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
    return figures | _shown(by_rules, labels, nothing, "rules") | _shown(by_both, labels, nothing, "joined")


def _shown(emotion: Flags, labels: Flags, nothing: Flags, name: str) -> dict[str, float]:
    """How often the emotion that the character shows is one of the labels, and neutral stays neutral."""
    neutral = emotion[:, learned.EKMAN.index("neutral")]
    return {
        f"shows an emotion, {name}": float((~neutral).mean()),
        f"shown emotion right, {name}": float((emotion & labels).any(1)[~neutral].mean()),
        f"neutral stays neutral, {name}": float(neutral[nothing].mean()),
    }
