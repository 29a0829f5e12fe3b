"""What the animator sets for a scene, and what is known of its take. Saved in the .blend; names and values only."""

import functools
import math
from pathlib import Path
from typing import Any, Final

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..linly_blender.errors import UserError
from ..linly_blender.pose.amounts import AMOUNT_NAMES, MOST, Amounts
from ..linly_blender.pose.choice import DEFAULT, FINE_TUNERS, files_of
from ..linly_blender.pose.constraints import SMOOTHINGS
from ..linly_blender.pose.regions import load_region, region_names
from ..linly_blender.pose.styles import load_style, style_names
from ..linly_blender.scene import trial
from ..linly_blender.scene.bake import BakeOptions
from ..linly_blender.scene.character import Character, find_character
from ..linly_blender.scene.sequencer import Clock
from ..linly_blender.score import EMOTIONS
from ..linly_blender.speech import espeak
from ..panels.translations import CONTEXT
from . import dialogue_state
from .dialogue_marks import mark_again
from .dialogue_request import RecordedSummary
from .dialogue_settings import LINLY_PG_dialogue
from .found import found_line
from .live_settings import LINLY_PG_live
from .request import Request, Summary, make_take, seal
from .worker import Work

LANGUAGES: Final = (
    ("AUTO", "Auto", "Tell the language of every sentence by its letters"),
    ("EN", "English", "English"),
    ("ZH", "Mandarin Chinese", "Mandarin Chinese"),
    ("OTHER", "Other", "Any language of the voice, by its code"),
)
OWN: Final = "OWN"
STYLE_NUMBERS: Final = {
    "neutral": 0, "business": 1, "friendly": 2, "humorous": 3, "lively": 4, "serious": 5, "teacher": 6, "seller": 7,
    "service_desk": 8, "interpreter": 9,
}  # fmt: skip
"""What a .blend keeps of a choice; never to be changed."""
REGION_NUMBERS: Final = {"neutral": 0, "bulgaria": 1, "greece": 2, "japan": 3, "south_asia": 4}
_LAST: Final = 1000
"""Number of a choice beside the presets."""
assert set(STYLE_NUMBERS) == set(style_names())
assert set(REGION_NUMBERS) == set(region_names())
_PRESET_STYLES: Final = tuple(
    (name.upper(), name.replace("_", " ").title(), load_style(name).about, number)
    for name, number in STYLE_NUMBERS.items()
)
STYLES: Final = (*_PRESET_STYLES, (OWN, "Own Style", "A style's file of your own", _LAST))
SECOND_STYLES: Final = (("NONE", "None", "One style alone", _LAST), *_PRESET_STYLES)
REGIONS: Final = (
    *(
        (name.upper(), name.replace("_", " ").title(), load_region(name).about, number)
        for name, number in REGION_NUMBERS.items()
    ),
    (OWN, "Own Region", "A region's file of your own", _LAST),
)
SMOOTHING_ITEMS: Final = (
    ("NONE", "None", "What a neck can do is the only limit", 0),
    ("BUTTERWORTH", "Butterworth", "Calms quick tremor and delays nothing", 1),
    ("ONE_EURO", "One Euro", "Calm in slow movement, close in fast movement; a little late", 2),
    ("KALMAN", "Kalman", "Expects movement to go on as it goes; hardly late, swings past its end", 3),
    ("EMA", "Moving Average", "Soft and late, and never swings past", 4),
    ("LINEAR", "Linear", "Straight lines with a greatest speed: the simplest, and late", 5),
)
assert {item[0].lower() for item in SMOOTHING_ITEMS} == set(SMOOTHINGS)
_FINE_TUNER_WORDS: Final = (
    ("STANDARD", "Standard", "A trained network moves head and brows by what the sentence means", 0),
    ("SMALL", "Small", "A smaller network, for weak machines", 1),
    ("OFF", "Off", "Rules alone", 2),
)
assert {item[0].lower() for item in _FINE_TUNER_WORDS} == set(FINE_TUNERS)
FINE_TUNER_ITEMS: Final = (*_FINE_TUNER_WORDS, (OWN, "From File", "A network that you have trained yourself", _LAST))
EMOTION_ITEMS: Final = (
    ("AUTO", "From the Text", "Find the emotion of every sentence in what it says"),
    ("NEUTRAL", "Neutral", "No emotion"),
    ("HAPPY", "Happy", "Smiling, with lifted cheeks"),
    ("SAD", "Sad", "Low and slow, with the inner brows raised"),
    ("ANGRY", "Angry", "Tense, with lowered brows"),
    ("EXCITED", "Excited", "Fast, loud and wide-eyed"),
    ("CONCERNED", "Concerned", "Careful, with drawn brows"),
    ("SURPRISED", "Surprised", "Raised brows and open eyes"),
    ("FEARFUL", "Fearful", "Tense and wide-eyed"),
)
assert {item[0].lower() for item in EMOTION_ITEMS[1:]} == set(EMOTIONS)
OUTPUTS: Final = (
    ("NLA", "NLA Track", "A strip on a track of its own, above the animation that is there"),
    ("ACTION", "Active Action", "The active action, to edit its keys at once; one that is there is kept, not changed"),
)
BODY: Final = (
    ("ADD", "Add", "The head turns on top of what the body's animation does with it"),
    ("REPLACE", "Replace", "The head and the other bones that perform do only what the take says while it lasts"),
)
_HIGHEST_SEED: Final = 2**31 - 1


