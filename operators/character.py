"""Finding a character, and changing by hand what its channels move."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from ..linly_blender.errors import UserError, some_of
from ..linly_blender.rig import by_hand, edit
from ..linly_blender.rig.mapping import PLAIN, POSES, Mapping
from ..linly_blender.scene import trial
from ..linly_blender.scene.character import Character, find_character, look_up
from . import character_state, conversation
from .character_settings import MOST_TARGETS
from .reasons import Reasoned, while_working, without_character
from .wording import iface_, rpt_, tip_, told_

_MOST_TRIED: Final = 200
"""Objects that are looked at for a character."""


class Changing(Reasoned):
    """An operator that changes the setup of the scene's character: one step of undo, or a message and nothing."""

    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        if conversation.current() is not None:  # the pose is not the artist's
            return tip_("Stop the conversation first")
        reason = while_working() or without_character(context)
        if reason is None and character_state.view(context.scene.linly.character).character is None:
            return tip_("The character cannot be used yet: see above what it lacks")
        return reason

    def execute(self: Any, context: bpy.types.Context) -> set[str]:
        """Change it, and say what happened."""
        trial.stop()
        try:
            kind, message = self.change(context)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        if message:
            self.report({kind}, message)
        conversation.redraw()
        return {"FINISHED"}


Outcome = tuple[str, str]
"""Kind of a report, and its text; none where that is empty."""
SILENT: Outcome = ("INFO", "")


