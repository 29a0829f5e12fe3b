"""Models are checked before use: whatever is not the model expected is refused by name, and nothing crashes."""

import builtins
import json
import random
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from linly_blender import model_files
from linly_blender.errors import UserError
from linly_blender.model_files import ModelError, Port, check_model, open_model, open_own_model, write_manifest

onnx = pytest.importorskip("onnx", reason="the models are made with the onnx package")
pytest.importorskip("onnxruntime")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

INPUTS = [Port("features", "float32", (1, None, 3)), Port("state", "float32", (1, 4))]
OUTPUTS = [Port("pose", "float32", (1, None, 4)), Port("next_state", "float32", (1, 4))]


@dataclass(frozen=True)
class Made:
    """What a tiny model is like; the defaults are what is expected."""

    inputs: tuple = (("features", TensorProto.FLOAT, (1, "time", 3)), ("state", TensorProto.FLOAT, (1, 4)))
    domain: str = ""
    opset: int = 17
    ir_version: int = 9
    output: str = "pose"


def make(made: Made = Made()) -> "onnx.ModelProto":
    weight = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    nodes = [
        helper.make_node("MatMul", ["features", "weight"], ["moved"]),
        helper.make_node("Add", ["moved", "state"], [made.output]),
        helper.make_node("Tanh", ["state"], ["next_state"], domain=made.domain),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(*port) for port in made.inputs],
        [
            helper.make_tensor_value_info(made.output, TensorProto.FLOAT, (1, "time", 4)),
            helper.make_tensor_value_info("next_state", TensorProto.FLOAT, (1, 4)),
        ],
        [numpy_helper.from_array(weight, "weight")],
    )
    opsets = [helper.make_opsetid("", made.opset)]
    if made.domain:
        opsets.append(helper.make_opsetid(made.domain, 1))
    return helper.make_model(graph, opset_imports=opsets, ir_version=made.ir_version)


def opened(path: Path, **others):
    return open_model(path, **{"inputs": INPUTS, "outputs": OUTPUTS, "max_bytes": 100_000, **others})


@pytest.fixture
def good() -> bytes:
    return make().SerializeToString()


@pytest.fixture
def path(tmp_path: Path, good: bytes) -> Path:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(good)
    return path


def refused(path: Path, saying: str, **others) -> str:
    with pytest.raises(ModelError) as caught:
        opened(path, **others)
    message = str(caught.value)
    assert str(path) in message
    assert saying in message
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_a_good_model_runs_and_gives_the_same_every_time(path, capfd):
    session = opened(path)
    given = {"features": np.ones((1, 5, 3), np.float32), "state": np.zeros((1, 4), np.float32)}
    first, again = session.run(["pose"], given)[0], session.run(["pose"], given)[0]
    assert first.shape == (1, 5, 4)
    assert np.array_equal(first, again)
    assert session.get_providers() == ["CPUExecutionProvider"]
    assert session.get_session_options().intra_op_num_threads == 1
    assert capfd.readouterr() == ("", "")


