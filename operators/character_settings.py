"""The fields of the character's setup. Most hold nothing: they show and change what is kept on the character."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, FloatVectorProperty, IntProperty, StringProperty

from ..linly_blender.arkit import SHAPES
from ..linly_blender.rig import edit
from ..linly_blender.rig.mapping import PLAIN, Mapping, Tuning, twin
from ..linly_blender.rig.setup import Distribution, Role
from ..linly_blender.scene import trial
from ..linly_blender.scene.character import Character
from . import character_state, conversation

MOST_TARGETS: Final = 32
"""Of a channel, as fields; Blender's arrays hold no more."""
KINDS: Final = (
    ("ALL", "All", "Every channel", 0),
    ("CHECK", "To Check", "Channels that others stand in for, or whose match is doubtful", 1),
    ("MISSING", "Missing", "Channels that nothing of the character shows", 2),
)


def _character(fields: Any) -> Character | None:
    return character_state.view(fields.id_data.linly.character).character


def _put_tuning(fields: Any, **changed: Any) -> None:
    def tuned(_character: Character, mapping: Mapping) -> Mapping:
        for channel in fields.sides:  # whatever else is set of the other side is its own
            tuning = replace(mapping.tunings.get(channel, PLAIN), **changed)
            if tuning.low > tuning.high:  # the limit that is moved takes the other along, as Blender's do
                limit = tuning.low if "low" in changed else tuning.high
                tuning = replace(tuning, low=limit, high=limit)
            mapping = edit.tune(mapping, channel, tuning)
        return mapping

    character_state.set_in_field(lambda: character_state.remap(fields.id_data, tuned))


def _tuned(name: str) -> dict[str, Callable[..., Any]]:
    """How a field shows and sets one member of the active channel's tuning."""

    def get(fields: Any) -> Any:
        character = _character(fields)
        tunings: dict[str, Tuning] = character.found.mapping.tunings if character is not None else {}
        return getattr(tunings.get(fields.channel_name, PLAIN), name)

    return {"get": get, "set": lambda fields, value: _put_tuning(fields, **{name: value})}


def _weights(fields: Any) -> list[float]:
    character = _character(fields)
    targets = character.found.mapping.targets(fields.channel_name) if character is not None else ()
    weights = [weight for _, _, weight in targets[:MOST_TARGETS]]
    return weights + [0.0] * (MOST_TARGETS - len(weights))


def _put_weights(fields: Any, values: Any) -> None:
    def weighed(character: Character, mapping: Mapping) -> Mapping:
        targets = mapping.targets(fields.channel_name)
        new = [*values, *(weight for _, _, weight in targets[MOST_TARGETS:])]
        changed = [(mesh, key, float(weight)) for (mesh, key, _), weight in zip(targets, new, strict=False)]
        return character_state.retarget(character, mapping, fields, changed)

    character_state.set_in_field(lambda: character_state.remap(fields.id_data, weighed))


def _chosen(role: Role) -> dict[str, Callable[..., Any]]:
    """How a field shows and sets the bone that is chosen for a role."""

    def get(fields: Any) -> str:
        character = _character(fields)
        return character.setup.bones.get(role, "") if character is not None else ""

    def put(fields: Any, value: str) -> None:
        def chosen(character: Character) -> Any:
            others = {name: bone for name, bone in character.setup.bones.items() if name != role}
            return replace(character.setup, bones={**others, role: value} if value else others)

        character_state.set_in_field(lambda: character_state.change(fields.id_data, chosen))

    return {"get": get, "set": put}


def _shared(name: str) -> dict[str, Callable[..., Any]]:
    """How a field shows and sets a share of the distribution."""

    def get(fields: Any) -> float:
        character = _character(fields)
        return float(getattr(character.setup.distribution if character is not None else Distribution(), name))

    def put(fields: Any, value: float) -> None:
        def shared(character: Character) -> Any:
            shares = replace(character.setup.distribution, **{name: value})
            if shares.chest + shares.neck > 1:  # the one that is moved takes from the other
                other = "neck" if name == "chest" else "chest"
                shares = replace(shares, **{other: 1 - value})
            return replace(character.setup, distribution=shares)

        character_state.set_in_field(lambda: character_state.change(fields.id_data, shared))

    return {"get": get, "set": put}


def _search_bone(fields: Any, _context: bpy.types.Context, typed: str) -> list[str]:
    character = _character(fields)
    if character is None or character.armature is None:
        return []
    bones = bpy.data.objects[character.armature].data.bones
    return [bone.name for bone in bones if typed.lower() in bone.name.lower()]


def _left_channel(_fields: Any, _context: bpy.types.Context) -> None:
    character_state.complaint = ""
    trial.stop()


def _bone(role: Role, title: str, what: str) -> Any:
    description = f"{what}; empty for what was found"
    return StringProperty(name=title, description=description, search=_search_bone, options=set(), **_chosen(role))


_SHARE: Final[dict[str, Any]] = {"subtype": "FACTOR", "min": 0.0, "max": 1.0, "options": set()}
_TUNED: Final[dict[str, Any]] = {"options": set(), "precision": 3, "step": 1}


