"""A take on the disk: ``TAKE.json`` with its frames and its sound beside it. The format is told in ``docs/take.md``.

What is read is taken for hostile: every value is checked, nothing is unpickled, no memory is claimed beyond the size
of the files, and a take that cannot be read whole is refused with a message that says what is wrong.
"""

import hashlib
import json
import math
import zipfile
from dataclasses import asdict, fields
from importlib import metadata
from pathlib import Path
from tokenize import TokenError
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from . import __version__
from .arkit import SHAPES
from .errors import UserError
from .exports import wav
from .files import check_can_write, replacing
from .performance import Floats, Frames, Performance
from .plain import Node, check_version, parse_json, read_json
from .pose.amounts import AMOUNT_NAMES, MOST, NATURAL, Amounts
from .score import (
    CUE_KINDS,
    EMOTIONS,
    NOISE_KINDS,
    SENTENCE_TYPES,
    Cue,
    CueKind,
    Emotion,
    Gesture,
    Noise,
    NoiseKind,
    Phone,
    Sentence,
    SentenceType,
    Speech,
    Word,
)

FORMAT: Final = "linly-take"
VERSION: Final = 1
"""Raised when an older program could no longer read what we write."""

_ARRAYS: Final = {"shapes": len(SHAPES), "head": 6, "gaze": 2, "breath": 1}
"""Members of the frames' file and their columns."""
_LIMITS: Final = {"shapes": (0.0, 1.0), "head": (-math.pi, math.pi), "gaze": (-math.pi, math.pi), "breath": (0.0, 1.0)}

_MOST_JSON: Final = 256 * 2**20
"""Bytes; an hour of speech needs about eight megabytes."""
_MOST_HEADER: Final = 1024
"""Bytes before the numbers of an array."""
_LONGEST_FILE_NAME: Final = 255
_UNREADABLE: Final = (
    *(zipfile.BadZipFile, KeyError, NotImplementedError, EOFError, MemoryError),
    *(ValueError, SyntaxError, TokenError),  # NumPy reads an array's header as Python
)
"""What ``zipfile`` and NumPy raise for a file that is not what its name says."""
_SLACK: Final = 1.0
"""Seconds that an event may lie outside the sound: a last gesture settles after the last sample."""


def write(performance: Performance, path: Path) -> None:
    """Write a take: ``path`` (ending in ``.json``), and beside it ``.npz`` (frames) and ``.wav`` (sound).

    All three appear whole, or none does. What could not be read back is not written.
    """
    check_can_write(path, ".json")
    frames_path, sound_path = path.with_suffix(".npz"), path.with_suffix(".wav")
    speech, frames = performance.speech, performance.frames
    with replacing(path) as main, replacing(frames_path) as beside_frames, replacing(sound_path) as beside_sound:
        _check_frames({name: getattr(frames, name) for name in _ARRAYS}, len(frames), f"The performance for {path}")
        with beside_frames.open("wb") as file:
            np.savez(file, **{name: getattr(frames, name) for name in _ARRAYS})
        wav.encode(speech.sound, speech.rate, beside_sound)
        document = {
            "format": FORMAT,
            "version": VERSION,
            "versions": _versions(),
            "language": performance.language,
            "style": performance.style,
            "region": performance.region,
            "amounts": asdict(performance.amounts),
            "smoothing": performance.smoothing,
            "fine_tuner": performance.fine_tuner,
            "notes": list(performance.notes),
            "seed": performance.seed,
            "fps": frames.fps,
            "frames": {"count": len(frames), **_seal(beside_frames, frames_path.name)},
            "sound": {"rate": speech.rate, "samples": len(speech.sound), **_seal(beside_sound, sound_path.name)},
            "sentences": _rows(speech.sentences),
            "words": _rows(speech.words),
            "phones": _rows(speech.phones),
            "cues": _rows(speech.cues),
            "noises": _rows(speech.noises),
            "gestures": _rows(performance.gestures),
        }
        text = _dump(document)
        _performance(parse_json(text, f"The performance for {path}"), frames, speech.sound)
        main.write_text(text, encoding="utf-8", newline="\n")


def read(path: Path) -> Performance:
    """Read a take that ``write`` wrote, in this version or an older one. Raises UserError for any fault in it."""
    take = read_json(path, _MOST_JSON)
    if not isinstance(take.value, dict) or take.value.get("format") != FORMAT:
        raise UserError(f"{path} is not a take. Choose the .json file that 'perform --out' wrote.")
    check_version(take, VERSION, "take format")
    count = take["frames"]["count"].integer(1)
    arrays = _read_arrays(_side_file(path, take["frames"]), count)
    return _performance(take, Frames(_fps(take), **arrays), _read_sound(path, take["sound"]))


