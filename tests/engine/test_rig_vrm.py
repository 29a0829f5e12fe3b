"""What a .vrm says of its shapes, and that nothing in one does harm."""

import json
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linly_blender.errors import UserError
from linly_blender.rig.vrm import Bind, Expression, explain, expressions, read_vrm, write_glb

NUMBERS = b"BIN\0" + bytes(range(32))


def glb(document: object, *, numbers: bytes = NUMBERS) -> bytes:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    chunk = struct.pack("<I4s", len(text), b"JSON") + text
    chunk += struct.pack("<I", len(numbers) - 4) + numbers
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunk)) + chunk


def taken_apart(data: bytes) -> tuple[Any, bytes]:
    """The JSON of a .glb, and what comes after it."""
    magic, version, size = struct.unpack_from("<4sII", data)
    assert (magic, version, size) == (b"glTF", 2, len(data))
    length, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    assert length % 4 == 0
    return json.loads(data[20 : 20 + length]), data[20 + length :]


def mesh(name: str | None = "Face", on_mesh: list[str] | None = None, on_primitive: list[str] | None = None) -> Any:
    made: dict[str, Any] = {"primitives": [{"attributes": {}}]}
    made |= {"name": name} if name else {}
    made |= {"extras": {"targetNames": on_mesh}} if on_mesh else {}
    if on_primitive:
        made["primitives"][0]["extras"] = {"targetNames": on_primitive}
    return made


def vrm_0(meshes: list[Any], **groups: list[tuple[int, int, float]]) -> Any:
    told = [
        {"presetName": name, "name": name.upper(), "binds": [{"mesh": m, "index": i, "weight": w} for m, i, w in binds]}
        for name, binds in groups.items()
    ]
    return {"meshes": meshes, "extensions": {"VRM": {"blendShapeMaster": {"blendShapeGroups": told}}}}


