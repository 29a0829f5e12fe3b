"""What the animator sets for a conversation. Saved in the .blend, but for the keys of servers, which nothing saves."""

import os
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ..linly_blender.audio.devices import Direction, list_devices, refresh
from ..linly_blender.errors import UserError
from ..linly_blender.live.settings import KEY_VARIABLES, MIRROR, Settings
from ..linly_blender.live.talker import LONGEST_TEXT

EXTENSION: Final = __package__.rpartition(".")[0]
RESPONDERS: Final = (
    ("ECHO", "Echo", "Says what it has heard", 0),
    ("FAQ", "Questions File", "Answers from a file of questions and answers of your own", 1),
    ("LLM", "Language Model", "Answers by a server with OpenAI's interface: Ollama, llama.cpp, LM Studio, a cloud", 2),
    ("MIRROR", "Mirror", "The character says what you say, as you say it, in any language", 3),
)
LIVE_LANGUAGES: Final = (
    ("EN", "English", "English", 0),
    ("ZH", "Mandarin Chinese", "Mandarin Chinese", 1),
    ("OTHER", "Other", "Any language of the voice, by its code", 2),
)
RECOGNISERS: Final = (
    ("POCKETSPHINX", "Built In", "English, without any download", 0),
    ("SHERPA", "Sherpa Model", "A folder with a model of sherpa-onnx, in its language", 1),
    ("SERVER", "Server", "A transcription server with OpenAI's interface", 2),
    ("NONE", "Off", "No microphone: you write what you say", 3),
)
VOICES: Final = (
    ("ESPEAK", "Built In", "espeak-ng: a hundred languages, without any download", 0),
    ("PIPER", "Piper Voice", "A Piper voice, a .onnx file", 1),
    ("SHERPA", "Sherpa Model", "A folder with a voice of sherpa-onnx", 2),
    ("SERVER", "Server", "A speech server with OpenAI's interface", 3),
)
GUARDS: Final = (
    ("HALF_DUPLEX", "Speakers", "Deaf while the character speaks, so that it does not hear itself", 0),
    ("HEADPHONES", "Headphones", "Listens all the time, so that you can interrupt by speaking", 1),
)
PLACES: Final = (
    ("THREAD", "Thread", "Inside Blender", 0),
    ("PROCESS", "Process", "Beside Blender: what goes wrong there cannot harm it", 1),
)

_keys: dict[str, str] = {}
"""Keys of servers by what they are for, until Blender ends."""
_devices: dict[str, tuple[str, ...]] = {}
"""Names of the devices, by direction, as they were when they were last looked for."""


def devices(direction: Direction) -> tuple[str, ...]:
    """Names of the microphones (``input``) or speakers (``output``); looked for when first asked."""
    if direction not in _devices:
        try:
            _devices[direction] = tuple(dict.fromkeys(device.name for device in list_devices(direction)))
        except UserError:  # said when a conversation is started
            _devices[direction] = ()
    return _devices[direction]


def forget_devices() -> None:
    """Have the devices looked for again; while a conversation uses them, those that were there are kept."""
    with suppress(UserError):  # said when a conversation is started
        refresh()
    _devices.clear()


def _search_input(_settings: Any, _context: bpy.types.Context, typed: str) -> list[str]:
    return [name for name in devices("input") if typed.lower() in name.lower()]


def _search_output(_settings: Any, _context: bpy.types.Context, typed: str) -> list[str]:
    return [name for name in devices("output") if typed.lower() in name.lower()]


