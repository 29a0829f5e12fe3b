"""Characters of many makes are found without help, and their faces do what the line says: measured on the mesh."""

import functools
import math
import re
import runpy
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from linly_blender import rotation
from linly_blender.arkit import INDEX, SHAPES
from linly_blender.live.frame import Frame
from linly_blender.perform import perform
from linly_blender.performance import Performance
from linly_blender.resample import Resampled, resample
from linly_blender.scene.avatar import build_avatar
from linly_blender.scene.bake import BakeOptions, bake
from linly_blender.scene.character import Character, find_character
from linly_blender.scene.kept import restore
from linly_blender.scene.live import Preview
from linly_blender.scene.retarget import Tolerances, retarget
from tests.blender.zoo import VISEMES, ZOO, Animal, Floats, Make, make_ict, make_one, through_gltf

ICT_HEAD = Path(__file__).resolve().parents[3] / "shared/rigs/ict_facekit/build.py"
MM = 0.001
FPS = 24.0
LINE = "Papa, mama, Bob! The palm is far, far apart from the barn. My mum will buy a big blue bottle."
OPENS = 8.0
"""How far the lips part on an open vowel at least, in mm."""


@functools.cache
def take() -> Performance:
    return perform(LINE, seed=3)


@functools.cache
def shown() -> Resampled:
    """The take's frames in the scene."""
    return resample(take().frames, FPS, take().speech.phones)


def gap(points: Floats, pairs: tuple[Any, Any]) -> float:
    """Greatest distance between paired points, in mm."""
    return float(np.linalg.norm(points[pairs[0]] - points[pairs[1]], axis=1).max() / MM)


def turn(rest: Floats, points: Floats, part: Any) -> Floats:
    """The rotation that a part has made since rest, quaternion: Kabsch's."""
    before, after = rest[part] - rest[part].mean(axis=0), points[part] - points[part].mean(axis=0)
    left, _, right = np.linalg.svd(after.T @ before)
    return rotation.from_matrix((left * [1, 1, np.linalg.det(left @ right)]) @ right)


def degrees_between(first: Floats, second: Floats) -> float:
    return math.degrees(float(rotation.angle_between(first, second)))


def directions_apart(first: Floats, second: Floats) -> float:
    """Degrees between what looks forward under two turns."""
    forward = np.array([0.0, -1.0, 0.0])
    a, b = rotation.rotate(first, forward), rotation.rotate(second, forward)
    return math.degrees(math.atan2(np.linalg.norm(np.cross(a, b)), float(a @ b)))


def opened() -> int:
    """The frame on which the mouth is widest open."""
    shapes = shown().frames.shapes
    return int((shapes[:, INDEX["jawOpen"]] - shapes[:, INDEX["mouthClose"]]).argmax())


def blinked() -> int:
    lids = shown().frames.shapes[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]].min(axis=1)
    assert lids.max() > 0.9, "the line has a blink"
    return int(lids.argmax())


def looked() -> list[int]:
    """Frames on which the eyes look up, down, left and right as far as they do."""
    gaze = shown().frames.gaze
    return [int(of(gaze[:, axis])) for axis in (0, 1) for of in (np.argmin, np.argmax)]


@dataclass(frozen=True)
class Seen:
    """What of a character was measured, in mm and degrees."""

    closed: float
    """The widest gap of the lips on p, b and m."""
    opened: float
    lids: float
    """The gap of the lids on a blink, as a share of the gap at rest."""
    head: float
    """How far the head's turn is from the take's."""
    eyes: float
    """How far an eye looks past where the gaze says."""


def see(animal: Animal, rest: Floats, show: Callable[[int], object]) -> Seen:
    """Have frames shown, and measure on the mesh what the face does."""
    frames = shown().frames
    head_errors, eye_errors = [], []

    def at(frame: int) -> Floats:
        show(frame)
        points = animal.points()
        head = turn(rest, points, animal.parts["skull"])
        head_errors.append(degrees_between(head, rotation.head_quaternion(frames.head[frame, 3:].astype(float))))
        gaze = rotation.head_quaternion([*frames.gaze[frame].tolist(), 0.0])
        for side in ("L", "R"):
            eye = rotation.multiply(rotation.inverse(head), turn(rest, points, animal.parts[f"eye.{side}"]))
            eye_errors.append(directions_apart(eye, gaze))
        return points

    seen = Seen(
        max(gap(at(frame), animal.lips) for frame in shown().closures.tolist()),
        gap(at(opened()), animal.lips),
        gap(at(blinked()), animal.lids) / gap(rest, animal.lids),
        0.0,
        0.0,
    )
    for frame in looked():
        at(frame)
    return replace(seen, head=max(head_errors), eyes=max(eye_errors))


