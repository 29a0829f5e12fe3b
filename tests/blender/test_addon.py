"""The extension enabled in Blender: registration, its buttons' reasons, and the Chinese interface."""

import ast
import importlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import bpy
import pytest

from .conftest import MODULE, ROOT


@pytest.fixture
def settings(extension: ModuleType) -> Any:
    return bpy.context.scene.linly


def ours_in_blender() -> set[str]:
    names = ("Panel", "UIList", "Operator", "PropertyGroup", "AddonPreferences")
    kinds = [getattr(bpy.types, name) for name in names]
    return {kind.__name__ for base in kinds for kind in base.__subclasses__() if kind.is_registered and ours(kind)}


def ours(thing: object) -> bool:
    return getattr(thing, "__module__", "").startswith(MODULE)


def test_is_enabled_and_disabled_again_and_again_without_a_trace(extension: ModuleType) -> None:
    for _ in range(5):
        bpy.ops.preferences.addon_disable(module=MODULE)
        assert not ours_in_blender()
        assert not hasattr(bpy.context.scene, "linly")
        assert not hasattr(bpy.context.scene, "linly_character")
        assert not hasattr(bpy.context.window_manager, "linly_test_drive")
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
    assert "Write a line of text first" in refusal(bpy.ops.linly.perform)
    for operator in (bpy.ops.linly.bake, bpy.ops.linly.play, bpy.ops.linly.remove):
        assert "Choose a character first" in refusal(operator)
    assert "Nothing is being made" in refusal(bpy.ops.linly.cancel)
    settings.source = "SCRIPT"
    assert "Choose a script first" in refusal(bpy.ops.linly.perform)
    settings.script = bpy.data.texts.new("Scene 1")
    assert "The script is empty" in refusal(bpy.ops.linly.perform)
    settings.script.write("Good morning.")
    assert bpy.ops.linly.perform.poll()
    settings.character = bpy.data.objects.new("Elsewhere", bpy.data.meshes.new("Elsewhere"))
    assert "not in this scene" in refusal(bpy.ops.linly.bake)
    bpy.context.scene.collection.objects.link(settings.character)
    assert bpy.ops.linly.bake.poll()
    assert "Bake a take first" in refusal(bpy.ops.linly.play)
    assert "Bake a take first" in refusal(bpy.ops.linly.remove)


def refusal(operator: Any) -> str:
    """Why Blender does not run it, or what the operator reports when it is cancelled."""
    with pytest.raises(RuntimeError) as refused:
        operator()
    return str(refused.value)


def test_any_change_of_what_is_asked_for_is_seen_and_its_undoing_too(settings: Any) -> None:
    settings.line = "Good morning."
    settings.take_key = settings.request().key
    for name, value in (
        ("line", "Good night."),
        ("language", "EN"),
        ("voice", "f2"),
        ("emotion", "HAPPY"),
        ("seed", 7),
        ("style", "SELLER"),
        ("style_second", "LIVELY"),
        ("region", "JAPAN"),
        ("amount_head", 0.5),
        ("fine_tuner", "SMALL"),
        ("source", "SCRIPT"),
    ):
        before = getattr(settings, name)
        setattr(settings, name, value)
        assert not settings.take_is_current, name
        setattr(settings, name, before)
        assert settings.take_is_current, name


def test_perform_bake_and_remove_leave_the_scene_as_it_was(
    settings: Any, make_character: Any, snapshot: Callable[[], dict[str, Any]]
) -> None:
    mesh, _ = make_character()
    settings.character = mesh
    settings.line = "Good *morning*! [nod]"
    before = snapshot()
    assert bpy.ops.linly.perform() == {"FINISHED"}
    assert settings.take_duration > 0.5
    assert settings.take_sentences == 1
    assert settings.take_gestures > 0
    assert settings.take_language == "en"
    assert snapshot() == before, "perform changes no scene"
    settings.use_markers = True
    settings.start_frame = 10
    assert bpy.ops.linly.bake() == {"FINISHED"}
    assert min(marker.frame for marker in bpy.context.scene.timeline_markers) >= 10
    assert snapshot() != before
    assert bpy.ops.linly.remove() == {"FINISHED"}
    assert snapshot() == before
    assert "Bake a take first" in refusal(bpy.ops.linly.remove)


def test_bake_performs_what_has_changed_and_only_that(settings: Any, make_character: Any) -> None:
    settings.character, _ = make_character()
    settings.source = "SCRIPT"
    settings.script = bpy.data.texts.new("Scene 1")
    settings.script.write("Good morning.")
    bpy.ops.linly.bake()
    first = settings.take_file()
    made = first.stat().st_mtime_ns
    bpy.ops.linly.bake()
    assert first.stat().st_mtime_ns == made, "the take that fits is used"
    settings.script.write(" And good night!")  # of which Blender tells nobody
    bpy.ops.linly.bake()
    assert settings.take_sentences == 2
    settings.take_file().unlink()
    bpy.ops.linly.bake()
    assert settings.take_file().is_file(), "a take whose file is gone is made again"


