"""Voices of the user's: files, folders and servers, sound and broken."""

import io
import json
import struct
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from linly_blender.errors import UserError
from linly_blender.language.reader import read_script
from linly_blender.language.script import Line
from linly_blender.live.services import ServiceError
from linly_blender.model_files import ModelError
from linly_blender.speech.synthesis import EspeakVoice, Spoken
from linly_blender.voices import EspeakMouth, open_voice
from linly_blender.voices.piper import PiperMouth, phoneme_ids, read_config
from linly_blender.voices.server import ServerMouth
from linly_blender.voices.sherpa import SherpaMouth, find_voice
from linly_blender.voices.sound import SoundError, from_floats, from_pcm, from_wav

from .fakes import FaultyServer, faulty_server

KEY = "sk-very-secret-0123456789"
TOTAL = 1.0


def line(text: str = "Good morning to you all.", language: str = "en") -> Line:
    return read_script(text, language=language, emotion=None)[0]


def spoken_by(speaker: str, said: Line) -> Spoken:
    with EspeakVoice(speaker) as voice:
        return voice.say(said)


def wav(sound: Any, rate: int = 22050) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.asarray(sound, "<i2").tobytes())
    return buffer.getvalue()


def check(spoken: Spoken, said: Line) -> None:
    assert spoken.sound.dtype == np.int16
    assert len(spoken.words) == len(said.words)
    assert all(a.end <= b.start + 1e-9 for a, b in zip(spoken.phones, spoken.phones[1:], strict=False))
    assert spoken.phones[-1].end <= len(spoken.sound) / spoken.rate + 1e-3
    assert {p.word for p in spoken.phones} == set(range(len(said.words)))


@pytest.mark.parametrize("spec", ["", "festival", "piper:", "piper", "sherpa:", "server:", "server"])
def test_an_unknown_voice_lists_the_forms(spec: str) -> None:
    with pytest.raises(UserError, match="Choose espeak, espeak:VARIANT, piper:FILE, sherpa:FOLDER or server:URL"):
        open_voice(spec, "en")


def test_the_built_in_voice_is_a_mouth() -> None:
    mouth = open_voice("espeak:f2", "en")
    assert isinstance(mouth, EspeakMouth)
    check(mouth.say(line()), line())
    mouth.close()
    mouth.close()
    with pytest.raises(UserError, match="no voice 'nobody'"):
        open_voice("espeak:nobody", "en")


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with faulty_server(wav(spoken_by("f2", line()).sound), told=False) as opened:
        yield opened


@pytest.fixture
def mouth(server: FaultyServer) -> Iterator[ServerMouth]:
    opened = ServerMouth(f"{server.url}#model=kokoro&voice=af_sky", lambda: KEY, total=TOTAL)
    yield opened
    opened.close()


def test_a_server_speaks_and_its_phones_are_found(server: FaultyServer, mouth: ServerMouth) -> None:
    spoken = mouth.say(line())
    check(spoken, line())
    truth = spoken_by("f2", line())
    starts = np.array([p.start for p in spoken.phones]) - [p.start for p in truth.phones]
    assert np.median(np.abs(starts - np.median(starts))) < 0.02
    path, headers, content = server.asked[0]
    assert path == "/v1/audio/speech"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(content) == {"model": "kokoro", "voice": "af_sky", "input": line().text, "response_format": "wav"}


def test_a_server_may_send_bare_samples(server: FaultyServer) -> None:
    server.body = (8000 * np.sin(np.arange(24000) * 0.1)).astype("<i2").tobytes()
    mouth = open_voice(f"server:{server.url}#format=pcm", "en")
    spoken = mouth.say(line())
    assert spoken.rate == 24000
    assert json.loads(server.asked[0][2])["response_format"] == "pcm"
    assert "Authorization" not in server.asked[0][1]
    mouth.close()


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"status": 401, "body": KEY.encode()}, "refused", "does not accept the key"),
        ({"status": 404, "body": b'{"detail": "no such voice"}'}, "refused", "no such address or model"),
        ({"status": 429}, "refused", "asked too often"),
        ({"status": 422, "body": b"[1]"}, "refused", "does not accept what it was asked (422)"),
        ({"status": 503}, "server", "error of its own (503)"),
        ({"body": b""}, "server", "something else instead of WAV"),
        ({"body": b"ID3" + b"\0" * 900}, "server", "MP3 instead of WAV"),
        ({"body": b'{"error": "x"}'}, "server", "JSON instead of WAV"),
        ({"body": wav(np.zeros(100))[:30]}, "server", "without sound"),
        ({"body": wav(np.zeros(0))}, "server", "is empty"),
        ({"body": wav(np.zeros(100), 4000)}, "server", "4000 samples a second"),
        ({"body": b"\0" * 24_000_000}, "server", "sends more than"),
    ],
)
def test_faults_are_told_in_plain_words_at_once(
    server: FaultyServer, mouth: ServerMouth, change: dict[str, Any], kind: str, words: str
) -> None:
    fine = server.body
    for name, value in change.items():
        setattr(server, name, value)
    start = time.monotonic()
    with pytest.raises(ServiceError) as caught:
        mouth.say(line())
    assert time.monotonic() - start < 0.9
    assert caught.value.kind == kind
    assert words in str(caught.value)
    assert KEY not in str(caught.value)
    server.status, server.body = 200, fine
    check(mouth.say(line()), line())


