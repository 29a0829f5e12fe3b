"""What is said in a recording: by its script, by a recogniser, or by the sound alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..errors import UserError, some_of
from ..language.detect import ENGLISH, resolve
from ..language.reader import LIMIT, read_script
from ..language.script import Line
from ..live.services import Recogniser
from ..perform import Progress, no_progress
from ..recognition.pocketsphinx import SphinxRecogniser
from ..score import Noise
from ..servers import Key, no_key
from .align import align_script
from .analysis import SURE, Analysis, HeardLine
from .checking import check_sound
from .coverage import NO_WORDS, NOT_UNDERSTOOD, OTHER_TEXT, clock, on_sound
from .cutting import Span, speech_spans
from .noises import find_noises, speech_between
from .reading import with_meaning, within
from .recognise import AUTO, open_ears, recognise
from .recording import Recording
from .subtitles import without_times
from .syllables import unknown_words

LITTLE: Final = 0.4
"""A text is another recording's when less than this share of its words is heard, and less than this share of what is
said is its words: some of any text fits some of any voice."""
UNDERSTOOD: Final = 0.5
"""Share of a stretch on phones from which a recogniser is believed there."""
LONGEST_TEXT: Final = 1_000_000
"""Characters; two hours of speech have about 120,000 in English."""
_CUT, _LISTENED = 0.2, 0.3
"""Shares of the work after which it is known where a voice is heard, and where it speaks."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """How the words of a recording are to be found."""

    transcript: str | None = None
    """What is said, perhaps with direction tags, or as subtitles; None or blank where nobody has written it down."""
    language: str = "auto"
    """As ``read_script`` takes it."""
    recogniser: str = AUTO
    """Used without a transcript: ``auto``, or as ``open_recogniser`` takes it."""
    allow_online: bool = False
    """Whether a recogniser may be asked that is on another machine."""


def analyse(
    recording: Recording,
    hearing: Hearing,
    progress: Progress = no_progress,
    found: Callable[[HeardLine], None] = lambda line: None,
    *,
    key: Key = no_key,
) -> Analysis:
    """Find all that is known of a recording.

    Parameters: called with each line as soon as it is found; what gives the key of a server.
    Raises UserError, before any work where that is possible: nothing is said in it; the text cannot be read; there is
    no such recogniser, or it cannot be opened.
    """
    work = _Work(recording, hearing, progress, key)
    lines: list[HeardLine] = []
    for line in work.lines():
        found(line)
        lines.append(line)
    if work.script is not None and _is_of_another(work.script, lines):
        work.notes.append(OTHER_TEXT)
        lines = list(work.sounds(1.0))
    elif work.script is not None:
        work.notes += _missing(work.script, lines)
    progress(1.0, "done")
    analysis = Analysis(recording.duration, tuple(lines), work.noises)
    return replace(analysis, notes=(*recording.notes, *work.notes, *on_sound(analysis)))


def hear_lines(
    recording: Recording, hearing: Hearing, progress: Progress = no_progress, *, key: Key = no_key
) -> Iterator[HeardLine]:
    """The lines of a recording, in order, each as soon as it is found. Parameters and errors as of ``analyse``."""
    return _Work(recording, hearing, progress, key).lines()


class _Work:
    """One recording that is being listened to."""

    def __init__(self, recording: Recording, hearing: Hearing, progress: Progress, key: Key) -> None:
        self._recording = recording
        self._progress = progress
        self.language = resolve(hearing.language)
        self.script: list[Line] | None = None
        self._recogniser: Recogniser | None = None
        if hearing.transcript is not None and hearing.transcript.strip():
            self.script = list(_read(hearing.transcript, hearing.language))
        else:
            self._recogniser = open_ears(hearing.recogniser, hearing.language, key, hearing.allow_online)
        self._guesses = isinstance(self._recogniser, SphinxRecogniser)  # too often to tell a mood by its words
        self.spans: list[Span] = []
        """Where words may be."""
        self.noises: tuple[Noise, ...] = ()
        self.notes: list[str] = []

    def lines(self) -> Iterator[HeardLine]:
        """In order, none overlapping another; whatever is not found by words is by its sound."""
        at = 0.0
        for line in self._found():
            own = within(line, at, self._recording.duration)
            if own.phones:
                yield own
                at = own.end

    def _found(self) -> Iterator[HeardLine]:
        """Lines of neighbouring stretches may overlap a little: each is looked for a little beyond its ends."""
        recording = self._recording
        try:
            self.notes += check_sound(recording)
            voices = speech_spans(recording.sound, recording.rate, self._part(0.0, _CUT))
            self._progress(_CUT, "listening")
            prosody = recording.prosody
            self._progress((_CUT + _LISTENED) / 2, "listening")
            self.noises = find_noises(recording.sound, recording.rate, prosody, voices)
            self.spans = speech_between(voices, self.noises)
            if self.script is not None:
                yield from self._aligned(self.script)
            elif self._recogniser is not None:
                yield from self._recognised(self._recogniser)
            else:
                self.notes.append(NO_WORDS)
                yield from self.sounds(_LISTENED)
        finally:
            if self._recogniser is not None:
                self._recogniser.close()

    def sounds(self, done: float) -> Iterator[HeardLine]:
        """Its lines by their sound alone, when it is known where somebody speaks; and the share of work done before."""
        for number, span in enumerate(self.spans):
            self._progress(done + (1 - done) * number / len(self.spans), "listening")
            yield from self._by_sound(span)

    def _part(self, start: float, end: float) -> Progress:
        return lambda share, stage: self._progress(start + (end - start) * share, stage)

    def _aligned(self, script: Sequence[Line]) -> Iterator[HeardLine]:
        recording = self._recording
        heard = align_script(script, recording.sound, recording.rate, self.spans, self._part(_LISTENED, 1.0))
        yield from _with_meanings(heard, script)

    def _recognised(self, recogniser: Recogniser) -> Iterator[HeardLine]:
        recording = self._recording
        said = recognise(recording.sound, recording.rate, self.spans, recogniser, self._part(_LISTENED, 1.0))
        failed: list[Span] = []
        trouble, understood = "", False
        for each in said:
            if each.trouble:
                failed.append(each.span)
                trouble = each.trouble
            lines = list(self._placed(each.text, each.language, each.span)) if each.text else []
            understood = understood or bool(lines)
            yield from lines or self._by_sound(each.span)
        if not understood and len(failed) < len(self.spans):
            self.notes.append(NOT_UNDERSTOOD)
        if failed == self.spans:
            self.notes.append(f"Nothing was recognised: {trouble} The mouth follows the sound alone.")
        elif failed:
            self.notes.append(
                f"What is said at {some_of(map(clock, failed))} was not recognised: {trouble} The mouth follows the "
                "sound alone there."
            )

    def _placed(self, text: str, language: str, span: Span) -> Iterator[HeardLine]:
        """Recognised text in its stretch; nothing when it is not what is heard there, or cannot be read."""
        try:
            script = read_script(text, language=self.language or language or AUTO)
            heard = list(align_script(script, self._recording.sound, self._recording.rate, [span]))
        except UserError:  # a recogniser may write what no voice can say
            return
        if Analysis(0.0, tuple(heard)).on_phones >= UNDERSTOOD:
            for line in _with_meanings(heard, script):
                if self._guesses:
                    line = replace(line, emotion="neutral", intensity=0.0)
                yield replace(line, basis="recognised") if line.basis == "script" else line

    def _by_sound(self, span: Span) -> Iterator[HeardLine]:
        words, phones = unknown_words(self._recording.sound, self._recording.rate, *span)
        if phones:
            language = self.language or ENGLISH
            yield HeardLine("", language, phones[0].start, phones[-1].end, "sound", words, phones)


def _read(transcript: str, language: str) -> Iterator[Line]:
    """The lines of a text that may be longer than a script is. Raises UserError."""
    if len(transcript) > LONGEST_TEXT:
        raise UserError(
            f"The text has {len(transcript):,} characters and the limit is {LONGEST_TEXT:,}: cut the recording into "
            "parts, and the text as well."
        )
    part = ""
    for paragraph in without_times(transcript).splitlines(keepends=True):
        if part.strip() and len(part) + len(paragraph) > LIMIT:
            yield from read_script(part, language=language)
            part = ""
        part += paragraph
    if part.strip():
        yield from read_script(part, language=language)


def _with_meanings(heard: Iterable[HeardLine], script: Sequence[Line]) -> Iterator[HeardLine]:
    """The lines that are heard, those of the script with what their text means."""
    at = 0
    for line in heard:
        which = next((index for index in range(at, len(script)) if script[index].text == line.text), None)
        if line.basis == "script" and which is not None:
            yield with_meaning(line, script[which])
            at = which + 1
        else:
            yield line


def _is_of_another(script: Sequence[Line], lines: Sequence[HeardLine]) -> bool:
    """Whether a text and a recording do not belong together."""
    sure = sum(word.confidence >= SURE and bool(word.text) for line in lines for word in line.words)
    written = sum(len(line.words) for line in script)
    return bool(lines) and sure < LITTLE * written and Analysis(0.0, tuple(lines)).on_phones < LITTLE


def _missing(script: Sequence[Line], lines: Sequence[HeardLine]) -> Iterator[str]:
    """What of a text is not heard in its recording."""
    heard = {line.text for line in lines}
    missing = [f'"{_short(line.text)}"' for line in script if line.text not in heard]
    if missing:
        yield f"Not heard in the recording: {some_of(missing, 3)}. Check the text there."


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
