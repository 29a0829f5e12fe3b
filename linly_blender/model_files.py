"""Opens ONNX models, and refuses by name what is not one of the kind expected before any of it runs.

The file is read once, checked as bytes by a small reader of its own, and only these very bytes are given to ONNX
Runtime, told to take nothing but ONNX. So no checked file can be exchanged for another, no model can name other files
to be read, and none can bring code of its own.
"""

import hashlib
import json
import math
import mmap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Protocol

from numpy.typing import NDArray

from .errors import UserError
from .files import replacing

MODELS: Final = Path(__file__).resolve().parent.parent / "models"
"""The folder of our own models."""
MANIFEST: Final = "manifest.json"
"""Beside the models: ``{"name.onnx": sha256 in hexadecimal}``."""

OWN_MAX_BYTES: Final = 8_000_000
"""The largest of ours, the tagger."""
OLDEST_OPSET: Final = 13
NEWEST_OPSET: Final = 21
NEWEST_IR: Final = 10
"""What ONNX Runtime 1.20 runs, the first with wheels for Python 3.13 (its table of ONNX versions)."""

_DOMAINS: Final = frozenset({"", "ai.onnx"})
_DEEPEST: Final = 8
"""Subgraphs within subgraphs; a model of ours has none."""
_TYPES: Final = {1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64"}
"""numpy's names of TensorProto.DataType."""
_BYTES: Final = {"float32": 4, "uint8": 1, "int8": 1, "int32": 4, "int64": 8, "bool": 1, "float16": 2, "float64": 8}


class Session(Protocol):
    """What of ``onnxruntime.InferenceSession`` we use."""

    def run(self, output_names: Sequence[str] | None, input_feed: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Outputs by name, in the order asked for."""


class ModelError(UserError):
    """A model that cannot be used; the caller may go on without it."""


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output that a model must have."""

    name: str
    dtype: str
    """numpy's name, such as ``float32``."""
    shape: tuple[int | None, ...]
    """None where any size will do; the model may leave any size open."""

    def __str__(self) -> str:
        return f"{self.dtype}[{', '.join('?' if size is None else str(size) for size in self.shape)}]"


def open_own_model(name: str, *, inputs: Sequence[Port], outputs: Sequence[Port]) -> Session:
    """Open a model that ships with the extension, after ``open_model``'s checks; its hash is in the manifest."""
    path = MODELS / name
    try:
        manifest = json.loads((MODELS / MANIFEST).read_text(encoding="utf-8"))
        digest = manifest[name]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"The model {path} is not listed in {MODELS / MANIFEST}. Install the extension again."
        ) from error
    return open_model(path, inputs=inputs, outputs=outputs, max_bytes=OWN_MAX_BYTES, sha256=digest)


def write_manifest(folder: Path) -> None:
    """Write the hashes of every model in the folder; to be called when a model of ours has been trained anew."""
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.onnx"))}
    with replacing(folder / MANIFEST) as temporary:
        temporary.write_text(json.dumps(digests, indent=2) + "\n", encoding="utf-8")


def open_model(
    path: Path,
    *,
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    max_bytes: int,
    sha256: str | None = None,
) -> Session:
    """Check a model file, then open it on one CPU thread, deterministic and silent.

    Parameters: the file; its inputs and outputs, exactly these in any order; the most bytes it may have; its hash in
    hexadecimal when it is one of our own.

    Raises ModelError, which names the file and says what is wrong and what to do.
    """
    data = _read(path, max_bytes)
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256.lower():
        raise _refusal(path, "it is not the file that was shipped (its SHA-256 differs)", "Install the extension again")
    check_model(path, data, inputs=inputs, outputs=outputs)
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 4  # nothing below a fatal error: whatever matters is raised
    options.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        session: Session = runtime.InferenceSession(data, sess_options=options, providers=["CPUExecutionProvider"])
    except runtime_errors() as error:
        raise _refusal(
            path, f"ONNX Runtime cannot load it ({_first_line(error)})", "Export it again, or choose another file"
        ) from error
    return session


@dataclass(frozen=True, slots=True)
class Description:
    """What a model file says of itself."""

    inputs: tuple[str, ...]
    """Names."""
    metadata: Mapping[str, str]


def describe_model(path: Path) -> Description:
    """Read what a model of any size and kind says of itself, without opening it. Raises ModelError when it is none."""
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
            memoryview(data) as view,
        ):
            try:
                model = _read_model(view)
            except _BrokenError as error:
                model, wrong = _Model(), str(error)
            else:
                wrong = "it is something else"
    except (OSError, ValueError) as error:  # ValueError: an empty file
        raise _refusal(path, f"it cannot be read ({_first_line(error)})", "Copy or download it again") from error
    if not model.ir_version or not model.outputs:
        raise _refusal(path, f"it is not a whole ONNX file ({wrong})", "Copy or download it again")
    given = (port.name for port in model.inputs if port.name not in model.initialisers)
    return Description(tuple(given), model.metadata)


