"""From torch to ONNX, operator by operator, with the tables of features in eight bits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from ...files import replacing
from ...language.hashing import PHRASE_WIDTH, WIDTH
from ...language.learned import EKMAN
from .data import Floats
from .linear import Phrases
from .network import DILATIONS, Feeling, Prominence, Trunk

Network = TypeVar("Network", Prominence, Feeling)
OPSET: Final = 17
IR_VERSION: Final = 8


@dataclass(frozen=True, slots=True)
class Blend(Generic[Network]):
    """What tells one thing: the mean of networks and a linear model, summed up in shares."""

    networks: Sequence[Network]
    phrases: Phrases
    shares: Floats
    """Of the networks and of the phrases [shape=(2,)]."""


@dataclass(frozen=True, slots=True)
class Tagger:
    """All that the file holds."""

    prominence: Blend[Prominence]
    feeling: Blend[Feeling]


@dataclass
class _Graph:
    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)

    def add(self, operator: str, *inputs: str, called: str = "", **attributes: Any) -> str:
        name = called or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def weight(self, value: NDArray[Any]) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def whole(self, *numbers: int) -> str:
        return self.weight(np.array(numbers, np.int64))

    def linear(self, value: str, layer: nn.Linear, outputs: int | None = None) -> str:
        scaled = self.add("MatMul", value, self.weight(_numbers(layer.weight)[:outputs].T))
        return self.add("Add", scaled, self.weight(_numbers(layer.bias)[:outputs]))

    def mean(self, values: Sequence[str]) -> str:
        total = values[0]
        for value in values[1:]:
            total = self.add("Add", total, value)
        return self.add("Div", total, self.weight(np.array(len(values), np.float32)))

    def blend(self, networks: str, phrases: str, shares: Floats, *, called: str) -> None:
        parts = (
            self.add("Mul", part, self.weight(share)) for part, share in zip((networks, phrases), shares, strict=True)
        )
        self.add("Sigmoid", self.add("Add", *parts), called=called)


def quantise(trunk: Trunk) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The table in eight bits and the scale of each of its columns; the trunk then holds what they stand for."""
    table = _numbers(trunk.table.weight)
    scale = (np.abs(table).max(axis=0) / 127).astype(np.float32)
    whole = np.round(table / scale).astype(np.int8)
    with torch.no_grad():
        trunk.table.weight.copy_(torch.from_numpy(whole * scale))
    return whole, scale


def write_onnx(tagger: Tagger, path: Path) -> None:
    """Write the tagger with the inputs and outputs of ``language/learned.py``."""
    graph = _Graph()
    likely = graph.mean([graph.linear(_trunk(graph, net.trunk), net.leave, 2) for net in tagger.prominence.networks])
    graph.blend(likely, _phrases(graph, tagger.prominence.phrases), tagger.prominence.shares, called="prominence")
    felt = graph.mean([_feeling(graph, net) for net in tagger.feeling.networks])
    told = graph.add("Reshape", _phrases(graph, tagger.feeling.phrases, together=True), graph.whole(len(EKMAN)))
    graph.blend(felt, told, tagger.feeling.shares, called="emotion")
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "tagger",
            [
                helper.make_tensor_value_info("words", TensorProto.INT32, ["n", WIDTH]),
                helper.make_tensor_value_info("phrases", TensorProto.INT32, ["n", PHRASE_WIDTH]),
            ],
            [
                helper.make_tensor_value_info("prominence", TensorProto.FLOAT, ["n", 2]),
                helper.make_tensor_value_info("emotion", TensorProto.FLOAT, [len(EKMAN)]),
            ],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="linly_blender",
    )
    onnx.checker.check_model(model, full_check=True)
    with replacing(path) as temporary:
        temporary.write_bytes(model.SerializeToString())


def _trunk(graph: _Graph, trunk: Trunk) -> str:
    """Hidden numbers of each word [shape=(n, HIDDEN)]."""
    whole, scale = quantise(trunk)
    features = graph.add("Gather", graph.weight(whole), "words")
    floats = graph.add("Cast", features, to=TensorProto.FLOAT)
    summed = graph.add("ReduceSum", floats, graph.whole(1), keepdims=0)
    entered = graph.linear(graph.add("Mul", summed, graph.weight(scale)), trunk.enter)
    hidden = graph.add("Unsqueeze", graph.add("Transpose", entered, perm=[1, 0]), graph.whole(0))
    for layer, dilation in zip(trunk.layers, DILATIONS, strict=True):
        weights = [graph.weight(_numbers(value)) for value in layer.parameters()]
        fresh = graph.add(
            "Conv", hidden, *weights, kernel_shape=[3], dilations=[dilation], pads=[dilation, dilation], strides=[1]
        )
        hidden = graph.add("Add", hidden, graph.add("Relu", fresh))
    flat = graph.add("Squeeze", graph.add("Relu", hidden), graph.whole(0))
    return graph.add("Transpose", flat, perm=[1, 0])


def _feeling(graph: _Graph, net: Feeling) -> str:
    hidden = _trunk(graph, net.trunk)
    share = graph.add("Softmax", graph.linear(hidden, net.attend), axis=0)
    pooled = (
        graph.add("ReduceMax", hidden, axes=[0], keepdims=1),
        graph.add("ReduceMean", hidden, axes=[0], keepdims=1),
        graph.add("ReduceSum", graph.add("Mul", hidden, share), graph.whole(0), keepdims=1),
    )
    joined = graph.add("Concat", *pooled, axis=1)
    return graph.add("Reshape", graph.linear(joined, net.leave), graph.whole(len(EKMAN)))


def _phrases(graph: _Graph, phrases: Phrases, *, together: bool = False) -> str:
    """Logits of each word [shape=(n, k)], or of all words together [shape=(1, k)]."""
    rows = graph.add("Cast", graph.add("Gather", graph.weight(phrases.table), "phrases"), to=TensorProto.FLOAT)
    width = graph.weight(np.array(np.sqrt(PHRASE_WIDTH), np.float32))
    mean = graph.add("Div", graph.add("ReduceSum", rows, graph.whole(1), keepdims=0), width)
    if together:
        number = graph.add(
            "Cast", graph.add("Gather", graph.add("Shape", "phrases"), graph.whole(0)), to=TensorProto.FLOAT
        )
        mean = graph.add("Div", graph.add("ReduceSum", mean, graph.whole(0), keepdims=1), graph.add("Sqrt", number))
    return graph.add("Add", graph.add("Mul", mean, graph.weight(phrases.scale)), graph.weight(phrases.constant))


def _numbers(tensor: torch.Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = tensor.detach().numpy().astype(np.float32)
    return found