def _poll_character(_settings: "LINLY_PG_settings", candidate: bpy.types.Object) -> bool:
    return candidate.type in {"MESH", "ARMATURE"}


def _character_changed(settings: "LINLY_PG_settings", _context: bpy.types.Context) -> None:
    trial.stop()
    settings.character_problem = settings.character_found = settings.character_notes = ""
    if settings.character is not None:
        try:
            settings.show_found(find_character(settings.character))
        except UserError as error:
            settings.character_problem = str(error)


def _start_changed(settings: "LINLY_PG_settings", _context: bpy.types.Context) -> None:
    if settings.source == "RECORDING" and settings.dialogue.origin == "FILE":
        mark_again(settings)


def _search_language(_settings: "LINLY_PG_settings", _context: bpy.types.Context, typed: str) -> list[tuple[str, str]]:
    known = espeak.languages()
    return [(code, it.name) for code, it in known.items() if typed.lower() in f"{code} {it.name}".lower()]


def _search_voice(_settings: "LINLY_PG_settings", _context: bpy.types.Context, typed: str) -> list[str]:
    return [voice for voice in espeak.variants() if typed.lower() in voice.lower()]


def _request_changed(settings: "LINLY_PG_settings", _context: bpy.types.Context) -> None:
    settings.refresh()


_AMOUNT: Final[dict[str, Any]] = {
    "subtype": "FACTOR", "default": 1.0, "min": 0.0, "max": MOST, "update": _request_changed,
}  # fmt: skip