def test_takes_lie_beside_the_file_once_it_has_a_place(settings: Any, tmp_path: Path) -> None:
    settings.line = "Good morning."
    bpy.ops.linly.perform()
    assert settings.take_file().is_relative_to(tmp_path / "user")
    (tmp_path / "project").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "project/shot.blend"))
    assert settings.take_file().is_file()
    bpy.ops.linly.perform()
    assert settings.take_path.startswith("//")
    assert settings.take_file().is_relative_to(tmp_path / "project")
    bpy.ops.wm.save_mainfile()
    (tmp_path / "project").rename(tmp_path / "moved")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "moved/shot.blend"))
    assert bpy.context.scene.linly.take_is_current
    assert bpy.context.scene.linly.take_file().is_relative_to(tmp_path / "moved")


BAD_LINES = {
    "   \n\t": "Write a line of text first",
    "...!?": "",
    "x" * 100_000: "100,000",
    "[frobnicate] Hello": "frobnicate",
    "[happy Hello": "not closed",
    "*Hello": "asterisk",
}


def test_a_style_and_a_region_of_ones_own_are_files(settings: Any, tmp_path: Path) -> None:
    settings.line = "Yes, thank you."
    settings.style = settings.region = "OWN"
    assert "Choose the .json file of your own style" in refusal(bpy.ops.linly.perform)
    style, region = tmp_path / "calm.json", tmp_path / "ours.json"
    style.write_text('{"name": "Calm", "tempo": 0.8}')
    region.write_text('{"yes": "bow"}')
    settings.style_file, settings.region_file = str(style), str(region)
    settings.style_second, settings.style_share, settings.amount_blinks = "SERIOUS", 0.25, 0.0
    assert bpy.ops.linly.perform() == {"FINISHED"}
    take = json.loads(settings.take_file().read_text(encoding="utf-8"))
    assert (take["style"], take["region"], take["amounts"]["blinks"]) == ("Calm+serious:0.25", "ours", 0.0)
    assert any(gesture["kind"] == "bow" for gesture in take["gestures"])
    assert settings.take_is_current
    style.write_text('{"name": "Calm", "tempo": 0.7}')
    assert not settings.has_current_take(), "an edited file is another style"
    region.unlink()
    assert "ours.json" in refusal(bpy.ops.linly.perform)


def test_the_take_shows_which_fine_tuner_moved_its_head(
    extension: ModuleType, settings: Any, make_mesh: Any, tmp_path: Path
) -> None:
    settings.line = "Are you sure?"
    settings.fine_tuner = "SMALL"
    settings.character = make_mesh("Face")
    assert bpy.ops.linly.bake() == {"FINISHED"}
    assert json.loads(settings.take_file().read_text(encoding="utf-8"))["fine_tuner"] == "small"
    assert "label Fine-tuner: Small" in drawn(extension)
    assert settings.take_notes == ""
    settings.fine_tuner = "OWN"
    assert "Choose the .onnx file of your own fine-tuner" in refusal(bpy.ops.linly.perform)
    own = tmp_path / "mine.onnx"
    settings.fine_tuner_file = str(own)
    assert bpy.ops.linly.bake() == {"FINISHED"}, "without a model the take is made all the same"
    assert "mine.onnx cannot be used: it does not exist" in settings.take_notes
    calls = drawn(extension)
    assert "label Fine-tuner: mine.onnx" in calls
    assert any(call.startswith("label The model") for call in calls)
    assert "prop fine_tuner_file File" in calls
    assert settings.take_is_current
    shutil.copy(ROOT / "models/pose_fine_tuner.onnx", own)
    assert not settings.has_current_take(), "a file that is there now is another fine-tuner"
    assert bpy.ops.linly.bake() == {"FINISHED"}
    assert settings.take_notes == ""
    shutil.copy(ROOT / "models/pose_base.onnx", tmp_path)
    assert not settings.has_current_take(), "so is one with a stage 1 of its own"


