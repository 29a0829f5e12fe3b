"""The trained tagger as it runs: without torch, joined with the rules, and never in the way."""

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender import model_files
from linly_blender.language import learned
from linly_blender.language.hashing import PHRASE_ROWS, PHRASE_WIDTH, ROWS, WIDTH, featurise, phrases
from linly_blender.language.learned import EKMAN, INPUTS, MODEL, OUTPUTS, LearnedTagger, default_tagger, read
from linly_blender.language.meaning import Meaning, RuleTagger, Said
from linly_blender.language.reader import read_script
from linly_blender.language.words import words
from linly_blender.measure.sentences import TEXTS
from linly_blender.score import EMOTIONS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def session() -> model_files.Session:
    pytest.importorskip("onnxruntime")
    return model_files.open_own_model(MODEL, inputs=INPUTS, outputs=OUTPUTS)


@pytest.fixture(scope="module")
def tagger(session: model_files.Session) -> LearnedTagger:
    return LearnedTagger(session)


def said(text: str, language: str = "en-us", emoji: str = "") -> Said:
    return Said(text, language, tuple(words(text, language)), emoji)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_features(text: str) -> None:
    spans = words(text, "en-us")
    for rows, width, table in (
        (featurise(text, spans), WIDTH, ROWS),
        (phrases(text, spans), PHRASE_WIDTH, PHRASE_ROWS),
    ):
        assert rows.shape == (len(spans), width)
        assert rows.min(initial=0) >= 0
        assert rows.max(initial=0) < table


def test_features_stay_what_the_model_was_trained_on() -> None:
    """The rows of a sentence, summed up: a change of the features needs a new model."""
    text = "Well, I can't believe it’s 9:30 ALREADY... really?!"
    assert int(featurise(text, words(text, "en-us")).astype(np.int64).sum()) == 1042837
    assert int(phrases(text, words(text, "en-us")).astype(np.int64).sum()) == 14177941


def test_phrases_tell_where_punctuation_is() -> None:
    """A comma changes most of all the word before it, and every word that counts its way to it."""
    plain, parted = (phrases(text, words(text, "en-us")) for text in ("a b c d e f g h i j", "a b c d e, f g h i j"))
    changed = (plain != parted).sum(axis=1)
    assert changed.min() > 0
    assert changed.argmax() == 4


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60).filter(lambda text: bool(words(text, "en-us"))))
def test_garbage_has_a_valid_meaning(tagger: LearnedTagger, text: str) -> None:
    meaning = tagger.tag(said(text), [])
    assert meaning.emotion in EMOTIONS
    assert 0 <= meaning.intensity <= 1
    assert (meaning.intensity == 0) == (meaning.emotion == "neutral")
    assert len(meaning.emphasis) == len(words(text, "en-us"))
    assert all(0 <= level <= 1 for level in meaning.emphasis)


def test_the_same_bits_every_time(session: model_files.Session) -> None:
    again = model_files.open_own_model(MODEL, inputs=INPUTS, outputs=OUTPUTS)
    text = "I never thought that the old bridge would hold so many people."
    first, second = (read(one, text, words(text, "en-us")) for one in (session, again))
    assert first.emotion.tobytes() == second.emotion.tobytes()
    assert first.prominence.tobytes() == second.prominence.tobytes()


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("I hate you, you stupid liar.", "anger"),
        ("Thank you so much, this is wonderful!", "joy"),
        ("I'm so sad that my grandmother died.", "sadness"),
        ("Wow, I did not expect that.", "surprise"),
        ("I'm terrified of the dark.", "fear"),
        ("The meeting is on Tuesday.", "neutral"),
    ],
)
def test_plain_emotions(session: model_files.Session, text: str, emotion: str) -> None:
    found = read(session, text, words(text, "en-us")).emotion
    assert EKMAN[int(found.argmax())] == emotion


def test_function_words_are_not_prominent(session: model_files.Session) -> None:
    text = "The captain of the ship was a remarkable man"
    found = read(session, text, words(text, "en-us")).prominence
    levels = dict(zip(text.split(), found[:, 0].tolist(), strict=True))
    assert max(levels["of"], levels["a"], levels["The"]) < 0.3
    assert min(levels["captain"], levels["remarkable"]) > 0.6
    assert (found[:, 1] <= found[:, 0] + 0.05).all()


def test_the_network_finds_what_no_list_has(tagger: LearnedTagger) -> None:
    texts = {
        "The food there is delicious.": "happy",
        "You have a talent for this.": "happy",
        "I never realized that he could sing.": "surprised",
    }
    assert all(RuleTagger().tag(said(text), []).emotion == "neutral" for text in texts)
    assert [tagger.tag(said(text), []).emotion for text in texts] == list(texts.values())


def test_presentations_stay_neutral(tagger: LearnedTagger) -> None:
    texts = [text.replace("*", "") for paragraph in TEXTS["en"] for text in paragraph]
    assert sum(tagger.tag(said(text), []).emotion == "neutral" for text in texts) >= 0.85 * len(texts)


def test_a_minority_of_words_is_emphasised(tagger: LearnedTagger) -> None:
    levels = [tagger.tag(said(text.replace("*", "")), []).emphasis for part in TEXTS["en"] for text in part]
    assert 1 / 6 <= np.mean(np.concatenate(levels) >= 0.5) <= 1 / 4


def test_context_and_marks_are_the_rules(tagger: LearnedTagger) -> None:
    def emphasised(*texts: str) -> list[str]:
        *history, last = map(said, texts)
        levels = tagger.tag(last, history).emphasis
        return [last.text[a:b] for (a, b), level in zip(last.words, levels, strict=True) if level >= 0.5]

    assert "Tuesday" in emphasised("It is not Monday but Tuesday that we meet.")
    assert "NEVER" in emphasised("I NEVER said that he took the money from the table.")
    assert "red" in emphasised("He wanted a car.", "He wanted a red car.")
    assert tagger.tag(said("See you tomorrow.", emoji="😢"), []).emotion == "sad"


def test_other_languages_are_the_rules(tagger: LearnedTagger) -> None:
    for text, language in (("我很担心你。", "cmn"), ("Das ist schön!", "de")):
        one = said(text, language)
        assert tagger.tag(one, []) == RuleTagger().tag(one, [])


def test_a_script_is_read_by_the_network_where_it_can_be() -> None:
    pytest.importorskip("onnxruntime")
    assert isinstance(default_tagger(), LearnedTagger)


@pytest.fixture
def _no_default() -> object:
    default_tagger.cache_clear()
    yield
    default_tagger.cache_clear()


@pytest.mark.usefixtures("_no_default")
@pytest.mark.parametrize("missing", ["the runtime", "the model"])
def test_rules_serve_alone_with_one_warning(
    missing: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    if missing == "the runtime":
        monkeypatch.setitem(sys.modules, "onnxruntime", None)
    else:
        monkeypatch.setattr(model_files, "MODELS", tmp_path)
    text = "I love it. Where is it? We met in Paris."
    with caplog.at_level(logging.WARNING):
        lines = [*read_script(text), *read_script(text)]
    assert len([record for record in caplog.records if record.name == learned.__name__]) == 1
    expected: Meaning = RuleTagger().tag(said("I love it."), [])
    assert (lines[0].emotion, lines[0].intensity) == (expected.emotion, expected.intensity)


def test_it_loads_without_torch() -> None:
    pytest.importorskip("onnxruntime")
    program = (
        "import sys, numpy\n"
        "from linly_blender.language import learned\n"
        "print(type(learned.default_tagger()).__name__, 'torch' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert ran.stdout.split() == ["LearnedTagger", "False"]
