"""Devices that come, go, refuse and jitter, on a simulated machine: what the user is told, and that it works again."""

import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.audio import devices
from linly_blender.audio.microphone import LONGEST_WAIT, RETRY, SEARCH, STALLED, SystemMicrophone
from linly_blender.audio.speaker import SystemSpeaker
from linly_blender.errors import UserError
from linly_blender.live.services import BLOCK, HEARING_RATE, ServiceError, Sound

PIECE = 0.005
"""Seconds between two callbacks of a simulated device."""


class PortAudioError(Exception):
    pass


class FakeStream:
    def __init__(self, machine: "FakeMachine", direction: str, wanted: dict[str, Any]) -> None:
        entry = machine.known[wanted["device"]]
        if entry["name"] not in [there["name"] for there in machine.devices]:
            raise PortAudioError("Error opening stream: Device unavailable [PaErrorCode -9985]")
        if wanted["channels"] not in machine.channels or wanted["latency"] not in machine.latencies:
            raise PortAudioError("Error opening stream: Invalid number of channels [PaErrorCode -9998]")
        self.machine, self.direction, self.channels = machine, direction, wanted["channels"]
        self.samplerate, self.latency = float(wanted["samplerate"]), 0.03
        self.callback, self.finished = wanted["callback"], wanted["finished_callback"]
        self.running = False
        self.frames = 0
        self.played: list[Sound] = []
        machine.streams.append(self)

    @property
    def time(self) -> float:
        return self.machine.now + 1e6  # the device's clock began elsewhere

    def start(self) -> None:
        if not self.machine.starts:
            raise PortAudioError("Error starting stream: Device unavailable [PaErrorCode -9985]")
        self.running = True

    def abort(self) -> None:
        if self.running:
            self.running = False
            self.machine.aborts += 1
            self.finished()

    def close(self) -> None:
        self.running = False
        self.machine.streams.remove(self)

    def tick(self, heard: Sound | None = None, jitter: float = 0.0, underflow: bool = False) -> None:
        """One callback, now."""
        status = SimpleNamespace(output_underflow=underflow, input_overflow=False)
        frames = round(PIECE * self.samplerate) if heard is None else len(heard)
        times = SimpleNamespace(
            currentTime=self.time,
            inputBufferAdcTime=self.time - frames / self.samplerate - self.latency,
            outputBufferDacTime=self.time + self.latency + jitter,
        )
        if heard is None:
            data = bytearray(2 * self.channels * frames)
            self.callback(memoryview(data), frames, times, status)
            self.played.append(np.frombuffer(bytes(data), np.int16)[:: self.channels])
        else:
            self.callback(memoryview(np.repeat(heard, self.channels).tobytes()), frames, times, status)
        self.frames += frames


