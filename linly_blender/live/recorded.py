"""A recording read back, also one that broke off: a take to bake, what was said, and the text to perform anew."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .. import takes
from ..errors import UserError
from ..files import replacing
from ..performance import Frames, Performance
from ..plain import Node, parse_json, read_json
from ..pose.amounts import AMOUNT_NAMES, MOST, Amounts
from ..score import Cue, Gesture, Phone, Sentence, Speech, Word
from .curves import COLUMNS
from .recording import EVENTS, FORMAT, FRAMES, HEADER, LONGEST, VERSION

Sound = NDArray[np.int16]

_MOST_BYTES: Final = 64 * 2**20
"""Of the events."""
_MOST_SOUNDS: Final = 20000
_RATE: Final = 22050
"""Samples a second of a recording in which nothing was said."""
_FADE: Final = 0.03
"""Seconds in which a sound that was cut ends, as at the speaker."""
_SHORTEST: Final = 0.02
"""Seconds; of what is cut shorter than this nothing was said."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something said."""

    time: float
    """Seconds from the recording's first frame."""
    who: str
    """``user``, ``character`` or ``unsaid``: what the character was going to say."""
    text: str


@dataclass(frozen=True, slots=True)
class Recorded:
    performance: Performance
    transcript: tuple[Line, ...]

    @property
    def script(self) -> str:
        """What the character said, with its feelings and accents as direction, a sentence a line; no unknown words."""
        speech = self.performance.speech
        told = (index for index, sentence in enumerate(speech.sentences) if sentence.text)
        return "".join(f"{_directed(speech, index)}\n" for index in told)

    def write(self, path: Path) -> None:
        """Write the take at ``path`` (``.json``), and beside it ``.transcript.txt`` and ``.script.txt``."""
        with (
            replacing(path.with_suffix(".transcript.txt")) as transcript,
            replacing(path.with_suffix(".script.txt")) as script,
        ):
            lines = [f"{_clock(line.time)} {line.who}: {line.text}\n" for line in self.transcript]
            transcript.write_text("".join(lines), "utf-8")
            script.write_text(self.script, "utf-8")
            takes.write(self.performance, path)


def read(folder: Path) -> Recorded:
    """Read what ``Recording`` has written. Raises UserError when there is nothing, or it is damaged."""
    header = read_json(folder / HEADER, 1 << 16)
    if not isinstance(header.value, dict) or header.value.get("format") != FORMAT:
        raise UserError(f"{folder} is not a recording. Choose the folder that one was made in.")
    if header["version"].integer(1) > VERSION:
        raise UserError(f"{folder} was recorded by a newer version of this program. Update the program to read it.")
    fps = header["fps"].number(1.0, 1000.0)
    rows = _rows(folder / FRAMES, fps)
    played, transcript = _events(folder)
    speech, gestures = _speech(played, len(rows) / fps)
    played_takes = [one.take for one in played]
    shapes, head, gaze, breath = (np.ascontiguousarray(part) for part in np.split(rows, (52, 58, 60), axis=1))
    performance = Performance(
        frames=Frames(fps, shapes, head, gaze, breath[:, 0]),
        speech=speech,
        gestures=gestures,
        seed=header["seed"].integer(0, 2**31 - 1),
        style=header["style"].text(),
        language=_common((take.language for take in played_takes), header["language"].text()),
        region=header["region"].text(),
        amounts=_amounts(header["amounts"]),
        fine_tuner=played_takes[0].fine_tuner if played_takes else "off",
        notes=tuple(dict.fromkeys(note for take in played_takes for note in take.notes)),
    )
    return Recorded(performance, tuple(transcript))


