"""``linly_blender rig FILE``: the demo avatar through every format, and files that are no characters."""

import json
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest
from click.testing import CliRunner, Result

from linly_blender.arkit import SHAPES
from linly_blender.cli import main

ROOT = Path(__file__).resolve().parents[2]
ENDINGS = ("blend", "glb", "gltf", "fbx", "vrm")
MUTE = ("browInnerUp", "browDownLeft", "browDownRight", "browOuterUpLeft", "browOuterUpRight")


def rig(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["rig", *map(str, arguments)])


def answer(path: Path, *, code: int = 0) -> Any:
    """What the command says of a file, as JSON."""
    result = rig(path, "--json", "-")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def refusal(path: Path) -> str:
    """The one line with which a file is refused."""
    result = rig(path)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert path.name in line
    return line


def save(path: Path, **options: Any) -> Path:
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True, **options)
    return path


def with_document(glb: Path, out: Path, change: Callable[[Any], None]) -> Path:
    """A copy of a .glb of which the JSON was changed."""
    data = glb.read_bytes()
    length, _ = struct.unpack_from("<I4s", data, 12)
    document = json.loads(data[20 : 20 + length])
    change(document)
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + length :]
    head = struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text) + len(rest), len(text), b"JSON")
    out.write_bytes(head + text + rest)
    return out


EXPORT = """
import sys
import bpy
from linly_blender.scene.avatar import build_avatar

hero = sys.argv[1]
bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
build_avatar(bpy.context.scene)
bpy.ops.wm.save_as_mainfile(filepath=f"{hero}.blend", copy=True)
bpy.ops.export_scene.gltf(filepath=f"{hero}.glb", export_format="GLB")
bpy.ops.export_scene.gltf(filepath=f"{hero}.gltf", export_format="GLTF_SEPARATE")
bpy.ops.export_scene.fbx(filepath=f"{hero}.fbx")
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo avatar as ``hero`` in every format.

    It is exported by a process of its own: after a glTF export bpy 4.5 may wait for ever when pytest ends.
    """
    folder = tmp_path_factory.mktemp("files")
    command = [sys.executable, "-c", EXPORT, str(folder / "hero")]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=300)
    with_document(folder / "hero.glb", folder / "hero.vrm", as_vrm)
    return folder


def as_vrm(document: Any) -> None:
    """VRM 0, with the names of shapes where UniVRM wrote them."""
    for mesh in document["meshes"]:
        names = mesh.get("extras", {}).pop("targetNames", None)
        for primitive in mesh["primitives"] if names else ():
            primitive["extras"] = {"targetNames": names}
    group = {"name": "A", "presetName": "a", "binds": [{"mesh": 0, "index": SHAPES.index("jawOpen"), "weight": 60}]}
    document["extensionsUsed"] = [*document.get("extensionsUsed", []), "VRM"]
    document["extensions"] = {"VRM": {"specVersion": "0.0", "blendShapeMaster": {"blendShapeGroups": [group]}}}


def nameless(document: Any) -> None:
    """VRM 1 of which only the expressions tell what its shapes are."""
    place = next(number for number, mesh in enumerate(document["meshes"]) if mesh.get("extras", {}).get("targetNames"))
    del document["meshes"][place]["extras"]["targetNames"]
    for accessor in document["accessors"]:
        accessor.pop("name", None)
    node = next(number for number, node in enumerate(document["nodes"]) if node.get("mesh") == place)
    bind = {"node": node, "index": 17, "weight": 0.6}
    told = {"preset": {"aa": {"morphTargetBinds": [bind]}, "happy": {"morphTargetBinds": [{**bind, "index": 23}]}}}
    document["extensions"] = {"VRMC_vrm": {"specVersion": "1.0", "expressions": told}}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_demo_avatar_is_recognised_in_every_format(files: Path, tmp_path: Path, ending: str) -> None:
    path, out = files / f"hero.{ending}", tmp_path / "answer.json"
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(files.iterdir()))
    result = rig(path, "--json", out)
    assert result.exit_code == 0, result.output
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(files.iterdir())) == before
    told = json.loads(out.read_text(encoding="utf-8"))
    assert (told["format"], told["version"], told["file"]) == ("linly-detection", 1, str(path))
    assert told["can_speak"] is True
    (hero,) = told["characters"]
    assert hero["name"] == hero["armature"] == "Avatar Rig"
    assert hero["convention"] == "arkit"
    assert hero["meshes"] == ["Avatar"]
    channels = {one["channel"]: one for one in hero["channels"]}
    assert list(channels) == list(SHAPES)
    for name, one in channels.items():
        assert one["how"] == "exact", name
        assert {"mesh": "Avatar", "key": name, "weight": 1.0} in one["targets"]
    bones = hero["bones"]
    assert [bones[role]["bone"] for role in ("head", "chest", "jaw")] == ["head", "chest", "jaw"]
    assert [neck["bone"] for neck in bones["necks"]] == ["neck"]
    assert (bones["eyes"]["left"]["bone"], bones["eyes"]["right"]["bone"]) == ("eye.L", "eye.R")
    lines = result.stdout.splitlines()
    assert lines[0] == f"Avatar Rig: {hero['summary']}"
    assert "52 of 52 shapes" in lines[0]
    assert [line.split()[0] for line in lines if "  exact  " in line] == list(SHAPES)
    assert lines[-1] == "Avatar Rig can speak."


