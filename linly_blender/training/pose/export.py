"""From torch to ONNX, operator by operator: the graphs are small enough to be written down, and nothing is left over.

Both stages have one form: named inputs ``[1, t, n]`` joined into rows, a flat state, and two outputs.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ...files import replacing
from ...model_files import Port, open_model
from .models import BUMPS, KERNEL, LENGTH, Lstm, Network, Tcn

OPSET: Final = 17
IR_VERSION: Final = 8
PARITY: Final = 1e-4


@dataclass
class _Graph:
    """A graph in the making; every ``add`` returns the name of what it makes."""

    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)

    def add(self, operator: str, *inputs: str, outputs: Sequence[str] = (), **attributes: Any) -> str:
        names = list(outputs) or [f"{operator.lower()}_{len(self.nodes)}"]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names[0]

    def weight(self, value: NDArray[Any]) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def whole(self, *numbers: int) -> str:
        return self.weight(np.array(numbers, np.int64))


def write_onnx(
    network: Network, path: Path, inputs: Sequence[tuple[str, int, float]], output: str, notes: dict[str, object]
) -> None:
    """Write a network and a ``.json`` of the same name that describes it.

    ``inputs``: name, width and the natural size that the numbers are divided by, in the order the network was trained
    on; ``output``: name of the result; ``notes``: what else the ``.json`` says.
    """
    network.eval()
    graph = _Graph()
    parts = [name for name, _, _ in inputs]
    rows = graph.add("Concat", *parts, axis=2) if len(parts) > 1 else parts[0]
    # Every operator costs a frame's step about a microsecond: natural sizes go into the weights beside them.
    sizes = np.concatenate([np.full(width, size, np.float32) for _, width, size in inputs])
    if isinstance(network, Tcn):
        _add_tcn(graph, network, rows, sizes, output)
    else:
        _add_lstm(graph, network, rows, sizes, output)
    made = helper.make_graph(
        graph.nodes,
        path.stem,
        [
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "time", width]) for name, width, _ in inputs),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, [1, network.state_size]),
        ],
        [
            helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, "time", network.outputs]),
            helper.make_tensor_value_info("next_state", TensorProto.FLOAT, [1, network.state_size]),
        ],
        graph.weights,
    )
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="linly_blender"
    )
    onnx.checker.check_model(model, full_check=True)
    with replacing(path) as temporary:
        temporary.write_bytes(model.SerializeToString())
    described = {
        "inputs": {name: [1, "time", width] for name, width, _ in inputs} | {"state": [1, network.state_size]},
        "outputs": {output: [1, "time", network.outputs], "next_state": [1, network.state_size]},
        **notes,
    }
    with replacing(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _numbers(tensor: torch.Tensor) -> NDArray[np.float32]:
    return np.asarray(tensor.detach().cpu().numpy(), np.float32)


def _convolve(
    graph: _Graph,
    layer: torch.nn.Conv1d,
    rows: str,
    taken: NDArray[np.float32] | float = 1.0,
    given: NDArray[np.float32] | float = 1.0,
) -> str:
    """A layer whose inputs are divided by the sizes ``taken``, and whose outputs are multiplied by those ``given``."""
    assert layer.bias is not None
    weight = _numbers(layer.weight) / np.reshape(taken, (1, -1, 1)) * np.reshape(given, (-1, 1, 1))
    return graph.add(
        "Conv",
        rows,
        graph.weight(weight.astype(np.float32)),
        graph.weight((_numbers(layer.bias) * given).astype(np.float32)),
        dilations=list(layer.dilation),
        kernel_shape=list(layer.kernel_size),
    )


def _add_tcn(graph: _Graph, network: Tcn, rows: str, sizes: NDArray[np.float32], output: str) -> None:
    columns = graph.add("Transpose", rows, perm=[0, 2, 1])
    seen = graph.add("Relu", _convolve(graph, network.enter, columns, taken=sizes))
    seen = graph.add("Relu", _convolve(graph, network.think, seen))
    pasts = [f"past_{index}" for index in range(len(network.sizes))]
    graph.add("Split", "state", graph.whole(*network.sizes), outputs=pasts, axis=1)
    left: list[str] = []
    flat, far, third = graph.whole(1, -1), graph.whole(2**31 - 1), graph.whole(2)

    def follow(past: str, channels: int, size: int, now: str) -> str:
        """What was before, and what is; its end is for the next state."""
        before = graph.add("Reshape", past, graph.whole(1, channels, size))
        joined = graph.add("Concat", before, now, axis=2)
        left.append(graph.add("Reshape", graph.add("Slice", joined, graph.whole(-size), far, third), flat))
        return joined

    noticed = follow(pasts[0], network.moments, LENGTH - 1, _convolve(graph, network.notice, seen))
    alone = graph.add("Reshape", noticed, graph.whole(network.moments, 1, -1))
    spread = graph.add("Conv", alone, graph.weight(_numbers(network.bumps)), kernel_shape=[LENGTH])
    spread = graph.add("Reshape", spread, graph.whole(1, BUMPS * network.moments, -1))
    both = graph.add("Concat", seen, spread, axis=1)
    hidden = graph.add("Relu", _convolve(graph, network.join, both))
    for past, dilation, over_time, mix in zip(
        pasts[1:], network.dilations, network.over_time, network.mix, strict=True
    ):
        assert isinstance(over_time, torch.nn.Conv1d)
        assert isinstance(mix, torch.nn.Conv1d)
        joined = follow(past, network.width, (KERNEL - 1) * dilation, hidden)
        mixed = _convolve(graph, mix, graph.add("Relu", _convolve(graph, over_time, joined)))
        hidden = graph.add("Add", hidden, mixed)
    both = graph.add("Concat", hidden, spread, axis=1)
    found = _convolve(graph, network.leave, both, given=_numbers(network.scale))
    graph.add("Transpose", found, perm=[0, 2, 1], outputs=[output])
    graph.add("Concat", *left, outputs=["next_state"], axis=1)


def _add_lstm(graph: _Graph, network: Lstm, rows: str, sizes: NDArray[np.float32], output: str) -> None:
    def linear(weight: NDArray[np.float32], bias: NDArray[np.float32], given: str, outputs: Sequence[str] = ()) -> str:
        return graph.add("Add", graph.add("MatMul", given, graph.weight(weight.T)), graph.weight(bias), outputs=outputs)

    size = network.hidden
    # ONNX orders the gates input, output, forget, cell; torch input, forget, cell, output.
    order = np.concatenate([np.arange(size) + gate * size for gate in (0, 3, 1, 2)])
    memory = network.memory
    bias = np.concatenate([_numbers(memory.bias_ih_l0)[order], _numbers(memory.bias_hh_l0)[order]])
    seen = graph.add("Relu", linear(_numbers(network.enter.weight) / sizes, _numbers(network.enter.bias), rows))
    seen = graph.add("Relu", linear(_numbers(network.think.weight), _numbers(network.think.bias), seen))
    seen = graph.add("Transpose", seen, perm=[1, 0, 2])
    graph.add("Split", "state", graph.whole(size, size), outputs=["hidden_flat", "cell_flat"], axis=1)
    before = [graph.add("Reshape", name, graph.whole(1, 1, size)) for name in ("hidden_flat", "cell_flat")]
    graph.add(
        "LSTM",
        seen,
        graph.weight(_numbers(memory.weight_ih_l0)[order][None]),
        graph.weight(_numbers(memory.weight_hh_l0)[order][None]),
        graph.weight(bias[None]),
        "",
        *before,
        outputs=["over_time", "hidden_after", "cell_after"],
        hidden_size=size,
    )
    sequence = graph.add("Transpose", graph.add("Squeeze", "over_time", graph.whole(1)), perm=[1, 0, 2])
    scale = _numbers(network.scale)
    linear(_numbers(network.leave.weight) * scale[:, None], _numbers(network.leave.bias) * scale, sequence, [output])
    after = [graph.add("Reshape", name, graph.whole(1, size)) for name in ("hidden_after", "cell_after")]
    graph.add("Concat", *after, outputs=["next_state"], axis=1)


@dataclass(frozen=True, slots=True)
class Parity:
    """Largest differences, in shares of the outputs' natural sizes, or of what they vary by where that is more."""

    torch_to_onnx: float
    streamed_to_whole: float