def check(seen: Seen, make: Make) -> None:
    assert seen.closed < make.closed
    assert seen.opened > OPENS
    assert seen.head < 0.1
    if make.blinks:
        assert seen.lids < make.lids
    if make.looks:
        assert seen.eyes < 1.0


def play(preview: Preview, frame: int) -> None:
    frames = shown().frames
    parts = (frames.shapes, frames.head, frames.gaze)
    preview.write(Frame(0.0, *(part[frame] for part in parts), float(frames.breath[frame])))
    bpy.context.view_layer.update()


@pytest.fixture
def film(scene: bpy.types.Scene) -> bpy.types.Scene:
    scene.render.fps, scene.render.fps_base = int(FPS), 1.0
    return scene


ICT = Make({}, "ict_facekit", {"chest": None, "jaw": None}, eyes=True, closed=2.0, lids=0.25)
"""Its landmarks lie on its lips and not where these meet: 1.2 mm apart at rest, 1.3 of 8.6 mm in a blink."""
GLTF = ("ARKit, short sides, in centimetres", "Reallusion CC4 Extended", "VRM 0")
"""Characters that go through a glTF file as well."""


@pytest.mark.parametrize("which", ZOO)
def test_is_found_and_performs_the_line(film: bpy.types.Scene, which: str) -> None:
    perform_the_line(film, make_one(film, ZOO[which]), ZOO[which])


@pytest.mark.skipif(not ICT_HEAD.exists(), reason="the ICT-FaceKit head is not here (../shared/rigs)")
def test_the_ict_head_is_found_and_performs_the_line(film: bpy.types.Scene) -> None:
    perform_the_line(film, make_ict(ICT_HEAD), ICT)


@pytest.mark.parametrize("which", GLTF)
def test_what_comes_through_gltf_is_found_and_performs_the_line(
    film: bpy.types.Scene, which: str, tmp_path: Path
) -> None:
    perform_the_line(film, through_gltf(film, ZOO[which], tmp_path / "it.glb"), ZOO[which])


def perform_the_line(film: bpy.types.Scene, animal: Animal, make: Make) -> None:
    """In the viewport and baked."""
    character = find_character(bpy.data.objects[animal.mesh])
    assert character == find_character(bpy.data.objects[animal.rig])
    check_found(character, make)
    assert len(shown().closures) > 8
    rest = animal.points()

    preview = Preview(animal.mesh, 1.0)
    check(see(animal, rest, functools.partial(play, preview)), make)
    restore()
    np.testing.assert_allclose(animal.points(), rest, atol=0.001 * MM)

    report = bake(film, character, take(), BakeOptions(sound=False))
    assert not report.problems
    check(see(animal, rest, lambda frame: film.frame_set(report.first_frame + frame)), make)


def check_found(character: Character, make: Make) -> None:
    def named(bone: str) -> tuple[str, ...]:
        name = make.bones.get(bone, bone)
        return () if name is None else name if isinstance(name, tuple) else (name,)

    assert character.found.convention == make.convention
    assert character.found.can_speak
    assert (character.head,) == named("head")
    assert character.necks == named("neck")
    assert character.chest == next(iter(named("chest")), None)
    assert character.posed == (named("jaw") if make.jaw else ())
    assert character.eyes == (named("eye.L") + named("eye.R") if make.eyes else ())


@pytest.mark.parametrize("which", ["the demo avatar", "ICT-FaceKit"])
def test_a_face_of_arkits_shapes_is_given_every_curve_as_it_is(scene: bpy.types.Scene, which: str) -> None:
    if which == "the demo avatar":
        mesh, _ = build_avatar(scene)
    elif ICT_HEAD.exists():
        mesh, _ = runpy.run_path(str(ICT_HEAD))["build"]()
    else:
        pytest.skip("the ICT-FaceKit head is not here (../shared/rigs)")
    frames = resample(take().frames, 24.0).frames
    retargeted = retarget(find_character(mesh), frames, Tolerances(0.002, 0.001, 0.0002), 1.0)
    written = {channels.data_path.split('"')[1]: channels.values for channels in retargeted.faces[mesh.name]}
    expected = {}
    for name in [block.name for block in mesh.data.shape_keys.key_blocks]:
        told = re.sub("_([LR])$", lambda side: "Left" if side[1] == "L" else "Right", name)
        channel = next((c for c in (told, re.sub("(Left|Right)$", "", told)) if c in SHAPES), None)
        if channel is not None:
            expected[name] = frames.shapes[:, INDEX[channel]]
    assert list(written) == list(expected)
    assert len(written) == {"the demo avatar": 52, "ICT-FaceKit": 53}[which]
    for name, curve in expected.items():
        assert np.array_equal(written[name][:, 0], curve), name


