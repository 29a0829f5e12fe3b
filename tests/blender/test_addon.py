"""The extension enabled in Blender: registration, its buttons' reasons, and the Chinese interface."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE = "bl_ext.linly_test.linly_blender"


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The root, linked into a local repository and enabled."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "linly_blender").symlink_to(ROOT, target_is_directory=True)
    repos = bpy.context.preferences.extensions.repos
    repo = repos.new(name="linly_test", module="linly_test", custom_directory=str(folder))
    bpy.ops.preferences.addon_enable(module=MODULE)
    yield importlib.import_module(f"{MODULE}.registration")
    bpy.ops.preferences.addon_disable(module=MODULE)
    repos.remove(repo)


@pytest.fixture
def settings(extension: ModuleType) -> Any:
    """Of a new file, in which nothing is set."""
    bpy.ops.wm.read_homefile(use_empty=True)
    return bpy.context.scene.linly


def ours_in_blender() -> set[str]:
    kinds = (bpy.types.Panel, bpy.types.Operator, bpy.types.PropertyGroup)
    return {kind.__name__ for base in kinds for kind in base.__subclasses__() if kind.is_registered and ours(kind)}


def ours(thing: object) -> bool:
    return getattr(thing, "__module__", "").startswith(MODULE)


def test_is_enabled_and_disabled_again_and_again_without_a_trace(extension: ModuleType) -> None:
    for _ in range(5):
        bpy.ops.preferences.addon_disable(module=MODULE)
        assert not ours_in_blender()
        assert not hasattr(bpy.context.scene, "linly")
        assert not [handler for handler in bpy.app.handlers.load_pre if ours(handler)]
        bpy.ops.preferences.addon_enable(module=MODULE)
        assert ours_in_blender() == {kind.__name__ for kind in importlib.import_module(extension.__name__).CLASSES}
        assert len([handler for handler in bpy.app.handlers.load_pre if ours(handler)]) == 1


def reason(operator: Any) -> str:
    """Why Blender refuses to run it."""
    with pytest.raises(RuntimeError) as refused:
        operator()
    return str(refused.value)


def test_every_button_says_why_it_is_grey(settings: Any) -> None:
    assert "Write a line of text first" in reason(bpy.ops.linly.perform)
    assert "Choose a character first" in reason(bpy.ops.linly.bake)
    assert "window" in reason(bpy.ops.linly.play) or "Choose a character" in reason(bpy.ops.linly.play)
    assert "Choose a character first" in reason(bpy.ops.linly.remove)
    assert "Nothing is being made" in reason(bpy.ops.linly.cancel)
    settings.source = "SCRIPT"
    assert "Choose a script first" in reason(bpy.ops.linly.perform)
    settings.script = bpy.data.texts.new("Scene 1")
    assert "The script is empty" in reason(bpy.ops.linly.perform)
    settings.script.write("Good morning.")
    assert bpy.ops.linly.perform.poll()


def test_any_change_of_what_is_asked_for_is_seen_and_its_undoing_too(settings: Any) -> None:
    settings.line = "Good morning."
    settings.take_key = settings.request().key
    for name, value in (
        ("line", "Good night."),
        ("language", "EN"),
        ("voice", "f2"),
        ("emotion", "HAPPY"),
        ("seed", 7),
        ("source", "SCRIPT"),
    ):
        before = getattr(settings, name)
        setattr(settings, name, value)
        assert not settings.take_is_current, name
        setattr(settings, name, before)
        assert settings.take_is_current, name


def test_another_language_needs_its_code(settings: Any) -> None:
    settings.line = "Guten Tag."
    settings.language = "OTHER"
    assert "code of the language" in reason(bpy.ops.linly.perform)


def shown_by_blender(registration: ModuleType) -> Iterator[str]:
    """Names and descriptions of everything registered."""
    for kind in registration.CLASSES:
        if issubclass(kind, bpy.types.Operator):
            category, name = kind.bl_idname.split(".")
            rna = getattr(getattr(bpy.ops, category), name).get_rna_type()
            yield from (rna.name, rna.description)
        elif issubclass(kind, bpy.types.Panel):
            yield kind.bl_label
        else:
            for prop in kind.bl_rna.properties:
                if prop.is_hidden or prop.identifier in {"rna_type", "name"}:
                    continue
                yield from (prop.name, prop.description)
                for item in prop.enum_items if prop.type == "ENUM" else ():
                    yield from (item.name, item.description)


def written_in_code() -> Iterator[str]:
    """String literals that are translated when they are shown, and the stages the engine names."""
    for path in [*(ROOT / "operators").glob("*.py"), *(ROOT / "panels").glob("*.py")]:
        for call in calls(path):
            if isinstance(call.func, ast.Name) and call.func.id in {"tip_", "rpt_", "iface_"}:
                yield from literals(call.args[0])
            for keyword in call.keywords:
                if keyword.arg in {"text", "heading", "placeholder"}:
                    yield from literals(keyword.value)
    for path in [ROOT / "linly_blender/perform.py", ROOT / "operators/request.py"]:
        for call in calls(path):
            if isinstance(call.func, ast.Name) and call.func.id == "progress" and len(call.args) == 2:
                yield from (stage.capitalize() for stage in literals(call.args[1]))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_the_whole_interface_is_there_in_chinese_and_nothing_more(extension: ModuleType) -> None:
    translations = importlib.import_module(f"{MODULE}.panels.translations").TRANSLATIONS["zh_HANS"]
    shown = {text for text in [*shown_by_blender(extension), *written_in_code()] if text}
    known = {text for _, text in translations}
    assert shown - known == set()
    assert known - shown == set()
    for (_, text), chinese in translations.items():
        assert fields(text) == fields(chinese), text


def fields(text: str) -> list[str]:
    """The places a number is put into."""
    return sorted(piece.split("}")[0] for piece in text.split("{")[1:])
