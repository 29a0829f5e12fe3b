"""A language model on any server with the chat interface of OpenAI: Ollama, llama.cpp, LM Studio, vLLM, a cloud.

The answer is fetched on a loop of its own that runs only while the next piece is asked for, so no thread is left
behind, and a reply that is no longer wanted closes its connection at once.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from ..errors import some_of
from ..live.services import Fault, ServiceError, Turn
from ..servers import CONNECT_SECONDS, Key, check_host, is_local, load_httpx
from .markup import printable
from .memory import Message, messages
from .prompt import instructions
from .stream import Delta, Lines, StreamError, read_chunk, read_event
from .structured import SCHEMA

_T = TypeVar("_T")
_WATCH: Final = 0.02
"""Seconds between two looks at whether the answer is still wanted."""
_CLOSING: Final = 1.0
_MOST_BODY: Final = 256 * 1024
"""Bytes of an error or of a list of models."""
_UNKNOWN_SHAPE: Final = (400, 422)
"""How a server refuses what it does not know, such as a form that it cannot hold a model to."""
_LONGEST_SAID: Final = 4_000


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that are waited, and how much is taken."""

    first: float = 20.0
    """From the request to the first word or thought; a connection has to be there in ``servers.CONNECT_SECONDS``."""
    between: float = 10.0
    """Between two."""
    total: float = 120.0
    characters: int = 8_000
    """Of what is to be said; the rest is not fetched."""
    received: int = 8_000_000
    """Bytes, thoughts and all that surrounds the text included."""


class _NotWantedError(Exception):
    """The reply has been cancelled."""


