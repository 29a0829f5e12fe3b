"""The character says what is said, while it is being said."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from linly_blender import takes
from linly_blender.arkit import INDEX
from linly_blender.audio.activity import EnergyDetector
from linly_blender.audio.resampling import resample as at_rate
from linly_blender.face.heard import Heard
from linly_blender.face.learned_mouth import LOOK_AHEAD, LearnedMouth
from linly_blender.face.targets import CHANNELS, JAW
from linly_blender.language.reader import read_script
from linly_blender.live import opening, tape
from linly_blender.live.accents import Accents
from linly_blender.live.contact import Contact
from linly_blender.live.frame import Frame, Newest
from linly_blender.live.lag import Lag
from linly_blender.live.mirror import Mirror
from linly_blender.live.overhearing import Overhearing
from linly_blender.live.reflection import Reflection
from linly_blender.live.services import HEARING_RATE, ServiceError, Sound
from linly_blender.live.settings import Settings
from linly_blender.live.talker import InThread
from linly_blender.model_files import ModelError
from linly_blender.pose.fine_tuner import PoseFineTuner
from linly_blender.pose.styles import load_style
from linly_blender.resample import resample
from linly_blender.score import UNKNOWN, Phone
from linly_blender.speech.prosody import STEP
from linly_blender.speech.synthesis import EspeakVoice, speak

sys.path.insert(0, str(Path(__file__).parent))
import fakes

JAW_OPEN, CLOSE = INDEX["jawOpen"], INDEX["mouthClose"]
HOP = round(STEP * HEARING_RATE)
AHEAD = 5
"""Frames that the fake mouth looks ahead."""


@dataclass(frozen=True)
class LoudState:
    tail: Sound
    waiting: np.ndarray
    """Loudness of the frames that are heard and not told yet."""


class LoudMouth:
    """Opens as far as it is loud, and closes the lips at what is faint and not silent; as late as the learned one."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def start(self, rate: int) -> Any:
        return LoudState(np.zeros(0, np.int16), np.zeros(0))

    def step(self, state: Any, samples: Sound) -> tuple[Any, Heard]:
        if self.error is not None:
            raise self.error
        sound = np.concatenate([state.tail, samples])
        count = len(sound) // HOP
        loud = np.abs(sound[: count * HOP].reshape(count, HOP).astype(np.int32)).max(axis=1, initial=0)
        heard = np.concatenate([state.waiting, loud])
        told = heard[: max(len(heard) - AHEAD, 0)]
        channels = np.zeros((len(told), CHANNELS), np.float32)
        channels[:, JAW] = np.minimum(told / 16000, 0.5)
        closed = ((told > 500) & (told < 2000)).astype(np.float32)
        waiting = heard[len(told) :]
        return LoudState(sound[count * HOP :], waiting), Heard(channels, closed, np.zeros_like(closed))


def overhearing(mouth: LoudMouth | LearnedMouth | None = None, tuner: PoseFineTuner | None = None) -> Overhearing:
    return Overhearing(mouth or LoudMouth(), tuner, load_style("neutral"), fakes.FakeDetector())


class Scene:
    """A reflection, its clock, and a voice that comes in blocks of 10 ms, each so late."""

    def __init__(self, late: float = 0.01, tuner: PoseFineTuner | None = None) -> None:
        self.now = 50.0
        self.reflection = Reflection(Settings(seed=3), np.random.default_rng(3), self.now)
        self.ears = overhearing(tuner=tuner)
        self.late = late
        self.due = self.now
        self.frames: list[Frame] = []

    def hear(self, sound: Sound, jitter: Callable[[int], float] = lambda number: 0.0) -> list[Frame]:
        """What is seen from the sound's first sample to its last."""
        seen = []
        arrivals = []
        begin = self.now
        for number, first in enumerate(range(0, len(sound), HOP)):
            end = begin + (first + HOP) / HEARING_RATE
            arrivals.append((end + self.late + jitter(number), sound[first : first + HOP]))
        for moment in np.arange(begin, begin + len(sound) / HEARING_RATE, 1 / 60):
            while arrivals and arrivals[0][0] <= moment:
                came, block = arrivals.pop(0)
                self.reflection.overhear(self.ears.hear(block, came, self.late))
            self.now = float(moment)
            seen.append(self.reflection.frame(self.now))
        for came, block in arrivals:
            self.reflection.overhear(self.ears.hear(block, came, self.late))
        self.now = begin + len(sound) / HEARING_RATE
        return seen


