"""What the animator sets for a recording, and what is known of it. Saved in the .blend; names and values only."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final, cast

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..linly_blender.dialogue.analyse import Hearing, analyse
from ..linly_blender.dialogue.analysis import Analysis, HeardLine
from ..linly_blender.dialogue.recording import Recording
from ..linly_blender.errors import UserError
from ..linly_blender.scene import sequencer, strips
from ..linly_blender.scene.hear import Source, hear
from ..panels.translations import CONTEXT
from . import dialogue_state
from .dialogue_request import Found, RecordedRequest, RecordedSummary, make_recorded_take, seal_of
from .live_settings import keys, one_of
from .request import Request
from .worker import Progress

ORIGINS: Final = (
    ("FILE", "File", "A sound file, or a video of which the sound is taken", 0),
    ("STRIP", "Strip", "A sound strip of the sequencer: what is heard of it, where it lies", 1),
)
WORDS: Final = (
    ("RECOGNISED", "Recognised", "What is said is found out by listening", 0),
    ("LINE", "Line", "What is said is written here", 1),
    ("SCRIPT", "Script", "What is said is a text of the Text Editor", 2),
)
DIALOGUE_RECOGNISERS: Final = (
    ("AUTO", "Automatic", "English by the built-in recogniser; other languages by their sound alone", 0),
    ("SHERPA", "Sherpa Model", "A folder with a model of sherpa-onnx, in its language", 1),
    ("SERVER", "Server", "A transcription server with OpenAI's interface", 2),
    ("NONE", "None", "No words: the sound alone moves the mouth", 3),
)
LISTED: Final = (
    ("ALL", "All", "Every word", 0),
    ("CHECK", "To Check", "Words of which it is not sure that they are what is said", 1),
)
_PLACES: Final = 4
"""Decimal places of a second to which a part of a sound is known."""
Part = tuple[str, float, float | None]
"""What tells a sound from any other; begin and end of a part of it, seconds."""
_looked_at: dict[str, object] = {}
"""The strip that was looked at last, and what was found."""
LONGEST_WORD: Final = 200
"""Characters."""


def _changed(dialogue: Any, _context: bpy.types.Context) -> None:
    dialogue.id_data.linly.refresh()


def _search_strip(dialogue: Any, _context: bpy.types.Context, typed: str) -> Iterator[str]:
    return (strip.name for strip in strips.playable(dialogue.id_data) if typed.lower() in strip.name.lower())


def _word_field(name: str) -> dict[str, Any]:
    """How a field shows and sets one member of the selected word."""

    def get(dialogue: Any) -> Any:
        word = dialogue_state.selected(dialogue)
        return getattr(word, name) if word is not None else ("" if name == "text" else 0.0)

    return {"get": get, "set": lambda dialogue, value: dialogue_state.edit_field(dialogue, name, value)}


class LINLY_PG_word(bpy.types.PropertyGroup):  # noqa: N801 - Blender's convention
    """A row of the list. It repeats what the analysis says, which alone counts; ``name`` is the word."""

    start: FloatProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    confidence: FloatProperty(options={"HIDDEN"})  # type: ignore[valid-type]


class LINLY_PG_heard(bpy.types.PropertyGroup):  # noqa: N801 - Blender's convention
    """What is known of one recording; ``name`` is the key of what was heard, and how."""

    analysis: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    digest: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    seal: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    words_key: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    begin: FloatProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    end: FloatProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    edited: BoolProperty(options={"HIDDEN"})  # type: ignore[valid-type]


class LINLY_PG_dialogue(bpy.types.PropertyGroup):  # noqa: N801 - Blender's convention
    """Of one scene."""

    origin: EnumProperty(  # type: ignore[valid-type]
        name="Recording From",
        description="Where the recorded voice is",
        items=ORIGINS,
        update=_changed,
    )
    file: StringProperty(  # type: ignore[valid-type]
        name="Recording",
        description="The voice: WAV, FLAC, OGG, MP3 or a video",
        subtype="FILE_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        update=_changed,
    )
    strip: StringProperty(  # type: ignore[valid-type]
        name="Strip",
        description="The sound strip with the voice",
        search=_search_strip,
        update=_changed,
    )
    words_from: EnumProperty(  # type: ignore[valid-type]
        name="Words",
        description="How it is known what is said",
        translation_context=CONTEXT,
        items=WORDS,
        update=_changed,
    )
    line: StringProperty(  # type: ignore[valid-type]
        name="Spoken Text",
        description="What is said in the recording, word for word. Directions may stand in between, as in a line",
        options={"TEXTEDIT_UPDATE"},
        update=_changed,
    )
    script: PointerProperty(  # type: ignore[valid-type]
        name="Spoken Script",
        description="The text that is said in the recording, word for word",
        type=bpy.types.Text,
        update=_changed,
    )
    recogniser: EnumProperty(  # type: ignore[valid-type]
        name="Recogniser",
        description="What finds out the words",
        items=DIALOGUE_RECOGNISERS,
        update=_changed,
    )
    recogniser_folder: StringProperty(  # type: ignore[valid-type]
        name="Recogniser Folder",
        description="Folder with the model that finds out the words",
        subtype="DIR_PATH",
        options={"PATH_SUPPORTS_BLEND_RELATIVE"},
        update=_changed,
    )
    recogniser_url: StringProperty(  # type: ignore[valid-type]
        name="Recogniser Server",
        description="Address of the server that finds out the words",
        default="http://localhost:8000/v1",
        update=_changed,
    )
    listed: EnumProperty(  # type: ignore[valid-type]
        name="Listed",
        description="Which words are listed",
        items=LISTED,
    )
    active: IntProperty(  # type: ignore[valid-type]
        name="Active Word",
        description="Number of the word that is shown below the list",
        min=0,
    )
    word_text: StringProperty(  # type: ignore[valid-type]
        name="Word",
        description="What is said here; another word is fitted to the sound at once",
        maxlen=LONGEST_WORD,
        **_word_field("text"),
    )
    word_start: FloatProperty(  # type: ignore[valid-type]
        name="Word Start",
        description="Where the word begins, in seconds of the recording",
        min=0.0,
        precision=3,
        step=1,
        **_word_field("start"),
    )
    word_end: FloatProperty(  # type: ignore[valid-type]
        name="Word End",
        description="Where the word ends, in seconds of the recording",
        min=0.0,
        precision=3,
        step=1,
        **_word_field("end"),
    )

    kept: CollectionProperty(type=LINLY_PG_heard, options={"HIDDEN"})  # type: ignore[valid-type]
    words: CollectionProperty(type=LINLY_PG_word, options={"HIDDEN"})  # type: ignore[valid-type]
    heard: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    on_phones: FloatProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    sound_alone: StringProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    breaths: IntProperty(options={"HIDDEN"})  # type: ignore[valid-type]
    laughs: IntProperty(options={"HIDDEN"})  # type: ignore[valid-type]

    def is_chosen(self) -> bool:
        """Whether there is a recording; cheap enough for ``poll``."""
        return bool((self.file if self.origin == "FILE" else self.strip).strip())

    def name_of_recording(self) -> str:
        """For people."""
        return Path(bpy.path.abspath(self.file)).name if self.origin == "FILE" else str(self.strip)

    def sound(self) -> tuple[str, str]:
        """What the bake needs: the user's file, or the name of the strip; the other is empty."""
        return (self.file.strip(), "") if self.origin == "FILE" else ("", self.strip)

    def request(self, settings: Any) -> RecordedRequest:
        """What is asked of the engine; ``settings`` are the scene's. Raises UserError when it is not enough."""
        acting = settings.request()
        plain = {each.name: getattr(acting, each.name) for each in fields(acting)}
        seal, begin, end = self._part()
        asked = RecordedRequest(
            **plain | {"text": "", "voice": None, "emotion": None},
            seal=seal,
            begin=begin,
            end=end,
            hearing=self._hearing(acting),
        )
        chosen = dialogue_state.choice(self, asked)
        return replace(asked, analysis=chosen.digest) if chosen is not None else asked

    def work(self, settings: Any, folder: Path) -> Callable[[Progress], RecordedSummary]:
        """What makes the take, in the background. Raises UserError when it cannot begin."""
        asked = self.request(settings)
        hearing = replace(asked.hearing, allow_online=bpy.app.online_access)
        key = functools.partial(keys().get, "recognition")

        def understand(recording: Recording, progress: Progress, found: Callable[[HeardLine], None]) -> Analysis:
            return analyse(recording, hearing, progress, found, key=key)

        known = dialogue_state.known_of(self, asked) or understand
        read = functools.partial(hear, replace(self._source(), begin=asked.begin, end=asked.end))
        dialogue_state.found = Found()
        return functools.partial(make_recorded_take, asked, read, known, dialogue_state.found, folder)

    def remember(self, summary: RecordedSummary) -> None:
        """Keep what was understood."""
        dialogue_state.found = None
        dialogue_state.remember(self, summary.request, summary.analysis)

    def decoded(self, begin: float, end: float) -> Recording:
        """A stretch of the recording that is shown, by its own seconds. Raises UserError."""
        one = dialogue_state.kept(self)
        source = self._source()
        if one is None or seal_of(source) != one.seal:
            raise UserError("This is not the recording whose words are listed. Perform it first.")
        return hear(replace(source, begin=one.begin + begin, end=one.begin + end))

    def _source(self) -> Source:
        """What is to be heard. Raises UserError."""
        is_file = self.origin == "FILE"
        return strips.of_file(self.file.strip()) if is_file else strips.source_of(self.id_data, self.strip)

    def _part(self) -> Part:
        """What tells the sound from any other, and its part that is heard. Raises UserError.

        Asked for with every change in the panel. A strip is looked at anew only when there is something new to it.
        """
        if self.origin == "FILE":
            return seal_of(self._source()), 0.0, None
        scene = self.id_data
        stamp = _stamp(strips.find(scene, self.strip))
        state = (scene.session_uid, self.strip, strips.state_of(scene, self.strip), stamp)
        if _looked_at.get("state") != state:
            source = self._source()
            part = seal_of(source), round(source.begin, _PLACES), round(source.end or 0.0, _PLACES)
            _looked_at.update(state=state, part=part)
        return cast(Part, _looked_at["part"])

    def clock(self, first: int) -> sequencer.Clock:
        """When the moments of the recording are heard in the scene, where a file begins at frame ``first``."""
        scene, one = self.id_data, dialogue_state.kept(self)
        if self.origin == "FILE":
            return sequencer.clock_from(scene, first)
        place = strips.place_of(scene, self.strip)
        return sequencer.Clock(place, one.begin if one is not None else place.begin)

    def _hearing(self, acting: Request) -> Hearing:
        """What is known of the words, and how others are found out."""
        transcript = None
        if self.words_from != "RECOGNISED":
            is_line = self.words_from == "LINE"
            text = self.line if is_line else self.script.as_string() if self.script is not None else ""
            if not text.strip():
                raise UserError("Write what is said in the recording, or choose to have it recognised.")
            transcript = text
        recogniser = one_of(
            self.recogniser,
            {"SHERPA": self.recogniser_folder, "SERVER": self.recogniser_url},
            "Choose what finds out the words: the folder or the address is missing.",
        )
        return Hearing(transcript, acting.language, recogniser)


def _stamp(strip: Any) -> object:
    """Differs as soon as what a strip plays does; cheap."""
    sound = getattr(strip, "sound", None)
    if sound is not None and sound.packed_file is not None:
        return sound.packed_file.size
    library = sound.library if sound is not None else None
    try:
        seen = Path(bpy.path.abspath(strip.filepath if sound is None else sound.filepath, library=library)).stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size