def vrm_1(meshes: list[Any], nodes: list[Any], **preset: Any) -> Any:
    return {"meshes": meshes, "nodes": nodes, "extensions": {"VRMC_vrm": {"expressions": {"preset": preset}}}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hero.vrm"


def told(path: Path, document: Any) -> tuple[Expression, ...]:
    path.write_bytes(glb(document))
    return expressions(read_vrm(path))


def test_names_are_moved_to_where_blender_looks_for_them(path: Path) -> None:
    path.write_bytes(
        glb({"meshes": [mesh(on_primitive=["A", "まばたき"]), mesh("Other", ["Own"], ["Not"]), mesh("Body")]})
    )
    vrm = read_vrm(path)
    assert vrm.moved_names
    out = path.with_suffix(".glb")
    write_glb(path, vrm, out)
    document, rest = taken_apart(out.read_bytes())
    assert [m.get("extras") for m in document["meshes"]] == [
        {"targetNames": ["A", "まばたき"]},
        {"targetNames": ["Own"]},
        None,
    ]
    assert rest == struct.pack("<I", len(NUMBERS) - 4) + NUMBERS


def test_what_has_its_names_in_place_is_copied_as_it_is(path: Path) -> None:
    document = {"meshes": [mesh(on_mesh=["A"], on_primitive=["B"])], "asset": {"version": "2.0"}}
    path.write_bytes(glb(document))
    vrm = read_vrm(path)
    assert not vrm.moved_names
    write_glb(path, vrm, path.with_suffix(".glb"))
    assert taken_apart(path.with_suffix(".glb").read_bytes())[0] == document


def test_expressions_of_vrm_0(path: Path) -> None:
    document = vrm_0([mesh(on_mesh=["one"]), mesh(None)], a=[(0, 0, 100), (1, 3, 50)], unknown=[(0, 0, 10)], i=[])
    assert told(path, document) == (
        Expression("a", (Bind("Face", "one", 1.0), Bind("Mesh_1", "target_3", 0.5, is_named=False))),
        Expression("UNKNOWN", (Bind("Face", "one", 0.1),)),
    )


def test_expressions_of_vrm_1(path: Path) -> None:
    document = vrm_1(
        [mesh(on_mesh=["one", "two"])],
        [{}, {"mesh": 0}],
        aa={"morphTargetBinds": [{"node": 1, "index": 1, "weight": 0.7}]},
        happy={"isBinary": False},
    )
    document["extensions"]["VRMC_vrm"]["expressions"]["custom"] = {
        "wink": {"morphTargetBinds": [{"node": 1, "index": 0, "weight": 1}]}
    }
    assert told(path, document) == (
        Expression("aa", (Bind("Face", "two", 0.7),)),
        Expression("wink", (Bind("Face", "one", 1.0),)),
    )


def test_a_plain_gltf_has_none(path: Path) -> None:
    assert told(path, {"meshes": [mesh()]}) == ()
    assert told(path, {"extensions": None}) == ()


def test_only_what_speaks_by_names_that_do_not_is_explained() -> None:
    aa, joy = Expression("aa", (Bind("Face", "M_7", 1.0),)), Expression("joy", (Bind("Face", "M_8", 1.0),))
    said = explain((aa, joy), {"jawOpen"})
    assert said is not None
    assert "aa is 'M_7' of 'Face'" in said
    assert "M_8" not in said
    assert explain((aa, joy), {"M_7"}) is None, "it is known without being told"
    numbered = Expression("aa", (Bind("Face", "target_3", 1.0, is_named=False),))
    assert explain((numbered,), {"target_3"}) is not None, "a number says nothing, whoever takes it for a name"
    assert explain((joy,), set()) is None
    assert explain((), set()) is None


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (vrm_0([mesh()], a=[(1, 0, 100)]), "blendShapeGroups[0].binds[0].mesh"),
        (vrm_0([mesh()], a=[(0, -1, 100)]), "binds[0].index"),
        (vrm_0([mesh()], a=[(0, 0, 1e9)]), "binds[0].weight"),
        ({"extensions": {"VRM": {"blendShapeMaster": 3}}}, "blendShapeMaster"),
        ({"extensions": {"VRM": {"blendShapeMaster": {"blendShapeGroups": {}}}}}, "blendShapeGroups"),
        (vrm_1([mesh()], [], aa={"morphTargetBinds": [{"node": 0, "index": 0, "weight": 1}]}), "node"),
        (vrm_1([mesh()], [{}], aa={"morphTargetBinds": [{"node": 0, "index": 0, "weight": 1}]}), "nodes[0]"),
        (vrm_1([mesh()], [], aa=[]), "preset.aa"),
        ({"extensions": []}, "extensions"),
    ],
)
def test_expressions_that_are_not_as_agreed_are_named(path: Path, document: Any, place: str) -> None:
    with pytest.raises(UserError) as caught:
        told(path, document)
    assert place in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a .vrm"),
        (b"PK\3\4 and more", "not a .vrm"),
        (b"glTF", "cut short"),
        (glb({})[:21], "cut short"),
        (struct.pack("<4sII", b"glTF", 1, 40) + glb({})[12:], "not glTF 2.0"),
        (struct.pack("<4sIII4s", b"glTF", 2, 40, 2**31, b"JSON"), "too big"),
        (struct.pack("<4sIII4s", b"glTF", 2, 40, 4, b"BIN\0") + b"    ", "not glTF 2.0"),
        (glb(b"\xff\xfe\x00\x00"), "UTF-8"),
        (glb(b"{'a': 1}"), "not JSON"),
        (glb(b"[" * 100_000), "cannot be read"),
        (glb([1]), "an object"),
        (glb({"meshes": 3}), "meshes should be a list"),
        (glb({"meshes": [{"primitives": [{"extras": {"targetNames": [7]}}]}]}), "targetNames[0]"),
    ],
)
def test_what_is_no_vrm_is_refused(path: Path, data: bytes, said: str) -> None:
    path.write_bytes(data)
    with pytest.raises(UserError) as caught:
        read_vrm(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


MEMBERS = (
    *("meshes", "nodes", "primitives", "extras", "targetNames", "name", "mesh", "node", "index", "weight"),
    *("extensions", "VRM", "blendShapeMaster", "blendShapeGroups", "presetName", "binds"),
    *("VRMC_vrm", "expressions", "preset", "custom", "morphTargetBinds"),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4),
    max_leaves=30,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON_VALUES)
def test_any_json_gives_expressions_or_a_sentence(path: Path, document: Any) -> None:
    path.write_bytes(glb(document))
    with suppress(UserError):  # anything else that is raised fails
        vrm = read_vrm(path)
        write_glb(path, vrm, path.with_suffix(".glb"))
        assert all(one.binds for one in expressions(vrm))
