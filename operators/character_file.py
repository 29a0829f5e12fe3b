"""The setup of a character as a file: to keep, to share, and to use on another character of the same make."""

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

import bpy
from bpy.props import BoolProperty, StringProperty

from ..linly_blender.errors import UserError, some_of
from ..linly_blender.rig import by_hand, files
from ..linly_blender.rig.mapping import POSES, Key, Mesh
from ..linly_blender.rig.poses import Pose
from ..linly_blender.rig.reattach import reattach
from ..linly_blender.rig.setup import EVERY_CHANNEL, Setup
from ..linly_blender.scene.character import Character, find_character
from . import character_state
from .character import Changing, Outcome
from .wording import rpt_, told_

_SUFFIX: Final = ".json"


class LINLY_OT_character_save(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Write all that is set of the character into a file, to keep, to share and to load on another"""

    bl_idname = "linly.character_save"
    bl_label = "Save…"
    bl_options: ClassVar[set[str]] = set()

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    check_existing: BoolProperty(default=True, options={"HIDDEN"})  # type: ignore[valid-type]
    filter_glob: StringProperty(default=f"*{_SUFFIX}", options={"HIDDEN"})  # type: ignore[valid-type]

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Ask for the file."""
        character = character_state.view(context.scene.linly.character).character
        assert character is not None
        self.filepath = bpy.path.clean_name(character.name) + _SUFFIX
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self: Any, _context: bpy.types.Context) -> bool:
        """Give the name its ending, so that the browser knows whether there is such a file."""
        if not Path(self.filepath).name or self.filepath.lower().endswith(_SUFFIX):
            return False
        self.filepath += _SUFFIX
        return True

    def change(self: Any, context: bpy.types.Context) -> Outcome:
        """With the mapping in any case, so that the file says what moves what where names alone do not."""
        path = Path(bpy.path.abspath(self.filepath))
        character = find_character(context.scene.linly.character)
        setup, mapping = character.setup, character.found.mapping
        told = EVERY_CHANNEL.difference(mapping.unused)
        told |= setup.by_hand if setup.mapping is not None else frozenset()
        files.write(replace(setup, mapping=mapping, by_hand=told), path)
        return "INFO", rpt_("Saved {path}").format(path=path)


class LINLY_OT_character_load(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Give the character what was set of it, or of another, and saved. What has other names now is found again"""

    bl_idname = "linly.character_load"
    bl_label = "Load…"

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    filter_glob: StringProperty(default=f"*{_SUFFIX}", options={"HIDDEN"})  # type: ignore[valid-type]

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Ask for the file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def change(self: Any, context: bpy.types.Context) -> Outcome:
        """All of the file, or nothing of it."""
        path = Path(bpy.path.abspath(self.filepath))
        setup = files.read(path)
        renamed: list[str] = []
        missing: list[str] = []

        def fitted(character: Character) -> Setup:
            return _fit(setup, character, path.name, renamed, missing)

        character_state.change(context.scene, fitted)
        told = [rpt_("Loaded {path}").format(path=path)]
        if renamed:
            told.append(rpt_("Found under other names: {names}").format(names=told_(some_of(renamed))))
        if missing:
            told.append(rpt_("Not on this character: {names}").format(names=told_(some_of(missing))))
        return ("WARNING" if missing else "INFO"), ". ".join(told)


def _fit(setup: Setup, character: Character, file: str, renamed: list[str], missing: list[str]) -> Setup:
    """A setup on a character of other names; what has another name now and what is not there is told.

    Raises UserError when nothing of the setup's meshes is there.
    """
    bones = _bones_of(character)
    poses: dict[str, Pose] = {}
    for channel, pose in setup.poses.items():
        missing += [move.bone for move in pose.moves if move.bone not in bones]
        moves = tuple(move for move in pose.moves if move.bone in bones)
        if moves:
            poses[channel] = replace(pose, moves=moves)
    missing += [bone for bone in setup.bones.values() if bone not in bones]
    chosen = {role: bone for role, bone in setup.bones.items() if bone in bones}
    fit = replace(setup, poses=poses, bones=chosen)
    mapping = setup.mapping
    if mapping is not None:
        meshes = [mesh for mesh in character.meshes if mesh.name != POSES]
        meshes.append(Mesh(POSES, tuple(map(Key, {**character.poses, **poses}))))
        again = reattach(mapping, meshes)
        if mapping.drives and not again.mapping.drives:
            meant = dict.fromkeys(drive.mesh for drive in mapping.drives if drive.mesh != POSES)
            raise UserError(
                f"Nothing of {file} is on '{character.name}': it was saved for {some_of(meant)}. Load it on a "
                "character of the same make."
            )
        detected = character_state.detected(_with_poses(character, poses)).mapping
        lost = {channel for channel in setup.by_hand if mapping.targets(channel)}.intersection(again.mapping.unused)
        channels = setup.by_hand.intersection(by_hand.changed(again.mapping, detected)) - lost
        fit = by_hand.keep(fit, again.mapping, channels)
        renamed += [f"{old} → {new}" for old, new in again.renamed]
        missing += again.missing
    missing[:] = dict.fromkeys(name or "poses" for name in missing)
    return fit


def _with_poses(character: Character, poses: dict[str, Pose]) -> Character:
    """The character as it is with other recorded poses."""
    own = {channel: pose for channel, pose in character.poses.items() if not pose.is_recorded}
    return replace(character, poses={**own, **poses})


def _bones_of(character: Character) -> set[str]:
    if character.armature is None:
        return set()
    return set(bpy.data.objects[character.armature].data.bones.keys())
