"""A transcription server that works, and one with every fault: what the user is told, and how soon."""

import io
import json
import time
import wave
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from linly_blender.errors import UserError
from linly_blender.live.services import ServiceError
from linly_blender.recognition import open_recogniser, short_code
from linly_blender.recognition.pocketsphinx import STATES, WORDS, SphinxRecogniser, clean
from linly_blender.recognition.server import ServerRecogniser
from linly_blender.servers import check_host, is_local, read_address

from .fakes import FaultyServer, faulty_server

KEY = "sk-very-secret-0123456789"
TOTAL = 1.0


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with faulty_server(b'{"text": " Hello  there.\\n"}', piece=1) as opened:
        yield opened


@pytest.fixture
def recogniser(server: FaultyServer) -> Iterator[ServerRecogniser]:
    opened = ServerRecogniser(f"{server.url}#model=base", "en", lambda: KEY, total=TOTAL)
    yield opened
    opened.close()


def transcribe(recogniser: ServerRecogniser) -> str:
    hearing = recogniser.listen()
    hearing.hear(np.arange(1600, dtype=np.int16))
    return hearing.text()


def test_sends_the_utterance_and_understands_the_answer(server: FaultyServer, recogniser: ServerRecogniser) -> None:
    assert transcribe(recogniser) == "Hello there."
    path, headers, content = server.asked[0]
    assert path == "/v1/audio/transcriptions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert b'name="model"\r\n\r\nbase' in content
    assert b'name="language"\r\n\r\nen' in content
    sent = content[content.index(b"RIFF") :]
    with wave.open(io.BytesIO(sent)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
        assert np.array_equal(np.frombuffer(file.readframes(1600), "<i2"), np.arange(1600))


def test_asks_again_only_when_more_was_said(server: FaultyServer, recogniser: ServerRecogniser) -> None:
    hearing = recogniser.listen()
    assert hearing.text() == ""
    hearing.hear(np.ones(512, np.int16))
    assert hearing.text() == hearing.text() == "Hello there."
    assert len(server.asked) == 1
    hearing.hear(np.ones(512, np.int16))
    hearing.text()
    assert len(server.asked) == 2
    assert len(server.asked[1][2]) - len(server.asked[0][2]) == 1024, "the whole utterance is sent"
    hearing.close()
    assert hearing.text() == ""


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"status": 401, "body": b'{"error": {"message": "Incorrect key ' + KEY.encode() + b'"}}'}, "refused", "key"),
        ({"status": 403}, "refused", "does not accept the key"),
        ({"status": 404, "body": b'{"error": {"message": "no model base"}}'}, "refused", "no model base"),
        ({"status": 400, "body": b'{"error": "bad ' + KEY.encode() + b'"}'}, "refused", "bad ***"),
        ({"status": 429}, "refused", "Wait a moment"),
        ({"status": 307}, "refused", "another address"),
        ({"status": 500, "body": b"\xff\xfe oops"}, "server", "error of its own (500)"),
        ({"body": b'{"text": '}, "server", "not JSON"),
        ({"body": b'{"text": "\xff\xfe"}'}, "server", "not JSON"),
        ({"body": b"[" * 100_000}, "server", "not JSON"),
        ({"body": b'{"text": 3}'}, "server", "not a transcription"),
        ({"body": b"null"}, "server", "not a transcription"),
        ({"body": b" " * 1_500_000}, "server", "more than 1 MB"),
    ],
)
def test_faults_are_told_in_plain_words_at_once(
    server: FaultyServer, recogniser: ServerRecogniser, change: dict[str, Any], kind: str, words: str
) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    start = time.monotonic()
    with pytest.raises(ServiceError) as caught:
        transcribe(recogniser)
    assert time.monotonic() - start < 0.9
    assert caught.value.kind == kind
    assert words in str(caught.value)
    assert KEY not in str(caught.value) + repr(caught.value)
    server.status, server.body = 200, b'{"text": "fine"}'
    assert transcribe(recogniser) == "fine", "the next turn works"