class LINLY_OT_detect(Reasoned, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Find the character that the selected object belongs to: its meshes, what its shape keys mean, and its bones"""

    bl_idname = "linly.detect"
    bl_label = "Detect"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @classmethod
    def disabled_reason(cls, _context: bpy.types.Context) -> str | None:
        """See Reasoned."""
        return while_working()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Look at what is selected; with nothing selected, at the character that was chosen before, then around."""
        trial.stop()
        character_state.forget()
        linly = context.scene.linly
        try:
            character = _find(context)
        except UserError as error:
            self.report({"ERROR"}, told_(str(error)))
            return {"CANCELLED"}
        linly.character = look_up(character.name)
        self.report({"INFO"}, linly.character_found)
        return {"FINISHED"}


def _find(context: bpy.types.Context) -> Character:
    """The character of the selection, else of its collections. Raises UserError where there is none, or several."""
    scene, selected = context.scene, list(context.selected_objects)
    active = context.active_object if context.active_object in selected else None
    picked = [*filter(None, [active]), *(obj for obj in selected if obj != active)]
    if not picked and scene.linly.character is not None:
        picked = [scene.linly.character]
    chosen: list[bpy.types.Object] = []
    for obj in picked:
        shown = obj.instance_collection if obj.type == "EMPTY" else None
        chosen += shown.all_objects if shown is not None else [obj, *obj.children_recursive]
    found, problem = _characters(chosen)
    if not found:
        collections = {collection for obj in picked for collection in obj.users_collection}
        collections = collections - {scene.collection} if picked else {context.collection}
        around, _ = _characters(obj for collection in collections for obj in collection.all_objects)
        found = around
    if active is not None and len(found) > 1:
        found = {name: one for name, one in found.items() if active.name in {name, *_meshes(one)}} or found
    if len(found) > 1:
        raise UserError(f"There are several characters: {some_of(found)}. Select one of them, then press again.")
    if found:
        return next(iter(found.values()))
    shown = next((obj for obj in picked if obj.type == "EMPTY" and obj.instance_collection is not None), None)
    if shown is not None:
        raise UserError(
            f"'{shown.name}' only shows the collection '{shown.instance_collection.name}', and nothing in it can be "
            "animated here. Make it real (Object > Apply > Make Instances Real) or a library override of it first."
        )
    raise problem or UserError(
        "Nothing that is selected belongs to a character. Select the head's mesh, the armature, or an object of the "
        "same collection, then press again."
    )


def _characters(objects: Iterable[bpy.types.Object]) -> tuple[dict[str, Character], UserError | None]:
    """By name, and why the first that might have been one is none."""
    found: dict[str, Character] = {}
    known: set[str] = set()
    problem = None
    candidates = [obj for obj in objects if obj.type in {"MESH", "ARMATURE"} and obj.users_scene]
    for obj in candidates[:_MOST_TRIED]:
        if obj.name in known:
            continue
        try:
            character = find_character(obj)
        except UserError as error:
            problem = problem or error
            continue
        found[character.name] = character
        known |= {character.name, obj.name, *_meshes(character)}
    return found, problem


def _meshes(character: Character) -> set[str]:
    return {mesh.name for mesh in character.meshes}


def _items(_operator: Any, context: bpy.types.Context) -> list[tuple[str, str, str]]:
    """What the active channel could move and does not move yet."""
    global _kept_items
    if context is None or context.scene is None:
        return []
    character = character_state.view(context.scene.linly.character).character
    if character is None:
        return []
    moved = {target[:2] for target in character.found.mapping.targets(context.scene.linly_character.channel_name)}
    rows = [(mesh.name, key.name) for mesh in character.meshes for key in mesh.keys]
    _kept_items = [
        (f"{mesh}\n{key}", f"{key} ({mesh or iface_('pose')})", "") for mesh, key in rows if (mesh, key) not in moved
    ]
    return _kept_items


_kept_items: list[tuple[str, str, str]] = []
"""Blender does not keep the strings of such a list by itself."""


class LINLY_OT_character_target_add(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Let the channel move another shape key or pose"""

    bl_idname = "linly.character_target_add"
    bl_label = "Add Target"
    bl_property = "choice"

    choice: EnumProperty(items=_items, options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]
    mesh: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]
    key: StringProperty(options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Search all that the character has."""
        context.window_manager.invoke_search_popup(self)
        return {"FINISHED"}

    def change(self: Any, context: bpy.types.Context) -> Outcome:
        """At full weight; half of it for a key that serves both sides would be for the person to say."""
        mesh, key = (self.mesh, self.key) if self.key else self.choice.split("\n", 1)

        def add(targets: tuple[edit.Target, ...]) -> list[edit.Target]:
            if len(targets) >= MOST_TARGETS:
                raise UserError(f"A channel moves at most {MOST_TARGETS} keys. Remove one first.")
            return [*(target for target in targets if target[:2] != (mesh, key)), (mesh, key, 1.0)]

        _retarget(context.scene, add)
        return SILENT


class LINLY_OT_character_target_remove(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Have the channel leave this alone"""

    bl_idname = "linly.character_target_remove"
    bl_label = "Remove Target"

    index: IntProperty(min=0, options={"HIDDEN", "SKIP_SAVE"})  # type: ignore[valid-type]

    def change(self: Any, context: bpy.types.Context) -> Outcome:
        """By its place in the list."""
        _retarget(
            context.scene,
            lambda targets: [target for number, target in enumerate(targets) if number != self.index],
        )
        return SILENT


def _retarget(scene: bpy.types.Scene, how: Callable[[tuple[edit.Target, ...]], list[edit.Target]]) -> None:
    fields = scene.linly_character

    def changed(character: Character, mapping: Mapping) -> Mapping:
        return character_state.retarget(character, mapping, fields, how(mapping.targets(fields.channel_name)))

    character_state.remap(scene, changed)


class LINLY_OT_character_reset_channel(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Have the channel move what was detected for it, as it is performed"""

    bl_idname = "linly.character_reset_channel"
    bl_label = "As Detected"

    def change(self, context: bpy.types.Context) -> Outcome:
        """On both sides where that is set."""
        reset_channels(context.scene, context.scene.linly_character.sides)
        return SILENT


def reset_channels(scene: bpy.types.Scene, channels: Iterable[str]) -> None:
    """Give channels back what was detected for them. Raises UserError as ``character_state.change``."""

    def reset(character: Character, mapping: Mapping) -> Mapping:
        own = character_state.detected(character).mapping
        for channel in channels:
            targets = own.targets(channel)
            mapping = edit.set_targets(mapping, channel, targets, character.meshes)
            mapping = edit.tune(mapping, channel, own.tunings.get(channel, PLAIN))
        return mapping

    character_state.remap(scene, reset)


class LINLY_OT_character_reset(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Forget every change of the channels: targets, gains, limits and the rest expression. Poses and bones stay"""

    bl_idname = "linly.character_reset"
    bl_label = "All as Detected"

    def change(self, context: bpy.types.Context) -> Outcome:
        """All channels."""
        character_state.change(context.scene, lambda character: by_hand.forget(character.setup))
        return SILENT


class LINLY_OT_character_swap_sides(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Exchange left and right of all channels, for a character whose names are mirrored"""

    bl_idname = "linly.character_swap_sides"
    bl_label = "Swap Sides"

    def change(self, context: bpy.types.Context) -> Outcome:
        """All channels."""
        character_state.remap(context.scene, lambda _, mapping: edit.swap_sides(mapping))
        return "INFO", rpt_("Left and right are exchanged")


class LINLY_OT_character_keep_rest(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Take the present values of the driven shape keys for the expression of the face at rest"""

    bl_idname = "linly.character_keep_rest"
    bl_label = "Keep as Rest"

    def change(self, context: bpy.types.Context) -> Outcome:
        """Of all that is driven."""

        def present(_character: Character, mapping: Mapping) -> Mapping:
            return edit.set_rest(mapping, {place: _value(*place) for place in _keys(mapping)})

        character = character_state.remap(context.scene, present)
        count = sum(bool(drive.offset) for drive in character.found.mapping.drives)
        return "INFO", rpt_("{count} shape keys are not at 0 at rest").format(count=count)


class LINLY_OT_character_clear_rest(Changing, bpy.types.Operator):  # noqa: N801 - Blender's convention
    """Have the face at rest with every shape key at 0"""

    bl_idname = "linly.character_clear_rest"
    bl_label = "Clear Rest"

    def change(self, context: bpy.types.Context) -> Outcome:
        """Of all that is driven."""
        character_state.remap(
            context.scene, lambda _, mapping: edit.set_rest(mapping, dict.fromkeys(_keys(mapping), 0.0))
        )
        return SILENT


def _keys(mapping: Mapping) -> list[tuple[str, str]]:
    return [(drive.mesh, drive.key) for drive in mapping.drives if drive.mesh != POSES]


def _value(mesh: str, key: str) -> float:
    blocks = look_up(mesh).data.shape_keys.key_blocks
    if key not in blocks:
        raise UserError(f"'{mesh}' no longer has the shape key '{key}'. Choose the character again.")
    return float(blocks[key].value)