def _rows(path: Path, fps: float) -> NDArray[np.float32]:
    """The frames; a last one that was not written whole is left out."""
    width = 4 * COLUMNS
    try:
        count = min(path.stat().st_size // width, int(LONGEST * fps) + 2)
        with path.open("rb") as file:
            rows = np.fromfile(file, "<f4", count * COLUMNS).reshape(-1, COLUMNS).astype(np.float32)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    if not len(rows):
        raise UserError(f"Nothing was recorded in {path.parent} yet. Record again, and let it run for a moment.")
    if not (np.isfinite(rows).all() and (np.abs(rows) <= math.pi).all()):
        raise UserError(f"{path} is damaged: it contains values that no frame has.")
    return rows


@dataclass(frozen=True, slots=True)
class _Played:
    """A take on the recording's clock, of which only what lies from ``first`` to ``last`` was heard."""

    take: Performance
    start: float
    first: float
    last: float

    @property
    def cut(self) -> bool:
        """Whether it was broken off while something was being said."""
        phones = self.take.speech.phones
        return bool(phones) and self.start + phones[-1].end > self.last + 1e-3


def _events(folder: Path) -> tuple[list[_Played], list[Line]]:
    path = folder / EVENTS
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    starts: dict[int, float] = {}
    cuts: dict[int, float] = {}
    lines: list[Line] = []
    whole = text.split("\n")[:-1]  # the last one may have broken off
    for index, line in enumerate(whole):
        event = parse_json(line, f"{path}, line {index + 1}")
        if not isinstance(event.value, dict):
            event.complain("an event")
        if "sound" in event.value:
            starts[event["sound"].integer(1, _MOST_SOUNDS)] = event["start"].number(-LONGEST, LONGEST)
        elif "cut" in event.value:
            cuts[event["cut"].integer(1, _MOST_SOUNDS)] = event["after"].number(-LONGEST, LONGEST)
        else:
            who = event["said"].choice(("user", "character", "unsaid"))
            lines.append(Line(max(event["time"].number(-LONGEST, LONGEST), 0.0), who, event["text"].text()))
    played: list[_Played] = []
    for number, start in sorted(starts.items(), key=lambda item: item[1]):
        take = takes.read(folder / f"{number:05}.json")
        last = start + min(take.speech.duration, cuts.get(number, math.inf))
        if played and played[-1].last > start + (first_sound := _first_sound(take)):
            played[-1] = replace(played[-1], last=max(start + first_sound, played[-1].first))
        played.append(_Played(take, start, max(start, 0.0, played[-1].last if played else 0.0), last))
    return [one for one in played if one.last - one.first > _SHORTEST], lines


def _first_sound(take: Performance) -> float:
    """Second of a take before which it is silent, so that what was played before it may still be heard."""
    return take.speech.phones[0].start if take.speech.phones else 0.0


def _speech(played: list[_Played], duration: float) -> tuple[Speech, tuple[Gesture, ...]]:
    """All that was heard on one clock, and the gestures with it."""
    rate = played[0].take.speech.rate if played else _RATE
    sound = np.zeros(math.ceil(max([duration, *(one.last for one in played)]) * rate), np.int16)
    phones: list[Phone] = []
    words: list[Word] = []
    sentences: list[Sentence] = []
    cues: list[Cue] = []
    gestures: list[Gesture] = []
    for one in played:
        speech = one.take.speech
        _lay(sound, rate, one)

        def heard(event: Phone | Word | Sentence, one: _Played = one) -> bool:
            return one.start + event.end > one.first and one.start + event.start < one.last

        def at(time: float, one: _Played = one) -> float:
            return min(max(one.start + time, one.first), one.last)

        place: dict[int, int] = {}
        of_words: dict[int, int] = {}
        for index, sentence in enumerate(speech.sentences):
            if heard(sentence):
                place[index] = len(sentences)
                sentences.append(
                    replace(sentence, start=at(sentence.start), end=at(sentence.end), text=_heard_text(one, index))
                )
        for index, word in enumerate(speech.words):
            if heard(word) and word.sentence in place:
                of_words[index] = len(words)
                words.append(replace(word, start=at(word.start), end=at(word.end), sentence=place[word.sentence]))
        phones += [
            replace(phone, start=at(phone.start), end=at(phone.end), word=of_words.get(phone.word, -1))
            for phone in speech.phones
            if heard(phone)
        ]
        cues += [replace(cue, time=at(cue.time)) for cue in speech.cues if one.first <= one.start + cue.time < one.last]
        gestures += [
            replace(gesture, start=at(gesture.start), peak=at(gesture.peak), end=at(gesture.end))
            for gesture in one.take.gestures
            if one.first <= one.start + gesture.peak < one.last
        ]
    everything = Speech(sound, rate, tuple(phones), tuple(words), tuple(sentences), tuple(cues))
    return everything, tuple(sorted(gestures, key=lambda gesture: (gesture.start, gesture.kind)))


def _lay(sound: Sound, rate: int, one: _Played) -> None:
    """Put what was heard of a take's sound in its place."""
    speech = one.take.speech
    samples = _at_rate(speech.sound, speech.rate, rate)
    begin = round(one.start * rate)
    skipped = max(round(one.first * rate) - begin, 0)
    kept = samples[skipped : max(round(one.last * rate) - begin, skipped)].copy()
    if skipped + len(kept) < len(samples):
        fade = min(round(_FADE * rate), len(kept))
        kept[len(kept) - fade :] = kept[len(kept) - fade :] * np.linspace(1, 0, fade)
    place = sound[begin + skipped :][: len(kept)]
    place[:] = kept[: len(place)]


def _at_rate(sound: Sound, rate: int, wanted: int) -> Sound:
    """The sound at another rate, by its spectrum."""
    if rate == wanted or not len(sound):
        return sound
    count = round(len(sound) * wanted / rate)
    samples = np.fft.irfft(np.fft.rfft(sound)[: count // 2 + 1], count) * (count / len(sound))
    return np.asarray(np.clip(np.rint(samples), -(2**15), 2**15 - 1), np.int16)


def _heard_text(one: _Played, index: int) -> str:
    """A sentence up to the last word that was begun."""
    speech = one.take.speech
    text = speech.sentences[index].text
    words = [word for word in speech.words if word.sentence == index]
    said = [word for word in words if one.start + word.start < one.last]
    if not one.cut or len(said) == len(words):
        return text
    end = 0
    for word in said:
        found = text.find(word.text, end)
        end = found + len(word.text) if found >= 0 else end
    return text[:end]


def _directed(speech: Speech, index: int) -> str:
    """A sentence as a script's line (docs/direction.md)."""
    sentence = speech.sentences[index]
    line, rest = "", sentence.text
    for word in speech.words:
        if word.sentence != index or word.emphasis < 1.0 or word.text not in rest:
            continue
        before, rest = rest.split(word.text, 1)
        line += f"{_escaped(before)}*{_escaped(word.text)}*"
    line = " ".join((line + _escaped(rest)).split())
    strength = "" if sentence.emotion == "neutral" else f" {sentence.intensity:.2g}"
    return f"[{sentence.emotion}{strength}] {line}"


def _escaped(text: str) -> str:
    for character in "\\*[]":
        text = text.replace(character, "\\" + character)
    return text


def _common(languages: Iterable[str], otherwise: str) -> str:
    found = set(languages) or {otherwise}
    return found.pop() if len(found) == 1 else "mixed"


def _amounts(node: Node) -> Amounts:
    return Amounts(**{name: node[name].number(0.0, MOST) for name in AMOUNT_NAMES})


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes):02}:{rest:04.1f}"
