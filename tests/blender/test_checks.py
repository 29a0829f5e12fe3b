"""Everything that makes a baked take not move is found and named, and nothing else is."""

from collections.abc import Callable
from typing import Any

import bpy
import numpy as np
import pytest

from linly_blender.scene.bake import BakeOptions, bake
from linly_blender.scene.character import Character, find_character
from linly_blender.scene.checks import find_problems

Objects = tuple[bpy.types.Object, bpy.types.Object]


@pytest.fixture
def baked(scene: bpy.types.Scene, make_character: Any, make_take: Any) -> tuple[bpy.types.Object, bpy.types.Object]:
    """(mesh, armature) with a take that plays."""
    objects: Objects = make_character()
    assert not bake(scene, find_character(objects[0]), make_take()).problems
    return objects


def own_action(owner: bpy.types.ID, path: str, index: int = -1) -> None:
    """An artist's active action with one key."""
    owner.keyframe_insert(path, index=index, frame=5)


def push_down(owner: bpy.types.ID, **settings: Any) -> None:
    data = owner.animation_data
    track = data.nla_tracks.new()
    strip = track.strips.new("Artist", 1, data.action)
    strip.action_slot = data.action_slot
    data.action = None
    for name, value in settings.items():
        setattr(track if hasattr(track, name) else strip, name, value)


def head_path(rig: bpy.types.Object) -> str:
    return str(rig.pose.bones["head"].path_from_id("rotation_quaternion"))


def drive(mesh: bpy.types.Object) -> None:
    mesh.data.shape_keys.key_blocks["jawOpen"].driver_add("value").driver.expression = "0"