def hung_at_a_root(scene: bpy.types.Scene, name: str) -> tuple[bpy.types.Object, bpy.types.Object, bpy.types.Object]:
    """Mesh, armature and teeth as an importer leaves them: all at an empty, along Y, the teeth without an armature."""
    mesh, rig = build_avatar(scene, name=name)
    mesh.matrix_parent_inverse.identity()
    lie = Matrix.Rotation(-math.pi / 2, 4, "X")
    mesh.data.transform(lie, shape_keys=True)
    rig.data.transform(lie)
    root = bpy.data.objects.new(f"{name} Root", None)
    data = bpy.data.meshes.new(f"{name} Teeth")
    data.from_pydata([(0, 0, 0)], [], [])
    teeth = bpy.data.objects.new(f"{name} Teeth", data)
    for obj in (root, teeth):
        scene.collection.objects.link(obj)
    for key in ("Basis", "jawOpen", "Wart"):
        teeth.shape_key_add(name=key, from_mix=False).value = 0.0
    root.rotation_euler = (math.pi / 2, 0, 0)
    for obj in (mesh, rig, teeth):
        obj.parent = root
    bpy.context.view_layer.update()
    return mesh, rig, teeth


def test_what_hangs_at_one_root_and_lies_along_y_is_one_character(film: bpy.types.Scene) -> None:
    scene = film
    mesh, rig, teeth = hung_at_a_root(scene, "One")
    character = find_character(teeth)
    assert character == find_character(mesh) == find_character(rig)
    assert [(face.object_name, len(face.keys)) for face in character.faces] == [(mesh.name, 52), (teeth.name, 1)]
    report = bake(scene, character, take(), BakeOptions(sound=False))
    assert not report.problems
    scene.frame_set(report.first_frame + opened())
    keys = [obj.data.shape_keys.key_blocks["jawOpen"].value for obj in (mesh, teeth)]
    assert keys[0] == keys[1] > 0.3


def test_of_two_characters_at_one_root_neither_takes_the_loose_parts(scene: bpy.types.Scene) -> None:
    mesh, _, teeth = hung_at_a_root(scene, "One")
    other, _, _ = hung_at_a_root(scene, "Two")
    bpy.data.objects["Two Root"].parent = bpy.data.objects["One Root"]
    assert [face.object_name for face in find_character(mesh).faces] == [mesh.name]
    assert [face.object_name for face in find_character(other).faces] == [other.name]
    assert [face.object_name for face in find_character(teeth).faces] == [teeth.name]


def test_a_key_is_driven_as_far_as_its_slider_goes(scene: bpy.types.Scene, make_mesh: Any, make_take: Any) -> None:
    mesh = make_mesh("Face", tuple(f"viseme_{name}" for name in VISEMES))
    wide, ended = (mesh.data.shape_keys.key_blocks[f"viseme_{name}"] for name in ("aa", "O"))
    wide.slider_max, ended.slider_max = 2.0, 0.5
    frames = make_take()
    frames.frames.shapes[:] = 0
    frames.frames.shapes[:, [INDEX["jawOpen"], INDEX["mouthFunnel"]]] = (1.0, 0.6)
    bake(scene, find_character(mesh), frames, BakeOptions(sound=False))
    scene.frame_set(10)
    assert wide.value == pytest.approx(1 / 0.6 - 0.35 * 0.6, abs=0.003)
    assert ended.value == pytest.approx(0.5, abs=0.003)


def test_a_key_that_goes_both_ways_is_driven_both_ways(scene: bpy.types.Scene, make_mesh: Any, make_take: Any) -> None:
    mesh = make_mesh("Face", ("facs_jnt_JawOpen", "facs_ctrl_BlinkLeft", "facs_ctrl_JawLeft-Right"))
    key = mesh.data.shape_keys.key_blocks["facs_ctrl_JawLeft-Right"]
    key.slider_min = -1.0
    frames = make_take()
    frames.frames.shapes[:] = 0
    frames.frames.shapes[:, INDEX["jawRight"]] = 0.4
    bake(scene, find_character(mesh), frames, BakeOptions(sound=False))
    scene.frame_set(10)
    assert key.value == pytest.approx(-0.4, abs=0.003)


def test_a_jaw_s_bone_that_is_locked_is_left_alone_and_told(scene: bpy.types.Scene) -> None:
    animal = make_one(scene, ZOO["a jaw's bone and a blink"])
    mesh, rig = bpy.data.objects[animal.mesh], bpy.data.objects[animal.rig]
    rig.pose.bones["Kiefer"].lock_rotation[0] = True
    report = bake(scene, find_character(mesh), take(), BakeOptions(sound=False))
    assert any("is locked" in note and "'Kiefer'" in note for note in report.notes)
    curves = rig.animation_data.nla_tracks[0].strips[0].action.layers[0].strips[0].channelbags[0].fcurves
    assert not any("Kiefer" in curve.data_path for curve in curves)
