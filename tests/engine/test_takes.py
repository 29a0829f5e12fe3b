"""A take comes back as it was written, or is refused with a message that says why."""

import dataclasses
import io
import json
import pickle
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender import takes
from linly_blender.errors import UserError
from linly_blender.performance import Floats, Frames, Performance
from linly_blender.score import (
    CUE_KINDS,
    EMOTIONS,
    NOISE_KINDS,
    SENTENCE_TYPES,
    Cue,
    Gesture,
    Noise,
    Phone,
    Sentence,
    Speech,
    Word,
)

_ARRAYS = ("shapes", "head", "gaze", "breath")


def assert_same(found: Performance, expected: Performance) -> None:
    """Equal in every field; arrays in every bit and in type."""
    for name in _ARRAYS:
        one, other = getattr(found.frames, name), getattr(expected.frames, name)
        assert one.dtype == other.dtype == np.float32
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()
    assert found.speech.sound.dtype == np.int16
    assert np.array_equal(found.speech.sound, expected.speech.sound)
    assert _without_arrays(found) == _without_arrays(expected)


def _without_arrays(performance: Performance) -> tuple[Any, ...]:
    speech = performance.speech
    return (
        performance.frames.fps,
        (speech.rate, speech.phones, speech.words, speech.sentences, speech.cues, speech.noises),
        (performance.gestures, performance.seed, performance.style, performance.language),
        (performance.region, performance.amounts, performance.smoothing, performance.fine_tuner, performance.notes),
    )


@st.composite
def performances(draw: st.DrawFn) -> Performance:
    """Any performance that keeps the contracts, however odd."""
    rate = draw(st.sampled_from([8000, 16000, 22050, 48000]))
    fps = draw(st.sampled_from([1.0, 24.0, 24000 / 1001, 30000 / 1001, 60.0, 1000.0]))
    samples = draw(st.integers(0, 2000))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    count = draw(st.integers(1, 40))

    def curves(columns: int, low: float, high: float) -> Floats:
        values = random.uniform(low, high, (count, columns)).astype(np.float32)
        edges = draw(st.sampled_from([[low], [high], [0.0, -0.0, 1e-45]]))
        values.flat[:: draw(st.integers(1, 7))] = random.choice(edges)
        return values.clip(low, high)

    last = samples / rate
    text = st.text(max_size=8)
    share = st.floats(0, 1)

    def spans(most: int) -> list[tuple[float, float]]:
        times = sorted(draw(st.lists(st.floats(0, last), max_size=2 * most)))
        return list(zip(times[::2], times[1::2], strict=False))

    sentences = tuple(
        Sentence(
            draw(text),
            start,
            end,
            draw(st.sampled_from(SENTENCE_TYPES)),
            draw(st.sampled_from(EMOTIONS)),
            draw(share),
            draw(text),
        )
        for start, end in spans(3)
    )
    words = tuple(
        Word(draw(text), start, end, draw(share), draw(st.integers(0, len(sentences) - 1)))
        for start, end in (spans(4) if sentences else [])
    )
    phones = tuple(
        Phone(draw(text), start, end, draw(st.integers(0, 2)), draw(st.integers(-1, len(words) - 1)))
        for start, end in spans(6)
    )
    cues = tuple(Cue(draw(st.sampled_from(CUE_KINDS)), start, draw(share)) for start, _ in spans(2))
    noises = tuple(Noise(draw(st.sampled_from(NOISE_KINDS)), start, end, draw(share)) for start, end in spans(3))
    gestures = tuple(
        Gesture(draw(text), start, end, end, draw(st.floats(-10, 10)), draw(text)) for start, end in spans(2)
    )
    return Performance(
        Frames(fps, curves(52, 0, 1), curves(6, -3, 3), curves(2, -1, 1), curves(1, 0, 1)[:, 0]),
        Speech(
            random.integers(-(2**15), 2**15, samples).astype(np.int16), rate, phones, words, sentences, cues, noises
        ),
        gestures,
        draw(st.integers(0, 2**31 - 1)),
        draw(text),
        draw(text),
        fine_tuner=draw(st.sampled_from(["off", "standard", "small", "my network, 第二.onnx", "a:b\\c.onnx"])),
        notes=tuple(draw(st.lists(text, max_size=3))),
    )


