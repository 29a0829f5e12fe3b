"""The setup of the scene's character, as the panel shows and changes it.

It lives on the character's object alone. What is recognised by it is looked up again only when something that can be
seen at a glance has changed, because a panel is drawn at every move of the mouse. Kept are names and values.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import bpy

from ..linly_blender.errors import UserError
from ..linly_blender.rig import by_hand, edit
from ..linly_blender.rig.mapping import POSES, Drive, Mapping, twin
from ..linly_blender.rig.reattach import reattach
from ..linly_blender.rig.recognise import Recognition, recognise
from ..linly_blender.rig.setup import PLAIN_SETUP, Setup
from ..linly_blender.scene import trial
from ..linly_blender.scene.character import Character, find_character, look_up
from ..linly_blender.scene.setup import keep_setup, kept_text


@dataclass(frozen=True, slots=True)
class View:
    """What there is to show."""

    character: Character | None
    problem: str
    """Why there is no character."""
    watched: tuple[str, ...]
    """Objects of which a change makes this out of date."""


_view: View | None = None
_mark: Any = None
complaint = ""
"""Why the last value that was set in a field was refused; fields have no report."""


def view(obj: bpy.types.Object | None) -> View:
    """What there is to show of a character now."""
    global _view, _mark
    if obj is None:
        return View(None, "", ())
    if _view is None or _mark != _marked(obj, _view.watched):
        try:
            return _show(obj, find_character(obj))
        except UserError as error:
            _view = View(None, str(error), (obj.name,))
            _mark = _marked(obj, _view.watched)
    return _view


def _show(obj: bpy.types.Object, character: Character) -> View:
    global _view, _mark
    meshes = [mesh.name for mesh in character.meshes if mesh.name != POSES]
    names = (obj.name, character.name, character.kept_with, character.armature, *meshes)
    _view = View(character, "", tuple(dict.fromkeys(name for name in names if name is not None)))
    _mark = _marked(obj, _view.watched)
    return _view


def shown() -> Character | None:
    """The character as it was when a panel was last drawn: for the rows of a list, of which each is drawn by itself."""
    return _view.character if _view is not None else None


def forget() -> None:
    """Have it looked for anew when it is next shown."""
    global _view, complaint
    _view, complaint = None, ""


def _marked(obj: bpy.types.Object, watched: tuple[str, ...]) -> Any:
    """Differs as soon as names of the character's parts, its setup or what there is in the scene do; cheap."""
    seen: list[Any] = []
    for name in watched:
        part = bpy.data.objects.get((name, None))
        if part is None:
            seen.append(None)
        elif part.type == "ARMATURE":
            seen.append((kept_text(part), tuple(part.data.bones.keys())))
        else:
            keys = part.data.shape_keys if part.type == "MESH" else None
            seen.append((kept_text(part), keys and tuple(keys.key_blocks.keys())))
    return obj.session_uid, len(bpy.data.objects), len(bpy.context.scene.objects), seen


def change(scene: bpy.types.Scene, how: Callable[[Character], Setup]) -> Character:
    """Give the scene's character another setup; ``how`` makes it. What is being tried is shown in its new way.

    It is kept with what stands for the character now, and no longer with what did before.

    Raises UserError, and has changed nothing, when ``how`` does, or when the character could not perform with it.
    """
    character = find_character(scene.linly.character)
    owner, holder = look_up(character.name), look_up(character.kept_with)
    setup = how(character)
    keep_setup(holder, PLAIN_SETUP)
    keep_setup(owner, setup)
    try:
        after = find_character(scene.linly.character)
    except UserError:
        keep_setup(owner, PLAIN_SETUP)
        keep_setup(holder, character.setup)
        raise
    forget()
    scene.linly.show_found(after)
    _show(scene.linly.character, after)
    trial.show_again(scene.unit_settings.scale_length)
    return after


def remap(scene: bpy.types.Scene, how: Callable[[Character, Mapping], Mapping]) -> Character:
    """As ``change``, of the mapping alone. What is as detected is not kept, so that it follows the character."""

    def remapped(character: Character) -> Setup:
        mapping = how(character, character.found.mapping)
        gone = _gone(character)
        channels = by_hand.changed(mapping, detected(character).mapping)
        channels |= {channel for drive in gone for channel, _ in drive.weights}
        return by_hand.keep(character.setup, replace(mapping, drives=(*mapping.drives, *gone)), channels)

    return change(scene, remapped)


def retarget(character: Character, mapping: Mapping, fields: Any, targets: Sequence[edit.Target]) -> Mapping:
    """The mapping with other targets of the active channel, on both sides where ``fields`` say so.

    Raises UserError as ``edit.set_targets``.
    """
    channel, is_mirrored = fields.channel_name, fields.both_sides and twin(fields.channel_name) != fields.channel_name
    for mesh, key, _ in targets if is_mirrored else ():
        if mesh == POSES and twin(key) not in character.poses:
            raise UserError(f"The pose {key} has none beside it on the other side. Record that too, or set one side.")
    return edit.set_targets(mapping, channel, targets, character.meshes, mirrored=is_mirrored)


def detected(character: Character) -> Recognition:
    """What the character is recognised to be where nobody has changed its mapping."""
    return recognise([mesh for mesh in character.meshes if mesh.name != POSES], character.poses)


def _gone(character: Character) -> tuple[Drive, ...]:
    """What was set of parts that are not there now; they may come back."""
    mapping = character.setup.mapping
    if mapping is None:
        return ()
    missing = set(reattach(mapping, character.meshes).missing)
    return tuple(
        drive
        for drive in mapping.drives
        if drive.mesh in missing or f"{drive.mesh}.{drive.key}".removeprefix(".") in missing
    )


def set_in_field(make: Callable[[], object]) -> None:
    """Do what a field's new value asks for; why it is refused stands in ``complaint``."""
    global complaint
    complaint = ""
    try:
        make()
    except UserError as error:
        complaint = str(error)
