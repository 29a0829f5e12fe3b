"""Real sound through PortAudio and a real sound server: what is heard is what is said, when it is said.

``virtual-audio`` gives PulseAudio a microphone and a speaker, here a server of its own; skipped where it cannot.
"""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from linly_blender.audio.devices import load
from linly_blender.audio.microphone import SystemMicrophone
from linly_blender.audio.speaker import SystemSpeaker
from linly_blender.errors import UserError
from linly_blender.exports.wav import encode
from linly_blender.live.services import HEARING_RATE, ServiceError, Sound

TOOL = Path(__file__).parents[3] / "shared" / "tools" / "virtual-audio"
RATE = 48000

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not TOOL.exists(), reason="there is no virtual-audio here"
)


def tool(*words: str) -> str:
    return subprocess.run([TOOL, *words], check=True, capture_output=True, text=True, timeout=300).stdout


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="sound") as folder:
        patch.setenv("VIRTUAL_AUDIO_DIR", folder)
        try:
            started = tool("start")
            load()
        except (subprocess.SubprocessError, OSError, UserError) as error:
            pytest.skip(f"virtual-audio or PortAudio does not start here: {error}")
        name, _, value = started.strip().removeprefix("export ").partition("=")
        patch.setenv(name, value)
        yield
        tool("stop")


