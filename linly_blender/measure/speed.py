"""How fast a take is made, and how much memory a long one needs.

``python -m linly_blender.measure.speed MINUTES`` performs that much speech in a process of its own, so that its peak
memory is its own, and prints the processor time and memory it took as JSON.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

from ..perform import perform
from ..performance import Performance
from .figures import Figure, Group
from .sentences import ENGLISH

_REPEATS: Final = 5
_LONG: Final = 60
"""Minutes."""


def script_of(minutes: float) -> str:
    """Bench paragraphs, over and over, for about this many minutes of speech."""
    paragraphs = [" ".join(paragraph) for paragraph in ENGLISH]
    wanted = minutes * 1050  # characters a minute of espeak-ng's English
    chosen: list[str] = []
    while sum(map(len, chosen)) < wanted:
        chosen.append(paragraphs[len(chosen) % len(paragraphs)])
    return "\n".join(chosen)


def timed(text: str) -> tuple[float, Performance]:
    """Seconds it took, and the performance."""
    start = time.perf_counter()
    performance = perform(text)
    return time.perf_counter() - start, performance


def times_real_time(text: str) -> float:
    """Seconds of speech performed in a second: the median of several runs after a first that loads what it needs."""
    timed(text)
    runs = [timed(text) for _ in range(_REPEATS)]
    return median(performance.speech.duration / seconds for seconds, performance in runs)


def figures() -> Group:
    """Speed and memory of the engine."""
    short, long = _in_own_process(1), _in_own_process(_LONG)
    ratio = long["seconds"] / short["seconds"] * short["speech"] / long["speech"] * _LONG
    measured = [
        Figure("text to take, a minute of speech", times_real_time(script_of(1)), low=100, unit="x real time"),
        Figure(f"processor time for {_LONG} minutes over that for one", ratio, 0.8 * _LONG, 1.2 * _LONG, "x"),
    ]
    if "peak_gb" in long:
        measured.append(Figure(f"peak memory for {_LONG} minutes", long["peak_gb"], high=1.5, unit="GB"))
    return "Speed of the engine (median of runs)", measured


def _in_own_process(minutes: int) -> dict[str, float]:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", f"{__package__}.speed", str(minutes)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _main(minutes: float) -> None:
    text = script_of(minutes)
    timed(script_of(0.2))  # loads what it needs
    seconds = []
    for _ in range(_REPEATS if minutes < 5 else 1):
        start = time.process_time()  # not the clock: the ratio of two runs must not tell what else the machine did
        performance = perform(text)
        seconds.append(time.process_time() - start)
    result = {"seconds": median(seconds), "speech": performance.speech.duration}
    try:
        import resource
    except ImportError:  # Windows
        pass
    else:
        result["peak_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
            2**30 if sys.platform == "darwin" else 2**20
        )
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    _main(float(sys.argv[1]))