@pytest.mark.parametrize("change", [{"hang": True}, {"drip": 0.1}])
def test_a_server_that_is_too_slow_is_given_up_in_time(
    server: FaultyServer, mouth: ServerMouth, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    start = time.monotonic()
    with pytest.raises(ServiceError, match="has not answered within 1 seconds"):
        mouth.say(line())
    assert TOTAL - 0.1 < time.monotonic() - start < TOTAL + 0.7


def test_a_server_elsewhere_needs_leave() -> None:
    with pytest.raises(ServiceError, match="Allow Online Access"):
        open_voice("server:https://api.example.com/v1", "en")
    open_voice("server:https://api.example.com/v1", "en", allow_online=True).close()


def test_wav_files_of_several_kinds_are_read() -> None:
    values = np.array([0, 1000, -1000, 32767], np.int16)
    assert np.array_equal(from_wav(wav(values))[0], values)

    def built(kind: int, channels: int, bits: int, body: bytes, claimed: int | None = None) -> bytes:
        head = struct.pack("<HHIIHH", kind, channels, 16000, 0, 0, bits)
        size = len(body) if claimed is None else claimed
        return (
            b"RIFF\xff\xff\xff\xffWAVELIST\x03\0\0\0abc\0fmt " + struct.pack("<I", 16) + head
            + b"data" + struct.pack("<I", size) + body
        )  # fmt: skip

    stereo = np.repeat(values, 2).tobytes()
    assert np.array_equal(from_wav(built(1, 2, 16, stereo))[0], values)
    assert np.array_equal(from_wav(built(1, 1, 16, values.tobytes() + b"x", 0xFFFFFFFF))[0], values)
    floats = (values / np.float32(32767)).astype("<f4").tobytes()
    assert np.abs(from_wav(built(3, 1, 32, floats))[0].astype(int) - values).max() <= 1
    assert np.array_equal(from_wav(built(1, 1, 32, (values.astype("<i4") << 16).tobytes()))[0], values)
    for wrong in (
        built(1, 0, 16, b"1234"),
        built(6, 1, 8, b"1234"),
        b"RIFF",
        b"",
        built(3, 1, 32, b"\0\0\xc0\x7f" * 9),
    ):
        with pytest.raises(SoundError):
            from_wav(wrong)


def test_floats_are_checked() -> None:
    assert from_floats([[0.0, 2.0, -2.0, 0.5]], 16000).tolist() == [0, 32767, -32767, 16383]
    for values, rate in (([np.nan], 16000), ([np.inf], 16000), ([], 16000), ([0.0], 7000), (np.zeros(2_000_000), 8000)):
        with pytest.raises(SoundError):
            from_floats(values, rate)
    assert from_pcm(b"\x01\x00\x02", 24000)[0].tolist() == [1]


# Piper


SYMBOLS = "_^$ abcdefghijklmnopqrstuvwxyz,.?!ˈˌːəɪɛæɑɔʊʌɜɚŋʃʒθðɹɡɾᵻ"


def config(**changes: Any) -> dict[str, Any]:
    return {
        "audio": {"sample_rate": 16000},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.5, "length_scale": 1.2, "noise_w": 0.7},
        "phoneme_type": "espeak",
        "phoneme_id_map": {symbol: [index] for index, symbol in enumerate(SYMBOLS)},
        "num_speakers": 1,
        **changes,
    }