class LINLY_PG_live(bpy.types.PropertyGroup):  # noqa: N801 - Blender's convention
    """Settings of one scene's conversation."""

    text: StringProperty(  # type: ignore[valid-type]
        name="Say",
        description="What you say to the character, in writing",
        maxlen=LONGEST_TEXT,
        options={"SKIP_SAVE"},
    )
    responder: EnumProperty(  # type: ignore[valid-type]
        name="Answers",
        description="Where the character's answers come from",
        items=RESPONDERS,
    )
    questions_file: StringProperty(  # type: ignore[valid-type]
        name="Questions File",
        description="A text with lines that begin with Q: and A:, or a .csv of questions and answers",
        subtype="FILE_PATH",
    )
    model_url: StringProperty(  # type: ignore[valid-type]
        name="Server",
        description="Address of the language model's server",
        default="http://localhost:11434/v1",
    )
    model: StringProperty(  # type: ignore[valid-type]
        name="Model",
        description="Name of the model on the server",
    )
    persona: StringProperty(  # type: ignore[valid-type]
        name="Persona",
        description="Who the character is, told to the language model",
    )
    language: EnumProperty(  # type: ignore[valid-type]
        name="Language",
        description="What you speak with the character",
        items=LIVE_LANGUAGES,
    )
    language_code: StringProperty(  # type: ignore[valid-type]
        name="Language Code",
        description="The voice's code of the language, such as de, fr or ja",
    )
    recogniser: EnumProperty(  # type: ignore[valid-type]
        name="Recognition",
        description="What understands your voice",
        items=RECOGNISERS,
    )
    recogniser_folder: StringProperty(  # type: ignore[valid-type]
        name="Recognition Folder",
        description="Folder with the model that understands your voice",
        subtype="DIR_PATH",
    )
    recogniser_url: StringProperty(  # type: ignore[valid-type]
        name="Recognition Server",
        description="Address of the transcription server",
        default="http://localhost:8000/v1",
    )
    voice: EnumProperty(  # type: ignore[valid-type]
        name="Voice",
        description="What the character speaks with",
        items=VOICES,
    )
    voice_file: StringProperty(  # type: ignore[valid-type]
        name="Voice File",
        description="The Piper voice, a .onnx file with its .onnx.json beside it",
        subtype="FILE_PATH",
    )
    voice_folder: StringProperty(  # type: ignore[valid-type]
        name="Voice Folder",
        description="Folder with the voice's model",
        subtype="DIR_PATH",
    )
    voice_url: StringProperty(  # type: ignore[valid-type]
        name="Voice Server",
        description="Address of the speech server",
        default="http://localhost:8880/v1",
    )
    input_device: StringProperty(  # type: ignore[valid-type]
        name="Microphone",
        description="What listens to you; empty for the system's own",
        search=_search_input,
    )
    output_device: StringProperty(  # type: ignore[valid-type]
        name="Speaker",
        description="Where the character is heard; empty for the system's own",
        search=_search_output,
    )
    guard: EnumProperty(  # type: ignore[valid-type]
        name="Listening Through",
        description="Whether the microphone hears the character",
        items=GUARDS,
    )
    push_to_talk: BoolProperty(  # type: ignore[valid-type]
        name="Push to Talk",
        description="Listen only while Talk is on",
    )

    def settings(self, style: Any) -> Settings:
        """What a conversation is opened with.

        ``style`` is the scene's ``LINLY_PG_settings``. Raises UserError when something is not chosen.
        """
        request = style.request()
        settings = Settings(
            language=self._language(),
            responder=self._responder(),
            model=self.model.strip(),
            persona=self.persona.strip(),
            style=request.style,
            region=request.region,
            amounts=request.amounts,
            fine_tuner=request.fine_tuner,
            seed=request.seed,
            input_device=self.input_device.strip() or None,
            output_device=self.output_device.strip() or None,
            guard=self.guard.lower(),
            push_to_talk=self.push_to_talk,
        )
        if settings.responder == MIRROR:
            return settings
        return replace(
            settings,
            recogniser=one_of(
                self.recogniser,
                {"SHERPA": self.recogniser_folder, "SERVER": self.recogniser_url},
                "Choose what understands your voice: the folder or the address is missing.",
            ),
            voice=one_of(
                self.voice,
                {"PIPER": self.voice_file, "SHERPA": self.voice_folder, "SERVER": self.voice_url},
                "Choose what the character speaks with: the file, the folder or the address is missing.",
            ),
        )

    def _language(self) -> str:
        code = self.language_code.strip() if self.language == "OTHER" else self.language.lower()
        if not code:
            raise UserError("Write the code of the language, such as de, or choose another language.")
        return str(code)

    def _responder(self) -> str:
        return one_of(
            self.responder,
            {"FAQ": self.questions_file, "LLM": self.model_url},
            "Choose where the answers come from: the file or the address is missing.",
        )


def one_of(choice: str, places: dict[str, str], missing: str) -> str:
    """``choice`` or ``choice:PLACE``, as ``Settings`` has it; UserError that it is ``missing`` when there is none."""
    if choice not in places:
        return choice.lower()
    place = places[choice].strip()
    if not place:
        raise UserError(missing)
    return f"{choice.lower()}:{place if '://' in place else bpy.path.abspath(place)}"


def _key_getter(name: str) -> Any:
    return lambda _preferences: _keys.get(name, "")


def _key_setter(name: str) -> Any:
    def put(_preferences: Any, value: str) -> None:
        _keys[name] = value

    return put


def keys() -> dict[str, str]:
    """Keys of servers by what they are for: as written in the preferences, else from the environment."""
    found = {
        name: _keys.get(name, "").strip() or os.environ.get(variable, "") for name, variable in KEY_VARIABLES.items()
    }
    return {name: key for name, key in found.items() if key}


def _key(name: str, title: str) -> Any:
    """A property that is held in memory only: Blender saves no value that is got and put by functions."""
    return StringProperty(
        name=title,
        description="Kept until Blender ends, and never saved. The environment may hold it instead: see the manual",
        subtype="PASSWORD",
        options={"SKIP_SAVE"},
        get=_key_getter(name),
        set=_key_setter(name),
    )


class LINLY_AP_preferences(bpy.types.AddonPreferences):  # noqa: N801 - Blender's convention
    """Of this Blender, not of a file."""

    bl_idname = EXTENSION

    place: EnumProperty(  # type: ignore[valid-type]
        name="Conversation Runs In",
        description="Where the conversation lives while it lasts",
        items=PLACES,
    )
    language_model_key: _key("language_model", "Language Model Key")  # type: ignore[valid-type]
    speech_key: _key("speech", "Voice Server Key")  # type: ignore[valid-type]
    recognition_key: _key("recognition", "Recognition Server Key")  # type: ignore[valid-type]

    def draw(self, _context: bpy.types.Context) -> None:
        """Draw them."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "place")
        column = layout.column(align=True)
        for name in ("language_model_key", "speech_key", "recognition_key"):
            column.prop(self, name)


def preferences() -> Any:
    """``LINLY_AP_preferences`` of this Blender."""
    return bpy.context.preferences.addons[EXTENSION].preferences
