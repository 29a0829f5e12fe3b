"""Poses of bones that a person records as channels."""

from collections.abc import Callable
from typing import Any

import bpy
from bpy.props import BoolProperty, FloatProperty, StringProperty

from ..linly_blender.errors import UserError, some_of
from ..linly_blender.rig import edit
from ..linly_blender.rig.mapping import twin
from ..linly_blender.rig.setup import Setup
from ..linly_blender.scene.character import Character
from ..linly_blender.scene.record_pose import Recorded, from_action, mirror_image, record
from . import character_state
from .character import SILENT, Changing, Outcome, reset_channels
from .wording import iface_, rpt_, tip_


def _keep(context: bpy.types.Context, take: Callable[[Character, set[str] | None], Recorded]) -> Outcome:
    """Keep what ``take`` gives for the active channel, and with Both Sides its mirror image for the other side's.

    ``take`` is told the selected bones where only those count.
    """
    channels = _channels(context)
    only_selected = context.scene.linly_character.only_selected
    taken: list[Recorded] = []
    without: list[str] = []

    def recorded(character: Character) -> Setup:
        told = take(character, _selected(character) if only_selected else None)
        taken.append(told)
        setup = edit.set_pose(character.setup, channels[0], told.pose)
        for other in channels[1:]:
            image, alone = mirror_image(character, told.pose)
            without.extend(alone)
            setup = edit.set_pose(setup, other, image) if image.moves else setup
        return setup

    character_state.change(context.scene, recorded)
    (told,) = taken
    if len(channels) == 1:
        text = rpt_("{channel} is now a pose of {count} bones")
    elif without:
        text = rpt_(
            "{channel} is now a pose of {count} bones. Not mirrored for {other}, because the other side has no "
            "counterpart: {bones}. Pose {other} with Both Sides off"
        )
    else:
        text = rpt_("{channel} is now a pose of {count} bones, and {other} its mirror image")
    said = text.format(channel=channels[0], count=len(told.pose.moves), other=channels[-1], bones=some_of(without))
    if told.performing:
        text = rpt_("{said}. Left out, because the performance moves it already: {bones}")
        said = text.format(said=said, bones=some_of(told.performing))
    if told.body:
        text = rpt_("{said}. Left out, being of the body: {bones}. Selected Bones Only takes also such")
        said = text.format(said=said, bones=some_of(told.body))
    return "WARNING" if without or told.performing or told.body else "INFO", said


def _channels(context: bpy.types.Context) -> list[str]:
    """The active channel, and with Both Sides that of the other side, where there is one."""
    fields = context.scene.linly_character
    return list(dict.fromkeys([fields.channel_name, *([twin(fields.channel_name)] if fields.both_sides else [])]))


class LINLY_OT_character_record_pose(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Take the armature's present pose for the active channel at 1. Pose the face first; the body's pose is left out"""

    bl_idname = "linly.character_record_pose"
    bl_label = "This Is the Channel"

    def change(self, context: bpy.types.Context) -> Outcome:
        """Only bones that are away from their rest."""
        return _keep(context, record)


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
        """Of the active channel, and with Both Sides of the other side's where one is recorded."""
        forgotten: list[str] = []

        def without(character: Character) -> Setup:
            forgotten[:] = [channel for channel in _channels(context) if channel in character.setup.poses]
            setup = character.setup
            for channel in forgotten:
                setup = edit.set_pose(setup, channel, None)
            return setup

        character = character_state.change(context.scene, without)
        if character.setup.mapping is not None:
            reset_channels(context.scene, forgotten)
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
        frame = self.frame if self.use_frame else None
        return _keep(context, lambda character, only: from_action(character, action, frame, only))
