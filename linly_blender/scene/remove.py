"""Taking a take away: exactly what baking added, and nothing of the artist's."""

import bpy

from ..errors import UserError
from . import actions, ledger, markers, sequencer, sound
from .character import Character


def remove(character: Character) -> bool:
    """Take our takes off a character; False when there were none.

    What somebody else plays too, such as a duplicate of the character, stays for them: our action, and in their scene
    its voice and markers. The frame range of a scene goes back to what it was if nobody has changed it since.

    Raises:
        UserError: a strip of the character is being tweaked; then nothing has changed.
    """
    for name, owner in ledger.owners(character).items():
        check_not_tweaked(name, owner)
    takes = ledger.takes_of(character)
    remove_takes(character, takes)
    return bool(takes)


def check_not_tweaked(name: str, owner: bpy.types.ID) -> None:
    """Raise UserError if a strip's action is open for tweaking: Blender then shows it as the active one."""
    if owner.animation_data is not None and owner.animation_data.use_tweak_mode:
        raise UserError(f"A strip of '{name}' is being tweaked. Leave tweak mode (Tab in the NLA editor) first.")


def remove_takes(character: Character, takes: set[str]) -> None:
    """Take some of our takes off a character and out of the scenes."""
    for owner in ledger.owners(character).values():
        _take_off(owner, takes)
    for action in [action for action in bpy.data.actions if ledger.is_ours(action, takes)]:
        if action.users == 0:
            bpy.data.actions.remove(action)
    for scene in ledger.own_scenes():
        entries = ledger.read(scene)
        released = ledger.released(scene, character, takes)
        gone = [entries.pop(take) for take in sorted(released & set(entries))]
        sound.remove(scene, released, clear_sequencer=any(entry.made_sequencer for entry in gone))
        for entry in gone:
            markers.remove(scene, entry.markers)
            _give_back_range(scene, entry, entries)
        ledger.write(scene, entries)
        sequencer.unmark(scene, {entry.follows.mark for entry in entries.values() if entry.follows})


def _take_off(owner: bpy.types.ID, takes: set[str]) -> None:
    """Take takes off a data-block; what no other take of ours moves goes back to how it was."""
    data = owner.animation_data
    if data is None:
        return
    notes = [ledger.before(take.action, take.slot) for take in ledger.played(owner) if take.take in takes]
    if ledger.is_ours(data.action, takes):
        data.action = None
    for track in list(data.nla_tracks):
        ours = [strip for strip in track.strips if ledger.is_ours(strip.action, takes)]
        for strip in ours:
            track.strips.remove(strip)
        if ours and not track.strips:
            data.nla_tracks.remove(track)
    still = {curve.data_path for take in ledger.played(owner) for curve in actions.fcurves(take.action, take.slot)}
    for note in notes:
        _restore(owner, {path: value for path, value in note.values.items() if path not in still})
    made = any(note.made_animation_data for note in notes)
    if made and data.action is None and not data.nla_tracks and not data.drivers:
        owner.animation_data_clear()


def _restore(owner: bpy.types.ID, values: dict[str, float | list[float]]) -> None:
    """Give properties their values; those whose bone or key is gone are passed over."""
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
