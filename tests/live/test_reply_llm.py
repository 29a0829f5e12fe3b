"""A language model's server in all its moods: what the user is told, how long it takes, and that nothing stays open."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from linly_blender.live.services import Responder, ServiceError, Turn
from linly_blender.reply import open_responder
from linly_blender.reply.llm import LanguageModel, Patience

from .chat import ChatServer, event

KEY = "sk-very-secret-123456"
QUICK = Patience(first=0.5, between=0.4, total=2.0, characters=500, received=200_000)


def never() -> bool:
    return False


@pytest.fixture
def server() -> Iterator[ChatServer]:
    fake = ChatServer()
    yield fake
    fake.close()


@pytest.fixture
def mind(server: ChatServer) -> Iterator[LanguageModel]:
    model = LanguageModel(server.url, model="llama", persona="You are Ada.", key=lambda: KEY, patience=QUICK)
    yield model
    model.close()


def ask(mind: Responder, said: str = "Hello?") -> str:
    return "".join(mind.reply(said, (), never))


def _gather(mind: LanguageModel, heard: list[str]) -> None:
    """Keep what has come when the reply breaks off."""
    pieces = mind.reply("Go on", (), never)
    while (piece := next(pieces, None)) is not None:
        heard.append(piece)


@contextmanager
def refused(kind: str, *words: str, at_least: float = 0.0, at_most: float = 0.5) -> Iterator[None]:
    """The block raises what the user is told, in the time given, and the key is nowhere in it."""
    began = time.monotonic()
    with pytest.raises(ServiceError) as caught:
        yield
    elapsed = time.monotonic() - began
    message = str(caught.value)
    assert caught.value.kind == kind, message
    for word in words:
        assert word in message, message
    assert KEY not in message
    assert message.endswith(".")
    assert at_least <= elapsed <= at_most + 0.5, elapsed  # half a second for a busy machine


def works_again(server: ChatServer, mind: LanguageModel) -> None:
    server.status, server.headers = 200, {"Content-Type": "text/event-stream"}
    server.before_headers = 0.0
    server.script = lambda: iter((event("Fine."), b"data: [DONE]\n\n"))
    assert ask(mind) == "Fine."


def test_it_streams_and_tells_the_server_who_it_is(server: ChatServer, mind: LanguageModel) -> None:
    pieces = list(mind.reply("Who are you?", (Turn("user", "Hi"), Turn("character", "Hello.")), never))
    assert pieces == ["Hello ", "there."]
    request = server.requests[0]
    assert request["path"] == "/v1/chat/completions"
    assert request["model"] == "llama"
    assert request["stream"] is True
    assert "response_format" not in request
    assert [message["role"] for message in request["messages"]] == ["system", "user", "assistant", "user"]
    assert request["messages"][0]["content"].startswith("You are Ada.")
    assert server.keys == [f"Bearer {KEY}"]


def test_the_first_piece_comes_before_the_second_is_sent(server: ChatServer, mind: LanguageModel) -> None:
    go = threading.Event()

    def script() -> Iterator[bytes]:
        yield event("One.")
        assert go.wait(5.0)
        yield event("Two.")

    server.script = script
    pieces = mind.reply("Count", (), never)
    assert next(pieces) == "One."
    go.set()
    assert list(pieces) == ["Two."]


def test_lines_may_be_cut_anywhere_even_inside_a_character(server: ChatServer, mind: LanguageModel) -> None:
    whole = event("你好，") + b": comment\r\n\r\n" + event("世界。").replace(b"\n", b"\r\n") + b"data: [DONE]\n\n"
    server.script = lambda: (whole[i : i + 1] for i in range(len(whole)))
    assert ask(mind) == "你好，世界。"


def test_a_server_that_does_not_stream_is_understood(server: ChatServer, mind: LanguageModel) -> None:
    server.headers = {"Content-Type": "application/json"}
    server.script = lambda: iter([json.dumps({"choices": [{"message": {"content": "All at once."}}]}).encode()])
    assert ask(mind) == "All at once."


def test_thoughts_keep_a_model_alive_and_are_not_said(server: ChatServer, mind: LanguageModel) -> None:
    def script() -> Iterator[bytes]:
        for _ in range(4):
            time.sleep(0.25)
            yield event("", reasoning_content="hm")
        yield event("So.")

    server.script = script
    assert ask(mind) == "So."


def test_structured_output_only_when_asked_for(server: ChatServer) -> None:
    mind = open_responder(f"llm:{server.url}#structured", model="llama")
    try:
        list(mind.reply("Hi", (), never))
    finally:
        mind.close()
    assert server.requests[0]["response_format"]["type"] == "json_schema"
    assert "JSON" in server.requests[0]["messages"][0]["content"]


def test_a_server_without_structured_output_is_asked_without(server: ChatServer) -> None:
    def refuse() -> Iterator[bytes]:
        yield b'{"error": "response_format is not known"}'
        server.status, server.script = 200, lambda: iter((event("Fine."), b"data: [DONE]\n\n"))

    server.status, server.script = 400, refuse
    mind = open_responder(f"llm:{server.url}#structured", model="llama")
    try:
        assert [ask(mind), ask(mind)] == ["Fine.", "Fine."]
    finally:
        mind.close()
    assert ["response_format" in request for request in server.requests] == [True, False, False]


def test_server_down() -> None:
    fake = ChatServer()
    fake.close()
    mind = LanguageModel(fake.url, model="llama", key=lambda: KEY)
    with refused("server", "cannot be reached", "Start it"):
        ask(mind)
    mind.close()


def test_server_that_closes_without_a_word(server: ChatServer, mind: LanguageModel) -> None:
    def script() -> Iterator[bytes]:
        yield event("Half an ")
        raise OSError

    server.script = script
    with refused("server", "broke off"):
        ask(mind)
    works_again(server, mind)


def test_slow_before_the_headers(server: ChatServer, mind: LanguageModel) -> None:
    server.before_headers = 5.0
    with refused("server", "not begun to answer within 0.5 seconds", at_least=0.5, at_most=0.7):
        ask(mind)
    works_again(server, mind)


def test_slow_before_the_first_word_though_it_keeps_the_line_busy(server: ChatServer, mind: LanguageModel) -> None:
    server.script = server.hang
    with refused("server", "not begun to answer", at_least=0.5, at_most=0.7):
        ask(mind)
    works_again(server, mind)


def test_hanging_in_the_middle_keeps_what_was_said(server: ChatServer, mind: LanguageModel) -> None:
    def script() -> Iterator[bytes]:
        yield event("First. ")
        yield from server.hang()

    server.script = script
    heard: list[str] = []
    with refused("server", "stopped in the middle", at_least=0.4, at_most=0.6):
        _gather(mind, heard)
    assert heard == ["First. "]
    assert server.hung_up.wait(2.0)
    works_again(server, mind)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, "refused", ("does not accept the key", "401")),
        (403, "refused", ("does not accept the key",)),
        (429, "refused", ("asked too often", "in 7 seconds")),
        (500, "server", ("error of its own (500)",)),
        (503, "server", ("503",)),
        (302, "setting", ("another address",)),
        (418, "refused", ("does not accept",)),
    ],
)
def test_refusals(server: ChatServer, mind: LanguageModel, status: int, kind: str, words: tuple[str, ...]) -> None:
    server.status = status
    server.headers = {"Content-Type": "application/json", "Retry-After": "7", "Location": "http://example.com/"}
    server.script = lambda: iter([json.dumps({"error": {"message": f"Incorrect API key {KEY}"}}).encode()])
    with refused(kind, *words):
        ask(mind)
    works_again(server, mind)


def test_no_key_where_one_is_wanted(server: ChatServer) -> None:
    server.status = 401
    mind = LanguageModel(server.url, model="llama")
    with refused("refused", "wants a key"):
        ask(mind)
    mind.close()
    assert server.keys == [None]


def test_wrong_model_names_those_that_there_are(server: ChatServer, mind: LanguageModel) -> None:
    server.status, server.models = 404, ["qwen3:8b", "gemma3"]
    with refused("setting", "has no model 'llama'", "qwen3:8b, gemma3"):
        ask(mind)
    server.models = ["llama"]
    works_again(server, mind)


def test_wrong_address(server: ChatServer, mind: LanguageModel) -> None:
    server.status, server.models = 404, None
    with refused("setting", "no such address or model", "/v1"):
        ask(mind)


def test_without_a_name_the_only_model_is_taken_and_of_several_one_has_to_be_chosen(server: ChatServer) -> None:
    mind = LanguageModel(server.url)
    with refused("setting", "several models: llama, qwen"):
        ask(mind)
    server.models = ["only"]
    assert ask(mind) == "Hello there."
    assert server.requests[-1]["model"] == "only"
    mind.close()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'data: {"choices": [\n\n', "JSON that cannot be read"),
        (b"data: [1, 2]\n\n", "no chat answer"),
        (b'data: {"choices": [{"delta": {"content": 7}}]}\n\n', "no chat answer"),
        (b"data: " + b"[" * 50_000 + b"\n\n", "JSON"),
        (b'data: {"error": {"message": "out of memory"}}\n\n', "broken off with an error"),
        (b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n', "not text in UTF-8"),
        (b"data: " + b"x" * 10_000_000, "line of more than 64 KB"),
        (b"data: " + b"x" * 70_000 + b"\n\n", "line of more than 64 KB"),
    ],
)
def test_nonsense_in_the_stream(server: ChatServer, mind: LanguageModel, data: bytes, words: str) -> None:
    server.script = lambda: iter((event("Well. "), data))
    heard: list[str] = []
    with refused("reply", words):
        _gather(mind, heard)
    assert heard == ["Well. "]
    works_again(server, mind)


def test_an_endless_reply_is_cut_off(server: ChatServer, mind: LanguageModel) -> None:
    def script() -> Iterator[bytes]:
        while True:
            yield event("and so on ")

    server.script = script
    began = time.monotonic()
    text = ask(mind)
    assert 500 < len(text) < 600
    assert time.monotonic() - began < 2.0
    assert server.hung_up.wait(2.0)
    works_again(server, mind)


def test_endless_thoughts_are_cut_off(server: ChatServer, mind: LanguageModel) -> None:
    def script() -> Iterator[bytes]:
        while True:
            yield event("", reasoning="hm " * 1000)

    server.script = script
    with refused("reply", "does not come to an end", at_most=2.0):
        ask(mind)
    works_again(server, mind)


def test_thoughts_that_drip_are_cut_off_after_the_total_time(server: ChatServer, mind: LanguageModel) -> None:
    def script() -> Iterator[bytes]:
        while not server.over.wait(0.1):
            yield event("", reasoning="hm")

    server.script = script
    with refused("reply", "does not come to an end", at_least=1.9, at_most=2.2):
        ask(mind)


def test_an_empty_answer_is_told(server: ChatServer, mind: LanguageModel) -> None:
    server.script = lambda: iter([b"data: [DONE]\n\n"])
    with refused("reply", "answered with nothing"):
        ask(mind)


@pytest.mark.parametrize("when", ["before the headers", "before the first word", "in the middle"])
def test_cancelling_hangs_up_at_once(server: ChatServer, mind: LanguageModel, when: str) -> None:
    def script() -> Iterator[bytes]:
        if when == "in the middle":
            yield event("Once upon a time ")
        yield from server.hang()

    server.script = script
    server.before_headers = 1.0 if when == "before the headers" else 0.0
    cancelled = threading.Event()
    timer = threading.Timer(0.15, cancelled.set)
    timer.start()
    began = time.monotonic()
    heard = list(mind.reply("Tell me a story", (), cancelled.is_set))
    elapsed = time.monotonic() - began
    timer.join()
    assert heard == (["Once upon a time "] if when == "in the middle" else [])
    assert 0.1 < elapsed < 0.4
    if when != "before the headers":  # there the fake notices only when it writes
        assert server.hung_up.wait(1.0)
    works_again(server, mind)


def test_a_reply_that_is_dropped_hangs_up(server: ChatServer, mind: LanguageModel) -> None:
    def script() -> Iterator[bytes]:
        yield event("Once ")
        yield from server.hang()

    server.script = script
    pieces = mind.reply("Tell me a story", (), never)
    assert next(pieces) == "Once "
    pieces.close()  # type: ignore[attr-defined]
    assert server.hung_up.wait(1.0)
    works_again(server, mind)


def test_the_connection_is_kept_between_turns_and_closed_at_the_end(server: ChatServer) -> None:
    threads = threading.active_count()
    mind = LanguageModel(server.url, model="llama")
    for _ in range(3):
        ask(mind)
    mind.close()
    mind.close()
    deadline = time.monotonic() + 2.0
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() == threads


def test_a_connection_that_was_closed_between_turns_is_opened_again(server: ChatServer, mind: LanguageModel) -> None:
    server.hangs_up_after = True
    for _ in range(3):
        assert ask(mind) == "Hello there."
        time.sleep(0.05)


def test_a_listener_who_takes_long_is_no_fault_of_the_server(server: ChatServer, mind: LanguageModel) -> None:
    server.script = lambda: (event(f"{i} ") for i in range(4))
    heard = []
    for piece in mind.reply("Count", (), never):
        heard.append(piece)
        time.sleep(0.7)  # longer than any deadline between two words
    assert heard == ["0 ", "1 ", "2 ", "3 "]


def test_a_key_that_no_header_can_carry(server: ChatServer) -> None:
    mind = LanguageModel(server.url, model="llama", key=lambda: "sk-\nX-Evil: 1")
    with refused("refused", "Copy it again"):
        ask(mind)
    mind.close()
    assert server.requests == []


def test_the_key_is_nowhere_to_be_seen(mind: LanguageModel) -> None:
    assert KEY not in repr(mind)
    assert KEY not in str(vars(mind))


def test_other_machines_only_when_allowed() -> None:
    with refused("setting", "online"):
        LanguageModel("https://api.example.com/v1", model="m")
    LanguageModel("https://api.example.com/v1", model="m", allow_online=True).close()