def write_voice(folder: Path, output: str = "output", values: float = 0.3, **changes: Any) -> Path:
    """A voice that says 0.3 for 400 samples a number it is given."""
    onnx = pytest.importorskip("onnx", reason="the models are made with the onnx package")
    from onnx import TensorProto, helper, numpy_helper

    described = config(**changes)
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    if described["num_speakers"] > 1:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, ["batch"]))
    constants = {"four": [400], "front": [1, 1, 1]}
    nodes = [
        helper.make_node("Mul", ["input_lengths", "four"], ["count"]),
        helper.make_node("Concat", ["front", "count"], ["shape"], axis=0),
        helper.make_node(
            "ConstantOfShape", ["shape"], [output], value=numpy_helper.from_array(np.array([values], np.float32))
        ),
    ]
    graph = helper.make_graph(
        nodes, "voice", inputs,
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", 1, 1, "time"])],
        [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    path = folder / "voice.onnx"
    path.write_bytes(model.SerializeToString())
    path.with_name("voice.onnx.json").write_text(json.dumps(described), encoding="utf-8")
    assert onnx
    return path


@pytest.mark.parametrize("speakers", [1, 3])
def test_a_piper_voice_speaks(tmp_path: Path, speakers: int) -> None:
    mouth = open_voice(f"piper:{write_voice(tmp_path, num_speakers=speakers)}", "en")
    spoken = mouth.say(line())
    assert spoken.rate == 16000
    assert np.all(np.abs(spoken.sound[100:-100] - 9830) <= 1)
    check(spoken, line())
    mouth.close()
    mouth.close()
    with pytest.raises(ServiceError, match="closed"):
        mouth.say(line())


def test_piper_reads_what_espeak_reads(tmp_path: Path) -> None:
    mouth = PiperMouth(write_voice(tmp_path))
    assert "".join(mouth._read(line("Hello there, old bird?"))) == "həlˈoʊ ðˈɛɹ, ˈoʊld bˈɜːd?"
    assert "dollar" not in "".join(mouth._read(line("It costs $3.")))
    assert "dˈɑːlɚz" in "".join(mouth._read(line("It costs $3.")))
    mouth.close()


def test_piper_numbers_are_padded_and_bounded() -> None:
    ids = {"^": (1,), "_": (0,), "$": (2,), "h": (5,), "a": (6, 7)}
    assert phoneme_ids("h?a", ids) == [1, 0, 5, 0, 6, 7, 0, 2]
    assert len(phoneme_ids("h" * 100_000, ids)) < 5000
    with pytest.raises(ServiceError, match="none of the sounds"):
        phoneme_ids("xyz", ids)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"audio": {"sample_rate": 0}}, "audio.sample_rate"),
        ({"espeak": {"voice": "klingon"}}, "a language that espeak-ng knows"),
        ({"phoneme_type": "pinyin"}, "phoneme_type should be one of"),
        ({"phoneme_id_map": {"a": [1]}}, "has ^, _ and $"),
        ({"phoneme_id_map": {"^": [1], "_": [-4], "$": [2]}}, "phoneme_id_map._[0]"),
        ({"phoneme_id_map": {"^": [1], "_": [0], "$": [2], "a": [3] * 9}}, "a list of at most 8 numbers"),
        ({"phoneme_id_map": []}, "an object"),
        ({"num_speakers": "two"}, "num_speakers"),
        ({"inference": {"length_scale": 1e9}}, "inference.length_scale"),
        ({"inference": {"noise_scale": float("nan")}}, "inference.noise_scale"),
    ],
)
def test_a_wrong_description_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    path = tmp_path / "v.onnx.json"
    path.write_text(json.dumps(config(**changes)), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_config(path)
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["[]", "null", "{", '"x"', "{}", "[" * 100_000])
def test_a_description_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "v.onnx.json"
    path.write_text(text)
    with pytest.raises(UserError, match=r"v\.onnx\.json"):
        read_config(path)


def test_what_is_wrong_with_a_piper_voice_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"voice.onnx.json of the Piper voice .* is missing"):
        open_voice(f"piper:{tmp_path / 'voice.onnx'}", "en")
    path = write_voice(tmp_path, output="durations")
    with pytest.raises(ModelError, match="outputs are durations instead of output"):
        open_voice(f"piper:{path}", "en")
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot be used"):
        open_voice(f"piper:{path}", "en")
    path = write_voice(tmp_path)
    with pytest.raises(ServiceError, match="speaks en-us, not zh"):
        open_voice(f"piper:{path}", "zh")
    mouth = open_voice(f"piper:{write_voice(tmp_path, values=float('nan'))}", "auto")
    with pytest.raises(ServiceError, match="holds values that are no numbers"):
        mouth.say(line())
    with pytest.raises(ServiceError, match="speaks en-us, not cmn"):
        mouth.say(line("你好。", "zh"))
    mouth.close()


# sherpa-onnx


def write_folder(path: Path, notes: dict[str, str], *others: str, name: str = "model.onnx") -> Path:
    onnx = pytest.importorskip("onnx", reason="the models are made with the onnx package")
    from onnx import TensorProto, helper

    port = helper.make_tensor_value_info("x", TensorProto.FLOAT, (1,))
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, (1,))
    model = helper.make_model(helper.make_graph([helper.make_node("Tanh", ["x"], ["y"])], "g", [port], [out]))
    onnx.helper.set_model_props(model, notes)
    (path / name).write_bytes(model.SerializeToString())
    for other in others:
        if other.endswith("/"):
            (path / other).mkdir()
        else:
            (path / other).write_text("x" * 24)
    return path


