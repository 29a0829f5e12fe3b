"""What is known of the scene's recording: the analysis that its fields, list and buttons show and change.

It is kept as JSON in the .blend, one for each recording that was heard with the same words: what somebody has changed
by hand is there again when its recording is chosen again. All else here is read from it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

from ..linly_blender.dialogue import analysis_file, edit
from ..linly_blender.dialogue.analysis import UNKNOWN, Analysis, HeardWord
from ..linly_blender.dialogue.analysis_files import is_textgrid, read_analysis
from ..linly_blender.dialogue.coverage import noted
from ..linly_blender.dialogue.excerpt import excerpt, shifted
from ..linly_blender.errors import UserError
from ..linly_blender.scene.word_markers import Moved
from . import worker
from .dialogue_request import Found, RecordedRequest, cache, digest

_IN_THE_FILE: Final = "The analysis in this file"
_NOTHING: Final = Analysis(0.0, ())
_LITTLE: Final = 0.1
"""Share of the speech on phones below which a recording is listened to again."""
_MOST_PARSED: Final = 4
_MOST_UNTOUCHED: Final = 4
"""Analyses that are kept though nobody has changed anything in them: of characters that talk with one another."""
_ROUNDED: Final = 0.1
"""Seconds: two frames of the slowest film, by which a part may be rounded off when its strip is retimed."""

_AROUND: Final = 1.0
"""Seconds around a line that are listened to when a word of it is corrected."""
_JOINED: Final = 0.3
"""Seconds between two stretches that are listed as one."""

found: Found | None = None
"""Of the work that goes on, or went on last and did not end well."""
complaint = ""
"""Why the last change in a field was refused."""


@dataclass(frozen=True, slots=True)
class Place:
    """A word of an analysis."""

    line: int
    word: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What stands for a part of a recording."""

    analysis: Analysis
    digest: str


_parsed: OrderedDict[str, Analysis] = OrderedDict()
"""Analyses that were read last, by their digests."""
_parts: OrderedDict[tuple[str, float, float, float], Choice] = OrderedDict()
"""Parts of longer ones that were asked for last: digest and begin of these, begin and end of the part."""


def places(analysis: Analysis) -> tuple[Place, ...]:
    """Its words in the order of time, those of all lines."""
    return tuple(Place(i, j) for i, line in enumerate(analysis.lines) for j in range(len(line.words)))


def kept(dialogue: Any) -> Any:
    """The ``LINLY_PG_heard`` that is shown, if any."""
    return dialogue.kept.get(dialogue.heard) if dialogue.heard else None


def analysis_of(dialogue: Any) -> Analysis | None:
    """What is shown of the recording."""
    return known(dialogue, dialogue.heard)


def known(dialogue: Any, key: str) -> Analysis | None:
    """What is known under a key; what a person or a script has made unreadable counts as nothing."""
    one = dialogue.kept.get(key) if key else None
    if one is None:
        return None
    if one.digest not in _parsed:
        try:
            _remember_parsed(one.digest, analysis_file.parse(one.analysis, _IN_THE_FILE))
        except UserError:
            return None
    return _parsed[one.digest]


def _remember_parsed(key: str, analysis: Analysis) -> None:
    _parsed[key] = analysis
    if len(_parsed) > _MOST_PARSED:
        _parsed.popitem(last=False)


def selected(dialogue: Any) -> HeardWord | None:
    """The word that is shown below the list."""
    analysis = analysis_of(dialogue)
    where = place_of(dialogue, analysis)
    return analysis.lines[where.line].words[where.word] if analysis is not None and where is not None else None


def place_of(dialogue: Any, analysis: Analysis | None) -> Place | None:
    """Where the selected word is."""
    number = dialogue.active
    for index, line in enumerate(analysis.lines if analysis is not None else ()):
        if number < len(line.words):
            return Place(index, number)
        number -= len(line.words)
    return None


def known_of(dialogue: Any, request: RecordedRequest) -> Analysis | None:
    """What is known of what is asked for; none where so little is that it is worth listening again."""
    chosen = choice(dialogue, request)
    if chosen is None:
        return None
    exact = dialogue.kept.get(request.heard_key)
    if exact is not None and not exact.edited and exact.digest == chosen.digest and chosen.analysis.on_phones < _LITTLE:
        return None  # a server may have been started since
    return chosen.analysis