@given(performance=performances())
@settings(max_examples=60, deadline=None)
def test_reads_back_what_was_written(performance: Performance) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.json"
        takes.write(performance, path)
        assert_same(takes.read(path), performance)
        assert sorted(file.name for file in Path(folder).iterdir()) == ["t.json", "t.npz", "t.wav"]


def test_holds_what_the_format_promises(two_sentences: Performance, tmp_path: Path) -> None:
    takes.write(two_sentences, tmp_path / "a.json")
    document = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert document["words"][1] == {"text": "你", "start": 1.0, "end": 1.5, "emphasis": 0.0, "sentence": 1}
    assert document["phones"][1] == {"phone": "aɪ", "start": 0.2, "end": 0.5, "stress": 1, "word": 0}
    assert document["gestures"][0]["source"] == "direction"
    assert document["sentences"][0]["intensity"] == 0.7
    assert {"seed", "style", "language", "fps", "versions", "cues"} <= document.keys()
    takes.write(two_sentences, tmp_path / "b.json")
    for suffix in (".npz", ".wav"):
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.fixture
def take(two_sentences: Performance, tmp_path: Path) -> Path:
    path = tmp_path / "take.json"
    takes.write(two_sentences, path)
    return path


def _set(*way: str | int, to: Any) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for key in way[:-1]:
            document = document[key]
        document[way[-1]] = to

    return change


def _drop(*way: str | int) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for key in way[:-1]:
            document = document[key]
        del document[way[-1]]

    return change


_SIGH = {"kind": "breath", "start": 0.1, "end": 0.5, "strength": 0.4}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("format", to="something"), "is not a take"),
        (_drop("format"), "is not a take"),
        (_set("version", to=takes.VERSION + 1), "newer version .* Update"),
        (_set("version", to="1"), "version should be a whole number"),
        (_drop("seed"), "has no 'seed'"),
        (_set("fine_tuner", to=""), "fine_tuner should be off, standard, small or the name of a file"),
        (_set("fine_tuner", to="../mine.onnx"), "the name of a file"),
        (_set("fine_tuner", to="mine\n.onnx"), "the name of a file"),
        (_set("fine_tuner", to="x" * 256), "the name of a file"),
        (_set("fine_tuner", to=None), "fine_tuner should be a text"),
        (_set("seed", to=True), "seed should be a whole number"),
        (_set("fps", to=0), "fps should be a number from 1 to 1000"),
        (_set("fps", to=float("nan")), "fps should be a number"),
        (_set("fps", to=float("inf")), "fps should be a number"),
        (_set("words", to={}), "words should be a list"),
        (_set("words", 1, to=[]), r"words\[1\] should be an object"),
        (_set("words", 0, "start", to="0.1"), r"words\[0\].start should be a number"),
        (_set("words", 0, "start", to=-0.5), r"words\[0\].start should be a number from 0"),
        (_set("words", 0, "end", to=0.05), r"words\[0\].end should be a number from 0.1"),
        (_set("words", 0, "end", to=10**400), r"words\[0\].end should be a number"),
        (_set("words", 0, "emphasis", to=1.5), "emphasis should be a number from 0 to 1"),
        (_set("words", 0, "sentence", to=2), "sentence should be a whole number from 0 to 1"),
        (_set("words", 0, "sentence", to=-1), "sentence should be a whole number from 0 to 1"),
        (_set("words", 0, "start", to=1.2), r"words\[0\].end"),
        (_set("words", 0, "text", to="\ud800"), r"words\[0\].text should be a text"),
        (_set("phones", 3, "end", to=99.0), r"phones\[3\].end should be a number"),
        (_set("phones", 1, "end", to=1.05), "phones overlap or are not in order"),
        (_set("phones", 0, "stress", to=3), "stress should be a whole number from 0 to 2"),
        (_set("phones", 0, "word", to=2), "word should be a whole number from -1 to 1"),
        (_set("sentences", 0, "type", to="song"), "type should be one of statement"),
        (_set("sentences", 0, "emotion", to=None), "emotion should be one of neutral"),
        (_set("sentences", 0, "intensity", to=-1), "intensity should be a number from 0 to 1"),
        (_set("sentences", 0, "start", to=1.4), "sentences"),
        (_set("cues", 0, "kind", to="jump"), "kind should be one of nod"),
        (_set("noises", to=[_SIGH | {"kind": "sneeze"}]), "kind should be one of breath, laugh"),
        (_set("noises", to=[_SIGH | {"strength": 1.5}]), "strength should be a number from 0 to 1"),
        (_set("noises", to=[_SIGH | {"start": 0.7}]), r"noises\[0\].end should be a number from 0.7"),
        (_set("noises", to=[_SIGH, _SIGH]), "noises overlap or are not in order"),
        (_set("noises", to=None), "noises should be a list"),
        (_set("gestures", 0, "peak", to=0.9), r"gestures\[0\].end should be a number from 0.9"),
        (_drop("gestures", 0, "source"), r"gestures\[0\] has no 'source'"),
        (_set("frames", to=3), "frames should be an object"),
        (_set("frames", "count", to=10**12), "does not hold the frames"),
        (_set("frames", "count", to=0), "count should be a whole number of at least 1"),
        (_set("frames", "file", to="../take.npz"), "plain name of a file"),
        (_set("frames", "file", to="C:take.npz"), "plain name of a file"),
        (_set("frames", "file", to="/etc/passwd"), "plain name of a file"),
        (_set("frames", "file", to=".."), "plain name of a file"),
        (_set("frames", "file", to="none.npz"), "cannot be read"),
        (_set("frames", "sha256", to="0"), "is not the file"),
        (_set("sound", "bytes", to=5), "cut short or from another take"),
        (_set("sound", "rate", to=22050), "rate should be 16000"),
        (_set("sound", "samples", to=1), "samples should be 32000"),
    ],
)
def test_refuses_a_changed_json(take: Path, change: Callable[[Any], None], message: str) -> None:
    document = json.loads(take.read_text(encoding="utf-8"))
    change(document)
    take.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        takes.read(take)