def runtime_errors() -> tuple[type[Exception], ...]:
    """What a session may raise when it runs a model that passed every check and fails all the same."""
    of_runtime = vars(_runtime().capi.onnxruntime_pybind11_state).values()
    kinds = [kind for kind in of_runtime if isinstance(kind, type) and issubclass(kind, Exception)]
    return (*kinds, RuntimeError, ValueError, MemoryError)  # the runtime's own have no base in common


def check_model(path: Path, data: bytes, *, inputs: Sequence[Port], outputs: Sequence[Port]) -> None:
    """Raise ModelError unless the bytes are an ONNX model that may be opened; ``path`` is for the message."""
    try:
        model = _read_model(data)
    except _BrokenError as error:
        raise _refusal(path, f"it is not a whole ONNX file ({error})", "Copy or download it again") from error
    opsets = [version for domain, version in model.opsets if domain in _DOMAINS]
    if not model.ir_version or len(opsets) != 1 or not model.outputs:
        raise _refusal(path, "it is not an ONNX model", "Choose a file exported as ONNX")
    if not OLDEST_OPSET <= opsets[0] <= NEWEST_OPSET or not 3 <= model.ir_version <= NEWEST_IR:
        raise _refusal(
            path,
            f"it is written for opset {opsets[0]}, IR version {model.ir_version}",
            f"Export it with an opset from {OLDEST_OPSET} to {NEWEST_OPSET} and an IR version up to {NEWEST_IR}",
        )
    if model.external:
        raise _refusal(
            path,
            f"its weights lie in another file ({_shown(model.external[0])})",
            "Export it as one file, with the weights inside",
        )
    if model.foreign:
        raise _refusal(
            path,
            f"it needs an operator that is not standard ({_shown(model.foreign[0])})",
            "Export it with standard ONNX operators only",
        )
    # Inputs that an initialiser fills may be left out by the caller.
    given = [port for port in model.inputs if port.name not in model.initialisers]
    _check_ports(path, "input", given, inputs)
    _check_ports(path, "output", model.outputs, outputs)


def _check_ports(path: Path, kind: str, found: Sequence[Port], expected: Sequence[Port]) -> None:
    advice = "Choose a model that was made for this purpose"
    if sorted(port.name for port in found) != sorted(port.name for port in expected):
        names = ", ".join(_shown(port.name) for port in found[:8]) or "none"
        wanted = ", ".join(port.name for port in expected)
        raise _refusal(path, f"its {kind}s are {names} instead of {wanted}", advice)
    by_name = {port.name: port for port in found}
    for port in expected:
        has = by_name[port.name]
        fits = len(has.shape) == len(port.shape) and all(
            size is None or wanted is None or size == wanted for size, wanted in zip(has.shape, port.shape, strict=True)
        )
        if has.dtype != port.dtype or not fits:
            raise _refusal(path, f"its {kind} {port.name} is {has} instead of {port}", advice)


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise _refusal(path, "it does not exist", "Check the path") from error
    except OSError as error:
        raise _refusal(path, f"it cannot be read: {error.strerror}", "Choose a file that you may read") from error
    if len(data) > max_bytes:
        raise _refusal(
            path, f"it is larger than the {max_bytes / 1e6:g} MB allowed here", "Choose the model for this purpose"
        )
    if not data:
        raise _refusal(path, "it is empty", "Copy or download it again")
    if data.startswith(b"version https://git-lfs"):
        raise _refusal(path, "it is only a pointer of Git LFS", "Run: git lfs pull")
    return data