def test_a_blend_is_saved_as_a_style_of_ones_own(settings: Any, tmp_path: Path) -> None:
    settings.line = "Yes, thank you."
    settings.fine_tuner = "OFF"
    settings.style, settings.style_second, settings.style_share = "LIVELY", "SERIOUS", 0.3
    blended = bpy.context.scene.linly.request().style
    path = tmp_path / "mine.json"
    assert bpy.ops.linly.save_style(filepath=str(path)) == {"FINISHED"}
    assert (settings.style, settings.style_file, settings.style_second) == ("OWN", str(path), "NONE")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert blended == "lively+serious:0.300"
    assert content["tempo"] == pytest.approx(0.7 * 1.2 + 0.3 * 0.9)
    assert bpy.ops.linly.perform() == {"FINISHED"}
    assert json.loads(settings.take_file().read_text(encoding="utf-8"))["style"] == "mine"
    assert "end in .json" in refusal(lambda: bpy.ops.linly.save_style(filepath=str(tmp_path / "mine.txt")))
    assert "no folder" in refusal(lambda: bpy.ops.linly.save_style(filepath=str(tmp_path / "none/mine.json")))
    assert "is there already" in refusal(lambda: bpy.ops.linly.save_style(filepath=str(path)))
    settings.style_file = ""
    assert "Choose the .json file" in refusal(lambda: bpy.ops.linly.save_style(filepath=str(tmp_path / "new.json")))
    assert json.loads(path.read_text(encoding="utf-8")) == content
    assert [file.name for file in tmp_path.glob("*.*")] == ["mine.json"]


@pytest.mark.parametrize("line", BAD_LINES, ids=lambda line: line[:12])
def test_a_bad_text_cancels_with_a_message_and_leaves_no_file(settings: Any, tmp_path: Path, line: str) -> None:
    settings.line = line
    message = refusal(bpy.ops.linly.perform)
    assert BAD_LINES[line] in message
    assert "Traceback" not in message
    assert not settings.take_key
    assert not list((tmp_path / "user").rglob("take*.*"))


def test_another_language_needs_a_code_that_exists(settings: Any) -> None:
    settings.line = "Guten Tag."
    settings.language = "OTHER"
    assert "code of the language" in refusal(bpy.ops.linly.perform)
    settings.language_code = "klingon"
    assert "klingon" in refusal(bpy.ops.linly.perform)
    settings.language_code = "de"
    assert bpy.ops.linly.perform() == {"FINISHED"}


def test_a_bad_character_is_named_when_it_is_chosen_and_cancels_the_bake(
    settings: Any, make_mesh: Any, snapshot: Callable[[], dict[str, Any]]
) -> None:
    settings.line = "Good morning."
    settings.character = make_mesh("Plain", keys=())
    assert "no shape keys" in settings.character_problem
    before = snapshot()
    assert "no shape keys" in refusal(bpy.ops.linly.bake)
    assert snapshot() == before
    settings.character = make_mesh("Face")
    assert settings.character_problem == ""
    assert bpy.ops.linly.bake() == {"FINISHED"}


def test_what_was_found_is_told_and_what_is_missing_and_stands_in(
    extension: ModuleType, settings: Any, make_mesh: Any, make_character: Any
) -> None:
    mesh, rig = make_character(keys=("jawOpen", "eyeBlink_L", "eyeBlink_R", "mouthPucker", "mouthClose"))
    make_mesh("Teeth", ("jawOpen",)).parent = rig
    settings.character = mesh
    assert settings.character_found.startswith("ICT-FaceKit: 13 of 52 shapes in 2 meshes, ")
    assert settings.character_found.endswith("by stand-ins, head, neck, chest, 2 eyes")
    assert "No mesh has these shapes: eyeWideLeft" in settings.character_notes
    assert "eyeSquintLeft (eyeBlinkLeft)" in settings.character_notes
    calls = drawn(extension)
    for told in ("ICT-FaceKit: 13 of 52", "missing", "tongueOut", "by stand-ins", "mouthFunnel: mouthPucker"):
        assert any(told in call for call in calls), told
    settings.character = make_mesh("Plain", keys=("Wart",))
    assert settings.character_found == settings.character_notes == ""
    assert "Name them as ARKit" in settings.character_problem


def test_a_linked_character_cancels_the_bake(settings: Any, make_mesh: Any, tmp_path: Path) -> None:
    library = tmp_path / "library.blend"
    bpy.data.libraries.write(str(library), {make_mesh("Guest")})
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Guest"]
    settings.line = "Good morning."
    bpy.context.scene.collection.objects.link(wanted.objects[0])
    settings.character = wanted.objects[0]
    assert "linked from another file" in settings.character_problem
    assert "linked from another file" in refusal(bpy.ops.linly.bake)


def test_a_spoilt_take_cancels_the_bake(settings: Any, make_mesh: Any, snapshot: Callable[[], dict[str, Any]]) -> None:
    settings.line = "Good morning."
    settings.character = make_mesh("Face")
    bpy.ops.linly.perform()
    take = settings.take_file()
    take.write_bytes(take.read_bytes()[:200])
    before = snapshot()
    assert str(take) in refusal(bpy.ops.linly.bake)
    assert snapshot() == before


