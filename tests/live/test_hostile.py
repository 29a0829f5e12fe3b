"""Servers that mean harm: they answer without an end, lead elsewhere, and repeat what is secret."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from linly_blender.live.services import ServiceError
from linly_blender.reply.llm import LanguageModel, Patience
from linly_blender.servers import Server, read_address

KEY = "sk-very-secret-0123456789"
TOTAL = 1.0
"""Seconds that a server gets."""
LONG = 30
"""Seconds for which one goes on in these tests."""
Say = Callable[[bytes], bool]
"""Sends bytes; false when the other side has hung up."""


@contextmanager
def raw_server(answer: Callable[[Say], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that writes whatever it likes; gives its address and what it was asked."""
    asked: list[bytes] = []
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                asked.append(connection.recv(65536))

                def say(data: bytes) -> bool:
                    try:
                        connection.sendall(data)  # noqa: B023 - used up before the next one
                    except OSError:
                        return False
                    return not over.is_set()

                answer(say)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1", asked
    finally:
        over.set()
        thread.join()
        listening.close()


def ask_server(url: str, *, online: bool = False) -> bytes:
    """As voices and recognisers ask."""
    server = Server(read_address(url, {}, online), lambda: KEY, "speech server", total=TOTAL)
    try:
        return server.post("audio/speech", 1000, json={})
    finally:
        server.close()


def ask_language_model(url: str, *, online: bool = False) -> str:
    patience = Patience(first=TOTAL, between=TOTAL, total=2 * TOTAL)
    model = LanguageModel(url, model="m", key=lambda: KEY, allow_online=online, patience=patience)
    try:
        return "".join(model.reply("Hello", (), lambda: False))
    finally:
        model.close()


def slow_head(say: Say) -> None:
    until = time.monotonic() + LONG
    say(b"HTTP/1.1 200 OK\r\nX-Filler: ")
    while time.monotonic() < until and say(b"a"):
        time.sleep(0.1)


def endless_prelude(say: Say) -> None:
    until = time.monotonic() + LONG
    while time.monotonic() < until and say(b"HTTP/1.1 100 Continue\r\n\r\n"):
        time.sleep(0.1)


def huge_head(say: Say) -> None:
    say(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"a" * 1_000_000)


def slow_body(say: Say) -> None:
    until = time.monotonic() + LONG
    say(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
    while time.monotonic() < until and say(b" "):
        time.sleep(0.1)


@pytest.mark.parametrize("ask", [ask_server, ask_language_model])
@pytest.mark.parametrize("answer", [slow_head, endless_prelude, huge_head, slow_body])
def test_no_answer_however_slow_or_long_takes_longer_than_is_waited(
    ask: Callable[[str], object], answer: Callable[[Say], None]
) -> None:
    with raw_server(answer) as (url, _):
        began = time.monotonic()
        with pytest.raises(ServiceError) as caught:
            ask(url)
        assert time.monotonic() - began < LONG / 3
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("ask", [ask_server, ask_language_model])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_key_is_not_carried_elsewhere(ask: Callable[[str], object], status: int) -> None:
    with raw_server(lambda say: None) as (elsewhere, asked_elsewhere):

        def redirect(say: Say) -> None:
            say(f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode())

        with raw_server(redirect) as (url, asked), pytest.raises(ServiceError, match="is not followed") as caught:
            ask(url)
    assert KEY.encode() in asked[0]
    assert asked_elsewhere == []
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("ask", [ask_server, ask_language_model])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 429, 500, 503])
def test_a_server_that_repeats_the_key_is_not_quoted(ask: Callable[[str], object], status: int) -> None:
    body = json.dumps({"error": {"message": f"\x1b[31m{KEY} is {KEY} \u202e" + "x" * 1000}}).encode()

    def answer(say: Say) -> None:
        say(f"HTTP/1.1 {status} {KEY}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    with raw_server(answer) as (url, _), pytest.raises(ServiceError) as caught:
        ask(url)
    told = f"{caught.value} {caught.value!r} {caught.value.__context__!r} {caught.value.__cause__!r}"
    assert KEY not in told
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("ask", [ask_server, ask_language_model])
@pytest.mark.parametrize("host", ["a..b", "-", ".", "xn--a", "a" * 300])
def test_a_name_that_is_none_is_told(ask: Callable[..., object], host: str) -> None:
    with pytest.raises(ServiceError, match=r"cannot be reached|does not speak HTTP|not the address"):
        ask(f"http://{host}:9/v1", online=True)