def _runtime() -> ModuleType:
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            f"Trained models need ONNX Runtime, which cannot be loaded ({_first_line(error)}). "
            "Run: pip install onnxruntime, or install the extension again."
        ) from error
    module: ModuleType = onnxruntime
    return module


def _refusal(path: Path, wrong: str, advice: str) -> ModelError:
    return ModelError(f"The model {path} cannot be used: {wrong}. {advice}.")


def _first_line(error: BaseException) -> str:
    return _shown(str(error).strip().split("\n")[0] or type(error).__name__)


def _shown(text: str) -> str:
    """Foreign text, fit for a message of one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:160])


# The rest reads ONNX, which is Protocol Buffers (onnx/onnx.proto, field numbers there): a message is a row of fields,
# each a key ``number << 3 | wire type`` and a value.

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


class _BrokenError(Exception):
    """The bytes end too early or mean nothing."""


@dataclass(slots=True)
class _Model:
    ir_version: int = 0
    opsets: list[tuple[str, int]] = field(default_factory=list)
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    initialisers: set[str] = field(default_factory=set)
    """Names of the main graph's."""
    external: list[str] = field(default_factory=list)
    """Tensors that lie in other files."""
    metadata: dict[str, str] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)
    """Operators and functions of other domains."""


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise _BrokenError("it ends too early")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
    raise _BrokenError("a number in it is too long")


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of every field: an integer, or the bytes of anything else."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == _LENGTH:
            size, at = _varint(data, at)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise _BrokenError("a field in it has no known kind")
        if not number:
            raise _BrokenError("a field in it has no number")
        if size > len(data) - at:
            raise _BrokenError("it ends too early")
        yield number, data[at : at + size]
        at += size


