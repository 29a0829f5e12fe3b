"""How fast a recording becomes a take, when its first sentence is there, and how much memory a long one needs.

``python -m linly_blender.measure.recorded_speed RECORDING LANGUAGE [TRANSCRIPT]`` performs a recording in a process of
its own, so that its peak memory is its own, and prints what that took as JSON.
"""

import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from ..dialogue.analyse import Hearing, analyse, hear_lines
from ..dialogue.decode import read_recording
from ..dialogue.performing import perform_recording
from ..exports.wav import encode
from ..face.learned_mouth import LearnedMouth
from ..model_files import ModelError
from .dialogue import CODES, HELD_OUT_VOICES, Clip, clip
from .figures import Figure, Group
from .rhubarb import RATE
from .sentences import script

_ROOT: Final = Path(__file__).resolve().parents[2]
_SHORT, _LONG = 10, 60
"""Minutes."""


def figures() -> Iterator[Group]:
    """Speed and memory of recorded dialogue: English, which has its own aligner, and a language without."""
    for language, code in CODES.items():
        said = clip(script(code), code, HELD_OUT_VOICES[0])
        told, alone = _in_own_process(said, _SHORT), _in_own_process(said, _SHORT, told=False)
        yield (
            f"Speed of recorded dialogue: {language}, {_SHORT} minutes",
            [
                Figure("recording and text to take", told["speed"], low=30, unit="x real time"),
                Figure("of what is said, rests on its words", told["known"], low=95, unit="%"),
                Figure("first sentence is there after", told["first"], high=10, unit="s"),
                Figure("recording without text to take", alone["speed"], unit="x real time"),
                Figure("the learned mouth alone", alone["mouth"], low=50, unit="x real time"),
            ],
        )
    long = _in_own_process(said, _LONG)
    measured = [
        Figure("recording and text to take", long["speed"], low=30, unit="x real time"),
        Figure("of what is said, rests on its words", long["known"], low=95, unit="%"),
    ]
    if "peak_gb" in long:
        measured.append(Figure("peak memory", long["peak_gb"], high=1.5, unit="GB"))
    yield f"Long recorded dialogue: {language}, {_LONG} minutes", measured


def _in_own_process(said: Clip, minutes: float, told: bool = True) -> dict[str, float]:
    """What is said over and over, for at least so many minutes, with its text or without."""
    rounds = math.ceil(60 * minutes / said.duration)
    with TemporaryDirectory() as name:
        recording, transcript = Path(name) / "dialogue.wav", Path(name) / "dialogue.txt"
        encode(np.tile(said.sound, rounds), RATE, recording)
        transcript.write_text(said.text * rounds, encoding="utf-8")
        command = [sys.executable, "-m", f"{__package__}.recorded_speed", str(recording), said.language]
        command += [str(transcript)] * told
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _main(path: Path, language: str, transcript: Path | None) -> None:
    text = None if transcript is None else transcript.read_text(encoding="utf-8")
    hearing = Hearing(transcript=text, language=language)
    start = time.perf_counter()
    first = next(hear_lines(read_recording(path), hearing))
    assert first.words or text is None
    result = {"first": time.perf_counter() - start}
    start = time.perf_counter()
    recording = read_recording(path)
    analysis = analyse(recording, hearing)
    perform_recording(recording, analysis)
    result["speed"] = recording.duration / (time.perf_counter() - start)
    result["known"] = 100 * analysis.on_phones
    try:
        mouth = LearnedMouth()
    except ModelError:
        result["mouth"] = math.nan
    else:
        start = time.perf_counter()
        mouth.listen(recording.sound, recording.rate)
        result["mouth"] = recording.duration / (time.perf_counter() - start)
    try:
        import resource
    except ImportError:  # Windows
        pass
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result["peak_gb"] = peak / (2**30 if sys.platform == "darwin" else 2**20)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]) if len(sys.argv) > 3 else None)
