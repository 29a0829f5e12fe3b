"""Poses of bones that a person records as channels."""

from typing import Any

import bpy
from bpy.props import BoolProperty, FloatProperty, StringProperty

from ..linly_blender.errors import UserError
from ..linly_blender.rig import edit
from ..linly_blender.rig.poses import Pose
from ..linly_blender.rig.setup import Setup
from ..linly_blender.scene.character import Character
from ..linly_blender.scene.record_pose import from_action, record
from . import character_state
from .character import SILENT, Changing, Outcome, reset_channels
from .wording import iface_, rpt_, tip_


def _recorded(channel: str, pose: Pose) -> Outcome:
    text = rpt_("{channel} is now a pose of {count} bones")
    return "INFO", text.format(channel=channel, count=len(pose.moves))


class LINLY_OT_character_record_pose(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Take the armature's present pose for the active channel at 1. Pose the face first, the head stays at rest"""

    bl_idname = "linly.character_record_pose"
    bl_label = "This Is the Channel"

    def change(self, context: bpy.types.Context) -> Outcome:
        """Only bones that are away from their rest."""
        fields = context.scene.linly_character
        channel = fields.channel_name

        def recorded(character: Character) -> Setup:
            only = _selected(character) if fields.only_selected else None
            return edit.set_pose(character.setup, channel, record(character, only))

        character = character_state.change(context.scene, recorded)
        return _recorded(channel, character.setup.poses[channel])


def _selected(character: Character) -> set[str]:
    """Bones of the armature that are selected. 5.0 has moved that from the bones to their poses."""
    if character.armature is None:
        return set()
    armature = bpy.data.objects[character.armature]
    bones = armature.pose.bones if "select" in bpy.types.PoseBone.bl_rna.properties else armature.data.bones
    names = {bone.name for bone in bones if bone.select}
    if not names:
        raise UserError("No bone is selected. Select the bones of the pose in Pose Mode, or take all of them.")
    return names


class LINLY_OT_character_forget_pose(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Forget the pose that was recorded for the active channel; it moves again what was detected"""

    bl_idname = "linly.character_forget_pose"
    bl_label = "Forget Pose"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        reason = super().disabled_reason(context)
        if reason is not None:
            return reason
        character = character_state.view(context.scene.linly.character).character
        assert character is not None
        is_there = context.scene.linly_character.channel_name in character.setup.poses
        return None if is_there else tip_("No pose is recorded for this channel")

    def change(self, context: bpy.types.Context) -> Outcome:
        """Of the active channel alone."""
        channel = context.scene.linly_character.channel_name

        character = character_state.change(
            context.scene, lambda character: edit.set_pose(character.setup, channel, None)
        )
        if character.setup.mapping is not None:
            reset_channels(context.scene, [channel])
        return SILENT


class LINLY_OT_character_pose_from_action(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Take the pose that an action has for the active channel at 1. Poses of the pose library are actions too"""

    bl_idname = "linly.character_pose_from_action"
    bl_label = "From Action…"

    action: StringProperty(  # type: ignore[valid-type]
        name="Action", description="The action or pose of the pose library", options={"SKIP_SAVE"}
    )
    use_frame: BoolProperty(  # type: ignore[valid-type]
        name="At Frame", description="Take the pose at a frame of your choice; else at the action's first"
    )
    frame: FloatProperty(name="Frame", description="Frame of the action")  # type: ignore[valid-type]

    def invoke(self: Any, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Ask which action, and at which frame."""
        return set(context.window_manager.invoke_props_dialog(self, confirm_text=iface_("Take Pose")))

    def draw(self: Any, _context: bpy.types.Context) -> None:
        """Draw the question."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop_search(self, "action", bpy.data, "actions", icon="ACTION")
        layout.prop(self, "use_frame")
        row = layout.row()
        row.active = self.use_frame
        row.prop(self, "frame")

    def change(self: Any, context: bpy.types.Context) -> Outcome:
        """As ``LINLY_OT_character_record_pose``."""
        action = bpy.data.actions.get(self.action)
        if action is None:
            raise UserError("Choose an action first.")
        channel = context.scene.linly_character.channel_name
        frame = self.frame if self.use_frame else None
        character = character_state.change(
            context.scene,
            lambda character: edit.set_pose(character.setup, channel, from_action(character, action, frame)),
        )
        return _recorded(channel, character.setup.poses[channel])