def active_action(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
    own_action(rig, head_path(rig))


def track_above(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
    own_action(rig, head_path(rig))
    rig.animation_data.action.frame_range  # noqa: B018 - made up to date
    push_down(rig)
    rig.animation_data.nla_tracks[-1].strips[0].frame_end = 30


def soloed(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
    own_action(rig, "location")
    push_down(rig)
    rig.animation_data.nla_tracks[-1].is_solo = True


def constrained(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
    rig.pose.bones["head"].constraints.new("DAMPED_TRACK")


def ours(owner: bpy.types.ID) -> bpy.types.NlaTrack:
    return owner.animation_data.nla_tracks[0]


def mute_curve(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
    ours(rig).strips[0].action.layers[0].strips[0].channelbags[0].fcurves[3].mute = True


def short_range(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
    bpy.context.scene.frame_end = 20


def preview_range(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
    scene = bpy.context.scene
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 5, 400


def late_strips(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
    for owner in (mesh.data.shape_keys, rig):
        ours(owner).strips[0].frame_start_ui = 240


def muted_channel(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
    editor = bpy.context.scene.sequence_editor
    editor.channels[editor.strips[0].channel].mute = True


def setting(attribute: str, value: Any, of: Callable[[bpy.types.Object, bpy.types.Object], Any]) -> Any:
    def change(mesh: bpy.types.Object, rig: bpy.types.Object) -> None:
        setattr(of(mesh, rig), attribute, value)

    return change


TRAPS: dict[str, Callable[[bpy.types.Object, bpy.types.Object], None]] = {
    "muted_track": setting("mute", True, lambda mesh, rig: ours(mesh.data.shape_keys)),
    "muted_strip": setting("mute", True, lambda mesh, rig: ours(rig).strips[0]),
    "unassigned_slot": setting("action_slot", None, lambda mesh, rig: ours(rig).strips[0]),
    "soloed_track": soloed,
    "nla_off": setting("use_nla", False, lambda mesh, rig: rig.animation_data),
    "active_action": active_action,
    "track_above": track_above,
    "muted_curve": mute_curve,
    "lost_curve": lambda mesh, rig: mesh.shape_key_remove(mesh.data.shape_keys.key_blocks["jawOpen"]),
    "rotation_mode": setting("rotation_mode", "XYZ", lambda mesh, rig: rig.pose.bones["head"]),
    "limited_key": setting("slider_max", 0.1, lambda mesh, rig: mesh.data.shape_keys.key_blocks["eyeBlinkLeft"]),
    "limited_key from below": setting("slider_min", 0.5, lambda m, r: m.data.shape_keys.key_blocks["eyeBlinkLeft"]),
    "driver": lambda mesh, rig: drive(mesh),
    "muted_key": setting("mute", True, lambda mesh, rig: mesh.data.shape_keys.key_blocks["jawOpen"]),
    "show_only_key": setting("show_only_shape_key", True, lambda mesh, rig: mesh),
    "absolute_keys": setting("use_relative", False, lambda mesh, rig: mesh.data.shape_keys),
    "rest_position": setting("pose_position", "REST", lambda mesh, rig: rig.data),
    "no_deformation": setting("show_viewport", False, lambda mesh, rig: mesh.modifiers[0]),
    "constraint": constrained,
    "range": short_range,
    "range of moved strips": late_strips,
    "frame_rate": setting("fps", 60, lambda mesh, rig: bpy.context.scene.render),
    "time_remapping": setting("frame_map_new", 200, lambda mesh, rig: bpy.context.scene.render),
    "muted_sound": setting("use_audio", False, lambda mesh, rig: bpy.context.scene),
    "muted_sound by its channel": muted_channel,
}
"""By the kind of problem, and what else tells them apart."""
ELSEWHERE = {"constraint", "range", "frame_rate", "time_remapping", "muted_sound"}
"""What does not show in a frame."""


def played(scene: bpy.types.Scene, mesh: bpy.types.Object) -> np.ndarray:
    """What is seen on a few frames, with everything evaluated anew."""
    for block in (*bpy.data.objects, *bpy.data.shape_keys, *bpy.data.actions):
        block.update_tag()
    seen = []
    for frame in (4, 12, 30):
        scene.frame_set(frame)
        evaluated = mesh.evaluated_get(bpy.context.evaluated_depsgraph_get())
        seen.append([tuple(vertex.co) for vertex in evaluated.data.vertices])
    return np.array(seen)


@pytest.mark.parametrize("trap", TRAPS)
def test_the_trap_is_named(scene: bpy.types.Scene, baked: Objects, trap: str) -> None:
    mesh, rig = baked
    good = played(scene, mesh)
    TRAPS[trap](mesh, rig)
    kind = trap.split()[0]
    problems = find_problems(scene, find_character(mesh))
    assert [problem.kind for problem in problems] == [kind]
    assert problems[0].message.endswith(".")
    if kind not in ELSEWHERE:
        assert np.abs(played(scene, mesh) - good).max() > 1e-5, "a trap that changes nothing is none"


def test_preview_range_is_named(scene: bpy.types.Scene, baked: Objects) -> None:
    preview_range(*baked)
    assert [problem.kind for problem in find_problems(scene, find_character(baked[0]))] == ["range"]


@pytest.mark.parametrize(
    "kind", ["active_action", "weak_action", "soloed_track", "unassigned_slot", "tweak_mode", "missing"]
)
def test_traps_of_other_ways_to_bake(scene: bpy.types.Scene, make_character: Any, make_take: Any, kind: str) -> None:
    mesh, rig = make_character()
    character = find_character(mesh)
    if kind == "active_action":
        own_action(mesh.data.shape_keys, 'key_blocks["jawOpen"].value')
        report = bake(scene, character, make_take())
        assert [problem.kind for problem in report.problems] == ["active_action"]
        return
    if kind != "missing":
        bake(scene, character, make_take(), BakeOptions(output="nla" if kind == "tweak_mode" else "action"))
    if kind in {"weak_action", "soloed_track"}:
        rig.animation_data.nla_tracks.new().is_solo = kind == "soloed_track"
        rig.animation_data.action_influence = 0.5 if kind == "weak_action" else 1.0
    if kind == "unassigned_slot":
        rig.animation_data.action_slot = None
    if kind == "tweak_mode":
        own_action(rig, "location")
        push_down(rig)
        rig.animation_data.nla_tracks[-1].strips[0].select = True
        rig.animation_data.use_tweak_mode = True
        assert rig.animation_data.use_tweak_mode
    assert [problem.kind for problem in find_problems(scene, character)] == [kind]


def test_what_does_not_disturb_is_not_named(scene: bpy.types.Scene, baked: Objects, make_character: Any) -> None:
    """The artist's own things that leave our channels alone."""
    mesh, rig = baked
    own_action(rig, "location")
    push_down(rig)
    own_action(rig, rig.pose.bones["chest"].path_from_id("scale"))
    mesh.data.shape_keys.animation_data.nla_tracks.new().name = "Empty"
    muted = rig.pose.bones["head"].constraints.new("COPY_ROTATION")
    muted.mute = True
    character: Character = find_character(mesh)
    assert not find_problems(scene, character)