VITS = {"sample_rate": "16000", "n_speakers": "1", "language": "English", "comment": "piper"}
MATCHA = {"model_type": "matcha-tts", "sample_rate": "22050", "n_speakers": "1"}
KOKORO = {"model_type": "kokoro", "sample_rate": "24000", "n_speakers": "1", "has_espeak": "1", "style_dim": "2,1,3"}
KITTEN = {"model_type": "kitten-tts", "sample_rate": "24000", "n_speakers": "1", "has_espeak": "1"}


@pytest.mark.parametrize(
    ("notes", "others", "name", "given"),
    [
        (VITS, ("tokens.txt", "espeak-ng-data/"), "vits", {"model", "tokens", "data_dir"}),
        (VITS, ("tokens.txt", "lexicon.txt", "date.fst"), "vits", {"model", "tokens", "lexicon"}),
        (MATCHA, ("tokens.txt", "lexicon.txt", "vocos-22khz-univ.onnx"), "matcha",
         {"acoustic_model", "vocoder", "tokens", "lexicon"}),
        (KOKORO, ("tokens.txt", "voices.bin", "espeak-ng-data/", "lexicon-zh.txt"),
         "kokoro", {"model", "voices", "tokens", "data_dir", "lexicon"}),
        (KITTEN, ("tokens.txt", "voices.bin", "espeak-ng-data/"), "kitten",
         {"model", "voices", "tokens", "data_dir"}),
    ],
)  # fmt: skip
def test_the_voice_of_a_folder_is_found_out(
    tmp_path: Path, notes: dict[str, str], others: tuple[str, ...], name: str, given: set[str]
) -> None:
    from linly_blender.sherpa_folder import open_folder

    sherpa_onnx = pytest.importorskip("sherpa_onnx")
    found = find_voice(open_folder(write_folder(tmp_path, notes, *others), "voice"))
    assert found.name == name
    assert {part for part, value in found.arguments.items() if value} == given
    assert found.rules == (str(tmp_path / "date.fst") if "date.fst" in others else "")
    getattr(sherpa_onnx, f"OfflineTts{name.capitalize()}ModelConfig")(**found.arguments)


@pytest.mark.parametrize(
    ("notes", "others", "words"),
    [
        (VITS, (), "its tokens is missing"),
        (KOKORO, ("tokens.txt", "espeak-ng-data/"), "its voices is missing"),
        (MATCHA, ("tokens.txt", "lexicon.txt"), "put the vocoder"),
        ({"model_type": "resnet"}, ("tokens.txt",), "calls itself 'resnet'"),
        ({"sample_rate": "16000"}, ("tokens.txt",), "No voice is known"),
        ({**KOKORO, "n_speakers": "2"}, ("tokens.txt", "voices.bin", "espeak-ng-data/"), "is cut short"),
        ({**KOKORO, "style_dim": "x"}, ("tokens.txt", "voices.bin", "espeak-ng-data/"), "no list of numbers"),
        ({"model_type": "kokoro"}, ("tokens.txt", "voices.bin"), "leaves out what it should say"),
    ],
)
def test_a_folder_that_is_no_voice_is_refused(
    tmp_path: Path, notes: dict[str, str], others: tuple[str, ...], words: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        SherpaMouth(write_folder(tmp_path, notes, *others))
    assert caught.value.kind == "voice"
    assert words in str(caught.value)


def test_a_sherpa_voice_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    truth = spoken_by("m3", line())
    result = SimpleNamespace(samples=(truth.sound / 32768).tolist(), sample_rate=truth.rate)
    asked: list[str] = []

    class Voice:
        def __init__(self, chosen: Any) -> None:
            assert chosen.model.vits.model.endswith("model.onnx")

        def generate(self, text: str, sid: int, speed: float) -> Any:
            asked.append(text)
            if result.samples is None:
                raise RuntimeError("no such token")
            return result

    def record(**values: Any) -> SimpleNamespace:
        return SimpleNamespace(validate=lambda: True, **values)

    fake = SimpleNamespace(
        OfflineTtsVitsModelConfig=record, OfflineTtsModelConfig=record, OfflineTtsConfig=record, OfflineTts=Voice
    )
    monkeypatch.setitem(sys.modules, "sherpa_onnx", fake)
    mouth = open_voice(f"sherpa:{write_folder(tmp_path, VITS, 'tokens.txt', 'lexicon.txt')}", "en")
    check(mouth.say(line()), line())
    assert asked == [line().text]
    result.samples = []
    with pytest.raises(ServiceError, match="is empty"):
        mouth.say(line())
    result.samples = None
    with pytest.raises(ServiceError, match="no such token"):
        mouth.say(line())
    mouth.close()
    with pytest.raises(ServiceError, match="closed"):
        mouth.say(line())