def test_as_a_program_it_prints_nothing_but_the_answer(files: Path) -> None:
    """What Blender's importers and its libraries print is not in the way of a pipe."""
    command = [sys.executable, "-m", "linly_blender", "rig", str(files / "hero.fbx"), "--json", "-"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["characters"][0]["name"] == "Avatar Rig"


def test_of_a_vrm_it_is_said_that_blender_alone_would_not_read_the_names(files: Path) -> None:
    (note,) = answer(files / "hero.vrm")["notes"]
    assert "VRM add-on" in note


def test_expressions_tell_what_keys_without_a_name_are(files: Path, tmp_path: Path) -> None:
    path = with_document(files / "hero.glb", tmp_path / "hero.vrm", nameless)
    (note,) = answer(path)["notes"]
    assert re.search(r"aa is 'target_17' of '\w+'", note)
    assert "target_23" not in note, "a performance has no use for happy"


def test_expressions_that_are_damaged_are_told_of_and_not_in_the_way(files: Path, tmp_path: Path) -> None:
    def change(document: Any) -> None:
        as_vrm(document)
        document["extensions"]["VRM"]["blendShapeMaster"]["blendShapeGroups"][0]["binds"] = 7

    told = answer(with_document(files / "hero.glb", tmp_path / "hero.vrm", change))
    assert told["can_speak"] is True
    assert any("binds should be a list, but is 7" in note for note in told["notes"])


def test_each_of_several_characters_has_its_part(scene: bpy.types.Scene, make_character: Any, tmp_path: Path) -> None:
    make_character(name="Mute", keys=MUTE)
    make_character(name="Able")
    make_character(name="Other")
    path = save(tmp_path / "two.blend")
    told = answer(path)
    assert [(one["name"], one["can_speak"]) for one in told["characters"]] == [
        ("Able", True),
        ("Mute", False),
        ("Other", True),
    ]
    lines = rig(path).stdout.splitlines()
    assert lines[-1] == "2 of 3 characters can speak: Able, Other."
    assert [line.split(":")[0] for line in lines if " of 52 shapes" in line] == ["Able", "Mute", "Other"]


def test_a_face_without_an_armature_is_a_character(scene: bpy.types.Scene, make_mesh: Any, tmp_path: Path) -> None:
    make_mesh("Bust")
    make_mesh("Curtain", ("Open",))
    told = answer(save(tmp_path / "bust.blend"))
    assert [(one["name"], one["armature"], one["bones"]) for one in told["characters"]] == [("Bust", None, None)]
    (note,) = told["notes"]
    assert "Curtain" in note


def test_one_who_cannot_speak_ends_with_an_error(scene: bpy.types.Scene, make_character: Any, tmp_path: Path) -> None:
    make_character(keys=MUTE)
    path = save(tmp_path / "mute.blend")
    assert answer(path, code=1)["can_speak"] is False
    result = rig(path)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "Rig cannot speak: nothing opens the mouth."


def test_a_file_without_a_character_is_said_to_be_so(scene: bpy.types.Scene, make_mesh: Any, tmp_path: Path) -> None:
    nothing = save(tmp_path / "nothing.blend")
    make_mesh("Cube", ())
    cube = save(tmp_path / "cube.blend")
    make_mesh("Door", ("Hinge", "Handle"))
    door = save(tmp_path / "door.blend")
    assert "nobody who can talk" in refusal(nothing)
    assert "nobody who can talk" in refusal(cube)
    told = answer(cube, code=1)
    assert (told["characters"], told["can_speak"]) == ([], False)
    result = rig(door)
    assert result.exit_code == 1
    assert "note: None of the shape keys of 'Door'" in result.stdout
    assert "nobody who can talk" in result.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.blend", None, "There is no file"),
        ("empty.glb", b"", "is empty"),
        ("empty.blend", b"", "is empty"),
        ("text.blend", b"not a blend", "is not a Blender file"),
        ("text.glb", b"not a glb", "is not a glTF file"),
        ("text.fbx", b"not an fbx", "cannot be read"),
        ("text.gltf", b"{'not': json}", "cannot be read"),
        ("poor.gltf", b"{}", "cannot be read"),
        ("text.vrm", b'{"asset": {"version": "2.0"}}', "is not a .vrm file"),
        ("image.png", b"\x89PNG", ".blend, .glb, .gltf, .vrm or .fbx"),
        ("hero", b"glTF", ".blend, .glb, .gltf, .vrm or .fbx"),
        ("short.blend", b"BLENDER-v405", "cannot be read"),
        ("short.glb", b"glTF\2\0\0\0", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert said in refusal(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.blend").mkdir()
    assert "is a folder" in refusal(tmp_path / "a.blend")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_file_that_is_cut_short_is_refused(files: Path, tmp_path: Path, ending: str, share: float) -> None:
    data = (files / f"hero.{ending}").read_bytes()
    path = tmp_path / f"cut.{ending}"
    path.write_bytes(data[: int(share * len(data))])
    assert "cannot be read" in refusal(path) or "cut short" in refusal(path)


@pytest.mark.parametrize(("was", "called"), [("blend", "glb"), ("glb", "blend"), ("fbx", "vrm"), ("gltf", "fbx")])
def test_a_wrong_ending_is_named(files: Path, tmp_path: Path, was: str, called: str) -> None:
    path = tmp_path / f"hero.{called}"
    shutil.copyfile(files / f"hero.{was}", path)
    assert "Give it the right ending" in refusal(path)


def test_a_gltf_without_its_numbers_names_them(files: Path, tmp_path: Path) -> None:
    path = tmp_path / "hero.gltf"
    shutil.copyfile(files / "hero.gltf", path)
    assert "hero.bin" in refusal(path)


def test_a_file_that_is_too_big_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "big.blend"
    with path.open("wb") as file:
        file.write(b"BLENDER")
        file.truncate(3 * 2**30)  # without a byte on the disk
    assert "too big" in refusal(path)


def test_scripts_in_a_file_do_not_run(scene: bpy.types.Scene, make_character: Any, tmp_path: Path) -> None:
    mesh, _ = make_character()
    trace = tmp_path / "ran"
    text = bpy.data.texts.new("start.py")
    text.write(f"open({str(trace)!r}, 'w').close()\n")
    text.use_module = True
    driver = mesh.data.shape_keys.key_blocks["tongueOut"].driver_add("value").driver
    driver.expression = f"open({str(trace)!r}, 'w').close() or 0"
    trace.unlink(missing_ok=True)
    path = save(tmp_path / "script.blend")
    trace.unlink(missing_ok=True)  # the driver ran in the file that it was made in
    assert answer(path)["can_speak"] is True
    assert not trace.exists()


def test_linked_files_that_are_missing_are_named(
    scene: bpy.types.Scene, make_character: Any, make_mesh: Any, tmp_path: Path
) -> None:
    make_character()
    library = save(tmp_path / "library.blend")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(library), link=True) as (there, wanted):
        wanted.objects = there.objects
    for obj in wanted.objects:
        bpy.context.scene.collection.objects.link(obj)
    path = save(tmp_path / "shot.blend")
    told = answer(path, code=1)
    assert any("is linked from another file" in note for note in told["notes"])
    library.unlink()
    told = answer(path, code=1)
    assert any("library.blend" in note and "missing" in note for note in told["notes"])


def test_the_answer_is_never_written_over_the_file(files: Path, tmp_path: Path) -> None:
    path = tmp_path / "hero.gltf"
    shutil.copyfile(files / "hero.gltf", path)
    shutil.copyfile(files / "hero.bin", tmp_path / "hero.bin")
    before = path.read_bytes()
    result = rig(path, "--json", path)
    assert result.exit_code == 1
    assert "it is the file to look at" in result.stderr
    assert path.read_bytes() == before
    result = rig(path, "--json", tmp_path / "no folder" / "answer.json")
    assert result.exit_code == 1
    assert "no folder" in result.stderr


def test_names_in_any_script_are_told(scene: bpy.types.Scene, make_character: Any, tmp_path: Path) -> None:
    make_character(name="女孩", keys=("あ", "い", "う", "え", "お", "まばたき", "ウィンク", "ウィンク右"))
    out = tmp_path / "答.json"
    result = rig(save(tmp_path / "女孩.blend"), "--json", out)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "女孩 can speak."
    (girl,) = json.loads(out.read_text(encoding="utf-8"))["characters"]
    assert girl["name"] == "女孩"
    assert girl["convention"] == "mmd"