def parity(
    network: Network, path: Path, inputs: Sequence[tuple[str, int, float]], output: str, rng: np.random.Generator
) -> Parity:
    """Compare torch with ONNX, and ONNX streamed in pieces of 1 to 7 frames with ONNX in one call, on random input."""
    frames = 400
    rows = {name: (size * rng.normal(0, 1, (1, frames, width))).astype(np.float32) for name, width, size in inputs}
    joined = np.concatenate([rows[name] / np.float32(size) for name, _, size in inputs], axis=2)
    start = np.zeros((1, network.state_size), np.float32)
    network.eval()
    with torch.no_grad():
        known = _numbers(network(torch.from_numpy(joined), torch.from_numpy(start))[0])
    session = open_model(
        path,
        inputs=[*(Port(name, "float32", (1, None, width)) for name, width, _ in inputs),
                Port("state", "float32", (1, None))],
        outputs=[Port(output, "float32", (1, None, network.outputs)), Port("next_state", "float32", (1, None))],
        max_bytes=2_000_000,
    )  # fmt: skip
    whole = session.run((output,), {**rows, "state": start})[0]
    pieces, state, at = [], start, 0
    while at < frames:
        count = int(rng.integers(1, 8))
        part = {name: row[:, at : at + count] for name, row in rows.items()}
        piece, state = session.run((output, "next_state"), {**part, "state": state})
        pieces.append(piece)
        at += count
    streamed = np.concatenate(pieces, axis=1)
    scale = np.maximum(_numbers(network.scale), known.std(axis=(0, 1)))
    return Parity(float(np.abs((known - whole) / scale).max()), float(np.abs((streamed - whole) / scale).max()))
