"""What was found of a character: in a line, and in lists of what to look at."""

from collections.abc import Iterator

from ..linly_blender.arkit import SHAPES
from ..linly_blender.rig.mapping import POSES, Coverage
from ..linly_blender.rig.skeleton import Bones
from ..linly_blender.scene.character import Character
from .wording import iface_, told_

_SURE = 0.5
"""Of one half and less a person should look at a match."""


def found_line(character: Character) -> str:
    """Such as ``ARKit: 52 of 52 shapes in 4 meshes, head, neck, 2 eyes``, in the interface's language."""
    found, bones = character.found, character.bones
    title = found.title if found.convention is not None else iface_("Own names")
    if not found.meshes and bones is not None and bones.layout is not None:
        title = bones.title
    parts = [_shapes(found.own, len(found.meshes))]
    if found.stand_ins:
        parts.append(iface_("{count} by stand-ins").format(count=len(found.stand_ins)))
    if bones is not None:
        parts += _bones(bones)
    return iface_("{convention}: {parts}").format(convention=title, parts=iface_(", ").join(parts))


def remarks(character: Character) -> tuple[str, ...]:
    """What the engine tells beside what ``missing``, ``stand_ins`` and ``doubtful`` list."""
    bones = character.bones.notes if character.bones is not None and character.bones.head is not None else ()
    return tuple(dict.fromkeys((*character.found.notes, *character.reattached, *bones)))


def stand_ins(character: Character) -> Iterator[str]:
    """A line for each channel that others stand in for."""
    for one in character.found.stand_ins:
        yield f"{one.channel}: {_others(one)}"


def doubtful(character: Character) -> Iterator[str]:
    """A line for each match, of a channel or of a bone, that a person should look at."""
    for one in character.found.coverage:
        if is_doubtful(one):
            yield f"{one.channel}: {moved_by(character, one)} ({told_(one.reason)})"
    if character.bones is not None:
        for bone in character.bones.doubtful:
            yield f"{bone.bone} ({told_(bone.reason)})"


def is_doubtful(one: Coverage) -> bool:
    """Whether a person should look at what shows a channel."""
    return one.confidence <= _SURE and one.how not in ("stand-in", "missing")


def moved_by(character: Character, one: Coverage) -> str:
    """What a channel moves, in a word or two."""
    if one.how == "missing":
        return iface_("nothing")
    if one.how == "bone" and not one.keys:
        return iface_("eye target") if character.aims else iface_("eye bones")
    if one.how == "stand-in":
        return _others(one)
    names = []
    for mesh, key, _ in character.found.mapping.targets(one.channel):
        bones = [move.bone for move in character.poses[key].moves] if mesh == POSES else []
        names.append(key if not bones else bones[0] if len(bones) == 1 else _pose(len(bones)))
    return iface_(", ").join(dict.fromkeys(names))


def _others(one: Coverage) -> str:
    """What stands in for a channel; a minus is before what takes off."""
    names = one.reason.removesuffix(" instead")
    if names == one.reason:
        return told_(one.reason)
    return names.replace(" and ", iface_(", ")).replace("less ", "−")


def _pose(count: int) -> str:
    return iface_("{count} bones").format(count=count)


def _shapes(own: int, meshes: int) -> str:
    if meshes == 0:
        return iface_("{own} of {all} shapes by bones").format(own=own, all=len(SHAPES))
    if meshes == 1:
        return iface_("{own} of {all} shapes in 1 mesh").format(own=own, all=len(SHAPES))
    return iface_("{own} of {all} shapes in {meshes} meshes").format(own=own, all=len(SHAPES), meshes=meshes)


def _bones(bones: Bones) -> list[str]:
    if bones.head is None:
        return [iface_("no head bone")]
    parts = [iface_("head")]
    if bones.necks:
        count = len(bones.necks)
        parts.append(iface_("neck") if count == 1 else iface_("{count} neck bones").format(count=count))
    parts += [iface_("chest")] if bones.chest is not None else []
    parts += [iface_("jaw")] if bones.jaw is not None else []
    parts += [iface_("2 eyes")] if bones.eyes is not None else []
    parts += [iface_("eye target")] if bones.eye_target is not None or bones.eye_targets is not None else []
    return parts
