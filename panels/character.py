"""The sidebar's part for the character's setup: what each channel moves, its bones, and the setup as a file."""

from typing import Any, ClassVar, Final

import bpy

from ..linly_blender.rig.mapping import POSES, Coverage, twin
from ..linly_blender.rig.setup import ROLES, Role
from ..linly_blender.scene.character import Character
from ..operators import character_state, conversation
from ..operators.character_settings import MOST_TARGETS
from ..operators.found import is_doubtful, moved_by
from ..operators.wording import iface_
from .drawing import Sidebar, aligned, tell

_ICONS: Final[dict[str, str]] = {
    "bone": "BONE_DATA",
    "pose": "ARMATURE_DATA",
    "stand-in": "LINKED",
    "by hand": "GREASEPENCIL",
    "missing": "RADIOBUT_OFF",
}
"""By how a channel is shown; else it is by shape keys."""
_ROWS: Final = 8


class LINLY_UL_channels(bpy.types.UIList):  # noqa: N801 - Blender's convention
    """ARKit's channels, each with what moves it."""

    def draw_item(
        self,
        _context: bpy.types.Context,
        layout: bpy.types.UILayout,
        _data: Any,
        item: Any,
        _icon: int,
        _active_data: Any,
        _active_property: str,
        index: int,
    ) -> None:
        """Draw a row."""
        character = character_state.shown()
        if character is None:
            return
        one = character.found.coverage[index]
        moved = moved_by(character, one)
        row = layout.split(factor=0.64) if moved != one.channel else layout.row()
        row.active = one.how != "missing"
        row.label(text=item.identifier, icon=_icon_of(one), translate=False)
        if moved != one.channel:
            row.label(text=moved, translate=False)

    def filter_items(self, context: bpy.types.Context, data: Any, name: str) -> tuple[list[int], list[int]]:
        """By what is typed, in the channel's name or in what moves it, and by the kind that is chosen."""
        character = character_state.shown()
        count, kind = len(getattr(data, name)), context.scene.linly_character.kind
        if character is None:
            return [0] * count, []
        shown = self.bitflag_filter_item
        flags = [shown if is_listed(character, one, kind, self.filter_name) else 0 for one in character.found.coverage]
        return flags, []


def is_listed(character: Character, one: Coverage, kind: str, typed: str) -> bool:
    """Whether a channel is of the kind, and what is typed is in its name or in what moves it."""
    match kind:
        case "CHECK":
            is_kind = one.how == "stand-in" or is_doubtful(one)
        case "MISSING":
            is_kind = one.how == "missing"
        case _:
            is_kind = True
    return is_kind and typed.lower() in f"{one.channel} {moved_by(character, one)}".lower()


class _OfCharacter(Sidebar):
    """A panel that there is only when there is a character."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Looks at what is known of it."""
        return character_state.view(context.scene.linly.character).character is not None


