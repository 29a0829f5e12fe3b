"""What was improvised is kept: on the grid, in its place, as long as it may be, and whatever happens to the disk."""

import json
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from linly_blender import takes
from linly_blender.arkit import INDEX
from linly_blender.errors import UserError
from linly_blender.live import recording as recording_module
from linly_blender.live.actor import Actor
from linly_blender.live.frame import Frame, rest
from linly_blender.live.recorded import read
from linly_blender.live.recorder import Recorder
from linly_blender.live.recording import EVENTS, FRAMES, LONGEST, Recording
from linly_blender.live.services import Event, ServiceError
from linly_blender.live.settings import Settings
from linly_blender.perform import perform
from linly_blender.performance import Performance

JAW = INDEX["jawOpen"]


@cache
def take(text: str) -> Performance:
    return perform(text, seed=1)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def frame_at(moment: float) -> Frame:
    """A head that turns evenly, so that interpolation is exact."""
    head = np.zeros(6, np.float32)
    head[4] = 0.01 * moment
    return replace(rest(moment), head=head)


class Stage:
    """A recorder, a clock that does not start at 0, and a speaker."""

    def __init__(self) -> None:
        self.now = 500.0
        settings = Settings(seed=4)
        self.recorder = Recorder(Actor(settings, np.random.default_rng(4), self.now), settings)

    def run(self, seconds: float, fps: float = 60.0) -> None:
        begin = self.now
        for index in range(1, round(seconds * fps) + 1):
            self.now = begin + index / fps
            self.recorder.frame(self.now)

    def speak(self, performance: Performance, wait: float = 0.1) -> float:
        start = self.now + wait
        self.recorder.speak(performance, lambda: self.now - start if self.now >= start else None)
        return start


def test_an_exchange_is_a_take_with_sound_and_words_in_their_places(tmp_path: Path) -> None:
    stage = Stage()
    stage.run(1.0)
    stage.recorder.begin(tmp_path / "kept", stage.now)
    begin = stage.now
    stage.recorder.listen(stage.now)
    stage.run(1.0)
    stage.recorder.note(Event("heard", stage.now, "Do you like music?"))
    first, second = take("[happy 0.8] I *love* music!"), take("Maybe my baby plays the piano.")
    starts = []
    for performance in (first, second):
        stage.recorder.note(Event("reply_text", stage.now, performance.speech.sentences[0].text))
        starts.append(stage.speak(performance) - begin)
        stage.run(0.1 + performance.speech.duration + 0.05)
    recorded = stage.recorder.end()

    kept = recorded.performance
    assert kept.frames.fps == 60
    assert len(kept.frames) == pytest.approx(60 * (stage.now - begin), abs=2)
    assert [word.text for word in kept.speech.words] == [w.text for t in (first, second) for w in t.speech.words]
    for start, performance in zip(starts, (first, second), strict=True):
        own = performance.speech
        at = round(start * kept.speech.rate)
        voice = slice(at, at + round(own.phones[-1].end * own.rate))
        assert (kept.speech.sound[voice] == own.sound[: voice.stop - voice.start]).all()
        shown = np.array([np.interp(start + t, kept.frames.times, kept.frames.shapes[:, JAW]) for t in (0.3, 0.6, 0.9)])
        meant = [np.interp(t, performance.frames.times, performance.frames.shapes[:, JAW]) for t in (0.3, 0.6, 0.9)]
        assert np.abs(shown - meant).max() < 0.06
    assert kept.speech.words[0].start == pytest.approx(starts[0] + first.speech.words[0].start, abs=0.001)
    heard = recorded.transcript[0]
    assert (heard.who, heard.text) == ("user", "Do you like music?")
    assert heard.time == pytest.approx(1.0, abs=0.02)

    path = tmp_path / "take.json"
    recorded.write(path)
    again = takes.read(path)
    assert again.speech.sentences == kept.speech.sentences
    assert (again.frames.shapes == kept.frames.shapes).all()
    assert "user: Do you like music?" in path.with_suffix(".transcript.txt").read_text("utf-8")
    assert path.with_suffix(".script.txt").read_text("utf-8").startswith("[happy 0.8] I *love* music!")


def test_the_script_performs_anew(tmp_path: Path) -> None:
    stage = Stage()
    stage.recorder.begin(tmp_path / "kept", stage.now)
    performance = take("[sad 0.5] He wrote a [[ or rather a *star*.".replace("[[", r"\["))
    stage.speak(performance)
    stage.run(performance.speech.duration + 0.2)
    recorded = stage.recorder.end()
    again = perform(recorded.script, seed=recorded.performance.seed)
    assert [s.text for s in again.speech.sentences] == [s.text for s in performance.speech.sentences]
    assert again.speech.sentences[0].emotion == "sad"
    assert [w.emphasis for w in again.speech.words] == [w.emphasis for w in performance.speech.words]