def _part(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise _BrokenError("a number stands where a part should be")
    return value


def _number(value: int | memoryview) -> int:
    if not isinstance(value, int):
        raise _BrokenError("a part stands where a number should be")
    return value


def _text(value: int | memoryview) -> str:
    try:
        return str(_part(value), "utf-8")
    except UnicodeDecodeError as error:
        raise _BrokenError("a name in it is not text") from error


def _read_model(data: bytes | memoryview) -> _Model:
    model = _Model()
    graphs = 0
    for number, value in _fields(memoryview(data)):
        if number == 1:
            model.ir_version = _number(value)
        elif number == 7:
            graphs += 1
            _read_graph(_part(value), model, depth=0)
        elif number == 8:
            model.opsets.append(_read_opset(_part(value)))
        elif number == 14:
            pair = dict(_fields(_part(value)))
            model.metadata[_text(pair.get(1, memoryview(b"")))] = _text(pair.get(2, memoryview(b"")))
        elif number == 25:
            names = [_text(value) for number, value in _fields(_part(value)) if number == 1]
            model.foreign.append(f"the function {names[0] if names else 'without a name'}")
        elif number == 20:
            model.foreign.append("training steps")
    if graphs > 1:
        raise _BrokenError("it has more than one graph")
    return model


def _read_opset(data: memoryview) -> tuple[str, int]:
    domain, version = "", 0
    for number, value in _fields(data):
        if number == 1:
            domain = _text(value)
        elif number == 2:
            version = _number(value)
    return domain, version


def _read_graph(data: memoryview, model: _Model, depth: int) -> None:
    if depth > _DEEPEST:
        raise _BrokenError("its graphs are nested too deeply")
    for number, value in _fields(data):
        if number == 1:
            _read_node(_part(value), model, depth)
        elif number == 5:
            name = _read_tensor(_part(value), model)
            if depth == 0:
                model.initialisers.add(name)
        elif number == 15:
            _read_sparse_tensor(_part(value), model)
        elif number == 11 and depth == 0:
            model.inputs.append(_read_port(_part(value)))
        elif number == 12 and depth == 0:
            model.outputs.append(_read_port(_part(value)))


def _read_node(data: memoryview, model: _Model, depth: int) -> None:
    operator, domain = "", ""
    for number, value in _fields(data):
        if number == 4:
            operator = _text(value)
        elif number == 5:
            _read_attribute(_part(value), model, depth)
        elif number == 7:
            domain = _text(value)
    if domain not in _DOMAINS:
        model.foreign.append(f"{domain}.{operator}")


def _read_attribute(data: memoryview, model: _Model, depth: int) -> None:
    for number, value in _fields(data):
        if number in (5, 10):
            _read_tensor(_part(value), model)
        elif number in (6, 11):
            _read_graph(_part(value), model, depth + 1)
        elif number in (22, 23):
            _read_sparse_tensor(_part(value), model)


def _read_sparse_tensor(data: memoryview, model: _Model) -> None:
    for number, value in _fields(data):
        if number in (1, 2):
            _read_tensor(_part(value), model)


def _read_tensor(data: memoryview, model: _Model) -> str:
    """Note where the numbers lie; raise when there are not as many as the shape claims. Returns the name."""
    name, kind, location, raw = "", 0, 0, None
    sizes: list[int] = []
    values, external = 0, False
    for number, value in _fields(data):
        if number == 1:
            sizes += _numbers(value)
        elif number == 2:
            kind = _number(value)
        elif number == 8:
            name = _text(value)
        elif number == 9:
            raw = _part(value)
        elif number in (4, 5, 6, 7, 10, 11):
            values += 1
        elif number == 13:
            external = True
        elif number == 14:
            location = _number(value)
    if external or location:
        model.external.append(name)
        return name
    count = math.prod(sizes)
    if raw is not None:
        claimed = count * _BYTES.get(_TYPES.get(kind, ""), 0)
        if claimed and claimed != len(raw):
            raise _BrokenError("a weight has another size than it claims")
    elif (count and not values) or count > 8 * len(data):  # two four-bit numbers a byte is the densest there is
        raise _BrokenError("a weight has another size than it claims")
    return name


def _numbers(value: int | memoryview) -> list[int]:
    """A repeated integer, packed or not."""
    if isinstance(value, int):
        return [value]
    numbers, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        numbers.append(number)
    return numbers


def _read_port(data: memoryview) -> Port:
    name, dtype, shape = "", "unknown", tuple[int | None, ...]()
    for number, value in _fields(data):
        if number == 1:
            name = _text(value)
        elif number == 2:
            dtype, shape = _read_type(_part(value))
    return Port(name, dtype, shape)


def _read_type(data: memoryview) -> tuple[str, tuple[int | None, ...]]:
    for number, value in _fields(data):
        if number != 1:
            continue  # sequences, maps and optional values: none of ours
        return _read_tensor_type(_part(value))
    return "unknown", ()


def _read_tensor_type(data: memoryview) -> tuple[str, tuple[int | None, ...]]:
    dtype, sizes = "unknown", list[int | None]()
    for number, value in _fields(data):
        if number == 1:
            dtype = _TYPES.get(_number(value), "unknown")
        elif number == 2:
            sizes = [_read_size(_part(size)) for number, size in _fields(_part(value)) if number == 1]
    return dtype, tuple(sizes)


def _read_size(data: memoryview) -> int | None:
    for number, value in _fields(data):
        if number == 1:
            return _number(value)
    return None