def test_what_is_not_a_file_to_read(tmp_path, good):
    refused(tmp_path / "absent.onnx", "does not exist")
    refused(tmp_path, "cannot be read")
    for name, data, saying in (
        ("empty", b"", "empty"),
        ("large", good + bytes(100_000), "larger than the 0.1 MB"),
        ("pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
        ("text", b"Not a model but some text.\n", "not a whole ONNX file"),
        ("pickle", b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00", "not"),
        ("zip", b"PK\x03\x04" + bytes(60), "not"),
    ):
        (tmp_path / name).write_bytes(data)
        refused(tmp_path / name, saying)


@pytest.mark.parametrize(
    ("made", "saying"),
    [
        (Made(opset=12), "opset 12"),
        (Made(opset=999), "opset 999"),
        (Made(ir_version=99), "IR version 99"),
        (Made(domain="evil.corp"), "evil.corp.Tanh"),
        (Made(domain="com.microsoft"), "com.microsoft.Tanh"),
        (Made(output="position"), "its outputs are position, next_state instead of pose, next_state"),
        (Made(inputs=Made.inputs[:1]), "its inputs are features instead of features, state"),
        (Made(inputs=(*Made.inputs, ("more", TensorProto.FLOAT, (1,)))), "its inputs are"),
        (Made(inputs=(Made.inputs[0], ("state", TensorProto.DOUBLE, (1, 4)))), "state is float64[1, 4] instead of"),
        (Made(inputs=(Made.inputs[0], ("state", TensorProto.STRING, (1, 4)))), "state is unknown[1, 4] instead of"),
        (Made(inputs=(("features", TensorProto.FLOAT, (1, "t", 9)), Made.inputs[1])), "float32[1, ?, 9] instead of"),
        (Made(inputs=(("features", TensorProto.FLOAT, (1, 3)), Made.inputs[1])), "float32[1, 3] instead of"),
    ],
)
def test_a_model_of_another_kind(tmp_path, made, saying):
    path = tmp_path / "other.onnx"
    path.write_bytes(make(made).SerializeToString())
    refused(path, saying)


def test_open_sizes_are_taken(tmp_path):
    path = tmp_path / "open.onnx"
    path.write_bytes(make(Made(inputs=(("features", 1, ("a", "b", "c")), ("state", 1, ("a", 4))))).SerializeToString())
    opened(path)


def test_weights_in_another_file(tmp_path):
    model, secret = make(), tmp_path / "secret"
    secret.write_bytes(bytes(48))
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../secret")
    path = tmp_path / "external.onnx"
    path.write_bytes(model.SerializeToString())
    refused(path, "another file (weight)")
    weight.data_location = TensorProto.DEFAULT  # named, though said to be inside
    path.write_bytes(model.SerializeToString())
    refused(path, "another file (weight)")


def branch(name: str, output: str, value: "onnx.TensorProto", domain: str = "") -> "onnx.GraphProto":
    node = helper.make_node("Constant", [], [output], value=value, domain=domain)
    return helper.make_graph([node], name, [], [helper.make_tensor_value_info(output, TensorProto.FLOAT, (1, 4))])


@pytest.mark.parametrize("hidden", ["domain", "external", "function", "deep"])
def test_nothing_hides_inside_a_subgraph_or_a_function(tmp_path, hidden):
    model = make()
    value = numpy_helper.from_array(np.ones((1, 4), np.float32), "value")
    if hidden == "external":
        value.data_location = TensorProto.EXTERNAL
        value.external_data.add(key="location", value="/etc/passwd")
    inner = branch("then", "a", value, "evil.corp" if hidden == "domain" else "")
    if hidden == "deep":
        for level in range(20):
            node = helper.make_node("If", ["condition"], [f"x{level}"], then_branch=inner, else_branch=inner)
            inner = helper.make_graph([node], "deeper", [], [])
            if level > 8:
                inner.node[0].attribute.pop()
    if hidden == "function":
        node = helper.make_node("Tanh", ["x"], ["y"])
        function = helper.make_function("evil.corp", "Call", ["x"], ["y"], [node], [helper.make_opsetid("", 17)])
        model.functions.append(function)
    model.graph.node.append(helper.make_node("If", ["condition"], ["chosen"], then_branch=inner, else_branch=inner))
    path = tmp_path / "hidden.onnx"
    path.write_bytes(model.SerializeToString())
    saying = {"domain": "evil.corp", "external": "value", "function": "function Call", "deep": "nested"}[hidden]
    refused(path, saying, max_bytes=10_000_000)


def test_our_own_are_known_by_their_hash(path, good, monkeypatch):
    monkeypatch.setattr(model_files, "MODELS", path.parent)
    with pytest.raises(ModelError, match="not listed"):
        open_own_model(path.name, inputs=INPUTS, outputs=OUTPUTS)
    write_manifest(path.parent)
    assert list(json.loads((path.parent / "manifest.json").read_text())) == [path.name]
    open_own_model(path.name, inputs=INPUTS, outputs=OUTPUTS)
    at = good.index(np.float32(-1).tobytes())
    path.write_bytes(good[:at] + b"\x01" + good[at + 1 :])  # one weight, ever so little
    opened(path)
    with pytest.raises(ModelError, match="SHA-256 differs"):
        open_own_model(path.name, inputs=INPUTS, outputs=OUTPUTS)


def test_the_shipped_models_are_those_of_the_manifest(tmp_path):
    shipped = {path.name for path in model_files.MODELS.glob("*.onnx")}
    manifest = model_files.MODELS / "manifest.json"
    if not shipped and not manifest.exists():
        pytest.skip("no model is shipped yet")
    digests = json.loads(manifest.read_text(encoding="utf-8"))
    assert set(digests) == shipped
    for name, digest in digests.items():
        assert model_files.hashlib.sha256((model_files.MODELS / name).read_bytes()).hexdigest() == digest


def test_without_onnx_runtime(path, monkeypatch):
    real = builtins.__import__

    def missing(name, *rest):
        if name == "onnxruntime":
            raise ImportError("No module named 'onnxruntime'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UserError, match="pip install onnxruntime"):
        opened(path)


def survives(path: Path, data: bytes) -> bool:
    """Whether the file is opened; anything but a refusal by name fails the test."""
    path.write_bytes(data)
    try:
        opened(path)
    except ModelError as error:
        message = str(error)
    else:
        return True
    assert str(path) in message
    assert len(message) < len(str(path)) + 400
    return False


def test_every_truncation_is_refused(path, good):
    # A cut between two fields of the outermost message may leave a whole model: only the last, the opset, is there.
    assert [size for size in range(len(good)) if survives(path, good[:size])] == []


def test_flipped_bytes_never_crash(path, good):
    dice = random.Random(1)
    for position in range(len(good)):
        flipped = bytearray(good)
        flipped[position] ^= 1 << dice.randrange(8)
        survives(path, bytes(flipped))


def test_random_bytes_are_refused(path, good):
    dice = random.Random(2)
    for _ in range(300):
        data = dice.randbytes(dice.randrange(1, 400))
        assert not survives(path, data)
        assert not survives(path, good[: dice.randrange(len(good))] + data)


@pytest.mark.parametrize("size", [2**31, 2**63 - 1, 2**64 - 1, 10**6])
def test_huge_claims_are_refused_at_once(path, good, size):
    length = b""
    while size > 0x7F:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    length += bytes([size])
    for number in (1, 2, 5, 7, 8):
        assert not survives(path, good + bytes([number << 3 | 2]) + length + b"abc")


@pytest.mark.parametrize("sizes", [(3, 2**40), (2**62, 4), (3, 5)])
def test_a_weight_is_as_large_as_it_claims(tmp_path, sizes):
    model = make()
    weight = model.graph.initializer[0]
    weight.dims[:] = sizes
    path = tmp_path / "claims.onnx"
    path.write_bytes(model.SerializeToString())
    refused(path, "another size than it claims")
    weight.ClearField("raw_data")
    path.write_bytes(model.SerializeToString())
    refused(path, "another size than it claims")


def test_weights_are_stepped_over(good):
    """A large model costs no more than a small one: its weights are not copied."""
    model = make()
    extra = numpy_helper.from_array(np.zeros(2_000_000, np.float32), "unused")
    model.graph.initializer.append(extra)
    data = model.SerializeToString()
    tracemalloc.start()
    try:
        check_model(Path("large.onnx"), data, inputs=INPUTS, outputs=OUTPUTS)
        assert tracemalloc.get_traced_memory()[1] < len(data) / 20
    finally:
        tracemalloc.stop()
