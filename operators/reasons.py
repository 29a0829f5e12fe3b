"""Why a button is grey: one sentence, shown in its tooltip."""

from typing import Protocol

import bpy

from ..linly_blender.scene import ledger
from . import worker
from .wording import tip_


class _HasReason(Protocol):
    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str | None: ...

    @classmethod
    def poll_message_set(cls, message: str) -> None: ...


class Reasoned:
    """An operator that can say why it cannot run now. ``disabled_reason`` is called on every redraw and looks only."""

    @classmethod
    def poll(cls: type[_HasReason], context: bpy.types.Context) -> bool:
        """Set the reason as Blender's message when there is one."""
        reason = cls.disabled_reason(context)
        if reason is not None:
            cls.poll_message_set(reason)
        return reason is None


def while_working() -> str | None:
    """Why nothing else can start now."""
    return tip_("A performance is being made. Wait for it or cancel it") if worker.current() else None


def without_text(context: bpy.types.Context) -> str | None:
    """Why nothing can be said."""
    settings = context.scene.linly
    if settings.has_text():
        return None
    if settings.source == "RECORDING":
        is_file = settings.dialogue.origin == "FILE"
        return tip_("Choose the file of the recording first") if is_file else tip_("Choose the recording's strip first")
    if settings.source == "LINE":
        return tip_("Write a line of text first")
    if settings.script is None:
        return tip_("Choose a script first")
    return tip_("The script is empty. Write it in the Text Editor")


def without_character(context: bpy.types.Context) -> str | None:
    """Why nobody can perform."""
    character = context.scene.linly.character
    if character is None:
        return tip_("Choose a character first, or add the demo avatar")
    if character.name not in context.scene.objects:
        return tip_("The character is not in this scene. Choose one that is")
    return None


def without_bake() -> str | None:
    """Why there is nothing to play or to remove."""
    if any(ledger.TAKE in action for action in bpy.data.actions):
        return None
    return tip_("Bake a take first")