def test_what_was_not_said_is_not_in_the_take(tmp_path: Path) -> None:
    stage = Stage()
    stage.recorder.begin(tmp_path / "kept", stage.now)
    performance = take("Maybe my baby plays the piano.")
    begin, start = stage.now, stage.speak(performance)
    stage.speak(take("And this is never heard."), wait=60.0)
    stage.run(1.0)
    stage.recorder.note(Event("interrupted", stage.now, "the piano."))
    stage.recorder.interrupt(stage.now)
    heard = stage.now - start
    stage.run(1.0)
    recorded = stage.recorder.end()
    kept = recorded.performance.speech
    said = [word.text for word in performance.speech.words if word.start < heard]
    assert 0 < len(said) < len(performance.speech.words)
    assert [word.text for word in kept.words] == said
    assert kept.sentences[0].text.endswith(said[-1])
    assert kept.phones[-1].end <= start - begin + heard + 1e-6
    assert not kept.sound[round((start - begin + heard) * kept.rate) + 1 :].any()
    assert recorded.transcript[-1].who == "unsaid"
    takes.write(recorded.performance, tmp_path / "take.json")


def test_a_recording_may_begin_in_the_middle_of_a_word_and_hold_two_voices(tmp_path: Path) -> None:
    stage = Stage()
    performance = take("Maybe my baby plays the piano.")
    stage.speak(performance, 0.0)
    stage.run(0.8)
    stage.recorder.begin(tmp_path / "kept", stage.now)
    stage.run(performance.speech.duration)
    slow = replace(performance, speech=replace(performance.speech, sound=performance.speech.sound[::2], rate=11025))
    start = stage.speak(slow)
    stage.run(slow.speech.duration + 0.3)
    recorded = stage.recorder.end()
    kept = recorded.performance.speech
    assert 0 < len(kept.words) - len(slow.speech.words) < len(slow.speech.words)
    assert kept.phones[0].start >= 0
    second = round((start - 500.8) * kept.rate)
    assert np.abs(kept.sound[second : second + 2 * len(slow.speech.sound)].astype(float)).max() > 3000
    takes.write(recorded.performance, tmp_path / "take.json")