def _dump(document: dict[str, Any]) -> str:
    """As JSON with one event a line, so that people can read it and tools can compare it."""

    def compact(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    parts = []
    for key, value in document.items():
        if isinstance(value, list) and value:
            parts.append(f"{compact(key)}: [\n" + ",\n".join(f"  {compact(row)}" for row in value) + "\n ]")
        else:
            parts.append(f"{compact(key)}: {compact(value)}")
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def _rows(events: tuple[Any, ...]) -> list[dict[str, Any]]:
    """The events as objects whose members are named as in ``score``."""
    names = [field.name for field in fields(events[0])] if events else []
    return [{name: getattr(event, name) for name in names} for event in events]


def _versions() -> dict[str, str]:
    """Of everything that had a part in the take."""
    versions = {"linly_blender": __version__, "numpy": np.__version__}
    for package in ("espeakng-loader", "jieba", "onnxruntime"):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


# Side files


def _seal(file: Path, name: str) -> dict[str, Any]:
    """What tells this file from any other, for the take that belongs to it."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"file": name, "bytes": file.stat().st_size, "sha256": digest}


def _side_file(take: Path, node: Node) -> Path:
    """The file beside the take, once it is known to be the very one that was written."""
    name = node["file"].text()
    if not name or name in {".", ".."} or any(character in name for character in "/\\:\0"):
        node["file"].complain("the plain name of a file beside the take")
    file = take.with_name(name)
    try:
        size = file.stat().st_size
        if size != node["bytes"].integer(0):
            raise UserError(
                f"{file} has {size} bytes, but the take {take} was written with {node['bytes'].value}. It is cut short "
                "or from another take: copy all files of a take together, or make the take again."
            )
        digest = _seal(file, name)["sha256"]
    except OSError as error:
        raise UserError(
            f"{file}, which belongs to the take {take}, cannot be read: {error.strerror}. "
            "Keep the files of a take together in one folder."
        ) from error
    if digest != node["sha256"].text():
        raise UserError(
            f"{file} is not the file that the take {take} was written with, or it was changed since. "
            "Copy all files of a take together, or make the take again."
        )
    return file


def _read_sound(take: Path, node: Node) -> NDArray[np.int16]:
    file = _side_file(take, node)
    sound, rate = wav.decode(file)
    if rate != node["rate"].integer(1):
        node["rate"].complain(f"{rate}, as in {file}")
    if len(sound) != node["samples"].integer(0):
        node["samples"].complain(f"{len(sound)}, as in {file}")
    return sound


def _read_arrays(file: Path, count: int) -> dict[str, Floats]:
    """The curves in ``file``, ``count`` rows each."""
    try:
        with zipfile.ZipFile(file) as archive:
            for name, columns in _ARRAYS.items():
                member, expected = archive.getinfo(f"{name}.npy"), 4 * count * columns
                if member.compress_type != zipfile.ZIP_STORED or not 0 < member.file_size - expected <= _MOST_HEADER:
                    raise ValueError(f"{name} has {member.file_size} bytes for {count} frames")
        with np.load(file, allow_pickle=False) as members:
            arrays = {name: np.asarray(members[name]) for name in _ARRAYS}  # bytes when not an array
    except _UNREADABLE as error:
        raise UserError(f"{file} does not hold the frames of a take ({error}).") from error
    _check_frames(arrays, count, str(file))
    return arrays


def _check_frames(arrays: dict[str, Floats], count: int, source: str) -> None:
    """Raise UserError unless every curve has its shape and type, is finite and within its limits."""
    for name, columns in _ARRAYS.items():
        array, (low, high) = arrays[name], _LIMITS[name]
        if array.dtype != np.float32 or array.shape != ((count,) if name == "breath" else (count, columns)):
            raise UserError(f"{source} is not valid: {name} is {array.dtype} {array.shape} for {count} frames.")
        is_good = (array >= low) & (array <= high)  # False for NaN
        if not is_good.all():
            place = np.argwhere(~is_good)[0].tolist()
            raise UserError(
                f"{source} is not valid: {name} at frame {place[0]} should be a number from {low:.4g} to {high:.4g}, "
                f"but is {array[tuple(place)]:g}."
            )


# The score


def _performance(take: Node, frames: Frames, sound: NDArray[np.int16]) -> Performance:
    """Everything in the JSON, checked, around frames and sound that have been checked."""
    rate = take["sound"]["rate"].integer(1000, 1_000_000)
    last = max(len(sound) / rate, len(frames) / _fps(take)) + _SLACK
    sentences = tuple(_sentence(node, last) for node in take["sentences"].items())
    words = tuple(_word(node, last, len(sentences)) for node in take["words"].items())
    phones = tuple(_phone(node, last, len(words)) for node in take["phones"].items())
    cues = tuple(_cue(node, last) for node in take["cues"].items())
    noises = _noises(take["noises"], last) if "noises" in take.value else ()
    for name, starts in (
        ("sentences", [sentence.start for sentence in sentences]),
        ("words", [word.start for word in words]),
        ("phones", [time for phone in phones for time in (phone.start, phone.end)]),
        ("cues", [cue.time for cue in cues]),
    ):
        _check_order(take[name], np.array(starts))
    gestures = tuple(_gesture(node, last) for node in take["gestures"].items())
    return Performance(
        frames=frames,
        speech=Speech(sound, rate, phones, words, sentences, cues, noises),
        gestures=gestures,
        seed=take["seed"].integer(0, 2**31 - 1),
        style=take["style"].text(),
        language=take["language"].text(),
        region=take["region"].text() if "region" in take.value else "neutral",
        amounts=_amounts(take["amounts"]) if "amounts" in take.value else NATURAL,
        smoothing=take["smoothing"].text() if "smoothing" in take.value else "none",
        fine_tuner=_fine_tuner(take["fine_tuner"]) if "fine_tuner" in take.value else "off",
        notes=tuple(note.text() for note in take["notes"].items()) if "notes" in take.value else (),
    )


def _amounts(node: Node) -> Amounts:
    return Amounts(**{name: node[name].number(0.0, MOST) for name in AMOUNT_NAMES})


def _fine_tuner(node: Node) -> str:
    name = node.text()
    if not name.isprintable() or "/" in name or not 0 < len(name) <= _LONGEST_FILE_NAME:
        node.complain("off, standard, small or the name of a file")
    return name


def _fps(take: Node) -> float:
    return take["fps"].number(1.0, 1000.0)


def _span(node: Node, first: float, last: float, *names: str) -> list[float]:
    """Times in order, from ``first`` to ``last`` seconds."""
    times = []
    for name in names:
        times.append(node[name].number(first, last))
        first = times[-1]
    return times


def _check_order(events: Node, times: NDArray[np.float64]) -> None:
    """Raise UserError unless the times never run backwards (by more than rounding)."""
    backwards = np.flatnonzero(np.diff(times) < -1e-6)
    if len(backwards):
        raise UserError(
            f"{events.source} is not valid: {events.place} overlap or are not in order at {times[backwards[0]]:.3f} s."
        )


def _sentence(node: Node, last: float) -> Sentence:
    start, end = _span(node, 0.0, last, "start", "end")
    return Sentence(
        text=node["text"].text(),
        start=start,
        end=end,
        type=cast(SentenceType, node["type"].choice(SENTENCE_TYPES)),
        emotion=cast(Emotion, node["emotion"].choice(EMOTIONS)),
        intensity=node["intensity"].number(0.0, 1.0),
        language=node["language"].text(),
    )


def _word(node: Node, last: float, sentences: int) -> Word:
    start, end = _span(node, 0.0, last, "start", "end")
    return Word(
        text=node["text"].text(),
        start=start,
        end=end,
        emphasis=node["emphasis"].number(0.0, 1.0),
        sentence=node["sentence"].integer(0, sentences - 1),
    )


def _phone(node: Node, last: float, words: int) -> Phone:
    start, end = _span(node, 0.0, last, "start", "end")
    return Phone(
        phone=node["phone"].text(),
        start=start,
        end=end,
        stress=node["stress"].integer(0, 2),
        word=node["word"].integer(-1, words - 1),
    )


def _cue(node: Node, last: float) -> Cue:
    return Cue(
        kind=cast(CueKind, node["kind"].choice(CUE_KINDS)),
        time=node["time"].number(0.0, last),
        amplitude=node["amplitude"].number(0.0, 100.0),
    )


def _noises(node: Node, last: float) -> tuple[Noise, ...]:
    noises = tuple(_noise(each, last) for each in node.items())
    _check_order(node, np.array([time for noise in noises for time in (noise.start, noise.end)]))
    return noises


def _noise(node: Node, last: float) -> Noise:
    start, end = _span(node, 0.0, last, "start", "end")
    return Noise(
        kind=cast(NoiseKind, node["kind"].choice(NOISE_KINDS)),
        start=start,
        end=end,
        strength=node["strength"].number(0.0, 1.0),
    )


def _gesture(node: Node, last: float) -> Gesture:
    start, peak, end = _span(node, -_SLACK, last, "start", "peak", "end")
    return Gesture(
        kind=node["kind"].text(),
        start=start,
        peak=peak,
        end=end,
        amplitude=node["amplitude"].number(),
        source=node["source"].text(),
    )