def test_an_older_take_was_made_by_rules(take: Path) -> None:
    document = json.loads(take.read_text(encoding="utf-8"))
    del document["fine_tuner"]
    take.write_text(json.dumps(document), encoding="utf-8")
    assert takes.read(take).fine_tuner == "off"


def test_an_older_take_has_no_noises(take: Path) -> None:
    document = json.loads(take.read_text(encoding="utf-8"))
    del document["noises"]
    take.write_text(json.dumps(document), encoding="utf-8")
    assert takes.read(take).speech.noises == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cut short or not JSON"),
        (b"[" * 100_000, "cannot be read|not JSON"),
        (b"[1]", "is not a take"),
        (b"\xff\xfe", "not a text file in UTF-8"),
        (b'{"format": "linly-take", "version": ' + b"1" * 10_000 + b"}", "cannot be read"),
    ],
)
def test_refuses_what_is_no_take(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        takes.read(path)


@pytest.mark.parametrize("suffix", [".json", ".npz", ".wav"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_refuses_a_truncated_file(take: Path, suffix: str, share: float) -> None:
    file = take.with_suffix(suffix)
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError, match="cut short"):
        takes.read(take)


@pytest.mark.parametrize("suffix", [".json", ".npz", ".wav"])
def test_refuses_a_take_without_a_file(take: Path, suffix: str) -> None:
    take.with_suffix(suffix).unlink()
    with pytest.raises(UserError, match="cannot be read"):
        takes.read(take)


def test_refuses_files_of_another_take(take: Path, two_sentences: Performance) -> None:
    other = take.with_name("other.json")
    frames = dataclasses.replace(two_sentences.frames, shapes=two_sentences.frames.shapes[:, ::-1].copy())
    takes.write(dataclasses.replace(two_sentences, frames=frames), other)
    other.with_suffix(".npz").replace(take.with_suffix(".npz"))
    with pytest.raises(UserError, match="is not the file"):
        takes.read(take)


def _reseal(take: Path, content: bytes) -> None:
    """Put other frames beside the take, with the right size and digest in it: what an attacker would do."""
    file = take.with_suffix(".npz")
    file.write_bytes(content)
    document = json.loads(take.read_text(encoding="utf-8"))
    document["frames"].update(takes._seal(file, file.name))
    take.write_text(json.dumps(document), encoding="utf-8")


def _archive(writer: Callable[..., None], frames: Frames, **others: Any) -> bytes:
    content = io.BytesIO()
    writer(content, **({name: getattr(frames, name) for name in _ARRAYS} | others))
    return content.getvalue()


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("unpickled",))


def test_refuses_hostile_frames(take: Path, two_sentences: Performance) -> None:
    frames = two_sentences.frames
    poisoned = frames.shapes.copy()
    poisoned[5, 7] = np.nan
    head = frames.head.copy()
    head[2, 3] = np.inf
    pickled = io.BytesIO()
    with zipfile.ZipFile(pickled, "w") as archive:
        for name in _ARRAYS:
            archive.writestr(f"{name}.npy", pickle.dumps(_Bomb()).ljust(4 * getattr(frames, name).size + 128, b" "))
    torn = _archive(np.savez, frames).replace(b"(61, 52), }", b"(61, 52), (")
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 52), }".ljust(117) + b"\n"
    huge = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    claiming = io.BytesIO()
    with zipfile.ZipFile(claiming, "w") as archive:
        for name in _ARRAYS:
            archive.writestr(f"{name}.npy", huge + bytes(4 * getattr(frames, name).size))
    for content, message in (
        (_archive(np.savez, frames, shapes=poisoned), "shapes at frame 5 .* nan"),
        (_archive(np.savez, frames, head=head), "head at frame 2 .* inf"),
        (_archive(np.savez, frames, shapes=frames.shapes + np.float32(1.0)), "shapes at frame 0 should be .* to 1"),
        (_archive(np.savez, frames, shapes=frames.shapes.astype(np.float64)), "does not hold"),
        (_archive(np.savez, frames, shapes=frames.shapes.view(np.int32)), "shapes is int32"),
        (_archive(np.savez, frames, shapes=frames.shapes.T), "shapes is float32"),
        (_archive(np.savez, frames, breath=frames.breath[:, None]), "breath is float32"),
        (_archive(np.savez, frames, gaze=frames.gaze[:-1]), "gaze is float32"),
        (_archive(np.savez_compressed, frames), "does not hold"),
        (b"not a zip", "does not hold"),
        (torn, "does not hold"),
        (pickled.getvalue(), r"shapes is \|S"),
        (claiming.getvalue(), "does not hold"),
    ):
        _reseal(take, content)
        with pytest.raises(UserError, match=message):
            takes.read(take)