def quiet(seconds: float) -> Sound:
    return fakes.pause(seconds)


def voice(seconds: float, size: float = 8000) -> Sound:
    """A vowel with a pitch [shape=(n,)]."""
    time = np.arange(round(seconds * HEARING_RATE)) / HEARING_RATE
    return np.rint(size * np.sign(np.sin(2 * np.pi * 140 * time))).astype(np.int16)


def jaw(frames: list[Frame]) -> np.ndarray:
    return np.array([frame.shapes[JAW_OPEN] for frame in frames])


def times(frames: list[Frame]) -> np.ndarray:
    return np.array([frame.time for frame in frames])


def test_the_mouth_is_on_the_voice_but_for_the_look_ahead() -> None:
    scene = Scene(late=0.01)
    scene.hear(quiet(1.0))
    begin = scene.now
    frames = scene.hear(voice(0.6)) + scene.hear(quiet(1.0))
    wide = times(frames)[jaw(frames) > 0.2]
    behind = AHEAD * STEP + 2 * STEP + scene.late + 1 / 60  # the look ahead, a block, the next one's wait, a frame
    assert begin + AHEAD * STEP < wide[0] < begin + behind + 0.04, "the mouth opens in a moment"
    assert wide[-1] == pytest.approx(begin + 0.6 + behind, abs=0.035)
    assert jaw(frames)[times(frames) > begin + 1.2].max() < 0.01, "silence closes it"


def test_lips_close_in_the_middle_of_a_word() -> None:
    scene = Scene()
    scene.hear(quiet(0.5))
    frames = scene.hear(np.concatenate([voice(0.3), voice(0.08, 1000), voice(0.3)]))
    opening = np.array([frame.shapes[JAW_OPEN] - frame.shapes[CLOSE] for frame in frames])
    widest = opening[10:].max()
    middle = opening[(times(frames) > frames[0].time + 0.3) & (times(frames) < frames[0].time + 0.55)]
    assert widest > 0.2
    assert middle.min() < 0.03


def test_pieces_that_come_unevenly_are_shown_evenly() -> None:
    rng = np.random.default_rng(0)
    size = np.linspace(2100, 8000, 2 * HEARING_RATE)
    rising = np.rint(size * np.where(np.arange(len(size)) % 114 < 57, 1, -1)).astype(np.int16)
    steps = {}
    for name, jitter in (("even", lambda number: 0.0), ("uneven", lambda number: float(rng.uniform(0, 0.03)))):
        scene = Scene()
        scene.hear(quiet(0.5))
        frames = [frame for frame in scene.hear(rising, jitter) if frame.time > 51.8]
        steps[name] = np.diff(jaw(frames))
    assert steps["even"].min() > 0
    assert steps["uneven"].min() >= 0, "it never stands or goes back"
    assert steps["uneven"].max() < 1.6 * steps["even"].max()


def test_a_hole_in_the_sound_is_not_waited_for() -> None:
    lag = Lag()
    for number in range(100):
        late = 0.5 if number == 50 else 0.0
        lag.came(number * 0.01 - 0.05, number * 0.01 + 0.02 + late)
    assert lag.show(1.02) == pytest.approx(0.94, abs=0.011)


def test_a_microphone_that_is_lost_in_a_word_closes_the_mouth_softly() -> None:
    scene = Scene()
    scene.hear(quiet(0.5))
    before = scene.hear(voice(0.5))[-1]
    scene.reflection.forget(scene.now)
    frames = [before]
    for _ in range(40):
        scene.now += 1 / 60
        frames.append(scene.reflection.frame(scene.now))
    assert jaw(frames)[0] > 0.2
    assert np.abs(np.diff(jaw(frames))).max() < 0.25 * jaw(frames)[0]
    assert jaw(frames)[-1] < 0.001
    assert not scene.reflection.speaking


def test_a_note_that_is_held_longer_than_the_room_is_remembered_stays_one() -> None:
    scene = Scene()
    scene.ears = Overhearing(LoudMouth(), None, load_style("neutral"), EnergyDetector())
    scene.hear(quiet(0.5))
    frames = scene.hear(voice(6.0))
    assert jaw(frames)[30:].min() > 0.2
    assert jaw(scene.hear(quiet(1.0)))[-1] < 0.01


def test_somebody_is_there_who_says_nothing() -> None:
    scene = Scene()
    frames = scene.hear(quiet(8.0))
    shapes = np.array([frame.shapes for frame in frames])
    head = np.array([frame.head for frame in frames])
    assert shapes[:, INDEX["eyeBlinkLeft"]].max() > 0.8
    assert shapes[:, JAW_OPEN].max() == 0
    assert np.ptp(head[:, 3:], axis=0).max() > np.radians(0.3)


