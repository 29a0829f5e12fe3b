"""From torch to ONNX, operator by operator, in the form that ``face/learned_mouth.py`` takes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ...face.learned_mouth import OUTPUTS
from ...face.mouth_features import FEATURES
from ...files import replacing
from ...model_files import Port, open_model
from .network import DILATIONS, KERNEL, Mouth

Floats = NDArray[np.float32]

OPSET: Final = 17
IR_VERSION: Final = 8
PARITY: Final = 1e-4
_MOST_BYTES: Final = 3_000_000


@dataclass(frozen=True, slots=True)
class Output:
    """What becomes of the network's numbers: times a gain, plus an offset, cut to 0..1 [shape=(OUTPUTS,) each]."""

    gain: Floats
    offset: Floats

    def of(self, found: Floats) -> Floats:
        """The mouth [shape=(n, OUTPUTS)]."""
        return np.asarray(np.clip(found * self.gain + self.offset, 0, 1), np.float32)


@dataclass
class _Graph:
    """A graph in the making; ``add`` returns the name of what it makes."""

    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)

    def add(self, operator: str, *inputs: str, called: str = "", **attributes: Any) -> str:
        name = called or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def weight(self, value: NDArray[Any]) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def whole(self, *numbers: int) -> str:
        return self.weight(np.array(numbers, np.int64))

    def convolve(self, layer: Any, rows: str) -> str:
        return self.add(
            "Conv",
            rows,
            self.weight(_numbers(layer.weight)),
            self.weight(_numbers(layer.bias)),
            dilations=list(layer.dilation),
            kernel_shape=list(layer.kernel_size),
        )


def write_onnx(network: Mouth, output: Output, path: Path) -> None:
    """Write the network with what becomes of its numbers."""
    network.eval()
    graph = _Graph()
    columns = graph.add("Transpose", "features", perm=[0, 2, 1])
    hidden = graph.add("Relu", graph.convolve(network.enter, columns))
    pasts = [f"past_{index}" for index in range(len(network.sizes))]
    graph.nodes.append(helper.make_node("Split", ["state", graph.whole(*network.sizes)], pasts, axis=1))
    flat, far, third = graph.whole(1, -1), graph.whole(2**31 - 1), graph.whole(2)
    left = []
    for past, dilation, over_time, mix in zip(pasts, DILATIONS, network.over_time, network.mix, strict=True):
        size = (KERNEL - 1) * dilation
        before = graph.add("Reshape", past, graph.whole(1, network.width, size))
        joined = graph.add("Concat", before, hidden, axis=2)
        left.append(graph.add("Reshape", graph.add("Slice", joined, graph.whole(-size), far, third), flat))
        followed = graph.add("Relu", graph.convolve(over_time, joined))
        hidden = graph.add("Add", hidden, graph.convolve(mix, followed))
    graph.add("Concat", *left, called="next_state", axis=1)
    found = graph.add("Transpose", graph.convolve(network.leave, hidden), perm=[0, 2, 1])
    found = graph.add("Add", graph.add("Mul", found, graph.weight(output.gain)), graph.weight(output.offset))
    limits = (graph.weight(np.array(edge, np.float32)) for edge in (0, 1))
    graph.add("Clip", found, *limits, called="mouth")
    made = helper.make_graph(
        graph.nodes,
        path.stem,
        [
            helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, "time", FEATURES]),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, [1, network.memory_size]),
        ],
        [
            helper.make_tensor_value_info("mouth", TensorProto.FLOAT, [1, "time", OUTPUTS]),
            helper.make_tensor_value_info("next_state", TensorProto.FLOAT, [1, network.memory_size]),
        ],
        graph.weights,
    )
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="linly_blender"
    )
    onnx.checker.check_model(model, full_check=True)
    with replacing(path) as temporary:
        temporary.write_bytes(model.SerializeToString())


@dataclass(frozen=True, slots=True)
class Parity:
    """Largest differences of the mouth, 0..1."""

    torch_to_onnx: float
    streamed_to_whole: float


def parity(network: Mouth, output: Output, path: Path, rng: np.random.Generator) -> Parity:
    """Compare torch with ONNX, and ONNX streamed in pieces of 1 to 7 frames with ONNX in one call, on random input."""
    rows = rng.normal(0, 0.5, (400, FEATURES)).astype(np.float32)
    known = output.of(apply(network, rows))
    session = open_model(
        path,
        inputs=[Port("features", "float32", (1, None, FEATURES)), Port("state", "float32", (1, network.memory_size))],
        outputs=[Port("mouth", "float32", (1, None, OUTPUTS)), Port("next_state", "float32", (1, network.memory_size))],
        max_bytes=_MOST_BYTES,
    )
    start = np.zeros((1, network.memory_size), np.float32)
    whole = session.run(("mouth",), {"features": rows[None], "state": start})[0][0]
    pieces, state, at = [], start, 0
    while at < len(rows):
        count = int(rng.integers(1, 8))
        piece, state = session.run(("mouth", "next_state"), {"features": rows[None, at : at + count], "state": state})
        pieces.append(piece[0])
        at += count
    streamed = np.concatenate(pieces)
    return Parity(float(np.abs(known - whole).max()), float(np.abs(streamed - whole).max()))


def apply(network: Mouth, rows: Floats) -> Floats:
    """Run the network over a whole sequence, as it comes out of it [shape=(n, FEATURES) -> (n, OUTPUTS)]."""
    network.eval()
    with torch.no_grad():
        found, _ = network(torch.from_numpy(rows[None]), torch.zeros(1, network.memory_size))
    return np.asarray(found[0].numpy())


def _numbers(tensor: torch.Tensor) -> Floats:
    return np.asarray(tensor.detach().numpy(), np.float32)