class LINLY_PG_character(bpy.types.PropertyGroup):  # noqa: N801 - Blender's convention
    """What the panel shows of a scene's character."""

    channel: EnumProperty(items=[(name, name, "") for name in SHAPES], options={"HIDDEN"})  # type: ignore[valid-type]
    """Its items are the rows of the list: they are always the same, so that no file has to hold them."""
    active: IntProperty(  # type: ignore[valid-type]
        name="Active Channel",
        description="Number of the channel that is shown below the list",
        min=0,
        max=len(SHAPES) - 1,
        options=set(),
        update=_left_channel,
    )
    kind: EnumProperty(name="Show", description="Which channels are listed", items=KINDS, options=set())  # type: ignore[valid-type]
    both_sides: BoolProperty(  # type: ignore[valid-type]
        name="Both Sides",
        description="Change left and right alike, each with the keys of its own side",
        default=True,
        options=set(),
    )
    only_selected: BoolProperty(  # type: ignore[valid-type]
        name="Selected Bones Only",
        description=(
            "Take the pose of the selected bones alone; else of every bone that goes with the head and is away from "
            "its rest"
        ),
        options=set(),
    )
    gain: FloatProperty(  # type: ignore[valid-type]
        name="Gain",
        description="How strongly the channel is taken: 1 is as performed",
        min=-edit.LARGEST_WEIGHT,
        max=edit.LARGEST_WEIGHT,
        soft_min=0.0,
        soft_max=2.0,
        **_TUNED,
        **_tuned("gain"),
    )
    offset: FloatProperty(  # type: ignore[valid-type]
        name="Offset",
        description="What is added to the channel all the time",
        min=-edit.LARGEST_OFFSET,
        max=edit.LARGEST_OFFSET,
        soft_min=-1.0,
        soft_max=1.0,
        **_TUNED,
        **_tuned("offset"),
    )
    invert: BoolProperty(  # type: ignore[valid-type]
        name="Invert",
        description="Take the channel the other way round: 1 where it is 0",
        options=set(),
        **_tuned("invert"),
    )
    low: FloatProperty(  # type: ignore[valid-type]
        name="Clamp Min",
        description="The channel is never taken for less",
        min=-edit.LARGEST_OFFSET,
        max=edit.LARGEST_OFFSET,
        soft_min=-1.0,
        soft_max=1.0,
        **_TUNED,
        **_tuned("low"),
    )
    high: FloatProperty(  # type: ignore[valid-type]
        name="Clamp Max",
        description="The channel is never taken for more",
        min=-edit.LARGEST_OFFSET,
        max=edit.LARGEST_OFFSET,
        soft_min=0.0,
        soft_max=2.0,
        **_TUNED,
        **_tuned("high"),
    )
    weights: FloatVectorProperty(  # type: ignore[valid-type]
        name="Weight",
        description="What the channel adds to this at 1; below 0 it takes off",
        size=MOST_TARGETS,
        min=-edit.LARGEST_WEIGHT,
        max=edit.LARGEST_WEIGHT,
        soft_min=-1.0,
        soft_max=1.0,
        **_TUNED,
        get=_weights,
        set=_put_weights,
    )
    bone_head: _bone("head", "Head Bone", "Turns the head")  # type: ignore[valid-type]
    bone_neck: _bone("neck", "Neck Bone", "Helps the head to turn")  # type: ignore[valid-type]
    bone_chest: _bone("chest", "Chest Bone", "Breathes")  # type: ignore[valid-type]
    bone_jaw: _bone("jaw", "Jaw Bone", "Opens the mouth where no shape key does")  # type: ignore[valid-type]
    bone_eye_left: _bone("eye_left", "Left Eye Bone", "Turns the character's left eye")  # type: ignore[valid-type]
    bone_eye_right: _bone("eye_right", "Right Eye Bone", "Turns the character's right eye")  # type: ignore[valid-type]
    bone_eye_target: _bone("eye_target", "Eye Target", "What both eyes look at")  # type: ignore[valid-type]
    chest: FloatProperty(  # type: ignore[valid-type]
        name="Chest",
        description="How much of the head's turn the chest makes",
        **_SHARE,
        **_shared("chest"),
    )
    neck: FloatProperty(  # type: ignore[valid-type]
        name="Neck",
        description="How much of the head's turn the bones of the neck make between them",
        **_SHARE,
        **_shared("neck"),
    )
    gaze: FloatProperty(  # type: ignore[valid-type]
        name="Gaze by Head",
        description="How much of the gaze the head makes in place of the eyes",
        **_SHARE,
        **_shared("gaze"),
    )

    @property
    def channel_name(self) -> str:
        """The active channel."""
        return SHAPES[int(self.active)]

    @property
    def sides(self) -> tuple[str, ...]:
        """The channels that an edit changes."""
        both = self.both_sides and twin(self.channel_name) != self.channel_name
        return (self.channel_name, twin(self.channel_name)) if both else (self.channel_name,)


def _tried(_fields: Any) -> float:
    linly, channel = bpy.context.scene.linly, bpy.context.scene.linly_character.channel_name
    character = character_state.view(linly.character).character
    if character is None or conversation.current() is not None:
        return 0.0
    return trial.shown(character.name, channel)


def _try(_fields: Any, value: float) -> None:
    scene = bpy.context.scene
    character = character_state.view(scene.linly.character).character
    if character is None or conversation.current() is not None:
        return
    show = trial.show
    channel, units = scene.linly_character.channel_name, scene.unit_settings.scale_length
    character_state.set_in_field(lambda: show(character.name, channel, value, units))


class LINLY_PG_test_drive(bpy.types.PropertyGroup):  # noqa: N801 - Blender's convention
    """Of the window, so that trying a channel is nothing to undo or to save."""

    value: FloatProperty(  # type: ignore[valid-type]
        name="Test Drive",
        description="Show the channel alone on the character. Nothing is keyed; at 0 its pose comes back",
        subtype="FACTOR",
        min=0.0,
        max=1.0,
        options={"SKIP_SAVE"},
        get=_tried,
        set=_try,
    )
