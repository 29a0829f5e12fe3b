"""What was found of a character, in a line."""

from ..linly_blender.arkit import SHAPES
from ..linly_blender.rig.skeleton import Bones
from ..linly_blender.scene.character import Character
from .wording import iface_


def found_line(character: Character) -> str:
    """Such as ``ARKit: 52 of 52 shapes in 4 meshes, head, neck, 2 eyes``, in the interface's language."""
    found = character.found
    title = found.title if found.convention is not None else iface_("Own names")
    parts = [_shapes(found.own, len(found.meshes))]
    if found.stand_ins:
        parts.append(iface_("{count} by stand-ins").format(count=len(found.stand_ins)))
    if character.bones is not None:
        parts += _bones(character.bones)
    return iface_("{convention}: {parts}").format(convention=title, parts=iface_(", ").join(parts))


def _shapes(own: int, meshes: int) -> str:
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
    return parts