def _with_shape(performance: Performance, value: float) -> Performance:
    shapes = performance.frames.shapes.copy()
    shapes[3, 4] = value
    return dataclasses.replace(performance, frames=dataclasses.replace(performance.frames, shapes=shapes))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1.5])
def test_writes_nothing_that_cannot_be_read(two_sentences: Performance, tmp_path: Path, value: float) -> None:
    path = tmp_path / "take.json"
    with pytest.raises(UserError, match="shapes at frame 3"):
        takes.write(_with_shape(two_sentences, value), path)
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_take(take: Path, two_sentences: Performance) -> None:
    before = {file.name: file.read_bytes() for file in take.parent.iterdir()}
    words = (dataclasses.replace(two_sentences.speech.words[0], emphasis=2.0),)
    speech = dataclasses.replace(two_sentences.speech, words=words, phones=())
    with pytest.raises(UserError, match="emphasis"):
        takes.write(dataclasses.replace(two_sentences, speech=speech), take)
    assert {file.name: file.read_bytes() for file in take.parent.iterdir()} == before


def test_says_where_it_cannot_write(two_sentences: Performance, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder"):
        takes.write(two_sentences, tmp_path / "none" / "take.json")
    with pytest.raises(UserError, match=r"end in \.json"):
        takes.write(two_sentences, tmp_path / "take.npz")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        takes.write(two_sentences, tmp_path / "folder.json")