def choice(dialogue: Any, request: RecordedRequest) -> Choice | None:
    """What stands for the part that is asked for: first what somebody has changed by hand, of that very part.

    Then what was changed of a longer part of the same sound, heard in the same way, the shortest such; then what was
    heard of that very part, and of a longer one.
    """
    exact = dialogue.kept.get(request.heard_key)
    longer = sorted((one for one in dialogue.kept if _covers(one, request)), key=lambda one: one.end - one.begin)
    every = [one for one in (exact, *longer) if one is not None]
    for one in sorted(every, key=lambda one: not one.edited):  # else in this order
        analysis = known(dialogue, one.name)
        if analysis is not None:
            return Choice(analysis, one.digest) if one == exact else _part_of(one, analysis, request)
    return None


def _covers(one: Any, request: RecordedRequest) -> bool:
    """Whether it is of a longer part."""
    if request.end is None or one.words_key != request.words_key or one.name == request.heard_key:
        return False
    return bool(one.begin - _ROUNDED <= request.begin and request.end <= one.end + _ROUNDED)


def _part_of(one: Any, whole: Analysis, request: RecordedRequest) -> Choice:
    """The part that is asked for of a longer one; kept, as this is asked for with every change in the panel."""
    assert request.end is not None
    key = one.digest, one.begin, request.begin, request.end
    if key not in _parts:
        analysis = excerpt(whole, request.begin - one.begin, min(request.end, one.end) - one.begin)
        _parts[key] = Choice(analysis, digest(analysis_file.dump(analysis)))
        if len(_parts) > _MOST_PARSED:
            _parts.popitem(last=False)
    return _parts[key]


def remember(dialogue: Any, request: RecordedRequest, analysis: Analysis, *, edited: bool = False) -> None:
    """Keep and show an analysis. Of the others, those stay that somebody has changed by hand, and a few more."""
    key = request.heard_key
    one = dialogue.kept.get(key)
    if one is None:
        untouched = [number for number, other in enumerate(dialogue.kept) if not other.edited]
        for number in reversed(untouched[: 1 - _MOST_UNTOUCHED]):
            dialogue.kept.remove(number)
        one = dialogue.kept.add()
        one.name = key
    keep(one, analysis)
    one.seal, one.words_key = request.seal, request.words_key
    one.begin, one.end = request.begin, request.begin + analysis.duration
    one.edited = one.edited or edited
    dialogue.heard = key
    show(dialogue)


def keep(one: Any, analysis: Analysis) -> None:
    """Write an analysis into a ``LINLY_PG_heard``."""
    one.analysis = analysis_file.dump(analysis)
    one.digest = digest(one.analysis)
    _remember_parsed(one.digest, analysis)


def show(dialogue: Any) -> None:
    """Fill list and figures from the analysis."""
    analysis = analysis_of(dialogue) or _NOTHING
    dialogue.words.clear()
    dialogue.on_phones = analysis.on_phones
    dialogue.sound_alone = "\n".join(_sound_alone(analysis))
    kinds = [noise.kind for noise in analysis.noises]
    dialogue.breaths, dialogue.laughs = kinds.count("breath"), kinds.count("laugh")
    for place in places(analysis):
        word = analysis.lines[place.line].words[place.word]
        row = dialogue.words.add()
        row.name, row.start, row.confidence = word.text, word.start, word.confidence
    dialogue.active = min(dialogue.active, max(len(dialogue.words) - 1, 0))


def _sound_alone(analysis: Analysis) -> Iterator[str]:
    """The stretches of speech of which no phones are known, joined over what is shorter than a pause."""
    stretches: list[tuple[float, float]] = []
    for line in analysis.lines:
        for phone in line.phones:
            if phone.phone != UNKNOWN:
                continue
            if stretches and phone.start - stretches[-1][1] < _JOINED:
                stretches[-1] = (stretches[-1][0], phone.end)
            else:
                stretches.append((phone.start, phone.end))
    return (f"{clock(start)} – {clock(end)}" for start, end in stretches)


def clock(seconds: float) -> str:
    """Minutes and seconds.

    >>> clock(83.25)
    '1:23.25'
    """
    minutes, rest = divmod(round(100 * seconds), 6000)
    return f"{minutes}:{rest // 100:02d}.{rest % 100:02d}"


def read_file(settings: Any, request: RecordedRequest, path: Path) -> None:
    """Take what is known of the recording from a file. Raises UserError, with nothing changed.

    A TextGrid tells of no noises: those that are known stay.
    """
    before = known(settings.dialogue, request.heard_key) or known_of(settings.dialogue, request)
    if request.end is not None:
        duration: float | None = request.end - request.begin
    else:
        duration = before.duration if before is not None else None
    analysis = read_analysis(path, request.language, duration)
    if is_textgrid(path):
        noises = before.noises if before is not None else ()
        analysis = replace(analysis, noises=tuple(each for each in noises if each.end <= analysis.duration))
    remember(settings.dialogue, request, analysis, edited=True)
    settings.refresh()