def test_irregular_frames_land_on_the_grid(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    recording = Recording(tmp_path / "kept", Settings(fps=50.0), 10.0)
    moment = 10.004
    while moment < 14.0:
        recording.frame(frame_at(moment))
        moment += float(rng.uniform(0.001, 0.09))
    recording.frame(frame_at(9.0))  # a clock that went back counts for nothing
    recording.close()
    frames = read(tmp_path / "kept").performance.frames
    assert len(frames) == pytest.approx(4.0 * 50, abs=5)
    assert np.abs(frames.head[1:, 4] - 0.01 * (10.0 + frames.times[1:])).max() < 1e-6


def test_a_recording_in_which_nothing_is_said_is_a_take_too(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "kept", Settings(), 0.0)
    recording.frame(frame_at(0.0))
    recording.frame(frame_at(1.0))
    recording.close()
    takes.write(read(tmp_path / "kept").performance, tmp_path / "take.json")
    assert len(takes.read(tmp_path / "take.json").frames) == 61


def test_what_a_dead_process_leaves_behind_can_be_read(tmp_path: Path) -> None:
    stage = Stage()
    folder = tmp_path / "kept"
    stage.recorder.begin(folder, stage.now)
    performance = take("Maybe my baby plays the piano.")
    stage.speak(performance)
    stage.run(3.0)
    stage.recorder.close()
    whole = read(folder).performance
    with (folder / FRAMES).open("rb+") as file:
        file.truncate(61 * 4 * 100 + 17)
    with (folder / EVENTS).open("ab") as file:
        file.write(b'{"said": "user", "text": "hal')
    broken = read(folder).performance
    assert len(broken.frames) == 100
    assert (broken.frames.shapes == whole.frames.shapes[:100]).all()
    assert broken.speech.words == whole.speech.words


class FullDisk:
    """A file that takes so many bytes and no more."""

    def __init__(self, file: object, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: memoryview) -> int:
        if self.room <= 0:
            raise OSError(28, "No space left on device")
        part = data[: min(self.room, len(data))]
        self.room -= len(part)
        return self.file.write(part)  # type: ignore[attr-defined, no-any-return]

    def close(self) -> None:
        self.file.close()  # type: ignore[attr-defined]


def test_a_full_disk_is_told_once_and_what_was_kept_stays_usable(tmp_path: Path) -> None:
    stage = Stage()
    folder = tmp_path / "kept"
    stage.recorder.begin(folder, stage.now)
    running = stage.recorder._recording
    assert running is not None
    running._frames = FullDisk(running._frames, 61 * 4 * 95 + 100)  # type: ignore[assignment]
    told = []
    for _ in range(300):
        stage.now += 1 / 60
        try:
            stage.recorder.frame(stage.now)
        except ServiceError as error:
            told.append(error)
        running._thread.join(0.001)
    assert [error.kind for error in told] == ["recording"]
    assert "No space left" in str(told[0])
    assert "Make room" in str(told[0])
    assert not stage.recorder.recording
    assert len(stage.recorder.end().performance.frames) == 95
    stage.recorder.begin(tmp_path / "next", stage.now)  # and the next one works
    stage.run(0.5)
    assert len(stage.recorder.end().performance.frames) >= 29


def keep_many(recording: Recording) -> None:
    for index in range(1200, 1300):
        recording.frame(frame_at(index / 60))


def test_a_disk_that_hangs_holds_up_no_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    monkeypatch.setattr(recording_module, "_write_all", lambda file, data: free.wait(20))
    recording = Recording(tmp_path / "kept", Settings(), 0.0)
    for index in range(1200):
        recording.frame(frame_at(index / 60))
    with pytest.raises(ServiceError, match="too slow"):
        keep_many(recording)
    recording.stop()
    free.set()
    recording.close()


def test_no_folder_no_recording(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    stage = Stage()
    with pytest.raises(ServiceError) as told:
        stage.recorder.begin(tmp_path / "file", stage.now)
    assert told.value.kind == "recording"
    with pytest.raises(ServiceError):
        stage.recorder.begin(tmp_path / "file" / "below", stage.now)
    with pytest.raises(ServiceError, match="Begin a recording"):
        stage.recorder.end()


def test_a_recording_ends_when_it_is_too_long(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "kept", Settings(fps=1.0), 0.0)
    recording.frame(frame_at(0.0))
    with pytest.raises(ServiceError, match="4 hours"):
        recording.frame(frame_at(LONGEST + 5))
    recording.close()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("recording.json", b"{}"),
        ("recording.json", b'{"format": "linly-recording", "version": 99}'),
        (EVENTS, b'{"sound": 7, "start": 0.5}\n'),
        (EVENTS, b'{"sound": 1, "start": 1e999}\n'),
        (EVENTS, b'{"said": "somebody", "text": "x", "time": 0}\n'),
        (EVENTS, b"[]\n"),
        (FRAMES, b""),
        (FRAMES, np.full(61, np.nan, "<f4").tobytes()),
        (FRAMES, np.full(61, 40, "<f4").tobytes()),
    ],
)
def test_a_damaged_recording_is_refused_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    recording = Recording(tmp_path / "kept", Settings(), 0.0)
    recording.frame(frame_at(0.0))
    recording.close()
    (tmp_path / "kept" / name).write_bytes(content)
    with pytest.raises(UserError):
        read(tmp_path / "kept")


@pytest.mark.long
def test_two_hours_take_no_memory(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Two simulated hours at a frame a second, with something said every minute."""
    settings = Settings(fps=1.0)
    recorder = Recorder(Actor(settings, np.random.default_rng(0)), settings)
    performance = take("Maybe.")
    recorder.begin(tmp_path / "kept", 0.0)
    request.addfinalizer(recorder.close)  # also when the test fails: its thread would keep the whole run alive
    running = recorder._recording
    assert running is not None
    now = 0.0

    def heard_since(start: float) -> Callable[[], float]:
        return lambda: now - start

    def talk(frames: range) -> None:
        nonlocal now
        for index in frames:
            now = float(index)
            if index % 60 == 0:
                recorder.note(Event("heard", now, "Is it?"))
                recorder.think(now)
                recorder.speak(performance, heard_since(now))
            elif index % 60 == 10:
                recorder.listen(now)
                recorder.backchannel(now, "nod")
            recorder.frame(now)
            while running._jobs.qsize() > 500:  # the disk runs on real time
                time.sleep(0.01)

    def written() -> None:
        """Wait for the disk, so that what it has still to write is not taken for growth."""
        while running._jobs.qsize() > 0:
            time.sleep(0.01)

    talk(range(1, 600))
    written()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    talk(range(600, 1201))
    written()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 2**20, "in ten minutes; two hours are allowed twenty times as much"
    talk(range(1201, 7201))
    recorder.close()
    assert (tmp_path / "kept" / FRAMES).stat().st_size == 61 * 4 * 7201
    lines = (tmp_path / "kept" / EVENTS).read_text().splitlines()
    assert sum("sound" in json.loads(line) for line in lines) == 120