def test_the_head_goes_with_the_voice_and_keeps_its_limits() -> None:
    syllables = np.concatenate([np.concatenate([voice(0.18, size), quiet(0.07)]) for size in (9000, 5000, 7000) * 6])
    limits = load_style("neutral").limits
    turned = {}
    for name, sound in (("speech", syllables), ("silence", quiet(len(syllables) / HEARING_RATE))):
        scene = Scene(tuner=PoseFineTuner())
        scene.hear(quiet(0.5))
        frames = scene.hear(sound)
        head = np.array([frame.head[3:] for frame in frames], float)
        speed = np.diff(head, axis=0) * 60
        turned[name] = np.sqrt((speed**2).mean())
        assert (np.abs(speed) <= np.array(limits.speed) * 1.01).all()
        assert (np.abs(head) <= np.array(limits.position)).all()
    assert turned["speech"] > 2 * turned["silence"]


def test_the_same_voice_is_mirrored_the_same_way() -> None:
    runs = []
    for _ in range(2):
        scene = Scene()
        frames = scene.hear(quiet(0.5)) + scene.hear(voice(0.5)) + scene.hear(quiet(0.5))
        runs.append(np.array([np.concatenate([frame.shapes, frame.head, frame.gaze]) for frame in frames]))
    assert (runs[0] == runs[1]).all()


def test_what_is_louder_and_higher_stands_out() -> None:
    accents = Accents()
    found = []
    for number in range(40):
        strong = number % 4 == 3
        energy, pitch = (0.95, 0.5) if strong else (0.7, 0.0)
        for level in (0.2, 0.4, 0.8 * energy, energy, 0.9 * energy, 0.5 * energy, 0.2):
            stands_out = accents.hear(level, level > 0.3, pitch)
            if stands_out is not None:
                found.append((strong, stands_out))
    assert len(found) == 40, "a syllable is one"
    assert min(out for strong, out in found[8:] if strong) > 0.4
    assert max(out for strong, out in found[8:] if not strong) < 0.4


# The whole of it, in real time


class Room:
    """A mirror that looks at a fake microphone."""

    def __init__(self, **settings: Any) -> None:
        self.microphone = fakes.FakeMicrophone()
        self.mouth = LoudMouth()
        self.newest, self.report = Newest(), fakes.Report()
        self.mirror = Mirror(
            self.microphone,
            lambda: overhearing(self.mouth),
            replace(Settings(responder="mirror"), **settings),
            "off",
            self.newest,
            self.report,
        )

    def __enter__(self) -> "Room":
        self.mirror.start()
        return self

    def __exit__(self, *exception: object) -> None:
        assert self.mirror.close()
        assert self.microphone.closed

    def wait(self, condition: Callable[[Frame], bool], seconds: float = 3.0) -> Frame:
        until = time.monotonic() + seconds
        while (frame := self.newest.get()) is None or not condition(frame):
            assert time.monotonic() < until, "it was not seen"
            time.sleep(0.002)
        return frame


def is_open(frame: Frame) -> bool:
    return bool(frame.shapes[JAW_OPEN] > 0.2)


def is_shut(frame: Frame) -> bool:
    return bool(frame.shapes[JAW_OPEN] < 0.01)


def test_speak_and_see() -> None:
    with Room() as room:
        room.microphone.hear(quiet(0.3), fakes.talk(0.5), quiet(0.5))
        began = room.report.wait("speech_start")
        room.wait(is_open)
        room.report.wait("speech_end")
        room.wait(is_shut)
        assert room.mirror.level.rms > -90
        assert [event.text for event in room.report.of("state")] == ["listening", "speaking", "listening"]
        assert not room.report.of("error")
        assert room.report.of("speech_end")[0].time > began.time
    assert room.report.of("state")[-1].text == "off"


def test_a_microphone_that_goes_and_comes_back() -> None:
    with Room() as room:
        room.microphone.error = ServiceError("microphone", "The microphone is gone. Connect it again.")
        assert "Connect" in room.report.wait("error").text
        time.sleep(0.7)
        assert len(room.report.of("error")) == 1, "it is told once"
        frame = room.wait(lambda frame: True)
        room.wait(lambda later: later.time > frame.time, 0.5)
        room.microphone.error = None
        room.report.wait("listening", 2)
        room.microphone.hear(fakes.talk(1.6))  # the fake one gives at once what it owes of the last second
        room.wait(is_open)