def choose(dialogue: Any, request: RecordedRequest | None) -> None:
    """Show what is known of what is asked for, or nothing where nothing is. Perform shows a part of a longer one."""
    key = request.heard_key if request is not None and request.heard_key in dialogue.kept else ""
    chosen = choice(dialogue, request) if request is not None and key else None
    is_other = chosen is not None and dialogue.kept[key].digest != chosen.digest
    if chosen is not None and is_other:  # somebody has changed the longer one since
        keep(dialogue.kept[key], chosen.analysis)
    if dialogue.heard != key or is_other:
        dialogue.heard = key
        show(dialogue)


def forget(dialogue: Any) -> None:
    """Forget what is known of the recording that is shown."""
    number = dialogue.kept.find(dialogue.heard)
    if number >= 0:
        dialogue.kept.remove(number)
    dialogue.heard = ""
    show(dialogue)


def forget_work() -> None:
    """Forget what belongs to the file that was open."""
    global found, complaint
    found, complaint = None, ""
    cache.clear()


def change(settings: Any, how: Callable[[Analysis], Analysis]) -> None:
    """Give the recording that is shown another analysis.

    Raises UserError as ``how`` does, and while a performance is being made; then nothing has changed.
    """
    if worker.current() is not None:  # what it has understood would take the place of the change
        raise UserError("A performance is being made. Wait for it or cancel it.")
    dialogue = settings.dialogue
    one, analysis = kept(dialogue), analysis_of(dialogue)
    if one is None or analysis is None:
        raise UserError("Nothing is known of the recording yet. Perform it first.")
    new = how(analysis)
    try:
        analysis_file.parse(analysis_file.dump(new), _IN_THE_FILE)
    except UserError as error:  # it could not be read back from the .blend, and all changes would be lost
        raise UserError("After that change words would overlap. Move the words around it first.") from error
    keep(one, new)
    one.edited = True
    show(dialogue)
    settings.refresh()


def edit_field(dialogue: Any, name: str, value: Any) -> None:
    """Do what a field's new value asks for; why it is refused stands in ``complaint``."""
    global complaint
    complaint = ""
    settings = dialogue.id_data.linly
    place = place_of(dialogue, analysis_of(dialogue))
    if place is None:
        return

    def edited(analysis: Analysis) -> Analysis:
        if name == "text":
            return _corrected(settings, analysis, place, value)
        return edit.move_boundary(analysis, place.line, "word", place.word, cast(edit.Edge, name), value)

    try:
        change(settings, edited)
    except UserError as error:
        complaint = str(error)


def _corrected(settings: Any, analysis: Analysis, place: Place, text: str) -> Analysis:
    """The analysis with another word. Only the stretch around its line is decoded."""
    line = analysis.lines[place.line]
    begin, end = max(line.start - _AROUND, 0.0), min(line.end + _AROUND, analysis.duration)
    around = analysis.lines[max(place.line - 1, 0) : place.line + 2]
    number = min(place.line, 1)
    part = Analysis(end - begin, tuple(shifted(one, -begin) for one in around))
    recording = settings.dialogue.decoded(begin, end)
    new = edit.correct_word(part, number, place.word, text, recording).lines[number]
    lines = (*analysis.lines[: place.line], shifted(new, begin), *analysis.lines[place.line + 1 :])
    return noted(replace(analysis, lines=lines), analysis)


def take_marks(settings: Any, moved: list[Moved]) -> int:
    """Have words begin where their markers were dragged to; how many were. Raises UserError, with nothing changed."""
    clock = settings.clock()

    def placed(analysis: Analysis) -> Analysis:
        every = places(analysis)
        texts = [analysis.lines[place.line].words[place.word].text for place in every]
        if any(texts[one.mark.number : one.mark.number + 1] != [one.mark.text] for one in moved):
            raise UserError("The markers are of other words than these. Mark the words anew.")
        # Later words first where they go later, so that none is in the way of the one before it.
        later = [one for one in reversed(moved) if one.frame > one.mark.frame]
        for one in (*later, *(one for one in moved if one.frame < one.mark.frame)):
            place = every[one.mark.number]
            second = clock.second_of(one.frame)
            analysis = edit.move_boundary(analysis, place.line, "word", place.word, "start", second)
        return analysis

    if moved:
        change(settings, placed)
    return len(moved)