class LanguageModel:
    """A mind behind a chat server. One thread at a time may use it."""

    def __init__(
        self,
        url: str,
        *,
        model: str = "",
        persona: str = "",
        language: str = "en",
        key: Key = lambda: None,
        allow_online: bool = False,
        structured: bool = False,
        budget: int = 2_000,
        patience: Patience = Patience(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is sent yet.

        Parameters: the server's address, ``/v1`` at its end or understood; the model's name, or none to take the only
        one that there is; the persona; the language to talk in; the key, asked for at each request; whether servers
        elsewhere are allowed; whether the server is to hold the model to the structured form; tokens of the
        conversation that are told; deadlines; a monotonic clock.
        Raises ServiceError("setting") for an address that is none or is not allowed.
        """
        check_host(url, allow_online)
        base = url.split("#", 1)[0].rstrip("/").removesuffix("/chat/completions")
        self._base = base if urlsplit(base).path else f"{base}/v1"
        self._host = urlsplit(base).netloc
        self._model = model.strip()
        self._chosen = self._model
        self._system = instructions(persona, language, structured=structured)
        self._structured = structured
        self._key = key
        self._budget = budget
        self._patience = patience
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Any = None
        self._opened()  # reading certificates takes a while, which the first answer need not wait for

    def __repr__(self) -> str:
        return f"LanguageModel({self._host!r}, model={self._model!r})"

    def reply(self, said: str, before: tuple[Turn, ...], cancelled: Callable[[], bool]) -> Iterator[str]:
        """As ``Responder.reply``."""
        answer = self._answer([Message(role="system", content=self._system),
                               *messages(before, said[:_LONGEST_SAID], self._budget)])  # fmt: skip
        waited = silent = 0.0  # seconds, in all and since the last word; how long the caller takes does not count
        heard = False
        written = 0
        try:
            while True:
                left, wrong = self._patience.first - silent, self._slow_start()
                if heard:
                    left, wrong = self._patience.between - silent, self._hanging()
                if self._patience.total - waited < left:
                    left, wrong = self._patience.total - waited, self._endless()
                began = self._clock()
                delta = self._run(anext(answer, None), began + left, wrong, cancelled)
                waited += self._clock() - began
                silent += self._clock() - began
                if delta is None:
                    break
                if delta.text or delta.thinking:
                    heard, silent = True, 0.0
                if delta.text:
                    written += len(delta.text)
                    yield delta.text
                if delta.over or written > self._patience.characters or cancelled():
                    break
            if not written and not cancelled():
                raise self._fault("reply", "has answered with nothing. Ask again, or choose another model")
        except _NotWantedError:
            return
        finally:
            self._finish(answer.aclose())

    def close(self) -> None:
        """Close the connection; calling it again does nothing."""
        if self._loop is None:
            return
        self._finish(self._client.aclose())
        self._finish(self._loop.shutdown_asyncgens())
        self._loop.close()
        self._loop = self._client = None

    # What follows runs the loop.

    def _opened(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            httpx = load_httpx("Language models")
            self._loop = asyncio.new_event_loop()
            self._client = httpx.AsyncClient(
                trust_env=not is_local(self._base),  # the system's proxy is for what lies outside
                follow_redirects=False,
                timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            )
        return self._loop

    def _run(self, work: Awaitable[_T], deadline: float, late: ServiceError, cancelled: Callable[[], bool]) -> _T:
        """Run until it is done; raises ``late`` after the deadline and _NotWantedError when it is cancelled."""
        loop = self._opened()
        task = loop.create_task(_awaited(work))
        try:
            while not task.done():
                if cancelled():
                    raise _NotWantedError
                left = deadline - self._clock()
                if left <= 0:
                    raise late
                loop.run_until_complete(asyncio.wait({task}, timeout=min(_WATCH, left)))
        finally:
            if not task.done():
                task.cancel()
                loop.run_until_complete(asyncio.wait({task}, timeout=_CLOSING))
        return task.result()

    def _finish(self, work: Awaitable[None]) -> None:
        """Let something be closed, for a moment at most."""
        loop = self._opened()
        task = loop.create_task(_awaited(work))
        loop.run_until_complete(asyncio.wait({task}, timeout=_CLOSING))
        if not task.done():
            task.cancel()
            loop.run_until_complete(asyncio.wait({task}, timeout=_CLOSING))
        if task.done() and not task.cancelled():
            task.exception()  # what goes wrong while closing is of no interest any more

    # What follows runs on the loop.

    async def _answer(self, told: list[Message]) -> AsyncGenerator[Delta, None]:
        httpx = load_httpx("Language models")
        key = self._checked_key()
        try:
            if not self._chosen:
                self._chosen = await self._only_model(key)
            response = await self._asked(told, key)
            if self._structured and response.status_code in _UNKNOWN_SHAPE:
                await response.aclose()
                self._structured = False  # the server has none; the model has been told of the form and may keep to it
                response = await self._asked(told, key)
            try:
                if response.status_code != 200:
                    raise await self._refusal(response, key)
                async for delta in self._deltas(response):
                    yield delta
            finally:
                await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, UnicodeError):  # the last of a name that is none
            raise self._fault(
                "server", "cannot be reached. Start it, or check the address and, when it is elsewhere, the network"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise self._fault(
                "server", f"broke off or does not speak HTTP ({type(error).__name__}). Start it again"
            ) from None
        except StreamError as error:
            raise self._fault(
                "reply", f"{error}. Look at its output, and check that the address is of a chat server"
            ) from None

    async def _asked(self, told: list[Message], key: str) -> Any:
        """The server's response, of which only the head is there."""
        content: dict[str, Any] = {"model": self._chosen, "messages": told, "stream": True}
        if self._structured:
            shape = {"name": "reply", "strict": True, "schema": SCHEMA}
            content["response_format"] = {"type": "json_schema", "json_schema": shape}
        request = self._client.build_request(
            "POST", f"{self._base}/chat/completions", json=content, headers=_headers(key)
        )
        return await self._client.send(request, stream=True)

    async def _deltas(self, response: Any) -> AsyncGenerator[Delta, None]:
        """What the server says, whether it streams or not."""
        if response.headers.get("content-encoding", "identity") != "identity":
            raise StreamError("sends a packed answer that was not asked for")
        if response.headers.get("content-type", "").startswith("application/json"):
            try:
                whole = (await _body(response)).decode("utf-8")
            except UnicodeDecodeError:
                raise StreamError("sends what is not text in UTF-8") from None
            yield read_chunk(whole)
            return
        lines = Lines()
        received = 0
        async for block in response.aiter_raw():  # as it comes: one that is packed could swell
            received += len(block)
            if received > self._patience.received:
                raise self._endless()
            for line in lines.feed(block):
                delta = read_event(line)
                if delta is not None:
                    yield delta
        delta = read_event(lines.finish())
        if delta is not None:
            yield delta

    async def _models(self, key: str) -> list[str]:
        """Names of the models that the server has; empty when it does not tell."""
        httpx = load_httpx("Language models")
        request = self._client.build_request("GET", f"{self._base}/models", headers=_headers(key))
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                response = await self._client.send(request, stream=True)
                try:
                    if response.status_code != 200:
                        return []
                    listed = json.loads(await _body(response))
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.StreamError, TimeoutError, ValueError, RecursionError, StreamError):
            return []
        entries = listed.get("data") if isinstance(listed, dict) else None
        names = (
            [entry.get("id") for entry in entries or () if isinstance(entry, dict)] if isinstance(entries, list) else []
        )
        return [printable(name, 80) for name in names if isinstance(name, str) and name]

    async def _only_model(self, key: str) -> str:
        names = await self._models(key)
        if len(names) > 1:
            raise self._fault("setting", f"has several models: {some_of(names)}. Choose one of them", at="The server")
        return names[0] if names else "default"

    async def _refusal(self, response: Any, key: str) -> ServiceError:
        status = response.status_code
        if status in (401, 403):
            what = "does not accept the key" if key else "wants a key"
            return self._fault("refused", f"{what} ({status}). Enter the key that belongs to this server")
        if status == 429:
            after = response.headers.get("retry-after", "")
            when = f"in {int(after)} seconds" if after.isdecimal() and len(after) < 6 else "in a moment"
            return self._fault(
                "refused",
                f"says that it is asked too often or that the account is used up (429). Try again {when}, or look at "
                "the account",
            )
        if status in (400, 404, 405, 422):
            names = await self._models(key)
            if self._chosen not in names and names:
                return self._fault(
                    "setting", f"has no model {printable(self._chosen, 80)!r}. Choose one of: {some_of(names)}"
                )
            if status in (404, 405):
                return self._fault(
                    "setting",
                    f"knows no such address or model ({status}). Check the address, which mostly ends in /v1, and the "
                    f"name of the model, {printable(self._chosen, 80)!r}",
                )
        if 300 <= status < 400:
            return self._fault(
                "setting", f"sends us to another address ({status}), which is not followed. Enter that one"
            )
        if status >= 500:
            return self._fault("server", f"has an error of its own ({status}). Look at its output, or start it again")
        return self._fault("refused", f"does not accept what it was asked ({status}). Try another model")

    # Messages.

    def _checked_key(self) -> str:
        key = (self._key() or "").strip()
        if not key.isascii() or not key.isprintable():
            raise self._fault("refused", "cannot be given this key: it has characters that no key has. Copy it again")
        return key

    def _fault(self, kind: Fault, what: str, at: str = "The language model's server") -> ServiceError:
        return ServiceError(kind, f"{at} at {self._host} {what}.")

    def _slow_start(self) -> ServiceError:
        return self._fault(
            "server",
            f"has not begun to answer within {self._patience.first:g} seconds. It may still be loading the model: try "
            "again, or choose a smaller one",
        )

    def _hanging(self) -> ServiceError:
        return self._fault(
            "server",
            f"has stopped in the middle of its answer for {self._patience.between:g} seconds. Ask again, or start it "
            "again",
        )

    def _endless(self) -> ServiceError:
        return self._fault("reply", "does not come to an end. Ask again, or choose another model")


async def _awaited(work: Awaitable[_T]) -> _T:
    return await work


def _headers(key: str) -> dict[str, str]:
    headers = {"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity"}
    return headers | ({"Authorization": f"Bearer {key}"} if key else {})


async def _body(response: Any) -> bytes:
    body = b""
    async for block in response.aiter_raw():
        body += block
        if len(body) > _MOST_BODY:
            raise StreamError(f"sends an answer of more than {_MOST_BODY // 1024} KB")
    return body