class Recorder:
    """Takes what leaves the speaker, and when it came."""

    def __init__(self) -> None:
        form = ["--raw", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=5"]
        self._process = subprocess.Popen(["parec", "--device=speaker.monitor", *form], stdout=subprocess.PIPE)
        self._pieces: list[tuple[float, bytes]] = []
        self._thread = threading.Thread(target=self._take)
        self._thread.start()

    def _take(self) -> None:
        assert self._process.stdout is not None
        while piece := self._process.stdout.read1(4096):  # type: ignore[attr-defined]
            self._pieces.append((time.monotonic(), piece))

    def __len__(self) -> int:
        return len(self._pieces)

    def finish(self) -> tuple[Sound, float]:
        """The sound, and the time of its first sample as its pieces tell on average."""
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        self._process.stdout.close()  # type: ignore[union-attr]
        ends = np.cumsum([len(piece) // 2 for _, piece in self._pieces]) / RATE
        first = float(np.median(np.array([came for came, _ in self._pieces]) - ends))
        return np.frombuffer(b"".join(piece for _, piece in self._pieces), np.int16), first


def wait(condition: Callable[[], object], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "nothing came"
        time.sleep(0.01)


def tone(seconds: float, rate: int, pitch: float = 1000.0) -> Sound:
    return np.rint(12000 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


def test_what_is_heard_is_what_has_left_the_speaker() -> None:
    speaker, recorder = SystemSpeaker(None, time.monotonic), Recorder()
    try:
        wait(lambda: len(recorder) > 100)
        speaker.play(tone(0.1, 22050), 22050)  # the device is running when this has been heard
        wait(lambda: not speaker.busy)
        time.sleep(0.5)
        starts, read = [], []
        for _ in range(3):
            asked = time.monotonic()
            number = speaker.play(tone(0.6, 22050), 22050)
            while speaker.busy:
                if (seconds := speaker.heard(number)) is not None:
                    read.append(time.monotonic() - seconds)
                time.sleep(0.005)
            starts.append((float(np.median(read)), asked))
            assert np.ptp(read) < 0.005, "heard is not even"
            read.clear()
            time.sleep(0.3)
    finally:
        speaker.close()
        sound, first = recorder.finish()
    loud = np.flatnonzero(np.abs(sound) > 3000)
    true = first + np.concatenate([loud[:1], loud[1:][np.diff(loud) > RATE // 10]])[1:] / RATE
    assert len(true) == 3
    for (start, asked), really in zip(starts, true, strict=True):
        assert abs(start - really) < 0.02
        assert really - asked < 0.15


@pytest.mark.parametrize(("fade", "most"), [(0.03, 0.15), (0.0, 0.05)])
def test_stop_is_quick(fade: float, most: float) -> None:
    speaker, recorder = SystemSpeaker(None, time.monotonic), Recorder()
    try:
        number = speaker.play(tone(5, RATE), RATE)
        wait(lambda: (speaker.heard(number) or 0) > 0.5)
        wait(lambda: len(recorder) > 100)
        stopped = time.monotonic()
        speaker.stop(fade)
        time.sleep(0.5)
        assert not speaker.busy
    finally:
        speaker.close()
        sound, first = recorder.finish()
    last = first + np.flatnonzero(np.abs(sound) > 300)[-1] / RATE
    assert last - stopped < most


def test_what_is_said_is_read(tmp_path: Path) -> None:
    file = tmp_path / "said.wav"
    said = np.concatenate([np.zeros(RATE // 2, np.int16), tone(1.0, RATE, 700), np.zeros(RATE // 2, np.int16)])
    encode(said, RATE, file)
    microphone = SystemMicrophone(None, time.monotonic)
    blocks: list[Sound] = []

    def read() -> bool:
        block = microphone.read(0.1)
        if block is not None:
            blocks.append(block)
        return block is not None

    try:
        wait(read)
        with subprocess.Popen([TOOL, "speak", file]) as speaking:
            while speaking.poll() is None:
                read()
        for _ in range(10):
            read()
        assert microphone.dropped == 0
        assert 0 < microphone.latency < 0.1
    finally:
        microphone.close()
    heard = np.concatenate(blocks).astype(float)
    loud = np.flatnonzero(np.abs(heard) > 3000)
    assert (loud[-1] - loud[0]) / HEARING_RATE == pytest.approx(1.0, abs=0.02)
    middle = heard[loud[0] + 1600 : loud[0] + 9600]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * HEARING_RATE / len(middle) == pytest.approx(700, abs=3)
    assert np.abs(middle).max() == pytest.approx(12000, rel=0.05)


OTHER = """
import time
import numpy as np
from linly_blender.audio.microphone import SystemMicrophone
from linly_blender.audio.speaker import SystemSpeaker
microphone, speaker = SystemMicrophone(None, time.monotonic), SystemSpeaker(None, time.monotonic)
number = speaker.play(np.full(480000, 500, np.int16), 48000)
while (speaker.heard(number) or 0) < 0.1 or microphone.read(0.1) is None:
    pass
print("both", flush=True)
input()
microphone.close()
speaker.close()
"""


def test_two_programs_hear_and_speak_at_once() -> None:
    other = subprocess.Popen([sys.executable, "-c", OTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdin is not None
    assert other.stdout is not None
    microphone, speaker = SystemMicrophone(None, time.monotonic), SystemSpeaker(None, time.monotonic)
    try:
        assert other.stdout.readline() == "both\n"
        number = speaker.play(tone(1, RATE), RATE)
        wait(lambda: (speaker.heard(number) or 0) > 0.1)
        wait(lambda: microphone.read(0.1) is not None)
    finally:
        microphone.close()
        speaker.close()
        other.communicate("\n", timeout=20)


def test_unplugged_and_plugged_in_again() -> None:
    microphone, speaker = SystemMicrophone(None, time.monotonic), SystemSpeaker(None, time.monotonic)
    told: list[str] = []

    def reads() -> bool:
        try:
            return microphone.read(0.1) is not None
        except ServiceError as error:
            told.append(str(error))
            return False

    try:
        wait(reads)
        speaker.play(tone(30, RATE), RATE)
        wait(lambda: speaker.busy)
        tool("unplug")
        try:
            gone = time.monotonic()
            wait(lambda: not reads() and told)
            assert time.monotonic() - gone < 1.0
            assert "gone" in told[0]
            wait(lambda: not speaker.busy)
            with pytest.raises(ServiceError, match="gone"):
                speaker.play(tone(1, RATE), RATE)
            with pytest.raises(ServiceError, match=r"cannot be opened|There is no speaker"):
                speaker.play(tone(1, RATE), RATE)
        finally:
            tool("plug")
        wait(reads)
        number = speaker.play(tone(1, RATE), RATE)
        wait(lambda: (speaker.heard(number) or 0) > 0.2)
    finally:
        microphone.close()
        speaker.close()
