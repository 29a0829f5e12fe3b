"""Taking a take away: exactly what baking added, and nothing of the artist's."""

import bpy

from ..errors import UserError
from . import ledger, markers, sound
from .character import Character


def remove(scene: bpy.types.Scene, character: Character) -> bool:
    """Take our takes off a character; False when there were none.

    An action of ours that something else plays too stays for it. The scene's frame range goes back to what it was
    if nobody has changed it since.

    Raises:
        UserError: a strip of the character is being tweaked; then nothing has changed.
    """
    for name, owner in ledger.owners(character).items():
        check_not_tweaked(name, owner)
    takes = ledger.takes_of(scene, character)
    remove_takes(scene, character, takes)
    return bool(takes)


def check_not_tweaked(name: str, owner: bpy.types.ID) -> None:
    """Raise UserError if a strip's action is open for tweaking: Blender then shows it as the active one."""
    if owner.animation_data is not None and owner.animation_data.use_tweak_mode:
        raise UserError(f"A strip of '{name}' is being tweaked. Leave tweak mode (Tab in the NLA editor) first.")


def remove_takes(scene: bpy.types.Scene, character: Character, takes: set[str]) -> None:
    """Take some of our takes off a character and out of the scene."""
    entries = ledger.read(scene)
    gone = [entries.pop(take) for take in sorted(takes & set(entries))]
    for name, owner in ledger.owners(character).items():
        made = any(name in entry.made_animation_data for entry in gone)
        _take_off(owner, takes, made)
        for entry in gone:
            _restore(owner, entry.values.get(name, {}))
    for action in [action for action in bpy.data.actions if ledger.is_ours(action, takes)]:
        if action.users == 0:
            bpy.data.actions.remove(action)
    sound.remove(scene, takes, clear_sequencer=any(entry.made_sequencer for entry in gone))
    for entry in gone:
        markers.remove(scene, entry.markers)
        _give_back_range(scene, entry, entries)
    ledger.write(scene, entries)


def _take_off(owner: bpy.types.ID, takes: set[str], made: bool) -> None:
    data = owner.animation_data
    if data is None:
        return
    if ledger.is_ours(data.action, takes):
        data.action = None
    for track in list(data.nla_tracks):
        ours = [strip for strip in track.strips if ledger.is_ours(strip.action, takes)]
        for strip in ours:
            track.strips.remove(strip)
        if ours and not track.strips:
            data.nla_tracks.remove(track)
    if made and data.action is None and not data.nla_tracks and not data.drivers:
        owner.animation_data_clear()


def _restore(owner: bpy.types.ID, values: dict[str, float | list[float]]) -> None:
    """Give properties the values they had before our keys; those whose bone or key is gone are passed over."""
    for data_path, value in values.items():
        holder, _, attribute = data_path.rpartition(".")
        try:
            setattr(owner.path_resolve(holder), attribute, value)
        except (ValueError, AttributeError, TypeError):
            continue


def _give_back_range(scene: bpy.types.Scene, gone: ledger.Entry, others: dict[str, ledger.Entry]) -> None:
    """Undo one take's growth of the scene's range, or hand it to the take that grew it further."""
    for edge in ("start", "end"):
        before, after = getattr(gone, f"{edge}_before"), getattr(gone, f"{edge}_after")
        if before is None:
            continue
        if getattr(scene, f"frame_{edge}") == after:
            setattr(scene, f"frame_{edge}", before)
            continue
        for other in others.values():
            if getattr(other, f"{edge}_before") == after:
                setattr(other, f"{edge}_before", before)
