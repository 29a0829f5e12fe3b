"""Model folders for sherpa-onnx, made of files that say what they are; the package itself is a fake."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the models are made with the onnx package")
from onnx import TensorProto, helper  # noqa: E402

from linly_blender.live.services import HEARING_RATE, ServiceError  # noqa: E402
from linly_blender.model_files import ModelError, describe_model  # noqa: E402
from linly_blender.recognition import open_recogniser  # noqa: E402
from linly_blender.recognition.sherpa import PADDING, SherpaRecogniser, find_family  # noqa: E402
from linly_blender.sherpa_folder import open_folder  # noqa: E402

OFFLINE = ("x", "x_lens")
STREAMING = ("x", "cached_key_0", "cached_len")


def write_model(path: Path, inputs: tuple[str, ...] = OFFLINE, **notes: str) -> None:
    """A small network with these inputs and notes."""
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, (1,)) for name in inputs]
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, (1,))
    model = helper.make_model(helper.make_graph([helper.make_node("Tanh", [inputs[0]], ["y"])], "g", ports, [out]))
    helper.set_model_props(model, notes)
    path.write_bytes(model.SerializeToString())


def folder(path: Path, models: dict[str, tuple[tuple[str, ...], str]], *others: str) -> Path:
    for name, (inputs, kind) in models.items():
        write_model(path / name, inputs, model_type=kind)
    for name in others:
        (path / name).write_text("a 0\n")
    return path


@pytest.mark.parametrize(
    ("models", "others", "name", "streams", "constructor"),
    [
        ({"encoder-1.onnx": (STREAMING, "zipformer2"), "decoder-1.onnx": (OFFLINE, ""), "joiner-1.onnx": (OFFLINE, "")},
         ("tokens.txt",), "streaming transducer", True, "from_transducer"),
        ({"encoder-1.onnx": (OFFLINE, "zipformer2"), "decoder-1.onnx": (OFFLINE, ""), "joiner-1.onnx": (OFFLINE, "")},
         ("tokens.txt",), "transducer", False, "from_transducer"),
        ({"encoder.onnx": (OFFLINE, "EncDecRNNTBPEModel"), "decoder.onnx": (OFFLINE, ""), "joiner.onnx": (OFFLINE, "")},
         ("tokens.txt",), "NeMo transducer", False, "from_transducer"),
        ({"tiny.en-encoder.onnx": (OFFLINE, "whisper-tiny.en"), "tiny.en-decoder.onnx": (OFFLINE, "")},
         ("tiny.en-tokens.txt",), "Whisper", False, "from_whisper"),
        ({"encoder.int8.onnx": (OFFLINE, "paraformer"), "decoder.int8.onnx": (OFFLINE, "paraformer")},
         ("tokens.txt",), "streaming paraformer", True, "from_paraformer"),
        ({"model.int8.onnx": (("x", "x_length", "language", "text_norm"), "sense_voice_ctc")},
         ("tokens.txt",), "SenseVoice", False, "from_sense_voice"),
        ({"model.onnx": (OFFLINE, "paraformer")}, ("tokens.txt",), "paraformer", False, "from_paraformer"),
        ({"ctc-epoch-20.int8.onnx": (STREAMING, "zipformer2")}, ("tokens.txt",), "zipformer CTC", True,
         "from_zipformer2_ctc"),
        ({"model.onnx": (OFFLINE, "EncDecCTCModelBPE")}, ("tokens.txt",), "NeMo CTC", False, "from_nemo_ctc"),
        ({"preprocess.onnx": (OFFLINE, ""), "encode.int8.onnx": (OFFLINE, ""), "cached_decode.int8.onnx": (OFFLINE, ""),
          "uncached_decode.int8.onnx": (OFFLINE, "")}, ("tokens.txt",), "Moonshine", False, "from_moonshine"),
    ],
)  # fmt: skip
def test_the_family_is_found_out(
    tmp_path: Path, models: dict[str, Any], others: tuple[str, ...], name: str, streams: bool, constructor: str
) -> None:
    sherpa_onnx = pytest.importorskip("sherpa_onnx")
    found = find_family(open_folder(folder(tmp_path, models, *others), "recogniser"), "en")
    assert (found.name, found.streams, found.constructor) == (name, streams, constructor)
    files = {Path(value).name for value in found.arguments.values() if str(value).startswith(str(tmp_path))}
    assert files == {*models, *others}
    import inspect

    kind = sherpa_onnx.OnlineRecognizer if streams else sherpa_onnx.OfflineRecognizer
    inspect.signature(getattr(kind, constructor)).bind(**found.arguments, num_threads=1)


def test_of_several_models_the_8_bit_one_is_taken(tmp_path: Path) -> None:
    models = {
        f"{part}{bits}.onnx": (STREAMING, "zipformer")
        for part in ("encoder", "decoder", "joiner")
        for bits in ("", ".int8")
    }
    found = find_family(open_folder(folder(tmp_path, models, "tokens.txt"), "recogniser"), "en")
    assert {Path(found.arguments[part]).name for part in ("encoder", "decoder", "joiner")} == {
        "encoder.int8.onnx", "decoder.int8.onnx", "joiner.int8.onnx"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("models", "others", "words"),
    [
        ({}, ("tokens.txt",), "no model"),
        ({"model.onnx": (OFFLINE, "paraformer")}, (), "its tokens is missing"),
        ({"model.onnx": (OFFLINE, "resnet")}, ("tokens.txt",), "calls itself 'resnet'"),
        ({"model.onnx": (OFFLINE, "")}, ("tokens.txt",), "calls itself ''"),
        ({"encoder.onnx": (OFFLINE, "zipformer2")}, ("tokens.txt",), "encoder, a decoder or a joiner is missing"),
        ({"encoder.onnx": (OFFLINE, "x"), "decoder.onnx": (OFFLINE, "")}, ("tokens.txt",), "encoder calls itself 'x'"),
        ({"encode.onnx": (OFFLINE, ""), "uncached_decode.onnx": (OFFLINE, "")}, ("tokens.txt",),
         "Moonshine model, but its preprocessor and cached decoder is missing"),
    ],
)  # fmt: skip
def test_a_folder_that_is_none_is_refused_in_plain_words(
    tmp_path: Path, models: dict[str, Any], others: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        SherpaRecogniser(folder(tmp_path, models, *others), "en")
    assert caught.value.kind == "recogniser"
    assert words in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\0" * 50, b"version https://git-lfs.github.com/spec/v1\n", b"\x08\x08\x12"])
def test_a_broken_file_is_refused_before_it_is_loaded(tmp_path: Path, data: bytes) -> None:
    folder(tmp_path, {}, "tokens.txt")
    (tmp_path / "model.onnx").write_bytes(data)
    with pytest.raises(ModelError, match="cannot be used"):
        SherpaRecogniser(tmp_path, "en")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="cannot be opened: No such file"):
        open_recogniser(f"sherpa:{tmp_path / 'no'}", "en")


def test_a_model_tells_its_notes(tmp_path: Path) -> None:
    write_model(tmp_path / "m.onnx", ("a", "b"), model_type="zipformer2", comment="语音")
    said = describe_model(tmp_path / "m.onnx")
    assert said.inputs == ("a", "b")
    assert dict(said.metadata) == {"model_type": "zipformer2", "comment": "语音"}


class FakeStream:
    def __init__(self) -> None:
        self.samples = 0
        self.done = 0
        self.result = SimpleNamespace(text="", lang="<|zh|>")

    def accept_waveform(self, rate: int, samples: Any) -> None:
        assert rate == HEARING_RATE
        assert samples.dtype == np.float32
        assert np.abs(samples).max(initial=0) <= 1
        self.samples += len(samples)


class FakeRecognizer:
    """Says a word for every half second it has decoded, as streaming models do: chunk by chunk."""

    broken = False
    made: dict[str, Any]

    @classmethod
    def _make(cls, **arguments: Any) -> "FakeRecognizer":
        if cls.broken:
            raise RuntimeError("vocab size differs\nlong story")
        cls.made = arguments
        return cls()

    from_transducer = from_sense_voice = _make

    def create_stream(self) -> FakeStream:
        return FakeStream()

    def is_ready(self, stream: FakeStream) -> bool:
        return stream.samples - stream.done >= HEARING_RATE // 2

    def decode_stream(self, stream: FakeStream) -> None:
        stream.done += HEARING_RATE // 2 if self.is_ready(stream) else 0
        stream.result.text = f"{stream.samples} SAMPLES"

    def get_result(self, stream: FakeStream) -> str:
        return " WORD" * (stream.done // (HEARING_RATE // 2))


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> type[FakeRecognizer]:
    class Fresh(FakeRecognizer):
        pass

    monkeypatch.setitem(sys.modules, "sherpa_onnx", SimpleNamespace(OnlineRecognizer=Fresh, OfflineRecognizer=Fresh))
    return Fresh


def tone(seconds: float, loudness: float = 8000) -> np.ndarray:
    return (loudness * np.sin(np.arange(round(seconds * HEARING_RATE)) * 0.3)).astype(np.int16)


def test_a_streaming_model_is_read_while_it_listens(tmp_path: Path, package: type[FakeRecognizer]) -> None:
    models = {f"{part}.onnx": (STREAMING, "zipformer2") for part in ("encoder", "decoder", "joiner")}
    recogniser = open_recogniser(f"sherpa:{folder(tmp_path, models, 'tokens.txt')}", "en")
    assert recogniser is not None
    hearing = recogniser.listen()
    assert hearing.text() == ""
    hearing.hear(tone(0.6))
    assert hearing.text() == hearing.text() == "word"
    hearing.hear(tone(0.3))
    assert hearing.text() == "word", "0.9 seconds are one chunk, and nothing is added in the middle of a word"
    hearing.hear(np.zeros(round(0.05 * HEARING_RATE), np.int16))
    assert hearing.text() == "word", "too short for a pause"
    hearing.hear(np.zeros(round(0.06 * HEARING_RATE), np.int16))
    assert hearing.text() == "word word"
    samples = hearing._stream.samples
    hearing.text()
    assert hearing._stream.samples == samples == round(1.01 * HEARING_RATE) + round(PADDING * HEARING_RATE)
    hearing.hear(tone(0.1))
    hearing.close()
    hearing.hear(tone(0.1))
    assert hearing.text() == ""
    recogniser.close()
    with pytest.raises(ServiceError, match="closed"):
        recogniser.listen()


def test_another_model_is_given_the_utterance_so_far(tmp_path: Path, package: type[FakeRecognizer]) -> None:
    recogniser = open_recogniser(
        f"sherpa:{folder(tmp_path, {'model.onnx': (OFFLINE, 'sense_voice_ctc')}, 'tokens.txt')}", "cmn"
    )
    assert package.made["language"] == "zh"
    hearing = recogniser.listen()
    hearing.hear(tone(0.1))
    hearing.hear(tone(0.1))
    assert hearing.text() == "3200 samples"
    assert isinstance(recogniser, SherpaRecogniser)
    assert recogniser.language == "zh"
    hearing.hear(tone(60))
    assert hearing.text() == f"{28 * HEARING_RATE} samples", "a very long utterance is cut to its end"
    recogniser.close()


def test_what_the_package_complains_of_is_told(tmp_path: Path, package: type[FakeRecognizer]) -> None:
    package.broken = True
    with pytest.raises(ServiceError, match=r"cannot be loaded \(vocab size differs\)") as caught:
        SherpaRecogniser(folder(tmp_path, {"model.onnx": (OFFLINE, "sense_voice_ctc")}, "tokens.txt"), "en")
    assert caught.value.kind == "recogniser"


def test_without_the_package_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sherpa_onnx", None)
    with pytest.raises(ServiceError, match="pip install sherpa-onnx"):
        SherpaRecogniser(folder(tmp_path, {"model.onnx": (OFFLINE, "sense_voice_ctc")}, "tokens.txt"), "en")