class LINLY_PT_character(_OfCharacter, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """What moves the character's face."""

    bl_label = "Character"
    bl_parent_id = "LINLY_PT_performance"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        fields, layout = context.scene.linly_character, self.layout
        character = character_state.view(context.scene.linly.character).character
        if character is None:
            return
        layout.row(align=True).prop(fields, "kind", expand=True)
        rows = fields.bl_rna.properties["channel"]
        layout.template_list("LINLY_UL_channels", "", rows, "enum_items", fields, "active", rows=_ROWS)
        one = character.found.coverage[fields.active]
        column = layout.column(align=True)
        row = column.row(align=True)
        row.prop(context.window_manager.linly_test_drive, "value", text="Test Drive", slider=True)
        row.operator("linly.character_wiggle", icon="PLAY")
        column.enabled = one.how != "missing" and conversation.current() is None
        if character_state.complaint:
            tell(layout.column(align=True), context, character_state.complaint, "ERROR")
        if twin(one.channel) != one.channel:
            layout.prop(fields, "both_sides")
        self._draw_targets(context, character, one)
        self._draw_reading(fields, one)
        if character.armature is not None:
            self._draw_pose(fields, character, one)

    def _draw_targets(self, context: bpy.types.Context, character: Character, one: Coverage) -> None:
        fields = context.scene.linly_character
        header, body = self.layout.panel("linly_character_targets", default_closed=False)
        header.label(text=iface_("{channel} Moves").format(channel=one.channel), translate=False)
        if body is None:
            return
        column = aligned(body).column(align=True)
        targets = character.found.mapping.targets(one.channel)
        for number, (mesh, key, _) in enumerate(targets[:MOST_TARGETS]):
            row = column.row(align=True)
            name = key if mesh != POSES else iface_("{channel} (pose)").format(channel=key)
            is_alone = len({target[0] for target in targets if target[0] != POSES}) < 2
            text = name if is_alone or mesh == POSES else f"{key} ({mesh})"
            row.prop(fields, "weights", index=number, text=text, translate=False)
            row.operator("linly.character_target_remove", text="", icon="REMOVE").index = number
        if len(targets) > MOST_TARGETS:
            more = iface_("and {count} more").format(count=len(targets) - MOST_TARGETS)
            column.label(text=more, translate=False)
        row = column.row(align=True)
        row.operator("linly.character_target_add", icon="ADD")
        row.operator("linly.character_reset_channel", icon="LOOP_BACK")

    def _draw_reading(self, fields: Any, one: Coverage) -> None:
        header, body = self.layout.panel("linly_character_reading", default_closed=True)
        header.label(text="Strength and Limits")
        if body is None:
            return
        column = aligned(body).column(align=True)
        column.prop(fields, "gain")
        column.prop(fields, "offset")
        column.prop(fields, "low")
        column.prop(fields, "high", text="Max")
        column.prop(fields, "invert")

    def _draw_pose(self, fields: Any, character: Character, one: Coverage) -> None:
        header, body = self.layout.panel("linly_character_pose", default_closed=True)
        header.label(text="Pose of Bones")
        if body is None:
            return
        column = body.column(align=True)
        this = iface_("This Is {channel}").format(channel=one.channel)
        row = column.row(align=True)
        row.operator("linly.character_record_pose", text=this, translate=False, icon="POSE_HLT")
        row.prop(fields, "only_selected", text="", icon="RESTRICT_SELECT_OFF")
        row = column.row(align=True)
        row.operator("linly.character_pose_from_action", icon="ACTION")
        row.operator("linly.character_forget_pose", icon="X")


class LINLY_PT_character_bones(_OfCharacter, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """The bones that perform, and how they share the work."""

    bl_label = "Bones"
    bl_parent_id = "LINLY_PT_character"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only where there are any."""
        character = character_state.view(context.scene.linly.character).character
        return character is not None and character.armature is not None

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        fields, layout = context.scene.linly_character, aligned(self.layout)
        character = character_state.view(context.scene.linly.character).character
        if character is None:
            return
        column = layout.column()
        for role in ROLES:
            name = f"bone_{role}"
            title, found = iface_(fields.bl_rna.properties[name].name), _found_bone(character, role) or iface_("None")
            column.prop(fields, name, text=title, placeholder=found, icon="BONE_DATA", translate=False)
        column = layout.column(heading="Head's Turn by", align=True)
        column.prop(fields, "chest", slider=True)
        column.prop(fields, "neck", slider=True)
        layout.prop(fields, "gaze", slider=True)


class LINLY_PT_character_whole(_OfCharacter, bpy.types.Panel):  # noqa: N801 - Blender's convention
    """What is done to all channels."""

    bl_label = "Rest, Sides, File"
    bl_parent_id = "LINLY_PT_character"
    bl_options: ClassVar[set[str]] = {"DEFAULT_CLOSED"}

    def draw(self, _context: bpy.types.Context) -> None:
        """Draw the panel."""
        column = self.layout.column(align=True)
        row = column.row(align=True)
        row.operator("linly.character_keep_rest", icon="PINNED")
        row.operator("linly.character_clear_rest", icon="UNPINNED")
        row = column.row(align=True)
        row.operator("linly.character_swap_sides", icon="MOD_MIRROR")
        row.operator("linly.character_reset", icon="LOOP_BACK")
        row = self.layout.row(align=True)
        row.operator("linly.character_save", icon="EXPORT")
        row.operator("linly.character_load", icon="IMPORT")


def _icon_of(one: Coverage) -> str:
    return "QUESTION" if is_doubtful(one) else _ICONS.get(one.how, "SHAPEKEY_DATA")


def _found_bone(character: Character, role: Role) -> str:
    """The bones that were found for a role."""
    bones = character.bones
    if bones is None:
        return ""
    found = {
        "head": [bones.head],
        "neck": bones.necks,
        "chest": [bones.chest],
        "jaw": [bones.jaw],
        "eye_left": [bones.eyes.left if bones.eyes else None],
        "eye_right": [bones.eyes.right if bones.eyes else None],
        "eye_target": [bones.eye_target],
    }[role]
    return iface_(", ").join(one.bone for one in found if one is not None)