@pytest.mark.parametrize("change", [{"hang": True}, {"wait": 5.0}, {"drip": 0.15}])
def test_a_server_that_does_not_answer_is_given_up_in_time(
    server: FaultyServer, recogniser: ServerRecogniser, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    start = time.monotonic()
    with pytest.raises(ServiceError, match="has not answered within 1 seconds") as caught:
        transcribe(recogniser)
    assert TOTAL - 0.1 < time.monotonic() - start < TOTAL + 0.7
    assert caught.value.kind == "server"


def test_a_server_that_is_not_there() -> None:
    recogniser = ServerRecogniser("http://127.0.0.1:9/v1", "en")
    start = time.monotonic()
    with pytest.raises(ServiceError, match="cannot be reached") as caught:
        transcribe(recogniser)
    assert time.monotonic() - start < 3.5
    assert caught.value.kind == "server"
    recogniser.close()


def test_long_and_strange_texts_become_one_plain_line(server: FaultyServer, recogniser: ServerRecogniser) -> None:
    server.body = json.dumps({"text": "a\u0000b\u202ec\r\nd " + "x" * 50_000}).encode()
    text = transcribe(recogniser)
    assert text.startswith("a b c d xxx")
    assert len(text) <= 4000


@pytest.mark.parametrize("key", ["sk-\n1", "sk-é", "sk-\x00"])
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(server: FaultyServer, key: str) -> None:
    recogniser = ServerRecogniser(server.url, "en", lambda: key)
    with pytest.raises(ServiceError, match="characters that no key has") as caught:
        transcribe(recogniser)
    assert key not in str(caught.value)
    assert not server.asked
    recogniser.close()


def test_the_key_is_nowhere_to_be_read(recogniser: ServerRecogniser) -> None:
    transcribe(recogniser)
    held = [repr(recogniser), repr(recogniser._server), repr(vars(recogniser)), repr(vars(recogniser._server))]
    assert not any(KEY in text for text in held)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1234", "127.0.0.1:80", "127.8.9.1", "[::1]:8000"])
def test_this_machine_may_always_be_asked(host: str) -> None:
    check_host(f"http://{host}/v1", allow_online=False)
    assert is_local(f"http://{host}/v1")


@pytest.mark.parametrize(
    "url",
    ["https://api.openai.com/v1", "http://192.168.1.4:8000", "http://localhost.example.com", "http://0.0.0.0:1",
     "http://127.1/", "http://[::2]/", "http://2130706433/"],
)  # fmt: skip
def test_other_machines_only_when_blender_may_go_online(url: str) -> None:
    check_host(url, allow_online=True)
    with pytest.raises(ServiceError, match="Allow Online Access") as caught:
        check_host(url, allow_online=False)
    assert caught.value.kind == "setting"


@pytest.mark.parametrize(
    "url",
    ["", "localhost:8000", "ftp://localhost", "http://", "file:///etc/passwd", "http://user:secret@localhost/v1",
     "http://localhost@example.com/", "http://localhost\\@example.com/", "http://local host/", "http://a/\r\nX: y",
     "http://localhost:99999/", "http://localhost/v1?key=secret", "http://ex\u0430mple.com/", "http://" + "a" * 3000,
     "http://[::1", "http://localhost%2f.example.com/"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ServiceError, match="not the address of a server") as caught:
        check_host(url, allow_online=True)
    assert "secret" not in str(caught.value)


def test_an_address_carries_options() -> None:
    address = read_address("http://localhost:1/v1/#model=a/b:c&voice=x y", {"model": "m", "voice": "v"}, False)
    assert (address.base, address.host) == ("http://localhost:1/v1", "localhost:1")
    assert address.options == {"model": "a/b:c", "voice": "x y"}
    assert read_address("http://localhost", {"model": "m"}, False).options == {"model": "m"}
    for wrong in ("#speed=2", "#&", "#key=secret"):
        with pytest.raises(ServiceError, match="stand model=") as caught:
            read_address(f"http://localhost{wrong}", {"model": "m"}, False)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("spec", ["", "whisper", "sherpa:", "server", "pocketsphinx:x", "none:1", "sherpa"])
def test_an_unknown_recogniser_lists_the_forms(spec: str) -> None:
    with pytest.raises(UserError, match="Choose pocketsphinx, sherpa:FOLDER, server:URL or none"):
        open_recogniser(spec, "en")


def test_recognisers_are_opened_by_their_names(server: FaultyServer) -> None:
    assert open_recogniser("none", "en") is None
    opened = open_recogniser(f"server:{server.url}", "cmn")
    assert isinstance(opened, ServerRecogniser)
    transcribe(opened)
    assert b'name="language"\r\n\r\nzh' in server.asked[0][2]
    assert "Authorization" not in server.asked[0][1]
    opened.close()
    with pytest.raises(ServiceError, match="Allow Online Access"):
        open_recogniser("server:https://example.com/v1", "en")
    with pytest.raises(ServiceError, match="understands English only"):
        open_recogniser("pocketsphinx", "zh")
    assert [short_code(code) for code in ("en-gb", "cmn", "pt-br", "auto")] == ["en", "zh", "pt", ""]


@pytest.fixture(scope="module")
def question() -> Any:
    """Somebody asks how you are today."""
    from linly_blender.language.reader import read_script
    from linly_blender.speech.synthesis import EspeakVoice
    from linly_blender.voices.features import resample

    (line,) = read_script("How are you today?", language="en", emotion=None)
    with EspeakVoice("f2") as voice:
        spoken = voice.say(line)
    sound = (resample(spoken.sound, spoken.rate) * 13000).astype(np.int16)
    return np.concatenate([np.zeros(4000, np.int16), sound, np.zeros(6000, np.int16)])


def test_the_built_in_recogniser_says_what_it_understands_at_any_time(question: Any) -> None:
    recogniser = open_recogniser("pocketsphinx", "en-us")
    assert isinstance(recogniser, SphinxRecogniser)
    for _ in range(2):  # in the first it gets used to the voice
        hearing = recogniser.listen()
        assert hearing.text() == ""
        texts = []
        for start in range(0, len(question), 512):
            hearing.hear(question[start : start + 512])
            texts.append(hearing.text())
    assert texts[0] == ""
    assert "you today" in texts[-1]
    assert all(text == text.lower() and not set(text) & set("<>[]()+") for text in texts)
    again = recogniser.listen()
    assert hearing.text() == "", "one utterance at a time"
    assert again.text() == ""
    again.hear(np.zeros(512, np.int16))
    again.close()
    again.close()
    recogniser.close()
    with pytest.raises(ServiceError, match="closed"):
        recogniser.listen()


def test_the_search_of_the_built_in_recogniser_is_bounded() -> None:
    recogniser = SphinxRecogniser()
    config = recogniser._decoder.config
    assert (config["maxhmmpf"], config["maxwpf"]) == (STATES, WORDS)
    recogniser.close()


def test_what_was_recorded_is_recognised_when_all_is_heard(question: Any) -> None:
    recogniser = open_recogniser("pocketsphinx", "en", recorded=True)
    assert recogniser is not None
    for _ in range(2):
        hearing = recogniser.listen()
        assert hearing.text() == ""
        hearing.hear(question)
        said = hearing.text()
        hearing.hear(question)  # too late
        assert hearing.text() == said
        hearing.close()
    assert "you today" in said
    recogniser.close()


def test_fillers_are_no_words() -> None:
    assert clean("<s> [NOISE] The(2) ++UH++ end </s>") == "the end"
    assert clean("") == ""