class FakeMachine:
    """Stands in for the module sounddevice and for the machine it runs on."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        self.now = 100.0
        self.devices: list[dict[str, Any]] = [device("Desk"), device("Headset", rate=44100)]
        self.hosts = [{"name": "ALSA", "default_input_device": 0, "default_output_device": 0}]
        self.known = list(self.devices)
        self.streams: list[FakeStream] = []
        self.channels: tuple[int, ...] = (1, 2)
        self.latencies: tuple[float | str, ...] = (*devices.LATENCY.values(), "low", "high")
        self.starts = True
        self.aborts = 0
        self.searches = 0

    def clock(self) -> float:
        return self.now

    @property
    def default(self) -> SimpleNamespace:
        return SimpleNamespace(device=(0, 0))

    def query_hostapis(self) -> tuple[dict[str, Any], ...]:
        return tuple(self.hosts)

    def query_devices(self) -> list[dict[str, Any]]:
        return [{**entry, "index": index} for index, entry in enumerate(self.known)]

    def RawInputStream(self, **wanted: Any) -> FakeStream:
        return FakeStream(self, "input", wanted)

    def RawOutputStream(self, **wanted: Any) -> FakeStream:
        return FakeStream(self, "output", wanted)

    def _terminate(self) -> None:
        assert not self.streams, "PortAudio would have closed them behind our back"

    def _initialize(self) -> None:
        self.searches += 1
        self.known = list(self.devices)

    @property
    def stream(self) -> FakeStream:
        (stream,) = self.streams
        return stream

    def unplug(self, name: str) -> None:
        self.devices = [entry for entry in self.devices if entry["name"] != name]
        for stream in self.streams:
            stream.running = False
            stream.finished()

    def run(self, seconds: float, each: Callable[[], None] = lambda: None, **tick: Any) -> None:
        """Let the time pass, with a callback of the one stream every PIECE."""
        for _ in range(round(seconds / PIECE)):
            self.stream.tick(**tick)
            self.now += PIECE
            each()


def device(name: str, rate: int = 48000, host: int = 0, inputs: int = 2, outputs: int = 2) -> dict[str, Any]:
    channels = {"max_input_channels": inputs, "max_output_channels": outputs}
    return {"name": name, "hostapi": host, "default_samplerate": float(rate), **channels}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMachine]:
    fake = FakeMachine()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    yield fake
    assert not fake.streams, "a stream was left open"


def tone(seconds: float, rate: float, pitch: float = 440.0) -> Sound:
    return np.rint(12000 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


# --- devices


def test_devices_are_found_by_number_and_part_of_a_name(machine: FakeMachine) -> None:
    assert devices.find("output", None).name == "Desk"
    assert devices.find("output", "  ").name == "Desk"
    assert devices.find("input", "head").name == "Headset"
    assert devices.find("input", "1").name == "Headset"
    machine.known += [device("Desk 2")]
    assert devices.find("input", "desk").name == "Desk"


def test_an_unknown_device_is_answered_with_what_there_is(machine: FakeMachine) -> None:
    with pytest.raises(UserError, match=r"no microphone 'banana'.*0: Desk, 1: Headset"):
        devices.find("input", "banana")
    machine.known = []
    with pytest.raises(UserError, match=r"There is no speaker\. Connect one"):
        devices.find("output", None)


def test_windows_shows_each_device_once(machine: FakeMachine) -> None:
    machine.hosts = [
        {"name": "MME", "default_input_device": 0, "default_output_device": 1},
        {"name": "Windows WASAPI", "default_input_device": 2, "default_output_device": 3},
    ]
    machine.known = [device("Mic"), device("Out"), device("Microphone", host=1), device("Speakers", host=1)]
    assert [found.name for found in devices.list_devices("output")] == ["Microphone", "Speakers"]
    assert devices.find("output", None).number == 3


def test_a_missing_package_is_told_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(UserError, match=r"sounddevice.*is missing"):
        devices.list_devices("input")
    with pytest.raises(ServiceError, match="sounddevice") as caught:
        SystemMicrophone(None, lambda: 0.0).read(0)
    assert caught.value.kind == "microphone"
    with pytest.raises(ServiceError, match="sounddevice") as caught:
        SystemSpeaker(None, lambda: 0.0).play(np.ones(9, np.int16), 16000)
    assert caught.value.kind == "speaker"


def test_a_missing_portaudio_is_told_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(name: str) -> None:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr(devices.importlib, "import_module", no_library)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(UserError, match="libportaudio2"):
        devices.load()
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(UserError, match="Reinstall"):
        devices.load()


def test_what_a_driver_refuses_is_asked_for_in_another_way(machine: FakeMachine) -> None:
    machine.channels, machine.latencies = (1,), ("high",)
    speaker = SystemSpeaker(None, machine.clock)
    assert machine.stream.channels == 1
    speaker.close()
    machine.channels, machine.latencies = (2,), ("low",)
    microphone = SystemMicrophone(None, machine.clock)
    assert microphone.read(0) is None
    assert machine.stream.channels == 2
    microphone.close()


def test_a_device_that_refuses_everything_is_told(machine: FakeMachine) -> None:
    machine.channels = ()
    with pytest.raises(ServiceError, match=r"microphone Desk cannot be opened \(Invalid number of channels") as caught:
        SystemMicrophone(None, machine.clock).read(0)
    assert caught.value.kind == "microphone"


# --- microphone


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000, 96000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_device_is_heard_at_one_rate(machine: FakeMachine, rate: int, channels: int) -> None:
    machine.known = machine.devices = [device("Desk", rate=rate)]
    machine.channels = (channels,)
    microphone = SystemMicrophone(None, machine.clock)
    assert microphone.read(0) is None
    blocks = []
    sound = tone(1.0, rate)
    for begin in range(0, len(sound), 100):
        machine.stream.tick(heard=sound[begin : begin + 100])
        while (block := microphone.read(0)) is not None:
            blocks.append(block)
    assert {len(block) for block in blocks} == {BLOCK}
    heard = np.concatenate(blocks)
    assert len(heard) > 0.95 * HEARING_RATE
    expected = tone(1.0, HEARING_RATE)[: len(heard)]
    assert np.abs(heard - expected)[200:].max() <= 12
    assert 0.0299 < microphone.latency < 0.0341  # the device's and half a filter's
    microphone.close()


def test_an_unplugged_microphone_is_told_once_and_heard_again(machine: FakeMachine) -> None:
    microphone = SystemMicrophone("desk", machine.clock)
    assert microphone.read(0) is None
    machine.unplug("Desk")
    with pytest.raises(ServiceError, match=r"microphone Desk is gone\. Connect it again") as caught:
        microphone.read(0)
    assert caught.value.kind == "microphone"
    with pytest.raises(ServiceError, match="no microphone 'desk'"):
        microphone.read(0)
    assert [microphone.read(0) for _ in range(5)] == [None] * 5
    machine.devices.insert(0, device("Desk", rate=44100))
    machine.now += SEARCH
    assert microphone.read(0) is None
    machine.stream.tick(heard=np.full(5000, 1000, np.int16))
    block = microphone.read(0)
    assert block is not None
    assert block[200:].tolist() == [1000] * (BLOCK - 200)
    microphone.close()


def test_attempts_at_a_missing_microphone_are_rare(machine: FakeMachine) -> None:
    machine.known = machine.devices = []
    microphone = SystemMicrophone(None, machine.clock)
    told = 0
    for _ in range(1000):
        try:
            assert microphone.read(0) is None
        except ServiceError:
            told += 1
        machine.now += 0.01
    assert told == pytest.approx(10 / RETRY, abs=1)
    assert machine.searches == pytest.approx(10 / SEARCH, abs=1)


def test_a_microphone_that_hangs_is_gone(machine: FakeMachine) -> None:
    microphone = SystemMicrophone(None, machine.clock)
    assert microphone.read(0) is None
    machine.now += STALLED + 0.1
    with pytest.raises(ServiceError, match="gone"):
        microphone.read(0)
    assert not machine.streams


def test_a_reader_that_does_not_come_loses_the_oldest(machine: FakeMachine) -> None:
    microphone = SystemMicrophone(None, machine.clock)
    assert microphone.read(0) is None
    rate = 48000
    for value in range(1, 11):
        machine.stream.tick(heard=np.full(rate // 2, 100 * value, np.int16))
    assert microphone.dropped == 5 * rate - LONGEST_WAIT * rate
    blocks = []
    while (block := microphone.read(0)) is not None:
        blocks.append(block)
    assert len(blocks) == pytest.approx(LONGEST_WAIT * HEARING_RATE / BLOCK, abs=1)
    assert blocks[0][-1] == pytest.approx(500, abs=1)
    assert blocks[-1][-1] == pytest.approx(1000, abs=1)
    microphone.close()


# --- speaker


def test_sounds_follow_each_other_without_a_gap(machine: FakeMachine) -> None:
    speaker = SystemSpeaker(None, machine.clock)
    machine.run(0.1)
    whole = tone(0.9, 48000)
    numbers = [speaker.play(part, 48000) for part in np.array_split(whole, 3)]
    assert numbers == [1, 2, 3]
    assert speaker.heard(1) is None
    assert speaker.busy
    machine.run(1.0)
    assert not speaker.busy
    played = np.concatenate(machine.stream.played)
    start = round(0.1 * 48000)
    np.testing.assert_array_equal(played[start : start + len(whole)], whole)
    assert not played[:start].any()
    assert not played[start + len(whole) :].any()
    heard = [speaker.heard(number) for number in numbers]
    assert heard[0] == pytest.approx(1.0 - machine.stream.latency, abs=0.001)
    assert heard[0] - heard[2] == pytest.approx(0.6, abs=1e-6)
    speaker.close()


@given(seed=st.integers(0, 1000), drift=st.floats(-2e-4, 2e-4), jitter=st.floats(0, 0.004))
@settings(max_examples=20, deadline=None)
def test_what_is_heard_is_even_and_true(seed: int, drift: float, jitter: float) -> None:
    machine, rng = FakeMachine(), np.random.default_rng(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "sounddevice", machine)
        speaker = SystemSpeaker(None, machine.clock)
        stream = machine.stream
        # The device's frames come `drift` faster than it says, and what it says about its delay is off by `jitter`.
        began = machine.now
        number = None
        start = 0
        read: list[tuple[float, float]] = []
        while machine.now < began + 10:
            machine.now = began + stream.frames / (48000 * (1 + drift))
            if number is None and machine.now > began + 1:
                start, number = stream.frames, speaker.play(tone(8, 8000), 8000)
            stream.tick(jitter=float(rng.uniform(-jitter, jitter)))
            for _ in range(2):
                machine.now += PIECE / 2.1
                if number is not None and (seconds := speaker.heard(number)) is not None:
                    leaving = (machine.now - began - stream.latency) * 48000 * (1 + drift)
                    read.append((seconds, (leaving - start) / 48000))
        heard, true = np.array(read).T
        assert np.abs(heard - true).max() < 0.001 + jitter / 4
        steps = np.diff(heard)
        assert steps.min() >= 0
        assert steps.max() < np.diff(true).max() + 0.001
        speaker.close()


def test_an_underrun_is_followed_and_never_runs_backwards(machine: FakeMachine) -> None:
    speaker = SystemSpeaker(None, machine.clock)
    machine.run(0.5)
    number = speaker.play(tone(2, 48000), 48000)
    machine.run(0.5)
    before = speaker.heard(number)
    machine.now += 0.2  # nothing asked for: the device plays what it has and then nothing
    seen = [speaker.heard(number)]
    machine.stream.tick(underflow=True)
    machine.run(0.5, lambda: seen.append(speaker.heard(number)))
    assert before is not None
    assert seen[-1] == pytest.approx(before + 0.5, abs=0.01)
    assert all(a <= b for a, b in pairwise(seen))
    assert speaker.underruns == 1
    speaker.close()


@given(at=st.floats(0.01, 0.8), fade=st.floats(0.0, 0.1))
@settings(max_examples=25, deadline=None)
def test_stop_fades_and_forgets(at: float, fade: float) -> None:
    machine = FakeMachine()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "sounddevice", machine)
        speaker = SystemSpeaker(None, machine.clock)
        first = speaker.play(np.full(48000, 10000, np.int16), 48000)
        second = speaker.play(np.full(48000, 10000, np.int16), 48000)
        machine.run(at)
        speaker.stop(fade)
        given_before = machine.stream.frames
        machine.run(0.3)
        rest = np.concatenate(machine.stream.played)[given_before:].astype(int)
        assert not rest[round(fade * 48000) :].any()
        if fade >= 0.02:
            assert np.abs(np.diff(rest, prepend=10000)).max() < 40
        assert not speaker.busy
        assert speaker.heard(first) is not None
        assert speaker.heard(second) is None
        third = speaker.play(np.full(480, 5000, np.int16), 48000)
        machine.run(0.2)
        assert speaker.heard(third) == pytest.approx(0.2 - machine.stream.latency, abs=0.01)
        speaker.close()


def test_what_the_device_has_already_can_be_cut_off(machine: FakeMachine) -> None:
    speaker = SystemSpeaker(None, machine.clock)
    first = speaker.play(tone(2, 48000), 48000)
    machine.run(0.5)
    speaker.stop(0.0)
    assert machine.aborts == 1
    assert not speaker.busy
    machine.run(0.2)
    assert (speaker.heard(first) or 0.0) > 0.4
    second = speaker.play(tone(1, 48000), 48000)
    machine.run(0.2)
    assert speaker.heard(second) == pytest.approx(0.2 - machine.stream.latency, abs=0.01)
    speaker.stop(0.0)
    speaker.stop(0.0)
    assert machine.aborts == 2, "there is nothing more to cut off"
    speaker.close()


def test_a_speaker_that_does_not_go_on_after_a_cut_is_opened_again(machine: FakeMachine) -> None:
    speaker = SystemSpeaker(None, machine.clock)
    speaker.play(tone(2, 48000), 48000)
    machine.run(0.5)
    machine.starts = False
    speaker.stop(0.0)
    machine.starts = True
    number = speaker.play(tone(1, 48000), 48000)
    machine.run(0.2)
    assert (speaker.heard(number) or 0.0) > 0.1
    speaker.close()


def test_stop_before_the_first_sample_plays_nothing(machine: FakeMachine) -> None:
    speaker = SystemSpeaker(None, machine.clock)
    machine.run(0.1)
    number = speaker.play(tone(1, 48000), 48000)
    speaker.stop()
    machine.run(0.1)
    assert not np.concatenate(machine.stream.played).any()
    assert speaker.heard(number) is None
    speaker.close()


def test_a_speaker_that_goes_while_it_speaks_is_told_and_speaks_again(machine: FakeMachine) -> None:
    speaker = SystemSpeaker(None, machine.clock)
    number = speaker.play(tone(2, 48000), 48000)
    machine.run(1.0)
    before = speaker.heard(number)
    machine.unplug("Desk")
    machine.now += 0.1
    after = speaker.heard(number)
    assert before is not None
    assert after == pytest.approx(before + 0.1, abs=0.001)
    assert not speaker.busy
    with pytest.raises(ServiceError, match=r"speaker Desk is gone\. Connect it again") as caught:
        speaker.play(tone(1, 48000), 48000)
    assert caught.value.kind == "speaker"
    again = speaker.play(tone(1, 48000), 48000)  # on the headset, now the system's speaker
    machine.run(0.5)
    assert machine.stream.samplerate == 44100
    assert speaker.heard(again) == pytest.approx(0.5 - machine.stream.latency, abs=0.01)
    assert speaker.heard(number) == pytest.approx(before + 0.6, abs=0.01)
    speaker.close()


def test_a_speaker_that_goes_in_silence_is_opened_again(machine: FakeMachine) -> None:
    speaker = SystemSpeaker(None, machine.clock)
    machine.run(0.1)
    machine.unplug("Desk")
    number = speaker.play(tone(1, 48000), 48000)
    machine.run(0.2)
    assert speaker.heard(number) is not None
    speaker.close()


def test_without_a_speaker_every_play_says_so_until_there_is_one(machine: FakeMachine) -> None:
    there, machine.known = machine.devices, []
    machine.devices = []
    speaker = SystemSpeaker(None, machine.clock)
    for _ in range(2):
        with pytest.raises(ServiceError, match="There is no speaker"):
            speaker.play(tone(1, 48000), 48000)
    assert not speaker.busy
    machine.devices = there
    speaker.play(tone(1, 48000), 48000)
    assert speaker.busy
    speaker.close()


def test_a_search_waits_for_the_speaker_to_finish(machine: FakeMachine) -> None:
    speaker = SystemSpeaker(None, machine.clock)
    speaker.play(tone(1, 48000), 48000)
    machine.run(0.1)
    assert not devices.refresh()
    machine.run(1.5)
    assert devices.refresh()
    assert not machine.streams
    speaker.play(tone(1, 48000), 48000)
    machine.run(0.1)
    assert speaker.busy
    speaker.close()


def test_voices_of_other_rates_keep_their_length_and_pitch(machine: FakeMachine) -> None:
    speaker = SystemSpeaker("headset", machine.clock)
    speaker.play(tone(0.5, 22050), 22050)
    machine.run(0.7)
    played = np.concatenate(machine.stream.played)[: round(0.5 * 44100)].astype(float)
    assert np.abs(played - tone(0.5, 44100))[200:-200].max() <= 12
    assert not np.concatenate(machine.stream.played)[round(0.5 * 44100) :].any()
    speaker.close()