class LINLY_PG_settings(bpy.types.PropertyGroup):  # noqa: N801 - Blender's convention
    """Settings of one scene."""

    character: PointerProperty(  # type: ignore[valid-type]
        name="Character",
        description="The mesh with the face's shape keys, or the armature with the head's bone",
        type=bpy.types.Object,
        poll=_poll_character,
        update=_character_changed,
    )
    character_problem: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    character_found: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    character_notes: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    source: EnumProperty(  # type: ignore[valid-type]
        name="Source",
        description="Where the words come from",
        translation_context=CONTEXT,
        items=(
            ("LINE", "Line", "A line written here"),
            ("SCRIPT", "Script", "A text of the Text Editor: a paragraph a line, an empty line for a longer pause"),
            ("RECORDING", "Recording", "An actor's recorded voice: a file, or a sound strip of the sequencer"),
        ),
        update=_request_changed,
    )
    line: StringProperty(  # type: ignore[valid-type]
        name="Text",
        description=(
            "What is said. Directions go in between: *word* for emphasis, [happy], [nod], [look up], [pause 0.5]"
        ),
        options={"TEXTEDIT_UPDATE"},
        update=_request_changed,
    )
    script: PointerProperty(  # type: ignore[valid-type]
        name="Script",
        description="The text that is said, with directions in between",
        type=bpy.types.Text,
        update=_request_changed,
    )
    language: EnumProperty(  # type: ignore[valid-type]
        name="Language",
        description="The language of the text",
        items=LANGUAGES,
        update=_request_changed,
    )
    language_code: StringProperty(  # type: ignore[valid-type]
        name="Language Code",
        description="The voice's code of the language, such as de, fr or ja",
        search=_search_language,
        update=_request_changed,
    )
    voice: StringProperty(  # type: ignore[valid-type]
        name="Voice",
        description="A variant of the voice, such as f2 or m3; empty for the language's own",
        search=_search_voice,
        update=_request_changed,
    )
    style: EnumProperty(  # type: ignore[valid-type]
        name="Style",
        description="How the character carries itself",
        items=STYLES,
        update=_request_changed,
    )
    style_file: StringProperty(  # type: ignore[valid-type]
        name="Style File",
        description="A style of your own, a .json file: copy one that comes with the add-on and edit it",
        subtype="FILE_PATH",
        update=_request_changed,
    )
    style_second: EnumProperty(  # type: ignore[valid-type]
        name="Blend With",
        description="A second style, mixed into the first",
        items=SECOND_STYLES,
        default="NONE",
        update=_request_changed,
    )
    style_share: FloatProperty(  # type: ignore[valid-type]
        name="Share",
        description="How much of the second style there is",
        subtype="FACTOR",
        default=0.5,
        min=0.0,
        max=1.0,
        update=_request_changed,
    )
    region: EnumProperty(  # type: ignore[valid-type]
        name="Region",
        description="Which gesture means what: a nod is a yes in many places and a no in some",
        items=REGIONS,
        update=_request_changed,
    )
    region_file: StringProperty(  # type: ignore[valid-type]
        name="Region File",
        description="A region of your own, a .json file that names a gesture for each intent",
        subtype="FILE_PATH",
        update=_request_changed,
    )
    smoothing: EnumProperty(  # type: ignore[valid-type]
        name="Smoothing",
        description="A filter for the movement of the head",
        items=SMOOTHING_ITEMS,
        update=_request_changed,
    )
    fine_tuner: EnumProperty(  # type: ignore[valid-type]
        name="Fine-Tuner",
        description="What moves the head by the meaning of the sentence",
        items=FINE_TUNER_ITEMS,
        default=DEFAULT.upper(),
        update=_request_changed,
    )
    fine_tuner_file: StringProperty(  # type: ignore[valid-type]
        name="Fine-Tuner File",
        description=(
            "A fine-tuner of your own, a .onnx file. A pose_base.onnx in the same folder is used with it. "
            "A file that cannot be used is left out, and the take says why"
        ),
        subtype="FILE_PATH",
        update=_request_changed,
    )
    amount_head: FloatProperty(  # type: ignore[valid-type]
        name="Head",
        description="How much the head moves: 0 is not at all, 1 is natural",
        **_AMOUNT,
    )
    amount_brows: FloatProperty(  # type: ignore[valid-type]
        name="Brows",
        description="How much the brows move: 0 is not at all, 1 is natural",
        **_AMOUNT,
    )
    amount_blinks: FloatProperty(  # type: ignore[valid-type]
        name="Blinks",
        description="How often the eyes blink: 0 is never, 1 is natural",
        **_AMOUNT,
    )
    amount_gaze: FloatProperty(  # type: ignore[valid-type]
        name="Gaze",
        description="How far the eyes look away: 0 is a fixed stare, 1 is natural",
        **_AMOUNT,
    )
    amount_breathing: FloatProperty(  # type: ignore[valid-type]
        name="Breathing",
        description="How deep the breath is: 0 is none, 1 is natural",
        **_AMOUNT,
    )
    amount_smile: FloatProperty(  # type: ignore[valid-type]
        name="Smile",
        description="How wide smiles are: 0 is none, 1 is natural",
        **_AMOUNT,
    )
    emotion: EnumProperty(  # type: ignore[valid-type]
        name="Emotion",
        description="The emotion of every sentence that has no direction of its own",
        items=EMOTION_ITEMS,
        update=_request_changed,
    )
    seed: IntProperty(  # type: ignore[valid-type]
        name="Seed",
        description="Another seed gives another take of the same line; the same seed gives the same take",
        min=0,
        max=_HIGHEST_SEED,
        update=_request_changed,
    )

    output: EnumProperty(  # type: ignore[valid-type]
        name="Output",
        description="Where the keyframes go",
        items=OUTPUTS,
    )
    body: EnumProperty(  # type: ignore[valid-type]
        name="Body",
        description="What becomes of animation of the same bones on the NLA tracks below",
        items=BODY,
    )
    start_frame: IntProperty(  # type: ignore[valid-type]
        name="Start Frame",
        description="Frame of the scene at which the sound begins",
        default=1,
        update=_start_changed,
    )
    use_markers: BoolProperty(  # type: ignore[valid-type]
        name="Markers",
        description="Mark words, sentences and gestures on the timeline",
    )
    shape_tolerance: FloatProperty(  # type: ignore[valid-type]
        name="Shapes",
        description="How far a shape key's curve may be from the performance after keys are reduced",
        default=0.002,
        min=1e-5,
        soft_max=0.02,
        max=0.5,
        precision=4,
        step=0.1,
    )
    rotation_tolerance: FloatProperty(  # type: ignore[valid-type]
        name="Rotation",
        description="How far a bone's rotation may be from the performance after keys are reduced",
        subtype="ANGLE",
        default=math.radians(0.1),
        min=math.radians(0.001),
        soft_max=math.radians(1.0),
        max=math.radians(10.0),
        precision=3,
    )
    distance_tolerance: FloatProperty(  # type: ignore[valid-type]
        name="Position (mm)",
        description="How far the head's place may be from the performance after keys are reduced, in millimetres",
        default=0.2,
        min=0.001,
        soft_max=2.0,
        max=20.0,
        precision=3,
    )

    take_path: StringProperty(subtype="FILE_PATH", options={"HIDDEN", "PATH_SUPPORTS_BLEND_RELATIVE"})  # type: ignore[valid-type]
    take_key: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    take_is_current: BoolProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    take_is_recorded: BoolProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    take_duration: FloatProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    take_sentences: IntProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    take_gestures: IntProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    take_language: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    take_fine_tuner: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    take_notes: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    take_begin: FloatProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    notes: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]

    live: PointerProperty(type=LINLY_PG_live, options={"HIDDEN"})  # type: ignore[valid-type]
    dialogue: PointerProperty(type=LINLY_PG_dialogue, options={"HIDDEN"})  # type: ignore[valid-type]

    def has_text(self) -> bool:
        """Whether there is anything to say; cheap enough for ``poll``."""
        if self.source == "RECORDING":
            return bool(self.dialogue.is_chosen())
        if self.source == "LINE":
            return bool(self.line) and not self.line.isspace()
        script = self.script
        return script is not None and (len(script.lines) > 1 or bool(script.lines[0].body))

    def asked(self) -> Request:
        """What is asked of the engine now. Raises UserError when it is not enough."""
        return self.dialogue.request(self) if self.source == "RECORDING" else self.request()

    def work(self, folder: Path) -> Work:
        """What makes the take that is asked for, in the background."""
        if self.source == "RECORDING":
            return self.dialogue.work(self, folder)  # type: ignore[no-any-return]
        return functools.partial(make_take, self.request(), folder)

    def clock(self) -> Clock:
        """When the moments of the recording are heard in the scene. Raises UserError when its strip is gone."""
        return self.dialogue.clock(self.start_frame)  # type: ignore[no-any-return]

    def request(self) -> Request:
        """How it is performed, and the text that is said; none where a recording is."""
        if self.source == "LINE":
            text = self.line
        elif self.source == "SCRIPT" and self.script is not None:
            text = self.script.as_string()
        else:
            text = ""
        language = self.language_code.strip() if self.language == "OTHER" else self.language.lower()
        if not language:
            raise UserError("Write the code of the language, such as de, or choose another language.")
        style = self.chosen_style()
        region = _chosen(self.region, self.region_file, "region")
        fine_tuner = _chosen(self.fine_tuner, self.fine_tuner_file, "fine-tuner", ".onnx")
        own = [Path(name) for name in (self._first_style(), region) if name.lower().endswith(".json")]
        return Request(
            text=text,
            language=language,
            voice=self.voice.strip() or None,
            style=style,
            emotion=None if self.emotion == "AUTO" else self.emotion.lower(),
            seed=self.seed,
            region=region,
            amounts=Amounts(**{name: round(getattr(self, f"amount_{name}"), 4) for name in AMOUNT_NAMES}),
            smoothing=self.smoothing.lower(),
            fine_tuner=fine_tuner,
            own_files=tuple(seal(path) for path in (*own, *files_of(fine_tuner))),
        )

    def chosen_style(self) -> str:
        """The style or the blend of two, as ``load_style`` reads it. Raises UserError when its file is not named."""
        first = self._first_style()
        return first if self.style_second == "NONE" else f"{first}+{self.style_second.lower()}:{self.style_share:.3f}"

    def _first_style(self) -> str:
        return _chosen(self.style, self.style_file, "style")

    def refresh(self) -> None:
        """See anew whether the take is what is asked for, and what is known of the recording."""
        self.take_is_current = self.has_current_take()
        if self.source == "RECORDING":
            try:
                asked = self.dialogue.request(self)
            except UserError:
                asked = None
            dialogue_state.choose(self.dialogue, asked)

    def has_current_take(self) -> bool:
        """Whether the take is exactly what is asked for now, or was recorded, which no text asks for."""
        if self.take_is_recorded:
            return True
        try:
            return bool(self.take_key) and self.take_key == self.asked().key
        except UserError:
            return False

    def bake_options(self) -> BakeOptions:
        """How the take is baked. Raises UserError when the strip or the file of its recording is gone."""
        is_recording = self.source == "RECORDING" and not self.take_is_recorded
        file, strip = self.dialogue.sound() if is_recording else ("", "")
        return BakeOptions(
            sound_file=file,
            strip=strip,
            strip_begin=self.take_begin,
            start_frame=self.start_frame,
            shape_tolerance=self.shape_tolerance,
            angle_tolerance=self.rotation_tolerance,
            distance_tolerance=self.distance_tolerance / 1000,
            output=self.output.lower(),
            body=self.body.lower(),
            markers=self.use_markers,
        )

    def show_found(self, character: Character) -> None:
        """Keep what the panel says of a character that was found."""
        self.character_problem = ""
        self.character_found = found_line(character)
        self.character_notes = "\n".join(character.notes)

    def take_file(self) -> Path | None:
        """The take's file, if there is one that still exists."""
        if not self.take_path:
            return None
        path = Path(bpy.path.abspath(self.take_path))
        return path if path.is_file() else None

    def remember_take(self, summary: Summary) -> None:
        """Note the take that has been made."""
        beside = bpy.path.abspath("//")
        path = str(summary.path)
        self.take_path = bpy.path.relpath(path) if beside and summary.path.is_relative_to(beside) else path
        self.take_key = summary.key
        self.take_duration = summary.duration
        self.take_sentences = summary.sentences
        self.take_gestures = summary.gestures
        self.take_language = summary.language
        self.take_fine_tuner = summary.fine_tuner
        self.take_notes = "\n".join(summary.notes)
        self.take_is_recorded = False
        if isinstance(summary, RecordedSummary):
            self.take_begin = summary.request.begin
            self.dialogue.remember(summary)
        self.refresh()

    def remember_recording(self, path: str, values: dict[str, float]) -> None:
        """Note a take that was recorded live: its file, and its ``duration``, ``sentences`` and ``gestures``."""
        summary = Summary(
            path=Path(path),
            key=Path(path).stem,
            duration=values.get("duration", 0.0),
            sentences=int(values.get("sentences", 0)),
            gestures=int(values.get("gestures", 0)),
            language=self.live.settings(self).language,
            fine_tuner="",
            notes=(),
        )
        self.remember_take(summary)
        self.take_is_recorded = self.take_is_current = True


def _chosen(choice: str, file: str, what: str, suffix: str = ".json") -> str:
    """The name of a preset, or the path of the user's own file."""
    if choice != OWN:
        return choice.lower()
    if not file.strip():
        raise UserError(f"Choose the {suffix} file of your own {what}, or choose another {what}.")
    path = Path(bpy.path.abspath(file.strip()))
    if path.suffix.lower() != suffix:
        raise UserError(f"The file of your own {what}, {path}, should end in {suffix}. Choose another one.")
    return str(path)


def take_folder(package: str) -> Path:
    """Where takes are kept: beside the .blend, so that they go where it goes, else with the extension's user files."""
    beside = bpy.path.abspath("//")
    if beside:
        return Path(beside) / "linly_takes"
    return Path(bpy.utils.extension_path_user(package, path="takes", create=True))