def test_the_demo_avatar_is_a_character(settings: Any) -> None:
    assert bpy.ops.linly.add_avatar() == {"FINISHED"}
    assert settings.character_problem == ""
    assert settings.character_found == "ARKit: 52 of 52 shapes in 1 mesh, head, neck, chest, jaw, 2 eyes"
    assert settings.character_notes == ""
    assert settings.character == bpy.context.view_layer.objects.active
    settings.line = "Good morning."
    assert bpy.ops.linly.bake() == {"FINISHED"}
    assert settings.notes == ""


class Layout:
    """Stands for Blender's UILayout, of which there is none without a window: takes what this Blender's would take."""

    calls: ClassVar = {name: set(call.parameters.keys()) for name, call in bpy.types.UILayout.bl_rna.functions.items()}
    icons: ClassVar = set(bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items.keys())

    def __init__(self, drawn: list[str]) -> None:
        object.__setattr__(self, "drawn", drawn)

    def __setattr__(self, name: str, value: object) -> None:
        assert name in bpy.types.UILayout.bl_rna.properties

    def __iter__(self) -> Iterator["Layout"]:
        """Of a panel within a panel: its header, and its body, which is unfolded."""
        return iter((self, self))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            assert set(named) <= self.calls[name]
            assert named.get("icon", "NONE") in self.icons
            assert isinstance(named.get("text", ""), str)
            if name in {"prop", "template_ID"}:
                assert given[1] in given[0].bl_rna.properties
            if name == "operator":
                category, operator = given[0].split(".")
                assert operator in dir(getattr(bpy.ops, category))
            self.drawn.append(" ".join([name, *(str(a) for a in given if isinstance(a, str)), named.get("text", "")]))
            return SimpleNamespace() if name == "operator" else Layout(self.drawn)

        return call


def drawn(registration: ModuleType) -> list[str]:
    """What the panels ask Blender to draw now."""
    context = SimpleNamespace(
        scene=bpy.context.scene,
        window_manager=bpy.context.window_manager,
        screen=SimpleNamespace(is_animation_playing=False),
        region=SimpleNamespace(width=280),
        preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)),
    )
    calls: list[str] = []
    for kind in registration.CLASSES:
        if issubclass(kind, bpy.types.Panel):
            panel = type("Panel", (), {name: value for name, value in vars(kind).items() if "draw" in name})()
            panel.layout = Layout(calls)
            panel.draw(context)
    return calls


def test_the_panels_draw_what_this_blender_has(extension: ModuleType, settings: Any, make_mesh: Any) -> None:
    calls = drawn(extension)
    assert any("linly.add_avatar" in call for call in calls)
    assert not any("Take" in call for call in calls)
    settings.source = "SCRIPT"
    settings.language = "OTHER"
    settings.character = make_mesh("Plain", keys=())
    calls = drawn(extension)
    assert any("no shape keys" in call for call in calls)
    assert any("language_code" in call for call in calls)
    settings.source = "LINE"
    settings.language = "AUTO"
    settings.line = "Good morning."
    bpy.ops.linly.perform()
    settings.seed = 1
    settings.style = settings.region = "OWN"
    settings.notes = "The first thing, which is long enough for a second line.\n第二件事情也很长，长到放不下。"
    calls = drawn(extension)
    assert any("English" in call for call in calls)
    assert any("Bake performs it again" in call for call in calls)
    assert sum(call.startswith("label") for call in calls) > 5


def shown_by_blender(registration: ModuleType) -> Iterator[str]:
    """Names and descriptions of everything registered."""
    for kind in registration.CLASSES:
        if issubclass(kind, bpy.types.Operator):
            category, name = kind.bl_idname.split(".")
            rna = getattr(getattr(bpy.ops, category), name).get_rna_type()
            yield from (rna.name, rna.description)
            for prop in rna.properties:
                if prop.description and not prop.is_hidden:
                    yield from (prop.name, prop.description)
                    for item in prop.enum_items if prop.type == "ENUM" else ():
                        yield from (item.name, item.description)
        elif issubclass(kind, bpy.types.Panel):
            yield kind.bl_label
        elif not issubclass(kind, bpy.types.UIList):
            for prop in kind.bl_rna.properties:
                if prop.is_hidden or prop.identifier in {"rna_type", "name", "bl_idname"}:
                    continue
                yield from (prop.name, prop.description)
                for item in prop.enum_items if prop.type == "ENUM" else ():
                    assert item.description, item.name
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
    engine = ROOT / "linly_blender"
    for path in [engine / "perform.py", engine / "scene/hear.py", *(engine / "dialogue").glob("*.py")]:
        for call in calls(path):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))  # of a function, or of a member
            if name in {"progress", "_progress"} and len(call.args) == 2:
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