def test_what_fails_in_a_network_is_told_and_tried_again() -> None:
    with Room() as room:
        room.wait(lambda frame: True)
        room.mouth.error = ZeroDivisionError()
        error = room.report.wait("error")
        assert error.fault == "engine"
        assert "ZeroDivisionError" in error.text
        room.mouth.error = None
        time.sleep(0.35)
        room.microphone.hear(fakes.talk(1.6))
        room.wait(is_open)


def test_push_to_talk_is_deaf_until_it_is_pressed() -> None:
    with Room(push_to_talk=True) as room:
        room.microphone.hear(fakes.talk(0.4))
        time.sleep(0.5)
        assert not room.report.of("speech_start")
        assert room.newest.get() is not None
        room.mirror.push_to_talk(True)
        room.microphone.hear(fakes.talk(0.8))
        room.wait(is_open)
        room.mirror.push_to_talk(False)
        room.wait(is_shut)


def test_nothing_is_said_in_writing() -> None:
    with Room() as room:
        room.mirror.say("Hello")
        room.mirror.interrupt()
        assert "aloud" in room.report.wait("note").text
        assert not room.report.of("error")


def test_a_recording_is_a_take_with_its_sound_on_the_lips(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with Room() as room:
        room.wait(lambda frame: True)
        room.mirror.record(folder)
        time.sleep(0.3)
        room.microphone.hear(fakes.talk(0.4), (fakes.talk(0.128) // 8).astype(np.int16), fakes.talk(0.4), quiet(0.6))
        room.report.wait("speech_end")
        recorded = room.mirror.recorded()
        with pytest.raises(ServiceError, match="Nothing is being recorded"):
            room.mirror.recorded()
    recorded.write(tmp_path / "take.json")
    take = takes.read(tmp_path / "take.json")
    assert recorded.transcript == ()
    assert recorded.script == ""
    (sentence,) = take.speech.sentences
    assert sentence.text == ""
    assert [phone.phone for phone in take.speech.phones] == [UNKNOWN, "m", UNKNOWN]
    loud = np.flatnonzero(np.abs(take.speech.sound.astype(int)) > 5000) / take.speech.rate
    mouth = take.frames.shapes[:, JAW_OPEN] - take.frames.shapes[:, CLOSE]
    wide = np.flatnonzero(mouth > 0.2) / take.frames.fps
    assert loud[0] > 0.2
    assert wide[0] - loud[0] == pytest.approx(0.03, abs=0.06), "the sound waits for the lips"
    assert wide[-1] - loud[-1] == pytest.approx(0.0, abs=0.06)
    closure = take.speech.phones[1]
    shut = np.flatnonzero((mouth < 0.05) & (take.frames.times > wide[0]) & (take.frames.times < wide[-1]))
    assert closure.start - 0.04 < shut.mean() / take.frames.fps < closure.end + 0.04


def test_a_long_recording_is_cut_where_nobody_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "_SHORTEST", 1.0)
    with Room() as room:
        room.mirror.record(tmp_path / "kept")
        for _ in range(2):
            room.microphone.hear(quiet(0.2), fakes.talk(0.4), quiet(1.0))
        time.sleep(3.0)
        recorded = room.mirror.recorded()
    assert len(list((tmp_path / "kept").glob("0*.json"))) >= 2
    speech = recorded.performance.speech
    assert len(speech.sentences) == 2
    gap = speech.sentences[1].start - speech.sentences[0].end
    assert gap == pytest.approx(1.2, abs=0.15)
    assert np.abs(speech.sound[round((speech.sentences[1].start + 0.1) * speech.rate) :]).max() > 5000


def test_who_never_began_ends() -> None:
    room = Room()
    assert room.mirror.close()


# As Blender holds it


@pytest.fixture
def microphone(monkeypatch: pytest.MonkeyPatch) -> fakes.FakeMicrophone:
    """What a mirror that is opened listens to; the learned mouth is the fake one."""
    microphone = fakes.FakeMicrophone()
    monkeypatch.setattr(opening, "SystemMicrophone", lambda device, clock, block: microphone)
    monkeypatch.setattr(opening, "LearnedMouth", LoudMouth)
    monkeypatch.setattr(opening, "make_detector", fakes.FakeDetector)
    return microphone


def hold(report: fakes.Report, **settings: Any) -> InThread:
    chosen = replace(Settings(responder="mirror"), **settings)
    return InThread(partial(opening.open_live, chosen, {}, False, ()), report)


def test_it_is_told_and_seen_as_a_conversation_is(microphone: fakes.FakeMicrophone, tmp_path: Path) -> None:
    report = fakes.Report()
    talker = hold(report)
    try:
        report.wait("listening", timeout=20)
        talker.tell(("record", str(tmp_path / "kept")))
        talker.tell(("say", "Hello"))
        report.wait("note")
        microphone.hear(fakes.talk(0.6), quiet(0.3))
        report.wait("speech_start")
        until = time.monotonic() + 3
        while (frame := talker.frame()) is None or not is_open(frame):
            assert time.monotonic() < until
            time.sleep(0.005)
        assert talker.level() > 0.3
        talker.tell(("keep", str(tmp_path / "take.json")))
        kept = report.wait("recorded")
        assert kept.values["sentences"] == 1
        assert takes.read(Path(kept.text)).speech.sentences
    finally:
        talker.close()
    assert microphone.closed
    assert not report.of("error")


def test_a_network_that_is_missing_is_named(microphone: fakes.FakeMicrophone, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModelError("The model mouth.onnx cannot be used: it does not exist. Install the extension again.")

    monkeypatch.setattr(opening, "LearnedMouth", missing)
    report = fakes.Report()
    talker = hold(report)
    try:
        assert "mouth.onnx" in report.wait("error", timeout=20).text
        assert report.wait("state").text == "off"
    finally:
        talker.close()


@pytest.mark.parametrize("settings", [{"style": "nobody"}, {"fine_tuner": "nobody"}])
def test_what_is_not_there_is_told(microphone: fakes.FakeMicrophone, settings: dict[str, str]) -> None:
    report = fakes.Report()
    talker = hold(report, **settings)
    try:
        assert "nobody" in report.wait("error", timeout=20).text
    finally:
        talker.close()


def test_a_take_can_be_baked_at_a_films_rate(tmp_path: Path) -> None:
    """Closures of the lips are kept though nobody knows a word."""
    with Room() as room:
        room.wait(lambda frame: True)
        room.mirror.record(tmp_path / "kept")
        room.microphone.hear(fakes.talk(0.4), (fakes.talk(0.096) // 8).astype(np.int16), fakes.talk(0.4), quiet(0.4))
        room.report.wait("speech_start")
        time.sleep(1.4)
        take = room.mirror.recorded().performance
    film = resample(take.frames, 24.0, take.speech.phones)
    (closure,) = film.closures.tolist()
    shapes = film.frames.shapes[closure]
    assert shapes[JAW_OPEN] - shapes[CLOSE] < 0.02


def test_the_learned_mouth_meets_its_lips_where_a_voice_does() -> None:
    with EspeakVoice() as speaker:
        speech = speak(read_script("Maybe my mama buys a big bumpy bus.", language="en", emotion="neutral"), speaker)
    scene = Scene()
    scene.ears = overhearing(LearnedMouth())
    scene.hear(quiet(0.5))
    begin = scene.now
    frames = scene.hear(at_rate(speech.sound, speech.rate, HEARING_RATE)) + scene.hear(quiet(0.5))
    opening = np.array([frame.shapes[JAW_OPEN] - frame.shapes[CLOSE] for frame in frames])
    seen_at = times(frames) - begin - (LOOK_AHEAD + 2 * STEP + scene.late)  # a block, and the wait for the next one

    def least(phone: Phone) -> float:
        return float(opening[(seen_at > phone.start - 0.02) & (seen_at < phone.end + 0.04)].min())

    lips = [least(phone) for phone in speech.phones if phone.phone.startswith(("p", "b", "m"))]
    assert np.percentile(opening, 90) > 0.12
    assert np.mean(np.array(lips) < 0.03) > 0.3, "how many are found is measured elsewhere"


def test_a_contact_that_is_heard_in_pieces_is_one() -> None:
    contact = Contact()
    sure = [0.0] * 5 + [0.6, 0.6, 0.2, 0.9, 0.4, 0.0, 0.0, 0.0, 0.0] + [0.0] * 12
    closed = [contact.hear(value) for value in sure]
    assert max(closed) == 1.0
    assert closed[-1] == 0.0
    turns = np.count_nonzero(np.diff(np.sign(np.diff(closed))[np.diff(closed) != 0]))
    assert turns == 1, "it closes once and opens once"
    assert sum(value > 0.99 for value in closed) * STEP >= 0.04, "long enough for a film's frame"
